/* views.h - the last answers of GET /matrix with parameters: each made once a version on a job
 * thread, kept while it is asked for, shared by all loops.
 *
 * Why:     people look at the same few views again and again; encoding one costs milliseconds,
 *          which no loop has.
 * How:     one small table a server. Who comes while an answer is being made waits for it in its
 *          place, and gets what was the newest version when they asked.
 * Threads: new, free: app. show: the loop's. One mutex, held for a look-up only. */
#ifndef TM_HTTP_VIEWS_H
#define TM_HTTP_VIEWS_H
#include "actors/view.h"
#include "http/call.h"

typedef struct tm_views tm_views_t;
TM_OWN tm_views_t *tm_views_new(void);
void tm_views_free(TM_OWN tm_views_t *views); /* after the job threads have ended */
/* Forgets the answers that are ready. Any thread. */
void tm_views_empty(tm_views_t *views);

/* Answers with that view of the matrix, now or when a job thread has made it; etag, cache and
 * varies of the call are set. Errors (answered): 422 too long a query; 503 too much is being made,
 * or memory is short and it is not kept; 500 larger than an answer may be. */
void tm_views_show(tm_call_t *call, tm_campaign_view_t *view, const tm_matrix_query_t *query);
#endif
