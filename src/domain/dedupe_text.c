/* dedupe_text.c - numbers as a person reads them in a reason.
 *
 * How:     written by hand, digit by digit: printf's separators depend on a locale.
 * Threads: pure. */
#include "domain/dedupe_text.h"
#include <stdio.h>

const char *tm_money_text(tm_cents_t cents, char ret_text[TM_MONEY_TEXT])
{
    uint64_t size = cents.v < 0 ? 0 - (uint64_t)cents.v : (uint64_t)cents.v;
    char reversed[TM_MONEY_TEXT];
    size_t n = 0;
    for (unsigned place = 0; place < 3 || size > 0; place++) {
        if (place == 2) {
            reversed[n++] = '.';
        } else if (place > 2 && (place - 2) % 3 == 0) {
            reversed[n++] = ',';
        }
        reversed[n++] = (char)('0' + size % 10);
        size /= 10;
        assert(n + 4 < sizeof reversed);
    }
    size_t out = 0;
    if (cents.v < 0) {
        ret_text[out++] = '-';
    }
    ret_text[out++] = '$';
    while (n > 0) {
        ret_text[out++] = reversed[--n];
    }
    ret_text[out] = '\0';
    return ret_text;
}

const char *tm_hundredths_text(int64_t x100, char ret_text[TM_HUNDREDTHS_TEXT])
{
    const uint64_t size = x100 < 0 ? 0 - (uint64_t)x100 : (uint64_t)x100;
    const unsigned part = (unsigned)(size % 100);
    const char *sign = x100 < 0 ? "-" : "";
    const unsigned long long whole = size / 100;
    if (part == 0) {
        snprintf(ret_text, TM_HUNDREDTHS_TEXT, "%s%llu", sign, whole);
    } else if (part % 10 == 0) {
        snprintf(ret_text, TM_HUNDREDTHS_TEXT, "%s%llu.%u", sign, whole, part / 10);
    } else {
        snprintf(ret_text, TM_HUNDREDTHS_TEXT, "%s%llu.%02u", sign, whole, part);
    }
    return ret_text;
}

int64_t tm_half_up(tm_u128_t num, tm_u128_t den)
{
    assert(den > 0);
    return (int64_t)((2 * num + den) / (2 * den));
}

tm_str_t tm_text_cut(tm_str_t s, uint32_t bytes_max)
{
    if (s.n <= bytes_max)
        return s;
    uint32_t n = bytes_max;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--; /* in the middle of a character */
    }
    return (tm_str_t){s.p, n};
}
