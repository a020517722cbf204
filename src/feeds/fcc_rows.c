/* fcc_rows.c - see fcc_rows.h.
 *
 * Threads: pure; any. */
#include "feeds/fcc_rows.h"
#include "base/time.h"
#include <math.h>

static void take_dates(tm_str_t t, uint32_t word, tm_fcc_facts_t *f)
{
    tm_fcc_date_t d;
    uint32_t at = 0;
    while (f->n_dates < TM_COUNT(f->dates) && tm_fcc_date(t, at, 0, &d)) {
        f->dates[f->n_dates++] = (tm_fcc_fact_t){word, d.day.v};
        at = d.to;
    }
}

static bool is_capitals(tm_str_t t)
{
    for (uint32_t i = 0; i < t.n; i++) {
        if ((t.p[i] < 'A' || t.p[i] > 'Z') && t.p[i] != '+' && t.p[i] != '-')
            return false;
    }
    return t.n > 0;
}

/* "1", "1.0", "12.1", "N 1", "REV+ 14": the mark and the number at the row's beginning. */
static void take_number(const tm_fcc_sheet_t *s, tm_fcc_facts_t *f)
{
    const tm_fcc_row_t *row = &s->grid.rows[f->row];
    uint32_t i = row->first, n = 0;
    tm_str_t t = s->grid.words[i].text;
    t = tm_fcc_strip(t, "*|[]_");
    while (is_capitals(t) && t.n <= 4 && n < sizeof f->mark - 1 && i + 1 < row->first + row->n &&
           n == 0) {
        n = TM_MIN(t.n, (uint32_t)sizeof f->mark - 1);
        memcpy(f->mark, t.p, n);
        t = s->grid.words[++i].text;
    }
    const bool est = n == 0 && tm_str_eq(t, TM_STR("Est")) && i + 1 < row->first + row->n;
    if (est)
        t = s->grid.words[++i].text;
    uint32_t k = 0, dots = 0;
    while (k < t.n && (tm_fcc_is_digit(t.p[k]) || (t.p[k] == '.' && k > 0))) {
        dots += t.p[k] == '.';
        k++;
    }
    if (k == 0 || k > 6 || dots > 1 || k < t.n || t.p[k - 1] == '.')
        return;
    if (dots == 0 && k > 4)
        return;
    f->number = (tm_str_t){t.p, k};
}

static bool says_half(tm_str_t t)
{
    return t.n >= 2 && ((t.p[t.n - 1] | 32) == 'm') &&
           ((t.p[t.n - 2] | 32) == 'a' || (t.p[t.n - 2] | 32) == 'p');
}

/* The time of airing: a clock with AM or PM after the date. The length of a spot: `:30`, `00:30`,
 * `1:00`, `30S`. */
static void take_times(const tm_fcc_sheet_t *s, uint32_t i, uint32_t end, tm_fcc_facts_t *f)
{
    const tm_str_t t = s->grid.words[i].text;
    const tm_str_t next = i + 1 < end ? s->grid.words[i + 1].text : TM_STR("");
    if (memchr(t.p, ':', t.n) == NULL)
        return;
    if (t.p[0] == ':' && t.n == 3 && tm_fcc_digits(t) == 2) {
        f->length_s = (t.p[1] - '0') * 10 + (t.p[2] - '0');
        f->length = i;
        return;
    }
    const int32_t clock = tm_fcc_clock(t, next);
    if (clock < 0)
        return;
    const bool half = says_half(t) || (says_half(next) && next.n == 2);
    const bool seconds = t.n >= 8 && memchr(t.p, '-', t.n) == NULL;
    if ((half || seconds) && f->n_dates == 1 && f->clock == UINT32_MAX &&
        i - f->dates[0].word <= 2) {
        f->clock = i;
        f->clock_s = clock;
    } else if (!half && !seconds && f->length == UINT32_MAX) {
        f->length = i;
        f->length_s = clock / 3600 * 60 + clock / 60 % 60; /* minutes:seconds */
    }
}

void tm_fcc_facts(const tm_fcc_sheet_t *s, uint32_t r, bool loose, tm_fcc_facts_t *f)
{
    const tm_fcc_row_t *row = &s->grid.rows[r];
    *f = (tm_fcc_facts_t){.row = r,
                          .days = UINT32_MAX,
                          .clock = UINT32_MAX,
                          .length = UINT32_MAX,
                          .week = UINT32_MAX,
                          .n_words = row->n};
    const uint32_t end = row->first + TM_MIN(row->n, 160u);
    for (uint32_t i = row->first; i < end; i++) {
        const tm_str_t t = s->grid.words[i].text;
        tm_fcc_money_t m;
        int64_t count;
        if (s->hits.of_word[i] != 0 && s->hits.v[s->hits.of_word[i] - 1].label->key == TM_FCC_WEEK)
            f->week = i;
        if (tm_fcc_digits(t) == 0 && !tm_fcc_is_days(t))
            continue;
        if (tm_fcc_digits(t) >= 3 &&
            (memchr(t.p, '/', t.n) != NULL || memchr(t.p, '-', t.n) != NULL))
            take_dates(t, i, f);
        if (tm_fcc_is_days(t)) {
            f->days = i;
        } else if (tm_fcc_count(t, &count)) {
            if (f->n_counts < TM_COUNT(f->counts))
                f->counts[f->n_counts++] = (tm_fcc_fact_t){i, count};
        } else if (tm_fcc_money(t, &m) && (m.dollar || (loose && !m.mended && m.decimals))) {
            if (f->n_money < TM_COUNT(f->money))
                f->money[f->n_money++] = (tm_fcc_fact_t){i, m.cents};
            f->dollars |= m.dollar;
        }
        take_times(s, i, end, f);
    }
    take_number(s, f);
}

/* ---- heads of day columns ---- */
static int weekday_of(tm_str_t t)
{
    static const char *const names[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (t.n < 1 || t.n > 4)
        return -1;
    for (int d = 0; d < 7; d++) {
        bool same = t.n >= 2;
        for (uint32_t i = 0; i < t.n && i < 3 && same; i++) {
            same = (t.p[i] | 32) == names[d][i];
        }
        if (same && (t.n <= 3 || (t.p[3] | 32) == 's' || (t.p[3] | 32) == 'r'))
            return d;
    }
    return -1;
}

/* A month and day without year, in the year that lies in or next to the flight. */
static int32_t day_near(tm_str_t t, tm_day_t from, tm_day_t to)
{
    tm_fcc_date_t d;
    int y, m, day;
    tm_day_split(from, &y, &m, &day);
    if (!tm_fcc_date(t, 0, y, &d) || d.from != 0 || d.to != t.n)
        return -1;
    if (d.has_year || d.day.v >= from.v - 7)
        return d.day.v <= to.v + 7 ? d.day.v : -1;
    if (!tm_fcc_date(t, 0, y + 1, &d))
        return -1;
    return d.day.v <= to.v + 7 ? d.day.v : -1;
}

bool tm_fcc_columns(const tm_fcc_sheet_t *s, uint32_t r, tm_day_t from, tm_day_t to,
                    tm_fcc_columns_t *ret)
{
    tm_fcc_columns_t dates = {.step = 1}, days = {.step = 1, .weekdays = true};
    const tm_fcc_row_t *row = &s->grid.rows[r];
    for (uint32_t i = row->first; i < row->first + TM_MIN(row->n, 120u); i++) {
        const tm_fcc_word_t *w = &s->grid.words[i];
        const int weekday = weekday_of(w->text);
        if (weekday >= 0 && days.n < 7) {
            days.x[days.n] = (w->x0 + w->x1) / 2;
            days.day[days.n++] = weekday;
        }
        if (from.v == 0 || w->text.n > 8 || memchr(w->text.p, '/', w->text.n) == NULL)
            continue;
        const int32_t day = day_near(w->text, from, to);
        if (day < 0 || dates.n == TM_FCC_COLUMNS_MAX ||
            (dates.n > 0 && day <= dates.day[dates.n - 1]))
            continue;
        dates.x[dates.n] = (w->x0 + w->x1) / 2;
        dates.day[dates.n++] = day;
    }
    const bool rated = s->row_kind[r] == TM_FCC_R_HEAD;
    tm_fcc_columns_t *c = dates.n >= (rated ? 1u : 3u) ? &dates : days.n >= 3 ? &days : NULL;
    if (c == NULL)
        return false;
    for (uint32_t i = 1; i < c->n && !c->weekdays; i++) {
        const int gap = c->day[i] - c->day[i - 1];
        if (i == 1)
            c->step = gap >= 7 ? 7 : 1;
        if (gap != c->step && c->step == 7)
            return false;
    }
    if (c->weekdays) {
        for (uint32_t i = 1; i < c->n; i++) {
            if (c->day[i] != (c->day[i - 1] + 1) % 7)
                return false;
        }
    }
    c->width = c->n > 1 ? (c->x[c->n - 1] - c->x[0]) / (float)(c->n - 1) : 24;
    *ret = *c;
    return true;
}

int tm_fcc_column_of(const tm_fcc_columns_t *c, const tm_fcc_word_t *w)
{
    const float x = (w->x0 + w->x1) / 2;
    int best = -1;
    float least = TM_MAX(4.0f, c->width * 0.5f);
    for (uint32_t i = 0; i < c->n; i++) {
        const float d = fabsf(c->x[i] - x);
        if (d <= least) {
            best = (int)i;
            least = d;
        }
    }
    return best;
}
