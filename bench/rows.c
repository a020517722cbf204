/* rows.c - how fast does the projection fill MariaDB, beside a program that only inserts?
 *
 * Why:     SQL follows the journal; after an outage it must catch up faster than news comes.
 * How:     a data folder with some ten thousand buy lines; the server starts with an empty database
 *          and follows its journal from the beginning. Rows of all tables a second, from the first
 *          count until it has everything. The limit: the rows that came out, made into texts of
 *          INSERT with 1,000 rows before the clock starts, into equal tables in another database of
 *          the same MariaDB over one connection, each statement a durable commit.
 * Usage:   bench_rows [ROUNDS]; 3 by default. */
#include "base/memory.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_mariadb.h"
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILL_S 3
#define FILL_CONNECTIONS 64
#define ROWS_A_STATEMENT 1000
#define STATEMENT_BYTES_MAX (15u << 20)
#define TABLES_MAX 64
#define POLL_US 20000

static MYSQL *connect_mariadb(const server_t *mariadb)
{
    MYSQL *db = mysql_init(NULL);
    mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(db, "127.0.0.1", MARIADB_USER, MARIADB_PASSWORD, NULL, mariadb->port,
                           NULL, 0) == NULL)
        bench_die("MariaDB: %s", mysql_error(db));
    return db;
}

static void run(MYSQL *db, const char *sql, size_t n)
{
    if (mysql_real_query(db, sql, n) != 0)
        bench_die("MariaDB: %s\n%.200s", mysql_error(db), sql);
}

static void run_text(MYSQL *db, const char *fmt, const char *a, const char *b)
{
    char sql[512];
    snprintf(sql, sizeof(sql), fmt, a, b);
    run(db, sql, strlen(sql));
}

typedef struct tables {
    char names[TABLES_MAX][64];
    uint32_t n;
} tables_t;

static tables_t tables_of(MYSQL *db)
{
    tables_t tables = {.n = 0};
    run_text(db, "SELECT table_name FROM information_schema.tables WHERE table_schema = '%s%s'",
             "trailmix", "");
    MYSQL_RES *result = mysql_store_result(db);
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL && tables.n < TABLES_MAX;)
        snprintf(tables.names[tables.n++], sizeof(tables.names[0]), "%s", row[0]);
    mysql_free_result(result);
    return tables;
}

static uint64_t count_rows(MYSQL *db)
{
    const tables_t tables = tables_of(db);
    uint64_t all = 0;
    for (uint32_t i = 0; i < tables.n; i++) {
        run_text(db, "SELECT COUNT(*) FROM trailmix.%s%s", tables.names[i], "");
        MYSQL_RES *result = mysql_store_result(db);
        all += strtoull(mysql_fetch_row(result)[0], NULL, 10);
        mysql_free_result(result);
    }
    return all;
}

/* ---- ours ---- */

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

static void fill(void)
{
    server_t server = server_start("rows");
    char campaign[BENCH_ID_MAX];
    server_campaign(&server, campaign);
    const client_options_t options = {.port = server.port,
                                      .connections = FILL_CONNECTIONS,
                                      .path = "/api/v1/buy-lines",
                                      .fields = {{"x-api-key", BENCH_KEY}},
                                      .body = body,
                                      .ctx = campaign,
                                      .want = 201};
    client_t *client = client_new(&options);
    const client_result_t got = client_run(client, FILL_S);
    figure("rows_lines", (double)got.answers, "lines");
    client_free(client);
    server_stop(&server);
}

static void empty(MYSQL *db, const char *database)
{
    run_text(db, "DROP DATABASE IF EXISTS %s%s", database, "");
    run_text(db, "CREATE DATABASE %s%s CHARACTER SET utf8mb4", database, "");
}

/* Rows a second while our server catches up. */
static double catch_up(MYSQL *db, const server_t *mariadb, rounds_t *mariadb_us)
{
    char url[BENCH_PATH_MAX];
    empty(db, "trailmix");
    mariadb_url(mariadb, "trailmix", url);
    server_t server = server_start_on("rows", 1, url);
    uint64_t first = 0;
    while ((first = count_rows(db)) == 0)
        usleep(POLL_US / 4);
    const double begin = bench_now_s();
    const double cpu = server_cpu_s(mariadb);
    server_caught_up(&server);
    const double seconds = bench_now_s() - begin;
    rounds_add(mariadb_us, server_cpu_s(mariadb) - cpu);
    const uint64_t rows = count_rows(db) - first;
    mariadb_us->v[mariadb_us->n - 1] *= 1e6 / (double)rows;
    server_stop(&server);
    return (double)rows / seconds;
}

/* ---- the limit ---- */

typedef struct statements {
    tm_buf_t *texts;
    uint32_t n, max;
    uint64_t rows;
} statements_t;

static void add_value(MYSQL *db, const char *value, unsigned long n, tm_buf_t *out)
{
    if (value == NULL) {
        tm_buf_add_c(out, "NULL");
        return;
    }
    tm_buf_add_char(out, '\'');
    if (!tm_buf_reserve(out, 2 * n + 1))
        bench_die("a statement is too long");
    out->n += mysql_real_escape_string(db, out->p + out->n, value, n);
    tm_buf_add_char(out, '\'');
}

/* Every row of a table as statements for its twin. */
static void take_table(MYSQL *db, const char *table, statements_t *all)
{
    run_text(db, "SELECT * FROM trailmix.%s%s", table, "");
    MYSQL_RES *result = mysql_store_result(db);
    const uint32_t columns = mysql_num_fields(result);
    uint32_t in_statement = 0;
    tm_buf_t *text = NULL;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL; all->rows++) {
        const unsigned long *lengths = mysql_fetch_lengths(result);
        if (in_statement % ROWS_A_STATEMENT == 0) {
            if (all->n == all->max)
                bench_die("too many rows");
            text = &all->texts[all->n++];
            tm_buf_init(text, STATEMENT_BYTES_MAX);
            tm_buf_printf(text, "INSERT INTO peer.%s VALUES ", table);
        }
        for (uint32_t i = 0; i < columns; i++) {
            tm_buf_add_c(text, i > 0 ? "," : in_statement % ROWS_A_STATEMENT > 0 ? ",(" : "(");
            add_value(db, row[i], lengths[i], text);
        }
        tm_buf_add_char(text, ')');
        in_statement++;
    }
    mysql_free_result(result);
}

/* Rows a second of nothing but statements. */
static double bare(MYSQL *db, const server_t *mariadb, rounds_t *mariadb_us)
{
    const tables_t tables = tables_of(db);
    statements_t all = {.max = 1u << 16};
    all.texts = tm_zalloc(all.max * sizeof(tm_buf_t));
    empty(db, "peer");
    for (uint32_t i = 0; i < tables.n; i++) {
        run_text(db, "CREATE TABLE peer.%s LIKE trailmix.%s", tables.names[i], tables.names[i]);
        take_table(db, tables.names[i], &all);
    }
    const double cpu = server_cpu_s(mariadb);
    const double begin = bench_now_s();
    for (uint32_t i = 0; i < all.n; i++)
        run(db, all.texts[i].p, all.texts[i].n);
    const double seconds = bench_now_s() - begin;
    rounds_add(mariadb_us, (server_cpu_s(mariadb) - cpu) * 1e6 / (double)all.rows);
    for (uint32_t i = 0; i < all.n; i++)
        tm_buf_done(&all.texts[i]);
    tm_free(all.texts);
    return (double)all.rows / seconds;
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 3;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_rows [ROUNDS], at most %d", ROUNDS_MAX);
    fill();
    server_t mariadb = mariadb_start();
    MYSQL *db = connect_mariadb(&mariadb);
    rounds_t ours = {.n = 0}, limit = {.n = 0}, ratio = {.n = 0};
    rounds_t ours_us = {.n = 0}, limit_us = {.n = 0};
    for (uint32_t r = 0; r < rounds; r++) {
        rounds_add(&ours, catch_up(db, &mariadb, &ours_us));
        rounds_add(&limit, bare(db, &mariadb, &limit_us));
        rounds_add(&ratio, 100 * ours.v[r] / limit.v[r]);
    }
    figure("rows_rate", rounds_median(&ours), "rows/s");
    figure("rows_bare_rate", rounds_median(&limit), "rows/s");
    figure("rows_of_bare_rate", rounds_median(&ratio), "%");
    figure("rows_mariadb_cpu", rounds_median(&ours_us), "us/row");
    figure("rows_bare_mariadb_cpu", rounds_median(&limit_us), "us/row");
    mysql_close(db);
    server_stop(&mariadb);
    return 0;
}
