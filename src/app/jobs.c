/* jobs.c - see jobs.h.
 *
 * How:     a mutex and a condition: a job takes milliseconds, the lock nanoseconds. Lines stand in
 *          a list; the one that is served goes to its end. A line lives while it has jobs.
 * Threads: any. */
#include "app/jobs.h"

#include "base/memory.h"
#include "base/thread.h"

#include <stdio.h>

#define NICE 5 /* behind the loops: a read does not wait for a file */

typedef struct job {
    struct job *next;
    void (*fn)(void *arg);
    void *arg;
    uint64_t bytes;
} job_t;

typedef struct line {
    struct line *next;
    tm_job_sort_t sort;
    uint32_t actor;
    job_t *first, **last;
    uint32_t waiting, running;
    uint64_t bytes; /* of both */
} line_t;

struct tm_jobs {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    line_t *lines; /* whose turn is next, first */
    uint32_t waiting;
    uint32_t long_running;
    uint64_t bytes, bytes_max;
    bool stopping;
    tm_thread_t threads[TM_JOB_THREADS];
};

/* ---- under the lock ---- */

/* Seconds are possible: together they leave a thread to the others. */
static bool is_long(tm_job_sort_t sort)
{
    switch (sort) {
    case TM_JOB_PAPERS:
    case TM_JOB_TABLES:
    case TM_JOB_LISTS:
    case TM_JOB_EXPORTS:
    case TM_JOB_PICTURES:
        return true;
    case TM_JOB_UPLOADS:
    case TM_JOB_CONTENTS:
    case TM_JOB_REPEATS:
        return false;
    }
    return false;
}

static line_t *find(tm_jobs_t *jobs, const tm_job_ask_t *ask)
{
    for (line_t *line = jobs->lines; line != NULL; line = line->next) {
        if (line->sort == ask->sort && line->actor == ask->actor)
            return line;
    }
    return NULL;
}

static void append(tm_jobs_t *jobs, line_t *line)
{
    line_t **at = &jobs->lines;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    line->next = NULL;
    *at = line;
}

static void remove_line(tm_jobs_t *jobs, const line_t *line)
{
    line_t **at = &jobs->lines;
    while (*at != line) {
        at = &(*at)->next;
    }
    *at = line->next;
}

static bool fits(const tm_jobs_t *jobs, const line_t *line, const tm_job_ask_t *ask)
{
    if (jobs->waiting >= TM_JOBS_WAITING_MAX ||
        (line != NULL && line->waiting >= TM_JOBS_LINE_WAITING_MAX))
        return false;
    const bool alone = jobs->bytes == 0;
    const bool alone_in_line = line == NULL || line->bytes == 0;
    return (alone || jobs->bytes + ask->bytes <= jobs->bytes_max) &&
           (alone_in_line || line->bytes + ask->bytes <= jobs->bytes_max / 2);
}

static void put(tm_jobs_t *jobs, const tm_job_ask_t *ask, job_t *job)
{
    line_t *line = find(jobs, ask);
    if (line == NULL) {
        line = TM_NEW(line_t);
        line->sort = ask->sort;
        line->actor = ask->actor;
        line->last = &line->first;
        append(jobs, line);
    }
    *line->last = job;
    line->last = &job->next;
    line->waiting++;
    line->bytes += job->bytes;
    jobs->waiting++;
    jobs->bytes += job->bytes;
}

static bool may_run(const tm_jobs_t *jobs, const line_t *line)
{
    return line->first != NULL && line->running < TM_JOBS_LINE_RUNNING_MAX &&
           (!is_long(line->sort) || jobs->long_running < TM_JOBS_LONG_RUNNING_MAX);
}

/* The next job of the first line that may have one more; the line goes to the end. NULL: none. */
static job_t *next(tm_jobs_t *jobs, line_t **ret_line)
{
    for (line_t *line = jobs->lines; line != NULL; line = line->next) {
        if (!may_run(jobs, line)) {
            continue;
        }
        job_t *job = line->first;
        line->first = job->next;
        line->last = line->first == NULL ? &line->first : line->last;
        line->waiting--;
        line->running++;
        jobs->long_running += is_long(line->sort);
        jobs->waiting--;
        remove_line(jobs, line);
        append(jobs, line);
        *ret_line = line;
        return job;
    }
    return NULL;
}

static void done(tm_jobs_t *jobs, line_t *line, const job_t *job)
{
    assert(line->running > 0 && line->bytes >= job->bytes && jobs->bytes >= job->bytes);
    line->running--;
    jobs->long_running -= is_long(line->sort);
    line->bytes -= job->bytes;
    jobs->bytes -= job->bytes;
    if (line->running == 0 && line->waiting == 0) {
        remove_line(jobs, line);
        tm_free(line);
    }
}

/* ---- threads ---- */

static void work(void *arg)
{
    tm_jobs_t *jobs = arg;
    tm_thread_nice(NICE);
    (void)pthread_mutex_lock(&jobs->lock);
    for (;;) {
        line_t *line = NULL;
        job_t *job = next(jobs, &line);
        if (job == NULL && jobs->stopping) {
            break; /* whoever runs one of a full line takes the rest of it */
        }
        if (job == NULL) {
            (void)pthread_cond_wait(&jobs->wake, &jobs->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&jobs->lock);
        job->fn(job->arg);
        (void)pthread_mutex_lock(&jobs->lock);
        done(jobs, line, job);
        tm_free(job);
    }
    (void)pthread_mutex_unlock(&jobs->lock);
}

tm_err_t tm_jobs_new(uint64_t bytes_max, tm_jobs_t **ret)
{
    assert(bytes_max > 0 && bytes_max <= TM_JOBS_BYTES_MAX);
    tm_jobs_t *jobs = TM_NEW(tm_jobs_t);
    jobs->bytes_max = bytes_max;
    (void)pthread_mutex_init(&jobs->lock, NULL);
    (void)pthread_cond_init(&jobs->wake, NULL);
    for (int i = 0; i < TM_JOB_THREADS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "job-%d", i);
        const tm_err_t err = tm_thread_start(&jobs->threads[i], name, work, jobs);
        if (err != TM_OK) {
            tm_jobs_stop(jobs);
            tm_jobs_free(jobs);
            return err;
        }
    }
    *ret = jobs;
    return TM_OK;
}

tm_err_t tm_jobs_run(tm_jobs_t *jobs, const tm_job_ask_t *ask, void (*fn)(void *arg), void *arg)
{
    job_t *job = TM_NEW(job_t);
    *job = (job_t){NULL, fn, arg, ask->bytes};
    (void)pthread_mutex_lock(&jobs->lock);
    tm_err_t err = TM_OK;
    if (jobs->stopping) {
        err = TM_ESTOPPING;
    } else if (!ask->forced && !fits(jobs, find(jobs, ask), ask)) {
        err = TM_EBUSY;
    } else {
        put(jobs, ask, job);
        (void)pthread_cond_signal(&jobs->wake);
    }
    (void)pthread_mutex_unlock(&jobs->lock);
    if (err != TM_OK) {
        tm_free(job);
    }
    return err;
}

void tm_jobs_stop(tm_jobs_t *jobs)
{
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->stopping = true;
    (void)pthread_cond_broadcast(&jobs->wake);
    (void)pthread_mutex_unlock(&jobs->lock);
    for (int i = 0; i < TM_JOB_THREADS; i++) {
        tm_thread_join(&jobs->threads[i]);
    }
}

void tm_jobs_free(tm_jobs_t *jobs)
{
    if (jobs == NULL)
        return;
    assert(jobs->lines == NULL);
    (void)pthread_cond_destroy(&jobs->wake);
    (void)pthread_mutex_destroy(&jobs->lock);
    tm_free(jobs);
}
