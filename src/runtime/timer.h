/* timer.h - when does which actor want to be told the time?
 *
 * Why:     due times are state of the actors (next_due); this is only the sorted list of them,
 *          rebuilt after replay.
 * How:     a binary heap by due time, then actor; each actor stands in it once at most, and not
 *          while a message of the timer waits in its mailbox.
 * Threads: any, under a lock. */
#ifndef TM_RUNTIME_TIMER_H
#define TM_RUNTIME_TIMER_H
#include "base/base.h"
#include "base/thread.h"

typedef struct tm_timers tm_timers_t;
typedef struct tm_due {     /* in each actor; zero-initialised: no due time */
    tm_ms_t at;
    uint32_t actor;
    uint32_t place;         /* 1 + index in the heap, 0: not in it */
    bool told;              /* a message is on its way to it */
} tm_due_t;

/* park: woken when the earliest due time became earlier; may be NULL. */
TM_OWN tm_timers_t *tm_timers_new(tm_park_t *park);
void tm_timers_free(TM_OWN tm_timers_t *timers);
/* The actor's due time is at now, v 0: none. handled: it has just handled the message of the timer.
 * */
void tm_timers_set(tm_timers_t *timers, tm_due_t *due, tm_ms_t at, bool handled);
/* Takes the actor that is due longest and marks it told; NULL: nobody is due at now. */
tm_due_t *tm_timers_take(tm_timers_t *timers, tm_ms_t now);
/* The message could not be delivered: due again at that time. */
void tm_timers_again(tm_timers_t *timers, tm_due_t *due, tm_ms_t at);
tm_ms_t tm_timers_next(tm_timers_t *timers); /* v 0: nobody waits */
#endif
