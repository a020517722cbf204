/* reconcile.h - our lines against another source's whole list: what agrees, what differs, what only
 * one of the two has.
 *
 * Why:     a list of a vendor or agency is checked row by row; the result must be the same for the
 *          same two lists and say in words what is wrong.
 * How:     a row meets one of our lines, each at most once: by its name in that source's own list
 *          (external_id, same source); else by station and order number (or alternate), the closest
 *          amount; else by advertiser, place and medium with the same flight and amount; else by
 *          advertiser, place and medium with a common day, the closest amount. Place is the
 *          station, or the market of lines without one.
 *          Scope: a line of ours that no row met is missing there only if the list could have held
 *          it: it has a day between the list's first and last, and its market (or station) or its
 *          advertiser stands in the list; proposals, estimates, cancellations and further papers of
 *          an order that a row met are not missing.
 * Threads: pure. */
#ifndef TM_DOMAIN_RECONCILE_H
#define TM_DOMAIN_RECONCILE_H
#include "schema/entities/buy_line.h"
#include "schema/entities/dedupe.h"

typedef struct tm_reconcile_result {
    uint32_t n;
    tm_reconciled_row_t *rows; /* worst first: missing here, missing there, differs, equal; within
                                  each by difference, row and line */
    int32_t counts[TM_RECONCILED_WORDS_N];
} tm_reconcile_result_t;

/* ours[n]: lines that count, with ids; theirs[m]: rows as lines (row, source, names resolved where
 * known). Strings of the result are theirs or in the arena. Equal: the same gross to the cent (the
 * same net, where they state net or no basis) and the same flight. Errors: TM_ENOMEM. O(n + m) but
 * for lines of one advertiser, place and medium, which are all compared. */
TM_MUST_CHECK tm_err_t tm_reconcile_lists(const tm_buy_line_t *const *ours, uint32_t n,
                                          const tm_buy_line_t *const *theirs, uint32_t m,
                                          tm_arena_t *arena, tm_reconcile_result_t *ret);
#endif
