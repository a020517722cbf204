/* post.c - how fast are durable writes, and what stands between them and what library and disk
 * allow?
 *
 * Why:     a write answers when it is on stable storage; many writers must share a sync.
 * How:     POST /api/v1/buy-lines over HTTP/1.1 with 1, 64 and 256 connections, each waiting for
 *          its answer; the limit program bench_bare_log (the same requests: one appended batch and
 *          fdatasync for all that wait, then an answer of the same bytes) takes turns with it, as
 *          disks change their mind within seconds. Every line is a new order, so the campaign grows
 *          during the run. Our CPU includes the projection into SQLite to its end: a turn ends when
 *          the database has everything; lag is what it still lacked at the last answer. Behind each
 *          turn is a rest, inside it: what a side left to be done is counted as its own.
 *          A third side, bench_bare_shape, has our threads, journal, records and rows but no
 *          meaning: what the shape costs.
 *          With a folder of bench/peers/fastify: Fastify and mysql2 on MariaDB is a fourth side;
 *          its CPU is that of node and of MariaDB together.
 * Usage:   bench_post [ROUNDS [FASTIFY]]; 10 by default. */
#include "base/memory.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_mariadb.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TURN_S 0.5
#define WARM_S 0.2
#define REST_US 200000
#define WARM_NODE_S 4.0 /* it compiles what is hot */
#define ANSWER_BYTES_MAX (1u << 20)
#define PATH "/api/v1/buy-lines"
#define POOL "32"            /* connections to MariaDB: 8 and 96 were no better */
#define FIRST_GAP 100000000u /* between the lines of two loads */

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

enum { OURS, BARE, SHAPE, FASTIFY, SIDES_MAX };

typedef struct side {
    server_t server, database; /* database.pid 0: none of its own */
    client_t *client;
    rounds_t rate, cpu_us, p50_ms, p99_ms, lag;
} side_t;

static double side_cpu_s(const side_t *side)
{
    return server_cpu_s(&side->server) +
           (side->database.pid == 0 ? 0 : server_cpu_s(&side->database));
}

static void turn(side_t *side, bool ours)
{
    const double before = side_cpu_s(side);
    const client_result_t got = client_run(side->client, TURN_S);
    if (ours) {
        rounds_add(&side->lag, (double)server_lag(&side->server));
        server_caught_up(&side->server);
    }
    usleep(REST_US);
    const double cpu = side_cpu_s(side) - before;
    rounds_add(&side->rate, (double)got.answers / got.seconds);
    rounds_add(&side->cpu_us, cpu * 1e6 / (double)got.answers);
    rounds_add(&side->p50_ms, got.p50_ms);
    rounds_add(&side->p99_ms, got.p99_ms);
}

typedef struct trial {
    const char *name; /* of its figures: post, or fastify */
    const char *sides[SIDES_MAX];
    uint32_t n_sides, connections;
} trial_t;

static void tell(const trial_t *trial, const char *side, const char *which, const rounds_t *rounds,
                 const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "%s_%u_%s%s", trial->name, trial->connections, side, which);
    figure(name, rounds_median(rounds), unit);
}

/* The median of a / b, round by round, times `scale`. */
static void tell_ratio(const trial_t *trial, const char *which, const rounds_t *a,
                       const rounds_t *b, double scale, const char *unit)
{
    rounds_t ratio = {.n = 0};
    for (uint32_t r = 0; r < a->n; r++)
        rounds_add(&ratio, scale * a->v[r] / b->v[r]);
    tell(trial, "", which, &ratio, unit);
}

static void compare(const trial_t *trial, side_t *sides, char *campaign, uint32_t rounds)
{
    const uint32_t n_sides = trial->n_sides;
    for (uint32_t i = 0; i < n_sides; i++) {
        const client_options_t options = {.port = sides[i].server.port,
                                          .connections = trial->connections,
                                          .path = PATH,
                                          .fields = {{"x-api-key", BENCH_KEY}},
                                          .body = body,
                                          .ctx = campaign,
                                          .first = (uint64_t)trial->connections * FIRST_GAP,
                                          .want = 201};
        sides[i] = (side_t){.server = sides[i].server, .database = sides[i].database};
        sides[i].client = client_new(&options);
        client_run(sides[i].client, i == FASTIFY ? WARM_NODE_S : WARM_S);
    }
    usleep(REST_US);
    /* Nobody always comes after the same one: a database still writes when its turn is over. */
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < n_sides; i++) {
            const uint32_t place = r % 2 == 0 ? i : n_sides - 1 - i;
            const uint32_t side = (place + r) % n_sides;
            turn(&sides[side], side == OURS);
        }
    }
    for (uint32_t i = 0; i < n_sides; i++) {
        tell(trial, trial->sides[i], "rate", &sides[i].rate, "requests/s");
        tell(trial, trial->sides[i], "cpu", &sides[i].cpu_us, "us/request");
        tell(trial, trial->sides[i], "p50", &sides[i].p50_ms, "ms");
        tell(trial, trial->sides[i], "p99", &sides[i].p99_ms, "ms");
        client_free(sides[i].client);
    }
    tell(trial, trial->sides[OURS], "lag", &sides[OURS].lag, "commits");
    tell_ratio(trial, "of_bare_rate", &sides[OURS].rate, &sides[BARE].rate, 100, "%");
    tell_ratio(trial, "of_bare_cpu", &sides[BARE].cpu_us, &sides[OURS].cpu_us, 100, "%");
    tell_ratio(trial, "shape_of_bare_cpu", &sides[BARE].cpu_us, &sides[SHAPE].cpu_us, 100, "%");
    tell_ratio(trial, "of_shape_cpu", &sides[SHAPE].cpu_us, &sides[OURS].cpu_us, 100, "%");
    if (n_sides <= FASTIFY)
        return;
    const side_t *fastify = &sides[FASTIFY];
    tell_ratio(trial, "over_ours_cpu", &fastify->cpu_us, &sides[OURS].cpu_us, 1, "times");
    tell_ratio(trial, "over_bare_cpu", &fastify->cpu_us, &sides[BARE].cpu_us, 1, "times");
    tell_ratio(trial, "under_ours_rate", &sides[OURS].rate, &fastify->rate, 1, "times");
    tell_ratio(trial, "under_bare_rate", &sides[BARE].rate, &fastify->rate, 1, "times");
}

/* A limit program, which answers what our server answers to line `i`. */
static server_t start_bare(const char *program, const server_t *ours, const char *campaign,
                           uint64_t i)
{
    tm_buf_t line;
    tm_buf_t answer;
    tm_buf_init(&line, ANSWER_BYTES_MAX);
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    line_json(campaign, i, &line);
    tm_buf_add_char(&line, '\0');
    server_ask(ours, PATH, line.p, 201, &answer);
    char file[BENCH_PATH_MAX];
    snprintf(file, sizeof(file), "%s/%s.json", bench_folder(), program);
    FILE *out = fopen(file, "wbe");
    if (out == NULL || fwrite(answer.p, 1, answer.n, out) != answer.n || fclose(out) != 0)
        bench_die("cannot write %s", file);
    tm_buf_done(&line);
    tm_buf_done(&answer);
    return server_start_bare(program, file);
}

static server_t start_fastify(const char *folder, const server_t *mariadb)
{
    char script[BENCH_PATH_MAX];
    char url[BENCH_PATH_MAX];
    char port_text[16];
    const uint16_t port = server_free_port();
    snprintf(script, sizeof(script), "%s/server.mjs", folder);
    snprintf(port_text, sizeof(port_text), "%u", port);
    mariadb_url(mariadb, "peer", url);
    char *const argv[] = {"/usr/bin/env", "node", script, port_text, url, POOL, NULL};
    setenv("NODE_ENV", "production", 1);
    return server_start_program("fastify", argv, port);
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_post [ROUNDS [FASTIFY]], at most %d", ROUNDS_MAX);
    static side_t sides[SIDES_MAX]; /* too large for a stack */
    sides[OURS].server = server_start("post");
    char campaign[BENCH_ID_MAX];
    server_campaign(&sides[OURS].server, campaign);
    sides[BARE].server = start_bare("bench_bare_log", &sides[OURS].server, campaign, 0);
    sides[SHAPE].server = start_bare("bench_bare_shape", &sides[OURS].server, campaign, 1);
    if (argc > 2) {
        sides[FASTIFY].database = mariadb_start();
        sides[FASTIFY].server = start_fastify(argv[2], &sides[FASTIFY].database);
    }
    trial_t trial = {.name = "post", .sides = {"", "bare_", "shape_"}, .n_sides = FASTIFY};
    if (argc > 2)
        trial = (trial_t){"fastify", {"ours_", "bare_", "shape_", ""}, SIDES_MAX, 0};
    static const uint32_t connections[] = {1, 64, 256};
    for (size_t i = argc > 2 ? 1 : 0; i < TM_COUNT(connections); i++) {
        trial.connections = connections[i];
        compare(&trial, sides, campaign, rounds);
    }
    for (uint32_t i = 0; i < trial.n_sides; i++)
        server_stop(&sides[i].server);
    if (sides[FASTIFY].database.pid != 0)
        server_stop(&sides[FASTIFY].database);
    return 0;
}
