/* journal_walk.h - reads the commits of one segment in order, checks each, and knows where it
 * stands.
 *
 * Why:     boot, replay, verify, cursors and single reads differ only in what they do with an end
 *          or a bad record.
 * How:     a window of the file in memory, moved forward; nothing is copied out of it.
 * Threads: the owner's. */
#ifndef TM_STORE_JOURNAL_WALK_H
#define TM_STORE_JOURNAL_WALK_H
#include "base/why.h"
#include "store/disk.h"
#include "store/journal_format.h"

typedef enum tm_step {
    TM_STEP_COMMIT, /* record holds it */
    TM_STEP_BATCH,  /* a batch head was passed */
    TM_STEP_END,    /* zeros, or the end of the file, where a batch would begin */
    TM_STEP_BAD,    /* no valid record at offset */
    TM_STEP_FAILED  /* reading failed */
} tm_step_t;

typedef struct tm_walk {
    const tm_disk_t *disk;
    int file; /* -1: none */
    uint64_t segment, salt, bytes;
    bool headless;     /* the segment's own head is bad: its salt is unknown */
    uint64_t offset;   /* of the next batch or commit */
    uint64_t next;     /* number the next commit must have; 0: any */
    uint64_t batch_at; /* where the batch begins that holds offset */
    tm_batch_head_t batch;
    uint32_t left; /* its commits not yet passed */
    char *window;
    size_t window_n, window_cap;
    size_t ahead; /* bytes the next read takes */
    uint64_t window_at;
} tm_walk_t;

void tm_walk_init(tm_walk_t *walk, const tm_disk_t *disk);
void tm_walk_done(tm_walk_t *walk);
/* Stands before the first batch of a segment; next stays. A bad head sets headless and is told
 * by the first step (BAD, offset 0). Errors: TM_ENOTFOUND no such file; TM_EIO. */
TM_MUST_CHECK tm_err_t tm_walk_open(tm_walk_t *walk, uint64_t segment);
/* Stands at a batch of the open segment. */
void tm_walk_seek(tm_walk_t *walk, uint64_t offset, uint64_t next);
/* Forgets what was read ahead: the file may have grown since. */
void tm_walk_refresh(tm_walk_t *walk);
/* One step; ret is written with TM_STEP_COMMIT only and is valid until the next call. */
tm_step_t tm_walk_next(tm_walk_t *walk, tm_record_t *ret);
/* Whether everything from offset to the end of the file is zero; ret_rest: bytes up to the last
 * that is not. Errors: TM_EIO. Cost: reads the rest. */
TM_MUST_CHECK tm_err_t tm_walk_is_clean(tm_walk_t *walk, bool *ret_clean, uint64_t *ret_rest);
/* Whether a valid batch head stands anywhere at or after `from` in the open segment: then what
 * is bad before it was durable. Errors: TM_EIO. Cost: reads the rest. */
TM_MUST_CHECK tm_err_t tm_walk_finds_batch(tm_walk_t *walk, uint64_t from, bool *ret_found);
#endif
