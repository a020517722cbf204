/* config.c - see config.h.
 *
 * Threads: start only. */
#include "app/config.h"

#include "app/shared_rates.h"
#include "store/url.h"

#include <stdio.h>
#include <stdlib.h>

typedef enum kind { INT, TEXT, SECRET, PASSWORD } setting_kind_t;
typedef struct setting {
    const char *name, *fallback, *doc;
    setting_kind_t kind;
    int64_t min, max;
} setting_t;

static const setting_t settings[TM_SETTING_COUNT] = {
#define TM_SETTING(name_, fallback_, kind_, min_, max_, doc_) \
    [TM_SET_##name_] = {#name_, fallback_, doc_, kind_, min_, max_},
#include "app/settings.def"
#undef TM_SETTING
};

#define SECRET_BYTES_MIN 32

static void set_value(tm_config_t *config, int index, const char *value, tm_origin_t origin)
{
    (void)snprintf(config->v[index].text, sizeof config->v[index].text, "%s", value);
    config->v[index].is_set = value[0] != '\0';
    config->v[index].origin = origin;
}

void tm_config_init(tm_config_t *config)
{
    memset(config, 0, sizeof *config);
    for (int i = 0; i < TM_SETTING_COUNT; i++) {
        const char *given = getenv(settings[i].name);
        const bool is_given = given != NULL && given[0] != '\0';
        set_value(config, i, is_given ? given : settings[i].fallback,
                  is_given ? TM_ORIGIN_ENVIRONMENT : TM_ORIGIN_DEFAULT);
    }
}

void tm_config_option(tm_config_t *config, int index, const char *value)
{
    assert(index >= 0 && index < TM_SETTING_COUNT);
    set_value(config, index, value, TM_ORIGIN_OPTION);
}

tm_err_t tm_config_listen(tm_config_t *config, const char *host_port, tm_why_t *why)
{
    const char *colon = strrchr(host_port, ':');
    int64_t port = -1;
    const size_t host_n = colon == NULL ? 0 : (size_t)(colon - host_port);
    if (colon == NULL || host_n == 0 || host_n >= sizeof config->listen[0].host ||
        !tm_str_i64(tm_str(colon + 1), &port) || port < 0 || port > 65535)
        return tm_why_add(why, TM_EUSAGE, "--listen", "must be HOST:PORT, not \"%s\"", host_port);
    if (config->n_listen == TM_CONFIG_LISTEN_MAX)
        return tm_why_add(why, TM_EUSAGE, "--listen", "may stand at most %d times",
                          TM_CONFIG_LISTEN_MAX);
    memcpy(config->listen[config->n_listen].host, host_port, host_n);
    config->listen[config->n_listen].host[host_n] = '\0';
    config->listen[config->n_listen].port = (uint16_t)port;
    config->n_listen++;
    return TM_OK;
}

const char *tm_config_text(const tm_config_t *config, int index)
{
    return config->v[index].text;
}

int64_t tm_config_int(const tm_config_t *config, int index)
{
    int64_t v = 0;
    assert(settings[index].kind == INT);
    return tm_str_i64(tm_str(config->v[index].text), &v) ? v : 0;
}

bool tm_config_is_production(const tm_config_t *config)
{
    return strcmp(tm_config_text(config, TM_SET_APP_ENV), "production") == 0;
}

static void check_one(const tm_config_t *config, int i, tm_why_t *why)
{
    const char *text = config->v[i].text;
    int64_t v = 0;
    if (settings[i].kind == INT) {
        if (!tm_str_i64(tm_str(text), &v)) {
            (void)tm_why_add(why, TM_EINVALID, settings[i].name, "must be an integer, not \"%s\"",
                             text);
        } else if (v < settings[i].min || v > settings[i].max) {
            (void)tm_why_add(why, TM_ERANGE, settings[i].name, "must lie between %lld and %lld",
                             (long long)settings[i].min, (long long)settings[i].max);
        }
        return;
    }
    const int64_t n = (int64_t)strlen(text);
    if (n < settings[i].min || n > settings[i].max) {
        (void)tm_why_add(why, TM_ERANGE, settings[i].name, "must have %lld to %lld characters",
                         (long long)settings[i].min, (long long)settings[i].max);
    } else if (settings[i].kind == SECRET && n > 0 && n < SECRET_BYTES_MIN &&
               tm_config_is_production(config)) {
        (void)tm_why_add(why, TM_EINVALID, settings[i].name,
                         "must have at least %d characters in production", SECRET_BYTES_MIN);
    }
}

static void check_switch(const tm_config_t *config, int index, const char *name, tm_why_t *why)
{
    const char *text = tm_config_text(config, index);
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        (void)tm_why_add(why, TM_EINVALID, name, "must be true or false");
    }
}

static void check_together(const tm_config_t *config, tm_why_t *why)
{
    const char *env = tm_config_text(config, TM_SET_APP_ENV);
    const char *format = tm_config_text(config, TM_SET_LOG_FORMAT);
    const char *url = tm_config_text(config, TM_SET_DATABASE_URL);
    tm_log_level_t level = TM_LOG_INFO;
    if (strcmp(env, "development") != 0 && strcmp(env, "test") != 0 &&
        strcmp(env, "production") != 0) {
        (void)tm_why_add(why, TM_EINVALID, "APP_ENV", "must be development, test or production");
    }
    check_switch(config, TM_SET_DEDUPE_AUTO_RESOLVER_ENABLED, "DEDUPE_AUTO_RESOLVER_ENABLED", why);
    check_switch(config, TM_SET_EOD_REPORT_ENABLED, "EOD_REPORT_ENABLED", why);
    if (tm_log_level_parse(tm_str(tm_config_text(config, TM_SET_LOG_LEVEL)), &level) != TM_OK) {
        (void)tm_why_add(why, TM_EINVALID, "LOG_LEVEL", "must be debug, info, warn or error");
    }
    if (format[0] != '\0' && strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
        (void)tm_why_add(why, TM_EINVALID, "LOG_FORMAT", "must be text or json");
    }
    if (url[0] != '\0' && !tm_str_starts(tm_str(url), "sqlite:") &&
        !tm_str_starts(tm_str(url), "mysql://")) {
        (void)tm_why_add(why, TM_EINVALID, "DATABASE_URL", "must begin with sqlite: or mysql://");
    }
    tm_shared_rates_check(config, why);
    if (config->v[TM_SET_TLS_CERT_FILE].is_set != config->v[TM_SET_TLS_KEY_FILE].is_set) {
        (void)tm_why_add(why, TM_EINVALID,
                         config->v[TM_SET_TLS_CERT_FILE].is_set ? "TLS_KEY_FILE" : "TLS_CERT_FILE",
                         "certificate and key go together");
    }
    if (config->v[TM_SET_JWT_SECRET].is_set &&
        strlen(tm_config_text(config, TM_SET_JWT_SECRET)) < SECRET_BYTES_MIN) {
        (void)tm_why_add(why, TM_EINVALID, "JWT_SECRET", "must have at least %d characters",
                         SECRET_BYTES_MIN);
    }
    if (tm_config_is_production(config) && !config->v[TM_SET_SYSTEM_API_KEY].is_set) {
        (void)tm_why_add(why, TM_EINVALID, "SYSTEM_API_KEY", "must be set in production");
    }
}

tm_err_t tm_config_check(const tm_config_t *config, tm_why_t *why)
{
    for (int i = 0; i < TM_SETTING_COUNT; i++) {
        check_one(config, i, why);
    }
    check_together(config, why);
    return tm_why_err(why);
}

void tm_config_write(const tm_config_t *config, tm_buf_t *out)
{
    static const char *const origins[] = {"default", "environment", "option"};
    for (int i = 0; i < TM_SETTING_COUNT; i++) {
        const char *text = config->v[i].text;
        if ((settings[i].kind == SECRET || settings[i].kind == PASSWORD) && text[0] != '\0') {
            tm_buf_printf(out, "%s=(%zu characters) (%s)\n", settings[i].name, strlen(text),
                          origins[config->v[i].origin]);
        } else if (i == TM_SET_DATABASE_URL || i == TM_SET_REDIS_URL) {
            tm_buf_printf(out, "%s=", settings[i].name);
            tm_url_redact(tm_str(text), out);
            tm_buf_printf(out, " (%s)\n", origins[config->v[i].origin]);
        } else {
            tm_buf_printf(out, "%s=%s (%s)\n", settings[i].name, text,
                          origins[config->v[i].origin]);
        }
    }
}
