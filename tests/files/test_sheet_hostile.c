/* test_sheet_hostile.c - files that are cut, swollen, empty or no sheets: each costs its own result
 * only, and says why. */
#include "files/with_sheet.h"

#define HEADER "Advertiser,Station,Start,End,Gross\n"
#define ROW "Ann for Senate,WAAA,10/12/2026,10/18/2026,\"$1,000.00\"\n"

static tm_str_t str_of(const tm_buf_t *buf)
{
    return tm_str_n(buf->p, buf->n);
}

static void csv__quotes_that_do_not_balance(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR(HEADER ROW "Bob \"The\" B,WAAA,10/12/2026,10/18/2026,1\n" ROW));
    assert_refused(&r, TM_READING_STATUS_unreadable, "damaged");
    assert_exception(&r, 0, "unreadable", "damaged", "row 3: a quotation mark");
    reading_done(&r);
    r = reading_of(TM_STR(HEADER ROW "\"Bob,WAAA,10/12/2026,10/18/2026,1\n" ROW));
    assert_refused(&r, TM_READING_STATUS_unreadable, "damaged");
    assert_exception(&r, 0, "unreadable", "damaged", "row 3: a quotation mark");
    reading_done(&r);
}

static void csv__one_cell_of_ten_megabytes(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, 16u << 20);
    tm_buf_add_c(&text, HEADER ROW "\"");
    for (int i = 0; i < 10 << 10; i++) {
        char kilobyte[1025];
        memset(kilobyte, 'x', sizeof kilobyte);
        tm_buf_add(&text, kilobyte, 1024);
    }
    reading_t r = reading_of(str_of(&text));
    assert_refused(&r, TM_READING_STATUS_unreadable, "too_large");
    assert_exception(&r, 0, "unreadable", "too_large", "row 3: a cell has more than 4000 bytes");
    reading_done(&r);
    tm_buf_done(&text);
}

static void csv__nul_bytes(void **state)
{
    (void)state;
    static const char text[] = HEADER ROW "Bob\0by,WAAA,10/12/2026,10/18/2026,1\n";
    reading_t r = reading_of(tm_str_n(text, sizeof text - 1));
    assert_refused(&r, TM_READING_STATUS_unreadable, "damaged");
    assert_exception(&r, 0, "unreadable", "damaged", "row 3: holds a NUL byte");
    reading_done(&r);
}

static void csv__empty_and_headers_only(void **state)
{
    (void)state;
    static const char *const blank[] = {"", "\n\n\r\n", "\xef\xbb\xbf", HEADER, HEADER "\n,,,,\n"};
    for (size_t i = 0; i < TM_COUNT(blank); i++) {
        reading_t r = reading_of(tm_str(blank[i]));
        assert_refused(&r, TM_READING_STATUS_ignored, "blank");
        assert_int_equal(r.docs.n_exceptions, 0);
        reading_done(&r);
    }
}

static void csv__too_many_rows_and_columns(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, 64u << 20);
    tm_buf_add_c(&text, HEADER);
    for (int i = 0; i < TM_SHEET_ROWS_MAX; i++) {
        tm_buf_add_c(&text, ROW);
    }
    reading_t r = reading_of(str_of(&text));
    assert_refused(&r, TM_READING_STATUS_unreadable, "too_large");
    assert_exception(&r, 0, "unreadable", "too_large", "row 20001: more than 20000 rows");
    reading_done(&r);
    tm_buf_clear(&text);
    tm_buf_add_c(&text, HEADER);
    for (int i = 0; i < 201; i++) {
        tm_buf_add_c(&text, "x,");
    }
    r = reading_of(str_of(&text));
    assert_refused(&r, TM_READING_STATUS_unreadable, "too_large");
    assert_exception(&r, 0, "unreadable", "too_large", "row 2: more than 200 columns");
    reading_done(&r);
    tm_buf_done(&text);
}

/* Each row within the limits, all together more than travels through the program at once. */
static void csv__much_text_in_many_rows(void **state)
{
    (void)state;
    char name[200];
    memset(name, 'n', sizeof name);
    tm_buf_t text;
    tm_buf_init(&text, 64u << 20);
    tm_buf_add_c(&text, "Advertiser,Agency,Product,Station,Start,End,Gross\n");
    for (int i = 1; i < TM_SHEET_ROWS_MAX; i++) {
        for (int k = 0; k < 3; k++) {
            tm_buf_add(&text, name, sizeof name);
            tm_buf_add_char(&text, ',');
        }
        tm_buf_add_c(&text, "WAAA,10/12/2026,10/18/2026,1\n");
    }
    reading_t r = reading_of(str_of(&text));
    assert_refused(&r, TM_READING_STATUS_unreadable, "too_large");
    assert_exception(&r, 0, "unreadable", "too_large", "send it in parts");
    reading_done(&r);
    tm_buf_done(&text);
}

static void any__bytes_that_are_no_sheet(void **state)
{
    (void)state;
    reading_t r = reading_of(TM_STR("Dear all,\nplease find the comp attached.\n"));
    assert_refused(&r, TM_READING_STATUS_unreadable, "no_parser");
    assert_exception(&r, 0, "no_parser", "no_parser", "row 1 reads: \"Dear all\"");
    reading_done(&r);
    static const char old[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more";
    r = reading_of(tm_str_n(old, sizeof old - 1));
    assert_refused(&r, TM_READING_STATUS_unreadable, "no_parser");
    assert_exception(&r, 0, "no_parser", "no_parser", "save it as .xlsx");
    reading_done(&r);
}

/* ---- workbooks ---- */

#define CELLS                                                                                   \
    "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"             \
    "<c r=\"C1\" t=\"inlineStr\"><is><t>Start</t></is></c><c r=\"D1\" t=\"str\"><v>End</v></c>" \
    "<c r=\"E1\" t=\"s\"><v>2</v></c></row>"                                                    \
    "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>3</v></c><c r=\"B3\" t=\"s\"><v>4</v></c>"             \
    "<c r=\"C3\" s=\"1\"><v>46307</v></c><c r=\"D3\"><v>46313</v></c>"                          \
    "<c r=\"E3\"><v>17.300000000000001</v></c></row>"
#define TEXTS                                                                                     \
    "<si><t>Advertiser</t></si><si><t>Station</t></si><si><r><t>Net </t></r><r><t>($000)</t></r>" \
    "<rPh><t>spoken</t></rPh></si><si><t>Ann for Senate</t></si><si><t>WAAA</t></si>"
#define STYLES "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"

static void xlsx__cells_of_every_kind(void **state)
{
    (void)state;
    tm_buf_t book = book_of(CELLS, TEXTS, STYLES);
    reading_t r = reading_of(str_of(&book));
    assert_int_equal(r.docs.n, 1);
    assert_int_equal(r.docs.n_exceptions, 0);
    const tm_document_t *doc = r.docs.v;
    assert_int_equal(doc->status.v, TM_READING_STATUS_read);
    assert_int_equal(doc->row, 3);
    assert_text(doc->advertiser, "Ann for Senate");
    assert_text(doc->station, "WAAA");
    assert_int_equal(doc->flight_from.v, day_named("2026-10-12").v);
    assert_int_equal(doc->flight_to.v, day_named("2026-10-18").v);
    assert_int_equal(doc->net_cents.v, 1730000);
    assert_int_equal(doc->amount_basis.v, TM_AMOUNT_BASIS_net);
    assert_false(TM_HAS(doc, TM_DOCUMENT_gross_cents));
    reading_done(&r);
    tm_buf_done(&book);
}

static void xlsx__cut_anywhere(void **state)
{
    (void)state;
    tm_buf_t book = book_of(CELLS, TEXTS, STYLES);
    for (size_t n = 4; n < book.n; n += 7) {
        reading_t r = reading_of(tm_str_n(book.p, n));
        assert_refused(&r, TM_READING_STATUS_unreadable, "damaged");
        reading_done(&r);
    }
    for (size_t i = 0; i < book.n; i += 3) { /* and turned over: any answer but a crash */
        book.p[i] = (char)~book.p[i];
        reading_t r = reading_of(str_of(&book));
        reading_done(&r);
        book.p[i] = (char)~book.p[i];
    }
    tm_buf_done(&book);
}

static void xlsx__a_bomb_stops_at_the_limit(void **state)
{
    (void)state;
    const size_t bytes = 200u << 20;
    char *zeros = malloc(bytes);
    assert_non_null(zeros);
    memset(zeros, ' ', bytes);
    memcpy(zeros, "<sst>", 5);
    for (size_t i = 100; i + 100000 < bytes; i += 100000) { /* no single node is large */
        memcpy(zeros + i, "<!--", 4);
        memcpy(zeros + i + 90000, "-->", 3);
    }
    const xml_part_t parts[] = {
        {"xl/workbook.xml",
         "<workbook "
         "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
         "<sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>",
         0},
        {"xl/_rels/workbook.xml.rels",
         "<Relationships><Relationship Id=\"r1\" Target=\"s.xml\"/></Relationships>", 0},
        {"xl/sharedStrings.xml", zeros, bytes},
        {"xl/s.xml", "<worksheet><sheetData/></worksheet>", 0},
    };
    tm_buf_t bomb = zip_of(parts, TM_COUNT(parts));
    assert_true(bomb.n < (1u << 20));
    reading_t r = reading_of(str_of(&bomb));
    assert_refused(&r, TM_READING_STATUS_unreadable, "too_large");
    assert_exception(&r, 0, "unreadable", "too_large", "unpacks to more than is read");
    reading_done(&r);
    tm_buf_done(&bomb);
    free(zeros);
}

static void xlsx__entities_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><sst><si><t>&b;</t></si>"
        "</sst>",
        "<?xml version=\"1.0\"?><!DOCTYPE sst SYSTEM \"file:///etc/passwd\"><sst/>",
        "\xff\xfe<\0s\0s\0t\0/\0>\0",
    };
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        const xml_part_t parts[] = {
            {"xl/workbook.xml",
             "<workbook "
             "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
             "<sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>",
             0},
            {"xl/_rels/workbook.xml.rels",
             "<Relationships><Relationship Id=\"r1\" Target=\"s.xml\"/></Relationships>", 0},
            {"xl/sharedStrings.xml", bad[i], i == 2 ? 14 : 0},
            {"xl/s.xml", "<worksheet><sheetData/></worksheet>", 0},
        };
        tm_buf_t book = zip_of(parts, TM_COUNT(parts));
        reading_t r = reading_of(str_of(&book));
        assert_refused(&r, TM_READING_STATUS_unreadable, "damaged");
        reading_done(&r);
        tm_buf_done(&book);
    }
}

static void xlsx__depth_and_strange_places(void **state)
{
    (void)state;
    tm_buf_t deep;
    tm_buf_init(&deep, 16u << 20);
    for (int i = 0; i < 100000; i++) {
        tm_buf_add_c(&deep, "<a>");
    }
    tm_buf_add_char(&deep, '\0');
    static const struct {
        const char *rows, *part;
    } bad[] = {
        {NULL, "damaged from here on"},
        {"<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>", "stands in no place"},
        {"<row r=\"1\"><c r=\"1A\"><v>1</v></c></row>", "stands in no place"},
        {"<row r=\"5\"/><row r=\"4\"/>", "rows do not follow each other"},
        {"<row r=\"1\"><c r=\"A1\" t=\"s\"><v>99</v></c></row>", "names a text that is not there"},
        {"<row r=\"1\"><c r=\"ZZ1\"><v>1</v></c></row>", "more than 200 columns"},
    };
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_buf_t book = book_of(bad[i].rows == NULL ? deep.p : bad[i].rows, TEXTS, STYLES);
        reading_t r = reading_of(str_of(&book));
        assert_int_equal(r.docs.v[0].status.v, TM_READING_STATUS_unreadable);
        assert_true(r.docs.n_exceptions == 1);
        assert_exception(&r, 0, "unreadable", i == 5 ? "too_large" : "damaged", bad[i].part);
        reading_done(&r);
        tm_buf_done(&book);
    }
    tm_buf_done(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv__quotes_that_do_not_balance),
        cmocka_unit_test(csv__one_cell_of_ten_megabytes),
        cmocka_unit_test(csv__nul_bytes),
        cmocka_unit_test(csv__empty_and_headers_only),
        cmocka_unit_test(csv__too_many_rows_and_columns),
        cmocka_unit_test(csv__much_text_in_many_rows),
        cmocka_unit_test(any__bytes_that_are_no_sheet),
        cmocka_unit_test(xlsx__cells_of_every_kind),
        cmocka_unit_test(xlsx__cut_anywhere),
        cmocka_unit_test(xlsx__a_bomb_stops_at_the_limit),
        cmocka_unit_test(xlsx__entities_are_refused),
        cmocka_unit_test(xlsx__depth_and_strange_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
