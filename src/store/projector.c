/* projector.c - follows the journal and brings a database in step with it.
 *
 * Why:     nobody waits for SQL, and a dead database stops nothing but its own copy.
 * How:     one lane a thread: gather what is durable into a batch, write it with the lane's
 *          position in one transaction. Whatever fails, the batch is thrown away and gathered again
 *          from the position the database itself states: the fate of a commit that was under way
 *          needs no guessing. One lane now; records may be changed by several actors, so more of
 *          them need a division by record first.
 * Threads: see projector.h; a lane belongs to its thread. */
#include "store/projector.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "store/projection.h"
#include "store/limits.h"
#include <mysql.h>
#include <stdio.h>
#include <time.h>

#define NICE 10 /* nobody waits for SQL: it takes what loops and workers leave */
#define PROJECTOR_MAGIC 0x50524f4au
#define LANES 1u
#define LOOK_MS 1000 /* at the latest, whether woken or not */
/* One transaction costs as much as fifty rows: whoever was idle waits for more to come. */

typedef struct lane {
    struct tm_projector *projector;
    tm_database_t db;
    tm_position_t position;
    tm_journal_cursor_t *cursor; /* stands behind what is in the batch */
    tm_batch_t batch;
    int64_t pause_ms; /* before the next try; 0: all is well */
    tm_park_t park;
    tm_thread_t thread;
} lane_t;

struct tm_projector {
    uint32_t magic;
    tm_journal_t *journal;
    int64_t stop_at_ns; /* atomic; 0: go on; else give up at that instant of the monotonic clock */
    lane_t lanes[LANES];
    pthread_mutex_t lock; /* guards stats; held for a copy */
    tm_projector_stats_t stats;
};

static void wake(void *ctx, uint64_t number)
{
    (void)number;
    tm_projector_t *projector = ctx;
    for (unsigned i = 0; i < LANES; i++) {
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
    tm_projector_t *projector = TM_NEW(tm_projector_t);
    projector->magic = PROJECTOR_MAGIC;
    projector->journal = journal;
    pthread_mutex_init(&projector->lock, NULL);
    for (unsigned i = 0; i < LANES; i++) {
        lane_t *lane = &projector->lanes[i];
        lane->projector = projector;
        lane->position = (tm_position_t){.lane = i, .lanes = LANES};
        tm_database_init(&lane->db, &parsed);
        tm_batch_init(&lane->batch, i, LANES);
    }
    explicit_bzero(parsed.password, sizeof(parsed.password));
    tm_journal_on_durable(journal, wake, projector);
    *ret = projector;
    return TM_OK;
}

/* 0: go on. Otherwise the instant at which to give up. */
static int64_t stop_at(const lane_t *lane)
{
    /* acquire: partner is the release in tm_projector_stop; what was durable before it is seen. */
    return __atomic_load_n(&lane->projector->stop_at_ns, __ATOMIC_ACQUIRE);
}

static void note_success(lane_t *lane, bool wrote)
{
    tm_projector_t *projector = lane->projector;
    pthread_mutex_lock(&projector->lock);
    const bool came = !projector->stats.connected;
    projector->stats.connected = true;
    projector->stats.position = lane->position.seq;
    if (wrote) {
        projector->stats.rows += lane->batch.rows;
        projector->stats.transactions++;
    }
    pthread_mutex_unlock(&projector->lock);
    if (came)
        tm_log(TM_LOG_INFO, "projection_on", "the database has everything up to commit %llu",
               (unsigned long long)lane->position.seq);
}

static void note_failure(lane_t *lane, const tm_why_t *why)
{
    tm_projector_t *projector = lane->projector;
    char line[TM_WHY_TEXT_MAX];
    tm_why_line(why, line, sizeof(line));
    pthread_mutex_lock(&projector->lock);
    const bool first = projector->stats.connected || projector->stats.failures == 0 ||
                       strcmp(projector->stats.error, line) != 0;
    projector->stats.connected = false;
    projector->stats.failures++;
    snprintf(projector->stats.error, sizeof(projector->stats.error), "%s", line);
    pthread_mutex_unlock(&projector->lock);
    if (first)
        tm_log(TM_LOG_WARN, "projection_off", "%s; tried again, the server goes on without it",
               line);
}

/* Forgets what was gathered: the next gathering begins behind the position. */
static void forget(lane_t *lane)
{
    tm_batch_clear(&lane->batch);
    tm_journal_cursor_free(lane->cursor);
    lane->cursor = NULL;
}

/* Whether the database is a copy of this very journal. */
static tm_err_t check_position(lane_t *lane, tm_why_t *why)
{
    const tm_position_t *position = &lane->position;
    tm_journal_t *journal = lane->projector->journal;
    if (!position->has_row)
        return TM_OK;
    tm_sha256_t journal_is;
    const bool known = tm_journal_identity(journal, &journal_is);
    if (!known || memcmp(&journal_is, &position->journal, sizeof(journal_is)) != 0)
        return tm_why_add(why, TM_ECONFLICT, NULL,
                          "the database belongs to another journal: it is not written to");
    if (position->seq > tm_journal_durable(journal))
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database is ahead of the journal (%llu, journal %llu): it is not written to",
            (unsigned long long)position->seq, (unsigned long long)tm_journal_durable(journal));
    tm_sha256_t chain;
    const tm_err_t err = tm_journal_chain(journal, position->seq, &chain);
    if (err == TM_ENOTFOUND)
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database is older than the journal that is kept (%llu): it must be rebuilt",
            (unsigned long long)position->seq);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu of the journal cannot be read",
                          (unsigned long long)position->seq);
    if (memcmp(&chain, &position->chain, sizeof(chain)) != 0)
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database belongs to another course of this journal (at commit %llu): "
            "it is not written to",
            (unsigned long long)position->seq);
    return TM_OK;
}

static tm_err_t connect_lane(lane_t *lane, tm_why_t *why)
{
    tm_err_t err = tm_database_connect(&lane->db, why);
    if (err == TM_OK)
        err = tm_projection_create(&lane->db, why);
    if (err == TM_OK)
        err = tm_position_read(&lane->db, &lane->position, why);
    return err == TM_OK ? check_position(lane, why) : err;
}

static tm_err_t gather(lane_t *lane, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    if (lane->cursor == NULL)
        err = tm_journal_cursor_new(lane->projector->journal, lane->position.seq, &lane->cursor);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL,
                          "the journal no longer has commit %llu: the database must be rebuilt",
                          (unsigned long long)lane->position.seq + 1);
    while (err == TM_OK && !tm_batch_is_full(&lane->batch)) {
        uint64_t number;
        tm_str_t body;
        err = tm_journal_cursor_next(lane->cursor, &number, &body, why);
        if (err == TM_OK)
            err = tm_batch_add(&lane->batch, number, body, why);
    }
    return err == TM_ENOTFOUND && why->n == 0 ? TM_OK : err;
}

/* One transaction, if there is anything to write. */
static tm_err_t project(lane_t *lane, bool *ret_did, tm_why_t *why)
{
    *ret_did = false;
    tm_err_t err = gather(lane, why);
    if (err != TM_OK || lane->batch.last == 0)
        return err;
    tm_position_t to = lane->position;
    to.seq = lane->batch.last;
    to.has_row = true;
    const bool known = tm_journal_identity(lane->projector->journal, &to.journal);
    assert(known);
    (void)known;
    to.chain = *tm_journal_cursor_chain(lane->cursor);
    err = tm_batch_write(&lane->batch, &lane->db, &lane->position, &to, why);
    if (err != TM_OK)
        return err;
    lane->position = to;
    *ret_did = true;
    return TM_OK;
}

/* Sleeps before the next try, longer each time; whoever stops cuts it short. */
static void pause_lane(lane_t *lane)
{
    lane->pause_ms =
        TM_MIN(TM_MAX(lane->pause_ms * 2, TM_SQL_PAUSE_FIRST_MS), TM_SQL_PAUSE_LAST_MS);
    const int64_t until = tm_time_mono_ns() + lane->pause_ms * 1000000;
    for (;;) {
        const int64_t now = tm_time_mono_ns();
        const int64_t stop = stop_at(lane);
        const int64_t end = stop == 0 ? until : TM_MIN(until, stop);
        if (now >= end)
            return;
        tm_park_wait(&lane->park,
                     (end - now) / 1000000 + 1); /* woken by every batch of the journal as well */
    }
}

/* Lets a moment pass; every batch of the journal would wake the park, so it sleeps. */
static void gather_some(const lane_t *lane)
{
    const struct timespec pause = {.tv_nsec = TM_SQL_GATHER_MS * 1000000L};
    if (stop_at(lane) == 0)
        (void)nanosleep(&pause, NULL);
}

static void lane_main(void *p)
{
    lane_t *lane = p;
    tm_thread_nice(NICE);
    for (;;) {
        const int64_t stop = stop_at(lane);
        if (stop != 0 && tm_time_mono_ns() >= stop)
            break;
        tm_why_t why;
        tm_why_clear(&why);
        bool did = false;
        const bool connecting = lane->db.handle == NULL;
        tm_err_t err = connecting ? connect_lane(lane, &why) : TM_OK;
        if (err == TM_OK)
            err = project(lane, &did, &why);
        if (err != TM_OK) {
            note_failure(lane, &why);
            forget(lane);
            if (connecting || err != TM_EBUSY)
                tm_database_disconnect(&lane->db);
            pause_lane(lane);
            continue;
        }
        lane->pause_ms = 0;
        note_success(lane, did);
        if (did) {
            tm_batch_clear(&lane->batch);
            continue;
        }
        if (stop != 0)
            break; /* everything that was durable is there */
        tm_park_wait(&lane->park, LOOK_MS);
        gather_some(lane);
    }
    forget(lane);
    tm_database_disconnect(&lane->db);
}

tm_err_t tm_projector_start(tm_projector_t *projector)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    for (unsigned i = 0; i < LANES; i++) {
        const tm_err_t err = tm_thread_start(&projector->lanes[i].thread, "tm-projector", lane_main,
                                             &projector->lanes[i]);
        if (err != TM_OK)
            return err;
    }
    return TM_OK;
}

void tm_projector_stop(tm_projector_t *projector, int64_t drain_ms)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    assert(drain_ms >= 0);
    /* release: partner is the acquire in stop_at. */
    __atomic_store_n(&projector->stop_at_ns, tm_time_mono_ns() + drain_ms * 1000000,
                     __ATOMIC_RELEASE);
    wake(projector, 0);
    for (unsigned i = 0; i < LANES; i++) {
        tm_thread_join(&projector->lanes[i].thread);
    }
}

void tm_projector_free(TM_OWN tm_projector_t *projector)
{
    if (projector == NULL)
        return;
    TM_CHECK(projector, PROJECTOR_MAGIC);
    tm_journal_on_durable(projector->journal, NULL, NULL);
    for (unsigned i = 0; i < LANES; i++) {
        assert(!projector->lanes[i].thread.started);
        tm_database_done(&projector->lanes[i].db);
        tm_batch_done(&projector->lanes[i].batch);
    }
    pthread_mutex_destroy(&projector->lock);
    projector->magic = 0;
    tm_free(projector);
}

void tm_projector_stats(tm_projector_t *projector, tm_projector_stats_t *ret)
{
    TM_CHECK(projector, PROJECTOR_MAGIC);
    pthread_mutex_lock(&projector->lock);
    *ret = projector->stats;
    pthread_mutex_unlock(&projector->lock);
    ret->durable = tm_journal_durable(projector->journal);
}
