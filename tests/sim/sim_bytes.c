/* sim_bytes.c - the disk fills up, or a write fails, at every byte in turn; and every sync and
 * rename fails in turn.
 *
 * Why:     chance finds most places; a commit, a segment that is prepared, a checkpoint and a move
 *          into the archive must be safe at each.
 * How:     the same little life again and again (one seed), each time with one failure at the next
 *          place, until a life ends before its failure comes. While it lasts everything that was
 *          answered can be read. A full disk never ends the process, and writes go on when there is
 *          room; a write or sync of the log that fails ends it, and the next start has everything
 *          that was answered (sim_boot compares with all that was ever released).
 * Threads: one. */
#include "base/memory.h"
#include "sim/sim.h"
#include <stdio.h>
#include <stdlib.h>

#define SEED 7
#define SEGMENT_BYTES 8192u
#define LIFE_STEPS 160u
#define WISHES 14u

typedef enum failure {
    DISK_FULL,   /* room for so many bytes more */
    WRITE_FULL,  /* a write into what was allocated finds none, as on a thin disk; once */
    WRITE_FAILS, /* likewise, an error */
    SYNC_FAILS,
    RENAME_FAILS,
    FAILURES
} failure_t;

static void arm(sim_t *sim, failure_t failure, uint64_t at)
{
    switch (failure) {
    case DISK_FULL:
        sim_disk_set_capacity(sim->disk, sim_disk_used(sim->disk) + at);
        break;
    case WRITE_FULL:
    case WRITE_FAILS:
        sim_disk_fail_byte(sim->disk, at, failure == WRITE_FULL ? TM_EDISKFULL : TM_EIO);
        break;
    case SYNC_FAILS:
        sim_disk_fail_syncs(sim->disk, (uint32_t)at, 1);
        break;
    case RENAME_FAILS:
        sim_disk_fail_renames(sim->disk, (uint32_t)at, 1);
        break;
    case FAILURES:
        break;
    }
}

/* Whether the failure has come. */
static bool came(const sim_t *sim, failure_t failure)
{
    return failure == DISK_FULL ? sim->counts.v[SIM_N_WRITES_FULL] > 0
                                : !sim_disk_is_armed(sim->disk);
}

/* Wishes, turns, commits, checkpoints. */
static void some_life(sim_t *sim, failure_t failure, bool *ret_came)
{
    for (uint32_t i = 0; i < LIFE_STEPS; i++) {
        if (sim->n_requests < WISHES && i % 4 == 0)
            sim_client_new(sim);
        sim_client_send(sim);
        (void)tm_runtime_step(sim->rt, rng_next(&sim->rng));
        sim_journal_step(sim);
        sim_checkpoint_step(sim);
        sim_job_step(sim);
        sim->now.v += 500;
        tm_runtime_tick(sim->rt, sim->now);
        *ret_came |= came(sim, failure);
        if (!sim->fatal)
            continue;
        if (failure == DISK_FULL)
            sim_fail(sim, "a full disk ended the process");
        sim_crash(sim, i % 2 == 0);
        sim_boot(sim);
    }
}

/* One life with one failure. false: it never came. */
static bool live_once(sim_t *sim, failure_t failure, uint64_t at)
{
    bool there = false;
    sim_begin(sim, SEED);
    sim->calm = true;
    sim->segment_bytes = SEGMENT_BYTES;
    sim_boot(sim);
    sim_client_new(sim);
    sim_settle(sim);
    sim_note(sim, "failure %d at %llu", (int)failure, (unsigned long long)at);
    arm(sim, failure, at);
    some_life(sim, failure, &there);
    sim_check_acknowledged(sim);
    sim_check_campaigns(sim);
    const uint32_t boots = sim->boots;
    sim_check_all(sim); /* there is room again: all that was wished for comes to be */
    if (sim->boots != boots)
        sim_fail(sim, "it took a restart to go on");
    sim_crash(sim, at % 2 == 0);
    sim_boot(sim);
    sim_check_all(sim);
    sim_end(sim);
    return there;
}

uint64_t sim_bytes(uint64_t stride, sim_t **at)
{
    static const char *const names[] = {"the disk was full", "a write found no room",
                                        "a write failed", "a sync failed", "a rename failed"};
    _Static_assert(TM_COUNT(names) == FAILURES, "one name each");
    uint64_t places = 0;
    uint64_t moved = 0;
    for (int failure = 0; failure < FAILURES; failure++) {
        const bool bytes = failure < SYNC_FAILS;
        bool there = true;
        const uint64_t before = places;
        for (uint64_t k = 0; there; k += bytes ? TM_MAX(stride, (uint64_t)1) : 1) {
            *at = TM_NEW(sim_t);
            there = live_once(*at, (failure_t)failure, k);
            moved += there ? 0 : (*at)->counts.v[SIM_N_ARCHIVED];
            tm_free(TM_TAKE(*at));
            places += there;
        }
        printf("%12llu times %s\n", (unsigned long long)(places - before), names[failure]);
    }
    if (moved == 0) {
        fprintf(stderr, "no segment moved into the archive in these lives\n");
        exit(1);
    }
    return places;
}
