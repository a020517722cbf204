/* recovery.h - the state at a start: the newest good checkpoint, and the journal behind it.
 *
 * How:     a checkpoint that is damaged or of another journal is named in the log, and the one
 *          before it is tried; without any, all commits are replayed if they are still there.
 * Threads: boot. */
#ifndef TM_STORE_RECOVERY_H
#define TM_STORE_RECOVERY_H
#include "runtime/runtime.h"
#include "store/journal.h"

typedef struct tm_recovery_options {
    tm_journal_t *journal;        /* opened */
    const tm_disk_t *checkpoints; /* NULL: none is used */
    /* A runtime with the fixed actors, nothing replayed. Called again after a bad checkpoint. */
    tm_runtime_t *(*make)(void *ctx);
    void *ctx;
    bool ahead; /* commits are read on a thread of their own */
} tm_recovery_options_t;

typedef struct tm_recovery {
    tm_runtime_t *rt;
    uint64_t checkpoint; /* its number; 0: none was used */
    tm_ms_t at;          /* when it was begun */
    uint64_t commits;    /* replayed behind it, */
    uint64_t bytes;      /* and their bodies' bytes */
} tm_recovery_t;

/* Errors: TM_EDAMAGED the journal is, or it ends before a checkpoint of its own (then commits that
 * were durable are missing), or neither a good checkpoint nor all commits are there; each with a
 * file's name. TM_EIO. */
TM_MUST_CHECK tm_err_t tm_recover(const tm_recovery_options_t *options, tm_recovery_t *ret,
                                  tm_why_t *why);
#endif
