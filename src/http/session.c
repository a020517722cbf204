/* session.c - handlers of signing in and out, and of who is asking.
 *
 * Why:     the browser gets a cookie no script can read; the link's token is spent at once.
 * Threads: the loop's. */
#include "http/reply.h"
#include "http/sessions.h"
#include "schema/json.h"

#define TOKEN_BODY_BYTES_MAX 4096
#define SESSION_BYTES_MAX 1024

/* The string under "token", the only key. */
static tm_err_t read_token(tm_str_t body, tm_arena_t *arena, tm_str_t *ret, tm_why_t *why)
{
    tm_json_t j;
    tm_json_begin(&j, body, arena);
    tm_str_t text;
    if (tm_json_next(&j, &text) != TM_J_OBJECT)
        return tm_why_add(why, TM_EMALFORMED, "", "must be a JSON object");
    *ret = (tm_str_t){NULL, 0};
    tm_token_t token;
    while ((token = tm_json_next(&j, &text)) == TM_J_KEY) {
        if (!tm_str_eq(text, TM_STR("token")) || ret->p != NULL) {
            tm_why_add(why, TM_EINVALID, "", "only the key token is taken, once");
            if (!tm_json_skip(&j))
                return tm_why_add(why, TM_EMALFORMED, "", "is no JSON");
            continue;
        }
        if (tm_json_next(&j, ret) != TM_J_STRING)
            return tm_why_add(why, TM_EINVALID, "token", "must be a string");
    }
    if (token != TM_J_OBJECT_END || tm_json_next(&j, &text) != TM_J_END)
        return tm_why_add(why, TM_EMALFORMED, "", "is no JSON");
    if (ret->p == NULL)
        return tm_why_add(why, TM_EINVALID, "token", "is needed");
    return tm_why_err(why);
}

static void set_cookie(tm_call_t *call, const char *value, int64_t max_age_s)
{
    tm_reply_header(
        call, "set-cookie",
        tm_call_printf(
            call, TM_COOKIE_NAME "=%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%lld%s", value,
            (long long)max_age_s, call->loop->http->ssl == NULL ? "" : "; Secure"));
}

void tm_handle_session_begin(tm_call_t *call)
{
    const tm_str_t body = tm_call_body(call);
    if (body.n > TOKEN_BODY_BYTES_MAX) {
        tm_reply_problem(call, TM_ETOOLARGE, NULL);
        return;
    }
    tm_why_t why;
    tm_why_clear(&why);
    tm_arena_t *arena = tm_arena_new(64u << 10);
    tm_str_t token;
    char cookie[TM_SIGN_IN_TOKEN_TEXT];
    const tm_err_t err = read_token(body, arena, &token, &why);
    if (err != TM_OK) {
        tm_reply_problem(call, err, &why);
    } else if (!tm_sessions_begin(call->loop->http->sessions, token, tm_sessions_now_ms(),
                                  cookie)) {
        tm_reply_fault(call, TM_EUNAUTHORIZED, "token", "is unknown, already used or too old");
    } else {
        set_cookie(call, cookie, TM_SESSION_MS / 1000);
        tm_reply_static(call, 200, TM_JSON_TYPE, TM_STR("{\"principal\":\"system\"}"));
    }
    tm_arena_free(arena);
}

void tm_handle_session_show(tm_call_t *call)
{
    tm_buf_t out;
    tm_buf_init(&out, SESSION_BYTES_MAX);
    tm_buf_add_c(&out, "{\"principal\":");
    tm_json_write_str(tm_str(call->principal), &out);
    if (call->user_role != NULL)
        tm_buf_printf(&out, ",\"role\":\"%s\"", call->user_role);
    tm_buf_add_char(&out, '}');
    tm_reply_buf(call, 200, TM_JSON_TYPE, &out);
}

void tm_handle_session_end(tm_call_t *call)
{
    const tm_str_t cookies = tm_call_header(call, "cookie", NULL);
    if (cookies.p != NULL)
        tm_sessions_end(call->loop->http->sessions, cookies);
    set_cookie(call, "", 0);
    tm_reply_empty(call, 204);
}
