/* test_lines.c - posted lines: both ways in, chains across posts, what a change of the campaign
 * does to them. */
#include "actors/with_world.h"

#define NONE ((tm_id_t){0})
#define WHERE "\"advertiser\":\"Ann\",\"station\":\"%s\",\"market\":504,\"medium\":\"broadcast\","
#define FLIGHT "\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\""
/* station, order number, cents, more */
#define LINE WHERE "\"order_no\":\"%s\",\"gross_cents\":%d,\"source\":\"fcc\"%s," FLIGHT

static json_t *lines_of(world_t *w, tm_id_t id)
{
    return records_json(w, tm_campaign_actor(id), &tm_buy_line_desc);
}

static void expect_standing(world_t *w, tm_id_t id, const char *words)
{
    json_t *lines = lines_of(w, id);
    char text[1000] = "";
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        const size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? " " : "",
                       text_of(line, "standing"));
        assert_true(strlen(text_of(line, "standing_why")) > 0);
    }
    assert_string_equal(text, words);
    json_decref(lines);
}

static void post__both_ways_give_one_result(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    const reply_t *r = line_post(&w, id, LINE, "WAAA-TV", "1", 5000, "");
    assert_int_equal(r->status, 201); /* over the directory: every name is new */
    json_t *first = json_deep_copy(r->body);
    r = line_post(&w, id, LINE, "WAAA-TV", "2", 5000, "");
    assert_int_equal(r->status, 201);
    const char *const differ[] = {"id", "order_no", "order_no_norm"};
    json_t *second = json_deep_copy(r->body);
    for (size_t i = 0; i < TM_COUNT(differ); i++) {
        json_object_del(first, differ[i]);
        json_object_del(second, differ[i]);
    }
    assert_true(json_equal(first, second));
    assert_string_equal(text_of(first, "station"), "WAAA");
    assert_string_equal(text_of(first, "standing"), "winner");
    assert_int_equal(number_of(first, "net_cents"), 4250);
    const char *const lists[] = {"hiatus", "line_weeks", "airings", "stations"};
    for (size_t i = 0; i < TM_COUNT(lists); i++) {
        assert_true(json_is_array(json_object_get(first, lists[i])));
    }
    json_decref(first);
    json_decref(second);
    world_done(&w);
}

static void post__one_key_is_one_line(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    /* twice before the first is durable, once after; the names are new at first */
    const uint32_t a =
        post_json(&w, TM_MSG_LINE_POST, id, "key", "{" LINE "}", "WAAA", "1", 5000, "");
    const uint32_t b =
        post_json(&w, TM_MSG_LINE_POST, id, "key", "{" LINE "}", "WAAA", "1", 5000, "");
    world_settle(&w);
    const uint32_t c =
        post_json(&w, TM_MSG_LINE_POST, id, "key", "{" LINE "}", "WAAA", "1", 5000, "");
    const uint32_t other =
        post_json(&w, TM_MSG_LINE_POST, id, "key", "{" LINE "}", "WAAA", "1", 6000, "");
    world_settle(&w);
    assert_int_equal(w.replies[a].status, 201);
    assert_int_equal(w.replies[b].status, 201);
    assert_int_equal(w.replies[c].status, 201);
    assert_true(json_equal(w.replies[a].body, w.replies[b].body));
    assert_true(json_equal(w.replies[a].body, w.replies[c].body));
    assert_int_equal(w.replies[other].status, 422);
    assert_int_equal(open_lines(&w, id), 1);
    world_crash(&w);
    world_boot(&w);
    const uint32_t d =
        post_json(&w, TM_MSG_LINE_POST, id, "key", "{" LINE "}", "WAAA", "1", 5000, "");
    world_settle(&w);
    assert_true(json_equal(w.replies[a].body, w.replies[d].body));
    assert_int_equal(open_lines(&w, id), 1);
    world_done(&w);
}

static void post__every_fault_is_told(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    for (int known = 0; known < 2; known++) {
        const reply_t *r = line_post(&w, id,
                                     "\"advertiser\":\"Ann\",\"source\":\"nobody\","
                                     "\"flight_from\":\"2026-10-13\",\"hiatus\":[]");
        assert_int_equal(r->status, 422);
        const char *const fields[] = {"source", "medium", "flight_to", "station"};
        for (size_t i = 0; i < TM_COUNT(fields); i++) {
            assert_non_null(strstr(r->fields, fields[i]));
        }
        json_t *names = records_json(&w, TM_ACTOR_DIRECTORY, &tm_advertiser_desc);
        assert_int_equal(json_array_size(names), known); /* a refused line makes no name */
        json_decref(names);
        if (known == 0) {
            assert_int_equal(line_post(&w, id, LINE, "WAAA", "1", 5000, "")->status, 201);
        }
    }
    /* another campaign's id with the same actor is none */
    const tm_id_t forged = tm_id_make(77, tm_id_counter(id));
    assert_int_equal(line_post(&w, forged, LINE, "WAAA", "2", 5000, "")->status, 422);
    world_done(&w);
}

static void chain__revisions_cancel_invoice(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    assert_int_equal(
        line_post(&w, id, LINE, "WAAA", "500100", 5000000, ",\"revision\":\"1\"")->status, 201);
    assert_int_equal(matrix_total(&w, id), 5000000);
    const uint32_t commits = w.log_n;
    const reply_t *r = line_post(&w, id, LINE, "WAAA", "500100", 4200000, ",\"revision\":\"2\"");
    assert_int_equal(r->status, 201);
    assert_int_equal(w.log_n, commits + 1); /* the older line is patched in the same commit */
    assert_int_equal(matrix_total(&w, id), 4200000);
    expect_standing(&w, id, "superseded winner");
    json_t *lines = lines_of(&w, id);
    assert_string_equal(text_of(json_array_get(lines, 0), "superseded_by"),
                        text_of(json_array_get(lines, 1), "id"));
    assert_int_equal(number_of(json_array_get(lines, 0), "version"), 2);
    json_decref(lines);
    /* a late old paper changes nothing */
    (void)line_post(&w, id, LINE, "WAAA", "500100", 9900000, ",\"revision\":\"0\"");
    assert_int_equal(matrix_total(&w, id), 4200000);
    expect_standing(&w, id, "superseded winner superseded");
    (void)line_post(&w, id, LINE, "WAAA", "500100", 0,
                    ",\"revision\":\"3\",\"stage\":\"cancelled\"");
    assert_int_equal(matrix_total(&w, id), 0);
    json_t *m = matrix_json(&w, id, NULL);
    json_t *cells = cells_of_matrix(m);
    assert_int_equal(json_object_size(cells), 3); /* known zeros */
    json_decref(cells);
    json_decref(m);
    /* the walkthrough of the invoice that closes part */
    (void)line_post(&w, id, LINE, "WBBB", "77", 2100000, "");
    (void)line_post(&w, id, LINE, "WBBB", "77", 1870000,
                    ",\"stage\":\"invoiced\",\"doc_type\":\"invoice\",\"invoice_no\":\"9\","
                    "\"billing_from\":\"2026-09-28\",\"billing_to\":\"2026-10-25\"");
    assert_int_equal(matrix_total(&w, id), 2020000);
    world_check_replay(&w);
    world_done(&w);
}

/* An alternate joins; two orders that only share an alternate stay two; and the order in which
 * they come does not matter. */
static void chain__alternates(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    (void)line_post(&w, id, LINE, "WAAA", "11", 1000, ",\"alt_order_no\":\"7654321\"");
    (void)line_post(&w, id, LINE, "WAAA", "12", 2000, ",\"alt_order_no\":\"7654321\"");
    expect_standing(&w, id, "winner winner");
    assert_int_equal(matrix_total(&w, id), 3000);
    (void)line_post(&w, id, LINE, "WBBB", "1234567", 4000, ",\"revision_date\":\"2026-10-01\"");
    (void)line_post(&w, id, LINE, "WBBB", "13", 5000,
                    ",\"alt_order_no\":\"1234567\",\"revision_date\":\"2026-10-02\"");
    expect_standing(&w, id, "winner winner superseded winner");
    assert_int_equal(matrix_total(&w, id), 8000);
    world_check_replay(&w);
    world_done(&w);
}

static void chain__alternates_in_any_order(void **state)
{
    (void)state;
    static const char *const number[] = {"11", "12", "7654321"};
    static const char *const more[] = {
        ",\"alt_order_no\":\"7654321\",\"revision_date\":\"2026-10-01\"",
        ",\"alt_order_no\":\"7654321\",\"revision_date\":\"2026-10-02\"",
        ",\"revision_date\":\"2026-10-03\""};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    int64_t total = -1;
    for (int k = 0; k < 6; k++) {
        world_t w;
        world_init(&w);
        const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
        for (int i = 0; i < 3; i++) {
            const int n = orders[k][i];
            (void)line_post(&w, id, LINE, "WAAA", number[n], (n + 1) * 1000, more[n]);
        }
        const int64_t now = matrix_total(&w, id);
        assert_true(total == -1 || total == now);
        total = now;
        world_done(&w);
    }
}

/* Sides follow the campaign. A commission stays with the line it was used for. */
static void campaign__sides_rewrite_lines_commissions_stay(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id =
        campaign_new(&w, "{\"name\":\"a\",\"advertisers\":[{\"name\":\"Ann\",\"side\":\"for\"}]}");
    (void)line_post(&w, id, LINE, "WAAA", "1", 10000, "");
    (void)line_post(&w, id, LINE, "WAAA", "2", 10000, ",\"commission_bp\":1000");
    (void)line_post(&w, id, WHERE "\"net_cents\":8500," FLIGHT, "WBBB");
    json_t *lines = lines_of(&w, id);
    assert_int_equal(number_of(json_array_get(lines, 2), "gross_cents"), 10000);
    json_decref(lines);
    assert_int_equal(patch(&w, id, -1,
                           "{\"commission_bp\":2000,\"advertisers\":[{\"name\":\"Ann\",\"side\":"
                           "\"against\"}]}")
                         ->status,
                     200);
    lines = lines_of(&w, id);
    assert_int_equal(number_of(json_array_get(lines, 0), "net_cents"), 8500);
    assert_int_equal(number_of(json_array_get(lines, 1), "net_cents"), 9000);
    assert_int_equal(number_of(json_array_get(lines, 2), "gross_cents"), 10000);
    assert_string_equal(text_of(json_array_get(lines, 0), "side"), "against");
    json_decref(lines);
    (void)line_post(&w, id, LINE, "WAAA", "9", 10000, "");
    lines = lines_of(&w, id);
    assert_int_equal(number_of(json_array_get(lines, 3), "net_cents"), 8000);
    json_decref(lines);
    assert_int_equal(matrix_total(&w, id), 40000);
    json_t *m = matrix_json(&w, id, "side=against");
    assert_int_equal(number_of(json_object_get(m, "totals"), "total_cents"), 40000);
    json_decref(m);
    world_check_replay(&w);
    world_done(&w);
}

static int64_t paid_total(world_t *w, tm_id_t campaign, const char *query)
{
    json_t *m = matrix_json(w, campaign, query);
    const int64_t cents = number_of(json_object_get(m, "totals"), "disbursement_cents");
    json_decref(m);
    return cents;
}

static void report_post(world_t *w, tm_id_t campaign, const char *fields)
{
    const reply_t *r = line_post(w, campaign,
                                 "\"layer\":\"disbursement\",\"advertiser\":\"Ann\",\"medium\":"
                                 "\"broadcast\",\"flight_from\":\"2026-10-13\",\"flight_to\":"
                                 "\"2026-10-13\",%s",
                                 fields);
    assert_int_equal(r->status, 201);
}

/* Domain rule 4.6: one transaction is committee and number, wherever it says it was aired. */
static void disbursements__one_transaction_counts_once(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    assert_int_equal(paid_total(&w, id, NULL), INT64_MIN);
    report_post(&w, id,
                "\"source\":\"fec\",\"market\":504,\"order_no\":\"SE.7\","
                "\"revision\":\"0\",\"gross_cents\":25000000");
    assert_int_equal(paid_total(&w, id, NULL), 25000000);
    report_post(&w, id,
                "\"source\":\"fec\",\"market\":504,\"order_no\":\"se.7\","
                "\"revision\":\"1\",\"gross_cents\":24000000");
    assert_int_equal(paid_total(&w, id, NULL), 24000000);
    w.now.v += 1000;
    report_post(&w, id,
                "\"source\":\"openfec\",\"station\":\"WAAA\",\"market\":535,"
                "\"order_no\":\"SE.7\",\"gross_cents\":24000000");
    assert_int_equal(paid_total(&w, id, NULL), 24000000);
    assert_int_equal(paid_total(&w, id, "market=535"), 24000000);
    assert_int_equal(paid_total(&w, id, "market=504"), INT64_MIN);
    expect_standing(&w, id, "superseded superseded winner");
    /* another number, another committee, another list: other payments; a memo is none */
    report_post(&w, id,
                "\"source\":\"fec\",\"market\":504,\"order_no\":\"SE.8\",\"gross_cents\":1");
    const reply_t *r =
        line_post(&w, id,
                  "\"layer\":\"disbursement\",\"source\":\"fec\",\"advertiser\":\"Bo\","
                  "\"medium\":\"broadcast\",\"market\":504,\"order_no\":\"SE.7\","
                  "\"gross_cents\":20,\"flight_from\":\"2026-10-13\",\"flight_to\":"
                  "\"2026-10-13\"");
    assert_int_equal(r->status, 201);
    report_post(&w, id,
                "\"source\":\"civic\",\"market\":504,\"order_no\":\"SE.7\",\"gross_cents\":300");
    report_post(&w, id,
                "\"source\":\"fec\",\"market\":504,\"order_no\":\"SE.9\",\"memo\":true,"
                "\"gross_cents\":4000");
    assert_int_equal(paid_total(&w, id, NULL), 24000321);
    /* an order of the same number, station and payer is air time */
    assert_int_equal(
        line_post(&w, id, WHERE "\"order_no\":\"SE.7\",\"gross_cents\":70000," FLIGHT, "WAAA")
            ->status,
        201);
    assert_int_equal(matrix_total(&w, id), 70000);
    /* and taken back */
    report_post(&w, id,
                "\"source\":\"fec\",\"market\":504,\"order_no\":\"SE.7\",\"stage\":\"cancelled\"");
    assert_int_equal(paid_total(&w, id, NULL), 321);
    assert_int_equal(matrix_total(&w, id), 70000);
    world_check_replay(&w);
    world_crash(&w);
    world_boot(&w);
    world_settle(&w);
    assert_int_equal(paid_total(&w, id, NULL), 321);
    world_done(&w);
}

static void matrix__layers_modes_and_weeks(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    (void)line_post(&w, id, LINE, "WAAA", "1", 2100000, "");
    (void)line_post(&w, id, LINE, "WAAA", "2", 500000, ",\"layer\":\"disbursement\"");
    (void)line_post(&w, id, LINE, "WAAA", "3", 300000, ",\"stage\":\"proposed\"");
    (void)line_post(&w, id, WHERE "\"gross_cents\":70000,\"estimate\":true," FLIGHT, "WAAA");
    assert_int_equal(matrix_total(&w, id), 2100000);
    assert_int_equal(paid_total(&w, id, NULL), 500000);
    json_t *m = matrix_json(&w, id, "week_mode=projected");
    assert_int_equal(number_of(json_object_get(m, "totals"), "total_cents"), 2470000);
    json_decref(m);
    m = matrix_json(&w, id, NULL);
    json_t *cells = cells_of_matrix(m);
    assert_int_equal(json_object_size(cells), 3);
    json_decref(cells);
    json_decref(m);
    assert_int_equal(patch(&w, id, -1, "{\"week_basis\":\"political\"}")->status, 200);
    m = matrix_json(&w, id, NULL);
    assert_string_equal(text_of(m, "week_basis"), "political");
    cells = cells_of_matrix(m);
    assert_int_equal(json_object_size(cells), 2);
    json_decref(cells);
    json_decref(m);
    assert_int_equal(matrix_total(&w, id), 2100000);
    world_check_replay(&w);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(post__both_ways_give_one_result),
        cmocka_unit_test(post__one_key_is_one_line),
        cmocka_unit_test(post__every_fault_is_told),
        cmocka_unit_test(chain__revisions_cancel_invoice),
        cmocka_unit_test(chain__alternates),
        cmocka_unit_test(chain__alternates_in_any_order),
        cmocka_unit_test(campaign__sides_rewrite_lines_commissions_stay),
        cmocka_unit_test(matrix__layers_modes_and_weeks),
        cmocka_unit_test(disbursements__one_transaction_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
