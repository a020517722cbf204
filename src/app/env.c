/* env.c - the real world for actors: clock, randomness, journal, jobs, publishing.
 *
 * Threads: any worker, or the journal's thread. */
#include "app/sheets.h"

#include "actors/kinds.h"
#include "base/time.h"
#include "files/sheet_read.h"
#include "schema/json.h"
#include "schema/record.h"

#include <stdio.h>
#include <time.h>

#define RETRY_PAUSE_NS 2000000

static tm_ms_t env_now(void *self TM_UNUSED)
{
    return tm_time_now();
}
static void env_random(void *self TM_UNUSED, void *p, size_t n)
{
    tm_random_bytes(p, n);
}

static tm_err_t env_reserve(void *self, size_t bytes)
{
    return tm_journal_reserve(((tm_world_t *)self)->journal, bytes);
}

static void env_push(void *self, tm_commit_t *first, tm_commit_t *last)
{
    tm_journal_push(((tm_world_t *)self)->journal, first, last);
}

/* The journal's thread; it ends its batch with tm_world_released. */
static void env_reply(void *self, tm_reply_to_t to, const tm_answer_t *answer)
{
    tm_world_t *w = self;
    if (to.loop != TM_NO_LOOP && w->http != NULL) {
        tm_http_reply_gathered(w->http, to, answer);
    }
}

void tm_world_released(void *self)
{
    tm_world_t *w = self;
    if (w->http != NULL) {
        tm_http_reply_flush(w->http);
    }
}

static void env_live(void *self, uint32_t actor)
{
    tm_world_t *w = self;
    if (w->http != NULL) {
        tm_http_live(w->http, actor);
    }
}

/* ---- an answer given before, read from the log ---- */

typedef struct answer_job {
    tm_world_t *world;
    uint64_t number;
    tm_reply_to_t to;
} answer_job_t;

static void answer_again(void *arg)
{
    answer_job_t *job = arg;
    tm_buf_t body;
    tm_buf_init(&body, TM_REPEAT_BYTES_MAX);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(TM_REPEAT_BYTES_MAX);
    tm_commit_view_t commit;
    tm_err_t err = tm_journal_read(job->world->journal, job->number, &body);
    err = err != TM_OK ? err : tm_commit_decode(tm_buf_str(&body), arena, &commit);
    tm_answer_t answer = {.err = err, .version = -1};
    if (err == TM_OK) {
        answer.status = commit.answer_status;
        answer.version = commit.answer_version;
        answer.body = commit.answer_body.n > 0
                          ? tm_blob_new(commit.answer_body.p, commit.answer_body.n)
                          : NULL;
        answer.location = commit.answer_location;
    }
    tm_http_reply(job->world->http, job->to, &answer); /* jobs end before http */
    tm_blob_unref(answer.body);
    tm_buf_done(&body);
    tm_free(job);
}

static void env_answer(void *self, uint64_t number, tm_reply_to_t to)
{
    tm_world_t *w = self;
    answer_job_t *job = TM_NEW(answer_job_t);
    *job = (answer_job_t){w, number, to};
    const tm_job_ask_t ask = {.sort = TM_JOB_REPEATS, .forced = true};
    const tm_err_t err = tm_jobs_run(w->jobs, &ask, answer_again, job);
    if (err != TM_OK) {
        const tm_answer_t answer = {.err = err, .version = -1};
        env_reply(w, to, &answer);
        tm_free(job);
    }
}

/* ---- parsing an input ---- */

typedef struct parse_job {
    tm_world_t *world;
    uint32_t actor;
    tm_arena_t *arena;
    tm_job_t *job; /* in the arena */
} parse_job_t;

/* Sheets are read here, papers by a child that nobody need trust. */
static tm_err_t read_bytes(parse_job_t *p, const tm_raw_input_t *input, tm_str_t bytes,
                           tm_documents_t *ret, tm_recs_t *ret_exceptions, tm_why_t *why)
{
    if (tm_sheet_is(input->filename, input->media_type, bytes))
        return tm_sheets_read(p->world, input, bytes, p->arena, ret, ret_exceptions);
    if (p->world->sandbox == NULL)
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "documents are not read on this machine");
    const tm_upload_t upload = {.filename = input->filename, .sha256 = input->sha256};
    return tm_reader_read(p->world->sandbox, &upload, bytes, TM_PARSE_DEADLINE_MS, p->arena, ret,
                          why);
}

static tm_err_t read_documents(parse_job_t *p, tm_documents_t *ret, tm_recs_t *ret_exceptions,
                               tm_why_t *why)
{
    tm_raw_input_t input = {0};
    tm_sha256_t sha;
    tm_err_t err = tm_json_read(&tm_raw_input_desc, p->job->payload, TM_JSON_PARTIAL, p->arena,
                                &input, NULL, why);
    err = err != TM_OK ? err : tm_sha256_parse(input.sha256, &sha);
    if (err != TM_OK)
        return err;
    tm_buf_t bytes;
    tm_buf_init(&bytes, TM_BLOB_BYTES_MAX);
    err = tm_blobs_get(p->world->blobs, &sha, &bytes, why);
    if (err == TM_ENOTFOUND) {
        (void)tm_why_add(why, err, NULL, "its bytes are not in the data folder");
    }
    if (err == TM_OK) {
        err = read_bytes(p, &input, tm_buf_str(&bytes), ret, ret_exceptions, why);
    }
    tm_buf_done(&bytes);
    return err;
}

static tm_message_t *done_message(const parse_job_t *p, const tm_documents_t *docs,
                                  tm_recs_t exceptions, tm_err_t err, const tm_why_t *why)
{
    tm_job_done_t done = {0};
    char line[900];
    TM_SET(&done, TM_JOB_DONE, job_id, p->job->id);
    TM_SET(&done, TM_JOB_DONE, fence, p->job->fence);
    if (err == TM_OK) {
        for (uint32_t i = 0; i < docs->n; i++) {
            (void)tm_record_clamp(&tm_document_desc,
                                  &docs->v[i]); /* a hostile paper prints anything */
        }
        TM_SET(&done, TM_JOB_DONE, documents, (tm_recs_t){docs->v, docs->n});
        if (exceptions.n > 0) {
            TM_SET(&done, TM_JOB_DONE, exceptions, exceptions);
        }
    } else {
        TM_SET(&done, TM_JOB_DONE, error,
               tm_str(why->n > 0 ? tm_why_line(why, line, sizeof line) : tm_err_text(err)));
    }
    void *payload = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, &payload);
    msg->payload = tm_record_copy(&tm_job_done_desc, &done, msg->arena);
    msg->at = tm_time_now();
    return msg;
}

static void parse_input(void *arg)
{
    parse_job_t *p = arg;
    tm_documents_t docs = {0};
    tm_recs_t exceptions = {NULL, 0};
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err = read_documents(p, &docs, &exceptions, &why);
    for (;;) {
        tm_message_t *msg = done_message(p, &docs, exceptions, err, &why);
        if (msg->payload == NULL) {
            tm_message_free(msg);
            break; /* larger than a message may be: the lease ends the run */
        }
        if (tm_runtime_post(p->world->rt, p->actor, msg) != TM_EBUSY) {
            break;
        }
        const struct timespec pause = {0, RETRY_PAUSE_NS};
        (void)nanosleep(&pause, NULL);
    }
    tm_arena_free(p->arena);
    tm_free(p);
}

static void env_job(void *self, uint32_t actor, uint16_t type TM_UNUSED, const tm_desc_t *desc,
                    const void *record)
{
    tm_world_t *w = self;
    assert(type == TM_JOB_PARSE_INPUT && desc == &tm_job_desc);
    parse_job_t *p = TM_NEW(parse_job_t);
    *p = (parse_job_t){
        .world = w, .actor = actor, .arena = tm_world_arena(w, TM_PARSE_ARENA_BYTES_MAX)};
    p->job = tm_record_copy(desc, record, p->arena);
    assert(p->job != NULL);
    const tm_job_ask_t ask = {.sort = TM_JOB_PAPERS, .forced = true};
    if (tm_jobs_run(w->jobs, &ask, parse_input, p) != TM_OK) {
        tm_arena_free(p->arena); /* stopping: the next start runs it again */
        tm_free(p);
    }
}

tm_env_t tm_world_env(tm_world_t *world)
{
    return (tm_env_t){
        .self = world,
        .now = env_now,
        .random = env_random,
        .journal_reserve = env_reserve,
        .journal_push = env_push,
        .journal_answer = env_answer,
        .job_start = env_job,
        .reply = env_reply,
        .live = env_live,
    };
}
