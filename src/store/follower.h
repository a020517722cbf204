/* follower.h - one lane of a projection: gathers what is durable, writes it with its position.
 *
 * Why:     the fate of a transaction that was under way when a connection broke needs no guessing:
 *          what was gathered is forgotten and gathered again from the position the database states.
 * How:     a cursor of the journal, a batch, a connection. settle comes before the lanes: it makes
 *          tables, and brings the positions of other lanes than ours to one commit, each by its
 *          own transactions, before ours take their place (docs/decisions/0024).
 * Threads: the owner's. */
#ifndef TM_STORE_FOLLOWER_H
#define TM_STORE_FOLLOWER_H
#include "store/journal.h"
#include "store/projection.h"

typedef struct tm_follower {
    tm_journal_t *journal;
    tm_database_t *db; /* connected by the owner */
    tm_position_t position;
    tm_journal_cursor_t *cursor; /* stands behind what is in the batch */
    tm_batch_t batch;
} tm_follower_t;
void tm_follower_init(tm_follower_t *follower, tm_journal_t *journal, tm_database_t *db,
                      uint32_t lane, uint32_t lanes);
void tm_follower_done(tm_follower_t *follower);
/* Forgets what was gathered: the next gathering begins behind the position. */
void tm_follower_forget(tm_follower_t *follower);
/* Reads the position; whether the database is a copy of this very journal. Errors: TM_ECONFLICT
 * it is not, or it must be rebuilt; as database.h. */
TM_MUST_CHECK tm_err_t tm_follower_begin(tm_follower_t *follower, tm_why_t *why);
/* Adds to the batch what is durable, up to commit `until` (0: all), until the batch is full.
 * Errors: TM_ECONFLICT commits are missing; TM_EDAMAGED, TM_EIO. */
TM_MUST_CHECK tm_err_t tm_follower_gather(tm_follower_t *follower, uint64_t until, tm_why_t *why);
/* The batch in one transaction; nothing without commits in it. The batch stays for who wants to
 * look at it: forget it, or clear it. Errors: as tm_batch_write. */
TM_MUST_CHECK tm_err_t tm_follower_write(tm_follower_t *follower, tm_why_t *why);

/* Tables are there, and positions of so many lanes. `stop` (ctx may be NULL): true: give up with
 * TM_ESTOPPING. One at a time in a process. Errors: TM_ECONFLICT the rows are not ours, or the
 * database must be rebuilt; as database.h. */
TM_MUST_CHECK tm_err_t tm_follower_settle(tm_journal_t *journal, tm_database_t *db, uint32_t lanes,
                                          bool (*stop)(void *ctx), void *ctx, tm_why_t *why);
#endif
