/* test_meanings.c - an address that was asked for before means the same again, to everybody, and
 * gives nobody a right. */
#include "http/with_jobs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static int status_of(const server_t *server, const char *method, const char *path,
                     const char *headers)
{
    static answer_t answer;
    ask(server, method, path, headers, NULL, &answer);
    return answer.status;
}

static void meanings__give_no_right(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = with_jobs});
    char campaign[32], path[100], user[1024];
    make_campaign(server, "Race", campaign);
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", campaign);
    user_header(SERVER_JWT_SECRET, "u1", "viewer", user);
    for (int i = 0; i < 4; i++) { /* both loops */
        assert_int_equal(status_of(server, "GET", path, KEY_HEADER), 200);
        assert_int_equal(status_of(server, "GET", path, ""), 401);
        assert_int_equal(status_of(server, "GET", path, "x-api-key: 0123\r\n"), 401);
        assert_int_equal(
            status_of(server, "GET", path, "x-api-key: 0123456789abcdef0123456789abcdee\r\n"), 401);
        assert_int_equal(status_of(server, "GET", path, "x-api-key: \r\n" KEY_HEADER),
                         401); /* the first */
        assert_int_equal(status_of(server, "GET", path, user), 403);
        assert_int_equal(status_of(server, "HEAD", path, KEY_HEADER), 200);
        assert_int_equal(status_of(server, "DELETE", path, KEY_HEADER), 405);
        assert_int_equal(status_of(server, "GET", "/api/v1/ping", ""), 200);
        assert_int_equal(status_of(server, "POST", "/api/v1/ping", ""), 405);
    }
    jobs_end(server);
}

/* Every answer twice on each loop: read anew, and from what is kept. */
static void assert_same(const server_t *server, const char *path, int status, const char *has)
{
    static answer_t answer;
    for (int i = 0; i < 6; i++) {
        ask(server, "GET", path, KEY_HEADER, NULL, &answer);
        assert_int_equal(answer.status, status);
        assert_non_null(strstr(answer.body, has));
    }
}

static void meanings__are_of_the_whole_address(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = with_jobs});
    char campaigns[2][32], path[300], has[100];
    make_campaign(server, "One", campaigns[0]);
    make_campaign(server, "Two", campaigns[1]);
    for (int i = 0; i < 2; i++) {
        snprintf(has, sizeof(has), "\"%s\"", campaigns[i]);
        static const char *const forms[] = {
            "/api/v1/matrix?campaign_id=%s",
            "/api/v1/matrix?campaign_id=%s&",
            "/api/v1/matrix?basis=net&campaign_id=%s",
            "/api/v1/matrix?campaign_id=%s&as_of_ms=99999999999999",
            "/api/v1/matrix?campaign%%5fid=%s",
            "/api/v1/matrix?campaign_id=%s&advertiser=None",
            "/api/v1/matrix?campaign_id=%s&advertiser=No+One&market=501&basis=gross&side=for&from=",
            "/api/v1/campaigns/%s",
            "/api/v1/campaigns/%%63mp_%s",
        };
        for (size_t k = 0; k < TM_COUNT(forms); k++) {
            const char *id = k + 1 == TM_COUNT(forms) ? campaigns[i] + 4 : campaigns[i];
            snprintf(path, sizeof(path), forms[k], id); /* NOLINT: a list of ours */
            if (strstr(forms[k], "from=") != NULL)
                assert_same(server, path, 422, "\"from\"");
            else
                assert_same(server, path, 200, has);
        }
        snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&campaign_id=%s", campaigns[0],
                 campaigns[i]);
        assert_same(server, path, 422, "given twice");
        snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&colour=red", campaigns[i]);
        assert_same(server, path, 422, "colour");
    }
    assert_same(server, "/api/v1/matrix?campaign_id=cmp_0000000zzzzzz", 404, "campaign_id");
    assert_same(server, "/api/v1/campaigns/%ff", 404, "requestId");
    jobs_end(server);
}

static void meanings__follow_the_version(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = with_jobs});
    char campaign[32], path[100], tag[512], headers[700];
    make_campaign(server, "Race", campaign);
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", campaign);
    static answer_t answer;
    for (int i = 0; i < 8; i++) {
        ask(server, "GET", path, KEY_HEADER, NULL, &answer);
        answer_header(&answer, "etag", tag);
        snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", tag);
        for (int k = 0; k < 4; k++)
            assert_int_equal(status_of(server, "GET", path, headers), 304);
        post_line(server, campaign, "WAAA", 100 + i);
        for (int k = 0; k < 4; k++)
            assert_int_equal(status_of(server, "GET", path, headers), 200);
    }
    jobs_end(server);
}

static void meanings__more_than_are_kept(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = with_jobs});
    char campaign[32], path[TM_MEANING_BYTES_MAX + 200];
    make_campaign(server, "Race", campaign);
    client_t client = client_open(server);
    static answer_t answer;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2 * TM_MEANINGS_MAX; i++) {
            client_say(&client,
                       "GET /api/v1/campaigns?limit=%d HTTP/1.1\r\nhost: x\r\n" KEY_HEADER "\r\n",
                       i);
            assert_true(client_read(&client, false, &answer));
            assert_int_equal(answer.status, i >= 1 && i <= 100 ? 200 : 422);
        }
    }
    client_close(&client);
    for (int extra = -2; extra <= 2; extra++) { /* around the longest that is kept */
        const int n =
            snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&advertiser=", campaign);
        memset(path + n, 'a', sizeof(path) - (size_t)n);
        path[TM_MEANING_BYTES_MAX + extra] = '\0';
        for (int i = 0; i < 4; i++)
            assert_int_equal(status_of(server, "GET", path, KEY_HEADER), 200);
    }
    jobs_end(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meanings__give_no_right),
        cmocka_unit_test(meanings__are_of_the_whole_address),
        cmocka_unit_test(meanings__follow_the_version),
        cmocka_unit_test(meanings__more_than_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
