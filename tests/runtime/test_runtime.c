/* test_runtime.c - the runtime with its threads: workers, journal, edges and readers at once. */
#include "base/time.h"
#include "runtime/with_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#define EDGES 2
#define EACH 500

typedef struct edge {
    world_t *world;
    uint32_t index;
    bool stop;       /* atomic */
    tm_thread_t thread;
} edge_t;

static world_t world;

static void edge_main(void *arg)
{
    const edge_t *edge = arg;
    for (uint32_t i = 0; i < EACH; i++) {
        const uint32_t slot = 1 + edge->index * EACH + i;
        const int64_t token = slot;
        tm_err_t err;
        while ((err = world_post(edge->world, 1 + i % 4, MSG_HOP, token, (int32_t)(i % 4), slot,
                                 NULL, NULL)) == TM_EBUSY)
            usleep(100);
        assert(err == TM_OK);
    }
}

static void reader_main(void *arg)
{
    const edge_t *edge = arg;
    uint32_t last = 0;
    while (!__atomic_load_n(&edge->stop, __ATOMIC_ACQUIRE)) {
        picture_t *picture = tm_runtime_snapshot(edge->world->rt, 1);
        assert(picture != NULL && picture->n >= last && picture->n != UINT32_MAX);
        last = picture->n;
        tm_shared_unref(picture);
        usleep(50);
    }
}

static uint32_t replies_so_far(void)
{
    pthread_mutex_lock(&world.lock);
    const uint32_t n = world.replies_n;
    pthread_mutex_unlock(&world.lock);
    return n;
}

static void runtime__every_request_is_answered_once_and_replay_is_live(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 3; workers++) {
        world_init(&world, workers);
        world.depth_max = workers == 2 ? 8 : 0;
        world_boot(&world);
        edge_t edges[EDGES];
        edge_t reader = {.world = &world};
        assert_int_equal(tm_thread_start(&reader.thread, "reader", reader_main, &reader), TM_OK);
        for (uint32_t i = 0; i < EDGES; i++) {
            edges[i] = (edge_t){.world = &world, .index = i};
            assert_int_equal(tm_thread_start(&edges[i].thread, "edge", edge_main, &edges[i]),
                             TM_OK);
        }
        for (uint32_t i = 0; i < EDGES; i++)
            tm_thread_join(&edges[i].thread);
        tm_runtime_stop(world.rt); /* waits for every answer */
        __atomic_store_n(&reader.stop, true, __ATOMIC_RELEASE);
        tm_thread_join(&reader.thread);
        assert_int_equal(replies_so_far(), EDGES * EACH);
        for (uint32_t i = 1; i <= EDGES * EACH; i++) {
            assert_int_equal(world.replies[i].times, 1);
            assert_int_equal(world.replies[i].status, 200);
        }
        picture_t *picture = world_picture(&world, 1);
        assert_int_equal(picture->n, world_rows(&world, 1, NULL, 0));
        tm_shared_unref(picture);
        const tm_sha256_t live = tm_runtime_hash(world.rt);
        __atomic_store_n(&world.journal_stop, true, __ATOMIC_RELEASE);
        tm_park_wake(&world.journal_park);
        tm_thread_join(&world.journal);
        tm_runtime_free(TM_TAKE(world.rt));

        /* The same journal, replayed: the same facts; what stop left in the outboxes is delivered
         * now. */
        world.workers = 0;
        world_boot(&world);
        const tm_sha256_t replayed = tm_runtime_hash(world.rt);
        assert_memory_equal(&live, &replayed, sizeof(live));
        world_settle(&world);
        tm_runtime_tick(world.rt, world.now);
        world_settle(&world);
        uint32_t rows = 0;
        for (uint32_t a = 1; a <= world.actors; a++)
            rows += world_rows(&world, a, NULL, 0);
        uint32_t expected = 0;
        for (uint32_t i = 0; i < EACH; i++)
            expected += EDGES * (i % 4 + 1);
        assert_int_equal(rows, expected);
        world_done(&world);
    }
}

/* Whoever has an answer finds what it tells in the snapshot. */
static void runtime__reads_its_own_writes(void **state)
{
    (void)state;
    world_init(&world, 2);
    world_boot(&world);
    for (uint32_t slot = 1; slot <= 300; slot++) {
        assert_int_equal(world_post(&world, 2, MSG_ADD, slot, 0, slot, NULL, NULL), TM_OK);
        const int64_t begin = tm_time_mono_ns();
        while (replies_so_far() < slot) {
            if (tm_time_mono_ns() - begin > INT64_C(20000000000))
                fail_msg("no answer to request %u", slot);
            usleep(20);
        }
        picture_t *picture = world_picture(&world, 2);
        assert_int_equal(picture->n, slot);
        assert_int_equal(picture->last_token, slot);
        tm_shared_unref(picture);
    }
    world_done(&world);
}

static void runtime__the_ticker_tells_the_time(void **state)
{
    (void)state;
    world_init(&world, 1);
    world_boot(&world);
    const int64_t due = world.now.v + 100000;
    assert_int_equal(world_post(&world, 1, MSG_SET_DUE, due, 0, 1, NULL, NULL), TM_OK);
    while (replies_so_far() < 1)
        usleep(100);
    __atomic_store_n(&world.now.v, due + 5, __ATOMIC_RELAXED);
    const int64_t begin = tm_time_mono_ns();
    for (uint32_t n = 0; n < 2;) {
        picture_t *picture = world_picture(&world, 1);
        n = picture->n;
        const int64_t token = picture->last_token;
        tm_shared_unref(picture);
        if (n == 2)
            assert_int_equal(token, due + 5);
        if (tm_time_mono_ns() - begin > INT64_C(20000000000))
            fail_msg("the timer never came");
        usleep(1000);
    }
    world_done(&world);
}

static void runtime__stops_at_once_when_nothing_is_under_way(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        world_init(&world, 2);
        world_boot(&world);
        if (i % 2 == 0)
            assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, NULL, NULL), TM_OK);
        world_done(&world);
        assert_int_equal(world.replies[1].times, i % 2 == 0 ? 1 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runtime__every_request_is_answered_once_and_replay_is_live),
        cmocka_unit_test(runtime__reads_its_own_writes),
        cmocka_unit_test(runtime__the_ticker_tells_the_time),
        cmocka_unit_test(runtime__stops_at_once_when_nothing_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
