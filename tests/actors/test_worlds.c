/* test_worlds.c - random worlds: true buys, each told by several noisy sources; somebody who knows
 * everything decides every question rightly; then the matrix is the truth to the cent, and with
 * every decision taken back, in any order, it is what it was.
 *
 * How:     through the messages of the program, in a world without threads. A world is a number; a
 *          failing one prints it. TM_WORLD_SEEDS=N runs N worlds of each test, TM_WORLD_SEED=S only
 *          that one. */
#include "actors/with_buys.h"
#include "actors/with_world.h"

#include <stdlib.h>

#define WORLDS 12
#define STEPS_MAX 600
#define TOKENS_MAX 300
#define MADE_MAX 100

typedef struct step {
    uint64_t version;
    json_t *matrix;
} step_t;

/* A line that a combination made. */
typedef struct made {
    tm_id_t line;
    int buy;
} made_t;

typedef struct trial {
    world_t w;
    tm_id_t campaign;
    buys_t b;
    step_t steps[STEPS_MAX];
    uint32_t n_steps;
    char tokens[TOKENS_MAX][40];
    uint32_t n_tokens;
    made_t made[MADE_MAX];
    uint32_t n_made;
    uint32_t n_groups;
    bool odd; /* invoices, credits, proposals: winners do not simply add up */
} trial_t;

/* Which world runs, for the one who reads a failure. */
typedef struct running {
    uint64_t seed;
    bool crowded, totals, mixed, odd;
} running_t;

/* ---- what can be seen ---- */

static void forget(json_t *matrix, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_object_del(matrix, names[i]);
    }
}

/* The default matrix without what differs between worlds and times. */
static json_t *plain_matrix(trial_t *t)
{
    json_t *m = matrix_json(&t->w, t->campaign, NULL);
    static const char *const names[] = {"version", "epoch", "as_of"};
    forget(m, names, TM_COUNT(names));
    return m;
}

static void same_json(json_t *a, json_t *b, const char *what)
{
    if (!json_equal(a, b)) {
        char *x = json_dumps(a, JSON_SORT_KEYS | JSON_COMPACT);
        char *y = json_dumps(b, JSON_SORT_KEYS | JSON_COMPACT);
        (void)fprintf(stderr, "%s\n%s\n", x, y); /* too long for a message */
        fail_msg("%s", what);
    }
}

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

static json_t *lines_of(trial_t *t)
{
    return records_json(&t->w, tm_campaign_actor(t->campaign), &tm_buy_line_desc);
}

static bool is_null(json_t *record, const char *field)
{
    return json_is_null(json_object_get(record, field));
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

/* ---- what must hold after every step ---- */

static json_t *line_named(json_t *lines, const char *id)
{
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        if (strcmp(text_of(line, "id"), id) == 0)
            return line;
    }
    fail_msg("no line %s", id);
    return NULL;
}

/* The total is the sum of the lines that stand as winners; whoever does not count says instead of
 * whom it does not. */
static void check_lines(trial_t *t, json_t *lines, int64_t total)
{
    int64_t sum = 0;
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        const char *standing = text_of(line, "standing");
        const bool open = is_null(line, "archived_ms");
        const bool counts = open && strcmp(standing, "winner") == 0;
        if (counts && !json_is_true(json_object_get(line, "estimate")) &&
            strcmp(text_of(line, "stage"), "cancelled") != 0) {
            sum += number_of(line, "gross_cents");
        }
        if (open && (strcmp(standing, "copy") == 0 || strcmp(standing, "part") == 0)) {
            json_t *target = line_named(lines, text_of(line, "superseded_by"));
            assert_true(is_null(target, "archived_ms"));
            assert_true(t->odd || !is_null(line, "decision_id"));
        }
    }
    if (sum != total && !t->odd) {
        fail_msg("the winners are %lld, the matrix %lld", (long long)sum, (long long)total);
    }
}

static void check_groups(trial_t *t)
{
    json_t *all = records_json(&t->w, tm_campaign_actor(t->campaign), &tm_dedupe_group_desc);
    size_t i, k;
    json_t *group, *member;
    json_array_foreach(all, i, group)
    {
        int winners = 0;
        json_array_foreach(json_object_get(group, "members"), k, member)
        {
            winners += strcmp(text_of(member, "role"), "winner") == 0;
        }
        const bool same = strcmp(text_of(group, "status"), "same") == 0;
        const bool kept = same && is_null(group, "archived_ms") && !is_null(group, "decision_id");
        if (kept && winners < 1) {
            fail_msg("no winner in %s", text_of(group, "id"));
        }
    }
    json_decref(all);
}

static void note_step(trial_t *t)
{
    assert_true(t->n_steps < STEPS_MAX);
    tm_campaign_view_t *view = campaign_view(&t->w, t->campaign);
    step_t *step = &t->steps[t->n_steps++];
    *step = (step_t){.version = view->view.version, .matrix = plain_matrix(t)};
    tm_shared_unref(view);
    json_t *lines = lines_of(t);
    check_lines(t, lines, number_of(json_object_get(step->matrix, "totals"), "total_cents"));
    json_decref(lines);
    check_groups(t);
}

/* Each earlier version, asked for now, is what was served then. */
static void check_as_of(trial_t *t)
{
    tm_campaign_view_t *now = campaign_view(&t->w, t->campaign);
    const tm_matrix_query_t q = tm_matrix_query_default();
    for (uint32_t i = 0; i < t->n_steps; i++) {
        tm_campaign_view_t *then = tm_campaign_view_at(now, t->steps[i].version);
        tm_blob_t *body = tm_campaign_view_matrix(then, &q, true);
        json_t *m = json_loadb(tm_blob_str(body).p, tm_blob_str(body).n, 0, NULL);
        static const char *const names[] = {"version", "epoch", "as_of"};
        forget(m, names, TM_COUNT(names));
        char what[60];
        (void)snprintf(what, sizeof what, "as of step %u, version %llu", i,
                       (unsigned long long)t->steps[i].version);
        same_json(t->steps[i].matrix, m, what);
        json_decref(m);
        tm_blob_unref(body);
        tm_shared_unref(then);
    }
    tm_shared_unref(now);
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

/* The answer tells the totals as the matrix had and has them. */
static void check_totals(trial_t *t, const reply_t *r, int64_t before)
{
    const int64_t after = matrix_total(&t->w, t->campaign);
    if (number_of(r->body, "total_before_cents") != before ||
        number_of(r->body, "total_after_cents") != after) {
        char *text = json_dumps(r->body, JSON_COMPACT);
        fail_msg("the matrix went from %lld to %lld, the answer says %s", (long long)before,
                 (long long)after, text);
    }
}

static void decided(trial_t *t, const reply_t *r, int64_t before)
{
    if (r->status != 200) {
        fail_msg("status %d, fields %s", r->status, r->fields);
    }
    assert_true(t->n_tokens < TOKENS_MAX);
    (void)snprintf(t->tokens[t->n_tokens++], sizeof t->tokens[0], "%s",
                   text_of(r->body, "undo_token"));
    check_totals(t, r, before);
    note_step(t);
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
    json_t *lines = lines_of(t), *members = json_object_get(group, "members");
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
    decided(t, r, before);
}

/* Rows of one sheet about one buy that count by themselves become one line. Returns whether there
 * were some. */
static bool combine_rows(trial_t *t, int buy)
{
    json_t *lines = lines_of(t);
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
    decided(t, r, before);
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
        note_step(t);
        json_decref(m);
        json_decref(cells);
        json_decref(now);
        json_decref(changed);
    }
}

/* ---- taking back ---- */

static const reply_t *take_back(trial_t *t, const char *token)
{
    const int64_t before = matrix_total(&t->w, t->campaign);
    const reply_t *r =
        ask(&t->w, TM_MSG_DECISION_UNDO, t->campaign, "{\"undo_token\":\"%s\"}", token);
    if (r->status == 200) {
        check_totals(t, r, before);
        note_step(t);
    }
    return r;
}

/* Takes back every decision, any first; some hold again for a while. */
static void undo_all(trial_t *t)
{
    for (uint32_t again = 10; t->n_tokens > 0;) {
        const uint32_t i = (uint32_t)buys_random(&t->b, t->n_tokens);
        char token[sizeof t->tokens[0]], back[sizeof t->tokens[0]];
        memcpy(token, t->tokens[i], sizeof token);
        memmove(t->tokens[i], t->tokens[t->n_tokens - 1], sizeof token);
        t->n_tokens--;
        const reply_t *r = take_back(t, token);
        if (r->status != 200) {
            fail_msg("undo of %s: status %d, fields %s", token, r->status, r->fields);
        }
        (void)snprintf(back, sizeof back, "%s", text_of(r->body, "undo_token"));
        if (again > 0 && buys_random(&t->b, 6) == 0) {
            again--;
            r = take_back(t, back);
            if (r->status == 200) {
                memcpy(t->tokens[t->n_tokens++], token, sizeof token);
                continue;
            }
            assert_int_equal(r->status,
                             409); /* other verdicts stand in its way, or it was an edit */
        }
        assert_int_equal(take_back(t, token)->status, 409);
    }
}

/* ---- worlds ---- */

static void begin(trial_t *t, const buys_t *b, const char *basis)
{
    memset(t, 0, sizeof *t);
    t->b = *b;
    world_init(&t->w);
    t->campaign = campaign_new(&t->w, "{\"name\":\"Race\",\"week_basis\":\"%s\"}", basis);
}

static void end(trial_t *t)
{
    for (uint32_t i = 0; i < t->n_steps; i++) {
        json_decref(t->steps[i].matrix);
    }
    world_done(&t->w);
}

static void tell(trial_t *t, report_t *report)
{
    t->w.now.v += 60000;
    const reply_t *r = line_post(&t->w, t->campaign, "%s", report->json);
    if (r->status != 201) {
        fail_msg("status %d, fields %s: %s", r->status, r->fields, report->json);
    }
    report->line = id_of("bl", r->body);
    note_step(t);
}

/* The world of somebody who was told the truth only. */
static json_t *true_cells(const buys_t *b, const char *basis)
{
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    begin(t, b, basis);
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        if (buys_is_true(&t->b, &t->b.reports[i])) {
            tell(t, &t->b.reports[i]);
        }
    }
    assert_int_equal(matrix_total(&t->w, t->campaign), buys_total(b));
    json_t *m = plain_matrix(t);
    json_t *cells = cells_by_name(m);
    json_decref(m);
    end(t);
    free(t);
    return cells;
}

/* What the matrix is when nobody decides anything. */
static json_t *undecided(const buys_t *b, const char *basis, bool odd)
{
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    begin(t, b, basis);
    t->odd = odd;
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        tell(t, &t->b.reports[i]);
    }
    json_t *m = plain_matrix(t);
    end(t);
    free(t);
    return m;
}

static void restart(trial_t *t)
{
    json_t *before = plain_matrix(t);
    world_crash(&t->w);
    world_boot(&t->w);
    world_settle(&t->w);
    json_t *after = plain_matrix(t);
    same_json(before, after, "after a restart");
    json_decref(before);
    json_decref(after);
}

static void run_world(const running_t *run)
{
    buys_t b;
    buys_make(&b, run->seed, (buys_options_t){run->crowded, run->totals});
    const char *basis = run->totals || run->seed % 2 == 0 ? "broadcast" : "political";
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    begin(t, &b, basis);
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        tell(t, &t->b.reports[i]);
        if (run->mixed && buys_random(&t->b, 3) == 0) {
            (void)decide_one(t);
        }
    }
    decide_all(t);
    json_t *truth = true_cells(&b, basis), *m = plain_matrix(t), *got = cells_by_name(m);
    same_cells(truth, got);
    assert_int_equal(matrix_total(&t->w, t->campaign), buys_total(&b));
    edit_cells(t);
    restart(t);
    undo_all(t);
    json_t *first = undecided(&b, basis, false), *last = plain_matrix(t);
    same_json(first, last, "before any decision, and after all were taken back");
    check_as_of(t);
    world_check_replay(&t->w);
    json_decref(truth);
    json_decref(m);
    json_decref(got);
    json_decref(first);
    json_decref(last);
    end(t);
    free(t);
}

/* ---- anything goes ---- */

#define CHAOS_STEPS 70

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
        {",\"layer\":\"disbursement%.0d\"", 4, 0, 1},
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
    note_step(t);
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
        decided(t, r, before);
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
    json_t *lines = lines_of(t);
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

/* Without who is disputed: a question may have been asked while others were answered. */
static void undisputed(json_t *matrix)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(matrix, "rows"), i, row)
    {
        json_object_del(row, "disputed");
    }
}

static void chaos(const running_t *run)
{
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    const buys_t none = {.seed = run->seed};
    const char *basis = run->seed % 2 == 0 ? "broadcast" : "political";
    begin(t, &none, basis);
    t->odd = true;
    for (int i = 0; i < CHAOS_STEPS; i++) {
        const uint64_t what = buys_random(&t->b, 10);
        if (what < 6) {
            odd_post(t);
        } else if (what < 8) {
            odd_verdict(t);
        } else if (what < 9) {
            odd_combination(t);
        } else if (t->n_tokens > 0) {
            const uint32_t last = --t->n_tokens;
            assert_int_equal(take_back(t, t->tokens[last])->status, 200);
        }
    }
    restart(t);
    undo_all(t);
    json_t *first = undecided(&t->b, basis, true), *last = plain_matrix(t);
    undisputed(first);
    undisputed(last);
    same_json(first, last, "before any decision, and after all were taken back");
    check_as_of(t);
    world_check_replay(&t->w);
    json_decref(first);
    json_decref(last);
    end(t);
    free(t);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void run_worlds(void **state, running_t kind)
{
    running_t *run = *state;
    const uint64_t only = number_from("TM_WORLD_SEED", 0);
    const uint64_t n = only != 0 ? 1 : number_from("TM_WORLD_SEEDS", WORLDS);
    for (uint64_t i = 1; i <= n; i++) {
        *run = kind;
        run->seed = only != 0 ? only : i;
        if (run->odd) {
            chaos(run);
        } else {
            run_world(run);
        }
    }
    run->seed = 0;
}

static int prepare(void **state)
{
    *state = calloc(1, sizeof(running_t));
    return *state == NULL;
}

static int report(void **state)
{
    const running_t *run = *state;
    if (run->seed != 0) {
        print_error("the world was TM_WORLD_SEED=%llu\n", (unsigned long long)run->seed);
    }
    free(*state);
    return 0;
}

static void worlds__told_then_decided(void **state)
{
    run_worlds(state, (running_t){0});
}

static void worlds__decided_while_told(void **state)
{
    run_worlds(state, (running_t){.mixed = true});
}

static void worlds__with_totals_of_markets(void **state)
{
    run_worlds(state, (running_t){.totals = true, .mixed = true});
}

static void worlds__many_buys_in_the_same_days(void **state)
{
    run_worlds(state, (running_t){.crowded = true});
}

static void worlds__anything_goes(void **state)
{
    run_worlds(state, (running_t){.odd = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(worlds__told_then_decided, prepare, report),
        cmocka_unit_test_setup_teardown(worlds__decided_while_told, prepare, report),
        cmocka_unit_test_setup_teardown(worlds__with_totals_of_markets, prepare, report),
        cmocka_unit_test_setup_teardown(worlds__many_buys_in_the_same_days, prepare, report),
        cmocka_unit_test_setup_teardown(worlds__anything_goes, prepare, report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
