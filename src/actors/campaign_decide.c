/* campaign_decide.c - decisions in force over what the papers say: copies and parts do not count,
 * sums follow their parts.
 *
 * How:     of a unit's links the oldest decision in force with a survivor elsewhere holds. When
 *          somebody else speaks for a unit now, its dependents are judged again, for they point to
 *          it. Units join the plan while it goes on; each is decided once.
 * Threads: the actor's turn. */
#include "actors/campaign_links.h"
#include "actors/campaign_plan.h"
#include "schema/record.h"
#include "schema/slot.h"

/* ---- which decision takes a unit out ---- */

typedef struct held {
    uint32_t decision; /* 0: none */
    uint8_t role;
    seat_t *survivor;
} held_t;

/* Keeps the link if it holds and is older than what was found. */
static void consider(plan_t *p, const unit_t *u, const link_t *link, held_t *held)
{
    if ((held->decision != 0 && held->decision <= link->decision) ||
        !campaign_plan_in_force(p, link->decision))
        return;
    seat_t *survivor = campaign_plan_speaker(p, link->target);
    if (survivor == NULL || survivor->unit == u || !campaign_line_is_open(survivor->line))
        return;
    *held = (held_t){link->decision, link->role, survivor};
}

static void consider_new(plan_t *p, const unit_t *u, uint32_t line, held_t *held)
{
    for (uint32_t i = 0; i < p->decisions.n; i++) {
        const decision_edit_t *edit = p->decisions.v[i];
        const tm_dedupe_decision_t *d = edit->decision;
        const tm_dedupe_member_t *members = d->members.v;
        if (!edit->is_new || d->action.v == TM_DEDUPE_ACTION_undo ||
            !TM_HAS(d, TM_DEDUPE_DECISION_chosen))
            continue;
        for (uint32_t k = 0; k < d->members.n; k++) {
            const uint8_t role = members[k].role.v;
            if (tm_id_counter(members[k].buy_line_id) == line &&
                (role == TM_MEMBER_ROLE_copy || role == TM_MEMBER_ROLE_part)) {
                const link_t link = {tm_id_counter(d->id), tm_id_counter(d->chosen), role};
                consider(p, u, &link, held);
            }
        }
    }
}

static held_t held_of(plan_t *p, const unit_t *u)
{
    held_t held = {0};
    for (uint32_t i = 0; i < u->n; i++) {
        const uint32_t line = tm_id_counter(u->seats[i]->line->id);
        const links_t *links = tm_map_get(&p->c->links, line);
        for (uint32_t k = 0; links != NULL && k < links->n; k++) {
            consider(p, u, &links->v[k], &held);
        }
        consider_new(p, u, line, &held);
    }
    return held;
}

static tm_str_t why_out(plan_t *p, const held_t *held)
{
    char line[TM_ID_TEXT_MAX], decision[TM_ID_TEXT_MAX];
    (void)tm_id_format("bl", held->survivor->line->id, line);
    (void)tm_id_format("dd", tm_id_make(p->c->actor, held->decision), decision);
    const tm_str_t why = tm_arena_printf(p->arena,
                                         held->role == TM_MEMBER_ROLE_part
                                             ? "a part of line %s, which has the sum (decision %s)"
                                             : "the same buy as line %s (decision %s)",
                                         line, decision);
    assert(why.p != NULL);
    return why;
}

/* ---- sums of parts ---- */

/* Fields of a sum that are its own, not its parts'. */
static const unsigned OWN[] = {
    TM_BUY_LINE_id,
    TM_BUY_LINE_version,
    TM_BUY_LINE_created_ms,
    TM_BUY_LINE_updated_ms,
    TM_BUY_LINE_archived_ms,
    TM_BUY_LINE_campaign_id,
    TM_BUY_LINE_source,
    TM_BUY_LINE_published_ms,
    TM_BUY_LINE_standing,
    TM_BUY_LINE_standing_why,
    TM_BUY_LINE_decision_id,
    TM_BUY_LINE_superseded_by,
    TM_BUY_LINE_known_from_ms,
    TM_BUY_LINE_known_to_ms,
    TM_BUY_LINE_made_by,
    TM_BUY_LINE_filled,
    TM_BUY_LINE_reason,
};

static void keep_own(tm_buy_line_t *sum, const tm_buy_line_t *line)
{
    for (size_t i = 0; i < TM_COUNT(OWN); i++) {
        const unsigned index = OWN[i];
        const tm_field_t *field = &tm_buy_line_desc.fields[index];
        const size_t end =
            index + 1 < TM_BUY_LINE_N ? tm_buy_line_desc.fields[index + 1].offset : sizeof *sum;
        memcpy(tm_slot(field, sum), tm_slot_const(field, line), end - field->offset);
        if (TM_HAS(line, index)) {
            TM_MARK(sum, index);
        } else {
            TM_CLEAR(sum, index);
        }
    }
}

/* The parts as they stand now; one that is cancelled adds nothing. */
static uint32_t parts_of(plan_t *p, const tm_dedupe_decision_t *d, const tm_buy_line_t ***ret)
{
    const tm_dedupe_member_t *members = d->members.v;
    const tm_buy_line_t **parts = tm_arena_alloc(p->arena, (d->members.n + 1) * sizeof *parts);
    assert(parts != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->members.n; i++) {
        if (members[i].role.v != TM_MEMBER_ROLE_part)
            continue;
        const seat_t *seat = campaign_plan_speaker(p, tm_id_counter(members[i].buy_line_id));
        if (seat != NULL && !seat->verdict.zero) {
            parts[n++] = seat->line;
        }
    }
    *ret = parts;
    return n;
}

/* The sum follows its parts. */
static void refresh_sum(plan_t *p, uint32_t decision)
{
    const decision_edit_t *edit = campaign_plan_decision(p, decision);
    seat_t *sum = campaign_plan_seat(p, tm_id_counter(edit->decision->chosen));
    const tm_buy_line_t **parts;
    const uint32_t n = parts_of(p, edit->decision, &parts);
    if (sum == NULL)
        return;
    if (n == 0) {
        campaign_seat_put_away(p, sum, "nothing is left of its parts");
        return;
    }
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t now = {0};
    if (tm_dedupe_combine(parts, n, p->arena, &now, &why) != TM_OK) {
        campaign_plan_problem(p, "combined_part_changed", sum->line,
                              TM_STR("its parts changed so that they have no sum any more; it "
                                     "keeps the dollars it had"));
        return;
    }
    const bool was_away = !campaign_line_is_open(sum->line);
    campaign_seat_clear(sum, TM_BUY_LINE_archived_ms); /* parts are back */
    campaign_seat_clear(sum, TM_BUY_LINE_known_to_ms);
    keep_own(&now, sum->line);
    const tm_has_t diff = tm_record_diff(&tm_buy_line_desc, sum->line, &now);
    if ((diff.w[0] | diff.w[1]) == 0 && !was_away)
        return;
    tm_buy_line_t *line = tm_arena_alloc(p->arena, sizeof *line);
    assert(line != NULL);
    *line = now;
    (void)campaign_plan_line(p, line, &diff);
    (void)campaign_plan_unit(p, tm_id_counter(line->id)); /* judged again */
}

static void refresh_sums(plan_t *p, const unit_t *u)
{
    for (uint32_t i = 0; i < u->n; i++) {
        const links_t *links = tm_map_get(&p->c->links, tm_id_counter(u->seats[i]->line->id));
        for (uint32_t k = 0; links != NULL && k < links->n; k++) {
            if (links->v[k].role == TM_MEMBER_ROLE_part &&
                campaign_plan_action(p, links->v[k].decision) == TM_DEDUPE_ACTION_combine) {
                refresh_sum(p, links->v[k].decision);
            }
        }
    }
}

/* ---- units ---- */

/* Whoever points to this unit must be told when somebody else speaks for it. */
static void take_dependents(plan_t *p, const unit_t *u)
{
    const uint32_t speaker = u->speaker == NULL ? 0 : tm_id_counter(u->speaker->line->id);
    bool same = u->n_chains == 1 && u->chains[0]->speaker == speaker;
    if (same)
        return;
    for (uint32_t i = 0; i < u->n; i++) {
        const numbers_t *lines =
            campaign_numbers(&p->c->dependents, tm_id_counter(u->seats[i]->line->id));
        for (uint32_t k = 0; lines != NULL && k < lines->n; k++) {
            unit_t *other = campaign_plan_unit(p, lines->v[k]);
            if (other != NULL && other != u) {
                other->decided = false;
            }
        }
    }
}

static bool is_cover(const plan_t *p, const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_decision_id) &&
           campaign_plan_action(p, tm_id_counter(line->decision_id)) == TM_DEDUPE_ACTION_covers;
}

static void decide(plan_t *p, unit_t *u)
{
    const held_t held = held_of(p, u);
    const tm_str_t why = held.decision == 0 ? (tm_str_t){NULL, 0} : why_out(p, &held);
    for (uint32_t i = 0; i < u->n; i++) {
        seat_t *seat = u->seats[i];
        seat->verdict = seat->papers;
        seat->counts = seat->papers.counts;
        if (held.decision != 0 && seat->verdict.counts && !seat->verdict.alone) {
            campaign_seat_out(
                p, seat, held.role == TM_MEMBER_ROLE_part ? TM_STANDING_part : TM_STANDING_copy,
                held.decision, held.survivor->line->id, why);
        } else if (is_cover(p, seat->line) && seat->counts) {
            /* As it stands; whether it still does is the next pass's matter. */
            campaign_seat_out(p, seat, TM_STANDING_covered, tm_id_counter(seat->line->decision_id),
                              (tm_id_t){0}, seat->line->standing_why);
        } else {
            campaign_seat_clear(seat, TM_BUY_LINE_decision_id);
        }
    }
}

/* Passes over the list until nothing is undecided: deciding takes further units in. */
void campaign_plan_decide(plan_t *p)
{
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < p->units.n; i++) {
            unit_t *u = p->units.v[i];
            if (u->into != NULL || u->refused || u->decided)
                continue;
            u->decided = true;
            again = true;
            take_dependents(p, u);
            refresh_sums(p, u);
            if (u->into == NULL && u->judged) {
                decide(p, u);
            }
        }
    }
}
