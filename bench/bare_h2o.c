/* bare_h2o.c - the smallest libh2o server there is: one file's bytes for every request, HTTP/1.1
 * and h2c, one loop a core.
 *
 * Why:     the limit our own server is measured against: what it costs beyond this is ours.
 * How:     bench_bare_h2o PORT FILE [LOOPS]; answers until it is killed.
 * Threads: each loop its own context and listener. */
#include "with_bare.h"
#include <stdio.h>

#define LOOPS_MAX 64

typedef struct limit {
    h2o_globalconf_t config;
    uint16_t port;
    tm_str_t bytes;
} limit_t;

static int on_req(h2o_handler_t *handler, h2o_req_t *req)
{
    const limit_t *limit = bare_data(handler);
    bare_answer(req, 200, "OK", limit->bytes);
    return 0;
}

static void loop_main(void *arg)
{
    limit_t *limit = arg;
    bare_loop_t loop;
    bare_loop_init(&loop, &limit->config);
    bare_loop_run(&loop, limit->port);
}

int main(int argc, char **argv)
{
    limit_t limit = {.port = 0};
    limit.bytes = bare_args(argc, argv, &limit.port);
    int64_t loops = tm_thread_cpus();
    if ((argc > 3 && !tm_str_i64(tm_str(argv[3]), &loops)) || loops < 1 || loops > LOOPS_MAX) {
        fprintf(stderr, "bench_bare_h2o: LOOPS is a number up to %d\n", LOOPS_MAX);
        return 2;
    }
    bare_config(&limit.config, on_req, &limit);
    tm_thread_t threads[LOOPS_MAX] = {{0}};
    for (int64_t i = 0; i < loops; i++) {
        if (tm_thread_start(&threads[i], "bare", loop_main, &limit) != TM_OK)
            return 1;
    }
    for (int64_t i = 0; i < loops; i++)
        tm_thread_join(&threads[i]);
    return 0;
}
