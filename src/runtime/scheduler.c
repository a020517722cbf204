/* scheduler.c - the workers' threads, the inboxes they share, and their sleep.
 *
 * How:     see scheduler.h. The one rule against lost wake-ups: put an actor into an inbox, then
 *          look who is parked; say that one is parked, then look into every inbox. Both pairs are
 *          ordered by sequentially consistent operations.
 * Threads: as in scheduler.h. */
#include "runtime/scheduler.h"
#include "base/memory.h"
#include "base/time.h"
#include "runtime/worker.h"
#include <stdio.h>

#define INBOX_EVERY 64 /* turns between looks at the inbox while there is private work */
#define HELD_EVERY 256 /* turns between looks at the idle actors that are kept */
#define LOOK_EVERY 16  /* turns between looks at anything */
/* one turn in so many is timed; no divisor of the above, nor of an even change of two actors */
#define SAMPLE_EVERY 17
/* Behind the loops: a flood of writes does not take the processors from reads. */
#define WORKER_NICE 5
#define SHARE_TURN_NS 20000 /* a turn that long is worth crossing a core */

TM_OWN tm_scheduler_t *tm_scheduler_new(uint32_t workers)
{
    assert(workers <= TM_WORKERS_MAX);
    const uint32_t n = TM_MAX(workers, 1u);
    const size_t bytes = sizeof(tm_scheduler_t) + n * sizeof(tm_worker_t);
    tm_scheduler_t *sched = tm_alloc_aligned((bytes + 63) & ~(size_t)63, 64);
    memset(sched, 0, bytes);
    sched->magic = TM_SCHEDULER_MAGIC;
    sched->n = n;
    sched->threads = workers > 0;
    pthread_mutex_init(&sched->store_lock, NULL);
    pthread_mutex_init(&sched->outside_lock, NULL);
    for (uint32_t i = 0; i < n; i++) {
        tm_worker_t *worker = &sched->workers[i];
        worker->magic = TM_WORKER_MAGIC;
        worker->tag = (uint16_t)(i + 1);
        worker->sched = sched;
        pthread_mutex_init(&worker->lock, NULL);
    }
    return sched;
}

void tm_scheduler_free(TM_OWN tm_scheduler_t *sched)
{
    if (sched == NULL)
        return;
    TM_CHECK(sched, TM_SCHEDULER_MAGIC);
    assert(!sched->started);
    for (uint32_t i = 0; i < sched->n; i++)
        pthread_mutex_destroy(&sched->workers[i].lock);
    tm_notes_done(sched);
    pthread_mutex_destroy(&sched->store_lock);
    pthread_mutex_destroy(&sched->outside_lock);
    sched->magic = 0;
    tm_free(sched);
}

uint32_t tm_scheduler_workers(const tm_scheduler_t *sched)
{
    TM_CHECK(sched, TM_SCHEDULER_MAGIC);
    return sched->n;
}

uint32_t tm_worker_index(const tm_worker_t *worker)
{
    TM_CHECK(worker, TM_WORKER_MAGIC);
    return worker->tag - 1u;
}

tm_scheduler_t *tm_worker_scheduler(const tm_worker_t *worker)
{
    TM_CHECK(worker, TM_WORKER_MAGIC);
    return worker->sched;
}

/* Wakes a parked worker, `first` if it is one; nobody if none is. */
static void wake_one(tm_scheduler_t *sched, const tm_worker_t *first)
{
    for (;;) {
        /* seq_cst: after the inbox was filled; partner: the fetch_or in park. */
        const uint64_t parked = __atomic_load_n(&sched->parked, __ATOMIC_SEQ_CST);
        if (parked == 0)
            return;
        uint64_t bit = UINT64_C(1) << (first->tag - 1);
        if ((parked & bit) == 0)
            bit = parked & -parked;
        if ((__atomic_fetch_and(&sched->parked, ~bit, __ATOMIC_SEQ_CST) & bit) == 0)
            continue; /* somebody else wakes that one */
        tm_park_wake(&sched->workers[__builtin_ctzll(bit)].park);
        return;
    }
}

/* How many it is behind. */
static uint32_t inbox_add(tm_worker_t *worker, tm_actor_t *actor)
{
    assert(actor->held_at == 0 && !actor->queued);
    actor->run_next = NULL;
    pthread_mutex_lock(&worker->lock);
    if (worker->in_first == NULL)
        worker->in_first = actor;
    else
        worker->in_last->run_next = actor;
    worker->in_last = actor;
    const uint32_t before = worker->in_n;
    /* seq_cst: before the look at `parked`; partner: the load in inbox_take after the fetch_or in
     * park. */
    __atomic_store_n(&worker->in_n, before + 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&worker->lock);
    return before;
}

void tm_scheduler_put(tm_worker_t *worker, tm_actor_t *actor)
{
    (void)inbox_add(worker, actor);
    if (worker->sched->threads)
        wake_one(worker->sched, worker);
}

void tm_scheduler_put_back(tm_worker_t *worker, tm_actor_t *actor)
{
    const bool alone = inbox_add(worker, actor) == 0 && worker->run_n == 0;
    if (worker->sched->threads && !alone)
        wake_one(worker->sched, worker);
}

void tm_scheduler_schedule(tm_scheduler_t *sched, tm_actor_t *actor, tm_worker_t *worker)
{
    assert(actor->held_at == 0 && !actor->queued);
    if (worker != NULL && actor->behaviour->quick) {
        tm_worker_enqueue(worker, actor);
        return;
    }
    /* relaxed: a hint; partner: the store in tm_worker_enqueue. */
    uint32_t home = __atomic_load_n(&actor->home, __ATOMIC_RELAXED);
    if (home == 0)
        home = worker != NULL
                   ? worker->tag
                   : __atomic_fetch_add(&sched->next, 1, __ATOMIC_RELAXED) % sched->n + 1;
    assert(home <= sched->n);
    tm_scheduler_put(&sched->workers[home - 1], actor);
}

/* The actor number pick of an inbox, NULL if it has fewer. */
static tm_actor_t *inbox_take(tm_worker_t *from, uint32_t pick)
{
    /* seq_cst: partner is the store in tm_scheduler_put, see park. */
    if (__atomic_load_n(&from->in_n, __ATOMIC_SEQ_CST) <= pick)
        return NULL;
    pthread_mutex_lock(&from->lock);
    tm_actor_t *prev = NULL;
    tm_actor_t *actor = from->in_first;
    while (actor != NULL && pick > 0) {
        prev = actor;
        actor = actor->run_next;
        pick--;
    }
    if (actor != NULL) {
        *(prev == NULL ? &from->in_first : &prev->run_next) = actor->run_next;
        if (from->in_last == actor)
            from->in_last = prev;
        __atomic_store_n(&from->in_n, from->in_n - 1, __ATOMIC_SEQ_CST);
    }
    pthread_mutex_unlock(&from->lock);
    return actor;
}

/* Takes hold of a runnable actor from the own inbox, else from another worker's. */
static bool fetch(tm_worker_t *worker)
{
    tm_scheduler_t *sched = worker->sched;
    for (uint32_t i = 0; i < sched->n; i++) {
        tm_actor_t *actor = inbox_take(&sched->workers[(worker->tag - 1 + i) % sched->n], 0);
        if (actor != NULL) {
            tm_worker_enqueue(worker, actor);
            return true;
        }
    }
    return false;
}

/* Now and then: look at what others left for this worker. */
static void look_around(tm_worker_t *worker)
{
    if (worker->turns % INBOX_EVERY == 0) {
        tm_actor_t *actor = inbox_take(worker, 0);
        if (actor != NULL)
            tm_worker_enqueue(worker, actor);
    }
    if (worker->turns % HELD_EVERY == 0)
        tm_worker_poll_held(worker);
}

/* A turn that is timed now and then: if it was long and others sleep, they get half of what is
 * runnable here. Short turns stay together: a message that crosses a core costs more than they do.
 * */
static void turn(tm_worker_t *worker, tm_actor_t *actor)
{
    /* relaxed: a hint; the sleepers were woken for everything that lies in an inbox. */
    const bool timed = worker->turns % SAMPLE_EVERY == 0 &&
                       __atomic_load_n(&worker->sched->parked, __ATOMIC_RELAXED) != 0;
    const int64_t begin = timed ? tm_time_mono_ns() : 0;
    tm_worker_turn(worker, actor);
    if (timed && worker->run_n >= 2 && tm_time_mono_ns() - begin >= SHARE_TURN_NS)
        tm_worker_share(worker, worker->run_n / 2);
}

/* Everything is done: sleep until somebody fills an inbox. */
static void park(tm_worker_t *worker)
{
    tm_scheduler_t *sched = worker->sched;
    const uint64_t bit = UINT64_C(1) << (worker->tag - 1);
    /* seq_cst: before the look into the inboxes; partner: the load in wake_one after the inbox was
     * filled. */
    __atomic_fetch_or(&sched->parked, bit, __ATOMIC_SEQ_CST);
    bool idle = !__atomic_load_n(&sched->stopping, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < sched->n && idle; i++)
        idle = __atomic_load_n(&sched->workers[i].in_n, __ATOMIC_SEQ_CST) == 0;
    if (idle)
        tm_park_wait(&worker->park, -1);
    __atomic_fetch_and(&sched->parked, ~bit, __ATOMIC_SEQ_CST);
}

static void worker_main(void *arg)
{
    tm_worker_t *worker = arg;
    TM_CHECK(worker, TM_WORKER_MAGIC);
    tm_thread_nice(WORKER_NICE);
    for (;;) {
        if (++worker->turns % LOOK_EVERY == 0)
            look_around(worker);
        tm_actor_t *actor = tm_worker_next(worker);
        if (actor != NULL) {
            if (!actor->behaviour->quick) {
                /* Its turn may be long: what others could do meanwhile must not wait for it. */
                tm_worker_share(worker, worker->run_n);
                tm_worker_release_held(worker);
                tm_worker_share(worker, worker->run_n);
            }
            turn(worker, actor);
            continue;
        }
        if (fetch(worker))
            continue;
        tm_worker_release_held(worker);
        if (worker->run_n > 0)
            continue;
        /* acquire: partner is the store in tm_scheduler_stop. */
        if (__atomic_load_n(&worker->sched->stopping, __ATOMIC_ACQUIRE) && !fetch(worker))
            return;
        if (worker->run_n == 0)
            park(worker);
    }
}

tm_err_t tm_scheduler_start(tm_scheduler_t *sched)
{
    TM_CHECK(sched, TM_SCHEDULER_MAGIC);
    assert(sched->threads && !sched->started);
    sched->started = true;
    __atomic_store_n(&sched->stopping, false, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < sched->n; i++) {
        char name[24]; /* at most 15 characters are used: i < TM_WORKERS_MAX */
        snprintf(name, sizeof(name), "worker-%u", i);
        const tm_err_t err =
            tm_thread_start(&sched->workers[i].thread, name, worker_main, &sched->workers[i]);
        if (err != TM_OK) {
            tm_scheduler_stop(sched);
            return err;
        }
    }
    return TM_OK;
}

void tm_scheduler_stop(tm_scheduler_t *sched)
{
    TM_CHECK(sched, TM_SCHEDULER_MAGIC);
    /* seq_cst: partner is the load in park, so that a worker about to sleep sees it or is woken. */
    __atomic_store_n(&sched->stopping, true, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < sched->n; i++)
        tm_park_wake(&sched->workers[i].park);
    for (uint32_t i = 0; i < sched->n; i++)
        tm_thread_join(&sched->workers[i].thread);
    sched->started = false;
}

bool tm_scheduler_step(tm_scheduler_t *sched, uint64_t pick)
{
    TM_CHECK(sched, TM_SCHEDULER_MAGIC);
    assert(!sched->threads);
    tm_worker_t *worker = &sched->workers[0];
    if (worker->in_n == 0)
        return false;
    tm_actor_t *actor = inbox_take(worker, (uint32_t)(pick % worker->in_n));
    assert(actor != NULL);
    tm_worker_enqueue(worker, actor);
    const tm_actor_t *only = tm_worker_next(worker);
    assert(only == actor);
    (void)only;
    tm_worker_turn(worker, actor);
    /* Nothing may stay held: without threads every runnable actor is chosen by pick. */
    tm_worker_release_held(worker);
    tm_worker_share(worker, worker->run_n);
    return true;
}
