/* pages.c - see pages.h.
 *
 * Threads: the owner's. */
#include "base/pages.h"
#include "base/memory.h"

#define PAGE_BITS 7
#define PAGE_KEYS (1u << PAGE_BITS)

struct tm_page {
    uint64_t number; /* its keys are number * PAGE_KEYS and on */
    void *values[PAGE_KEYS];
};

void tm_pages_done(tm_pages_t *map)
{
    uint32_t pos = 0;
    uint64_t number;
    void *page;
    while (tm_map_next(&map->pages, &pos, &number, &page)) {
        tm_free(page);
    }
    tm_map_done(&map->pages);
    map->last = NULL;
}

static struct tm_page *page_of(const tm_pages_t *map, uint64_t number)
{
    return map->last != NULL && map->last->number == number ? map->last
                                                            : tm_map_get(&map->pages, number);
}

void *tm_pages_get(const tm_pages_t *map, uint64_t key)
{
    const struct tm_page *page = page_of(map, key >> PAGE_BITS);
    return page == NULL ? NULL : page->values[key & (PAGE_KEYS - 1)];
}

void tm_pages_put(tm_pages_t *map, uint64_t key, void *value)
{
    const uint64_t number = key >> PAGE_BITS;
    struct tm_page *page = page_of(map, number);
    if (page == NULL) {
        if (value == NULL)
            return;
        page = TM_NEW(struct tm_page);
        page->number = number;
        (void)tm_map_put(&map->pages, number, page);
    }
    page->values[key & (PAGE_KEYS - 1)] = value;
    map->last = page;
}
