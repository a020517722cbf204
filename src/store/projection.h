/* projection.h - many commits as the rows they leave behind, and those rows as statements.
 *
 * Why:     a record changed ten times within a batch is written once.
 * How:     rows are coalesced by (entity, id): a PUT replaces, a PATCH goes onto what the batch
 *          has, else it becomes an UPDATE of its fields alone. Lists of a buy line are rows of
 *          child tables besides their JSON column. Position and rows are one transaction.
 * Threads: the owner's. */
#ifndef TM_STORE_PROJECTION_H
#define TM_STORE_PROJECTION_H
#include "base/digest.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/schema.h"
#include "store/limits.h"
#include "store/position.h"

#define TM_CHILDREN 2u /* child tables, see projection_child.c */

typedef struct tm_row {
    tm_id_t id;
    uint64_t seq; /* number of the last commit in it */
    bool whole;   /* a PUT is in it: record is all of it; else `touched` fields */
    tm_has_t touched;
    /* Of each child table: number of the last commit that touched its list; 0: none. */
    uint64_t child_seq[TM_CHILDREN];
    void *record;
} tm_row_t;
typedef struct tm_rows {
    const tm_desc_t *desc;
    tm_map_t by_id;
    tm_row_t **v;
    uint32_t n, cap, grown; /* grown: how often `seen` did */
    tm_has_t seen;          /* fields that whole rows had, in this batch and those before */
} tm_rows_t;

/* Values of one statement, collected row by row; texts lie in the arena. */
typedef struct tm_values {
    tm_value_t *v;
    unsigned n, cap;
    tm_arena_t *arena;
    tm_buf_t json;
    size_t bytes;
    bool full;
} tm_values_t;

typedef struct tm_batch {
    tm_arena_t *arena;
    tm_rows_t *tables; /* one an entity */
    unsigned n_tables;
    uint32_t lane, lanes; /* records of other lanes are left out */
    uint32_t rows;
    uint64_t last;      /* highest commit in it; 0: none */
    tm_ms_t at;         /* when that was */
    tm_values_t values; /* scratch of its writing */
} tm_batch_t;

void tm_batch_init(tm_batch_t *batch, uint32_t lane, uint32_t lanes);
void tm_batch_done(tm_batch_t *batch);
void tm_batch_clear(tm_batch_t *batch);
bool tm_batch_is_full(const tm_batch_t *batch);
/* Adds a commit: of its body what is this lane's is copied. Errors: TM_EDAMAGED unknown entity or
 * bytes; TM_ENOMEM; the batch must be cleared then. */
TM_MUST_CHECK tm_err_t tm_batch_add(tm_batch_t *batch, uint64_t number, tm_str_t body,
                                    tm_why_t *why);

/* Adds one change, a whole row or a patch, if its record is this lane's; its bytes are copied.
 * Errors: as tm_batch_add. */
struct tm_commit_change;
TM_MUST_CHECK tm_err_t tm_batch_change(tm_batch_t *batch, uint64_t number,
                                       const struct tm_commit_change *change, tm_why_t *why);
/* A request that may be repeated, as a row; its id is the commit's number. Texts are the view's. */
struct tm_commit_view;
struct tm_idempotency_key;
void tm_idempotency_row(uint64_t number, const struct tm_commit_view *view,
                        struct tm_idempotency_key *ret);
/* Of a commit only the key of its request, as tm_batch_add would. */
TM_MUST_CHECK tm_err_t tm_batch_key(tm_batch_t *batch, uint64_t number, tm_str_t body,
                                    tm_why_t *why);
/* Whose record that is: a record is one lane's, so its changes stay in order. */
uint32_t tm_lane_of(tm_id_t id, uint32_t lanes);
/* The rows alone, inside the caller's transaction. Errors: as database.h. */
TM_MUST_CHECK tm_err_t tm_batch_rows(tm_batch_t *batch, tm_database_t *db, tm_why_t *why);
/* Rows and the position `to` in one transaction that begins at `from`. Errors: TM_ECONFLICT the
 * position in the database is no longer `from`: somebody else writes there; as database.h;
 * nothing is written then, unless the fate is unknown. */
TM_MUST_CHECK tm_err_t tm_batch_write(tm_batch_t *batch, tm_database_t *db,
                                      const tm_position_t *from, const tm_position_t *to,
                                      tm_why_t *why);

/* projection_rows.c: the statements of a batch, inside a transaction. */
TM_MUST_CHECK tm_err_t tm_rows_write(tm_rows_t *rows, tm_values_t *values, tm_database_t *db,
                                     tm_why_t *why);
/* projection_child.c: child tables of an entity: created, and brought in step with changed rows. */
void tm_child_note(tm_row_t *row, const tm_desc_t *desc, const tm_has_t *touched,
                   uint64_t number); /* touched NULL: all */
void tm_child_sql(tm_dialect_t dialect, tm_buf_t *out);
/* A child table as others see it: its i-th column is fields[columns[i]] of `sub`. */
typedef struct tm_child_view {
    const char *table, *key;
    const tm_desc_t *parent, *sub;
    unsigned field; /* the list in the parent */
    const uint8_t *columns;
    unsigned n;
} tm_child_view_t;
tm_child_view_t tm_child_view(unsigned index); /* below TM_CHILDREN */
TM_MUST_CHECK tm_err_t tm_child_write(const tm_rows_t *rows, tm_values_t *values, tm_database_t *db,
                                      tm_why_t *why);

void tm_values_init(tm_values_t *values);
void tm_values_done(tm_values_t *values);
void tm_values_clear(tm_values_t *values);
void tm_values_add(tm_values_t *values, tm_value_t value);
void tm_values_add_field(tm_values_t *values, const tm_field_t *field, const void *record,
                         bool present);
/* Executes what is collected, rows of equally many values, in few statements; forgets it. */
TM_MUST_CHECK tm_err_t tm_values_run(tm_values_t *values, unsigned rows, const tm_statement_t *what,
                                     tm_database_t *db, tm_why_t *why);
#endif
