/* fcc_numbers.c - contract, order, invoice and alternate numbers, revisions and estimates.
 *
 * Why:     the number is the identity of an order; a revision in a field of its own is always split
 *          from it.
 * How:     the value of a number label is its first token that looks like a number of some system;
 *          `123 / 2`, `123 (Rev 2)` give number and revision.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"
#include "feeds/fcc_near.h"

/* Does the token look like the number of some system: letters, digits and inner signs, at least two
 * digits? */
static bool is_number(tm_str_t t)
{
    tm_fcc_date_t date;
    uint32_t letters = 0;
    const uint32_t digits = tm_fcc_digits(t);
    if (t.n < 3 || t.n > 24 || digits < 2)
        return false;
    if (tm_fcc_date(t, 0, 0, &date))
        return false;
    for (uint32_t i = 0; i < t.n; i++) {
        const char c = t.p[i];
        if (c >= 'a' && c <= 'z') {
            return false; /* a digit that a scan misread: which one is not known */
        } else if (tm_fcc_is_alpha(c)) {
            letters++;
        } else if (!tm_fcc_is_digit(c) && (c != '-' || i == 0) && c != '_' && c != '.') {
            return false;
        }
        if (c == '.' && i + 3 >= t.n && digits > 2)
            return false; /* an amount */
    }
    return digits * 2 >= letters;
}

/* The number's bytes within a token: without signs of scans around it, cut before a slash. */
static tm_str_t number_of(tm_str_t t)
{
    t = tm_fcc_strip(t, "|[](){}.,;:#'\"*_-");
    for (uint32_t i = 1; i < t.n; i++) {
        if (t.p[i] == '/' || t.p[i] == '(')
            t.n = i;
    }
    return t;
}

/* Text of bytes [from, to) as a value with its place. */
static tm_fcc_value_t value_part(const tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first,
                                 uint32_t n, tm_str_t text, tm_str_t part, int score)
{
    (void)p;
    const uint32_t from = (uint32_t)(part.p - text.p);
    tm_fcc_value_t v = {.score = score, .text = part};
    v.at = tm_fcc_span_part(&s->grid, first, n, text, from, from + part.n);
    return v;
}

/* `2` of "/ 2", "(Rev 2)", "Rev 2"; n 0: blank. rest: the text after the number. */
static tm_str_t revision_of(tm_str_t rest)
{
    rest = tm_str_trim(rest);
    bool marked = false;
    if (rest.n > 0 && rest.p[0] == '/') {
        marked = true;
        rest = tm_str_trim((tm_str_t){rest.p + 1, rest.n - 1});
    }
    rest = tm_fcc_strip(rest, "()[]|. ");
    if (rest.n > 3 && (rest.p[0] | 32) == 'r' && (rest.p[1] | 32) == 'e' &&
        (rest.p[2] | 32) == 'v') {
        marked = true;
        uint32_t i = 3;
        while (i < rest.n && !tm_fcc_is_digit(rest.p[i])) {
            i++;
        }
        rest = (tm_str_t){rest.p + i, rest.n - i};
    }
    uint32_t n = 0;
    while (n < rest.n && n < 9 && (tm_fcc_is_digit(rest.p[n]) || tm_fcc_is_alpha(rest.p[n]))) {
        n++;
    }
    if (!marked || n == 0 || n > 4 || tm_fcc_digits((tm_str_t){rest.p, n}) == 0)
        return (tm_str_t){NULL, 0};
    if (n < rest.n && rest.p[n] == '/')
        return (tm_str_t){NULL, 0}; /* a date */
    return (tm_str_t){rest.p, n};
}

/* The first token that is a number: its bytes and what follows it. */
static bool first_number(tm_str_t text, tm_str_t *ret, tm_str_t *rest)
{
    uint32_t i = 0;
    for (int tokens = 0; i < text.n && tokens < 3; tokens++) {
        uint32_t end = i;
        while (end < text.n && text.p[end] != ' ') {
            end++;
        }
        const tm_str_t token = number_of((tm_str_t){text.p + i, end - i});
        if (is_number(token)) {
            *ret = token;
            const uint32_t after = (uint32_t)(token.p + token.n - text.p);
            *rest = (tm_str_t){text.p + after, text.n - after};
            return true;
        }
        if (end - i > 4 || tm_fcc_digits((tm_str_t){text.p + i, end - i}) > 0)
            return false;
        i = end + 1;
    }
    return false;
}

static const struct {
    uint8_t key, field;
} number_keys[] = {
    {TM_FCC_NUMBER_PAIR, TM_FCC_F_CONTRACT},
    {TM_FCC_CONTRACT, TM_FCC_F_CONTRACT},
    {TM_FCC_ORDER, TM_FCC_F_ORDER},
    {TM_FCC_INVOICE, TM_FCC_F_INVOICE},
    {TM_FCC_ALT, TM_FCC_F_ALT},
    {TM_FCC_TRAFFIC, TM_FCC_F_TRAFFIC},
    {TM_FCC_ESTIMATE, TM_FCC_F_ESTIMATE},
    {TM_FCC_INVOICE_OR_ORDER, TM_FCC_F_INVOICE},
    {TM_FCC_TRANSACTION, TM_FCC_F_INVOICE},
};

static int field_of(tm_fcc_key_t key)
{
    for (uint32_t i = 0; i < TM_COUNT(number_keys); i++) {
        if (number_keys[i].key == key)
            return number_keys[i].field;
    }
    return -1;
}

/* Numbers like `0119/ECR26789049`: the alternate number is the part with a system's letters or the
 * longer one. */
static tm_str_t alternate_of(tm_str_t text)
{
    const char *slash = text.n > 0 ? memchr(text.p, '/', text.n) : NULL;
    if (slash == NULL)
        return text;
    const tm_str_t right = {slash + 1, (uint32_t)(text.p + text.n - slash - 1)};
    return right.n >= 5 ? tm_str_trim(right) : text;
}

static bool take_number(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit,
                        uint32_t first, uint32_t n, int score)
{
    tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    if (span.text.p == NULL) {
        p->no_memory = true;
        return false;
    }
    const tm_fcc_key_t key = tm_fcc_hit_key(hit);
    const int field = field_of(key);
    tm_str_t number, rest;
    assert(field >= 0);
    const tm_str_t text = key == TM_FCC_ALT ? alternate_of(span.text) : span.text;
    if (!first_number(text, &number, &rest))
        return false;
    if (key == TM_FCC_ALT && number.n < 5)
        return false;
    tm_fcc_value_t v = value_part(p, s, first, n, span.text, number, score);
    tm_fcc_offer(p, (tm_fcc_field_t)field, &v);
    const tm_str_t rev = revision_of(rest);
    if (rev.n > 0 && (field == TM_FCC_F_CONTRACT || field == TM_FCC_F_ORDER)) {
        v = value_part(p, s, first, n, span.text, rev, score);
        tm_fcc_offer(p, TM_FCC_F_REVISION, &v);
    }
    return true;
}

/* "Highlighting Revision 1", "Current State Version 2": from the series' name on. "0": the number
 * alone. */
static void take_revision(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                          int score)
{
    static const char *const series[] = {"Revision", "Makegood", "Version", "Rev", "Order"};
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    if (span.text.p == NULL || span.text.n > 60 || tm_fcc_digits(span.text) == 0)
        return;
    for (uint32_t i = 0; i < TM_COUNT(series); i++) {
        const char *at = memmem(span.text.p, span.text.n, series[i], strlen(series[i]));
        if (at == NULL)
            continue;
        const uint32_t from = (uint32_t)(at - span.text.p);
        const tm_str_t rest = tm_str_trim((tm_str_t){at, span.text.n - from});
        if (rest.n > 32 || tm_fcc_digits(rest) == 0 || tm_fcc_digits(rest) > 4)
            return;
        const tm_fcc_value_t v = value_part(p, s, first, n, span.text, rest, score);
        tm_fcc_offer(p, TM_FCC_F_REVISION, &v);
        return;
    }
    int64_t number;
    if (span.text.n <= 4 && tm_fcc_count(span.text, &number)) {
        const tm_fcc_value_t v = value_part(p, s, first, n, span.text, span.text, score);
        tm_fcc_offer(p, TM_FCC_F_REVISION, &v);
    }
}

static void read_hit(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit,
                     int page_bonus)
{
    uint32_t first, n;
    const tm_fcc_key_t key = tm_fcc_hit_key(hit);
    const int score = hit->label->rank + page_bonus;
    if (key == TM_FCC_REVISION) {
        if (tm_fcc_right(s, hit, false, &first, &n))
            take_revision(p, s, first, n, score);
        return;
    }
    if (field_of(key) < 0)
        return;
    const bool across = key == TM_FCC_NUMBER_PAIR;
    const int marked = hit->mark && !hit->colon ? 2 : 0;
    if (tm_fcc_right(s, hit, across, &first, &n) &&
        take_number(p, s, hit, first, n, score + marked))
        return;
    if (tm_fcc_below(s, hit, across, &first, &n)) {
        (void)take_number(p, s, hit, first, n, score + marked - (hit->colon ? 30 : 4));
    }
}

/* A scan that lost the label: `1234567 / 2` or `1234567 /` alone in its column in the header of a
 * contract or order. */
static void read_bare_pair(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    const bool paper =
        s->doc_type == TM_DOC_TYPE_contract + 1 || s->doc_type == TM_DOC_TYPE_order + 1;
    for (uint32_t i = 0; paper && i + 1 < g->n_words; i++) {
        const tm_fcc_word_t *w = &g->words[i];
        if (w->y0 > 0.35f * g->height || s->hits.of_word[i] != 0 || w[1].row != w->row)
            continue;
        if (w[1].text.n != 1 || w[1].text.p[0] != '/' || w->text.n < 4 || w->text.n > 9)
            continue;
        if (tm_fcc_digits(w->text) != w->text.n ||
            (i > g->rows[w->row].first && !tm_fcc_gap(g, i - 1)))
            continue;
        const tm_fcc_value_t v = value_part(p, s, i, 1, w->text, w->text, 48);
        tm_fcc_offer(p, TM_FCC_F_CONTRACT, &v);
    }
}

/* "Inv # 1465203   Rev # 0": the head of the page is the invoice's own number. */
static bool names_itself(const tm_fcc_sheet_t *s)
{
    for (uint32_t i = 0; i + 1 < s->hits.n; i++) {
        const tm_fcc_hit_t *hit = &s->hits.v[i];
        if (hit->label->key == TM_FCC_INVOICE && hit[1].label->key == TM_FCC_REVISION &&
            hit[1].row == hit->row && hit->mark && hit[1].mark)
            return true;
    }
    return false;
}

void tm_fcc_read_numbers(tm_fcc_paper_t *p)
{
    assert(p->n_sheets > 0);
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        const tm_fcc_sheet_t *s = &p->sheets[i];
        read_bare_pair(p, s);
        p->names_itself |= names_itself(s);
        for (uint32_t k = 0; k < s->hits.n; k++) {
            read_hit(p, s, &s->hits.v[k], i == 0 ? 1 : 0);
        }
    }
}
