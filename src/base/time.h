/* time.h - days and instants as text, and the two clocks of the machine.
 *
 * Why:     air days are plain dates, instants are UTC milliseconds; neither is ever converted by
 *          accident.
 * Threads: any. Only edges, app and base read a clock; everything above gets time with its
 *          message. */
#ifndef TM_BASE_TIME_H
#define TM_BASE_TIME_H
#include "base/base.h"

#define TM_DAY_MIN 7305   /* 1990-01-01 */
#define TM_DAY_MAX 47481  /* 2099-12-31 */

tm_ms_t tm_time_now(void);       /* wall clock; may jump */
int64_t tm_time_mono_ns(void);   /* monotonic; for durations */

/* proleptic Gregorian; month 1-12, day may overflow */
tm_day_t tm_day_make(int year, int month, int day);
void tm_day_split(tm_day_t day, int *ret_year, int *ret_month, int *ret_day);
bool tm_day_is_valid(int year, int month, int day); /* the date exists */
int tm_day_weekday(tm_day_t day);                   /* 0 Monday ... 6 Sunday */
#define TM_DAY_TEXT 11
void tm_day_format(tm_day_t day, char ret_text[TM_DAY_TEXT]); /* "2026-10-12" */
/* "2026-10-12" only. Errors: TM_EINVALID no such date or form; TM_ERANGE outside
 * 1990-01-01..2099-12-31. */
TM_MUST_CHECK tm_err_t tm_day_parse(tm_str_t text, tm_day_t *ret_day);
#define TM_MS_TEXT 25
void tm_ms_format(tm_ms_t ms, char ret_text[TM_MS_TEXT]); /* "2026-03-28T12:00:00.000Z" */

/* Time zones by IANA name (ICU's data). tm_zone_is_known is false for names ICU does not know. */
bool tm_zone_is_known(tm_str_t tz);
/* The local date at an instant. Errors: TM_EINVALID unknown zone. Cost: a few microseconds. */
TM_MUST_CHECK tm_err_t tm_zone_day(tm_str_t tz, tm_ms_t at, tm_day_t *ret_day);
/* The same with what the clock reads: minutes after midnight, 0 to 1439. */
TM_MUST_CHECK tm_err_t tm_zone_clock(tm_str_t tz, tm_ms_t at, tm_day_t *ret_day, int *ret_minute);
/* The first instant of a local day (the first minute after the gap where midnight does not
 * exist). */
TM_MUST_CHECK tm_err_t tm_zone_midnight(tm_str_t tz, tm_day_t day, tm_ms_t *ret_at);
#endif
