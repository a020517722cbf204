/* matrix_json.c - the matrix as an answer: chosen rows in their order, subtotals, totals.
 *
 * How:     select rows, find the weeks in which something is known, rank advertisers by their total
 *          and markets by their rank, sort, then write row by row with one accumulator a level.
 *          Nothing depends on when or in which order lines came, so equal content gives equal
 *          bytes.
 * Threads: pure. */
#include "base/fold.h"
#include "domain/matrix_row.h"
#include "domain/matrix_rows.h"
#include "domain/week.h"
#include "schema/json.h"
#include <stdlib.h>

#define FOLD_BYTES_MAX 262144

typedef struct entry {
    const tm_mrow_t *row;
    tm_str_t advertiser; /* its part of the key */
    int64_t total;       /* of the row, in view */
    int64_t rival_total; /* of the advertiser on this side */
    tm_str_t rival_name;
    int32_t rank; /* of the market, INT32_MAX unknown */
} entry_t;

/* Running sums of one level over the columns. */
typedef struct level {
    int64_t *sum;
    bool *known, *disputed;
    int64_t total;
} level_t;

enum { TOTALS = 0, N_LEVELS = TM_LEVEL_LEAF }; /* levels 1 to 4 are subtotals, 0 is everything */

typedef struct writing {
    const tm_matrix_view_t *view;
    const tm_matrix_query_t *q;
    tm_buf_t *out;
    entry_t *v;
    uint32_t n;
    int32_t this_week, first_week;
    int32_t *column; /* by (week - first_week) / 7; -1: not shown */
    uint32_t n_spans;
    tm_day_t *weeks;
    uint32_t n_weeks;
    level_t levels[N_LEVELS];
    void *memory;
    int64_t unplaced;
    bool first_row;
    const tm_matrix_visitor_t *visitor; /* NULL: rows go to out */
    bool ended;                         /* by the visitor */
} writing_t;

/* ---- what is in view ---- */

static bool week_in_view(const writing_t *w, int32_t week)
{
    const tm_matrix_query_t *q = w->q;
    if (q->from.v != 0 && week + 6 < q->from.v)
        return false;
    if (q->to.v != 0 && week > q->to.v)
        return false;
    switch (q->mode) {
    case TM_MODE_BOOKED:
    case TM_MODE_PROJECTED:
        return true;
    case TM_MODE_FUTURE_ONLY:
        return week > w->this_week;
    case TM_MODE_NEXT_WEEK:
        return week == w->this_week + 7;
    }
    return false;
}

static bool has_lines(const writing_t *w, const tm_sums_t *firm, const tm_sums_t *soft)
{
    return firm->n_lines > 0 || (w->q->mode == TM_MODE_PROJECTED && soft->n_lines > 0);
}

static bool is_known(const writing_t *w, const tm_sums_t *firm, const tm_sums_t *soft)
{
    return firm->n_known > 0 || (w->q->mode == TM_MODE_PROJECTED && soft->n_known > 0);
}

static int64_t cents_of(const writing_t *w, const tm_sums_t *firm, const tm_sums_t *soft)
{
    const int64_t a = w->q->net ? firm->net : firm->gross;
    if (w->q->mode != TM_MODE_PROJECTED)
        return a;
    return (int64_t)((uint64_t)a + (uint64_t)(w->q->net ? soft->net : soft->gross));
}

static bool is_disputed(const writing_t *w, const tm_sums_t *firm, const tm_sums_t *soft)
{
    return firm->n_disputed > 0 || (w->q->mode == TM_MODE_PROJECTED && soft->n_disputed > 0);
}

static bool row_chosen(const tm_matrix_query_t *q, const tm_mrow_t *row, tm_str_t folded,
                       tm_arena_t *arena)
{
    if (q->market != 0 && row->market != q->market)
        return false;
    if (q->medium >= 0 && row->medium != q->medium)
        return false;
    if (q->side >= 0 && row->side != q->side)
        return false;
    if (q->advertiser.p == NULL)
        return true;
    const tm_str_t part = {row->names->key.p, row->names->n_advertiser_key};
    if (tm_str_eq(part, q->advertiser))
        return true;
    const tm_str_t name = tm_fold_key(arena, row->names->advertiser);
    const bool same = folded.n > 0 && tm_str_eq(name, folded);
    tm_arena_reset(arena);
    return same;
}

/* Adds the row if something of it is in view, and widens the span of weeks. */
static void take_row(writing_t *w, const tm_mrow_t *row, int32_t *lo, int32_t *hi)
{
    bool any = has_lines(w, &row->unplaced_firm, &row->unplaced_soft);
    if (any) {
        w->unplaced += cents_of(w, &row->unplaced_firm, &row->unplaced_soft);
    }
    int64_t total = 0;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        const tm_cell_t *cell = &row->cells[i];
        const tm_sums_t *firm = &cell->firm, *soft = tm_mrow_soft(row, cell);
        if (!has_lines(w, firm, soft) || !week_in_view(w, cell->week))
            continue;
        any = true;
        if (!is_known(w, firm, soft))
            continue;
        total = (int64_t)((uint64_t)total + (uint64_t)cents_of(w, firm, soft));
        *lo = TM_MIN(*lo, cell->week);
        *hi = TM_MAX(*hi, cell->week);
    }
    if (!any)
        return;
    w->v[w->n++] = (entry_t){
        .row = row,
        .advertiser = {row->names->key.p, row->names->n_advertiser_key},
        .total = total,
    };
}

static void select_rows(writing_t *w, int32_t *lo, int32_t *hi)
{
    tm_arena_t *arena = NULL;
    char small[1024];
    tm_str_t folded = {NULL, 0};
    if (w->q->advertiser.p != NULL) { /* rare: the other questions need no folding */
        arena = tm_arena_new(FOLD_BYTES_MAX);
        const tm_str_t s = tm_fold_key(arena, w->q->advertiser);
        folded = (tm_str_t){small, (uint32_t)TM_MIN(s.n, sizeof small)};
        memcpy(small, s.n > 0 ? s.p : "", folded.n);
        tm_arena_reset(arena);
    }
    w->v = tm_alloc((w->view->rows.n + 1) * sizeof *w->v);
    const tm_mrow_t *row;
    for (uint32_t at = 0; (row = tm_trie_next(&w->view->rows, &at)) != NULL; at++) {
        if (row->n_slots > 0 && row_chosen(w->q, row, folded, arena)) {
            take_row(w, row, lo, hi);
        }
        if (at == UINT32_MAX)
            break;
    }
    tm_arena_free(arena);
}

/* Columns: the weeks in which something in view is known. */
static void find_columns(writing_t *w, int32_t lo, int32_t hi)
{
    w->first_week = lo;
    w->n_spans = lo <= hi ? (uint32_t)((hi - lo) / 7 + 1) : 0;
    w->column = tm_alloc((w->n_spans + 1) * sizeof *w->column);
    memset(w->column, 0, (w->n_spans + 1) * sizeof *w->column);
    for (uint32_t i = 0; i < w->n; i++) {
        const tm_mrow_t *row = w->v[i].row;
        for (uint32_t k = 0; k < row->n_cells; k++) {
            const tm_cell_t *cell = &row->cells[k];
            if (is_known(w, &cell->firm, tm_mrow_soft(row, cell)) && week_in_view(w, cell->week)) {
                w->column[(cell->week - lo) / 7] = 1;
            }
        }
    }
    w->weeks = tm_alloc((w->n_spans + 1) * sizeof *w->weeks);
    for (uint32_t i = 0; i < w->n_spans; i++) {
        if (w->column[i] != 0) {
            w->weeks[w->n_weeks].v = lo + 7 * (int32_t)i;
            w->column[i] = (int32_t)w->n_weeks++;
        } else {
            w->column[i] = -1;
        }
    }
}

/* ---- order ---- */

static int by_value(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_rival(const void *a, const void *b)
{
    const entry_t *x = a, *y = b;
    int c = by_value(x->row->side, y->row->side);
    if (c == 0) {
        c = tm_str_cmp(x->advertiser, y->advertiser);
    }
    return c != 0 ? c : tm_str_cmp(x->row->names->key, y->row->names->key);
}

static int by_market(const void *a, const void *b)
{
    const entry_t *x = a, *y = b;
    const int c = by_value(x->row->market, y->row->market);
    return c != 0 ? c
                  : by_value(x->row->rank == 0 ? INT32_MAX : x->row->rank,
                             y->row->rank == 0 ? INT32_MAX : y->row->rank);
}

static int by_place(const void *a, const void *b)
{
    const entry_t *x = a, *y = b;
    int c = by_value(x->row->side, y->row->side);
    if (c == 0) {
        c = by_value(y->rival_total, x->rival_total);
    }
    if (c == 0) {
        c = tm_str_cmp(x->rival_name, y->rival_name);
    }
    if (c == 0) {
        c = tm_str_cmp(x->advertiser, y->advertiser);
    }
    if (c == 0) {
        c = by_value(x->rank, y->rank);
    }
    if (c == 0) {
        c = by_value(x->row->market, y->row->market);
    }
    if (c == 0) {
        c = by_value(x->row->medium, y->row->medium);
    }
    if (c == 0) {
        c = tm_str_cmp(x->row->names->station, y->row->names->station);
    }
    return c != 0 ? c : tm_str_cmp(x->row->names->key, y->row->names->key);
}

/* Rows of one advertiser share total and name, rows of one market its best rank: so groups stay
 * whole even while names or ranks of their rows differ. */
static void sort_rows(writing_t *w)
{
    if (w->n == 0)
        return;
    qsort(w->v, w->n, sizeof *w->v, by_market);
    for (uint32_t i = 0, first = 0; i < w->n; i++) {
        first = i > 0 && w->v[i].row->market == w->v[first].row->market ? first : i;
        const int32_t rank = w->v[first].row->rank;
        const bool known = rank != 0 && w->v[first].row->market != 0;
        w->v[i].rank = known ? rank : INT32_MAX;
    }
    qsort(w->v, w->n, sizeof *w->v, by_rival);
    for (uint32_t i = 0; i < w->n;) {
        uint32_t end = i;
        uint64_t total = 0;
        while (end < w->n && w->v[end].row->side == w->v[i].row->side &&
               tm_str_eq(w->v[end].advertiser, w->v[i].advertiser)) {
            total += (uint64_t)w->v[end++].total;
        }
        const tm_str_t name = w->v[i].row->names->advertiser;
        for (; i < end; i++) {
            w->v[i].rival_total = (int64_t)total;
            w->v[i].rival_name = name;
        }
    }
    qsort(w->v, w->n, sizeof *w->v, by_place);
}

/* ---- writing ---- */

static void add_cents(tm_buf_t *out, bool known, int64_t cents)
{
    if (known) {
        tm_buf_add_i64(out, cents);
    } else {
        tm_buf_add(out, "null", 4);
    }
}

static void add_name(tm_buf_t *out, tm_str_t name)
{
    if (name.n > 0) {
        tm_json_write_str(name, out);
    } else {
        tm_buf_add(out, "null", 4);
    }
}

static void add_weeks(const writing_t *w, const bool *chosen)
{
    char day[TM_DAY_TEXT];
    bool first = true;
    tm_buf_add_char(w->out, '[');
    for (uint32_t i = 0; i < w->n_weeks; i++) {
        if (chosen != NULL && !chosen[i])
            continue;
        tm_day_format(w->weeks[i], day);
        tm_buf_add(w->out, first ? "\"" : ",\"", first ? 1 : 2);
        tm_buf_add(w->out, day, TM_DAY_TEXT - 1);
        tm_buf_add_char(w->out, '"');
        first = false;
    }
    tm_buf_add_char(w->out, ']');
}

static void add_level(const writing_t *w, const level_t *level)
{
    tm_buf_add_c(w->out, "[");
    for (uint32_t i = 0; i < w->n_weeks; i++) {
        if (i > 0) {
            tm_buf_add_char(w->out, ',');
        }
        add_cents(w->out, level->known[i], level->sum[i]);
    }
    tm_buf_add_char(w->out, ']');
}

static void clear_level(const writing_t *w, level_t *level)
{
    level->total = 0;
    memset(level->sum, 0, w->n_weeks * sizeof *level->sum);
    memset(level->known, 0, w->n_weeks * sizeof *level->known);
    memset(level->disputed, 0, w->n_weeks * sizeof *level->disputed);
}

static const char *const KINDS[] = {"", "side", "advertiser", "market", "medium", "leaf"};

/* "market:for:adv_...:504": the key of a subtotal is its kind and what it covers. */
static void add_subtotal_key(const writing_t *w, const entry_t *e, int level)
{
    tm_buf_add_c(w->out, KINDS[level]);
    tm_buf_add_char(w->out, ':');
    tm_buf_add_c(w->out, tm_side_words.words[e->row->side]);
    const tm_str_t key = e->row->names->key;
    uint32_t n = 0;
    int colons = 0;
    for (; n < key.n; n++) { /* as many parts of the leaf's key as the level covers */
        if (key.p[n] == ':' && ++colons == level - 1)
            break;
    }
    if (level > TM_LEVEL_SIDE) {
        tm_buf_add_char(w->out, ':');
        tm_buf_add(w->out, key.p, n);
    }
}

static void add_labels(const writing_t *w, const entry_t *e, int level)
{
    tm_buf_t *out = w->out;
    tm_buf_add_c(out, ",\"labels\":{\"side\":\"");
    tm_buf_add_c(out, tm_side_words.words[e->row->side]);
    tm_buf_add_c(out, "\",\"advertiser\":");
    const tm_str_t name = level == TM_LEVEL_LEAF ? e->row->names->advertiser : e->rival_name;
    add_name(out, level >= TM_LEVEL_ADVERTISER ? name : (tm_str_t){NULL, 0});
    tm_buf_add_c(out, ",\"market\":");
    add_cents(out, level >= TM_LEVEL_MARKET && e->row->market != 0, e->row->market);
    tm_buf_add_c(out, ",\"medium\":");
    add_name(out, level >= TM_LEVEL_MEDIUM ? tm_str(tm_medium_words.words[e->row->medium])
                                           : (tm_str_t){NULL, 0});
    tm_buf_add_c(out, ",\"station\":");
    add_name(out, level >= TM_LEVEL_LEAF ? e->row->names->station : (tm_str_t){NULL, 0});
    tm_buf_add_char(out, '}');
}

static void visit_row(writing_t *w, const entry_t *e, int level, const level_t *sums)
{
    const tm_matrix_visitor_t *visitor = w->visitor;
    if (visitor->row == NULL || w->ended)
        return;
    tm_matrix_row_t row = {.level = level,
                           .side = -1,
                           .medium = -1,
                           .total = sums->total,
                           .cents = sums->sum,
                           .known = sums->known,
                           .disputed = sums->disputed};
    if (level >= TM_LEVEL_SIDE) {
        row.side = e->row->side;
    }
    if (level >= TM_LEVEL_ADVERTISER) {
        row.advertiser = level == TM_LEVEL_LEAF ? e->row->names->advertiser : e->rival_name;
    }
    if (level >= TM_LEVEL_MARKET) {
        row.market = e->row->market;
    }
    if (level >= TM_LEVEL_MEDIUM) {
        row.medium = e->row->medium;
    }
    if (level >= TM_LEVEL_LEAF) {
        row.station = e->row->names->station;
    }
    w->ended = !visitor->row(visitor->ctx, &row);
}

static void add_row(writing_t *w, const entry_t *e, int level, const level_t *sums)
{
    if (w->q->group_by != TM_LEVEL_ALL && w->q->group_by != level)
        return;
    if (w->visitor != NULL) {
        visit_row(w, e, level, sums);
        return;
    }
    tm_buf_add_c(w->out, w->first_row ? "{\"key\":\"" : ",{\"key\":\"");
    w->first_row = false;
    if (level == TM_LEVEL_LEAF) {
        tm_buf_add_str(w->out, e->row->names->key);
    } else {
        add_subtotal_key(w, e, level);
    }
    tm_buf_add_c(w->out, "\",\"kind\":\"");
    tm_buf_add_c(w->out, KINDS[level]);
    tm_buf_add_char(w->out, '"');
    add_labels(w, e, level);
    tm_buf_add_c(w->out, ",\"total_cents\":");
    tm_buf_add_i64(w->out, sums->total);
    tm_buf_add_c(w->out, ",\"cells\":");
    add_level(w, sums);
    tm_buf_add_c(w->out, ",\"disputed\":");
    add_weeks(w, sums->disputed);
    tm_buf_add_char(w->out, '}');
}

/* The coarsest level at which two neighbours differ; LEAF if only their stations do. */
static int first_difference(const entry_t *a, const entry_t *b)
{
    if (a->row->side != b->row->side)
        return TM_LEVEL_SIDE;
    if (!tm_str_eq(a->advertiser, b->advertiser))
        return TM_LEVEL_ADVERTISER;
    if (a->row->market != b->row->market)
        return TM_LEVEL_MARKET;
    return a->row->medium != b->row->medium ? TM_LEVEL_MEDIUM : TM_LEVEL_LEAF;
}

/* Of a week in view; -1: not shown. */
static int32_t column_of(const writing_t *w, int32_t week)
{
    const int32_t offset = week - w->first_week; /* weeks without anything known may lie outside */
    return offset >= 0 && (uint32_t)(offset / 7) < w->n_spans ? w->column[offset / 7] : -1;
}

/* Puts a leaf's cells into `leaf` and adds them to every coarser level. */
static void add_up(writing_t *w, const tm_mrow_t *row, level_t *leaf)
{
    clear_level(w, leaf);
    for (uint32_t i = 0; i < row->n_cells; i++) {
        const tm_cell_t *cell = &row->cells[i];
        const tm_sums_t *firm = &cell->firm, *soft = tm_mrow_soft(row, cell);
        if (!has_lines(w, firm, soft) || !week_in_view(w, cell->week))
            continue;
        const int32_t column = column_of(w, cell->week);
        if (column < 0)
            continue;
        const bool known = is_known(w, firm, soft);
        const int64_t cents = known ? cents_of(w, firm, soft) : 0;
        const bool disputed = is_disputed(w, firm, soft);
        leaf->total = (int64_t)((uint64_t)leaf->total + (uint64_t)cents);
        leaf->sum[column] = cents;
        leaf->known[column] = known;
        leaf->disputed[column] = disputed;
        for (int level = TOTALS; level < N_LEVELS; level++) {
            level_t *l = &w->levels[level];
            l->total = (int64_t)((uint64_t)l->total + (uint64_t)cents);
            l->sum[column] = (int64_t)((uint64_t)l->sum[column] + (uint64_t)cents);
            l->known[column] |= known;
            l->disputed[column] |= disputed;
        }
    }
}

/* What a line puts into the shown weeks; false: it touches none. */
static bool line_in_view(const writing_t *w, const tm_mline_t *line, tm_matrix_line_t *ret)
{
    tm_unpack_t at;
    tm_share_t s;
    bool touches = false;
    if (!line->firm && w->q->mode != TM_MODE_PROJECTED)
        return false;
    *ret = (tm_matrix_line_t){.id = line->id};
    tm_mline_begin(line, &at);
    for (bool unplaced = line->has_unplaced; tm_mline_next(&at, &s); unplaced = false) {
        if (unplaced || !week_in_view(w, s.week.v) || column_of(w, s.week.v) < 0)
            continue;
        touches = true;
        if (s.known) {
            ret->known = true;
            const int64_t cents = w->q->net ? s.net.v : s.gross.v;
            ret->cents = (int64_t)((uint64_t)ret->cents + (uint64_t)cents);
        }
    }
    return touches;
}

static int by_line(const void *a, const void *b)
{
    const tm_matrix_line_t *x = a, *y = b;
    return (x->id.v > y->id.v) - (x->id.v < y->id.v);
}

static void visit_lines(writing_t *w, const tm_mrow_t *row)
{
    tm_matrix_line_t *lines = tm_alloc((row->n_slots + 1) * sizeof *lines);
    uint32_t n = 0;
    for (uint32_t i = 0; i < row->n_slots; i++) {
        n += line_in_view(w, tm_trie_get(&w->view->lines, row->slots->v[i]), &lines[n]);
    }
    if (n > 0) { /* slots depend on which lines came first */
        qsort(lines, n, sizeof *lines, by_line);
    }
    for (uint32_t i = 0; i < n && !w->ended; i++) {
        w->ended = !w->visitor->line(w->visitor->ctx, &lines[i]);
    }
    tm_free(lines);
}

static void write_rows(writing_t *w, level_t *leaf)
{
    w->first_row = true;
    for (uint32_t i = 0; i < w->n && !w->ended; i++) {
        const entry_t *e = &w->v[i];
        add_up(w, e->row, leaf);
        if (w->visitor != NULL && w->visitor->line != NULL) {
            visit_lines(w, e->row);
        }
        add_row(w, e, TM_LEVEL_LEAF, leaf);
        const int from = i + 1 < w->n ? first_difference(e, &w->v[i + 1]) : TM_LEVEL_SIDE;
        for (int level = TM_LEVEL_MEDIUM; level >= from; level--) {
            add_row(w, e, level, &w->levels[level]);
            clear_level(w, &w->levels[level]);
        }
    }
}

/* One piece of memory for all levels and the leaf. */
static level_t make_levels(writing_t *w)
{
    const size_t one = (size_t)w->n_weeks * (sizeof(int64_t) + 2 * sizeof(bool)) + 16;
    char *p = w->memory = tm_zalloc((N_LEVELS + 1) * ((one + 15) & ~(size_t)15));
    level_t leaf = {0};
    for (int i = 0; i <= N_LEVELS; i++) {
        level_t *l = i < N_LEVELS ? &w->levels[i] : &leaf;
        l->sum = (void *)p;
        l->known = (bool *)(p + w->n_weeks * sizeof(int64_t));
        l->disputed = l->known + w->n_weeks;
        p += (one + 15) & ~(size_t)15;
    }
    return leaf;
}

static const char *const MODES[] = {"booked", "projected", "future_only", "next_week"};

/* Everything up to the first row; end_writing undoes it. */
static level_t begin_writing(writing_t *w)
{
    TM_CHECK(w->view, TM_MATRIX_VIEW_MAGIC);
    assert(w->q->group_by <= TM_LEVEL_LEAF);
    w->this_week = tm_week_of(w->q->today, w->view->week_basis).v;
    int32_t lo = INT32_MAX, hi = INT32_MIN;
    select_rows(w, &lo, &hi);
    find_columns(w, lo, hi);
    sort_rows(w);
    return make_levels(w);
}

static void end_writing(writing_t *w)
{
    tm_free(w->memory);
    tm_free(w->weeks);
    tm_free(w->column);
    tm_free(w->v);
}

/* What of the money paid out has no week counts where no week is left out. */
static bool asks_all_days(const tm_matrix_query_t *q)
{
    return q->from.v == 0 && q->to.v == 0 &&
           (q->mode == TM_MODE_BOOKED || q->mode == TM_MODE_PROJECTED);
}

bool tm_matrix_disbursed(const tm_matrix_view_t *view, const tm_matrix_query_t *query,
                         tm_cents_t *ret)
{
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    *ret = (tm_cents_t){0};
    if (view->paid == NULL)
        return false;
    writing_t w = {.view = view->paid, .q = query};
    w.this_week = tm_week_of(query->today, view->week_basis).v;
    int32_t lo = INT32_MAX, hi = INT32_MIN;
    select_rows(&w, &lo, &hi);
    bool known = lo <= hi; /* some week is */
    uint64_t sum = 0;
    for (uint32_t i = 0; i < w.n; i++) {
        sum += (uint64_t)w.v[i].total;
        known |= asks_all_days(query) &&
                 is_known(&w, &w.v[i].row->unplaced_firm, &w.v[i].row->unplaced_soft);
    }
    sum += asks_all_days(query) ? (uint64_t)w.unplaced : 0;
    end_writing(&w);
    ret->v = (int64_t)sum;
    return known;
}

void tm_matrix_write(const tm_matrix_view_t *view, const tm_matrix_query_t *query, tm_buf_t *out)
{
    writing_t w = {.view = view, .q = query, .out = out};
    level_t leaf = begin_writing(&w);

    tm_buf_add_c(out, query->net ? "\"basis\":\"net\"" : "\"basis\":\"gross\"");
    tm_buf_add_c(out, ",\"week_basis\":\"");
    tm_buf_add_c(out, tm_week_basis_words.words[view->week_basis]);
    tm_buf_add_c(out, "\",\"week_mode\":\"");
    tm_buf_add_c(out, MODES[query->mode]);
    tm_buf_add_c(out, "\",\"weeks\":");
    add_weeks(&w, NULL);
    tm_buf_add_c(out, ",\"rows\":[");
    write_rows(&w, &leaf);
    tm_buf_add_c(out, "],\"totals\":{\"cells\":");
    add_level(&w, &w.levels[TOTALS]);
    tm_buf_add_c(out, ",\"total_cents\":");
    tm_buf_add_i64(out, w.levels[TOTALS].total);
    tm_buf_add_c(out, ",\"unplaced_cents\":");
    tm_buf_add_i64(out, w.unplaced);
    tm_cents_t paid;
    const bool known = tm_matrix_disbursed(view, query, &paid);
    tm_buf_add_c(out, ",\"disbursement_cents\":");
    add_cents(out, known, paid.v);
    tm_buf_add_c(out, "}}");
    end_writing(&w);
}

/* ---- rows for others ---- */

const char *tm_matrix_kind(int level)
{
    assert(level >= TM_LEVEL_ALL && level <= TM_LEVEL_LEAF);
    return level == TM_LEVEL_ALL ? "total" : KINDS[level];
}

const char *tm_matrix_mode(tm_week_mode_t mode)
{
    assert((size_t)mode < TM_COUNT(MODES));
    return MODES[mode];
}

int tm_matrix_week_basis(const tm_matrix_view_t *view)
{
    TM_CHECK(view, TM_MATRIX_VIEW_MAGIC);
    return view->week_basis;
}

bool tm_matrix_walk(const tm_matrix_view_t *view, const tm_matrix_query_t *query,
                    const tm_matrix_visitor_t *visitor)
{
    writing_t w = {.view = view, .q = query, .visitor = visitor};
    level_t leaf = begin_writing(&w);
    const tm_matrix_columns_t columns = {w.weeks, w.n_weeks, w.unplaced};
    w.ended = visitor->columns != NULL && !visitor->columns(visitor->ctx, &columns);
    write_rows(&w, &leaf);
    if (!w.ended) {
        visit_row(&w, NULL, TM_LEVEL_ALL, &w.levels[TOTALS]);
    }
    end_writing(&w);
    return !w.ended;
}
