/* test_fcc_hostile.c - whatever words a file holds, the reader ends in time, in bounds, with a
 * valid record.
 *
 * How:     random words with random boxes, labels among them; absurd coordinates; a page of a
 *          hundred thousand words; every truncation of a good page. Each result is validated by the
 *          schema. */
#include "base/time.h"
#include "feeds/fcc.h"
#include "schema/record.h"
#include "with_layout.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static const char *const vocabulary[] = {
    "Contract",    "/",          "Revision", "Order",      "#",
    "Order:",      "Invoice",    "#:",       "Advertiser", "Advertiser:",
    "Agency:",     "Station:",   "WAAA-TV",  "Product",    "Flight",
    "Dates:",      "02/03/20",   "-",        "02/09/20",   "Gross",
    "Total",       "$1,880.00",  "Totals",   "Net",        "Amount",
    "Rate",        "Spots",      "Line",     "Days",       "MTWTF--",
    "4",           "$47.00",     "Week:",    "Start",      "Date",
    "End",         "Market",     "Budget:",  "21%",        "Share",
    "Competitive", "4/17",       "4/18",     "4/19",       "Mo",
    "Tu",          "We",         "Th",       "Fr",         "Sa",
    "Su",          "7:58",       "AM",       ":30",        "N",
    "1",           "2",          "3.0",      "CAN",        "REV+",
    "TOTALS:",     "Page",       "of",       "AGREEMENT",  "FORM",
    "CONTRACT",    "INVOICE",    "And:",     "Period",     "Version:",
    "Revision",    "x",          "X",        "|",          "(",
    ")",           "$",          "00",       "\xff\xfe",   "Changes",
    "as",          "Commission", "15%",      "($37.50)",   "99999999999999999",
    "Syscode",     "0417",       "Zone:",    "North",      "c/o",
    "(KAAA)",
};

static float coordinate(uint64_t *seed, float most)
{
    switch (next(seed) % 60) {
    case 0:
        return NAN;
    case 1:
        return INFINITY;
    case 2:
        return -1e30f;
    case 3:
        return 3e38f;
    default:
        return (float)(next(seed) % 10000) / 10000.0f * most;
    }
}

/* Words in rows most of the time, so that labels meet values; sometimes anywhere. */
static tm_page_t random_page(tm_arena_t *arena, uint64_t *seed, uint32_t n)
{
    tm_page_t p = {.width = 792, .height = 612, .n_words = n};
    p.words = tm_arena_alloc(arena, (n + 1) * sizeof *p.words);
    assert_non_null(p.words);
    float x = 0, y = 10;
    const bool wild = next(seed) % 3 == 0;
    for (uint32_t i = 0; i < n; i++) {
        const tm_str_t t = tm_str(vocabulary[next(seed) % TM_COUNT(vocabulary)]);
        if (next(seed) % 9 == 0) {
            x = (float)(next(seed) % 200);
            y += (float)(next(seed) % 14);
        }
        x += next(seed) % 4 == 0 ? 40 : 4;
        tm_word_t w = {.x0 = x,
                       .y0 = y,
                       .x1 = x + 5 * (float)t.n,
                       .y1 = y + 8,
                       .block = i / 5,
                       .line = i / 3,
                       .text = t};
        if (wild && next(seed) % 4 == 0) {
            w.x0 = coordinate(seed, 800);
            w.x1 = coordinate(seed, 800);
            w.y0 = coordinate(seed, 600);
            w.y1 = coordinate(seed, 600);
        }
        x = isfinite(w.x1) && fabsf(w.x1) < 1e4f ? w.x1 : x;
        p.words[i] = w;
    }
    return p;
}

static void expect_valid(const tm_documents_t *docs)
{
    assert_true(docs->n >= 1);
    for (uint32_t i = 0; i < docs->n; i++) {
        tm_why_t why;
        tm_why_clear(&why);
        const tm_err_t err = tm_record_validate(&tm_document_desc, &docs->v[i], &why);
        char line[400];
        if (err != TM_OK)
            print_error("%s\n", tm_why_line(&why, line, sizeof line));
        assert_int_equal(err, TM_OK);
    }
}

static void fcc_read__random_words_give_valid_records(void **state)
{
    (void)state;
    for (uint64_t run = 0; run < 1500; run++) {
        uint64_t seed = run * 77 + 5;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(64 << 20);
        tm_page_t pages[4];
        const uint32_t n = 1 + next(&seed) % 4;
        for (uint32_t i = 0; i < n; i++) {
            pages[i] = random_page(arena, &seed, next(&seed) % 260);
        }
        const tm_pages_t all = {n, pages};
        tm_documents_t docs;
        assert_int_equal(tm_fcc_read(NULL, &all, arena, &docs), TM_OK);
        expect_valid(&docs);
    }
}

/* One page with n equal words in rows of `per_row`, in milliseconds. */
static int64_t read_many(const char *word, uint32_t n, uint32_t per_row)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(512u << 20);
    tm_page_t p = {.width = 792, .height = 612, .n_words = n};
    p.words = tm_arena_alloc(arena, n * sizeof *p.words);
    assert_non_null(p.words);
    for (uint32_t i = 0; i < n; i++) {
        const float x = (float)(i % per_row) * 30, y = (float)(i / per_row) * 9;
        p.words[i] = (tm_word_t){.x0 = x,
                                 .y0 = y,
                                 .x1 = x + 15,
                                 .y1 = y + 8,
                                 .block = i,
                                 .line = i,
                                 .text = tm_str(word)};
    }
    const tm_pages_t all = {1, &p};
    tm_documents_t docs;
    const int64_t start = tm_time_mono_ns();
    assert_int_equal(tm_fcc_read(NULL, &all, arena, &docs), TM_OK);
    const int64_t ms = (tm_time_mono_ns() - start) / 1000000;
    expect_valid(&docs);
    return ms;
}

static void fcc_read__a_hundred_thousand_words_take_no_more_than_seconds(void **state)
{
    (void)state;
    static const char *const words[] = {"Total", "Station:", "Advertiser", "$5.00", "Order:",
                                        "Rate",  "4/17",     "WAAA",       "Page",  "Contract"};
    for (uint32_t i = 0; i < TM_COUNT(words); i++) {
        assert_true(read_many(words[i], TM_PAGE_WORDS_MAX, 20) < 8000);
        assert_true(read_many(words[i], TM_PAGE_WORDS_MAX, TM_PAGE_WORDS_MAX) < 8000);
        assert_true(read_many(words[i], TM_PAGE_WORDS_MAX, 1) < 8000);
    }
}

static void fcc_read__two_thousand_pages_of_one_order_are_one_document(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(512u << 20);
    static tm_word_t words[6];
    static const char *const texts[6] = {"Order", "#:", "5512345", "Gross", "Total:", "$5.00"};
    for (uint32_t i = 0; i < 6; i++) {
        words[i] = (tm_word_t){.x0 = (float)i * 40,
                               .x1 = (float)i * 40 + 36,
                               .y0 = 10,
                               .y1 = 18,
                               .text = tm_str(texts[i])};
    }
    tm_page_t *v = tm_arena_alloc(arena, TM_PAGES_MAX * sizeof *v);
    assert_non_null(v);
    for (uint32_t i = 0; i < TM_PAGES_MAX; i++) {
        v[i] = (tm_page_t){.width = 612, .height = 792, .n_words = 6, .words = words};
    }
    const tm_pages_t all = {TM_PAGES_MAX, v};
    tm_documents_t docs;
    assert_int_equal(tm_fcc_read(NULL, &all, arena, &docs), TM_OK);
    assert_int_equal(docs.n, 1);
    assert_int_equal(docs.v[0].pages.n, TM_PAGES_MAX);
    expect_valid(&docs);
}

static void fcc_read__two_thousand_orders_fit_into_bounded_memory(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(256u << 20);
    static const char *const texts[6] = {"Order", "#:", NULL, "Gross", "Total:", "$5.00"};
    tm_page_t *v = tm_arena_alloc(arena, TM_PAGES_MAX * sizeof *v);
    assert_non_null(v);
    for (uint32_t i = 0; i < TM_PAGES_MAX; i++) {
        v[i] = (tm_page_t){.width = 612, .height = 792, .n_words = 6};
        v[i].words = tm_arena_alloc(arena, 6 * sizeof *v[i].words);
        assert_non_null(v[i].words);
        for (uint32_t k = 0; k < 6; k++) {
            const tm_str_t text =
                texts[k] == NULL ? tm_arena_printf(arena, "%u", 550000 + i) : tm_str(texts[k]);
            v[i].words[k] = (tm_word_t){
                .x0 = (float)k * 40, .x1 = (float)k * 40 + 36, .y0 = 10, .y1 = 18, .text = text};
        }
    }
    const tm_pages_t all = {TM_PAGES_MAX, v};
    tm_documents_t docs;
    assert_int_equal(tm_fcc_read(NULL, &all, arena, &docs), TM_OK);
    assert_int_equal(docs.n, TM_PAGES_MAX);
    assert_int_equal(docs.v[TM_PAGES_MAX - 1].part, TM_PAGES_MAX);
    expect_valid(&docs);
}

static void fcc_read__no_pages_is_no_text_layer(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    const tm_pages_t none = {0, NULL};
    tm_documents_t docs;
    assert_int_equal(tm_fcc_read(NULL, &none, arena, &docs), TM_OK);
    assert_int_equal(docs.n, 1);
    assert_int_equal(docs.v[0].status.v, TM_READING_STATUS_unreadable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fcc_read__random_words_give_valid_records),
        cmocka_unit_test(fcc_read__a_hundred_thousand_words_take_no_more_than_seconds),
        cmocka_unit_test(fcc_read__two_thousand_pages_of_one_order_are_one_document),
        cmocka_unit_test(fcc_read__two_thousand_orders_fit_into_bounded_memory),
        cmocka_unit_test(fcc_read__no_pages_is_no_text_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
