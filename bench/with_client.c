/* with_client.c - see with_client.h. */
#include "with_client.h"
#include "base/memory.h"
#include "base/time.h"
#include "with_figures.h"
#include "with_h2.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES (1u << 20)
#define HEAD_BYTES_MAX 4096
#define OUT_BYTES_MAX (1u << 20)
#define SAMPLES_MAX (4u << 20)
#define EVENTS_MAX 256
#define STALL_MS 10000

typedef struct conn {
    int fd;
    uint32_t under_way;
    tm_buf_t out;
    /* HTTP/1.1 */
    uint64_t left; /* of a body */
    char head[HEAD_BYTES_MAX];
    uint32_t head_n;
    int64_t asked_ns;
    /* h2 */
    uint32_t next_stream;
    bool knows; /* the fields stand in the peer's table */
    h2_reader_t reader;
} conn_t;

struct client {
    client_options_t options;
    int epoll;
    conn_t *conns;
    tm_buf_t first, again; /* request: whole; h2: the field block of later ones */
    tm_buf_t body;
    char *bytes; /* what was read */
    uint32_t *samples_us;
    uint32_t n_samples;
    uint64_t next_body, answers, body_bytes;
    bool asking;
    uint64_t under_way;
    uint32_t turn; /* of the paced: which connection asks next */
};

/* ---- requests ---- */

static void make_h2(client_t *client)
{
    const client_options_t *o = &client->options;
    uint32_t n = 2;
    const char pseudo[] = {(char)(0x80 | H2_GET), (char)(0x80 | H2_HTTP)};
    tm_buf_add(&client->first, pseudo, sizeof(pseudo));
    h2_add_field(&client->first, H2_PATH, "", o->path);
    h2_add_field(&client->first, H2_AUTHORITY, "", "127.0.0.1");
    for (uint32_t i = 0; o->fields[i].name != NULL; i++, n++)
        h2_add_field(&client->first, 0, o->fields[i].name, o->fields[i].value);
    tm_buf_add(&client->again, pseudo, sizeof(pseudo));
    for (uint32_t i = n; i > 0; i--) /* the oldest entry has the highest index */
        tm_buf_add_char(&client->again, (char)(0x80 | (H2_DYNAMIC_FIRST + i - 1)));
}

static void make_h1(client_t *client)
{
    const client_options_t *o = &client->options;
    tm_buf_printf(&client->first, "%s %s HTTP/1.1\r\nhost: 127.0.0.1\r\n",
                  o->body == NULL ? "GET" : "POST", o->path);
    for (uint32_t i = 0; o->fields[i].name != NULL; i++)
        tm_buf_printf(&client->first, "%s: %s\r\n", o->fields[i].name, o->fields[i].value);
    if (o->body == NULL)
        tm_buf_add_c(&client->first, "\r\n");
    else
        tm_buf_add_c(&client->first, "content-type: application/json\r\n");
}

static void ask(client_t *client, conn_t *conn)
{
    const client_options_t *o = &client->options;
    if (o->h2) {
        const tm_buf_t *block = conn->knows ? &client->again : &client->first;
        h2_add_frame(&conn->out, H2_HEADERS, H2_END_STREAM | H2_END_HEADERS, conn->next_stream,
                     block->p, block->n);
        conn->knows = true;
        conn->next_stream += 2;
    } else {
        tm_buf_add(&conn->out, client->first.p, client->first.n);
        if (o->body != NULL) {
            tm_buf_clear(&client->body);
            o->body(o->ctx, client->next_body++, &client->body);
            tm_buf_printf(&conn->out, "content-length: %zu\r\n\r\n", client->body.n);
            tm_buf_add(&conn->out, client->body.p, client->body.n);
        }
        conn->asked_ns = tm_time_mono_ns();
    }
    conn->under_way++;
    client->under_way++;
}

/* Requests are small: a full socket means a server that does not read. */
static void flush(conn_t *conn)
{
    assert(!conn->out.full);
    size_t sent = 0;
    while (sent < conn->out.n) {
        const ssize_t n = send(conn->fd, conn->out.p + sent, conn->out.n - sent, MSG_NOSIGNAL);
        if (n > 0) {
            sent += (size_t)n;
            continue;
        }
        struct pollfd wait = {.fd = conn->fd, .events = POLLOUT};
        if (errno != EAGAIN || poll(&wait, 1, STALL_MS) != 1)
            bench_die("a server does not read");
    }
    tm_buf_clear(&conn->out);
}

/* ---- answers ---- */

static void answered(client_t *client, conn_t *conn)
{
    assert(conn->under_way > 0);
    client->answers++;
    conn->under_way--;
    client->under_way--;
    if (!client->options.h2 && client->n_samples < SAMPLES_MAX)
        client->samples_us[client->n_samples++] =
            (uint32_t)((tm_time_mono_ns() - conn->asked_ns) / 1000);
    if (client->asking && client->options.rate == 0)
        ask(client, conn);
}

static uint64_t length_of(const char *head, int status)
{
    static const char name[] = "\r\ncontent-length:";
    const char *at = strcasestr(head, name);
    if (at != NULL)
        return strtoull(at + sizeof(name) - 1, NULL, 10);
    if (status != 304)
        bench_die("an answer without length:\n%s", head);
    return 0;
}

static void read_h1(client_t *client, conn_t *conn, const char *p, size_t n)
{
    while (n > 0) {
        if (conn->left > 0) {
            const size_t take = TM_MIN(conn->left, n);
            conn->left -= take;
            p += take;
            n -= take;
            if (conn->left == 0)
                answered(client, conn);
            continue;
        }
        const uint32_t before = conn->head_n;
        const size_t take = TM_MIN(n, (size_t)HEAD_BYTES_MAX - 1 - before);
        memcpy(conn->head + before, p, take);
        conn->head[before + take] = '\0';
        char *end = strstr(conn->head + (before > 3 ? before - 3 : 0), "\r\n\r\n");
        if (end == NULL) {
            if (take < n)
                bench_die("a very long head");
            conn->head_n += (uint32_t)take;
            return;
        }
        end[2] = '\0';
        const int status = (int)strtol(conn->head + 9, NULL, 10);
        if (status != client->options.want)
            bench_die("an answer of another kind:\n%s\n%.*s", conn->head,
                      (int)(before + take - (size_t)(end + 4 - conn->head)), end + 4);
        const size_t used = (size_t)(end + 4 - conn->head) - before;
        conn->left = status == 304 ? 0 : length_of(conn->head, status);
        client->body_bytes += conn->left;
        conn->head_n = 0;
        p += used;
        n -= used;
        if (conn->left == 0)
            answered(client, conn);
    }
}

static uint8_t status_index(int want)
{
    return want == 200 ? 0x88 : want == 304 ? 0x8b : 0; /* the static table */
}

/* What h2_read finds, for one connection of a client. */
typedef struct seen {
    client_t *client;
    conn_t *conn;
} seen_t;

static void on_payload(void *ctx, const h2_reader_t *reader, char *p, size_t n)
{
    client_t *client = ((seen_t *)ctx)->client;
    if (reader->type == H2_DATA)
        client->body_bytes += n;
    if (reader->type != H2_HEADERS || !reader->fresh)
        return;
    const uint8_t first = (uint8_t)*p;
    /* 0x20-0x3f: the size of the table, once at the beginning */
    if (first != status_index(client->options.want) && (first & 0xe0) != 0x20)
        bench_die("an answer of another kind (%02x)", first);
}

static void on_frame(void *ctx, const h2_reader_t *reader)
{
    seen_t *seen = ctx;
    if (reader->type == H2_RST_STREAM || reader->type == H2_GOAWAY || reader->type == H2_PING)
        bench_die("the server ends a stream or the connection (frame %u)", reader->type);
    if (reader->type <= H2_HEADERS && (reader->flags & H2_END_STREAM) != 0)
        answered(seen->client, seen->conn);
}

static void on_readable(client_t *client, conn_t *conn)
{
    const ssize_t n = recv(conn->fd, client->bytes, READ_BYTES, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        bench_die("the server at port %u closed a connection", client->options.port);
    seen_t seen = {client, conn};
    const h2_visitor_t visitor = {&seen, on_payload, on_frame};
    if (client->options.h2)
        h2_read(&conn->reader, client->bytes, (size_t)n, &visitor, &conn->out);
    else
        read_h1(client, conn, client->bytes, (size_t)n);
    flush(conn);
}

/* ---- life ---- */

static void conn_open(client_t *client, conn_t *conn)
{
    const struct sockaddr_in sa = {.sin_family = AF_INET,
                                   .sin_port = htons(client->options.port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->fd < 0 || connect(conn->fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0)
        bench_die("no connection");
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    if (epoll_ctl(client->epoll, EPOLL_CTL_ADD, conn->fd, &event) != 0)
        bench_die("epoll");
    tm_buf_init(&conn->out, OUT_BYTES_MAX);
    if (client->options.h2)
        h2_greet(&conn->out);
    conn->next_stream = 1;
    flush(conn);
}

client_t *client_new(const client_options_t *options)
{
    assert(options->connections > 0 && (options->body == NULL || !options->h2));
    client_t *client = TM_NEW(client_t);
    client->options = *options;
    client->next_body = options->first;
    client->epoll = epoll_create1(EPOLL_CLOEXEC);
    client->bytes = tm_alloc(READ_BYTES);
    client->samples_us = tm_alloc(SAMPLES_MAX * sizeof(uint32_t));
    client->conns = tm_zalloc(options->connections * sizeof(conn_t));
    tm_buf_init(&client->first, OUT_BYTES_MAX);
    tm_buf_init(&client->again, OUT_BYTES_MAX);
    tm_buf_init(&client->body, OUT_BYTES_MAX);
    if (options->h2)
        make_h2(client);
    else
        make_h1(client);
    for (uint32_t i = 0; i < options->connections; i++)
        conn_open(client, &client->conns[i]);
    return client;
}

static void wait_some(client_t *client, int most_ms)
{
    struct epoll_event events[EVENTS_MAX];
    const int n = epoll_wait(client->epoll, events, EVENTS_MAX, TM_MIN(most_ms, STALL_MS));
    if (n == 0 && most_ms >= STALL_MS)
        bench_die("no answer for %d s", STALL_MS / 1000);
    for (int i = 0; i < n; i++)
        on_readable(client, events[i].data.ptr);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void ask_all(client_t *client)
{
    for (uint32_t i = 0; i < client->options.connections; i++) {
        conn_t *conn = &client->conns[i];
        for (uint32_t k = 0; k < (client->options.h2 ? client->options.streams : 1); k++)
            ask(client, conn);
        flush(conn);
    }
}

/* Asks what is due by now; each connection in its turn, for a server cuts those that never ask. */
static void ask_due(client_t *client, double since_s)
{
    const uint64_t due = (uint64_t)(since_s * client->options.rate);
    for (uint32_t i = 0;
         i < client->options.connections && client->answers + client->under_way < due; i++) {
        conn_t *conn = &client->conns[client->turn++ % client->options.connections];
        if (conn->under_way == 0) {
            ask(client, conn);
            flush(conn);
        }
    }
}

client_result_t client_run(client_t *client, double seconds)
{
    const double begin = bench_now_s();
    const bool paced = client->options.rate > 0;
    client->answers = 0;
    client->body_bytes = 0;
    client->n_samples = 0;
    client->asking = true;
    if (!paced)
        ask_all(client);
    for (double now = begin; now - begin < seconds; now = bench_now_s()) {
        if (paced)
            ask_due(client, now - begin);
        wait_some(client, paced ? 1 : STALL_MS);
    }
    client->asking = false;
    while (client->under_way > 0)
        wait_some(client, STALL_MS);
    client_result_t result = {
        .answers = client->answers, .bytes = client->body_bytes, .seconds = bench_now_s() - begin};
    const uint32_t n = client->n_samples;
    if (n > 0) {
        qsort(client->samples_us, n, sizeof(uint32_t), by_number);
        result.p50_ms = client->samples_us[n / 2] / 1000.0;
        result.p99_ms = client->samples_us[(uint64_t)n * 99 / 100] / 1000.0;
    }
    return result;
}

void client_free(client_t *client)
{
    for (uint32_t i = 0; i < client->options.connections; i++) {
        close(client->conns[i].fd);
        tm_buf_done(&client->conns[i].out);
    }
    close(client->epoll);
    tm_buf_done(&client->first);
    tm_buf_done(&client->again);
    tm_buf_done(&client->body);
    tm_free(client->conns);
    tm_free(client->samples_us);
    tm_free(client->bytes);
    tm_free(client);
}
