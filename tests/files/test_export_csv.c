/* test_export_csv.c - the CSV says what the JSON says, and no cell of it runs. */
#include "with_export.h"

#define FIRST_WEEK_COLUMN 8

/* One record cut into its cells as RFC 4180 says; the rest of the text. */
typedef struct record {
    char *cells[6000];
    uint32_t n;
} record_t;

static char *read_record(char *p, record_t *ret)
{
    ret->n = 0;
    for (;;) {
        assert_true(ret->n < TM_COUNT(ret->cells));
        char *out = ret->cells[ret->n++] = p;
        const bool quoted = *p == '"';
        p += quoted;
        while (quoted ? !(p[0] == '"' && p[1] != '"') : strchr(",\r", *p) == NULL) {
            assert_int_not_equal(*p, '\0');
            p += quoted && *p == '"';
            *out++ = *p++;
        }
        p += quoted;
        const char end = *p;
        *out = '\0';
        if (end == ',') {
            p++;
            continue;
        }
        assert_int_equal(end, '\r');
        assert_int_equal(p[1], '\n');
        return p + 2;
    }
}

static const char *dollars(int64_t cents, char text[32])
{
    snprintf(text, 32, "%s%lld.%02lld", cents < 0 ? "-" : "", (long long)(llabs(cents) / 100),
             (long long)(llabs(cents) % 100));
    return text;
}

static bool is_guarded(const char *text)
{
    return text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
}

static void label_is(const char *cell, json_t *label)
{
    char want[300] = "";
    if (json_is_string(label)) {
        const char *text = json_string_value(label);
        snprintf(want, sizeof want, "%s%s", is_guarded(text) ? "'" : "", text);
    } else if (json_is_integer(label)) {
        snprintf(want, sizeof want, "%lld", (long long)json_integer_value(label));
    }
    assert_string_equal(cell, want);
}

static void cells_are(const record_t *got, json_t *cells, json_t *total)
{
    char text[32];
    assert_string_equal(got->cells[FIRST_WEEK_COLUMN - 1],
                        dollars(json_integer_value(total), text));
    assert_int_equal(got->n, FIRST_WEEK_COLUMN + json_array_size(cells));
    for (uint32_t i = FIRST_WEEK_COLUMN; i < got->n; i++) {
        json_t *cell = json_array_get(cells, i - FIRST_WEEK_COLUMN);
        assert_string_equal(got->cells[i],
                            json_is_null(cell) ? "" : dollars(json_integer_value(cell), text));
    }
}

/* The whole file against the same view in JSON; how many rows it has. */
static uint32_t equals_json(race_t *race, const char *query)
{
    race_ask(race, query);
    json_t *want = race_json(race);
    char *file = race_file(race, TM_EXPORT_CSV, NULL);
    record_t *got = tm_zalloc(sizeof *got);
    char *p = read_record(file, got);
    static const char *const head[] = {"kind",        "side",   "advertiser", "market",
                                       "market_name", "medium", "station",    "total"};
    json_t *weeks = json_object_get(want, "weeks");
    assert_int_equal(got->n, TM_COUNT(head) + json_array_size(weeks));
    for (uint32_t i = 0; i < got->n; i++) {
        assert_string_equal(got->cells[i],
                            i < TM_COUNT(head)
                                ? head[i]
                                : json_string_value(json_array_get(weeks, i - TM_COUNT(head))));
    }
    const bool all = strstr(query, "group_by") == NULL;
    size_t at;
    json_t *row;
    uint32_t n = 0;
    json_array_foreach(json_object_get(want, "rows"), at, row)
    {
        const char *kind = json_string_value(json_object_get(row, "kind"));
        if (all && strcmp(kind, "leaf") != 0)
            continue;
        p = read_record(p, got);
        n++;
        json_t *labels = json_object_get(row, "labels");
        assert_string_equal(got->cells[0], kind);
        label_is(got->cells[1], json_object_get(labels, "side"));
        label_is(got->cells[2], json_object_get(labels, "advertiser"));
        label_is(got->cells[3], json_object_get(labels, "market"));
        assert_string_equal(got->cells[4], strcmp(got->cells[3], "504") == 0 ? "Philadelphia" : "");
        label_is(got->cells[5], json_object_get(labels, "medium"));
        label_is(got->cells[6], json_object_get(labels, "station"));
        cells_are(got, json_object_get(row, "cells"), json_object_get(row, "total_cents"));
    }
    p = read_record(p, got);
    json_t *totals = json_object_get(want, "totals");
    assert_string_equal(got->cells[0], "total");
    for (int i = 1; i < FIRST_WEEK_COLUMN - 1; i++) {
        assert_string_equal(got->cells[i], "");
    }
    cells_are(got, json_object_get(totals, "cells"), json_object_get(totals, "total_cents"));
    assert_int_equal(*p, '\0');
    tm_free(got);
    tm_free(file);
    json_decref(want);
    return n;
}

static void csv__equals_the_json_cell_by_cell(void **state)
{
    (void)state;
    static const char *const queries[] = {"",
                                          "basis=net",
                                          "week_mode=projected",
                                          "week_mode=future_only",
                                          "week_mode=next_week&basis=net",
                                          "from=2026-09-10&to=2026-10-01",
                                          "market=504&medium=broadcast",
                                          "side=against",
                                          "advertiser=plain",
                                          "group_by=side",
                                          "group_by=advertiser",
                                          "group_by=market&week_mode=projected",
                                          "group_by=medium&basis=net",
                                          "group_by=station",
                                          "market=999"};
    uint32_t rows = 0;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        race_t *race = race_new();
        race_fill(race, seed, 200);
        for (size_t i = 0; i < TM_COUNT(queries); i++) {
            rows += equals_json(race, queries[i]);
        }
        race_free(race);
    }
    assert_true(rows > 2000);
}

static void csv__nothing_bought_is_a_head_and_a_total(void **state)
{
    (void)state;
    race_t *race = race_new();
    assert_int_equal(equals_json(race, ""), 0);
    char *file = race_file(race, TM_EXPORT_CSV, NULL);
    assert_string_equal(file, "kind,side,advertiser,market,market_name,medium,station,total\r\n"
                              "total,,,,,,,0.00\r\n");
    tm_free(file);
    race_free(race);
}

static void csv__nothing_known_is_empty_and_zero_is_zero(void **state)
{
    (void)state;
    race_t *race = race_new();
    const buy_t buy = {.advertiser = "Ours", .station = "WAAA", .week = "2026-10-12"};
    buy_t zero = buy, credit = buy, unknown = buy;
    zero.weeks = 2; /* 0 in both weeks */
    credit.station = "WBBB", credit.station_id = 1, credit.cents = -1205;
    unknown.station = "WCCC", unknown.station_id = 2, unknown.unknown = true;
    race_buy(race, zero);
    race_buy(race, credit);
    race_buy(race, unknown);
    race_show(race);
    char *file = race_file(race, TM_EXPORT_CSV, NULL);
    assert_string_equal(
        file,
        "kind,side,advertiser,market,market_name,medium,station,total,2026-10-12,2026-10-19\r\n"
        "leaf,for,Ours,,,broadcast,WAAA,0.00,0.00,0.00\r\n"
        "leaf,for,Ours,,,broadcast,WBBB,-12.05,-12.05,\r\n"
        "leaf,for,Ours,,,broadcast,WCCC,0.00,,\r\n"
        "total,,,,,,,-12.05,-12.05,0.00\r\n");
    tm_free(file);
    race_free(race);
}

static void csv__text_is_quoted_and_never_runs(void **state)
{
    (void)state;
    static const struct {
        const char *name, *cell;
    } cases[] = {
        {"Plain & simple", "Plain & simple"},
        {"Comma, Inc", "\"Comma, Inc\""},
        {"The \"Best\"", "\"The \"\"Best\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"cr\rhere", "\"cr\rhere\""},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1", "'-1"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\tx", "'\tx"},
        {"\r=x", "\"'\r=x\""},
        {"=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""},
        {"\xef\xbc\x9d"
         "1",
         "'\xef\xbc\x9d"
         "1"},
        {"a=b", "a=b"},
        {"Jos\xc3\xa9 D\xc3\xad"
         "az",
         "Jos\xc3\xa9 D\xc3\xad"
         "az"},
        {"\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac"},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        race_t *race = race_new();
        race_market(race, 504, cases[i].name);
        race_buy(race, (buy_t){.advertiser = cases[i].name,
                               .station = cases[i].name,
                               .market = 504,
                               .week = "2026-10-12",
                               .cents = 100});
        race_show(race);
        char *file = race_file(race, TM_EXPORT_CSV, NULL);
        char want[400];
        snprintf(want, sizeof want, "\r\nleaf,for,%s,504,%s,broadcast,%s,1.00,1.00\r\n",
                 cases[i].cell, cases[i].cell, cases[i].cell);
        if (strstr(file, want) == NULL) {
            fail_msg("%s\nis not in\n%s", want, file);
        }
        tm_free(file);
        race_free(race);
    }
}

static void csv__very_many_weeks_and_large_sums(void **state)
{
    (void)state;
    race_t *race = race_new();
    race_buy(race, (buy_t){.advertiser = "Ours",
                           .station = "WAAA",
                           .market = 504,
                           .week = "1990-01-01",
                           .weeks = 5700,
                           .cents = TM_CENTS_MAX / 5700});
    race_buy(race, (buy_t){.advertiser = "Ours",
                           .station = "WBBB",
                           .station_id = 1,
                           .week = "2026-10-12",
                           .cents = -TM_CENTS_MAX});
    race_show(race);
    assert_int_equal(equals_json(race, ""), 2);
    assert_int_equal(equals_json(race, "from=2026-10-12&to=2026-10-18"), 2);
    race_free(race);
}

static void csv__what_is_too_large_is_an_error(void **state)
{
    (void)state;
    race_t *race = race_new();
    race_fill(race, 3, 50);
    race->export.bytes_max = 1000;
    tm_why_t why;
    for (tm_export_format_t f = TM_EXPORT_CSV; f <= TM_EXPORT_PDF; f++) {
        tm_blob_t *blob = NULL;
        tm_why_clear(&why);
        assert_int_equal(tm_export_write(&race->export, f, &blob, &why), TM_ENOMEM);
        assert_null(blob);
        assert_int_equal(why.n, 1);
    }
    race_free(race);
}

static void export__files_are_named_after_the_campaign(void **state)
{
    (void)state;
    race_t *race = race_new();
    char name[TM_EXPORT_NAME_MAX];
    tm_export_filename(&race->export, TM_EXPORT_XLSX, name);
    assert_string_equal(name, "smith-for-senate-matrix-v123.xlsx");
    race_name(race, "x", "../../\"\r\nX: Jos\xc3\xa9");
    tm_export_filename(&race->export, TM_EXPORT_CSV, name);
    assert_string_equal(name, "---------X--Jos---matrix-v123.csv");
    race->export.directory = NULL;
    tm_export_filename(&race->export, TM_EXPORT_PDF, name);
    assert_string_equal(name, "cmp_0000008000001-matrix-v123.pdf");
    tm_export_format_t format;
    assert_true(tm_export_find(TM_STR("pdf"), &format) && format == TM_EXPORT_PDF);
    assert_false(tm_export_find(TM_STR("PDF"), &format) || tm_export_find(TM_STR(""), &format));
    race_free(race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv__equals_the_json_cell_by_cell),
        cmocka_unit_test(csv__nothing_bought_is_a_head_and_a_total),
        cmocka_unit_test(csv__nothing_known_is_empty_and_zero_is_zero),
        cmocka_unit_test(csv__text_is_quoted_and_never_runs),
        cmocka_unit_test(csv__very_many_weeks_and_large_sums),
        cmocka_unit_test(csv__what_is_too_large_is_an_error),
        cmocka_unit_test(export__files_are_named_after_the_campaign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
