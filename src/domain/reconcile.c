/* reconcile.c - see reconcile.h.
 *
 * Threads: pure. */
#include "domain/reconcile.h"

#include "base/buf.h"
#include "base/fold.h"
#include "base/map.h"
#include "base/time.h"
#include "domain/order.h"

#include <stdlib.h>

#define ALTERNATE_DIGITS_MIN 5
#define TEXT_BYTES_MAX 400

typedef struct node {
    const tm_buy_line_t *line;
    tm_str_t payer, place, number, alternate;
    const struct node *match;
    bool taken;
} node_t;

/* Nodes under one key, the latest first. */
typedef struct entry {
    node_t *node;
    struct entry *next;
} entry_t;

typedef struct reconcile {
    tm_arena_t *arena;
    node_t *ours, *theirs;
    uint32_t n, m;
    tm_smap_t ids;                                 /* folded advertiser of ours -> its payer key */
    tm_smap_t by_id, by_number, by_same, by_place; /* of ours -> entry_t */
    tm_smap_t payers, places, markets, orders;     /* what the list names; orders that a row met */
    tm_day_t first, last;                          /* of the list; first > last: no day */
    bool full;
} reconcile_t;

static void put(reconcile_t *q, tm_smap_t *map, tm_str_t key, node_t *node)
{
    entry_t *e = key.n == 0 ? NULL : tm_arena_alloc(q->arena, sizeof *e);
    if (e == NULL) {
        q->full |= key.n > 0;
        return;
    }
    *e = (entry_t){node, tm_smap_get(map, key)};
    (void)tm_smap_put(map, key, e);
}

static tm_str_t joined(reconcile_t *q, tm_str_t a, tm_str_t b)
{
    const tm_str_t key = tm_arena_printf(q->arena, "%.*s|%.*s", (int)a.n, a.p == NULL ? "" : a.p,
                                         (int)b.n, b.p == NULL ? "" : b.p);
    q->full |= key.p == NULL;
    return key;
}

/* ---- what a line is found by ---- */

static tm_str_t folded_name(reconcile_t *q, tm_str_t name)
{
    const tm_str_t key = tm_fold_key(q->arena, name);
    q->full |= key.p == NULL;
    return key;
}

static tm_str_t payer_of(reconcile_t *q, const tm_buy_line_t *line)
{
    if (TM_HAS(line, TM_BUY_LINE_advertiser_id)) {
        const tm_str_t key =
            tm_arena_printf(q->arena, "#%llu", (unsigned long long)line->advertiser_id.v);
        q->full |= key.p == NULL;
        return key;
    }
    if (!TM_HAS(line, TM_BUY_LINE_advertiser))
        return (tm_str_t){NULL, 0};
    const tm_str_t name = folded_name(q, line->advertiser);
    const node_t *known = name.n == 0 ? NULL : tm_smap_get(&q->ids, name);
    return known == NULL ? name : known->payer;
}

static uint32_t digits_in(tm_str_t s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        n += s.p[i] >= '0' && s.p[i] <= '9';
    }
    return n;
}

static tm_str_t market_key(reconcile_t *q, const tm_buy_line_t *line)
{
    if (!TM_HAS(line, TM_BUY_LINE_market))
        return (tm_str_t){NULL, 0};
    const tm_str_t key = tm_arena_printf(q->arena, "market %d", line->market);
    q->full |= key.p == NULL;
    return key;
}

static node_t node_of(reconcile_t *q, const tm_buy_line_t *line)
{
    node_t node = {.line = line, .payer = payer_of(q, line)};
    if (!TM_HAS(line, TM_BUY_LINE_station)) {
        node.place = market_key(q, line);
        return node;
    }
    node.place = tm_station_norm(line->station, q->arena);
    tm_str_t number = {NULL, 0}, suffix = {NULL, 0};
    if (TM_HAS(line, TM_BUY_LINE_order_no_norm)) {
        number = line->order_no_norm;
    } else if (TM_HAS(line, TM_BUY_LINE_order_no)) {
        number = tm_order_norm(line->order_no, q->arena, NULL);
    }
    if (number.n > 0) {
        node.number = joined(q, node.place, number);
    }
    if (TM_HAS(line, TM_BUY_LINE_alt_order_no)) {
        const tm_str_t other = tm_order_norm(line->alt_order_no, q->arena, &suffix);
        if (digits_in(other) >= ALTERNATE_DIGITS_MIN) {
            node.alternate = joined(q, node.place, other);
        }
    }
    return node;
}

static bool has_flight(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_flight_from) && TM_HAS(line, TM_BUY_LINE_flight_to);
}

static bool is_cancelled(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == TM_STAGE_cancelled;
}

/* Gross that counts; false: nobody knows it. */
static bool gross_of(const tm_buy_line_t *line, int64_t *ret)
{
    *ret = is_cancelled(line) ? 0 : line->gross_cents.v;
    return is_cancelled(line) || TM_HAS(line, TM_BUY_LINE_gross_cents);
}

/* Days and dollars as text: two lines with equal ones agree. */
static tm_str_t same_key(reconcile_t *q, const node_t *node)
{
    int64_t gross = 0;
    if (!gross_of(node->line, &gross) || !has_flight(node->line))
        return (tm_str_t){NULL, 0};
    const tm_str_t key =
        tm_arena_printf(q->arena, "%.*s|%.*s|%d|%d|%lld", (int)node->payer.n, node->payer.p,
                        (int)node->place.n, node->place.p == NULL ? "" : node->place.p,
                        node->line->flight_from.v, node->line->flight_to.v, (long long)gross);
    q->full |= key.p == NULL;
    return key;
}

/* ---- closest ---- */

static bool same_medium(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    return !TM_HAS(a, TM_BUY_LINE_medium) || !TM_HAS(b, TM_BUY_LINE_medium) ||
           a->medium.v == b->medium.v;
}

static bool common_day(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    return has_flight(a) && has_flight(b) && a->flight_from.v <= b->flight_to.v &&
           b->flight_from.v <= a->flight_to.v;
}

static bool amounts_agree(const tm_buy_line_t *ours, const tm_buy_line_t *theirs)
{
    int64_t a = 0, b = 0;
    if (!gross_of(ours, &a) || !gross_of(theirs, &b))
        return false;
    if (a == b)
        return true;
    if (is_cancelled(ours) || is_cancelled(theirs) || !TM_HAS(ours, TM_BUY_LINE_net_cents) ||
        !TM_HAS(theirs, TM_BUY_LINE_amount_basis))
        return false;
    if (theirs->amount_basis.v == TM_AMOUNT_BASIS_net)
        return theirs->net_cents.v == ours->net_cents.v;
    return theirs->amount_basis.v == TM_AMOUNT_BASIS_unknown && b == ours->net_cents.v;
}

static uint64_t distance(const tm_buy_line_t *ours, const tm_buy_line_t *theirs)
{
    int64_t a = 0, b = 0;
    if (!gross_of(ours, &a) || !gross_of(theirs, &b))
        return UINT64_MAX;
    if (amounts_agree(ours, theirs))
        return 0;
    return a > b ? (uint64_t)(a - b) : (uint64_t)(b - a);
}

/* The free line of a list that is closest: by dollars, then with the same flight, then the older
 * one. days: only lines with a day in common. */
static node_t *closest(const entry_t *list, const tm_buy_line_t *theirs, bool days)
{
    node_t *best = NULL;
    uint64_t best_off = 0;
    bool best_flight = false;
    for (; list != NULL; list = list->next) {
        const tm_buy_line_t *ours = list->node->line;
        if (list->node->taken || !same_medium(ours, theirs) ||
            (days && !common_day(ours, theirs))) {
            continue;
        }
        const uint64_t off = distance(ours, theirs);
        const bool flight = has_flight(ours) && has_flight(theirs) &&
                            ours->flight_from.v == theirs->flight_from.v &&
                            ours->flight_to.v == theirs->flight_to.v;
        const bool better =
            best == NULL || off < best_off || (off == best_off && flight && !best_flight) ||
            (off == best_off && flight == best_flight && ours->id.v < best->line->id.v);
        if (better) {
            best = list->node;
            best_off = off;
            best_flight = flight;
        }
    }
    return best;
}

static void meet(reconcile_t *q, node_t *theirs, node_t *ours)
{
    if (ours == NULL)
        return;
    assert(!ours->taken && theirs->match == NULL);
    ours->taken = true;
    ours->match = theirs;
    theirs->match = ours;
    if (ours->number.n > 0) {
        (void)tm_smap_put(&q->orders, ours->number, ours);
    }
}

static tm_str_t external_key(reconcile_t *q, const tm_buy_line_t *line)
{
    if (!TM_HAS(line, TM_BUY_LINE_external_id) || !TM_HAS(line, TM_BUY_LINE_source))
        return (tm_str_t){NULL, 0};
    return joined(q, line->source, line->external_id);
}

/* A key without text is in no map. */
static const entry_t *found(const tm_smap_t *map, tm_str_t key)
{
    return key.n == 0 ? NULL : tm_smap_get(map, key);
}

/* Four rounds, the surest first, so that a sure pair is never broken by a likely one. */
static void meet_all(reconcile_t *q)
{
    for (int round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < q->m && !q->full; i++) {
            node_t *t = &q->theirs[i];
            if (t->match != NULL) {
                continue;
            }
            if (round == 0) {
                meet(q, t, closest(found(&q->by_id, external_key(q, t->line)), t->line, false));
            } else if (round == 1) {
                const entry_t *list = found(&q->by_number, t->number);
                list = list != NULL ? list : found(&q->by_number, t->alternate);
                meet(q, t, closest(list, t->line, false));
            } else if (t->payer.n == 0 || t->place.n == 0) {
                continue;
            } else if (round == 2) {
                meet(q, t, closest(found(&q->by_same, same_key(q, t)), t->line, true));
            } else {
                const tm_str_t key = joined(q, t->payer, t->place);
                meet(q, t, closest(found(&q->by_place, key), t->line, true));
            }
        }
    }
}

/* ---- words ---- */

static void add_money(tm_buf_t *out, int64_t cents)
{
    char digits[32];
    const int64_t size = cents < 0 ? -cents : cents;
    tm_buf_t whole;
    tm_buf_init(&whole, sizeof digits);
    tm_buf_add_i64(&whole, size / 100);
    tm_buf_add_c(out, cents < 0 ? "-$" : "$");
    for (size_t i = 0; i < whole.n; i++) {
        if (i > 0 && (whole.n - i) % 3 == 0) {
            tm_buf_add_char(out, ',');
        }
        tm_buf_add_char(out, whole.p[i]);
    }
    tm_buf_printf(out, ".%02d", (int)(size % 100));
    tm_buf_done(&whole);
}

static void add_days(tm_buf_t *out, const tm_buy_line_t *line)
{
    char from[TM_DAY_TEXT], to[TM_DAY_TEXT];
    if (!has_flight(line)) {
        tm_buf_add_c(out, "no days");
        return;
    }
    tm_day_format(line->flight_from, from);
    tm_day_format(line->flight_to, to);
    tm_buf_printf(out, "%s to %s", from, to);
}

static void add_amount(tm_buf_t *out, const tm_buy_line_t *line)
{
    int64_t gross = 0;
    if (!gross_of(line, &gross)) {
        tm_buf_add_c(out, "no amount");
    } else {
        add_money(out, gross);
    }
}

/* What differs between a row and our line; n 0: nothing. */
static void differences(const tm_buy_line_t *ours, const tm_buy_line_t *theirs, tm_buf_t *out)
{
    int64_t a = 0, b = 0;
    if (!amounts_agree(ours, theirs)) {
        tm_buf_add_c(out, "gross ");
        add_amount(out, ours);
        tm_buf_add_c(out, is_cancelled(ours) ? " here (cancelled), " : " here, ");
        add_amount(out, theirs);
        tm_buf_add_c(out, " there");
        if (gross_of(ours, &a) && gross_of(theirs, &b)) {
            tm_buf_add_c(out, " (");
            add_money(out, b > a ? b - a : a - b);
            tm_buf_add_c(out, b > a ? " more there)" : " less there)");
        }
    }
    const bool flight = has_flight(ours) && has_flight(theirs) &&
                        ours->flight_from.v == theirs->flight_from.v &&
                        ours->flight_to.v == theirs->flight_to.v;
    if (!flight) {
        tm_buf_add_c(out, out->n > 0 ? "; flight " : "flight ");
        add_days(out, ours);
        tm_buf_add_c(out, " here, ");
        add_days(out, theirs);
        tm_buf_add_c(out, " there");
    }
}

/* ---- rows of the result ---- */

static void fill_row(tm_reconciled_row_t *row, const tm_buy_line_t *shown,
                     const tm_buy_line_t *ours, const tm_buy_line_t *theirs)
{
    int64_t cents = 0;
    if (theirs != NULL && TM_HAS(theirs, TM_BUY_LINE_row)) {
        TM_SET(row, TM_RECONCILED_ROW, row, theirs->row);
    }
    if (ours != NULL) {
        TM_SET(row, TM_RECONCILED_ROW, buy_line_id, ours->id);
    }
    if (TM_HAS(shown, TM_BUY_LINE_advertiser)) {
        TM_SET(row, TM_RECONCILED_ROW, advertiser, shown->advertiser);
    }
    if (TM_HAS(shown, TM_BUY_LINE_station)) {
        TM_SET(row, TM_RECONCILED_ROW, station, shown->station);
    }
    if (TM_HAS(shown, TM_BUY_LINE_market)) {
        TM_SET(row, TM_RECONCILED_ROW, market, shown->market);
    }
    if (TM_HAS(shown, TM_BUY_LINE_medium)) {
        TM_SET(row, TM_RECONCILED_ROW, medium, shown->medium);
    }
    if (has_flight(shown)) {
        TM_SET(row, TM_RECONCILED_ROW, from, shown->flight_from);
        TM_SET(row, TM_RECONCILED_ROW, to, shown->flight_to);
    }
    if (ours != NULL && gross_of(ours, &cents)) {
        TM_SET(row, TM_RECONCILED_ROW, ours_cents, (tm_cents_t){cents});
    }
    if (theirs != NULL && gross_of(theirs, &cents)) {
        TM_SET(row, TM_RECONCILED_ROW, theirs_cents, (tm_cents_t){cents});
    }
}

static void add_row(reconcile_t *q, tm_reconcile_result_t *ret, const tm_buy_line_t *ours,
                    const tm_buy_line_t *theirs)
{
    tm_reconciled_row_t *row = &ret->rows[ret->n++];
    *row = (tm_reconciled_row_t){0};
    tm_buf_t text;
    tm_buf_init(&text, TEXT_BYTES_MAX);
    int result = TM_RECONCILED_equal;
    if (ours == NULL) {
        result = TM_RECONCILED_missing_here;
        tm_buf_add_c(&text, "only in their list");
    } else if (theirs == NULL) {
        result = TM_RECONCILED_missing_there;
        tm_buf_add_c(&text, "not in their list");
    } else {
        differences(ours, theirs, &text);
        result = text.n > 0 ? TM_RECONCILED_differs : TM_RECONCILED_equal;
    }
    fill_row(row, ours != NULL ? ours : theirs, ours, theirs);
    TM_SET(row, TM_RECONCILED_ROW, result, (tm_enum_t){(uint8_t)result});
    if (text.n > 0) {
        TM_SET(row, TM_RECONCILED_ROW, text, tm_arena_str(q->arena, tm_buf_str(&text)));
        q->full |= row->text.p == NULL;
    }
    ret->counts[result]++;
    tm_buf_done(&text);
}

/* ---- scope ---- */

static void note_scope(reconcile_t *q, node_t *t)
{
    const tm_str_t market = market_key(q, t->line);
    if (t->payer.n > 0) {
        (void)tm_smap_put(&q->payers, t->payer, t);
    }
    if (t->place.n > 0) {
        (void)tm_smap_put(&q->places, t->place, t);
    }
    if (market.n > 0) {
        (void)tm_smap_put(&q->markets, market, t);
    }
    if (has_flight(t->line)) {
        q->first.v = TM_MIN(q->first.v, t->line->flight_from.v);
        q->last.v = TM_MAX(q->last.v, t->line->flight_to.v);
    }
}

static bool is_in_scope(reconcile_t *q, const node_t *node)
{
    const tm_buy_line_t *line = node->line;
    const bool soft = (TM_HAS(line, TM_BUY_LINE_estimate) && line->estimate) ||
                      (TM_HAS(line, TM_BUY_LINE_stage) &&
                       (line->stage.v == TM_STAGE_proposed || line->stage.v == TM_STAGE_cancelled));
    if (soft || !has_flight(line) || line->flight_from.v > q->last.v ||
        line->flight_to.v < q->first.v)
        return false;
    if (node->number.n > 0 && tm_smap_get(&q->orders, node->number) != NULL)
        return false; /* another paper of an order that a row met */
    const tm_str_t market = market_key(q, line);
    return (market.n > 0 && tm_smap_get(&q->markets, market) != NULL) ||
           (node->place.n > 0 && tm_smap_get(&q->places, node->place) != NULL) ||
           (node->payer.n > 0 && tm_smap_get(&q->payers, node->payer) != NULL);
}

/* ---- all together ---- */

static int rank_of(const tm_reconciled_row_t *row)
{
    static const int ranks[TM_RECONCILED_WORDS_N] = {[TM_RECONCILED_missing_here] = 0,
                                                     [TM_RECONCILED_missing_there] = 1,
                                                     [TM_RECONCILED_differs] = 2,
                                                     [TM_RECONCILED_equal] = 3};
    return ranks[row->result.v];
}

static int row_order(const void *a, const void *b)
{
    const tm_reconciled_row_t *x = a, *y = b;
    if (rank_of(x) != rank_of(y))
        return rank_of(x) - rank_of(y);
    const int64_t p = llabs(x->ours_cents.v - x->theirs_cents.v);
    const int64_t q = llabs(y->ours_cents.v - y->theirs_cents.v);
    if (p != q)
        return p > q ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return (x->buy_line_id.v > y->buy_line_id.v) - (x->buy_line_id.v < y->buy_line_id.v);
}

static void index_ours(reconcile_t *q, const tm_buy_line_t *const *ours)
{
    for (uint32_t i = 0; i < q->n && !q->full; i++) {
        node_t *node = &q->ours[i];
        *node = node_of(q, ours[i]);
        const tm_str_t names[] = {ours[i]->advertiser, ours[i]->advertiser_text};
        for (size_t k = 0; k < TM_COUNT(names); k++) {
            const tm_str_t name = names[k].n == 0 ? names[k] : folded_name(q, names[k]);
            if (name.n > 0) {
                (void)tm_smap_put(&q->ids, name, node);
            }
        }
        put(q, &q->by_id, external_key(q, ours[i]), node);
        put(q, &q->by_number, node->number, node);
        if (!tm_str_eq(node->number, node->alternate)) {
            put(q, &q->by_number, node->alternate, node);
        }
        if (node->payer.n > 0 && node->place.n > 0) {
            put(q, &q->by_same, same_key(q, node), node);
            put(q, &q->by_place, joined(q, node->payer, node->place), node);
        }
    }
}

static void maps_done(reconcile_t *q)
{
    tm_smap_t *maps[] = {&q->ids,    &q->by_id,  &q->by_number, &q->by_same, &q->by_place,
                         &q->payers, &q->places, &q->markets,   &q->orders};
    for (size_t i = 0; i < TM_COUNT(maps); i++) {
        tm_smap_done(maps[i]);
    }
}

tm_err_t tm_reconcile_lists(const tm_buy_line_t *const *ours, uint32_t n,
                            const tm_buy_line_t *const *theirs, uint32_t m, tm_arena_t *arena,
                            tm_reconcile_result_t *ret)
{
    assert((ours != NULL || n == 0) && (theirs != NULL || m == 0));
    reconcile_t q = {.arena = arena, .n = n, .m = m, .first = {INT32_MAX}, .last = {INT32_MIN}};
    *ret = (tm_reconcile_result_t){0};
    q.ours = tm_arena_zalloc(arena, (n + 1) * sizeof *q.ours);
    q.theirs = tm_arena_zalloc(arena, (m + 1) * sizeof *q.theirs);
    ret->rows = tm_arena_alloc(arena, ((size_t)n + m + 1) * sizeof *ret->rows);
    q.full = q.ours == NULL || q.theirs == NULL || ret->rows == NULL;
    if (!q.full) {
        index_ours(&q, ours);
    }
    for (uint32_t i = 0; i < m && !q.full; i++) {
        q.theirs[i] = node_of(&q, theirs[i]);
        note_scope(&q, &q.theirs[i]);
    }
    meet_all(&q);
    for (uint32_t i = 0; i < m && !q.full; i++) {
        const node_t *match = q.theirs[i].match;
        add_row(&q, ret, match == NULL ? NULL : match->line, q.theirs[i].line);
    }
    for (uint32_t i = 0; i < n && !q.full; i++) {
        if (!q.ours[i].taken && is_in_scope(&q, &q.ours[i])) {
            add_row(&q, ret, q.ours[i].line, NULL);
        }
    }
    maps_done(&q);
    if (q.full)
        return TM_ENOMEM;
    qsort(ret->rows, ret->n, sizeof *ret->rows, row_order);
    return TM_OK;
}
