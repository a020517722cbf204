/* matrix.c - the owner's side of the matrix: lines in and out, deltas, views.
 *
 * How:     rows and lines lie in two persistent tries, so that a view is two references. A map
 *          finds a line's slot, another a row by the text of its key. Changed rows are listed until
 *          the next delta; a row without lines stays until then.
 * Threads: see matrix.h. */
#include "base/fold.h"
#include "domain/matrix_own.h"
#include "schema/words.h"
#include <stdlib.h>

#define KEY_BYTES_MAX 4096
#define SCRATCH_BYTES_MAX 65536

static void push(tm_numbers_t *list, uint32_t number)
{
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 4 : list->cap * 2;
        list->v = tm_realloc(list->v, list->cap * sizeof *list->v);
    }
    list->v[list->n++] = number;
}

TM_OWN tm_matrix_t *tm_matrix_new(int week_basis)
{
    assert(week_basis == TM_WEEK_BASIS_broadcast || week_basis == TM_WEEK_BASIS_political);
    tm_matrix_t *m = TM_NEW(tm_matrix_t);
    m->magic = TM_MATRIX_MAGIC;
    m->week_basis = week_basis;
    m->generation = 1;
    tm_buf_init(&m->key, KEY_BYTES_MAX);
    m->scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    return m;
}

void tm_matrix_free(TM_OWN tm_matrix_t *m)
{
    if (m == NULL)
        return;
    TM_CHECK(m, TM_MATRIX_MAGIC);
    tm_matrix_free(m->paid); /* it has none of its own */
    tm_trie_done(&m->rows);
    tm_trie_done(&m->lines);
    tm_smap_done(&m->row_of);
    tm_map_done(&m->row_by);
    uint32_t pos = 0;
    tm_str_t key;
    void *kin;
    while (tm_smap_next(&m->kin, &pos, &key, &kin)) {
        tm_free(((tm_numbers_t *)kin)->v);
        tm_free(kin);
    }
    tm_smap_done(&m->kin);
    tm_pages_done(&m->slot_of);
    tm_free(m->free_rows.v);
    tm_free(m->free_slots.v);
    tm_free(m->dirty.v);
    tm_buf_done(&m->key);
    tm_arena_free(m->scratch);
    m->magic = 0;
    tm_free(m);
}

tm_matrix_t *tm_matrix_paid(tm_matrix_t *m)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    if (m->paid == NULL) {
        m->paid = tm_matrix_new(m->week_basis);
    }
    return m->paid;
}

/* ---- rows ---- */

/* An id's text, else the folded name, else "-". */
static void add_key_part(tm_matrix_t *m, const char *prefix, tm_id_t id, tm_str_t name)
{
    if (id.v != 0) {
        char text[TM_ID_TEXT_MAX];
        tm_buf_add(&m->key, text, tm_id_format(prefix, id, text));
        return;
    }
    const tm_str_t folded = name.n > 0 ? tm_fold_key(m->scratch, name) : (tm_str_t){NULL, 0};
    if (folded.n > 0) {
        tm_buf_add_str(&m->key, folded);
    } else {
        tm_buf_add_char(&m->key, '-');
    }
    tm_arena_reset(m->scratch);
}

uint32_t tm_matrix_write_key(tm_matrix_t *m, const tm_row_key_t *key)
{
    assert(key->medium < TM_MEDIUM_WORDS_N && key->side < TM_SIDE_WORDS_N);
    tm_buf_clear(&m->key);
    add_key_part(m, "adv", key->advertiser_id, key->advertiser);
    const uint32_t n = (uint32_t)m->key.n;
    tm_buf_add_char(&m->key, ':');
    if (key->market != 0) {
        tm_buf_add_i64(&m->key, key->market);
    } else {
        tm_buf_add_char(&m->key, '-');
    }
    tm_buf_add_char(&m->key, ':');
    tm_buf_add_c(&m->key, tm_medium_words.words[key->medium]);
    tm_buf_add_char(&m->key, ':');
    add_key_part(m, "sta", key->station_id, key->station);
    assert(!m->key.full);
    return n;
}

tm_str_t tm_matrix_kin_of(tm_str_t key)
{
    while (key.n > 0 && key.p[key.n - 1] != ':') {
        key.n--;
    }
    return key;
}

static void join_kin(tm_matrix_t *m, tm_str_t key, uint32_t number)
{
    tm_numbers_t *kin = tm_smap_get(&m->kin, tm_matrix_kin_of(key));
    if (kin == NULL) {
        kin = TM_NEW(tm_numbers_t);
        (void)tm_smap_put(&m->kin, tm_matrix_kin_of(key), kin);
    }
    push(kin, number);
}

static void leave_kin(tm_matrix_t *m, tm_str_t key, uint32_t number)
{
    tm_numbers_t *kin = tm_smap_get(&m->kin, tm_matrix_kin_of(key));
    for (uint32_t i = 0; i < kin->n; i++) {
        if (kin->v[i] == number) {
            kin->v[i] = kin->v[--kin->n];
            break;
        }
    }
    if (kin->n == 0) {
        (void)tm_smap_del(&m->kin, tm_matrix_kin_of(key));
        tm_free(kin->v);
        tm_free(kin);
    }
}

tm_mrow_t *tm_matrix_row_to_change(tm_matrix_t *m, uint32_t number)
{
    tm_mrow_t *row = tm_trie_get(&m->rows, number);
    assert(row != NULL);
    if (row->generation != m->generation) {
        row = tm_mrow_copy(row, m->generation);
        tm_trie_put(&m->rows, number, row);
    }
    return row;
}

static bool same_names(const tm_mrow_t *row, const tm_row_key_t *key)
{
    return tm_str_eq(row->names->advertiser, key->advertiser) &&
           tm_str_eq(row->names->station, key->station) && row->side == key->side &&
           row->rank == key->market_rank;
}

/* 0: an id is unknown, only its text finds the row. */
static uint64_t mix_ids(uint64_t advertiser, uint64_t station, int32_t market, uint8_t medium)
{
    if (advertiser == 0 || station == 0)
        return 0;
    uint64_t z = (advertiser + UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0x94d049bb133111eb);
    z = (z ^ z >> 31 ^ station) * UINT64_C(0xbf58476d1ce4e5b9);
    return (z ^ z >> 29) + (uint64_t)(uint32_t)market * 64 + medium;
}

static uint32_t find_by_ids(const tm_matrix_t *m, const tm_row_key_t *key, uint64_t mixed)
{
    const uint32_t found = mixed == 0 ? 0 : (uint32_t)(uintptr_t)tm_map_get(&m->row_by, mixed);
    const tm_mrow_t *row = found == 0 ? NULL : tm_trie_get(&m->rows, found - 1);
    return row != NULL && row->names->advertiser_id == key->advertiser_id.v &&
                   row->names->station_id == key->station_id.v && row->market == key->market &&
                   row->medium == key->medium
               ? found
               : 0;
}

static tm_names_t *names_new(tm_str_t text, uint32_t n_advertiser, const tm_row_key_t *key)
{
    tm_names_t *names = tm_names_new(text, n_advertiser, key->advertiser, key->station);
    names->advertiser_id = key->advertiser_id.v;
    names->station_id = key->station_id.v;
    return names;
}

/* The number of the key's row, made if it is new; its shown names, side and rank are those of the
 * latest line. */
static uint32_t row_for(tm_matrix_t *m, const tm_row_key_t *key)
{
    const uint64_t mixed =
        mix_ids(key->advertiser_id.v, key->station_id.v, key->market, key->medium);
    const uint32_t known = find_by_ids(m, key, mixed);
    if (known != 0 && same_names(tm_trie_get(&m->rows, known - 1), key))
        return known - 1;
    const uint32_t n_advertiser = tm_matrix_write_key(m, key);
    const tm_str_t text = tm_buf_str(&m->key);
    const uintptr_t found = (uintptr_t)tm_smap_get(&m->row_of, text);
    uint32_t number = (uint32_t)found - 1;
    if (found == 0) {
        number = m->free_rows.n > 0 ? m->free_rows.v[--m->free_rows.n] : m->next_row++;
    }
    if (mixed != 0) {
        (void)tm_map_put(&m->row_by, mixed, (void *)((uintptr_t)number + 1));
    }
    tm_mrow_t *row;
    if (found != 0) {
        if (same_names(tm_trie_get(&m->rows, number), key))
            return number;
        row = tm_matrix_row_to_change(m, number);
        tm_shared_unref(row->names);
        row->names = names_new(text, n_advertiser, key);
    } else {
        row = tm_mrow_new(names_new(text, n_advertiser, key), m->generation);
        row->market = key->market;
        row->medium = key->medium;
        tm_trie_put(&m->rows, number, row);
        (void)tm_smap_put(&m->row_of, text,
                          (void *)((uintptr_t)number + 1)); /* a number, never followed */
        join_kin(m, text, number);
    }
    row->side = key->side;
    row->rank = key->market_rank;
    return number;
}

static void mark_dirty(tm_matrix_t *m, tm_mrow_t *row, uint32_t number)
{
    if (!row->dirty) {
        row->dirty = true;
        push(&m->dirty, number);
    }
}

static void drop_row(tm_matrix_t *m, const tm_mrow_t *row, uint32_t number)
{
    assert(row->n_slots == 0 && !row->dirty);
    (void)tm_smap_del(&m->row_of, row->names->key);
    const uint64_t mixed =
        mix_ids(row->names->advertiser_id, row->names->station_id, row->market, row->medium);
    if (mixed != 0) {
        (void)tm_map_del(&m->row_by, mixed);
    }
    leave_kin(m, row->names->key, number);
    (void)tm_trie_del(&m->rows, number);
    push(&m->free_rows, number);
}

/* Takes a line out of its row (next: what it becomes, NULL nothing); the row goes with its last
 * line unless the next delta has to tell of it. */
static void take_out(tm_matrix_t *m, const tm_mline_t *line, uint32_t slot, const tm_mline_t *next)
{
    const bool keep_row = next != NULL && next->row == line->row;
    tm_mrow_t *row = tm_matrix_row_to_change(m, line->row);
    if (tm_mrow_apply(row, line, -1, keep_row ? next : NULL, &m->firm)) {
        mark_dirty(m, row, line->row);
    }
    tm_mrow_del_slot(row, slot);
    if (row->n_slots == 0) {
        m->n_rows--;
        if (!row->dirty && !keep_row) {
            drop_row(m, row, line->row);
        }
    }
}

static void put_in(tm_matrix_t *m, const tm_mline_t *line, uint32_t slot)
{
    tm_mrow_t *row = tm_matrix_row_to_change(m, line->row);
    if (tm_mrow_apply(row, line, 1, NULL, &m->firm)) {
        mark_dirty(m, row, line->row);
    }
    m->n_rows += row->n_slots == 0;
    tm_mrow_add_slot(row, slot);
}

void tm_matrix_set_line(tm_matrix_t *m, tm_id_t line, const tm_row_key_t *key,
                        const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced, bool firm,
                        bool disputed, uint8_t stage, uint32_t source_bit)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    assert(stage < TM_STAGE_WORDS_N);
    const uintptr_t found = (uintptr_t)tm_pages_get(&m->slot_of, line.v);
    uint32_t slot = (uint32_t)found - 1;
    const tm_mline_t *old = found != 0 ? tm_trie_get(&m->lines, slot) : NULL;
    if (n == 0 && unplaced == NULL) {
        if (old != NULL) {
            take_out(m, old, slot, NULL);
            (void)tm_trie_del(&m->lines, slot);
            tm_pages_put(&m->slot_of, line.v, NULL);
            push(&m->free_slots, slot);
        }
        return;
    }
    tm_mline_t *now = tm_mline_new(shares, n, unplaced);
    now->id = line;
    now->row = row_for(m, key);
    now->firm = firm;
    now->disputed = disputed;
    now->stage = stage;
    now->sources = source_bit;
    if (old != NULL && tm_mline_equal(old, now)) {
        tm_shared_unref(now);
        return;
    }
    if (old != NULL) {
        take_out(m, old, slot, now);
    } else {
        slot = m->free_slots.n > 0 ? m->free_slots.v[--m->free_slots.n] : m->next_slot++;
        tm_pages_put(&m->slot_of, line.v, (void *)((uintptr_t)slot + 1));
    }
    put_in(m, now, slot);
    tm_trie_put(&m->lines, slot, now);
}

/* ---- deltas ---- */

/* Which sources and stages the firm lines of stale cells have: one pass over the row's lines for
 * all of them. */
static void refresh(const tm_matrix_t *m, const tm_mrow_t *row)
{
    bool any = false;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        tm_cell_t *cell = &row->cells[i];
        if (cell->stale) {
            cell->sources = 0;
            cell->stages = 0;
            any = any || cell->firm.n_lines > 0;
        }
    }
    for (uint32_t i = 0; i < row->n_slots && any; i++) {
        const tm_mline_t *line = tm_trie_get(&m->lines, row->slots->v[i]);
        tm_unpack_t at;
        tm_share_t s;
        tm_mline_begin(line, &at);
        for (bool unplaced = line->has_unplaced; line->firm && tm_mline_next(&at, &s);
             unplaced = false) {
            tm_cell_t *cell = unplaced ? NULL : tm_mrow_cell(row, s.week.v);
            if (cell != NULL && cell->stale) {
                cell->sources |= line->sources;
                cell->stages |= (uint8_t)(1u << line->stage);
            }
        }
    }
    for (uint32_t i = 0; i < row->n_cells; i++) {
        row->cells[i].stale = false;
    }
}

typedef struct dirty_row {
    tm_mrow_t *row;
    uint32_t number;
} dirty_row_t;

static int by_key(const void *a, const void *b)
{
    const dirty_row_t *x = a, *y = b;
    return tm_str_cmp(x->row->names->key, y->row->names->key); /* keys are unique */
}

#define FEW_ROWS 8

/* out NULL: changed cells are only forgotten. Returns about how many bytes they are as JSON. */
static uint64_t settle_rows(tm_matrix_t *m, uint64_t version, tm_buf_t *out)
{
    const uint32_t n = m->dirty.n;
    dirty_row_t few[FEW_ROWS];
    dirty_row_t *rows = n <= FEW_ROWS ? few : tm_alloc(n * sizeof *rows);
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = (dirty_row_t){tm_matrix_row_to_change(m, m->dirty.v[i]), m->dirty.v[i]};
    }
    if (n > 1) {
        qsort(rows, n, sizeof *rows, by_key);
    }
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        tm_mrow_t *row = rows[i].row;
        if (row->thinned) {
            refresh(m, row);
        }
        if (out != NULL) {
            bytes += tm_mrow_pack(row, out);
        }
        for (uint32_t k = 0; k < row->n_cells; k++) {
            tm_cell_t *cell = &row->cells[k];
            cell->version = cell->dirty ? version : cell->version;
            cell->dirty = false;
        }
        if (row->thinned) {
            tm_mrow_purge(row);
        }
        row->dirty = row->thinned = false;
        if (row->n_slots == 0) {
            drop_row(m, row, rows[i].number);
        }
    }
    if (rows != few) {
        tm_free(rows);
    }
    m->dirty.n = 0;
    return bytes;
}

uint64_t tm_matrix_take_delta(tm_matrix_t *m, uint64_t version, tm_buf_t *out)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    if (m->paid != NULL) {
        (void)settle_rows(m->paid, version, NULL);
    }
    return settle_rows(m, version, out);
}

/* ---- views ---- */

static void view_free(void *object)
{
    tm_matrix_view_t *view = object;
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    tm_trie_done(&view->rows);
    tm_trie_done(&view->lines);
    tm_matrix_view_unref(view->paid);
    view->magic = 0;
    tm_free(view);
}

TM_OWN tm_matrix_view_t *tm_matrix_view(tm_matrix_t *m)
{
    TM_CHECK(m, TM_MATRIX_MAGIC);
    tm_matrix_view_t *view = TM_NEW(tm_matrix_view_t);
    view->shared = (tm_shared_t){1, view_free};
    view->magic = TM_MATRIX_VIEW_MAGIC;
    view->week_basis = m->week_basis;
    view->n_rows = m->n_rows;
    view->gross.v = m->firm.gross;
    view->net.v = m->firm.net;
    view->rows = tm_trie_ref(&m->rows);
    view->lines = tm_trie_ref(&m->lines);
    view->paid = m->paid == NULL ? NULL : tm_matrix_view(m->paid);
    m->generation++; /* what exists now is never changed in place again */
    return view;
}

TM_OWN tm_matrix_view_t *tm_matrix_view_ref(tm_matrix_view_t *view)
{
    return tm_shared_ref(view);
}

void tm_matrix_view_unref(TM_OWN tm_matrix_view_t *view)
{
    tm_shared_unref(view);
}

uint64_t tm_matrix_total(const tm_matrix_view_t *view, tm_cents_t *ret_gross, tm_cents_t *ret_net)
{
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    *ret_gross = view->gross;
    *ret_net = view->net;
    return view->n_rows;
}
