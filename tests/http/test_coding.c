/* test_coding.c - what an Accept-Encoding says, also a hostile one, and the compressed forms of the
 * matrix: made once, tagged as equal in meaning, never older than what is asked for. */
#include "http/coding.h"
#include "http/with_jobs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <zlib.h>

#define BOTH (1u << TM_CODING_BROTLI | 1u << TM_CODING_GZIP)

/* 'b', 'g' or 'p' for the plain form. */
static char best(const char *line, uint32_t have)
{
    tm_accept_t accept = TM_ACCEPT_NOTHING;
    tm_accept_read(tm_str(line), &accept);
    tm_coding_t coding;
    if (!tm_accept_best(&accept, have, &coding))
        return 'p';
    return coding == TM_CODING_BROTLI ? 'b' : 'g';
}

static void accept__chooses_by_weight(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        char want, without_brotli;
    } cases[] = {
        {"", 'p', 'p'},
        {"br", 'b', 'p'},
        {"gzip", 'g', 'g'},
        {"gzip, deflate, br, zstd", 'b', 'g'},
        {"br;q=0.5, gzip", 'g', 'g'},
        {"gzip;q=0.001", 'g', 'g'},
        {"BR , GZIP", 'b', 'g'},
        {"x-gzip", 'g', 'g'},
        {"*", 'b', 'g'},
        {"*;q=0", 'p', 'p'},
        {"*;q=0, br", 'b', 'p'},
        {"br;q=0, *", 'g', 'g'},
        {"br;q=0,gzip;q=0", 'p', 'p'},
        {"gzip;q=0.5, identity", 'p', 'p'},
        {"gzip, identity", 'g', 'g'},
        {"identity;q=0", 'p', 'p'},
        {"identity;q=0, gzip;q=0.1", 'g', 'g'},
        {"identity;q=0, *;q=0.1", 'b', 'g'},
        {"deflate", 'p', 'p'},
        {"br;q=1.000 ; q=0", 'p', 'p'}, /* two weights are none */
        {" br ; q=1.000 ", 'b', 'p'},
        {"br;Q=0.3,,, ,gzip;q=0.2", 'b', 'g'},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        assert_int_equal(best(cases[i].line, BOTH), cases[i].want);
        assert_int_equal(best(cases[i].line, 1u << TM_CODING_GZIP), cases[i].without_brotli);
        assert_int_equal(best(cases[i].line, 0), 'p');
    }
}

static void accept__what_is_not_well_formed_says_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "br;q=2",  "br;q=1.001", "br;q=0.0001", "br;q=-1", "br;q=",      "br;q",
        "br;",     "br;q=.5",    "br;level=3",  "br q=1",  ";q=1",       ";",
        ",",       "br;q=0x1",   "br;q=1e0",    "brr",     "b r",        "\x80\xff",
        "br;q= 1", "br;q=1.a",   "*br",         "\"br\"",  "br;q=\"1\"",
    };
    for (size_t i = 0; i < TM_COUNT(lines); i++)
        assert_int_equal(best(lines[i], BOTH), 'p');
    char *text = malloc(TM_ACCEPT_BYTES_MAX + 2);
    memset(text, ',', TM_ACCEPT_BYTES_MAX + 1);
    text[TM_ACCEPT_BYTES_MAX + 1] = '\0';
    memcpy(text, "br", 2);
    assert_int_equal(best(text, BOTH), 'p'); /* too long */
    text[TM_ACCEPT_BYTES_MAX] = '\0';
    assert_int_equal(best(text, BOTH), 'b');
    /* Exactly these bytes, so that a sanitizer sees a step too far. */
    for (size_t n = 0; n <= 9; n++) {
        char *exact = malloc(n + 1);
        memcpy(exact, "br;q=0.12", n);
        tm_accept_t accept = TM_ACCEPT_NOTHING;
        tm_accept_read(tm_str_n(exact, n), &accept);
        free(exact);
    }
    free(text);
}

/* ---- over the server ---- */

static void get(const server_t *server, const char *path, const char *headers, answer_t *ret)
{
    char all[1200];
    snprintf(all, sizeof(all), KEY_HEADER "%s", headers);
    ask(server, "GET", path, all, NULL, ret);
}

static server_t *start(char path[100])
{
    server_t *server = server_start((server_setup_t){.tune = with_jobs});
    char campaign[32];
    make_campaign(server, "Race", campaign);
    static const char *const stations[] = {"WAAA", "WBBB", "WCCC", "WDDD", "WEEE", "WFFF"};
    for (size_t i = 0; i < TM_COUNT(stations); i++)
        post_line(server, campaign, stations[i], 1000 + (long long)i);
    snprintf(path, 100, "/api/v1/matrix?campaign_id=%s", campaign);
    return server;
}

static void assert_unpacks(const answer_t *packed, const char *want)
{
    static char room[ANSWER_BYTES_MAX];
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed->body,
                  .avail_in = (uInt)packed->body_n,
                  .next_out = (Bytef *)room,
                  .avail_out = sizeof(room) - 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    room[z.total_out] = '\0';
    inflateEnd(&z);
    assert_string_equal(room, want);
}

static void assert_header(const answer_t *answer, const char *name, const char *want)
{
    char header[512];
    answer_header(answer, name, header);
    assert_string_equal(header, want);
}

/* Asks until the form is there. */
static void get_packed(const server_t *server, const char *path, const char *coding, answer_t *ret)
{
    char headers[64], header[512];
    snprintf(headers, sizeof(headers), "accept-encoding: %s\r\n", coding);
    get(server, path, headers, ret); /* orders it */
    jobs_wait();
    get(server, path, headers, ret);
    answer_header(ret, "content-encoding", header);
    assert_string_equal(header, coding);
}

static void matrix_forms__are_the_same_matrix(server_t *server, const char *path)
{
    static answer_t plain, packed;
    get(server, path, "", &plain);
    assert_int_equal(plain.status, 200);
    assert_header(&plain, "vary", "accept-encoding");
    assert_header(&plain, "content-encoding", "");
    char tag[512], headers[700];
    answer_header(&plain, "etag", tag);

    get_packed(server, path, "gzip", &packed);
    assert_true(packed.body_n < plain.body_n / 2);
    assert_unpacks(&packed, plain.body);
    assert_header(&packed, "etag", tag);
    assert_header(&packed, "vary", "accept-encoding");
    assert_header(&packed, "content-type", "application/json");
    get_packed(server, path, "br", &packed);
    assert_true(packed.body_n < plain.body_n / 2);
    assert_header(&packed, "etag", tag);

    const uint32_t ran = __atomic_load_n(&jobs.ran, __ATOMIC_RELAXED);
    get(server, path, "accept-encoding: identity\r\n", &packed);
    assert_string_equal(packed.body, plain.body);
    assert_header(&packed, "etag", tag);
    get(server, path, "accept-encoding: identity;q=0, *\r\n", &packed);
    assert_header(&packed, "content-encoding", "br");
    get(server, path, "accept-encoding: gzip;q=0.1\r\naccept-encoding: br;q=0\r\n", &packed);
    assert_header(&packed, "content-encoding", "gzip");
    assert_int_equal(__atomic_load_n(&jobs.ran, __ATOMIC_RELAXED), ran); /* once each */

    static const char *const spellings[] = {"", "W/", "\"another\" , W/"};
    for (size_t i = 0; i < TM_COUNT(spellings); i++) {
        snprintf(headers, sizeof(headers), "if-none-match: %s%s\r\naccept-encoding: br\r\n",
                 spellings[i], tag);
        get(server, path, headers, &packed);
        assert_int_equal(packed.status, 304);
        assert_header(&packed, "etag", tag);
        assert_header(&packed, "vary", "accept-encoding");
        assert_header(&packed, "content-encoding", "");
    }
}

static void coding__of_the_default_matrix(void **state)
{
    (void)state;
    char path[100];
    server_t *server = start(path);
    matrix_forms__are_the_same_matrix(server, path);
    jobs_end(server);
}

static void coding__of_a_view(void **state)
{
    (void)state;
    char path[100], view[150];
    server_t *server = start(path);
    snprintf(view, sizeof(view), "%s&basis=net", path);
    matrix_forms__are_the_same_matrix(server, view);
    jobs_end(server);
}

static void coding__a_new_version_is_never_an_old_form(void **state)
{
    (void)state;
    char path[100];
    server_t *server = start(path);
    static answer_t plain, packed;
    get_packed(server, path, "gzip", &packed);
    post_line(server, strchr(path, '=') + 1, "WAAA", 777700);
    get(server, path, "", &plain);
    get(server, path, "accept-encoding: gzip\r\n", &packed);
    assert_header(&packed, "content-encoding", ""); /* not made yet: nobody waits */
    assert_string_equal(packed.body, plain.body);
    get_packed(server, path, "gzip", &packed);
    assert_unpacks(&packed, plain.body);
    jobs_end(server);
}

static void coding__without_job_threads_all_is_plain(void **state)
{
    (void)state;
    char path[100];
    server_t *server = start(path);
    static answer_t answer;
    jobs.refuse = true;
    for (int i = 0; i < 3; i++) {
        get(server, path, "accept-encoding: gzip, br\r\n", &answer);
        assert_int_equal(answer.status, 200);
        assert_header(&answer, "content-encoding", "");
    }
    jobs.refuse = false;
    get_packed(server, path, "br", &answer); /* and later it is made all the same */
    jobs_end(server);
}

static void coding__hostile_lines_cost_their_request_only(void **state)
{
    (void)state;
    char path[100];
    server_t *server = start(path);
    static answer_t plain, answer;
    get(server, path, "", &plain);
    static const char *const lines[] = {"accept-encoding:\r\n",
                                        "accept-encoding: ,,,,;;;q=q=q=;br;q=9999999999999999\r\n",
                                        "accept-encoding: br;q=0.0000000000000000000000001\r\n",
                                        "accept-encoding: \xff\xfe;q=1\r\n",
                                        "accept-encoding: identity;q=0\r\n",
                                        "accept-encoding: *;q=0\r\n"};
    for (size_t i = 0; i < TM_COUNT(lines); i++) {
        get(server, path, lines[i], &answer);
        assert_int_equal(answer.status, 200);
        assert_header(&answer, "content-encoding", "");
        assert_string_equal(answer.body, plain.body);
    }
    char many[1100] = "";
    for (size_t n = 0; n + 40 < sizeof(many); n = strlen(many))
        snprintf(many + n, sizeof(many) - n, "accept-encoding: gzip;q=0.%zu\r\n", n % 10);
    get(server, path, many, &answer);
    assert_int_equal(answer.status, 200);
    jobs_end(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept__chooses_by_weight),
        cmocka_unit_test(accept__what_is_not_well_formed_says_nothing),
        cmocka_unit_test(coding__of_the_default_matrix),
        cmocka_unit_test(coding__of_a_view),
        cmocka_unit_test(coding__a_new_version_is_never_an_old_form),
        cmocka_unit_test(coding__without_job_threads_all_is_plain),
        cmocka_unit_test(coding__hostile_lines_cost_their_request_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
