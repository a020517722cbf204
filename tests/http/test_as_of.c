/* test_as_of.c - the past by request: matrix, cells, lines, films; while it is made, kept, and by
 * many at once. */
#include "http/with_jobs.h"
#include "base/time.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define LINES 24 /* more versions than pictures are kept */

/* A number behind "name": in the body. */
static long long number_in(const answer_t *answer, const char *name)
{
    char want[80];
    snprintf(want, sizeof(want), "\"%s\":", name);
    const char *at = strstr(answer->body, want);
    assert_non_null(at);
    return strtoll(at + strlen(want), NULL, 10);
}

typedef struct history {
    server_t *server;
    char campaign[32];
    long long at[LINES + 1]; /* times of versions */
    char *body[LINES + 1];   /* what was served then */
} history_t;

static history_t history_new(void)
{
    history_t h = {.server = server_start((server_setup_t){.tune = with_jobs})};
    static answer_t answer;
    make_campaign(h.server, "Race", h.campaign);
    for (int i = 0; i <= LINES; i++) {
        if (i > 0)
            post_line(h.server, h.campaign, i % 2 == 0 ? "WAAA" : "WBBB", 1000 * i);
        ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s", h.campaign);
        assert_int_equal(answer.status, 200);
        h.body[i] = strdup(answer.body);
        ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld", h.campaign,
                (long long)tm_time_now().v);
        assert_int_equal(answer.status, 200);
        h.at[i] = number_in(&answer, "at_ms");
        const struct timespec pause = {0, 3000000};
        nanosleep(&pause, NULL);
    }
    return h;
}

static void history_end(history_t *h)
{
    for (int i = 0; i <= LINES; i++)
        free(h->body[i]);
    jobs_end(h->server);
}

/* The body without its member "as_of". */
static void without_as_of(char *body)
{
    char *from = strstr(body, ",\"as_of\":{");
    assert_non_null(from);
    char *to = strchr(from, '}');
    assert_non_null(to);
    memmove(from, to + 1, strlen(to));
}

static void as_of__gives_the_bytes_that_were_served(void **state)
{
    (void)state;
    history_t h = history_new();
    static answer_t answer;
    for (int round = 0; round < 2; round++) {
        for (int i = LINES; i >= 0; i--) {
            const long long last = i < LINES ? h.at[i + 1] - 1 : h.at[i] + 1000000000;
            const long long asked[] = {h.at[i], last};
            for (int k = 0; k < 2; k++) {
                ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld",
                        h.campaign, asked[k]);
                assert_int_equal(answer.status, 200);
                assert_int_equal(number_in(&answer, "at_ms"), h.at[i]);
                assert_int_equal(number_in(&answer, "rules_version"), 1);
                without_as_of(answer.body);
                assert_string_equal(answer.body, h.body[i]);
            }
        }
    }
    history_end(&h);
}

static void as_of__of_cells_lines_and_one_line(void **state)
{
    (void)state;
    history_t h = history_new();
    static answer_t answer;
    char id[64], header[512];
    ask_for(h.server, &answer, "/api/v1/buy-lines?campaign_id=%s&as_of_ms=%lld&limit=100",
            h.campaign, h.at[3]);
    assert_int_equal(answer.status, 200);
    int n = 0;
    for (const char *p = answer.body; (p = strstr(p, "\"id\":\"bl_")) != NULL; p++)
        n++;
    assert_int_equal(n, 3);
    answer_header(&answer, "x-as-of-version", header);
    const long long version = strtoll(header, NULL, 10);
    assert_true(version > 0);
    answer_header(&answer, "etag", header);
    assert_non_null(strstr(header, "as-of"));
    answer_string(&answer, "id", id, sizeof(id));
    ask_for(h.server, &answer, "/api/v1/buy-lines/%s?as_of_ms=%lld", id, h.at[1]);
    assert_int_equal(answer.status, 200);
    ask_for(h.server, &answer, "/api/v1/buy-lines/%s?as_of_ms=%lld", id, h.at[0]);
    assert_int_equal(answer.status, 404);
    ask_for(h.server, &answer, "/api/v1/orders/%s?as_of_ms=%lld", id, h.at[1]);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"kind\":\"placed\""));
    assert_int_equal(number_in(&answer, "at_ms"), h.at[1]);
    ask_for(h.server, &answer, "/api/v1/orders/%s?as_of_ms=%lld", id, h.at[0]);
    assert_int_equal(answer.status, 404);
    const char *key = strstr(h.body[LINES], "\"key\":\"adv_");
    assert_non_null(key);
    const char *key_end = strchr(key + 7, '"');
    ask_for(h.server, &answer, "/api/v1/matrix/cells/%.*s@2026-10-12?campaign_id=%s&as_of_ms=%lld",
            (int)(key_end - key - 7), key + 7, h.campaign, h.at[LINES]);
    assert_int_equal(answer.status, 200);
    assert_int_equal(number_in(&answer, "at_ms"), h.at[LINES]);
    history_end(&h);
}

static void as_of__says_what_is_wrong(void **state)
{
    (void)state;
    history_t h = history_new();
    static answer_t answer;
    static const char *const wrong[] = {"x", "", "1e9", "0", "-5", "99999999999999999999"};
    for (size_t i = 0; i < TM_COUNT(wrong); i++) {
        ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%s", h.campaign,
                wrong[i]);
        assert_int_equal(answer.status, 422);
        assert_non_null(strstr(answer.body, "\"field\":\"as_of_ms\""));
    }
    ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld", h.campaign,
            h.at[0] - 1);
    assert_int_equal(answer.status, 422);
    ask_for(h.server, &answer, "/api/v1/matrix?as_of_ms=x");
    assert_int_equal(answer.status, 422);
    assert_non_null(strstr(answer.body, "\"field\":\"as_of_ms\""));
    assert_non_null(strstr(answer.body, "\"field\":\"campaign_id\""));
    ask_for(h.server, &answer, "/api/v1/orders/ord_0123456789abc");
    assert_int_equal(answer.status, 404);
    ask_for(h.server, &answer, "/api/v1/orders/x");
    assert_int_equal(answer.status, 404);
    jobs.refuse = true;
    ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld", h.campaign,
            h.at[2] - 1);
    const int first = answer.status; /* kept from when it was served, or refused */
    assert_true(first == 200 || first == 503);
    jobs.refuse = false;
    ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld", h.campaign,
            h.at[2] - 1);
    assert_int_equal(answer.status, 200);
    history_end(&h);
}

/* Conditional requests: the tag of the past is its own and repeats. */
static void as_of__has_an_etag_of_its_own(void **state)
{
    (void)state;
    history_t h = history_new();
    static answer_t answer;
    char live[512], past[512], headers[700], path[200];
    ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s", h.campaign);
    answer_header(&answer, "etag", live);
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld", h.campaign,
             h.at[LINES] + 5000000);
    ask_for(h.server, &answer, "%s", path);
    answer_header(&answer, "etag", past);
    assert_string_not_equal(live, past);
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", past);
    ask(h.server, "GET", path, headers, NULL, &answer);
    assert_int_equal(answer.status, 304);
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", live);
    ask(h.server, "GET", path, headers, NULL, &answer);
    assert_int_equal(answer.status, 200);
    history_end(&h);
}

typedef struct asker {
    const history_t *history;
    uint64_t seed;
    pthread_t thread;
    uint32_t wrong;
} asker_t;

static void *asker_main(void *arg)
{
    asker_t *a = arg;
    answer_t *answer = malloc(sizeof(*answer));
    for (int i = 0; i < 20; i++) {
        a->seed = a->seed * 6364136223846793005u + 1442695040888963407u;
        const uint32_t v = (uint32_t)(a->seed >> 33) % (LINES + 1);
        ask_for(a->history->server, answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld",
                a->history->campaign, a->history->at[v]);
        if (answer->status != 200) {
            a->wrong++;
            continue;
        }
        without_as_of(answer->body);
        a->wrong += strcmp(answer->body, a->history->body[v]) != 0;
    }
    free(answer);
    return NULL;
}

/* Many ask for more moments than are kept, while the campaign goes on. */
static void as_of__many_at_once(void **state)
{
    (void)state;
    enum { ASKERS = 6 };
    history_t h = history_new();
    asker_t askers[ASKERS];
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = (asker_t){.history = &h, .seed = (uint64_t)i * 77 + 1};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, asker_main, &askers[i]), 0);
    }
    for (int i = 0; i < 40; i++)
        post_line(h.server, h.campaign, "WCCC", 100 + i);
    for (int i = 0; i < ASKERS; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].wrong, 0);
    }
    history_end(&h);
}

/* Orders a report and waits for it; its id. */
static void order_report(const history_t *h, int day, char id[64])
{
    static answer_t answer;
    tm_id_t campaign;
    assert_int_equal(tm_id_parse("cmp", tm_str(h->campaign), &campaign), TM_OK);
    void *payload = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_EOD_REPORT, &payload);
    tm_eod_report_t *order = payload;
    TM_SET(order, TM_EOD_REPORT, local_date, tm_day_make(2026, 10, day));
    msg->at = tm_time_now();
    assert_int_equal(tm_runtime_post(h->server->rt, tm_campaign_actor(campaign), msg), TM_OK);
    char want[64];
    snprintf(want, sizeof(want), "\"local_date\":\"2026-10-%02d\"", day);
    for (int i = 0; i < 2000; i++) {
        ask_for(h->server, &answer, "/api/v1/reports?campaign_id=%s", h->campaign);
        assert_int_equal(answer.status, 200);
        if (strstr(answer.body, want) != NULL)
            break;
        const struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
    const char *last = NULL;
    for (const char *at = answer.body; (at = strstr(at, "\"id\":\"rpt_")) != NULL; at++)
        last = at;
    assert_non_null(last);
    snprintf(id, 64, "%.*s", (int)strcspn(last + 6, "\""), last + 6);
}

/* What reports say stands beside pictures, is asked for while it is made, displaced and made again.
 */
static void report__says_the_same_among_pictures(void **state)
{
    (void)state;
    history_t h = history_new();
    static answer_t answer;
    char ids[3][64], *said[3], headers[700], etag[512];
    for (int i = 0; i < 3; i++) {
        order_report(&h, 14 + i, ids[i]);
        jobs.refuse = true;
        ask_for(h.server, &answer, "/api/v1/reports/%s/content", ids[i]);
        assert_int_equal(answer.status, 503);
        jobs.refuse = false;
        ask_for(h.server, &answer, "/api/v1/reports/%s/content", ids[i]);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.body, ids[i]));
        said[i] = strdup(answer.body);
        post_line(h.server, h.campaign, "WDDD", 5000 + i);
    }
    assert_string_not_equal(said[0], said[1]);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < LINES; i++) { /* more than are kept */
            ask_for(h.server, &answer, "/api/v1/matrix?campaign_id=%s&as_of_ms=%lld", h.campaign,
                    h.at[i]);
            assert_int_equal(answer.status, 200);
        }
        const uint32_t ran = __atomic_load_n(&jobs.ran, __ATOMIC_RELAXED);
        for (int i = 0; i < 6; i++) {
            ask_for(h.server, &answer, "/api/v1/reports/%s/content", ids[i % 3]);
            assert_int_equal(answer.status, 200);
            assert_string_equal(answer.body, said[i % 3]);
        }
        assert_int_equal(__atomic_load_n(&jobs.ran, __ATOMIC_RELAXED), ran + 3); /* once each */
    }
    answer_header(&answer, "etag", etag);
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", etag);
    char path[200];
    snprintf(path, sizeof(path), "/api/v1/reports/%s/content", ids[2]);
    ask(h.server, "GET", path, headers, NULL, &answer);
    assert_int_equal(answer.status, 304);
    for (int i = 0; i < 3; i++)
        free(said[i]);
    history_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_of__gives_the_bytes_that_were_served),
        cmocka_unit_test(as_of__of_cells_lines_and_one_line),
        cmocka_unit_test(as_of__says_what_is_wrong),
        cmocka_unit_test(as_of__has_an_etag_of_its_own),
        cmocka_unit_test(as_of__many_at_once),
        cmocka_unit_test(report__says_the_same_among_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
