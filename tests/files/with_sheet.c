/* with_sheet.c - see with_sheet.h. */
#include "files/with_sheet.h"

#include "base/time.h"
#include "schema/record.h"

#include <zip.h>

tm_buf_t zip_of(const xml_part_t *parts, size_t n)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &error);
    assert_non_null(out);
    zip_source_keep(out);
    zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (size_t i = 0; i < n; i++) {
        const size_t bytes = parts[i].n > 0 ? parts[i].n : strlen(parts[i].text);
        zip_source_t *part = zip_source_buffer(zip, parts[i].text, bytes, 0);
        assert_non_null(part);
        assert_true(zip_file_add(zip, parts[i].name, part, ZIP_FL_ENC_UTF_8) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(out), 0);
    tm_buf_t ret;
    tm_buf_init(&ret, 256u << 20);
    char chunk[4096];
    zip_int64_t got;
    while ((got = zip_source_read(out, chunk, sizeof chunk)) > 0) {
        tm_buf_add(&ret, chunk, (size_t)got);
    }
    (void)zip_source_close(out);
    zip_source_free(out);
    zip_error_fini(&error);
    assert_true(ret.n > 0);
    return ret;
}

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define MAIN " xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""

tm_buf_t book_of(const char *rows, const char *texts, const char *styles)
{
    tm_buf_t sheet, strings, style;
    tm_buf_init(&sheet, 256u << 20);
    tm_buf_init(&strings, 256u << 20);
    tm_buf_init(&style, 1u << 20);
    tm_buf_printf(&sheet, HEAD "<worksheet" MAIN "><sheetData>");
    tm_buf_add_c(&sheet, rows);
    tm_buf_add_c(&sheet, "</sheetData></worksheet>");
    tm_buf_add_c(&strings, HEAD "<sst" MAIN ">");
    tm_buf_add_c(&strings, texts == NULL ? "" : texts);
    tm_buf_add_c(&strings, "</sst>");
    tm_buf_printf(&style, HEAD "<styleSheet" MAIN ">%s</styleSheet>", styles == NULL ? "" : styles);
    const xml_part_t parts[] = {
        {"xl/workbook.xml",
         HEAD "<workbook" MAIN
              " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
              "<sheets><sheet name=\"Hidden\" sheetId=\"9\" state=\"hidden\" r:id=\"rId9\"/>"
              "<sheet name=\"Comp\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
         0},
        {"xl/_rels/workbook.xml.rels",
         HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
              "relationships\"><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/>"
              "</Relationships>",
         0},
        {"xl/worksheets/sheet1.xml", sheet.p, sheet.n},
        {"xl/sharedStrings.xml", strings.p, strings.n},
        {"xl/styles.xml", style.p, style.n},
    };
    const tm_buf_t ret = zip_of(parts, TM_COUNT(parts));
    tm_buf_done(&sheet);
    tm_buf_done(&strings);
    tm_buf_done(&style);
    return ret;
}

reading_t reading_mapped(tm_str_t bytes, const tm_column_mapping_t *mapping)
{
    reading_t r = {.arena = tm_arena_new(1u << 30)};
    const tm_sheet_upload_t upload = {.source = TM_STR("rep_mail"), .mapping = mapping};
    assert_int_equal(tm_sheet_read(&upload, bytes, r.arena, &r.docs), TM_OK);
    assert_true(r.docs.n >= 1);
    for (uint32_t i = 0; i < r.docs.n_exceptions; i++) {
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_equal(tm_record_validate(&tm_exception_desc, &r.docs.exceptions[i], &why),
                         TM_OK);
    }
    return r;
}

reading_t reading_of(tm_str_t bytes)
{
    return reading_mapped(bytes, NULL);
}

void reading_done(reading_t *r)
{
    tm_arena_free(r->arena);
    r->arena = NULL;
}

void assert_refused(const reading_t *r, int status, const char *reason)
{
    assert_int_equal(r->docs.n, 1);
    assert_int_equal(r->docs.v[0].status.v, status);
    assert_text(r->docs.v[0].reason, reason);
}

void assert_text(tm_str_t got, const char *want)
{
    if (!tm_str_eq(got, tm_str(want))) {
        print_message("got \"%.*s\", want \"%s\"\n", (int)got.n, got.p == NULL ? "" : got.p, want);
    }
    assert_true(tm_str_eq(got, tm_str(want)));
}

void assert_exception(const reading_t *r, uint32_t i, const char *kind, const char *subject,
                      const char *part_of_details)
{
    assert_true(i < r->docs.n_exceptions);
    const tm_exception_t *e = &r->docs.exceptions[i];
    assert_text(e->kind, kind);
    assert_text(e->subject, subject);
    if (memmem(e->details.p, e->details.n, part_of_details, strlen(part_of_details)) == NULL) {
        print_message("details: %.*s\n", (int)e->details.n, e->details.p);
        fail_msg("no \"%s\" in it", part_of_details);
    }
}

tm_day_t day_named(const char *text)
{
    tm_day_t day;
    assert_int_equal(tm_day_parse(tm_str(text), &day), TM_OK);
    return day;
}
