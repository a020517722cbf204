/* test_odd_worlds.c - papers nobody would expect, verdicts nobody would give, sums of anything;
 * what was answered adds up at every step, and with every decision taken back the matrix is what
 * it would be had nobody decided anything.
 *
 * How:     as test_worlds.c, but nobody knows any truth. */
#include "actors/with_trial.h"

#include <stdlib.h>

#define STEPS 70

/* A line nobody would expect; half of them are papers of few orders. */
static void odd_line(trial_t *t, char *json, size_t bytes)
{
    static const char *const sources[] = {"fcc", "fcc", "manual", "rep_mail", "adimpact", "deal"};
    static const char *const stages[] = {"ordered",  "ordered",  "ordered",  "confirmed",
                                         "proposed", "invoiced", "cancelled"};
    buys_t *b = &t->b;
    const int from = 12 + (int)buys_random(b, 8);
    int n = snprintf(json, bytes,
                     "\"source\":\"%s\",\"advertiser\":\"Ann%s\",\"market\":504,\"medium\":"
                     "\"broadcast\",\"stage\":\"%s\",\"flight_from\":\"2026-10-%d\",\"flight_to\":"
                     "\"2026-10-%d\"",
                     sources[buys_random(b, 6)], buys_random(b, 4) == 0 ? " Other" : "",
                     stages[buys_random(b, 7)], from, from + (int)buys_random(b, 11));
    const struct {
        const char *format;
        int percent, from, below;
    } more[] = {
        {",\"station\":\"WAA%c\"", 85, 'A', 2},
        {",\"gross_cents\":%d0000", 90, 180, 40},
        {",\"gross_cents\":-%d0000", 4, 1, 40},
        {",\"order_no\":\"70000%d\"", 50, 0, 5},
        {",\"alt_order_no\":\"70000%d\"", 15, 0, 5},
        {",\"revision\":\"%d\"", 40, 1, 4},
        {",\"invoice_no\":\"I-%d\"", 15, 1, 3},
        {",\"revision_date\":\"2026-10-%d\"", 20, 10, 15},
        {",\"estimate\":%.0dtrue", 5, 0, 1},
        {",\"layer\":\"disbursement%.0d\"", 15, 0, 1},
        {",\"memo\":%.0dtrue", 5, 0, 1},
        {",\"amount_basis\":\"unknown%.0d\"", 10, 0, 1},
    };
    for (size_t i = 0; i < TM_COUNT(more); i++) {
        const int value = more[i].from + (int)buys_random(b, (uint64_t)more[i].below);
        if ((int)buys_random(b, 100) < more[i].percent &&
            (i != 2 || strstr(json, "gross") == NULL)) {
            n += snprintf(json + n, bytes - (size_t)n, more[i].format, value);
        }
    }
    assert_true((size_t)n < bytes);
}

static void odd_post(trial_t *t)
{
    if (t->b.n_reports == REPORTS_MAX)
        return;
    report_t *report = &t->b.reports[t->b.n_reports];
    *report = (report_t){.buy = NO_BUY};
    odd_line(t, report->json, sizeof report->json);
    t->w.now.v += 60000;
    const reply_t *r = line_post(&t->w, t->campaign, "%s", report->json);
    if (r->status != 201) {
        assert_int_equal(r->status, 422);
        return;
    }
    report->line = id_of("bl", r->body);
    t->b.n_reports++;
    trial_note(t);
}

/* The token of a decision that is in force: who says the same again gets the same answer. */
static bool is_known(const trial_t *t, const char *token)
{
    for (uint32_t i = 0; i < t->n_tokens; i++) {
        if (strcmp(t->tokens[i], token) == 0)
            return true;
    }
    return false;
}

/* What was decided, or refused without a trace. */
static void odd_answer(trial_t *t, const reply_t *r, int64_t before)
{
    if (r->status == 200 && !is_known(t, text_of(r->body, "undo_token"))) {
        trial_decided(t, r, before);
        return;
    }
    assert_true(r->status == 200 || r->status == 409 || r->status == 422);
    assert_int_equal(matrix_total(&t->w, t->campaign), before);
}

/* A verdict on a market's total ends what the rules said of it, also when it is taken back. */
static bool is_cover(json_t *group)
{
    json_t *reason = json_array_get(json_object_get(group, "reasons"), 0);
    return reason != NULL && strcmp(text_of(reason, "rule"), "covers") == 0;
}

static void odd_verdict(trial_t *t)
{
    static const char *const actions[] = {"keep", "merge", "separate", "covers"};
    json_t *all = records_json(&t->w, tm_campaign_actor(t->campaign), &tm_dedupe_group_desc);
    for (size_t i = json_array_size(all); i > 0; i--) {
        if (is_cover(json_array_get(all, i - 1))) {
            json_array_remove(all, i - 1);
        }
    }
    if (json_array_size(all) > 0) {
        json_t *group = json_array_get(all, buys_random(&t->b, json_array_size(all)));
        json_t *members = json_object_get(group, "members");
        json_t *winner = json_array_get(members, buys_random(&t->b, json_array_size(members)));
        const int64_t before = matrix_total(&t->w, t->campaign);
        odd_answer(t,
                   ask(&t->w, TM_MSG_GROUP_RESOLVE, t->campaign,
                       "{\"group_id\":\"%s\",\"action\":\"%s\",\"winner\":\"%s\"}",
                       text_of(group, "id"), actions[buys_random(&t->b, 4)],
                       text_of(winner, "buy_line_id")),
                   before);
    }
    json_decref(all);
}

static void odd_combination(trial_t *t)
{
    json_t *lines = trial_lines(t);
    const size_t n = json_array_size(lines);
    char campaign[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", t->campaign, campaign);
    const int64_t before = matrix_total(&t->w, t->campaign);
    if (n > 1) {
        const size_t a = buys_random(&t->b, n), b = buys_random(&t->b, n);
        odd_answer(t,
                   ask(&t->w, TM_MSG_ROWS_COMBINE, t->campaign,
                       "{\"campaign_id\":\"%s\",\"buy_line_ids\":[\"%s\",\"%s\"]}", campaign,
                       text_of(json_array_get(lines, a), "id"),
                       text_of(json_array_get(lines, b), "id")),
                   before);
    }
    json_decref(lines);
}

static bool is_empty(json_t *row)
{
    size_t i;
    json_t *cell;
    json_array_foreach(json_object_get(row, "cells"), i, cell)
    {
        if (!json_is_null(cell))
            return false;
    }
    return true;
}

/* Without who is disputed (a question may have been asked while others were answered) and rows in
 * which nothing is known. */
static void simplify(json_t *matrix)
{
    json_t *rows = json_object_get(matrix, "rows");
    for (size_t i = json_array_size(rows); i > 0; i--) {
        json_t *row = json_array_get(rows, i - 1);
        json_object_del(row, "disputed");
        if (is_empty(row)) {
            json_array_remove(rows, i - 1);
        }
    }
}

static void chaos(const running_t *run)
{
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    const buys_t none = {.seed = run->seed};
    const char *basis = run->seed % 2 == 0 ? "broadcast" : "political";
    trial_begin(t, &none, basis);
    t->odd = true;
    for (int i = 0; i < STEPS; i++) {
        const uint64_t what = buys_random(&t->b, 10);
        if (what < 6) {
            odd_post(t);
        } else if (what < 8) {
            odd_verdict(t);
        } else if (what < 9) {
            odd_combination(t);
        } else if (t->n_tokens > 0) {
            const uint32_t last = --t->n_tokens;
            assert_int_equal(trial_undo(t, t->tokens[last])->status, 200);
        }
    }
    trial_restart(t);
    trial_undo_all(t);
    json_t *first = trial_undecided(&t->b, basis, true), *last = trial_matrix(t);
    simplify(first);
    simplify(last);
    same_json(first, last, "before any decision, and after all were taken back");
    trial_check_past(t);
    world_check_replay(&t->w);
    json_decref(first);
    json_decref(last);
    trial_end(t);
    free(t);
}

static void odd_worlds__add_up_and_come_back(void **state)
{
    trial_run(state, (running_t){.world = chaos});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(odd_worlds__add_up_and_come_back, trial_prepare,
                                        trial_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
