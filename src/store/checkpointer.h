/* checkpointer.h - makes checkpoints while the program works, keeps the newest two, and moves the
 * segments they make dispensable into the archive.
 *
 * Why:     a start must stay short however long the journal has become.
 * How:     every so many bytes of journal, or so much time if anything changed, a cut is asked for
 *          (runtime/cut.h) and written block by block on a thread of low priority. What goes wrong
 *          (a full disk above all) costs the unfinished file and is tried again later; nobody else
 *          notices.
 * Threads: start, stop, final, free: app. stats: any. step: whoever runs it without a thread. */
#ifndef TM_STORE_CHECKPOINTER_H
#define TM_STORE_CHECKPOINTER_H
#include "runtime/runtime.h"
#include "store/journal.h"

#define TM_CHECKPOINTS_KEPT 2u

typedef struct tm_checkpointer tm_checkpointer_t;
typedef struct tm_checkpointer_options {
    tm_disk_t disk;        /* of the checkpoints */
    tm_journal_t *journal; /* begun */
    tm_runtime_t *rt;      /* started */
    uint64_t every_bytes;  /* of journal since the last; 0: whenever anything changed */
    int64_t every_ms;      /* if anything changed */
    uint64_t keep_free;    /* bytes of the disk that are not for checkpoints */
    /* Number of the one the state came from, 0: none. Newer ones were bad, and are removed. */
    uint64_t last;
    uint64_t behind_bytes; /* of journal behind it */
} tm_checkpointer_options_t;

TM_OWN tm_checkpointer_t *tm_checkpointer_new(const tm_checkpointer_options_t *options);
/* Its own thread from now on. Errors: TM_EUNAVAILABLE. */
TM_MUST_CHECK tm_err_t tm_checkpointer_start(tm_checkpointer_t *checkpointer);
/* Ends the thread; what is not finished is abandoned. Before the runtime stops. */
void tm_checkpointer_stop(tm_checkpointer_t *checkpointer);
/* After runtime and journal stopped: one more, if enough was written since the last to make the
 * next start slow. */
void tm_checkpointer_final(tm_checkpointer_t *checkpointer);
/* Before the runtime is freed. NULL is fine. */
void tm_checkpointer_free(TM_OWN tm_checkpointer_t *checkpointer);

/* A little of the work, one block at most. false: nothing to do at the moment. mono_ms: any clock
 * that only goes on. */
bool tm_checkpointer_step(tm_checkpointer_t *checkpointer, int64_t mono_ms, tm_ms_t now);

typedef struct tm_checkpointer_stats {
    uint64_t number, bytes; /* of the newest; 0: none was made by this process */
    tm_ms_t at;
    int64_t took_ms;
    uint64_t behind_bytes; /* of journal that a start would replay */
    char error[200];       /* of the last attempt; "": it succeeded */
} tm_checkpointer_stats_t;
void tm_checkpointer_stats(tm_checkpointer_t *checkpointer, tm_checkpointer_stats_t *ret);
#endif
