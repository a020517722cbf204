/* with_campaign.c - see with_campaign.h. */
#include "with_campaign.h"
#include "tests/actors/with_env.h"
#include <stdio.h>
#include <stdlib.h>

#define ADVERTISERS 40
#define STATIONS 1000
#define FIRST_DAY 20454 /* 2026-01-01 */

uint64_t bench_chance(bench_t *b, uint64_t n)
{
    b->seed = b->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (b->seed >> 33) % n;
}

/* ---- the environment: everything is durable at once ---- */

static void env_push(void *self, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    bench_t *b = self;
    if (b->pushed == NULL)
        b->pushed = first;
    else
        b->last->next = first;
    b->last = last;
}

static void env_reply(void *self, tm_reply_to_t to TM_UNUSED, const tm_answer_t *answer)
{
    bench_t *b = self;
    b->status = answer->err == TM_OK ? answer->status : tm_err_status(answer->err);
    const tm_str_t text = answer->body == NULL ? TM_STR("") : tm_blob_str(answer->body);
    snprintf(b->body, sizeof b->body, "%.*s", (int)TM_MIN(text.n, sizeof b->body - 1), text.p);
}

static void keep(bench_t *b, const tm_commit_t *commit)
{
    if (!b->keep)
        return;
    if (b->number == b->log_cap) {
        b->log_cap = b->log_cap == 0 ? 1024 : b->log_cap * 2;
        b->log = tm_realloc(b->log, b->log_cap * sizeof *b->log);
    }
    b->log[b->number] = tm_str_n(tm_strdup_n(commit->bytes, commit->n), commit->n);
}

static void release(bench_t *b)
{
    while (b->pushed != NULL) {
        tm_commit_t *commit = b->pushed;
        b->pushed = commit->next;
        if (commit->n > 0) {
            keep(b, commit);
            commit->number = ++b->number;
        }
        commit->release(commit);
    }
}

void bench_settle(bench_t *b)
{
    do {
        release(b);
        while (tm_runtime_step(b->rt, 0)) {
        }
    } while (b->pushed != NULL);
}

/* ---- messages ---- */

void bench_post(bench_t *b, uint32_t actor, tm_message_t *msg)
{
    msg->at = (tm_ms_t){WITH_NOW_MS};
    msg->reply_to = (tm_reply_to_t){0, 1, 1};
    msg->principal = TM_STR("bench");
    if (tm_runtime_post(b->rt, actor, msg) != TM_OK)
        bench_die("a message was refused");
}

tm_runtime_t *bench_runtime(bench_t *b)
{
    tm_env_t env = with_env(b);
    env.journal_push = env_push;
    env.reply = env_reply;
    return with_actors(env);
}

void bench_start(bench_t *b)
{
    b->rt = bench_runtime(b);
    if (tm_runtime_start(b->rt) != TM_OK || tm_actors_begin(b->rt, (tm_ms_t){WITH_NOW_MS}) != TM_OK)
        bench_die("no runtime");
    bench_settle(b);
    void *payload;
    tm_message_t *msg = tm_msg_new(TM_MSG_CAMPAIGN_CREATE, &payload);
    tm_campaign_t *campaign = payload;
    TM_SET(campaign, TM_CAMPAIGN, name, TM_STR("Bench"));
    bench_post(b, TM_ACTOR_DIRECTORY, msg);
    bench_settle(b);
    char id[TM_ID_TEXT_MAX + 1];
    const char *at = strstr(b->body, "\"id\":\"");
    if (b->status != 201 || at == NULL || sscanf(at, "\"id\":\"%21[^\"]", id) != 1 ||
        tm_id_parse("cmp", tm_str(id), &b->campaign) != TM_OK)
        bench_die("no campaign: %d %s", b->status, b->body);
    b->actor = tm_campaign_actor(b->campaign);
}

buy_t bench_buy(bench_t *b, uint32_t order)
{
    return (buy_t){.advertiser = (uint32_t)bench_chance(b, ADVERTISERS),
                   .station = (uint32_t)bench_chance(b, STATIONS),
                   .order = order,
                   .from = FIRST_DAY + (int32_t)bench_chance(b, 300),
                   .days = 7 + (int32_t)bench_chance(b, 21),
                   .gross = 100000 + (int64_t)bench_chance(b, 5000000)};
}

tm_message_t *bench_line(bench_t *b, const buy_t *buy)
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

void bench_fill(bench_t *b, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const buy_t buy = bench_buy(b, i);
        bench_post(b, b->actor, bench_line(b, &buy));
        if (i % 1000 == 999)
            bench_settle(b);
    }
    bench_settle(b);
}
