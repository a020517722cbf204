/* matrix_peek.h - what the owner of a matrix asks it while deciding: a line's shares, a cell, the
 * stations' sums of a market.
 *
 * Why:     a decision tells the totals before and after it; a market's total is compared with its
 *          stations in the same commit.
 * Threads: the matrix's owner. */
#ifndef TM_DOMAIN_MATRIX_PEEK_H
#define TM_DOMAIN_MATRIX_PEEK_H
#include "domain/matrix.h"

/* What the owner knows of a line it has set: its placed gross and whether it is firm. false: the
 * line puts nothing anywhere. O(weeks of the line). */
bool tm_matrix_line_gross(const tm_matrix_t *matrix, tm_id_t line, bool *ret_firm,
                          tm_cents_t *ret_gross);
/* The placed shares of a line as they lie in the matrix now (NULL, 0: none), in the arena. NULL
 * with *ret_n > 0: the arena is full. */
tm_share_t *tm_matrix_line_shares(const tm_matrix_t *matrix, tm_id_t line, tm_arena_t *arena,
                                  uint32_t *ret_n);
/* Calls each(ctx, week, gross, lines) for every cell of the rows with a station that share
 * advertiser, market and medium with key: firm sums, in no order. O(cells of those rows). */
void tm_matrix_station_sums(tm_matrix_t *matrix, const tm_row_key_t *key,
                            void (*each)(void *ctx, tm_day_t week, tm_cents_t gross,
                                         uint32_t n_lines),
                            void *ctx);
/* Every line in those rows, in no order. */
void tm_matrix_station_lines(tm_matrix_t *matrix, const tm_row_key_t *key,
                             void (*each)(void *ctx, tm_id_t line), void *ctx);
/* A leaf row by the text of its key, and its firm sums in one week. */
typedef struct tm_leaf {
    tm_row_key_t key; /* names borrowed from the row */
    bool known;
    tm_cents_t gross;
    uint64_t version; /* of the delta that told of the cell last; 0: never */
} tm_leaf_t;
bool tm_matrix_leaf(const tm_matrix_t *matrix, tm_str_t key, tm_day_t week, tm_leaf_t *ret);
tm_cents_t tm_matrix_gross(const tm_matrix_t *matrix); /* booked, of all cells */
#endif
