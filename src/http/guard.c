/* guard.c - what every request must pass before its handler sees it: framing, who asks, how often,
 * from where, with what body.
 *
 * Why:     a hostile peer costs its own request only, and no handler repeats these checks.
 * Threads: the loop's. */
#include "base/digest.h"
#include "base/time.h"
#include "http/bearer.h"
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

/* The header that wants to name a user; p NULL: none. Of several nobody knows which one counts:
 * together they name nobody. */
static tm_str_t bearer_of(const tm_call_t *call)
{
    uint32_t n = 0;
    const tm_str_t given = tm_call_header(call, "authorization", &n);
    if (n > 1)
        return TM_STR("");
    return n == 1 && tm_bearer_is(given) ? given : (tm_str_t){NULL, 0};
}

/* One kind of credential decides, right or wrong: the key, else a token, else the cookie. */
static void name_system(tm_call_t *call)
{
    tm_http_t *http = call->loop->http;
    if (call->key.p != NULL) {
        if (!is_system_key(http, call->key))
            return;
    } else {
        const tm_str_t cookies = tm_call_header(call, "cookie", NULL);
        if (cookies.p == NULL || bearer_of(call).p != NULL ||
            !tm_sessions_has(http->sessions, cookies, tm_sessions_now_ms()))
            return;
        call->by_cookie = true;
    }
    call->principal = "system";
    call->right = TM_ROLE_ADMIN;
}

/* Roles below admin pass no route yet: what they may see comes by grants on campaigns, and there
 * are none before there are accounts; a right given to all of a role would show every race to
 * every viewer. */
static void name_user(tm_call_t *call, int64_t now_ms)
{
    const tm_str_t bearer = bearer_of(call);
    tm_user_t user;
    if (bearer.p == NULL || call->key.p != NULL ||
        tm_bearer_read(call->loop->http->options.jwt_secret, bearer, now_ms / 1000, &user) != TM_OK)
        return;
    call->principal = tm_call_copy(call, user.principal);
    call->user_role = user.role;
    call->right = user.is_admin ? TM_ROLE_ADMIN : TM_ROLE_KNOWN;
}

/* ---- how often ---- */

/* false: this rate does not count them. */
static bool counts_by(const tm_call_t *call, const tm_rate_t *rate, tm_rate_who_t *ret)
{
    const bool known = call->principal != NULL;
    if (!known && rate->when == TM_RATE_WHEN_AFTER && rate->key != TM_RATE_BY_PRINCIPAL)
        return false;
    *ret = known && rate->key != TM_RATE_BY_IP ? tm_rate_who_user(tm_str(call->principal))
                                               : tm_rate_who_address(call->conn->address);
    return true;
}

/* Of two windows the one with fewer requests left; of equals the one that ends later. */
static bool is_tighter(const tm_rate_state_t *a, const tm_rate_state_t *b)
{
    if (b->limit == 0 || a->remaining != b->remaining)
        return b->limit == 0 || a->remaining < b->remaining;
    return a->reset_ms > b->reset_ms;
}

static bool count(tm_call_t *call, uint32_t rates, tm_rate_when_t when, int64_t now_ms)
{
    for (uint32_t i = 0; i < TM_RATES; i++) {
        tm_rate_who_t who;
        if ((rates >> i & 1) == 0 || tm_rates[i].when != when ||
            !counts_by(call, &tm_rates[i], &who))
            continue;
        if (tm_rate_is_blind(call->loop->http->rates)) {
            tm_reply_problem(call, TM_EUNCOUNTED, NULL);
            return false;
        }
        const tm_rate_state_t state = tm_rate_count(call->loop->http->rates, i, who, now_ms);
        if (state.refused || is_tighter(&state, &call->rate))
            call->rate = state;
        if (!state.refused)
            continue;
        tm_reply_problem(call, TM_ELIMIT, NULL);
        return false;
    }
    return true;
}

bool tm_guard_caller(tm_call_t *call, tm_str_t path)
{
    name_system(call);
    if (call->principal != NULL)
        return true; /* exempt from every rate, before a look at any */
    const int64_t now_ms = tm_time_now().v;
    const uint32_t rates = tm_rate_match(tm_iovec_str(call->req->method), path);
    if (!count(call, rates, TM_RATE_WHEN_BEFORE, now_ms))
        return false;
    name_user(call, now_ms);
    return count(call, rates, TM_RATE_WHEN_AFTER, now_ms);
}

/* ---- what they may ---- */

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
    const bool open = call->route != NULL && call->route->role == TM_ROLE_NONE;
    if (call->principal == NULL && !open) {
        tm_reply_problem(call, TM_EUNAUTHORIZED, NULL);
        return false;
    }
    if (call->route != NULL && call->right < call->route->role) {
        tm_reply_problem(call, TM_EFORBIDDEN, NULL);
        return false;
    }
    if (!(call->by_cookie || open) || !is_write(call))
        return true;
    const tm_str_t origin = tm_call_header(call, "origin", NULL);
    if (origin.p != NULL && !is_own_origin(call, origin))
        return refuse(call, TM_EFORBIDDEN, "origin", "names another site");
    if (origin.p == NULL && call->by_cookie && !open)
        return refuse(call, TM_EFORBIDDEN, "origin", "is needed for a write with a cookie");
    return true;
}

/* ---- memory ---- */

bool tm_guard_memory(tm_call_t *call)
{
    const tm_memory_t state = tm_ceiling_state(call->loop->http->options.ceiling);
    if (__builtin_expect(state == TM_MEMORY_EASY, 1))
        return true;
    enum { BY_METHOD, TIGHT, FULL, NEVER };
    static const uint8_t marks[TM_HANDLERS] = {
#define TM_MEMORY_OF(handler, MARK) [TM_HANDLER_##handler] = MARK,
#include "http/memory.def"
#undef TM_MEMORY_OF
    };
    unsigned mark = marks[call->route->handler];
    if (mark == BY_METHOD)
        mark = is_write(call) ? FULL : NEVER;
    if (mark == NEVER || (mark == FULL && state != TM_MEMORY_FULL))
        return true;
    tm_reply_problem(call, TM_EMEMORYFULL, NULL);
    return false;
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
    tm_str_t type = header;
    const bool usual = n == 1 && tm_str_eq(header, TM_STR("application/json"));
    if (!usual && (n != 1 || header.n == 0 || !media_type(header, &type) || !is_taken(body, type)))
        return refuse(call, TM_EMEDIATYPE, "content-type",
                      body == TM_BODY_JSON
                          ? "must be application/json"
                          : "must be application/pdf, application/octet-stream, text/csv, "
                            "text/plain or application/json");
    if (tm_call_header(call, "content-encoding", NULL).p != NULL)
        return refuse(call, TM_EMEDIATYPE, "content-encoding", "is not taken");
    return true;
}
