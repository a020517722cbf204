/* post.c - how fast are durable writes, and what stands between them and what library and disk
 * allow?
 *
 * Why:     a write answers when it is on stable storage; many writers must share a sync.
 * How:     POST /api/v1/buy-lines over HTTP/1.1 with 1, 64 and 256 connections, each waiting for
 *          its answer; the limit program bench_bare_log (the same requests: one appended batch and
 *          fdatasync for all that wait, then an answer of the same bytes) takes turns with it, as
 *          disks change their mind within seconds. Every line is a new order, so the campaign grows
 *          during the run.
 * Usage:   bench_post [ROUNDS]; 5 by default. */
#include "base/memory.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>

#define TURN_S 0.5
#define ANSWER_BYTES_MAX (1u << 20)
#define PATH "/api/v1/buy-lines"
#define FIRST_GAP 100000000u /* between the lines of two loads */

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

typedef struct side {
    const server_t *server;
    client_t *client;
    rounds_t rate, cpu_us, p50_ms, p99_ms;
} side_t;

static void turn(side_t *side)
{
    const double before = server_cpu_s(side->server);
    const client_result_t got = client_run(side->client, TURN_S);
    const double cpu = server_cpu_s(side->server) - before;
    rounds_add(&side->rate, (double)got.answers / got.seconds);
    rounds_add(&side->cpu_us, cpu * 1e6 / (double)got.answers);
    rounds_add(&side->p50_ms, got.p50_ms);
    rounds_add(&side->p99_ms, got.p99_ms);
}

static void tell(uint32_t connections, const char *which, const rounds_t *rounds, const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "post_%u_%s", connections, which);
    figure(name, rounds_median(rounds), unit);
}

static void compare(uint32_t connections, const server_t *ours, const server_t *bare,
                    char *campaign, uint32_t rounds)
{
    side_t sides[2] = {{.server = ours}, {.server = bare}};
    for (uint32_t i = 0; i < 2; i++) {
        const client_options_t options = {.port = sides[i].server->port,
                                          .connections = connections,
                                          .path = PATH,
                                          .fields = {{"x-api-key", BENCH_KEY}},
                                          .body = body,
                                          .ctx = campaign,
                                          .first = (uint64_t)connections * FIRST_GAP,
                                          .want = 201};
        sides[i].client = client_new(&options);
    }
    rounds_t rate = {.n = 0};
    rounds_t cpu = {.n = 0};
    for (uint32_t r = 0; r < rounds; r++) {
        turn(&sides[r % 2]);
        turn(&sides[1 - r % 2]);
        rounds_add(&rate, 100 * sides[0].rate.v[r] / sides[1].rate.v[r]);
        rounds_add(&cpu, 100 * sides[1].cpu_us.v[r] / sides[0].cpu_us.v[r]);
    }
    tell(connections, "rate", &sides[0].rate, "requests/s");
    tell(connections, "bare_rate", &sides[1].rate, "requests/s");
    tell(connections, "of_bare_rate", &rate, "%");
    tell(connections, "cpu", &sides[0].cpu_us, "us/request");
    tell(connections, "bare_cpu", &sides[1].cpu_us, "us/request");
    tell(connections, "of_bare_cpu", &cpu, "%");
    tell(connections, "p50", &sides[0].p50_ms, "ms");
    tell(connections, "p99", &sides[0].p99_ms, "ms");
    tell(connections, "bare_p50", &sides[1].p50_ms, "ms");
    tell(connections, "bare_p99", &sides[1].p99_ms, "ms");
    client_free(sides[0].client);
    client_free(sides[1].client);
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_post [ROUNDS], at most %d", ROUNDS_MAX);
    server_t ours = server_start("post");
    char campaign[BENCH_ID_MAX];
    server_campaign(&ours, campaign);
    tm_buf_t line;
    tm_buf_t answer;
    tm_buf_init(&line, ANSWER_BYTES_MAX);
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    line_json(campaign, 0, &line);
    tm_buf_add_char(&line, '\0');
    server_ask(&ours, PATH, line.p, 201, &answer);

    char file[BENCH_PATH_MAX];
    snprintf(file, sizeof(file), "%s/answer.json", bench_folder());
    FILE *out = fopen(file, "wbe");
    if (out == NULL || fwrite(answer.p, 1, answer.n, out) != answer.n || fclose(out) != 0)
        bench_die("cannot write %s", file);
    server_t bare = server_start_bare("bench_bare_log", file);
    static const uint32_t connections[] = {1, 64, 256};
    for (size_t i = 0; i < TM_COUNT(connections); i++)
        compare(connections[i], &ours, &bare, campaign, rounds);
    tm_buf_done(&line);
    tm_buf_done(&answer);
    server_stop(&bare);
    server_stop(&ours);
    return 0;
}
