/* test_time.c - days over their whole range, instants as text, and zones that skip midnight or a
 * whole day. */
#include "base/time.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

static void day__counts_like_a_calendar_on_the_wall(void **state)
{
    (void)state;
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1600;
    int month = 1;
    int day = 1;
    int weekday = 5; /* 1600-01-01 was a Saturday */
    for (int32_t v = -135140; v <= 200000; v++) {
        int y;
        int m;
        int d;
        tm_day_split((tm_day_t){v}, &y, &m, &d);
        if (y != year || m != month || d != day || tm_day_make(year, month, day).v != v ||
            tm_day_weekday((tm_day_t){v}) != weekday || !tm_day_is_valid(y, m, d))
            fail_msg("day %d is %d-%d-%d, not %d-%d-%d", v, y, m, d, year, month, day);
        char text[TM_DAY_TEXT];
        char wanted[64];
        tm_day_format((tm_day_t){v}, text);
        snprintf(wanted, sizeof(wanted), "%04d-%02d-%02d", year, month, day);
        assert_string_equal(text, wanted);
        tm_day_t back = {0};
        const tm_err_t err = tm_day_parse(tm_str(text), &back);
        assert_int_equal(err, v < TM_DAY_MIN || v > TM_DAY_MAX ? TM_ERANGE : TM_OK);
        if (err == TM_OK)
            assert_int_equal(back.v, v);
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        const int length = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
        assert_false(tm_day_is_valid(year, month, length + 1));
        weekday = (weekday + 1) % 7;
        if (++day > length) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}

static void day__limits_and_overflow(void **state)
{
    (void)state;
    assert_int_equal(tm_day_make(1990, 1, 1).v, TM_DAY_MIN);
    assert_int_equal(tm_day_make(2099, 12, 31).v, TM_DAY_MAX);
    assert_int_equal(tm_day_make(2026, 10, 12 + 30).v, tm_day_make(2026, 11, 11).v);
    assert_int_equal(tm_day_make(2026, 10, 0).v, tm_day_make(2026, 9, 30).v);
    assert_int_equal(tm_day_weekday(tm_day_make(2026, 11, 3)), 1); /* an election Tuesday */
    assert_false(tm_day_is_valid(2026, 0, 1));
    assert_false(tm_day_is_valid(2026, 13, 1));
    assert_false(tm_day_is_valid(2026, 1, 0));
    const char *bad[] = {"",           "2026-1-12",  "2026-10-1",   "2026/10/12",
                         "2026-13-01", "2026-02-29", "2026-10-12 ", "+026-10-12",
                         "2026-00-10", "2026-10-00", "20261012",    "2026-10-1a"};
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_day_t day;
        assert_int_equal(tm_day_parse(tm_str(bad[i]), &day), TM_EINVALID);
    }
    char text[TM_DAY_TEXT];
    tm_day_format((tm_day_t){INT32_MAX}, text);
    assert_string_equal(text, "9999-12-31");
    tm_day_format((tm_day_t){INT32_MIN}, text);
    assert_string_equal(text, "0000-01-01");
}

static void ms__text_is_that_of_libc(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const int64_t ms = (int64_t)(seed % 8000000000000u) - 2000000000000;
        const int64_t seconds = ms >= 0 ? ms / 1000 : -((999 - ms) / 1000);
        const time_t t = (time_t)seconds;
        struct tm tm;
        gmtime_r(&t, &tm);
        char wanted[40];
        const size_t n = strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S", &tm);
        snprintf(wanted + n, sizeof(wanted) - n, ".%03dZ", (int)(ms - seconds * 1000));
        char text[TM_MS_TEXT];
        tm_ms_format((tm_ms_t){ms}, text);
        assert_string_equal(text, wanted);
    }
    char text[TM_MS_TEXT];
    tm_ms_format((tm_ms_t){INT64_MAX}, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    tm_ms_format((tm_ms_t){INT64_MIN}, text);
    assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static const char *midnight(const char *tz, int year, int month, int day, char text[TM_MS_TEXT])
{
    tm_ms_t at;
    assert_int_equal(tm_zone_midnight(tm_str(tz), tm_day_make(year, month, day), &at), TM_OK);
    tm_ms_format(at, text);
    return text;
}

static void zone__midnights_that_do_not_exist(void **state)
{
    (void)state;
    char text[TM_MS_TEXT];
    assert_string_equal(midnight("America/New_York", 2026, 11, 1, text),
                        "2026-11-01T04:00:00.000Z");
    assert_string_equal(midnight("America/New_York", 2026, 11, 2, text),
                        "2026-11-02T05:00:00.000Z");
    assert_string_equal(midnight("UTC", 2026, 1, 1, text), "2026-01-01T00:00:00.000Z");
    /* clocks go from 24:00 to 01:00 */
    assert_string_equal(midnight("America/Sao_Paulo", 2018, 11, 4, text),
                        "2018-11-04T03:00:00.000Z");
    assert_string_equal(midnight("America/Sao_Paulo", 2018, 11, 5, text),
                        "2018-11-05T02:00:00.000Z");
    assert_string_equal(midnight("Asia/Beirut", 2024, 3, 31, text), "2024-03-30T22:00:00.000Z");
    /* clocks go from 24:00 back to 23:00: midnight comes an hour later */
    assert_string_equal(midnight("America/Sao_Paulo", 2018, 2, 18, text),
                        "2018-02-18T03:00:00.000Z");
    assert_string_equal(midnight("Asia/Beirut", 2024, 10, 27, text), "2024-10-26T22:00:00.000Z");
    /* from 00:01 back to 23:01: midnight happens twice, the first counts */
    assert_string_equal(midnight("America/St_Johns", 2005, 10, 30, text),
                        "2005-10-30T02:30:00.000Z");
    /* Samoa had no 30 December 2011: it begins where the 31st does */
    assert_string_equal(midnight("Pacific/Apia", 2011, 12, 29, text), "2011-12-29T10:00:00.000Z");
    assert_string_equal(midnight("Pacific/Apia", 2011, 12, 30, text), "2011-12-30T10:00:00.000Z");
    assert_string_equal(midnight("Pacific/Apia", 2011, 12, 31, text), "2011-12-30T10:00:00.000Z");
    /* a quarter of an hour, and half an hour of daylight time */
    assert_string_equal(midnight("Asia/Kathmandu", 2026, 5, 1, text), "2026-04-30T18:15:00.000Z");
    assert_string_equal(midnight("Australia/Lord_Howe", 2026, 1, 1, text),
                        "2025-12-31T13:00:00.000Z");
}

static void zone__a_midnight_is_the_first_instant_of_its_day(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/New_York",
                                        "America/Chicago",
                                        "America/Phoenix",
                                        "America/Los_Angeles",
                                        "Pacific/Honolulu",
                                        "America/Anchorage",
                                        "America/Puerto_Rico",
                                        "America/Sao_Paulo",
                                        "Asia/Beirut",
                                        "America/St_Johns",
                                        "Asia/Tehran",
                                        "Africa/Cairo",
                                        "America/Havana",
                                        "Australia/Lord_Howe",
                                        "Pacific/Kiritimati",
                                        "Asia/Gaza",
                                        "Africa/Casablanca",
                                        "America/Asuncion",
                                        "UTC",
                                        "Pacific/Chatham"};
    for (size_t z = 0; z < TM_COUNT(zones); z++) {
        const tm_str_t tz = tm_str(zones[z]);
        const bool skips_a_day = tm_str_eq(tz, TM_STR("Pacific/Kiritimati")); /* 1994-12-31 */
        int64_t last = INT64_MIN;
        for (int32_t v = TM_DAY_MIN; v <= TM_DAY_MIN + 14000; v += z < 2 || v % 7 == 0 ? 1 : 2) {
            if (skips_a_day && v == tm_day_make(1994, 12, 31).v)
                continue;
            tm_ms_t at;
            tm_day_t day;
            assert_int_equal(tm_zone_midnight(tz, (tm_day_t){v}, &at), TM_OK);
            assert_true(at.v > last);
            last = at.v;
            assert_int_equal(tm_zone_day(tz, at, &day), TM_OK);
            if (day.v != v)
                fail_msg("%s: midnight of day %d falls on %d", zones[z], v, day.v);
            assert_int_equal(tm_zone_day(tz, (tm_ms_t){at.v - 1}, &day), TM_OK);
            if (day.v >= v)
                fail_msg("%s: the instant before the midnight of %d falls on %d", zones[z], v,
                         day.v);
        }
    }
}

static void zone__unknown_names_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "America/Nowhere",
                                      "Mars/Base",
                                      "GMT+5",
                                      "Etc/Unknown",
                                      "america new york",
                                      "A very long name that no time zone has ever had in any list",
                                      "Am\xc3\xa9rica"};
    tm_day_t day;
    tm_ms_t at;
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        assert_false(tm_zone_is_known(tm_str(bad[i])));
        assert_int_equal(tm_zone_day(tm_str(bad[i]), (tm_ms_t){0}, &day), TM_EINVALID);
        assert_int_equal(tm_zone_midnight(tm_str(bad[i]), (tm_day_t){0}, &at), TM_EINVALID);
    }
    assert_true(tm_zone_is_known(TM_STR("America/New_York")));
    assert_int_equal(tm_zone_day(TM_STR("UTC"), (tm_ms_t){INT64_MAX}, &day), TM_EINVALID);
}

static void zone__a_call_costs_microseconds(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/New_York", "America/Chicago", "America/Denver",
                                        "America/Los_Angeles"};
    tm_day_t day;
    tm_ms_t at;
    const int64_t begin = tm_time_mono_ns();
    for (int i = 0; i < 2000; i++) {
        const tm_str_t tz = tm_str(zones[i % 4]);
        assert_int_equal(
            tm_zone_day(tz, (tm_ms_t){INT64_C(1790000000000) + i * INT64_C(7777777)}, &day), TM_OK);
        assert_int_equal(tm_zone_midnight(tz, day, &at), TM_OK);
    }
    const int64_t each_ns = (tm_time_mono_ns() - begin) / 4000;
    print_message("zone call: %lld ns\n", (long long)each_ns);
    assert_true(each_ns < 500000); /* generous: other work and sanitizers share the machine */
}

static void clock__goes_forward(void **state)
{
    (void)state;
    const int64_t a = tm_time_mono_ns();
    const int64_t b = tm_time_mono_ns();
    assert_true(b >= a);
    assert_true(tm_time_now().v > INT64_C(1700000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day__counts_like_a_calendar_on_the_wall),
        cmocka_unit_test(day__limits_and_overflow),
        cmocka_unit_test(ms__text_is_that_of_libc),
        cmocka_unit_test(zone__midnights_that_do_not_exist),
        cmocka_unit_test(zone__a_midnight_is_the_first_instant_of_its_day),
        cmocka_unit_test(zone__unknown_names_are_refused),
        cmocka_unit_test(zone__a_call_costs_microseconds),
        cmocka_unit_test(clock__goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
