/* flood.c - does a flood of writes to one campaign slow the reads and writes of another?
 *
 * Why:     one campaign's trouble must stay its own.
 * How:     two campaigns of LINES lines in one server with two loops. A paced client reads the matrix
 *          of the quiet one, or posts lines to it, for a turn at rest and for a turn while FLOODERS
 *          connections post lines to the other as fast as they are answered; turns alternate, and
 *          the growth is the median of the rounds' ratios of p99. The flood's client stands back
 *          (nice), as it shares the machine with the server it measures; what is left of its share
 *          is in the figures. flood_rate times the time gives the number of messages: the
 *          million of a long flood is reached with more rounds.
 * Usage:   bench_flood [ROUNDS]; 5 by default. */
#include "base/memory.h"
#include "base/thread.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>

#define LINES 300
#define TURN_S 2.0
#define FLOODERS 64
#define READS_A_SECOND 200
#define WRITES_A_SECOND 100
#define ASKERS 4
#define FLOOD_NICE 10
#define BODY_BYTES_MAX (1u << 20)

typedef struct flood {
    const server_t *server;
    const char *campaign;
    uint64_t next;
    double seconds, rate;
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
    client_options_t options = lines_of(flood->server, flood->campaign);
    options.connections = FLOODERS;
    options.first = flood->next;
    client_t *client = client_new(&options);
    const client_result_t got = client_run(client, flood->seconds);
    client_free(client);
    flood->next += got.answers + FLOODERS;
    flood->rate = (double)got.answers / got.seconds;
}

/* p99 of a turn of the quiet campaign's client, with or without the flood. */
static double turn(client_t *quiet, flood_t *flood)
{
    tm_thread_t thread = {0};
    if (flood != NULL) {
        flood->seconds = TURN_S + 0.4; /* begins before and ends behind */
        if (tm_thread_start(&thread, "flood", flood_main, flood) != TM_OK)
            bench_die("no thread");
        const double begin = bench_now_s();
        while (bench_now_s() - begin < 0.2)
            client_run(quiet, 0.05);
    }
    const client_result_t got = client_run(quiet, TURN_S);
    tm_thread_join(&thread);
    return got.p99_ms;
}

typedef struct side {
    const char *name;
    client_t *client;
    rounds_t rest_ms, flooded_ms, growth;
} side_t;

static void round_of(side_t *side, flood_t *flood, bool flood_first)
{
    const double first = turn(side->client, flood_first ? flood : NULL);
    if (flood_first)
        server_caught_up(flood->server);
    const double second = turn(side->client, flood_first ? NULL : flood);
    server_caught_up(flood->server); /* SQL is behind by its own choice: not part of the next turn */
    const double rest = flood_first ? second : first;
    const double flooded = flood_first ? first : second;
    rounds_add(&side->rest_ms, rest);
    rounds_add(&side->flooded_ms, flooded);
    rounds_add(&side->growth, flooded / rest);
}

static void tell(const side_t *side)
{
    char name[64];
    snprintf(name, sizeof(name), "flood_%s_rest_p99", side->name);
    figure(name, rounds_median(&side->rest_ms), "ms");
    snprintf(name, sizeof(name), "flood_%s_p99", side->name);
    figure(name, rounds_median(&side->flooded_ms), "ms");
    snprintf(name, sizeof(name), "flood_%s_p99_growth", side->name);
    figure(name, rounds_median(&side->growth), "times");
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
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 5;
    if (rounds == 0 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_flood [ROUNDS]");
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
    flood_t flood = {.server = &server, .campaign = loud, .next = UINT64_C(1) << 20};
    rounds_t rate = {.n = 0};
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < TM_COUNT(sides); i++)
            round_of(&sides[i], &flood, (r + i) % 2 == 1);
        rounds_add(&rate, flood.rate);
    }
    figure("flood_rate", rounds_median(&rate), "lines/s");
    for (uint32_t i = 0; i < TM_COUNT(sides); i++) {
        tell(&sides[i]);
        client_free(sides[i].client);
    }
    server_stop(&server);
    return 0;
}
