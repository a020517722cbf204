/* fcc_grid.c - see fcc_grid.h.
 *
 * Threads: pure; any. */
#include "feeds/fcc_grid.h"
#include "base/fold.h"
#include <math.h>
#include <stdlib.h>

static int by_middle(const void *pa, const void *pb)
{
    const tm_fcc_word_t *a = pa, *b = pb;
    const float ya = a->y0 + a->y1, yb = b->y0 + b->y1;
    if (ya != yb)
        return ya < yb ? -1 : 1;
    if (a->x0 != b->x0)
        return a->x0 < b->x0 ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static int by_left(const void *pa, const void *pb)
{
    const tm_fcc_word_t *a = pa, *b = pb;
    if (a->x0 != b->x0)
        return a->x0 < b->x0 ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* ASCII without control characters, or well-formed UTF-8. */
static bool is_text(tm_str_t t)
{
    bool plain = true;
    for (uint32_t i = 0; i < t.n; i++) {
        if ((unsigned char)t.p[i] < 0x20)
            return false;
        plain &= (unsigned char)t.p[i] < 0x80;
    }
    return plain || tm_utf8_is_valid(t);
}

static bool word_take(const tm_word_t *w, uint32_t order, float unit, tm_fcc_word_t *ret)
{
    if (!isfinite(w->x0) || !isfinite(w->y0) || !isfinite(w->x1) || !isfinite(w->y1) ||
        w->text.n == 0)
        return false;
    if (fabsf(w->x0) > 1e5f || fabsf(w->y0) > 1e5f || fabsf(w->x1) > 1e5f || fabsf(w->y1) > 1e5f)
        return false;
    if (!is_text(w->text))
        return false;
    *ret = (tm_fcc_word_t){.x0 = TM_MIN(w->x0, w->x1) / unit,
                           .x1 = TM_MAX(w->x0, w->x1) / unit,
                           .y0 = TM_MIN(w->y0, w->y1) / unit,
                           .y1 = TM_MAX(w->y0, w->y1) / unit,
                           .text = w->text,
                           .block = w->block,
                           .line = w->line,
                           .order = order};
    return true;
}

static bool same_line(const tm_fcc_word_t *a, const tm_fcc_word_t *b)
{
    return a->block == b->block && a->line == b->line;
}

/* Does b go on with the text of a: in pdftotext's line, or on exactly the same height right behind
 * it? */
static bool goes_on(const tm_fcc_word_t *a, const tm_fcc_word_t *b)
{
    if (same_line(a, b))
        return true;
    const float gap = b->x0 - a->x1;
    return fabsf(a->y0 - b->y0) < 0.05f && fabsf(a->y1 - b->y1) < 0.05f && gap > -0.5f &&
           gap < 0.5f * tm_fcc_height(a);
}

/* Where a long value runs over the next column, its words come together first. */
static void row_untangle(tm_fcc_word_t *words, uint32_t n)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (words[i + 1].x0 >= words[i].x1 - 1 || goes_on(&words[i], &words[i + 1]))
            continue;
        for (uint32_t k = i + 2; k < n && k < i + 12; k++) {
            if (!goes_on(&words[i], &words[k]))
                continue;
            const tm_fcc_word_t w = words[k];
            memmove(&words[i + 2], &words[i + 1], (k - i - 1) * sizeof *words);
            words[i + 1] = w;
            break;
        }
    }
}

/* Joins words sorted by their middle into rows; a row's middle follows its words so that slightly
 * turned scans hold. */
static uint32_t rows_join(tm_fcc_word_t *words, uint32_t n, tm_fcc_row_t *rows)
{
    uint32_t n_rows = 0;
    float middle = 0, height = 0;
    for (uint32_t i = 0; i < n; i++) {
        tm_fcc_word_t *w = &words[i];
        const float y = (w->y0 + w->y1) / 2, h = tm_fcc_height(w);
        const float most = TM_MAX(1.2f, 0.38f * TM_MIN(h, height));
        if (n_rows == 0 || y - middle > most) {
            rows[n_rows++] = (tm_fcc_row_t){.first = i, .n = 0, .y0 = w->y0, .y1 = w->y1};
            middle = y;
            height = h;
        }
        tm_fcc_row_t *row = &rows[n_rows - 1];
        row->n++;
        row->y0 = TM_MIN(row->y0, w->y0);
        row->y1 = TM_MAX(row->y1, w->y1);
        middle += (y - middle) / (float)row->n;
        height += (h - height) / (float)row->n;
        row->mid = middle;
        w->row = n_rows - 1;
    }
    for (uint32_t r = 0; r < n_rows; r++) {
        qsort(words + rows[r].first, rows[r].n, sizeof *words, by_left);
        row_untangle(words + rows[r].first, rows[r].n);
    }
    return n_rows;
}

/* 1 for pages of a size people print on; else so that the longer side becomes 1000. */
static float unit_of(const tm_page_t *page)
{
    const float most = TM_MAX(page->width, page->height);
    if (!isfinite(page->width) || !isfinite(page->height) || most < 50 || most > 1e5f)
        return 1;
    return most > 1300 || most < 400 ? most / 1000 : 1;
}

tm_err_t tm_fcc_grid_make(const tm_page_t *page, uint32_t number, tm_arena_t *arena,
                          tm_fcc_grid_t *ret)
{
    const uint32_t most = TM_MIN(page->n_words, TM_FCC_WORDS_MAX);
    assert(number >= 1);
    assert(page->n_words == 0 || page->words != NULL);
    const float unit = unit_of(page);
    tm_fcc_grid_t g = {
        .page = number, .unit = unit, .width = page->width / unit, .height = page->height / unit};
    g.words = tm_arena_alloc(arena, (most + 1) * sizeof *g.words);
    g.rows = tm_arena_alloc(arena, (most + 1) * sizeof *g.rows);
    if (g.words == NULL || g.rows == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < most; i++) {
        g.n_words += word_take(&page->words[i], i, g.unit, &g.words[g.n_words]);
    }
    qsort(g.words, g.n_words, sizeof *g.words, by_middle);
    g.n_rows = rows_join(g.words, g.n_words, g.rows);
    *ret = g;
    return TM_OK;
}

uint32_t tm_fcc_row_find(const tm_fcc_grid_t *grid, uint32_t row, float x)
{
    assert(row < grid->n_rows);
    uint32_t lo = grid->rows[row].first, hi = lo + grid->rows[row].n;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (grid->words[mid].x0 < x) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

uint32_t tm_fcc_row_at(const tm_fcc_grid_t *grid, float y)
{
    uint32_t lo = 0, hi = grid->n_rows;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (grid->rows[mid].mid < y) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

bool tm_fcc_gap(const tm_fcc_grid_t *grid, uint32_t i)
{
    assert(i < grid->n_words);
    const tm_fcc_word_t *a = &grid->words[i], *b = a + 1;
    if (i + 1 >= grid->n_words || a->row != b->row)
        return true;
    const float gap = b->x0 - a->x1, h = TM_MIN(tm_fcc_height(a), tm_fcc_height(b));
    if (gap < -1 && !same_line(a, b))
        return true;
    return gap > 0.95f * h || (a->block != b->block && gap > 0.45f * h);
}

tm_fcc_span_t tm_fcc_span(const tm_fcc_grid_t *grid, uint32_t first, uint32_t n, tm_arena_t *arena)
{
    assert(n >= 1);
    assert(first + n <= grid->n_words);
    const tm_fcc_word_t *w = &grid->words[first];
    tm_fcc_span_t s = {.page = grid->page, .x0 = w->x0, .y0 = w->y0, .x1 = w->x1, .y1 = w->y1};
    if (n == 1) {
        s.text = w->text;
        return s;
    }
    size_t bytes = n;
    for (uint32_t i = 0; i < n; i++) {
        bytes += w[i].text.n;
        s.x0 = TM_MIN(s.x0, w[i].x0);
        s.y0 = TM_MIN(s.y0, w[i].y0);
        s.x1 = TM_MAX(s.x1, w[i].x1);
        s.y1 = TM_MAX(s.y1, w[i].y1);
    }
    char *p = tm_arena_alloc(arena, bytes);
    if (p == NULL)
        return s;
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            p[at++] = ' ';
        memcpy(p + at, w[i].text.p, w[i].text.n);
        at += w[i].text.n;
    }
    s.text = tm_str_n(p, at);
    return s;
}

tm_fcc_span_t tm_fcc_span_part(const tm_fcc_grid_t *grid, uint32_t first, uint32_t n, tm_str_t text,
                               uint32_t from, uint32_t to)
{
    assert(from <= to && to <= text.n);
    assert(first + n <= grid->n_words);
    tm_fcc_span_t s = {.page = grid->page, .text = {text.p + from, to - from}};
    uint32_t at = 0;
    bool any = false;
    for (uint32_t i = first; i < first + n; i++) {
        const tm_fcc_word_t *w = &grid->words[i];
        const uint32_t end = at + w->text.n;
        if (at < to && end > from) {
            s.x0 = any ? TM_MIN(s.x0, w->x0) : w->x0;
            s.y0 = any ? TM_MIN(s.y0, w->y0) : w->y0;
            s.x1 = any ? TM_MAX(s.x1, w->x1) : w->x1;
            s.y1 = any ? TM_MAX(s.y1, w->y1) : w->y1;
            any = true;
        }
        at = end + 1;
    }
    return s;
}
