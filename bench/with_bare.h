/* with_bare.h - the smallest libh2o servers: loops that listen, and one of them that answers later:
 * every body is handed out, every request answered when it comes back.
 *
 * Why:     what stands between the two is the only difference between the limit programs that keep
 *          what they are sent.
 * How:     requests that end before their answer are not provided for.
 * Threads: bare_kept, bare_fail: any. bare_segment, bare_write: the log's. The rest: the loop's. */
#ifndef TM_BENCH_WITH_BARE_H
#define TM_BENCH_WITH_BARE_H
#include "base/blob.h"
#include "base/stack.h"
#include "base/thread.h"
#include <h2o.h>

#define BARE_SEGMENT_BYTES (16u << 20)
#define BARE_SEGMENTS_MAX 4096

/* PORT and FILE of the arguments "PORT FILE [LOOPS]": the bytes of FILE, for ever. Ends the program
 * where that fails. */
tm_str_t bare_args(int argc, char **argv, uint16_t *ret_port);
/* Every request of the one host goes to on_req; bare_data of its handler is data. */
void bare_config(h2o_globalconf_t *config, int (*on_req)(h2o_handler_t *handler, h2o_req_t *req),
                 void *data);
void *bare_data(h2o_handler_t *handler);
void bare_answer(h2o_req_t *req, int status, const char *reason, tm_str_t body);

typedef struct bare_loop {
    h2o_context_t ctx;
    h2o_accept_ctx_t accept;
} bare_loop_t;
void bare_loop_init(bare_loop_t *loop, h2o_globalconf_t *config);
/* Listens on the port, which loops may share. */
_Noreturn void bare_loop_run(bare_loop_t *loop, uint16_t port);

/* ---- the one that answers later ---- */

typedef struct waiting {
    struct waiting *next; /* first: it lies on stacks */
    h2o_req_t *req;
    TM_OWN tm_blob_t *answer; /* NULL: the file's bytes */
} waiting_t;

/* A log that keeps all it was given, as whoever answers "kept" must: files of BARE_SEGMENT_BYTES,
 * each filled with zeros and synced by a thread of its own before it is wanted, so that a sync of
 * what is written there need not touch the file system's own records. */
typedef struct bare_segments {
    char path[512]; /* a segment's number follows */
    int fd[BARE_SEGMENTS_MAX];
    uint32_t n, wanted; /* atomic: ready; the newest that was asked for */
    tm_park_t filler, waiter;
    tm_thread_t thread;
} bare_segments_t;

typedef struct bare {
    h2o_globalconf_t config;
    bare_loop_t loop;
    h2o_multithread_receiver_t wake;
    h2o_multithread_message_t note;
    bool noted;      /* atomic */
    tm_stack_t kept; /* of waiting_t: back to the loop */
    tm_str_t answer;
    bare_segments_t log;
    /* A request with its whole body; in its pool there is room for `waiting`. */
    void (*on_body)(struct bare *bare, waiting_t *waiting);
} bare_t;

/* bare_args, and the log FILE.log.0 and on; the port. Ends the program where that fails. */
uint16_t bare_open(bare_t *bare, int argc, char **argv);
/* The file of segment i, at most one more than the last that was asked for; only the log's writer
 * asks. Waits until it is ready, usually not at all. */
int bare_segment(bare_segments_t *log, uint32_t i);
/* What failed, with errno's text; ends the program. */
_Noreturn void bare_fail(const char *what);
/* Writes n bytes at `at` and syncs. Ends the program where that fails. */
void bare_write(int segment, const char *bytes, size_t n, size_t at);
_Noreturn void bare_run(bare_t *bare, uint16_t port);
/* What a list of requests waited for has happened. */
void bare_kept(bare_t *bare, waiting_t *first, waiting_t *last);
#endif
