/* log.h - one line a record on standard error: key=value on a terminal, JSON otherwise
 * (LOG_FORMAT=text|json overrides).
 *
 * Why:     edges and app log; base, schema, runtime, domain and actors return errors instead.
 * Threads: any; a record is one write(2). The level is process-wide (the one permitted global,
 *          see log.c). */
#ifndef TM_BASE_LOG_H
#define TM_BASE_LOG_H
#include "base/base.h"

typedef enum tm_log_level { TM_LOG_DEBUG, TM_LOG_INFO, TM_LOG_WARN, TM_LOG_ERROR } tm_log_level_t;

void tm_log_init(tm_log_level_t level); /* once, before threads; reads LOG_FORMAT */
/* debug info warn error */
TM_MUST_CHECK tm_err_t tm_log_level_parse(tm_str_t text, tm_log_level_t *ret);
/* error: someone must act; warn: degraded (say what we do instead); info: life cycle; debug:
 * off. `what` is a short stable event name; the rest becomes the text. At most 2 KB, cut.
 * Secrets never. */
void tm_log(tm_log_level_t level, const char *what, const char *fmt, ...) TM_PRINTF(3, 4);
#endif
