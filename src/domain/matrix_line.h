/* matrix_line.h - what one line put into the matrix: its place there, and its shares, packed.
 *
 * Why:     the shares are needed to take them out again; there are as many lines as anything.
 * Threads: see matrix.h: immutable once it is in the matrix. Only matrix*.c include this. */
#ifndef TM_DOMAIN_MATRIX_LINE_H
#define TM_DOMAIN_MATRIX_LINE_H
#include "domain/matrix.h"

typedef struct tm_mline {
    tm_shared_t shared;
    tm_id_t id;
    uint32_t row; /* key in the matrix's trie of rows */
    uint32_t sources;
    uint8_t stage;
    bool firm, disputed;
    bool has_unplaced; /* the first packed share is the unplaced one */
    uint32_t n_shares; /* placed ones */
    uint32_t n_bytes;
    uint8_t packed[];
} tm_mline_t;

/* Packs shares into a new line (id, row etc. are the caller's). */
TM_OWN tm_mline_t *tm_mline_new(const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced);
bool tm_mline_equal(const tm_mline_t *a, const tm_mline_t *b); /* the same effect on the same row */
typedef struct tm_unpack {
    const uint8_t *p, *end;
    int32_t week;
} tm_unpack_t;
void tm_mline_begin(const tm_mline_t *line, tm_unpack_t *at);
bool tm_mline_next(tm_unpack_t *at, tm_share_t *ret); /* placed and unplaced ones, in order */
bool tm_mline_touches(const tm_mline_t *line, int32_t week);
#endif
