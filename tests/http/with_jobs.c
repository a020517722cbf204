/* with_jobs.c - see with_jobs.h. */
#include "http/with_jobs.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

typedef struct job {
    void (*fn)(void *arg);
    void *arg;
} job_t;

jobs_t jobs;

static void *job_main(void *arg)
{
    job_t *job = arg;
    const struct timespec pause = {0, 20000000}; /* requests come while it is being made */
    nanosleep(&pause, NULL);
    job->fn(job->arg);
    __atomic_fetch_sub(&jobs.running, 1, __ATOMIC_RELEASE);
    free(job);
    return NULL;
}

static tm_err_t run(void *self, uint32_t actor, void (*fn)(void *arg), void *arg)
{
    (void)self;
    (void)actor;
    if (jobs.refuse)
        return TM_EBUSY;
    job_t *job = malloc(sizeof(*job));
    *job = (job_t){fn, arg};
    __atomic_fetch_add(&jobs.running, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&jobs.ran, 1, __ATOMIC_RELAXED);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, job_main, job), 0);
    pthread_detach(thread);
    return TM_OK;
}

void with_jobs(tm_http_t *http)
{
    jobs = (jobs_t){0};
    http->options.services.run = run;
}

void jobs_wait(void)
{
    const struct timespec pause = {0, 1000000};
    while (__atomic_load_n(&jobs.running, __ATOMIC_ACQUIRE) > 0)
        nanosleep(&pause, NULL);
}

void jobs_end(server_t *server)
{
    jobs_wait();
    server_stop(server);
}
