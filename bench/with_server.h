/* with_server.h - a server of ours, or a bare one, as a child process: started, asked, measured,
 * ended.
 *
 * How:     programs are looked for beside the benchmark, in the same build folder. The child's
 *          CPU time comes from its own clock, exact to the nanosecond, all threads together.
 * Threads: one. */
#ifndef TM_BENCH_WITH_SERVER_H
#define TM_BENCH_WITH_SERVER_H
#include "base/buf.h"
#include <sys/types.h>

#define BENCH_KEY "bench-key-of-one-run"
#define BENCH_PATH_MAX 512
#define BENCH_ID_MAX 32

typedef struct server {
    pid_t pid;
    uint16_t port;
} server_t;

/* A folder of this run in the working directory; ends with the program, and everything in it. */
const char *bench_folder(void);

/* `trailmix serve` with an empty data folder of that name, one loop as the bare servers have. */
server_t server_start(const char *name);
/* A bare server: `program` (bench_bare_h2o ...) PORT FILE 1. */
server_t server_start_bare(const char *program, const char *file);
void server_stop(server_t *server);
double server_cpu_s(const server_t *server); /* since its start */

/* One request on a connection of its own; body NULL: GET. Ends the program when the status is not
 * the wanted one. */
void server_ask(const server_t *server, const char *path, const char *body, int want,
                tm_buf_t *ret_body);
/* Makes a campaign; its id goes to ret_id. */
void server_campaign(const server_t *server, char ret_id[BENCH_ID_MAX]);
/* The JSON of the i-th buy line: 400 stations in 20 markets, eight weeks, an order of its own. */
void line_json(const char *campaign, uint64_t i, tm_buf_t *out);
#endif
