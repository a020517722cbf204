/* fcc_table.h - what the readers of order lines and of airings share.
 *
 * Threads: one at a time. */
#ifndef TM_FEEDS_FCC_TABLE_H
#define TM_FEEDS_FCC_TABLE_H
#include "feeds/fcc_rows.h"
#include "feeds/limits.h"

#define TM_FCC_AIRINGS_MAX 50000

/* Appends a copy; more than the limit are dropped, a full arena is remembered in the paper. */
void tm_fcc_add_line(tm_fcc_paper_t *paper, const tm_doc_line_t *line);
/* Days of a line; nothing happens if one is 0 or they are in the wrong order. */
void tm_fcc_line_set(tm_doc_line_t *line, tm_day_t from, tm_day_t to);
/* Spots (< 0: not printed), rate (INT64_MIN: not printed) and amount. */
void tm_fcc_line_money(tm_doc_line_t *line, int32_t spots, int64_t rate, int64_t amount);
/* fcc_airings.c: airings of invoices and the lines they add up to. */
void tm_fcc_read_airings(tm_fcc_paper_t *paper);
#endif
