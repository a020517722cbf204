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

/* A folder of this run in the working directory, by its absolute name; ends with the program, and
 * everything in it. */
const char *bench_folder(void);

/* `trailmix serve` on the data folder of that name, made if it is not there, with one loop as the
 * bare servers have, and SQLite in the folder. */
server_t server_start(const char *name);
/* The same with so many loops, on that database; NULL: SQLite. */
server_t server_start_on(const char *name, uint32_t loops, const char *database);
/* A bare server: `program` (bench_bare_h2o ...) PORT FILE 1. */
server_t server_start_bare(const char *program, const char *file);
/* Any program that will listen on that port; standard error goes to `name`.log in the folder. */
server_t server_start_program(const char *name, char *const argv[], uint16_t port);
void server_stop(server_t *server);
uint16_t server_free_port(void);
/* The path of another program of the same build. */
void server_program(const char *name, char ret[BENCH_PATH_MAX]);
/* Since its start: all threads, and the processes it started and still has. */
double server_cpu_s(const server_t *server);
double server_resident_bytes(const server_t *server);

/* One request on a connection of its own; body NULL: GET. Ends the program when the status is not
 * the wanted one. */
void server_ask(const server_t *server, const char *path, const char *body, int want,
                tm_buf_t *ret_body);
/* The number after `"name":` in text; ends the program when there is none. */
uint64_t json_number(const tm_buf_t *text, const char *name);
/* Commits that our server has and its database lacks; UINT64_MAX while the database is away. */
uint64_t server_lag(const server_t *server);
/* Waits until the database has everything. */
void server_caught_up(const server_t *server);
/* Makes a campaign; its id goes to ret_id. */
void server_campaign(const server_t *server, char ret_id[BENCH_ID_MAX]);
/* The JSON of the i-th buy line: 400 stations in 20 markets, eight weeks, an order of its own. */
void line_json(const char *campaign, uint64_t i, tm_buf_t *out);
/* Posts such lines until the matrix at `path` has so many bytes; how many lines they were. */
uint64_t server_fill(const server_t *server, const char *path, const char *campaign, size_t bytes,
                     tm_buf_t *matrix);
#endif
