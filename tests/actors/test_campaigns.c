/* test_campaigns.c - campaigns made, changed and copied; their days. */
#include "actors/with_world.h"

#include "base/time.h"

#include <stdlib.h>

#define HOUR INT64_C(3600000)

static void create__defaults_and_location(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const reply_t *r = ask(&w, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0},
                           "{\"name\":\"Lee for Senate\",\"markets\":[504,535,504]}");
    assert_int_equal(r->status, 201);
    assert_string_equal(text_of(r->body, "slug"), "lee-for-senate");
    assert_string_equal(text_of(r->body, "tz"), "America/New_York");
    assert_string_equal(text_of(r->body, "week_basis"), "broadcast");
    assert_string_equal(text_of(r->body, "status"), "active");
    assert_int_equal(number_of(r->body, "commission_bp"), 1500);
    assert_int_equal(number_of(r->body, "version"), 1);
    assert_int_equal(json_array_size(json_object_get(r->body, "markets")), 2);
    assert_true(json_is_array(json_object_get(r->body, "advertisers")));
    assert_true(json_is_array(json_object_get(r->body, "keywords")));
    char location[100];
    (void)snprintf(location, sizeof location, "/api/v1/campaigns/%s", text_of(r->body, "id"));
    assert_string_equal(r->location, location);
    const reply_t *again =
        ask(&w, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0}, "{\"name\":\"Lee for Senate\"}");
    assert_string_equal(text_of(again->body, "slug"), "lee-for-senate-2");
    assert_int_equal(ask(&w, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0},
                         "{\"name\":\"Other\",\"slug\":\"lee-for-senate\"}")
                         ->status,
                     422);
    world_check_replay(&w);
    world_done(&w);
}

static void create__doubled_names_are_one_advertiser(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const reply_t *r =
        ask(&w, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0},
            "{\"name\":\"A\",\"advertisers\":[{\"name\":\"Ann Lee\",\"side\":\"for\"},"
            "{\"name\":\"ANN  LEE\"},{\"name\":\"Bo "
            "Fox\",\"side\":\"against\",\"aliases\":[\"Fox\"]}]}");
    assert_int_equal(r->status, 201);
    json_t *rivals = json_object_get(r->body, "advertisers");
    assert_int_equal(json_array_size(rivals), 2);
    assert_string_equal(text_of(json_array_get(rivals, 0), "name"), "Ann Lee");
    r = ask(&w, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0},
            "{\"name\":\"B\",\"advertisers\":[{\"name\":\"Ann Lee\",\"side\":\"for\"},"
            "{\"name\":\"ann lee\",\"side\":\"against\"}]}");
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "advertisers[1].side");
    /* an existing advertiser is reused */
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_advertiser_desc);
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
    campaign_new(&w, "{\"name\":\"C\",\"advertisers\":[{\"name\":\"Ann Lee!\"}]}");
    list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_advertiser_desc);
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
    world_done(&w);
}

static void patch__stale_unchanged_and_unknown(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(
        &w,
        "{\"name\":\"A\",\"keywords\":[],\"advertisers\":[{\"name\":\"Ann\",\"side\":\"for\"}]}");
    assert_int_equal(patch(&w, id, 7, "{\"name\":\"B\"}")->status, 412);
    const reply_t *r = patch(&w, id, 1, "{\"name\":\"B\"}");
    assert_int_equal(r->status, 200);
    assert_int_equal(r->version, 2);
    const uint32_t commits = w.log_n;
    r = patch(&w, id, 2,
              "{\"name\":\"B\",\"markets\":[],\"client\":null,"
              "\"advertisers\":[{\"name\":\"Ann\",\"side\":\"for\",\"aliases\":[]}]}");
    assert_int_equal(r->status, 200);
    assert_int_equal(r->version, 2);
    assert_int_equal(w.log_n, commits); /* nothing changed, nothing written */
    assert_int_equal(patch(&w, (tm_id_t){99}, -1, "{\"name\":\"B\"}")->status, 404);
    r = patch(&w, id, -1, "{\"tz\":\"Mars/Base\",\"keywords\":[\"!!\"]}");
    assert_int_equal(r->status, 422);
    assert_non_null(strstr(r->fields, "tz"));
    assert_non_null(strstr(r->fields, "keywords[0]"));
    world_check_replay(&w);
    world_done(&w);
}

/* Links of campaign and advertiser are history: a change elsewhere adds none. */
static void patch__sides_are_written_only_when_they_change(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id =
        campaign_new(&w, "{\"name\":\"A\",\"advertisers\":[{\"name\":\"Ann\",\"side\":\"for\"}]}");
    assert_int_equal(patch(&w, id, -1, "{\"name\":\"B\"}")->status, 200);
    json_t *links = records_json(&w, TM_ACTOR_DIRECTORY, &tm_campaign_advertiser_desc);
    assert_int_equal(json_array_size(links), 1);
    json_decref(links);
    assert_int_equal(
        patch(&w, id, -1, "{\"advertisers\":[{\"name\":\"Ann\",\"side\":\"against\"}]}")->status,
        200);
    links = records_json(&w, TM_ACTOR_DIRECTORY, &tm_campaign_advertiser_desc);
    assert_int_equal(json_array_size(links), 2);
    assert_true(number_of(json_array_get(links, 0), "archived_ms") > 0);
    assert_string_equal(text_of(json_array_get(links, 1), "side"), "against");
    json_decref(links);
    world_done(&w);
}

#define ANN_ORDER                                                                                 \
    "{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"50%s\","    \
    "\"advertiser\":\"%s\",\"station\":\"WAAA\",\"medium\":\"broadcast\",\"gross_cents\":100000," \
    "\"net_cents\":85000,\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\"}"

/* A spelling listed beside an advertiser means it from now on: for lines that are here, too. */
static void patch__aliases_move_names_and_lines(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"A\"}");
    const tm_id_t other = campaign_new(&w, "{\"name\":\"Other\"}");
    json_decref(input_read(&w, "a.pdf", (tm_id_t){0}, "[" ANN_ORDER "]", "1", "Friends of Ann"));
    assert_int_equal(line_post(&w, id,
                               "\"advertiser\":\"Friends of Ann\",\"station\":\"WBBB\","
                               "\"market\":504,\"medium\":\"broadcast\",\"gross_cents\":5000,"
                               "\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-14\"")
                         ->status,
                     201);
    assert_int_equal(patch(&w, id, -1,
                           "{\"advertisers\":[{\"name\":\"Ann Lee\",\"side\":\"for\","
                           "\"aliases\":[\"FRIENDS OF ANN\"]}]}")
                         ->status,
                     200);
    json_decref(input_read(&w, "b.pdf", (tm_id_t){0}, "[" ANN_ORDER "]", "2", "Friends of Ann"));
    const tm_id_t both[] = {id, other};
    for (int k = 0; k < 2; k++) {
        json_t *lines = records_json(&w, tm_campaign_actor(both[k]), &tm_buy_line_desc);
        assert_int_equal(json_array_size(lines), k == 0 ? 3 : 2);
        size_t i;
        json_t *line;
        json_array_foreach(lines, i, line)
        {
            assert_string_equal(text_of(line, "advertiser"), "Ann Lee");
            assert_string_equal(text_of(line, "advertiser_text"), "Friends of Ann");
            assert_string_equal(text_of(line, "side"), k == 0 ? "for" : "neutral");
        }
        json_decref(lines);
    }
    assert_int_equal(matrix_total(&w, id), 205000);
    world_check_replay(&w);
    world_done(&w);
}

static void clone__copies_settings_and_finds_its_lines(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"Lee\",\"keywords\":[\"ann\"],"
                                        "\"week_basis\":\"political\"}");
    json_decref(input_read(&w, "a.pdf", (tm_id_t){0}, "[" ANN_ORDER "," ANN_ORDER "]", "1",
                           "Ann Lee", "2", "Bo Fox"));
    const reply_t *r = ask_ref(&w, TM_ACTOR_DIRECTORY, TM_MSG_CAMPAIGN_CLONE, id);
    assert_int_equal(r->status, 201);
    assert_string_equal(text_of(r->body, "name"), "Copy of Lee");
    assert_string_equal(text_of(r->body, "slug"), "copy-of-lee");
    assert_string_equal(text_of(r->body, "week_basis"), "political");
    const tm_id_t copy = id_of("cmp", r->body);
    assert_true(copy.v != id.v);
    assert_int_equal(open_lines(&w, copy), 1);
    assert_int_equal(matrix_total(&w, copy), 100000);
    assert_int_equal(matrix_total(&w, id), 100000);
    world_done(&w);
}

/* A name of 200 bytes is cut between two letters, not inside one. */
static void clone__long_names_stay_text(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    char name[201];
    for (int i = 0; i < 66; i++) {
        memcpy(name + 3 * i, "\xe2\x82\xac", 3);
    }
    memcpy(name + 198, "ab", 3);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"%s\"}", name);
    const reply_t *r = ask_ref(&w, TM_ACTOR_DIRECTORY, TM_MSG_CAMPAIGN_CLONE, id);
    assert_int_equal(r->status, 201); /* its body was parsed as UTF-8 */
    assert_true(strlen(text_of(r->body, "name")) <= 200);
    /* slugs of other scripts, doubled */
    char last[200] = "";
    for (int i = 0; i < 3; i++) {
        const tm_id_t one =
            campaign_new(&w, "{\"name\":\"%s\"}",
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1x"
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1"
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1"
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1"
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1"
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1"
                         "\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1\xd8\xb1");
        json_t *c = record_json(&w, TM_ACTOR_DIRECTORY, &tm_campaign_desc, one);
        assert_string_not_equal(text_of(c, "slug"), last);
        (void)snprintf(last, sizeof last, "%s", text_of(c, "slug"));
        json_decref(c);
    }
    world_done(&w);
}

static tm_day_t today_of(world_t *w, tm_id_t id)
{
    tm_campaign_view_t *view = campaign_view(w, id);
    const tm_day_t today = view->today;
    tm_shared_unref(view);
    return today;
}

static uint64_t version_of(world_t *w, tm_id_t id)
{
    tm_campaign_view_t *view = campaign_view(w, id);
    const uint64_t version = view->view.version;
    tm_shared_unref(view);
    return version;
}

static tm_ms_t instant(const char *tz, int year, int month, int day)
{
    tm_ms_t at = {0};
    assert_int_equal(tm_zone_midnight(tm_str(tz), tm_day_make(year, month, day), &at), TM_OK);
    return at;
}

static void clock__a_day_turns_at_local_midnight(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t east = campaign_new(&w, "{\"name\":\"E\"}");
    const tm_id_t west = campaign_new(&w, "{\"name\":\"W\",\"tz\":\"America/Los_Angeles\"}");
    const tm_day_t first = tm_day_make(2026, 10, 14);
    assert_int_equal(today_of(&w, east).v, first.v);
    const tm_ms_t midnight = instant("America/New_York", 2026, 10, 15);
    const uint64_t before = version_of(&w, east);
    world_tick(&w, (tm_ms_t){midnight.v - 1});
    assert_int_equal(today_of(&w, east).v, first.v);
    world_tick(&w, midnight);
    assert_int_equal(today_of(&w, east).v, first.v + 1);
    assert_int_equal(version_of(&w, east), before + 1);
    assert_int_equal(today_of(&w, west).v, first.v);
    world_tick(&w, (tm_ms_t){midnight.v + 3 * HOUR});
    assert_int_equal(today_of(&w, west).v, first.v + 1);
    assert_int_equal(version_of(&w, east), before + 1); /* once a day */
    world_check_replay(&w);
    world_done(&w);
}

static void clock__changes_of_the_clock(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"E\"}");
    const tm_day_t first = tm_day_make(2026, 10, 14);
    const uint64_t before = version_of(&w, id);
    /* several days at once turn once */
    world_tick(&w, (tm_ms_t){instant("America/New_York", 2026, 10, 20).v + HOUR});
    assert_int_equal(today_of(&w, id).v, first.v + 6);
    assert_int_equal(version_of(&w, id), before + 1);
    /* a clock that goes back turns nothing */
    world_tick(&w, (tm_ms_t){instant("America/New_York", 2026, 10, 18).v});
    assert_int_equal(today_of(&w, id).v, first.v + 6);
    /* the day of 25 hours */
    world_tick(&w, instant("America/New_York", 2026, 11, 1));
    assert_int_equal(today_of(&w, id).v, tm_day_make(2026, 11, 1).v);
    world_tick(&w, (tm_ms_t){instant("America/New_York", 2026, 11, 1).v + 25 * HOUR - 1});
    assert_int_equal(today_of(&w, id).v, tm_day_make(2026, 11, 1).v);
    world_tick(&w, (tm_ms_t){instant("America/New_York", 2026, 11, 1).v + 25 * HOUR});
    assert_int_equal(today_of(&w, id).v, tm_day_make(2026, 11, 2).v);
    /* the day of 23 hours, and a restart that comes late */
    world_crash(&w);
    w.now = (tm_ms_t){instant("America/New_York", 2027, 3, 14).v + HOUR};
    world_boot(&w);
    world_settle(&w);
    world_tick(&w, w.now);
    assert_int_equal(today_of(&w, id).v, tm_day_make(2027, 3, 14).v);
    world_tick(&w, (tm_ms_t){instant("America/New_York", 2027, 3, 14).v + 23 * HOUR});
    assert_int_equal(today_of(&w, id).v, tm_day_make(2027, 3, 15).v);
    world_check_replay(&w);
    world_done(&w);
}

static void clock__a_new_zone_has_its_own_day(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"E\"}");
    assert_int_equal(patch(&w, id, -1, "{\"tz\":\"Pacific/Auckland\"}")->status, 200);
    assert_int_equal(today_of(&w, id).v, tm_day_make(2026, 10, 15).v);
    world_tick(&w, instant("America/New_York", 2026, 10, 15)); /* nobody's midnight any more */
    assert_int_equal(today_of(&w, id).v, tm_day_make(2026, 10, 15).v);
    world_tick(&w, instant("Pacific/Auckland", 2026, 10, 16));
    assert_int_equal(today_of(&w, id).v, tm_day_make(2026, 10, 16).v);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create__defaults_and_location),
        cmocka_unit_test(create__doubled_names_are_one_advertiser),
        cmocka_unit_test(patch__stale_unchanged_and_unknown),
        cmocka_unit_test(patch__sides_are_written_only_when_they_change),
        cmocka_unit_test(patch__aliases_move_names_and_lines),
        cmocka_unit_test(clone__copies_settings_and_finds_its_lines),
        cmocka_unit_test(clone__long_names_stay_text),
        cmocka_unit_test(clock__a_day_turns_at_local_midnight),
        cmocka_unit_test(clock__changes_of_the_clock),
        cmocka_unit_test(clock__a_new_zone_has_its_own_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
