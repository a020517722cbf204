/* test_derive.c - what follows from the tables, compared with the files in db/ and
 * tests/golden/.
 *
 * TM_GOLDEN_UPDATE=1 writes the files anew. db/schema.lock is never written when a line of it
 * has vanished: an old journal would no longer replay. */
#include "schema/derive.h"
#include "schema/entities.h"
#include "schema/slot.h"
#include "schema/with_records.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define TEXT_MAX (1 << 20)

static bool is_update(void)
{
    const char *update = getenv("TM_GOLDEN_UPDATE");
    return update != NULL && strcmp(update, "1") == 0;
}

/* The content of a file of the project; p NULL: there is none. */
static tm_buf_t file_read(const char *path)
{
    char whole[512];
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    snprintf(whole, sizeof(whole), "%s/%s", TM_SOURCE_DIR, path);
    FILE *in = fopen(whole, "rb");
    if (in == NULL)
        return text;
    char block[4096];
    for (size_t n = fread(block, 1, sizeof(block), in); n > 0;
         n = fread(block, 1, sizeof(block), in)) {
        tm_buf_add(&text, block, n);
    }
    fclose(in);
    return text;
}

static void file_write(const char *path, tm_str_t text)
{
    char whole[512];
    snprintf(whole, sizeof(whole), "%s/%s", TM_SOURCE_DIR, path);
    FILE *out = fopen(whole, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text.p, 1, text.n, out), text.n);
    assert_int_equal(fclose(out), 0);
}

static void check_golden(const char *path, const tm_buf_t *made)
{
    assert_false(made->full);
    if (is_update())
        file_write(path, tm_buf_str(made));
    tm_buf_t kept = file_read(path);
    if (kept.p == NULL || !tm_str_eq(tm_buf_str(&kept), tm_buf_str(made)))
        fail_msg("%s differs from the tables; if the change is meant, run this test with "
                 "TM_GOLDEN_UPDATE=1",
                 path);
    tm_buf_done(&kept);
}

static void sql__tables_are_those_of_db(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    tm_sql_all(TM_SQLITE, &text);
    check_golden("db/schema.sqlite.sql", &text);
    tm_buf_clear(&text);
    tm_sql_all(TM_MYSQL, &text);
    check_golden("db/schema.mysql.sql", &text);
    tm_buf_done(&text);
}

static unsigned count_char(tm_str_t s, char c)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        n += s.p[i] == c ? 1 : 0;
    }
    return n;
}

static void sql__an_upsert_has_a_parameter_for_each_column_and_a_guard(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    for (unsigned e = 0; tm_entities[e] != NULL; e++) {
        const tm_desc_t *desc = tm_entities[e];
        uint16_t fields[TM_FIELDS_MAX];
        const unsigned n = tm_sql_columns(desc, NULL, fields);
        for (unsigned i = 0; i < n; i++) {
            assert_int_equal(desc->fields[fields[i]].flags & TM_F_NOSQL, 0);
        }
        for (unsigned dialect = TM_SQLITE; dialect <= TM_MYSQL; dialect++) {
            for (unsigned rows = 1; rows <= 50; rows += 7) {
                tm_buf_clear(&text);
                tm_sql_upsert(desc, NULL, (tm_dialect_t)dialect, rows, &text);
                assert_int_equal(count_char(tm_buf_str(&text), '?'), rows * (n + 1));
                assert_int_equal(count_char(tm_buf_str(&text), '('),
                                 count_char(tm_buf_str(&text), ')'));
            }
        }
    }
    const tm_has_t only = {{5, 0}}; /* id and created_ms */
    tm_buf_clear(&text);
    tm_sql_upsert(&tm_campaign_advertiser_desc, &only, TM_SQLITE, 2, &text);
    assert_int_equal(count_char(tm_buf_str(&text), '?'), 6);
    tm_buf_add_char(&text, '\0');
    assert_non_null(strstr(text.p, "(\"id\",\"created_ms\",\"applied_seq\")"));
    assert_non_null(strstr(text.p, "\"side\"=excluded.\"side\"")); /* NULL */
    tm_buf_clear(&text);
    tm_sql_upsert(&tm_campaign_advertiser_desc, NULL, TM_SQLITE, 2, &text);
    tm_buf_add_char(&text, '\0');
    assert_string_equal(
        text.p, "INSERT INTO \"campaign_advertiser\" "
                "(\"id\",\"version\",\"created_ms\",\"updated_ms\",\"archived_ms\",\"campaign_id\","
                "\"advertiser_id\",\"side\",\"applied_seq\") VALUES "
                "(?,?,?,?,?,?,?,?,?),(?,?,?,?,?,?,?,?,?) "
                "ON CONFLICT(\"id\") DO UPDATE SET "
                "\"version\"=excluded.\"version\",\"created_ms\"=excluded.\"created_ms\","
                "\"updated_ms\"=excluded.\"updated_ms\",\"archived_ms\"=excluded.\"archived_ms\","
                "\"campaign_id\"=excluded.\"campaign_id\",\"advertiser_id\"=excluded.\"advertiser_"
                "id\",\"side\"=excluded.\"side\","
                "\"applied_seq\"=excluded.\"applied_seq\" WHERE "
                "excluded.\"applied_seq\">\"campaign_advertiser\".\"applied_seq\"");
    tm_buf_done(&text);
}

static void typescript__is_the_golden_file(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    tm_typescript(&text);
    check_golden("web/src/api/types.ts", &text);
    tm_buf_done(&text);
}

static void openapi__is_json_and_the_golden_file(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    tm_buf_add_c(&text, "{\"components\":{\"schemas\":{\n");
    tm_openapi_schemas(&text);
    tm_buf_add_c(&text, "}}}\n");
    check_golden("tests/golden/openapi.json", &text);

    json_error_t error;
    json_t *whole = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    if (whole == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    json_t *line = json_object_get(json_object_get(json_object_get(whole, "components"), "schemas"),
                                   "BuyLine");
    json_t *properties = json_object_get(line, "properties");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(properties, "flight_from"), "format")),
        "date");
    assert_true(json_is_true(json_object_get(json_object_get(properties, "id"), "readOnly")));
    json_decref(whole);
    tm_buf_done(&text);
}

/* Every whole line of `old` stands in `new`. */
static void check_no_line_vanished(tm_str_t old, tm_str_t new)
{
    uint32_t begin = 0;
    for (uint32_t i = 0; i < old.n; i++) {
        if (old.p[i] != '\n')
            continue;
        const tm_str_t line = {old.p + begin, i + 1 - begin};
        bool found = false;
        uint32_t at = 0;
        while (!found && at + line.n <= new.n) {
            found = memcmp(new.p + at, line.p, line.n) == 0;
            while (at < new.n &&new.p[at] != '\n') {
                at++;
            }
            at++;
        }
        if (!found)
            fail_msg("this line of db/schema.lock is gone, old journals would not replay: %.*s",
                     (int)line.n - 1, line.p);
        begin = i + 1;
    }
}

static void lock__numbers_are_only_ever_added(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    tm_schema_lock(&text);
    tm_buf_t kept = file_read("db/schema.lock");
    if (kept.p != NULL)
        check_no_line_vanished(tm_buf_str(&kept), tm_buf_str(&text));
    tm_buf_done(&kept);
    check_golden("db/schema.lock", &text);
    tm_buf_done(&text);
}

static void redacted__shows_neither_people_nor_secrets(void **state)
{
    (void)state;
    static const tm_field_t fields[] = {
        {.name = "id",
         .key = "\"id\":",
         .number = 1,
         .type = TM_T_ID,
         .name_n = 2,
         .offset = 16,
         .extra = {.prefix = "usr"},
         .doc = "id"},
        {.name = "email",
         .key = "\"email\":",
         .number = 2,
         .type = TM_T_STR,
         .name_n = 5,
         .flags = TM_F_PII,
         .offset = 24,
         .doc = "x"},
        {.name = "totp",
         .key = "\"totp\":",
         .number = 3,
         .type = TM_T_STR,
         .name_n = 4,
         .flags = TM_F_SECRET,
         .offset = 40,
         .doc = "x"},
        {.name = "birth",
         .key = "\"birth\":",
         .number = 4,
         .type = TM_T_DAY,
         .name_n = 5,
         .flags = TM_F_PII,
         .offset = 56,
         .doc = "x"},
        {.name = "notes",
         .key = "\"notes\":",
         .number = 5,
         .type = TM_T_STRS,
         .name_n = 5,
         .flags = TM_F_PII,
         .offset = 64,
         .doc = "x"},
    };
    struct user {
        tm_has_t has;
        tm_id_t id;
        tm_str_t email;
        tm_str_t totp;
        tm_day_t birth;
        tm_strs_t notes;
    } user = {{{31, 0}}, {7}, TM_STR("a@b.example"), TM_STR("secret"), {9000}, {NULL, 0}};
    assert_int_equal(offsetof(struct user, birth), 56);
    assert_int_equal(offsetof(struct user, notes), 64);
    const tm_desc_t desc = {.name = "user",
                            .prefix = "usr",
                            .number = 1,
                            .n_fields = 5,
                            .bytes = sizeof(user),
                            .fields = fields};
    tm_buf_t out;
    tm_buf_init(&out, 1000);
    tm_redacted(&desc, &user, &out);
    tm_buf_add_char(&out, '\0');
    assert_string_equal(out.p, "{\"id\":\"usr_0000000000007\",\"email\":\"<11 "
                               "bytes>\",\"birth\":\"<hidden>\",\"notes\":\"<0 elements>\"}");
    tm_buf_done(&out);
}

static void redacted__is_json_for_every_record(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    for (unsigned d = 0; d < n; d++) {
        uint64_t seed = d;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
        const void *record = tm_record_random(descs[d], &seed, arena);
        tm_buf_t out;
        tm_buf_init(&out, TEXT_MAX);
        tm_redacted(descs[d], record, &out);
        json_t *value = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(value);
        json_decref(value);
        tm_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__tables_are_those_of_db),
        cmocka_unit_test(sql__an_upsert_has_a_parameter_for_each_column_and_a_guard),
        cmocka_unit_test(typescript__is_the_golden_file),
        cmocka_unit_test(openapi__is_json_and_the_golden_file),
        cmocka_unit_test(lock__numbers_are_only_ever_added),
        cmocka_unit_test(redacted__shows_neither_people_nor_secrets),
        cmocka_unit_test(redacted__is_json_for_every_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
