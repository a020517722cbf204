/* log.c - one line a record on standard error.
 *
 * Why:     people read key=value on a terminal, machines read JSON; both are one write, so lines
 *          of threads never mix.
 * How:     the record is built in a local buffer of 2 KB. The level and the form are the one
 *          permitted process-wide state: they are set before threads start and a call to log
 *          carries no context.
 * Threads: any. */
#include "base/log.h"
#include "base/time.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

typedef struct line {
    size_t n;
    char p[LINE_MAX_BYTES];
} line_t;

/* atomic, relaxed: they guard nothing */
static int level_min = TM_LOG_INFO; /* tidy: allow global, the log level */
static int as_json = 0;             /* tidy: allow global, its form */

static const char *const level_words[] = {"debug", "info", "warn", "error"};

void tm_log_init(tm_log_level_t level)
{
    assert((unsigned)level < TM_COUNT(level_words));
    const char *format = getenv("LOG_FORMAT");
    int json = isatty(STDERR_FILENO) == 0;
    if (format != NULL && strcmp(format, "json") == 0)
        json = 1;
    if (format != NULL && strcmp(format, "text") == 0)
        json = 0;
    __atomic_store_n(&as_json, json, __ATOMIC_RELAXED);         /* partner: the load in tm_log */
    __atomic_store_n(&level_min, (int)level, __ATOMIC_RELAXED); /* partner: the load in tm_log */
}

tm_err_t tm_log_level_parse(tm_str_t text, tm_log_level_t *ret)
{
    for (unsigned i = 0; i < TM_COUNT(level_words); i++) {
        if (tm_str_eq(text, tm_str(level_words[i]))) {
            *ret = (tm_log_level_t)i;
            return TM_OK;
        }
    }
    return TM_EINVALID;
}

/* Adds as much as leaves `spare` bytes for the end of the line. */
static void line_add(line_t *line, const char *p, size_t n, size_t spare)
{
    const size_t room = line->n + spare < sizeof(line->p) ? sizeof(line->p) - spare - line->n : 0;
    n = TM_MIN(n, room);
    memcpy(line->p + line->n, p, n);
    line->n += n;
}

/* A text between quotes: quotes, backslashes and control characters escaped, so that a record
 * stays one line. Bytes that are not UTF-8 are shown as '?' in JSON too: a log reader must never
 * fail on what the world sent. */
static void line_add_quoted(line_t *line, const char *text, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const size_t spare = 8; /* quote, brace, newline, and one whole escape */
    line_add(line, "\"", 1, spare);
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        char escaped[6];
        size_t escaped_n = 1;
        escaped[0] = (char)c;
        if (c == '"' || c == '\\') {
            escaped[0] = '\\';
            escaped[1] = (char)c;
            escaped_n = 2;
        } else if (c < 0x20 || c == 0x7f) {
            memcpy(escaped, "\\u00", 4);
            escaped[4] = hex[c >> 4];
            escaped[5] = hex[c & 15];
            escaped_n = 6;
        } else if (c >= 0x80) {
            escaped[0] = '?';
        }
        if (line->n + escaped_n + spare > sizeof(line->p))
            break;
        line_add(line, escaped, escaped_n, spare);
    }
    line_add(line, "\"", 1, 2);
}

static void line_add_c(line_t *line, const char *text)
{
    line_add(line, text, strlen(text), 2);
}

void tm_log(tm_log_level_t level, const char *what, const char *fmt, ...)
{
    assert((unsigned)level < TM_COUNT(level_words));
    assert(what != NULL && fmt != NULL);
    if ((int)level < __atomic_load_n(&level_min, __ATOMIC_RELAXED)) /* partner: tm_log_init */
        return;
    const int error = errno;
    const bool json = __atomic_load_n(&as_json, __ATOMIC_RELAXED) != 0; /* partner: tm_log_init */

    char text[LINE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    const int text_n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    char now[TM_MS_TEXT];
    tm_ms_format(tm_time_now(), now);

    line_t line;
    line.n = 0;
    line_add_c(&line, json ? "{\"time\":\"" : "time=");
    line_add_c(&line, now);
    line_add_c(&line, json ? "\",\"level\":\"" : " level=");
    line_add_c(&line, level_words[level]);
    line_add_c(&line, json ? "\",\"what\":" : " what=");
    if (json)
        line_add_quoted(&line, what, strlen(what));
    else
        line_add_c(&line, what);
    line_add_c(&line, json ? ",\"text\":" : " text=");
    line_add_quoted(&line, text, text_n < 0 ? 0 : TM_MIN((size_t)text_n, sizeof(text) - 1));
    line_add(&line, json ? "}\n" : "\n", json ? 2 : 1, 0);
    if (write(STDERR_FILENO, line.p, line.n) < 0) {
        /* there is nobody left to tell */
    }
    errno = error;
}
