/* campaign_covers.c - a market's total against its stations, in the same commit as whatever
 * changed either.
 *
 * How:     per advertiser, market and medium: the stations' firm sums by week as they will be (the
 *          matrix, less what the plan's lines had in it, plus what they will have), then each total
 *          is compared. A covered total keeps a group and a decision of its own; what it exceeds
 *          its stations by, and the weeks no station line touches, are lines made by that decision.
 *          A person who undoes it, or decides otherwise, ends it for that total.
 * Threads: the actor's turn.
 * Source:  domain rule 4.5 "Covers", contract 3a. */
#include "actors/campaign_links.h"
#include "actors/campaign_plan.h"
#include "domain/matrix_peek.h"
#include "domain/money.h"
#include "schema/record.h"
#include "actors/limits.h"

#include <stdlib.h>

typedef struct sums {
    tm_arena_t *arena;
    tm_week_sum_t *v; /* ascending by week once sorted; gross summed */
    int64_t *lines;   /* that touch the week */
    uint32_t n, cap;
} sums_t;

static void add_sum(sums_t *s, tm_day_t week, int64_t gross, int64_t lines)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->v[i].week.v == week.v) {
            s->v[i].gross.v += gross;
            s->lines[i] += lines;
            return;
        }
    }
    if (s->n == s->cap) {
        const uint32_t cap = s->cap == 0 ? 64 : s->cap * 2;
        tm_week_sum_t *v = tm_arena_alloc(s->arena, cap * sizeof *v);
        int64_t *counts = tm_arena_alloc(s->arena, cap * sizeof *counts);
        assert(v != NULL && counts != NULL);
        if (s->n > 0) {
            memcpy(v, s->v, s->n * sizeof *v);
            memcpy(counts, s->lines, s->n * sizeof *counts);
        }
        s->v = v;
        s->lines = counts;
        s->cap = cap;
    }
    s->v[s->n] = (tm_week_sum_t){.week = week, .gross = {gross}};
    s->lines[s->n++] = lines;
}

static void add_cell(void *ctx, tm_day_t week, tm_cents_t gross, uint32_t n_lines)
{
    add_sum(ctx, week, gross.v, n_lines);
}

static int by_week(const void *a, const void *b)
{
    const tm_week_sum_t *x = a, *y = b;
    return (x->week.v > y->week.v) - (x->week.v < y->week.v);
}

static bool has_station(const tm_buy_line_t *line, uint64_t key)
{
    return line != NULL && TM_HAS(line, TM_BUY_LINE_station) && campaign_market_key(line) == key;
}

/* What the plan's lines had in the matrix goes, what they will have comes. */
static void add_seat(plan_t *p, const seat_t *seat, uint64_t key, sums_t *s)
{
    bool firm = false;
    tm_cents_t gross;
    if (has_station(seat->old, key) &&
        tm_matrix_line_gross(p->c->matrix, seat->line->id, &firm, &gross) && firm) {
        uint32_t n;
        const tm_share_t *old = tm_matrix_line_shares(p->c->matrix, seat->line->id, p->arena, &n);
        for (uint32_t i = 0; old != NULL && i < n; i++) {
            add_sum(s, old[i].week, -old[i].gross.v, -1);
        }
    }
    if (has_station(seat->line, key) && campaign_line_is_firm(seat->line, &seat->verdict)) {
        uint32_t n;
        const tm_share_t *now = campaign_seat_shares(p, seat, &n);
        for (uint32_t i = 0; i < n; i++) {
            add_sum(s, now[i].week, now[i].gross.v, 1);
        }
    }
}

static sums_t station_sums(plan_t *p, const tm_buy_line_t *total, uint64_t key)
{
    sums_t all = {.arena = p->arena}, ret = {.arena = p->arena};
    if (p->c->matrix != NULL) {
        const tm_row_key_t row = campaign_row_key(total);
        tm_matrix_station_sums(p->c->matrix, &row, add_cell, &all);
    }
    for (uint32_t i = 0; i < p->units.n; i++) {
        const unit_t *u = p->units.v[i];
        for (uint32_t k = 0; u->into == NULL && !u->refused && k < u->n; k++) {
            add_seat(p, u->seats[k], key, &all);
        }
    }
    for (uint32_t i = 0; i < all.n; i++) {
        if (all.lines[i] > 0) {
            add_sum(&ret, all.v[i].week, all.v[i].gross.v, all.lines[i]);
            ret.v[ret.n - 1].known = true;
        }
    }
    if (ret.n > 1) {
        qsort(ret.v, ret.n, sizeof *ret.v, by_week);
    }
    return ret;
}

/* ---- lines made by the decision ---- */

/* The line of that kind made by the decision, NULL: none yet. */
static seat_t *made_line(plan_t *p, uint32_t decision, bool excess)
{
    const numbers_t *made = campaign_numbers(&p->c->made, decision);
    for (uint32_t i = 0; made != NULL && i < made->n; i++) {
        seat_t *seat = campaign_plan_seat(p, made->v[i]);
        if (seat != NULL &&
            (TM_HAS(seat->line, TM_BUY_LINE_estimate) && seat->line->estimate) == excess)
            return seat;
    }
    return NULL;
}

static void put_away(plan_t *p, seat_t *seat)
{
    if (seat != NULL) {
        campaign_seat_put_away(p, seat, "the market's total has nothing more to add");
    }
}

static void write_weeks(plan_t *p, seat_t *seat, const seat_t *total, tm_line_week_t *weeks,
                        uint32_t n)
{
    const tm_buy_line_t *t = total->line;
    tm_cents_t gross = {0};
    for (uint32_t i = 0; i < n; i++) {
        gross.v += weeks[i].amount_cents.v;
    }
    tm_buy_line_t now = *seat->line;
    const int32_t bp =
        TM_HAS(t, TM_BUY_LINE_commission_bp) ? t->commission_bp : TM_COMMISSION_DEFAULT_BP;
    TM_SET(&now, TM_BUY_LINE, gross_cents, gross);
    TM_SET(&now, TM_BUY_LINE, net_cents, tm_net_of(gross, bp));
    TM_SET(&now, TM_BUY_LINE, commission_bp, bp);
    TM_SET(&now, TM_BUY_LINE, flight_from, weeks[0].from);
    TM_SET(&now, TM_BUY_LINE, flight_to, weeks[n - 1].to);
    TM_SET(&now, TM_BUY_LINE, line_weeks, (tm_recs_t){weeks, n});
    TM_CLEAR(&now, TM_BUY_LINE_archived_ms);
    TM_CLEAR(&now, TM_BUY_LINE_known_to_ms);
    const tm_has_t diff = tm_record_diff(&tm_buy_line_desc, seat->line, &now);
    if ((diff.w[0] | diff.w[1]) == 0)
        return;
    *seat->line = now;
    (void)campaign_plan_line(p, seat->line, &diff);
    (void)campaign_plan_unit(p, tm_id_counter(seat->line->id));
}

/* A line like the total, without what its papers say of numbers and spots. */
static seat_t *new_line(plan_t *p, const tm_buy_line_t *t, uint32_t decision, bool excess)
{
    tm_buy_line_t *line = tm_arena_zalloc(p->arena, sizeof *line);
    assert(line != NULL);
    tm_record_stamp_new(line, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
    TM_SET(line, TM_BUY_LINE, campaign_id, p->c->record->id);
    TM_SET(line, TM_BUY_LINE, known_from_ms, tm_turn_now(p->turn));
    TM_SET(line, TM_BUY_LINE, made_by, tm_id_make(p->c->actor, decision));
    TM_SET(line, TM_BUY_LINE, advertiser_id, t->advertiser_id);
    TM_SET(line, TM_BUY_LINE, advertiser, t->advertiser);
    TM_SET(line, TM_BUY_LINE, market, t->market);
    TM_SET(line, TM_BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    TM_SET(line, TM_BUY_LINE, layer, (tm_enum_t){TM_LAYER_airtime});
    TM_SET(line, TM_BUY_LINE, medium,
           TM_HAS(t, TM_BUY_LINE_medium) ? t->medium : (tm_enum_t){TM_MEDIUM_other});
    TM_SET(line, TM_BUY_LINE, stage,
           TM_HAS(t, TM_BUY_LINE_stage) ? t->stage : (tm_enum_t){TM_STAGE_ordered});
    TM_SET(line, TM_BUY_LINE, estimate, excess || (TM_HAS(t, TM_BUY_LINE_estimate) && t->estimate));
    if (TM_HAS(t, TM_BUY_LINE_side))
        TM_SET(line, TM_BUY_LINE, side, t->side);
    if (TM_HAS(t, TM_BUY_LINE_source))
        TM_SET(line, TM_BUY_LINE, source, t->source);
    if (TM_HAS(t, TM_BUY_LINE_market_rank))
        TM_SET(line, TM_BUY_LINE, market_rank, t->market_rank);
    return campaign_plan_line(p, line, NULL);
}

static void set_made(plan_t *p, const seat_t *total, uint32_t decision, bool excess,
                     tm_line_week_t *weeks, uint32_t n)
{
    seat_t *seat = made_line(p, decision, excess);
    if (n == 0) {
        put_away(p, seat);
        return;
    }
    if (seat == NULL) {
        seat = new_line(p, total->line, decision, excess);
    }
    write_weeks(p, seat, total, weeks, n);
}

/* ---- the group and decision of a total ---- */

/* Lines of the stations whose dollars the total covers. */
static tm_recs_t members_of(plan_t *p, const tm_buy_line_t *total, uint64_t key)
{
    tm_dedupe_member_t *v = tm_arena_zalloc(p->arena, TM_COVER_MEMBERS_MAX * sizeof *v);
    assert(v != NULL);
    uint32_t n = 0;
    TM_SET(&v[n], TM_DEDUPE_MEMBER, buy_line_id, total->id);
    TM_SET(&v[n], TM_DEDUPE_MEMBER, role, (tm_enum_t){TM_MEMBER_ROLE_covered});
    n++;
    for (uint32_t i = 0; i < p->units.n && n < TM_COVER_MEMBERS_MAX; i++) {
        const unit_t *u = p->units.v[i];
        for (uint32_t k = 0; u->into == NULL && !u->refused && k < u->n; k++) {
            const seat_t *s = u->seats[k];
            if (s->counts && has_station(s->line, key) && n < TM_COVER_MEMBERS_MAX) {
                TM_SET(&v[n], TM_DEDUPE_MEMBER, buy_line_id, s->line->id);
                TM_SET(&v[n], TM_DEDUPE_MEMBER, role, (tm_enum_t){TM_MEMBER_ROLE_winner});
                n++;
            }
        }
    }
    return (tm_recs_t){v, n};
}

static void take_line(void *ctx, tm_id_t line)
{
    plan_t *p = ctx;
    if (p->units.n < TM_COVER_UNITS_MAX) {
        (void)campaign_plan_unit(p, tm_id_counter(line));
    }
}

/* The stations' lines in the matrix come into the plan, so that the group can name them. */
static void take_stations(plan_t *p, const tm_buy_line_t *total)
{
    if (p->c->matrix != NULL) {
        const tm_row_key_t row = campaign_row_key(total);
        tm_matrix_station_lines(p->c->matrix, &row, take_line, p);
    }
    campaign_plan_decide(p);
}

static decision_edit_t *new_decision(plan_t *p, group_edit_t *g)
{
    decision_edit_t *d = campaign_plan_decision(p, 0);
    TM_SET(d->decision, TM_DEDUPE_DECISION, group_id, g->group->id);
    TM_SET(d->decision, TM_DEDUPE_DECISION, action, (tm_enum_t){TM_DEDUPE_ACTION_covers});
    TM_SET(d->decision, TM_DEDUPE_DECISION, automatic, true);
    TM_SET(d->decision, TM_DEDUPE_DECISION, principal, TM_STR("program"));
    TM_SET(g->group, TM_DEDUPE_GROUP, decision_id, d->decision->id);
    return d;
}

static void write_group(plan_t *p, group_edit_t *g, const tm_cover_t *cover,
                        const tm_recs_t *members)
{
    tm_dedupe_group_t now = *g->group;
    tm_dedupe_reason_t *reason = tm_arena_zalloc(p->arena, sizeof *reason);
    assert(reason != NULL);
    TM_SET(reason, TM_DEDUPE_REASON, rule, TM_STR("covers"));
    TM_SET(reason, TM_DEDUPE_REASON, text, cover->why);
    const uint8_t status = cover->n_excess > 0 ? TM_GROUP_STATUS_partial : TM_GROUP_STATUS_same;
    TM_SET(&now, TM_DEDUPE_GROUP, status, (tm_enum_t){status});
    TM_SET(&now, TM_DEDUPE_GROUP, score_x100, 0); /* no points: a sum explains it */
    TM_SET(&now, TM_DEDUPE_GROUP, proposed, false);
    TM_SET(&now, TM_DEDUPE_GROUP, reasons, (tm_recs_t){reason, 1});
    TM_SET(&now, TM_DEDUPE_GROUP, members, *members);
    const tm_has_t diff = tm_record_diff(&tm_dedupe_group_desc, g->group, &now);
    g->touched.w[0] |= diff.w[0];
    g->touched.w[1] |= diff.w[1];
    *g->group = now;
}

/* The decision by which this total is covered; 0: a person ended it. NULL *ret_group: there was
 * none yet. */
static uint32_t cover_decision(plan_t *p, uint32_t total, group_edit_t **ret_group)
{
    const uint32_t group = (uint32_t)(uintptr_t)tm_map_get(&p->c->cover_groups, total);
    *ret_group = group == 0 ? NULL : campaign_plan_group(p, group);
    if (*ret_group == NULL || !TM_HAS((*ret_group)->group, TM_DEDUPE_GROUP_decision_id))
        return 0;
    const uint32_t decision = tm_id_counter((*ret_group)->group->decision_id);
    return campaign_plan_action(p, decision) == TM_DEDUPE_ACTION_covers ? decision : 0;
}

/* The total counts itself again, or still. */
static void uncover(plan_t *p, seat_t *total, uint32_t decision)
{
    const bool was = TM_HAS(total->line, TM_BUY_LINE_decision_id) &&
                     total->line->standing.v == TM_STANDING_covered;
    if (was && total->verdict.standing == TM_STANDING_covered) {
        campaign_seat_clear(total, TM_BUY_LINE_decision_id);
        total->verdict = total->papers;
        total->counts = total->papers.counts;
    }
    const uint32_t made_by = decision != 0               ? decision
                             : was && total->old != NULL ? tm_id_counter(total->old->decision_id)
                                                         : 0;
    if (made_by != 0) {
        put_away(p, made_line(p, made_by, true));
        put_away(p, made_line(p, made_by, false));
    }
}

static void cover(plan_t *p, seat_t *total, uint64_t key, const sums_t *sums)
{
    group_edit_t *g = NULL;
    uint32_t decision = cover_decision(p, tm_id_counter(total->line->id), &g);
    const bool held =
        total->verdict.standing == TM_STANDING_copy || total->verdict.standing == TM_STANDING_part;
    total->counts = total->verdict.counts && !held;
    if ((g != NULL && decision == 0) || !total->counts) {
        uncover(p, total, decision);
        return;
    }
    uint32_t n = 0;
    const tm_share_t *shares = campaign_seat_shares(p, total, &n);
    tm_cover_t cover = {0};
    const tm_err_t err = tm_cover_of(total->line, shares, n, sums->v, sums->n, p->arena, &cover);
    assert(err == TM_OK);
    if (err != TM_OK || !cover.covers) {
        uncover(p, total, decision);
        return;
    }
    take_stations(p, total->line);
    if (g == NULL) {
        g = campaign_plan_group(p, 0);
    }
    const tm_recs_t members = members_of(p, total->line, key);
    write_group(p, g, &cover, &members);
    if (decision == 0) {
        decision_edit_t *d = new_decision(p, g);
        TM_SET(d->decision, TM_DEDUPE_DECISION, members, members);
        TM_SET(d->decision, TM_DEDUPE_DECISION, reason, cover.why);
        decision = tm_id_counter(d->decision->id);
    }
    campaign_seat_out(p, total, TM_STANDING_covered, decision, (tm_id_t){0}, cover.why);
    set_made(p, total, decision, true, cover.excess, cover.n_excess);
    set_made(p, total, decision, false, cover.rest, cover.n_rest);
    if (cover.is_short) {
        campaign_plan_problem(p, "large_variance", total->line, cover.why);
    }
}

/* ---- which totals ---- */

static void note_key(plan_t *p, list_t *keys, tm_map_t *seen, uint64_t key)
{
    if (key != 0 && tm_map_put(seen, key, p) == NULL) {
        campaign_list_add(p->arena, keys, (void *)(uintptr_t)key);
    }
}

/* Keys of the totals in the plan, and of the markets whose station lines change. */
static list_t keys_of(plan_t *p)
{
    list_t keys = {0};
    tm_map_t seen = {0};
    for (uint32_t i = 0; i < p->units.n; i++) {
        const unit_t *u = p->units.v[i];
        for (uint32_t k = 0; u->into == NULL && !u->refused && k < u->n; k++) {
            const tm_buy_line_t *lines[] = {u->seats[k]->line, u->seats[k]->old};
            for (int l = 0; l < 2; l++) {
                if (lines[l] == NULL)
                    continue;
                note_key(p, &keys, &seen, campaign_total_key(lines[l]));
                const uint64_t market = campaign_market_key(lines[l]);
                if (campaign_numbers(&p->c->totals, market) != NULL) {
                    note_key(p, &keys, &seen, market);
                }
            }
        }
    }
    tm_map_done(&seen);
    return keys;
}

void campaign_plan_covers(plan_t *p)
{
    const list_t keys = keys_of(p);
    for (uint32_t i = 0; i < keys.n; i++) {
        const uint64_t key = (uintptr_t)keys.v[i];
        list_t totals = {0};
        const numbers_t *known = campaign_numbers(&p->c->totals, key);
        for (uint32_t k = 0; known != NULL && k < known->n; k++) {
            seat_t *seat = campaign_plan_seat(p, known->v[k]);
            if (seat != NULL && !seat->unit->refused && campaign_total_key(seat->line) == key) {
                campaign_list_add(p->arena, &totals, seat);
            }
        }
        for (uint32_t k = 0; k < p->units.n; k++) {
            const unit_t *u = p->units.v[k];
            for (uint32_t s = 0; u->into == NULL && !u->refused && s < u->n; s++) {
                if (u->seats[s]->old == NULL && campaign_total_key(u->seats[s]->line) == key) {
                    campaign_list_add(p->arena, &totals, u->seats[s]);
                }
            }
        }
        campaign_plan_decide(p); /* what was taken in just now */
        for (uint32_t k = 0; k < totals.n; k++) {
            seat_t *total = totals.v[k];
            const sums_t sums = station_sums(p, total->line, key);
            cover(p, total, key, &sums);
        }
        campaign_plan_decide(p);
    }
}
