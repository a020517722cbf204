/* test_document_line.c - from a document to its buy line. */
#include "with_lines.h"

#define DOC_SET(doc, field, value) SET(doc, DOCUMENT, field, value)

static tm_arena_t *arena;
static tm_strs_t exceptions;

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

static tm_document_t doc_of(int type, const char *number, int64_t gross)
{
    tm_document_t doc;
    memset(&doc, 0, sizeof doc);
    DOC_SET(&doc, status, (tm_enum_t){TM_READING_STATUS_read});
    DOC_SET(&doc, doc_type, (tm_enum_t){(uint8_t)type});
    DOC_SET(&doc, order_no, tm_str(number));
    DOC_SET(&doc, station, TM_STR("WAAA-TV"));
    DOC_SET(&doc, advertiser, TM_STR("Friends of Example"));
    DOC_SET(&doc, flight_from, day("2026-10-13"));
    DOC_SET(&doc, flight_to, day("2026-10-26"));
    DOC_SET(&doc, gross_cents, (tm_cents_t){gross});
    return doc;
}

static tm_doc_line_t printed(const char *from, const char *to, const char *days, int32_t spots,
                             int64_t cents)
{
    tm_doc_line_t l;
    memset(&l, 0, sizeof l);
    SET(&l, DOC_LINE, from, day(from));
    SET(&l, DOC_LINE, to, day(to));
    if (days != NULL) {
        SET(&l, DOC_LINE, days, tm_str(days));
    }
    SET(&l, DOC_LINE, spots, spots);
    SET(&l, DOC_LINE, amount_cents, (tm_cents_t){cents});
    return l;
}

static tm_buy_line_t make_seen(const tm_document_t *doc, bool bare_seen)
{
    tm_buy_line_t line;
    assert_int_equal(tm_line_from_document(doc, bare_seen, -1, 1500, arena, &line, &exceptions),
                     TM_OK);
    return line;
}

static tm_buy_line_t make(const tm_document_t *doc)
{
    return make_seen(doc, false);
}

static bool excepted(const char *kind)
{
    for (uint32_t i = 0; i < exceptions.n; i++) {
        if (tm_str_eq(exceptions.v[i], tm_str(kind)))
            return true;
    }
    return false;
}

static void entry_is(const tm_buy_line_t *line, uint32_t i, const char *from, const char *to,
                     int64_t cents)
{
    assert_true(i < line->line_weeks.n);
    const tm_line_week_t *w = &((const tm_line_week_t *)line->line_weeks.v)[i];
    assert_int_equal(w->from.v, day(from).v);
    assert_int_equal(w->to.v, day(to).v);
    assert_int_equal(w->amount_cents.v, cents);
}

static void line__single_total_is_gross_and_net(void **state)
{
    (void)state;
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "00500100", 2040000);
    tm_place_t place;
    memset(&place, 0, sizeof place);
    SET(&place, PLACE, field, TM_STR("gross_cents"));
    SET(&place, PLACE, page, 3);
    DOC_SET(&doc, at, ((tm_recs_t){&place, 1}));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.gross_cents.v, 2040000);
    assert_int_equal(line.net_cents.v, 2040000);
    assert_int_equal(line.commission_bp, 0);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_gross);
    assert_int_equal(line.stage.v, TM_STAGE_ordered);
    assert_true(tm_str_eq(line.order_no_norm, TM_STR("500100")));
    assert_int_equal(line.locator.n, 2);
    const tm_place_t *at = line.locator.v;
    assert_true(tm_str_eq(at[1].field, TM_STR("net_cents")) && at[1].page == 3);
    assert_int_equal(exceptions.n, 0);
}

static void line__commission_makes_the_other_total(void **state)
{
    (void)state;
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 2040000);
    DOC_SET(&doc, commission_bp, 1500);
    tm_buy_line_t line = make(&doc);
    assert_int_equal(line.net_cents.v, 1734000);
    TM_CLEAR(&doc, TM_DOCUMENT_gross_cents);
    DOC_SET(&doc, net_cents, (tm_cents_t){1730000});
    line = make(&doc);
    assert_int_equal(line.gross_cents.v, 2035294);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_net);
}

static void line__without_amount_or_flight_is_excepted(void **state)
{
    (void)state;
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 1);
    TM_CLEAR(&doc, TM_DOCUMENT_gross_cents);
    tm_buy_line_t line = make(&doc);
    assert_false(TM_HAS(&line, TM_BUY_LINE_gross_cents) || TM_HAS(&line, TM_BUY_LINE_net_cents));
    assert_true(excepted("missing_amount") && exceptions.n == 1);
    DOC_SET(&doc, stage, (tm_enum_t){TM_STAGE_cancelled});
    (void)make(&doc);
    assert_int_equal(exceptions.n, 0); /* a cancellation needs none */

    doc = doc_of(TM_DOC_TYPE_order, "500100", 100);
    TM_CLEAR(&doc, TM_DOCUMENT_flight_from);
    line = make(&doc);
    assert_int_equal(line.flight_from.v, day("2026-10-26").v); /* one date: one day */
    TM_CLEAR(&doc, TM_DOCUMENT_flight_to);
    line = make(&doc);
    assert_false(TM_HAS(&line, TM_BUY_LINE_flight_from));
    assert_true(excepted("missing_flight"));
}

static void line__weeks_are_narrowed_to_marked_days(void **state)
{
    (void)state;
    tm_doc_line_t l[] = {
        printed("2026-10-12", "2026-10-18", "-TWTF--", 4, 40000), /* one piece: Tuesday to Friday */
        printed("2026-10-19", "2026-10-25", "1-1----", 2, 30001), /* printed by day */
        printed("2026-10-19", "2026-10-25", "M-W-F--", 3, 100),   /* gaps */
        printed("2026-10-19", "2026-10-25", "2-1----", 3, 300),   /* by spots */
        printed("2026-10-19", "2026-10-20", "---TF--", 1, 500),   /* marks no day of the line */
        printed("2026-10-19", "2026-10-25", "?", 1, 700),
    };
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 71601);
    DOC_SET(&doc, lines, ((tm_recs_t){l, TM_COUNT(l)}));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(exceptions.n, 0);
    entry_is(&line, 0, "2026-10-13", "2026-10-16", 40000);
    entry_is(&line, 1, "2026-10-19", "2026-10-19", 15000);
    entry_is(&line, 2, "2026-10-21", "2026-10-21", 15001);
    entry_is(&line, 3, "2026-10-19", "2026-10-19", 33);
    entry_is(&line, 4, "2026-10-21", "2026-10-21", 33);
    entry_is(&line, 5, "2026-10-23", "2026-10-23", 34);
    entry_is(&line, 6, "2026-10-19", "2026-10-19", 200);
    entry_is(&line, 7, "2026-10-21", "2026-10-21", 100);
    entry_is(&line, 8, "2026-10-19", "2026-10-20", 500);
    entry_is(&line, 9, "2026-10-19", "2026-10-25", 700);
    assert_int_equal(line.line_weeks.n, 10);
    assert_int_equal(((const tm_line_week_t *)line.line_weeks.v)[6].spots, 2);
}

static void line__pattern_of_a_long_line_holds_in_every_week(void **state)
{
    (void)state;
    tm_doc_line_t l[] = {printed("2026-10-12", "2026-10-25", "M-F", 10, 1000)};
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 1000);
    DOC_SET(&doc, lines, ((tm_recs_t){l, 1}));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.line_weeks.n, 10);
    entry_is(&line, 0, "2026-10-12", "2026-10-12", 100);
    entry_is(&line, 5, "2026-10-19", "2026-10-19", 100);
    entry_is(&line, 9, "2026-10-23", "2026-10-23", 100);
}

static void line__cancelled_and_missed_do_not_count_makegoods_do(void **state)
{
    (void)state;
    tm_doc_line_t l[] = {
        printed("2026-10-12", "2026-10-18", NULL, 1, 1000),
        printed("2026-10-12", "2026-10-18", NULL, 1, 200),
        printed("2026-10-12", "2026-10-18", NULL, 1, 30),
        printed("2026-10-12", "2026-10-18", NULL, 1, 4),
    };
    SET(&l[1], DOC_LINE, status, (tm_enum_t){TM_LINE_STATUS_cancelled});
    SET(&l[2], DOC_LINE, status, (tm_enum_t){TM_LINE_STATUS_missed});
    SET(&l[3], DOC_LINE, status, (tm_enum_t){TM_LINE_STATUS_makegood});
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 1004);
    DOC_SET(&doc, lines, ((tm_recs_t){l, 4}));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.line_weeks.n, 2);
    assert_int_equal(exceptions.n, 0);
}

static void line__sum_off_by_more_than_a_dollar_is_excepted(void **state)
{
    (void)state;
    tm_doc_line_t l[] = {printed("2026-10-13", "2026-10-18", NULL, 1, 1000)};
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 1101);
    DOC_SET(&doc, lines, ((tm_recs_t){l, 1}));
    tm_buy_line_t line = make(&doc);
    assert_true(excepted("line_sum_mismatch"));
    assert_int_equal(line.line_weeks.n, 1);
    doc.gross_cents.v = 1100;
    (void)make(&doc);
    assert_false(excepted("line_sum_mismatch"));
    DOC_SET(&doc, changes_only, true); /* such lines never reach the total */
    doc.gross_cents.v = 5000;
    line = make(&doc);
    assert_int_equal(line.line_weeks.n, 0);
    assert_int_equal(exceptions.n, 0);
}

static void line__printed_in_net_is_kept_in_net(void **state)
{
    (void)state;
    tm_doc_line_t l[] = {printed("2026-10-13", "2026-10-18", NULL, 1, 85000)};
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 100000);
    DOC_SET(&doc, net_cents, (tm_cents_t){85000});
    DOC_SET(&doc, lines, ((tm_recs_t){l, 1}));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_net);
    assert_int_equal(line.commission_bp, 1500);
    assert_int_equal(exceptions.n, 0);
}

static void line__more_entries_than_fit_are_joined_by_day(void **state)
{
    (void)state;
    enum { LINES = 700 };
    static tm_doc_line_t l[LINES];
    for (int i = 0; i < LINES; i++) {
        l[i] = printed("2026-10-12", "2026-10-25", "M-F", 10, 1000);
    }
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "500100", 1000 * LINES);
    DOC_SET(&doc, lines, ((tm_recs_t){l, LINES}));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.line_weeks.n, 10);
    entry_is(&line, 9, "2026-10-23", "2026-10-23", 100 * LINES);
    assert_int_equal(exceptions.n, 0);
}

static void line__invoice_closes_its_period_within_the_flight(void **state)
{
    (void)state;
    tm_document_t doc = doc_of(TM_DOC_TYPE_invoice, "500200", 1870000);
    DOC_SET(&doc, invoice_no, TM_STR("1328762-2"));
    DOC_SET(&doc, billing_from, day("2026-09-28"));
    DOC_SET(&doc, billing_to, day("2026-10-25"));
    tm_airing_t a[] = {airing("2026-10-13", 1000000), airing("2026-10-20", 870000)};
    DOC_SET(&doc, airings, ((tm_recs_t){a, 2}));
    tm_buy_line_t line = make(&doc);
    assert_int_equal(line.stage.v, TM_STAGE_invoiced);
    assert_int_equal(line.flight_from.v, day("2026-10-13").v);
    assert_int_equal(line.flight_to.v, day("2026-10-25").v);
    assert_int_equal(line.airings.n, 2);
    assert_true(tm_str_eq(line.invoice_no, TM_STR("1328762-2")));
    doc.flight_from = day("2026-11-01"); /* they do not meet: the whole period */
    doc.flight_to = day("2026-11-03");
    line = make(&doc);
    assert_int_equal(line.flight_from.v, day("2026-09-28").v);
    assert_int_equal(line.flight_to.v, day("2026-10-25").v);
    TM_CLEAR(&doc, TM_DOCUMENT_billing_from); /* no period: the days on which it aired */
    line = make(&doc);
    assert_int_equal(line.flight_from.v, day("2026-10-13").v);
    assert_int_equal(line.flight_to.v, day("2026-10-20").v);
}

static void line__credit_is_of_its_invoice_or_of_nobody(void **state)
{
    (void)state;
    tm_document_t doc = doc_of(TM_DOC_TYPE_credit, "500200", -1000);
    tm_buy_line_t line = make(&doc);
    assert_false(TM_HAS(&line, TM_BUY_LINE_order_no));
    assert_int_equal(line.stage.v, TM_STAGE_confirmed);
    DOC_SET(&doc, invoice_no, TM_STR("9001"));
    DOC_SET(&doc, billing_from, day("2026-09-28"));
    DOC_SET(&doc, billing_to, day("2026-10-25"));
    line = make(&doc);
    assert_true(TM_HAS(&line, TM_BUY_LINE_order_no));
    assert_int_equal(line.stage.v, TM_STAGE_invoiced);
    assert_int_equal(line.flight_to.v, day("2026-10-25").v);
}

static void line__suffix_is_a_revision_if_the_bare_number_is_seen(void **state)
{
    (void)state;
    const tm_document_t doc = doc_of(TM_DOC_TYPE_order, "1328762-2", 100);
    tm_buy_line_t line = make_seen(&doc, false);
    assert_true(tm_str_eq(line.order_no_norm, TM_STR("1328762-2")));
    assert_false(TM_HAS(&line, TM_BUY_LINE_revision));
    line = make_seen(&doc, true);
    assert_true(tm_str_eq(line.order_no_norm, TM_STR("1328762")));
    assert_true(tm_str_eq(line.revision, TM_STR("2")));
}

static void line__forms_and_unread_files_make_none(void **state)
{
    (void)state;
    tm_buy_line_t line;
    tm_document_t doc = doc_of(TM_DOC_TYPE_agreement, "1", 100);
    assert_int_equal(tm_line_from_document(&doc, false, -1, -1, arena, &line, &exceptions),
                     TM_EINVALID);
    doc = doc_of(TM_DOC_TYPE_order, "1", 100);
    doc.status.v = TM_READING_STATUS_unreadable;
    assert_int_equal(tm_line_from_document(&doc, false, -1, -1, arena, &line, &exceptions),
                     TM_EINVALID);
}

static void line__amounts_beyond_money_are_not_taken(void **state)
{
    (void)state;
    tm_doc_line_t l[] = {printed("2026-10-13", "2026-10-18", NULL, 1, TM_CENTS_MAX),
                         printed("2026-10-13", "2026-10-18", NULL, 1, 1)};
    tm_document_t doc = doc_of(TM_DOC_TYPE_order, "1", 100);
    DOC_SET(&doc, lines, ((tm_recs_t){l, 2}));
    tm_buy_line_t line = make(&doc);
    assert_int_equal(line.line_weeks.n, 0);
    assert_true(excepted("line_sum_mismatch"));
    doc.gross_cents.v = TM_CENTS_MAX + 1;
    line = make(&doc);
    assert_false(TM_HAS(&line, TM_BUY_LINE_gross_cents));
    assert_true(excepted("missing_amount"));
}

static void title_is(const char *filename, const char *number)
{
    tm_document_t doc = doc_of(TM_DOC_TYPE_contract, "1041-92161", 100000);
    DOC_SET(&doc, filename, tm_str(filename));
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(TM_HAS(&line, TM_BUY_LINE_title_no), number != NULL);
    if (number != NULL) {
        assert_true(tm_str_eq(line.title_no, tm_str(number)));
    }
}

static void line__takes_the_number_of_the_title(void **state)
{
    (void)state;
    title_is("WAAA/Order 387130.pdf", "387130");
    title_is("2014/10/ORD92162 Friends.pdf", "92162");
    title_is("inv_0092162.pdf", "92162");
    title_is("KAAA_14060459856093.pdf", NULL); /* a number of the archive */
    title_is("20141012.pdf", NULL);            /* a day */
    title_is("3bbc5269.pdf", NULL);            /* digits of a hexadecimal name */
    title_is("1234.pdf", NULL);                /* too short */
    title_is("387130 387131.pdf", NULL);       /* which? */
    title_is("387130/order.pdf", NULL);        /* the folder's, not the file's */
    title_is("1041-92161.pdf", "92161");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__takes_the_number_of_the_title),
        cmocka_unit_test(line__single_total_is_gross_and_net),
        cmocka_unit_test(line__commission_makes_the_other_total),
        cmocka_unit_test(line__without_amount_or_flight_is_excepted),
        cmocka_unit_test(line__weeks_are_narrowed_to_marked_days),
        cmocka_unit_test(line__pattern_of_a_long_line_holds_in_every_week),
        cmocka_unit_test(line__cancelled_and_missed_do_not_count_makegoods_do),
        cmocka_unit_test(line__sum_off_by_more_than_a_dollar_is_excepted),
        cmocka_unit_test(line__printed_in_net_is_kept_in_net),
        cmocka_unit_test(line__more_entries_than_fit_are_joined_by_day),
        cmocka_unit_test(line__invoice_closes_its_period_within_the_flight),
        cmocka_unit_test(line__credit_is_of_its_invoice_or_of_nobody),
        cmocka_unit_test(line__suffix_is_a_revision_if_the_bare_number_is_seen),
        cmocka_unit_test(line__forms_and_unread_files_make_none),
        cmocka_unit_test(line__amounts_beyond_money_are_not_taken),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
