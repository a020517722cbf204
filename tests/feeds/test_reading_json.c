/* test_reading_json.c - the line that scripts outside read: keys, order, absent values, places. */
#include "base/memory.h"
#include "base/time.h"
#include "feeds/reader.h"
#include "schema/record.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char *const KEYS[] = {
    "file",
    "sha256",
    "part",
    "parts",
    "pages",
    "status",
    "doc_type",
    "stage",
    "contract_num",
    "order_no",
    "invoice_no",
    "revision",
    "alt_order_no",
    "original_date",
    "revision_date",
    "print_ms",
    "billing_from",
    "billing_to",
    "advertiser",
    "agency",
    "station",
    "stations",
    "market",
    "medium",
    "product",
    "gross_cents",
    "net_cents",
    "commission_bp",
    "flight_from",
    "flight_to",
    "spots",
    "market_budget_cents",
    "shares",
    "confidence_bp",
    "at",
    "lines",
    "airings",
    "exceptions",
};

static json_t *written(const tm_document_t *doc)
{
    tm_buf_t out;
    tm_buf_init(&out, 64 << 20);
    tm_reading_write(doc, &out);
    assert_false(out.full);
    assert_null(memchr(out.p, '\n', out.n));
    size_t at = 0;
    for (size_t i = 0; i < TM_COUNT(KEYS); i++) { /* in this order */
        char key[64];
        (void)snprintf(key, sizeof(key), "%s\"%s\":", i == 0 ? "{" : ",", KEYS[i]);
        const char *found = memmem(out.p + at, out.n - at, key, strlen(key));
        assert_non_null(found);
        at = (size_t)(found - out.p);
    }
    json_error_t error;
    json_t *json = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        print_error("%s\n%.*s\n", error.text, (int)out.n, out.p);
    }
    tm_buf_done(&out);
    assert_non_null(json);
    return json;
}

static void reading_write__absent_is_null_and_lists_are_lists(void **state)
{
    (void)state;
    const tm_document_t doc = {0};
    json_t *json = written(&doc);
    for (size_t i = 0; i < TM_COUNT(KEYS); i++) {
        const json_t *v = json_object_get(json, KEYS[i]);
        static const char *const LISTS[] = {"pages", "stations", "shares",
                                            "lines", "airings",  "exceptions"};
        bool list = false;
        for (size_t k = 0; k < TM_COUNT(LISTS); k++) {
            list = list || strcmp(KEYS[i], LISTS[k]) == 0;
        }
        assert_true(list                         ? json_is_array(v) && json_array_size(v) == 0
                    : strcmp(KEYS[i], "at") == 0 ? json_is_object(v)
                                                 : json_is_null(v));
    }
    json_decref(json);
}

static void reading_write__zero_is_not_null(void **state)
{
    (void)state;
    tm_document_t doc = {0};
    TM_MARK(&doc, TM_DOCUMENT_gross_cents);
    TM_MARK(&doc, TM_DOCUMENT_net_cents);
    doc.net_cents.v = -188000;
    TM_MARK(&doc, TM_DOCUMENT_revision);
    doc.revision = TM_STR("0");
    json_t *json = written(&doc);
    assert_int_equal(json_integer_value(json_object_get(json, "gross_cents")), 0);
    assert_true(json_is_integer(json_object_get(json, "gross_cents")));
    assert_int_equal(json_integer_value(json_object_get(json, "net_cents")), -188000);
    assert_string_equal(json_string_value(json_object_get(json, "revision")), "0");
    json_decref(json);
}

static void reading_write__places_are_keyed_by_field_in_points(void **state)
{
    (void)state;
    int32_t box[4] = {7925, -50, 12000, 105};
    tm_place_t places[3] = {{.field = TM_STR("gross_cents"),
                             .page = 2,
                             .box_x100 = {box, 4},
                             .text = TM_STR("$1,\"880\"\\")},
                            {.field = TM_STR("revision"), .page = 1},
                            {.field = TM_STR("gross_cents"), .page = 9}};
    for (size_t i = 0; i < 3; i++) {
        TM_MARK(&places[i], TM_PLACE_field);
        TM_MARK(&places[i], TM_PLACE_page);
    }
    TM_MARK(&places[0], TM_PLACE_box_x100);
    TM_MARK(&places[0], TM_PLACE_text);
    tm_document_t doc = {.at = {places, 3}};
    TM_MARK(&doc, TM_DOCUMENT_at);
    tm_buf_t out;
    tm_buf_init(&out, 1 << 20);
    tm_reading_write(&doc, &out);
    const char *want = "\"at\":{\"gross_cents\":{\"page\":2,\"box\":[79.25,-0.5,120,1.05],\"text\":"
                       "\"$1,\\\"880\\\"\\\\\"},"
                       "\"revision\":{\"page\":1,\"box\":null,\"text\":null}},";
    assert_non_null(memmem(out.p, out.n, want, strlen(want)));
    tm_buf_done(&out);
    json_decref(written(&doc));
}

static void reading_write__lines_and_airings(void **state)
{
    (void)state;
    tm_doc_line_t lines[2] = {{.line = TM_STR("1"),
                               .from = tm_day_make(2020, 2, 3),
                               .to = tm_day_make(2020, 2, 9),
                               .days = TM_STR("MTWTF--"),
                               .spots = 4,
                               .rate_cents = {47000},
                               .amount_cents = {188000},
                               .status = {TM_LINE_STATUS_missed},
                               .page = 1}};
    for (unsigned i = 0; i < TM_DOC_LINE_N; i++) {
        TM_MARK(&lines[0], i);
    }
    tm_airing_t airing = {.air_date = tm_day_make(2020, 2, 4), .air_time = TM_STR("06:30")};
    TM_MARK(&airing, TM_AIRING_air_date);
    TM_MARK(&airing, TM_AIRING_air_time);
    tm_document_t doc = {.lines = {lines, 2}, .airings = {&airing, 1}};
    TM_MARK(&doc, TM_DOCUMENT_lines);
    TM_MARK(&doc, TM_DOCUMENT_airings);
    tm_buf_t out;
    tm_buf_init(&out, 1 << 20);
    tm_reading_write(&doc, &out);
    const char *want =
        "\"lines\":[{\"line\":\"1\",\"from\":\"2020-02-03\",\"to\":\"2020-02-09\",\"days\":\"MTWTF-"
        "-\",\"spots\":4,"
        "\"rate_cents\":47000,\"amount_cents\":188000,\"status\":\"missed\",\"page\":1},"
        "{\"line\":null,\"from\":null,\"to\":null,\"days\":null,\"spots\":null,\"rate_cents\":null,"
        "\"amount_cents\":null,"
        "\"status\":\"ok\",\"page\":null}],\"airings\":[{\"air_date\":\"2020-02-04\",\"air_time\":"
        "\"06:30\",";
    assert_non_null(memmem(out.p, out.n, want, strlen(want)));
    tm_buf_done(&out);
    json_decref(written(&doc));
}

/* Any record that the schema can make is valid JSON with the same values. */
static void reading_write__random_documents_are_valid_json(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (unsigned i = 0; i < 200; i++) {
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(256 << 20);
        const tm_document_t *doc = tm_record_random(&tm_document_desc, &seed, arena);
        assert_non_null(doc);
        json_t *json = written(doc);
        const json_t *gross = json_object_get(json, "gross_cents");
        assert_int_equal(TM_HAS(doc, TM_DOCUMENT_gross_cents), json_is_integer(gross));
        if (json_is_integer(gross)) {
            assert_int_equal(json_integer_value(gross), doc->gross_cents.v);
        }
        const char *advertiser = json_string_value(json_object_get(json, "advertiser"));
        assert_int_equal(TM_HAS(doc, TM_DOCUMENT_advertiser), advertiser != NULL);
        if (advertiser != NULL) {
            assert_true(tm_str_eq(tm_str(advertiser), doc->advertiser));
        }
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_write__absent_is_null_and_lists_are_lists),
        cmocka_unit_test(reading_write__zero_is_not_null),
        cmocka_unit_test(reading_write__places_are_keyed_by_field_in_points),
        cmocka_unit_test(reading_write__lines_and_airings),
        cmocka_unit_test(reading_write__random_documents_are_valid_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
