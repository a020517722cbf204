/* with_figures.h - a figure is a line "name value unit"; the median of several rounds stands for
 * them.
 *
 * Why:     machines change their mind within seconds; what is compared takes turns, and the median
 *          forgets the disturbed rounds.
 * Threads: pure, but for standard output. */
#ifndef TM_BENCH_WITH_FIGURES_H
#define TM_BENCH_WITH_FIGURES_H
#include "base/base.h"

#define ROUNDS_MAX 64

typedef struct rounds {
    double v[ROUNDS_MAX];
    uint32_t n;
} rounds_t;

void rounds_add(rounds_t *rounds, double v);
double rounds_median(const rounds_t *rounds); /* at least one round */

/* Prints a figure at once, with as many digits as its size makes sense of. */
void figure(const char *name, double v, const char *unit);
/* Says why on standard error and ends the program with 1. */
_Noreturn void bench_die(const char *fmt, ...) TM_PRINTF(1, 2);
/* Seconds on the monotonic clock. */
double bench_now_s(void);
#endif
