/* test_inputs.c - an input from stored to its result; jobs that fail, hang, come late or die. */
#include "actors/with_world.h"

#define NONE ((tm_id_t){0})
#define ORDER                                                                                      \
    "{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"%d\","       \
    "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"medium\":\"broadcast\",\"gross_cents\":100000," \
    "\"net_cents\":85000,\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\"}"

static json_t *input(world_t *w, uint32_t i)
{
    json_t *list = records_json(w, TM_ACTOR_FEED, &tm_raw_input_desc);
    json_t *one = json_incref(json_array_get(list, i));
    json_decref(list);
    return one;
}

static void expect_input(world_t *w, uint32_t i, const char *status, const char *reason)
{
    json_t *in = input(w, i);
    assert_string_equal(text_of(in, "status"), status);
    assert_string_equal(text_of(in, "reason"), reason);
    json_decref(in);
}

/* Whoever sees `parsed` finds the lines, whatever the order in which commits become durable. */
static void input__is_parsed_after_every_campaign_took_its_lines(void **state)
{
    (void)state;
    for (uint32_t first = 0; first < 12; first++) {
        world_t w;
        world_init(&w);
        const tm_id_t a = campaign_new(&w, "{\"name\":\"a\"}");
        const tm_id_t b = campaign_new(&w, "{\"name\":\"b\"}");
        assert_int_equal(input_new(&w, "x.pdf", NONE)->status, 202);
        expect_input(&w, 0, "stored", "");
        tm_job_done_t *done = NULL;
        tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, (void **)&done);
        tm_document_t doc = {0};
        TM_SET(&doc, TM_DOCUMENT, status, (tm_enum_t){TM_READING_STATUS_read});
        TM_SET(&doc, TM_DOCUMENT, doc_type, (tm_enum_t){TM_DOC_TYPE_order});
        TM_SET(&doc, TM_DOCUMENT, gross_cents, (tm_cents_t){5000});
        msg->at = w.now;
        TM_SET(done, TM_JOB_DONE, job_id, w.jobs[0].job);
        TM_SET(done, TM_JOB_DONE, fence, w.jobs[0].fence);
        TM_SET(done, TM_JOB_DONE, documents, (tm_recs_t){&doc, 1});
        assert_int_equal(tm_runtime_post(w.rt, TM_ACTOR_QUEUE, msg), TM_OK);
        for (uint64_t step = first; tm_runtime_step(w.rt, step) || world_sync(&w, 1) > 0; step++) {
            json_t *in = input(&w, 0);
            const bool parsed = strcmp(text_of(in, "status"), "parsed") == 0;
            json_decref(in);
            if (parsed) {
                assert_int_equal(open_lines(&w, a), 1);
                assert_int_equal(open_lines(&w, b), 1);
            }
        }
        expect_input(&w, 0, "parsed", "");
        world_check_replay(&w);
        world_done(&w);
    }
}

static void input__known_bytes_and_outcomes(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "]", 1));
    const uint32_t commits = w.log_n;
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 200);
    assert_int_equal(w.log_n, commits);
    json_decref(input_read(&w, "b.pdf", NONE,
                           "[{\"status\":\"unreadable\",\"reason\":\"no_text_layer\"}]"));
    expect_input(&w, 1, "unreadable", "no_text_layer");
    json_decref(
        input_read(&w, "c.pdf", NONE, "[{\"status\":\"ignored\",\"reason\":\"not_political\"}]"));
    expect_input(&w, 2, "ignored", "not_political");
    json_decref(input_read(&w, "d.pdf", NONE, "[]"));
    expect_input(&w, 3, "unreadable", "parse_failed");
    /* a packet: one part read, one not; an agreement makes no line */
    json_t *in = input_read(
        &w, "e.pdf", NONE,
        "[" ORDER ",{\"status\":\"unreadable\",\"reason\":\"damaged\"},{\"status\":\"read\","
        "\"doc_type\":\"agreement\"},{\"status\":\"read\",\"doc_type\":\"order\",\"advertiser\":"
        "\"Ann\",\"station\":\"WAAA\",\"order_no\":\"77\",\"flight_from\":\"2026-10-13\","
        "\"flight_to\":\"2026-10-14\",\"exceptions\":[\"line_sum_mismatch\"]}]",
        2);
    assert_string_equal(text_of(in, "status"), "parsed");
    assert_int_equal(number_of(in, "documents"), 3);
    assert_int_equal(number_of(in, "lines"), 2);
    /* the unreadable part; missing_amount; what the reader doubted */
    assert_int_equal(number_of(in, "exceptions"), 3);
    json_decref(in);
    assert_int_equal(open_lines(&w, id), 3);
    world_check_replay(&w);
    world_done(&w);
}

static void queue__retries_after_1_2_4_seconds(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    (void)campaign_new(&w, "{\"name\":\"a\"}");
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 202);
    const int64_t start = w.now.v;
    const int64_t at[] = {1000, 3000, 7000};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(w.n_jobs, 1);
        job_fail(&w, "the reader died");
        assert_int_equal(w.n_jobs, 0);
        world_tick(&w, (tm_ms_t){start + at[i] - 1});
        assert_int_equal(w.n_jobs, 0);
        world_tick(&w, (tm_ms_t){start + at[i]});
    }
    assert_int_equal(w.n_jobs, 1);
    const started_t last = w.jobs[0];
    job_fail(&w, "the reader died");
    expect_input(&w, 0, "unreadable", "parse_failed");
    world_tick(&w, (tm_ms_t){start + 100000});
    assert_int_equal(w.n_jobs, 0);
    assert_int_equal(w.jobs_started, 4);
    job_end(&w, &last, NULL, "[]"); /* late */
    expect_input(&w, 0, "unreadable", "parse_failed");
    world_check_replay(&w);
    world_done(&w);
}

static void queue__late_fences_leases_and_restarts(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\"}");
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 202);
    const started_t slow = w.jobs[0];
    w.n_jobs = 0;
    world_tick(&w, (tm_ms_t){w.now.v + 59999});
    assert_int_equal(w.n_jobs, 0);
    world_tick(&w, (tm_ms_t){w.now.v + 1}); /* its lease ends */
    world_tick(&w, (tm_ms_t){w.now.v + 1000});
    assert_int_equal(w.n_jobs, 1);
    assert_true(w.jobs[0].fence > slow.fence);
    job_end(&w, &slow, NULL, "[]");
    expect_input(&w, 0, "stored", "");
    world_crash(&w);
    world_boot(&w);
    world_settle(&w);
    assert_int_equal(w.n_jobs, 1); /* begun anew */
    job_read(&w, "[" ORDER "]", 1);
    expect_input(&w, 0, "parsed", "");
    assert_int_equal(open_lines(&w, id), 1);
    world_check_replay(&w);
    world_done(&w);
}

static void queue__four_at_once_all_in_the_end(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    (void)campaign_new(&w, "{\"name\":\"a\"}");
    for (int i = 0; i < 30; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "%d.pdf", i);
        assert_int_equal(input_new(&w, name, NONE)->status, 202);
        assert_int_equal(w.n_jobs, i < 4 ? i + 1 : 4);
    }
    for (int i = 0; w.n_jobs > 0; i++) {
        if (i % 3 == 0) {
            job_fail(&w, "again");
        } else {
            job_read(&w, "[]");
        }
        assert_true(w.n_jobs <= 4);
        if (w.n_jobs == 0) {
            world_tick(&w, (tm_ms_t){w.now.v + 10000});
        }
    }
    json_t *list = records_json(&w, TM_ACTOR_FEED, &tm_raw_input_desc);
    for (int i = 0; i < 30; i++) {
        assert_string_equal(text_of(json_array_get(list, (size_t)i), "status"), "unreadable");
    }
    json_decref(list);
    /* a job that is over keeps its record, not its payload */
    tm_view_t *queue = tm_runtime_snapshot(w.rt, TM_ACTOR_QUEUE);
    assert_int_equal(queue->tables[tm_job_desc.number].n, 30);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_trie_next(&queue->tables[tm_job_desc.number], &key));
         key++) {
        const tm_job_t *job = tm_row_read(row, arena);
        assert_non_null(job);
        assert_int_equal(TM_HAS(job, TM_JOB_payload), job->state.v != TM_JOB_STATE_completed);
    }
    tm_shared_unref(queue);
    world_check_replay(&w);
    world_done(&w);
}

/* A crash at every boundary; what the world gives again leads to the same end. */
static void crash__at_every_boundary_each_thing_happens_once(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 40; at++) {
        world_t w;
        world_init(&w);
        const tm_id_t a = campaign_new(&w, "{\"name\":\"a\"}");
        const tm_id_t b = campaign_new(&w, "{\"name\":\"b\",\"keywords\":[\"ann\"]}");
        (void)post_json(&w, TM_MSG_INPUT_STORED, NONE, "k1",
                        "{\"source\":\"fcc\",\"sha256\":\"%064d\",\"status\":\"stored\"}", 1);
        uint32_t left = at;
        for (bool more = true; more;) {
            world_run(&w);
            if (w.n_jobs > 0) {
                const started_t job = w.jobs[0];
                w.n_jobs = 0;
                tm_job_done_t *done = NULL;
                tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, (void **)&done);
                tm_document_t *doc = tm_arena_zalloc(msg->arena, sizeof *doc);
                TM_SET(doc, TM_DOCUMENT, status, (tm_enum_t){TM_READING_STATUS_read});
                TM_SET(doc, TM_DOCUMENT, doc_type, (tm_enum_t){TM_DOC_TYPE_order});
                TM_SET(doc, TM_DOCUMENT, advertiser, TM_STR("Ann"));
                TM_SET(doc, TM_DOCUMENT, station, TM_STR("WAAA"));
                TM_SET(doc, TM_DOCUMENT, gross_cents, (tm_cents_t){5000});
                TM_SET(doc, TM_DOCUMENT, flight_from, (tm_day_t){20741});
                TM_SET(doc, TM_DOCUMENT, flight_to, (tm_day_t){20741});
                TM_SET(done, TM_JOB_DONE, job_id, job.job);
                TM_SET(done, TM_JOB_DONE, fence, job.fence);
                TM_SET(done, TM_JOB_DONE, documents, (tm_recs_t){doc, 1});
                msg->at = w.now;
                assert_int_equal(tm_runtime_post(w.rt, TM_ACTOR_QUEUE, msg), TM_OK);
                world_run(&w);
            }
            more = world_sync(&w, 1) > 0;
            if (more && left-- == 0) {
                world_crash(&w);
                world_boot(&w);
                (void)post_json(&w, TM_MSG_INPUT_STORED, NONE, "k1",
                                "{\"source\":\"fcc\",\"sha256\":\"%064d\",\"status\":\"stored\"}",
                                1);
            }
        }
        json_t *list = records_json(&w, TM_ACTOR_FEED, &tm_raw_input_desc);
        assert_int_equal(json_array_size(list), 1);
        assert_string_equal(text_of(json_array_get(list, 0), "status"), "parsed");
        json_decref(list);
        assert_int_equal(open_lines(&w, a), 1);
        assert_int_equal(open_lines(&w, b), 1);
        assert_int_equal(matrix_total(&w, a), 5000);
        world_check_replay(&w);
        world_done(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(input__is_parsed_after_every_campaign_took_its_lines),
        cmocka_unit_test(input__known_bytes_and_outcomes),
        cmocka_unit_test(queue__retries_after_1_2_4_seconds),
        cmocka_unit_test(queue__late_fences_leases_and_restarts),
        cmocka_unit_test(queue__four_at_once_all_in_the_end),
        cmocka_unit_test(crash__at_every_boundary_each_thing_happens_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
