/* test_codec.c - every record through every form and back; forms that are cut, mixed or from
 * another version. */
#include "schema/binary.h"
#include "schema/entities.h"
#include "schema/json.h"
#include "schema/json_value.h"
#include "schema/slot.h"
#include "schema/with_records.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void codec__record_json_record_binary_record(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    tm_buf_t json;
    tm_buf_t binary;
    tm_buf_init(&json, 1 << 22);
    tm_buf_init(&binary, 1 << 22);
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        for (uint64_t round = 1; round <= 60; round++) {
            uint64_t seed = round * 1000 + d;
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
            void *record = tm_record_random(desc, &seed, arena);

            tm_buf_clear(&binary);
            tm_binary_write(desc, record, &binary);
            void *from_binary = tm_arena_zalloc(arena, desc->bytes);
            assert_int_equal(tm_binary_read(desc, tm_buf_str(&binary), arena, from_binary), TM_OK);
            assert_true(tm_record_equal(desc, record, from_binary));

            hide_fields(desc, record, TM_F_HIDDEN);
            tm_buf_clear(&json);
            tm_json_write(desc, record, round % 2 == 0, &json);
            if (round % 2 == 0)
                empty_absent_lists(desc, record, TM_F_HIDDEN);
            void *from_json = tm_arena_zalloc(arena, desc->bytes);
            tm_why_t why;
            tm_why_clear(&why);
            if (tm_json_read(desc, tm_buf_str(&json), 0, arena, from_json, NULL, &why) != TM_OK)
                fail_msg("%s: '%s' %s in %.*s", desc->name, why.faults[0].field, why.faults[0].text,
                         (int)json.n, json.p);
            assert_true(tm_record_equal(desc, record, from_json));

            tm_buf_clear(&binary);
            tm_binary_write(desc, from_json, &binary);
            void *last = tm_arena_zalloc(arena, desc->bytes);
            assert_int_equal(tm_binary_read(desc, tm_buf_str(&binary), arena, last), TM_OK);
            assert_true(tm_record_equal(desc, record, last));
        }
    }
    tm_buf_done(&json);
    tm_buf_done(&binary);
}

/* The object that has every field in turn, each alone. */
static void write_plainly(const tm_desc_t *desc, const void *record, tm_buf_t *out)
{
    tm_buf_clear(out);
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        const bool list =
            field->type == TM_T_STRS || field->type == TM_T_I32S || field->type == TM_T_RECS;
        if ((field->flags & TM_F_HIDDEN) != 0)
            continue;
        tm_buf_printf(out, "%c\"%s\":", out->n == 0 ? '{' : ',', field->name);
        if (tm_has_get(tm_slot_has_const(record), i))
            tm_json_write_value(field, tm_slot_const(field, record), true, out);
        else
            tm_buf_add_c(out, list ? "[]" : "null");
    }
    tm_buf_add_c(out, out->n == 0 ? "{}" : "}");
}

static void json__what_is_absent_is_null_an_empty_list_or_hidden(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    tm_buf_t json;
    tm_buf_t wanted;
    tm_buf_init(&json, 1 << 22);
    tm_buf_init(&wanted, 1 << 22);
    for (unsigned d = 0; d < n; d++) {
        for (uint64_t round = 0; round < 30; round++) {
            uint64_t seed = round * 77 + d;
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
            const void *record = round == 0 ? tm_arena_zalloc(arena, descs[d]->bytes)
                                            : tm_record_random(descs[d], &seed, arena);
            write_plainly(descs[d], record, &wanted);
            tm_buf_clear(&json);
            tm_json_write(descs[d], record, true, &json);
            assert_false(wanted.full || json.full);
            assert_true(tm_str_eq(tm_buf_str(&json), tm_buf_str(&wanted)));
        }
    }
    tm_buf_done(&json);
    tm_buf_done(&wanted);
}

static void codec__a_full_buffer_is_told_and_safe(void **state)
{
    (void)state;
    uint64_t seed = 8;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
    const void *record = tm_record_random(&tm_buy_line_desc, &seed, arena);
    for (int form = 0; form < 2; form++) {
        tm_buf_t whole;
        tm_buf_init(&whole, 1 << 20);
        if (form == 0)
            tm_binary_write(&tm_buy_line_desc, record, &whole);
        else
            tm_json_write(&tm_buy_line_desc, record, true, &whole);
        for (size_t max = 0; max <= whole.n; max++) {
            tm_buf_t buf;
            tm_buf_init(&buf, max);
            if (form == 0)
                tm_binary_write(&tm_buy_line_desc, record, &buf);
            else
                tm_json_write(&tm_buy_line_desc, record, true, &buf);
            assert_int_equal(buf.full, max < whole.n);
            assert_true(buf.n <= max);
            tm_buf_done(&buf);
        }
        tm_buf_done(&whole);
    }
}

static void binary__cut_or_damaged_bytes_never_crash(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    tm_buf_t binary;
    tm_buf_init(&binary, 1 << 22);
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        uint64_t seed = d + 3;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 24);
        const void *record = tm_record_random(desc, &seed, arena);
        tm_buf_clear(&binary);
        tm_binary_write(desc, record, &binary);
        void *back = tm_arena_alloc(arena, desc->bytes);
        for (size_t cut = 0; cut < binary.n; cut++) {
            /* a copy of exactly that size, so that AddressSanitizer sees one byte too far */
            char *bytes = tm_strdup_n(binary.p, cut);
            bytes = tm_realloc(bytes, cut == 0 ? 1 : cut);
            memset(back, 0, desc->bytes);
            const tm_err_t err = tm_binary_read(desc, tm_str_n(bytes, cut), arena, back);
            if (err == TM_OK)
                assert_false(tm_record_equal(desc, record, back)); /* cut between two fields */
            else
                assert_int_equal(err, TM_EDAMAGED);
            tm_free(bytes);
        }
        for (int i = 0; i < 3000 && binary.n > 0; i++) {
            TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(100000);
            const size_t at = next_random(&seed) % binary.n;
            const char kept = binary.p[at];
            binary.p[at] = (char)next_random(&seed);
            memset(back, 0, desc->bytes);
            const tm_err_t err = tm_binary_read(desc, tm_buf_str(&binary), small, back);
            assert_true(err == TM_OK || err == TM_EDAMAGED || err == TM_ENOMEM);
            if (err == TM_OK) /* what was read can be handled */
                assert_true(tm_record_equal(desc, back, back));
            binary.p[at] = kept;
        }
    }
    tm_buf_done(&binary);
}

static void add_unknown(tm_buf_t *out, uint64_t *seed)
{
    const uint64_t number = 100000 + next_random(seed) % 1000;
    if (next_random(seed) % 2 == 0) {
        tm_varint_add(out, number << 3);
        tm_varint_add(out, next_random(seed));
    } else {
        tm_varint_add(out, number << 3 | 1);
        tm_varint_add(out, 5);
        tm_buf_add(out, "\xff\xff\xff\xff\xff", 5);
    }
}

static void binary__order_does_not_matter_and_unknown_numbers_are_skipped(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        uint64_t seed = d + 11;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
        const void *record = tm_record_random(desc, &seed, arena);
        tm_buf_t mixed;
        tm_buf_init(&mixed, 1 << 22);
        /* each field alone, last first, with fields of a later version in between */
        for (unsigned i = desc->n_fields; i-- > 0;) {
            tm_has_t one = {{0, 0}};
            tm_has_set(&one, i);
            add_unknown(&mixed, &seed);
            if (tm_has_get(tm_slot_has_const(record), i))
                tm_binary_write_patch(desc, record, &one, &mixed);
        }
        void *back = tm_arena_zalloc(arena, desc->bytes);
        assert_int_equal(tm_binary_read(desc, tm_buf_str(&mixed), arena, back), TM_OK);
        assert_true(tm_record_equal(desc, record, back));
        tm_buf_done(&mixed);
    }
}

static void binary__a_patch_changes_what_it_touches_only(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        for (uint64_t round = 1; round < 20; round++) {
            uint64_t seed = round * 31 + d;
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
            const void *old = tm_record_random(desc, &seed, arena);
            const void *new = tm_record_random(desc, &seed, arena);
            tm_has_t touched = {{0, 0}};
            for (unsigned i = 0; i < desc->n_fields; i++) {
                if (next_random(&seed) % 2 == 0)
                    tm_has_set(&touched, i);
            }
            tm_buf_t patch;
            tm_buf_init(&patch, 1 << 22);
            tm_binary_write_patch(desc, new, &touched, &patch);
            void *record = tm_record_copy(desc, old, arena);
            tm_has_t told = {{1, 1}};
            assert_int_equal(tm_binary_apply_patch(desc, tm_buf_str(&patch), arena, record, &told),
                             TM_OK);
            assert_memory_equal(&told, &touched, sizeof(told));
            /* the opposite patch from the old record gives the old record back */
            tm_buf_t undo;
            tm_buf_init(&undo, 1 << 22);
            tm_binary_write_patch(desc, old, &touched, &undo);
            for (unsigned i = 0; i < desc->n_fields; i++) {
                const void *from = tm_has_get(&touched, i) ? new : old;
                assert_int_equal(tm_has_get(tm_slot_has(record), i),
                                 tm_has_get(tm_slot_has_const(from), i));
            }
            assert_int_equal(tm_binary_apply_patch(desc, tm_buf_str(&undo), arena, record, NULL),
                             TM_OK);
            assert_true(tm_record_equal(desc, record, old));
            /* a patch with nulls is no record */
            bool nulls = false;
            for (unsigned i = 0; i < desc->n_fields; i++) {
                nulls =
                    nulls || (tm_has_get(&touched, i) && !tm_has_get(tm_slot_has_const(new), i));
            }
            void *whole = tm_arena_zalloc(arena, desc->bytes);
            assert_int_equal(tm_binary_read(desc, tm_buf_str(&patch), arena, whole),
                             nulls ? TM_EDAMAGED : TM_OK);
            tm_buf_done(&patch);
            tm_buf_done(&undo);
        }
    }
}

/* Every other string and instant becomes what the one before it is. Returns how many. */
static unsigned make_same(const tm_desc_t *desc, void *record, uint64_t *seed)
{
    const tm_has_t *has = tm_slot_has_const(record);
    const tm_field_t *lasts[2] = {NULL, NULL};
    unsigned n = 0;
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        const tm_field_t *field = &desc->fields[i];
        if (field->type != TM_T_STR && field->type != TM_T_MS)
            continue;
        const tm_field_t **last = &lasts[field->type == TM_T_MS];
        if (*last != NULL && next_random(seed) % 2 == 0) {
            memcpy(tm_slot(field, record), tm_slot_const(*last, record),
                   field->type == TM_T_STR ? sizeof(tm_str_t) : sizeof(tm_ms_t));
            n++;
        }
        *last = field;
    }
    return n;
}

static void binary__what_is_the_same_is_said_once(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    unsigned same = 0;
    for (unsigned d = 0; d < n; d++) {
        const tm_desc_t *desc = descs[d];
        for (uint64_t round = 1; round < 40; round++) {
            uint64_t seed = round * 17 + d;
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
            void *record = tm_record_random(desc, &seed, arena);
            same += make_same(desc, record, &seed);
            tm_buf_t bytes;
            tm_buf_init(&bytes, 1 << 22);
            tm_binary_write(desc, record, &bytes);
            void *back = tm_arena_zalloc(arena, desc->bytes);
            assert_int_equal(tm_binary_read(desc, tm_buf_str(&bytes), arena, back), TM_OK);
            assert_true(tm_record_equal(desc, record, back));

            /* A part of it as a patch over another record: nothing is the same as what stays. */
            void *other = tm_record_random(desc, &seed, arena);
            const void *before = tm_record_copy(desc, other, arena);
            tm_has_t touched = {{next_random(&seed), next_random(&seed)}};
            for (unsigned i = desc->n_fields; i < TM_FIELDS_MAX; i++)
                tm_has_clear(&touched, i);
            tm_buf_clear(&bytes);
            tm_binary_write_patch(desc, record, &touched, &bytes);
            assert_int_equal(tm_binary_apply_patch(desc, tm_buf_str(&bytes), arena, other, NULL),
                             TM_OK);
            tm_buf_clear(&bytes);
            tm_binary_write_patch(desc, before, &touched, &bytes);
            for (unsigned i = 0; i < desc->n_fields; i++) {
                const void *from = tm_has_get(&touched, i) ? record : before;
                assert_int_equal(tm_has_get(tm_slot_has(other), i),
                                 tm_has_get(tm_slot_has_const(from), i));
            }
            assert_int_equal(tm_binary_apply_patch(desc, tm_buf_str(&bytes), arena, other, NULL),
                             TM_OK);
            assert_true(tm_record_equal(desc, before, other));
            tm_buf_done(&bytes);
        }
    }
    assert_true(same > 1000);
}

#define MISSING 9999u
static void same_as(tm_buf_t *bytes, unsigned field, unsigned as)
{
    tm_varint_add(bytes, (uint64_t)tm_buy_line_desc.fields[field].number << 3 | 3);
    tm_varint_add(bytes, as == MISSING ? MISSING : tm_buy_line_desc.fields[as].number);
}

static void binary__the_same_as_nothing_is_damage(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    tm_buy_line_t line = {.has = {{0, 0}}};
    TM_SET(&line, TM_BUY_LINE, created_ms, ((tm_ms_t){1700000000000}));
    TM_SET(&line, TM_BUY_LINE, updated_ms, line.created_ms);
    TM_SET(&line, TM_BUY_LINE, advertiser, TM_STR("Alpha for Senate"));
    TM_SET(&line, TM_BUY_LINE, advertiser_text, line.advertiser);
    TM_SET(&line, TM_BUY_LINE, station, TM_STR("WAAB"));
    tm_buf_t good;
    tm_buf_init(&good, 1 << 16);
    tm_binary_write(&tm_buy_line_desc, &line, &good);
    assert_int_equal(good.n, 7 + 2 + 18 + 3 + 7);
    const struct {
        unsigned field, as; /* indices; as: MISSING a number that no field has */
    } bad[] = {
        {TM_BUY_LINE_agency, MISSING},
        {TM_BUY_LINE_agency, TM_BUY_LINE_agency},     /* itself */
        {TM_BUY_LINE_agency, TM_BUY_LINE_order_no},   /* absent */
        {TM_BUY_LINE_agency, TM_BUY_LINE_created_ms}, /* of another type */
        {TM_BUY_LINE_gross_cents, TM_BUY_LINE_created_ms},
        {TM_BUY_LINE_gross_cents, TM_BUY_LINE_gross_cents},
    };
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_buf_t bytes;
        tm_buf_init(&bytes, 1 << 16);
        tm_buf_add_str(&bytes, tm_buf_str(&good));
        tm_buy_line_t back = {.has = {{0, 0}}};
        assert_int_equal(tm_binary_read(&tm_buy_line_desc, tm_buf_str(&bytes), arena, &back),
                         TM_OK);
        assert_true(tm_record_equal(&tm_buy_line_desc, &line, &back));
        same_as(&bytes, bad[i].field, bad[i].as);
        back = (tm_buy_line_t){.has = {{0, 0}}};
        assert_int_equal(tm_binary_read(&tm_buy_line_desc, tm_buf_str(&bytes), arena, &back),
                         TM_EDAMAGED);
        tm_buf_done(&bytes);
    }
    tm_buf_done(&good);
}

static void varint__round_trips_and_refuses_what_is_too_long(void **state)
{
    (void)state;
    tm_buf_t buf;
    tm_buf_init(&buf, 100);
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint64_t v = i == 0 ? 0 : i == 1 ? UINT64_MAX : seed >> i % 64;
        tm_buf_clear(&buf);
        tm_varint_add(&buf, v);
        const char *p = buf.p;
        uint64_t back;
        assert_true(tm_varint_get(&p, buf.p + buf.n, &back));
        assert_true(back == v && p == buf.p + buf.n);
        p = buf.p;
        assert_false(tm_varint_get(&p, buf.p + buf.n - 1, &back));
        assert_ptr_equal(p, buf.p);
        assert_true(tm_unzigzag(tm_zigzag((int64_t)v)) == (int64_t)v);
    }
    assert_int_equal(tm_zigzag(-1), 1);
    assert_int_equal(tm_zigzag(1), 2);
    const char *too_long = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
    uint64_t back;
    assert_false(tm_varint_get(&too_long, too_long + 10, &back));
    const char *eleven = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01";
    assert_false(tm_varint_get(&eleven, eleven + 11, &back));
    tm_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codec__record_json_record_binary_record),
        cmocka_unit_test(json__what_is_absent_is_null_an_empty_list_or_hidden),
        cmocka_unit_test(codec__a_full_buffer_is_told_and_safe),
        cmocka_unit_test(binary__cut_or_damaged_bytes_never_crash),
        cmocka_unit_test(binary__order_does_not_matter_and_unknown_numbers_are_skipped),
        cmocka_unit_test(binary__a_patch_changes_what_it_touches_only),
        cmocka_unit_test(binary__what_is_the_same_is_said_once),
        cmocka_unit_test(binary__the_same_as_nothing_is_damage),
        cmocka_unit_test(varint__round_trips_and_refuses_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
