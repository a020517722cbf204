/* scheduler.h - workers that run the turns of actors.
 *
 * Why:     a message that crosses a core costs four times the CPU; a worker that sleeps must be
 *          woken, one that runs must not.
 * How:     each worker has a private run queue (no atomics) and an inbox under a lock, from which
 *          idle workers take too. An actor woken by a push goes to the private queue of the pushing
 *          worker if it is quick, else to the inbox of the worker that ran it last. Before it
 *          parks, a worker says so, lets all its actors go and looks at every inbox once more;
 *          whoever fills an inbox looks for parked workers afterwards: one of both sees the other.
 * Threads: new, start, stop, free: the owner. step: the owner of a scheduler without threads. */
#ifndef TM_RUNTIME_SCHEDULER_H
#define TM_RUNTIME_SCHEDULER_H
#include "runtime/actor.h"
#include "runtime/limits.h"

/* workers 0: no threads, tm_scheduler_step runs turns. At most TM_WORKERS_MAX. */
TM_OWN tm_scheduler_t *tm_scheduler_new(uint32_t workers);
void tm_scheduler_free(TM_OWN tm_scheduler_t *sched); /* stopped before; NULL is fine */
/* Starts the threads. Errors: TM_EUNAVAILABLE (those that started are stopped again). */
TM_MUST_CHECK tm_err_t tm_scheduler_start(tm_scheduler_t *sched);
/* The workers finish what is runnable, then end; joins them. */
void tm_scheduler_stop(tm_scheduler_t *sched);
/* Runs one turn of the runnable actor number pick modulo their count; false: none is runnable. */
bool tm_scheduler_step(tm_scheduler_t *sched, uint64_t pick);

/* at least 1: a scheduler without threads has one to step */
uint32_t tm_scheduler_workers(const tm_scheduler_t *sched);
uint32_t tm_worker_index(const tm_worker_t *worker); /* from 0 */
tm_scheduler_t *tm_worker_scheduler(const tm_worker_t *worker);

/* A ready-made message of 32 bytes from the worker's own free list. worker NULL: from the shared
 * store, slower. */
typedef struct tm_note {
    tm_node_t node;
    uint32_t what, n;
    uint64_t a;
    void *p;
} tm_note_t;
TM_OWN tm_note_t *tm_note_new(tm_scheduler_t *sched, tm_worker_t *worker, uint32_t what);
void tm_note_free(tm_scheduler_t *sched, tm_worker_t *worker, TM_OWN tm_note_t *note);
#endif
