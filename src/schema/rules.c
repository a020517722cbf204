/* rules.c - what must hold between the fields of one record.
 *
 * Why:     only what is wrong whoever wrote it stands here; what a request must bring is its
 *          route's matter, and a document may print nonsense.
 * Threads: pure. */
#include "schema/rules.h"
#include "base/time.h"
#include "schema/entities.h"

static void check_days(tm_why_t *why, bool both, tm_day_t from, tm_day_t to, const char *field)
{
    if (both && from.v > to.v)
        (void)tm_why_add(why, TM_EINVALID, field, "must not be before the first day");
}

static void check_zone(tm_why_t *why, bool given, tm_str_t tz)
{
    if (given && !tm_zone_is_known(tz))
        (void)tm_why_add(why, TM_EINVALID, "tz", "must be a time zone like America/New_York");
}

void tm_span_rules(const void *record, tm_why_t *why)
{
    const tm_span_t *span = record;
    check_days(why, TM_HAS(span, TM_SPAN_from) && TM_HAS(span, TM_SPAN_to), span->from, span->to,
               "to");
}

void tm_line_week_rules(const void *record, tm_why_t *why)
{
    const tm_line_week_t *week = record;
    const bool both = TM_HAS(week, TM_LINE_WEEK_from) && TM_HAS(week, TM_LINE_WEEK_to);
    check_days(why, both, week->from, week->to, "to");
}

void tm_campaign_rules(const void *record, tm_why_t *why)
{
    const tm_campaign_t *campaign = record;
    check_zone(why, TM_HAS(campaign, TM_CAMPAIGN_tz), campaign->tz);
}

void tm_market_rules(const void *record, tm_why_t *why)
{
    const tm_market_t *market = record;
    check_zone(why, TM_HAS(market, TM_MARKET_tz), market->tz);
}

void tm_station_rules(const void *record, tm_why_t *why)
{
    const tm_station_t *station = record;
    check_zone(why, TM_HAS(station, TM_STATION_tz), station->tz);
}

void tm_buy_line_rules(const void *record, tm_why_t *why)
{
    const tm_buy_line_t *line = record;
    const bool flight =
        TM_HAS(line, TM_BUY_LINE_flight_from) && TM_HAS(line, TM_BUY_LINE_flight_to);
    const bool billing =
        TM_HAS(line, TM_BUY_LINE_billing_from) && TM_HAS(line, TM_BUY_LINE_billing_to);
    const bool range = TM_HAS(line, TM_BUY_LINE_low_cents) && TM_HAS(line, TM_BUY_LINE_high_cents);
    check_days(why, flight, line->flight_from, line->flight_to, "flight_to");
    check_days(why, billing, line->billing_from, line->billing_to, "billing_to");
    if (range && line->low_cents.v > line->high_cents.v)
        (void)tm_why_add(why, TM_EINVALID, "high_cents", "must not be below low_cents");
}
