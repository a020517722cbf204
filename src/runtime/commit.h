/* commit.h - one message's consequences as bytes: what the journal keeps, what replay and
 * projections read.
 *
 * How:     body := varints and binary records: time, kind, actor, partition, next id counter,
 *          principal, request id, marks (from, seq), changes (op, entity, id, bytes), sends (kind,
 *          actor, seq, type, bytes), idempotency (scope, key, fingerprint, expires), answer
 *          (status, version, location, body). Numbers and hashes are the journal's frame.
 * Threads: encode: the worker's turn. decode: any. */
#ifndef TM_RUNTIME_COMMIT_H
#define TM_RUNTIME_COMMIT_H
#include "base/buf.h"
#include "runtime/turn.h"

/* A commit on its way. bytes n 0: only a place in the order (an answer that must wait for what its
 * actor staged before). */
typedef struct tm_commit {
    struct tm_commit *next;
    uint64_t number;                       /* set by the journal; 0 for n 0 */
    char *bytes;                           /* of its owner: whoever release frees */
    uint32_t n;
    uint32_t reserved;                     /* bytes reserved in the journal, given back by it */
    /* durable: effects leave, then the commit frees itself */
    void (*release)(struct tm_commit *);
} tm_commit_t;

typedef struct tm_commit_change {
    uint8_t op;
    uint16_t entity;
    tm_id_t id;
    tm_str_t bytes;
} tm_commit_change_t;
typedef struct tm_commit_send {
    uint16_t kind, type;
    uint32_t actor;
    uint64_t seq;
    tm_str_t bytes;
} tm_commit_send_t;
/* a change's record, read; touched: by a patch */
typedef struct tm_commit_record { void *record; tm_has_t touched; } tm_commit_record_t;
typedef struct tm_commit_mark { uint32_t from; uint64_t seq; } tm_commit_mark_t;

/* decoded; strings point into the bytes, lists into the arena */
typedef struct tm_commit_view {
    tm_ms_t at;
    uint16_t kind;
    uint32_t actor, partition, next_counter;
    tm_str_t principal, request_id;
    uint32_t n_marks, n_changes, n_sends;
    tm_commit_mark_t *marks;
    tm_commit_change_t *changes;
    tm_commit_record_t *records;           /* [n_changes], each may be NULL; NULL: not read */
    tm_commit_send_t *sends;
    tm_str_t idem_scope, idem_key, idem_fingerprint;   /* p NULL: none */
    tm_ms_t idem_expires;
    int answer_status;                     /* 0: none kept */
    int64_t answer_version;
    tm_str_t answer_location, answer_body;
} tm_commit_view_t;
/* Errors: TM_EDAMAGED, TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_commit_decode(tm_str_t bytes, tm_arena_t *arena, tm_commit_view_t *ret);
/* Errors: TM_EDAMAGED, TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_commit_record(const tm_desc_t *desc, const tm_commit_change_t *change,
                                        tm_arena_t *arena, tm_commit_record_t *ret);
/* Reads the records of all its changes, so that whoever applies them need not. What cannot be read,
 * or does not fit into the arena, is left to them, and so is telling of it. */
void tm_commit_read(tm_commit_view_t *view, tm_arena_t *arena);
void tm_commit_encode(const tm_commit_view_t *view, tm_buf_t *out);
#endif
