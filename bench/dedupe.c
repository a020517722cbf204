/* dedupe.c - what does one more line, and one verdict, cost in a campaign of a million lines?
 *
 * Why:     the same buy arrives three times; finding its partners must not cost more on election
 *          eve than in spring.
 * How:     a campaign's actor in a runtime without threads and a journal that takes everything. It
 *          is filled with orders of stations (source fcc, numbers of their own) over a year; add:
 *          one more order, or a rep sheet's row that has a partner; resolve: the verdict about such
 *          a pair; undo: taken back. Time of the actor's turn alone: decision, change, cells,
 *          delta, snapshot. Medians over ADDS messages.
 * Usage:   bench_dedupe [LINES_MAX]; 1000000 by default.
 * Threads: one. */
#include "with_campaign.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ADDS 63

/* Seconds of the turns that a message causes; the commits are let go after. */
static double turn_of(bench_t *b, tm_message_t *msg)
{
    b->status = 0;
    bench_post(b, b->actor, msg);
    const double begin = bench_now_s();
    while (tm_runtime_step(b->rt, 0)) {
    }
    const double seconds = bench_now_s() - begin;
    bench_settle(b);
    if (b->status / 100 != 2)
        bench_die("answered %d: %s", b->status, b->body);
    return seconds;
}

/* The open group that holds the newest line. */
static tm_id_t newest_group(bench_t *b, tm_id_t *ret_winner)
{
    tm_campaign_view_t *view = tm_runtime_snapshot(b->rt, b->actor);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    tm_id_t best = {0};
    uint32_t key = 0;
    for (const tm_row_t *row;
         (row = tm_trie_next(&view->view.tables[tm_dedupe_group_desc.number], &key)); key++) {
        best = row->id;
    }
    const tm_row_t *row = tm_view_get(&view->view, &tm_dedupe_group_desc, best);
    const tm_dedupe_group_t *group = row == NULL ? NULL : tm_row_read(row, arena);
    if (group == NULL)
        bench_die("no group");
    *ret_winner = group->suggested_winner;
    tm_shared_unref(view);
    return best;
}

static tm_message_t *verdict_of(bench_t *b)
{
    void *payload;
    tm_id_t winner;
    const tm_id_t group = newest_group(b, &winner);
    tm_message_t *msg = tm_msg_new(TM_MSG_GROUP_RESOLVE, &payload);
    tm_group_resolve_t *verdict = payload;
    TM_SET(verdict, TM_GROUP_RESOLVE, group_id, group);
    TM_SET(verdict, TM_GROUP_RESOLVE, action, (tm_enum_t){TM_DEDUPE_ACTION_keep});
    TM_SET(verdict, TM_GROUP_RESOLVE, winner, winner);
    return msg;
}

static tm_message_t *undo_of(bench_t *b)
{
    char token[32];
    const char *at = strstr(b->body, "\"undo_token\":\"");
    if (at == NULL || sscanf(at, "\"undo_token\":\"%31[^\"]", token) != 1)
        bench_die("no token in %s", b->body);
    void *payload;
    tm_message_t *msg = tm_msg_new(TM_MSG_DECISION_UNDO, &payload);
    tm_decision_undo_t *undo = payload;
    TM_SET(undo, TM_DECISION_UNDO, undo_token, tm_arena_str(msg->arena, tm_str(token)));
    return msg;
}

static void tell(const char *what, uint32_t lines, const rounds_t *rounds)
{
    char name[64];
    snprintf(name, sizeof name, "dedupe_%u_%s", lines, what);
    figure(name, rounds_median(rounds) * 1e6, "us");
}

static void measure(bench_t *b, uint32_t lines, uint32_t *order)
{
    rounds_t add = {0}, pair = {0}, resolve = {0}, undo = {0};
    for (int i = 0; i < ADDS; i++) {
        buy_t buy = bench_buy(b, (*order)++);
        rounds_add(&add, turn_of(b, bench_line(b, &buy)));
        buy.sheet = true;
        buy.gross += buy.gross / 200;
        rounds_add(&pair, turn_of(b, bench_line(b, &buy)));
        rounds_add(&resolve, turn_of(b, verdict_of(b)));
        rounds_add(&undo, turn_of(b, undo_of(b)));
    }
    tell("add", lines, &add);
    tell("add_with_partner", lines, &pair);
    tell("resolve", lines, &resolve);
    tell("undo", lines, &undo);
}

static double resident_bytes(void)
{
    long total = 0, resident = 0;
    FILE *in = fopen("/proc/self/statm", "re");
    if (in == NULL || fscanf(in, "%ld %ld", &total, &resident) != 2)
        bench_die("no /proc/self/statm");
    fclose(in);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    const uint32_t most = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    static const uint32_t sizes[] = {10000, 1000000};
    bench_t b = {.seed = 7};
    bench_start(&b);
    const double before = resident_bytes();
    uint32_t order = 0;
    for (size_t i = 0; i < TM_COUNT(sizes); i++) {
        const uint32_t lines = TM_MIN(sizes[i], most);
        const double begin = bench_now_s();
        bench_fill(&b, order, lines);
        char name[64];
        snprintf(name, sizeof name, "dedupe_%u_fill", lines);
        if (lines > order)
            figure(name, (lines - order) / (bench_now_s() - begin), "lines/s");
        order = lines;
        measure(&b, lines, &order);
        snprintf(name, sizeof name, "dedupe_%u_bytes_a_line", lines);
        figure(name, (resident_bytes() - before) / lines, "bytes");
    }
    return 0;
}
