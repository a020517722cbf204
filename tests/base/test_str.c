/* test_str.c - byte strings and the text of ids. */
#include "base/base.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void str__order_is_by_bytes_then_length(void **state)
{
    (void)state;
    assert_true(tm_str_cmp(TM_STR("a"), TM_STR("b")) < 0);
    assert_true(tm_str_cmp(TM_STR("b"), TM_STR("aa")) > 0);
    assert_true(tm_str_cmp(TM_STR("a"), TM_STR("aa")) < 0);
    assert_true(tm_str_cmp(TM_STR("\xff"), TM_STR("a")) > 0);
    assert_int_equal(tm_str_cmp(TM_STR(""), (tm_str_t){NULL, 0}), 0);
    assert_true(tm_str_case_eq(TM_STR("WaAa-tV"), TM_STR("waaa-Tv")));
    assert_false(tm_str_case_eq(TM_STR("\xc3\x84"), TM_STR("\xc3\xa4")));
    assert_true(tm_str_starts(TM_STR("cmp_1"), "cmp_"));
    assert_false(tm_str_starts(TM_STR("cm"), "cmp_"));
    assert_true(tm_str_eq(tm_str_trim(TM_STR(" \t\r\n a b \v\f")), TM_STR("a b")));
    assert_int_equal(tm_str_trim(TM_STR("   ")).n, 0);
}

static void str__integers_fill_the_string(void **state)
{
    (void)state;
    int64_t v = 7;
    const char *bad[] = {"",
                         "-",
                         "+1",
                         " 1",
                         "1 ",
                         "1.0",
                         "0x1",
                         "--1",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "99999999999999999999999",
                         "1e3"};
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        assert_false(tm_str_i64(tm_str(bad[i]), &v));
        assert_int_equal(v, 7);
    }
    assert_true(tm_str_i64(TM_STR("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(tm_str_i64(TM_STR("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(tm_str_i64(TM_STR("-0"), &v) && v == 0);
    assert_true(tm_str_i64(TM_STR("007"), &v) && v == 7);
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const int64_t wanted = (int64_t)seed >> (i % 64);
        char text[32];
        snprintf(text, sizeof(text), "%lld", (long long)wanted);
        assert_true(tm_str_i64(tm_str(text), &v));
        assert_true(v == wanted);
    }
}

static void id__text_and_number_are_one_to_one(void **state)
{
    (void)state;
    char text[TM_ID_TEXT_MAX];
    tm_id_t back;
    assert_int_equal(tm_id_format("bl", tm_id_make(0, 1), text), 16);
    assert_string_equal(text, "bl_0000000000001");
    assert_int_equal(tm_id_format("abcde", tm_id_make(TM_ID_ACTOR_MAX, UINT32_MAX), text), 19);
    assert_string_equal(text, "abcde_7zzzzzzzzzzzz");
    uint64_t seed = 99;
    for (int i = 0; i < 100000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const tm_id_t id = {(seed >> 1 >> i % 63) | 1};
        const size_t n = tm_id_format("cmp", id, text);
        assert_int_equal(n, strlen(text));
        assert_int_equal(tm_id_parse("cmp", tm_str(text), &back), TM_OK);
        assert_true(back.v == id.v);
        assert_true(tm_id_make(tm_id_actor(id), tm_id_counter(id)).v == id.v);
        assert_int_equal(tm_id_parse("bl", tm_str(text), &back), TM_EINVALID);
        /* any other last character is another id or none */
        const char kept = text[n - 1];
        text[n - 1] = (char)(seed & 0x7f);
        if (text[n - 1] != kept && tm_id_parse("cmp", tm_str_n(text, n), &back) == TM_OK)
            assert_true(back.v != id.v);
    }
    const char *bad[] = {"",
                         "cmp",
                         "cmp_",
                         "cmp_0000000000000",
                         "cmp_8000000000000",
                         "cmp_000000000000",
                         "cmp_00000000000011",
                         "CMP_0000000000001",
                         "cmp_000000000000I",
                         "cmp_000000000000o",
                         "cmp_000000000000u",
                         "cmp_000000000000A",
                         "cmp-0000000000001",
                         " cmp_0000000000001"};
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        assert_int_equal(tm_id_parse("cmp", tm_str(bad[i]), &back), TM_EINVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str__order_is_by_bytes_then_length),
        cmocka_unit_test(str__integers_fill_the_string),
        cmocka_unit_test(id__text_and_number_are_one_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
