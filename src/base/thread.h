/* thread.h - the only place where threads start, with a name; and the sleep of a thread until
 * somebody wakes it.
 *
 * How:     a park is a futex word: wake before park is remembered, so no wake-up is lost.
 * Threads: any. */
#ifndef TM_BASE_THREAD_H
#define TM_BASE_THREAD_H
#include "base/base.h"
#include <pthread.h>

typedef struct tm_thread {
    pthread_t id;
    bool started;
} tm_thread_t;
typedef void tm_thread_fn(void *arg);

/* name: at most 15 characters. All signals are blocked in the new thread. Errors:
 * TM_EUNAVAILABLE. */
TM_MUST_CHECK tm_err_t tm_thread_start(tm_thread_t *ret, const char *name, tm_thread_fn *fn,
                                       void *arg);
void tm_thread_join(tm_thread_t *thread); /* nothing if not started */
/* The calling thread stands back: nice is added to its own (0 to 19). Where the system refuses, it
 * stays as it is. */
void tm_thread_nice(int nice);

typedef struct tm_park {
    uint32_t word;
} tm_park_t; /* zero-initialised */
/* Sleeps until tm_park_wake or timeout_ms (-1: for ever). Only the owner parks. */
void tm_park_wait(tm_park_t *park, int64_t timeout_ms);
void tm_park_wake(tm_park_t *park); /* any thread; cheap when nobody sleeps */
unsigned tm_thread_cpus(void);      /* processors this process may use, at least 1 */
#endif
