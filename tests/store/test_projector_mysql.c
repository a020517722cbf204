/* test_projector_mysql.c - a real MariaDB on loopback has exactly what the journal says, also
 * when it is killed in the middle.
 *
 * How:     the test makes a server of its own in a temporary folder, on a free port, and stops it
 *          by its process id. */
#include "store/with_projection.h"
#include "base/time.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <mysql.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define COLUMNS_MAX 128
#define START_MS 60000

typedef struct server {
    char folder[64];
    uint16_t port;
    pid_t pid;
    const char *why_not;
} server_t;

static const char *find_program(const char *const *places)
{
    while (*places != NULL && access(*places, X_OK) != 0) {
        places++;
    }
    return *places;
}

static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static pid_t start_program(const char *const *arguments, const char *log)
{
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    pid_t pid = -1;
    extern char **environ;
    const int failed =
        posix_spawn(&pid, arguments[0], &files, NULL, (char *const *)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    return failed == 0 ? pid : -1;
}

static MYSQL *login(const server_t *server, const char *database)
{
    MYSQL *db = mysql_init(NULL);
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    mysql_options(db, MYSQL_OPT_PROTOCOL, &tcp);
    mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(db, "127.0.0.1", "root", "", database, server->port, NULL, 0) != NULL)
        return db;
    mysql_close(db);
    return NULL;
}

static bool server_start(server_t *server)
{
    static const char *const places[] = {"/usr/sbin/mariadbd", "/usr/bin/mariadbd",
                                         "/usr/local/sbin/mariadbd", NULL};
    char data[100], socket_path[100], log[100], port[32];
    snprintf(data, sizeof(data), "--datadir=%s/data", server->folder);
    snprintf(socket_path, sizeof(socket_path), "--socket=%s/socket", server->folder);
    snprintf(log, sizeof(log), "%s/log", server->folder);
    snprintf(port, sizeof(port), "--port=%u", server->port);
    const char *const arguments[] = {find_program(places),
                                     "--no-defaults",
                                     data,
                                     socket_path,
                                     port,
                                     "--bind-address=127.0.0.1",
                                     "--skip-name-resolve",
                                     "--innodb-buffer-pool-size=32M",
                                     "--performance-schema=OFF",
                                     geteuid() == 0 ? "--user=root" : NULL,
                                     NULL};
    server->pid = start_program(arguments, log);
    for (int64_t until = tm_time_mono_ns() + START_MS * INT64_C(1000000); tm_time_mono_ns() < until;
         usleep(50000)) {
        MYSQL *db = login(server, NULL);
        if (db != NULL) {
            mysql_close(db);
            return true;
        }
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            break;
    }
    return false;
}

static void server_kill(server_t *server, int signal)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, signal);
    waitpid(server->pid, NULL, 0);
    server->pid = -1;
}

static int setup(void **state)
{
    static const char *const installers[] = {"/usr/bin/mariadb-install-db",
                                             "/usr/local/bin/mariadb-install-db", NULL};
    static const char *const servers[] = {"/usr/sbin/mariadbd", "/usr/bin/mariadbd",
                                          "/usr/local/sbin/mariadbd", NULL};
    server_t *server = TM_NEW(server_t);
    *state = server;
    if (find_program(installers) == NULL || find_program(servers) == NULL) {
        server->why_not = "mariadbd is not installed";
        return 0;
    }
    snprintf(server->folder, sizeof(server->folder), "/tmp/tm_mariadb_XXXXXX");
    if (mkdtemp(server->folder) == NULL)
        return -1;
    char data[100], log[100];
    snprintf(data, sizeof(data), "--datadir=%s/data", server->folder);
    snprintf(log, sizeof(log), "%s/log", server->folder);
    const char *const arguments[] = {find_program(installers),
                                     "--no-defaults",
                                     data,
                                     "--auth-root-authentication-method=normal",
                                     "--skip-test-db",
                                     geteuid() == 0 ? "--user=root" : NULL,
                                     NULL};
    int status = -1;
    const pid_t pid = start_program(arguments, log);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return -1;
    server->port = free_port();
    return server_start(server) ? 0 : -1;
}

static int teardown(void **state)
{
    server_t *server = *state;
    server_kill(server, SIGTERM);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", server->folder);
    const int failed = server->why_not == NULL ? system(command) : 0;
    tm_free(server);
    return failed;
}

static void need(const server_t *server)
{
    if (server->why_not == NULL)
        return;
    print_message("skipped: %s\n", server->why_not);
    skip();
}

static void query(void *db, const char *sql, with_row_fn *fn, void *ctx)
{
    if (mysql_query(db, sql) != 0)
        fail_msg("%s: %s", sql, mysql_error(db));
    MYSQL_RES *result = mysql_store_result(db);
    assert_non_null(result);
    const unsigned columns = mysql_num_fields(result);
    assert_true(columns <= COLUMNS_MAX);
    for (MYSQL_ROW row = mysql_fetch_row(result); row != NULL; row = mysql_fetch_row(result)) {
        const unsigned long *lengths = mysql_fetch_lengths(result);
        const char *values[COLUMNS_MAX];
        size_t n[COLUMNS_MAX];
        for (unsigned i = 0; i < columns; i++) {
            values[i] = row[i];
            n[i] = lengths[i];
        }
        fn(ctx, values, n, columns);
    }
    mysql_free_result(result);
}

static void make_database(const server_t *server, const char *name)
{
    MYSQL *db = login(server, NULL);
    assert_non_null(db);
    char sql[128];
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s CHARACTER SET latin1",
             name); /* ours must not depend on it */
    assert_int_equal(mysql_query(db, sql), 0);
    mysql_close(db);
}

static tm_projector_t *projector_on(with_world_t *w, const server_t *server, const char *name)
{
    char url[200];
    snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/%s?connection_limit=2", server->port,
             name);
    tm_projector_t *projector = NULL;
    assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
    assert_int_equal(tm_projector_start(projector), TM_OK);
    return projector;
}

static void compare(with_world_t *w, const server_t *server, const char *name)
{
    MYSQL *db = login(server, name);
    assert_non_null(db);
    with_compare(w, query, db);
    mysql_close(db);
}

static void projector__rows_in_mariadb_are_what_the_journal_says(void **state)
{
    server_t *server = *state;
    need(server);
    make_database(server, "plain");
    with_world_t *w = with_world_new(21);
    with_world_commit(w, 200);
    tm_projector_t *projector = projector_on(w, server, "plain");
    assert_true(with_caught_up(w, projector, 30000));
    compare(w, server, "plain");
    for (int i = 0; i < 10; i++) {
        with_world_commit(w, 15);
    }
    assert_true(with_caught_up(w, projector, 30000));
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_int_equal(stats.failures, 0);
    compare(w, server, "plain");
    tm_projector_stop(projector, 1000);
    tm_projector_free(projector);
    with_world_free(w);
}

static void projector__catches_up_after_mariadb_was_killed(void **state)
{
    server_t *server = *state;
    need(server);
    make_database(server, "killed");
    with_world_t *w = with_world_new(22);
    with_world_commit(w, 50);
    tm_projector_t *projector = projector_on(w, server, "killed");
    assert_true(with_caught_up(w, projector, 30000));
    for (int round = 0; round < 3; round++) {
        with_world_commit(w, 400);
        usleep((useconds_t)(1000 + 15000 * round)); /* somewhere in the middle of it */
        server_kill(server, SIGKILL);
        with_world_commit(w, 100);
        usleep(300000);
        tm_projector_stats_t stats;
        tm_projector_stats(projector, &stats);
        assert_false(stats.connected);
        assert_true(stats.failures > 0);
        assert_true(strlen(stats.error) > 0);
        assert_true(server_start(server));
        assert_true(with_caught_up(w, projector, 30000));
        compare(w, server, "killed");
    }
    tm_projector_stop(projector, 1000);
    tm_projector_free(projector);
    with_world_free(w);
}

static void projector__waits_for_a_lock_and_tries_again(void **state)
{
    server_t *server = *state;
    need(server);
    make_database(server, "locked");
    with_world_t *w = with_world_new(23);
    with_world_commit(w, 20);
    tm_projector_t *projector = projector_on(w, server, "locked");
    assert_true(with_caught_up(w, projector, 30000));
    MYSQL *db = login(server, "locked");
    assert_int_equal(mysql_query(db, "START TRANSACTION"), 0);
    assert_int_equal(
        mysql_query(db, "UPDATE projection_position SET lanes = 1, chain = 'x' WHERE lane = 0"), 0);
    with_world_commit(w, 20);
    tm_projector_stats_t stats;
    const int64_t until = tm_time_mono_ns() + INT64_C(20000000000);
    do {
        usleep(50000);
        tm_projector_stats(projector, &stats);
    } while (stats.failures == 0 && tm_time_mono_ns() < until);
    assert_non_null(strstr(stats.error, "1205"));
    assert_int_equal(mysql_query(db, "ROLLBACK"), 0);
    mysql_close(db);
    assert_true(with_caught_up(w, projector, 30000));
    compare(w, server, "locked");
    tm_projector_stop(projector, 1000);
    tm_projector_free(projector);
    with_world_free(w);
}

static void projector__an_absent_server_is_no_error_of_ours(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(24);
    with_world_commit(w, 20);
    server_kill(server, SIGTERM);
    tm_projector_t *projector = projector_on(w, server, "late");
    usleep(200000);
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_false(stats.connected);
    assert_int_equal(stats.position, 0);
    assert_int_equal(stats.durable, 20);
    assert_true(server_start(server));
    make_database(server, "late");
    assert_true(with_caught_up(w, projector, 30000));
    compare(w, server, "late");
    const int64_t before = tm_time_mono_ns();
    server_kill(server, SIGKILL);
    with_world_commit(w, 5);
    tm_projector_stop(projector, 300); /* ends though the server is away */
    assert_true(tm_time_mono_ns() - before < INT64_C(5000000000));
    tm_projector_free(projector);
    with_world_free(w);
    assert_true(server_start(server));
}

/* ---- faults: each ends in words or in exactly what the journal says ---- */

/* Of a projector that runs: waits until a failure is told that holds `word`. */
static void expect_words(tm_projector_t *projector, const char *word)
{
    tm_projector_stats_t stats;
    const int64_t until = tm_time_mono_ns() + INT64_C(30000000000);
    do {
        usleep(10000);
        tm_projector_stats(projector, &stats);
    } while (strstr(stats.error, word) == NULL && tm_time_mono_ns() < until);
    if (strstr(stats.error, word) == NULL)
        fail_msg("wanted '%s' in '%s'", word, stats.error);
    assert_false(stats.connected);
    assert_null(strstr(stats.error, "s3cret"));
}

static void root(const server_t *server, const char *sql)
{
    MYSQL *db = login(server, NULL);
    assert_non_null(db);
    if (mysql_query(db, sql) != 0)
        fail_msg("%s: %s", sql, mysql_error(db));
    mysql_close(db);
}

/* A projector that has caught up, on a database of its own. */
static tm_projector_t *begin(with_world_t *w, const server_t *server, const char *name)
{
    make_database(server, name);
    with_world_commit(w, 30);
    tm_projector_t *projector = projector_on(w, server, name);
    assert_true(with_caught_up(w, projector, 30000));
    return projector;
}

/* The fault is over: everything comes, once. */
static void recovers(with_world_t *w, const server_t *server, tm_projector_t *projector,
                     const char *name)
{
    with_world_commit(w, 40);
    assert_true(with_caught_up(w, projector, 60000));
    compare(w, server, name);
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_true(stats.connected);
    assert_string_equal(stats.error, "");
    assert_int_equal(stats.lag_ms, 0);
    tm_projector_stop(projector, 1000);
    tm_projector_free(projector);
    with_world_free(w);
}

static void projector__connections_killed_in_the_middle_change_nothing(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(31);
    tm_projector_t *projector = begin(w, server, "cut");
    MYSQL *db = login(server, NULL);
    assert_non_null(db);
    for (int round = 0; round < 25; round++) {
        with_world_commit(w, 30);
        usleep((useconds_t)(round * 700));
        /* Whatever ours is doing: between statements, within one, within a transaction. */
        char ids[16][16];
        unsigned n = 0;
        assert_int_equal(mysql_query(db, "SELECT id FROM information_schema.processlist WHERE db = "
                                         "'cut'"),
                         0);
        MYSQL_RES *result = mysql_store_result(db);
        for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL && n < 16;) {
            snprintf(ids[n++], sizeof(ids[0]), "%s", row[0]);
        }
        mysql_free_result(result);
        for (unsigned i = 0; i < n; i++) {
            char sql[320];
            snprintf(sql, sizeof(sql), "KILL HARD CONNECTION %s", ids[i]);
            (void)mysql_query(db, sql); /* it may have gone by itself */
        }
    }
    mysql_close(db);
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_true(stats.failures > 0);
    recovers(w, server, projector, "cut");
}

static void projector__a_database_that_only_reads_is_told_and_waited_for(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(32);
    root(server, "CREATE USER IF NOT EXISTS 'plain'@'%' IDENTIFIED BY 's3cret'");
    root(server, "GRANT ALL ON readonly.* TO 'plain'@'%'");
    make_database(server, "readonly");
    with_world_commit(w, 30);
    char url[200];
    snprintf(url, sizeof(url), "mysql://plain:s3cret@127.0.0.1:%u/readonly?connection_limit=4",
             server->port);
    tm_projector_t *projector = NULL;
    assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
    assert_int_equal(tm_projector_start(projector), TM_OK);
    assert_true(with_caught_up(w, projector, 30000));
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_int_equal(stats.lanes, 4);
    root(server, "SET GLOBAL read_only = 1");
    with_world_commit(w, 20);
    expect_words(projector, "read-only");
    root(server, "SET GLOBAL read_only = 0");
    recovers(w, server, projector, "readonly");
}

static void projector__no_connection_left_is_told_and_waited_for(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(33);
    root(server, "CREATE USER IF NOT EXISTS 'few'@'%' IDENTIFIED BY 's3cret'");
    root(server, "ALTER USER 'few'@'%' WITH MAX_USER_CONNECTIONS 2");
    root(server, "GRANT ALL ON few.* TO 'few'@'%'");
    make_database(server, "few");
    with_world_commit(w, 50);
    char url[200];
    snprintf(url, sizeof(url), "mysql://few:s3cret@127.0.0.1:%u/few?connection_limit=3",
             server->port);
    tm_projector_t *projector = NULL;
    assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
    assert_int_equal(tm_projector_start(projector), TM_OK);
    expect_words(projector, "no connection left");
    root(server, "ALTER USER 'few'@'%' WITH MAX_USER_CONNECTIONS 0");
    recovers(w, server, projector, "few");
}

static void projector__a_wrong_password_is_told_and_never_shown(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(34);
    root(server, "CREATE USER IF NOT EXISTS 'locked_out'@'%' IDENTIFIED BY 'another'");
    root(server, "GRANT ALL ON locked_out.* TO 'locked_out'@'%'");
    make_database(server, "locked_out");
    with_world_commit(w, 20);
    char url[200];
    snprintf(url, sizeof(url),
             "mysql://locked_out:s3cret@127.0.0.1:%u/locked_out?connection_limit=4", server->port);
    tm_projector_t *projector = NULL;
    assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
    assert_int_equal(tm_projector_start(projector), TM_OK);
    expect_words(projector, "refuses the user or the password");
    root(server, "ALTER USER 'locked_out'@'%' IDENTIFIED BY 's3cret'");
    recovers(w, server, projector, "locked_out");
}

static void projector__a_table_dropped_under_it_is_filled_again(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(35);
    tm_projector_t *projector = begin(w, server, "dropped");
    root(server, "DROP TABLE dropped.buy_line");
    with_world_commit(w, 20);
    assert_true(with_caught_up(w, projector, 60000));
    root(server, "DROP TABLE dropped.line_week");
    with_world_commit(w, 20);
    assert_true(with_caught_up(w, projector, 60000));
    root(server, "DROP DATABASE dropped");
    with_world_commit(w, 5);
    expect_words(projector, "no such database");
    make_database(server, "dropped");
    recovers(w, server, projector, "dropped");
}

static void projector__a_column_that_is_missing_names_the_command(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(36);
    tm_projector_t *projector = begin(w, server, "narrow");
    root(server, "ALTER TABLE narrow.buy_line DROP COLUMN memo");
    with_world_commit(w, 60);
    expect_words(projector, "trailmix rebuild --database");
    tm_projector_stop(projector, 0);
    tm_projector_free(projector);
    with_world_free(w);
}

static void projector__a_server_that_does_not_answer_holds_nobody_up(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(37);
    tm_projector_t *projector = begin(w, server, "frozen");
    kill(server->pid, SIGSTOP);
    const int64_t before = tm_time_mono_ns();
    with_world_commit(w, 200); /* the journal does not know of it */
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    assert_true(stats.durable > stats.position);
    assert_true(tm_time_mono_ns() - before < INT64_C(5000000000));
    expect_words(projector, "no answer in time");
    tm_projector_stats(projector, &stats);
    assert_true(stats.lag_ms >= 9000 && stats.lag_ms < 60000); /* as long as it lasts */
    kill(server->pid, SIGCONT);
    recovers(w, server, projector, "frozen");
}

static void projector__a_server_that_does_not_answer_holds_up_no_stop(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(39);
    tm_projector_t *projector = begin(w, server, "stopped");
    kill(server->pid, SIGSTOP);
    with_world_commit(w, 20);
    usleep(500000); /* it waits for an answer by now, for seconds */
    const int64_t before = tm_time_mono_ns();
    tm_projector_stop(projector, 500);
    const int64_t took_ms = (tm_time_mono_ns() - before) / 1000000;
    kill(server->pid, SIGCONT);
    assert_in_range(took_ms, 400, 3000);
    tm_projector_free(projector);
    projector = projector_on(w, server, "stopped");
    assert_true(with_caught_up(w, projector, 30000));
    compare(w, server, "stopped");
    tm_projector_stop(projector, 1000);
    tm_projector_free(projector);
    with_world_free(w);
}

/* Somebody else takes rows in another order than ours: the server ends one of the two. */
static void projector__a_deadlock_is_tried_again(void **state)
{
    server_t *server = *state;
    need(server);
    with_world_t *w = with_world_new(38);
    tm_projector_t *projector = begin(w, server, "dead");
    MYSQL *db = login(server, "dead");
    assert_non_null(db);
    bool hit = false;
    for (int round = 0; round < 20 && !hit; round++) {
        assert_int_equal(mysql_query(db, "START TRANSACTION"), 0);
        assert_int_equal(mysql_query(db, "UPDATE buy_line SET applied_seq = applied_seq"), 0);
        /* Heavier than ours, so that ours is the one that is ended. */
        assert_int_equal(mysql_query(db, "UPDATE line_week SET applied_seq = applied_seq + 0"), 0);
        with_world_commit(w, 60);
        usleep(100000); /* ours holds its position and waits for a line */
        (void)mysql_query(db, "UPDATE projection_position SET seq = seq + 0, chain = chain");
        (void)mysql_query(db, "SELECT * FROM projection_position FOR UPDATE");
        MYSQL_RES *result = mysql_store_result(db);
        mysql_free_result(result);
        (void)mysql_query(db, "ROLLBACK");
        tm_projector_stats_t stats;
        tm_projector_stats(projector, &stats);
        hit = stats.failures > 0;
    }
    mysql_close(db);
    recovers(w, server, projector, "dead");
}

static void projector__lanes_may_be_more_or_fewer_at_the_next_start(void **state)
{
    server_t *server = *state;
    need(server);
    static const unsigned numbers[] = {1, 4, 3, 8, 1};
    with_world_t *w = with_world_new(39);
    make_database(server, "lanes");
    for (size_t i = 0; i < TM_COUNT(numbers); i++) {
        char url[200];
        snprintf(url, sizeof(url), "mysql://root@127.0.0.1:%u/lanes?connection_limit=%u",
                 server->port, numbers[i]);
        with_world_commit(w, 80);
        tm_projector_t *projector = NULL;
        assert_int_equal(tm_projector_new(tm_str(url), w->journal, &projector, NULL), TM_OK);
        assert_int_equal(tm_projector_start(projector), TM_OK);
        assert_true(with_caught_up(w, projector, 30000));
        compare(w, server, "lanes");
        with_world_commit(w, 200); /* ended in the middle of it */
        usleep((useconds_t)(i * 8000));
        tm_projector_stop(projector, 0);
        tm_projector_free(projector);
    }
    tm_projector_t *projector = projector_on(w, server, "lanes");
    assert_true(with_caught_up(w, projector, 30000));
    recovers(w, server, projector, "lanes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projector__rows_in_mariadb_are_what_the_journal_says),
        cmocka_unit_test(projector__catches_up_after_mariadb_was_killed),
        cmocka_unit_test(projector__waits_for_a_lock_and_tries_again),
        cmocka_unit_test(projector__an_absent_server_is_no_error_of_ours),
        cmocka_unit_test(projector__connections_killed_in_the_middle_change_nothing),
        cmocka_unit_test(projector__a_database_that_only_reads_is_told_and_waited_for),
        cmocka_unit_test(projector__no_connection_left_is_told_and_waited_for),
        cmocka_unit_test(projector__a_wrong_password_is_told_and_never_shown),
        cmocka_unit_test(projector__a_table_dropped_under_it_is_filled_again),
        cmocka_unit_test(projector__a_column_that_is_missing_names_the_command),
        cmocka_unit_test(projector__a_server_that_does_not_answer_holds_nobody_up),
        cmocka_unit_test(projector__a_server_that_does_not_answer_holds_up_no_stop),
        cmocka_unit_test(projector__a_deadlock_is_tried_again),
        cmocka_unit_test(projector__lanes_may_be_more_or_fewer_at_the_next_start),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
