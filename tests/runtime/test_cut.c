/* test_cut.c - the state at one number, taken while everything moves, and put back.
 *
 * How:     tokens travel as in test_crash.c; cuts are taken at random moments and written at random
 *          paces. Each must have the hash that the log's first commits lead to, and a boot from it
 *          and the rest of the log must go on as if nothing had happened. TM_SEED chooses another
 *          run. */
#include "runtime/with_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define CUTS_MAX 16
#define TOKENS 20
#define ACTORS 4

static uint64_t first_seed(void)
{
    const char *text = getenv("TM_SEED");
    int64_t seed = 1;
    if (text != NULL)
        assert_true(tm_str_i64(tm_str(text), &seed));
    return (uint64_t)seed;
}

typedef struct cuts {
    world_t *world;
    tm_cut_t *v[CUTS_MAX];
    uint32_t n, dropped, wrong;
} cuts_t;

static void keep(void *ctx, tm_cut_t *cut)
{
    cuts_t *cuts = ctx;
    if (cut == NULL) {
        cuts->dropped++;
        return;
    }
    assert_true(cuts->n < CUTS_MAX);
    cuts->wrong += tm_cut_number(cut) != cuts->world->log_n;
    cuts->v[cuts->n++] = cut;
}

static void settle(world_t *world)
{
    world->full = false;
    do {
        world_settle(world);
        tm_runtime_tick(world->rt, world->now);
    } while (world->pushed_n > 0);
    world_settle(world);
}

static void random_run(world_t *world, uint64_t *seed, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        const uint64_t r = world_random(seed);
        if (r % 3 == 0)
            world_sync(world, 1 + (uint32_t)(r >> 8) % 3);
        else
            tm_runtime_step(world->rt, r >> 8);
        world->full = r % 29 < 2 ? true : r % 7 == 0 ? false : world->full;
        world->now.v += (int64_t)(r >> 16) % 50 - 10;
    }
}

/* Rows of all actors together. */
static uint32_t rows_of(world_t *world)
{
    uint32_t n = 0;
    for (uint32_t a = 1; a <= ACTORS; a++)
        n += world_rows(world, a, NULL, 0);
    return n;
}

static void make_run(world_t *world, uint64_t *random, cuts_t *cuts, uint32_t depth_max)
{
    world_init(world, 0);
    world->depth_max = depth_max;
    world_boot(world);
    for (uint32_t t = 0; t < TOKENS;) {
        const uint32_t to = 1 + (uint32_t)world_random(random) % ACTORS;
        const int32_t hops = (int32_t)(world_random(random) % 6);
        if (world_post(world, to, MSG_HOP, t + 1, hops, 0, NULL, NULL) == TM_OK)
            t++;
        if (world_random(random) % 4 == 0 && cuts->n < CUTS_MAX / 2)
            tm_runtime_cut(world->rt, keep, cuts);
        random_run(world, random, (uint32_t)world_random(random) % 6);
    }
}

static void cut__is_the_state_at_one_number(void **state)
{
    (void)state;
    static world_t world;
    const uint64_t first = first_seed();
    uint32_t in_motion = 0;
    for (uint64_t seed = first; seed < first + 80; seed++) {
        uint64_t random = seed;
        cuts_t cuts = {.world = &world};
        make_run(&world, &random, &cuts, seed % 2 == 0 ? 0 : 2);
        /* Half of them are written while things go on, the rest when all is done. */
        written_t written[CUTS_MAX];
        const uint32_t early = cuts.n / 2;
        for (uint32_t i = 0; i < early; i++)
            written[i] = world_written(cuts.v[i], 1 + world_random(&random) % 300);
        settle(&world);
        const uint32_t rows = rows_of(&world);
        const tm_sha256_t live = tm_runtime_hash(world.rt);
        for (uint32_t i = early; i < cuts.n; i++)
            written[i] = world_written(cuts.v[i], 1 + world_random(&random) % 300);
        assert_int_equal(cuts.wrong, 0);
        for (uint32_t i = 0; i < cuts.n; i++) {
            const tm_sha256_t want = world_hash_at(&world, (uint32_t)written[i].number);
            assert_memory_equal(&written[i].hash, &want, sizeof(want));
            in_motion += written[i].number > 0 && written[i].number < world.log_n;
            /* As if the process had died early: only part of the log behind it is there. */
            world_t again = world;
            again.pushed = again.pushed_last = NULL;
            again.log_n = (uint32_t)(written[i].number +
                                     world_random(&random) % (world.log_n - written[i].number + 1));
            const uint32_t had = again.log_n;
            again.log = tm_alloc((had + 1) * sizeof(again.log[0]));
            again.log_cap = had + 1;
            for (uint32_t k = 0; k < had; k++)
                again.log[k] =
                    (durable_t){tm_strdup_n(world.log[k].bytes, world.log[k].n), world.log[k].n};
            world_boot_from(&again, &written[i]);
            settle(&again);
            tm_runtime_stats_t stats;
            tm_runtime_stats(again.rt, &stats);
            assert_int_equal(stats.outbox, 0);
            if (had == world.log_n) {
                const tm_sha256_t hash = tm_runtime_hash(again.rt);
                assert_memory_equal(&hash, &live, sizeof(live));
                assert_int_equal(rows_of(&again), rows);
            }
            world_done(&again);
            world_written_done(&written[i]);
        }
        world_done(&world);
    }
    assert_true(in_motion > 100);
    print_message("seeds %llu to %llu\n", (unsigned long long)first,
                  (unsigned long long)first + 79);
}

static void cut__holds_answered_requests(void **state)
{
    (void)state;
    static world_t world;
    world_init(&world, 0);
    world_boot(&world);
    cuts_t cuts = {.world = &world};
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 1, "first", "a"), TM_OK);
    world_settle(&world);
    /* Decided, not durable when the cut is taken: it stands in the log behind. */
    tm_runtime_cut(world.rt, keep, &cuts);
    assert_int_equal(world_post(&world, 2, MSG_ADD, 2, 0, 2, "second", "b"), TM_OK);
    world_settle(&world);
    assert_int_equal(cuts.n, 1);
    written_t written = world_written(cuts.v[0], SIZE_MAX);
    assert_int_equal(written.number, 1);
    world_crash(&world);
    world_boot_from(&world, &written);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 3, "first", "a"), TM_OK);
    assert_int_equal(world_post(&world, 2, MSG_ADD, 2, 0, 4, "second", "b"), TM_OK);
    assert_int_equal(world_post(&world, 1, MSG_ADD, 1, 0, 5, "first", "other"), TM_OK);
    world_settle(&world);
    assert_int_equal(world.replies[3].from_commit, 1);
    assert_int_equal(world.replies[4].from_commit, 2);
    assert_int_equal(world.replies[5].err, TM_EKEYREUSED);
    assert_int_equal(world.log_n, 2);
    world_written_done(&written);
    world_done(&world);
}

static void cut__is_dropped_with_its_journal(void **state)
{
    (void)state;
    static world_t world;
    world_init(&world, 0);
    world_boot(&world);
    cuts_t cuts = {.world = &world};
    tm_runtime_cut(world.rt, keep, &cuts);
    world_crash(&world);
    assert_int_equal(cuts.dropped, 1);
    assert_int_equal(cuts.n, 0);
    world_done(&world);
}

static void restore__refuses_what_is_no_state(void **state)
{
    (void)state;
    static world_t world;
    uint64_t random = 3;
    cuts_t cuts = {.world = &world};
    make_run(&world, &random, &cuts, 2);
    random_run(&world, &random, 5);
    tm_runtime_cut(world.rt, keep, &cuts);
    settle(&world);
    written_t written = world_written(cuts.v[cuts.n - 1], SIZE_MAX);
    for (uint32_t i = 0; i + 1 < cuts.n; i++)
        tm_cut_free(cuts.v[i]);
    uint32_t refused = 0;
    for (size_t n = 0; n < written.pieces.n; n++) {
        /* Cut short, or one byte changed: refused, or at least of another hash; never more. */
        for (int way = 0; way < 2; way++) {
            TM_AUTO(tm_free_p) char *bytes = tm_strdup_n(written.pieces.p, written.pieces.n);
            size_t len = way == 0 ? n : written.pieces.n;
            bytes[n] = (char)(bytes[n] ^ (way == 0 ? 0 : 1 << world_random(&random) % 8));
            TM_AUTO(tm_free_p) char *exact = tm_strdup_n(bytes, len);
            static world_t other;
            world_init(&other, 0);
            world_make(&other);
            tm_why_t why;
            tm_why_clear(&why);
            tm_err_t err = tm_runtime_restore(other.rt, tm_str_n(exact, len), &why);
            if (err == TM_OK)
                err = tm_runtime_restored(other.rt, written.number, &written.hash, &why);
            assert_true(err == TM_OK || err == TM_EDAMAGED);
            refused += err == TM_EDAMAGED;
            tm_runtime_free(TM_TAKE(other.rt));
            world_done(&other);
        }
    }
    /* What the hash does not hold are the bytes of sends on their way and counts for people. */
    assert_true(refused > written.pieces.n * 3 / 2);
    world_written_done(&written);
    world_done(&world);
}

typedef struct arrival {
    tm_park_t park;
    tm_cut_t *cut; /* atomic */
} arrival_t;

static void arrived(void *ctx, tm_cut_t *cut)
{
    arrival_t *arrival = ctx;
    /* release: the cut's content; partner: the load in the test. */
    __atomic_store_n(&arrival->cut, cut, __ATOMIC_RELEASE);
    tm_park_wake(&arrival->park);
}

static void cut__is_exact_while_threads_work(void **state)
{
    (void)state;
    static world_t world;
    world_init(&world, 2);
    world_boot(&world);
    enum { N = 12 };
    written_t written[N];
    int64_t token = 0;
    for (uint32_t i = 0; i < N; i++) {
        for (int k = 0; k < 40; k++) {
            const uint32_t to = 1 + (uint32_t)token % ACTORS;
            token += world_post(&world, to, MSG_HOP, token + 1, 5, 0, NULL, NULL) == TM_OK;
        }
        arrival_t arrival = {0};
        tm_runtime_cut(world.rt, arrived, &arrival);
        while (__atomic_load_n(&arrival.cut, __ATOMIC_ACQUIRE) == NULL)
            tm_park_wait(&arrival.park, -1);
        written[i] = world_written(arrival.cut, 1000);
    }
    world_stop(&world);
    world.workers = 2; /* restored by threads, too */
    world_boot_from(&world, &written[N - 1]);
    world_stop(&world);
    uint32_t in_motion = 0;
    for (uint32_t i = 0; i < N; i++) {
        world_t one = world;
        one.workers = 0;
        const tm_sha256_t want = world_hash_at(&one, (uint32_t)written[i].number);
        assert_memory_equal(&written[i].hash, &want, sizeof(want));
        in_motion += written[i].number < world.log_n;
        world_written_done(&written[i]);
    }
    assert_true(in_motion > 0);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut__is_the_state_at_one_number),
        cmocka_unit_test(cut__holds_answered_requests),
        cmocka_unit_test(cut__is_dropped_with_its_journal),
        cmocka_unit_test(restore__refuses_what_is_no_state),
        cmocka_unit_test(cut__is_exact_while_threads_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
