/* test_bounds.c - short memory, bodies, waiting lists, slow readers: what is refused, what goes on.
 */
#include "actors/kinds.h"
#include "base/ceiling.h"
#include "http/with_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#define LIMIT 1000
#define BODIES_MAX 100000
#define LONG_LINES 200 /* a year of weeks each: more than the ring holds */

static uint64_t used; /* memory, in these tests; atomic */
static tm_ceiling_t *ceiling;

static uint64_t used_now(void *ctx)
{
    (void)ctx;
    return __atomic_load_n(&used, __ATOMIC_RELAXED);
}

static void tune(tm_http_t *http)
{
    http->options.ceiling = ceiling;
    http->bodies_max = BODIES_MAX;
}

static int setup(void **state)
{
    const tm_ceiling_options_t options = {.limit_bytes = LIMIT, .used = used_now};
    ceiling = tm_ceiling_new(&options);
    *state = server_start((server_setup_t){.tune = tune});
    return 0;
}

static int teardown(void **state)
{
    server_stop(*state);
    tm_ceiling_free(ceiling);
    return 0;
}

static void set_memory(uint64_t bytes, tm_memory_t want)
{
    __atomic_store_n(&used, bytes, __ATOMIC_RELAXED);
    tm_ceiling_look(ceiling);
    assert_int_equal(tm_ceiling_state(ceiling), want);
}

static int status_of(const server_t *server, const char *method, const char *path, const char *body)
{
    answer_t *answer = TM_NEW(answer_t);
    ask(server, method, path, body == NULL ? KEY_HEADER : KEY_HEADER JSON_HEADER, body, answer);
    const int status = answer->status;
    if (status == 503) {
        char code[64];
        char wait[512];
        answer_string(answer, "code", code, sizeof(code));
        assert_string_equal(code, "memoryfull");
        answer_header(answer, "retry-after", wait);
        assert_string_equal(wait, "5");
    }
    tm_free(answer);
    return status;
}

static int post(const server_t *server, const char *campaign)
{
    char body[512];
    snprintf(body, sizeof(body),
             "{\"campaign_id\":\"%s\",\"advertiser\":\"Friends of Birch\",\"station\":\"WAAA\","
             "\"market\":535,\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\","
             "\"flight_to\":\"2026-10-18\",\"gross_cents\":500}",
             campaign);
    return status_of(server, "POST", "/api/v1/buy-lines", body);
}

static void memory__what_grows_is_refused_first(void **state)
{
    const server_t *server = *state;
    char id[32];
    char matrix[100], campaign[100], export[100], live[100];
    make_campaign(server, "Memory", id);
    snprintf(matrix, sizeof(matrix), "/api/v1/matrix?campaign_id=%s", id);
    snprintf(campaign, sizeof(campaign), "/api/v1/campaigns/%s", id);
    snprintf(export, sizeof(export), "/api/v1/matrix/export?format=csv&campaign_id=%s", id);
    snprintf(live, sizeof(live), "/api/v1/live?campaign_id=%s", id);
    assert_int_equal(post(server, id), 201);

    set_memory(900, TM_MEMORY_TIGHT);
    assert_int_equal(post(server, id), 503);
    assert_int_equal(status_of(server, "GET", export, NULL), 503);
    assert_int_equal(status_of(server, "POST", "/api/v1/campaigns", "{}"), 503);
    assert_int_equal(status_of(server, "GET", matrix, NULL), 200);
    assert_int_equal(status_of(server, "PATCH", campaign, "{\"name\":\"Still\"}"), 200);
    assert_int_equal(status_of(server, "HEAD", live, NULL), 200);

    set_memory(960, TM_MEMORY_FULL);
    assert_int_equal(post(server, id), 503);
    assert_int_equal(status_of(server, "PATCH", campaign, "{\"name\":\"No more\"}"), 503);
    assert_int_equal(status_of(server, "GET", matrix, NULL), 200);
    assert_int_equal(status_of(server, "GET", "/api/v1/campaigns", NULL), 200);
    /* what only takes back, ends or frees something is never kept out */
    assert_int_equal(status_of(server, "POST", "/api/v1/dedupe/undo", "{}"), 422);
    client_t client = client_open(server);
    client_say(&client, "GET %s HTTP/1.1\r\nHost: a\r\n" KEY_HEADER "\r\n", live);
    assert_true(client_wait_for(&client, "HTTP/1.1 503"));
    client_close(&client);

    set_memory(100, TM_MEMORY_EASY);
    assert_int_equal(post(server, id), 201);
}

static void memory__a_view_forgotten_is_made_again(void **state)
{
    const server_t *server = *state;
    char id[32];
    char path[128];
    make_campaign(server, "Views", id);
    assert_int_equal(post(server, id), 201);
    snprintf(path, sizeof(path), "/api/v1/matrix?week_mode=projected&campaign_id=%s", id);
    assert_int_equal(status_of(server, "GET", path, NULL), 200);
    set_memory(900, TM_MEMORY_TIGHT);
    const struct timespec sweep = {1, 200000000}; /* loops sweep once a second */
    nanosleep(&sweep, NULL);
    assert_int_equal(status_of(server, "GET", path, NULL), 200);
    set_memory(100, TM_MEMORY_EASY);
    tm_http_relieve(server->http);
    assert_int_equal(status_of(server, "GET", path, NULL), 200);
}

static void bodies__too_much_of_them_is_cut_and_the_rest_goes_on(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Bodies", id);
    client_t hog = client_open(server);
    client_say(&hog,
               "POST /api/v1/buy-lines HTTP/1.1\r\nHost: a\r\n" KEY_HEADER JSON_HEADER
               "Content-Length: %u\r\n\r\n",
               1000000u);
    char *bytes = tm_zalloc(2 * BODIES_MAX);
    memset(bytes, ' ', 2 * BODIES_MAX);
    client_send(&hog, bytes, 2 * BODIES_MAX);
    tm_free(bytes);
    assert_true(client_wait_for(&hog, "HTTP/1.1 503"));
    assert_true(client_wait_for(&hog, "retry-after: 5"));
    assert_true(client_is_closed(&hog, 5000));
    client_close(&hog);
    assert_int_equal(post(server, id), 201);
}

static void waiting__one_campaign_does_not_fill_the_list(void **state)
{
    const server_t *server = *state;
    char loud[32];
    char quiet[32];
    make_campaign(server, "Loud", loud);
    make_campaign(server, "Quiet", quiet);
    tm_id_t id = {0};
    assert_int_equal(tm_id_parse("cmp", tm_str(loud), &id), TM_OK);
    const uint32_t place = tm_campaign_actor(id) % TM_WAITING_SLOTS;
    const uint16_t most = (uint16_t)(TM_ACTOR_WAITING_MAX / server->http->n_loops);
    for (uint32_t i = 0; i < server->http->n_loops; i++) /* nobody waits meanwhile */
        server->http->loops[i]->waiting_of[place] = most;
    answer_t *answer = TM_NEW(answer_t);
    char body[512];
    snprintf(body, sizeof(body),
             "{\"campaign_id\":\"%s\",\"advertiser\":\"Friends of Birch\",\"station\":\"WAAA\","
             "\"market\":535,\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\","
             "\"flight_to\":\"2026-10-18\",\"gross_cents\":500}",
             loud);
    ask(server, "POST", "/api/v1/buy-lines", KEY_HEADER JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 503);
    char text[512];
    answer_header(answer, "retry-after", text);
    assert_string_equal(text, "1");
    tm_free(answer);
    assert_int_equal(post(server, quiet), 201);
    for (uint32_t i = 0; i < server->http->n_loops; i++) {
        assert_int_equal(server->http->loops[i]->waiting_of[place], most);
        server->http->loops[i]->waiting_of[place] = 0;
    }
    assert_int_equal(post(server, loud), 201);
}

/* ---- slow readers ---- */

static void post_long_lines(const server_t *server, const char *campaign, uint32_t n)
{
    client_t client = client_open(server);
    answer_t *answer = TM_NEW(answer_t);
    for (uint32_t i = 0; i < n; i++) {
        char body[512];
        const int len = snprintf(
            body, sizeof(body),
            "{\"campaign_id\":\"%s\",\"advertiser\":\"Friends of Birch\",\"station\":\"W%c%c%c\","
            "\"market\":%u,\"medium\":\"broadcast\",\"flight_from\":\"2026-01-05\","
            "\"flight_to\":\"2026-12-27\",\"gross_cents\":%u,\"order_no\":\"%u\"}",
            campaign, (int)('A' + i / 100), (int)('A' + i / 10 % 10), (int)('A' + i % 10), 100 + i,
            520000 + i * 7919, 1000000 + i * 7919);
        client_say(&client,
                   "POST /api/v1/buy-lines HTTP/1.1\r\nHost: a\r\n" KEY_HEADER JSON_HEADER
                   "Content-Length: %d\r\n\r\n%s",
                   len, body);
        assert_true(client_read(&client, false, answer));
        assert_int_equal(answer->status, 201);
    }
    tm_free(answer);
    client_close(&client);
}

/* Where its socket takes nothing nothing is queued for it: when it takes again, or comes back, what
 * counts is only which version it has. */
static void live__a_reader_that_fell_behind_the_ring_gets_a_snapshot(void **state)
{
    const server_t *server = *state;
    char id[32];
    make_campaign(server, "Slow", id);
    assert_int_equal(post(server, id), 201);
    tm_id_t campaign = {0};
    assert_int_equal(tm_id_parse("cmp", tm_str(id), &campaign), TM_OK);
    post_long_lines(server, id, LONG_LINES);
    tm_campaign_view_t *view = tm_runtime_snapshot(server->rt, tm_campaign_actor(campaign));
    assert_non_null(view);
    const unsigned long long last = view->view.version, epoch = view->epoch;
    const unsigned long long kept = view->ring_first;
    assert_true(kept > 2 && kept < last);
    tm_shared_unref(view);
    for (uint32_t i = 0; i < 2; i++) { /* the last version that is lost, the first that is not */
        char event[64];
        client_t client = client_open(server);
        client_say(&client,
                   "GET /api/v1/live?campaign_id=%s&last_event_id=%llu:%llu HTTP/1.1\r\n"
                   "Host: a\r\n" KEY_HEADER "\r\n",
                   id, epoch, kept - 2 + i);
        snprintf(event, sizeof(event), "id: %llu:%llu\nevent: %s\n", epoch, i == 0 ? last : kept,
                 i == 0 ? "snapshot" : "delta");
        assert_true(client_wait_for(&client, event));
        assert_true(i == 1 || client_wait_for(&client, "{\"reason\":\"behind\","));
        client_close(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory__what_grows_is_refused_first),
        cmocka_unit_test(memory__a_view_forgotten_is_made_again),
        cmocka_unit_test(bodies__too_much_of_them_is_cut_and_the_rest_goes_on),
        cmocka_unit_test(waiting__one_campaign_does_not_fill_the_list),
        cmocka_unit_test(live__a_reader_that_fell_behind_the_ring_gets_a_snapshot),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
