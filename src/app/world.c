/* world.c - see world.h.
 *
 * How:     open: folder, journal (read), actors, checkpoint, replay, journal (write), jobs,
 *          sandbox, projector, sockets, workers, loops, checkpointer.
 *          close: the same backwards; what was acknowledged is in the journal before anything
 *          ends. */
#include "app/world.h"

#include "actors/kinds.h"
#include "actors/view.h"
#include "base/thread.h"
#include "base/time.h"
#include "files/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 1200
#define PENDING_BYTES_LEAST (512u << 10)
#define SEGMENTS_FREE 4      /* of the journal, on the disk that checkpoints share with it */
#define SEED_WAITS_MAX 10000 /* of a millisecond */

static void die(void *ctx TM_UNUSED, const char *message)
{
    tm_log(TM_LOG_ERROR, "journal", "%s; ending, nothing more is acknowledged", message);
    _exit(1);
}

static const char *path_in(const tm_world_t *w, const char *name, char buf[PATH_BYTES])
{
    (void)snprintf(buf, PATH_BYTES, "%s/%s", tm_config_text(w->config, TM_SET_TRAILMIX_DATA), name);
    return buf;
}

static tm_err_t open_key(tm_world_t *w, tm_why_t *why)
{
    const char *given = tm_config_text(w->config, TM_SET_SYSTEM_API_KEY);
    if (given[0] != '\0') {
        (void)snprintf(w->key, sizeof w->key, "%s", given);
        return TM_OK;
    }
    return tm_folder_key(tm_config_text(w->config, TM_SET_TRAILMIX_DATA), true, w->key, why);
}

static uint64_t segment_bytes(const tm_world_t *w)
{
    return (uint64_t)tm_config_int(w->config, TM_SET_JOURNAL_SEGMENT_MB) << 20;
}

/* The part of the journal's room that one actor may fill. */
static uint64_t pending_bytes(const tm_world_t *w)
{
    return TM_MAX(segment_bytes(w) * TM_PENDING_SHARE_PERCENT / 100, (uint64_t)PENDING_BYTES_LEAST);
}

/* ---- memory ---- */

static void memory_changed(void *ctx, tm_memory_t now, uint64_t used)
{
    const tm_world_t *w = ctx;
    static const char *const what[] = {
        "everything is taken again",
        "caches are emptied; lines, uploads, imports and exports are refused",
        "every write and new event stream is refused",
    };
    tm_log(now == TM_MEMORY_EASY ? TM_LOG_INFO : TM_LOG_WARN, "memory", "%s, %llu of %llu MB: %s",
           tm_memory_name(now), (unsigned long long)(used >> 20),
           (unsigned long long)(tm_ceiling_limit(w->ceiling) >> 20), what[now]);
}

static void relieve(void *ctx)
{
    const tm_world_t *w = ctx;
    tm_http_relieve(w->http);
}

static void make_ceiling(tm_world_t *w)
{
    const uint64_t given = (uint64_t)tm_config_int(w->config, TM_SET_MEMORY_LIMIT_MB) << 20;
    const tm_ceiling_options_t options = {
        .limit_bytes = given > 0 ? given : tm_memory_allowed() / 100 * TM_MEMORY_SHARE_PERCENT,
        .relieve = relieve,
        .changed = memory_changed,
        .ctx = w,
    };
    w->ceiling = tm_ceiling_new(&options);
}

/* What one sort of thing may take of the memory, at most `most` bytes. */
static uint64_t eighth(const tm_world_t *w, uint64_t most)
{
    return w->ceiling == NULL ? most : TM_MIN(most, tm_ceiling_limit(w->ceiling) / 8);
}

TM_OWN tm_arena_t *tm_world_arena(const tm_world_t *w, size_t bytes_max)
{
    const uint64_t used = tm_ceiling_used(w->ceiling);
    const uint64_t limit = tm_ceiling_limit(w->ceiling);
    const uint64_t part = used >= limit ? 0 : (limit - used) / TM_JOB_THREADS;
    return tm_arena_new(TM_MIN(bytes_max, (size_t)TM_MAX(part, (uint64_t)TM_ARENA_BYTES_LEAST)));
}

/* ---- parts ---- */

static tm_runtime_t *make_runtime(void *ctx)
{
    tm_world_t *w = ctx;
    const uint32_t workers = (uint32_t)tm_config_int(w->config, TM_SET_WORKERS);
    const tm_runtime_options_t options = {
        .kinds = tm_kinds,
        .messages = tm_messages,
        .n_messages = TM_MSG_COUNT,
        .workers = workers == 0 ? tm_thread_cpus() : workers,
        .pending_bytes_max = pending_bytes(w),
        .mail_bytes_max = eighth(w, TM_MAIL_BYTES_MAX),
        .env = tm_world_env(w),
    };
    tm_runtime_t *rt = tm_runtime_new(&options);
    tm_actors_ensure(rt);
    return rt;
}

static tm_err_t recover(tm_world_t *w, tm_why_t *why)
{
    const tm_recovery_options_t options = {w->journal, &w->checkpoints, make_runtime, w, true};
    const int64_t began = tm_time_mono_ns();
    const tm_err_t err = tm_recover(&options, &w->recovery, why);
    if (err != TM_OK)
        return err;
    w->rt = w->recovery.rt;
    tm_log(TM_LOG_INFO, "replay", "checkpoint of commit %llu and %llu commits behind it in %lld ms",
           (unsigned long long)w->recovery.checkpoint, (unsigned long long)w->recovery.commits,
           (long long)((tm_time_mono_ns() - began) / 1000000));
    return TM_OK;
}

/* State as it was when the last commit became durable. */
static tm_err_t open_state(tm_world_t *w, tm_why_t *why)
{
    char path[PATH_BYTES];
    tm_err_t err = tm_disk_folder(path_in(w, "journal", path), &w->disk, why);
    if (err != TM_OK)
        return err;
    w->has_disk = true;
    if ((err = tm_disk_folder(path_in(w, "checkpoints", path), &w->checkpoints, why)) != TM_OK)
        return err;
    w->has_checkpoints = true;
    const tm_journal_options_t journal = {
        .disk = w->disk,
        .segment_bytes = segment_bytes(w),
        .on_fatal = die,
    };
    if ((err = tm_journal_open(&journal, &w->journal, &w->journal_info, why)) != TM_OK)
        return err;
    if ((err = recover(w, why)) != TM_OK)
        return err;
    if (w->journal_info.torn_bytes > 0) {
        tm_log(TM_LOG_WARN, "journal",
               "a torn tail of %llu bytes was cut; nothing of it was acknowledged",
               (unsigned long long)w->journal_info.torn_bytes);
    }
    if ((err = tm_journal_begin(w->journal, why)) != TM_OK)
        return err;
    tm_journal_on_released(w->journal, tm_world_released, w);
    return tm_journal_start(w->journal);
}

static tm_err_t open_checkpointer(tm_world_t *w)
{
    const tm_checkpointer_options_t options = {
        .disk = w->checkpoints,
        .journal = w->journal,
        .rt = w->rt,
        .every_bytes = (uint64_t)tm_config_int(w->config, TM_SET_CHECKPOINT_MB) << 20,
        .every_ms = tm_config_int(w->config, TM_SET_CHECKPOINT_MINUTES) * 60000,
        .keep_free = SEGMENTS_FREE * segment_bytes(w),
        .last = w->recovery.checkpoint,
        .behind_bytes = w->recovery.bytes,
    };
    w->checkpointer = tm_checkpointer_new(&options);
    return tm_checkpointer_start(w->checkpointer);
}

static tm_err_t open_edges(tm_world_t *w, tm_why_t *why)
{
    char path[PATH_BYTES];
    char url[PATH_BYTES + 32];
    tm_xlsx_init();
    tm_err_t err = tm_jobs_new(eighth(w, TM_JOBS_BYTES_MAX), &w->jobs);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "threads cannot be started");
    if ((err = tm_exports_new(w, path_in(w, "tmp", path), &w->exports, why)) != TM_OK)
        return err;
    if ((err = tm_blobs_open(path_in(w, "blobs", path), &w->blobs, why)) != TM_OK)
        return err;
    tm_why_clear(&w->sandbox_why);
    if (tm_sandbox_new(&w->sandbox, &w->sandbox_why) != TM_OK) {
        char line[400];
        tm_log(TM_LOG_WARN, "sandbox", "documents are not read: %s",
               tm_why_line(&w->sandbox_why, line, sizeof line));
    }
    const char *given = tm_config_text(w->config, TM_SET_DATABASE_URL);
    (void)snprintf(url, sizeof url, "sqlite:%s", path_in(w, "trailmix.db", path));
    err = tm_projector_new(tm_str(given[0] != '\0' ? given : url), w->journal, &w->projector, why);
    return err != TM_OK ? err : tm_projector_start(w->projector);
}

static tm_err_t open_http(tm_world_t *w, bool private_port, tm_why_t *why)
{
    tm_listen_t listen[TM_CONFIG_LISTEN_MAX];
    uint32_t n = 0;
    for (; !private_port && n < w->config->n_listen; n++) {
        listen[n] = (tm_listen_t){w->config->listen[n].host, w->config->listen[n].port};
    }
    if (n == 0) {
        listen[n++] = (tm_listen_t){
            "127.0.0.1", private_port ? 0 : (uint16_t)tm_config_int(w->config, TM_SET_PORT)};
    }
    const char *cert = tm_config_text(w->config, TM_SET_TLS_CERT_FILE);
    const tm_http_options_t options = {
        .listen = listen,
        .n_listen = n,
        .loops = (uint32_t)tm_config_int(w->config, TM_SET_LOOPS),
        .tls_cert_file = cert[0] != '\0' && !private_port ? cert : NULL,
        .tls_key_file = cert[0] != '\0' && !private_port
                            ? tm_config_text(w->config, TM_SET_TLS_KEY_FILE)
                            : NULL,
        .body_mb_max = (uint32_t)tm_config_int(w->config, TM_SET_MAX_BODY_MB),
        .web_dir = tm_config_text(w->config, TM_SET_TRAILMIX_WEB),
        .system_key = w->key,
        .jwt_secret = tm_config_text(w->config, TM_SET_JWT_SECRET),
        .ceiling = w->ceiling,
        .services = tm_world_services(w),
    };
    const tm_err_t err = tm_http_new(&options, &w->http, why);
    return err != TM_OK ? err
                        : tm_shared_rates_new(w->config, tm_http_rates(w->http), &w->rates, why);
}

/* Nobody is answered before the sources of the first start are there: a line posted at once must
 * find them. */
static tm_err_t wait_for_seed(tm_world_t *w, tm_why_t *why)
{
    for (int i = 0; i < SEED_WAITS_MAX; i++) {
        tm_view_t *view = tm_runtime_snapshot(w->rt, TM_ACTOR_DIRECTORY);
        uint32_t key = 0;
        const bool seeded =
            view != NULL && tm_trie_next(&view->tables[tm_source_desc.number], &key) != NULL;
        tm_shared_unref(view);
        if (seeded)
            return TM_OK;
        const struct timespec pause = {0, 1000000};
        (void)nanosleep(&pause, NULL);
    }
    return tm_why_add(why, TM_ETIMEOUT, NULL, "the first commit does not become durable");
}

static tm_err_t switch_reports(tm_world_t *w)
{
    const bool enabled = strcmp(tm_config_text(w->config, TM_SET_EOD_REPORT_ENABLED), "true") == 0;
    return tm_actors_switch_eod(w->rt, enabled, tm_time_now());
}

tm_err_t tm_world_open(tm_world_t *w, const tm_config_t *config, bool private_port, tm_why_t *why)
{
    memset(w, 0, sizeof *w);
    w->config = config;
    w->lock = -1;
    make_ceiling(w);
    tm_err_t err = tm_folder_own(tm_config_text(config, TM_SET_TRAILMIX_DATA), &w->lock, why);
    err = err != TM_OK ? err : open_key(w, why);
    err = err != TM_OK ? err : open_state(w, why);
    err = err != TM_OK ? err : open_edges(w, why);
    err = err != TM_OK ? err : open_http(w, private_port, why);
    err = err != TM_OK ? err : switch_reports(w);
    if (err == TM_OK) {
        err = tm_runtime_start(w->rt);
        w->started = err == TM_OK;
    }
    err = err != TM_OK ? err : tm_actors_begin(w->rt, tm_time_now());
    err = err != TM_OK ? err : wait_for_seed(w, why);
    err = err != TM_OK ? err : open_checkpointer(w);
    err = err != TM_OK ? err : tm_ceiling_start(w->ceiling);
    err = err != TM_OK ? err : tm_http_start(w->http, w->rt);
    if (err != TM_OK && why->n == 0) {
        (void)tm_why_add(why, err, NULL, "%s", tm_err_text(err));
    }
    return err;
}

void tm_world_close(tm_world_t *w)
{
    if (w->exports != NULL) {
        tm_exports_stop(w->exports);
    }
    if (w->http != NULL) {
        tm_http_stop(w->http, TM_HTTP_STOP_MS);
    }
    if (w->rates != NULL) {
        tm_shared_rates_stop(w->rates);
        tm_shared_rates_free(w->rates);
    }
    if (w->jobs != NULL) {
        tm_jobs_stop(w->jobs);
    }
    if (w->checkpointer != NULL) {
        tm_checkpointer_stop(w->checkpointer);
    }
    if (w->started) {
        tm_runtime_stop(w->rt);
    }
    if (w->journal != NULL) {
        tm_journal_stop(w->journal);
    }
    if (w->checkpointer != NULL) {
        tm_checkpointer_final(w->checkpointer);
    }
    if (w->projector != NULL) {
        tm_projector_stats_t sql;
        tm_projector_stats(w->projector, &sql);
        /* A database that is away or refuses catches up after the next start. */
        tm_projector_stop(w->projector,
                          sql.connected && sql.error[0] == '\0' ? TM_SQL_DRAIN_MS : 0);
        tm_projector_free(w->projector);
    }
    if (w->ceiling != NULL) {
        tm_ceiling_stop(w->ceiling);
    }
    tm_http_free(w->http);
    tm_checkpointer_free(w->checkpointer);
    tm_runtime_free(w->rt);
    tm_journal_free(w->journal);
    tm_blobs_free(w->blobs);
    tm_sandbox_free(w->sandbox);
    tm_exports_free(w->exports);
    tm_jobs_free(w->jobs);
    tm_ceiling_free(w->ceiling);
    if (w->has_disk) {
        tm_disk_close(&w->disk);
    }
    if (w->has_checkpoints) {
        tm_disk_close(&w->checkpoints);
    }
    if (w->lock >= 0) {
        (void)close(w->lock);
    }
    memset(w, 0, sizeof *w);
    w->lock = -1;
}
