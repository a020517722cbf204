/* test_views.c - an answer is found under its own name only, and the least recently used one
 * goes. */
#include "http/views.h"
#include "http/limits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void views_get__finds_the_very_name_only(void **state)
{
    (void)state;
    tm_views_t *views = tm_views_new();
    tm_blob_t *body = tm_blob_new("a", 1);
    const tm_view_name_t name = {1, 2, TM_STR("?a=b")};
    const tm_view_name_t others[] = {{2, 2, TM_STR("?a=b")},
                                     {1, 3, TM_STR("?a=b")},
                                     {1, 2, TM_STR("?a=c")},
                                     {1, 2, TM_STR("?a=")},
                                     {1, 2, TM_STR("")}};
    tm_views_put(views, &name, body);
    for (size_t i = 0; i < TM_COUNT(others); i++)
        assert_null(tm_views_get(views, &others[i]));
    tm_blob_t *got = tm_views_get(views, &name);
    assert_ptr_equal(got, body);
    tm_blob_unref(got);
    tm_views_free(views);
    assert_int_equal(body->refs, 1);
    tm_blob_unref(body);
}

static void views_put__replaces_the_least_recently_used(void **state)
{
    (void)state;
    tm_views_t *views = tm_views_new();
    tm_blob_t *body = tm_blob_new("a", 1);
    for (uint64_t i = 0; i < TM_VIEWS_MAX; i++) {
        const tm_view_name_t name = {1, i, TM_STR("?x")};
        tm_views_put(views, &name, body);
    }
    const tm_view_name_t first = {1, 0, TM_STR("?x")};
    const tm_view_name_t second = {1, 1, TM_STR("?x")};
    const tm_view_name_t fresh = {1, 99, TM_STR("?x")};
    tm_blob_unref(tm_views_get(views, &first));
    tm_views_put(views, &fresh, body);
    tm_blob_t *got = tm_views_get(views, &first);
    assert_non_null(got);
    tm_blob_unref(got);
    assert_null(tm_views_get(views, &second));
    assert_int_equal(body->refs, TM_VIEWS_MAX + 1);
    tm_views_free(views);
    tm_blob_unref(body);
}

static void views_put__keeps_nothing_too_large(void **state)
{
    (void)state;
    tm_views_t *views = tm_views_new();
    tm_blob_t *large = tm_blob_new(NULL, TM_VIEW_BYTES_MAX + 1);
    tm_blob_t *small = tm_blob_new("a", 1);
    char query[300];
    memset(query, 'q', sizeof(query));
    const tm_view_name_t name = {1, 1, TM_STR("?x")};
    const tm_view_name_t long_name = {1, 1, tm_str_n(query, sizeof(query))};
    tm_views_put(views, &name, large);
    assert_null(tm_views_get(views, &name));
    tm_views_put(views, &long_name, small);
    assert_null(tm_views_get(views, &long_name));
    tm_views_free(views);
    tm_blob_unref(large);
    tm_blob_unref(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_get__finds_the_very_name_only),
        cmocka_unit_test(views_put__replaces_the_least_recently_used),
        cmocka_unit_test(views_put__keeps_nothing_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
