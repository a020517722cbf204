/* test_dedupe_trust.c - whom to believe, and in what lines differ. */
#include "base/buf.h"
#include "domain/dedupe.h"
#include "with_lines.h"

enum { NONE = -1 };

static tm_buy_line_t of(const char *source, int doc_type, int stage)
{
    tm_buy_line_t line = line_of(1, "2026-10-13", "2026-10-19", 100);
    LINE_SET(&line, source, tm_str(source));
    LINE_SET(&line, stage, (tm_enum_t){(uint8_t)stage});
    if (doc_type != NONE)
        LINE_SET(&line, doc_type, (tm_enum_t){(uint8_t)doc_type});
    return line;
}

static void rank__by_paper_and_source(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        int doc_type, stage, rank;
    } table[] = {
        {"deal", NONE, TM_STAGE_ordered, 0},
        {"deal", TM_DOC_TYPE_invoice, TM_STAGE_invoiced, 0},
        {"fcc", TM_DOC_TYPE_invoice, TM_STAGE_invoiced, 1},
        {"fcc", NONE, TM_STAGE_invoiced, 1},
        {"rep_mail", TM_DOC_TYPE_invoice, TM_STAGE_invoiced, 1},
        {"manual", NONE, TM_STAGE_invoiced, 1},
        {"fcc", TM_DOC_TYPE_credit, TM_STAGE_ordered, 1},
        {"fcc", TM_DOC_TYPE_order, TM_STAGE_ordered, 2},
        {"fcc", TM_DOC_TYPE_contract, TM_STAGE_ordered, 2},
        {"upload", TM_DOC_TYPE_confirmation, TM_STAGE_confirmed, 2},
        {"fcc", NONE, TM_STAGE_ordered, 2},
        {"adimpact", NONE, TM_STAGE_ordered, 3},
        {"aide", NONE, TM_STAGE_invoiced, 3},
        {"adimpact", TM_DOC_TYPE_sheet, TM_STAGE_ordered, 3},
        {"google", NONE, TM_STAGE_ordered, 3},
        {"meta", NONE, TM_STAGE_ordered, 3},
        {"upload", TM_DOC_TYPE_export, TM_STAGE_ordered, 3},
        {"rep_mail", TM_DOC_TYPE_sheet, TM_STAGE_ordered, 4},
        {"rep_mail", NONE, TM_STAGE_ordered, 4},
        {"imap", NONE, TM_STAGE_ordered, 4},
        {"manual", NONE, TM_STAGE_ordered, 4},
        {"fcc", TM_DOC_TYPE_agreement, TM_STAGE_proposed, 5},
        {"fcc", TM_DOC_TYPE_filing, TM_STAGE_ordered, 5},
        {"fec", NONE, TM_STAGE_invoiced, 5},
        {"openfec", TM_DOC_TYPE_filing, TM_STAGE_ordered, 5},
        {"press", NONE, TM_STAGE_ordered, 6},
        {"newsletter", NONE, TM_STAGE_invoiced, 6},
        {"rss", TM_DOC_TYPE_order, TM_STAGE_ordered, 6},
        {"manual", TM_DOC_TYPE_post, TM_STAGE_ordered, 6},
        {"nobody", NONE, TM_STAGE_ordered, 4},
    };
    for (size_t i = 0; i < TM_COUNT(table); i++) {
        const tm_buy_line_t line = of(table[i].source, table[i].doc_type, table[i].stage);
        assert_int_equal(tm_dedupe_rank(&line), table[i].rank);
    }
    tm_buy_line_t line = of("manual", NONE, TM_STAGE_ordered);
    LINE_SET(&line, order_no, TM_STR("387130"));
    assert_int_equal(tm_dedupe_rank(&line), 2); /* typed from an order */
    TM_CLEAR(&line, TM_BUY_LINE_source);
    assert_int_equal(tm_dedupe_rank(&line), 2);
}

static void suggest__rank_then_amount_then_age(void **state)
{
    (void)state;
    tm_buy_line_t sheet = of("rep_mail", NONE, TM_STAGE_ordered),
                  filing = of("fcc", NONE, TM_STAGE_ordered),
                  vague = of("fcc", NONE, TM_STAGE_ordered),
                  later = of("fcc", NONE, TM_STAGE_ordered);
    sheet.id = tm_id_make(7, 1);
    vague.id = tm_id_make(7, 2);
    filing.id = tm_id_make(7, 3);
    later.id = tm_id_make(7, 4);
    TM_CLEAR(&vague, TM_BUY_LINE_gross_cents);
    TM_CLEAR(&vague, TM_BUY_LINE_net_cents);
    const tm_buy_line_t *v[] = {&sheet, &later, &vague, &filing};
    assert_int_equal(tm_dedupe_suggest(v, 1), 0);
    assert_int_equal(tm_dedupe_suggest(v, 2), 1);
    assert_int_equal(tm_dedupe_suggest(v, 3), 1); /* the older one has no amount */
    assert_int_equal(tm_dedupe_suggest(v, 4), 3);
    const tm_buy_line_t *w[] = {&filing, &vague, &later, &sheet}; /* in any order */
    assert_int_equal(tm_dedupe_suggest(w, 4), 0);
}

static void differences_are(const tm_buy_line_t *const *v, uint32_t n, const char *want)
{
    tm_buf_t out;
    tm_buf_init(&out, 1 << 16);
    tm_dedupe_differences(v, n, &out);
    tm_buf_add_char(&out, '\0');
    assert_false(out.full);
    assert_string_equal(out.p, want);
    tm_buf_done(&out);
}

static void differences__fields_of_meaning_only(void **state)
{
    (void)state;
    tm_buy_line_t a = of("fcc", TM_DOC_TYPE_order, TM_STAGE_ordered), b = a;
    b.id = tm_id_make(7, 2);
    LINE_SET(&b, document_id, tm_id_make(5, 1)); /* nothing a person compares */
    const tm_buy_line_t *v[] = {&a, &b, &a};
    differences_are(v, 1, "[]");
    differences_are(v, 2, "[]");
    LINE_SET(&a, order_no, TM_STR("387130"));
    LINE_SET(&a, advertiser, TM_STR("Lake \"for\" Senate"));
    LINE_SET(&b, source, TM_STR("rep_mail"));
    LINE_SET(&b, gross_cents, (tm_cents_t){-2035294});
    LINE_SET(&b, flight_from, day("2026-10-12"));
    LINE_SET(&b, stage, (tm_enum_t){TM_STAGE_proposed});
    LINE_SET(&b, spots, 12);
    differences_are(v, 3,
                    "[{\"field\":\"advertiser\",\"values\":[\"Lake \\\"for\\\" Senate\",null,"
                    "\"Lake \\\"for\\\" Senate\"]},"
                    "{\"field\":\"flight_from\",\"values\":[\"2026-10-13\",\"2026-10-12\","
                    "\"2026-10-13\"]},"
                    "{\"field\":\"gross_cents\",\"values\":[100,-2035294,100]},"
                    "{\"field\":\"spots\",\"values\":[null,12,null]},"
                    "{\"field\":\"order_no\",\"values\":[\"387130\",null,\"387130\"]},"
                    "{\"field\":\"stage\",\"values\":[\"ordered\",\"proposed\",\"ordered\"]},"
                    "{\"field\":\"source\",\"values\":[\"fcc\",\"rep_mail\",\"fcc\"]}]");
}

static void differences__each_field_is_seen(void **state)
{
    (void)state;
    static const struct {
        unsigned index;
        const char *name;
    } fields[] = {
#define FIELD(name) {TM_BUY_LINE_##name, #name}
        FIELD(advertiser),  FIELD(agency),    FIELD(station),   FIELD(market),
        FIELD(medium),      FIELD(product),   FIELD(flight_to), FIELD(flight_from),
        FIELD(gross_cents), FIELD(net_cents), FIELD(low_cents), FIELD(high_cents),
        FIELD(spots),       FIELD(length_s),  FIELD(daypart),   FIELD(order_no),
        FIELD(revision),    FIELD(stage),     FIELD(source),    FIELD(amount_basis),
    };
    for (size_t i = 0; i < TM_COUNT(fields); i++) {
        tm_buy_line_t a, b;
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        a.advertiser = a.agency = a.station = a.product = a.daypart = a.order_no = a.revision =
            a.source = TM_STR("x");
        TM_MARK(&a, fields[i].index);
        const tm_buy_line_t *v[] = {&a, &b};
        tm_buf_t out;
        tm_buf_init(&out, 1 << 12);
        tm_dedupe_differences(v, 2, &out);
        char want[64];
        const int n =
            snprintf(want, sizeof want, "[{\"field\":\"%s\",\"values\":[", fields[i].name);
        assert_true(out.n > (size_t)n);
        assert_memory_equal(out.p, want, (size_t)n);
        tm_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank__by_paper_and_source),
        cmocka_unit_test(suggest__rank_then_amount_then_age),
        cmocka_unit_test(differences__fields_of_meaning_only),
        cmocka_unit_test(differences__each_field_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
