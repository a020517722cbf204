/* test_sheet_value.c - what people type into cells: days, dollars, lengths. */
#include "base/time.h"
#include "files/sheet_read_value.h"
#include "files/with_sheet.h"

static void day_is(const char *text, const char *want)
{
    tm_day_t day = {0};
    const char *fault = tm_cell_day(tm_str(text), &day);
    if (fault != NULL)
        fail_msg("%s: %s", text, fault);
    char got[TM_DAY_TEXT];
    tm_day_format(day, got);
    assert_string_equal(got, want);
}

static void day_fails(const char *text, const char *part)
{
    tm_day_t day = {0};
    const char *fault = tm_cell_day(tm_str(text), &day);
    assert_non_null(fault);
    if (strstr(fault, part) == NULL)
        fail_msg("%s: %s", text, fault);
}

static void day__as_people_write_it(void **state)
{
    (void)state;
    day_is("2026-10-12", "2026-10-12");
    day_is("2026-10-12T00:00:00", "2026-10-12");
    day_is("10/12/2026", "2026-10-12");
    day_is("10/12/26", "2026-10-12");
    day_is("1/2/99", "1999-01-02");
    day_is("10-12-2026", "2026-10-12");
    day_is("10/12/2026 12:00:00 AM", "2026-10-12");
    day_is("Oct 12, 2026", "2026-10-12");
    day_is("October 12th, 2026", "2026-10-12");
    day_is("Sept. 7 2026", "2026-09-07");
    day_is("12 Oct 2026", "2026-10-12");
    day_is("12-Oct-26", "2026-10-12");
    day_is("Mon 10/12/26", "2026-10-12");
    day_is("Monday, October 12, 2026", "2026-10-12");
    day_is("46307", "2026-10-12");
    day_is("46307.75", "2026-10-12");
}

static void day__what_it_cannot_be_is_told(void **state)
{
    (void)state;
    day_fails("13/10/2026", "no such day");
    day_fails("2/30/2026", "no such day");
    day_fails("2026-02-30", "no such day");
    day_fails("10/12", "no year");
    day_fails("Oct 12", "no year");
    day_fails("10/12/1885", "between");
    day_fails("soon", "must be a day");
    day_fails("", "must be a day");
    day_fails("10/12/2026x", "must be a day");
    day_fails("12", "must be a day");
    day_fails("1/2/3/4", "must be a day");
    day_fails("10/12/026", "must be a day");
    day_fails("99999", "must be a day");
}

static void days_are(const char *text, const char *want)
{
    tm_day_t from = {0}, to = {0};
    const char *fault = tm_cell_days(tm_str(text), &from, &to);
    if (fault != NULL)
        fail_msg("%s: %s", text, fault);
    char a[TM_DAY_TEXT], b[TM_DAY_TEXT], got[40];
    tm_day_format(from, a);
    tm_day_format(to, b);
    (void)snprintf(got, sizeof got, "%s %s", a, b);
    assert_string_equal(got, want);
}

static void days__two_in_one_cell(void **state)
{
    (void)state;
    days_are("10/12/26 - 10/25/26", "2026-10-12 2026-10-25");
    days_are("10/12-10/25/2026", "2026-10-12 2026-10-25");
    days_are("2026-10-12 to 2026-10-25", "2026-10-12 2026-10-25");
    days_are("Oct 12, 2026 \xe2\x80\x93 Oct 25, 2026", "2026-10-12 2026-10-25");
    days_are("2026-10-12", "2026-10-12 2026-10-12");
    days_are("10/12/2026", "2026-10-12 2026-10-12");
    tm_day_t from, to;
    assert_string_equal(tm_cell_days(TM_STR("10/25/26 - 10/12/26"), &from, &to),
                        "the last day lies before the first");
}

static void money_is(const char *text, int64_t unit, int64_t want)
{
    tm_money_t m;
    const char *fault = tm_cell_money(tm_str(text), unit, &m);
    if (fault != NULL)
        fail_msg("%s: %s", text, fault);
    assert_true(m.exact);
    assert_int_equal(m.low.v, want);
}

static void money__signs_brackets_units(void **state)
{
    (void)state;
    money_is("$1,234.50", 100, 123450);
    money_is("(1,234.50)", 100, -123450);
    money_is("$(1,234.50)", 100, -123450);
    money_is("($9.9)", 100, -990);
    money_is("-$5", 100, -500);
    money_is("5.00-", 100, -500);
    money_is("1234.5", 100, 123450);
    money_is("USD 1,000,000", 100, 100000000);
    money_is("17.3", 100000, 1730000);
    money_is("17.3K", 100, 1730000);
    money_is("1.25M", 100, 125000000);
    money_is("188000", 1, 188000);
    money_is("0", 100, 0);
    money_is("0.005", 100, 1);
    money_is("1234.499999999", 100, 123450);
    money_is(".5", 100, 50);
}

static void money__ranges_and_nothing(void **state)
{
    (void)state;
    tm_money_t m;
    assert_null(tm_cell_money(TM_STR("\xe2\x89\xa4"
                                     "100"),
                              100, &m));
    assert_false(m.has_low);
    assert_true(m.has_high && !m.exact);
    assert_int_equal(m.high.v, 10000);
    assert_null(tm_cell_money(TM_STR("<= $100"), 100, &m));
    assert_true(m.has_high && !m.has_low);
    assert_null(tm_cell_money(TM_STR("100-499"), 100, &m));
    assert_int_equal(m.low.v, 10000);
    assert_int_equal(m.high.v, 49900);
    assert_null(tm_cell_money(TM_STR("$1,000 \xe2\x80\x93 $2,000"), 100, &m));
    assert_int_equal(m.high.v, 200000);
    assert_null(tm_cell_money(TM_STR("1,000,000+"), 100, &m));
    assert_true(m.has_low && !m.has_high);
    static const char *const nothing[] = {"", "-", "n/a", "TBD", "\xe2\x80\x94"};
    for (size_t i = 0; i < TM_COUNT(nothing); i++) {
        assert_null(tm_cell_money(tm_str(nothing[i]), 100, &m));
        assert_false(m.has_low || m.has_high);
    }
}

static void money__no_guesses(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "1,23",        "1.234,50", "12,34,567", "abc",
        "$",           "1 234",    "--5",       "1.2.3",
        "(5",          "5)",       "1,0000",    ",500",
        "=SUM(A1:A9)", "#N/A",     "499-100",   "9999999999999999999999",
        "1e5"};
    for (size_t i = 0; i < TM_COUNT(wrong); i++) {
        tm_money_t m;
        if (tm_cell_money(tm_str(wrong[i]), 100, &m) == NULL)
            fail_msg("%s is taken", wrong[i]);
    }
}

static void numbers__lengths_points_percent(void **state)
{
    (void)state;
    int32_t v = 0;
    static const struct {
        const char *text;
        int32_t seconds;
    } lengths[] = {{":30", 30},  {"30", 30},     {"30s", 30},  {"0:30", 30},
                   {"1:00", 60}, {"60 sec", 60}, {":120", 120}};
    for (size_t i = 0; i < TM_COUNT(lengths); i++) {
        assert_null(tm_cell_length(tm_str(lengths[i].text), &v));
        assert_int_equal(v, lengths[i].seconds);
    }
    assert_non_null(tm_cell_length(TM_STR("thirty"), &v));
    assert_null(tm_cell_tenths(TM_STR("123.4"), 10000000, &v));
    assert_int_equal(v, 1234);
    assert_null(tm_cell_count(TM_STR("1,200"), 0, 10000000, &v));
    assert_int_equal(v, 1200);
    assert_non_null(tm_cell_count(TM_STR("1.5"), 0, 10000000, &v));
    static const char *const percents[] = {"15%", "15", "0.15", "15.00%"};
    for (size_t i = 0; i < TM_COUNT(percents); i++) {
        assert_null(tm_cell_percent(tm_str(percents[i]), &v));
        assert_int_equal(v, 1500);
    }
    assert_non_null(tm_cell_percent(TM_STR("150%"), &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day__as_people_write_it),
        cmocka_unit_test(day__what_it_cannot_be_is_told),
        cmocka_unit_test(days__two_in_one_cell),
        cmocka_unit_test(money__signs_brackets_units),
        cmocka_unit_test(money__ranges_and_nothing),
        cmocka_unit_test(money__no_guesses),
        cmocka_unit_test(numbers__lengths_points_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
