/* weekdays.h - printed weekday patterns: which days of the week does "MTWTF--" mark?
 *
 * Why:     dollars of a printed line belong to its marked days; without this 4 % of them fall into
 *          the wrong political week.
 * Threads: pure. */
#ifndef TM_DOMAIN_WEEKDAYS_H
#define TM_DOMAIN_WEEKDAYS_H
#include "base/base.h"

typedef struct tm_weekdays {
    int32_t weight[7]; /* [0] Monday ... [6] Sunday: spots where they are printed, else 1 for a
                          marked day, 0 otherwise */
    bool counted;      /* the weights are printed numbers of spots */
} tm_weekdays_t;

/* Reads "MTWTF--", "1-1----", "X.X....", "M-F", "MTuWThFSaSu", "Sat/Sun", "1 0 2 - - - -". A grid
 * of seven places begins on Monday unless its letters fit another beginning only. false: not
 * understood, or no day is marked; nothing is guessed. */
bool tm_weekdays_read(tm_str_t text, tm_weekdays_t *ret);
#endif
