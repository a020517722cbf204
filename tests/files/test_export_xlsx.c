/* test_export_xlsx.c - the workbook's cells are the JSON's, its sources add up to its total. */
#include "with_export.h"

#include <signal.h>
#include <sys/resource.h>
#include <zip.h>

#define COLUMNS_MAX 64

/* A sheet as its XML says it, row by row. */
typedef struct sheet {
    char *xml, *at;
} sheet_t;
typedef struct cells {
    char text[COLUMNS_MAX][600];
    bool is_text[COLUMNS_MAX];
} cells_t;

static char *part_of(const char *file, size_t n, const char *name)
{
    zip_error_t error;
    zip_source_t *source = zip_source_buffer_create(file, n, 0, &error);
    assert_non_null(source);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    assert_non_null(zip);
    zip_stat_t stat;
    assert_int_equal(zip_stat(zip, name, 0, &stat), 0);
    zip_file_t *part = zip_fopen(zip, name, 0);
    assert_non_null(part);
    char *text = tm_zalloc(stat.size + 1);
    assert_int_equal(zip_fread(part, text, stat.size), stat.size);
    zip_fclose(part);
    zip_discard(zip);
    return text;
}

static sheet_t sheet_open(const char *file, size_t n, int number)
{
    char name[64];
    snprintf(name, sizeof name, "xl/worksheets/sheet%d.xml", number);
    char *xml = part_of(file, n, name);
    return (sheet_t){xml, xml};
}

/* Text up to the next tag, its entities resolved. */
static void copy_text(const char *p, char *out, size_t bytes)
{
    size_t n = 0;
    while (*p != '<') {
        assert_true(n + 1 < bytes);
        const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
        size_t i = 0;
        while (i < TM_COUNT(names) && strncmp(p, names[i], strlen(names[i])) != 0) {
            i++;
        }
        out[n++] = i < TM_COUNT(names) ? "&<>\""[i] : *p;
        p += i < TM_COUNT(names) ? strlen(names[i]) : 1;
    }
    out[n] = '\0';
}

/* The next row; false: none is left. Formulas fail the test. */
static bool sheet_row(sheet_t *s, cells_t *ret)
{
    char *row = strstr(s->at, "<row ");
    if (row == NULL)
        return false;
    char *end = strstr(row, "</row>");
    assert_non_null(end);
    *end = '\0';
    assert_null(strstr(row, "<f>"));
    memset(ret, 0, sizeof *ret);
    for (char *c = row; (c = strstr(c, "<c r=\"")) != NULL;) {
        c += 6;
        uint32_t column = 0;
        for (; *c >= 'A'; c++) {
            column = column * 26 + (uint32_t)(*c - 'A' + 1);
        }
        assert_true(column >= 1 && column <= COLUMNS_MAX);
        const char *close = strstr(c, ">");
        if (close[-1] == '/')
            continue;
        const char *text = strstr(c, "<t");
        const char *value = strstr(c, "<v>"), *next = strstr(c, "<c r=");
        const bool is_text = text != NULL && (next == NULL || text < next);
        ret->is_text[column - 1] = is_text;
        copy_text(is_text ? strchr(text, '>') + 1 : value + 3, ret->text[column - 1],
                  sizeof ret->text[0]);
    }
    s->at = end + 1;
    return true;
}

static int64_t cents_of(const cells_t *c, uint32_t column)
{
    assert_false(c->is_text[column]);
    const double dollars = strtod(c->text[column], NULL);
    return (int64_t)(dollars * 100 + (dollars < 0 ? -0.5 : 0.5));
}

static void label_is(const cells_t *got, uint32_t column, json_t *label)
{
    if (json_is_string(label)) {
        assert_string_equal(got->text[column], json_string_value(label));
        assert_true(got->is_text[column]);
    } else if (json_is_integer(label)) {
        assert_int_equal(strtoll(got->text[column], NULL, 10), json_integer_value(label));
    } else {
        assert_string_equal(got->text[column], "");
    }
}

static void money_is(const cells_t *got, json_t *cells, json_t *total)
{
    size_t i;
    json_t *cell;
    assert_int_equal(cents_of(got, 7), json_integer_value(total));
    json_array_foreach(cells, i, cell)
    {
        if (json_is_null(cell)) {
            assert_string_equal(got->text[8 + i], "");
        } else {
            assert_int_equal(cents_of(got, 8 + (uint32_t)i), json_integer_value(cell));
        }
    }
}

static void matrix_is(sheet_t *s, json_t *want)
{
    cells_t *got = tm_alloc(sizeof *got);
    assert_true(sheet_row(s, got));
    size_t i;
    json_t *each;
    json_array_foreach(json_object_get(want, "weeks"), i, each)
    {
        assert_string_equal(got->text[8 + i], json_string_value(each));
    }
    json_array_foreach(json_object_get(want, "rows"), i, each)
    {
        json_t *labels = json_object_get(each, "labels");
        assert_true(sheet_row(s, got));
        label_is(got, 0, json_object_get(each, "kind"));
        label_is(got, 1, json_object_get(labels, "side"));
        label_is(got, 2, json_object_get(labels, "advertiser"));
        label_is(got, 4, json_object_get(labels, "market"));
        label_is(got, 5, json_object_get(labels, "medium"));
        label_is(got, 6, json_object_get(labels, "station"));
        money_is(got, json_object_get(each, "cells"), json_object_get(each, "total_cents"));
    }
    json_t *totals = json_object_get(want, "totals");
    assert_true(sheet_row(s, got));
    assert_string_equal(got->text[0], "total");
    money_is(got, json_object_get(totals, "cells"), json_object_get(totals, "total_cents"));
    assert_false(sheet_row(s, got));
    tm_free(got);
}

/* Every line once, and `In view` adds up to the total; how many lines. */
static uint32_t sources_are(sheet_t *s, json_t *want)
{
    cells_t *got = tm_alloc(sizeof *got);
    assert_true(sheet_row(s, got));
    assert_string_equal(got->text[0], "Line");
    assert_string_equal(got->text[12], "In view");
    int64_t sums[3] = {0};
    uint32_t n = 0;
    while (sheet_row(s, got) && strcmp(got->text[0], "total") != 0) {
        assert_memory_equal(got->text[0], "bl_", 3);
        assert_string_equal(got->text[9], "winner");
        assert_string_equal(got->text[14], "=500100");
        assert_true(got->is_text[14]);
        assert_memory_equal(got->text[16], "doc_", 4);
        for (uint32_t i = 0; i < 3; i++) {
            sums[i] += got->text[10 + i][0] == '\0' ? 0 : cents_of(got, 10 + i);
        }
        n++;
    }
    assert_string_equal(got->text[0], "total");
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(cents_of(got, 10 + i), sums[i]);
    }
    json_t *totals = json_object_get(want, "totals");
    assert_int_equal(sums[2], json_integer_value(json_object_get(totals, "total_cents")));
    tm_free(got);
    return n;
}

static void xlsx__cells_are_the_json_and_sources_add_up(void **state)
{
    (void)state;
    static const char *const queries[] = {"",
                                          "basis=net",
                                          "week_mode=projected",
                                          "week_mode=next_week",
                                          "from=2026-09-10&to=2026-10-01&basis=net",
                                          "market=504&medium=broadcast",
                                          "group_by=market",
                                          "market=999"};
    uint32_t lines = 0;
    for (size_t i = 0; i < TM_COUNT(queries); i++) {
        race_t *race = race_new();
        race_fill(race, 11 + i, 150);
        race_ask(race, queries[i]);
        json_t *want = race_json(race);
        size_t n;
        char *file = race_file(race, TM_EXPORT_XLSX, &n);
        sheet_t matrix = sheet_open(file, n, 1), sources = sheet_open(file, n, 2);
        assert_non_null(strstr(matrix.xml, "<pane xSplit=\"7\" ySplit=\"1\" topLeftCell=\"H2\""));
        matrix_is(&matrix, want);
        lines += sources_are(&sources, want);
        tm_free(matrix.xml);
        tm_free(sources.xml);
        tm_free(file);
        json_decref(want);
        race_free(race);
    }
    assert_true(lines > 300);
}

static void xlsx__about_names_the_state_of_the_json(void **state)
{
    (void)state;
    race_t *race = race_new();
    race_fill(race, 5, 40);
    race_buy(race,
             (buy_t){.advertiser = "x", .week = "2026-10-12", .cents = 123456, .unplaced = true});
    race_show(race);
    race_ask(race, "basis=net&side=for");
    tm_blob_t *body = tm_campaign_view_matrix(&race->view, &race->export.query, false);
    const tm_sha256_t sha = tm_sha256(body->p, body->n);
    tm_blob_unref(body);
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(&sha, hex);
    size_t n;
    char *file = race_file(race, TM_EXPORT_XLSX, &n);
    char *about = part_of(file, n, "xl/worksheets/sheet3.xml");
    const char *const want[] = {hex,        "Smith for Senate", ">123<",      ">7<",
                                ">net<",    ">side for<",       "2026-10-14", "cmp_0000008000001",
                                ">booked<", ">broadcast<"};
    for (size_t i = 0; i < TM_COUNT(want); i++) {
        if (strstr(about, want[i]) == NULL) {
            fail_msg("%s is not in %s", want[i], about);
        }
    }
    char *book = part_of(file, n, "xl/workbook.xml");
    assert_non_null(strstr(book, "name=\"Matrix\""));
    assert_non_null(strstr(book, "name=\"Sources\""));
    assert_non_null(strstr(book, "name=\"About\""));
    tm_free(book);
    tm_free(about);
    tm_free(file);
    race_free(race);
}

static void xlsx__equal_state_gives_equal_bytes(void **state)
{
    (void)state;
    race_t *race = race_new();
    race_fill(race, 6, 60);
    for (tm_export_format_t f = TM_EXPORT_CSV; f <= TM_EXPORT_PDF; f++) {
        size_t n[2];
        char *a = race_file(race, f, &n[0]), *b = race_file(race, f, &n[1]);
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(a, b, n[0]);
        tm_free(a);
        tm_free(b);
    }
    race_free(race);
}

static void xlsx__text_stays_text_and_is_xml(void **state)
{
    (void)state;
    static const struct {
        const char *name, *want;
    } cases[] = {{"=1+1", "=1+1"},
                 {"<b>&\"x\"</b>", "<b>&\"x\"</b>"},
                 {"a\x01\x1f\nb", "a   b"},
                 {"n\xef\xbf\xbf", "n   "},
                 {"Jos\xc3\xa9 \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x97\xb3",
                  "Jos\xc3\xa9 \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x97\xb3"}};
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        race_t *race = race_new();
        race_buy(race, (buy_t){.advertiser = cases[i].name,
                               .station = "WAAA",
                               .week = "2026-10-12",
                               .cents = 100});
        race_show(race);
        size_t n;
        char *file = race_file(race, TM_EXPORT_XLSX, &n);
        for (int k = 1; k <= 2; k++) {
            sheet_t s = sheet_open(file, n, k);
            cells_t *got = tm_alloc(sizeof *got);
            assert_true(sheet_row(&s, got) && sheet_row(&s, got));
            assert_string_equal(got->text[k == 1 ? 2 : 1], cases[i].want);
            assert_true(got->is_text[k == 1 ? 2 : 1]);
            tm_free(got);
            tm_free(s.xml);
        }
        tm_free(file);
        race_free(race);
    }
}

static void xlsx__a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    race_t *race = race_new();
    race_fill(race, 9, 10);
    race->export.folder = "/tmp/no-such-folder-of-exports";
    tm_why_t why;
    tm_why_clear(&why);
    tm_blob_t *blob = NULL;
    assert_int_equal(tm_export_write(&race->export, TM_EXPORT_XLSX, &blob, &why), TM_EIO);
    assert_null(blob);
    assert_int_equal(why.n, 1);
    race_free(race);
}

/* Files may not grow beyond a limit, as on a full disk: an error, or the whole file, never a part
 * of it. */
static void xlsx__a_disk_that_refuses_never_gives_half_a_file(void **state)
{
    (void)state;
    race_t *race = race_new();
    race_fill(race, 4, 400);
    size_t n;
    char *want = race_file(race, TM_EXPORT_XLSX, &n);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    uint32_t refused = 0, whole = 0;
    for (rlim_t limit = 512; limit < 600000; limit += limit / 6) {
        tm_why_t why;
        tm_why_clear(&why);
        tm_blob_t *blob = NULL;
        const struct rlimit now = {limit, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
        const tm_err_t err = tm_export_write(&race->export, TM_EXPORT_XLSX, &blob, &why);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (err == TM_OK) {
            whole++;
            assert_int_equal(blob->n, n);
            assert_memory_equal(blob->p, want, n);
        } else {
            refused++;
            assert_true(err == TM_EIO || err == TM_EDISKFULL);
            assert_null(blob);
        }
        tm_blob_unref(blob);
    }
    (void)signal(SIGXFSZ, handler);
    assert_true(refused > 5 && whole > 0);
    tm_free(want);
    race_free(race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xlsx__cells_are_the_json_and_sources_add_up),
        cmocka_unit_test(xlsx__about_names_the_state_of_the_json),
        cmocka_unit_test(xlsx__equal_state_gives_equal_bytes),
        cmocka_unit_test(xlsx__text_stays_text_and_is_xml),
        cmocka_unit_test(xlsx__a_disk_that_refuses_never_gives_half_a_file),
        cmocka_unit_test(xlsx__a_folder_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
