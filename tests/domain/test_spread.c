/* test_spread.c - dollars by week: the worked examples, and sums that are exact whatever the cut.
 */
#include "with_lines.h"

typedef struct expected {
    const char *week;
    int64_t cents;
} expected_t;

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

static void weeks_are(const tm_buy_line_t *line, int basis, const expected_t *want, uint32_t n)
{
    uint32_t got_n;
    const tm_share_t *got = shares_of(line, basis, arena, &got_n);
    assert_int_equal(got_n, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(got[i].week.v, day(want[i].week).v);
        assert_true(got[i].known);
        assert_int_equal(got[i].gross.v, want[i].cents);
    }
}
#define WEEKS_ARE(line, basis, ...)                                                                \
    weeks_are(line, TM_WEEK_BASIS_##basis, (const expected_t[]){__VA_ARGS__},                      \
              sizeof((const expected_t[]){__VA_ARGS__}) / sizeof(expected_t))

static void spread__flight_of_two_weeks(void **state)
{
    (void)state;
    const tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-26", 2100000);
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 900000}, {"2026-10-19", 1050000},
              {"2026-10-26", 150000});
    WEEKS_ARE(&line, political, {"2026-10-13", 1050000}, {"2026-10-20", 1050000});
}

static void spread__odd_cents_and_credits(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-16", "2026-10-22", 1000000);
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 428571}, {"2026-10-19", 571429});
    WEEKS_ARE(&line, political, {"2026-10-13", 571428}, {"2026-10-20", 428572});
    line = line_of(1, "2026-10-16", "2026-10-22", -100000);
    WEEKS_ARE(&line, broadcast, {"2026-10-12", -42857}, {"2026-10-19", -57143});
}

static void spread__hiatus_weeks_are_known_zeros(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-09-01", "2026-09-30", 3000000);
    tm_span_t dark[] = {{.from = day("2026-09-17"), .to = day("2026-09-20")},
                        {.from = day("2026-09-14"), .to = day("2026-09-18")}};
    put_hiatus(&line, dark, 2); /* overlapping and out of order */
    WEEKS_ARE(&line, broadcast, {"2026-08-31", 782608}, {"2026-09-07", 913044}, {"2026-09-14", 0},
              {"2026-09-21", 913043}, {"2026-09-28", 391305});
}

static void spread__flight_that_is_all_hiatus_is_spread_as_without(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-09-14", "2026-09-15", 300);
    tm_span_t dark[] = {{.from = day("2026-09-01"), .to = day("2026-09-30")}};
    put_hiatus(&line, dark, 1);
    WEEKS_ARE(&line, political, {"2026-09-08", 150}, {"2026-09-15", 150});
}

static void spread__last_line_takes_up_to_a_dollar(void **state)
{
    (void)state;
    tm_line_week_t w[] = {week_entry("2026-10-12", "2026-10-18", 30000),
                          week_entry("2026-10-19", "2026-10-25", 60050)};
    tm_buy_line_t line = line_of(1, "2026-10-12", "2026-10-25", 90000);
    LINE_SET(&line, line_weeks, ((tm_recs_t){w, 2}));
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 30000}, {"2026-10-19", 60000});
    line = line_of(1, "2026-10-12", "2026-10-25", 90750); /* more: the rest over the flight */
    LINE_SET(&line, line_weeks, ((tm_recs_t){w, 2}));
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 30350}, {"2026-10-19", 60400});
    line = line_of(1, "2026-10-12", "2026-10-25", 89950); /* exactly a dollar */
    LINE_SET(&line, line_weeks, ((tm_recs_t){w, 2}));
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 30000}, {"2026-10-19", 59950});
    line = line_of(1, "2026-10-12", "2026-10-25", 89949);
    LINE_SET(&line, line_weeks, ((tm_recs_t){w, 2}));
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 29950}, {"2026-10-19", 59999});
}

static void spread__printed_week_is_cut_to_the_flight(void **state)
{
    (void)state;
    tm_line_week_t w[] = {week_entry("2026-10-12", "2026-10-18", 700),
                          week_entry("2026-10-19", "2026-10-25", 700)};
    tm_buy_line_t line =
        line_of(1, "2026-10-13", "2026-10-19", 1400); /* Monday 12 is not in it, Monday 19 is */
    LINE_SET(&line, line_weeks, ((tm_recs_t){w, 2}));
    WEEKS_ARE(&line, political, {"2026-10-13", 1400});
}

static void spread__airing_outside_the_flight_counts_on_its_day(void **state)
{
    (void)state;
    tm_airing_t a[] = {airing("2026-10-13", 1000), airing("2026-10-27", 500)};
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-18", 1500);
    LINE_SET(&line, airings, ((tm_recs_t){a, 2}));
    WEEKS_ARE(&line, broadcast, {"2026-10-12", 1000}, {"2026-10-26", 500});
}

static void spread__amount_without_days_is_unplaced(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-18", 1500);
    TM_CLEAR(&line, TM_BUY_LINE_flight_from);
    tm_share_t *v, unplaced;
    uint32_t n;
    const tm_verdict_t verdict = all_days();
    assert_int_equal(tm_line_shares(&line, &verdict, 0, arena, &v, &n, &unplaced), TM_OK);
    assert_int_equal(n, 0);
    assert_true(unplaced.known);
    assert_int_equal(unplaced.gross.v, 1500);
}

static void spread__unknown_amount_touches_but_is_not_zero(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-18", 0);
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&line, TM_BUY_LINE_net_cents);
    uint32_t n;
    const tm_share_t *v = shares_of(&line, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_int_equal(n, 1);
    assert_false(v[0].known);
    assert_false(v[0].has_high);
}

static void spread__cancelled_buy_is_zero_over_its_flight(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-26", 5000);
    LINE_SET(&line, stage, (tm_enum_t){TM_STAGE_cancelled});
    WEEKS_ARE(&line, political, {"2026-10-13", 0}, {"2026-10-20", 0});
}

static void spread__cancelled_buy_without_flight_leaves_nothing_unplaced(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-26", 5000);
    LINE_SET(&line, stage, (tm_enum_t){TM_STAGE_cancelled});
    TM_CLEAR(&line, TM_BUY_LINE_flight_to);
    tm_share_t *v, unplaced;
    uint32_t n;
    const tm_verdict_t verdict = all_days();
    assert_int_equal(tm_line_shares(&line, &verdict, 0, arena, &v, &n, &unplaced), TM_OK);
    assert_int_equal(n, 0);
    assert_int_equal(unplaced.gross.v, 0);
}

static void spread__net_amounts_are_settled_in_both_bases(void **state)
{
    (void)state;
    tm_line_week_t w[] = {week_entry("2026-10-12", "2026-10-18", 850),
                          week_entry("2026-10-19", "2026-10-25", 851)};
    tm_buy_line_t line = line_of(1, "2026-10-12", "2026-10-25", 0);
    LINE_SET(&line, net_cents, (tm_cents_t){1701});
    LINE_SET(&line, gross_cents, (tm_cents_t){2001});
    LINE_SET(&line, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_net});
    LINE_SET(&line, commission_bp, 1500);
    LINE_SET(&line, line_weeks, ((tm_recs_t){w, 2}));
    uint32_t n;
    const tm_share_t *v = shares_of(&line, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_int_equal(n, 2);
    assert_int_equal(v[0].net.v, 850);
    assert_int_equal(v[1].net.v, 851);
    assert_int_equal(v[0].gross.v, 1000);
    assert_int_equal(v[1].gross.v, 1001);
}

static void spread__spots_follow_what_is_printed(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-12", "2026-10-25", 1400);
    LINE_SET(&line, spots, 14);
    uint32_t n;
    const tm_share_t *v = shares_of(&line, TM_WEEK_BASIS_political, arena, &n);
    assert_int_equal(n, 3);
    assert_int_equal(v[0].spots, 1);
    assert_int_equal(v[1].spots, 7);
    assert_int_equal(v[2].spots, 6);
    tm_airing_t a[] = {airing("2026-10-13", 700), airing("2026-10-13", 700)};
    LINE_SET(&line, airings, ((tm_recs_t){a, 2}));
    v = shares_of(&line, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_int_equal(v[0].spots, 2);
    assert_int_equal(v[1].spots, 0);
}

static void spread__ranges_stay_ranges(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-12", "2026-10-25", 29950);
    LINE_SET(&line, low_cents, (tm_cents_t){10000});
    LINE_SET(&line, high_cents, (tm_cents_t){49900});
    uint32_t n;
    const tm_share_t *v = shares_of(&line, TM_WEEK_BASIS_broadcast, arena, &n);
    int64_t low = 0, likely = 0, high = 0;
    for (uint32_t i = 0; i < n; i++) {
        assert_true(v[i].low.v <= v[i].gross.v && v[i].gross.v <= v[i].high.v && v[i].has_high);
        low += v[i].low.v;
        likely += v[i].gross.v;
        high += v[i].high.v;
    }
    assert_int_equal(low, 10000);
    assert_int_equal(likely, 29950);
    assert_int_equal(high, 49900);
    TM_CLEAR(&line, TM_BUY_LINE_high_cents);
    v = shares_of(&line, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_false(v[0].has_high);
}

static void spread__any_cut_of_any_flight_adds_up(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 5000; i++) {
        const int32_t first = TM_DAY_MIN + (int32_t)below(&seed, 30000),
                      days = 1 + (int32_t)below(&seed, 400);
        tm_span_t dark[3];
        int32_t at = first - 5;
        for (int k = 0; k < 3; k++) {
            dark[k].from.v = at + 2 + (int32_t)below(&seed, 60);
            dark[k].to.v = dark[k].from.v + (int32_t)below(&seed, 40);
            at = dark[k].to.v;
        }
        const tm_flight_t f = {{first}, {first + days - 1}, dark, below(&seed, 4)};
        const int64_t amount =
            (int64_t)(next_random(&seed) % (2 * (uint64_t)TM_CENTS_MAX + 1)) - TM_CENTS_MAX;
        int64_t sum = 0;
        for (int32_t d = first - 20; d < first + days + 20;) {
            const int32_t n = 1 + (int32_t)below(&seed, 9);
            sum +=
                tm_spread_cents(&f, (tm_cents_t){amount}, (tm_day_t){d}, (tm_day_t){d + n - 1}).v;
            d += n;
        }
        assert_int_equal(sum, amount);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread__flight_of_two_weeks),
        cmocka_unit_test(spread__odd_cents_and_credits),
        cmocka_unit_test(spread__hiatus_weeks_are_known_zeros),
        cmocka_unit_test(spread__flight_that_is_all_hiatus_is_spread_as_without),
        cmocka_unit_test(spread__last_line_takes_up_to_a_dollar),
        cmocka_unit_test(spread__printed_week_is_cut_to_the_flight),
        cmocka_unit_test(spread__airing_outside_the_flight_counts_on_its_day),
        cmocka_unit_test(spread__amount_without_days_is_unplaced),
        cmocka_unit_test(spread__unknown_amount_touches_but_is_not_zero),
        cmocka_unit_test(spread__cancelled_buy_is_zero_over_its_flight),
        cmocka_unit_test(spread__cancelled_buy_without_flight_leaves_nothing_unplaced),
        cmocka_unit_test(spread__net_amounts_are_settled_in_both_bases),
        cmocka_unit_test(spread__spots_follow_what_is_printed),
        cmocka_unit_test(spread__ranges_stay_ranges),
        cmocka_unit_test(spread__any_cut_of_any_flight_adds_up),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
