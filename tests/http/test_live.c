/* test_live.c - a subscriber gets each version once, in order, or a snapshot; it is kept alive
 * and sent away in order. */
#include "http/with_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

typedef struct event {
    unsigned long long epoch, version;
    char name[16];
} event_t;

/* Opens the stream. last: NULL or EPOCH:VERSION; header: sent as Last-Event-ID, else as a
 * parameter. */
static client_t listen_to(const server_t *server, const char *campaign, const char *last,
                          bool header)
{
    client_t client = client_open(server);
    client_say(&client, "GET /api/v1/live?campaign_id=%s", campaign);
    if (last != NULL && !header)
        client_say(&client, "&last_event_id=%s", last);
    client_say(&client, " HTTP/1.1\r\nHost: a\r\n" KEY_HEADER);
    if (last != NULL && header)
        client_say(&client, "Last-Event-ID: %s\r\n", last);
    client_say(&client, "\r\n");
    assert_true(client_see(&client, "HTTP/1.1 200"));
    assert_true(client_see(&client, "content-type: text/event-stream"));
    assert_true(client_wait_for(&client, "retry: 2000"));
    return client;
}

/* The next event, used up to its data, which is still to be read. */
static event_t next_event(client_t *client)
{
    event_t event;
    assert_true(client_wait_for(client, "id: "));
    assert_true(client_see(client, "\ndata: "));
    assert_int_equal(sscanf(client->bytes, "%llu:%llu\nevent: %15[a-z]\n", &event.epoch,
                            &event.version, event.name),
                     3);
    assert_true(client_wait_for(client, "\ndata: "));
    return event;
}

static void shorten_stall(tm_http_t *http)
{
    http->stall_ms = 500;
}

static void live__begins_with_a_snapshot_and_goes_on_with_deltas(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Start", id);
    post_line(server, id, "WAAA", 1000);
    client_t client = listen_to(server, id, NULL, false);
    const event_t first = next_event(&client);
    assert_string_equal(first.name, "snapshot");
    assert_true(client_wait_for(&client, "{\"reason\":\"start\",\"campaign_id\":\""));
    for (unsigned i = 1; i <= 5; i++) {
        post_line(server, id, "WBBB", 1000 + (long long)i);
        const event_t delta = next_event(&client);
        assert_string_equal(delta.name, "delta");
        assert_int_equal(delta.epoch, first.epoch);
        assert_int_equal(delta.version, first.version + i);
        char version[48];
        snprintf(version, sizeof(version), "{\"version\":%llu,", delta.version);
        assert_true(client_wait_for(&client, version));
    }
    client_close(&client);
}

static void live__resumes_without_a_gap(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Resume", id);
    post_line(server, id, "WAAA", 1000);
    client_t client = listen_to(server, id, NULL, false);
    const event_t first = next_event(&client);
    client_close(&client);
    for (int i = 0; i < 3; i++)
        post_line(server, id, "WBBB", 1000 + i);
    char last[64];
    snprintf(last, sizeof(last), "%llu:%llu", first.epoch, first.version);
    for (int header = 0; header < 2; header++) {
        client = listen_to(server, id, last, header == 1);
        for (unsigned i = 1; i <= 3; i++) {
            const event_t delta = next_event(&client);
            assert_string_equal(delta.name, "delta");
            assert_int_equal(delta.version, first.version + i);
        }
        client_close(&client);
    }
    snprintf(last, sizeof(last), "%llu:%llu", first.epoch, first.version + 3);
    client = listen_to(server, id, last, true); /* lacks nothing: silence until something happens */
    post_line(server, id, "WCCC", 7);
    assert_int_equal(next_event(&client).version, first.version + 4);
    client_close(&client);
}

static void live__sends_a_snapshot_to_whom_it_does_not_know(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Unknown", id);
    post_line(server, id, "WAAA", 1000);
    client_t client = listen_to(server, id, NULL, false);
    const event_t first = next_event(&client);
    client_close(&client);
    char other_epoch[64];
    char future[64];
    snprintf(other_epoch, sizeof(other_epoch), "%llu:%llu", first.epoch + 1, first.version);
    snprintf(future, sizeof(future), "%llu:%llu", first.epoch, first.version + 1);
    const char *const lasts[] = {other_epoch, future, "nonsense", "1:2:3", ":"};
    const char *const reasons[] = {"epoch", "unknown_version", "start", "start", "start"};
    for (size_t i = 0; i < TM_COUNT(lasts); i++) {
        client = listen_to(server, id, lasts[i], false);
        const event_t event = next_event(&client);
        assert_string_equal(event.name, "snapshot");
        assert_int_equal(event.version, first.version);
        char reason[64];
        snprintf(reason, sizeof(reason), "{\"reason\":\"%s\",", reasons[i]);
        assert_true(client_wait_for(&client, reason));
        client_close(&client);
    }
}

static void live__keeps_a_silent_stream_alive(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Silent", id);
    client_t client = listen_to(server, id, NULL, false);
    next_event(&client);
    assert_true(client_wait_for(&client, "\n\n"));
    for (int i = 0; i < 2; i++)
        assert_true(client_wait_for(&client, ":\n\n"));
    client_close(&client);
}

/* Many who listen, the first of whom reads nothing any more: the others are not held up. */
static void live__serves_many_beside_one_that_takes_nothing(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Many", id);
    enum { MANY = 30, LINES = 40 };
    client_t clients[MANY];
    for (int i = 0; i < MANY; i++) {
        clients[i] = listen_to(server, id, NULL, false);
        assert_string_equal(next_event(&clients[i]).name, "snapshot");
    }
    for (int k = 0; k < LINES; k++)
        post_line(server, id, "WAAA", 1000 + k);
    for (int i = 1; i < MANY; i++) {
        unsigned long long before = 0;
        for (int k = 0; k < LINES; k++) {
            const event_t event = next_event(&clients[i]);
            assert_string_equal(event.name, "delta");
            assert_true(before == 0 || event.version == before + 1);
            before = event.version;
        }
    }
    for (int i = 0; i < MANY; i++)
        client_close(&clients[i]);
}

/* A line on the air all year: its delta has a cell a week. */
static void post_year(const server_t *server, const char *campaign, int i)
{
    answer_t *answer = TM_NEW(answer_t);
    char body[512];
    snprintf(body, sizeof(body),
             "{\"campaign_id\":\"%s\",\"advertiser\":\"Friends of "
             "Birch\",\"station\":\"W%c%cX\",\"market\":535,"
             "\"medium\":\"broadcast\",\"flight_from\":\"2026-01-01\",\"flight_to\":\"2026-12-31\","
             "\"gross_cents\":"
             "1000000}",
             campaign, 'A' + i % 26, 'A' + i / 26);
    ask(server, "POST", "/api/v1/buy-lines", KEY_HEADER JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 201);
    tm_free(answer);
}

static void live__cuts_a_client_that_takes_nothing(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){.tune = shorten_stall});
    char id[32];
    make_campaign(server, "Stalled", id);
    client_t stalled = client_open_narrow(server);
    client_say(&stalled,
               "GET /api/v1/live?campaign_id=%s HTTP/1.1\r\nHost: a\r\n" KEY_HEADER "\r\n", id);
    client_t reader = listen_to(server, id, NULL, false);
    const event_t first = next_event(&reader);
    enum { LINES = 60 };
    for (int i = 0; i < LINES; i++) {
        post_year(server, id, i);
        assert_int_equal(next_event(&reader).version, first.version + (unsigned)i + 1);
    }
    const struct timespec pause = {2, 0};
    nanosleep(&pause, NULL);
    assert_true(client_is_closed(&stalled, 20000)); /* what lay on the way comes, then the end */
    post_year(server, id, LINES);
    assert_int_equal(next_event(&reader).version, first.version + LINES + 1);
    client_close(&stalled);
    client_close(&reader);
    server_stop(server);
}

static void live__ends_in_order_when_the_server_stops(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    char id[32];
    make_campaign(server, "Stop", id);
    client_t client = listen_to(server, id, NULL, false);
    next_event(&client);
    tm_http_stop(server->http, 2000);
    assert_true(client_wait_for(&client, "retry: 1000\n\n"));
    assert_true(client_wait_for(&client, "\r\n0\r\n\r\n"));
    client_close(&client);
    server_stop(server);
}

static void shorten(tm_http_t *http)
{
    http->heartbeat_ms = 300;
}

static int start(void **state)
{
    *state = server_start((server_setup_t){.tune = shorten});
    return 0;
}

static int stop(void **state)
{
    server_stop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live__begins_with_a_snapshot_and_goes_on_with_deltas),
        cmocka_unit_test(live__resumes_without_a_gap),
        cmocka_unit_test(live__sends_a_snapshot_to_whom_it_does_not_know),
        cmocka_unit_test(live__keeps_a_silent_stream_alive),
        cmocka_unit_test(live__serves_many_beside_one_that_takes_nothing),
        cmocka_unit_test(live__cuts_a_client_that_takes_nothing),
        cmocka_unit_test(live__ends_in_order_when_the_server_stops),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
