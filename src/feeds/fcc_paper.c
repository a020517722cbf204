/* fcc_paper.c - see fcc_paper.h: candidates and their winners.
 *
 * Threads: one at a time. */
#include "feeds/fcc_paper.h"

static bool same_value(const tm_fcc_value_t *a, const tm_fcc_value_t *b)
{
    return a->number == b->number && tm_str_case_eq(a->text, b->text);
}

void tm_fcc_offer(tm_fcc_paper_t *p, tm_fcc_field_t field, const tm_fcc_value_t *value)
{
    assert(field < TM_FCC_FIELDS);
    if (value->score < 1)
        return;
    tm_fcc_candidates_t *c = &p->candidates[field];
    uint32_t worst = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        if (same_value(&c->v[i], value)) {
            const uint32_t seen = c->v[i].seen + 1;
            const tm_str_t whole = value->whole.n > c->v[i].whole.n ? value->whole : c->v[i].whole;
            if (value->score > c->v[i].score)
                c->v[i] = *value;
            c->v[i].seen = seen;
            c->v[i].whole = whole;
            return;
        }
        if (c->v[i].score < c->v[worst].score)
            worst = i;
    }
    if (c->n < TM_FCC_CANDIDATES_MAX) {
        c->v[c->n] = *value;
        c->v[c->n++].seen = 1;
    } else if (c->v[worst].score < value->score) {
        c->v[worst] = *value;
        c->v[worst].seen = 1;
    }
}

/* The same name printed whole elsewhere: a page's narrow header may cut it. */
static bool is_whole_of(const tm_fcc_value_t *longer, const tm_fcc_value_t *shorter)
{
    return shorter->text.n >= 8 && longer->text.n > shorter->text.n &&
           longer->score + 6 >= shorter->score &&
           memcmp(longer->text.p, shorter->text.p, shorter->text.n) == 0;
}

void tm_fcc_settle(tm_fcc_paper_t *p, tm_fcc_field_t field)
{
    assert(field < TM_FCC_FIELDS);
    const tm_fcc_candidates_t *c = &p->candidates[field];
    int best = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        const int score = c->v[i].score + 2 * (int)TM_MIN(c->v[i].seen - 1, 4u);
        if (score > best) {
            best = score;
            p->value[field] = c->v[i];
        }
    }
    const bool name =
        field >= TM_FCC_F_ADVERTISER && field <= TM_FCC_F_PRODUCT && field != TM_FCC_F_STATION;
    for (uint32_t i = 0; name && i < c->n; i++) {
        if (is_whole_of(&c->v[i], &p->value[field]))
            p->value[field] = c->v[i];
    }
}

void tm_fcc_doubt(tm_fcc_paper_t *p, const char *exception)
{
    for (uint32_t i = 0; i < p->n_exceptions; i++) {
        if (tm_str_eq(p->exceptions[i], tm_str(exception)))
            return;
    }
    assert(p->n_exceptions < TM_COUNT(p->exceptions));
    p->exceptions[p->n_exceptions++] = tm_str(exception);
}
