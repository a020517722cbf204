/* million.c - does a campaign of a million lines still read, start and replay as it should?
 *
 * Why:     election eve must not be slower than spring, and a restart must be over before anybody
 *          calls.
 * How:     two servers, one campaign each: 10,000 lines and LINES, with the same 400 stations and
 *          weeks, so that both matrices have as many cells. GET of the matrix over HTTP/1.1 on 8
 *          connections, in turns, at rest and while 200 lines a second come: p99 of both. Then
 *          memory a line, the end, `trailmix replay` from the newest checkpoint and from all of
 *          the journal, and a start until the first answer.
 * Usage:   bench_million [LINES [ROUNDS]]; 1000000 and 9 by default. */
#include "base/memory.h"
#include "base/thread.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define SMALL_LINES 10000
#define LINES_MAX 100000000u
#define FILL_CONNECTIONS 128
#define FILL_TURN_S 1.0
#define TURN_S 1.0
#define READERS 8
#define WRITERS 16
#define WRITES_A_SECOND 200
#define PATH "/api/v1/buy-lines"
#define ANSWER_BYTES_MAX (16u << 20)

typedef struct side {
    const char *name;
    server_t server;
    uint64_t lines;
    char campaign[BENCH_ID_MAX], path[128];
    double empty_bytes;
    uint64_t written; /* lines after the filling */
    rounds_t p99_ms, written_p99_ms;
} side_t;

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

static client_t *writers_of(side_t *side, uint32_t connections, uint64_t first, double rate)
{
    const client_options_t options = {.port = side->server.port,
                                      .connections = connections,
                                      .path = PATH,
                                      .fields = {{"x-api-key", BENCH_KEY}},
                                      .body = body,
                                      .ctx = side->campaign,
                                      .first = first,
                                      .rate = rate,
                                      .want = 201};
    return client_new(&options);
}

static void name_figure(const side_t *side, const char *which, double v, const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "%s_%s", side->name, which);
    figure(name, v, unit);
}

static void fill(side_t *side, uint64_t lines)
{
    side->server = server_start(side->name);
    side->empty_bytes = server_resident_bytes(&side->server);
    server_campaign(&side->server, side->campaign);
    snprintf(side->path, sizeof(side->path), "/api/v1/matrix?campaign_id=%s", side->campaign);
    client_t *client = writers_of(side, FILL_CONNECTIONS, 0, 0);
    const double begin = bench_now_s();
    while (side->lines < lines)
        side->lines += client_run(client, FILL_TURN_S).answers;
    name_figure(side, "lines", (double)side->lines, "lines");
    name_figure(side, "fill", (double)side->lines / (bench_now_s() - begin), "lines/s");
    client_free(client);
    const double filled = bench_now_s();
    server_caught_up(&side->server);
    name_figure(side, "database_behind", bench_now_s() - filled, "s");
}

static void write_main(void *arg)
{
    side_t *side = arg;
    client_t *client = writers_of(side, WRITERS, LINES_MAX + side->written, WRITES_A_SECOND);
    side->written += client_run(client, TURN_S).answers;
    client_free(client);
}

/* Connections are new in each turn: the server closes those that wait for long. */
static double read_p99_ms(const side_t *side)
{
    const client_options_t options = {.port = side->server.port,
                                      .connections = READERS,
                                      .path = side->path,
                                      .fields = {{"x-api-key", BENCH_KEY}},
                                      .want = 200};
    client_t *client = client_new(&options);
    const double p99_ms = client_run(client, TURN_S).p99_ms;
    client_free(client);
    return p99_ms;
}

static void turn(side_t *side)
{
    rounds_add(&side->p99_ms, read_p99_ms(side));
    tm_thread_t thread = {0};
    if (tm_thread_start(&thread, "writer", write_main, side) != TM_OK)
        bench_die("no thread");
    rounds_add(&side->written_p99_ms, read_p99_ms(side));
    tm_thread_join(&thread);
    server_caught_up(&side->server);
}

static void reads(side_t *sides, uint32_t rounds)
{
    tm_buf_t matrix;
    tm_buf_init(&matrix, ANSWER_BYTES_MAX);
    for (int i = 0; i < 2; i++) {
        side_t *side = &sides[i];
        server_ask(&side->server, side->path, NULL, 200, &matrix);
        name_figure(side, "matrix_body", (double)matrix.n, "bytes");
    }
    tm_buf_done(&matrix);
    rounds_t growth = {.n = 0};
    rounds_t written_growth = {.n = 0};
    for (uint32_t r = 0; r < rounds; r++) {
        turn(&sides[r % 2]);
        turn(&sides[1 - r % 2]);
        rounds_add(&growth, sides[1].p99_ms.v[r] / sides[0].p99_ms.v[r]);
        rounds_add(&written_growth, sides[1].written_p99_ms.v[r] / sides[0].written_p99_ms.v[r]);
    }
    for (int i = 0; i < 2; i++) {
        name_figure(&sides[i], "matrix_p99", rounds_median(&sides[i].p99_ms), "ms");
        name_figure(&sides[i], "matrix_written_p99", rounds_median(&sides[i].written_p99_ms), "ms");
    }
    figure("million_matrix_p99_growth", rounds_median(&growth), "times");
    figure("million_matrix_written_p99_growth", rounds_median(&written_growth), "times");
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* system: nearly all of it is memory touched for the first time, which costs as much as the machine
 * below takes for it. */
static void tell_cpu(const side_t *side, const char *what, const struct rusage *before,
                     const struct rusage *after, double messages)
{
    const double user = seconds_of(after->ru_utime) - seconds_of(before->ru_utime);
    const double system = seconds_of(after->ru_stime) - seconds_of(before->ru_stime);
    const double faults = (double)(after->ru_minflt - before->ru_minflt);
    char which[64];
    snprintf(which, sizeof(which), "%s_cpu", what);
    name_figure(side, which, (user + system) * 1e6 / messages, "us/message");
    snprintf(which, sizeof(which), "%s_system", what);
    name_figure(side, which, system * 1e6 / messages, "us/message");
    snprintf(which, sizeof(which), "%s_page_fault", what);
    name_figure(side, which, system * 1e6 / faults, "us");
}

/* `trailmix replay`, in its own words: as a start does it, or from the journal alone. */
static void replay(const side_t *side, bool full)
{
    char program[BENCH_PATH_MAX];
    char command[BENCH_PATH_MAX * 2];
    char text[1024] = "";
    server_program("trailmix", program);
    snprintf(command, sizeof(command), "'%s' replay --json%s --data '%s/%s'", program,
             full ? " --full" : "", bench_folder(), side->name);
    struct rusage before;
    struct rusage after;
    getrusage(RUSAGE_CHILDREN, &before);
    FILE *out = popen(command, "re");
    const size_t n = out == NULL ? 0 : fread(text, 1, sizeof(text) - 1, out);
    if (out == NULL || pclose(out) != 0)
        bench_die("replay failed: %s", text);
    const char *seconds = strstr(text, "\"seconds\":");
    tm_buf_t answer;
    tm_buf_init(&answer, sizeof(text));
    tm_buf_add(&answer, text, n);
    if (seconds == NULL)
        bench_die("replay says %s", text);
    getrusage(RUSAGE_CHILDREN, &after);
    const double messages = (double)json_number(&answer, "messages");
    tell_cpu(side, full ? "replay_full" : "replay", &before, &after, messages);
    name_figure(side, full ? "replay_full" : "replay",
                messages / strtod(seconds + strlen("\"seconds\":"), NULL), "messages/s");
    tm_buf_done(&answer);
}

static void restart(side_t *side)
{
    double begin = bench_now_s();
    server_stop(&side->server);
    name_figure(side, "stop", bench_now_s() - begin, "s");
    replay(side, false);
    replay(side, true);
    begin = bench_now_s();
    side->server = server_start(side->name);
    tm_buf_t matrix;
    tm_buf_init(&matrix, ANSWER_BYTES_MAX);
    server_ask(&side->server, side->path, NULL, 200, &matrix);
    name_figure(side, "start", bench_now_s() - begin, "s");
    name_figure(side, "start_cpu", server_cpu_s(&side->server), "s");
    name_figure(side, "bytes_a_line_after_start",
                (server_resident_bytes(&side->server) - side->empty_bytes) / (double)side->lines,
                "bytes");
    tm_buf_done(&matrix);
    server_stop(&side->server);
}

int main(int argc, char **argv)
{
    const uint64_t lines = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 9;
    if (lines < 1 || lines > LINES_MAX || rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_million [LINES [ROUNDS]]");
    static side_t sides[2] = {{.name = "small"}, {.name = "million"}};
    fill(&sides[0], SMALL_LINES);
    fill(&sides[1], lines);
    name_figure(&sides[1], "bytes_a_line",
                (server_resident_bytes(&sides[1].server) - sides[1].empty_bytes) /
                    (double)sides[1].lines,
                "bytes");
    reads(sides, rounds);
    restart(&sides[0]);
    restart(&sides[1]);
    return 0;
}
