/* world.h - the whole program put together: folder, journal, runtime, actors, jobs, projector,
 * http; started and stopped in order.
 *
 * Why:     one place knows all parts; the parts know only what they are given.
 * Threads: app. */
#ifndef TM_APP_WORLD_H
#define TM_APP_WORLD_H
#include "app/config.h"
#include "app/exports.h"
#include "app/folder.h"
#include "app/jobs.h"
#include "app/shared_rates.h"
#include "base/ceiling.h"
#include "feeds/reader.h"
#include "http/server.h"
#include "store/blobs.h"
#include "store/checkpointer.h"
#include "store/projector.h"
#include "store/recovery.h"

typedef struct tm_world {
    const tm_config_t *config;
    int lock; /* of the data folder, -1: not owned */
    char key[TM_KEY_TEXT_MAX];
    tm_disk_t disk;
    bool has_disk;
    tm_disk_t checkpoints; /* their folder */
    bool has_checkpoints;
    tm_journal_t *journal;
    tm_checkpointer_t *checkpointer;
    tm_recovery_t recovery; /* what the state was made from; its runtime is rt */
    tm_journal_info_t journal_info;
    tm_runtime_t *rt;
    tm_ceiling_t *ceiling;
    tm_jobs_t *jobs;
    tm_exports_t *exports;
    tm_blobs_t *blobs;
    tm_sandbox_t *sandbox; /* NULL: documents are not read, see sandbox_why */
    tm_why_t sandbox_why;
    tm_projector_t *projector;
    tm_http_t *http;
    tm_shared_rates_t *rates; /* NULL: Redis is not wanted */
    bool started;
} tm_world_t;

/* Owns the folder, replays the journal, binds the listeners (config's, or `private_port`:
 * 127.0.0.1 on any free port) and answers
 * once it returns. Errors: anything, told in why; then tm_world_close cleans up what was begun. */
TM_MUST_CHECK tm_err_t tm_world_open(tm_world_t *world, const tm_config_t *config,
                                     bool private_port, tm_why_t *why);
/* Orderly: stop accepting, answer what waits, actors, journal, projector. Safe after a failed
 *          open. */
void tm_world_close(tm_world_t *world);

/* An arena of at most so many bytes, fewer when memory gets short. */
TM_OWN tm_arena_t *tm_world_arena(const tm_world_t *world, size_t bytes_max);

/* services.c: what http and actors need of the rest. */
tm_services_t tm_world_services(tm_world_t *world);
tm_env_t tm_world_env(tm_world_t *world);
/* Answers leave: what the journal calls after each batch. */
void tm_world_released(void *world);
#endif
