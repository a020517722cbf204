/* sheet_read.c - the way from bytes to documents, see sheet_read.h.
 *
 * Threads: pure; any. */
#include "files/sheet_read.h"

#include "base/buf.h"
#include "files/sheet_read_layout.h"
#include "files/limits.h"

#include <stdio.h>

#define SHOWN_BYTES 60
#define ROW_BYTES 450        /* of one without its texts */
#define PLACED_ROWS_MAX 4000 /* beyond: only the place of the dollars */
#define LINE_BYTES 24

/* ---- what it is ---- */

static bool ends_with(tm_str_t name, const char *end)
{
    const uint32_t n = (uint32_t)strlen(end);
    return name.n > n && tm_str_case_eq(tm_str_n(name.p + name.n - n, n), tm_str(end));
}

static bool is_zip(tm_str_t bytes)
{
    return bytes.n >= 4 && memcmp(bytes.p, "PK\x03\x04", 4) == 0;
}

/* The container of .xls and of workbooks with a password. */
static bool is_old_container(tm_str_t bytes)
{
    return bytes.n >= 8 && memcmp(bytes.p, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
}

const char *tm_sheet_media_type(tm_str_t filename, tm_str_t bytes)
{
    if (tm_str_starts(bytes, "%PDF-"))
        return NULL;
    if (ends_with(filename, ".csv"))
        return "text/csv";
    if (ends_with(filename, ".tsv") || ends_with(filename, ".tab"))
        return "text/tab-separated-values";
    if (ends_with(filename, ".xlsx") || ends_with(filename, ".xlsm"))
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    if (ends_with(filename, ".xls"))
        return "application/vnd.ms-excel";
    return NULL;
}

bool tm_sheet_is(tm_str_t filename, tm_str_t media_type, tm_str_t bytes)
{
    static const char *const types[] = {
        "text/csv", "text/tab-separated-values", "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    if (tm_str_starts(bytes, "%PDF-") || ends_with(filename, ".pdf"))
        return false;
    bool typed = false;
    for (size_t i = 0; i < TM_COUNT(types); i++) {
        typed |= tm_str_case_eq(media_type, tm_str(types[i]));
    }
    return typed || tm_sheet_media_type(filename, bytes) != NULL;
}

/* ---- a file that gives no rows ---- */

static tm_err_t refuse(tm_sheet_documents_t *ret, tm_arena_t *arena, uint8_t status,
                       const char *reason, const char *details)
{
    ret->n = 1;
    ret->v = tm_arena_zalloc(arena, sizeof *ret->v);
    if (ret->v == NULL)
        return TM_ENOMEM;
    TM_SET(ret->v, TM_DOCUMENT, status, (tm_enum_t){status});
    TM_SET(ret->v, TM_DOCUMENT, reason, tm_str(reason));
    TM_SET(ret->v, TM_DOCUMENT, parser, TM_STR("sheet"));
    TM_SET(ret->v, TM_DOCUMENT, parser_version, TM_SHEET_PARSER_VERSION);
    if (details == NULL)
        return TM_OK;
    const char *kind = strcmp(reason, "no_parser") == 0 ? "no_parser" : "unreadable";
    return tm_sheet_except(ret, arena, kind, tm_str(reason), tm_str(details)) ? TM_OK : TM_ENOMEM;
}

static tm_err_t refuse_damaged(tm_sheet_documents_t *ret, tm_arena_t *arena, tm_err_t err,
                               const tm_why_t *why)
{
    char line[400];
    if (err == TM_ENOMEM)
        return err;
    return refuse(ret, arena, TM_READING_STATUS_unreadable,
                  err == TM_ETOOLARGE ? "too_large" : "damaged",
                  tm_why_line(why, line, sizeof line));
}

/* Nobody knows these columns: a person sees how the sheet begins and can tell its mapping. */
static tm_err_t refuse_layout(tm_sheet_documents_t *ret, tm_arena_t *arena, const tm_sheet_t *sheet)
{
    tm_buf_t text;
    tm_buf_init(&text, 1500);
    tm_buf_add_c(&text, "no row names an advertiser, a station or market, days and dollars; ");
    const tm_sheet_row_t *row = &sheet->rows[0];
    tm_buf_printf(&text, "row %u reads:", row->number);
    for (uint32_t i = 0; i < row->n; i++) {
        const tm_str_t cell = row->cells[i];
        if (cell.n > 0 && cell.n <= SHOWN_BYTES) {
            tm_buf_printf(&text, " \"%.*s\"", (int)cell.n, cell.p);
        }
    }
    tm_buf_add_char(&text, '\0');
    if (text.full) { /* very many columns: what fits is enough */
        text.p[text.n - 1] = '\0';
    }
    const tm_err_t err = refuse(ret, arena, TM_READING_STATUS_unreadable, "no_parser", text.p);
    tm_buf_done(&text);
    return err;
}

/* ---- rows ---- */

/* About as many bytes as all documents and a line of each have where they are stored. */
static uint64_t bytes_of(const tm_sheet_documents_t *docs)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < docs->n; i++) {
        const tm_document_t *doc = &docs->v[i];
        const tm_place_t *places = doc->at.v;
        n += ROW_BYTES + 3 * (uint64_t)doc->advertiser.n + 2 * (uint64_t)doc->lines.n * LINE_BYTES +
             2 * ((uint64_t)doc->agency.n + doc->product.n + doc->market.n);
        for (uint32_t k = 0; k < doc->at.n; k++) {
            n += 2 * ((uint64_t)places[k].field.n + places[k].text.n + 8);
        }
    }
    return n;
}

/* In a long sheet the row and the place of its dollars are enough. */
static void thin_places(tm_sheet_documents_t *docs)
{
    for (uint32_t i = 0; docs->n > PLACED_ROWS_MAX && i < docs->n; i++) {
        tm_place_t *places = docs->v[i].at.v;
        uint32_t n = 0;
        for (uint32_t k = 0; k < docs->v[i].at.n; k++) {
            if (tm_str_eq(places[k].field, TM_STR("gross_cents")) ||
                tm_str_eq(places[k].field, TM_STR("net_cents"))) {
                places[n++] = places[k];
            }
        }
        docs->v[i].at.n = n;
    }
}

static void number_parts(tm_sheet_documents_t *ret, const tm_sheet_upload_t *upload)
{
    for (uint32_t i = 0; i < ret->n; i++) {
        tm_document_t *doc = &ret->v[i];
        TM_SET(doc, TM_DOCUMENT, part, (int32_t)i + 1);
        TM_SET(doc, TM_DOCUMENT, parts, (int32_t)ret->n);
        if (upload->source.n > 0) {
            TM_SET(doc, TM_DOCUMENT, source, upload->source);
        }
    }
}

static tm_err_t read_layout(const tm_sheet_upload_t *upload, const tm_layout_t *layout,
                            const tm_sheet_t *sheet, tm_arena_t *arena, tm_sheet_documents_t *ret)
{
    tm_err_t err = tm_layout_read(layout, sheet, arena, ret);
    err = err != TM_OK ? err : tm_orders_join(ret, arena);
    if (err != TM_OK)
        return err;
    if (ret->n == 0 && ret->n_exceptions > 0)
        return refuse(ret, arena, TM_READING_STATUS_unreadable, "row_errors", NULL);
    if (ret->n == 0)
        return refuse(ret, arena, TM_READING_STATUS_ignored, "blank", NULL);
    thin_places(ret);
    if (bytes_of(ret) > TM_SHEET_BYTES_MAX)
        return refuse(ret, arena, TM_READING_STATUS_unreadable, "too_large",
                      "the rows hold more than is read at once: send it in parts");
    number_parts(ret, upload);
    return TM_OK;
}

static tm_err_t read_csv(const tm_sheet_upload_t *upload, tm_str_t bytes, tm_layout_t *layout,
                         tm_arena_t *arena, tm_sheet_documents_t *ret)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_sheet_t sheet;
    const tm_err_t err = tm_csv_read(bytes, arena, &sheet, &why);
    if (err != TM_OK)
        return refuse_damaged(ret, arena, err, &why);
    if (sheet.n == 0)
        return refuse(ret, arena, TM_READING_STATUS_ignored, "blank", NULL);
    if (!tm_layout_find(&sheet, upload->mapping, arena, layout))
        return refuse_layout(ret, arena, &sheet);
    return read_layout(upload, layout, &sheet, arena, ret);
}

/* The first sheet with a header we know; else what the first one that holds anything says. */
static tm_err_t read_xlsx(const tm_sheet_upload_t *upload, tm_str_t bytes, tm_layout_t *layout,
                          tm_arena_t *arena, tm_sheet_documents_t *ret)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_xlsx_t *book = NULL;
    tm_err_t err = tm_xlsx_open(bytes, &book, &why);
    if (err != TM_OK)
        return refuse_damaged(ret, arena, err, &why);
    tm_sheet_t first = {0};
    bool found = false;
    for (uint32_t i = 0; i < tm_xlsx_sheets(book) && err == TM_OK && !found; i++) {
        tm_sheet_t sheet;
        err = tm_xlsx_read(book, i, arena, &sheet, &why);
        if (err == TM_OK && tm_layout_find(&sheet, upload->mapping, arena, layout)) {
            found = true;
            err = read_layout(upload, layout, &sheet, arena, ret);
        } else if (err == TM_OK && first.n == 0) {
            first = sheet;
        }
    }
    tm_xlsx_free(book);
    if (found)
        return err;
    if (err != TM_OK)
        return refuse_damaged(ret, arena, err, &why);
    if (first.n == 0)
        return refuse(ret, arena, TM_READING_STATUS_ignored, "blank", NULL);
    return refuse_layout(ret, arena, &first);
}

tm_err_t tm_sheet_read(const tm_sheet_upload_t *upload, tm_str_t bytes, tm_arena_t *arena,
                       tm_sheet_documents_t *ret)
{
    assert(upload != NULL && ret != NULL);
    *ret = (tm_sheet_documents_t){0};
    if (bytes.n == 0)
        return refuse(ret, arena, TM_READING_STATUS_ignored, "blank", NULL);
    if (is_old_container(bytes)) {
        static const char locked[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
        if (memmem(bytes.p, bytes.n, locked, sizeof locked - 1) != NULL)
            return refuse(ret, arena, TM_READING_STATUS_unreadable, "encrypted",
                          "the workbook has a password");
        return refuse(ret, arena, TM_READING_STATUS_unreadable, "no_parser",
                      "an .xls of before 2007: save it as .xlsx or CSV");
    }
    tm_layout_t *layout = tm_arena_zalloc(arena, sizeof *layout);
    if (layout == NULL)
        return TM_ENOMEM;
    return is_zip(bytes) ? read_xlsx(upload, bytes, layout, arena, ret)
                         : read_csv(upload, bytes, layout, arena, ret);
}
