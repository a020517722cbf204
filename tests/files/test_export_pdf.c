/* test_export_pdf.c - pages of real text: each can be read alone, all rows and weeks are there. */
#include "with_export.h"

#include <unistd.h>

/* The pages' text as pdftotext sees it; to be freed. */
static char *text_of(race_t *race)
{
    size_t n;
    char *file = race_file(race, TM_EXPORT_PDF, &n);
    assert_memory_equal(file, "%PDF-1.", 7);
    char path[] = "/tmp/test-export-pdf-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, file, n) == (ssize_t)n);
    close(fd);
    tm_free(file);
    char command[200];
    snprintf(command, sizeof command, "pdftotext -layout -enc UTF-8 %s -", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    tm_buf_t out;
    tm_buf_init(&out, 64u << 20);
    char part[4096];
    for (size_t got; (got = fread(part, 1, sizeof part, pipe)) > 0;) {
        tm_buf_add(&out, part, got);
    }
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    size_t length;
    return tm_buf_take(&out, &length);
}

/* How often the text stands in it. */
static uint32_t count(const char *text, const char *what)
{
    uint32_t n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what)) {
        n++;
    }
    return n;
}

static void has(const char *text, const char *what, uint32_t times)
{
    if (count(text, what) != times) {
        fail_msg("%s stands there %u times, not %u:\n%.3000s", what, count(text, what), times,
                 text);
    }
}

static void pdf__a_small_view_is_one_page_of_text(void **state)
{
    (void)state;
    race_t *race = race_new();
    buy_t buy = {.advertiser = "Jos\xc3\xa9 for Ohio",
                 .station = "WAAA",
                 .market = 504,
                 .week = "2026-10-12",
                 .weeks = 2,
                 .cents = 1020000};
    race_buy(race, buy);
    buy.station = "WBBB", buy.station_id = 1, buy.weeks = 1, buy.cents = -123456;
    buy.disputed = true;
    race_buy(race, buy);
    race_show(race);
    race_ask(race, "side=for");
    char *text = text_of(race);
    has(text, "Spend matrix: Smith for Senate", 1);
    has(text, "Page 1 of 1", 1);
    has(text, "$20,400.00", 1);
    has(text, "-$1,234.56", 2);
    has(text, "$19,165.44", 5); /* medium, market, advertiser, side, all */
    has(text, "2026-10-12", 1);
    has(text, "Jos\xc3\xa9 for Ohio", 5);
    has(text, "504 Philadelphia", 4);
    has(text, "Version 123", 1);
    has(text, "epoch 7", 1);
    has(text, "Filters: side for", 1);
    has(text, "Yellow", 1);
    tm_blob_t *body = tm_campaign_view_matrix(&race->view, &race->export.query, false);
    const tm_sha256_t sha = tm_sha256(body->p, body->n);
    tm_blob_unref(body);
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(&sha, hex);
    has(text, hex, 1);
    tm_free(text);
    race_free(race);
}

static void pdf__every_page_can_be_read_alone(void **state)
{
    (void)state;
    race_t *race = race_new();
    for (uint32_t i = 0; i < 100; i++) {
        char station[16];
        snprintf(station, sizeof station, "W%03u", i);
        race_buy(race, (buy_t){.advertiser = "Ours",
                               .station = station,
                               .station_id = i,
                               .market = 504,
                               .week = "2026-08-31",
                               .weeks = 10,
                               .cents = 100});
    }
    race_show(race);
    char *text = text_of(race);
    /* 105 rows on pages of 39 are 3 pages; 10 weeks and their sums need two strips. */
    const uint32_t pages = count(text, "Page ");
    assert_true(pages >= 6 && pages % 3 == 0);
    const char *const everywhere[] = {"Spend matrix: Smith for Senate", "Advertiser", "Station",
                                      "Version 123", "state "};
    for (size_t i = 0; i < TM_COUNT(everywhere); i++) {
        has(text, everywhere[i], pages);
    }
    for (uint32_t i = 1; i <= pages; i++) {
        char want[32];
        snprintf(want, sizeof want, "Page %u of %u", i, pages);
        has(text, want, 1);
    }
    has(text, "$1,000.00", 5 * pages / 3); /* the row sums of the last page */
    has(text, "W000", pages / 3);
    has(text, "W099", pages / 3);
    for (int32_t i = 0; i < 10; i++) { /* each week heads its strip's pages */
        char day[TM_DAY_TEXT];
        tm_day_format((tm_day_t){tm_day_make(2026, 8, 31).v + 7 * i}, day);
        has(text, day, 3);
    }
    tm_free(text);
    race_free(race);
}

static void pdf__what_fills_too_many_pages_is_refused(void **state)
{
    (void)state;
    race_t *race = race_new();
    for (uint32_t i = 0; i < 200; i++) {
        race_buy(race, (buy_t){.advertiser = "Ours",
                               .station = "WAAA",
                               .station_id = i,
                               .week = "1990-01-01",
                               .weeks = 5000,
                               .cents = 100});
    }
    race_show(race);
    tm_why_t why;
    tm_why_clear(&why);
    tm_blob_t *blob = NULL;
    assert_int_equal(tm_export_write(&race->export, TM_EXPORT_PDF, &blob, &why), TM_ERANGE);
    assert_null(blob);
    assert_string_equal(why.faults[0].field, "format");
    race_free(race);
}

static void pdf__nothing_bought_is_a_page(void **state)
{
    (void)state;
    race_t *race = race_new();
    char *text = text_of(race);
    has(text, "Page 1 of 1", 1);
    has(text, "$0.00", 1);
    tm_free(text);
    race_free(race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pdf__a_small_view_is_one_page_of_text),
        cmocka_unit_test(pdf__every_page_can_be_read_alone),
        cmocka_unit_test(pdf__what_fills_too_many_pages_is_refused),
        cmocka_unit_test(pdf__nothing_bought_is_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
