/* test_versions.c - versions, deltas and what a long or hostile history costs. */
#include "actors/with_world.h"

#include "base/buf.h"

#define NONE ((tm_id_t){0})
#define LINE                                                                               \
    "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"market\":504,\"medium\":\"broadcast\"," \
    "\"gross_cents\":5000,\"flight_from\":\"%s\",\"flight_to\":\"%s\""

static void versions__one_a_change_each_once_in_the_ring(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    tm_campaign_view_t *view = campaign_view(&w, id);
    const uint64_t epoch = view->epoch, first = view->view.version;
    tm_shared_unref(view);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(line_post(&w, id, LINE, "2026-10-13", "2026-10-26")->status, 201);
        (void)line_post(&w, id, "\"advertiser\":\"Ann\""); /* refused: no version */
    }
    view = campaign_view(&w, id);
    assert_int_equal(view->view.version, first + 20);
    assert_int_equal(view->epoch, epoch);
    for (uint64_t v = view->ring_first; v <= view->view.version; v++) {
        const tm_delta_t *delta = tm_trie_get(&view->ring, (uint32_t)v);
        assert_non_null(delta);
        assert_int_equal(delta->version, v);
    }
    tm_shared_unref(view);
    world_crash(&w);
    w.now.v += 100000;
    world_boot(&w);
    world_settle(&w);
    view = campaign_view(&w, id);
    assert_int_equal(view->epoch, epoch);
    assert_int_equal(view->view.version, first + 20);
    tm_shared_unref(view);
    world_check_replay(&w);
    world_done(&w);
}

static void ring__is_bounded_in_bytes(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    for (int i = 0; i < 8; i++) { /* some hundred kilobytes each */
        assert_int_equal(line_post(&w, id, LINE, "2000-01-01", "2026-10-26")->status, 201);
    }
    tm_campaign_view_t *view = campaign_view(&w, id);
    size_t bytes = 0;
    uint32_t key = 0;
    for (tm_delta_t *d; (d = tm_trie_next(&view->ring, &key)); key++) {
        bytes += tm_delta_body(d)->n;
    }
    assert_true(bytes <= TM_RING_BYTES_MAX);
    assert_true(view->ring_first > 1);
    assert_int_equal(view->ring.n, view->view.version + 1 - view->ring_first);
    tm_shared_unref(view);
    world_check_replay(&w);
    world_done(&w);
}

/* Another week basis renames all cells: nobody may fold over it. */
static void ring__ends_where_the_weeks_change(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    (void)line_post(&w, id, LINE, "2026-10-13", "2026-10-26");
    tm_campaign_view_t *view = campaign_view(&w, id);
    uint64_t version = view->view.version;
    tm_shared_unref(view);
    (void)patch(&w, id, -1, "{\"week_basis\":\"political\"}");
    json_t *none = json_object();
    assert_false(fold_deltas(&w, id, &version, none));
    view = campaign_view(&w, id);
    version = view->view.version;
    assert_int_equal(view->ring_first, version + 1);
    tm_shared_unref(view);
    json_t *m = matrix_json(&w, id, NULL);
    json_t *cells = cells_of_matrix(m);
    (void)line_post(&w, id, LINE, "2026-10-13", "2026-10-19");
    assert_true(fold_deltas(&w, id, &version, cells));
    json_decref(m);
    m = matrix_json(&w, id, NULL);
    json_t *now = cells_of_matrix(m);
    assert_true(json_equal(cells, now));
    json_decref(none);
    json_decref(now);
    json_decref(cells);
    json_decref(m);
    world_check_replay(&w);
    world_done(&w);
}

/* An empty campaign over many documents: parts, not one commit; every line comes. */
static void rematch__many_documents_come_in_parts(void **state)
{
    (void)state;
    enum { INPUTS = 6, EACH = 500 };
    world_t w;
    world_init(&w);
    tm_buf_t text;
    tm_buf_init(&text, 1u << 20);
    for (int i = 0; i < INPUTS; i++) {
        tm_buf_clear(&text);
        for (int k = 0; k < EACH; k++) {
            tm_buf_printf(&text,
                          "%c{\"status\":\"read\",\"doc_type\":\"order\",\"order_no\":\"%d\","
                          "\"advertiser\":\"A%d\",\"station\":\"W%03d\",\"gross_cents\":100,"
                          "\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-14\"}",
                          k == 0 ? '[' : ',', i * EACH + k, k % 7, k % 90);
        }
        char name[20];
        (void)snprintf(name, sizeof name, "%d.pdf", i);
        json_t *in = input_read(&w, name, NONE, "%.*s]", (int)text.n, text.p);
        assert_string_equal(text_of(in, "status"), "parsed");
        assert_int_equal(number_of(in, "lines"), EACH);
        json_decref(in);
    }
    tm_buf_done(&text);
    assert_int_equal(pending_lines(&w), INPUTS * EACH);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    assert_int_equal(open_lines(&w, id), INPUTS * EACH);
    assert_int_equal(pending_lines(&w), 0);
    assert_int_equal(matrix_total(&w, id), INPUTS * EACH * 100);
    uint32_t largest = 0;
    for (uint32_t i = 0; i < w.log_n; i++) {
        largest = TM_MAX(largest, w.log[i].n);
    }
    assert_true(largest < 2u << 20);
    assert_int_equal(patch(&w, id, -1, "{\"keywords\":[\"a3\"]}")->status, 200);
    const uint32_t left = open_lines(&w, id);
    assert_true(left > 0 && left < INPUTS * EACH / 6);
    assert_int_equal(matrix_total(&w, id), left * 100);
    world_check_replay(&w);
    world_done(&w);
}

/* Long printed weeks under one order number, again and again: refused in the end, never fatal. */
static void hostile__one_order_with_very_many_weeks(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    tm_buf_t weeks;
    tm_buf_init(&weeks, 1u << 20);
    for (int i = 0; i < 5000; i++) {
        tm_buf_printf(&weeks,
                      "%s{\"from\":\"2026-10-13\",\"to\":\"2026-10-13\","
                      "\"amount_cents\":1}",
                      i > 0 ? "," : "");
    }
    for (int i = 0; i < 6; i++) {
        const reply_t *r = line_post(&w, id, LINE ",\"order_no\":\"1\",\"line_weeks\":[%.*s]",
                                     "2000-01-01", "2026-10-26", (int)weeks.n, weeks.p);
        assert_int_equal(r->status, 201);
    }
    tm_buf_done(&weeks);
    assert_int_equal(matrix_total(&w, id), 5000);
    world_done(&w);
}

/* A paper of very many airings for many campaigns: not one commit, and all get it. */
static void hostile__very_many_airings_for_many_campaigns(void **state)
{
    (void)state;
    enum { CAMPAIGNS = 24, AIRINGS = 15000 };
    world_t w;
    world_init(&w);
    tm_id_t ids[CAMPAIGNS];
    for (int i = 0; i < CAMPAIGNS; i++) {
        ids[i] = campaign_new(&w, "{\"name\":\"c%d\"}", i);
    }
    tm_buf_t text;
    tm_buf_init(&text, 1u << 20);
    for (int i = 0; i < AIRINGS; i++) {
        tm_buf_printf(&text, "%s{\"air_date\":\"2026-10-13\",\"amount_cents\":1}",
                      i > 0 ? "," : "");
    }
    json_t *in = input_read(&w, "a.pdf", NONE,
                            "[{\"status\":\"read\",\"doc_type\":\"invoice\",\"order_no\":\"1\","
                            "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"gross_cents\":%d,"
                            "\"airings\":[%.*s]}]",
                            AIRINGS, (int)text.n, text.p);
    assert_string_equal(text_of(in, "status"), "parsed");
    json_decref(in);
    tm_buf_done(&text);
    for (int i = 0; i < CAMPAIGNS; i++) {
        assert_int_equal(matrix_total(&w, ids[i]), AIRINGS);
    }
    uint32_t largest = 0;
    for (uint32_t i = 0; i < w.log_n; i++) {
        largest = TM_MAX(largest, w.log[i].n);
    }
    assert_true(largest < 2600000); /* all at once would be 3.4 million */
    world_check_replay(&w);
    world_done(&w);
}

/* The largest lists and names that a request may hold. */
static void hostile__the_largest_campaign(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    tm_buf_t text;
    tm_buf_init(&text, 2u << 20);
    tm_buf_printf(&text, "{\"name\":\"a\",\"markets\":[");
    for (int i = 0; i < 900; i++) {
        tm_buf_printf(&text, "%s%d", i > 0 ? "," : "", 100 + i);
    }
    tm_buf_printf(&text, "],\"advertisers\":[");
    for (int i = 0; i < 1000; i++) {
        tm_buf_printf(&text, "%s{\"name\":\"", i > 0 ? "," : "");
        for (int k = 0; k < 60; k++) { /* U+FDFA folds to eighteen letters */
            tm_buf_printf(&text, "\xef\xb7\xba");
        }
        tm_buf_printf(&text, "%d\",\"side\":\"for\",\"aliases\":[\"x%d\",\"--\"]}", i, i);
    }
    tm_buf_printf(&text, "]}");
    const tm_id_t id = campaign_new(&w, "%.*s", (int)text.n, text.p);
    tm_buf_done(&text);
    assert_int_equal(patch(&w, id, -1, "{\"tz\":\"Asia/Tokyo\"}")->status, 200);
    world_tick(&w, (tm_ms_t){w.now.v + 86400000});
    assert_int_equal(line_post(&w, id, LINE, "2026-10-13", "2026-10-26")->status, 201);
    world_check_replay(&w);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions__one_a_change_each_once_in_the_ring),
        cmocka_unit_test(ring__is_bounded_in_bytes),
        cmocka_unit_test(ring__ends_where_the_weeks_change),
        cmocka_unit_test(rematch__many_documents_come_in_parts),
        cmocka_unit_test(hostile__one_order_with_very_many_weeks),
        cmocka_unit_test(hostile__very_many_airings_for_many_campaigns),
        cmocka_unit_test(hostile__the_largest_campaign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
