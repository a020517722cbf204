/* utf8.c - is a text well-formed UTF-8?
 *
 * How:     eight plain ASCII bytes a step; anything else by the ranges of the standard.
 * Threads: pure; any.
 * Source:  Unicode 15, table 3-7 "Well-Formed UTF-8 Byte Sequences". */
#include "base/fold.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS UINT64_C(0x0101010101010101)

/* The length of the character at p with n bytes left, 0 if ill-formed. The first byte is not
 * ASCII. */
static unsigned char_length(const unsigned char *p, size_t n)
{
    const unsigned char c = p[0];
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    unsigned length;
    if (c >= 0xc2 && c <= 0xdf) {
        length = 2;
    } else if (c >= 0xe0 && c <= 0xef) {
        length = 3;
        low = c == 0xe0 ? 0xa0 : 0x80;  /* shorter forms exist */
        high = c == 0xed ? 0x9f : 0xbf; /* surrogates */
    } else if (c >= 0xf0 && c <= 0xf4) {
        length = 4;
        low = c == 0xf0 ? 0x90 : 0x80;
        high = c == 0xf4 ? 0x8f : 0xbf; /* above U+10FFFF */
    } else {
        return 0;
    }
    if (n < length || p[1] < low || p[1] > high)
        return 0;
    for (unsigned i = 2; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

bool tm_utf8_is_valid(tm_str_t s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t n = s.n;
    while (n > 0) {
        if (n >= 8) {
            uint64_t word;
            memcpy(&word, p, 8);
            /* no byte >= 0x80 and, since all are below, no byte that a subtraction of 1 turns
             * into one: no zero */
            if (((word | (word - LOW_BITS)) & HIGH_BITS) == 0) {
                p += 8;
                n -= 8;
                continue;
            }
        }
        if (*p == 0)
            return false;
        const unsigned length = *p < 0x80 ? 1 : char_length(p, n);
        if (length == 0)
            return false;
        p += length;
        n -= length;
    }
    return true;
}
