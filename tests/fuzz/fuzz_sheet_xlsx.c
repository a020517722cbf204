/* fuzz_sheet_xlsx.c - workbooks: any bytes as the whole file, or as one of its parts. */
#include "files/sheet_read.h"

#include <zip.h>

#define HEAD \
    "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"

static void add(zip_t *zip, const char *name, const void *bytes, size_t n)
{
    zip_source_t *part = zip_source_buffer(zip, bytes, n, 0);
    const zip_int64_t at = part == NULL ? -1 : zip_file_add(zip, name, part, 0);
    assert(at >= 0);
    (void)zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0);
}

/* A workbook whose part number `which` holds the bytes. */
static char *book_of(unsigned which, const uint8_t *data, size_t size, size_t *ret_n)
{
    static const struct {
        const char *name, *text;
    } parts[] = {
        {"xl/worksheets/sheet1.xml",
         "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\">"
         "<v>46307</v></c></row></sheetData></worksheet>"},
        {"xl/sharedStrings.xml", "<sst><si><t>Advertiser</t></si></sst>"},
        {"xl/styles.xml",
         "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
        {"xl/workbook.xml",
         HEAD "<sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels",
         "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/>"
         "</Relationships>"},
    };
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &error);
    assert(out != NULL);
    zip_source_keep(out);
    zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, &error);
    assert(zip != NULL);
    for (unsigned i = 0; i < TM_COUNT(parts); i++) {
        const bool own = i == which % TM_COUNT(parts);
        add(zip, parts[i].name, own ? (const void *)data : parts[i].text,
            own ? size : strlen(parts[i].text));
    }
    const int closed = zip_close(zip);
    assert(closed == 0);
    const int opened = zip_source_open(out);
    assert(opened == 0);
    char *bytes = tm_alloc(size + 8192);
    const zip_int64_t n = zip_source_read(out, bytes, size + 8192);
    assert(n > 0);
    *ret_n = (size_t)n;
    (void)zip_source_close(out);
    zip_source_free(out);
    zip_error_fini(&error);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const tm_sheet_upload_t upload = {.source = TM_STR("rep_mail")};
    if (size < 2)
        return 0;
    size_t n = size;
    char *book = data[0] == 'P' ? NULL : book_of(data[0], data + 1, size - 1, &n);
    const tm_str_t bytes = tm_str_n(book == NULL ? (const char *)data : book, n);
    tm_arena_t *arena = tm_arena_new(256u << 20);
    tm_sheet_documents_t docs;
    const tm_err_t err = tm_sheet_read(&upload, bytes, arena, &docs);
    assert(err == TM_OK || err == TM_ENOMEM);
    assert(err != TM_OK || docs.n >= 1);
    tm_arena_free(arena);
    tm_free(book);
    return 0;
}
