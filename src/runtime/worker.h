/* worker.h - what a worker consists of. For scheduler.c, worker.c and note.c only.
 *
 * Threads: fields above the line: the worker's thread alone; below it: any, under the lock or
 *          atomically. */
#ifndef TM_RUNTIME_WORKER_H
#define TM_RUNTIME_WORKER_H
#include "base/thread.h"
#include "runtime/limits.h"
#include "runtime/scheduler.h"

#define TM_LINE __attribute__((aligned(64)))
#define TM_NOTES_CHAIN 512 /* notes that move to or from the shared store at once */
#define TM_WORKER_MAGIC 0x301c3a01u
#define TM_SCHEDULER_MAGIC 0x5c4ed001u

typedef struct tm_notes { /* a stack of free notes */
    tm_note_t *first;
    uint32_t n;
} tm_notes_t;

struct tm_worker {
    uint32_t magic;
    uint16_t tag; /* 1 + index */
    tm_scheduler_t *sched;
    tm_actor_t *run_first; /* private run queue, oldest first */
    tm_actor_t *run_last;
    uint32_t run_n;
    uint32_t turns;
    uint32_t held_n;
    uint32_t held_hand; /* the next idle actor to be let go when all places are taken */
    tm_notes_t notes, notes_spare;
    tm_actor_t *held[TM_HELD_MAX];

    pthread_mutex_t lock TM_LINE;
    tm_actor_t *in_first; /* runnable actors nobody holds; under lock */
    tm_actor_t *in_last;
    uint32_t in_n; /* atomic; written under lock */
    tm_park_t park;
    tm_thread_t thread;
} TM_LINE;

struct tm_scheduler {
    uint32_t magic;
    uint32_t n; /* workers, at least 1 */
    bool threads;
    bool started;
    bool stopping;           /* atomic */
    uint32_t next;           /* atomic; worker for the next actor without a home */
    uint64_t parked TM_LINE; /* atomic; bit i: worker i sleeps or is about to */
    pthread_mutex_t store_lock TM_LINE;
    tm_note_t *store;      /* full chains, linked by p of their first note; under store_lock */
    struct tm_slab *slabs; /* under store_lock */
    pthread_mutex_t outside_lock;
    /* for senders that are no workers; under outside_lock, which is taken before store_lock */
    tm_notes_t outside;
    struct tm_worker workers[];
};

/* worker.c */
/* takes hold of a runnable actor */
void tm_worker_enqueue(tm_worker_t *worker, tm_actor_t *actor);
void tm_worker_turn(tm_worker_t *worker, tm_actor_t *actor);
/* NULL: its private queue is empty */
tm_actor_t *tm_worker_next(tm_worker_t *worker);
/* those with messages become runnable instead */
void tm_worker_release_held(tm_worker_t *worker);
/* those with messages become runnable */
void tm_worker_poll_held(tm_worker_t *worker);
/* moves n runnable actors to the inbox */
void tm_worker_share(tm_worker_t *worker, uint32_t n);
/* scheduler.c */
/* into a worker's inbox; wakes a sleeper */
void tm_scheduler_put(tm_worker_t *worker, tm_actor_t *actor);
/* The same by the worker itself after a turn: wakes nobody if that actor is all there is to do,
 * as the worker takes it at once; a second one would only race it for the actor. */
void tm_scheduler_put_back(tm_worker_t *worker, tm_actor_t *actor);
/* after the push that found it asleep */
void tm_scheduler_schedule(tm_scheduler_t *sched, tm_actor_t *actor, tm_worker_t *worker);
/* note.c */
void tm_notes_done(tm_scheduler_t *sched);
#endif
