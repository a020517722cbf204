/* projector.c - follows the journal and brings a database in step with it.
 *
 * Why:     nobody waits for SQL, and a dead database stops nothing but its own copy.
 * How:     one lane a thread: gather what is durable into a batch, write it with the lane's
 *          position in one transaction (follower.h). Whatever fails, the batch is thrown away and
 *          gathered again from the position the database itself states. A lane that keeps up lets
 *          a window pass between two transactions, longer while commits keep coming: a transaction
 *          costs as much as fifty rows. So a database that is well is behind by at most the last
 *          window and one transaction; one that is not is never waited for.
 * Threads: see projector.h; a lane belongs to its thread. */
#include "store/projector.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "store/follower.h"
#include "store/limits.h"
#include <mysql.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#define NICE 10 /* nobody waits for SQL: it takes what loops and workers leave */
#define PROJECTOR_MAGIC 0x50524f4au
#define LOOK_MS 1000  /* at the latest, whether woken or not */
#define TURN_MS 20    /* between two looks whether another lane still settles */
#define LEVEL_MS 1000 /* less is no lag worth telling */

typedef struct lane {
    struct tm_projector *projector;
    tm_database_t db;
    tm_follower_t follower;
    int64_t window_ms;
    int64_t pause_ms; /* before the next try; 0: all is well */
    tm_park_t park;
    tm_thread_t thread;
    /* The projector's lock guards the rest. */
    uint64_t position;
    int64_t fresh_ns; /* what was durable at that instant is in the database */
    bool connected, ended;
    int socket; /* of its connection; -1: none */
    char error[200];
} lane_t;

struct tm_projector {
    uint32_t magic;
    tm_journal_t *journal;
    int64_t stop_at_ns;  /* atomic; 0: go on; else give up at that instant of the monotonic clock */
    int64_t lag_told_ms; /* more is told */
    tm_park_t stop_park; /* of who stops it */
    uint32_t n_lanes;
    lane_t *lanes;
    pthread_mutex_t settling; /* held by the lane that looks after tables and positions */
    pthread_mutex_t lock;     /* guards what follows, and the end of a lane; held for a copy */
    uint64_t rows, transactions, failures;
    bool lag_told, off_told;
    char told[200]; /* the failure that the log was told last */
};

static void wake(void *ctx, uint64_t number)
{
    (void)number;
    tm_projector_t *projector = ctx;
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        tm_park_wake(&projector->lanes[i].park);
    }
}

tm_err_t tm_projector_new(tm_str_t url, tm_journal_t *journal, tm_projector_t **ret, tm_why_t *why)
{
    assert(journal != NULL && ret != NULL);
    tm_database_url_t parsed;
    const tm_err_t err = tm_database_url_parse(url, &parsed, why);
    if (err != TM_OK)
        return err;
    if (parsed.dialect == TM_MYSQL && mysql_library_init(0, NULL, NULL) != 0)
        return tm_why_add(why, TM_EUNAVAILABLE, "DATABASE_URL", "the MySQL library does not start");
    assert(parsed.connection_limit >= 1 && parsed.connection_limit <= TM_LANES_MAX);
    tm_projector_t *projector = TM_NEW(tm_projector_t);
    projector->magic = PROJECTOR_MAGIC;
    projector->journal = journal;
    pthread_mutex_init(&projector->lock, NULL);
    pthread_mutex_init(&projector->settling, NULL);
    projector->lag_told_ms = TM_SQL_LAG_TOLD_MS;
    projector->n_lanes = parsed.connection_limit;
    projector->lanes = tm_zalloc(projector->n_lanes * sizeof(lane_t));
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        lane_t *lane = &projector->lanes[i];
        lane->projector = projector;
        lane->window_ms = TM_SQL_WINDOW_FIRST_MS;
        lane->fresh_ns = tm_time_mono_ns();
        lane->socket = -1;
        tm_database_init(&lane->db, &parsed);
        tm_follower_init(&lane->follower, journal, &lane->db, i, projector->n_lanes);
    }
    explicit_bzero(parsed.server.password, sizeof(parsed.server.password));
    tm_journal_on_durable(journal, wake, projector);
    *ret = projector;
    return TM_OK;
}

void tm_projector_tell_lag(tm_projector_t *projector, int64_t lag_ms)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    assert(lag_ms > 0);
    projector->lag_told_ms = lag_ms;
}

/* 0: go on. Otherwise the instant at which to give up. */
static int64_t stop_at(const tm_projector_t *projector)
{
    /* acquire: partner is the release in tm_projector_stop; what was durable before it is seen. */
    return __atomic_load_n(&projector->stop_at_ns, __ATOMIC_ACQUIRE);
}

static bool must_stop(void *ctx)
{
    const int64_t stop = stop_at(ctx);
    return stop != 0 && tm_time_mono_ns() >= stop;
}

/* ---- what is told ---- */

/* With the lock: the lane that is most behind, and by how much. */
static void sum_up(tm_projector_t *projector, tm_projector_stats_t *ret)
{
    const int64_t now = tm_time_mono_ns();
    *ret = (tm_projector_stats_t){.position = UINT64_MAX,
                                  .durable = tm_journal_durable(projector->journal),
                                  .rows = projector->rows,
                                  .transactions = projector->transactions,
                                  .failures = projector->failures,
                                  .lanes = projector->n_lanes,
                                  .connected = true};
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        const lane_t *lane = &projector->lanes[i];
        ret->position = TM_MIN(ret->position, lane->position);
        ret->connected = ret->connected && lane->connected;
        if (lane->position < ret->durable)
            ret->lag_ms = TM_MAX(ret->lag_ms, TM_MAX((now - lane->fresh_ns) / 1000000, 1));
        if (lane->error[0] != '\0')
            memcpy(ret->error, lane->error, sizeof(ret->error));
    }
    /* Commits between the two readings of it are no lead of the database. */
    ret->durable = TM_MAX(ret->durable, ret->position);
}

void tm_projector_stats(tm_projector_t *projector, tm_projector_stats_t *ret)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    pthread_mutex_lock(&projector->lock);
    sum_up(projector, ret);
    pthread_mutex_unlock(&projector->lock);
}

/* A lag that passes its bound is told once, and once that it is over. */
static void watch_lag(tm_projector_t *projector)
{
    tm_projector_stats_t stats;
    pthread_mutex_lock(&projector->lock);
    sum_up(projector, &stats);
    const bool behind = stats.lag_ms > projector->lag_told_ms;
    const bool tell =
        projector->lag_told ? stats.lag_ms < TM_MIN(LEVEL_MS, projector->lag_told_ms) : behind;
    if (tell)
        projector->lag_told = !projector->lag_told;
    pthread_mutex_unlock(&projector->lock);
    if (tell && behind)
        tm_log(
            TM_LOG_WARN, "projection_lag", "the database lacks %llu commits and is %lld s behind",
            (unsigned long long)(stats.durable - stats.position), (long long)(stats.lag_ms / 1000));
    else if (tell)
        tm_log(TM_LOG_INFO, "projection_level", "the database has caught up, at commit %llu",
               (unsigned long long)stats.position);
}

/* What was durable at `at_ns` is there, if `all`; else what the batch held. */
static void note_success(lane_t *lane, bool wrote, bool all, int64_t at_ns)
{
    tm_projector_t *projector = lane->projector;
    const tm_batch_t *batch = &lane->follower.batch;
    tm_projector_stats_t stats;
    if (!all)
        at_ns -= TM_MAX(tm_time_now().v - batch->at.v, 0) * 1000000;
    pthread_mutex_lock(&projector->lock);
    lane->connected = true;
    lane->error[0] = '\0';
    lane->position = lane->follower.position.seq;
    lane->fresh_ns = TM_MAX(lane->fresh_ns, at_ns);
    if (wrote) {
        projector->rows += batch->rows;
        projector->transactions++;
    }
    sum_up(projector, &stats);
    const bool came = stats.connected && (projector->off_told || projector->told[0] == '\0');
    if (came) {
        projector->off_told = false;
        memcpy(projector->told, "-", 2); /* not the first time any more */
    }
    pthread_mutex_unlock(&projector->lock);
    if (came)
        tm_log(TM_LOG_INFO, "projection_on", "the database has everything up to commit %llu",
               (unsigned long long)stats.position);
}

static void note_failure(lane_t *lane, const tm_why_t *why)
{
    tm_projector_t *projector = lane->projector;
    char line[TM_WHY_TEXT_MAX];
    tm_why_line(why, line, sizeof(line));
    pthread_mutex_lock(&projector->lock);
    lane->connected = false;
    snprintf(lane->error, sizeof(lane->error), "%s", line);
    const bool tell = !projector->off_told || strcmp(projector->told, line) != 0;
    projector->off_told = true;
    snprintf(projector->told, sizeof(projector->told), "%s", line);
    projector->failures++;
    pthread_mutex_unlock(&projector->lock);
    if (tell)
        tm_log(TM_LOG_WARN, "projection_off", "%s; tried again, the server goes on without it",
               line);
}

/* ---- a lane ---- */

static void set_socket(lane_t *lane, int fd)
{
    pthread_mutex_lock(&lane->projector->lock);
    lane->socket = fd;
    pthread_mutex_unlock(&lane->projector->lock);
}

static void disconnect(lane_t *lane)
{
    set_socket(lane, -1); /* nobody shuts down what is another's by then */
    tm_database_disconnect(&lane->db);
}

/* Tables and positions are one lane's at a time; the others wait, but not beyond a stop. */
static tm_err_t settle(lane_t *lane, tm_why_t *why)
{
    tm_projector_t *projector = lane->projector;
    while (pthread_mutex_trylock(&projector->settling) != 0) {
        if (must_stop(projector))
            return TM_ESTOPPING;
        tm_park_wait(&lane->park, TURN_MS);
    }
    const tm_err_t err = tm_follower_settle(projector->journal, &lane->db, projector->n_lanes,
                                            must_stop, projector, why);
    pthread_mutex_unlock(&projector->settling);
    return err;
}

static tm_err_t connect_lane(lane_t *lane, tm_why_t *why)
{
    const int64_t stop = stop_at(lane->projector);
    if (stop != 0) /* whole seconds; the last one may be too much */
        lane->db.connect_s =
            (uint32_t)TM_MAX((stop - tm_time_mono_ns()) / INT64_C(1000000000), INT64_C(1));
    tm_err_t err = tm_database_connect(&lane->db, why);
    if (err == TM_OK) {
        set_socket(lane, tm_database_socket(&lane->db));
        err = settle(lane, why);
    }
    return err == TM_OK ? tm_follower_begin(&lane->follower, why) : err;
}

/* Sleeps before the next try, longer each time, and not all lanes equally long; whoever stops cuts
 * it short. */
static void pause_lane(lane_t *lane)
{
    lane->pause_ms =
        TM_MIN(TM_MAX(lane->pause_ms * 2, TM_SQL_PAUSE_FIRST_MS), TM_SQL_PAUSE_LAST_MS);
    uint32_t dice;
    tm_random_bytes(&dice, sizeof(dice));
    const int64_t pause_ms = lane->pause_ms - dice % (uint32_t)(lane->pause_ms / 2);
    const int64_t until = tm_time_mono_ns() + pause_ms * 1000000;
    for (;;) {
        const int64_t now = tm_time_mono_ns();
        const int64_t stop = stop_at(lane->projector);
        const int64_t end = stop == 0 ? until : TM_MIN(until, stop);
        if (now >= end)
            return;
        tm_park_wait(&lane->park,
                     (end - now) / 1000000 + 1); /* woken by every batch of the journal as well */
    }
}

/* Lets the window pass; every batch of the journal would wake the park, so it sleeps. */
static void pass_window(const lane_t *lane)
{
    const struct timespec pause = {.tv_nsec = lane->window_ms * 1000000L};
    if (stop_at(lane->projector) == 0)
        (void)nanosleep(&pause, NULL);
}

static void fail(lane_t *lane, bool connecting, tm_err_t err, const tm_why_t *why)
{
    if (err != TM_ESTOPPING)
        note_failure(lane, why);
    tm_follower_forget(&lane->follower);
    if (connecting || err != TM_EBUSY)
        disconnect(lane);
}

typedef enum lane_step {
    LANE_FAILED,
    LANE_IDLE,  /* the database has all that was durable */
    LANE_WROTE, /* all that was durable when it began */
    LANE_FULL   /* wrote what fits into one transaction; there is more */
} lane_step_t;

/* One transaction, if there is anything to write. */
static tm_err_t project(lane_t *lane, lane_step_t *ret, tm_why_t *why)
{
    tm_follower_t *follower = &lane->follower;
    const int64_t at_ns = tm_time_mono_ns();
    tm_err_t err = tm_follower_gather(follower, 0, why);
    const uint64_t commits =
        follower->batch.last == 0 ? 0 : follower->batch.last - follower->position.seq;
    const bool full = tm_batch_is_full(&follower->batch);
    if (err == TM_OK)
        err = tm_follower_write(follower, why);
    if (err != TM_OK)
        return err;
    note_success(lane, commits > 0, !full, at_ns);
    tm_batch_clear(&follower->batch);
    *ret = commits == 0 ? LANE_IDLE : full ? LANE_FULL : LANE_WROTE;
    lane->pause_ms = 0;
    if (commits > 1)
        lane->window_ms = TM_MIN(lane->window_ms * 2, TM_SQL_WINDOW_LAST_MS);
    else if (commits == 1)
        lane->window_ms = TM_SQL_WINDOW_FIRST_MS;
    return TM_OK;
}

/* One try: connects if need be, gathers, writes. */
static lane_step_t lane_step(lane_t *lane)
{
    tm_why_t why;
    tm_why_clear(&why);
    lane_step_t step = LANE_IDLE;
    const bool connecting = lane->db.handle == NULL;
    tm_err_t err = connecting ? connect_lane(lane, &why) : TM_OK;
    if (err == TM_OK)
        err = project(lane, &step, &why);
    if (err != TM_OK) {
        fail(lane, connecting, err, &why);
        step = LANE_FAILED;
    }
    watch_lag(lane->projector);
    return step;
}

static void lane_main(void *p)
{
    lane_t *lane = p;
    tm_thread_nice(NICE);
    while (!must_stop(lane->projector)) {
        const bool stopping = stop_at(lane->projector) != 0;
        const lane_step_t step = lane_step(lane);
        if (step == LANE_IDLE && stopping)
            break; /* everything that was durable is there */
        if (step == LANE_IDLE)
            tm_park_wait(&lane->park, LOOK_MS);
        if (step == LANE_FAILED)
            pause_lane(lane);
        else if (step != LANE_FULL)
            pass_window(lane);
    }
    tm_follower_forget(&lane->follower);
    disconnect(lane);
    pthread_mutex_lock(&lane->projector->lock);
    lane->ended = true;
    pthread_mutex_unlock(&lane->projector->lock);
    tm_park_wake(&lane->projector->stop_park);
}

bool tm_projector_step(tm_projector_t *projector)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    bool wrote = false;
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        assert(!projector->lanes[i].thread.started);
        const lane_step_t step = lane_step(&projector->lanes[i]);
        wrote |= step == LANE_WROTE || step == LANE_FULL;
    }
    return wrote;
}

tm_err_t tm_projector_start(tm_projector_t *projector)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        const tm_err_t err = tm_thread_start(&projector->lanes[i].thread, "tm-projector", lane_main,
                                             &projector->lanes[i]);
        if (err != TM_OK)
            return err;
    }
    return TM_OK;
}

static bool all_ended(tm_projector_t *projector)
{
    bool all = true;
    pthread_mutex_lock(&projector->lock);
    for (uint32_t i = 0; i < projector->n_lanes; i++)
        all = all && (projector->lanes[i].ended || !projector->lanes[i].thread.started);
    pthread_mutex_unlock(&projector->lock);
    return all;
}

/* A server that hangs would hold a lane for its whole time-out. */
static void hang_up(tm_projector_t *projector)
{
    pthread_mutex_lock(&projector->lock);
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        if (projector->lanes[i].socket >= 0)
            (void)shutdown(projector->lanes[i].socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&projector->lock);
}

void tm_projector_stop(tm_projector_t *projector, int64_t drain_ms)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    assert(drain_ms >= 0);
    /* release: partner is the acquire in stop_at. */
    __atomic_store_n(&projector->stop_at_ns, tm_time_mono_ns() + drain_ms * 1000000,
                     __ATOMIC_RELEASE);
    wake(projector, 0);
    while (!all_ended(projector)) {
        const int64_t rest_ns = stop_at(projector) - tm_time_mono_ns();
        if (rest_ns <= 0)
            hang_up(projector); /* again and again: it may have connected just now */
        tm_park_wait(&projector->stop_park, rest_ns > 0 ? rest_ns / 1000000 + 1 : TURN_MS);
    }
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        tm_thread_join(&projector->lanes[i].thread);
    }
}

void tm_projector_free(TM_OWN tm_projector_t *projector)
{
    if (projector == NULL)
        return;
    TM_CHECK(projector, PROJECTOR_MAGIC);
    tm_journal_on_durable(projector->journal, NULL, NULL);
    for (uint32_t i = 0; i < projector->n_lanes; i++) {
        assert(!projector->lanes[i].thread.started);
        tm_follower_forget(&projector->lanes[i].follower);
        tm_database_done(&projector->lanes[i].db);
        tm_follower_done(&projector->lanes[i].follower);
    }
    tm_free(projector->lanes);
    pthread_mutex_destroy(&projector->lock);
    pthread_mutex_destroy(&projector->settling);
    projector->magic = 0;
    tm_free(projector);
}
