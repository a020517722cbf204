/* pages.h - a map from 64-bit numbers to pointers for keys that lie close together, as those an
 * actor counts up.
 *
 * Why:     a hash map scatters neighbours over all its memory: with a million keys each look-up
 *          misses every cache, and each grows into three slots.
 * How:     128 neighbours lie in one page, pages in a hash map; the page of the last put is tried
 *          first. A page stays when its keys are deleted.
 * Threads: the owner's. */
#ifndef TM_BASE_PAGES_H
#define TM_BASE_PAGES_H
#include "base/map.h"

/* zero-initialised is empty */
typedef struct tm_pages {
    tm_map_t pages;
    struct tm_page *last; /* NULL: none yet */
} tm_pages_t;

void tm_pages_done(tm_pages_t *map);                      /* values are not freed */
void *tm_pages_get(const tm_pages_t *map, uint64_t key);  /* NULL if absent */
void tm_pages_put(tm_pages_t *map, uint64_t key, void *value); /* value NULL: deletes */
#endif
