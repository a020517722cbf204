/* view.h - what edges see of an actor: an immutable picture of its records, and for campaigns the
 * matrix and the last deltas.
 *
 * Why:     reads send no message. A picture costs what changed (base/trie.h).
 * How:     records are packed rows (schema/binary.h), one trie an entity, keyed by the counter of
 *          their id.
 * Threads: immutable; any thread that holds a reference (tm_runtime_snapshot, tm_shared_unref). */
#ifndef TM_ACTORS_VIEW_H
#define TM_ACTORS_VIEW_H
#include "base/blob.h"
#include "base/trie.h"
#include "domain/matrix.h"
#include "schema/entities.h"

#define TM_VIEW_TABLES 64 /* entity numbers are below it */

/* One record, packed. */
typedef struct tm_row {
    tm_shared_t shared;
    uint32_t n;
    const tm_desc_t *desc;
    tm_id_t id;
    char bytes[]; /* binary form */
} tm_row_t;
TM_OWN tm_row_t *tm_row_new(const tm_desc_t *desc, tm_id_t id, const void *record);
/* The record, in the arena (strings point into the row: keep the row referenced). NULL: arena
 * full. */
void *tm_row_read(const tm_row_t *row, tm_arena_t *arena);
/* A line as JSON with the page and box (points) of its amount behind its fields: what stands behind
 * a cell must be found on paper. */
void tm_line_write_placed(const tm_buy_line_t *line, tm_buf_t *out);
void tm_row_write_json(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out);

typedef struct tm_view {
    tm_shared_t shared;
    uint32_t actor;
    uint64_t version; /* grows with every commit of the actor that changed something */
    tm_trie_t tables[TM_VIEW_TABLES]; /* by entity number */
} tm_view_t;
/* Borrowed from the view; NULL: no such record here. */
const tm_row_t *tm_view_get(const tm_view_t *view, const tm_desc_t *desc, tm_id_t id);
/* Up to limit rows with a key above `after` (0: from the start), for which `keep` (NULL: all) is
 * true. Returns their number;
 * *ret_next: the `after` of the next page, 0 at the end. */
uint32_t tm_view_list(const tm_view_t *view, const tm_desc_t *desc, uint32_t after, uint32_t limit,
                      bool (*keep)(void *ctx, const tm_row_t *row), void *ctx,
                      const tm_row_t **ret_rows, uint32_t *ret_next);

/* One durable version's change, in the ring. */
typedef struct tm_delta {
    tm_shared_t shared;
    uint64_t version;
    tm_blob_t *body; /* {"version":..,"cells":[..],"cause":".."} */
} tm_delta_t;
#define TM_RING_BYTES_MAX (1u << 20)
#define TM_RING_DELTAS_MAX 4096

typedef struct tm_campaign_view {
    tm_view_t view; /* first; its version is the campaign's */
    tm_id_t campaign_id;
    uint64_t epoch;
    tm_day_t today;
    tm_matrix_view_t *matrix;
    tm_trie_t ring;      /* version (low 32 bits) -> tm_delta_t */
    uint64_t ring_first; /* oldest version in the ring; version + 1 when empty */
    tm_blob_t *body;     /* atomic: the default matrix answer, made by the first reader */
} tm_campaign_view_t;
/* The whole answer of GET /matrix; the default view (no parameters) is made once a view and
 * shared. */
TM_OWN tm_blob_t *tm_campaign_view_matrix(tm_campaign_view_t *view, const tm_matrix_query_t *query,
                                          bool is_default);
/* The answer of GET /matrix/cells/{key}. Errors: TM_EINVALID, TM_ENOTFOUND. */
TM_MUST_CHECK tm_err_t tm_campaign_view_cell(tm_campaign_view_t *view, const tm_view_t *directory,
                                             tm_str_t key, tm_buf_t *out, tm_why_t *why);
#endif
