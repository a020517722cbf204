/* week.c - the first day of a week, and the broadcast calendar.
 *
 * How:     plain arithmetic on day numbers; nothing here knows a time zone.
 * Threads: pure. */
#include "domain/week.h"

tm_day_t tm_week_of(tm_day_t day, int basis)
{
    assert(basis == TM_WEEK_BASIS_broadcast || basis == TM_WEEK_BASIS_political);
    /* Day 0 is a Thursday: Mondays are 4 modulo 7, Tuesdays 5. */
    const int32_t first = basis == TM_WEEK_BASIS_political ? 5 : 4;
    int32_t into = (int32_t)(((int64_t)day.v - first) % 7);
    if (into < 0) {
        into += 7; /* C rounds towards zero */
    }
    return (tm_day_t){day.v - into};
}

void tm_broadcast_month(int year, int month, tm_day_t *ret_first, tm_day_t *ret_last)
{
    assert(month >= 1 && month <= 12);
    const tm_day_t first = tm_day_make(year, month, 1);
    const tm_day_t next =
        month == 12 ? tm_day_make(year + 1, 1, 1) : tm_day_make(year, month + 1, 1);
    /* The month begins with the week of its first Sunday, which is the week its first day lies in,
     * and ends before the week that holds the first day of the next month. */
    *ret_first = tm_week_of(first, TM_WEEK_BASIS_broadcast);
    *ret_last = (tm_day_t){tm_week_of(next, TM_WEEK_BASIS_broadcast).v - 1};
    assert((ret_last->v - ret_first->v + 1) % 7 == 0);
}
