/* thread.c - the only place where threads start; the sleep of a thread until somebody wakes it.
 *
 * How:     a park is a futex word with three states: idle, woken (a wake that nobody has
 *          consumed), asleep. Waking exchanges it for woken and enters the kernel only if it was
 *          asleep.
 * Threads: any; only a park's owner waits on it. */
#include "base/thread.h"
#include "base/memory.h"
#include "base/time.h"
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME_MAX_BYTES 16

enum { PARK_IDLE, PARK_WOKEN, PARK_ASLEEP };

typedef struct start {
    tm_thread_fn *fn;
    void *arg;
    char name[NAME_MAX_BYTES];
} start_t;

static void *thread_main(void *p)
{
    start_t start = *(start_t *)p;
    tm_free(p);
    pthread_setname_np(pthread_self(), start.name);
    start.fn(start.arg);
    return NULL;
}

tm_err_t tm_thread_start(tm_thread_t *ret, const char *name, tm_thread_fn *fn, void *arg)
{
    assert(ret != NULL && fn != NULL);
    assert(strlen(name) < NAME_MAX_BYTES);
    start_t *start = TM_NEW(start_t);
    start->fn = fn;
    start->arg = arg;
    memcpy(start->name, name, strlen(name));

    /* A new thread inherits the mask; signals are taken by the thread that waits for them. */
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_t id;
    const int failed = pthread_create(&id, NULL, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed != 0) {
        tm_free(start);
        return TM_EUNAVAILABLE;
    }
    *ret = (tm_thread_t){id, true};
    return TM_OK;
}

void tm_thread_join(tm_thread_t *thread)
{
    assert(thread != NULL);
    if (!thread->started)
        return;
    const int failed = pthread_join(thread->id, NULL);
    assert(failed == 0);
    (void)failed;
    thread->started = false;
}

void tm_thread_nice(int nice)
{
    assert(nice >= 0 && nice <= 19);
    errno = 0;
    const int old = getpriority(PRIO_PROCESS, 0); /* on Linux 0 is the thread */
    if (errno == 0)
        (void)setpriority(PRIO_PROCESS, 0, TM_MIN(old + nice, 19));
}

static void futex_wait(uint32_t *word, uint32_t expected, const struct timespec *timeout)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout, NULL, 0);
}

void tm_park_wait(tm_park_t *park, int64_t timeout_ms)
{
    assert(park != NULL);
    const int64_t begin = timeout_ms > 0 ? tm_time_mono_ns() : 0;
    for (;;) {
        /* acquire: what the waker wrote before waking is seen; partner: the release in
         * tm_park_wake. */
        if (__atomic_exchange_n(&park->word, PARK_IDLE, __ATOMIC_ACQUIRE) == PARK_WOKEN ||
            timeout_ms == 0)
            return;
        struct timespec left;
        if (timeout_ms > 0) {
            const int64_t gone = tm_time_mono_ns() - begin;
            if (gone / 1000000 >= timeout_ms)
                return;
            const int64_t rest = timeout_ms * 1000000 - gone;
            left = (struct timespec){rest / 1000000000, rest % 1000000000};
        }
        uint32_t expected = PARK_IDLE;
        /* relaxed: it publishes nothing, and a failure is followed by the acquiring exchange
         * above. */
        if (__atomic_compare_exchange_n(&park->word, &expected, PARK_ASLEEP, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            futex_wait(&park->word, PARK_ASLEEP, timeout_ms > 0 ? &left : NULL);
    }
}

void tm_park_wake(tm_park_t *park)
{
    assert(park != NULL);
    /* release: partner is the acquiring exchange in tm_park_wait. */
    if (__atomic_exchange_n(&park->word, PARK_WOKEN, __ATOMIC_RELEASE) == PARK_ASLEEP)
        syscall(SYS_futex, &park->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

unsigned tm_thread_cpus(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1; /* more than 1,024 processors: nobody can tell, one always works */
    const int n = CPU_COUNT(&set);
    return n < 1 ? 1 : (unsigned)n;
}
