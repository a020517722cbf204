/* mailbox.h - the one queue in front of every actor: many senders, one owner.
 *
 * Why:     a send must cost one atomic exchange at most, and tell the sender whether the actor has
 *          to be scheduled.
 * How:     senders exchange `head` for their node and link the old head to it. The low bit of head
 *          says "the owner sleeps": the push that finds it set must schedule the actor, nobody else
 *          does, so no wake-up is lost and none is doubled. The owner takes the whole inflow with
 *          one exchange into a list of its own; its worker appends to that list without any atomic.
 *          An own append first gathers the inflow, so messages of one sender keep their order on
 *          either way.
 * Threads: push: any. The rest: the owner, that is the worker which holds the actor.
 * Source:  the queue of D. Vyukov; the sleep bit of Pony's runtime. Orders are spelled with the
 *          compiler's atomics, which say more than ck_pr's fences and which ThreadSanitizer
 *          understands; the instructions are those of ck_pr. */
#ifndef TM_RUNTIME_MAILBOX_H
#define TM_RUNTIME_MAILBOX_H
#include "base/base.h"

typedef struct tm_node { struct tm_node *next; } tm_node_t; /* first member of whatever is sent */

typedef struct tm_mailbox {
    /* atomic: the newest of the inflow, &stub when there is none; low bit: asleep */
    tm_node_t *head;
    tm_node_t stub;    /* stub.next: the oldest of the inflow */
    tm_node_t *first;  /* owner's list, oldest first; NULL: empty */
    tm_node_t *last;
} tm_mailbox_t;

#define TM_MAILBOX_ASLEEP ((uintptr_t)1)

void tm_mailbox_init(tm_mailbox_t *box);                      /* empty and asleep */
/* Moves the inflow to the end of the owner's list. false: there is some, but its sender has not
 * linked it yet. */
bool tm_mailbox_gather(tm_mailbox_t *box);
/* The owner goes. true: asleep, the next push schedules. false: there is something, the owner stays
 * responsible. */
TM_MUST_CHECK bool tm_mailbox_sleep(tm_mailbox_t *box);

/* true: the owner slept, the caller must schedule it now. */
TM_MUST_CHECK static inline bool tm_mailbox_push(tm_mailbox_t *box, TM_OWN tm_node_t *node)
{
    __atomic_store_n(&node->next, NULL, __ATOMIC_RELAXED);
    /* release: the node's content; partner: the exchange in gather. acquire: what the sleeping
     * owner left behind; partner: the exchange in sleep. */
    const uintptr_t old = (uintptr_t)__atomic_exchange_n(&box->head, node, __ATOMIC_ACQ_REL);
    /* release: the content, for an owner that reaches the node through this link; partner: the
     * loads in gather and pop. */
    tm_node_t *prev = (tm_node_t *)(old & ~TM_MAILBOX_ASLEEP);
    __atomic_store_n(&prev->next, node, __ATOMIC_RELEASE);
    return (old & TM_MAILBOX_ASLEEP) != 0;
}

/* Something came by push since the last gather. */
static inline bool tm_mailbox_has_inflow(const tm_mailbox_t *box)
{
    /* relaxed: only a hint; gather or sleep synchronise. */
    return __atomic_load_n(&box->head, __ATOMIC_RELAXED) != &box->stub;
}

/* Nothing there, as far as the owner can see. */
static inline bool tm_mailbox_is_empty(const tm_mailbox_t *box)
{
    return box->first == NULL && !tm_mailbox_has_inflow(box);
}

/* A send by the owner's own worker: no atomic exchange. */
static inline void tm_mailbox_push_own(tm_mailbox_t *box, TM_OWN tm_node_t *node)
{
    if (__builtin_expect(tm_mailbox_has_inflow(box), 0) && !tm_mailbox_gather(box)) {
        /* A sender is between its exchange and its link: behind it is the only place that keeps the
         * order. */
        const bool slept = tm_mailbox_push(box, node);
        assert(!slept);
        return;
    }
    __atomic_store_n(&node->next, NULL, __ATOMIC_RELAXED);
    if (box->first == NULL)
        box->first = node;
    else
        /* own list: nobody else reads it */
        __atomic_store_n(&box->last->next, node, __ATOMIC_RELAXED);
    box->last = node;
}

/* The oldest message; NULL: none, or one whose sender has not linked it yet (then sleep returns
 * false). */
static inline tm_node_t *tm_mailbox_pop(tm_mailbox_t *box)
{
    if (box->first == NULL && (!tm_mailbox_has_inflow(box) || !tm_mailbox_gather(box)))
        return NULL;
    tm_node_t *node = box->first;
    if (node == box->last) {
        box->first = NULL;
        box->last = NULL;
        return node;
    }
    /* acquire: the content of the next node; partner: the link in push. */
    tm_node_t *next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE);
    if (next == NULL)
        return NULL;
    box->first = next;
    return node;
}
#endif
