/* test_url.c - addresses of servers are taken apart, and told without their passwords. */
#include "store/url.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void url_server__takes_each_part(void **state)
{
    (void)state;
    static const struct {
        const char *text, *user, *password, *host;
        uint16_t port;
    } cases[] = {
        {"h", "", "", "h", 99},         {"h:1", "", "", "h", 1},
        {"u@h", "u", "", "h", 99},      {"u:p%40q@h:65535", "u", "p@q", "h", 65535},
        {":p:q@h", "", "p:q", "h", 99}, {"u:a@b@[2001:db8::1]:7", "u", "a@b", "2001:db8::1", 7},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        tm_url_server_t got;
        assert_null(tm_url_server(tm_str(cases[i].text), 99, &got));
        assert_string_equal(got.user, cases[i].user);
        assert_string_equal(got.password, cases[i].password);
        assert_string_equal(got.host, cases[i].host);
        assert_int_equal(got.port, cases[i].port);
    }
}

static void url_server__says_what_is_wrong(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "u@",     ":1",  "h:0",  "h:65536", "h:x",
                                      "[::1", "[::1]x", "%zz", "u%@h", "u:%00@h", "u:%4@h"};
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_url_server_t got;
        if (tm_url_server(tm_str(bad[i]), 99, &got) == NULL)
            fail_msg("taken: %s", bad[i]);
    }
    char room[4];
    assert_true(tm_url_decode(TM_STR("a%62c"), room, sizeof(room)));
    assert_string_equal(room, "abc");
    assert_false(tm_url_decode(TM_STR("abcd"), room, sizeof(room)));
}

static void url_redact__never_tells_the_password(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"mysql://tm:secret@h:3306/d?connection_limit=2",
         "mysql://tm:***@h:3306/d?connection_limit=2"},
        {"mysql://tm:se@cr:et@h/d", "mysql://tm:***@h/d"},
        {"mysql://tm:secret@h", "mysql://tm:***@h"},
        {"mysql://tm@h/d", "mysql://tm@h/d"},
        {"other://tm:secret@", "other://tm:***@"},
        {"sqlite:data/trailmix.db", "sqlite:data/trailmix.db"},
        {"sqlite:a@b.db", "sqlite:a@b.db"},
        {"tm:secret@h/d", "***@h/d"},
        {"", ""},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        tm_buf_t out;
        tm_buf_init(&out, 1000);
        tm_url_redact(tm_str(cases[i][0]), &out);
        tm_buf_add_char(&out, '\0');
        assert_string_equal(out.p, cases[i][1]);
        tm_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_server__takes_each_part),
        cmocka_unit_test(url_server__says_what_is_wrong),
        cmocka_unit_test(url_redact__never_tells_the_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
