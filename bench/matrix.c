/* matrix.c - what does a change of one line cost in a small and in a huge campaign?
 *
 * Why:     the cost must follow the change, not the campaign.
 * How:     campaigns of 300, 100,000 and 1,000,000 lines over eight weeks, fifty lines a leaf row.
 *          build: every line put in. change: one line gets another amount, then the delta, a new
 *          view, and the end of the view before it, as with every commit. change_growth: a change
 *          in the largest by one in the smallest. write: the default answer of GET /matrix.
 *          memory: what the process grew by (resident), a line. Beside it the rules every line
 *          passes: its shares by week, and who counts in a chain of versions.
 * Usage:   bench_matrix [LINES_MAX]; 1000000 by default.
 * Threads: one. */
#include "base/memory.h"
#include "base/time.h"
#include "domain/matrix.h"
#include "domain/order.h"
#include "with_figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WEEKS 8
#define LINES_A_ROW 50
#define STATIONS 1000 /* of an advertiser */
#define FIRST_DAY "2026-08-31"
#define ROUNDS 5
#define ROUND_S 0.1
#define OUT_BYTES_MAX (256u << 20)
#define ARENA_BYTES_MAX (64u << 20)

static double resident_bytes(void)
{
    long total = 0;
    long resident = 0;
    FILE *in = fopen("/proc/self/statm", "re");
    if (in == NULL || fscanf(in, "%ld %ld", &total, &resident) != 2)
        bench_die("no /proc/self/statm");
    fclose(in);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void tell(const char *what, uint32_t lines, double v, const char *unit)
{
    char name[128];
    snprintf(name, sizeof(name), "matrix_%u_%s", lines, what);
    figure(name, v, unit);
}

static tm_day_t first_day(void)
{
    tm_day_t day;
    if (tm_day_parse(TM_STR(FIRST_DAY), &day) != TM_OK)
        bench_die("no day");
    return day;
}

/* A campaign under measurement: its lines are dealt to its rows in turn. */
typedef struct campaign {
    tm_matrix_t *matrix;
    uint32_t n_lines, n_rows;
    tm_row_key_t *keys; /* [n_rows] */
    tm_arena_t *names;
    tm_day_t first;
} campaign_t;

static campaign_t campaign_new(uint32_t n_lines)
{
    campaign_t c = {.n_lines = n_lines, .n_rows = n_lines / LINES_A_ROW + 1};
    c.matrix = tm_matrix_new(TM_WEEK_BASIS_broadcast);
    c.names = tm_arena_new(ARENA_BYTES_MAX);
    c.keys = tm_alloc(c.n_rows * sizeof(*c.keys));
    c.first = first_day();
    for (uint32_t i = 0; i < c.n_rows; i++)
        c.keys[i] =
            (tm_row_key_t){.advertiser_id = tm_id_make(1, 1 + i / STATIONS),
                           .station_id = tm_id_make(1, 1000000 + i % STATIONS),
                           .market = 501 + (int32_t)(i % 200),
                           .market_rank = 1 + (int32_t)(i % 200),
                           .medium = TM_MEDIUM_broadcast,
                           .side = TM_SIDE_for,
                           .advertiser = tm_arena_printf(c.names, "Committee %u", i / STATIONS),
                           .station = tm_arena_printf(c.names, "W%03u", i % STATIONS)};
    return c;
}

static void campaign_free(campaign_t *c)
{
    tm_matrix_free(c->matrix);
    tm_free(c->keys);
    tm_arena_free(c->names);
}

static void put(campaign_t *c, uint32_t line, int64_t cents)
{
    tm_share_t shares[WEEKS];
    for (int32_t w = 0; w < WEEKS; w++)
        shares[w] = (tm_share_t){.week = {c->first.v + 7 * w},
                                 .known = true,
                                 .gross = {cents + w},
                                 .net = {cents * 85 / 100},
                                 .low = {cents + w},
                                 .high = {cents + w},
                                 .has_high = true,
                                 .spots = 5};
    tm_matrix_set_line(c->matrix, tm_id_make(7, line + 1), &c->keys[line % c->n_rows], shares,
                       WEEKS, NULL, true, false, TM_STAGE_ordered, 1);
}

/* Microseconds of one change with all that a commit does. */
static double change(campaign_t *c, uint64_t *random)
{
    tm_buf_t delta;
    tm_buf_init(&delta, OUT_BYTES_MAX);
    tm_matrix_view_t *view = tm_matrix_view(c->matrix);
    uint64_t changes = 0;
    const double begin = bench_now_s();
    double now = begin;
    for (; now - begin < ROUND_S; now = bench_now_s()) {
        for (int k = 0; k < 10; k++, changes++) {
            *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            put(c, (uint32_t)(*random >> 33) % c->n_lines, (int64_t)(*random >> 40));
            tm_buf_clear(&delta);
            (void)tm_matrix_take_delta(c->matrix, 1, &delta);
            tm_matrix_view_t *next = tm_matrix_view(c->matrix);
            tm_matrix_view_unref(view);
            view = next;
        }
    }
    tm_matrix_view_unref(view);
    tm_buf_done(&delta);
    return (now - begin) * 1e6 / (double)changes;
}

/* Milliseconds of the default answer. */
static double write_whole(tm_matrix_t *matrix, size_t *ret_bytes)
{
    const tm_matrix_query_t query = tm_matrix_query_default();
    tm_matrix_view_t *view = tm_matrix_view(matrix);
    tm_buf_t out;
    tm_buf_init(&out, OUT_BYTES_MAX);
    uint64_t n = 0;
    const double begin = bench_now_s();
    double now = begin;
    for (; n == 0 || now - begin < ROUND_S; n++, now = bench_now_s()) {
        tm_buf_clear(&out);
        tm_matrix_write(view, &query, &out);
    }
    *ret_bytes = out.n;
    tm_buf_done(&out);
    tm_matrix_view_unref(view);
    return (now - begin) * 1e3 / (double)n;
}

/* Returns the microseconds of a change. */
static double campaign_of(uint32_t n)
{
    const double before = resident_bytes();
    campaign_t c = campaign_new(n);
    const double begin = bench_now_s();
    for (uint32_t i = 0; i < n; i++)
        put(&c, i, 100000 + i % 977);
    tell("build", n, (bench_now_s() - begin) * 1e9 / n, "ns/line");
    if (n >= 100000)
        tell("memory", n, (resident_bytes() - before) / n, "bytes/line");
    rounds_t us = {.n = 0};
    rounds_t ms = {.n = 0};
    uint64_t random = n;
    size_t bytes = 0;
    for (int r = 0; r < ROUNDS; r++) {
        rounds_add(&us, change(&c, &random));
        rounds_add(&ms, write_whole(c.matrix, &bytes));
    }
    tell("change", n, rounds_median(&us), "us");
    tell("write", n, rounds_median(&ms), "ms");
    tell("write_rate", n, (double)bytes / 1e3 / rounds_median(&ms), "MB/s");
    campaign_free(&c);
    return rounds_median(&us);
}

/* ---- the rules beside it ---- */

static tm_buy_line_t version_of(uint32_t i)
{
    static const char *const revisions[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    const tm_day_t first = first_day();
    tm_buy_line_t line;
    memset(&line, 0, sizeof(line));
    TM_SET(&line, TM_BUY_LINE, id, tm_id_make(7, i + 1));
    TM_SET(&line, TM_BUY_LINE, created_ms, (tm_ms_t){1000 + (int64_t)i});
    TM_SET(&line, TM_BUY_LINE, station, TM_STR("WAAA"));
    TM_SET(&line, TM_BUY_LINE, order_no, TM_STR("1234567"));
    TM_SET(&line, TM_BUY_LINE, order_no_norm, TM_STR("1234567"));
    TM_SET(&line, TM_BUY_LINE, revision, tm_str(revisions[i % TM_COUNT(revisions)]));
    TM_SET(&line, TM_BUY_LINE, flight_from, first);
    TM_SET(&line, TM_BUY_LINE, flight_to, (tm_day_t){first.v + 7 * WEEKS - 1});
    TM_SET(&line, TM_BUY_LINE, gross_cents, (tm_cents_t){1234567});
    TM_SET(&line, TM_BUY_LINE, net_cents, (tm_cents_t){1049382});
    TM_SET(&line, TM_BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    TM_SET(&line, TM_BUY_LINE, stage, (tm_enum_t){TM_STAGE_ordered});
    TM_SET(&line, TM_BUY_LINE, layer, (tm_enum_t){TM_LAYER_airtime});
    return line;
}

static void chain_of(uint32_t n)
{
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_buy_line_t *lines = tm_alloc(n * sizeof(*lines));
    const tm_buy_line_t **pointers = tm_alloc(n * sizeof(*pointers));
    tm_verdict_t *verdicts = tm_alloc(n * sizeof(*verdicts));
    for (uint32_t i = 0; i < n; i++) {
        lines[i] = version_of(i);
        pointers[i] = &lines[i];
    }
    rounds_t us = {.n = 0};
    for (int r = 0; r < ROUNDS; r++) {
        uint64_t times = 0;
        const double begin = bench_now_s();
        double now = begin;
        for (; now - begin < ROUND_S; times++, now = bench_now_s()) {
            tm_arena_reset(arena);
            if (tm_chain_resolve(pointers, n, arena, verdicts) != TM_OK)
                bench_die("a chain is not resolved");
        }
        rounds_add(&us, (now - begin) * 1e6 / (double)times);
    }
    char name[64];
    snprintf(name, sizeof(name), "chain_%u_resolve", n);
    figure(name, rounds_median(&us), "us");
    tm_free(verdicts);
    tm_free(pointers);
    tm_free(lines);
    tm_arena_free(arena);
}

static void shares(void)
{
    static tm_keep_t everything = {{INT32_MIN}, {INT32_MAX}};
    const tm_verdict_t verdict = {
        .standing = TM_STANDING_winner, .counts = true, .n_keep = 1, .keep = &everything};
    const tm_buy_line_t line = version_of(0);
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    rounds_t ns = {.n = 0};
    for (int r = 0; r < ROUNDS; r++) {
        uint64_t times = 0;
        const double begin = bench_now_s();
        double now = begin;
        for (; now - begin < ROUND_S; times++, now = bench_now_s()) {
            tm_share_t *v = NULL;
            tm_share_t unplaced;
            uint32_t n = 0;
            tm_arena_reset(arena);
            if (tm_line_shares(&line, &verdict, TM_WEEK_BASIS_broadcast, arena, &v, &n,
                               &unplaced) != TM_OK ||
                n != WEEKS)
                bench_die("a line is not spread");
        }
        rounds_add(&ns, (now - begin) * 1e9 / (double)times);
    }
    figure("line_shares", rounds_median(&ns), "ns/line");
    tm_arena_free(arena);
}

int main(int argc, char **argv)
{
    const uint32_t most = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    static const uint32_t sizes[] = {300, 100000, 1000000};
    double smallest_us = 0;
    double largest_us = 0;
    for (size_t i = 0; i < TM_COUNT(sizes) && sizes[i] <= most; i++) {
        largest_us = campaign_of(sizes[i]);
        smallest_us = i == 0 ? largest_us : smallest_us;
    }
    if (smallest_us > 0)
        figure("matrix_change_growth", largest_us / smallest_us, "times");
    static const uint32_t chains[] = {1, 10, 100, 1000};
    for (size_t i = 0; i < TM_COUNT(chains); i++)
        chain_of(chains[i]);
    shares();
    return 0;
}
