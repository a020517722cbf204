/* framing.c - a second look at the raw head of an HTTP/1 request, stricter than the library's.
 *
 * How:     line by line up to the empty line: names must be tokens, lines may not be folded, what
 *          frames the body may stand there once and in one form only.
 * Threads: pure. */
#include "http/framing.h"

static bool is_token_char(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
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

static const char *check_line(tm_str_t line, seen_t *seen)
{
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return "a header is folded over two lines";
    const char *colon = memchr(line.p, ':', line.n);
    if (colon == NULL || colon == line.p)
        return "a header has no name";
    const tm_str_t name = tm_str_n(line.p, (size_t)(colon - line.p));
    for (uint32_t i = 0; i < name.n; i++) {
        if (!is_token_char(name.p[i]))
            return "a header's name holds a character that none may hold";
    }
    const tm_str_t value = tm_str_trim(tm_str_n(colon + 1, line.n - name.n - 1));
    if (tm_str_case_eq(name, TM_STR("content-length"))) {
        if (seen->lengths++ > 0)
            return "more than one Content-Length";
        if (!all_digits(value))
            return "Content-Length is no number";
    } else if (tm_str_case_eq(name, TM_STR("transfer-encoding"))) {
        if (seen->encodings++ > 0)
            return "more than one Transfer-Encoding";
        if (!tm_str_case_eq(value, TM_STR("chunked")))
            return "Transfer-Encoding other than chunked";
    } else if (tm_str_case_eq(name, TM_STR("host"))) {
        if (seen->hosts++ > 0)
            return "more than one Host";
    }
    return NULL;
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
