/* message.h - what travels between actors, and from the edges to them.
 *
 * Why:     a message carries everything its handling needs: payload, time, who asked, where to
 *          answer.
 * How:     the payload is a record (schema/schema.h), so a message that must survive a crash
 *          encodes itself. A message and its payload lie in the message's own arena; sending moves
 *          both.
 * Threads: one owner at a time. */
#ifndef TM_RUNTIME_MESSAGE_H
#define TM_RUNTIME_MESSAGE_H
#include "base/memory.h"
#include "runtime/limits.h"
#include "schema/schema.h"

/* Names an open HTTP request (or another waiting caller) from outside its thread. loop TM_NO_LOOP:
 * nobody waits. */
typedef struct tm_reply_to {
    uint32_t loop, slot;
    uint64_t generation;
} tm_reply_to_t;
#define TM_NO_LOOP UINT32_MAX

/* A kind of message: the runtime gets the table of all kinds, it knows none by name. */
struct tm_message;
typedef struct tm_message_kind {
    const char *name;
    const tm_desc_t *payload;
    /* NULL, or called when a durable send is made into a message again, before it enters the
     * mailbox: moves who waits and the idempotency key from the payload into the message, so that a
     * request forwarded by one actor is answered by another. */
    void (*on_receive)(struct tm_message *msg);
} tm_message_kind_t;

typedef struct tm_message {
    struct tm_message *next; /* of the mailbox; private */
    tm_arena_t *arena;       /* holds this message too */
    uint16_t type;           /* index into the kinds table; TM_MSG_TIMER is 0 */
    uint32_t from;           /* sending actor for durable sends, 0: an edge */
    /* number of a durable send in (from -> to), from 1; 0: not durable */
    uint64_t seq;
    /* clock of the edge, or time of the sender's commit; the turn never sees less than its last
     * commit's */
    tm_ms_t at;
    tm_reply_to_t reply_to;
    tm_str_t principal;  /* "system"; p NULL: the program itself */
    tm_str_t request_id; /* for logs, problems and the audit trail */
    /* Idempotency-Key: principal, method, path, campaign; p NULL: none */
    tm_str_t idem_scope;
    tm_str_t idem_key;
    char idem_fingerprint[65]; /* SHA-256 of the body, hex */
    int64_t expect_version;    /* If-Match; -1: none */
    /* a record of kinds[type].payload, in the arena; NULL for TM_MSG_TIMER */
    void *payload;
} tm_message_t;

#define TM_MSG_TIMER 0

/* A message with an arena of at most bytes_max (0: TM_MESSAGE_BYTES_MAX); reply_to nobody,
 * expect_version -1. */
TM_OWN tm_message_t *tm_message_new(uint16_t type, size_t bytes_max);
void tm_message_free(TM_OWN tm_message_t *msg);
#endif
