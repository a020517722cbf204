/* test_server.c - what the server says to ordinary and to wrong requests. */
#include "http/with_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

typedef struct row {
    const char *method, *path, *headers, *body;
    int status;
    const char *says; /* stands in the answer; NULL: anything */
} row_t;

#define PDF_HEADER "content-type: application/pdf\r\n"
static const row_t rows[] = {
    /* who asks */
    {"GET", "/api/v1/ping", "", NULL, 200, "{\"status\":\"ok\"}"},
    {"GET", "/api/v1/health", "", NULL, 200, "\"parts\""},
    {"GET", "/health", "", NULL, 200, "\"parts\""},
    {"GET", "/api/v1/campaigns", "", NULL, 401, "\"code\":\"unauthorized\""},
    {"GET", "/api/v1/campaigns", "x-api-key: wrong\r\n", NULL, 401, NULL},
    {"GET", "/api/v1/campaigns", "x-api-key:\r\n", NULL, 401, NULL},
    {"GET", "/api/v1/campaigns", "cookie: trailmix_session=x\r\n", NULL, 401, NULL},
    {"GET", "/api/v1/campaigns", KEY_HEADER, NULL, 200, "{\"items\":["},
    {"GET", "/api/v1/nothing", "", NULL, 401, NULL},
    /* addresses and methods */
    {"GET", "/api/v1/nothing", KEY_HEADER, NULL, 404, "\"code\":\"notfound\""},
    {"GET", "/nothing", "", NULL, 404, NULL},
    {"GET", "/", "", NULL, 404, "not installed"},
    {"POST", "/api/v1/ping", "", NULL, 405, NULL},
    {"DELETE", "/api/v1/campaigns", KEY_HEADER, NULL, 405, "\"code\":\"method\""},
    {"PUT", "/api/v1/matrix", KEY_HEADER, NULL, 405, NULL},
    {"GET", "/api/v1/campaigns/cmp_0000000000000", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/campaigns/bl_0123456789abc", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/campaigns/%zz", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/buy-lines/bl_0123456789abc", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/documents/doc_0123456789abc", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/inputs/in_0123456789abc/content", KEY_HEADER, NULL, 404, NULL},
    /* parameters */
    {"GET", "/api/v1/campaigns?limit=0", KEY_HEADER, NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/campaigns?limit=101", KEY_HEADER, NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/campaigns?limit=", KEY_HEADER, NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/campaigns?limit=1e1", KEY_HEADER, NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/campaigns?limit=1&limit=2", KEY_HEADER, NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/campaigns?limit=100", KEY_HEADER, NULL, 200, NULL},
    {"GET", "/api/v1/campaigns?cursor=x", KEY_HEADER, NULL, 422, "\"field\":\"cursor\""},
    {"GET", "/api/v1/campaigns?other=1", KEY_HEADER, NULL, 422, "\"field\":\"other\""},
    {"GET", "/api/v1/campaigns?limit=%f", KEY_HEADER, NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/buy-lines", KEY_HEADER, NULL, 422, "\"field\":\"campaign_id\""},
    {"GET", "/api/v1/buy-lines?campaign_id=1", KEY_HEADER, NULL, 422, "\"field\":\"campaign_id\""},
    {"GET", "/api/v1/buy-lines?campaign_id=cmp_0123456789abc", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/matrix", KEY_HEADER, NULL, 422, "\"field\":\"campaign_id\""},
    {"GET", "/api/v1/matrix?campaign_id=cmp_0123456789abc", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/matrix?campaign_id=cmp_0123456789abc&as_of_ms=x", KEY_HEADER, NULL, 422,
     "\"field\":\"as_of_ms\""},
    {"GET", "/api/v1/live?campaign_id=cmp_0123456789abc", KEY_HEADER, NULL, 404, NULL},
    {"GET", "/api/v1/inputs?status=lost", KEY_HEADER, NULL, 422, "\"field\":\"status\""},
    /* bodies */
    {"POST", "/api/v1/campaigns", KEY_HEADER, "{}", 415, NULL},
    {"POST", "/api/v1/campaigns", KEY_HEADER "content-type: text/plain\r\n", "{}", 415, NULL},
    {"POST", "/api/v1/campaigns", KEY_HEADER "content-type: application/json; charset=latin1\r\n",
     "{}", 415, NULL},
    {"POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER "content-encoding: gzip\r\n", "{}", 415,
     NULL},
    {"POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER, "{}", 422, "\"field\":\"name\""},
    {"POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER, "{\"name\":\"a\",\"other\":1}", 422,
     "\"field\":\"other\""},
    {"POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER, "{\"name\":\"a\",\"id\":1}", 422,
     "\"field\":\"id\""},
    {"POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER "idempotency-key:\r\n", "{}", 400,
     "idempotency-key"},
    {"POST", "/api/v1/campaigns",
     KEY_HEADER JSON_HEADER "idempotency-key: a\r\nidempotency-key: b\r\n", "{}", 400, NULL},
    {"POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER "idempotency-key: \xc3\xa9\r\n", "{}", 400,
     NULL},
    {"POST", "/api/v1/buy-lines", KEY_HEADER JSON_HEADER, "{}", 422, "\"field\":\"campaign_id\""},
    {"POST", "/api/v1/buy-lines", KEY_HEADER JSON_HEADER,
     "{\"campaign_id\":\"cmp_0123456789abc\",\"advertiser\":\"A\",\"station\":\"WAAA\",\"medium\":"
     "\"broadcast\","
     "\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\",\"gross_cents\":1}",
     422, "\"field\":\"campaign_id\""},
    {"POST", "/api/v1/inputs?source=fcc", KEY_HEADER PDF_HEADER, "x", 422,
     "\"field\":\"filename\""},
    {"POST", "/api/v1/inputs?source=nobody&filename=a", KEY_HEADER PDF_HEADER, "x", 422,
     "\"field\":\"source\""},
    {"POST", "/api/v1/inputs?source=fcc&filename=", KEY_HEADER PDF_HEADER, "x", 422,
     "\"field\":\"filename\""},
    {"POST", "/api/v1/inputs?source=fcc&filename=a%0ab", KEY_HEADER PDF_HEADER, "x", 422,
     "\"field\":\"filename\""},
    {"POST", "/api/v1/inputs?source=fcc&filename=a&campaign_id=cmp_0123456789abc",
     KEY_HEADER PDF_HEADER, "x", 422, "\"field\":\"campaign_id\""},
    {"POST", "/api/v1/inputs?source=fcc&filename=a", KEY_HEADER "content-type: image/png\r\n", "x",
     415, NULL},
    {"POST", "/api/v1/inputs?source=fcc&filename=a", KEY_HEADER, "x", 415, NULL},
    {"POST", "/api/v1/stations/import", KEY_HEADER "content-type: text/plain\r\n", "abc", 200,
     "{\"bytes\":3}"},
    {"POST", "/api/v1/session", JSON_HEADER, "{\"token\":\"x\"}", 401, NULL},
    {"POST", "/api/v1/session", JSON_HEADER, "{\"token\":1}", 422, "\"field\":\"token\""},
    {"POST", "/api/v1/session", JSON_HEADER, "{}", 422, "\"field\":\"token\""},
    {"POST", "/api/v1/session", JSON_HEADER "origin: http://evil.example\r\n", "{\"token\":\"x\"}",
     403, NULL},
    {"GET", "/api/v1/session", KEY_HEADER, NULL, 200, "{\"principal\":\"system\"}"},
};

static void server__answers_as_the_contract_says(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        const row_t *row = &rows[i];
        ask(server, row->method, row->path, row->headers, row->body, answer);
        if (answer->status != row->status ||
            (row->says != NULL && strstr(answer->body, row->says) == NULL))
            fail_msg("row %zu: %s %s: %d %s", i, row->method, row->path, answer->status,
                     answer->body);
        char type[512];
        answer_header(answer, "content-type", type);
        assert_string_equal(type,
                            row->status >= 400 ? "application/problem+json" : "application/json");
        char sniff[512];
        answer_header(answer, "x-content-type-options", sniff);
        assert_string_equal(sniff, "nosniff");
    }
    tm_free(answer);
}

static const char *const no_json[] = {
    "",
    " ",
    "{",
    "}",
    "[",
    "[]",
    "1",
    "null",
    "\"a\"",
    "{\"name\"}",
    "{\"name\":}",
    "{\"name\":\"a\",}",
    "{\"name\":\"a\"} x",
    "{\"name\":\"a\"}{}",
    "{'name':1}",
    "{\"name\":\"a}",
    "{\"name\":tru}",
    "{\"name\":01}",
    "{\"name\":\"\\x\"}",
    "{\"name\":\"\\ud800\"}",
    "{\"name\":\"\xff\"}",
    "{\"name\":\"a\nb\"}",
    "\xef\xbb\xbf{}",
    "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"name\":1e999}",
    "{\"name\":\"a\",\"name\":\"b\"}",
};

static void server__refuses_what_is_no_json(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    for (size_t i = 0; i < TM_COUNT(no_json); i++) {
        ask(server, "POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER, no_json[i], answer);
        if (answer->status != 400 && answer->status != 422)
            fail_msg("row %zu: %d %s", i, answer->status, answer->body);
        assert_non_null(strstr(answer->body, "\"errors\":["));
    }
    tm_free(answer);
}

static void server__tells_the_methods_it_allows(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char allow[512];
    ask(server, "DELETE", "/api/v1/campaigns", KEY_HEADER, NULL, answer);
    answer_header(answer, "allow", allow);
    assert_string_equal(allow, "GET, HEAD, POST");
    ask(server, "POST", "/api/v1/ping", "", NULL, answer);
    answer_header(answer, "allow", allow);
    assert_string_equal(allow, "GET, HEAD");
    tm_free(answer);
}

static void server__answers_head_like_get_without_a_body(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    client_t client = client_open(server);
    for (int i = 0; i < 2; i++) { /* twice on one connection: nothing may be left over */
        client_say(&client, "HEAD /api/v1/ping HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(client_read(&client, true, answer));
        assert_int_equal(answer->status, 200);
        char length[512];
        answer_header(answer, "content-length", length);
        assert_string_equal(length, "15");
    }
    assert_int_equal(client.n, 0);
    client_close(&client);
    tm_free(answer);
}

static void server__keeps_connections_and_takes_pipelines(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    client_t client = client_open(server);
    client_say(
        &client,
        "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\nx-request-id: one\r\n\r\n"
        "GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\nx-request-id: two\r\n" KEY_HEADER "\r\n"
        "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\nx-request-id: three\r\nConnection: close\r\n\r\n");
    static const char *const ids[] = {"one", "two", "three"};
    static const int statuses[] = {200, 404, 200};
    for (int i = 0; i < 3; i++) {
        char id[512];
        assert_true(client_read(&client, false, answer));
        answer_header(answer, "x-request-id", id);
        assert_string_equal(id, ids[i]);
        assert_int_equal(answer->status, statuses[i]);
    }
    assert_true(client_is_closed(&client, 2000));
    client_close(&client);
    tm_free(answer);
}

/* More writes at once than a loop takes in a turn: those that stand in line keep what they said,
 * though their clients go on talking, and go when they are gone. */
static void server__writes_in_line_keep_their_bodies(void **state)
{
    enum { CLIENTS = 200 };
    /* Padded with spaces: behind the second there is no room in the library's buffer for more,
     * which moves it; the third is not copied. */
    static const int sizes[] = {64, 4000, 6000};
    const server_t *server = *state;
    static client_t clients[CLIENTS];
    answer_t *answer = TM_NEW(answer_t);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = client_open(server);
    for (int i = 0; i < CLIENTS; i++) {
        char name[32];
        snprintf(name, sizeof(name), "In line %d", i);
        const int n = sizes[i % 3];
        client_say(&clients[i],
                   "POST /api/v1/campaigns HTTP/1.1\r\nHost: a\r\n" KEY_HEADER JSON_HEADER
                   "Content-Length: %d\r\n\r\n{\"name\":\"%s\"%*s}",
                   n, name, (int)(n - 11 - (int)strlen(name)), "");
    }
    for (int i = 0; i < CLIENTS; i++) {
        if (i % 5 == 2)
            client_close(&clients[i]);
        else
            client_say(&clients[i],
                       "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\nx-request-id: %d\r\n\r\n", i);
    }
    for (int i = 0; i < CLIENTS; i++) {
        char text[512];
        char id[16];
        if (i % 5 == 2)
            continue;
        snprintf(text, sizeof(text), "\"name\":\"In line %d\"", i);
        assert_true(client_read(&clients[i], false, answer));
        assert_int_equal(answer->status, 201);
        assert_non_null(strstr(answer->body, text));
        assert_true(client_read(&clients[i], false, answer));
        snprintf(id, sizeof(id), "%d", i);
        answer_header(answer, "x-request-id", text);
        assert_string_equal(text, id);
        client_close(&clients[i]);
    }
    tm_free(answer);
}

static void server__refuses_bodies_over_the_limit(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    client_t client = client_open(server);
    client_say(
        &client,
        "POST /api/v1/inputs?source=fcc&filename=a HTTP/1.1\r\nHost: a\r\n" KEY_HEADER PDF_HEADER
        "Content-Length: 1048577\r\n\r\n");
    assert_true(client_read(&client, false, answer));
    assert_int_equal(answer->status, 413);
    assert_non_null(strstr(answer->body, "\"code\":\"toolarge\""));
    client_close(&client);
    tm_free(answer);
}

static void server__gives_records_etags(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char id[32];
    char path[128];
    char etag[512];
    char headers[1024];
    make_campaign(server, "Etags", id);
    snprintf(path, sizeof(path), "/api/v1/campaigns/%s", id);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    answer_header(answer, "etag", etag);
    assert_true(etag[0] == '"');
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: \"x\", W/%s\r\n", etag);
    ask(server, "GET", path, headers, NULL, answer);
    assert_int_equal(answer->status, 304);
    snprintf(headers, sizeof(headers), KEY_HEADER JSON_HEADER "if-match: %s\r\n", etag);
    ask(server, "PATCH", path, headers, "{\"name\":\"Changed\"}", answer);
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(answer->body, "\"name\":\"Changed\""));
    ask(server, "PATCH", path, headers, "{\"name\":\"Again\"}", answer);
    assert_int_equal(answer->status, 412);
    ask(server, "PATCH", path, KEY_HEADER JSON_HEADER "if-match: \"other\"\r\n",
        "{\"name\":\"Again\"}", answer);
    assert_int_equal(answer->status, 412);
    ask(server, "PATCH", path, KEY_HEADER JSON_HEADER, "{\"client\":null,\"commission_bp\":1200}",
        answer);
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(answer->body, "\"commission_bp\":1200"));
    tm_free(answer);
}

static void server__shows_the_matrix_of_posted_lines(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char id[32];
    char path[256];
    char etag[512];
    char headers[1024];
    make_campaign(server, "Matrix", id);
    post_line(server, id, "WAAA", 1880000);
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&basis=gross&week_mode=booked", id);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(answer->body, "1880000"));
    answer_header(answer, "etag", etag);
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", etag);
    ask(server, "GET", path, headers, NULL, answer);
    assert_int_equal(answer->status, 304);
    post_line(server, id, "WBBB", 100);
    ask(server, "GET", path, headers, NULL, answer);
    assert_int_equal(answer->status, 200);
    for (int i = 0; i < 2; i++) { /* made, then kept */
        snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&basis=net", id);
        ask(server, "GET", path, KEY_HEADER, NULL, answer);
        assert_int_equal(answer->status, 200);
        assert_non_null(strstr(answer->body, "\"basis\":\"net\""));
        assert_non_null(strstr(answer->body, "1598000"));
    }
    post_line(server, id, "WCCC", 200); /* net 170: the kept answer is out of date */
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_non_null(strstr(answer->body, "WCCC"));
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s&basis=both", id);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 422);
    assert_non_null(strstr(answer->body, "\"field\":\"basis\""));
    snprintf(path, sizeof(path), "/api/v1/buy-lines?campaign_id=%s&limit=1", id);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    char next[32];
    answer_string(answer, "next_cursor", next, sizeof(next));
    snprintf(path, sizeof(path), "/api/v1/buy-lines?campaign_id=%s&limit=1&cursor=%s", id, next);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_non_null(strstr(answer->body, "WBBB"));
    answer_string(answer, "next_cursor", next, sizeof(next));
    snprintf(path, sizeof(path), "/api/v1/buy-lines?campaign_id=%s&limit=1&cursor=%s", id, next);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_non_null(strstr(answer->body, "WCCC"));
    assert_non_null(strstr(answer->body, "\"next_cursor\":null"));
    tm_free(answer);
}

/* A new campaign is there for whoever made it, although another actor answers its making. The
 * amount is sought with its name: its digits alone may stand in an instant. */
static void server__lets_everybody_read_their_own_writes(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    for (int i = 0; i < 50; i++) {
        char id[32];
        char path[128];
        make_campaign(server, "Fresh", id);
        if (i % 2 == 0)
            post_line(server, id, "WAAA", 4242);
        snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", id);
        ask(server, "GET", path, KEY_HEADER, NULL, answer);
        assert_int_equal(answer->status, 200);
        assert_int_equal(strstr(answer->body, "\"total_cents\":4242") != NULL, i % 2 == 0);
        snprintf(path, sizeof(path), "/api/v1/buy-lines?campaign_id=%s", id);
        ask(server, "GET", path, KEY_HEADER, NULL, answer);
        assert_int_equal(answer->status, 200);
        assert_int_equal(strstr(answer->body, "\"gross_cents\":4242") != NULL, i % 2 == 0);
    }
    tm_free(answer);
}

static void server__gives_lists_etags(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char id[32];
    char etag[512];
    char headers[1024];
    ask(server, "GET", "/api/v1/campaigns", KEY_HEADER, NULL, answer);
    answer_header(answer, "etag", etag);
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", etag);
    ask(server, "GET", "/api/v1/campaigns", headers, NULL, answer);
    assert_int_equal(answer->status, 304);
    make_campaign(server, "One more", id);
    ask(server, "GET", "/api/v1/campaigns", headers, NULL, answer);
    assert_int_equal(answer->status, 200);
    tm_free(answer);
}

static void server__takes_chunked_bodies_and_100_continue(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    client_t client = client_open(server);
    client_say(&client, "POST /api/v1/stations/import HTTP/1.1\r\nHost: a\r\n" KEY_HEADER
                        "content-type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    assert_true(client_read(&client, false, answer));
    assert_string_equal(answer->body, "{\"bytes\":7}");
    client_say(&client,
               "POST /api/v1/stations/import HTTP/1.1\r\nHost: a\r\n" KEY_HEADER
               "content-type: text/csv\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    assert_true(client_wait_for(&client, "100 Continue\r\n\r\n"));
    client_say(&client, "ab");
    assert_true(client_read(&client, false, answer));
    assert_string_equal(answer->body, "{\"bytes\":2}");
    client_close(&client);
    tm_free(answer);
}

static void server__answers_a_repeated_key_the_same(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    const char *headers = KEY_HEADER JSON_HEADER "idempotency-key: again\r\n";
    char first[32];
    char second[32];
    ask(server, "POST", "/api/v1/campaigns", headers, "{\"name\":\"Once\"}", answer);
    assert_int_equal(answer->status, 201);
    answer_string(answer, "id", first, sizeof(first));
    ask(server, "POST", "/api/v1/campaigns", headers, "{\"name\":\"Once\"}", answer);
    assert_int_equal(answer->status, 201);
    answer_string(answer, "id", second, sizeof(second));
    assert_string_equal(first, second);
    ask(server, "POST", "/api/v1/campaigns", headers, "{\"name\":\"Twice\"}", answer);
    assert_int_equal(answer->status, 422);
    tm_free(answer);
}

static void server__signs_in_once_and_out(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char token[TM_SIGN_IN_TOKEN_TEXT];
    char body[128];
    char cookie[512];
    char headers[1024];
    tm_http_sign_in_token(server->http, token);
    snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
    ask(server, "POST", "/api/v1/session", JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 200);
    answer_header(answer, "set-cookie", cookie);
    assert_non_null(strstr(cookie, "; HttpOnly; SameSite=Strict; Path=/"));
    *strchr(cookie, ';') = '\0';
    ask(server, "POST", "/api/v1/session", JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 401);
    snprintf(headers, sizeof(headers), "cookie: %s\r\n", cookie);
    ask(server, "GET", "/api/v1/session", headers, NULL, answer);
    assert_int_equal(answer->status, 200);
    ask(server, "DELETE", "/api/v1/session", headers, NULL, answer);
    assert_int_equal(answer->status, 403);
    snprintf(headers, sizeof(headers), "cookie: %s\r\norigin: http://127.0.0.1:1\r\n", cookie);
    ask(server, "DELETE", "/api/v1/session", headers, NULL, answer);
    assert_int_equal(answer->status, 403);
    snprintf(headers, sizeof(headers), "cookie: %s\r\norigin: http://127.0.0.1:%u\r\n", cookie,
             server->port);
    ask(server, "DELETE", "/api/v1/session", headers, NULL, answer);
    assert_int_equal(answer->status, 204);
    ask(server, "GET", "/api/v1/session", headers, NULL, answer);
    assert_int_equal(answer->status, 401);
    tm_free(answer);
}

static void server__gives_content_as_a_sandboxed_attachment(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char id[32];
    char path[128];
    char header[512];
    ask(server, "POST", "/api/v1/inputs?source=fcc&filename=folder%2Fa+b.pdf",
        KEY_HEADER PDF_HEADER, "%PDF-1.4", answer);
    assert_int_equal(answer->status, 202);
    answer_string(answer, "id", id, sizeof(id));
    ask(server, "POST", "/api/v1/inputs?source=fcc&filename=other", KEY_HEADER PDF_HEADER,
        "%PDF-1.4", answer);
    assert_int_equal(answer->status, 200);
    snprintf(path, sizeof(path), "/api/v1/inputs/%s", id);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_non_null(strstr(answer->body, "\"filename\":\"folder/a b.pdf\""));
    snprintf(path, sizeof(path), "/api/v1/inputs/%s/content", id);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->body, "%PDF-1.4");
    answer_header(answer, "content-disposition", header);
    assert_string_equal(header, "attachment");
    answer_header(answer, "content-security-policy", header);
    assert_memory_equal(header, "sandbox;", 8);
    tm_free(answer);
}

static int start(void **state)
{
    *state = server_start((server_setup_t){0});
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
        cmocka_unit_test(server__answers_as_the_contract_says),
        cmocka_unit_test(server__refuses_what_is_no_json),
        cmocka_unit_test(server__tells_the_methods_it_allows),
        cmocka_unit_test(server__answers_head_like_get_without_a_body),
        cmocka_unit_test(server__keeps_connections_and_takes_pipelines),
        cmocka_unit_test(server__writes_in_line_keep_their_bodies),
        cmocka_unit_test(server__refuses_bodies_over_the_limit),
        cmocka_unit_test(server__gives_records_etags),
        cmocka_unit_test(server__shows_the_matrix_of_posted_lines),
        cmocka_unit_test(server__lets_everybody_read_their_own_writes),
        cmocka_unit_test(server__gives_lists_etags),
        cmocka_unit_test(server__takes_chunked_bodies_and_100_continue),
        cmocka_unit_test(server__answers_a_repeated_key_the_same),
        cmocka_unit_test(server__signs_in_once_and_out),
        cmocka_unit_test(server__gives_content_as_a_sandboxed_attachment),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
