/* matrix_told.h - what of a matrix follows from the order of changes and not from its lines: the
 * names a row shows, and which delta told of a cell last.
 *
 * Why:     a matrix that is made anew from lines (a start from a checkpoint) must show and refuse
 *          the same as before.
 * Threads: told: any that holds the view. tell: the matrix's owner. */
#ifndef TM_DOMAIN_MATRIX_TOLD_H
#define TM_DOMAIN_MATRIX_TOLD_H
#include "domain/matrix.h"

typedef struct tm_told_cell { tm_day_t week; uint64_t version; } tm_told_cell_t;
typedef struct tm_told_row {
    tm_str_t key;                 /* its text */
    tm_str_t advertiser, station; /* shown names; p NULL unknown */
    uint8_t side;
    int32_t rank;                 /* of its market */
    uint32_t n_cells;
    tm_told_cell_t *cells;        /* [n_cells] ascending */
} tm_told_row_t;

/* The row with the smallest number >= *at, which becomes its number; names lie in the view, cells
 * in the arena (which is large enough, or it aborts). paid: of the money paid out. false: there is
 * none. */
bool tm_matrix_told(const tm_matrix_view_t *view, bool paid, uint32_t *at, tm_arena_t *arena,
                    tm_told_row_t *ret);
/* Says it of the row with that key. After tm_matrix_take_delta. false: there is no such row, or it
 * has other cells. */
bool tm_matrix_tell(tm_matrix_t *matrix, bool paid, const tm_told_row_t *told);
#endif
