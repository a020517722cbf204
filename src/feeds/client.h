/* client.h - a small HTTP client for the command line: `trailmix import --server`.
 *
 * Why:     the command line talks to a server as any other program does, over the same interface.
 * How:     libcurl, one connection kept open, one request at a time. The key is sent as x-api-key,
 *          never shown: it stands in no error and no log. Redirects are not followed: they would
 *          take the key elsewhere.
 * Threads: each client one at a time; it blocks. */
#ifndef TM_FEEDS_CLIENT_H
#define TM_FEEDS_CLIENT_H
#include "base/buf.h"
#include "base/why.h"

typedef struct tm_client tm_client_t;

#define TM_CLIENT_CONNECT_MS 10000
#define TM_CLIENT_TIMEOUT_MS 120000 /* of a request, unless it says otherwise */

/* base_url: "http://host:port" or "https://host", without a path. http2: HTTP/2 in clear text by
 * prior knowledge for http; with https it is negotiated in any case. api_key: n 0 for none. Errors:
 * TM_EINVALID no such URL; TM_EUNAVAILABLE libcurl does not start. */
TM_MUST_CHECK tm_err_t tm_client_new(tm_str_t base_url, tm_str_t api_key, bool http2,
                                     tm_client_t **ret, tm_why_t *why);
void tm_client_free(TM_OWN tm_client_t *client); /* NULL is fine */

typedef struct tm_client_request {
    const char *method;          /* "GET", "POST", ... */
    const char *path;            /* with its query, percent-encoded; begins with '/' */
    const char *content_type;    /* NULL: none */
    const char *idempotency_key; /* NULL: none */
    tm_str_t body;               /* p NULL: none */
    int64_t timeout_ms;          /* 0: TM_CLIENT_TIMEOUT_MS */
} tm_client_request_t;

/* Sends it and waits for the answer, whatever its status. body is cleared and filled, at most to
 * its max. Errors: TM_EUNAVAILABLE no connection; TM_ETIMEOUT; TM_ETOOLARGE the answer does not
 * fit; TM_EIO anything else on the way. */
TM_MUST_CHECK tm_err_t tm_client_request(tm_client_t *client, const tm_client_request_t *request,
                                         int *ret_status, tm_buf_t *body, tm_why_t *why);
/* Appends a value for a query: everything but letters, digits and -._~ percent-encoded. */
void tm_client_escape(tm_str_t value, tm_buf_t *out);
#endif
