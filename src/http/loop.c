/* loop.c - one event loop: its context, its turns, its orderly end.
 *
 * Why:     h2o's buffers recycle through lists of the thread that made them, so everything of a
 *          loop is made on its thread.
 * How:     a turn is one poll with its callbacks, then the answers and news other threads left.
 *          Stopping: listeners close, GOAWAY, event streams end, idle HTTP/1 connections are cut;
 *          then turns until all is answered or the time is up.
 * Threads: its own. tm_loop_wake: any. */
#include "http/loop.h"
#include "base/digest.h"
#include "base/log.h"
#include "http/answers.h"
#include "http/call.h"
#include "http/listener.h"
#include "http/live.h"
#include "http/turns.h"

#define TURN_MS 1000
#define STOP_TURN_MS 20
#define CUT_GRACE_MS 500

/* Runs among the loop's own callbacks: a write that ends at once finds its completion run in the
 * same turn. After the turn it would wait for the next poll, up to TURN_MS. */
static void on_wake(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    tm_loop_t *loop = H2O_STRUCT_FROM_MEMBER(tm_loop_t, wake, receiver);
    assert(messages->next == &loop->note.link);
    h2o_linklist_unlink(&loop->note.link);
    /* release: the note may be sent again; partner: the exchange in tm_loop_wake. */
    __atomic_store_n(&loop->noted, false, __ATOMIC_RELEASE);
    tm_answers_deliver(loop);
    tm_live_deliver(loop);
}

void tm_loop_wake(tm_loop_t *loop)
{
    /* acquire: partner is the release in begin; before it the loop looks by itself. */
    if (!__atomic_load_n(&loop->awake, __ATOMIC_ACQUIRE))
        return;
    /* acq_rel: one note is under way at a time; partner: the store in on_wake. */
    if (!__atomic_exchange_n(&loop->noted, true, __ATOMIC_ACQ_REL))
        h2o_multithread_send_message(&loop->wake, &loop->note);
}

static void begin(tm_loop_t *loop)
{
    tm_http_t *http = loop->http;
    h2o_context_init(&loop->ctx, h2o_evloop_create(), &http->config);
    h2o_multithread_register_receiver(loop->ctx.queue, &loop->wake, on_wake);
    h2o_timeout_init(loop->ctx.loop, &loop->answer_wait, http->answer_wait_ms);
    h2o_timeout_init(loop->ctx.loop, &loop->retry_wait, TM_RETRY_MS);
    loop->accept =
        (h2o_accept_ctx_t){.ctx = &loop->ctx, .hosts = http->config.hosts, .ssl_ctx = http->ssl};
    loop->free_slot = TM_NO_SLOT;
    tm_random_bytes(&loop->random, sizeof(loop->random));
    tm_listener_start(loop);
    /* release: the receiver is ready; partner: tm_loop_wake. */
    __atomic_store_n(&loop->awake, true, __ATOMIC_RELEASE);
}

static void turn(tm_loop_t *loop, int32_t wait_ms)
{
    const bool more = loop->swept || loop->n_line > 0 || loop->ready != NULL;
    h2o_evloop_run(loop->ctx.loop, more ? 0 : wait_ms);
    /* What these two write completes in a turn that does not wait. */
    loop->swept = loop->n_line > 0 || loop->ready != NULL;
    tm_turns_go_on(loop);
    if (loop->ready != NULL)
        tm_answers_deliver(loop);
    tm_runtime_wake(loop->http->rt, &loop->wakes);
    if (loop->stopping) {
        tm_answers_deliver(loop); /* the last turns are short; nothing is missed between wake-ups */
        tm_live_deliver(loop);
    }
    tm_conn_look_at_bodies(loop);
    const uint64_t second = tm_loop_now(loop) / 1000;
    if (second == loop->second)
        return;
    loop->second = second;
    loop->swept = true; /* what the sweeps wrote completes in a turn that does not wait */
    tm_live_sweep(loop);
    tm_conn_sweep(loop);
}

static void begin_stop(tm_loop_t *loop)
{
    loop->stopping = true;
    loop->stop_at = tm_loop_now(loop) + (uint64_t)loop->http->stop_limit_ms;
    tm_listener_stop(loop);
    h2o_context_request_shutdown(&loop->ctx);
    tm_live_end(loop);
}

/* Idle HTTP/1 connections are not told by the library. */
static void cut_idle(tm_loop_t *loop, bool all)
{
    for (tm_conn_t *conn = loop->conns; conn != NULL; conn = conn->next) {
        if (all || (!conn->http2 && conn->running == 0))
            tm_conn_cut(conn);
    }
}

static void end(tm_loop_t *loop)
{
    /* No wake-ups from here on. The context stays: others may still be about to wake it, and it
     * belongs to this thread. */
    __atomic_store_n(&loop->awake, false, __ATOMIC_RELEASE);
    turn(loop, 0); /* the library frees closed sockets one turn later */
    if (loop->conns != NULL) {
        tm_log(TM_LOG_WARN, "http_stop", "loop %u: %u connections left open", loop->index,
               loop->n_conns);
    } else if (loop->ctx._timestamp_cache.value != NULL) {
        h2o_mem_release_shared(
            loop->ctx._timestamp_cache.value);   /* the context's only piece that */
        loop->ctx._timestamp_cache.value = NULL; /* no list of the thread keeps */
    }
}

void tm_loop_main(void *arg)
{
    tm_loop_t *loop = arg;
    TM_CHECK(loop, TM_LOOP_MAGIC);
    begin(loop);
    /* acquire: partner is the release in tm_http_stop. */
    while (!__atomic_load_n(&loop->http->stopping, __ATOMIC_ACQUIRE))
        turn(loop, TURN_MS);
    begin_stop(loop);
    while (loop->conns != NULL && tm_loop_now(loop) < loop->stop_at) {
        cut_idle(loop, false);
        turn(loop, STOP_TURN_MS);
    }
    const uint64_t last = tm_loop_now(loop) + CUT_GRACE_MS;
    while (loop->conns != NULL && tm_loop_now(loop) < last) {
        cut_idle(loop, true);
        turn(loop, STOP_TURN_MS);
    }
    end(loop);
}
