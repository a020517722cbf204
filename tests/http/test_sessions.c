/* test_sessions.c - a sign-in token works once and not for ever; cookies end when told or when
 * their time is up. */
#include "http/sessions.h"
#include "http/limits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static tm_str_t cookie_header(const char *value, char ret[128])
{
    snprintf(ret, 128, "other=1; " TM_COOKIE_NAME "=%s; last=2", value);
    return tm_str(ret);
}

static void sessions_begin__spends_the_token(void **state)
{
    (void)state;
    tm_sessions_t *sessions = tm_sessions_new();
    char token[TM_SIGN_IN_TOKEN_TEXT];
    char cookie[TM_SIGN_IN_TOKEN_TEXT];
    char header[128];
    tm_sessions_invite(sessions, 1000, token);
    assert_int_equal(strlen(token), TM_SIGN_IN_TOKEN_TEXT - 1);
    assert_false(tm_sessions_begin(sessions, TM_STR("wrong"), 1001, cookie));
    assert_false(tm_sessions_has(sessions, cookie_header(cookie, header), 1001));
    assert_true(tm_sessions_begin(sessions, tm_str(token), 1002, cookie));
    assert_true(tm_sessions_has(sessions, cookie_header(cookie, header), 1003));
    char again[TM_SIGN_IN_TOKEN_TEXT];
    assert_false(tm_sessions_begin(sessions, tm_str(token), 1004, again));
    assert_true(tm_sessions_has(sessions, cookie_header(cookie, header), 1000 + TM_SESSION_MS));
    assert_false(tm_sessions_has(sessions, cookie_header(cookie, header), 1002 + TM_SESSION_MS));
    tm_sessions_free(sessions);
}

static void sessions_begin__forgets_old_tokens(void **state)
{
    (void)state;
    tm_sessions_t *sessions = tm_sessions_new();
    char token[TM_SIGN_IN_TOKEN_TEXT];
    char cookie[TM_SIGN_IN_TOKEN_TEXT];
    tm_sessions_invite(sessions, 1, token);
    assert_false(tm_sessions_begin(sessions, tm_str(token), 1 + TM_SIGN_IN_MS, cookie));
    tm_sessions_free(sessions);
}

static void sessions_end__ends_that_one_only(void **state)
{
    (void)state;
    tm_sessions_t *sessions = tm_sessions_new();
    char token[TM_SIGN_IN_TOKEN_TEXT];
    char cookies[2][TM_SIGN_IN_TOKEN_TEXT];
    char header[128];
    for (int i = 0; i < 2; i++) {
        tm_sessions_invite(sessions, 1, token);
        assert_true(tm_sessions_begin(sessions, tm_str(token), 2, cookies[i]));
    }
    tm_sessions_end(sessions, cookie_header(cookies[0], header));
    assert_false(tm_sessions_has(sessions, cookie_header(cookies[0], header), 3));
    assert_true(tm_sessions_has(sessions, cookie_header(cookies[1], header), 3));
    assert_false(tm_sessions_has(sessions, TM_STR("trailmix_session="), 3));
    assert_false(tm_sessions_has(sessions, TM_STR(""), 3));
    tm_sessions_free(sessions);
}

static void sessions__are_bounded(void **state)
{
    (void)state;
    tm_sessions_t *sessions = tm_sessions_new();
    char token[TM_SIGN_IN_TOKEN_TEXT];
    char first[TM_SIGN_IN_TOKEN_TEXT];
    char last[TM_SIGN_IN_TOKEN_TEXT];
    char header[128];
    for (int i = 0; i <= TM_SESSIONS_MAX; i++) {
        tm_sessions_invite(sessions, 10 + i, token);
        assert_true(tm_sessions_begin(sessions, tm_str(token), 10 + i, i == 0 ? first : last));
    }
    assert_false(tm_sessions_has(sessions, cookie_header(first, header), 10 + TM_SESSIONS_MAX));
    assert_true(tm_sessions_has(sessions, cookie_header(last, header), 10 + TM_SESSIONS_MAX));
    tm_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_begin__spends_the_token),
        cmocka_unit_test(sessions_begin__forgets_old_tokens),
        cmocka_unit_test(sessions_end__ends_that_one_only),
        cmocka_unit_test(sessions__are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
