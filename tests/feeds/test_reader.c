/* test_reader.c - files of our own making through the whole reader.
 *
 * How:     each gets its status, in bounded time, and leaves nothing behind. */
#include "base/memory.h"
#include "base/time.h"
#include "feeds/reader_scan.h"
#include "feeds/reading.h"
#include "feeds/sandbox.h"
#include "feeds/with_pdf.h"
#include "schema/record.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define FILE_MAX (80u << 20)

typedef struct fixture {
    tm_sandbox_t *sandbox; /* NULL: documents cannot be read here */
    tm_arena_t *arena;
    tm_buf_t pdf;
} fixture_t;

static int setup(void **state)
{
    fixture_t *f = TM_NEW(fixture_t);
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_init(&f->pdf, FILE_MAX);
    f->arena = tm_arena_new(64 << 20);
    if (tm_sandbox_new(&f->sandbox, &why) != TM_OK) {
        char line[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 8];
        print_message("SKIPPED: %s\n", tm_why_line(&why, line, sizeof(line)));
    }
    if (access("/usr/bin/pdftotext", X_OK) != 0) {
        print_message("SKIPPED: no pdftotext\n");
        tm_sandbox_free(TM_TAKE(f->sandbox));
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture_t *f = *state;
    tm_sandbox_free(f->sandbox);
    tm_arena_free(f->arena);
    tm_buf_done(&f->pdf);
    tm_free(f);
    return 0;
}

#define FIXTURE()                                                                                  \
    fixture_t *f = *state;                                                                         \
    if (f->sandbox == NULL) {                                                                      \
        skip();                                                                                    \
    }                                                                                              \
    tm_arena_reset(f->arena);                                                                      \
    tm_buf_clear(&f->pdf)

static tm_document_t read_bytes(fixture_t *f, tm_str_t bytes, int64_t deadline_ms)
{
    const tm_upload_t upload = {TM_STR("folder/a.pdf"), TM_STR("00ff")};
    tm_documents_t docs = {0};
    const int64_t start = tm_time_mono_ns();
    assert_int_equal(tm_reader_read(f->sandbox, &upload, bytes, deadline_ms, f->arena, &docs, NULL),
                     TM_OK);
    assert_true((tm_time_mono_ns() - start) / 1000000 < deadline_ms + 10000);
    assert_true(docs.n >= 1);
    assert_true(TM_HAS(&docs.v[0], TM_DOCUMENT_status));
    return docs.v[0];
}

static void expect(fixture_t *f, tm_str_t bytes, int64_t deadline_ms, const char *status,
                   const char *reason)
{
    const tm_document_t doc = read_bytes(f, bytes, deadline_ms);
    assert_string_equal(tm_words_name(&tm_reading_status_words, doc.status), status);
    assert_true(TM_HAS(&doc, TM_DOCUMENT_reason));
    assert_string_equal(doc.reason.p, reason);
    assert_true(tm_str_eq(doc.filename, TM_STR("folder/a.pdf")));
    assert_true(tm_str_eq(doc.sha256, TM_STR("00ff")));
    assert_int_equal(doc.part, 1);
    assert_int_equal(doc.parts, 1);
}

static void expect_pdf(fixture_t *f, int64_t deadline_ms, const char *status, const char *reason)
{
    assert_false(f->pdf.full);
    expect(f, tm_buf_str(&f->pdf), deadline_ms, status, reason);
}

static void reader_read__what_is_no_pdf_is_damaged(void **state)
{
    FIXTURE();
    expect(f, (tm_str_t){"", 0}, 20000, "unreadable", "damaged");
    expect(f, TM_STR("hello, I am a letter\n"), 20000, "unreadable", "damaged");
    expect(f, TM_STR("%PDF-1.4\n"), 20000, "unreadable", "damaged");
    expect(f, TM_STR("PK\x03\x04 a zip archive"), 20000, "unreadable", "damaged");
    pdf_pages(&f->pdf, 0, "");
    expect_pdf(f, 20000, "unreadable", "damaged");
}

static void reader_read__locked_files_are_encrypted(void **state)
{
    FIXTURE();
    pdf_locked(&f->pdf);
    expect_pdf(f, 20000, "unreadable", "encrypted");
}

static void reader_read__empty_pages_are_blank_and_pictures_are_not(void **state)
{
    FIXTURE();
    pdf_pages(&f->pdf, 2, "");
    expect_pdf(f, 20000, "ignored", "blank");
    tm_buf_clear(&f->pdf);
    pdf_scan(&f->pdf);
    expect_pdf(f, 20000, "unreadable", "no_text_layer");
    tm_buf_clear(&f->pdf);
    pdf_pages(&f->pdf, 1, "2 w 10 10 m 300 500 l S"); /* drawn letters are no text either */
    expect_pdf(f, 20000, "unreadable", "no_text_layer");
    tm_buf_clear(&f->pdf);
    pdf_pages(&f->pdf, 30, ""); /* more than we look at: not called blank */
    expect_pdf(f, 20000, "unreadable", "no_text_layer");
}

static void reader_read__pages_have_a_limit(void **state)
{
    FIXTURE();
    pdf_pages(&f->pdf, 2100, "BT /F 10 Tf 50 700 Td (page) Tj ET");
    expect_pdf(f, 60000, "unreadable", "too_large");
}

static void reader_read__bytes_have_a_limit(void **state)
{
    FIXTURE();
    assert_true(tm_buf_reserve(&f->pdf, TM_READER_BYTES_MAX + 1));
    memset(f->pdf.p, 0, TM_READER_BYTES_MAX + 1);
    expect(f, tm_str_n(f->pdf.p, TM_READER_BYTES_MAX + 1), 20000, "unreadable", "too_large");
}

static void reader_read__bombs_cost_their_deadline_only(void **state)
{
    FIXTURE();
    pdf_bomb(&f->pdf);
    expect_pdf(f, 1500, "unreadable", "too_large");
    tm_buf_clear(&f->pdf);
    pdf_laughs(&f->pdf);
    expect_pdf(f, 1500, "unreadable", "too_large");
    tm_buf_clear(&f->pdf);
    pdf_scan(&f->pdf); /* and the next one is read as ever */
    expect_pdf(f, 20000, "unreadable", "no_text_layer");
}

/* Whatever is cut off or overwritten: a result, never a crash, never an error. */
static void reader_read__broken_files_are_results(void **state)
{
    FIXTURE();
    static const char *const LINES[] = {"Order 1234567", "Station WAAA", "Gross Amount 1,880.00"};
    pdf_lines(&f->pdf, LINES, TM_COUNT(LINES));
    const size_t n = f->pdf.n;
    for (size_t i = 1; i <= 12; i++) {
        (void)read_bytes(f, tm_str_n(f->pdf.p, n * i / 13), 20000);
    }
    uint64_t seed = 88172645463325252u;
    for (size_t i = 0; i < 25; i++) {
        tm_buf_clear(&f->pdf);
        pdf_lines(&f->pdf, LINES, TM_COUNT(LINES));
        for (size_t k = 0; k < 1 + i / 2; k++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            f->pdf.p[seed % n] = (char)(seed >> 32);
        }
        (void)read_bytes(f, tm_buf_str(&f->pdf), 20000);
        tm_arena_reset(f->arena);
    }
}

static void reader_read__words_reach_the_reader(void **state)
{
    FIXTURE();
    static const char *const LINES[] = {"CONTRACT", "Contract / Revision  1234567 /",
                                        "Advertiser  Citizens for Tests",
                                        "the quick brown fox jumps over the lazy dog and the cat"};
    pdf_lines(&f->pdf, LINES, TM_COUNT(LINES));
    const tm_document_t doc = read_bytes(f, tm_buf_str(&f->pdf), 20000);
    const char *reason = TM_HAS(&doc, TM_DOCUMENT_reason) ? doc.reason.p : "";
    assert_string_not_equal(reason, "damaged");
    assert_string_not_equal(reason, "blank");
    assert_string_not_equal(reason, "too_large");
}

static void reader_read__leaves_no_files(void **state)
{
    FIXTURE();
    char folder[] = "/tmp/trailmix-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    char before[4096];
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(folder), 0);
    pdf_pages(&f->pdf, 1, "");
    expect_pdf(f, 20000, "ignored", "blank");
    tm_buf_clear(&f->pdf);
    pdf_laughs(&f->pdf);
    expect_pdf(f, 500, "unreadable", "too_large");
    assert_int_equal(chdir(before), 0);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_int_equal(rmdir(folder), 0); /* refused if anything were in it */
}

static void reader_read__a_full_arena_is_an_error(void **state)
{
    FIXTURE();
    const tm_upload_t upload = {TM_STR("a.pdf"), TM_STR("00ff")};
    TM_AUTO(tm_arena_free_p) tm_arena_t *small = tm_arena_new(64);
    tm_documents_t docs;
    assert_int_equal(tm_reader_read(f->sandbox, &upload, TM_STR("x"), 20000, small, &docs, NULL),
                     TM_ENOMEM);
}

static void scan__white_is_white_to_the_last_dot(void **state)
{
    (void)state;
    assert_true(tm_scan_ppm_is_white(TM_STR("P5\n2 2\n255\n\xff\xff\xff\xff"), 1));
    assert_true(tm_scan_ppm_is_white(TM_STR("P5\n1 1\n255\n\xffP5\n1 1\n255\n\xff"), 2));
    assert_false(tm_scan_ppm_is_white(TM_STR("P5\n2 2\n255\n\xff\xff\xff\xfe"), 1));
    assert_false(tm_scan_ppm_is_white(TM_STR("P5\n2 2\n255\n\xff\xff\xff"), 1));
    assert_false(tm_scan_ppm_is_white(TM_STR("P5\n1 1\n255\n\xff"), 2));
    assert_false(tm_scan_ppm_is_white(TM_STR("P5\n99999999999 99999999999\n255\n\xff"), 1));
    assert_false(tm_scan_ppm_is_white((tm_str_t){NULL, 0}, 1));
    assert_false(tm_scan_ppm_is_white(TM_STR("P5\n0 0\n"), 1));
}

static void scan__pictures_cover_pages_without_words(void **state)
{
    (void)state;
    tm_page_t v[3] = {{.width = 612, .height = 792, .n_words = 2},
                      {.width = 612, .height = 792, .n_words = 90},
                      {.width = 612, .height = 792}};
    const tm_pages_t pages = {3, v};
    const char *head = "page   num  type   width height color comp bpc  enc interp  object ID "
                       "x-ppi y-ppi size ratio\n-----\n";
    char list[1024];
    (void)snprintf(list, sizeof(list), "%s%s%s%s%s%s", head,
                   "   1     0 image    1650  2100  gray    1   8  jpeg   no         4  0   200   "
                   "200 47.7K 2.3%\n",
                   "   1     1 image    1650  2100  gray    1   8  jpeg   no         4  0   200   "
                   "200 47.7K 2.3%\n",
                   "   2     2 image    1650  2100  gray    1   8  jpeg   no         4  0   200   "
                   "200 47.7K 2.3%\n", /* has words */
                   "   3     3 image     100   100  gray    1   8  jpeg   no         4  0   200   "
                   "200 47.7K 2.3%\n", /* a logo */
                   "   9     3 image    9999  9999  gray    1   8  jpeg   no         4  0     1    "
                   " 1 47.7K 2.3%\n"); /* no such page */
    assert_int_equal(tm_scan_pictures_count(tm_str(list), &pages), 1);
    assert_int_equal(tm_scan_pictures_count(TM_STR("   3     0 image    1650  2100  gray    1   8  "
                                                   "image  no   [inline]     200   200 1K 2%"),
                                            &pages),
                     1);
    assert_int_equal(tm_scan_pictures_count((tm_str_t){NULL, 0}, &pages), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return tm_sandbox_child_main(argc - 1, argv + 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_read__what_is_no_pdf_is_damaged),
        cmocka_unit_test(reader_read__locked_files_are_encrypted),
        cmocka_unit_test(reader_read__empty_pages_are_blank_and_pictures_are_not),
        cmocka_unit_test(reader_read__pages_have_a_limit),
        cmocka_unit_test(reader_read__bytes_have_a_limit),
        cmocka_unit_test(reader_read__bombs_cost_their_deadline_only),
        cmocka_unit_test(reader_read__broken_files_are_results),
        cmocka_unit_test(reader_read__words_reach_the_reader),
        cmocka_unit_test(reader_read__leaves_no_files),
        cmocka_unit_test(reader_read__a_full_arena_is_an_error),
        cmocka_unit_test(scan__white_is_white_to_the_last_dot),
        cmocka_unit_test(scan__pictures_cover_pages_without_words),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
