/* campaign_chain.c - which lines are papers of one order, and what follows for the matrix.
 *
 * How:     a line is found by its number, and by its alternate. It joins the chain of its number,
 *          those of whoever names that number as alternate, and that of its alternate's number.
 *          Reports of one payment (layer disbursement) are found by payer and number alone.
 *          Chains that turn out to be one are joined (union by pointer); they never part again, but
 *          a line alone in a chain costs nothing.
 * Threads: the actor's turn.
 * Source:  domain rules 4.4.2, 4.6. */
#include "actors/campaign_chain.h"

#include "actors/campaign_blocks.h"
#include "actors/campaign_events.h"
#include "actors/campaign_links.h"
#include "domain/order.h"
#include "schema/record.h"

#define SETTLE_ARENA_MAX (512u << 20)
#define ALTERNATE_DIGITS_MIN 5
#define LINES_FIRST 4u

/* Papers of stations, and what people enter of them, share their numbers; the numbers of each other
 * source are its own: a row of a vendor is no version of an order. Payments are reported to the
 * election commission, whose two sources share their numbers likewise. */
static tm_str_t class_of(const tm_buy_line_t *line)
{
    static const char *const stations[] = {"fcc", "manual", "upload", "deal"};
    static const char *const commission[] = {"fec", "openfec", "manual", "upload"};
    _Static_assert(TM_COUNT(stations) == TM_COUNT(commission), "one loop for both");
    const char *const *shared = tm_line_is_airtime(line) ? stations : commission;
    const tm_str_t source = TM_HAS(line, TM_BUY_LINE_source) ? line->source : (tm_str_t){NULL, 0};
    for (size_t i = 0; i < TM_COUNT(stations); i++) {
        if (source.n == 0 || tm_str_eq(source, tm_str(shared[i])))
            return TM_STR("");
    }
    return source;
}

/* The parts with a | between them. */
static tm_str_t key_join(tm_arena_t *arena, const tm_str_t *parts, uint32_t n)
{
    size_t bytes = n;
    for (uint32_t i = 0; i < n; i++) {
        bytes += parts[i].n;
    }
    char *text = tm_arena_alloc(arena, bytes), *p = text;
    assert(text != NULL);
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) {
            *p++ = '|';
        }
        if (parts[i].n > 0) {
            memcpy(p, parts[i].p, parts[i].n);
            p += parts[i].n;
        }
    }
    return tm_str_n(text, (size_t)(p - text));
}

#define DIGITS_MAX 24
static tm_str_t id_digits(tm_id_t id, char ret_text[DIGITS_MAX])
{
    const char *begin = tm_digits_before(ret_text + DIGITS_MAX, id.v);
    return tm_str_n(begin, (size_t)(ret_text + DIGITS_MAX - begin));
}

static tm_str_t key_of(tm_arena_t *arena, const tm_buy_line_t *line, tm_str_t number)
{
    const tm_str_t parts[] = {line->station, number, class_of(line)};
    return key_join(arena, parts, TM_COUNT(parts));
}

static uint32_t digits_in(tm_str_t s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        n += s.p[i] >= '0' && s.p[i] <= '9';
    }
    return n;
}

/* A key that only papers of the same advertiser share; n 0: it is unknown. */
static tm_str_t own_key_of(tm_arena_t *arena, const tm_buy_line_t *line, tm_str_t number)
{
    if (line->advertiser_id.v == 0)
        return (tm_str_t){NULL, 0};
    char digits[DIGITS_MAX];
    const tm_str_t parts[] = {line->station, number, class_of(line),
                              id_digits(line->advertiser_id, digits)};
    return key_join(arena, parts, TM_COUNT(parts));
}

/* One transaction is its committee and its number: a notice may name another place than the report,
 * or none. It begins as no key of an order does, for those begin with a station. n 0: it has no
 * number. */
static tm_str_t payment_key(const tm_buy_line_t *line, tm_arena_t *arena)
{
    if (!TM_HAS(line, TM_BUY_LINE_order_no_norm) || line->order_no_norm.n == 0 ||
        line->advertiser_id.v == 0)
        return (tm_str_t){NULL, 0};
    char digits[DIGITS_MAX];
    const tm_str_t parts[] = {
        {"", 0}, id_digits(line->advertiser_id, digits), line->order_no_norm, class_of(line)};
    return key_join(arena, parts, TM_COUNT(parts));
}

chain_keys_t campaign_chain_keys(const tm_buy_line_t *line, tm_arena_t *arena)
{
    chain_keys_t keys = {.owner = {{0}, line->advertiser_id}};
    if (!tm_line_is_airtime(line)) {
        keys.number[0] = payment_key(line, arena);
        return keys;
    }
    if (!TM_HAS(line, TM_BUY_LINE_station))
        return keys;
    if (TM_HAS(line, TM_BUY_LINE_order_no_norm) && line->order_no_norm.n > 0) {
        keys.number[0] = key_of(arena, line, line->order_no_norm);
        keys.number[1] = own_key_of(arena, line, line->order_no_norm);
    }
    if (TM_HAS(line, TM_BUY_LINE_alt_order_no)) {
        tm_str_t suffix = {NULL, 0};
        const tm_str_t alt = tm_order_norm(line->alt_order_no, arena, &suffix);
        if (digits_in(alt) >= ALTERNATE_DIGITS_MIN) {
            keys.alternate[0] = key_of(arena, line, alt);
        }
    }
    if (TM_HAS(line, TM_BUY_LINE_title_no)) {
        keys.alternate[1] = own_key_of(arena, line, line->title_no);
    }
    return keys;
}

chain_t *campaign_chain_of(const campaign_t *c, uint32_t line)
{
    return campaign_chain_root(tm_pages_get(&c->chain_of, line));
}

chain_t *campaign_chain_root(chain_t *chain)
{
    while (chain != NULL && chain->into != NULL) {
        chain = chain->into;
    }
    return chain;
}

static chain_t *chain_new(campaign_t *c)
{
    chain_t *chain = TM_NEW(chain_t);
    chain->next_all = c->all;
    c->all = chain;
    return chain;
}

static void chain_push(chain_t *chain, uint32_t line)
{
    if (chain->n == 0 && chain->lines == NULL) {
        chain->only = line;
        chain->n = 1;
        return;
    }
    chain->is_listed = false;
    if (chain->lines == NULL) {
        const uint32_t only = chain->only;
        chain->cap = LINES_FIRST;
        chain->lines = tm_alloc(chain->cap * sizeof *chain->lines);
        chain->lines[0] = only;
    } else if (chain->n == chain->cap) {
        chain->cap *= 2;
        chain->lines = tm_realloc(chain->lines, chain->cap * sizeof *chain->lines);
    }
    chain->lines[chain->n++] = line;
}

static chain_t *chain_join(campaign_t *c, chain_t *a, chain_t *b)
{
    if (a == NULL || a == b)
        return b;
    chain_t *big = a->n >= b->n ? a : b;
    chain_t *small = big == a ? b : a;
    campaign_block_put(c, small, NULL);
    for (uint32_t i = 0; i < small->n; i++) {
        chain_push(big, chain_lines(small)[i]);
    }
    tm_free(small->lines);
    small->lines = NULL;
    small->n = small->only = 0;
    small->into = big;
    return big;
}

void campaign_chain_mark(campaign_t *c, chain_t *chain)
{
    if (!chain->dirty) {
        chain->dirty = true;
        chain->next_dirty = c->dirty;
        c->dirty = chain;
    }
}

/* Two orders of one alternate stay two until a paper with that number comes. */
static void note_alternate(campaign_t *c, tm_str_t alternate, chain_t *chain)
{
    chain_list_t *list = tm_smap_get(&c->alternates, alternate);
    if (list == NULL) {
        list = TM_NEW(chain_list_t);
        (void)tm_smap_put(&c->alternates, alternate, list);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        if (campaign_chain_root(list->v[i]) == chain)
            return;
    }
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 1 : list->cap * 2;
        list->v = tm_realloc(list->v, list->cap * sizeof *list->v);
    }
    list->v[list->n++] = chain;
}

static bool is_owned_by(const number_t *number, uint64_t advertiser)
{
    bool is = number->owner == advertiser;
    for (uint32_t i = 0; i < number->n_others && !is; i++) {
        is = number->others[i] == advertiser;
    }
    return is;
}

/* One that does not lie in its chain. */
typedef struct far_number {
    number_t number; /* first */
    chain_t *chain;
} far_number_t;

/* A number stays with the chain it lies in; what that chain went into has it too. */
static chain_t *chain_of_number(const number_t *number)
{
    uintptr_t at = (uintptr_t)number;
    return campaign_chain_root(number->lies_in_chain ? (chain_t *)(at - offsetof(chain_t, number))
                                                     : ((far_number_t *)at)->chain);
}

static number_t *number_new(chain_t *chain)
{
    if (!chain->number.is_used) {
        chain->number.is_used = chain->number.lies_in_chain = true;
        return &chain->number;
    }
    far_number_t *far = TM_NEW(far_number_t);
    far->number.is_used = true;
    far->chain = chain;
    return &far->number;
}

/* Keys with an advertiser (own_key_of) are not kept: they are the key without him, and who bears
 * that number. */
chain_t *campaign_chain_numbered(const campaign_t *c, tm_str_t key, tm_id_t owner)
{
    if (key.n == 0)
        return NULL;
    if (owner.v != 0) {
        const char *bar = memrchr(key.p, '|', key.n);
        assert(bar != NULL);
        key.n = (uint32_t)(bar - key.p);
    }
    const number_t *number = tm_smap_get(&c->numbers, key);
    return number == NULL || (owner.v != 0 && !is_owned_by(number, owner.v))
               ? NULL
               : chain_of_number(number);
}

static void note_number(campaign_t *c, const chain_keys_t *keys, const tm_buy_line_t *line,
                        chain_t *chain)
{
    number_t *number = tm_smap_get(&c->numbers, keys->number[0]);
    if (number == NULL) {
        number = number_new(chain);
        (void)tm_smap_put(&c->numbers, keys->number[0], number);
    }
    assert(chain_of_number(number) == chain);
    if (keys->number[1].n == 0 || is_owned_by(number, line->advertiser_id.v))
        return;
    if (number->owner == 0) {
        number->owner = line->advertiser_id.v;
        return;
    }
    number->others = tm_realloc(number->others, (number->n_others + 1) * sizeof *number->others);
    number->others[number->n_others++] = line->advertiser_id.v;
}

static chain_t *join_relatives(campaign_t *c, const chain_keys_t *keys, int k, chain_t *chain)
{
    const tm_str_t number = keys->number[k];
    /* The own key's chain is that of the number. */
    chain_t *other = k == 1 ? NULL : campaign_chain_numbered(c, number, keys->owner[k]);
    chain = other == NULL ? chain : chain_join(c, chain, other);
    const chain_list_t *list = number.n == 0 ? NULL : tm_smap_get(&c->alternates, number);
    for (uint32_t i = 0; list != NULL && i < list->n; i++) {
        chain = chain_join(c, chain, campaign_chain_root(list->v[i]));
    }
    other = campaign_chain_numbered(c, keys->alternate[k], keys->owner[k]);
    return other == NULL ? chain : chain_join(c, chain, other);
}

static tm_arena_t *arena_of(tm_arena_t **arena)
{
    if (*arena == NULL) {
        *arena = tm_arena_new(SETTLE_ARENA_MAX);
    }
    return *arena;
}

const tm_buy_line_t *campaign_take_fresh(campaign_t *c, const tm_row_t *row,
                                         const tm_buy_line_t *record)
{
    const uint32_t line = tm_id_counter(row->id);
    uint32_t i = 0;
    while (i < c->n_fresh && c->fresh[i].line != line) {
        i++;
    }
    const tm_buy_line_t *now = record != NULL ? record : tm_row_read(row, arena_of(&c->read));
    assert(now != NULL);
    if (i < FRESH_MAX) {
        c->fresh[i] = (fresh_t){line, now};
        c->n_fresh = TM_MAX(c->n_fresh, i + 1);
    }
    return now;
}

static void forget_fresh(campaign_t *c)
{
    c->n_fresh = 0;
    if (c->read != NULL) {
        tm_arena_reset(c->read);
    }
}

/* The line as it stands, from the commit being settled or from its row. */
static const tm_buy_line_t *line_now(const campaign_t *c, uint32_t line, tm_arena_t *arena)
{
    for (uint32_t i = 0; i < c->n_fresh; i++) {
        if (c->fresh[i].line == line)
            return c->fresh[i].record;
    }
    return tm_tables_read(&c->tables, &tm_buy_line_desc, tm_id_make(c->actor, line), arena);
}

void campaign_chain_add(campaign_t *c, const tm_buy_line_t *line)
{
    tm_arena_t *arena = arena_of(&c->work);
    const chain_keys_t keys = campaign_chain_keys(line, arena);
    chain_t *chain = campaign_chain_root(tm_pages_get(&c->chain_of, tm_id_counter(line->id)));
    const bool is_new = chain == NULL;
    for (int k = 0; k < CHAIN_KEYS; k++) {
        chain = join_relatives(c, &keys, k, chain);
    }
    if (chain == NULL) {
        chain = chain_new(c);
    }
    if (is_new) {
        chain_push(chain, tm_id_counter(line->id));
    }
    tm_pages_put(&c->chain_of, tm_id_counter(line->id), chain);
    if (keys.number[0].n > 0) {
        note_number(c, &keys, line, chain);
    }
    for (int k = 0; k < CHAIN_KEYS; k++) {
        if (keys.alternate[k].n > 0) {
            note_alternate(c, keys.alternate[k], chain);
        }
    }
    campaign_chain_mark(c, chain);
    tm_arena_reset(arena);
}

void campaign_chain_foresee(campaign_t *c, const tm_buy_line_t *line)
{
    tm_arena_t *arena = arena_of(&c->work);
    const bool numbered =
        TM_HAS(line, TM_BUY_LINE_station) && TM_HAS(line, TM_BUY_LINE_order_no_norm);
    if (numbered && tm_line_is_airtime(line)) {
        tm_smap_prefetch(&c->numbers, key_of(arena, line, line->order_no_norm));
    }
    tm_arena_reset(arena);
}

static void numbers_free(campaign_t *c)
{
    uint32_t pos = 0;
    tm_str_t key;
    void *value;
    while (tm_smap_next(&c->numbers, &pos, &key, &value)) {
        number_t *number = value;
        tm_free(number->others);
        if (!number->lies_in_chain) {
            tm_free(number);
        }
    }
    tm_smap_done(&c->numbers);
}

void campaign_chains_free(campaign_t *c)
{
    numbers_free(c);
    for (chain_t *chain = c->all; chain != NULL;) {
        chain_t *next = chain->next_all;
        tm_free(chain->lines);
        tm_free(chain);
        chain = next;
    }
    c->all = c->dirty = NULL;
    uint32_t pos = 0;
    tm_str_t key;
    void *list;
    while (tm_smap_next(&c->alternates, &pos, &key, &list)) {
        tm_free(((chain_list_t *)list)->v);
        tm_free(list);
    }
    tm_smap_done(&c->alternates);
}

/* ---- what follows from a marked chain ---- */

tm_row_key_t campaign_row_key(const tm_buy_line_t *line)
{
    return (tm_row_key_t){
        .advertiser_id = line->advertiser_id,
        .station_id = line->station_id,
        .market = TM_HAS(line, TM_BUY_LINE_market) ? line->market : 0,
        .medium = TM_HAS(line, TM_BUY_LINE_medium) ? line->medium.v : TM_MEDIUM_other,
        .side = TM_HAS(line, TM_BUY_LINE_side) ? line->side.v : TM_SIDE_neutral,
        .advertiser = line->advertiser,
        .station = TM_HAS(line, TM_BUY_LINE_station) ? line->station : (tm_str_t){NULL, 0},
        .market_rank = TM_HAS(line, TM_BUY_LINE_market_rank) ? line->market_rank : 0,
    };
}

bool campaign_line_is_firm(const tm_buy_line_t *line, const tm_verdict_t *verdict)
{
    const bool estimate = TM_HAS(line, TM_BUY_LINE_estimate) && line->estimate;
    const bool proposed = TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == TM_STAGE_proposed;
    return (verdict != NULL && verdict->zero) || (!estimate && !proposed);
}

uint32_t campaign_speaker(const tm_buy_line_t *const *lines, const tm_verdict_t *verdicts,
                          uint32_t n)
{
    uint32_t best = n;
    for (uint32_t i = 0; i < n; i++) {
        if (!verdicts[i].counts || verdicts[i].alone || !tm_line_is_airtime(lines[i]) ||
            verdicts[i].standing != TM_STANDING_winner)
            continue;
        const bool invoiced =
            TM_HAS(lines[i], TM_BUY_LINE_stage) && lines[i]->stage.v == TM_STAGE_invoiced;
        if (best == n || !invoiced) {
            best = i;
        }
    }
    return best;
}

static uint32_t source_bit(const tm_buy_line_t *line)
{
    const int i =
        TM_HAS(line, TM_BUY_LINE_source) ? tm_words_find(&tm_source_kind_words, line->source) : -1;
    return i < 0 ? 0 : 1u << i;
}

/* A line's shares take the place of those it had. arena: forgotten by the caller after each line,
 * because a long chain of long flights has more shares than lines. */
static void place_line(campaign_t *c, const tm_buy_line_t *line, const tm_verdict_t *verdict,
                       bool disputed, tm_arena_t *arena)
{
    const tm_row_key_t key = campaign_row_key(line);
    tm_share_t *shares = NULL;
    tm_share_t unplaced = {0};
    uint32_t n = 0;
    const bool is_airtime = tm_line_is_airtime(line);
    const bool decided_out = TM_HAS(line, TM_BUY_LINE_decision_id);
    tm_keep_t all = {{INT32_MIN}, {INT32_MAX}};
    const tm_verdict_t paid = {.counts = true, .n_keep = 1, .keep = &all};
    const bool stands =
        verdict != NULL && (is_airtime ? verdict->counts : verdict->standing == TM_STANDING_winner);
    if (stands && !decided_out) {
        const tm_err_t err = tm_line_shares(line, is_airtime ? verdict : &paid,
                                            c->record->week_basis.v, arena, &shares, &n, &unplaced);
        assert(err == TM_OK); /* lines are bounded; the arena is larger */
        (void)err;
    }
    const uint8_t stage = TM_HAS(line, TM_BUY_LINE_stage) ? line->stage.v : TM_STAGE_ordered;
    tm_matrix_set_line(is_airtime ? c->matrix : tm_matrix_paid(c->matrix), line->id, &key, shares,
                       n, unplaced.known ? &unplaced : NULL, campaign_line_is_firm(line, verdict),
                       disputed, stage, source_bit(line));
}

/* What its speaker is listed under for lines that come; nothing for what does not count, nor for
 * what a market's total exceeds its stations by. */
static void list_speaker(campaign_t *c, chain_t *chain, const tm_buy_line_t *line)
{
    const bool combined = line != NULL && TM_HAS(line, TM_BUY_LINE_made_by) &&
                          !(TM_HAS(line, TM_BUY_LINE_estimate) && line->estimate);
    const bool counts = line != NULL && !TM_HAS(line, TM_BUY_LINE_decision_id) &&
                        (combined || !TM_HAS(line, TM_BUY_LINE_made_by));
    campaign_block_put(c, chain, counts ? line : NULL);
    chain->speaker = line == NULL ? 0 : tm_id_counter(line->id);
}

static void settle_chain(campaign_t *c, chain_t *chain, tm_arena_t *arena, tm_arena_t *shares)
{
    const tm_buy_line_t **open = tm_arena_alloc(arena, chain->n * sizeof *open);
    tm_verdict_t *verdicts = tm_arena_zalloc(arena, chain->n * sizeof *verdicts);
    assert(open != NULL && verdicts != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < chain->n; i++) {
        const tm_buy_line_t *line = line_now(c, chain_lines(chain)[i], arena);
        assert(line != NULL);
        if (campaign_line_is_open(line)) {
            open[n++] = line;
        } else {
            place_line(c, line, NULL, false, shares);
        }
    }
    if (n == 0) {
        list_speaker(c, chain, NULL);
        return;
    }
    const tm_err_t err = tm_chain_resolve(open, n, arena, verdicts);
    assert(err == TM_OK); /* decide resolved the same lines before they were taken */
    (void)err;
    const bool disputed = campaign_is_disputed(c, chain_lines(chain), chain->n);
    const uint32_t speaker = campaign_speaker(open, verdicts, n);
    const bool other =
        chain->speaker != 0 && speaker < n && chain->speaker != tm_id_counter(open[speaker]->id);
    week_changes_t weeks = {.arena = arena};
    if (other) {
        campaign_weeks_note(c, chain, false, &weeks);
    }
    for (uint32_t i = 0; i < n; i++) {
        place_line(c, open[i], &verdicts[i], disputed, shares);
        tm_arena_reset(shares);
    }
    if (other) {
        campaign_weeks_note(c, chain, true, &weeks);
        campaign_event(c, open[speaker], &weeks);
    }
    list_speaker(c, chain, speaker == n ? NULL : open[speaker]);
}

static void mark_all(campaign_t *c)
{
    for (chain_t *chain = c->all; chain != NULL; chain = chain->next_all) {
        if (chain->into == NULL && chain->n > 0) {
            campaign_chain_mark(c, chain);
        }
    }
}

static void list_chain(campaign_t *c, chain_t *chain)
{
    if (chain->n < 2 || chain->is_listed)
        return;
    tm_chain_list_t *list = tm_alloc(sizeof *list + chain->n * sizeof *list->lines);
    list->shared = (tm_shared_t){1, tm_free};
    list->n = chain->n;
    memcpy(list->lines, chain->lines, chain->n * sizeof *list->lines);
    for (uint32_t i = 0; i < chain->n; i++) {
        tm_trie_put(&c->lists, chain->lines[i], tm_shared_ref(list));
    }
    tm_shared_unref(list);
    chain->is_listed = true;
}

/* The next marked chain, no longer marked; NULL: there is none. Those that went into another need
 * nothing. */
static chain_t *next_marked(campaign_t *c)
{
    while (c->dirty != NULL) {
        chain_t *chain = c->dirty;
        c->dirty = chain->next_dirty;
        chain->dirty = false;
        chain->settled = 0;
        if (chain->into == NULL && chain->n > 0)
            return chain;
    }
    return NULL;
}

static void settle_one(campaign_t *c, chain_t *chain)
{
    tm_arena_t *arena = arena_of(&c->work);
    list_chain(c, chain);
    settle_chain(c, chain, arena, arena_of(&c->shares));
    tm_arena_reset(arena);
}

void campaign_settle(campaign_t *c)
{
    assert(c->record != NULL);
    if (c->rebuild) {
        tm_matrix_free(c->matrix);
        c->matrix = tm_matrix_new(c->record->week_basis.v);
        mark_all(c);
        c->rebuild = false;
    }
    for (chain_t *chain; (chain = next_marked(c)) != NULL;) {
        settle_one(c, chain);
    }
    forget_fresh(c);
}

void campaign_settle_later(campaign_t *c)
{
    assert(c->record != NULL);
    if (c->rebuild) {
        mark_all(c);
        c->rebuild = false;
    }
    for (chain_t *chain; (chain = next_marked(c)) != NULL;) {
        chain->settled = ++c->n_settled;
    }
    forget_fresh(c);
}

void campaign_settle_all(campaign_t *c)
{
    assert(c->record != NULL && c->matrix == NULL && c->dirty == NULL);
    chain_t **order = tm_zalloc((c->n_settled + 1) * sizeof *order);
    for (chain_t *chain = c->all; chain != NULL; chain = chain->next_all) {
        if (chain->into == NULL) {
            order[chain->settled] = chain; /* 0: has nothing */
        }
        chain->settled = 0;
    }
    c->matrix = tm_matrix_new(c->record->week_basis.v);
    for (uint64_t i = 1; i <= c->n_settled; i++) {
        if (order[i] != NULL) {
            settle_one(c, order[i]);
        }
    }
    tm_free(order);
}
