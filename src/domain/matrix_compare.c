/* matrix_compare.c - see matrix_compare.h.
 *
 * How:     the rows of both, sorted by key, are walked side by side. Keys begin with their
 *          advertiser, so an advertiser's rows follow each other.
 * Threads: pure. */
#include "domain/matrix_compare.h"

#include "domain/matrix_row.h"

#include <stdlib.h>

typedef struct rows {
    const tm_mrow_t **v;
    uint32_t n;
} rows_t;

static int by_key(const void *a, const void *b)
{
    const tm_mrow_t *const *x = a, *const *y = b;
    return tm_str_cmp((*x)->names->key, (*y)->names->key);
}

static rows_t rows_of(const tm_matrix_view_t *view)
{
    rows_t rows = {0};
    if (view == NULL)
        return rows;
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    rows.v = tm_alloc((view->rows.n + 1) * sizeof *rows.v);
    const tm_mrow_t *row;
    for (uint32_t at = 0; (row = tm_trie_next(&view->rows, &at)) != NULL; at++) {
        if (row->n_slots > 0) {
            rows.v[rows.n++] = row;
        }
        if (at == UINT32_MAX) {
            break;
        }
    }
    if (rows.n > 0) {
        qsort(rows.v, rows.n, sizeof *rows.v, by_key);
    }
    return rows;
}

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void add_sum(tm_compared_sum_t *to, const tm_compared_sum_t *cell)
{
    to->had |= cell->had;
    to->has |= cell->has;
    to->before = plus(to->before, cell->before);
    to->after = plus(to->after, cell->after);
}

#define ROOM_FOR_ONE_MORE(list, n, cap)                                  \
    do {                                                                 \
        if ((n) == (cap)) {                                              \
            (cap) = (cap) == 0 ? 64 : (cap)*2;                           \
            (list) = tm_realloc((list), (size_t)(cap) * sizeof *(list)); \
        }                                                                \
    } while (0)

/* That row's advertiser, made where it is not the last one. */
static tm_compared_advertiser_t *advertiser_of(tm_comparison_t *c, const tm_mrow_t *row)
{
    const tm_str_t key = {row->names->key.p, row->names->n_advertiser_key};
    if (c->n_advertisers == 0 || !tm_str_eq(c->advertisers[c->n_advertisers - 1].key, key)) {
        ROOM_FOR_ONE_MORE(c->advertisers, c->n_advertisers, c->cap_advertisers);
        c->advertisers[c->n_advertisers++] = (tm_compared_advertiser_t){.key = key};
    }
    tm_compared_advertiser_t *a = &c->advertisers[c->n_advertisers - 1];
    a->name = row->names->advertiser;
    a->side = row->side;
    return a;
}

static tm_compared_market_t *market_of(tm_comparison_t *c, tm_map_t *places, int32_t code)
{
    uintptr_t place = (uintptr_t)tm_map_get(places, (uint64_t)(uint32_t)code + 1);
    if (place == 0) {
        ROOM_FOR_ONE_MORE(c->markets, c->n_markets, c->cap_markets);
        c->markets[c->n_markets++] = (tm_compared_market_t){.market = code};
        place = c->n_markets;
        (void)tm_map_put(places, (uint64_t)(uint32_t)code + 1, (void *)place);
    }
    return &c->markets[place - 1];
}

static void add_cell(tm_comparison_t *c, const tm_mrow_t *row, int32_t week,
                     const tm_compared_sum_t *sum)
{
    ROOM_FOR_ONE_MORE(c->cells, c->n_cells, c->cap_cells);
    c->cells[c->n_cells++] = (tm_compared_cell_t){
        .row = row->names->key,
        .week = {week},
        .side = row->side,
        .medium = row->medium,
        .market = row->market,
        .advertiser = row->names->advertiser,
        .station = row->names->station,
        .sum = *sum,
    };
}

/* The cell at *at if it is of that week, which is then behind; known tells whether it counts. */
static int64_t take_cell(const tm_mrow_t *row, uint32_t *at, int32_t week, bool *ret_known)
{
    *ret_known = false;
    if (row == NULL || *at == row->n_cells || row->cells[*at].week != week)
        return 0;
    const tm_sums_t *firm = &row->cells[(*at)++].firm;
    *ret_known = firm->n_known > 0;
    return *ret_known ? firm->gross : 0;
}

static int32_t week_at(const tm_mrow_t *row, uint32_t at)
{
    return row == NULL || at == row->n_cells ? INT32_MAX : row->cells[at].week;
}

/* One row of both pictures; one of them may be NULL. */
static void compare_rows(tm_comparison_t *c, tm_map_t *markets, const tm_mrow_t *before,
                         const tm_mrow_t *after)
{
    const tm_mrow_t *row = after != NULL ? after : before;
    tm_compared_sum_t sums = {0};
    uint32_t i = 0, k = 0;
    for (;;) {
        const int32_t week = TM_MIN(week_at(before, i), week_at(after, k));
        if (week == INT32_MAX) {
            break;
        }
        tm_compared_sum_t cell = {0};
        cell.before = take_cell(before, &i, week, &cell.had);
        cell.after = take_cell(after, &k, week, &cell.has);
        add_sum(&sums, &cell);
        if (cell.had != cell.has || cell.before != cell.after) {
            add_cell(c, row, week, &cell);
        }
    }
    if (!sums.had && !sums.has)
        return; /* nothing is known of it, neither then nor now */
    add_sum(&advertiser_of(c, row)->sum, &sums);
    add_sum(&market_of(c, markets, row->market)->sum, &sums);
    add_sum(&c->total, &sums);
}

/* ---- order ---- */

static int by_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    const tm_compared_cell_t *x = a, *y = b;
    int c = by_number(x->side, y->side);
    c = c != 0 ? c : tm_str_cmp(x->advertiser, y->advertiser);
    c = c != 0 ? c : tm_str_cmp(x->row, y->row);
    return c != 0 ? c : by_number(x->week.v, y->week.v);
}

static int by_sum(const void *a, const void *b)
{
    const tm_compared_advertiser_t *x = a, *y = b;
    int c = by_number(x->side, y->side);
    c = c != 0 ? c : by_number(y->sum.has, x->sum.has);
    c = c != 0 ? c : by_number(y->sum.after, x->sum.after);
    c = c != 0 ? c : tm_str_cmp(x->name, y->name);
    return c != 0 ? c : tm_str_cmp(x->key, y->key);
}

static int by_code(const void *a, const void *b)
{
    const tm_compared_market_t *x = a, *y = b;
    return by_number(x->market == 0 ? INT32_MAX : x->market,
                     y->market == 0 ? INT32_MAX : y->market);
}

static void sort(tm_comparison_t *c)
{
    if (c->n_cells > 0) {
        qsort(c->cells, c->n_cells, sizeof *c->cells, by_place);
    }
    if (c->n_advertisers > 0) {
        qsort(c->advertisers, c->n_advertisers, sizeof *c->advertisers, by_sum);
    }
    if (c->n_markets > 0) {
        qsort(c->markets, c->n_markets, sizeof *c->markets, by_code);
    }
}

void tm_matrix_compare(const tm_matrix_view_t *before, const tm_matrix_view_t *after,
                       tm_comparison_t *ret)
{
    *ret = (tm_comparison_t){0};
    const rows_t a = rows_of(before), b = rows_of(after);
    tm_map_t markets = {0};
    for (uint32_t i = 0, k = 0; i < a.n || k < b.n;) {
        const int c = i == a.n   ? 1
                      : k == b.n ? -1
                                 : tm_str_cmp(a.v[i]->names->key, b.v[k]->names->key);
        compare_rows(ret, &markets, c <= 0 ? a.v[i] : NULL, c >= 0 ? b.v[k] : NULL);
        i += c <= 0;
        k += c >= 0;
    }
    tm_map_done(&markets);
    tm_free(a.v);
    tm_free(b.v);
    sort(ret);
}

void tm_comparison_done(tm_comparison_t *comparison)
{
    tm_free(comparison->cells);
    tm_free(comparison->advertisers);
    tm_free(comparison->markets);
    *comparison = (tm_comparison_t){0};
}

bool tm_matrix_known_total(const tm_matrix_view_t *view, tm_cents_t *ret_gross)
{
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    bool known = false;
    const tm_mrow_t *row;
    for (uint32_t at = 0; !known && (row = tm_trie_next(&view->rows, &at)) != NULL; at++) {
        for (uint32_t i = 0; i < row->n_cells && !known; i++) {
            known = row->cells[i].firm.n_known > 0;
        }
        if (at == UINT32_MAX) {
            break;
        }
    }
    if (known) {
        *ret_gross = view->gross;
    }
    return known;
}
