/* framing.c - a second look at the raw head of an HTTP/1 request, stricter than the library's.
 *
 * How:     line by line up to the empty line: names must be tokens, lines may not be folded, what
 *          frames the body may stand there once and in one form only.
 * Threads: pure. */
#include "http/framing.h"

/* 1: a character a header's name may hold (RFC 9110, 5.6.2) */
static const uint8_t token[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,         ['&'] = 1,         ['\''] = 1,
    ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,         ['^'] = 1,         ['_'] = 1,
    ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

/* The length of the name that begins a line; 0: none that ends in a colon. */
static uint32_t name_length(tm_str_t line)
{
    uint32_t n = 0;
    while (n < line.n && token[(uint8_t)line.p[n]] != 0)
        n++;
    return n < line.n && line.p[n] == ':' ? n : 0;
}

static bool all_digits(tm_str_t s)
{
    for (uint32_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0 && s.n <= 18;
}

typedef struct seen {
    unsigned lengths, encodings, hosts;
} seen_t;

/* Counts one of the headers that frame a body, of which each may stand there once. */
static const char *check_value(tm_str_t name, tm_str_t value, seen_t *seen)
{
    if (tm_str_case_eq(name, TM_STR("host")))
        return seen->hosts++ > 0 ? "more than one Host" : NULL;
    if (tm_str_case_eq(name, TM_STR("content-length"))) {
        if (seen->lengths++ > 0)
            return "more than one Content-Length";
        return all_digits(tm_str_trim(value)) ? NULL : "Content-Length is no number";
    }
    if (tm_str_case_eq(name, TM_STR("transfer-encoding"))) {
        if (seen->encodings++ > 0)
            return "more than one Transfer-Encoding";
        if (!tm_str_case_eq(tm_str_trim(value), TM_STR("chunked")))
            return "Transfer-Encoding other than chunked";
    }
    return NULL;
}

static const char *check_line(tm_str_t line, seen_t *seen)
{
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return "a header is folded over two lines";
    const uint32_t n = name_length(line);
    if (n == 0) {
        const char *colon = memchr(line.p, ':', line.n);
        return colon == NULL || colon == line.p
                   ? "a header has no name"
                   : "a header's name holds a character that none may hold";
    }
    /* The lengths of the three names tell most others apart. */
    if (n != 4 && n != 14 && n != 17)
        return NULL;
    return check_value(tm_str_n(line.p, n), tm_str_n(line.p + n + 1, line.n - n - 1), seen);
}

const char *tm_framing_fault(tm_str_t bytes, int version)
{
    const char *p = bytes.p;
    const char *end = p + bytes.n;
    seen_t seen = {0, 0, 0};
    bool is_first = true;
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (newline == NULL)
            break;
        size_t n = (size_t)(newline - p);
        if (n > 0 && p[n - 1] == '\r')
            n--;
        if (n == 0 && !is_first)
            break;
        if (n > 0 && !is_first) {
            const char *fault = check_line(tm_str_n(p, n), &seen);
            if (fault != NULL)
                return fault;
        }
        is_first = is_first && n == 0; /* empty lines before the request line are allowed */
        p = newline + 1;
    }
    if (seen.lengths > 0 && seen.encodings > 0)
        return "Content-Length together with Transfer-Encoding";
    if (seen.encodings > 0 && version < 0x101)
        return "Transfer-Encoding in HTTP/1.0";
    if (seen.hosts == 0 && version >= 0x101)
        return "no Host";
    return NULL;
}
