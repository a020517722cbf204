/* money.h - gross and net, to the cent.
 *
 * How:     net = (gross*(10000-c)+5000) div 10000; gross = (net*10000+h) div (10000-c),
 *          h = (10000-c) div 2; by absolute value.
 * Threads: pure. */
#ifndef TM_DOMAIN_MONEY_H
#define TM_DOMAIN_MONEY_H
#include "schema/entities/buy_line.h"

#define TM_COMMISSION_DEFAULT_BP 1500
/* commission_bp 0..9999; |amount| <= TM_CENTS_MAX. */
tm_cents_t tm_net_of(tm_cents_t gross, int32_t commission_bp);
tm_cents_t tm_gross_of(tm_cents_t net, int32_t commission_bp);
/* The likely amount of a range: its middle rounded half up, low where no upper bound is known. */
tm_cents_t tm_likely_of(tm_cents_t low, bool has_high, tm_cents_t high);
/* The commission in force: the line's own, else 0 when both totals are equal, else the agency's,
 * else the campaign's (either -1: unknown), else 1500. */
int32_t tm_commission_of(const tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp);
/* Fills the missing total (gross or net) and amount_basis where it is absent, by domain rule 4.3; a
 * line without any amount stays without. The commission that was used is kept in commission_bp
 * where none was stated (0 where both totals are equal, what both totals show exactly, else the
 * agency's or campaign's), so that a default that changes later leaves old lines consistent. A
 * gross beyond TM_CENTS_MAX stays absent. */
void tm_line_fill_totals(tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp);
#endif
