/* test_jobs.c - a job that used up its runs: what it shows, one more series by hand, given up for
 * good; what happens to its input meanwhile.
 *
 * Source:  domain rules 4.8, 4.9. */
#include "actors/with_world.h"

#define NONE ((tm_id_t){0})
#define ORDER                                                                                      \
    "[{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"1\","       \
    "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"medium\":\"broadcast\",\"gross_cents\":100000," \
    "\"net_cents\":85000,\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\"}]"

static json_t *the_job(world_t *w, tm_id_t id)
{
    json_t *job = record_json(w, TM_ACTOR_QUEUE, &tm_job_desc, id);
    assert_non_null(job);
    return job;
}

static void expect_state(world_t *w, tm_id_t id, const char *state)
{
    json_t *job = the_job(w, id);
    assert_string_equal(text_of(job, "state"), state);
    json_decref(job);
}

static void expect_input(world_t *w, const char *status, int64_t lines, int64_t exceptions)
{
    json_t *list = records_json(w, TM_ACTOR_FEED, &tm_raw_input_desc);
    json_t *in = json_array_get(list, 0);
    assert_string_equal(text_of(in, "status"), status);
    assert_int_equal(number_of(in, "lines"), lines);
    assert_int_equal(number_of(in, "exceptions"), exceptions);
    json_decref(list);
}

/* The failure of the job as the directory tells it, NULL: none is open. */
static json_t *open_failure(world_t *w)
{
    json_t *list = records_json(w, TM_ACTOR_DIRECTORY, &tm_exception_desc);
    json_t *found = NULL, *e;
    size_t i;
    json_array_foreach(list, i, e)
    {
        if (strcmp(text_of(e, "kind"), "job_failed") == 0 &&
            strcmp(text_of(e, "status"), "open") == 0) {
            assert_null(found);
            found = json_incref(e);
        }
    }
    json_decref(list);
    return found;
}

static void no_open_failure(world_t *w)
{
    json_t *e = open_failure(w);
    assert_null(e);
}

/* A job whose four runs fail at once; its last run. */
static started_t fail_series(world_t *w)
{
    started_t last = {0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(w->n_jobs, 1);
        last = w->jobs[0];
        job_fail(w, "no bytes");
        world_tick(w, (tm_ms_t){w->now.v + (i < 3 ? INT64_C(1000) << i : 0)});
    }
    assert_int_equal(w->n_jobs, 0);
    return last;
}

static tm_id_t failed_job(world_t *w)
{
    assert_int_equal(input_new(w, "a.pdf", NONE)->status, 202);
    return fail_series(w).job;
}

static const reply_t *retry(world_t *w, tm_id_t job)
{
    return ask_ref(w, TM_ACTOR_QUEUE, TM_MSG_JOB_RETRY, job);
}

static const reply_t *dismiss(world_t *w, tm_id_t job)
{
    return ask_ref(w, TM_ACTOR_QUEUE, TM_MSG_JOB_DISMISS, job);
}

static void refused(const reply_t *r)
{
    assert_int_equal(r->status, 409);
    assert_string_equal(r->fields, "state");
}

/* Runs of the series at 0, 1, 3 and 7 s after `start`, each ended when it began, for want of
 * bytes. */
static void expect_four_runs(json_t *job, int64_t start)
{
    static const int64_t at[] = {0, 1000, 3000, 7000};
    json_t *runs = json_object_get(job, "runs"), *run;
    size_t i;
    assert_int_equal(json_array_size(runs), 4);
    json_array_foreach(runs, i, run)
    {
        assert_int_equal(number_of(run, "started_ms"), start + at[i]);
        assert_int_equal(number_of(run, "ended_ms"), start + at[i]);
        assert_string_equal(text_of(run, "error"), "no bytes");
    }
    assert_string_equal(text_of(job, "state"), "failed");
    assert_string_equal(text_of(job, "error"), "no bytes");
    assert_int_equal(number_of(job, "attempt"), 4);
}

static void job__tells_its_runs_and_its_input_tells_the_job(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const int64_t start = w.now.v;
    const tm_id_t id = failed_job(&w);
    json_t *job = the_job(&w, id);
    expect_four_runs(job, start);
    expect_input(&w, "unreadable", 0, 1);
    json_t *list = records_json(&w, TM_ACTOR_FEED, &tm_raw_input_desc);
    assert_string_equal(text_of(json_array_get(list, 0), "job_id"), text_of(job, "id"));
    json_t *e = open_failure(&w);
    assert_string_equal(text_of(e, "job_id"), text_of(job, "id"));
    assert_string_equal(text_of(e, "input_id"), text_of(job, "input_id"));
    assert_string_equal(text_of(e, "subject"), "a.pdf");
    assert_string_equal(text_of(e, "details"), "no bytes");
    json_decref(e);
    json_decref(list);
    json_decref(job);
    world_tick(&w, (tm_ms_t){w.now.v + 3600000});
    assert_int_equal(w.jobs_started, 4);
    world_check_replay(&w);
    world_done(&w);
}

static void retry__gives_one_fresh_series(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t campaign = campaign_new(&w, "{\"name\":\"a\"}");
    const tm_id_t id = failed_job(&w);
    world_tick(&w, (tm_ms_t){w.now.v + 100000});
    const int64_t start = w.now.v;
    const reply_t *r = retry(&w, id);
    assert_int_equal(r->status, 200);
    assert_string_equal(text_of(r->body, "state"), "active");
    assert_int_equal(number_of(r->body, "attempt"), 1);
    assert_int_equal(number_of(r->body, "run_at_ms"), start);
    assert_true(json_is_null(json_object_get(r->body, "error")));
    assert_int_equal(json_array_size(json_object_get(r->body, "runs")), 1);
    expect_input(&w, "stored", INT64_MIN, INT64_MIN);
    no_open_failure(&w);

    const started_t late = fail_series(&w);
    json_t *job = the_job(&w, id);
    expect_four_runs(job, start);
    json_decref(job);
    expect_input(&w, "unreadable", 0, 1);
    json_decref(open_failure(&w));

    assert_int_equal(retry(&w, id)->status, 200);
    assert_true(w.jobs[0].fence > late.fence);
    job_end(&w, &late, NULL, ORDER); /* of the series before */
    expect_state(&w, id, "active");
    expect_input(&w, "stored", INT64_MIN, INT64_MIN);
    job_read(&w, ORDER);
    expect_state(&w, id, "completed");
    expect_input(&w, "parsed", 1, 1); /* its station is new */
    no_open_failure(&w);
    assert_int_equal(open_lines(&w, campaign), 1);
    assert_int_equal(matrix_total(&w, campaign), 100000);
    job = the_job(&w, id);
    json_t *run = json_array_get(json_object_get(job, "runs"), 0);
    assert_int_equal(number_of(run, "ended_ms"), w.now.v);
    assert_true(json_is_null(json_object_get(run, "error")));
    json_decref(job);
    world_check_replay(&w);
    world_done(&w);
}

static void retry_and_dismiss__are_for_failed_jobs_alone(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 202);
    const tm_id_t id = w.jobs[0].job;
    for (int i = 0; i < 3; i++) {
        refused(retry(&w, id)); /* active */
        refused(dismiss(&w, id));
        job_fail(&w, "no bytes");
        refused(retry(&w, id)); /* waiting */
        refused(dismiss(&w, id));
        world_tick(&w, (tm_ms_t){w.now.v + 4000});
    }
    job_read(&w, ORDER);
    refused(retry(&w, id)); /* completed */
    refused(dismiss(&w, id));
    assert_int_equal(w.jobs_started, 4);
    assert_int_equal(retry(&w, tm_id_make(TM_ACTOR_QUEUE, 77777))->status, 404);
    assert_int_equal(dismiss(&w, tm_id_make(TM_ACTOR_DIRECTORY, 1))->status, 404);
    world_check_replay(&w);
    world_done(&w);
}

static void dismiss__is_for_good(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = failed_job(&w);
    const reply_t *r = dismiss(&w, id);
    assert_int_equal(r->status, 200);
    assert_string_equal(text_of(r->body, "state"), "dismissed");
    for (int i = 0; i < 2; i++) {
        expect_state(&w, id, "dismissed");
        refused(retry(&w, id));
        refused(dismiss(&w, id));
        expect_input(&w, "unreadable", 0, 1);
        no_open_failure(&w);
        world_tick(&w, (tm_ms_t){w.now.v + 3600000});
        assert_int_equal(w.jobs_started, 4);
        world_crash(&w);
        world_boot(&w);
        world_settle(&w);
    }
    world_check_replay(&w);
    world_done(&w);
}

static void retry__waits_for_room(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = failed_job(&w);
    for (int i = 0; i < 4; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "%d.pdf", i);
        assert_int_equal(input_new(&w, name, NONE)->status, 202);
    }
    const reply_t *r = retry(&w, id);
    assert_int_equal(r->status, 200);
    assert_string_equal(text_of(r->body, "state"), "waiting");
    assert_int_equal(number_of(r->body, "attempt"), 0);
    assert_int_equal(w.n_jobs, 4);
    job_read(&w, "[]");
    expect_state(&w, id, "active");
    assert_int_equal(w.n_jobs, 4);
    world_check_replay(&w);
    world_done(&w);
}

static void restart__begins_the_run_of_a_fresh_series_anew(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t campaign = campaign_new(&w, "{\"name\":\"a\"}");
    const tm_id_t id = failed_job(&w);
    assert_int_equal(retry(&w, id)->status, 200);
    const started_t lost = w.jobs[0];
    world_crash(&w);
    w.now.v += 5000;
    world_boot(&w);
    world_settle(&w);
    assert_int_equal(w.n_jobs, 1);
    assert_true(w.jobs[0].fence > lost.fence);
    job_end(&w, &lost, NULL, "[]");
    expect_state(&w, id, "active");
    json_t *job = the_job(&w, id);
    json_t *runs = json_object_get(job, "runs");
    assert_int_equal(json_array_size(runs), 2);
    assert_string_equal(text_of(json_array_get(runs, 0), "error"), "the run was lost");
    assert_int_equal(number_of(json_array_get(runs, 0), "ended_ms"), w.now.v);
    assert_int_equal(number_of(json_array_get(runs, 1), "started_ms"), w.now.v);
    assert_true(json_is_null(json_object_get(json_array_get(runs, 1), "ended_ms")));
    json_decref(job);
    job_read(&w, ORDER);
    expect_input(&w, "parsed", 1, 1); /* its station is new */
    assert_int_equal(open_lines(&w, campaign), 1);
    world_check_replay(&w);
    world_done(&w);
}

/* Who named a campaign while nobody could read the input gets its lines when somebody can. */
static void failure__leaves_wishes_waiting(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t other = campaign_new(&w, "{\"name\":\"a\",\"keywords\":[\"nobody\"]}");
    const tm_id_t later = campaign_new(&w, "{\"name\":\"b\",\"keywords\":[\"nobody\"]}");
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 202);
    assert_int_equal(input_new(&w, "a.pdf", other)->status, 200); /* while it is read */
    const tm_id_t id = fail_series(&w).job;
    assert_int_equal(input_new(&w, "a.pdf", later)->status, 200); /* when nobody could */
    assert_int_equal(retry(&w, id)->status, 200);
    job_read(&w, ORDER);
    expect_input(&w, "parsed", 1, 1); /* its station is new */
    assert_int_equal(open_lines(&w, other), 1);
    assert_int_equal(open_lines(&w, later), 1);
    assert_int_equal(pending_lines(&w), 0);
    world_check_replay(&w);
    world_done(&w);
}

/* A crash at every boundary of a retry: asked again with the same key, it is one fresh series, and
 * the end is the same. */
static void crash__at_every_boundary_of_a_retry(void **state)
{
    (void)state;
    bool crashed = true;
    for (uint32_t at = 0; crashed; at++) {
        assert_true(at < 100);
        world_t w;
        world_init(&w);
        const tm_id_t campaign = campaign_new(&w, "{\"name\":\"a\"}");
        const tm_id_t id = failed_job(&w);
        uint32_t left = at;
        uint32_t slot = post_ref(&w, TM_ACTOR_QUEUE, TM_MSG_JOB_RETRY, id, "k1");
        crashed = false;
        for (bool more = true; more;) {
            world_run(&w);
            more = world_sync(&w, 1) > 0;
            if (more && !crashed && left-- == 0) {
                world_crash(&w);
                world_boot(&w);
                slot = post_ref(&w, TM_ACTOR_QUEUE, TM_MSG_JOB_RETRY, id, "k1");
                crashed = true;
            }
        }
        assert_int_equal(w.replies[slot].status, 200);
        assert_int_equal(w.n_jobs, 1);
        job_read(&w, ORDER);
        expect_state(&w, id, "completed");
        expect_input(&w, "parsed", 1, 1); /* its station is new */
        no_open_failure(&w);
        assert_int_equal(matrix_total(&w, campaign), 100000);
        world_check_replay(&w);
        world_done(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job__tells_its_runs_and_its_input_tells_the_job),
        cmocka_unit_test(retry__gives_one_fresh_series),
        cmocka_unit_test(retry_and_dismiss__are_for_failed_jobs_alone),
        cmocka_unit_test(dismiss__is_for_good),
        cmocka_unit_test(retry__waits_for_room),
        cmocka_unit_test(restart__begins_the_run_of_a_fresh_series_anew),
        cmocka_unit_test(failure__leaves_wishes_waiting),
        cmocka_unit_test(crash__at_every_boundary_of_a_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
