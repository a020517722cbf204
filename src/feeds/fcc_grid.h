/* fcc_grid.h - a page's words put into rows from top to bottom, each from left to right.
 *
 * Why:     pdftotext's reading order follows columns of some layouts and tears the rows of others;
 *          geometry does not.
 * How:     words sorted by the middle of their height, joined into rows with a tolerance, each row
 *          sorted by x.
 * Threads: pure; any. */
#ifndef TM_FEEDS_FCC_GRID_H
#define TM_FEEDS_FCC_GRID_H
#include "feeds/words.h"
#include "feeds/limits.h"

typedef struct tm_fcc_word {
    float x0, y0, x1, y1;
    tm_str_t text;
    uint32_t row, block, line, order; /* block, line, order: as pdftotext read the page */
} tm_fcc_word_t;

typedef struct tm_fcc_row {
    uint32_t first, n; /* words */
    float y0, y1, mid; /* mid grows from row to row */
} tm_fcc_row_t;

typedef struct tm_fcc_grid {
    uint32_t page;       /* from 1 */
    float width, height; /* in units of the grid, like all places of it */
    float
        unit; /* points a unit: pages of scans measured in dots are brought to the size of paper */
    uint32_t n_words, n_rows;
    tm_fcc_word_t *words; /* row by row */
    tm_fcc_row_t *rows;
} tm_fcc_grid_t;

/* A run of words of one row (or of rows below each other) with its text and box. */
typedef struct tm_fcc_span {
    uint32_t page;
    float x0, y0, x1, y1;
    tm_str_t text; /* joined with single spaces; p NULL: nothing */
} tm_fcc_span_t;

/* Errors: TM_ENOMEM. O(n log n). Words without finite coordinates are left out. */
TM_MUST_CHECK tm_err_t tm_fcc_grid_make(const tm_page_t *page, uint32_t number, tm_arena_t *arena,
                                        tm_fcc_grid_t *ret);

static inline float tm_fcc_height(const tm_fcc_word_t *w)
{
    const float h = w->y1 - w->y0;
    return h < 3 ? 3 : h > 40 ? 40 : h;
}
/* First word of the row's words from `from` on whose left edge is at least x; the row's end if
 * none. O(log n). */
uint32_t tm_fcc_row_find(const tm_fcc_grid_t *grid, uint32_t row, float x);
/* First row whose middle is at least y; n_rows if none. O(log n). */
uint32_t tm_fcc_row_at(const tm_fcc_grid_t *grid, float y);
/* Is there a column gap between word i and the word after it in the row? */
bool tm_fcc_gap(const tm_fcc_grid_t *grid, uint32_t i);
/* Words [first, first + n) of one row as a span. text.p NULL: arena full. */
tm_fcc_span_t tm_fcc_span(const tm_fcc_grid_t *grid, uint32_t first, uint32_t n, tm_arena_t *arena);
/* Bytes [from, to) of a one-row span's text: the words they touch, the text exactly those bytes. */
tm_fcc_span_t tm_fcc_span_part(const tm_fcc_grid_t *grid, uint32_t first, uint32_t n, tm_str_t text,
                               uint32_t from, uint32_t to);
#endif
