/* fcc_near.h - which words are a label's value: those right of it, or those below it.
 *
 * Threads: pure; any. */
#ifndef TM_FEEDS_FCC_NEAR_H
#define TM_FEEDS_FCC_NEAR_H
#include "feeds/fcc_paper.h"

/* What stands right of a label and below it; words [*ret_first, + *ret_n) of one row.
 */
bool tm_fcc_right(const tm_fcc_sheet_t *sheet, const tm_fcc_hit_t *hit, bool across,
                  uint32_t *ret_first, uint32_t *ret_n);
bool tm_fcc_below(const tm_fcc_sheet_t *sheet, const tm_fcc_hit_t *hit, bool across,
                  uint32_t *ret_first, uint32_t *ret_n);
/* The row that goes on with a name that did not fit its column; n 0: none. x_label: left edge of
 * the name's label. */
bool tm_fcc_wrapped(const tm_fcc_sheet_t *sheet, uint32_t first, uint32_t n, float x_label,
                    uint32_t *ret_first, uint32_t *ret_n);
#endif
