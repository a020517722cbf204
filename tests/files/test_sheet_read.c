/* test_sheet_read.c - sheets as rep firms and vendors send them: which column is what, which rows
 * are lines, what becomes of totals, notes and errors. */
#include "base/time.h"
#include "files/with_sheet.h"

static const tm_document_t *doc_at(const reading_t *r, uint32_t i)
{
    assert_true(i < r->docs.n);
    assert_int_equal(r->docs.v[i].status.v, TM_READING_STATUS_read);
    assert_int_equal(r->docs.v[i].doc_type.v, TM_DOC_TYPE_sheet);
    return &r->docs.v[i];
}

static void flight_is(const tm_document_t *doc, const char *from, const char *to)
{
    assert_int_equal(doc->flight_from.v, day_named(from).v);
    assert_int_equal(doc->flight_to.v, day_named(to).v);
}

static void sheet__a_plain_list(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR(
        "Client,Agency,Call Letters,DMA,Media,Start Date,End Date,Gross Total,# Spots,Len,"
        "Order #,Rev,Stage,Daypart,TRPs,ID\r\n"
        "Ann for Senate,North Media,WAAA-TV,504,TV,10/12/2026,10/18/2026,\"$1,880.00\",4,:30,"
        "387130,2,Confirmed,Early News,12.5,V-1\r\n"
        "\r\n"
        "\"Bob, Inc.\",,WBBB,Port Alden,cable,2026-10-19,2026-10-25,900,,,,,,,,\r\n"));
    assert_int_equal(r.docs.n, 2);
    assert_int_equal(r.docs.n_exceptions, 0);
    const tm_document_t *doc = doc_at(&r, 0);
    assert_int_equal(doc->row, 2);
    assert_int_equal(doc->part, 1);
    assert_int_equal(doc->parts, 2);
    assert_text(doc->source, "rep_mail");
    assert_text(doc->advertiser, "Ann for Senate");
    assert_text(doc->agency, "North Media");
    assert_text(doc->station, "WAAA-TV");
    assert_int_equal(doc->market_code, 504);
    assert_int_equal(doc->medium.v, TM_MEDIUM_broadcast);
    flight_is(doc, "2026-10-12", "2026-10-18");
    assert_int_equal(doc->gross_cents.v, 188000);
    assert_int_equal(doc->amount_basis.v, TM_AMOUNT_BASIS_gross);
    assert_int_equal(doc->spots, 4);
    assert_int_equal(doc->length_s, 30);
    assert_int_equal(doc->grp_x10, 125);
    assert_text(doc->order_no, "387130");
    assert_text(doc->revision, "2");
    assert_int_equal(doc->stage.v, TM_STAGE_confirmed);
    assert_text(doc->daypart, "Early News");
    assert_text(doc->external_id, "V-1");
    const tm_place_t *at = doc->at.v;
    bool placed = false;
    for (uint32_t i = 0; i < doc->at.n; i++) {
        assert_int_equal(at[i].page, 1);
        placed |= tm_str_eq(at[i].field, TM_STR("gross_cents")) &&
                  tm_str_eq(at[i].text, TM_STR("$1,880.00"));
    }
    assert_true(placed);
    doc = doc_at(&r, 1);
    assert_int_equal(doc->row, 4); /* as a spreadsheet counts */
    assert_text(doc->advertiser, "Bob, Inc.");
    assert_text(doc->market, "Port Alden");
    assert_int_equal(doc->medium.v, TM_MEDIUM_cable);
    assert_false(TM_HAS(doc, TM_DOCUMENT_order_no));
    reading_done(&r);
}

static void sheet__separators_and_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } files[] = {
#define FILE_OF(text) {text, sizeof(text) - 1}
        FILE_OF("Advertiser;Station;Start;End;Gross\nJos\xc3\xa9;WAAA;10/12/2026;10/18/2026;1,5\n"
                "Jos\xc3\xa9;WBBB;10/12/2026;10/18/2026;\"1,500.00\"\n"),
        FILE_OF("Advertiser\tStation\tStart\tEnd\tGross\n"
                "Jos\xe9\tWBBB\t10/12/2026\t10/18/2026\t1,500.00\n"),
        FILE_OF("sep=|\r\nAdvertiser|Station|Start|End|Gross\r\n"
                "\"Jos\xc3\xa9\"|WBBB|10/12/2026|10/18/2026|1,500.00\r\n"),
        FILE_OF("\xef\xbb\xbf"
                "Advertiser,Station,Start,End,Gross\n"
                "Jos\xc3\xa9,WBBB,10/12/2026,10/18/2026,\"1,500.00\""),
    };
    for (size_t i = 0; i < TM_COUNT(files); i++) {
        reading_t r = reading_of(tm_str_n(files[i].bytes, files[i].n));
        const tm_document_t *doc = doc_at(&r, 0);
        assert_text(doc->advertiser, "Jos\xc3\xa9");
        assert_text(doc->station, "WBBB");
        assert_int_equal(doc->gross_cents.v, 150000);
        assert_int_equal(r.docs.n_exceptions, i == 0 ? 1 : 0); /* 1,5 is no amount */
        reading_done(&r);
    }
    tm_buf_t wide; /* what a spreadsheet calls Unicode text */
    tm_buf_init(&wide, 1u << 16);
    const char text[] =
        "Advertiser\tStation\tStart\tEnd\tNet\nAnn\tWAAA\t10/12/2026\t10/18/2026\t5\n";
    tm_buf_add(&wide, "\xff\xfe", 2);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        tm_buf_add_char(&wide, text[i]);
        tm_buf_add_char(&wide, '\0');
    }
    reading_t r = reading_of(tm_str_n(wide.p, wide.n));
    assert_int_equal(doc_at(&r, 0)->net_cents.v, 500);
    reading_done(&r);
    tm_buf_done(&wide);
}

static void sheet__a_header_below_titles(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR("Competitive report,,,,\n"
                                    "\"All dollars net, (000)\",,,,\n"
                                    "Market: Port Alden,,,,\n"
                                    "Advertiser,Station,Flight,Total,Note\n"
                                    "Ann for Senate,WAAA,10/12/26 - 10/18/26,17.3,x\n"));
    const tm_document_t *doc = doc_at(&r, 0);
    assert_int_equal(doc->row, 5);
    assert_text(doc->market, "Port Alden");
    assert_int_equal(doc->net_cents.v, 1730000);
    assert_int_equal(doc->amount_basis.v, TM_AMOUNT_BASIS_net);
    flight_is(doc, "2026-10-12", "2026-10-18");
    reading_done(&r);
}

static void sheet__what_the_basis_is(void **state)
{
    (void)state;
    static const struct {
        const char *header, *cell;
        int basis;
    } cases[] = {
        {"Total (net)", "100", TM_AMOUNT_BASIS_net},
        {"Gross $", "100", TM_AMOUNT_BASIS_gross},
        {"Net", "100", TM_AMOUNT_BASIS_net},
        {"Amount", "100", TM_AMOUNT_BASIS_unknown},
        {"$", "100", TM_AMOUNT_BASIS_unknown},
        {"Ordered Gross", "100", TM_AMOUNT_BASIS_gross},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        char text[400];
        (void)snprintf(text, sizeof text,
                       "Sponsor,Property,First air date,Last air date,%s\n"
                       "Ann,WAAA,10/12/2026,10/18/2026,%s\n",
                       cases[i].header, cases[i].cell);
        reading_t r = reading_of(tm_str(text));
        const tm_document_t *doc = doc_at(&r, 0);
        assert_int_equal(doc->amount_basis.v, cases[i].basis);
        const bool net = cases[i].basis == TM_AMOUNT_BASIS_net;
        assert_int_equal(TM_HAS(doc, TM_DOCUMENT_net_cents), net);
        assert_int_equal(net ? doc->net_cents.v : doc->gross_cents.v, 10000);
        reading_done(&r);
    }
    reading_t r = reading_of(TM_STR("Advertiser,Station,Week of,Amount,Basis\n"
                                    "Ann,WAAA,10/12/2026,100,Net\nAnn,WBBB,10/12/2026,100,\n"
                                    "Ann,WCCC,10/12/2026,\xe2\x89\xa4"
                                    "100,gross\n"
                                    "Ann,WDDD,10/12/2026,100,half\n"));
    assert_int_equal(doc_at(&r, 0)->net_cents.v, 10000);
    flight_is(doc_at(&r, 0), "2026-10-12", "2026-10-18");
    assert_int_equal(doc_at(&r, 1)->amount_basis.v, TM_AMOUNT_BASIS_unknown);
    assert_int_equal(doc_at(&r, 2)->high_cents.v, 10000);
    assert_false(TM_HAS(doc_at(&r, 2), TM_DOCUMENT_low_cents) ||
                 TM_HAS(doc_at(&r, 2), TM_DOCUMENT_gross_cents));
    assert_int_equal(r.docs.n, 3);
    assert_exception(&r, 0, "row_error", "row 5", "amount_basis: must be gross, net or unknown");
    reading_done(&r);
}

static void sheet__rows_with_errors(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR("Advertiser,Station,Start,End,Gross,Spots\n"
                                    "Ann,WAAA,10/12/2026,10/18/2026,100,1\n"
                                    ",WAAA,10/12/2026,10/18/2026,100,1\n"
                                    "Ann,,10/12/2026,10/18/2026,100,1\n"
                                    "Ann,WAAA,13/45/2026,10/18/2026,100,1\n"
                                    "Ann,WAAA,10/18/2026,10/12/2026,100,1\n"
                                    "Ann,WAAA,10/12/2026,,100,1\n"
                                    "Ann,WAAA,10/12/2026,10/18/2026,a lot,many\n"
                                    "Ann,WAAA,10/12/2026,10/18/2026,,1\n"
                                    "Ann,WAAA,10/12,10/18,100,1\n"));
    assert_int_equal(r.docs.n, 2);
    assert_int_equal(doc_at(&r, 0)->row, 2);
    assert_int_equal(doc_at(&r, 1)->row, 9); /* without an amount: the line tells */
    assert_false(TM_HAS(doc_at(&r, 1), TM_DOCUMENT_gross_cents));
    assert_int_equal(r.docs.n_exceptions, 7);
    assert_exception(&r, 0, "row_error", "row 3", "advertiser: is missing");
    assert_exception(&r, 1, "row_error", "row 4", "station or market is missing");
    assert_exception(&r, 2, "row_error", "row 5",
                     "flight_from: there is no such day, is \"13/45/2026\"");
    assert_exception(&r, 3, "row_error", "row 6", "flight_to: must not lie before the first day");
    assert_exception(&r, 4, "row_error", "row 7", "flight_to: is missing");
    assert_exception(&r, 5, "row_error", "row 8", "gross_cents: must be an amount like 1,234.50");
    assert_exception(&r, 5, "row_error", "row 8", "spots: must be a number");
    assert_exception(&r, 6, "row_error", "row 10", "flight_from: has no year");
    reading_done(&r);
    r = reading_of(TM_STR("Advertiser,Station,Start,End,Gross\nAnn,WAAA,x,y,z\n"));
    assert_refused(&r, TM_READING_STATUS_unreadable, "row_errors");
    assert_exception(&r, 0, "row_error", "row 2", "flight_from");
    reading_done(&r);
}

static void sheet__totals_are_checked_and_left_out(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR("Advertiser,Station,Start,End,Gross,Spots\n"
                                    "Ann,WAAA,10/12/2026,10/18/2026,100.00,1\n"
                                    "Ann,WBBB,10/12/2026,10/18/2026,50.00,1\n"
                                    "Ann Total,,,,150.00,2\n"
                                    "Total Recall PAC,WAAA,10/12/2026,10/18/2026,25.00,1\n"
                                    "Subtotal,,,,25.00,1\n"
                                    "Grand Total,,,,175.00,3\n"
                                    "Source: our own count,,,,,\n"));
    assert_int_equal(r.docs.n, 3);
    assert_int_equal(r.docs.n_exceptions, 0);
    reading_done(&r);
    r = reading_of(TM_STR("Advertiser,Station,Start,End,Gross\n"
                          "Ann,WAAA,10/12/2026,10/18/2026,100.00\n"
                          "Ann,WBBB,10/12/2026,10/18/2026,50.00\n"
                          "TOTAL,,,,\"1,150.00\"\n"));
    assert_int_equal(r.docs.n, 2);
    assert_int_equal(r.docs.n_exceptions, 1);
    assert_exception(&r, 0, "sheet_sum_mismatch", "row 4",
                     "Gross: the total is $1,150.00, its rows are $150.00");
    reading_done(&r);
    r = reading_of(TM_STR("Advertiser,Station,Start,End,Net (000)\n" /* rounded to tenths */
                          "Ann,WAAA,10/12/2026,10/18/2026,17.3\n"
                          "Ann,WBBB,10/12/2026,10/18/2026,12.2\n"
                          "Total,,,,29.6\n"));
    assert_int_equal(r.docs.n_exceptions, 0);
    reading_done(&r);
}

static void sheet__columns_of_weeks(void **state)
{
    (void)state;
    reading_t r =
        reading_of(TM_STR("Advertiser,Station,10/12/2026,Week of 10/19/26,2026-10-26,Total Net\n"
                          "Ann,WAAA,\"1,000\",,\"2,000\",\"3,000\"\n"
                          "Ann,WBBB,,500,,500\n"
                          "Bob,WAAA,,,,\n"));
    assert_int_equal(r.docs.n, 2);
    const tm_document_t *doc = doc_at(&r, 0);
    flight_is(doc, "2026-10-12", "2026-11-01");
    assert_int_equal(doc->net_cents.v, 300000);
    assert_int_equal(doc->lines.n, 2);
    const tm_doc_line_t *lines = doc->lines.v;
    assert_int_equal(lines[1].from.v, day_named("2026-10-26").v);
    assert_int_equal(lines[1].to.v, day_named("2026-11-01").v);
    assert_int_equal(lines[1].amount_cents.v, 200000);
    flight_is(doc_at(&r, 1), "2026-10-19", "2026-10-25");
    assert_exception(&r, 0, "row_error", "row 4", "no week has dollars");
    reading_done(&r);
}

static void sheet__rows_of_one_order_are_its_lines(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR("Advertiser,Station,Order,Rev,Start,End,Gross,Spots,Daypart\n"
                                    "Ann,WAAA,387130,1,10/12/2026,10/18/2026,100,2,News\n"
                                    "Ann,WAAA,387130,1,10/19/2026,10/25/2026,300,3,Prime\n"
                                    "Ann,WAAA,387130,2,10/12/2026,10/25/2026,250,4,News\n"
                                    "Ann,WBBB,387130,1,10/12/2026,10/18/2026,100,2,News\n"
                                    "Ann,WAAA,,,10/12/2026,10/18/2026,7,,\n"
                                    "Ann,WAAA,,,10/12/2026,10/18/2026,7,,\n"));
    assert_int_equal(r.docs.n, 5);
    const tm_document_t *doc = doc_at(&r, 0);
    assert_int_equal(doc->gross_cents.v, 40000);
    assert_int_equal(doc->spots, 5);
    flight_is(doc, "2026-10-12", "2026-10-25");
    assert_false(TM_HAS(doc, TM_DOCUMENT_daypart));
    assert_int_equal(doc->lines.n, 2);
    assert_int_equal(((const tm_doc_line_t *)doc->lines.v)[1].amount_cents.v, 30000);
    assert_text(doc_at(&r, 1)->revision, "2");
    assert_int_equal(doc_at(&r, 4)->row, 7);
    assert_int_equal(doc_at(&r, 4)->part, 5);
    reading_done(&r);
}

static void sheet__a_mapping_wins(void **state)
{
    (void)state;
    static const struct {
        const char *field, *header;
    } pairs[] = {{"advertiser", "Who?"},
                 {"station", "Where"},
                 {"flight_from", "A"},
                 {"flight_to", "B"},
                 {"gross_cents", "Spend"}};
    tm_column_t columns[TM_COUNT(pairs)] = {0};
    for (size_t i = 0; i < TM_COUNT(pairs); i++) {
        TM_SET(&columns[i], TM_COLUMN, field, tm_str(pairs[i].field));
        TM_SET(&columns[i], TM_COLUMN, header, tm_str(pairs[i].header));
    }
    tm_column_mapping_t mapping = {0};
    TM_SET(&mapping, TM_COLUMN_MAPPING, columns, (tm_recs_t){columns, TM_COUNT(columns)});
    const tm_str_t text = TM_STR("who,where,a,b,spend,Station\n"
                                 "Ann,WAAA,10/12/2026,10/18/2026,100,somewhere\n");
    reading_t r = reading_mapped(text, &mapping);
    const tm_document_t *doc = doc_at(&r, 0);
    assert_text(doc->advertiser, "Ann");
    assert_text(doc->station, "WAAA");
    assert_int_equal(doc->gross_cents.v, 10000);
    assert_int_equal(r.docs.n_exceptions, 0);
    reading_done(&r);
    r = reading_of(text);
    assert_refused(&r, TM_READING_STATUS_unreadable, "no_parser");
    reading_done(&r);
}

static void sheet__doubled_headers(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR("Advertiser,Station,Start,End,Gross,Gross\n"
                                    "Ann,WAAA,10/12/2026,10/18/2026,100,100\n"
                                    "Ann,WBBB,10/12/2026,10/18/2026,100,200\n"
                                    "Ann,WCCC,10/12/2026,10/18/2026,100,\n"));
    assert_int_equal(r.docs.n, 2);
    assert_exception(&r, 0, "row_error", "row 3", "gross_cents: two columns of this header differ");
    reading_done(&r);
}

static void sheet__which_files_are_sheets(void **state)
{
    (void)state;
    const tm_str_t none = {NULL, 0};
    assert_true(tm_sheet_is(TM_STR("a/Comp.CSV"), none, TM_STR("x")));
    assert_true(tm_sheet_is(TM_STR("comp.xlsx"), none, TM_STR("PK\x03\x04")));
    assert_true(tm_sheet_is(TM_STR("mail"), TM_STR("text/csv"), TM_STR("a,b")));
    assert_false(tm_sheet_is(TM_STR("comp.csv"), none, TM_STR("%PDF-1.4")));
    assert_false(tm_sheet_is(TM_STR("order.pdf"), TM_STR("text/csv"), TM_STR("x")));
    assert_false(tm_sheet_is(TM_STR("order"), TM_STR("application/octet-stream"), TM_STR("x")));
    assert_string_equal(tm_sheet_media_type(TM_STR("a.tsv"), TM_STR("x")),
                        "text/tab-separated-values");
    assert_null(tm_sheet_media_type(TM_STR("a.pdf"), TM_STR("x")));
}

/* The largest sheet that is read, in seconds rather than minutes. */
static void sheet__twenty_thousand_rows(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, 64u << 20);
    tm_buf_add_c(&text, "Advertiser,Station,Order,Start,End,Gross\n");
    for (int i = 1; i < TM_SHEET_ROWS_MAX; i++) {
        tm_buf_printf(&text, "Ann %d,WAAA,%d,10/12/2026,10/18/2026,%d\n", i % 50, 100000 + i / 2,
                      i);
    }
    reading_t r = reading_of(tm_str_n(text.p, text.n));
    assert_int_equal(r.docs.n_exceptions, 0);
    int64_t sum = 0;
    for (uint32_t i = 0; i < r.docs.n; i++) {
        sum += doc_at(&r, i)->gross_cents.v;
    }
    assert_int_equal(sum, (int64_t)100 * (TM_SHEET_ROWS_MAX - 1) * TM_SHEET_ROWS_MAX / 2);
    reading_done(&r);
    tm_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sheet__a_plain_list),
        cmocka_unit_test(sheet__separators_and_encodings),
        cmocka_unit_test(sheet__a_header_below_titles),
        cmocka_unit_test(sheet__what_the_basis_is),
        cmocka_unit_test(sheet__rows_with_errors),
        cmocka_unit_test(sheet__totals_are_checked_and_left_out),
        cmocka_unit_test(sheet__columns_of_weeks),
        cmocka_unit_test(sheet__rows_of_one_order_are_its_lines),
        cmocka_unit_test(sheet__a_mapping_wins),
        cmocka_unit_test(sheet__doubled_headers),
        cmocka_unit_test(sheet__which_files_are_sheets),
        cmocka_unit_test(sheet__twenty_thousand_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
