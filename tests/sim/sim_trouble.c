/* sim_trouble.c - what breaks and comes back, by chance: power, process, disk, clock.
 *
 * Threads: one. */
#include "sim/sim.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define CLOCK_WINDOW_MS (10 * HOUR_MS)
#define STILL_STEPS 100u
#define LIE_STEPS 4u

static void disk_trouble(sim_t *sim)
{
    const uint32_t after = (uint32_t)rng_below(&sim->rng, 4);
    switch (rng_below(&sim->rng, sim->liar ? 9 : 7)) {
    case 0:
        sim_note(sim, "a sync will fail");
        sim_disk_fail_syncs(sim->disk, after, 1);
        break;
    case 1:
        sim_note(sim, "a write will fail");
        sim_disk_fail_writes(sim->disk, after, 1);
        break;
    case 2:
    case 3:
        sim_note(sim, "the disk is full");
        sim_disk_set_capacity(sim->disk, sim_disk_used(sim->disk) + rng_below(&sim->rng, 4096));
        break;
    case 4:
        sim_note(sim, "reads will fail");
        sim_disk_fail_reads(sim->disk, SIM_READ_ANY, after, 1 + after);
        break;
    case 7:
    case 8:
        sim_note(sim, "syncs will lie");
        sim_disk_lie(sim->disk, 1 + (uint32_t)rng_below(&sim->rng, 5));
        break;
    default:
        sim_note(sim, "the disk has room");
        sim_disk_set_capacity(sim->disk, UINT64_MAX);
        break;
    }
}

/* Syncs lie, some commits go out, the database follows; then the power goes. */
static void lie_and_fall(sim_t *sim)
{
    sim_note(sim, "syncs lie, then power is lost");
    sim_disk_lie(sim->disk, 1 + (uint32_t)rng_below(&sim->rng, 3));
    for (uint32_t i = 0; i < LIE_STEPS && !sim->fatal; i++) {
        sim_client_send(sim);
        (void)tm_runtime_step(sim->rt, rng_next(&sim->rng));
        sim_journal_step(sim);
        sim_sql_step(sim);
    }
    sim_disk_lie(sim->disk, 0);
    sim_crash(sim, true);
    sim_boot(sim);
}

void sim_trouble(sim_t *sim)
{
    const uint64_t way = rng_below(&sim->rng, 8);
    if (way == 7 && sim->liar) {
        lie_and_fall(sim);
    } else if (way >= 3) {
        disk_trouble(sim);
    } else {
        sim_note(sim, way == 0 ? "the process is killed" : "power is lost");
        sim_crash(sim, way > 0);
        sim_boot(sim);
    }
}

void sim_clock_set(sim_t *sim, int64_t ms)
{
    if (ms - sim->now.v > HOUR_MS)
        sim->counts.v[SIM_N_CLOCK_FORWARD]++;
    if (sim->now.v - ms > HOUR_MS)
        sim->counts.v[SIM_N_CLOCK_BACK]++;
    if (TM_MAX(ms, sim->now.v) - TM_MIN(ms, sim->now.v) > HOUR_MS)
        sim_note(sim, "the clock jumps by %lld minutes", (long long)((ms - sim->now.v) / 60000));
    sim->now.v = ms;
    sim->clock_latest.v = TM_MAX(sim->clock_latest.v, ms);
    tm_runtime_tick(sim->rt, sim->now);
}

/* Some seconds before or after the midnight of one of the time zones of the United States. */
static int64_t midnight(sim_t *sim)
{
    const int64_t zone = (4 + (int64_t)rng_below(&sim->rng, 7)) * HOUR_MS;
    const int64_t day = (sim->now.v - zone) / DAY_MS + (int64_t)rng_below(&sim->rng, 2);
    sim->counts.v[SIM_N_CLOCK_MIDNIGHT]++;
    return day * DAY_MS + zone + (int64_t)rng_below(&sim->rng, 120000) - 60000;
}

/* Nobody waits for an answer, and no copy of a request is still under way. */
static bool is_still(sim_t *sim)
{
    for (uint32_t i = 0; i < STILL_STEPS && sim_clients_done(sim, false); i++) {
        const bool moved = tm_runtime_step(sim->rt, rng_next(&sim->rng));
        sim_journal_step(sim);
        if (sim->fatal)
            return false;
        if (!moved && sim->flight_n == 0 && sim->n_jobs == 0)
            return sim_clients_done(sim, false);
        sim_job_step(sim);
        tm_runtime_tick(sim->rt, sim->now);
    }
    return false;
}

/* A key is kept for 24 hours of the wall clock. So while a request is between its first attempt and
 * the end of its last, the clock stays within some hours of where it was when there was none. */
void sim_clock_step(sim_t *sim)
{
    const uint64_t way = rng_below(&sim->rng, 24);
    const bool free = way < 6 && is_still(sim);
    if (sim->fatal)
        return;
    int64_t to = sim->now.v;
    if (way < 2)
        to += (int64_t)rng_below(&sim->rng, (uint64_t)(40 * HOUR_MS));
    else if (way < 4)
        to -= (int64_t)rng_below(&sim->rng, (uint64_t)(30 * HOUR_MS));
    else if (way < 6)
        to = midnight(sim);
    else if (way < 9)
        to += (int64_t)rng_below(&sim->rng, 600000);
    else if (way < 11)
        to -= (int64_t)rng_below(&sim->rng, 600000);
    else
        to += (int64_t)rng_below(&sim->rng, 2000);
    if (!free)
        to = TM_MIN(TM_MAX(to, sim->clock_base.v - CLOCK_WINDOW_MS),
                    sim->clock_base.v + CLOCK_WINDOW_MS);
    else
        sim->clock_base.v = to;
    sim_clock_set(sim, to);
}

void sim_mend(sim_t *sim)
{
    sim_disk_set_capacity(sim->disk, UINT64_MAX);
    sim_disk_fail_syncs(sim->disk, 0, 0);
    sim_disk_fail_writes(sim->disk, 0, 0);
    sim_disk_fail_reads(sim->disk, SIM_READ_ANY, 0, 0);
    sim_disk_fail_renames(sim->disk, 0, 0);
    sim_disk_fail_byte(sim->disk, 0, TM_OK);
    sim_disk_lie(sim->disk, 0);
    sim_sql_mend(sim);
}
