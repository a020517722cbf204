/* hash.c - one hash of everything that is a fact, the same on any machine that applied the same
 * journal.
 *
 * How:     SHA-256 over the actors by number: number, kind, time and counters, marks and sequence
 *          numbers by actor, the kind's own facts. Actors that never committed anything are no
 *          facts.
 * Threads: while no worker runs. */
#include "base/buf.h"
#include "base/memory.h"
#include "runtime/durable.h"
#include "schema/binary.h"
#include <stdlib.h>

static void add(void *ctx, const void *p, size_t n)
{
    tm_sha256_add(ctx, p, n);
}

typedef struct pair {
    uint64_t key, value;
} pair_t;

static int by_key(const void *a, const void *b)
{
    const uint64_t x = ((const pair_t *)a)->key;
    const uint64_t y = ((const pair_t *)b)->key;
    return (x > y) - (x < y);
}

static void add_map(const tm_map_t *map, tm_buf_t *buf)
{
    pair_t *pairs = tm_alloc((map->n + 1) * sizeof(pairs[0]));
    uint32_t n = 0;
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(map, &pos, &key, &value))
        pairs[n++] = (pair_t){key, (uint64_t)(uintptr_t)value};
    assert(n == map->n);
    qsort(pairs, n, sizeof(pairs[0]), by_key);
    tm_varint_add(buf, n);
    for (uint32_t i = 0; i < n; i++) {
        tm_varint_add(buf, pairs[i].key);
        tm_varint_add(buf, pairs[i].value);
    }
    tm_free(pairs);
}

tm_sha256_t tm_runtime_hash(tm_runtime_t *rt)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    tm_sha256_ctx_t *ctx = tm_sha256_begin();
    const uint32_t n = tm_registry_count(rt->registry);
    tm_cell_t **cells = tm_registry_sorted(rt->registry);
    tm_buf_t buf;
    tm_buf_init(&buf, TM_COMMIT_BYTES_MAX);
    for (uint32_t i = 0; i < n; i++) {
        const tm_cell_t *cell = cells[i];
        if (cell->commits == 0)
            continue;
        tm_buf_clear(&buf);
        tm_varint_add(&buf, cell->number);
        tm_varint_add(&buf, cell->kind->number);
        tm_varint_add(&buf, (uint64_t)cell->last_at.v);
        tm_varint_add(&buf, cell->next_counter);
        add_map(&cell->marks, &buf);
        add_map(&cell->seqs, &buf);
        assert(!buf.full);
        add(ctx, buf.p, buf.n);
        cell->kind->hash(cell->state, add, ctx);
    }
    tm_buf_done(&buf);
    tm_free(cells);
    return tm_sha256_end(ctx);
}
