/* test_pages.c - the browser application's files: packed, kept, and nothing beside them. */
#include "http/with_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

static char dir[] = "/tmp/trailmix-pages-XXXXXX"; /* filled by mkdtemp */

static void write_file(const char *name, const char *text, int times)
{
    char path[128];
    snprintf(path, sizeof(path), "%s%s", dir, name);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    for (int i = 0; i < times; i++)
        fputs(text, out);
    fclose(out);
}

static void pages__screens_are_the_application(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    static const char *const paths[] = {"/", "/sign-in", "/campaigns", "/campaigns/cmp_1/pending",
                                        "/index.html"};
    for (size_t i = 0; i < TM_COUNT(paths); i++) {
        char header[512];
        ask(server, "GET", paths[i], "", NULL, answer);
        assert_int_equal(answer->status, 200);
        assert_string_equal(answer->body, "<!doctype html>");
        answer_header(answer, "cache-control", header);
        assert_string_equal(header, "no-store");
        answer_header(answer, "content-security-policy", header);
        assert_non_null(strstr(header, "default-src 'self'"));
        assert_non_null(strstr(header, "frame-ancestors 'none'"));
        answer_header(answer, "content-type", header);
        assert_string_equal(header, "text/html; charset=utf-8");
    }
    ask(server, "POST", "/", "", "", answer);
    assert_int_equal(answer->status, 405);
    tm_free(answer);
}

static void pages__assets_are_packed_and_kept(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char header[512];
    char headers[600];
    static const char *const accepts[] = {"accept-encoding: gzip, br\r\n",
                                          "accept-encoding: gzip\r\n", ""};
    static const char *const packings[] = {"br", "gzip", ""};
    for (size_t i = 0; i < TM_COUNT(accepts); i++) {
        ask(server, "GET", "/assets/a-1.js", accepts[i], NULL, answer);
        assert_int_equal(answer->status, 200);
        answer_header(answer, "content-encoding", header);
        assert_string_equal(header, packings[i]);
        assert_true(i == 2 ? answer->body_n == 11000 : answer->body_n < 1000);
        answer_header(answer, "cache-control", header);
        assert_non_null(strstr(header, "immutable"));
    }
    answer_header(answer, "etag", header);
    snprintf(headers, sizeof(headers), "if-none-match: %s\r\n", header);
    ask(server, "GET", "/assets/a-1.js", headers, NULL, answer);
    assert_int_equal(answer->status, 304);
    tm_free(answer);
}

static void pages__what_the_build_packed_is_used(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    ask(server, "GET", "/b.css", "accept-encoding: br\r\n", NULL, answer);
    assert_string_equal(answer->body, "packed by the build");
    ask(server, "GET", "/b.css", "accept-encoding: gzip\r\n", NULL, answer);
    assert_int_equal(answer->status, 200);
    assert_true(answer->body_n < 600);
    ask(server, "GET", "/b.css.br", "", NULL, answer);
    assert_int_equal(answer->status, 404);
    tm_free(answer);
}

static void pages__nothing_else_is_served(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    static const char *const paths[] = {
        "/.hidden", "/../etc/passwd", "/assets/../../etc/passwd", "/%2e%2e/etc/passwd", "/assets",
        "/assets/", "//index.html",   "/assets/a-1.js/",          "/campaign"};
    for (size_t i = 0; i < TM_COUNT(paths); i++) {
        ask(server, "GET", paths[i], "", NULL, answer);
        if (answer->status != 404)
            fail_msg("%s: %d", paths[i], answer->status);
    }
    tm_free(answer);
}

static int start(void **state)
{
    assert_non_null(mkdtemp(dir));
    char path[64];
    snprintf(path, sizeof(path), "%s/assets", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file("/index.html", "<!doctype html>", 1);
    write_file("/assets/a-1.js", "let one=1;\n", 1000);
    write_file("/b.css", "a{}", 200);
    write_file("/b.css.br", "packed by the build", 1);
    write_file("/.hidden", "secret", 1);
    *state = server_start((server_setup_t){.web_dir = dir});
    return 0;
}

static int stop(void **state)
{
    static const char *const names[] = {"/index.html", "/assets/a-1.js", "/b.css", "/b.css.br",
                                        "/.hidden",    "/assets",        ""};
    for (size_t i = 0; i < TM_COUNT(names); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s%s", dir, names[i]);
        remove(path);
    }
    server_stop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages__screens_are_the_application),
        cmocka_unit_test(pages__assets_are_packed_and_kept),
        cmocka_unit_test(pages__what_the_build_packed_is_used),
        cmocka_unit_test(pages__nothing_else_is_served),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
