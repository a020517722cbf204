/* str.c - comparing, trimming and reading byte strings that carry their length.
 *
 * Why:     input is not NUL-terminated; every function here works on (pointer, length).
 * Threads: pure; any. */
#include "base/base.h"

static inline unsigned char lower(unsigned char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static inline bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

int tm_str_cmp(tm_str_t a, tm_str_t b)
{
    const uint32_t n = TM_MIN(a.n, b.n);
    const int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (order != 0)
        return order;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool tm_str_case_eq(tm_str_t a, tm_str_t b)
{
    if (a.n != b.n)
        return false;
    for (uint32_t i = 0; i < a.n; i++) {
        if (lower((unsigned char)a.p[i]) != lower((unsigned char)b.p[i]))
            return false;
    }
    return true;
}

bool tm_str_starts(tm_str_t s, const char *prefix)
{
    assert(prefix != NULL);
    const size_t n = strlen(prefix);
    return n <= s.n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

tm_str_t tm_str_trim(tm_str_t s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

bool tm_str_i64(tm_str_t s, int64_t *ret)
{
    assert(ret != NULL);
    const bool minus = s.n > 0 && s.p[0] == '-';
    const uint64_t limit = minus ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t v = 0;

    if (s.n == (minus ? 1 : 0))
        return false;
    for (uint32_t i = minus ? 1 : 0; i < s.n; i++) {
        const unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || v > (limit - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *ret = minus ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}
