/* dedupe_combine.c - several lines that are parts of one buy become one line with their sum.
 *
 * Why:     the sum alone would be spread anew; people would see dollars wander between weeks.
 * How:     each part is taken apart as spread.c does it (airings, printed weeks, header, rest) and
 *          written down as printed weeks of the sum, in gross. A run of days with dark days inside
 *          is cut at Mondays and Tuesdays: then every week of either basis is a union of pieces,
 *          each with exactly the cents it had.
 * Threads: pure. */
#include "domain/dedupe.h"
#include "domain/money.h"
#include "domain/week.h"
#include "schema/record.h"
#include "schema/slot.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ENTRIES_MAX 5000 /* of line_weeks */
#define ENTRY_SPOTS_MAX 1000000
#define SPOTS_LEAST 1000000 /* below nothing, as the field's limits say */
#define SPOTS_MOST 10000000
#define GRP_MAX 10000000
#define REST_CENTS_MAX 100 /* as in spread.c: a smaller rest goes to the last entry */

typedef struct entry {
    tm_day_t from, to;
    tm_cents_t gross;
    int32_t spots;
} entry_t;

typedef struct combining {
    const tm_buy_line_t *const *parts;
    uint32_t n;
    tm_arena_t *arena;
    tm_why_t *why;
    tm_err_t err;
    tm_day_t first, last; /* flight of the sum */
    entry_t *entries;     /* grows in the arena */
    uint32_t n_entries, cap;
    bool spots;  /* every part knows its spots by days */
    bool counts; /* every part knows how many there are */
    int64_t spots_sum;
} combining_t;

/* ---- faults ---- */

TM_PRINTF(3, 4) static void fault(combining_t *c, uint32_t part, const char *fmt, ...)
{
    char field[TM_WHY_FIELD_MAX], text[TM_WHY_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    snprintf(field, sizeof field, "buy_line_ids[%u]", part);
    c->err = tm_why_add(c->why, TM_EINVALID, field, "%s", text);
}

static bool same_text(bool in_a, tm_str_t a, bool in_b, tm_str_t b)
{
    return in_a == in_b && (!in_a || tm_str_case_eq(tm_str_trim(a), tm_str_trim(b)));
}

static bool same_payer(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (TM_HAS(a, TM_BUY_LINE_advertiser_id) && TM_HAS(b, TM_BUY_LINE_advertiser_id))
        return a->advertiser_id.v == b->advertiser_id.v;
    return same_text(TM_HAS(a, TM_BUY_LINE_advertiser), a->advertiser,
                     TM_HAS(b, TM_BUY_LINE_advertiser), b->advertiser);
}

static bool same_place(const tm_buy_line_t *a, const tm_buy_line_t *b, tm_arena_t *arena)
{
    if (TM_HAS(a, TM_BUY_LINE_station_id) && TM_HAS(b, TM_BUY_LINE_station_id) &&
        a->station_id.v == b->station_id.v)
        return true;
    const bool in_a = TM_HAS(a, TM_BUY_LINE_station), in_b = TM_HAS(b, TM_BUY_LINE_station);
    if (!in_a || !in_b)
        return in_a == in_b;
    return tm_str_eq(tm_station_norm(a->station, arena), tm_station_norm(b->station, arena));
}

static bool same_word(const tm_buy_line_t *a, tm_enum_t x, const tm_buy_line_t *b, tm_enum_t y,
                      int index, int usual)
{
    return (TM_HAS(a, index) ? x.v : usual) == (TM_HAS(b, index) ? y.v : usual);
}

static tm_cents_t gross_of(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_gross_cents)
               ? line->gross_cents
               : tm_gross_of(line->net_cents, tm_commission_of(line, -1, -1));
}

static tm_cents_t net_of(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_net_cents)
               ? line->net_cents
               : tm_net_of(line->gross_cents, tm_commission_of(line, -1, -1));
}

static void check_alike(combining_t *c, uint32_t i)
{
    const tm_buy_line_t *a = c->parts[0], *b = c->parts[i];
    if (!same_payer(a, b)) {
        fault(c, i, "is of another advertiser than the first");
    }
    if (!same_place(a, b, c->arena)) {
        fault(c, i, "is of another station than the first");
    }
    const int32_t x = TM_HAS(a, TM_BUY_LINE_market) ? a->market : 0;
    const int32_t y = TM_HAS(b, TM_BUY_LINE_market) ? b->market : 0;
    if (x != y) {
        fault(c, i, "is of another market than the first");
    }
    if (!same_word(a, a->medium, b, b->medium, TM_BUY_LINE_medium, -1)) {
        fault(c, i, "is of another medium than the first");
    }
    if (!same_word(a, a->layer, b, b->layer, TM_BUY_LINE_layer, TM_LAYER_airtime)) {
        fault(c, i, "is of another layer than the first");
    }
    if (!same_word(a, a->side, b, b->side, TM_BUY_LINE_side, TM_SIDE_neutral)) {
        fault(c, i, "is of the other side than the first");
    }
    if (!same_word(a, a->stage, b, b->stage, TM_BUY_LINE_stage, TM_STAGE_ordered)) {
        fault(c, i, "is of another stage than the first");
    }
    for (uint32_t k = 0; k < i; k++) {
        if (b->id.v != 0 && c->parts[k]->id.v == b->id.v) {
            fault(c, i, "is given twice");
            break;
        }
    }
}

static void check_parts(combining_t *c)
{
    tm_cents_t gross = {0}, net = {0};
    for (uint32_t i = 0; i < c->n; i++) {
        const tm_buy_line_t *line = c->parts[i];
        if (i > 0) {
            check_alike(c, i);
        }
        if (!TM_HAS(line, TM_BUY_LINE_flight_from) || !TM_HAS(line, TM_BUY_LINE_flight_to) ||
            line->flight_from.v > line->flight_to.v) {
            fault(c, i, "has no flight");
        }
        if (!TM_HAS(line, TM_BUY_LINE_gross_cents) && !TM_HAS(line, TM_BUY_LINE_net_cents)) {
            fault(c, i, "has no amount");
            continue;
        }
        gross.v += gross_of(line).v;
        net.v += net_of(line).v;
        const int64_t most = TM_MAX(TM_MAX(gross.v, -gross.v), TM_MAX(net.v, -net.v));
        if (most > TM_CENTS_MAX) {
            fault(c, i, "with it the sum is too large");
            return;
        }
    }
}

/* ---- entries ---- */

static void add_entry(combining_t *c, entry_t e)
{
    assert(e.from.v <= e.to.v);
    if (c->err != TM_OK)
        return;
    if (c->n_entries >= ENTRIES_MAX) {
        c->err = tm_why_add(c->why, TM_EINVALID, "buy_line_ids",
                            "the parts have more than %d printed weeks together", ENTRIES_MAX);
        return;
    }
    if (c->n_entries == c->cap) {
        const uint32_t cap = TM_MAX(c->cap * 2, 16u);
        entry_t *more = tm_arena_alloc(c->arena, (size_t)cap * sizeof *more);
        if (more == NULL) {
            c->err = TM_ENOMEM;
            return;
        }
        if (c->n_entries > 0) {
            memcpy(more, c->entries, c->n_entries * sizeof *more);
        }
        c->entries = more;
        c->cap = cap;
    }
    c->entries[c->n_entries++] = e;
}

/* The last day of the piece that begins on `day`: a Monday stands alone, the rest of its week is
 * one piece. */
static int32_t piece_end(int32_t day)
{
    const int32_t week = tm_week_of((tm_day_t){day}, TM_WEEK_BASIS_broadcast).v;
    return day == week ? day : week + 6;
}

/* Days of [from, to] that are hiatus. */
static int32_t dark_days(const tm_flight_t *days, int32_t from, int32_t to)
{
    int32_t dark = 0;
    for (uint32_t i = 0; i < days->n_hiatus; i++) {
        const int32_t a = TM_MAX(days->hiatus[i].from.v, from);
        const int32_t b = TM_MIN(days->hiatus[i].to.v, to);
        dark += a <= b ? b - a + 1 : 0;
    }
    return dark;
}

/* The next run of active days from *day on: no dark day, one piece of a week. false: none left. */
static bool next_run(const tm_flight_t *days, int32_t *day, int32_t *ret_end)
{
    const int32_t last = days->last.v;
    for (uint32_t i = 0; i < days->n_hiatus; i++) {
        if (days->hiatus[i].from.v <= *day && *day <= days->hiatus[i].to.v) {
            *day = days->hiatus[i].to.v + 1;
        }
    }
    if (*day > last)
        return false;
    int32_t end = TM_MIN(piece_end(*day), last);
    for (uint32_t i = 0; i < days->n_hiatus; i++) {
        if (days->hiatus[i].from.v > *day) {
            end = TM_MIN(end, days->hiatus[i].from.v - 1);
        }
    }
    *ret_end = end;
    return true;
}

/* Dark days of an entry outside the sum's flight: nothing else says that they are known zeros. */
static void add_zeros(combining_t *c, const tm_flight_t *days)
{
    for (uint32_t i = 0; i < days->n_hiatus; i++) {
        const int32_t from = TM_MAX(days->hiatus[i].from.v, days->first.v);
        const int32_t to = TM_MIN(days->hiatus[i].to.v, days->last.v);
        const int32_t before = TM_MIN(to, c->first.v - 1), after = TM_MAX(from, c->last.v + 1);
        if (from <= before) {
            add_entry(c, (entry_t){.from = {from}, .to = {before}});
        }
        if (after <= to) {
            add_entry(c, (entry_t){.from = {after}, .to = {to}});
        }
    }
}

/* One amount over its active days as spread.c spreads it: whole where the sum's line will spread it
 * the same way, else in pieces. */
static void add_spread(combining_t *c, const tm_flight_t *flight, entry_t e)
{
    const int32_t from = e.from.v, to = e.to.v;
    tm_flight_t days = {e.from, e.to, flight->hiatus, flight->n_hiatus};
    const int32_t dark = dark_days(&days, from, to);
    if (dark == to - from + 1) {
        days.n_hiatus = 0; /* all dark: as if none were */
    }
    const bool outside = to < c->first.v || from > c->last.v;
    const bool inside = from >= c->first.v && to <= c->last.v;
    if ((dark == 0 || days.n_hiatus == 0) && (outside || inside)) {
        add_entry(c, e);
        return;
    }
    int32_t end;
    for (int32_t day = from; c->err == TM_OK && next_run(&days, &day, &end);) {
        entry_t piece = {.from = {day}, .to = {end}};
        piece.gross = tm_spread_cents(&days, e.gross, piece.from, piece.to);
        const tm_cents_t spots = {e.spots};
        piece.spots = (int32_t)tm_spread_cents(&days, spots, piece.from, piece.to).v;
        add_entry(c, piece);
        day = end + 1;
    }
    add_zeros(c, &days);
}

/* ---- one part taken apart ---- */

typedef struct part {
    const tm_buy_line_t *line;
    tm_flight_t flight; /* with its hiatus */
    bool in_net;
    int32_t bp;
    entry_t *v; /* as printed, in gross */
    uint32_t n;
    bool spots; /* v knows its spots */
    int64_t spots_sum;
} part_t;

static tm_cents_t in_gross(const part_t *p, tm_cents_t amount)
{
    return p->in_net ? tm_gross_of(amount, p->bp) : amount;
}

static bool is_inside(const part_t *p, tm_day_t day)
{
    return day.v >= p->flight.first.v && day.v <= p->flight.last.v;
}

/* Airings with amounts; one without adds its spot to its day if that day counts anyway. */
static void take_airings(part_t *p)
{
    const tm_airing_t *a = p->line->airings.v;
    p->spots = true;
    for (uint32_t i = 0; i < p->line->airings.n; i++) {
        if (!TM_HAS(&a[i], TM_AIRING_air_date) || !TM_HAS(&a[i], TM_AIRING_amount_cents))
            continue;
        p->v[p->n++] = (entry_t){.from = a[i].air_date,
                                 .to = a[i].air_date,
                                 .gross = in_gross(p, a[i].amount_cents),
                                 .spots = 1};
    }
    const uint32_t priced = p->n;
    for (uint32_t i = 0; i < p->line->airings.n && priced > 0; i++) {
        if (TM_HAS(&a[i], TM_AIRING_amount_cents) || !TM_HAS(&a[i], TM_AIRING_air_date))
            continue;
        if (!is_inside(p, a[i].air_date)) {
            p->spots = false;
            continue;
        }
        p->v[p->n++] = (entry_t){.from = a[i].air_date, .to = a[i].air_date, .spots = 1};
    }
}

static void take_weeks(part_t *p)
{
    const tm_line_week_t *w = p->line->line_weeks.v;
    bool any = false, lost = TM_HAS(p->line, TM_BUY_LINE_airings) && p->line->airings.n > 0;
    for (uint32_t i = 0; i < p->line->line_weeks.n; i++) {
        if (!TM_HAS(&w[i], TM_LINE_WEEK_from) || !TM_HAS(&w[i], TM_LINE_WEEK_to) ||
            w[i].from.v > w[i].to.v)
            continue;
        const bool spots = TM_HAS(&w[i], TM_LINE_WEEK_spots);
        if (!TM_HAS(&w[i], TM_LINE_WEEK_amount_cents)) {
            lost = lost || spots;
            continue;
        }
        any = any || spots;
        entry_t e = {.from = w[i].from, .to = w[i].to, .spots = spots ? w[i].spots : 0};
        e.gross = in_gross(p, w[i].amount_cents);
        const int32_t a = TM_MAX(e.from.v, p->flight.first.v);
        const int32_t b = TM_MIN(e.to.v, p->flight.last.v);
        if (a <= b) { /* only days of the flight, unless it lies outside altogether */
            e.from.v = a;
            e.to.v = b;
        }
        p->v[p->n++] = e;
    }
    p->spots = any && !lost;
}

static void take_header(part_t *p)
{
    const tm_buy_line_t *line = p->line;
    p->v[p->n++] = (entry_t){.from = p->flight.first,
                             .to = p->flight.last,
                             .gross = gross_of(line),
                             .spots = TM_HAS(line, TM_BUY_LINE_spots) ? line->spots : 0};
    p->spots = TM_HAS(line, TM_BUY_LINE_spots) && line->spots >= 0 &&
               line->spots <= ENTRY_SPOTS_MAX &&
               !(TM_HAS(line, TM_BUY_LINE_airings) && line->airings.n > 0);
}

static int entry_order(const void *a, const void *b)
{
    const entry_t *x = a, *y = b;
    return (x->from.v > y->from.v) - (x->from.v < y->from.v);
}

/* One entry an air day. */
static void join_days(part_t *p)
{
    qsort(p->v, p->n, sizeof *p->v,
          entry_order); /* those of one day are added: any order will do */
    uint32_t out = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (out > 0 && p->v[out - 1].from.v == p->v[i].from.v) {
            p->v[out - 1].gross.v += p->v[i].gross.v;
            p->v[out - 1].spots += p->v[i].spots;
        } else {
            p->v[out++] = p->v[i];
        }
    }
    p->n = out;
}

/* What the printed amounts leave of the part's gross: little goes to the last one that is printed,
 * more is returned, to be spread over the flight. */
static tm_cents_t settle(part_t *p, uint32_t printed)
{
    tm_cents_t left = gross_of(p->line);
    for (uint32_t i = 0; i < printed; i++) {
        left.v -= p->v[i].gross.v;
    }
    if (left.v >= -REST_CENTS_MAX && left.v <= REST_CENTS_MAX) {
        p->v[printed - 1].gross.v += left.v;
        left.v = 0;
    }
    return left;
}

/* How many airings have a day and an amount: these are settled, the others only bring spots. */
static uint32_t priced_airings(const tm_buy_line_t *line)
{
    const tm_airing_t *a = line->airings.v;
    uint32_t n = 0;
    for (uint32_t i = 0; TM_HAS(line, TM_BUY_LINE_airings) && i < line->airings.n; i++) {
        n += TM_HAS(&a[i], TM_AIRING_air_date) && TM_HAS(&a[i], TM_AIRING_amount_cents);
    }
    return n;
}

static void count_spots(combining_t *c, part_t *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        p->spots_sum += p->v[i].spots;
    }
    c->spots = c->spots && p->spots;
    if (TM_HAS(p->line, TM_BUY_LINE_spots)) {
        c->spots_sum += p->line->spots;
    } else if (p->spots) {
        c->spots_sum += p->spots_sum;
    } else {
        c->counts = false;
    }
}

/* Takes one part apart into entries of the sum. */
static void take_part(combining_t *c, const tm_buy_line_t *line)
{
    part_t p = {.line = line, .bp = tm_commission_of(line, -1, -1)};
    p.flight = (tm_flight_t){line->flight_from, line->flight_to, NULL, 0};
    p.in_net =
        TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_net;
    const uint32_t n_airings = TM_HAS(line, TM_BUY_LINE_airings) ? line->airings.n : 0;
    const uint32_t n_weeks = TM_HAS(line, TM_BUY_LINE_line_weeks) ? line->line_weeks.n : 0;
    p.v = tm_arena_alloc(c->arena, ((size_t)n_airings + n_weeks + 1) * sizeof *p.v);
    if (p.v == NULL ||
        tm_hiatus_of(line, c->arena, &p.flight.hiatus, &p.flight.n_hiatus) != TM_OK) {
        c->err = TM_ENOMEM;
        return;
    }
    uint32_t printed = priced_airings(line);
    if (printed > 0) {
        take_airings(&p);
    } else if (n_weeks > 0) {
        take_weeks(&p);
        printed = p.n;
    }
    const bool by_days = printed > 0 && p.n > 0 && priced_airings(line) > 0;
    if (p.n == 0) {
        take_header(&p);
        printed = p.n;
    }
    const tm_cents_t left = settle(&p, printed);
    if (by_days) {
        join_days(&p);
    }
    count_spots(c, &p);
    for (uint32_t i = 0; i < p.n && c->err == TM_OK; i++) {
        add_spread(c, &p.flight, p.v[i]);
    }
    if (left.v != 0 && c->err == TM_OK) {
        add_spread(c, &p.flight,
                   (entry_t){.from = p.flight.first, .to = p.flight.last, .gross = left});
    }
}

/* ---- the sum ---- */

static bool equal_in_all(const combining_t *c, int index)
{
    const tm_buy_line_t *first = c->parts[0];
    const tm_field_t *field = &tm_buy_line_desc.fields[index];
    for (uint32_t i = 0; i < c->n; i++) {
        const tm_buy_line_t *line = c->parts[i];
        if (!TM_HAS(line, index))
            return false;
        const void *x = tm_slot_const(field, first), *y = tm_slot_const(field, line);
        if (field->type == TM_T_STR ? !tm_str_eq(*(const tm_str_t *)x, *(const tm_str_t *)y)
                                    : tm_slot_number(field, x) != tm_slot_number(field, y))
            return false;
    }
    return true;
}

static void copy_field(const tm_buy_line_t *from, int index, tm_buy_line_t *to)
{
    const tm_field_t *f = &tm_buy_line_desc.fields[index];
    if (!TM_HAS(from, index))
        return;
    const size_t end = index + 1 < TM_BUY_LINE_N ? tm_buy_line_desc.fields[index + 1].offset
                                                 : sizeof(tm_buy_line_t);
    memcpy(tm_slot(f, to), tm_slot_const(f, from), end - f->offset);
    tm_has_set(&to->has, (unsigned)index);
}

static void put_names(const combining_t *c, tm_buy_line_t *line)
{
    static const uint8_t of_first[] = {
        TM_BUY_LINE_campaign_id, TM_BUY_LINE_advertiser_id, TM_BUY_LINE_advertiser,
        TM_BUY_LINE_side,        TM_BUY_LINE_agency_id,     TM_BUY_LINE_agency,
        TM_BUY_LINE_station_id,  TM_BUY_LINE_station,       TM_BUY_LINE_stations,
        TM_BUY_LINE_market,      TM_BUY_LINE_market_rank,   TM_BUY_LINE_medium,
        TM_BUY_LINE_stage,       TM_BUY_LINE_layer,         TM_BUY_LINE_source,
    };
    static const uint8_t of_all[] = {TM_BUY_LINE_commission_bp, TM_BUY_LINE_length_s,
                                     TM_BUY_LINE_product};
    for (size_t i = 0; i < TM_COUNT(of_first); i++) {
        copy_field(c->parts[0], of_first[i], line);
    }
    for (size_t i = 0; i < TM_COUNT(of_all); i++) {
        if (equal_in_all(c, of_all[i])) {
            copy_field(c->parts[0], of_all[i], line);
        }
    }
    for (uint32_t i = 0; i < c->n && !line->estimate; i++) {
        line->estimate = TM_HAS(c->parts[i], TM_BUY_LINE_estimate) && c->parts[i]->estimate;
    }
    TM_MARK(line, TM_BUY_LINE_estimate);
}

/* Bounds add up where any part has them; a part without stands for its exact amount, one with a low
 * bound alone has no upper one. */
static void put_bounds(const combining_t *c, tm_buy_line_t *line)
{
    bool any = false, all_high = true;
    tm_cents_t low_sum = {0}, high_sum = {0};
    for (uint32_t i = 0; i < c->n; i++) {
        const tm_buy_line_t *part = c->parts[i];
        const bool low = TM_HAS(part, TM_BUY_LINE_low_cents),
                   high = TM_HAS(part, TM_BUY_LINE_high_cents);
        const tm_cents_t gross = gross_of(part);
        const tm_cents_t least = {high ? TM_MIN(gross.v, 0) : gross.v};
        low_sum.v += low ? part->low_cents.v : least.v;
        high_sum.v += high ? part->high_cents.v : gross.v;
        any = any || low || high;
        all_high = all_high && (high || !low);
    }
    if (!any)
        return;
    if (low_sum.v >= -TM_CENTS_MAX && low_sum.v <= TM_CENTS_MAX) {
        TM_SET(line, TM_BUY_LINE, low_cents, low_sum);
    }
    if (all_high && high_sum.v >= -TM_CENTS_MAX && high_sum.v <= TM_CENTS_MAX) {
        TM_SET(line, TM_BUY_LINE, high_cents, high_sum);
    }
}

static void put_sums(const combining_t *c, tm_buy_line_t *line)
{
    tm_cents_t gross = {0}, net = {0};
    int64_t grp = 0;
    bool grp_known = true;
    for (uint32_t i = 0; i < c->n; i++) {
        gross.v += gross_of(c->parts[i]).v;
        net.v += net_of(c->parts[i]).v;
        grp_known = grp_known && TM_HAS(c->parts[i], TM_BUY_LINE_grp_x10);
        grp += grp_known ? c->parts[i]->grp_x10 : 0;
    }
    TM_SET(line, TM_BUY_LINE, gross_cents, gross);
    TM_SET(line, TM_BUY_LINE, net_cents, net);
    TM_SET(line, TM_BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    if (grp_known && grp <= GRP_MAX) {
        TM_SET(line, TM_BUY_LINE, grp_x10, (int32_t)grp);
    }
    if (c->counts && c->spots_sum >= -SPOTS_LEAST && c->spots_sum <= SPOTS_MOST) {
        TM_SET(line, TM_BUY_LINE, spots, (int32_t)c->spots_sum);
    }
    put_bounds(c, line);
}

static tm_err_t put_weeks(const combining_t *c, tm_buy_line_t *line)
{
    tm_line_week_t *w = tm_arena_zalloc(c->arena, (size_t)c->n_entries * sizeof *w);
    if (w == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < c->n_entries; i++) {
        const entry_t *e = &c->entries[i];
        TM_SET(&w[i], TM_LINE_WEEK, from, e->from);
        TM_SET(&w[i], TM_LINE_WEEK, to, e->to);
        TM_SET(&w[i], TM_LINE_WEEK, amount_cents, e->gross);
        if (c->spots && e->spots <= ENTRY_SPOTS_MAX) {
            TM_SET(&w[i], TM_LINE_WEEK, spots, e->spots);
        }
    }
    TM_SET(line, TM_BUY_LINE, line_weeks, (tm_recs_t){w, c->n_entries});
    return TM_OK;
}

tm_err_t tm_dedupe_combine(const tm_buy_line_t *const *parts, uint32_t n, tm_arena_t *arena,
                           tm_buy_line_t *ret, tm_why_t *why)
{
    assert(n >= 1);
    combining_t c = {.parts = parts, .n = n, .arena = arena, .why = why};
    c.spots = c.counts = true;
    check_parts(&c);
    if (c.err != TM_OK)
        return c.err;
    c.first = parts[0]->flight_from;
    c.last = parts[0]->flight_to;
    for (uint32_t i = 1; i < n; i++) {
        c.first.v = TM_MIN(c.first.v, parts[i]->flight_from.v);
        c.last.v = TM_MAX(c.last.v, parts[i]->flight_to.v);
    }
    for (uint32_t i = 0; i < n && c.err == TM_OK; i++) {
        take_part(&c, parts[i]);
    }
    if (c.err != TM_OK)
        return c.err;
    tm_buy_line_t line = {.has = {{0}}};
    put_names(&c, &line);
    put_sums(&c, &line);
    TM_SET(&line, TM_BUY_LINE, flight_from, c.first);
    TM_SET(&line, TM_BUY_LINE, flight_to, c.last);
    if (put_weeks(&c, &line) != TM_OK)
        return TM_ENOMEM;
    *ret = line;
    return TM_OK;
}
