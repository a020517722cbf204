/* url.c - see url.h.
 *
 * How:     the last @ ends the login: a password that was not encoded may hold one. */
#include "store/url.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool tm_url_decode(tm_str_t s, char *ret, size_t max)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            const int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
            const int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0' || n + 1 >= max)
            return false;
        ret[n++] = c;
    }
    ret[n] = '\0';
    return true;
}

/* Cuts s at the first (or last) c: what stands before it; s keeps what stands behind. false:
 * there is none. */
static bool cut(tm_str_t *s, char c, bool last, tm_str_t *ret_before)
{
    const char *at = s->n == 0 ? NULL : last ? memrchr(s->p, c, s->n) : memchr(s->p, c, s->n);
    if (at == NULL)
        return false;
    const uint32_t n = (uint32_t)(at - s->p);
    *ret_before = (tm_str_t){s->p, n};
    *s = (tm_str_t){at + 1, s->n - n - 1};
    return true;
}

bool tm_url_cut(tm_str_t *s, char c, tm_str_t *ret_before)
{
    return cut(s, c, false, ret_before);
}

static const char *parse_host(tm_str_t host, uint16_t port_default, tm_url_server_t *ret)
{
    tm_str_t port = {NULL, 0};
    if (host.n > 0 && host.p[0] == '[') {
        tm_str_t rest = {host.p + 1, host.n - 1};
        if (!cut(&rest, ']', false, &host) || (rest.n > 0 && rest.p[0] != ':'))
            return "the address between [ and ] does not end";
        if (rest.n > 0)
            port = (tm_str_t){rest.p + 1, rest.n - 1};
    } else {
        tm_str_t name;
        port = host;
        if (cut(&port, ':', false, &name))
            host = name;
        else
            port = (tm_str_t){NULL, 0};
    }
    int64_t number = port_default;
    if (port.p != NULL && (!tm_str_i64(port, &number) || number < 1 || number > UINT16_MAX))
        return "the port must be 1 to 65535";
    ret->port = (uint16_t)number;
    if (host.n == 0 || !tm_url_decode(host, ret->host, sizeof(ret->host)))
        return "the host is missing or wrong";
    return NULL;
}

const char *tm_url_server(tm_str_t authority, uint16_t port_default, tm_url_server_t *ret)
{
    *ret = (tm_url_server_t){0};
    tm_str_t login;
    if (cut(&authority, '@', true, &login)) {
        tm_str_t user = login;
        if (cut(&login, ':', false, &user) &&
            !tm_url_decode(login, ret->password, sizeof(ret->password)))
            return "the password is wrong";
        if (!tm_url_decode(user, ret->user, sizeof(ret->user)))
            return "the user is wrong";
    }
    return parse_host(authority, port_default, ret);
}

void tm_url_redact(tm_str_t url, tm_buf_t *out)
{
    const char *scheme = url.n < 3 ? NULL : memmem(url.p, url.n, "://", 3);
    if (scheme == NULL) {
        tm_str_t login;
        const bool path = tm_str_starts(url, "sqlite:");
        if (!path && cut(&url, '@', true, &login))
            tm_buf_add_c(out, "***@"); /* no address, but it was meant as one */
        tm_buf_add_str(out, url);
        return;
    }
    const uint32_t head = (uint32_t)(scheme - url.p) + 3;
    tm_str_t rest = {url.p + head, url.n - head};
    tm_str_t login;
    tm_buf_add(out, url.p, head);
    /* The last @: a password that was not encoded may hold one. */
    if (cut(&rest, '@', true, &login)) {
        tm_str_t user = login;
        const bool has_password = cut(&login, ':', false, &user);
        tm_buf_add_str(out, user);
        tm_buf_add_c(out, has_password ? ":***@" : "@");
    }
    tm_buf_add_str(out, rest);
}
