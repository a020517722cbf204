/* matrix_delta.h - the changed cells of one version, packed; and as JSON for whoever listens.
 *
 * Why:     most deltas are never read: nobody listens, or a replay makes the next million of them.
 *          So making one costs a copy of its numbers, and its reader pays for the text.
 * How:     rows one behind the other: varint(bytes of the key), the key, varint(cells), then the
 *          cells by week: zigzag(days since the cell before, of the first since 1970), flags,
 *          stages, sources, and the amounts that are known and no repetition, all varints.
 * Threads: pure. */
#ifndef TM_DOMAIN_MATRIX_DELTA_H
#define TM_DOMAIN_MATRIX_DELTA_H
#include "domain/matrix.h"

/* The cells as contract 3a's list `[{key,gross_cents,...}]` in booked mode (leaf cells only; null =
 * gone). source_names: of bit 0, 1 ... false: these are no packed cells; what was written is a
 * part. */
TM_MUST_CHECK bool tm_matrix_delta_write(tm_str_t packed, const char *const *source_names,
                                         tm_buf_t *out);
/* Whether tm_matrix_delta_write can write all of it. */
bool tm_matrix_delta_is_good(tm_str_t packed);
#endif
