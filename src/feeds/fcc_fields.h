/* fcc_fields.h - the readers of a paper's fields and lines; each adds its candidates.
 *
 * Why:     fcc.c calls them in this order: kind, numbers, names, days, totals, lines, check.
 * Threads: one at a time. */
#ifndef TM_FEEDS_FCC_FIELDS_H
#define TM_FEEDS_FCC_FIELDS_H
#include "feeds/fcc_paper.h"

/* Each adds its candidates. fcc_numbers.c, fcc_names.c, fcc_days.c, fcc_totals.c */
void tm_fcc_read_numbers(tm_fcc_paper_t *paper);
void tm_fcc_read_names(tm_fcc_paper_t *paper);
/* The other stations of the combo whose first one was settled. */
void tm_fcc_stations(tm_fcc_paper_t *paper);
void tm_fcc_read_days(tm_fcc_paper_t *paper);
void tm_fcc_read_totals(tm_fcc_paper_t *paper);
/* fcc_lines.c: lines and airings; needs the flight and the totals. */
void tm_fcc_read_lines(tm_fcc_paper_t *paper);
/* fcc_check.c: totals against lines, days against flight, and the confidence that follows. */
void tm_fcc_check(tm_fcc_paper_t *paper);
/* fcc_kind.c */
void tm_fcc_sheet_kind(tm_fcc_sheet_t *sheet, tm_arena_t *arena);
void tm_fcc_paper_kind(tm_fcc_paper_t *paper);
/* Does the label head a column of a table of lines? */
bool tm_fcc_heads_table(const tm_fcc_hit_t *hit);
const char *tm_fcc_family_name(tm_fcc_family_t family);
#endif
