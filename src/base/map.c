/* map.c - hash maps from 64-bit numbers and from byte strings to pointers.
 *
 * How:     linear probing where each cluster is kept sorted by (home, hash, key): a slot's
 *          resident gives way to a key that is further from home. So a search may stop early,
 *          deletion shifts back without tombstones, and the order of slots depends on the
 *          content and the capacity only, never on the order of insertion.
 * Threads: the owner's. */
#include "base/map.h"
#include "base/digest.h"
#include "base/memory.h"
#include <sys/mman.h>

#define CAP_FIRST 16u
#define LARGE_BYTES ((size_t)2 << 20)
#define CAP_LAST (1u << 31)

struct tm_map_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

/* Half of the hash is enough: its low bits say the home (at most 31 of them), those above tell keys
 * of one home apart, and what they cannot tell the keys themselves do. Three words a slot. */
struct tm_smap_slot {
    uint32_t hash;
    uint32_t key_n;
    char *key;
    void *value; /* NULL: free */
};
_Static_assert(sizeof(struct tm_smap_slot) == 24, "the slots of large maps are most of them");

/* A bijection, so that equal hashes mean equal keys (the finaliser of MurmurHash3, public
 * domain). */
static inline uint64_t hash_of(uint64_t key)
{
    key ^= key >> 33;
    key *= UINT64_C(0xff51afd7ed558ccd);
    key ^= key >> 33;
    key *= UINT64_C(0xc4ceb9fe1a85ec53);
    return key ^ key >> 33;
}

/* How far the resident of slot i is from its home. */
static inline uint32_t distance(uint32_t hash, uint32_t i, uint32_t cap)
{
    return (i - hash) & (cap - 1);
}

/* Free slots. The search reads pages before it writes them: those of calloc would be the kernel's
 * zero page first, and cost a second fault each. A table that grew has something on all of them, so
 * a large one takes huge pages where there are any: look-ups at random gain from them too. */
static void *slots_new(uint32_t cap, size_t slot_bytes)
{
    const size_t bytes = cap * slot_bytes;
    void *slots = bytes < LARGE_BYTES ? tm_alloc(bytes) : tm_alloc_aligned(bytes, LARGE_BYTES);
    if (bytes >= LARGE_BYTES)
        (void)madvise(slots, bytes, MADV_HUGEPAGE);
    /* Not memset: the compiler would make calloc of the pair. */
    explicit_bzero(slots, bytes);
    return slots;
}

static inline bool is_crowded(uint32_t n, uint32_t cap)
{
    return (uint64_t)n * 4 >= (uint64_t)cap * 3;
}

void tm_map_done(tm_map_t *map)
{
    tm_free(map->slots);
    *map = (tm_map_t){0};
}

/* The slot that holds key, or the one where it belongs (*ret_found false). There must be a free
 * slot. */
static uint32_t map_find(const tm_map_t *map, uint64_t key, bool *ret_found)
{
    const uint64_t hash = hash_of(key);
    uint32_t i = (uint32_t)hash & (map->cap - 1);
    for (uint32_t d = 0;; d++, i = (i + 1) & (map->cap - 1)) {
        const struct tm_map_slot *slot = &map->slots[i];
        if (slot->value != NULL && slot->key == key) {
            *ret_found = true;
            return i;
        }
        const uint64_t resident = slot->value == NULL ? 0 : hash_of(slot->key);
        const uint32_t far = slot->value == NULL ? 0 : distance((uint32_t)resident, i, map->cap);
        if (slot->value == NULL || far < d || (far == d && resident > hash)) {
            *ret_found = false;
            return i;
        }
    }
}

/* Puts a new key at i, moving what stands there one slot on until a free slot takes the last
 * one. */
static void map_insert_at(tm_map_t *map, uint32_t i, struct tm_map_slot slot)
{
    while (slot.value != NULL) {
        const struct tm_map_slot moved = map->slots[i];
        map->slots[i] = slot;
        slot = moved;
        i = (i + 1) & (map->cap - 1);
    }
}

static void map_grow(tm_map_t *map)
{
    assert(map->cap < CAP_LAST);
    tm_map_t larger = {.cap = map->cap == 0 ? CAP_FIRST : map->cap * 2, .n = map->n};
    larger.slots = slots_new(larger.cap, sizeof(*larger.slots));
    for (uint32_t i = 0; i < map->cap; i++) {
        if (map->slots[i].value != NULL) {
            bool found;
            const uint32_t at = map_find(&larger, map->slots[i].key, &found);
            assert(!found);
            map_insert_at(&larger, at, map->slots[i]);
        }
    }
    tm_free(map->slots);
    *map = larger;
}

void *tm_map_get(const tm_map_t *map, uint64_t key)
{
    if (map->n == 0)
        return NULL;
    bool found;
    const uint32_t i = map_find(map, key, &found);
    return found ? map->slots[i].value : NULL;
}

void tm_map_prefetch(const tm_map_t *map, uint64_t key)
{
    if (map->cap > 0)
        __builtin_prefetch(&map->slots[(uint32_t)hash_of(key) & (map->cap - 1)]);
}

void *tm_map_put(tm_map_t *map, uint64_t key, void *value)
{
    assert(value != NULL);
    if (is_crowded(map->n + 1, map->cap))
        map_grow(map);
    bool found;
    const uint32_t i = map_find(map, key, &found);
    if (found) {
        void *old = map->slots[i].value;
        map->slots[i].value = value;
        return old;
    }
    map_insert_at(map, i, (struct tm_map_slot){key, value});
    map->n++;
    return NULL;
}

void *tm_map_del(tm_map_t *map, uint64_t key)
{
    if (map->n == 0)
        return NULL;
    bool found;
    uint32_t i = map_find(map, key, &found);
    if (!found)
        return NULL;
    void *old = map->slots[i].value;
    for (;;) {
        const uint32_t next = (i + 1) & (map->cap - 1);
        const struct tm_map_slot *after = &map->slots[next];
        if (after->value == NULL || distance((uint32_t)hash_of(after->key), next, map->cap) == 0)
            break;
        map->slots[i] = *after;
        i = next;
    }
    map->slots[i] = (struct tm_map_slot){0};
    map->n--;
    return old;
}

bool tm_map_next(const tm_map_t *map, uint32_t *pos, uint64_t *ret_key, void **ret_value)
{
    for (uint32_t i = *pos; i < map->cap; i++) {
        if (map->slots[i].value != NULL) {
            *pos = i + 1;
            *ret_key = map->slots[i].key;
            *ret_value = map->slots[i].value;
            return true;
        }
    }
    *pos = map->cap;
    return false;
}

void tm_smap_done(tm_smap_t *map)
{
    for (uint32_t i = 0; i < map->cap; i++) {
        if (map->slots[i].value != NULL)
            tm_free(map->slots[i].key);
    }
    tm_free(map->slots);
    *map = (tm_smap_t){0};
}

static inline uint32_t smap_hash(tm_str_t key)
{
    return (uint32_t)tm_hash64(key.p, key.n);
}

/* <0, 0, >0 as resident comes before, is, or comes after the key, both with the same home. */
static int smap_order(const struct tm_smap_slot *slot, uint32_t hash, tm_str_t key)
{
    if (slot->hash != hash)
        return slot->hash < hash ? -1 : 1;
    return tm_str_cmp((tm_str_t){slot->key, slot->key_n}, key);
}

static uint32_t smap_find(const tm_smap_t *map, uint32_t hash, tm_str_t key, bool *ret_found)
{
    uint32_t i = hash & (map->cap - 1);
    *ret_found = false;
    for (uint32_t d = 0;; d++, i = (i + 1) & (map->cap - 1)) {
        const struct tm_smap_slot *slot = &map->slots[i];
        if (slot->value == NULL)
            return i;
        const uint32_t far = distance(slot->hash, i, map->cap);
        const int order = far != d ? (far < d ? 1 : -1) : smap_order(slot, hash, key);
        *ret_found = order == 0;
        if (order >= 0)
            return i;
    }
}

static void smap_insert_at(tm_smap_t *map, uint32_t i, struct tm_smap_slot slot)
{
    while (slot.value != NULL) {
        const struct tm_smap_slot moved = map->slots[i];
        map->slots[i] = slot;
        slot = moved;
        i = (i + 1) & (map->cap - 1);
    }
}

static void smap_grow(tm_smap_t *map)
{
    assert(map->cap < CAP_LAST);
    tm_smap_t larger = {.cap = map->cap == 0 ? CAP_FIRST : map->cap * 2, .n = map->n};
    larger.slots = slots_new(larger.cap, sizeof(*larger.slots));
    for (uint32_t i = 0; i < map->cap; i++) {
        const struct tm_smap_slot *slot = &map->slots[i];
        if (slot->value != NULL) {
            bool found;
            const tm_str_t key = {slot->key, slot->key_n};
            const uint32_t at = smap_find(&larger, slot->hash, key, &found);
            assert(!found);
            smap_insert_at(&larger, at, *slot);
        }
    }
    tm_free(map->slots);
    *map = larger;
}

void *tm_smap_get(const tm_smap_t *map, tm_str_t key)
{
    if (map->n == 0)
        return NULL;
    bool found;
    const uint32_t i = smap_find(map, smap_hash(key), key, &found);
    return found ? map->slots[i].value : NULL;
}

void tm_smap_prefetch(const tm_smap_t *map, tm_str_t key)
{
    if (map->cap > 0)
        __builtin_prefetch(&map->slots[smap_hash(key) & (map->cap - 1)]);
}

void *tm_smap_put(tm_smap_t *map, tm_str_t key, void *value)
{
    assert(value != NULL);
    if (is_crowded(map->n + 1, map->cap))
        smap_grow(map);
    const uint32_t hash = smap_hash(key);
    bool found;
    const uint32_t i = smap_find(map, hash, key, &found);
    if (found) {
        void *old = map->slots[i].value;
        map->slots[i].value = value;
        return old;
    }
    char *copy = tm_strdup_n(key.p, key.n);
    smap_insert_at(map, i, (struct tm_smap_slot){hash, key.n, copy, value});
    map->n++;
    return NULL;
}

void *tm_smap_del(tm_smap_t *map, tm_str_t key)
{
    if (map->n == 0)
        return NULL;
    bool found;
    uint32_t i = smap_find(map, smap_hash(key), key, &found);
    if (!found)
        return NULL;
    void *old = map->slots[i].value;
    tm_free(map->slots[i].key);
    for (;;) {
        const uint32_t next = (i + 1) & (map->cap - 1);
        const struct tm_smap_slot *after = &map->slots[next];
        if (after->value == NULL || distance(after->hash, next, map->cap) == 0)
            break;
        map->slots[i] = *after;
        i = next;
    }
    map->slots[i] = (struct tm_smap_slot){0};
    map->n--;
    return old;
}

bool tm_smap_next(const tm_smap_t *map, uint32_t *pos, tm_str_t *ret_key, void **ret_value)
{
    for (uint32_t i = *pos; i < map->cap; i++) {
        if (map->slots[i].value != NULL) {
            *pos = i + 1;
            *ret_key = (tm_str_t){map->slots[i].key, map->slots[i].key_n};
            *ret_value = map->slots[i].value;
            return true;
        }
    }
    *pos = map->cap;
    return false;
}
