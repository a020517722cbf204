/* queue.c - jobs that must run to an end: waiting, active, retried with growing pauses, completed
 * or failed.
 *
 * Why:     parsing a hostile document may fail, hang or take the process with it; the input must
 *          end with a result all the same.
 * How:     a job's run has a fence; a result with another fence is late and refused. First run +
 *          `retries` more after backoff, 2*backoff, 4*backoff: one series. At a restart every
 *          active run is lost and begins anew under a new fence. A failed job waits for a person:
 *          another series, or none.
 * Threads: the actor's turn.
 * Source:  domain rule 4.8. */
#include "actors/kinds.h"
#include "actors/parts.h"
#include "base/map.h"
#include "schema/json.h"
#include "actors/limits.h"

#define QUEUE_MAGIC 0x51554555u
#define RUN_LOST "the run was lost"

/* A waiting job without its record: what is due next is asked after every turn. */
typedef struct waiting {
    int64_t run_at;
    uint32_t counter;
} waiting_t;

typedef struct queue {
    uint32_t magic;
    uint32_t actor;
    tm_id_t queue_id; /* v 0: its record is not made yet */
    tm_tables_t tables;
    waiting_t *waiting; /* [n_waiting] by due time, then id */
    uint32_t n_waiting, cap_waiting;
    tm_map_t due;     /* counter of a waiting job -> its due time in ms, plus 1 */
    tm_trie_t active; /* counter of id -> row */
    uint64_t version;
    tm_parts_t *parts; /* of a checkpoint that is being read */
} queue_t;

static void *queue_create(uint32_t actor)
{
    queue_t *q = TM_NEW(queue_t);
    q->magic = QUEUE_MAGIC;
    q->actor = actor;
    return q;
}

static void queue_destroy(void *state)
{
    queue_t *q = state;
    TM_CHECK(q, QUEUE_MAGIC);
    tm_parts_free(q->parts);
    tm_free(q->waiting);
    tm_map_done(&q->due);
    tm_trie_done(&q->active);
    tm_tables_done(&q->tables);
    tm_free(q);
}

/* The place of a waiting job, or where it would stand. */
static uint32_t place_of(const queue_t *q, waiting_t job)
{
    uint32_t from = 0, to = q->n_waiting;
    while (from < to) {
        const uint32_t mid = from + (to - from) / 2;
        const waiting_t *w = &q->waiting[mid];
        const bool less =
            w->run_at != job.run_at ? w->run_at < job.run_at : w->counter < job.counter;
        from = less ? mid + 1 : from;
        to = less ? to : mid;
    }
    return from;
}

static void waiting_del(queue_t *q, uint32_t counter)
{
    const uintptr_t due = (uintptr_t)tm_map_del(&q->due, counter);
    if (due == 0)
        return;
    const uint32_t at = place_of(q, (waiting_t){(int64_t)due - 1, counter});
    assert(at < q->n_waiting && q->waiting[at].counter == counter);
    q->n_waiting--;
    memmove(&q->waiting[at], &q->waiting[at + 1], (q->n_waiting - at) * sizeof *q->waiting);
}

static void waiting_put(queue_t *q, uint32_t counter, tm_ms_t run_at)
{
    if (q->n_waiting == q->cap_waiting) {
        q->cap_waiting = q->cap_waiting == 0 ? 64 : q->cap_waiting * 2;
        q->waiting = tm_realloc(q->waiting, q->cap_waiting * sizeof *q->waiting);
    }
    const waiting_t job = {run_at.v, counter};
    const uint32_t at = place_of(q, job);
    memmove(&q->waiting[at + 1], &q->waiting[at], (q->n_waiting - at) * sizeof *q->waiting);
    q->waiting[at] = job;
    q->n_waiting++;
    (void)tm_map_put(&q->due, counter, (void *)(uintptr_t)(run_at.v + 1));
}

/* Where a job stands follows from its record alone. */
static void queue_take(void *state, const tm_row_t *row, const tm_has_t *touched TM_UNUSED)
{
    queue_t *q = state;
    if (row->desc == &tm_queue_desc) {
        q->queue_id = row->id;
        return;
    }
    assert(row->desc == &tm_job_desc);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    const tm_job_t *job = tm_row_read(row, arena);
    const uint32_t key = tm_id_counter(row->id);
    waiting_del(q, key);
    (void)tm_trie_del(&q->active, key);
    if (job->state.v == TM_JOB_STATE_waiting) {
        waiting_put(q, key, job->run_at_ms);
    } else if (job->state.v == TM_JOB_STATE_active) {
        tm_trie_put(&q->active, key, tm_shared_ref((void *)(uintptr_t)row));
    }
}

static void queue_committed(void *state, const tm_commit_head_t *head TM_UNUSED)
{
    ((queue_t *)state)->version++;
}

static void queue_apply(void *state, const tm_commit_head_t *head TM_UNUSED,
                        const tm_change_t *change)
{
    queue_t *q = state;
    TM_CHECK(q, QUEUE_MAGIC);
    queue_take(q, tm_tables_apply(&q->tables, change), change->touched);
}

/* ---- deciding ---- */

static tm_id_t own_record(tm_turn_t *turn, queue_t *q)
{
    if (q->queue_id.v != 0)
        return q->queue_id;
    tm_queue_t rec = {0};
    const tm_id_t id = tm_turn_new_id(turn);
    tm_record_stamp_new(&rec, id, tm_turn_now(turn));
    TM_SET(&rec, TM_QUEUE, name, TM_STR("input-parse"));
    TM_SET(&rec, TM_QUEUE, paused, false);
    TM_SET(&rec, TM_QUEUE, concurrency, TM_QUEUE_CONCURRENCY);
    TM_SET(&rec, TM_QUEUE, timeout_ms, TM_QUEUE_TIMEOUT_MS);
    TM_SET(&rec, TM_QUEUE, retries, TM_QUEUE_RETRIES);
    TM_SET(&rec, TM_QUEUE, backoff_ms, TM_QUEUE_BACKOFF_MS);
    tm_turn_put(turn, &tm_queue_desc, id, &rec);
    return id;
}

/* Notes that a run of the series begins. */
static void run_begins(tm_turn_t *turn, tm_job_t *job)
{
    tm_job_run_t *runs = tm_arena_zalloc(tm_turn_arena(turn), (job->runs.n + 1) * sizeof *runs);
    assert(runs != NULL && job->runs.n <= TM_QUEUE_RETRIES);
    if (job->runs.n > 0) {
        memcpy(runs, job->runs.v, job->runs.n * sizeof *runs);
    }
    TM_SET(&runs[job->runs.n], TM_JOB_RUN, started_ms, tm_turn_now(turn));
    TM_SET(job, TM_JOB, runs, (tm_recs_t){runs, job->runs.n + 1});
}

/* Notes that the last run of the series has ended; error p NULL: well. */
static void run_ends(tm_turn_t *turn, tm_job_t *job, tm_str_t error)
{
    if (job->runs.n == 0)
        return; /* it began before runs were noted */
    tm_job_run_t *runs = tm_arena_alloc(tm_turn_arena(turn), job->runs.n * sizeof *runs);
    assert(runs != NULL);
    memcpy(runs, job->runs.v, job->runs.n * sizeof *runs);
    tm_job_run_t *last = &runs[job->runs.n - 1];
    TM_SET(last, TM_JOB_RUN, ended_ms, tm_turn_now(turn));
    if (error.p != NULL) {
        TM_SET(last, TM_JOB_RUN, error, error);
    }
    job->runs.v = runs;
}

/* Makes a job active under a new fence; `job` is the caller's copy. */
static void start_run(tm_turn_t *turn, tm_job_t *job)
{
    const tm_ms_t now = tm_turn_now(turn);
    run_begins(turn, job);
    TM_SET(job, TM_JOB, attempt, (TM_HAS(job, TM_JOB_attempt) ? job->attempt : 0) + 1);
    TM_SET(job, TM_JOB, fence, (TM_HAS(job, TM_JOB_fence) ? job->fence : 0) + 1);
    TM_SET(job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_active});
    TM_SET(job, TM_JOB, lease_until_ms, (tm_ms_t){now.v + 2 * TM_QUEUE_TIMEOUT_MS});
    TM_SET(job, TM_JOB, updated_ms, now);
    job->version++;
    tm_turn_put(turn, &tm_job_desc, job->id, job);
    tm_turn_job(turn, TM_JOB_PARSE_INPUT, &tm_job_desc, job);
}

/* Starts waiting jobs that are due, as long as `room` allows; `except` was handled by the caller
 * already. */
static void start_due(tm_turn_t *turn, queue_t *q, uint32_t room, tm_id_t except)
{
    for (uint32_t i = 0; room > 0 && i < q->n_waiting; i++) {
        const tm_id_t id = tm_id_make(q->actor, q->waiting[i].counter);
        if (q->waiting[i].run_at > tm_turn_now(turn).v)
            return;
        if (id.v == except.v) {
            continue;
        }
        tm_job_t *job = tm_tables_read(&q->tables, &tm_job_desc, id, tm_turn_arena(turn));
        assert(job != NULL); /* jobs are small, and so is the room */
        start_run(turn, job);
        room--;
    }
}

static uint32_t room_of(const queue_t *q)
{
    return q->active.n >= TM_QUEUE_CONCURRENCY ? 0 : TM_QUEUE_CONCURRENCY - q->active.n;
}

static void add_job(tm_turn_t *turn, queue_t *q, const tm_raw_input_t *input)
{
    tm_job_t job = {0};
    const tm_id_t queue_id = own_record(turn, q);
    tm_buf_t json;
    tm_buf_init(&json, 4000);
    tm_json_write(&tm_raw_input_desc, input, false, &json);
    assert(!json.full);
    tm_record_stamp_new(&job, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&job, TM_JOB, queue_id, queue_id);
    TM_SET(&job, TM_JOB, input_id, input->id);
    TM_SET(&job, TM_JOB, payload, tm_arena_str(tm_turn_arena(turn), tm_buf_str(&json)));
    TM_SET(&job, TM_JOB, run_at_ms, tm_turn_now(turn));
    TM_SET(&job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_waiting});
    tm_buf_done(&json);
    if (room_of(q) > 0) {
        start_run(turn, &job);
    } else {
        tm_turn_put(turn, &tm_job_desc, job.id, &job);
    }
}

/* The input of a job, from its payload. */
static tm_raw_input_t *input_of(tm_turn_t *turn, const tm_job_t *job)
{
    tm_raw_input_t *input = tm_arena_zalloc(tm_turn_arena(turn), sizeof *input);
    const tm_err_t err = input == NULL
                             ? TM_ENOMEM
                             : tm_json_read(&tm_raw_input_desc, job->payload, TM_JSON_PARTIAL,
                                            tm_turn_arena(turn), input, NULL, NULL);
    assert(err == TM_OK); /* we wrote it */
    (void)err;
    return input;
}

static void report(tm_turn_t *turn, const tm_job_t *job, const tm_job_done_t *done)
{
    tm_input_parsed_t out = {0};
    TM_SET(&out, TM_INPUT_PARSED, input, (tm_recs_t){input_of(turn, job), 1});
    TM_SET(&out, TM_INPUT_PARSED, job_id, job->id);
    if (TM_HAS(done, TM_JOB_DONE_error)) {
        TM_SET(&out, TM_INPUT_PARSED, error, done->error);
    }
    if (TM_HAS(done, TM_JOB_DONE_documents)) {
        TM_SET(&out, TM_INPUT_PARSED, documents, done->documents);
    }
    if (TM_HAS(done, TM_JOB_DONE_exceptions)) {
        TM_SET(&out, TM_INPUT_PARSED, exceptions, done->exceptions);
    }
    tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_INPUT_PARSED, &out);
}

/* A run ended badly: wait and try again, or give up. */
static void retry(tm_turn_t *turn, tm_job_t *job, const tm_job_done_t *done)
{
    const tm_ms_t now = tm_turn_now(turn);
    run_ends(turn, job, done->error);
    TM_SET(job, TM_JOB, error, done->error);
    TM_SET(job, TM_JOB, updated_ms, now);
    job->version++;
    if (job->attempt <= TM_QUEUE_RETRIES) {
        TM_SET(job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_waiting});
        TM_SET(job, TM_JOB, run_at_ms,
               (tm_ms_t){now.v + ((int64_t)TM_QUEUE_BACKOFF_MS << (job->attempt - 1))});
    } else {
        TM_SET(job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_failed});
        report(turn, job, done);
    }
    tm_turn_put(turn, &tm_job_desc, job->id, job);
}

static void end_run(tm_turn_t *turn, queue_t *q, const tm_job_done_t *done)
{
    tm_job_t *job = tm_tables_read(&q->tables, &tm_job_desc, done->job_id, tm_turn_arena(turn));
    if (job == NULL || job->state.v != TM_JOB_STATE_active || job->fence != done->fence)
        return; /* late: another run has taken over */
    if (TM_HAS(done, TM_JOB_DONE_error)) {
        retry(turn, job, done);
    } else {
        TM_SET(job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_completed});
        TM_SET(job, TM_JOB, updated_ms, tm_turn_now(turn));
        TM_CLEAR(job, TM_JOB_error);
        run_ends(turn, job, (tm_str_t){NULL, 0});
        job->version++;
        report(turn, job, done);
        TM_CLEAR(job, TM_JOB_payload); /* the input has it; who waits for nothing stays small */
        tm_turn_put(turn, &tm_job_desc, job->id, job);
    }
    start_due(turn, q, room_of(q) + 1, done->job_id);
}

/* ---- what a person says of a failed job ---- */

static void turn_failed(tm_turn_t *turn, const queue_t *q, tm_id_t id, bool dismiss)
{
    tm_job_t *job = tm_tables_read(&q->tables, &tm_job_desc, id, tm_turn_arena(turn));
    if (job == NULL) {
        tm_turn_fail(turn, TM_ENOTFOUND, NULL);
        return;
    }
    tm_why_t why;
    tm_why_clear(&why);
    if (job->state.v != TM_JOB_STATE_failed) {
        (void)tm_why_add(&why, TM_ECONFLICT, "state", "only a failed job can be %s; this one is %s",
                         dismiss ? "dismissed" : "retried", tm_job_state_words.words[job->state.v]);
    }
    if (tm_answer_faults(turn, &why))
        return;
    TM_SET(job, TM_JOB, updated_ms, tm_turn_now(turn));
    if (dismiss) {
        TM_SET(job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_dismissed});
        TM_CLEAR(job, TM_JOB_payload); /* it never runs again */
    } else {
        TM_SET(job, TM_JOB, state, (tm_enum_t){TM_JOB_STATE_waiting});
        TM_SET(job, TM_JOB, attempt, 0);
        TM_SET(job, TM_JOB, run_at_ms, tm_turn_now(turn));
        TM_CLEAR(job, TM_JOB_error);
        TM_CLEAR(job, TM_JOB_runs);
        job->runs = (tm_recs_t){NULL, 0};
    }
    if (!dismiss && room_of(q) > 0) {
        start_run(turn, job);
    } else {
        job->version++;
        tm_turn_put(turn, &tm_job_desc, job->id, job);
    }
    tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_JOB_TURNED, job);
    tm_answer_record(turn, 200, &tm_job_desc, job, NULL);
}

/* ---- runs that ended without a word ---- */

/* Runs whose process died, or that were silent longer than their lease, count as failed. */
static void lose_runs(tm_turn_t *turn, queue_t *q, bool all)
{
    uint32_t key = 0;
    uint32_t n = 0;
    for (const tm_row_t *row; (row = tm_trie_next(&q->active, &key)); key++) {
        tm_job_t *job = tm_row_read(row, tm_turn_arena(turn));
        if (job == NULL || (!all && job->lease_until_ms.v > tm_turn_now(turn).v)) {
            continue;
        }
        n++;
        if (all && job->attempt <= TM_QUEUE_RETRIES) {
            run_ends(turn, job, TM_STR(RUN_LOST));
            start_run(turn, job); /* not the document's fault: at once */
            continue;
        }
        tm_job_done_t done = {0};
        TM_SET(&done, TM_JOB_DONE, error, TM_STR(RUN_LOST));
        retry(turn, job, &done);
    }
    start_due(turn, q, room_of(q) + (all ? 0 : n), (tm_id_t){0});
}

static void queue_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    queue_t *q = state;
    TM_CHECK(q, QUEUE_MAGIC);
    if (msg->type == TM_MSG_JOB_ADD) {
        add_job(turn, q, msg->payload);
    } else if (msg->type == TM_MSG_JOB_DONE) {
        end_run(turn, q, msg->payload);
    } else if (msg->type == TM_MSG_JOB_RETRY || msg->type == TM_MSG_JOB_DISMISS) {
        turn_failed(turn, q, ((const tm_record_ref_t *)msg->payload)->id,
                    msg->type == TM_MSG_JOB_DISMISS);
    } else if (msg->type == TM_MSG_QUEUE_RESTART) {
        lose_runs(turn, q, true);
    } else if (msg->type == TM_MSG_TIMER) {
        lose_runs(turn, q, false);
    } else {
        tm_turn_fail(turn, TM_EINTERNAL, NULL);
    }
}

static tm_ms_t earlier(tm_ms_t a, tm_ms_t b)
{
    return a.v == 0 || b.v < a.v ? b : a;
}

static tm_ms_t queue_next_due(const void *state)
{
    const queue_t *q = state;
    tm_ms_t due = {0};
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_trie_next(&q->active, &key)); key++) {
        const tm_job_t *job = tm_row_read(row, arena);
        due = earlier(due, job->lease_until_ms);
        tm_arena_reset(arena);
    }
    if (q->active.n >= TM_QUEUE_CONCURRENCY)
        return due; /* a waiting job starts when a run ends */
    if (q->n_waiting > 0) {
        due = earlier(due, (tm_ms_t){q->waiting[0].run_at});
    }
    return due;
}

static void *queue_snapshot(void *state)
{
    const queue_t *q = state;
    return tm_tables_view(&q->tables, q->actor, q->version);
}

static tm_err_t queue_take_part(void *state, tm_str_t part, tm_why_t *why)
{
    queue_t *q = state;
    const tm_player_t player = {q, &q->tables, queue_take, NULL};
    return tm_parts_read(&q->parts, &player, q->actor, part, &q->version, why);
}

const tm_actor_kind_t tm_queue_kind = {
    .name = "queue",
    .number = TM_KIND_OF_queue,
    .create = queue_create,
    .destroy = queue_destroy,
    .decide = queue_decide,
    .apply = queue_apply,
    .committed = queue_committed,
    .snapshot = queue_snapshot,
    .next_due = queue_next_due,
    .hash = tm_view_hash,
    .part = tm_plain_part,
    .take = queue_take_part,
};
