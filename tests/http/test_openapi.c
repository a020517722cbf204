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

/* Follows "#/components/...". */
static const json_t *find(const json_t *doc, const char *ref)
{
    const json_t *at = doc;
    for (const char *p = strchr(ref, '/'); p != NULL && at != NULL;) {
        char name[64] = "";
        const size_t n = strcspn(p + 1, "/");
        assert_true(n < sizeof(name));
        memcpy(name, p + 1, n);
        at = json_object_get(at, name);
        p = p[n + 1] == '/' ? p + n + 1 : NULL;
    }
    return at;
}

static void check_refs(const json_t *value, const json_t *doc)
{
    const char *key;
    json_t *each;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, each)
        {
            if (strcmp(key, "$ref") == 0 && find(doc, json_string_value(each)) == NULL)
                fail_msg("%s leads nowhere", json_string_value(each));
            check_refs(each, doc); /* as deep as the document */
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, each) check_refs(each, doc);
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
    check_refs(doc, doc);
    static const char *const keys[TM_METHODS] = {"get", "post", "patch", "delete", "put"};
    for (uint32_t i = 0; i < tm_routes_n; i++) {
        const json_t *path = json_object_get(json_object_get(doc, "paths"), tm_routes[i].path);
        const json_t *operation = json_object_get(path, keys[tm_routes[i].method]);
        if (operation == NULL)
            fail_msg("%s is not described", tm_routes[i].path);
        const bool limited =
            json_object_get(json_object_get(operation, "responses"), "429") != NULL;
        assert_int_equal(limited,
                         strstr("/health /api/v1/ping /api/v1/health", tm_routes[i].path) == NULL);
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
    assert_non_null(memmem(out.p, out.n, "rate AI_USER", 12));
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
