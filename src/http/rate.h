/* rate.h - how often somebody may ask: the lines of rates.def, and the windows that count.
 *
 * Why:     guessing passwords and costly routes must stay slow, whoever asks and on whichever loop.
 * How:     fixed windows, each beginning with its first request, in a table of constant size. Where
 *          several processes count together (tm_rate_share), what was counted here is collected by
 *          a thread of its own, which tells the windows the totals; a request never waits for it.
 * Threads: match: any. Windows: any; a mutex held for one look-up. */
#ifndef TM_HTTP_RATE_H
#define TM_HTTP_RATE_H
#include "base/base.h"

typedef enum tm_rate_key { TM_RATE_BY_IP, TM_RATE_BY_USER, TM_RATE_BY_PRINCIPAL } tm_rate_key_t;
typedef enum tm_rate_when { TM_RATE_WHEN_BEFORE, TM_RATE_WHEN_AFTER } tm_rate_when_t;

typedef struct tm_rate {
    const char *name;
    uint32_t limit; /* requests in a window */
    int64_t window_ms;
    tm_rate_key_t key;
    tm_rate_when_t when;
    const char *method; /* "ANY": each */
    const char *paths;  /* patterns of route.h, apart by one space */
} tm_rate_t;

enum {
#define TM_RATE(NAME, limit, window_ms, KEY, WHEN, METHOD, paths) TM_RATE_##NAME,
#define TM_RATE_NEVER(path)
#include "http/rates.def"
#undef TM_RATE_NEVER
#undef TM_RATE
    TM_RATES
};
extern const tm_rate_t tm_rates[TM_RATES];

/* Which rates apply to a request, bit i for tm_rates[i]. path: raw, without the query. O(lines). */
uint32_t tm_rate_match(tm_str_t method, tm_str_t path);

/* Who is counted. */
typedef struct tm_rate_who {
    uint64_t v[2];
    bool is_user;
} tm_rate_who_t;

tm_rate_who_t tm_rate_who_address(uint64_t address); /* tm_conn_address */
tm_rate_who_t tm_rate_who_user(tm_str_t principal);

/* How a window stands after a request. */
typedef struct tm_rate_state {
    uint32_t limit, remaining; /* limit 0: nothing is counted */
    int64_t reset_ms;          /* its end, ms since the epoch */
    bool refused;
} tm_rate_state_t;

typedef struct tm_rate_windows tm_rate_windows_t;
TM_OWN tm_rate_windows_t *tm_rate_windows_new(void);
void tm_rate_windows_free(TM_OWN tm_rate_windows_t *windows);
/* Counts one request, or refuses it. rate: TM_RATE_*. now_ms: wall clock; it may jump: forwards
 * ends windows early, backwards never makes one last longer than window_ms from then on. O(1). */
tm_rate_state_t tm_rate_count(tm_rate_windows_t *windows, uint32_t rate, tm_rate_who_t who,
                              int64_t now_ms);

/* ---- windows that several processes share ---- */

/* A window with requests that the others do not know. */
typedef struct tm_rate_news {
    uint32_t place, turn; /* ours; they name the window */
    uint32_t rate;
    tm_rate_who_t who;
    uint32_t known; /* as the last tm_rate_learn told */
    uint32_t added; /* since then */
    int64_t left_ms;
} tm_rate_news_t;

/* From now on there are others: news(ctx) is called (any thread, no lock held) when the first
 * window has something to tell. The store counts as away until tm_rate_away says otherwise; while
 * it is, windows count alone, and strict ones not at all. Before the server starts. */
void tm_rate_share(tm_rate_windows_t *windows, void (*news)(void *ctx), void *ctx, bool strict);
/* Up to max windows with news; each is followed by tm_rate_learn or tm_rate_give_back. One thread
 * at a time, as all below. */
uint32_t tm_rate_collect(tm_rate_windows_t *windows, int64_t now_ms, tm_rate_news_t *ret,
                         uint32_t max);
/* Every window that counts is collected again: the store may have lost them. O(windows). */
void tm_rate_collect_all(tm_rate_windows_t *windows, int64_t now_ms);
/* news was added to the others' count: total now, of a window that ends in left_ms. */
void tm_rate_learn(tm_rate_windows_t *windows, const tm_rate_news_t *news, uint32_t total,
                   int64_t left_ms, int64_t now_ms);
/* It was not, or nobody knows: it is collected again. */
void tm_rate_give_back(tm_rate_windows_t *windows, const tm_rate_news_t *news);
void tm_rate_away(tm_rate_windows_t *windows, bool away);
/* true: strict, and the store is away: who would be counted must be turned away. */
bool tm_rate_is_blind(const tm_rate_windows_t *windows);
#endif
