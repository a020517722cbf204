/* with_campaign.h - one campaign in a runtime without threads and a journal that takes everything.
 *
 * How:     commits are durable when settle says so; the log is kept if a bench asks for it.
 * Threads: one. */
#ifndef TM_BENCH_WITH_CAMPAIGN_H
#define TM_BENCH_WITH_CAMPAIGN_H
#include "actors/kinds.h"
#include "actors/view.h"
#include "base/memory.h"
#include "base/time.h"
#include "schema/record.h"
#include "with_figures.h"

typedef struct bench {
    tm_runtime_t *rt;
    tm_commit_t *pushed, *last;
    uint64_t number, seed;
    bool keep;         /* the log: */
    tm_str_t *log;     /* [number] bodies */
    size_t log_cap;
    tm_id_t campaign, group;
    uint32_t actor;
    int status;
    char body[4096];   /* of the last answer */
} bench_t;

tm_runtime_t *bench_runtime(bench_t *b); /* empty */
void bench_start(bench_t *b);            /* with its campaign */
void bench_settle(bench_t *b);
void bench_post(bench_t *b, uint32_t actor, TM_OWN tm_message_t *msg);
uint64_t bench_chance(bench_t *b, uint64_t n);

typedef struct buy {
    uint32_t advertiser, station, order;
    int32_t from, days;
    int64_t gross;
    bool sheet;
} buy_t;
buy_t bench_buy(bench_t *b, uint32_t order);
tm_message_t *bench_line(bench_t *b, const buy_t *buy);
void bench_fill(bench_t *b, uint32_t from, uint32_t to); /* orders of these numbers */
#endif
