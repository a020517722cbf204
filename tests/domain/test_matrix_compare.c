/* test_matrix_compare.c - what lies between two pictures of a matrix: changed cells, sums, and what
 * is not known. */
#include "domain/matrix_compare.h"
#include "with_lines.h"

static tm_matrix_t *m;

static int setup(void **state)
{
    (void)state;
    m = tm_matrix_new(TM_WEEK_BASIS_broadcast);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tm_matrix_free(m);
    return 0;
}

/* cents < 0: an amount nobody knows. */
static void put(uint32_t line, uint32_t advertiser, int32_t market, const char *week, int64_t cents)
{
    static const char *const names[] = {"", "Ann", "Bo", "Cy", "Di"};
    const tm_row_key_t key = {.advertiser_id = tm_id_make(1, advertiser),
                              .station_id = tm_id_make(1, 10),
                              .market = market,
                              .side = advertiser == 1 ? TM_SIDE_for : TM_SIDE_against,
                              .advertiser = tm_str(names[advertiser]),
                              .station = TM_STR("WAAA")};
    const tm_share_t share = {
        .week = day(week), .known = cents >= 0, .gross = {cents < 0 ? 0 : cents}};
    tm_matrix_set_line(m, tm_id_make(7, line), &key, &share, 1, NULL, true, false, TM_STAGE_ordered,
                       1);
}

static void take_out(uint32_t line)
{
    const tm_row_key_t none = {0};
    tm_matrix_set_line(m, tm_id_make(7, line), &none, NULL, 0, NULL, true, false, TM_STAGE_ordered,
                       1);
}

/* "had has before after difference", x where nothing is known. */
static const char *sum_text(const tm_compared_sum_t *sum, char text[80])
{
    char before[24] = "x", after[24] = "x";
    if (sum->had)
        (void)snprintf(before, sizeof before, "%lld", (long long)sum->before);
    if (sum->has)
        (void)snprintf(after, sizeof after, "%lld", (long long)sum->after);
    (void)snprintf(text, 80, "%s %s %lld", before, after, (long long)tm_compared_difference(sum));
    return text;
}

static void compare__tells_what_changed(void **state)
{
    (void)state;
    char text[80];
    put(1, 1, 504, "2026-10-12", 100); /* stays */
    put(2, 2, 504, "2026-10-12", 200); /* grows */
    put(3, 2, 535, "2026-10-19", 300); /* goes */
    put(4, 3, 0, "2026-10-12", -1);    /* becomes known */
    tm_matrix_view_t *before = tm_matrix_view(m);
    put(2, 2, 504, "2026-10-12", 250);
    take_out(3);
    put(4, 3, 0, "2026-10-12", 0);
    put(5, 4, 504, "2026-10-26", 40); /* is new */
    put(6, 4, 501, "2026-10-26", -1); /* nothing is known of it */
    tm_matrix_view_t *after = tm_matrix_view(m);
    tm_comparison_t c;
    tm_matrix_compare(before, after, &c);
    assert_string_equal(sum_text(&c.total, text), "600 390 -210");
    static const struct {
        const char *name, *sum;
        int32_t market;
    } cells[] = {
        {"Bo", "200 250 50", 504},
        {"Bo", "300 x -300", 535},
        {"Cy", "x 0 0", 0},
        {"Di", "x 40 40", 504},
    };
    assert_int_equal(c.n_cells, TM_COUNT(cells));
    for (uint32_t i = 0; i < c.n_cells; i++) {
        assert_true(tm_str_eq(c.cells[i].advertiser, tm_str(cells[i].name)));
        assert_int_equal(c.cells[i].market, cells[i].market);
        assert_string_equal(sum_text(&c.cells[i].sum, text), cells[i].sum);
    }
    static const char *const advertisers[] = {"100 100 0", "500 250 -250", "x 40 40", "x 0 0"};
    assert_int_equal(c.n_advertisers, TM_COUNT(advertisers));
    for (uint32_t i = 0; i < c.n_advertisers; i++) {
        assert_string_equal(sum_text(&c.advertisers[i].sum, text), advertisers[i]);
    }
    assert_int_equal(c.advertisers[0].side, TM_SIDE_for);
    assert_int_equal(c.n_markets, 3); /* 504, 535, unknown; nothing is known of 501 */
    assert_string_equal(sum_text(&c.markets[0].sum, text), "300 390 90");
    assert_string_equal(sum_text(&c.markets[1].sum, text), "300 x -300");
    assert_int_equal(c.markets[2].market, 0);
    assert_string_equal(sum_text(&c.markets[2].sum, text), "x 0 0");
    tm_comparison_done(&c);
    tm_matrix_compare(after, after, &c);
    assert_int_equal(c.n_cells, 0);
    assert_string_equal(sum_text(&c.total, text), "390 390 0");
    tm_comparison_done(&c);
    tm_matrix_view_unref(before);
    tm_matrix_view_unref(after);
}

static void compare__with_nothing(void **state)
{
    (void)state;
    char text[80];
    tm_matrix_view_t *empty = tm_matrix_view(m);
    tm_comparison_t c;
    tm_matrix_compare(NULL, empty, &c);
    assert_string_equal(sum_text(&c.total, text), "x x 0");
    assert_int_equal(c.n_cells + c.n_advertisers + c.n_markets, 0);
    tm_comparison_done(&c);
    put(1, 1, 504, "2026-10-12", 0);
    tm_matrix_view_t *zero = tm_matrix_view(m);
    tm_matrix_compare(NULL, zero, &c);
    assert_string_equal(sum_text(&c.total, text), "x 0 0"); /* known to be nothing */
    assert_int_equal(c.n_cells, 1);
    tm_comparison_done(&c);
    tm_matrix_compare(zero, empty, &c);
    assert_string_equal(sum_text(&c.total, text), "0 x 0");
    tm_comparison_done(&c);
    tm_matrix_view_unref(zero);
    tm_matrix_view_unref(empty);
}

/* Differences of cells, advertisers and markets each add up to that of the totals, which are the
 * matrix's own; the same content gives the same list whatever came first. */
static void compare__adds_up(void **state)
{
    (void)state;
    static const char *const weeks[] = {"2026-10-12", "2026-10-19", "2026-10-26"};
    static const int32_t markets[] = {0, 504, 535};
    uint64_t seed = 5;
    tm_matrix_view_t *before = tm_matrix_view(m);
    for (int round = 0; round < 200; round++) {
        for (uint32_t i = below(&seed, 8); i > 0; i--) {
            if (below(&seed, 4) == 0) {
                take_out(1 + below(&seed, 20));
            } else {
                put(1 + below(&seed, 20), 1 + below(&seed, 4), markets[below(&seed, 3)],
                    weeks[below(&seed, 3)], (int64_t)below(&seed, 500) - 50);
            }
        }
        tm_matrix_view_t *after = tm_matrix_view(m);
        tm_comparison_t c;
        tm_matrix_compare(before, after, &c);
        tm_cents_t was, is, net;
        (void)tm_matrix_total(before, &was, &net);
        (void)tm_matrix_total(after, &is, &net);
        assert_int_equal(c.total.before, was.v);
        assert_int_equal(c.total.after, is.v);
        tm_cents_t total = {-1};
        assert_int_equal(tm_matrix_known_total(after, &total), c.total.has);
        assert_int_equal(total.v, c.total.has ? is.v : -1);
        int64_t cells = 0, advertisers = 0, by_market = 0;
        for (uint32_t i = 0; i < c.n_cells; i++) {
            const tm_compared_sum_t *sum = &c.cells[i].sum;
            assert_true(sum->had != sum->has || sum->before != sum->after);
            cells += tm_compared_difference(sum);
        }
        for (uint32_t i = 0; i < c.n_advertisers; i++) {
            advertisers += tm_compared_difference(&c.advertisers[i].sum);
        }
        for (uint32_t i = 0; i < c.n_markets; i++) {
            by_market += tm_compared_difference(&c.markets[i].sum);
        }
        assert_int_equal(cells, is.v - was.v);
        assert_int_equal(advertisers, is.v - was.v);
        assert_int_equal(by_market, is.v - was.v);
        tm_comparison_done(&c);
        tm_matrix_view_unref(before);
        before = after;
    }
    tm_matrix_view_unref(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(compare__tells_what_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(compare__with_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(compare__adds_up, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
