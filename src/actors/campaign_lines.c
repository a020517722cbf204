/* campaign_lines.c - what a campaign decides about lines: new ones, closed ones, and lines whose
 * side or market changed.
 *
 * Why:     a new paper changes the standing of older ones; both are decided in one commit, so
 *          nobody sees half of it.
 * How:     new lines are grouped with the chains they join; each group is resolved as it will be;
 *          new lines are put with their
 *          standing, older ones are patched where theirs changes.
 * Threads: the actor's turn.
 * Source:  domain rules 4.3, 4.4; contract 3a. */
#include "actors/campaign.h"

#include "actors/intake.h"
#include "domain/assign.h"
#include "domain/money.h"
#include "domain/order.h"
#include "schema/record.h"

/* Lines of one future chain: chains that exist and lines of this message. */
typedef struct group {
    struct group *into;
    chain_t **chains;
    tm_buy_line_t **fresh;
    uint32_t n_chains, n_fresh, cap_chains, cap_fresh;
} group_t;

static group_t *group_root(group_t *g)
{
    while (g != NULL && g->into != NULL) {
        g = g->into;
    }
    return g;
}

static void *grown(tm_arena_t *arena, void *old, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    *cap = *cap == 0 ? 4 : *cap * 2;
    void *more = tm_arena_alloc(arena, *cap * size);
    assert(more != NULL);
    if (n > 0) {
        memcpy(more, old, n * size);
    }
    return more;
}

static void group_add_chain(tm_arena_t *arena, group_t *g, chain_t *chain)
{
    for (uint32_t i = 0; i < g->n_chains; i++) {
        if (g->chains[i] == chain)
            return;
    }
    g->chains = grown(arena, g->chains, g->n_chains, &g->cap_chains, sizeof(chain_t *));
    g->chains[g->n_chains++] = chain;
}

static void group_add_line(tm_arena_t *arena, group_t *g, tm_buy_line_t *line)
{
    g->fresh = grown(arena, g->fresh, g->n_fresh, &g->cap_fresh, sizeof(tm_buy_line_t *));
    g->fresh[g->n_fresh++] = line;
}

static group_t *group_join(tm_arena_t *arena, group_t *a, group_t *b)
{
    if (a == NULL || a == b)
        return b;
    if (b == NULL)
        return a;
    for (uint32_t i = 0; i < b->n_chains; i++) {
        group_add_chain(arena, a, b->chains[i]);
    }
    for (uint32_t i = 0; i < b->n_fresh; i++) {
        group_add_line(arena, a, b->fresh[i]);
    }
    b->into = a;
    return a;
}

/* Finds or makes the group of a line; `names` holds groups of this message by chain key, `owners`
 * by chain. */
static void group_line(campaign_t *c, tm_arena_t *arena, tm_smap_t *names, tm_map_t *owners,
                       tm_buy_line_t *line, group_t **all)
{
    tm_str_t keys[CHAIN_KEYS_MAX + 1];
    const uint32_t n = campaign_chain_keys(line, arena, keys);
    group_t *g = NULL;
    for (uint32_t i = 0; i < n; i++) {
        g = group_join(arena, g, group_root(tm_smap_get(names, keys[i])));
        chain_t *chain = campaign_chain_root(tm_smap_get(&c->numbers, keys[i]));
        if (chain != NULL) {
            g = group_join(arena, g, group_root(tm_map_get(owners, (uintptr_t)chain)));
        }
    }
    if (g == NULL) {
        g = tm_arena_zalloc(arena, sizeof *g);
        assert(g != NULL);
    }
    for (uint32_t i = 0; i < n; i++) {
        (void)tm_smap_put(names, keys[i], g);
        chain_t *chain = campaign_chain_root(tm_smap_get(&c->numbers, keys[i]));
        if (chain != NULL) {
            group_add_chain(arena, g, chain);
            (void)tm_map_put(owners, (uintptr_t)chain, g);
        }
    }
    group_add_line(arena, g, line);
    *all = g;
}

/* ---- standing ---- */

static bool standing_differs(const tm_buy_line_t *line, const tm_verdict_t *v)
{
    const uint64_t by = TM_HAS(line, TM_BUY_LINE_superseded_by) ? line->superseded_by.v : 0;
    return !TM_HAS(line, TM_BUY_LINE_standing) || line->standing.v != v->standing ||
           by != v->superseded_by.v || !tm_str_eq(line->standing_why, v->why);
}

static void set_standing(tm_buy_line_t *line, tm_has_t *touched, const tm_verdict_t *v)
{
    TM_SET_TOUCHED(line, touched, TM_BUY_LINE, standing, (tm_enum_t){v->standing});
    TM_SET_TOUCHED(line, touched, TM_BUY_LINE, standing_why, v->why);
    TM_TOUCH(touched, TM_BUY_LINE_superseded_by);
    if (v->superseded_by.v != 0) {
        TM_SET(line, TM_BUY_LINE, superseded_by, v->superseded_by);
    } else {
        TM_CLEAR(line, TM_BUY_LINE_superseded_by);
    }
}

static const tm_buy_line_t *line_by_id(const tm_buy_line_t *const *lines, uint32_t n, tm_id_t id)
{
    for (uint32_t i = 0; i < n; i++) {
        if (lines[i]->id.v == id.v)
            return lines[i];
    }
    return NULL;
}

/* A printout of changes is spread by the last full version's lines, scaled to its own total; its
 * line_weeks are what that gives. true: they are other than before. */
static bool scale_changes(tm_buy_line_t *line, tm_has_t *touched, const tm_verdict_t *v,
                          const tm_buy_line_t *const *lines, uint32_t n, tm_arena_t *arena)
{
    if (!TM_HAS(line, TM_BUY_LINE_changes_only) || !line->changes_only)
        return false;
    tm_buy_line_t scaled = *line;
    scaled.line_weeks = (tm_recs_t){NULL, 0};
    TM_CLEAR(&scaled, TM_BUY_LINE_line_weeks);
    const tm_buy_line_t *full = v->lines_of.v == 0 ? NULL : line_by_id(lines, n, v->lines_of);
    const tm_err_t err = full == NULL ? TM_OK : tm_line_scale(full, &scaled, arena);
    if (err != TM_OK || tm_record_equal(&tm_buy_line_desc, &scaled, line))
        return false;
    line->line_weeks = scaled.line_weeks;
    TM_TOUCH(touched, TM_BUY_LINE_line_weeks);
    if (TM_HAS(&scaled, TM_BUY_LINE_line_weeks)) {
        TM_MARK(line, TM_BUY_LINE_line_weeks);
    } else {
        TM_CLEAR(line, TM_BUY_LINE_line_weeks);
    }
    return true;
}

static uint32_t old_lines(campaign_t *c, const group_t *g, tm_arena_t *arena,
                          const tm_buy_line_t ***ret)
{
    uint32_t room = g->n_fresh;
    for (uint32_t i = 0; i < g->n_chains; i++) {
        room += g->chains[i]->n;
    }
    const tm_buy_line_t **lines = tm_arena_alloc(arena, room * sizeof *lines);
    assert(lines != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_chains; i++) {
        for (uint32_t k = 0; k < g->chains[i]->n; k++) {
            const tm_id_t id = tm_id_make(c->actor, g->chains[i]->lines[k]);
            const tm_buy_line_t *line = tm_tables_read(&c->tables, &tm_buy_line_desc, id, arena);
            assert(line != NULL);
            if (campaign_line_is_open(line)) {
                lines[n++] = line;
            }
        }
    }
    *ret = lines;
    return n;
}

/* Puts the new lines of a group and patches the older ones. false: a chain longer than the rules
 * allow; nothing staged. */
static bool stage_group(tm_turn_t *turn, campaign_t *c, const group_t *g)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    const tm_buy_line_t **lines = NULL;
    const uint32_t n_old = old_lines(c, g, arena, &lines);
    for (uint32_t i = 0; i < g->n_fresh; i++) {
        lines[n_old + i] = g->fresh[i];
    }
    const uint32_t n = n_old + g->n_fresh;
    tm_verdict_t *verdicts = tm_arena_zalloc(arena, n * sizeof *verdicts);
    if (verdicts == NULL || tm_chain_resolve(lines, n, arena, verdicts) != TM_OK)
        return false;
    for (uint32_t i = 0; i < n_old; i++) {
        tm_buy_line_t line = *lines[i];
        tm_has_t touched = {{0}};
        const bool scaled = scale_changes(&line, &touched, &verdicts[i], lines, n, arena);
        if (!scaled && !standing_differs(lines[i], &verdicts[i])) {
            continue;
        }
        set_standing(&line, &touched, &verdicts[i]);
        tm_record_stamp_patch(&line, &touched, line.version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_buy_line_desc, line.id, &line, &touched);
    }
    for (uint32_t i = 0; i < g->n_fresh; i++) {
        tm_has_t touched = {{0}};
        (void)scale_changes(g->fresh[i], &touched, &verdicts[n_old + i], lines, n, arena);
        set_standing(g->fresh[i], &touched, &verdicts[n_old + i]);
        tm_turn_put(turn, &tm_buy_line_desc, g->fresh[i]->id, g->fresh[i]);
    }
    return true;
}

/* Gives new lines their ids and times, then their standing. false: answered with a problem. */
static bool take_lines(tm_turn_t *turn, campaign_t *c, tm_buy_line_t **lines, uint32_t n)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    tm_smap_t names = {0};
    tm_map_t owners = {0};
    group_t **groups = tm_arena_alloc(arena, (n + 1) * sizeof *groups);
    assert(groups != NULL);
    for (uint32_t i = 0; i < n; i++) {
        tm_record_stamp_new(lines[i], tm_turn_new_id(turn), tm_turn_now(turn));
        TM_SET(lines[i], TM_BUY_LINE, known_from_ms, tm_turn_now(turn));
        TM_SET(lines[i], TM_BUY_LINE, campaign_id, c->record->id);
        group_line(c, arena, &names, &owners, lines[i], &groups[i]);
    }
    tm_smap_done(&names);
    tm_map_done(&owners);
    for (uint32_t i = 0; i < n; i++) {
        group_t *g = group_root(groups[i]);
        if (g->n_fresh > 0 && !stage_group(turn, c, g)) {
            tm_why_t why;
            tm_why_clear(&why);
            (void)tm_why_add(&why, TM_EINVALID, "order_no", "this order has too many papers");
            tm_turn_fail(turn, TM_EINVALID, &why);
            return false;
        }
        g->n_fresh = 0; /* staged once */
    }
    return true;
}

/* ---- lines of documents ---- */

/* A document this campaign holds already: only its place may have become known. */
static void refresh_known(tm_turn_t *turn, campaign_t *c, tm_id_t id, const tm_buy_line_t *now)
{
    tm_buy_line_t *line = tm_tables_read(&c->tables, &tm_buy_line_desc, id, tm_turn_arena(turn));
    assert(line != NULL);
    const bool same_market = TM_HAS(line, TM_BUY_LINE_market) == TM_HAS(now, TM_BUY_LINE_market) &&
                             line->market == now->market;
    const bool same_rank = line->market_rank == now->market_rank;
    if (same_market && same_rank)
        return;
    tm_has_t touched = {{0}};
    if (TM_HAS(now, TM_BUY_LINE_market)) {
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, market, now->market);
    }
    if (TM_HAS(now, TM_BUY_LINE_market_rank)) {
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, market_rank, now->market_rank);
    }
    tm_record_stamp_patch(line, &touched, line->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_buy_line_desc, id, line, &touched);
}

static uint32_t open_exceptions(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found,
                                tm_buy_line_t *const *taken, uint32_t n)
{
    const tm_exception_t *exceptions = found->exceptions.v;
    uint32_t opened = 0;
    for (uint32_t i = 0; i < found->exceptions.n; i++) {
        for (uint32_t k = 0; k < n; k++) {
            if (taken[k]->document_id.v != exceptions[i].document_id.v) {
                continue;
            }
            tm_exception_t e = exceptions[i];
            tm_record_stamp_new(&e, tm_turn_new_id(turn), tm_turn_now(turn));
            TM_SET(&e, TM_EXCEPTION, campaign_id, c->record->id);
            TM_SET(&e, TM_EXCEPTION, buy_line_id, taken[k]->id);
            tm_turn_put(turn, &tm_exception_desc, e.id, &e);
            opened++;
            break;
        }
    }
    return opened;
}

void campaign_lines_found(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found)
{
    tm_buy_line_t **taken =
        tm_arena_alloc(tm_turn_arena(turn), (found->lines.n + 1) * sizeof *taken);
    assert(taken != NULL);
    uint32_t n = 0;
    tm_buy_line_t *lines = found->lines.v;
    for (uint32_t i = 0; i < found->lines.n; i++) {
        const uintptr_t known = (uintptr_t)tm_map_get(&c->by_document, lines[i].document_id.v);
        if (known != 0) {
            refresh_known(turn, c, tm_id_make(c->actor, (uint32_t)known), &lines[i]);
        } else {
            taken[n++] = &lines[i];
        }
    }
    if (!take_lines(turn, c, taken, n))
        return;
    const uint32_t opened = open_exceptions(turn, c, found, taken, n);
    if (TM_HAS(found, TM_LINES_FOUND_input_id)) {
        tm_lines_taken_t out = {0};
        TM_SET(&out, TM_LINES_TAKEN, input_id, found->input_id);
        TM_SET(&out, TM_LINES_TAKEN, exceptions, (int32_t)opened);
        tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_LINES_TAKEN, &out);
    }
}

void campaign_lines_closed(tm_turn_t *turn, campaign_t *c, const tm_lines_closed_t *closed)
{
    for (uint32_t i = 0; i < closed->documents.n; i++) {
        tm_id_t document = {0};
        if (tm_id_parse("doc", closed->documents.v[i], &document) != TM_OK) {
            continue;
        }
        const uintptr_t known = (uintptr_t)tm_map_get(&c->by_document, document.v);
        if (known == 0) {
            continue;
        }
        const tm_id_t id = tm_id_make(c->actor, (uint32_t)known);
        tm_buy_line_t *line =
            tm_tables_read(&c->tables, &tm_buy_line_desc, id, tm_turn_arena(turn));
        assert(line != NULL);
        tm_has_t touched = {{0}};
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, known_to_ms, tm_turn_now(turn));
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, archived_ms, tm_turn_now(turn));
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, standing_why,
                       TM_STR("no longer matches the campaign's criteria"));
        tm_record_stamp_patch(line, &touched, line->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_buy_line_desc, id, line, &touched);
    }
}

/* ---- a line by hand ---- */

void campaign_line_post(tm_turn_t *turn, campaign_t *c, const tm_buy_line_t *given)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t line = *given;
    const tm_err_t err =
        tm_line_check(&line, -1, c->record->commission_bp, tm_turn_arena(turn), &why);
    if (err != TM_OK && why.n == 0) {
        (void)tm_why_add(&why, err, NULL, "%s", tm_err_text(err));
    }
    if (tm_answer_faults(turn, &why))
        return;
    const int side = tm_assign_side(c->record, line.advertiser_id);
    TM_SET(&line, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
    TM_SET(&line, TM_BUY_LINE, published_ms, tm_turn_now(turn));
    tm_buy_line_t *one = &line;
    if (take_lines(turn, c, &one, 1)) {
        tm_answer_record(turn, 201, &tm_buy_line_desc, &line, "/api/v1/buy-lines/");
    }
}

/* ---- the campaign's own record ---- */

/* Sides and commissions follow the record. */
static void refresh_line(tm_turn_t *turn, tm_buy_line_t *line, const tm_campaign_t *before,
                         const tm_campaign_t *now)
{
    tm_has_t touched = {{0}};
    const int side = tm_assign_side(now, line->advertiser_id);
    bool changed = false;
    if (!TM_HAS(line, TM_BUY_LINE_side) || line->side.v != side) {
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
        changed = true;
    }
    const bool by_default =
        before->commission_bp != now->commission_bp && !TM_HAS(line, TM_BUY_LINE_commission_bp) &&
        TM_HAS(line, TM_BUY_LINE_gross_cents) && TM_HAS(line, TM_BUY_LINE_net_cents);
    if (by_default && line->amount_basis.v == TM_AMOUNT_BASIS_net &&
        tm_gross_of(line->net_cents, before->commission_bp).v == line->gross_cents.v) {
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, gross_cents,
                       tm_gross_of(line->net_cents, now->commission_bp));
        changed = true;
    } else if (by_default && line->amount_basis.v == TM_AMOUNT_BASIS_gross &&
               line->gross_cents.v != line->net_cents.v &&
               tm_net_of(line->gross_cents, before->commission_bp).v == line->net_cents.v) {
        TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, net_cents,
                       tm_net_of(line->gross_cents, now->commission_bp));
        changed = true;
    }
    if (changed) {
        tm_record_stamp_patch(line, &touched, line->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_buy_line_desc, line->id, line, &touched);
    }
}

void campaign_record_put(tm_turn_t *turn, campaign_t *c, const tm_campaign_put_t *put)
{
    const tm_campaign_t *record = put->campaign.v;
    assert(put->campaign.n == 1);
    if (TM_HAS(put, TM_CAMPAIGN_PUT_status)) {
        tm_answer_record(turn, put->status, &tm_campaign_desc, record,
                         put->status == 201 ? "/api/v1/campaigns/" : NULL);
    }
    tm_campaign_state_t kept = {0};
    const tm_id_t id = c->state_id.v != 0 ? c->state_id : tm_turn_new_id(turn);
    tm_record_stamp_new(&kept, id, tm_turn_now(turn));
    TM_SET(&kept, TM_CAMPAIGN_STATE, campaign, (tm_recs_t){(void *)(uintptr_t)record, 1});
    TM_SET(&kept, TM_CAMPAIGN_STATE, today,
           c->record != NULL && TM_HAS(record, TM_CAMPAIGN_today) && c->today.v > record->today.v
               ? c->today
               : record->today);
    TM_SET(&kept, TM_CAMPAIGN_STATE, keeper, TM_STR("campaign"));
    tm_turn_put(turn, &tm_campaign_state_desc, id, &kept);
    if (c->record == NULL)
        return;
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&c->tables, &tm_buy_line_desc, &key)); key++) {
        tm_buy_line_t *line = tm_row_read(row, tm_turn_arena(turn));
        assert(line != NULL);
        refresh_line(turn, line, c->record, record);
    }
}
