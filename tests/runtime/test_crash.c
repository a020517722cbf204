/* test_crash.c - exactly once between actors, whenever the process dies.
 *
 * How:     tokens travel from actor to actor by durable sends, their way is known in advance
 *          (world_next). A run is cut after every commit; the process boots from the prefix, is
 *          killed a second time somewhere on the way, boots again and runs until nothing moves.
 *          Then every token whose first commit survived must have left exactly one row at each
 *          station of its way, and no other token any. TM_SEED chooses another run. */
#include "runtime/with_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define TOKENS 12
#define ACTORS 4
#define ROWS_MAX 512

typedef struct journey {
    uint32_t first;
    int32_t hops;
} journey_t;

static uint64_t first_seed(void)
{
    const char *text = getenv("TM_SEED");
    int64_t seed = 1;
    if (text != NULL)
        assert_true(tm_str_i64(tm_str(text), &seed));
    return (uint64_t)seed;
}

/* How often did the token leave a row with that rank at that actor? */
static uint32_t count_rows(world_t *world, uint32_t actor, int64_t token, int32_t rank)
{
    static row_t rows[ROWS_MAX];
    const uint32_t n = world_rows(world, actor, rows, ROWS_MAX);
    assert_true(n <= ROWS_MAX);
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++)
        found += rows[i].token == token && rows[i].rank == rank;
    return found;
}

/* Runs until nothing moves any more, with room on the disk. */
static void settle(world_t *world)
{
    world->full = false;
    do {
        world_settle(world);
        tm_runtime_tick(world->rt, world->now); /* what a full disk had refused comes again */
    } while (world->pushed_n > 0);
    world_settle(world);
}

static void check_journeys(world_t *world, const journey_t *journeys, uint64_t seed, uint32_t cut)
{
    uint32_t total = 0;
    for (uint32_t t = 0; t < TOKENS; t++) {
        uint32_t actor = journeys[t].first;
        const uint32_t expected = count_rows(world, actor, t + 1, journeys[t].hops);
        if (expected > 1)
            fail_msg("seed %llu cut %u token %u: %u first rows", (unsigned long long)seed, cut,
                     t + 1, expected);
        for (int32_t rank = journeys[t].hops; rank >= 0; rank--) {
            const uint32_t found = count_rows(world, actor, t + 1, rank);
            if (found != expected)
                fail_msg("seed %llu cut %u token %u rank %d at actor %u: %u rows, not %u",
                         (unsigned long long)seed, cut, t + 1, rank, actor, found, expected);
            total += found;
            actor = world_next(actor, t + 1, ACTORS);
        }
    }
    uint32_t rows = 0;
    for (uint32_t a = 1; a <= ACTORS; a++)
        rows += world_rows(world, a, NULL, 0);
    assert_int_equal(rows, total);
    tm_runtime_stats_t stats;
    tm_runtime_stats(world->rt, &stats);
    assert_int_equal(stats.outbox, 0);
}

static void random_run(world_t *world, uint64_t *seed, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        const uint64_t r = world_random(seed);
        if (r % 3 == 0)
            world_sync(world, 1 + (uint32_t)(r >> 8) % 3);
        else
            tm_runtime_step(world->rt, r >> 8);
        if (r % 31 == 0)
            tm_runtime_tick(world->rt, world->now);
        /* now and then the disk is full for a while */
        world->full = r % 29 < 2 ? true : r % 7 == 0 ? false : world->full;
        world->now.v += (int64_t)(r >> 16) % 50 - 10;
    }
}

/* A full run; keeps its journal. */
static void make_run(world_t *world, uint64_t seed, journey_t *journeys, uint32_t depth_max)
{
    world_init(world, 0);
    world->depth_max = depth_max;
    world_boot(world);
    uint64_t random = seed;
    for (uint32_t t = 0; t < TOKENS;) {
        journeys[t].first = 1 + (uint32_t)world_random(&random) % ACTORS;
        journeys[t].hops = (int32_t)(world_random(&random) % 6);
        if (world_post(world, journeys[t].first, MSG_HOP, t + 1, journeys[t].hops, 0, NULL, NULL) ==
            TM_OK)
            t++;
        random_run(world, &random, (uint32_t)world_random(&random) % 4);
    }
    settle(world);
    check_journeys(world, journeys, seed, UINT32_MAX);
}

/* A new world whose journal holds the first n commits of another. */
static void cut(world_t *to, const world_t *from, uint32_t n)
{
    world_init(to, 0);
    to->depth_max = from->depth_max;
    to->now = from->now;
    to->log = tm_alloc((n + 1) * sizeof(to->log[0]));
    to->log_cap = n + 1;
    for (to->log_n = 0; to->log_n < n; to->log_n++)
        to->log[to->log_n] =
            (durable_t){tm_strdup_n(from->log[to->log_n].bytes, from->log[to->log_n].n),
                        from->log[to->log_n].n};
}

static void crash__every_token_arrives_exactly_once(void **state)
{
    (void)state;
    static world_t run;
    static world_t again;
    const uint64_t first = first_seed();
    for (uint64_t seed = first; seed < first + 60; seed++) {
        journey_t journeys[TOKENS];
        make_run(&run, seed, journeys, seed % 2 == 0 ? 0 : 2);
        const uint32_t commits = run.log_n;
        world_crash(&run);
        uint64_t random = seed ^ 0xc4a5;
        for (uint32_t n = 0; n <= commits; n++) {
            cut(&again, &run, n);
            world_boot(&again);
            random_run(&again, &random, (uint32_t)world_random(&random) % 12);
            world_crash(&again);
            world_boot(&again);
            settle(&again);
            check_journeys(&again, journeys, seed, n);
            const tm_sha256_t live = tm_runtime_hash(again.rt);
            world_crash(&again);
            world_boot(&again);
            const tm_sha256_t replayed = tm_runtime_hash(again.rt);
            assert_memory_equal(&live, &replayed, sizeof(live));
            world_done(&again);
        }
        world_done(&run);
    }
    print_message("seeds %llu to %llu\n", (unsigned long long)first,
                  (unsigned long long)first + 59);
}

static void crash__every_answer_was_durable(void **state)
{
    (void)state;
    static world_t world;
    const uint64_t first = first_seed();
    for (uint64_t seed = first; seed < first + 100; seed++) {
        world_init(&world, 0);
        world_boot(&world);
        uint64_t random = seed;
        uint32_t slot = 0;
        for (uint32_t i = 0; i < 60; i++) {
            const uint64_t r = world_random(&random);
            assert_int_equal(
                world_post(&world, 1, r % 2 == 0 ? MSG_ADD : MSG_READ, i, 0, ++slot, NULL, NULL),
                TM_OK);
            random_run(&world, &random, 2);
        }
        world_crash(&world);
        world_boot(&world);
        const uint32_t rows = world_rows(&world, 1, NULL, 0);
        for (uint32_t i = 1; i <= slot; i++) {
            const reply_t *reply = &world.replies[i];
            if (reply->times == 0 || reply->err == TM_EDISKFULL)
                continue;
            assert_int_equal(reply->times, 1);
            int64_t seen = 0;
            assert_true(tm_str_i64(tm_str(reply->body), &seen));
            const uint32_t told = (uint32_t)seen + (reply->status == 201 ? 1 : 0);
            if (told > rows)
                fail_msg("seed %llu: an answer told of %u rows, %u survived",
                         (unsigned long long)seed, told, rows);
        }
        world_done(&world);
    }
}

/* Replays a journal in which commit `skip` is missing; the first error, or TM_OK. */
static tm_err_t replay_without(world_t *run, uint32_t skip, char *why_text, size_t bytes)
{
    static world_t empty;
    world_init(&empty, 0);
    world_make(&empty);
    tm_err_t err = TM_OK;
    tm_why_t why;
    tm_why_clear(&why);
    for (uint32_t i = 0; i < run->log_n && err == TM_OK; i++) {
        if (i != skip)
            err = tm_runtime_replay(empty.rt, i + 1, tm_str_n(run->log[i].bytes, run->log[i].n),
                                    &why);
    }
    (void)tm_why_line(&why, why_text, bytes);
    tm_runtime_free(TM_TAKE(empty.rt));
    world_done(&empty);
    return err;
}

static void replay__refuses_a_missing_or_broken_commit(void **state)
{
    (void)state;
    static world_t run;
    journey_t journeys[TOKENS];
    make_run(&run, 5, journeys, 0);
    char text[256];
    assert_int_equal(replay_without(&run, UINT32_MAX, text, sizeof(text)), TM_OK);
    /* A token that went on is missed at the next station. */
    uint32_t refused = 0;
    for (uint32_t n = 0; n < run.log_n; n++)
        refused += replay_without(&run, n, text, sizeof(text)) == TM_EDAMAGED;
    assert_true(refused > run.log_n / 3);
    /* Cut short, every commit is refused, and nothing is read beyond its end (AddressSanitizer
     * looks). */
    for (uint32_t n = 0; n < run.log_n; n++) {
        const durable_t whole = run.log[n];
        for (uint32_t at = 0; at < whole.n; at++) {
            run.log[n].n = at;
            run.log[n].bytes = tm_strdup_n(whole.bytes, at);
            const tm_err_t err = replay_without(&run, UINT32_MAX, text, sizeof(text));
            tm_free(run.log[n].bytes);
            if (err != TM_EDAMAGED)
                fail_msg("commit %u cut to %u bytes: error %d", n + 1, at, (int)err);
            if (n > 3)
                at += 5;
        }
        run.log[n] = whole;
    }
    world_done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crash__every_token_arrives_exactly_once),
        cmocka_unit_test(crash__every_answer_was_durable),
        cmocka_unit_test(replay__refuses_a_missing_or_broken_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
