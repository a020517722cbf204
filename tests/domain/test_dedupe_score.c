/* test_dedupe_score.c - points and vetoes of two lines, each rule by itself, and the properties
 * that hold for any two lines. */
#include "domain/dedupe.h"
#include "domain/dedupe_text.h"
#include "schema/record.h"
#include "with_lines.h"

static tm_arena_t *arena;

static int setup(void **state)
{
    (void)state;
    arena = tm_arena_new(1 << 22);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tm_arena_free(arena);
    return 0;
}

/* A line of one station with everything a comparison looks at. */
static tm_buy_line_t full(uint32_t id)
{
    tm_buy_line_t line = line_of(id, "2026-10-13", "2026-10-19", 2040000);
    LINE_SET(&line, advertiser_id, tm_id_make(3, 1));
    LINE_SET(&line, advertiser, TM_STR("Lake for Senate"));
    LINE_SET(&line, side, (tm_enum_t){TM_SIDE_against});
    LINE_SET(&line, station_id, tm_id_make(4, 1));
    LINE_SET(&line, market, 504);
    LINE_SET(&line, medium, (tm_enum_t){TM_MEDIUM_broadcast});
    LINE_SET(&line, source, TM_STR("manual"));
    return line;
}

static tm_buy_line_t filing(uint32_t id, const char *number)
{
    tm_buy_line_t line = full(id);
    LINE_SET(&line, source, TM_STR("fcc"));
    LINE_SET(&line, order_no, tm_str(number));
    LINE_SET(&line, order_no_norm, tm_str(number));
    return line;
}

static void no_station(tm_buy_line_t *line)
{
    TM_CLEAR(line, TM_BUY_LINE_station);
    TM_CLEAR(line, TM_BUY_LINE_station_id);
}

static void other_station(tm_buy_line_t *line)
{
    LINE_SET(line, station, TM_STR("WBBB"));
    LINE_SET(line, station_id, tm_id_make(4, 2));
}

static tm_score_t score_of(const tm_buy_line_t *a, const tm_buy_line_t *b, int32_t names)
{
    tm_score_t s;
    assert_int_equal(tm_dedupe_score(a, b, names, arena, &s), TM_OK);
    return s;
}

static const tm_dedupe_reason_t *reason(const tm_score_t *s, const char *rule)
{
    for (uint32_t i = 0; i < s->n_reasons; i++) {
        if (tm_str_eq(s->reasons[i].rule, tm_str(rule)))
            return &s->reasons[i];
    }
    return NULL;
}

static int32_t points(const tm_score_t *s, const char *rule)
{
    const tm_dedupe_reason_t *r = reason(s, rule);
    assert_non_null(r);
    return r->points_x100;
}

static void text_is(tm_str_t text, const char *want)
{
    char got[512];
    snprintf(got, sizeof got, "%.*s", (int)text.n, text.p);
    assert_string_equal(got, want);
}

static void says(const tm_score_t *s, const char *rule, const char *want)
{
    const tm_dedupe_reason_t *r = reason(s, rule);
    assert_non_null(r);
    text_is(r->text, want);
}

/* One veto, in these words, whichever line comes first. */
static void vetoed(const tm_buy_line_t *a, const tm_buy_line_t *b, const char *want)
{
    const tm_score_t s = score_of(a, b, 10000), t = score_of(b, a, 10000);
    assert_int_equal(s.n_vetoes, 1);
    assert_int_equal(t.n_vetoes, 1);
    text_is(s.vetoes[0], want);
    assert_int_equal(s.score_x100, 0);
    assert_int_equal(s.n_reasons, 0);
    assert_false(s.sister);
    assert_int_equal(tm_dedupe_bound(a, b), 0);
    assert_int_equal(tm_dedupe_bound(b, a), 0);
}

static void not_vetoed(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    const tm_score_t s = score_of(a, b, 10000), t = score_of(b, a, 10000);
    assert_int_equal(s.n_vetoes, 0);
    assert_int_equal(t.n_vetoes, 0);
    assert_true(s.score_x100 > 0);
    assert_true(tm_dedupe_bound(a, b) >= s.score_x100);
}

/* ---- the worked examples ---- */

/* Walkthrough 6: a filing and a sheet's "17.3" thousand whose basis is not stated. */
static tm_buy_line_t sheet_of_17_3(uint32_t id)
{
    tm_buy_line_t sheet = full(id);
    LINE_SET(&sheet, source, TM_STR("rep_mail"));
    LINE_SET(&sheet, flight_from, day("2026-10-12"));
    LINE_SET(&sheet, flight_to, day("2026-10-18"));
    LINE_SET(&sheet, gross_cents, (tm_cents_t){1730000});
    LINE_SET(&sheet, net_cents, (tm_cents_t){1470500});
    LINE_SET(&sheet, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    LINE_SET(&sheet, stated_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    return sheet;
}

static void score__filing_and_sheet(void **state)
{
    (void)state;
    const tm_buy_line_t a = filing(1, "387130"), b = sheet_of_17_3(2);
    const tm_score_t s = score_of(&a, &b, 0);
    assert_int_equal(s.score_x100, 9379);
    assert_true(s.score_x100 >= TM_SCORE_PROPOSED);
    assert_int_equal(s.n_vetoes, 0);
    assert_int_equal(s.n_reasons, 5);
    assert_int_equal(points(&s, "station"), 3500);
    assert_int_equal(points(&s, "advertiser"), 3000);
    assert_int_equal(points(&s, "flight"), 1125);
    assert_int_equal(points(&s, "amount") + points(&s, "basis"), 1754);
    says(&s, "station", "WAAA in both");
    says(&s, "advertiser", "Lake for Senate in both");
    says(&s, "flight", "6 of 8 days in common: 11.25 of 15");
    says(&s, "amount",
         "$20,400.00 against $20,352.94 ($17,300.00 read as net, 15 % commission): 19.54 of 20");
    says(&s, "basis", "it is not said whether $17,300.00 is gross or net: -2");
    assert_int_equal(tm_dedupe_bound(&a, &b), 9379);
}

static void score__the_given_total_is_the_one_read_both_ways(void **state)
{
    (void)state;
    const tm_buy_line_t a = filing(1, "387130");
    tm_buy_line_t b = sheet_of_17_3(2);
    LINE_SET(&b, net_cents, (tm_cents_t){1730000}); /* the same sheet, posted as net */
    LINE_SET(&b, gross_cents, (tm_cents_t){2035294});
    LINE_SET(&b, stated_basis, (tm_enum_t){TM_AMOUNT_BASIS_net});
    assert_int_equal(score_of(&a, &b, 0).score_x100, 9379);
    tm_buy_line_t c = a;
    LINE_SET(&c, gross_cents, (tm_cents_t){1730000}); /* it might as well be gross */
    assert_int_equal(score_of(&c, &b, 0).score_x100, 3500 + 3000 + 1125 + 2000 - 200);
    TM_CLEAR(&b, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&b, TM_BUY_LINE_stated_basis);
    assert_int_equal(score_of(&a, &b, 0).score_x100, 9379);
    b = sheet_of_17_3(2);
    TM_CLEAR(&b, TM_BUY_LINE_stated_basis); /* not known: the gross was given */
    assert_int_equal(score_of(&a, &b, 0).score_x100, 9379);
}

/* Walkthrough 7: two numbers of one station. */
static void score__two_orders_of_one_station(void **state)
{
    (void)state;
    const tm_buy_line_t a = filing(1, "387130"), b = filing(2, "387131");
    const tm_score_t s = score_of(&a, &b, 10000);
    assert_int_equal(s.score_x100, 0);
    text_is(s.vetoes[0], "two order numbers of WAAA: 387130 and 387131");
    assert_int_equal(tm_dedupe_bound(&a, &b), 0);
}

/* ---- each rule ---- */

static void score__station(void **state)
{
    (void)state;
    tm_buy_line_t a = full(1), b = full(2);
    assert_int_equal(score_of(&a, &b, 0).score_x100, 10000);
    TM_CLEAR(&b, TM_BUY_LINE_station_id);
    LINE_SET(&b, station, TM_STR("waaa-tv")); /* one call sign, differently printed */
    tm_score_t s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "station"), 3500);
    says(&s, "station", "WAAA and waaa-tv are one station");
    no_station(&b);
    s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "station"), 2000);
    assert_int_equal(s.score_x100, 8500);
    says(&s, "station", "WAAA in one, no station in the other; 504 broadcast in both");
    no_station(&a);
    s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "station"), 2000);
    says(&s, "station", "no station in either; 504 broadcast in both");
    TM_CLEAR(&b, TM_BUY_LINE_market);
    s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "station"), 0);
    assert_int_equal(s.score_x100, 6500);
    b = full(2);
    no_station(&b);
    TM_CLEAR(&b, TM_BUY_LINE_medium);
    s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "station"), 0);
    b = full(2);
    LINE_SET(&b, station, TM_STR("  "));
    TM_CLEAR(&b, TM_BUY_LINE_station_id); /* a blank is no station */
    s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "station"), 2000);
}

static void score__advertiser(void **state)
{
    (void)state;
    static const struct {
        int32_t names, points, total;
    } table[] = {{10000, 3000, 10000}, {9123, 2737, 9737}, {8501, 2550, 9550},
                 {8500, 2550, 9550},   {8499, 0, 7000},    {0, 0, 7000}};
    tm_buy_line_t a = full(1), b = full(2);
    LINE_SET(&b, advertiser_id, tm_id_make(3, 2));
    LINE_SET(&b, advertiser, TM_STR("Friends of Lake"));
    for (size_t i = 0; i < TM_COUNT(table); i++) {
        const tm_score_t s = score_of(&a, &b, table[i].names);
        assert_int_equal(points(&s, "advertiser"), table[i].points);
        assert_int_equal(s.score_x100, table[i].total);
    }
    tm_score_t s = score_of(&a, &b, 9123);
    says(&s, "advertiser", "Lake for Senate and Friends of Lake are 91.23 % alike: 27.37 of 30");
    TM_CLEAR(&b, TM_BUY_LINE_advertiser_id);
    s = score_of(&a, &b, 9000);
    assert_int_equal(points(&s, "advertiser"), 2700);
}

static void score__flight(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        int32_t points;
    } table[] = {{"2026-10-13", "2026-10-19", 1500}, {"2026-10-19", "2026-10-19", 214},
                 {"2026-10-19", "2026-10-25", 115},  {"2026-10-01", "2026-10-31", 339},
                 {"2026-10-13", "2026-10-26", 750},  {"2026-10-12", "2026-10-18", 1125}};
    const tm_buy_line_t a = full(1);
    for (size_t i = 0; i < TM_COUNT(table); i++) {
        tm_buy_line_t b = full(2);
        LINE_SET(&b, flight_from, day(table[i].from));
        LINE_SET(&b, flight_to, day(table[i].to));
        const tm_score_t s = score_of(&a, &b, 0);
        assert_int_equal(points(&s, "flight"), table[i].points);
        assert_int_equal(s.score_x100, 8500 + table[i].points);
    }
    tm_buy_line_t b = full(2);
    TM_CLEAR(&b, TM_BUY_LINE_flight_to);
    const tm_score_t s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "flight"), 0);
    assert_int_equal(s.score_x100, 8500);
}

static void score__amount(void **state)
{
    (void)state;
    static const struct {
        int64_t a, b;
        int32_t points;
    } table[] = {{2040000, 2040000, 2000},
                 {2040000, 2035294, 1954},
                 {100000, 90000, 0},
                 {100000, 90001, 0},
                 {99999, 89999, 0},
                 {100004, 90003, 0},
                 {100000, 95000, 1000},
                 {100000, 89999, 0},
                 {0, 0, 2000},
                 {0, 1, 0},
                 {-100000, -95000, 1000},
                 {-100000, 100000, 0},
                 {100000, 99999, 2000},
                 {100000, 99975, 1995},
                 {TM_CENTS_MAX, -TM_CENTS_MAX, 0},
                 {TM_CENTS_MAX, TM_CENTS_MAX - 1, 2000}};
    for (size_t i = 0; i < TM_COUNT(table); i++) {
        tm_buy_line_t a = full(1), b = full(2);
        LINE_SET(&a, gross_cents, (tm_cents_t){table[i].a});
        LINE_SET(&b, gross_cents, (tm_cents_t){table[i].b});
        const tm_score_t s = score_of(&a, &b, 0), t = score_of(&b, &a, 0);
        assert_int_equal(points(&s, "amount"), table[i].points);
        assert_int_equal(s.score_x100, 8000 + table[i].points);
        assert_int_equal(t.score_x100, s.score_x100);
    }
}

static void score__amounts_are_compared_in_gross(void **state)
{
    (void)state;
    const tm_buy_line_t a = full(1);
    tm_buy_line_t b = full(2);
    TM_CLEAR(&b, TM_BUY_LINE_gross_cents); /* 20,400 less 15 % */
    LINE_SET(&b, net_cents, (tm_cents_t){1734000});
    LINE_SET(&b, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_net});
    assert_int_equal(score_of(&a, &b, 0).score_x100, 10000);
    LINE_SET(&b, commission_bp, 1000);
    LINE_SET(&b, net_cents, (tm_cents_t){1836000});
    assert_int_equal(score_of(&a, &b, 0).score_x100, 10000);
    TM_CLEAR(&b, TM_BUY_LINE_net_cents);
    tm_score_t s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "amount"), 0);
    says(&s, "amount", "an amount is unknown: 0 of 20");
    LINE_SET(&b, low_cents, (tm_cents_t){2000000}); /* a range without a likely amount */
    LINE_SET(&b, high_cents, (tm_cents_t){2080000});
    s = score_of(&a, &b, 0);
    assert_int_equal(s.score_x100, 10000);
    TM_CLEAR(&b, TM_BUY_LINE_low_cents);
    s = score_of(&a, &b, 0);
    says(&s, "amount", "$20,400.00 against $10,400.00: 0 of 20");
}

static void score__guessing_costs_two_points_once(void **state)
{
    (void)state;
    tm_buy_line_t a = full(1), b = full(2);
    LINE_SET(&b, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    tm_score_t s = score_of(&a, &b, 0);
    assert_int_equal(s.score_x100, 9800);
    says(&s, "amount", "$20,400.00 against $20,400.00 (read as gross): 20 of 20");
    LINE_SET(&a, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    s = score_of(&a, &b, 0);
    assert_int_equal(s.score_x100, 9800);
    LINE_SET(&a, commission_bp, 0); /* a direct buy: both readings are one */
    LINE_SET(&a, gross_cents, (tm_cents_t){2400000});
    s = score_of(&a, &b, 0);
    assert_int_equal(s.score_x100, 9800); /* 20,400 as net is 24,000 */
    TM_CLEAR(&b, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&b, TM_BUY_LINE_net_cents); /* nothing to guess about */
    s = score_of(&a, &b, 0);
    assert_null(reason(&s, "basis"));
    assert_int_equal(s.score_x100, 8000);
}

static void score__never_below_nothing(void **state)
{
    (void)state;
    tm_buy_line_t a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    tm_score_t s = score_of(&a, &b, 0);
    assert_int_equal(s.score_x100, 0);
    assert_int_equal(s.n_vetoes, 0);
    LINE_SET(&a, gross_cents, (tm_cents_t){100});
    LINE_SET(&b, gross_cents, (tm_cents_t){900});
    LINE_SET(&b, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    s = score_of(&a, &b, 0);
    assert_int_equal(points(&s, "basis"), -200);
    assert_int_equal(s.score_x100, 0);
}

/* The exact sum is rounded once: 27.369 + 11.25 + 17.645... + 35. */
static void score__total_is_rounded_once(void **state)
{
    (void)state;
    tm_buy_line_t a = full(1), b = full(2);
    LINE_SET(&b, advertiser_id, tm_id_make(3, 2));
    LINE_SET(&a, gross_cents, (tm_cents_t){8500});
    LINE_SET(&b, gross_cents, (tm_cents_t){8400});
    LINE_SET(&b, flight_from, day("2026-10-12"));
    LINE_SET(&b, flight_to, day("2026-10-18"));
    const tm_score_t s = score_of(&a, &b, 9123);
    /* hundredths: 3500 + 2736.9 + 1125 + 1764.70588... = 9126.60588 */
    assert_int_equal(s.score_x100, 9127);
    assert_int_equal(points(&s, "advertiser"), 2737);
    assert_int_equal(points(&s, "amount"), 1765);
}

/* ---- vetoes ---- */

static void veto__order_numbers(void **state)
{
    (void)state;
    tm_buy_line_t a = filing(1, "387130"), b = filing(2, "387131");
    vetoed(&a, &b, "two order numbers of WAAA: 387130 and 387131");
    LINE_SET(&b, source, TM_STR("rep_mail")); /* its number is nobody's */
    not_vetoed(&a, &b);
    LINE_SET(&b, doc_type, (tm_enum_t){TM_DOC_TYPE_order});
    not_vetoed(&a, &b); /* somebody calls it an order; no document is there */
    static const int papers[] = {TM_DOC_TYPE_order, TM_DOC_TYPE_contract, TM_DOC_TYPE_confirmation,
                                 TM_DOC_TYPE_invoice};
    LINE_SET(&b, document_id, tm_id_make(5, 1));
    for (size_t i = 0; i < TM_COUNT(papers); i++) {
        LINE_SET(&b, doc_type, (tm_enum_t){(uint8_t)papers[i]});
        vetoed(&a, &b, "two order numbers of WAAA: 387130 and 387131");
    }
    LINE_SET(&b, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    not_vetoed(&a, &b);
    b = filing(2, "387131");
    LINE_SET(&a, system, TM_STR("WideOrbit"));
    vetoed(&a, &b, "two order numbers of WAAA: 387130 and 387131");
    LINE_SET(&b, system, TM_STR("wideorbit"));
    vetoed(&a, &b, "two order numbers of WAAA: 387130 and 387131");
    LINE_SET(&b, system, TM_STR("OSI"));
    not_vetoed(&a, &b);
    b = filing(2, "00387130");
    not_vetoed(&a, &b); /* zeros in front are no difference */
    b = filing(2, "387131");
    LINE_SET(&b, alt_order_no, TM_STR("387130"));
    not_vetoed(&a, &b); /* linked by its alternate */
    a = filing(1, "7130");
    LINE_SET(&b, alt_order_no, TM_STR("7130"));
    vetoed(&a, &b, "two order numbers of WAAA: 7130 and 387131"); /* too short to link */
    b = filing(2, "387131");
    TM_CLEAR(&b, TM_BUY_LINE_order_no);
    TM_CLEAR(&b, TM_BUY_LINE_order_no_norm);
    not_vetoed(&a, &b);
    b = filing(2, "000");
    not_vetoed(&a, &b); /* no number at all */
    b = filing(2, "387131");
    no_station(&b); /* not at one station, as far as one knows */
    not_vetoed(&a, &b);
}

static void veto__rows_of_one_list(void **state)
{
    (void)state;
    tm_buy_line_t a = full(1), b = full(2);
    LINE_SET(&a, input_id, tm_id_make(6, 1));
    LINE_SET(&b, input_id, tm_id_make(6, 1));
    not_vetoed(&a, &b); /* two places of one paper */
    LINE_SET(&a, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    not_vetoed(&a, &b);
    LINE_SET(&b, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    vetoed(&a, &b, "two rows of one list");
    LINE_SET(&a, row, 4);
    LINE_SET(&b, row, 7);
    vetoed(&a, &b, "two rows of one list: 4 and 7");
    LINE_SET(&a, doc_type, (tm_enum_t){TM_DOC_TYPE_export});
    vetoed(&a, &b, "two rows of one list: 4 and 7");
    LINE_SET(&b, input_id, tm_id_make(6, 2));
    not_vetoed(&a, &b); /* another sheet */

    a = full(1);
    b = full(2);
    LINE_SET(&a, document_id, tm_id_make(5, 1));
    LINE_SET(&b, document_id, tm_id_make(5, 1));
    not_vetoed(&a, &b); /* by hand */
    LINE_SET(&a, source, TM_STR("rep_mail"));
    not_vetoed(&a, &b);
    LINE_SET(&b, source, TM_STR("rep_mail"));
    vetoed(&a, &b, "two rows of one list");
    LINE_SET(&b, document_id, tm_id_make(5, 2));
    not_vetoed(&a, &b);
    LINE_SET(&b, document_id, tm_id_make(5, 1));
    LINE_SET(&a, source, TM_STR("fcc"));
    LINE_SET(&b, source, TM_STR("fcc"));
    not_vetoed(&a, &b);
}

static void veto__sides(void **state)
{
    (void)state;
    static const char *const words[] = {"for", "against", "neutral"};
    for (uint8_t x = 0; x < 4; x++) {
        for (uint8_t y = 0; y < 4; y++) { /* 3: absent */
            tm_buy_line_t a = full(1), b = full(2);
            LINE_SET(&a, side, (tm_enum_t){x % 3});
            LINE_SET(&b, side, (tm_enum_t){y % 3});
            if (x == 3)
                TM_CLEAR(&a, TM_BUY_LINE_side);
            if (y == 3)
                TM_CLEAR(&b, TM_BUY_LINE_side);
            if (x + y == 1) {
                char want[64];
                snprintf(want, sizeof want, "opposite sides: %s and %s", words[x], words[y]);
                vetoed(&a, &b, want);
            } else {
                not_vetoed(&a, &b);
            }
        }
    }
}

static void veto__no_common_day(void **state)
{
    (void)state;
    const tm_buy_line_t a = full(1);
    tm_buy_line_t b = full(2);
    LINE_SET(&b, flight_from, day("2026-10-20"));
    LINE_SET(&b, flight_to, day("2026-10-26"));
    vetoed(&a, &b, "no common day: 2026-10-13 to 2026-10-19, and 2026-10-20 to 2026-10-26");
    TM_CLEAR(&b, TM_BUY_LINE_flight_to);
    not_vetoed(&a, &b);
}

static void veto__stations(void **state)
{
    (void)state;
    const tm_buy_line_t a = full(1);
    tm_buy_line_t b = full(2);
    other_station(&b);
    vetoed(&a, &b, "stations differ: WAAA and WBBB");
    TM_CLEAR(&b, TM_BUY_LINE_station_id);
    vetoed(&a, &b, "stations differ: WAAA and WBBB");
    LINE_SET(&b, station, TM_STR("WAAA-DT"));
    LINE_SET(&b, station_id, tm_id_make(4, 9)); /* an id given before it was known */
    not_vetoed(&a, &b);
}

static void veto__markets_and_media_without_station(void **state)
{
    (void)state;
    const tm_buy_line_t a = full(1);
    tm_buy_line_t b = full(2);
    no_station(&b);
    LINE_SET(&b, market, 535);
    vetoed(&a, &b, "markets differ: 504 and 535");
    LINE_SET(&b, market, 504);
    LINE_SET(&b, medium, (tm_enum_t){TM_MEDIUM_cable});
    vetoed(&a, &b, "media differ: broadcast and cable");
    b = full(2);
    LINE_SET(&b, market, 535); /* one station is one station, whatever else is said */
    LINE_SET(&b, medium, (tm_enum_t){TM_MEDIUM_cable});
    not_vetoed(&a, &b);
}

static void veto__layers(void **state)
{
    (void)state;
    tm_buy_line_t a = full(1), b = full(2);
    LINE_SET(&b, layer, (tm_enum_t){TM_LAYER_disbursement});
    vetoed(&a, &b, "layers differ: airtime and disbursement");
    TM_CLEAR(&a, TM_BUY_LINE_layer); /* airtime */
    vetoed(&a, &b, "layers differ: airtime and disbursement");
    LINE_SET(&a, layer, (tm_enum_t){TM_LAYER_disbursement});
    not_vetoed(&a, &b);
}

static void veto__all_at_once(void **state)
{
    (void)state;
    tm_buy_line_t a = filing(1, "387130"), b = filing(2, "387131");
    LINE_SET(&b, layer, (tm_enum_t){TM_LAYER_disbursement});
    LINE_SET(&b, side, (tm_enum_t){TM_SIDE_for});
    LINE_SET(&b, flight_from, day("2026-11-01"));
    LINE_SET(&b, flight_to, day("2026-11-01"));
    LINE_SET(&a, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    LINE_SET(&b, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    LINE_SET(&a, input_id, tm_id_make(6, 1));
    LINE_SET(&b, input_id, tm_id_make(6, 1));
    const tm_score_t s = score_of(&a, &b, 10000);
    assert_int_equal(s.n_vetoes, 5);
    assert_true(s.n_vetoes <= TM_DEDUPE_VETOES_MAX);
}

/* ---- one order at two stations ---- */

static void sister__opens_whatever_the_points(void **state)
{
    (void)state;
    tm_buy_line_t a = filing(1, "387130"), b = filing(2, "0387130");
    other_station(&b);
    tm_score_t s = score_of(&a, &b, 0);
    assert_true(s.sister);
    assert_int_equal(s.n_vetoes, 0);
    assert_int_equal(s.score_x100, 6500);
    assert_int_equal(s.n_reasons, 5);
    says(&s, "station", "WAAA and WBBB: 0 of 35");
    says(&s, "sister_station",
         "order 387130 of one advertiser and flight at WAAA and WBBB, both of market 504");
    LINE_SET(&b, gross_cents, (tm_cents_t){100});
    s = score_of(&a, &b, 0);
    assert_true(s.sister);
    assert_int_equal(s.score_x100, 4500);
    assert_true(tm_dedupe_bound(&a, &b) >= TM_SCORE_OPEN); /* nobody may skip it */
    LINE_SET(&b, advertiser_id, tm_id_make(3, 2));
    assert_true(score_of(&a, &b, 8500).sister);
    assert_false(score_of(&a, &b, 8499).sister);
    assert_int_equal(score_of(&a, &b, 8499).n_vetoes, 1);
}

static void sister__needs_number_flight_and_market(void **state)
{
    (void)state;
    const tm_buy_line_t a = filing(1, "387130");
    tm_buy_line_t b = filing(2, "387131");
    other_station(&b);
    vetoed(&a, &b, "stations differ: WAAA and WBBB");
    b = filing(2, "387130");
    other_station(&b);
    LINE_SET(&b, market, 535);
    vetoed(&a, &b, "stations differ: WAAA and WBBB");
    TM_CLEAR(&b, TM_BUY_LINE_market); /* may be the same one */
    assert_true(score_of(&a, &b, 0).sister);
    b = filing(2, "387130");
    other_station(&b);
    LINE_SET(&b, flight_to, day("2026-10-20"));
    vetoed(&a, &b, "stations differ: WAAA and WBBB");
    b = filing(2, "387130");
    other_station(&b);
    LINE_SET(&b, side, (tm_enum_t){TM_SIDE_for});
    vetoed(&a, &b, "opposite sides: against and for");
}

/* ---- any two lines ---- */

#define MAYBE(line, index)                       \
    do {                                         \
        if (below(seed, 5) == 0)                 \
            TM_CLEAR(line, TM_BUY_LINE_##index); \
    } while (0)

/* A line near others, every field sometimes absent. */
static tm_buy_line_t any_line(uint64_t *seed)
{
    static const char *const stations[] = {"WAAA", "WAAA-TV", "waaa dt", "WBBB", "", " "};
    static const char *const numbers[] = {"387130", "0387130", "387131", "0", "7130"};
    static const char *const sources[] = {"fcc", "rep_mail", "manual", "adimpact"};
    static const int64_t amounts[] = {0, 100, 2040000, 2035294, 1730000, -1730000, TM_CENTS_MAX};
    tm_buy_line_t line = full(1 + below(seed, 50));
    const int32_t from = 20000 + (int32_t)below(seed, 10);
    const uint32_t number = below(seed, TM_COUNT(numbers));
    LINE_SET(&line, station, tm_str(stations[below(seed, TM_COUNT(stations))]));
    LINE_SET(&line, station_id, tm_id_make(4, 1 + below(seed, 2)));
    LINE_SET(&line, advertiser_id, tm_id_make(3, 1 + below(seed, 2)));
    LINE_SET(&line, market, 504 + (below(seed, 4) == 0));
    LINE_SET(&line, medium, (tm_enum_t){below(seed, 4) == 0});
    LINE_SET(&line, side, (tm_enum_t){(uint8_t)below(seed, 3)});
    LINE_SET(&line, layer, (tm_enum_t){below(seed, 10) == 0});
    LINE_SET(&line, flight_from, (tm_day_t){from});
    LINE_SET(&line, flight_to, (tm_day_t){from + (int32_t)below(seed, 12)});
    LINE_SET(&line, gross_cents, (tm_cents_t){amounts[below(seed, TM_COUNT(amounts))]});
    LINE_SET(&line, net_cents, (tm_cents_t){amounts[below(seed, TM_COUNT(amounts))]});
    LINE_SET(&line, low_cents, (tm_cents_t){amounts[below(seed, 5)]});
    LINE_SET(&line, high_cents, (tm_cents_t){amounts[below(seed, 5)]});
    LINE_SET(&line, amount_basis, (tm_enum_t){(uint8_t)below(seed, 3)});
    LINE_SET(&line, stated_basis, (tm_enum_t){(uint8_t)below(seed, 2)});
    LINE_SET(&line, commission_bp, (int32_t)below(seed, 10000));
    LINE_SET(&line, source, tm_str(sources[below(seed, TM_COUNT(sources))]));
    LINE_SET(&line, order_no, tm_str(numbers[number]));
    LINE_SET(&line, order_no_norm, tm_str(numbers[number]));
    LINE_SET(&line, alt_order_no, tm_str(numbers[below(seed, TM_COUNT(numbers))]));
    LINE_SET(&line, doc_type, (tm_enum_t){(uint8_t)below(seed, TM_DOC_TYPE_WORDS_N)});
    LINE_SET(&line, document_id, tm_id_make(5, 1 + below(seed, 3)));
    LINE_SET(&line, input_id, tm_id_make(6, 1 + below(seed, 3)));
    MAYBE(&line, station);
    MAYBE(&line, station_id);
    MAYBE(&line, advertiser_id);
    MAYBE(&line, advertiser);
    MAYBE(&line, market);
    MAYBE(&line, medium);
    MAYBE(&line, side);
    MAYBE(&line, layer);
    MAYBE(&line, flight_from);
    MAYBE(&line, flight_to);
    MAYBE(&line, gross_cents);
    MAYBE(&line, net_cents);
    MAYBE(&line, low_cents);
    MAYBE(&line, high_cents);
    MAYBE(&line, amount_basis);
    MAYBE(&line, stated_basis);
    MAYBE(&line, commission_bp);
    MAYBE(&line, source);
    MAYBE(&line, order_no);
    MAYBE(&line, order_no_norm);
    MAYBE(&line, alt_order_no);
    MAYBE(&line, doc_type);
    MAYBE(&line, document_id);
    MAYBE(&line, input_id);
    return line;
}

static void score__is_symmetric_and_bounded(void **state)
{
    (void)state;
    uint64_t seed = 20261013;
    uint32_t vetoed_n = 0, open_n = 0, sister_n = 0;
    for (int i = 0; i < 100000; i++) {
        const tm_buy_line_t a = any_line(&seed);
        tm_buy_line_t b = any_line(&seed);
        if (below(&seed, 4) == 0) { /* nearly the same */
            const tm_buy_line_t other = b;
            b = a;
            LINE_SET(&b, gross_cents, other.gross_cents);
            LINE_SET(&b, station, other.station);
            LINE_SET(&b, station_id, other.station_id);
        }
        const int32_t names = (int32_t)below(&seed, 10001);
        const tm_score_t s = score_of(&a, &b, names), t = score_of(&b, &a, names);
        assert_int_equal(s.score_x100, t.score_x100);
        assert_int_equal(s.n_vetoes, t.n_vetoes);
        assert_int_equal(s.n_reasons, t.n_reasons);
        assert_int_equal(s.sister, t.sister);
        int32_t sum = 0;
        for (uint32_t k = 0; k < s.n_reasons; k++) {
            assert_true(tm_str_eq(s.reasons[k].rule, t.reasons[k].rule));
            assert_int_equal(s.reasons[k].points_x100, t.reasons[k].points_x100);
            assert_true(s.reasons[k].text.n > 0 && s.reasons[k].text.n <= 400);
            sum += s.reasons[k].points_x100;
        }
        assert_true(abs(TM_MAX(sum, 0) - s.score_x100) <= 2); /* only rounding */
        const int32_t bound = tm_dedupe_bound(&a, &b);
        assert_true(bound >= s.score_x100);
        assert_int_equal(bound, tm_dedupe_bound(&b, &a));
        assert_true(!s.sister || bound >= TM_SCORE_OPEN);
        assert_true(bound > 0 || s.n_vetoes > 0);
        assert_true(s.n_vetoes == 0 || (s.score_x100 == 0 && s.n_reasons == 0));
        vetoed_n += s.n_vetoes > 0;
        open_n += s.score_x100 >= TM_SCORE_OPEN;
        sister_n += s.sister;
        if (i % 1000 == 0)
            tm_arena_reset(arena);
    }
    assert_true(vetoed_n > 1000 && open_n > 100 && sister_n > 10); /* the draw meets them all */
}

static void score__full_arena_is_an_error(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(64);
    const tm_buy_line_t a = full(1), b = full(2);
    tm_score_t s = {.score_x100 = 77};
    assert_int_equal(tm_dedupe_score(&a, &b, 0, small, &s), TM_ENOMEM);
    assert_int_equal(s.score_x100, 77);
}

/* ---- numbers as text ---- */

static void text__money(void **state)
{
    (void)state;
    static const struct {
        int64_t cents;
        const char *text;
    } table[] = {{0, "$0.00"},
                 {5, "$0.05"},
                 {-5, "-$0.05"},
                 {99999, "$999.99"},
                 {100000, "$1,000.00"},
                 {2040000, "$20,400.00"},
                 {-123456789, "-$1,234,567.89"},
                 {TM_CENTS_MAX, "$1,000,000,000,000.00"},
                 {INT64_MIN, "-$92,233,720,368,547,758.08"}};
    for (size_t i = 0; i < TM_COUNT(table); i++) {
        char text[TM_MONEY_TEXT];
        assert_string_equal(tm_money_text((tm_cents_t){table[i].cents}, text), table[i].text);
    }
}

static void text__hundredths_and_cuts(void **state)
{
    (void)state;
    char text[TM_HUNDREDTHS_TEXT];
    assert_string_equal(tm_hundredths_text(1125, text), "11.25");
    assert_string_equal(tm_hundredths_text(2000, text), "20");
    assert_string_equal(tm_hundredths_text(1950, text), "19.5");
    assert_string_equal(tm_hundredths_text(5, text), "0.05");
    assert_string_equal(tm_hundredths_text(-205, text), "-2.05");
    assert_int_equal(tm_half_up(1, 2), 1);
    assert_int_equal(tm_half_up(149, 100), 1);
    assert_int_equal(tm_text_cut(TM_STR("abc"), 3).n, 3);
    assert_int_equal(tm_text_cut(TM_STR("ab\xc3\xa9"), 3).n, 2);
}

static void score__long_names_stay_within_the_limit(void **state)
{
    (void)state;
    char name[201], station[61];
    memset(name, 'x', 200);
    memset(station, 's', 60);
    tm_buy_line_t a = full(1), b = full(2);
    LINE_SET(&a, advertiser, tm_str_n(name, 200));
    LINE_SET(&b, advertiser, tm_str_n(name, 199));
    LINE_SET(&b, advertiser_id, tm_id_make(3, 2));
    LINE_SET(&a, station, tm_str_n(station, 60));
    LINE_SET(&b, station, tm_str_n(station, 59));
    LINE_SET(&a, gross_cents, (tm_cents_t){TM_CENTS_MAX});
    LINE_SET(&b, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    const tm_score_t s = score_of(&a, &b, 9999);
    for (uint32_t i = 0; i < s.n_reasons; i++) {
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_equal(tm_record_validate(&tm_dedupe_reason_desc, &s.reasons[i], &why), TM_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score__filing_and_sheet),
        cmocka_unit_test(score__the_given_total_is_the_one_read_both_ways),
        cmocka_unit_test(score__two_orders_of_one_station),
        cmocka_unit_test(score__station),
        cmocka_unit_test(score__advertiser),
        cmocka_unit_test(score__flight),
        cmocka_unit_test(score__amount),
        cmocka_unit_test(score__amounts_are_compared_in_gross),
        cmocka_unit_test(score__guessing_costs_two_points_once),
        cmocka_unit_test(score__never_below_nothing),
        cmocka_unit_test(score__total_is_rounded_once),
        cmocka_unit_test(veto__order_numbers),
        cmocka_unit_test(veto__rows_of_one_list),
        cmocka_unit_test(veto__sides),
        cmocka_unit_test(veto__no_common_day),
        cmocka_unit_test(veto__stations),
        cmocka_unit_test(veto__markets_and_media_without_station),
        cmocka_unit_test(veto__layers),
        cmocka_unit_test(veto__all_at_once),
        cmocka_unit_test(sister__opens_whatever_the_points),
        cmocka_unit_test(sister__needs_number_flight_and_market),
        cmocka_unit_test(score__is_symmetric_and_bounded),
        cmocka_unit_test(score__full_arena_is_an_error),
        cmocka_unit_test(text__money),
        cmocka_unit_test(text__hundredths_and_cuts),
        cmocka_unit_test(score__long_names_stay_within_the_limit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
