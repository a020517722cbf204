/* counts.h - how often everything in counts.def happened.
 *
 * Threads: the simulation has one. */
#ifndef TM_TESTS_SIM_COUNTS_H
#define TM_TESTS_SIM_COUNTS_H
#include <stdint.h>

#define SIM_SEEDS_ENOUGH 300
#define SIM_SEEDS_PLENTY 20000

typedef enum sim_count {
#define COUNT(NAME, words) SIM_N_##NAME,
#define RARE COUNT
#include "sim/counts.def"
#undef RARE
#undef COUNT
    SIM_N_COUNT
} sim_count_t;

typedef struct sim_counts { uint64_t v[SIM_N_COUNT]; } sim_counts_t;
#endif
