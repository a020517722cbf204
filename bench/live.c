/* live.c - what does one delivery of one change to one subscriber cost?
 *
 * Why:     every open dashboard is an event stream; a change is one encoding and many writes, so a
 *          delivery should cost little more than the write of its bytes to a socket.
 * How:     1,000 subscribers over HTTP/1.1 to one campaign, and one writer that posts a buy line
 *          ten times a second. CPU of the server in slices of a second, less the same with the
 *          writer alone, divided by the deliveries. The limit: this program writes as many bytes to
 *          as many loopback sockets of its own. Delay: from before the POST is sent until the event
 *          has been read; the reader is this one thread.
 * Usage:   bench_live [SUBSCRIBERS [SECONDS]]; 1000 and 6 by default. */
#include "base/memory.h"
#include "base/time.h"
#include "with_client.h"
#include "with_figures.h"
#include "with_server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SUBSCRIBERS_MAX 20000
#define POST_EVERY_S 0.1
#define ANSWER_BYTES_MAX (1u << 20)
#define READ_BYTES (256u << 10)
#define EVENTS_MAX 256
#define START_WAIT_S 20
#define SAMPLES_MAX (1u << 20)
#define BARE_ROUNDS 20

typedef struct subscriber {
    int fd;
    uint32_t matched; /* letters of the mark seen */
    uint32_t events;  /* deltas seen */
    bool started;     /* has its snapshot */
} subscriber_t;

typedef struct live {
    const server_t *server;
    const char *campaign;
    int epoll;
    uint32_t n;
    subscriber_t *all;
    char *bytes;
    uint64_t started, deliveries, read;
    double posted_s; /* when the last line was sent */
    float *delays_ms;
    uint32_t n_delays;
    uint64_t lines;
} live_t;

static int connect_to(uint16_t port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in sa = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0)
        bench_die("no connection: %s", strerror(errno));
    return fd;
}

static void subscribe(live_t *live, subscriber_t *sub)
{
    char text[512];
    const int n = snprintf(text, sizeof(text),
                           "GET /api/v1/live?campaign_id=%s HTTP/1.1\r\nhost: 127.0.0.1\r\n"
                           "x-api-key: " BENCH_KEY "\r\n\r\n",
                           live->campaign);
    sub->fd = connect_to(live->server->port);
    if (send(sub->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
        bench_die("cannot subscribe");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = sub};
    if (epoll_ctl(live->epoll, EPOLL_CTL_ADD, sub->fd, &event) != 0)
        bench_die("epoll");
}

/* Chunks may cut the mark; no letter sequence of ours repeats its beginning. */
static void look(live_t *live, subscriber_t *sub, const char *p, size_t n)
{
    static const char mark[] = "event: ";
    const uint32_t mark_n = sizeof(mark) - 1;
    for (size_t i = 0; i < n; i++) {
        if (sub->matched == mark_n) {
            sub->matched = 0;
            if (p[i] == 's' && !sub->started) {
                sub->started = true;
                live->started++;
            } else if (p[i] == 'd') {
                sub->events++;
                live->deliveries++;
                if (live->n_delays < SAMPLES_MAX)
                    live->delays_ms[live->n_delays++] =
                        (float)((bench_now_s() - live->posted_s) * 1e3);
            } else {
                bench_die("a subscriber got a second snapshot");
            }
            continue;
        }
        if (p[i] == mark[sub->matched])
            sub->matched++;
        else
            sub->matched = p[i] == mark[0];
    }
}

static void read_for(live_t *live, double until)
{
    struct epoll_event events[EVENTS_MAX];
    for (double now = bench_now_s(); now < until; now = bench_now_s()) {
        const int wait_ms = (int)((until - now) * 1e3) + 1;
        const int n = epoll_wait(live->epoll, events, EVENTS_MAX, wait_ms);
        for (int i = 0; i < n; i++) {
            subscriber_t *sub = events[i].data.ptr;
            const ssize_t got = recv(sub->fd, live->bytes, READ_BYTES, 0);
            if (got <= 0)
                bench_die("a stream ended");
            live->read += (uint64_t)got;
            look(live, sub, live->bytes, (size_t)got);
        }
    }
}

/* One line, whose answer is not waited for: events come while it is read. */
static void post(live_t *live, int fd)
{
    char text[1024];
    tm_buf_t line;
    tm_buf_init(&line, sizeof(text));
    line_json(live->campaign, live->lines++, &line);
    const int n = snprintf(text, sizeof(text),
                           "POST /api/v1/buy-lines HTTP/1.1\r\nhost: 127.0.0.1\r\n"
                           "x-api-key: " BENCH_KEY "\r\ncontent-type: application/json\r\n"
                           "content-length: %zu\r\n\r\n%.*s",
                           line.n, (int)line.n, line.p);
    tm_buf_done(&line);
    live->posted_s = bench_now_s();
    if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
        bench_die("cannot post");
}

/* The server's CPU, in seconds, for `seconds` of posting. */
static double posting(live_t *live, int fd, double seconds)
{
    const double cpu = server_cpu_s(live->server);
    double next = bench_now_s();
    const double until = next + seconds;
    while (next < until) {
        post(live, fd);
        next += POST_EVERY_S;
        read_for(live, next);
        const ssize_t got = recv(fd, live->bytes, READ_BYTES, MSG_DONTWAIT);
        if (got >= 0 && memcmp(live->bytes, "HTTP/1.1 201", 12) != 0)
            bench_die("a line was refused:\n%.*s", (int)got, live->bytes);
    }
    return server_cpu_s(live->server) - cpu;
}

static int by_number(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double thread_cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CPU microseconds of one write of n bytes to each of as many loopback sockets, which are read in
 * between. */
static double bare_write_us(size_t n, uint32_t sockets, uint32_t rounds)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(sa);
    if (bind(listener, (const struct sockaddr *)&sa, len) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&sa, &len) != 0)
        bench_die("no listener");
    int *out = tm_alloc(sockets * sizeof(int));
    int *in = tm_alloc(sockets * sizeof(int));
    for (uint32_t i = 0; i < sockets; i++) {
        out[i] = connect_to(ntohs(sa.sin_port));
        in[i] = accept(listener, NULL, NULL);
    }
    char *bytes = tm_zalloc(READ_BYTES);
    double took_s = 0;
    for (uint32_t r = 0; r < rounds; r++) {
        const double before = thread_cpu_s();
        for (uint32_t i = 0; i < sockets; i++) {
            if (send(out[i], bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
                bench_die("a bare write");
        }
        took_s += thread_cpu_s() - before;
        for (uint32_t i = 0; i < sockets; i++) {
            if (recv(in[i], bytes, READ_BYTES, 0) <= 0)
                bench_die("a bare read");
        }
    }
    for (uint32_t i = 0; i < sockets; i++) {
        close(in[i]);
        close(out[i]);
    }
    close(listener);
    tm_free(bytes);
    tm_free(out);
    tm_free(in);
    return took_s * 1e6 / sockets / rounds;
}

static void tell(live_t *live, const rounds_t *cpu_us, double seconds)
{
    qsort(live->delays_ms, live->n_delays, sizeof(float), by_number);
    const size_t bytes = (size_t)(live->read / live->deliveries);
    const double bare = bare_write_us(TM_MAX(bytes, (size_t)1), live->n, BARE_ROUNDS);
    figure("live_subscribers", live->n, "streams");
    figure("live_deliveries", (double)live->deliveries / seconds, "deltas/s");
    figure("live_bytes", (double)bytes, "bytes/delivery");
    figure("live_cpu", rounds_median(cpu_us), "us/delivery");
    figure("live_bare_write", bare, "us/write");
    figure("live_of_bare", 100 * bare / rounds_median(cpu_us), "%");
    figure("live_p50", live->delays_ms[live->n_delays / 2], "ms");
    figure("live_p99", live->delays_ms[(uint64_t)live->n_delays * 99 / 100], "ms");
}

static void check_all(const live_t *live, uint64_t want)
{
    for (uint32_t i = 0; i < live->n; i++) {
        if (live->all[i].events != want)
            bench_die("a subscriber saw %u of %llu changes", live->all[i].events,
                      (unsigned long long)want);
    }
}

int main(int argc, char **argv)
{
    const uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
    const int seconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 6;
    if (n < 1 || n > SUBSCRIBERS_MAX || seconds < 1 || seconds > ROUNDS_MAX)
        bench_die("usage: bench_live [SUBSCRIBERS [SECONDS]]");
    server_t server = server_start("live");
    char campaign[BENCH_ID_MAX];
    server_campaign(&server, campaign);
    live_t live = {.server = &server,
                   .campaign = campaign,
                   .epoll = epoll_create1(EPOLL_CLOEXEC),
                   .n = n,
                   .all = tm_zalloc(n * sizeof(subscriber_t)),
                   .bytes = tm_alloc(READ_BYTES),
                   .delays_ms = tm_alloc(SAMPLES_MAX * sizeof(float))};
    const int writer = connect_to(server.port);
    posting(&live, writer, 1);
    const double alone = posting(&live, writer, 2) / 2; /* a second */
    const uint64_t before = live.lines;
    for (uint32_t i = 0; i < n; i++)
        subscribe(&live, &live.all[i]);
    const double until = bench_now_s() + START_WAIT_S;
    while (live.started < n && bench_now_s() < until)
        read_for(&live, bench_now_s() + 0.05);
    live.read = 0;
    rounds_t cpu_us = {.n = 0};
    for (int i = 0; i < seconds; i++) {
        const uint64_t had = live.deliveries;
        const double cpu = posting(&live, writer, 1) - alone;
        rounds_add(&cpu_us, cpu * 1e6 / (double)(live.deliveries - had));
    }
    read_for(&live, bench_now_s() + 0.5);
    check_all(&live, live.lines - before);
    tell(&live, &cpu_us, seconds);
    server_stop(&server);
    return 0;
}
