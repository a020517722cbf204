/* test_reconcile.c - mappings of columns, rows that were not read, and a campaign against a whole
 * list, through messages. */
#include "actors/with_world.h"

#define NONE ((tm_id_t){0})
#define SHEET_ROW                                                                               \
    "{\"status\":\"read\",\"doc_type\":\"sheet\",\"row\":%d,\"advertiser\":\"Ann\","            \
    "\"station\":\"%s\",\"medium\":\"broadcast\",\"net_cents\":85000,\"amount_basis\":\"net\"," \
    "\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\",\"external_id\":\"V-%d\"}"

static const char *list_of(const char *campaign)
{
    static char json[2000]; /* tests only */
    (void)snprintf(
        json, sizeof json,
        "{\"campaign_id\":\"%s\",\"source\":\"adimpact\",\"filename\":\"list.csv\",\"lines\":["
        "{\"campaign_id\":\"%s\",\"advertiser\":\"Ann\",\"station\":\"WAAA\","
        "\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\","
        "\"gross_cents\":100000},"
        "{\"campaign_id\":\"%s\",\"advertiser\":\"Ann\",\"station\":\"WBBB\","
        "\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\","
        "\"gross_cents\":110000},"
        "{\"campaign_id\":\"%s\",\"advertiser\":\"Bob\",\"station\":\"WAAA\","
        "\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\","
        "\"gross_cents\":5}]}",
        campaign, campaign, campaign, campaign);
    return json;
}

static void sheet__rows_are_lines_with_their_source(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    json_t *in =
        input_read(&w, "a.csv", NONE, "[" SHEET_ROW "," SHEET_ROW "]", 2, "WAAA", 2, 3, "WBBB", 3);
    assert_int_equal(number_of(in, "lines"), 2);
    json_decref(in);
    json_t *lines = records_json(&w, tm_campaign_actor(id), &tm_buy_line_desc);
    assert_int_equal(json_array_size(lines), 2);
    json_t *first = json_array_get(lines, 0), *second = json_array_get(lines, 1);
    assert_int_equal(number_of(first, "gross_cents"), 100000);
    assert_int_equal(number_of(first, "net_cents"), 85000);
    assert_int_equal(number_of(first, "row"), 2);
    assert_string_equal(text_of(first, "external_id"), "V-2");
    assert_string_equal(text_of(first, "input_id"), text_of(second, "input_id"));
    json_decref(lines);
    world_check_replay(&w);
    world_done(&w);
}

static void sheet__rows_not_read_are_exceptions_of_no_campaign(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    assert_int_equal(input_new(&w, "a.csv", NONE)->status, 202);
    tm_job_done_t *done = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, (void **)&done);
    tm_document_t doc = {0};
    TM_SET(&doc, TM_DOCUMENT, status, (tm_enum_t){TM_READING_STATUS_unreadable});
    TM_SET(&doc, TM_DOCUMENT, reason, TM_STR("row_errors"));
    tm_exception_t e = {0};
    TM_SET(&e, TM_EXCEPTION, kind, TM_STR("row_error"));
    TM_SET(&e, TM_EXCEPTION, subject, TM_STR("row 17"));
    TM_SET(&e, TM_EXCEPTION, details, TM_STR("flight_from: has no year"));
    TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
    TM_SET(done, TM_JOB_DONE, job_id, w.jobs[0].job);
    TM_SET(done, TM_JOB_DONE, fence, w.jobs[0].fence);
    TM_SET(done, TM_JOB_DONE, documents, (tm_recs_t){&doc, 1});
    TM_SET(done, TM_JOB_DONE, exceptions, (tm_recs_t){&e, 1});
    msg->at = w.now;
    assert_int_equal(tm_runtime_post(w.rt, TM_ACTOR_QUEUE, msg), TM_OK);
    world_settle(&w);
    json_t *inputs = records_json(&w, TM_ACTOR_FEED, &tm_raw_input_desc);
    json_t *in = json_array_get(inputs, 0);
    assert_string_equal(text_of(in, "status"), "unreadable");
    assert_string_equal(text_of(in, "reason"), "row_errors");
    assert_int_equal(number_of(in, "exceptions"), 1); /* not one more for the file */
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_exception_desc);
    assert_int_equal(json_array_size(list), 1);
    json_t *one = json_array_get(list, 0);
    assert_string_equal(text_of(one, "subject"), "row 17");
    assert_string_equal(text_of(one, "input_id"), text_of(in, "id"));
    assert_string_equal(text_of(one, "status"), "open");
    json_decref(list);
    json_decref(inputs);
    assert_int_equal(open_lines(&w, id), 0);
    world_check_replay(&w);
    world_done(&w);
}

static void mapping__one_a_source_with_every_fault(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const reply_t *r = ask(&w, TM_MSG_MAPPING_PUT, NONE,
                           "{\"source\":\"rep_mail\",\"columns\":["
                           "{\"field\":\"advertiser\",\"header\":\"Who\"},"
                           "{\"field\":\"colour\",\"header\":\"B\"},"
                           "{\"field\":\"advertiser\",\"header\":\"C\"},"
                           "{\"field\":\"station\",\"header\":\"WHO\"}]}");
    assert_int_equal(r->err, TM_EINVALID);
    assert_non_null(strstr(r->fields, "columns[1].field"));
    assert_non_null(strstr(r->fields, "columns[2].field"));
    assert_non_null(strstr(r->fields, "columns[3].header"));
    r = ask(&w, TM_MSG_MAPPING_PUT, NONE,
            "{\"source\":\"nobody\",\"columns\":[{\"field\":\"net\",\"header\":\"N\"}]}");
    assert_non_null(strstr(r->fields, "source"));
    r = ask(&w, TM_MSG_MAPPING_PUT, NONE,
            "{\"source\":\"rep_mail\",\"columns\":[{\"field\":\"net\",\"header\":\"N\"}]}");
    assert_int_equal(r->status, 200);
    json_t *column = json_array_get(json_object_get(r->body, "columns"), 0);
    assert_string_equal(text_of(column, "field"), "net_cents");
    r = ask(&w, TM_MSG_MAPPING_PUT, NONE,
            "{\"source\":\"rep_mail\",\"columns\":[{\"field\":\"station\",\"header\":\"S\"}]}");
    assert_int_equal(r->status, 200);
    assert_int_equal(number_of(r->body, "version"), 2);
    json_t *all = records_json(&w, TM_ACTOR_DIRECTORY, &tm_column_mapping_desc);
    assert_int_equal(json_array_size(all), 1);
    json_decref(all);
    world_check_replay(&w);
    world_done(&w);
}

/* A sheet nobody could read waits for its source's columns; told, it is read again, once. */
static void mapping__reads_again_what_nobody_could_read(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    for (int k = 0; k < 2; k++) { /* of two sources */
        assert_int_equal(input_new(&w, k == 0 ? "a.csv" : "b.csv", NONE)->status, 202);
        tm_job_done_t *done = NULL;
        tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, (void **)&done);
        tm_document_t doc = {0};
        TM_SET(&doc, TM_DOCUMENT, status, (tm_enum_t){TM_READING_STATUS_unreadable});
        TM_SET(&doc, TM_DOCUMENT, reason, TM_STR("no_parser"));
        TM_SET(&doc, TM_DOCUMENT, source, k == 0 ? TM_STR("rep_mail") : TM_STR("newsletter"));
        tm_exception_t e = {0};
        TM_SET(&e, TM_EXCEPTION, kind, TM_STR("no_parser"));
        TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
        TM_SET(done, TM_JOB_DONE, job_id, w.jobs[0].job);
        TM_SET(done, TM_JOB_DONE, fence, w.jobs[0].fence);
        TM_SET(done, TM_JOB_DONE, documents, (tm_recs_t){&doc, 1});
        TM_SET(done, TM_JOB_DONE, exceptions, (tm_recs_t){&e, 1});
        msg->at = w.now;
        assert_int_equal(tm_runtime_post(w.rt, TM_ACTOR_QUEUE, msg), TM_OK);
        world_settle(&w);
        w.n_jobs = 0;
    }
    assert_int_equal(ask(&w, TM_MSG_MAPPING_PUT, NONE,
                         "{\"source\":\"rep_mail\",\"columns\":[{\"field\":\"net\","
                         "\"header\":\"N\"}]}")
                         ->status,
                     200);
    assert_int_equal(w.n_jobs, 1);
    json_t *inputs = records_json(&w, TM_ACTOR_FEED, &tm_raw_input_desc);
    assert_string_equal(text_of(json_array_get(inputs, 0), "status"), "stored");
    assert_string_equal(text_of(json_array_get(inputs, 1), "status"), "unreadable");
    json_decref(inputs);
    job_read(&w, "[" SHEET_ROW "]", 2, "WAAA", 2);
    inputs = records_json(&w, TM_ACTOR_FEED, &tm_raw_input_desc);
    assert_string_equal(text_of(json_array_get(inputs, 0), "status"), "parsed");
    assert_string_equal(text_of(json_array_get(inputs, 0), "reason"), "");
    assert_int_equal(number_of(json_array_get(inputs, 0), "lines"), 1);
    json_decref(inputs);
    assert_int_equal(open_lines(&w, id), 1);
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_exception_desc);
    assert_string_equal(text_of(json_array_get(list, 0), "status"), "closed");
    assert_string_equal(text_of(json_array_get(list, 1), "status"), "open");
    json_decref(list);
    assert_int_equal(ask(&w, TM_MSG_MAPPING_PUT, NONE,
                         "{\"source\":\"rep_mail\",\"columns\":[{\"field\":\"net\","
                         "\"header\":\"M\"}]}")
                         ->status,
                     200);
    assert_int_equal(w.n_jobs, 0); /* it was read */
    world_check_replay(&w);
    world_done(&w);
}

static void reconcile__kept_and_repeatable(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    const char *fields = "\"advertiser\":\"Ann\",\"station\":\"%s\",\"medium\":\"broadcast\","
                         "\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\","
                         "\"gross_cents\":100000";
    static const char *const stations[] = {"WAAA", "WBBB", "WCCC"};
    for (size_t i = 0; i < TM_COUNT(stations); i++) {
        char text[400];
        (void)snprintf(text, sizeof text, fields, stations[i]);
        assert_int_equal(line_post(&w, id, "%s", text)->status, 201);
    }
    char campaign[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", id, campaign);
    const reply_t *r = ask(&w, TM_MSG_RECONCILE, id, "%s", list_of(campaign));
    assert_int_equal(r->status, 201);
    assert_int_equal(number_of(r->body, "equal"), 1);
    assert_int_equal(number_of(r->body, "differs"), 1);
    assert_int_equal(number_of(r->body, "missing_here"), 1);
    assert_int_equal(number_of(r->body, "missing_there"), 1);
    assert_non_null(strstr(r->location, "/api/v1/reconciliations/rcn_"));
    json_t *rows = json_incref(json_object_get(r->body, "rows"));
    assert_int_equal(json_array_size(rows), 4);
    r = ask(&w, TM_MSG_RECONCILE, id, "%s", list_of(campaign));
    assert_true(json_equal(rows, json_object_get(r->body, "rows")));
    json_decref(rows);
    json_t *all = records_json(&w, tm_campaign_actor(id), &tm_reconciliation_desc);
    assert_int_equal(json_array_size(all), 2);
    json_decref(all);
    assert_int_equal(matrix_total(&w, id), 300000); /* nothing of a list becomes a line */
    world_check_replay(&w);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sheet__rows_are_lines_with_their_source),
        cmocka_unit_test(sheet__rows_not_read_are_exceptions_of_no_campaign),
        cmocka_unit_test(mapping__one_a_source_with_every_fault),
        cmocka_unit_test(mapping__reads_again_what_nobody_could_read),
        cmocka_unit_test(reconcile__kept_and_repeatable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
