/* flood.c - does a flood of one campaign slow another one down?
 *
 * Why:     every campaign is an actor with a mailbox of its own; who reads or writes one must not
 *          wait for what is done to another.
 * How:     readers of a campaign's matrix ask at a set rate, a few writers post to it, while
 *          nobody, a paced flood, or a flood as fast as it is answered posts lines to another
 *          campaign of the same server; the three take turns, after each the database catches up.
 *          Growth is a turn's p99 by that of the quiet turn before, the median of all rounds. The
 *          flood's client yields to everybody and who measures goes first where that is allowed,
 *          but the server's own work for the flood does not yield: with fewer cores than loops and
 *          workers want, that is in the figures too. How much of it is the machine's, two limit
 *          programs say, which share nothing but cores and disk: the same reads of a bare handler
 *          while bench_bare_log is flooded. Noise is the larger of two quiet turns by the other.
 * Usage:   bench_flood [MESSAGES]; rounds go on until so many were posted, 60,000 by default. */
#include "base/memory.h"
#include "base/thread.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINES 300 /* of the campaign that is watched */
#define TURN_S 2.0
#define AHEAD_S 0.3 /* the flood is there before it is measured, and stays to the end */
#define READS_A_SECOND 400
#define READERS 8
#define WRITES_A_SECOND 50
#define WRITERS 4
#define FLOODERS 64
#define PACED_A_SECOND 2000
#define LOOPS 2
#define PATH "/api/v1/buy-lines"
#define ANSWER_BYTES_MAX (1u << 20)
#define FIRST_GAP 100000000u /* between the lines of two loads */

/* Of us, then of the limit programs. */
enum { QUIET, PACED, FULL, LIMIT_QUIET, LIMIT_FULL, TURNS };
static const char *const turn_names[TURNS] = {"quiet_", "paced_", "", "limit_quiet_", "limit_"};
static const int quiet_of[TURNS] = {QUIET, QUIET, QUIET, LIMIT_QUIET, LIMIT_QUIET};

typedef struct load {
    client_t *client;
    double seconds;
    int nice; /* of its client */
    client_result_t got;
} load_t;

typedef struct watched {
    rounds_t p50, p99;
} watched_t;

typedef struct bench {
    server_t server, bare, log;
    load_t reads, bare_reads, writes, flood[TURNS];
    watched_t read[TURNS], write[TURNS];
    rounds_t rate[TURNS];
    uint64_t posted;
} bench_t;

static void body(void *ctx, uint64_t i, tm_buf_t *out)
{
    line_json(ctx, i, out);
}

static client_t *poster(uint16_t port, uint32_t connections, double rate, uint64_t first,
                        char *campaign)
{
    const client_options_t options = {.port = port,
                                      .connections = connections,
                                      .path = PATH,
                                      .fields = {{"x-api-key", BENCH_KEY}},
                                      .body = body,
                                      .ctx = campaign,
                                      .first = first * FIRST_GAP,
                                      .rate = rate,
                                      .want = 201};
    return client_new(&options);
}

static void load_main(void *arg)
{
    load_t *load = arg;
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), load->nice);
    load->got = client_run(load->client, load->seconds);
}

static void load_start(load_t *load, tm_thread_t *thread)
{
    if (tm_thread_start(thread, "load", load_main, load) != TM_OK)
        bench_die("no thread");
}

static void note(watched_t *watched, const client_result_t *got)
{
    rounds_add(&watched->p50, got->p50_ms);
    rounds_add(&watched->p99, got->p99_ms);
}

static bool is_limit(int which)
{
    return quiet_of[which] == LIMIT_QUIET;
}

static void turn(bench_t *b, int which)
{
    load_t *flood = &b->flood[which];
    load_t *reads = is_limit(which) ? &b->bare_reads : &b->reads;
    tm_thread_t flooding = {0};
    tm_thread_t writing = {0};
    if (flood->client != NULL)
        load_start(flood, &flooding);
    usleep((useconds_t)(AHEAD_S * 1e6));
    if (!is_limit(which))
        load_start(&b->writes, &writing);
    load_main(reads);
    tm_thread_join(&writing);
    tm_thread_join(&flooding);
    if (flood->client != NULL)
        rounds_add(&b->rate[which], (double)flood->got.answers / flood->got.seconds);
    note(&b->read[which], &reads->got);
    if (is_limit(which))
        return;
    b->posted += flood->got.answers;
    note(&b->write[which], &b->writes.got);
    server_caught_up(&b->server);
}

static void tell(const char *turn_name, const char *who, const char *which, double v,
                 const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "flood_%s%s_%s", turn_name, who, which);
    figure(name, v, unit);
}

static void tell_growth(const char *turn_name, const char *who, const char *which,
                        const rounds_t *with, const rounds_t *without)
{
    rounds_t growth = {.n = 0};
    for (uint32_t r = 0; r < with->n; r++)
        rounds_add(&growth, with->v[r] / without->v[r]);
    tell(turn_name, who, which, rounds_median(&growth), "times");
}

static void tell_all(const char *who, const watched_t watched[TURNS], int n)
{
    for (int i = 0; i < n; i++) {
        const watched_t *quiet = &watched[quiet_of[i]];
        tell(turn_names[i], who, "p50", rounds_median(&watched[i].p50), "ms");
        tell(turn_names[i], who, "p99", rounds_median(&watched[i].p99), "ms");
        if (quiet == &watched[i])
            continue;
        tell_growth(turn_names[i], who, "p50_growth", &watched[i].p50, &quiet->p50);
        tell_growth(turn_names[i], who, "p99_growth", &watched[i].p99, &quiet->p99);
    }
}

/* Our growth by that of the limit programs. */
static void tell_of_limit(const watched_t read[TURNS])
{
    rounds_t part = {.n = 0};
    for (uint32_t r = 0; r < read[LIMIT_FULL].p99.n; r++)
        rounds_add(&part, read[FULL].p99.v[r] / read[QUIET].p99.v[r] /
                              (read[LIMIT_FULL].p99.v[r] / read[LIMIT_QUIET].p99.v[r]));
    figure("flood_read_p99_growth_of_limit", rounds_median(&part), "times");
}

static void tell_noise(const rounds_t *quiet)
{
    rounds_t noise = {.n = 0};
    for (uint32_t r = 1; r < quiet->n; r++)
        rounds_add(&noise,
                   TM_MAX(quiet->v[r], quiet->v[r - 1]) / TM_MIN(quiet->v[r], quiet->v[r - 1]));
    figure("flood_quiet_read_p99_noise", rounds_median(&noise), "times");
}

/* Lines of the campaign that is watched, so that its matrix is one. */
static void fill(const server_t *server, const char *campaign)
{
    tm_buf_t line;
    tm_buf_t answer;
    tm_buf_init(&line, ANSWER_BYTES_MAX);
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    for (uint64_t i = 0; i < LINES; i++) {
        tm_buf_clear(&line);
        line_json(campaign, i, &line);
        tm_buf_add_char(&line, '\0');
        server_ask(server, PATH, line.p, 201, &answer);
    }
    tm_buf_done(&line);
    tm_buf_done(&answer);
}

/* The limit programs: one with the matrix's bytes, one with an answer to a line. */
static server_t start_bare(bench_t *b, const char *program, const char *path, const char *body)
{
    tm_buf_t answer;
    char file[BENCH_PATH_MAX];
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    server_ask(&b->server, path, body, body == NULL ? 200 : 201, &answer);
    snprintf(file, sizeof(file), "%s/%s.json", bench_folder(), program);
    FILE *out = fopen(file, "wbe");
    if (out == NULL || fwrite(answer.p, 1, answer.n, out) != answer.n || fclose(out) != 0)
        bench_die("cannot write %s", file);
    tm_buf_done(&answer);
    return server_start_bare(program, file);
}

static client_t *reader(uint16_t port, const char *path)
{
    const client_options_t options = {.port = port,
                                      .connections = READERS,
                                      .path = path,
                                      .fields = {{"x-api-key", BENCH_KEY}},
                                      .rate = READS_A_SECOND,
                                      .want = 200};
    return client_new(&options);
}

static void start_limit(bench_t *b, const char *path, char *flooded, double all_s)
{
    tm_buf_t line;
    tm_buf_init(&line, ANSWER_BYTES_MAX);
    line_json(flooded, 0, &line);
    tm_buf_add_char(&line, '\0');
    b->bare = start_bare(b, "bench_bare_h2o", path, NULL);
    b->log = start_bare(b, "bench_bare_log", PATH, line.p);
    tm_buf_done(&line);
    b->bare_reads = (load_t){.client = reader(b->bare.port, path), .seconds = TURN_S, .nice = -15};
    b->flood[LIMIT_FULL] =
        (load_t){poster(b->log.port, FLOODERS, 0, 4, flooded), all_s, .nice = 19};
}

int main(int argc, char **argv)
{
    const uint64_t messages = argc > 1 ? strtoull(argv[1], NULL, 10) : 60000;
    if (messages == 0)
        bench_die("usage: bench_flood [MESSAGES]");
    static bench_t b; /* too large for a stack */
    static char seen[BENCH_ID_MAX];
    static char flooded[BENCH_ID_MAX];
    b.server = server_start_on("flood", LOOPS, NULL);
    server_campaign(&b.server, seen);
    server_campaign(&b.server, flooded);
    fill(&b.server, seen);
    char path[128];
    snprintf(path, sizeof(path), "/api/v1/matrix?campaign_id=%s", seen);
    b.reads = (load_t){.client = reader(b.server.port, path), .seconds = TURN_S, .nice = -15};
    b.writes = (load_t){.client = poster(b.server.port, WRITERS, WRITES_A_SECOND, 1, seen),
                        .seconds = TURN_S,
                        .nice = -15};
    const double all_s = TURN_S + 2 * AHEAD_S;
    b.flood[PACED] =
        (load_t){poster(b.server.port, FLOODERS, PACED_A_SECOND, 2, flooded), all_s, .nice = 19};
    b.flood[FULL] = (load_t){poster(b.server.port, FLOODERS, 0, 3, flooded), all_s, .nice = 19};

    start_limit(&b, path, flooded, all_s);

    uint32_t rounds = 0;
    while (rounds < ROUNDS_MAX && (rounds < 3 || b.posted < messages)) {
        for (int i = 0; i < TURNS; i++)
            turn(&b, i);
        rounds++;
        if (isatty(2))
            fprintf(stderr, "\rflood: %llu of %llu messages", (unsigned long long)b.posted,
                    (unsigned long long)messages);
    }
    figure("flood_messages", (double)b.posted, "messages");
    figure("flood_rounds", rounds, "rounds");
    figure("flood_paced_rate", rounds_median(&b.rate[PACED]), "messages/s");
    figure("flood_rate", rounds_median(&b.rate[FULL]), "messages/s");
    figure("flood_limit_rate", rounds_median(&b.rate[LIMIT_FULL]), "messages/s");
    tell_all("read", b.read, TURNS);
    tell_all("write", b.write, LIMIT_QUIET);
    tell_of_limit(b.read);
    tell_noise(&b.read[QUIET].p99);
    client_free(b.reads.client);
    client_free(b.bare_reads.client);
    client_free(b.writes.client);
    for (int i = 0; i < TURNS; i++) {
        if (b.flood[i].client != NULL)
            client_free(b.flood[i].client);
    }
    server_stop(&b.bare);
    server_stop(&b.log);
    server_stop(&b.server);
    return 0;
}
