/* test_name_match.c - what two spellings of a name must have in common, what must not differ. */
#include "domain/name_match.h"
#include "domain/name_match_words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define ARENA_BYTES (4u << 20)

static tm_arena_t *arena;

static int begin(void **state)
{
    (void)state;
    arena = tm_arena_new(ARENA_BYTES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tm_arena_free(arena);
    return 0;
}

static int32_t score(const char *a, const char *b)
{
    tm_arena_reset(arena);
    const int32_t there = tm_name_score(tm_str(a), tm_str(b), arena);
    const int32_t back = tm_name_score(tm_str(b), tm_str(a), arena);
    assert_int_equal(there, back);
    assert_in_range(there, 0, 10000);
    return there;
}

static void assert_match(const char *a, const char *b)
{
    const int32_t bp = score(a, b);
    if (bp < TM_NAME_MATCH_BP) {
        fail_msg("\"%s\" and \"%s\" have only %d", a, b, (int)bp);
    }
}

static void assert_apart(const char *a, const char *b)
{
    const int32_t bp = score(a, b);
    if (bp >= TM_NAME_MATCH_BP) {
        fail_msg("\"%s\" and \"%s\" have %d", a, b, (int)bp);
    }
}

/* Number of the known name that is the match, -1 if none is certain. */
static int match(const char *const *known, const char *name)
{
    tm_name_index_t *index = tm_name_index_new();
    for (uint32_t i = 0; known[i] != NULL; i++) {
        tm_name_index_add(index, tm_str(known[i]), i, false);
    }
    tm_arena_reset(arena);
    tm_name_match_t found;
    const bool certain = tm_name_index_match(index, tm_str(name), arena, &found);
    assert_true(found.why.n > 0);
    tm_name_index_free(index);
    return certain ? (int)found.target : -1;
}

/* ---- two names */

static void score__only_equal_words_are_whole(void **state)
{
    (void)state;
    assert_int_equal(score("Jane Doe for Senate", "JANE DOE, for senate!"), 10000);
    assert_int_equal(score("Andr\xc3\xa9s G\xc3\xb3mez", "andres gomez"), 10000);
    assert_in_range(score("POL/Jane Doe for Senate", "Jane Doe for Senate"), 9900, 9999);
    assert_in_range(score("Doe Jane", "Jane Doe"), TM_NAME_MATCH_BP, 9999);
}

static void score__prefix_number_and_party_say_little(void **state)
{
    (void)state;
    assert_match("POL/ Doe, Jane / R / US SEN", "Doe, Jane for Senate");
    assert_match("ISS/Better Roads Alliance(5629)", "Better Roads Alliance");
    assert_int_equal(score("Better Roads Alliance (5629)", "Better Roads Alliance"), 10000);
    assert_match("Doe for Mayor 2014", "Doe for Mayor");
    assert_match("Doe 4 Mayor", "Doe for Mayor");
}

static void score__abbreviations_are_their_words(void **state)
{
    (void)state;
    assert_match("Cmte to Elect Jane Doe", "Committee to Elect Jane Doe");
    assert_match("Doe/D/Gov", "Doe/Democrat/Governor");
    assert_match("Doe for Lt. Gov.", "Doe for Lieutenant Governor");
    assert_match("Doe for Atty General", "Doe for Attorney General");
    assert_match("Natl Walnut Growers Assn", "National Walnut Growers Association");
    assert_match("Better Roads Ohio", "Better Roads OH");
}

static void score__misprints_and_shuffled_words(void **state)
{
    (void)state;
    assert_match("Kirkwoodson for Congress", "Kirkwodson for Congress");
    assert_match("Doe for Govenor", "Doe for Governor");
    assert_match("Fund Walnut Action Growers", "Walnut Growers Action Fund");
    assert_match("W a l n u t Growers", "Walnut Growers");
    assert_match("Doe for S t a t e Senate", "Doe for State Senate");
    assert_match("Doe for State S e n a t e", "Doe for State Senate");
    assert_match("WalnutGrowers PAC", "Walnut Growers PAC");
    assert_match("O'Hara/D/Senate", "O Hara/D/Senate");
}

static void score__cut_by_a_form(void **state)
{
    (void)state;
    assert_match("Coalition of Concerned Walnut Gro", "Coalition of Concerned Walnut Growers");
    assert_apart("Peters", "Peterson");
}

static void score__initials(void **state)
{
    (void)state;
    assert_match("Concerned Walnut Growers Association (CWGA)",
                 "Concerned Walnut Growers Association");
    assert_true(score("CWGA", "Concerned Walnut Growers Association") >= TM_NAME_PROPOSE_BP);
    assert_apart("CWGC", "CWGA");
}

static void score__what_must_not_differ(void **state)
{
    (void)state;
    assert_apart("Yes on 46", "No on 46");
    assert_apart("Yes on 46", "Yes on 47");
    assert_apart("Jane Doe for Senate", "Jane Doe for Mayor");
    assert_apart("Doe/D/Senate", "Doe/R/Senate");
    assert_apart("Doe for Senate Ohio", "Doe for Senate Texas");
    assert_apart("Democratic Walnut Association", "Republican Walnut Association");
    assert_apart("Ann Doe for Senate", "Jane Doe for Senate");
    assert_apart("Ohio Chamber of Walnuts", "Texas Chamber of Walnuts");
    assert_apart("Walnut Growers Action Fund", "Walnut Growers");
    assert_true(score("Doe for Mayor 2012", "Doe for Mayor 2014") >= TM_NAME_MATCH_BP);
}

static void score__nothing_in_common(void **state)
{
    (void)state;
    assert_true(score("Jane Doe", "Walnut Growers") < 2000);
    assert_true(score("Smith for Senate", "Doe for Senate") < TM_NAME_PROPOSE_BP);
    assert_int_equal(score("", ""), 0);
    assert_int_equal(score("", "Doe"), 0);
    assert_int_equal(score("///", "Doe"), 0);
}

/* ---- words */

static void word_likeness__misprints_by_length(void **state)
{
    (void)state;
    assert_int_equal(tm_name_word_likeness(TM_STR("doe"), TM_STR("doe")), 10000);
    assert_int_equal(tm_name_word_likeness(TM_STR("doe"), TM_STR("poe")), 0);
    assert_int_equal(tm_name_word_likeness(TM_STR("nrcc"), TM_STR("nrsc")), 0);
    assert_true(tm_name_word_likeness(TM_STR("committe"), TM_STR("committee")) >= 8500);
    assert_true(tm_name_word_likeness(TM_STR("walnut"), TM_STR("wlanut")) >= 7500);
    assert_int_equal(tm_name_word_likeness(TM_STR("baker"), TM_STR("davis")), 0);
    assert_true(tm_name_word_likeness(TM_STR("cngrs"), TM_STR("congress")) > 0);
    assert_int_equal(tm_name_word_likeness(TM_STR("cain"), TM_STR("campaign")), 0);
}

static void parse__kinds_follow_place(void **state)
{
    (void)state;
    tm_name_t name;
    tm_arena_reset(arena);
    assert_true(tm_name_parse(arena, TM_STR("D Doe / R / US House / CD7 OH"), &name));
    assert_int_equal(name.n, 6);
    assert_int_equal(name.words[0].kind, TM_NAME_K_LETTER); /* an initial, no party */
    assert_int_equal(name.words[1].kind, TM_NAME_K_NAME);
    assert_int_equal(name.words[2].kind, TM_NAME_K_PARTY);
    assert_int_equal(name.words[3].kind, TM_NAME_K_OFFICE);
    assert_int_equal(name.words[4].kind, TM_NAME_K_NUMBER);
    assert_int_equal(name.words[5].kind, TM_NAME_K_STATE);
    assert_true(tm_str_eq(name.words[3].text, TM_STR("congress")));
}

static void parse__is_bounded(void **state)
{
    (void)state;
    static char text[100000];
    tm_name_t name;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 3 == 2 ? ' ' : (char)('a' + i % 23);
    }
    tm_arena_reset(arena);
    assert_true(tm_name_parse(arena, tm_str_n(text, sizeof text), &name));
    assert_true(name.n <= TM_NAME_WORDS_MAX);
    assert_true(name.folded.n <= TM_NAME_BYTES_MAX);
    for (size_t i = 0; i + 3 <= sizeof text; i += 3) {
        memcpy(text + i, "\xef\xb7\xba", 3); /* U+FDFA, the longest decomposition */
    }
    tm_arena_reset(arena);
    assert_true(tm_name_parse(arena, tm_str_n(text, 3000), &name));
    assert_true(name.n > 0 && name.folded.n <= TM_NAME_BYTES_MAX);
    tm_arena_t *small = tm_arena_new(256);
    assert_false(tm_name_parse(small, tm_str_n(text, sizeof text), &name));
    assert_int_equal(tm_name_score(TM_STR("Jane Doe"), TM_STR("Jane Doe"), small), 0);
    tm_arena_free(small);
}

/* ---- many names */

static void index__takes_the_nearest(void **state)
{
    (void)state;
    static const char *const known[] = {"Walnut Growers Association", "Walnut Growers Action Fund",
                                        "Jane Doe for Senate",        "John Roe for Governor",
                                        "Friends of Hazel Nutt",      NULL};
    assert_int_equal(match(known, "ISS/Walnut Growers Assn."), 0);
    assert_int_equal(match(known, "Action Fund Walnut Growers"), 1);
    assert_int_equal(match(known, "POL/Doe, Jane/D/US Senate"), 2);
    assert_int_equal(match(known, "Roe for Governor"), 3);
    assert_int_equal(match(known, "Of Hazel Nutt Friends"), 4);
    assert_int_equal(match(known, "Almond Growers Association"), -1);
    assert_int_equal(match(known, "John Roe for Mayor"), -1);
    assert_int_equal(match(known, "   "), -1);
}

static void index__does_not_guess_between_two(void **state)
{
    (void)state;
    static const char *const known[] = {"Jane Doe for Senate", "John Doe for Senate", NULL};
    assert_int_equal(match(known, "Doe for Senate"), -1);
    assert_int_equal(match(known, "Jane Doe for US Senate"), 0);
    assert_int_equal(match(known, "JOHN DOE FOR SENATE"), 1);
}

static void index__confirmed_spelling_wins(void **state)
{
    (void)state;
    tm_name_index_t *index = tm_name_index_new();
    tm_name_match_t found[3];
    tm_name_index_add(index, TM_STR("Jane Doe for Senate"), 7, false);
    tm_name_index_add(index, TM_STR("Walnut Growers"), 9, false);
    tm_name_index_add(index, TM_STR("Jane Doe for Senate!"), 9, true); /* a person said so */
    const uint32_t n =
        tm_name_index_find(index, TM_STR("jane doe for senate"), 7000, 3, arena, found);
    assert_int_equal(n, 2);
    assert_int_equal(found[0].target, 9);
    assert_int_equal(found[0].score_bp, 10000);
    assert_true(tm_str_eq(found[0].why, TM_STR("confirmed spelling")));
    assert_int_equal(found[1].target, 7);
    tm_name_match_t best;
    assert_true(tm_name_index_match(index, TM_STR("Jane Doe for Senate"), arena, &best));
    assert_int_equal(best.target, 9);
    tm_name_index_free(index);
}

static void index__each_target_once_best_first(void **state)
{
    (void)state;
    tm_name_index_t *index = tm_name_index_new();
    tm_name_match_t found[8];
    tm_name_index_add(index, TM_STR("Walnut Growers Fund"), 1, false);
    tm_name_index_add(index, TM_STR("Walnut Growers"), 1, false);
    tm_name_index_add(index, TM_STR("Walnut Growers PAC"), 2, false);
    const uint32_t n = tm_name_index_find(index, TM_STR("Walnut Growers"), 0, 8, arena, found);
    assert_int_equal(n, 2);
    assert_int_equal(found[0].target, 1);
    assert_int_equal(found[0].score_bp, 10000);
    assert_true(found[1].score_bp < found[0].score_bp);
    assert_int_equal(tm_name_index_find(index, TM_STR("Walnut Growers"), 0, 1, arena, found), 1);
    assert_int_equal(tm_name_index_find(index, TM_STR("Walnut Growers"), 10000, 8, arena, found),
                     1);
    tm_arena_t *small = tm_arena_new(1024);
    assert_int_equal(tm_name_index_find(index, TM_STR("Walnut Growers"), 0, 8, small, found), 0);
    assert_false(tm_name_index_match(index, TM_STR("Walnut Growers"), small, found));
    tm_arena_free(small);
    tm_name_index_free(index);
}

static void index__many_names_alike(void **state)
{
    (void)state;
    tm_name_index_t *index = tm_name_index_new();
    tm_name_match_t found;
    char text[64];
    for (uint32_t i = 0; i < 20000; i++) {
        const int n = snprintf(text, sizeof text, "Committee %c%c%c%c for Senate", 'a' + i % 26,
                               'a' + i / 26 % 26, 'a' + i / 676 % 26, 'a' + i / 17576);
        tm_name_index_add(index, tm_str_n(text, (size_t)n), i, false);
    }
    assert_true(tm_name_index_match(index, TM_STR("POL/Cmte. zzcb for Senate"), arena, &found));
    assert_int_equal(found.score_bp >= TM_NAME_MATCH_BP, 1);
    assert_false(tm_name_index_match(index, TM_STR("Committee for Senate"), arena, &found));
    tm_name_index_free(index);
}

/* ---- properties */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* A name of words people use, of bytes nobody uses, or of both. */
static uint32_t random_name(uint64_t *seed, char text[128])
{
    static const char *const words[] = {"Doe",
                                        "jane",
                                        "for",
                                        "Senate",
                                        "/R/",
                                        "(D)",
                                        "CD7",
                                        "PAC",
                                        "POL/",
                                        "of",
                                        "4",
                                        "Yes",
                                        "OH",
                                        "2014",
                                        "Smith",
                                        "Growers",
                                        "CWGA",
                                        "comm",
                                        "a",
                                        "b",
                                        "\xc3\xa9",
                                        "\xff",
                                        "\xe2\x80",
                                        "''",
                                        "ipolid",
                                        "new",
                                        "york",
                                        "s t a t e ",
                                        "a t t o r n e y ",
                                        "general",
                                        "lt "};
    uint32_t n = 0;
    const uint64_t parts = next_random(seed) % 9;
    for (uint64_t i = 0; i < parts; i++) {
        if (next_random(seed) % 4 == 0) {
            for (uint64_t k = next_random(seed) % 6; k > 0; k--) {
                text[n++] = (char)(next_random(seed) & 0xff);
            }
        } else {
            const char *word = words[next_random(seed) % TM_COUNT(words)];
            memcpy(text + n, word, strlen(word));
            n += (uint32_t)strlen(word);
        }
        if (next_random(seed) % 5 != 0) {
            text[n++] = ' ';
        }
    }
    assert_true(n <= 128);
    return n;
}

static void score__any_bytes_symmetric_and_in_range(void **state)
{
    (void)state;
    uint64_t seed = 0x9e3779b97f4a7c15u;
    tm_name_index_t *index = tm_name_index_new();
    for (uint32_t i = 0; i < 20000; i++) {
        char a[128];
        char b[128];
        const tm_str_t x = {a, random_name(&seed, a)};
        const tm_str_t y = {b, random_name(&seed, b)};
        tm_arena_reset(arena);
        const int32_t there = tm_name_score(x, y, arena);
        assert_in_range(there, 0, 10000);
        assert_int_equal(there, tm_name_score(y, x, arena));
        const int32_t self = tm_name_score(x, x, arena);
        tm_name_t name;
        assert_true(tm_name_parse(arena, x, &name));
        assert_int_equal(self, name.n == 0 ? 0 : 10000);
        if (i < 500) {
            tm_name_index_add(index, x, i, i % 7 == 0);
        } else if (i < 3000) {
            tm_name_match_t found[4];
            const uint32_t n = tm_name_index_find(index, x, 0, 4, arena, found);
            for (uint32_t k = 0; k < n; k++) {
                assert_in_range(found[k].score_bp, 0, 10000);
                assert_true(k == 0 || found[k].score_bp <= found[k - 1].score_bp);
            }
        }
    }
    tm_name_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score__only_equal_words_are_whole),
        cmocka_unit_test(score__prefix_number_and_party_say_little),
        cmocka_unit_test(score__abbreviations_are_their_words),
        cmocka_unit_test(score__misprints_and_shuffled_words),
        cmocka_unit_test(score__cut_by_a_form),
        cmocka_unit_test(score__initials),
        cmocka_unit_test(score__what_must_not_differ),
        cmocka_unit_test(score__nothing_in_common),
        cmocka_unit_test(word_likeness__misprints_by_length),
        cmocka_unit_test(parse__kinds_follow_place),
        cmocka_unit_test(parse__is_bounded),
        cmocka_unit_test(index__takes_the_nearest),
        cmocka_unit_test(index__does_not_guess_between_two),
        cmocka_unit_test(index__confirmed_spelling_wins),
        cmocka_unit_test(index__each_target_once_best_first),
        cmocka_unit_test(index__many_names_alike),
        cmocka_unit_test(score__any_bytes_symmetric_and_in_range),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
