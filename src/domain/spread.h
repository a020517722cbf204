/* spread.h - which part of a buy's dollars belongs to which air day and week?
 *
 * Why:     stations report flights, people compare weeks; the parts must add up to the cent in
 *          every week basis.
 * How:     days 1..k of n active days hold floor(A*k/n) cents together; a day is the difference of
 *          two such sums. Airings with amounts, else printed weeks, else the header (domain rule
 *          4.2).
 * Threads: pure.
 * Source:  docs/glossary.md "spread". */
#ifndef TM_DOMAIN_SPREAD_H
#define TM_DOMAIN_SPREAD_H
#include "domain/order.h"

/* hiatus: ascending, not touching each other (tm_hiatus_of makes them so); may reach beyond the
 * flight. */
typedef struct tm_flight {
    tm_day_t first, last;
    const tm_span_t *hiatus;
    uint32_t n_hiatus;
} tm_flight_t;
/* The line's hiatus sorted and joined, impossible ranges left out, in the arena. Errors: TM_ENOMEM.
 */
TM_MUST_CHECK tm_err_t tm_hiatus_of(const tm_buy_line_t *line, tm_arena_t *arena,
                                    const tm_span_t **ret, uint32_t *ret_n);

/* Cents of `amount` on the air days [from, to], both included. Days outside the flight and hiatus
 * days hold 0 (a flight that is all hiatus is treated as without hiatus). |amount| <= TM_CENTS_MAX.
 * O(hiatus ranges), no allocation. */
tm_cents_t tm_spread_cents(const tm_flight_t *flight, tm_cents_t amount, tm_day_t from,
                           tm_day_t to);

/* What one line puts into one week. */
typedef struct tm_share {
    tm_day_t week;         /* first day, by the campaign's basis */
    bool known;            /* the line has an amount: the week is at least a known zero */
    tm_cents_t gross, net; /* likely */
    tm_cents_t low, high;  /* gross bounds; equal to gross for exact amounts */
    bool has_high;         /* false: no upper bound is known */
    int32_t spots; /* of airings or weeks, evenly by days where only a total is known; 0 unknown */
} tm_share_t;

/* Money beyond |TM_CENTS_MAX| in sums of printed amounts is refused where lines are made, not here.
 * All weeks a line touches (flight, printed weeks and airings), hiatus weeks included as known
 * zeros, cut to the verdict's keep ranges; ascending by week. A line without flight and days gives
 * none and *ret_unplaced its gross and net. zero verdict: zeros. Exactly what the measuring rules
 * of domain 4.2 say: the sum over all weeks (without cuts) equals gross_cents and net_cents.
 * Errors: TM_ENOMEM. O(days). */
TM_MUST_CHECK tm_err_t tm_line_shares(const tm_buy_line_t *line, const tm_verdict_t *verdict,
                                      int week_basis, tm_arena_t *arena, tm_share_t **ret,
                                      uint32_t *ret_n, tm_share_t *ret_unplaced);
#endif
