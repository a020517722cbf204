/* stack.h - a lock-free stack of lists: any thread pushes, one takes all that is there.
 *
 * Why:     threads hand work to a thread that sleeps when there is none; it is woken by whoever
 *          finds the stack empty, and takes everything with one exchange.
 * How:     lists go onto it newest first; who wants the order of pushing turns the whole around
 *          once. Nothing is taken singly, so no link is read that another thread may free.
 * Threads: push: any. take, is_empty: the taker. */
#ifndef TM_BASE_STACK_H
#define TM_BASE_STACK_H
#include "base/base.h"

/* First member of what lies on a stack. */
typedef struct tm_link {
    struct tm_link *next;
} tm_link_t;

/* zero-initialised is empty */
typedef struct tm_stack {
    tm_link_t *newest; /* atomic */
} tm_stack_t;

/* A list from newest to oldest. true: the stack was empty, its taker must be woken. O(1). */
static inline bool tm_stack_push(tm_stack_t *stack, tm_link_t *newest, tm_link_t *oldest)
{
    tm_link_t *below = __atomic_load_n(&stack->newest, __ATOMIC_RELAXED);
    do {
        oldest->next = below;
        /* release: what the links stand in; partner: the acquire in tm_stack_take. */
    } while (!__atomic_compare_exchange_n(&stack->newest, &below, newest, true, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED));
    return below == NULL;
}

/* All, newest first; NULL: nothing. O(1). */
static inline tm_link_t *tm_stack_take(tm_stack_t *stack)
{
    /* acquire: partner is the release in tm_stack_push. */
    return __atomic_exchange_n(&stack->newest, NULL, __ATOMIC_ACQUIRE);
}

/* A list the other way around: oldest first. O(n). */
static inline tm_link_t *tm_links_turned(tm_link_t *newest)
{
    tm_link_t *oldest = NULL;
    while (newest != NULL) {
        tm_link_t *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

/* A hint: a push that is missed now wakes the taker. */
static inline bool tm_stack_is_empty(const tm_stack_t *stack)
{
    return __atomic_load_n(&stack->newest, __ATOMIC_RELAXED) == NULL;
}
#endif
