/* test_combine.c - parts of one buy become one line, and not a cent changes its week. */
#include "domain/dedupe.h"
#include "schema/record.h"
#include "with_lines.h"

static tm_arena_t *arena;

static int setup(void **state)
{
    (void)state;
    arena = tm_arena_new(1 << 24);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tm_arena_free(arena);
    return 0;
}

static tm_buy_line_t part(uint32_t id, const char *from, const char *to, int64_t cents)
{
    tm_buy_line_t line = line_of(id, from, to, cents);
    LINE_SET(&line, advertiser_id, tm_id_make(3, 1));
    LINE_SET(&line, advertiser, TM_STR("Lake for Senate"));
    LINE_SET(&line, side, (tm_enum_t){TM_SIDE_against});
    LINE_SET(&line, market, 504);
    LINE_SET(&line, medium, (tm_enum_t){TM_MEDIUM_broadcast});
    LINE_SET(&line, source, TM_STR("rep_mail"));
    return line;
}

static tm_buy_line_t combined(const tm_buy_line_t *v, uint32_t n)
{
    const tm_buy_line_t *parts[16];
    assert_true(n <= TM_COUNT(parts));
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = &v[i];
    }
    tm_buy_line_t line;
    tm_why_t why;
    tm_why_clear(&why);
    char text[256];
    if (tm_dedupe_combine(parts, n, arena, &line, &why) != TM_OK)
        fail_msg("%s", tm_why_line(&why, text, sizeof text));
    return line;
}

/* ---- what the sum looks like ---- */

/* Walkthrough 9: early news $3,000, late news $2,000 of one week: $5,000.00, and then one with the
 * order of $5,000.00. */
static void combine__early_and_late_news(void **state)
{
    (void)state;
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-18", 300000),
                         part(2, "2026-10-12", "2026-10-18", 200000)};
    LINE_SET(&v[0], daypart, TM_STR("early news"));
    LINE_SET(&v[1], daypart, TM_STR("late news"));
    const tm_buy_line_t sum = combined(v, 2);
    assert_int_equal(sum.gross_cents.v, 500000);
    assert_int_equal(sum.net_cents.v, 500000);
    assert_int_equal(sum.amount_basis.v, TM_AMOUNT_BASIS_gross);
    assert_false(TM_HAS(&sum, TM_BUY_LINE_daypart));
    assert_false(TM_HAS(&sum, TM_BUY_LINE_order_no));
    assert_false(TM_HAS(&sum, TM_BUY_LINE_id));
    assert_int_equal(sum.flight_from.v, day("2026-10-12").v);
    assert_int_equal(sum.flight_to.v, day("2026-10-18").v);
    assert_int_equal(sum.line_weeks.n, 2);
    uint32_t n;
    const tm_share_t *shares = shares_of(&sum, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_int_equal(n, 1);
    assert_int_equal(shares[0].gross.v, 500000);

    tm_buy_line_t order = part(3, "2026-10-12", "2026-10-18", 500000);
    LINE_SET(&order, source, TM_STR("fcc"));
    LINE_SET(&order, order_no, TM_STR("500200"));
    tm_score_t s;
    assert_int_equal(tm_dedupe_score(&sum, &order, 0, arena, &s), TM_OK);
    assert_int_equal(s.score_x100, 10000);
}

static void combine__takes_names_of_the_first(void **state)
{
    (void)state;
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-18", 300000),
                         part(2, "2026-10-19", "2026-10-25", 200000)};
    LINE_SET(&v[0], agency, TM_STR("Media Partners"));
    LINE_SET(&v[0], length_s, 30);
    LINE_SET(&v[1], length_s, 30);
    LINE_SET(&v[0], product, TM_STR("Lake"));
    LINE_SET(&v[1], product, TM_STR("Lake 2"));
    LINE_SET(&v[0], commission_bp, 0);
    LINE_SET(&v[1], commission_bp, 0);
    LINE_SET(&v[0], spots, 10);
    LINE_SET(&v[1], spots, 7);
    LINE_SET(&v[0], grp_x10, 100);
    LINE_SET(&v[1], grp_x10, 55);
    LINE_SET(&v[1], estimate, true);
    LINE_SET(&v[0], standing, (tm_enum_t){TM_STANDING_winner});
    tm_buy_line_t sum = combined(v, 2);
    assert_true(tm_str_eq(sum.agency, TM_STR("Media Partners")));
    assert_true(tm_str_eq(sum.advertiser, v[0].advertiser));
    assert_int_equal(sum.advertiser_id.v, v[0].advertiser_id.v);
    assert_true(tm_str_eq(sum.station, TM_STR("WAAA")));
    assert_true(tm_str_eq(sum.source, TM_STR("rep_mail")));
    assert_int_equal(sum.market, 504);
    assert_int_equal(sum.length_s, 30);
    assert_false(TM_HAS(&sum, TM_BUY_LINE_product));
    assert_int_equal(sum.commission_bp, 0);
    assert_int_equal(sum.spots, 17);
    assert_int_equal(sum.grp_x10, 155);
    assert_true(sum.estimate);
    assert_false(TM_HAS(&sum, TM_BUY_LINE_standing));
    TM_CLEAR(&v[1], TM_BUY_LINE_commission_bp);
    TM_CLEAR(&v[1], TM_BUY_LINE_spots);
    TM_CLEAR(&v[1], TM_BUY_LINE_grp_x10);
    TM_CLEAR(&v[1], TM_BUY_LINE_estimate);
    sum = combined(v, 2);
    assert_false(TM_HAS(&sum, TM_BUY_LINE_commission_bp));
    assert_false(TM_HAS(&sum, TM_BUY_LINE_spots));
    assert_false(TM_HAS(&sum, TM_BUY_LINE_grp_x10));
    assert_false(sum.estimate);
    assert_int_equal(sum.flight_to.v, day("2026-10-25").v);
}

static void entry_is(const tm_buy_line_t *line, uint32_t i, const char *from, const char *to,
                     int64_t cents)
{
    const tm_line_week_t *w = (const tm_line_week_t *)line->line_weeks.v + i;
    assert_true(i < line->line_weeks.n);
    assert_int_equal(w->from.v, day(from).v);
    assert_int_equal(w->to.v, day(to).v);
    assert_int_equal(w->amount_cents.v, cents);
}

static void combine__weeks_stand_one_behind_the_other(void **state)
{
    (void)state;
    tm_line_week_t w[] = {week_entry("2026-10-12", "2026-10-18", 8500),
                          week_entry("2026-10-19", "2026-10-25", 17000)};
    tm_airing_t a[] = {airing("2026-10-20", 500), airing("2026-10-14", 100),
                       airing("2026-10-20", 250)};
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-25", 30000),
                         part(2, "2026-10-13", "2026-10-26", 1400),
                         part(3, "2026-10-14", "2026-10-20", 851)};
    LINE_SET(&v[0], line_weeks, ((tm_recs_t){w, 2}));
    LINE_SET(&v[0], amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_net}); /* 25,500 net */
    LINE_SET(&v[0], net_cents, (tm_cents_t){25500});
    LINE_SET(&v[2], airings, ((tm_recs_t){a, 3}));
    const tm_buy_line_t sum = combined(v, 3);
    assert_int_equal(sum.gross_cents.v, 32251);
    assert_int_equal(sum.net_cents.v, 25500 + 1400 + 851);
    assert_int_equal(sum.line_weeks.n, 5);
    entry_is(&sum, 0, "2026-10-12", "2026-10-18", 10000);
    entry_is(&sum, 1, "2026-10-19", "2026-10-25", 20000);
    entry_is(&sum, 2, "2026-10-13", "2026-10-26", 1400);
    entry_is(&sum, 3, "2026-10-14", "2026-10-14", 100); /* an entry an air day */
    entry_is(&sum, 4, "2026-10-20", "2026-10-20", 751); /* the last airing takes the odd cent */
}

static void combine__dark_days_stay_dark(void **state)
{
    (void)state;
    tm_span_t dark[] = {{.from = day("2026-09-14"), .to = day("2026-09-20")}};
    tm_buy_line_t v[] = {part(1, "2026-09-01", "2026-09-30", 3000000),
                         part(2, "2026-09-07", "2026-09-13", 70000)};
    put_hiatus(&v[0], dark, 1);
    const tm_buy_line_t sum = combined(v, 2);
    uint32_t n;
    const tm_share_t *s = shares_of(&sum, TM_WEEK_BASIS_broadcast, arena, &n);
    static const int64_t want[] = {782608, 913044 + 70000, 0, 913043, 391305};
    assert_int_equal(n, TM_COUNT(want));
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(s[i].gross.v, want[i]);
    }
}

static void combine__bounds_add_up(void **state)
{
    (void)state;
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-18", 29950),
                         part(2, "2026-10-12", "2026-10-18", 10000)};
    LINE_SET(&v[0], low_cents, (tm_cents_t){10000});
    LINE_SET(&v[0], high_cents, (tm_cents_t){49900});
    tm_buy_line_t sum = combined(v, 2);
    assert_int_equal(sum.low_cents.v, 20000);
    assert_int_equal(sum.high_cents.v, 59900);
    TM_CLEAR(&v[0], TM_BUY_LINE_high_cents); /* open at the top */
    sum = combined(v, 2);
    assert_int_equal(sum.low_cents.v, 20000);
    assert_false(TM_HAS(&sum, TM_BUY_LINE_high_cents));
    TM_CLEAR(&v[0], TM_BUY_LINE_low_cents);
    LINE_SET(&v[0], high_cents, (tm_cents_t){49900}); /* "at most" */
    sum = combined(v, 2);
    assert_int_equal(sum.low_cents.v, 10000);
    assert_int_equal(sum.high_cents.v, 59900);
}

static void combine__spots_keep_their_weeks(void **state)
{
    (void)state;
    tm_line_week_t w[] = {week_entry("2026-10-12", "2026-10-18", 700),
                          week_entry("2026-10-19", "2026-10-25", 300)};
    SET(&w[0], LINE_WEEK, spots, 7);
    SET(&w[1], LINE_WEEK, spots, 3);
    tm_airing_t a[] = {airing("2026-10-13", 100), airing("2026-10-20", 100),
                       airing("2026-10-20", 0)};
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-25", 1000),
                         part(2, "2026-10-12", "2026-10-25", 1000),
                         part(3, "2026-10-12", "2026-10-25", 200)};
    LINE_SET(&v[0], line_weeks, ((tm_recs_t){w, 2}));
    LINE_SET(&v[1], spots, 4);
    LINE_SET(&v[2], airings, ((tm_recs_t){a, 3}));
    TM_CLEAR(&a[2], TM_AIRING_amount_cents);
    const tm_buy_line_t sum = combined(v, 3);
    assert_int_equal(sum.spots, 10 + 4 + 3);
    uint32_t n;
    const tm_share_t *s = shares_of(&sum, TM_WEEK_BASIS_broadcast, arena, &n);
    assert_int_equal(n, 2);
    assert_int_equal(s[0].spots, 7 + 2 + 1);
    assert_int_equal(s[1].spots, 3 + 2 + 2);
}

/* ---- faults ---- */

static void fault_is(const tm_buy_line_t *v, uint32_t n, const char *field, const char *text)
{
    const tm_buy_line_t *parts[4];
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = &v[i];
    }
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t line = {.spots = 77};
    assert_int_equal(tm_dedupe_combine(parts, n, arena, &line, &why), TM_EINVALID);
    assert_int_equal(why.n, 1);
    assert_string_equal(why.faults[0].field, field);
    assert_string_equal(why.faults[0].text, text);
    assert_int_equal(line.spots, 77);
    assert_int_equal(tm_dedupe_combine(parts, n, arena, &line, NULL), TM_EINVALID);
}

static void combine__refuses_what_is_not_one_buy(void **state)
{
    (void)state;
    const tm_buy_line_t good[] = {part(1, "2026-10-12", "2026-10-18", 300000),
                                  part(2, "2026-10-12", "2026-10-18", 200000),
                                  part(3, "2026-10-12", "2026-10-18", 100000)};
    tm_buy_line_t v[3];
#define AGAIN() memcpy(v, good, sizeof good)
    AGAIN();
    LINE_SET(&v[1], advertiser_id, tm_id_make(3, 2));
    fault_is(v, 3, "buy_line_ids[1]", "is of another advertiser than the first");
    AGAIN();
    TM_CLEAR(&v[2], TM_BUY_LINE_advertiser_id);
    LINE_SET(&v[2], advertiser, TM_STR("Somebody else"));
    fault_is(v, 3, "buy_line_ids[2]", "is of another advertiser than the first");
    AGAIN();
    LINE_SET(&v[1], station, TM_STR("WBBB"));
    fault_is(v, 3, "buy_line_ids[1]", "is of another station than the first");
    AGAIN();
    TM_CLEAR(&v[2], TM_BUY_LINE_station);
    fault_is(v, 3, "buy_line_ids[2]", "is of another station than the first");
    AGAIN();
    LINE_SET(&v[1], market, 535);
    fault_is(v, 3, "buy_line_ids[1]", "is of another market than the first");
    AGAIN();
    LINE_SET(&v[1], medium, (tm_enum_t){TM_MEDIUM_cable});
    fault_is(v, 3, "buy_line_ids[1]", "is of another medium than the first");
    AGAIN();
    LINE_SET(&v[1], layer, (tm_enum_t){TM_LAYER_disbursement});
    fault_is(v, 3, "buy_line_ids[1]", "is of another layer than the first");
    AGAIN();
    LINE_SET(&v[1], side, (tm_enum_t){TM_SIDE_for});
    fault_is(v, 3, "buy_line_ids[1]", "is of the other side than the first");
    AGAIN();
    LINE_SET(&v[1], stage, (tm_enum_t){TM_STAGE_invoiced});
    fault_is(v, 3, "buy_line_ids[1]", "is of another stage than the first");
    AGAIN();
    TM_CLEAR(&v[0], TM_BUY_LINE_flight_to);
    fault_is(v, 3, "buy_line_ids[0]", "has no flight");
    AGAIN();
    TM_CLEAR(&v[0], TM_BUY_LINE_gross_cents);
    TM_CLEAR(&v[0], TM_BUY_LINE_net_cents);
    fault_is(v, 3, "buy_line_ids[0]", "has no amount");
    AGAIN();
    v[2].id = v[0].id;
    fault_is(v, 3, "buy_line_ids[2]", "is given twice");
    AGAIN();
    v[1].gross_cents.v = TM_CENTS_MAX;
    fault_is(v, 3, "buy_line_ids[1]", "with it the sum is too large");
}

static void combine__same_station_differently_printed(void **state)
{
    (void)state;
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-18", 300000),
                         part(2, "2026-10-12", "2026-10-18", 200000)};
    LINE_SET(&v[1], station, TM_STR("waaa-tv"));
    TM_CLEAR(&v[1], TM_BUY_LINE_layer);
    assert_int_equal(combined(v, 2).gross_cents.v, 500000);
    TM_CLEAR(&v[0], TM_BUY_LINE_station); /* two market totals */
    TM_CLEAR(&v[1], TM_BUY_LINE_station);
    const tm_buy_line_t sum = combined(v, 2);
    assert_false(TM_HAS(&sum, TM_BUY_LINE_station));
}

static void combine__too_many_weeks(void **state)
{
    (void)state;
    static tm_line_week_t w[3000];
    for (size_t i = 0; i < TM_COUNT(w); i++) {
        w[i] = week_entry("2026-10-12", "2026-10-18", 1);
    }
    tm_buy_line_t v[] = {part(1, "2026-10-12", "2026-10-18", 3000),
                         part(2, "2026-10-12", "2026-10-18", 3000)};
    LINE_SET(&v[0], line_weeks, ((tm_recs_t){w, 3000}));
    LINE_SET(&v[1], line_weeks, ((tm_recs_t){w, 3000}));
    fault_is(v, 2, "buy_line_ids", "the parts have more than 5000 printed weeks together");
}

static void combine__full_arena_is_an_error(void **state)
{
    (void)state;
    const tm_buy_line_t a = part(1, "2026-10-12", "2026-10-18", 3000),
                        b = part(2, "2026-10-12", "2026-10-18", 3000);
    const tm_buy_line_t *parts[] = {&a, &b};
    TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(64);
    tm_buy_line_t line = {.spots = 77};
    assert_int_equal(tm_dedupe_combine(parts, 2, small, &line, NULL), TM_ENOMEM);
    assert_int_equal(line.spots, 77);
}

/* ---- every week keeps its dollars ---- */

#define WEEKS_MAX 64
typedef struct weeks {
    int64_t gross[WEEKS_MAX], net[WEEKS_MAX], spots[WEEKS_MAX];
    bool known[WEEKS_MAX];
} weeks_t;

static void add_weeks(const tm_buy_line_t *line, int basis, int32_t first, weeks_t *sum)
{
    uint32_t n;
    const tm_share_t *v = shares_of(line, basis, arena, &n);
    for (uint32_t i = 0; i < n; i++) {
        const int32_t at = (v[i].week.v - first) / 7;
        assert_true(at >= 0 && at < WEEKS_MAX);
        sum->gross[at] += v[i].gross.v;
        sum->net[at] += v[i].net.v;
        sum->spots[at] += v[i].spots;
        sum->known[at] = sum->known[at] || v[i].known;
    }
}

#define FIRST_DAY 20000

static int64_t any_amount(uint64_t *seed)
{
    static const uint32_t sizes[] = {3, 100, 10000, 2000000000};
    const int64_t v = (int64_t)below(seed, sizes[below(seed, 4)]);
    return below(seed, 5) == 0 ? -v : v;
}

/* A part with airings, printed weeks or neither, with dark days, in either basis, its lines
 * sometimes not adding up and sometimes outside its flight. */
static tm_buy_line_t any_part(uint64_t *seed, uint32_t id, int stage)
{
    tm_buy_line_t line = part(id, "2026-10-12", "2026-10-18", 0);
    LINE_SET(&line, stage, (tm_enum_t){(uint8_t)stage});
    LINE_SET(&line, flight_from, ((tm_day_t){FIRST_DAY + 60 + (int32_t)below(seed, 60)}));
    LINE_SET(&line, flight_to, ((tm_day_t){line.flight_from.v + (int32_t)below(seed, 60)}));
    LINE_SET(&line, amount_basis, (tm_enum_t){(uint8_t)below(seed, 3)});
    if (below(seed, 3) > 0)
        LINE_SET(&line, commission_bp, below(seed, 2) ? 1500 : (int32_t)below(seed, 10000));
    const uint32_t n_dark = below(seed, 4);
    tm_span_t *dark = tm_arena_zalloc(arena, (n_dark + 1) * sizeof *dark);
    for (uint32_t i = 0; i < n_dark; i++) {
        dark[i].from.v = line.flight_from.v - 5 + (int32_t)below(seed, 60);
        dark[i].to.v = dark[i].from.v + (int32_t)below(seed, 12);
    }
    put_hiatus(&line, dark, n_dark);
    const uint32_t kind = below(seed, 3), n = below(seed, 8);
    int64_t sum = 0;
    if (kind == 0) {
        tm_airing_t *a = tm_arena_zalloc(arena, (n + 1) * sizeof *a);
        for (uint32_t i = 0; i < n; i++) {
            SET(&a[i], AIRING, air_date, ((tm_day_t){FIRST_DAY + 50 + (int32_t)below(seed, 140)}));
            if (below(seed, 4) > 0) {
                SET(&a[i], AIRING, amount_cents, ((tm_cents_t){any_amount(seed)}));
                sum += a[i].amount_cents.v;
            }
        }
        LINE_SET(&line, airings, ((tm_recs_t){a, n}));
    } else if (kind == 1) {
        tm_line_week_t *w = tm_arena_zalloc(arena, (n + 1) * sizeof *w);
        for (uint32_t i = 0; i < n; i++) {
            const int32_t from = FIRST_DAY + 50 + (int32_t)below(seed, 140);
            SET(&w[i], LINE_WEEK, from, ((tm_day_t){from}));
            SET(&w[i], LINE_WEEK, to, ((tm_day_t){from + (int32_t)below(seed, 20)}));
            SET(&w[i], LINE_WEEK, amount_cents, ((tm_cents_t){any_amount(seed)}));
            sum += w[i].amount_cents.v;
        }
        LINE_SET(&line, line_weeks, ((tm_recs_t){w, n}));
    }
    const int64_t stated = below(seed, 3) == 0 ? any_amount(seed) : sum + (int64_t)below(seed, 120);
    const bool net = line.amount_basis.v == TM_AMOUNT_BASIS_net;
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&line, TM_BUY_LINE_net_cents);
    if (net) {
        LINE_SET(&line, net_cents, ((tm_cents_t){stated}));
    } else {
        LINE_SET(&line, gross_cents, ((tm_cents_t){stated}));
    }
    tm_line_fill_totals(&line, -1, -1);
    if (below(seed, 2) == 0)
        LINE_SET(&line, spots, (int32_t)below(seed, 100));
    return line;
}

static void compare_weeks(const tm_buy_line_t *v, uint32_t n, const tm_buy_line_t *sum, int basis)
{
    const int32_t first = tm_week_of((tm_day_t){FIRST_DAY}, basis).v;
    weeks_t want, got;
    memset(&want, 0, sizeof want);
    memset(&got, 0, sizeof got);
    for (uint32_t i = 0; i < n; i++) {
        add_weeks(&v[i], basis, first, &want);
    }
    add_weeks(sum, basis, first, &got);
    int64_t net = 0, all_net = 0;
    for (int32_t w = 0; w < WEEKS_MAX; w++) {
        assert_int_equal(got.gross[w], want.gross[w]);
        assert_true(got.known[w] || !want.known[w]);
        /* a week between two parts lies in the flight of the sum: a known zero */
        const int32_t day_1 = first + 7 * w;
        const bool inside = day_1 <= sum->flight_to.v && day_1 + 6 >= sum->flight_from.v;
        assert_true(got.known[w] == (want.known[w] || inside));
        net += got.net[w];
        all_net += want.net[w];
    }
    assert_int_equal(net, all_net);
    assert_int_equal(net, sum->net_cents.v);
}

static void combine__every_week_keeps_its_dollars(void **state)
{
    (void)state;
    uint64_t seed = 90210;
    for (int round = 0; round < 20000; round++) {
        tm_buy_line_t v[5];
        const uint32_t n = 2 + below(&seed, 4);
        const int stage = below(&seed, 10) == 0 ? TM_STAGE_cancelled : TM_STAGE_ordered;
        int64_t gross = 0;
        for (uint32_t i = 0; i < n; i++) {
            v[i] = any_part(&seed, i + 1, stage);
            gross += v[i].gross_cents.v;
        }
        const tm_buy_line_t sum = combined(v, n);
        assert_int_equal(sum.gross_cents.v, gross);
        if (stage == TM_STAGE_ordered) {
            compare_weeks(v, n, &sum, TM_WEEK_BASIS_broadcast);
            compare_weeks(v, n, &sum, TM_WEEK_BASIS_political);
        } else {
            uint32_t weeks;
            const tm_share_t *s = shares_of(&sum, TM_WEEK_BASIS_broadcast, arena, &weeks);
            for (uint32_t i = 0; i < weeks; i++) {
                assert_int_equal(s[i].gross.v, 0);
            }
        }
        const tm_line_week_t *w = sum.line_weeks.v;
        int64_t printed = 0;
        for (uint32_t i = 0; i < sum.line_weeks.n; i++) {
            assert_true(w[i].from.v <= w[i].to.v);
            printed += w[i].amount_cents.v;
        }
        assert_int_equal(printed, gross);
        tm_arena_reset(arena);
    }
}

/* Where all parts share one commission and add up, net stays in its weeks too, but for the rounding
 * of each entry. */
static void combine__net_stays_within_rounding(void **state)
{
    (void)state;
    uint64_t seed = 4711;
    for (int round = 0; round < 2000; round++) {
        tm_buy_line_t v[3];
        for (uint32_t i = 0; i < 3; i++) {
            v[i] = part(i + 1, "2026-10-12", "2026-10-18", (int64_t)below(&seed, 100000000));
            v[i].flight_from.v = FIRST_DAY + (int32_t)below(&seed, 20);
            v[i].flight_to.v = v[i].flight_from.v + (int32_t)below(&seed, 30);
            LINE_SET(&v[i], commission_bp, 1500);
            v[i].net_cents = tm_net_of(v[i].gross_cents, 1500);
        }
        const tm_buy_line_t sum = combined(v, 3);
        assert_int_equal(sum.commission_bp, 1500);
        const int32_t first = tm_week_of((tm_day_t){FIRST_DAY}, TM_WEEK_BASIS_political).v;
        weeks_t want, got;
        memset(&want, 0, sizeof want);
        memset(&got, 0, sizeof got);
        for (uint32_t i = 0; i < 3; i++) {
            add_weeks(&v[i], TM_WEEK_BASIS_political, first, &want);
        }
        add_weeks(&sum, TM_WEEK_BASIS_political, first, &got);
        for (int32_t w = 0; w < WEEKS_MAX; w++) {
            assert_true(llabs(got.net[w] - want.net[w]) <= 3);
        }
        tm_arena_reset(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(combine__early_and_late_news),
        cmocka_unit_test(combine__takes_names_of_the_first),
        cmocka_unit_test(combine__weeks_stand_one_behind_the_other),
        cmocka_unit_test(combine__dark_days_stay_dark),
        cmocka_unit_test(combine__bounds_add_up),
        cmocka_unit_test(combine__spots_keep_their_weeks),
        cmocka_unit_test(combine__refuses_what_is_not_one_buy),
        cmocka_unit_test(combine__same_station_differently_printed),
        cmocka_unit_test(combine__too_many_weeks),
        cmocka_unit_test(combine__full_arena_is_an_error),
        cmocka_unit_test(combine__every_week_keeps_its_dollars),
        cmocka_unit_test(combine__net_stays_within_rounding),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
