/* bare_log.c - the smallest libh2o server that keeps what it is sent: every body is on stable
 * storage before its answer, with one file's bytes.
 *
 * Why:     the limit of our durable writes: library, three threads and the disk, nothing else.
 * How:     bench_bare_log PORT FILE [LOOPS]; one loop. Requests wait in a list; the log's thread
 *          takes all, writes their bodies as one piece behind what was written before, fdatasync,
 *          and hands them back to be answered.
 * Threads: the loop, the log, and the one that prepares its next segment. */
#include "base/memory.h"
#include "with_bare.h"
#include <stdio.h>
#include <unistd.h>

typedef struct log {
    bare_t bare; /* first */
    tm_park_t park;
    tm_stack_t asked; /* of waiting_t: loop to log */
} log_t;

static void on_body(bare_t *bare, waiting_t *waiting)
{
    log_t *log = (log_t *)bare;
    if (tm_stack_push(&log->asked, (tm_link_t *)waiting, (tm_link_t *)waiting))
        tm_park_wake(&log->park);
}

static size_t gather(const waiting_t *first, char *bytes, waiting_t **ret_last)
{
    size_t n = 0;
    for (const waiting_t *at = first; at != NULL; at = at->next) {
        const h2o_iovec_t body = at->req->entity;
        if (n + body.len > BARE_SEGMENT_BYTES)
            abort();
        memcpy(bytes + n, body.base, body.len);
        n += body.len;
        *ret_last = (waiting_t *)(uintptr_t)at;
    }
    return n;
}

static void log_main(void *arg)
{
    log_t *log = arg;
    char *bytes = tm_alloc(BARE_SEGMENT_BYTES);
    uint32_t segment = 0;
    size_t at = 0;
    for (;;) {
        waiting_t *last = NULL;
        waiting_t *first = (waiting_t *)tm_stack_take(&log->asked);
        if (first == NULL) {
            tm_park_wait(&log->park, -1);
            continue;
        }
        const size_t n = gather(first, bytes, &last);
        if (at + n > BARE_SEGMENT_BYTES) {
            segment++;
            at = 0;
        }
        bare_write(bare_segment(&log->bare.log, segment), bytes, n, at);
        at += n;
        bare_kept(&log->bare, first, last);
    }
}

int main(int argc, char **argv)
{
    static log_t log; /* one a process, too large for a stack */
    const uint16_t port = bare_open(&log.bare, argc, argv);
    log.bare.on_body = on_body;
    tm_thread_t thread = {0};
    if (tm_thread_start(&thread, "log", log_main, &log) != TM_OK)
        return 1;
    bare_run(&log.bare, port);
}
