/* campaign_concerns.c - what a person should look at after a change: edits whose ground moved, and
 * one order told differently by two sources.
 *
 * Threads: the actor's turn.
 * Source:  domain rules 4.7 (edited_value_stale), 7 (large_variance). */
#include "actors/campaign_blocks.h"
#include "actors/campaign_links.h"
#include "actors/campaign_plan.h"
#include "domain/matrix_peek.h"

#define VARIANCE_CENTS 100000
#define VARIANCE_PERCENT 10

/* ---- totals ---- */

tm_cents_t campaign_plan_change(plan_t *p)
{
    int64_t change = 0;
    for (uint32_t i = 0; i < p->units.n; i++) {
        const unit_t *u = p->units.v[i];
        for (uint32_t k = 0; u->into == NULL && !u->refused && k < u->n; k++) {
            const seat_t *seat = u->seats[k];
            bool firm = false;
            tm_cents_t old = {0};
            if (p->c->matrix != NULL &&
                tm_matrix_line_gross(p->c->matrix, seat->line->id, &firm, &old) && firm) {
                change -= old.v;
            }
            uint32_t n = 0;
            const tm_share_t *shares = campaign_line_is_firm(seat->line, &seat->verdict)
                                           ? campaign_seat_shares(p, seat, &n)
                                           : NULL;
            for (uint32_t s = 0; s < n; s++) {
                change += shares[s].gross.v;
            }
        }
    }
    return (tm_cents_t){change};
}

/* ---- edits whose ground moved ---- */

static bool same_row(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    const bool stations = TM_HAS(a, TM_BUY_LINE_station) && TM_HAS(b, TM_BUY_LINE_station);
    return a->advertiser_id.v == b->advertiser_id.v && a->market == b->market &&
           a->medium.v == b->medium.v &&
           TM_HAS(a, TM_BUY_LINE_station) == TM_HAS(b, TM_BUY_LINE_station) &&
           (!stations || tm_str_eq(a->station, b->station));
}

static bool same_days(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    return TM_HAS(a, TM_BUY_LINE_flight_from) && TM_HAS(b, TM_BUY_LINE_flight_from) &&
           a->flight_from.v <= b->flight_to.v && b->flight_from.v <= a->flight_to.v;
}

/* Does the line's part of the matrix change? Its own standing and dollars decide. */
static bool moves(const plan_t *p, const seat_t *seat)
{
    if (seat->old == NULL || seat->changed)
        return true;
    bool firm;
    tm_cents_t gross;
    const bool in = tm_matrix_line_gross(p->c->matrix, seat->line->id, &firm, &gross);
    return in != seat->counts;
}

static void check_edit(plan_t *p, const seat_t *seat, uint32_t edited)
{
    const tm_buy_line_t *edit =
        tm_tables_read(&p->c->tables, &tm_buy_line_desc, tm_id_make(p->c->actor, edited), p->arena);
    if (edit == NULL || !campaign_line_is_open(edit) || !same_row(seat->line, edit) ||
        !same_days(seat->line, edit) || !moves(p, seat))
        return;
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format("bl", seat->line->id, id);
    campaign_plan_problem(p, "edited_value_stale", edit,
                          tm_arena_printf(p->arena, "line %s changed below an edited cell", id));
}

static void check_edits(plan_t *p)
{
    for (uint32_t i = 0; p->c->edits.n > 0 && i < p->units.n; i++) {
        const unit_t *u = p->units.v[i];
        for (uint32_t k = 0; u->into == NULL && !u->refused && k < u->n; k++) {
            const seat_t *seat = u->seats[k];
            const numbers_t *edits =
                TM_HAS(seat->line, TM_BUY_LINE_adjustment_of) || !tm_line_is_airtime(seat->line)
                    ? NULL
                    : campaign_numbers(&p->c->edits, campaign_market_key(seat->line));
            for (uint32_t e = 0; edits != NULL && e < edits->n; e++) {
                if (campaign_problem(p->c, "edited_value_stale", edits->v[e]) == 0) {
                    check_edit(p, seat, edits->v[e]);
                }
            }
        }
    }
}

/* ---- one order, two sources ---- */

static void check_variance(plan_t *p, const tm_dedupe_group_t *g)
{
    const tm_dedupe_member_t *members = g->members.v;
    for (uint32_t i = 0; i < g->members.n; i++) {
        const seat_t *a = tm_map_get(&p->seats, tm_id_counter(members[i].buy_line_id));
        for (uint32_t k = i + 1; a != NULL && k < g->members.n; k++) {
            const seat_t *b = tm_map_get(&p->seats, tm_id_counter(members[k].buy_line_id));
            if (b == NULL || !tm_same_number(a->line, b->line) ||
                campaign_source_bit(a->line) == campaign_source_bit(b->line) ||
                !TM_HAS(a->line, TM_BUY_LINE_gross_cents) ||
                !TM_HAS(b->line, TM_BUY_LINE_gross_cents))
                continue;
            const int64_t x = a->line->gross_cents.v, y = b->line->gross_cents.v;
            const int64_t off = x > y ? x - y : y - x, large = TM_MAX(x, y);
            if (off > VARIANCE_CENTS && off > large / 100 * VARIANCE_PERCENT) {
                campaign_plan_problem(
                    p, "large_variance", b->line,
                    tm_arena_printf(p->arena, "order %.*s: %lld cents by %.*s, %lld cents by %.*s",
                                    (int)a->line->order_no_norm.n, a->line->order_no_norm.p,
                                    (long long)x, (int)a->line->source.n, a->line->source.p,
                                    (long long)y, (int)b->line->source.n, b->line->source.p));
            }
        }
    }
}

void campaign_plan_concerns(plan_t *p)
{
    check_edits(p);
    for (uint32_t i = 0; i < p->groups.n; i++) {
        const group_edit_t *g = p->groups.v[i];
        if (g->group->status.v == TM_GROUP_STATUS_open &&
            !TM_HAS(g->group, TM_DEDUPE_GROUP_archived_ms)) {
            check_variance(p, g->group);
        }
    }
}
