/* registry.h - which actor is which number.
 *
 * Why:     every post and every read looks an actor up; durable sends make new ones meanwhile.
 * How:     open addressing. Readers take no lock: a full table is copied into a larger one and the
 *          old one is kept, actors are never removed.
 * Threads: get: any, wait-free. add: any, under a lock. */
#ifndef TM_RUNTIME_REGISTRY_H
#define TM_RUNTIME_REGISTRY_H
#include "base/base.h"

struct tm_cell;
typedef struct tm_registry tm_registry_t;
TM_OWN tm_registry_t *tm_registry_new(void);
void tm_registry_free(TM_OWN tm_registry_t *registry); /* the cells are the caller's */
struct tm_cell *tm_registry_get(tm_registry_t *registry, uint32_t actor); /* NULL: none */
/* Adds what make gives, unless there is one; returns the one that is there now. */
struct tm_cell *tm_registry_ensure(tm_registry_t *registry, uint32_t actor,
                                   struct tm_cell *(*make)(void *ctx, uint32_t actor), void *ctx);
uint32_t tm_registry_count(tm_registry_t *registry);
/* All cells by ascending actor number, an array of tm_registry_count for the caller to free.
 * Nothing may be added meanwhile. */
TM_OWN struct tm_cell **tm_registry_sorted(tm_registry_t *registry);
#endif
