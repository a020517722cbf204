/* test_follower.c - lanes divide the records, another number of them goes on exactly where those
 * before were, and nobody's rows are touched.
 *
 * How:     SQLite holds any number of lanes as long as one thread runs them in turn. */
#include "store/follower.h"
#include "store/with_projection.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

typedef struct copy {
    with_world_t *world;
    char path[100];
    tm_database_t db;
} copy_t;

static copy_t *copy_new(uint64_t seed)
{
    copy_t *c = TM_NEW(copy_t);
    c->world = with_world_new(seed);
    snprintf(c->path, sizeof(c->path), "%s/rows.db", c->world->path);
    char url[120];
    tm_database_url_t parsed;
    snprintf(url, sizeof(url), "sqlite:%s", c->path);
    assert_int_equal(tm_database_url_parse(tm_str(url), &parsed, NULL), TM_OK);
    tm_database_init(&c->db, &parsed);
    assert_int_equal(tm_database_connect(&c->db, NULL), TM_OK);
    return c;
}

static void copy_free(copy_t *c)
{
    tm_database_done(&c->db);
    with_world_free(c->world);
    tm_free(c);
}

static void compare(copy_t *c)
{
    sqlite3 *db = with_sqlite_open(c->path);
    with_compare(c->world, with_sqlite_query, db);
    sqlite3_close(db);
}

static int64_t number(copy_t *c, const char *sql)
{
    sqlite3 *db = with_sqlite_open(c->path);
    const int64_t n = with_number(with_sqlite_query, db, sql);
    sqlite3_close(db);
    return n;
}

static void settle(copy_t *c, uint32_t lanes)
{
    assert_int_equal(tm_follower_settle(c->world->journal, &c->db, lanes, NULL, NULL, NULL), TM_OK);
    assert_int_equal(number(c, "SELECT COUNT(*) FROM projection_position"), lanes);
}

/* One lane, up to a commit; 0: all there are. */
static void follow(copy_t *c, uint32_t lane, uint32_t lanes, uint64_t until)
{
    tm_follower_t f;
    tm_follower_init(&f, c->world->journal, &c->db, lane, lanes);
    assert_int_equal(tm_follower_begin(&f, NULL), TM_OK);
    assert_int_equal(tm_follower_gather(&f, until, NULL), TM_OK);
    assert_int_equal(tm_follower_write(&f, NULL), TM_OK);
    tm_follower_done(&f);
}

static void follower__lanes_divide_the_records_among_them(void **state)
{
    (void)state;
    copy_t *c = copy_new(41);
    settle(c, 4);
    for (int round = 0; round < 3; round++) {
        with_world_commit(c->world, 80);
        for (uint32_t lane = 4; lane-- > 0;) {
            follow(c, lane, 4, 0);
        }
        compare(c);
    }
    copy_free(c);
}

static void settle__another_number_of_lanes_goes_on_from_where_each_was(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {3, 1, 5, 2, 64, 1, 4};
    copy_t *c = copy_new(42);
    settle(c, 1);
    uint32_t lanes = 1;
    for (size_t i = 0; i < TM_COUNT(numbers); i++) {
        const uint64_t before = c->world->commits;
        with_world_commit(c->world, 60);
        for (uint32_t lane = 0; lane < lanes; lane++) { /* one has all, one nothing, some a part */
            if (lane != 1)
                follow(c, lane, lanes, lane == 0 ? 0 : before + 1 + lane * 7 % 50);
        }
        settle(c, numbers[i]);
        lanes = numbers[i];
        assert_int_equal(number(c, "SELECT MIN(seq) FROM projection_position"), c->world->commits);
        compare(c);
    }
    copy_free(c);
}

static bool third_time(void *ctx)
{
    return ++*(int *)ctx == 3;
}

static void settle__cut_off_in_the_middle_it_is_done_again(void **state)
{
    (void)state;
    copy_t *c = copy_new(43);
    settle(c, 6);
    with_world_commit(c->world, 90);
    follow(c, 5, 6, 0);
    int times = 0;
    assert_int_equal(tm_follower_settle(c->world->journal, &c->db, 2, third_time, &times, NULL),
                     TM_ESTOPPING);
    assert_int_equal(number(c, "SELECT COUNT(*) FROM projection_position"), 6);
    assert_int_equal(number(c, "SELECT MIN(seq) FROM projection_position"), 0);
    settle(c, 2);
    compare(c);
    copy_free(c);
}

static void expect_refusal(copy_t *c, const char *word)
{
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_follower_settle(c->world->journal, &c->db, 2, NULL, NULL, &why),
                     TM_ECONFLICT);
    if (strstr(why.faults[0].text, word) == NULL ||
        strstr(why.faults[0].text, "trailmix rebuild --database") == NULL)
        fail_msg("wanted '%s' in '%s'", word, why.faults[0].text);
}

static void settle__a_dropped_table_is_filled_again(void **state)
{
    (void)state;
    static const char *const dropped[] = {"buy_line", "line_week", "idempotency_key", "campaign"};
    copy_t *c = copy_new(44);
    settle(c, 2);
    with_world_commit(c->world, 150);
    for (size_t i = 0; i < TM_COUNT(dropped); i++) {
        char sql[80];
        follow(c, 0, 2, 0);
        follow(c, 1, 2, 0);
        compare(c);
        snprintf(sql, sizeof(sql), "DROP TABLE %s", dropped[i]);
        assert_int_equal(tm_database_script(&c->db, sql, NULL), TM_OK);
        settle(c, 2);
        with_world_commit(c->world, 20);
    }
    follow(c, 0, 2, 0);
    follow(c, 1, 2, 0);
    compare(c);
    copy_free(c);
}

static void settle__rows_of_nobody_knows_whom_are_refused(void **state)
{
    (void)state;
    copy_t *c = copy_new(45);
    settle(c, 2);
    with_world_commit(c->world, 100);
    follow(c, 0, 2, 0);
    follow(c, 1, 2, 0);
    assert_int_equal(
        tm_database_script(&c->db, "DELETE FROM projection_position WHERE lane = 1", NULL), TM_OK);
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_follower_settle(c->world->journal, &c->db, 2, NULL, NULL, &why),
                     TM_EDAMAGED);
    assert_non_null(strstr(why.faults[0].text, "trailmix rebuild --database"));
    const int64_t rows = number(c, "SELECT COUNT(*) FROM buy_line");
    assert_true(rows > 0);
    assert_int_equal(tm_database_script(&c->db, "DELETE FROM projection_position", NULL), TM_OK);
    expect_refusal(c, "has rows");
    assert_int_equal(tm_database_script(&c->db, "DROP TABLE projection_position", NULL), TM_OK);
    expect_refusal(c, "has rows");
    assert_int_equal(number(c, "SELECT COUNT(*) FROM buy_line"), rows);
    copy_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follower__lanes_divide_the_records_among_them),
        cmocka_unit_test(settle__another_number_of_lanes_goes_on_from_where_each_was),
        cmocka_unit_test(settle__cut_off_in_the_middle_it_is_done_again),
        cmocka_unit_test(settle__a_dropped_table_is_filled_again),
        cmocka_unit_test(settle__rows_of_nobody_knows_whom_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
