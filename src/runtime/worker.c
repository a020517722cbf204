/* worker.c - a worker's own part: its private run queue, the turns, and the idle actors it keeps.
 *
 * Why:     two actors that talk on one worker should cost a few plain loads and stores a message.
 * How:     `holder` of an actor names the worker that may run it and touch its owner's list. Only
 *          the holder writes its own tag there and only the holder clears it, before the mailbox
 *          falls asleep; so a worker that reads its own tag really holds the actor. Idle quick
 *          actors stay held in a set of TM_HELD_MAX; the worker looks at them now and then, because
 *          a push from elsewhere finds them awake and schedules nobody.
 * Threads: the worker's. */
#include "runtime/worker.h"

static uint16_t holder_of(const tm_actor_t *actor)
{
    /* relaxed: only a worker's own tag means something to it, and that it wrote itself. */
    return __atomic_load_n(&actor->holder, __ATOMIC_RELAXED);
}

static void set_holder(tm_actor_t *actor, uint16_t tag)
{
    __atomic_store_n(&actor->holder, tag, __ATOMIC_RELAXED);
}

void tm_actor_init(tm_actor_t *actor, const tm_behaviour_t *behaviour)
{
    assert(actor != NULL);
    assert(behaviour != NULL && behaviour->behave != NULL);
    memset(actor, 0, sizeof(*actor));
    actor->magic = TM_ACTOR_MAGIC;
    actor->behaviour = behaviour;
    tm_mailbox_init(&actor->box);
}

static void run_queue_add(tm_worker_t *worker, tm_actor_t *actor)
{
    assert(!actor->queued);
    actor->queued = true;
    actor->run_next = NULL;
    if (worker->run_first == NULL)
        worker->run_first = actor;
    else
        worker->run_last->run_next = actor;
    worker->run_last = actor;
    worker->run_n++;
}

void tm_actor_send(tm_scheduler_t *sched, tm_actor_t *actor, TM_OWN tm_node_t *node,
                   tm_worker_t *worker)
{
    assert(actor->magic == TM_ACTOR_MAGIC);
    if (actor->behaviour->counted)
        /* partner: the one in tm_actor_offer; a count only */
        __atomic_fetch_add(&actor->depth, 1, __ATOMIC_RELAXED);
    if (worker != NULL && holder_of(actor) == worker->tag) {
        tm_mailbox_push_own(&actor->box, node);
        if (!actor->queued)
            run_queue_add(worker, actor);
        return;
    }
    if (tm_mailbox_push(&actor->box, node))
        tm_scheduler_schedule(sched, actor, worker);
}

/* relaxed: partner is the subtraction in tm_worker_turn; several senders may overshoot by their
 * number, never more. */
static bool has_room(const tm_actor_t *actor, uint32_t depth_max)
{
    TM_CHECK(actor, TM_ACTOR_MAGIC);
    assert(actor->behaviour->counted);
    return __atomic_load_n(&actor->depth, __ATOMIC_RELAXED) < depth_max;
}

bool tm_actor_offer(tm_scheduler_t *sched, tm_actor_t *actor, TM_OWN tm_node_t *node,
                    tm_worker_t *worker, uint32_t depth_max)
{
    if (!has_room(actor, depth_max))
        return false;
    tm_actor_send(sched, actor, node, worker);
    return true;
}

bool tm_actor_offer_quietly(tm_actor_t *actor, TM_OWN tm_node_t *node, uint32_t depth_max,
                            bool *ret_asleep)
{
    if (!has_room(actor, depth_max))
        return false;
    /* a count only; partner: the subtraction in tm_worker_turn */
    __atomic_fetch_add(&actor->depth, 1, __ATOMIC_RELAXED);
    *ret_asleep = tm_mailbox_push(&actor->box, node);
    return true;
}

void tm_actor_enough(tm_actor_t *actor)
{
    TM_CHECK(actor, TM_ACTOR_MAGIC);
    if (actor->ends == TM_TURN_GOES_ON)
        actor->ends = TM_TURN_IS_ENOUGH;
}

void tm_actor_quit(tm_actor_t *actor)
{
    TM_CHECK(actor, TM_ACTOR_MAGIC);
    assert(actor->behaviour->gone != NULL);
    actor->ends = TM_TURN_IS_LAST;
}

void tm_worker_enqueue(tm_worker_t *worker, tm_actor_t *actor)
{
    assert(actor->held_at == 0);
    set_holder(actor, worker->tag);
    /* relaxed: a hint for where to schedule it next time; read in tm_scheduler_schedule. */
    __atomic_store_n(&actor->home, worker->tag, __ATOMIC_RELAXED);
    run_queue_add(worker, actor);
}

tm_actor_t *tm_worker_next(tm_worker_t *worker)
{
    tm_actor_t *actor = worker->run_first;
    if (actor == NULL)
        return NULL;
    worker->run_first = actor->run_next;
    worker->run_n--;
    return actor;
}

static void held_remove(tm_worker_t *worker, tm_actor_t *actor)
{
    if (actor->held_at == 0)
        return;
    const uint32_t at = actor->held_at - 1u;
    assert(at < worker->held_n && worker->held[at] == actor);
    tm_actor_t *last = worker->held[--worker->held_n];
    worker->held[at] = last;
    last->held_at = actor->held_at;
    actor->held_at = 0;
}

/* true: nobody holds it any more (it must not be touched again). false: it has messages, and is
 * still ours. */
static bool let_go(tm_worker_t *worker, tm_actor_t *actor)
{
    assert(actor->held_at == 0 && !actor->queued);
    set_holder(actor, 0);
    if (tm_mailbox_sleep(&actor->box))
        return true;
    set_holder(actor, worker->tag);
    return false;
}

/* Keeps an idle actor. With all places taken, one that is idle too is let go for it, or itself. */
static void hold(tm_worker_t *worker, tm_actor_t *actor)
{
    if (actor->held_at != 0)
        return;
    if (worker->held_n == TM_HELD_MAX) {
        worker->held_hand = (worker->held_hand + 1) % TM_HELD_MAX;
        tm_actor_t *other = worker->held[worker->held_hand];
        if (other->queued)
            other = actor;
        held_remove(worker, other);
        if (!let_go(worker, other))
            run_queue_add(worker, other);
        if (other == actor)
            return;
    }
    worker->held[worker->held_n++] = actor;
    actor->held_at = (uint16_t)worker->held_n;
}

/* After a turn: quick actors stay, runnable or idle; others go, to the inbox if there is more for
 * them. */
static void settle(tm_worker_t *worker, tm_actor_t *actor)
{
    if (actor->behaviour->quick) {
        if (actor->queued)
            return;
        if (tm_mailbox_is_empty(&actor->box))
            hold(worker, actor);
        else
            run_queue_add(worker, actor);
        return;
    }
    if (actor->queued)
        return; /* it sent to itself */
    if (!let_go(worker, actor)) {
        set_holder(actor, 0);
        tm_scheduler_put_back(worker, actor);
    }
}

void tm_worker_turn(tm_worker_t *worker, tm_actor_t *actor)
{
    TM_CHECK(actor, TM_ACTOR_MAGIC);
    assert(holder_of(actor) == worker->tag);
    const tm_behaviour_t *const behaviour = actor->behaviour;
    actor->queued = false;
    uint32_t n = 0;
    tm_node_t *node;
    while (n < TM_TURN_MESSAGES_MAX && actor->ends == TM_TURN_GOES_ON &&
           (node = tm_mailbox_pop(&actor->box)) != NULL) {
        n++;
        behaviour->behave(actor, node, worker);
    }
    if (behaviour->counted && n > 0)
        /* partner: the load in tm_actor_offer */
        __atomic_fetch_sub(&actor->depth, n, __ATOMIC_RELAXED);
    if (behaviour->turn_end != NULL)
        behaviour->turn_end(actor, worker);
    if (__builtin_expect(actor->ends == TM_TURN_IS_LAST, 0)) {
        assert(!actor->queued && tm_mailbox_is_empty(&actor->box));
        held_remove(worker, actor);
        actor->magic = 0;
        behaviour->gone(actor, worker);
        return;
    }
    actor->ends = TM_TURN_GOES_ON;
    settle(worker, actor);
}

void tm_worker_poll_held(tm_worker_t *worker)
{
    for (uint32_t i = 0; i < worker->held_n; i++) {
        tm_actor_t *actor = worker->held[i];
        if (!actor->queued && !tm_mailbox_is_empty(&actor->box))
            run_queue_add(worker, actor);
    }
}

void tm_worker_release_held(tm_worker_t *worker)
{
    for (uint32_t i = worker->held_n; i-- > 0;) {
        tm_actor_t *actor = worker->held[i];
        held_remove(worker, actor);
        if (!actor->queued && !let_go(worker, actor))
            run_queue_add(worker, actor);
    }
    assert(worker->held_n == 0);
}

void tm_worker_share(tm_worker_t *worker, uint32_t n)
{
    assert(n <= worker->run_n);
    for (uint32_t i = 0; i < n; i++) {
        tm_actor_t *actor = tm_worker_next(worker);
        held_remove(worker, actor);
        actor->queued = false;
        set_holder(actor, 0);
        tm_scheduler_put(worker, actor);
    }
}
