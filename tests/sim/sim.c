/* sim.c - runs seeds, and tells which one failed and what went on before.
 *
 * How:     TM_SIM_FIRST (1) and TM_SIM_SEEDS (200) choose them; TM_SIM_STEPS (600) how long each
 *          is.
 * Threads: one. */
#include "sim/sim.h"
#include "base/log.h"
#include "base/memory.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SQL_EVERY 25 /* seeds; a real database is slow */

static sim_t *current; /* for the handler of abort */

static void tell(const sim_t *sim)
{
    fprintf(stderr, "seed %llu failed; the last notes:\n", (unsigned long long)sim->seed);
    const uint32_t first = sim->n_notes > SIM_NOTES ? sim->n_notes - SIM_NOTES : 0;
    for (uint32_t i = first; i < sim->n_notes; i++)
        fprintf(stderr, "  %u %s\n", i, sim->notes[i % SIM_NOTES]);
    fprintf(stderr, "again: TM_SIM_FIRST=%llu TM_SIM_SEEDS=1\n", (unsigned long long)sim->seed);
}

void sim_note(sim_t *sim, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(sim->notes[sim->n_notes % SIM_NOTES], SIM_NOTE_BYTES, fmt, args);
    va_end(args);
    sim->n_notes++;
}

_Noreturn void sim_fail(sim_t *sim, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\n");
    tell(sim);
    exit(1);
}

/* An assertion of the program failed: the notes are worth more than a core. */
static void aborted(int signal_number)
{
    (void)signal_number;
    if (current != NULL)
        tell(current);
    _exit(1);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    int64_t value = 0;
    if (text == NULL)
        return otherwise;
    if (!tm_str_i64(tm_str(text), &value) || value < 0) {
        fprintf(stderr, "%s is no number\n", name);
        exit(2);
    }
    return (uint64_t)value;
}

/* Something breaks, or comes back. */
static void trouble(sim_t *sim)
{
    switch (rng_below(&sim->rng, 8)) {
    case 0:
        sim_note(sim, "the process is killed");
        sim_crash(sim, false);
        sim_boot(sim);
        break;
    case 1:
    case 2:
        sim_note(sim, "power is lost");
        sim_crash(sim, true);
        sim_boot(sim);
        break;
    case 3:
        sim_note(sim, "a sync will fail");
        sim_disk_fail_syncs(sim->disk, (uint32_t)rng_below(&sim->rng, 4), 1);
        break;
    case 4:
        sim_note(sim, "a write will fail");
        sim_disk_fail_writes(sim->disk, (uint32_t)rng_below(&sim->rng, 4), 1);
        break;
    case 5:
    case 6:
        sim_note(sim, "the disk is full");
        sim_disk_set_capacity(sim->disk, sim_disk_used(sim->disk) + rng_below(&sim->rng, 4096));
        break;
    default:
        sim_note(sim, "the disk has room");
        sim_disk_set_capacity(sim->disk, UINT64_MAX);
        break;
    }
}

static void step(sim_t *sim)
{
    const uint64_t r = rng_below(&sim->rng, 100);
    if (r < 35) {
        (void)tm_runtime_step(sim->rt, rng_next(&sim->rng));
    } else if (r < 60) {
        sim_journal_step(sim);
    } else if (r < 66) {
        sim_client_new(sim);
    } else if (r < 80) {
        sim_client_send(sim);
    } else if (r < 88) {
        sim_job_step(sim);
    } else if (r < 94) {
        /* Days pass only while no client is between its first attempt and its answer: a key is kept
         * for 24 hours. */
        const uint64_t way = rng_below(&sim->rng, 20);
        const uint64_t most = way < 2 && sim_clients_done(sim, false) ? 40u * 3600000u
                              : way < 5                               ? 600000u
                                                                      : 2000u;
        sim->now.v += (int64_t)rng_below(&sim->rng, most);
        tm_runtime_tick(sim->rt, sim->now);
    } else if (r < 96) {
        sim_check_campaigns(sim);
    } else if (r < 97) {
        trouble(sim);
    }
    if (rng_chance(&sim->rng, 15))
        sim_checkpoint_step(sim);
    if (sim->fatal) {
        const bool power = rng_chance(&sim->rng, 50);
        sim_note(sim, "the journal ended the process%s", power ? ", and power is lost" : "");
        sim_crash(sim, power);
        sim_boot(sim);
    }
}

static void run(sim_t *sim, uint64_t seed, uint64_t steps)
{
    sim->seed = seed;
    sim->rng.state = seed;
    sim->now.v = INT64_C(1790000000000);
    sim->disk = sim_disk_new(&sim->rng);
    sim_boot(sim);
    for (uint64_t i = 0; i < steps; i++)
        step(sim);
    sim_settle(sim);
    sim_check_acknowledged(sim);
    sim_check_campaigns(sim);
    sim_check_once(sim);
    sim_check_undo(sim);
    sim_check_reports(sim);
    if (seed % SQL_EVERY == 0)
        sim_check_sql(sim);
    sim_crash(sim, true); /* compares replay with live */
    sim_boot(sim);
    sim_settle(sim);
    sim_check_acknowledged(sim);
    sim_check_campaigns(sim);
    sim_check_once(sim);
    sim_check_reports(sim);
    sim_crash(sim, false);
    sim_disk_free(sim->disk);
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++)
        json_decref(sim->subscribers[i].cells);
    sim->n_reports = json_object_size(sim->reports);
    json_decref(sim->reports);
}

int main(void)
{
    const uint64_t first = setting("TM_SIM_FIRST", 1);
    const uint64_t seeds = setting("TM_SIM_SEEDS", 200);
    const uint64_t steps = setting("TM_SIM_STEPS", 600);
    signal(SIGABRT, aborted);
    tm_log_init(TM_LOG_ERROR); /* a full disk is no news here */
    uint64_t commits = 0;
    uint64_t answers = 0;
    uint64_t crashes = 0;
    uint64_t refusals = 0;
    uint64_t reports = 0;
    uint64_t checkpoints = 0;
    uint64_t recovered = 0;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        current = TM_NEW(sim_t);
        run(current, seed, steps);
        commits += current->commits;
        answers += current->answers;
        crashes += current->crashes;
        refusals += current->refusals;
        reports += current->n_reports;
        checkpoints += current->checkpoints;
        recovered += current->recovered;
        tm_free(current);
        current = NULL;
    }
    printf("seeds %llu to %llu: %llu commits, %llu answers, %llu refusals, %llu reports, %llu "
           "crashes, %llu checkpoints, %llu boots from one\n",
           (unsigned long long)first, (unsigned long long)(first + seeds - 1),
           (unsigned long long)commits, (unsigned long long)answers, (unsigned long long)refusals,
           (unsigned long long)reports, (unsigned long long)crashes,
           (unsigned long long)checkpoints, (unsigned long long)recovered);
    return 0;
}
