/* dedupe_compare.c - what two lines have in common, in numbers.
 *
 * How:     vetoes first, cheap ones before those that look at text. Points are fractions of whole
 *          numbers and are added as such, so that the total is rounded once.
 * Threads: pure.
 * Source:  domain rule 4.5. */
#include "domain/dedupe_compare.h"
#include "domain/dedupe_text.h"
#include "domain/money.h"

/* ---- single facts ---- */

static bool both(const tm_buy_line_t *a, const tm_buy_line_t *b, int index)
{
    return TM_HAS(a, index) && TM_HAS(b, index);
}

static int layer_of(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_layer) ? line->layer.v : TM_LAYER_airtime;
}

static bool has_flight(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_flight_from) && TM_HAS(line, TM_BUY_LINE_flight_to) &&
           line->flight_from.v <= line->flight_to.v;
}

static bool has_station(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_station_id) ||
           (TM_HAS(line, TM_BUY_LINE_station) && tm_str_trim(line->station).n > 0);
}

/* How order identity compares stations, asked through two lines that have nothing but a station
 * and one number: the rule has one home, order.c. */
static bool same_station(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (both(a, b, TM_BUY_LINE_station_id) && a->station_id.v == b->station_id.v)
        return true;
    if (!both(a, b, TM_BUY_LINE_station))
        return false;
    if (tm_str_eq(a->station, b->station) && tm_str_trim(a->station).n > 0)
        return true;
    tm_buy_line_t x, y; /* only fields whose presence is set are ever read */
    x.has = y.has = (tm_has_t){{0}};
    TM_SET(&x, TM_BUY_LINE, station, a->station);
    TM_SET(&y, TM_BUY_LINE, station, b->station);
    TM_SET(&x, TM_BUY_LINE, order_no_norm, TM_STR("1"));
    TM_SET(&y, TM_BUY_LINE, order_no_norm, TM_STR("1"));
    return tm_same_order(&x, &y);
}

static bool has_number(const tm_buy_line_t *line)
{
    const bool norm = TM_HAS(line, TM_BUY_LINE_order_no_norm);
    if (!norm && !TM_HAS(line, TM_BUY_LINE_order_no))
        return false;
    const tm_str_t s = norm ? line->order_no_norm : line->order_no;
    for (uint32_t i = 0; i < s.n; i++) {
        if (strchr(" \t\r\n0", s.p[i]) == NULL || s.p[i] == '\0')
            return true; /* zeros alone are no number */
    }
    return false;
}

static bool source_is(const tm_buy_line_t *line, int kind)
{
    return TM_HAS(line, TM_BUY_LINE_source) &&
           tm_str_eq(line->source, tm_str(tm_source_kind_words.words[kind]));
}

/* A station's own paper: its number was given by the station's system. */
static bool is_station_document(const tm_buy_line_t *line)
{
    if (source_is(line, TM_SOURCE_KIND_fcc) && has_number(line))
        return true;
    if (!TM_HAS(line, TM_BUY_LINE_document_id) || !TM_HAS(line, TM_BUY_LINE_doc_type))
        return false;
    const int type = line->doc_type.v;
    return type == TM_DOC_TYPE_order || type == TM_DOC_TYPE_contract ||
           type == TM_DOC_TYPE_confirmation || type == TM_DOC_TYPE_invoice;
}

/* ---- vetoes ---- */

static bool two_numbers(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (!has_number(a) || !has_number(b) || !is_station_document(a) || !is_station_document(b))
        return false;
    if (both(a, b, TM_BUY_LINE_system) && !tm_str_case_eq(a->system, b->system))
        return false;
    return !tm_same_order(a, b); /* at one station: neither number nor alternate is equal */
}

static bool is_row(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_doc_type) &&
           (line->doc_type.v == TM_DOC_TYPE_sheet || line->doc_type.v == TM_DOC_TYPE_export);
}

static bool two_rows(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (both(a, b, TM_BUY_LINE_input_id) && a->input_id.v == b->input_id.v && is_row(a) &&
        is_row(b))
        return true;
    return both(a, b, TM_BUY_LINE_document_id) && a->document_id.v == b->document_id.v &&
           both(a, b, TM_BUY_LINE_source) && tm_str_eq(a->source, b->source) &&
           !source_is(a, TM_SOURCE_KIND_fcc) && !source_is(a, TM_SOURCE_KIND_manual);
}

static bool opposite_sides(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (!both(a, b, TM_BUY_LINE_side))
        return false;
    return (a->side.v == TM_SIDE_for && b->side.v == TM_SIDE_against) ||
           (a->side.v == TM_SIDE_against && b->side.v == TM_SIDE_for);
}

/* One order filed at two stations of a market: same number, advertiser and flight. */
static bool are_sisters(const tm_buy_line_t *a, const tm_buy_line_t *b, int32_t name_score_bp)
{
    if ((both(a, b, TM_BUY_LINE_market) && a->market != b->market) || !tm_same_number(a, b))
        return false; /* an unknown market is no other market: a question costs less than a copy */
    const bool ids =
        both(a, b, TM_BUY_LINE_advertiser_id) && a->advertiser_id.v == b->advertiser_id.v;
    return (ids || name_score_bp >= TM_DEDUPE_NAME_BP) && has_flight(a) && has_flight(b) &&
           a->flight_from.v == b->flight_from.v && a->flight_to.v == b->flight_to.v;
}

/* Lines of which at most one names a station: their markets and media must not contradict. */
static tm_places_t wide_places(const tm_buy_line_t *a, const tm_buy_line_t *b, bool one,
                               uint32_t *vetoes)
{
    const bool markets = both(a, b, TM_BUY_LINE_market), media = both(a, b, TM_BUY_LINE_medium);
    if (markets && a->market != b->market) {
        *vetoes |= TM_VETO_MARKETS;
    }
    if (media && a->medium.v != b->medium.v) {
        *vetoes |= TM_VETO_MEDIA;
    }
    if ((*vetoes & (TM_VETO_MARKETS | TM_VETO_MEDIA)) != 0)
        return TM_PLACES_DIFFER;
    if (!markets || !media)
        return TM_PLACES_UNKNOWN;
    return one ? TM_PLACES_ONE : TM_PLACES_NONE;
}

/* Those that are a comparison of two numbers. */
static uint32_t cheap_vetoes(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    uint32_t vetoes = 0;
    if (layer_of(a) != layer_of(b)) {
        vetoes |= TM_VETO_LAYERS;
    }
    if (opposite_sides(a, b)) {
        vetoes |= TM_VETO_SIDES;
    }
    if (has_flight(a) && has_flight(b) &&
        (a->flight_to.v < b->flight_from.v || b->flight_to.v < a->flight_from.v)) {
        vetoes |= TM_VETO_DAYS;
    }
    return vetoes;
}

/* Every veto there is, and what else follows from the places. */
static uint32_t all_vetoes(const tm_buy_line_t *a, const tm_buy_line_t *b, int32_t name_score_bp,
                           tm_places_t *ret_places, bool *ret_sister)
{
    uint32_t vetoes = cheap_vetoes(a, b);
    *ret_sister = false;
    if (two_rows(a, b)) {
        vetoes |= TM_VETO_ROWS;
    }
    const bool in_a = has_station(a), in_b = has_station(b);
    if (!in_a || !in_b) {
        *ret_places = wide_places(a, b, in_a != in_b, &vetoes);
    } else if (same_station(a, b)) {
        *ret_places = TM_PLACES_SAME;
        if (two_numbers(a, b)) {
            vetoes |= TM_VETO_NUMBERS;
        }
    } else {
        *ret_places = TM_PLACES_DIFFER;
        *ret_sister = are_sisters(a, b, name_score_bp);
        if (!*ret_sister) {
            vetoes |= TM_VETO_STATIONS;
        }
    }
    *ret_sister = *ret_sister && vetoes == 0;
    return vetoes;
}

/* ---- amounts ---- */

static tm_reading_t read_as(tm_cents_t stated, bool as_net, int32_t bp)
{
    return (tm_reading_t){.gross = as_net ? tm_gross_of(stated, bp) : stated,
                          .stated = stated,
                          .guessed = true,
                          .as_net = as_net,
                          .bp = bp};
}

/* The gross amounts a line may mean: one, or both readings of a total that is not named. Returns
 * how many; 0: the amount is unknown. */
static uint32_t readings_of(const tm_buy_line_t *line, tm_reading_t ret[2])
{
    const bool gross = TM_HAS(line, TM_BUY_LINE_gross_cents),
               net = TM_HAS(line, TM_BUY_LINE_net_cents);
    const bool low = TM_HAS(line, TM_BUY_LINE_low_cents),
               high = TM_HAS(line, TM_BUY_LINE_high_cents);
    const int32_t bp =
        TM_HAS(line, TM_BUY_LINE_commission_bp) ? line->commission_bp : TM_COMMISSION_DEFAULT_BP;
    if (!gross && !net) {
        if (!low && !high)
            return 0;
        const tm_cents_t least = low ? line->low_cents : (tm_cents_t){0};
        const tm_cents_t likely = tm_likely_of(least, high, line->high_cents);
        ret[0] = (tm_reading_t){.gross = likely, .stated = likely};
        return 1;
    }
    if (TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_unknown) {
        const bool says_net =
            TM_HAS(line, TM_BUY_LINE_stated_basis) && line->stated_basis.v == TM_AMOUNT_BASIS_net;
        const tm_cents_t stated = net && (says_net || !gross) ? line->net_cents : line->gross_cents;
        ret[0] = read_as(stated, false, bp);
        ret[1] = read_as(stated, true, bp);
        return 2;
    }
    const tm_cents_t known = gross ? line->gross_cents : tm_gross_of(line->net_cents, bp);
    ret[0] = (tm_reading_t){.gross = known, .stated = known};
    return 1;
}

static uint64_t size_of(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* How far two amounts lie apart and the larger of them, without signs. */
typedef struct apart {
    uint64_t cents, of;
} apart_t;

static apart_t apart_of(tm_cents_t a, tm_cents_t b)
{
    const uint64_t x = size_of(a.v), y = size_of(b.v);
    const bool opposite = (a.v < 0) != (b.v < 0);
    const uint64_t cents = opposite ? x + y : TM_MAX(x, y) - TM_MIN(x, y);
    const uint64_t of = TM_MAX(x, y);
    return (apart_t){cents, of > 0 ? of : 1}; /* two zeros are equal */
}

static void compare_amounts(const tm_buy_line_t *a, const tm_buy_line_t *b, tm_compared_t *c)
{
    tm_reading_t x[2], y[2];
    const uint32_t n = readings_of(a, x), m = readings_of(b, y);
    c->amounts = n > 0 && m > 0;
    c->guessed = c->amounts && (n > 1 || m > 1);
    apart_t best = {0, 0};
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < m; k++) {
            const apart_t at = apart_of(x[i].gross, y[k].gross);
            if (best.of == 0 || (tm_u128_t)at.cents * best.of < (tm_u128_t)best.cents * at.of) {
                best = at;
                c->a = x[i];
                c->b = y[k];
            }
        }
    }
}

void tm_dedupe_compare(const tm_buy_line_t *a, const tm_buy_line_t *b, int32_t name_score_bp,
                       tm_compared_t *ret)
{
    assert(name_score_bp >= 0 && name_score_bp <= 10000);
    *ret = (tm_compared_t){0};
    ret->vetoes = all_vetoes(a, b, name_score_bp, &ret->places, &ret->sister);
    if (ret->vetoes != 0)
        return;
    ret->same_advertiser =
        both(a, b, TM_BUY_LINE_advertiser_id) && a->advertiser_id.v == b->advertiser_id.v;
    ret->name_score_bp = name_score_bp >= TM_DEDUPE_NAME_BP ? name_score_bp : 0;
    if (has_flight(a) && has_flight(b)) {
        const int64_t first = TM_MIN(a->flight_from.v, b->flight_from.v);
        const int64_t last = TM_MAX(a->flight_to.v, b->flight_to.v);
        const int64_t from = TM_MAX(a->flight_from.v, b->flight_from.v);
        const int64_t to = TM_MIN(a->flight_to.v, b->flight_to.v);
        ret->days_either = last - first + 1; /* they meet, so no gap lies between them */
        ret->days_common = to - from + 1;
        assert(ret->days_common > 0 && ret->days_common <= ret->days_either);
    }
    compare_amounts(a, b, ret);
}

/* ---- points ---- */

int32_t tm_points_station(const tm_compared_t *c)
{
    switch (c->places) {
    case TM_PLACES_SAME:
        return TM_POINTS_STATION;
    case TM_PLACES_ONE:
    case TM_PLACES_NONE:
        return TM_POINTS_PLACE;
    case TM_PLACES_UNKNOWN:
    case TM_PLACES_DIFFER:
        break;
    }
    return 0;
}

/* Points as a fraction num / den. */
typedef struct fraction {
    tm_u128_t num, den;
} fraction_t;

static fraction_t advertiser_part(const tm_compared_t *c)
{
    const int32_t bp = c->same_advertiser ? 10000 : c->name_score_bp;
    return (fraction_t){(tm_u128_t)(TM_POINTS_ADVERTISER / 1000 * bp), 10};
}

static fraction_t flight_part(const tm_compared_t *c)
{
    if (c->days_either == 0)
        return (fraction_t){0, 1};
    return (fraction_t){(tm_u128_t)c->days_common * TM_POINTS_FLIGHT, (tm_u128_t)c->days_either};
}

static fraction_t amount_part(const tm_compared_t *c)
{
    if (!c->amounts)
        return (fraction_t){0, 1};
    const apart_t at = apart_of(c->a.gross, c->b.gross);
    const tm_u128_t lost = (tm_u128_t)at.cents * 10; /* a tenth of the larger loses everything */
    if (lost >= at.of)
        return (fraction_t){0, 1};
    return (fraction_t){(at.of - lost) * TM_POINTS_AMOUNT, at.of};
}

static int32_t rounded(fraction_t f)
{
    return (int32_t)tm_half_up(f.num, f.den);
}

int32_t tm_points_advertiser(const tm_compared_t *c)
{
    return rounded(advertiser_part(c));
}

int32_t tm_points_flight(const tm_compared_t *c)
{
    return rounded(flight_part(c));
}

int32_t tm_points_amount(const tm_compared_t *c)
{
    return rounded(amount_part(c));
}

int32_t tm_points_total(const tm_compared_t *c)
{
    if (c->vetoes != 0)
        return 0;
    const fraction_t x = advertiser_part(c), y = flight_part(c), z = amount_part(c);
    /* at most 10 * 2^32 * 10^18: their products with points stay far below 2^127 */
    const tm_u128_t den = x.den * y.den * z.den;
    tm_u128_t num = (tm_u128_t)tm_points_station(c) * den + x.num * y.den * z.den +
                    y.num * x.den * z.den + z.num * x.den * y.den;
    const tm_u128_t guessed = c->guessed ? (tm_u128_t)TM_POINTS_GUESSED * den : 0;
    num = num > guessed ? num - guessed : 0;
    return rounded((fraction_t){num, den});
}

int32_t tm_dedupe_bound(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (cheap_vetoes(a, b) != 0)
        return 0;
    tm_compared_t c;
    tm_dedupe_compare(a, b, 10000, &c); /* names may be as alike as can be */
    if (c.vetoes != 0)
        return 0;
    const int32_t points = tm_points_total(&c);
    return c.sister ? TM_MAX(points, TM_SCORE_OPEN) : points;
}
