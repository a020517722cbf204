/* export_parts.h - what the writers of exports share: who and what is exported, in words.
 * Included by export*.c only.
 *
 * Threads: the export's. */
#ifndef TM_FILES_EXPORT_PARTS_H
#define TM_FILES_EXPORT_PARTS_H
#include "base/digest.h"
#include "base/map.h"
#include "domain/matrix_rows.h"
#include "files/export.h"

typedef struct export_job {
    const tm_export_t *e;
    tm_matrix_query_t query; /* with the view's today */
    tm_arena_t *arena;       /* names */
    tm_arena_t *scratch;     /* one record at a time */
    tm_str_t name;           /* of the campaign; its id where unknown */
    char id[TM_ID_TEXT_MAX];
    tm_map_t markets;           /* DMA code -> tm_str_t, its name */
    char state[TM_SHA256_TEXT]; /* SHA-256 of the same view's JSON; "" in CSV */
    tm_why_t *why;
} export_job_t;

/* p NULL: unknown. */
tm_str_t export_market(const export_job_t *job, int32_t code);
/* "for", "broadcast"; p NULL for -1. */
tm_str_t export_side(int side);
tm_str_t export_medium(int medium);

#define EXPORT_CENTS_TEXT 24
/* "-1234.56": plain dollars. */
void export_dollars(int64_t cents, char ret[EXPORT_CENTS_TEXT]);
/* "-$1,234.56". */
#define EXPORT_MONEY_TEXT 40
void export_money(int64_t cents, char ret[EXPORT_MONEY_TEXT]);

#define EXPORT_TEXT_MAX 512
/* NUL-terminated text that XML and a page can hold: control characters become spaces, what is too
 * long is cut at a character. Returns ret. */
const char *export_text(tm_str_t text, char ret[EXPORT_TEXT_MAX]);

/* What the file is about, one label and text after another. */
void export_about(const export_job_t *job, void (*add)(void *ctx, const char *label, tm_str_t text),
                  void *ctx);

/* The writers. Errors as tm_export_write. */
TM_MUST_CHECK tm_err_t export_csv(const export_job_t *job, tm_blob_t **ret);
TM_MUST_CHECK tm_err_t export_xlsx(const export_job_t *job, tm_blob_t **ret);
TM_MUST_CHECK tm_err_t export_pdf(const export_job_t *job, tm_blob_t **ret);
#endif
