/* order.c - numbers of orders and names of stations, brought to a form in which equal ones are
 * equal.
 *
 * How:     views into the given text; nothing is allocated to compare.
 * Threads: pure. */
#include "domain/order.h"

#define ALTERNATE_DIGITS_MIN \
    5 /* shorter alternates are line numbers and dates as often as orders */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Without white space at the ends and leading zeros. */
static tm_str_t bare(tm_str_t s)
{
    s = tm_str_trim(s);
    while (s.n > 0 && s.p[0] == '0') {
        s.p++;
        s.n--;
    }
    return s;
}

static tm_str_t to_upper(tm_str_t s, tm_arena_t *arena)
{
    char *p = tm_arena_alloc(arena, (size_t)s.n + 1);
    if (p == NULL)
        return (tm_str_t){NULL, 0};
    for (uint32_t i = 0; i < s.n; i++) {
        p[i] = upper(s.p[i]);
    }
    p[s.n] = '\0';
    return (tm_str_t){p, s.n};
}

/* Where a trailing "/2", "-2", "_2" or "Rev 2" begins; s.n if there is none. *ret_digits: where its
 * digits begin. */
static uint32_t suffix_at(tm_str_t s, uint32_t *ret_digits)
{
    uint32_t i = s.n;
    while (i > 0 && is_digit(s.p[i - 1])) {
        i--;
    }
    if (i == s.n || s.n - i > 4)
        return s.n;
    *ret_digits = i;
    uint32_t k = i;
    while (k > 0 && (s.p[k - 1] == ' ' || s.p[k - 1] == '.' || s.p[k - 1] == '#')) {
        k--;
    }
    static const char *const words[] = {"REVISION", "REV"};
    for (size_t w = 0; w < TM_COUNT(words); w++) {
        const uint32_t n = (uint32_t)strlen(words[w]);
        if (k > n && tm_str_case_eq((tm_str_t){s.p + k - n, n}, tm_str(words[w]))) {
            k -= n;
            while (k > 0 && strchr(" /-_.", s.p[k - 1]) != NULL) {
                k--;
            }
            return k > 0 ? k : s.n;
        }
    }
    if (k == i && k > 1 && strchr("/-_", s.p[k - 1]) != NULL)
        return k - 1;
    return s.n;
}

tm_str_t tm_order_norm(tm_str_t number, tm_arena_t *arena, tm_str_t *ret_suffix)
{
    tm_str_t s = bare(number);
    if (ret_suffix != NULL) {
        *ret_suffix = (tm_str_t){NULL, 0};
        uint32_t digits = 0;
        const uint32_t cut = suffix_at(s, &digits);
        if (cut < s.n) {
            *ret_suffix = tm_arena_str(arena, (tm_str_t){s.p + digits, s.n - digits});
            s = tm_str_trim((tm_str_t){s.p, cut});
        }
    }
    return to_upper(s, arena);
}

/* The call sign in a station's name as a folded text in buf: "waaa-tv" and "WAAA DT" are WAAA.
 * Returns its length. */
static uint32_t station_key(tm_str_t station, char *buf, uint32_t buf_bytes)
{
    uint32_t n = 0;
    bool space = false;
    station = tm_str_trim(station);
    for (uint32_t i = 0; i < station.n && n + 2 < buf_bytes; i++) {
        const char c = station.p[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            space = n > 0;
            continue;
        }
        if (space) {
            buf[n++] = ' ';
            space = false;
        }
        buf[n++] = upper(c);
    }
    static const char *const tails[] = {"TV", "DT", "CD", "LD", "CA"};
    for (size_t t = 0; t < TM_COUNT(tails); t++) {
        if (n > 5 && memcmp(buf + n - 2, tails[t], 2) == 0 &&
            (buf[n - 3] == '-' || buf[n - 3] == ' ')) {
            n -= 3;
            break;
        }
    }
    while (n > 0 && (buf[n - 1] == ' ' || buf[n - 1] == '-')) {
        n--;
    }
    const bool call_sign = n <= 9 && n >= 3 && (buf[0] == 'W' || buf[0] == 'K');
    uint32_t out = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (call_sign && buf[i] == ' ')
            continue; /* "W AAA" is printed with letters apart */
        buf[out++] = buf[i];
    }
    return out;
}

#define STATION_KEY_MAX 128

tm_str_t tm_station_norm(tm_str_t station, tm_arena_t *arena)
{
    char buf[STATION_KEY_MAX];
    const uint32_t n = station_key(station, buf, sizeof buf);
    return tm_arena_str(arena, (tm_str_t){buf, n});
}

static bool same_station(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    const bool ids = TM_HAS(a, TM_BUY_LINE_station_id) && TM_HAS(b, TM_BUY_LINE_station_id);
    if (ids && a->station_id.v == b->station_id.v)
        return true;
    if (!TM_HAS(a, TM_BUY_LINE_station) || !TM_HAS(b, TM_BUY_LINE_station))
        return false;
    char x[STATION_KEY_MAX], y[STATION_KEY_MAX];
    const uint32_t n = station_key(a->station, x, sizeof x);
    return n > 0 && n == station_key(b->station, y, sizeof y) && memcmp(x, y, n) == 0;
}

/* The order's number as it is compared; n 0: none. */
static tm_str_t number_of(const tm_buy_line_t *line)
{
    if (TM_HAS(line, TM_BUY_LINE_order_no_norm))
        return bare(line->order_no_norm);
    if (TM_HAS(line, TM_BUY_LINE_order_no))
        return bare(line->order_no);
    return (tm_str_t){NULL, 0};
}

static tm_str_t alternate_of(const tm_buy_line_t *line)
{
    if (!TM_HAS(line, TM_BUY_LINE_alt_order_no))
        return (tm_str_t){NULL, 0};
    const tm_str_t s = bare(line->alt_order_no);
    uint32_t digits = 0;
    for (uint32_t i = 0; i < line->alt_order_no.n; i++) {
        digits += is_digit(line->alt_order_no.p[i]);
    }
    return digits < ALTERNATE_DIGITS_MIN ? (tm_str_t){NULL, 0} : s;
}

bool tm_same_number(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    const tm_str_t x = number_of(a), y = number_of(b);
    return x.n > 0 && tm_str_case_eq(x, y);
}

/* The number in the title of one file is the number of the other paper, of the same advertiser:
 * titles are wrong at times, and must not join two buys of different payers. */
static bool in_title(const tm_buy_line_t *titled, const tm_buy_line_t *other)
{
    return TM_HAS(titled, TM_BUY_LINE_title_no) && titled->advertiser_id.v != 0 &&
           titled->advertiser_id.v == other->advertiser_id.v &&
           tm_str_case_eq(titled->title_no, number_of(other));
}

bool tm_same_order(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (tm_line_is_airtime(a) != tm_line_is_airtime(b))
        return false;
    if (!tm_line_is_airtime(a))
        return a->advertiser_id.v != 0 && a->advertiser_id.v == b->advertiser_id.v &&
               tm_same_number(a, b);
    if (!same_station(a, b))
        return false;
    if (tm_same_number(a, b))
        return true;
    if (in_title(a, b) || in_title(b, a))
        return true;
    const tm_str_t x = alternate_of(a), y = alternate_of(b);
    return (x.n > 0 && tm_str_case_eq(x, number_of(b))) ||
           (y.n > 0 && tm_str_case_eq(y, number_of(a)));
}
