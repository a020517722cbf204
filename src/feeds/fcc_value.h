/* fcc_value.h - printed money, dates, counts and weekdays as values.
 *
 * Why:     every reader of a station paper meets the same few spellings; scans of paper add letters
 *          for digits.
 * Threads: pure; any. */
#ifndef TM_FEEDS_FCC_VALUE_H
#define TM_FEEDS_FCC_VALUE_H
#include "base/base.h"

typedef struct tm_fcc_money {
    int64_t cents; /* |cents| <= TM_CENTS_MAX; negative in brackets, with a minus or with CR */
    bool dollar;   /* a dollar sign is printed */
    bool decimals; /* two decimals are printed */
    bool comma;    /* thousands are grouped */
    bool mended;   /* letters were taken for digits (scans) */
} tm_fcc_money_t;

/* One token as an amount: `$1,880.00` `14,625.00` `($37.50)` `-$246.00` `$280` `250`. Junk of scans
 * at its ends is forgiven. false: no amount. */
bool tm_fcc_money(tm_str_t token, tm_fcc_money_t *ret);

typedef struct tm_fcc_date {
    tm_day_t day;      /* 1990..2099 */
    uint32_t from, to; /* bytes [from, to) of the text it was found in */
    bool has_year;     /* else month and day only, day holds the year given as default */
} tm_fcc_date_t;

/* The next date at or after `at`: 2/3/20, 02-03-2020, 2020-02-03, Feb3/20, February 3, 2020,
 * 3-Feb-20. With default_year > 0 also 2/3 and Feb 3. false: none. O(length). */
bool tm_fcc_date(tm_str_t text, uint32_t at, int default_year, tm_fcc_date_t *ret);

/* The first two dates of a text as a range; a missing year is borrowed from the other side, a
 * missing second date is the first (ret_two false). false: no date. */
bool tm_fcc_range(tm_str_t text, int default_year, tm_fcc_date_t ret[2], bool *ret_two);

/* `14:21:20`, `2:21 PM`, `0421PM`: seconds since midnight, -1: no time. */
int32_t tm_fcc_clock(tm_str_t token, tm_str_t next);

/* A token of digits with grouping commas. false: none or above a billion. */
bool tm_fcc_count(tm_str_t token, int64_t *ret);

/* Is the token a weekday pattern: MTWTF--, -3-----, M-WTF-- (seven places)? */
bool tm_fcc_is_days(tm_str_t token);

/* Weekdays in words or letters (M-F, Sa-Su, Tu,Th, Mon-Fri, MTuWThF) as seven places MTWTFSS with
 * '-' for the others.
 * false: anything else is in the token. */
bool tm_fcc_weekdays(tm_str_t token, char ret[7]);

/* Does a call sign begin the token: K or W, 2 or 3 capitals, then its end or a suffix (-TV, -DT2,
 * ...)? Returns the number of letters, 0: none. */
uint32_t tm_fcc_call_sign(tm_str_t token);

static inline bool tm_fcc_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool tm_fcc_is_alpha(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}
/* Number of ASCII digits. */
uint32_t tm_fcc_digits(tm_str_t s);
/* Strips the given ASCII characters from both ends. */
tm_str_t tm_fcc_strip(tm_str_t s, const char *chars);
#endif
