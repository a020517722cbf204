/* spread.c - dollars by day and week.
 *
 * How:     a line becomes parts (airings, printed weeks, or its header), each a range of days with
 *          an amount in gross and in net; a part's cents in any range of days are a difference of
 *          two floors, so a week costs no walk over its days. Products of cents and days need 128
 *          bits.
 * Threads: pure. */
#include "domain/spread.h"
#include "domain/money.h"
#include "domain/week.h"
#include <stdlib.h>

__extension__ typedef __int128 wide_t;

#define REST_CENTS_MAX 100 /* a smaller difference of lines and header goes to the last line */

/* Days of hiatus inside [from, to]. Ranges are ascending and apart. */
static int32_t dark_days(const tm_flight_t *flight, int32_t from, int32_t to)
{
    int32_t days = 0;
    for (uint32_t i = 0; i < flight->n_hiatus; i++) {
        const int32_t a = TM_MAX(flight->hiatus[i].from.v, from);
        const int32_t b = TM_MIN(flight->hiatus[i].to.v, to);
        if (a <= b) {
            days += b - a + 1;
        }
    }
    return days;
}

/* Cents of the first k of n days. */
static int64_t first_days(int64_t size, int32_t k, int32_t n)
{
    assert(k >= 0 && k <= n && n > 0);
    int64_t product; /* dividing 128 bits takes twenty times as long */
    if (!__builtin_mul_overflow(size, (int64_t)k, &product))
        return product / n;
    return (int64_t)((wide_t)size * k / n);
}

tm_cents_t tm_spread_cents(const tm_flight_t *flight, tm_cents_t amount, tm_day_t from, tm_day_t to)
{
    const int32_t first = flight->first.v, last = flight->last.v;
    assert(first <= last);
    const int32_t a = TM_MAX(from.v, first), b = TM_MIN(to.v, last);
    if (a > b)
        return (tm_cents_t){0};

    const int32_t whole = last - first + 1;
    const int32_t dark = flight->n_hiatus > 0 ? dark_days(flight, first, last) : 0;
    assert(dark <= whole);
    int32_t days = whole, before = a - first, until = b - first + 1;
    if (dark > 0 && dark < whole) {
        days -= dark;
        before -= a > first ? dark_days(flight, first, a - 1) : 0;
        until -= dark_days(flight, first, b);
    }
    const int64_t size = amount.v < 0 ? -amount.v : amount.v;
    const int64_t cents = first_days(size, until, days) - first_days(size, before, days);
    return (tm_cents_t){amount.v < 0 ? -cents : cents};
}

static int span_order(const void *a, const void *b)
{
    const tm_span_t *x = a, *y = b;
    return (x->from.v > y->from.v) - (x->from.v < y->from.v);
}

/* Sorted, joined where they meet, without impossible ones; in place. Returns what is left. */
static uint32_t spans_join(tm_span_t *v, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].from.v <= v[i].to.v) {
            v[kept++] = v[i];
        }
    }
    qsort(v, kept, sizeof *v,
          span_order); /* equal beginnings are joined, so their order is nothing */
    uint32_t out = 0;
    for (uint32_t i = 0; i < kept; i++) {
        if (out > 0 && v[i].from.v <= v[out - 1].to.v + 1) {
            v[out - 1].to.v = TM_MAX(v[out - 1].to.v, v[i].to.v);
        } else {
            v[out++] = v[i];
        }
    }
    return out;
}

tm_err_t tm_hiatus_of(const tm_buy_line_t *line, tm_arena_t *arena, const tm_span_t **ret,
                      uint32_t *ret_n)
{
    *ret = NULL;
    *ret_n = 0;
    if (!TM_HAS(line, TM_BUY_LINE_hiatus) || line->hiatus.n == 0)
        return TM_OK;
    tm_span_t *copy = tm_arena_alloc(arena, line->hiatus.n * sizeof *copy);
    if (copy == NULL)
        return TM_ENOMEM;
    memcpy(copy, line->hiatus.v, line->hiatus.n * sizeof *copy);
    *ret_n = spans_join(copy, line->hiatus.n);
    *ret = copy;
    return TM_OK;
}

/* ---- a line's parts ---- */

typedef struct part {
    tm_flight_t days; /* its active days */
    tm_cents_t gross, net;
    bool rest; /* over days that are counted already */
} part_t;

typedef struct spreading {
    const tm_buy_line_t *line;
    tm_arena_t *arena;
    int basis;
    bool has_flight, known;
    tm_flight_t flight;    /* with hiatus */
    tm_cents_t gross, net; /* totals in use */
    part_t *parts;
    uint32_t n_parts;
    const tm_keep_t *keep;
    uint32_t n_keep;
    int32_t first, weeks; /* first week, number of weeks in v */
    tm_share_t *v;        /* dense, by week */
    bool *touched;
} spreading_t;

static bool line_flight(const tm_buy_line_t *line, tm_flight_t *ret)
{
    if (!TM_HAS(line, TM_BUY_LINE_flight_from) || !TM_HAS(line, TM_BUY_LINE_flight_to) ||
        line->flight_from.v > line->flight_to.v)
        return false;
    ret->first = line->flight_from;
    ret->last = line->flight_to;
    return true;
}

static void add_part(spreading_t *s, tm_day_t from, tm_day_t to, tm_cents_t amount, bool in_net,
                     int32_t bp)
{
    part_t *part = &s->parts[s->n_parts++];
    part->days = s->flight;
    part->days.first = from;
    part->days.last = to;
    if (s->has_flight) { /* only days of the flight, if there is one */
        const int32_t a = TM_MAX(from.v, s->flight.first.v), b = TM_MIN(to.v, s->flight.last.v);
        if (a <= b) {
            part->days.first.v = a;
            part->days.last.v = b;
        }
    }
    part->gross = in_net ? tm_gross_of(amount, bp) : amount;
    part->net = in_net ? amount : tm_net_of(amount, bp);
    part->rest = false;
}

static bool airing_counts(const tm_airing_t *a)
{
    return TM_HAS(a, TM_AIRING_air_date) && TM_HAS(a, TM_AIRING_amount_cents);
}

static bool week_counts(const tm_line_week_t *w)
{
    return TM_HAS(w, TM_LINE_WEEK_from) && TM_HAS(w, TM_LINE_WEEK_to) && w->from.v <= w->to.v &&
           TM_HAS(w, TM_LINE_WEEK_amount_cents);
}

/* Airings with amounts, else printed weeks with amounts; none: the header alone. One more part is
 * kept free for the rest. */
static tm_err_t find_parts(spreading_t *s)
{
    const tm_buy_line_t *line = s->line;
    const tm_airing_t *airings = line->airings.v;
    const tm_line_week_t *weeks = line->line_weeks.v;
    const uint32_t n_airings = TM_HAS(line, TM_BUY_LINE_airings) ? line->airings.n : 0;
    const uint32_t n_weeks = TM_HAS(line, TM_BUY_LINE_line_weeks) ? line->line_weeks.n : 0;
    uint32_t n_a = 0, n_w = 0;
    for (uint32_t i = 0; i < n_airings; i++) {
        n_a += airing_counts(&airings[i]);
    }
    for (uint32_t i = 0; i < n_weeks && n_a == 0; i++) {
        n_w += week_counts(&weeks[i]);
    }
    s->parts = tm_arena_alloc(s->arena, (n_a + n_w + 1) * sizeof *s->parts);
    if (s->parts == NULL)
        return TM_ENOMEM;
    const bool in_net =
        TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_net;
    const int32_t bp = tm_commission_of(line, -1, -1);
    for (uint32_t i = 0; i < n_airings && n_a > 0; i++) {
        if (airing_counts(&airings[i])) {
            add_part(s, airings[i].air_date, airings[i].air_date, airings[i].amount_cents, in_net,
                     bp);
        }
    }
    for (uint32_t i = 0; i < n_weeks && n_w > 0; i++) {
        if (week_counts(&weeks[i])) {
            add_part(s, weeks[i].from, weeks[i].to, weeks[i].amount_cents, in_net, bp);
        }
    }
    return TM_OK;
}

/* All days of all parts as one flight whose gaps are hiatus: what a rest is spread over where no
 * flight is known. */
static tm_err_t days_of_parts(const spreading_t *s, tm_flight_t *ret)
{
    tm_span_t *v = tm_arena_alloc(s->arena, 2 * s->n_parts * sizeof *v);
    if (v == NULL)
        return TM_ENOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_parts; i++) {
        const tm_span_t x = {.from = s->parts[i].days.first, .to = s->parts[i].days.last};
        if (n > 0 && x.from.v >= v[n - 1].from.v && x.from.v <= v[n - 1].to.v + 1) {
            v[n - 1].to.v = TM_MAX(v[n - 1].to.v, x.to.v);
        } else {
            v[n++] = x;
        }
    }
    n = spans_join(v, n);
    tm_span_t *gaps = v + s->n_parts;
    uint32_t n_gaps = 0;
    for (uint32_t i = 1; i < n; i++) {
        if (v[i].from.v > v[i - 1].to.v + 1) {
            gaps[n_gaps++] = (tm_span_t){.from = {v[i - 1].to.v + 1}, .to = {v[i].from.v - 1}};
        }
    }
    *ret = (tm_flight_t){v[0].from, v[n - 1].to, gaps, n_gaps};
    return TM_OK;
}

/* What lines and header differ by: up to 100 cents to the last part, more over the flight as a part
 * of its own. Each basis for itself, because converting many small amounts does not give the
 * converted sum. */
static tm_err_t settle_rest(spreading_t *s)
{
    part_t rest = {.gross = s->gross, .net = s->net, .rest = true};
    for (uint32_t i = 0; i < s->n_parts; i++) {
        rest.gross.v -= s->parts[i].gross.v;
        rest.net.v -= s->parts[i].net.v;
    }
    if (s->n_parts > 0) {
        part_t *last = &s->parts[s->n_parts - 1];
        if (rest.gross.v >= -REST_CENTS_MAX && rest.gross.v <= REST_CENTS_MAX) {
            last->gross.v += rest.gross.v;
            rest.gross.v = 0;
        }
        if (rest.net.v >= -REST_CENTS_MAX && rest.net.v <= REST_CENTS_MAX) {
            last->net.v += rest.net.v;
            rest.net.v = 0;
        }
        if (rest.gross.v == 0 && rest.net.v == 0)
            return TM_OK;
    }
    rest.days = s->flight;
    if (!s->has_flight) {
        if (s->n_parts == 0)
            return TM_OK; /* no day at all: unplaced */
        const tm_err_t err = days_of_parts(s, &rest.days);
        if (err != TM_OK)
            return err;
    }
    s->parts[s->n_parts++] = rest;
    return TM_OK;
}

/* ---- weeks ---- */

static bool find_weeks(spreading_t *s)
{
    int32_t lo = INT32_MAX, hi = INT32_MIN;
    if (s->has_flight) {
        lo = s->flight.first.v;
        hi = s->flight.last.v;
    }
    for (uint32_t i = 0; i < s->n_parts; i++) {
        lo = TM_MIN(lo, s->parts[i].days.first.v);
        hi = TM_MAX(hi, s->parts[i].days.last.v);
    }
    if (lo > hi)
        return false;
    s->first = tm_week_of((tm_day_t){lo}, s->basis).v;
    s->weeks = (tm_week_of((tm_day_t){hi}, s->basis).v - s->first) / 7 + 1;
    return true;
}

typedef struct portion {
    int32_t week, from, to;
} portion_t; /* index of the week, days of it */

/* The next piece of [from, to] inside one keep range and one week, in order. *at: 0 to begin; false
 * at the end. */
static bool next_portion(const spreading_t *s, int32_t from, int32_t to, uint64_t *at,
                         portion_t *ret)
{
    uint32_t k = (uint32_t)(*at >> 32);
    int32_t done = (int32_t)(uint32_t)*at; /* days of [from, to] already seen */
    for (; k < s->n_keep; k++) {
        const int32_t a = TM_MAX(from + done, s->keep[k].from.v), b = TM_MIN(to, s->keep[k].to.v);
        if (a > b)
            continue;
        const int32_t week = (a - s->first) / 7;
        ret->week = week;
        ret->from = a;
        ret->to = TM_MIN(b, s->first + week * 7 + 6);
        done = ret->to + 1 - from;
        *at = (uint64_t)k << 32 | (uint32_t)done;
        return true;
    }
    return false;
}

static void touch(spreading_t *s, int32_t from, int32_t to)
{
    portion_t p;
    for (uint64_t at = 0; next_portion(s, from, to, &at, &p);) {
        s->touched[p.week] = true;
    }
}

static void place(spreading_t *s)
{
    portion_t p;
    if (s->has_flight) {
        touch(s, s->flight.first.v, s->flight.last.v);
    }
    for (uint32_t i = 0; i < s->n_parts; i++) {
        const part_t *part = &s->parts[i];
        if (!part->rest) {
            touch(s, part->days.first.v, part->days.last.v);
        }
        for (uint64_t at = 0; next_portion(s, part->days.first.v, part->days.last.v, &at, &p);) {
            const tm_day_t a = {p.from}, b = {p.to};
            s->v[p.week].gross.v += tm_spread_cents(&part->days, part->gross, a, b).v;
            s->v[p.week].net.v += tm_spread_cents(&part->days, part->net, a, b).v;
        }
    }
}

/* Adds `count` spots over days as cents are. */
static void add_spots(spreading_t *s, tm_day_t from, tm_day_t to, int32_t count)
{
    tm_flight_t days = s->flight;
    days.first = from;
    days.last = to;
    if (s->has_flight && TM_MAX(from.v, s->flight.first.v) <= TM_MIN(to.v, s->flight.last.v)) {
        days.first.v = TM_MAX(from.v, s->flight.first.v);
        days.last.v = TM_MIN(to.v, s->flight.last.v);
    }
    portion_t p;
    if (tm_week_of(days.first, s->basis).v < s->first ||
        (tm_week_of(days.last, s->basis).v - s->first) / 7 >= s->weeks)
        return; /* an airing without amount on a day nothing else knows */
    for (uint64_t at = 0; next_portion(s, days.first.v, days.last.v, &at, &p);) {
        const tm_cents_t n =
            tm_spread_cents(&days, (tm_cents_t){count}, (tm_day_t){p.from}, (tm_day_t){p.to});
        s->v[p.week].spots += (int32_t)n.v;
    }
}

static void place_spots(spreading_t *s)
{
    const tm_buy_line_t *line = s->line;
    if (TM_HAS(line, TM_BUY_LINE_airings) && line->airings.n > 0) {
        const tm_airing_t *a = line->airings.v;
        for (uint32_t i = 0; i < line->airings.n; i++) {
            if (TM_HAS(&a[i], TM_AIRING_air_date)) {
                add_spots(s, a[i].air_date, a[i].air_date, 1);
            }
        }
        return;
    }
    bool any = false;
    if (TM_HAS(line, TM_BUY_LINE_line_weeks)) {
        const tm_line_week_t *w = line->line_weeks.v;
        for (uint32_t i = 0; i < line->line_weeks.n; i++) {
            if (TM_HAS(&w[i], TM_LINE_WEEK_spots) && w[i].from.v <= w[i].to.v) {
                add_spots(s, w[i].from, w[i].to, w[i].spots);
                any = true;
            }
        }
    }
    if (!any && TM_HAS(line, TM_BUY_LINE_spots) && s->has_flight) {
        add_spots(s, s->flight.first, s->flight.last, line->spots);
    }
}

/* Bounds: the distance from likely to low and to high is spread like a header, so low <= likely <=
 * high holds in every week. */
static void place_bounds(spreading_t *s)
{
    const tm_buy_line_t *line = s->line;
    const bool low = TM_HAS(line, TM_BUY_LINE_low_cents),
               high = TM_HAS(line, TM_BUY_LINE_high_cents);
    const bool ranged = (low || high) && s->known && !(line->stage.v == TM_STAGE_cancelled);
    for (int32_t i = 0; i < s->weeks; i++) {
        s->v[i].low = s->v[i].high = s->v[i].gross;
        s->v[i].has_high = s->known && (!ranged || high);
    }
    if (!ranged || !s->has_flight)
        return;
    const tm_cents_t least = low ? line->low_cents : (tm_cents_t){TM_MIN(s->gross.v, 0)};
    const tm_cents_t down = {TM_MIN(least.v - s->gross.v, 0)};
    const tm_cents_t up = {high ? TM_MAX(line->high_cents.v - s->gross.v, 0) : 0};
    portion_t p;
    for (uint64_t at = 0; next_portion(s, s->flight.first.v, s->flight.last.v, &at, &p);) {
        const tm_day_t a = {p.from}, b = {p.to};
        s->v[p.week].low.v += tm_spread_cents(&s->flight, down, a, b).v;
        s->v[p.week].high.v += tm_spread_cents(&s->flight, up, a, b).v;
    }
}

/* Both totals as they count: a cancelled buy is 0, a missing one follows from the other. */
static void find_totals(spreading_t *s, bool zero)
{
    const tm_buy_line_t *line = s->line;
    const bool gross = TM_HAS(line, TM_BUY_LINE_gross_cents),
               net = TM_HAS(line, TM_BUY_LINE_net_cents);
    s->known = zero || gross || net;
    if (zero || !s->known)
        return;
    const int32_t bp = tm_commission_of(line, -1, -1);
    s->gross = gross ? line->gross_cents : tm_gross_of(line->net_cents, bp);
    s->net = net ? line->net_cents : tm_net_of(line->gross_cents, bp);
}

static uint32_t keep_touched(spreading_t *s)
{
    uint32_t n = 0;
    for (int32_t i = 0; i < s->weeks; i++) {
        if (s->touched[i]) {
            s->v[n] = s->v[i];
            s->v[n].week.v = s->first + 7 * i;
            s->v[n].known = s->known;
            n++;
        }
    }
    return n;
}

tm_err_t tm_line_shares(const tm_buy_line_t *line, const tm_verdict_t *verdict, int week_basis,
                        tm_arena_t *arena, tm_share_t **ret, uint32_t *ret_n,
                        tm_share_t *ret_unplaced)
{
    const bool zero =
        verdict->zero || (TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == TM_STAGE_cancelled);
    spreading_t s = {.line = line,
                     .arena = arena,
                     .basis = week_basis,
                     .keep = verdict->keep,
                     .n_keep = verdict->n_keep};
    *ret = NULL;
    *ret_n = 0;
    *ret_unplaced = (tm_share_t){0};
    if (!verdict->counts)
        return TM_OK;
    s.has_flight = line_flight(line, &s.flight);
    tm_err_t err = tm_hiatus_of(line, arena, &s.flight.hiatus, &s.flight.n_hiatus);
    if (err != TM_OK)
        return err;
    find_totals(&s, zero);
    if (!zero && s.known) {
        err = find_parts(&s);
        if (err == TM_OK) {
            err = settle_rest(&s);
        }
        if (err != TM_OK)
            return err;
    }
    if (!find_weeks(&s)) {
        *ret_unplaced = (tm_share_t){.known = s.known,
                                     .gross = s.gross,
                                     .net = s.net,
                                     .low = s.gross,
                                     .high = s.gross,
                                     .has_high = s.known};
        return TM_OK;
    }
    s.v = tm_arena_zalloc(arena, (size_t)s.weeks * sizeof *s.v);
    s.touched = tm_arena_zalloc(arena, (size_t)s.weeks * sizeof *s.touched);
    if (s.v == NULL || s.touched == NULL)
        return TM_ENOMEM;
    place(&s);
    if (!zero) {
        place_spots(&s);
    }
    place_bounds(&s);
    *ret_n = keep_touched(&s);
    *ret = s.v;
    return TM_OK;
}
