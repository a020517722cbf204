/* sim_review.c - people who look at questions: they decide, combine, edit and take back, also twice
 * and across crashes; and what must be true of what they decided.
 *
 * How:     what a wish is about is chosen once, from what can be seen then; by the time it arrives
 *          the question may be gone, and a refusal is an answer. Its reason is a text that only
 *          this wish has, so that what came of it can be counted.
 * Threads: one. */
#include "schema/record.h"
#include "sim/sim.h"
#include <stdio.h>

#define LOOK_MAX 64u

typedef struct look {
    tm_id_t ids[LOOK_MAX], winners[LOOK_MAX];
    uint64_t rows[LOOK_MAX]; /* of lines: payer and station */
    uint32_t n;
} look_t;

bool sim_is_review(sim_kind_t kind)
{
    return kind == SIM_RESOLVE || kind == SIM_COMBINE || kind == SIM_UNDO || kind == SIM_EDIT;
}

/* ---- what there is to decide ---- */

static void see_group(void *ctx, const void *record)
{
    look_t *look = ctx;
    const tm_dedupe_group_t *g = record;
    if (g->status.v != TM_GROUP_STATUS_open || TM_HAS(g, TM_DEDUPE_GROUP_archived_ms) ||
        look->n == LOOK_MAX || g->members.n == 0)
        return;
    const tm_dedupe_member_t *members = g->members.v;
    look->ids[look->n] = g->id;
    look->winners[look->n++] = members[g->id.v % g->members.n].buy_line_id;
}

static bool is_winner(const tm_buy_line_t *line)
{
    return !TM_HAS(line, TM_BUY_LINE_archived_ms) && line->standing.v == TM_STANDING_winner &&
           TM_HAS(line, TM_BUY_LINE_gross_cents) && line->stage.v == TM_STAGE_ordered &&
           TM_HAS(line, TM_BUY_LINE_station) && !TM_HAS(line, TM_BUY_LINE_adjustment_of);
}

static void see_line(void *ctx, const void *record)
{
    look_t *look = ctx;
    const tm_buy_line_t *line = record;
    if (!is_winner(line) || look->n == LOOK_MAX)
        return;
    look->rows[look->n] = line->advertiser_id.v * 31 + line->station_id.v;
    look->ids[look->n++] = line->id;
}

/* Two lines of one payer at one station, also sums. */
static bool choose_rows(sim_t *sim, const tm_view_t *view, sim_request_t *request)
{
    look_t look = {0};
    sim_each_row(view, &tm_buy_line_desc, see_line, &look);
    const uint32_t from = look.n == 0 ? 0 : (uint32_t)rng_below(&sim->rng, look.n);
    for (uint32_t i = 0; i < look.n; i++) {
        const uint32_t a = (from + i) % look.n;
        for (uint32_t b = 0; b < look.n; b++) {
            if (b != a && look.rows[a] == look.rows[b]) {
                request->about[0] = look.ids[a];
                request->about[1] = look.ids[b];
                return true;
            }
        }
    }
    return false;
}

static bool choose_group(sim_t *sim, const tm_view_t *view, sim_request_t *request)
{
    static const uint8_t actions[] = {TM_DEDUPE_ACTION_keep, TM_DEDUPE_ACTION_merge,
                                      TM_DEDUPE_ACTION_separate};
    look_t look = {0};
    sim_each_row(view, &tm_dedupe_group_desc, see_group, &look);
    if (look.n == 0)
        return false;
    const uint32_t at = (uint32_t)rng_below(&sim->rng, look.n);
    request->about[0] = look.ids[at];
    request->about[1] = look.winners[at];
    request->action = actions[rng_below(&sim->rng, TM_COUNT(actions))];
    return true;
}

/* A decision or edit of an earlier wish, maybe taken back already. */
static bool choose_undo(sim_t *sim, sim_request_t *request)
{
    const uint32_t from = (uint32_t)rng_below(&sim->rng, sim->n_requests);
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        const sim_request_t *other = &sim->requests[(from + i) % sim->n_requests];
        if (other->done && !other->refused && sim_is_review(other->kind) &&
            other->kind != SIM_UNDO) {
            request->campaign = other->campaign;
            (void)snprintf(request->text, sizeof request->text, "%s", other->token);
            return true;
        }
    }
    return false;
}

/* Some leaf cell of the matrix. */
static bool choose_cell(sim_t *sim, tm_campaign_view_t *view, sim_request_t *request)
{
    const tm_matrix_query_t query = tm_matrix_query_default();
    tm_blob_t *body = tm_campaign_view_matrix(view, &query, true);
    json_t *matrix = json_loadb(body->p, body->n, 0, NULL);
    const json_t *rows = json_object_get(matrix, "rows"), *weeks = json_object_get(matrix, "weeks");
    const size_t n = json_array_size(rows);
    bool found = false;
    for (size_t i = 0, at = n == 0 ? 0 : (size_t)rng_below(&sim->rng, n); i < n && !found; i++) {
        const json_t *row = json_array_get(rows, (at + i) % n);
        if (strcmp(json_string_value(json_object_get(row, "kind")), "leaf") != 0)
            continue;
        const size_t week = (size_t)rng_below(&sim->rng, json_array_size(weeks));
        (void)snprintf(request->text, sizeof request->text, "%s@%s",
                       json_string_value(json_object_get(row, "key")),
                       json_string_value(json_array_get(weeks, week)));
        request->number = (int64_t)view->view.version;
        found = true;
    }
    json_decref(matrix);
    tm_blob_unref(body);
    return found;
}

bool sim_review_choose(sim_t *sim, sim_request_t *request)
{
    if (request->kind == SIM_UNDO)
        return choose_undo(sim, request);
    tm_campaign_view_t *view =
        tm_runtime_snapshot(sim->rt, tm_campaign_actor(sim->requests[request->campaign].id));
    if (view == NULL)
        return false;
    const bool found = request->kind == SIM_RESOLVE   ? choose_group(sim, &view->view, request)
                       : request->kind == SIM_COMBINE ? choose_rows(sim, &view->view, request)
                                                      : choose_cell(sim, view, request);
    tm_shared_unref(view);
    return found;
}

/* ---- the message ---- */

uint16_t sim_review_type(sim_kind_t kind)
{
    static const uint16_t types[] = {[SIM_RESOLVE] = TM_MSG_GROUP_RESOLVE,
                                     [SIM_COMBINE] = TM_MSG_ROWS_COMBINE,
                                     [SIM_UNDO] = TM_MSG_DECISION_UNDO,
                                     [SIM_EDIT] = TM_MSG_MATRIX_EDIT};
    assert(sim_is_review(kind));
    return types[kind];
}

static void fill_combine(const sim_t *sim, const sim_request_t *request, tm_message_t *msg,
                         tm_str_t reason, tm_rows_combine_t *combine)
{
    tm_str_t *ids = tm_arena_alloc(msg->arena, 2 * sizeof *ids);
    for (uint32_t i = 0; i < 2; i++) {
        char text[TM_ID_TEXT_MAX];
        (void)tm_id_format("bl", request->about[i], text);
        ids[i] = tm_arena_str(msg->arena, tm_str(text));
    }
    TM_SET(combine, TM_ROWS_COMBINE, campaign_id, sim->requests[request->campaign].id);
    TM_SET(combine, TM_ROWS_COMBINE, buy_line_ids, (tm_strs_t){ids, 2});
    TM_SET(combine, TM_ROWS_COMBINE, reason, reason);
}

static void fill_edit(const sim_t *sim, const sim_request_t *request, tm_message_t *msg,
                      tm_str_t reason, tm_matrix_edit_t *edit)
{
    tm_cell_edit_t *cell = tm_arena_zalloc(msg->arena, sizeof *cell);
    TM_SET(cell, TM_CELL_EDIT, key, tm_arena_str(msg->arena, tm_str(request->text)));
    TM_SET(cell, TM_CELL_EDIT, gross_cents, (tm_cents_t){request->number % 5000 * 100});
    TM_SET(cell, TM_CELL_EDIT, reason, reason);
    TM_SET(edit, TM_MATRIX_EDIT, campaign_id, sim->requests[request->campaign].id);
    TM_SET(edit, TM_MATRIX_EDIT, base_version, request->number);
    TM_SET(edit, TM_MATRIX_EDIT, edits, (tm_recs_t){cell, 1});
}

void sim_review_fill(const sim_t *sim, uint32_t n, tm_message_t *msg, void *payload)
{
    const sim_request_t *request = &sim->requests[n];
    const tm_str_t reason = tm_arena_printf(msg->arena, "wish %u", n);
    if (request->kind == SIM_COMBINE) {
        fill_combine(sim, request, msg, reason, payload);
    } else if (request->kind == SIM_EDIT) {
        fill_edit(sim, request, msg, reason, payload);
    } else if (request->kind == SIM_UNDO) {
        tm_decision_undo_t *undo = payload;
        TM_SET(undo, TM_DECISION_UNDO, undo_token, tm_arena_str(msg->arena, tm_str(request->text)));
        TM_SET(undo, TM_DECISION_UNDO, reason, reason);
    } else {
        tm_group_resolve_t *resolve = payload;
        TM_SET(resolve, TM_GROUP_RESOLVE, group_id, request->about[0]);
        TM_SET(resolve, TM_GROUP_RESOLVE, action, (tm_enum_t){request->action});
        TM_SET(resolve, TM_GROUP_RESOLVE, reason, reason);
        if (request->action != TM_DEDUPE_ACTION_separate)
            TM_SET(resolve, TM_GROUP_RESOLVE, winner, request->about[1]);
    }
}

/* ---- the answer ---- */

bool sim_review_may_refuse(tm_err_t err)
{
    return err == TM_ECONFLICT || err == TM_ENOTFOUND || err == TM_EINVALID;
}

void sim_review_answered(sim_t *sim, sim_request_t *request, const tm_blob_t *body)
{
    json_t *answer = body == NULL ? NULL : json_loadb(body->p, body->n, 0, NULL);
    const json_t *holder = request->kind == SIM_EDIT
                               ? json_array_get(json_object_get(answer, "adjustments"), 0)
                               : answer;
    const char *token = json_string_value(json_object_get(holder, "undo_token"));
    if (token == NULL ||
        tm_id_parse(request->kind == SIM_EDIT ? "adj" : "dd", tm_str(token), &request->id) != TM_OK)
        sim_fail(sim, "an answer without a token: %.200s", body == NULL ? "nothing" : body->p);
    (void)snprintf(request->token, sizeof request->token, "%s", token);
    json_decref(answer);
}

/* ---- what must be true ---- */

typedef struct standing {
    sim_t *sim;
    const tm_view_t *view;
} standing_t;

static bool is_open_line(const tm_view_t *view, tm_id_t id)
{
    const tm_row_t *row = tm_view_get(view, &tm_buy_line_desc, id);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(4u << 20);
    const tm_buy_line_t *line = row == NULL ? NULL : tm_row_read(row, arena);
    return line != NULL && !TM_HAS(line, TM_BUY_LINE_archived_ms);
}

/* Whoever is a copy or a part says of whom, and that line is there. */
static void check_line(void *ctx, const void *record)
{
    const standing_t *s = ctx;
    const tm_buy_line_t *line = record;
    if (TM_HAS(line, TM_BUY_LINE_archived_ms) ||
        (line->standing.v != TM_STANDING_copy && line->standing.v != TM_STANDING_part))
        return;
    if (!TM_HAS(line, TM_BUY_LINE_superseded_by) || !is_open_line(s->view, line->superseded_by))
        sim_fail(s->sim, "line %llx does not count, and nobody counts instead",
                 (unsigned long long)line->id.v);
}

/* One winner in a group that was decided. */
static void check_group(void *ctx, const void *record)
{
    const standing_t *s = ctx;
    const tm_dedupe_group_t *g = record;
    if (g->status.v != TM_GROUP_STATUS_same || TM_HAS(g, TM_DEDUPE_GROUP_archived_ms))
        return;
    const tm_dedupe_member_t *members = g->members.v;
    uint32_t winners = 0, covered = 0;
    for (uint32_t i = 0; i < g->members.n; i++) {
        winners += members[i].role.v == TM_MEMBER_ROLE_winner;
        covered += members[i].role.v == TM_MEMBER_ROLE_covered;
    }
    if (winners == 0 || (covered == 0 && winners > 1))
        sim_fail(s->sim, "group %llx has %u winners", (unsigned long long)g->id.v, winners);
}

void sim_check_standings(sim_t *sim, const tm_view_t *view)
{
    standing_t s = {sim, view};
    sim_each_row(view, &tm_buy_line_desc, check_line, &s);
    sim_each_row(view, &tm_dedupe_group_desc, check_group, &s);
}

typedef struct search {
    tm_str_t reason;
    uint32_t found;
} search_t;

static void match_decision(void *ctx, const void *record)
{
    search_t *search = ctx;
    const tm_dedupe_decision_t *decision = record;
    search->found +=
        TM_HAS(decision, TM_DEDUPE_DECISION_reason) && tm_str_eq(decision->reason, search->reason);
}

static void match_edit(void *ctx, const void *record)
{
    search_t *search = ctx;
    search->found += tm_str_eq(((const tm_adjustment_t *)record)->reason, search->reason);
}

static uint32_t happened(sim_t *sim, uint32_t n)
{
    const sim_request_t *request = &sim->requests[n];
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 16);
    search_t search = {.reason = tm_arena_printf(arena, "wish %u", n)};
    tm_view_t *view =
        tm_runtime_snapshot(sim->rt, tm_campaign_actor(sim->requests[request->campaign].id));
    if (view == NULL)
        return 0;
    if (request->kind == SIM_EDIT)
        sim_each_row(view, &tm_adjustment_desc, match_edit, &search);
    else
        sim_each_row(view, &tm_dedupe_decision_desc, match_decision, &search);
    tm_shared_unref(view);
    return search.found;
}

/* Who says what somebody said already gets the same answer: of all with one token one happened. */
void sim_check_review_once(sim_t *sim, uint32_t n)
{
    const sim_request_t *request = &sim->requests[n];
    uint32_t found = 0;
    if (request->forgotten) {
        if (happened(sim, n) > 1)
            sim_fail(sim, "wish %u happened more than once", n);
        return;
    }
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        const sim_request_t *other = &sim->requests[i];
        if (i == n || (!request->refused && !other->refused && other->kind == request->kind &&
                       strcmp(other->token, request->token) == 0))
            found += happened(sim, i);
    }
    if (found != (request->refused ? 0 : 1))
        sim_fail(sim, "wish %u was %s and happened %u times", n,
                 request->refused ? "refused" : "answered", found);
}

/* A wish that comes to its end. NULL: there is nothing to wish, or it was refused. */
static const sim_request_t *grant(sim_t *sim, const sim_request_t *wish)
{
    if (sim->n_requests == SIM_REQUESTS_MAX)
        return NULL;
    sim_request_t *request = &sim->requests[sim->n_requests++];
    *request = *wish;
    sim_settle(sim);
    sim_check_campaigns(sim);
    return request->refused ? NULL : request;
}

/* The groups that wait for a verdict. */
static look_t open_groups(sim_t *sim, uint32_t campaign)
{
    look_t look = {0};
    tm_view_t *view = tm_runtime_snapshot(sim->rt, tm_campaign_actor(sim->requests[campaign].id));
    sim_each_row(view, &tm_dedupe_group_desc, see_group, &look);
    tm_shared_unref(view);
    return look;
}

void sim_check_undo(sim_t *sim)
{
    const uint32_t n = sim->n_requests;
    for (uint32_t i = 0; i < n; i++) {
        if (!sim_is_campaign(&sim->requests[i]))
            continue;
        sim_request_t wish = {.kind = SIM_RESOLVE, .campaign = i};
        if (!sim_review_choose(sim, &wish))
            continue;
        json_t *before = json_deep_copy(sim->subscribers[i].cells);
        const look_t waited = open_groups(sim, i);
        const sim_request_t *verdict = grant(sim, &wish);
        wish = (sim_request_t){.kind = SIM_UNDO, .campaign = i};
        if (verdict != NULL) {
            (void)snprintf(wish.text, sizeof wish.text, "%s", verdict->token);
            const bool undone = grant(sim, &wish) != NULL;
            if (undone && !json_equal(before, sim->subscribers[i].cells))
                sim_fail(sim, "campaign %u: %s was taken back, and its cells are others", i,
                         wish.text);
            const look_t waits = open_groups(sim, i);
            if (undone && (waits.n != waited.n ||
                           memcmp(waits.ids, waited.ids, waits.n * sizeof(waits.ids[0])) != 0))
                sim_fail(sim, "campaign %u: %s was taken back, and other groups wait", i,
                         wish.text);
        }
        json_decref(before);
    }
}
