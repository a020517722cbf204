/* test_fcc.c - station papers of every layout family, with names of our own: fields, places, lines,
 * packets,
 * traps.
 * */
#include "base/fold.h"
#include "base/time.h"
#include "feeds/fcc.h"
#include "with_layout.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ROWS(l, y, rows) layout_rows(l, y, rows, (unsigned)TM_COUNT(rows))
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

static int64_t lines_sum(const tm_document_t *d)
{
    const tm_doc_line_t *lines = d->lines.v;
    int64_t sum = 0;
    for (uint32_t i = 0; i < d->lines.n; i++) {
        sum += lines[i].amount_cents.v;
    }
    return sum;
}

static const tm_place_t *place_of(const tm_document_t *d, const char *field)
{
    const tm_place_t *at = d->at.v;
    for (uint32_t i = 0; i < d->at.n; i++) {
        if (tm_str_eq(at[i].field, tm_str(field)))
            return &at[i];
    }
    return NULL;
}

static const char *const wide_order[] = {
    "                                                                   Print Date 02/28/20 "
    "14:21:20   Page 1 of 1",
    "",
    "                                             ORDER",
    "",
    "Orders    Order / Rev:          14086 / 2",
    "          Alt Order #:          WOC1234567",
    "          Product Desc:         Lee for Statehouse",
    "          Estimate:                                                        WAAA-TV",
    "          Flight Dates:         03/02/20 - 03/15/20     Primary AE:        Pat Example",
    "          Original Date / Rev:  02/27/20 / 02/28/20     Sales Office:      LOCAL",
    "Agency    Name:                 Example Media LLC",
    "          Billing Contact:                              Agency Commission: 15%",
    "Advertiser    Name:             Committee for Lee",
    "          Demographic:          HH                      New Business Thru:",
    "",
    "Start Date    End Date     # Spots   Gross Amount   Net Amount   Month        # Spots   Gross "
    "Amount   Net Amount",
    "03/01/20      03/29/20           6      $1,000.00      $850.00   March 2020         6      "
    "$1,000.00      $850.00",
    "                                                                 Totals             6      "
    "$1,000.00      $850.00",
    "",
    "Order Share               Share       Total",
    "WAAA-TV                     10%       $1,000.00",
    "Market                     100%       $10,000.00",
    "Competitive Share         Share       Total",
    "WBBB                        60%       $6,000.00",
    "WCCC                        30%       $3,000.00",
    "",
    " Ln   Ch     Start     End        Inventory Code       Days       Len   Spots      Rate   "
    "Type   Spots     Amount",
    "N 1   3   03/02/20   03/15/20   Early News           MTWTF--    :30       2   $200.00     NM  "
    "     5  $1,000.00",
    "      Start Date   End Date   Weekdays   Spots/Week      Rate",
    "   Week:  03/02/20  03/08/20   -1-1---       2        $200.00",
    "   Week:  03/09/20  03/15/20   MTWTF--       3        $200.00",
    "                                                                                        "
    "Totals     5    $1,000.00",
};

static void fcc_read__wide_order_gives_every_field_and_its_weeks(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, wide_order);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->status.v, TM_READING_STATUS_read);
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_order);
    assert_int_equal(d->stage.v, TM_STAGE_ordered);
    STR_IS(d->contract_num, "14086");
    STR_IS(d->order_no, "14086");
    STR_IS(d->revision, "2");
    STR_IS(d->alt_order_no, "WOC1234567");
    STR_IS(d->advertiser, "Committee for Lee");
    STR_IS(d->agency, "Example Media LLC");
    STR_IS(d->station, "WAAA-TV");
    STR_IS(d->product, "Lee for Statehouse");
    STR_IS(d->system, "wideorbit");
    assert_int_equal(d->medium.v, TM_MEDIUM_broadcast);
    assert_int_equal(d->gross_cents.v, 100000);
    assert_int_equal(d->net_cents.v, 85000);
    assert_int_equal(d->commission_bp, 1500);
    DAY_IS(d->flight_from, 2020, 3, 2);
    DAY_IS(d->flight_to, 2020, 3, 15);
    DAY_IS(d->original_date, 2020, 2, 27);
    DAY_IS(d->revision_date, 2020, 2, 28);
    assert_int_equal(d->print_ms.v, (int64_t)tm_day_make(2020, 2, 28).v * 86400000 +
                                        (14 * 3600 + 21 * 60 + 20) * 1000);
    assert_int_equal(d->lines.n, 2);
    const tm_doc_line_t *lines = d->lines.v;
    STR_IS(lines[0].line, "1");
    STR_IS(lines[0].days, "-1-1---");
    assert_int_equal(lines[0].spots, 2);
    assert_int_equal(lines[0].amount_cents.v, 40000);
    DAY_IS(lines[1].from, 2020, 3, 9);
    assert_int_equal(lines[1].amount_cents.v, 60000);
    assert_false(has_exception(d, "line_sum_mismatch"));
    assert_true(d->confidence_bp > 8000);
}

static void fcc_read__shares_and_market_budget_are_never_the_gross(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, wide_order);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->market_budget_cents.v, 1000000);
    assert_int_equal(d->shares.n, 3);
    STR_IS(d->shares.v[1], "WBBB 60% $6,000.00");
    assert_int_equal(d->gross_cents.v, 100000);
    assert_int_equal(lines_sum(d), 100000);
}

static void fcc_read__every_value_has_a_place_with_its_printed_text(void **state)
{
    (void)state;
    static const char *const fields[] = {
        "contract_num",  "order_no",  "revision",      "alt_order_no",  "advertiser",
        "agency",        "station",   "product",       "gross_cents",   "net_cents",
        "flight_from",   "flight_to", "original_date", "revision_date", "print_ms",
        "commission_bp", "spots"};
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, wide_order);
    const tm_document_t *d = layout_read(l, 1).v;
    for (uint32_t i = 0; i < TM_COUNT(fields); i++) {
        const tm_place_t *at = place_of(d, fields[i]);
        assert_non_null(at);
        assert_int_equal(at->page, 1);
        assert_int_equal(at->box_x100.n, 4);
        assert_true(at->box_x100.v[0] < at->box_x100.v[2]);
        assert_true(at->box_x100.v[1] < at->box_x100.v[3]);
        assert_true(at->text.n > 0);
    }
    assert_int_equal(d->at.n, TM_COUNT(fields));
    STR_IS(place_of(d, "flight_to")->text, "03/15/20");
    STR_IS(place_of(d, "gross_cents")->text, "$1,000.00");
    STR_IS(place_of(d, "contract_num")->text, "14086");
}

static const char *const wide_contract[] = {
    "Contract Agreement Between:                                                            Print "
    "Date 05/01/20   Page 1 of 1",
    "",
    "                                          CONTRACT",
    "          WBBB",
    "          7201 East Example Ave.                                  Contract / Revision      "
    "Alt Order #",
    "          Springfield, FL 33610                                   2009786 /                "
    "09823523",
    "                                          Advertiser                                       "
    "Original Date / Revision",
    "                                          Priorities Example Action                        "
    "05/01/20   / 05/01/20",
    "                                          Contract Dates          Estimate #",
    "                                          10/27/20 - 11/02/20     8549",
    "                                          Product",
    "                                          PRIORITIES",
    "And:",
    "          Targeted Example Media                                  Billing Cycle   Billing "
    "Calendar   Cash/Trade",
    "          Attention: Pat Example                                  EOM/EOC         Broadcast   "
    "       Cash",
    "          1291 Example Ave                                        Property        Account "
    "Executive  Sales Office",
    "          Annapolis, MD 21403                                     WBBB            Pat Example "
    "       Washington",
    "",
    "* Line  Ch    Start Date   End Date    Description      Days     Length    Rate   Type  Spots "
    "     Amount",
    "N    1  WBBB  10/27/20     11/02/20    MORNING SHOW               :30             NM       4  "
    "   $520.00",
    "         Start Date   End Date    Weekdays   Spots/Week      Rate",
    "    Week:  10/27/20   11/02/20    MTWTF--       4         $130.00",
    "N    2  WBBB  10/31/20     10/31/20    LEVERAGE SAT               :30             NM       1  "
    "    $50.00",
    "         Start Date   End Date    Weekdays   Spots/Week      Rate",
    "    Week:  10/26/20   11/01/20    -----1-       1          $50.00",
    "                                                                             Totals        5  "
    "   $570.00",
    "",
    "Time Period            # of Spots     Gross Amount      Agency Comm.       Net Amount",
    "10/26/20 - 11/02/20             5          $570.00          ($85.50)          $484.50",
    "Totals                          5          $570.00          ($85.50)          $484.50",
};

static void fcc_read__wide_contract_reads_values_below_their_labels(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, wide_contract);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_contract);
    STR_IS(d->contract_num, "2009786");
    assert_false(TM_HAS(d, TM_DOCUMENT_revision));
    STR_IS(d->alt_order_no, "09823523");
    STR_IS(d->advertiser, "Priorities Example Action");
    STR_IS(d->agency, "Targeted Example Media");
    STR_IS(d->station, "WBBB");
    assert_int_equal(d->gross_cents.v, 57000);
    assert_int_equal(d->net_cents.v, 48450);
    DAY_IS(d->flight_from, 2020, 10, 27);
    DAY_IS(d->flight_to, 2020, 11, 2);
    assert_int_equal(lines_sum(d), 57000);
    const tm_doc_line_t *lines = d->lines.v;
    DAY_IS(lines[1].from, 2020, 10, 31); /* the week, cut to the line's own dates */
    DAY_IS(lines[1].to, 2020, 10, 31);
}

static const char *const wide_invoice[] = {
    "                                    INVOICE",
    "        WCCC-TV",
    "        1320 Example Road          Invoice #       Invoice Date    Invoice Month     Invoice "
    "Period",
    "        Rochester, MN 55902        378700-1        01/26/20        January 2020      12/30/19 "
    "- 01/20/20",
    "                                   Property        Account Executive   Sales Office",
    "                                   WCCC            Pat Example         Washington",
    "                                   Advertiser                Product               Estimate "
    "Number",
    "                                   Anna for America          ANNA 4 PRES           28",
    "Billing Address:                                             Flight Dates          Order #    "
    "  Alt Order #",
    "          Groundwork Strategies                              01/14/20 - 01/20/20   378700     "
    "  09736523",
    "",
    "Line  Start Date   End Date   Description    Start/End Time   MTWTFSS   Length   Spots/Week   "
    " Rate   Type",
    "1     01/15/20     01/20/20   Morning        M-F 7-9a         M-WTF--   1:00     2          "
    "$150.00   NM",
    " Spots: #   Ch     Day   Air Date   Air Time   Description    Length    Ad-ID          Rate   "
    "Type",
    "        1   WCCC   W     01/15/20   7:58 AM    Morning        1:00      AJK-TV19-12H   "
    "$150.00   NM",
    "        2   WCCC   Th    01/16/20              Morning        :00                      "
    "$150.00   NM",
    "                   See MG 1.3",
    "        3   WCCC   F     01/17/20   8:11 PM    Morning        1:00      AJK-TV19-12H   "
    "$150.00   NM",
    "                                          Total Spots        2",
    "Payment Terms 30 Days                                  Gross Total              $300.00",
    "                                                       Agency Commission         $45.00",
    "                                                       Net Amount Due           $255.00",
    "                          Invoice Balance as of 02/09/20 4:39:35 PM PT             $0.01",
};

static void fcc_read__invoice_has_its_own_number_and_only_what_aired(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, wide_invoice);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_invoice);
    assert_int_equal(d->stage.v, TM_STAGE_invoiced);
    STR_IS(d->contract_num, "378700-1");
    STR_IS(d->invoice_no, "378700-1");
    STR_IS(d->order_no, "378700");
    STR_IS(d->alt_order_no, "09736523");
    assert_false(TM_HAS(d, TM_DOCUMENT_revision)); /* -1 is the invoice's sequence */
    STR_IS(d->advertiser, "Anna for America");
    STR_IS(d->agency, "Groundwork Strategies");
    DAY_IS(d->flight_from, 2020, 1, 14);
    DAY_IS(d->billing_from, 2019, 12, 30);
    DAY_IS(d->billing_to, 2020, 1, 20);
    assert_int_equal(d->gross_cents.v, 30000);
    assert_int_equal(d->net_cents.v, 25500);
    assert_int_equal(d->airings.n, 2);
    const tm_airing_t *airings = d->airings.v;
    DAY_IS(airings[0].air_date, 2020, 1, 15);
    STR_IS(airings[0].air_time, "07:58");
    STR_IS(airings[1].air_time, "20:11");
    assert_int_equal(airings[1].length_s, 60);
    STR_IS(airings[1].isci, "AJK-TV19-12H");
    assert_int_equal(lines_sum(d), 30000);
    assert_false(has_exception(d, "line_sum_mismatch"));
}

static const char *const rep_contract[] = {
    "          Contract # 26898588        Changes as of: 4/15/2020 at 5:05 PM     Version: "
    "Highlighting Revision 1",
    "          CPE: AAAAI/ORDR/380129     Flight: 4/17/20 - 4/23/20               Station: WDDD    "
    "    Con Type: POLITICAL",
    "          Agency: Del Example LLC    Advertiser: America Example Inc         Market: "
    "Springfield  Total $: $1,500.00",
    "                  PO BOX 1309        Product: ORDR                           Office: "
    "WASHINGTON   Total Spots: 5",
    "          Buyer: Example, Pat        Salesperson: PAT EXAMPLE                Service: Other   "
    "    Traffic #: 4327141",
    "",
    "                                                                     4/17 - 4/23              "
    "          Total     Total",
    "  #  Day/Time   Program              Rate   Rating  Len  4/17  4/18  4/19  4/20  4/21  4/22  "
    "4/23     Spots         $    CPP",
    "  1  3p-4p      TALK              $350.00     1.7    30     0     0     0     1     1     1   "
    "  0         3  $1,050.00  $205.88",
    "  2  9a-10a     SUNDAY            $225.00     2.8    30     0     0     2     0     0     0   "
    "  0         2    $450.00  $214.29",
    "  3  9p-10p     MOVIE             $500.00     2.8    30     0     0     0     0     0     0   "
    "  0         0      $0.00  $214.29",
    "                                                 TOTALS:    0     0     2     1     1     1   "
    "  0         5  $1,500.00  $315.30",
    "",
    "     Competitive Information              Daypart Summary",
    "  Market Budget: $102,000                 Day/Time      % Distrib    Spots      Dollars       "
    "CPP",
    "     WDDD Share: 20%                      Total              100%        5    $1,500.00   "
    "$315.30",
    "     Unknown: 80%",
};

static void fcc_read__rep_contract_has_grid_series_and_budget(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, rep_contract);
    const tm_document_t *d = layout_read(l, 1).v;
    STR_IS(d->system, "katz");
    STR_IS(d->contract_num, "26898588");
    STR_IS(d->revision, "Revision 1");
    STR_IS(d->alt_order_no, "4327141");
    STR_IS(d->advertiser, "America Example Inc");
    STR_IS(d->agency, "Del Example LLC");
    STR_IS(d->market, "Springfield");
    DAY_IS(d->revision_date, 2020, 4, 15);
    assert_int_equal(d->gross_cents.v, 150000);
    assert_int_equal(d->net_cents.v, 150000); /* one total, no commission */
    STR_IS(place_of(d, "net_cents")->text, "$1,500.00");
    assert_int_equal(d->market_budget_cents.v, 10200000);
    assert_int_equal(d->shares.n, 2);
    assert_int_equal(d->lines.n, 3);
    const tm_doc_line_t *lines = d->lines.v;
    STR_IS(lines[0].days, "111----"); /* 4/20 was a Monday */
    assert_int_equal(lines[0].amount_cents.v, 105000);
    STR_IS(lines[1].days, "------2");
    assert_int_equal(lines[2].amount_cents.v, 0);
    assert_false(has_exception(d, "line_sum_mismatch"));
}

static const char *const column_contract[] = {
    "                    Contract #       575746                       Date Entered    05/05/20",
    "                    Schedule Dates   05/08/20-05/12/20            Last Modified   05/06/20",
    "   WEEE Television  Advertiser       Terry for Wisconsin (34122)  Entered By      Pat Example",
    "   246 Example Ave  Agency           Beacon Example (5138)        CO-OP           No",
    "                    Product          Political (1096)             External #      ECR26915553",
    "                    Brand            F-US House                   Order Type      Normal",
    "                    Salesperson      Pat Example (1465)           Commission %    15.00",
    "                    Buyer Name       Example,Pat                  Commission      $147.75",
    "                    CPE              1074/1119/7413               Net Total       $837.25",
    "",
    "                                          By Broadcast Month        Spots      Rate",
    "                                          May. 2020                     4   $985.00",
    "                                          Grand Total:                  4   $985.00",
    "",
    " Line  Line Type        Dates               Sec   Length  Run Times   SPW  Mo  Tu  We  Th  Fr "
    " Sa  Su  Spots      Rate     Total",
    "  1.0  Normal Line      05/09/20-05/09/20   2     :30     6A- 7A                              "
    " 1         1   $485.00   $485.00",
    "  2.0  Revised Line     05/10/20-05/10/20   2     :30     6A- 7A",
    "  2.1  Normal Line      05/11/20-05/12/20   3     :30     9A- 10A      1   X   X              "
    "           1   $500.00   $500.00",
    "                                      CONFIRMATION CONTRACT",
};

static void fcc_read__column_contract_takes_dollars_not_the_count_before_them(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, column_contract);
    const tm_document_t *d = layout_read(l, 1).v;
    STR_IS(d->system, "osi");
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_contract);
    STR_IS(d->contract_num, "575746");
    STR_IS(d->alt_order_no, "ECR26915553");
    STR_IS(d->advertiser, "Terry for Wisconsin (34122)");
    STR_IS(d->station, "WEEE");
    assert_int_equal(d->gross_cents.v, 98500);
    assert_int_equal(d->net_cents.v, 83725);
    assert_int_equal(d->commission_bp, 1500);
    assert_int_equal(d->lines.n, 2);
    assert_int_equal(lines_sum(d), 98500);
    const tm_doc_line_t *lines = d->lines.v;
    STR_IS(lines[0].days, "-----1-");
    STR_IS(lines[1].days, "XX-----");
}

static const char *const cable_order[] = {
    "                              CABLE ORDER",
    "Order #: 881234                    Client: Friends of Casey",
    "Rev: 3                             Agency: Example Buyers Inc",
    "System: Example Cable 0417         Zone: Springfield North",
    "Market: Springfield                Flight Dates: 9/28/2020 - 10/4/2020",
    "",
    "Line   Network   Days      Start Date   End Date     Daypart   Spots      Rate       Total",
    "1      ESPN      MTWTF--   9/28/2020    10/4/2020    6a-9a        10    $25.00     $250.00",
    "2      CNN       MTWTFSS   9/28/2020    10/4/2020    6p-9p        20    $40.00     $800.00",
    "                                                     Total        30             $1,050.00",
    "                                          Gross Total:   $1,050.00",
    "                                          Agency Commission:   $157.50",
    "                                          Net Total:   $892.50",
};

static void fcc_read__cable_is_read_by_its_labels(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, cable_order);
    const tm_document_t *d = layout_read(l, 1).v;
    STR_IS(d->system, "cable");
    assert_int_equal(d->medium.v, TM_MEDIUM_cable);
    STR_IS(d->contract_num, "881234");
    STR_IS(d->revision, "3");
    STR_IS(d->advertiser, "Friends of Casey");
    STR_IS(d->station, "Example Cable 0417");
    assert_false(has_exception(d, "missing_station"));
    assert_int_equal(d->gross_cents.v, 105000);
    assert_int_equal(d->net_cents.v, 89250);
    assert_int_equal(d->lines.n, 2);
    assert_int_equal(lines_sum(d), 105000);
    DAY_IS(d->flight_to, 2020, 10, 4);
}

static const char *const form[] = {
    "              AGREEMENT FORM FOR POLITICAL CANDIDATE ADVERTISEMENTS",
    "Station and Location: WBBB, Springfield            Date: 5/1/20",
    "I, Pat Example, do hereby request station time as follows:",
    "BROADCAST LENGTH      TIME OF DAY      DAYS     CLASS     TIMES PER WEEK",
    "The total dollar amount paid was $25,000.00",
};

static void fcc_read__packet_has_the_contract_first_and_the_form_without_amount(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, form);
    layout_page(l);
    ROWS(l, 10, wide_contract);
    layout_page(l);
    ROWS(l, 10, wide_order);
    const tm_documents_t docs = layout_read(l, 3);
    STR_IS(docs.v[0].contract_num, "2009786");
    assert_int_equal(docs.v[0].pages.n, 1);
    assert_int_equal(docs.v[0].pages.v[0], 2);
    assert_int_equal(docs.v[0].part, 1);
    assert_int_equal(docs.v[0].parts, 3);
    STR_IS(docs.v[1].contract_num, "14086");
    assert_int_equal(docs.v[2].doc_type.v, TM_DOC_TYPE_agreement);
    assert_int_equal(docs.v[2].pages.v[0], 1);
    assert_false(TM_HAS(&docs.v[2], TM_DOCUMENT_gross_cents));
    assert_false(has_exception(&docs.v[2], "missing_amount"));
    assert_int_equal(docs.v[2].lines.n, 0);
}

static void fcc_read__lines_that_miss_the_gross_are_flagged(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "ORDER",
        "Order #: 5512345            Advertiser: Casey for Mayor",
        "Station: WFFF               Flight Dates: 9/28/20 - 10/4/20",
        "Line   Program   Days      Start Date   End Date   Spots      Rate       Total",
        "1      NEWS      MTWTF--   9/28/20      10/4/20       10    $25.00     $250.00",
        "Gross Total: $300.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, rows);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->gross_cents.v, 30000);
    assert_int_equal(lines_sum(d), 25000);
    assert_true(has_exception(d, "line_sum_mismatch"));
}

static void fcc_read__what_is_not_printed_stays_absent(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "ORDER",
        "Order #:                    Advertiser: Casey for Mayor",
        "Alt Order #:                Agency:",
        "Estimate:                   Buyer: Pat Example",
        "Please send the copy to the traffic department of the station as soon as you can.",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, rows);
    const tm_document_t *d = layout_read(l, 1).v;
    STR_IS(d->advertiser, "Casey for Mayor");
    assert_false(TM_HAS(d, TM_DOCUMENT_contract_num));
    assert_false(TM_HAS(d, TM_DOCUMENT_agency));
    assert_false(TM_HAS(d, TM_DOCUMENT_gross_cents));
    assert_false(TM_HAS(d, TM_DOCUMENT_flight_from));
    assert_true(has_exception(d, "missing_amount"));
    assert_true(has_exception(d, "missing_flight"));
    assert_true(has_exception(d, "missing_station"));
}

static void fcc_read__a_credit_is_negative_and_names_its_invoice(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                    Credit Memo-Sales Adj Confirmation",
        "         WGGG 4",
        "Property     Transaction #      Payment Amount    Payment Month    Payment Date",
        "WGGG         25807              ($76.50)          March 2020       03/05/20",
        "  Type       Invoice # / Order #    Advertiser          Product       Estimate #    "
        "Amount",
        "  Invoice    1984608-1              Sands/D/President   SC 2020       Est 1946      "
        "($76.50)",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, rows);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_credit);
    assert_int_equal(d->gross_cents.v, -7650);
    STR_IS(d->invoice_no, "1984608-1");
    STR_IS(d->advertiser, "Sands/D/President");
}

static void fcc_read__no_words_is_no_text_layer_and_nothing_is_invented(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    layout_page(l);
    layout_put(l, 20, 20, "x . -");
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->status.v, TM_READING_STATUS_unreadable);
    STR_IS(d->reason, "no_text_layer");
    assert_int_equal(d->pages.n, 2);
    assert_int_equal(d->at.n, 0);
}

static void fcc_read__other_papers_of_the_public_file_are_ignored(void **state)
{
    (void)state;
    static const char *const rows[] = {"WHHH", "EEO Public File Report",
                                       "for the period ending January 31"};
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, rows);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->status.v, TM_READING_STATUS_ignored);
    STR_IS(d->reason, "not_advertising");
}

static void fcc_read__small_arena_is_an_error_not_a_crash(void **state)
{
    (void)state;
    for (size_t bytes = 1 << 12; bytes < (1 << 20); bytes *= 2) {
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
        TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(bytes);
        layout_t *l = layout_new(arena);
        layout_page(l);
        ROWS(l, 10, wide_order);
        const tm_pages_t pages = layout_pages(l);
        tm_documents_t docs;
        const tm_err_t err = tm_fcc_read(NULL, &pages, small, &docs);
        assert_true(err == TM_OK || err == TM_ENOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fcc_read__wide_order_gives_every_field_and_its_weeks),
        cmocka_unit_test(fcc_read__shares_and_market_budget_are_never_the_gross),
        cmocka_unit_test(fcc_read__every_value_has_a_place_with_its_printed_text),
        cmocka_unit_test(fcc_read__wide_contract_reads_values_below_their_labels),
        cmocka_unit_test(fcc_read__invoice_has_its_own_number_and_only_what_aired),
        cmocka_unit_test(fcc_read__rep_contract_has_grid_series_and_budget),
        cmocka_unit_test(fcc_read__column_contract_takes_dollars_not_the_count_before_them),
        cmocka_unit_test(fcc_read__cable_is_read_by_its_labels),
        cmocka_unit_test(fcc_read__packet_has_the_contract_first_and_the_form_without_amount),
        cmocka_unit_test(fcc_read__lines_that_miss_the_gross_are_flagged),
        cmocka_unit_test(fcc_read__what_is_not_printed_stays_absent),
        cmocka_unit_test(fcc_read__a_credit_is_negative_and_names_its_invoice),
        cmocka_unit_test(fcc_read__no_words_is_no_text_layer_and_nothing_is_invented),
        cmocka_unit_test(fcc_read__other_papers_of_the_public_file_are_ignored),
        cmocka_unit_test(fcc_read__small_arena_is_an_error_not_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
