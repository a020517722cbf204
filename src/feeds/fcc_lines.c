/* fcc_lines.c - the lines of orders and contracts: one entry a printed line, week or run of days.
 *
 * Why:     dollars are spread by lines and weeks; a line must be worth what its own amount says.
 * How:     a table of lines begins with a head that names a rate; a row is a line if spots times
 *          rate is its amount, or its column says so; printed weeks and day grids refine it where
 *          they add up to it.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"
#include "feeds/fcc_rows.h"
#include "feeds/fcc_table.h"
#include "base/time.h"
#include <math.h>

#define WEEKS_MAX 120
#define PENDING_MAX 80

typedef struct week {
    tm_day_t from, to;
    tm_str_t days;
    int32_t spots;
    int64_t rate;
    uint32_t page;
} week_t;
/* A grid row without an amount: its columns go on on the next page. */
typedef struct pending {
    tm_str_t number;
    uint32_t n;
    int32_t day[TM_FCC_COLUMNS_MAX], count[TM_FCC_COLUMNS_MAX];
    int step;
} pending_t;

typedef struct reading {
    tm_fcc_paper_t *p;
    const tm_fcc_sheet_t *s;
    bool open, any_head, loose;
    uint32_t row_done; /* rows up to it belong to the line before */
    tm_day_t from, to; /* flight; 0: unknown */
    tm_fcc_columns_t columns;
    float days_x0, days_x1;     /* column of weekdays; x1 0: none */
    float amount_x0, amount_x1; /* column of amounts; x1 0: unknown */
    tm_doc_line_t line;         /* the line whose weeks are being read */
    bool has_line;
    uint32_t n_weeks, n_pending;
    week_t weeks[WEEKS_MAX];
    pending_t pending[PENDING_MAX];
} reading_t;

void tm_fcc_add_line(tm_fcc_paper_t *p, const tm_doc_line_t *line)
{
    if (p->n_lines >= TM_FCC_LINES_MAX)
        return;
    if (p->n_lines == p->lines_cap) {
        const uint32_t cap = p->lines_cap == 0 ? 32 : p->lines_cap * 2;
        tm_doc_line_t *more = tm_arena_alloc(p->arena, cap * sizeof *more);
        if (more == NULL) {
            p->no_memory = true;
            return;
        }
        if (p->n_lines > 0)
            memcpy(more, p->lines, p->n_lines * sizeof *more);
        p->lines = more;
        p->lines_cap = cap;
    }
    p->lines[p->n_lines++] = *line;
}

void tm_fcc_line_set(tm_doc_line_t *line, tm_day_t from, tm_day_t to)
{
    if (from.v == 0 || to.v == 0 || from.v > to.v)
        return;
    line->from = from;
    line->to = to;
    TM_MARK(line, TM_DOC_LINE_from);
    TM_MARK(line, TM_DOC_LINE_to);
}

void tm_fcc_line_money(tm_doc_line_t *line, int32_t spots, int64_t rate, int64_t amount)
{
    if (spots >= 0) {
        line->spots = spots;
        TM_MARK(line, TM_DOC_LINE_spots);
    }
    if (rate != INT64_MIN) {
        line->rate_cents = (tm_cents_t){rate};
        TM_MARK(line, TM_DOC_LINE_rate_cents);
    }
    line->amount_cents = (tm_cents_t){amount};
    TM_MARK(line, TM_DOC_LINE_amount_cents);
}

static void line_days(tm_doc_line_t *line, tm_str_t days)
{
    if (days.n == 0 || days.n > 32)
        return;
    line->days = days;
    TM_MARK(line, TM_DOC_LINE_days);
}

/* The line that is open goes out: as its weeks where they are worth the same, else as itself. */
static void flush_line(reading_t *r)
{
    int64_t sum = 0;
    if (!r->has_line)
        return;
    for (uint32_t i = 0; i < r->n_weeks; i++) {
        sum += r->weeks[i].rate * r->weeks[i].spots;
    }
    const bool weekly = r->n_weeks > 0 && r->n_weeks < WEEKS_MAX && sum == r->line.amount_cents.v;
    const bool dated = TM_HAS(&r->line, TM_DOC_LINE_from);
    bool any = false;
    for (uint32_t i = 0; weekly && i < r->n_weeks; i++) {
        const week_t *w = &r->weeks[i];
        if (w->spots == 0 && (sum != 0 || any))
            continue;
        tm_doc_line_t one = r->line;
        tm_day_t from = w->from, to = w->to;
        if (dated && r->line.from.v <= to.v && r->line.to.v >= from.v) {
            from.v = TM_MAX(from.v, r->line.from.v);
            to.v = TM_MIN(to.v, r->line.to.v);
        }
        tm_fcc_line_set(&one, from, to);
        line_days(&one, w->days);
        tm_fcc_line_money(&one, w->spots, w->rate, w->rate * w->spots);
        one.page = (int32_t)w->page;
        tm_fcc_add_line(r->p, &one);
        any = true;
    }
    if (!any)
        tm_fcc_add_line(r->p, &r->line);
    r->has_line = false;
    r->n_weeks = 0;
}

/* "Week: 03/02/20 03/08/20 -3----- 3 $200.00 0.00" */
static bool take_week(reading_t *r, const tm_fcc_facts_t *f)
{
    if (!r->has_line || f->n_dates < 2 || f->n_money < 1 || f->number.n > 0)
        return false;
    if (f->week == UINT32_MAX && f->n_money != 1)
        return false;
    const uint32_t at = f->money[0].word;
    int64_t spots = -1;
    for (uint32_t i = 0; i < f->n_counts && f->counts[i].word < at; i++) {
        spots = f->counts[i].v;
    }
    if (spots < 0 || spots > 10000 || r->n_weeks >= WEEKS_MAX)
        return false;
    week_t *w = &r->weeks[r->n_weeks++];
    *w = (week_t){.from = {(int32_t)f->dates[0].v},
                  .to = {(int32_t)f->dates[1].v},
                  .spots = (int32_t)spots,
                  .rate = f->money[0].v,
                  .page = r->s->grid.page};
    if (f->days != UINT32_MAX)
        w->days = r->s->grid.words[f->days].text;
    return true;
}

/* Spots, rate and amount of a row that belong together; rate INT64_MIN: not printed. */
typedef struct deal {
    int64_t spots, rate, amount;
    uint32_t amount_word;
} deal_t;

/* An amount of zero proves nothing, so it is only tried when no other product fits, and next to its
 * rate. */
static bool solve_product(const tm_fcc_facts_t *f, bool zero, deal_t *d)
{
    for (uint32_t a = f->n_money; a-- > 1;) {
        for (uint32_t k = a; k-- > 0;) {
            const int64_t rate = f->money[k].v, amount = f->money[a].v;
            if ((amount == 0) != zero || (zero && k + 1 != a))
                continue;
            for (uint32_t c = f->n_counts; c-- > 0;) {
                const int64_t n = f->counts[c].v;
                if (rate <= 0 || n > 100000 || rate * n != amount ||
                    f->counts[c].word > f->money[a].word + 3)
                    continue;
                *d = (deal_t){
                    .spots = n, .rate = rate, .amount = amount, .amount_word = f->money[a].word};
                return true;
            }
        }
    }
    return false;
}

/* The amount that stands nearest to the head of amounts, -1: none near. */
static int amount_in_column(const reading_t *r, const tm_fcc_facts_t *f)
{
    int best = -1;
    float least = TM_MAX(14.0f, r->amount_x1 - r->amount_x0);
    for (uint32_t a = 0; a < f->n_money && r->amount_x1 > 0; a++) {
        const tm_fcc_word_t *w = &r->s->grid.words[f->money[a].word];
        const float right = fabsf(w->x1 - r->amount_x1),
                    mid = fabsf((w->x0 + w->x1 - r->amount_x0 - r->amount_x1) / 2);
        if (TM_MIN(right, mid) < least) {
            least = TM_MIN(right, mid);
            best = (int)a;
        }
    }
    return best;
}

/* The amount of the head's column, or the last word of the row after a count. */
static bool solve_column(const reading_t *r, const tm_fcc_facts_t *f, deal_t *d)
{
    const int column = amount_in_column(r, f);
    for (uint32_t a = f->n_money; a-- > 0;) {
        const uint32_t w = f->money[a].word;
        const tm_fcc_row_t *row = &r->s->grid.rows[f->row];
        const bool last = w + 1 == row->first + row->n;
        int64_t before = -1;
        for (uint32_t c = 0; c < f->n_counts; c++) {
            if (f->counts[c].word < w && w - f->counts[c].word <= 2)
                before = f->counts[c].v;
        }
        const bool headed = (int)a == column && (before >= 0 || f->n_money >= 2);
        if (!headed && !(last && before >= 0 && w > row->first && f->n_money == 1))
            continue;
        int64_t rate = INT64_MIN;
        if (before > 0 && f->money[a].v % before == 0)
            rate = f->money[a].v / before;
        *d = (deal_t){.spots = before, .rate = rate, .amount = f->money[a].v, .amount_word = w};
        return true;
    }
    return false;
}

/* Rate and counts in this row, their product in one of the next two: `$70.00 1 1 1 0 0 1 4` / `5:00
 * AM 6:00 AM 30 $280.00`. */
static bool solve_below(reading_t *r, const tm_fcc_facts_t *f, deal_t *d)
{
    if (f->n_money != 1 || f->n_counts == 0)
        return false;
    const int64_t spots = f->counts[f->n_counts - 1].v, rate = f->money[0].v;
    if (f->counts[f->n_counts - 1].word < f->money[0].word || spots > 10000)
        return false;
    for (uint32_t row = f->row + 1; row < r->s->grid.n_rows && row <= f->row + 2; row++) {
        tm_fcc_facts_t g;
        tm_fcc_facts(r->s, row, r->loose, &g);
        if (g.n_money == 1 && g.money[0].v == rate * spots && (spots > 0 || g.n_counts < 3)) {
            *d = (deal_t){
                .spots = spots, .rate = rate, .amount = rate * spots, .amount_word = UINT32_MAX};
            r->row_done = row;
            return true;
        }
        if (g.n_money > 0)
            break;
    }
    return false;
}

/* ---- day grids ---- */
/* Chooses for columns that print an old and a new count the one that makes the row add up. */
static bool choose_counts(uint32_t n, int32_t count[][2], const uint8_t *choices, int64_t spots,
                          int32_t *ret)
{
    uint32_t twice[12], n_twice = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (choices[i] == 2 && n_twice < TM_COUNT(twice))
            twice[n_twice++] = i;
    }
    for (uint32_t mask = 0; mask < 1u << n_twice; mask++) {
        int64_t sum = 0;
        for (uint32_t i = 0; i < n; i++) {
            ret[i] = choices[i] == 0 ? 0 : count[i][0];
        }
        for (uint32_t k = 0; k < n_twice; k++) {
            if ((mask >> k & 1) != 0)
                ret[twice[k]] = count[twice[k]][1];
        }
        for (uint32_t i = 0; i < n; i++) {
            sum += ret[i];
        }
        if (sum == spots)
            return true;
    }
    return false;
}

/* Counts under the day columns; false: none or they do not add up to the row's spots (spots < 0:
 * anything goes). */
static bool grid_counts(const reading_t *r, const tm_fcc_facts_t *f, int64_t spots, int32_t *ret,
                        bool *ret_crosses)
{
    const tm_fcc_columns_t *c = &r->columns;
    int32_t count[TM_FCC_COLUMNS_MAX][2] = {{0}};
    uint8_t choices[TM_FCC_COLUMNS_MAX] = {0};
    bool any = false;
    *ret_crosses = false;
    for (uint32_t i = 0; i < f->n_counts; i++) {
        const int col = tm_fcc_column_of(c, &r->s->grid.words[f->counts[i].word]);
        if (col < 0 || choices[col] == 2 || f->counts[i].v > 10000)
            continue;
        count[col][choices[col]++] = (int32_t)f->counts[i].v;
        any = true;
    }
    const tm_fcc_row_t *row = &r->s->grid.rows[f->row];
    for (uint32_t i = row->first; c->weekdays && i < row->first + TM_MIN(row->n, 120u); i++) {
        const tm_fcc_word_t *w = &r->s->grid.words[i];
        const int col = w->text.n == 1 && (w->text.p[0] | 32) == 'x' ? tm_fcc_column_of(c, w) : -1;
        if (col < 0 || choices[col] != 0)
            continue;
        ret[col] = -1;
        *ret_crosses = true;
    }
    if (*ret_crosses)
        return true;
    if (!any)
        return false;
    if (spots >= 0)
        return choose_counts(c->n, count, choices, spots, ret);
    for (uint32_t i = 0; i < c->n; i++) {
        ret[i] = count[i][0];
    }
    return true;
}

static char day_char(int32_t count)
{
    return count < 0 ? 'X' : count == 0 ? '-' : count > 9 ? '*' : (char)('0' + count);
}

/* Entries of a line by its grid, at most seven days each: a pattern of weekdays with the spots of
 * each. */
static bool emit_days(reading_t *r, const tm_doc_line_t *line, int64_t rate, uint32_t n,
                      const int32_t *day, const int32_t *count)
{
    for (uint32_t i = 0; i < n;) {
        char *text = tm_arena_alloc(r->p->arena, 7);
        if (text == NULL) {
            r->p->no_memory = true;
            return false;
        }
        memset(text, '-', 7);
        int32_t spots = 0;
        const uint32_t first = i;
        for (; i < n && day[i] < day[first] + 7; i++) {
            text[tm_day_weekday((tm_day_t){day[i]})] = day_char(count[i]);
            spots += count[i];
        }
        if (spots == 0 && (line->spots != 0 || first > 0))
            continue;
        tm_doc_line_t one = *line;
        tm_fcc_line_set(&one, (tm_day_t){day[first]}, (tm_day_t){day[i - 1]});
        if (memchr(text, '*', 7) == NULL && spots > 0)
            line_days(&one, tm_str_n(text, 7));
        tm_fcc_line_money(&one, spots, rate, rate * spots);
        tm_fcc_add_line(r->p, &one);
    }
    return true;
}

static void emit_weeks(reading_t *r, const tm_doc_line_t *line, int64_t rate, uint32_t n,
                       const int32_t *day, const int32_t *count)
{
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        if (count[i] == 0 && (line->spots != 0 || any))
            continue;
        tm_doc_line_t one = *line;
        const tm_day_t from = {r->from.v != 0 ? TM_MAX(day[i], r->from.v) : day[i]};
        const tm_day_t to = {r->to.v != 0 ? TM_MIN(day[i] + 6, r->to.v) : day[i] + 6};
        tm_fcc_line_set(&one, from.v <= to.v ? from : (tm_day_t){day[i]},
                        from.v <= to.v ? to : (tm_day_t){day[i] + 6});
        tm_fcc_line_money(&one, count[i], rate, rate * count[i]);
        tm_fcc_add_line(r->p, &one);
        any = true;
    }
}

/* A line with a day grid; false: the grid does not fit it. */
static bool emit_grid(reading_t *r, const tm_fcc_facts_t *f, tm_doc_line_t *line, const deal_t *d)
{
    const tm_fcc_columns_t *c = &r->columns;
    int32_t count[2 * TM_FCC_COLUMNS_MAX] = {0}, day[2 * TM_FCC_COLUMNS_MAX];
    bool crosses = false;
    uint32_t n = 0;
    if (c->n == 0 || d->rate == INT64_MIN)
        return false;
    if (c->weekdays) {
        char *text = tm_arena_alloc(r->p->arena, 7);
        if (text == NULL || !grid_counts(r, f, d->spots, count, &crosses))
            return false;
        memset(text, '-', 7);
        for (uint32_t i = 0; i < c->n; i++) {
            text[c->day[i]] = day_char(count[i]);
        }
        if (memchr(text, '*', 7) == NULL)
            line_days(line, tm_str_n(text, 7));
        return false; /* the caller emits the line, now with its days */
    }
    for (uint32_t k = 0; k < r->n_pending && f->number.n > 0; k++) {
        const pending_t *q = &r->pending[k];
        if (!tm_str_eq(q->number, f->number) || q->step != c->step)
            continue;
        memcpy(day, q->day, q->n * sizeof *day);
        memcpy(count, q->count, q->n * sizeof *count);
        n = q->n;
    }
    int64_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        before += count[i];
    }
    if (!grid_counts(r, f, d->spots - before, count + n, &crosses)) {
        n = 0;
        memset(count, 0, sizeof count);
        if (!grid_counts(r, f, d->spots, count, &crosses))
            return false;
    }
    memcpy(day + n, c->day, c->n * sizeof *day);
    n += c->n;
    if (c->step == 7) {
        emit_weeks(r, line, d->rate, n, day, count);
        return true;
    }
    return emit_days(r, line, d->rate, n, day, count);
}

/* ---- rows ---- */
static bool row_says(const tm_fcc_sheet_t *s, uint32_t row, const char *word)
{
    const tm_fcc_row_t *r = &s->grid.rows[row];
    for (uint32_t i = r->first; i < r->first + TM_MIN(r->n, 14u); i++) {
        if (tm_fcc_says(s->grid.words[i].text, word))
            return true;
    }
    return false;
}

static int line_status(const reading_t *r, const tm_fcc_facts_t *f)
{
    if (strcmp(f->mark, "D") == 0 || strncmp(f->mark, "CAN", 3) == 0 ||
        strncmp(f->mark, "DEL", 3) == 0)
        return TM_LINE_STATUS_cancelled;
    if (strncmp(f->mark, "MG", 2) == 0)
        return TM_LINE_STATUS_makegood;
    if (row_says(r->s, f->row, "Cancel"))
        return TM_LINE_STATUS_cancelled;
    if (row_says(r->s, f->row, "Makegood"))
        return TM_LINE_STATUS_makegood;
    return TM_LINE_STATUS_ok;
}

static void keep_pending(reading_t *r, const tm_fcc_facts_t *f)
{
    bool crosses;
    if (r->columns.n == 0 || r->columns.weekdays || f->number.n == 0 || r->n_pending == PENDING_MAX)
        return;
    pending_t *q = &r->pending[r->n_pending];
    memset(q->count, 0, sizeof q->count);
    if (!grid_counts(r, f, -1, q->count, &crosses))
        return;
    q->number = f->number;
    q->n = r->columns.n;
    q->step = r->columns.step;
    memcpy(q->day, r->columns.day, sizeof q->day);
    r->n_pending++;
}

/* Weekdays in words under the head of days (`M-F`, `Th-F/7-8A`) as seven places. */
static void days_in_words(reading_t *r, const tm_fcc_facts_t *f, tm_doc_line_t *line)
{
    const tm_fcc_row_t *row = &r->s->grid.rows[f->row];
    char places[7];
    for (uint32_t i = row->first; i < row->first + TM_MIN(row->n, 60u) && r->days_x1 > 0; i++) {
        const tm_fcc_word_t *w = &r->s->grid.words[i];
        tm_str_t t = w->text;
        if (w->x1 < r->days_x0 - 6 || w->x0 > r->days_x1 + 6)
            continue;
        const char *slash = memchr(t.p, '/', t.n);
        if (slash != NULL)
            t.n = (uint32_t)(slash - t.p);
        if (!tm_fcc_weekdays(t, places))
            continue;
        char *kept = tm_arena_alloc(r->p->arena, sizeof places);
        if (kept == NULL)
            return;
        memcpy(kept, places, sizeof places);
        line_days(line, tm_str_n(kept, sizeof places));
        return;
    }
}

/* A line whose weeks go on overleaf is printed again at the top of the next page. */
static bool repeats(const reading_t *r, const tm_fcc_facts_t *f, const deal_t *d)
{
    const tm_doc_line_t *line = &r->line;
    if (!r->has_line || f->number.n == 0 || !TM_HAS(line, TM_DOC_LINE_line))
        return false;
    if (!tm_str_eq(line->line, f->number) || line->amount_cents.v != d->amount)
        return false;
    return line->page != (int32_t)r->s->grid.page && f->n_dates >= 2 &&
           line->from.v == f->dates[0].v && line->to.v == f->dates[1].v;
}

static void take_line(reading_t *r, const tm_fcc_facts_t *f)
{
    deal_t d;
    const bool lead =
        f->number.n > 0 || f->n_dates > 0 || f->days != UINT32_MAX || r->columns.n > 0;
    if (f->n_money == 0 || (!lead && r->any_head && !r->open)) {
        keep_pending(r, f);
        return;
    }
    bool product = solve_product(f, false, &d);
    const bool named = !product && r->open && solve_column(r, f, &d);
    if (!product && !named)
        product = solve_product(f, true, &d);
    if (!product && !named && (!r->open || !solve_below(r, f, &d))) {
        if (f->number.n > 0)
            keep_pending(r, f);
        return;
    }
    if (!lead && !product)
        return;
    if (repeats(r, f, &d))
        return;
    flush_line(r);
    tm_doc_line_t line = {.page = (int32_t)r->s->grid.page, .status = {(uint8_t)line_status(r, f)}};
    TM_MARK(&line, TM_DOC_LINE_page);
    TM_MARK(&line, TM_DOC_LINE_status);
    if (f->number.n > 0) {
        line.line = f->number;
        TM_MARK(&line, TM_DOC_LINE_line);
    }
    if (f->n_dates >= 1) {
        tm_fcc_line_set(&line, (tm_day_t){(int32_t)f->dates[0].v},
                        (tm_day_t){(int32_t)f->dates[f->n_dates >= 2 ? 1 : 0].v});
    } else if (r->from.v != 0) {
        tm_fcc_line_set(&line, r->from, r->to);
    }
    if (f->days != UINT32_MAX)
        line_days(&line, r->s->grid.words[f->days].text);
    if (f->days == UINT32_MAX)
        days_in_words(r, f, &line);
    r->p->n_changed += strcmp(f->mark, "E") == 0 || strcmp(f->mark, "D") == 0;
    const bool gone = line.status.v == TM_LINE_STATUS_cancelled;
    tm_fcc_line_money(&line, gone ? 0 : (int32_t)d.spots, d.rate, gone ? 0 : d.amount);
    if (gone || f->n_dates >= 2 || !emit_grid(r, f, &line, &d)) {
        if (f->n_dates >= 2 && r->columns.weekdays)
            (void)emit_grid(r, f, &line, &d);
        r->line = line;
        r->has_line = true;
    }
}

/* Where the head of a table has a second row, its amounts may be named there: `Total` over `$`. */
static void amount_column(reading_t *r, uint32_t row)
{
    const tm_fcc_grid_t *g = &r->s->grid;
    for (uint32_t k = row > 4 ? row - 4 : 0; k <= row && r->amount_x1 == 0; k++) {
        if (g->rows[row].y0 - g->rows[k].y1 > 18)
            continue;
        for (uint32_t i = g->rows[k].first; i < g->rows[k].first + TM_MIN(g->rows[k].n, 80u); i++) {
            const uint16_t h = r->s->hits.of_word[i];
            if (h == 0 || r->s->hits.v[h - 1].label->key != TM_FCC_TOTAL ||
                r->s->hits.v[h - 1].colon)
                continue;
            r->amount_x0 = r->s->hits.v[h - 1].x0;
            r->amount_x1 = r->s->hits.v[h - 1].x1;
        }
    }
}

/* What a row with labels does to the table: opens, closes or nothing. */
static bool take_head(reading_t *r, uint32_t row)
{
    const tm_fcc_sheet_t *s = r->s;
    const tm_fcc_row_t *at = &s->grid.rows[row];
    uint32_t rate = 0, sums = 0, labels = 0, heads = 0;
    float x0 = 0, x1 = 0, days_x0 = 0, days_x1 = 0;
    const tm_fcc_hit_t *before = NULL;
    for (uint32_t i = at->first; i < at->first + at->n && labels < 40; i++) {
        if (s->hits.of_word[i] == 0)
            continue;
        const tm_fcc_hit_t *hit = &s->hits.v[s->hits.of_word[i] - 1];
        const uint8_t key = hit->label->key;
        if (hit == before)
            continue;
        before = hit;
        labels++;
        if (key == TM_FCC_DAYS || strcmp(hit->label->phrase, "Day/Time") == 0) {
            days_x0 = hit->x0;
            days_x1 = hit->x1;
        }
        rate += key == TM_FCC_RATE && !hit->colon;
        heads += tm_fcc_heads_table(hit);
        sums += key == TM_FCC_BUDGET || key == TM_FCC_SHARE || key == TM_FCC_COMMISSION ||
                key == TM_FCC_NET;
        if (key == TM_FCC_AMOUNT || key == TM_FCC_GROSS || key == TM_FCC_TOTAL ||
            key == TM_FCC_COST) {
            x0 = hit->x0;
            x1 = hit->x1;
        }
    }
    if (rate > 0 && heads >= 3) {
        s->row_kind[row] = TM_FCC_R_HEAD;
        r->open = r->any_head = true;
        r->days_x0 = days_x0;
        r->days_x1 = days_x1;
        if (x1 > 0) {
            r->amount_x0 = x0;
            r->amount_x1 = x1;
        } else {
            amount_column(r, row);
        }
        tm_fcc_columns_t c;
        for (uint32_t k = row > 3 ? row - 3 : 0; k <= row + 1 && k < s->grid.n_rows; k++) {
            if (tm_fcc_columns(s, k, r->from, r->to, &c) && (k == row || !c.weekdays || c.n >= 3))
                r->columns = c;
        }
        return true;
    }
    if (sums > 0 && labels > 1)
        r->open = false;
    return labels > 2 || sums > 0;
}

static void read_sheet(reading_t *r)
{
    r->row_done = 0;
    for (uint32_t row = 0; row < r->s->grid.n_rows; row++) {
        tm_fcc_facts_t f;
        if (r->s->row_kind[row] == TM_FCC_R_SHARE) {
            r->open = false;
            continue;
        }
        if (r->s->row_kind[row] == TM_FCC_R_TOTAL) {
            flush_line(r);
            r->open = false;
            continue;
        }
        if (take_head(r, row))
            continue;
        if ((!r->open && r->any_head) || (row > 0 && row <= r->row_done))
            continue;
        tm_fcc_facts(r->s, row, r->loose, &f);
        if (f.n_words < 2 || take_week(r, &f))
            continue;
        take_line(r, &f);
    }
}

/* Does the page head a table of lines itself? Then none goes on at its top. */
static bool has_head(const tm_fcc_sheet_t *s)
{
    for (uint32_t i = 0; i < s->hits.n; i++) {
        if (s->row_kind[s->hits.v[i].row] == TM_FCC_R_HEAD)
            return true;
    }
    return false;
}

static int64_t lines_sum(const tm_fcc_paper_t *p)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->n_lines; i++) {
        sum += p->lines[i].amount_cents.v;
    }
    return sum;
}

static void read_order_lines(tm_fcc_paper_t *p, bool loose, bool any_table)
{
    if (*p->scratch == NULL)
        *p->scratch = tm_arena_alloc(p->arena, sizeof(reading_t));
    reading_t *r = *p->scratch;
    if (r == NULL) {
        p->no_memory = true;
        return;
    }
    memset(r, 0, sizeof *r);
    r->p = p;
    r->loose = loose;
    if (tm_fcc_has(p, TM_FCC_F_FLIGHT_FROM) && tm_fcc_has(p, TM_FCC_F_FLIGHT_TO)) {
        r->from.v = (int32_t)p->value[TM_FCC_F_FLIGHT_FROM].number;
        r->to.v = (int32_t)p->value[TM_FCC_F_FLIGHT_TO].number;
    }
    p->n_lines = p->n_changed = p->lines_cap =
        0; /* a further try begins anew: the one before may be kept */
    p->lines = NULL;
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        if (p->sheets[i].form)
            continue;
        r->s = &p->sheets[i];
        r->open = any_table || (r->open && !has_head(r->s));
        r->any_head = !any_table;
        read_sheet(r);
    }
    flush_line(r);
}

/* Does the try that was just made reach the gross? */
static bool reaches_gross(const tm_fcc_paper_t *p)
{
    return p->n_lines > 0 && tm_fcc_has(p, TM_FCC_F_GROSS) &&
           lines_sum(p) == p->value[TM_FCC_F_GROSS].number;
}

/* First what surely is a table, with dollar signs; then without signs; then rows outside of any
 * table. The first try
 * that reaches the gross wins, else the first that finds anything. */
void tm_fcc_read_lines(tm_fcc_paper_t *p)
{
    static const struct {
        bool loose, any_table;
    } tries[] = {{false, false}, {true, false}, {false, true}, {true, true}};
    uint32_t n_first = 0, changed_first = 0;
    tm_doc_line_t *first = NULL;
    if (p->doc_type == TM_DOC_TYPE_agreement || p->doc_type == TM_DOC_TYPE_credit)
        return;
    if (p->doc_type == TM_DOC_TYPE_invoice) {
        tm_fcc_read_airings(p);
        if (p->n_lines > 0)
            return;
    }
    for (uint32_t i = 0; i < TM_COUNT(tries); i++) {
        read_order_lines(p, tries[i].loose, tries[i].any_table);
        if (reaches_gross(p))
            return;
        if (n_first == 0 && p->n_lines > 0) {
            n_first = p->n_lines;
            first = p->lines;
            changed_first = p->n_changed;
        }
        if (n_first > 0 && i >= 1)
            break; /* rows outside of a table only where there is none */
    }
    p->lines = first;
    p->n_lines = p->lines_cap = n_first;
    p->n_changed = changed_first;
}
