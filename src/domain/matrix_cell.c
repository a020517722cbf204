/* matrix_cell.c - what stands behind one cell: its sums and its lines, of a row or of a subtotal.
 *
 * Why:     every number of the matrix names its lines, the sums too.
 * How:     a key is a leaf row's, or a subtotal's: its kind, its side and the part of the leaf keys
 *          it covers ("market:for:adv_...:504"). All rows are asked once; rows are few.
 * Threads: any that holds the view. */
#include "domain/matrix_row.h"
#include "schema/record.h"
#include <stdlib.h>

/* What a key names. */
typedef struct scope {
    tm_str_t key; /* a leaf's whole key, or what the leaf keys begin with; n 0: all of the side */
    int side;     /* -1: a leaf's key */
} scope_t;

typedef struct ids {
    tm_arena_t *arena;
    tm_id_t *v;
    uint32_t n, cap;
} ids_t;

/* The text up to the first ':' and what stands behind it. */
static tm_str_t first_part(tm_str_t text, tm_str_t *ret_rest)
{
    const char *colon = text.n == 0 ? NULL : memchr(text.p, ':', text.n);
    const uint32_t n = colon == NULL ? text.n : (uint32_t)(colon - text.p);
    const uint32_t used = colon == NULL ? n : n + 1;
    *ret_rest = tm_str_n(text.p + used, text.n - used);
    return tm_str_n(text.p, n);
}

static scope_t scope_of(tm_str_t key)
{
    static const char *const kinds[] = {"side", "advertiser", "market", "medium"};
    tm_str_t rest = {NULL, 0}, covered = {NULL, 0};
    const tm_str_t kind = first_part(key, &rest);
    const tm_str_t side = first_part(rest, &covered);
    const int word = tm_words_find(&tm_side_words, side);
    for (size_t i = 0; i < TM_COUNT(kinds) && word >= 0; i++) {
        if (tm_str_eq(kind, tm_str(kinds[i])))
            return (scope_t){covered, word};
    }
    return (scope_t){key, -1};
}

static bool holds(const scope_t *scope, const tm_mrow_t *row)
{
    const tm_str_t key = row->names->key;
    if (scope->side < 0)
        return tm_str_eq(key, scope->key);
    return row->side == scope->side &&
           (scope->key.n == 0 || (key.n > scope->key.n && key.p[scope->key.n] == ':' &&
                                  memcmp(key.p, scope->key.p, scope->key.n) == 0));
}

static void add_sums(tm_sums_t *to, const tm_sums_t *s)
{
    to->gross += s->gross;
    to->net += s->net;
    to->low += s->low;
    to->high += s->high;
    to->n_lines += s->n_lines;
    to->n_known += s->n_known;
    to->n_open += s->n_open;
    to->n_disputed += s->n_disputed;
}

static bool add_id(ids_t *ids, tm_id_t id)
{
    if (ids->n == ids->cap) {
        const uint32_t cap = ids->cap == 0 ? 64 : ids->cap * 2;
        tm_id_t *more = tm_arena_alloc(ids->arena, cap * sizeof *more);
        if (more == NULL)
            return false;
        if (ids->n > 0) {
            memcpy(more, ids->v, ids->n * sizeof *more);
        }
        ids->v = more;
        ids->cap = cap;
    }
    ids->v[ids->n++] = id;
    return true;
}

static int by_id(const void *a, const void *b)
{
    const tm_id_t *x = a, *y = b;
    return (x->v > y->v) - (x->v < y->v);
}

/* The row's lines that touch the week. false: the arena is full. */
static bool add_lines(const tm_matrix_view_t *view, const tm_mrow_t *row, int32_t week, ids_t *firm,
                      ids_t *soft)
{
    for (uint32_t i = 0; i < row->n_slots; i++) {
        const tm_mline_t *line = tm_trie_get(&view->lines, row->slots->v[i]);
        if (tm_mline_touches(line, week) && !add_id(line->firm ? firm : soft, line->id))
            return false;
    }
    return true;
}

/* Firm lines first, each part by id. false: the arena is full. */
static bool join_lines(ids_t *firm, const ids_t *soft, tm_cell_detail_t *ret)
{
    ret->n_firm = firm->n;
    if (firm->n > 0) {
        qsort(firm->v, firm->n, sizeof *firm->v, by_id);
    }
    if (soft->n > 0) {
        qsort(soft->v, soft->n, sizeof *soft->v, by_id);
    }
    for (uint32_t i = 0; i < soft->n; i++) {
        if (!add_id(firm, soft->v[i]))
            return false;
    }
    ret->lines = firm->v;
    ret->n_lines = firm->n;
    return true;
}

static void fill(tm_cell_detail_t *ret, const tm_sums_t *firm, const tm_sums_t *soft)
{
    *ret = (tm_cell_detail_t){
        .known = firm->n_known > 0,
        .gross = {firm->gross},
        .net = {firm->net},
        .low = {firm->low},
        .high = {firm->high},
        .has_high = firm->n_known > 0 && firm->n_open == 0,
        .disputed = firm->n_disputed > 0 || soft->n_disputed > 0,
        .projected_known = firm->n_known > 0 || soft->n_known > 0,
        .projected_gross = {firm->gross + soft->gross},
        .projected_net = {firm->net + soft->net},
    };
}

tm_err_t tm_matrix_cell(const tm_matrix_view_t *view, tm_str_t key, tm_arena_t *arena,
                        tm_cell_detail_t *ret)
{
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    tm_day_t week;
    if (key.n < TM_DAY_TEXT || key.p[key.n - TM_DAY_TEXT] != '@')
        return TM_EINVALID;
    const tm_str_t text = {key.p + key.n - (TM_DAY_TEXT - 1), TM_DAY_TEXT - 1};
    if (tm_day_parse(text, &week) != TM_OK)
        return TM_EINVALID;
    const scope_t scope = scope_of((tm_str_t){key.p, key.n - TM_DAY_TEXT});
    tm_sums_t firm = {0}, soft = {0};
    ids_t firm_ids = {.arena = arena}, soft_ids = {.arena = arena};
    const tm_mrow_t *row;
    for (uint32_t at = 0; (row = tm_trie_next(&view->rows, &at)) != NULL; at++) {
        const tm_cell_t *cell = holds(&scope, row) ? tm_mrow_cell(row, week.v) : NULL;
        if (cell != NULL) {
            add_sums(&firm, &cell->firm);
            add_sums(&soft, tm_mrow_soft(row, cell));
            if (!add_lines(view, row, week.v, &firm_ids, &soft_ids))
                return TM_ENOMEM;
        }
        if (at == UINT32_MAX)
            break;
    }
    if (firm.n_lines == 0 && soft.n_lines == 0)
        return TM_ENOTFOUND;
    assert(firm_ids.n == firm.n_lines && soft_ids.n == soft.n_lines);
    fill(ret, &firm, &soft);
    return join_lines(&firm_ids, &soft_ids, ret) ? TM_OK : TM_ENOMEM;
}
