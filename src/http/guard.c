/* guard.c - what every request must pass before its handler sees it: framing, who asks, from where,
 * with what body.
 *
 * Why:     a hostile peer costs its own request only, and no handler repeats these checks.
 * Threads: the loop's. */
#include "base/digest.h"
#include "http/call.h"
#include "http/framing.h"
#include "http/reply.h"
#include "http/sessions.h"

bool tm_guard_head(tm_call_t *call)
{
    h2o_req_t *req = call->req;
    if (req->version >= 0x200)
        return true;
    /* The socket's input still begins with this request's head while its handler begins. */
    const h2o_buffer_t *input = call->conn->sock->input;
    const size_t n = TM_MIN(input->size, (size_t)H2O_MAX_REQLEN);
    const char *fault = tm_framing_fault(tm_str_n(input->bytes, n), req->version);
    if (fault == NULL)
        return true;
    req->http1_is_persistent = 0; /* closes before anything hidden in the body is read */
    tm_reply_fault(call, TM_EMALFORMED, "", fault);
    return false;
}

/* ---- who asks ---- */

static bool is_system_key(const tm_http_t *http, tm_str_t given)
{
    const char *key = http->options.system_key;
    if (key == NULL || key[0] == '\0' || given.p == NULL)
        return false;
    return given.n == strlen(key) && tm_equal_const_time(given.p, key, given.n);
}

/* true: Origin names this very server. */
static bool is_own_origin(const tm_call_t *call, tm_str_t origin)
{
    if (origin.n > TM_ORIGIN_BYTES_MAX)
        return false;
    uint32_t skip = 0;
    if (tm_str_starts(origin, "http://") && call->loop->http->ssl == NULL)
        skip = 7;
    else if (tm_str_starts(origin, "https://"))
        skip = 8; /* also in clear text: a proxy in front may speak TLS */
    else
        return false;
    const tm_str_t host = tm_str_n(origin.p + skip, origin.n - skip);
    return tm_str_case_eq(host, tm_iovec_str(call->req->authority));
}

static bool is_write(const tm_call_t *call)
{
    return !call->head &&
           !h2o_memis(call->req->method.base, call->req->method.len, H2O_STRLIT("GET"));
}

static bool refuse(tm_call_t *call, tm_err_t err, const char *field, const char *text)
{
    tm_reply_fault(call, err, field, text);
    return false;
}

bool tm_guard_principal(tm_call_t *call)
{
    tm_http_t *http = call->loop->http;
    const tm_str_t key = tm_call_header(call, "x-api-key", NULL);
    const tm_str_t origin = tm_call_header(call, "origin", NULL);
    if (key.p != NULL) {
        if (is_system_key(http, key))
            call->principal = "system";
    } else {
        const tm_str_t cookies = tm_call_header(call, "cookie", NULL);
        if (cookies.p != NULL && tm_sessions_has(http->sessions, cookies, tm_sessions_now_ms())) {
            call->principal = "system";
            call->by_cookie = true;
        }
    }
    const bool open = call->route != NULL && call->route->role == TM_ROLE_NONE;
    if (call->principal == NULL && !open) {
        tm_reply_problem(call, TM_EUNAUTHORIZED, NULL);
        return false;
    }
    if (!is_write(call) || !(call->by_cookie || open))
        return true;
    if (origin.p != NULL && !is_own_origin(call, origin))
        return refuse(call, TM_EFORBIDDEN, "origin", "names another site");
    if (origin.p == NULL && call->by_cookie && !open)
        return refuse(call, TM_EFORBIDDEN, "origin", "is needed for a write with a cookie");
    return true;
}

/* ---- bodies ---- */

/* Splits "type/x; charset=utf-8". false: a parameter that is not charset=utf-8. */
static bool media_type(tm_str_t header, tm_str_t *ret_type)
{
    const char *semicolon = memchr(header.p, ';', header.n);
    const size_t n = semicolon == NULL ? header.n : (size_t)(semicolon - header.p);
    *ret_type = tm_str_trim(tm_str_n(header.p, n));
    if (semicolon == NULL)
        return true;
    const tm_str_t rest = tm_str_trim(tm_str_n(semicolon + 1, header.n - n - 1));
    return rest.n == 0 || tm_str_case_eq(rest, TM_STR("charset=utf-8")) ||
           tm_str_case_eq(rest, TM_STR("charset=\"utf-8\""));
}

static bool is_taken(tm_body_t body, tm_str_t type)
{
    static const char *const types[] = {"application/json", "application/pdf",
                                        "application/octet-stream", "text/csv", "text/plain"};
    const uint32_t n = body == TM_BODY_JSON ? 1 : (uint32_t)TM_COUNT(types);
    for (uint32_t i = 0; i < n; i++) {
        if (tm_str_case_eq(type, tm_str(types[i])))
            return true;
    }
    return false;
}

bool tm_guard_body(tm_call_t *call)
{
    const tm_body_t body = call->route->body;
    if (call->req->entity.len > call->loop->http->body_bytes_max) {
        tm_reply_problem(call, TM_ETOOLARGE, NULL);
        return false;
    }
    if (body == TM_BODY_NO)
        return true;
    uint32_t n = 0;
    const tm_str_t header = tm_call_header(call, "content-type", &n);
    tm_str_t type;
    if (n != 1 || header.n == 0 || !media_type(header, &type) || !is_taken(body, type))
        return refuse(call, TM_EMEDIATYPE, "content-type",
                      body == TM_BODY_JSON
                          ? "must be application/json"
                          : "must be application/pdf, application/octet-stream, text/csv, "
                            "text/plain or application/json");
    if (tm_call_header(call, "content-encoding", NULL).p != NULL)
        return refuse(call, TM_EMEDIATYPE, "content-encoding", "is not taken");
    return true;
}
