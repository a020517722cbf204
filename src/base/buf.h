/* buf.h - a growing run of bytes with a named maximum.
 *
 * Why:     everything that grows is bounded; the first failed add is remembered, so callers
 *          check once at the end. An add where there is room is inline: answers are made of
 *          thousands of them.
 * Threads: the owner's. */
#ifndef TM_BASE_BUF_H
#define TM_BASE_BUF_H
#include "base/base.h"

typedef struct tm_buf {
    char *p;       /* may be NULL while n is 0 */
    size_t n;      /* bytes in use */
    size_t cap;
    size_t max;    /* never more than this */
    bool full;     /* an add did not fit: the content is cut at the last whole add */
    uint8_t head;  /* bytes kept free in front of p, for whoever takes it: tm_blob_begin */
} tm_buf_t;

void tm_buf_init(tm_buf_t *buf, size_t max);
void tm_buf_done(tm_buf_t *buf);                 /* frees the bytes; may be used again after init */
static inline void tm_buf_clear(tm_buf_t *buf) { buf->n = 0; buf->full = false; }
/* room now, without moving what is there */
static inline bool tm_buf_has_room(const tm_buf_t *buf, size_t more)
{
    return !buf->full && more <= buf->cap - buf->n;
}
bool tm_buf_reserve_more(tm_buf_t *buf, size_t more); /* tm_buf_reserve without room */
/* room for more bytes; false: over max (full is set) */
static inline bool tm_buf_reserve(tm_buf_t *buf, size_t more)
{
    return tm_buf_has_room(buf, more) || tm_buf_reserve_more(buf, more);
}
void tm_buf_add_more(tm_buf_t *buf, const void *p, size_t n); /* tm_buf_add without room */
static inline void tm_buf_add(tm_buf_t *buf, const void *p, size_t n)
{
    if (n == 0)
        return; /* p may be NULL */
    if (buf->full || n > buf->cap - buf->n) {
        tm_buf_add_more(buf, p, n);
        return;
    }
    memcpy(buf->p + buf->n, p, n);
    buf->n += n;
}
static inline void tm_buf_add_str(tm_buf_t *buf, tm_str_t s) { tm_buf_add(buf, s.p, s.n); }
static inline void tm_buf_add_c(tm_buf_t *buf, const char *c) { tm_buf_add(buf, c, strlen(c)); }
static inline void tm_buf_add_char(tm_buf_t *buf, char c)
{
    if (tm_buf_reserve(buf, 1))
        buf->p[buf->n++] = c;
}
void tm_buf_add_i64(tm_buf_t *buf, int64_t v);   /* decimal */
void tm_buf_add_u64(tm_buf_t *buf, uint64_t v);
/* Writes the digits of v (at most 20) so that they end before `end`; returns where they begin. */
char *tm_digits_before(char *end, uint64_t v);
void tm_buf_printf(tm_buf_t *buf, const char *fmt, ...) TM_PRINTF(2, 3);
/* The piece of the heap that holds the head and the bytes, NUL-terminated; buf is empty afterwards.
 * Unused room stays in it, 512 bytes or an eighth of what is used; what has more is cut to size. */
TM_OWN char *tm_buf_take(tm_buf_t *buf, size_t *ret_n);
static inline tm_str_t tm_buf_str(const tm_buf_t *buf) { return tm_str_n(buf->p, buf->n); }
#endif
