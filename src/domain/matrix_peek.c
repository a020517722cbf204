/* matrix_peek.c - see matrix_peek.h.
 *
 * Threads: the matrix's owner. */
#include "domain/matrix_peek.h"

#include "domain/matrix_own.h"

static const tm_mline_t *line_of(const tm_matrix_t *m, tm_id_t line)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    const uintptr_t slot = (uintptr_t)tm_pages_get(&m->slot_of, line.v);
    return slot == 0 ? NULL : tm_trie_get(&m->lines, (uint32_t)slot - 1);
}

bool tm_matrix_line_gross(const tm_matrix_t *m, tm_id_t id, bool *ret_firm, tm_cents_t *ret_gross)
{
    const tm_mline_t *line = line_of(m, id);
    *ret_gross = (tm_cents_t){0};
    *ret_firm = line != NULL && line->firm;
    if (line == NULL)
        return false;
    tm_unpack_t at;
    tm_share_t share;
    tm_mline_begin(line, &at);
    for (bool unplaced = line->has_unplaced; tm_mline_next(&at, &share); unplaced = false) {
        ret_gross->v += unplaced ? 0 : share.gross.v;
    }
    return true;
}

tm_share_t *tm_matrix_line_shares(const tm_matrix_t *m, tm_id_t id, tm_arena_t *arena,
                                  uint32_t *ret_n)
{
    const tm_mline_t *line = line_of(m, id);
    *ret_n = line == NULL ? 0 : line->n_shares;
    if (*ret_n == 0)
        return NULL;
    tm_share_t *shares = tm_arena_alloc(arena, *ret_n * sizeof *shares);
    if (shares == NULL)
        return NULL;
    tm_unpack_t at;
    tm_share_t share;
    uint32_t n = 0;
    tm_mline_begin(line, &at);
    for (bool unplaced = line->has_unplaced; tm_mline_next(&at, &share); unplaced = false) {
        if (!unplaced) {
            shares[n++] = share;
        }
    }
    assert(n == *ret_n);
    return shares;
}

void tm_matrix_station_sums(tm_matrix_t *m, const tm_row_key_t *key,
                            void (*each)(void *ctx, tm_day_t week, tm_cents_t gross,
                                         uint32_t n_lines),
                            void *ctx)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    (void)tm_matrix_write_key(m, key);
    const tm_numbers_t *kin = tm_smap_get(&m->kin, tm_matrix_kin_of(tm_buf_str(&m->key)));
    for (uint32_t i = 0; kin != NULL && i < kin->n; i++) {
        const tm_mrow_t *row = tm_trie_get(&m->rows, kin->v[i]);
        const bool has_station = row->names->station.n > 0;
        for (uint32_t k = 0; has_station && k < row->n_cells; k++) {
            const tm_cell_t *cell = &row->cells[k];
            if (cell->firm.n_lines > 0) {
                each(ctx, (tm_day_t){cell->week}, (tm_cents_t){cell->firm.gross},
                     cell->firm.n_lines);
            }
        }
    }
}

void tm_matrix_station_lines(tm_matrix_t *m, const tm_row_key_t *key,
                             void (*each)(void *ctx, tm_id_t line), void *ctx)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    (void)tm_matrix_write_key(m, key);
    const tm_numbers_t *kin = tm_smap_get(&m->kin, tm_matrix_kin_of(tm_buf_str(&m->key)));
    for (uint32_t i = 0; kin != NULL && i < kin->n; i++) {
        const tm_mrow_t *row = tm_trie_get(&m->rows, kin->v[i]);
        for (uint32_t k = 0; row->names->station.n > 0 && k < row->n_slots; k++) {
            const tm_mline_t *line = tm_trie_get(&m->lines, row->slots->v[k]);
            each(ctx, line->id);
        }
    }
}

/* The id in the part of a row's key, 0 where a name or nothing stands. */
static tm_id_t id_in(const char *prefix, tm_str_t part)
{
    tm_id_t id = {0};
    return tm_id_parse(prefix, part, &id) == TM_OK ? id : (tm_id_t){0};
}

bool tm_matrix_leaf(const tm_matrix_t *m, tm_str_t key, tm_day_t week, tm_leaf_t *ret)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    const uintptr_t number = (uintptr_t)tm_smap_get(&m->row_of, key);
    if (number == 0)
        return false;
    const tm_mrow_t *row = tm_trie_get(&m->rows, (uint32_t)number - 1);
    const tm_str_t own = row->names->key;
    const uint32_t station_at = tm_matrix_kin_of(own).n;
    const tm_cell_t *cell = tm_mrow_cell(row, week.v);
    *ret = (tm_leaf_t){
        .key = {.advertiser_id = id_in("adv", tm_str_n(own.p, row->names->n_advertiser_key)),
                .station_id = id_in("sta", tm_str_n(own.p + station_at, own.n - station_at)),
                .market = row->market,
                .medium = row->medium,
                .side = row->side,
                .advertiser = row->names->advertiser,
                .station = row->names->station,
                .market_rank = row->rank},
        .known = cell != NULL && cell->firm.n_known > 0,
        .gross = {cell == NULL ? 0 : cell->firm.gross},
        .version = cell == NULL ? 0 : cell->version,
    };
    return true;
}

tm_cents_t tm_matrix_gross(const tm_matrix_t *m)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    return (tm_cents_t){m->firm.gross};
}
