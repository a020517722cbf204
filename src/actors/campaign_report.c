/* campaign_report.c - a campaign's end-of-day report: one a local date.
 *
 * Why:     the clock orders once a date; the campaign itself makes sure that a date has one report,
 *          whatever is ordered.
 * How:     the record names two versions, what it says follows from them (report.h). Everybody had
 *          seen the last version before the report's own, so it ends there; the next one begins
 *          where this one ended, so that no change is told twice or left out.
 * Threads: the actor's turn. */
#include "actors/campaign.h"

#include "actors/report.h"
#include "domain/matrix_compare.h"

/* The newest report of a kind into *ret; false: the date has one, or no memory (*ret_err). None: id
 * 0. */
static bool last_report(const campaign_t *c, tm_arena_t *arena, int kind, tm_day_t date,
                        tm_report_t *ret, tm_err_t *ret_err)
{
    uint32_t key = 0;
    *ret = (tm_report_t){0};
    *ret_err = TM_OK;
    for (const tm_row_t *row; (row = tm_tables_next(&c->tables, &tm_report_desc, &key)); key++) {
        const tm_report_t *each = tm_row_read(row, arena);
        if (each == NULL) {
            *ret_err = TM_ENOMEM;
            return false;
        }
        if (each->kind.v != kind) {
            continue;
        }
        if (each->local_date.v == date.v)
            return false;
        *ret = *each;
    }
    return true;
}

/* The two sides of it; its picture is this version's. */
static void tell(campaign_t *c, const tm_report_t *last, tm_arena_t *arena, tm_report_t *report)
{
    tm_campaign_view_t *view = tm_campaign_kind.snapshot(c);
    assert(view != NULL && view->view.version == c->version);
    tm_cents_t total;
    const bool first = last->id.v == 0;
    TM_SET(report, TM_REPORT, from_version, first ? 0 : last->to_version);
    TM_SET(report, TM_REPORT, to_version, (int64_t)c->version);
    if (!first) {
        TM_SET(report, TM_REPORT, from_ms, last->to_ms);
    }
    TM_SET(report, TM_REPORT, to_ms, tm_versions_at(&c->versions, c->version));
    if (TM_HAS(last, TM_REPORT_total_after_cents)) {
        TM_SET(report, TM_REPORT, total_before_cents, last->total_after_cents);
    }
    if (tm_matrix_known_total(view->matrix, &total)) {
        TM_SET(report, TM_REPORT, total_after_cents, total);
    }
    char state[TM_SHA256_TEXT];
    if (tm_report_state(view, state)) {
        TM_SET(report, TM_REPORT, state_hash, tm_arena_str(arena, tm_str(state)));
    }
    tm_shared_unref(view);
}

void campaign_report(tm_turn_t *turn, campaign_t *c, const tm_eod_report_t *order)
{
    tm_report_t last, report = {0};
    tm_err_t err;
    if (!last_report(c, tm_turn_arena(turn), TM_REPORT_KIND_eod, order->local_date, &last, &err)) {
        if (err != TM_OK) {
            tm_turn_fail(turn, err, NULL);
        }
        return;
    }
    tm_record_stamp_new(&report, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&report, TM_REPORT, campaign_id, c->record->id);
    TM_SET(&report, TM_REPORT, kind, (tm_enum_t){TM_REPORT_KIND_eod});
    TM_SET(&report, TM_REPORT, local_date, order->local_date);
    tell(c, &last, tm_turn_arena(turn), &report);
    tm_turn_put(turn, &tm_report_desc, report.id, &report);
}
