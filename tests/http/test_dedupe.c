/* test_dedupe.c - what the addresses of review say: groups, verdicts, edits, bulk, spellings. */
#include "http/with_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

typedef struct row {
    const char *method, *path, *body;
    int status;
    const char *says; /* stands in the answer; NULL: anything */
} row_t;

/* %s is the campaign; where none stands it is not used. */
static const row_t rows[] = {
    /* lists */
    {"GET", "/api/v1/dedupe/groups", NULL, 422, "\"field\":\"campaign_id\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=cmp_0000004zzzzzz", NULL, 404, NULL},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s", NULL, 200,
     "{\"items\":[],\"next_cursor\":null}"},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&status=maybe", NULL, 422, "\"field\":\"status\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&status=separate", NULL, 200, NULL},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=101", NULL, 422,
     "\"field\":\"min_score\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=-1", NULL, 422,
     "\"field\":\"min_score\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=90.", NULL, 422,
     "\"field\":\"min_score\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=90.123", NULL, 422,
     "\"field\":\"min_score\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=", NULL, 422,
     "\"field\":\"min_score\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=100.01", NULL, 422,
     "\"field\":\"min_score\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&min_score=93.79", NULL, 200, NULL},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&advertiser=", NULL, 422,
     "\"field\":\"advertiser\""},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&advertiser=Birch", NULL, 200, NULL},
    {"GET", "/api/v1/dedupe/groups?campaign_id=%s&limit=0", NULL, 422, "\"field\":\"limit\""},
    {"GET", "/api/v1/dedupe/groups/dg_0000004zzzzzz", NULL, 404, NULL},
    {"GET", "/api/v1/dedupe/groups/bl_0000004zzzzzz", NULL, 404, NULL},
    {"GET", "/api/v1/dedupe/decisions", NULL, 422, "\"field\":\"campaign_id\""},
    {"GET", "/api/v1/dedupe/decisions?campaign_id=%s", NULL, 200, "\"items\":[]"},
    {"GET", "/api/v1/matrix/adjustments?campaign_id=%s", NULL, 200, "\"items\":[]"},
    /* verdicts */
    {"POST", "/api/v1/dedupe/groups/dg_0000004zzzzzz/resolve", "{\"action\":\"separate\"}", 404,
     NULL},
    {"POST", "/api/v1/dedupe/groups/x/resolve", "{\"action\":\"separate\"}", 404, NULL},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve", "{}", 422, "\"field\":\"action\""},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve", "{\"action\":\"undo\"}", 422,
     "\"field\":\"action\""},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve", "{\"action\":\"combine\"}", 422,
     "\"field\":\"action\""},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve", "{\"action\":\"keep\"}", 422,
     "\"field\":\"winner\""},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve", "{\"action\":\"merge\"}", 422,
     "\"field\":\"winner\""},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve",
     "{\"action\":\"keep\",\"winner\":\"x\"}", 422, "\"field\":\"winner\""},
    {"POST", "/api/v1/dedupe/groups/dg_000100000000g/resolve",
     "{\"action\":\"separate\",\"group_id\":\"dg_000100000000g\"}", 422, "\"field\":\"group_id\""},
    /* parts */
    {"POST", "/api/v1/dedupe/rows/combine", "{}", 422, "\"field\":\"buy_line_ids\""},
    {"POST", "/api/v1/dedupe/rows/combine", "{}", 422, "\"field\":\"campaign_id\""},
    {"POST", "/api/v1/dedupe/rows/combine", "{\"campaign_id\":\"%s\",\"buy_line_ids\":[]}", 422,
     "\"field\":\"buy_line_ids\""},
    {"POST", "/api/v1/dedupe/rows/combine",
     "{\"campaign_id\":\"%s\",\"buy_line_ids\":[\"bl_000100000000g\",\"bl_000100000000g\"]}", 422,
     "\"field\":\"buy_line_ids\""},
    {"POST", "/api/v1/dedupe/rows/combine",
     "{\"campaign_id\":\"%s\",\"buy_line_ids\":[\"bl_000100000000g\",\"x\"]}", 422,
     "\"field\":\"buy_line_ids[1]\""},
    {"POST", "/api/v1/dedupe/rows/combine",
     "{\"campaign_id\":\"cmp_0000004zzzzzz\",\"buy_line_ids\":[\"bl_000100000000g\","
     "\"bl_000100000001g\"]}",
     422, "\"field\":\"campaign_id\""},
    /* undo */
    {"POST", "/api/v1/dedupe/undo", "{}", 422, "\"field\":\"undo_token\""},
    {"POST", "/api/v1/dedupe/undo", "{\"undo_token\":\"x\"}", 422, "\"field\":\"undo_token\""},
    {"POST", "/api/v1/dedupe/undo", "{\"undo_token\":\"dd_0000004zzzzzz\"}", 422,
     "\"field\":\"undo_token\""},
    {"POST", "/api/v1/dedupe/undo", "{\"undo_token\":\"bl_0000004zzzzzz\"}", 422,
     "\"field\":\"undo_token\""},
    /* cells */
    {"POST", "/api/v1/matrix/batch-update", "{}", 422, "\"field\":\"edits\""},
    {"POST", "/api/v1/matrix/batch-update",
     "{\"campaign_id\":\"%s\",\"base_version\":0,\"edits\":[]}", 422, "\"field\":\"edits\""},
    {"POST", "/api/v1/matrix/batch-update",
     "{\"campaign_id\":\"%s\",\"base_version\":0,\"edits\":[{\"key\":\"k\",\"gross_cents\":1}]}",
     422, "\"field\":\"edits[0].reason\""},
    {"POST", "/api/v1/matrix/batch-update",
     "{\"campaign_id\":\"%s\",\"base_version\":0,\"edits\":[{\"key\":\"k\",\"gross_cents\":1,"
     "\"reason\":\"a\"},{\"key\":\"k\",\"gross_cents\":2,\"reason\":\"b\"}]}",
     422, "\"field\":\"edits[1].key\""},
    {"POST", "/api/v1/matrix/batch-update",
     "{\"campaign_id\":\"cmp_0000004zzzzzz\",\"base_version\":0,\"edits\":[{\"key\":\"k\","
     "\"gross_cents\":1,\"reason\":\"a\"}]}",
     422, "\"field\":\"campaign_id\""},
    /* in bulk */
    {"POST", "/api/v1/exceptions/close", "{}", 422, "\"field\":\"reason\""},
    {"POST", "/api/v1/exceptions/close", "{\"ids\":[],\"reason\":\"a\"}", 422, "\"field\":\"ids\""},
    {"POST", "/api/v1/exceptions/close", "{\"ids\":[\"x\"],\"reason\":\"a\"}", 422,
     "\"field\":\"ids[0]\""},
    {"POST", "/api/v1/exceptions/close", "{\"ids\":[\"exc_0000004zzzzzz\"],\"reason\":\"a\"}", 422,
     "\"field\":\"ids[0]\""},
    {"POST", "/api/v1/exceptions/close",
     "{\"campaign_id\":\"%s\",\"ids\":[\"exc_0000004zzzzzz\"],\"reason\":\"a\"}", 422,
     "\"field\":\"ids[0]\""},
    {"POST", "/api/v1/pending/assign", "{\"campaign_id\":\"%s\",\"buy_line_ids\":[]}", 422,
     "\"field\":\"buy_line_ids\""},
    {"POST", "/api/v1/pending/assign",
     "{\"campaign_id\":\"%s\",\"buy_line_ids\":[\"bl_0000004zzzzzz\"]}", 422,
     "\"field\":\"buy_line_ids[0]\""},
    {"POST", "/api/v1/pending/assign",
     "{\"campaign_id\":\"cmp_0000004zzzzzz\",\"buy_line_ids\":[\"bl_0000004zzzzzz\"]}", 422,
     "\"field\":\"campaign_id\""},
    /* names */
    {"GET", "/api/v1/names/proposals?status=new", NULL, 422, "\"field\":\"status\""},
    {"GET", "/api/v1/names/proposals?kind=dog", NULL, 422, "\"field\":\"kind\""},
    {"GET", "/api/v1/names/proposals?status=open&kind=advertiser", NULL, 200, "\"items\":["},
    {"POST", "/api/v1/names/proposals/nmp_0000004zzzzzz", "{\"status\":\"rejected\"}", 404, NULL},
    {"POST", "/api/v1/names/proposals/nmp_0000004zzzzzz", "{\"status\":\"open\"}", 422,
     "\"field\":\"status\""},
    {"POST", "/api/v1/names/proposals/nmp_0000004zzzzzz", "{}", 422, "\"field\":\"status\""},
    {"POST", "/api/v1/names/proposals/nmp_0000004zzzzzz",
     "{\"status\":\"rejected\",\"target_id\":\"adv_0000004zzzzzz\"}", 422,
     "\"field\":\"target_id\""},
    {"GET", "/api/v1/advertisers?q=birch", NULL, 200, "\"name\":\"Friends of Birch\""},
    {"GET", "/api/v1/advertisers?q=FRIENDS+OF+B", NULL, 200, "\"name\":\"Friends of Birch\""},
    {"GET", "/api/v1/advertisers?q=oak", NULL, 200, "\"items\":[]"},
    {"GET", "/api/v1/advertisers", NULL, 200, "\"name\":\"Friends of Birch\""},
    {"GET", "/api/v1/advertiser-aliases?advertiser_id=x", NULL, 422, "\"field\":\"advertiser_id\""},
    {"GET", "/api/v1/advertiser-aliases?advertiser_id=adv_0000004zzzzzz", NULL, 200,
     "\"items\":[]"},
    {"GET", "/api/v1/advertiser-aliases", NULL, 200, "\"confirmed_by\":\"system\""},
};

/* `text` with the campaign in place of %s. */
static const char *filled(const char *text, const char *campaign, char ret[2048])
{
    const char *at = text == NULL ? NULL : strstr(text, "%s");
    if (at == NULL)
        return text;
    const int n =
        snprintf(ret, 2048, "%.*s%s%s", (int)(at - text), text, campaign, at + strlen("%s"));
    assert_in_range(n, 1, 2047);
    return ret;
}

static void review__answers_as_the_contract_says(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char campaign[32], path[2048], body[2048];
    make_campaign(server, "Review", campaign);
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        const row_t *row = &rows[i];
        ask(server, row->method, filled(row->path, campaign, path), KEY_HEADER JSON_HEADER,
            filled(row->body, campaign, body), answer);
        if (answer->status != row->status ||
            (row->says != NULL && strstr(answer->body, row->says) == NULL))
            fail_msg("row %zu: %s %s %s: %d %s", i, row->method, row->path, row->body,
                     answer->status, answer->body);
        char type[512];
        answer_header(answer, "content-type", type);
        assert_string_equal(type,
                            row->status >= 400 ? "application/problem+json" : "application/json");
    }
    tm_free(answer);
}

/* The same order by two sources: a group; counted once after the verdict, twice after the undo. */
static void post_copy(const server_t *server, const char *campaign, const char *source)
{
    answer_t *answer = TM_NEW(answer_t);
    char body[1024];
    snprintf(body, sizeof(body),
             "{\"campaign_id\":\"%s\",\"advertiser\":\"Friends of Birch\",\"station\":\"WAAA\","
             "\"market\":535,\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\","
             "\"flight_to\":\"2026-10-18\",\"gross_cents\":100000,\"source\":\"%s\"}",
             campaign, source);
    ask(server, "POST", "/api/v1/buy-lines", KEY_HEADER JSON_HEADER, body, answer);
    if (answer->status != 201)
        fail_msg("%d %s", answer->status, answer->body);
    tm_free(answer);
}

static void review__a_group_has_its_lines_beside_it(void **state)
{
    const server_t *server = *state;
    answer_t *answer = TM_NEW(answer_t);
    char campaign[32], group[32], token[32], winner[32], path[256], body[512], tag[512];
    make_campaign(server, "Twice", campaign);
    post_copy(server, campaign, "fcc");
    post_copy(server, campaign, "rep_mail");
    snprintf(path, sizeof(path), "/api/v1/dedupe/groups?campaign_id=%s&min_score=90&advertiser=%s",
             campaign, "friends%20of%20birch");
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    answer_string(answer, "id", group, sizeof(group));
    answer_string(answer, "suggested_winner", winner, sizeof(winner));
    assert_non_null(strstr(answer->body, "\"status\":\"open\""));
    assert_non_null(strstr(answer->body, "\"differences\":[{"));
    assert_non_null(strstr(answer->body, "\"source\",\"values\":[\"fcc\",\"rep_mail\"]"));
    assert_non_null(strstr(answer->body, "\"lines\":[{\"id\":\"bl_"));
    assert_non_null(strstr(answer->body, "\"standing\":\"winner\",\"document_id\":null"));
    snprintf(path, sizeof(path), "/api/v1/dedupe/groups/%s", group);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_int_equal(answer->status, 200);
    answer_header(answer, "etag", tag);
    char headers[700];
    snprintf(headers, sizeof(headers), KEY_HEADER "if-none-match: %s\r\n", tag);
    ask(server, "GET", path, headers, NULL, answer);
    assert_int_equal(answer->status, 304);

    snprintf(path, sizeof(path), "/api/v1/dedupe/groups/%s/resolve", group);
    snprintf(body, sizeof(body), "{\"action\":\"keep\",\"winner\":\"%s\"}", winner);
    const char *once = KEY_HEADER JSON_HEADER "idempotency-key: k1\r\n";
    ask(server, "POST", path, once, body, answer);
    if (answer->status != 200)
        fail_msg("%d %s", answer->status, answer->body);
    assert_non_null(strstr(answer->body, "\"total_before_cents\":200000"));
    assert_non_null(strstr(answer->body, "\"total_after_cents\":100000"));
    answer_string(answer, "undo_token", token, sizeof(token));
    char first[ANSWER_BYTES_MAX / 64];
    assert_true(answer->body_n < sizeof(first));
    memcpy(first, answer->body, answer->body_n + 1);
    ask(server, "POST", path, once, body, answer); /* a click that was sent twice */
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->body, first);
    ask(server, "POST", path, once, "{\"action\":\"separate\"}", answer);
    assert_int_equal(answer->status, 422);

    snprintf(path, sizeof(path), "/api/v1/dedupe/decisions?campaign_id=%s", campaign);
    snprintf(body, sizeof(body), "\"undo_token\":\"%s\"", token);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    assert_non_null(strstr(answer->body, body));
    snprintf(body, sizeof(body), "{\"undo_token\":\"%s\"}", token);
    ask(server, "POST", "/api/v1/dedupe/undo", KEY_HEADER JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(answer->body, "\"total_after_cents\":200000"));
    ask(server, "POST", "/api/v1/dedupe/undo", KEY_HEADER JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 409);
    ask(server, "GET", path, KEY_HEADER, NULL, answer);
    snprintf(body, sizeof(body), "\"undo_token\":\"%s\"", token);
    assert_null(strstr(answer->body, body)); /* no longer in force */
    tm_free(answer);
}

static int up(void **state)
{
    *state = server_start((server_setup_t){0});
    return 0;
}
static int down(void **state)
{
    server_stop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(review__answers_as_the_contract_says),
        cmocka_unit_test(review__a_group_has_its_lines_beside_it),
    };
    return cmocka_run_group_tests(tests, up, down);
}
