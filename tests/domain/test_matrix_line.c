/* test_matrix_line.c - shares come out of a packed line as they went in, and it is small. */
#include "domain/matrix_line.h"
#include "with_lines.h"

#define SHARES_MAX 40

static tm_mline_t *pack(const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced)
{
    tm_mline_t *line = tm_mline_new(shares, n, unplaced);
    assert_int_equal(line->n_shares, n);
    assert_int_equal(line->has_unplaced, unplaced != NULL);
    return line;
}

/* What is left of a share: unknown ones have no amounts, the unplaced one no week. */
static void is_share(const tm_share_t *got, const tm_share_t *want, bool unplaced)
{
    assert_true(unplaced || got->week.v == want->week.v);
    assert_int_equal(got->known, want->known);
    assert_int_equal(got->has_high, want->has_high);
    assert_int_equal(got->spots, want->spots);
    assert_true(got->gross.v == (want->known ? want->gross.v : 0));
    assert_true(got->net.v == (want->known ? want->net.v : 0));
    assert_true(got->low.v == (want->known ? want->low.v : 0));
    assert_true(got->high.v == (want->known ? want->high.v : 0));
}

static void holds(const tm_mline_t *line, const tm_share_t *shares, uint32_t n,
                  const tm_share_t *unplaced)
{
    tm_unpack_t at;
    tm_share_t s;
    tm_mline_begin(line, &at);
    if (unplaced != NULL) {
        assert_true(tm_mline_next(&at, &s));
        is_share(&s, unplaced, true);
    }
    for (uint32_t i = 0; i < n; i++) {
        assert_true(tm_mline_next(&at, &s));
        is_share(&s, &shares[i], false);
    }
    assert_false(tm_mline_next(&at, &s));
    assert_false(tm_mline_next(&at, &s));
    assert_ptr_equal(at.p, at.end);
}

static void comes_back(const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced)
{
    tm_mline_t *line = pack(shares, n, unplaced);
    holds(line, shares, n, unplaced);
    tm_shared_unref(line);
}

static int64_t random_amount(uint64_t *seed, int64_t near)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, 0, -1};
    switch (below(seed, 6)) {
    case 0:
        return edges[below(seed, TM_COUNT(edges))];
    case 1:
        return (int64_t)next_random(seed);
    case 2:
        return -(int64_t)below(seed, 5000000);
    default:
        return (int64_t)((uint64_t)near + below(seed, 3));
    }
}

static int32_t random_spots(uint64_t *seed)
{
    static const int32_t edges[] = {INT32_MIN, INT32_MAX, -1, 64};
    const uint32_t kind = below(seed, 8);
    return kind < 4 ? 0 : kind < 7 ? (int32_t)below(seed, 40) : edges[below(seed, 4)];
}

static tm_share_t random_share(uint64_t *seed, int32_t week, int64_t near)
{
    tm_share_t s = {.week = {week}, .known = below(seed, 5) != 0, .has_high = below(seed, 4) != 0};
    s.spots = random_spots(seed);
    if (!s.known && below(seed, 2) == 0)
        return s;
    s.gross.v = random_amount(seed, near);
    s.net.v = below(seed, 2) == 0 ? s.gross.v : random_amount(seed, near);
    s.low = s.high = s.gross;
    if (below(seed, 3) == 0) {
        s.low.v = below(seed, 4) == 0 ? s.gross.v : random_amount(seed, near);
        s.high.v = below(seed, 4) == 0 ? s.gross.v : random_amount(seed, near);
    }
    return s;
}

static uint32_t random_shares(uint64_t *seed, tm_share_t *shares)
{
    const uint32_t n = below(seed, SHARES_MAX + 1);
    int32_t week = TM_DAY_MIN - 40 + (int32_t)below(seed, 30000);
    const int64_t near = (int64_t)below(seed, 100000000);
    const bool like = below(seed, 3) == 0; /* one run, as of most lines */
    for (uint32_t i = 0; i < n; i++) {
        shares[i] = random_share(seed, week, near);
        if (like && i > 0) {
            shares[i] = shares[0];
            shares[i].week.v = week;
            shares[i].gross.v = (int64_t)((uint64_t)shares[0].gross.v + below(seed, 2));
        }
        week += below(seed, 4) != 0 ? 7 : 1 + (int32_t)below(seed, 100);
    }
    return n;
}

static void line__shares_come_back_as_they_went_in(void **state)
{
    (void)state;
    uint64_t seed = 4711;
    tm_share_t shares[SHARES_MAX];
    for (int round = 0; round < 5000; round++) {
        const uint32_t n = random_shares(&seed, shares);
        const tm_share_t unplaced = random_share(&seed, 0, 1000);
        comes_back(shares, n, n == 0 || below(&seed, 3) == 0 ? &unplaced : NULL);
    }
}

static tm_share_t share(int32_t week, int64_t gross, int64_t net)
{
    return (tm_share_t){.week = {week},
                        .known = true,
                        .gross = {gross},
                        .net = {net},
                        .low = {gross},
                        .high = {gross},
                        .has_high = true};
}

/* The known share before counts, whatever stands between; an unplaced one counts too. */
static void line__unknown_and_unplaced_shares_stand_between(void **state)
{
    (void)state;
    const tm_share_t shares[] = {
        {.week = {21007}, .has_high = true},
        share(21014, 100, 85),
        {.week = {21021}, .spots = 3, .gross = {77}, .net = {78}}, /* not known: no amounts */
        share(21028, INT64_MIN, INT64_MAX),
        share(21042, INT64_MAX, INT64_MIN),
        share(21049, -1, -1),
    };
    const tm_share_t unplaced = {.known = true, .gross = {-700}, .net = {-595}, .high = {1}};
    comes_back(shares, TM_COUNT(shares), &unplaced);
    comes_back(shares, TM_COUNT(shares), NULL);
    comes_back(NULL, 0, &unplaced);
}

static void line__very_long_ones_too(void **state)
{
    (void)state;
    tm_share_t *shares = tm_alloc(UINT16_MAX * sizeof *shares);
    for (int32_t i = 0; i < UINT16_MAX; i++) {
        shares[i] = share(100 + 7 * i, INT64_MAX * (i & 1), INT64_MIN * (i & 1));
        shares[i].low.v = shares[i].net.v;
        shares[i].spots = i;
    }
    comes_back(shares, UINT16_MAX, NULL);
    tm_free(shares);
}

static void line__equal_ones_have_the_same_shares(void **state)
{
    (void)state;
    uint64_t seed = 12;
    tm_share_t shares[SHARES_MAX];
    for (int round = 0; round < 2000; round++) {
        const uint32_t n = random_shares(&seed, shares);
        if (n == 0) {
            continue;
        }
        tm_mline_t *a = pack(shares, n, NULL), *b = pack(shares, n, NULL);
        assert_true(tm_mline_equal(a, b));
        tm_shared_unref(b);
        tm_share_t *s = &shares[below(&seed, n)];
        const uint32_t what = below(&seed, s->known ? 6 : 2);
        switch (what) {
        case 0:
            s->has_high = !s->has_high;
            break;
        case 1:
            s->spots = s->spots == 5 ? 0 : 5;
            break;
        case 5:
            shares[n - 1].week.v++;
            break;
        default: {
            int64_t *amounts[] = {&s->gross.v, &s->net.v, &s->low.v};
            *amounts[what - 2] ^= 1;
        }
        }
        b = pack(shares, n, NULL);
        assert_false(tm_mline_equal(a, b));
        tm_shared_unref(a);
        tm_shared_unref(b);
    }
}

static void line__touches_the_weeks_of_its_shares(void **state)
{
    (void)state;
    const tm_share_t shares[] = {share(21007, 1, 1), share(21014, 1, 1), share(21028, 1, 1)};
    const tm_share_t unplaced = {.known = true, .gross = {5}};
    tm_mline_t *line = pack(shares, TM_COUNT(shares), &unplaced);
    for (int32_t week = 0; week < 21035; week += 7) {
        assert_int_equal(tm_mline_touches(line, week),
                         week == 21007 || week == 21014 || week == 21028);
    }
    tm_shared_unref(line);
}

static size_t size_of(const tm_share_t *shares, uint32_t n)
{
    tm_mline_t *line = pack(shares, n, NULL);
    const size_t bytes = offsetof(tm_mline_t, packed) + line->n_bytes;
    tm_shared_unref(line);
    return bytes;
}

static void line__equal_weeks_cost_a_byte_an_amount(void **state)
{
    (void)state;
    tm_share_t shares[SHARES_MAX];
    for (int32_t i = 0; i < SHARES_MAX; i++) {
        shares[i] = share(20710 + 7 * i, 44390800 + (i & 1), 37732180 - (i & 1));
    }
    for (uint32_t n = 2; n <= SHARES_MAX; n++) {
        assert_int_equal(size_of(shares, n) - size_of(shares, n - 1), 2);
    }
}

/* A buy as stations take them, from whatever weekday: all of it in 80 bytes, a size of the heap. */
static void line__eight_weeks_fit_into_80_bytes(void **state)
{
    (void)state;
    assert_int_equal(offsetof(tm_mline_t, packed), 40);
    tm_arena_t *arena = tm_arena_new(1 << 16);
    tm_buy_line_t line = line_of(1, "2026-09-09", "2026-11-02", 3551271);
    LINE_SET(&line, net_cents, (tm_cents_t){3018580}); /* 85 % */
    for (int i = 0; i < 7; i++) {
        uint32_t n;
        const tm_share_t *shares = shares_of(&line, TM_WEEK_BASIS_broadcast, arena, &n);
        assert_in_range(n, 8, 9);
        assert_in_range(size_of(shares, n), 65, 80);
        comes_back(shares, n, NULL);
        line.flight_from.v++;
        line.flight_to.v++;
    }
    tm_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__shares_come_back_as_they_went_in),
        cmocka_unit_test(line__unknown_and_unplaced_shares_stand_between),
        cmocka_unit_test(line__very_long_ones_too),
        cmocka_unit_test(line__equal_ones_have_the_same_shares),
        cmocka_unit_test(line__touches_the_weeks_of_its_shares),
        cmocka_unit_test(line__equal_weeks_cost_a_byte_an_amount),
        cmocka_unit_test(line__eight_weeks_fit_into_80_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
