/* test_database.c - addresses of databases, taken apart, refused and told without their
 * password; values as they are bound. */
#include "store/database.h"
#include "base/memory.h"
#include "schema/entities.h"
#include "store/projection.h"
#include "store/projector.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void database_url__takes_sqlite(void **state)
{
    (void)state;
    tm_database_url_t url;
    assert_int_equal(tm_database_url_parse(TM_STR("sqlite:data/trailmix.db"), &url, NULL), TM_OK);
    assert_int_equal(url.dialect, TM_SQLITE);
    assert_string_equal(url.path, "data/trailmix.db");
}

static void database_url__takes_mysql(void **state)
{
    (void)state;
    tm_database_url_t url;
    assert_int_equal(
        tm_database_url_parse(
            TM_STR("mysql://tm:p%40ss%3Aw@db.internal:3307/trail%2Dmix?connection_limit=5"), &url,
            NULL),
        TM_OK);
    assert_int_equal(url.dialect, TM_MYSQL);
    assert_string_equal(url.server.user, "tm");
    assert_string_equal(url.server.password, "p@ss:w");
    assert_string_equal(url.server.host, "db.internal");
    assert_string_equal(url.name, "trail-mix");
    assert_int_equal(url.server.port, 3307);
    assert_int_equal(url.connection_limit, 5);
    assert_int_equal(tm_database_url_parse(TM_STR("mysql://u:a@b@h/d"), &url, NULL), TM_OK);
    assert_string_equal(url.server.password, "a@b");
    assert_int_equal(url.server.port, 3306);
    assert_int_equal(url.connection_limit, 4);
    assert_int_equal(tm_database_url_parse(TM_STR("mysql://u@127.0.0.1/d"), &url, NULL), TM_OK);
    assert_int_equal(url.connection_limit, 1); /* no way over a network to wait for */
    assert_int_equal(tm_database_url_parse(TM_STR("mysql://u@[::1]:9/d"), &url, NULL), TM_OK);
    assert_string_equal(url.server.host, "::1");
    assert_int_equal(url.server.port, 9);
    assert_string_equal(url.server.password, "");
}

static void database_url__refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "sqlite:",
        "postgres://u:p@h/d",
        "mysql://",
        "mysql://h",
        "mysql://h/",
        "mysql:///d",
        "mysql://u:p@/d",
        "mysql://u:p@h:0/d",
        "mysql://u:p@h:70000/d",
        "mysql://u:p@h:x/d",
        "mysql://u:p@h/d?connection_limit=0",
        "mysql://u:p@h/d?connection_limit=65",
        "mysql://u:p@h/d?connection_limit",
        "mysql://u:p@h/d?pool=3",
        "mysql://u:%zz@h/d",
        "mysql://u:%00@h/d",
        "mysql://u:p@[::1/d",
        "mysql://u:%4@h/d",
    };
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_database_url_t url = {.server.port = 77};
        tm_why_t why;
        tm_why_clear(&why);
        if (tm_database_url_parse(tm_str(bad[i]), &url, &why) != TM_EINVALID)
            fail_msg("taken: %s", bad[i]);
        assert_string_equal(why.faults[0].field, "DATABASE_URL");
        assert_int_equal(url.server.port, 77); /* untouched */
    }
}

static void values__a_text_that_is_not_utf8_is_repaired(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80"},
        {"\xff", "\xef\xbf\xbd"},
        {"a\xc3", "a\xef\xbf\xbd"},
        {"\xc3\xa9\xa9z", "\xc3\xa9\xef\xbf\xbdz"},
        {"\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        tm_setting_t setting = {.value = tm_str(cases[i][0])};
        tm_values_t values;
        tm_values_init(&values);
        tm_values_add_field(&values, &tm_setting_desc.fields[TM_SETTING_value], &setting, true);
        tm_values_add_field(&values, &tm_setting_desc.fields[TM_SETTING_value], &setting, false);
        assert_int_equal(values.n, 2);
        assert_int_equal(values.v[0].kind, TM_V_TEXT);
        assert_true(tm_str_eq(values.v[0].s, tm_str(cases[i][1])));
        assert_int_equal(values.v[1].kind, TM_V_NULL);
        tm_values_done(&values);
    }
}

static void database_chunk__any_number_is_made_of_few_sizes(void **state)
{
    (void)state;
    for (unsigned rows = 1; rows < 1000; rows++) {
        unsigned statements = 0;
        for (unsigned done = 0; done < rows; statements++) {
            const unsigned n = tm_database_chunk(rows - done);
            assert_true(n > 0 && n <= rows - done && n <= TM_CHUNK_ROWS_MAX);
            done += n;
        }
        assert_true(statements <= rows / TM_CHUNK_ROWS_MAX + 3 + 3 + 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(database_url__takes_sqlite),
        cmocka_unit_test(database_url__takes_mysql),
        cmocka_unit_test(database_url__refuses_what_is_none),
        cmocka_unit_test(values__a_text_that_is_not_utf8_is_repaired),
        cmocka_unit_test(database_chunk__any_number_is_made_of_few_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
