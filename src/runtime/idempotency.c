/* idempotency.c - the ring of answered requests.
 *
 * How:     entry number s stands at s modulo capacity; the map leads from half of the key to s + 1.
 *          The capacity doubles up to the limit.
 * Threads: any, under the lock. */
#include "runtime/idempotency.h"
#include "base/map.h"
#include "base/memory.h"
#include <pthread.h>

#define IDEM_MAGIC 0x1de3b001u
#define CAP_FIRST 256u
#define KEY_TEXT_MAX ((size_t)1000)

struct tm_idem {
    uint32_t magic;
    uint32_t entries_max;
    pthread_mutex_t lock;
    tm_map_t by_key;
    tm_idem_entry_t *ring;
    uint32_t cap;
    uint64_t begin, end; /* entry numbers in the ring */
    int64_t latest;      /* atomic; of all times that were seen */
};

TM_OWN tm_idem_t *tm_idem_new(uint32_t entries_max)
{
    assert(entries_max > 0);
    tm_idem_t *idem = TM_NEW(tm_idem_t);
    idem->magic = IDEM_MAGIC;
    idem->entries_max = entries_max;
    idem->latest = INT64_MIN;
    pthread_mutex_init(&idem->lock, NULL);
    return idem;
}

void tm_idem_free(TM_OWN tm_idem_t *idem)
{
    if (idem == NULL)
        return;
    TM_CHECK(idem, IDEM_MAGIC);
    tm_map_done(&idem->by_key);
    tm_free(idem->ring);
    pthread_mutex_destroy(&idem->lock);
    idem->magic = 0;
    tm_free(idem);
}

tm_idem_key_t tm_idem_key(tm_str_t scope, tm_str_t key)
{
    /* no separator to forge */
    /* The length in front keeps "ab" + "c" apart from "a" + "bc". Longer ones are hashed first. */
    char text[sizeof(scope.n) + KEY_TEXT_MAX];
    tm_sha256_t sha;
    if ((size_t)scope.n + key.n <= KEY_TEXT_MAX) {
        memcpy(text, &scope.n, sizeof(scope.n));
        if (scope.n > 0)
            memcpy(text + sizeof(scope.n), scope.p, scope.n);
        if (key.n > 0)
            memcpy(text + sizeof(scope.n) + scope.n, key.p, key.n);
        sha = tm_sha256(text, sizeof(scope.n) + scope.n + key.n);
    } else {
        const tm_sha256_t parts[2] = {tm_sha256(scope.p, scope.n), tm_sha256(key.p, key.n)};
        sha = tm_sha256(parts, sizeof(parts));
    }
    tm_idem_key_t ret;
    memcpy(&ret, sha.b, sizeof(ret));
    return ret;
}

static tm_idem_entry_t *entry_at(const tm_idem_t *idem, uint64_t s)
{
    assert(s >= idem->begin && s < idem->end);
    return &idem->ring[s % idem->cap];
}

static tm_idem_entry_t *find(const tm_idem_t *idem, tm_idem_key_t key)
{
    const uint64_t s = (uint64_t)(uintptr_t)tm_map_get(&idem->by_key, key.w[0]);
    if (s == 0)
        return NULL;
    tm_idem_entry_t *entry = entry_at(idem, s - 1);
    return entry->key.w[1] == key.w[1] ? entry : NULL;
}

static void drop_oldest(tm_idem_t *idem)
{
    const tm_idem_entry_t *entry = entry_at(idem, idem->begin);
    /* A newer entry may have taken the same place in the map after this one expired. */
    if ((uint64_t)(uintptr_t)tm_map_get(&idem->by_key, entry->key.w[0]) == idem->begin + 1)
        tm_map_del(&idem->by_key, entry->key.w[0]);
    idem->begin++;
}

static void grow(tm_idem_t *idem)
{
    const uint32_t cap = TM_MIN(idem->cap == 0 ? CAP_FIRST : idem->cap * 2, idem->entries_max);
    assert(cap > idem->cap);
    tm_idem_entry_t *ring = tm_alloc(cap * sizeof(ring[0]));
    for (uint64_t s = idem->begin; s < idem->end; s++)
        ring[s % cap] = idem->ring[s % idem->cap];
    tm_free(idem->ring);
    idem->ring = ring;
    idem->cap = cap;
}

void tm_idem_see(tm_idem_t *idem, tm_ms_t at)
{
    TM_CHECK(idem, IDEM_MAGIC);
    /* relaxed: a number that publishes nothing else. */
    int64_t latest = __atomic_load_n(&idem->latest, __ATOMIC_RELAXED);
    while (latest < at.v && !__atomic_compare_exchange_n(&idem->latest, &latest, at.v, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

static int64_t latest_of(const tm_idem_t *idem)
{
    return __atomic_load_n(&idem->latest, __ATOMIC_RELAXED); /* partner: see */
}

tm_ms_t tm_idem_expires(const tm_idem_t *idem)
{
    TM_CHECK(idem, IDEM_MAGIC);
    assert(latest_of(idem) > INT64_MIN);
    return (tm_ms_t){latest_of(idem) + TM_IDEM_KEPT_MS};
}

tm_idem_found_t tm_idem_find(tm_idem_t *idem, tm_idem_key_t key, const tm_sha256_t *fingerprint,
                             tm_ms_t now)
{
    TM_CHECK(idem, IDEM_MAGIC);
    tm_idem_see(idem, now);
    pthread_mutex_lock(&idem->lock);
    const tm_idem_entry_t *entry = find(idem, key);
    tm_idem_found_t found = TM_IDEM_NEW;
    if (entry != NULL && entry->expires.v > latest_of(idem)) {
        const bool same = memcmp(&entry->fingerprint, fingerprint, sizeof(*fingerprint)) == 0;
        found = same ? TM_IDEM_REPEAT : TM_IDEM_OTHER_BODY;
    }
    pthread_mutex_unlock(&idem->lock);
    return found;
}

void tm_idem_add(tm_idem_t *idem, tm_idem_key_t key, const tm_sha256_t *fingerprint,
                 tm_ms_t expires, tm_ms_t now, uint64_t number)
{
    TM_CHECK(idem, IDEM_MAGIC);
    tm_idem_see(idem, now);
    pthread_mutex_lock(&idem->lock);
    while (idem->begin < idem->end && (entry_at(idem, idem->begin)->expires.v <= latest_of(idem) ||
                                       idem->end - idem->begin == idem->entries_max))
        drop_oldest(idem);
    if (idem->end - idem->begin == idem->cap)
        grow(idem);
    idem->ring[idem->end % idem->cap] = (tm_idem_entry_t){key, *fingerprint, number, expires};
    idem->end++;
    tm_map_put(&idem->by_key, key.w[0], (void *)(uintptr_t)idem->end);
    pthread_mutex_unlock(&idem->lock);
}

void tm_idem_set_number(tm_idem_t *idem, tm_idem_key_t key, uint64_t number)
{
    assert(number > 0);
    pthread_mutex_lock(&idem->lock);
    tm_idem_entry_t *entry = find(idem, key);
    if (entry != NULL && entry->number == 0)
        entry->number = number;
    pthread_mutex_unlock(&idem->lock);
}

uint64_t tm_idem_number(tm_idem_t *idem, tm_idem_key_t key)
{
    pthread_mutex_lock(&idem->lock);
    const tm_idem_entry_t *entry = find(idem, key);
    const uint64_t number = entry == NULL ? 0 : entry->number;
    pthread_mutex_unlock(&idem->lock);
    return number;
}

uint32_t tm_idem_count(tm_idem_t *idem)
{
    pthread_mutex_lock(&idem->lock);
    const uint32_t n = (uint32_t)(idem->end - idem->begin);
    pthread_mutex_unlock(&idem->lock);
    return n;
}

void tm_idem_range(tm_idem_t *idem, uint64_t *ret_begin, uint64_t *ret_end)
{
    TM_CHECK(idem, IDEM_MAGIC);
    pthread_mutex_lock(&idem->lock);
    *ret_begin = idem->begin;
    *ret_end = idem->end;
    pthread_mutex_unlock(&idem->lock);
}

uint32_t tm_idem_copy(tm_idem_t *idem, uint64_t *at, uint64_t end, tm_idem_entry_t *ret, uint32_t n)
{
    TM_CHECK(idem, IDEM_MAGIC);
    uint32_t copied = 0;
    pthread_mutex_lock(&idem->lock);
    *at = TM_MAX(*at, idem->begin);
    for (; copied < n && *at < end; (*at)++)
        ret[copied++] = *entry_at(idem, *at);
    pthread_mutex_unlock(&idem->lock);
    return copied;
}
