/* with_bare.c - see with_bare.h. */
#include "with_bare.h"
#include "base/memory.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILE_BYTES_MAX (16u << 20)
#define BACKLOG 1024
#define IDLE_MS 600000 /* clients wait while others have their turn */

typedef struct bare_handler {
    h2o_handler_t super;
    void *data;
} bare_handler_t;

static tm_str_t read_file(const char *path)
{
    FILE *in = fopen(path, "rbe");
    if (in == NULL) {
        perror(path);
        exit(1);
    }
    char *bytes = tm_alloc(FILE_BYTES_MAX);
    const size_t n = fread(bytes, 1, FILE_BYTES_MAX, in);
    fclose(in);
    return tm_str_n(bytes, n);
}

tm_str_t bare_args(int argc, char **argv, uint16_t *ret_port)
{
    int64_t port = 0;
    if (argc < 3 || !tm_str_i64(tm_str(argv[1]), &port) || port < 1 || port > 65535) {
        fprintf(stderr, "usage: %s PORT FILE [LOOPS]\n", argv[0]);
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN);
    *ret_port = (uint16_t)port;
    return read_file(argv[2]);
}

void bare_config(h2o_globalconf_t *config, int (*on_req)(h2o_handler_t *handler, h2o_req_t *req),
                 void *data)
{
    h2o_config_init(config);
    config->http1.req_timeout = config->http2.idle_timeout = IDLE_MS;
    h2o_hostconf_t *host =
        h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    bare_handler_t *handler = (bare_handler_t *)h2o_create_handler(
        h2o_config_register_path(host, "/", 0), sizeof(*handler));
    handler->super.on_req = on_req;
    handler->data = data;
}

void *bare_data(h2o_handler_t *handler)
{
    return ((bare_handler_t *)handler)->data;
}

void bare_answer(h2o_req_t *req, int status, const char *reason, tm_str_t body)
{
    static h2o_generator_t generator;
    req->res.status = status;
    req->res.reason = reason;
    req->res.content_length = body.n;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    h2o_start_response(req, &generator);
    h2o_iovec_t buf = h2o_iovec_init(body.p, body.n);
    h2o_send(req, &buf, 1, H2O_SEND_STATE_FINAL);
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    bare_loop_t *loop = listener->data;
    h2o_socket_t *sock;
    while (err == NULL && (sock = h2o_evloop_socket_accept(listener)) != NULL)
        h2o_accept(&loop->accept, sock);
}

static int open_listener(uint16_t port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    const struct sockaddr_in sa = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    perror("listen");
    exit(1);
}

void bare_loop_init(bare_loop_t *loop, h2o_globalconf_t *config)
{
    *loop = (bare_loop_t){.accept = {.ctx = &loop->ctx, .hosts = config->hosts}};
    h2o_context_init(&loop->ctx, h2o_evloop_create(), config);
}

void bare_loop_run(bare_loop_t *loop, uint16_t port)
{
    const int fd = open_listener(port);
    h2o_socket_t *listener =
        h2o_evloop_socket_create(loop->ctx.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = loop;
    h2o_socket_read_start(listener, on_accept);
    for (;;)
        h2o_evloop_run(loop->ctx.loop, INT32_MAX);
}

/* ---- the one that answers later ---- */

static int on_req(h2o_handler_t *handler, h2o_req_t *req)
{
    bare_t *bare = bare_data(handler);
    waiting_t *waiting = h2o_mem_alloc_pool(&req->pool, sizeof(*waiting));
    *waiting = (waiting_t){.req = req};
    bare->on_body(bare, waiting);
    return 0;
}

static void drop_answer(void *held)
{
    tm_blob_unref(*(tm_blob_t **)held);
}

/* What another core wrote comes while the kernel copies the answer before it. */
static void foresee(const waiting_t *soon, size_t answer_bytes)
{
    if (soon == NULL || soon->answer == NULL)
        return;
    tm_prefetch(soon->req, sizeof(*soon->req));
    tm_prefetch(soon->answer, answer_bytes);
    tm_prefetch(soon->next, sizeof(*soon->next));
}

static void on_wake(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    bare_t *bare = H2O_STRUCT_FROM_MEMBER(bare_t, wake, receiver);
    h2o_linklist_unlink(messages->next);
    /* release: the note may be sent again; partner: the exchange in bare_kept */
    __atomic_store_n(&bare->noted, false, __ATOMIC_RELEASE);
    waiting_t *at = (waiting_t *)tm_stack_take(&bare->kept);
    while (at != NULL) {
        waiting_t *next = at->next; /* its memory may go with the answer */
        tm_str_t body = bare->answer;
        foresee(next, bare->answer.n);
        if (at->answer != NULL) {
            tm_blob_t **held = h2o_mem_alloc_shared(&at->req->pool, sizeof(*held), drop_answer);
            *held = at->answer;
            body = tm_blob_str(at->answer);
        }
        bare_answer(at->req, 201, "Created", body);
        at = next;
    }
}

void bare_kept(bare_t *bare, waiting_t *first, waiting_t *last)
{
    (void)tm_stack_push(&bare->kept, (tm_link_t *)first, (tm_link_t *)last);
    /* acq_rel: one note is under way at a time; partner: the store in on_wake */
    if (!__atomic_exchange_n(&bare->noted, true, __ATOMIC_ACQ_REL))
        h2o_multithread_send_message(&bare->wake, &bare->note);
}

/* ---- its log ---- */

void bare_fail(const char *what)
{
    perror(what);
    exit(1);
}

static int fill(const bare_segments_t *log, uint32_t i, const char *zeros)
{
    char path[sizeof(log->path) + 16];
    snprintf(path, sizeof(path), "%s.%u", log->path, i);
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || pwrite(fd, zeros, BARE_SEGMENT_BYTES, 0) != (ssize_t)BARE_SEGMENT_BYTES ||
        fsync(fd) != 0)
        bare_fail(path);
    return fd;
}

/* One segment is always ready before it is asked for. */
static void filler_main(void *arg)
{
    bare_segments_t *log = arg;
    const char *zeros = tm_zalloc(BARE_SEGMENT_BYTES);
    for (uint32_t i = 0; i < BARE_SEGMENTS_MAX; i++) {
        /* acquire: partner is the release in bare_segment */
        while (i > __atomic_load_n(&log->wanted, __ATOMIC_ACQUIRE) + 1)
            tm_park_wait(&log->filler, -1);
        if (i > 2) /* nobody reads it any more; its pages are the next segment's */
            (void)posix_fadvise(log->fd[i - 3], 0, 0, POSIX_FADV_DONTNEED);
        log->fd[i] = fill(log, i, zeros);
        /* release: its file; partner: the acquire in bare_segment */
        __atomic_store_n(&log->n, i + 1, __ATOMIC_RELEASE);
        tm_park_wake(&log->waiter);
    }
}

int bare_segment(bare_segments_t *log, uint32_t i)
{
    if (i >= BARE_SEGMENTS_MAX) {
        errno = EFBIG;
        bare_fail(log->path);
    }
    if (i > __atomic_load_n(&log->wanted, __ATOMIC_RELAXED)) {
        __atomic_store_n(&log->wanted, i, __ATOMIC_RELEASE);
        tm_park_wake(&log->filler);
    }
    while (i >= __atomic_load_n(&log->n, __ATOMIC_ACQUIRE))
        tm_park_wait(&log->waiter, -1);
    return log->fd[i];
}

void bare_write(int segment, const char *bytes, size_t n, size_t at)
{
    if (pwrite(segment, bytes, n, (off_t)at) != (ssize_t)n || fdatasync(segment) != 0)
        bare_fail("log");
}

uint16_t bare_open(bare_t *bare, int argc, char **argv)
{
    uint16_t port = 0;
    bare->answer = bare_args(argc, argv, &port);
    snprintf(bare->log.path, sizeof(bare->log.path), "%s.log", argv[2]);
    if (tm_thread_start(&bare->log.thread, "filler", filler_main, &bare->log) != TM_OK)
        bare_fail("filler");
    (void)bare_segment(&bare->log, 0);
    return port;
}

void bare_run(bare_t *bare, uint16_t port)
{
    bare_config(&bare->config, on_req, bare);
    bare_loop_init(&bare->loop, &bare->config);
    h2o_multithread_register_receiver(bare->loop.ctx.queue, &bare->wake, on_wake);
    bare_loop_run(&bare->loop, port);
}
