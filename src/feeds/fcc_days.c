/* fcc_days.c - flight, billing period, dates of entry, revision and print.
 *
 * Why:     the flight of the header rules; the days of lines and the billing period only stand in
 *          for it.
 * How:     the value of a date label is read as a range or as one date; a range torn by its column
 *          goes on below.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"
#include "feeds/fcc_near.h"
#include "base/time.h"

static tm_fcc_value_t day_value(const tm_fcc_sheet_t *s, uint32_t first, uint32_t n, tm_str_t text,
                                const tm_fcc_date_t *d, int score)
{
    tm_fcc_value_t v = {.score = score, .number = d->day.v};
    v.at = tm_fcc_span_part(&s->grid, first, n, text, d->from, d->to);
    return v;
}

/* The second half of a range that its column tore: the date in the row below. */
static bool torn_end(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                     tm_fcc_value_t *ret)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_word_t *w = &g->words[first];
    const float h = tm_fcc_height(w), right = g->words[first + n - 1].x1;
    for (uint32_t r = w->row + 1; r < g->n_rows && r < w->row + 4 && g->rows[r].y0 < w->y1 + h;
         r++) {
        const uint32_t i = tm_fcc_row_find(g, r, w->x0 - 3 * h);
        if (i >= g->rows[r].first + g->rows[r].n || g->words[i].x0 > right ||
            s->hits.of_word[i] != 0)
            continue;
        tm_fcc_date_t d;
        const tm_fcc_span_t span = tm_fcc_span(g, i, 1, p->arena);
        if (!tm_fcc_date(span.text, 0, 0, &d))
            continue;
        *ret = day_value(s, i, 1, span.text, &d, 0);
        return true;
    }
    return false;
}

static bool take_range(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                       tm_fcc_field_t from, tm_fcc_field_t to, int score)
{
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    tm_fcc_date_t d[2];
    bool two = false;
    if (span.text.p == NULL) {
        p->no_memory = true;
        return false;
    }
    if (span.text.n > 120 || !tm_fcc_range(span.text, 0, d, &two) || d[0].from > 24)
        return false;
    tm_fcc_value_t a = day_value(s, first, n, span.text, &d[0], score);
    tm_fcc_value_t b = day_value(s, first, n, span.text, &d[1], score);
    const char last = span.text.p[span.text.n - 1];
    if (!two && (last == '-' || last == 'o')) {
        tm_fcc_value_t end;
        if (torn_end(p, s, first, n, &end)) {
            b = end;
            b.score = score;
            two = true;
        }
    }
    if (!two)
        a.score = b.score = score - 12;
    if (b.number < a.number)
        return false;
    /* Half of a range that a scan has spoilt: the other half stands alone. */
    const bool half_before = !two && d[0].from > 3 && memchr(span.text.p, '/', d[0].from) != NULL;
    const bool half_after =
        !two && memchr(span.text.p + d[0].to, '/', span.text.n - d[0].to) != NULL;
    if (!half_before)
        tm_fcc_offer(p, from, &a);
    if (!half_after)
        tm_fcc_offer(p, to, &b);
    return true;
}

static bool take_day(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                     tm_fcc_field_t field, int score)
{
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    tm_fcc_date_t d;
    if (span.text.p == NULL || !tm_fcc_date(span.text, 0, 0, &d) || d.from > 24)
        return false;
    const tm_fcc_value_t v = day_value(s, first, n, span.text, &d, score);
    tm_fcc_offer(p, field, &v);
    return true;
}

/* "02/28/20 / 05/03/20": entered, revised. */
static bool take_pair(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                      int score)
{
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    tm_fcc_date_t d;
    if (span.text.p == NULL || !tm_fcc_date(span.text, 0, 0, &d))
        return false;
    tm_fcc_value_t v = day_value(s, first, n, span.text, &d, score);
    tm_fcc_offer(p, TM_FCC_F_ENTERED, &v);
    if (!tm_fcc_date(span.text, d.to, 0, &d))
        return true;
    v = day_value(s, first, n, span.text, &d, score);
    tm_fcc_offer(p, TM_FCC_F_MODIFIED, &v);
    return true;
}

/* A date with a time: printed moments. The clock may stand in the next words. */
static bool take_moment(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                        int score)
{
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    tm_fcc_date_t d;
    if (span.text.p == NULL || !tm_fcc_date(span.text, 0, 0, &d))
        return false;
    int32_t clock = -1;
    uint32_t to = d.to;
    for (uint32_t i = 0; i < n && clock < 0; i++) {
        const tm_str_t t = s->grid.words[first + i].text;
        if (memchr(t.p, ':', t.n) == NULL)
            continue;
        const tm_str_t next = i + 1 < n ? s->grid.words[first + i + 1].text : TM_STR("");
        clock = tm_fcc_clock(t, next);
        const char *at = memmem(span.text.p, span.text.n, t.p, t.n);
        if (clock >= 0 && at != NULL)
            to = TM_MAX(to, (uint32_t)(at - span.text.p) + t.n);
    }
    const tm_fcc_date_t whole = {.day = d.day, .from = d.from, .to = to, .has_year = true};
    tm_fcc_value_t v = day_value(s, first, n, span.text, &whole, score);
    v.number = (int64_t)d.day.v * 86400000 + (clock > 0 ? (int64_t)clock * 1000 : 0);
    tm_fcc_offer(p, TM_FCC_F_PRINTED, &v);
    return true;
}

static bool take(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, tm_fcc_key_t key, uint32_t first,
                 uint32_t n, int score)
{
    switch ((int)key) {
    case TM_FCC_FLIGHT:
        return take_range(p, s, first, n, TM_FCC_F_FLIGHT_FROM, TM_FCC_F_FLIGHT_TO, score);
    case TM_FCC_PERIOD:
        return take_range(p, s, first, n, TM_FCC_F_PERIOD_FROM, TM_FCC_F_PERIOD_TO, score);
    case TM_FCC_FLIGHT_FROM:
    case TM_FCC_START:
        return take_day(p, s, first, n, TM_FCC_F_FLIGHT_FROM, score);
    case TM_FCC_FLIGHT_TO:
    case TM_FCC_END:
        return take_day(p, s, first, n, TM_FCC_F_FLIGHT_TO, score);
    case TM_FCC_DATE_PAIR:
        return take_pair(p, s, first, n, score);
    case TM_FCC_ENTERED:
        return take_day(p, s, first, n, TM_FCC_F_ENTERED, score);
    case TM_FCC_MODIFIED:
        return take_day(p, s, first, n, TM_FCC_F_MODIFIED, score);
    case TM_FCC_PRINTED:
        return take_moment(p, s, first, n, score);
    default:
        return false;
    }
}

static void read_hit(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit, int bonus)
{
    uint32_t first, n;
    const tm_fcc_key_t key = tm_fcc_hit_key(hit);
    const int score = hit->label->rank + bonus;
    const bool plain =
        key == TM_FCC_START || key == TM_FCC_END; /* they head tables: only with a colon */
    if ((key < TM_FCC_FLIGHT || key > TM_FCC_PRINTED) && !plain)
        return;
    if (plain && !hit->colon)
        return;
    if (tm_fcc_right(s, hit, true, &first, &n) && take(p, s, key, first, n, score))
        return;
    if (tm_fcc_below(s, hit, true, &first, &n))
        (void)take(p, s, key, first, n, score - (hit->colon ? 30 : 3));
}

/* The words of a column of one row, from word i on. */
static uint32_t column_words(const tm_fcc_grid_t *g, uint32_t i)
{
    uint32_t n = 1;
    while (n < 8 && !tm_fcc_gap(g, i + n - 1)) {
        n++;
    }
    return n;
}

/* A scan that lost the label: a range of days alone in its column in the header. Only if all such
 * ranges agree. */
static void read_bare_range(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    tm_fcc_value_t from = {0}, to = {0};
    for (uint32_t r = 0; r < g->n_rows && g->rows[r].mid < 0.42f * g->height; r++) {
        uint32_t n = 1;
        if (s->row_kind[r] == TM_FCC_R_HEAD)
            break;
        for (uint32_t i = g->rows[r].first; i < g->rows[r].first + g->rows[r].n; i += n) {
            tm_fcc_date_t d[2];
            bool two = false;
            n = column_words(g, i);
            const tm_fcc_span_t span = tm_fcc_span(g, i, n, p->arena);
            if (s->hits.of_word[i] != 0 || span.text.p == NULL || span.text.n > 30 ||
                !tm_fcc_range(span.text, 0, d, &two) || !two || d[0].from > 2 ||
                d[1].to + 2 < span.text.n || d[1].day.v < d[0].day.v)
                continue;
            if (from.score > 0 && (from.number != d[0].day.v || to.number != d[1].day.v))
                return;
            from = day_value(s, i, n, span.text, &d[0], 24);
            to = day_value(s, i, n, span.text, &d[1], 24);
        }
    }
    tm_fcc_offer(p, TM_FCC_F_FLIGHT_FROM, &from);
    tm_fcc_offer(p, TM_FCC_F_FLIGHT_TO, &to);
}

static bool none(const tm_fcc_paper_t *p, tm_fcc_field_t field)
{
    return p->candidates[field].n == 0;
}

void tm_fcc_read_days(tm_fcc_paper_t *p)
{
    assert(p->n_sheets > 0);
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        const tm_fcc_sheet_t *s = &p->sheets[i];
        for (uint32_t k = 0; k < s->hits.n; k++) {
            read_hit(p, s, &s->hits.v[k], i == 0 ? 1 : 0);
        }
    }
    if (none(p, TM_FCC_F_FLIGHT_FROM) && none(p, TM_FCC_F_FLIGHT_TO) &&
        none(p, TM_FCC_F_PERIOD_FROM) && !p->sheets[0].form)
        read_bare_range(p, &p->sheets[0]);
}
