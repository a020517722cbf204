/* week.h - weeks as views of days: broadcast (Monday-Sunday) and political (Tuesday-Monday), and
 * broadcast months.
 *
 * Threads: pure.
 * Source:  docs/glossary.md "week". */
#ifndef TM_DOMAIN_WEEK_H
#define TM_DOMAIN_WEEK_H
#include "base/time.h"
#include "schema/words.h"

/* First day of the week that holds `day`; basis: TM_WEEK_BASIS_broadcast or _political. */
tm_day_t tm_week_of(tm_day_t day, int basis);
/* First and last day of the broadcast month: the weeks whose Sunday falls in it. */
void tm_broadcast_month(int year, int month, tm_day_t *ret_first, tm_day_t *ret_last);
#endif
