/* versions.c - see versions.h.
 *
 * Threads: see versions.h. */
#include "actors/versions.h"

#include "base/memory.h"

#define CHUNK_VERSIONS 64

typedef struct chunk {
    tm_shared_t shared;
    tm_ms_t at[CHUNK_VERSIONS];
} chunk_t;

void tm_versions_done(tm_versions_t *versions)
{
    tm_trie_done(&versions->chunks);
    versions->n = 0;
}

tm_versions_t tm_versions_share(const tm_versions_t *versions)
{
    return (tm_versions_t){tm_trie_ref(&versions->chunks), versions->n};
}

tm_ms_t tm_versions_at(const tm_versions_t *versions, uint64_t version)
{
    assert(version >= 1 && version <= versions->n);
    const uint64_t i = version - 1;
    const chunk_t *chunk = tm_trie_get(&versions->chunks, (uint32_t)(i / CHUNK_VERSIONS));
    assert(chunk != NULL);
    return chunk->at[i % CHUNK_VERSIONS];
}

void tm_versions_push(tm_versions_t *versions, tm_ms_t at)
{
    const uint64_t i = versions->n;
    assert(i == 0 || tm_versions_at(versions, i).v <= at.v);
    assert(i / CHUNK_VERSIONS <= UINT32_MAX);
    const uint32_t key = (uint32_t)(i / CHUNK_VERSIONS);
    chunk_t *chunk = tm_trie_get(&versions->chunks, key);
    if (chunk == NULL) {
        chunk = TM_NEW(chunk_t);
        chunk->shared = (tm_shared_t){1, tm_free};
        tm_trie_put(&versions->chunks, key, chunk);
    }
    /* In place: whoever shares the chunk knows i versions at most and never reads this one. */
    chunk->at[i % CHUNK_VERSIONS] = at;
    versions->n++;
}

uint64_t tm_versions_find(const tm_versions_t *versions, tm_ms_t at)
{
    uint64_t lo = 0, hi = versions->n; /* the answer lies in [lo, hi] */
    while (lo < hi) {
        const uint64_t mid = lo + (hi - lo + 1) / 2;
        if (tm_versions_at(versions, mid).v <= at.v) {
            lo = mid;
        } else {
            hi = mid - 1;
        }
    }
    return lo;
}
