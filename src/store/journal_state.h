/* journal_state.h - what journal*.c share: the journal itself and its index. Nobody else
 * includes it.
 *
 * Threads: each group of fields names its own. */
#ifndef TM_STORE_JOURNAL_STATE_H
#define TM_STORE_JOURNAL_STATE_H
#include "base/buf.h"
#include "base/stack.h"
#include "base/thread.h"
#include "store/journal.h"
#include "store/journal_walk.h"

#define TM_JOURNAL_MAGIC 0x4a524e4cu
/* A reservation covers the worst case: each commit in a batch of its own. */
#define TM_COMMIT_COST ((uint64_t)TM_BATCH_HEAD + TM_COMMIT_FRAME)

/* Where the batch that begins with a number stands; one entry for about TM_INDEX_STEP bytes. */
typedef struct tm_journal_mark {
    uint64_t number, segment, offset;
} tm_journal_mark_t;
#define TM_INDEX_STEP ((uint64_t)64 << 10)

enum { TM_JOURNAL_READING, TM_JOURNAL_WRITING, TM_JOURNAL_STOPPING, TM_JOURNAL_FAILED };

/* The spare passes from hand to hand: only who may take it in its state touches it. */
typedef enum tm_spare_state {
    TM_SPARE_NONE,  /* the preparer's: to be made */
    TM_SPARE_MADE,  /* the writer's: takes it over and counts its room */
    TM_SPARE_READY, /* the writer's: counted */
    TM_SPARE_FULL,  /* the preparer's: the disk is full, tried again */
    TM_SPARE_FAILED /* the writer's: ends the process */
} tm_spare_state_t;

typedef struct tm_segment {
    uint64_t index, bytes, salt;
    int file;
} tm_segment_t; /* open for writing */

struct tm_journal {
    uint32_t magic;
    uint32_t mode; /* TM_JOURNAL_*, atomic */
    tm_journal_options_t options;
    uint64_t first_segment; /* 0: there is none; later the archiver's */
    uint64_t archive_end;   /* first_segment when it was opened: those before are in the archive */

    /* Where the valid part ends, found by open. */
    uint64_t end_segment, end_offset, end_batch_at;
    tm_batch_head_t end_batch; /* the batch that holds the end, if end_left > 0 */
    uint32_t end_left;         /* its commits that are missing */
    uint64_t first, last;      /* commit numbers on disk; first 0: none */
    tm_journal_info_t info;

    /* The writer's: who runs steps. */
    tm_segment_t current;
    uint64_t offset;    /* of the next batch in current */
    uint64_t next;      /* number of the next commit */
    uint64_t stated;    /* highest number that a batch on disk states durable */
    tm_sha256_t chain;  /* hash of the last commit */
    tm_commit_t *taken; /* pushed before, not yet written; in order */
    tm_commit_t *taken_last;
    char *batch;
    size_t batch_cap;
    tm_buf_t scratch;
    tm_thread_t thread;

    /* The spare: see tm_spare_state_t. */
    uint32_t spare_state; /* atomic */
    tm_segment_t spare;
    tm_thread_t preparer;
    tm_park_t preparer_park;
    char spare_error[200];

    /* Everybody's. */
    tm_stack_t pushed;         /* of tm_commit_t */
    int64_t room;              /* atomic; bytes that may still be reserved */
    uint32_t refused;          /* atomic; 1: the disk is full and a reservation was refused since */
    uint64_t durable, written; /* atomic; written: bytes of batches since it was opened */
    tm_park_t park;
    void (*released_fn)(void *ctx); /* the writer's */
    void *released_ctx;
    pthread_mutex_t listener_lock; /* guards the listener; held while it is called */
    void (*durable_fn)(void *ctx, uint64_t number);
    void *durable_ctx;

    pthread_mutex_t index_lock; /* guards the index and identity; held for a few instructions */
    tm_journal_mark_t *index;
    size_t index_n, index_cap;
    tm_sha256_t identity;
    bool has_identity;
};

/* journal_index.c: batches are added in order; find: the last mark with number <= `number`.
 * false: none. */
void tm_journal_index_add(tm_journal_t *journal, uint64_t number, uint64_t segment,
                          uint64_t offset);
bool tm_journal_index_find(tm_journal_t *journal, uint64_t number, tm_journal_mark_t *ret);

/* journal_segment.c: makes the file of a segment: zeros, head, the first copy_n bytes behind the
 * head from another file, synced, under its name. It replaces a file of that name. Errors:
 * TM_EDISKFULL, TM_EIO, with why; nothing is left then. */
typedef struct tm_segment_copy {
    int file;
    uint64_t until;
} tm_segment_copy_t;
TM_MUST_CHECK tm_err_t tm_segment_make(const tm_disk_t *disk, const tm_segment_head_t *head,
                                       const tm_segment_copy_t *copy, const void *tail,
                                       size_t tail_n, int *ret_file, tm_why_t *why);
/* Room of the current segment behind the writer. */
static inline uint64_t tm_segment_room(const tm_segment_t *segment)
{
    return segment->bytes - TM_SEGMENT_HEAD;
}

/* One try to make the spare, by whoever prepares; and the preparer's thread. */
void tm_spare_prepare(tm_journal_t *journal);
void tm_spare_main(void *p); /* the journal */
/* journal_write.c: the writer counts a spare that was made. false: making it failed for good,
 * on_fatal was told. */
bool tm_spare_adopt(tm_journal_t *journal);
#endif
