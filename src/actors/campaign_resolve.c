/* campaign_resolve.c - verdicts of people: a group is one buy or several, rows are parts of one, a
 * decision is taken back.
 *
 * How:     a decision is a record with the role of every line it is about; what follows from it is
 *          worked out by the plan. Undo takes one decision out of force in the present state: later
 *          ones stay, and it is a decision itself, so that it can be undone too.
 * Threads: the actor's turn.
 * Source:  domain rule 4.5, walkthroughs 6-9, 13. */
#include "actors/campaign_links.h"
#include "actors/campaign_plan.h"
#include "domain/matrix_peek.h"
#include "schema/json.h"
#include "schema/record.h"

#include <stdio.h>

#define ANSWER_BYTES_MAX (16u << 20)
#define SURVIVORS_MAX 100

static bool fail(tm_turn_t *turn, tm_err_t err, const char *field, const char *text)
{
    tm_why_t why;
    tm_why_clear(&why);
    (void)tm_why_add(&why, err, field, "%s", text);
    tm_turn_fail(turn, err, &why);
    return false;
}

/* ---- staging and answering ---- */

/* What a decision did to the total, its token, and what else the answer shows (record NULL:
 * nothing). */
static void answer(plan_t *p, const tm_dedupe_decision_t *d, uint64_t version, const char *name,
                   const tm_desc_t *desc, const void *record)
{
    char token[TM_ID_TEXT_MAX];
    (void)tm_id_format("dd", d->id, token);
    tm_buf_t buf;
    tm_blob_begin(&buf, ANSWER_BYTES_MAX);
    tm_buf_printf(&buf,
                  "{\"undo_token\":\"%s\",\"version\":%llu,\"total_before_cents\":%lld,"
                  "\"total_after_cents\":%lld",
                  token, (unsigned long long)version, (long long)d->total_before_cents.v,
                  (long long)d->total_after_cents.v);
    if (record != NULL) {
        tm_buf_printf(&buf, ",\"%s\":", name);
        tm_json_write(desc, record, true, &buf);
    }
    tm_buf_add_char(&buf, '}');
    tm_turn_answer(p->turn, 200, tm_blob_take(&buf), NULL, -1);
}

/* Runs the plan, notes the totals in the decision, stages all and answers. */
static void finish(plan_t *p, tm_dedupe_decision_t *d, const char *name, const tm_desc_t *desc,
                   const void *record)
{
    campaign_plan_run(p);
    for (uint32_t i = 0; i < p->units.n; i++) {
        const unit_t *u = p->units.v[i];
        if (u->into == NULL && u->refused) {
            tm_turn_fail(p->turn, TM_ENOMEM, NULL);
            return;
        }
    }
    const tm_cents_t before = tm_matrix_gross(p->c->matrix);
    TM_SET(d, TM_DEDUPE_DECISION, total_before_cents, before);
    TM_SET(d, TM_DEDUPE_DECISION, total_after_cents,
           (tm_cents_t){before.v + campaign_plan_change(p).v});
    campaign_plan_stage(p);
    answer(p, d, p->c->version + 1, name, desc, record);
}

static decision_edit_t *new_decision(plan_t *p, const tm_message_t *msg, uint8_t action,
                                     bool has_reason, tm_str_t reason)
{
    decision_edit_t *d = campaign_plan_decision(p, 0);
    TM_SET(d->decision, TM_DEDUPE_DECISION, action, (tm_enum_t){action});
    TM_SET(d->decision, TM_DEDUPE_DECISION, automatic, msg->type == TM_MSG_AUTO_RESOLVE);
    if (msg->principal.n > 0) {
        TM_SET(d->decision, TM_DEDUPE_DECISION, principal, msg->principal);
    }
    if (has_reason) {
        TM_SET(d->decision, TM_DEDUPE_DECISION, reason, reason);
    }
    return d;
}

/* Takes a decision out of force by another one. */
static void take_back(plan_t *p, decision_edit_t *d, tm_id_t by)
{
    TM_SET_TOUCHED(d->decision, &d->touched, TM_DEDUPE_DECISION, undone_ms, tm_turn_now(p->turn));
    TM_SET_TOUCHED(d->decision, &d->touched, TM_DEDUPE_DECISION, undone_by, by);
}

/* All orders a decision is about are worked out anew. */
static void take_members(plan_t *p, const tm_recs_t *members)
{
    const tm_dedupe_member_t *v = members->v;
    for (uint32_t i = 0; i < members->n; i++) {
        unit_t *u = campaign_plan_unit(p, tm_id_counter(v[i].buy_line_id));
        if (u != NULL) {
            u->decided = false;
            u->asked_again = true; /* its papers may have changed since the question was put */
        }
    }
}

static tm_recs_t with_roles(plan_t *p, const tm_recs_t *members, tm_id_t winner,
                            uint8_t role_winner, uint8_t role_others)
{
    const tm_dedupe_member_t *from = members->v;
    tm_dedupe_member_t *v = tm_arena_alloc(p->arena, (members->n + 1) * sizeof *v);
    assert(v != NULL);
    for (uint32_t i = 0; i < members->n; i++) {
        v[i] = from[i];
        v[i].role.v = from[i].buy_line_id.v == winner.v ? role_winner : role_others;
    }
    return (tm_recs_t){v, members->n};
}

/* ---- conflicts ---- */

/* Following the survivors from the winner must lead to none of its copies: then nobody would
 * count. */
static bool leads_back(plan_t *p, tm_id_t winner, const tm_recs_t *members)
{
    const tm_dedupe_member_t *v = members->v;
    tm_id_t at = winner;
    for (int step = 0; step < SURVIVORS_MAX && at.v != 0; step++) {
        const seat_t *seat = campaign_plan_seat(p, tm_id_counter(at));
        if (seat == NULL)
            return false;
        for (uint32_t i = 0; i < members->n; i++) {
            const seat_t *other = campaign_plan_seat(p, tm_id_counter(v[i].buy_line_id));
            if (step > 0 && other != NULL && v[i].buy_line_id.v != winner.v &&
                other->unit == seat->unit)
                return true;
        }
        const bool out = seat->old != NULL && TM_HAS(seat->old, TM_BUY_LINE_superseded_by);
        at = out ? seat->old->superseded_by : (tm_id_t){0};
    }
    return false;
}

static bool is_part(const seat_t *s)
{
    return s != NULL && s->old != NULL && TM_HAS(s->old, TM_BUY_LINE_standing) &&
           s->old->standing.v == TM_STANDING_part;
}

/* Why this line cannot count instead of the others; NULL: it can. */
static const char *winner_fault(plan_t *p, tm_id_t winner, const tm_recs_t *members,
                                tm_err_t *ret_err)
{
    const tm_dedupe_member_t *v = members->v;
    bool member = false;
    *ret_err = TM_ECONFLICT;
    for (uint32_t i = 0; i < members->n; i++) {
        const seat_t *seat = campaign_plan_seat(p, tm_id_counter(v[i].buy_line_id));
        member |= v[i].buy_line_id.v == winner.v;
        if (v[i].buy_line_id.v != winner.v && is_part(seat))
            return "one of the lines is a part of a combined line: decide about that line, or undo "
                   "it first";
    }
    if (!member) {
        *ret_err = TM_EINVALID;
        return "must be one of the group's lines";
    }
    return leads_back(p, winner, members)
               ? "this line stands as a copy of another member already: undo that first"
               : NULL;
}

/* false: it has failed. */
static bool check_winner(plan_t *p, tm_id_t winner, const tm_recs_t *members)
{
    tm_err_t err;
    const char *why = winner_fault(p, winner, members, &err);
    return why == NULL || fail(p->turn, err, "winner", why);
}

/* ---- resolve ---- */

/* The winner's empty fields from its copies. */
static void fill_winner(plan_t *p, decision_edit_t *d, tm_id_t winner)
{
    seat_t *seat = campaign_plan_seat(p, tm_id_counter(winner));
    const tm_dedupe_member_t *v = d->decision->members.v;
    const uint32_t members = d->decision->members.n;
    const tm_buy_line_t **copies = tm_arena_alloc(p->arena, (members + 1) * sizeof *copies);
    tm_buy_line_t *line = tm_arena_alloc(p->arena, sizeof *line);
    assert(seat != NULL && copies != NULL && line != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < members; i++) {
        const seat_t *other = campaign_plan_speaker(p, tm_id_counter(v[i].buy_line_id));
        if (other != NULL && other->unit != seat->unit) {
            copies[n++] = other->line;
        }
    }
    *line = *seat->line;
    tm_has_t touched = {{0}};
    tm_strs_t filled = {NULL, 0};
    const tm_err_t err = tm_dedupe_fill(line, copies, n, p->arena, &touched, &filled);
    assert(err == TM_OK);
    if (err != TM_OK || filled.n == 0)
        return;
    TM_SET(d->decision, TM_DEDUPE_DECISION, filled, filled);
    tm_strs_t all = {tm_arena_alloc(p->arena, (line->filled.n + filled.n) * sizeof(tm_str_t)), 0};
    assert(all.v != NULL);
    for (uint32_t i = 0; i < line->filled.n; i++) {
        all.v[all.n++] = line->filled.v[i];
    }
    for (uint32_t i = 0; i < filled.n; i++) {
        all.v[all.n++] = filled.v[i];
    }
    TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, filled, all);
    (void)campaign_plan_line(p, line, &touched);
}

static uint8_t status_after(const tm_dedupe_group_t *g, uint8_t action)
{
    if (action == TM_DEDUPE_ACTION_covers)
        return g->status.v == TM_GROUP_STATUS_partial ? TM_GROUP_STATUS_partial
                                                      : TM_GROUP_STATUS_same;
    return action == TM_DEDUPE_ACTION_separate ? TM_GROUP_STATUS_separate : TM_GROUP_STATUS_same;
}

static void write_verdict(group_edit_t *g, decision_edit_t *d, const tm_recs_t *members)
{
    const uint8_t action = d->decision->action.v;
    TM_SET(d->decision, TM_DEDUPE_DECISION, group_id, g->group->id);
    TM_SET(d->decision, TM_DEDUPE_DECISION, members, *members);
    TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, members, *members);
    TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, decision_id, d->decision->id);
    TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, status,
                   (tm_enum_t){status_after(g->group, action)});
}

/* The group, if a verdict can be given; NULL: it has failed. */
static group_edit_t *group_to_decide(plan_t *p, const tm_group_resolve_t *verdict)
{
    const tm_id_t id = verdict->group_id;
    group_edit_t *g = tm_tables_get(&p->c->tables, &tm_dedupe_group_desc, id) == NULL
                          ? NULL
                          : campaign_plan_group(p, tm_id_counter(id));
    if (g == NULL) {
        tm_turn_fail(p->turn, TM_ENOTFOUND, NULL);
        return NULL;
    }
    if (TM_HAS(g->group, TM_DEDUPE_GROUP_archived_ms)) {
        (void)fail(p->turn, TM_ECONFLICT, "", "its lines are no longer alike");
        return NULL;
    }
    if (TM_HAS(g->group, TM_DEDUPE_GROUP_decision_id)) {
        const decision_edit_t *d = campaign_plan_decision(p, tm_id_counter(g->group->decision_id));
        if (d == NULL || !d->decision->automatic) {
            (void)fail(p->turn, TM_ECONFLICT, "", "it has a verdict already: undo that first");
            return NULL;
        }
    }
    if (verdict->action.v == TM_DEDUPE_ACTION_covers && !campaign_group_is_cover(g->group)) {
        (void)fail(p->turn, TM_EINVALID, "action", "only a market's total covers its stations");
        return NULL;
    }
    return g;
}

/* Only the members that the verdict names stay in the group; the others look for their partners
 * again. false: it has failed. */
static bool narrow(plan_t *p, group_edit_t *g, const tm_group_resolve_t *verdict)
{
    const tm_dedupe_member_t *from = g->group->members.v;
    const uint32_t wanted = verdict->buy_line_ids.n;
    tm_dedupe_member_t *v = tm_arena_alloc(p->arena, (g->group->members.n + 1) * sizeof *v);
    assert(v != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->group->members.n; i++) {
        char id[TM_ID_TEXT_MAX];
        (void)tm_id_format("bl", from[i].buy_line_id, id);
        bool named = false;
        for (uint32_t k = 0; k < wanted && !named; k++) {
            named = tm_str_eq(verdict->buy_line_ids.v[k], tm_str(id));
        }
        unit_t *u = campaign_plan_unit(p, tm_id_counter(from[i].buy_line_id));
        if (named) {
            v[n++] = from[i];
        } else if (u != NULL) {
            u->asked_again = true;
        }
    }
    if (n != wanted || n < 2)
        return fail(p->turn, TM_EINVALID, "buy_line_ids",
                    "must be two or more different members of the group");
    TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, members, (tm_recs_t){v, n});
    return true;
}

/* The verdict in force said again: the same answer, nothing changes. */
static bool is_repeated(plan_t *p, const tm_group_resolve_t *verdict)
{
    const tm_dedupe_group_t *g =
        tm_tables_read(&p->c->tables, &tm_dedupe_group_desc, verdict->group_id, p->arena);
    const tm_dedupe_decision_t *d =
        g == NULL || !TM_HAS(g, TM_DEDUPE_GROUP_decision_id)
            ? NULL
            : tm_tables_read(&p->c->tables, &tm_dedupe_decision_desc, g->decision_id, p->arena);
    const bool chosen = d != NULL && TM_HAS(d, TM_DEDUPE_DECISION_chosen);
    if (d == NULL || d->automatic || d->action.v != verdict->action.v ||
        (chosen && d->chosen.v != verdict->winner.v))
        return false;
    answer(p, d, p->c->version, "group", &tm_dedupe_group_desc, g);
    return true;
}

static void resolve(plan_t *p, const tm_message_t *msg, const tm_group_resolve_t *verdict)
{
    const uint8_t action = verdict->action.v;
    if (is_repeated(p, verdict))
        return;
    group_edit_t *g = group_to_decide(p, verdict);
    if (g == NULL)
        return;
    const bool same = action == TM_DEDUPE_ACTION_keep || action == TM_DEDUPE_ACTION_merge;
    take_members(p, &g->group->members);
    if (verdict->buy_line_ids.n > 0 && action != TM_DEDUPE_ACTION_covers && !narrow(p, g, verdict))
        return;
    if (same && !check_winner(p, verdict->winner, &g->group->members))
        return;
    decision_edit_t *d =
        new_decision(p, msg, action, TM_HAS(verdict, TM_GROUP_RESOLVE_reason), verdict->reason);
    if (TM_HAS(g->group, TM_DEDUPE_GROUP_decision_id)) {
        take_back(p, campaign_plan_decision(p, tm_id_counter(g->group->decision_id)),
                  d->decision->id);
    }
    tm_recs_t members = g->group->members;
    if (same) {
        TM_SET(d->decision, TM_DEDUPE_DECISION, chosen, verdict->winner);
        members =
            with_roles(p, &members, verdict->winner, TM_MEMBER_ROLE_winner, TM_MEMBER_ROLE_copy);
    } else if (action == TM_DEDUPE_ACTION_separate) {
        members = with_roles(p, &members, (tm_id_t){0}, 0, TM_MEMBER_ROLE_winner);
    } else {
        const tm_dedupe_member_t *total = members.v; /* comes first */
        members = with_roles(p, &members, total->buy_line_id, TM_MEMBER_ROLE_covered,
                             TM_MEMBER_ROLE_winner);
    }
    write_verdict(g, d, &members);
    if (action == TM_DEDUPE_ACTION_merge) {
        fill_winner(p, d, verdict->winner);
    }
    finish(p, d->decision, "group", &tm_dedupe_group_desc, g->group);
}

void campaign_group_resolve(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg)
{
    const tm_group_resolve_t *verdict = msg->payload;
    if (verdict->action.v == TM_DEDUPE_ACTION_combine ||
        verdict->action.v == TM_DEDUPE_ACTION_undo) {
        (void)fail(turn, TM_EINVALID, "action", "must be keep, merge, separate or covers");
        return;
    }
    plan_t p = campaign_plan(turn, c);
    resolve(&p, msg, verdict);
    campaign_plan_done(&p);
}

/* A group of 90 points that waits and never had a verdict: what a person has taken back is not
 * decided by the rules again. NULL: the rules leave it alone. */
static const tm_dedupe_group_t *proposed_group(const campaign_t *c, const tm_row_t *row,
                                               tm_arena_t *arena)
{
    const uint32_t counter = tm_id_counter(row->id);
    if (tm_map_get(&c->open_groups, counter) == NULL || tm_map_get(&c->judged, counter) != NULL)
        return NULL;
    const tm_dedupe_group_t *g = tm_row_read(row, arena);
    return g != NULL && g->proposed && TM_HAS(g, TM_DEDUPE_GROUP_suggested_winner) ? g : NULL;
}

/* true: kept as proposed. false: another verdict stands against it, nothing staged. */
static bool keep_proposed(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg,
                          const tm_dedupe_group_t *g)
{
    tm_group_resolve_t verdict = {0};
    TM_SET(&verdict, TM_GROUP_RESOLVE, group_id, g->id);
    TM_SET(&verdict, TM_GROUP_RESOLVE, action, (tm_enum_t){TM_DEDUPE_ACTION_keep});
    TM_SET(&verdict, TM_GROUP_RESOLVE, winner, g->suggested_winner);
    TM_SET(&verdict, TM_GROUP_RESOLVE, reason, TM_STR("90 points or more"));
    plan_t p = campaign_plan(turn, c);
    tm_err_t err;
    const bool can = winner_fault(&p, g->suggested_winner, &g->members, &err) == NULL;
    if (can) {
        resolve(&p, msg, &verdict);
    }
    campaign_plan_done(&p);
    return can;
}

/* One decision a commit; the next group follows in a message of its own. */
void campaign_auto_resolve(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg)
{
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&c->tables, &tm_dedupe_group_desc, &key));
         key++) {
        const tm_dedupe_group_t *g = proposed_group(c, row, tm_turn_arena(turn));
        if (g != NULL && keep_proposed(turn, c, msg, g)) {
            tm_turn_send(turn, TM_KIND_OF_campaign, c->actor, TM_MSG_AUTO_RESOLVE, msg->payload);
            return;
        }
    }
}

/* ---- combine ---- */

/* The part as it stands, NULL: it has failed. */
static const tm_buy_line_t *part_of(plan_t *p, tm_str_t text, uint32_t i, tm_why_t *why)
{
    char field[TM_WHY_FIELD_MAX];
    (void)snprintf(field, sizeof field, "buy_line_ids[%u]", i);
    tm_id_t id = {0};
    const bool ours = tm_id_parse("bl", text, &id) == TM_OK &&
                      tm_tables_get(&p->c->tables, &tm_buy_line_desc, id) != NULL;
    seat_t *seat = ours ? campaign_plan_seat(p, tm_id_counter(id)) : NULL;
    if (seat == NULL) {
        (void)tm_why_add(why, TM_EINVALID, field, "there is no such line in this campaign");
        return NULL;
    }
    seat->unit->decided = false;
    uint32_t counting = 0;
    for (uint32_t k = 0; k < seat->unit->n; k++) {
        counting += seat->unit->seats[k]->counts && !seat->unit->seats[k]->verdict.alone;
    }
    if (seat->unit->speaker != seat || TM_HAS(seat->line, TM_BUY_LINE_decision_id)) {
        (void)tm_why_add(why, TM_ECONFLICT, field, "it does not count itself (it stands as %s)",
                         tm_words_name(&tm_standing_words, seat->line->standing));
        return NULL;
    }
    if (seat->verdict.zero) {
        (void)tm_why_add(why, TM_EINVALID, field, "is cancelled: it has no dollars to add");
        return NULL;
    }
    if (counting > 1) {
        (void)tm_why_add(why, TM_ECONFLICT, field, "invoices close some of its order's days");
        return NULL;
    }
    return seat->line;
}

/* The line with the sum, its parts' roles in *ret_members; NULL: it has failed. */
static tm_buy_line_t *sum_of(plan_t *p, const tm_rows_combine_t *rows, tm_recs_t *ret_members)
{
    const uint32_t n = rows->buy_line_ids.n;
    const tm_buy_line_t **parts = tm_arena_alloc(p->arena, (n + 1) * sizeof *parts);
    tm_dedupe_member_t *members = tm_arena_zalloc(p->arena, (n + 1) * sizeof *members);
    tm_buy_line_t *sum = tm_arena_zalloc(p->arena, sizeof *sum);
    assert(parts != NULL && members != NULL && sum != NULL);
    tm_why_t why;
    tm_why_clear(&why);
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = part_of(p, rows->buy_line_ids.v[i], i, &why);
        for (uint32_t k = 0; k < i && parts[i] != NULL; k++) {
            if (parts[k] == parts[i]) {
                (void)tm_why_add(&why, TM_EINVALID, "buy_line_ids", "the same line stands twice");
            }
        }
        if (parts[i] != NULL) {
            TM_SET(&members[i], TM_DEDUPE_MEMBER, buy_line_id, parts[i]->id);
            TM_SET(&members[i], TM_DEDUPE_MEMBER, role, (tm_enum_t){TM_MEMBER_ROLE_part});
        }
    }
    if (n < 2) {
        (void)tm_why_add(&why, TM_EINVALID, "buy_line_ids", "must be two lines or more");
    }
    if (tm_answer_faults(p->turn, &why))
        return NULL;
    const tm_err_t err = tm_dedupe_combine(parts, n, p->arena, sum, &why);
    if (tm_answer_faults(p->turn, &why))
        return NULL;
    if (err != TM_OK) {
        tm_turn_fail(p->turn, err, NULL);
        return NULL;
    }
    *ret_members = (tm_recs_t){members, n};
    return sum;
}

/* The decision in force that made the named lines parts of one, all of them and no others; NULL:
 * none. */
static const tm_dedupe_decision_t *combined_before(plan_t *p, const tm_rows_combine_t *rows)
{
    const tm_dedupe_decision_t *d = NULL;
    for (uint32_t i = 0; i < rows->buy_line_ids.n; i++) {
        tm_id_t id = {0};
        const tm_buy_line_t *line =
            tm_id_parse("bl", rows->buy_line_ids.v[i], &id) == TM_OK
                ? tm_tables_read(&p->c->tables, &tm_buy_line_desc, id, p->arena)
                : NULL;
        if (line == NULL || !TM_HAS(line, TM_BUY_LINE_decision_id) ||
            (d != NULL && d->id.v != line->decision_id.v))
            return NULL;
        d = d != NULL ? d
                      : tm_tables_read(&p->c->tables, &tm_dedupe_decision_desc, line->decision_id,
                                       p->arena);
    }
    return d != NULL && d->action.v == TM_DEDUPE_ACTION_combine &&
                   d->members.n == rows->buy_line_ids.n
               ? d
               : NULL;
}

static void combine(plan_t *p, const tm_message_t *msg, const tm_rows_combine_t *rows)
{
    const tm_dedupe_decision_t *before = combined_before(p, rows);
    if (before != NULL) {
        answer(p, before, p->c->version, "buy_line", &tm_buy_line_desc,
               tm_tables_read(&p->c->tables, &tm_buy_line_desc, before->chosen, p->arena));
        return;
    }
    tm_recs_t members;
    tm_buy_line_t *sum = sum_of(p, rows, &members);
    if (sum == NULL)
        return;
    decision_edit_t *d = new_decision(p, msg, TM_DEDUPE_ACTION_combine,
                                      TM_HAS(rows, TM_ROWS_COMBINE_reason), rows->reason);
    tm_record_stamp_new(sum, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
    TM_SET(sum, TM_BUY_LINE, campaign_id, p->c->record->id);
    TM_SET(sum, TM_BUY_LINE, known_from_ms, tm_turn_now(p->turn));
    TM_SET(sum, TM_BUY_LINE, published_ms, tm_turn_now(p->turn));
    TM_SET(sum, TM_BUY_LINE, made_by, d->decision->id);
    if (TM_HAS(rows, TM_ROWS_COMBINE_reason)) {
        TM_SET(sum, TM_BUY_LINE, reason, rows->reason);
    }
    TM_SET(d->decision, TM_DEDUPE_DECISION, chosen, sum->id);
    TM_SET(d->decision, TM_DEDUPE_DECISION, members, members);
    const seat_t *seat = campaign_plan_line(p, sum, NULL);
    finish(p, d->decision, "buy_line", &tm_buy_line_desc, seat->line);
}

void campaign_rows_combine(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg)
{
    plan_t p = campaign_plan(turn, c);
    combine(&p, msg, msg->payload);
    campaign_plan_done(&p);
}

/* ---- undo ---- */

/* What a merge filled is empty again. */
static void unfill(plan_t *p, const tm_dedupe_decision_t *d)
{
    seat_t *seat = d->filled.n == 0 ? NULL : campaign_plan_seat(p, tm_id_counter(d->chosen));
    if (seat == NULL)
        return;
    tm_buy_line_t *line = tm_arena_alloc(p->arena, sizeof *line);
    tm_strs_t left = {tm_arena_alloc(p->arena, (seat->line->filled.n + 1) * sizeof(tm_str_t)), 0};
    assert(line != NULL && left.v != NULL);
    *line = *seat->line;
    tm_has_t touched = {{0}};
    tm_dedupe_unfill(line, &d->filled, &touched);
    for (uint32_t i = 0; i < seat->line->filled.n; i++) {
        bool gone = false;
        for (uint32_t k = 0; k < d->filled.n && !gone; k++) {
            gone = tm_str_eq(seat->line->filled.v[i], d->filled.v[k]);
        }
        if (!gone) {
            left.v[left.n++] = seat->line->filled.v[i];
        }
    }
    TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, filled, left);
    (void)campaign_plan_line(p, line, &touched);
}

/* A combined line goes with its decision, and comes back with it. */
static void show_sum(plan_t *p, const tm_dedupe_decision_t *d, bool open)
{
    seat_t *seat = campaign_plan_seat(p, tm_id_counter(d->chosen));
    if (seat == NULL)
        return;
    if (!open) {
        campaign_seat_put_away(p, seat, "the combination was taken back");
        return;
    }
    campaign_seat_clear(seat, TM_BUY_LINE_archived_ms);
    campaign_seat_clear(seat, TM_BUY_LINE_known_to_ms);
    (void)campaign_plan_line(p, seat->line, NULL);
    (void)campaign_plan_unit(p, tm_id_counter(d->chosen));
}

/* The group waits again, or has the verdict again. */
static void reopen(plan_t *p, const tm_dedupe_decision_t *d, bool in_force)
{
    group_edit_t *g = TM_HAS(d, TM_DEDUPE_DECISION_group_id)
                          ? campaign_plan_group(p, tm_id_counter(d->group_id))
                          : NULL;
    if (g == NULL)
        return;
    if (in_force) {
        TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, decision_id, d->id);
        TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, members, d->members);
        TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, status,
                       (tm_enum_t){status_after(g->group, d->action.v)});
        return;
    }
    TM_CLEAR(g->group, TM_DEDUPE_GROUP_decision_id);
    TM_TOUCH(&g->touched, TM_DEDUPE_GROUP_decision_id);
    TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, status,
                   (tm_enum_t){TM_GROUP_STATUS_open});
    const tm_recs_t members =
        with_roles(p, &g->group->members, (tm_id_t){0}, 0, TM_MEMBER_ROLE_candidate);
    TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, members, members);
}

/* The decision holds again, and its group has that verdict. */
static void put_in_force(plan_t *p, decision_edit_t *d)
{
    TM_CLEAR(d->decision, TM_DEDUPE_DECISION_undone_ms);
    TM_CLEAR(d->decision, TM_DEDUPE_DECISION_undone_by);
    TM_TOUCH(&d->touched, TM_DEDUPE_DECISION_undone_ms);
    TM_TOUCH(&d->touched, TM_DEDUPE_DECISION_undone_by);
    reopen(p, d->decision, true);
}

/* A decision that was taken back holds again. false: it has failed. */
static bool restore(plan_t *p, decision_edit_t *d)
{
    tm_dedupe_decision_t *decision = d->decision;
    const bool same =
        decision->action.v == TM_DEDUPE_ACTION_keep || decision->action.v == TM_DEDUPE_ACTION_merge;
    const group_edit_t *g = TM_HAS(decision, TM_DEDUPE_DECISION_group_id)
                                ? campaign_plan_group(p, tm_id_counter(decision->group_id))
                                : NULL;
    if (g != NULL && TM_HAS(g->group, TM_DEDUPE_GROUP_decision_id))
        return fail(p->turn, TM_ECONFLICT, "undo_token", "the group has another verdict meanwhile");
    take_members(p, &decision->members);
    if (same && !check_winner(p, decision->chosen, &decision->members))
        return false;
    put_in_force(p, d);
    if (decision->action.v == TM_DEDUPE_ACTION_merge) {
        fill_winner(p, d, decision->chosen);
    } else if (decision->action.v == TM_DEDUPE_ACTION_combine) {
        show_sum(p, decision, true);
    }
    return true;
}

/* The rules' own verdict that a person's one took back; NULL: there was none. */
static decision_edit_t *replaced_by(plan_t *p, const tm_dedupe_decision_t *d)
{
    uint32_t key = 0;
    for (const tm_row_t *row;
         TM_HAS(d, TM_DEDUPE_DECISION_group_id) &&
         (row = tm_tables_next(&p->c->tables, &tm_dedupe_decision_desc, &key)) != NULL;
         key++) {
        const tm_dedupe_decision_t *other = tm_row_read(row, p->arena);
        if (other != NULL && other->automatic && other->group_id.v == d->group_id.v &&
            TM_HAS(other, TM_DEDUPE_DECISION_undone_by) && other->undone_by.v == d->id.v)
            return campaign_plan_decision(p, tm_id_counter(row->id));
    }
    return NULL;
}

static void undo_decision(plan_t *p, const tm_message_t *msg, const tm_decision_undo_t *undo,
                          tm_id_t id)
{
    decision_edit_t *d = tm_tables_get(&p->c->tables, &tm_dedupe_decision_desc, id) == NULL
                             ? NULL
                             : campaign_plan_decision(p, tm_id_counter(id));
    if (d == NULL) {
        tm_turn_fail(p->turn, TM_ENOTFOUND, NULL);
        return;
    }
    if (TM_HAS(d->decision, TM_DEDUPE_DECISION_undone_ms)) {
        (void)fail(p->turn, TM_ECONFLICT, "undo_token", "this decision is taken back already");
        return;
    }
    decision_edit_t *u = new_decision(p, msg, TM_DEDUPE_ACTION_undo,
                                      TM_HAS(undo, TM_DECISION_UNDO_reason), undo->reason);
    TM_SET(u->decision, TM_DEDUPE_DECISION, undoes, d->decision->id);
    TM_SET(u->decision, TM_DEDUPE_DECISION, members, d->decision->members);
    if (TM_HAS(d->decision, TM_DEDUPE_DECISION_group_id)) {
        TM_SET(u->decision, TM_DEDUPE_DECISION, group_id, d->decision->group_id);
    }
    take_back(p, d, u->decision->id);
    if (d->decision->action.v == TM_DEDUPE_ACTION_undo) {
        decision_edit_t *first = TM_HAS(d->decision, TM_DEDUPE_DECISION_undoes)
                                     ? campaign_plan_decision(p, tm_id_counter(d->decision->undoes))
                                     : NULL;
        if (first == NULL) {
            (void)fail(p->turn, TM_ECONFLICT, "undo_token",
                       "an edit that was taken back is made again as a new edit");
            return;
        }
        if (!restore(p, first))
            return;
    } else {
        decision_edit_t *before = replaced_by(p, d->decision);
        if (before != NULL) {
            put_in_force(p, before);
        } else {
            reopen(p, d->decision, false);
        }
        if (d->decision->action.v == TM_DEDUPE_ACTION_combine) {
            show_sum(p, d->decision, false);
        }
        unfill(p, d->decision);
    }
    take_members(p, &d->decision->members);
    finish(p, u->decision, NULL, NULL, NULL);
}

/* The edit's line goes; the record of the edit says so. */
static void undo_edit(plan_t *p, const tm_message_t *msg, const tm_decision_undo_t *undo,
                      tm_id_t id)
{
    tm_adjustment_t *a = tm_tables_read(&p->c->tables, &tm_adjustment_desc, id, p->arena);
    if (a == NULL) {
        tm_turn_fail(p->turn, TM_ENOTFOUND, NULL);
        return;
    }
    if (TM_HAS(a, TM_ADJUSTMENT_undone_ms)) {
        (void)fail(p->turn, TM_ECONFLICT, "undo_token", "this edit is taken back already");
        return;
    }
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(a, &touched, TM_ADJUSTMENT, undone_ms, tm_turn_now(p->turn));
    tm_record_stamp_patch(a, &touched, a->version, tm_turn_now(p->turn));
    tm_turn_patch(p->turn, &tm_adjustment_desc, a->id, a, &touched);
    seat_t *seat = campaign_plan_seat(p, tm_id_counter(a->buy_line_id));
    assert(seat != NULL);
    campaign_seat_put_away(p, seat, "the edit was taken back");
    decision_edit_t *u = new_decision(p, msg, TM_DEDUPE_ACTION_undo,
                                      TM_HAS(undo, TM_DECISION_UNDO_reason), undo->reason);
    finish(p, u->decision, NULL, NULL, NULL);
}

void campaign_decision_undo(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg)
{
    const tm_decision_undo_t *undo = msg->payload;
    plan_t p = campaign_plan(turn, c);
    tm_id_t id = {0};
    if (tm_id_parse("dd", undo->undo_token, &id) == TM_OK) {
        undo_decision(&p, msg, undo, id);
    } else if (tm_id_parse("adj", undo->undo_token, &id) == TM_OK) {
        undo_edit(&p, msg, undo, id);
    } else {
        (void)fail(turn, TM_EINVALID, "undo_token", "is no token of a decision or edit");
    }
    campaign_plan_done(&p);
}
