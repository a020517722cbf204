/* time.c - the two clocks of the machine; days and instants as text.
 *
 * Why:     libc's calendar functions know locales and zones; air days know neither.
 * How:     a year begins in March, so that the leap day is its last; eras of 400 years repeat.
 * Threads: pure but for the clocks; any.
 * Source:  Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
#include "base/time.h"
#include <time.h>

#define DAY_MS INT64_C(86400000)
#define ERA_DAYS 146097
#define ERA_BEGIN 719468 /* days from 0000-03-01 to 1970-01-01 */

tm_ms_t tm_time_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (tm_ms_t){(int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000};
}

int64_t tm_time_mono_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

tm_day_t tm_day_make(int year, int month, int day)
{
    assert(month >= 1 && month <= 12);
    assert(year > -100000 && year < 100000);
    const int y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (tm_day_t){era * ERA_DAYS + day_of_era - ERA_BEGIN + day - 1};
}

void tm_day_split(tm_day_t day, int *ret_year, int *ret_month, int *ret_day)
{
    const int64_t z = (int64_t)day.v + ERA_BEGIN;
    const int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    const int of_era = (int)(z - era * ERA_DAYS);
    const int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int march_month = (5 * of_year + 2) / 153;
    const int month = march_month < 10 ? march_month + 3 : march_month - 9;
    *ret_year = (int)(year_of_era + era * 400) + (month <= 2 ? 1 : 0);
    *ret_month = month;
    *ret_day = of_year - (153 * march_month + 2) / 5 + 1;
}

bool tm_day_is_valid(int year, int month, int day)
{
    static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

int tm_day_weekday(tm_day_t day)
{
    const int weekday = (int)(((int64_t)day.v + 3) % 7); /* 1970-01-01 was a Thursday */
    return weekday < 0 ? weekday + 7 : weekday;
}

/* v as `digits` decimal digits. */
static void put_digits(char *at, unsigned digits, unsigned v)
{
    while (digits-- > 0) {
        at[digits] = (char)('0' + v % 10);
        v /= 10;
    }
}

/* Only years 0 to 9999 have ten characters; what lies outside is shown as the nearest that has. */
void tm_day_format(tm_day_t day, char ret_text[TM_DAY_TEXT])
{
    const int32_t first = -719528; /* 0000-01-01 */
    const int32_t last = 2932896;  /* 9999-12-31 */
    const tm_day_t shown = {TM_MAX(first, TM_MIN(last, day.v))};
    int year;
    int month;
    int of_month;
    tm_day_split(shown, &year, &month, &of_month);
    put_digits(ret_text, 4, (unsigned)year);
    ret_text[4] = '-';
    put_digits(ret_text + 5, 2, (unsigned)month);
    ret_text[7] = '-';
    put_digits(ret_text + 8, 2, (unsigned)of_month);
    ret_text[TM_DAY_TEXT - 1] = '\0';
}

/* The number of `n` digits at p, -1 if one is no digit. */
static int read_digits(const char *p, unsigned n)
{
    int v = 0;
    for (unsigned i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

tm_err_t tm_day_parse(tm_str_t text, tm_day_t *ret_day)
{
    assert(ret_day != NULL);
    if (text.n != TM_DAY_TEXT - 1 || text.p[4] != '-' || text.p[7] != '-')
        return TM_EINVALID;
    const int year = read_digits(text.p, 4);
    const int month = read_digits(text.p + 5, 2);
    const int day = read_digits(text.p + 8, 2);
    if (year < 0 || !tm_day_is_valid(year, month, day))
        return TM_EINVALID;
    const tm_day_t made = tm_day_make(year, month, day);
    if (made.v < TM_DAY_MIN || made.v > TM_DAY_MAX)
        return TM_ERANGE;
    *ret_day = made;
    return TM_OK;
}

void tm_ms_format(tm_ms_t ms, char ret_text[TM_MS_TEXT])
{
    const int64_t first = INT64_C(-62167219200000); /* 0000-01-01 */
    const int64_t last = INT64_C(253402300799999);  /* the last instant of 9999 */
    const int64_t shown = TM_MAX(first, TM_MIN(last, ms.v));
    const int64_t day = shown >= 0 ? shown / DAY_MS : -((-shown + DAY_MS - 1) / DAY_MS);
    const unsigned of_day = (unsigned)(shown - day * DAY_MS);

    tm_day_format((tm_day_t){(int32_t)day}, ret_text);
    ret_text[10] = 'T';
    put_digits(ret_text + 11, 2, of_day / 3600000);
    ret_text[13] = ':';
    put_digits(ret_text + 14, 2, of_day / 60000 % 60);
    ret_text[16] = ':';
    put_digits(ret_text + 17, 2, of_day / 1000 % 60);
    ret_text[19] = '.';
    put_digits(ret_text + 20, 3, of_day % 1000);
    ret_text[23] = 'Z';
    ret_text[24] = '\0';
}
