/* staging.h - a turn from the inside: what an actor has staged, and the commits made of it so far.
 *
 * Threads: the worker it belongs to. */
#ifndef TM_RUNTIME_STAGING_H
#define TM_RUNTIME_STAGING_H
#include "runtime/effect.h"

#define TM_TURN_MAGIC 0x70407001u

typedef struct tm_staged { /* a record in turn->bytes */
    uint8_t op;
    uint16_t type; /* job */
    const tm_desc_t *desc;
    tm_id_t id;
    size_t at, n;
} tm_staged_t;

struct tm_turn { /* one a worker */
    uint32_t magic;
    uint32_t actor;
    tm_runtime_t *rt;
    tm_cell_t *cell;         /* NULL: between turns */
    const tm_message_t *msg; /* NULL: outside of decide */
    tm_arena_t *arena;
    tm_ms_t now;
    uint32_t counter;
    tm_buf_t bytes;              /* staged records */
    tm_buf_t out;                /* the commit made of them */
    tm_staged_t *changes, *jobs; /* grown, bounded by TM_STAGED_MAX */
    uint32_t n_changes, changes_cap, n_jobs, jobs_cap;
    tm_commit_send_t *sends; /* bytes.p holds an offset into `bytes` until decide returned */
    uint32_t n_sends, sends_cap;
    tm_err_t err;
    int status;
    int64_t version;
    tm_blob_t *body;
    tm_str_t location; /* in the arena; p NULL: none */
    tm_why_t *why;
    tm_effect_t *first, *last; /* the turn's commits so far */
    bool changed;              /* some commit of the turn changed the state */
    bool due_stale;            /* the timer must be set again */
    bool elsewhere;            /* a receiver of a send gives the answer */
    bool timer_handled;        /* a message of the timer was among the messages */
    uint32_t messages, commits;
    size_t bytes_out;  /* of the turn's commits */
    size_t mail_bytes; /* of the messages it took from the mailbox */
};

/* turn.c */
void tm_turn_init(tm_turn_t *turn, tm_runtime_t *rt);
void tm_turn_done(tm_turn_t *turn);
#endif
