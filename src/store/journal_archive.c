/* journal_archive.c - segments that a checkpoint made dispensable for a start, and how they are
 * found again.
 *
 * Why:     a start reads every segment that lies in the folder; history, audit and answers given
 *          before need the old ones all the same.
 * How:     a segment is moved into archive/ and keeps its name. Nobody keeps an index of them:
 *          their first batch tells which commits they hold, and they stand in order.
 * Threads: archive: one job thread. The rest: any that may block. */
#include "store/journal_archive.h"
#include <errno.h>

/* The first commit number of an archived segment. Errors: TM_ENOTFOUND it is not there. */
static tm_err_t first_of(tm_journal_t *journal, uint64_t segment, tm_journal_mark_t *ret)
{
    tm_walk_t walk;
    tm_walk_init(&walk, &journal->options.disk);
    tm_err_t err = tm_walk_open(&walk, segment);
    tm_record_t record;
    const uint64_t offset = walk.offset;
    if (err == TM_OK) {
        const tm_step_t step = tm_walk_next(&walk, &record);
        err = step == TM_STEP_BATCH ? TM_OK : step == TM_STEP_FAILED ? TM_EIO : TM_EDAMAGED;
    }
    if (err == TM_OK)
        *ret = (tm_journal_mark_t){walk.batch.first, segment, offset};
    tm_walk_done(&walk);
    return err;
}

tm_err_t tm_journal_find(tm_journal_t *journal, uint64_t number, tm_journal_mark_t *ret)
{
    if (number >= journal->first || journal->archive_end <= 1)
        return tm_journal_index_find(journal, number, ret) ? TM_OK : TM_ENOTFOUND;
    uint64_t low = 1; /* segments before it begin at or before number, or are not kept */
    uint64_t high = journal->archive_end;
    bool found = false;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        tm_journal_mark_t mark;
        const tm_err_t err = first_of(journal, middle, &mark);
        if (err != TM_OK && err != TM_ENOTFOUND)
            return err;
        if (err == TM_OK && mark.number > number) {
            high = middle;
            continue;
        }
        if (err == TM_OK) {
            found = true;
            *ret = mark;
        }
        low = middle + 1;
    }
    return found ? TM_OK : TM_ENOTFOUND;
}

uint64_t tm_archive_begin(tm_journal_t *journal)
{
    uint64_t begin = journal->archive_end;
    tm_journal_mark_t mark;
    while (begin > 1 && first_of(journal, begin - 1, &mark) != TM_ENOTFOUND)
        begin--;
    return begin;
}

void tm_archive_identify(tm_journal_t *journal)
{
    tm_walk_t walk;
    tm_walk_init(&walk, &journal->options.disk);
    tm_record_t record;
    if (journal->archive_end > 1 && tm_walk_open(&walk, 1) == TM_OK) {
        walk.next = 1;
        tm_step_t step = tm_walk_next(&walk, &record);
        while (step == TM_STEP_BATCH)
            step = tm_walk_next(&walk, &record);
        if (step == TM_STEP_COMMIT) {
            tm_sha256_t chain;
            memcpy(chain.b, record.hash, sizeof(chain.b));
            tm_journal_set_identity(journal, &chain);
        }
    }
    tm_walk_done(&walk);
}

tm_err_t tm_journal_archive(tm_journal_t *journal, uint64_t number, uint64_t *ret_moved,
                            tm_why_t *why)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(number <= tm_journal_durable(journal));
    tm_journal_mark_t mark;
    *ret_moved = 0;
    if (!tm_journal_index_find(journal, number, &mark))
        return TM_OK;
    const tm_disk_t *disk = &journal->options.disk;
    for (; journal->first_segment < mark.segment; journal->first_segment++) {
        char name[TM_SEGMENT_NAME];
        char archived[TM_ARCHIVED_NAME];
        tm_segment_name(journal->first_segment, false, name);
        tm_segment_archived(journal->first_segment, archived);
        /* One at a time: what is left has no gap, whenever the power goes. */
        tm_err_t err = disk->rename(disk->self, name, archived);
        if (err == TM_OK)
            err = disk->sync_folder(disk->self);
        if (err != TM_OK)
            return tm_why_add(why, err, NULL, "moving the segment %s into the archive: %s", name,
                              strerror(errno));
        (*ret_moved)++;
    }
    return TM_OK;
}
