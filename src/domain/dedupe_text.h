/* dedupe_text.h - numbers as a person reads them in a reason: dollars, days, hundredths.
 *
 * Threads: pure. */
#ifndef TM_DOMAIN_DEDUPE_TEXT_H
#define TM_DOMAIN_DEDUPE_TEXT_H
#include "base/base.h"

__extension__ typedef unsigned __int128 tm_u128_t;

#define TM_MONEY_TEXT 40 /* the longest 64-bit amount with separators */
/* "$20,400.00", "-$1,000.00". Returns `ret_text`, so that it fits into a printf. */
const char *tm_money_text(tm_cents_t cents, char ret_text[TM_MONEY_TEXT]);

#define TM_HUNDREDTHS_TEXT 24
/* 1125 -> "11.25", 2000 -> "20", 1950 -> "19.5". */
const char *tm_hundredths_text(int64_t x100, char ret_text[TM_HUNDREDTHS_TEXT]);

/* num / den in whole numbers, halves up; num >= 0, den > 0. */
int64_t tm_half_up(tm_u128_t num, tm_u128_t den);

/* At most `bytes_max` bytes of s, cut between characters of UTF-8. */
tm_str_t tm_text_cut(tm_str_t s, uint32_t bytes_max);
#endif
