/* ahead.c - see ahead.h.
 *
 * How:     batch i lies in place i % BATCHES; `filled` and `given` count batches, one written by
 *          each side. Each sleeps while the other has nothing for it.
 * Threads: as in the header. */
#include "store/ahead.h"
#include "base/memory.h"
#include "base/thread.h"

#define BATCHES 4u
#define BATCH_COMMITS 128u
#define BATCH_BYTES ((size_t)256 << 10)
#define ARENA_BYTES_MAX ((size_t)64 << 20) /* the largest body, and what it is decoded to */

typedef struct ahead_commit {
    uint64_t number;
    tm_str_t body;
    tm_commit_view_t view;
    bool decoded;
} ahead_commit_t;

typedef struct ahead_batch {
    tm_arena_t *arena;
    uint32_t n;
    size_t bytes; /* of the bodies */
    ahead_commit_t commits[BATCH_COMMITS];
} ahead_batch_t;

typedef struct ahead {
    tm_journal_t *journal;
    uint64_t from;
    ahead_batch_t batches[BATCHES];
    uint32_t filled; /* atomic; the reader's */
    uint32_t given;  /* atomic; the caller's: may be filled again */
    bool ended;      /* atomic; the reader's: after its last batch */
    bool stop;       /* atomic; the caller's */
    tm_park_t reader_park, caller_park;
    tm_err_t err; /* the reader's, and why; seen after the join */
    tm_why_t why;
    tm_thread_t thread;
} ahead_t;

/* ---- the reader ---- */

static void hand_over(ahead_t *a)
{
    /* release: the batch is seen whole; partner: the load in next_batch. */
    __atomic_store_n(&a->filled, a->filled + 1, __ATOMIC_RELEASE);
    tm_park_wake(&a->caller_park);
}

/* The batch that is being filled, empty if it is a new one. NULL: the caller wants no more. */
static ahead_batch_t *open_batch(ahead_t *a)
{
    ahead_batch_t *batch = &a->batches[a->filled % BATCHES];
    /* acquire: the caller is done with the place; partner: the store in replay_batches. */
    while (a->filled - __atomic_load_n(&a->given, __ATOMIC_ACQUIRE) == BATCHES) {
        /* relaxed: nothing but itself is told; partner: the store in tm_journal_replay_ahead. */
        if (__atomic_load_n(&a->stop, __ATOMIC_RELAXED))
            return NULL;
        tm_park_wait(&a->reader_park, -1);
    }
    return __atomic_load_n(&a->stop, __ATOMIC_RELAXED) ? NULL : batch;
}

static tm_err_t read_one(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why TM_UNUSED)
{
    ahead_t *a = ctx;
    ahead_batch_t *batch = open_batch(a);
    if (batch == NULL)
        return TM_ESTOPPING;
    ahead_commit_t *commit = &batch->commits[batch->n++];
    batch->bytes += body.n;
    commit->number = number;
    commit->body = tm_arena_str(batch->arena, body);
    assert(commit->body.p != NULL);
    commit->decoded = tm_commit_decode(commit->body, batch->arena, &commit->view) == TM_OK;
    if (commit->decoded)
        tm_commit_read(&commit->view, batch->arena);
    if (batch->n == BATCH_COMMITS || batch->bytes >= BATCH_BYTES)
        hand_over(a);
    return TM_OK;
}

static void reader_main(void *arg)
{
    ahead_t *a = arg;
    a->err = tm_journal_replay(a->journal, a->from, false, read_one, a, &a->why);
    const bool full = a->filled - __atomic_load_n(&a->given, __ATOMIC_ACQUIRE) == BATCHES;
    if (!full && a->batches[a->filled % BATCHES].n > 0)
        hand_over(a);
    /* release: the last batch is counted before; partner: the load in next_batch. */
    __atomic_store_n(&a->ended, true, __ATOMIC_RELEASE);
    tm_park_wake(&a->caller_park);
}

/* ---- the caller ---- */

/* NULL: there are no more. */
static ahead_batch_t *next_batch(ahead_t *a)
{
    for (;;) {
        /* acquire both, `ended` first: partners are the stores in reader_main and hand_over. */
        const bool ended = __atomic_load_n(&a->ended, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&a->filled, __ATOMIC_ACQUIRE) != a->given)
            return &a->batches[a->given % BATCHES];
        if (ended)
            return NULL;
        tm_park_wait(&a->caller_park, -1);
    }
}

/* How many commits before its turn each step of a commit is told. */
static const uint32_t distances[] = {12, 8, 3};

static void tell_soon(const ahead_batch_t *batch, uint32_t i, tm_ahead_soon_fn *soon, void *ctx)
{
    for (uint32_t step = 0; step < TM_COUNT(distances); step++) {
        const uint32_t at = i + distances[step];
        if (at < batch->n && batch->commits[at].decoded)
            soon(ctx, &batch->commits[at].view, step);
    }
}

static tm_err_t replay_batches(ahead_t *a, tm_ahead_each_fn *each, tm_ahead_soon_fn *soon,
                               void *ctx, tm_why_t *why)
{
    for (ahead_batch_t *batch; (batch = next_batch(a)) != NULL;) {
        for (uint32_t i = 0; i < batch->n; i++) {
            tell_soon(batch, i, soon, ctx);
            const ahead_commit_t *commit = &batch->commits[i];
            const tm_err_t err = each(ctx, commit->number, commit->body,
                                      commit->decoded ? &commit->view : NULL, why);
            if (err != TM_OK)
                return err;
        }
        tm_arena_reset(batch->arena);
        batch->n = 0;
        batch->bytes = 0;
        /* release: the place is empty; partner: the load in open_batch. */
        __atomic_store_n(&a->given, a->given + 1, __ATOMIC_RELEASE);
        /* One batch lasts longer than a thread needs to wake up; waking it for each costs more. */
        if (__atomic_load_n(&a->filled, __ATOMIC_RELAXED) - a->given <= 1)
            tm_park_wake(&a->reader_park);
    }
    return TM_OK;
}

tm_err_t tm_journal_replay_ahead(tm_journal_t *journal, uint64_t from, tm_ahead_each_fn *each,
                                 tm_ahead_soon_fn *soon, void *ctx, tm_why_t *why)
{
    assert(journal != NULL && each != NULL);
    ahead_t *a = TM_NEW(ahead_t);
    a->journal = journal;
    a->from = from;
    tm_why_clear(&a->why);
    for (uint32_t i = 0; i < BATCHES; i++)
        a->batches[i].arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_err_t err = tm_thread_start(&a->thread, "replay", reader_main, a);
    if (err != TM_OK) {
        err = tm_why_add(why, err, NULL, "there is no thread to read the journal");
    } else {
        err = replay_batches(a, each, soon, ctx, why);
        /* relaxed: partners are the loads in open_batch. */
        __atomic_store_n(&a->stop, true, __ATOMIC_RELAXED);
        tm_park_wake(&a->reader_park);
        tm_thread_join(&a->thread);
        if (err == TM_OK && a->err != TM_OK)
            err =
                a->why.n == 0 ? a->err : tm_why_add(why, a->err, NULL, "%s", a->why.faults[0].text);
    }
    for (uint32_t i = 0; i < BATCHES; i++)
        tm_arena_free(a->batches[i].arena);
    tm_free(a);
    return err;
}
