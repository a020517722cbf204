/* fcc_airings.c - the airings of invoices, and the lines they belong to.
 *
 * Why:     an invoice says what really ran; a spot without an air time did not run and is not
 *          billed.
 * How:     a row with one date, a time of day and an amount is an airing; rows with a line number
 *          begin a line; a line's amount is the sum of its airings.
 * Threads: one at a time. */
#include "feeds/fcc_table.h"

typedef struct billing {
    tm_fcc_paper_t *p;
    const tm_fcc_sheet_t *s;
    tm_doc_line_t line;
    bool has_line;
    int64_t sum, rate;
    int32_t spots;
    tm_day_t first, last;
    uint32_t row; /* 1 + row of the airing before on this page, 0: none */
    float right;  /* right edge of its amount */
} billing_t;

static void add_airing(tm_fcc_paper_t *p, const tm_airing_t *airing)
{
    if (p->n_airings >= TM_FCC_AIRINGS_MAX)
        return;
    if (p->n_airings == p->airings_cap) {
        const uint32_t cap = p->airings_cap == 0 ? 64 : p->airings_cap * 2;
        tm_airing_t *more = tm_arena_alloc(p->arena, cap * sizeof *more);
        if (more == NULL) {
            p->no_memory = true;
            return;
        }
        if (p->n_airings > 0)
            memcpy(more, p->airings, p->n_airings * sizeof *more);
        p->airings = more;
        p->airings_cap = cap;
    }
    p->airings[p->n_airings++] = *airing;
}

static void flush(billing_t *b)
{
    if (b->has_line && b->spots > 0) {
        tm_doc_line_t line = b->line;
        line.page = TM_HAS(&line, TM_DOC_LINE_page) ? line.page : (int32_t)b->s->grid.page;
        line.status = (tm_enum_t){TM_LINE_STATUS_ok};
        TM_MARK(&line, TM_DOC_LINE_page);
        TM_MARK(&line, TM_DOC_LINE_status);
        if (!TM_HAS(&line, TM_DOC_LINE_from))
            tm_fcc_line_set(&line, b->first, b->last);
        tm_fcc_line_money(&line, b->spots, b->rate, b->sum);
        tm_fcc_add_line(b->p, &line);
    }
    b->has_line = false;
    b->sum = 0;
    b->spots = 0;
    b->rate = INT64_MIN;
    b->first = b->last = (tm_day_t){0};
    b->line = (tm_doc_line_t){0};
}

static void begin(billing_t *b, const tm_fcc_facts_t *f)
{
    if (b->has_line && TM_HAS(&b->line, TM_DOC_LINE_line) && tm_str_eq(b->line.line, f->number))
        return; /* goes on overleaf */
    flush(b);
    b->has_line = true;
    b->line.page = (int32_t)b->s->grid.page;
    TM_MARK(&b->line, TM_DOC_LINE_page);
    if (f->number.n > 0) {
        b->line.line = f->number;
        TM_MARK(&b->line, TM_DOC_LINE_line);
    }
}

/* The code of the creative: the word before the amount, or after the length, that mixes letters and
 * digits. */
static tm_str_t code_of(const tm_fcc_sheet_t *s, const tm_fcc_facts_t *f, uint32_t money)
{
    for (uint32_t i = money; i-- > f->dates[0].word + 1 && money - i < 6;) {
        const tm_str_t t = s->grid.words[i].text;
        if (t.n < 5 || t.n > 40 || tm_fcc_digits(t) < 2 || memchr(t.p, ':', t.n) != NULL ||
            memchr(t.p, '$', t.n) != NULL)
            continue;
        if (tm_fcc_digits(t) + 1 < t.n)
            return t;
    }
    return (tm_str_t){NULL, 0};
}

static void take_airing(billing_t *b, const tm_fcc_facts_t *f)
{
    uint32_t at = 0; /* the first amount after the time: remarks about other rates may follow */
    while (at + 1 < f->n_money && f->money[at].word < f->clock) {
        at++;
    }
    const uint32_t money = f->money[at].word;
    const int64_t amount = f->money[at].v;
    tm_airing_t a = {.air_date = {(int32_t)f->dates[0].v},
                     .amount_cents = {amount},
                     .page = (int32_t)b->s->grid.page};
    TM_MARK(&a, TM_AIRING_air_date);
    TM_MARK(&a, TM_AIRING_amount_cents);
    TM_MARK(&a, TM_AIRING_page);
    a.air_time =
        f->clock_s % 60 != 0
            ? tm_arena_printf(b->p->arena, "%02d:%02d:%02d", f->clock_s / 3600,
                              f->clock_s / 60 % 60, f->clock_s % 60)
            : tm_arena_printf(b->p->arena, "%02d:%02d", f->clock_s / 3600, f->clock_s / 60 % 60);
    if (a.air_time.p != NULL)
        TM_MARK(&a, TM_AIRING_air_time);
    if (f->length != UINT32_MAX && f->length_s > 0) {
        a.length_s = f->length_s;
        TM_MARK(&a, TM_AIRING_length_s);
    }
    a.isci = code_of(b->s, f, money);
    if (a.isci.n > 0)
        TM_MARK(&a, TM_AIRING_isci);
    add_airing(b->p, &a);
    b->has_line = true;
    b->sum += amount;
    b->rate = b->spots == 0 || b->rate == amount ? amount : INT64_MIN;
    b->spots++;
    b->row = f->row + 1;
    b->right = b->s->grid.words[money].x1;
    if (b->first.v == 0 || a.air_date.v < b->first.v)
        b->first = a.air_date;
    if (a.air_date.v > b->last.v)
        b->last = a.air_date;
}

/* Money that is due, paid or left is no airing, though it has a date and a time too. */
static bool is_account(const tm_fcc_sheet_t *s, uint32_t row)
{
    static const char *const words[] = {"Balance", "Payment", "Received", "Paid"};
    const tm_fcc_row_t *at = &s->grid.rows[row];
    for (uint32_t i = at->first; i < at->first + TM_MIN(at->n, 40u); i++) {
        for (uint32_t k = 0; k < TM_COUNT(words); k++) {
            if (tm_str_starts(s->grid.words[i].text, words[k]))
                return true;
        }
    }
    return false;
}

/* An airing of several creatives prints its amount between their rows: the next row or the one
 * before has it alone. */
static bool borrow_amount(const tm_fcc_sheet_t *s, tm_fcc_facts_t *f)
{
    const tm_fcc_row_t *rows = s->grid.rows;
    const float h = rows[f->row].y1 - rows[f->row].y0;
    for (int step = 1; step >= -1; step -= 2) {
        if ((step < 0 && f->row == 0) || (step > 0 && f->row + 1 >= s->grid.n_rows))
            continue;
        const uint32_t near = step > 0 ? f->row + 1 : f->row - 1;
        const float away = rows[near].mid - rows[f->row].mid;
        tm_fcc_facts_t g;
        if (away > 1.3f * h || away < -1.3f * h)
            continue;
        tm_fcc_facts(s, near, false, &g);
        if (g.n_money != 1 || g.n_dates != 0 || g.number.n > 0 || is_account(s, near))
            continue;
        f->money[f->n_money++] = g.money[0];
        return true;
    }
    return false;
}

/* The second creative of a bookend: its own amount below the first one's, the date not repeated. */
static void take_second(billing_t *b, const tm_fcc_facts_t *f)
{
    if (b->row == 0 || f->row > b->row + 1 || f->n_dates != 0 || f->number.n > 0 ||
        f->n_money != 1 || b->p->n_airings == 0)
        return;
    const float off = b->s->grid.words[f->money[0].word].x1 - b->right;
    if (off > 5 || off < -5 || f->length == UINT32_MAX || is_account(b->s, f->row))
        return;
    tm_airing_t a = b->p->airings[b->p->n_airings - 1];
    a.amount_cents = (tm_cents_t){f->money[0].v};
    if (f->length_s > 0)
        a.length_s = f->length_s;
    add_airing(b->p, &a);
    b->sum += f->money[0].v;
    b->rate = INT64_MIN;
    b->row = 0;
}

static void take_row(billing_t *b, uint32_t row)
{
    tm_fcc_facts_t f;
    const tm_fcc_sheet_t *s = b->s;
    tm_fcc_facts(s, row, false, &f);
    const bool timed = f.n_dates == 1 && f.clock != UINT32_MAX && !is_account(s, row);
    const bool airing = timed && (f.n_money >= 1 || borrow_amount(s, &f));
    const tm_fcc_row_t *at = &s->grid.rows[row];
    const bool dotted = f.number.n > 0 && memchr(f.number.p, '.', f.number.n) != NULL;
    if (f.number.n > 0 && (!airing || dotted) && f.n_words > 2 && s->hits.of_word[at->first] == 0) {
        const bool text = f.n_dates != 1 || dotted;
        if (text)
            begin(b, &f);
        if (f.n_dates >= 2) {
            tm_fcc_line_set(&b->line, (tm_day_t){(int32_t)f.dates[0].v},
                            (tm_day_t){(int32_t)f.dates[1].v});
            if (f.days != UINT32_MAX) {
                b->line.days = s->grid.words[f.days].text;
                TM_MARK(&b->line, TM_DOC_LINE_days);
            }
        }
    }
    if (airing) {
        take_airing(b, &f);
    } else {
        take_second(b, &f);
    }
}

void tm_fcc_read_airings(tm_fcc_paper_t *p)
{
    billing_t b = {.p = p, .rate = INT64_MIN};
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        b.s = &p->sheets[i];
        b.row = 0;
        if (b.s->form)
            continue;
        for (uint32_t row = 0; row < b.s->grid.n_rows; row++) {
            if (b.s->row_kind[row] == TM_FCC_R_PLAIN)
                take_row(&b, row);
        }
    }
    if (p->n_sheets > 0)
        flush(&b);
}
