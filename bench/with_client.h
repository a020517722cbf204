/* with_client.h - a load generator: many connections, each asking the next when it is answered,
 * over HTTP/1.1 or h2c.
 *
 * Why:     the client shares the machine with what it measures, so it must cost little: requests
 *          are made before, answers are counted, not parsed further than needed. With a rate it
 *          asks at set times instead.
 * How:     epoll and non-blocking reads. h2c: each of the request's fields goes into the peer's
 *          table with the first request of a connection; from then on a request is its indices, as
 *          browsers do. Every answer's status is checked; the wrong one ends the program.
 * Threads: one. */
#ifndef TM_BENCH_WITH_CLIENT_H
#define TM_BENCH_WITH_CLIENT_H
#include "base/buf.h"

#define CLIENT_FIELDS_MAX 8

typedef struct client_field {
    const char *name, *value;
} client_field_t;

typedef struct client_options {
    uint16_t port;
    bool h2;
    uint32_t connections;
    uint32_t streams; /* h2: requests under way on each */
    const char *path;
    client_field_t fields[CLIENT_FIELDS_MAX]; /* lower-case names; ends with name NULL */
    /* HTTP/1.1 only: the body of the i-th POST; NULL: GET. */
    void (*body)(void *ctx, uint64_t i, tm_buf_t *out);
    void *ctx;
    uint64_t first; /* i of the first body */
    double rate;    /* HTTP/1.1: requests a second, while connections are free; 0: all it can */
    int want;       /* 200, 201 or 304 */
} client_options_t;

typedef struct client_result {
    uint64_t answers, bytes; /* bytes: of bodies */
    double seconds;          /* until the last answer */
    double p50_ms, p99_ms;   /* of answers (HTTP/1.1; 0 otherwise) */
} client_result_t;

typedef struct client client_t;
TM_OWN client_t *client_new(const client_options_t *options); /* connects */
/* Asks for so long, then waits for the last answers. The connections stay. */
client_result_t client_run(client_t *client, double seconds);
void client_free(TM_OWN client_t *client);
#endif
