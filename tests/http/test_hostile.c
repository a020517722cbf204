/* test_hostile.c - peers that mean harm cost their own request or connection, nobody else's. */
#include "http/conn.h"
#include "http/with_server.h"
#include "base/time.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <cmocka.h>

static void still_answers(const server_t *server)
{
    answer_t *answer = TM_NEW(answer_t);
    ask(server, "GET", "/api/v1/ping", "", NULL, answer);
    assert_int_equal(answer->status, 200);
    tm_free(answer);
}

/* The hidden request must not be answered: 400, then the end. */
static void assert_one_refusal(const server_t *server, const char *bytes)
{
    answer_t *answer = TM_NEW(answer_t);
    client_t client = client_open(server);
    client_send(&client, bytes, strlen(bytes));
    assert_true(client_read(&client, false, answer));
    assert_int_equal(answer->status, 400);
    assert_int_equal(client.n, 0);
    assert_true(client_is_closed(&client, 2000));
    assert_int_equal(client.n, 0);
    client_close(&client);
    tm_free(answer);
}

#define HIDDEN "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\n\r\n"

static void smuggling__two_lengths_are_refused(void **state)
{
    assert_one_refusal(*state, "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n" JSON_HEADER
                               "Content-Length: 0\r\nContent-Length: 39\r\n\r\n" HIDDEN);
    assert_one_refusal(*state, "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\n"
                               "Content-Length: 39\r\nContent-Length: 0\r\n\r\n" HIDDEN HIDDEN);
}

static void smuggling__length_beside_chunked_is_refused(void **state)
{
    assert_one_refusal(*state,
                       "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n" JSON_HEADER
                       "Content-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN);
    assert_one_refusal(*state,
                       "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n" JSON_HEADER
                       "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" HIDDEN);
}

static void framing__folds_and_missing_hosts_are_refused(void **state)
{
    assert_one_refusal(*state, "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n" HIDDEN);
    assert_one_refusal(*state, "GET /api/v1/ping HTTP/1.1\r\n\r\n" HIDDEN);
}

static void upgrade__stays_off(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    client_t client = client_open(server);
    client_say(&client, "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, "
                        "HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
    assert_true(client_read(&client, false, answer));
    assert_int_equal(answer->status, 200);
    client_close(&client);
    tm_free(answer);
}

static void garbage__ends_its_own_connection(void **state)
{
    const server_t *server = *state;
    char bytes[2048];
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        client_t client = client_open(server);
        const size_t n = 1 + (size_t)(seed % sizeof(bytes));
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        if (round % 2 == 0) /* behind a preface the frames are garbage */
            client_say(&client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        client_send(&client, bytes, n);
        client_close(&client);
    }
    still_answers(server);
}

static void head__without_end_is_cut(void **state)
{
    const server_t *server = *state;
    client_t client = client_open(server);
    client_say(&client, "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\nX: ");
    char bytes[8192];
    memset(bytes, 'a', sizeof(bytes));
    for (int i = 0; i < 128; i++)
        client_send(&client, bytes, sizeof(bytes));
    assert_true(client_is_closed(&client, 3000));
    client_close(&client);
    still_answers(server);
}

/* A head that comes byte by byte, and a peer that says nothing at all. */
static void slow__peers_are_cut_and_disturb_nobody(void **state)
{
    const server_t *server = *state;
    client_t slow = client_open(server);
    client_t silent = client_open(server);
    client_t body = client_open(server);
    client_say(&body, "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n" JSON_HEADER
                      "Content-Length: 1000\r\n\r\n{");
    const int64_t begin = tm_time_mono_ns();
    bool cut = false;
    for (int i = 0; i < 600 && !cut; i++) {
        client_say(&slow, "G");
        client_say(&body, " ");
        cut = client_is_closed(&slow, 50);
    }
    assert_true(cut);
    assert_true(client_is_closed(&silent, 10000));
    assert_true(client_is_closed(&body, 10000));
    const int64_t ms = (tm_time_mono_ns() - begin) / 1000000;
    assert_in_range(ms, 400, 40000); /* generous: other work shares the machine */
    client_close(&slow);
    client_close(&silent);
    client_close(&body);
    still_answers(server);
}

static void answer__that_never_comes_is_503(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char retry[512];
    ask(server, "POST", "/api/v1/markets/import", KEY_HEADER "content-type: text/csv\r\n", "x",
        answer);
    assert_int_equal(answer->status, 503);
    assert_non_null(strstr(answer->body, "\"code\":\"timeout\""));
    answer_header(answer, "retry-after", retry);
    assert_string_equal(retry, "1");
    tm_free(answer);
}

/* ---- HTTP/2 by hand ---- */

static size_t frame(char *out, uint8_t type, uint8_t flags, uint32_t stream, const char *payload,
                    size_t n)
{
    const unsigned char head[9] = {(unsigned char)(n >> 16),
                                   (unsigned char)(n >> 8),
                                   (unsigned char)n,
                                   type,
                                   flags,
                                   (unsigned char)(stream >> 24),
                                   (unsigned char)(stream >> 16),
                                   (unsigned char)(stream >> 8),
                                   (unsigned char)stream};
    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), payload, n);
    return sizeof(head) + n;
}

static size_t literal(char *out, const char *name, const char *value)
{
    size_t n = 0;
    out[n++] = 0;
    out[n++] = (char)strlen(name);
    memcpy(out + n, name, strlen(name));
    n += strlen(name);
    out[n++] = (char)strlen(value);
    memcpy(out + n, value, strlen(value));
    return n + strlen(value);
}

static size_t request(char *out, uint32_t stream, const char *method, const char *path, bool ends)
{
    char block[512];
    size_t n = literal(block, ":method", method);
    n += literal(block + n, ":scheme", "http");
    n += literal(block + n, ":path", path);
    n += literal(block + n, ":authority", "a");
    n += literal(block + n, "x-api-key", SERVER_KEY);
    n += literal(block + n, "content-type", "application/pdf");
    return frame(out, 1, ends ? 5 : 4, stream, block, n);
}

static client_t open_h2(const server_t *server)
{
    client_t client = client_open(server);
    char settings[16];
    client_say(&client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client_send(&client, settings, frame(settings, 4, 0, 0, "", 0));
    return client;
}

static void h2__prior_knowledge_works_in_pieces(void **state)
{
    const server_t *server = *state;
    client_t client = client_open(server);
    client_say(&client, "PRI * H");
    assert_false(client_is_closed(&client, 50));
    client_say(&client, "TTP/2.0\r\n\r\nSM\r\n\r\n");
    char bytes[1024];
    size_t n = frame(bytes, 4, 0, 0, "", 0);
    n += request(bytes + n, 1, "GET", "/api/v1/ping", true);
    client_send(&client, bytes, n);
    assert_true(client_wait_for(&client, "{\"status\":\"ok\"}"));
    client_close(&client);
}

/* Requests that are reset before they can be answered: the connection is ended, work is not done
 * for ever. */
static void h2__rapid_reset_ends_the_connection(void **state)
{
    server_t *server = *state;
    const uint32_t before = __atomic_load_n(&server->never, __ATOMIC_RELAXED);
    client_t client = open_h2(server);
    for (uint32_t i = 0; i < 2000; i++) {
        char bytes[1024];
        const uint32_t stream = 1 + 2 * i;
        size_t n = request(bytes, stream, "POST", "/api/v1/inputs?source=fcc&filename=never", true);
        n += frame(bytes + n, 3, 0, stream, "\0\0\0\x8", 4);
        client_send(&client, bytes, n);
    }
    assert_true(client_is_closed(&client, 3000));
    const uint32_t worked = __atomic_load_n(&server->never, __ATOMIC_RELAXED) - before;
    /* Most were gone before their turn came. */
    assert_in_range(worked, 1, 2 * TM_CONNECTION_DEATHS_MAX);
    client_close(&client);
    still_answers(server);
}

/* Requests that are answered at once and reset in the same breath. */
static void h2__resets_of_answered_requests_end_the_connection(void **state)
{
    const server_t *server = *state;
    client_t client = open_h2(server);
    for (uint32_t i = 0; i < 2000; i++) {
        char bytes[1024];
        const uint32_t stream = 1 + 2 * i;
        size_t n = request(bytes, stream, "GET", "/api/v1/ping", true);
        n += frame(bytes + n, 3, 0, stream, "\0\0\0\x8", 4);
        client_send(&client, bytes, n);
    }
    assert_true(client_is_closed(&client, 3000));
    client_close(&client);
    still_answers(server);
}

/* One request, so that the frames are counted; then the same frame until the end. */
static void assert_flood_ends(const server_t *server, const char *bytes, size_t n, uint32_t frames)
{
    client_t client = open_h2(server);
    char *flood = tm_zalloc(65536);
    client_send(&client, flood, request(flood, 1, "GET", "/api/v1/ping", true));
    assert_true(client_wait_for(&client, "{\"status\":\"ok\"}"));
    client_send(&client, flood, request(flood, 3, "POST", "/api/v1/inputs?source=fcc", false));
    const size_t each = 65536 / n;
    for (size_t i = 0; i < each; i++)
        memcpy(flood + i * n, bytes, n);
    for (uint32_t sent = 0; sent < frames; sent += (uint32_t)each)
        client_send(&client, flood, each * n);
    assert_true(client_is_closed(&client, 5000));
    client_close(&client);
    tm_free(flood);
    still_answers(server);
}

static void h2__floods_of_frames_end_the_connection(void **state)
{
    static const struct flood {
        uint8_t type, flags;
        uint32_t stream, n;
        const char *payload;
    } floods[] = {
        {6, 0, 0, 8, "floodedd"},         /* PING */
        {4, 0, 0, 0, ""},                 /* SETTINGS, empty */
        {4, 0, 0, 6, "\0\4\0\0\xff\xff"}, /* SETTINGS, the window over and over */
        {2, 0, 3, 5, "\0\0\0\1\x10"},     /* PRIORITY of one stream */
        {8, 0, 0, 4, "\0\0\0\1"},         /* WINDOW_UPDATE, one byte more each */
        {0, 0, 3, 0, ""},                 /* DATA, empty */
        {0, 0, 3, 1, "x"},                /* DATA, a byte each */
        {99, 0, 0, 3, "new"},             /* a type nobody knows */
    };
    for (size_t i = 0; i < TM_COUNT(floods); i++) {
        char bytes[32];
        const size_t n = frame(bytes, floods[i].type, floods[i].flags, floods[i].stream,
                               floods[i].payload, floods[i].n);
        assert_flood_ends(*state, bytes, n, 20 * TM_CONNECTION_FRAMES_MAX);
    }
}

/* A head that never ends, in full frames and in empty ones. */
static void h2__continuations_end_the_connection(void **state)
{
    const server_t *server = *state;
    static const size_t sizes[] = {16384, 0};
    for (size_t k = 0; k < TM_COUNT(sizes); k++) {
        client_t client = open_h2(server);
        char *bytes = tm_zalloc(32768);
        char *field = tm_zalloc(16384);
        client_send(&client, bytes, request(bytes, 1, "GET", "/api/v1/ping", true));
        assert_true(client_wait_for(&client, "{\"status\":\"ok\"}"));
        client_send(&client, bytes, frame(bytes, 1, 1, 3, field, 1)); /* no END_HEADERS */
        const size_t n = frame(bytes, 9, 0, 3, field, sizes[k]);
        for (int i = 0; i < 100000 && !client_is_closed(&client, 0); i++)
            client_send(&client, bytes, n);
        assert_true(client_is_closed(&client, 5000));
        client_close(&client);
        tm_free(field);
        tm_free(bytes);
    }
    still_answers(server);
}

/* One large entry of the header table, named again and again. */
static void h2__header_bombs_cost_their_connection_only(void **state)
{
    const server_t *server = *state;
    char *block = tm_zalloc(16384);
    char *bytes = tm_zalloc(32768);
    client_t client = open_h2(server);
    for (uint32_t stream = 1; stream < 400; stream += 2) {
        size_t n = 0;
        if (stream == 1) {
            static const char name[] = "\x40\x01"
                                       "a\x7f\xa1\x1e"; /* 4,000 bytes, kept */
            memcpy(block, name, sizeof(name) - 1);
            n = sizeof(name) - 1;
            memset(block + n, 'x', 4000);
            n += 4000;
        }
        while (n < 16000)
            block[n++] = (char)(0x80 | 62); /* the newest entry */
        client_send(&client, bytes, frame(bytes, 1, 5, stream, block, n));
        if (client_is_closed(&client, 0))
            break;
    }
    client_close(&client);
    tm_free(bytes);
    tm_free(block);
    still_answers(server);
}

/* Sends the same few bytes now and then, which shall not keep the connection; closes it. */
static void assert_cut_though_it_drips(client_t *client, const char *bytes, size_t n)
{
    bool cut = false;
    for (int i = 0; i < 100 && !cut; i++) {
        client_send(client, bytes, n);
        cut = client_is_closed(client, 100);
    }
    assert_true(cut);
    client_close(client);
}

/* Peers that ask and take nothing: a window of zero; a socket that nobody reads. */
static void stalled__peers_are_cut(void **state)
{
    const server_t *server = *state;
    char bytes[1024];
    client_t client = client_open(server);
    client_say(&client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client_send(&client, bytes, frame(bytes, 4, 0, 0, "\0\4\0\0\0\0", 6)); /* window 0 */
    for (uint32_t stream = 1; stream < 100; stream += 2)
        client_send(&client, bytes, request(bytes, stream, "GET", "/api/v1/openapi.json", true));
    /* a window of one byte more changes nothing */
    assert_cut_though_it_drips(&client, bytes, frame(bytes, 8, 0, 1, "\0\0\0\1", 4));
    still_answers(server);
}

/* A body that drips, beside an event stream that keeps the connection. */
static void h2__a_dripping_body_beside_a_stream_is_cut(void **state)
{
    const server_t *server = *state;
    char id[32];
    char path[96];
    char bytes[1024];
    make_campaign(server, "Drips", id);
    snprintf(path, sizeof(path), "/api/v1/live?campaign_id=%s", id);
    client_t client = open_h2(server);
    client_send(&client, bytes, request(bytes, 1, "GET", path, true));
    assert_true(client_wait_for(&client, "event: snapshot"));
    client_send(&client, bytes, request(bytes, 3, "POST", "/api/v1/inputs?source=fcc", false));
    assert_cut_though_it_drips(&client, bytes, frame(bytes, 0, 0, 3, "x", 1));
    still_answers(server);
}

static void abuse__shuts_an_address_out_for_a_while(void **state)
{
    server_t *server = *state;
    const uint32_t slot = 7;
    const uint32_t out_s = TM_ABUSE_SHUT_OUT_MS / 1000;
    for (uint32_t i = 1; i < TM_ABUSE_STRIKES_MAX; i++) {
        tm_abuse_strike(server->http, slot, 1000 + i);
        assert_false(tm_abuse_is_out(server->http, slot, 1000 + i));
    }
    tm_abuse_strike(server->http, slot, 1010);
    assert_true(tm_abuse_is_out(server->http, slot, 1010));
    assert_true(tm_abuse_is_out(server->http, slot, 1010 + out_s - 1));
    assert_false(tm_abuse_is_out(server->http, slot, 1010 + out_s));
    assert_false(tm_abuse_is_out(server->http, slot + 1, 1010));
    tm_abuse_strike(server->http, slot, 1010 + out_s); /* once more is enough */
    assert_true(tm_abuse_is_out(server->http, slot, 1010 + out_s + 1));
    tm_abuse_strike(server->http, slot, 5000); /* forgotten long since */
    assert_false(tm_abuse_is_out(server->http, slot, 5000));
}

static void h2__a_body_over_the_limit_resets_its_stream_only(void **state)
{
    const server_t *server = *state;
    client_t client = open_h2(server);
    char *bytes = tm_zalloc(32768);
    client_send(&client, bytes,
                request(bytes, 1, "POST", "/api/v1/inputs?source=fcc&filename=a", false));
    char data[16384] = {0};
    for (int i = 0; i < 66; i++)
        client_send(&client, bytes, frame(bytes, 0, 0, 1, data, sizeof(data)));
    client_send(&client, bytes, request(bytes, 3, "GET", "/api/v1/ping", true));
    assert_true(client_wait_for(&client, "{\"status\":\"ok\"}"));
    client_close(&client);
    tm_free(bytes);
}

static void h2__a_connection_holds_so_many_event_streams(void **state)
{
    const server_t *server = *state;
    char id[32];
    char path[96];
    char bytes[1024];
    make_campaign(server, "Streams", id);
    snprintf(path, sizeof(path), "/api/v1/live?campaign_id=%s", id);
    client_t client = open_h2(server);
    uint32_t stream = 1;
    for (int i = 0; i < TM_CONNECTION_STREAMS_MAX; i++, stream += 2) {
        client_send(&client, bytes, request(bytes, stream, "GET", path, true));
        assert_true(client_wait_for(&client, "event: snapshot"));
    }
    client_send(&client, bytes, request(bytes, stream, "GET", path, true));
    assert_true(client_wait_for(&client, "\"code\":\"busy\""));
    client_send(&client, bytes, request(bytes, stream + 2, "GET", "/api/v1/ping", true));
    assert_true(client_wait_for(&client, "{\"status\":\"ok\"}"));
    client_send(&client, bytes,
                frame(bytes, 3, 0, 1, "\0\0\0\x8", 4)); /* one place is free again */
    client_send(&client, bytes, request(bytes, stream + 4, "GET", path, true));
    assert_true(client_wait_for(&client, "event: snapshot"));
    client_close(&client);
}

static void clients__that_leave_before_their_answer_are_forgotten(void **state)
{
    const server_t *server = *state;
    for (int i = 0; i < 50; i++) {
        client_t client = client_open(server);
        client_say(&client, "POST /api/v1/campaigns HTTP/1.1\r\nHost: a\r\n" KEY_HEADER JSON_HEADER
                            "Content-Length: 14\r\n\r\n{\"name\":\"Gone\"}");
        client_close(&client);
        client_t h2 = open_h2(server);
        char bytes[1024];
        client_send(&h2, bytes, request(bytes, 1, "POST", "/api/v1/markets/import", true));
        client_close(&h2);
    }
    still_answers(server);
}

static void shorten(tm_http_t *http)
{
    http->head_wait_ms = 500;
    http->answer_wait_ms = 300;
    http->stall_ms = 2000;
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
        cmocka_unit_test(smuggling__two_lengths_are_refused),
        cmocka_unit_test(smuggling__length_beside_chunked_is_refused),
        cmocka_unit_test(framing__folds_and_missing_hosts_are_refused),
        cmocka_unit_test(upgrade__stays_off),
        cmocka_unit_test(garbage__ends_its_own_connection),
        cmocka_unit_test(head__without_end_is_cut),
        cmocka_unit_test(slow__peers_are_cut_and_disturb_nobody),
        cmocka_unit_test(answer__that_never_comes_is_503),
        cmocka_unit_test(h2__prior_knowledge_works_in_pieces),
        cmocka_unit_test(h2__rapid_reset_ends_the_connection),
        cmocka_unit_test(h2__resets_of_answered_requests_end_the_connection),
        cmocka_unit_test(h2__floods_of_frames_end_the_connection),
        cmocka_unit_test(h2__continuations_end_the_connection),
        cmocka_unit_test(h2__header_bombs_cost_their_connection_only),
        cmocka_unit_test(stalled__peers_are_cut),
        cmocka_unit_test(h2__a_dripping_body_beside_a_stream_is_cut),
        cmocka_unit_test(abuse__shuts_an_address_out_for_a_while),
        cmocka_unit_test(h2__a_body_over_the_limit_resets_its_stream_only),
        cmocka_unit_test(h2__a_connection_holds_so_many_event_streams),
        cmocka_unit_test(clients__that_leave_before_their_answer_are_forgotten),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
