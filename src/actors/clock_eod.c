/* clock_eod.c - see clock_eod.h.
 *
 * How:     eod_date only grows, so no date gets a second order, whatever clock, zone and settings
 *          do. A due hour stands until its local date is over: a process that comes back by then
 *          orders at once, one that comes back later skips to the date it is now.
 * Threads: the actor's turn. */
#include "actors/clock_eod.h"

#include "domain/eod.h"

static bool is_wanted(const tm_campaign_t *c)
{
    const bool over =
        TM_HAS(c, TM_CAMPAIGN_status) &&
        (c->status.v == TM_CAMPAIGN_STATUS_completed || c->status.v == TM_CAMPAIGN_STATUS_archived);
    return TM_HAS(c, TM_CAMPAIGN_eod_enabled) && c->eod_enabled && !over &&
           !TM_HAS(c, TM_CAMPAIGN_archived_ms);
}

static const tm_campaign_t *campaign_of(const tm_campaign_state_t *kept)
{
    assert(kept->campaign.n == 1);
    return kept->campaign.v;
}

static tm_day_t day_at(const tm_campaign_t *c, tm_ms_t at)
{
    tm_day_t day = {0};
    const tm_err_t err = tm_zone_day(c->tz, at, &day);
    assert(err == TM_OK); /* the zone was checked when the campaign was made */
    (void)err;
    return day;
}

static tm_ms_t due_of(const tm_campaign_t *c, tm_day_t from, tm_day_t *ret_date)
{
    const int minute =
        TM_HAS(c, TM_CAMPAIGN_eod_local_min) ? c->eod_local_min : TM_EOD_MINUTE_DEFAULT;
    tm_ms_t due = {0};
    const tm_err_t err = tm_eod_next(c->tz, minute, from, ret_date, &due);
    assert(err == TM_OK); /* the zone was checked when the campaign was made */
    (void)err;
    return due;
}

void clock_eod_plan(tm_campaign_state_t *kept, tm_has_t *touched, tm_ms_t now)
{
    const tm_campaign_t *c = campaign_of(kept);
    if (!is_wanted(c)) {
        TM_CLEAR(kept, TM_CAMPAIGN_STATE_eod_next);
        TM_CLEAR(kept, TM_CAMPAIGN_STATE_eod_due_ms);
        TM_TOUCH(touched, TM_CAMPAIGN_STATE_eod_next);
        TM_TOUCH(touched, TM_CAMPAIGN_STATE_eod_due_ms);
        return;
    }
    tm_day_t from = day_at(c, now), date = {0};
    if (TM_HAS(kept, TM_CAMPAIGN_STATE_eod_date) && kept->eod_date.v >= from.v) {
        from.v = kept->eod_date.v + 1;
    }
    tm_ms_t due = due_of(c, from, &date);
    due.v = TM_MAX(due.v, tm_eod_hour(now).v); /* its minute has passed: at the next hour */
    TM_SET_TOUCHED(kept, touched, TM_CAMPAIGN_STATE, eod_next, date);
    TM_SET_TOUCHED(kept, touched, TM_CAMPAIGN_STATE, eod_due_ms, due);
}

/* The date to be ordered now; false: what was due is over, and today is not due yet. */
static bool date_due(const tm_campaign_state_t *kept, tm_ms_t now, tm_day_t *ret)
{
    const tm_campaign_t *c = campaign_of(kept);
    const tm_day_t today = day_at(c, now);
    *ret = kept->eod_next;
    if (day_at(c, kept->eod_due_ms).v == today.v)
        return true;
    const bool has_one = TM_HAS(kept, TM_CAMPAIGN_STATE_eod_date) && kept->eod_date.v >= today.v;
    return !has_one && due_of(c, today, ret).v <= now.v;
}

void clock_eod_run(tm_turn_t *turn, tm_campaign_state_t *kept, tm_has_t *touched, bool off)
{
    const tm_ms_t now = tm_turn_now(turn);
    if (!TM_HAS(kept, TM_CAMPAIGN_STATE_eod_due_ms)) {
        if (is_wanted(campaign_of(kept))) { /* it is older than reports are */
            clock_eod_plan(kept, touched, now);
        }
        return;
    }
    if (off || kept->eod_due_ms.v > now.v)
        return;
    tm_day_t date;
    if (date_due(kept, now, &date)) {
        TM_SET_TOUCHED(kept, touched, TM_CAMPAIGN_STATE, eod_date, date);
        const tm_eod_report_t order = {.has = {{1}}, .local_date = date};
        tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign_of(kept)->id),
                     TM_MSG_EOD_REPORT, &order);
    }
    clock_eod_plan(kept, touched, now);
}
