/* rate.c - which rates apply to a path, and the table of windows.
 *
 * Why:     a flood of keys must neither take memory nor free those who are being held back.
 * How:     a keyed hash names a bucket of WAYS windows; a new one takes a place whose time is up,
 *          else that of the emptiest window (used in parts of its limit; of equals the one that
 *          ends first). So a window that is full gives way only to a bucket of full ones, which
 *          cost its maker all their requests. What a shared window counted is `known` (told by the
 *          store), `sending` (under way to it) and `added` (since); windows with `added` form a
 *          list through their places. `turn` tells a window from an earlier one at its place, so
 *          an answer that comes late is not taken for the wrong one.
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

#define STRETCH 4096u /* windows looked at while the lock is held */

typedef struct window {
    tm_rate_who_t who;
    uint32_t rate;
    uint32_t known, sending, added; /* requests; alone only added */
    uint32_t turn;
    uint32_t next; /* on the list: place + 1 of the next; 0: the last */
    bool listed;
    int64_t end_ms; /* 0: free */
} window_t;

struct tm_rate_windows {
    pthread_mutex_t lock;
    uint64_t seed;
    uint32_t news; /* place + 1 of the first on the list */
    bool shared, strict;
    bool away; /* atomic */
    void (*on_news)(void *ctx);
    void *ctx;
    window_t windows[BUCKETS * WAYS];
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
    _Static_assert(BUCKETS * WAYS % STRETCH == 0, "tm_rate_collect_all goes by whole stretches");
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

static uint64_t used(const window_t *window)
{
    return (uint64_t)window->known + window->sending + window->added;
}

/* Is a's place taken rather than b's? */
static bool goes_first(const window_t *a, const window_t *b, int64_t now_ms)
{
    const int64_t a_left = left_ms(a, now_ms);
    const int64_t b_left = left_ms(b, now_ms);
    if (a_left == 0 || b_left == 0)
        return a_left < b_left;
    const uint64_t a_used = used(a) * tm_rates[b->rate].limit;
    const uint64_t b_used = used(b) * tm_rates[a->rate].limit;
    return a_used != b_used ? a_used < b_used : a_left < b_left;
}

static bool is_of(const window_t *window, uint32_t rate, const tm_rate_who_t *who)
{
    return window->end_ms != 0 && window->rate == rate && window->who.is_user == who->is_user &&
           window->who.v[0] == who->v[0] && window->who.v[1] == who->v[1];
}

/* A window without requests; its place stays on the list if it is there. */
static void begin(window_t *window, uint32_t rate, const tm_rate_who_t *who)
{
    *window = (window_t){.who = *who,
                         .rate = rate,
                         .turn = window->turn + 1,
                         .next = window->next,
                         .listed = window->listed};
}

/* Returns whether the list was empty. */
static bool put_on_list(tm_rate_windows_t *windows, window_t *window)
{
    const bool first = windows->news == 0;
    if (window->listed)
        return false;
    window->listed = true;
    window->next = windows->news;
    windows->news = (uint32_t)(window - windows->windows) + 1;
    return first;
}

/* The window of this key, or the place that becomes it. */
static window_t *window_of(tm_rate_windows_t *windows, uint32_t rate, const tm_rate_who_t *who,
                           int64_t now_ms)
{
    const uint64_t key[5] = {windows->seed, rate, who->v[0], who->v[1], who->is_user};
    window_t *bucket = &windows->windows[tm_hash64(key, sizeof(key)) % BUCKETS * WAYS];
    window_t *place = &bucket[0];
    for (uint32_t i = 0; i < WAYS; i++) {
        if (is_of(&bucket[i], rate, who))
            return &bucket[i];
        if (goes_first(&bucket[i], place, now_ms))
            place = &bucket[i];
    }
    begin(place, rate, who);
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
        begin(window, rate, &who);
        left = line->window_ms;
    }
    window->end_ms = now_ms + left;
    const bool refused = used(window) >= line->limit;
    window->added += refused ? 0 : 1;
    const bool tell = windows->shared && !refused && put_on_list(windows, window);
    const uint64_t n = TM_MIN(used(window), (uint64_t)line->limit);
    const tm_rate_state_t state = {line->limit, line->limit - (uint32_t)n, window->end_ms, refused};
    pthread_mutex_unlock(&windows->lock);
    if (tell)
        windows->on_news(windows->ctx);
    return state;
}

/* ---- windows that several processes share ---- */

void tm_rate_share(tm_rate_windows_t *windows, void (*news)(void *ctx), void *ctx, bool strict)
{
    assert(windows != NULL && news != NULL && !windows->shared);
    windows->shared = true;
    windows->strict = strict;
    windows->on_news = news;
    windows->ctx = ctx;
    tm_rate_away(windows, true);
}

uint32_t tm_rate_collect(tm_rate_windows_t *windows, int64_t now_ms, tm_rate_news_t *ret,
                         uint32_t max)
{
    assert(windows->shared && max > 0);
    uint32_t n = 0;
    pthread_mutex_lock(&windows->lock);
    while (n < max && windows->news != 0) {
        const uint32_t place = windows->news - 1;
        window_t *window = &windows->windows[place];
        windows->news = window->next;
        window->listed = false;
        const int64_t left = left_ms(window, now_ms);
        if (left == 0)
            continue; /* it is over, and so is the others' */
        ret[n++] = (tm_rate_news_t){.place = place,
                                    .turn = window->turn,
                                    .rate = window->rate,
                                    .who = window->who,
                                    .known = window->known,
                                    .added = window->added,
                                    .left_ms = left};
        window->sending = window->added;
        window->added = 0;
    }
    pthread_mutex_unlock(&windows->lock);
    return n;
}

void tm_rate_collect_all(tm_rate_windows_t *windows, int64_t now_ms)
{
    assert(windows->shared);
    for (uint32_t i = 0; i < BUCKETS * WAYS; i += STRETCH) {
        pthread_mutex_lock(&windows->lock);
        for (uint32_t k = i; k < i + STRETCH; k++) {
            window_t *window = &windows->windows[k];
            if (left_ms(window, now_ms) > 0)
                put_on_list(windows, window);
        }
        pthread_mutex_unlock(&windows->lock);
    }
}

/* NULL: another window is there now, or it began anew. */
static window_t *named(tm_rate_windows_t *windows, const tm_rate_news_t *news)
{
    assert(news->place < BUCKETS * WAYS);
    window_t *window = &windows->windows[news->place];
    return window->turn == news->turn ? window : NULL;
}

void tm_rate_learn(tm_rate_windows_t *windows, const tm_rate_news_t *news, uint32_t total,
                   int64_t left_ms, int64_t now_ms)
{
    const int64_t left = TM_MAX(TM_MIN(left_ms, tm_rates[news->rate].window_ms), INT64_C(0));
    pthread_mutex_lock(&windows->lock);
    window_t *window = named(windows, news);
    if (window != NULL) {
        window->known = total;
        window->sending = 0;
        window->end_ms = now_ms + left;
    }
    pthread_mutex_unlock(&windows->lock);
}

void tm_rate_give_back(tm_rate_windows_t *windows, const tm_rate_news_t *news)
{
    pthread_mutex_lock(&windows->lock);
    window_t *window = named(windows, news);
    if (window != NULL) {
        window->added += window->sending;
        window->sending = 0;
        put_on_list(windows, window);
    }
    pthread_mutex_unlock(&windows->lock);
}

void tm_rate_away(tm_rate_windows_t *windows, bool away)
{
    /* relaxed: a fact of its own, it publishes nothing; partner: the load in tm_rate_is_blind. */
    __atomic_store_n(&windows->away, away, __ATOMIC_RELAXED);
}

bool tm_rate_is_blind(const tm_rate_windows_t *windows)
{
    /* relaxed: partner is the store in tm_rate_away. */
    return windows->strict && __atomic_load_n(&windows->away, __ATOMIC_RELAXED);
}
