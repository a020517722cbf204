/* sheet_read_value.h - the text of a cell as a day, dollars, a length ...
 *
 * Why:     sheets are typed by people: `$1,234.50`, `(1,234.50)`, `<=100`, `Oct 12, 2026`; what
 *          is not surely one of them is an error of its row, never a guess.
 * Threads: pure; any. */
#ifndef TM_FILES_SHEET_READ_VALUE_H
#define TM_FILES_SHEET_READ_VALUE_H
#include "base/memory.h"

/* "", -, --, n/a, tbd: nobody knows. */
bool tm_cell_is_unknown(tm_str_t s);
/* ISO (a time behind it is ignored), m/d/y, m-d-y, `Oct 12, 2026`, `12 Oct 2026`, a serial number
 * of days; a weekday before it is ignored. NULL, or why not. */
const char *tm_cell_day(tm_str_t s, tm_day_t *ret);
/* `10/12/26 - 10/25/26`, `10/12-10/25/2026`, ISO days with `to`, one day. */
const char *tm_cell_days(tm_str_t s, tm_day_t *ret_from, tm_day_t *ret_to);

typedef struct tm_money {
    bool has_low, has_high; /* both false: the cell says nothing; low = high: exact */
    bool exact;
    tm_cents_t low, high;
} tm_money_t;
/* unit: cents of a 1 in the cell (100 dollars, 100000 thousands, 1 cents). Ranges `100-499`,
 * `≤100`, `1,000,000+`. NULL, or why not. */
const char *tm_cell_money(tm_str_t s, int64_t unit, tm_money_t *ret);
/* A number with at most one fraction digit kept: 123.4 gives 1234. Errors as text. */
const char *tm_cell_tenths(tm_str_t s, int32_t max, int32_t *ret);
const char *tm_cell_count(tm_str_t s, int32_t min, int32_t max, int32_t *ret);
/* `:30`, `30`, `30s`, `0:30`, `1:00`, `60 sec`. */
const char *tm_cell_length(tm_str_t s, int32_t *ret_seconds);
/* `15%`, `15`, `0.15`. */
const char *tm_cell_percent(tm_str_t s, int32_t *ret_bp);

/* sheet_read_words.c: TM_MEDIUM_*, TM_STAGE_* by our words or the usual ones; -1: unknown. */
int tm_cell_medium(tm_str_t cell, tm_arena_t *arena);
int tm_cell_stage(tm_str_t cell, tm_arena_t *arena);
#endif
