/* matrix_compare.h - what lies between two pictures of one campaign's matrix: every cell that
 * changed, the sums of advertisers and markets, the total.
 *
 * Why:     a report says what changed since the last one and where totals stand.
 * How:     rows meet by the text of their key, cells by their week; booked, gross, as the matrix
 *          shows by default. Whatever is not known in one of the two stays so: nothing known is not
 *          zero.
 * Threads: pure. */
#ifndef TM_DOMAIN_MATRIX_COMPARE_H
#define TM_DOMAIN_MATRIX_COMPARE_H
#include "domain/matrix.h"

/* One amount in both pictures. */
typedef struct tm_compared_sum {
    bool had, has; /* something was, is known */
    int64_t before, after;
} tm_compared_sum_t;
/* What it adds to the total: nothing known adds nothing. */
static inline int64_t tm_compared_difference(const tm_compared_sum_t *sum)
{
    return (int64_t)((uint64_t)(sum->has ? sum->after : 0) -
                     (uint64_t)(sum->had ? sum->before : 0));
}

/* Names are borrowed from the pictures, the newer one's where both have the row. */
typedef struct tm_compared_cell {
    tm_str_t row; /* text of the row's key */
    tm_day_t week;
    int side, medium;
    int32_t market;               /* 0: unknown */
    tm_str_t advertiser, station; /* n 0: unknown */
    tm_compared_sum_t sum;
} tm_compared_cell_t;
typedef struct tm_compared_advertiser {
    tm_str_t key; /* its part of the keys of its rows */
    tm_str_t name;
    int side;
    tm_compared_sum_t sum;
} tm_compared_advertiser_t;
typedef struct tm_compared_market {
    int32_t market; /* 0: unknown */
    tm_compared_sum_t sum;
} tm_compared_market_t;

typedef struct tm_comparison {
    tm_compared_sum_t total;
    tm_compared_cell_t *cells; /* only changed ones: by side, advertiser, row, week */
    uint32_t n_cells, cap_cells;
    tm_compared_advertiser_t *advertisers; /* all: by side, sum after, name */
    uint32_t n_advertisers, cap_advertisers;
    tm_compared_market_t *markets; /* all: by code, unknown last */
    uint32_t n_markets, cap_markets;
} tm_comparison_t;

/* before NULL: nothing was known. ret: tm_comparison_done it. O((rows + cells) log). */
void tm_matrix_compare(const tm_matrix_view_t *before, const tm_matrix_view_t *after,
                       tm_comparison_t *ret);
void tm_comparison_done(tm_comparison_t *comparison);
/* The total of one picture, booked, gross. false: nothing is known. O(rows without a known cell).
 */
bool tm_matrix_known_total(const tm_matrix_view_t *view, tm_cents_t *ret_gross);
#endif
