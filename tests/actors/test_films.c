/* test_films.c - the film of an order: every step is what the matrix showed when that paper came.
 */
#include "actors/with_world.h"

#include "base/buf.h"

#include <stdlib.h>

#define PAPERS 24

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(world_random(seed) % n);
}

static json_t *film_of(tm_campaign_view_t *view, tm_id_t line)
{
    tm_buf_t buf;
    tm_buf_init(&buf, 16u << 20);
    assert_int_equal(tm_campaign_view_order(view, line, &buf), TM_OK);
    json_error_t error;
    json_t *film = json_loadb(buf.p, buf.n, 0, &error);
    if (film == NULL) {
        fail_msg("%s in %.*s", error.text, (int)buf.n, buf.p);
    }
    tm_buf_done(&buf);
    return film;
}

/* {week: cents} of everything in the campaign, proposals too. */
static json_t *weeks_of(world_t *w, tm_id_t campaign)
{
    json_t *m = matrix_json(w, campaign, "week_mode=projected");
    json_t *weeks = json_object_get(m, "weeks");
    json_t *cells = json_object_get(json_object_get(m, "totals"), "cells");
    json_t *out = json_object();
    size_t i;
    json_t *week;
    json_array_foreach(weeks, i, week)
    {
        if (json_is_integer(json_array_get(cells, i))) {
            json_object_set(out, json_string_value(week), json_array_get(cells, i));
        }
    }
    json_decref(m);
    return out;
}

/* A paper newer than all before by whatever it is compared with. */
static tm_id_t a_paper(world_t *w, tm_id_t campaign, uint32_t i, uint64_t *seed)
{
    char more[300] = "";
    const uint32_t what = below(seed, 10);
    if (what == 0 && i > 0) {
        (void)snprintf(more, sizeof more, ",\"stage\":\"cancelled\",\"revision\":\"%u\"", i);
    } else if (what == 1) {
        (void)snprintf(more, sizeof more,
                       ",\"doc_type\":\"invoice\",\"stage\":\"invoiced\",\"invoice_no\":\"%u\","
                       "\"billing_from\":\"2026-09-28\",\"billing_to\":\"2026-10-%02u\"",
                       9000 + below(seed, 3), 8 + below(seed, 20));
    } else if (what == 2) {
        (void)snprintf(more, sizeof more, ",\"doc_type\":\"credit\"");
    } else if (what == 3) {
        (void)snprintf(more, sizeof more, ",\"stage\":\"proposed\",\"revision\":\"%u\"", i);
    } else {
        (void)snprintf(more, sizeof more, ",\"revision\":\"%u\"", i);
    }
    const reply_t *r = line_post(
        w, campaign,
        "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"market\":504,\"medium\":\"broadcast\","
        "\"source\":\"fcc\",\"order_no\":\"71234\",\"gross_cents\":%d,\"flight_from\":"
        "\"2026-10-%02u\",\"flight_to\":\"2026-11-%02u\",\"revision_date\":\"2026-09-%02u\"%s",
        what == 2 ? -1000 - (int)below(seed, 9000) : 1000 + (int)below(seed, 100000),
        1 + below(seed, 20), 1 + below(seed, 20), 1 + i, more);
    assert_int_equal(r->status, 201);
    w->now.v += 60000;
    return id_of("bl", r->body);
}

/* Applies a step's weeks, which must have been as it says. */
static void apply_weeks(json_t *step, json_t *cells)
{
    size_t i;
    json_t *week;
    json_array_foreach(json_object_get(step, "weeks"), i, week)
    {
        const char *day = text_of(week, "week");
        json_t *was = json_object_get(week, "before_cents");
        json_t *is = json_object_get(week, "after_cents");
        json_t *held = json_object_get(cells, day);
        assert_true(held == NULL ? json_is_null(was) : json_equal(held, was));
        if (json_is_null(is)) {
            json_object_del(cells, day);
        } else {
            json_object_set(cells, day, is);
        }
    }
}

static int64_t total_of(json_t *cells)
{
    int64_t sum = 0;
    const char *key;
    json_t *cell;
    json_object_foreach(cells, key, cell)
    {
        sum += json_integer_value(cell);
    }
    return sum;
}

static void film__steps_are_what_the_matrix_showed(void **state)
{
    (void)state;
    const char *one = getenv("SEED");
    for (uint64_t seed = 1; seed <= 8; seed++) {
        uint64_t random = one != NULL ? strtoull(one, NULL, 10) : seed * 1001;
        world_t w;
        world_init(&w);
        const tm_id_t campaign = campaign_new(&w, "{\"name\":\"C\"}");
        json_t *seen[PAPERS];
        tm_id_t lines[PAPERS];
        for (uint32_t i = 0; i < PAPERS; i++) {
            lines[i] = a_paper(&w, campaign, i, &random);
            seen[i] = weeks_of(&w, campaign);
        }
        tm_campaign_view_t *view = campaign_view(&w, campaign);
        json_t *film = film_of(view, lines[below(&random, PAPERS)]);
        json_t *steps = json_object_get(film, "steps");
        assert_int_equal(json_array_size(steps), PAPERS);
        json_t *cells = json_object();
        for (uint32_t i = 0; i < PAPERS; i++) {
            json_t *step = json_array_get(steps, i);
            tm_id_t line = {0};
            assert_int_equal(tm_id_parse("bl", tm_str(text_of(step, "buy_line_id")), &line), TM_OK);
            assert_int_equal(line.v, lines[i].v);
            apply_weeks(step, cells);
            if (!json_equal(cells, seen[i])) {
                char *a = json_dumps(cells, JSON_SORT_KEYS),
                     *b = json_dumps(seen[i], JSON_SORT_KEYS);
                fail_msg("step %u: film %s, matrix %s", i, a, b);
            }
            const int64_t total = number_of(step, "total_after_cents");
            assert_int_equal(total == INT64_MIN ? 0 : total, total_of(cells));
            json_decref(seen[i]);
        }
        json_decref(cells);
        json_decref(film);
        tm_shared_unref(view);
        world_done(&w);
        if (one != NULL)
            return;
    }
}

static void film__of_what_is_not_there(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t campaign = campaign_new(&w, "{\"name\":\"C\"}");
    tm_campaign_view_t *view = campaign_view(&w, campaign);
    tm_buf_t buf;
    tm_buf_init(&buf, 1u << 20);
    assert_int_equal(tm_campaign_view_order(view, tm_id_make(view->view.actor, 99), &buf),
                     TM_ENOTFOUND);
    assert_int_equal(buf.n, 0);
    assert_int_equal(tm_campaign_view_order_cost(view, tm_id_make(view->view.actor, 99)), 0);
    tm_buf_done(&buf);
    tm_shared_unref(view);
    world_done(&w);
}

/* Undated amounts are in the total and in no week. */
static void film__of_a_line_without_flight_or_amount(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t campaign = campaign_new(&w, "{\"name\":\"C\"}");
    json_decref(input_read(&w, "a.pdf", campaign,
                           "[{\"status\":\"read\",\"doc_type\":\"order\",\"order_no\":\"71234\","
                           "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"gross_cents\":700},"
                           "{\"status\":\"read\",\"doc_type\":\"order\",\"order_no\":\"71235\","
                           "\"advertiser\":\"Ann\",\"station\":\"WAAA\","
                           "\"flight_from\":\"2026-10-05\",\"flight_to\":\"2026-10-06\"}]"));
    tm_campaign_view_t *view = campaign_view(&w, campaign);
    uint32_t key = 0, n = 0;
    for (const tm_row_t *row;
         (row = tm_trie_next(&view->view.tables[tm_buy_line_desc.number], &key)); key++) {
        json_t *film = film_of(view, row->id);
        json_t *step = json_array_get(json_object_get(film, "steps"), 0);
        const bool dated = strcmp(text_of(film, "order_no"), "71235") == 0;
        assert_int_equal(number_of(film, "total_gross_cents"), dated ? INT64_MIN : 700);
        assert_int_equal(json_array_size(json_object_get(film, "weeks")), 0);
        assert_string_equal(text_of(step, "kind"), dated ? "paper" : "placed");
        json_decref(film);
        n++;
    }
    assert_int_equal(n, 2);
    tm_shared_unref(view);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(film__steps_are_what_the_matrix_showed),
        cmocka_unit_test(film__of_what_is_not_there),
        cmocka_unit_test(film__of_a_line_without_flight_or_amount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
