/* journal.c - opens the journal: finds segments, checks every record, tells a torn tail from
 * damage; makes it writable.
 *
 * Why:     a record that was never announced may be lost, one that was announced may not: the two
 *          look alike, except for what stands behind them.
 * Threads: before start, one. */
#include "store/journal.h"
#include "base/memory.h"
#include "store/journal_archive.h"
#include <errno.h>

typedef struct found {
    uint64_t *index;
    size_t n, cap;
} found_t;

static void found_add(void *ctx, const char *name)
{
    found_t *found = ctx;
    uint64_t index;
    if (!tm_segment_name_parse(name, &index))
        return;
    if (found->n == found->cap) {
        found->cap = found->cap == 0 ? 64 : found->cap * 2;
        found->index = tm_realloc(found->index, found->cap * sizeof(*found->index));
    }
    found->index[found->n++] = index;
}

static tm_err_t failed(tm_why_t *why, const char *doing, uint64_t segment, uint64_t offset)
{
    return tm_why_add(why, TM_EIO, NULL, "journal: %s segment %010llu.log at byte %llu failed: %s",
                      doing, (unsigned long long)segment, (unsigned long long)offset,
                      strerror(errno));
}

static tm_err_t damaged(tm_why_t *why, const char *what, uint64_t segment, uint64_t offset,
                        uint64_t number)
{
    return tm_why_add(why, TM_EDAMAGED, NULL,
                      "the journal is damaged: segment %010llu.log, byte %llu, commit %llu: %s",
                      (unsigned long long)segment, (unsigned long long)offset,
                      (unsigned long long)number, what);
}

/* What stands at the walk's place is no record. A torn tail, unless a batch stands behind it,
 * here or in a later segment: that one was written when this one was durable. */
static tm_err_t find_later(tm_walk_t *walk, const found_t *found, size_t at, bool *ret_later,
                           uint64_t *ret_torn)
{
    bool clean = false;
    uint64_t torn = 0;
    tm_err_t err = tm_walk_is_clean(walk, &clean, &torn);
    *ret_torn = TM_MAX(torn, (uint64_t)1);
    *ret_later = false;
    if (err == TM_OK)
        err = tm_walk_finds_batch(walk, walk->offset, ret_later);
    tm_walk_t other;
    tm_walk_init(&other, walk->disk);
    for (size_t i = at + 1; err == TM_OK && !*ret_later && i < found->n; i++) {
        err = tm_walk_open(&other, found->index[i]);
        if (err == TM_OK)
            err = tm_walk_finds_batch(&other, 0, ret_later);
    }
    tm_walk_done(&other);
    return err;
}

static void take_commit(tm_journal_t *journal, const tm_record_t *record)
{
    tm_sha256_t chain;
    memcpy(chain.b, record->hash, sizeof(chain.b));
    if (journal->first == 0)
        journal->first = record->number;
    if (record->number == 1)
        tm_journal_set_identity(journal, &chain);
    journal->last = record->number;
    journal->chain = chain;
    journal->info.commits++;
}

static void take_end(tm_journal_t *journal, const tm_walk_t *walk)
{
    journal->end_segment = walk->segment;
    journal->end_offset = walk->offset;
    journal->end_batch_at = walk->batch_at;
    journal->end_batch = walk->batch;
    journal->end_left = walk->left;
}

/* Walks one segment to its end. ret_bad: it ends in something that is no record. */
static tm_err_t check_segment(tm_journal_t *journal, tm_walk_t *walk, bool *ret_bad, tm_why_t *why)
{
    *ret_bad = false;
    uint64_t tried = UINT64_MAX;
    for (;;) {
        tm_record_t record;
        bool clean = true;
        uint64_t rest;
        tm_step_t step = tm_walk_next(walk, &record);
        if (step == TM_STEP_END) {
            if (tm_walk_is_clean(walk, &clean, &rest) != TM_OK)
                return failed(why, "reading", walk->segment, walk->offset);
            if (clean)
                return TM_OK;
            step = TM_STEP_BAD;
        }
        if (step == TM_STEP_FAILED)
            return failed(why, "reading", walk->segment, walk->offset);
        if (step == TM_STEP_BATCH) {
            journal->stated = walk->batch.durable;
            take_end(journal, walk);
        }
        if (step == TM_STEP_COMMIT) {
            if (record.number == walk->batch.first)
                tm_journal_index_add(journal, record.number, walk->segment, walk->batch_at);
            take_commit(journal, &record);
            take_end(journal, walk);
        }
        if (step == TM_STEP_BAD) {
            *ret_bad = walk->headless ||
                       tried == walk->offset; /* once more: it may have been half written */
            if (*ret_bad)
                return TM_OK;
            tried = walk->offset;
            tm_walk_refresh(walk);
        }
    }
}

/* Where the segment before ended, to go on there once more. */
typedef struct resume {
    uint64_t offset, next;
    bool possible;
} resume_t;

/* Checks one segment; something that is no record must be a torn tail. ret_again: the segment
 * before must be read on first. */
static tm_err_t judge_segment(tm_journal_t *journal, tm_walk_t *walk, const found_t *found,
                              size_t at, const resume_t *before, bool *ret_bad, bool *ret_again,
                              tm_why_t *why)
{
    uint64_t judged = UINT64_MAX;
    *ret_again = false;
    for (;;) {
        tm_err_t err = check_segment(journal, walk, ret_bad, why);
        if (err != TM_OK || !*ret_bad)
            return err;
        bool later = false;
        err = find_later(walk, found, at, &later, &journal->info.torn_bytes);
        if (err != TM_OK)
            return failed(why, "reading", walk->segment, walk->offset);
        if (!later)
            return TM_OK;
        /* Beside a running server the later batch may have come since: then what is missing is
         * there now. */
        journal->info.torn_bytes = 0;
        *ret_again =
            before->possible && walk->offset <= TM_SEGMENT_HEAD && before->next == walk->next;
        if (*ret_again)
            return TM_OK;
        if (walk->headless || judged == walk->offset)
            return damaged(why, "no valid record, but a later batch says that it was durable",
                           walk->segment, walk->offset, TM_MAX(walk->next, (uint64_t)1));
        judged = walk->offset;
        tm_walk_refresh(walk);
    }
}

static tm_err_t check_all(tm_journal_t *journal, tm_walk_t *walk, const found_t *found,
                          tm_why_t *why)
{
    resume_t before = {0};
    uint64_t resumed = UINT64_MAX; /* number at which the segment before was read on */
    for (size_t i = 0; i < found->n; i++) {
        if (i > 0 && found->index[i] != found->index[i - 1] + 1)
            return tm_why_add(why, TM_EDAMAGED, NULL,
                              "the journal is damaged: segment %010llu.log is missing",
                              (unsigned long long)found->index[i - 1] + 1);
        if (tm_walk_open(walk, found->index[i]) != TM_OK)
            return failed(why, "opening", found->index[i], 0);
        bool bad = false;
        bool again = false;
        tm_err_t err = judge_segment(journal, walk, found, i, &before, &bad, &again, why);
        if (err == TM_OK && again) {
            resumed = walk->next;
            if (tm_walk_open(walk, found->index[--i]) != TM_OK || walk->headless)
                return failed(why, "opening", found->index[i], 0);
            tm_walk_seek(walk, before.offset, before.next);
            before.possible = false;
            journal->info.bytes -= before.offset;
            err = judge_segment(journal, walk, found, i, &before, &bad, &again, why);
        }
        if (err != TM_OK)
            return err;
        if (journal->end_segment == 0 && !walk->headless)
            take_end(journal, walk); /* a first segment without a batch */
        before = (resume_t){walk->offset, walk->next, walk->next != resumed};
        journal->info.segments = i + 1;
        journal->info.bytes += walk->offset;
        if (bad)
            break; /* nothing valid stands behind it */
    }
    return TM_OK;
}

static bool options_are_valid(const tm_journal_options_t *options, tm_why_t *why)
{
    const uint64_t bytes = options->segment_bytes;
    if (bytes >= TM_SEGMENT_BYTES_MIN && bytes <= TM_SEGMENT_BYTES_MAX)
        return true;
    tm_why_add(why, TM_EINVALID, NULL, "a segment of the journal has %u bytes to 1 GiB, not %llu",
               TM_SEGMENT_BYTES_MIN, (unsigned long long)bytes);
    return false;
}

tm_err_t tm_journal_open(const tm_journal_options_t *options, tm_journal_t **ret,
                         tm_journal_info_t *ret_info, tm_why_t *why)
{
    assert(options != NULL && ret != NULL);
    if (!options_are_valid(options, why))
        return TM_EINVALID;
    found_t found = {0};
    tm_err_t err = options->disk.list(options->disk.self, found_add, &found);
    if (err != TM_OK) {
        tm_free(found.index);
        return tm_why_add(why, TM_EIO, NULL, "journal: reading its folder failed: %s",
                          strerror(errno));
    }
    tm_journal_t *journal = TM_NEW(tm_journal_t);
    journal->magic = TM_JOURNAL_MAGIC;
    journal->options = *options;
    journal->current.file = -1;
    journal->spare.file = -1;
    pthread_mutex_init(&journal->index_lock, NULL);
    pthread_mutex_init(&journal->listener_lock, NULL);
    tm_buf_init(&journal->scratch, (size_t)TM_SEGMENT_BYTES_MAX + 64);
    journal->first_segment = found.n == 0 ? 0 : found.index[0];

    tm_walk_t walk;
    tm_walk_init(&walk, &journal->options.disk);
    walk.next = journal->first_segment <= 1
                    ? 1
                    : 0; /* a log whose beginning was moved away begins anywhere */
    err = check_all(journal, &walk, &found, why);
    tm_walk_done(&walk);
    tm_free(found.index);
    if (err == TM_OK && journal->first_segment > 1 && journal->first == 0)
        err = damaged(why, "the segments before were moved away, and this one holds no commit",
                      journal->first_segment, 0, 0);
    journal->archive_end = journal->first_segment;
    if (err == TM_OK)
        tm_archive_identify(journal);
    if (err != TM_OK) {
        tm_journal_free(journal);
        return err;
    }
    journal->info.first = journal->first;
    journal->info.last = journal->last;
    journal->next = journal->last + 1;
    journal->durable = journal->last;
    if (ret_info != NULL)
        *ret_info = journal->info;
    *ret = journal;
    return TM_OK;
}

/* The end of the copied segment: the shortened head of a batch that was cut, or a statement that
 * all before it is durable. */
static size_t make_tail(tm_journal_t *journal, uint64_t room, char ret_tail[TM_BATCH_HEAD])
{
    if (journal->stated == journal->last || room < TM_BATCH_HEAD)
        return 0;
    const tm_batch_head_t head = {.first = journal->next,
                                  .durable = journal->last,
                                  .salt = journal->current.salt,
                                  .offset = (uint32_t)journal->end_offset};
    tm_batch_head_write(&head, ret_tail);
    return TM_BATCH_HEAD;
}

/* A batch whose last commits are torn becomes a smaller one. */
static tm_err_t cut_batch(tm_journal_t *journal, int file)
{
    tm_batch_head_t head = journal->end_batch;
    head.count -= journal->end_left;
    head.bytes = (uint32_t)(journal->end_offset - journal->end_batch_at - TM_BATCH_HEAD);
    char bytes[TM_BATCH_HEAD];
    tm_batch_head_write(&head, bytes);
    const tm_disk_t *disk = &journal->options.disk;
    tm_err_t err = disk->write(disk->self, file, journal->end_batch_at, bytes, sizeof(bytes));
    if (err == TM_OK)
        err = disk->sync(disk->self, file);
    return err;
}

/* Removes the segments behind the last one: empty or torn spares, never anything valid. */
static tm_err_t remove_rest(tm_journal_t *journal, tm_why_t *why)
{
    const tm_disk_t *disk = &journal->options.disk;
    found_t found = {0};
    tm_err_t err = disk->list(disk->self, found_add, &found);
    bool removed = false;
    for (size_t i = 0; err == TM_OK && i < found.n; i++) {
        if (found.index[i] <= journal->end_segment)
            continue;
        char name[TM_SEGMENT_NAME];
        tm_segment_name(found.index[i], false, name);
        err = disk->remove(disk->self, name);
        removed = true;
    }
    tm_free(found.index);
    if (err == TM_OK && removed)
        err = disk->sync_folder(disk->self);
    return err == TM_OK ? TM_OK : failed(why, "removing the spare behind", journal->end_segment, 0);
}

/* The last segment with its valid content in a new file: only what this process wrote and synced
 * is known to be durable. */
static tm_err_t renew_last(tm_journal_t *journal, tm_why_t *why)
{
    const tm_disk_t *disk = &journal->options.disk;
    tm_walk_t walk;
    tm_walk_init(&walk, disk);
    tm_err_t err = tm_walk_open(&walk, journal->end_segment);
    if (err != TM_OK || walk.headless) {
        tm_walk_done(&walk);
        return failed(why, "opening", journal->end_segment, 0);
    }
    /* Never more room than a spare has: reservations count on that. */
    const uint64_t bytes =
        TM_MAX(journal->options.segment_bytes, journal->end_offset + TM_BATCH_HEAD);
    const tm_segment_head_t head = {journal->end_segment, bytes, walk.salt};
    journal->current = (tm_segment_t){head.index, head.bytes, head.salt, -1};
    char tail[TM_BATCH_HEAD];
    size_t tail_n = 0;
    uint64_t until = journal->end_offset;
    if (journal->end_left == 0)
        tail_n = make_tail(journal, head.bytes - until, tail);
    else if (journal->end_left == journal->end_batch.count)
        until = journal->end_batch_at; /* nothing of it is left */
    const tm_segment_copy_t copy = {walk.file, until};
    err = tm_segment_make(disk, &head, &copy, tail, tail_n, &journal->current.file, why);
    tm_walk_done(&walk);
    if (err == TM_OK && until > journal->end_batch_at && journal->end_left > 0 &&
        cut_batch(journal, journal->current.file) != TM_OK)
        err = failed(why, "writing", journal->end_segment, journal->end_batch_at);
    if (err != TM_OK)
        return err;
    journal->offset = until + tail_n;
    if (tail_n > 0)
        journal->stated = journal->last;
    return TM_OK;
}

static tm_err_t make_first(tm_journal_t *journal, tm_why_t *why)
{
    tm_segment_head_t head = {.index = TM_MAX(journal->first_segment, (uint64_t)1),
                              .bytes = journal->options.segment_bytes};
    tm_random_bytes(&head.salt, sizeof(head.salt));
    int file = -1;
    const tm_err_t err = tm_segment_make(&journal->options.disk, &head, NULL, NULL, 0, &file, why);
    if (err != TM_OK)
        return err;
    journal->current = (tm_segment_t){head.index, head.bytes, head.salt, file};
    journal->first_segment = head.index;
    journal->end_segment = head.index;
    journal->offset = TM_SEGMENT_HEAD;
    return TM_OK;
}

tm_err_t tm_journal_begin(tm_journal_t *journal, tm_why_t *why)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(journal->mode == TM_JOURNAL_READING);
    tm_err_t err = journal->end_segment == 0 ? make_first(journal, why) : renew_last(journal, why);
    if (err == TM_OK)
        err = remove_rest(journal, why);
    if (err != TM_OK)
        return err;
    journal->room = (int64_t)(journal->current.bytes - journal->offset);
    journal->spare.index = journal->current.index + 1;
    tm_spare_prepare(journal);
    if (journal->spare_state == TM_SPARE_FAILED)
        return tm_why_add(why, TM_EIO, NULL, "%s", journal->spare_error);
    (void)tm_spare_adopt(journal);
    journal->mode = TM_JOURNAL_WRITING;
    return TM_OK;
}

void tm_journal_free(TM_OWN tm_journal_t *journal)
{
    if (journal == NULL)
        return;
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(!journal->thread.started && !journal->preparer.started);
    const tm_disk_t *disk = &journal->options.disk;
    if (journal->current.file >= 0)
        disk->close(disk->self, journal->current.file);
    if (journal->spare.file >= 0)
        disk->close(disk->self, journal->spare.file);
    pthread_mutex_destroy(&journal->index_lock);
    pthread_mutex_destroy(&journal->listener_lock);
    tm_buf_done(&journal->scratch);
    tm_free(journal->batch);
    tm_free(journal->index);
    journal->magic = 0;
    tm_free(journal);
}
