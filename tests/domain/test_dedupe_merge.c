/* test_dedupe_merge.c - a winner takes what it does not know from its copies, never who it is, and
 * gives it back. */
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

/* A line that knows only who it is. */
static tm_buy_line_t bare(uint32_t id, const char *source)
{
    tm_buy_line_t line;
    memset(&line, 0, sizeof line);
    LINE_SET(&line, id, tm_id_make(7, id));
    LINE_SET(&line, source, tm_str(source));
    return line;
}

typedef struct filled {
    tm_has_t touched;
    tm_strs_t names;
} filled_t;

static filled_t fill(tm_buy_line_t *winner, const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    filled_t f = {{{0}}, {NULL, 0}};
    const tm_buy_line_t *copies[] = {a, b};
    assert_int_equal(tm_dedupe_fill(winner, copies, b == NULL ? 1 : 2, arena, &f.touched, &f.names),
                     TM_OK);
    return f;
}

static bool names_have(const tm_strs_t *names, const char *name)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (tm_str_eq(names->v[i], tm_str(name)))
            return true;
    }
    return false;
}

static void fill__empty_fields_by_trust(void **state)
{
    (void)state;
    tm_buy_line_t winner = line_of(1, "2026-10-13", "2026-10-19", 2040000);
    tm_buy_line_t sheet = bare(2, "rep_mail"), vendor = bare(3, "adimpact");
    LINE_SET(&winner, daypart, TM_STR("prime"));
    LINE_SET(&sheet, daypart, TM_STR("early news"));
    LINE_SET(&sheet, spots, 10);
    LINE_SET(&sheet, length_s, 15);
    LINE_SET(&sheet, agency, TM_STR("Media Partners"));
    LINE_SET(&sheet, agency_id, tm_id_make(8, 1));
    LINE_SET(&sheet, product, TM_STR("Lake"));
    LINE_SET(&sheet, grp_x10, 55);
    LINE_SET(&vendor, length_s, 30);
    LINE_SET(&vendor, medium, (tm_enum_t){TM_MEDIUM_cable});
    const filled_t f = fill(&winner, &sheet, &vendor);
    assert_true(tm_str_eq(winner.daypart, TM_STR("prime")));
    assert_int_equal(winner.spots, 10);
    assert_int_equal(winner.length_s, 30); /* the vendor is trusted more */
    assert_int_equal(winner.medium.v, TM_MEDIUM_cable);
    assert_int_equal(winner.agency_id.v, tm_id_make(8, 1).v);
    assert_true(tm_str_eq(winner.product, TM_STR("Lake")));
    assert_int_equal(winner.grp_x10, 55);
    assert_int_equal(winner.gross_cents.v, 2040000);
    assert_int_equal(f.names.n, 7);
    static const char *const names[] = {"spots",   "length_s", "medium",   "agency",
                                        "product", "grp_x10",  "agency_id"};
    for (size_t i = 0; i < TM_COUNT(names); i++) {
        assert_true(names_have(&f.names, names[i]));
    }
    for (unsigned i = 0; i < TM_BUY_LINE_N; i++) { /* exactly what was filled is touched */
        const bool named = names_have(&f.names, tm_buy_line_desc.fields[i].name);
        assert_int_equal((f.touched.w[i >> 6] >> (i & 63)) & 1, named);
    }
}

static void fill__never_who_it_is(void **state)
{
    (void)state;
    uint64_t seed = 12;
    static const uint8_t identity[] = {
        TM_BUY_LINE_id,
        TM_BUY_LINE_campaign_id,
        TM_BUY_LINE_document_id,
        TM_BUY_LINE_input_id,
        TM_BUY_LINE_advertiser_id,
        TM_BUY_LINE_advertiser,
        TM_BUY_LINE_side,
        TM_BUY_LINE_station_id,
        TM_BUY_LINE_station,
        TM_BUY_LINE_stations,
        TM_BUY_LINE_market,
        TM_BUY_LINE_source,
        TM_BUY_LINE_doc_type,
        TM_BUY_LINE_order_no,
        TM_BUY_LINE_order_no_norm,
        TM_BUY_LINE_alt_order_no,
        TM_BUY_LINE_invoice_no,
        TM_BUY_LINE_revision,
        TM_BUY_LINE_revision_date,
        TM_BUY_LINE_print_ms,
        TM_BUY_LINE_published_ms,
        TM_BUY_LINE_billing_from,
        TM_BUY_LINE_billing_to,
        TM_BUY_LINE_stage,
        TM_BUY_LINE_layer,
        TM_BUY_LINE_standing,
        TM_BUY_LINE_decision_id,
        TM_BUY_LINE_external_id,
        TM_BUY_LINE_filled,
        TM_BUY_LINE_row,
        TM_BUY_LINE_known_from_ms,
        TM_BUY_LINE_adjustment_of,
        TM_BUY_LINE_archived_ms,
    };
    for (int round = 0; round < 500; round++) {
        tm_buy_line_t winner;
        memset(&winner, 0, sizeof winner);
        const tm_buy_line_t *a = tm_record_random(&tm_buy_line_desc, &seed, arena);
        const tm_buy_line_t *b = tm_record_random(&tm_buy_line_desc, &seed, arena);
        const filled_t f = fill(&winner, a, b);
        for (size_t i = 0; i < TM_COUNT(identity); i++) {
            assert_false(TM_HAS(&winner, identity[i]));
        }
        assert_true(f.names.n <= 30);
        tm_dedupe_unfill(&winner, &f.names, &(tm_has_t){{0}});
        const tm_buy_line_t nothing = {.has = {{0}}};
        assert_true(tm_record_equal(&tm_buy_line_desc, &winner, &nothing));
        tm_arena_reset(arena);
    }
}

static void fill__amounts_from_one_copy(void **state)
{
    (void)state;
    tm_buy_line_t winner = bare(1, "fcc"), order = bare(2, "fcc"), sheet = bare(3, "rep_mail");
    LINE_SET(&order, net_cents, (tm_cents_t){850});
    LINE_SET(&order, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_net});
    LINE_SET(&sheet, gross_cents, (tm_cents_t){999});
    LINE_SET(&sheet, low_cents, (tm_cents_t){900});
    filled_t f = fill(&winner, &sheet, &order);
    assert_int_equal(winner.net_cents.v, 850);
    assert_false(TM_HAS(&winner, TM_BUY_LINE_gross_cents)); /* not half of each */
    assert_false(TM_HAS(&winner, TM_BUY_LINE_low_cents));
    assert_int_equal(f.names.n, 2);

    winner = bare(1, "fcc");
    LINE_SET(&winner, low_cents, (tm_cents_t){1}); /* it knows a bound: it has an amount */
    f = fill(&winner, &sheet, &order);
    assert_int_equal(f.names.n, 0);

    winner = bare(1, "fcc");
    LINE_SET(&order, stage, (tm_enum_t){TM_STAGE_cancelled});
    f = fill(&winner, &order, NULL); /* what was cancelled counts nowhere */
    assert_int_equal(f.names.n, 0);
}

static void fill__flight_as_a_whole(void **state)
{
    (void)state;
    tm_buy_line_t winner = bare(1, "fcc"), copy = line_of(2, "2026-09-01", "2026-09-30", 3000000);
    tm_span_t dark[] = {{.from = day("2026-09-14"), .to = day("2026-09-20")}};
    put_hiatus(&copy, dark, 1);
    filled_t f = fill(&winner, &copy, NULL);
    assert_int_equal(winner.flight_from.v, day("2026-09-01").v);
    assert_int_equal(winner.flight_to.v, day("2026-09-30").v);
    assert_int_equal(winner.hiatus.n, 1);
    assert_true(names_have(&f.names, "hiatus"));

    winner = bare(1, "fcc");
    LINE_SET(&winner, flight_from, day("2026-08-01"));
    f = fill(&winner, &copy, NULL);
    assert_int_equal(winner.flight_from.v, day("2026-08-01").v);
    assert_false(TM_HAS(&winner, TM_BUY_LINE_flight_to)); /* not the end of another flight */
    assert_false(TM_HAS(&winner, TM_BUY_LINE_hiatus));

    TM_CLEAR(&copy, TM_BUY_LINE_flight_to);
    winner = bare(1, "fcc");
    f = fill(&winner, &copy, NULL);
    assert_false(TM_HAS(&winner, TM_BUY_LINE_flight_from));
}

static void fill__printed_weeks_only_with_their_flight_and_amount(void **state)
{
    (void)state;
    tm_line_week_t w[] = {week_entry("2026-10-13", "2026-10-19", 30000),
                          week_entry("2026-10-20", "2026-10-26", 60000)};
    tm_buy_line_t copy = line_of(2, "2026-10-13", "2026-10-26", 90000);
    LINE_SET(&copy, line_weeks, ((tm_recs_t){w, 2}));
    tm_buy_line_t winner = bare(1, "fcc");
    LINE_SET(&winner, line_weeks, ((tm_recs_t){NULL, 0})); /* an empty list is none */
    (void)fill(&winner, &copy, NULL);
    assert_int_equal(winner.line_weeks.n, 2);
    uint32_t n;
    const tm_share_t *s = shares_of(&winner, TM_WEEK_BASIS_political, arena, &n);
    assert_int_equal(n, 2);
    assert_int_equal(s[0].gross.v, 30000);

    winner = bare(1, "fcc");
    LINE_SET(&winner, flight_from, day("2026-10-13"));
    LINE_SET(&winner, flight_to, day("2026-10-19")); /* other days */
    filled_t f = fill(&winner, &copy, NULL);
    assert_int_equal(winner.gross_cents.v, 90000);
    assert_false(names_have(&f.names, "line_weeks"));

    winner = line_of(1, "2026-10-13", "2026-10-26", 80000); /* its own amount */
    f = fill(&winner, &copy, NULL);
    assert_int_equal(f.names.n, 0);

    winner = bare(1, "fcc");
    LINE_SET(&winner, commission_bp, 1000); /* another conversion of each week */
    TM_CLEAR(&copy, TM_BUY_LINE_net_cents);
    f = fill(&winner, &copy, NULL);
    assert_false(names_have(&f.names, "line_weeks"));
    assert_int_equal(winner.commission_bp, 1000);
}

static void fill__twice_and_back(void **state)
{
    (void)state;
    tm_buy_line_t winner = line_of(1, "2026-10-13", "2026-10-19", 100);
    const tm_buy_line_t before = winner;
    tm_buy_line_t a = bare(2, "rep_mail"), b = bare(3, "rep_mail");
    LINE_SET(&a, daypart, TM_STR("prime"));
    LINE_SET(&b, daypart, TM_STR("late news"));
    LINE_SET(&b, spots, 3);
    filled_t f = fill(&winner, &a, NULL);
    const tm_buy_line_t *copies[] = {&b};
    assert_int_equal(tm_dedupe_fill(&winner, copies, 1, arena, &f.touched, &f.names), TM_OK);
    assert_int_equal(f.names.n, 2);
    assert_true(tm_str_eq(f.names.v[0], TM_STR("daypart")));
    assert_true(tm_str_eq(f.names.v[1], TM_STR("spots")));
    tm_has_t touched = {{0}};
    tm_str_t more[] = {f.names.v[0], f.names.v[1], TM_STR("a_field_of_old")};
    tm_dedupe_unfill(&winner, &(tm_strs_t){more, 3}, &touched);
    assert_true(tm_record_equal(&tm_buy_line_desc, &winner, &before));
    assert_memory_equal(&touched, &f.touched, sizeof touched);
}

static void fill__nothing_changes_without_memory(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(64);
    tm_buy_line_t winner = bare(1, "fcc"), copy = line_of(2, "2026-10-13", "2026-10-19", 100);
    const tm_buy_line_t before = winner, *copies[] = {&copy};
    filled_t f = {{{0}}, {NULL, 0}};
    assert_int_equal(tm_dedupe_fill(&winner, copies, 1, small, &f.touched, &f.names), TM_ENOMEM);
    assert_true(tm_record_equal(&tm_buy_line_desc, &winner, &before));
    assert_int_equal(f.names.n, 0);
    assert_int_equal(tm_dedupe_fill(&winner, copies, 0, small, &f.touched, &f.names), TM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill__empty_fields_by_trust),
        cmocka_unit_test(fill__never_who_it_is),
        cmocka_unit_test(fill__amounts_from_one_copy),
        cmocka_unit_test(fill__flight_as_a_whole),
        cmocka_unit_test(fill__printed_weeks_only_with_their_flight_and_amount),
        cmocka_unit_test(fill__twice_and_back),
        cmocka_unit_test(fill__nothing_changes_without_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
