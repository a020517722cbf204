/* listener.h - the sockets connections come in by, one a loop and address; TLS.
 *
 * Threads: bind, tls: before the loops. start, stop: the loop's. */
#ifndef TM_HTTP_LISTENER_H
#define TM_HTTP_LISTENER_H
#include "http/loop.h"

/* Errors: TM_EUNAVAILABLE the port is taken; TM_EINVALID no such address, no such certificate. */
TM_MUST_CHECK tm_err_t tm_listener_bind(tm_http_t *http, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_listener_tls(tm_http_t *http, tm_why_t *why);
void tm_listener_start(tm_loop_t *loop);
void tm_listener_stop(tm_loop_t *loop);
#endif
