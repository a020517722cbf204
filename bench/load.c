/* load.c - one load on our server, for a profiler to look at.
 *
 * Why:     the benchmarks take turns with their limits; a profile wants one load that stays.
 * How:     post: durable buy lines over 64 connections, or as many as are asked for. get: a matrix
 *          of 12 KB over h2c, 4 connections with 32 requests each. Once it is warm it prints
 *          `pid N` of the server.
 * Usage:   bench_load post|get SECONDS [CONNECTIONS]. bench/profile starts it. */
#include "base/memory.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>

#define MATRIX_BYTES 12000
#define ANSWER_BYTES_MAX (1u << 20)
#define WARM_S 0.5

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

int main(int argc, char **argv)
{
    const bool known = argc == 3 || argc == 4;
    const bool post = known && strcmp(argv[1], "post") == 0;
    const double seconds = known ? strtod(argv[2], NULL) : 0;
    const uint32_t connections = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 64;
    if (seconds <= 0 || connections == 0 || (!post && strcmp(argv[1], "get") != 0))
        bench_die("usage: bench_load post|get SECONDS [CONNECTIONS]");
    server_t server = server_start("load");
    char campaign[BENCH_ID_MAX];
    char path[128];
    server_campaign(&server, campaign);
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", campaign);
    client_options_t options = {.port = server.port,
                                .connections = connections,
                                .path = "/api/v1/buy-lines",
                                .fields = {{"x-api-key", BENCH_KEY}},
                                .body = body,
                                .ctx = campaign,
                                .want = 201};
    if (!post) {
        tm_buf_t matrix;
        tm_buf_init(&matrix, ANSWER_BYTES_MAX);
        server_fill(&server, path, campaign, MATRIX_BYTES, &matrix);
        tm_buf_done(&matrix);
        options = (client_options_t){.port = server.port,
                                     .h2 = true,
                                     .connections = 4,
                                     .streams = 32,
                                     .path = path,
                                     .fields = {{"x-api-key", BENCH_KEY}},
                                     .want = 200};
    }
    client_t *client = client_new(&options);
    client_run(client, WARM_S);
    printf("pid %d\n", (int)server.pid);
    fflush(stdout);
    const client_result_t got = client_run(client, seconds);
    fprintf(stderr, "%s: %.0f requests/s\n", argv[1], (double)got.answers / got.seconds);
    client_free(client);
    server_stop(&server);
    return 0;
}
