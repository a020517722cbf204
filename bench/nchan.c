/* nchan.c - what does a delivery cost beside nginx with nchan, an event server of many years?
 *
 * Why:     live streams are the largest cost of a busy evening; nchan does nothing but that.
 * How:     5,000 subscribers each of our server over HTTP/1.1 (one loop), ours over h2c (64 streams
 *          a connection), and nchan over HTTP/1.1 (one worker). One writer: ten buy lines a second
 *          that change one cell each; to nchan the delta of such a line is published, so that the
 *          events are the same. Sides take turns; a turn ends when every subscriber has every
 *          event. CPU of the whole server a delivery, the writes included.
 *          Overload: 10,000 subscribers, 100 changes a second, HTTP/1.1, two loops or workers;
 *          deliveries a second until the last has arrived. We put events together where nchan
 *          writes each by itself.
 * Usage:   bench_nchan [ROUNDS]; 3 by default. */
#include "base/memory.h"
#include "with_figures.h"
#include "with_server.h"
#include "with_subscribers.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NGINX "/usr/sbin/nginx"
#define MODULE "/usr/lib/nginx/modules/ngx_nchan_module.so"
#define SUBSCRIBERS 5000
#define CHANGES_A_SECOND 10
#define TURN_CHANGES 20
#define CROWD 10000
#define CROWD_CHANGES_A_SECOND 100
#define CROWD_CHANGES 100
#define CROWD_WAIT_S 120
#define WARM_CHANGES 5
#define WRITERS 8
#define STATIONS 20
#define BYTES_MAX (64u << 10)

typedef struct side {
    const char *name;
    server_t server;
    const char *event; /* what is published; NULL: ours, a line is posted */
    char campaign[BENCH_ID_MAX];
    int writers[WRITERS];
    uint64_t written;
    subscribers_t *subs;
    rounds_t cpu_us, rate;
} side_t;

static int connect_to(uint16_t port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in sa = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0)
        bench_die("no connection");
    return fd;
}

/* ---- the two servers ---- */

static server_t start_nginx(const char *name, uint32_t workers)
{
    char folder[BENCH_PATH_MAX];
    char path[BENCH_PATH_MAX + 16];
    const uint16_t port = server_free_port();
    snprintf(folder, sizeof(folder), "%s/%s/", bench_folder(), name);
    snprintf(path, sizeof(path), "%snginx.conf", folder);
    mkdir(folder, 0755);
    FILE *out = fopen(path, "we");
    if (out == NULL)
        bench_die("cannot write %s", path);
    fprintf(out,
            "load_module " MODULE ";\ndaemon off;\nworker_processes %u;\n"
            "worker_rlimit_nofile 20000;\npid nginx.pid;\n%s"
            "events { worker_connections 16384; }\n"
            "http {\n  access_log off;\n  client_body_temp_path body;\n  proxy_temp_path proxy;\n"
            "  fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n"
            "  nchan_shared_memory_size 256m;\n  keepalive_requests 1000000;\n"
            "  server {\n    listen 127.0.0.1:%u reuseport backlog=4096;\n"
            "    location = /publish { nchan_publisher; nchan_channel_id c;\n"
            "      nchan_message_buffer_length 1000; nchan_message_timeout 5m; }\n"
            "    location = /live { nchan_subscriber eventsource; nchan_channel_id c;\n"
            "      nchan_subscriber_first_message newest; }\n  }\n}\n",
            workers, getuid() == 0 ? "user root;\n" : "", port);
    if (fclose(out) != 0)
        bench_die("cannot write %s", path);
    char *const argv[] = {NGINX, "-p", folder, "-c", "nginx.conf", "-e", "error.log", NULL};
    return server_start_program(name, argv, port);
}

static void add_change(const side_t *side, tm_buf_t *out)
{
    if (side->event != NULL) {
        tm_buf_printf(out,
                      "POST /publish HTTP/1.1\r\nhost: 127.0.0.1\r\nx-eventsource-event: delta\r\n"
                      "content-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                      strlen(side->event), side->event);
        return;
    }
    char line[1024];
    const int n = snprintf(
        line, sizeof(line),
        "{\"campaign_id\":\"%s\",\"advertiser\":\"Alpha for Senate\",\"station\":\"WAA%c\""
        ",\"market\":501,\"medium\":\"broadcast\",\"flight_from\":\"2026-09-01\","
        "\"flight_to\":\"2026-09-06\",\"gross_cents\":%u,\"order_no\":\"%u\"}",
        side->campaign, 'A' + (int)(side->written % STATIONS),
        100000 + (unsigned)(side->written * 7919 % 100000), 1000000 + (unsigned)side->written);
    tm_buf_printf(out,
                  "POST /api/v1/buy-lines HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: " BENCH_KEY
                  "\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s",
                  n, line);
}

/* Sends a change; its answer is looked at when its connection's turn comes again. */
static void write_change(side_t *side)
{
    char answer[BYTES_MAX];
    const int fd = side->writers[side->written % WRITERS];
    const ssize_t got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
    if (got >= 0 && memcmp(answer, "HTTP/1.1 20", 11) != 0)
        bench_die("a change was refused:\n%.*s", (int)got, answer);
    tm_buf_t text;
    tm_buf_init(&text, BYTES_MAX);
    add_change(side, &text);
    if (send(fd, text.p, text.n, MSG_NOSIGNAL) != (ssize_t)text.n)
        bench_die("cannot write");
    tm_buf_done(&text);
    side->written++;
}

/* The JSON of one delta of ours. */
static void take_event(side_t *ours, tm_buf_t *ret)
{
    char bytes[BYTES_MAX];
    size_t n = 0;
    const int fd = connect_to(ours->server.port);
    const int asked = snprintf(bytes, sizeof(bytes),
                               "GET /api/v1/live?campaign_id=%s HTTP/1.1\r\nhost: 127.0.0.1\r\n"
                               "x-api-key: " BENCH_KEY "\r\n\r\n",
                               ours->campaign);
    if (send(fd, bytes, (size_t)asked, MSG_NOSIGNAL) != asked)
        bench_die("cannot subscribe");
    static const char mark[] = "event: delta\ndata: ";
    const char *at = NULL;
    const char *end = NULL;
    for (bool written = false; end == NULL;) {
        const ssize_t got = recv(fd, bytes + n, sizeof(bytes) - n, 0);
        if (got <= 0)
            bench_die("no event");
        n += (size_t)got;
        if (!written && memmem(bytes, n, "event: snapshot", 15) != NULL)
            write_change(ours);
        written = written || ours->written > 0;
        at = memmem(bytes, n, mark, sizeof(mark) - 1);
        end = at == NULL ? NULL : memmem(at, n - (size_t)(at - bytes), "\n\n", 2);
    }
    at += sizeof(mark) - 1;
    tm_buf_add(ret, at, (size_t)(end - at));
    tm_buf_add_char(ret, '\0');
    close(fd);
}

static void open_writers(side_t *side)
{
    for (int i = 0; i < WRITERS; i++)
        side->writers[i] = connect_to(side->server.port);
}

static void start_ours(side_t *side, const char *name, uint32_t loops)
{
    side->server = server_start_on(name, loops, NULL);
    server_campaign(&side->server, side->campaign);
    open_writers(side);
}

static void start_peer(side_t *side, const char *name, uint32_t workers, const char *event)
{
    side->server = start_nginx(name, workers);
    side->event = event;
    open_writers(side);
}

static void subscribe(side_t *side, bool h2, uint32_t n)
{
    char path[128];
    snprintf(path, sizeof(path), "/api/v1/live?campaign_id=%s", side->campaign);
    const subscribers_options_t options = {.port = side->server.port,
                                           .h2 = h2,
                                           .n = n,
                                           .path = side->event != NULL ? "/live" : path,
                                           .fields = {{"x-api-key", BENCH_KEY}}};
    side->subs = subscribers_new(&options);
}

/* ---- measuring ---- */

typedef struct turn {
    double cpu_s, seconds, bytes;
    uint64_t deltas;
} turn_t;

/* `changes` at that pace, then until every one of n subscribers has each, or `patience_s`. */
static turn_t turn_of(side_t *side, uint32_t n, uint32_t changes, uint32_t a_second,
                      double patience_s)
{
    const double cpu = server_cpu_s(&side->server);
    const double begin = bench_now_s();
    const uint64_t bytes = subscribers_bytes(side->subs);
    const uint64_t had = subscribers_deltas(side->subs);
    const uint64_t want = had + (uint64_t)n * changes;
    for (uint32_t i = 0; i < changes; i++) {
        write_change(side);
        subscribers_read(side->subs, begin + (double)(i + 1) / a_second);
    }
    while (subscribers_deltas(side->subs) < want && bench_now_s() < begin + patience_s)
        subscribers_read(side->subs, bench_now_s() + 0.002);
    const uint64_t got = subscribers_deltas(side->subs) - had;
    return (turn_t){.cpu_s = server_cpu_s(&side->server) - cpu,
                    .seconds = bench_now_s() - begin,
                    .bytes = (double)(subscribers_bytes(side->subs) - bytes) / (double)got,
                    .deltas = got};
}

static void name_figure(const char *what, const char *side, const char *which, double v,
                        const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "%s_%s%s", what, side, which);
    figure(name, v, unit);
}

static void tell_ratio(const char *name, const rounds_t *a, const rounds_t *b)
{
    rounds_t ratio = {.n = 0};
    for (uint32_t r = 0; r < a->n; r++)
        rounds_add(&ratio, a->v[r] / b->v[r]);
    figure(name, rounds_median(&ratio), "times");
}

static void deliveries(uint32_t rounds, tm_buf_t *event)
{
    enum { H1, H2C, NCHAN, SIDES };
    static side_t sides[SIDES] = {{.name = "h1_"}, {.name = "h2c_"}, {.name = "nchan_"}};
    start_ours(&sides[H1], "live_h1", 1);
    start_ours(&sides[H2C], "live_h2c", 1);
    take_event(&sides[H1], event);
    figure("live_event", (double)event->n - 1, "bytes");
    start_peer(&sides[NCHAN], "nchan", 1, event->p);
    double bytes[SIDES] = {0};
    for (int i = 0; i < SIDES; i++) {
        subscribe(&sides[i], i == H2C, SUBSCRIBERS);
        turn_of(&sides[i], SUBSCRIBERS, WARM_CHANGES, CHANGES_A_SECOND, 20);
    }
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < SIDES; i++) {
            side_t *side = &sides[(i + r) % SIDES];
            const turn_t turn = turn_of(side, SUBSCRIBERS, TURN_CHANGES, CHANGES_A_SECOND, 60);
            if (turn.deltas != (uint64_t)SUBSCRIBERS * TURN_CHANGES)
                bench_die("%s%llu deliveries", side->name, (unsigned long long)turn.deltas);
            rounds_add(&side->cpu_us, turn.cpu_s * 1e6 / (double)turn.deltas);
            bytes[(i + r) % SIDES] = turn.bytes;
        }
    }
    for (int i = 0; i < SIDES; i++) {
        name_figure("live", sides[i].name, "cpu", rounds_median(&sides[i].cpu_us), "us/delivery");
        name_figure("live", sides[i].name, "bytes", bytes[i], "bytes/delivery");
    }
    tell_ratio("live_h1_of_nchan_cpu", &sides[H1].cpu_us, &sides[NCHAN].cpu_us);
    tell_ratio("live_h2c_of_nchan_cpu", &sides[H2C].cpu_us, &sides[NCHAN].cpu_us);
    for (int i = 0; i < SIDES; i++) {
        subscribers_free(sides[i].subs);
        server_stop(&sides[i].server);
    }
}

static void overload(uint32_t rounds, const char *event)
{
    enum { OURS, NCHAN, SIDES };
    static side_t sides[SIDES] = {{.name = ""}, {.name = "nchan_"}};
    for (int i = 0; i < SIDES; i++) {
        side_t *side = &sides[i];
        if (i == OURS)
            start_ours(side, "crowd", 2);
        else
            start_peer(side, "nchan_crowd", 2, event);
        subscribe(side, false, CROWD);
        turn_of(side, CROWD, WARM_CHANGES, CHANGES_A_SECOND, 20);
        for (uint32_t r = 0; r < rounds; r++) {
            const turn_t turn =
                turn_of(side, CROWD, CROWD_CHANGES, CROWD_CHANGES_A_SECOND, CROWD_WAIT_S);
            rounds_add(&side->rate, (double)turn.deltas / turn.seconds);
            rounds_add(&side->cpu_us, turn.cpu_s * 1e6 / (double)turn.deltas);
        }
        name_figure("overload", side->name, "rate", rounds_median(&side->rate), "deliveries/s");
        name_figure("overload", side->name, "cpu", rounds_median(&side->cpu_us), "us/delivery");
        subscribers_free(side->subs);
        server_stop(&side->server);
    }
    tell_ratio("overload_over_nchan_rate", &sides[OURS].rate, &sides[NCHAN].rate);
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 3;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        bench_die("usage: bench_nchan [ROUNDS], at most %d", ROUNDS_MAX);
    tm_buf_t event;
    tm_buf_init(&event, BYTES_MAX);
    deliveries(rounds, &event);
    overload(rounds < 2 ? rounds : 2, event.p);
    tm_buf_done(&event);
    return 0;
}
