/* test_recovery.c - checkpoints of the real actors on a disk in memory: made, used, refused, tried
 * again.
 *
 * How:     campaigns are made by messages to the directory; turns, the journal's batches and the
 *          checkpointer's steps are run by hand. */
#include "store/recovery.h"
#include "actors/view.h"
#include "actors/with_env.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/checkpoint.h"
#include "store/checkpointer.h"
#include "store/with_disk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define SEGMENT 16384u
#define MINUTE 60000

typedef struct world {
    with_disk_t *disk;
    tm_disk_t face;
    with_log_t log;
    tm_journal_t *journal;
    tm_runtime_t *rt;
    tm_checkpointer_t *checkpointer;
    tm_recovery_t recovery;
    int64_t mono_ms;
    uint32_t made;
    bool plain; /* commits are read on this thread */
} world_t;

static tm_err_t env_reserve(void *self, size_t bytes)
{
    return tm_journal_reserve(((world_t *)self)->journal, bytes);
}
static void env_push(void *self, tm_commit_t *first, tm_commit_t *last)
{
    tm_journal_push(((world_t *)self)->journal, first, last);
}
static tm_runtime_t *make_runtime(void *ctx)
{
    tm_env_t env = with_env(ctx);
    env.journal_reserve = env_reserve;
    env.journal_push = env_push;
    return with_actors(env);
}

static tm_err_t open_state(world_t *w, bool use, tm_why_t *why)
{
    const tm_journal_options_t journal = {w->face, SEGMENT, with_fatal, &w->log};
    const tm_err_t err = tm_journal_open(&journal, &w->journal, NULL, why);
    if (err != TM_OK)
        return err;
    const tm_recovery_options_t options = {w->journal, use ? &w->face : NULL, make_runtime, w,
                                           !w->plain};
    return tm_recover(&options, &w->recovery, why);
}

static void settle(world_t *w)
{
    do {
        while (tm_runtime_step(w->rt, 0)) {
        }
    } while (tm_journal_step(w->journal));
}

static void boot(world_t *w, uint64_t every_bytes)
{
    tm_why_t why;
    tm_why_clear(&why);
    if (open_state(w, true, &why) != TM_OK)
        fail_msg("%s", why.faults[0].text);
    w->rt = w->recovery.rt;
    assert_int_equal(tm_journal_begin(w->journal, NULL), TM_OK);
    assert_int_equal(tm_runtime_start(w->rt), TM_OK);
    const tm_checkpointer_options_t options = {.disk = w->face,
                                               .journal = w->journal,
                                               .rt = w->rt,
                                               .every_bytes = every_bytes,
                                               .every_ms = 30 * MINUTE,
                                               .last = w->recovery.checkpoint,
                                               .behind_bytes = w->recovery.bytes};
    w->checkpointer = tm_checkpointer_new(&options);
    assert_int_equal(tm_actors_begin(w->rt, with_env_now(NULL)), TM_OK);
    settle(w);
}

static void die(world_t *w)
{
    settle(w);
    tm_checkpointer_free(TM_TAKE(w->checkpointer));
    tm_journal_free(TM_TAKE(w->journal));
    tm_runtime_free(TM_TAKE(w->rt));
}

static void init(world_t *w, uint64_t every_bytes)
{
    tm_log_init(TM_LOG_ERROR); /* bad checkpoints are no news here */
    *w = (world_t){.disk = with_disk_new()};
    w->face = with_disk_face(w->disk);
    with_log_init(&w->log);
    boot(w, every_bytes);
}

static void done(world_t *w)
{
    die(w);
    with_log_done(&w->log);
    with_disk_free(w->disk);
}

static void make_campaigns(world_t *w, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        void *payload = NULL;
        tm_message_t *msg = tm_msg_new(TM_MSG_CAMPAIGN_CREATE, &payload);
        TM_SET((tm_campaign_t *)payload, TM_CAMPAIGN, name,
               tm_arena_printf(msg->arena, "Race %u", w->made++));
        msg->at = with_env_now(NULL);
        assert_int_equal(tm_runtime_post(w->rt, TM_ACTOR_DIRECTORY, msg), TM_OK);
        settle(w);
    }
}

static bool step(world_t *w)
{
    const bool did =
        tm_checkpointer_step(w->checkpointer, w->mono_ms, (tm_ms_t){w->mono_ms + 1000});
    settle(w);
    return did;
}

static void steps(world_t *w)
{
    while (step(w)) {
    }
}

static tm_checkpointer_stats_t stats_of(world_t *w)
{
    tm_checkpointer_stats_t stats;
    tm_checkpointer_stats(w->checkpointer, &stats);
    return stats;
}

/* A checkpoint and its file. */
static with_file_t *checkpoint(world_t *w, uint64_t *ret_number)
{
    make_campaigns(w, 2);
    steps(w);
    *ret_number = tm_journal_durable(w->journal);
    assert_int_equal(stats_of(w).number, *ret_number);
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(*ret_number, name);
    return with_disk_file(w->disk, name);
}

static void recovery__takes_the_newest_good_one(void **state)
{
    (void)state;
    world_t w;
    init(&w, 0);
    uint64_t first = 0;
    uint64_t second = 0;
    with_file_t *older = checkpoint(&w, &first);
    with_file_t *newer = checkpoint(&w, &second);
    assert_true(first < second);
    tm_checkpointer_free(TM_TAKE(w.checkpointer)); /* what comes now has none */
    make_campaigns(&w, 3);
    const tm_sha256_t live = tm_runtime_hash(w.rt);
    const uint64_t last = tm_journal_durable(w.journal);
    const uint64_t want[] = {second, first, 0};
    for (int i = 0; i < 6; i++) {
        const int bad = i / 2;
        w.plain = i % 2 == 1;
        if (bad > 0 && !w.plain)
            (bad == 1 ? newer : older)->now[300] ^= 1;
        die(&w);
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_equal(open_state(&w, true, &why), TM_OK);
        w.rt = w.recovery.rt;
        assert_int_equal(w.recovery.checkpoint, want[bad]);
        assert_int_equal(w.recovery.commits, last - want[bad]);
        assert_int_equal(why.n, 0);
        const tm_sha256_t hash = tm_runtime_hash(w.rt);
        assert_memory_equal(&hash, &live, sizeof(hash));
        assert_int_equal(tm_journal_begin(w.journal, NULL), TM_OK);
        assert_int_equal(tm_runtime_start(w.rt), TM_OK);
    }
    done(&w);
}

/* Makes campaigns until segments were archived. */
static void until_archived(world_t *w)
{
    uint64_t number;
    for (int i = 0; with_disk_file(w->disk, "archive/0000000001.log") == NULL; i++) {
        assert_true(i < 100);
        (void)checkpoint(w, &number);
    }
}

static void recovery__without_any_says_what_is_missing(void **state)
{
    (void)state;
    world_t w;
    init(&w, 0);
    until_archived(&w);
    const uint64_t newest = stats_of(&w).number;
    const tm_sha256_t live = tm_runtime_hash(w.rt);
    die(&w);
    uint64_t numbers[4];
    uint32_t n = 0;
    char name[TM_CHECKPOINT_NAME];
    assert_int_equal(tm_checkpoint_list(&w.face, 4, numbers, &n), TM_OK);
    assert_int_equal(n, 2);
    for (uint32_t i = 0; i < n; i++) {
        tm_checkpoint_name(numbers[i], name);
        with_disk_file(w.disk, name)->now[200] ^= 1;
    }
    /* The archive holds everything. */
    assert_int_equal(open_state(&w, true, NULL), TM_OK);
    const tm_sha256_t hash = tm_runtime_hash(w.recovery.rt);
    assert_memory_equal(&hash, &live, sizeof(hash));
    tm_runtime_free(w.recovery.rt);
    tm_journal_free(TM_TAKE(w.journal));
    /* It is gone too. */
    assert_int_equal(w.face.remove(w.face.self, "archive/0000000001.log"), TM_OK);
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(open_state(&w, true, &why), TM_EDAMAGED);
    tm_checkpoint_name(newest, name);
    bool named = false;
    for (uint32_t i = 0; i < why.n; i++)
        named = named || strstr(why.faults[i].text, name) != NULL;
    assert_true(named);
    tm_journal_free(TM_TAKE(w.journal));
    with_log_done(&w.log);
    with_disk_free(w.disk);
}

static void recovery__a_journal_that_ends_too_early_is_refused(void **state)
{
    (void)state;
    world_t w;
    init(&w, 0);
    uint64_t number = 0;
    (void)checkpoint(&w, &number);
    with_disk_t *early = with_disk_copy(w.disk);
    (void)checkpoint(&w, &number);
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(number, name);
    die(&w);
    /* The journal as it was, with the checkpoint that came later. */
    with_file_t *file = with_disk_file(w.disk, name);
    const tm_disk_t face = with_disk_face(early);
    int to;
    assert_int_equal(face.open(face.self, name, true, &to), TM_OK);
    assert_int_equal(face.write(face.self, to, 0, file->now, file->now_n), TM_OK);
    const tm_disk_t own = w.face;
    w.face = face;
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(open_state(&w, true, &why), TM_EDAMAGED);
    assert_non_null(strstr(why.faults[0].text, name));
    tm_journal_free(TM_TAKE(w.journal));
    w.face = own;
    with_disk_free(early);
    with_log_done(&w.log);
    with_disk_free(w.disk);
}

static void recovery__another_journals_checkpoint_is_not_used(void **state)
{
    (void)state;
    world_t w;
    world_t other;
    init(&w, 0);
    init(&other, 0);
    other.made = 100; /* other names, other commits */
    uint64_t number = 0;
    with_file_t *file = checkpoint(&other, &number);
    tm_checkpointer_free(TM_TAKE(w.checkpointer));
    make_campaigns(&w, 4);
    assert_true(tm_journal_durable(w.journal) > number);
    const tm_sha256_t live = tm_runtime_hash(w.rt);
    die(&w);
    char name[TM_CHECKPOINT_NAME];
    int to;
    tm_checkpoint_name(number, name);
    assert_int_equal(tm_checkpoint_sweep(&w.face, UINT64_MAX, 0), TM_OK);
    assert_int_equal(w.face.open(w.face.self, name, true, &to), TM_OK);
    assert_int_equal(w.face.write(w.face.self, to, 0, file->now, file->now_n), TM_OK);
    assert_int_equal(open_state(&w, true, NULL), TM_OK);
    assert_int_equal(w.recovery.checkpoint, 0);
    w.rt = w.recovery.rt;
    const tm_sha256_t hash = tm_runtime_hash(w.rt);
    assert_memory_equal(&hash, &live, sizeof(hash));
    assert_int_equal(tm_journal_begin(w.journal, NULL), TM_OK);
    assert_int_equal(tm_runtime_start(w.rt), TM_OK);
    done(&w);
    done(&other);
}

static void checkpointer__comes_by_bytes_and_by_time(void **state)
{
    (void)state;
    world_t w;
    init(&w, 6000);
    assert_false(step(&w)); /* begins the clock */
    while (stats_of(&w).behind_bytes < 6000) {
        assert_false(step(&w));
        make_campaigns(&w, 1);
    }
    steps(&w);
    const uint64_t first = stats_of(&w).number;
    assert_int_equal(first, tm_journal_durable(w.journal));
    assert_true(stats_of(&w).bytes > 500 && stats_of(&w).behind_bytes == 0);
    make_campaigns(&w, 1);
    w.mono_ms += 30 * MINUTE - 1;
    assert_false(step(&w));
    w.mono_ms += 1;
    steps(&w);
    assert_true(stats_of(&w).number > first);
    w.mono_ms += 1000 * MINUTE;
    assert_false(step(&w)); /* nothing changed */
    done(&w);
}

static void checkpointer__a_full_disk_costs_the_file_only(void **state)
{
    (void)state;
    world_t w;
    init(&w, 0);
    uint64_t number = 0;
    (void)checkpoint(&w, &number);
    for (int way = 0; way < 2; way++) {
        make_campaigns(&w, 1);
        if (way == 1) {
            assert_true(step(&w)); /* asked */
            assert_true(step(&w)); /* begun; now the disk gets full */
        }
        w.disk->bytes_free = way == 0 ? 1000 : 0;
        steps(&w);
        const tm_checkpointer_stats_t stats = stats_of(&w);
        assert_int_equal(stats.number, number);
        assert_non_null(strstr(stats.error, "full"));
        uint64_t numbers[4];
        uint32_t n = 0;
        assert_int_equal(tm_checkpoint_list(&w.face, 4, numbers, &n), TM_OK);
        assert_int_equal(numbers[0], number);
        char name[TM_CHECKPOINT_NAME + 4];
        (void)snprintf(name, sizeof(name), "%016llu.checkpoint.new",
                       (unsigned long long)tm_journal_durable(w.journal));
        assert_null(with_disk_file(w.disk, name));
        w.disk->bytes_free = -1;
        assert_false(step(&w)); /* not at once */
        w.mono_ms += MINUTE;
        steps(&w);
        assert_true(stats_of(&w).number > number);
        assert_int_equal(stats_of(&w).error[0], '\0');
        number = stats_of(&w).number;
    }
    done(&w);
}

static void checkpointer__the_last_one_is_made_after_the_stop(void **state)
{
    (void)state;
    world_t w;
    init(&w, 64u << 10);
    make_campaigns(&w, 1);
    tm_checkpointer_stop(w.checkpointer);
    tm_checkpointer_final(w.checkpointer); /* too little was written */
    assert_int_equal(stats_of(&w).number, 0);
    make_campaigns(&w, 12);
    assert_true(stats_of(&w).behind_bytes > (8u << 10));
    tm_runtime_stop(w.rt);
    tm_journal_stop(w.journal);
    tm_checkpointer_final(w.checkpointer);
    const uint64_t number = stats_of(&w).number;
    assert_int_equal(number, tm_journal_durable(w.journal));
    const tm_sha256_t live = tm_runtime_hash(w.rt);
    tm_checkpointer_free(TM_TAKE(w.checkpointer));
    tm_journal_free(TM_TAKE(w.journal));
    tm_runtime_free(TM_TAKE(w.rt));
    assert_int_equal(open_state(&w, true, NULL), TM_OK);
    assert_int_equal(w.recovery.checkpoint, number);
    assert_int_equal(w.recovery.commits, 0);
    const tm_sha256_t hash = tm_runtime_hash(w.recovery.rt);
    assert_memory_equal(&hash, &live, sizeof(hash));
    tm_runtime_free(w.recovery.rt);
    tm_journal_free(TM_TAKE(w.journal));
    with_log_done(&w.log);
    with_disk_free(w.disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recovery__takes_the_newest_good_one),
        cmocka_unit_test(recovery__without_any_says_what_is_missing),
        cmocka_unit_test(recovery__a_journal_that_ends_too_early_is_refused),
        cmocka_unit_test(recovery__another_journals_checkpoint_is_not_used),
        cmocka_unit_test(checkpointer__comes_by_bytes_and_by_time),
        cmocka_unit_test(checkpointer__a_full_disk_costs_the_file_only),
        cmocka_unit_test(checkpointer__the_last_one_is_made_after_the_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
