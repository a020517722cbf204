/* registry.c - actors by number.
 *
 * How:     see registry.h. Old tables together are smaller than the current one.
 * Threads: as in registry.h. */
#include "runtime/registry.h"
#include "base/memory.h"
#include "runtime/durable.h"
#include <stdlib.h>

#define REGISTRY_MAGIC 0x4e615001u
#define CAP_FIRST 64u

typedef struct table {
    struct table *older;
    uint32_t cap;           /* a power of two */
    tm_cell_t *slots[];     /* atomic */
} table_t;

struct tm_registry {
    uint32_t magic;
    uint32_t n;             /* atomic; written under the lock */
    table_t *table;         /* atomic */
    pthread_mutex_t lock;
};

static table_t *table_new(uint32_t cap, table_t *older)
{
    table_t *table = tm_zalloc(sizeof(*table) + cap * sizeof(table->slots[0]));
    table->cap = cap;
    table->older = older;
    return table;
}

static uint32_t place(uint32_t actor, uint32_t cap)
{
    return (uint32_t)((actor * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (cap - 1);
}

TM_OWN tm_registry_t *tm_registry_new(void)
{
    tm_registry_t *registry = TM_NEW(tm_registry_t);
    registry->magic = REGISTRY_MAGIC;
    registry->table = table_new(CAP_FIRST, NULL);
    pthread_mutex_init(&registry->lock, NULL);
    return registry;
}

void tm_registry_free(TM_OWN tm_registry_t *registry)
{
    if (registry == NULL)
        return;
    TM_CHECK(registry, REGISTRY_MAGIC);
    while (registry->table != NULL) {
        table_t *table = registry->table;
        registry->table = table->older;
        tm_free(table);
    }
    pthread_mutex_destroy(&registry->lock);
    registry->magic = 0;
    tm_free(registry);
}

tm_cell_t *tm_registry_get(tm_registry_t *registry, uint32_t actor)
{
    TM_CHECK(registry, REGISTRY_MAGIC);
    /* acquire: the slots copied into a new table; partner: the store in tm_registry_ensure. */
    const table_t *table = __atomic_load_n(&registry->table, __ATOMIC_ACQUIRE);
    for (uint32_t i = place(actor, table->cap);; i = (i + 1) & (table->cap - 1)) {
        /* acquire: the cell's content; partner: the store in insert. */
        tm_cell_t *cell = __atomic_load_n(&table->slots[i], __ATOMIC_ACQUIRE);
        if (cell == NULL || cell->number == actor)
            return cell;
    }
}

static void insert(table_t *table, tm_cell_t *cell)
{
    uint32_t i = place(cell->number, table->cap);
    while (table->slots[i] != NULL)
        i = (i + 1) & (table->cap - 1);
    /* release: the cell's content; partner: the load in tm_registry_get. */
    __atomic_store_n(&table->slots[i], cell, __ATOMIC_RELEASE);
}

tm_cell_t *tm_registry_ensure(tm_registry_t *registry, uint32_t actor,
                              tm_cell_t *(*make)(void *ctx, uint32_t actor), void *ctx)
{
    tm_cell_t *cell = tm_registry_get(registry, actor);
    if (cell != NULL)
        return cell;
    pthread_mutex_lock(&registry->lock);
    cell = tm_registry_get(registry, actor);
    if (cell == NULL) {
        cell = make(ctx, actor);
        assert(cell->number == actor);
        table_t *table = registry->table;
        if ((registry->n + 1) * 2 > table->cap) {
            table_t *larger = table_new(table->cap * 2, table);
            for (uint32_t i = 0; i < table->cap; i++) {
                if (table->slots[i] != NULL)
                    insert(larger, table->slots[i]);
            }
            table = larger;
        }
        insert(table, cell);
        /* release: all slots; partner: the load in tm_registry_get. */
        __atomic_store_n(&registry->table, table, __ATOMIC_RELEASE);
        /* partner: tm_registry_count, a number only */
        __atomic_store_n(&registry->n, registry->n + 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&registry->lock);
    return cell;
}

uint32_t tm_registry_count(tm_registry_t *registry)
{
    TM_CHECK(registry, REGISTRY_MAGIC);
    return __atomic_load_n(&registry->n, __ATOMIC_RELAXED);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = (*(tm_cell_t *const *)a)->number;
    const uint32_t y = (*(tm_cell_t *const *)b)->number;
    return (x > y) - (x < y);
}

TM_OWN tm_cell_t **tm_registry_sorted(tm_registry_t *registry)
{
    TM_CHECK(registry, REGISTRY_MAGIC);
    const table_t *table = registry->table;
    tm_cell_t **cells = tm_alloc((registry->n + 1) * sizeof(cells[0]));
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->cap; i++) {
        if (table->slots[i] != NULL)
            cells[n++] = table->slots[i];
    }
    assert(n == registry->n);
    qsort(cells, n, sizeof(cells[0]), by_number);
    return cells;
}
