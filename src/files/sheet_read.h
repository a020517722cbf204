/* sheet_read.h - the bytes of a CSV or XLSX to documents: one a row that buys something.
 *
 * Why:     rep firms, vendors and people send tables; each row becomes what a paper would have
 *          become, so identity, spreading and pairing need no second way.
 * How:     sheet.h gives rows; the header is the first row whose columns (by the source's mapping,
 *          else by what headers usually say) name who pays, where, when and how much. Rows of one
 *          order and revision are that order's printed lines. What a row cannot mean is an
 *          exception with its number, never a guess; totals are checked and left out.
 * Threads: pure; any. */
#ifndef TM_FILES_SHEET_READ_H
#define TM_FILES_SHEET_READ_H
#include "base/why.h"
#include "schema/entities.h"
#include "files/limits.h"

#define TM_SHEET_PARSER_VERSION 1

typedef struct tm_sheet_upload {
    tm_str_t source;                    /* name; p NULL: unknown */
    const tm_column_mapping_t *mapping; /* of that source; NULL: none */
} tm_sheet_upload_t;

typedef struct tm_sheet_documents {
    uint32_t n; /* at least 1 after TM_OK */
    tm_document_t *v;
    uint32_t n_exceptions; /* row_error, sheet_sum_mismatch, no_parser, unreadable */
    tm_exception_t *exceptions;
} tm_sheet_documents_t;

/* Is it a sheet rather than a paper? By the end of its name (csv tsv tab xlsx), else by its type;
 * never what begins as a PDF. media_type p NULL: unknown. */
bool tm_sheet_is(tm_str_t filename, tm_str_t media_type, tm_str_t bytes);
/* "text/csv" ..., by the name and the bytes; NULL: no sheet. */
const char *tm_sheet_media_type(tm_str_t filename, tm_str_t bytes);

/* Everything lies in the arena. A file that cannot be read, or whose columns nobody knows, is one
 * document with status unreadable (damaged, too_large, encrypted, no_parser, row_errors) or ignored
 * (blank) and an exception that says why. Errors: TM_ENOMEM. O(cells). */
TM_MUST_CHECK tm_err_t tm_sheet_read(const tm_sheet_upload_t *upload, tm_str_t bytes,
                                     tm_arena_t *arena, tm_sheet_documents_t *ret);
#endif
