/* test_rate.c - which limits fit a path, how windows count under floods and jumping clocks, and
 * what the server says of them. */
#include "http/rate.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/time.h"
#include "http/conn.h"
#include "http/with_server.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define NOW INT64_C(1774699200000)
#define BIT(NAME) (1u << TM_RATE_##NAME)

static const struct {
    const char *method, *path;
    uint32_t bits;
} paths[] = {
    {"GET", "/api/v1/campaigns", BIT(API)},
    {"DELETE", "/api/v1/", BIT(API)},
    {"POST", "/api/v1/session", BIT(API)},
    {"GET", "/api/v1/live", BIT(API)},
    {"GET", "/api/health", BIT(API)},
    {"GET", "/api/healthy", 0},
    {"GET", "/api/v1/ping", 0},
    {"HEAD", "/api/v1/health", 0},
    {"GET", "/api/v1/ping/", BIT(API)},
    {"GET", "/health", 0},
    {"GET", "/", 0},
    {"GET", "/api/", 0},
    {"GET", "/api/v2/campaigns", 0},
    {"POST", "/api/auth/login", BIT(AUTH)},
    {"GET", "/api/auth/tiktok/callback", BIT(AUTH) | BIT(CALLBACK)},
    {"GET", "/api/gmail/auth/callback", BIT(CALLBACK)},
    {"POST", "/api/ai/deal/extract", BIT(AI_ADDRESS) | BIT(AI_USER)},
    {"POST", "/api/tts/speak", BIT(AI_ADDRESS)},
    {"POST", "/api/translation/", BIT(AI_ADDRESS)},
    {"GET", "/api/media/videos", BIT(MEDIA)},
    {"POST", "/api/campaigns/7/send-email", BIT(SEND_EMAIL)},
    {"GET", "/api/campaigns/7/send-email", 0},
    {"POST", "/api/campaigns//send-email", 0},
    {"POST", "/api/gmail/messages/sync", BIT(MAIL_SYNC)},
    {"POST", "/api/inbox/rescan", BIT(INBOX_SCAN)},
};

static void rate_match__finds_every_line_that_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < TM_COUNT(paths); i++) {
        const uint32_t bits = tm_rate_match(tm_str(paths[i].method), tm_str(paths[i].path));
        if (bits != paths[i].bits)
            fail_msg("%s %s: %x", paths[i].method, paths[i].path, bits);
    }
}

static tm_rate_who_t peer(uint64_t n)
{
    return tm_rate_who_address(n);
}

static void rate_count__refuses_until_the_window_ends(void **state)
{
    (void)state;
    tm_rate_windows_t *windows = tm_rate_windows_new();
    for (uint32_t i = 0; i < 30; i++) {
        const tm_rate_state_t got = tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), NOW + i);
        assert_false(got.refused);
        assert_int_equal(got.limit, 30);
        assert_int_equal(got.remaining, 29 - i);
        assert_int_equal(got.reset_ms, NOW + 60000);
    }
    tm_rate_state_t got = tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), NOW + 59999);
    assert_true(got.refused);
    assert_int_equal(got.remaining, 0);
    assert_int_equal(got.reset_ms, NOW + 60000);
    got = tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), NOW + 60000);
    assert_false(got.refused);
    assert_int_equal(got.remaining, 29);
    assert_int_equal(got.reset_ms, NOW + 120000);
    tm_rate_windows_free(windows);
}

static void rate_count__keeps_keys_and_rates_apart(void **state)
{
    (void)state;
    tm_rate_windows_t *windows = tm_rate_windows_new();
    for (uint32_t i = 0; i < 3; i++)
        tm_rate_count(windows, TM_RATE_INBOX_SCAN, tm_rate_who_user(TM_STR("user:a")), NOW);
    assert_true(tm_rate_count(windows, TM_RATE_INBOX_SCAN, tm_rate_who_user(TM_STR("user:a")), NOW)
                    .refused);
    assert_false(tm_rate_count(windows, TM_RATE_INBOX_SCAN, tm_rate_who_user(TM_STR("user:b")), NOW)
                     .refused);
    assert_false(
        tm_rate_count(windows, TM_RATE_MAIL_SYNC, tm_rate_who_user(TM_STR("user:a")), NOW).refused);
    /* an address that looks like that user's key */
    tm_rate_who_t like = tm_rate_who_user(TM_STR("user:a"));
    like.is_user = false;
    assert_false(tm_rate_count(windows, TM_RATE_INBOX_SCAN, like, NOW).refused);
    tm_rate_windows_free(windows);
}

static void rate_count__takes_a_clock_that_jumps(void **state)
{
    (void)state;
    tm_rate_windows_t *windows = tm_rate_windows_new();
    for (uint32_t i = 0; i < 30; i++)
        tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), NOW);
    /* back by a little, as two loops may see it: no fresh window */
    tm_rate_state_t got = tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), NOW - 5);
    assert_true(got.refused);
    assert_int_equal(got.reset_ms, NOW - 5 + 60000);
    /* back by a day: at most one window from now */
    const int64_t earlier = NOW - 86400000;
    got = tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), earlier);
    assert_true(got.refused);
    assert_int_equal(got.reset_ms, earlier + 60000);
    assert_true(tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), earlier + 59999).refused);
    assert_false(tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), earlier + 60000).refused);
    /* forwards: what was counted is over */
    got = tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(1), NOW + 86400000);
    assert_int_equal(got.remaining, 29);
    tm_rate_windows_free(windows);
}

static long resident_pages(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;
    assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    return pages;
}

/* Two million strangers against one who is held back, one who is half way, and a user. */
static void rate_count__stands_a_flood_of_keys(void **state)
{
    (void)state;
    tm_rate_windows_t *windows = tm_rate_windows_new();
    const tm_rate_who_t user = tm_rate_who_user(TM_STR("user:a"));
    for (uint32_t i = 0; i < 10; i++)
        tm_rate_count(windows, TM_RATE_AUTH, peer(1), NOW);
    for (uint32_t i = 0; i < 15; i++)
        tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(2), NOW);
    for (uint32_t i = 0; i < 20; i++)
        tm_rate_count(windows, TM_RATE_AI_USER, user, NOW);
    for (uint64_t i = 0; i < TM_RATE_WINDOWS_MAX * 2; i++) /* the table is full from here on */
        tm_rate_count(windows, TM_RATE_API, peer(1000 + i), NOW + 1);
    const long before = resident_pages();
    for (uint64_t i = 0; i < 2000000; i++)
        tm_rate_count(windows, TM_RATE_API, peer(UINT64_C(1) << 40 | i), NOW + 2);
    assert_in_range(resident_pages() - before + 256, 0, 512); /* a MiB of 4 KiB pages */
    assert_true(tm_rate_count(windows, TM_RATE_AUTH, peer(1), NOW + 3).refused);
    assert_int_equal(tm_rate_count(windows, TM_RATE_AI_ADDRESS, peer(2), NOW + 3).remaining, 14);
    assert_true(tm_rate_count(windows, TM_RATE_AI_USER, user, NOW + 3).refused);
    tm_rate_windows_free(windows);
}

#define THREADS 4
typedef struct racer {
    tm_rate_windows_t *windows;
    tm_thread_t thread;
    uint32_t passed;
} racer_t;

static void race(void *arg)
{
    racer_t *racer = arg;
    for (uint32_t i = 0; i < 100; i++)
        racer->passed +=
            tm_rate_count(racer->windows, TM_RATE_API, peer(9), NOW + i).refused ? 0 : 1;
}

static void rate_count__counts_all_loops_together(void **state)
{
    (void)state;
    tm_rate_windows_t *windows = tm_rate_windows_new();
    racer_t racers[THREADS];
    uint32_t passed = 0;
    for (uint32_t i = 0; i < THREADS; i++) {
        racers[i] = (racer_t){.windows = windows};
        assert_int_equal(tm_thread_start(&racers[i].thread, "racer", race, &racers[i]), TM_OK);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        tm_thread_join(&racers[i].thread);
        passed += racers[i].passed;
    }
    assert_int_equal(passed, 100);
    tm_rate_windows_free(windows);
}

static uint64_t address_of(const char *text)
{
    struct sockaddr_storage sa = {0};
    if (strchr(text, ':') != NULL) {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)(void *)&sa;
        in->sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &in->sin6_addr), 1);
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)&sa;
        in->sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
    }
    return tm_conn_address(&sa);
}

static void conn_address__is_what_one_peer_owns(void **state)
{
    (void)state;
    assert_int_equal(address_of("2001:db8:1:2::1"), address_of("2001:db8:1:2:ffff::9"));
    assert_int_not_equal(address_of("2001:db8:1:2::1"), address_of("2001:db8:1:3::1"));
    assert_int_equal(address_of("198.51.100.7"), address_of("::ffff:198.51.100.7"));
    assert_int_not_equal(address_of("198.51.100.7"), address_of("198.51.100.8"));
    /* 2001:db8::/64 begins with the bytes of 32.1.13.184 */
    assert_int_not_equal(address_of("32.1.13.184"), address_of("2001:db8::1"));
}

/* ---- the server ---- */

static void expect_headers(const answer_t *answer, const char *limit, const char *remaining,
                           int64_t window_s)
{
    char text[512];
    answer_header(answer, "ratelimit-limit", text);
    assert_string_equal(text, limit);
    answer_header(answer, "x-ratelimit-limit", text);
    assert_string_equal(text, limit);
    answer_header(answer, "ratelimit-remaining", text);
    assert_string_equal(text, remaining);
    answer_header(answer, "x-ratelimit-remaining", text);
    assert_string_equal(text, remaining);
    if (limit[0] == '\0')
        return;
    int64_t reset = 0;
    answer_header(answer, "ratelimit-reset", text);
    assert_true(tm_str_i64(tm_str(text), &reset));
    assert_in_range(reset - tm_time_now().v / 1000, window_s - 30, window_s + 1);
    answer_header(answer, "x-ratelimit-reset", text);
    char iso[TM_MS_TEXT];
    tm_ms_format((tm_ms_t){reset * 1000}, iso);
    assert_int_equal(strlen(text), strlen(iso));
    assert_true(strcmp(text, iso) <= 0);
}

static void server__stacks_limits_and_shows_the_tightest(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    char user[1024];
    user_header(SERVER_JWT_SECRET, "u1", "admin", user);
    for (int i = 0; i < 31; i++) {
        ask(server, "POST", "/api/ai/reply", user, NULL, answer);
        char remaining[8];
        snprintf(remaining, sizeof(remaining), "%d", i < 20 ? 19 - i : 0);
        assert_int_equal(answer->status, i < 20 ? 404 : 429);
        expect_headers(answer, i < 30 ? "20" : "30", remaining, 60);
    }
    char retry[512];
    answer_header(answer, "retry-after", retry);
    char body[2048];
    snprintf(body, sizeof(body),
             "{\"success\":false,\"code\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"Too many requests. "
             "Please slow down and try again later.\",\"error\":\"Too many requests. Please wait a "
             "moment.\",\"retryAfter\":%s,\"retryAfterSeconds\":%s,\"timestamp\":\"",
             retry, retry);
    assert_memory_equal(answer->body, body, strlen(body));
    answer_header(answer, "content-type", retry);
    assert_string_equal(retry, "application/json");
    server_stop(server);
    tm_free(answer);
}

static void server__counts_strangers_by_address_and_users_by_name(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    for (int i = 0; i < 101; i++) {
        ask(server, "GET", "/api/v1/campaigns", i % 2 == 0 ? "" : "x-api-key: wrong\r\n", NULL,
            answer);
        assert_int_equal(answer->status, i < 100 ? 401 : 429);
    }
    expect_headers(answer, "100", "0", 60);
    /* the same address with a name, without a limit, and where there is none */
    char user[1024];
    user_header(SERVER_JWT_SECRET, "u1", "admin", user);
    ask(server, "GET", "/api/v1/campaigns", user, NULL, answer);
    assert_int_equal(answer->status, 200);
    expect_headers(answer, "100", "99", 60);
    ask(server, "GET", "/api/v1/nothing", user, NULL, answer);
    assert_int_equal(answer->status, 404);
    expect_headers(answer, "100", "98", 60);
    user_header(SERVER_JWT_SECRET, "u2", "viewer", user);
    ask(server, "GET", "/api/v1/campaigns", user, NULL, answer);
    assert_int_equal(answer->status, 403);
    expect_headers(answer, "100", "99", 60);
    static const char *const free_paths[] = {"/api/v1/ping", "/api/v1/health", "/health"};
    for (size_t i = 0; i < TM_COUNT(free_paths); i++) {
        ask(server, "GET", free_paths[i], "", NULL, answer);
        assert_int_equal(answer->status, 200);
        expect_headers(answer, "", "", 0);
    }
    for (int i = 0; i < 120; i++) {
        ask(server, "GET", "/api/v1/campaigns", KEY_HEADER, NULL, answer);
        assert_int_equal(answer->status, 200);
    }
    expect_headers(answer, "", "", 0);
    server_stop(server);
    tm_free(answer);
}

static void server__counts_an_open_stream_once(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    char id[32];
    make_campaign(server, "Streamed", id);
    char user[1024];
    user_header(SERVER_JWT_SECRET, "u1", "admin", user);
    client_t client = client_open(server);
    client_say(&client, "GET /api/v1/live?campaign_id=%s HTTP/1.1\r\nHost: a\r\n%s\r\n", id, user);
    assert_true(client_see(&client, "ratelimit-remaining: 99"));
    for (int i = 0; i < 5; i++) {
        post_line(server, id, "WAAA", 100 + i);
        assert_true(client_wait_for(&client, "event: delta"));
    }
    ask(server, "GET", "/api/v1/campaigns", user, NULL, answer);
    expect_headers(answer, "100", "98", 60);
    client_close(&client);
    server_stop(server);
    tm_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_match__finds_every_line_that_fits),
        cmocka_unit_test(rate_count__refuses_until_the_window_ends),
        cmocka_unit_test(rate_count__keeps_keys_and_rates_apart),
        cmocka_unit_test(rate_count__takes_a_clock_that_jumps),
        cmocka_unit_test(rate_count__stands_a_flood_of_keys),
        cmocka_unit_test(rate_count__counts_all_loops_together),
        cmocka_unit_test(conn_address__is_what_one_peer_owns),
        cmocka_unit_test(server__stacks_limits_and_shows_the_tightest),
        cmocka_unit_test(server__counts_strangers_by_address_and_users_by_name),
        cmocka_unit_test(server__counts_an_open_stream_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
