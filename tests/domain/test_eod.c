/* test_eod.c - due hours of dates in zones that skip and repeat hours, or lie half an hour beside
 * the others. */
#include "domain/eod.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

/* "date due", e.g. "2026-11-01 2026-11-01T07:00". */
static const char *next(const char *tz, int minute, tm_day_t from, char text[40])
{
    tm_day_t date;
    tm_ms_t due;
    char day[TM_DAY_TEXT], at[TM_MS_TEXT];
    assert_int_equal(tm_eod_next(tm_str(tz), minute, from, &date, &due), TM_OK);
    tm_day_format(date, day);
    tm_ms_format(due, at);
    (void)snprintf(text, 40, "%s %.16s", day, at);
    return text;
}

static void eod__is_due_at_full_hours(void **state)
{
    (void)state;
    static const struct {
        const char *tz;
        int minute, year, month, day;
        const char *want;
    } cases[] = {
        {"America/New_York", 18 * 60, 2026, 10, 14, "2026-10-14 2026-10-14T22:00"},
        {"America/New_York", 18 * 60 + 1, 2026, 10, 14, "2026-10-14 2026-10-14T23:00"},
        {"America/New_York", 0, 2026, 10, 14, "2026-10-14 2026-10-14T04:00"},
        /* 01:30 comes twice; at 06:00 the clock reads 01:00 again */
        {"America/New_York", 90, 2026, 11, 1, "2026-11-01 2026-11-01T07:00"},
        {"America/New_York", 60, 2026, 11, 1, "2026-11-01 2026-11-01T05:00"},
        /* 02:30 does not exist */
        {"America/New_York", 150, 2027, 3, 14, "2027-03-14 2027-03-14T07:00"},
        /* no full hour follows 23:30 on its date */
        {"America/New_York", 23 * 60 + 30, 2026, 10, 14, "2026-10-14 2026-10-15T04:00"},
        /* full hours of UTC are half past there */
        {"Asia/Kolkata", 18 * 60, 2026, 10, 14, "2026-10-14 2026-10-14T13:00"},
        {"Asia/Kolkata", 23 * 60 + 30, 2026, 10, 14, "2026-10-14 2026-10-14T18:00"},
        {"Asia/Kolkata", 23 * 60 + 31, 2026, 10, 14, "2026-10-14 2026-10-14T19:00"},
        {"Asia/Kathmandu", 0, 2026, 10, 14, "2026-10-14 2026-10-13T19:00"},
        {"UTC", 12 * 60, 2026, 10, 14, "2026-10-14 2026-10-14T12:00"},
        {"Pacific/Kiritimati", 60, 2026, 10, 14, "2026-10-14 2026-10-13T11:00"},
        /* clocks go from 24:00 to 01:00: the date begins at 01:00 */
        {"America/Sao_Paulo", 30, 2018, 11, 4, "2018-11-04 2018-11-04T03:00"},
        /* half an hour less, and half past one comes twice */
        {"Australia/Lord_Howe", 105, 2026, 4, 5, "2026-04-05 2026-04-04T16:00"},
        /* Samoa had no 30 December 2011 */
        {"Pacific/Apia", 60, 2011, 12, 30, "2011-12-31 2011-12-30T11:00"},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        char text[40];
        assert_string_equal(next(cases[i].tz, cases[i].minute,
                                 tm_day_make(cases[i].year, cases[i].month, cases[i].day), text),
                            cases[i].want);
    }
}

/* Asked hour by hour, as a job that runs every hour would. */
static void eod__is_the_first_hour_that_reads_so(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
                                        "Africa/Casablanca", "Atlantic/Azores"};
    for (size_t z = 0; z < TM_COUNT(zones); z++) {
        const tm_str_t tz = tm_str(zones[z]);
        for (int32_t d = tm_day_make(2026, 1, 1).v; d <= tm_day_make(2027, 4, 1).v; d++) {
            const int minute = (int)((uint32_t)d * 997u % 1440u);
            tm_day_t date, day;
            tm_ms_t due, at;
            int reads;
            assert_int_equal(tm_eod_next(tz, minute, (tm_day_t){d}, &date, &due), TM_OK);
            assert_int_equal(date.v, d);
            assert_int_equal(due.v % HOUR_MS, 0);
            assert_int_equal(tm_zone_midnight(tz, date, &at), TM_OK);
            at = tm_eod_hour(at);
            for (; at.v < due.v; at.v += HOUR_MS) {
                assert_int_equal(tm_zone_clock(tz, at, &day, &reads), TM_OK);
                assert_true(day.v == d && reads < minute);
            }
            assert_int_equal(tm_zone_clock(tz, due, &day, &reads), TM_OK);
            assert_true(day.v == d + 1 || (day.v == d && reads >= minute));
        }
    }
}

static void eod__hours_and_faults(void **state)
{
    (void)state;
    assert_int_equal(tm_eod_hour((tm_ms_t){0}).v, 0);
    assert_int_equal(tm_eod_hour((tm_ms_t){1}).v, HOUR_MS);
    assert_int_equal(tm_eod_hour((tm_ms_t){HOUR_MS}).v, HOUR_MS);
    assert_int_equal(tm_eod_hour((tm_ms_t){-1}).v, 0);
    tm_day_t date = {7};
    tm_ms_t due = {7};
    assert_int_equal(tm_eod_next(TM_STR("Mars/Base"), 0, (tm_day_t){20000}, &date, &due),
                     TM_EINVALID);
    assert_int_equal(date.v, 7);
    assert_int_equal(due.v, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eod__is_due_at_full_hours),
        cmocka_unit_test(eod__is_the_first_hour_that_reads_so),
        cmocka_unit_test(eod__hours_and_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
