/* shared_counts.h - counts that several processes add to, in Redis.
 *
 * Why:     a limit must hold over all processes of an installation, and no request may wait for
 *          another machine.
 * How:     a thread of its own asks the owner what was counted here, adds it there by one script a
 *          batch, and tells the owner the totals. What Redis lost (a flush, an empty restart) is
 *          put back from what the owner knows. Redis away: tried again with growing pauses; the
 *          owner is told when that begins and ends, so it never asks and never waits.
 * Threads: new, start, stop, free: app. wake, stats: any. The owner's functions: the thread. */
#ifndef TM_STORE_SHARED_COUNTS_H
#define TM_STORE_SHARED_COUNTS_H
#include "base/why.h"
#include "store/url.h"

#define TM_SHARED_KEY_MAX 96
#define TM_SHARED_BATCH_MAX 256u
#define TM_REDIS_PORT 6379
#define TM_REDIS_DB_MAX 1000000 /* the server has fewer, and says so itself */

typedef struct tm_redis_at {
    tm_url_server_t server; /* password "": none; user "": the default one */
    uint32_t db;
} tm_redis_at_t;
/* redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]. Errors: TM_EINVALID naming REDIS_URL. */
TM_MUST_CHECK tm_err_t tm_redis_url_parse(tm_str_t url, tm_redis_at_t *ret, tm_why_t *why);

typedef struct tm_shared_count {
    char key[TM_SHARED_KEY_MAX];
    uint32_t known, added; /* as told last, and what came here since */
    int64_t left_ms;       /* until it is forgotten, > 0; told anew */
    uint32_t total;        /* told */
} tm_shared_count_t;

/* Whose counts they are. */
typedef struct tm_shared_owner {
    void *self;
    /* At most max counts with something to add; each call is followed by one of told. */
    uint32_t (*collect)(void *self, tm_shared_count_t *ret, uint32_t max);
    /* The same counts in the same order, with total and left_ms; done false: whether they were
     * added is not known, they are collected again. */
    void (*told)(void *self, const tm_shared_count_t *counts, uint32_t n, bool done);
    /* Redis may have lost counts: collect all that go on. */
    void (*collect_all)(void *self);
    void (*away)(void *self, bool away);
} tm_shared_owner_t;

typedef struct tm_shared_counts tm_shared_counts_t;
/* Cannot fail: a Redis that is away at the start is no error. */
TM_OWN tm_shared_counts_t *tm_shared_counts_new(const tm_redis_at_t *at,
                                                const tm_shared_owner_t *owner);
TM_MUST_CHECK tm_err_t tm_shared_counts_start(tm_shared_counts_t *shared);
/* There is something to collect. Wait-free but for the wake-up of a sleeping thread. */
void tm_shared_counts_wake(tm_shared_counts_t *shared);
/* Adds what is left if Redis is there; takes at most the time of one answer that does not come (or
 * of a name that is looked up just then). */
void tm_shared_counts_stop(tm_shared_counts_t *shared);
void tm_shared_counts_free(TM_OWN tm_shared_counts_t *shared);

typedef struct tm_shared_stats {
    bool connected;
    tm_ms_t since; /* of that */
    uint64_t batches, failures;
    char error[200]; /* of the last failure, "" while connected; never a password */
} tm_shared_stats_t;
void tm_shared_counts_stats(tm_shared_counts_t *shared, tm_shared_stats_t *ret);
#endif
