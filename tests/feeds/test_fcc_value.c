/* test_fcc_value.c - printed money, dates, counts, weekdays and call signs: every spelling, and
 * what is none.
 * */
#include "base/time.h"
#include "feeds/fcc_value.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void fcc_money__reads_every_printed_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t cents;
        bool dollar, decimals;
    } cases[] = {
        {"$1,880.00", 188000, true, true}, {"14,625.00", 1462500, false, true},
        {"($9.9)", -990, true, false},     {"-$246.00", -24600, true, true},
        {"$280", 28000, true, false},      {"250", 25000, false, false},
        {"$2,000.", 200000, true, false},  {"($16,791.00)", -1679100, true, true},
        {"[$40.00", 4000, true, true},     {"$40.00]", 4000, true, true},
        {"$5O0.00", 50000, true, true},    {"$200.00,", 20000, true, true},
        {"$0.00", 0, true, true},          {".50", 50, false, true},
        {"$76.50CR", -7650, true, true},   {"$1,234,567.89", 123456789, true, true},
    };
    for (uint32_t i = 0; i < TM_COUNT(cases); i++) {
        tm_fcc_money_t m;
        assert_true(tm_fcc_money(tm_str(cases[i].text), &m));
        assert_int_equal(m.cents, cases[i].cents);
        assert_int_equal(m.dollar, cases[i].dollar);
        assert_int_equal(m.decimals, cases[i].decimals);
    }
}

static void fcc_money__refuses_what_is_no_amount(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "$",
                                       "abc",
                                       "1,88",
                                       "1,2345",
                                       "12/31/20",
                                       "7:58",
                                       "$1.2.3",
                                       "SOS",
                                       "lO",
                                       "99999999999999999999",
                                       "1234567890123456789012345",
                                       "12-34",
                                       "15%",
                                       "$,5",
                                       "(ns)"};
    for (uint32_t i = 0; i < TM_COUNT(none); i++) {
        tm_fcc_money_t m;
        assert_false(tm_fcc_money(tm_str(none[i]), &m));
    }
}

static void fcc_date__reads_every_printed_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int y, m, d;
    } cases[] = {
        {"2/3/20", 2020, 2, 3},        {"02/03/2020", 2020, 2, 3},
        {"02-03-20", 2020, 2, 3},      {"2020-02-03", 2020, 2, 3},
        {"Feb3/20", 2020, 2, 3},       {"February 3, 2020", 2020, 2, 3},
        {"Feb 3, 2020", 2020, 2, 3},   {"Feb. 3, 2020", 2020, 2, 3},
        {"3-Feb-20", 2020, 2, 3},      {"Feb 3rd, 2020", 2020, 2, 3},
        {"Sept 3 '20", 2020, 9, 3},    {"Tuesday, February 3, 2026", 2026, 2, 3},
        {"WAAA02/29/20", 2020, 2, 29}, {"o2/26/20-", 2020, 2, 26},
        {"12/31/99", 2099, 12, 31},    {"4/20/2020 at 5:05", 2020, 4, 20},
    };
    for (uint32_t i = 0; i < TM_COUNT(cases); i++) {
        tm_fcc_date_t d;
        assert_true(tm_fcc_date(tm_str(cases[i].text), 0, 0, &d));
        assert_int_equal(d.day.v, tm_day_make(cases[i].y, cases[i].m, cases[i].d).v);
        assert_true(d.has_year);
    }
}

static void fcc_date__refuses_what_is_no_date(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",           "2/30/20",        "13/1/20",      "42/30/2019",
        "1/2/3",      "1232/1246/8203", "202-955-5342", "12345",
        "$1.2/3",     "5/28",           "Maybe 5",      "29/29/29",
        "02/03/1980", "MBLM/MBLM/0119", "05/08/2",      "760/8253/2020"};
    for (uint32_t i = 0; i < TM_COUNT(none); i++) {
        tm_fcc_date_t d;
        assert_false(tm_fcc_date(tm_str(none[i]), 0, 0, &d));
    }
}

static void fcc_range__borrows_the_year(void **state)
{
    (void)state;
    tm_fcc_date_t d[2];
    bool two;
    assert_true(tm_fcc_range(TM_STR("12/28 - 1/3/21"), 0, d, &two));
    assert_true(two);
    assert_int_equal(d[0].day.v, tm_day_make(2020, 12, 28).v);
    assert_int_equal(d[1].day.v, tm_day_make(2021, 1, 3).v);
    assert_true(tm_fcc_range(TM_STR("12/28/20 - 1/3"), 0, d, &two));
    assert_int_equal(d[1].day.v, tm_day_make(2021, 1, 3).v);
    assert_true(tm_fcc_range(TM_STR("05/08/20-05/12/20"), 0, d, &two));
    assert_int_equal(d[1].day.v - d[0].day.v, 4);
    assert_true(tm_fcc_range(TM_STR("05/08/20"), 0, d, &two));
    assert_false(two);
    assert_int_equal(d[0].day.v, d[1].day.v);
    assert_false(
        tm_fcc_range(TM_STR("5/8 - 5/12"), 0, d, &two)); /* no year anywhere: not guessed */
}

static void fcc_clock__knows_halves_of_the_day(void **state)
{
    (void)state;
    assert_int_equal(tm_fcc_clock(TM_STR("7:58"), TM_STR("AM")), 7 * 3600 + 58 * 60);
    assert_int_equal(tm_fcc_clock(TM_STR("12:05"), TM_STR("AM")), 5 * 60);
    assert_int_equal(tm_fcc_clock(TM_STR("12:05PM"), TM_STR("")), 12 * 3600 + 5 * 60);
    assert_int_equal(tm_fcc_clock(TM_STR("11:06:30PM"), TM_STR("")), 23 * 3600 + 6 * 60 + 30);
    assert_int_equal(tm_fcc_clock(TM_STR("14:21:20"), TM_STR("Page")), 14 * 3600 + 21 * 60 + 20);
    assert_int_equal(tm_fcc_clock(TM_STR("25:00"), TM_STR("")), -1);
    assert_int_equal(tm_fcc_clock(TM_STR(":30"), TM_STR("")), -1);
    assert_int_equal(tm_fcc_clock(TM_STR("7"), TM_STR("")), -1);
}

static void fcc_days__are_seven_places(void **state)
{
    (void)state;
    assert_true(tm_fcc_is_days(TM_STR("MTWTF--")));
    assert_true(tm_fcc_is_days(TM_STR("-3-----")));
    assert_true(tm_fcc_is_days(TM_STR("11111--")));
    assert_true(tm_fcc_is_days(TM_STR("------S")));
    assert_true(tm_fcc_is_days(TM_STR("MTWTFSS")));
    assert_false(tm_fcc_is_days(TM_STR("-------")));
    assert_false(tm_fcc_is_days(TM_STR("1234567")));
    assert_false(tm_fcc_is_days(TM_STR("MTWTF")));
    assert_false(tm_fcc_is_days(TM_STR("MONDAYS")));
}

static void fcc_weekdays__become_seven_places(void **state)
{
    (void)state;
    static const struct {
        const char *text, *places;
    } cases[] = {{"M-F", "MTWTF--"},     {"Sa-Su", "-----SS"},   {"Tu,Th", "-T-T---"},
                 {"Mon-Fri", "MTWTF--"}, {"MTuWThF", "MTWTF--"}, {"F-M", "M---FSS"},
                 {"Sat", "-----S-"},     {"M-Su", "MTWTFSS"},    {"Th-F", "---TF--"}};
    static const char *const none[] = {"",      "NEWS", "M-F7", "-F",   "M-",
                                       "Mayor", "m-f",  "30S",  "SAT-X"};
    char places[7];
    for (uint32_t i = 0; i < TM_COUNT(cases); i++) {
        assert_true(tm_fcc_weekdays(tm_str(cases[i].text), places));
        assert_memory_equal(places, cases[i].places, 7);
    }
    for (uint32_t i = 0; i < TM_COUNT(none); i++) {
        assert_false(tm_fcc_weekdays(tm_str(none[i]), places));
    }
}

static void fcc_call_sign__is_k_or_w_and_letters(void **state)
{
    (void)state;
    assert_int_equal(tm_fcc_call_sign(TM_STR("WAAA-TV")), 4);
    assert_int_equal(tm_fcc_call_sign(TM_STR("KAA")), 3);
    assert_int_equal(tm_fcc_call_sign(TM_STR("KAAA+KBBB")), 4);
    assert_int_equal(tm_fcc_call_sign(TM_STR("WASHINGTON")), 0);
    assert_int_equal(tm_fcc_call_sign(TM_STR("EAAA")), 0);
    assert_int_equal(tm_fcc_call_sign(TM_STR("Waaa")), 0);
    assert_int_equal(tm_fcc_call_sign(TM_STR("KA")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fcc_money__reads_every_printed_form),
        cmocka_unit_test(fcc_money__refuses_what_is_no_amount),
        cmocka_unit_test(fcc_date__reads_every_printed_form),
        cmocka_unit_test(fcc_date__refuses_what_is_no_date),
        cmocka_unit_test(fcc_range__borrows_the_year),
        cmocka_unit_test(fcc_clock__knows_halves_of_the_day),
        cmocka_unit_test(fcc_weekdays__become_seven_places),
        cmocka_unit_test(fcc_days__are_seven_places),
        cmocka_unit_test(fcc_call_sign__is_k_or_w_and_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
