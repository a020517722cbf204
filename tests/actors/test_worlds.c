/* test_worlds.c - random worlds: true buys, each told by several noisy sources; somebody who knows
 * everything decides every question rightly; then the matrix is the truth to the cent, and with
 * every decision taken back, in any order, it is what it was.
 *
 * How:     through the messages of the program, in a world without threads (with_trial.h). */
#include "actors/with_trial.h"

#include <stdlib.h>

/* ---- what can be seen ---- */

/* Cells by name: tells only those that differ. */
static void same_cells(json_t *truth, json_t *found)
{
    char text[4000] = "";
    const char *key;
    json_t *cell;
    json_object_foreach(truth, key, cell)
    {
        json_t *other = json_object_get(found, key);
        if (other == NULL || !json_equal(cell, other)) {
            const size_t n = strlen(text);
            (void)snprintf(text + n, sizeof text - n, "\n%s: truth %lld, found %lld", key,
                           (long long)json_integer_value(cell),
                           (long long)json_integer_value(other));
        }
    }
    json_object_foreach(found, key, cell)
    {
        const size_t n = strlen(text);
        if (json_object_get(truth, key) == NULL) {
            (void)snprintf(text + n, sizeof text - n, "\n%s: found %lld", key,
                           (long long)json_integer_value(cell));
        }
    }
    if (text[0] != '\0') {
        fail_msg("the truth is another:%s", text);
    }
}

/* {"advertiser|market|station|week": cents} without zeros. */
static json_t *cells_by_name(json_t *matrix)
{
    json_t *out = json_object(), *weeks = json_object_get(matrix, "weeks"), *row, *cell;
    size_t i, k;
    json_array_foreach(json_object_get(matrix, "rows"), i, row)
    {
        if (strcmp(text_of(row, "kind"), "leaf") != 0)
            continue;
        json_t *labels = json_object_get(row, "labels");
        json_array_foreach(json_object_get(row, "cells"), k, cell)
        {
            char key[400];
            (void)snprintf(key, sizeof key, "%s|%lld|%s|%s", text_of(labels, "advertiser"),
                           (long long)number_of(labels, "market"), text_of(labels, "station"),
                           json_string_value(json_array_get(weeks, k)));
            if (json_integer_value(cell) != 0) {
                json_object_set(out, key, cell);
            }
        }
    }
    return out;
}

/* Groups that wait for a verdict. */
static json_t *open_groups(trial_t *t)
{
    json_t *all = records_json(&t->w, tm_campaign_actor(t->campaign), &tm_dedupe_group_desc);
    json_t *open = json_array(), *group;
    size_t i;
    json_array_foreach(all, i, group)
    {
        if (strcmp(text_of(group, "status"), "open") == 0 && is_null(group, "archived_ms")) {
            json_array_append(open, group);
        }
    }
    json_decref(all);
    return open;
}

/* ---- who decides ---- */

static int buy_of_line(const trial_t *t, const char *text)
{
    tm_id_t id = {0};
    assert_int_equal(tm_id_parse("bl", tm_str(text), &id), TM_OK);
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        if (t->b.reports[i].line.v == id.v)
            return t->b.reports[i].buy;
    }
    for (uint32_t i = 0; i < t->n_made; i++) {
        if (t->made[i].line.v == id.v)
            return t->made[i].buy;
    }
    fail_msg("nobody posted %s", text);
    return NO_BUY;
}

/* Smaller wins. */
static int trust_of(json_t *line)
{
    static const char *const sources[] = {"fcc", "adimpact", "rep_mail"};
    for (int i = 0; i < (int)TM_COUNT(sources); i++) {
        if (strcmp(text_of(line, "source"), sources[i]) == 0)
            return i;
    }
    fail_msg("source %s", text_of(line, "source"));
    return 0;
}

/* Members of a group that are one buy. */
typedef struct copies {
    uint32_t n;         /* 0: all are different buys */
    char ids[1000];     /* as JSON strings, commas between */
    const char *winner; /* whom to trust most */
} copies_t;

static copies_t copies_of(trial_t *t, json_t *members, int buy, json_t *lines)
{
    copies_t c = {0};
    int best = INT32_MAX;
    size_t i;
    json_t *member;
    json_array_foreach(members, i, member)
    {
        const char *id = text_of(member, "buy_line_id");
        if (buy_of_line(t, id) != buy)
            continue;
        const size_t at = strlen(c.ids);
        (void)snprintf(c.ids + at, sizeof c.ids - at, "%s\"%s\"", c.n++ > 0 ? "," : "", id);
        const int trust = trust_of(line_named(lines, id));
        if (trust < best) {
            best = trust;
            c.winner = id;
        }
    }
    return c;
}

/* Those of the first buy that has several. A market's total is nobody's copy. */
static copies_t look(trial_t *t, json_t *members, json_t *lines)
{
    size_t i;
    json_t *member;
    json_array_foreach(members, i, member)
    {
        const int buy = buy_of_line(t, text_of(member, "buy_line_id"));
        const copies_t c = copies_of(t, members, buy, lines);
        if (buy != NO_BUY && c.n > 1)
            return c;
    }
    return (copies_t){0};
}

static void decide_group(trial_t *t, json_t *group)
{
    json_t *lines = trial_lines(t), *members = json_object_get(group, "members");
    const copies_t c = look(t, members, lines);
    const char *const id = text_of(group, "id");
    const int64_t before = matrix_total(&t->w, t->campaign);
    const bool all = c.n == json_array_size(members);
    const reply_t *r;
    if (c.n == 0) {
        r = ask(&t->w, TM_MSG_GROUP_RESOLVE, t->campaign,
                "{\"group_id\":\"%s\",\"action\":\"separate\"}", id);
    } else {
        const char *action = buys_random(&t->b, 2) == 0 ? "keep" : "merge";
        r = ask(&t->w, TM_MSG_GROUP_RESOLVE, t->campaign,
                "{\"group_id\":\"%s\",\"action\":\"%s\",\"winner\":\"%s\"%s%s%s}", id, action,
                c.winner, all ? "" : ",\"buy_line_ids\":[", all ? "" : c.ids, all ? "" : "]");
    }
    json_decref(lines);
    t->n_groups++;
    trial_decided(t, r, before);
}

/* Rows of one sheet about one buy that count by themselves become one line. Returns whether there
 * were some. */
static bool combine_rows(trial_t *t, int buy)
{
    json_t *lines = trial_lines(t);
    char ids[1000] = "";
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        const report_t *report = &t->b.reports[i];
        if (report->buy != buy || report->origin != FROM_SHEET || report->line.v == 0)
            continue;
        char id[TM_ID_TEXT_MAX];
        (void)tm_id_format("bl", report->line, id);
        if (strcmp(text_of(line_named(lines, id), "standing"), "winner") == 0) {
            const size_t at = strlen(ids);
            (void)snprintf(ids + at, sizeof ids - at, "%s\"%s\"", n++ > 0 ? "," : "", id);
        }
    }
    json_decref(lines);
    if (n < 2)
        return false;
    char campaign[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", t->campaign, campaign);
    const int64_t before = matrix_total(&t->w, t->campaign);
    const reply_t *r = ask(&t->w, TM_MSG_ROWS_COMBINE, t->campaign,
                           "{\"campaign_id\":\"%s\",\"buy_line_ids\":[%s]}", campaign, ids);
    if (r->status != 200) {
        fail_msg("status %d, fields %s", r->status, r->fields);
    }
    assert_true(t->n_made < MADE_MAX);
    t->made[t->n_made++] = (made_t){id_of("bl", json_object_get(r->body, "buy_line")), buy};
    assert_int_equal(number_of(r->body, "total_after_cents"), before); /* a sum is a sum */
    trial_decided(t, r, before);
    return true;
}

/* One decision, if there is a question. */
static bool decide_one(trial_t *t)
{
    json_t *open = open_groups(t);
    const size_t n = json_array_size(open);
    if (n > 0) {
        decide_group(t, json_array_get(open, (size_t)buys_random(&t->b, n)));
    }
    json_decref(open);
    return n > 0;
}

static void decide_all(trial_t *t)
{
    for (int i = 0; i < (int)t->b.n; i++) {
        if (t->b.v[i].sheeted && buys_random(&t->b, 3) > 0) {
            (void)combine_rows(t, i);
        }
    }
    while (decide_one(t)) {
    }
}

/* ---- edits ---- */

/* Some cells are set to other values; each is one decision more to take back. */
static void edit_cells(trial_t *t)
{
    char campaign[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", t->campaign, campaign);
    for (uint64_t i = 0, n = buys_random(&t->b, 4); i < n; i++) {
        json_t *m = matrix_json(&t->w, t->campaign, NULL), *cells = cells_of_matrix(m);
        const char *key = NULL;
        json_t *cell;
        uint64_t at = buys_random(&t->b, json_object_size(cells));
        json_object_foreach(cells, key, cell)
        {
            if (at-- == 0)
                break;
        }
        assert_non_null(key);
        const long long cents = (long long)buys_random(&t->b, 10000000);
        const reply_t *r = ask(&t->w, TM_MSG_MATRIX_EDIT, t->campaign,
                               "{\"campaign_id\":\"%s\",\"base_version\":%lld,\"edits\":[{\"key\":"
                               "\"%s\",\"gross_cents\":%lld,\"reason\":\"so be it\"}]}",
                               campaign, (long long)number_of(m, "version"), key, cents);
        if (r->status != 200) {
            fail_msg("edit of %s: status %d, fields %s", key, r->status, r->fields);
        }
        const char *token =
            text_of(json_array_get(json_object_get(r->body, "adjustments"), 0), "undo_token");
        (void)snprintf(t->tokens[t->n_tokens++], sizeof t->tokens[0], "%s", token);
        json_t *now = matrix_json(&t->w, t->campaign, NULL), *changed = cells_of_matrix(now);
        assert_int_equal(number_of(changed, key), cents);
        trial_note(t);
        json_decref(m);
        json_decref(cells);
        json_decref(now);
        json_decref(changed);
    }
}

/* ---- worlds ---- */

/* The world of somebody who was told the truth only. */
static json_t *true_cells(const buys_t *b, const char *basis)
{
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    trial_begin(t, b, basis);
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        if (buys_is_true(&t->b, &t->b.reports[i])) {
            trial_tell(t, &t->b.reports[i]);
        }
    }
    assert_int_equal(matrix_total(&t->w, t->campaign), buys_total(b));
    json_t *m = trial_matrix(t);
    json_t *cells = cells_by_name(m);
    json_decref(m);
    trial_end(t);
    free(t);
    return cells;
}

static void run_world(const running_t *run)
{
    buys_t b;
    buys_make(&b, run->seed, (buys_options_t){run->crowded, run->totals});
    const char *basis = run->totals || run->seed % 2 == 0 ? "broadcast" : "political";
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    trial_begin(t, &b, basis);
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        trial_tell(t, &t->b.reports[i]);
        if (run->mixed && buys_random(&t->b, 3) == 0) {
            (void)decide_one(t);
        }
    }
    decide_all(t);
    json_t *truth = true_cells(&b, basis), *m = trial_matrix(t), *got = cells_by_name(m);
    same_cells(truth, got);
    assert_int_equal(matrix_total(&t->w, t->campaign), buys_total(&b));
    edit_cells(t);
    trial_restart(t);
    trial_undo_all(t);
    json_t *first = trial_undecided(&b, basis, false), *last = trial_matrix(t);
    same_json(first, last, "before any decision, and after all were taken back");
    trial_check_past(t);
    world_check_replay(&t->w);
    json_decref(truth);
    json_decref(m);
    json_decref(got);
    json_decref(first);
    json_decref(last);
    trial_end(t);
    free(t);
}

static void worlds__told_then_decided(void **state)
{
    trial_run(state, (running_t){.world = run_world});
}

static void worlds__decided_while_told(void **state)
{
    trial_run(state, (running_t){.world = run_world, .mixed = true, .again = {48}});
}

static void worlds__with_totals_of_markets(void **state)
{
    trial_run(state, (running_t){.world = run_world, .totals = true, .mixed = true, .again = {86}});
}

static void worlds__many_buys_in_the_same_days(void **state)
{
    trial_run(state, (running_t){.world = run_world, .crowded = true, .again = {77, 91}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(worlds__told_then_decided, trial_prepare, trial_report),
        cmocka_unit_test_setup_teardown(worlds__decided_while_told, trial_prepare, trial_report),
        cmocka_unit_test_setup_teardown(worlds__with_totals_of_markets, trial_prepare,
                                        trial_report),
        cmocka_unit_test_setup_teardown(worlds__many_buys_in_the_same_days, trial_prepare,
                                        trial_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
