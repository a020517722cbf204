/* state.c - a folder's state without a server, see state.h.
 *
 * Threads: main. */
#include "app/state.h"

#include "actors/kinds.h"
#include "actors/view.h"

#include <stdio.h>
#include <sys/stat.h>

#define PATH_BYTES 1200

tm_err_t tm_state_has_journal(const char *data, tm_why_t *why)
{
    char path[PATH_BYTES];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/journal", data);
    return stat(path, &st) == 0
               ? TM_OK
               : tm_why_add(why, TM_ENOTFOUND, NULL, "there is no journal in %s", data);
}

tm_err_t tm_state_journal(const char *data, tm_disk_t *disk, tm_journal_t **ret,
                          tm_journal_info_t *info, tm_why_t *why)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/journal", data);
    tm_err_t err = tm_state_has_journal(data, why);
    err = err != TM_OK ? err : tm_disk_folder(path, disk, why);
    if (err != TM_OK)
        return err;
    const tm_journal_options_t options = {.disk = *disk, .segment_bytes = UINT64_C(16) << 20};
    err = tm_journal_open(&options, ret, info, why);
    if (err != TM_OK) {
        tm_disk_close(disk);
    }
    return err;
}

bool tm_state_checkpoints(const char *data, tm_disk_t *disk)
{
    char path[PATH_BYTES];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/checkpoints", data);
    return stat(path, &st) == 0 && tm_disk_folder(path, disk, NULL) == TM_OK;
}

/* Replay only applies: nothing is staged, sent or answered, so nothing of the world is asked. */
static tm_ms_t no_clock(void *self TM_UNUSED)
{
    return (tm_ms_t){0};
}

static void no_random(void *self TM_UNUSED, void *p, size_t n)
{
    memset(p, 0, n);
}

static tm_err_t no_reserve(void *self TM_UNUSED, size_t bytes TM_UNUSED)
{
    return TM_EDISKFULL;
}

static void no_push(void *self TM_UNUSED, tm_commit_t *first TM_UNUSED, tm_commit_t *last TM_UNUSED)
{
    assert(false && "replay stages nothing");
}

static void no_answer(void *self TM_UNUSED, uint64_t number TM_UNUSED, tm_reply_to_t to TM_UNUSED)
{
}

static void no_job(void *self TM_UNUSED, uint32_t actor TM_UNUSED, uint16_t type TM_UNUSED,
                   const tm_desc_t *desc TM_UNUSED, const void *record TM_UNUSED)
{
}

static void no_reply(void *self TM_UNUSED, tm_reply_to_t to TM_UNUSED,
                     const tm_answer_t *answer TM_UNUSED)
{
}

static void no_live(void *self TM_UNUSED, uint32_t actor TM_UNUSED) {}

static const tm_env_t no_world = {
    .now = no_clock,
    .random = no_random,
    .journal_reserve = no_reserve,
    .journal_push = no_push,
    .journal_answer = no_answer,
    .job_start = no_job,
    .reply = no_reply,
    .live = no_live,
};

static tm_runtime_t *make_runtime(void *ctx TM_UNUSED)
{
    const tm_runtime_options_t options = {
        .kinds = tm_kinds,
        .messages = tm_messages,
        .n_messages = TM_MSG_COUNT,
        .env = no_world,
    };
    tm_runtime_t *rt = tm_runtime_new(&options);
    tm_actors_ensure(rt);
    return rt;
}

tm_err_t tm_state_open(const char *data, bool full, tm_state_t *ret, tm_why_t *why)
{
    *ret = (tm_state_t){0};
    tm_err_t err = tm_state_journal(data, &ret->disk, &ret->journal, &ret->info, why);
    if (err != TM_OK)
        return err;
    tm_disk_t checkpoints = {0};
    const bool use = !full && tm_state_checkpoints(data, &checkpoints);
    const tm_recovery_options_t options = {ret->journal, use ? &checkpoints : NULL, make_runtime,
                                           NULL, true};
    err = tm_recover(&options, &ret->recovery, why);
    if (use)
        tm_disk_close(&checkpoints);
    if (err != TM_OK)
        tm_state_close(ret);
    return err;
}

void tm_state_close(tm_state_t *state)
{
    tm_runtime_free(state->recovery.rt);
    tm_journal_free(state->journal);
    tm_disk_close(&state->disk);
    *state = (tm_state_t){0};
}

typedef struct each {
    tm_record_fn *fn;
    void *ctx;
    tm_why_t *why;
    tm_err_t err;
} each_t;

/* Every kind's picture begins with a view. */
static void each_of_actor(void *ctx, uint32_t actor TM_UNUSED, const void *picture)
{
    each_t *each = ctx;
    const tm_view_t *view = picture;
    for (uint32_t t = 0; view != NULL && t < TM_VIEW_TABLES; t++) {
        uint32_t key = 0;
        for (const tm_row_t *row;
             each->err == TM_OK && (row = tm_trie_next(&view->tables[t], &key)) != NULL; key++) {
            each->err =
                each->fn(each->ctx, row->desc, row->id, tm_str_n(row->bytes, row->n), each->why);
        }
    }
}

tm_err_t tm_state_each(const tm_state_t *state, tm_record_fn *fn, void *ctx, tm_why_t *why)
{
    each_t each = {fn, ctx, why, TM_OK};
    tm_runtime_pictures(state->recovery.rt, each_of_actor, &each);
    return each.err;
}
