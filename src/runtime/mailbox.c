/* mailbox.c - the rare half of the mailbox: taking the inflow over, and falling asleep.
 *
 * How:     see mailbox.h.
 * Threads: the owner. */
#include "runtime/mailbox.h"

static tm_node_t *asleep(tm_mailbox_t *box)
{
    return (tm_node_t *)((uintptr_t)&box->stub | TM_MAILBOX_ASLEEP);
}

void tm_mailbox_init(tm_mailbox_t *box)
{
    assert(box != NULL);
    assert(((uintptr_t)&box->stub & TM_MAILBOX_ASLEEP) == 0);
    box->stub.next = NULL;
    box->first = NULL;
    box->last = NULL;
    __atomic_store_n(&box->head, asleep(box), __ATOMIC_RELAXED); /* the mailbox is not shared yet */
}

bool tm_mailbox_gather(tm_mailbox_t *box)
{
    if (!tm_mailbox_has_inflow(box))
        return true;
    /* acquire: the content of the oldest node; partner: the link in push. */
    tm_node_t *first = __atomic_load_n(&box->stub.next, __ATOMIC_ACQUIRE);
    if (first == NULL)
        return false;
    /* Before the exchange: only a push that comes after it links to the stub again. */
    __atomic_store_n(&box->stub.next, NULL, __ATOMIC_RELAXED);
    /* acquire: the newest node's content; release: the cleared stub; partner for both: the exchange
     * in push. */
    tm_node_t *last = __atomic_exchange_n(&box->head, &box->stub, __ATOMIC_ACQ_REL);
    assert(last != &box->stub);
    assert(((uintptr_t)last & TM_MAILBOX_ASLEEP) == 0);
    if (box->first == NULL)
        box->first = first;
    else
        __atomic_store_n(&box->last->next, first, __ATOMIC_RELAXED);
    box->last = last;
    return true;
}

bool tm_mailbox_sleep(tm_mailbox_t *box)
{
    if (box->first != NULL)
        return false;
    tm_node_t *expected = &box->stub;
    /* release: everything this owner did to the actor; partner: the exchange of the push that wakes
     * it. */
    return __atomic_compare_exchange_n(&box->head, &expected, asleep(box), false, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED);
}
