/* exports.h - files of matrix views, written on job threads for callers that wait.
 *
 * Why:     a file of a large campaign takes seconds: exports must never take all job threads, which
 *          documents need, nor pile up.
 * How:     at most TM_EXPORTS_RUNNING at a time, each on one job thread that goes on with the next
 *          one waiting; TM_EXPORTS_WAITING wait, of one campaign
 *          TM_EXPORTS_CAMPAIGN_WAITING; more are told to come again.
 * Threads: new, free: app. tm_exports_ask: any. */
#ifndef TM_APP_EXPORTS_H
#define TM_APP_EXPORTS_H
#include "app/limits.h"
#include "http/server.h"

struct tm_world;
typedef struct tm_exports tm_exports_t;
/* folder: for temporary files; made if it is not there, and emptied of what a crash left.
 * Errors: TM_EIO. */
TM_MUST_CHECK tm_err_t tm_exports_new(struct tm_world *world, const char *folder,
                                      tm_exports_t **ret, tm_why_t *why);
/* What waits or comes is refused, what is being written is finished. Before the loops end, so that
 * they do not wait for all of it. */
void tm_exports_stop(tm_exports_t *exports);
/* After the job threads have ended; NULL is fine. */
void tm_exports_free(TM_OWN tm_exports_t *exports);

/* The service of tm_services_t; self is the world. */
tm_err_t tm_exports_ask(void *self, const tm_matrix_export_t *ask, tm_reply_to_t to);
#endif
