/* shared_counts.c - see shared_counts.h.
 *
 * How:     blocking calls with short time limits on one connection. Connected means that the script
 *          ran: a replica that takes no writes, a full memory, a load under way or a wrong login
 *          all show there, each with Redis' own words. An error of any kind closes the connection;
 *          a batch of unknown fate is added again, so a count may come out too high by one batch,
 *          never too low.
 * Threads: the connection belongs to the thread; stats under a lock held for a copy. */
#include "store/shared_counts.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include <hiredis/hiredis.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#define SHARED_MAGIC 0x53484152u
#define ANSWER_MS 500
#define PAUSE_FIRST_MS 50
#define PAUSE_LAST_MS 5000
#define LOOK_MS 1000 /* a silent connection is tried */
/* Between the first count and its batch: others gather. Bounds, with one answer's time, how much
 * later a process sees what others counted. */
#define GATHER_MS 10
#define DIGITS 21
#define NUMBERS 3u /* of a count: known, added, left_ms */
#define WORDS_MAX (3 + TM_SHARED_BATCH_MAX * (1 + NUMBERS))
#define PROBE_KEY "trailmix:probe"
#define PROBE_MS 60000

/* Adds to each key; one that is not there (or never ends) begins with what its owner knew. Returns
 * total and ms left of each, then how many were lost: known, and not just at their end. */
static const char script[] = "local out, lost = {}, 0 "
                             "for i = 1, #KEYS do "
                             "local known, left = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i]) "
                             "local n = redis.call('INCRBY', KEYS[i], ARGV[3 * i - 1]) "
                             "local ms = redis.call('PTTL', KEYS[i]) "
                             "if ms < 0 then "
                             "if known > 0 then n = redis.call('INCRBY', KEYS[i], known) end "
                             "if known > 0 and left > 1000 then lost = lost + 1 end "
                             "redis.call('PEXPIRE', KEYS[i], left) "
                             "ms = left "
                             "end "
                             "out[2 * i - 1], out[2 * i] = n, ms "
                             "end "
                             "out[#out + 1] = lost "
                             "return out";

struct tm_shared_counts {
    uint32_t magic;
    tm_redis_at_t at;
    tm_shared_owner_t owner;
    redisContext *redis; /* NULL: not connected */
    int64_t pause_ms;
    bool stopping; /* atomic */
    tm_park_t park;
    tm_thread_t thread;
    tm_shared_count_t batch[TM_SHARED_BATCH_MAX];
    const char *words[WORDS_MAX]; /* of one command, with their lengths */
    size_t lengths[WORDS_MAX];
    char digits[TM_SHARED_BATCH_MAX * NUMBERS + 1][DIGITS];
    pthread_mutex_t lock; /* guards stats */
    tm_shared_stats_t stats;
};

/* ---- where ---- */

tm_err_t tm_redis_url_parse(tm_str_t url, tm_redis_at_t *ret, tm_why_t *why)
{
    static const char scheme[] = "redis://";
    const char *fault = NULL;
    tm_redis_at_t at = {.db = 0};
    int64_t db = 0;
    if (!tm_str_starts(url, scheme)) {
        fault = "it is no address of a Redis in clear text";
    } else {
        tm_str_t rest = tm_str_n(url.p + sizeof(scheme) - 1, url.n - (sizeof(scheme) - 1));
        tm_str_t authority;
        if (!tm_url_cut(&rest, '/', &authority)) {
            authority = rest;
            rest = TM_STR("");
        }
        fault = tm_url_server(authority, TM_REDIS_PORT, &at.server);
        if (fault == NULL && rest.n > 0 &&
            (!tm_str_i64(rest, &db) || db < 0 || db > TM_REDIS_DB_MAX))
            fault = "the number of the database is wrong";
    }
    if (fault != NULL)
        return tm_why_add(why, TM_EINVALID, "REDIS_URL",
                          "%s; wanted redis://USER:PASSWORD@HOST:PORT/NUMBER", fault);
    at.db = (uint32_t)db;
    *ret = at;
    return TM_OK;
}

/* ---- talking ---- */

static tm_err_t lost(tm_shared_counts_t *shared, tm_why_t *why)
{
    const redisContext *redis = shared->redis;
    const bool late = redis != NULL && redis->err == REDIS_ERR_IO &&
                      (errno == EAGAIN || errno == EWOULDBLOCK || errno == ETIMEDOUT);
    const char *text = redis == NULL ? "no memory is left" : redis->errstr;
    return tm_why_add(why, TM_EUNAVAILABLE, NULL, "%s:%u: %s", shared->at.server.host,
                      shared->at.server.port, late ? "no answer in time" : text);
}

/* What Redis said; NULL: nothing, or a refusal, told in why. */
static redisReply *answer_of(tm_shared_counts_t *shared, void *reply, tm_why_t *why)
{
    redisReply *got = reply;
    if (got == NULL) {
        (void)lost(shared, why);
        return NULL;
    }
    if (got->type != REDIS_REPLY_ERROR)
        return got;
    (void)tm_why_add(why, TM_EUNAVAILABLE, NULL, "%s:%u: %s", shared->at.server.host,
                     shared->at.server.port, got->str);
    freeReplyObject(got);
    return NULL;
}

static bool say(tm_shared_counts_t *shared, int n, const char **words, tm_why_t *why)
{
    redisReply *reply = answer_of(shared, redisCommandArgv(shared->redis, n, words, NULL), why);
    if (reply == NULL)
        return false;
    freeReplyObject(reply);
    return true;
}

static void put_word(tm_shared_counts_t *shared, uint32_t at, const char *word)
{
    shared->words[at] = word;
    shared->lengths[at] = strlen(word);
}

static void put_number(tm_shared_counts_t *shared, uint32_t at, uint32_t slot, int64_t v)
{
    (void)snprintf(shared->digits[slot], DIGITS, "%lld", (long long)v);
    put_word(shared, at, shared->digits[slot]);
}

/* The command for the first n counts of the batch; returns its words. */
static uint32_t write_command(tm_shared_counts_t *shared, uint32_t n)
{
    put_word(shared, 0, "EVAL");
    put_word(shared, 1, script);
    put_number(shared, 2, TM_SHARED_BATCH_MAX * NUMBERS, n);
    uint32_t at = 3;
    for (uint32_t i = 0; i < n; i++) {
        put_word(shared, at++, shared->batch[i].key);
    }
    for (uint32_t i = 0; i < n; i++) {
        const tm_shared_count_t *one = &shared->batch[i];
        const int64_t numbers[NUMBERS] = {one->known, one->added, one->left_ms};
        for (uint32_t k = 0; k < NUMBERS; k++) {
            put_number(shared, at++, i * NUMBERS + k, numbers[k]);
        }
    }
    return at;
}

static bool read_totals(tm_shared_counts_t *shared, const redisReply *reply, uint32_t n)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 * n + 1)
        return false;
    for (uint32_t i = 0; i < 2 * n + 1; i++) {
        if (reply->element[i]->type != REDIS_REPLY_INTEGER)
            return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        const long long total = reply->element[2 * i]->integer;
        shared->batch[i].total = (uint32_t)TM_MAX(TM_MIN(total, (long long)UINT32_MAX), 0LL);
        shared->batch[i].left_ms = TM_MAX(reply->element[2 * i + 1]->integer, 0LL);
    }
    return true;
}

/* Adds the first n counts of the batch. ret_lost: how many Redis had lost. */
static tm_err_t add(tm_shared_counts_t *shared, uint32_t n, uint64_t *ret_lost, tm_why_t *why)
{
    const uint32_t words = write_command(shared, n);
    errno = 0;
    redisReply *reply = answer_of(
        shared, redisCommandArgv(shared->redis, (int)words, shared->words, shared->lengths), why);
    if (reply == NULL)
        return tm_why_err(why);
    const bool whole = read_totals(shared, reply, n);
    if (whole)
        *ret_lost = (uint64_t)TM_MAX(reply->element[2 * n]->integer, 0LL);
    freeReplyObject(reply);
    return whole ? TM_OK
                 : tm_why_add(why, TM_EDAMAGED, NULL, "%s:%u: an answer that is none of Redis",
                              shared->at.server.host, shared->at.server.port);
}

/* The script on a key of our own: whether Redis takes counts. */
static tm_err_t probe(tm_shared_counts_t *shared, tm_why_t *why)
{
    uint64_t n_lost;
    shared->batch[0] = (tm_shared_count_t){.key = PROBE_KEY, .left_ms = PROBE_MS};
    return add(shared, 1, &n_lost, why);
}

/* Until the owner has nothing left. ret_lost: Redis had lost counts. */
static tm_err_t exchange(tm_shared_counts_t *shared, bool *ret_lost, tm_why_t *why)
{
    const tm_shared_owner_t *owner = &shared->owner;
    *ret_lost = false;
    for (;;) {
        const uint32_t n = owner->collect(owner->self, shared->batch, TM_SHARED_BATCH_MAX);
        assert(n <= TM_SHARED_BATCH_MAX);
        if (n == 0)
            return TM_OK;
        uint64_t n_lost = 0;
        const tm_err_t err = add(shared, n, &n_lost, why);
        owner->told(owner->self, shared->batch, n, err == TM_OK);
        if (err != TM_OK)
            return err;
        *ret_lost = *ret_lost || n_lost > 0;
        pthread_mutex_lock(&shared->lock);
        shared->stats.batches++;
        pthread_mutex_unlock(&shared->lock);
        if (n < TM_SHARED_BATCH_MAX)
            return TM_OK; /* what came meanwhile has woken us again */
    }
}

static tm_err_t log_in(tm_shared_counts_t *shared, tm_why_t *why)
{
    const tm_url_server_t *server = &shared->at.server;
    char db[DIGITS];
    (void)snprintf(db, sizeof(db), "%u", shared->at.db);
    const char *with_user[] = {"AUTH", server->user, server->password};
    const char *without[] = {"AUTH", server->password};
    const char *choice[] = {"SELECT", db};
    if (server->password[0] != '\0') {
        const bool named = server->user[0] != '\0';
        if (!say(shared, named ? 3 : 2, named ? with_user : without, why))
            return tm_why_err(why);
    }
    return say(shared, 2, choice, why) ? TM_OK : tm_why_err(why);
}

/* Connected, and all that goes on told: only then does anybody rely on it. */
static tm_err_t come(tm_shared_counts_t *shared, tm_why_t *why)
{
    const struct timeval limit = {.tv_usec = ANSWER_MS * 1000};
    shared->redis = redisConnectWithTimeout(shared->at.server.host, shared->at.server.port, limit);
    if (shared->redis == NULL || shared->redis->err != 0 ||
        redisSetTimeout(shared->redis, limit) != REDIS_OK)
        return lost(shared, why);
    tm_err_t err = log_in(shared, why);
    if (err == TM_OK)
        err = probe(shared, why);
    if (err != TM_OK)
        return err;
    bool has_lost; /* all are told anyway */
    shared->owner.collect_all(shared->owner.self);
    return exchange(shared, &has_lost, why);
}

static void leave(tm_shared_counts_t *shared)
{
    if (shared->redis != NULL)
        redisFree(shared->redis);
    shared->redis = NULL;
}

/* ---- the thread ---- */

static void note_here(tm_shared_counts_t *shared)
{
    shared->owner.away(shared->owner.self, false);
    shared->pause_ms = 0;
    pthread_mutex_lock(&shared->lock);
    shared->stats.connected = true;
    shared->stats.since = tm_time_now();
    shared->stats.error[0] = '\0';
    pthread_mutex_unlock(&shared->lock);
    tm_log(TM_LOG_INFO, "redis_on", "rates are counted in Redis at %s:%u", shared->at.server.host,
           shared->at.server.port);
}

static void note_away(tm_shared_counts_t *shared, const tm_why_t *why)
{
    shared->owner.away(shared->owner.self, true);
    char line[TM_WHY_TEXT_MAX];
    tm_why_line(why, line, sizeof(line));
    pthread_mutex_lock(&shared->lock);
    tm_shared_stats_t *stats = &shared->stats;
    const bool went = stats->connected;
    const bool first = went || strcmp(stats->error, line) != 0;
    if (went)
        stats->since = tm_time_now();
    stats->connected = false;
    stats->failures++;
    (void)snprintf(stats->error, sizeof(stats->error), "%s", line);
    pthread_mutex_unlock(&shared->lock);
    if (first)
        tm_log(TM_LOG_WARN, "redis_off", "%s; tried again", line);
}

static bool is_stopping(const tm_shared_counts_t *shared)
{
    /* relaxed: a flag of its own; partner: the store in stop, whose wake-up publishes it. */
    return __atomic_load_n(&shared->stopping, __ATOMIC_RELAXED);
}

/* Longer each time; new counts do not cut it short, a stop does. */
static void pause_thread(tm_shared_counts_t *shared)
{
    shared->pause_ms = TM_MIN(TM_MAX(shared->pause_ms * 2, PAUSE_FIRST_MS), PAUSE_LAST_MS);
    const int64_t end = tm_time_mono_ns() + shared->pause_ms * 1000000;
    for (int64_t now; !is_stopping(shared) && (now = tm_time_mono_ns()) < end;) {
        tm_park_wait(&shared->park, (end - now) / 1000000 + 1);
    }
}

/* Until there is something to add, or it is time to look. */
static void wait_for_news(tm_shared_counts_t *shared)
{
    const struct timespec gather = {.tv_nsec = GATHER_MS * 1000000L};
    tm_park_wait(&shared->park, LOOK_MS);
    if (!is_stopping(shared))
        (void)nanosleep(&gather, NULL);
}

/* One round on a connection that stands. */
static tm_err_t work(tm_shared_counts_t *shared, tm_why_t *why)
{
    const uint64_t before = shared->stats.batches; /* this thread alone writes it */
    bool has_lost;
    tm_err_t err = exchange(shared, &has_lost, why);
    if (err == TM_OK && has_lost) {
        shared->owner.collect_all(shared->owner.self);
        err = exchange(shared, &has_lost, why);
    }
    if (err == TM_OK && shared->stats.batches == before)
        err = probe(shared, why);
    return err;
}

static void thread_main(void *p)
{
    tm_shared_counts_t *shared = p;
    for (;;) {
        tm_why_t why;
        tm_why_clear(&why);
        const bool coming = shared->redis == NULL;
        if (coming && is_stopping(shared))
            break;
        const bool last = is_stopping(shared); /* once more, then the end */
        const tm_err_t err = coming ? come(shared, &why) : work(shared, &why);
        if (err != TM_OK) {
            leave(shared);
            note_away(shared, &why);
            pause_thread(shared);
            continue;
        }
        if (coming)
            note_here(shared);
        if (last)
            break;
        wait_for_news(shared);
    }
    leave(shared);
}

/* ---- the outside ---- */

TM_OWN tm_shared_counts_t *tm_shared_counts_new(const tm_redis_at_t *at,
                                                const tm_shared_owner_t *owner)
{
    assert(at != NULL && at->server.host[0] != '\0' && owner != NULL);
    tm_shared_counts_t *shared = TM_NEW(tm_shared_counts_t);
    shared->magic = SHARED_MAGIC;
    shared->at = *at;
    shared->owner = *owner;
    shared->stats.since = tm_time_now();
    pthread_mutex_init(&shared->lock, NULL);
    return shared;
}

tm_err_t tm_shared_counts_start(tm_shared_counts_t *shared)
{
    TM_CHECK(shared, SHARED_MAGIC);
    return tm_thread_start(&shared->thread, "tm-redis", thread_main, shared);
}

void tm_shared_counts_wake(tm_shared_counts_t *shared)
{
    TM_CHECK(shared, SHARED_MAGIC);
    tm_park_wake(&shared->park);
}

void tm_shared_counts_stop(tm_shared_counts_t *shared)
{
    TM_CHECK(shared, SHARED_MAGIC);
    /* relaxed: partner is the load in is_stopping; the wake-up behind it publishes it. */
    __atomic_store_n(&shared->stopping, true, __ATOMIC_RELAXED);
    tm_park_wake(&shared->park);
    tm_thread_join(&shared->thread);
}

void tm_shared_counts_free(TM_OWN tm_shared_counts_t *shared)
{
    if (shared == NULL)
        return;
    TM_CHECK(shared, SHARED_MAGIC);
    assert(!shared->thread.started);
    explicit_bzero(shared->at.server.password, sizeof(shared->at.server.password));
    pthread_mutex_destroy(&shared->lock);
    shared->magic = 0;
    tm_free(shared);
}

void tm_shared_counts_stats(tm_shared_counts_t *shared, tm_shared_stats_t *ret)
{
    TM_CHECK(shared, SHARED_MAGIC);
    pthread_mutex_lock(&shared->lock);
    *ret = shared->stats;
    pthread_mutex_unlock(&shared->lock);
}
