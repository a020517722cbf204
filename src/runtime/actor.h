/* actor.h - a raw actor: a mailbox and what to do with a message. Durable actors (turn.h) stand on
 * it.
 *
 * Why:     an actor that waits must cost next to nothing: this struct is all of it, and it lies
 *          inside its owner's struct.
 * How:     one worker holds an actor at a time and runs its turns. A *quick* actor stays with its
 *          worker for a while after its mailbox is empty, so that actors which talk together do so
 *          without atomics; others are let go after each turn and any worker may take them, because
 *          their turns may be long.
 * Threads: send: any. Everything else happens on the worker that holds the actor. */
#ifndef TM_RUNTIME_ACTOR_H
#define TM_RUNTIME_ACTOR_H
#include "runtime/limits.h"
#include "runtime/mailbox.h"

typedef struct tm_actor tm_actor_t;
typedef struct tm_worker tm_worker_t;
typedef struct tm_scheduler tm_scheduler_t;

/* What all actors of one sort have in common. */
typedef struct tm_behaviour {
    /* One message; node is the callee's now. */
    void (*behave)(tm_actor_t *actor, TM_OWN tm_node_t *node, tm_worker_t *worker);
    /* After the last message of a turn. May be NULL. */
    void (*turn_end)(tm_actor_t *actor, tm_worker_t *worker);
    /* After a turn in which the actor quit: nobody knows it any more, it may be freed. May be NULL
     * if none quits. */
    void (*gone)(tm_actor_t *actor, tm_worker_t *worker);
    bool quick;   /* turns take microseconds at most */
    bool counted; /* depth is kept, so that tm_actor_offer can refuse */
} tm_behaviour_t;

enum { TM_TURN_GOES_ON, TM_TURN_IS_ENOUGH, TM_TURN_IS_LAST };

#define TM_ACTOR_MAGIC 0x7ac70a01u
struct tm_actor {
    tm_mailbox_t box;
    const tm_behaviour_t *behaviour;
    tm_actor_t *run_next; /* in a run queue */
    uint32_t depth;       /* atomic; messages sent and not yet handled, if counted */
    uint16_t holder;      /* atomic; worker that holds it (its tag), 0: nobody */
    uint16_t home;        /* atomic; worker that held it last (its tag), 0: none yet */
    uint16_t held_at;     /* 1 + index among the actors its worker holds, 0: not among them */
    bool queued;          /* in the run queue of its holder */
    uint8_t ends;         /* TM_TURN_*: whether its turn goes on */
    uint32_t magic;
};

void tm_actor_init(tm_actor_t *actor, const tm_behaviour_t *behaviour);
/* Sends. worker: the one the caller runs on, NULL outside of turns. */
void tm_actor_send(tm_scheduler_t *sched, tm_actor_t *actor, TM_OWN tm_node_t *node,
                   tm_worker_t *worker);
/* Sends unless depth_max messages wait already; false: the node is still the caller's. For counted
 * actors. */
TM_MUST_CHECK bool tm_actor_offer(tm_scheduler_t *sched, tm_actor_t *actor, TM_OWN tm_node_t *node,
                                  tm_worker_t *worker, uint32_t depth_max);
/* The same from outside of turns, but the caller schedules it: *ret_asleep says that the push found
 * the actor asleep, and then nobody else will (tm_scheduler_schedule). */
TM_MUST_CHECK bool tm_actor_offer_quietly(tm_actor_t *actor, TM_OWN tm_node_t *node,
                                          uint32_t depth_max, bool *ret_asleep);
/* In its own turn: no further message in this one. */
void tm_actor_enough(tm_actor_t *actor);
/* In its own turn: this is the actor's last turn. Nobody may send to it any more. */
void tm_actor_quit(tm_actor_t *actor);
#endif
