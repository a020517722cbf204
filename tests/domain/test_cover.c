/* test_cover.c - a market's total against its stations: the worked example to the cent, and that
 * nothing is counted twice or lost in any week. */
#include "domain/dedupe.h"
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

static tm_buy_line_t total_of(const char *from, const char *to, int64_t gross)
{
    tm_buy_line_t line = line_of(1, from, to, gross);
    TM_CLEAR(&line, TM_BUY_LINE_station);
    return line;
}

static tm_week_sum_t sum_of(const char *week, int64_t gross)
{
    return (tm_week_sum_t){.week = day(week), .known = true, .gross = {gross}};
}

static tm_cover_t cover_of(const tm_buy_line_t *total, const tm_week_sum_t *sums, uint32_t m)
{
    uint32_t n;
    const tm_share_t *shares = shares_of(total, TM_WEEK_BASIS_broadcast, arena, &n);
    tm_cover_t c;
    assert_int_equal(tm_cover_of(total, shares, n, sums, m, arena, &c), TM_OK);
    return c;
}

static void entry_is(const tm_line_week_t *w, const char *from, const char *to, int64_t cents)
{
    assert_true(TM_HAS(w, TM_LINE_WEEK_from) && TM_HAS(w, TM_LINE_WEEK_to));
    assert_true(TM_HAS(w, TM_LINE_WEEK_amount_cents));
    assert_int_equal(w->from.v, day(from).v);
    assert_int_equal(w->to.v, day(to).v);
    assert_int_equal(w->amount_cents.v, cents);
}

static void why_is(const tm_cover_t *c, const char *want)
{
    char got[512];
    snprintf(got, sizeof got, "%.*s", (int)c->why.n, c->why.p);
    assert_string_equal(got, want);
}

/* Walkthrough 8: $90,000 net against 40,000 + 35,000 + 30,000. */
static void cover__total_of_columbus(void **state)
{
    (void)state;
    const tm_buy_line_t total =
        total_of("2026-10-12", "2026-10-18", tm_gross_of((tm_cents_t){9000000}, 1500).v);
    assert_int_equal(total.gross_cents.v, 10588235);
    const tm_week_sum_t sums[] = {sum_of("2026-10-12", 4000000 + 3500000 + 3000000)};
    const tm_cover_t c = cover_of(&total, sums, 1);
    assert_true(c.covers);
    assert_false(c.is_short);
    assert_int_equal(c.n_excess, 0);
    assert_int_equal(c.n_rest, 0);
    why_is(&c, "$105,882.35 of the market, $105,000.00 of its stations in 1 week: off by 0.83 %");
}

/* ... and $120,000 net. */
static void cover__excess_is_an_estimate(void **state)
{
    (void)state;
    const tm_buy_line_t total =
        total_of("2026-10-12", "2026-10-18", tm_gross_of((tm_cents_t){12000000}, 1500).v);
    const tm_week_sum_t sums[] = {sum_of("2026-10-12", 10500000)};
    const tm_cover_t c = cover_of(&total, sums, 1);
    assert_true(c.covers);
    assert_false(c.is_short);
    assert_int_equal(c.n_excess, 1);
    entry_is(&c.excess[0], "2026-10-12", "2026-10-18", 3617647);
    assert_int_equal(c.n_rest, 0);
    why_is(&c, "$141,176.47 of the market, $105,000.00 of its stations in 1 week: off by 25.62 %; "
               "$36,176.47 more than they show in 1 week");
}

static void cover__five_percent_of_its_own_gross(void **state)
{
    (void)state;
    static const struct {
        int64_t stations;
        bool excess, is_short;
    } table[] = {{95000, false, false}, {94999, true, false},   {105000, false, false},
                 {105001, false, true}, {100000, false, false}, {0, true, false}};
    const tm_buy_line_t total = total_of("2026-10-12", "2026-10-18", 100000);
    for (size_t i = 0; i < TM_COUNT(table); i++) {
        const tm_week_sum_t sums[] = {sum_of("2026-10-12", table[i].stations)};
        const tm_cover_t c = cover_of(&total, sums, 1);
        assert_true(c.covers);
        assert_int_equal(c.n_excess, table[i].excess);
        assert_int_equal(c.is_short, table[i].is_short);
        if (table[i].excess)
            assert_int_equal(c.excess[0].amount_cents.v, 100000 - table[i].stations);
    }
}

static void cover__weeks_without_stations_stay(void **state)
{
    (void)state;
    /* 4 days, 7 days, 3 days of 14: 400, 700, 300 */
    const tm_buy_line_t total = total_of("2026-10-15", "2026-10-28", 140000);
    tm_week_sum_t sums[] = {sum_of("2026-10-05", 5), sum_of("2026-10-12", 0),
                            sum_of("2026-10-19", 69000), sum_of("2026-11-02", 7)};
    sums[1].known = false; /* a station line without an amount */
    const tm_cover_t c = cover_of(&total, sums, 4);
    assert_true(c.covers);
    assert_int_equal(c.n_excess, 0);
    assert_int_equal(c.n_rest, 2);
    entry_is(&c.rest[0], "2026-10-15", "2026-10-18", 40000);
    entry_is(&c.rest[1], "2026-10-26", "2026-10-28", 30000);
    why_is(&c,
           "$700.00 of the market, $690.00 of its stations in 1 week: off by 1.43 %; $700.00 in "
           "2 weeks without a station line");
}

static void cover__nothing_to_compare_with(void **state)
{
    (void)state;
    tm_buy_line_t total = total_of("2026-10-12", "2026-10-25", 140000);
    tm_cover_t c = cover_of(&total, NULL, 0);
    assert_false(c.covers);
    assert_int_equal(c.n_rest, 2);
    why_is(&c, "no station line in its weeks");
    TM_CLEAR(&total, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&total, TM_BUY_LINE_net_cents); /* an unknown amount covers nothing */
    const tm_week_sum_t sums[] = {sum_of("2026-10-12", 100)};
    c = cover_of(&total, sums, 1);
    assert_false(c.covers);
    assert_int_equal(c.n_rest, 0);
}

static void cover__excess_and_shortage_in_one_flight(void **state)
{
    (void)state;
    const tm_buy_line_t total = total_of("2026-10-12", "2026-10-25", 140000);
    const tm_week_sum_t sums[] = {sum_of("2026-10-12", 50000), sum_of("2026-10-19", 80000)};
    const tm_cover_t c = cover_of(&total, sums, 2);
    assert_true(c.covers);
    assert_true(c.is_short);
    assert_int_equal(c.n_excess, 1);
    entry_is(&c.excess[0], "2026-10-12", "2026-10-18", 20000);
    why_is(&c, "$1,400.00 of the market, $1,300.00 of its stations in 2 weeks: off by 7.14 %; "
               "$200.00 more than they show in 1 week; they exceed it by $100.00 in 1 week");
}

/* In each week what counts afterwards is: without stations the total, else the stations, and the
 * total where it is larger by more than 5 %. */
static void cover__loses_and_doubles_nothing(void **state)
{
    (void)state;
    uint64_t seed = 88;
    for (int round = 0; round < 20000; round++) {
        const int32_t from = 20000 + (int32_t)below(&seed, 20);
        tm_buy_line_t total =
            total_of("2026-10-12", "2026-10-12", (int64_t)below(&seed, 5000000) - 50000);
        total.flight_from.v = from;
        total.flight_to.v = from + (int32_t)below(&seed, 40);
        tm_span_t dark = {.from = {from + (int32_t)below(&seed, 10)}};
        dark.to.v = dark.from.v + (int32_t)below(&seed, 10);
        put_hiatus(&total, &dark, below(&seed, 2));
        const int basis = (int)below(&seed, 2);
        uint32_t n;
        const tm_share_t *shares = shares_of(&total, basis, arena, &n);
        tm_week_sum_t sums[12];
        uint32_t m = 0;
        const int32_t first = tm_week_of((tm_day_t){from}, basis).v - 14;
        for (int32_t w = 0; w < 12; w++) {
            if (below(&seed, 3) == 0)
                continue;
            sums[m++] = (tm_week_sum_t){{first + 7 * w}, below(&seed, 4) > 0, {0}};
            sums[m - 1].gross.v = (int64_t)below(&seed, 1500000);
        }
        tm_cover_t c;
        assert_int_equal(tm_cover_of(&total, shares, n, sums, m, arena, &c), TM_OK);
        uint32_t at_excess = 0, at_rest = 0;
        bool covers = false, is_short = false;
        for (uint32_t i = 0; i < n; i++) {
            const int64_t own = shares[i].gross.v, near = own < 0 ? -own : own;
            int64_t stations = 0, added = 0;
            bool known = false;
            for (uint32_t k = 0; k < m; k++) {
                if (sums[k].week.v == shares[i].week.v && sums[k].known) {
                    known = true;
                    stations = sums[k].gross.v;
                }
            }
            const int32_t week = shares[i].week.v;
            if (at_excess < c.n_excess && tm_week_of(c.excess[at_excess].from, basis).v == week)
                added += c.excess[at_excess++].amount_cents.v;
            if (at_rest < c.n_rest && tm_week_of(c.rest[at_rest].from, basis).v == week)
                added += c.rest[at_rest++].amount_cents.v;
            const bool over = known && (own - stations) * 20 > near;
            const int64_t expected = !known || over ? own : stations;
            assert_int_equal(stations + added, expected);
            covers = covers || known;
            is_short = is_short || (known && (stations - own) * 20 > near);
        }
        assert_int_equal(at_excess, c.n_excess);
        assert_int_equal(at_rest, c.n_rest);
        assert_int_equal(c.covers, covers);
        assert_int_equal(c.is_short, is_short);
        assert_true(c.why.n > 0 && c.why.n <= 300);
        for (uint32_t i = 0; i < c.n_rest; i++) {
            assert_true(c.rest[i].from.v >= total.flight_from.v);
            assert_true(c.rest[i].to.v <= total.flight_to.v);
        }
        if (round % 256 == 0)
            tm_arena_reset(arena);
    }
}

/* The lines that are made of excess and rest put exactly those cents into those weeks. */
static void cover__made_lines_spread_back(void **state)
{
    (void)state;
    const tm_buy_line_t total = total_of("2026-10-15", "2026-10-28", 140001);
    const tm_week_sum_t sums[] = {sum_of("2026-10-19", 30000)};
    const tm_cover_t c = cover_of(&total, sums, 1);
    assert_int_equal(c.n_rest, 2);
    assert_int_equal(c.n_excess, 1);
    tm_buy_line_t rest =
        total_of("2026-10-15", "2026-10-28", c.rest[0].amount_cents.v + c.rest[1].amount_cents.v);
    LINE_SET(&rest, line_weeks, ((tm_recs_t){c.rest, c.n_rest}));
    uint32_t n;
    const tm_share_t *v = shares_of(&rest, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_int_equal(n, 3);
    assert_int_equal(v[0].gross.v, c.rest[0].amount_cents.v);
    assert_int_equal(v[1].gross.v, 0);
    assert_int_equal(v[2].gross.v, c.rest[1].amount_cents.v);
    assert_int_equal(v[0].gross.v + v[2].gross.v + c.excess[0].amount_cents.v + 30000, 140001);
}

static void cover__full_arena_is_an_error(void **state)
{
    (void)state;
    const tm_buy_line_t total = total_of("2026-10-12", "2026-10-25", 140000);
    uint32_t n;
    const tm_share_t *shares = shares_of(&total, TM_WEEK_BASIS_broadcast, arena, &n);
    TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(64);
    tm_cover_t c = {.n_rest = 77};
    assert_int_equal(tm_cover_of(&total, shares, n, NULL, 0, small, &c), TM_ENOMEM);
    assert_int_equal(c.n_rest, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cover__total_of_columbus),
        cmocka_unit_test(cover__excess_is_an_estimate),
        cmocka_unit_test(cover__five_percent_of_its_own_gross),
        cmocka_unit_test(cover__weeks_without_stations_stay),
        cmocka_unit_test(cover__nothing_to_compare_with),
        cmocka_unit_test(cover__excess_and_shortage_in_one_flight),
        cmocka_unit_test(cover__loses_and_doubles_nothing),
        cmocka_unit_test(cover__made_lines_spread_back),
        cmocka_unit_test(cover__full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
