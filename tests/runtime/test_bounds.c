/* test_bounds.c - what one actor may have under way: bytes in its mailbox, commits in the journal;
 * and what a flood of it leaves to others. One thread, a journal that obeys. */
#include "runtime/with_world.h"
#include "schema/entities.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SHARE 2000 /* bytes: a few commits */

static world_t world;

/* A message that holds so many bytes beside its payload. */
static tm_err_t post_large(uint32_t actor, size_t bytes)
{
    tm_message_t *msg = tm_message_new(MSG_READ, 0);
    msg->at = world.now;
    msg->payload = tm_arena_zalloc(msg->arena, sizeof(tm_market_t));
    assert_non_null(tm_arena_alloc(msg->arena, bytes));
    return tm_runtime_post(world.rt, actor, msg);
}

static tm_err_t post_line(uint32_t actor, int64_t token)
{
    return world_post(&world, actor, MSG_ADD, token, 0, 0, NULL, NULL);
}

static void mailbox__bytes_are_bounded_for_an_actor(void **state)
{
    (void)state;
    const size_t most = TM_MAILBOX_BYTES_MAX - (1u << 20);
    assert_int_equal(post_large(1, most), TM_OK);
    assert_int_equal(post_large(1, 2u << 20), TM_EBUSY);
    assert_int_equal(post_line(1, 1), TM_OK);         /* it fits */
    assert_int_equal(post_large(2, 2u << 20), TM_OK); /* another's mailbox has room */
    world_settle(&world);
    assert_int_equal(post_large(1, 2u << 20), TM_OK);
    world_settle(&world);
}

static void mailbox__bytes_are_bounded_for_all(void **state)
{
    (void)state;
    const size_t most = TM_MAILBOX_BYTES_MAX - (1u << 20);
    const uint32_t n = TM_MAIL_BYTES_MAX / TM_MAILBOX_BYTES_MAX;
    for (uint32_t i = 1; i <= n; i++)
        assert_int_equal(post_large(i % world.actors + 1, most), TM_OK);
    assert_int_equal(post_large(2, 8u << 20), TM_EBUSY);
    world_settle(&world);
    assert_int_equal(post_large(2, 8u << 20), TM_OK);
    world_settle(&world);
    tm_runtime_stats_t stats;
    tm_runtime_stats(world.rt, &stats);
    assert_int_equal(stats.mail_bytes, 0); /* nothing is counted for ever */
}

static void mailbox__a_large_message_alone_is_taken(void **state)
{
    (void)state;
    assert_int_equal(post_large(1, TM_MESSAGE_BYTES_MAX - (1u << 20)), TM_OK);
    world_settle(&world);
}

static void pending__a_flooded_actor_is_refused_alone(void **state)
{
    (void)state;
    world_crash(&world);
    world.pending_bytes_max = SHARE;
    world_boot(&world);
    uint32_t taken = 0;
    while (taken < 1000 && post_line(1, taken) == TM_OK) {
        world_run(&world); /* commits wait for a sync that does not come */
        taken++;
    }
    assert_true(taken > 1 && taken < 200);
    assert_int_equal(post_line(1, 1000), TM_EBUSY);
    assert_int_equal(world_post(&world, 1, MSG_READ, 0, 0, 0, NULL, NULL), TM_EBUSY);
    assert_int_equal(post_line(2, 1), TM_OK);
    world_settle(&world);
    assert_int_equal(post_line(1, 1001), TM_OK);
    world_settle(&world);
    assert_int_equal(world_rows(&world, 1, NULL, 0), taken + 1);
    assert_int_equal(world_rows(&world, 2, NULL, 0), 1);
}

static void pending__what_waits_already_is_refused_beyond_the_share(void **state)
{
    (void)state;
    world_crash(&world);
    world.pending_bytes_max = SHARE;
    world_boot(&world);
    for (uint32_t i = 1; i <= 90; i++)
        assert_int_equal(world_post(&world, 1, MSG_ADD, i, 0, i, NULL, NULL), TM_OK);
    world_settle(&world);
    uint32_t done = 0;
    for (uint32_t i = 1; i <= 90; i++) {
        const bool refused = world.replies[i].err == TM_EBUSY;
        assert_true(refused || world.replies[i].status == 201);
        done += !refused;
    }
    assert_true(done >= 1 && done < 90);
    assert_int_equal(world_rows(&world, 1, NULL, 0), done); /* who was refused left nothing */
    world_crash(&world);
    world_boot(&world);
    assert_int_equal(world_rows(&world, 1, NULL, 0), done);
}

static void pending__reads_of_an_actor_are_bounded_too(void **state)
{
    (void)state;
    uint32_t taken = 0;
    while (world_post(&world, 1, MSG_READ, 0, 0, 1, NULL, NULL) == TM_OK) {
        world_run(&world); /* answers wait behind a commit that is not durable */
        taken++;
        assert_true(taken <= TM_PENDING_COMMITS_MAX);
    }
    assert_int_equal(taken, TM_PENDING_COMMITS_MAX);
    assert_int_equal(post_line(2, 1), TM_OK);
    world_settle(&world);
    assert_int_equal(post_line(1, 1), TM_OK);
    world_settle(&world);
}

static void sends__find_room_in_a_mailbox_that_edges_filled(void **state)
{
    (void)state;
    world_crash(&world);
    world.depth_max = 8;
    world_boot(&world);
    assert_int_equal(world_post(&world, 1, MSG_BURST, 2, 2, 0, NULL, NULL), TM_OK);
    world_run(&world);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(post_line(2, 100 + i), TM_OK);
    assert_int_equal(post_line(2, 200), TM_EBUSY);
    world_sync(&world, 1); /* the two leave: a quarter of the places is theirs */
    world_run(&world);     /* what is in the mailbox, and nothing that waited */
    row_t rows[20];
    assert_int_equal(world_rows(&world, 2, rows, 20), 10);
    world_settle(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(mailbox__bytes_are_bounded_for_an_actor, &world),
        WORLD_TEST(mailbox__bytes_are_bounded_for_all, &world),
        WORLD_TEST(mailbox__a_large_message_alone_is_taken, &world),
        WORLD_TEST(pending__a_flooded_actor_is_refused_alone, &world),
        WORLD_TEST(pending__what_waits_already_is_refused_beyond_the_share, &world),
        WORLD_TEST(pending__reads_of_an_actor_are_bounded_too, &world),
        WORLD_TEST(sends__find_room_in_a_mailbox_that_edges_filled, &world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
