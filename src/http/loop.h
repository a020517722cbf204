/* loop.h - what the HTTP layer shares inside: the server, its loops, their connections.
 *
 * Why:     h2o's objects belong to one thread; everything a loop owns hangs here and is touched by
 *          that thread alone.
 * How:     other threads reach a loop only through `inbox` (base/stack.h), `dirty` (bits of
 *          actors with news) and a wake-up.
 * Threads: tm_http_t is constant after start but for the atomics and what sessions.h, rate.h
 *          and views.h lock. tm_loop_t: its thread. */
#ifndef TM_HTTP_LOOP_H
#define TM_HTTP_LOOP_H
#include "base/coded.h"
#include "base/map.h"
#include "base/stack.h"
#include "base/thread.h"
#include "http/limits.h"
#include "http/server.h"
#include <h2o.h>

#define TM_HTTP_MAGIC 0x7e117701u
#define TM_LOOP_MAGIC 0x7e117702u
#define TM_LISTEN_MAX 8
#define TM_LOOPS_MAX 256
#define TM_ADDRESS_SLOTS 65536u  /* power of two */
#define TM_WAITING_SLOTS 4096u   /* power of two */
#define TM_WAITING_PARTS_MAX 64u /* a loop's part of ACTOR_WAITING_MAX is never less */
#define TM_NEWS_WORDS 64u        /* 4,096 bits; an actor's bit is its number modulo that */

struct tm_call;
struct tm_live;
struct tm_parcel;
struct tm_parcels;
struct tm_views;
struct tm_meanings;
struct tm_conn;
typedef struct tm_loop tm_loop_t;

typedef struct tm_slot {
    uint64_t generation;
    struct tm_call *call; /* NULL: free */
    uint32_t next_free;
} tm_slot_t;

struct tm_loop {
    uint32_t magic, index;
    tm_http_t *http;
    tm_thread_t thread;
    h2o_context_t ctx;
    h2o_accept_ctx_t accept;
    h2o_multithread_receiver_t wake;
    h2o_multithread_message_t note; /* what a wake-up sends */
    bool noted;                     /* A: it is under way */
    bool swept;                     /* the last turn wrote after its callbacks */
    int listen_fds[TM_LISTEN_MAX];
    h2o_socket_t *listeners[TM_LISTEN_MAX]; /* NULL: not reading */
    struct tm_conn *conns;
    uint32_t n_conns;
    bool full; /* listeners are paused */
    h2o_timeout_t answer_wait, retry_wait;
    tm_slot_t *slots;
    uint32_t n_slots, free_slot, n_waiting, n_retrying;
    uint16_t waiting_of[TM_WAITING_SLOTS];  /* by actor's number */
    struct tm_call *line_first, *line_last; /* turns.c: writes that are to be handled */
    uint32_t n_line, writes;                /* writes: handled in this turn */
    struct tm_parcel *ready;                /* answers taken from the inbox, oldest first */
    uint64_t bodies_at;                     /* ms of the loop's clock: the next look at bodies */
    tm_map_t topics;                        /* actor -> tm_topic_t */
    struct tm_meanings *meanings;
    uint32_t n_live;
    uint64_t second, stop_at; /* the loop's clock */
    bool stopping;
    tm_stack_t inbox;                             /* of tm_parcel */
    struct tm_parcel *gathered, *gathered_oldest; /* the journal's thread's: not yet in it */
    struct tm_parcels *parcels;       /* where they lie; NULL: the next needs a new block */
    uint64_t interest[TM_NEWS_WORDS]; /* atomic: which actors have subscribers here */
    uint64_t dirty[TM_NEWS_WORDS];    /* atomic: which have news */
    uint32_t has_dirty;               /* atomic */
    bool awake;                       /* atomic: the receiver is registered */
    tm_wakes_t wakes;                 /* workers that are told at the end of the turn */
    uint64_t random, request_count;   /* for request ids */
};

struct tm_http {
    uint32_t magic;
    tm_http_options_t options; /* strings copied */
    tm_listen_t *listen;
    uint16_t ports[TM_LISTEN_MAX];
    uint32_t n_loops, n_started;
    tm_loop_t **loops;
    tm_runtime_t *rt;
    h2o_globalconf_t config;
    SSL_CTX *ssl;
    size_t body_bytes_max;
    uint64_t bodies_max; /* of all requests of a loop */
    /* as in limits.def; tests shorten them before start */
    uint64_t head_wait_ms, answer_wait_ms, heartbeat_ms, stall_ms;
    struct tm_sessions *sessions;
    struct tm_rate_windows *rates;
    struct tm_as_of *as_of;
    struct tm_pages *pages;
    struct tm_views *views;
    tm_blob_t *openapi;
    tm_coded_t openapi_coded;
    uint32_t n_packings; /* atomic; see coding.h */
    uint32_t *addresses; /* atomic counters by hash of the address */
    uint64_t *strikes;   /* atomic, by the same hash: abuse of late, see conn.c */
    uint64_t address_seed;
    int64_t stop_limit_ms;
    uint32_t stopping; /* atomic */
};

/* The handler of one loop's thread; creates context, queue and sockets there and runs until
 * stopped. */
void tm_loop_main(void *loop);
void tm_loop_wake(tm_loop_t *loop); /* any thread */
/* Milliseconds of the loop's clock, once a turn. */
static inline uint64_t tm_loop_now(const tm_loop_t *loop)
{
    return h2o_now(loop->ctx.loop);
}
#endif
