/* call.c - the life of a request with us: begun by h2o, checked, routed, handled, and its death
 * noticed.
 *
 * How:     the order of checks is the order of this file: framing, path, rates, principal,
 *          parameters, body, handler.
 * Threads: the loop's. */
#include "http/call.h"
#include "http/frames.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/fold.h"
#include "http/meanings.h"
#include "http/pages.h"
#include "http/reply.h"
#include "http/turns.h"
#include <stdarg.h>
#include <stdio.h>

/* The request is gone: answered and sent, or its stream or connection ended. */
static void on_dispose(void *p)
{
    tm_call_t *call = p;
    tm_conn_t *conn = call->conn;
    tm_call_stop_waiting(call);
    tm_call_stop_retrying(call);
    tm_turns_forget(call);
    tm_conn_end_body(conn, call->body_n);
    assert(conn->running > 0);
    conn->running--;
    if (conn->running == 0) {
        conn->waiting_since = tm_loop_now(call->loop);
    }
    if (call->answered) {
        assert(conn->answering > 0);
        conn->answering--;
        return;
    }
    conn->deaths++;
    if (conn->deaths > TM_CONNECTION_DEATHS_MAX && conn->deaths * 2 > conn->requests)
        tm_conn_punish(conn);
}

static bool is_sane_request_id(tm_str_t id)
{
    if (id.p == NULL || id.n == 0 || id.n > TM_REQUEST_ID_MAX)
        return false;
    for (uint32_t i = 0; i < id.n; i++) {
        const char c = id.p[i];
        const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
        if (!fine)
            return false;
    }
    return true;
}

static void make_request_id(tm_call_t *call)
{
    const tm_str_t given = call->wants_id;
    if (is_sane_request_id(given)) {
        memcpy(call->request_id, given.p, given.n);
        call->request_id_n = (uint8_t)given.n;
        return;
    }
    /* A random number of the loop, then a count: 16 hexadecimal digits each. */
    static const char digits[] = "0123456789abcdef";
    tm_loop_t *loop = call->loop;
    loop->request_count++;
    for (int i = 0; i < 16; i++) {
        const int shift = 60 - 4 * i;
        call->request_id[i] = digits[loop->random >> shift & 15];
        call->request_id[16 + i] = digits[loop->request_count >> shift & 15];
    }
    call->request_id_n = 32;
}

tm_str_t tm_call_request_id(tm_call_t *call)
{
    if (call->request_id_n == 0)
        make_request_id(call);
    return tm_str_n(call->request_id, call->request_id_n);
}

/* The headers that are asked for with every request, of several the first. */
static void find_headers(tm_call_t *call)
{
    const h2o_headers_t *headers = &call->req->headers;
    for (size_t i = 0; i < headers->size; i++) {
        const h2o_header_t *header = &headers->entries[i];
        const h2o_iovec_t *name = header->name;
        tm_str_t *value = NULL;
        if (name == &H2O_TOKEN_IF_NONE_MATCH->buf)
            value = &call->if_none_match;
        else if (h2o_memis(name->base, name->len, H2O_STRLIT("x-api-key")))
            value = &call->key;
        else if (h2o_memis(name->base, name->len, H2O_STRLIT("x-request-id")))
            value = &call->wants_id;
        if (value != NULL && value->p == NULL)
            *value = tm_str_trim(tm_iovec_str(header->value));
    }
}

static tm_call_t *call_new(tm_loop_t *loop, h2o_req_t *req)
{
    tm_call_t *call = h2o_mem_alloc_shared(&req->pool, sizeof(*call), on_dispose);
    memset(call, 0, offsetof(tm_call_t, tag));
    call->req = req;
    call->loop = loop;
    call->conn = tm_conn_of(req);
    call->slot = TM_NO_SLOT;
    call->waits_for = TM_NO_SLOT;
    call->head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    find_headers(call);
    tm_conn_t *conn = call->conn;
    conn->requests++;
    conn->running++;
    conn->delivered = true;
    conn->http2 = req->version >= 0x200;
    call->body_n = req->entity.len;
    tm_conn_begin_body(conn, call->body_n);
    if (conn->http2)
        tm_frames_watch(conn);
    if (!conn->loopback && conn->requests >= TM_CONNECTION_REQUESTS_MAX) {
        if (conn->http2)
            tm_conn_cut(conn);
        req->http1_is_persistent = 0;
    }
    return call;
}

static bool decode_names(tm_call_t *call)
{
    for (uint32_t i = 0; i < TM_ROUTE_NAMES_MAX && call->names[i].p != NULL; i++) {
        const tm_str_t raw = call->names[i];
        if (memchr(raw.p, '%', raw.n) == NULL) { /* stays where it lies */
            if (!tm_utf8_is_valid(raw))
                return false;
            continue;
        }
        char *out = h2o_mem_alloc_pool(&call->req->pool, call->names[i].n);
        uint32_t n;
        if (!tm_percent_decode(call->names[i], false, out, &n))
            return false;
        call->names[i] = tm_str_n(out, n);
    }
    return true;
}

static void refuse_method(tm_call_t *call, unsigned allowed)
{
    char text[64] = "";
    size_t n = 0;
    for (unsigned m = 0; m < TM_METHODS; m++) {
        if ((allowed >> m & 1) == 0)
            continue;
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s%s", n == 0 ? "" : ", ",
                              tm_method_name((tm_method_t)m), m == TM_GET ? ", HEAD" : "");
    }
    tm_reply_header(call, "allow", tm_call_copy(call, text));
    tm_reply_problem(call, TM_EMETHOD, NULL);
}

static bool is_open(tm_str_t path)
{
    static const char *const methods[] = {"GET", "POST"};
    for (size_t i = 0; i < TM_COUNT(methods); i++) {
        tm_str_t names[TM_ROUTE_NAMES_MAX];
        unsigned allowed;
        const tm_route_t *route = tm_route_find(tm_str(methods[i]), path, names, &allowed);
        if (route != NULL && route->role == TM_ROLE_NONE)
            return true;
    }
    return false;
}

static tm_str_t raw_path(const h2o_req_t *req)
{
    return tm_str_n(req->path.base, req->query_at == SIZE_MAX ? req->path.len : req->query_at);
}

/* An address whose meaning is kept: true when it was, and everything is done. */
static bool handle_known(tm_call_t *call, tm_str_t path)
{
    tm_meaning_t *meaning = tm_meanings_find(call->loop->meanings, call);
    if (meaning == NULL)
        return false;
    call->route = meaning->route;
    if (!tm_guard_caller(call, path) || !tm_guard_principal(call) || !tm_guard_memory(call))
        return true;
    tm_meaning_take(meaning, call);
    if (tm_guard_body(call))
        tm_turns_handle(call);
    return true;
}

int tm_call_begin(h2o_handler_t *handler, h2o_req_t *req)
{
    (void)handler;
    tm_loop_t *loop = H2O_STRUCT_FROM_MEMBER(tm_loop_t, ctx, req->conn->ctx);
    TM_CHECK(loop, TM_LOOP_MAGIC);
    tm_call_t *call = call_new(loop, req);
    if (call->conn->cut) { /* what was still in its buffer: no more work for it */
        tm_reply_static(call, 503, "text/plain", TM_STR(""));
        return 0;
    }
    if (!tm_guard_head(call))
        return 0;
    const tm_str_t path = raw_path(req);
    if (handle_known(call, path))
        return 0;
    unsigned allowed = 0;
    if (path.n > TM_PATH_BYTES_MAX) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
        return 0;
    }
    call->route = tm_route_find(tm_iovec_str(req->method), path, call->names, &allowed);
    if (call->route == NULL && allowed == 0 && !tm_str_starts(path, "/api/")) {
        tm_pages_serve(call, path);
        return 0;
    }
    if (!tm_guard_caller(call, path))
        return 0;
    if (call->route == NULL && is_open(path)) {
        refuse_method(call, allowed); /* an address anybody may ask tells anybody how */
        return 0;
    }
    if (!tm_guard_principal(call))
        return 0;
    if (call->route == NULL) {
        if (allowed != 0)
            refuse_method(call, allowed);
        else
            tm_reply_problem(call, TM_ENOTFOUND, NULL);
        return 0;
    }
    if (!decode_names(call)) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
        return 0;
    }
    if (!tm_guard_memory(call) || !tm_query_read(call) || !tm_guard_body(call))
        return 0;
    call->meaning = tm_meanings_keep(loop->meanings, call);
    tm_turns_handle(call);
    return 0;
}

tm_str_t tm_call_header_of(const tm_call_t *call, tm_str_t name, uint32_t *ret_n)
{
    const h2o_headers_t *headers = &call->req->headers;
    tm_str_t first = {NULL, 0};
    uint32_t n = 0;
    for (size_t i = 0; i < headers->size; i++) {
        const h2o_header_t *header = &headers->entries[i];
        if (header->name->len != name.n || memcmp(header->name->base, name.p, name.n) != 0)
            continue;
        if (n++ == 0)
            first = tm_str_trim(tm_iovec_str(header->value));
    }
    if (ret_n != NULL)
        *ret_n = n;
    return first;
}

const char *tm_call_tag(tm_call_t *call, tm_str_t what, uint64_t version, const char *end)
{
    char number[20];
    const char *digits = tm_digits_before(number + sizeof(number), version);
    const size_t n = (size_t)(number + sizeof(number) - digits), n_end = strlen(end);
    char *const tag = h2o_mem_alloc_pool(&call->req->pool, what.n + n + n_end + 4);
    char *p = tag;
    *p++ = '"';
    p = (char *)memcpy(p, what.p, what.n) + what.n;
    *p++ = '-';
    p = (char *)memcpy(p, digits, n) + n;
    p = (char *)memcpy(p, end, n_end) + n_end;
    *p++ = '"';
    *p = '\0';
    return tag;
}

const char *tm_call_etag(tm_call_t *call, uint64_t epoch, uint64_t version, const char *end)
{
    char number[20];
    char *const last = number + sizeof(number);
    const char *digits = tm_digits_before(last, epoch);
    return tm_call_tag(call, tm_str_n(digits, (uint32_t)(last - digits)), version, end);
}

const char *tm_call_copy(tm_call_t *call, const char *text)
{
    return h2o_strdup(&call->req->pool, text, SIZE_MAX).base;
}

char *tm_call_printf(tm_call_t *call, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(n >= 0);
    char *text = h2o_mem_alloc_pool(&call->req->pool, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}
