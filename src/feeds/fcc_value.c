/* fcc_value.c - see fcc_value.h.
 *
 * How:     small scanners over bytes; a scan's letter is taken for a digit only where at least half
 *          are real digits.
 * Threads: pure; any. */
#include "feeds/fcc_value.h"
#include "base/time.h"

uint32_t tm_fcc_digits(tm_str_t s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        n += tm_fcc_is_digit(s.p[i]);
    }
    return n;
}

tm_str_t tm_fcc_strip(tm_str_t s, const char *chars)
{
    while (s.n > 0 && s.p[0] != 0 && strchr(chars, s.p[0]) != NULL) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && s.p[s.n - 1] != 0 && strchr(chars, s.p[s.n - 1]) != NULL) {
        s.n--;
    }
    return s;
}

/* What a scan may have printed for a digit; -1: nothing of the kind. */
static int scan_digit(char c)
{
    if (tm_fcc_is_digit(c))
        return c - '0';
    switch (c) {
    case 'O':
    case 'o':
    case 'Q':
        return 0;
    case 'l':
    case 'I':
    case '|':
        return 1;
    case 'S':
        return 5;
    case 'B':
        return 8;
    default:
        return -1;
    }
}

/* Sign, brackets, dollar sign and CR of an amount; leaves digits, commas and point. */
static tm_str_t money_frame(tm_str_t s, tm_fcc_money_t *ret, bool *ret_negative)
{
    bool open = false;
    for (bool more = true; more && s.n > 0;) {
        more = true;
        switch (s.p[0]) {
        case '$':
            ret->dollar = true;
            break;
        case '(':
            open = true;
            break;
        case '-':
            *ret_negative = true;
            break;
        case '[':
        case '|':
        case '\'':
        case '{':
        case ' ':
        case '+':
            break;
        default:
            more = false;
            break;
        }
        if (more) {
            s.p++;
            s.n--;
        }
    }
    if (s.n > 2 && (s.p[s.n - 2] | 32) == 'c' && (s.p[s.n - 1] | 32) == 'r') {
        *ret_negative = true;
        s.n -= 2;
    }
    while (s.n > 0 && s.p[s.n - 1] != 0 && strchr(")]|}*'-;, ", s.p[s.n - 1]) != NULL) {
        if (s.p[s.n - 1] == ')' && open)
            *ret_negative = true;
        if (s.p[s.n - 1] == '-')
            *ret_negative = true;
        s.n--;
    }
    return s;
}

bool tm_fcc_money(tm_str_t token, tm_fcc_money_t *ret)
{
    tm_fcc_money_t m = {0};
    bool negative = false;
    if (token.n == 0 || token.n > 24)
        return false;
    const tm_str_t s = money_frame(token, &m, &negative);
    if (s.n == 0)
        return false;
    int64_t whole = 0, cents = 0;
    int decimals = -1, since_comma = -1, digits = 0, real = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        if (c == ',' && decimals < 0) {
            if (digits == 0 || (since_comma >= 0 && since_comma != 3))
                return false;
            since_comma = 0;
            m.comma = true;
            continue;
        }
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        const int d = scan_digit(c);
        if (d < 0)
            return false;
        real += tm_fcc_is_digit(c);
        m.mended |= !tm_fcc_is_digit(c);
        digits++;
        if (decimals < 0) {
            whole = whole * 10 + d;
            if (since_comma >= 0)
                since_comma++;
        } else {
            if (decimals < 2)
                cents = cents * 10 + d;
            if (++decimals > 4)
                return false;
        }
        if (whole > TM_CENTS_MAX / 100 - 1)
            return false;
    }
    if (digits == 0 || real * 2 < digits || (since_comma >= 0 && since_comma != 3))
        return false;
    if (decimals == 1)
        cents *= 10;
    m.decimals = decimals >= 2;
    m.cents = whole * 100 + cents;
    if (negative)
        m.cents = -m.cents;
    *ret = m;
    return true;
}

bool tm_fcc_count(tm_str_t token, int64_t *ret)
{
    int64_t v = 0;
    if (token.n == 0 || token.n > 13)
        return false;
    for (uint32_t i = 0; i < token.n; i++) {
        if (token.p[i] == ',' && i > 0 && token.n - i >= 4)
            continue;
        if (!tm_fcc_is_digit(token.p[i]))
            return false;
        v = v * 10 + (token.p[i] - '0');
    }
    if (v > 1000000000)
        return false;
    *ret = v;
    return true;
}

bool tm_fcc_is_days(tm_str_t t)
{
    static const char letters[] = "MTWTFSS", second[] = "OURHRAU";
    unsigned marked = 0, dashes = 0;
    if (t.n != 7)
        return false;
    for (unsigned i = 0; i < 7; i++) {
        const char c = t.p[i];
        if (c == '-' || c == '_' || c == '.') {
            dashes++;
        } else if (tm_fcc_is_digit(c) || (c & 0x5f) == letters[i] || (c & 0x5f) == second[i] ||
                   (c & 0x5f) == 'X') {
            marked++;
        } else {
            return false;
        }
    }
    return marked > 0 && (dashes > 0 || !tm_fcc_is_digit(t.p[0]));
}

/* The weekday whose name begins at i: bytes of the longest of its spellings, 0: none. Single T is
 * Tuesday, S no day. */
static uint32_t weekday_at(tm_str_t t, uint32_t i, int *ret_day)
{
    static const struct {
        const char *name;
        int day;
    } names[] = {
        {"monday", 0},   {"tuesday", 1}, {"wednesday", 2}, {"thursday", 3}, {"friday", 4},
        {"saturday", 5}, {"sunday", 6},  {"thurs", 3},     {"tues", 1},     {"thur", 3},
        {"mon", 0},      {"tue", 1},     {"wed", 2},       {"thu", 3},      {"fri", 4},
        {"sat", 5},      {"sun", 6},     {"mo", 0},        {"tu", 1},       {"we", 2},
        {"th", 3},       {"fr", 4},      {"sa", 5},        {"su", 6},       {"m", 0},
        {"t", 1},        {"w", 2},       {"f", 4},
    };
    for (uint32_t k = 0; k < TM_COUNT(names); k++) {
        const uint32_t n = (uint32_t)strlen(names[k].name);
        bool same = i + n <= t.n;
        for (uint32_t j = 0; j < n && same; j++) {
            same = (t.p[i + j] | 32) == names[k].name[j];
        }
        if (same) {
            *ret_day = names[k].day;
            return n;
        }
    }
    return 0;
}

bool tm_fcc_weekdays(tm_str_t t, char ret[7])
{
    static const char letters[] = "MTWTFSS";
    bool on[7] = {false}, range = false;
    int before = -1;
    if (t.n == 0 || t.n > 40 || t.p[0] < 'A' || t.p[0] > 'Z')
        return false;
    for (uint32_t i = 0; i < t.n;) {
        int day = 0;
        const uint32_t n = weekday_at(t, i, &day);
        if (n == 0) {
            if (t.p[i] != '-' && t.p[i] != ',' && t.p[i] != '&' && t.p[i] != '+')
                return false;
            range = t.p[i] == '-';
            if (range && before < 0)
                return false;
            i++;
            continue;
        }
        for (int d = range ? before : day;; d = (d + 1) % 7) {
            on[d] = true;
            if (d == day)
                break;
        }
        range = false;
        before = day;
        i += n;
    }
    if (before < 0 || range)
        return false;
    for (int d = 0; d < 7; d++) {
        ret[d] = on[d] ? letters[d] : '-';
    }
    return true;
}

uint32_t tm_fcc_call_sign(tm_str_t t)
{
    uint32_t n = 0;
    if (t.n < 3 || (t.p[0] != 'K' && t.p[0] != 'W'))
        return 0;
    while (n < t.n && t.p[n] >= 'A' && t.p[n] <= 'Z') {
        n++;
    }
    if (n < 3 || n > 4)
        return 0;
    if (n == t.n)
        return n;
    const char c = t.p[n];
    return c == '-' || c == ',' || c == ')' || c == '/' || c == '+' || c == ':' || c == '.' ? n : 0;
}

/* ---- dates ---- */
static const char *const months[12] = {"january",   "february", "march",    "april",
                                       "may",       "june",     "july",     "august",
                                       "september", "october",  "november", "december"};

static bool is_word_byte(char c)
{
    return tm_fcc_is_digit(c) || tm_fcc_is_alpha(c);
}

/* 1..12 and the bytes of a month's name (three letters at least) at i, 0: none. */
static int month_name(tm_str_t s, uint32_t i, uint32_t *ret_n)
{
    uint32_t n = 0;
    while (i + n < s.n && n < 10 && tm_fcc_is_alpha(s.p[i + n])) {
        n++;
    }
    if (n < 3 || n > 9)
        return 0;
    for (int m = 0; m < 12; m++) {
        const size_t whole = strlen(months[m]);
        if ((n != whole && n != 3 && !(m == 8 && n == 4)) || n > whole)
            continue;
        bool same = true;
        for (uint32_t k = 0; k < n && same; k++) {
            same = (s.p[i + k] | 32) == months[m][k];
        }
        if (same) {
            *ret_n = n;
            return m + 1;
        }
    }
    return 0;
}

/* Up to `most` digits at *i; letters of scans count where allowed. Returns their number. */
static int number_at(tm_str_t s, uint32_t *i, int most, bool scans, int *ret, int *real)
{
    int n = 0, v = 0;
    while (*i < s.n && n < most) {
        const char c = s.p[*i];
        const int d = tm_fcc_is_digit(c)                ? c - '0'
                      : scans && (c == 'o' || c == 'O') ? 0
                      : scans && (c == 'l' || c == 'I') ? 1
                                                        : -1;
        if (d < 0)
            break;
        *real += tm_fcc_is_digit(c);
        v = v * 10 + d;
        (*i)++;
        n++;
    }
    *ret = v;
    return n;
}

static bool date_make(int year, int digits, int month, int day, tm_fcc_date_t *ret)
{
    if (digits == 2)
        year += 2000;
    if (year < 1990 || year > 2099 || !tm_day_is_valid(year, month, day))
        return false;
    ret->day = tm_day_make(year, month, day);
    return true;
}

/* 2/3/20, 02-03-2020, 2.3.2020; without a year 2/3. */
static bool date_numeric(tm_str_t s, uint32_t i, int default_year, tm_fcc_date_t *ret)
{
    int a = 0, b = 0, y = 0, real = 0;
    const uint32_t from = i;
    const int na = number_at(s, &i, 4, true, &a, &real);
    if (na == 0 || na == 3 || i >= s.n || strchr("/-.", s.p[i]) == NULL || s.p[i] == 0)
        return false;
    const char sep = s.p[i++];
    const int nb = number_at(s, &i, 2, true, &b, &real);
    if (nb == 0)
        return false;
    ret->from = from;
    ret->has_year = true;
    if (i + 1 < s.n && s.p[i] == sep &&
        (tm_fcc_is_digit(s.p[i + 1]) || (s.p[i + 1] | 32) == 'o' || s.p[i + 1] == 'l')) {
        i++;
        const int ny = number_at(s, &i, 4, true, &y, &real);
        ret->to = i;
        if (i < s.n && (tm_fcc_is_digit(s.p[i]) || s.p[i] == sep))
            return false;
        if (real < 3)
            return false;
        if (na == 4)
            return ny <= 2 && sep == '-' && date_make(a, 4, b, y, ret);
        if (ny == 3 || ny == 1)
            return false;
        return date_make(y, ny, a, b, ret);
    }
    if (na == 4 || default_year <= 0 || sep != '/' || real < na + nb)
        return false;
    if (i < s.n && is_word_byte(s.p[i]))
        return false;
    ret->to = i;
    ret->has_year = false;
    return date_make(default_year, 4, a, b, ret);
}

/* Feb13/20, February 12, 2020, Feb 3 '20; without a year Feb 3. */
static bool date_named(tm_str_t s, uint32_t i, int default_year, tm_fcc_date_t *ret)
{
    uint32_t n = 0;
    int d = 0, y = 0, real = 0;
    ret->from = i;
    const int month = month_name(s, i, &n);
    if (month == 0)
        return false;
    i += n;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '.')) {
        i++;
    }
    if (number_at(s, &i, 2, false, &d, &real) == 0)
        return false;
    if (i < s.n && tm_fcc_is_digit(s.p[i]))
        return false;
    if (i + 1 < s.n && tm_fcc_is_alpha(s.p[i])) {
        const char a = (char)(s.p[i] | 32), b = (char)(s.p[i + 1] | 32);
        if (!((a == 's' && b == 't') || (a == 'n' && b == 'd') || (a == 'r' && b == 'd') ||
              (a == 't' && b == 'h')))
            return false;
        i += 2;
    }
    ret->to = i;
    const uint32_t before = i;
    while (i < s.n && i < before + 3 && strchr(", /'", s.p[i]) != NULL && s.p[i] != 0) {
        i++;
    }
    const bool slash = i > before && s.p[i - 1] != ' ' && s.p[i - 1] != ',';
    const int ny = number_at(s, &i, 4, false, &y, &real);
    const bool ends = i >= s.n || !is_word_byte(s.p[i]);
    ret->has_year = i > before && ends && (ny == 4 || (ny == 2 && slash));
    if (ret->has_year) {
        ret->to = i;
        return date_make(y, ny, month, d, ret);
    }
    return default_year > 0 && date_make(default_year, 4, month, d, ret);
}

/* 3-Feb-20, 3 Feb 2020. */
static bool date_day_first(tm_str_t s, uint32_t i, tm_fcc_date_t *ret)
{
    uint32_t n = 0;
    int d = 0, y = 0, real = 0;
    ret->from = i;
    if (number_at(s, &i, 2, false, &d, &real) == 0 || i >= s.n || (s.p[i] != '-' && s.p[i] != ' '))
        return false;
    i++;
    const int month = month_name(s, i, &n);
    if (month == 0)
        return false;
    i += n;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == ',' || s.p[i] == ' '))
        i++;
    if (i < s.n && s.p[i] == ' ')
        i++;
    const int ny = number_at(s, &i, 4, false, &y, &real);
    ret->to = i;
    ret->has_year = true;
    return (ny == 2 || ny == 4) && (i >= s.n || !is_word_byte(s.p[i])) &&
           date_make(y, ny, month, d, ret);
}

bool tm_fcc_date(tm_str_t s, uint32_t at, int default_year, tm_fcc_date_t *ret)
{
    for (uint32_t i = at; i < s.n; i++) {
        tm_fcc_date_t date = {0};
        if (i > 0 && (tm_fcc_is_digit(s.p[i - 1]) || s.p[i - 1] == '$'))
            continue;
        if (i > 0 && tm_fcc_is_alpha(s.p[i - 1]) && tm_fcc_is_alpha(s.p[i]))
            continue;
        const bool found =
            tm_fcc_is_alpha(s.p[i])
                ? date_named(s, i, default_year, &date) || date_numeric(s, i, 0, &date)
                : tm_fcc_is_digit(s.p[i]) &&
                      (date_numeric(s, i, default_year, &date) || date_day_first(s, i, &date));
        if (found) {
            *ret = date;
            return true;
        }
    }
    return false;
}

/* The day in another year, as near as the calendar allows. */
static void date_set_year(tm_fcc_date_t *date, int year)
{
    int y, m, d;
    tm_day_split(date->day, &y, &m, &d);
    if (tm_day_is_valid(year, m, d))
        date->day = tm_day_make(year, m, d);
}

bool tm_fcc_range(tm_str_t s, int default_year, tm_fcc_date_t ret[2], bool *ret_two)
{
    tm_fcc_date_t a, b;
    int y, m, d;
    if (!tm_fcc_date(s, 0, default_year > 0 ? default_year : 2000, &a))
        return false;
    if (!tm_fcc_date(s, a.to, default_year > 0 ? default_year : 2000, &b)) {
        if (!a.has_year && default_year <= 0)
            return false;
        ret[0] = ret[1] = a;
        *ret_two = false;
        return true;
    }
    if (!a.has_year && !b.has_year && default_year <= 0)
        return false;
    if (!a.has_year && b.has_year) {
        tm_day_split(b.day, &y, &m, &d);
        date_set_year(&a, y);
        if (a.day.v > b.day.v)
            date_set_year(&a, y - 1);
    } else if (a.has_year && !b.has_year) {
        tm_day_split(a.day, &y, &m, &d);
        date_set_year(&b, y);
        if (a.day.v > b.day.v)
            date_set_year(&b, y + 1);
    } else if (!a.has_year && a.day.v > b.day.v) {
        tm_day_split(b.day, &y, &m, &d);
        date_set_year(&b, y + 1);
    }
    ret[0] = a;
    ret[1] = b;
    *ret_two = true;
    return true;
}

int32_t tm_fcc_clock(tm_str_t t, tm_str_t next)
{
    int part[3] = {0, 0, 0}, n = 0, digits = 0;
    uint32_t i = 0;
    while (i < t.n && n < 3) {
        if (tm_fcc_is_digit(t.p[i])) {
            part[n] = part[n] * 10 + (t.p[i] - '0');
            if (++digits > 2)
                return -1;
        } else if (t.p[i] == ':' && digits > 0 && n < 2) {
            n++;
            digits = 0;
        } else {
            break;
        }
        i++;
    }
    if (n == 0 || digits != 2)
        return -1;
    tm_str_t tail = {t.p + i, t.n - i};
    if (tail.n == 0)
        tail = next;
    const char c = tail.n > 0 ? (char)(tail.p[0] | 32) : ' ';
    const bool half = tail.n == 1 || (tail.n >= 2 && (tail.p[1] | 32) == 'm');
    if (half && c == 'p' && part[0] < 12)
        part[0] += 12;
    if (half && c == 'a' && part[0] == 12)
        part[0] = 0;
    if (part[0] > 23 || part[1] > 59 || part[2] > 59)
        return -1;
    return part[0] * 3600 + part[1] * 60 + part[2];
}
