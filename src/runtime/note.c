/* note.c - free lists of ready-made messages.
 *
 * Why:     a message is needed for some nanoseconds; the heap would cost more than the send.
 * How:     each worker has one stack it uses and one spare; full stacks go to the shared store,
 *          where a worker that only sends gets the stacks of one that only receives. Memory is
 *          carved in slabs, given back when the scheduler goes; it is bounded by the largest number
 *          of notes ever on their way.
 * Threads: a worker's stacks: its thread. The store: any, under its lock. */
#include "base/memory.h"
#include "runtime/worker.h"

typedef struct tm_slab {
    struct tm_slab *next;
    tm_note_t notes[TM_NOTES_CHAIN] TM_LINE;
} tm_slab_t;

_Static_assert(sizeof(tm_note_t) == 32, "two notes a cache line");

static tm_note_t *note_next(const tm_note_t *note)
{
    return (tm_note_t *)note->node.next;
}

static inline tm_note_t *notes_take(tm_notes_t *notes)
{
    tm_note_t *note = notes->first;
    notes->first = note_next(note);
    notes->n--;
    return note;
}

/* A chain of TM_NOTES_CHAIN notes, from the store or new. */
static tm_notes_t chain_get(tm_scheduler_t *sched)
{
    pthread_mutex_lock(&sched->store_lock);
    tm_note_t *first = sched->store;
    if (first != NULL)
        sched->store = first->p;
    pthread_mutex_unlock(&sched->store_lock);
    if (first != NULL)
        return (tm_notes_t){first, TM_NOTES_CHAIN};

    tm_slab_t *slab = tm_alloc_aligned(sizeof(*slab), 64);
    for (uint32_t i = 0; i < TM_NOTES_CHAIN; i++)
        slab->notes[i].node.next = i + 1 < TM_NOTES_CHAIN ? &slab->notes[i + 1].node : NULL;
    pthread_mutex_lock(&sched->store_lock);
    slab->next = sched->slabs;
    sched->slabs = slab;
    pthread_mutex_unlock(&sched->store_lock);
    return (tm_notes_t){slab->notes, TM_NOTES_CHAIN};
}

static void chain_put(tm_scheduler_t *sched, tm_notes_t chain)
{
    assert(chain.n == TM_NOTES_CHAIN && chain.first != NULL);
    pthread_mutex_lock(&sched->store_lock);
    chain.first->p = sched->store;
    sched->store = chain.first;
    pthread_mutex_unlock(&sched->store_lock);
}

static __attribute__((noinline)) void notes_refill(tm_worker_t *worker)
{
    assert(worker->notes.n == 0);
    worker->notes = worker->notes_spare.n > 0 ? worker->notes_spare : chain_get(worker->sched);
    worker->notes_spare = (tm_notes_t){NULL, 0};
}

static __attribute__((noinline)) void notes_spill(tm_worker_t *worker)
{
    if (worker->notes_spare.n > 0)
        chain_put(worker->sched, worker->notes_spare);
    worker->notes_spare = worker->notes;
    worker->notes = (tm_notes_t){NULL, 0};
}

TM_OWN tm_note_t *tm_note_new(tm_scheduler_t *sched, tm_worker_t *worker, uint32_t what)
{
    tm_note_t *note;
    if (worker != NULL) {
        if (worker->notes.n == 0)
            notes_refill(worker);
        note = notes_take(&worker->notes);
    } else {
        pthread_mutex_lock(&sched->outside_lock);
        if (sched->outside.n == 0)
            sched->outside = chain_get(sched);
        note = notes_take(&sched->outside);
        pthread_mutex_unlock(&sched->outside_lock);
    }
    note->what = what;
    return note;
}

void tm_note_free(tm_scheduler_t *sched, tm_worker_t *worker, TM_OWN tm_note_t *note)
{
    assert(note != NULL);
    assert(worker != NULL && worker->sched == sched);
    if (worker->notes.n == TM_NOTES_CHAIN)
        notes_spill(worker);
    note->node.next = (tm_node_t *)worker->notes.first;
    worker->notes.first = note;
    worker->notes.n++;
}

void tm_notes_done(tm_scheduler_t *sched)
{
    for (tm_slab_t *slab = sched->slabs; slab != NULL;) {
        tm_slab_t *next = slab->next;
        tm_free(slab);
        slab = next;
    }
    sched->slabs = NULL;
}
