/* test_words.c - pdftotext's XHTML to words: what is read, what is refused, what cannot hurt. */
#include "base/buf.h"
#include "base/fold.h"
#include "feeds/words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define HEAD "<!DOCTYPE html>\n<html>\n<head>\n<title>&lt;doc&gt;</title>\n</head>\n<body>\n<doc>\n"
#define TAIL "</doc>\n</body>\n</html>\n"
#define PAGE "  <page width=\"612.000000\" height=\"792.000000\">\n"
#define BOX "xMin=\"1.500000\" yMin=\"2.000000\" xMax=\"30.250000\" yMax=\"12.000000\">"
#define LINE "    <flow>\n      <block " BOX "\n        <line " BOX "\n"
#define LINE_END "        </line>\n      </block>\n    </flow>\n"
#define ONE(text) HEAD PAGE LINE "          <word " BOX text "</word>\n" LINE_END "  </page>\n" TAIL

static tm_err_t parse(const char *text, tm_arena_t *arena, tm_pages_t *ret)
{
    return tm_words_parse(tm_str(text), arena, ret, NULL);
}

static void words_parse__gives_pages_words_and_boxes(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    tm_pages_t pages;
    const char *text = HEAD PAGE LINE
        "<word " BOX "Gross</word>\n<word " BOX "$1,880.00</word>\n</line>\n<line " BOX
        "\n<word " BOX "next</word>\n" LINE_END LINE "<word " BOX "block</word>\n" LINE_END
        "  </page>\n"
        "  <page width=\"100.500000\" height=\"50.000000\">\n  </page>\n" TAIL;
    assert_int_equal(parse(text, arena, &pages), TM_OK);
    assert_int_equal(pages.n, 2);
    assert_int_equal(pages.v[0].n_words, 4);
    assert_int_equal(pages.v[1].n_words, 0);
    assert_true(pages.v[1].width == 100.5f);
    const tm_word_t *w = pages.v[0].words;
    assert_true(tm_str_eq(w[0].text, TM_STR("Gross")));
    assert_true(tm_str_eq(w[1].text, TM_STR("$1,880.00")));
    assert_true(w[0].x0 == 1.5f && w[0].y0 == 2.0f && w[0].x1 == 30.25f && w[0].y1 == 12.0f);
    assert_int_equal(w[0].line, 0);
    assert_int_equal(w[1].line, 0);
    assert_int_equal(w[2].line, 1);
    assert_int_equal(w[2].block, 0);
    assert_int_equal(w[3].line, 2);
    assert_int_equal(w[3].block, 1);
}

static void words_parse__resolves_entities_once(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    tm_pages_t pages;
    assert_int_equal(
        parse(ONE("A&amp;B&lt;/word&gt;&quot;&apos;&amp;lt;&unknown;&"), arena, &pages), TM_OK);
    assert_int_equal(pages.v[0].n_words, 1);
    assert_true(tm_str_eq(pages.v[0].words[0].text, TM_STR("A&B</word>\"'&lt;&unknown;&")));
}

static void words_parse__texts_are_wellformed_utf8_without_controls(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    tm_pages_t pages;
    assert_int_equal(parse(ONE("Jos\xc3\xa9\x01\x7f\xc2\x85\xed\xa0\x80\xff\xc3"), arena, &pages),
                     TM_OK);
    const tm_str_t text = pages.v[0].words[0].text;
    assert_true(tm_utf8_is_valid(text));
    assert_true(tm_str_eq(
        text, TM_STR("Jos\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")));
    assert_int_equal(parse(ONE("\x01\x02"), arena, &pages), TM_OK);
    assert_int_equal(pages.v[0].n_words, 0); /* nothing is left: no word */
}

static void words_parse__coordinates_are_finite_and_ordered(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    tm_pages_t pages;
    const char *text = HEAD PAGE LINE
        "<word xMin=\"nan\" yMin=\"-inf\" xMax=\"-nan\" yMax=\"inf\">a</word>"
        "<word xMin=\"9\" yMin=\"99999999999999999999999999999999999999999999999999999999.5\" "
        "xMax=\"-3.25\" yMax=\"1\">b</word>" LINE_END "</page>" TAIL;
    assert_int_equal(parse(text, arena, &pages), TM_OK);
    const tm_word_t *w = pages.v[0].words;
    assert_true(w[0].x0 == 0 && w[0].x1 == 0);
    assert_true(w[0].y0 == -1000000.0f && w[0].y1 == 1000000.0f);
    assert_true(w[1].x0 == -3.25f && w[1].x1 == 9.0f);
    assert_true(w[1].y0 == 1.0f && w[1].y1 == 1000000.0f);
}

static void words_parse__every_cut_is_damage(void **state)
{
    (void)state;
    const char *whole = ONE("Gross&amp;Net");
    const size_t end = (size_t)(strstr(whole, "</doc>") - whole) + 6;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    for (size_t n = 0; n < end; n++) {
        char *cut = malloc(n + 1); /* its own allocation: a step too far is seen by the sanitizer */
        assert_non_null(cut);
        memcpy(cut, whole, n);
        tm_pages_t pages;
        assert_int_equal(tm_words_parse(tm_str_n(cut, n), arena, &pages, NULL), TM_EDAMAGED);
        free(cut);
        tm_arena_reset(arena);
    }
    tm_pages_t pages;
    assert_int_equal(tm_words_parse(tm_str_n(whole, end), arena, &pages, NULL), TM_OK);
}

static void words_parse__other_forms_are_damage(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "hello",
        "<body>\n<doc>\n",
        HEAD "<page width=\"x\" height=\"1\">" TAIL,
        HEAD "<page width=\"1\">" TAIL,
        HEAD PAGE "<word " BOX "a<b></word></page>" TAIL,
        HEAD PAGE "<word xMin=\"1\">a</word></page>" TAIL,
        HEAD PAGE "<table></table></page>" TAIL,
        HEAD PAGE "text</page>" TAIL,
        HEAD PAGE TAIL,
    };
    for (size_t i = 0; i < TM_COUNT(BAD); i++) {
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
        tm_pages_t pages;
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_equal(tm_words_parse(tm_str(BAD[i]), arena, &pages, &why), TM_EDAMAGED);
        assert_int_equal(why.n, 1);
    }
}

static void words_parse__limits_hold(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, 64 << 20);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(64 << 20);
    tm_pages_t pages;
    for (unsigned extra = 0; extra < 2; extra++) {
        tm_buf_clear(&text);
        tm_buf_add_c(&text, HEAD);
        for (unsigned i = 0; i < TM_PAGES_MAX + extra; i++) {
            tm_buf_add_c(&text, PAGE "</page>\n");
        }
        tm_buf_add_c(&text, TAIL);
        assert_int_equal(tm_words_parse(tm_buf_str(&text), arena, &pages, NULL),
                         extra == 0 ? TM_OK : TM_ETOOLARGE);
        tm_buf_clear(&text);
        tm_buf_add_c(&text, HEAD PAGE);
        for (unsigned i = 0; i < TM_PAGE_WORDS_MAX + extra; i++) {
            tm_buf_add_c(&text, "<word " BOX "a</word>");
        }
        tm_buf_add_c(&text, "</page>" TAIL);
        assert_int_equal(tm_words_parse(tm_buf_str(&text), arena, &pages, NULL),
                         extra == 0 ? TM_OK : TM_ETOOLARGE);
    }
    TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(4096);
    assert_int_equal(tm_words_parse(tm_buf_str(&text), small, &pages, NULL), TM_ETOOLARGE);
    tm_buf_clear(&text);
    tm_buf_add_c(&text, HEAD PAGE);
    for (unsigned i = 0; i < 5000; i++) {
        tm_buf_add_c(&text, "<word " BOX "a</word>");
    }
    tm_buf_add_c(&text, "</page>" TAIL);
    assert_int_equal(tm_words_parse(tm_buf_str(&text), small, &pages, NULL), TM_ENOMEM);
    tm_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_parse__gives_pages_words_and_boxes),
        cmocka_unit_test(words_parse__resolves_entities_once),
        cmocka_unit_test(words_parse__texts_are_wellformed_utf8_without_controls),
        cmocka_unit_test(words_parse__coordinates_are_finite_and_ordered),
        cmocka_unit_test(words_parse__every_cut_is_damage),
        cmocka_unit_test(words_parse__other_forms_are_damage),
        cmocka_unit_test(words_parse__limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
