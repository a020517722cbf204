/* sim.h - the program on one thread: journal on a disk that fails or lies, a clock that jumps, a
 * database that dies, actors, clients that repeat themselves, scripted readers.
 *
 * Why:     what a crash may do between any two steps is tried here, thousands of times, and can be
 *          repeated.
 * How:     chance decides which actor runs, when the journal writes, what the clients ask, when
 *          jobs end and what breaks; one seed is one run. Clients have a key for every request and
 *          repeat it until it is answered, across crashes. Checkpoints are made all the while, on
 *          the same disk; most boots are from one. Checkers: every answer was durable and
 *          can be read; every request happened once; replay = live; the sum of a matrix = the sum
 *          of its winning lines = the sum of the deltas a subscriber got, through all verdicts;
 *          whoever does not count names one who does; a local date has one report at most, which
 *          says the same whenever it is asked; what was committed stays as it was (sim_ledger.c);
 *          SQL = state (sim_sql.c). After a power loss that took back what a lying sync promised
 *          (sim->exposed) answers may be gone and a start may be refused, with the place; whatever
 *          starts is still a beginning of what was committed, with nothing in it twice.
 * Threads: one. */
#ifndef TM_TESTS_SIM_SIM_H
#define TM_TESTS_SIM_SIM_H
#include "actors/kinds.h"
#include "actors/view.h"
#include "sim/disk.h"
#include "store/checkpointer.h"
#include "store/journal.h"
#include "store/projector.h"
#include <jansson.h>

#define SIM_REQUESTS_MAX 96u
#define SIM_JOBS_MAX 256u
#define SIM_FLIGHT_MAX 4096u
#define SIM_NOTES 50u
#define SIM_NOTE_BYTES 160u

typedef enum sim_kind {
    SIM_CREATE,
    SIM_LINE,
    SIM_PATCH,
    SIM_UPLOAD,
    SIM_RESOLVE, /* a verdict about a group */
    SIM_COMBINE,
    SIM_UNDO,
    SIM_EDIT /* of a cell */
} sim_kind_t;

/* One wish of a client, with its own idempotency key. */
typedef struct sim_request {
    sim_kind_t kind;
    uint32_t campaign;        /* LINE, PATCH and reviews: the request that created it */
    bool waiting, done;
    bool refused;             /* done, and nothing came of it: the state did not allow it */
    bool forgotten;           /* refused, too: answered, and a disk that lied took it back */
    uint32_t attempt;         /* a late answer to an earlier attempt is nobody's */
    tm_id_t id;               /* from the answer */
    int64_t version;
    uint64_t answered;        /* how often the present attempt was answered */
    /* Reviews: what they are about, chosen once. */
    tm_id_t about[2];         /* group and winner, or two lines */
    uint8_t action;
    int64_t number;           /* version that was seen */
    char text[300];           /* key of a cell, token to take back */
    char token[32];           /* from the answer */
} sim_request_t;

typedef struct sim_job {
    bool is_answer;
    uint64_t number;          /* answer: of that commit */
    tm_reply_to_t to;
    uint32_t actor;           /* parse: who waits */
    tm_arena_t *arena;
    tm_job_t *job;            /* in the arena */
} sim_job_t;

/* A campaign's subscriber: the cells it knows from deltas alone. */
typedef struct sim_subscriber {
    uint64_t version;
    json_t *cells;            /* key -> gross cents */
} sim_subscriber_t;

/* Every entity begins with the same fields. */
typedef struct sim_common { tm_has_t has; tm_id_t id; int64_t version; } sim_common_t;

/* Hashes of all commits, by number: the past never changes. */
typedef struct sim_ledger {
    uint64_t *v;
    uint64_t n, cap;
} sim_ledger_t;

typedef enum sim_sql_trouble {
    SIM_SQL_FINE,
    SIM_SQL_AWAY,
    SIM_SQL_CROWDED,     /* out of connections */
    SIM_SQL_READ_ONLY,
    SIM_SQL_FULL,
    SIM_SQL_BUSY,
    SIM_SQL_SLOW,        /* the world goes on between its statements */
    SIM_SQL_KILLED,      /* in mid-transaction */
    SIM_SQL_LOST_NOT,    /* the commit never came, nor did its answer */
    SIM_SQL_LOST_APPLIED, /* it came, its answer did not */
    SIM_SQL_TROUBLES
} sim_sql_trouble_t;

typedef struct sim_sql {
    char folder[64], path[80]; /* "": this seed has no database */
    tm_projector_t *projector;
    sim_sql_trouble_t trouble;
    uint32_t after, left; /* statements until it comes, and while it lasts */
    bool follows;         /* from the first commit on, else made at the end */
    bool foreign;         /* the database knows more than the journal: it must stay as it is */
    int64_t foreign_seq;
    char foreign_chain[TM_SHA256_TEXT];
} sim_sql_t;

typedef struct sim {
    uint64_t seed;
    rng_t rng;
    sim_disk_t *disk;
    tm_journal_t *journal;
    tm_runtime_t *rt;
    tm_checkpointer_t *checkpointer;
    tm_ms_t now;
    uint32_t boots;
    bool fatal;               /* the journal ended the process */
    bool hash_known;          /* nothing was on its way when the last crash came: */
    tm_sha256_t hash;         /* the facts then, which the boot must find */
    sim_request_t requests[SIM_REQUESTS_MAX];
    uint32_t n_requests;
    sim_job_t jobs[SIM_JOBS_MAX];
    uint32_t n_jobs;
    sim_subscriber_t subscribers[SIM_REQUESTS_MAX]; /* by the request that created the campaign */
    json_t *reports;          /* id -> what it said when it was first asked */
    /* Commits the journal holds, oldest first, with the release the runtime gave them. */
    tm_commit_t *flight[SIM_FLIGHT_MAX];
    void (*flight_release[SIM_FLIGHT_MAX])(tm_commit_t *);
    uint32_t flight_begin, flight_n;
    char notes[SIM_NOTES][SIM_NOTE_BYTES];
    uint32_t n_notes;
    bool traced;
    bool calm;                /* nothing breaks by chance: sim_bytes.c breaks it */
    uint64_t segment_bytes;
    sim_counts_t counts;
    uint64_t checkpoint_last, behind; /* what the last boot came from */
    sim_ledger_t ledger;
    bool liar;                /* the disk may say of a sync that it was done */
    bool exposed;             /* the last crash took back what such a sync had promised */
    bool ended;               /* such a crash left what no program can start from */
    bool reads_may_fail;      /* an answer that cannot be read is no fault of the program */
    tm_ms_t clock_base;       /* when last nobody waited for an answer */
    tm_ms_t clock_latest;
    sim_sql_t sql;
} sim_t;

/* sim.c */
void sim_note(sim_t *sim, const char *fmt, ...) TM_PRINTF(2, 3);
/* Tells the seed, what was wrong and the last notes, then ends the program. */
_Noreturn void sim_fail(sim_t *sim, const char *fmt, ...) TM_PRINTF(2, 3);
void sim_begin(sim_t *sim, uint64_t seed);
void sim_end(sim_t *sim);
void sim_check_all(sim_t *sim); /* settles first */
/* sim_bytes.c: the disk fails at every stride-th byte, each sync and rename. Returns how many. */
uint64_t sim_bytes(uint64_t stride, sim_t **at);
/* sim_trouble.c */
void sim_trouble(sim_t *sim);     /* something breaks, or comes back */
void sim_clock_step(sim_t *sim);  /* goes on, jumps */
void sim_clock_set(sim_t *sim, int64_t ms);
void sim_mend(sim_t *sim);        /* everything works from now on */
/* sim_world.c. boot: sim->ended may be true then. */
void sim_boot(sim_t *sim);
/* power: the machine's, else only the process dies. */
void sim_crash(sim_t *sim, bool power);
void sim_journal_step(sim_t *sim);
void sim_job_step(sim_t *sim);
void sim_checkpoint_step(sim_t *sim);
/* Runs until nothing moves: every request answered, every job done, everything durable. */
void sim_settle(sim_t *sim);
/* sim_clients.c */
void sim_client_new(sim_t *sim);           /* a new wish */
void sim_client_send(sim_t *sim);          /* sends, or repeats, one that is not answered */
void sim_client_answer(sim_t *sim, tm_reply_to_t to, const tm_answer_t *answer);
void sim_clients_crashed(sim_t *sim);      /* whoever waited will repeat */
void sim_clients_forget(sim_t *sim);       /* the answers whose records a lying disk took back */
bool sim_is_campaign(const sim_request_t *request); /* one that was made, and is there */
/* all: of all wishes, else of those that were sent */
bool sim_clients_done(const sim_t *sim, bool all);
/* sim_checks.c */
void sim_check_answered(sim_t *sim, uint32_t n); /* what was answered can be read */
void sim_check_acknowledged(sim_t *sim);   /* all of it */
void sim_check_campaigns(sim_t *sim);      /* sums, subscribers */
void sim_check_once(sim_t *sim);           /* every request happened exactly once; after settle */
const tm_desc_t *sim_desc_of(sim_kind_t kind); /* of what it makes */
/* sim_reports.c */
void sim_check_reports(sim_t *sim);        /* costs a replay a report */
/* sim_review.c */
bool sim_is_review(sim_kind_t kind);
/* false: there is nothing of the kind to decide. */
bool sim_review_choose(sim_t *sim, sim_request_t *request);
uint16_t sim_review_type(sim_kind_t kind);
void sim_review_fill(const sim_t *sim, uint32_t n, tm_message_t *msg, void *payload);
bool sim_review_may_refuse(tm_err_t err);
void sim_review_answered(sim_t *sim, sim_request_t *request, const tm_blob_t *body);
void sim_check_standings(sim_t *sim, const tm_view_t *view); /* of a campaign's lines and groups */
void sim_check_review_once(sim_t *sim, uint32_t n);
void sim_check_undo(sim_t *sim); /* after settle: a verdict taken back leaves what was there */
/* Calls each for all records of a kind in a view. */
void sim_each_row(const tm_view_t *view, const tm_desc_t *desc,
                  void (*each)(void *ctx, const void *record), void *ctx);
/* sim_ledger.c */
void sim_ledger_add(sim_t *sim, uint64_t number, tm_str_t body); /* released, or found at a boot */
void sim_ledger_end(sim_t *sim, uint64_t last); /* where the journal ends at a boot */
/* sim_sql.c: a database of its own for some seeds, also while things break. */
void sim_sql_begin(sim_t *sim);
void sim_sql_boot(sim_t *sim);
void sim_sql_crash(sim_t *sim);
void sim_sql_step(sim_t *sim);
void sim_check_sql(sim_t *sim); /* after settle */
void sim_sql_end(sim_t *sim);
/* sim_sql_faults.c */
void sim_sql_trouble(sim_t *sim);
void sim_sql_mend(sim_t *sim);
#endif
