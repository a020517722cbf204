/* shared_rates.c - see shared_rates.h.
 *
 * How:     a window's key names its rate and whom it counts: the peer's address, or a hash of the
 *          user's name. Processes that share a database of Redis share their limits.
 * Threads: the owner's functions run in store's thread. */
#include "app/shared_rates.h"

#include "base/memory.h"
#include "base/time.h"
#include "schema/json.h"
#include "store/shared_counts.h"

#include <stdio.h>

struct tm_shared_rates {
    tm_shared_counts_t *counts;
    tm_rate_windows_t *windows;
    bool strict;
    tm_rate_news_t news[TM_SHARED_BATCH_MAX]; /* between collect and told */
};

/* ---- settings ---- */

bool tm_shared_rates_wanted(const tm_config_t *config)
{
    static const int settings[] = {TM_SET_REDIS_URL, TM_SET_REDIS_HOST, TM_SET_REDIS_PORT,
                                   TM_SET_REDIS_DB, TM_SET_REDIS_PASSWORD};
    for (size_t i = 0; i < TM_COUNT(settings); i++) {
        if (config->v[settings[i]].origin != TM_ORIGIN_DEFAULT)
            return true;
    }
    return false;
}

bool tm_shared_rates_strict(const tm_config_t *config)
{
    const char *text = tm_config_text(config, TM_SET_RATE_LIMIT_STRICT);
    return text[0] == '\0' ? tm_config_is_production(config) : strcmp(text, "true") == 0;
}

/* REDIS_URL, else the parts. */
static tm_err_t read_at(const tm_config_t *config, tm_redis_at_t *ret, tm_why_t *why)
{
    const char *url = tm_config_text(config, TM_SET_REDIS_URL);
    if (url[0] != '\0')
        return tm_redis_url_parse(tm_str(url), ret, why);
    *ret = (tm_redis_at_t){.db = (uint32_t)tm_config_int(config, TM_SET_REDIS_DB)};
    ret->server.port = (uint16_t)tm_config_int(config, TM_SET_REDIS_PORT);
    (void)snprintf(ret->server.host, sizeof ret->server.host, "%s",
                   tm_config_text(config, TM_SET_REDIS_HOST));
    (void)snprintf(ret->server.password, sizeof ret->server.password, "%s",
                   tm_config_text(config, TM_SET_REDIS_PASSWORD));
    return TM_OK;
}

void tm_shared_rates_check(const tm_config_t *config, tm_why_t *why)
{
    tm_redis_at_t at;
    const char *strict = tm_config_text(config, TM_SET_RATE_LIMIT_STRICT);
    (void)!read_at(config, &at, why);
    if (strict[0] != '\0' && strcmp(strict, "true") != 0 && strcmp(strict, "false") != 0) {
        (void)tm_why_add(why, TM_EINVALID, "RATE_LIMIT_STRICT", "must be true or false");
    }
}

/* ---- the owner of the counts ---- */

static void write_key(const tm_rate_news_t *news, char ret[TM_SHARED_KEY_MAX])
{
    const tm_rate_who_t *who = &news->who;
    const int n = snprintf(ret, TM_SHARED_KEY_MAX, "trailmix:rate:%s:%s:%016llx%016llx",
                           tm_rates[news->rate].name, who->is_user ? "user" : "ip",
                           (unsigned long long)who->v[0], (unsigned long long)who->v[1]);
    assert(n > 0 && n < TM_SHARED_KEY_MAX);
    (void)n;
}

static uint32_t collect(void *self, tm_shared_count_t *ret, uint32_t max)
{
    tm_shared_rates_t *rates = self;
    assert(max <= TM_SHARED_BATCH_MAX);
    const uint32_t n = tm_rate_collect(rates->windows, tm_time_now().v, rates->news, max);
    for (uint32_t i = 0; i < n; i++) {
        const tm_rate_news_t *news = &rates->news[i];
        ret[i] = (tm_shared_count_t){
            .known = news->known, .added = news->added, .left_ms = news->left_ms};
        write_key(news, ret[i].key);
    }
    return n;
}

static void told(void *self, const tm_shared_count_t *counts, uint32_t n, bool done)
{
    tm_shared_rates_t *rates = self;
    const int64_t now_ms = tm_time_now().v;
    for (uint32_t i = 0; i < n; i++) {
        if (done) {
            tm_rate_learn(rates->windows, &rates->news[i], counts[i].total, counts[i].left_ms,
                          now_ms);
        } else {
            tm_rate_give_back(rates->windows, &rates->news[i]);
        }
    }
}

static void collect_all(void *self)
{
    tm_rate_collect_all(((tm_shared_rates_t *)self)->windows, tm_time_now().v);
}

static void away(void *self, bool is_away)
{
    tm_rate_away(((tm_shared_rates_t *)self)->windows, is_away);
}

static void has_news(void *ctx)
{
    tm_shared_counts_wake(((tm_shared_rates_t *)ctx)->counts);
}

/* ---- the outside ---- */

tm_err_t tm_shared_rates_new(const tm_config_t *config, tm_rate_windows_t *windows,
                             tm_shared_rates_t **ret, tm_why_t *why)
{
    *ret = NULL;
    if (!tm_shared_rates_wanted(config))
        return TM_OK;
    tm_redis_at_t at;
    const tm_err_t err = read_at(config, &at, why);
    if (err != TM_OK)
        return err;
    tm_shared_rates_t *rates = TM_NEW(tm_shared_rates_t);
    rates->windows = windows;
    rates->strict = tm_shared_rates_strict(config);
    const tm_shared_owner_t owner = {rates, collect, told, collect_all, away};
    rates->counts = tm_shared_counts_new(&at, &owner);
    explicit_bzero(at.server.password, sizeof at.server.password);
    tm_rate_share(windows, has_news, rates, rates->strict);
    *ret = rates;
    return tm_shared_counts_start(rates->counts);
}

void tm_shared_rates_stop(tm_shared_rates_t *rates)
{
    tm_shared_counts_stop(rates->counts);
}

void tm_shared_rates_free(TM_OWN tm_shared_rates_t *rates)
{
    if (rates == NULL)
        return;
    tm_shared_counts_free(rates->counts);
    tm_free(rates);
}

bool tm_shared_rates_is_well(tm_shared_rates_t *rates)
{
    return rates == NULL || !tm_rate_is_blind(rates->windows);
}

void tm_shared_rates_health(tm_shared_rates_t *rates, tm_buf_t *out)
{
    if (rates == NULL) {
        tm_buf_add_c(out, "\"redis\":{\"status\":\"off\"}");
        return;
    }
    tm_shared_stats_t stats;
    tm_shared_counts_stats(rates->counts, &stats);
    tm_buf_printf(out, "\"redis\":{\"status\":\"%s\",\"since_ms\":%lld,\"strict\":%s,\"error\":",
                  stats.connected ? "connected" : "away", (long long)stats.since.v,
                  rates->strict ? "true" : "false");
    if (stats.error[0] != '\0') {
        tm_json_write_str(tm_str(stats.error), out);
    } else {
        tm_buf_add_c(out, "null");
    }
    tm_buf_add_char(out, '}');
}
