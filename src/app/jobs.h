/* jobs.h - the threads that may block: reading and writing files, hashing, children, answers from
 * the log.
 *
 * Why:     loops and workers never wait; whatever waits is handed over here.
 * How:     a line for each kind of work and campaign; free threads serve the lines in turn, one
 *          line never has all threads, and short work always finds one. Number and bytes of what
 *          waits are bounded, together and a line. Work that an actor's own limits bound already
 *          may be forced in.
 * Threads: any. */
#ifndef TM_APP_JOBS_H
#define TM_APP_JOBS_H
#include "app/limits.h"
#include "base/base.h"

typedef enum tm_job_sort {
    TM_JOB_PAPERS,   /* documents that are read */
    TM_JOB_UPLOADS,  /* bodies that become blobs */
    TM_JOB_CONTENTS, /* blobs that are given back */
    TM_JOB_TABLES,   /* stations, markets */
    TM_JOB_LISTS,    /* lists that are reconciled */
    TM_JOB_REPEATS,  /* answers read from the log */
    TM_JOB_EXPORTS,
    TM_JOB_PICTURES, /* of the past, reports, films of orders */
} tm_job_sort_t;

typedef struct tm_job_ask {
    tm_job_sort_t sort;
    uint32_t actor; /* the campaign's; 0: none in particular */
    uint64_t bytes; /* the job holds from now to its end; 0: few */
    bool forced;
} tm_job_ask_t;

typedef struct tm_jobs tm_jobs_t;
/* bytes_max: of all bodies, at most TM_JOBS_BYTES_MAX; half of it for one line. */
TM_MUST_CHECK tm_err_t tm_jobs_new(uint64_t bytes_max, tm_jobs_t **ret);
/* Runs fn(arg) on a job thread. Errors: TM_EBUSY too much waits (never when forced); TM_ESTOPPING.
 */
TM_MUST_CHECK tm_err_t tm_jobs_run(tm_jobs_t *jobs, const tm_job_ask_t *ask, void (*fn)(void *arg),
                                   void *arg);
/* No new work; runs what waits; joins. */
void tm_jobs_stop(tm_jobs_t *jobs);
void tm_jobs_free(TM_OWN tm_jobs_t *jobs);
#endif
