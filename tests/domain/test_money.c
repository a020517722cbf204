/* test_money.c - gross and net to the cent, and which commission is in force. */
#include "with_lines.h"

static int64_t net(int64_t gross, int32_t bp)
{
    return tm_net_of((tm_cents_t){gross}, bp).v;
}
static int64_t gross(int64_t of, int32_t bp)
{
    return tm_gross_of((tm_cents_t){of}, bp).v;
}

static void money__worked_examples(void **state)
{
    (void)state;
    assert_int_equal(net(2040000, 1500), 1734000);
    assert_int_equal(gross(1730000, 1500), 2035294);  /* sheet of "17.3" thousand net */
    assert_int_equal(gross(9000000, 1500), 10588235); /* market total */
    assert_int_equal(gross(12000000, 1500), 14117647);
    assert_int_equal(net(12345, 0), 12345);
    assert_int_equal(gross(12345, 0), 12345);
}

static void money__half_cents_go_away_from_zero(void **state)
{
    (void)state;
    assert_int_equal(net(10, 1500), 9);
    assert_int_equal(gross(9, 1500), 11);
    assert_int_equal(net(-10, 1500), -9);
    assert_int_equal(gross(-9, 1500), -11);
    assert_int_equal(net(-99, 1500), -net(99, 1500));
}

static void money__largest_amounts_do_not_overflow(void **state)
{
    (void)state;
    assert_int_equal(net(TM_CENTS_MAX, 1500), TM_CENTS_MAX / 100 * 85);
    assert_int_equal(net(-TM_CENTS_MAX, 9999), -TM_CENTS_MAX / 10000);
    assert_int_equal(gross(TM_CENTS_MAX, 9999), TM_CENTS_MAX * 10000);
}

static void money__net_of_gross_of_net_is_net(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 20000; i++) {
        const int64_t n = (int64_t)(next_random(&seed) % 2000000000) - 1000000000;
        const int32_t bp = (int32_t)below(&seed, 10000);
        assert_int_equal(net(gross(n, bp), bp), n);
    }
}

static void likely__is_the_middle_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(tm_likely_of((tm_cents_t){10000}, true, (tm_cents_t){49900}).v, 29950);
    assert_int_equal(tm_likely_of((tm_cents_t){100000000}, false, (tm_cents_t){0}).v, 100000000);
    assert_int_equal(tm_likely_of((tm_cents_t){0}, true, (tm_cents_t){1}).v, 1);
    assert_int_equal(tm_likely_of((tm_cents_t){-4}, true, (tm_cents_t){-1}).v, -2);
}

static void commission__comes_from_line_totals_agency_campaign(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-13", 100);
    assert_int_equal(tm_commission_of(&line, 1000, 2000), 0); /* both totals equal */
    line.net_cents.v = 90;
    assert_int_equal(tm_commission_of(&line, 1000, 2000), 1000);
    assert_int_equal(tm_commission_of(&line, -1, 2000), 2000);
    assert_int_equal(tm_commission_of(&line, -1, -1), 1500);
    assert_int_equal(tm_commission_of(&line, 0, 2000), 0);
    LINE_SET(&line, commission_bp, 700);
    assert_int_equal(tm_commission_of(&line, 1000, 2000), 700);
}

static void totals__missing_one_is_filled_and_its_commission_kept(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-13", 2040000);
    TM_CLEAR(&line, TM_BUY_LINE_net_cents);
    TM_CLEAR(&line, TM_BUY_LINE_amount_basis);
    tm_line_fill_totals(&line, -1, 1500);
    assert_int_equal(line.net_cents.v, 1734000);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_gross);
    assert_int_equal(line.commission_bp, 1500);

    line = line_of(1, "2026-10-13", "2026-10-13", 1730000);
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&line, TM_BUY_LINE_amount_basis);
    tm_line_fill_totals(&line, 1500, 1000);
    assert_int_equal(line.gross_cents.v, 2035294);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_net);
}

static void totals__both_printed_show_their_commission(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-13", 100000);
    line.net_cents.v = 90000;
    tm_line_fill_totals(&line, -1, 1500);
    assert_int_equal(line.commission_bp, 1000);
    assert_int_equal(line.gross_cents.v, 100000);
    assert_int_equal(line.net_cents.v, 90000);
}

static void totals__no_amount_stays_none(void **state)
{
    (void)state;
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-13", 1);
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&line, TM_BUY_LINE_net_cents);
    tm_line_fill_totals(&line, -1, 1500);
    assert_false(TM_HAS(&line, TM_BUY_LINE_gross_cents));
    assert_false(TM_HAS(&line, TM_BUY_LINE_net_cents));
    assert_false(TM_HAS(&line, TM_BUY_LINE_commission_bp));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money__worked_examples),
        cmocka_unit_test(money__half_cents_go_away_from_zero),
        cmocka_unit_test(money__largest_amounts_do_not_overflow),
        cmocka_unit_test(money__net_of_gross_of_net_is_net),
        cmocka_unit_test(likely__is_the_middle_rounded_up),
        cmocka_unit_test(commission__comes_from_line_totals_agency_campaign),
        cmocka_unit_test(totals__missing_one_is_filled_and_its_commission_kept),
        cmocka_unit_test(totals__both_printed_show_their_commission),
        cmocka_unit_test(totals__no_amount_stays_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
