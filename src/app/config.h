/* config.h - every setting with its value and where it came from; all faults at once.
 *
 * How:     options win over the environment, the environment over defaults. One line a setting in
 *          settings.def.
 * Threads: read once at start, then constant. */
#ifndef TM_APP_CONFIG_H
#define TM_APP_CONFIG_H
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"

#define TM_CONFIG_LISTEN_MAX 8
#define TM_CONFIG_TEXT_MAX 1024

enum {
#define TM_SETTING(name, fallback, kind, min, max, doc) TM_SET_##name,
#include "app/settings.def"
#undef TM_SETTING
    TM_SETTING_COUNT
};

typedef enum tm_origin { TM_ORIGIN_DEFAULT, TM_ORIGIN_ENVIRONMENT, TM_ORIGIN_OPTION } tm_origin_t;

typedef struct tm_config {
    struct {
        char text[TM_CONFIG_TEXT_MAX];
        bool is_set;
        tm_origin_t origin;
    } v[TM_SETTING_COUNT];
    struct {
        char host[64];
        uint16_t port;
    } listen[TM_CONFIG_LISTEN_MAX];
    uint32_t n_listen;
    bool demo;
} tm_config_t;

/* Defaults, then the environment. */
void tm_config_init(tm_config_t *config);
/* An option's value. index: TM_SET_x. */
void tm_config_option(tm_config_t *config, int index, const char *value);
/* Adds HOST:PORT. Errors: TM_EUSAGE. */
TM_MUST_CHECK tm_err_t tm_config_listen(tm_config_t *config, const char *host_port, tm_why_t *why);
/* Checks everything; adds one fault a wrong setting, the setting's name as field. */
TM_MUST_CHECK tm_err_t tm_config_check(const tm_config_t *config, tm_why_t *why);
const char *tm_config_text(const tm_config_t *config, int index); /* "" when unset */
int64_t tm_config_int(const tm_config_t *config, int index);
bool tm_config_is_production(const tm_config_t *config);
/* NAME=value (origin) a line; secrets as their length. */
void tm_config_write(const tm_config_t *config, tm_buf_t *out);
#endif
