/* checkpoint.c - what does a checkpoint cost, and how fast is a start from it?
 *
 * Why:     a start must not need every commit there ever was, and whoever writes while a checkpoint
 *          is taken must not notice.
 * How:     one campaign of a million lines, one commit each; half of them get a paper of the same
 *          order, which changes what the first says. replay: all commits again. cut: what the
 *          journal's thread does. write: all pieces, in memory. restore: from them, with the check
 *          of the hash. turn_behind: a line's turn while a cut is held, to compare with turn.
 * Usage:   bench_checkpoint [LINES]; 1000000 by default.
 * Threads: one. */
#include "runtime/cut.h"
#include "with_campaign.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PIECE_BYTES ((size_t)256 << 10)
#define TURNS 201

/* Seconds of CPU: one thread does it all, and whoever else is on the machine does not count. */
static double cpu_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double replay(bench_t *b)
{
    tm_runtime_t *rt = bench_runtime(b);
    tm_why_t why;
    tm_why_clear(&why);
    const double begin = cpu_s();
    for (uint64_t i = 0; i < b->number; i++) {
        if (tm_runtime_replay(rt, i + 1, b->log[i], &why) != TM_OK)
            bench_die("replay: %s", why.faults[0].text);
    }
    const double seconds = cpu_s() - begin;
    figure("checkpoint_full_replay", seconds, "s");
    tm_runtime_free(rt);
    return seconds;
}

static double turn(bench_t *b, uint32_t order)
{
    const buy_t buy = bench_buy(b, order);
    bench_post(b, b->actor, bench_line(b, &buy));
    const double begin = bench_now_s();
    while (tm_runtime_step(b->rt, 0)) {
    }
    const double seconds = bench_now_s() - begin;
    bench_settle(b);
    return seconds;
}

static void turns(bench_t *b, const char *name, uint32_t *order)
{
    rounds_t rounds = {0};
    double slowest = 0;
    for (int i = 0; i < TURNS; i++) {
        const double seconds = turn(b, (*order)++);
        slowest = TM_MAX(slowest, seconds);
        if (i < ROUNDS_MAX)
            rounds_add(&rounds, seconds);
    }
    char text[64];
    snprintf(text, sizeof text, "checkpoint_%s", name);
    figure(text, rounds_median(&rounds) * 1e6, "us");
    snprintf(text, sizeof text, "checkpoint_%s_slowest", name);
    figure(text, slowest * 1e6, "us");
}

static void restore(bench_t *b, tm_cut_t *cut, double replayed)
{
    tm_buf_t all;
    tm_buf_init(&all, (size_t)64 << 30);
    double begin = cpu_s();
    while (tm_cut_next(cut, PIECE_BYTES, &all)) {
    }
    const tm_sha256_t hash = tm_cut_hash(cut);
    figure("checkpoint_write", cpu_s() - begin, "s");
    figure("checkpoint_bytes_a_line", (double)all.n / (double)b->number, "bytes");
    tm_runtime_t *rt = bench_runtime(b);
    tm_why_t why;
    tm_why_clear(&why);
    begin = cpu_s();
    tm_err_t err = tm_runtime_restore(rt, tm_buf_str(&all), &why);
    figure("checkpoint_read", cpu_s() - begin, "s");
    err = err != TM_OK ? err : tm_runtime_restored(rt, tm_cut_number(cut), &hash, &why);
    if (err != TM_OK)
        bench_die("restore: %s", why.faults[0].text);
    const double seconds = cpu_s() - begin;
    figure("checkpoint_restore", seconds, "s");
    figure("checkpoint_restore_of_replay", 100 * seconds / replayed, "%");
    begin = cpu_s();
    (void)tm_runtime_hash(rt);
    figure("checkpoint_hash", cpu_s() - begin, "s");
    tm_runtime_free(rt);
    tm_buf_done(&all);
}

int main(int argc, char **argv)
{
    const uint32_t lines = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    bench_t b = {.seed = 7, .keep = true};
    bench_start(&b);
    bench_fill(&b, 0, lines / 2);
    b.seed = 7;
    bench_fill(&b, 0, lines / 2); /* the same orders again: their second papers */
    uint32_t order = lines;
    const double replayed = replay(&b);
    turns(&b, "turn", &order);
    const double begin = bench_now_s();
    tm_cut_t *cut = tm_runtime_cut_now(b.rt);
    figure("checkpoint_cut", (bench_now_s() - begin) * 1e6, "us");
    turns(&b, "turn_behind", &order);
    restore(&b, cut, replayed);
    tm_cut_free(cut);
    for (uint64_t i = 0; i < b.number; i++) {
        tm_free((char *)(uintptr_t)b.log[i].p);
    }
    tm_runtime_free(b.rt);
    return 0;
}
