/* replay.c - what does a commit of a buy line cost the worker that makes it, and a replay?
 *
 * Why:     a turn's rules are the largest part of a write that is not the network's or the disk's,
 *          and a replay is hardly anything else.
 * How:     one campaign, LINES lines in 400 rows, as bench_million posts them, one commit each,
 *          without journal and HTTP. turn: messages in, commits out, released. replay: the same
 *          commits again, then the hash. spread: the same with 40,000 rows, which no cache holds.
 * Usage:   bench_replay [LINES]; 1000000 by default.
 * Threads: one. */
#include "runtime/runtime.h"
#include "with_campaign.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds of CPU: one thread does it all, and whoever else is on the machine does not count. */
static double cpu_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void named(const char *which, const char *what, double v, const char *unit)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", which, what);
    figure(name, v, unit);
}

static void replay(bench_t *b, const char *which)
{
    tm_runtime_t *rt = bench_runtime(b);
    tm_why_t why;
    tm_why_clear(&why);
    double begin = cpu_s();
    for (uint64_t i = 0; i < b->number; i++) {
        if (tm_runtime_replay(rt, i + 1, b->log[i], &why) != TM_OK)
            bench_die("replay: %s", why.faults[0].text);
    }
    named(which, "commits", (double)b->number / (cpu_s() - begin), "commits/s");
    begin = cpu_s();
    const tm_sha256_t then = tm_runtime_hash(rt);
    named(which, "hash", cpu_s() - begin, "s");
    const tm_sha256_t now = tm_runtime_hash(b->rt);
    if (memcmp(&then, &now, sizeof now) != 0)
        bench_die("a replay gives another state");
    tm_runtime_free(rt);
}

static void fill(bench_t *b, uint32_t lines)
{
    for (uint32_t i = 0; i < lines; i++) {
        const buy_t buy = {.station = i % 400,
                           .order = i,
                           .from = 20697, /* 2026-09-01 */
                           .days = 55,
                           .gross = 100000 + (int64_t)i * 7919 % 5000000};
        bench_post(b, b->actor, bench_line(b, &buy));
        if (i % 1000 == 999)
            bench_settle(b);
    }
    bench_settle(b);
}

static void run(const char *which, uint32_t lines, bool spread)
{
    bench_t b = {.seed = 7, .keep = true};
    bench_start(&b);
    const double begin = cpu_s();
    if (spread)
        bench_fill(&b, 0, lines);
    else
        fill(&b, lines);
    named(which, "turn", (cpu_s() - begin) * 1e6 / lines, "us/line");
    replay(&b, which);
    for (uint64_t i = 0; i < b.number; i++) {
        tm_free((char *)(uintptr_t)b.log[i].p);
    }
    tm_free(b.log);
    tm_runtime_free(b.rt);
}

int main(int argc, char **argv)
{
    const uint32_t lines = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    if (lines < 1)
        bench_die("usage: bench_replay [LINES]");
    run("replay", lines, false);
    run("replay_spread", lines, true);
    return 0;
}
