/* xlsx_read.c - workbooks: a ZIP of XML parts, read as streams.
 *
 * Why:     a workbook comes from strangers: it may be cut, swell to gigabytes or name entities.
 * How:     libzip opens the bytes in memory, libxml2's reader pulls one part at a time through a
 *          counter; a part with a document type is refused before it is parsed, the net is never
 *          asked. Shared texts and number formats are read once; a cell becomes text, a number with
 *          a date's format becomes an ISO day.
 * Threads: one book one thread.
 * Source:  ECMA-376 part 1, 18.3 (sheets), 18.4 (shared strings), 18.8 (styles). */
#include "files/sheet.h"

#include "base/buf.h"
#include "base/time.h"
#include "files/limits.h"

#include <libxml/xmlreader.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <zip.h>

#define XLSX_MAGIC 0x584c5358u
#define STYLES_MAX 65536
#define FORMATS_MAX 4096
#define BOOK_ARENA_MAX (128u << 20)
#define NAME_BYTES 300
#define TOO_LONG (TM_SHEET_CELL_BYTES_MAX + 1) /* n of a text that was not kept */

typedef struct sheet_part {
    tm_str_t name, link; /* link: r:id, later the name of the part */
} sheet_part_t;

struct tm_xlsx {
    uint32_t magic;
    zip_t *zip;
    tm_arena_t *arena;
    uint64_t bytes; /* unpacked so far */
    uint32_t n_sheets;
    sheet_part_t sheets[TM_XLSX_SHEETS_MAX];
    bool since_1904;
    uint32_t n_texts, cap_texts;
    tm_str_t *texts;
    uint32_t n_styles;
    uint8_t *is_date; /* [STYLES_MAX] by style */
    uint32_t n_formats;
    int32_t formats[FORMATS_MAX]; /* numbers of own formats that are dates */
};

/* ---- one part as a stream of XML ---- */

typedef struct part {
    tm_xlsx_t *book;
    zip_file_t *file;
    xmlTextReaderPtr reader;
    uint64_t bytes;
    char tail[8]; /* the last bytes, so that a word across two reads is seen */
    tm_err_t err; /* why the stream was cut */
} part_t;

static bool holds(const char *p, size_t n, const char *word)
{
    return memmem(p, n, word, strlen(word)) != NULL;
}

/* A document type can define entities that swell, or name other files. */
static bool has_doctype(part_t *part, const char *p, size_t n)
{
    char seam[sizeof part->tail + sizeof part->tail];
    const size_t head = TM_MIN(n, sizeof part->tail);
    memcpy(seam, part->tail, sizeof part->tail);
    memcpy(seam + sizeof part->tail, p, head);
    const bool found = holds(p, n, "<!DOCTY") || holds(seam, sizeof part->tail + head, "<!DOCTY");
    if (n >= sizeof part->tail) {
        memcpy(part->tail, p + n - sizeof part->tail, sizeof part->tail);
    } else {
        memmove(part->tail, part->tail + n, sizeof part->tail - n);
        memcpy(part->tail + sizeof part->tail - n, p, n);
    }
    return found;
}

static int part_read(void *ctx, char *p, int n)
{
    part_t *part = ctx;
    const zip_int64_t got = part->err != TM_OK ? -1 : zip_fread(part->file, p, (zip_uint64_t)n);
    if (got < 0) {
        part->err = part->err == TM_OK ? TM_EINVALID : part->err;
        return -1;
    }
    const bool wide = part->bytes == 0 && got >= 2 &&
                      (p[0] == '\0' || p[1] == '\0' || (unsigned char)p[0] >= 0xfe);
    part->bytes += (uint64_t)got;
    part->book->bytes += (uint64_t)got;
    if (part->bytes > TM_XLSX_PART_BYTES_MAX || part->book->bytes > TM_XLSX_BYTES_MAX) {
        part->err = TM_ETOOLARGE;
    } else if (wide || has_doctype(part, p, (size_t)got)) {
        part->err =
            TM_EINVALID; /* UTF-16 could hide what has_doctype looks for; nobody writes it */
    }
    return part->err == TM_OK ? (int)got : -1;
}

static int part_close(void *ctx TM_UNUSED)
{
    return 0;
}

static void part_is_silent(void *ctx TM_UNUSED, xmlErrorPtr error TM_UNUSED) {}

/* false: there is no such part, or it cannot be opened. */
static bool part_open(tm_xlsx_t *book, const char *name, part_t *part)
{
    *part = (part_t){.book = book};
    part->file = zip_fopen(book->zip, name, ZIP_FL_NOCASE);
    if (part->file == NULL)
        return false;
    part->reader = xmlReaderForIO(part_read, part_close, part, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (part->reader == NULL) {
        (void)zip_fclose(part->file);
        return false;
    }
    xmlTextReaderSetStructuredErrorHandler(part->reader, part_is_silent, NULL);
    return true;
}

/* Closes; the error of the stream, TM_EINVALID for XML that is not well-formed. ended: what the
 * last read said (0 the end, -1 an error). */
static tm_err_t part_end(part_t *part, int ended)
{
    xmlFreeTextReader(part->reader);
    (void)zip_fclose(part->file);
    if (part->err != TM_OK)
        return part->err;
    return ended < 0 ? TM_EINVALID : TM_OK;
}

static bool is_element(const part_t *part, const char *name)
{
    return xmlTextReaderNodeType(part->reader) == XML_READER_TYPE_ELEMENT &&
           strcmp((const char *)xmlTextReaderConstLocalName(part->reader), name) == 0;
}

static bool is_end(const part_t *part, const char *name)
{
    return xmlTextReaderNodeType(part->reader) == XML_READER_TYPE_END_ELEMENT &&
           strcmp((const char *)xmlTextReaderConstLocalName(part->reader), name) == 0;
}

/* An attribute by its local name, cut to ret_bytes; false: absent. */
static bool attribute(const part_t *part, const char *name, char *ret, size_t ret_bytes)
{
    bool found = false;
    while (!found && xmlTextReaderMoveToNextAttribute(part->reader) == 1) {
        if (strcmp((const char *)xmlTextReaderConstLocalName(part->reader), name) == 0) {
            const xmlChar *value = xmlTextReaderConstValue(part->reader);
            (void)snprintf(ret, ret_bytes, "%s", value == NULL ? "" : (const char *)value);
            found = true;
        }
    }
    (void)xmlTextReaderMoveToElement(part->reader);
    return found;
}

/* Appends the text of the node the reader stands on, if it is text. */
static void add_text(const part_t *part, tm_buf_t *out)
{
    const int type = xmlTextReaderNodeType(part->reader);
    if (type != XML_READER_TYPE_TEXT && type != XML_READER_TYPE_CDATA &&
        type != XML_READER_TYPE_SIGNIFICANT_WHITESPACE && type != XML_READER_TYPE_WHITESPACE)
        return;
    const xmlChar *value = xmlTextReaderConstValue(part->reader);
    if (value != NULL) {
        tm_buf_add_c(out, (const char *)value);
    }
}

/* ---- the parts around the sheets ---- */

static tm_err_t read_workbook(tm_xlsx_t *book)
{
    part_t part;
    if (!part_open(book, "xl/workbook.xml", &part))
        return TM_EINVALID;
    int more;
    while ((more = xmlTextReaderRead(part.reader)) == 1) {
        char text[NAME_BYTES];
        if (is_element(&part, "workbookPr") && attribute(&part, "date1904", text, sizeof text)) {
            book->since_1904 = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
        }
        if (!is_element(&part, "sheet") || book->n_sheets == TM_XLSX_SHEETS_MAX ||
            (attribute(&part, "state", text, sizeof text) && strcmp(text, "visible") != 0)) {
            continue;
        }
        sheet_part_t *sheet = &book->sheets[book->n_sheets];
        *sheet = (sheet_part_t){{NULL, 0}, {NULL, 0}};
        if (attribute(&part, "name", text, sizeof text)) {
            sheet->name = tm_arena_str(book->arena, tm_str(text));
        }
        /* `id` of the relations' namespace; the sheet's own number is sheetId */
        if (attribute(&part, "id", text, sizeof text)) {
            sheet->link = tm_arena_str(book->arena, tm_str(text));
            book->n_sheets += sheet->link.p != NULL;
        }
    }
    return part_end(&part, more);
}

/* r:id to the name of the part. */
static tm_err_t read_links(tm_xlsx_t *book)
{
    part_t part;
    if (!part_open(book, "xl/_rels/workbook.xml.rels", &part))
        return TM_EINVALID;
    bool known[TM_XLSX_SHEETS_MAX] = {false};
    int more;
    while ((more = xmlTextReaderRead(part.reader)) == 1) {
        char id[NAME_BYTES], target[NAME_BYTES];
        if (!is_element(&part, "Relationship") || !attribute(&part, "Id", id, sizeof id) ||
            !attribute(&part, "Target", target, sizeof target)) {
            continue;
        }
        for (uint32_t i = 0; i < book->n_sheets; i++) {
            if (!known[i] && tm_str_eq(book->sheets[i].link, tm_str(id))) {
                known[i] = true;
                book->sheets[i].link = target[0] == '/'
                                           ? tm_arena_str(book->arena, tm_str(target + 1))
                                           : tm_arena_printf(book->arena, "xl/%s", target);
            }
        }
    }
    return part_end(&part, more);
}

static bool keep_text(tm_xlsx_t *book, tm_str_t text, bool too_long)
{
    if (book->n_texts == book->cap_texts) {
        book->cap_texts = book->cap_texts == 0 ? 256 : book->cap_texts * 2;
        tm_str_t *texts = tm_arena_alloc(book->arena, book->cap_texts * sizeof *texts);
        if (texts == NULL)
            return false;
        if (book->n_texts > 0) {
            memcpy(texts, book->texts, book->n_texts * sizeof *texts);
        }
        book->texts = texts;
    }
    tm_str_t kept = {NULL, TOO_LONG};
    if (!too_long) {
        kept = tm_arena_str(book->arena, text.n == 0 ? TM_STR("") : text);
        if (kept.p == NULL)
            return false;
    }
    book->texts[book->n_texts++] = kept;
    return true;
}

/* <si> holds <t>, or runs with a <t> each; <rPh> is how a text is spoken, not what it says. */
static tm_err_t read_texts(tm_xlsx_t *book)
{
    part_t part;
    if (!part_open(book, "xl/sharedStrings.xml", &part))
        return TM_OK; /* a book of numbers has none */
    tm_buf_t text;
    tm_buf_init(&text, TM_SHEET_CELL_BYTES_MAX);
    bool in_text = false, spoken = false;
    int more = 0;
    while (part.err == TM_OK && (more = xmlTextReaderRead(part.reader)) == 1) {
        if (is_element(&part, "rPh")) {
            spoken = !xmlTextReaderIsEmptyElement(part.reader);
        } else if (is_end(&part, "rPh")) {
            spoken = false;
        } else if (is_element(&part, "t")) {
            in_text = !spoken && !xmlTextReaderIsEmptyElement(part.reader);
        } else if (is_end(&part, "t")) {
            in_text = false;
        } else if (in_text) {
            add_text(&part, &text);
        }
        if (is_end(&part, "si") ||
            (is_element(&part, "si") && xmlTextReaderIsEmptyElement(part.reader))) {
            if (book->n_texts == TM_XLSX_TEXTS_MAX ||
                !keep_text(book, tm_buf_str(&text), text.full)) {
                part.err = TM_ETOOLARGE;
            }
            tm_buf_clear(&text);
        }
    }
    tm_buf_done(&text);
    return part_end(&part, part.err != TM_OK ? 0 : more);
}

/* A format with a day, month or year in it; not what stands in quotes, brackets or behind a
 * backslash. Hours alone are no date. */
static bool format_is_date(const char *code)
{
    for (const char *p = code; *p != '\0'; p++) {
        if (*p == '"' || *p == '[') {
            const char *end = strchr(p + 1, *p == '"' ? '"' : ']');
            if (end == NULL)
                return false;
            p = end;
        } else if (*p == '\\' || *p == '_' || *p == '*') {
            p += p[1] != '\0';
        } else if (*p == 'd' || *p == 'y' || *p == 'D' || *p == 'Y') {
            return true;
        } else if (strncmp(p, "General", 7) == 0) {
            p += 6;
        }
    }
    return false;
}

static bool number_is_date(const tm_xlsx_t *book, long number)
{
    if ((number >= 14 && number <= 17) || number == 22 || (number >= 27 && number <= 31) ||
        number == 36 || (number >= 50 && number <= 54) || number == 57 || number == 58)
        return true;
    for (uint32_t i = 0; i < book->n_formats; i++) {
        if (book->formats[i] == number)
            return true;
    }
    return false;
}

static tm_err_t read_styles(tm_xlsx_t *book)
{
    part_t part;
    if (!part_open(book, "xl/styles.xml", &part))
        return TM_OK;
    book->is_date = tm_arena_zalloc(book->arena, STYLES_MAX);
    bool in_cells = false;
    int more = 0;
    while (book->is_date != NULL && (more = xmlTextReaderRead(part.reader)) == 1) {
        char number[NAME_BYTES], code[NAME_BYTES];
        if (is_element(&part, "numFmt") && attribute(&part, "numFmtId", number, sizeof number) &&
            attribute(&part, "formatCode", code, sizeof code) && format_is_date(code) &&
            book->n_formats < FORMATS_MAX) {
            book->formats[book->n_formats++] = (int32_t)strtol(number, NULL, 10);
        } else if (is_element(&part, "cellXfs")) {
            in_cells = true;
        } else if (is_end(&part, "cellXfs")) {
            in_cells = false;
        } else if (in_cells && is_element(&part, "xf") && book->n_styles < STYLES_MAX) {
            const bool has = attribute(&part, "numFmtId", number, sizeof number);
            book->is_date[book->n_styles++] = has && number_is_date(book, strtol(number, NULL, 10));
        }
    }
    return part_end(&part, more);
}

/* ---- opening ---- */

void tm_xlsx_init(void)
{
    xmlInitParser();
}

static zip_t *open_zip(tm_str_t bytes)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &error);
    zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (zip == NULL && source != NULL) {
        zip_source_free(source);
    }
    zip_error_fini(&error);
    return zip;
}

tm_err_t tm_xlsx_open(tm_str_t bytes, tm_xlsx_t **ret, tm_why_t *why)
{
    zip_t *zip = open_zip(bytes);
    if (zip == NULL)
        return tm_why_add(why, TM_EINVALID, NULL, "is no whole workbook: its ZIP does not open");
    tm_xlsx_t *book = TM_NEW(tm_xlsx_t);
    book->magic = XLSX_MAGIC;
    book->zip = zip;
    book->arena = tm_arena_new(BOOK_ARENA_MAX);
    tm_err_t err = zip_get_num_entries(zip, 0) > TM_XLSX_ENTRIES_MAX ? TM_ETOOLARGE : TM_OK;
    err = err != TM_OK ? err : read_workbook(book);
    err = err != TM_OK ? err : read_links(book);
    err = err != TM_OK ? err : read_texts(book);
    err = err != TM_OK ? err : read_styles(book);
    if (err == TM_OK && book->n_sheets == 0) {
        err = TM_EINVALID;
    }
    if (err != TM_OK) {
        tm_xlsx_free(book);
        return tm_why_add(why, err, NULL,
                          err == TM_ETOOLARGE ? "the workbook unpacks to more than is read"
                                              : "is no workbook, or a damaged one");
    }
    *ret = book;
    return TM_OK;
}

void tm_xlsx_free(tm_xlsx_t *book)
{
    if (book == NULL)
        return;
    TM_CHECK(book, XLSX_MAGIC);
    zip_discard(book->zip);
    tm_arena_free(book->arena);
    book->magic = 0;
    tm_free(book);
}

uint32_t tm_xlsx_sheets(const tm_xlsx_t *book)
{
    TM_CHECK(book, XLSX_MAGIC);
    return book->n_sheets;
}

/* ---- a sheet's cells ---- */

typedef struct cell {
    bool is_open, in_value;
    uint32_t column;
    char type; /* n s(hared) t(ext) d(ate) b(oolean) e(rror) */
    uint32_t style;
} cell_t;

/* "AB12": the column from 0, and the row. false: no such place. */
static bool place_of(const char *text, uint32_t *ret_column, uint32_t *ret_row)
{
    uint64_t column = 0, row = 0;
    const char *p = text;
    for (; *p >= 'A' && *p <= 'Z' && p - text < 4; p++) {
        column = column * 26 + (uint64_t)(*p - 'A' + 1);
    }
    const char *digits = p;
    for (; *p >= '0' && *p <= '9' && p - digits < 8; p++) {
        row = row * 10 + (uint64_t)(*p - '0');
    }
    if (column == 0 || row == 0 || *p != '\0')
        return false;
    *ret_column = (uint32_t)column - 1;
    *ret_row = (uint32_t)row;
    return true;
}

static void add_number(const tm_xlsx_t *book, const cell_t *cell, const char *text,
                       tm_sheet_builder_t *b)
{
    char out[64];
    char *end = NULL;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(v)) {
        tm_sheet_add_cell(b, cell->column, tm_str(text));
        return;
    }
    const bool date = cell->style < book->n_styles && book->is_date[cell->style] != 0;
    const double day = floor(v) - 25569 + (book->since_1904 ? 1462 : 0);
    if (date && day >= TM_DAY_MIN && day <= TM_DAY_MAX) {
        tm_day_format((tm_day_t){(int32_t)day}, out);
    } else {
        v = fabs(v) < 1e-9 ? 0 : v; /* what sums of binary fractions leave of nothing */
        (void)snprintf(out, sizeof out, fabs(v) >= 1e15 ? "%.0f" : "%.15g", v);
    }
    tm_sheet_add_cell(b, cell->column, tm_str(out));
}

static void add_value(const tm_xlsx_t *book, const cell_t *cell, const tm_buf_t *value,
                      tm_sheet_builder_t *b)
{
    if (value->full) {
        tm_sheet_fault(b, TM_ETOOLARGE, "a cell has more than 4000 bytes");
        return;
    }
    const tm_str_t text = value->n == 0 ? TM_STR("") : tm_buf_str(value);
    if (cell->type == 's') {
        int64_t i = 0;
        if (!tm_str_i64(tm_str_trim(text), &i) || i < 0 || i >= book->n_texts) {
            if (text.n > 0) {
                tm_sheet_fault(b, TM_EINVALID, "names a text that is not there");
            }
        } else if (book->texts[i].n == TOO_LONG) {
            tm_sheet_fault(b, TM_ETOOLARGE, "a cell has more than 4000 bytes");
        } else {
            tm_sheet_add_cell(b, cell->column, book->texts[i]);
        }
    } else if (cell->type == 'n' && text.n > 0 && text.n < 64) {
        char digits[64];
        (void)snprintf(digits, sizeof digits, "%.*s", (int)text.n, text.p);
        add_number(book, cell, digits, b);
    } else if (cell->type == 'd' && text.n > 10 && text.p[10] == 'T') {
        tm_sheet_add_cell(b, cell->column, tm_str_n(text.p, 10));
    } else {
        tm_sheet_add_cell(b, cell->column, text);
    }
}

static void begin_cell(const part_t *part, cell_t *cell, tm_sheet_builder_t *b)
{
    char text[NAME_BYTES];
    const uint32_t next = cell->column + 1; /* where none is told, beside the last one */
    *cell = (cell_t){.is_open = !xmlTextReaderIsEmptyElement(part->reader), .type = 'n'};
    uint32_t row = 0;
    cell->column = next;
    if (attribute(part, "r", text, sizeof text)) {
        if (!place_of(text, &cell->column, &row) || row != b->row) {
            tm_sheet_fault(b, TM_EINVALID, "a cell stands in no place");
        }
    }
    if (attribute(part, "t", text, sizeof text)) {
        cell->type = strcmp(text, "s") == 0   ? 's'
                     : strcmp(text, "n") == 0 ? 'n'
                     : strcmp(text, "d") == 0 ? 'd'
                                              : 't';
    }
    if (attribute(part, "s", text, sizeof text)) {
        const long style = strtol(text, NULL, 10);
        cell->style = style < 0 || style > STYLES_MAX ? STYLES_MAX : (uint32_t)style;
    }
}

static void begin_row(const part_t *part, tm_sheet_builder_t *b, bool first)
{
    char text[NAME_BYTES];
    uint32_t number = first ? 1 : b->row + 1;
    if (attribute(part, "r", text, sizeof text)) {
        const long given = strtol(text, NULL, 10);
        if (given < (long)number || given > 10000000) {
            tm_sheet_fault(b, TM_EINVALID, "rows do not follow each other");
        } else {
            number = (uint32_t)given;
        }
    }
    b->row = number;
}

/* What the reader stands on, inside <sheetData>. value: the text of the cell that is open. */
static void take_node(const part_t *part, cell_t *cell, tm_buf_t *value, tm_sheet_builder_t *b,
                      bool *any)
{
    const bool is_text = is_element(part, "v") || is_element(part, "t");
    if (is_element(part, "row")) {
        begin_row(part, b, !*any);
        *any = true;
        *cell = (cell_t){.column = UINT32_MAX};
    } else if (is_end(part, "row")) {
        tm_sheet_add_row(b);
    } else if (is_element(part, "c")) {
        begin_cell(part, cell, b);
        tm_buf_clear(value);
    } else if (is_end(part, "c")) {
        add_value(part->book, cell, value, b);
        cell->is_open = false;
    } else if (cell->is_open && is_text) {
        cell->in_value = !xmlTextReaderIsEmptyElement(part->reader);
    } else if (is_end(part, "v") || is_end(part, "t")) {
        cell->in_value = false;
    } else if (cell->in_value) {
        add_text(part, value);
    }
}

tm_err_t tm_xlsx_read(tm_xlsx_t *book, uint32_t i, tm_arena_t *arena, tm_sheet_t *ret,
                      tm_why_t *why)
{
    TM_CHECK(book, XLSX_MAGIC);
    assert(i < book->n_sheets);
    part_t part;
    *ret = (tm_sheet_t){.name = book->sheets[i].name, .number = (int32_t)i + 1};
    if (!part_open(book, book->sheets[i].link.p, &part))
        return tm_why_add(why, TM_EINVALID, NULL, "sheet %u is missing", i + 1);
    tm_sheet_builder_t b;
    tm_sheet_begin(&b, ret, arena, why);
    tm_buf_t value;
    tm_buf_init(&value, TM_SHEET_CELL_BYTES_MAX);
    cell_t cell = {.column = UINT32_MAX};
    bool in_data = false, any = false;
    int more = 0;
    while (b.err == TM_OK && (more = xmlTextReaderRead(part.reader)) == 1) {
        if (is_element(&part, "sheetData")) {
            in_data = !xmlTextReaderIsEmptyElement(part.reader);
        } else if (is_end(&part, "sheetData")) {
            in_data = false;
        } else if (in_data) {
            take_node(&part, &cell, &value, &b, &any);
        }
    }
    tm_buf_done(&value);
    const tm_err_t err = part_end(&part, b.err != TM_OK ? 0 : more);
    if (b.err == TM_OK && err != TM_OK) {
        tm_sheet_fault(&b, err,
                       err == TM_ETOOLARGE ? "the sheet unpacks to more than is read"
                                           : "the sheet is damaged from here on");
    }
    return b.err;
}
