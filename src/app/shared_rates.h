/* shared_rates.h - the rate windows of http in the Redis of store, where one is configured.
 *
 * Threads: new, stop, free: app. health: any. */
#ifndef TM_APP_SHARED_RATES_H
#define TM_APP_SHARED_RATES_H
#include "app/config.h"
#include "http/rate.h"

typedef struct tm_shared_rates tm_shared_rates_t;
/* Is Redis wanted? One of its settings was given. */
bool tm_shared_rates_wanted(const tm_config_t *config);
/* RATE_LIMIT_STRICT, by default true in production. */
bool tm_shared_rates_strict(const tm_config_t *config);
/* Adds the faults of the settings; called with all others. */
void tm_shared_rates_check(const tm_config_t *config, tm_why_t *why);
/* Shares the windows from now on; before the server starts. *ret NULL: Redis is not wanted.
 * Errors: TM_EINVALID the settings, TM_EUNAVAILABLE no thread. */
TM_MUST_CHECK tm_err_t tm_shared_rates_new(const tm_config_t *config, tm_rate_windows_t *windows,
                                           tm_shared_rates_t **ret, tm_why_t *why);
/* What was counted is added once more. After it nobody counts. */
void tm_shared_rates_stop(tm_shared_rates_t *rates);
void tm_shared_rates_free(TM_OWN tm_shared_rates_t *rates);
/* false: users are turned away for lack of Redis. */
bool tm_shared_rates_is_well(tm_shared_rates_t *rates);
/* "redis":{...} of the health. rates NULL, here and above: off. */
void tm_shared_rates_health(tm_shared_rates_t *rates, tm_buf_t *out);
#endif
