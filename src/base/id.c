/* id.c - public ids as text: a prefix, an underscore, 13 characters of base32.
 *
 * Why:     an id that is read aloud, pasted or clicked must show its kind and survive
 *          upper/lower-case habits of people.
 * How:     Crockford's alphabet (no i, l, o, u), most significant first; 13 * 5 = 65 bits, of
 *          which the top two are zero. One number has one spelling: upper case and look-alikes
 *          are refused, so texts may be compared as bytes.
 * Threads: pure; any. */
#include "base/base.h"

#define PREFIX_MAX 5

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* The value of a digit, -1 for any other byte. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'h')
        return c - 'a' + 10;
    switch (c) {
    case 'j':
        return 18;
    case 'k':
        return 19;
    case 'm':
        return 20;
    case 'n':
        return 21;
    default:
        break;
    }
    if (c >= 'p' && c <= 't')
        return c - 'p' + 22;
    if (c >= 'v' && c <= 'z')
        return c - 'v' + 27;
    return -1;
}

size_t tm_id_format(const char *prefix, tm_id_t id, char ret_text[TM_ID_TEXT_MAX])
{
    const size_t n = strlen(prefix);
    assert(n >= 1 && n <= PREFIX_MAX);
    assert(id.v >> 63 == 0);

    memcpy(ret_text, prefix, n);
    ret_text[n] = '_';
    char *digits = ret_text + n + 1;
    for (unsigned i = 0; i < TM_ID_DIGITS; i++) {
        digits[i] = alphabet[id.v >> (60 - 5 * i) & 31];
    }
    digits[TM_ID_DIGITS] = '\0';
    return n + 1 + TM_ID_DIGITS;
}

tm_err_t tm_id_parse(const char *prefix, tm_str_t text, tm_id_t *ret_id)
{
    const size_t n = strlen(prefix);
    assert(n >= 1 && n <= PREFIX_MAX);
    assert(ret_id != NULL);

    if (text.n != n + 1 + TM_ID_DIGITS || memcmp(text.p, prefix, n) != 0 || text.p[n] != '_')
        return TM_EINVALID;
    const char *digits = text.p + n + 1;
    if (digit_value(digits[0]) > 7)
        return TM_EINVALID; /* more than 63 bits */
    uint64_t v = 0;
    for (unsigned i = 0; i < TM_ID_DIGITS; i++) {
        const int digit = digit_value(digits[i]);
        if (digit < 0)
            return TM_EINVALID;
        v = v << 5 | (uint64_t)digit;
    }
    if (v == 0)
        return TM_EINVALID; /* 0 means none and is never shown */
    *ret_id = (tm_id_t){v};
    return TM_OK;
}
