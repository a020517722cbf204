/* projector.h - the journal's records as rows in SQLite or MySQL/MariaDB, behind, exactly once.
 *
 * Why:     SQL is a projection that can be dropped and rebuilt; nobody waits for it.
 * How:     lanes (one for SQLite, connection_limit for MySQL), each a thread with a connection and
 *          a journal cursor: coalesces by (entity, id), writes rows and its position in one
 *          transaction. A dead database is retried with growing pauses; the lag is a number, not
 *          an error.
 * Threads: start, stop: app. stats: any. step: whoever runs it without a thread. */
#ifndef TM_STORE_PROJECTOR_H
#define TM_STORE_PROJECTOR_H
#include "store/journal.h"

typedef struct tm_projector tm_projector_t;
/* Takes the journal's durable listener; the journal must have begun, and outlive it. url:
 * "sqlite:PATH" or "mysql://user:pass@host:port/db?connection_limit=N" (without: 4, on this
 * machine 1). Makes missing tables. A database that is away at the start is no error. Errors:
 * TM_EINVALID the url, with why. */
TM_MUST_CHECK tm_err_t tm_projector_new(tm_str_t url, tm_journal_t *journal, tm_projector_t **ret,
                                        tm_why_t *why);
/* A database that is behind by more is told to the log, once, and once when it has caught up; 30 s
 * unless this is called before start. */
void tm_projector_tell_lag(tm_projector_t *projector, int64_t lag_ms);
TM_MUST_CHECK tm_err_t tm_projector_start(tm_projector_t *projector);
/* Without its thread: one try to bring the database up to date, a transaction at most; no pauses.
 * false: nothing was written. */
bool tm_projector_step(tm_projector_t *projector);
/* Tries to catch up for at most drain_ms, then ends. Stop the journal before: nothing new comes
 * then. */
void tm_projector_stop(tm_projector_t *projector, int64_t drain_ms);
void tm_projector_free(TM_OWN tm_projector_t *projector);
typedef struct tm_projector_stats {
    uint64_t position; /* of the lane that is most behind */
    uint64_t durable;  /* lag in commits = durable - position */
    /* Age of the oldest commit that the database may lack; 0: it has all. While it could not be
     * reached yet: since the start. A second is what it may be too much. */
    int64_t lag_ms;
    uint64_t rows, transactions, failures;
    uint32_t lanes;
    bool connected; /* all lanes */
    /* Of a lane that fails, without passwords; "" when none does. A database of another journal,
     * or one that is ahead of ours, is not written to: it counts as not connected, and this says
     * why. */
    char error[200];
} tm_projector_stats_t;
void tm_projector_stats(tm_projector_t *projector, tm_projector_stats_t *ret);
#endif
