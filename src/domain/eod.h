/* eod.h - when is the report about a local date due?
 *
 * Why:     reports are ordered at full hours, days and minutes are local; zones repeat and skip
 *          hours, some lie half an hour beside the others.
 * How:     an hour is asked what the clock on the wall reads then; nothing is reckoned with
 *          offsets.
 * Threads: pure.
 * Source:  docs/glossary.md "EOD report". */
#ifndef TM_DOMAIN_EOD_H
#define TM_DOMAIN_EOD_H
#include "base/time.h"

#define TM_EOD_MINUTE_DEFAULT 1080 /* 18:00 */

/* The first full hour of UTC at or after an instant. */
tm_ms_t tm_eod_hour(tm_ms_t at);
/* The first local date from `from` on that the zone has, and its due hour: the first full hour of
 * UTC at which its clock reads `minute` (0 to 1439) or later, or at which the date is over: 23:30
 * lies behind the last full hour of a date in most zones. Errors: TM_EINVALID unknown zone. Cost:
 * at most some 30 questions about a zone. */
TM_MUST_CHECK tm_err_t tm_eod_next(tm_str_t tz, int minute, tm_day_t from, tm_day_t *ret_date,
                                   tm_ms_t *ret_due);
#endif
