/* sim.c - runs seeds, and tells which one failed and what went on before.
 *
 * How:     TM_SIM_FIRST (1) and TM_SIM_SEEDS (200) choose them; TM_SIM_STEPS (600) how long each
 *          is; TM_SIM_JOBS (1) how many processes share them; TM_SIM_TRACE shows every note when it
 *          is made. TM_SIM_BYTES=N runs sim_bytes.c instead, with every N-th byte. At the end it
 *          says how often everything happened (counts.def).
 * Threads: one. */
#include "sim/sim.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64u
#define LIARS_PERCENT 15u
#define LOOK_US 200000
#define SEGMENT_BYTES (20u << 10) /* small, so that a full disk is felt soon */

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
    if (sim->traced)
        fprintf(stderr, "%u %s\n", sim->n_notes, sim->notes[sim->n_notes % SIM_NOTES]);
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
        sim_clock_step(sim);
    } else if (r < 96) {
        sim_check_campaigns(sim);
    } else if (r < 97) {
        sim_trouble(sim);
    } else {
        sim_sql_step(sim);
    }
    if (sim->ended)
        return;
    if (sim->sql.projector != NULL) {
        if (rng_chance(&sim->rng, 3))
            sim_sql_trouble(sim);
        if (rng_chance(&sim->rng, 10))
            sim_sql_step(sim);
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

void sim_check_all(sim_t *sim)
{
    sim_settle(sim);
    sim_check_acknowledged(sim);
    sim_check_campaigns(sim);
    sim_check_once(sim);
    sim_check_reports(sim);
}

static void live(sim_t *sim, uint64_t steps)
{
    sim_boot(sim);
    for (uint64_t i = 0; i < steps && !sim->ended; i++)
        step(sim);
    if (sim->ended)
        return;
    sim_check_all(sim);
    sim_check_undo(sim);
    sim_check_reports(sim);
    sim_check_sql(sim);
    sim_crash(sim, true); /* compares replay with live */
    sim_boot(sim);
    if (!sim->ended)
        sim_check_all(sim);
}

void sim_begin(sim_t *sim, uint64_t seed)
{
    sim->seed = seed;
    sim->traced = getenv("TM_SIM_TRACE") != NULL;
    sim->rng.state = seed;
    sim->now.v = INT64_C(1790000000000);
    sim->clock_base = sim->clock_latest = sim->now;
    sim->disk = sim_disk_new(&sim->rng, &sim->counts);
    sim->segment_bytes = SEGMENT_BYTES;
}

void sim_end(sim_t *sim)
{
    sim_mend(sim);
    sim_crash(sim, false);
    sim_sql_end(sim);
    sim_disk_free(sim->disk);
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++)
        json_decref(sim->subscribers[i].cells);
    sim->counts.v[SIM_N_REPORTS] += json_object_size(sim->reports);
    json_decref(sim->reports);
    tm_free(sim->ledger.v);
}

static void run(sim_t *sim, uint64_t seed, uint64_t steps)
{
    sim_begin(sim, seed);
    sim_sql_begin(sim);
    sim->liar = rng_chance(&sim->rng, sim->sql.follows ? LIARS_PERCENT * 3 : LIARS_PERCENT);
    live(sim, steps);
    sim_end(sim);
}

/* What a process tells the one that started it; shared memory. */
typedef struct job {
    sim_counts_t counts;
    uint64_t seeds; /* done; atomic */
} job_t;

typedef struct range {
    uint64_t first, seeds, steps, jobs;
} range_t;

/* Every jobs-th seed from first + at on. */
static void run_some(const range_t *range, uint64_t at, job_t *job)
{
    for (; at < range->seeds; at += range->jobs) {
        current = TM_NEW(sim_t);
        run(current, range->first + at, range->steps);
        for (uint32_t i = 0; i < SIM_N_COUNT; i++)
            job->counts.v[i] += current->counts.v[i];
        tm_free(current);
        current = NULL;
        __atomic_fetch_add(&job->seeds, 1, __ATOMIC_RELAXED); /* only a number to be shown */
    }
}

static uint64_t seeds_done(const job_t *jobs, uint64_t n)
{
    uint64_t done = 0;
    for (uint64_t i = 0; i < n; i++)
        done += __atomic_load_n(&jobs[i].seeds, __ATOMIC_RELAXED);
    return done;
}

/* Waits for the processes; the first that fails ends them all. false: one failed. */
static bool wait_for(const range_t *range, pid_t *pids, const job_t *jobs)
{
    const bool shown = isatty(STDERR_FILENO) == 1;
    bool good = true;
    for (uint64_t left = range->jobs; left > 0;) {
        int status = 0;
        const pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0) {
            if (shown)
                fprintf(stderr, "\r%llu of %llu seeds",
                        (unsigned long long)seeds_done(jobs, range->jobs),
                        (unsigned long long)range->seeds);
            (void)usleep(LOOK_US);
            continue;
        }
        assert(pid > 0);
        left--;
        for (uint64_t i = 0; i < range->jobs; i++)
            pids[i] = pids[i] == pid ? 0 : pids[i]; /* the number may be somebody else's now */
        if (good && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
            good = false;
            for (uint64_t i = 0; i < range->jobs; i++) {
                if (pids[i] > 0)
                    (void)kill(pids[i], SIGTERM);
            }
        }
    }
    if (shown)
        fprintf(stderr, "\n");
    return good;
}

static bool run_all(const range_t *range, job_t *jobs)
{
    pid_t pids[JOBS_MAX] = {0};
    if (range->jobs == 1) {
        run_some(range, 0, &jobs[0]);
        return true;
    }
    for (uint64_t i = 0; i < range->jobs; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            run_some(range, i, &jobs[i]);
            exit(0);
        }
        if (pids[i] < 0) {
            perror("fork");
            exit(2);
        }
    }
    return wait_for(range, pids, jobs);
}

/* false: something never happened that should have. */
static bool tell_counts(const range_t *range, const job_t *jobs, int64_t took_ns)
{
    static const struct {
        const char *words;
        uint64_t seeds;
    } all[] = {
#define COUNT(NAME, words) {words, SIM_SEEDS_ENOUGH},
#define RARE(NAME, words) {words, SIM_SEEDS_PLENTY},
#include "sim/counts.def"
#undef RARE
#undef COUNT
    };
    bool fine = true;
    printf("seeds %llu to %llu, %.0f a minute\n", (unsigned long long)range->first,
           (unsigned long long)(range->first + range->seeds - 1),
           (double)range->seeds * 60e9 / (double)TM_MAX(took_ns, (int64_t)1));
    for (uint32_t c = 0; c < SIM_N_COUNT; c++) {
        uint64_t sum = 0;
        for (uint64_t i = 0; i < range->jobs; i++)
            sum += jobs[i].counts.v[c];
        const bool missing = sum == 0 && range->seeds >= all[c].seeds;
        printf("%12llu %s%s\n", (unsigned long long)sum, all[c].words,
               missing ? ": never happened, so it was not tested" : "");
        fine = fine && !missing;
    }
    return fine;
}

int main(void)
{
    range_t range = {.first = setting("TM_SIM_FIRST", 1),
                     .seeds = setting("TM_SIM_SEEDS", 200),
                     .steps = setting("TM_SIM_STEPS", 600),
                     .jobs = setting("TM_SIM_JOBS", 1)};
    range.jobs = TM_MIN(TM_MAX(range.jobs, (uint64_t)1), (uint64_t)JOBS_MAX);
    signal(SIGABRT, aborted);
    tm_log_init(TM_LOG_ERROR); /* a full disk is no news here */
    job_t *jobs = mmap(NULL, range.jobs * sizeof(job_t), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    if (getenv("TM_SIM_BYTES") != NULL) {
        const uint64_t n = sim_bytes(setting("TM_SIM_BYTES", 1), &current);
        printf("the disk failed in %llu places\n", (unsigned long long)n);
        return 0;
    }
    const int64_t begun = tm_time_mono_ns();
    if (!run_all(&range, jobs))
        return 1;
    return tell_counts(&range, jobs, tm_time_mono_ns() - begun) ? 0 : 1;
}
