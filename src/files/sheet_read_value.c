/* sheet_read_value.c - see sheet_read_value.h.
 *
 * How:     decimal digits by hand: dollars never pass through a binary fraction. Half cents go away
 *          from zero.
 * Threads: pure; any. */
#include "files/sheet_read_value.h"

#include "base/time.h"

#define SERIAL_1970 25569 /* serial number of 1970-01-01 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static tm_str_t rest_of(tm_str_t s, uint32_t from)
{
    return tm_str_trim(tm_str_n(s.p + from, s.n - from));
}

bool tm_cell_is_unknown(tm_str_t s)
{
    static const char *const words[] = {"-",   "--", "\xe2\x80\x93", "\xe2\x80\x94", "n/a", "na",
                                        "tbd", "?",  "unknown",      "none"};
    const tm_str_t t = tm_str_trim(s);
    for (size_t i = 0; i < TM_COUNT(words); i++) {
        if (tm_str_case_eq(t, tm_str(words[i])))
            return true;
    }
    return t.n == 0;
}

/* ---- days ---- */

/* The number s begins with, at most 9 digits; *n: how many. */
static int32_t leading(tm_str_t s, uint32_t *n)
{
    int32_t v = 0;
    for (*n = 0; *n < s.n && *n < 9 && is_digit(s.p[*n]); ++*n) {
        v = v * 10 + (s.p[*n] - '0');
    }
    return v;
}

static int full_year(int32_t year, uint32_t digits)
{
    if (digits > 2)
        return year;
    return year < 90 ? 2000 + year : 1900 + year;
}

static int month_named(tm_str_t s, uint32_t *ret_n)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    uint32_t n = 0;
    while (n < s.n && is_letter(s.p[n])) {
        n++;
    }
    *ret_n = n;
    for (int i = 0; i < 12 && n >= 3; i++) {
        const tm_str_t month = tm_str(months[i]);
        const bool sept = i == 8 && n == 4;
        if ((n == 3 || n == month.n || sept) &&
            tm_str_case_eq(tm_str_n(s.p, n), tm_str_n(month.p, n)))
            return i + 1;
    }
    return 0;
}

static bool is_weekday(tm_str_t s, uint32_t *ret_n)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    uint32_t n = 0;
    while (n < s.n && is_letter(s.p[n])) {
        n++;
    }
    *ret_n = n;
    for (size_t i = 0; i < TM_COUNT(days) && n >= 3; i++) {
        const tm_str_t day = tm_str(days[i]);
        if (n <= day.n && tm_str_case_eq(tm_str_n(s.p, n), tm_str_n(day.p, n)))
            return true;
    }
    return false;
}

static const char *made(int year, int month, int day, tm_day_t *ret)
{
    if (!tm_day_is_valid(year, month, day))
        return "there is no such day";
    const tm_day_t made = tm_day_make(year, month, day);
    if (made.v < TM_DAY_MIN || made.v > TM_DAY_MAX)
        return "must lie between 1990-01-01 and 2099-12-31";
    *ret = made;
    return NULL;
}

/* Nothing, or a time of day. */
static bool is_time(tm_str_t s)
{
    if (s.n == 0)
        return true;
    if (s.p[0] != 'T' && s.p[0] != ' ')
        return false;
    for (uint32_t i = 1; i < s.n; i++) {
        if (!is_digit(s.p[i]) && memchr(":.+-ZzAaPpMm ", s.p[i], 13) == NULL)
            return false;
    }
    return true;
}

#define NO_DAY "must be a day like 2026-10-12, 10/12/2026 or Oct 12, 2026"

/* Separators of the parts: - or /. year 0: the text has none. */
static const char *numeric_day(tm_str_t s, int year, tm_day_t *ret)
{
    int32_t v[3] = {0};
    uint32_t digits[3] = {0};
    uint32_t at = 0, n = 0;
    char separator = '\0';
    while (n < 3) {
        uint32_t used = 0;
        v[n] = leading(tm_str_n(s.p + at, s.n - at), &used);
        digits[n] = used;
        if (used == 0 || used > 4)
            return NO_DAY;
        n++;
        at += used;
        if (n == 3 || at == s.n || (s.p[at] != '/' && s.p[at] != '-' && s.p[at] != '.'))
            break;
        if (separator != '\0' && separator != s.p[at])
            return NO_DAY;
        separator = s.p[at++];
    }
    if (!is_time(tm_str_n(s.p + at, s.n - at)))
        return NO_DAY;
    if (n == 3 && digits[0] == 4)
        return separator == '.' ? NO_DAY : made(v[0], v[1], v[2], ret);
    if (n == 3 && digits[0] <= 2 && digits[1] <= 2 && digits[2] != 3 && digits[2] != 1)
        return made(full_year(v[2], digits[2]), v[0], v[1], ret);
    if (n == 2 && separator == '/' && year != 0)
        return made(year, v[0], v[1], ret);
    return n == 2 ? "has no year" : NO_DAY;
}

/* 46305 or 46305.5: days since the end of 1899, as spreadsheets count. */
static bool serial_day(tm_str_t s, tm_day_t *ret)
{
    uint32_t n = 0;
    const int32_t v = leading(s, &n);
    if (n != 5 || (s.n > n && s.p[n] != '.'))
        return false;
    for (uint32_t i = n + 1; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
    }
    const int32_t day = v - SERIAL_1970;
    if (day < TM_DAY_MIN || day > TM_DAY_MAX)
        return false;
    ret->v = day;
    return true;
}

/* The day, comma and year behind a month: " 12, 2026". */
static const char *named_day(tm_str_t s, int month, int32_t day, tm_day_t *ret)
{
    uint32_t n = 0;
    if (day == 0) {
        day = leading(s, &n);
        if (n == 0 || n > 2)
            return NO_DAY;
        s = tm_str_n(s.p + n, s.n - n);
        if (s.n >= 2 && is_letter(s.p[0]) && is_letter(s.p[1])) { /* 12th */
            s = tm_str_n(s.p + 2, s.n - 2);
        }
    }
    while (s.n > 0 && (s.p[0] == ',' || s.p[0] == ' ' || s.p[0] == '.' || s.p[0] == '-')) {
        s = tm_str_n(s.p + 1, s.n - 1);
    }
    const int32_t year = leading(s, &n);
    if (n == 0)
        return "has no year";
    if ((n != 2 && n != 4) || !is_time(tm_str_n(s.p + n, s.n - n)))
        return NO_DAY;
    return made(full_year(year, n), month, day, ret);
}

static tm_str_t skip_marks(tm_str_t s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == ',' || s.p[0] == '.' || s.p[0] == '-')) {
        s = tm_str_n(s.p + 1, s.n - 1);
    }
    return s;
}

/* year: of a day without one; 0: it must have its own. */
static const char *day_of(tm_str_t text, int year, tm_day_t *ret)
{
    tm_str_t s = tm_str_trim(text);
    uint32_t n = 0;
    if (is_weekday(s, &n)) {
        s = skip_marks(tm_str_n(s.p + n, s.n - n));
    }
    if (s.n == 0)
        return NO_DAY;
    const int month = month_named(s, &n);
    if (month != 0)
        return named_day(skip_marks(tm_str_n(s.p + n, s.n - n)), month, 0, ret);
    if (serial_day(s, ret))
        return NULL;
    const int32_t day = leading(s, &n);
    const tm_str_t behind = skip_marks(tm_str_n(s.p + n, s.n - n));
    uint32_t letters = 0;
    const int later = n >= 1 && n <= 2 ? month_named(behind, &letters) : 0;
    if (later != 0 && day > 0) /* 12 Oct 2026 */
        return named_day(skip_marks(tm_str_n(behind.p + letters, behind.n - letters)), later, day,
                         ret);
    return numeric_day(s, year, ret);
}

const char *tm_cell_day(tm_str_t s, tm_day_t *ret)
{
    return day_of(s, 0, ret);
}

/* The place of a word or dash between two days; 0: there is none. */
static uint32_t between(tm_str_t s, uint32_t *ret_n)
{
    static const char *const words[] = {" to ",           " thru ",       " through ",   " - ",
                                        " \xe2\x80\x93 ", "\xe2\x80\x93", "\xe2\x80\x94"};
    for (size_t w = 0; w < TM_COUNT(words); w++) {
        const tm_str_t word = tm_str(words[w]);
        for (uint32_t i = 1; i + word.n < s.n; i++) {
            if (tm_str_case_eq(tm_str_n(s.p + i, word.n), word)) {
                *ret_n = word.n;
                return i;
            }
        }
    }
    uint32_t dashes = 0, at = 0;
    for (uint32_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] == '-') {
            dashes++;
            at = i;
        }
    }
    *ret_n = 1;
    return dashes == 1 && memchr(s.p, '/', s.n) != NULL ? at : 0;
}

const char *tm_cell_days(tm_str_t text, tm_day_t *ret_from, tm_day_t *ret_to)
{
    const tm_str_t s = tm_str_trim(text);
    uint32_t n = 0;
    const uint32_t at = between(s, &n);
    tm_day_t from, to;
    const char *fault;
    if (at == 0) {
        fault = tm_cell_day(s, &from);
        to = from;
    } else {
        fault = tm_cell_day(rest_of(s, at + n), &to);
        int year = 0, month, day;
        if (fault == NULL) {
            tm_day_split(to, &year, &month, &day);
            fault = day_of(tm_str_trim(tm_str_n(s.p, at)), year, &from);
        }
        if (fault == NULL && from.v > to.v)
            return "the last day lies before the first";
    }
    if (fault == NULL) {
        *ret_from = from;
        *ret_to = to;
    }
    return fault;
}

/* ---- numbers ---- */

#define NO_NUMBER "must be a number"

/* Digits with commas between groups of three and a fraction, nothing else: scaled by `unit`,
 * rounded half away. */
static const char *decimal(tm_str_t s, int64_t unit, int64_t *ret)
{
    __extension__ __int128 whole = 0, part = 0, scale = 1;
    uint32_t i = 0, group = 0, digits = 0;
    bool comma = false;
    for (; i < s.n && (is_digit(s.p[i]) || s.p[i] == ','); i++) {
        if (s.p[i] == ',') {
            if (group == 0 || group > 3 || (comma && group != 3))
                return NO_NUMBER " like 1,234.50";
            comma = true;
            group = 0;
            continue;
        }
        group++;
        digits++;
        whole = whole * 10 + (s.p[i] - '0');
        if (whole > TM_CENTS_MAX)
            return "is too large";
    }
    if (comma && group != 3)
        return NO_NUMBER " like 1,234.50";
    if (i < s.n && s.p[i] == '.') {
        for (i++; i < s.n && is_digit(s.p[i]); i++) {
            digits++;
            if (scale < 1000000000000) {
                part = part * 10 + (s.p[i] - '0');
                scale *= 10;
            }
        }
    }
    if (digits == 0 || i != s.n)
        return NO_NUMBER " like 1,234.50";
    __extension__ const __int128 v = whole * unit + (part * unit * 2 + scale) / (scale * 2);
    if (v > TM_CENTS_MAX)
        return "is too large";
    *ret = (int64_t)v;
    return NULL;
}

static bool drop_first(tm_str_t *s, const char *mark)
{
    const uint32_t n = (uint32_t)strlen(mark);
    if (s->n < n || !tm_str_case_eq(tm_str_n(s->p, n), tm_str(mark)))
        return false;
    *s = rest_of(*s, n);
    return true;
}

static bool drop_last(tm_str_t *s, const char *mark)
{
    const uint32_t n = (uint32_t)strlen(mark);
    if (s->n < n || !tm_str_case_eq(tm_str_n(s->p + s->n - n, n), tm_str(mark)))
        return false;
    *s = tm_str_trim(tm_str_n(s->p, s->n - n));
    return true;
}

/* One amount: signs, brackets, currency, k and m. */
static const char *amount(tm_str_t s, int64_t unit, tm_cents_t *ret)
{
    bool negative = false;
    if (s.n >= 2 && s.p[0] == '(' && s.p[s.n - 1] == ')') {
        negative = true;
        s = tm_str_trim(tm_str_n(s.p + 1, s.n - 2));
    }
    if (!negative) {
        negative = drop_first(&s, "-") || drop_first(&s, "\xe2\x88\x92");
    }
    (void)(drop_first(&s, "usd") || drop_first(&s, "us$") || drop_first(&s, "$"));
    if (!negative && s.n >= 2 && s.p[0] == '(' && s.p[s.n - 1] == ')') {
        negative = true;
        s = tm_str_trim(tm_str_n(s.p + 1, s.n - 2));
    }
    if (!negative) {
        negative = drop_first(&s, "-") || drop_last(&s, "-");
    }
    (void)drop_last(&s, "usd");
    const int64_t plain = unit >= 100 ? 100 : unit;
    if (drop_last(&s, "mm") || drop_last(&s, "m")) {
        unit = plain * 1000000;
    } else if (drop_last(&s, "k")) {
        unit = plain * 1000;
    }
    int64_t v = 0;
    const char *fault = decimal(s, unit, &v);
    if (fault == NULL) {
        ret->v = negative ? -v : v;
    } else if (strncmp(fault, NO_NUMBER, strlen(NO_NUMBER)) == 0) {
        fault = "must be an amount like 1,234.50";
    }
    return fault;
}

/* The dash or word between two amounts, 0: none. */
static uint32_t range_at(tm_str_t s, uint32_t *ret_n)
{
    static const char *const words[] = {" to ", "\xe2\x80\x93", "\xe2\x80\x94", "-"};
    for (size_t w = 0; w < TM_COUNT(words); w++) {
        const tm_str_t word = tm_str(words[w]);
        for (uint32_t i = 1; i + word.n < s.n; i++) {
            const bool behind_number =
                is_digit(s.p[i - 1]) || s.p[i - 1] == ' ' || s.p[i - 1] == 'k' || s.p[i - 1] == 'K';
            if (behind_number && tm_str_case_eq(tm_str_n(s.p + i, word.n), word)) {
                *ret_n = word.n;
                return i;
            }
        }
    }
    return 0;
}

const char *tm_cell_money(tm_str_t text, int64_t unit, tm_money_t *ret)
{
    tm_money_t m = {0};
    tm_str_t s = tm_str_trim(text);
    const char *fault = NULL;
    uint32_t n = 0;
    if (tm_cell_is_unknown(s)) {
        *ret = m;
        return NULL;
    }
    if (drop_first(&s, "\xe2\x89\xa4") || drop_first(&s, "<=") || drop_first(&s, "<") ||
        drop_first(&s, "up to ")) {
        m.has_high = true;
        fault = amount(s, unit, &m.high);
    } else if (drop_first(&s, "\xe2\x89\xa5") || drop_first(&s, ">=") || drop_first(&s, ">") ||
               drop_last(&s, "+")) {
        m.has_low = true;
        fault = amount(s, unit, &m.low);
    } else if (range_at(s, &n) != 0) {
        const uint32_t at = range_at(s, &n);
        m.has_low = m.has_high = true;
        fault = amount(tm_str_trim(tm_str_n(s.p, at)), unit, &m.low);
        fault = fault != NULL ? fault : amount(rest_of(s, at + n), unit, &m.high);
        if (fault == NULL && m.low.v > m.high.v)
            return "the upper bound is less than the lower one";
    } else {
        m.has_low = m.has_high = m.exact = true;
        fault = amount(s, unit, &m.low);
        m.high = m.low;
    }
    if (fault == NULL) {
        *ret = m;
    }
    return fault;
}

static const char *number(tm_str_t s, int64_t unit, int64_t min, int64_t max, int32_t *ret)
{
    tm_str_t t = tm_str_trim(s);
    const bool negative = drop_first(&t, "-");
    int64_t v = 0;
    const char *fault = decimal(t, unit, &v);
    if (fault != NULL)
        return fault;
    v = negative ? -v : v;
    if (v < min || v > max)
        return "lies outside of what is possible";
    *ret = (int32_t)v;
    return NULL;
}

const char *tm_cell_tenths(tm_str_t s, int32_t max, int32_t *ret)
{
    return number(s, 10, 0, max, ret);
}

const char *tm_cell_count(tm_str_t s, int32_t min, int32_t max, int32_t *ret)
{
    int32_t tenths = 0;
    const char *fault = number(s, 10, (int64_t)min * 10, (int64_t)max * 10, &tenths);
    if (fault == NULL && tenths % 10 != 0)
        return "must be a whole number";
    if (fault == NULL) {
        *ret = tenths / 10;
    }
    return fault;
}

const char *tm_cell_length(tm_str_t text, int32_t *ret_seconds)
{
    tm_str_t s = tm_str_trim(text);
    (void)(drop_last(&s, "seconds") || drop_last(&s, "secs") || drop_last(&s, "sec") ||
           drop_last(&s, "s"));
    uint32_t n = 0;
    const int32_t first = leading(s, &n);
    int32_t seconds = first;
    if (n < s.n && s.p[n] == ':') {
        uint32_t more = 0;
        const int32_t second = leading(tm_str_n(s.p + n + 1, s.n - n - 1), &more);
        seconds = first * 60 + second;
        if (more == 0 || more > 3 || n > 3)
            return "must be a length like :30";
        n += 1 + more;
    }
    if (n == 0 || n != s.n || seconds > 86400)
        return "must be a length like :30";
    *ret_seconds = seconds;
    return NULL;
}

const char *tm_cell_percent(tm_str_t text, int32_t *ret_bp)
{
    tm_str_t s = tm_str_trim(text);
    const bool marked = drop_last(&s, "%");
    int32_t bp = 0;
    const char *fault = number(s, 100, 0, 10000, &bp); /* 15 -> 1500 */
    if (fault == NULL && !marked && bp < 100) {        /* 0.15, as a spreadsheet keeps 15 % */
        fault = number(s, 10000, 0, 10000, &bp);
    }
    if (fault == NULL && bp > 9999)
        return "must be less than 100 %";
    if (fault == NULL) {
        *ret_bp = bp;
    }
    return fault;
}
