/* rng.h - the one source of chance in the simulation: the same seed gives the same run.
 *
 * Source:  splitmix64 by S. Vigna.
 * Threads: the simulation has one. */
#ifndef TM_TESTS_SIM_RNG_H
#define TM_TESTS_SIM_RNG_H
#include "base/base.h"

typedef struct rng { uint64_t state; } rng_t;

static inline uint64_t rng_next(rng_t *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t rng_below(rng_t *rng, uint64_t n) /* 0 .. n - 1 */
{
    assert(n > 0);
    return rng_next(rng) % n;
}

static inline bool rng_chance(rng_t *rng, uint32_t percent)
{
    return rng_below(rng, 100) < percent;
}
#endif
