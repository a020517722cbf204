/* with_subscribers.c - see with_subscribers.h. */
#include "with_subscribers.h"
#include "base/memory.h"
#include "with_figures.h"
#include "with_h2.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARK "event: delta"
#define MARK_N (sizeof(MARK) - 1)
#define STREAMS 64
#define READ_BYTES (256u << 10)
#define OUT_BYTES_MAX (64u << 10)
#define EVENTS_MAX 512
#define START_WAIT_S 60

typedef struct stream {
    char carry[MARK_N - 1]; /* the last bytes: a mark may be cut */
    uint8_t carry_n;
    bool heard;
} stream_t;

typedef struct link {
    int fd;
    stream_t *streams;
    h2_reader_t reader;
    tm_buf_t out;
} link_t;

struct subscribers {
    subscribers_options_t options;
    int epoll;
    uint32_t n_links, heard;
    link_t *links;
    stream_t *streams;
    char *bytes; /* MARK_N bytes before what is read, for a carry */
    uint64_t deltas, read;
};

/* Writes to the carry_n bytes before p: what lies there (what was read before, or the place kept
 * for it) was counted. */
static void count(subscribers_t *subs, stream_t *stream, char *p, size_t n)
{
    if (!stream->heard) {
        stream->heard = true;
        subs->heard++;
    }
    p -= stream->carry_n;
    n += stream->carry_n;
    memcpy(p, stream->carry, stream->carry_n);
    const char *at = p;
    const char *end = p + n;
    const char *found;
    while ((found = memmem(at, (size_t)(end - at), MARK, MARK_N)) != NULL) {
        subs->deltas++;
        at = found + MARK_N;
    }
    const size_t keep = TM_MIN((size_t)(end - at), MARK_N - 1);
    memcpy(stream->carry, end - keep, keep);
    stream->carry_n = (uint8_t)keep;
}

/* ---- h2c ---- */

typedef struct seen {
    subscribers_t *subs;
    link_t *link;
} seen_t;

static void on_payload(void *ctx, const h2_reader_t *reader, char *p, size_t n)
{
    const seen_t *seen = ctx;
    if (reader->type != H2_DATA)
        return;
    count(seen->subs, &seen->link->streams[(reader->stream - 1) / 2], p, n);
}

static void on_frame(void *ctx TM_UNUSED, const h2_reader_t *reader)
{
    if (reader->type == H2_RST_STREAM || reader->type == H2_GOAWAY ||
        (reader->type <= H2_HEADERS && (reader->flags & H2_END_STREAM) != 0))
        bench_die("a stream ended (frame %u)", reader->type);
}

static void ask_h2(const subscribers_options_t *o, tm_buf_t *out, uint32_t streams)
{
    const char pseudo[] = {(char)(0x80 | H2_GET), (char)(0x80 | H2_HTTP)};
    tm_buf_t block;
    tm_buf_init(&block, OUT_BYTES_MAX);
    h2_greet(out);
    for (uint32_t i = 0; i < streams; i++) {
        uint32_t n = 2;
        tm_buf_clear(&block);
        tm_buf_add(&block, pseudo, sizeof(pseudo));
        if (i == 0) {
            h2_add_field(&block, H2_PATH, "", o->path);
            h2_add_field(&block, H2_AUTHORITY, "", "127.0.0.1");
        }
        for (uint32_t k = 0; o->fields[k].name != NULL; k++, n++) {
            if (i == 0)
                h2_add_field(&block, 0, o->fields[k].name, o->fields[k].value);
        }
        for (uint32_t k = n; i > 0 && k > 0; k--)
            tm_buf_add_char(&block, (char)(0x80 | (H2_DYNAMIC_FIRST + k - 1)));
        h2_add_frame(out, H2_HEADERS, H2_END_STREAM | H2_END_HEADERS, 2 * i + 1, block.p, block.n);
    }
    tm_buf_done(&block);
}

static void ask_h1(const subscribers_options_t *o, tm_buf_t *out)
{
    tm_buf_printf(out, "GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n",
                  o->path);
    for (uint32_t i = 0; o->fields[i].name != NULL; i++)
        tm_buf_printf(out, "%s: %s\r\n", o->fields[i].name, o->fields[i].value);
    tm_buf_add_c(out, "\r\n");
}

/* ---- reading ---- */

static void send_out(link_t *link)
{
    if (link->out.n > 0 &&
        send(link->fd, link->out.p, link->out.n, MSG_NOSIGNAL) != (ssize_t)link->out.n)
        bench_die("a server does not read");
    tm_buf_clear(&link->out);
}

static void read_link(subscribers_t *subs, link_t *link)
{
    char *p = subs->bytes + MARK_N;
    const ssize_t n = recv(link->fd, p, READ_BYTES, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        bench_die("a stream ended");
    subs->read += (uint64_t)n;
    if (!subs->options.h2) {
        if (!link->streams[0].heard && strncmp(p, "HTTP/1.1 200", 12) != 0)
            bench_die("no stream:\n%.*s", (int)TM_MIN(n, (ssize_t)500), p);
        count(subs, &link->streams[0], p, (size_t)n);
        return;
    }
    seen_t seen = {subs, link};
    const h2_visitor_t visitor = {&seen, on_payload, on_frame};
    h2_read(&link->reader, p, (size_t)n, &visitor, &link->out);
    send_out(link);
}

void subscribers_read(subscribers_t *subs, double until_s)
{
    struct epoll_event events[EVENTS_MAX];
    for (double now = bench_now_s(); now < until_s; now = bench_now_s()) {
        const int wait_ms = (int)((until_s - now) * 1e3) + 1;
        const int n = epoll_wait(subs->epoll, events, EVENTS_MAX, wait_ms);
        for (int i = 0; i < n; i++)
            read_link(subs, events[i].data.ptr);
    }
}

uint64_t subscribers_deltas(const subscribers_t *subs)
{
    return subs->deltas;
}

uint64_t subscribers_bytes(const subscribers_t *subs)
{
    return subs->read;
}

/* ---- life ---- */

static void link_open(subscribers_t *subs, link_t *link, uint32_t streams)
{
    const struct sockaddr_in sa = {.sin_family = AF_INET,
                                   .sin_port = htons(subs->options.port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0 || connect(link->fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0)
        bench_die("no connection: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
    if (epoll_ctl(subs->epoll, EPOLL_CTL_ADD, link->fd, &event) != 0)
        bench_die("epoll");
    tm_buf_init(&link->out, OUT_BYTES_MAX);
    if (subs->options.h2)
        ask_h2(&subs->options, &link->out, streams);
    else
        ask_h1(&subs->options, &link->out);
    send_out(link);
}

subscribers_t *subscribers_new(const subscribers_options_t *options)
{
    subscribers_t *subs = TM_NEW(subscribers_t);
    const uint32_t per_link = options->h2 ? STREAMS : 1;
    subs->options = *options;
    subs->epoll = epoll_create1(EPOLL_CLOEXEC);
    subs->n_links = (options->n + per_link - 1) / per_link;
    subs->links = tm_zalloc(subs->n_links * sizeof(link_t));
    subs->streams = tm_zalloc(options->n * sizeof(stream_t));
    subs->bytes = tm_alloc(MARK_N + READ_BYTES);
    for (uint32_t i = 0; i < subs->n_links; i++) {
        subs->links[i].streams = subs->streams + i * per_link;
        link_open(subs, &subs->links[i], TM_MIN(per_link, options->n - i * per_link));
        subscribers_read(subs, 0);
    }
    const double until = bench_now_s() + START_WAIT_S;
    while (subs->heard < options->n) {
        subscribers_read(subs, bench_now_s() + 0.05);
        if (bench_now_s() > until)
            bench_die("%u of %u streams began", subs->heard, options->n);
    }
    return subs;
}

void subscribers_free(subscribers_t *subs)
{
    for (uint32_t i = 0; i < subs->n_links; i++) {
        close(subs->links[i].fd);
        tm_buf_done(&subs->links[i].out);
    }
    close(subs->epoll);
    tm_free(subs->links);
    tm_free(subs->streams);
    tm_free(subs->bytes);
    tm_free(subs);
}
