/* get.c - what does a read cost beyond a bare libh2o handler that sends the same bytes?
 *
 * Why:     the matrix is the page everybody looks at; what we add to the library (routes, keys,
 *          snapshots, headers) must stay below what the library itself costs.
 * How:     our server with one campaign whose matrix has about 12 KB, and bench_bare_h2o with those
 *          bytes, one loop each, take turns of a quarter second under the same load. Compared are
 *          CPU time a request (of the whole process) and requests a second; of_bare is bare / ours
 *          for CPU and ours / bare for the rate, so that 100 % is "as good" and 50 % the least we
 *          accept. ping and 304 are measured against a bare handler with an answer as small.
 *          Under writes: a second thread posts 500 lines a second to that campaign, of the stations
 *          it has, so that only the matrix's numbers grow. What the writes alone cost, measured in
 *          turns without readers, is taken off; making the matrix anew for readers is not. A round
 *          goes there and back (alone, both, bare, both, alone), so that a machine that becomes
 *          slower or faster meanwhile weighs on each alike.
 * Usage:   bench_get [ROUNDS]; 9 by default. */
#include "base/memory.h"
#include "base/thread.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>

#define BODY_BYTES 12000
#define TURN_S 0.25
#define WARM_S 0.1
#define H1_CONNECTIONS 64
#define H2_CONNECTIONS 4
#define H2_STREAMS 32
#define ANSWER_BYTES_MAX (1u << 20)
#define WRITES_A_SECOND 500
#define WRITERS 16
#define WRITTEN_TURN_S 0.5
#define STATIONS 400 /* of line_json */
#define SMALL_ANSWER "{\"status\":\"ok\"}"

typedef struct side {
    const server_t *server;
    client_t *client;
    rounds_t cpu_us, rate;
} side_t;

static void turn(side_t *side)
{
    const double before = server_cpu_s(side->server);
    const client_result_t got = client_run(side->client, TURN_S);
    const double cpu = server_cpu_s(side->server) - before;
    rounds_add(&side->cpu_us, cpu * 1e6 / (double)got.answers);
    rounds_add(&side->rate, (double)got.answers / got.seconds);
}

static void name_figure(const char *what, const char *which, double v, const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "get_%s_%s", what, which);
    figure(name, v, unit);
}

/* One load on both servers in turns. */
static void compare(const char *what, const server_t *ours, const server_t *bare,
                    client_options_t options, uint32_t rounds)
{
    side_t sides[2] = {{.server = ours}, {.server = bare}};
    for (int i = 0; i < 2; i++) {
        options.port = sides[i].server->port;
        if (i == 1)
            options.want = 200; /* the bare one knows no tags */
        sides[i].client = client_new(&options);
        client_run(sides[i].client, WARM_S);
    }
    rounds_t cpu = {.n = 0};
    rounds_t rate = {.n = 0};
    for (uint32_t r = 0; r < rounds; r++) {
        turn(&sides[r % 2]);
        turn(&sides[1 - r % 2]);
        rounds_add(&cpu, 100 * sides[1].cpu_us.v[r] / sides[0].cpu_us.v[r]);
        rounds_add(&rate, 100 * sides[0].rate.v[r] / sides[1].rate.v[r]);
    }
    name_figure(what, "cpu", rounds_median(&sides[0].cpu_us), "us/request");
    name_figure(what, "bare_cpu", rounds_median(&sides[1].cpu_us), "us/request");
    name_figure(what, "of_bare_cpu", rounds_median(&cpu), "%");
    name_figure(what, "rate", rounds_median(&sides[0].rate), "requests/s");
    name_figure(what, "bare_rate", rounds_median(&sides[1].rate), "requests/s");
    name_figure(what, "of_bare_rate", rounds_median(&rate), "%");
    client_free(sides[0].client);
    client_free(sides[1].client);
}

static void save(const char *path, const void *p, size_t n)
{
    FILE *out = fopen(path, "wbe");
    if (out == NULL || fwrite(p, 1, n, out) != n || fclose(out) != 0)
        bench_die("cannot write %s", path);
}

/* `"EPOCH-VERSION"` of the matrix's own words. */
static void etag_of(const tm_buf_t *matrix, char *ret, size_t ret_n)
{
    snprintf(ret, ret_n, "\"%llu-%llu\"", (unsigned long long)json_number(matrix, "epoch"),
             (unsigned long long)json_number(matrix, "version"));
}

static client_options_t over(bool h2, const char *path, const char *etag)
{
    client_options_t options = {.h2 = h2,
                                .connections = h2 ? H2_CONNECTIONS : H1_CONNECTIONS,
                                .streams = H2_STREAMS,
                                .path = path,
                                .fields = {{"x-api-key", BENCH_KEY}},
                                .want = 200};
    if (etag != NULL) {
        options.fields[1] = (client_field_t){"if-none-match", etag};
        options.want = 304;
    }
    return options;
}

/* ---- under writes ---- */

typedef struct writing {
    const char *campaign;
    uint64_t stations; /* the first so many of line_json */
    client_t *client;
} writing_t;

static void written(void *ctx, uint64_t i, tm_buf_t *out)
{
    const writing_t *writing = ctx;
    line_json(writing->campaign, i * STATIONS + i % writing->stations, out);
}

static void write_main(void *arg)
{
    client_run(((writing_t *)arg)->client, WRITTEN_TURN_S);
}

/* CPU of our server in a turn of writes, with readers or without (readers NULL). */
static double written_turn(const server_t *ours, writing_t *writing, client_t *readers,
                           client_result_t *ret)
{
    const double before = server_cpu_s(ours);
    tm_thread_t thread = {0};
    if (tm_thread_start(&thread, "writer", write_main, writing) != TM_OK)
        bench_die("no thread");
    if (readers != NULL)
        *ret = client_run(readers, WRITTEN_TURN_S);
    tm_thread_join(&thread);
    server_caught_up(ours);
    return server_cpu_s(ours) - before;
}

static void compare_written(const server_t *ours, const server_t *bare, writing_t *writing,
                            const client_options_t *over_h2, uint32_t rounds)
{
    client_options_t options = *over_h2;
    options.port = ours->port;
    client_t *readers = client_new(&options);
    options.port = bare->port;
    client_t *bare_readers = client_new(&options);
    const client_options_t writes = {.port = ours->port,
                                     .connections = WRITERS,
                                     .path = "/api/v1/buy-lines",
                                     .fields = {{"x-api-key", BENCH_KEY}},
                                     .body = written,
                                     .ctx = writing,
                                     .first = 1,
                                     .rate = WRITES_A_SECOND,
                                     .want = 201};
    writing->client = client_new(&writes);
    rounds_t cpu = {.n = 0}, bare_cpu = {.n = 0}, ratio = {.n = 0}, rate = {.n = 0};
    for (uint32_t r = 0; r < rounds; r++) {
        client_result_t got[2], bare_got;
        double ours_s = -written_turn(ours, writing, NULL, NULL);
        ours_s += written_turn(ours, writing, readers, &got[0]);
        const double before = server_cpu_s(bare);
        bare_got = client_run(bare_readers, WRITTEN_TURN_S);
        const double bare_s = server_cpu_s(bare) - before;
        ours_s += written_turn(ours, writing, readers, &got[1]);
        ours_s -= written_turn(ours, writing, NULL, NULL);
        const uint64_t answers = got[0].answers + got[1].answers;
        rounds_add(&cpu, ours_s * 1e6 / (double)answers);
        rounds_add(&rate, (double)answers / (got[0].seconds + got[1].seconds));
        rounds_add(&bare_cpu, bare_s * 1e6 / (double)bare_got.answers);
        rounds_add(&ratio, 100 * bare_cpu.v[r] / cpu.v[r]);
    }
    name_figure("written", "cpu", rounds_median(&cpu), "us/request");
    name_figure("written", "bare_cpu", rounds_median(&bare_cpu), "us/request");
    name_figure("written", "of_bare_cpu", rounds_median(&ratio), "%");
    name_figure("written", "rate", rounds_median(&rate), "requests/s");
    client_free(writing->client);
    client_free(readers);
    client_free(bare_readers);
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 9;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_get [ROUNDS], at most %d", ROUNDS_MAX);
    server_t ours = server_start("get");
    char campaign[BENCH_ID_MAX];
    server_campaign(&ours, campaign);
    char path[128];
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", campaign);
    tm_buf_t matrix;
    tm_buf_init(&matrix, ANSWER_BYTES_MAX);
    writing_t writing = {.campaign = campaign};
    writing.stations = server_fill(&ours, path, campaign, BODY_BYTES, &matrix);
    figure("get_matrix_body", (double)matrix.n, "bytes");

    char file[BENCH_PATH_MAX];
    snprintf(file, sizeof(file), "%s/matrix.json", bench_folder());
    save(file, matrix.p, matrix.n);
    server_t bare = server_start_bare("bench_bare_h2o", file);
    snprintf(file, sizeof(file), "%s/small.json", bench_folder());
    save(file, SMALL_ANSWER, sizeof(SMALL_ANSWER) - 1);
    server_t small = server_start_bare("bench_bare_h2o", file);

    char etag[64];
    etag_of(&matrix, etag, sizeof(etag));
    compare("matrix_h2c", &ours, &bare, over(true, path, NULL), rounds);
    compare("matrix_h1", &ours, &bare, over(false, path, NULL), rounds);
    compare("304_h2c", &ours, &small, over(true, path, etag), rounds);
    compare("304_h1", &ours, &small, over(false, path, etag), rounds);
    compare("ping_h2c", &ours, &small, over(true, "/api/v1/ping", NULL), rounds);
    compare("ping_h1", &ours, &small, over(false, "/api/v1/ping", NULL), rounds);
    const client_options_t over_h2 = over(true, path, NULL);
    compare_written(&ours, &bare, &writing, &over_h2, rounds);
    tm_buf_clear(&matrix);
    server_ask(&ours, path, NULL, 200, &matrix);
    figure("get_written_body", (double)matrix.n, "bytes");
    tm_buf_done(&matrix);
    server_stop(&small);
    server_stop(&bare);
    server_stop(&ours);
    return 0;
}
