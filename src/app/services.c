/* services.c - the work that may block, and the world as actors and http see it.
 *
 * Why:     loops and workers hand over; a job thread hashes, writes, reads, parses, and comes back
 *          with a message or an answer.
 * Threads: the tables' functions: any. The static *_job functions: job threads. */
#include "app/sheets.h"

#include "actors/kinds.h"
#include "base/time.h"
#include "feeds/tables.h"
#include "files/sheet_read.h"
#include "schema/json.h"
#include "schema/record.h"

#include <stdio.h>
#include <time.h>

#define STATIONS_A_MESSAGE 500
#define RETRY_PAUSE_NS 2000000

static void reply_problem(tm_world_t *w, tm_reply_to_t to, tm_err_t err, const tm_why_t *why)
{
    const tm_answer_t answer = {.err = err, .why = why, .version = -1};
    tm_http_reply(w->http, to, &answer);
}

/* ---- an input's bytes ---- */

typedef struct store_job {
    tm_world_t *world;
    tm_message_t *msg;
    tm_str_t body; /* in msg's arena */
} store_job_t;

static tm_str_t media_type(tm_str_t body)
{
    if (body.n >= 5 && memcmp(body.p, "%PDF-", 5) == 0)
        return TM_STR("application/pdf");
    return TM_STR("application/octet-stream");
}

/* By the bytes, the name, and for sheets what the sender says. */
static tm_str_t input_type(const tm_raw_input_t *input, tm_str_t body)
{
    const char *sheet = tm_sheet_media_type(input->filename, body);
    if (sheet != NULL)
        return tm_str(sheet);
    return tm_sheet_is(input->filename, input->media_type, body) ? input->media_type
                                                                 : media_type(body);
}

static void store_input(void *arg)
{
    store_job_t *job = arg;
    tm_world_t *w = job->world;
    tm_message_t *msg = job->msg;
    const tm_reply_to_t to = msg->reply_to;
    tm_raw_input_t *input = msg->payload;
    tm_why_t why;
    tm_why_clear(&why);
    const tm_sha256_t sha = tm_sha256(job->body.p, job->body.n);
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(&sha, hex);
    TM_SET(input, TM_RAW_INPUT, sha256, tm_arena_str(msg->arena, tm_str(hex)));
    TM_SET(input, TM_RAW_INPUT, storage_key, input->sha256);
    TM_SET(input, TM_RAW_INPUT, bytes, (int64_t)job->body.n);
    TM_SET(input, TM_RAW_INPUT, media_type, input_type(input, job->body));
    tm_err_t err = tm_blobs_put(w->blobs, job->body, &sha, &why);
    if (err == TM_OK) {
        msg->at = tm_time_now();
        err = tm_runtime_post(w->rt, TM_ACTOR_FEED, msg);
    } else {
        tm_message_free(msg);
    }
    if (err != TM_OK) {
        reply_problem(w, to, err, &why);
    }
    tm_free(job);
}

static tm_err_t input_store(void *self, tm_message_t *msg, tm_str_t body)
{
    store_job_t *job = TM_NEW(store_job_t);
    *job = (store_job_t){self, msg, {NULL, 0}};
    char *copy = tm_arena_alloc(msg->arena, body.n + 1);
    tm_err_t err = copy == NULL ? TM_ENOMEM : TM_OK;
    if (err == TM_OK) {
        memcpy(copy, body.p, body.n);
        job->body = tm_str_n(copy, body.n);
        const tm_job_ask_t ask = {.sort = TM_JOB_UPLOADS, .bytes = body.n};
        err = tm_jobs_run(((tm_world_t *)self)->jobs, &ask, store_input, job);
    }
    if (err != TM_OK) {
        tm_message_free(msg);
        tm_free(job);
    }
    return err;
}

/* ---- bytes back ---- */

typedef struct content_job {
    tm_world_t *world;
    tm_reply_to_t to;
    tm_sha256_t sha;
    char disposition[700];
} content_job_t;

static void send_content(void *arg)
{
    content_job_t *job = arg;
    tm_world_t *w = job->world;
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_t bytes;
    tm_blob_begin(&bytes, TM_BLOB_BYTES_MAX);
    const tm_err_t err = tm_blobs_get(w->blobs, &job->sha, &bytes, &why);
    if (err == TM_OK) {
        const tm_str_t type = media_type(tm_buf_str(&bytes));
        tm_blob_t *body = tm_blob_take(&bytes);
        const tm_answer_t answer = {.status = 200,
                                    .body = body,
                                    .content_type = type.p,
                                    .disposition = job->disposition,
                                    .version = -1};
        tm_http_reply(w->http, job->to, &answer);
        tm_blob_unref(body);
    } else {
        reply_problem(w, job->to, err, &why);
    }
    tm_buf_done(&bytes);
    tm_free(job);
}

/* attachment; filename*=UTF-8''... of the last part of the name. */
static void write_disposition(tm_str_t filename, char *out, size_t out_bytes)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < filename.n; i++) {
        from = filename.p[i] == '/' ? i + 1 : from;
    }
    size_t n = (size_t)snprintf(out, out_bytes, "attachment; filename*=UTF-8''");
    for (uint32_t i = from; i < filename.n && n + 4 < out_bytes; i++) {
        const unsigned char c = (unsigned char)filename.p[i];
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
        n += (size_t)snprintf(out + n, out_bytes - n, plain ? "%c" : "%%%02X", c);
    }
}

static tm_err_t input_content(void *self, tm_str_t sha256, tm_str_t filename, tm_reply_to_t to)
{
    content_job_t *job = TM_NEW(content_job_t);
    *job = (content_job_t){.world = self, .to = to};
    tm_err_t err = tm_sha256_parse(sha256, &job->sha);
    if (err == TM_OK) {
        write_disposition(filename, job->disposition, sizeof job->disposition);
        const tm_job_ask_t ask = {.sort = TM_JOB_CONTENTS};
        err = tm_jobs_run(((tm_world_t *)self)->jobs, &ask, send_content, job);
    }
    if (err != TM_OK) {
        tm_free(job);
    }
    return err;
}

/* ---- tables ---- */

typedef struct table_job {
    tm_world_t *world;
    tm_reply_to_t to;
    bool markets;
    tm_arena_t *arena; /* holds body and principal */
    tm_str_t body, principal;
} table_job_t;

/* Posts and waits while the mailbox is full: a job thread may. */
static tm_err_t post_patiently(tm_world_t *w, uint32_t actor, tm_message_t *(*make)(void *ctx),
                               void *ctx)
{
    for (;;) {
        const tm_err_t err = tm_runtime_post(w->rt, actor, make(ctx));
        if (err != TM_EBUSY)
            return err;
        const struct timespec pause = {0, RETRY_PAUSE_NS};
        (void)nanosleep(&pause, NULL);
    }
}

typedef struct station_chunk {
    table_job_t *job;
    const tm_station_t *stations;
    const tm_str_t *markets;
    uint32_t n;
    bool is_last;
} station_chunk_t;

static tm_message_t *stations_message(void *ctx)
{
    const station_chunk_t *chunk = ctx;
    tm_stations_put_t *put = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_STATIONS_PUT, (void **)&put);
    tm_stations_put_t given = {0};
    TM_SET(&given, TM_STATIONS_PUT, stations,
           (tm_recs_t){(void *)(uintptr_t)chunk->stations, chunk->n});
    TM_SET(&given, TM_STATIONS_PUT, market_names,
           (tm_strs_t){(tm_str_t *)(uintptr_t)chunk->markets, chunk->n});
    msg->payload = tm_record_copy(&tm_stations_put_desc, &given, msg->arena);
    assert(msg->payload != NULL);
    msg->at = tm_time_now();
    msg->principal = tm_arena_str(msg->arena, chunk->job->principal);
    if (chunk->is_last) {
        msg->reply_to = chunk->job->to;
    }
    return msg;
}

static void import_stations(table_job_t *job)
{
    tm_world_t *w = job->world;
    uint32_t n = 0, cap = 1024;
    tm_station_t *stations = tm_alloc(cap * sizeof *stations);
    tm_str_t *markets = tm_alloc(cap * sizeof *markets);
    tm_str_t rest = job->body;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        const uint32_t len = end == NULL ? rest.n : (uint32_t)(end - rest.p);
        if (n == cap) {
            cap *= 2;
            stations = tm_realloc(stations, cap * sizeof *stations);
            markets = tm_realloc(markets, cap * sizeof *markets);
        }
        n += tm_facility_line(tm_str_n(rest.p, len), &stations[n], &markets[n]);
        const uint32_t used = end == NULL ? len : len + 1;
        rest = tm_str_n(rest.p + used, rest.n - used);
    }
    tm_err_t err = TM_OK;
    tm_why_t why;
    tm_why_clear(&why);
    if (n == 0) {
        err = tm_why_add(&why, TM_EINVALID, "body",
                         "holds no station: want the facility table, fields separated by |");
    }
    for (uint32_t i = 0; i < n && err == TM_OK; i += STATIONS_A_MESSAGE) {
        const uint32_t part = TM_MIN((uint32_t)STATIONS_A_MESSAGE, n - i);
        station_chunk_t chunk = {job, stations + i, markets + i, part, i + part == n};
        err = post_patiently(w, TM_ACTOR_DIRECTORY, stations_message, &chunk);
    }
    if (err != TM_OK) {
        reply_problem(w, job->to, err, &why);
    }
    tm_free(stations);
    tm_free(markets);
}

typedef struct market_chunk {
    table_job_t *job;
    tm_market_table_t table;
} market_chunk_t;

static tm_message_t *markets_message(void *ctx)
{
    const market_chunk_t *chunk = ctx;
    tm_markets_put_t *put = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_MARKETS_PUT, (void **)&put);
    tm_markets_put_t given = {0};
    TM_SET(&given, TM_MARKETS_PUT, markets,
           (tm_recs_t){chunk->table.markets, chunk->table.n_markets});
    TM_SET(&given, TM_MARKETS_PUT, aliases,
           (tm_recs_t){chunk->table.aliases, chunk->table.n_aliases});
    msg->payload = tm_record_copy(&tm_markets_put_desc, &given, msg->arena);
    assert(msg->payload != NULL);
    msg->at = tm_time_now();
    msg->principal = tm_arena_str(msg->arena, chunk->job->principal);
    msg->reply_to = chunk->job->to;
    return msg;
}

static void import_markets(table_job_t *job)
{
    tm_why_t why;
    tm_why_clear(&why);
    market_chunk_t chunk = {.job = job};
    tm_err_t err = tm_markets_read(job->body, job->arena, &chunk.table, &why);
    if (err == TM_OK) {
        err = post_patiently(job->world, TM_ACTOR_DIRECTORY, markets_message, &chunk);
    }
    if (err != TM_OK) {
        reply_problem(job->world, job->to, err, &why);
    }
}

static void import_table(void *arg)
{
    table_job_t *job = arg;
    if (job->markets) {
        import_markets(job);
    } else {
        import_stations(job);
    }
    tm_arena_free(job->arena);
    tm_free(job);
}

static tm_err_t table_import(void *self, const char *what, tm_str_t body, tm_reply_to_t to,
                             tm_str_t principal)
{
    table_job_t *job = TM_NEW(table_job_t);
    *job = (table_job_t){.world = self,
                         .to = to,
                         .markets = strcmp(what, "markets") == 0,
                         .arena = tm_world_arena(self, TM_TABLE_ARENA_BYTES_MAX)};
    job->body = tm_arena_str(job->arena, body);
    job->principal = tm_arena_str(job->arena, principal);
    const tm_job_ask_t ask = {.sort = TM_JOB_TABLES, .bytes = body.n};
    const tm_err_t err = tm_jobs_run(((tm_world_t *)self)->jobs, &ask, import_table, job);
    if (err != TM_OK) {
        tm_arena_free(job->arena);
        tm_free(job);
    }
    return err;
}

/* ---- work of others ---- */

static tm_err_t run(void *self, uint32_t actor, void (*fn)(void *arg), void *arg)
{
    const tm_job_ask_t ask = {.sort = TM_JOB_PICTURES, .actor = actor};
    return tm_jobs_run(((tm_world_t *)self)->jobs, &ask, fn, arg);
}

/* ---- health ---- */

/* The newest checkpoint: made by this process, or what it started from. */
static void add_checkpoint(tm_world_t *w, tm_buf_t *out)
{
    tm_checkpointer_stats_t stats = {0};
    if (w->checkpointer != NULL) {
        tm_checkpointer_stats(w->checkpointer, &stats);
    }
    const bool own = stats.number > 0;
    tm_buf_printf(out, "\"checkpoint\":{\"status\":");
    tm_json_write_str(stats.error[0] == '\0' ? TM_STR("ok") : tm_str(stats.error), out);
    tm_buf_printf(out, ",\"number\":%llu,\"at_ms\":%lld",
                  (unsigned long long)(own ? stats.number : w->recovery.checkpoint),
                  (long long)(own ? stats.at.v : w->recovery.at.v));
    if (own) {
        tm_buf_printf(out, ",\"bytes\":%llu,\"took_ms\":%lld", (unsigned long long)stats.bytes,
                      (long long)stats.took_ms);
    } else {
        tm_buf_add_c(out, ",\"bytes\":null,\"took_ms\":null");
    }
    tm_buf_printf(out, ",\"behind_bytes\":%llu},", (unsigned long long)stats.behind_bytes);
}

static void add_memory(const tm_world_t *w, tm_buf_t *out)
{
    const tm_memory_t state = tm_ceiling_state(w->ceiling);
    tm_buf_printf(out, "\"memory\":{\"status\":\"%s\",\"used_bytes\":%llu,\"limit_bytes\":%llu},",
                  state == TM_MEMORY_EASY ? "ok" : tm_memory_name(state),
                  (unsigned long long)tm_ceiling_used(w->ceiling),
                  (unsigned long long)tm_ceiling_limit(w->ceiling));
}

/* Of the lane that is most behind. */
static void add_database(tm_world_t *w, tm_buf_t *out)
{
    tm_projector_stats_t sql;
    tm_projector_stats(w->projector, &sql);
    tm_buf_printf(out,
                  "\"database\":{\"status\":\"%s\",\"lag_commits\":%llu,\"lag_s\":%lld.%lld,"
                  "\"lanes\":%u,\"error\":",
                  sql.connected ? "ok" : "away", (unsigned long long)(sql.durable - sql.position),
                  (long long)(sql.lag_ms / 1000), (long long)(sql.lag_ms % 1000 / 100), sql.lanes);
    if (sql.error[0] != '\0') {
        tm_json_write_str(tm_str(sql.error), out);
    } else {
        tm_buf_add_c(out, "null");
    }
    tm_buf_add_char(out, '}');
}

static bool health(void *self, tm_buf_t *out)
{
    tm_world_t *w = self;
    const bool full = tm_journal_is_full(w->journal);
    const bool files_full = tm_blobs_is_full(w->blobs);
    const bool well = !full && !files_full && w->sandbox != NULL &&
                      tm_shared_rates_is_well(w->rates) &&
                      tm_ceiling_state(w->ceiling) == TM_MEMORY_EASY;
    tm_buf_printf(out,
                  "{\"status\":\"%s\",\"parts\":{\"journal\":{\"status\":\"%s\",\"durable\":%llu},",
                  well ? "healthy" : "degraded", full ? "disk full: writes answer 507" : "ok",
                  (unsigned long long)tm_journal_durable(w->journal));
    add_checkpoint(w, out);
    tm_buf_printf(out, "\"files\":{\"status\":\"%s\"},",
                  files_full ? "disk full: uploads answer 507" : "ok");
    add_memory(w, out);
    add_database(w, out);
    tm_buf_add_c(out, ",\"documents\":{\"status\":");
    char line[400];
    tm_json_write_str(w->sandbox != NULL ? TM_STR("ok")
                                         : tm_str(tm_why_line(&w->sandbox_why, line, sizeof line)),
                      out);
    tm_buf_add_c(out, "},");
    tm_shared_rates_health(w->rates, out);
    tm_buf_add_c(out, "}}");
    return !full;
}

tm_services_t tm_world_services(tm_world_t *world)
{
    return (tm_services_t){
        .self = world,
        .input_store = input_store,
        .input_content = input_content,
        .table_import = table_import,
        .reconcile = tm_sheets_reconcile,
        .health = health,
        .matrix_export = tm_exports_ask,
        .run = run,
    };
}
