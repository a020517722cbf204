/* with_figures.c - medians and the printing of figures. */
#include "with_figures.h"
#include "base/time.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void rounds_add(rounds_t *rounds, double v)
{
    assert(rounds->n < ROUNDS_MAX);
    rounds->v[rounds->n++] = v;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double rounds_median(const rounds_t *rounds)
{
    assert(rounds->n > 0);
    rounds_t sorted = *rounds;
    qsort(sorted.v, sorted.n, sizeof(sorted.v[0]), by_value);
    const uint32_t half = sorted.n / 2;
    return sorted.n % 2 == 1 ? sorted.v[half] : (sorted.v[half - 1] + sorted.v[half]) / 2;
}

void figure(const char *name, double v, const char *unit)
{
    const double size = fabs(v);
    printf("%s %.*f %s\n", name, size < 10 ? 3 : size < 1000 ? 1 : 0, v, unit);
    fflush(stdout);
}

void bench_die(const char *fmt, ...)
{
    static uint32_t dying; /* atomic; two threads that exit at once would leave servers behind */
    if (__atomic_exchange_n(&dying, 1, __ATOMIC_ACQ_REL) != 0) {
        for (;;)
            pause();
    }
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

double bench_now_s(void)
{
    return (double)tm_time_mono_ns() / 1e9;
}
