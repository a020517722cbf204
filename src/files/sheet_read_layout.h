/* sheet_read_layout.h - which column of a sheet holds what; between sheet_read*.c only.
 *
 * Threads: pure; any. */
#ifndef TM_FILES_SHEET_READ_LAYOUT_H
#define TM_FILES_SHEET_READ_LAYOUT_H
#include "domain/sheet_field.h"
#include "files/sheet.h"
#include "files/sheet_read.h"

#define TM_COLUMN_NONE (-1)
#define TM_COLUMN_WEEK TM_SHEET_FIELDS /* dollars of the week its header names */
#define TM_UNIT_DOLLARS INT64_C(100)
#define TM_UNIT_THOUSANDS INT64_C(100000)
#define TM_UNIT_CENTS INT64_C(1)

typedef struct tm_layout_column {
    int field;         /* TM_SHEET_*, TM_COLUMN_* */
    int64_t unit;      /* money: cents of a 1 */
    uint8_t basis;     /* money: TM_AMOUNT_BASIS_* */
    bool strict;       /* its header says exactly this: a strange word in it is an error */
    tm_day_t from, to; /* week column */
    tm_str_t header;
} tm_layout_column_t;

typedef struct tm_layout {
    uint32_t row; /* index of the header's row */
    uint32_t n;
    uint32_t n_weeks;
    tm_layout_column_t columns[TM_SHEET_COLUMNS_MAX];
    int of[TM_SHEET_FIELDS]; /* first column of a field, -1: none */
    /* said above the header for all rows; n 0: not */
    tm_str_t advertiser, station, market, medium;
} tm_layout_t;

/* false: no row is a header we know. */
bool tm_layout_find(const tm_sheet_t *sheet, const tm_column_mapping_t *mapping, tm_arena_t *arena,
                    tm_layout_t *ret);
static inline bool tm_layout_has(const tm_layout_t *layout, int field)
{
    return layout->of[field] >= 0;
}

/* sheet_read_rows.c: the rows below the header. Errors: TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_layout_read(const tm_layout_t *layout, const tm_sheet_t *sheet,
                                      tm_arena_t *arena, tm_sheet_documents_t *ret);
/* sheet_read_orders.c: rows of one order and revision become its printed lines. */
TM_MUST_CHECK tm_err_t tm_orders_join(tm_sheet_documents_t *docs, tm_arena_t *arena);
/* Adds an exception; false: the arena is full. */
bool tm_sheet_except(tm_sheet_documents_t *docs, tm_arena_t *arena, const char *kind,
                     tm_str_t subject, tm_str_t details);
#endif
