/* test_matrix_row.c - the sums of a row's cells, soft lines beside firm ones, copies. */
#include "domain/matrix_row.h"
#include "with_lines.h"

#define FIRST 20710
#define WEEKS 12
#define LINES 30

static tm_totals_t totals;

static tm_mrow_t *row_new(void)
{
    const tm_str_t none = {NULL, 0};
    totals = (tm_totals_t){0};
    return tm_mrow_new(tm_names_new(TM_STR("adv_1:504:broadcast:sta_1"), 5, none, none), 1);
}

static tm_mline_t *line_over(bool firm, uint32_t first, uint32_t n, int64_t gross)
{
    tm_share_t shares[WEEKS];
    for (uint32_t i = 0; i < n; i++) {
        shares[i] = (tm_share_t){.week = {FIRST + 7 * (int32_t)(first + i)},
                                 .known = true,
                                 .gross = {gross},
                                 .net = {gross / 2},
                                 .low = {gross - 1},
                                 .high = {gross + 1},
                                 .has_high = firm,
                                 .spots = 2};
    }
    tm_mline_t *line = tm_mline_new(shares, n, NULL);
    line->firm = firm;
    line->disputed = !firm;
    return line;
}

static const tm_cell_t *cell_of(const tm_mrow_t *row, uint32_t week)
{
    return tm_mrow_cell(row, FIRST + 7 * (int32_t)week);
}

static int64_t soft_gross(const tm_mrow_t *row, uint32_t week)
{
    const tm_cell_t *cell = cell_of(row, week);
    return cell == NULL ? -1 : tm_mrow_soft(row, cell)->gross;
}

/* As with every delta. */
static void settle(tm_mrow_t *row)
{
    for (uint32_t i = 0; i < row->n_cells; i++) {
        row->cells[i].dirty = row->cells[i].stale = false;
    }
    tm_mrow_purge(row);
}

/* Takes the line out, and frees it. */
static void leaves(tm_mrow_t *row, tm_mline_t *line)
{
    (void)tm_mrow_apply(row, line, -1, NULL, &totals);
    tm_shared_unref(line);
}

static tm_mline_t *comes(tm_mrow_t *row, bool firm, uint32_t first, uint32_t n, int64_t gross)
{
    tm_mline_t *line = line_over(firm, first, n, gross);
    assert_int_equal(tm_mrow_apply(row, line, 1, NULL, &totals), firm);
    return line;
}

static void row__firm_lines_alone_need_no_soft_sums(void **state)
{
    (void)state;
    assert_int_equal(sizeof(tm_cell_t), 80);
    tm_mrow_t *row = row_new();
    tm_mline_t *line = comes(row, true, 0, 3, 100);
    assert_null(row->soft);
    assert_int_equal(soft_gross(row, 1), 0);
    assert_int_equal(tm_mrow_soft(row, &row->cells[2])->n_lines, 0);
    tm_mrow_t *copy = tm_mrow_copy(row, 2);
    assert_null(copy->soft);
    leaves(copy, line);
    settle(copy);
    assert_int_equal(copy->n_cells, 0);
    assert_int_equal(row->n_cells, 3);
    tm_shared_unref(copy);
    tm_shared_unref(row);
}

static void row__soft_lines_come_late_and_leave(void **state)
{
    (void)state;
    tm_mrow_t *row = row_new();
    tm_mline_t *firm = comes(row, true, 2, 3, 100);
    tm_mline_t *soft = comes(row, false, 1, 3, 7);
    tm_mline_t *early = comes(row, true, 0, 6, 1000); /* cells before, between and behind */
    assert_int_equal(row->n_cells, 6);
    static const int64_t want[] = {0, 7, 7, 7, 0, 0};
    for (uint32_t i = 0; i < TM_COUNT(want); i++) {
        assert_int_equal(soft_gross(row, i), want[i]);
    }
    assert_int_equal(cell_of(row, 2)->firm.gross, 1100);
    assert_int_equal(tm_mrow_soft(row, cell_of(row, 3))->n_disputed, 1);
    assert_int_equal(cell_of(row, 3)->firm.n_disputed, 0);
    tm_mrow_t *copy = tm_mrow_copy(row, 2);
    leaves(copy, soft);
    assert_int_equal(soft_gross(copy, 2), 0);
    assert_int_equal(soft_gross(row, 2), 7); /* a view may still hold it */
    tm_mrow_t *lean = tm_mrow_copy(copy, 3);
    assert_null(lean->soft);
    soft = comes(lean, false, 5, 2, 9);
    assert_int_equal(soft_gross(lean, 5), 9);
    assert_int_equal(soft_gross(lean, 6), 9);
    assert_int_equal(soft_gross(lean, 0), 0);
    leaves(lean, soft);
    assert_null(cell_of(lean, 6)); /* nobody was told of it */
    leaves(lean, early);
    leaves(lean, firm);
    assert_int_equal(totals.gross, 0);
    tm_shared_unref(lean);
    tm_shared_unref(copy);
    tm_shared_unref(row);
}

static void row__cells_go_and_soft_sums_stay_in_step(void **state)
{
    (void)state;
    tm_mrow_t *row = row_new();
    tm_mline_t *first = comes(row, false, 0, 2, 3), *last = comes(row, false, 1, 4, 50);
    tm_mline_t *firm = comes(row, true, 2, 1, 100);
    assert_int_equal(row->n_cells, 5);
    leaves(row, first); /* cell 0 goes at once */
    assert_null(cell_of(row, 0));
    assert_int_equal(soft_gross(row, 1), 50);
    assert_int_equal(soft_gross(row, 4), 50);
    first = comes(row, false, 4, 3, 3);
    leaves(row, last); /* 1 and 3 go; 2 stays, dirty */
    assert_int_equal(soft_gross(row, 2), 0);
    assert_int_equal(soft_gross(row, 4), 3);
    leaves(row, firm);
    assert_int_equal(row->n_cells, 4);
    settle(row); /* 2 goes */
    assert_int_equal(row->n_cells, 3);
    for (uint32_t i = 4; i < 7; i++) {
        assert_int_equal(soft_gross(row, i), 3);
    }
    leaves(row, first);
    assert_int_equal(row->n_cells, 0);
    tm_mrow_t *copy = tm_mrow_copy(row, 2);
    assert_null(copy->soft);
    first = comes(copy, false, 3, 1, 8);
    assert_int_equal(soft_gross(copy, 3), 8);
    leaves(copy, first);
    tm_shared_unref(copy);
    tm_shared_unref(row);
}

/* ---- against sums made anew ---- */

typedef struct plain {
    tm_mline_t *line; /* NULL: not in */
    uint32_t first, n;
    int64_t gross;
} plain_t;

static void same_sums(const tm_sums_t *got, const plain_t *lines, bool firm, uint32_t week)
{
    tm_sums_t want = {0};
    for (uint32_t i = 0; i < LINES; i++) {
        const plain_t *p = &lines[i];
        if (p->line == NULL || p->line->firm != firm || week < p->first || week >= p->first + p->n)
            continue;
        want.gross += p->gross;
        want.net += p->gross / 2;
        want.low += p->gross - 1;
        want.high += p->gross + 1;
        want.spots += 2;
        want.n_lines++;
        want.n_known++;
        want.n_open += !firm;
        want.n_disputed += !firm;
    }
    assert_memory_equal(got, &want, sizeof want);
}

/* A dirty cell may have no lines any more; all others have some. */
static void is_right(const tm_mrow_t *row, const plain_t *lines)
{
    static const tm_sums_t none;
    uint32_t n = 0;
    for (uint32_t week = 0; week < WEEKS; week++) {
        const tm_cell_t *cell = cell_of(row, week);
        same_sums(cell == NULL ? &none : &cell->firm, lines, true, week);
        same_sums(cell == NULL ? &none : tm_mrow_soft(row, cell), lines, false, week);
        n += cell != NULL;
        assert_true(cell == NULL || cell->dirty || cell->firm.n_lines > 0 ||
                    tm_mrow_soft(row, cell)->n_lines > 0);
    }
    assert_int_equal(row->n_cells, n);
}

static tm_mrow_t *in_place_of(tm_mrow_t *row, const plain_t *lines)
{
    tm_mrow_t *copy = tm_mrow_copy(row, row->generation + 1);
    bool any_soft = false;
    for (uint32_t i = 0; i < LINES; i++) {
        any_soft |= lines[i].line != NULL && !lines[i].line->firm;
    }
    assert_int_equal(copy->soft != NULL, any_soft);
    is_right(copy, lines);
    tm_shared_unref(row);
    return copy;
}

static void row__random_lines_give_the_sums_of_those_that_are_in(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int round = 0; round < 60; round++) {
        plain_t lines[LINES] = {0};
        tm_mrow_t *row = row_new();
        const uint32_t soft_of_10 = below(&seed, 11);
        for (int step = 0; step < 200; step++) {
            plain_t *p = &lines[below(&seed, LINES)];
            if (p->line != NULL) {
                leaves(row, p->line);
                p->line = NULL;
            } else {
                *p = (plain_t){.first = below(&seed, WEEKS), .gross = below(&seed, 100000)};
                p->n = 1 + below(&seed, WEEKS - p->first);
                p->line = comes(row, below(&seed, 10) >= soft_of_10, p->first, p->n, p->gross);
            }
            is_right(row, lines);
            if (below(&seed, 4) == 0) {
                settle(row);
            }
            if (below(&seed, 4) == 0) {
                row = in_place_of(row, lines);
            }
        }
        for (uint32_t i = 0; i < LINES; i++) {
            if (lines[i].line != NULL) {
                leaves(row, lines[i].line);
            }
        }
        assert_int_equal(totals.gross, 0);
        assert_int_equal(totals.net, 0);
        tm_shared_unref(row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row__firm_lines_alone_need_no_soft_sums),
        cmocka_unit_test(row__soft_lines_come_late_and_leave),
        cmocka_unit_test(row__cells_go_and_soft_sums_stay_in_step),
        cmocka_unit_test(row__random_lines_give_the_sums_of_those_that_are_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
