/* test_reconcile.c - two lists of buys side by side: which rows are one, what differs, who lacks
 * what. */
#include "domain/reconcile.h"
#include "schema/record.h"
#include "with_lines.h"

static tm_arena_t *arena;
static tm_reconcile_result_t result;

static int setup(void **state)
{
    (void)state;
    arena = tm_arena_new(1u << 30);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tm_arena_free(arena);
    return 0;
}

typedef struct given {
    const char *advertiser, *station, *from, *to, *number;
    int64_t gross;
} given_t;

static tm_buy_line_t *given_line(const given_t *g, uint32_t id)
{
    tm_buy_line_t *line = tm_arena_zalloc(arena, sizeof *line);
    if (id > 0) {
        SET(line, BUY_LINE, id, tm_id_make(1024, id));
        SET(line, BUY_LINE, advertiser_id, ((tm_id_t){(uint64_t)g->advertiser[0]}));
    } else {
        static int32_t row; /* tests only: each row of a list has another number */
        SET(line, BUY_LINE, row, ++row);
    }
    SET(line, BUY_LINE, advertiser, tm_str(g->advertiser));
    if (g->station[0] != '5') {
        SET(line, BUY_LINE, station, tm_str(g->station));
        SET(line, BUY_LINE, market, 501);
    } else {
        SET(line, BUY_LINE, market, (int32_t)strtol(g->station, NULL, 10));
    }
    SET(line, BUY_LINE, medium, (tm_enum_t){TM_MEDIUM_broadcast});
    SET(line, BUY_LINE, flight_from, day(g->from));
    SET(line, BUY_LINE, flight_to, day(g->to));
    SET(line, BUY_LINE, gross_cents, (tm_cents_t){g->gross});
    SET(line, BUY_LINE, source, TM_STR("fcc"));
    if (g->number != NULL) {
        SET(line, BUY_LINE, order_no_norm, tm_str(g->number));
    }
    return line;
}

#define LINES_MAX 16
typedef struct list {
    const tm_buy_line_t *v[LINES_MAX];
    uint32_t n;
} list_t;

static void add(list_t *list, bool ours, given_t g)
{
    assert_true(list->n < LINES_MAX);
    list->v[list->n] = given_line(&g, ours ? list->n + 1 : 0);
    list->n++;
}

static void run(const list_t *ours, const list_t *theirs)
{
    assert_int_equal(tm_reconcile_lists(ours->v, ours->n, theirs->v, theirs->n, arena, &result),
                     TM_OK);
    uint32_t n = 0;
    for (int i = 0; i < TM_RECONCILED_WORDS_N; i++) {
        n += (uint32_t)result.counts[i];
    }
    assert_int_equal(n, result.n);
    for (uint32_t i = 0; i < result.n; i++) {
        assert_int_equal(tm_record_validate(&tm_reconciled_row_desc, &result.rows[i], NULL), TM_OK);
    }
}

static void counts_are(int equal, int differs, int here, int there)
{
    assert_int_equal(result.counts[TM_RECONCILED_equal], equal);
    assert_int_equal(result.counts[TM_RECONCILED_differs], differs);
    assert_int_equal(result.counts[TM_RECONCILED_missing_here], here);
    assert_int_equal(result.counts[TM_RECONCILED_missing_there], there);
}

static void text_has(uint32_t i, const char *part)
{
    const tm_str_t text = result.rows[i].text;
    if (memmem(text.p, text.n, part, strlen(part)) == NULL)
        fail_msg("%.*s: no %s", (int)text.n, text.p, part);
}

static void lists__the_four_results(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", NULL, 100000});
    add(&ours, true, (given_t){"Ann", "WBBB", "2026-10-12", "2026-10-18", NULL, 2000000});
    add(&ours, true, (given_t){"Ann", "WCCC", "2026-10-12", "2026-10-18", NULL, 300});
    add(&theirs, false, (given_t){"ANN", "WAAA-TV", "2026-10-12", "2026-10-18", NULL, 100000});
    add(&theirs, false, (given_t){"Ann", "WBBB", "2026-10-12", "2026-10-20", NULL, 2100050});
    add(&theirs, false, (given_t){"Bob", "WAAA", "2026-10-12", "2026-10-18", NULL, 7});
    run(&ours, &theirs);
    counts_are(1, 1, 1, 1);
    assert_int_equal(result.rows[0].result.v, TM_RECONCILED_missing_here); /* worst first */
    assert_int_equal(result.rows[1].result.v, TM_RECONCILED_missing_there);
    assert_int_equal(result.rows[1].buy_line_id.v, ours.v[2]->id.v);
    assert_int_equal(result.rows[2].result.v, TM_RECONCILED_differs);
    text_has(2, "gross $20,000.00 here, $21,000.50 there ($1,000.50 more there)");
    text_has(2, "flight 2026-10-12 to 2026-10-18 here, 2026-10-12 to 2026-10-20 there");
    assert_int_equal(result.rows[2].ours_cents.v, 2000000);
    assert_int_equal(result.rows[2].theirs_cents.v, 2100050);
    assert_int_equal(result.rows[3].result.v, TM_RECONCILED_equal);
    assert_false(TM_HAS(&result.rows[3], TM_RECONCILED_ROW_text));
    const tm_reconcile_result_t first = result;
    run(&ours, &theirs); /* the same two lists give the same rows */
    for (uint32_t i = 0; i < first.n; i++) {
        assert_true(tm_record_equal(&tm_reconciled_row_desc, &first.rows[i], &result.rows[i]));
    }
}

static void lists__a_number_is_surer_than_an_amount(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", "387130", 100000});
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", "387131", 200000});
    add(&theirs, false, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", NULL, 100000});
    add(&theirs, false, (given_t){"Ann LLC", "WAAA", "2026-10-12", "2026-10-18", "387130", 200000});
    run(&ours, &theirs);
    counts_are(0, 2, 0, 0);
    for (uint32_t i = 0; i < 2; i++) {
        const bool first = result.rows[i].row == theirs.v[0]->row;
        assert_int_equal(result.rows[i].buy_line_id.v, ours.v[first ? 1 : 0]->id.v);
    }
}

static void lists__external_ids_of_the_same_source(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", NULL, 100000});
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", NULL, 100000});
    add(&theirs, false, (given_t){"Zoe", "WZZZ", "2026-10-12", "2026-10-18", NULL, 100000});
    tm_buy_line_t *a = (tm_buy_line_t *)(uintptr_t)ours.v[1],
                  *b = (tm_buy_line_t *)(uintptr_t)theirs.v[0];
    SET(a, BUY_LINE, external_id, TM_STR("V-7"));
    SET(b, BUY_LINE, external_id, TM_STR("V-7"));
    run(&ours, &theirs);
    counts_are(1, 0, 0, 1); /* the other is of a market the list covers */
    assert_int_equal(result.rows[1].buy_line_id.v, a->id.v);
    SET(b, BUY_LINE, source, TM_STR("adimpact"));
    run(&ours, &theirs);
    assert_int_equal(result.counts[TM_RECONCILED_missing_here], 1);
}

static void lists__closest_amount_and_common_days(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", NULL, 500});
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", NULL, 990});
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-11-02", "2026-11-08", NULL, 1000});
    add(&theirs, false, (given_t){"Ann", "WAAA", "2026-10-20", "2026-10-30", NULL, 1000});
    run(&ours, &theirs);
    counts_are(0, 1, 0, 1); /* November lies outside the list's days */
    assert_int_equal(result.rows[1].buy_line_id.v, ours.v[1]->id.v);
    assert_int_equal(result.rows[0].buy_line_id.v, ours.v[0]->id.v);
}

static void lists__scope(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "502", "2026-10-12", "2026-10-18", NULL, 1}); /* advertiser */
    add(&ours, true, (given_t){"Zoe", "501", "2026-10-12", "2026-10-18", NULL, 2}); /* market */
    add(&ours, true, (given_t){"Zoe", "503", "2026-10-12", "2026-10-18", NULL, 3}); /* neither */
    add(&ours, true, (given_t){"Ann", "501", "2026-12-01", "2026-12-02", NULL, 4}); /* later */
    add(&ours, true, (given_t){"Ann", "501", "2026-10-12", "2026-10-18", NULL, 5}); /* proposed */
    tm_buy_line_t *soft = (tm_buy_line_t *)(uintptr_t)ours.v[4];
    SET(soft, BUY_LINE, stage, (tm_enum_t){TM_STAGE_proposed});
    add(&theirs, false, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", NULL, 1000});
    run(&ours, &theirs);
    counts_are(0, 0, 1, 2);
    assert_int_equal(result.rows[1].ours_cents.v + result.rows[2].ours_cents.v, 3);
}

static void lists__papers_of_one_order(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", "387130", 2000});
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-18", "387130", 900});
    add(&theirs, false, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", "387130", 2000});
    run(&ours, &theirs);
    counts_are(1, 0, 0, 0);
}

static void lists__net_and_no_basis(void **state)
{
    (void)state;
    list_t ours = {0}, theirs = {0};
    add(&ours, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", NULL, 1000000});
    tm_buy_line_t *a = (tm_buy_line_t *)(uintptr_t)ours.v[0];
    SET(a, BUY_LINE, net_cents, (tm_cents_t){800000}); /* another commission than the list's 15 % */
    add(&theirs, false, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", NULL, 941176});
    tm_buy_line_t *b = (tm_buy_line_t *)(uintptr_t)theirs.v[0];
    SET(b, BUY_LINE, net_cents, (tm_cents_t){800000});
    SET(b, BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_net});
    run(&ours, &theirs);
    counts_are(1, 0, 0, 0);
    SET(b, BUY_LINE, gross_cents, (tm_cents_t){800000});
    SET(b, BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    run(&ours, &theirs);
    counts_are(1, 0, 0, 0);
    SET(b, BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    run(&ours, &theirs);
    counts_are(0, 1, 0, 0);
    SET(a, BUY_LINE, stage, (tm_enum_t){TM_STAGE_cancelled});
    run(&ours, &theirs);
    text_has(0, "gross $0.00 here (cancelled), $8,000.00 there");
}

static void lists__empty(void **state)
{
    (void)state;
    list_t none = {0}, one = {0};
    add(&one, true, (given_t){"Ann", "WAAA", "2026-10-12", "2026-10-25", NULL, 1});
    run(&none, &none);
    counts_are(0, 0, 0, 0);
    run(&one, &none);
    counts_are(0, 0, 0, 0); /* an empty list covers nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists__the_four_results),
        cmocka_unit_test(lists__a_number_is_surer_than_an_amount),
        cmocka_unit_test(lists__external_ids_of_the_same_source),
        cmocka_unit_test(lists__closest_amount_and_common_days),
        cmocka_unit_test(lists__scope),
        cmocka_unit_test(lists__papers_of_one_order),
        cmocka_unit_test(lists__net_and_no_basis),
        cmocka_unit_test(lists__empty),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
