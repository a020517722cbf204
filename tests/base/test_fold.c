/* test_fold.c - UTF-8 checks against a decoder, folding of names. */
#include "base/fold.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static void utf8__exactly_the_scalar_values_are_valid(void **state)
{
    (void)state;
    char text[24];
    for (uint32_t c = 0; c < 0x140000; c++) {
        char one[4];
        const size_t n = encode(c, one);
        const bool wanted = c != 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        /* in the middle of ASCII, so that the fast path meets it */
        const size_t before = c % 9;
        memset(text, 'x', sizeof(text));
        memcpy(text + before, one, n);
        if (tm_utf8_is_valid(tm_str_n(text, before + n + 8)) != wanted ||
            tm_utf8_is_valid(tm_str_n(one, n)) != wanted)
            fail_msg("U+%04X", c);
        if (n > 1)
            assert_false(tm_utf8_is_valid(tm_str_n(one, n - 1)));
    }
    assert_true(tm_utf8_is_valid(TM_STR("")));
    assert_true(tm_utf8_is_valid((tm_str_t){NULL, 0}));
}

static void utf8__overlong_and_stray_bytes_are_refused(void **state)
{
    (void)state;
    static const tm_str_t bad[] = {{"\xc0\x80", 2},
                                   {"\xc1\xbf", 2},
                                   {"\xe0\x9f\xbf", 3},
                                   {"\xf0\x8f\xbf\xbf", 4},
                                   {"\xf4\x90\x80\x80", 4},
                                   {"\xf5\x80\x80\x80", 4},
                                   {"\x80", 1},
                                   {"\xff", 1},
                                   {"abcdefg\x80", 8},
                                   {"abcdefg\0", 8},
                                   {"\xed\xa0\x80", 3},
                                   {"\xc3\x28", 2}};
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        assert_false(tm_utf8_is_valid(bad[i]));
    }
}

static void expect(tm_arena_t *arena, const char *text, const char *key, const char *words)
{
    assert_string_equal(tm_fold_key(arena, tm_str(text)).p, key);
    assert_string_equal(tm_fold_words(arena, tm_str(text)).p, words);
}

static void fold__equal_names_become_equal(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(1 << 20);
    expect(arena, "POL/ José Díaz-R", "poljosediazr", "pol jose diaz r");
    expect(arena,
           "POL/ Jose\xcc\x81 Di\xcc\x81"
           "az-R",
           "poljosediazr", "pol jose diaz r");
    expect(arena, "  WAAA-TV  ", "waaatv", "waaa tv");
    expect(arena, "", "", "");
    expect(arena, "--//--", "", "");
    expect(arena,
           "Stra\xc3\x9f"
           "e",
           "strasse", "strasse");
    expect(arena, "\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\x93", "ab3", "ab3"); /* full-width AB3 */
    expect(arena, "\xef\xac\x81rst", "first", "first");                  /* the fi ligature */
    expect(arena,
           "so\xc2\xad"
           "ft",
           "soft", "soft"); /* a soft hyphen */
    expect(arena,
           "a\xe2\x80\x94"
           "b",
           "ab", "a b"); /* an em dash */
    expect(arena,
           "a\xff"
           "b\xc3",
           "ab", "ab"); /* ill-formed bytes */
    expect(arena, "\xce\xa3\xce\x8a\xcf\x83\xcf\x82", "\xcf\x83\xce\xb9\xcf\x83\xcf\x83",
           "\xcf\x83\xce\xb9\xcf\x83\xcf\x83");
    tm_arena_free(arena);
}

static void fold__is_idempotent_and_valid_for_every_character(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(1 << 20);
    for (uint32_t c = 1; c <= 0x2ffff; c++) {
        char one[4];
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        const tm_str_t s = tm_str_n(one, encode(c, one));
        const tm_str_t once = tm_fold_words(arena, s);
        const tm_str_t twice = tm_fold_words(arena, once);
        if (!tm_utf8_is_valid(once) || !tm_str_eq(once, twice))
            fail_msg("U+%04X folds to '%s', then to '%s'", c, once.p, twice.p);
        if (c % 1000 == 0)
            tm_arena_reset(arena);
    }
    tm_arena_free(arena);
}

static void fold__a_full_arena_is_told(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(200);
    char text[1000];
    memset(text, 'a', sizeof(text));
    assert_null(tm_fold_key(arena, tm_str_n(text, sizeof(text))).p);
    text[0] = '\xc3';
    text[1] = '\xa4';
    assert_null(tm_fold_key(arena, tm_str_n(text, sizeof(text))).p);
    tm_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8__exactly_the_scalar_values_are_valid),
        cmocka_unit_test(utf8__overlong_and_stray_bytes_are_refused),
        cmocka_unit_test(fold__equal_names_become_equal),
        cmocka_unit_test(fold__is_idempotent_and_valid_for_every_character),
        cmocka_unit_test(fold__a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
