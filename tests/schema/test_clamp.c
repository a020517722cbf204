/* test_clamp.c - records from documents are within the limits of their fields afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/memory.h"
#include "schema/entities.h"
#include "schema/record.h"

static void clamp__cuts_texts_at_a_character(void **state)
{
    (void)state;
    char name[400];
    for (size_t i = 0; i < sizeof name; i += 2) {
        memcpy(name + i, "\xc3\xa9", 2); /* two bytes a character */
    }
    tm_document_t doc = {0};
    TM_SET(&doc, TM_DOCUMENT, advertiser,
           tm_str_n(name + 1, sizeof name - 1)); /* odd: a cut in the middle */
    assert_int_equal(tm_record_clamp(&tm_document_desc, &doc), 1);
    assert_true(doc.advertiser.n <= 200);
    assert_int_equal((unsigned char)doc.advertiser.p[doc.advertiser.n - 1], 0xa9);
}

static void clamp__numbers_and_days_out_of_range_become_absent(void **state)
{
    (void)state;
    tm_document_t doc = {0};
    TM_SET(&doc, TM_DOCUMENT, gross_cents, (tm_cents_t){INT64_MAX});
    TM_SET(&doc, TM_DOCUMENT, net_cents, (tm_cents_t){100});
    TM_SET(&doc, TM_DOCUMENT, flight_from, (tm_day_t){-1});
    TM_SET(&doc, TM_DOCUMENT, stage, (tm_enum_t){200});
    TM_SET(&doc, TM_DOCUMENT, order_no, tm_str_n("", 0));
    assert_int_equal(tm_record_clamp(&tm_document_desc, &doc), 4);
    assert_false(TM_HAS(&doc, TM_DOCUMENT_gross_cents));
    assert_true(TM_HAS(&doc, TM_DOCUMENT_net_cents));
    assert_false(TM_HAS(&doc, TM_DOCUMENT_flight_from));
    assert_false(TM_HAS(&doc, TM_DOCUMENT_stage));
    assert_false(TM_HAS(&doc, TM_DOCUMENT_order_no)); /* shorter than one byte: nothing */
}

static void clamp__lists_end_at_their_length_and_inner_records_are_clamped(void **state)
{
    (void)state;
    enum { N = 30000 };
    tm_doc_line_t *lines = tm_zalloc(N * sizeof *lines);
    TM_SET(&lines[0], TM_DOC_LINE, amount_cents, (tm_cents_t){INT64_MIN});
    tm_document_t doc = {0};
    TM_SET(&doc, TM_DOCUMENT, lines, (tm_recs_t){lines, N});
    assert_int_equal(tm_record_clamp(&tm_document_desc, &doc), 2);
    assert_int_equal(doc.lines.n, 20000);
    assert_false(TM_HAS(&lines[0], TM_DOC_LINE_amount_cents));
    tm_free(lines);
}

static void clamp__leaves_valid_records_alone(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 200; i++) {
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(64u << 20);
        tm_document_t *doc = tm_record_random(&tm_document_desc, &seed, arena);
        const tm_document_t *copy = tm_record_copy(&tm_document_desc, doc, arena);
        assert_int_equal(tm_record_clamp(&tm_document_desc, doc), 0);
        assert_true(tm_record_equal(&tm_document_desc, doc, copy));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clamp__cuts_texts_at_a_character),
        cmocka_unit_test(clamp__numbers_and_days_out_of_range_become_absent),
        cmocka_unit_test(clamp__lists_end_at_their_length_and_inner_records_are_clamped),
        cmocka_unit_test(clamp__leaves_valid_records_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
