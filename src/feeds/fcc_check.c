/* fcc_check.c - the fields that follow from others, what is doubtful, and how sure the reading is.
 *
 * Why:     independent evidence (totals and lines, days and flight, title and body) is worth more
 *          than any single label.
 * How:     the single-total rule of domain 4.3; sums; then points for each agreement.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"

static bool has(const tm_fcc_paper_t *p, tm_fcc_field_t f)
{
    return p->value[f].score > 0;
}

static int64_t lines_sum(const tm_fcc_paper_t *p)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->n_lines; i++) {
        sum += p->lines[i].amount_cents.v;
    }
    return sum;
}

/* A candidate of the field with that value, NULL: none. */
static const tm_fcc_value_t *candidate(const tm_fcc_paper_t *p, tm_fcc_field_t f, int64_t number)
{
    for (uint32_t i = 0; i < p->candidates[f].n; i++) {
        if (p->candidates[f].v[i].number == number)
            return &p->candidates[f].v[i];
    }
    return NULL;
}

/* The last place that prints exactly that many cents; returns how many places do. */
static uint32_t printed_amount(const tm_fcc_paper_t *p, int64_t cents, tm_fcc_value_t *ret)
{
    uint32_t seen = 0;
    for (uint32_t i = p->n_sheets; i-- > 0;) {
        const tm_fcc_grid_t *g = &p->sheets[i].grid;
        for (uint32_t w = g->n_words; w-- > 0;) {
            tm_fcc_money_t m;
            if (g->words[w].text.n < 3 || !tm_fcc_money(g->words[w].text, &m) || m.cents != cents ||
                (!m.dollar && !m.decimals))
                continue;
            if (seen++ > 0)
                continue;
            *ret = (tm_fcc_value_t){.score = 40,
                                    .number = cents,
                                    .at = {.page = g->page,
                                           .x0 = g->words[w].x0,
                                           .y0 = g->words[w].y0,
                                           .x1 = g->words[w].x1,
                                           .y1 = g->words[w].y1,
                                           .text = g->words[w].text}};
        }
    }
    return seen;
}

/* Gross, net and commission that fit each other win over better labels that do not. */
static void agree_totals(tm_fcc_paper_t *p)
{
    const tm_fcc_candidates_t *gross = &p->candidates[TM_FCC_F_GROSS];
    const int64_t sum = lines_sum(p);
    for (uint32_t i = 0; i < gross->n; i++) {
        tm_fcc_value_t v = gross->v[i];
        if (p->n_lines > 0 && v.number == sum && sum != 0)
            v.score += 14;
        for (uint32_t k = 0; k < p->candidates[TM_FCC_F_NET].n; k++) {
            const tm_fcc_value_t *net = &p->candidates[TM_FCC_F_NET].v[k];
            if (v.number > 0 && candidate(p, TM_FCC_F_COMMISSION, v.number - net->number) != NULL &&
                v.number > net->number)
                v.score += 8;
        }
        p->candidates[TM_FCC_F_GROSS].v[i] = v;
    }
    tm_fcc_settle(p, TM_FCC_F_GROSS);
    tm_fcc_settle(p, TM_FCC_F_NET);
    tm_fcc_settle(p, TM_FCC_F_COMMISSION);
}

/* A gross below a net that stands beside its commission belongs to something else. */
static void drop_wrong_gross(tm_fcc_paper_t *p)
{
    const tm_fcc_value_t *v = p->value;
    if (!has(p, TM_FCC_F_GROSS) || !has(p, TM_FCC_F_NET) || !has(p, TM_FCC_F_COMMISSION))
        return;
    const int64_t net = v[TM_FCC_F_NET].number, gross = v[TM_FCC_F_GROSS].number;
    if (v[TM_FCC_F_NET].score >= 80 && v[TM_FCC_F_COMMISSION].score >= 80 && net > 0 &&
        gross < net) {
        p->value[TM_FCC_F_GROSS] = (tm_fcc_value_t){0};
    }
}

static bool states_commission(const tm_fcc_paper_t *p)
{
    const tm_fcc_value_t *v = p->value;
    return (has(p, TM_FCC_F_COMMISSION) && v[TM_FCC_F_COMMISSION].number != 0) ||
           (has(p, TM_FCC_F_COMMISSION_BP) && v[TM_FCC_F_COMMISSION_BP].number != 0);
}

/* Lines at net rates add up to the net total: their sum says nothing of the gross. */
static bool lines_are_net(const tm_fcc_paper_t *p)
{
    return has(p, TM_FCC_F_NET) && p->value[TM_FCC_F_NET].number == lines_sum(p) &&
           states_commission(p);
}

/* A net total alone, and somewhere the gross of which it is 85 % to the cent: a scan lost the other
 * labels. */
static bool gross_of_net(const tm_fcc_paper_t *p, tm_fcc_value_t *ret)
{
    const int64_t net = p->value[TM_FCC_F_NET].number;
    if (!has(p, TM_FCC_F_NET) || net < 1000)
        return false;
    const int64_t gross = (net * 100 + 42) / 85;
    for (int64_t cents = gross - 1; cents <= gross + 1; cents++) {
        if ((cents * 85 + 50) / 100 == net && printed_amount(p, cents, ret) > 0)
            return true;
    }
    return false;
}

/* A scan that lost every label of a total and all lines: an amount printed twice that is three
 * times any other. */
static bool greatest_twice(const tm_fcc_paper_t *p, tm_fcc_value_t *ret)
{
    int64_t most = 0, next = 0;
    uint32_t amounts = 0;
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        const tm_fcc_grid_t *g = &p->sheets[i].grid;
        for (uint32_t w = 0; w < g->n_words; w++) {
            tm_fcc_money_t m;
            if (g->words[w].text.n < 5 || !tm_fcc_money(g->words[w].text, &m) || !m.dollar ||
                !m.decimals)
                continue;
            amounts++;
            if (m.cents > most) {
                next = most;
                most = m.cents;
            } else if (m.cents < most) {
                next = TM_MAX(next, m.cents);
            }
        }
    }
    return p->n_lines == 0 && amounts >= 5 && next > 0 && most >= 3 * next &&
           printed_amount(p, most, ret) >= 2;
}

/* Gross that is printed but not labelled: net and commission, or the lines, say how much it is. */
static void find_gross(tm_fcc_paper_t *p)
{
    tm_fcc_value_t v;
    if (has(p, TM_FCC_F_GROSS) || lines_are_net(p))
        return;
    if (has(p, TM_FCC_F_NET) && has(p, TM_FCC_F_COMMISSION) &&
        p->value[TM_FCC_F_COMMISSION].number > 0 &&
        printed_amount(p, p->value[TM_FCC_F_NET].number + p->value[TM_FCC_F_COMMISSION].number,
                       &v) > 0) {
        p->value[TM_FCC_F_GROSS] = v;
        return;
    }
    if (gross_of_net(p, &v)) {
        p->value[TM_FCC_F_GROSS] = v;
        return;
    }
    if (p->n_lines > 0 && lines_sum(p) != 0 &&
        printed_amount(p, lines_sum(p), &v) > (p->n_lines == 1 ? 1u : 0u)) {
        v.score = 30;
        p->value[TM_FCC_F_GROSS] = v;
        return;
    }
    if (!has(p, TM_FCC_F_NET) && greatest_twice(p, &v)) {
        v.score = 15;
        p->value[TM_FCC_F_GROSS] = v;
    }
}

/* One total and no commission: it is gross and net. A net alone with a commission leaves the gross
 * unknown. */
static void single_total(tm_fcc_paper_t *p)
{
    if (states_commission(p) || has(p, TM_FCC_F_GROSS) == has(p, TM_FCC_F_NET))
        return;
    if (has(p, TM_FCC_F_GROSS)) {
        p->value[TM_FCC_F_NET] = p->value[TM_FCC_F_GROSS];
    } else {
        p->value[TM_FCC_F_GROSS] = p->value[TM_FCC_F_NET];
    }
    p->single_total = true;
}

/* Where that day is printed, as one word. */
static bool printed_day(const tm_fcc_paper_t *p, int32_t day, tm_fcc_value_t *ret)
{
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        const tm_fcc_grid_t *g = &p->sheets[i].grid;
        for (uint32_t w = 0; w < g->n_words; w++) {
            const tm_str_t t = g->words[w].text;
            tm_fcc_date_t d;
            for (uint32_t at = 0; t.n >= 6 && tm_fcc_digits(t) >= 3 && tm_fcc_date(t, at, 0, &d);
                 at = d.to) {
                if (d.day.v != day)
                    continue;
                *ret = (tm_fcc_value_t){
                    .score = 20, .number = day, .at = tm_fcc_span_part(g, w, 1, t, d.from, d.to)};
                return true;
            }
        }
    }
    return false;
}

/* An order without a flight in its header: the first and last day its own lines print. */
static void flight_of_lines(tm_fcc_paper_t *p)
{
    int32_t from = INT32_MAX, to = 0;
    tm_fcc_value_t a, b;
    for (uint32_t i = 0; i < p->n_lines; i++) {
        if (!TM_HAS(&p->lines[i], TM_DOC_LINE_from))
            continue;
        from = TM_MIN(from, p->lines[i].from.v);
        to = TM_MAX(to, p->lines[i].to.v);
    }
    if (to == 0 || from > to || !printed_day(p, from, &a) || !printed_day(p, to, &b))
        return;
    p->value[TM_FCC_F_FLIGHT_FROM] = a;
    p->value[TM_FCC_F_FLIGHT_TO] = b;
}

/* Days of lines and airings stand in for a flight that is not printed. */
static void find_flight(tm_fcc_paper_t *p)
{
    if (has(p, TM_FCC_F_FLIGHT_FROM) && has(p, TM_FCC_F_FLIGHT_TO))
        return;
    if (has(p, TM_FCC_F_FLIGHT_FROM) || has(p, TM_FCC_F_FLIGHT_TO))
        return;
    p->value[TM_FCC_F_FLIGHT_FROM] = p->value[TM_FCC_F_PERIOD_FROM];
    p->value[TM_FCC_F_FLIGHT_TO] = p->value[TM_FCC_F_PERIOD_TO];
    const bool order = p->doc_type != TM_DOC_TYPE_invoice; /* what aired is no flight */
    if (order && !has(p, TM_FCC_F_FLIGHT_FROM) && !has(p, TM_FCC_F_FLIGHT_TO))
        flight_of_lines(p);
}

static bool lines_in_flight(const tm_fcc_paper_t *p)
{
    const int64_t from = p->value[TM_FCC_F_FLIGHT_FROM].number,
                  to = p->value[TM_FCC_F_FLIGHT_TO].number;
    for (uint32_t i = 0; i < p->n_lines; i++) {
        if (!TM_HAS(&p->lines[i], TM_DOC_LINE_from))
            continue;
        if (p->lines[i].to.v < from || p->lines[i].from.v > to)
            return false;
    }
    return p->n_lines > 0;
}

static bool number_in_title(const tm_fcc_paper_t *p)
{
    const tm_str_t title = p->upload == NULL ? TM_STR("") : p->upload->filename;
    static const uint8_t fields[] = {TM_FCC_F_CONTRACT, TM_FCC_F_ORDER, TM_FCC_F_INVOICE,
                                     TM_FCC_F_ALT, TM_FCC_F_TRAFFIC};
    for (uint32_t i = 0; i < TM_COUNT(fields) && title.n > 0; i++) {
        const tm_str_t t = p->value[fields[i]].text;
        if (has(p, fields[i]) && t.n >= 4 && memmem(title.p, title.n, t.p, t.n) != NULL)
            return true;
    }
    return false;
}

static void confidence(tm_fcc_paper_t *p)
{
    int c = 3000;
    const tm_fcc_value_t *v = p->value;
    if (has(p, TM_FCC_F_CONTRACT) || has(p, TM_FCC_F_ORDER) || has(p, TM_FCC_F_INVOICE))
        c += 1000;
    if (number_in_title(p))
        c += 700;
    if (has(p, TM_FCC_F_ADVERTISER))
        c += v[TM_FCC_F_ADVERTISER].score >= 80 ? 1000 : 400;
    if (has(p, TM_FCC_F_GROSS))
        c += v[TM_FCC_F_GROSS].score >= 80 ? 900 : 300;
    if (p->lines_add_up)
        c += 1500;
    if (has(p, TM_FCC_F_GROSS) && has(p, TM_FCC_F_NET) && has(p, TM_FCC_F_COMMISSION) &&
        !p->single_total) {
        if (v[TM_FCC_F_GROSS].number - v[TM_FCC_F_COMMISSION].number == v[TM_FCC_F_NET].number)
            c += 600;
    }
    if (has(p, TM_FCC_F_FLIGHT_FROM) && has(p, TM_FCC_F_FLIGHT_TO)) {
        c += 700;
        if (lines_in_flight(p))
            c += 500;
    }
    if (has(p, TM_FCC_F_STATION))
        c += 400;
    if (p->family != TM_FCC_UNKNOWN)
        c += 200;
    for (uint32_t i = 0; i < p->n_exceptions; i++) {
        c -= 800;
    }
    p->confidence_bp = TM_MAX(500, TM_MIN(c, 9900));
}

/* Lines against the total they are in: the gross, or the net where only that is known. A printout
 * of changes only does not reach its total, and that is no fault (domain 4.2). */
static void compare_lines(tm_fcc_paper_t *p)
{
    const tm_fcc_field_t field = has(p, TM_FCC_F_GROSS) ? TM_FCC_F_GROSS : TM_FCC_F_NET;
    const int64_t total = p->value[field].number, sum = lines_sum(p);
    if (p->n_lines == 0 || !has(p, field))
        return;
    p->lines_add_up = sum == total;
    const bool revised = p->family == TM_FCC_KATZ && p->value[TM_FCC_F_REVISION].text.n > 0;
    const bool changed = p->n_changed > 0 && p->n_changed >= p->n_lines;
    p->changes_only = (revised || changed) && sum < total;
    if (!p->lines_add_up && !p->changes_only && field == TM_FCC_F_GROSS)
        tm_fcc_doubt(p, "line_sum_mismatch");
}

/* One printed date is the flight's first day; whether it is the last too is not printed. Whoever
 * spreads dollars takes it for a flight of one day (domain 4.2). */
static void single_day(tm_fcc_paper_t *p)
{
    const tm_fcc_value_t *from = &p->value[TM_FCC_F_FLIGHT_FROM];
    tm_fcc_value_t *to = &p->value[TM_FCC_F_FLIGHT_TO];
    if (from->score > 0 && to->score > 0 && from->number == to->number &&
        from->at.text.p == to->at.text.p)
        *to = (tm_fcc_value_t){0};
}

void tm_fcc_check(tm_fcc_paper_t *p)
{
    const bool paper = p->doc_type != TM_DOC_TYPE_agreement && p->doc_type != TM_DOC_TYPE_inquiry;
    if (paper) {
        agree_totals(p);
        drop_wrong_gross(p);
        find_gross(p);
        single_total(p);
    }
    find_flight(p);
    compare_lines(p);
    if (paper && !has(p, TM_FCC_F_GROSS) && !has(p, TM_FCC_F_NET))
        tm_fcc_doubt(p, "missing_amount");
    if (paper && !has(p, TM_FCC_F_FLIGHT_FROM))
        tm_fcc_doubt(p, "missing_flight");
    const bool cable = has(p, TM_FCC_F_SYSTEM) || has(p, TM_FCC_F_ZONE);
    if (paper && !has(p, TM_FCC_F_STATION) && !cable)
        tm_fcc_doubt(p, "missing_station");
    confidence(p);
    single_day(p);
}
