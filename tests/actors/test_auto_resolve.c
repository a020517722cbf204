/* test_auto_resolve.c - what the rules may decide alone, and one order told differently by two
 * sources. */
#include "actors/with_world.h"

static void two_reports(world_t *w, tm_id_t id, const char *station, const char *order,
                        int64_t theirs)
{
    const char *fields = "\"advertiser\":\"Ann\",\"station\":\"%s\",\"market\":504,"
                         "\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\","
                         "\"flight_to\":\"2026-10-18\",\"order_no\":\"%s\","
                         "\"gross_cents\":%lld,\"source\":\"%s\"";
    assert_int_equal(line_post(w, id, fields, station, order, 5000000LL, "fcc")->status, 201);
    assert_int_equal(
        line_post(w, id, fields, station, order, (long long)theirs, "adimpact")->status, 201);
}

static uint32_t groups_with(world_t *w, tm_id_t id, const char *status)
{
    json_t *groups = records_json(w, tm_campaign_actor(id), &tm_dedupe_group_desc);
    uint32_t n = 0;
    for (size_t i = 0; i < json_array_size(groups); i++) {
        n += strcmp(text_of(json_array_get(groups, i), "status"), status) == 0;
    }
    json_decref(groups);
    return n;
}

static void auto__keeps_what_is_sure_and_never_what_was_taken_back(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\"}");
    two_reports(&w, id, "WAAA", "500100", 5000000);
    two_reports(&w, id, "WBBB", "500200", 5010000);
    two_reports(&w, id, "WCCC", "500300", 4600000); /* 84 points: a person's matter */
    assert_int_equal(groups_with(&w, id, "open"), 3);
    const reply_t *r = ask(&w, TM_MSG_AUTO_RESOLVE, id, "{}");
    assert_int_equal(r->status, 200);
    assert_int_equal(groups_with(&w, id, "same"), 2);
    assert_int_equal(matrix_total(&w, id), 5000000 * 3 + 4600000);
    json_t *decisions = records_json(&w, tm_campaign_actor(id), &tm_dedupe_decision_desc);
    assert_int_equal(json_array_size(decisions), 2);
    assert_true(json_is_true(json_object_get(json_array_get(decisions, 0), "automatic")));
    const char *token = text_of(json_array_get(decisions, 0), "id");
    assert_int_equal(ask(&w, TM_MSG_DECISION_UNDO, id, "{\"undo_token\":\"%s\"}", token)->status,
                     200);
    json_decref(decisions);
    (void)ask(&w, TM_MSG_AUTO_RESOLVE, id, "{}");
    assert_int_equal(groups_with(&w, id, "same"), 1);
    world_check_replay(&w);
    world_done(&w);
}

static void variance__of_one_order_by_two_sources_is_told_once(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\"}");
    two_reports(&w, id, "WAAA", "500100", 4000000); /* 20 %, $10,000.00 */
    two_reports(&w, id, "WBBB", "500200", 4900000); /* 2 % */
    json_t *problems = records_json(&w, tm_campaign_actor(id), &tm_exception_desc);
    assert_int_equal(json_array_size(problems), 1);
    assert_string_equal(text_of(json_array_get(problems, 0), "kind"), "large_variance");
    json_decref(problems);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto__keeps_what_is_sure_and_never_what_was_taken_back),
        cmocka_unit_test(variance__of_one_order_by_two_sources_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
