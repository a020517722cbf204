/* dedupe_score.c - the points of two lines with their reasons in words.
 *
 * Why:     a person decides by the sentence, so it shows the numbers that were compared.
 * How:     dedupe_compare.c finds the facts; here each becomes one reason or one veto.
 * Threads: pure.
 * Source:  domain rule 4.5. */
#include "base/time.h"
#include "domain/dedupe_compare.h"
#include "domain/dedupe_text.h"
#include "schema/record.h"
#include <stdio.h>

#define NAME_BYTES_MAX 80 /* of a name in a sentence */
#define STR_ARGS(s) (int)(s).n, (s).p

typedef struct scoring {
    const tm_buy_line_t *a, *b;
    const tm_compared_t *c;
    tm_arena_t *arena;
    tm_score_t *ret;
    bool full; /* the arena is */
} scoring_t;

static void add_reason(scoring_t *s, const char *rule, int32_t points_x100, tm_str_t text)
{
    assert(s->ret->n_reasons < TM_COUNT(s->ret->reasons));
    s->full = s->full || text.p == NULL;
    tm_dedupe_reason_t *r = &s->ret->reasons[s->ret->n_reasons++];
    *r = (tm_dedupe_reason_t){0};
    TM_SET(r, TM_DEDUPE_REASON, rule, tm_str(rule));
    TM_SET(r, TM_DEDUPE_REASON, points_x100, points_x100);
    TM_SET(r, TM_DEDUPE_REASON, text, text);
}

static void add_veto(scoring_t *s, tm_str_t text)
{
    assert(s->ret->n_vetoes < TM_DEDUPE_VETOES_MAX);
    s->full = s->full || text.p == NULL;
    s->ret->vetoes[s->ret->n_vetoes++] = text;
}

static tm_str_t text_or(const tm_buy_line_t *line, int index, tm_str_t value, const char *other)
{
    return TM_HAS(line, index) ? tm_text_cut(tm_str_trim(value), NAME_BYTES_MAX) : tm_str(other);
}

static tm_str_t station_of(const tm_buy_line_t *line)
{
    return text_or(line, TM_BUY_LINE_station, line->station, "a station");
}

static tm_str_t advertiser_of(const tm_buy_line_t *line)
{
    return text_or(line, TM_BUY_LINE_advertiser, line->advertiser, "unknown");
}

static tm_str_t number_of(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_order_no)
               ? tm_str_trim(line->order_no)
               : text_or(line, TM_BUY_LINE_order_no_norm, line->order_no_norm, "unknown");
}

static const char *word(const tm_words_t *words, tm_enum_t v)
{
    return tm_words_name(words, v);
}

/* ---- reasons ---- */

static void station_reason(scoring_t *s)
{
    const tm_buy_line_t *a = s->a, *b = s->b;
    const tm_str_t x = station_of(a), y = station_of(b);
    tm_str_t text = {NULL, 0};
    switch (s->c->places) {
    case TM_PLACES_SAME:
        text = tm_str_eq(x, y) ? tm_arena_printf(s->arena, "%.*s in both", STR_ARGS(x))
                               : tm_arena_printf(s->arena, "%.*s and %.*s are one station",
                                                 STR_ARGS(x), STR_ARGS(y));
        break;
    case TM_PLACES_ONE:
        text = tm_arena_printf(s->arena, "%.*s in one, no station in the other; %d %s in both",
                               STR_ARGS(TM_HAS(a, TM_BUY_LINE_station) ? x : y), a->market,
                               word(&tm_medium_words, a->medium));
        break;
    case TM_PLACES_NONE:
        text = tm_arena_printf(s->arena, "no station in either; %d %s in both", a->market,
                               word(&tm_medium_words, a->medium));
        break;
    case TM_PLACES_UNKNOWN:
        text = tm_arena_printf(s->arena, "a station, market or medium is unknown: 0 of 35");
        break;
    case TM_PLACES_DIFFER:
        text = tm_arena_printf(s->arena, "%.*s and %.*s: 0 of 35", STR_ARGS(x), STR_ARGS(y));
        break;
    }
    add_reason(s, "station", tm_points_station(s->c), text);
}

static void advertiser_reason(scoring_t *s, int32_t name_score_bp)
{
    const tm_str_t x = advertiser_of(s->a), y = advertiser_of(s->b);
    const int32_t points = tm_points_advertiser(s->c);
    char alike[TM_HUNDREDTHS_TEXT], got[TM_HUNDREDTHS_TEXT];
    const tm_str_t text =
        s->c->same_advertiser
            ? tm_arena_printf(s->arena, "%.*s in both", STR_ARGS(x))
            : tm_arena_printf(s->arena, "%.*s and %.*s are %s %% alike: %s of 30", STR_ARGS(x),
                              STR_ARGS(y), tm_hundredths_text(name_score_bp, alike),
                              tm_hundredths_text(points, got));
    add_reason(s, "advertiser", points, text);
}

static void flight_reason(scoring_t *s)
{
    const tm_compared_t *c = s->c;
    const int32_t points = tm_points_flight(c);
    char got[TM_HUNDREDTHS_TEXT];
    const tm_str_t text =
        c->days_either == 0 ? tm_arena_printf(s->arena, "the days of a flight are unknown: 0 of 15")
                            : tm_arena_printf(s->arena, "%lld of %lld days in common: %s of 15",
                                              (long long)c->days_common, (long long)c->days_either,
                                              tm_hundredths_text(points, got));
    add_reason(s, "flight", points, text);
}

#define READING_TEXT 160
/* "$20,352.94 ($17,300.00 read as net, 15 % commission)" */
static const char *reading_text(const tm_reading_t *r, char ret_text[READING_TEXT])
{
    char gross[TM_MONEY_TEXT], stated[TM_MONEY_TEXT], bp[TM_HUNDREDTHS_TEXT];
    if (!r->guessed) {
        snprintf(ret_text, READING_TEXT, "%s", tm_money_text(r->gross, gross));
    } else if (!r->as_net) {
        snprintf(ret_text, READING_TEXT, "%s (read as gross)", tm_money_text(r->gross, gross));
    } else {
        snprintf(ret_text, READING_TEXT, "%s (%s read as net, %s %% commission)",
                 tm_money_text(r->gross, gross), tm_money_text(r->stated, stated),
                 tm_hundredths_text(r->bp, bp));
    }
    return ret_text;
}

static void amount_reasons(scoring_t *s)
{
    const tm_compared_t *c = s->c;
    const int32_t points = tm_points_amount(c);
    if (!c->amounts) {
        add_reason(s, "amount", points, TM_STR("an amount is unknown: 0 of 20"));
        return;
    }
    char x[READING_TEXT], y[READING_TEXT], got[TM_HUNDREDTHS_TEXT];
    add_reason(s, "amount", points,
               tm_arena_printf(s->arena, "%s against %s: %s of 20", reading_text(&c->a, x),
                               reading_text(&c->b, y), tm_hundredths_text(points, got)));
    if (c->guessed) {
        const tm_cents_t stated = c->a.guessed ? c->a.stated : c->b.stated;
        char money[TM_MONEY_TEXT];
        add_reason(s, "basis", -TM_POINTS_GUESSED,
                   tm_arena_printf(s->arena, "it is not said whether %s is gross or net: -2",
                                   tm_money_text(stated, money)));
    }
}

static void sister_reason(scoring_t *s)
{
    const tm_str_t number = tm_text_cut(number_of(s->a), NAME_BYTES_MAX);
    const tm_str_t x = station_of(s->a), y = station_of(s->b);
    const bool known = TM_HAS(s->a, TM_BUY_LINE_market) && TM_HAS(s->b, TM_BUY_LINE_market);
    const tm_str_t market = known ? tm_arena_printf(s->arena, "both of market %d", s->a->market)
                                  : TM_STR("of markets that are not both known");
    add_reason(s, "sister_station", 0,
               tm_arena_printf(s->arena,
                               "order %.*s of one advertiser and flight at %.*s and %.*s, %.*s",
                               STR_ARGS(number), STR_ARGS(x), STR_ARGS(y), STR_ARGS(market)));
}

/* ---- vetoes ---- */

static void days_veto(scoring_t *s)
{
    char v[4][TM_DAY_TEXT];
    tm_day_format(s->a->flight_from, v[0]);
    tm_day_format(s->a->flight_to, v[1]);
    tm_day_format(s->b->flight_from, v[2]);
    tm_day_format(s->b->flight_to, v[3]);
    add_veto(s, tm_arena_printf(s->arena, "no common day: %s to %s, and %s to %s", v[0], v[1], v[2],
                                v[3]));
}

static void rows_veto(scoring_t *s)
{
    const bool rows = TM_HAS(s->a, TM_BUY_LINE_row) && TM_HAS(s->b, TM_BUY_LINE_row);
    add_veto(
        s, rows ? tm_arena_printf(s->arena, "two rows of one list: %d and %d", s->a->row, s->b->row)
                : TM_STR("two rows of one list"));
}

static int layer_of(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_layer) ? line->layer.v : TM_LAYER_airtime;
}

static void place_vetoes(scoring_t *s)
{
    const tm_buy_line_t *a = s->a, *b = s->b;
    const uint32_t vetoes = s->c->vetoes;
    if (vetoes & TM_VETO_STATIONS) {
        const tm_str_t x = station_of(a), y = station_of(b);
        add_veto(s, tm_arena_printf(s->arena, "stations differ: %.*s and %.*s", STR_ARGS(x),
                                    STR_ARGS(y)));
    }
    if (vetoes & TM_VETO_MARKETS) {
        add_veto(s, tm_arena_printf(s->arena, "markets differ: %d and %d", a->market, b->market));
    }
    if (vetoes & TM_VETO_MEDIA) {
        add_veto(s, tm_arena_printf(s->arena, "media differ: %s and %s",
                                    word(&tm_medium_words, a->medium),
                                    word(&tm_medium_words, b->medium)));
    }
    if (vetoes & TM_VETO_NUMBERS) {
        const tm_str_t station = station_of(a);
        const tm_str_t x = tm_text_cut(number_of(a), NAME_BYTES_MAX);
        const tm_str_t y = tm_text_cut(number_of(b), NAME_BYTES_MAX);
        add_veto(s, tm_arena_printf(s->arena, "two order numbers of %.*s: %.*s and %.*s",
                                    STR_ARGS(station), STR_ARGS(x), STR_ARGS(y)));
    }
}

static void put_vetoes(scoring_t *s)
{
    const tm_buy_line_t *a = s->a, *b = s->b;
    const uint32_t vetoes = s->c->vetoes;
    place_vetoes(s);
    if (vetoes & TM_VETO_ROWS) {
        rows_veto(s);
    }
    if (vetoes & TM_VETO_SIDES) {
        add_veto(s, tm_arena_printf(s->arena, "opposite sides: %s and %s",
                                    word(&tm_side_words, a->side), word(&tm_side_words, b->side)));
    }
    if (vetoes & TM_VETO_DAYS) {
        days_veto(s);
    }
    if (vetoes & TM_VETO_LAYERS) {
        add_veto(s, tm_arena_printf(s->arena, "layers differ: %s and %s",
                                    tm_layer_words.words[layer_of(a)],
                                    tm_layer_words.words[layer_of(b)]));
    }
}

tm_err_t tm_dedupe_score(const tm_buy_line_t *a, const tm_buy_line_t *b, int32_t name_score_bp,
                         tm_arena_t *arena, tm_score_t *ret)
{
    tm_compared_t c;
    tm_dedupe_compare(a, b, name_score_bp, &c);
    tm_score_t score = {.score_x100 = tm_points_total(&c), .sister = c.sister};
    scoring_t s = {.a = a, .b = b, .c = &c, .arena = arena, .ret = &score};
    assert(score.score_x100 >= 0 && score.score_x100 <= 10000);
    if (c.vetoes != 0) {
        put_vetoes(&s);
    } else {
        station_reason(&s);
        advertiser_reason(&s, name_score_bp);
        flight_reason(&s);
        amount_reasons(&s);
        if (c.sister) {
            sister_reason(&s);
        }
    }
    if (s.full)
        return TM_ENOMEM;
    *ret = score;
    return TM_OK;
}
