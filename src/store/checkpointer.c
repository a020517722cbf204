/* checkpointer.c - see checkpointer.h.
 *
 * Threads: see checkpointer.h. */
#include "store/checkpointer.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "runtime/cut.h"
#include "store/checkpoint.h"
#include <stdio.h>
#include <sys/resource.h>

#define CHECKPOINTER_MAGIC 0x43505452u
#define BLOCK_BYTES ((size_t)256 << 10)
#define RETRY_MS 60000
#define LOOK_MS 1000
#define NICE 19
#define FINAL_SHARE 8 /* of every_bytes: behind so much a start is noticed */

enum { IDLE, WAITING, WRITING };

struct tm_checkpointer {
    uint32_t magic;
    tm_checkpointer_options_t options;
    int state;
    uint64_t last;          /* number of the newest */
    uint64_t written;       /* tm_journal_written when its cut was asked for */
    uint64_t behind_before; /* bytes of journal behind it already then */
    uint64_t written_asked;
    int64_t last_ms, retry_ms, begun_ms; /* monotonic */
    bool clock_known;
    void *arrived; /* atomic: a cut, or DROPPED */
    tm_cut_t *cut;
    tm_checkpoint_writer_t *writer;
    tm_checkpoint_head_t head;
    tm_buf_t block;
    tm_park_t park;
    tm_thread_t thread;
    bool stop;            /* atomic */
    pthread_mutex_t lock; /* guards stats */
    tm_checkpointer_stats_t stats;
};

static const char dropped; /* its address says: no cut will come */

TM_OWN tm_checkpointer_t *tm_checkpointer_new(const tm_checkpointer_options_t *options)
{
    assert(options->journal != NULL && options->rt != NULL);
    tm_checkpointer_t *cp = TM_NEW(tm_checkpointer_t);
    cp->magic = CHECKPOINTER_MAGIC;
    cp->options = *options;
    cp->last = options->last;
    cp->behind_before = options->behind_bytes;
    cp->written = tm_journal_written(options->journal);
    tm_buf_init(&cp->block, TM_CHECKPOINT_BLOCK_MAX);
    pthread_mutex_init(&cp->lock, NULL);
    if (tm_checkpoint_sweep(&cp->options.disk, cp->last, TM_CHECKPOINTS_KEPT) != TM_OK)
        tm_log(TM_LOG_WARN, "checkpoint", "unfinished and bad ones cannot be removed");
    return cp;
}

static uint64_t behind(const tm_checkpointer_t *cp)
{
    return cp->behind_before + tm_journal_written(cp->options.journal) - cp->written;
}

void tm_checkpointer_stats(tm_checkpointer_t *cp, tm_checkpointer_stats_t *ret)
{
    TM_CHECK(cp, CHECKPOINTER_MAGIC);
    pthread_mutex_lock(&cp->lock);
    *ret = cp->stats;
    ret->behind_bytes = behind(cp);
    pthread_mutex_unlock(&cp->lock);
}

/* ---- one checkpoint ---- */

static void arrive(void *ctx, tm_cut_t *cut)
{
    tm_checkpointer_t *cp = ctx;
    /* release: the cut's content; partner: the acquire in step_waiting. */
    __atomic_store_n(&cp->arrived, cut == NULL ? (const void *)&dropped : cut, __ATOMIC_RELEASE);
    tm_park_wake(&cp->park);
}

/* Whatever was asked for or begun. */
static void forget(tm_checkpointer_t *cp)
{
    const void *arrived = __atomic_exchange_n(&cp->arrived, NULL, __ATOMIC_ACQUIRE);
    if (arrived != NULL && arrived != &dropped)
        tm_cut_free((tm_cut_t *)(uintptr_t)arrived);
    tm_cut_free(TM_TAKE(cp->cut));
    tm_checkpoint_abandon(TM_TAKE(cp->writer));
    cp->state = IDLE;
}

static void failed(tm_checkpointer_t *cp, const tm_why_t *why, int64_t mono_ms)
{
    char line[200];
    (void)tm_why_line(why, line, sizeof(line));
    tm_log(TM_LOG_WARN, "checkpoint", "%s; it is tried again later", line);
    pthread_mutex_lock(&cp->lock);
    snprintf(cp->stats.error, sizeof(cp->stats.error), "%s", line);
    pthread_mutex_unlock(&cp->lock);
    cp->retry_ms = mono_ms + RETRY_MS;
    forget(cp);
}

static tm_err_t begin(tm_checkpointer_t *cp, tm_ms_t now, tm_why_t *why)
{
    cp->head = (tm_checkpoint_head_t){.number = tm_cut_number(cp->cut), .at = now};
    const tm_err_t err = tm_journal_chain(cp->options.journal, cp->head.number, &cp->head.chain);
    if (err != TM_OK || !tm_journal_identity(cp->options.journal, &cp->head.identity))
        return tm_why_add(why, err == TM_OK ? TM_ENOTFOUND : err, NULL,
                          "checkpoint: the journal does not know commit %llu",
                          (unsigned long long)cp->head.number);
    return tm_checkpoint_create(&cp->options.disk, &cp->head, cp->options.keep_free, &cp->writer,
                                why);
}

/* What older ones and their segments are not needed for any more. Nothing is lost if that fails. */
static void tidy(tm_checkpointer_t *cp)
{
    uint64_t kept[TM_CHECKPOINTS_KEPT];
    uint32_t n = 0;
    uint64_t moved = 0;
    tm_why_t why;
    char line[300];
    tm_why_clear(&why);
    const tm_disk_t *disk = &cp->options.disk;
    tm_err_t err = tm_checkpoint_sweep(disk, cp->last, TM_CHECKPOINTS_KEPT);
    if (err == TM_OK)
        err = tm_checkpoint_list(disk, TM_CHECKPOINTS_KEPT, kept, &n);
    if (err == TM_OK && n > 0 && kept[n - 1] <= tm_journal_durable(cp->options.journal))
        err = tm_journal_archive(cp->options.journal, kept[n - 1], &moved, &why);
    if (err != TM_OK)
        tm_log(TM_LOG_WARN, "checkpoint", "old files cannot be moved away: %s",
               why.n > 0 ? tm_why_line(&why, line, sizeof(line)) : tm_err_text(err));
}

static tm_err_t publish(tm_checkpointer_t *cp, int64_t mono_ms, tm_why_t *why)
{
    const tm_sha256_t hash = tm_cut_hash(cp->cut);
    uint64_t bytes = 0;
    const tm_err_t err = tm_checkpoint_publish(cp->writer, &hash, &bytes, why);
    if (err != TM_OK)
        return err;
    cp->writer = NULL;
    pthread_mutex_lock(&cp->lock);
    cp->last = cp->head.number;
    cp->last_ms = mono_ms;
    cp->written = cp->written_asked;
    cp->behind_before = 0;
    cp->stats = (tm_checkpointer_stats_t){
        .number = cp->last, .bytes = bytes, .at = cp->head.at, .took_ms = mono_ms - cp->begun_ms};
    pthread_mutex_unlock(&cp->lock);
    tm_log(TM_LOG_INFO, "checkpoint", "commit %llu, %llu bytes in %lld ms",
           (unsigned long long)cp->last, (unsigned long long)bytes,
           (long long)(mono_ms - cp->begun_ms));
    tidy(cp);
    return TM_OK;
}

/* ---- its steps ---- */

static void note_asked(tm_checkpointer_t *cp, int64_t mono_ms)
{
    cp->written_asked = tm_journal_written(cp->options.journal);
    cp->begun_ms = mono_ms;
    cp->state = WAITING;
}

static bool step_idle(tm_checkpointer_t *cp, int64_t mono_ms)
{
    if (!cp->clock_known) {
        cp->last_ms = mono_ms;
        cp->clock_known = true;
    }
    const bool changed = tm_journal_durable(cp->options.journal) > cp->last;
    const bool due =
        behind(cp) >= cp->options.every_bytes || mono_ms - cp->last_ms >= cp->options.every_ms;
    if (!changed || !due || mono_ms < cp->retry_ms)
        return false;
    note_asked(cp, mono_ms);
    tm_runtime_cut(cp->options.rt, arrive, cp);
    return true;
}

static bool step_waiting(tm_checkpointer_t *cp, int64_t mono_ms, tm_ms_t now)
{
    /* acquire: partner is the release in arrive. */
    const void *arrived = __atomic_exchange_n(&cp->arrived, NULL, __ATOMIC_ACQUIRE);
    if (arrived == NULL)
        return false;
    cp->cut = arrived == &dropped ? NULL : (tm_cut_t *)(uintptr_t)arrived;
    if (cp->cut == NULL || tm_cut_number(cp->cut) <= cp->last) {
        forget(cp);
        return true;
    }
    tm_why_t why;
    tm_why_clear(&why);
    cp->state = WRITING;
    if (begin(cp, now, &why) != TM_OK)
        failed(cp, &why, mono_ms);
    return true;
}

static void step_writing(tm_checkpointer_t *cp, int64_t mono_ms)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_clear(&cp->block);
    tm_err_t err;
    if (tm_cut_next(cp->cut, BLOCK_BYTES, &cp->block)) {
        err = tm_checkpoint_add(cp->writer, tm_buf_str(&cp->block), &why);
    } else {
        err = publish(cp, mono_ms, &why);
        if (err == TM_OK)
            forget(cp);
    }
    if (err != TM_OK)
        failed(cp, &why, mono_ms);
}

bool tm_checkpointer_step(tm_checkpointer_t *cp, int64_t mono_ms, tm_ms_t now)
{
    TM_CHECK(cp, CHECKPOINTER_MAGIC);
    if (cp->state == IDLE)
        return step_idle(cp, mono_ms);
    if (cp->state == WAITING)
        return step_waiting(cp, mono_ms, now);
    step_writing(cp, mono_ms);
    return true;
}

static int64_t mono_ms_now(void)
{
    return tm_time_mono_ns() / 1000000;
}

static void checkpointer_main(void *arg)
{
    tm_checkpointer_t *cp = arg;
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* of this thread */
    /* acquire: partner is the release in stop. */
    while (!__atomic_load_n(&cp->stop, __ATOMIC_ACQUIRE)) {
        if (!tm_checkpointer_step(cp, mono_ms_now(), tm_time_now()))
            tm_park_wait(&cp->park, LOOK_MS);
    }
}

tm_err_t tm_checkpointer_start(tm_checkpointer_t *cp)
{
    TM_CHECK(cp, CHECKPOINTER_MAGIC);
    return tm_thread_start(&cp->thread, "tm-checkpoint", checkpointer_main, cp);
}

void tm_checkpointer_stop(tm_checkpointer_t *cp)
{
    TM_CHECK(cp, CHECKPOINTER_MAGIC);
    __atomic_store_n(&cp->stop, true, __ATOMIC_RELEASE);
    tm_park_wake(&cp->park);
    tm_thread_join(&cp->thread);
    if (cp->state == WRITING)
        forget(cp);
}

void tm_checkpointer_final(tm_checkpointer_t *cp)
{
    TM_CHECK(cp, CHECKPOINTER_MAGIC);
    assert(!cp->thread.started);
    if (tm_journal_durable(cp->options.journal) <= cp->last ||
        behind(cp) < cp->options.every_bytes / FINAL_SHARE)
        return;
    forget(cp);
    note_asked(cp, mono_ms_now());
    arrive(cp, tm_runtime_cut_now(cp->options.rt));
    while (cp->state != IDLE)
        (void)tm_checkpointer_step(cp, mono_ms_now(), tm_time_now());
}

void tm_checkpointer_free(TM_OWN tm_checkpointer_t *cp)
{
    if (cp == NULL)
        return;
    TM_CHECK(cp, CHECKPOINTER_MAGIC);
    assert(!cp->thread.started);
    forget(cp);
    tm_buf_done(&cp->block);
    pthread_mutex_destroy(&cp->lock);
    cp->magic = 0;
    tm_free(cp);
}
