/* test_fcc_layouts.c - further layouts of station papers, scans and packets, and the traps each of
 * them sets.
 * */
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

static int64_t lines_sum(const tm_document_t *d)
{
    const tm_doc_line_t *lines = d->lines.v;
    int64_t sum = 0;
    for (uint32_t i = 0; i < d->lines.n; i++) {
        sum += lines[i].amount_cents.v;
    }
    return sum;
}

/* One page of rows read as one document. */
static const tm_document_t *read_one(tm_arena_t *arena, const char *const *rows, unsigned n)
{
    layout_t *l = layout_new(arena);
    layout_page(l);
    layout_rows(l, 10, rows, n);
    return layout_read(l, 1).v;
}

static void fcc_read__agency_order_uses_its_estimate_and_its_title(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                              Station Order Revised",
        "                                 NV-Casey 2020",
        "Market:  Las Vegas                                                    Estimate ID",
        "Flight Dates:  Wednesday, February 12, 2020 to Monday, February 17, 2020     1930",
        "   KAAA-TV",
        "                                   Wed   Thu   Fri   Sat   Sun   Mon",
        "Program Name     Length     Rate    12    13    14    15    16    17         Total",
        "KAAA 5a News     30       $70.00     1     1     1     0     0     1             4",
        "   5:00 AM       6:00 AM          $280.00",
        "KAAA 6a News     30      $165.00     1     1     1     0     0     0             3",
        "   6:00 AM       7:00 AM          $495.00",
        "Station Gross Totals      $775.00    2     2     2     0     0     1             7",
        "Station Net               $658.75",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->contract_num, "1930");
    assert_false(TM_HAS(d, TM_DOCUMENT_order_no)); /* an estimate is no order number */
    STR_IS(d->advertiser, "NV-Casey 2020");
    STR_IS(d->station, "KAAA-TV");
    STR_IS(d->market, "Las Vegas");
    assert_int_equal(d->gross_cents.v, 77500);
    assert_int_equal(d->net_cents.v, 65875);
    DAY_IS(d->flight_from, 2020, 2, 12);
    DAY_IS(d->flight_to, 2020, 2, 17);
    assert_int_equal(d->lines.n, 2);
    assert_int_equal(lines_sum(d), 77500);
    STR_IS(((const tm_doc_line_t *)d->lines.v)[0].days, "1-111--");
}

static void fcc_read__rep_buylines_split_revision_and_weekdays(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "   Rep: EX                                   REP BUYLINES                    Page: 1",
        "   Run On: Feb12/20 at 17:50",
        "      Dare#: 91572 (Rev 0)        Hdln#: 9752880 (Rev 2)          Traffic#: 660978",
        "    Station: WEEE-TV SPRINGFIELD  Dates: Feb13/20 - Feb14/20      Salesperson: PAT "
        "EXAMPLE",
        "     Agency: EXAMPLE MEDIA        Prod1: CASEY 4 PRES             Est#: 0124",
        " Advertiser: POLI/A CASEY/D/PRE   Prod2:                          Demo: RA35+",
        "",
        "Line  Day/Time    Length    Rate  Start Date  End Date   Spt/Week  Total Spots  Total "
        "Dollars  Program Name",
        "  1   Th-F/7-8A   30S       $280  Feb13/20    Feb14/20      1           1            $280 "
        "     NEWS",
        "  2   Thu/8-9A    60S     $1,600  Feb13/20    Feb13/20      2           2          $3,200 "
        "     MOVIE",
        "                                           Order Totals:                3          $3,480",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->system, "dare");
    STR_IS(d->contract_num, "9752880");
    STR_IS(d->revision, "2");
    STR_IS(d->alt_order_no, "660978");
    STR_IS(d->station, "WEEE-TV");
    assert_int_equal(d->gross_cents.v, 348000);
    assert_int_equal(d->net_cents.v, 348000);
    assert_int_equal(d->lines.n, 2);
    STR_IS(((const tm_doc_line_t *)d->lines.v)[0].days, "---TF--");
    STR_IS(((const tm_doc_line_t *)d->lines.v)[1].days, "---T---");
}

static const char *const billing_invoice[] = {
    "                          Advertiser       Casey for Senate-D (133903)        Invoice      "
    "7217103",
    "   c/o WFFF               Agency           Example Media (16037)              Inv Date     "
    "4/26/2020",
    "   PO Box 206270          Buyer            EXAMPLE,PAT                        Contract     "
    "4246917",
    "                          Product          POLITICAL (1186)                   Period       "
    "12/30/2019 - 1/26/2020",
    "                          Brand            CASEY 2020 (1327682)               Bill Type    "
    "Standard",
    "                          Est/External #   0119/ECR26789049                   Gen. Date    "
    "1/28/2020 4:13:15PM",
    "Springfield (WFFF)                     OFFICIAL BILLING INVOICE",
    "  Line   Type   Scheduled          Schedule Days     Air Time               Length   "
    "Copy/ISCI      Amount    Remarks",
    "1.0      News   23470-News         Day,Su-1          01/26/20 9:25PM (Su)   00:30    "
    "CASEYS312EH    $250.00",
    "2.0      News   6:00:00AM- 7:00AM  Per week (1),Th   01/23/20 6:16AM (Th)   00:30    "
    "CASEYS312EH    $100.00",
    "                                                                            Gross Total       "
    "       $350.00   Total Spots  2",
    "                                                                            Commission        "
    "       ($52.50)",
    "                                                                            Net Total         "
    "       $297.50",
};

static void fcc_read__billing_invoice_keeps_contract_and_invoice_apart(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, billing_invoice, TM_COUNT(billing_invoice));
    STR_IS(d->system, "osi");
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_invoice);
    STR_IS(d->invoice_no, "7217103");
    STR_IS(d->order_no, "4246917");
    STR_IS(d->alt_order_no, "ECR26789049");
    STR_IS(d->station, "WFFF");
    assert_int_equal(d->gross_cents.v, 35000);
    assert_int_equal(d->net_cents.v, 29750);
    assert_int_equal(d->spots, 2);
    DAY_IS(d->billing_from, 2019, 12, 30);
    DAY_IS(d->flight_to, 2020, 1, 26); /* the period stands in for the flight */
    assert_int_equal(d->airings.n, 2);
    STR_IS(((const tm_airing_t *)d->airings.v)[1].air_time,
           "06:16"); /* not the time it was scheduled */
    assert_int_equal(lines_sum(d), 35000);
}

static void fcc_read__pages_measured_in_dots_read_alike(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, billing_invoice);
    const tm_pages_t pages = layout_pages(l);
    tm_page_t *page = &pages.v[0];
    page->width *= 3;
    page->height *= 3;
    for (uint32_t i = 0; i < page->n_words; i++) {
        page->words[i].x0 *= 3;
        page->words[i].x1 *= 3;
        page->words[i].y0 *= 3;
        page->words[i].y1 *= 3;
    }
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->gross_cents.v, 35000);
    const tm_place_t *at = d->at.v;
    for (uint32_t i = 0; i < d->at.n; i++) {
        if (!tm_str_eq(at[i].field, TM_STR("invoice_no")))
            continue;
        /* 20 + 5 * column, times three: places are in the page's own points */
        assert_true(at[i].box_x100.v[0] > 3 * 40000);
        return;
    }
    fail();
}

static void fcc_read__a_scan_that_lost_letters_still_reads(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                                          lNVOICE",
        "      WGGG-TV                     Property        WGGG-TV        | Order#        1328762",
        "      Main: (915) 581-1126        lnvoice #       1328762-2      | Alt Order#    "
        "[09732930",
        "                                  Advertiser      Casey 2020     | Deal #",
        "                                  lnvoice Period  01/27/20 - 02/23/20   [Flight Dates   "
        "o2/11/20 -03/01/20 _",
        "                                               GrossTotal              $8O0.00",
        "                                               Agency Commission       $120.00",
        "                                               Net Amount Due          $680.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_invoice);
    STR_IS(d->contract_num, "1328762-2");
    STR_IS(d->order_no, "1328762");
    STR_IS(d->alt_order_no, "09732930");
    STR_IS(d->advertiser, "Casey 2020");
    DAY_IS(d->flight_from, 2020, 2, 11);
    DAY_IS(d->flight_to, 2020, 3, 1);
    assert_int_equal(d->gross_cents.v, 80000);
    assert_int_equal(d->net_cents.v, 68000);
}

static void fcc_read__small_print_is_no_value(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                         CONTRACT",
        "Contract #: 575746        Advertiser: Casey for Senate     Station: WHHH",
        "Flight Dates: 9/22/20 - 9/28/20                            Gross Total: $500.00",
        "Notwithstanding to whom bills are rendered, advertiser, agency and service, jointly and "
        "severally, shall remain",
        "agency (or if a time buying service is a party to this contract, upon notice to service) "
        "and if a mutually agreeable",
        "obligated to pay to station the amount of any bills rendered by station within the time "
        "specified and until payment",
        "product or service other than that named on the face hereof, or $1,000.00 for each market "
        "in which the total",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->advertiser, "Casey for Senate");
    STR_IS(d->station, "WHHH");
    assert_false(TM_HAS(d, TM_DOCUMENT_agency));
    assert_false(TM_HAS(d, TM_DOCUMENT_product));
    assert_int_equal(d->gross_cents.v, 50000);
    assert_int_equal(d->net_cents.v, 50000); /* a single total and no commission */
}

static void fcc_read__a_name_over_the_next_column_stays_whole(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    layout_put(l, 300, 20, "INVOICE");
    layout_put(l, 20, 60, "Advertiser");
    layout_put(l, 90, 60, "POL/Casey Longname/Springfield County Magistrate/WV/Dem Direct");
    layout_put(l, 380, 60, "Invoice #"); /* the name ends at 400 */
    layout_put(l, 470, 60, "2441368-2");
    layout_put(l, 380, 75, "Invoice Date");
    layout_put(l, 470, 75, "02/04/20");
    layout_put(l, 380, 90, "Order #");
    layout_put(l, 470, 90, "2441368");
    const tm_document_t *d = layout_read(l, 1).v;
    STR_IS(d->advertiser, "POL/Casey Longname/Springfield County Magistrate/WV/Dem Direct");
    STR_IS(d->contract_num, "2441368-2");
    STR_IS(d->order_no, "2441368");
}

static void fcc_read__combos_name_their_first_station(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "ORDER",
        "Order #: 4197219          Advertiser: Casey for Governor",
        "Station: KAAA+KBBB Combo  Flight: 2/24/20 - 3/6/20      Gross Total: $100.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    STR_IS(d->station, "KAAA");
    assert_int_equal(d->stations.n, 1);
    STR_IS(d->stations.v[0], "KBBB");
}

static void fcc_read__deleted_contract_is_cancelled(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                 DELETED CONTRACT",
        "Contract # 4197219        Advertiser: Casey for Governor",
        "Station: KAAA             Flight: 2/24/20 - 3/6/20      Gross Total: $100.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_contract);
    assert_int_equal(d->stage.v, TM_STAGE_cancelled);
}

static void fcc_read__cancelled_lines_are_worth_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "ORDER",
        "Order #: 4197219          Advertiser: Casey for Governor",
        "Station: KAAA             Flight: 2/24/20 - 3/1/20",
        "   Line   Program   Days      Start Date   End Date   Spots      Rate       Total",
        "N  1      NEWS      MTWTF--   2/24/20      3/1/20        10    $25.00     $250.00",
        "D  2      MOVIE     MTWTF--   2/24/20      3/1/20        10    $30.00     $300.00",
        "Gross Total: $250.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->lines.n, 2);
    const tm_doc_line_t *lines = d->lines.v;
    assert_int_equal(lines[0].status.v, TM_LINE_STATUS_ok);
    assert_int_equal(lines[1].status.v, TM_LINE_STATUS_cancelled);
    assert_int_equal(lines_sum(d), 25000);
    assert_int_equal(d->exceptions.n, 0);
}

static void fcc_read__a_line_goes_on_overleaf_once(void **state)
{
    (void)state;
    static const char *const first[] = {
        "                          ORDER                                         Page 1 of 2",
        "   Order / Rev:    903617 / 1        Flight Dates:   07/15/20 - 07/28/20       Advertiser "
        "Name:   Casey for Senate",
        "   Line   Ch    Start Date   End Date   Program   Length   Rate      Spots     Amount",
        "N  1      3     07/15/20     07/28/20   NEWS      :30      $25.00        4    $100.00",
        "          Start Date   End Date   Weekdays   Spots/Week      Rate",
        "   Week:  07/13/20     07/19/20   --WTF--        2        $25.00",
    };
    static const char *const second[] = {
        "                          ORDER                                         Page 2 of 2",
        "   Order / Rev:    903617 / 1        Flight Dates:   07/15/20 - 07/28/20",
        "   Line   Ch    Start Date   End Date   Program   Length   Rate      Spots     Amount",
        "N  1      3     07/15/20     07/28/20   NEWS      :30      $25.00        4    $100.00",
        "          Start Date   End Date   Weekdays   Spots/Week      Rate",
        "   Week:  07/20/20     07/26/20   MTWTF--        2        $25.00",
        "                                                     Gross Total    $100.00",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    ROWS(l, 10, first);
    layout_page(l);
    ROWS(l, 10, second);
    const tm_document_t *d = layout_read(l, 1).v;
    assert_int_equal(d->pages.n, 2);
    assert_int_equal(d->lines.n, 2);
    const tm_doc_line_t *lines = d->lines.v;
    DAY_IS(lines[0].from, 2020, 7, 15); /* the line begins after its first week does */
    DAY_IS(lines[1].to, 2020, 7, 26);
    assert_int_equal(lines[1].page, 2);
    assert_int_equal(lines_sum(d), 10000);
}

static void packet_page(layout_t *l, const char *number, const char *revision, const char *page)
{
    layout_page(l);
    layout_put(l, 300, 10, "ORDER");
    layout_put(l, 600, 10, page);
    layout_put(l, 20, 40, "Order / Rev:");
    layout_put(l, 120, 40, number);
    layout_put(l, 160, 40, "/");
    layout_put(l, 170, 40, revision);
    layout_put(l, 20, 55, "Flight Dates:");
    layout_put(l, 120, 55, "07/15/20 - 07/28/20");
}

static void fcc_read__revisions_in_one_packet_are_documents_of_their_own(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    packet_page(l, "903617", "1", "Page 1 of 2");
    packet_page(l, "903617", "1", "Page 2 of 2");
    packet_page(l, "903617", "2", "Page 1 of 1");
    packet_page(l, "903618", "1", "Page 1 of 1");
    const tm_documents_t docs = layout_read(l, 3);
    assert_int_equal(docs.v[0].pages.n, 2);
    STR_IS(docs.v[1].revision, "2");
    STR_IS(docs.v[2].contract_num, "903618");
    assert_int_equal(docs.v[2].part, 3);
}

static void fcc_read__pages_without_text_go_with_their_neighbours(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    layout_t *l = layout_new(arena);
    layout_page(l);
    packet_page(l, "903617", "1", "Page 1 of 1");
    layout_page(l);
    const tm_documents_t docs = layout_read(l, 1);
    assert_int_equal(docs.v[0].pages.n, 3);
    STR_IS(docs.v[0].contract_num, "903617");
}

static void fcc_read__form_names_advertiser_and_order(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                  ISSUE (Non-candidate) ADVERTISEMENT",
        "                          AGREEMENT FORM",
        "Station time requested by: Example Media",
        "Agency name: Example Media",
        "Name of advertiser/sponsor (list entity's full legal name with no acronyms):",
        "Name: Casey Action, Inc",
        "Address: 1400 Example Drive, Arlington, VA 22202",
        "Contract #:              Station Call Letters:        Run Start and End Dates:",
        "   2418178               WAAA/WBBB                    3/30-4/4/2020",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_agreement);
    assert_false(TM_HAS(d, TM_DOCUMENT_contract_num));
    STR_IS(d->order_no, "2418178");
    STR_IS(d->advertiser, "Casey Action, Inc");
    STR_IS(d->station, "WAAA");
    DAY_IS(d->flight_from, 2020, 3, 30);
    DAY_IS(d->flight_to, 2020, 4, 4);
    assert_false(TM_HAS(d, TM_DOCUMENT_gross_cents));
    assert_int_equal(d->exceptions.n, 0);
}

static void fcc_read__candidate_form_names_station_and_payer(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "     AGREEMENT FORM FOR POLITICAL CANDIDATE ADVERTISEMENTS",
        "Station and Location: WAAA-TV, SPRINGFIELD                       Date: 9/1/2020",
        "I, Pat Example, do hereby request station time as follows:",
        "BROADCAST LENGTH      TIME OF DAY      DAYS     CLASS     TIMES PER WEEK",
        "This advertisement time will be paid for by: Casey for Senate",
        "Candidate: Alex Casey, for the office of United States Senator",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_int_equal(d->doc_type.v, TM_DOC_TYPE_agreement);
    STR_IS(d->station, "WAAA-TV");
    STR_IS(d->advertiser, "Casey for Senate");
    assert_false(TM_HAS(d, TM_DOCUMENT_gross_cents));
}

static void fcc_read__table_words_are_no_stations(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "                         ORDER",
        "Order #: 575746           Advertiser: Casey for Senate",
        "Flight Dates: 9/22/20 - 9/28/20                            Gross Total: $500.00",
        "   WEEK           WITH",
    };
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(8 << 20);
    const tm_document_t *d = read_one(arena, rows, TM_COUNT(rows));
    assert_false(TM_HAS(d, TM_DOCUMENT_station));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fcc_read__agency_order_uses_its_estimate_and_its_title),
        cmocka_unit_test(fcc_read__rep_buylines_split_revision_and_weekdays),
        cmocka_unit_test(fcc_read__billing_invoice_keeps_contract_and_invoice_apart),
        cmocka_unit_test(fcc_read__pages_measured_in_dots_read_alike),
        cmocka_unit_test(fcc_read__a_scan_that_lost_letters_still_reads),
        cmocka_unit_test(fcc_read__small_print_is_no_value),
        cmocka_unit_test(fcc_read__a_name_over_the_next_column_stays_whole),
        cmocka_unit_test(fcc_read__combos_name_their_first_station),
        cmocka_unit_test(fcc_read__deleted_contract_is_cancelled),
        cmocka_unit_test(fcc_read__cancelled_lines_are_worth_nothing),
        cmocka_unit_test(fcc_read__a_line_goes_on_overleaf_once),
        cmocka_unit_test(fcc_read__revisions_in_one_packet_are_documents_of_their_own),
        cmocka_unit_test(fcc_read__pages_without_text_go_with_their_neighbours),
        cmocka_unit_test(fcc_read__form_names_advertiser_and_order),
        cmocka_unit_test(fcc_read__candidate_form_names_station_and_payer),
        cmocka_unit_test(fcc_read__table_words_are_no_stations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
