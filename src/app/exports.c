/* exports.c - see exports.h.
 *
 * Threads: tm_exports_ask: any. write_all and what it calls: job threads. */
#include "app/exports.h"

#include "app/world.h"
#include "base/thread.h"
#include "base/time.h"
#include "files/export.h"
#include "http/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700
#define FOLDER_BYTES 1200
#define NS_A_MS 1000000

typedef struct export_job {
    struct export_job *next;
    tm_export_t what; /* view and directory: references */
    tm_export_format_t format;
    tm_reply_to_t to;
    int64_t asked_ns;
    bool refused;     /* the program stops */
    char *advertiser; /* of the query */
} export_job_t;

struct tm_exports {
    struct tm_world *world;
    char folder[FOLDER_BYTES];
    pthread_mutex_t lock;    /* held for a few instructions */
    pthread_mutex_t closing; /* of a workbook: export.h */
    export_job_t *first, **last;
    uint32_t waiting, running;
    bool stopping;
};

static void job_free(TM_OWN export_job_t *job)
{
    tm_shared_unref(job->what.view);
    tm_shared_unref((void *)(uintptr_t)job->what.directory);
    tm_free(job->advertiser);
    tm_free(job);
}

/* Whatever lies there belongs to a process that is gone: the data folder has one owner. */
static void empty_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(fd, entry->d_name, 0);
        }
    }
    (void)closedir(dir);
}

tm_err_t tm_exports_new(struct tm_world *world, const char *folder, tm_exports_t **ret,
                        tm_why_t *why)
{
    if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST)
        return tm_why_add(why, TM_EIO, NULL, "making the folder %s failed: %s", folder,
                          strerror(errno));
    empty_folder(folder);
    tm_exports_t *exports = TM_NEW(tm_exports_t);
    exports->world = world;
    exports->last = &exports->first;
    (void)snprintf(exports->folder, sizeof exports->folder, "%s", folder);
    (void)pthread_mutex_init(&exports->lock, NULL);
    (void)pthread_mutex_init(&exports->closing, NULL);
    *ret = exports;
    return TM_OK;
}

void tm_exports_stop(tm_exports_t *exports)
{
    (void)pthread_mutex_lock(&exports->lock);
    exports->stopping = true;
    (void)pthread_mutex_unlock(&exports->lock);
}

void tm_exports_free(tm_exports_t *exports)
{
    if (exports == NULL)
        return;
    assert(exports->first == NULL && exports->running == 0);
    (void)pthread_mutex_destroy(&exports->lock);
    (void)pthread_mutex_destroy(&exports->closing);
    tm_free(exports);
}

/* ---- on a job thread ---- */

static void answer(tm_world_t *w, export_job_t *job)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_blob_t *body = NULL;
    /* The caller of a late one has got the answer that it took too long. */
    const bool late = tm_time_mono_ns() - job->asked_ns > (int64_t)TM_ANSWER_WAIT_MS * NS_A_MS;
    const tm_err_t err = job->refused ? TM_ESTOPPING
                         : late       ? TM_ETIMEOUT
                                      : tm_export_write(&job->what, job->format, &body, &why);
    if (err != TM_OK) {
        const tm_answer_t problem = {.err = err, .why = &why, .version = -1};
        tm_http_reply(w->http, job->to, &problem);
        return;
    }
    char name[TM_EXPORT_NAME_MAX];
    char disposition[TM_EXPORT_NAME_MAX + 40];
    tm_export_filename(&job->what, job->format, name);
    (void)snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", name);
    /* One body for the whole file: the answer carries its length, and a caller never holds half a
     * file without knowing. TM_ANSWER_BYTES_MAX bounds it; the writers hold one row beside it. */
    const tm_answer_t file = {.status = 200,
                              .body = body,
                              .content_type = tm_export_media_type(job->format),
                              .disposition = disposition,
                              .version = -1};
    tm_http_reply(w->http, job->to, &file);
    tm_blob_unref(body);
}

/* The next one; NULL: this thread is done. */
static export_job_t *take(tm_exports_t *exports)
{
    (void)pthread_mutex_lock(&exports->lock);
    export_job_t *job = exports->first;
    if (job != NULL) {
        exports->first = job->next;
        exports->last = exports->first == NULL ? &exports->first : exports->last;
        exports->waiting--;
        job->refused = exports->stopping;
    } else {
        exports->running--;
    }
    (void)pthread_mutex_unlock(&exports->lock);
    return job;
}

static void write_all(void *arg)
{
    tm_exports_t *exports = arg;
    for (export_job_t *job; (job = take(exports)) != NULL;) {
        answer(exports->world, job);
        job_free(job);
    }
}

/* Nobody will write them. */
static void refuse_all(tm_exports_t *exports)
{
    for (export_job_t *job; (job = take(exports)) != NULL;) {
        const tm_answer_t problem = {.err = TM_ESTOPPING, .version = -1};
        tm_http_reply(exports->world->http, job->to, &problem);
        job_free(job);
    }
}

/* ---- from a loop ---- */

/* One campaign never takes all places. */
static uint32_t waiting_of(const tm_exports_t *exports, uint32_t actor)
{
    uint32_t n = 0;
    for (const export_job_t *job = exports->first; job != NULL; job = job->next) {
        n += job->what.view->view.actor == actor;
    }
    return n;
}

/* false: too many wait. *ret_start: a job thread is to be asked for. */
static bool enqueue(tm_exports_t *exports, export_job_t *job, bool *ret_start)
{
    (void)pthread_mutex_lock(&exports->lock);
    const bool fits = exports->waiting < TM_EXPORTS_WAITING &&
                      waiting_of(exports, job->what.view->view.actor) < TM_EXPORTS_CAMPAIGN_WAITING;
    if (fits) {
        *exports->last = job;
        exports->last = &job->next;
        exports->waiting++;
        *ret_start = exports->running < TM_EXPORTS_RUNNING;
        exports->running += *ret_start;
    }
    (void)pthread_mutex_unlock(&exports->lock);
    return fits;
}

tm_err_t tm_exports_ask(void *self, const tm_matrix_export_t *ask, tm_reply_to_t to)
{
    tm_world_t *w = self;
    tm_exports_t *exports = w->exports;
    export_job_t *job = TM_NEW(export_job_t);
    *job = (export_job_t){
        .what = {.view = ask->view,
                 .directory = ask->directory,
                 .query = ask->query,
                 .folder = exports->folder,
                 .bytes_max = TM_ANSWER_BYTES_MAX,
                 .closing = &exports->closing},
        .to = to,
        .asked_ns = tm_time_mono_ns(),
    };
    const bool known = tm_export_find(tm_str(ask->format), &job->format);
    assert(known);
    if (ask->query.advertiser.p != NULL) { /* the request may end before the file */
        const tm_str_t name = ask->query.advertiser;
        job->advertiser = tm_strdup_n(name.p, name.n);
        job->what.query.advertiser.p = job->advertiser;
    }
    bool start = false;
    if (!enqueue(exports, job, &start)) {
        tm_free(job->advertiser);
        tm_free(job);
        return TM_EBUSY;
    }
    /* Forced: at most TM_EXPORTS_RUNNING of these exist, so the queue's own limit is not needed;
     * only a stopping program refuses. */
    const tm_job_ask_t need = {.sort = TM_JOB_EXPORTS, .forced = true};
    if (start && tm_jobs_run(w->jobs, &need, write_all, exports) != TM_OK) {
        refuse_all(exports);
    }
    return TM_OK;
}
