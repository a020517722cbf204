/* fake_clock.c - another wall clock for the program under test: the real one, FAKE_CLOCK_MS later.
 *
 * Why:     what happens in the night in which the clocks change must be seen in the real program.
 *          libfaketime does not start together with jemalloc, which asks for the time in its first
 *          allocation.
 * How:     reports.test.mjs compiles it and puts it into LD_PRELOAD. Monotonic clocks stay. Nothing
 *          here allocates or keeps anything.
 * Threads: any. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_A_S 1000000000LL
#define NS_A_MS 1000000LL

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    const long result = syscall(SYS_clock_gettime, clock, ret);
    const char *text = getenv("FAKE_CLOCK_MS");
    if (result != 0 || clock != CLOCK_REALTIME || text == NULL)
        return (int)result;
    const long long ns = ret->tv_sec * NS_A_S + ret->tv_nsec + strtoll(text, NULL, 10) * NS_A_MS;
    ret->tv_sec = ns / NS_A_S;
    ret->tv_nsec = ns % NS_A_S;
    return 0;
}

/* h2o's. */
int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    ret->tv_sec = now.tv_sec;
    ret->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *ret)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret != NULL)
        *ret = now.tv_sec;
    return now.tv_sec;
}
