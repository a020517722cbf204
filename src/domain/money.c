/* money.c - gross and net, to the cent.
 *
 * How:     64 bits hold TM_CENTS_MAX * 10000; half cents go away from zero, so a credit mirrors its
 *          charge.
 * Threads: pure. */
#include "domain/money.h"

#define FULL_BP 10000

static int64_t size_of(tm_cents_t amount)
{
    assert(amount.v >= -TM_CENTS_MAX && amount.v <= TM_CENTS_MAX);
    return amount.v < 0 ? -amount.v : amount.v;
}

tm_cents_t tm_net_of(tm_cents_t gross, int32_t commission_bp)
{
    assert(commission_bp >= 0 && commission_bp < FULL_BP);
    const int64_t net = (size_of(gross) * (FULL_BP - commission_bp) + FULL_BP / 2) / FULL_BP;
    return (tm_cents_t){gross.v < 0 ? -net : net};
}

tm_cents_t tm_gross_of(tm_cents_t net, int32_t commission_bp)
{
    assert(commission_bp >= 0 && commission_bp < FULL_BP);
    const int64_t part = FULL_BP - commission_bp;
    const int64_t gross = (size_of(net) * FULL_BP + part / 2) / part;
    return (tm_cents_t){net.v < 0 ? -gross : gross};
}

tm_cents_t tm_likely_of(tm_cents_t low, bool has_high, tm_cents_t high)
{
    if (!has_high)
        return low;
    const int64_t sum = low.v + high.v + 1; /* rounded half up: towards the larger */
    return (tm_cents_t){sum >= 0 ? sum / 2 : -((1 - sum) / 2)};
}

int32_t tm_commission_of(const tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp)
{
    if (TM_HAS(line, TM_BUY_LINE_commission_bp))
        return line->commission_bp;
    if (TM_HAS(line, TM_BUY_LINE_gross_cents) && TM_HAS(line, TM_BUY_LINE_net_cents) &&
        line->gross_cents.v == line->net_cents.v)
        return 0;
    if (agency_bp >= 0)
        return agency_bp;
    return campaign_bp >= 0 ? campaign_bp : TM_COMMISSION_DEFAULT_BP;
}

/* The commission that both totals show exactly, -1 if no whole number of basis points does. */
static int32_t commission_shown(const tm_buy_line_t *line)
{
    const int64_t gross = size_of(line->gross_cents), net = size_of(line->net_cents);
    if (gross == 0 || net > gross || (line->gross_cents.v < 0) != (line->net_cents.v < 0))
        return -1;
    const int64_t bp = ((gross - net) * FULL_BP + gross / 2) / gross;
    if (bp < 0 || bp >= FULL_BP)
        return -1;
    const bool in_net =
        TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_net;
    const bool fits = in_net ? tm_gross_of(line->net_cents, (int32_t)bp).v == line->gross_cents.v
                             : tm_net_of(line->gross_cents, (int32_t)bp).v == line->net_cents.v;
    return fits ? (int32_t)bp : -1;
}

void tm_line_fill_totals(tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp)
{
    const bool gross = TM_HAS(line, TM_BUY_LINE_gross_cents),
               net = TM_HAS(line, TM_BUY_LINE_net_cents);
    if (!gross && !net)
        return;
    if (!TM_HAS(line, TM_BUY_LINE_amount_basis)) {
        line->amount_basis.v = gross ? TM_AMOUNT_BASIS_gross : TM_AMOUNT_BASIS_net;
        TM_MARK(line, TM_BUY_LINE_amount_basis);
    }
    if (line->amount_basis.v == TM_AMOUNT_BASIS_unknown && gross != net) {
        /* Which of the two the paper said: only that can be read the other way. */
        line->stated_basis.v = gross ? TM_AMOUNT_BASIS_gross : TM_AMOUNT_BASIS_net;
        TM_MARK(line, TM_BUY_LINE_stated_basis);
    }
    if (!TM_HAS(line, TM_BUY_LINE_commission_bp)) {
        /* What was used stays with the line: a campaign whose default changes later must not
         * disagree with its old lines. */
        int32_t bp = gross && net ? commission_shown(line) : -1;
        if (bp < 0) {
            bp = tm_commission_of(line, agency_bp, campaign_bp);
        }
        line->commission_bp = bp;
        TM_MARK(line, TM_BUY_LINE_commission_bp);
    }
    if (!net) {
        line->net_cents = tm_net_of(line->gross_cents, line->commission_bp);
        TM_MARK(line, TM_BUY_LINE_net_cents);
    } else if (!gross) {
        const tm_cents_t likely = tm_gross_of(line->net_cents, line->commission_bp);
        if (likely.v < -TM_CENTS_MAX || likely.v > TM_CENTS_MAX)
            return;
        line->gross_cents = likely;
        TM_MARK(line, TM_BUY_LINE_gross_cents);
    }
}
