/* zone.c - local days of IANA time zones.
 *
 * Why:     "today" and the midnight of a campaign are local; zones skip, repeat and abolish
 *          hours, once even a whole day.
 * How:     ICU only tells the offset at an instant; days are counted by us. Opened zones are
 *          kept per thread.
 * Threads: any. */
#include "base/local.h"
#include "base/time.h"
#include <stdlib.h>
#include <unicode/ustring.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
/* A local midnight as if it were UTC lies at most this far from the real instant, in both
 * directions. */
#define OFFSET_SPAN (26 * HOUR_MS)

/* The zone of that name, opened; NULL if ICU does not know it. The cache replaces in turn. */
static UCalendar *zone_open(tm_str_t tz)
{
    tm_local_t *local = tm_local();
    if (tz.n == 0 || tz.n >= TM_ZONE_NAME_MAX)
        return NULL;
    for (uint32_t i = 0; i < TM_LOCAL_ZONES; i++) {
        const tm_local_zone_t *zone = &local->zones[i];
        if (zone->n == tz.n && memcmp(zone->name, tz.p, tz.n) == 0)
            return zone->calendar;
    }

    UChar name[TM_ZONE_NAME_MAX];
    UChar canonical[128];
    UBool is_system = false;
    UErrorCode status = U_ZERO_ERROR;
    for (uint32_t i = 0; i < tz.n; i++) {
        if (tz.p[i] <= ' ' || tz.p[i] > '~')
            return NULL;
        name[i] = (UChar)tz.p[i];
    }
    ucal_getCanonicalTimeZoneID(name, (int32_t)tz.n, canonical, 128, &is_system, &status);
    if (U_FAILURE(status) || !is_system || tm_str_eq(tz, TM_STR("Etc/Unknown")))
        return NULL;
    UCalendar *calendar = ucal_open(name, (int32_t)tz.n, "", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return NULL;

    tm_local_zone_t *zone = &local->zones[local->zones_next];
    local->zones_next = (local->zones_next + 1) % TM_LOCAL_ZONES;
    if (zone->calendar != NULL)
        ucal_close(zone->calendar);
    memcpy(zone->name, tz.p, tz.n);
    zone->n = tz.n;
    zone->calendar = calendar;
    return calendar;
}

/* Local time as if it were UTC, in milliseconds. */
static int64_t local_ms(UCalendar *calendar, int64_t at)
{
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)at, &status);
    const int32_t zone = ucal_get(calendar, UCAL_ZONE_OFFSET, &status);
    const int32_t dst = ucal_get(calendar, UCAL_DST_OFFSET, &status);
    if (U_FAILURE(status))
        abort(); /* the arguments cannot be wrong: the library is broken */
    return at + zone + dst;
}

static int64_t floor_day(int64_t ms)
{
    return ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
}

bool tm_zone_is_known(tm_str_t tz)
{
    return zone_open(tz) != NULL;
}

tm_err_t tm_zone_day(tm_str_t tz, tm_ms_t at, tm_day_t *ret_day)
{
    int minute = 0;
    return tm_zone_clock(tz, at, ret_day, &minute);
}

tm_err_t tm_zone_clock(tm_str_t tz, tm_ms_t at, tm_day_t *ret_day, int *ret_minute)
{
    assert(ret_day != NULL && ret_minute != NULL);
    UCalendar *calendar = zone_open(tz);
    if (calendar == NULL)
        return TM_EINVALID;
    /* Far outside of any calendar ICU's doubles would lose milliseconds and our day would not
     * fit. */
    const int64_t limit = INT64_C(8000000000000000);
    if (at.v < -limit || at.v > limit)
        return TM_EINVALID;
    const int64_t local = local_ms(calendar, at.v);
    const int64_t day = floor_day(local);
    *ret_day = (tm_day_t){(int32_t)day};
    *ret_minute = (int)((local - day * DAY_MS) / MINUTE_MS);
    return TM_OK;
}

/* The first instant in (before, after] whose local time is at or past `wanted`; it is not at
 * `before`, it is at `after`. */
static int64_t search(UCalendar *calendar, int64_t wanted, int64_t before, int64_t after)
{
    while (after - before > 1) {
        const int64_t middle = before + (after - before) / 2;
        if (local_ms(calendar, middle) >= wanted)
            after = middle;
        else
            before = middle;
    }
    return after;
}

tm_err_t tm_zone_midnight(tm_str_t tz, tm_day_t day, tm_ms_t *ret_at)
{
    assert(ret_at != NULL);
    assert(day.v > -50000000 && day.v < 50000000);
    UCalendar *calendar = zone_open(tz);
    if (calendar == NULL)
        return TM_EINVALID;

    const int64_t wanted = (int64_t)day.v * DAY_MS;
    const int64_t before = wanted - OFFSET_SPAN;
    const int64_t after = wanted + OFFSET_SPAN;
    const int64_t offset_before = local_ms(calendar, before) - before;
    const int64_t offset_after = local_ms(calendar, after) - after;
    /* The larger offset gives the earlier instant: of two midnights of a repeated hour the first
     * counts. */
    const int64_t early = wanted - TM_MAX(offset_before, offset_after);
    const int64_t late = wanted - TM_MIN(offset_before, offset_after);
    if (local_ms(calendar, early) == wanted)
        *ret_at = (tm_ms_t){early};
    else if (local_ms(calendar, late) == wanted)
        *ret_at = (tm_ms_t){late};
    else
        *ret_at = (tm_ms_t){search(calendar, wanted, before, after)};
    return TM_OK;
}
