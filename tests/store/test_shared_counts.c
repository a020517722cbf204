/* test_shared_counts.c - addresses of Redis, and a Redis that is none, answers nonsense or nothing.
 * The real one is met in tests/e2e/shared_rates.test.mjs.
 *
 * How:     a peer of the test's own on loopback says what it is told to say. */
#include "store/shared_counts.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static void redis_url__takes_each_part(void **state)
{
    (void)state;
    tm_redis_at_t at;
    assert_int_equal(
        tm_redis_url_parse(TM_STR("redis://ann:p%40ss:w@cache.internal:6390/7"), &at, NULL), TM_OK);
    assert_string_equal(at.server.user, "ann");
    assert_string_equal(at.server.password, "p@ss:w");
    assert_string_equal(at.server.host, "cache.internal");
    assert_int_equal(at.server.port, 6390);
    assert_int_equal(at.db, 7);
    assert_int_equal(tm_redis_url_parse(TM_STR("redis://:secret@[::1]"), &at, NULL), TM_OK);
    assert_string_equal(at.server.user, "");
    assert_string_equal(at.server.password, "secret");
    assert_string_equal(at.server.host, "::1");
    assert_int_equal(at.server.port, 6379);
    assert_int_equal(at.db, 0);
    assert_int_equal(tm_redis_url_parse(TM_STR("redis://h/"), &at, NULL), TM_OK);
}

static void redis_url__refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "redis",
                                      "redis://",
                                      "rediss://h",
                                      "http://h",
                                      "redis://h:0",
                                      "redis://h:x",
                                      "redis://h/x",
                                      "redis://h/-1",
                                      "redis://h/1/2",
                                      "redis:///1",
                                      "redis://[::1",
                                      "redis://h:70000",
                                      "redis://:%zz@h",
                                      "redis://h/9999999"};
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_redis_at_t at = {.db = 5};
        tm_why_t why;
        tm_why_clear(&why);
        if (tm_redis_url_parse(tm_str(bad[i]), &at, &why) != TM_EINVALID)
            fail_msg("taken: %s", bad[i]);
        assert_string_equal(why.faults[0].field, "REDIS_URL");
        assert_int_equal(at.db, 5); /* untouched */
    }
}

/* ---- an owner with one count, and a peer ---- */

typedef struct owner {
    uint32_t pending;           /* atomic, like the rest */
    uint32_t here, gone, taken; /* calls of away, and counts taken */
} owner_t;

static uint32_t collect(void *self, tm_shared_count_t *ret, uint32_t max)
{
    owner_t *owner = self;
    assert_true(max > 0);
    /* relaxed: the numbers of this test publish nothing. */
    const uint32_t n = __atomic_exchange_n(&owner->pending, 0, __ATOMIC_RELAXED);
    ret[0] = (tm_shared_count_t){.key = "k", .added = n, .left_ms = 60000};
    return n > 0 ? 1 : 0;
}
static void told(void *self, const tm_shared_count_t *counts, uint32_t n, bool done)
{
    owner_t *owner = self;
    assert_int_equal(n, 1);
    __atomic_fetch_add(done ? &owner->taken : &owner->pending, counts[0].added, __ATOMIC_RELAXED);
}
static void collect_all(void *self)
{
    (void)self;
}
static void away(void *self, bool is_away)
{
    owner_t *owner = self;
    __atomic_fetch_add(is_away ? &owner->gone : &owner->here, 1, __ATOMIC_RELAXED);
}

typedef struct peer {
    const char *says; /* NULL: nothing */
    int fd;
    uint16_t port;
    tm_thread_t thread;
} peer_t;

static void peer_main(void *p)
{
    peer_t *peer = p;
    for (int fd; (fd = accept(peer->fd, NULL, NULL)) >= 0; close(fd)) {
        char room[8192];
        for (ssize_t n; (n = read(fd, room, sizeof(room))) > 0;) {
            if (peer->says != NULL && write(fd, peer->says, strlen(peer->says)) < 0)
                break;
        }
    }
}

static peer_t *peer_start(const char *says)
{
    peer_t *peer = TM_NEW(peer_t);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    peer->says = says;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(peer->fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&at, &n), 0);
    assert_int_equal(listen(peer->fd, 8), 0);
    peer->port = ntohs(at.sin_port);
    assert_int_equal(tm_thread_start(&peer->thread, "peer", peer_main, peer), TM_OK);
    return peer;
}

static void peer_stop(peer_t *peer)
{
    shutdown(peer->fd, SHUT_RDWR);
    tm_thread_join(&peer->thread);
    close(peer->fd);
    tm_free(peer);
}

/* Against the peer until it failed twice; the text of the failure. */
static void meet(uint16_t port, const char *password, char ret[200])
{
    owner_t owner = {.pending = 3};
    tm_redis_at_t at = {.server = {.host = "127.0.0.1", .port = port}};
    (void)snprintf(at.server.password, sizeof(at.server.password), "%s", password);
    const tm_shared_owner_t face = {&owner, collect, told, collect_all, away};
    tm_shared_counts_t *shared = tm_shared_counts_new(&at, &face);
    assert_int_equal(tm_shared_counts_start(shared), TM_OK);
    tm_shared_stats_t stats = {0};
    const int64_t end = tm_time_mono_ns() + INT64_C(20000000000);
    while (stats.failures < 2 && tm_time_mono_ns() < end) {
        usleep(5000);
        tm_shared_counts_wake(shared);
        tm_shared_counts_stats(shared, &stats);
    }
    assert_true(stats.failures >= 2);
    assert_false(stats.connected);
    const int64_t begin = tm_time_mono_ns();
    tm_shared_counts_stop(shared);
    assert_in_range((tm_time_mono_ns() - begin) / 1000000, 0, 3000);
    tm_shared_counts_free(shared);
    assert_int_equal(owner.here, 0);
    assert_in_range(owner.gone, 2, 1000);
    assert_int_equal(owner.taken, 0);
    assert_int_equal(owner.pending, 3); /* nothing was lost */
    memcpy(ret, stats.error, sizeof(stats.error));
}

static void shared_counts__is_away_where_nobody_listens(void **state)
{
    (void)state;
    peer_t *peer = peer_start(NULL);
    const uint16_t port = peer->port;
    peer_stop(peer);
    char text[200];
    meet(port, "", text);
    assert_non_null(strstr(text, "Connection refused"));
    assert_non_null(strstr(text, "127.0.0.1:"));
}

static void shared_counts__is_away_from_a_peer_that_is_no_redis(void **state)
{
    (void)state;
    static const struct {
        const char *says, *text;
    } cases[] = {
        {NULL, "no answer in time"},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol error"},
        {"+OK\r\n", "an answer that is none of Redis"},
        {"*3\r\n:1\r\n:2\r\n$1\r\nx\r\n", "an answer that is none of Redis"},
        {"*1\r\n:1\r\n", "an answer that is none of Redis"},
        {"-LOADING Redis is loading the dataset in memory\r\n", "LOADING Redis is loading"},
        {"*-7\r\n", ""},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", ""},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        peer_t *peer = peer_start(cases[i].says);
        char text[200];
        meet(peer->port, "the-secret", text);
        if (strstr(text, cases[i].text) == NULL || strstr(text, "the-secret") != NULL)
            fail_msg("case %zu: %s", i, text);
        peer_stop(peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redis_url__takes_each_part),
        cmocka_unit_test(redis_url__refuses_what_is_none),
        cmocka_unit_test(shared_counts__is_away_where_nobody_listens),
        cmocka_unit_test(shared_counts__is_away_from_a_peer_that_is_no_redis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
