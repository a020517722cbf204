/* directory_proposals.c - spellings that look like a name we know, and what a person says about
 * them.
 *
 * Why:     "Friends of Jane Smyth" is most likely Jane Smith, but only a person may say so: until
 *          then its dollars stand under its own name, afterwards they move and the spelling is
 *          known at once.
 * How:     a message that brings new spellings sends their range to ourselves; so all of a packet
 *          are known when they meet each other, and nobody waits for it. The index of spellings
 *          holds the advertisers' and those that only pending lines bear. A pair that was decided
 *          is never asked again. Spellings of markets that documents print go the same way.
 * Threads: the actor's turn.
 * Source:  domain rule 4.5 (advertiser after aliases). */
#include "actors/directory_review.h"

#include "actors/names.h"
#include "base/fold.h"
#include "schema/record.h"
#include "schema/slot.h"

#define NAMES_AT_ONCE 32
#define NEAREST_MAX 9 /* the name itself is among them */
#define SCRATCH_MAX (1u << 20)
#define FIND_BYTES_MAX (16u << 20) /* a document, and what TM_NAME_FIND_BYTES allows */
#define MARKET_BP 7500

typedef struct spelling {
    tm_id_t advertiser; /* v 0: only pending lines bear it */
    tm_str_t text, key;
    uint32_t counter;
    bool confirmed; /* a person said whose it is */
} spelling_t;

/* ---- what follows from records ---- */

static void *counter_value(tm_id_t id)
{
    return (void *)(uintptr_t)tm_id_counter(id);
}

void directory_index_spelling(directory_t *d, const tm_has_t *touched,
                              const tm_advertiser_alias_t *alias)
{
    const bool confirmed = TM_HAS(alias, TM_ADVERTISER_ALIAS_confirmed_by);
    const bool told = touched != NULL && tm_has_get(touched, TM_ADVERTISER_ALIAS_confirmed_by);
    if (touched == NULL || (told && confirmed)) {
        tm_name_index_add(d->spellings, alias->text, tm_id_counter(alias->id), confirmed);
    }
}

void directory_index_pending_name(directory_t *d, const tm_buy_line_t *line, tm_arena_t *arena)
{
    if (TM_HAS(line, TM_BUY_LINE_advertiser_id) || !TM_HAS(line, TM_BUY_LINE_advertiser_text))
        return;
    const tm_str_t key = tm_name_key(arena, line->advertiser_text);
    if (key.n == 0 || tm_smap_get(&d->aliases, key) != NULL ||
        tm_smap_get(&d->pending_names, key) != NULL)
        return;
    (void)tm_smap_put(&d->pending_names, key, counter_value(line->id));
    tm_name_index_add(d->spellings, line->advertiser_text, tm_id_counter(line->id), false);
}

/* Of a spelling and the advertiser it may be; target v 0: of the spelling and any. */
static tm_str_t pair_key(tm_str_t key, tm_id_t target, tm_arena_t *arena)
{
    const tm_str_t pair =
        tm_arena_printf(arena, "%.*s|%u", (int)key.n, key.p, tm_id_counter(target));
    assert(pair.p != NULL);
    return pair;
}

/* The same for a market: no folded name holds a colon. */
static tm_str_t market_pair_key(tm_str_t key, int32_t dma, tm_arena_t *arena)
{
    return pair_key(tm_arena_printf(arena, "m:%.*s", (int)key.n, key.p), (tm_id_t){(uint64_t)dma},
                    arena);
}

void directory_index_market_name(directory_t *d, tm_str_t text, int32_t dma, tm_arena_t *arena)
{
    const tm_str_t key = tm_fold_key(arena, text);
    if (key.n == 0)
        return;
    if (tm_smap_put(&d->market_names, key, (void *)(intptr_t)dma) == NULL) {
        tm_name_index_add(d->market_index, text, (uint32_t)dma, true);
    }
}

void directory_index_market_text(directory_t *d, const tm_document_t *doc, tm_arena_t *arena)
{
    if (!TM_HAS(doc, TM_DOCUMENT_market))
        return;
    const tm_str_t key = tm_fold_key(arena, doc->market);
    if (key.n > 0 && tm_smap_get(&d->market_names, key) == NULL &&
        tm_smap_get(&d->market_texts, key) == NULL) {
        (void)tm_smap_put(&d->market_texts, key, counter_value(doc->id));
    }
}

void directory_index_proposal(directory_t *d, const tm_name_proposal_t *p, tm_arena_t *arena)
{
    if (p->kind.v == TM_NAME_KIND_market) {
        const tm_str_t text = tm_fold_key(arena, p->text);
        (void)tm_smap_put(&d->proposed, market_pair_key(text, p->dma_code, arena),
                          counter_value(p->id));
        return;
    }
    const tm_str_t key = tm_name_key(arena, p->text);
    (void)tm_smap_put(&d->proposed, pair_key(key, p->target_id, arena), counter_value(p->id));
    (void)tm_smap_put(&d->proposed, pair_key(key, (tm_id_t){0}, arena), counter_value(p->id));
}

/* ---- proposing ---- */

void directory_note_spelling(directory_t *d, tm_id_t record)
{
    const uint32_t counter = tm_id_counter(record);
    assert(counter > d->last_new);
    d->first_new = d->first_new == 0 ? counter : d->first_new;
    d->last_new = counter;
}

void directory_note_market(directory_t *d, const tm_document_t *doc, tm_arena_t *arena)
{
    if (!TM_HAS(doc, TM_DOCUMENT_market))
        return;
    const tm_str_t key = tm_fold_key(arena, doc->market);
    if (key.n > 0 && tm_smap_get(&d->market_names, key) == NULL &&
        tm_smap_get(&d->market_texts, key) == NULL) {
        directory_note_spelling(d, doc->id);
    }
}

static void send_range(tm_turn_t *turn, uint32_t next, uint32_t last)
{
    tm_names_propose_t range = {0};
    TM_SET(&range, TM_NAMES_PROPOSE, next, (int64_t)next);
    TM_SET(&range, TM_NAMES_PROPOSE, last, (int64_t)last);
    tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_NAMES_PROPOSE, &range);
}

void directory_notes_send(tm_turn_t *turn, directory_t *d)
{
    if (d->first_new != 0) {
        send_range(turn, d->first_new, d->last_new);
    }
}

/* false: no such spelling, or one that has an advertiser of its own now. */
static bool spelling_of(const directory_t *d, uint32_t counter, tm_arena_t *arena, spelling_t *ret)
{
    const tm_id_t id = tm_id_make(d->actor, counter);
    const tm_advertiser_alias_t *alias =
        tm_tables_read(&d->tables, &tm_advertiser_alias_desc, id, arena);
    if (alias != NULL) {
        *ret = (spelling_t){alias->advertiser_id, alias->text, alias->norm, counter,
                            TM_HAS(alias, TM_ADVERTISER_ALIAS_confirmed_by)};
        return true;
    }
    const tm_buy_line_t *line = tm_tables_read(&d->tables, &tm_buy_line_desc, id, arena);
    if (line == NULL || TM_HAS(line, TM_BUY_LINE_archived_ms) ||
        !TM_HAS(line, TM_BUY_LINE_advertiser_text))
        return false;
    const tm_str_t key = tm_name_key(arena, line->advertiser_text);
    *ret = (spelling_t){{0}, line->advertiser_text, key, counter, false};
    return key.n > 0 && tm_smap_get(&d->aliases, key) == NULL;
}

static void propose(tm_turn_t *turn, directory_t *d, const spelling_t *asked,
                    const spelling_t *known, const tm_name_match_t *match, tm_arena_t *arena)
{
    const tm_str_t pair = pair_key(asked->key, known->advertiser, arena);
    const tm_str_t fresh = tm_arena_printf(arena, "P:%.*s", (int)pair.n, pair.p);
    if (tm_smap_get(&d->proposed, pair) != NULL || tm_smap_put(&d->fresh, fresh, d) != NULL)
        return;
    tm_name_proposal_t p = {0};
    tm_record_stamp_new(&p, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&p, TM_NAME_PROPOSAL, kind, (tm_enum_t){TM_NAME_KIND_advertiser});
    TM_SET(&p, TM_NAME_PROPOSAL, text, asked->text);
    if (asked->advertiser.v != 0) {
        TM_SET(&p, TM_NAME_PROPOSAL, advertiser_id, asked->advertiser);
    }
    TM_SET(&p, TM_NAME_PROPOSAL, target_id, known->advertiser);
    TM_SET(&p, TM_NAME_PROPOSAL, target,
           directory_advertiser_name(turn, d, known->advertiser, known->text));
    TM_SET(&p, TM_NAME_PROPOSAL, score_bp, match->score_bp);
    if (match->why.n > 0) {
        TM_SET(&p, TM_NAME_PROPOSAL, why, match->why);
    }
    TM_SET(&p, TM_NAME_PROPOSAL, status, (tm_enum_t){TM_PROPOSAL_STATUS_open});
    (void)tm_record_clamp(&tm_name_proposal_desc, &p);
    tm_turn_put(turn, &tm_name_proposal_desc, p.id, &p);
}

/* Of two spellings the one that nobody confirmed is in question; of two such, the younger. */
static void meet_known(tm_turn_t *turn, directory_t *d, const spelling_t *x, tm_arena_t *arena)
{
    tm_name_match_t found[NEAREST_MAX];
    const uint32_t n =
        tm_name_index_find(d->spellings, x->text, TM_NAME_PROPOSE_BP, NEAREST_MAX, arena, found);
    bool asked = false; /* about x itself: only for its nearest */
    for (uint32_t i = 0; i < n; i++) {
        spelling_t y;
        if (!spelling_of(d, found[i].target, arena, &y) || x->advertiser.v == y.advertiser.v) {
            continue; /* itself, its own other spellings, or neither has an advertiser */
        }
        if (y.advertiser.v == 0 || (x->confirmed && !y.confirmed)) {
            propose(turn, d, &y, x, &found[i], arena);
        } else if (!x->confirmed && !asked &&
                   (x->advertiser.v == 0 || y.confirmed || y.counter < x->counter)) {
            propose(turn, d, x, &y, &found[i], arena);
            asked = true;
        }
    }
}

/* The market a document prints, if it is none we know. */
static void meet_markets(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                         tm_arena_t *arena)
{
    const tm_str_t key = tm_fold_key(arena, doc->market);
    tm_name_match_t found;
    if (key.n == 0 || tm_smap_get(&d->market_names, key) != NULL ||
        tm_name_index_find(d->market_index, doc->market, MARKET_BP, 1, arena, &found) == 0)
        return;
    const uintptr_t counter = (uintptr_t)tm_map_get(&d->markets, found.target);
    const tm_market_t *market =
        tm_tables_read(&d->tables, &tm_market_desc, tm_id_make(d->actor, (uint32_t)counter), arena);
    const tm_str_t pair = market_pair_key(key, (int32_t)found.target, arena);
    const tm_str_t fresh = tm_arena_printf(arena, "P:%.*s", (int)pair.n, pair.p);
    if (market == NULL || tm_smap_get(&d->proposed, pair) != NULL ||
        tm_smap_put(&d->fresh, fresh, d) != NULL)
        return;
    tm_name_proposal_t p = {0};
    tm_record_stamp_new(&p, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&p, TM_NAME_PROPOSAL, kind, (tm_enum_t){TM_NAME_KIND_market});
    TM_SET(&p, TM_NAME_PROPOSAL, text, doc->market);
    TM_SET(&p, TM_NAME_PROPOSAL, target, market->name);
    TM_SET(&p, TM_NAME_PROPOSAL, dma_code, market->dma_code);
    TM_SET(&p, TM_NAME_PROPOSAL, score_bp, found.score_bp);
    TM_SET(&p, TM_NAME_PROPOSAL, why, found.why);
    TM_SET(&p, TM_NAME_PROPOSAL, status, (tm_enum_t){TM_PROPOSAL_STATUS_open});
    (void)tm_record_clamp(&tm_name_proposal_desc, &p);
    tm_turn_put(turn, &tm_name_proposal_desc, p.id, &p);
}

/* What bears the spelling: an alias, a pending line, or a document by its market. */
static void meet(tm_turn_t *turn, directory_t *d, uint32_t counter, tm_arena_t *arena)
{
    const tm_document_t *doc =
        tm_tables_read(&d->tables, &tm_document_desc, tm_id_make(d->actor, counter), arena);
    spelling_t x;
    if (doc == NULL && spelling_of(d, counter, arena, &x)) {
        meet_known(turn, d, &x, arena);
    } else if (doc != NULL && TM_HAS(doc, TM_DOCUMENT_market)) {
        meet_markets(turn, d, doc, arena);
    }
}

/* The next record that may bear a spelling; > last: none. */
static uint64_t next_spelling(const directory_t *d, uint32_t from, uint32_t last)
{
    const tm_desc_t *const kinds[] = {&tm_advertiser_alias_desc, &tm_buy_line_desc,
                                      &tm_document_desc};
    uint64_t next = (uint64_t)last + 1;
    for (size_t i = 0; i < TM_COUNT(kinds); i++) {
        uint32_t at = from;
        if (tm_tables_next(&d->tables, kinds[i], &at) != NULL) {
            next = TM_MIN(next, (uint64_t)at);
        }
    }
    return next;
}

void directory_names_propose(tm_turn_t *turn, directory_t *d, const tm_names_propose_t *range)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(FIND_BYTES_MAX);
    const uint32_t last = (uint32_t)range->last;
    uint64_t at = next_spelling(d, (uint32_t)range->next, last);
    for (uint32_t n = 0; at <= last; n++) {
        if (n == NAMES_AT_ONCE) {
            send_range(turn, (uint32_t)at, last);
            return;
        }
        meet(turn, d, (uint32_t)at, arena);
        tm_arena_reset(arena);
        at = at == UINT32_MAX ? at + 1 : next_spelling(d, (uint32_t)at + 1, last);
    }
}

/* ---- a verdict ---- */

static void put_away(tm_turn_t *turn, tm_name_proposal_t *p)
{
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(p, &touched, TM_NAME_PROPOSAL, archived_ms, tm_turn_now(turn));
    tm_record_stamp_patch(p, &touched, p->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_name_proposal_desc, p->id, p, &touched);
}

static bool is_open(const tm_name_proposal_t *p)
{
    return p->status.v == TM_PROPOSAL_STATUS_open && !TM_HAS(p, TM_NAME_PROPOSAL_archived_ms);
}

static bool asks_who(const tm_name_proposal_t *p, tm_id_t except)
{
    return is_open(p) && p->kind.v == TM_NAME_KIND_advertiser && p->id.v != except.v;
}

void directory_proposals_overtaken(tm_turn_t *turn, directory_t *d, tm_str_t key, tm_id_t except)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *scratch = tm_arena_new(SCRATCH_MAX);
    if (tm_smap_get(&d->proposed, pair_key(key, (tm_id_t){0}, scratch)) == NULL)
        return; /* nothing was ever asked about it */
    uint32_t at = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_name_proposal_desc, &at));
         at++) {
        tm_name_proposal_t *p = tm_row_read(row, scratch);
        assert(p != NULL);
        if (asks_who(p, except) && tm_str_eq(tm_name_key(scratch, p->text), key)) {
            put_away(turn, p);
        }
        tm_arena_reset(scratch);
    }
}

/* Open questions about an advertiser that is another now: whether something is it asks about the
 * other; whether it, or the spelling, is something has been answered. */
static void follow(tm_turn_t *turn, directory_t *d, tm_id_t from, const tm_advertiser_t *to,
                   const tm_name_proposal_t *decided)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *scratch = tm_arena_new(SCRATCH_MAX);
    const tm_str_t key = tm_name_key(tm_turn_arena(turn), decided->text);
    uint32_t at = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_name_proposal_desc, &at));
         at++, tm_arena_reset(scratch)) {
        tm_name_proposal_t *p = tm_row_read(row, scratch);
        assert(p != NULL);
        if (!asks_who(p, decided->id)) {
            continue;
        }
        if (p->advertiser_id.v == from.v || tm_str_eq(tm_name_key(scratch, p->text), key) ||
            (p->target_id.v == from.v && p->advertiser_id.v == to->id.v)) {
            put_away(turn, p);
        } else if (p->target_id.v == from.v) {
            tm_has_t touched = {{0}};
            TM_SET_TOUCHED(p, &touched, TM_NAME_PROPOSAL, target_id, to->id);
            TM_SET_TOUCHED(p, &touched, TM_NAME_PROPOSAL, target, to->name);
            tm_record_stamp_patch(p, &touched, p->version, tm_turn_now(turn));
            tm_turn_patch(turn, &tm_name_proposal_desc, p->id, p, &touched);
        }
    }
}

/* Two advertisers are one: spellings, campaigns' lists, lines and documents follow. */
static void unite(tm_turn_t *turn, directory_t *d, tm_id_t from, const tm_advertiser_t *to,
                  const tm_name_proposal_t *decided)
{
    tm_advertiser_t *old =
        tm_tables_read(&d->tables, &tm_advertiser_desc, from, tm_turn_arena(turn));
    assert(old != NULL);
    directory_alias_all(turn, d, from, to->id);
    directory_rivals_move(turn, d, from, to->id, to->name);
    follow(turn, d, from, to, decided);
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(old, &touched, TM_ADVERTISER, archived_ms, tm_turn_now(turn));
    tm_record_stamp_patch(old, &touched, old->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_advertiser_desc, from, old, &touched);
    tm_advertiser_moved_t moved = {0};
    TM_SET(&moved, TM_ADVERTISER_MOVED, from_id, from);
    TM_SET(&moved, TM_ADVERTISER_MOVED, to_id, to->id);
    TM_SET(&moved, TM_ADVERTISER_MOVED, name, to->name);
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        const tm_id_t campaign = d->campaigns[i].campaign->id;
        tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign),
                     TM_MSG_ADVERTISER_MOVED, &moved);
    }
    directory_rematch_later(turn, d, true);
}

/* Was this advertiser made for the spelling, so that all of it may move? */
static bool made_for(tm_turn_t *turn, const directory_t *d, tm_id_t advertiser,
                     const tm_name_proposal_t *p, tm_str_t key)
{
    if (TM_HAS(p, TM_NAME_PROPOSAL_advertiser_id) && p->advertiser_id.v == advertiser.v)
        return true;
    const tm_advertiser_t *record =
        tm_tables_read(&d->tables, &tm_advertiser_desc, advertiser, tm_turn_arena(turn));
    return record != NULL && tm_str_eq(tm_name_key(tm_turn_arena(turn), record->name), key);
}

static const tm_advertiser_t *check_target(tm_turn_t *turn, directory_t *d, tm_id_t target,
                                           tm_id_t from, tm_why_t *why)
{
    const tm_advertiser_t *to =
        tm_tables_read(&d->tables, &tm_advertiser_desc, target, tm_turn_arena(turn));
    if (to == NULL || TM_HAS(to, TM_ADVERTISER_archived_ms)) {
        (void)tm_why_add(why, TM_EINVALID, "target_id", "there is no such advertiser");
        return NULL;
    }
    const tm_campaign_t *campaign =
        from.v == 0 || from.v == target.v ? NULL : directory_rivals_differ(d, from, target);
    if (campaign != NULL) {
        (void)tm_why_add(why, TM_ECONFLICT, "target_id",
                         "campaign %.*s lists both, on different sides",
                         (int)TM_MIN(campaign->name.n, 100u), campaign->name.p);
    }
    return to;
}

/* false: it has answered. */
static bool confirm(tm_turn_t *turn, directory_t *d, tm_id_t target, tm_name_proposal_t *p,
                    tm_has_t *touched)
{
    const tm_str_t key = tm_name_key(tm_turn_arena(turn), p->text);
    const tm_id_t from = directory_advertiser(turn, d, p->text, TM_STR("manual"), LOOK_UP);
    tm_why_t why;
    tm_why_clear(&why);
    const tm_advertiser_t *to = check_target(turn, d, target, from, &why);
    if (from.v != 0 && from.v != target.v && !made_for(turn, d, from, p, key)) {
        (void)tm_why_add(&why, TM_ECONFLICT, "status",
                         "the spelling belongs to another advertiser by now");
    }
    if (tm_answer_faults(turn, &why))
        return false;
    if (from.v != 0 && from.v != target.v) {
        unite(turn, d, from, to, p);
    } else {
        directory_proposals_overtaken(turn, d, key, p->id);
        directory_alias(turn, d, p->text, target, TM_STR("manual"));
        if (from.v == 0) {
            directory_rematch_later(turn, d, false); /* pending lines have an advertiser now */
        }
    }
    TM_SET_TOUCHED(p, touched, TM_NAME_PROPOSAL, target_id, target);
    TM_SET_TOUCHED(p, touched, TM_NAME_PROPOSAL, target, to->name);
    return true;
}

/* The same for a market: its spelling is one more, and documents find their campaigns. */
static bool confirm_market(tm_turn_t *turn, directory_t *d, const tm_name_decide_t *decide,
                           const tm_name_proposal_t *p)
{
    tm_why_t why;
    tm_why_clear(&why);
    const tm_str_t key = tm_fold_key(tm_turn_arena(turn), p->text);
    const int32_t known = (int32_t)(intptr_t)tm_smap_get(&d->market_names, key);
    if (TM_HAS(decide, TM_NAME_DECIDE_target_id)) {
        (void)tm_why_add(&why, TM_EINVALID, "target_id", "is for advertisers");
    } else if (known != 0 && known != p->dma_code) {
        (void)tm_why_add(&why, TM_ECONFLICT, "status",
                         "the spelling belongs to another market by now");
    }
    if (tm_answer_faults(turn, &why))
        return false;
    if (known == 0) {
        tm_market_alias_t alias = {0};
        tm_record_stamp_new(&alias, tm_turn_new_id(turn), tm_turn_now(turn));
        TM_SET(&alias, TM_MARKET_ALIAS, norm, key);
        TM_SET(&alias, TM_MARKET_ALIAS, dma_code, p->dma_code);
        TM_SET(&alias, TM_MARKET_ALIAS, text, p->text);
        (void)tm_record_clamp(&tm_market_alias_desc, &alias);
        tm_turn_put(turn, &tm_market_alias_desc, alias.id, &alias);
        directory_rematch_later(turn, d, false);
    }
    return true;
}

static bool confirm_any(tm_turn_t *turn, directory_t *d, const tm_name_decide_t *decide,
                        tm_name_proposal_t *p, tm_has_t *touched)
{
    if (p->kind.v == TM_NAME_KIND_market)
        return confirm_market(turn, d, decide, p);
    const bool other = TM_HAS(decide, TM_NAME_DECIDE_target_id);
    return confirm(turn, d, other ? decide->target_id : p->target_id, p, touched);
}

void directory_name_decide(tm_turn_t *turn, directory_t *d, const tm_name_decide_t *decide)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_name_proposal_t *p = tm_tables_read(&d->tables, &tm_name_proposal_desc, decide->proposal_id,
                                           tm_turn_arena(turn));
    if (p == NULL) {
        tm_turn_fail(turn, TM_ENOTFOUND, NULL);
        return;
    }
    if (!is_open(p)) {
        (void)tm_why_add(&why, TM_ECONFLICT, "status", "has been decided");
        (void)tm_answer_faults(turn, &why);
        return;
    }
    tm_has_t touched = {{0}};
    if (decide->status.v == TM_PROPOSAL_STATUS_confirmed &&
        !confirm_any(turn, d, decide, p, &touched))
        return;
    TM_SET_TOUCHED(p, &touched, TM_NAME_PROPOSAL, status, decide->status);
    TM_SET_TOUCHED(p, &touched, TM_NAME_PROPOSAL, decided_by, d->principal);
    TM_SET_TOUCHED(p, &touched, TM_NAME_PROPOSAL, decided_ms, tm_turn_now(turn));
    (void)tm_record_clamp(&tm_name_proposal_desc, p);
    tm_record_stamp_patch(p, &touched, p->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_name_proposal_desc, p->id, p, &touched);
    tm_answer_record(turn, 200, &tm_name_proposal_desc, p, NULL);
}
