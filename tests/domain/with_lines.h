/* with_lines.h - short ways to write days, lines and shares in tests of the domain. */
#ifndef TM_TESTS_DOMAIN_WITH_LINES_H
#define TM_TESTS_DOMAIN_WITH_LINES_H
#include "base/memory.h"
#include "base/time.h"
#include "domain/assign.h"
#include "domain/matrix.h"
#include "domain/matrix_delta.h"
#include "domain/money.h"
#include "domain/order.h"
#include "domain/spread.h"
#include "domain/week.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define SET(rec, UP, field, value)                                                                 \
    do {                                                                                           \
        (rec)->field = (value);                                                                    \
        TM_MARK(rec, TM_##UP##_##field);                                                           \
    } while (0)
#define LINE_SET(line, field, value) SET(line, BUY_LINE, field, value)

tm_day_t day(const char *text); /* "2026-10-13" */
/* An ordered line of WAAA with equal totals (a direct buy). */
tm_buy_line_t line_of(uint32_t id, const char *from, const char *to, int64_t cents);
tm_buy_line_t order_of(uint32_t id, const char *number, const char *revision, int64_t cents);
void put_hiatus(tm_buy_line_t *line, tm_span_t *spans, uint32_t n);
tm_line_week_t week_entry(const char *from, const char *to, int64_t cents);
tm_airing_t airing(const char *on, int64_t cents);
/* All days count. */
tm_verdict_t all_days(void);
/* Shares of a line that counts everywhere; in the arena. */
tm_share_t *shares_of(const tm_buy_line_t *line, int basis, tm_arena_t *arena, uint32_t *ret_n);
uint64_t next_random(uint64_t *seed);
uint32_t below(uint64_t *seed, uint32_t n);
#endif
