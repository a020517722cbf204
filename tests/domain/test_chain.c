/* test_chain.c - versions, cancellations, invoices, credits of one order. */
#include "with_lines.h"

#define MANY 8

static tm_arena_t *arena;
static tm_verdict_t verdicts[MANY];

static int setup(void **state)
{
    (void)state;
    arena = tm_arena_new(1 << 22);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tm_arena_free(arena);
    return 0;
}

/* What the lines put into the matrix, all weeks. */
static int64_t resolve(const tm_buy_line_t *lines, uint32_t n)
{
    const tm_buy_line_t *pointers[MANY] = {NULL};
    for (uint32_t i = 0; i < n; i++) {
        pointers[i] = &lines[i];
    }
    assert_int_equal(tm_chain_resolve(pointers, n, arena, verdicts), TM_OK);
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        tm_share_t *v, unplaced;
        uint32_t k;
        assert_int_equal(tm_line_shares(&lines[i], &verdicts[i], TM_WEEK_BASIS_broadcast, arena, &v,
                                        &k, &unplaced),
                         TM_OK);
        for (uint32_t w = 0; w < k; w++) {
            sum += v[w].gross.v;
        }
    }
    return sum;
}

static void stands(uint32_t i, int standing, const tm_buy_line_t *by, const char *why)
{
    assert_int_equal(verdicts[i].standing, standing);
    assert_int_equal(verdicts[i].superseded_by.v, by == NULL ? 0 : by->id.v);
    if (strncmp(verdicts[i].why.p, why, strlen(why)) != 0) {
        fail_msg("\"%.*s\" does not begin with \"%s\"", (int)verdicts[i].why.n, verdicts[i].why.p,
                 why);
    }
}

static void chain__revision_replaces_and_deletion_is_zero(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 5000000), order_of(2, "500100", "2", 4200000),
                         order_of(3, "500100", NULL, 4200000)};
    LINE_SET(&l[2], stage, (tm_enum_t){TM_STAGE_cancelled});
    assert_int_equal(resolve(l, 1), 5000000);
    stands(0, TM_STANDING_winner, NULL, "the only version of the order");
    assert_int_equal(resolve(l, 2), 4200000);
    stands(0, TM_STANDING_superseded, &l[1], "replaced by revision 2 (line bl_");
    stands(1, TM_STANDING_winner, NULL, "the newest version of the order");
    assert_int_equal(resolve(l, 3), 0);
    stands(1, TM_STANDING_superseded, &l[2], "replaced by the cancellation (line bl_");
    stands(2, TM_STANDING_winner, NULL, "the order is cancelled");
    assert_true(verdicts[2].zero && verdicts[2].counts);
}

static void chain__upload_order_does_not_beat_the_revision(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "505105", "3", 4200000), order_of(2, "505105", "2", 5000000)};
    LINE_SET(&l[1], published_ms, ((tm_ms_t){9999999})); /* the older version was uploaded later */
    assert_int_equal(resolve(l, 2), 4200000);
}

static void chain__revision_compares_as_a_number_within_a_series(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "Revision 10", 10), order_of(2, "500100", "9", 9)};
    assert_int_equal(resolve(l, 2), 10);
    tm_buy_line_t m[] = {order_of(1, "500100", "Makegood 4", 10),
                         order_of(2, "500100", "Revision 2", 9)};
    LINE_SET(&m[0], revision_date, day("2026-10-01"));
    LINE_SET(&m[1], revision_date, day("2026-10-05")); /* other series: the date decides */
    assert_int_equal(resolve(m, 2), 9);
    tm_buy_line_t s[] = {order_of(1, "500100", "4", 10), order_of(2, "500100", "2", 9)};
    LINE_SET(&s[0], system, TM_STR("one"));
    LINE_SET(&s[1], system, TM_STR("two")); /* other system: nothing but upload */
    assert_int_equal(resolve(s, 2), 9);
}

static void chain__blank_revision_of_a_system_is_the_first(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 10), order_of(2, "500100", NULL, 9)};
    LINE_SET(&l[0], system, TM_STR("one"));
    LINE_SET(&l[1], system, TM_STR("one"));
    assert_int_equal(resolve(l, 2), 10);
    TM_CLEAR(&l[1],
             TM_BUY_LINE_system); /* nothing is known of where it comes from: the later upload */
    assert_int_equal(resolve(l, 2), 9);
}

static void chain__print_time_then_upload_decide(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "2", 10), order_of(2, "500100", "2", 9)};
    LINE_SET(&l[0], print_ms, ((tm_ms_t){200}));
    LINE_SET(&l[1], print_ms, ((tm_ms_t){100}));
    assert_int_equal(resolve(l, 2), 10);
    TM_CLEAR(&l[1], TM_BUY_LINE_print_ms);
    assert_int_equal(resolve(l, 2), 9);
}

static void chain__dated_cancellation_keeps_the_days_before(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 9900000), order_of(2, "500100", "2", 2100000),
                         order_of(3, "500100", NULL, 0)};
    LINE_SET(&l[2], stage, (tm_enum_t){TM_STAGE_cancelled});
    LINE_SET(&l[2], revision_date, day("2026-10-19"));
    assert_int_equal(resolve(l, 3), 900000);
    stands(0, TM_STANDING_superseded, &l[1], "replaced by revision 2");
    stands(1, TM_STANDING_superseded, &l[2], "replaced by the cancellation");
    assert_true(verdicts[1].counts && !verdicts[0].counts);
    assert_int_equal(verdicts[1].n_keep, 1);
    assert_int_equal(verdicts[1].keep[0].to.v, day("2026-10-18").v);
}

static void chain__later_print_of_a_cancellation_brings_nothing_back(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 2100000), order_of(2, "500100", NULL, 0),
                         order_of(3, "500100", NULL, 0)};
    LINE_SET(&l[1], stage, (tm_enum_t){TM_STAGE_cancelled});
    LINE_SET(&l[2], stage, (tm_enum_t){TM_STAGE_cancelled});
    LINE_SET(&l[1], revision_date, day("2026-10-19"));
    LINE_SET(&l[2], revision_date, day("2026-10-24"));
    assert_int_equal(resolve(l, 3), 900000);
    stands(2, TM_STANDING_copy, &l[1], "the order is cancelled already");
}

static void chain__order_after_a_cancellation_counts_again(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 100), order_of(2, "500100", "2", 100),
                         order_of(3, "500100", "3", 70)};
    LINE_SET(&l[1], stage, (tm_enum_t){TM_STAGE_cancelled});
    assert_int_equal(resolve(l, 3), 70);
}

static tm_buy_line_t invoice_of(uint32_t id, const char *number, const char *from, const char *to,
                                int64_t cents)
{
    tm_buy_line_t line = order_of(id, "500200", NULL, cents);
    LINE_SET(&line, stage, (tm_enum_t){TM_STAGE_invoiced});
    LINE_SET(&line, doc_type, (tm_enum_t){TM_DOC_TYPE_invoice});
    LINE_SET(&line, invoice_no, tm_str(number));
    LINE_SET(&line, billing_from, day(from));
    LINE_SET(&line, billing_to, day(to));
    LINE_SET(&line, flight_from, day("2026-10-13"));
    LINE_SET(&line, flight_to, day(to));
    return line;
}

static void chain__invoice_closes_its_days(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500200", NULL, 2100000),
                         invoice_of(2, "9001", "2026-09-28", "2026-10-25", 1870000)};
    assert_int_equal(resolve(l, 2), 2020000);
    stands(0, TM_STANDING_winner, NULL, "the only version");
    assert_int_equal(verdicts[0].n_keep, 2);
    assert_int_equal(verdicts[0].keep[1].from.v, day("2026-10-26").v);
    stands(1, TM_STANDING_winner, NULL, "an invoice counts");
}

static void chain__invoices_add_unless_their_number_is_the_same(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500200", NULL, 2100000),
                         invoice_of(2, "9001-1", "2026-09-28", "2026-10-25", 1800000),
                         invoice_of(3, "9001-2", "2026-09-28", "2026-10-25", 70000),
                         invoice_of(4, "9001-1", "2026-09-28", "2026-10-25", 1700000)};
    assert_int_equal(resolve(l, 3), 1870000 + 150000);
    assert_int_equal(resolve(l, 4), 1770000 + 150000);
    stands(1, TM_STANDING_superseded, &l[3], "replaced by invoice 9001-1 (line bl_");
}

static void chain__invoices_without_number_are_told_by_their_period(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {invoice_of(1, "x", "2026-09-28", "2026-10-25", 1000),
                         invoice_of(2, "x", "2026-09-28", "2026-10-25", 900),
                         invoice_of(3, "x", "2026-10-26", "2026-11-29", 50)};
    for (int i = 0; i < 3; i++) {
        TM_CLEAR(&l[i], TM_BUY_LINE_invoice_no);
    }
    assert_int_equal(resolve(l, 3), 950);
}

static void chain__many_papers_are_no_burden(void **state)
{
    (void)state;
    static tm_buy_line_t lines[TM_CHAIN_LINES_MAX];
    static const tm_buy_line_t *pointers[TM_CHAIN_LINES_MAX];
    static tm_verdict_t many[TM_CHAIN_LINES_MAX];
    static char numbers[TM_CHAIN_LINES_MAX][8];
    for (uint32_t i = 0; i < TM_CHAIN_LINES_MAX; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%u", i);
        lines[i] = i % 2 == 0 ? invoice_of(i + 1, numbers[i], "2026-09-28", "2026-10-25", 1)
                              : order_of(i + 1, "500200", numbers[i], 1);
        pointers[i] = &lines[i];
    }
    tm_arena_t *large = tm_arena_new(64 << 20);
    const int64_t began_ns = tm_time_mono_ns();
    assert_int_equal(tm_chain_resolve(pointers, TM_CHAIN_LINES_MAX, large, many), TM_OK);
    assert_true(tm_time_mono_ns() - began_ns < INT64_C(10000000000));
    tm_arena_free(large);
}

static void chain__cancellation_leaves_what_was_invoiced(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500200", "1", 2100000),
                         invoice_of(2, "9001", "2026-09-28", "2026-10-18", 800000),
                         order_of(3, "500200", "2", 0)};
    LINE_SET(&l[2], stage, (tm_enum_t){TM_STAGE_cancelled});
    assert_int_equal(resolve(l, 3), 800000);
}

static void chain__invoice_without_amount_closes_nothing(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500200", NULL, 2100000),
                         invoice_of(2, "9001", "2026-09-28", "2026-10-25", 0)};
    TM_CLEAR(&l[1], TM_BUY_LINE_gross_cents);
    TM_CLEAR(&l[1], TM_BUY_LINE_net_cents);
    assert_int_equal(resolve(l, 2), 2100000);
    stands(1, TM_STANDING_covered, NULL, "an invoice without a readable amount");
}

static void chain__version_without_amount_replaces_nothing(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 2100000), order_of(2, "500100", "2", 0)};
    TM_CLEAR(&l[1], TM_BUY_LINE_gross_cents);
    TM_CLEAR(&l[1], TM_BUY_LINE_net_cents);
    assert_int_equal(resolve(l, 2), 2100000);
    stands(0, TM_STANDING_winner, NULL, "the only version");
    stands(1, TM_STANDING_winner, NULL, "no readable amount");
    LINE_SET(&l[1], revision, TM_STR("0"));
    resolve(l, 2);
    stands(1, TM_STANDING_superseded, &l[0], "replaced by revision 1");
}

static void chain__confirmation_of_substitutions_adds_nothing(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 2100000), order_of(2, "500100", "2", 40000)};
    LINE_SET(&l[1], doc_type, (tm_enum_t){TM_DOC_TYPE_confirmation});
    LINE_SET(&l[1], changes_only, true);
    assert_int_equal(resolve(l, 2), 2100000);
    stands(1, TM_STANDING_copy, &l[0], "it lists only changes; the whole order is revision 1");
    l[1].changes_only = false; /* a full confirmation is a version */
    assert_int_equal(resolve(l, 2), 40000);
}

static void chain__credit_adds_its_negative_amount(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 2100000), order_of(2, "500100", NULL, -100000)};
    assert_int_equal(resolve(l, 2), 2000000);
    stands(1, TM_STANDING_winner, NULL, "a credit");
    LINE_SET(&l[1], doc_type, (tm_enum_t){TM_DOC_TYPE_credit});
    assert_int_equal(resolve(l, 2), 2000000);
}

static void chain__proposal_never_replaces_an_order(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 100), order_of(2, "500100", "2", 900),
                         order_of(3, "500100", "3", 300)};
    LINE_SET(&l[1], stage, (tm_enum_t){TM_STAGE_proposed});
    resolve(l, 2);
    stands(0, TM_STANDING_winner, NULL, "the only version");
    stands(1, TM_STANDING_winner, NULL, "the newest proposal");
    assert_int_equal(resolve(l, 3), 300);
    stands(1, TM_STANDING_superseded, &l[2], "replaced by revision 3");
}

static void chain__money_paid_out_never_counts(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 100)};
    LINE_SET(&l[0], layer, (tm_enum_t){TM_LAYER_disbursement});
    assert_int_equal(resolve(l, 1), 0);
    assert_false(verdicts[0].counts);
    stands(0, TM_STANDING_winner, NULL, "money paid out, not air time");
}

static tm_buy_line_t report_of(uint32_t id, const char *revision, int64_t gross)
{
    tm_buy_line_t l = order_of(id, "SE.1", revision, gross);
    LINE_SET(&l, layer, (tm_enum_t){TM_LAYER_disbursement});
    LINE_SET(&l, stage, (tm_enum_t){TM_STAGE_invoiced});
    return l;
}

/* Domain walkthrough 10: a notice, its amendment, the periodic report. */
static void chain__the_newest_report_of_a_payment_stands(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {report_of(1, "0", 25000000), report_of(2, "1", 24000000),
                         report_of(3, NULL, 24000000)};
    for (int order = 0; order < 2; order++) {
        assert_int_equal(resolve(l, 3), 0);
        const int first = order == 0 ? 0 : 2, last = 2 - first;
        stands((uint32_t)first, TM_STANDING_superseded, &l[1], "replaced by revision 1");
        stands(1, TM_STANDING_superseded, &l[last], "replaced by a newer version");
        stands((uint32_t)last, TM_STANDING_winner, NULL, "the newest report of the payment");
        const tm_buy_line_t notice = l[0];
        l[0] = l[2];
        l[2] = notice;
    }
}

static void chain__reports_without_amount_memos_and_withdrawals(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {report_of(1, "0", 25000000), report_of(2, "1", 0),
                         report_of(3, "2", 24000000), report_of(4, "3", 24000000)};
    TM_CLEAR(&l[1], TM_BUY_LINE_gross_cents);
    TM_CLEAR(&l[1], TM_BUY_LINE_net_cents);
    LINE_SET(&l[2], memo, true);
    resolve(l, 3);
    stands(0, TM_STANDING_winner, NULL, "the newest report"); /* nothing says another amount */
    stands(1, TM_STANDING_winner, NULL, "the newest report");
    stands(2, TM_STANDING_covered, NULL, "a memo");
    LINE_SET(&l[3], stage, (tm_enum_t){TM_STAGE_cancelled});
    resolve(l, 4);
    stands(0, TM_STANDING_superseded, &l[3], "replaced by the cancellation");
    stands(1, TM_STANDING_superseded, &l[3], "replaced by the cancellation");
    stands(3, TM_STANDING_winner, NULL, "the newest report");
}

/* Whatever joined them, payments and air time do not replace each other. */
static void chain__payments_are_ranked_among_themselves(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 100), report_of(2, "2", 900),
                         order_of(3, "500100", "2", 300), report_of(4, "4", 700)};
    assert_int_equal(resolve(l, 4), 300);
    stands(0, TM_STANDING_superseded, &l[2], "replaced by revision 2");
    stands(1, TM_STANDING_superseded, &l[3], "replaced by revision 4");
    stands(2, TM_STANDING_winner, NULL, "the newest version");
    stands(3, TM_STANDING_winner, NULL, "the newest report");
}

static void chain__changes_take_the_lines_of_the_last_full_version(void **state)
{
    (void)state;
    tm_buy_line_t l[] = {order_of(1, "500100", "1", 90000), order_of(2, "500100", "2", 60001)};
    tm_line_week_t w[] = {week_entry("2026-10-13", "2026-10-18", 30000),
                          week_entry("2026-10-19", "2026-10-25", 60000)};
    LINE_SET(&l[0], line_weeks, ((tm_recs_t){w, 2}));
    LINE_SET(&l[1], changes_only, true);
    LINE_SET(&l[1], doc_type, (tm_enum_t){TM_DOC_TYPE_order});
    assert_int_equal(resolve(l, 2), 60001);
    assert_int_equal(verdicts[1].lines_of.v, l[0].id.v);
    assert_int_equal(tm_line_scale(&l[0], &l[1], arena), TM_OK);
    const tm_line_week_t *out = l[1].line_weeks.v;
    assert_int_equal(l[1].line_weeks.n, 2);
    assert_int_equal(out[0].amount_cents.v, 20000);
    assert_int_equal(out[1].amount_cents.v, 40001);
}

static void chain__order_of_input_is_nothing(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 500; i++) {
        tm_buy_line_t l[MANY];
        for (uint32_t k = 0; k < MANY; k++) {
            static const char *const revisions[] = {NULL, "1", "2", "Makegood 1", "3"};
            l[k] = order_of(k + 1, "500100", revisions[below(&seed, 5)],
                            (int64_t)below(&seed, 1000) + 1);
            if (below(&seed, 3) == 0) {
                LINE_SET(&l[k], revision_date,
                         ((tm_day_t){day("2026-10-01").v + (int32_t)below(&seed, 3)}));
            }
            if (below(&seed, 5) == 0) {
                LINE_SET(&l[k], stage, (tm_enum_t){TM_STAGE_cancelled});
            }
            l[k].created_ms.v = below(&seed, 3);
        }
        const int64_t sum = resolve(l, MANY);
        tm_id_t winner = {0};
        int winners = 0;
        for (uint32_t k = 0; k < MANY; k++) {
            if (verdicts[k].standing == TM_STANDING_winner) {
                winner = l[k].id;
                winners++;
            }
        }
        assert_int_equal(winners, 1);
        for (uint32_t k = MANY; k > 1; k--) {
            const uint32_t j = below(&seed, k);
            const tm_buy_line_t x = l[k - 1];
            l[k - 1] = l[j];
            l[j] = x;
        }
        assert_int_equal(resolve(l, MANY), sum);
        for (uint32_t k = 0; k < MANY; k++) {
            assert_true((verdicts[k].standing == TM_STANDING_winner) == (l[k].id.v == winner.v));
        }
        tm_arena_reset(arena);
    }
}

static void chain__too_long_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tm_chain_resolve(NULL, TM_CHAIN_LINES_MAX + 1, arena, NULL), TM_ETOOLARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain__revision_replaces_and_deletion_is_zero),
        cmocka_unit_test(chain__upload_order_does_not_beat_the_revision),
        cmocka_unit_test(chain__revision_compares_as_a_number_within_a_series),
        cmocka_unit_test(chain__blank_revision_of_a_system_is_the_first),
        cmocka_unit_test(chain__print_time_then_upload_decide),
        cmocka_unit_test(chain__dated_cancellation_keeps_the_days_before),
        cmocka_unit_test(chain__later_print_of_a_cancellation_brings_nothing_back),
        cmocka_unit_test(chain__order_after_a_cancellation_counts_again),
        cmocka_unit_test(chain__invoice_closes_its_days),
        cmocka_unit_test(chain__invoices_add_unless_their_number_is_the_same),
        cmocka_unit_test(chain__invoices_without_number_are_told_by_their_period),
        cmocka_unit_test(chain__many_papers_are_no_burden),
        cmocka_unit_test(chain__cancellation_leaves_what_was_invoiced),
        cmocka_unit_test(chain__invoice_without_amount_closes_nothing),
        cmocka_unit_test(chain__version_without_amount_replaces_nothing),
        cmocka_unit_test(chain__confirmation_of_substitutions_adds_nothing),
        cmocka_unit_test(chain__credit_adds_its_negative_amount),
        cmocka_unit_test(chain__proposal_never_replaces_an_order),
        cmocka_unit_test(chain__money_paid_out_never_counts),
        cmocka_unit_test(chain__the_newest_report_of_a_payment_stands),
        cmocka_unit_test(chain__reports_without_amount_memos_and_withdrawals),
        cmocka_unit_test(chain__payments_are_ranked_among_themselves),
        cmocka_unit_test(chain__changes_take_the_lines_of_the_last_full_version),
        cmocka_unit_test(chain__order_of_input_is_nothing),
        cmocka_unit_test(chain__too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
