/* hash.c - one hash of everything that is a fact, the same on any machine that applied the same
 * journal.
 *
 * How:     SHA-256 over the actors by number: number, kind, time and counters, marks and sequence
 *          numbers by actor, the kind's own facts. Actors that never committed anything are no
 *          facts.
 * Threads: tm_runtime_hash: while no worker runs. Facts: any. */
#include "base/buf.h"
#include "base/memory.h"
#include "runtime/durable.h"
#include "schema/binary.h"
#include <stdlib.h>

static void add(void *ctx, const void *p, size_t n)
{
    tm_sha256_add(ctx, p, n);
}

static int by_key(const void *a, const void *b)
{
    const uint64_t x = ((const tm_pair_t *)a)->key;
    const uint64_t y = ((const tm_pair_t *)b)->key;
    return (x > y) - (x < y);
}

static TM_OWN tm_pair_t *sorted(const tm_map_t *map)
{
    tm_pair_t *pairs = tm_alloc((map->n + 1) * sizeof(pairs[0]));
    uint32_t n = 0;
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(map, &pos, &key, &value))
        pairs[n++] = (tm_pair_t){key, (uint64_t)(uintptr_t)value};
    assert(n == map->n);
    qsort(pairs, n, sizeof(pairs[0]), by_key);
    return pairs;
}

static void add_pairs(const tm_pair_t *pairs, uint32_t n, tm_buf_t *buf)
{
    tm_varint_add(buf, n);
    for (uint32_t i = 0; i < n; i++) {
        tm_varint_add(buf, pairs[i].key);
        tm_varint_add(buf, pairs[i].value);
    }
}

void tm_facts_hash(const tm_facts_t *facts, tm_sha256_ctx_t *ctx)
{
    tm_buf_t buf;
    tm_buf_init(&buf, TM_COMMIT_BYTES_MAX);
    tm_varint_add(&buf, facts->number);
    tm_varint_add(&buf, facts->kind->number);
    tm_varint_add(&buf, (uint64_t)facts->durable.last_at.v);
    tm_varint_add(&buf, facts->durable.next_counter);
    add_pairs(facts->marks, facts->n_marks, &buf);
    add_pairs(facts->seqs, facts->n_seqs, &buf);
    assert(!buf.full);
    add(ctx, buf.p, buf.n);
    facts->kind->hash(facts->picture, add, ctx);
    tm_buf_done(&buf);
}

tm_sha256_t tm_runtime_hash(tm_runtime_t *rt)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    tm_sha256_ctx_t *ctx = tm_sha256_begin();
    const uint32_t n = tm_registry_count(rt->registry);
    tm_cell_t **cells = tm_registry_sorted(rt->registry);
    for (uint32_t i = 0; i < n; i++) {
        const tm_cell_t *cell = cells[i];
        if (cell->commits == 0)
            continue;
        TM_AUTO(tm_free_p) tm_pair_t *marks = sorted(&cell->marks);
        TM_AUTO(tm_free_p) tm_pair_t *seqs = sorted(&cell->seqs);
        void *picture = cell->kind->snapshot(cell->state);
        const tm_facts_t facts = {.number = cell->number,
                                  .kind = cell->kind,
                                  .durable = {cell->last_at, cell->commits, cell->next_counter},
                                  .marks = marks,
                                  .seqs = seqs,
                                  .n_marks = cell->marks.n,
                                  .n_seqs = cell->seqs.n,
                                  .picture = picture};
        tm_facts_hash(&facts, ctx);
        tm_shared_unref(picture);
    }
    tm_free(cells);
    return tm_sha256_end(ctx);
}

void tm_runtime_pictures(tm_runtime_t *rt, tm_picture_fn *each, void *ctx)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    const uint32_t n = tm_registry_count(rt->registry);
    tm_cell_t **cells = tm_registry_sorted(rt->registry);
    for (uint32_t i = 0; i < n; i++) {
        if (cells[i]->commits == 0)
            continue;
        void *picture = cells[i]->kind->snapshot(cells[i]->state);
        each(ctx, cells[i]->number, picture);
        tm_shared_unref(picture);
    }
    tm_free(cells);
}
