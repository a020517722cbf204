/* test_scheduler.c - workers lose no message, no wake-up and no order, whether actors are quick or
 * not. */
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "runtime/scheduler.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define PLAYERS 300
#define OUTSIDERS 2

typedef struct stage {
    tm_scheduler_t *sched;
    tm_park_t done;
    uint64_t left;   /* atomic; messages that are still to be handled */
    struct player *players;
} stage_t;

typedef struct player {
    tm_actor_t actor;
    stage_t *stage;
    bool running;                          /* two workers at once would see it */
    uint32_t index;
    uint64_t random;
    uint32_t sent[PLAYERS];                /* to each */
    uint32_t got[PLAYERS + OUTSIDERS];     /* from each */
} player_t;

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *seed >> 33;
}

static void send(stage_t *stage, uint32_t to, uint32_t from, uint32_t seq, uint64_t hops,
                 tm_worker_t *worker)
{
    tm_note_t *note = tm_note_new(stage->sched, worker, from);
    note->n = seq;
    note->a = hops;
    tm_actor_send(stage->sched, &stage->players[to].actor, &note->node, worker);
}

/* Checks order and exclusion, then sends on while hops are left. */
static void player_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    player_t *self = (player_t *)actor;
    tm_note_t *note = (tm_note_t *)node;
    assert(!self->running);
    self->running = true;
    const uint32_t from = note->what;
    assert(note->n == self->got[from]);
    self->got[from]++;
    const uint64_t hops = note->a;
    tm_note_free(self->stage->sched, worker, note);
    if (hops > 0) {
        const uint32_t to = (uint32_t)(next_random(&self->random) % PLAYERS);
        send(self->stage, to, self->index, self->sent[to]++, hops - 1, worker);
    }
    self->running = false;
    if (__atomic_sub_fetch(&self->stage->left, 1, __ATOMIC_ACQ_REL) == 0)
        tm_park_wake(&self->stage->done);
}

static const tm_behaviour_t quick = {.behave = player_behave, .quick = true};
static const tm_behaviour_t slow = {.behave = player_behave, .counted = true};

typedef struct outsider {
    stage_t *stage;
    uint32_t index;
    uint32_t tokens, hops;
    tm_thread_t thread;
} outsider_t;

static void outsider_main(void *arg)
{
    const outsider_t *self = arg;
    uint64_t random = self->index * 77 + 5;
    static __thread uint32_t sent[PLAYERS];
    memset(sent, 0, sizeof(sent));
    for (uint32_t i = 0; i < self->tokens; i++) {
        const uint32_t to = (uint32_t)(next_random(&random) % PLAYERS);
        send(self->stage, to, PLAYERS + self->index, sent[to]++, self->hops, NULL);
        if (i % 64 == 0)
            sched_yield(); /* lets the workers fall asleep now and then */
    }
}

/* mix 0: all quick, 1: none, 2: every other one. */
static void play(uint32_t workers, int mix, uint32_t tokens, uint32_t hops)
{
    stage_t stage = {.sched = tm_scheduler_new(workers)};
    stage.players = tm_zalloc(PLAYERS * sizeof(player_t));
    for (uint32_t i = 0; i < PLAYERS; i++) {
        player_t *player = &stage.players[i];
        tm_actor_init(&player->actor, mix == 0 || (mix == 2 && i % 2 == 0) ? &quick : &slow);
        player->stage = &stage;
        player->index = i;
        player->random = i;
    }
    stage.left = (uint64_t)OUTSIDERS * tokens * (hops + 1);
    assert_int_equal(tm_scheduler_start(stage.sched), TM_OK);
    outsider_t outsiders[OUTSIDERS];
    for (uint32_t i = 0; i < OUTSIDERS; i++) {
        outsiders[i] = (outsider_t){&stage, i, tokens, hops, {0}};
        assert_int_equal(
            tm_thread_start(&outsiders[i].thread, "outsider", outsider_main, &outsiders[i]), TM_OK);
    }
    const int64_t begin = tm_time_mono_ns();
    while (__atomic_load_n(&stage.left, __ATOMIC_ACQUIRE) > 0) {
        tm_park_wait(&stage.done, 1000);
        if (tm_time_mono_ns() - begin > INT64_C(60000000000))
            fail_msg("%llu messages are left: a wake-up was lost", (unsigned long long)stage.left);
    }
    for (uint32_t i = 0; i < OUTSIDERS; i++)
        tm_thread_join(&outsiders[i].thread);
    tm_scheduler_stop(stage.sched);
    uint64_t got = 0;
    for (uint32_t i = 0; i < PLAYERS; i++) {
        for (uint32_t j = 0; j < PLAYERS + OUTSIDERS; j++)
            got += stage.players[i].got[j];
        assert_int_equal(stage.players[i].actor.depth, 0);
    }
    assert_int_equal(got, (uint64_t)OUTSIDERS * tokens * (hops + 1));
    tm_scheduler_free(stage.sched);
    tm_free(stage.players);
}

static void scheduler__quick_actors_lose_nothing(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 4; workers++)
        play(workers, 0, 2000, 20);
}

static void scheduler__slow_actors_lose_nothing(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 4; workers++)
        play(workers, 1, 1000, 10);
}

static void scheduler__mixed_actors_lose_nothing(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 4; workers++)
        play(workers, 2, 1000, 10);
}

/* One message at a time from outside: each send finds everybody asleep. */
static void scheduler__wakes_from_sleep_every_time(void **state)
{
    (void)state;
    for (int mix = 0; mix < 4; mix++) {
        /* alone, nobody makes up for a worker that overslept */
        stage_t stage = {.sched = tm_scheduler_new(1 + (uint32_t)mix / 2)};
        stage.players = tm_zalloc(PLAYERS * sizeof(player_t));
        for (uint32_t i = 0; i < PLAYERS; i++) {
            tm_actor_init(&stage.players[i].actor, mix % 2 == 0 ? &quick : &slow);
            stage.players[i].stage = &stage;
            stage.players[i].index = i;
        }
        assert_int_equal(tm_scheduler_start(stage.sched), TM_OK);
        uint32_t sent[PLAYERS] = {0};
        uint64_t random = 1;
        for (uint32_t i = 0; i < 20000; i++) {
            const uint32_t to = i % 7;
            stage.left = 1;
            send(&stage, to, PLAYERS, sent[to]++, 0, NULL);
            /* Looks without sleeping first, so that the next send meets a worker on its way to
             * sleep. */
            for (int tries = 0; __atomic_load_n(&stage.left, __ATOMIC_ACQUIRE) > 0; tries++) {
                if (tries > 5020)
                    fail_msg("message %u woke nobody", i);
                if (tries > 5000)
                    tm_park_wait(&stage.done, 1000);
            }
            for (volatile uint64_t pause = next_random(&random) % 300; pause > 0; pause--) {
            }
        }
        tm_scheduler_stop(stage.sched);
        tm_scheduler_free(stage.sched);
        tm_free(stage.players);
    }
}

static void scheduler__refuses_beyond_the_depth(void **state)
{
    (void)state;
    stage_t stage = {.sched = tm_scheduler_new(0)};
    stage.players = tm_zalloc(PLAYERS * sizeof(player_t));
    stage.players[0].stage = &stage;
    stage.left = 100;
    tm_actor_init(&stage.players[0].actor, &slow);
    for (uint32_t i = 0; i < 5; i++) {
        tm_note_t *note = tm_note_new(stage.sched, NULL, 0);
        note->n = i;
        note->a = 0;
        assert_int_equal(tm_actor_offer(stage.sched, &stage.players[0].actor, &note->node, NULL, 4),
                         i < 4);
    }
    assert_true(tm_scheduler_step(stage.sched, 9));
    assert_false(tm_scheduler_step(stage.sched, 0));
    assert_int_equal(stage.players[0].got[0], 4);
    assert_int_equal(stage.players[0].actor.depth, 0);
    tm_scheduler_free(stage.sched);
    tm_free(stage.players);
}

/* Steps: pick decides which runnable actor is next. */
static void scheduler__step_runs_the_picked_actor(void **state)
{
    (void)state;
    for (uint32_t pick = 0; pick < 3; pick++) {
        stage_t stage = {.sched = tm_scheduler_new(0), .left = 100};
        stage.players = tm_zalloc(PLAYERS * sizeof(player_t));
        for (uint32_t i = 0; i < 3; i++) {
            tm_actor_init(&stage.players[i].actor, i == 1 ? &quick : &slow);
            stage.players[i].stage = &stage;
            send(&stage, i, 0, 0, 0, NULL);
        }
        assert_true(tm_scheduler_step(stage.sched, pick));
        for (uint32_t i = 0; i < 3; i++)
            assert_int_equal(stage.players[i].got[0], i == pick);
        assert_true(tm_scheduler_step(stage.sched, 0));
        assert_true(tm_scheduler_step(stage.sched, 0));
        assert_false(tm_scheduler_step(stage.sched, 0));
        tm_scheduler_free(stage.sched);
        tm_free(stage.players);
    }
}

static void actor__is_small(void **state)
{
    (void)state;
    assert_true(sizeof(tm_actor_t) <= 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scheduler__quick_actors_lose_nothing),
        cmocka_unit_test(scheduler__slow_actors_lose_nothing),
        cmocka_unit_test(scheduler__mixed_actors_lose_nothing),
        cmocka_unit_test(scheduler__wakes_from_sleep_every_time),
        cmocka_unit_test(scheduler__refuses_beyond_the_depth),
        cmocka_unit_test(scheduler__step_runs_the_picked_actor),
        cmocka_unit_test(actor__is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
