/* fcc_totals.c - gross, net, commission, spots; printed market budgets and competitive shares.
 *
 * Why:     a wrong total is worse than none: a column's head decides what the total below it means,
 *          and a budget of the market is never spend.
 * How:     amounts right of a total's label; amounts in a row of totals, named by the head of their
 *          column; gross less commission is net confirms all three.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"
#include "feeds/fcc_near.h"
#include <math.h>

static bool word_money(const tm_fcc_sheet_t *s, uint32_t i, tm_fcc_money_t *ret)
{
    return tm_fcc_money(s->grid.words[i].text, ret);
}

static tm_fcc_value_t money_value(const tm_fcc_sheet_t *s, uint32_t i, int64_t cents, int score)
{
    const tm_fcc_word_t *w = &s->grid.words[i];
    return (tm_fcc_value_t){.score = score,
                            .number = cents,
                            .at = {.page = s->grid.page,
                                   .x0 = w->x0,
                                   .y0 = w->y0,
                                   .x1 = w->x1,
                                   .y1 = w->y1,
                                   .text = w->text}};
}

/* ---- competitive shares and budgets ---- */
static void take_share(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n)
{
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    if (span.text.p == NULL || span.text.n > 100 || p->n_shares == TM_COUNT(p->shares))
        return;
    for (uint32_t i = 0; i < p->n_shares; i++) {
        if (tm_str_eq(p->shares[i], span.text))
            return;
    }
    p->shares[p->n_shares++] = span.text;
}

/* Entries below a budget: `WAAA Share: 20%`, `Unknown: 80%` in the budget's own column. */
static void read_share_block(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit)
{
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t r = hit->row + 1;
         r < g->n_rows && r < hit->row + 16 && g->rows[r].y0 < hit->y1 + 160; r++) {
        const uint32_t i = tm_fcc_row_find(g, r, hit->x0 - 70);
        uint32_t n = 1;
        if (i >= g->rows[r].first + g->rows[r].n || g->words[i].x0 > hit->x1 + 20)
            continue;
        while (n < 8 && !tm_fcc_gap(g, i + n - 1)) {
            n++;
        }
        const tm_str_t last = g->words[i + n - 1].text;
        if (n > 1 && last.n > 1 && last.p[last.n - 1] == '%' && tm_fcc_is_digit(last.p[0]))
            take_share(p, s, i, n);
    }
}

/* Words of the row from i on that belong to one entry: `KAAA 21% $2,071.65`; 0: no percentage among
 * them. */
static uint32_t share_entry(const tm_fcc_sheet_t *s, uint32_t i, float x_max)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_row_t *row = &g->rows[g->words[i].row];
    uint32_t k = i;
    bool percent = false;
    tm_fcc_money_t m;
    for (; k < row->first + row->n && k < i + 12 && g->words[k].x0 < x_max; k++) {
        const tm_str_t t = g->words[k].text;
        if (percent) {
            if (word_money(s, k, &m) && m.dollar)
                k++;
            break;
        }
        percent = t.n >= 2 && t.p[t.n - 1] == '%' && tm_fcc_is_digit(t.p[0]);
    }
    return percent ? k - i : 0;
}

/* A table of shares below its head: rows of name, percentage and perhaps dollars. The market's row
 * is its budget. */
static void read_share_table(tm_fcc_paper_t *p, tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit)
{
    const tm_fcc_grid_t *g = &s->grid;
    const float x_max = hit->x1 + 320;
    s->row_kind[hit->row] = TM_FCC_R_SHARE;
    for (uint32_t r = hit->row + 1; r < g->n_rows && r < hit->row + 40; r++) {
        const uint32_t i = tm_fcc_row_find(g, r, hit->x0 - 12);
        if (i >= g->rows[r].first + g->rows[r].n || g->words[i].x0 > hit->x1 + 40)
            break;
        const uint32_t n = share_entry(s, i, x_max);
        if (n < 2)
            break;
        s->row_kind[r] = TM_FCC_R_SHARE;
        tm_fcc_money_t m;
        if (tm_fcc_says(g->words[i].text, "Market") && word_money(s, i + n - 1, &m)) {
            const tm_fcc_value_t v = money_value(s, i + n - 1, m.cents, 70);
            tm_fcc_offer(p, TM_FCC_F_BUDGET, &v);
        } else {
            take_share(p, s, i, n);
        }
    }
}

static void read_shares(tm_fcc_paper_t *p, tm_fcc_sheet_t *s)
{
    for (uint32_t k = 0; k < s->hits.n; k++) {
        const tm_fcc_hit_t *hit = &s->hits.v[k];
        uint32_t first, n;
        tm_fcc_money_t m;
        if (hit->label->key == TM_FCC_BUDGET && tm_fcc_right(s, hit, false, &first, &n) &&
            word_money(s, first, &m)) {
            const tm_fcc_value_t v = money_value(s, first, m.cents, hit->label->rank);
            tm_fcc_offer(p, TM_FCC_F_BUDGET, &v);
            read_share_block(p, s, hit);
        } else if (hit->label->key == TM_FCC_SHARE && !hit->colon && hit->label->rank >= 80) {
            read_share_table(p, s, hit);
        }
    }
}

/* ---- totals ---- */
static int money_field(uint8_t key)
{
    switch (key) {
    case TM_FCC_GROSS:
    case TM_FCC_AMOUNT:
    case TM_FCC_COST:
        return TM_FCC_F_GROSS;
    case TM_FCC_NET:
        return TM_FCC_F_NET;
    case TM_FCC_COMMISSION:
        return TM_FCC_F_COMMISSION;
    case TM_FCC_SPOTS:
    case TM_FCC_COUNT:
        return TM_FCC_F_SPOTS;
    default:
        return -1;
    }
}

/* "15%", "15.00" as basis points; -1: none. */
static int percent_bp(tm_str_t t)
{
    tm_fcc_money_t m;
    t = tm_fcc_strip(t, "():");
    const bool sign = t.n > 0 && t.p[t.n - 1] == '%';
    if (sign)
        t.n--;
    if (!tm_fcc_money(t, &m) || m.dollar || m.cents < 0 || m.cents > 9999)
        return -1;
    return (int)m.cents;
}

static bool take_percent(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t i, bool sure,
                         int score)
{
    const tm_str_t t = s->grid.words[i].text;
    const int bp = percent_bp(t);
    if (bp < 0 || (!sure && memchr(t.p, '%', t.n) == NULL))
        return false;
    const tm_fcc_value_t v = money_value(s, i, bp, score);
    tm_fcc_offer(p, TM_FCC_F_COMMISSION_BP, &v);
    return true;
}

/* Word i as the field's kind of number. */
static bool take_number(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t i, int field,
                        int score)
{
    tm_fcc_money_t m;
    int64_t count;
    const tm_str_t t = s->grid.words[i].text;
    if (field == TM_FCC_F_SPOTS) {
        if (!tm_fcc_count(t, &count) || count > 1000000)
            return false;
        const tm_fcc_value_t v = money_value(s, i, count, score);
        tm_fcc_offer(p, TM_FCC_F_SPOTS, &v);
        return true;
    }
    if (field == TM_FCC_F_COMMISSION && take_percent(p, s, i, false, score))
        return true;
    if (!word_money(s, i, &m))
        return false;
    if (field == TM_FCC_F_COMMISSION) {
        m.cents = m.cents < 0 ? -m.cents : m.cents;
    }
    if (!m.dollar)
        score -= m.decimals || m.comma ? 4 : 25;
    if (m.mended)
        score -= 6;
    const tm_fcc_value_t v = money_value(s, i, m.cents, score);
    tm_fcc_offer(p, (tm_fcc_field_t)field, &v);
    return true;
}

/* The head of the column in which word i stands: the nearest label above that says what an amount
 * is. */
static const tm_fcc_hit_t *column_head(const tm_fcc_sheet_t *s, const tm_fcc_word_t *w,
                                       uint32_t row)
{
    const tm_fcc_hit_t *best = NULL;
    float best_y = -INFINITY, best_x = INFINITY;
    for (uint32_t k = 0; k < s->hits.n && s->hits.v[k].row < row; k++) {
        const tm_fcc_hit_t *h = &s->hits.v[k];
        if (money_field(h->label->key) < 0 && h->label->key != TM_FCC_RATE &&
            h->label->key != TM_FCC_TOTAL)
            continue;
        if (h->x0 > w->x1 + 6 || h->x1 < w->x0 - 6 || h->colon)
            continue;
        const float x = fabsf((h->x0 + h->x1) / 2 - (w->x0 + w->x1) / 2);
        if (h->y1 > best_y + 4 || (h->y1 > best_y - 4 && x < best_x)) {
            best = h;
            best_y = h->y1;
            best_x = x;
        }
    }
    return best;
}

/* Totals 13 $16,350.00 ($2,452.50) $13,897.50: three amounts that fit each other need no heads. */
static bool take_triple(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const uint32_t *at,
                        const tm_fcc_money_t *m, uint32_t n, int score)
{
    for (uint32_t i = 0; i + 2 < n; i++) {
        const int64_t commission = m[i + 1].cents < 0 ? -m[i + 1].cents : m[i + 1].cents;
        if (m[i].cents <= 0 || commission == 0 || m[i].cents - commission != m[i + 2].cents ||
            commission * 2 > m[i].cents)
            continue;
        tm_fcc_value_t v = money_value(s, at[i], m[i].cents, score);
        tm_fcc_offer(p, TM_FCC_F_GROSS, &v);
        v = money_value(s, at[i + 1], commission, score);
        tm_fcc_offer(p, TM_FCC_F_COMMISSION, &v);
        v = money_value(s, at[i + 2], m[i + 2].cents, score);
        tm_fcc_offer(p, TM_FCC_F_NET, &v);
        return true;
    }
    return false;
}

/* A row of totals: each amount means what its column's head says. heads: the page whose heads
 * apply. */
static void read_total_row(tm_fcc_paper_t *p, tm_fcc_sheet_t *s, const tm_fcc_sheet_t *before,
                           const tm_fcc_hit_t *hit, int bonus)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_row_t *row = &g->rows[hit->row];
    uint32_t at[12], n = 0, last = UINT32_MAX;
    tm_fcc_money_t m[12];
    bool headed = false, counted = false;
    for (uint32_t i = hit->first + hit->n; i < row->first + row->n && i < hit->first + 60; i++) {
        tm_fcc_money_t money;
        int64_t count;
        if (s->hits.of_word[i] != 0)
            break;
        const bool is_money =
            word_money(s, i, &money) && (money.dollar || money.decimals || money.comma);
        if (!is_money && !tm_fcc_count(g->words[i].text, &count))
            continue;
        counted = true;
        const tm_fcc_hit_t *head = column_head(s, &g->words[i], hit->row);
        if (head == NULL && before != NULL)
            head = column_head(before, &g->words[i], before->grid.n_rows);
        const int field = head == NULL ? -1 : money_field(head->label->key);
        if (is_money && n < TM_COUNT(at)) {
            at[n] = i;
            m[n++] = money;
            if (money.dollar)
                last = i;
        }
        if (field < 0 || (is_money == (field == TM_FCC_F_SPOTS)))
            continue;
        const int weight = head->label->key == TM_FCC_GROSS ? 10
                           : head->label->key == TM_FCC_NET ? 12
                                                            : 6;
        headed |= is_money && take_number(p, s, i, field, hit->label->rank + weight + bonus);
        if (!is_money)
            (void)take_number(p, s, i, field, hit->label->rank + bonus);
    }
    if (n > 0 || counted)
        s->row_kind[hit->row] = TM_FCC_R_TOTAL;
    if (take_triple(p, s, at, m, n, hit->label->rank + 14 + bonus) || headed || n == 0)
        return;
    const uint32_t only = last != UINT32_MAX ? last : at[n - 1];
    (void)take_number(p, s, only, TM_FCC_F_GROSS, hit->label->rank - (n > 1 ? 35 : 22) + bonus);
    for (uint32_t i = 0; i < n; i++) {
        if (m[i].dollar && at[i] != only) /* the lines decide between them */
            (void)take_number(p, s, at[i], TM_FCC_F_GROSS, hit->label->rank - 41 + bonus);
    }
}

/* Between a total's label and its dollars a count of spots may stand: the first amount with a
 * dollar sign, else word i. */
static uint32_t first_dollars(const tm_fcc_sheet_t *s, uint32_t i)
{
    const tm_fcc_row_t *row = &s->grid.rows[s->grid.words[i].row];
    for (uint32_t k = i; k < row->first + row->n && k < i + 4 && s->hits.of_word[k] == 0; k++) {
        tm_fcc_money_t m;
        if (word_money(s, k, &m) && m.dollar)
            return k;
        if (s->grid.words[k].text.n == 1 && s->grid.words[k].text.p[0] == '$' &&
            k + 1 < row->first + row->n)
            return k + 1;
        if (!word_money(s, k, &m))
            break;
    }
    return i;
}

static void read_hit(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit, int bonus)
{
    uint32_t first, n;
    const uint8_t key = hit->label->key;
    if (key == TM_FCC_COMMISSION_PERCENT) {
        if (tm_fcc_right(s, hit, false, &first, &n))
            (void)take_percent(p, s, first, true, hit->label->rank + bonus);
        return;
    }
    const int field = money_field(key);
    if (field < 0 || key == TM_FCC_AMOUNT || key == TM_FCC_COST || key == TM_FCC_COUNT)
        return;
    if (tm_fcc_right(s, hit, false, &first, &n)) {
        if (field != TM_FCC_F_SPOTS)
            first = first_dollars(s, first);
        if (take_number(p, s, first, field, hit->label->rank + bonus))
            return;
    }
    if (tm_fcc_below(s, hit, false, &first, &n))
        (void)take_number(p, s, first, field, hit->label->rank - 42 + bonus);
}

/* The next amount below word i in its column, at most three line heights down; UINT32_MAX: none. */
static uint32_t amount_below(const tm_fcc_sheet_t *s, uint32_t i, tm_fcc_money_t *ret)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_word_t *w = &g->words[i];
    const float h = tm_fcc_height(w);
    for (uint32_t r = w->row + 1; r < g->n_rows && g->rows[r].mid < w->y1 + 2.6f * h; r++) {
        for (uint32_t k = tm_fcc_row_find(g, r, w->x0 - 5 * h);
             k < g->rows[r].first + g->rows[r].n && g->words[k].x0 <= w->x1; k++) {
            const float left = fabsf(g->words[k].x0 - w->x0), right = fabsf(g->words[k].x1 - w->x1);
            if (TM_MIN(left, right) < 1.5f * h && word_money(s, k, ret) && ret->decimals)
                return k;
        }
    }
    return UINT32_MAX;
}

/* A scan that lost the labels: gross, a commission of 15 % and net below each other fit each other
 * all the same. */
static void read_stack(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    for (uint32_t i = 0; i < s->grid.n_words; i++) {
        tm_fcc_money_t m[3];
        const tm_str_t t = s->grid.words[i].text;
        if (t.n < 4 || !word_money(s, i, &m[0]) || !m[0].decimals || m[0].cents < 1000)
            continue;
        const uint32_t b = amount_below(s, i, &m[1]);
        const uint32_t c = b == UINT32_MAX ? b : amount_below(s, b, &m[2]);
        if (c == UINT32_MAX)
            continue;
        const int64_t commission = m[1].cents < 0 ? -m[1].cents : m[1].cents;
        const int64_t off = commission * 100 - m[0].cents * 15;
        if (m[0].cents - commission != m[2].cents || off > 100 || off < -100)
            continue;
        tm_fcc_value_t v = money_value(s, i, m[0].cents, 50);
        tm_fcc_offer(p, TM_FCC_F_GROSS, &v);
        v = money_value(s, b, commission, 50);
        tm_fcc_offer(p, TM_FCC_F_COMMISSION, &v);
        v = money_value(s, c, m[2].cents, 50);
        tm_fcc_offer(p, TM_FCC_F_NET, &v);
        return;
    }
}

void tm_fcc_read_totals(tm_fcc_paper_t *p)
{
    assert(p->n_sheets > 0);
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        tm_fcc_sheet_t *s = &p->sheets[i];
        if (s->form)
            continue;
        read_shares(p, s);
        for (uint32_t k = 0; k < s->hits.n; k++) {
            const tm_fcc_hit_t *hit = &s->hits.v[k];
            if (s->row_kind[hit->row] == TM_FCC_R_SHARE)
                continue;
            if (hit->label->key == TM_FCC_TOTAL) {
                read_total_row(p, s, i > 0 ? &p->sheets[i - 1] : NULL, hit, 0);
            } else {
                read_hit(p, s, hit, 0);
            }
        }
        read_stack(p, s);
    }
}
