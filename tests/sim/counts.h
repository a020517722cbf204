/* counts.h - how often everything in counts.def happened.
 *
 * Threads: the simulation has one. */
#ifndef TM_TESTS_SIM_COUNTS_H
#define TM_TESTS_SIM_COUNTS_H
#include <stdint.h>

typedef enum sim_count {
#define COUNT(NAME, words) SIM_N_##NAME,
#include "sim/counts.def"
#undef COUNT
    SIM_N_COUNT
} sim_count_t;

typedef struct sim_counts { uint64_t v[SIM_N_COUNT]; } sim_counts_t;
#endif
