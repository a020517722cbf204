/* matrix_rows.h - the rows of a view of the matrix one by one, and the lines behind them, for
 * writers of anything but JSON.
 *
 * Why:     a file must show what GET /matrix shows; selection, order, subtotals and columns are
 *          decided in one place (matrix_json.c) for all of them.
 * How:     the caller's functions are called with one row at a time; nothing of the size of the
 *          whole matrix is held.
 * Threads: pure. */
#ifndef TM_DOMAIN_MATRIX_ROWS_H
#define TM_DOMAIN_MATRIX_ROWS_H
#include "domain/matrix.h"

/* The weeks shown, ascending, by their first days. */
typedef struct tm_matrix_columns {
    const tm_day_t *weeks; /* [n] */
    uint32_t n;
    int64_t unplaced; /* cents of lines without any day, in no total */
} tm_matrix_columns_t;

/* One row as contract 3a describes it; labels a level does not have are absent. */
typedef struct tm_matrix_row {
    int level;                    /* TM_LEVEL_SIDE ... TM_LEVEL_LEAF; TM_LEVEL_ALL: the totals */
    int side, medium;             /* -1: none */
    int32_t market;               /* 0: none or unknown */
    tm_str_t advertiser, station; /* p NULL: none or unknown */
    int64_t total;                /* cents */
    const int64_t *cents;         /* [columns n], 0 where not known */
    const bool *known, *disputed; /* [columns n] */
} tm_matrix_row_t;
/* "leaf", "medium" ... "side", "total"; "booked" ... */
const char *tm_matrix_kind(int level);
const char *tm_matrix_mode(tm_week_mode_t mode);
int tm_matrix_week_basis(const tm_matrix_view_t *view); /* TM_WEEK_BASIS_* */

/* A line that touches a shown week. */
typedef struct tm_matrix_line {
    tm_id_t id;
    bool known;    /* it has an amount */
    int64_t cents; /* what it puts into the shown weeks; all lines together give the total */
} tm_matrix_line_t;

/* Any function may be NULL; one that returns false ends the walk. */
typedef struct tm_matrix_visitor {
    void *ctx;
    bool (*columns)(void *ctx, const tm_matrix_columns_t *columns); /* first, once */
    /* the rows that tm_matrix_write gives, in its order; the totals row comes last */
    bool (*row)(void *ctx, const tm_matrix_row_t *row);
    /* the lines of each leaf row, by id, before its row; whatever group_by says */
    bool (*line)(void *ctx, const tm_matrix_line_t *line);
} tm_matrix_visitor_t;
/* false: a function ended the walk. O(rows log rows + cells + lines if asked for). */
bool tm_matrix_walk(const tm_matrix_view_t *view, const tm_matrix_query_t *query,
                    const tm_matrix_visitor_t *visitor);
#endif
