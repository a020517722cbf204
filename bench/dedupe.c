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
#include "actors/kinds.h"
#include "actors/view.h"
#include "base/memory.h"
#include "base/time.h"
#include "schema/record.h"
#include "with_figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ADVERTISERS 40
#define STATIONS 1000
#define ADDS 63
#define FIRST_DAY 20454 /* 2026-01-01 */
#define NOW_MS INT64_C(1791993600000)

typedef struct bench {
    tm_runtime_t *rt;
    tm_commit_t *pushed, *last;
    uint64_t number, seed;
    tm_id_t campaign, group;
    uint32_t actor;
    int status;
    char token[64], body[4096];
} bench_t;

static uint64_t chance(bench_t *b, uint64_t n)
{
    b->seed = b->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (b->seed >> 33) % n;
}

/* ---- the environment: everything is durable at once ---- */

static tm_ms_t env_now(void *self TM_UNUSED)
{
    return (tm_ms_t){NOW_MS};
}

static void env_random(void *self TM_UNUSED, void *p, size_t n)
{
    memset(p, 7, n);
}

static tm_err_t env_reserve(void *self TM_UNUSED, size_t bytes TM_UNUSED)
{
    return TM_OK;
}

static void env_push(void *self, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    bench_t *b = self;
    if (b->pushed == NULL)
        b->pushed = first;
    else
        b->last->next = first;
    b->last = last;
}

static void env_answer(void *self TM_UNUSED, uint64_t number TM_UNUSED, tm_reply_to_t to TM_UNUSED)
{
}

static void env_job(void *self TM_UNUSED, uint32_t actor TM_UNUSED, uint16_t type TM_UNUSED,
                    const tm_desc_t *desc TM_UNUSED, const void *record TM_UNUSED)
{
}

static void env_reply(void *self, tm_reply_to_t to TM_UNUSED, const tm_answer_t *answer)
{
    bench_t *b = self;
    b->status = answer->err == TM_OK ? answer->status : tm_err_status(answer->err);
    const tm_str_t text = answer->body == NULL ? TM_STR("") : tm_blob_str(answer->body);
    snprintf(b->body, sizeof b->body, "%.*s", (int)TM_MIN(text.n, sizeof b->body - 1), text.p);
}

static void env_live(void *self TM_UNUSED, uint32_t actor TM_UNUSED) {}

static void release(bench_t *b)
{
    while (b->pushed != NULL) {
        tm_commit_t *commit = b->pushed;
        b->pushed = commit->next;
        if (commit->n > 0)
            commit->number = ++b->number;
        commit->release(commit);
    }
}

static void settle(bench_t *b)
{
    do {
        release(b);
        while (tm_runtime_step(b->rt, 0)) {
        }
    } while (b->pushed != NULL);
}

/* ---- messages ---- */

static void post(bench_t *b, uint32_t actor, tm_message_t *msg)
{
    msg->at = (tm_ms_t){NOW_MS};
    msg->reply_to = (tm_reply_to_t){0, 1, 1};
    msg->principal = TM_STR("bench");
    if (tm_runtime_post(b->rt, actor, msg) != TM_OK)
        bench_die("a message was refused");
}

static void start(bench_t *b)
{
    const tm_runtime_options_t options = {
        .kinds = tm_kinds,
        .messages = tm_messages,
        .n_messages = TM_MSG_COUNT,
        .env = {.self = b,
                .now = env_now,
                .random = env_random,
                .journal_reserve = env_reserve,
                .journal_push = env_push,
                .journal_answer = env_answer,
                .job_start = env_job,
                .reply = env_reply,
                .live = env_live},
    };
    b->rt = tm_runtime_new(&options);
    tm_actors_ensure(b->rt);
    if (tm_runtime_start(b->rt) != TM_OK || tm_actors_begin(b->rt, (tm_ms_t){NOW_MS}) != TM_OK)
        bench_die("no runtime");
    settle(b);
    void *payload;
    tm_message_t *msg = tm_msg_new(TM_MSG_CAMPAIGN_CREATE, &payload);
    tm_campaign_t *campaign = payload;
    TM_SET(campaign, TM_CAMPAIGN, name, TM_STR("Bench"));
    post(b, TM_ACTOR_DIRECTORY, msg);
    settle(b);
    char id[TM_ID_TEXT_MAX + 1];
    const char *at = strstr(b->body, "\"id\":\"");
    if (b->status != 201 || at == NULL || sscanf(at, "\"id\":\"%21[^\"]", id) != 1 ||
        tm_id_parse("cmp", tm_str(id), &b->campaign) != TM_OK)
        bench_die("no campaign: %d %s", b->status, b->body);
    b->actor = tm_campaign_actor(b->campaign);
}

typedef struct buy {
    uint32_t advertiser, station, order;
    int32_t from, days;
    int64_t gross;
    bool sheet;
} buy_t;

static buy_t random_buy(bench_t *b, uint32_t order)
{
    return (buy_t){.advertiser = (uint32_t)chance(b, ADVERTISERS),
                   .station = (uint32_t)chance(b, STATIONS),
                   .order = order,
                   .from = FIRST_DAY + (int32_t)chance(b, 300),
                   .days = 7 + (int32_t)chance(b, 21),
                   .gross = 100000 + (int64_t)chance(b, 5000000)};
}

static tm_message_t *line_of(bench_t *b, const buy_t *buy)
{
    void *payload;
    tm_message_t *msg = tm_msg_new(TM_MSG_LINE_POST, &payload);
    tm_buy_line_t *line = payload;
    tm_arena_t *a = msg->arena;
    TM_SET(line, TM_BUY_LINE, campaign_id, b->campaign);
    TM_SET(line, TM_BUY_LINE, advertiser_id, tm_id_make(1, 1000 + buy->advertiser));
    TM_SET(line, TM_BUY_LINE, advertiser, tm_arena_printf(a, "Committee %u", buy->advertiser));
    TM_SET(line, TM_BUY_LINE, station_id, tm_id_make(1, 5000 + buy->station));
    TM_SET(line, TM_BUY_LINE, station, tm_arena_printf(a, "W%03u", buy->station));
    TM_SET(line, TM_BUY_LINE, market, 500 + (int32_t)buy->station % 100);
    TM_SET(line, TM_BUY_LINE, medium, (tm_enum_t){TM_MEDIUM_broadcast});
    TM_SET(line, TM_BUY_LINE, flight_from, (tm_day_t){buy->from});
    TM_SET(line, TM_BUY_LINE, flight_to, (tm_day_t){buy->from + buy->days - 1});
    TM_SET(line, TM_BUY_LINE, gross_cents, (tm_cents_t){buy->gross});
    TM_SET(line, TM_BUY_LINE, source, buy->sheet ? TM_STR("rep_mail") : TM_STR("fcc"));
    if (!buy->sheet)
        TM_SET(line, TM_BUY_LINE, order_no, tm_arena_printf(a, "%u", 1000000 + buy->order));
    return msg;
}

/* Seconds of the turns that a message causes; the commits are let go after. */
static double turn_of(bench_t *b, tm_message_t *msg)
{
    b->status = 0;
    post(b, b->actor, msg);
    const double begin = bench_now_s();
    while (tm_runtime_step(b->rt, 0)) {
    }
    const double seconds = bench_now_s() - begin;
    settle(b);
    if (b->status / 100 != 2)
        bench_die("answered %d: %s", b->status, b->body);
    return seconds;
}

static void fill(bench_t *b, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const buy_t buy = random_buy(b, i);
        post(b, b->actor, line_of(b, &buy));
        if (i % 1000 == 999)
            settle(b);
    }
    settle(b);
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
        buy_t buy = random_buy(b, (*order)++);
        rounds_add(&add, turn_of(b, line_of(b, &buy)));
        buy.sheet = true;
        buy.gross += buy.gross / 200;
        rounds_add(&pair, turn_of(b, line_of(b, &buy)));
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
    start(&b);
    const double before = resident_bytes();
    uint32_t order = 0;
    for (size_t i = 0; i < TM_COUNT(sizes); i++) {
        const uint32_t lines = TM_MIN(sizes[i], most);
        const double begin = bench_now_s();
        fill(&b, order, lines);
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
