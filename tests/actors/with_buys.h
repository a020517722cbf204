/* with_buys.h - a random truth: who really bought what, and what several sources say about it.
 *
 * Why:     only a made world knows which lines are one buy, hence what the right answer is.
 * How:     each buy is reported by some of: the station's filing (an order number, revisions,
 *          sometimes deleted), a vendor's row (an id of its own, a few per cent off), a rep sheet
 *          (a row a week, rounded to hundreds of dollars, net, gross or not said). Sheets also give
 *          totals of a whole market. Buys of one payer at one station never share a week unless
 *          `crowded`.
 * Threads: one. */
#ifndef TM_TESTS_ACTORS_WITH_BUYS_H
#define TM_TESTS_ACTORS_WITH_BUYS_H
#include "base/base.h"

#define BUYS_MAX 16
#define BUY_WEEKS_MAX 3
#define REPORTS_MAX 200
#define NO_BUY (-1) /* a total of a whole market */

typedef enum origin { FROM_FILING, FROM_VENDOR, FROM_SHEET, FROM_TOTAL } origin_t;

typedef struct buy {
    int advertiser, station;
    int32_t from, to; /* days of October 2026 and later, counted from Monday 10-12 */
    int64_t gross;    /* what the station's newest paper says */
    bool filed, vended, sheeted, deleted;
    uint32_t revisions;
} buy_t;

typedef struct report {
    int buy; /* NO_BUY */
    origin_t origin;
    bool newest; /* of its origin's versions */
    int64_t gross;
    char json[700]; /* fields of a posted line behind campaign_id */
    tm_id_t line;   /* as it was posted; the test fills it in */
} report_t;

typedef struct buys {
    buy_t v[BUYS_MAX];
    uint32_t n;
    report_t reports[REPORTS_MAX]; /* in order of arrival */
    uint32_t n_reports;
    uint64_t seed;
} buys_t;

typedef struct buys_options {
    bool crowded; /* buys of one payer at one station may share days */
    bool totals;  /* with totals of markets (weeks from Monday) */
} buys_options_t;
void buys_make(buys_t *b, uint64_t seed, buys_options_t options);
/* The origin that wins for a buy: filing, else vendor, else sheet. */
origin_t buys_winner(const buy_t *buy);
/* Is it one of the reports that are the truth about its buy? */
bool buys_is_true(const buys_t *b, const report_t *report);
/* Gross of all true reports. */
int64_t buys_total(const buys_t *b);
uint64_t buys_random(buys_t *b, uint64_t below);
#endif
