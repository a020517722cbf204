/* dress.c - what the library answers by itself (a body over the limit, broken framing) as a problem
 * like every other.
 *
 * How:     such answers are bound to the host's fallback path, which no handler of ours uses: a
 *          filter there replaces the text before the headers leave.
 * Threads: the loop's. */
#include "http/dress.h"
#include "base/base.h"
#include <stdio.h>

#define PROBLEM_BYTES 256

typedef struct dress {
    h2o_ostream_t super;
    h2o_iovec_t body;
} dress_t;

static tm_err_t error_of(int status)
{
    switch (status) {
    case 400:
        return TM_EMALFORMED;
    case 404:
        return TM_ENOTFOUND;
    case 413:
        return TM_ETOOLARGE;
    case 417:
        return TM_EMALFORMED;
    default:
        return TM_EINTERNAL;
    }
}

static void on_send(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t n,
                    h2o_send_state_t state)
{
    (void)bufs;
    dress_t *dress = (dress_t *)self;
    const bool head = h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));
    const bool sends = n > 0 && !head && !h2o_send_state_is_in_progress(state);
    h2o_ostream_send_next(&dress->super, req, &dress->body, sends ? 1 : 0, state);
}

static void on_setup(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)self;
    if (req->res.status >= 400) {
        const tm_err_t err = error_of(req->res.status);
        char *text = h2o_mem_alloc_pool(&req->pool, PROBLEM_BYTES);
        const int n = snprintf(
            text, PROBLEM_BYTES,
            "{\"type\":\"urn:trailmix:problem:%s\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\","
            "\"detail\":\"%s\",\"requestId\":null,\"errors\":[]}",
            tm_err_code(err), tm_err_text(err), req->res.status, tm_err_code(err),
            tm_err_text(err));
        assert(n > 0 && n < PROBLEM_BYTES);
        dress_t *dress = (dress_t *)h2o_add_ostream(req, sizeof(*dress), slot);
        dress->super.do_send = on_send;
        dress->body = h2o_iovec_init(text, (size_t)n);
        slot = &dress->super.next;
        req->res.content_length = (size_t)n;
        h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE,
                       H2O_STRLIT("application/problem+json"), 1);
        h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-content-type-options"),
                              0, NULL, H2O_STRLIT("nosniff"));
    }
    h2o_setup_next_ostream(req, slot);
}

void tm_dress_register(h2o_hostconf_t *host)
{
    h2o_create_filter(&host->fallback_path, sizeof(h2o_filter_t))->on_setup_ostream = on_setup;
}
