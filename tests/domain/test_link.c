/* test_link.c - candidates, scores and the choice among them. */
#include "domain/link.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static const tm_link_field_t fields[] = {{"name", 0, 100, 100}, {"born", TM_LINK_WHOLE, 100, 100}};

static void add(tm_link_t *link, unsigned list, const char *name, const char *born)
{
    const tm_str_t values[] = {tm_str(name), tm_str(born)};
    tm_link_add(link, list, values);
}

/* Fills up the lists with records that have nothing in common. */
static void add_others(tm_link_t *link, unsigned list, int n)
{
    char name[64];
    char born[16];
    for (int i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "q%dx%u z%dy%u", i * 7919 + 13, list, i * 104729, list);
        (void)snprintf(born, sizeof born, "%d", 10000000 + i * 7907 + (int)list * 3);
        add(link, list, name, born);
    }
}

static void link__finds_the_same_in_two_lists(void **state)
{
    (void)state;
    tm_link_t *link = tm_link_new(fields, 2, false);
    add(link, 0, "Hazel Nutt", "1970-03-04");
    add(link, 0, "Walter Walnut", "1981-12-24");
    add_others(link, 0, 40);
    add_others(link, 1, 40);
    add(link, 1, "Walnut, Walther", "19811224");
    add(link, 1, "NUTT Hazel", NULL);
    tm_link_pair_t *pairs;
    uint32_t n = tm_link_candidates(link, 5, &pairs);
    n = tm_link_choose(link, pairs, n, 7000, true);
    assert_int_equal(n, 2);
    assert_int_equal(pairs[0].a, 0);
    assert_int_equal(pairs[0].b, 41);
    assert_int_equal(pairs[0].score_bp, 10000); /* what is not known says nothing */
    assert_int_equal(pairs[1].a, 1);
    assert_int_equal(pairs[1].b, 40);
    assert_in_range(pairs[1].score_bp, 7000, 9999);
    tm_free(pairs);
    tm_link_free(link);
}

static void link__each_pair_of_one_list_once(void **state)
{
    (void)state;
    tm_link_t *link = tm_link_new(fields, 2, true);
    add(link, 0, "Hazel Nutt", "19700304");
    add_others(link, 0, 30);
    add(link, 0, "Hazel Nutt", "19700304");
    add(link, 0, "Hazel Nutt", "19700304");
    tm_link_pair_t *pairs;
    const uint32_t n = tm_link_candidates(link, 5, &pairs);
    assert_int_equal(n, 3);
    const uint32_t want[][2] = {{0, 31}, {0, 32}, {31, 32}};
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(pairs[i].a, want[i][0]);
        assert_int_equal(pairs[i].b, want[i][1]);
        assert_int_equal(pairs[i].score_bp, 10000);
    }
    assert_int_equal(tm_link_choose(link, pairs, n, 5000, true), 1);
    tm_free(pairs);
    tm_link_free(link);
}

static int32_t only_score(const char *a, const char *b, unsigned flags)
{
    const tm_link_field_t field = {"name", flags, 100, 100};
    tm_link_t *link = tm_link_new(&field, 1, false);
    const tm_str_t x = tm_str(a);
    const tm_str_t y = tm_str(b);
    tm_link_add(link, 0, &x);
    tm_link_add(link, 1, &y);
    tm_link_pair_t *pairs;
    const uint32_t n = tm_link_candidates(link, 1, &pairs);
    const int32_t bp = n == 0 ? -1 : pairs[0].score_bp;
    tm_free(pairs);
    tm_link_free(link);
    return bp;
}

static void link__codes_are_exact(void **state)
{
    (void)state;
    const int32_t same = only_score("Toaster QX-R470H", "toaster (QXR470H)", TM_LINK_CODES);
    const int32_t other = only_score("Toaster QX-R470H", "toaster (QXR480H)", TM_LINK_CODES);
    const int32_t colour = only_score("Toaster XR470H", "toaster XR470HB", TM_LINK_CODES);
    assert_int_equal(same, 10000);
    assert_true(other < 5000);
    assert_true(colour > other && colour < same);
    assert_true(only_score("Toaster XR470H", "toaster XR480H", 0) > other); /* a misprint */
}

static void link__the_brief_side_is_no_contradiction(void **state)
{
    (void)state;
    const char *full = "walnut growers of the upper valley and all their friends";
    const int32_t plain = only_score(full, "walnut growers", 0);
    const int32_t brief = only_score(full, "walnut growers", TM_LINK_BRIEF);
    assert_true(plain < brief && brief < 10000);
}

static void link__nothing_shared_no_candidate(void **state)
{
    (void)state;
    assert_int_equal(only_score("walnut", "hazel", 0), -1);
    assert_int_equal(only_score("", "hazel", 0), -1);
    assert_int_equal(only_score("\xff\xfe", "\xff\xfe", 0), -1);
}

static void link__long_values_are_bounded(void **state)
{
    (void)state;
    static char text[3000000];
    for (size_t i = 0; i < sizeof text - 1; i++) {
        text[i] = i % 9 == 8 ? ' ' : (char)('a' + i * 7 % 26);
    }
    memset(text, 'q', 2000); /* a word longer than any index key */
    assert_int_equal(only_score(text, text, 0), 10000);
    assert_int_equal(only_score(text, text, TM_LINK_WHOLE), 10000);
    assert_int_equal(only_score(text, text, TM_LINK_CODES), 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link__finds_the_same_in_two_lists),
        cmocka_unit_test(link__each_pair_of_one_list_once),
        cmocka_unit_test(link__codes_are_exact),
        cmocka_unit_test(link__the_brief_side_is_no_contradiction),
        cmocka_unit_test(link__nothing_shared_no_candidate),
        cmocka_unit_test(link__long_values_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
