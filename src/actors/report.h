/* report.h - what a report says, made anew from the two versions it lies between.
 *
 * Why:     Monday's report must be the same bytes on Tuesday; what never changes need not be kept.
 * How:     both pictures come from the campaign's history (actors/view.h, tm_campaign_view_at);
 *          names are those of the rows then, nothing of the directory is asked.
 * Threads: any; for a job thread. */
#ifndef TM_ACTORS_REPORT_H
#define TM_ACTORS_REPORT_H
#include "actors/view.h"
#include "base/digest.h"

/* The content of a report that the picture holds, as JSON. Errors: TM_ENOTFOUND; TM_ETOOLARGE for
 * more than bytes_max; TM_ENOMEM. O(all lines). */
TM_MUST_CHECK tm_err_t tm_report_content(const tm_campaign_view_t *now, tm_id_t report,
                                         size_t bytes_max, tm_blob_t **ret);
/* SHA-256 of the default answer of GET /matrix as of a picture's version: what exports of it print.
 * false: that answer would be larger than any may be. O(rows). */
bool tm_report_state(const tm_campaign_view_t *view, char ret_hex[TM_SHA256_TEXT]);
#endif
