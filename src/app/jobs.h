/* jobs.h - the threads that may block: reading and writing files, hashing, children, answers from
 * the log.
 *
 * Why:     loops and workers never wait; whatever waits is handed over here.
 * How:     one bounded queue, TM_JOB_THREADS threads. Work that an actor's own limits bound
 *          already may be forced in.
 * Threads: any. */
#ifndef TM_APP_JOBS_H
#define TM_APP_JOBS_H
#include "base/base.h"

#define TM_JOB_THREADS 4
#define TM_JOBS_WAITING_MAX 1024

typedef struct tm_jobs tm_jobs_t;
TM_MUST_CHECK tm_err_t tm_jobs_new(tm_jobs_t **ret);
/* Runs fn(arg) on a job thread. Errors: TM_EBUSY the queue is full (never when forced);
 * TM_ESTOPPING. */
TM_MUST_CHECK tm_err_t tm_jobs_run(tm_jobs_t *jobs, bool forced, void (*fn)(void *arg), void *arg);
/* No new work; runs what waits; joins. */
void tm_jobs_stop(tm_jobs_t *jobs);
void tm_jobs_free(TM_OWN tm_jobs_t *jobs);
#endif
