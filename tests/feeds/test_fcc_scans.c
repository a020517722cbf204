/* test_fcc_scans.c - papers whose scan lost or misread labels, and totals that are printed alone.
 *
 * Why:     a value stays readable by its place and by what agrees with it; what is not sure stays
 *          absent. */
#include "base/time.h"
#include "feeds/fcc.h"
#include "with_layout.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define STR_IS(text, want) assert_true(tm_str_eq(text, TM_STR(want)))
#define DAY_IS(day, y, m, d) assert_int_equal((day).v, tm_day_make(y, m, d).v)

static bool has_exception(const tm_document_t *d, const char *name)
{
    for (uint32_t i = 0; i < d->exceptions.n; i++) {
        if (tm_str_eq(d->exceptions.v[i], tm_str(name)))
            return true;
    }
    return false;
}

/* One page of rows read as one document. */
static const tm_document_t *read_one(tm_arena_t *arena, const char *const *rows, unsigned n)
{
    layout_t *l = layout_new(arena);
    layout_page(l);
    layout_rows(l, 10, rows, n);
    return layout_read(l, 1).v;
}

static void fcc_read__a_net_total_with_commission_leaves_the_gross_open(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "BROADCAST ORDER                                        Example Strategies",
        "Order No:     CV-977                 Station:        WAAA-TV",
        "Client:       Casey PAC              Flight Dates:   9/21/2026 - 10/4/2026",
        "Line   Program   Days      Start Date   End Date   Spots   Net Rate      Total",
        "1      NEWS      MTWTF--   9/21/2026    9/27/2026      4    $527.00  $2,108.00",
        "2      NEWS      MTWTF--   9/28/2026    10/4/2026      3    $527.00  $1,581.00",
        "                                     Agency Commission %:              15.00",
        "                                     Net Total:                    $3,689.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_false(TM_HAS(d, TM_DOCUMENT_gross_cents));
    assert_int_equal(d->net_cents.v, 368900);
    assert_int_equal(d->commission_bp, 1500);
    assert_int_equal(d->lines.n, 2);
    assert_false(has_exception(d, "missing_amount"));
}

static void fcc_read__changes_only_are_no_mismatch(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "  Contract # 26898588   Changes as of: 4/15/2020 at 5:05 PM   Version: Highlighting "
        "Revision 1",
        "  CPE: AAAAI/ORDR       Flight: 4/17/20 - 4/23/20             Station: WDDD    Con Type: "
        "POLITICAL",
        "  Agency: Example LLC   Advertiser: America Example Inc       Market: Salem    Total $: "
        "$1,500.00",
        "",
        "                                        4/17 - 4/23                          Total     "
        "Total",
        "  #  Day/Time   Program        Rate    Len  4/17  4/18  4/19  4/20  4/21    Spots         "
        "$",
        "  1  3p-4p      TALK        $350.00     30     0     0     0     1     1        2    "
        "$700.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->gross_cents.v, 150000);
    assert_int_equal(d->lines.n, 1);
    assert_true(d->changes_only);
    assert_false(has_exception(d, "line_sum_mismatch"));
}

static void fcc_read__misread_labels_are_labels(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                                         CONTRACT",
        "     WAAA                                                      Convract / Revlsion",
        "     400 Example Street                                        949278 /",
        "                                    Advertlzer                 Original y Date / Revision",
        "                                    Casey 2020, Inc            02/07/20 / 02/07/20",
        "                                    Contrect Dates             Estimate #",
        "                                    02/10/20 - 02/12/20        126",
        "Gross Totel      $150.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->contract_num, "949278");
    STR_IS(d->advertiser, "Casey 2020, Inc");
    DAY_IS(d->flight_from, 2020, 2, 10);
    DAY_IS(d->flight_to, 2020, 2, 12);
    assert_int_equal(d->gross_cents.v, 15000);
}

static void fcc_read__a_lost_advertiser_stands_above_the_dates(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                                         CONTRACT",
        "     WAAA                                                      Contract / Revision",
        "     400 Example Street                                        949278 /",
        "                                    Raverixxr                  Original Date / Revision",
        "                                    Casey 2020, Inc            02/07/20 / 02/07/20",
        "                                    Contract Dates             Estimate #",
        "                                    02/10/20 - 02/12/20        126",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->advertiser, "Casey 2020, Inc");
    STR_IS(d->contract_num, "949278");
}

static void fcc_read__frames_are_no_values(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                                          INVOICE",
        "      WGGG-TV                     Property        WGGG-TV             Order #    1328762",
        "                                  Invoice #       1328762-2           Deal #",
        "                                  Advertiser   |      \xe2\x80\x98"
        "Casey for Sheriff (135699!",
        "                                  Invoice Period  01/27/20 - 02/23/20",
        "                                               Gross Total              $800.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->advertiser, "Casey for Sheriff (135699");
}

static void fcc_read__values_without_any_label_are_read_by_agreement(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                                          INVOICE",
        "      WGGG-TV                     Property        WGGG-TV             Order #    1328762",
        "                                  Invoice #       1328762-2",
        "                                                  Committee to Elect Casey",
        "                                                                    02/10/20 - 02/21/20",
        "",
        "                                                       $800.00",
        "                                                       ($120.00)",
        "                                                       $680.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->advertiser, "Committee to Elect Casey");
    DAY_IS(d->flight_from, 2020, 2, 10);
    DAY_IS(d->flight_to, 2020, 2, 21);
    assert_int_equal(d->gross_cents.v, 80000);
    assert_int_equal(d->net_cents.v, 68000);
}

static void fcc_read__two_bare_ranges_or_names_are_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                                          INVOICE",
        "      WGGG-TV                     Property        WGGG-TV             Order #    1328762",
        "                                  Invoice #       1328762-2",
        "            Friends of Alex                       Committee to Elect Casey",
        "            01/27/20 - 02/23/20                                     02/10/20 - 02/21/20",
        "                                                       $800.00",
        "                                                       $300.00",
        "                                                       $500.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_false(TM_HAS(d, TM_DOCUMENT_advertiser));
    assert_false(TM_HAS(d, TM_DOCUMENT_flight_from));
    assert_false(TM_HAS(d, TM_DOCUMENT_gross_cents));
}

static void fcc_read__a_net_of_85_percent_finds_its_gross(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                    INVOICE",
        "Invoice #: 7302426        Advertiser: Casey for Senate     Station: WHHH",
        "Invoice Period: 3/2/20 - 3/8/20          Agency: Example Media",
        "                                 [erose Tetel     $479.00",
        "                                 Net Total        $407.15",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->gross_cents.v, 47900);
    assert_int_equal(d->net_cents.v, 40715);
}

static void fcc_read__an_invoice_with_its_own_revision_names_itself(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "     WAAA Television Inc          Inv # 1465203       Rev # 0      Invoice Date: "
        "04/26/2020",
        "                                        OFFICIAL BILLING INVOICE",
        "                                  Advertiser:         Committee to Elect Casey (34026)",
        "                                  Contract:           574639",
        "                                  Period:             03/30/2020 - 04/26/2020",
        "                                  Gross Total         $1,640.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->contract_num, "1465203");
    STR_IS(d->invoice_no, "1465203");
    STR_IS(d->order_no, "574639");
}

static void fcc_read__a_number_with_misread_digits_is_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                         CONTRACT",
        "Contract #: 1si1l4s       Advertiser: Casey for Senate     Station: WHHH",
        "Flight Dates: 9/22/20 - 9/28/20                            Gross Total: $500.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_false(TM_HAS(d, TM_DOCUMENT_contract_num));
    STR_IS(d->advertiser, "Casey for Senate");
}

static void fcc_read__one_printed_date_is_the_first_day_only(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "Station Confirmation",
        "Contract: 1511101         Advertiser: Casey for Senate     Station: WHHH",
        "Flight: 2/1/2020                                           Gross Total: $500.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    DAY_IS(d->flight_from, 2020, 2, 1);
    assert_false(TM_HAS(d, TM_DOCUMENT_flight_to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fcc_read__a_net_total_with_commission_leaves_the_gross_open),
        cmocka_unit_test(fcc_read__changes_only_are_no_mismatch),
        cmocka_unit_test(fcc_read__misread_labels_are_labels),
        cmocka_unit_test(fcc_read__a_lost_advertiser_stands_above_the_dates),
        cmocka_unit_test(fcc_read__frames_are_no_values),
        cmocka_unit_test(fcc_read__values_without_any_label_are_read_by_agreement),
        cmocka_unit_test(fcc_read__two_bare_ranges_or_names_are_none),
        cmocka_unit_test(fcc_read__a_net_of_85_percent_finds_its_gross),
        cmocka_unit_test(fcc_read__an_invoice_with_its_own_revision_names_itself),
        cmocka_unit_test(fcc_read__a_number_with_misread_digits_is_none),
        cmocka_unit_test(fcc_read__one_printed_date_is_the_first_day_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
