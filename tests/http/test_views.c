/* test_views.c - views of the matrix with parameters: made once for all who ask at the same moment,
 * kept a while, each its own. */
#include "http/with_jobs.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define ASKERS 12

static uint32_t ran(void)
{
    return __atomic_load_n(&jobs.ran, __ATOMIC_RELAXED);
}

static server_t *start(char campaign[32])
{
    server_t *server = server_start((server_setup_t){.tune = with_jobs});
    make_campaign(server, "Race", campaign);
    post_line(server, campaign, "WAAA", 1000);
    post_line(server, campaign, "WBBB", 2000);
    return server;
}

typedef struct asker {
    const server_t *server;
    const char *campaign;
    pthread_barrier_t *barrier;
    answer_t answer;
} asker_t;

static void *asker_main(void *arg)
{
    asker_t *asker = arg;
    pthread_barrier_wait(asker->barrier);
    ask_for(asker->server, &asker->answer, "/api/v1/matrix?campaign_id=%s&basis=net",
            asker->campaign);
    return NULL;
}

static void views__many_at_once_are_one_computation(void **state)
{
    (void)state;
    char campaign[32];
    server_t *server = start(campaign);
    asker_t *askers = calloc(ASKERS, sizeof(*askers));
    pthread_t threads[ASKERS];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, ASKERS);
    const uint32_t before = ran();
    for (int i = 0; i < ASKERS; i++) {
        askers[i].server = server;
        askers[i].campaign = campaign;
        askers[i].barrier = &barrier;
        assert_int_equal(pthread_create(&threads[i], NULL, asker_main, &askers[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    assert_int_equal(ran(), before + 1);
    char tag[512], other[512];
    answer_header(&askers[0].answer, "etag", tag);
    assert_true(tag[0] == '"');
    for (int i = 0; i < ASKERS; i++) {
        assert_int_equal(askers[i].answer.status, 200);
        assert_string_equal(askers[i].answer.body, askers[0].answer.body);
        answer_header(&askers[i].answer, "etag", other);
        assert_string_equal(other, tag);
        answer_header(&askers[i].answer, "vary", other);
        assert_string_equal(other, "accept-encoding");
    }
    ask_for(server, &askers[0].answer, "/api/v1/matrix?campaign_id=%s&basis=net", campaign);
    assert_string_equal(askers[0].answer.body, askers[1].answer.body);
    assert_int_equal(ran(), before + 1); /* kept */
    free(askers);
    jobs_end(server);
}

/* Who waits gets the version whose tag they were promised, whatever comes meanwhile. */
static void views__a_write_meanwhile_does_not_mix_versions(void **state)
{
    (void)state;
    char campaign[32];
    server_t *server = start(campaign);
    static answer_t answer;
    client_t client = client_open(server);
    for (int i = 0; i < 5; i++) {
        client_say(&client,
                   "GET /api/v1/matrix?campaign_id=%s&week_mode=projected HTTP/1.1\r\n"
                   "host: x\r\n" KEY_HEADER "\r\n",
                   campaign);
        post_line(server, campaign, "WCCC", 100 + i);
        assert_true(client_read(&client, false, &answer));
        assert_int_equal(answer.status, 200);
        char tag[512], want[64];
        answer_header(&answer, "etag", tag);
        const char *dash = strchr(tag, '-');
        assert_non_null(dash);
        snprintf(want, sizeof(want), "\"version\":%lld,", strtoll(dash + 1, NULL, 10));
        assert_non_null(strstr(answer.body, want));
    }
    client_close(&client);
    jobs_end(server);
}

static void views__each_is_its_own(void **state)
{
    (void)state;
    char campaign[32], other[32];
    server_t *server = start(campaign);
    make_campaign(server, "Other", other);
    static answer_t first, second;
    ask_for(server, &first, "/api/v1/matrix?campaign_id=%s&basis=net", campaign);
    ask_for(server, &second, "/api/v1/matrix?campaign_id=%s&basis=net", other);
    assert_string_not_equal(first.body, second.body);
    ask_for(server, &second, "/api/v1/matrix?campaign_id=%s&basis=gross&side=against", campaign);
    assert_string_not_equal(first.body, second.body);
    post_line(server, campaign, "WAAA", 5000);
    ask_for(server, &second, "/api/v1/matrix?campaign_id=%s&basis=net", campaign);
    assert_string_not_equal(first.body, second.body);
    jobs_end(server);
}

static void views__the_one_not_asked_for_longest_goes(void **state)
{
    (void)state;
    char campaign[32];
    server_t *server = start(campaign);
    static answer_t answer;
    for (int i = 0; i <= TM_VIEWS_MAX; i++) /* one more than are kept */
        ask_for(server, &answer, "/api/v1/matrix?campaign_id=%s&market=%d", campaign, 501 + i);
    const uint32_t before = ran();
    ask_for(server, &answer, "/api/v1/matrix?campaign_id=%s&market=%d", campaign,
            501 + TM_VIEWS_MAX);
    assert_int_equal(ran(), before);
    ask_for(server, &answer, "/api/v1/matrix?campaign_id=%s&market=501", campaign);
    assert_int_equal(answer.status, 200);
    assert_int_equal(ran(), before + 1);
    jobs_end(server);
}

static void views__too_much_or_too_long_is_said(void **state)
{
    (void)state;
    char campaign[32];
    server_t *server = start(campaign);
    static answer_t answer;
    jobs.refuse = true;
    ask_for(server, &answer, "/api/v1/matrix?campaign_id=%s&basis=net", campaign);
    assert_int_equal(answer.status, 503);
    jobs.refuse = false;
    ask_for(server, &answer, "/api/v1/matrix?campaign_id=%s&basis=net", campaign);
    assert_int_equal(answer.status, 200);
    /* Many parameters that say nothing: & alone. */
    static char path[TM_VIEW_NAME_BYTES_MAX + 200];
    const int n = snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&basis=net", campaign);
    memset(path + n, '&', TM_VIEW_NAME_BYTES_MAX);
    ask(server, "GET", path, KEY_HEADER, NULL, &answer);
    assert_int_equal(answer.status, 422);
    jobs_end(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views__many_at_once_are_one_computation),
        cmocka_unit_test(views__a_write_meanwhile_does_not_mix_versions),
        cmocka_unit_test(views__each_is_its_own),
        cmocka_unit_test(views__the_one_not_asked_for_longest_goes),
        cmocka_unit_test(views__too_much_or_too_long_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
