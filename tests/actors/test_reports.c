/* test_reports.c - end-of-day reports: one a local date whatever the clock does, and the same bytes
 * whenever they are made.
 *
 * How:     the clock of the world is the test's; time passes in the steps a test names.
 * Source:  domain rule 4.8, walkthroughs 12 and 16. */
#include "actors/report.h"
#include "actors/with_world.h"
#include "base/digest.h"
#include "base/time.h"

#include <stdlib.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define BYTES_MAX (16u << 20)
#define NEW_YORK "America/New_York"

static tm_ms_t at(const char *tz, int year, int month, int day, int64_t after_midnight)
{
    tm_ms_t ms = {0};
    assert_int_equal(tm_zone_midnight(tm_str(tz), tm_day_make(year, month, day), &ms), TM_OK);
    return (tm_ms_t){ms.v + after_midnight};
}

static json_t *reports(world_t *w, tm_id_t campaign)
{
    return records_json(w, tm_campaign_actor(campaign), &tm_report_desc);
}

/* The dates of a campaign's reports, blanks between; each follows the one before. */
static const char *dates(world_t *w, tm_id_t campaign, char text[400])
{
    json_t *list = reports(w, campaign), *report;
    size_t i;
    int64_t last = 0;
    text[0] = '\0';
    json_array_foreach(list, i, report)
    {
        const size_t n = strlen(text);
        (void)snprintf(text + n, 400 - n, "%s%s", i == 0 ? "" : " ", text_of(report, "local_date"));
        assert_string_equal(text_of(report, "kind"), "eod");
        assert_int_equal(number_of(report, "from_version"), last);
        assert_true(number_of(report, "to_version") > last);
        last = number_of(report, "to_version");
    }
    json_decref(list);
    return text;
}

#define ASSERT_DATES(w, campaign, want)                            \
    do {                                                           \
        char got_[400];                                            \
        assert_string_equal(dates((w), (campaign), got_), (want)); \
    } while (0)

static tm_blob_t *content(world_t *w, tm_id_t campaign, size_t i)
{
    json_t *list = reports(w, campaign);
    const tm_id_t id = id_of("rpt", json_array_get(list, i));
    json_decref(list);
    tm_campaign_view_t *view = campaign_view(w, campaign);
    tm_blob_t *body = NULL;
    assert_int_equal(tm_report_content(view, id, BYTES_MAX, &body), TM_OK);
    tm_shared_unref(view);
    return body;
}

static void restart(world_t *w, tm_ms_t now)
{
    world_crash(w);
    w->now = now;
    world_boot(w);
    world_settle(w);
    world_tick(w, now);
}

static void steps(world_t *w, tm_ms_t from, tm_ms_t to, int64_t step)
{
    for (; from.v <= to.v; from.v += step) {
        world_tick(w, from);
    }
}

/* ---- walkthrough 16 ---- */

static void walkthrough_16__half_past_one_comes_twice(void **state)
{
    (void)state;
    static const int64_t each[] = {MINUTE, 30 * MINUTE, HOUR, 90 * MINUTE};
    for (size_t i = 0; i < TM_COUNT(each); i++) {
        world_t w;
        world_init(&w);
        w.now = at(NEW_YORK, 2026, 10, 31, 12 * HOUR);
        const tm_id_t id =
            campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true,\"eod_local_min\":90}");
        /* made after half past one: its day's report at the next full hour */
        steps(&w, at(NEW_YORK, 2026, 10, 31, 12 * HOUR), at(NEW_YORK, 2026, 10, 31, 24 * HOUR),
              each[i]);
        ASSERT_DATES(&w, id, "2026-10-31");
        const tm_ms_t midnight = at(NEW_YORK, 2026, 11, 1, 0);
        steps(&w, midnight, (tm_ms_t){midnight.v + 2 * HOUR + 59 * MINUTE}, each[i]);
        ASSERT_DATES(&w, id, "2026-10-31"); /* 01:00 again at 06:00Z, not past 01:30 */
        steps(&w, (tm_ms_t){midnight.v + 3 * HOUR}, (tm_ms_t){midnight.v + 25 * HOUR - 1}, each[i]);
        ASSERT_DATES(&w, id, "2026-10-31 2026-11-01");
        steps(&w, (tm_ms_t){midnight.v + 25 * HOUR}, (tm_ms_t){midnight.v + 29 * HOUR}, each[i]);
        ASSERT_DATES(&w, id, "2026-10-31 2026-11-01 2026-11-02");
        world_check_replay(&w);
        world_done(&w);
    }
}

/* The process stops and starts around both half past ones. */
static void walkthrough_16__with_restarts(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    w.now = at(NEW_YORK, 2026, 11, 1, 5 * MINUTE);
    const tm_id_t id =
        campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true,\"eod_local_min\":90}");
    const tm_ms_t midnight = at(NEW_YORK, 2026, 11, 1, 0);
    for (int64_t after = HOUR - 2000; after < 6 * HOUR; after += 30 * MINUTE) {
        restart(&w, (tm_ms_t){midnight.v + after});
        world_tick(&w, (tm_ms_t){midnight.v + after + 4000});
        ASSERT_DATES(&w, id, after + 4000 >= 3 * HOUR ? "2026-11-01" : "");
    }
    restart(&w, at(NEW_YORK, 2026, 11, 2, 2 * HOUR));
    ASSERT_DATES(&w, id, "2026-11-01 2026-11-02");
    world_check_replay(&w);
    world_done(&w);
}

/* ---- other hours and zones ---- */

static void report__after_the_gap(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    w.now = at(NEW_YORK, 2027, 3, 13, 12 * HOUR);
    const tm_id_t id =
        campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true,\"eod_local_min\":150}");
    steps(&w, w.now, at(NEW_YORK, 2027, 3, 14, 2 * HOUR - 1), 30 * MINUTE);
    ASSERT_DATES(&w, id, "2027-03-13");
    steps(&w, at(NEW_YORK, 2027, 3, 14, 2 * HOUR), at(NEW_YORK, 2027, 3, 14, 23 * HOUR - 1),
          10 * MINUTE);
    ASSERT_DATES(&w, id, "2027-03-13 2027-03-14");
    steps(&w, at(NEW_YORK, 2027, 3, 15, 0), at(NEW_YORK, 2027, 3, 15, 3 * HOUR), 10 * MINUTE);
    ASSERT_DATES(&w, id, "2027-03-13 2027-03-14 2027-03-15");
    world_done(&w);
}

/* Every zone has one a date through a year of clock changes; many campaigns at once. */
static void report__one_a_date_in_every_zone(void **state)
{
    (void)state;
    static const char *const zones[] = {NEW_YORK,
                                        "Asia/Kolkata",
                                        "Asia/Kathmandu",
                                        "Africa/Casablanca",
                                        "Australia/Lord_Howe",
                                        "UTC",
                                        "Pacific/Kiritimati",
                                        "America/Los_Angeles"};
    static const int minutes[] = {0, 90, 150, 1080, 1410, 1439, 60, 1380};
    world_t w;
    world_init(&w);
    const tm_ms_t begin = {w.now.v}, end = {begin.v + 200 * 24 * HOUR};
    tm_id_t ids[TM_COUNT(zones)];
    for (size_t i = 0; i < TM_COUNT(zones); i++) {
        ids[i] = campaign_new(&w,
                              "{\"name\":\"R%zu\",\"tz\":\"%s\",\"eod_enabled\":true,"
                              "\"eod_local_min\":%d}",
                              i, zones[i], minutes[i]);
    }
    steps(&w, begin, end, 30 * MINUTE);
    for (size_t i = 0; i < TM_COUNT(zones); i++) {
        json_t *list = reports(&w, ids[i]), *report;
        size_t k;
        int32_t last = 0;
        json_array_foreach(list, k, report)
        {
            tm_day_t day;
            assert_int_equal(tm_day_parse(tm_str(text_of(report, "local_date")), &day), TM_OK);
            assert_true(k == 0 || day.v == last + 1); /* none twice, none left out */
            last = day.v;
            /* at a full hour; its minute has passed, or the whole date has */
            const tm_ms_t made = {number_of(report, "created_ms")};
            assert_int_equal(made.v % HOUR, 0);
            int reads;
            tm_day_t then;
            assert_int_equal(tm_zone_clock(tm_str(zones[i]), made, &then, &reads), TM_OK);
            assert_true((then.v == day.v && reads >= minutes[i]) ||
                        (then.v == day.v + 1 && reads < 60));
        }
        assert_in_range(k, 199, 201);
        json_decref(list);
    }
    world_check_replay(&w);
    world_done(&w);
}

/* ---- when nobody was there, and clocks that jump ---- */

static void report__after_a_pause(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true}"); /* 18:00 */
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 18 * HOUR - 1));
    ASSERT_DATES(&w, id, "");
    /* away at six, back the same evening: at the start */
    restart(&w, at(NEW_YORK, 2026, 10, 14, 23 * HOUR + 20 * MINUTE));
    ASSERT_DATES(&w, id, "2026-10-14");
    /* away for days, back before six and after six */
    restart(&w, at(NEW_YORK, 2026, 10, 18, 9 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14");
    world_tick(&w, at(NEW_YORK, 2026, 10, 18, 18 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-18");
    restart(&w, at(NEW_YORK, 2026, 10, 25, 19 * HOUR + 10 * MINUTE));
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-18 2026-10-25");
    /* killed between the order and the report: the order is durable, the report follows */
    world_tick(&w, at(NEW_YORK, 2026, 10, 26, 12 * HOUR));
    w.now = at(NEW_YORK, 2026, 10, 26, 18 * HOUR);
    tm_runtime_tick(w.rt, w.now);
    world_run(&w);
    (void)world_sync(&w, 1);
    restart(&w, at(NEW_YORK, 2026, 10, 27, 1 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-18 2026-10-25 2026-10-26");
    world_check_replay(&w);
    world_done(&w);
}

static void report__a_clock_that_jumps(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true}");
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 18 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14");
    /* back, and the same hours again */
    steps(&w, at(NEW_YORK, 2026, 10, 14, 12 * HOUR), at(NEW_YORK, 2026, 10, 14, 23 * HOUR), HOUR);
    restart(&w, at(NEW_YORK, 2026, 10, 13, 19 * HOUR));
    steps(&w, at(NEW_YORK, 2026, 10, 13, 19 * HOUR), at(NEW_YORK, 2026, 10, 14, 23 * HOUR), HOUR);
    ASSERT_DATES(&w, id, "2026-10-14");
    /* over several days: only the date it is then */
    world_tick(&w, at(NEW_YORK, 2026, 10, 17, 20 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-17");
    world_done(&w);
}

/* The clock asks twice for a date: the campaign knows better. */
static void report__a_second_order_makes_none(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true}");
    for (int i = 0; i < 3; i++) {
        void *payload = NULL;
        tm_message_t *msg = tm_msg_new(TM_MSG_EOD_REPORT, &payload);
        tm_eod_report_t *order = payload;
        TM_SET(order, TM_EOD_REPORT, local_date, tm_day_make(2026, 10, 14));
        msg->at = w.now;
        assert_int_equal(tm_runtime_post(w.rt, tm_campaign_actor(id), msg), TM_OK);
        world_settle(&w);
    }
    ASSERT_DATES(&w, id, "2026-10-14");
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 18 * HOUR)); /* the clock knows nothing of it */
    ASSERT_DATES(&w, id, "2026-10-14");
    world_tick(&w, at(NEW_YORK, 2026, 10, 15, 18 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-15");
    world_done(&w);
}

/* ---- settings ---- */

static void report__only_where_it_is_wanted(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t on = campaign_new(&w, "{\"name\":\"On\",\"eod_enabled\":true}");
    const tm_id_t off = campaign_new(&w, "{\"name\":\"Off\",\"eod_enabled\":false}");
    const tm_id_t unsaid = campaign_new(&w, "{\"name\":\"Unsaid\",\"eod_local_min\":600}");
    const tm_id_t over =
        campaign_new(&w, "{\"name\":\"Over\",\"eod_enabled\":true,\"status\":\"completed\"}");
    const tm_id_t put_away =
        campaign_new(&w, "{\"name\":\"Away\",\"eod_enabled\":true,\"status\":\"archived\"}");
    const tm_id_t paused =
        campaign_new(&w, "{\"name\":\"Paused\",\"eod_enabled\":true,\"status\":\"paused\"}");
    steps(&w, w.now, at(NEW_YORK, 2026, 10, 15, 20 * HOUR), HOUR);
    ASSERT_DATES(&w, on, "2026-10-14 2026-10-15");
    ASSERT_DATES(&w, off, "");
    ASSERT_DATES(&w, unsaid, "");
    ASSERT_DATES(&w, over, "");
    ASSERT_DATES(&w, put_away, "");
    ASSERT_DATES(&w, paused, "2026-10-14 2026-10-15");
    assert_int_equal(patch(&w, on, -1, "{\"status\":\"completed\"}")->status, 200);
    assert_int_equal(patch(&w, over, -1, "{\"status\":\"active\"}")->status, 200);
    steps(&w, w.now, at(NEW_YORK, 2026, 10, 16, 20 * HOUR), HOUR);
    ASSERT_DATES(&w, on, "2026-10-14 2026-10-15");
    ASSERT_DATES(&w, over, "2026-10-15 2026-10-16");
    world_check_replay(&w);
    world_done(&w);
}

/* Changes never give a date a second report, and never lose one that was due. */
static void report__settings_change_during_the_day(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\"}");
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 19 * HOUR + 20 * MINUTE));
    ASSERT_DATES(&w, id, "");
    /* enabled later the same day: at the next full hour */
    assert_int_equal(patch(&w, id, -1, "{\"eod_enabled\":true}")->status, 200);
    ASSERT_DATES(&w, id, "");
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 20 * HOUR - 1));
    ASSERT_DATES(&w, id, "");
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 20 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14");
    /* a later minute on the same date */
    assert_int_equal(patch(&w, id, -1, "{\"eod_local_min\":1320}")->status, 200);
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 22 * HOUR));
    assert_int_equal(patch(&w, id, -1, "{\"eod_enabled\":false}")->status, 200);
    assert_int_equal(patch(&w, id, -1, "{\"eod_enabled\":true}")->status, 200);
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 23 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14");
    /* an earlier minute, which has passed: at the next full hour */
    world_tick(&w, at(NEW_YORK, 2026, 10, 15, 12 * HOUR + MINUTE));
    assert_int_equal(patch(&w, id, -1, "{\"eod_local_min\":600}")->status, 200);
    world_tick(&w, at(NEW_YORK, 2026, 10, 15, 13 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-15");
    /* a zone where it is tomorrow, and back */
    assert_int_equal(
        patch(&w, id, -1, "{\"tz\":\"Pacific/Auckland\",\"eod_local_min\":420}")->status, 200);
    world_tick(&w, at(NEW_YORK, 2026, 10, 15, 14 * HOUR)); /* 07:00 on the 16th there */
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-15 2026-10-16");
    assert_int_equal(patch(&w, id, -1, "{\"tz\":\"" NEW_YORK "\",\"eod_local_min\":1080}")->status,
                     200);
    steps(&w, at(NEW_YORK, 2026, 10, 15, 15 * HOUR), at(NEW_YORK, 2026, 10, 17, 19 * HOUR), HOUR);
    ASSERT_DATES(&w, id, "2026-10-14 2026-10-15 2026-10-16 2026-10-17");
    world_check_replay(&w);
    world_done(&w);
}

/* The change comes between the hour and its timer. */
static void report__what_was_due_before_a_change(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"A\",\"eod_enabled\":true}");
    w.now = at(NEW_YORK, 2026, 10, 14, 18 * HOUR + 1); /* nothing has ticked */
    assert_int_equal(patch(&w, id, -1, "{\"eod_local_min\":1260}")->status, 200);
    ASSERT_DATES(&w, id, "2026-10-14");
    steps(&w, w.now, at(NEW_YORK, 2026, 10, 15, 20 * HOUR), HOUR);
    ASSERT_DATES(&w, id, "2026-10-14");
    world_done(&w);
}

static void report__none_while_they_are_switched_off(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true}");
    const uint32_t commits = w.log_n;
    assert_int_equal(tm_actors_switch_eod(w.rt, true, w.now), TM_OK);
    world_settle(&w);
    assert_int_equal(w.log_n, commits); /* as it was: nothing to write */
    assert_int_equal(tm_actors_switch_eod(w.rt, false, w.now), TM_OK);
    world_settle(&w);
    steps(&w, w.now, at(NEW_YORK, 2026, 10, 16, 20 * HOUR), HOUR);
    restart(&w, w.now); /* it is kept */
    assert_int_equal(patch(&w, id, -1, "{\"eod_local_min\":60}")->status, 200);
    steps(&w, w.now, at(NEW_YORK, 2026, 10, 18, 0), HOUR);
    ASSERT_DATES(&w, id, "");
    world_tick(&w, at(NEW_YORK, 2026, 10, 18, 5 * HOUR));
    assert_int_equal(tm_actors_switch_eod(w.rt, true, w.now), TM_OK);
    world_settle(&w);
    world_tick(&w, w.now);
    ASSERT_DATES(&w, id, "2026-10-18"); /* today's; the others are over */
    world_check_replay(&w);
    world_done(&w);
}

/* ---- what it says ---- */

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

static json_t *parsed(const tm_blob_t *body)
{
    json_t *json = json_loadb(body->p, body->n, 0, NULL);
    assert_non_null(json);
    return json;
}

static void walkthrough_12__mondays_report_made_again(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true}");
    world_tick(&w, at(NEW_YORK, 2026, 10, 19, 15 * HOUR)); /* Monday */
    paper(&w, id, 1, "\"gross_cents\":5000000");
    world_tick(&w, at(NEW_YORK, 2026, 10, 19, 18 * HOUR));
    ASSERT_DATES(&w, id, "2026-10-19");
    tm_blob_t *monday = content(&w, id, 0);
    world_tick(&w, at(NEW_YORK, 2026, 10, 20, 10 * HOUR));
    paper(&w, id, 2, "\"gross_cents\":4200000");
    world_tick(&w, at(NEW_YORK, 2026, 10, 20, 18 * HOUR));
    tm_blob_t *tuesday = content(&w, id, 1);
    world_tick(&w, at(NEW_YORK, 2026, 10, 22, 9 * HOUR));
    paper(&w, id, 3, "\"stage\":\"cancelled\"");
    assert_int_equal(
        patch(&w, id, -1, "{\"name\":\"Another\",\"week_basis\":\"political\"}")->status, 200);
    assert_int_equal(matrix_total(&w, id), 0);
    for (int again = 0; again < 2; again++) {
        tm_blob_t *a = content(&w, id, 0), *b = content(&w, id, 1);
        assert_true(tm_str_eq(tm_blob_str(a), tm_blob_str(monday)));
        assert_true(tm_str_eq(tm_blob_str(b), tm_blob_str(tuesday)));
        tm_blob_unref(a);
        tm_blob_unref(b);
        restart(&w, w.now);
    }
    json_t *first = parsed(monday), *second = parsed(tuesday);
    assert_int_equal(number_of(first, "total_before_cents"), INT64_MIN);
    assert_int_equal(number_of(first, "total_after_cents"), 5000000);
    assert_int_equal(number_of(first, "difference_cents"), 5000000);
    assert_int_equal(number_of(second, "total_before_cents"), 5000000);
    assert_int_equal(number_of(second, "total_after_cents"), 4200000);
    assert_int_equal(number_of(second, "difference_cents"), -800000);
    assert_true(json_is_true(json_object_get(first, "state_is_same")));
    assert_true(json_is_true(json_object_get(second, "state_is_same")));
    json_t *cells = json_object_get(second, "cells"), *cell = json_array_get(cells, 0);
    assert_int_equal(json_array_size(cells), 1);
    assert_string_equal(text_of(cell, "week"), "2026-10-26");
    assert_string_equal(text_of(cell, "station"), "WAAA");
    assert_int_equal(number_of(cell, "before_cents"), 5000000);
    assert_int_equal(number_of(cell, "after_cents"), 4200000);
    json_t *lines = json_object_get(second, "lines");
    assert_int_equal(number_of(lines, "new"), 1);
    assert_int_equal(number_of(lines, "changed"), 1); /* superseded */
    assert_int_equal(number_of(lines, "cancelled"), 0);
    json_decref(first);
    json_decref(second);
    tm_blob_unref(monday);
    tm_blob_unref(tuesday);
    world_check_replay(&w);
    world_done(&w);
}

/* The state's hash is that of the answer of GET /matrix as of then; what is told adds up. */
static void content__agrees_with_record_and_matrix(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(
        &w, "{\"name\":\"Race\",\"eod_enabled\":true,\"advertisers\":[{\"name\":\"Ann\",\"side\":"
            "\"for\"},{\"name\":\"Bo\",\"side\":\"against\"}]}");
    for (int day = 14; day <= 20; day++) {
        for (int i = 0; i < day % 4; i++) { /* on some days nothing */
            assert_int_equal(
                line_post(&w, id,
                          "\"advertiser\":\"%s\",\"station\":\"W%c%c%c\",\"market\":%d,"
                          "\"medium\":\"cable\",\"flight_from\":\"2026-10-%d\","
                          "\"flight_to\":\"2026-11-%02d\",\"gross_cents\":%d",
                          i % 2 == 0 ? "Ann" : "Bo", 'A' + i, 'A' + i, 'A' + i, 504 + day % 2 * 31,
                          day, 1 + i, 1000 * day + i)
                    ->status,
                201);
        }
        world_tick(&w, at(NEW_YORK, 2026, 10, day, 18 * HOUR));
    }
    json_t *list = reports(&w, id);
    assert_int_equal(json_array_size(list), 7);
    for (size_t i = 0; i < 7; i++) {
        json_t *record = json_array_get(list, i);
        tm_blob_t *body = content(&w, id, i);
        json_t *c = parsed(body), *each;
        static const char *const same[] = {
            "id",           "campaign_id", "local_date", "to_version",         "to_ms",
            "from_version", "from_ms",     "state_hash", "total_before_cents", "total_after_cents"};
        for (size_t k = 0; k < TM_COUNT(same); k++) {
            assert_true(json_equal(json_object_get(record, same[k]), json_object_get(c, same[k])));
        }
        assert_true(json_is_true(json_object_get(c, "state_is_same")));
        static const char *const lists[] = {"cells", "advertisers", "markets"};
        for (size_t k = 0; k < TM_COUNT(lists); k++) {
            int64_t sum = 0;
            size_t at_;
            json_array_foreach(json_object_get(c, lists[k]), at_, each)
            {
                sum += number_of(each, "difference_cents");
            }
            assert_int_equal(sum, number_of(c, "difference_cents"));
        }
        tm_campaign_view_t *now = campaign_view(&w, id);
        tm_campaign_view_t *then =
            tm_campaign_view_at(now, (uint64_t)number_of(record, "to_version"));
        const tm_matrix_query_t query = tm_matrix_query_default();
        tm_blob_t *matrix = tm_campaign_view_matrix(then, &query, true);
        const tm_sha256_t sha = tm_sha256(matrix->p, matrix->n);
        char hex[TM_SHA256_TEXT];
        tm_sha256_format(&sha, hex);
        assert_string_equal(text_of(record, "state_hash"), hex);
        tm_blob_unref(matrix);
        tm_shared_unref(then);
        tm_shared_unref(now);
        json_decref(c);
        tm_blob_unref(body);
    }
    json_t *quiet = json_array_get(list, 2); /* the 16th */
    assert_int_equal(number_of(quiet, "total_before_cents"), number_of(quiet, "total_after_cents"));
    json_decref(list);
    world_done(&w);
}

static void content__of_nothing_and_of_too_much(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Race\",\"eod_enabled\":true}");
    world_tick(&w, at(NEW_YORK, 2026, 10, 14, 18 * HOUR));
    tm_blob_t *body = content(&w, id, 0);
    json_t *c = parsed(body);
    assert_int_equal(number_of(c, "from_ms"), INT64_MIN);
    assert_int_equal(number_of(c, "total_before_cents"), INT64_MIN);
    assert_int_equal(number_of(c, "total_after_cents"), INT64_MIN); /* not known, not zero */
    assert_int_equal(number_of(c, "difference_cents"), 0);
    assert_int_equal(json_array_size(json_object_get(c, "cells")), 0);
    const tm_id_t report = id_of("rpt", c);
    tm_campaign_view_t *view = campaign_view(&w, id);
    tm_blob_t *none = NULL;
    assert_int_equal(tm_report_content(view, report, 100, &none), TM_ETOOLARGE);
    assert_int_equal(tm_report_content(view, (tm_id_t){report.v + 1}, BYTES_MAX, &none),
                     TM_ENOTFOUND);
    assert_null(none);
    tm_shared_unref(view);
    json_decref(c);
    tm_blob_unref(body);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walkthrough_16__half_past_one_comes_twice),
        cmocka_unit_test(walkthrough_16__with_restarts),
        cmocka_unit_test(report__after_the_gap),
        cmocka_unit_test(report__one_a_date_in_every_zone),
        cmocka_unit_test(report__after_a_pause),
        cmocka_unit_test(report__a_clock_that_jumps),
        cmocka_unit_test(report__a_second_order_makes_none),
        cmocka_unit_test(report__only_where_it_is_wanted),
        cmocka_unit_test(report__settings_change_during_the_day),
        cmocka_unit_test(report__what_was_due_before_a_change),
        cmocka_unit_test(report__none_while_they_are_switched_off),
        cmocka_unit_test(walkthrough_12__mondays_report_made_again),
        cmocka_unit_test(content__agrees_with_record_and_matrix),
        cmocka_unit_test(content__of_nothing_and_of_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
