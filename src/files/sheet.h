/* sheet.h - a table as a spreadsheet shows it: rows of cells as text, with the numbers of the rows.
 *
 * Why:     CSV and XLSX are read by different libraries; whoever looks for columns sees one form.
 * How:     cells are trimmed text, dates of an XLSX are ISO days; blank rows are left out, so the
 *          number of a row is not its place in the list.
 * Threads: the owner's. */
#ifndef TM_FILES_SHEET_H
#define TM_FILES_SHEET_H
#include "base/memory.h"
#include "base/why.h"
#include "files/limits.h"

typedef struct tm_sheet_row {
    uint32_t number; /* as the spreadsheet counts, from 1 */
    uint32_t n;
    tm_str_t *cells; /* [n]; n 0 of a cell: empty */
} tm_sheet_row_t;
typedef struct tm_sheet {
    tm_str_t name;  /* p NULL: it has none */
    int32_t number; /* in its file, from 1 */
    uint32_t n;
    tm_sheet_row_t *rows;
} tm_sheet_t;

/* Takes cells as they come and makes the rows of a sheet, within the limits above. The first fault
 * (told with the row's number) stays in err; whatever comes after it is ignored. */
typedef struct tm_sheet_builder {
    tm_sheet_t *sheet;
    tm_arena_t *arena; /* of the rows */
    tm_why_t *why;     /* may be NULL */
    tm_err_t err;
    uint32_t cap; /* of sheet->rows */
    uint32_t row; /* number of the row being built */
    uint32_t n;   /* cells so far */
    tm_str_t cells[TM_SHEET_COLUMNS_MAX];
} tm_sheet_builder_t;

void tm_sheet_begin(tm_sheet_builder_t *b, tm_sheet_t *sheet, tm_arena_t *arena, tm_why_t *why);
/* column from 0; the text is copied. Empty cells need not be told. */
void tm_sheet_add_cell(tm_sheet_builder_t *b, uint32_t column, tm_str_t text);
/* The row is over; b->row is its number. */
void tm_sheet_add_row(tm_sheet_builder_t *b);
/* A fault of the row being built. */
void tm_sheet_fault(tm_sheet_builder_t *b, tm_err_t err, const char *text);

/* csv_read.c: comma, semicolon, tab or bar; UTF-8 (with or without mark), UTF-16 with mark, else
 * Windows-1252. Errors: TM_EINVALID quotes that do not balance, NUL bytes; TM_ETOOLARGE a limit
 * above; TM_ENOMEM; each with the row in why. O(bytes). */
TM_MUST_CHECK tm_err_t tm_csv_read(tm_str_t bytes, tm_arena_t *arena, tm_sheet_t *ret,
                                   tm_why_t *why);

/* xlsx_read.c: the visible sheets of a workbook, one at a time. `bytes` must outlive it. Errors:
 * TM_EINVALID no workbook, or damaged; TM_ETOOLARGE; TM_ENOMEM. */
typedef struct tm_xlsx tm_xlsx_t;
/* Once, before threads read workbooks: the XML library's tables. */
void tm_xlsx_init(void);
TM_MUST_CHECK tm_err_t tm_xlsx_open(tm_str_t bytes, tm_xlsx_t **ret, tm_why_t *why);
void tm_xlsx_free(TM_OWN tm_xlsx_t *book); /* NULL is fine */
uint32_t tm_xlsx_sheets(const tm_xlsx_t *book);
/* Sheet i of tm_xlsx_sheets. Errors: as open, with the row in why. */
TM_MUST_CHECK tm_err_t tm_xlsx_read(tm_xlsx_t *book, uint32_t i, tm_arena_t *arena, tm_sheet_t *ret,
                                    tm_why_t *why);
#endif
