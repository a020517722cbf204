/* with_trial.h - a campaign that is told things and decides them, and everything that must hold
 * meanwhile.
 *
 * How:     after each step its version and matrix are noted, and lines and groups are checked; in
 *          the end every earlier version can be asked for. A world is a number: a failing one
 *          prints it. TM_WORLD_SEEDS=N runs N worlds of each test, TM_WORLD_SEED=S only that one.
 * Threads: one. */
#ifndef TM_TESTS_ACTORS_WITH_TRIAL_H
#define TM_TESTS_ACTORS_WITH_TRIAL_H
#include "actors/with_buys.h"
#include "actors/with_world.h"

#define STEPS_MAX 600
#define TOKENS_MAX 300
#define MADE_MAX 100

typedef struct step {
    uint64_t version;
    json_t *matrix;
} step_t;

/* A line that a combination made. */
typedef struct made {
    tm_id_t line;
    int buy;
} made_t;

typedef struct trial {
    world_t w;
    tm_id_t campaign;
    buys_t b;
    step_t steps[STEPS_MAX];
    uint32_t n_steps;
    char tokens[TOKENS_MAX][40]; /* of decisions in force that somebody made */
    uint32_t n_tokens;
    made_t made[MADE_MAX];
    uint32_t n_made;
    uint32_t n_groups;
    bool odd; /* invoices, credits, proposals: winners do not simply add up */
} trial_t;

void trial_begin(trial_t *t, const buys_t *b, const char *basis); /* an empty campaign */
void trial_end(trial_t *t);
void trial_tell(trial_t *t, report_t *report); /* must be answered 201 */
/* Notes the step that was made and checks what must hold now. */
void trial_note(trial_t *t);
void trial_restart(trial_t *t);    /* a crash after which nothing is different */
void trial_check_past(trial_t *t); /* each earlier version, asked for now, is what was served */
/* Somebody decided, answered 200: its totals are those of the matrix, its token is kept. */
void trial_decided(trial_t *t, const reply_t *r, int64_t before);
const reply_t *trial_undo(trial_t *t, const char *token);
/* Takes back every decision, any first; some hold again for a while. */
void trial_undo_all(trial_t *t);
/* What the matrix is when nobody decides anything about b's reports. */
json_t *trial_undecided(const buys_t *b, const char *basis, bool odd);

/* The default matrix without what differs between worlds and times. */
json_t *trial_matrix(trial_t *t);
json_t *trial_lines(trial_t *t);
json_t *line_named(json_t *lines, const char *id); /* borrowed */
bool is_null(json_t *record, const char *field);
void same_json(json_t *a, json_t *b, const char *what);

/* Which world runs, for the one who reads a failure; the state of a test. */
typedef struct running {
    uint64_t seed;
    bool crowded, totals, mixed;
    uint64_t again[8]; /* worlds that failed once; 0 ends them */
    void (*world)(const struct running *run);
} running_t;
int trial_prepare(void **state);
int trial_report(void **state);
void trial_run(void **state, running_t kind);
#endif
