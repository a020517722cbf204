/* effect.h - what a commit does to the world once it is durable.
 *
 * Threads: made by the worker in a turn, then the journal's thread owns it. */
#ifndef TM_RUNTIME_EFFECT_H
#define TM_RUNTIME_EFFECT_H
#include "runtime/durable.h"

#define TM_EFFECT_MAGIC 0xeffec701u

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
    /* of its turn: snapshot, live event and the turn's answers leave after it */
    bool last;
    bool changed;                  /* the turn changed something: there is a live event */
    bool repeat;                   /* the answer is the one of the commit that took idem_key */
    bool names_key;                /* this commit took idem_key */
    tm_cell_t *cell;
    tm_ms_t at;                    /* of a commit with bytes: its time, */
    uint32_t next_counter;         /* and the next id of its actor */
    tm_entry_t *sends;             /* oldest first */
    tm_job_effect_t *jobs;
    uint32_t mark_from;            /* 0: takes no durable send */
    uint64_t mark_seq;
    /* a send of that actor could not be taken: give it again later */
    uint32_t rewind_from;
    tm_idem_key_t idem_key;
    void *snapshot;                /* NULL: none */
    tm_reply_to_t to;
    tm_err_t err;
    int status;                    /* 0 and no err: nobody is answered */
    int64_t version;
    tm_blob_t *body;
    tm_str_t location;             /* in tail; p NULL: none */
    tm_why_t *why;
    struct tm_effect *held_next;
    char tail[];                   /* the commit's bytes, the location */
} tm_effect_t;

/* cut.c: a commit that takes a cut when it is released. */
bool tm_cut_is(const tm_commit_t *commit);
void tm_cut_drop(TM_OWN tm_commit_t *commit);
/* release.c */
/* An effect with a tail of so many bytes; commit.bytes is the caller's to set to it. */
TM_OWN tm_effect_t *tm_effect_new(tm_cell_t *cell, size_t tail_bytes);
void tm_effect_free(TM_OWN tm_effect_t *effect);
void tm_effect_release(tm_commit_t *commit);
/* Sends what the outbox of a channel holds, as far as the receiver's mailbox takes it. */
void tm_channel_deliver(tm_runtime_t *rt, tm_channel_t *channel);
/* Lets the journal's thread look at every channel that waits. Any thread. */
void tm_release_retry(tm_runtime_t *rt);
#endif
