/* payloads_clock.h - what the clock tells campaigns, and is told itself.
 *
 * Threads: constants. */
#ifndef TM_ACTORS_PAYLOADS_CLOCK_H
#define TM_ACTORS_PAYLOADS_CLOCK_H
#include "schema/entities.h"

#define TM_DAY_TURNED_INDEX_(number, ctype, name, flags, extra, doc) TM_DAY_TURNED_##name,
#define TM_DAY_TURNED_FIELDS(F) \
    F(1, tm_day_t, today, TM_F_REQUIRED, TM_PLAIN, "the campaign's local date")
TM_RECORD(tm_day_turned, TM_DAY_TURNED);

#define TM_EOD_REPORT_INDEX_(number, ctype, name, flags, extra, doc) TM_EOD_REPORT_##name,
#define TM_EOD_REPORT_FIELDS(F) \
    F(1, tm_day_t, local_date, TM_F_REQUIRED, TM_PLAIN, "the campaign's date it is about")
TM_RECORD(tm_eod_report, TM_EOD_REPORT);

#define TM_EOD_SWITCH_INDEX_(number, ctype, name, flags, extra, doc) TM_EOD_SWITCH_##name,
#define TM_EOD_SWITCH_FIELDS(F) \
    F(1, bool, enabled, TM_F_REQUIRED, TM_PLAIN, "false: no reports at all")
TM_RECORD(tm_eod_switch, TM_EOD_SWITCH);
#endif
