/* runtime.h - all actors of a process: created, found, scheduled on workers, replayed, hashed,
 * stopped.
 *
 * Why:     edges and app meet actors here and only here.
 * How:     mailboxes (runtime/mailbox.h) feed run queues of workers (runtime/scheduler.h); durable
 *          effects in release order.
 * Threads: post and snapshot: any thread. The rest: app, before start or after stop. */
#ifndef TM_RUNTIME_RUNTIME_H
#define TM_RUNTIME_RUNTIME_H
#include "base/digest.h"
#include "runtime/commit.h"
#include "runtime/turn.h"

typedef struct tm_runtime tm_runtime_t;
typedef struct tm_runtime_options {
    const tm_actor_kind_t *const *kinds; /* NULL-terminated */
    const tm_message_kind_t *messages;   /* index = type */
    uint32_t n_messages;
    /* 0: no threads, tm_runtime_step runs turns (simulation, replay) */
    uint32_t workers;
    /* messages from edges beyond it: TM_EBUSY; 0: 10,000 */
    uint32_t mailbox_depth_max;
    /* bytes that one actor may have in the journal and not yet durable: more of its messages are
     * TM_EBUSY; 0: no limit of its own, the journal's room alone */
    uint64_t pending_bytes_max;
    uint64_t mail_bytes_max; /* of all mailboxes; 0: TM_MAIL_BYTES_MAX */
    tm_env_t env;
} tm_runtime_options_t;

TM_OWN tm_runtime_t *tm_runtime_new(const tm_runtime_options_t *options);
/* Stopped before, and the journal's thread has ended (its last release may still be returning when
 * stop returns). */
void tm_runtime_free(TM_OWN tm_runtime_t *rt);

/* Replay: applies one durable commit (in order of numbers). Errors: TM_EDAMAGED unknown kind,
 * entity or bytes. */
TM_MUST_CHECK tm_err_t tm_runtime_replay(tm_runtime_t *rt, uint64_t number, tm_str_t body,
                                         tm_why_t *why);
/* The same of a commit that somebody else decoded; what it points to stays until this returns. */
TM_MUST_CHECK tm_err_t tm_runtime_replay_view(tm_runtime_t *rt, uint64_t number,
                                              const tm_commit_view_t *view, tm_why_t *why);
/* This commit is replayed soon, the sooner the higher the step: its own bytes (0), then what it
 * will look up (1, 2) is fetched into the cache. */
void tm_runtime_foresee(tm_runtime_t *rt, const tm_commit_view_t *view, uint32_t step);
/* After replay, once: outboxes above the receivers' marks are sent again, timers set, snapshots
 * published, workers started. */
TM_MUST_CHECK tm_err_t tm_runtime_start(tm_runtime_t *rt);
/* No new messages from edges (TM_ESTOPPING), runs until every mailbox is empty and every commit
 * released, joins the workers. */
void tm_runtime_stop(tm_runtime_t *rt);
/* Frees a pushed commit that will never be durable: nothing of it leaves. For a journal that is
 * thrown away (a simulated crash). */
void tm_runtime_drop(TM_OWN tm_commit_t *commit);
/* With workers 0: runs one turn of a ready actor chosen by `pick` (any number); false: nothing was
 * ready. */
bool tm_runtime_step(tm_runtime_t *rt, uint64_t pick);
/* Sends TM_MSG_TIMER to actors that are due. Called by a ticker thread of the runtime, or by the
 * simulation. */
void tm_runtime_tick(tm_runtime_t *rt, tm_ms_t now);

/* Makes an actor if it is not there. Fixed actors are made by the app before start; others by
 * durable sends. */
void tm_runtime_ensure(tm_runtime_t *rt, uint16_t kind, uint32_t actor);
bool tm_runtime_has(tm_runtime_t *rt, uint32_t actor);
/* Moves a message into an actor's mailbox. Errors (message freed): TM_ENOTFOUND, TM_EBUSY,
 * TM_ESTOPPING. */
TM_MUST_CHECK tm_err_t tm_runtime_post(tm_runtime_t *rt, uint32_t actor, TM_OWN tm_message_t *msg);
/* Actors of one posting thread that have messages and whose workers do not know it yet. All zeros:
 * none. */
typedef struct tm_wakes {
    struct tm_actor *first, *last;
    uint32_t posted; /* messages since the workers were told */
} tm_wakes_t;
/* The same for a thread that posts many at once: the workers are told by tm_runtime_wake, which
 * must follow before the thread sleeps. wakes NULL: at once. */
TM_MUST_CHECK tm_err_t tm_runtime_post_held(tm_runtime_t *rt, uint32_t actor,
                                            TM_OWN tm_message_t *msg, tm_wakes_t *wakes);
void tm_runtime_wake(tm_runtime_t *rt, tm_wakes_t *wakes);
/* The newest durable snapshot of an actor with a reference for the caller (tm_shared_unref), NULL:
 * none. Wait-free. */
TM_OWN void *tm_runtime_snapshot(tm_runtime_t *rt, uint32_t actor);

/* Hash of all facts: actors by number, each by its kind's hash, counters and marks. Not while
 * workers run. */
tm_sha256_t tm_runtime_hash(tm_runtime_t *rt);
/* The picture (NULL: none) of every actor that committed anything, made now, by ascending number.
 * Not while workers run. */
typedef void tm_picture_fn(void *ctx, uint32_t actor, const void *picture);
void tm_runtime_pictures(tm_runtime_t *rt, tm_picture_fn *each, void *ctx);
typedef struct tm_runtime_stats {
    uint64_t actors, messages, commits, mailbox_depth_max, mail_bytes, outbox;
} tm_runtime_stats_t;
void tm_runtime_stats(tm_runtime_t *rt, tm_runtime_stats_t *ret);
#endif
