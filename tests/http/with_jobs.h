/* with_jobs.h - the server of with_server.h with job threads: one a job, which begins a little
 * later, and can be refused.
 *
 * Threads: the test's. */
#ifndef TM_TESTS_HTTP_WITH_JOBS_H
#define TM_TESTS_HTTP_WITH_JOBS_H
#include "http/with_server.h"

typedef struct jobs {
    uint32_t running, ran; /* atomic */
    bool refuse;
} jobs_t;
extern jobs_t jobs; /* of the test that runs */

/* A tune of server_setup_t. */
void with_jobs(tm_http_t *http);
/* Waits until none runs. */
void jobs_wait(void);
void jobs_end(server_t *server); /* and server_stop */
#endif
