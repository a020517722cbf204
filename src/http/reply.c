/* reply.c - the only place where an error becomes a response, and where responses get their
 * headers.
 *
 * How:     bodies are sent from where they lie: literals, the request's pool, or a counted blob
 *          that the pool lets go at its end.
 * Threads: the loop's. */
#include "http/reply.h"
#include "base/buf.h"
#include "base/time.h"
#include "schema/json.h"
#include <stdio.h>

#define PROBLEM_TYPE "application/problem+json"
#define PROBLEM_BYTES_MAX (64u << 10)
#define USUAL_HEADERS 10 /* what tm_reply_begin adds at most by itself, without those of rates */

static const char *reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    case 507:
        return "Insufficient Storage";
    default:
        return status < 400 ? "OK" : "Error";
    }
}

void tm_reply_header(tm_call_t *call, const char *name, const char *value)
{
    assert(name != NULL && value != NULL);
    h2o_req_t *req = call->req;
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, value,
                          strlen(value));
}

/* Into room that is reserved. */
static void known_header(h2o_req_t *req, const h2o_token_t *token, tm_str_t value)
{
    h2o_headers_t *headers = &req->res.headers;
    assert(headers->size < headers->capacity);
    headers->entries[headers->size++] = (h2o_header_t){(h2o_iovec_t *)(uintptr_t)&token->buf, NULL,
                                                       h2o_iovec_init(value.p, value.n)};
}

/* Headers that every answer carries: ready made, the library need not copy their names (it only
 * reads them). */
#define OWN_HEADERS 3
typedef enum policy { POLICY_NONE, POLICY_API, POLICY_SANDBOX, POLICIES } policy_t;

static void own_headers(h2o_req_t *req, policy_t policy)
{
    static const h2o_iovec_t names[OWN_HEADERS] = {{H2O_STRLIT("x-content-type-options")},
                                                   {H2O_STRLIT("referrer-policy")},
                                                   {H2O_STRLIT("content-security-policy")}};
    static const h2o_iovec_t policies[POLICIES] = {
        {H2O_STRLIT("")},
        {H2O_STRLIT("default-src 'none'; frame-ancestors 'none'")},
        {H2O_STRLIT("sandbox; default-src 'none'; frame-ancestors 'none'")}};
    h2o_headers_t *headers = &req->res.headers;
    assert(headers->size + OWN_HEADERS <= headers->capacity);
    h2o_header_t *at = headers->entries + headers->size;
    at[0] = (h2o_header_t){(h2o_iovec_t *)(uintptr_t)&names[0], NULL, {H2O_STRLIT("nosniff")}};
    at[1] = (h2o_header_t){(h2o_iovec_t *)(uintptr_t)&names[1], NULL, {H2O_STRLIT("no-referrer")}};
    at[2] = (h2o_header_t){(h2o_iovec_t *)(uintptr_t)&names[2], NULL, policies[policy]};
    headers->size += policy == POLICY_NONE ? OWN_HEADERS - 1 : OWN_HEADERS;
}

/* A name the library has no token for: no search. */
static void own_header(h2o_req_t *req, const char *name, size_t name_n, tm_str_t value)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, name_n, 0, NULL, value.p, value.n);
}

/* Milliseconds with three decimals behind a name; where it ends. */
static char *add_duration(char *p, tm_str_t name, int64_t ns)
{
    const uint64_t us = (uint64_t)TM_MAX(ns, INT64_C(0)) / 1000;
    char number[20];
    char *const last = number + sizeof(number);
    const char *digits = tm_digits_before(last, us / 1000);
    p = (char *)memcpy(p, name.p, name.n) + name.n;
    p = (char *)memcpy(p, digits, (size_t)(last - digits)) + (last - digits);
    *p++ = '.';
    for (uint64_t unit = 100; unit > 0; unit /= 10)
        *p++ = (char)('0' + us / unit % 10);
    return p;
}

#define TIMING_TEXT 80 /* two names and two numbers of at most 24 digits */

void tm_reply_timing(tm_call_t *call, int64_t made_ns)
{
    const bool read = call->route != NULL && call->route->method == TM_GET;
    char *text = h2o_mem_alloc_pool(&call->req->pool, TIMING_TEXT);
    char *p = add_duration(text, read ? TM_STR("job;dur=") : TM_STR("durable;dur="), made_ns);
    p = add_duration(p, TM_STR(", total;dur="), tm_time_mono_ns() - call->waits_ns);
    assert(p <= text + TIMING_TEXT);
    own_header(call->req, H2O_STRLIT("server-timing"), tm_str_n(text, (size_t)(p - text)));
}

/* ms as seconds, rounded up: a client that waits so long has waited long enough. */
static int64_t seconds_up(int64_t ms)
{
    return (ms + 999) / 1000;
}

/* How the tightest rate stands, by both families of names clients look for. */
static void rate_headers(tm_call_t *call)
{
    const tm_rate_state_t *rate = &call->rate;
    const tm_str_t limit = tm_str(tm_call_printf(call, "%u", rate->limit));
    const tm_str_t remaining = tm_str(tm_call_printf(call, "%u", rate->remaining));
    char *reset = h2o_mem_alloc_pool(&call->req->pool, TM_MS_TEXT);
    tm_ms_format((tm_ms_t){rate->reset_ms}, reset);
    h2o_req_t *req = call->req;
    own_header(req, H2O_STRLIT("ratelimit-limit"), limit);
    own_header(req, H2O_STRLIT("ratelimit-remaining"), remaining);
    own_header(req, H2O_STRLIT("ratelimit-reset"),
               tm_str(tm_call_printf(call, "%lld", (long long)seconds_up(rate->reset_ms))));
    own_header(req, H2O_STRLIT("x-ratelimit-limit"), limit);
    own_header(req, H2O_STRLIT("x-ratelimit-remaining"), remaining);
    own_header(req, H2O_STRLIT("x-ratelimit-reset"), tm_str(reset));
}

void tm_reply_begin(tm_call_t *call, int status, const char *type)
{
    h2o_req_t *req = call->req;
    assert(!call->answered);
    call->answered = true;
    call->conn->answering++;
    req->res.status = status;
    req->res.reason = reason(status);
    h2o_vector_reserve(&req->pool, &req->res.headers, req->res.headers.size + USUAL_HEADERS);
    if (type != NULL)
        known_header(req, H2O_TOKEN_CONTENT_TYPE, tm_str(type));
    if (call->etag != NULL)
        known_header(req, H2O_TOKEN_ETAG, tm_str(call->etag));
    if (call->varies)
        known_header(req, H2O_TOKEN_VARY, TM_STR("accept-encoding"));
    if (call->coding != NULL)
        known_header(req, H2O_TOKEN_CONTENT_ENCODING, tm_str(call->coding));
    known_header(req, H2O_TOKEN_CACHE_CONTROL,
                 call->cache == NULL ? TM_STR("no-store") : tm_str(call->cache));
    const policy_t policy = call->sandboxed ? POLICY_SANDBOX : POLICY_API;
    if (status != 304) /* there the headers of the stored answer stand (RFC 9110, 15.4.5) */
        own_headers(req, call->is_page ? POLICY_NONE : policy); /* pages.c sends its own policy */
    if (call->rate.limit > 0)
        rate_headers(call);
    if (call->is_page)
        return;
    /* A value that never repeats pushes the others out of HTTP/2's header table: only where
     * somebody will look for it. */
    const bool read = status < 400 && (call->route == NULL || call->route->method == TM_GET);
    if (!read || call->wants_id.p != NULL)
        own_header(req, H2O_STRLIT("x-request-id"), tm_call_request_id(call));
}

static void send_body(tm_call_t *call, tm_str_t body)
{
    static h2o_generator_t generator; /* no callbacks: never changed */
    h2o_req_t *req = call->req;
    req->res.content_length = body.n;
    h2o_start_response(req, &generator);
    h2o_iovec_t buf = h2o_iovec_init(body.p, body.n);
    if (call->head || body.n == 0)
        h2o_send(req, NULL, 0, H2O_SEND_STATE_FINAL);
    else
        h2o_send(req, &buf, 1, H2O_SEND_STATE_FINAL);
}

void tm_reply_static(tm_call_t *call, int status, const char *type, tm_str_t body)
{
    tm_reply_begin(call, status, type);
    send_body(call, body);
}

void tm_reply_empty(tm_call_t *call, int status)
{
    static h2o_generator_t generator;
    assert(status == 204 || status == 304);
    tm_reply_begin(call, status, NULL);
    h2o_start_response(call->req, &generator);
    h2o_send(call->req, NULL, 0, H2O_SEND_STATE_FINAL);
}

static void unref_kept(void *p)
{
    tm_blob_unref(*(tm_blob_t **)p);
}
static void free_kept(void *p)
{
    tm_free(*(void **)p);
}

void tm_reply_blob(tm_call_t *call, int status, const char *type, TM_OWN tm_blob_t *blob)
{
    assert(blob != NULL);
    tm_blob_t **kept = h2o_mem_alloc_shared(&call->req->pool, sizeof(*kept), unref_kept);
    *kept = blob;
    tm_reply_begin(call, status, type);
    send_body(call, tm_blob_str(blob));
}

void tm_reply_buf(tm_call_t *call, int status, const char *type, TM_OWN tm_buf_t *buf)
{
    if (buf->full) {
        tm_buf_done(buf);
        tm_reply_problem(call, TM_EINTERNAL, NULL);
        return;
    }
    char **kept = h2o_mem_alloc_shared(&call->req->pool, sizeof(*kept), free_kept);
    size_t n = 0;
    *kept = tm_buf_take(buf, &n);
    tm_reply_begin(call, status, type);
    send_body(call, tm_str_n(*kept, n));
}

/* ---- problems ---- */

static void write_faults(const tm_why_t *why, tm_buf_t *out)
{
    tm_buf_add_c(out, ",\"errors\":[");
    for (uint32_t i = 0; why != NULL && i < why->n; i++) {
        const tm_fault_t *fault = &why->faults[i];
        tm_buf_add_c(out, i == 0 ? "{\"field\":" : ",{\"field\":");
        tm_json_write_str(tm_str(fault->field), out);
        tm_buf_printf(out, ",\"code\":\"%s\",\"message\":", tm_err_code(fault->err));
        tm_json_write_str(tm_str(fault->text), out);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_c(out, "]}");
}

/* The one body of all limiters. */
static void reply_limited(tm_call_t *call)
{
    assert(call->rate.refused);
    const tm_ms_t at = tm_time_now();
    char now[TM_MS_TEXT];
    tm_ms_format(at, now);
    const int64_t wait_s = TM_MAX(seconds_up(call->rate.reset_ms - at.v), INT64_C(1));
    tm_buf_t out;
    tm_buf_init(&out, PROBLEM_BYTES_MAX);
    tm_buf_printf(&out,
                  "{\"success\":false,\"code\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"Too many "
                  "requests. Please slow down "
                  "and try again later.\",\"error\":\"Too many requests. Please wait a "
                  "moment.\",\"retryAfter\":%lld,"
                  "\"retryAfterSeconds\":%lld,\"timestamp\":\"%s\"}",
                  (long long)wait_s, (long long)wait_s, now);
    tm_reply_header(call, "retry-after", tm_call_printf(call, "%lld", (long long)wait_s));
    tm_reply_buf(call, 429, TM_JSON_TYPE, &out);
}

/* Clients of the limiters know their codes by these names. */
static const char *problem_code(tm_err_t err)
{
    return err == TM_EUNCOUNTED ? "RATE_LIMITER_UNAVAILABLE" : tm_err_code(err);
}

void tm_reply_problem(tm_call_t *call, tm_err_t err, const tm_why_t *why)
{
    assert(err != TM_OK);
    const int status = tm_err_status(err);
    call->etag = NULL;
    call->cache = NULL;
    call->coding = NULL;
    call->is_page = false;
    call->varies = false;
    if (err == TM_ELIMIT) {
        reply_limited(call);
        return;
    }
    tm_buf_t out;
    tm_buf_init(&out, PROBLEM_BYTES_MAX);
    tm_buf_printf(&out, "{\"type\":\"urn:trailmix:problem:%s\",\"title\":", tm_err_code(err));
    tm_json_write_str(tm_str(tm_err_text(err)), &out);
    tm_buf_printf(&out, ",\"status\":%d,\"code\":\"%s\",\"detail\":", status, problem_code(err));
    char line[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 4];
    const bool has = why != NULL && why->n > 0;
    tm_json_write_str(tm_str(has ? tm_why_line(why, line, sizeof(line)) : tm_err_text(err)), &out);
    tm_buf_add_c(&out, ",\"requestId\":\"");
    tm_buf_add_str(&out, tm_call_request_id(call));
    tm_buf_add_char(&out, '"');
    write_faults(why, &out);
    if (status == 503) /* memory does not come back within a second */
        tm_reply_header(call, "retry-after", err == TM_EMEMORYFULL ? "5" : "1");
    if (status == 401)
        tm_reply_header(call, "www-authenticate",
                        "ApiKey realm=\"trailmix\", Bearer realm=\"trailmix\"");
    tm_reply_buf(call, status, PROBLEM_TYPE, &out);
}

void tm_reply_fault(tm_call_t *call, tm_err_t err, const char *field, const char *text)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_why_add(&why, err, field, "%s", text);
    tm_reply_problem(call, err, &why);
}

bool tm_reply_faults(tm_call_t *call, const tm_why_t *why)
{
    if (why->n == 0)
        return false;
    tm_reply_problem(call, tm_why_err(why), why);
    return true;
}

/* ---- ETags ---- */

/* Does a list of entity tags hold this one? Weak comparison (RFC 9110, 8.8.3.2): proxies that
 * change a body's coding write W/ before its tag. */
static bool list_has(tm_str_t list, tm_str_t etag)
{
    const char *p = list.p;
    const char *end = p + list.n;
    while (p < end) {
        const char *comma = memchr(p, ',', (size_t)(end - p)); /* ours hold no comma */
        const char *stop = comma == NULL ? end : comma;
        tm_str_t one = tm_str_trim(tm_str_n(p, (size_t)(stop - p)));
        if (tm_str_eq(one, TM_STR("*")))
            return true;
        if (tm_str_starts(one, "W/"))
            one = tm_str_n(one.p + 2, one.n - 2);
        if (tm_str_eq(one, etag))
            return true;
        p = stop + 1;
    }
    return false;
}

bool tm_reply_not_modified(tm_call_t *call, const char *etag)
{
    call->etag = etag;
    if (call->cache == NULL)
        call->cache = "private, no-cache";
    const tm_str_t held = call->if_none_match, tag = tm_str(etag);
    if (held.p == NULL || !(tm_str_eq(held, tag) || list_has(held, tag))) /* mostly one thing */
        return false;
    tm_reply_empty(call, 304);
    return true;
}

/* ---- answers of actors and jobs ---- */

/* "id-version" of the record an answer holds: its id ends the location, or stands in the path. */
static const char *record_etag(tm_call_t *call, const tm_answer_t *answer)
{
    if (answer->version < 0)
        return NULL;
    tm_str_t id = call->names[0];
    const tm_str_t location = answer->location;
    if (location.n > 0) {
        const char *slash = memrchr(location.p, '/', location.n);
        const char *begin = slash == NULL ? location.p : slash + 1;
        id = tm_str_n(begin, (size_t)(location.p + location.n - begin));
    }
    if (id.p == NULL)
        return NULL;
    return tm_call_tag(call, id, (uint64_t)answer->version, "");
}

void tm_reply_answer(tm_call_t *call, const tm_answer_t *answer, const char *kept_etag)
{
    if (answer->err != TM_OK) {
        tm_reply_problem(call, answer->err, answer->why);
        return;
    }
    call->etag = kept_etag != NULL ? kept_etag : record_etag(call, answer);
    /* Their strings go with the parcel; ours must outlive the request. */
    h2o_req_t *req = call->req;
    if (answer->location.n > 0)
        known_header(req, H2O_TOKEN_LOCATION,
                     tm_iovec_str(h2o_strdup(&req->pool, answer->location.p, answer->location.n)));
    if (answer->disposition != NULL)
        tm_reply_header(call, "content-disposition", tm_call_copy(call, answer->disposition));
    else if (call->sandboxed)
        tm_reply_header(call, "content-disposition", "attachment");
    const char *own = answer->status >= 400 ? PROBLEM_TYPE : TM_JSON_TYPE; /* a ready problem */
    const char *type =
        answer->content_type == NULL ? own : tm_call_copy(call, answer->content_type);
    if (answer->status == 204 || answer->body == NULL) {
        if (answer->status == 204)
            tm_reply_empty(call, 204);
        else
            tm_reply_static(call, answer->status, type, TM_STR("{}"));
        return;
    }
    tm_reply_blob(call, answer->status, type, tm_blob_ref(answer->body));
}
