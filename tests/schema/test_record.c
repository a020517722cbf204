/* test_record.c - the tables themselves, and what can be done with any record. */
#include "base/time.h"
#include "schema/entities.h"
#include "schema/limit.h"
#include "schema/slot.h"
#include "schema/with_records.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void check_field_table(const tm_desc_t *desc)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        char key[128];
        snprintf(key, sizeof(key), "\"%s\":", field->name);
        assert_string_equal(field->key, key);
        assert_int_equal(field->name_n, strlen(field->name));
        assert_true(field->number > 0);
        if (i > 0)
            assert_true(field->number > field[-1].number && field->offset > field[-1].offset);
        assert_true(field->offset >= sizeof(tm_has_t) && field->offset < desc->bytes);
        assert_int_equal(field->extra.words != NULL, field->type == TM_T_ENUM);
        assert_int_equal(field->extra.sub != NULL, field->type == TM_T_RECS);
        assert_int_equal(field->extra.prefix != NULL, field->type == TM_T_ID);
        assert_true(strlen(field->doc) > 0);
        assert_int_equal(tm_field_find(desc, tm_str(field->name)), i);
        assert_int_equal(tm_field_find(desc, tm_str_n(field->name, field->name_n - 1)) == (int)i,
                         0);
        const tm_range_t range = tm_limit_range(field);
        assert_true(range.min <= range.max);
    }
}

static void tables__are_complete_and_in_order(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    uint16_t last = 0;
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        check_field_table(desc);
        assert_int_equal(tm_field_find(desc, TM_STR("no_such_field")), -1);
        assert_int_equal(tm_field_find(desc, TM_STR("")), -1);
        for (unsigned e = 0; e < d; e++) {
            assert_string_not_equal(desc->name, descs[e]->name);
        }
        if (desc->number == 0) {
            assert_null(tm_entity_by_name(tm_str(desc->name)));
            continue;
        }
        assert_true(desc->number > last);
        last = desc->number;
        assert_ptr_equal(tm_entity_by_number(desc->number), desc);
        assert_ptr_equal(tm_entity_by_name(tm_str(desc->name)), desc);
        assert_true(strlen(desc->prefix) >= 1 && strlen(desc->prefix) <= 5);
        assert_string_equal(desc->fields[0].name, "id");
        assert_string_equal(desc->fields[0].extra.prefix, desc->prefix);
    }
    assert_null(tm_entity_by_number(0));
    assert_null(tm_entity_by_number((uint16_t)(last + 1)));
}

static void tables__offsets_are_those_of_the_struct(void **state)
{
    (void)state;
    assert_int_equal(tm_buy_line_desc.fields[TM_BUY_LINE_gross_cents].offset,
                     offsetof(tm_buy_line_t, gross_cents));
    assert_int_equal(tm_span_desc.fields[TM_SPAN_to].offset, offsetof(tm_span_t, to));
    assert_int_equal(tm_campaign_desc.fields[TM_CAMPAIGN_markets].type, TM_T_I32S);
    assert_int_equal(tm_campaign_desc.n_fields, TM_CAMPAIGN_N);
    assert_int_equal(tm_campaign_desc.bytes, sizeof(tm_campaign_t));
}

static void words__are_found_exactly(void **state)
{
    (void)state;
    assert_int_equal(tm_words_find(&tm_side_words, TM_STR("neutral")), TM_SIDE_neutral);
    assert_int_equal(tm_words_find(&tm_side_words, TM_STR("neutra")), -1);
    assert_int_equal(tm_words_find(&tm_side_words, TM_STR("neutrals")), -1);
    assert_int_equal(tm_words_find(&tm_side_words, TM_STR("Neutral")), -1);
    assert_int_equal(tm_words_find(&tm_side_words, TM_STR("")), -1);
    assert_int_equal(tm_words_find(&tm_side_words, (tm_str_t){NULL, 0}), -1);
    assert_string_equal(tm_words_name(&tm_stage_words, (tm_enum_t){TM_STAGE_cancelled}),
                        "cancelled");
}

static void random__records_are_valid_and_repeatable(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    for (unsigned d = 0; d < n; d++) {
        for (uint64_t round = 1; round <= 50; round++) {
            uint64_t seed = round;
            uint64_t again = round;
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
            const void *a = tm_record_random(descs[d], &seed, arena);
            const void *b = tm_record_random(descs[d], &again, arena);
            const void *c = tm_record_random(descs[d], &again, arena);
            tm_why_t why;
            tm_why_clear(&why);
            assert_non_null(a);
            if (tm_record_validate(descs[d], a, &why) != TM_OK)
                fail_msg("%s: %s %s", descs[d]->name, why.faults[0].field, why.faults[0].text);
            assert_true(tm_record_equal(descs[d], a, b));
            assert_false(tm_record_equal(descs[d], a, c));
        }
    }
}

static void record__a_copy_is_equal_and_independent(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    for (unsigned d = 0; d < n; d++) {
        for (uint64_t round = 1; round <= 30; round++) {
            uint64_t seed = round * 77;
            tm_arena_t *from = tm_arena_new(1 << 22);
            TM_AUTO(tm_arena_free_p) tm_arena_t *to = tm_arena_new(1 << 22);
            TM_AUTO(tm_arena_free_p) tm_arena_t *to_again = tm_arena_new(1 << 22);
            TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(300);
            const void *record = tm_record_random(descs[d], &seed, from);
            void *copy = tm_record_copy(descs[d], record, to);
            assert_true(tm_record_equal(descs[d], record, copy));
            assert_true(tm_record_copy(descs[d], record, small) == NULL || descs[d]->bytes < 200);
            tm_arena_free(from); /* a copy that pointed into it would now be found */
            const void *again = tm_record_copy(descs[d], copy, to_again);
            assert_true(tm_record_equal(descs[d], copy, again));
        }
    }
}

static void record__every_single_difference_is_seen(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        uint64_t seed = d + 5;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
        const void *record = tm_record_random(desc, &seed, arena);
        for (unsigned i = 0; i < desc->n_fields; i++) {
            void *other = tm_record_copy(desc, record, arena);
            if (tm_has_get(tm_slot_has(other), i))
                tm_has_clear(tm_slot_has(other), i);
            else
                tm_has_set(tm_slot_has(other), i);
            assert_false(tm_record_equal(desc, record, other));
            if (!tm_has_get(tm_slot_has_const(record), i))
                continue;
            other = tm_record_copy(desc, record, arena);
            void *slot = tm_slot(&desc->fields[i], other);
            const tm_type_t type = (tm_type_t)desc->fields[i].type;
            if (type == TM_T_STR)
                *(tm_str_t *)slot = TM_STR("something else");
            else if (type == TM_T_STRS || type == TM_T_I32S || type == TM_T_RECS)
                ((tm_recs_t *)slot)->n =
                    ((tm_recs_t *)slot)->n > 0 ? ((tm_recs_t *)slot)->n - 1 : 1;
            else
                tm_slot_set_number(&desc->fields[i], slot,
                                   tm_slot_number(&desc->fields[i], slot) == 0 ? 1 : 0);
            if (!((type == TM_T_STRS || type == TM_T_I32S || type == TM_T_RECS) &&
                  ((tm_recs_t *)slot)->v == NULL))
                assert_false(tm_record_equal(desc, record, other));
        }
    }
}

static void expect_fault(const tm_why_t *why, uint32_t i, tm_err_t err, const char *field,
                         const char *text)
{
    assert_true(why->n > i);
    assert_int_equal(why->faults[i].err, err);
    assert_string_equal(why->faults[i].field, field);
    assert_non_null(strstr(why->faults[i].text, text));
}

static void validate__names_every_fault_with_its_path(void **state)
{
    (void)state;
    tm_campaign_rival_t rivals[2] = {0};
    tm_str_t words[2] = {TM_STR("ok"), TM_STR("")};
    int32_t markets[3] = {504, 99, 1000};
    rivals[0].name = TM_STR("Smith for Senate");
    TM_MARK(&rivals[0], TM_CAMPAIGN_RIVAL_name);
    rivals[1].side = (tm_enum_t){99};
    TM_MARK(&rivals[1], TM_CAMPAIGN_RIVAL_side);
    tm_campaign_t campaign = {
        .tz = TM_STR("Mars/Base"),
        .state = TM_STR("OHIO"),
        .keywords = {words, 2},
        .markets = {markets, 3},
        .advertisers = {rivals, 2},
        .election_date = {1},
        .commission_bp = 10000,
    };
    TM_MARK(&campaign, TM_CAMPAIGN_tz);
    TM_MARK(&campaign, TM_CAMPAIGN_state);
    TM_MARK(&campaign, TM_CAMPAIGN_keywords);
    TM_MARK(&campaign, TM_CAMPAIGN_markets);
    TM_MARK(&campaign, TM_CAMPAIGN_advertisers);
    TM_MARK(&campaign, TM_CAMPAIGN_election_date);
    TM_MARK(&campaign, TM_CAMPAIGN_commission_bp);
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_record_validate(&tm_campaign_desc, &campaign, &why), TM_EINVALID);
    assert_int_equal(why.n, 9);
    expect_fault(&why, 0, TM_EINVALID, "name", "is required");
    expect_fault(&why, 1, TM_ERANGE, "state", "exactly 2 bytes");
    expect_fault(&why, 2, TM_ERANGE, "election_date", "1990-01-01");
    expect_fault(&why, 3, TM_ERANGE, "commission_bp", "from 0 to 9999");
    expect_fault(&why, 4, TM_ERANGE, "keywords[1]", "1 to 100 bytes");
    expect_fault(&why, 5, TM_ERANGE, "markets[1]", "from 100 to 999");
    expect_fault(&why, 6, TM_ERANGE, "markets[2]", "from 100 to 999");
    expect_fault(&why, 7, TM_EINVALID, "advertisers[1].name", "is required");
    expect_fault(&why, 8, TM_EINVALID, "advertisers[1].side", "one of: for against neutral");
    assert_int_equal(tm_record_validate(&tm_campaign_desc, &campaign, NULL), TM_EINVALID);

    tm_campaign_t good = {.name = TM_STR("A"), .tz = TM_STR("Mars/Base")};
    TM_MARK(&good, TM_CAMPAIGN_name);
    TM_MARK(&good, TM_CAMPAIGN_tz);
    tm_why_clear(&why);
    assert_int_equal(tm_record_validate(&tm_campaign_desc, &good, &why), TM_EINVALID);
    expect_fault(&why, 0, TM_EINVALID, "tz", "time zone");
    good.tz = TM_STR("America/New_York");
    tm_why_clear(&why);
    assert_int_equal(tm_record_validate(&tm_campaign_desc, &good, &why), TM_OK);
    good.name = TM_STR("a\xff");
    assert_int_equal(tm_record_validate(&tm_campaign_desc, &good, &why), TM_EINVALID);
}

static void validate__rules_speak_of_ranges_in_lists_too(void **state)
{
    (void)state;
    tm_span_t spans[2] = {{.from = {20000}, .to = {20001}}, {.from = {20002}, .to = {20001}}};
    tm_buy_line_t line = {.flight_from = {20010},
                          .flight_to = {20009},
                          .low_cents = {5},
                          .high_cents = {4},
                          .hiatus = {spans, 1}};
    for (int i = 0; i < 2; i++) {
        TM_MARK(&spans[i], TM_SPAN_from);
        TM_MARK(&spans[i], TM_SPAN_to);
    }
    TM_MARK(&line, TM_BUY_LINE_flight_from);
    TM_MARK(&line, TM_BUY_LINE_flight_to);
    TM_MARK(&line, TM_BUY_LINE_low_cents);
    TM_MARK(&line, TM_BUY_LINE_high_cents);
    TM_MARK(&line, TM_BUY_LINE_hiatus);
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_record_validate(&tm_buy_line_desc, &line, &why), TM_EINVALID);
    expect_fault(&why, 0, TM_EINVALID, "flight_to", "before");
    expect_fault(&why, 1, TM_EINVALID, "high_cents", "below");
    line.hiatus.n = 2;
    tm_why_clear(&why);
    assert_int_equal(tm_record_validate(&tm_buy_line_desc, &line, &why), TM_EINVALID);
    expect_fault(&why, 0, TM_EINVALID, "hiatus[1].to", "before");
    assert_int_equal(why.n, 1); /* a record's own rules wait until its fields are good */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables__are_complete_and_in_order),
        cmocka_unit_test(tables__offsets_are_those_of_the_struct),
        cmocka_unit_test(words__are_found_exactly),
        cmocka_unit_test(random__records_are_valid_and_repeatable),
        cmocka_unit_test(record__a_copy_is_equal_and_independent),
        cmocka_unit_test(record__every_single_difference_is_seen),
        cmocka_unit_test(validate__names_every_fault_with_its_path),
        cmocka_unit_test(validate__rules_speak_of_ranges_in_lists_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
