/* turn.h - what an actor kind is, and what it may do while it handles a message.
 *
 * Why:     state changes only in apply(change), from the journal or live alike; nothing leaves
 *          before it is durable.
 * How:     decide reads state and message and stages changes (records), sends, jobs and one answer.
 *          The runtime reserves room in the journal, applies the changes, calls committed, and
 *          hands the commit to the journal; effects leave when it is durable.
 * Threads: the worker that runs the actor. */
#ifndef TM_RUNTIME_TURN_H
#define TM_RUNTIME_TURN_H
#include "base/buf.h"
#include "runtime/env.h"
#include "runtime/message.h"

typedef struct tm_turn tm_turn_t;

enum {
    TM_CHANGE_PUT = 1 /* the whole record, new or replaced */,
    TM_CHANGE_PATCH = 2 /* the touched fields */
};
typedef struct tm_change {
    uint8_t op;                /* TM_CHANGE_* */
    const tm_desc_t *desc;     /* which entity */
    tm_id_t id;                /* of the record */
    /* PUT: the record. PATCH: a record that holds the new values of touched fields; borrowed */
    const void *record;
    /* PATCH: these fields; touched and absent in record means NULL now */
    const tm_has_t *touched;
    /* What stands in the commit; it and record stay until `committed`. p NULL: there is none. */
    tm_str_t bytes;
} tm_change_t;

/* What is the same for all changes of one commit. */
typedef struct tm_commit_head {
    tm_ms_t at;                /* time of the commit, never less than the actor's last */
    tm_str_t principal, request_id;
    bool replay;               /* at boot */
} tm_commit_head_t;

/* How far the parts of a picture are written; the kind's to use, zero at the begin. */
typedef struct tm_part_at { uint32_t phase, table; uint64_t key; } tm_part_at_t;

typedef struct tm_actor_kind {
    const char *name;
    uint16_t number;           /* in the journal; from 1 */
    TM_OWN void *(*create)(uint32_t actor);
    void (*destroy)(TM_OWN void *state);
    /* Stages through the turn; must not change state (only scratch and caches that follow from it).
     * */
    void (*decide)(tm_turn_t *turn, void *state, const tm_message_t *msg);
    /* One change; deterministic; cannot fail (a change in the journal is a fact). */
    void (*apply)(void *state, const tm_commit_head_t *head, const tm_change_t *change);
    /* Boot: soon this change is applied, the sooner the second time. What that will look up is
     * fetched into the cache meanwhile; nothing is changed. May be NULL. */
    void (*foresee)(void *state, const tm_change_t *change, bool again);
    /* After the last change of a commit: versions, derived sums, deltas. May be NULL. */
    void (*committed)(void *state, const tm_commit_head_t *head);
    /* An immutable picture beginning with tm_shared_t (base/trie.h), at most once a turn: what
     * edges read, and all facts, for hash and checkpoint. May return NULL while there is none. */
    TM_OWN void *(*snapshot)(void *state);
    /* Earliest instant at which the actor wants TM_MSG_TIMER; v 0: none. May be NULL. */
    tm_ms_t (*next_due)(const void *state);
    /* Adds everything that is a fact (not what is derived) of a picture to a hash, in a fixed
     * order, e.g. as binary records. picture may be NULL. */
    void (*hash)(const void *picture, void (*add)(void *ctx, const void *p, size_t n), void *ctx);
    /* Checkpoints: appends the part of the picture at *at (begin with 0) and moves it on. false:
     * all were written. Not called without a picture. */
    bool (*part)(const void *picture, tm_part_at_t *at, tm_buf_t *out);
    /* Takes the parts in order into a new state; p NULL: that was all, what follows from them is
     * made. Errors: TM_EDAMAGED. */
    tm_err_t (*take)(void *state, tm_str_t part, tm_why_t *why);
} tm_actor_kind_t;

/* Time of this message: max(its clock, time of the actor's last commit). */
tm_ms_t tm_turn_now(const tm_turn_t *turn);
/* next id made by this actor; the counter is state kept by the runtime */
tm_id_t tm_turn_new_id(tm_turn_t *turn);
tm_arena_t *tm_turn_arena(tm_turn_t *turn);            /* scratch until decide returns */
/* Stages a change; record is borrowed until decide returns. Ids, version, created_ms, updated_ms
 * are the caller's to set. */
void tm_turn_put(tm_turn_t *turn, const tm_desc_t *desc, tm_id_t id, const void *record);
void tm_turn_patch(tm_turn_t *turn, const tm_desc_t *desc, tm_id_t id, const void *record,
                   const tm_has_t *touched);
/* Stages a durable send to an actor (made on first delivery if it does not exist). record: of
 * kinds[type].payload, borrowed. */
void tm_turn_send(tm_turn_t *turn, uint16_t kind_to, uint32_t actor_to, uint16_t type,
                  const void *record);
/* Stages a job, started when the commit is durable. */
void tm_turn_job(tm_turn_t *turn, uint16_t job_type, const tm_desc_t *desc, const void *record);
/* Stages the answer; body is taken, location copied. A decision that sends and does not answer
 * leaves the answer to the receiver of a send (which got reply_to and key in its payload, see
 * tm_message_kind_t.on_receive). One a message; a message nobody waits for may answer too
 * (dropped). */
void tm_turn_answer(tm_turn_t *turn, int status, TM_OWN tm_blob_t *body, const char *location,
                    int64_t version);
/* The staged answer is kept under the request's key but does not leave here: a receiver of one of
 * this message's sends gives it. So a repeat finds it, and nobody is told too early. */
void tm_turn_answer_elsewhere(tm_turn_t *turn);
/* Stages a problem and drops every staged change, send and job. Faults of why are copied. */
void tm_turn_fail(tm_turn_t *turn, tm_err_t err, const tm_why_t *why);
#endif
