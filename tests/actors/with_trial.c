/* with_trial.c - see with_trial.h. */
#include "actors/with_trial.h"

#include <stdlib.h>

#define WORLDS 12

static void forget(json_t *matrix, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_object_del(matrix, names[i]);
    }
}

/* The default matrix without what differs between worlds and times. */
json_t *trial_matrix(trial_t *t)
{
    json_t *m = matrix_json(&t->w, t->campaign, NULL);
    static const char *const names[] = {"version", "epoch", "as_of"};
    forget(m, names, TM_COUNT(names));
    return m;
}

void same_json(json_t *a, json_t *b, const char *what)
{
    if (!json_equal(a, b)) {
        char *x = json_dumps(a, JSON_SORT_KEYS | JSON_COMPACT);
        char *y = json_dumps(b, JSON_SORT_KEYS | JSON_COMPACT);
        (void)fprintf(stderr, "%s\n%s\n", x, y); /* too long for a message */
        fail_msg("%s", what);
    }
}

json_t *trial_lines(trial_t *t)
{
    return records_json(&t->w, tm_campaign_actor(t->campaign), &tm_buy_line_desc);
}

bool is_null(json_t *record, const char *field)
{
    return json_is_null(json_object_get(record, field));
}

json_t *line_named(json_t *lines, const char *id)
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
        const bool counts =
            open && strcmp(standing, "winner") == 0 && !is_null(line, "gross_cents");
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

static void check_paid(json_t *lines, json_t *totals)
{
    int64_t sum = 0;
    bool known = false;
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        if (strcmp(text_of(line, "layer"), "disbursement") != 0 ||
            strcmp(text_of(line, "standing"), "winner") != 0 || !is_null(line, "archived_ms"))
            continue;
        const bool cancelled = strcmp(text_of(line, "stage"), "cancelled") == 0;
        const bool soft = json_is_true(json_object_get(line, "estimate")) ||
                          strcmp(text_of(line, "stage"), "proposed") == 0;
        if (cancelled || (!soft && !is_null(line, "gross_cents"))) {
            known = true;
            sum += cancelled ? 0 : number_of(line, "gross_cents");
        }
    }
    const int64_t told = number_of(totals, "disbursement_cents");
    if (told != (known ? sum : INT64_MIN)) {
        fail_msg("paid out are %lld, the matrix says %lld", (long long)sum, (long long)told);
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

void trial_note(trial_t *t)
{
    assert_true(t->n_steps < STEPS_MAX);
    tm_campaign_view_t *view = campaign_view(&t->w, t->campaign);
    step_t *step = &t->steps[t->n_steps++];
    *step = (step_t){.version = view->view.version, .matrix = trial_matrix(t)};
    tm_shared_unref(view);
    json_t *lines = trial_lines(t);
    check_lines(t, lines, number_of(json_object_get(step->matrix, "totals"), "total_cents"));
    check_paid(lines, json_object_get(step->matrix, "totals"));
    json_decref(lines);
    check_groups(t);
}

/* Each earlier version, asked for now, is what was served then. */
void trial_check_past(trial_t *t)
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

void trial_decided(trial_t *t, const reply_t *r, int64_t before)
{
    if (r->status != 200) {
        fail_msg("status %d, fields %s", r->status, r->fields);
    }
    assert_true(t->n_tokens < TOKENS_MAX);
    (void)snprintf(t->tokens[t->n_tokens++], sizeof t->tokens[0], "%s",
                   text_of(r->body, "undo_token"));
    check_totals(t, r, before);
    trial_note(t);
}

const reply_t *trial_undo(trial_t *t, const char *token)
{
    const int64_t before = matrix_total(&t->w, t->campaign);
    const reply_t *r =
        ask(&t->w, TM_MSG_DECISION_UNDO, t->campaign, "{\"undo_token\":\"%s\"}", token);
    if (r->status == 200) {
        check_totals(t, r, before);
        trial_note(t);
    }
    return r;
}

/* Takes back every decision, any first; some hold again for a while. */
void trial_undo_all(trial_t *t)
{
    for (uint32_t again = 10; t->n_tokens > 0;) {
        const uint32_t i = (uint32_t)buys_random(&t->b, t->n_tokens);
        char token[sizeof t->tokens[0]], back[sizeof t->tokens[0]];
        memcpy(token, t->tokens[i], sizeof token);
        memmove(t->tokens[i], t->tokens[t->n_tokens - 1], sizeof token);
        t->n_tokens--;
        const reply_t *r = trial_undo(t, token);
        if (r->status != 200) {
            fail_msg("undo of %s: status %d, fields %s", token, r->status, r->fields);
        }
        (void)snprintf(back, sizeof back, "%s", text_of(r->body, "undo_token"));
        if (again > 0 && buys_random(&t->b, 6) == 0) {
            again--;
            r = trial_undo(t, back);
            if (r->status == 200) {
                memcpy(t->tokens[t->n_tokens++], token, sizeof token);
                continue;
            }
            assert_int_equal(r->status,
                             409); /* other verdicts stand in its way, or it was an edit */
        }
        assert_int_equal(trial_undo(t, token)->status, 409);
    }
}

void trial_begin(trial_t *t, const buys_t *b, const char *basis)
{
    memset(t, 0, sizeof *t);
    t->b = *b;
    world_init(&t->w);
    t->campaign = campaign_new(&t->w, "{\"name\":\"Race\",\"week_basis\":\"%s\"}", basis);
}

void trial_end(trial_t *t)
{
    for (uint32_t i = 0; i < t->n_steps; i++) {
        json_decref(t->steps[i].matrix);
    }
    world_done(&t->w);
}

void trial_tell(trial_t *t, report_t *report)
{
    t->w.now.v += 60000;
    const reply_t *r = line_post(&t->w, t->campaign, "%s", report->json);
    if (r->status != 201) {
        fail_msg("status %d, fields %s: %s", r->status, r->fields, report->json);
    }
    report->line = id_of("bl", r->body);
    trial_note(t);
}

/* What the matrix is when nobody decides anything. */
json_t *trial_undecided(const buys_t *b, const char *basis, bool odd)
{
    trial_t *t = calloc(1, sizeof *t);
    assert_non_null(t);
    trial_begin(t, b, basis);
    t->odd = odd;
    for (uint32_t i = 0; i < t->b.n_reports; i++) {
        trial_tell(t, &t->b.reports[i]);
    }
    json_t *m = trial_matrix(t);
    trial_end(t);
    free(t);
    return m;
}

void trial_restart(trial_t *t)
{
    json_t *before = trial_matrix(t);
    world_crash(&t->w);
    world_boot(&t->w);
    world_settle(&t->w);
    json_t *after = trial_matrix(t);
    same_json(before, after, "after a restart");
    json_decref(before);
    json_decref(after);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

void trial_run(void **state, running_t kind)
{
    running_t *run = *state;
    *run = kind;
    const uint64_t only = number_from("TM_WORLD_SEED", 0);
    const uint64_t n = only != 0 ? 1 : number_from("TM_WORLD_SEEDS", WORLDS);
    for (uint64_t i = 1; i <= n; i++) {
        run->seed = only != 0 ? only : i;
        run->world(run);
    }
    for (size_t i = 0; only == 0 && i < TM_COUNT(kind.again) && kind.again[i] != 0; i++) {
        run->seed = kind.again[i];
        run->world(run);
    }
    run->seed = 0;
}

int trial_prepare(void **state)
{
    *state = calloc(1, sizeof(running_t));
    return *state == NULL;
}

int trial_report(void **state)
{
    const running_t *run = *state;
    if (run->seed != 0) {
        print_error("the world was TM_WORLD_SEED=%llu\n", (unsigned long long)run->seed);
    }
    free(*state);
    return 0;
}
