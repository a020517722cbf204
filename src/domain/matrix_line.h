/* matrix_line.h - what one line put into the matrix: its place there, and its shares, packed.
 *
 * Why:     the shares are needed to take them out again; there are as many lines as anything, so
 *          every byte counts. Only memory holds this form.
 * How:     shares of like flags in weeks that follow each other are a run: flags, number of shares
 *          and days since the share before once, then the amounts of each, as differences to the
 *          known share before. The weeks of a flight are nearly equal: a byte an amount.
 * Threads: see matrix.h: immutable once it is in the matrix. Only matrix*.c include this. */
#ifndef TM_DOMAIN_MATRIX_LINE_H
#define TM_DOMAIN_MATRIX_LINE_H
#include "domain/matrix.h"

typedef struct tm_mline {
    tm_shared_t shared;
    tm_id_t id;
    uint32_t row; /* key in the matrix's trie of rows */
    uint32_t sources;
    uint32_t n_bytes;
    uint16_t n_shares; /* placed ones */
    uint8_t stage;
    bool firm : 1, disputed : 1;
    bool has_unplaced : 1; /* the first packed share is the unplaced one */
    uint8_t packed[];
} tm_mline_t;

/* Packs shares, ascending by week and fewer than 65,536, into a new line (id, row etc. are the
 * caller's). */
TM_OWN tm_mline_t *tm_mline_new(const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced);
bool tm_mline_equal(const tm_mline_t *a, const tm_mline_t *b); /* the same effect on the same row */

typedef struct tm_amounts {
    int64_t gross, net, low, high;
} tm_amounts_t;
typedef struct tm_unpack {
    const uint8_t *p, *end;
    int32_t week;
    uint32_t left;       /* shares of the present run */
    uint8_t flags;       /* its */
    tm_amounts_t before; /* of the last known share; 0 before the first */
} tm_unpack_t;
void tm_mline_begin(const tm_mline_t *line, tm_unpack_t *at);
/* Placed and unplaced ones, in order; unknown ones without amounts. false: there are no more. */
bool tm_mline_next(tm_unpack_t *at, tm_share_t *ret);
bool tm_mline_touches(const tm_mline_t *line, int32_t week);
#endif
