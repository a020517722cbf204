/* test_openapi.c - the description of the interface is JSON, complete, and refers to nothing
 * that is not there. */
#include "base/memory.h"
#include "http/route.h"
#include "http/server.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void check_refs(const json_t *value, const json_t *schemas)
{
    const char *key;
    json_t *each;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, each)
        {
            if (strcmp(key, "$ref") == 0 &&
                json_object_get(schemas, strrchr(json_string_value(each), '/') + 1) == NULL)
                fail_msg("%s leads nowhere", json_string_value(each));
            check_refs(each, schemas); /* as deep as the document */
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, each) check_refs(each, schemas);
    }
}

static void openapi__is_whole(void **state)
{
    (void)state;
    tm_buf_t out;
    tm_buf_init(&out, 16u << 20);
    tm_http_openapi(&out);
    assert_false(out.full);
    json_error_t error;
    json_t *doc = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, &error);
    if (doc == NULL)
        fail_msg("%d: %s", error.position, error.text);
    const json_t *schemas = json_object_get(json_object_get(doc, "components"), "schemas");
    assert_true(json_is_object(schemas));
    check_refs(doc, schemas);
    static const char *const keys[TM_METHODS] = {"get", "post", "patch", "delete", "put"};
    for (uint32_t i = 0; i < tm_routes_n; i++) {
        const json_t *path = json_object_get(json_object_get(doc, "paths"), tm_routes[i].path);
        if (json_object_get(path, keys[tm_routes[i].method]) == NULL)
            fail_msg("%s is not described", tm_routes[i].path);
    }
    json_decref(doc);
    tm_buf_done(&out);
}

static void lists__name_every_route_and_limit(void **state)
{
    (void)state;
    tm_buf_t out;
    tm_buf_init(&out, 1u << 20);
    tm_http_routes(&out);
    uint32_t lines = 0;
    for (size_t i = 0; i < out.n; i++)
        lines += out.p[i] == '\n';
    assert_int_equal(lines, tm_routes_n);
    tm_buf_clear(&out);
    tm_http_limits(&out);
    assert_non_null(memmem(out.p, out.n, "CONNECTION_STREAMS_MAX", 22));
    tm_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openapi__is_whole),
        cmocka_unit_test(lists__name_every_route_and_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
