/* jobs.c - see jobs.h.
 *
 * How:     a mutex and a condition: a job takes milliseconds, the lock nanoseconds. */
#include "app/jobs.h"

#include "base/memory.h"
#include "base/thread.h"

#include <stdio.h>

typedef struct job {
    struct job *next;
    void (*fn)(void *arg);
    void *arg;
} job_t;

struct tm_jobs {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    job_t *first, **last;
    uint32_t waiting;
    bool stopping;
    tm_thread_t threads[TM_JOB_THREADS];
};

static job_t *take(tm_jobs_t *jobs)
{
    (void)pthread_mutex_lock(&jobs->lock);
    while (jobs->first == NULL && !jobs->stopping) {
        (void)pthread_cond_wait(&jobs->wake, &jobs->lock);
    }
    job_t *job = jobs->first;
    if (job != NULL) {
        jobs->first = job->next;
        jobs->last = jobs->first == NULL ? &jobs->first : jobs->last;
        jobs->waiting--;
    }
    (void)pthread_mutex_unlock(&jobs->lock);
    return job;
}

static void work(void *arg)
{
    for (job_t *job; (job = take(arg)) != NULL;) {
        job->fn(job->arg);
        tm_free(job);
    }
}

tm_err_t tm_jobs_new(tm_jobs_t **ret)
{
    tm_jobs_t *jobs = TM_NEW(tm_jobs_t);
    (void)pthread_mutex_init(&jobs->lock, NULL);
    (void)pthread_cond_init(&jobs->wake, NULL);
    jobs->last = &jobs->first;
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

tm_err_t tm_jobs_run(tm_jobs_t *jobs, bool forced, void (*fn)(void *arg), void *arg)
{
    job_t *job = TM_NEW(job_t);
    *job = (job_t){NULL, fn, arg};
    (void)pthread_mutex_lock(&jobs->lock);
    const tm_err_t err = jobs->stopping                                    ? TM_ESTOPPING
                         : !forced && jobs->waiting >= TM_JOBS_WAITING_MAX ? TM_EBUSY
                                                                           : TM_OK;
    if (err == TM_OK) {
        *jobs->last = job;
        jobs->last = &job->next;
        jobs->waiting++;
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
    (void)pthread_cond_destroy(&jobs->wake);
    (void)pthread_mutex_destroy(&jobs->lock);
    tm_free(jobs);
}
