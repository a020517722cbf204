/* drift.h - every row of a database compared with the state it should show.
 *
 * Why:     a copy that other programs work with can be wrong where nobody looks: edited by hand,
 *          restored, filled by a program with a fault.
 * How:     one reading transaction, begun before the state is made, so the state knows at least as
 *          much. What to expect is told row by row as the packed bytes of state; what commits
 *          behind a lane's position touched is passed over. Values are made as the projection makes
 *          them and compared as texts.
 * Threads: the owner's. */
#ifndef TM_STORE_DRIFT_H
#define TM_STORE_DRIFT_H
#include "store/position.h"

/* A value that differs. column NULL: the whole row; ordinal: of a child row, else -1. Texts: NULL
 * is SQL's NULL, or no row; those of persons and secrets are their length only. */
typedef struct tm_difference {
    const char *table, *column;
    tm_id_t id;
    int64_t ordinal;
    const char *in_database, *in_state;
} tm_difference_t;
typedef void tm_difference_fn(void *ctx, const tm_difference_t *difference);

typedef struct tm_drift tm_drift_t;
/* Connects, and begins to read. It never writes. Errors: TM_EINVALID the url; TM_ECONFLICT there
 * are no tables of ours; as database.h. */
TM_MUST_CHECK tm_err_t tm_drift_new(tm_str_t url, tm_drift_t **ret, tm_why_t *why);
void tm_drift_free(TM_OWN tm_drift_t *drift); /* NULL is fine */
/* The lanes' positions, and whose they are: `first` is lane 0's. */
const tm_tables_there_t *tm_drift_there(const tm_drift_t *drift, tm_position_t *ret_first);
/* A record of the state; bytes stay the caller's and must stay. Errors: TM_EDAMAGED that record is
 * there twice. */
TM_MUST_CHECK tm_err_t tm_drift_expect(tm_drift_t *drift, const tm_desc_t *desc, tm_id_t id,
                                       tm_str_t bytes, tm_why_t *why);
/* A commit of the journal, after all records: the key of its request, and what it touched if the
 * database cannot have it yet. Errors: TM_EDAMAGED. */
TM_MUST_CHECK tm_err_t tm_drift_commit(tm_drift_t *drift, uint64_t number, tm_str_t body,
                                       tm_why_t *why);
typedef struct tm_drift_result {
    uint64_t rows, differences, passed_over; /* differences: rows that differ or are missing */
} tm_drift_result_t;
/* Compares; fn is told every difference of every row. Keys of requests are only looked at from
 * commit first_commit on. Errors: as database.h. */
TM_MUST_CHECK tm_err_t tm_drift_run(tm_drift_t *drift, uint64_t first_commit, tm_difference_fn *fn,
                                    void *ctx, tm_drift_result_t *ret, tm_why_t *why);
#endif
