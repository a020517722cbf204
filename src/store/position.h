/* position.h - where the lanes of a projection stand in a database, and the tables they fill.
 *
 * Why:     rows and the number of the last commit in them are one transaction: whoever was killed
 *          goes on exactly there.
 * How:     records are divided among lanes by the hash of their id, so every record is one lane's
 *          and its changes stay in order (docs/decisions/0024). projection_position has one row a
 *          lane, all of them from the first on; the commit at which it stands is named by number
 *          and by the chain's hash.
 * Threads: the database's owner. */
#ifndef TM_STORE_POSITION_H
#define TM_STORE_POSITION_H
#include "base/digest.h"
#include "store/database.h"

#define TM_LANES_MAX 64u

typedef struct tm_position {
    uint32_t lane, lanes;
    uint64_t seq;        /* 0: nothing was written yet */
    tm_sha256_t journal; /* its identity; of no meaning while seq is 0, as the next */
    tm_sha256_t chain;   /* hash of commit seq */
} tm_position_t;

/* What a database holds. */
typedef struct tm_tables_there {
    uint64_t have;  /* bit i: the i-th table of rows is there */
    bool all;       /* all of them are */
    bool positions; /* the table of positions is there, */
    uint32_t lanes; /* and has a row for each of so many lanes; 0: none */
    uint64_t least, most;
    bool rows; /* some table holds a row; only asked for without positions */
} tm_tables_there_t;
/* Errors: TM_EDAMAGED the positions are not ours; as database.h. */
TM_MUST_CHECK tm_err_t tm_tables_look(tm_database_t *db, tm_tables_there_t *ret, tm_why_t *why);
/* Makes those that are missing, positions too. Errors: as database.h. */
TM_MUST_CHECK tm_err_t tm_tables_create(tm_database_t *db, tm_why_t *why);
/* Drops the tables of rows and forgets the positions, in an order that can be cut off anywhere:
 * a database without positions but with rows is not followed. */
TM_MUST_CHECK tm_err_t tm_tables_drop(tm_database_t *db, tm_why_t *why);
/* As text, statements ended by semicolons (for `dump sql`): only what schema/derive.h does not
 * know. */
void tm_projection_sql(tm_dialect_t dialect, tm_buf_t *out);
/* A column or table is not there, or not ours: says what to do. */
#define TM_REBUILD_TEXT "the database must be rebuilt (trailmix rebuild --database)"

/* Reads the position of pos->lane. Errors: TM_ECONFLICT there are other lanes than pos->lanes, or
 * none; as database.h. */
TM_MUST_CHECK tm_err_t tm_position_read(tm_database_t *db, tm_position_t *pos, tm_why_t *why);
/* Within a transaction. Errors: TM_ECONFLICT it is no longer at `from`. */
TM_MUST_CHECK tm_err_t tm_position_write(tm_database_t *db, const tm_position_t *from,
                                         const tm_position_t *to, tm_why_t *why);
/* So many lanes, each at `at`, instead of `before` lanes (0: none), which stand there too; within a
 * transaction. Errors: TM_ECONFLICT they do not; as database.h. */
TM_MUST_CHECK tm_err_t tm_positions_put(tm_database_t *db, const tm_position_t *at, uint32_t before,
                                        uint32_t lanes, tm_why_t *why);
/* All lanes before commit 1, the child tables empty: every other row will be written again and stay
 * as it is; in a transaction of its own. */
TM_MUST_CHECK tm_err_t tm_positions_reset(tm_database_t *db, const tm_tables_there_t *there,
                                          tm_why_t *why);
#endif
