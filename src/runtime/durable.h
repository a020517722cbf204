/* durable.h - what a durable actor and its runtime consist of. For the files of this folder only.
 *
 * Threads: each field says whose it is: T the worker in the actor's turn, J the journal's thread
 *          (whoever calls release), B boot and stop, when nothing else runs, A atomic, any thread.
 *          Everything of T and J is B's too. */
#ifndef TM_RUNTIME_DURABLE_H
#define TM_RUNTIME_DURABLE_H
#include "base/map.h"
#include "base/thread.h"
#include "runtime/idempotency.h"
#include "runtime/limits.h"
#include "runtime/outbox.h"
#include "runtime/registry.h"
#include "runtime/runtime.h"
#include "runtime/scheduler.h"
#include "runtime/snapshot.h"
#include "runtime/timer.h"

#define TM_CELL_MAGIC 0xce110001u
#define TM_RUNTIME_MAGIC 0x4c011a01u

/* What is durable of an actor besides its picture and its channels. */
typedef struct tm_durable {
    tm_ms_t last_at;
    uint64_t commits;
    uint32_t next_counter;
} tm_durable_t;

typedef struct tm_cell { /* a durable actor */
    tm_actor_t actor;    /* first */
    uint32_t magic;
    uint32_t number;
    tm_runtime_t *rt;
    const tm_actor_kind_t *kind;
    void *state;           /* T */
    tm_ms_t last_at;       /* T: time of the last commit */
    uint64_t commits;      /* T: how many there were, ever */
    uint32_t next_counter; /* T: of the next id it makes */
    uint32_t depth_seen;   /* T: deepest mailbox at the begin of a turn */
    tm_map_t marks;        /* T: sender -> number of the last durable send taken from it */
    tm_map_t seqs;         /* T: receiver -> number of the last durable send to it */
    tm_outbox_t outbox;    /* J */
    tm_durable_t durable;  /* J */
    /* A: sends committed and not yet covered by a durable mark of the receiver */
    uint32_t outbox_n;
    uint32_t blocked_n;     /* J: channels that wait for room in this actor's mailbox */
    uint64_t mail_bytes;    /* A: arenas of the messages in its mailbox */
    uint64_t pending_bytes; /* A: its commits that are not released */
    uint32_t pending_n;     /* A: how many, those without bytes included */
    /* J: released commits of a turn whose end is not yet durable */
    struct tm_effect *held, *held_last;
    tm_due_t due;       /* under the lock of the timers */
    tm_slot_t snapshot; /* A */
} tm_cell_t;

struct tm_runtime {
    uint32_t magic;
    tm_runtime_options_t options;
    uint32_t depth_max;
    tm_scheduler_t *sched;
    tm_turn_t *turns; /* [workers] */
    tm_registry_t *registry;
    tm_epochs_t *epochs;
    tm_idem_t *idem;
    tm_timers_t *timers;
    uint64_t number;       /* J: of the last durable commit */
    tm_cell_t *restoring;  /* B: whose parts of a checkpoint come next */
    tm_channel_t *blocked; /* J: channels that wait, in no order */
    uint32_t waiting_n;    /* A: how many */
    bool started;          /* B */
    bool stopping;         /* A */
    uint64_t under_way;    /* A: messages in mailboxes and commits that are not released */
    uint64_t mail_bytes;   /* A: of all mailboxes */
    uint64_t messages, commits, outbox_n; /* A: statistics */
    uint32_t depth_seen;                  /* A: statistics */
    tm_park_t stop_park, tick_park;
    tm_thread_t ticker;
    bool ticker_stop;    /* A */
    tm_arena_t *scratch; /* B: replay; J: payloads of jobs */
};

/* cell.c */
tm_cell_t *tm_cell_ensure(tm_runtime_t *rt, const tm_actor_kind_t *kind, uint32_t actor);
void tm_cell_free(tm_cell_t *cell);
/* NULL: unknown */
const tm_actor_kind_t *tm_kind_by_number(const tm_runtime_t *rt, uint16_t number);
/* Applies a commit's changes, counters and marks. The same for a turn and for replay. Errors:
 * TM_EDAMAGED, TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_cell_apply(tm_cell_t *cell, const tm_commit_view_t *view, bool replay,
                                     tm_arena_t *arena, tm_why_t *why);
/* 0: it took nothing from that actor yet */
uint64_t tm_cell_mark(const tm_cell_t *cell, uint32_t from);
/* hash.c: one actor's facts. marks, seqs: by actor; picture NULL: nothing was ever published. */
typedef struct tm_pair {
    uint64_t key, value;
} tm_pair_t;
typedef struct tm_facts {
    uint32_t number;
    const tm_actor_kind_t *kind;
    tm_durable_t durable;
    const tm_pair_t *marks, *seqs;
    uint32_t n_marks, n_seqs;
    const void *picture;
} tm_facts_t;
void tm_facts_hash(const tm_facts_t *facts, tm_sha256_ctx_t *ctx);
/* runtime.c: bytes of messages in an actor's mailbox come and go. */
void tm_mail_add(tm_cell_t *cell, uint64_t bytes);
void tm_mail_sub(tm_cell_t *cell, uint64_t bytes);
/* handle.c */
extern const tm_behaviour_t tm_cell_behaviour;
/* runtime.c: so many things are under way, or no longer. */
void tm_under_way_add(tm_runtime_t *rt, uint64_t n);
void tm_under_way_sub(tm_runtime_t *rt, uint64_t n);
#endif
