/* json_lex.c - the smallest pieces of JSON text.
 *
 * How:     a string is first scanned for its end, eight bytes a step; only one with escapes is
 *          copied.
 * Threads: pure.
 * Source:  RFC 8259; the tests for bytes inside a word are from "Bit Twiddling Hacks" (S. E.
 *          Anderson, public domain). */
#include "schema/json_lex.h"
#include "base/fold.h"

#define LOW UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

enum { HAS_ESCAPES = 1, HAS_HIGH = 2 };

static inline bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

const char *tm_lex_number(const char *p, const char *end)
{
    if (p < end && *p == '-')
        p++;
    if (!is_digit(p, end))
        return NULL;
    if (*p == '0') {
        p++; /* nothing may follow a leading zero: the next token will say so */
    } else {
        while (is_digit(p, end)) {
            p++;
        }
    }
    if (p < end && *p == '.') {
        p++;
        if (!is_digit(p, end))
            return NULL;
        while (is_digit(p, end)) {
            p++;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        if (!is_digit(p, end))
            return NULL;
        while (is_digit(p, end)) {
            p++;
        }
    }
    return p;
}

/* High bit set at each zero byte; bytes above the first may be wrong, which the caller's slow
 * step does not mind. */
static inline uint64_t zero_bytes(uint64_t v)
{
    return (v - LOW) & ~v & HIGH;
}

/* The closing quote of the string that begins at p; NULL with *p at the bad byte. Sets flags. */
static const char *find_end(const char **from, const char *end, unsigned *flags)
{
    const char *p = *from;
    for (;;) {
        while (end - p >= 8) {
            uint64_t word;
            memcpy(&word, p, 8);
            const uint64_t control = (word - LOW * 0x20) & ~word & HIGH;
            if ((zero_bytes(word ^ LOW * '"') | zero_bytes(word ^ LOW * '\\') | control) != 0)
                break;
            if ((word & HIGH) != 0)
                *flags |= HAS_HIGH;
            p += 8;
        }
        for (unsigned i = 0; i < 8 && p < end; i++, p++) {
            const unsigned char c = (unsigned char)*p;
            if (c == '"')
                return p;
            if (c < 0x20) {
                *from = p;
                return NULL;
            }
            if (c >= 0x80)
                *flags |= HAS_HIGH;
            if (c == '\\') {
                *flags |= HAS_ESCAPES;
                p++; /* what is escaped is never the end */
            }
        }
        if (p >= end) {
            *from = end;
            return NULL;
        }
    }
}

/* Four hex digits; -1: not four. */
static int32_t hex4(const char *p, const char *end)
{
    int32_t v = 0;
    if (end - p < 4)
        return -1;
    for (unsigned i = 0; i < 4; i++) {
        const char c = p[i];
        int digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (c | 32) - 'a' + 10;
        else
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 63));
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    }
    return out;
}

/* The character of \uXXXX or a pair of them; *p stands behind the u and then behind the digits.
 * 0: bad (NUL included). */
static uint32_t unicode_escape(const char **p, const char *end)
{
    const int32_t first = hex4(*p, end);
    if (first <= 0)
        return 0;
    *p += 4;
    if (first < 0xd800 || first > 0xdfff)
        return (uint32_t)first;
    if (first > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return 0;
    const int32_t second = hex4(*p + 2, end);
    if (second < 0xdc00 || second > 0xdfff)
        return 0;
    *p += 6;
    return 0x10000 + ((uint32_t)(first - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
}

/* Unescapes [p, end) into out, which has as much room. Returns behind the last byte; NULL with
 * *bad at the bad escape. */
static char *unescape(const char *p, const char *end, char *out, const char **bad)
{
    while (p < end) {
        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        *bad = p++;
        const char c = *p++;
        switch (c) {
        case '"':
        case '\\':
        case '/': *out++ = c; break;
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 't': *out++ = '\t'; break;
        case 'u': {
            const uint32_t one = unicode_escape(&p, end);
            if (one == 0)
                return NULL;
            out = put_utf8(out, one);
            break;
        }
        default: return NULL;
        }
    }
    return out;
}

tm_err_t tm_lex_string(const char **p, const char *end, tm_arena_t *arena, tm_str_t *ret,
                       bool *ret_copied)
{
    unsigned flags = 0;
    const char *begin = *p;
    const char *close = find_end(p, end, &flags);
    if (close == NULL)
        return TM_EMALFORMED;
    tm_str_t s = tm_str_n(begin, (size_t)(close - begin));
    if ((flags & HAS_HIGH) != 0 && !tm_utf8_is_valid(s)) {
        *p = close;
        return TM_EMALFORMED;
    }
    if ((flags & HAS_ESCAPES) != 0) {
        char *out = tm_arena_alloc(arena, s.n);
        if (out == NULL)
            return TM_ENOMEM;
        const char *bad = begin;
        const char *last = unescape(begin, close, out, &bad);
        if (last == NULL) {
            *p = bad;
            return TM_EMALFORMED;
        }
        s = tm_str_n(out, (size_t)(last - out));
    }
    *p = close + 1;
    *ret = s;
    if (ret_copied != NULL)
        *ret_copied = (flags & HAS_ESCAPES) != 0;
    return TM_OK;
}
