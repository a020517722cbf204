/* test_week.c - weeks and broadcast months of the calendar. */
#include "with_lines.h"

static void week__broadcast_begins_on_monday(void **state)
{
    (void)state;
    assert_int_equal(tm_week_of(day("2026-10-12"), TM_WEEK_BASIS_broadcast).v, day("2026-10-12").v);
    assert_int_equal(tm_week_of(day("2026-10-18"), TM_WEEK_BASIS_broadcast).v, day("2026-10-12").v);
    assert_int_equal(tm_week_of(day("2026-10-19"), TM_WEEK_BASIS_broadcast).v, day("2026-10-19").v);
}

static void week__political_begins_on_tuesday(void **state)
{
    (void)state;
    assert_int_equal(tm_week_of(day("2026-10-12"), TM_WEEK_BASIS_political).v, day("2026-10-06").v);
    assert_int_equal(tm_week_of(day("2026-10-13"), TM_WEEK_BASIS_political).v, day("2026-10-13").v);
    assert_int_equal(tm_week_of(day("2026-11-03"), TM_WEEK_BASIS_political).v, day("2026-11-03").v);
}

static void week__every_day_lies_in_its_week(void **state)
{
    (void)state;
    for (int32_t d = -800; d <= TM_DAY_MAX; d++) {
        for (int basis = 0; basis < 2; basis++) {
            const tm_day_t w = tm_week_of((tm_day_t){d}, basis);
            assert_true(w.v <= d && d <= w.v + 6);
            assert_int_equal(tm_day_weekday(w), basis == TM_WEEK_BASIS_political ? 1 : 0);
        }
    }
}

static void month_is(int year, int month, const char *first, const char *last)
{
    tm_day_t a, b;
    tm_broadcast_month(year, month, &a, &b);
    assert_int_equal(a.v, day(first).v);
    assert_int_equal(b.v, day(last).v);
}

static void month__ends_with_its_last_sunday(void **state)
{
    (void)state;
    month_is(2026, 1, "2025-12-29", "2026-01-25");
    month_is(2026, 10, "2026-09-28", "2026-10-25");
    month_is(2026, 11, "2026-10-26", "2026-11-29");
    month_is(2026, 12, "2026-11-30", "2026-12-27");
    month_is(2026, 2, "2026-01-26", "2026-02-22");
}

static void month__follows_without_gap(void **state)
{
    (void)state;
    int32_t next = day("1990-01-01").v;
    for (int y = 1990; y <= 2098; y++) {
        for (int m = 1; m <= 12; m++) {
            tm_day_t a, b;
            tm_broadcast_month(y, m, &a, &b);
            assert_int_equal(a.v, next);
            const int32_t weeks = (b.v - a.v + 1) / 7;
            assert_true(weeks == 4 || weeks == 5);
            next = b.v + 1;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(week__broadcast_begins_on_monday),
        cmocka_unit_test(week__political_begins_on_tuesday),
        cmocka_unit_test(week__every_day_lies_in_its_week),
        cmocka_unit_test(month__ends_with_its_last_sunday),
        cmocka_unit_test(month__follows_without_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
