/* campaign_plan.c - see campaign_plan.h: lines into units, units judged by their papers, records
 * staged.
 *
 * Threads: the actor's turn. */
#include "actors/campaign_plan.h"

#include "actors/campaign_links.h"
#include "schema/record.h"

plan_t campaign_plan(tm_turn_t *turn, campaign_t *c)
{
    return (plan_t){.turn = turn, .c = c, .arena = tm_turn_arena(turn)};
}

void campaign_plan_done(plan_t *p)
{
    tm_map_done(&p->seats);
    tm_map_done(&p->owners);
    tm_smap_done(&p->numbers);
    tm_smap_done(&p->alternates);
    tm_map_done(&p->groups_by);
    tm_map_done(&p->decisions_by);
    tm_smap_done(&p->problems);
}

void campaign_list_add(tm_arena_t *arena, list_t *list, void *item)
{
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 4 : list->cap * 2;
        void **more = tm_arena_alloc(arena, list->cap * sizeof *more);
        assert(more != NULL);
        if (list->n > 0) {
            memcpy(more, list->v, list->n * sizeof *more);
        }
        list->v = more;
    }
    list->v[list->n++] = item;
}

/* ---- units ---- */

static unit_t *root(unit_t *u)
{
    while (u != NULL && u->into != NULL) {
        u = u->into;
    }
    return u;
}

static void unit_add_seat(plan_t *p, unit_t *u, seat_t *seat)
{
    list_t seats = {(void **)u->seats, u->n, u->cap};
    campaign_list_add(p->arena, &seats, seat);
    u->seats = (seat_t **)seats.v;
    u->n = seats.n;
    u->cap = seats.cap;
    seat->unit = u;
}

static void unit_add_chain(plan_t *p, unit_t *u, chain_t *chain)
{
    list_t chains = {(void **)u->chains, u->n_chains, u->cap_chains};
    campaign_list_add(p->arena, &chains, chain);
    u->chains = (chain_t **)chains.v;
    u->n_chains = chains.n;
    u->cap_chains = chains.cap;
}

static unit_t *unit_new(plan_t *p)
{
    unit_t *u = tm_arena_zalloc(p->arena, sizeof *u);
    assert(u != NULL);
    campaign_list_add(p->arena, &p->units, u);
    return u;
}

static unit_t *unit_join(plan_t *p, unit_t *a, unit_t *b)
{
    if (a == NULL || a == b)
        return b;
    if (b == NULL)
        return a;
    for (uint32_t i = 0; i < b->n_chains; i++) {
        unit_add_chain(p, a, b->chains[i]); /* a chain is in one unit only: no doubles */
    }
    for (uint32_t i = 0; i < b->n; i++) {
        unit_add_seat(p, a, b->seats[i]);
    }
    b->into = a;
    b->n = b->n_chains = 0;
    a->judged = a->decided = false;
    return a;
}

static seat_t *seat_new(plan_t *p, tm_buy_line_t *line, const tm_buy_line_t *old)
{
    seat_t *seat = tm_arena_zalloc(p->arena, sizeof *seat);
    assert(seat != NULL);
    seat->line = line;
    seat->old = old;
    (void)tm_map_put(&p->seats, tm_id_counter(line->id), seat);
    return seat;
}

/* The lines of a chain that nobody has put into the plan. false: no memory for them. */
static bool load_chain(plan_t *p, unit_t *u, const chain_t *chain)
{
    for (uint32_t i = 0; i < chain->n; i++) {
        const uint32_t counter = chain_lines(chain)[i];
        if (tm_map_get(&p->seats, counter) != NULL)
            continue;
        const tm_id_t id = tm_id_make(p->c->actor, counter);
        const tm_buy_line_t *old = tm_tables_read(&p->c->tables, &tm_buy_line_desc, id, p->arena);
        tm_buy_line_t *line = tm_arena_alloc(p->arena, sizeof *line);
        if (old == NULL || line == NULL)
            return false;
        *line = *old;
        unit_add_seat(p, u, seat_new(p, line, old));
    }
    return true;
}

/* The unit of a chain that exists, joined with u. */
static unit_t *join_chain(plan_t *p, unit_t *u, chain_t *chain)
{
    chain = campaign_chain_root(chain);
    if (chain == NULL)
        return u;
    unit_t *owner = root(tm_map_get(&p->owners, (uintptr_t)chain));
    if (owner == NULL) {
        owner = unit_new(p);
        unit_add_chain(p, owner, chain);
        (void)tm_map_put(&p->owners, (uintptr_t)chain, owner);
    }
    return unit_join(p, u, owner);
}

static unit_t *join_relatives(plan_t *p, const chain_keys_t *keys, int k, unit_t *u)
{
    const tm_str_t number = keys->number[k], alternate = keys->alternate[k];
    if (number.n > 0) {
        if (k == 0) { /* the own key's chain is that of the number */
            u = join_chain(p, u, campaign_chain_numbered(p->c, number, keys->owner[k]));
        }
        u = unit_join(p, u, root(tm_smap_get(&p->numbers, number)));
        const chain_list_t *chains = tm_smap_get(&p->c->alternates, number);
        for (uint32_t i = 0; chains != NULL && i < chains->n; i++) {
            u = join_chain(p, u, chains->v[i]);
        }
        const list_t *units = tm_smap_get(&p->alternates, number);
        for (uint32_t i = 0; units != NULL && i < units->n; i++) {
            u = unit_join(p, u, root(units->v[i]));
        }
    }
    if (alternate.n > 0) {
        u = join_chain(p, u, campaign_chain_numbered(p->c, alternate, keys->owner[k]));
        u = unit_join(p, u, root(tm_smap_get(&p->numbers, alternate)));
    }
    return u;
}

static void note_key(plan_t *p, tm_str_t number, tm_str_t alternate, unit_t *u)
{
    if (number.n > 0) {
        (void)tm_smap_put(&p->numbers, number, u);
    }
    if (alternate.n > 0) {
        list_t *list = tm_smap_get(&p->alternates, alternate);
        if (list == NULL) {
            list = tm_arena_zalloc(p->arena, sizeof *list);
            assert(list != NULL);
            (void)tm_smap_put(&p->alternates, alternate, list);
        }
        campaign_list_add(p->arena, list, u);
    }
}

static void note_keys(plan_t *p, const chain_keys_t *keys, unit_t *u)
{
    for (int k = 0; k < CHAIN_KEYS; k++) {
        note_key(p, keys->number[k], keys->alternate[k], u);
    }
}

seat_t *campaign_plan_line(plan_t *p, tm_buy_line_t *line, const tm_has_t *touched)
{
    const uint32_t counter = tm_id_counter(line->id);
    seat_t *seat = tm_map_get(&p->seats, counter);
    if (seat == NULL) {
        seat =
            seat_new(p, line, tm_tables_read(&p->c->tables, &tm_buy_line_desc, line->id, p->arena));
    } else {
        seat->line = line;
    }
    seat->changed = true;
    for (int i = 0; i < 2 && touched != NULL; i++) {
        seat->touched.w[i] |= touched->w[i];
    }
    if (p->first_of != NULL) {
        note_keys(p, &p->first, TM_TAKE(p->first_of));
    }
    const chain_keys_t keys = campaign_chain_keys(line, p->arena);
    unit_t *u = join_chain(p, root(seat->unit), tm_pages_get(&p->c->chain_of, counter));
    for (int k = 0; k < CHAIN_KEYS; k++) {
        u = join_relatives(p, &keys, k, u);
    }
    if (u == NULL) {
        u = unit_new(p);
    }
    if (p->seats.n > 1) {
        note_keys(p, &keys, u);
    } else {
        p->first = keys;
        p->first_of = u;
    }
    if (seat->unit == NULL) {
        unit_add_seat(p, u, seat);
    }
    u->judged = u->decided = false;
    return seat;
}

/* ---- what the papers say ---- */

static const tm_buy_line_t *line_by_id(const tm_buy_line_t *const *lines, uint32_t n, tm_id_t id)
{
    for (uint32_t i = 0; i < n; i++) {
        if (lines[i]->id.v == id.v)
            return lines[i];
    }
    return NULL;
}

/* A printout of changes is spread by the last full version's lines, scaled to its own total; its
 * line_weeks are what that gives. */
static void scale_changes(plan_t *p, seat_t *seat, const tm_buy_line_t *const *lines, uint32_t n)
{
    tm_buy_line_t *line = seat->line;
    if (!TM_HAS(line, TM_BUY_LINE_changes_only) || !line->changes_only)
        return;
    tm_buy_line_t scaled = *line;
    scaled.line_weeks = (tm_recs_t){NULL, 0};
    TM_CLEAR(&scaled, TM_BUY_LINE_line_weeks);
    const tm_id_t of = seat->verdict.lines_of;
    const tm_buy_line_t *full = of.v == 0 ? NULL : line_by_id(lines, n, of);
    const tm_err_t err = full == NULL ? TM_OK : tm_line_scale(full, &scaled, p->arena);
    if (err != TM_OK || tm_record_equal(&tm_buy_line_desc, &scaled, line))
        return;
    line->line_weeks = scaled.line_weeks;
    TM_TOUCH(&seat->touched, TM_BUY_LINE_line_weeks);
    if (TM_HAS(&scaled, TM_BUY_LINE_line_weeks)) {
        TM_MARK(line, TM_BUY_LINE_line_weeks);
    } else {
        TM_CLEAR(line, TM_BUY_LINE_line_weeks);
    }
}

/* false: a chain longer than the rules or the memory of a turn allow. */
static bool judge(plan_t *p, unit_t *u)
{
    for (uint32_t i = 0; i < u->n_chains; i++) {
        if (!load_chain(p, u, u->chains[i]))
            return false;
    }
    const tm_buy_line_t **lines = tm_arena_alloc(p->arena, (u->n + 1) * sizeof *lines);
    seat_t **seats = tm_arena_alloc(p->arena, (u->n + 1) * sizeof *seats);
    tm_verdict_t *verdicts = tm_arena_zalloc(p->arena, (u->n + 1) * sizeof *verdicts);
    if (lines == NULL || seats == NULL || verdicts == NULL)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < u->n; i++) {
        u->seats[i]->papers = (tm_verdict_t){0};
        u->seats[i]->verdict = (tm_verdict_t){0};
        u->seats[i]->counts = false;
        if (campaign_line_is_open(u->seats[i]->line)) {
            seats[n] = u->seats[i];
            lines[n++] = u->seats[i]->line;
        }
    }
    if (tm_chain_resolve(lines, n, p->arena, verdicts) != TM_OK)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        seats[i]->papers = verdicts[i];
        seats[i]->verdict = verdicts[i];
        seats[i]->counts = verdicts[i].counts;
        scale_changes(p, seats[i], lines, n);
    }
    const uint32_t speaker = campaign_speaker(lines, verdicts, n);
    u->speaker = speaker == n ? NULL : seats[speaker];
    return true;
}

static void judge_once(plan_t *p, unit_t *u)
{
    if (!u->judged) {
        u->judged = true;
        u->refused = !judge(p, u);
        if (u->refused) {
            u->speaker = NULL;
        }
    }
}

unit_t *campaign_plan_unit(plan_t *p, uint32_t line)
{
    seat_t *seat = tm_map_get(&p->seats, line);
    unit_t *u =
        seat != NULL ? root(seat->unit) : join_chain(p, NULL, campaign_chain_of(p->c, line));
    if (u != NULL) {
        judge_once(p, u);
    }
    return u;
}

seat_t *campaign_plan_seat(plan_t *p, uint32_t line)
{
    return campaign_plan_unit(p, line) == NULL ? NULL : tm_map_get(&p->seats, line);
}

seat_t *campaign_plan_speaker(plan_t *p, uint32_t line)
{
    unit_t *u = campaign_plan_unit(p, line);
    return u == NULL ? NULL : u->speaker;
}

void campaign_plan_run(plan_t *p)
{
    for (uint32_t i = 0; i < p->units.n; i++) {
        unit_t *u = p->units.v[i];
        if (u->into == NULL) {
            judge_once(p, u);
        }
    }
    campaign_plan_decide(p);
    campaign_plan_covers(p);
    campaign_plan_groups(p);
    campaign_plan_decide(p); /* units taken in for comparing stand as they stood */
    campaign_plan_concerns(p);
}

/* ---- standing ---- */

void campaign_seat_clear(seat_t *seat, unsigned index)
{
    if (TM_HAS(seat->line, index)) {
        TM_CLEAR(seat->line, index);
        TM_TOUCH(&seat->touched, index);
    }
}

void campaign_seat_put_away(plan_t *p, seat_t *seat, const char *why)
{
    if (!campaign_line_is_open(seat->line))
        return;
    SEAT_SET(seat, archived_ms, tm_turn_now(p->turn));
    SEAT_SET(seat, known_to_ms, tm_turn_now(p->turn));
    SEAT_SET(seat, standing, (tm_enum_t){TM_STANDING_superseded});
    SEAT_SET(seat, standing_why, tm_str(why));
    campaign_seat_clear(seat, TM_BUY_LINE_superseded_by);
    (void)campaign_plan_line(p, seat->line, NULL);
    (void)campaign_plan_unit(p, tm_id_counter(seat->line->id));
}

void campaign_seat_out(plan_t *p, seat_t *seat, int standing, uint32_t decision, tm_id_t survivor,
                       tm_str_t why)
{
    const tm_id_t id = tm_id_make(p->c->actor, decision);
    if (!TM_HAS(seat->line, TM_BUY_LINE_decision_id) || seat->line->decision_id.v != id.v) {
        SEAT_SET(seat, decision_id, id);
    }
    seat->counts = false;
    seat->verdict.standing = (uint8_t)standing;
    seat->verdict.superseded_by = survivor;
    seat->verdict.why = why;
}

static bool standing_differs(const tm_buy_line_t *line, const tm_verdict_t *v)
{
    const uint64_t by = TM_HAS(line, TM_BUY_LINE_superseded_by) ? line->superseded_by.v : 0;
    return !TM_HAS(line, TM_BUY_LINE_standing) || line->standing.v != v->standing ||
           by != v->superseded_by.v || !tm_str_eq(line->standing_why, v->why);
}

static void set_standing(seat_t *seat)
{
    const tm_verdict_t *v = &seat->verdict;
    if (!standing_differs(seat->line, v))
        return;
    SEAT_SET(seat, standing, (tm_enum_t){v->standing});
    SEAT_SET(seat, standing_why, v->why);
    TM_TOUCH(&seat->touched, TM_BUY_LINE_superseded_by);
    if (v->superseded_by.v != 0) {
        TM_SET(seat->line, TM_BUY_LINE, superseded_by, v->superseded_by);
    } else {
        TM_CLEAR(seat->line, TM_BUY_LINE_superseded_by);
    }
}

tm_share_t *campaign_seat_shares(plan_t *p, const seat_t *seat, uint32_t *ret_n)
{
    const tm_buy_line_t *line = seat->line;
    tm_share_t *shares = NULL, unplaced = {0};
    *ret_n = 0;
    if (!seat->counts || !tm_line_is_airtime(line) || !campaign_line_is_open(line))
        return NULL;
    const tm_err_t err = tm_line_shares(line, &seat->verdict, p->c->record->week_basis.v, p->arena,
                                        &shares, ret_n, &unplaced);
    assert(err == TM_OK); /* lines are bounded; the arena is larger */
    return err == TM_OK ? shares : NULL;
}

/* ---- staging ---- */

static void stage_seat(plan_t *p, seat_t *seat)
{
    if (campaign_line_is_open(seat->line)) {
        set_standing(seat);
    }
    if (seat->old == NULL) {
        tm_turn_put(p->turn, &tm_buy_line_desc, seat->line->id, seat->line);
    } else if ((seat->touched.w[0] | seat->touched.w[1]) != 0) {
        tm_record_stamp_patch(seat->line, &seat->touched, seat->old->version, tm_turn_now(p->turn));
        tm_turn_patch(p->turn, &tm_buy_line_desc, seat->line->id, seat->line, &seat->touched);
    }
}

static void stage_groups(plan_t *p)
{
    for (uint32_t i = 0; i < p->groups.n; i++) {
        group_edit_t *edit = p->groups.v[i];
        tm_dedupe_group_t *g = edit->group;
        if (edit->is_new) {
            tm_turn_put(p->turn, &tm_dedupe_group_desc, g->id, g);
        } else if ((edit->touched.w[0] | edit->touched.w[1]) != 0) {
            tm_record_stamp_patch(g, &edit->touched, g->version, tm_turn_now(p->turn));
            tm_turn_patch(p->turn, &tm_dedupe_group_desc, g->id, g, &edit->touched);
        }
    }
}

static void stage_decisions(plan_t *p)
{
    for (uint32_t i = 0; i < p->decisions.n; i++) {
        decision_edit_t *edit = p->decisions.v[i];
        tm_dedupe_decision_t *d = edit->decision;
        if (edit->is_new) {
            tm_turn_put(p->turn, &tm_dedupe_decision_desc, d->id, d);
        } else if ((edit->touched.w[0] | edit->touched.w[1]) != 0) {
            tm_record_stamp_patch(d, &edit->touched, d->version, tm_turn_now(p->turn));
            tm_turn_patch(p->turn, &tm_dedupe_decision_desc, d->id, d, &edit->touched);
        }
    }
}

void campaign_plan_stage(plan_t *p)
{
    for (uint32_t i = 0; i < p->units.n; i++) {
        const unit_t *u = p->units.v[i];
        for (uint32_t k = 0; u->into == NULL && !u->refused && k < u->n; k++) {
            stage_seat(p, u->seats[k]);
        }
    }
    stage_groups(p);
    stage_decisions(p);
}

/* ---- records of the plan ---- */

group_edit_t *campaign_plan_group(plan_t *p, uint32_t group)
{
    group_edit_t *edit = group == 0 ? NULL : tm_map_get(&p->groups_by, group);
    if (edit != NULL)
        return edit;
    edit = tm_arena_zalloc(p->arena, sizeof *edit);
    assert(edit != NULL);
    if (group == 0) {
        edit->is_new = true;
        edit->group = tm_arena_zalloc(p->arena, sizeof *edit->group);
        assert(edit->group != NULL);
        tm_record_stamp_new(edit->group, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
        TM_SET(edit->group, TM_DEDUPE_GROUP, campaign_id, p->c->record->id);
        TM_SET(edit->group, TM_DEDUPE_GROUP, rule_version, TM_DEDUPE_RULES);
    } else {
        edit->group = tm_tables_read(&p->c->tables, &tm_dedupe_group_desc,
                                     tm_id_make(p->c->actor, group), p->arena);
        if (edit->group == NULL)
            return NULL;
    }
    (void)tm_map_put(&p->groups_by, tm_id_counter(edit->group->id), edit);
    campaign_list_add(p->arena, &p->groups, edit);
    return edit;
}

decision_edit_t *campaign_plan_decision(plan_t *p, uint32_t decision)
{
    decision_edit_t *edit = decision == 0 ? NULL : tm_map_get(&p->decisions_by, decision);
    if (edit != NULL)
        return edit;
    edit = tm_arena_zalloc(p->arena, sizeof *edit);
    assert(edit != NULL);
    if (decision == 0) {
        edit->is_new = true;
        edit->decision = tm_arena_zalloc(p->arena, sizeof *edit->decision);
        assert(edit->decision != NULL);
        tm_record_stamp_new(edit->decision, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
        TM_SET(edit->decision, TM_DEDUPE_DECISION, campaign_id, p->c->record->id);
        TM_SET(edit->decision, TM_DEDUPE_DECISION, rule_version, TM_DEDUPE_RULES);
    } else {
        edit->decision = tm_tables_read(&p->c->tables, &tm_dedupe_decision_desc,
                                        tm_id_make(p->c->actor, decision), p->arena);
        if (edit->decision == NULL)
            return NULL;
    }
    (void)tm_map_put(&p->decisions_by, tm_id_counter(edit->decision->id), edit);
    campaign_list_add(p->arena, &p->decisions, edit);
    return edit;
}

int campaign_plan_action(const plan_t *p, uint32_t decision)
{
    const decision_edit_t *edit = tm_map_get(&p->decisions_by, decision);
    if (edit != NULL) {
        const bool undone = TM_HAS(edit->decision, TM_DEDUPE_DECISION_undone_ms);
        return undone ? -1 : edit->decision->action.v;
    }
    bool in_force = false;
    const int action = campaign_decision_action(p->c, decision, &in_force);
    return in_force ? action : -1;
}

bool campaign_plan_in_force(const plan_t *p, uint32_t decision)
{
    return campaign_plan_action(p, decision) >= 0;
}

void campaign_plan_problem(plan_t *p, const char *kind, const tm_buy_line_t *line, tm_str_t details)
{
    const uint32_t counter = tm_id_counter(line->id);
    const tm_str_t key = tm_arena_printf(p->arena, "%s:%u", kind, counter);
    assert(key.p != NULL);
    if (campaign_problem(p->c, kind, counter) != 0 || tm_smap_put(&p->problems, key, p) != NULL)
        return;
    tm_exception_t *e = tm_arena_zalloc(p->arena, sizeof *e);
    assert(e != NULL);
    tm_record_stamp_new(e, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
    TM_SET(e, TM_EXCEPTION, campaign_id, p->c->record->id);
    TM_SET(e, TM_EXCEPTION, kind, tm_str(kind));
    TM_SET(e, TM_EXCEPTION, buy_line_id, line->id);
    TM_SET(e, TM_EXCEPTION, details, details);
    TM_SET(e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
    if (TM_HAS(line, TM_BUY_LINE_advertiser)) {
        TM_SET(e, TM_EXCEPTION, subject, line->advertiser);
    }
    tm_turn_put(p->turn, &tm_exception_desc, e->id, e);
}
