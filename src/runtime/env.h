/* env.h - the world as actors may use it: five tables of functions, real ones from the edges,
 * simulated ones in tests/sim.
 *
 * Why:     decide is deterministic and testable because nothing else reaches the world.
 * Threads: every function may be called from any worker or from the journal thread. */
#ifndef TM_RUNTIME_ENV_H
#define TM_RUNTIME_ENV_H
#include "base/blob.h"
#include "runtime/message.h"

/* The answer to a request. Exactly one of: err with why (a problem), or status with body. */
typedef struct tm_answer {
    tm_err_t err;              /* TM_OK: status and body count */
    int status;                /* 200, 201, 202, 204 */
    tm_blob_t *body;           /* NULL: none */
    const char *content_type;  /* NULL: application/json */
    const char *disposition;   /* Content-Disposition; NULL: none */
    const tm_why_t *why;       /* faults of err; may be NULL */
    tm_str_t location;         /* Location header; p NULL: none */
    int64_t version;           /* for the ETag of a record; -1: none */
} tm_answer_t;

struct tm_commit;
typedef struct tm_env {
    void *self;
    /* Wall clock in ms; may jump, the runtime makes it monotonic per actor. */
    tm_ms_t (*now)(void *self);
    /* Random bytes, for edges that build messages; actors never call it. */
    void (*random)(void *self, void *p, size_t n);
    /* Journal. reserve: room for bytes, or TM_EDISKFULL (507) or TM_ESTOPPING. push: a list of
     * commits in order, linked by next; each one's release is called in order, on the journal's
     * thread, when it and all before it are durable. */
    tm_err_t (*journal_reserve)(void *self, size_t bytes);
    void (*journal_push)(void *self, TM_OWN struct tm_commit *first, struct tm_commit *last);
    /* Reads the answer part of a durable commit by number on a job thread and gives it to publish.
     * */
    void (*journal_answer)(void *self, uint64_t number, tm_reply_to_t to);
    /* Jobs (parsing, fetching): starts work that answers later with a message to `actor`. `record`
     * is borrowed. */
    void (*job_start)(void *self, uint32_t actor, uint16_t type, const tm_desc_t *desc,
                      const void *record);
    /* publish, on the journal's thread: answers a waiting request; tells live subscribers that an
     * actor has a newer snapshot. */
    void (*reply)(void *self, tm_reply_to_t to, const tm_answer_t *answer);
    void (*live)(void *self, uint32_t actor);
} tm_env_t;
#endif
