/* with_world.h - a small world for the runtime's tests: one kind of actor, a journal in memory,
 * recorded answers.
 *
 * How:     the journal makes commits durable only when a test says so; a crash throws the rest away
 *          and boots from what was durable. The actor keeps rows (tm_market: number in tv_homes,
 *          rank, name), passes tokens on, and can do everything a turn offers.
 * Threads: one, without workers; with workers the journal has a thread of its own and the records a
 *          lock. */
#ifndef TM_TESTS_RUNTIME_WITH_WORLD_H
#define TM_TESTS_RUNTIME_WITH_WORLD_H
#include "base/thread.h"
#include "base/trie.h"
#include "runtime/cut.h"

enum { NODE_KIND = 7 };
enum {
    MSG_TIMER,
    MSG_ADD,     /* stores the payload as a new row; 201 with the number of rows */
    MSG_READ,    /* 200 with the number of rows, changes nothing */
    MSG_FAIL,    /* stages everything, then 422 with a field */
    MSG_HOP,     /* stores the payload; rank > 0: sends it on with rank - 1 to world_next; 200 */
    MSG_SET_DUE, /* wants the timer at tv_homes; 200 */
    MSG_JOB,     /* starts a job with the payload; 202 */
    MSG_PATCH,   /* row 1: rank becomes the payload's, or NULL if that has none; 200 */
    MSG_SILENT,  /* stores the payload, answers nothing */
    MSG_FORWARD, /* sends the payload as ADD to actor rank; the receiver answers */
    MSG_BURST,   /* sends HOP with rank 0 to actor rank, tv_homes times; 200 */
    MSG_COUNT
};

typedef struct row {
    tm_id_t id;
    int64_t token;
    int32_t rank; /* INT32_MIN: absent */
    char name[32];
} row_t;

typedef struct picture {
    tm_shared_t shared;
    uint32_t n;       /* rows */
    uint64_t commits; /* calls of committed */
    int64_t last_token;
    tm_ms_t due;
    row_t *rows; /* [n] */
} picture_t;

typedef struct durable {
    char *bytes;
    uint32_t n;
} durable_t;

typedef struct reply {
    uint32_t slot;
    tm_err_t err;
    int status;
    char body[32];
    char location[32];
    char field[32];
    int64_t version;
    uint32_t order; /* 1 + position among all replies */
    uint32_t lives_before;
    uint64_t from_commit; /* answered from the journal: that commit */
    uint32_t times;
} reply_t;

#define REPLIES_MAX 4096
typedef struct world {
    tm_runtime_t *rt;
    uint32_t workers, actors, depth_max;
    tm_ms_t now;
    /* the journal */
    pthread_mutex_t lock;
    tm_commit_t *pushed, *pushed_last;
    uint32_t pushed_n;
    durable_t *log; /* what is durable, commit i + 1 */
    uint32_t log_n, log_cap;
    size_t room; /* bytes that may still be reserved */
    uint64_t pending_bytes_max;
    size_t reserved;   /* by commits that are not written */
    bool full;         /* nothing may be reserved */
    size_t commit_max; /* larger commits are refused for ever; 0: no limit */
    bool journal_stop;
    tm_park_t journal_park;
    tm_thread_t journal;
    /* what the world saw */
    reply_t replies[REPLIES_MAX]; /* by slot */
    uint32_t replies_n, lives, jobs;
    int64_t job_token;
} world_t;

void world_init(world_t *world, uint32_t workers);
void world_make(world_t *world); /* a runtime without actors, not started */
void world_boot(world_t *world); /* from the log; actors 1..world->actors exist */
/* The pieces of a cut, its number and hash. */
typedef struct written {
    tm_buf_t pieces;
    uint64_t number;
    tm_sha256_t hash;
} written_t;
/* Writes a cut in pieces of about `enough` bytes, and frees it. */
written_t world_written(TM_OWN tm_cut_t *cut, size_t enough);
void world_written_done(written_t *written);
/* From a cut, and the log behind it; the runtime has the hash that the whole log leads to. */
void world_boot_from(world_t *world, const written_t *written);
/* What the log's first n commits lead to. */
tm_sha256_t world_hash_at(const world_t *world, uint32_t n);
void world_crash(world_t *world); /* everything that is not in the log is lost */
void world_stop(world_t *world);  /* orderly; for worlds with workers */
void world_done(world_t *world);
/* A test of cmocka's that begins with a world just booted, without workers. */
int world_setup(void **world);
int world_teardown(void **world);
#define WORLD_TEST(test, world) \
    cmocka_unit_test_prestate_setup_teardown(test, world_setup, world_teardown, world)
/* Posts a message that is answered to `slot` (0: nobody waits). key NULL: no idempotency key; body:
 * what the fingerprint is of. */
tm_err_t world_post(world_t *world, uint32_t actor, uint16_t type, int64_t token, int32_t rank,
                    uint32_t slot, const char *key, const char *body);
void world_run(world_t *world); /* turns until nothing is ready */
/* the next n pushed commits become durable; returns how many there were */
uint32_t world_sync(world_t *world, uint32_t n);
void world_settle(world_t *world); /* turns and syncs until nothing happens any more */
/* of the state, durable or not */
uint32_t world_rows(world_t *world, uint32_t actor, row_t *ret, uint32_t max);
/* to be unreferenced */
picture_t *world_picture(world_t *world, uint32_t actor);
uint32_t world_next(uint32_t actor, int64_t token, uint32_t actors);
uint64_t world_random(uint64_t *seed);
#endif
