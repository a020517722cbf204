/* journal_segment.c - makes the file of a segment, and the spare segment that is always ready.
 *
 * Why:     a file that grows, or whose blocks are allocated but unwritten, costs a commit of the
 *          file system's own log at every sync; and room that is already written is the only room a
 *          reservation can count on.
 * How:     zeros over the whole length, synced, then renamed to its name: a crash leaves a whole
 *          segment or none.
 * Threads: the preparer, or the writer when there is none. */
#include "base/log.h"
#include "base/memory.h"
#include "store/journal_state.h"
#include <errno.h>

#define CHUNK_BYTES ((uint64_t)1 << 20)
#define RETRY_MS 1000
#define KEPT_SEGMENTS 2 /* in memory: the current one, and the last, whose end may still be read */

static tm_err_t fill(const tm_disk_t *disk, int file, const tm_segment_head_t *head)
{
    const uint64_t chunk = TM_MIN(CHUNK_BYTES, head->bytes);
    TM_AUTO(tm_free_p) char *p = tm_zalloc(chunk);
    tm_segment_head_write(head, p);
    tm_err_t err = TM_OK;
    for (uint64_t at = 0; err == TM_OK && at < head->bytes; at += chunk) {
        err = disk->write(disk->self, file, at, p, (size_t)TM_MIN(chunk, head->bytes - at));
        memset(p, 0, TM_SEGMENT_HEAD);
    }
    return err;
}

static tm_err_t copy_bytes(const tm_disk_t *disk, int file, const tm_segment_copy_t *copy)
{
    TM_AUTO(tm_free_p) char *p = tm_alloc(CHUNK_BYTES);
    tm_err_t err = TM_OK;
    for (uint64_t at = TM_SEGMENT_HEAD; err == TM_OK && at < copy->until;) {
        const size_t n = (size_t)TM_MIN(CHUNK_BYTES, copy->until - at);
        size_t got = 0;
        err = disk->read(disk->self, copy->file, at, p, n, &got);
        if (err == TM_OK && got < n)
            err = TM_EIO; /* it was there when the journal was opened */
        if (err == TM_OK)
            err = disk->write(disk->self, file, at, p, n);
        at += n;
    }
    return err;
}

tm_err_t tm_segment_make(const tm_disk_t *disk, const tm_segment_head_t *head,
                         const tm_segment_copy_t *copy, const void *tail, size_t tail_n,
                         int *ret_file, tm_why_t *why)
{
    assert(copy == NULL || copy->until + tail_n <= head->bytes);
    char name[TM_SEGMENT_NAME];
    char unfinished[TM_SEGMENT_NAME];
    tm_segment_name(head->index, false, name);
    tm_segment_name(head->index, true, unfinished);
    int file = -1;
    tm_err_t err = disk->remove(disk->self, unfinished);
    if (err == TM_OK || err == TM_ENOTFOUND)
        err = disk->open(disk->self, unfinished, true, &file);
    if (err == TM_OK)
        err = fill(disk, file, head);
    if (err == TM_OK && copy != NULL)
        err = copy_bytes(disk, file, copy);
    if (err == TM_OK && tail_n > 0)
        err = disk->write(disk->self, file, copy == NULL ? TM_SEGMENT_HEAD : copy->until, tail,
                          tail_n);
    if (err == TM_OK)
        err = disk->sync(disk->self, file);
    if (err == TM_OK)
        err = disk->rename(disk->self, unfinished, name);
    if (err == TM_OK)
        err = disk->sync_folder(disk->self);
    if (err == TM_OK) {
        *ret_file = file;
        return TM_OK;
    }
    const int cause = errno;
    if (file >= 0)
        disk->close(disk->self, file);
    const tm_err_t removed = disk->remove(disk->self, unfinished);
    if (removed != TM_OK && removed != TM_ENOTFOUND)
        err = removed; /* a rest that cannot be removed would keep the disk full for ever */
    return tm_why_add(why, err, NULL, "making the segment %s of %llu bytes: %s", name,
                      (unsigned long long)head->bytes, strerror(cause));
}

/* An old segment gives the pages of memory that hold it, so that the spare's zeros take those.
 * Pages that were never used cost ten times as much where the memory is virtual, and a journal
 * that only grows would push better things out of the cache. Whoever reads that far back reads
 * the disk. */
static void forget_old(const tm_disk_t *disk, uint64_t spare)
{
    if (disk->forget == NULL || spare <= KEPT_SEGMENTS + 1)
        return;
    char name[TM_SEGMENT_NAME];
    int file = -1;
    tm_segment_name(spare - KEPT_SEGMENTS - 1, false, name);
    if (disk->open(disk->self, name, false, &file) != TM_OK)
        return; /* in the archive */
    disk->forget(disk->self, file);
    disk->close(disk->self, file);
}

void tm_spare_prepare(tm_journal_t *journal)
{
    /* acquire: the writer has moved the last spare away; partner: its release when it took it. */
    const uint32_t state = __atomic_load_n(&journal->spare_state, __ATOMIC_ACQUIRE);
    if (state != TM_SPARE_NONE && state != TM_SPARE_FULL)
        return;
    tm_segment_head_t head = {.index = journal->spare.index,
                              .bytes = journal->options.segment_bytes};
    tm_random_bytes(&head.salt, sizeof(head.salt));
    tm_why_t why;
    tm_why_clear(&why);
    int file = -1;
    forget_old(&journal->options.disk, head.index);
    const tm_err_t err = tm_segment_make(&journal->options.disk, &head, NULL, NULL, 0, &file, &why);
    uint32_t now = TM_SPARE_MADE;
    if (err == TM_OK) {
        journal->spare = (tm_segment_t){head.index, head.bytes, head.salt, file};
    } else {
        now = err == TM_EDISKFULL ? TM_SPARE_FULL : TM_SPARE_FAILED;
        tm_why_line(&why, journal->spare_error, sizeof(journal->spare_error));
    }
    if (now == TM_SPARE_FULL && state != TM_SPARE_FULL)
        tm_log(TM_LOG_WARN, "disk_full", "%s; writes stop when the current segment is full",
               journal->spare_error);
    if (now == TM_SPARE_MADE && state == TM_SPARE_FULL)
        tm_log(TM_LOG_INFO, "disk_room", "there is room again, writes go on");
    /* release: spare or spare_error are written; partner: the writer's acquire in
     * tm_spare_adopt. */
    __atomic_store_n(&journal->spare_state, now, __ATOMIC_RELEASE);
    tm_park_wake(&journal->park);
}

void tm_spare_main(void *p)
{
    tm_journal_t *journal = p;
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    for (;;) {
        /* acquire: partner is the release of whoever stops or fails. */
        if (__atomic_load_n(&journal->mode, __ATOMIC_ACQUIRE) != TM_JOURNAL_WRITING)
            return;
        tm_spare_prepare(journal);
        const uint32_t state = __atomic_load_n(&journal->spare_state, __ATOMIC_ACQUIRE);
        tm_park_wait(&journal->preparer_park, state == TM_SPARE_FULL ? RETRY_MS : -1);
    }
}
