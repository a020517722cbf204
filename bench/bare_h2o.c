/* bare_h2o.c - the smallest libh2o server there is: one file's bytes for every request, HTTP/1.1
 * and h2c, one loop a core.
 *
 * Why:     the limit our own server is measured against: what it costs beyond this is ours.
 * How:     bench_bare_h2o PORT FILE [LOOPS]; answers until it is killed.
 * Threads: each loop its own context and listener. */
#include "base/memory.h"
#include "base/thread.h"
#include <arpa/inet.h>
#include <h2o.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#define FILE_BYTES_MAX (16u << 20)
#define BACKLOG 1024
#define LOOPS_MAX 64

typedef struct bare {
    h2o_globalconf_t config;
    uint16_t port;
    char *bytes;
    size_t n;
} bare_t;

typedef struct bare_handler {
    h2o_handler_t super;
    const bare_t *bare;
} bare_handler_t;

typedef struct bare_loop {
    h2o_context_t ctx;
    h2o_accept_ctx_t accept;
    bare_t *bare;
} bare_loop_t;

static int on_req(h2o_handler_t *handler, h2o_req_t *req)
{
    static h2o_generator_t generator;
    const bare_t *bare = ((bare_handler_t *)handler)->bare;
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = bare->n;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    h2o_start_response(req, &generator);
    h2o_iovec_t buf = h2o_iovec_init(bare->bytes, bare->n);
    h2o_send(req, &buf, 1, H2O_SEND_STATE_FINAL);
    return 0;
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

static void loop_main(void *arg)
{
    bare_loop_t loop = {.bare = arg};
    h2o_context_init(&loop.ctx, h2o_evloop_create(), &loop.bare->config);
    loop.accept = (h2o_accept_ctx_t){.ctx = &loop.ctx, .hosts = loop.bare->config.hosts};
    const int fd = open_listener(loop.bare->port);
    h2o_socket_t *listener = h2o_evloop_socket_create(loop.ctx.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = &loop;
    h2o_socket_read_start(listener, on_accept);
    for (;;)
        h2o_evloop_run(loop.ctx.loop, INT32_MAX);
}

static void read_file(bare_t *bare, const char *path)
{
    FILE *in = fopen(path, "rbe");
    bare->bytes = tm_alloc(FILE_BYTES_MAX);
    bare->n = in == NULL ? 0 : fread(bare->bytes, 1, FILE_BYTES_MAX, in);
    if (in == NULL) {
        perror(path);
        exit(1);
    }
    fclose(in);
}

int main(int argc, char **argv)
{
    int64_t port = 0;
    int64_t loops = tm_thread_cpus();
    if (argc < 3 || !tm_str_i64(tm_str(argv[1]), &port) || port < 1 || port > 65535 ||
        (argc > 3 && !tm_str_i64(tm_str(argv[3]), &loops)) || loops < 1 || loops > LOOPS_MAX) {
        fprintf(stderr, "usage: bench_bare_h2o PORT FILE [LOOPS]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    bare_t bare = {.port = (uint16_t)port};
    read_file(&bare, argv[2]);
    h2o_config_init(&bare.config);
    h2o_hostconf_t *host =
        h2o_config_register_host(&bare.config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    bare_handler_t *handler = (bare_handler_t *)h2o_create_handler(
        h2o_config_register_path(host, "/", 0), sizeof(*handler));
    handler->super.on_req = on_req;
    handler->bare = &bare;
    tm_thread_t threads[LOOPS_MAX] = {{0}};
    for (int64_t i = 0; i < loops; i++) {
        if (tm_thread_start(&threads[i], "bare", loop_main, &bare) != TM_OK)
            return 1;
    }
    for (int64_t i = 0; i < loops; i++)
        tm_thread_join(&threads[i]);
    return 0;
}
