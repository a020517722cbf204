/* with_subscribers.h - many event streams that are read and counted, at little cost.
 *
 * Why:     the reader shares the machine with the servers it watches; it must keep up with a
 *          million events a second.
 * How:     epoll, large reads, and a search for the line `event: delta`; nothing else is parsed.
 *          HTTP/1.1: a connection each; h2c: 64 streams a connection.
 * Threads: one. */
#ifndef TM_BENCH_WITH_SUBSCRIBERS_H
#define TM_BENCH_WITH_SUBSCRIBERS_H
#include "with_client.h"

typedef struct subscribers_options {
    uint16_t port;
    bool h2;
    uint32_t n;
    const char *path;
    client_field_t fields[CLIENT_FIELDS_MAX];
} subscribers_options_t;

typedef struct subscribers subscribers_t;
/* Connects all and waits until each has got its first bytes. */
TM_OWN subscribers_t *subscribers_new(const subscribers_options_t *options);
/* Reads until then (seconds on the clock of bench_now_s). */
void subscribers_read(subscribers_t *subs, double until_s);
uint64_t subscribers_deltas(const subscribers_t *subs); /* since the beginning, all together */
uint64_t subscribers_bytes(const subscribers_t *subs);
void subscribers_free(TM_OWN subscribers_t *subs);
#endif
