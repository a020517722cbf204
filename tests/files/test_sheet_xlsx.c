/* test_sheet_xlsx.c - workbooks as a spreadsheet program writes them: compressed, shared texts,
 * styled days, a header on the second sheet. */
#include "files/with_sheet.h"

#include <unistd.h>
#include <xlsxwriter.h>

static tm_buf_t bytes_of(const char *path)
{
    tm_buf_t ret;
    tm_buf_init(&ret, 16u << 20);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) {
        tm_buf_add(&ret, chunk, n);
    }
    (void)fclose(f);
    return ret;
}

static void write_rows(lxw_worksheet *sheet, lxw_format *day, lxw_format *money)
{
    static const char *const header[] = {"Advertiser",    "Station", "First air date",
                                         "Last air date", "Gross",   "Spots"};
    for (uint16_t i = 0; i < TM_COUNT(header); i++) {
        worksheet_write_string(sheet, 3, i, header[i], NULL);
    }
    for (uint32_t r = 4; r < 204; r++) {
        lxw_datetime from = {2026, 10, 12, 0, 0, 0}, to = {2026, 10, 18, 23, 59, 0};
        worksheet_write_string(sheet, r, 0, r % 2 == 0 ? "Ann & Friends <PAC>" : "Bob", NULL);
        worksheet_write_string(sheet, r, 1, "WAAA", NULL);
        worksheet_write_datetime(sheet, r, 2, &from, day);
        worksheet_write_datetime(sheet, r, 3, &to, day);
        worksheet_write_number(sheet, r, 4, 1234.5, money);
        worksheet_write_number(sheet, r, 5, 3, NULL);
    }
    worksheet_write_string(sheet, 204, 0, "Total", NULL);
    worksheet_write_formula_num(sheet, 204, 4, "=SUM(E5:E204)", money, 246900);
}

static void xlsx__of_a_spreadsheet_program(void **state)
{
    (void)state;
    char path[] = "/tmp/trailmix-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    lxw_workbook *book = workbook_new(path);
    lxw_format *day = workbook_add_format(book), *money = workbook_add_format(book);
    format_set_num_format(day, "[$-409]d\\-mmm\\-yy;@");
    format_set_num_format(money, "\"$\"#,##0.00_);[Red]\\(\"$\"#,##0.00\\)");
    lxw_worksheet *cover = workbook_add_worksheet(book, "Cover");
    worksheet_write_string(cover, 0, 0, "Competitive report", NULL);
    write_rows(workbook_add_worksheet(book, "Buys"), day, money);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    tm_buf_t bytes = bytes_of(path);
    (void)unlink(path);
    reading_t r = reading_of(tm_str_n(bytes.p, bytes.n));
    assert_int_equal(r.docs.n_exceptions, 0);
    assert_int_equal(r.docs.n, 200);
    for (uint32_t i = 0; i < r.docs.n; i++) {
        const tm_document_t *doc = &r.docs.v[i];
        assert_int_equal(doc->row, i + 5);
        assert_text(doc->advertiser, i % 2 == 0 ? "Ann & Friends <PAC>" : "Bob");
        assert_int_equal(doc->flight_from.v, day_named("2026-10-12").v);
        assert_int_equal(doc->flight_to.v, day_named("2026-10-18").v);
        assert_int_equal(doc->gross_cents.v, 123450);
        assert_int_equal(doc->spots, 3);
        assert_int_equal(((const tm_place_t *)doc->at.v)[0].page, 2);
    }
    reading_done(&r);
    tm_buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xlsx__of_a_spreadsheet_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
