/* with_world.c - see with_world.h. */
#include "actors/with_world.h"
#include "actors/with_env.h"

#include "base/buf.h"
#include "base/digest.h"
#include "schema/binary.h"
#include "schema/json.h"
#include "schema/record.h"

#include <stdlib.h>

#define TEXT_MAX (4u << 20)

/* ---- the environment ---- */

static tm_ms_t env_now(void *self)
{
    return ((world_t *)self)->now;
}

static void env_push(void *self, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    world_t *w = self;
    if (w->pushed == NULL) {
        w->pushed = first;
    } else {
        w->pushed_last->next = first;
    }
    w->pushed_last = last;
}

static json_t *parse(tm_str_t text)
{
    json_error_t error;
    json_t *json = json_loadb(text.p, text.n, JSON_DECODE_ANY, &error);
    if (json == NULL) {
        fail_msg("%s in %.*s", error.text, (int)text.n, text.p);
    }
    return json;
}

static void env_reply(void *self, tm_reply_to_t to, const tm_answer_t *answer)
{
    world_t *w = self;
    assert_true(to.slot < REPLIES_MAX);
    reply_t *r = &w->replies[to.slot];
    r->times++;
    r->err = answer->err;
    r->status = answer->err == TM_OK ? answer->status : tm_err_status(answer->err);
    r->version = answer->version;
    if (answer->location.n > 0) {
        (void)snprintf(r->location, sizeof r->location, "%.*s", (int)answer->location.n,
                       answer->location.p);
    }
    json_decref(r->body);
    r->body = answer->body == NULL ? NULL : parse(tm_blob_str(answer->body));
    for (uint32_t i = 0; answer->why != NULL && i < answer->why->n; i++) {
        const size_t n = strlen(r->fields);
        (void)snprintf(r->fields + n, sizeof r->fields - n, "%s%s", n > 0 ? " " : "",
                       answer->why->faults[i].field);
    }
}

static void env_answer(void *self, uint64_t number, tm_reply_to_t to)
{
    world_t *w = self;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(64u << 20);
    tm_commit_view_t view;
    assert_true(number >= 1 && number <= w->log_n);
    const durable_t *d = &w->log[number - 1];
    assert_int_equal(tm_commit_decode(tm_str_n(d->bytes, d->n), arena, &view), TM_OK);
    tm_blob_t *body = tm_blob_new(view.answer_body.p, view.answer_body.n);
    const tm_answer_t answer = {
        .status = view.answer_status, .version = view.answer_version, .body = body};
    env_reply(w, to, &answer);
    tm_blob_unref(body);
}

static void env_job(void *self, uint32_t actor, uint16_t type, const tm_desc_t *desc,
                    const void *record)
{
    world_t *w = self;
    const tm_job_t *job = record;
    assert_int_equal(type, TM_JOB_PARSE_INPUT);
    assert_ptr_equal(desc, &tm_job_desc);
    assert_int_equal(actor, TM_ACTOR_QUEUE);
    assert_true(w->n_jobs < JOBS_MAX);
    started_t *s = &w->jobs[w->n_jobs++];
    *s = (started_t){.job = job->id, .fence = job->fence};
    (void)tm_id_format("in", job->input_id, s->input);
    w->jobs_started++;
}

/* ---- life ---- */

static tm_runtime_t *runtime_empty(world_t *w)
{
    tm_env_t env = with_env(w);
    env.now = env_now;
    env.journal_push = env_push;
    env.journal_answer = env_answer;
    env.job_start = env_job;
    env.reply = env_reply;
    return with_actors(env);
}

static void replay_from(world_t *w, tm_runtime_t *rt, uint64_t number)
{
    for (uint64_t i = number; i < w->log_n; i++) {
        tm_why_t why;
        tm_why_clear(&why);
        const tm_str_t body = tm_str_n(w->log[i].bytes, w->log[i].n);
        if (tm_runtime_replay(rt, i + 1, body, &why) != TM_OK) {
            fail_msg("commit %u: %s", (unsigned)i + 1, why.n > 0 ? why.faults[0].text : "?");
        }
    }
}

tm_runtime_t *world_from_log(world_t *w)
{
    tm_runtime_t *rt = runtime_empty(w);
    replay_from(w, rt, 0);
    return rt;
}

/* A cut written and read again, with what the log holds behind it. */
tm_runtime_t *world_from_cut(world_t *w, tm_cut_t *cut)
{
    tm_runtime_t *rt = runtime_empty(w);
    tm_buf_t piece;
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_init(&piece, 1u << 30);
    for (; tm_cut_next(cut, 4096, &piece); tm_buf_clear(&piece)) {
        if (tm_runtime_restore(rt, tm_buf_str(&piece), &why) != TM_OK) {
            fail_msg("restore: %s", why.faults[0].text);
        }
    }
    tm_buf_done(&piece);
    const tm_sha256_t hash = tm_cut_hash(cut);
    if (tm_runtime_restored(rt, tm_cut_number(cut), &hash, &why) != TM_OK) {
        fail_msg("restored: %s", why.faults[0].text);
    }
    replay_from(w, rt, tm_cut_number(cut));
    return rt;
}

/* Every other boot is from a checkpoint that somebody may have made on the way. */
static tm_runtime_t *runtime_from_middle(world_t *w)
{
    uint64_t seed = w->log_n;
    world_t earlier = *w;
    earlier.log_n = (uint32_t)(world_random(&seed) % (w->log_n + 1));
    earlier.rt = world_from_log(&earlier);
    assert_int_equal(tm_runtime_start(earlier.rt), TM_OK);
    tm_cut_t *cut = tm_runtime_cut_now(earlier.rt);
    tm_runtime_t *rt = world_from_cut(w, cut);
    tm_cut_free(cut);
    tm_runtime_free(earlier.rt);
    return rt;
}

void world_boot(world_t *w)
{
    w->rt = w->log_n % 2 == 0 ? world_from_log(w) : runtime_from_middle(w);
    assert_int_equal(tm_runtime_start(w->rt), TM_OK);
    assert_int_equal(tm_actors_begin(w->rt, w->now), TM_OK);
}

void world_init(world_t *w)
{
    memset(w, 0, sizeof *w);
    w->replies = calloc(REPLIES_MAX, sizeof *w->replies);
    assert_non_null(w->replies);
    w->now.v = INT64_C(1791993600000); /* 2026-10-14 16:00 UTC, a Wednesday */
    world_boot(w);
    world_settle(w);
}

void world_free_runtime(world_t *w)
{
    while (w->pushed != NULL) {
        tm_commit_t *commit = w->pushed;
        w->pushed = commit->next;
        tm_runtime_drop(commit);
    }
    tm_runtime_free(TM_TAKE(w->rt));
}

void world_crash(world_t *w)
{
    world_free_runtime(w);
    w->n_jobs = 0; /* they died with the process */
}

void world_done(world_t *w)
{
    world_free_runtime(w);
    for (uint32_t i = 0; i < w->log_n; i++) {
        tm_free(w->log[i].bytes);
    }
    tm_free(w->log);
    for (uint32_t i = 0; i <= w->asked; i++) {
        json_decref(w->replies[i].body);
    }
    free(w->replies);
}

void world_run(world_t *w)
{
    while (tm_runtime_step(w->rt, 0)) {
    }
}

uint32_t world_sync(world_t *w, uint32_t n)
{
    uint32_t done = 0;
    for (; done < n && w->pushed != NULL; done++) {
        tm_commit_t *commit = w->pushed;
        w->pushed = commit->next;
        if (commit->n > 0) {
            if (w->log_n == w->log_cap) {
                w->log_cap = w->log_cap == 0 ? 256 : w->log_cap * 2;
                w->log = tm_realloc(w->log, w->log_cap * sizeof *w->log);
            }
            w->log[w->log_n++] = (durable_t){tm_strdup_n(commit->bytes, commit->n), commit->n};
            commit->number = w->log_n;
        }
        commit->release(commit);
    }
    return done;
}

void world_settle(world_t *w)
{
    do {
        world_run(w);
    } while (world_sync(w, UINT32_MAX) > 0);
}

void world_tick(world_t *w, tm_ms_t now)
{
    w->now = now;
    tm_runtime_tick(w->rt, now);
    world_settle(w);
}

tm_sha256_t world_hash(world_t *w)
{
    return tm_runtime_hash(w->rt);
}

static void keep_cut(void *ctx, tm_cut_t *cut)
{
    *(tm_cut_t **)ctx = cut;
}

tm_cut_t *world_cut(world_t *w)
{
    tm_cut_t *cut = NULL;
    tm_runtime_cut(w->rt, keep_cut, &cut);
    while (cut == NULL) {
        assert_int_equal(world_sync(w, 1), 1);
    }
    return cut;
}

/* ---- requests ---- */

static char *format(const char *fmt, va_list args)
{
    char *text = malloc(TEXT_MAX);
    assert_non_null(text);
    const int n = vsnprintf(text, TEXT_MAX, fmt, args);
    assert_true(n >= 0 && (unsigned)n < TEXT_MAX);
    return text;
}

static void read_json(const tm_desc_t *desc, tm_str_t text, unsigned mode, tm_arena_t *arena,
                      void *record, tm_has_t *nulls)
{
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_json_read(desc, text, mode, arena, record, nulls, &why) != TM_OK) {
        fail_msg("%s: %s %s in %.200s", desc->name, why.faults[0].field, why.faults[0].text,
                 text.p);
    }
}

static tm_message_t *request(world_t *w, uint16_t type, const char *key, const char *body,
                             void **ret_payload)
{
    tm_message_t *msg = tm_msg_new(type, ret_payload);
    assert_true(w->asked + 1 < REPLIES_MAX);
    msg->at = w->now;
    msg->reply_to = (tm_reply_to_t){0, ++w->asked, 1};
    msg->principal = TM_STR("system");
    msg->request_id = tm_arena_printf(msg->arena, "req-%u", w->asked);
    if (key != NULL) {
        const tm_sha256_t sha = tm_sha256(body, strlen(body));
        msg->idem_scope = TM_STR("system POST /test");
        msg->idem_key = tm_arena_str(msg->arena, tm_str(key));
        tm_sha256_format(&sha, msg->idem_fingerprint);
    }
    return msg;
}

/* What is said about a campaign's own records goes to its actor. */
static uint32_t actor_for(uint16_t type, tm_id_t campaign)
{
    static const uint16_t own[] = {
        TM_MSG_GROUP_RESOLVE,    TM_MSG_ROWS_COMBINE, TM_MSG_DECISION_UNDO, TM_MSG_MATRIX_EDIT,
        TM_MSG_EXCEPTIONS_CLOSE, TM_MSG_RECONCILE,    TM_MSG_AUTO_RESOLVE};
    for (size_t i = 0; campaign.v != 0 && i < TM_COUNT(own); i++) {
        if (type == own[i])
            return tm_campaign_actor(campaign);
    }
    return type == TM_MSG_INPUT_STORED ? TM_ACTOR_FEED : TM_ACTOR_DIRECTORY;
}

static uint32_t post(world_t *w, uint16_t type, tm_id_t campaign, const char *key, const char *text)
{
    void *payload = NULL;
    tm_message_t *msg = request(w, type, key, text, &payload);
    const uint32_t slot = w->asked;
    read_json(tm_messages[type].payload, tm_str(text), 0, msg->arena, payload, NULL);
    tm_err_t err = TM_OK;
    if (type == TM_MSG_LINE_POST) {
        tm_buy_line_t *line = payload;
        TM_SET(line, TM_BUY_LINE, campaign_id, campaign);
        err = tm_intake_line(w->rt, msg, NULL);
    } else {
        err = tm_runtime_post(w->rt, actor_for(type, campaign), msg);
    }
    if (err != TM_OK) {
        w->replies[slot] = (reply_t){.err = err, .status = tm_err_status(err), .times = 1};
    }
    return slot;
}

uint32_t post_json(world_t *w, uint16_t type, tm_id_t campaign, const char *key, const char *json,
                   ...)
{
    va_list args;
    va_start(args, json);
    char *text = format(json, args);
    va_end(args);
    const uint32_t slot = post(w, type, campaign, key, text);
    free(text);
    return slot;
}

static const reply_t *answered(world_t *w, uint32_t slot)
{
    world_settle(w);
    assert_int_equal(w->replies[slot].times, 1);
    return &w->replies[slot];
}

uint32_t post_ref(world_t *w, uint32_t actor, uint16_t type, tm_id_t id, const char *key)
{
    void *payload = NULL;
    tm_message_t *msg = request(w, type, key, "", &payload);
    const uint32_t slot = w->asked;
    tm_record_ref_t *ref = payload;
    TM_SET(ref, TM_RECORD_REF, id, id);
    assert_int_equal(tm_runtime_post(w->rt, actor, msg), TM_OK);
    return slot;
}

const reply_t *ask_ref(world_t *w, uint32_t actor, uint16_t type, tm_id_t id)
{
    return answered(w, post_ref(w, actor, type, id, NULL));
}

const reply_t *ask(world_t *w, uint16_t type, tm_id_t campaign, const char *json, ...)
{
    va_list args;
    va_start(args, json);
    char *text = format(json, args);
    va_end(args);
    const uint32_t slot = post(w, type, campaign, NULL, text);
    free(text);
    return answered(w, slot);
}

const reply_t *patch(world_t *w, tm_id_t campaign, int64_t expect, const char *json, ...)
{
    va_list args;
    va_start(args, json);
    char *text = format(json, args);
    va_end(args);
    tm_record_patch_t *p = NULL;
    tm_message_t *msg = request(w, TM_MSG_CAMPAIGN_PATCH, NULL, text, (void **)&p);
    tm_campaign_t *fields = tm_arena_zalloc(msg->arena, sizeof *fields);
    tm_has_t nulls = {{0}};
    read_json(&tm_campaign_desc, tm_str(text), TM_JSON_REQUEST | TM_JSON_PARTIAL, msg->arena,
              fields, &nulls);
    const tm_has_t touched = {{fields->has.w[0] | nulls.w[0], fields->has.w[1] | nulls.w[1]}};
    tm_buf_t buf;
    tm_buf_init(&buf, TEXT_MAX);
    tm_binary_write_patch(&tm_campaign_desc, fields, &touched, &buf);
    TM_SET(p, TM_RECORD_PATCH, id, campaign);
    TM_SET(p, TM_RECORD_PATCH, patch, tm_arena_str(msg->arena, tm_buf_str(&buf)));
    tm_buf_done(&buf);
    free(text);
    msg->expect_version = expect;
    const uint32_t slot = w->asked;
    assert_int_equal(tm_runtime_post(w->rt, TM_ACTOR_DIRECTORY, msg), TM_OK);
    return answered(w, slot);
}

tm_id_t campaign_new(world_t *w, const char *json, ...)
{
    va_list args;
    va_start(args, json);
    char *text = format(json, args);
    va_end(args);
    const uint32_t slot = post(w, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0}, NULL, text);
    free(text);
    const reply_t *r = answered(w, slot);
    if (r->status != 201) {
        fail_msg("status %d fields %s", r->status, r->fields);
    }
    return id_of("cmp", r->body);
}

const reply_t *line_post(world_t *w, tm_id_t campaign, const char *fields, ...)
{
    va_list args;
    va_start(args, fields);
    char *text = format(fields, args);
    va_end(args);
    const uint32_t slot = post_json(w, TM_MSG_LINE_POST, campaign, NULL, "{%s}", text);
    free(text);
    return answered(w, slot);
}

const reply_t *input_new(world_t *w, const char *name, tm_id_t campaign)
{
    char sha[TM_SHA256_TEXT], cmp[TM_ID_TEXT_MAX], given[TM_ID_TEXT_MAX + 32] = "";
    const tm_sha256_t digest = tm_sha256(name, strlen(name));
    tm_sha256_format(&digest, sha);
    if (campaign.v != 0) {
        (void)tm_id_format("cmp", campaign, cmp);
        (void)snprintf(given, sizeof given, ",\"campaign_id\":\"%s\"", cmp);
    }
    return ask(w, TM_MSG_INPUT_STORED, (tm_id_t){0},
               "{\"source\":\"fcc\",\"sha256\":\"%s\",\"filename\":\"%s\",\"status\":\"stored\"%s}",
               sha, name, given);
}

void job_end(world_t *w, const started_t *job, const char *error, const char *documents)
{
    tm_job_done_t *done = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, (void **)&done);
    msg->at = w->now;
    TM_SET(done, TM_JOB_DONE, job_id, job->job);
    TM_SET(done, TM_JOB_DONE, fence, job->fence);
    if (error != NULL) {
        TM_SET(done, TM_JOB_DONE, error, tm_arena_str(msg->arena, tm_str(error)));
    } else {
        json_t *list = parse(tm_str(documents));
        const size_t n = json_array_size(list);
        tm_document_t *docs = tm_arena_zalloc(msg->arena, (n + 1) * sizeof *docs);
        for (size_t i = 0; i < n; i++) {
            char *one = json_dumps(json_array_get(list, i), JSON_COMPACT);
            const tm_str_t kept = tm_arena_str(msg->arena, tm_str(one));
            read_json(&tm_document_desc, kept, 0, msg->arena, &docs[i], NULL);
            free(one);
        }
        TM_SET(done, TM_JOB_DONE, documents, (tm_recs_t){docs, (uint32_t)n});
        json_decref(list);
    }
    assert_int_equal(tm_runtime_post(w->rt, TM_ACTOR_QUEUE, msg), TM_OK);
    world_settle(w);
}

static started_t take_job(world_t *w)
{
    assert_true(w->n_jobs > 0);
    const started_t job = w->jobs[0];
    w->n_jobs--;
    memmove(w->jobs, w->jobs + 1, w->n_jobs * sizeof job);
    return job;
}

void job_read(world_t *w, const char *documents, ...)
{
    va_list args;
    va_start(args, documents);
    char *text = format(documents, args);
    va_end(args);
    const started_t job = take_job(w);
    job_end(w, &job, NULL, text);
    free(text);
}

void job_fail(world_t *w, const char *error)
{
    const started_t job = take_job(w);
    job_end(w, &job, error, NULL);
}

json_t *input_read(world_t *w, const char *name, tm_id_t campaign, const char *documents, ...)
{
    va_list args;
    va_start(args, documents);
    char *text = format(documents, args);
    va_end(args);
    const reply_t *r = input_new(w, name, campaign);
    assert_int_equal(r->status, 202);
    job_read(w, "%s", text);
    free(text);
    return record_json(w, TM_ACTOR_FEED, &tm_raw_input_desc, id_of("in", r->body));
}

/* ---- what can be seen ---- */

static json_t *row_json(const tm_row_t *row)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(64u << 20);
    tm_buf_t buf;
    tm_buf_init(&buf, 64u << 20);
    tm_row_write_json(row, arena, &buf);
    json_t *json = parse(tm_buf_str(&buf));
    tm_buf_done(&buf);
    return json;
}

json_t *record_json(world_t *w, uint32_t actor, const tm_desc_t *desc, tm_id_t id)
{
    tm_view_t *view = tm_runtime_snapshot(w->rt, actor);
    assert_non_null(view);
    const tm_row_t *row = tm_view_get(view, desc, id);
    json_t *json = row == NULL ? NULL : row_json(row);
    tm_shared_unref(view);
    return json;
}

json_t *records_json(world_t *w, uint32_t actor, const tm_desc_t *desc)
{
    json_t *list = json_array();
    tm_view_t *view = tm_runtime_snapshot(w->rt, actor);
    uint32_t key = 0;
    for (const tm_row_t *row;
         view != NULL && (row = tm_trie_next(&view->tables[desc->number], &key)); key++) {
        json_array_append_new(list, row_json(row));
    }
    tm_shared_unref(view);
    return list;
}

tm_campaign_view_t *campaign_view(world_t *w, tm_id_t campaign)
{
    tm_campaign_view_t *view = tm_runtime_snapshot(w->rt, tm_campaign_actor(campaign));
    assert_non_null(view);
    return view;
}

json_t *matrix_json(world_t *w, tm_id_t campaign, const char *query)
{
    tm_matrix_query_t q = tm_matrix_query_default();
    if (query != NULL) {
        const char *eq = strchr(query, '=');
        assert_non_null(eq);
        assert_int_equal(
            tm_matrix_query_parse(tm_str_n(query, (size_t)(eq - query)), tm_str(eq + 1), &q, NULL),
            TM_OK);
    }
    tm_campaign_view_t *view = campaign_view(w, campaign);
    tm_blob_t *body = tm_campaign_view_matrix(view, &q, query == NULL);
    json_t *json = parse(tm_blob_str(body));
    tm_blob_unref(body);
    tm_shared_unref(view);
    return json;
}

int64_t matrix_total(world_t *w, tm_id_t campaign)
{
    json_t *m = matrix_json(w, campaign, NULL);
    const int64_t total = number_of(json_object_get(m, "totals"), "total_cents");
    json_decref(m);
    return total;
}

json_t *cells_of_matrix(json_t *matrix)
{
    json_t *out = json_object();
    json_t *weeks = json_object_get(matrix, "weeks");
    size_t i, k;
    json_t *row, *cell;
    json_array_foreach(json_object_get(matrix, "rows"), i, row)
    {
        if (strcmp(text_of(row, "kind"), "leaf") != 0) {
            continue;
        }
        json_array_foreach(json_object_get(row, "cells"), k, cell)
        {
            char key[400];
            (void)snprintf(key, sizeof key, "%s@%s", text_of(row, "key"),
                           json_string_value(json_array_get(weeks, k)));
            if (json_is_integer(cell)) {
                json_object_set(out, key, cell);
            }
        }
    }
    return out;
}

bool fold_deltas(world_t *w, tm_id_t campaign, uint64_t *version, json_t *cells)
{
    tm_campaign_view_t *view = campaign_view(w, campaign);
    bool whole = true;
    while (*version < view->view.version) {
        tm_delta_t *delta = tm_trie_get(&view->ring, (uint32_t)(*version + 1));
        if (delta == NULL) {
            whole = false;
            break;
        }
        ++*version;
        json_t *body = parse(tm_blob_str(tm_delta_body(delta)));
        assert_int_equal(number_of(body, "version"), *version);
        size_t i;
        json_t *cell;
        json_array_foreach(json_object_get(body, "cells"), i, cell)
        {
            json_t *gross = json_object_get(cell, "gross_cents");
            if (json_is_null(gross)) {
                json_object_del(cells, text_of(cell, "key"));
            } else {
                json_object_set(cells, text_of(cell, "key"), gross);
            }
        }
        json_decref(body);
    }
    tm_shared_unref(view);
    return whole;
}

tm_id_t id_of(const char *prefix, json_t *record)
{
    tm_id_t id = {0};
    assert_int_equal(tm_id_parse(prefix, tm_str(text_of(record, "id")), &id), TM_OK);
    return id;
}

const char *text_of(json_t *record, const char *field)
{
    json_t *value = json_object_get(record, field);
    assert_non_null(value);
    return json_is_string(value) ? json_string_value(value) : "";
}

int64_t number_of(json_t *record, const char *field)
{
    json_t *value = json_object_get(record, field);
    assert_non_null(value);
    return json_is_integer(value) ? json_integer_value(value) : INT64_MIN;
}

static uint32_t unarchived(json_t *list)
{
    uint32_t n = 0;
    size_t i;
    json_t *line;
    json_array_foreach(list, i, line)
    {
        n += number_of(line, "archived_ms") == INT64_MIN;
    }
    json_decref(list);
    return n;
}

uint32_t open_lines(world_t *w, tm_id_t campaign)
{
    return unarchived(records_json(w, tm_campaign_actor(campaign), &tm_buy_line_desc));
}

uint32_t pending_lines(world_t *w)
{
    return unarchived(records_json(w, TM_ACTOR_DIRECTORY, &tm_buy_line_desc));
}

uint64_t world_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
