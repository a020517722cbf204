/* flood.c - does a flood of writes to one campaign slow the reads and writes of another?
 *
 * Why:     one campaign's trouble must stay its own.
 * How:     two campaigns of LINES lines in one server with two loops. A paced client reads the
 *          matrix of the quiet one, or posts lines to it, for a window at rest and for one while
 *          FLOODERS connections post lines to the other as fast as they are answered; windows are
 *          short and alternate. A growth is that of the lower quartile of the windows' p50 or p99:
 *          whatever else the machine does can only make a window worse. The flood's client stands
 *          back (nice), as it shares the processors with the server it measures; what it costs all
 *          the same is in the figures.
 * Usage:   bench_flood [WINDOWS]; 12 by default. */
#include "base/memory.h"
#include "base/thread.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>

#define LINES 300
#define WINDOW_S 0.5
#define FLOODERS 64
#define READS_A_SECOND 400
#define WRITES_A_SECOND 200
#define ASKERS 4
#define FLOOD_NICE 10
#define BODY_BYTES_MAX (1u << 20)

typedef struct flood {
    const server_t *server;
    client_t *client;
    rounds_t rate;
} flood_t;

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

static client_options_t lines_of(const server_t *server, const char *campaign)
{
    return (client_options_t){.port = server->port,
                              .path = "/api/v1/buy-lines",
                              .fields = {{"x-api-key", BENCH_KEY}},
                              .body = body,
                              .ctx = (void *)(uintptr_t)campaign,
                              .want = 201};
}

static void flood_main(void *arg)
{
    flood_t *flood = arg;
    tm_thread_nice(FLOOD_NICE);
    const client_result_t got = client_run(flood->client, WINDOW_S + 0.2);
    rounds_add(&flood->rate, (double)got.answers / got.seconds);
}

typedef struct side {
    const char *name;
    client_t *client;
    rounds_t rest_p50_ms, rest_ms, flooded_p50_ms, flooded_ms; /* the others: p99 */
} side_t;

static void windows(side_t *side, flood_t *flood)
{
    client_result_t got = client_run(side->client, WINDOW_S);
    rounds_add(&side->rest_p50_ms, got.p50_ms);
    rounds_add(&side->rest_ms, got.p99_ms);
    tm_thread_t thread = {0};
    if (tm_thread_start(&thread, "flood", flood_main, flood) != TM_OK)
        bench_die("no thread");
    client_run(side->client, 0.1); /* it has begun, and ends behind the window */
    got = client_run(side->client, WINDOW_S);
    rounds_add(&side->flooded_p50_ms, got.p50_ms);
    rounds_add(&side->flooded_ms, got.p99_ms);
    tm_thread_join(&thread);
    server_caught_up(flood->server); /* SQL is behind by its own choice: no part of the next */
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double lower_quartile(rounds_t *rounds)
{
    qsort(rounds->v, rounds->n, sizeof(rounds->v[0]), by_size);
    return rounds->v[rounds->n / 4];
}

static void tell(const side_t *side, const char *which, rounds_t *rest, rounds_t *flooded)
{
    char name[64];
    const double rest_ms = lower_quartile(rest);
    const double flooded_ms = lower_quartile(flooded);
    snprintf(name, sizeof(name), "flood_%s_rest_%s", side->name, which);
    figure(name, rest_ms, "ms");
    snprintf(name, sizeof(name), "flood_%s_%s", side->name, which);
    figure(name, flooded_ms, "ms");
    snprintf(name, sizeof(name), "flood_%s_%s_growth", side->name, which);
    figure(name, flooded_ms / rest_ms, "times");
}

static void fill(const server_t *server, const char *campaign)
{
    client_options_t options = lines_of(server, campaign);
    options.connections = 8;
    client_t *client = client_new(&options);
    for (uint64_t n = 0; n < LINES;)
        n += client_run(client, 0.05).answers;
    client_free(client);
}

int main(int argc, char **argv)
{
    const uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 12;
    if (n == 0 || n > ROUNDS_MAX / 2)
        bench_die("usage: bench_flood [WINDOWS]");
    server_t server = server_start_on("flood", 2, NULL);
    char quiet[BENCH_ID_MAX];
    char loud[BENCH_ID_MAX];
    server_campaign(&server, quiet);
    server_campaign(&server, loud);
    fill(&server, quiet);
    fill(&server, loud);
    char path[BENCH_PATH_MAX];
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", quiet);
    const client_options_t read = {.port = server.port,
                                   .connections = ASKERS,
                                   .path = path,
                                   .fields = {{"x-api-key", BENCH_KEY}},
                                   .rate = READS_A_SECOND,
                                   .want = 200};
    client_options_t write = lines_of(&server, quiet);
    write.connections = ASKERS;
    write.first = UINT64_C(1) << 32;
    write.rate = WRITES_A_SECOND;
    side_t sides[2] = {{.name = "read", .client = client_new(&read)},
                       {.name = "write", .client = client_new(&write)}};
    client_options_t lines = lines_of(&server, loud);
    lines.connections = FLOODERS;
    lines.first = UINT64_C(1) << 20;
    flood_t flood = {.server = &server, .client = client_new(&lines)};
    for (uint32_t r = 0; r < n; r++) {
        for (uint32_t i = 0; i < TM_COUNT(sides); i++)
            windows(&sides[i], &flood);
    }
    figure("flood_rate", rounds_median(&flood.rate), "lines/s");
    for (uint32_t i = 0; i < TM_COUNT(sides); i++) {
        tell(&sides[i], "p50", &sides[i].rest_p50_ms, &sides[i].flooded_p50_ms);
        tell(&sides[i], "p99", &sides[i].rest_ms, &sides[i].flooded_ms);
        client_free(sides[i].client);
    }
    client_free(flood.client);
    server_stop(&server);
    return 0;
}
