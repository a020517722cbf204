/* test_order.c - numbers and stations that are the same although they are printed differently. */
#include "with_lines.h"

static tm_arena_t *arena;

static void norm_is(const char *number, const char *whole, const char *bare, const char *suffix)
{
    tm_str_t s;
    assert_true(tm_str_eq(tm_order_norm(tm_str(number), arena, NULL), tm_str(whole)));
    assert_true(tm_str_eq(tm_order_norm(tm_str(number), arena, &s), tm_str(bare)));
    assert_true(suffix == NULL ? s.p == NULL : tm_str_eq(s, tm_str(suffix)));
}

static void number__is_trimmed_raised_and_split(void **state)
{
    (void)state;
    norm_is("  00123456 ", "123456", "123456", NULL);
    norm_is("wk-0012a", "WK-0012A", "WK-0012A", NULL);
    norm_is("1328762-2", "1328762-2", "1328762", "2");
    norm_is("1328762/02", "1328762/02", "1328762", "02");
    norm_is("1328762_3", "1328762_3", "1328762", "3");
    norm_is("1328762 Rev 2", "1328762 REV 2", "1328762", "2");
    norm_is("1328762 rev. 2", "1328762 REV. 2", "1328762", "2");
    norm_is("1328762/Revision 12", "1328762/REVISION 12", "1328762", "12");
    norm_is("1328762", "1328762", "1328762", NULL);
    norm_is("-2", "-2", "-2", NULL);
    norm_is("000", "", "", NULL);
}

static void station_is(const char *name, const char *want)
{
    const tm_str_t got = tm_station_norm(tm_str(name), arena);
    assert_true(tm_str_eq(got, tm_str(want)));
}

static void station__loses_its_service(void **state)
{
    (void)state;
    station_is("WAAA-TV", "WAAA");
    station_is(" waaa-dt ", "WAAA");
    station_is("WAAA CD", "WAAA");
    station_is("KBB-LD", "KBB");
    station_is("KBBB-CA", "KBBB");
    station_is("W A A A", "WAAA");
    station_is("WATV", "WATV");
    station_is("Acme  Cable Zone 5", "ACME CABLE ZONE 5");
}

static void order__is_the_same_by_number_or_alternate_at_one_station(void **state)
{
    (void)state;
    tm_buy_line_t a = order_of(1, "500100", NULL, 1), b = order_of(2, "0500100", NULL, 1);
    b.station = TM_STR("waaa-tv");
    TM_CLEAR(&b, TM_BUY_LINE_order_no_norm);
    assert_true(tm_same_order(&a, &b));
    b.station = TM_STR("WBBB");
    assert_false(tm_same_order(&a, &b));
    LINE_SET(&a, station_id, tm_id_make(1, 5));
    LINE_SET(&b, station_id, tm_id_make(1, 5));
    assert_true(tm_same_order(&a, &b)); /* two spellings of one station */

    tm_buy_line_t c = order_of(3, "77", NULL, 1);
    assert_false(tm_same_order(&a, &c));
    LINE_SET(&c, alt_order_no, TM_STR("500100"));
    assert_true(tm_same_order(&a, &c) && tm_same_order(&c, &a));
    tm_buy_line_t d = order_of(4, "4711", NULL, 1);
    c.alt_order_no = TM_STR("4711"); /* too short to tell an order */
    assert_false(tm_same_order(&c, &d));
}

/* A notice may name another place than the report of the same transaction, or none. */
static void order__a_payment_is_the_same_by_payer_and_number_anywhere(void **state)
{
    (void)state;
    tm_buy_line_t a = order_of(1, "SE.1", NULL, 1), b = order_of(2, "SE.1", NULL, 1);
    LINE_SET(&a, layer, (tm_enum_t){TM_LAYER_disbursement});
    assert_false(tm_same_order(&a, &b)); /* air time */
    LINE_SET(&b, layer, (tm_enum_t){TM_LAYER_disbursement});
    TM_CLEAR(&b, TM_BUY_LINE_station);
    TM_CLEAR(&b, TM_BUY_LINE_station_id);
    LINE_SET(&a, advertiser_id, tm_id_make(1, 1));
    LINE_SET(&b, advertiser_id, tm_id_make(1, 1));
    assert_true(tm_same_order(&a, &b) && tm_same_order(&b, &a));
    LINE_SET(&b, advertiser_id, tm_id_make(1, 2));
    assert_false(tm_same_order(&a, &b));
    a.advertiser_id.v = b.advertiser_id.v = 0; /* nobody knows who paid */
    assert_false(tm_same_order(&a, &b));
}

static void order__without_number_is_never_the_same(void **state)
{
    (void)state;
    const tm_buy_line_t a = line_of(1, "2026-10-13", "2026-10-26", 1),
                        b = line_of(2, "2026-10-13", "2026-10-26", 1);
    assert_false(tm_same_order(&a, &b));
    const tm_buy_line_t c = order_of(3, "000", NULL, 1), d = order_of(4, "000", NULL, 1);
    assert_false(tm_same_order(&c, &d));
}

int main(void)
{
    arena = tm_arena_new(1 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number__is_trimmed_raised_and_split),
        cmocka_unit_test(station__loses_its_service),
        cmocka_unit_test(order__is_the_same_by_number_or_alternate_at_one_station),
        cmocka_unit_test(order__a_payment_is_the_same_by_payer_and_number_anywhere),
        cmocka_unit_test(order__without_number_is_never_the_same),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tm_arena_free(arena);
    return failed;
}
