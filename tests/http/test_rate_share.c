/* test_rate_share.c - windows that several processes count together: what is told, what is learned,
 * what a store that is away changes.
 *
 * How:     a process is a table of windows; the store is one number that the test keeps. */
#include "http/rate.h"
#include "base/memory.h"
#include "http/with_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define NOW INT64_C(1774699200000)
#define BATCH 256u

static void count_news(void *ctx)
{
    /* relaxed: a count of the test's. */
    __atomic_fetch_add((uint32_t *)ctx, 1, __ATOMIC_RELAXED);
}

static tm_rate_windows_t *process_new(uint32_t *news, bool strict)
{
    tm_rate_windows_t *windows = tm_rate_windows_new();
    *news = 0;
    tm_rate_share(windows, count_news, news, strict);
    return windows;
}

static tm_rate_state_t count(tm_rate_windows_t *process, uint64_t who, int64_t now_ms)
{
    return tm_rate_count(process, TM_RATE_AI_ADDRESS, tm_rate_who_address(who), now_ms);
}

/* What the store does with the one window that has news. */
static void exchange(tm_rate_windows_t *process, uint32_t *total, int64_t end_ms, int64_t now_ms)
{
    tm_rate_news_t news[2];
    assert_int_equal(tm_rate_collect(process, now_ms, news, 2), 1);
    *total += news[0].added;
    tm_rate_learn(process, &news[0], *total, end_ms - now_ms, now_ms);
}

static void rate_share__adds_up_what_processes_count(void **state)
{
    (void)state;
    uint32_t news_a, news_b, total = 0;
    tm_rate_windows_t *a = process_new(&news_a, false);
    tm_rate_windows_t *b = process_new(&news_b, false);
    for (int i = 0; i < 20; i++)
        assert_false(count(a, 1, NOW).refused);
    exchange(a, &total, NOW + 60000, NOW + 10);
    /* b begins later, and does not know yet */
    tm_rate_state_t got = count(b, 1, NOW + 500);
    assert_int_equal(got.remaining, 29);
    assert_int_equal(got.reset_ms, NOW + 60500);
    exchange(b, &total, NOW + 60000, NOW + 510);
    got = count(b, 1, NOW + 520);
    assert_int_equal(got.remaining, 30 - 22);
    assert_int_equal(got.reset_ms, NOW + 60000);
    exchange(b, &total, NOW + 60000, NOW + 530);
    assert_int_equal(count(a, 1, NOW + 540).remaining, 30 - 21); /* as a knows */
    exchange(a, &total, NOW + 60000, NOW + 550);
    assert_int_equal(count(a, 1, NOW + 560).remaining, 30 - 24);
    /* together they reach it; more than the limit is the same as the limit */
    total = 37;
    exchange(a, &total, NOW + 60000, NOW + 570);
    got = count(a, 1, NOW + 580);
    assert_true(got.refused);
    assert_int_equal(got.remaining, 0);
    assert_false(count(a, 1, NOW + 60000).refused);
    tm_rate_windows_free(a);
    tm_rate_windows_free(b);
}

static void rate_share__calls_once_and_collects_once(void **state)
{
    (void)state;
    uint32_t calls;
    tm_rate_news_t news[8];
    tm_rate_windows_t *a = process_new(&calls, false);
    for (uint64_t who = 1; who <= 5; who++) {
        count(a, who, NOW);
        count(a, who, NOW);
    }
    assert_int_equal(calls, 1);
    assert_int_equal(tm_rate_collect(a, NOW, news, 3), 3);
    assert_int_equal(tm_rate_collect(a, NOW, news + 3, 5), 2);
    for (int i = 0; i < 5; i++)
        assert_int_equal(news[i].added, 2);
    assert_int_equal(tm_rate_collect(a, NOW, news, 8), 0);
    count(a, 1, NOW);
    assert_int_equal(calls, 2);
    /* a refused request is nobody's news */
    for (int i = 0; i < 40; i++)
        count(a, 9, NOW);
    assert_int_equal(tm_rate_collect(a, NOW, news, 8), 2);
    count(a, 9, NOW);
    assert_int_equal(tm_rate_collect(a, NOW, news, 8), 0);
    /* what is over is not told */
    count(a, 7, NOW);
    assert_int_equal(tm_rate_collect(a, NOW + 60000, news, 8), 0);
    tm_rate_windows_free(a);
}

static void rate_share__keeps_what_the_store_did_not_take(void **state)
{
    (void)state;
    uint32_t calls;
    tm_rate_news_t news;
    tm_rate_windows_t *a = process_new(&calls, false);
    for (int i = 0; i < 4; i++)
        count(a, 1, NOW);
    assert_int_equal(tm_rate_collect(a, NOW, &news, 1), 1);
    assert_int_equal(count(a, 1, NOW).remaining, 25); /* while they are under way */
    tm_rate_give_back(a, &news);
    assert_int_equal(tm_rate_collect(a, NOW, &news, 1), 1);
    assert_int_equal(news.added, 5);
    assert_int_equal(news.known, 0);
    tm_rate_learn(a, &news, 11, 60000, NOW);
    assert_int_equal(count(a, 1, NOW).remaining, 30 - 12);
    /* a store that lost everything is told what was known */
    assert_int_equal(tm_rate_collect(a, NOW, &news, 1), 1);
    tm_rate_learn(a, &news, 12, 60000, NOW);
    tm_rate_collect_all(a, NOW);
    assert_int_equal(tm_rate_collect(a, NOW, &news, 1), 1);
    assert_int_equal(news.known, 12);
    assert_int_equal(news.added, 0);
    tm_rate_windows_free(a);
}

static void rate_share__takes_no_answer_for_an_earlier_window(void **state)
{
    (void)state;
    uint32_t calls;
    tm_rate_news_t news;
    tm_rate_windows_t *a = process_new(&calls, false);
    count(a, 1, NOW);
    assert_int_equal(tm_rate_collect(a, NOW, &news, 1), 1);
    assert_int_equal(count(a, 1, NOW + 60000).remaining, 29); /* a new one */
    tm_rate_learn(a, &news, 30, 60000, NOW + 60001);
    assert_int_equal(count(a, 1, NOW + 60001).remaining, 28);
    tm_rate_give_back(a, &news);
    assert_int_equal(count(a, 1, NOW + 60001).remaining, 27);
    tm_rate_windows_free(a);
}

/* Places are taken over while they are on the list: it neither breaks nor grows. */
static void rate_share__stands_a_flood_of_keys(void **state)
{
    (void)state;
    uint32_t calls;
    tm_rate_windows_t *a = process_new(&calls, false);
    tm_rate_news_t *news = tm_zalloc(BATCH * sizeof(*news));
    for (uint64_t i = 0; i < 500000; i++)
        count(a, i + 1, NOW);
    uint32_t n = 0, all = 0;
    while ((n = tm_rate_collect(a, NOW, news, BATCH)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(news[i].added, 1);
            if (i % 2 == 0)
                tm_rate_learn(a, &news[i], 1, 60000, NOW);
        }
        all += n;
        assert_in_range(all, 1, TM_RATE_WINDOWS_MAX);
    }
    assert_in_range(all, TM_RATE_WINDOWS_MAX / 2, TM_RATE_WINDOWS_MAX);
    tm_rate_collect_all(a, NOW);
    uint32_t again = 0;
    while ((n = tm_rate_collect(a, NOW, news, BATCH)) > 0)
        again += n;
    assert_int_equal(again, all);
    tm_free(news);
    tm_rate_windows_free(a);
}

#define THREADS 3
typedef struct racer {
    tm_rate_windows_t *windows;
    tm_thread_t thread;
    uint32_t passed;
} racer_t;

static void race(void *arg)
{
    racer_t *racer = arg;
    for (uint32_t i = 0; i < 20000; i++)
        racer->passed += count(racer->windows, i % 2000 + 1, NOW).refused ? 0 : 1;
}

/* Loops count, the store takes, sometimes fails: in the end it has each passed request once. */
static void rate_share__loses_and_doubles_nothing(void **state)
{
    (void)state;
    uint32_t calls;
    tm_rate_windows_t *a = process_new(&calls, false);
    uint32_t *totals = tm_zalloc(2001 * sizeof(*totals));
    tm_rate_news_t *news = tm_zalloc(BATCH * sizeof(*news));
    racer_t racers[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        racers[i] = (racer_t){.windows = a};
        assert_int_equal(tm_thread_start(&racers[i].thread, "racer", race, &racers[i]), TM_OK);
    }
    uint32_t passed = 0, taken = 0;
    bool joined = false;
    for (uint32_t round = 0;; round++) {
        const uint32_t n = tm_rate_collect(a, NOW, news, BATCH);
        if (n == 0 && joined)
            break;
        if (n == 0 && round > 1000) {
            for (uint32_t i = 0; i < THREADS; i++) {
                tm_thread_join(&racers[i].thread);
                passed += racers[i].passed;
            }
            joined = true;
        }
        for (uint32_t i = 0; i < n; i++) {
            if ((round + i) % 5 == 0 && !joined) {
                tm_rate_give_back(a, &news[i]);
                continue;
            }
            uint32_t *total = &totals[news[i].who.v[0]];
            assert_int_equal(*total, news[i].known);
            *total += news[i].added;
            taken += news[i].added;
            tm_rate_learn(a, &news[i], *total, 60000, NOW);
        }
    }
    assert_int_equal(taken, passed);
    assert_int_equal(taken, 2000 * 30); /* each reached its limit, none passed it */
    tm_free(news);
    tm_free(totals);
    tm_rate_windows_free(a);
}

/* ---- the server ---- */

static void no_news(void *ctx)
{
    (void)ctx;
}
static void share_strictly(tm_http_t *http)
{
    tm_rate_share(tm_http_rates(http), no_news, NULL, true);
}
static void share_loosely(tm_http_t *http)
{
    tm_rate_share(tm_http_rates(http), no_news, NULL, false);
}

static void server__turns_away_what_it_cannot_count(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = share_strictly});
    answer_t *answer = TM_NEW(answer_t);
    char user[1024], text[512];
    user_header(SERVER_JWT_SECRET, "u1", "admin", user);
    for (int i = 0; i < 2; i++) {
        ask(server, "GET", "/api/v1/campaigns", i == 0 ? user : "", NULL, answer);
        assert_int_equal(answer->status, 503);
        assert_non_null(strstr(answer->body, "\"code\":\"RATE_LIMITER_UNAVAILABLE\""));
        answer_header(answer, "content-type", text);
        assert_string_equal(text, "application/problem+json");
        answer_header(answer, "retry-after", text);
        assert_string_equal(text, "1");
        answer_header(answer, "ratelimit-limit", text);
        assert_string_equal(text, "");
    }
    static const char *const free_paths[] = {"/api/v1/ping", "/api/v1/health", "/health"};
    for (size_t i = 0; i < TM_COUNT(free_paths); i++) {
        ask(server, "GET", free_paths[i], "", NULL, answer);
        assert_int_equal(answer->status, 200);
    }
    ask(server, "GET", "/api/v1/campaigns", KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    tm_rate_away(tm_http_rates(server->http), false);
    ask(server, "GET", "/api/v1/campaigns", user, NULL, answer);
    assert_int_equal(answer->status, 200);
    answer_header(answer, "ratelimit-remaining", text);
    assert_string_equal(text, "99"); /* what was turned away was not counted */
    server_stop(server);
    tm_free(answer);
}

static void server__counts_alone_where_it_is_not_strict(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = share_loosely});
    answer_t *answer = TM_NEW(answer_t);
    for (int i = 0; i < 31; i++) {
        ask(server, "POST", "/api/tts/speak", "", NULL, answer);
        assert_int_equal(answer->status, i < 30 ? 401 : 429);
    }
    server_stop(server);
    tm_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_share__adds_up_what_processes_count),
        cmocka_unit_test(rate_share__calls_once_and_collects_once),
        cmocka_unit_test(rate_share__keeps_what_the_store_did_not_take),
        cmocka_unit_test(rate_share__takes_no_answer_for_an_earlier_window),
        cmocka_unit_test(rate_share__stands_a_flood_of_keys),
        cmocka_unit_test(rate_share__loses_and_doubles_nothing),
        cmocka_unit_test(server__turns_away_what_it_cannot_count),
        cmocka_unit_test(server__counts_alone_where_it_is_not_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
