/* test_turn.c - what a message may do, and when its consequences leave. One thread, a journal that
 * obeys. */
#include "runtime/with_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static world_t world;

static const reply_t *reply(uint32_t slot)
{
    return &world.replies[slot];
}

static uint32_t picture_rows(uint32_t actor)
{
    picture_t *picture = world_picture(&world, actor);
    const uint32_t n = picture == NULL ? UINT32_MAX : picture->n;
    tm_shared_unref(picture);
    return n;
}

static void turn__nothing_leaves_before_it_is_durable(void **state)
{
    (void)state;
    assert_int_equal(picture_rows(1), 0);
    assert_int_equal(world_post(&world, 1, MSG_HOP, 5, 1, 1, NULL, NULL), TM_OK);
    assert_int_equal(world_post(&world, 2, MSG_JOB, 9, 0, 2, NULL, NULL), TM_OK);
    world_run(&world);
    row_t row;
    assert_int_equal(world_rows(&world, 1, &row, 1), 1); /* applied */
    assert_int_equal(world.replies_n, 0);
    assert_int_equal(world.lives, 0);
    assert_int_equal(world.jobs, 0);
    assert_int_equal(picture_rows(1), 0);
    assert_false(tm_runtime_step(world.rt, 0)); /* the durable send is not there either */

    assert_int_equal(world_sync(&world, UINT32_MAX), 2);
    assert_int_equal(world.replies_n, 2);
    assert_int_equal(reply(1)->status, 200);
    assert_int_equal(reply(1)->lives_before, 1);
    assert_int_equal(world.jobs, 1);
    assert_int_equal(world.job_token, 9);
    assert_int_equal(picture_rows(1), 1);
    assert_true(tm_runtime_step(world.rt, 0));
}

static void turn__answers_wait_for_the_snapshot_of_the_whole_turn(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 5; i++)
        assert_int_equal(world_post(&world, 1, i == 5 ? MSG_READ : MSG_ADD, i, 0, i, NULL, NULL),
                         TM_OK);
    world_run(&world);
    assert_int_equal(world.pushed_n, 5);
    assert_int_equal(world_sync(&world, 4), 4);
    assert_int_equal(world.replies_n, 0);
    assert_int_equal(picture_rows(1), 0);
    assert_int_equal(world_sync(&world, 1), 1);
    assert_int_equal(world.replies_n, 5);
    assert_int_equal(world.lives, 1);
    assert_int_equal(picture_rows(1), 4);
    for (uint32_t i = 1; i <= 5; i++)
        assert_int_equal(reply(i)->order, i);
    assert_string_equal(reply(5)->body, "4");
    assert_string_equal(reply(1)->location, "/rows/new");
    assert_int_equal(world.log_n, 4); /* the read left no trace */
}

static void turn__a_message_without_changes_waits_for_what_was_staged_before(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_SILENT, 1, 0, 0, NULL, NULL), TM_OK);
    world_run(&world);
    assert_int_equal(world_post(&world, 1, MSG_READ, 0, 0, 1, NULL, NULL), TM_OK);
    world_run(&world);
    assert_int_equal(world.pushed_n, 2);
    assert_int_equal(world_sync(&world, 1), 1);
    assert_int_equal(world.replies_n, 0);
    assert_int_equal(world_sync(&world, 1), 1);
    assert_string_equal(reply(1)->body, "1");
}

static void turn__fail_drops_everything_staged(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_FAIL, 1, 0, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(1)->err, TM_EINVALID);
    assert_int_equal(reply(1)->status, 422);
    assert_string_equal(reply(1)->field, "tv_homes");
    assert_int_equal(world.log_n, 0);
    assert_int_equal(world.jobs, 0);
    /* Its id was given back. */
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, NULL, NULL), TM_OK);
    world_settle(&world);
    row_t row;
    assert_int_equal(world_rows(&world, 1, &row, 1), 1);
    assert_int_equal(row.id.v, tm_id_make(1, 1).v);
}

static void turn__patch_tells_null_from_untouched(void **state)
{
    (void)state;
    row_t row;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 77, 5, 0, NULL, NULL), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_PATCH, 0, 6, 0, NULL, NULL), TM_OK);
    world_settle(&world);
    world_rows(&world, 1, &row, 1);
    assert_int_equal(row.rank, 6);
    assert_int_equal(row.token, 77);
    assert_int_equal(world_post(&world, 1, MSG_PATCH, 0, INT32_MIN, 0, NULL, NULL), TM_OK);
    world_settle(&world);
    const tm_sha256_t before = tm_runtime_hash(world.rt);
    world_crash(&world);
    world_boot(&world);
    world_rows(&world, 1, &row, 1);
    assert_int_equal(row.rank, INT32_MIN);
    assert_int_equal(row.token, 77);
    const tm_sha256_t after = tm_runtime_hash(world.rt);
    assert_memory_equal(&before, &after, sizeof(before));
}

static void turn__a_full_disk_is_507_and_changes_nothing(void **state)
{
    (void)state;
    const size_t room = world.room;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    const tm_sha256_t before = tm_runtime_hash(world.rt);
    world.room = 10;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 2, 0, 2, "k", "b"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_HOP, 2, 3, 3, NULL, NULL), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_READ, 2, 0, 4, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(2)->status, 507);
    assert_int_equal(reply(3)->status, 507);
    assert_int_equal(reply(4)->status, 200); /* reads go on */
    const tm_sha256_t after = tm_runtime_hash(world.rt);
    assert_memory_equal(&before, &after, sizeof(before));
    tm_runtime_stats_t stats;
    tm_runtime_stats(world.rt, &stats);
    assert_int_equal(stats.outbox, 0);

    world.room = room; /* writes resume by themselves; the refused key was not used */
    assert_int_equal(world_post(&world, 1, MSG_ADD, 2, 0, 5, "k", "b"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(5)->status, 201);
    assert_int_equal(reply(5)->from_commit, 0);
}

static void turn__a_send_the_receiver_cannot_store_comes_again(void **state)
{
    (void)state;
    /* 3 sends to actor 2 are durable, then the disk is full when the receiver takes the second. */
    assert_int_equal(world_post(&world, 1, MSG_BURST, 3, 2, 1, NULL, NULL), TM_OK);
    world_run(&world);
    assert_int_equal(world_sync(&world, UINT32_MAX), 1);
    const size_t room = world.room;
    world.room = 60;
    world_settle(&world);
    row_t rows[8];
    const uint32_t taken = world_rows(&world, 2, rows, 8);
    assert_in_range(taken, 0, 2);
    tm_runtime_tick(world.rt, world.now);
    world_settle(&world);
    assert_int_equal(world_rows(&world, 2, rows, 8), taken); /* still full */
    tm_runtime_stats_t stats;
    tm_runtime_stats(world.rt, &stats);
    assert_int_equal(stats.outbox, 3 - taken);
    world.room = room;
    tm_runtime_tick(world.rt, world.now);
    world_settle(&world);
    assert_int_equal(world_rows(&world, 2, rows, 8), 3);
    for (int64_t i = 0; i < 3; i++)
        assert_int_equal(rows[i].token, i);
    tm_runtime_stats(world.rt, &stats);
    assert_int_equal(stats.outbox, 0);
}

static void turn__a_send_that_can_never_be_stored_is_taken_and_refused(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_BURST, 2, 2, 1, NULL, NULL), TM_OK);
    world_run(&world);
    assert_int_equal(world_sync(&world, UINT32_MAX), 1);
    world.commit_max = 45; /* room for a mark, not for a row */
    world_settle(&world);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 0);
    tm_runtime_stats_t stats;
    tm_runtime_stats(world.rt, &stats);
    assert_int_equal(stats.outbox, 0);
    assert_int_equal(world.log_n, 3);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(2)->err, TM_ETOOLARGE);
    world.commit_max = 0;
    world_crash(&world);
    world_boot(&world); /* what comes later is not held up, and the refused ones do not come back */
    assert_int_equal(world_post(&world, 1, MSG_BURST, 1, 2, 3, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 1);
}

static void turn__time_never_goes_back_for_an_actor(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 0, NULL, NULL), TM_OK);
    /* the clock jumps back; apply checks created_ms against the commit's time */
    world.now.v -= 5000;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 2, 0, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(1)->status, 201);
    world_crash(&world);
    world_boot(&world); /* replay refuses a commit whose time goes back */
}

static void turn__a_full_mailbox_is_busy_and_its_durable_sends_wait(void **state)
{
    (void)state;
    world_crash(&world);
    world.depth_max = 4;
    world_boot(&world);
    assert_int_equal(world_post(&world, 1, MSG_BURST, 10, 2, 1, NULL, NULL), TM_OK);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(world_post(&world, 2, MSG_ADD, 100 + i, 0, 0, NULL, NULL), TM_OK);
    assert_int_equal(world_post(&world, 2, MSG_ADD, 200, 0, 0, NULL, NULL), TM_EBUSY);
    assert_int_equal(world_post(&world, 9, MSG_ADD, 200, 0, 0, NULL, NULL), TM_ENOTFOUND);
    world_settle(&world);
    row_t rows[20];
    assert_int_equal(world_rows(&world, 2, rows, 20), 14);
    int64_t next = 0;
    for (uint32_t i = 0; i < 14; i++) {
        if (rows[i].token < 100)
            assert_int_equal(rows[i].token, next++);
    }
    assert_int_equal(next, 10);
}

static void turn__a_full_outbox_refuses_edges(void **state)
{
    (void)state;
    world_crash(&world);
    world.depth_max = 3;
    world_boot(&world);
    assert_int_equal(world_post(&world, 1, MSG_BURST, 10000, 2, 1, NULL, NULL), TM_OK);
    world_run(&world);
    assert_int_equal(world_post(&world, 1, MSG_READ, 0, 0, 2, NULL, NULL), TM_EBUSY);
    world_settle(&world);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 10000);
    assert_int_equal(world_post(&world, 1, MSG_READ, 0, 0, 2, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(2)->status, 200);
}

static void turn__ends_early_after_large_commits(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_BURST, 9000, 2, 1, NULL, NULL), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_READ, 0, 0, 2, NULL, NULL), TM_OK);
    assert_true(tm_runtime_step(world.rt, 0));
    assert_int_equal(world.pushed_n, 1);
    assert_true(world.pushed->n > 128 * 1024);
    assert_true(tm_runtime_step(world.rt, 0)); /* the rest is still runnable */
    assert_int_equal(world.pushed_n, 2);
    world_sync(&world, 1);
    assert_int_equal(reply(1)->times, 1); /* without waiting for the second */
    assert_int_equal(reply(2)->times, 0);
}

static void turn__a_burst_makes_its_receiver(void **state)
{
    (void)state;
    assert_false(tm_runtime_has(world.rt, 40));
    assert_int_equal(world_post(&world, 1, MSG_BURST, 2, 40, 1, NULL, NULL), TM_OK);
    world_run(&world);
    assert_false(tm_runtime_has(world.rt, 40));
    world_settle(&world);
    assert_true(tm_runtime_has(world.rt, 40));
    assert_int_equal(picture_rows(40), 2);
    /* To itself. */
    assert_int_equal(world_post(&world, 3, MSG_BURST, 2, 3, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(picture_rows(3), 2);
}

static void timer__fires_once_and_not_in_replay(void **state)
{
    (void)state;
    const int64_t due = world.now.v + 500;
    assert_int_equal(world_post(&world, 1, MSG_SET_DUE, due, 0, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    tm_runtime_tick(world.rt, (tm_ms_t){due - 1});
    assert_false(tm_runtime_step(world.rt, 0));
    world_crash(&world);
    world_boot(&world); /* the due time is state */
    tm_runtime_tick(world.rt, (tm_ms_t){due - 1});
    assert_false(tm_runtime_step(world.rt, 0));
    tm_runtime_tick(world.rt, (tm_ms_t){due});
    tm_runtime_tick(world.rt, (tm_ms_t){due + 1}); /* told already */
    world_settle(&world);
    row_t rows[4];
    assert_int_equal(world_rows(&world, 1, rows, 4), 2);
    assert_int_equal(rows[1].rank, -1);
    assert_int_equal(rows[1].token, due);
    world_crash(&world);
    world_boot(&world);
    tm_runtime_tick(world.rt, (tm_ms_t){due + 1000});
    assert_false(tm_runtime_step(world.rt, 0));
    assert_int_equal(world_rows(&world, 1, rows, 4), 2);
}

static void timer__waits_for_a_full_mailbox(void **state)
{
    (void)state;
    world_crash(&world);
    world.depth_max = 1;
    world_boot(&world);
    assert_int_equal(world_post(&world, 1, MSG_SET_DUE, world.now.v, 0, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(world_post(&world, 1, MSG_READ, 0, 0, 0, NULL, NULL), TM_OK);
    tm_runtime_tick(world.rt, world.now);
    world_settle(&world);
    assert_int_equal(world_rows(&world, 1, NULL, 0), 1);
    tm_runtime_tick(world.rt, (tm_ms_t){world.now.v + 2000});
    world_settle(&world);
    assert_int_equal(world_rows(&world, 1, NULL, 0), 2);
}

static void key__a_repeat_gets_the_same_answer(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, "k1", "body"), TM_OK);
    world_settle(&world);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, "k1", "body"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 3, "k1", "other body"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 4, "k2", "body"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(1)->status, 201);
    assert_int_equal(reply(2)->status, 201);
    assert_int_equal(reply(2)->from_commit, 1);
    assert_string_equal(reply(2)->body, reply(1)->body);
    assert_string_equal(reply(2)->location, "/rows/new");
    assert_int_equal(reply(2)->version, reply(1)->version);
    assert_int_equal(reply(3)->err, TM_EKEYREUSED);
    assert_int_equal(reply(3)->status, 422);
    assert_int_equal(reply(4)->from_commit, 0);
    assert_int_equal(world_rows(&world, 1, NULL, 0), 2);
    /* After a crash, from the journal. */
    world_crash(&world);
    world_boot(&world);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 5, "k1", "body"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 6, "k1", "another"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(5)->from_commit, 1);
    assert_int_equal(reply(6)->err, TM_EKEYREUSED);
}

static void key__a_repeat_of_something_not_durable_waits(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, "k", "body"), TM_OK);
    /* in the same turn */
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, "k", "body"), TM_OK);
    world_run(&world);
    /* in a later one */
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 3, "k", "body"), TM_OK);
    world_run(&world);
    assert_int_equal(world.replies_n, 0);
    assert_int_equal(world.pushed_n, 3);
    world_settle(&world);
    assert_int_equal(reply(1)->status, 201);
    assert_int_equal(reply(2)->from_commit, 1);
    assert_int_equal(reply(3)->from_commit, 1);
    assert_int_equal(world.log_n, 1);
    for (uint32_t i = 1; i <= 3; i++)
        assert_int_equal(reply(i)->times, 1);
}

static void key__lost_in_a_crash_is_new_again(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, "k", "body"), TM_OK);
    world_run(&world);
    world_crash(&world);
    world_boot(&world);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, "k", "another body"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(1)->times, 0);
    assert_int_equal(reply(2)->status, 201);
}

static void key__expires_after_a_day(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, "k", "body"), TM_OK);
    world_settle(&world);
    world.now.v += INT64_C(24) * 3600 * 1000 - 1;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, "k", "body"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(2)->from_commit, 1);
    world.now.v += 1;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 3, "k", "new body"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(3)->status, 201);
    assert_int_equal(reply(3)->from_commit, 0);
}

static void key__a_failed_request_may_be_repeated(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_FAIL, 1, 0, 1, "k", "body"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_FAIL, 1, 0, 2, "k", "body"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 3, "k", "other"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(1)->err, TM_EINVALID);
    assert_int_equal(reply(2)->err, TM_EINVALID);
    assert_int_equal(reply(3)->status, 201);
}

static void key__a_forwarded_request_is_answered_by_its_receiver(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_FORWARD, 1, 2, 1, "k", "body"), TM_OK);
    world_run(&world);
    world_sync(&world, UINT32_MAX);
    assert_int_equal(world.replies_n, 0);
    world_settle(&world);
    assert_int_equal(reply(1)->status, 201);
    assert_int_equal(reply(1)->times, 1);
    /* Its repeat is forwarded too, and answered from the receiver's commit. */
    assert_int_equal(world_post(&world, 1, MSG_FORWARD, 1, 2, 2, "k", "body"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(2)->status, 201);
    assert_int_equal(reply(2)->from_commit, 2);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 1);
    /* Each durable send left its mark, so nothing comes again. */
    world_crash(&world);
    world_boot(&world);
    assert_false(tm_runtime_step(world.rt, 0));
}

static void key__a_forwarded_request_of_a_dead_process_answers_nobody(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_FORWARD, 1, 2, 1, "k", "body"), TM_OK);
    world_run(&world);
    world_sync(&world, UINT32_MAX);
    world_crash(&world);
    world_boot(&world); /* slot 1 is somebody else's now */
    world_settle(&world);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 1);
    assert_int_equal(reply(1)->times, 0);
    /* Its client repeats it and gets the answer. */
    assert_int_equal(world_post(&world, 1, MSG_FORWARD, 1, 2, 2, "k", "body"), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(2)->status, 201);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 1);
}

static void turn__who_is_forgotten_by_an_actor_gets_an_error(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_SILENT, 1, 0, 1, NULL, NULL), TM_OK);
    world_settle(&world);
    assert_int_equal(reply(1)->err, TM_EINTERNAL);
    assert_int_equal(world_rows(&world, 1, NULL, 0), 1);
}

static void stop__refuses_edges_and_ends_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, NULL, NULL), TM_OK);
    tm_runtime_stop(world.rt);
    assert_int_equal(world_rows(&world, 1, NULL, 0), 1);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 2, NULL, NULL), TM_ESTOPPING);
    world_sync(&world, UINT32_MAX);
    assert_int_equal(reply(1)->status, 201);
}

static void snapshot__outlives_its_successors(void **state)
{
    (void)state;
    picture_t *old = world_picture(&world, 1);
    for (int64_t i = 0; i < 50; i++) {
        assert_int_equal(world_post(&world, 1, MSG_ADD, i, 0, 0, NULL, NULL), TM_OK);
        world_settle(&world);
        picture_t *now = world_picture(&world, 1);
        assert_int_equal(now->n, i + 1);
        tm_shared_unref(now);
    }
    assert_int_equal(old->n, 0);
    tm_shared_unref(old);
    assert_null(world_picture(&world, 63));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(turn__nothing_leaves_before_it_is_durable, &world),
        WORLD_TEST(turn__answers_wait_for_the_snapshot_of_the_whole_turn, &world),
        WORLD_TEST(turn__a_message_without_changes_waits_for_what_was_staged_before, &world),
        WORLD_TEST(turn__fail_drops_everything_staged, &world),
        WORLD_TEST(turn__patch_tells_null_from_untouched, &world),
        WORLD_TEST(turn__a_full_disk_is_507_and_changes_nothing, &world),
        WORLD_TEST(turn__a_send_the_receiver_cannot_store_comes_again, &world),
        WORLD_TEST(turn__a_send_that_can_never_be_stored_is_taken_and_refused, &world),
        WORLD_TEST(turn__time_never_goes_back_for_an_actor, &world),
        WORLD_TEST(turn__a_full_mailbox_is_busy_and_its_durable_sends_wait, &world),
        WORLD_TEST(turn__a_full_outbox_refuses_edges, &world),
        WORLD_TEST(turn__ends_early_after_large_commits, &world),
        WORLD_TEST(turn__a_burst_makes_its_receiver, &world),
        WORLD_TEST(timer__fires_once_and_not_in_replay, &world),
        WORLD_TEST(timer__waits_for_a_full_mailbox, &world),
        WORLD_TEST(key__a_repeat_gets_the_same_answer, &world),
        WORLD_TEST(key__a_repeat_of_something_not_durable_waits, &world),
        WORLD_TEST(key__lost_in_a_crash_is_new_again, &world),
        WORLD_TEST(key__expires_after_a_day, &world),
        WORLD_TEST(key__a_failed_request_may_be_repeated, &world),
        WORLD_TEST(key__a_forwarded_request_is_answered_by_its_receiver, &world),
        WORLD_TEST(key__a_forwarded_request_of_a_dead_process_answers_nobody, &world),
        WORLD_TEST(turn__who_is_forgotten_by_an_actor_gets_an_error, &world),
        WORLD_TEST(stop__refuses_edges_and_ends_what_is_there, &world),
        WORLD_TEST(snapshot__outlives_its_successors, &world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
