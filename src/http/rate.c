/* rate.c - which rates apply to a path, and the table of windows.
 *
 * Why:     a flood of keys must neither take memory nor free those who are being held back.
 * How:     a keyed hash names a bucket of WAYS windows; a new one takes a place whose time is up,
 *          else that of the emptiest window (used in parts of its limit; of equals the one that
 *          ends first). So a window that is full gives way only to a bucket of full ones, which
 *          cost its maker all their requests.
 * Threads: any; one mutex. */
#include "http/rate.h"
#include "base/digest.h"
#include "base/memory.h"
#include "http/limits.h"
#include "http/route.h"
#include <pthread.h>

#define WAYS 8u
#define BUCKETS (TM_RATE_WINDOWS_MAX / WAYS)
#define ROOT "/api/" /* all patterns begin so */

const tm_rate_t tm_rates[TM_RATES] = {
#define TM_RATE(NAME, limit, window_ms, KEY, WHEN, METHOD, paths) \
    {#NAME, limit, window_ms, TM_RATE_BY_##KEY, TM_RATE_WHEN_##WHEN, #METHOD, paths},
#define TM_RATE_NEVER(path)
#include "http/rates.def"
#undef TM_RATE_NEVER
#undef TM_RATE
};

typedef struct window {
    tm_rate_who_t who;
    uint32_t rate, used;
    int64_t end_ms; /* 0: free */
} window_t;

struct tm_rate_windows {
    pthread_mutex_t lock;
    uint64_t seed;
    window_t windows[BUCKETS][WAYS];
};

/* ---- which apply ---- */

static bool is_never(tm_str_t path)
{
    static const char *const paths[] = {
#define TM_RATE(NAME, limit, window_ms, KEY, WHEN, METHOD, paths)
#define TM_RATE_NEVER(path) path,
#include "http/rates.def"
#undef TM_RATE_NEVER
#undef TM_RATE
    };
    for (size_t i = 0; i < TM_COUNT(paths); i++) {
        if (tm_str_eq(path, tm_str(paths[i])))
            return true;
    }
    return false;
}

static bool applies(const tm_rate_t *rate, tm_str_t method, tm_str_t path)
{
    if (strcmp(rate->method, "ANY") != 0 && !tm_str_eq(method, tm_str(rate->method)))
        return false;
    for (const char *p = rate->paths; *p != '\0';) {
        const size_t n = strcspn(p, " ");
        tm_str_t names[TM_ROUTE_NAMES_MAX];
        if (tm_path_matches(tm_str_n(p, n), path, names))
            return true;
        p += n + (p[n] == ' ' ? 1 : 0);
    }
    return false;
}

uint32_t tm_rate_match(tm_str_t method, tm_str_t path)
{
    _Static_assert(TM_RATES <= 32, "one bit each");
    uint32_t bits = 0;
    if (!tm_str_starts(path, ROOT) || is_never(path))
        return 0;
    for (uint32_t i = 0; i < TM_RATES; i++) {
        if (applies(&tm_rates[i], method, path))
            bits |= 1u << i;
    }
    return bits;
}

/* ---- who ---- */

tm_rate_who_t tm_rate_who_address(uint64_t address)
{
    return (tm_rate_who_t){.v = {address, 0}};
}

tm_rate_who_t tm_rate_who_user(tm_str_t principal)
{
    assert(principal.n > 0);
    const tm_sha256_t sha = tm_sha256(principal.p, principal.n);
    tm_rate_who_t who = {.is_user = true};
    memcpy(who.v, sha.b, sizeof(who.v));
    return who;
}

/* ---- windows ---- */

TM_OWN tm_rate_windows_t *tm_rate_windows_new(void)
{
    tm_rate_windows_t *windows = TM_NEW(tm_rate_windows_t);
    pthread_mutex_init(&windows->lock, NULL);
    tm_random_bytes(&windows->seed, sizeof(windows->seed));
    return windows;
}

void tm_rate_windows_free(TM_OWN tm_rate_windows_t *windows)
{
    if (windows == NULL)
        return;
    pthread_mutex_destroy(&windows->lock);
    tm_free(windows);
}

/* ms until its end; 0: it is over. A clock that was set back does not make it longer. */
static int64_t left_ms(const window_t *window, int64_t now_ms)
{
    if (window->end_ms <= now_ms)
        return 0;
    return TM_MIN(window->end_ms - now_ms, tm_rates[window->rate].window_ms);
}

/* Is a's place taken rather than b's? */
static bool goes_first(const window_t *a, const window_t *b, int64_t now_ms)
{
    const int64_t a_left = left_ms(a, now_ms);
    const int64_t b_left = left_ms(b, now_ms);
    if (a_left == 0 || b_left == 0)
        return a_left < b_left;
    const uint64_t a_used = (uint64_t)a->used * tm_rates[b->rate].limit;
    const uint64_t b_used = (uint64_t)b->used * tm_rates[a->rate].limit;
    return a_used != b_used ? a_used < b_used : a_left < b_left;
}

static bool is_of(const window_t *window, uint32_t rate, const tm_rate_who_t *who)
{
    return window->end_ms != 0 && window->rate == rate && window->who.is_user == who->is_user &&
           window->who.v[0] == who->v[0] && window->who.v[1] == who->v[1];
}

/* The window of this key, or the place that becomes it. */
static window_t *window_of(tm_rate_windows_t *windows, uint32_t rate, const tm_rate_who_t *who,
                           int64_t now_ms)
{
    const uint64_t key[5] = {windows->seed, rate, who->v[0], who->v[1], who->is_user};
    window_t *bucket = windows->windows[tm_hash64(key, sizeof(key)) % BUCKETS];
    window_t *place = &bucket[0];
    for (uint32_t i = 0; i < WAYS; i++) {
        if (is_of(&bucket[i], rate, who))
            return &bucket[i];
        if (goes_first(&bucket[i], place, now_ms))
            place = &bucket[i];
    }
    *place = (window_t){.who = *who, .rate = rate};
    return place;
}

tm_rate_state_t tm_rate_count(tm_rate_windows_t *windows, uint32_t rate, tm_rate_who_t who,
                              int64_t now_ms)
{
    assert(windows != NULL && rate < TM_RATES && now_ms > 0);
    const tm_rate_t *line = &tm_rates[rate];
    pthread_mutex_lock(&windows->lock);
    window_t *window = window_of(windows, rate, &who, now_ms);
    int64_t left = left_ms(window, now_ms);
    if (left == 0) {
        window->used = 0;
        left = line->window_ms;
    }
    window->end_ms = now_ms + left;
    const bool refused = window->used >= line->limit;
    window->used += refused ? 0 : 1;
    const tm_rate_state_t state = {line->limit, line->limit - window->used, window->end_ms,
                                   refused};
    pthread_mutex_unlock(&windows->lock);
    return state;
}
