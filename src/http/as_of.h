/* as_of.h - pictures of campaigns as they were, and reports about what lies between two: made once
 * on a job thread, kept for a while, shared by all loops.
 *
 * Why:     a loop may not spend seconds on a replay, and people look at the same moment again and
 *          again.
 * How:     one small table a server, by campaign and version; the picture not asked for longest
 *          goes first. Who comes while one is being made runs again a moment later.
 * Threads: any; one mutex, held for a look-up only. */
#ifndef TM_HTTP_AS_OF_H
#define TM_HTTP_AS_OF_H
#include "actors/view.h"
#include "http/call.h"

typedef struct tm_as_of tm_as_of_t;
TM_OWN tm_as_of_t *tm_as_of_new(void);
void tm_as_of_free(TM_OWN tm_as_of_t *as_of); /* after the job threads have ended */
void tm_as_of_empty(tm_as_of_t *as_of);       /* forgets what is ready */

/* Reads as_of_ms; false: it is not given, or a fault that why names. */
bool tm_as_of_read(const tm_call_t *call, tm_ms_t *ret_at, tm_why_t *why);
/* The picture a request asks for: `now` itself without as_of_ms, else the campaign as it was then,
 * which also goes into the header x-as-of-version. NULL: it has answered (422, 503), or the handler
 * will run again. */
TM_OWN tm_campaign_view_t *tm_as_of_view(tm_call_t *call, TM_OWN tm_campaign_view_t *now);
/* What a report of the campaign says (actors/report.h), as JSON. NULL: it has answered (404, 500,
 * 503), or the handler will run again. */
TM_OWN tm_blob_t *tm_as_of_report(tm_call_t *call, tm_campaign_view_t *now, tm_id_t report);
/* The campaign's local date at the instant a request asks for (domain rule 4.1.5), today's without
 * as_of_ms. */
tm_day_t tm_as_of_today(const tm_call_t *call, const tm_campaign_view_t *view);
#endif
