/* test_sheet_line.c - a row of a sheet as a buy line: basis, ranges, and what only sheets say. */
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

static tm_document_t row_of(uint8_t basis)
{
    tm_document_t doc;
    memset(&doc, 0, sizeof doc);
    DOC_SET(&doc, status, (tm_enum_t){TM_READING_STATUS_read});
    DOC_SET(&doc, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    DOC_SET(&doc, station, TM_STR("WAAA"));
    DOC_SET(&doc, advertiser, TM_STR("Friends of Example"));
    DOC_SET(&doc, flight_from, day("2026-10-12"));
    DOC_SET(&doc, flight_to, day("2026-10-18"));
    DOC_SET(&doc, amount_basis, (tm_enum_t){basis});
    return doc;
}

static tm_buy_line_t make(const tm_document_t *doc)
{
    tm_buy_line_t line;
    assert_int_equal(tm_line_from_document(doc, false, -1, 1500, arena, &line, &exceptions), TM_OK);
    return line;
}

static void line__net_becomes_gross_by_commission(void **state)
{
    (void)state;
    tm_document_t doc = row_of(TM_AMOUNT_BASIS_net);
    DOC_SET(&doc, net_cents, (tm_cents_t){1730000}); /* walkthrough 6 */
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.gross_cents.v, 2035294);
    assert_int_equal(line.net_cents.v, 1730000);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_net);
    assert_int_equal(line.commission_bp, 1500);
    assert_false(TM_HAS(&line, TM_BUY_LINE_stated_basis));
    assert_int_equal(exceptions.n, 0);
}

static void line__an_unknown_basis_is_kept_and_told(void **state)
{
    (void)state;
    tm_document_t doc = row_of(TM_AMOUNT_BASIS_unknown);
    DOC_SET(&doc, gross_cents, (tm_cents_t){1730000});
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.gross_cents.v, 1730000);
    assert_int_equal(line.net_cents.v, 1470500);
    assert_int_equal(line.amount_basis.v, TM_AMOUNT_BASIS_unknown);
    assert_int_equal(line.stated_basis.v, TM_AMOUNT_BASIS_gross);
}

static void line__a_printed_total_of_a_paper_stays_both(void **state)
{
    (void)state;
    tm_document_t doc = row_of(TM_AMOUNT_BASIS_gross);
    TM_CLEAR(&doc, TM_DOCUMENT_amount_basis);
    DOC_SET(&doc, doc_type, (tm_enum_t){TM_DOC_TYPE_order});
    DOC_SET(&doc, gross_cents, (tm_cents_t){100000});
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.net_cents.v, 100000);
}

static void line__ranges(void **state)
{
    (void)state;
    tm_document_t doc = row_of(TM_AMOUNT_BASIS_gross);
    DOC_SET(&doc, high_cents, (tm_cents_t){10000});
    tm_buy_line_t line = make(&doc);
    assert_int_equal(line.gross_cents.v, 5000);
    assert_int_equal(line.high_cents.v, 10000);
    assert_false(TM_HAS(&line, TM_BUY_LINE_low_cents));
    assert_int_equal(exceptions.n, 0);
    doc = row_of(TM_AMOUNT_BASIS_gross);
    DOC_SET(&doc, low_cents, (tm_cents_t){100000000});
    line = make(&doc);
    assert_int_equal(line.gross_cents.v, 100000000);
    doc = row_of(TM_AMOUNT_BASIS_net);
    DOC_SET(&doc, low_cents, (tm_cents_t){8500});
    DOC_SET(&doc, high_cents, (tm_cents_t){17000});
    line = make(&doc);
    assert_int_equal(line.low_cents.v, 10000);
    assert_int_equal(line.high_cents.v, 20000);
    assert_int_equal(line.gross_cents.v, 15000);
}

static void line__what_only_sheets_say(void **state)
{
    (void)state;
    tm_document_t doc = row_of(TM_AMOUNT_BASIS_gross);
    tm_span_t dark = {0};
    SET(&dark, SPAN, from, day("2026-10-14"));
    SET(&dark, SPAN, to, day("2026-10-15"));
    DOC_SET(&doc, gross_cents, (tm_cents_t){100000});
    DOC_SET(&doc, hiatus, ((tm_recs_t){&dark, 1}));
    DOC_SET(&doc, daypart, TM_STR("News"));
    DOC_SET(&doc, length_s, 30);
    DOC_SET(&doc, grp_x10, 125);
    DOC_SET(&doc, layer, (tm_enum_t){TM_LAYER_disbursement});
    DOC_SET(&doc, estimate, true);
    DOC_SET(&doc, external_id, TM_STR("V-1"));
    DOC_SET(&doc, row, 17);
    DOC_SET(&doc, market_code, 504);
    DOC_SET(&doc, source, TM_STR("rep_mail"));
    DOC_SET(&doc, stage, (tm_enum_t){TM_STAGE_proposed});
    const tm_buy_line_t line = make(&doc);
    assert_int_equal(line.hiatus.n, 1);
    assert_true(tm_str_eq(line.daypart, TM_STR("News")));
    assert_int_equal(line.length_s, 30);
    assert_int_equal(line.grp_x10, 125);
    assert_int_equal(line.layer.v, TM_LAYER_disbursement);
    assert_true(line.estimate && TM_HAS(&line, TM_BUY_LINE_estimate));
    assert_true(tm_str_eq(line.external_id, TM_STR("V-1")));
    assert_int_equal(line.row, 17);
    assert_int_equal(line.market, 504);
    assert_true(tm_str_eq(line.source, TM_STR("rep_mail")));
    assert_int_equal(line.stage.v, TM_STAGE_proposed);
    assert_int_equal(line.doc_type.v, TM_DOC_TYPE_sheet);
    DOC_SET(&doc, market_code, 504);
    TM_CLEAR(&doc, TM_DOCUMENT_gross_cents);
    (void)make(&doc);
    assert_int_equal(exceptions.n, 1);
    assert_true(tm_str_eq(exceptions.v[0], TM_STR("missing_amount")));
}

/* A row of a list with an order's number: beside the order's own paper it adds nothing, however new
 * it is; rows alone are versions of each other. */
static void chain__a_list_replaces_no_paper(void **state)
{
    (void)state;
    tm_buy_line_t paper = order_of(1, "387130", "1", 100000);
    tm_buy_line_t row = order_of(2, "387130", "2", 120000);
    tm_buy_line_t newer = order_of(3, "387130", "3", 130000);
    LINE_SET(&paper, doc_type, (tm_enum_t){TM_DOC_TYPE_order});
    LINE_SET(&row, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    LINE_SET(&newer, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    const tm_buy_line_t *lines[] = {&paper, &row, &newer};
    tm_verdict_t v[3];
    assert_int_equal(tm_chain_resolve(lines, 3, arena, v), TM_OK);
    assert_int_equal(v[0].standing, TM_STANDING_winner);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(v[i].standing, TM_STANDING_copy);
        assert_int_equal(v[i].superseded_by.v, paper.id.v);
        assert_false(v[i].counts);
        assert_non_null(memmem(v[i].why.p, v[i].why.n, "a list tells", 12));
    }
    assert_int_equal(tm_chain_resolve(lines + 1, 2, arena, v), TM_OK);
    assert_int_equal(v[0].standing, TM_STANDING_superseded);
    assert_int_equal(v[1].standing, TM_STANDING_winner);
    LINE_SET(&newer, stage, (tm_enum_t){TM_STAGE_cancelled});
    assert_int_equal(tm_chain_resolve(lines, 3, arena, v), TM_OK);
    assert_true(v[0].counts && !v[0].zero);
    assert_int_equal(v[0].standing, TM_STANDING_winner);
    assert_false(v[2].counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__net_becomes_gross_by_commission),
        cmocka_unit_test(line__an_unknown_basis_is_kept_and_told),
        cmocka_unit_test(line__a_printed_total_of_a_paper_stays_both),
        cmocka_unit_test(line__ranges),
        cmocka_unit_test(line__what_only_sheets_say),
        cmocka_unit_test(chain__a_list_replaces_no_paper),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
