/* sheet.c - cells to rows within limits, see sheet.h.
 *
 * Threads: the owner's. */
#include "files/sheet.h"

void tm_sheet_begin(tm_sheet_builder_t *b, tm_sheet_t *sheet, tm_arena_t *arena, tm_why_t *why)
{
    assert(b != NULL && sheet != NULL);
    *b = (tm_sheet_builder_t){.sheet = sheet, .arena = arena, .why = why, .row = 1};
}

void tm_sheet_fault(tm_sheet_builder_t *b, tm_err_t err, const char *text)
{
    assert(err != TM_OK);
    if (b->err == TM_OK) {
        b->err = tm_why_add(b->why, err, NULL, "row %u: %s", b->row, text);
    }
}

void tm_sheet_add_cell(tm_sheet_builder_t *b, uint32_t column, tm_str_t text)
{
    const tm_str_t cell = tm_str_trim(text);
    if (b->err != TM_OK || cell.n == 0)
        return;
    if (column >= TM_SHEET_COLUMNS_MAX) {
        tm_sheet_fault(b, TM_ETOOLARGE, "more than 200 columns");
        return;
    }
    if (cell.n > TM_SHEET_CELL_BYTES_MAX) {
        tm_sheet_fault(b, TM_ETOOLARGE, "a cell has more than 4000 bytes");
        return;
    }
    while (b->n <= column) {
        b->cells[b->n++] = (tm_str_t){NULL, 0};
    }
    b->cells[column] = tm_arena_str(b->arena, cell);
    if (b->cells[column].p == NULL) {
        tm_sheet_fault(b, TM_ENOMEM, "no memory is left");
    }
}

static bool grow(tm_sheet_builder_t *b)
{
    tm_sheet_t *sheet = b->sheet;
    if (sheet->n < b->cap)
        return true;
    b->cap = b->cap == 0 ? 64 : b->cap * 2;
    tm_sheet_row_t *rows = tm_arena_alloc(b->arena, b->cap * sizeof *rows);
    if (rows == NULL)
        return false;
    if (sheet->n > 0) {
        memcpy(rows, sheet->rows, sheet->n * sizeof *rows);
    }
    sheet->rows = rows;
    return true;
}

void tm_sheet_add_row(tm_sheet_builder_t *b)
{
    const uint32_t n = b->n;
    b->n = 0;
    if (b->err != TM_OK || n == 0)
        return; /* nothing stands in it */
    if (b->sheet->n == TM_SHEET_ROWS_MAX) {
        tm_sheet_fault(b, TM_ETOOLARGE, "more than 20000 rows");
        return;
    }
    tm_str_t *cells = grow(b) ? tm_arena_alloc(b->arena, n * sizeof *cells) : NULL;
    if (cells == NULL) {
        tm_sheet_fault(b, TM_ENOMEM, "no memory is left");
        return;
    }
    memcpy(cells, b->cells, n * sizeof *cells);
    b->sheet->rows[b->sheet->n++] = (tm_sheet_row_t){b->row, n, cells};
}
