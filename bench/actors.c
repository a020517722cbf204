/* actors.c - how fast do raw actors talk, and what does an idle one weigh?
 *
 * Why:     every request and every changed cell passes the runtime; its cost must stay far below
 *          that of the work itself.
 * How:     six programs of the usual actor benchmarks, each run three times with one worker and
 *          three times with two; printed is the better of the two medians. Limits probed: ping_pong
 *          and ring: a send to an idle actor; counting: one receiver; fork_join: many receivers;
 *          big: all to all with answers; create: birth, one message, death.
 * Usage:   bench_actors [-v]; -v: each number of workers on a line of its own. bench_actors PROGRAM
 *          WORKERS: the million messages a second of one run, as peers/caf_actors prints them.
 * Threads: the main thread waits; the workers are the scheduler's. */
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "runtime/scheduler.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RUNS 3
/* messages a producer sends before it lets others run: as many as a receiver takes in a turn */
#define SLICE TM_TURN_MESSAGES_MAX

enum { GO, PING, PONG, DONE };

typedef struct world {
    tm_scheduler_t *sched;
    tm_park_t done;
    uint64_t left; /* atomic; parts of the program that still run */
    struct player *players;
    uint32_t n;
    uint64_t per_player;
} world_t;

typedef struct player {
    tm_actor_t actor;
    world_t *world;
    struct player *peer;
    uint64_t left;    /* messages to send */
    uint64_t waiting; /* messages to get */
    uint64_t random;
} player_t;

typedef struct program {
    const char *name;
    uint64_t (*run)(uint32_t workers, double *ret_s); /* messages, seconds */
    const char *unit;
} program_t;

static player_t *player_of(tm_actor_t *actor)
{
    return (player_t *)actor;
}

static void tell(player_t *to, tm_worker_t *worker, uint32_t what, void *p)
{
    tm_scheduler_t *sched = to->world->sched;
    tm_note_t *note = tm_note_new(sched, worker, what);
    note->p = p;
    tm_actor_send(sched, &to->actor, &note->node, worker);
}

/* Reads and frees a message. */
static uint32_t take(player_t *self, tm_worker_t *worker, tm_node_t *node, void **ret_p)
{
    tm_note_t *note = (tm_note_t *)node;
    const uint32_t what = note->what;
    *ret_p = note->p;
    tm_note_free(self->world->sched, worker, note);
    return what;
}

static void part_done(world_t *world)
{
    /* acq_rel: the last part sees what the others did. */
    if (__atomic_sub_fetch(&world->left, 1, __ATOMIC_ACQ_REL) == 0)
        tm_park_wake(&world->done);
}

static void world_init(world_t *world, uint32_t workers, uint32_t players,
                       const tm_behaviour_t *behaviour)
{
    memset(world, 0, sizeof(*world));
    world->sched = tm_scheduler_new(workers);
    world->n = players;
    world->players = tm_alloc_aligned(sizeof(player_t) * players, 64);
    memset(world->players, 0, sizeof(player_t) * players);
    for (uint32_t i = 0; i < players; i++) {
        tm_actor_init(&world->players[i].actor, behaviour);
        world->players[i].world = world;
        world->players[i].random = i * UINT64_C(0x9e3779b97f4a7c15) + 1;
    }
}

/* Starts the workers, says GO to the first `first` players, waits for the end. Returns the seconds
 * between. */
static double world_run(world_t *world, uint32_t first)
{
    if (tm_scheduler_start(world->sched) != TM_OK)
        abort();
    const int64_t begin = tm_time_mono_ns();
    for (uint32_t i = 0; i < first; i++)
        tell(&world->players[i], NULL, GO, NULL);
    while (__atomic_load_n(&world->left, __ATOMIC_ACQUIRE) != 0)
        tm_park_wait(&world->done, -1);
    const int64_t end = tm_time_mono_ns();
    tm_scheduler_stop(world->sched);
    tm_scheduler_free(world->sched);
    tm_free(world->players);
    return (double)(end - begin) / 1e9;
}

/* Ping-pong: two actors, one message between them. */
static void ping_pong_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    player_t *self = player_of(actor);
    void *p;
    const uint32_t what = take(self, worker, node, &p);
    if (what == PING) {
        tell(self->peer, worker, PONG, NULL);
        return;
    }
    if (self->left-- == 0) {
        part_done(self->world);
        return;
    }
    tell(self->peer, worker, PING, NULL);
}

static uint64_t ping_pong_run(uint32_t workers, double *ret_s)
{
    static const tm_behaviour_t behaviour = {.behave = ping_pong_behave, .quick = true};
    world_t world;
    world_init(&world, workers, 2, &behaviour);
    const uint64_t trips = 1000000;
    world.players[0].peer = &world.players[1];
    world.players[1].peer = &world.players[0];
    world.players[0].left = trips;
    world.left = 1;
    *ret_s = world_run(&world, 1);
    return 2 * trips;
}

/* Counting and fork-join: one producer sends slices to its receivers in turn; a receiver counts
 * what it gets. */
static void fork_join_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    player_t *self = player_of(actor);
    world_t *world = self->world;
    void *p;
    if (take(self, worker, node, &p) != GO) {
        if (--self->waiting == 0)
            part_done(world);
        return;
    }
    const uint64_t slice = TM_MIN(self->left, (uint64_t)SLICE);
    for (uint64_t i = 0; i < slice; i++) {
        if (++self->random >= world->n)
            self->random = 1;
        tell(&world->players[self->random], worker, PING, NULL);
    }
    self->left -= slice;
    if (self->left > 0)
        tell(self, worker, GO, NULL);
}

static uint64_t fork_join(uint32_t workers, uint32_t receivers, uint64_t each, double *ret_s)
{
    static const tm_behaviour_t behaviour = {.behave = fork_join_behave, .quick = true};
    world_t world;
    world_init(&world, workers, receivers + 1, &behaviour);
    world.players[0].left = receivers * each;
    world.players[0].random = 0;
    for (uint32_t i = 1; i <= receivers; i++)
        world.players[i].waiting = each;
    world.left = receivers;
    *ret_s = world_run(&world, 1);
    return receivers * each;
}

static uint64_t counting_run(uint32_t workers, double *ret_s)
{
    return fork_join(workers, 1, 5000000, ret_s);
}

static uint64_t fork_join_run(uint32_t workers, double *ret_s)
{
    return fork_join(workers, 1000, 2000, ret_s);
}

/* Ring: one message goes round. */
static void ring_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    player_t *self = player_of(actor);
    tm_note_t *note = (tm_note_t *)node;
    const uint64_t left = note->what == GO ? self->left : note->a;
    tm_note_free(self->world->sched, worker, note);
    if (left == 0) {
        part_done(self->world);
        return;
    }
    tm_note_t *next = tm_note_new(self->world->sched, worker, PING);
    next->a = left - 1;
    tm_actor_send(self->world->sched, &self->peer->actor, &next->node, worker);
}

static uint64_t ring_run(uint32_t workers, double *ret_s)
{
    static const tm_behaviour_t behaviour = {.behave = ring_behave, .quick = true};
    world_t world;
    world_init(&world, workers, 100, &behaviour);
    for (uint32_t i = 0; i < 100; i++)
        world.players[i].peer = &world.players[(i + 1) % 100];
    world.players[0].left = 2000000;
    world.left = 1;
    *ret_s = world_run(&world, 1);
    return 2000000;
}

/* Big: each of 200 pings a random other one and waits for the answer, 10,000 times. */
static void big_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    player_t *self = player_of(actor);
    void *from;
    if (take(self, worker, node, &from) == PING) {
        tell(from, worker, PONG, NULL);
        return;
    }
    if (self->left-- == 0) {
        part_done(self->world);
        return;
    }
    self->random = self->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    tell(&self->world->players[(self->random >> 33) % self->world->n], worker, PING, self);
}

static uint64_t big_run(uint32_t workers, double *ret_s)
{
    static const tm_behaviour_t behaviour = {.behave = big_behave, .quick = true};
    world_t world;
    world_init(&world, workers, 200, &behaviour);
    for (uint32_t i = 0; i < world.n; i++)
        world.players[i].left = 10000;
    world.left = world.n;
    *ret_s = world_run(&world, world.n);
    return UINT64_C(200) * 10000 * 2;
}

/* Create: one actor makes 500,000, each from the heap; each gets a message, answers by counting,
 * and quits. */
static void born_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    player_t *self = player_of(actor);
    void *p;
    take(self, worker, node, &p);
    tm_actor_quit(actor);
    part_done(self->world);
}

static void born_gone(tm_actor_t *actor, tm_worker_t *worker)
{
    (void)worker;
    tm_free(actor);
}

static void create_behave(tm_actor_t *actor, tm_node_t *node, tm_worker_t *worker)
{
    static const tm_behaviour_t born = {.behave = born_behave, .gone = born_gone, .quick = true};
    player_t *self = player_of(actor);
    void *p;
    take(self, worker, node, &p);
    const uint64_t slice = TM_MIN(self->left, (uint64_t)SLICE);
    for (uint64_t i = 0; i < slice; i++) {
        player_t *child = tm_alloc(sizeof(*child));
        tm_actor_init(&child->actor, &born);
        child->world = self->world;
        tell(child, worker, PING, NULL);
    }
    self->left -= slice;
    if (self->left > 0)
        tell(self, worker, GO, NULL);
}

static uint64_t create_run(uint32_t workers, double *ret_s)
{
    static const tm_behaviour_t behaviour = {.behave = create_behave, .quick = true};
    world_t world;
    world_init(&world, workers, 1, &behaviour);
    world.players[0].left = 500000;
    world.left = 500000;
    *ret_s = world_run(&world, 1);
    return 500000;
}

static size_t resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL)
        abort();
    size_t all = 0;
    size_t resident = 0;
    if (fscanf(f, "%zu %zu", &all, &resident) != 2)
        abort();
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* What the process grows by for one actor that waits, its mailbox included, in memory from the
 * heap. */
static double bytes_per_idle_actor(void)
{
    static const tm_behaviour_t born = {.behave = born_behave, .gone = born_gone, .quick = true};
    enum { N = 1000000 };
    tm_actor_t **actors = tm_alloc(N * sizeof(actors[0]));
    memset(actors, 1, N * sizeof(actors[0]));
    const size_t before = resident_bytes();
    for (uint32_t i = 0; i < N; i++) {
        actors[i] = tm_alloc(sizeof(tm_actor_t));
        tm_actor_init(actors[i], &born);
    }
    const size_t after = resident_bytes();
    for (uint32_t i = 0; i < N; i++)
        tm_free(actors[i]);
    tm_free(actors);
    return (double)(after - before) / N;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_rate(const program_t *program, uint32_t workers)
{
    double rates[RUNS];
    for (int i = 0; i < RUNS; i++) {
        double s = 0;
        const uint64_t messages = program->run(workers, &s);
        rates[i] = (double)messages / s / 1e6;
    }
    qsort(rates, RUNS, sizeof(rates[0]), compare);
    return rates[RUNS / 2];
}

static int run_once(const program_t *programs, size_t n, const char *name, const char *workers)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(programs[i].name, name) != 0)
            continue;
        double s = 0;
        const uint64_t messages = programs[i].run((uint32_t)strtoul(workers, NULL, 10), &s);
        printf("%.3f\n", (double)messages / s / 1e6);
        return 0;
    }
    fprintf(stderr, "no program %s\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    static const program_t programs[] = {
        {"ping_pong", ping_pong_run, "M_messages/s"},
        {"counting", counting_run, "M_messages/s"},
        {"fork_join", fork_join_run, "M_messages/s"},
        {"ring", ring_run, "M_messages/s"},
        {"big", big_run, "M_messages/s"},
        {"create", create_run, "M_actors/s"},
    };
    if (argc == 3)
        return run_once(programs, TM_COUNT(programs), argv[1], argv[2]);
    const bool both = argc > 1 && strcmp(argv[1], "-v") == 0;
    const double idle = bytes_per_idle_actor();
    for (size_t i = 0; i < TM_COUNT(programs); i++) {
        const double one = median_rate(&programs[i], 1);
        const double two = median_rate(&programs[i], 2);
        printf("%s %.2f %s\n", programs[i].name, TM_MAX(one, two), programs[i].unit);
        if (both)
            printf("%s_1 %.2f %s\n%s_2 %.2f %s\n", programs[i].name, one, programs[i].unit,
                   programs[i].name, two, programs[i].unit);
    }
    printf("bytes_per_idle_actor %.0f bytes\n", idle);
    return 0;
}
