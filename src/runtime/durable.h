/* durable.h - what a durable actor and its runtime consist of. For the files of this folder only.
 *
 * Threads: each field says whose it is: T the worker in the actor's turn, J the journal's thread (whoever calls release),
 *          B boot and stop, when nothing else runs, A atomic, any thread. Everything of T and J is B's too. */
#ifndef TM_RUNTIME_DURABLE_H
#define TM_RUNTIME_DURABLE_H
#include "base/map.h"
#include "base/thread.h"
#include "runtime/idempotency.h"
#include "runtime/outbox.h"
#include "runtime/registry.h"
#include "runtime/runtime.h"
#include "runtime/scheduler.h"
#include "runtime/snapshot.h"
#include "runtime/timer.h"

#define TM_CELL_MAGIC 0xce110001u
#define TM_RUNTIME_MAGIC 0x4c011a01u
#define TM_EFFECT_MAGIC 0xeffec701u
#define TM_TURN_MAGIC 0x70407001u
#define TM_MAILBOX_DEPTH_DEFAULT 10000u
#define TM_OUTBOX_ENTRIES_MAX 10000u
#define TM_COMMIT_BYTES_MAX ((size_t)64 << 20)
#define TM_STAGED_MAX 100000u      /* changes, sends or jobs of one message */

typedef struct tm_cell {           /* a durable actor */
    tm_actor_t actor;              /* first */
    uint32_t magic;
    uint32_t number;
    tm_runtime_t *rt;
    const tm_actor_kind_t *kind;
    void *state;                   /* T */
    tm_ms_t last_at;               /* T: time of the last commit */
    uint64_t commits;              /* T: how many there were, ever */
    uint32_t next_counter;         /* T: of the next id it makes */
    uint32_t depth_seen;           /* T: deepest mailbox at the begin of a turn */
    tm_map_t marks;                /* T: sender -> number of the last durable send taken from it */
    tm_map_t seqs;                 /* T: receiver -> number of the last durable send to it */
    tm_outbox_t outbox;            /* J */
    uint32_t outbox_n;             /* A: sends committed and not yet covered by a durable mark of the receiver */
    uint32_t blocked_n;            /* J: channels that wait for room in this actor's mailbox */
    struct tm_effect *held, *held_last; /* J: released commits of a turn whose end is not yet durable */
    tm_due_t due;                  /* under the lock of the timers */
    tm_slot_t snapshot;            /* A */
} tm_cell_t;

typedef struct tm_job_effect {
    struct tm_job_effect *next;
    uint16_t type;
    const tm_desc_t *desc;
    uint32_t n;
    char bytes[];                  /* the record, binary */
} tm_job_effect_t;

/* A commit and what leaves when it is durable. */
typedef struct tm_effect {
    tm_commit_t commit;            /* first */
    uint32_t magic;
    bool last;                     /* of its turn: snapshot, live event and the turn's answers leave after it */
    bool changed;                  /* the turn changed something: there is a live event */
    bool repeat;                   /* the answer is the one of the commit that took idem_key */
    bool names_key;                /* this commit took idem_key */
    tm_cell_t *cell;
    tm_entry_t *sends;             /* oldest first */
    tm_job_effect_t *jobs;
    uint32_t mark_from;            /* 0: takes no durable send */
    uint64_t mark_seq;
    uint32_t rewind_from;          /* a send of that actor could not be taken: give it again later */
    tm_idem_key_t idem_key;
    void *snapshot;                /* NULL: none */
    tm_reply_to_t to;
    tm_err_t err;
    int status;                    /* 0 and no err: nobody is answered */
    int64_t version;
    tm_blob_t *body;
    char *location;
    tm_why_t *why;
    struct tm_effect *held_next;
} tm_effect_t;

typedef struct tm_staged {         /* a record in turn->bytes */
    uint8_t op;
    uint16_t type;                 /* job */
    const tm_desc_t *desc;
    tm_id_t id;
    size_t at, n;
} tm_staged_t;

struct tm_turn {                   /* one a worker */
    uint32_t magic;
    uint32_t actor;
    tm_runtime_t *rt;
    tm_cell_t *cell;               /* NULL: between turns */
    const tm_message_t *msg;       /* NULL: outside of decide */
    tm_arena_t *arena;
    tm_ms_t now;
    uint32_t counter;
    tm_buf_t bytes;                /* staged records */
    tm_staged_t *changes, *jobs;   /* grown, bounded by TM_STAGED_MAX */
    uint32_t n_changes, changes_cap, n_jobs, jobs_cap;
    tm_commit_send_t *sends;       /* bytes.p holds an offset into `bytes` until decide returned */
    uint32_t n_sends, sends_cap;
    tm_err_t err;
    int status;
    int64_t version;
    tm_blob_t *body;
    char *location;
    tm_why_t *why;
    tm_effect_t *first, *last;     /* the turn's commits so far */
    bool changed;                  /* some commit of the turn changed the state */
    bool due_stale;                /* the timer must be set again */
    bool timer_handled;            /* a message of the timer was among the messages */
    uint32_t messages, commits;
};

struct tm_runtime {
    uint32_t magic;
    tm_runtime_options_t options;
    uint32_t depth_max;
    tm_scheduler_t *sched;
    tm_turn_t *turns;              /* [workers] */
    tm_registry_t *registry;
    tm_epochs_t *epochs;
    tm_idem_t *idem;
    tm_timers_t *timers;
    tm_channel_t *blocked;         /* J: channels that wait, in no order */
    uint32_t waiting_n;            /* A: how many */
    bool started;                  /* B */
    bool stopping;                 /* A */
    uint64_t under_way;            /* A: messages in mailboxes and commits that are not released */
    uint64_t messages, commits, outbox_n; /* A: statistics */
    uint32_t depth_seen;           /* A: statistics */
    tm_park_t stop_park, tick_park;
    tm_thread_t ticker;
    bool ticker_stop;              /* A */
    tm_arena_t *scratch;           /* B: replay; J: payloads of jobs */
};

/* cell.c */
tm_cell_t *tm_cell_ensure(tm_runtime_t *rt, const tm_actor_kind_t *kind, uint32_t actor);
void tm_cell_free(tm_cell_t *cell);
const tm_actor_kind_t *tm_kind_by_number(const tm_runtime_t *rt, uint16_t number); /* NULL: unknown */
/* Applies a commit's changes, counters and marks. The same for a turn and for replay. Errors: TM_EDAMAGED, TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_cell_apply(tm_cell_t *cell, const tm_commit_view_t *view, bool replay, tm_arena_t *arena,
                                     tm_why_t *why);
uint64_t tm_cell_mark(const tm_cell_t *cell, uint32_t from);
/* turn.c */
void tm_turn_init(tm_turn_t *turn, tm_runtime_t *rt);
void tm_turn_done(tm_turn_t *turn);
/* handle.c */
extern const tm_behaviour_t tm_cell_behaviour;
/* release.c */
tm_effect_t *tm_effect_new(tm_cell_t *cell);
void tm_effect_free(TM_OWN tm_effect_t *effect);
void tm_effect_release(tm_commit_t *commit);
/* Sends what the outbox of a channel holds, as far as the receiver's mailbox takes it. J. */
void tm_channel_deliver(tm_runtime_t *rt, tm_channel_t *channel);
/* Lets the journal's thread look at every channel that waits. Any thread. */
void tm_release_retry(tm_runtime_t *rt);
/* runtime.c: one thing is under way, or no longer. */
void tm_under_way_add(tm_runtime_t *rt, uint64_t n);
void tm_under_way_sub(tm_runtime_t *rt, uint64_t n);
#endif
