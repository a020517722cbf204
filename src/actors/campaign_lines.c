/* campaign_lines.c - what a campaign decides about lines: new ones, closed ones, and lines whose
 * names or numbers became known.
 *
 * Why:     a new paper changes the standing of older ones; both are decided in one commit, so
 *          nobody sees half of it.
 * How:     edited lines are grouped with the chains they join; each group is resolved as it will
 *          be; new lines are put with their standing, older ones are patched where theirs changes.
 * Threads: the actor's turn.
 * Source:  domain rules 4.3, 4.4; contract 3a. */
#include "actors/campaign.h"

#include "actors/intake.h"
#include "domain/assign.h"
#include "domain/order.h"
#include "schema/record.h"

/* A line that is new, changed or put away by this message. */
typedef struct edit {
    tm_buy_line_t *line;
    tm_has_t touched;
    bool is_new, is_gone;
} edit_t;

/* Lines of one future chain: chains that exist and edits of this message. */
typedef struct group {
    struct group *into;
    chain_t **chains;
    edit_t **edits;
    uint32_t n_chains, n_edits, cap_chains, cap_edits;
    bool staged;
} group_t;

typedef struct group_list {
    group_t **v;
    uint32_t n, cap;
} group_list_t;

/* What the edits of one message are found by: the same relations as in campaign_chain.c, before
 * they are applied. */
typedef struct grouping {
    campaign_t *c;
    tm_arena_t *arena;
    tm_smap_t numbers;    /* "station|number" -> group_t */
    tm_smap_t alternates; /* "station|alternate" -> group_list_t */
    tm_map_t owners;      /* chain -> group_t */
    tm_map_t edits;       /* counter of a line -> edit_t */
} grouping_t;

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
    g->chains = grown(arena, g->chains, g->n_chains, &g->cap_chains, sizeof(chain_t *));
    g->chains[g->n_chains++] = chain;
}

static void group_add_edit(tm_arena_t *arena, group_t *g, edit_t *edit)
{
    g->edits = grown(arena, g->edits, g->n_edits, &g->cap_edits, sizeof(edit_t *));
    g->edits[g->n_edits++] = edit;
}

static group_t *group_new(tm_arena_t *arena)
{
    group_t *g = tm_arena_zalloc(arena, sizeof *g);
    assert(g != NULL);
    return g;
}

static group_t *group_join(tm_arena_t *arena, group_t *a, group_t *b)
{
    if (a == NULL || a == b)
        return b;
    if (b == NULL)
        return a;
    for (uint32_t i = 0; i < b->n_chains; i++) {
        group_add_chain(arena, a, b->chains[i]); /* a chain is in one group only: no doubles */
    }
    for (uint32_t i = 0; i < b->n_edits; i++) {
        group_add_edit(arena, a, b->edits[i]);
    }
    b->into = a;
    return a;
}

/* The group of a chain that exists, joined with g. */
static group_t *join_chain(grouping_t *q, group_t *g, chain_t *chain)
{
    chain = campaign_chain_root(chain);
    if (chain == NULL)
        return g;
    group_t *owner = group_root(tm_map_get(&q->owners, (uintptr_t)chain));
    if (owner == NULL) {
        owner = group_new(q->arena);
        group_add_chain(q->arena, owner, chain);
        (void)tm_map_put(&q->owners, (uintptr_t)chain, owner);
    }
    return group_join(q->arena, g, owner);
}

static group_t *join_relatives(grouping_t *q, const chain_keys_t *keys, group_t *g)
{
    if (keys->number.n > 0) {
        g = join_chain(q, g, tm_smap_get(&q->c->numbers, keys->number));
        g = group_join(q->arena, g, group_root(tm_smap_get(&q->numbers, keys->number)));
        const chain_list_t *chains = tm_smap_get(&q->c->alternates, keys->number);
        for (uint32_t i = 0; chains != NULL && i < chains->n; i++) {
            g = join_chain(q, g, chains->v[i]);
        }
        const group_list_t *groups = tm_smap_get(&q->alternates, keys->number);
        for (uint32_t i = 0; groups != NULL && i < groups->n; i++) {
            g = group_join(q->arena, g, group_root(groups->v[i]));
        }
    }
    if (keys->alternate.n > 0) {
        g = join_chain(q, g, tm_smap_get(&q->c->numbers, keys->alternate));
        g = group_join(q->arena, g, group_root(tm_smap_get(&q->numbers, keys->alternate)));
    }
    return g;
}

static group_t *group_edit(grouping_t *q, edit_t *edit)
{
    const chain_keys_t keys = campaign_chain_keys(edit->line, q->arena);
    const uint32_t counter = tm_id_counter(edit->line->id);
    group_t *g = join_chain(q, NULL, tm_map_get(&q->c->chain_of, counter));
    g = join_relatives(q, &keys, g);
    if (g == NULL) {
        g = group_new(q->arena);
    }
    if (keys.number.n > 0) {
        (void)tm_smap_put(&q->numbers, keys.number, g);
    }
    if (keys.alternate.n > 0) {
        group_list_t *list = tm_smap_get(&q->alternates, keys.alternate);
        if (list == NULL) {
            list = tm_arena_zalloc(q->arena, sizeof *list);
            assert(list != NULL);
            (void)tm_smap_put(&q->alternates, keys.alternate, list);
        }
        list->v = grown(q->arena, list->v, list->n, &list->cap, sizeof(group_t *));
        list->v[list->n++] = g;
    }
    group_add_edit(q->arena, g, edit);
    (void)tm_map_put(&q->edits, counter, edit);
    return g;
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

/* The open lines of a group as they will be: those nobody edits (n_old), then the edited ones.
 * false: more than fits in memory. */
static bool lines_of(const grouping_t *q, const group_t *g, const tm_buy_line_t ***ret,
                     uint32_t *ret_old, uint32_t *ret_n)
{
    uint32_t room = g->n_edits;
    for (uint32_t i = 0; i < g->n_chains; i++) {
        room += g->chains[i]->n;
    }
    const tm_buy_line_t **lines = tm_arena_alloc(q->arena, (room + 1) * sizeof *lines);
    if (lines == NULL)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_chains; i++) {
        for (uint32_t k = 0; k < g->chains[i]->n; k++) {
            const uint32_t counter = g->chains[i]->lines[k];
            if (tm_map_get(&q->edits, counter) != NULL) {
                continue;
            }
            const tm_id_t id = tm_id_make(q->c->actor, counter);
            const tm_buy_line_t *line =
                tm_tables_read(&q->c->tables, &tm_buy_line_desc, id, q->arena);
            if (line == NULL)
                return false;
            if (campaign_line_is_open(line)) {
                lines[n++] = line;
            }
        }
    }
    *ret_old = n;
    for (uint32_t i = 0; i < g->n_edits; i++) {
        if (!g->edits[i]->is_gone) {
            lines[n++] = g->edits[i]->line;
        }
    }
    *ret = lines;
    *ret_n = n;
    return true;
}

static void stage_edit(tm_turn_t *turn, edit_t *edit)
{
    if (edit->is_new) {
        tm_turn_put(turn, &tm_buy_line_desc, edit->line->id, edit->line);
        return;
    }
    tm_record_stamp_patch(edit->line, &edit->touched, edit->line->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_buy_line_desc, edit->line->id, edit->line, &edit->touched);
}

/* Stages the edits of a group and patches the older lines whose standing changes. false: a chain
 * longer than the rules or the memory of a turn allow; nothing staged. */
static bool stage_group(tm_turn_t *turn, const grouping_t *q, const group_t *g)
{
    const tm_buy_line_t **lines = NULL;
    uint32_t n_old = 0, n = 0;
    if (!lines_of(q, g, &lines, &n_old, &n))
        return false;
    tm_verdict_t *verdicts = tm_arena_zalloc(q->arena, (n + 1) * sizeof *verdicts);
    if (verdicts == NULL || tm_chain_resolve(lines, n, q->arena, verdicts) != TM_OK)
        return false;
    for (uint32_t i = 0; i < n_old; i++) {
        tm_buy_line_t line = *lines[i];
        edit_t edit = {.line = &line};
        const bool scaled = scale_changes(&line, &edit.touched, &verdicts[i], lines, n, q->arena);
        if (!scaled && !standing_differs(lines[i], &verdicts[i])) {
            continue;
        }
        set_standing(&line, &edit.touched, &verdicts[i]);
        stage_edit(turn, &edit);
    }
    uint32_t at = n_old;
    for (uint32_t i = 0; i < g->n_edits; i++) {
        edit_t *edit = g->edits[i];
        if (!edit->is_gone) {
            const tm_verdict_t *v = &verdicts[at++];
            (void)scale_changes(edit->line, &edit->touched, v, lines, n, q->arena);
            set_standing(edit->line, &edit->touched, v);
        }
        stage_edit(turn, edit);
    }
    return true;
}

static void line_is_new(tm_turn_t *turn, const campaign_t *c, tm_buy_line_t *line)
{
    tm_record_stamp_new(line, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(line, TM_BUY_LINE, known_from_ms, tm_turn_now(turn));
    TM_SET(line, TM_BUY_LINE, campaign_id, c->record->id);
}

/* Stages edits with everything that follows for their chains. A line that cannot be staged is told
 * in ret_refused (NULL: nobody asks); returns how many those are. */
static uint32_t take_edits(tm_turn_t *turn, campaign_t *c, edit_t *edits, uint32_t n,
                           bool *ret_refused)
{
    grouping_t q = {.c = c, .arena = tm_turn_arena(turn)};
    group_t **groups = tm_arena_alloc(q.arena, (n + 1) * sizeof *groups);
    assert(groups != NULL);
    for (uint32_t i = 0; i < n; i++) {
        groups[i] = group_edit(&q, &edits[i]);
    }
    uint32_t refused = 0;
    for (uint32_t i = 0; i < n; i++) {
        group_t *g = group_root(groups[i]);
        if (!g->staged) {
            g->staged = stage_group(turn, &q, g);
        }
        refused += !g->staged;
        if (ret_refused != NULL) {
            ret_refused[i] = !g->staged;
        }
    }
    tm_smap_done(&q.numbers);
    tm_smap_done(&q.alternates);
    tm_map_done(&q.owners);
    tm_map_done(&q.edits);
    return refused;
}

/* ---- lines of documents ---- */

static bool take_str(tm_buy_line_t *line, tm_has_t *touched, unsigned index, tm_str_t *field,
                     bool has_now, tm_str_t now)
{
    const bool has = TM_HAS(line, index);
    if (!has_now || (has && tm_str_eq(*field, now)))
        return false;
    *field = now;
    TM_MARK(line, index);
    TM_TOUCH(touched, index);
    return true;
}

static bool take_i32(tm_buy_line_t *line, tm_has_t *touched, unsigned index, int32_t *field,
                     bool has_now, int32_t now)
{
    if (!has_now || (TM_HAS(line, index) && *field == now))
        return false;
    *field = now;
    TM_MARK(line, index);
    TM_TOUCH(touched, index);
    return true;
}

/* A document this campaign holds already: what names and numbers mean may have become known.
 * false: nothing changed. */
static bool refresh_known(edit_t *edit, const tm_buy_line_t *now)
{
    tm_buy_line_t *line = edit->line;
    tm_has_t *t = &edit->touched;
    bool changed = take_i32(line, t, TM_BUY_LINE_market, &line->market,
                            TM_HAS(now, TM_BUY_LINE_market), now->market);
    changed |= take_i32(line, t, TM_BUY_LINE_market_rank, &line->market_rank,
                        TM_HAS(now, TM_BUY_LINE_market_rank), now->market_rank);
    changed |= take_str(line, t, TM_BUY_LINE_order_no_norm, &line->order_no_norm,
                        TM_HAS(now, TM_BUY_LINE_order_no_norm), now->order_no_norm);
    changed |= take_str(line, t, TM_BUY_LINE_revision, &line->revision,
                        TM_HAS(now, TM_BUY_LINE_revision), now->revision);
    if (TM_HAS(now, TM_BUY_LINE_advertiser_id) && line->advertiser_id.v != now->advertiser_id.v) {
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, advertiser_id, now->advertiser_id);
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, advertiser, now->advertiser);
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, side, now->side);
        changed = true;
    }
    return changed;
}

static void open_exception(tm_turn_t *turn, const campaign_t *c, tm_exception_t *e, tm_id_t line)
{
    tm_record_stamp_new(e, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(e, TM_EXCEPTION, campaign_id, c->record->id);
    if (line.v != 0) {
        TM_SET(e, TM_EXCEPTION, buy_line_id, line);
    }
    tm_turn_put(turn, &tm_exception_desc, e->id, e);
}

/* What the documents of new lines lack; and lines that could not be taken. */
static uint32_t open_exceptions(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found,
                                const edit_t *edits, const bool *refused, uint32_t n)
{
    const tm_exception_t *exceptions = found->exceptions.v;
    tm_map_t taken = {0};
    uint32_t opened = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (refused[i] && edits[i].is_new) {
            tm_exception_t e = {0};
            TM_SET(&e, TM_EXCEPTION, kind, TM_STR("order_too_long"));
            TM_SET(&e, TM_EXCEPTION, document_id, edits[i].line->document_id);
            TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
            open_exception(turn, c, &e, (tm_id_t){0});
            opened++;
        } else if (edits[i].is_new) {
            (void)tm_map_put(&taken, edits[i].line->document_id.v, edits[i].line);
        }
    }
    for (uint32_t i = 0; i < found->exceptions.n; i++) {
        const tm_buy_line_t *line = tm_map_get(&taken, exceptions[i].document_id.v);
        if (line != NULL) {
            tm_exception_t e = exceptions[i];
            open_exception(turn, c, &e, line->id);
            opened++;
        }
    }
    tm_map_done(&taken);
    return opened;
}

void campaign_lines_found(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    edit_t *edits = tm_arena_zalloc(arena, (found->lines.n + 1) * sizeof *edits);
    bool *refused = tm_arena_zalloc(arena, found->lines.n + 1);
    assert(edits != NULL && refused != NULL);
    uint32_t n = 0;
    tm_buy_line_t *lines = found->lines.v;
    for (uint32_t i = 0; i < found->lines.n; i++) {
        const uintptr_t known = (uintptr_t)tm_map_get(&c->by_document, lines[i].document_id.v);
        edit_t *edit = &edits[n];
        *edit = (edit_t){.line = &lines[i], .is_new = known == 0};
        if (known == 0) {
            line_is_new(turn, c, edit->line);
        } else {
            const tm_id_t id = tm_id_make(c->actor, (uint32_t)known);
            edit->line = tm_tables_read(&c->tables, &tm_buy_line_desc, id, arena);
            if (edit->line == NULL || !refresh_known(edit, &lines[i])) {
                continue;
            }
        }
        n++;
    }
    (void)take_edits(turn, c, edits, n, refused);
    const uint32_t opened = open_exceptions(turn, c, found, edits, refused, n);
    if (TM_HAS(found, TM_LINES_FOUND_input_id)) {
        tm_lines_taken_t out = {0};
        TM_SET(&out, TM_LINES_TAKEN, input_id, found->input_id);
        TM_SET(&out, TM_LINES_TAKEN, exceptions, (int32_t)opened);
        tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_LINES_TAKEN, &out);
    }
}

void campaign_lines_closed(tm_turn_t *turn, campaign_t *c, const tm_lines_closed_t *closed)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    edit_t *edits = tm_arena_zalloc(arena, (closed->documents.n + 1) * sizeof *edits);
    assert(edits != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < closed->documents.n; i++) {
        tm_id_t document = {0};
        if (tm_id_parse("doc", closed->documents.v[i], &document) != TM_OK) {
            continue;
        }
        const uintptr_t known = (uintptr_t)tm_map_get(&c->by_document, document.v);
        edit_t *edit = &edits[n];
        edit->line = known == 0 ? NULL
                                : tm_tables_read(&c->tables, &tm_buy_line_desc,
                                                 tm_id_make(c->actor, (uint32_t)known), arena);
        if (edit->line == NULL) {
            continue;
        }
        edit->is_gone = true;
        TM_SET_TOUCHED(edit->line, &edit->touched, TM_BUY_LINE, known_to_ms, tm_turn_now(turn));
        TM_SET_TOUCHED(edit->line, &edit->touched, TM_BUY_LINE, archived_ms, tm_turn_now(turn));
        TM_SET_TOUCHED(edit->line, &edit->touched, TM_BUY_LINE, standing_why,
                       TM_STR("no longer matches the campaign's criteria"));
        n++;
    }
    (void)take_edits(turn, c, edits, n, NULL);
}

/* ---- a line by hand ---- */

void campaign_line_post(tm_turn_t *turn, campaign_t *c, const tm_buy_line_t *given)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t line = *given;
    if (given->campaign_id.v != c->record->id.v) { /* an id that only ends like ours */
        (void)tm_why_add(&why, TM_EINVALID, "campaign_id", "there is no such campaign");
    }
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
    line_is_new(turn, c, &line);
    edit_t edit = {.line = &line, .is_new = true};
    if (take_edits(turn, c, &edit, 1, NULL) > 0) {
        (void)tm_why_add(&why, TM_EINVALID, "order_no", "this order has too many papers");
        tm_turn_fail(turn, TM_EINVALID, &why);
        return;
    }
    tm_answer_record(turn, 201, &tm_buy_line_desc, &line, "/api/v1/buy-lines/");
}
