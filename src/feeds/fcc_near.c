/* fcc_near.c - which words are a label's value: those right of it, or those below it.
 *
 * Why:     some layouts print a value beside its label, some under it; columns of either are
 *          bounded by other labels.
 * How:     by geometry with tolerances in line heights; another label in between means that the
 *          value is blank.
 * Threads: pure; any. */
#include "feeds/fcc_near.h"
#include <math.h>

static float mid_of(const tm_fcc_word_t *w)
{
    return (w->y0 + w->y1) / 2;
}

/* Is a word a lone sign that binds two halves of a value? */
static bool binds(tm_str_t t)
{
    const char c = t.n > 0 ? t.p[t.n - 1] : ' ';
    return c == '/' || c == '-' || (t.n == 2 && (t.p[0] | 32) == 't' && (t.p[1] | 32) == 'o');
}

/* Frames of boxes that a scan took for letters. */
static bool is_frame(tm_str_t t)
{
    for (uint32_t i = 0; i < t.n; i++) {
        if (strchr("|[]{}_~=", t.p[i]) == NULL)
            return false;
    }
    return true;
}

/* The first word of the row from i on that is no frame. */
static uint32_t past_frames(const tm_fcc_grid_t *g, const tm_fcc_row_t *row, uint32_t i)
{
    while (i < row->first + row->n && is_frame(g->words[i].text)) {
        i++;
    }
    return i;
}

/* A small word that goes on with a name after a wide space: "Casey  for Mayor". */
static bool joins(tm_str_t t)
{
    static const char *const words[] = {"for", "of", "to", "the", "and", "in"};
    for (uint32_t i = 0; i < TM_COUNT(words); i++) {
        if (tm_str_eq(t, tm_str(words[i])))
            return true;
    }
    return false;
}

/* Words from `first` on that belong together: up to a column gap, another label or x_max. */
static uint32_t extend(const tm_fcc_sheet_t *s, uint32_t first, float x_max, bool across)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_row_t *row = &g->rows[g->words[first].row];
    const uint32_t end = row->first + row->n;
    uint32_t i = first;
    while (i + 1 < end && i - first < 40) {
        const tm_fcc_word_t *a = &g->words[i], *b = &g->words[i + 1];
        if (b->x0 >= x_max)
            break;
        const bool gap = tm_fcc_gap(g, i);
        if (s->hits.of_word[i + 1] != 0)
            break;
        if (gap) {
            const bool bound = binds(a->text) || (b->text.n == 1 && binds(b->text));
            const bool joined = joins(b->text) && b->x0 - a->x1 < 3 * tm_fcc_height(a);
            if (joined) {
                i++;
                continue;
            }
            if (!across || !bound || b->x0 - a->x1 > 8 * tm_fcc_height(a))
                break;
        }
        i++;
    }
    return i - first + 1;
}

bool tm_fcc_right(const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit, bool across,
                  uint32_t *ret_first, uint32_t *ret_n)
{
    const tm_fcc_grid_t *g = &s->grid;
    const float h = TM_MAX(3.0f, TM_MIN(hit->y1 - hit->y0, 40.0f)), mid = (hit->y0 + hit->y1) / 2;
    float best = INFINITY, block = INFINITY;
    uint32_t found = UINT32_MAX;
    for (uint32_t r = tm_fcc_row_at(g, mid - 0.95f * h);
         r < g->n_rows && g->rows[r].mid <= mid + 0.95f * h; r++) {
        uint32_t i = tm_fcc_row_find(g, r, hit->x1 - 0.15f * h);
        if (r == hit->row)
            i = TM_MAX(i, hit->first + hit->n);
        i = past_frames(g, &g->rows[r], i);
        if (i >= g->rows[r].first + g->rows[r].n)
            continue;
        const tm_fcc_word_t *w = &g->words[i];
        const float dy = fabsf(mid_of(w) - mid);
        if (dy > 0.85f * TM_MAX(h, tm_fcc_height(w)))
            continue;
        if (s->hits.of_word[i] != 0) {
            if (dy < 0.6f * h)
                block = TM_MIN(block, w->x0);
            continue;
        }
        const float cost = w->x0 - hit->x1 + 5 * dy;
        if (cost < best) {
            best = cost;
            found = i;
        }
    }
    if (found == UINT32_MAX || g->words[found].x0 > block)
        return false;
    *ret_first = found;
    *ret_n = extend(s, found, INFINITY, across);
    return true;
}

/* Left edge of the next label on the label's own height. */
static float next_label(const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit)
{
    const uint32_t at = (uint32_t)(hit - s->hits.v);
    const float h = hit->y1 - hit->y0;
    float x = INFINITY;
    for (uint32_t i = at > 40 ? at - 40 : 0; i < s->hits.n && i < at + 40; i++) {
        const tm_fcc_hit_t *o = &s->hits.v[i];
        if (o == hit || o->x0 < hit->x1 || fabsf(o->y0 - hit->y0) > 0.7f * h)
            continue;
        x = TM_MIN(x, o->x0);
    }
    return x;
}

bool tm_fcc_below(const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit, bool across,
                  uint32_t *ret_first, uint32_t *ret_n)
{
    const tm_fcc_grid_t *g = &s->grid;
    const float h = TM_MAX(3.0f, TM_MIN(hit->y1 - hit->y0, 40.0f));
    const float x_min = hit->x0 - 0.6f * h, x_max = next_label(s, hit) - 1;
    for (uint32_t r = hit->row + 1; r < g->n_rows && r < hit->row + 8; r++) {
        const tm_fcc_row_t *row = &g->rows[r];
        if (row->mid <= hit->y1 - 0.15f * h)
            continue;
        if (row->y0 > hit->y1 + 1.6f * h)
            break;
        uint32_t i = tm_fcc_row_find(g, r, x_min);
        const uint32_t end = row->first + row->n;
        while (i > row->first && g->words[i - 1].x1 > hit->x0 + 0.3f * h &&
               g->words[i - 1].x0 > hit->x0 - 4 * h) {
            if (i < end && g->words[i].x0 <= hit->x1 && tm_fcc_gap(g, i - 1))
                break; /* the next column's value fits better */
            i--;
        }
        if (i >= row->first + row->n)
            continue;
        const tm_fcc_word_t *w = &g->words[i];
        if (w->x0 >= TM_MIN(x_max, hit->x1 + 2.5f * h))
            continue;
        if (s->hits.of_word[i] != 0)
            return false;
        *ret_first = i;
        *ret_n = extend(s, i, x_max, across);
        return true;
    }
    return false;
}

bool tm_fcc_wrapped(const tm_fcc_sheet_t *s, uint32_t first, uint32_t n, float x_label,
                    uint32_t *ret_first, uint32_t *ret_n)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_word_t *w = &g->words[first];
    const float h = tm_fcc_height(w);
    assert(n >= 1);
    for (uint32_t r = w->row + 1; r < g->n_rows && r < w->row + 5; r++) {
        const tm_fcc_row_t *row = &g->rows[r];
        if (row->mid < w->y1 - 0.1f * h)
            continue;
        if (row->y0 > w->y1 + 0.75f * h)
            break;
        const uint32_t i = tm_fcc_row_find(g, r, w->x0 - 2.0f);
        if (i >= row->first + row->n || fabsf(g->words[i].x0 - w->x0) > 2.0f ||
            s->hits.of_word[i] != 0)
            continue;
        if (i > row->first && !tm_fcc_gap(g, i - 1))
            continue;
        const float y = mid_of(&g->words[i]);
        for (uint32_t k = tm_fcc_row_at(g, y - 0.4f * h);
             k < g->n_rows && g->rows[k].mid < y + 0.4f * h; k++) {
            const uint32_t from = tm_fcc_row_find(g, k, x_label - 2 * h);
            for (uint32_t j = from; j < g->rows[k].first + g->rows[k].n && j < from + 64 &&
                                    g->words[j].x0 < w->x0 - 2.0f;
                 j++) {
                if (g->words[j].x0 >= x_label - 2 * h)
                    return false; /* it has a label of its own */
            }
        }
        *ret_first = i;
        *ret_n = extend(s, i, INFINITY, false);
        return true;
    }
    return false;
}
