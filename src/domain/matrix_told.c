/* matrix_told.c - see matrix_told.h.
 *
 * Threads: see matrix_told.h. */
#include "domain/matrix_told.h"
#include "domain/matrix_own.h"

bool tm_matrix_told(const tm_matrix_view_t *view, bool paid, uint32_t *at, tm_arena_t *arena,
                    tm_told_row_t *ret)
{
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    const tm_matrix_view_t *of = paid ? view->paid : view;
    const tm_mrow_t *row = of == NULL ? NULL : tm_trie_next(&of->rows, at);
    if (row == NULL)
        return false;
    *ret = (tm_told_row_t){.key = row->names->key,
                           .advertiser = row->names->advertiser,
                           .station = row->names->station,
                           .side = row->side,
                           .rank = row->rank,
                           .n_cells = row->n_cells};
    ret->cells = tm_arena_alloc(arena, (row->n_cells + 1) * sizeof *ret->cells);
    assert(ret->cells != NULL);
    for (uint32_t i = 0; i < row->n_cells; i++) {
        ret->cells[i] = (tm_told_cell_t){{row->cells[i].week}, row->cells[i].version};
    }
    return true;
}

bool tm_matrix_tell(tm_matrix_t *matrix, bool paid, const tm_told_row_t *told)
{
    TM_CHECK(matrix, TM_MATRIX_MAGIC);
    tm_matrix_t *m = paid ? matrix->paid : matrix;
    if (m == NULL)
        return false;
    const uintptr_t found = (uintptr_t)tm_smap_get(&m->row_of, told->key);
    if (found == 0 || told->side >= TM_SIDE_WORDS_N)
        return false;
    tm_mrow_t *row = tm_matrix_row_to_change(m, (uint32_t)found - 1);
    if (row->n_cells != told->n_cells)
        return false;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        if (row->cells[i].week != told->cells[i].week.v)
            return false;
        row->cells[i].version = told->cells[i].version;
    }
    tm_names_t *names =
        tm_names_new(told->key, row->names->n_advertiser_key, told->advertiser, told->station);
    names->advertiser_id = row->names->advertiser_id;
    names->station_id = row->names->station_id;
    tm_shared_unref(row->names);
    row->names = names;
    row->side = told->side;
    row->rank = told->rank;
    return true;
}
