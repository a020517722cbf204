/* test_projector_sqlite.c - a real SQLite file has exactly what the journal says: after
 * restarts, locks, kill -9; never another's. */
#include "store/with_projection.h"
#include "base/time.h"
#include "runtime/commit.h"
#include "schema/binary.h"
#include "schema/entities.h"
#include "schema/slot.h"
#include "store/projection.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void compare(with_world_t *w, const char *path)
{
    sqlite3 *db = with_sqlite_open(path);
    with_compare(w, with_sqlite_query, db);
    sqlite3_close(db);
}

static tm_projector_t *projector_on(with_world_t *w, const char *path)
{
    char url[200];
    snprintf(url, sizeof(url), "sqlite:%s", path);
    tm_projector_t *projector = NULL;
    assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
    assert_int_equal(tm_projector_start(projector), TM_OK);
    return projector;
}

static void end(tm_projector_t *projector)
{
    tm_projector_stop(projector, 10000);
    tm_projector_free(projector);
}

static void projector__rows_are_what_the_journal_says(void **state)
{
    (void)state;
    with_world_t *w = with_world_new(11);
    char path[100];
    snprintf(path, sizeof(path), "%s/rows.db", w->path);
    with_world_commit(w, 60);
    tm_projector_t *projector = projector_on(w, path);
    assert_true(with_caught_up(w, projector, 10000));
    compare(w, path);
    for (int round = 0; round < 6; round++) { /* in many small transactions, and after restarts */
        with_world_commit(w, 40);
        if (round % 2 == 0) {
            end(projector);
            projector = projector_on(w, path);
        }
    }
    assert_true(with_caught_up(w, projector, 10000));
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_true(stats.connected);
    assert_int_equal(stats.failures, 0);
    assert_int_equal(stats.position, stats.durable);
    compare(w, path);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    end(projector);
    with_world_free(w);
}

static void projector_stop__drains_first(void **state)
{
    (void)state;
    with_world_t *w = with_world_new(12);
    char path[100];
    snprintf(path, sizeof(path), "%s/rows.db", w->path);
    with_world_commit(w, 300);
    end(projector_on(w, path));
    compare(w, path);
    with_world_free(w);
}

static void projector__waits_for_a_locked_file(void **state)
{
    (void)state;
    with_world_t *w = with_world_new(13);
    char path[100];
    snprintf(path, sizeof(path), "%s/rows.db", w->path);
    with_world_commit(w, 50);
    tm_projector_t *projector = projector_on(w, path);
    assert_true(with_caught_up(w, projector, 10000));
    sqlite3 *db = with_sqlite_open(path);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    with_world_commit(w, 50);
    usleep(100000);
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_int_equal(stats.position, 50);
    assert_int_equal(stats.durable, 100);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_true(with_caught_up(w, projector, 10000));
    compare(w, path);
    end(projector);
    with_world_free(w);
}

/* Runs until a failure is told; what it tells must hold `word`. */
static void expect_refusal(with_world_t *w, const char *path, const char *word)
{
    tm_projector_t *projector = projector_on(w, path);
    tm_projector_stats_t stats;
    const int64_t until = tm_time_mono_ns() + INT64_C(5000000000);
    do {
        usleep(2000);
        tm_projector_stats(projector, &stats);
    } while (stats.failures == 0 && tm_time_mono_ns() < until);
    assert_false(stats.connected);
    assert_int_equal(stats.transactions, 0);
    if (strstr(stats.error, word) == NULL)
        fail_msg("wanted '%s' in '%s'", word, stats.error);
    tm_projector_stop(projector, 0);
    tm_projector_free(projector);
}

static void projector__never_mixes_two_journals(void **state)
{
    (void)state;
    with_world_t *a = with_world_new(14);
    with_world_t *b = with_world_new(15);
    char path[100];
    snprintf(path, sizeof(path), "%s/rows.db", a->path);
    with_world_commit(a, 80);
    with_world_commit(b, 100);
    end(projector_on(a, path));
    expect_refusal(b, path, "another journal");
    compare(a, path); /* untouched */

    with_world_t *empty = with_world_new(16);
    expect_refusal(empty, path, "another journal");
    with_world_free(empty);

    sqlite3 *db = with_sqlite_open(path);
    assert_int_equal(sqlite3_exec(db, "UPDATE projection_position SET seq = 81", NULL, NULL, NULL),
                     SQLITE_OK);
    expect_refusal(a, path, "ahead of the journal");
    assert_int_equal(sqlite3_exec(db, "UPDATE projection_position SET seq = 79", NULL, NULL, NULL),
                     SQLITE_OK);
    expect_refusal(a, path, "another course");
    assert_int_equal(sqlite3_exec(db, "UPDATE projection_position SET seq = 80", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    compare(a, path);
    with_world_free(a);
    with_world_free(b);
}

static void projector__two_writers_of_one_file_end_with_the_right_rows(void **state)
{
    (void)state;
    with_world_t *w = with_world_new(17);
    char path[100];
    snprintf(path, sizeof(path), "%s/rows.db", w->path);
    with_world_commit(w, 30);
    tm_projector_t *one = projector_on(w, path);
    assert_true(with_caught_up(w, one, 10000));
    tm_projector_t *two = projector_on(w, path);
    for (int i = 0; i < 10; i++) {
        with_world_commit(w, 20);
    }
    assert_true(with_caught_up(w, one, 20000));
    assert_true(with_caught_up(w, two, 20000));
    compare(w, path);
    end(one);
    end(two);
    with_world_free(w);
}

static void open_empty(char *folder, tm_database_t *db)
{
    assert_non_null(mkdtemp(folder));
    char text[100];
    snprintf(text, sizeof(text), "sqlite:%s/rows.db", folder);
    tm_database_url_t url;
    assert_int_equal(tm_database_url_parse(tm_str(text), &url, NULL), TM_OK);
    tm_database_init(db, &url);
    assert_int_equal(tm_database_connect(db, NULL), TM_OK);
    assert_int_equal(tm_tables_create(db, NULL), TM_OK);
}

static void close_and_remove(const char *folder, tm_database_t *db)
{
    tm_database_done(db);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void batch_write__is_fenced_by_the_position(void **state)
{
    (void)state;
    char folder[] = "/tmp/tm_fence_XXXXXX";
    tm_database_t db;
    open_empty(folder, &db);
    assert_int_equal(tm_tables_create(&db, NULL), TM_OK); /* again */
    tm_batch_t batch;
    tm_batch_init(&batch, 0, 1);

    const tm_position_t none = {.lanes = 1};
    const tm_position_t five = {.lanes = 1, .seq = 5};
    const tm_position_t nine = {.lanes = 1, .seq = 9};
    tm_position_t four = five;
    four.seq = 4;
    assert_int_equal(tm_batch_write(&batch, &db, &none, &five, NULL), TM_ECONFLICT); /* no row */
    assert_int_equal(tm_positions_put(&db, &none, 0, 1, NULL), TM_OK);
    assert_int_equal(tm_batch_write(&batch, &db, &none, &five, NULL), TM_OK);
    assert_int_equal(tm_batch_write(&batch, &db, &none, &nine, NULL), TM_ECONFLICT);
    assert_int_equal(tm_batch_write(&batch, &db, &four, &nine, NULL), TM_ECONFLICT);
    tm_position_t found = {.lanes = 1};
    assert_int_equal(tm_position_read(&db, &found, NULL), TM_OK);
    assert_int_equal(found.seq, 5);
    assert_int_equal(tm_batch_write(&batch, &db, &five, &nine, NULL), TM_OK);
    found.lanes = 2; /* made with another number of lanes */
    assert_int_equal(tm_position_read(&db, &found, NULL), TM_ECONFLICT);
    tm_batch_done(&batch);
    close_and_remove(folder, &db);
}

/* As a server that has just been started: what rows had before is not known. */
static void write_line(tm_database_t *db, uint64_t seq, const tm_buy_line_t *line)
{
    tm_batch_t batch;
    tm_buf_t bytes;
    tm_batch_init(&batch, 0, 1);
    tm_buf_init(&bytes, 1 << 16);
    tm_binary_write(&tm_buy_line_desc, line, &bytes);
    const tm_commit_change_t change = {.op = TM_CHANGE_PUT,
                                       .entity = tm_buy_line_desc.number,
                                       .id = line->id,
                                       .bytes = tm_buf_str(&bytes)};
    assert_int_equal(tm_batch_change(&batch, seq, &change, NULL), TM_OK);
    assert_int_equal(tm_batch_rows(&batch, db, NULL), TM_OK);
    tm_buf_done(&bytes);
    tm_batch_done(&batch);
}

static int64_t count(tm_database_t *db, const char *sql)
{
    tm_buf_t text;
    tm_buf_init(&text, 1 << 10);
    tm_value_t n = {.kind = TM_V_NULL};
    assert_int_equal(tm_database_row(db, tm_str(sql), NULL, 0, &n, 1, &text, NULL), TM_OK);
    tm_buf_done(&text);
    assert_int_equal(n.kind, TM_V_INT);
    return n.i;
}

static void rows__a_field_that_a_record_lost_is_null_and_its_list_gone(void **state)
{
    (void)state;
    char folder[] = "/tmp/tm_lost_XXXXXX";
    tm_database_t db;
    open_empty(folder, &db);
    tm_line_week_t week = {.spots = 3};
    tm_has_set(&week.has, TM_LINE_WEEK_spots);
    tm_buy_line_t line = {.id = {7}, .product = TM_STR("spots"), .market = 501};
    line.line_weeks.v = &week;
    line.line_weeks.n = 1;
    static const uint8_t had[] = {TM_BUY_LINE_id, TM_BUY_LINE_product, TM_BUY_LINE_market,
                                  TM_BUY_LINE_line_weeks};
    for (size_t i = 0; i < TM_COUNT(had); i++) {
        tm_has_set(&line.has, had[i]);
    }
    write_line(&db, 1, &line);
    line.id.v = 8; /* behind the last with a list */
    write_line(&db, 2, &line);
    assert_int_equal(count(&db, "SELECT COUNT(*) FROM line_week"), 2);
    tm_has_clear(&line.has, TM_BUY_LINE_product);
    tm_has_clear(&line.has, TM_BUY_LINE_line_weeks);
    write_line(&db, 3, &line);
    assert_int_equal(count(&db, "SELECT COUNT(*) FROM buy_line WHERE id = 8 AND product IS NULL "
                                "AND line_weeks IS NULL AND market = 501"),
                     1);
    assert_int_equal(count(&db, "SELECT COUNT(*) FROM buy_line WHERE id = 7 AND product = 'spots'"),
                     1);
    assert_int_equal(count(&db, "SELECT COUNT(*) FROM line_week WHERE buy_line_id = 7"), 1);
    assert_int_equal(count(&db, "SELECT COUNT(*) FROM line_week"), 1);
    write_line(&db, 2, &line); /* an older commit changes nothing */
    assert_int_equal(count(&db, "SELECT applied_seq FROM buy_line WHERE id = 8"), 3);
    close_and_remove(folder, &db);
}

static void projector__goes_on_where_a_killed_one_was(void **state)
{
    (void)state;
    with_world_t *w = with_world_new(18);
    char path[100];
    snprintf(path, sizeof(path), "%s/rows.db", w->path);
    for (int round = 0; round < 8; round++) {
        with_world_commit(w, 120);
        const pid_t child = fork();
        if (child == 0) {
            char url[200];
            snprintf(url, sizeof(url), "sqlite:%s", path);
            tm_projector_t *projector = NULL;
            if (tm_projector_new(tm_str(url), w->journal, &projector, NULL) != TM_OK ||
                tm_projector_start(projector) != TM_OK)
                _exit(2);
            for (;;) {
                pause();
            }
        }
        usleep((useconds_t)(2000 + 3000 * round));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    end(projector_on(w, path));
    compare(w, path);
    with_world_free(w);
}

static unsigned count_in(const char *path, const char *word)
{
    unsigned n = 0;
    char line[1000];
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(line, sizeof(line), in) != NULL) {
        n += strstr(line, word) != NULL;
    }
    assert_int_equal(fclose(in), 0);
    return n;
}

/* The log goes to a file meanwhile. */
static void projector__a_lag_is_told_once_and_its_end_once(void **state)
{
    (void)state;
    with_world_t *w = with_world_new(19);
    char folder[100], path[120], said[120];
    snprintf(folder, sizeof(folder), "%s/later", w->path);
    snprintf(path, sizeof(path), "%s/rows.db", folder);
    snprintf(said, sizeof(said), "%s/said", w->path);
    const int kept = dup(STDERR_FILENO);
    assert_non_null(freopen(said, "we", stderr));
    char url[200];
    snprintf(url, sizeof(url), "sqlite:%s", path);
    tm_projector_t *projector = NULL;
    with_world_commit(w, 40);
    assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
    tm_projector_tell_lag(projector, 300);
    assert_int_equal(tm_projector_start(projector), TM_OK);
    tm_projector_stats_t stats;
    int64_t before = 0;
    for (int i = 0; i < 30; i++) { /* it grows while the folder is not there */
        usleep(50000);
        tm_projector_stats(projector, &stats);
        assert_true(stats.lag_ms >= before);
        before = stats.lag_ms;
    }
    assert_true(before > 1000);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(with_caught_up(w, projector, 10000));
    usleep(100000);
    tm_projector_stats(projector, &stats);
    assert_int_equal(stats.lag_ms, 0);
    assert_string_equal(stats.error, "");
    end(projector);
    fflush(stderr);
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    assert_int_equal(count_in(said, "projection_lag"), 1);
    assert_int_equal(count_in(said, "projection_level"), 1);
    assert_int_equal(count_in(said, "projection_off"), 1);
    with_world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projector__rows_are_what_the_journal_says),
        cmocka_unit_test(projector_stop__drains_first),
        cmocka_unit_test(projector__waits_for_a_locked_file),
        cmocka_unit_test(projector__never_mixes_two_journals),
        cmocka_unit_test(projector__two_writers_of_one_file_end_with_the_right_rows),
        cmocka_unit_test(batch_write__is_fenced_by_the_position),
        cmocka_unit_test(rows__a_field_that_a_record_lost_is_null_and_its_list_gone),
        cmocka_unit_test(projector__goes_on_where_a_killed_one_was),
        cmocka_unit_test(projector__a_lag_is_told_once_and_its_end_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
