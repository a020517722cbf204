/* journal_read.c - reads commits back: all of them at boot, one by its number, or as they become
 * durable.
 *
 * Threads: replay: before start. read: any that may block. A cursor: its owner. */
#include "base/memory.h"
#include "store/journal_archive.h"
#include <errno.h>

#define CURSOR_MAGIC 0x43555253u

struct tm_journal_cursor {
    uint32_t magic;
    tm_journal_t *journal;
    tm_walk_t walk;
    uint64_t next;        /* number that is wanted */
    tm_sha256_t chain;    /* at the commit before it */
    uint64_t fresh_until; /* what the window holds up to this number is as it is on disk */
};

static tm_err_t failed(tm_why_t *why, const tm_walk_t *walk)
{
    return tm_why_add(
        why, TM_EIO, NULL, "journal: reading segment %010llu.log at byte %llu failed: %s",
        (unsigned long long)walk->segment, (unsigned long long)walk->offset, strerror(errno));
}

static tm_err_t damaged(tm_why_t *why, const tm_walk_t *walk, const char *what)
{
    return tm_why_add(why, TM_EDAMAGED, NULL,
                      "the journal is damaged: segment %010llu.log, byte %llu, commit %llu: %s",
                      (unsigned long long)walk->segment, (unsigned long long)walk->offset,
                      (unsigned long long)walk->next, what);
}

/* The next commit, across segments. The caller knows that there is one. */
static tm_err_t next_commit(tm_walk_t *walk, tm_record_t *ret, tm_why_t *why)
{
    for (;;) {
        switch (tm_walk_next(walk, ret)) {
        case TM_STEP_COMMIT:
            return TM_OK;
        case TM_STEP_BATCH:
            break;
        case TM_STEP_BAD:
            return damaged(why, walk, "no valid record");
        case TM_STEP_FAILED:
            return failed(why, walk);
        case TM_STEP_END: {
            const tm_err_t err = tm_walk_open(walk, walk->segment + 1);
            if (err == TM_ENOTFOUND)
                return damaged(why, walk, "its segment is missing");
            if (err != TM_OK)
                return failed(why, walk);
            break;
        }
        }
    }
}

/* Whether the record continues the chain; before: hash of the one before, moved on. */
static bool chain_fits(const tm_record_t *record, tm_sha256_t *before, bool known,
                       tm_buf_t *scratch)
{
    const tm_sha256_t want = tm_chain_next(before, record->number, record->body, scratch);
    const bool fits = !known || memcmp(want.b, record->hash, sizeof(want.b)) == 0;
    memcpy(before->b, record->hash, sizeof(before->b));
    return fits;
}

/* Before the batch that holds commit `from`; 0: before the oldest. */
static tm_err_t begin_at(tm_journal_t *journal, uint64_t from, tm_walk_t *walk, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    tm_journal_mark_t mark = {0};
    if (from == 0) {
        mark.segment = tm_archive_begin(journal);
        walk->next = mark.segment <= 1 ? 1 : 0;
        err = tm_walk_open(walk, mark.segment);
        return err == TM_OK ? TM_OK : failed(why, walk);
    }
    err = tm_journal_find(journal, from, &mark);
    if (err == TM_OK)
        err = tm_walk_open(walk, mark.segment);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "journal: commit %llu cannot be found",
                          (unsigned long long)from);
    tm_walk_seek(walk, mark.offset, mark.number);
    return TM_OK;
}

tm_err_t tm_journal_replay(tm_journal_t *journal, uint64_t from, bool chain,
                           tm_journal_each_fn *each, void *ctx, tm_why_t *why)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(each != NULL);
    if (journal->first == 0 || from > journal->last)
        return TM_OK;
    tm_walk_t walk;
    tm_walk_init(&walk, &journal->options.disk);
    tm_err_t err = begin_at(journal, from, &walk, why);
    bool known = false;
    tm_sha256_t before = {{0}};
    tm_buf_t scratch;
    tm_buf_init(&scratch, (size_t)TM_SEGMENT_BYTES_MAX + 64);
    while (err == TM_OK && walk.next <= journal->last) {
        tm_record_t record;
        err = next_commit(&walk, &record, why);
        /* The first record that is read of a longer log has nothing it could be checked against. */
        if (err == TM_OK && chain &&
            !chain_fits(&record, &before, known || record.number == 1, &scratch)) {
            walk.next = record.number;
            walk.offset -= TM_COMMIT_FRAME + (uint64_t)record.body.n;
            err = damaged(why, &walk, "its hash does not follow from the commit before");
        }
        known = true;
        if (err == TM_OK && record.number == 1) {
            tm_sha256_t first;
            memcpy(first.b, record.hash, sizeof(first.b));
            tm_journal_set_identity(journal, &first); /* it may have been unreadable before */
        }
        if (err == TM_OK && record.number >= from)
            err = each(ctx, record.number, record.body, why);
    }
    tm_buf_done(&scratch);
    tm_walk_done(&walk);
    return err;
}

/* Stands where number is the next commit or shortly before. */
static tm_err_t locate(tm_journal_t *journal, uint64_t number, tm_walk_t *walk)
{
    tm_journal_mark_t mark = {0};
    if (number == 0 || number > tm_journal_durable(journal))
        return TM_ENOTFOUND;
    tm_err_t err = tm_journal_find(journal, number, &mark);
    if (err != TM_OK)
        return err;
    err = tm_walk_open(walk, mark.segment);
    if (err != TM_OK)
        return err == TM_ENOTFOUND ? TM_EDAMAGED : err;
    if (walk->headless)
        return TM_EDAMAGED;
    tm_walk_seek(walk, mark.offset, mark.number);
    return TM_OK;
}

/* The record of one durable commit; it lies in the walk's window. */
static tm_err_t find(tm_journal_t *journal, uint64_t number, tm_walk_t *walk, tm_record_t *ret)
{
    tm_err_t err = locate(journal, number, walk);
    while (err == TM_OK) {
        err = next_commit(walk, ret, NULL);
        if (err == TM_OK && ret->number == number)
            return TM_OK;
    }
    return err;
}

tm_err_t tm_journal_read(tm_journal_t *journal, uint64_t number, tm_buf_t *out)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    tm_walk_t walk;
    tm_walk_init(&walk, &journal->options.disk);
    tm_record_t record;
    tm_err_t err = find(journal, number, &walk, &record);
    if (err == TM_OK) {
        tm_buf_add_str(out, record.body);
        if (out->full)
            err = TM_ENOMEM;
    }
    tm_walk_done(&walk);
    return err;
}

tm_err_t tm_journal_chain(tm_journal_t *journal, uint64_t number, tm_sha256_t *ret)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    tm_walk_t walk;
    tm_walk_init(&walk, &journal->options.disk);
    tm_record_t record;
    const tm_err_t err = find(journal, number, &walk, &record);
    if (err == TM_OK)
        memcpy(ret->b, record.hash, sizeof(ret->b));
    tm_walk_done(&walk);
    return err;
}

tm_err_t tm_journal_cursor_new(tm_journal_t *journal, uint64_t after, tm_journal_cursor_t **ret)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    tm_journal_mark_t mark;
    if (after + 1 < journal->first) {
        const tm_err_t err = tm_journal_find(journal, after + 1, &mark);
        if (err != TM_OK)
            return err;
    }
    tm_journal_cursor_t *cursor = TM_NEW(tm_journal_cursor_t);
    cursor->magic = CURSOR_MAGIC;
    cursor->journal = journal;
    cursor->next = after + 1;
    tm_walk_init(&cursor->walk, &journal->options.disk);
    *ret = cursor;
    return TM_OK;
}

tm_err_t tm_journal_cursor_next(tm_journal_cursor_t *cursor, uint64_t *ret_number,
                                tm_str_t *ret_body, tm_why_t *why)
{
    TM_CHECK(cursor, CURSOR_MAGIC);
    const uint64_t durable = tm_journal_durable(cursor->journal);
    if (cursor->next > durable)
        return TM_ENOTFOUND;
    if (cursor->next > cursor->fresh_until) {
        tm_walk_refresh(&cursor->walk); /* it may have read zeros where commits stand now */
        cursor->fresh_until = durable;
    }
    tm_err_t err = TM_OK;
    if (cursor->walk.file < 0)
        err = locate(cursor->journal, cursor->next, &cursor->walk);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "journal: commit %llu cannot be found",
                          (unsigned long long)cursor->next);
    tm_record_t record;
    do {
        err = next_commit(&cursor->walk, &record, why);
    } while (err == TM_OK && record.number < cursor->next);
    if (err != TM_OK) {
        tm_walk_done(&cursor->walk); /* the next call looks for it again */
        tm_walk_init(&cursor->walk, &cursor->journal->options.disk);
        return err;
    }
    assert(record.number == cursor->next);
    cursor->next++;
    memcpy(cursor->chain.b, record.hash, sizeof(cursor->chain.b));
    *ret_number = record.number;
    *ret_body = record.body;
    return TM_OK;
}

const tm_sha256_t *tm_journal_cursor_chain(const tm_journal_cursor_t *cursor)
{
    TM_CHECK(cursor, CURSOR_MAGIC);
    return &cursor->chain;
}

void tm_journal_cursor_free(TM_OWN tm_journal_cursor_t *cursor)
{
    if (cursor == NULL)
        return;
    TM_CHECK(cursor, CURSOR_MAGIC);
    tm_walk_done(&cursor->walk);
    cursor->magic = 0;
    tm_free(cursor);
}
