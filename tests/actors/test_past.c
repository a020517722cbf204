/* test_past.c - every version of a campaign can be told again: records as they were, the matrix to
 * the byte, the times of versions. */
#include "actors/with_world.h"

#include "actors/past.h"
#include "actors/tables.h"
#include "base/buf.h"
#include "schema/record.h"
#include "schema/slot.h"

#include <stdlib.h>

#define NONE ((tm_id_t){0})
#define VERSIONS_MAX 2000
#define ARENA_BYTES (64u << 20)
#define MONDAY_MS INT64_C(1792000000000)

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(world_random(seed) % n);
}

/* ---- rows ---- */

static tm_tables_t tables_of_one(void)
{
    return (tm_tables_t){0};
}

static void set_random(tm_buy_line_t *line, tm_has_t *touched, uint64_t *seed, tm_arena_t *arena)
{
    if (below(seed, 2) == 0) {
        TM_SET_TOUCHED(line, touched, TM_BUY_LINE, gross_cents,
                       ((tm_cents_t){(int64_t)below(seed, 1000000) - 500}));
    }
    if (below(seed, 3) == 0) {
        TM_SET_TOUCHED(line, touched, TM_BUY_LINE, standing_why,
                       tm_arena_printf(arena, "because of %u", below(seed, 1000)));
    }
    if (below(seed, 4) == 0) {
        TM_CLEAR(line, TM_BUY_LINE_product); /* null now */
        (void)TM_TOUCH(touched, TM_BUY_LINE_product);
    }
    if (below(seed, 4) == 0) {
        TM_SET_TOUCHED(line, touched, TM_BUY_LINE, product, TM_STR("SENATE"));
    }
    if (below(seed, 5) == 0) {
        tm_span_t *spans = tm_arena_zalloc(arena, 2 * sizeof *spans);
        for (int i = 0; i < 2; i++) {
            TM_SET(&spans[i], TM_SPAN, from, (tm_day_t){20000 + (int32_t)below(seed, 50)});
            TM_SET(&spans[i], TM_SPAN, to, (tm_day_t){20060 + (int32_t)below(seed, 50)});
        }
        TM_SET_TOUCHED(line, touched, TM_BUY_LINE, hiatus, ((tm_recs_t){spans, below(seed, 3)}));
    }
}

/* Random puts and patches, several in some commits; each version is remembered as its bytes. */
static void past__every_version_of_a_row(void **state)
{
    (void)state;
    enum { COMMITS = 400 };
    for (uint64_t seed = 1; seed <= 5; seed++) {
        uint64_t random = seed * 77;
        tm_tables_t tables = tables_of_one();
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(ARENA_BYTES);
        tm_row_t *kept[COMMITS + 1] = {NULL};
        tm_buy_line_t line = {0};
        const tm_id_t id = tm_id_make(1000, 5);
        TM_SET(&line, TM_BUY_LINE, id, id);
        for (uint64_t v = 1; v <= COMMITS; v++) {
            const tm_row_t *now = tm_tables_get(&tables, &tm_buy_line_desc, id);
            if (v > 3 && below(&random, 3) > 0) {
                for (uint32_t k = below(&random, 3) + 1; k-- > 0;) {
                    tm_has_t touched = {{0}};
                    set_random(&line, &touched, &random, arena);
                    const bool whole = now == NULL || below(&random, 12) == 0;
                    const tm_change_t change = {.op = whole ? TM_CHANGE_PUT : TM_CHANGE_PATCH,
                                                .desc = &tm_buy_line_desc,
                                                .id = id,
                                                .record = &line,
                                                .touched = whole ? NULL : &touched};
                    now = tm_tables_apply_at(&tables, &change, v);
                }
            }
            kept[v] = now == NULL ? NULL : tm_row_new(&tm_buy_line_desc, id, &line);
        }
        tm_row_t *row = tm_trie_get(&tables.t[tm_buy_line_desc.number], 5);
        for (uint64_t v = 0; v <= COMMITS; v++) {
            tm_row_t *then = tm_row_at(row, v);
            assert_true((then == NULL) == (kept[v] == NULL));
            if (then != NULL) {
                assert_int_equal(then->n, kept[v]->n);
                assert_memory_equal(then->bytes, kept[v]->bytes, then->n);
                tm_row_t *before = tm_row_at(then, v / 2); /* an earlier one has its own past */
                assert_true((before == NULL) == (kept[v / 2] == NULL));
                if (before != NULL) {
                    assert_int_equal(before->n, kept[v / 2]->n);
                    assert_memory_equal(before->bytes, kept[v / 2]->bytes, before->n);
                }
                tm_shared_unref(before);
            }
            tm_shared_unref(then);
        }
        for (uint64_t v = 1; v <= COMMITS; v++) {
            tm_shared_unref(kept[v]);
        }
        tm_tables_done(&tables);
    }
}

/* A million steps back are freed without a million frames of stack. */
static void past__a_long_one_is_freed(void **state)
{
    (void)state;
    tm_tables_t tables = tables_of_one();
    tm_buy_line_t line = {0};
    const tm_id_t id = tm_id_make(1000, 1);
    TM_SET(&line, TM_BUY_LINE, id, id);
    tm_has_t touched = {{0}};
    for (uint64_t v = 1; v <= 300000; v++) {
        TM_SET_TOUCHED(&line, &touched, TM_BUY_LINE, gross_cents, ((tm_cents_t){(int64_t)v}));
        const tm_change_t change = {.op = v == 1 ? TM_CHANGE_PUT : TM_CHANGE_PATCH,
                                    .desc = &tm_buy_line_desc,
                                    .id = id,
                                    .record = &line,
                                    .touched = &touched};
        (void)tm_tables_apply_at(&tables, &change, v);
    }
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(ARENA_BYTES);
    tm_row_t *first = tm_row_at(tm_trie_get(&tables.t[tm_buy_line_desc.number], 1), 1);
    const tm_buy_line_t *was = tm_row_read(first, arena);
    assert_int_equal(was->gross_cents.v, 1);
    tm_shared_unref(first);
    tm_tables_done(&tables);
}

static void past__none_where_no_version_is_given(void **state)
{
    (void)state;
    tm_tables_t tables = tables_of_one();
    tm_buy_line_t line = {0};
    const tm_id_t id = tm_id_make(1000, 1);
    TM_SET(&line, TM_BUY_LINE, id, id);
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(&line, &touched, TM_BUY_LINE, gross_cents, ((tm_cents_t){5}));
    tm_change_t change = {
        .op = TM_CHANGE_PUT, .desc = &tm_buy_line_desc, .id = id, .record = &line};
    (void)tm_tables_apply(&tables, &change);
    change.op = TM_CHANGE_PATCH;
    change.touched = &touched;
    const tm_row_t *row = tm_tables_apply(&tables, &change);
    assert_null(row->past);
    assert_int_equal(row->since, 0);
    tm_tables_done(&tables);
}

/* ---- times ---- */

static void versions__found_by_time(void **state)
{
    (void)state;
    tm_versions_t all = {0};
    assert_int_equal(tm_versions_find(&all, (tm_ms_t){5}), 0);
    uint64_t random = 9;
    int64_t at[1000];
    int64_t now = 1000;
    tm_versions_t early = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        now += below(&random, 3); /* several versions a millisecond */
        at[i] = now;
        tm_versions_push(&all, (tm_ms_t){now});
        if (i == 499) {
            early = tm_versions_share(&all); /* goes on growing beside it */
        }
    }
    assert_int_equal(early.n, 500);
    for (int64_t t = 990; t <= now + 2; t++) {
        uint64_t want = 0, want_early = 0;
        for (uint32_t i = 0; i < 1000; i++) {
            want = at[i] <= t ? i + 1 : want;
            want_early = i < 500 && at[i] <= t ? i + 1 : want_early;
        }
        assert_int_equal(tm_versions_find(&all, (tm_ms_t){t}), want);
        assert_int_equal(tm_versions_find(&early, (tm_ms_t){t}), want_early);
    }
    assert_int_equal(tm_versions_at(&all, 1000).v, at[999]);
    tm_versions_done(&early);
    tm_versions_done(&all);
}

/* ---- campaigns ---- */

typedef struct seen {
    tm_blob_t *booked, *projected, *future; /* what was served; NULL: this version was not */
    tm_blob_t *lines;                       /* every record, as bytes */
    tm_ms_t at;
} seen_t;

static tm_blob_t *matrix_of(tm_campaign_view_t *view, tm_week_mode_t mode)
{
    tm_matrix_query_t q = tm_matrix_query_default();
    q.mode = mode;
    tm_blob_t *body = tm_campaign_view_matrix(view, &q, false);
    assert_non_null(body);
    return body;
}

static tm_blob_t *records_of(const tm_campaign_view_t *view)
{
    tm_buf_t buf;
    tm_buf_init(&buf, ARENA_BYTES);
    for (unsigned t = 0; t < TM_VIEW_TABLES; t++) {
        uint32_t key = 0;
        for (const tm_row_t *row; (row = tm_trie_next(&view->view.tables[t], &key)); key++) {
            tm_buf_printf(&buf, "\n%u %llu ", t, (unsigned long long)row->id.v);
            tm_buf_add(&buf, row->bytes, row->n);
        }
    }
    assert_false(buf.full);
    tm_blob_t *blob = tm_blob_new(buf.p, buf.n);
    tm_buf_done(&buf);
    return blob;
}

static void see(world_t *w, tm_id_t campaign, seen_t *seen)
{
    tm_campaign_view_t *view = campaign_view(w, campaign);
    assert_true(view->view.version < VERSIONS_MAX);
    seen_t *s = &seen[view->view.version];
    if (s->booked == NULL) {
        *s = (seen_t){matrix_of(view, TM_MODE_BOOKED), matrix_of(view, TM_MODE_PROJECTED),
                      matrix_of(view, TM_MODE_FUTURE_ONLY), records_of(view),
                      tm_versions_at(&view->versions, view->view.version)};
        assert_true(s->at.v <= w->now.v);
    }
    tm_shared_unref(view);
}

static void same_blob(tm_blob_t *was, TM_OWN tm_blob_t *told)
{
    if (!tm_str_eq(tm_blob_str(was), tm_blob_str(told))) {
        fail_msg("was  %.*s\ntold %.*s", (int)was->n, was->p, (int)told->n, told->p);
    }
    tm_blob_unref(told);
}

/* Every version that was served is told again, from today's picture. */
static uint32_t check_view(const tm_campaign_view_t *now, const seen_t *seen)
{
    uint32_t checked = 0;
    for (uint64_t v = 1; v <= now->view.version; v++) {
        if (seen[v].booked == NULL) {
            continue;
        }
        assert_int_equal(tm_versions_at(&now->versions, v).v, seen[v].at.v);
        tm_campaign_view_t *then = tm_campaign_view_at(now, v);
        assert_true(then->is_past);
        assert_int_equal(then->view.version, v);
        assert_int_equal(then->versions.n, v);
        then->is_past = false; /* as it was served then, without "as_of" */
        same_blob(seen[v].booked, matrix_of(then, TM_MODE_BOOKED));
        same_blob(seen[v].projected, matrix_of(then, TM_MODE_PROJECTED));
        same_blob(seen[v].future, matrix_of(then, TM_MODE_FUTURE_ONLY));
        same_blob(seen[v].lines, records_of(then));
        tm_shared_unref(then);
        checked++;
    }
    return checked;
}

static uint32_t check_all(world_t *w, tm_id_t campaign, const seen_t *seen)
{
    tm_campaign_view_t *now = campaign_view(w, campaign);
    const uint32_t checked = check_view(now, seen);
    tm_shared_unref(now);
    return checked;
}

static void forget(seen_t *seen)
{
    for (uint32_t v = 0; v < VERSIONS_MAX; v++) {
        tm_blob_unref(seen[v].booked);
        tm_blob_unref(seen[v].projected);
        tm_blob_unref(seen[v].future);
        tm_blob_unref(seen[v].lines);
    }
    free(seen);
}

static void a_line(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    static const char *const stages[] = {"ordered", "confirmed", "proposed", "cancelled"};
    static const char *const names[] = {"Ann Lee", "Bo Fox", "Friends of Ann"};
    static const char *const stations[] = {"WAAA", "WAAA-TV", "KCCC"};
    static const char *const numbers[] = {"71234", "72345", "73456", "812"};
    char more[300] = "";
    if (below(seed, 3) > 0) {
        (void)snprintf(more, sizeof more, ",\"order_no\":\"%s\",\"revision\":\"%u\"",
                       numbers[below(seed, 4)], below(seed, 4));
    }
    if (below(seed, 4) == 0) {
        const size_t n = strlen(more);
        (void)snprintf(more + n, sizeof more - n, ",\"alt_order_no\":\"%s\"",
                       numbers[below(seed, 4)]);
    }
    const reply_t *r = line_post(
        w, campaign,
        "\"advertiser\":\"%s\",\"station\":\"%s\",\"market\":%u,\"medium\":\"broadcast\","
        "\"source\":\"%s\",\"gross_cents\":%d,\"stage\":\"%s\",\"flight_from\":\"2026-10-%02u\","
        "\"flight_to\":\"2026-11-%02u\"%s",
        names[below(seed, 3)], stations[below(seed, 3)], 504 + below(seed, 2),
        below(seed, 2) == 0 ? "fcc" : "manual", (int)below(seed, 100000) - 5000,
        stages[below(seed, 4)], 1 + below(seed, 20), 1 + below(seed, 28), more);
    assert_int_equal(r->status, 201);
}

static void an_input(world_t *w, uint32_t i, tm_id_t campaign, uint64_t *seed)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%u.pdf", i);
    json_decref(input_read(
        w, name, below(seed, 3) == 0 ? campaign : NONE,
        "[{\"status\":\"read\",\"doc_type\":\"order\",\"order_no\":\"%u\",\"revision\":\"%u\","
        "\"advertiser\":\"%s\",\"station\":\"WAAA\",\"medium\":\"broadcast\",\"gross_cents\":%u,"
        "\"flight_from\":\"2026-10-05\",\"flight_to\":\"2026-10-%02u\"}]",
        71230 + below(seed, 3), below(seed, 4), below(seed, 2) == 0 ? "Ann Lee" : "Bo Fox",
        below(seed, 100000), 6 + below(seed, 25)));
}

static void a_change(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    static const char *const patches[] = {
        "{\"keywords\":[\"ann\"]}",
        "{\"keywords\":[]}",
        "{\"markets\":[504]}",
        "{\"markets\":[]}",
        "{\"week_basis\":\"political\"}",
        "{\"week_basis\":\"broadcast\"}",
        "{\"advertisers\":[{\"name\":\"Ann Lee\",\"side\":\"for\"}]}",
        "{\"advertisers\":[{\"name\":\"Ann Lee\",\"side\":\"against\",\"aliases\":"
        "[\"Friends of Ann\"]},{\"name\":\"Bo Fox\",\"side\":\"for\"}]}",
        "{\"advertisers\":[]}",
        "{\"name\":\"Another\"}",
    };
    assert_int_equal(patch(w, campaign, -1, "%s", patches[below(seed, TM_COUNT(patches))])->status,
                     200);
}

/* A total of a market, or what a sheet says of a buy that a station filed: groups come of it. */
static void a_rival_line(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    const bool total = below(seed, 3) == 0;
    const reply_t *r = line_post(
        w, campaign,
        "\"advertiser\":\"%s\",%s\"market\":504,\"medium\":\"broadcast\",\"source\":\"%s\","
        "\"gross_cents\":%u,\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\"",
        below(seed, 2) == 0 ? "Ann Lee" : "Bo Fox", total ? "" : "\"station\":\"WAAA\",",
        below(seed, 2) == 0 ? "rep_mail" : "fcc",
        total ? 90000 + below(seed, 90000) : 30000 + below(seed, 900));
    assert_int_equal(r->status, 201);
}

static json_t *any_of(json_t *list, uint64_t *seed)
{
    const size_t n = json_array_size(list);
    return n == 0 ? NULL : json_array_get(list, below(seed, (uint32_t)n));
}

static void a_verdict(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    static const char *const actions[] = {"keep", "merge", "separate"};
    json_t *groups = records_json(w, tm_campaign_actor(campaign), &tm_dedupe_group_desc);
    json_t *group = any_of(groups, seed);
    json_t *member = group == NULL ? NULL : any_of(json_object_get(group, "members"), seed);
    if (member != NULL) {
        const char *action = actions[below(seed, 3)];
        char winner[80] = "";
        if (strcmp(action, "separate") != 0) {
            (void)snprintf(winner, sizeof winner, ",\"winner\":\"%s\"",
                           text_of(member, "buy_line_id"));
        }
        (void)ask(w, TM_MSG_GROUP_RESOLVE, campaign, "{\"group_id\":\"%s\",\"action\":\"%s\"%s}",
                  text_of(group, "id"), action, winner);
    }
    json_decref(groups);
}

static void a_combination(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", campaign, id);
    json_t *lines = records_json(w, tm_campaign_actor(campaign), &tm_buy_line_desc);
    json_t *a = any_of(lines, seed), *b = any_of(lines, seed);
    if (a != b) { /* mostly refused: they must agree in everything */
        (void)ask(w, TM_MSG_ROWS_COMBINE, campaign,
                  "{\"campaign_id\":\"%s\",\"buy_line_ids\":[\"%s\",\"%s\"]}", id, text_of(a, "id"),
                  text_of(b, "id"));
    }
    json_decref(lines);
}

static void an_undo(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    const tm_desc_t *desc = below(seed, 4) == 0 ? &tm_adjustment_desc : &tm_dedupe_decision_desc;
    json_t *made = records_json(w, tm_campaign_actor(campaign), desc);
    json_t *one = any_of(made, seed);
    if (one != NULL) {
        (void)ask(w, TM_MSG_DECISION_UNDO, campaign, "{\"undo_token\":\"%s\"}", text_of(one, "id"));
    }
    json_decref(made);
}

static void an_edit(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", campaign, id);
    json_t *m = matrix_json(w, campaign, NULL);
    json_t *row = any_of(json_object_get(m, "rows"), seed);
    json_t *week = any_of(json_object_get(m, "weeks"), seed);
    if (row != NULL && week != NULL && strcmp(text_of(row, "kind"), "leaf") == 0) {
        (void)ask(w, TM_MSG_MATRIX_EDIT, campaign,
                  "{\"campaign_id\":\"%s\",\"base_version\":%lld,\"edits\":[{\"key\":\"%s@%s\","
                  "\"gross_cents\":%u,\"reason\":\"seen\"}]}",
                  id, (long long)number_of(m, "version"), text_of(row, "key"),
                  json_string_value(week), below(seed, 100000));
    }
    json_decref(m);
}

static void one_decision(world_t *w, tm_id_t campaign, uint64_t *seed)
{
    const uint32_t what = below(seed, 10);
    if (what < 4) {
        a_verdict(w, campaign, seed);
    } else if (what < 6) {
        an_undo(w, campaign, seed);
    } else if (what < 8) {
        an_edit(w, campaign, seed);
    } else {
        a_combination(w, campaign, seed);
    }
}

static void one_step(world_t *w, uint32_t i, tm_id_t campaign, uint64_t *seed)
{
    const uint32_t what = below(seed, 30);
    if (what < 9) {
        a_line(w, campaign, seed);
    } else if (what < 13) {
        an_input(w, i, campaign, seed);
    } else if (what < 17) {
        a_change(w, campaign, seed);
    } else if (what == 17) {
        (void)ask(w, TM_MSG_STATIONS_PUT, NONE,
                  "{\"stations\":[{\"call_sign\":\"WAAA\",\"dma_code\":%u}]}",
                  504 + below(seed, 2));
    } else if (what < 22) {
        a_rival_line(w, campaign, seed);
    } else if (what < 28) {
        one_decision(w, campaign, seed);
    } else if (what == 28) {
        world_tick(w, (tm_ms_t){w->now.v + 40000000});
    } else {
        world_crash(w);
        world_boot(w);
        world_settle(w);
    }
    w->now.v += 7;
}

static void as_of__random_histories_are_told_to_the_byte(void **state)
{
    (void)state;
    const char *one = getenv("SEED");
    for (uint64_t seed = 1; seed <= 4; seed++) {
        uint64_t random = one != NULL ? strtoull(one, NULL, 10) : seed;
        print_message("seed %llu\n", (unsigned long long)random);
        world_t w;
        world_init(&w);
        const tm_id_t campaign = campaign_new(&w, "{\"name\":\"C\"}");
        seen_t *seen = calloc(VERSIONS_MAX, sizeof *seen);
        assert_non_null(seen);
        for (uint32_t i = 0; i < 180; i++) {
            see(&w, campaign, seen);
            one_step(&w, i, campaign, &random);
        }
        see(&w, campaign, seen);
        json_t *made = records_json(&w, tm_campaign_actor(campaign), &tm_dedupe_decision_desc);
        json_t *edits = records_json(&w, tm_campaign_actor(campaign), &tm_adjustment_desc);
        assert_true(json_array_size(made) > 3 && json_array_size(edits) > 0);
        json_decref(made);
        json_decref(edits);
        const uint32_t checked = check_all(&w, campaign, seen);
        assert_true(checked > 60);
        world_crash(&w); /* the past comes back with the journal */
        world_boot(&w);
        world_settle(&w);
        assert_int_equal(check_all(&w, campaign, seen), checked);
        world_check_replay(&w);
        forget(seen);
        world_done(&w);
        if (one != NULL)
            return;
    }
}

/* Domain, walkthrough 12. */
static void as_of__walkthrough_12(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t campaign = campaign_new(&w, "{\"name\":\"C\"}");
    const char *order = "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"market\":504,"
                        "\"medium\":\"broadcast\",\"source\":\"fcc\",\"order_no\":\"500100\","
                        "\"flight_from\":\"2026-10-20\",\"flight_to\":\"2026-10-26\","
                        "\"revision\":\"%d\",\"gross_cents\":%d";
    w.now = (tm_ms_t){MONDAY_MS};
    assert_int_equal(line_post(&w, campaign, order, 1, 5000000)->status, 201);
    w.now = (tm_ms_t){MONDAY_MS + 86400000};
    assert_int_equal(line_post(&w, campaign, order, 2, 4200000)->status, 201);
    w.now.v += 1000;
    tm_campaign_view_t *now = campaign_view(&w, campaign);
    const struct {
        int64_t at, total;
    } cases[] = {{MONDAY_MS - 1, 0},
                 {MONDAY_MS, 5000000},
                 {MONDAY_MS + 86399999, 5000000},
                 {MONDAY_MS + 86400000, 4200000},
                 {MONDAY_MS + 9 * INT64_C(86400000), 4200000}};
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        const uint64_t v = tm_versions_find(&now->versions, (tm_ms_t){cases[i].at});
        assert_true(v > 0);
        tm_campaign_view_t *then = tm_campaign_view_at(now, v);
        tm_cents_t gross, net;
        (void)tm_matrix_total(then->matrix, &gross, &net);
        assert_int_equal(gross.v, cases[i].total);
        tm_blob_t *body = matrix_of(then, TM_MODE_BOOKED);
        char want[100];
        (void)snprintf(want, sizeof want,
                       ",\"as_of\":{\"version\":%llu,\"at_ms\":%lld,\"rules_version\":1},",
                       (unsigned long long)v, (long long)tm_versions_at(&now->versions, v).v);
        assert_non_null(strstr(body->p, want));
        tm_blob_unref(body);
        tm_shared_unref(then);
    }
    assert_int_equal(tm_versions_find(&now->versions, (tm_ms_t){1}), 0);
    tm_shared_unref(now);
    world_done(&w);
}

/* What the past costs: a changed standing keeps its old words, not the whole line. */
static void past__costs_what_was_changed(void **state)
{
    (void)state;
    tm_tables_t tables = tables_of_one();
    tm_buy_line_t line = {0};
    const tm_id_t id = tm_id_make(1000, 1);
    TM_SET(&line, TM_BUY_LINE, id, id);
    static tm_line_week_t weeks[1000];
    for (int i = 0; i < 1000; i++) {
        TM_SET(&weeks[i], TM_LINE_WEEK, from, (tm_day_t){20000 + i});
    }
    TM_SET(&line, TM_BUY_LINE, line_weeks, ((tm_recs_t){weeks, 1000}));
    TM_SET(&line, TM_BUY_LINE, standing_why, TM_STR("the only version of the order"));
    tm_change_t change = {
        .op = TM_CHANGE_PUT, .desc = &tm_buy_line_desc, .id = id, .record = &line};
    const tm_row_t *row = tm_tables_apply_at(&tables, &change, 1);
    assert_null(row->past);
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(&line, &touched, TM_BUY_LINE, standing_why, TM_STR("replaced"));
    change.op = TM_CHANGE_PATCH;
    change.touched = &touched;
    row = tm_tables_apply_at(&tables, &change, 2);
    assert_non_null(row->past);
    assert_true(tm_past_bytes(row->past) < 64);
    tm_tables_done(&tables);
}

/* ---- histories no message makes: the actor's own functions, changes a journal may hold ---- */

typedef struct hand {
    void *state;
    tm_arena_t *arena;
    uint64_t seed, version;
    uint32_t n;
    seen_t *seen;
    tm_campaign_t record;
} hand_t;

#define HAND_ACTOR 1000

static void hand_change(hand_t *h, uint8_t op, const tm_desc_t *desc, tm_id_t id,
                        const void *record, const tm_has_t *touched)
{
    const tm_commit_head_t head = {.at = {(int64_t)h->version * 5}};
    const tm_change_t change = {
        .op = op, .desc = desc, .id = id, .record = record, .touched = touched};
    tm_campaign_kind.apply(h->state, &head, &change);
}

static void hand_state(hand_t *h)
{
    tm_campaign_state_t kept = {0};
    const tm_id_t id = tm_id_make(HAND_ACTOR, 1);
    TM_SET(&h->record, TM_CAMPAIGN, id, tm_id_make(TM_ACTOR_DIRECTORY, 1));
    TM_SET(&h->record, TM_CAMPAIGN, week_basis, (tm_enum_t){(uint8_t)below(&h->seed, 2)});
    TM_SET(&kept, TM_CAMPAIGN_STATE, id, id);
    TM_SET(&kept, TM_CAMPAIGN_STATE, campaign, (tm_recs_t){&h->record, 1});
    TM_SET(&kept, TM_CAMPAIGN_STATE, today, (tm_day_t){20730 + (int32_t)below(&h->seed, 30)});
    hand_change(h, TM_CHANGE_PUT, &tm_campaign_state_desc, id, &kept, NULL);
}

/* Fields by which lines find each other, and names by which rows are shown. */
static void hand_fields(hand_t *h, tm_buy_line_t *line, tm_has_t *t)
{
    static const char *const numbers[] = {"71234", "72345", "73456", "74567"};
    static const char *const shown[] = {"Ann", "ANN", "Ann Lee"};
    if (below(&h->seed, 2) == 0) {
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, order_no_norm, tm_str(numbers[below(&h->seed, 4)]));
    }
    if (below(&h->seed, 4) == 0) {
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, alt_order_no, tm_str(numbers[below(&h->seed, 4)]));
    }
    if (below(&h->seed, 5) == 0) {
        TM_CLEAR(line, TM_BUY_LINE_order_no_norm);
        (void)TM_TOUCH(t, TM_BUY_LINE_order_no_norm);
    }
    TM_SET_TOUCHED(line, t, TM_BUY_LINE, advertiser, tm_str(shown[below(&h->seed, 3)]));
    if (below(&h->seed, 3) == 0) {
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, gross_cents,
                       ((tm_cents_t){1000 + (int64_t)below(&h->seed, 90000)}));
    }
    if (below(&h->seed, 8) == 0) {
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, archived_ms, ((tm_ms_t){77}));
    } else if (TM_HAS(line, TM_BUY_LINE_archived_ms) && below(&h->seed, 3) == 0) {
        TM_CLEAR(line, TM_BUY_LINE_archived_ms);
        (void)TM_TOUCH(t, TM_BUY_LINE_archived_ms);
    }
}

static void hand_new_line(hand_t *h)
{
    tm_buy_line_t line = {0};
    tm_has_t touched = {{0}};
    const tm_id_t id = tm_id_make(HAND_ACTOR, 2 + h->n++);
    TM_SET(&line, TM_BUY_LINE, id, id);
    TM_SET(&line, TM_BUY_LINE, advertiser_id, tm_id_make(TM_ACTOR_DIRECTORY, 7));
    TM_SET(&line, TM_BUY_LINE, station_id, tm_id_make(TM_ACTOR_DIRECTORY, 8 + below(&h->seed, 2)));
    TM_SET(&line, TM_BUY_LINE, station, TM_STR("WAAA"));
    TM_SET(&line, TM_BUY_LINE, stage, (tm_enum_t){TM_STAGE_ordered});
    TM_SET(&line, TM_BUY_LINE, flight_from, (tm_day_t){20740});
    TM_SET(&line, TM_BUY_LINE, flight_to, (tm_day_t){20741 + (int32_t)below(&h->seed, 20)});
    TM_SET(&line, TM_BUY_LINE, gross_cents, ((tm_cents_t){(int64_t)below(&h->seed, 90000)}));
    hand_fields(h, &line, &touched);
    hand_change(h, TM_CHANGE_PUT, &tm_buy_line_desc, id, &line, NULL);
}

static void hand_patch_line(hand_t *h)
{
    tm_campaign_view_t *view = tm_campaign_kind.snapshot(h->state);
    const tm_id_t id = tm_id_make(HAND_ACTOR, 2 + below(&h->seed, h->n));
    const tm_row_t *row = tm_view_get(&view->view, &tm_buy_line_desc, id);
    if (row != NULL) { /* else it is of this very commit */
        tm_buy_line_t *line = tm_row_read(row, h->arena);
        tm_has_t touched = {{0}};
        hand_fields(h, line, &touched);
        hand_change(h, TM_CHANGE_PATCH, &tm_buy_line_desc, id, line, &touched);
    }
    tm_shared_unref(view);
}

static void hand_commit(hand_t *h)
{
    h->version++;
    if (h->version == 1 || below(&h->seed, 12) == 0) {
        hand_state(h);
    }
    for (uint32_t k = h->version == 1 ? 2 : 1 + below(&h->seed, 3); k > 0; k--) {
        if (h->version == 1 || below(&h->seed, 3) == 0) {
            hand_new_line(h);
        } else {
            hand_patch_line(h);
        }
    }
    const tm_commit_head_t head = {.at = {(int64_t)h->version * 5}};
    tm_campaign_kind.committed(h->state, &head);
    tm_campaign_view_t *view = tm_campaign_kind.snapshot(h->state);
    h->seen[h->version] =
        (seen_t){matrix_of(view, TM_MODE_BOOKED), matrix_of(view, TM_MODE_PROJECTED),
                 matrix_of(view, TM_MODE_FUTURE_ONLY), records_of(view), head.at};
    tm_shared_unref(view);
    tm_arena_reset(h->arena);
}

/* Numbers that change after they joined papers, names of one row that differ from line to line,
 * lines that go and come back: none of it may show. */
static void as_of__whatever_a_journal_may_hold(void **state)
{
    (void)state;
    const char *one = getenv("SEED");
    for (uint64_t seed = 1; seed <= 20; seed++) {
        hand_t h = {.state = tm_campaign_kind.create(HAND_ACTOR),
                    .arena = tm_arena_new(ARENA_BYTES),
                    .seed = one != NULL ? strtoull(one, NULL, 10) : seed,
                    .seen = calloc(VERSIONS_MAX, sizeof(seen_t))};
        while (h.version < 80) {
            hand_commit(&h);
        }
        tm_campaign_view_t *now = tm_campaign_kind.snapshot(h.state);
        tm_campaign_kind.destroy(h.state);
        assert_int_equal(check_view(now, h.seen), 80);
        tm_shared_unref(now);
        tm_arena_free(h.arena);
        forget(h.seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past__every_version_of_a_row),
        cmocka_unit_test(past__a_long_one_is_freed),
        cmocka_unit_test(past__none_where_no_version_is_given),
        cmocka_unit_test(past__costs_what_was_changed),
        cmocka_unit_test(versions__found_by_time),
        cmocka_unit_test(as_of__walkthrough_12),
        cmocka_unit_test(as_of__whatever_a_journal_may_hold),
        cmocka_unit_test(as_of__random_histories_are_told_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
