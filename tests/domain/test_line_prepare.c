/* test_line_prepare.c - a posted line: its defaults, and every fault at once. */
#include "with_lines.h"

static tm_arena_t *arena;
static tm_why_t why;

static tm_buy_line_t posted(void)
{
    tm_buy_line_t line;
    memset(&line, 0, sizeof line);
    LINE_SET(&line, campaign_id, tm_id_make(1, 1));
    LINE_SET(&line, advertiser, TM_STR("Friends of Example"));
    LINE_SET(&line, medium, (tm_enum_t){TM_MEDIUM_broadcast});
    LINE_SET(&line, station, TM_STR("WAAA"));
    LINE_SET(&line, flight_from, day("2026-10-13"));
    LINE_SET(&line, flight_to, day("2026-10-26"));
    LINE_SET(&line, gross_cents, (tm_cents_t){2040000});
    return line;
}

static tm_err_t prepare(tm_buy_line_t *line)
{
    tm_why_clear(&why);
    return tm_line_prepare(line, -1, 1500, arena, &why);
}

static bool faulted(const char *field)
{
    for (uint32_t i = 0; i < why.n; i++) {
        if (strcmp(why.faults[i].field, field) == 0)
            return true;
    }
    return false;
}

static void prepare__fills_defaults_and_totals(void **state)
{
    (void)state;
    tm_buy_line_t line = posted();
    LINE_SET(&line, order_no, TM_STR(" 00500100 "));
    assert_int_equal(prepare(&line), TM_OK);
    assert_int_equal(line.net_cents.v, 1734000);
    assert_true(tm_str_eq(line.source, TM_STR("manual")));
    assert_true(TM_HAS(&line, TM_BUY_LINE_stage) && line.stage.v == TM_STAGE_ordered);
    assert_true(TM_HAS(&line, TM_BUY_LINE_layer) && line.layer.v == TM_LAYER_airtime);
    assert_true(TM_HAS(&line, TM_BUY_LINE_estimate) && !line.estimate);
    assert_true(tm_str_eq(line.order_no_norm, TM_STR("500100")));
}

static void prepare__keeps_an_unknown_amount_unknown(void **state)
{
    (void)state;
    tm_buy_line_t line = posted();
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    assert_int_equal(prepare(&line), TM_OK);
    assert_false(TM_HAS(&line, TM_BUY_LINE_gross_cents) || TM_HAS(&line, TM_BUY_LINE_net_cents));
}

static void prepare__range_gets_its_likely_amount(void **state)
{
    (void)state;
    tm_buy_line_t line = posted();
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    LINE_SET(&line, low_cents, (tm_cents_t){10000});
    LINE_SET(&line, high_cents, (tm_cents_t){49900});
    assert_int_equal(prepare(&line), TM_OK);
    assert_int_equal(line.gross_cents.v, 29950);
}

static void prepare__invoice_closes_its_period_within_the_flight(void **state)
{
    (void)state;
    tm_buy_line_t line = posted();
    line.flight_from = day("2026-10-13");
    line.flight_to = day("2026-10-26");
    LINE_SET(&line, stage, (tm_enum_t){TM_STAGE_invoiced});
    LINE_SET(&line, billing_from, day("2026-09-28"));
    LINE_SET(&line, billing_to, day("2026-10-25"));
    assert_int_equal(prepare(&line), TM_OK);
    assert_int_equal(line.flight_from.v, day("2026-10-13").v);
    assert_int_equal(line.flight_to.v, day("2026-10-25").v);

    line.billing_from = day("2026-11-30"); /* they do not meet: the whole period */
    line.billing_to = day("2026-12-27");
    assert_int_equal(prepare(&line), TM_OK);
    assert_int_equal(line.flight_from.v, day("2026-11-30").v);
    assert_int_equal(line.flight_to.v, day("2026-12-27").v);
}

static void prepare__tells_every_fault(void **state)
{
    (void)state;
    tm_buy_line_t line;
    memset(&line, 0, sizeof line);
    assert_int_equal(prepare(&line), TM_EINVALID);
    assert_true(faulted("campaign_id") && faulted("advertiser") && faulted("medium") &&
                faulted("flight_from") && faulted("flight_to") && faulted("station"));
    assert_int_equal(why.n, 6);

    line = posted();
    line.flight_to = day("2026-10-12");
    tm_span_t dark[2];
    memset(dark, 0, sizeof dark);
    SET(&dark[0], SPAN, from, day("2026-10-14"));
    SET(&dark[1], SPAN, from, day("2026-10-14"));
    SET(&dark[1], SPAN, to, day("2026-10-13"));
    LINE_SET(&line, hiatus, ((tm_recs_t){dark, 2}));
    LINE_SET(&line, low_cents, (tm_cents_t){2});
    LINE_SET(&line, high_cents, (tm_cents_t){1});
    LINE_SET(&line, net_cents, (tm_cents_t){TM_CENTS_MAX + 1});
    tm_airing_t a[] = {airing("2026-10-13", TM_CENTS_MAX), airing("2026-10-13", TM_CENTS_MAX)};
    LINE_SET(&line, airings, ((tm_recs_t){a, 2}));
    assert_int_equal(prepare(&line), TM_EINVALID);
    assert_true(faulted("flight_to") && faulted("hiatus[0].to") && faulted("hiatus[1].to") &&
                faulted("high_cents") && faulted("net_cents") && faulted("airings"));
}

static void prepare__refuses_a_gross_beyond_money(void **state)
{
    (void)state;
    tm_buy_line_t line = posted();
    TM_CLEAR(&line, TM_BUY_LINE_gross_cents);
    LINE_SET(&line, net_cents, (tm_cents_t){TM_CENTS_MAX});
    LINE_SET(&line, commission_bp, 9999);
    assert_int_equal(prepare(&line), TM_ERANGE);
    assert_true(faulted("net_cents"));
}

int main(void)
{
    arena = tm_arena_new(1 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prepare__fills_defaults_and_totals),
        cmocka_unit_test(prepare__keeps_an_unknown_amount_unknown),
        cmocka_unit_test(prepare__range_gets_its_likely_amount),
        cmocka_unit_test(prepare__invoice_closes_its_period_within_the_flight),
        cmocka_unit_test(prepare__tells_every_fault),
        cmocka_unit_test(prepare__refuses_a_gross_beyond_money),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tm_arena_free(arena);
    return failed;
}
