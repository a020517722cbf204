/* with_world.h - all actors of the program in a world without threads: a journal in memory, jobs
 * and answers that a test looks at.
 *
 * How:     requests are given as the JSON a client would send; answers and pictures come back as
 *          parsed JSON. Commits become durable when a test says so; a crash throws the rest away.
 * Threads: one. */
#ifndef TM_TESTS_ACTORS_WITH_WORLD_H
#define TM_TESTS_ACTORS_WITH_WORLD_H
#include "actors/intake.h"
#include "actors/kinds.h"
#include "domain/matrix_told.h"
#include "runtime/cut.h"
#include "actors/names.h"
#include "actors/view.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <jansson.h>

#define JOBS_MAX 8192
#define REPLIES_MAX 65536

typedef struct reply {
    tm_err_t err;
    int status; /* 0: not answered */
    uint32_t times;
    int64_t version;
    json_t *body;     /* of an answer that is no problem */
    char fields[400]; /* of a problem: fields of the faults, blanks between */
    char location[100];
} reply_t;

typedef struct durable {
    char *bytes;
    uint32_t n;
} durable_t;

typedef struct started {
    tm_id_t job;
    int64_t fence;
    char input[64]; /* its id as text */
} started_t;

typedef struct world {
    tm_runtime_t *rt;
    tm_ms_t now;
    tm_commit_t *pushed, *pushed_last;
    durable_t *log; /* commit i + 1 */
    uint32_t log_n, log_cap;
    reply_t *replies;
    uint32_t asked;
    started_t jobs[JOBS_MAX]; /* those not ended by the test */
    uint32_t n_jobs;
    uint64_t jobs_started;
} world_t;

void world_init(world_t *w); /* empty, begun and settled; 2026-10-14 16:00 UTC */
void world_done(world_t *w);
/* From the log, or from a checkpoint and the log behind it; begun as the program does, not settled.
 */
void world_boot(world_t *w);
void world_crash(world_t *w); /* what is not durable is lost */
void world_run(world_t *w);   /* turns until nothing is ready; nothing becomes durable */
uint32_t world_sync(world_t *w, uint32_t n); /* the next n commits become durable */
void world_settle(world_t *w);               /* both until nothing happens any more */
void world_tick(world_t *w, tm_ms_t now);    /* time passes, due timers fire, settled */
/* The state at the number that is durable when everything pushed before is. */
tm_cut_t *world_cut(world_t *w);
/* Runtimes that are not started: from the log, or from a cut and the log behind it. */
tm_runtime_t *world_from_log(world_t *w);
tm_runtime_t *world_from_cut(world_t *w, tm_cut_t *cut);
void world_free_runtime(world_t *w);
/* A second runtime from the log, and others from checkpoints, have the same hash, matrices, rings
 * and past. */
void world_check_replay(world_t *w);
tm_sha256_t world_hash(world_t *w);

/* Requests; each returns the number of its reply and settles, except post_*. */
uint32_t post_json(world_t *w, uint16_t type, tm_id_t campaign, const char *key, const char *json,
                   ...) TM_PRINTF(5, 6);
/* The same of a message whose payload is a tm_record_ref_t. */
uint32_t post_ref(world_t *w, uint32_t actor, uint16_t type, tm_id_t id, const char *key);
const reply_t *ask_ref(world_t *w, uint32_t actor, uint16_t type, tm_id_t id);
const reply_t *ask(world_t *w, uint16_t type, tm_id_t campaign, const char *json, ...)
    TM_PRINTF(4, 5);
const reply_t *patch(world_t *w, tm_id_t campaign, int64_t expect, const char *json, ...)
    TM_PRINTF(4, 5);
tm_id_t campaign_new(world_t *w, const char *json, ...) TM_PRINTF(2, 3); /* must be answered 201 */
/* A posted line: fields behind campaign_id; on 201 the line. */
const reply_t *line_post(world_t *w, tm_id_t campaign, const char *fields, ...) TM_PRINTF(3, 4);
/* An input whose bytes are `name`; campaign v 0: none. Not read yet. */
const reply_t *input_new(world_t *w, const char *name, tm_id_t campaign);
/* Ends the oldest started job with documents (a JSON list) or an error. */
void job_read(world_t *w, const char *documents, ...) TM_PRINTF(2, 3);
void job_fail(world_t *w, const char *error);
void job_end(world_t *w, const started_t *job, const char *error, const char *documents);
/* input_new and job_read at once; returns the input as it stands then. */
json_t *input_read(world_t *w, const char *name, tm_id_t campaign, const char *documents, ...)
    TM_PRINTF(4, 5);

/* What can be seen; JSON to be given back with json_decref. */
json_t *record_json(world_t *w, uint32_t actor, const tm_desc_t *desc, tm_id_t id);
json_t *records_json(world_t *w, uint32_t actor, const tm_desc_t *desc); /* list by id */
json_t *matrix_json(world_t *w, tm_id_t campaign, const char *query);    /* "week_mode=projected" */
int64_t matrix_total(world_t *w, tm_id_t campaign);
/* {"ROW@week": cents}; booked gross of leaf rows, hence what a snapshot tells a subscriber. */
json_t *cells_of_matrix(json_t *matrix);
/* Applies the ring's deltas after `version` to cells; returns false if the ring does not hold the
 * next one. */
bool fold_deltas(world_t *w, tm_id_t campaign, uint64_t *version, json_t *cells);
tm_campaign_view_t *campaign_view(world_t *w, tm_id_t campaign); /* tm_shared_unref it */
tm_id_t id_of(const char *prefix, json_t *record);
const char *text_of(json_t *record, const char *field); /* "" when null */
int64_t number_of(json_t *record, const char *field);   /* INT64_MIN when null */
/* Lines of a campaign that are not put away. */
uint32_t open_lines(world_t *w, tm_id_t campaign);
uint32_t pending_lines(world_t *w);
uint64_t world_random(uint64_t *seed);
#endif
