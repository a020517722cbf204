/* url.h - the part that addresses of servers share: //USER:PASSWORD@HOST:PORT.
 *
 * Threads: pure; any. */
#ifndef TM_STORE_URL_H
#define TM_STORE_URL_H
#include "base/buf.h"

typedef struct tm_url_server {
    char user[128], password[256], host[256]; /* "" where absent; the host never */
    uint16_t port;
} tm_url_server_t;

/* What stands between // and the next /. Returns NULL, or what is wrong with it. */
const char *tm_url_server(tm_str_t authority, uint16_t port_default, tm_url_server_t *ret);
/* Undoes %XX. false: ill-formed, NUL, or more than max - 1 bytes. */
bool tm_url_decode(tm_str_t s, char *ret, size_t max);
/* Cuts s at the first c: what stands before it; s keeps what stands behind. false: there is
 * none. */
bool tm_url_cut(tm_str_t *s, char c, tm_str_t *ret_before);
/* The url without its password, for logs. */
void tm_url_redact(tm_str_t url, tm_buf_t *out);
#endif
