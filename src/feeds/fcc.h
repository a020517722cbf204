/* fcc.h - station papers from words to documents: orders, contracts, confirmations, invoices,
 * agreement forms.
 *
 * Why:     stations file what their traffic system prints; the layout family and the labels say
 *          what a number means.
 * How:     pages -> family -> packets (one document an order number) -> fields with place -> lines
 *          and weeks -> checks by independent evidence. What is not there stays absent. Nothing is
 *          decided by the name of a file's bytes.
 * Threads: pure; any. */
#ifndef TM_FEEDS_FCC_H
#define TM_FEEDS_FCC_H
#include "feeds/words.h"
#include "schema/entities.h"

/* What is known of a file besides its words: evidence of lower rank than what is printed. */
typedef struct tm_upload {
    tm_str_t filename; /* with folders; p NULL if unknown */
    tm_str_t sha256;   /* hex */
} tm_upload_t;

typedef struct tm_documents {
    uint32_t n;       /* at least 1 after TM_OK */
    tm_document_t *v; /* status read, unreadable or ignored; parts in page order */
} tm_documents_t;

#define TM_FCC_PARSER_VERSION 1

/* Reads one file's words. Everything lies in the arena. Errors: TM_ENOMEM arena; a strange document
 * is no error but a document with status unreadable or ignored, or with absent fields and
 * exceptions. O(words log words). */
TM_MUST_CHECK tm_err_t tm_fcc_read(const tm_upload_t *upload, const tm_pages_t *pages,
                                   tm_arena_t *arena, tm_documents_t *ret);
#endif
