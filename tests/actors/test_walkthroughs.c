/* test_walkthroughs.c - worked examples whose clock must stand where the example says: as known on
 * Tuesday 10:00, a job's runs, the night in which 01:30 comes twice.
 *
 * How:     the clock of the world is the test's. The examples with amounts alone run over HTTP.
 * Source:  domain section 6, walkthroughs 12, 14, 16. */
#include "actors/with_world.h"

#include "base/time.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static tm_ms_t local(int month, int day, int64_t after_midnight)
{
    tm_ms_t at = {0};
    assert_int_equal(
        tm_zone_midnight(TM_STR("America/New_York"), tm_day_make(2026, month, day), &at), TM_OK);
    return (tm_ms_t){at.v + after_midnight};
}

/* Total of the campaign as it was known at an instant. */
static int64_t known_on(world_t *w, tm_id_t campaign, tm_ms_t at)
{
    tm_campaign_view_t *now = campaign_view(w, campaign);
    const uint64_t version = tm_versions_find(&now->versions, at);
    assert_true(version > 0);
    tm_campaign_view_t *then = tm_campaign_view_at(now, version);
    tm_cents_t gross = {0}, net = {0};
    (void)tm_matrix_total(then->matrix, &gross, &net);
    tm_shared_unref(then);
    tm_shared_unref(now);
    return gross.v;
}

static void paper(world_t *w, tm_id_t campaign, int revision, const char *more)
{
    const reply_t *r = line_post(
        w, campaign,
        "\"source\":\"fcc\",\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"market\":504,\"medium\":"
        "\"broadcast\",\"order_no\":\"500100\",\"revision\":\"%d\",\"flight_from\":\"2026-10-26\","
        "\"flight_to\":\"2026-11-01\",%s",
        revision, more);
    assert_int_equal(r->status, 201);
}

static void walkthrough_12__as_known_on_tuesday(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\"}");
    world_tick(&w, local(10, 19, 15 * HOUR)); /* Monday */
    paper(&w, id, 1, "\"gross_cents\":5000000");
    const tm_ms_t ten = local(10, 20, 10 * HOUR); /* Tuesday 10:00 */
    world_tick(&w, ten);
    paper(&w, id, 2, "\"gross_cents\":4200000");
    world_tick(&w, local(10, 22, 9 * HOUR));
    paper(&w, id, 3, "\"stage\":\"cancelled\"");
    for (int again = 0; again < 2; again++) {
        assert_int_equal(known_on(&w, id, (tm_ms_t){ten.v - MINUTE}), 5000000);
        assert_int_equal(known_on(&w, id, (tm_ms_t){ten.v - 1}), 5000000);
        assert_int_equal(known_on(&w, id, ten), 4200000);
        assert_int_equal(known_on(&w, id, local(10, 22, 9 * HOUR - 1)), 4200000);
        assert_int_equal(known_on(&w, id, local(10, 22, 9 * HOUR)), 0);
        assert_int_equal(known_on(&w, id, local(12, 1, 0)), 0);
        world_crash(&w);
        world_boot(&w);
        world_settle(&w);
    }
    world_done(&w);
}

/* Every run fails at once, for a minute from now on. */
static void all_runs_fail(world_t *w)
{
    const int64_t start = w->now.v;
    char runs[200] = "";
    for (int64_t ms = 0; ms <= 60000; ms += 250) {
        world_tick(w, (tm_ms_t){start + ms});
        while (w->n_jobs > 0) {
            const size_t n = strlen(runs);
            (void)snprintf(runs + n, sizeof runs - n, "%lld ", (long long)ms);
            job_fail(w, "the reader died");
        }
    }
    assert_string_equal(runs, "0 1000 3000 7000 ");
}

static void walkthrough_14__runs_at_0_1_3_and_7_seconds_and_once_more_by_hand(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    assert_int_equal(input_new(&w, "a.pdf", (tm_id_t){0})->status, 202);
    const tm_id_t job = w.jobs[0].job;
    all_runs_fail(&w);
    assert_int_equal(ask_ref(&w, TM_ACTOR_QUEUE, TM_MSG_JOB_RETRY, job)->status, 200);
    all_runs_fail(&w);
    json_t *record = record_json(&w, TM_ACTOR_QUEUE, &tm_job_desc, job);
    assert_string_equal(text_of(record, "state"), "failed");
    json_decref(record);
    world_done(&w);
}

/* That the night has one date; that it has one report: test_reports.c. */
static void walkthrough_16__half_past_one_comes_twice_on_one_date(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\"}");
    world_tick(&w, local(10, 31, 12 * HOUR));
    uint64_t version = 0;
    uint32_t turns = 0;
    for (int64_t after = -HOUR; after < 26 * HOUR; after += 30 * MINUTE) {
        world_tick(&w, local(11, 1, after));
        tm_campaign_view_t *view = campaign_view(&w, id);
        const int day = after < 0 ? 0 : after < 25 * HOUR ? 1 : 2;
        assert_int_equal(view->today.v, tm_day_make(2026, 11, 1).v - 1 + day);
        turns += version != 0 && view->view.version != version;
        version = view->view.version;
        tm_shared_unref(view);
    }
    assert_int_equal(turns, 2); /* into the 1st and into the 2nd, nothing between */
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walkthrough_12__as_known_on_tuesday),
        cmocka_unit_test(walkthrough_14__runs_at_0_1_3_and_7_seconds_and_once_more_by_hand),
        cmocka_unit_test(walkthrough_16__half_past_one_comes_twice_on_one_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
