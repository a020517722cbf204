/* test_route.c - paths find their route; names are handed out raw; escapes decode once. */
#include "http/call.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const tm_route_t *find(const char *method, const char *path, tm_str_t *names,
                              unsigned *allowed)
{
    *allowed = 0;
    return tm_route_find(tm_str(method), tm_str(path), names, allowed);
}

static void route_find__takes_whole_paths_only(void **state)
{
    (void)state;
    tm_str_t names[TM_ROUTE_NAMES_MAX];
    unsigned allowed;
    assert_string_equal(find("GET", "/api/v1/ping", names, &allowed)->name, "ping");
    assert_string_equal(find("HEAD", "/api/v1/ping", names, &allowed)->name, "ping");
    static const char *const none[] = {"/api/v1/ping/",
                                       "/api/v1/pin",
                                       "/api/v1/pingx",
                                       "//api/v1/ping",
                                       "/api/v1//ping",
                                       "/api/v1/campaigns/",
                                       "/api/v1/campaigns//clone",
                                       "",
                                       "/"};
    for (size_t i = 0; i < TM_COUNT(none); i++) {
        assert_null(find("GET", none[i], names, &allowed));
        assert_int_equal(allowed, 0);
    }
}

static void route_find__hands_out_names(void **state)
{
    (void)state;
    tm_str_t names[TM_ROUTE_NAMES_MAX] = {{NULL, 0}};
    unsigned allowed;
    assert_string_equal(find("GET", "/api/v1/matrix/cells/a%3Ab", names, &allowed)->name,
                        "cell_show");
    assert_true(tm_str_eq(names[0], TM_STR("a%3Ab")));
    assert_string_equal(find("POST", "/api/v1/campaigns/cmp_1/clone", names, &allowed)->name,
                        "campaign_clone");
    assert_true(tm_str_eq(names[0], TM_STR("cmp_1")));
}

static void route_find__tells_which_methods_a_path_takes(void **state)
{
    (void)state;
    tm_str_t names[TM_ROUTE_NAMES_MAX];
    unsigned allowed;
    assert_null(find("DELETE", "/api/v1/campaigns/cmp_1", names, &allowed));
    assert_int_equal(allowed, 1u << TM_GET | 1u << TM_PATCH);
    assert_null(find("PUT", "/api/v1/campaigns", names, &allowed));
    assert_int_equal(allowed, 1u << TM_GET | 1u << TM_POST);
}

static void params__stand_in_the_order_of_handlers(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < tm_params_n; i++)
        assert_true(tm_params[i - 1].handler <= tm_params[i].handler); /* they are looked for so */
}

static void percent_decode__decodes_once_and_refuses_what_is_broken(void **state)
{
    (void)state;
    char out[64];
    uint32_t n;
    assert_true(tm_percent_decode(TM_STR("a%2520b+c%C3%A9"), true, out, &n));
    assert_true(tm_str_eq(tm_str_n(out, n), TM_STR("a%20b c\xc3\xa9")));
    assert_true(tm_percent_decode(TM_STR("a+b"), false, out, &n));
    assert_true(tm_str_eq(tm_str_n(out, n), TM_STR("a+b")));
    static const char *const bad[] = {"%", "%1", "%zz", "%C3", "%00", "\xff"};
    for (size_t i = 0; i < TM_COUNT(bad); i++)
        assert_false(tm_percent_decode(tm_str(bad[i]), true, out, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(route_find__takes_whole_paths_only),
        cmocka_unit_test(route_find__hands_out_names),
        cmocka_unit_test(route_find__tells_which_methods_a_path_takes),
        cmocka_unit_test(params__stand_in_the_order_of_handlers),
        cmocka_unit_test(percent_decode__decodes_once_and_refuses_what_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
