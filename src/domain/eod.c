/* eod.c - see eod.h.
 *
 * Threads: pure. */
#include "domain/eod.h"

#define HOUR_MS INT64_C(3600000)

tm_ms_t tm_eod_hour(tm_ms_t at)
{
    const int64_t into = ((at.v % HOUR_MS) + HOUR_MS) % HOUR_MS;
    return (tm_ms_t){into == 0 ? at.v : at.v - into + HOUR_MS};
}

tm_err_t tm_eod_next(tm_str_t tz, int minute, tm_day_t from, tm_day_t *ret_date, tm_ms_t *ret_due)
{
    assert(minute >= 0 && minute < 24 * 60);
    tm_ms_t at = {0};
    tm_err_t err = tm_zone_midnight(tz, from, &at);
    tm_day_t date = from, day = from;
    int reads = 0;
    if (err == TM_OK) {
        err = tm_zone_clock(tz, at, &date, &reads); /* a later one where a whole day was skipped */
    }
    at = tm_eod_hour(at);
    for (bool due = false; err == TM_OK && !due;) {
        err = tm_zone_clock(tz, at, &day, &reads);
        due = day.v > date.v || (day.v == date.v && reads >= minute);
        at.v += due ? 0 : HOUR_MS;
    }
    if (err == TM_OK) {
        *ret_date = date;
        *ret_due = at;
    }
    return err;
}
