/* campaign_groups.c - which orders may be one buy: groups that wait for a verdict, made and changed
 * by the commit that brings the line.
 *
 * How:     for each unit of the plan whose speaker is new or differs: groups it is in are scored
 *          again (those that no longer hold together are put away, and come back when they do);
 *          then partners are sought in the blocks and among the plan's own units. A line joins its
 *          partner's open group when it agrees with every member, else they make a new one.
 * Threads: the actor's turn.
 * Source:  domain rule 4.5. */
#include "actors/campaign_blocks.h"
#include "actors/campaign_links.h"
#include "actors/campaign_plan.h"
#include "domain/name_match.h"
#include "schema/record.h"
#include "actors/limits.h"

#define PLAN_UNITS_COMPARED 64u

/* What may be one of several reports of a buy. */
static bool is_eligible(const seat_t *s)
{
    if (s == NULL || !s->counts)
        return false;
    const tm_buy_line_t *line = s->line;
    const bool estimate = TM_HAS(line, TM_BUY_LINE_estimate) && line->estimate;
    return !TM_HAS(line, TM_BUY_LINE_decision_id) && !TM_HAS(line, TM_BUY_LINE_adjustment_of) &&
           !(TM_HAS(line, TM_BUY_LINE_made_by) && estimate);
}

static void score_pair(plan_t *p, const tm_buy_line_t *a, const tm_buy_line_t *b, tm_score_t *ret)
{
    int32_t names = 0;
    if (a->advertiser_id.v != b->advertiser_id.v && TM_HAS(a, TM_BUY_LINE_advertiser) &&
        TM_HAS(b, TM_BUY_LINE_advertiser)) {
        names = tm_name_score(a->advertiser, b->advertiser, p->arena);
    }
    const tm_err_t err = tm_dedupe_score(a, b, names, p->arena, ret);
    assert(err == TM_OK);
    (void)err;
}

static bool is_alike(const tm_score_t *s)
{
    return s->n_vetoes == 0 && (s->sister || s->score_x100 >= TM_SCORE_OPEN);
}

static bool same_source(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    return campaign_source_bit(a) == campaign_source_bit(b);
}

/* ---- one group ---- */

/* The lines that speak for the group's members now, each order once. */
static uint32_t speakers_of(plan_t *p, const tm_dedupe_group_t *g,
                            const tm_buy_line_t *ret[TM_GROUP_MEMBERS_MAX])
{
    const tm_dedupe_member_t *members = g->members.v;
    const unit_t *units[TM_GROUP_MEMBERS_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->members.n && n < TM_GROUP_MEMBERS_MAX; i++) {
        const seat_t *s = campaign_plan_speaker(p, tm_id_counter(members[i].buy_line_id));
        bool known = !is_eligible(s);
        for (uint32_t k = 0; k < n && !known; k++) {
            known = units[k] == s->unit;
        }
        if (!known) {
            units[n] = s->unit;
            ret[n++] = s->line;
        }
    }
    return n;
}

/* The best pair's points; reasons of that pair. false: no two of them are alike. */
static bool best_pair(plan_t *p, const tm_buy_line_t *const *lines, uint32_t n, tm_score_t *ret)
{
    bool found = false;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = i + 1; k < n; k++) {
            tm_score_t s;
            score_pair(p, lines[i], lines[k], &s);
            if (is_alike(&s) && (!found || s.score_x100 > ret->score_x100)) {
                *ret = s;
                found = true;
            }
        }
    }
    return found;
}

static tm_recs_t candidates(plan_t *p, const tm_buy_line_t *const *lines, uint32_t n)
{
    tm_dedupe_member_t *v = tm_arena_zalloc(p->arena, (n + 1) * sizeof *v);
    assert(v != NULL);
    for (uint32_t i = 0; i < n; i++) {
        TM_SET(&v[i], TM_DEDUPE_MEMBER, buy_line_id, lines[i]->id);
        TM_SET(&v[i], TM_DEDUPE_MEMBER, role, (tm_enum_t){TM_MEMBER_ROLE_candidate});
    }
    return (tm_recs_t){v, n};
}

static void write_group(plan_t *p, group_edit_t *g, const tm_buy_line_t *const *lines, uint32_t n,
                        const tm_score_t *score)
{
    tm_dedupe_group_t now = *g->group;
    tm_dedupe_reason_t *reasons = tm_arena_alloc(p->arena, sizeof score->reasons);
    assert(reasons != NULL);
    memcpy(reasons, score->reasons, sizeof score->reasons);
    TM_CLEAR(&now, TM_DEDUPE_GROUP_archived_ms);
    TM_SET(&now, TM_DEDUPE_GROUP, status, (tm_enum_t){TM_GROUP_STATUS_open});
    TM_SET(&now, TM_DEDUPE_GROUP, score_x100, score->score_x100);
    TM_SET(&now, TM_DEDUPE_GROUP, proposed, score->score_x100 >= TM_SCORE_PROPOSED);
    TM_SET(&now, TM_DEDUPE_GROUP, reasons, (tm_recs_t){reasons, score->n_reasons});
    TM_SET(&now, TM_DEDUPE_GROUP, members, candidates(p, lines, n));
    TM_SET(&now, TM_DEDUPE_GROUP, suggested_winner, lines[tm_dedupe_suggest(lines, n)]->id);
    TM_SET(&now, TM_DEDUPE_GROUP, rule_version, TM_DEDUPE_RULES);
    const tm_has_t diff = tm_record_diff(&tm_dedupe_group_desc, g->group, &now);
    g->touched.w[0] |= diff.w[0];
    g->touched.w[1] |= diff.w[1];
    *g->group = now;
}

static bool waits(const tm_dedupe_group_t *g)
{
    return g->status.v == TM_GROUP_STATUS_open && !TM_HAS(g, TM_DEDUPE_GROUP_decision_id);
}

/* A group without a verdict, after something in it changed. */
static void refresh_group(plan_t *p, uint32_t group)
{
    group_edit_t *g = campaign_plan_group(p, group);
    if (g == NULL || !waits(g->group) || campaign_group_is_cover(g->group))
        return;
    const tm_buy_line_t *lines[TM_GROUP_MEMBERS_MAX];
    const uint32_t n = speakers_of(p, g->group, lines);
    tm_score_t score;
    if (best_pair(p, lines, n, &score)) {
        write_group(p, g, lines, n, &score);
    } else if (!TM_HAS(g->group, TM_DEDUPE_GROUP_archived_ms)) {
        TM_SET_TOUCHED(g->group, &g->touched, TM_DEDUPE_GROUP, archived_ms, tm_turn_now(p->turn));
    }
}

/* ---- partners ---- */

static bool has_member(const tm_dedupe_group_t *g, uint32_t line)
{
    const tm_dedupe_member_t *members = g->members.v;
    for (uint32_t i = 0; i < g->members.n; i++) {
        if (tm_id_counter(members[i].buy_line_id) == line)
            return true;
    }
    return false;
}

/* Groups that hold a line of the unit, those changed by this plan as they will be. */
static list_t groups_of(plan_t *p, const unit_t *u)
{
    list_t ret = {0};
    for (uint32_t i = 0; i < u->n; i++) {
        const uint32_t line = tm_id_counter(u->seats[i]->line->id);
        const numbers_t *known = campaign_numbers(&p->c->groups_of, line);
        for (uint32_t k = 0; known != NULL && k < known->n; k++) {
            (void)campaign_plan_group(p, known->v[k]); /* now among the plan's */
        }
        for (uint32_t k = 0; k < p->groups.n; k++) {
            group_edit_t *g = p->groups.v[k];
            const bool once = i == 0 || !has_member(g->group, tm_id_counter(u->seats[0]->line->id));
            if (once && has_member(g->group, line)) {
                campaign_list_add(p->arena, &ret, g);
            }
        }
    }
    return ret;
}

static bool holds_unit(plan_t *p, const tm_dedupe_group_t *g, const unit_t *u)
{
    const tm_dedupe_member_t *members = g->members.v;
    for (uint32_t i = 0; i < g->members.n; i++) {
        const seat_t *seat = tm_map_get(&p->seats, tm_id_counter(members[i].buy_line_id));
        if (seat != NULL && seat->unit == u)
            return true;
    }
    return false;
}

/* The line is as good as equal to everybody in the group and brings a source of its own. Less would
 * mix two buys of one payer in the same days, about which no verdict could be right. */
static bool may_join(plan_t *p, const tm_dedupe_group_t *g, const tm_buy_line_t *line)
{
    const tm_buy_line_t *lines[TM_GROUP_MEMBERS_MAX];
    const uint32_t n = speakers_of(p, g, lines);
    if (n + 1 >= TM_GROUP_MEMBERS_MAX || n < 2)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        tm_score_t s;
        score_pair(p, line, lines[i], &s);
        const bool equal = is_alike(&s) && s.score_x100 >= TM_SCORE_PROPOSED;
        if (!s.sister && (!equal || same_source(line, lines[i])))
            return false;
    }
    return true;
}

static void join_group(plan_t *p, group_edit_t *g, const tm_buy_line_t *line)
{
    const tm_buy_line_t *lines[TM_GROUP_MEMBERS_MAX];
    uint32_t n = speakers_of(p, g->group, lines);
    lines[n++] = line;
    tm_score_t score;
    if (best_pair(p, lines, n, &score)) {
        write_group(p, g, lines, n, &score);
    }
}

/* The first member of a cover's group is the market's total; the others are only its stations. */
static bool is_total(const tm_dedupe_group_t *g, const seat_t *seat)
{
    const tm_dedupe_member_t *members = g->members.v;
    return g->members.n > 0 && members[0].buy_line_id.v == seat->line->id.v;
}

static void pair_up(plan_t *p, const seat_t *own, const seat_t *other, const tm_score_t *score)
{
    const list_t mine = groups_of(p, own->unit);
    for (uint32_t i = 0; i < mine.n; i++) {
        const tm_dedupe_group_t *g = ((group_edit_t *)mine.v[i])->group;
        if (!TM_HAS(g, TM_DEDUPE_GROUP_archived_ms) && holds_unit(p, g, other->unit) &&
            (!campaign_group_is_cover(g) || is_total(g, own) || is_total(g, other)))
            return; /* asked, or answered, already */
    }
    const list_t theirs = groups_of(p, other->unit);
    for (uint32_t i = 0; i < theirs.n; i++) {
        group_edit_t *g = theirs.v[i];
        const bool open = waits(g->group) && !TM_HAS(g->group, TM_DEDUPE_GROUP_archived_ms) &&
                          !campaign_group_is_cover(g->group);
        if (open && may_join(p, g->group, own->line)) {
            join_group(p, g, own->line);
            return;
        }
    }
    const tm_buy_line_t *lines[] = {other->line, own->line};
    write_group(p, campaign_plan_group(p, 0), lines, 2, score);
}

static void try_pair(plan_t *p, const seat_t *own, const seat_t *other)
{
    if (!is_eligible(other) || other->unit == own->unit)
        return;
    tm_score_t score;
    score_pair(p, own->line, other->line, &score);
    if (is_alike(&score) && (score.sister || !same_source(own->line, other->line))) {
        pair_up(p, own, other, &score);
    }
}

static void seek_partners(plan_t *p, const unit_t *u, uint32_t n_units)
{
    uint32_t partners[CAMPAIGN_PARTNERS_MAX];
    const uint32_t n = campaign_block_partners(p->c, u->speaker->line, partners);
    for (uint32_t i = 0; i < n; i++) {
        const seat_t *other = campaign_plan_speaker(p, partners[i]);
        if (other != NULL) {
            try_pair(p, u->speaker, other);
        }
    }
    /* Lines of this very message are in no block yet. */
    const uint64_t sister = campaign_sister_key(u->speaker->line);
    for (uint32_t i = 0; i < n_units; i++) {
        const unit_t *other = p->units.v[i];
        if (other == u)
            break; /* each pair once */
        if (other->into != NULL || other->refused || !is_eligible(other->speaker))
            continue;
        const bool near = sister != 0 && campaign_sister_key(other->speaker->line) == sister;
        if (near || (n_units <= PLAN_UNITS_COMPARED &&
                     tm_dedupe_bound(u->speaker->line, other->speaker->line) >= TM_SCORE_OPEN)) {
            try_pair(p, u->speaker, other->speaker);
        }
    }
}

/* Something that a comparison looks at differs from what was compared before. */
static bool has_changed(const unit_t *u)
{
    if (u->asked_again || u->n_chains != 1 || u->speaker == NULL || u->speaker->old == NULL ||
        u->speaker->changed)
        return true;
    if (u->chains[0]->speaker != tm_id_counter(u->speaker->line->id))
        return true;
    return is_eligible(u->speaker) != u->chains[0]->in_blocks;
}

void campaign_plan_groups(plan_t *p)
{
    const uint32_t n_units = p->units.n;
    for (uint32_t i = 0; i < n_units; i++) {
        const unit_t *u = p->units.v[i];
        if (u->into != NULL || u->refused || !has_changed(u))
            continue;
        const list_t mine = groups_of(p, u);
        for (uint32_t k = 0; k < mine.n; k++) {
            const group_edit_t *g = mine.v[k];
            refresh_group(p, tm_id_counter(g->group->id));
        }
        if (is_eligible(u->speaker)) {
            seek_partners(p, u, n_units);
        }
    }
}
