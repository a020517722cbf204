/* weekdays.c - printed weekday patterns.
 *
 * How:     first a grid of seven places, then names and ranges of names.
 * Threads: pure. */
#include "domain/weekdays.h"

static const char INITIALS[] = "MTWTFSS";

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_blank_mark(char c)
{
    return c == '-' || c == '.' || c == '_' || c == '*';
}

static bool any_marked(const tm_weekdays_t *w)
{
    for (int d = 0; d < 7; d++) {
        if (w->weight[d] > 0)
            return true;
    }
    return false;
}

/* Seven letters or blanks whose first place is weekday `first`: every letter is its day's initial.
 */
static bool letters_fit(const char places[7], int first)
{
    for (int i = 0; i < 7; i++) {
        const char c = places[i];
        const int day = (i + first) % 7;
        const bool other =
            (c == 'R' && day == 3) || (c == 'U' && day == 6); /* for Thursday and Sunday */
        if (!is_blank_mark(c) && c != INITIALS[day] && !other)
            return false;
    }
    return true;
}

static bool read_letters(const char places[7], tm_weekdays_t *ret)
{
    for (int first = 0; first < 7; first++) { /* Monday first wins where several fit */
        if (!letters_fit(places, first))
            continue;
        for (int i = 0; i < 7; i++) {
            ret->weight[(i + first) % 7] = is_blank_mark(places[i]) ? 0 : 1;
        }
        return any_marked(ret);
    }
    return false;
}

/* Marks and counts: digits, X, Y and blanks, Monday first. */
static bool read_marks(const char places[7], tm_weekdays_t *ret)
{
    for (int i = 0; i < 7; i++) {
        const char c = places[i];
        if (is_digit(c)) {
            ret->weight[i] = c - '0';
            ret->counted = true;
        } else if (c == 'X' || c == 'Y') {
            ret->weight[i] = 1;
        } else if (is_blank_mark(c) || c == 'N' || c == 'O') {
            ret->weight[i] = 0;
        } else {
            return false;
        }
    }
    return any_marked(ret);
}

/* "10 - 2 - - - -": seven words apart, each a number, a mark or a blank. */
static bool read_columns(tm_str_t s, tm_weekdays_t *ret)
{
    char letters[7] = {0};
    bool all_letters = true;
    uint32_t i = 0;
    int n = 0;
    while (i < s.n) {
        if (s.p[i] == ' ') {
            i++;
            continue;
        }
        if (n == 7)
            return false;
        int32_t number = 0;
        uint32_t digits = 0;
        const char c = upper(s.p[i]);
        for (; i < s.n && is_digit(s.p[i]) && digits < 4; i++, digits++) {
            number = number * 10 + (s.p[i] - '0');
        }
        if (digits == 0) {
            i++;
        } else {
            ret->counted = true;
            all_letters = false;
        }
        if (i < s.n && s.p[i] != ' ')
            return false;
        const bool marked = c == 'X' || c == 'Y';
        all_letters = all_letters && !marked;
        letters[n] = c;
        ret->weight[n++] = digits > 0 ? number : marked ? 1 : 0;
        if (digits == 0 && !marked && !is_blank_mark(c) && !(c >= 'A' && c <= 'Z'))
            return false;
    }
    if (n != 7)
        return false;
    if (all_letters)
        return read_letters(letters, ret);
    for (int d = 0; d < 7; d++) {
        const char c = letters[d];
        if (!is_digit(c) && !is_blank_mark(c) && strchr("XYNO", c) == NULL)
            return false;
    }
    return any_marked(ret);
}

typedef struct name {
    const char *text;
    int day;
} name_t;
/* Longest first; the single T and S are Tuesday and Saturday unless that day has passed. */
static const name_t NAMES[] = {
    {"WEDNESDAY", 2}, {"THURSDAY", 3}, {"SATURDAY", 5}, {"TUESDAY", 1}, {"MONDAY", 0},
    {"FRIDAY", 4},    {"SUNDAY", 6},   {"THURS", 3},    {"TUES", 1},    {"THUR", 3},
    {"MON", 0},       {"TUE", 1},      {"WED", 2},      {"THU", 3},     {"FRI", 4},
    {"SAT", 5},       {"SUN", 6},      {"MO", 0},       {"TU", 1},      {"WE", 2},
    {"TH", 3},        {"FR", 4},       {"SA", 5},       {"SU", 6},      {"M", 0},
    {"T", 1},         {"W", 2},        {"R", 3},        {"F", 4},       {"S", 5},
    {"U", 6},
};

/* The day named at s.p[*at]; -1 if none. `last`: the day before it in the text, -1 none. */
static int next_name(tm_str_t s, uint32_t *at, int last)
{
    for (size_t i = 0; i < TM_COUNT(NAMES); i++) {
        const uint32_t n = (uint32_t)strlen(NAMES[i].text);
        if (s.n - *at < n || !tm_str_case_eq((tm_str_t){s.p + *at, n}, tm_str(NAMES[i].text)))
            continue;
        *at += n;
        int day = NAMES[i].day;
        if (n == 1 && day == 1 && last >= 1) {
            day = 3;
        } else if (n == 1 && day == 5 && last >= 5) {
            day = 6;
        }
        return day;
    }
    return -1;
}

static bool read_names(tm_str_t s, tm_weekdays_t *ret)
{
    int last = -1;
    bool range = false;
    for (uint32_t i = 0; i < s.n;) {
        const char c = s.p[i];
        if (c == '-') {
            if (last < 0 || range)
                return false;
            range = true;
            i++;
            continue;
        }
        if (strchr(" ,/&;+.", c) != NULL) {
            i++;
            continue;
        }
        const uint32_t began = i;
        const int day = next_name(s, &i, last);
        if (day < 0)
            return false;
        const bool lone_s = i - began == 1 && upper(s.p[began]) == 'S';
        if (range && lone_s)
            return false; /* "M-S": to Saturday or to Sunday? */
        for (int d = range ? last : day;; d = (d + 1) % 7) {
            ret->weight[d] = 1;
            if (d == day)
                break;
        }
        range = false;
        last = day;
    }
    return !range && any_marked(ret);
}

bool tm_weekdays_read(tm_str_t text, tm_weekdays_t *ret)
{
    const tm_str_t s = tm_str_trim(text);
    if (s.n == 0 || s.n > 64)
        return false;
    tm_weekdays_t w = {0};
    if (s.n == 7) {
        char places[7];
        for (int i = 0; i < 7; i++) {
            places[i] = upper(s.p[i]);
        }
        const tm_weekdays_t none = w;
        bool ok = read_letters(places, &w);
        if (!ok) {
            w = none;
            ok = read_marks(places, &w);
        }
        if (ok) {
            *ret = w;
            return true;
        }
        w = none;
    }
    if (memchr(s.p, ' ', s.n) != NULL) {
        if (read_columns(s, &w)) {
            *ret = w;
            return true;
        }
        w = (tm_weekdays_t){0};
    }
    if (!read_names(s, &w))
        return false;
    *ret = w;
    return true;
}
