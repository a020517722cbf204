/* journal_write.c - group commit: everything that was pushed goes out in one write and one sync,
 * then its effects.
 *
 * Why:     a sync costs the same for one commit as for a thousand.
 * How:     pushes go onto a stack with one exchange; the writer takes the whole stack, turns it
 *          round, frames what fits, writes, syncs and releases in order. Room is counted before
 *          anything is promised: room = what may still be reserved, out of the rest of the current
 *          segment, or of the spare alone when there is one (whatever does not fit into the rest
 *          goes there). So a write never needs room that is not there.
 * Threads: reserve, push: any. The rest: the writer, which is the journal's thread or whoever calls
 *          step. */
#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include "store/journal_state.h"
#include "store/limits.h"
#include <errno.h>
#include <stdio.h>

static uint64_t cost(const tm_commit_t *commit)
{
    return commit->reserved == 0 ? 0 : commit->reserved + TM_COMMIT_COST;
}

tm_err_t tm_journal_reserve(tm_journal_t *journal, size_t bytes)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    if (__atomic_load_n(&journal->mode, __ATOMIC_RELAXED) != TM_JOURNAL_WRITING)
        return TM_ESTOPPING;
    const int64_t need = (int64_t)(bytes + TM_COMMIT_COST);
    if (bytes > UINT32_MAX || need > (int64_t)(journal->options.segment_bytes - TM_SEGMENT_HEAD))
        return TM_ETOOLARGE;
    /* relaxed throughout: room is a number that publishes nothing else. */
    int64_t room = __atomic_load_n(&journal->room, __ATOMIC_RELAXED);
    while (room >= need) {
        if (__atomic_compare_exchange_n(&journal->room, &room, room - need, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return TM_OK;
    }
    if (__atomic_load_n(&journal->spare_state, __ATOMIC_RELAXED) != TM_SPARE_FULL)
        return TM_EBUSY;
    __atomic_store_n(&journal->refused, 1, __ATOMIC_RELAXED);
    return TM_EDISKFULL;
}

void tm_journal_push(tm_journal_t *journal, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(first != NULL && last != NULL);
    /* The list goes onto the stack newest first, so that one turning of the whole stack gives
     * the order of all. */
    tm_commit_t *top = NULL;
    for (tm_commit_t *at = first;;) {
        assert(at->n <= at->reserved || at->n == 0);
        tm_commit_t *next = at->next;
        at->next = top;
        top = at;
        if (at == last)
            break;
        at = next;
    }
    if (tm_stack_push(&journal->pushed, (tm_link_t *)top, (tm_link_t *)first))
        tm_park_wake(
            &journal->park); /* a stack that was not empty has been announced by its first */
}

/* Appends what was pushed to journal->taken, oldest first. */
static void take_pushed(tm_journal_t *journal)
{
    tm_link_t *newest = tm_stack_take(&journal->pushed);
    tm_commit_t *list = (tm_commit_t *)tm_links_turned(newest);
    if (list == NULL)
        return;
    if (journal->taken == NULL)
        journal->taken = list;
    else
        journal->taken_last->next = list;
    journal->taken_last = (tm_commit_t *)newest;
}

static void fail(tm_journal_t *journal, const char *what)
{
    char message[320];
    snprintf(message, sizeof(message),
             "journal: %s; nothing after commit %llu is durable, the server must stop", what,
             (unsigned long long)journal->next - 1);
    /* release: partner is the acquire of the preparer and of reserve's callers, who see the end
     * of writing. */
    __atomic_store_n(&journal->mode, TM_JOURNAL_FAILED, __ATOMIC_RELEASE);
    tm_park_wake(&journal->preparer_park);
    if (journal->options.on_fatal != NULL)
        journal->options.on_fatal(journal->options.ctx, message);
}

static void fail_at(tm_journal_t *journal, const char *doing)
{
    char what[160];
    snprintf(what, sizeof(what), "%s segment %010llu.log at byte %llu failed: %s", doing,
             (unsigned long long)journal->current.index, (unsigned long long)journal->offset,
             strerror(errno));
    fail(journal, what);
}

static bool has_spare(const tm_journal_t *journal)
{
    /* relaxed: only the writer makes it READY and takes it from there. */
    return __atomic_load_n(&journal->spare_state, __ATOMIC_RELAXED) == TM_SPARE_READY;
}

bool tm_spare_adopt(tm_journal_t *journal)
{
    /* acquire: partner is the release in tm_spare_prepare. */
    const uint32_t state = __atomic_load_n(&journal->spare_state, __ATOMIC_ACQUIRE);
    if (state == TM_SPARE_FAILED) {
        fail(journal, journal->spare_error);
        return false;
    }
    if (state != TM_SPARE_MADE)
        return true;
    const int64_t more = (int64_t)tm_segment_room(&journal->spare) -
                         (int64_t)(journal->current.bytes - journal->offset);
    __atomic_store_n(&journal->spare_state, TM_SPARE_READY, __ATOMIC_RELAXED);
    __atomic_fetch_add(&journal->room, more, __ATOMIC_RELAXED);
    __atomic_store_n(&journal->refused, 0, __ATOMIC_RELAXED);
    return true;
}

/* The spare becomes the current segment. Room stays: it was counted out of the spare, which is
 * now the rest. */
static void switch_segment(tm_journal_t *journal)
{
    assert(has_spare(journal)); /* or a reservation was granted that had no room */
    journal->options.disk.close(journal->options.disk.self, journal->current.file);
    journal->current = journal->spare;
    journal->offset = TM_SEGMENT_HEAD;
    journal->spare = (tm_segment_t){.index = journal->current.index + 1, .file = -1};
    /* release: the preparer may have the spare now; partner: its acquire in tm_spare_prepare. */
    __atomic_store_n(&journal->spare_state, TM_SPARE_NONE, __ATOMIC_RELEASE);
    tm_park_wake(&journal->preparer_park);
}

static void batch_room(tm_journal_t *journal, size_t bytes)
{
    if (bytes <= journal->batch_cap)
        return;
    size_t cap = TM_MAX(journal->batch_cap, (size_t)64 << 10);
    while (cap < bytes) {
        cap *= 2;
    }
    journal->batch = tm_realloc(journal->batch, cap);
    journal->batch_cap = cap;
}

typedef struct framed {
    tm_commit_t *end; /* the first that is not part of it */
    uint64_t bytes;   /* head and commits; 0: nothing to write */
    uint32_t count;
    int64_t reserved;  /* to be given back */
    tm_sha256_t chain; /* of its last commit */
    tm_sha256_t begin; /* of its first */
} framed_t;

/* Frames commits from `taken` on, as many as fit behind the writer. */
static framed_t frame(tm_journal_t *journal)
{
    framed_t f = {.end = journal->taken, .chain = journal->chain};
    const uint64_t rest = journal->current.bytes - journal->offset;
    for (; f.end != NULL; f.end = f.end->next) {
        const tm_commit_t *commit = f.end;
        if (commit->n > 0) {
            const uint64_t at = f.count == 0 ? TM_BATCH_HEAD : f.bytes;
            const uint64_t bytes = at + TM_COMMIT_FRAME + commit->n;
            if (bytes > rest || (f.count > 0 && bytes > TM_JOURNAL_BATCH_BYTES_MAX))
                break;
            batch_room(journal, bytes);
            const uint64_t number = journal->next + f.count;
            const tm_str_t body = {commit->bytes, commit->n};
            f.chain = tm_chain_next(&f.chain, number, body, &journal->scratch);
            tm_record_write(number, body, &f.chain, journal->batch + at);
            if (f.count == 0)
                f.begin = f.chain;
            f.bytes = bytes;
            f.count++;
        }
        f.reserved += (int64_t)cost(commit);
    }
    return f;
}

static bool write_batch(tm_journal_t *journal, uint64_t bytes, uint32_t count)
{
    const tm_batch_head_t head = {.first = journal->next,
                                  .durable = journal->next - 1,
                                  .salt = journal->current.salt,
                                  .count = count,
                                  .bytes = (uint32_t)(bytes - TM_BATCH_HEAD),
                                  .offset = (uint32_t)journal->offset};
    tm_batch_head_write(&head, journal->batch);
    const tm_disk_t *disk = &journal->options.disk;
    if (disk->write(disk->self, journal->current.file, journal->offset, journal->batch, bytes) !=
        TM_OK) {
        fail_at(journal, "writing");
        return false;
    }
    if (disk->sync(disk->self, journal->current.file) != TM_OK) {
        fail_at(journal, "syncing");
        return false;
    }
    return true;
}

/* What was written is durable: tells readers, gives the reservation back. */
static void account(tm_journal_t *journal, const framed_t *f)
{
    if (f->count > 0) {
        tm_journal_index_add(journal, journal->next, journal->current.index, journal->offset);
        if (journal->next == 1)
            tm_journal_set_identity(journal, &f->begin);
        journal->stated = journal->next - 1;
        /* relaxed: a number that publishes nothing else. */
        __atomic_fetch_add(&journal->written, f->bytes, __ATOMIC_RELAXED);
        journal->next += f->count;
        journal->chain = f->chain;
        journal->offset += f->bytes;
        /* release: the bytes are in the file before the number is seen; partner: the acquire in
         * tm_journal_durable. */
        __atomic_store_n(&journal->durable, journal->next - 1, __ATOMIC_RELEASE);
    }
    const bool spare = has_spare(journal);
    __atomic_fetch_add(&journal->room, f->reserved - (spare ? 0 : (int64_t)f->bytes),
                       __ATOMIC_RELAXED);
}

static void release_until(tm_journal_t *journal, const tm_commit_t *end, uint64_t number)
{
    while (journal->taken != end) {
        tm_commit_t *commit = journal->taken;
        journal->taken = commit->next;
        commit->next = NULL;
        commit->number = commit->n > 0 ? number++ : 0;
        commit->release(commit); /* it frees itself */
    }
    if (journal->released_fn != NULL)
        journal->released_fn(journal->released_ctx);
}

static void tell_durable(tm_journal_t *journal)
{
    pthread_mutex_lock(&journal->listener_lock); /* so that a listener that left is never called */
    if (journal->durable_fn != NULL)
        journal->durable_fn(journal->durable_ctx, journal->next - 1);
    pthread_mutex_unlock(&journal->listener_lock);
}

/* Nothing is waiting: a batch of no commits tells that all before it is durable, so that damage
 * there is never taken for a torn tail. Left out when reservations leave no room for it. */
static void state_durable(tm_journal_t *journal)
{
    if (journal->stated + 1 == journal->next ||
        journal->current.bytes - journal->offset < TM_BATCH_HEAD)
        return;
    if (!has_spare(journal)) {
        int64_t room = __atomic_load_n(&journal->room, __ATOMIC_RELAXED);
        do {
            if (room < (int64_t)TM_BATCH_HEAD)
                return;
        } while (!__atomic_compare_exchange_n(&journal->room, &room, room - (int64_t)TM_BATCH_HEAD,
                                              true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    }
    batch_room(journal, TM_BATCH_HEAD);
    if (!write_batch(journal, TM_BATCH_HEAD, 0))
        return;
    journal->stated = journal->next - 1;
    journal->offset += TM_BATCH_HEAD;
}

static bool is_failed(const tm_journal_t *journal)
{
    return __atomic_load_n(&journal->mode, __ATOMIC_RELAXED) == TM_JOURNAL_FAILED;
}

/* One batch. false: nothing was waiting, or the journal has failed. */
static bool step(tm_journal_t *journal)
{
    if (is_failed(journal) || !tm_spare_adopt(journal))
        return false;
    take_pushed(journal);
    if (journal->taken == NULL)
        return false;
    framed_t f = frame(journal);
    if (f.end == journal->taken) { /* the first does not fit into the rest */
        switch_segment(journal);
        f = frame(journal);
        assert(f.end != journal->taken);
    }
    const uint64_t first = journal->next;
    if (f.bytes > 0 && !write_batch(journal, f.bytes, f.count))
        return false;
    account(journal, &f);
    release_until(journal, f.end, first);
    if (f.count > 0)
        tell_durable(journal);
    return true;
}

bool tm_journal_step(tm_journal_t *journal)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(!journal->thread.started);
    const bool did = step(journal);
    if (is_failed(journal))
        return did;
    if (!did)
        state_durable(journal);
    tm_spare_prepare(journal);
    (void)tm_spare_adopt(journal);
    return did;
}

static void writer_main(void *p)
{
    tm_journal_t *journal = p;
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    for (bool stated = true;;) {
        if (step(journal)) {
            stated = false;
            continue;
        }
        if (is_failed(journal))
            return;
        /* acquire: partner is the release in stop; what was pushed before it is seen by the step
         * below. */
        if (__atomic_load_n(&journal->mode, __ATOMIC_ACQUIRE) == TM_JOURNAL_STOPPING) {
            if (step(journal))
                continue;
            state_durable(journal);
            return;
        }
        /* A wake-up may be for what the last step took already: only silence is silence. */
        const int64_t begin = stated ? 0 : tm_time_mono_ns();
        tm_park_wait(&journal->park, stated ? -1 : TM_JOURNAL_IDLE_MS);
        if (!stated && tm_stack_is_empty(&journal->pushed) &&
            tm_time_mono_ns() - begin >= TM_JOURNAL_IDLE_MS * INT64_C(1000000)) {
            state_durable(journal);
            stated = true;
        }
    }
}

tm_err_t tm_journal_start(tm_journal_t *journal)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(journal->mode == TM_JOURNAL_WRITING);
    const tm_err_t err = tm_thread_start(&journal->thread, "tm-journal", writer_main, journal);
    return err == TM_OK ? tm_thread_start(&journal->preparer, "tm-spare", tm_spare_main, journal)
                        : err;
}

void tm_journal_on_released(tm_journal_t *journal, void (*fn)(void *ctx), void *ctx)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    assert(!journal->thread.started);
    journal->released_fn = fn;
    journal->released_ctx = ctx;
}

void tm_journal_stop(tm_journal_t *journal)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    uint32_t mode = TM_JOURNAL_WRITING;
    /* release: partners are the acquires in writer_main and tm_spare_main. */
    const bool was = __atomic_compare_exchange_n(&journal->mode, &mode, TM_JOURNAL_STOPPING, false,
                                                 __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    tm_park_wake(&journal->park);
    tm_park_wake(&journal->preparer_park);
    const bool threads = journal->thread.started;
    tm_thread_join(&journal->thread);
    tm_thread_join(&journal->preparer);
    if (threads || !was)
        return;
    while (step(journal)) {
    }
    if (!is_failed(journal))
        state_durable(journal);
}

uint64_t tm_journal_durable(const tm_journal_t *journal)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    /* acquire: partner is the release in account. */
    return __atomic_load_n(&journal->durable, __ATOMIC_ACQUIRE);
}

uint64_t tm_journal_written(const tm_journal_t *journal)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    return __atomic_load_n(&journal->written, __ATOMIC_RELAXED);
}

bool tm_journal_is_full(const tm_journal_t *journal)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    return __atomic_load_n(&journal->refused, __ATOMIC_RELAXED) != 0 &&
           __atomic_load_n(&journal->spare_state, __ATOMIC_RELAXED) == TM_SPARE_FULL;
}

void tm_journal_on_durable(tm_journal_t *journal, void (*fn)(void *ctx, uint64_t number), void *ctx)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    pthread_mutex_lock(&journal->listener_lock);
    journal->durable_fn = fn;
    journal->durable_ctx = ctx;
    pthread_mutex_unlock(&journal->listener_lock);
}
