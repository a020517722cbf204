/* map.h - hash maps from 64-bit numbers and from byte strings to pointers.
 *
 * How:     open addressing, linear probing, backward-shift deletion; grows at 3/4. Iteration
 *          order is insertion-independent but not sorted: whoever needs determinism sorts.
 * Threads: the owner's. */
#ifndef TM_BASE_MAP_H
#define TM_BASE_MAP_H
#include "base/base.h"

/* zero-initialised is empty */
typedef struct tm_map {
    struct tm_map_slot *slots;
    uint32_t cap, n;
} tm_map_t;

void tm_map_done(tm_map_t *map);                     /* values are not freed */
void *tm_map_get(const tm_map_t *map, uint64_t key); /* NULL if absent */
/* Soon this key is looked up: its place is fetched into the cache meanwhile. */
void tm_map_prefetch(const tm_map_t *map, uint64_t key);
/* value not NULL; returns the old value or NULL */
void *tm_map_put(tm_map_t *map, uint64_t key, void *value);
void *tm_map_del(tm_map_t *map, uint64_t key); /* returns the removed value or NULL */
/* Iterates: start with *pos = 0; false at the end. No put or del meanwhile. */
bool tm_map_next(const tm_map_t *map, uint32_t *pos, uint64_t *ret_key, void **ret_value);

/* keys are copied */
typedef struct tm_smap {
    struct tm_smap_slot *slots;
    uint32_t cap, n;
} tm_smap_t;

void tm_smap_done(tm_smap_t *map);
void *tm_smap_get(const tm_smap_t *map, tm_str_t key);
void tm_smap_prefetch(const tm_smap_t *map, tm_str_t key);
void *tm_smap_put(tm_smap_t *map, tm_str_t key, void *value);
void *tm_smap_del(tm_smap_t *map, tm_str_t key);
bool tm_smap_next(const tm_smap_t *map, uint32_t *pos, tm_str_t *ret_key, void **ret_value);
#endif
