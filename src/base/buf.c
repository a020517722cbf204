/* buf.c - a growing run of bytes with a named maximum.
 *
 * How:     capacity at least doubles up to the maximum. After the first add that does not fit
 *          nothing is added any more: what stands in the buffer is always a whole number of adds.
 * Threads: the owner's. */
#include "base/buf.h"
#include "base/memory.h"
#include <stdarg.h>
#include <stdio.h>

#define CAP_FIRST ((size_t)128)
#define UNUSED_KEPT ((size_t)512) /* what is taken is not moved to save less, */
#define USED_A_UNUSED 8           /* nor to save less than one byte of so many */

static const char digit_pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "68697071727374757677787980818283848586878889909192939495969798"
    "99";

void tm_buf_init(tm_buf_t *buf, size_t max)
{
    assert(buf != NULL);
    *buf = (tm_buf_t){.max = max};
}

/* The piece of the heap; NULL: none yet. */
static char *piece(const tm_buf_t *buf)
{
    return buf->p == NULL ? NULL : buf->p - buf->head;
}

void tm_buf_done(tm_buf_t *buf)
{
    if (buf == NULL)
        return;
    tm_free(piece(buf));
    *buf = (tm_buf_t){.max = buf->max, .head = buf->head};
}

bool tm_buf_reserve_more(tm_buf_t *buf, size_t more)
{
    assert(buf->n <= buf->cap || buf->cap == 0);
    if (buf->full)
        return false;
    if (more > buf->max || buf->n > buf->max - more) {
        buf->full = true;
        return false;
    }
    size_t bytes = TM_MAX(2 * (buf->head + buf->cap), CAP_FIRST);
    bytes = TM_MAX(bytes, buf->head + buf->n + more);
    bytes = TM_MIN(bytes, buf->head + buf->max);
    buf->p = (char *)tm_realloc(piece(buf), bytes) + buf->head;
    buf->cap = bytes - buf->head;
    return true;
}

void tm_buf_add_more(tm_buf_t *buf, const void *p, size_t n)
{
    if (!tm_buf_reserve(buf, n))
        return;
    memcpy(buf->p + buf->n, p, n);
    buf->n += n;
}

char *tm_digits_before(char *end, uint64_t v)
{
    while (v >= 100) {
        const unsigned pair = (unsigned)(v % 100);
        v /= 100;
        end -= 2;
        memcpy(end, &digit_pairs[2 * pair], 2);
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, &digit_pairs[2 * v], 2);
    } else {
        *--end = (char)('0' + v);
    }
    return end;
}

#define THREE(v) UINT64_C(v), UINT64_C(v##0), UINT64_C(v##00)

/* How many digits v has: 1233 / 4096 is about log10(2), so that its bits tell all but the last. */
static unsigned digits_of(uint64_t v)
{
    static const uint64_t first_with[20] = {0,
                                            10,
                                            100,
                                            THREE(1000),
                                            THREE(1000000),
                                            THREE(1000000000),
                                            THREE(1000000000000),
                                            THREE(1000000000000000),
                                            UINT64_C(1000000000000000000),
                                            UINT64_C(10000000000000000000)};
    const unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
    const unsigned n = bits * 1233 >> 12;
    return n + (v >= first_with[n] ? 1 : 0);
}

/* Made where it stays: most of what answers hold are numbers. */
static void add_number(tm_buf_t *buf, bool negative, uint64_t v)
{
    const unsigned n = digits_of(v) + negative;
    if (!tm_buf_reserve(buf, n))
        return;
    char *end = buf->p + buf->n + n;
    char *begin = tm_digits_before(end, v);
    if (negative)
        begin[-1] = '-';
    buf->n += n;
}

void tm_buf_add_i64(tm_buf_t *buf, int64_t v)
{
    add_number(buf, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void tm_buf_add_u64(tm_buf_t *buf, uint64_t v)
{
    add_number(buf, false, v);
}

void tm_buf_printf(tm_buf_t *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(n >= 0);
    if (buf->full)
        return;
    /* vsnprintf writes a NUL behind the text, which a buffer filled to its maximum has no room
     * for. */
    char small[256];
    TM_AUTO(tm_free_p) char *large = (size_t)n < sizeof(small) ? NULL : tm_alloc((size_t)n + 1);
    char *text = large == NULL ? small : large;
    va_start(args, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    tm_buf_add(buf, text, (size_t)n);
}

TM_OWN char *tm_buf_take(tm_buf_t *buf, size_t *ret_n)
{
    const size_t unused = buf->cap - buf->n;
    const bool fits = unused > 0 && unused <= TM_MAX(UNUSED_KEPT, buf->n / USED_A_UNUSED);
    char *p = fits ? piece(buf) : tm_realloc(piece(buf), buf->head + buf->n + 1);
    p[buf->head + buf->n] = '\0';
    if (ret_n != NULL)
        *ret_n = buf->n;
    *buf = (tm_buf_t){.max = buf->max, .head = buf->head};
    return p;
}
