/* view.h - what edges see of an actor: an immutable picture of its records, and for campaigns the
 * matrix and the last deltas.
 *
 * Why:     reads send no message. A picture costs what changed (base/trie.h).
 * How:     records are packed rows (schema/binary.h), one trie an entity, keyed by the counter of
 *          their id.
 * Threads: immutable; any thread that holds a reference (tm_runtime_snapshot, tm_shared_unref). */
#ifndef TM_ACTORS_VIEW_H
#define TM_ACTORS_VIEW_H
#include "actors/versions.h"
#include "base/coded.h"
#include "base/trie.h"
#include "domain/matrix.h"
#include "schema/entities.h"
#include "actors/limits.h"

#define TM_VIEW_TABLES 64 /* entity numbers are below it */

typedef struct tm_past tm_past_t; /* actors/past.h */

/* One record, packed. */
typedef struct tm_row {
    tm_shared_t shared;
    uint32_t n;
    uint32_t place; /* among the changes of the commit that made it so */
    const tm_desc_t *desc;
    tm_id_t id;
    uint64_t since;  /* version of its campaign at which it became so; 0: its actor keeps no past */
    tm_past_t *past; /* what it was before; NULL: it was not, or nobody keeps it */
    char bytes[];    /* binary form */
} tm_row_t;
TM_OWN tm_row_t *tm_row_new(const tm_desc_t *desc, tm_id_t id, const void *record);
/* From bytes that were a row's. */
TM_OWN tm_row_t *tm_row_packed(const tm_desc_t *desc, tm_id_t id, tm_str_t bytes);
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
    tm_blob_t *body; /* atomic; NULL until its first reader */
    uint32_t weight; /* bytes of the body, about */
    uint32_t n;
    char packed[]; /* campaign_delta.c; n 0: only the body is known */
} tm_delta_t;
/* {"version":..,"cells":[..],"cause":".."}, made by the first call; borrowed from the delta. Any
 * thread. */
const tm_blob_t *tm_delta_body(tm_delta_t *delta);

typedef struct tm_campaign_view {
    tm_view_t view; /* first; its version is the campaign's */
    tm_id_t campaign_id;
    uint64_t epoch;
    tm_day_t today;
    tm_matrix_view_t *matrix;
    tm_trie_t ring;         /* version (low 32 bits) -> tm_delta_t */
    uint64_t ring_first;    /* oldest version in the ring; version + 1 when empty */
    tm_versions_t versions; /* when each version was, up to this one */
    tm_trie_t chains; /* counter of a line -> tm_chain_list_t of its order's; absent: it is alone */
    bool is_past;     /* an answer to "as of": made from the past, says so */
    tm_blob_t *body;  /* atomic: the default matrix answer, made by the first reader */
    tm_coded_t coded; /* its compressed forms, made by whoever serves them */
} tm_campaign_view_t;
/* The lines that are papers of one order. */
typedef struct tm_chain_list {
    tm_shared_t shared;
    uint32_t n;
    uint32_t lines[]; /* counters of ids */
} tm_chain_list_t;
/* The version of the rules by which the past is told: shares, cells and verdicts are derived anew
 * from what was known then (contract: as-of names it). */
#define TM_RULES_VERSION 1
/* For an answer to "as of": `,"as_of":{"version":..,"at_ms":..,"rules_version":..}`; nothing for
 * today's picture. */
void tm_campaign_view_as_of(const tm_campaign_view_t *view, tm_buf_t *out);
/* The campaign as it was at a version (1 to now's), as a picture of its own: matrix, tables, chains
 * as they were published then. Bounded by memory only; O(all lines): for a job thread. */
TM_OWN tm_campaign_view_t *tm_campaign_view_at(const tm_campaign_view_t *now, uint64_t version);
/* The whole answer of GET /matrix; the default view (no parameters) is made once a view and
 * shared. */
TM_OWN tm_blob_t *tm_campaign_view_matrix(tm_campaign_view_t *view, const tm_matrix_query_t *query,
                                          bool is_default);
/* The answer of GET /matrix/cells/{key}. Errors: TM_EINVALID, TM_ENOTFOUND. */
TM_MUST_CHECK tm_err_t tm_campaign_view_cell(tm_campaign_view_t *view, const tm_view_t *directory,
                                             tm_str_t key, tm_buf_t *out, tm_why_t *why);
/* The film of the order a line belongs to, as GET /orders/{id} answers: its papers by age, each
 * with what it did to total and weeks. Errors: TM_ENOTFOUND no such line; TM_ETOOLARGE, TM_ENOMEM.
 * O(papers * cost of resolving them). */
TM_MUST_CHECK tm_err_t tm_campaign_view_order(const tm_campaign_view_t *view, tm_id_t line,
                                              tm_buf_t *out);
/* Bytes of the papers times their number: what the film will cost. O(papers). */
uint64_t tm_campaign_view_order_cost(const tm_campaign_view_t *view, tm_id_t line);
#endif
