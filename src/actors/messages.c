/* messages.c - the table of message kinds and the descriptors of their payloads.
 *
 * Threads: constants. */
#include "actors/messages.h"

#include "schema/define.h"

TM_DEFINE_PART(tm_record_patch, TM_RECORD_PATCH, "record_patch", "changed fields of a record")
TM_DEFINE_PART(tm_record_ref, TM_RECORD_REF, "record_ref", "names a record")
TM_DEFINE_PART(tm_day_turned, TM_DAY_TURNED, "day_turned", "a new local date")
TM_DEFINE_PART(tm_eod_report, TM_EOD_REPORT, "eod_report", "a date's report is due")
TM_DEFINE_PART(tm_eod_switch, TM_EOD_SWITCH, "eod_switch", "whether reports are made")
TM_DEFINE_PART(tm_waiter, TM_WAITER, "waiter", "who waits for a forwarded request")
TM_DEFINE_PART(tm_campaign_put, TM_CAMPAIGN_PUT, "campaign_put",
               "a campaign's record for its actor")
TM_DEFINE_PART(tm_line_named, TM_LINE_NAMED, "line_named", "a posted line with its names")
TM_DEFINE_PART(tm_job_done, TM_JOB_DONE, "job_done", "end of a job's run")
TM_DEFINE_PART(tm_input_parsed, TM_INPUT_PARSED, "input_parsed", "documents of an input")
TM_DEFINE_PART(tm_input_done, TM_INPUT_DONE, "input_done", "result of an input")
TM_DEFINE_PART(tm_lines_found, TM_LINES_FOUND, "lines_found", "lines for a campaign")
TM_DEFINE_PART(tm_lines_taken, TM_LINES_TAKEN, "lines_taken", "lines held by a campaign")
TM_DEFINE_PART(tm_lines_closed, TM_LINES_CLOSED, "lines_closed", "documents out of a campaign")
TM_DEFINE_PART(tm_pending_assign, TM_PENDING_ASSIGN, "pending_assign", "a pending line's campaign")
TM_DEFINE_PART(tm_input_assign, TM_INPUT_ASSIGN, "input_assign", "an input's further campaign")
TM_DEFINE_PART(tm_part, TM_PART, "part", "where a long work goes on")
TM_DEFINE_PART(tm_stations_put, TM_STATIONS_PUT, "stations_put", "rows of the facility table")
TM_DEFINE_PART(tm_group_resolve, TM_GROUP_RESOLVE, "group_resolve", "a verdict about a group")
TM_DEFINE_PART(tm_rows_combine, TM_ROWS_COMBINE, "rows_combine", "lines that are parts of one")
TM_DEFINE_PART(tm_decision_undo, TM_DECISION_UNDO, "decision_undo", "a decision taken back")
TM_DEFINE_PART(tm_cell_edit, TM_CELL_EDIT, "cell_edit", "a cell's new value")
TM_DEFINE_PART(tm_matrix_edit, TM_MATRIX_EDIT, "matrix_edit", "cells edited together")
TM_DEFINE_PART(tm_exceptions_close, TM_EXCEPTIONS_CLOSE, "exceptions_close", "problems looked at")
TM_DEFINE_PART(tm_lines_assign, TM_LINES_ASSIGN, "lines_assign", "pending lines' campaign")
TM_DEFINE_PART(tm_name_decide, TM_NAME_DECIDE, "name_decide", "a verdict about a spelling")
TM_DEFINE_PART(tm_advertiser_moved, TM_ADVERTISER_MOVED, "advertiser_moved",
               "two advertisers that are one")
TM_DEFINE_PART(tm_names_propose, TM_NAMES_PROPOSE, "names_propose", "new spellings")
TM_DEFINE_PART(tm_reconcile, TM_RECONCILE, "reconcile", "a whole list to compare with")
TM_DEFINE_PART(tm_markets_put, TM_MARKETS_PUT, "markets_put", "markets and spellings")

/* What one actor forwards is answered by the other, under the key of the first request. */
static void restore_waiter(tm_message_t *msg, const tm_recs_t *waiter)
{
    if (waiter->n == 0)
        return;
    const tm_waiter_t *w = waiter->v;
    if (TM_HAS(w, TM_WAITER_loop)) {
        msg->reply_to =
            (tm_reply_to_t){(uint32_t)w->loop, (uint32_t)w->slot, (uint64_t)w->generation};
    }
    if (TM_HAS(w, TM_WAITER_idem_key)) {
        msg->idem_scope = w->idem_scope;
        msg->idem_key = w->idem_key;
        memcpy(msg->idem_fingerprint, w->idem_fingerprint.p,
               TM_MIN(sizeof msg->idem_fingerprint - 1, (size_t)w->idem_fingerprint.n));
    }
    msg->principal = w->principal;
    msg->request_id = w->request_id;
}

static void line_named_received(tm_message_t *msg)
{
    restore_waiter(msg, &((const tm_line_named_t *)msg->payload)->waiter);
}

static void campaign_put_received(tm_message_t *msg)
{
    restore_waiter(msg, &((const tm_campaign_put_t *)msg->payload)->waiter);
}

const tm_message_kind_t tm_messages[TM_MSG_COUNT] = {
    [TM_MSG_TIMER] = {"TIMER", NULL, NULL},
#define TM_MSG(NAME, record, doc) [TM_MSG_##NAME] = {#NAME, &record##_desc, NULL},
#define TM_MSG_RECEIVED(NAME, record, fn, doc) [TM_MSG_##NAME] = {#NAME, &record##_desc, fn},
#include "actors/messages.def"
#undef TM_MSG_RECEIVED
#undef TM_MSG
};

tm_message_t *tm_msg_new(uint16_t type, void **ret_payload)
{
    assert(type > TM_MSG_TIMER && type < TM_MSG_COUNT);
    tm_message_t *msg = tm_message_new(type, 0);
    msg->payload = tm_arena_zalloc(msg->arena, tm_messages[type].payload->bytes);
    assert(msg->payload != NULL);
    *ret_payload = msg->payload;
    return msg;
}

tm_waiter_t tm_waiter_of(const tm_message_t *msg)
{
    tm_waiter_t w = {0};
    if (msg->reply_to.loop != TM_NO_LOOP) {
        TM_SET(&w, TM_WAITER, loop, msg->reply_to.loop);
        TM_SET(&w, TM_WAITER, slot, msg->reply_to.slot);
        TM_SET(&w, TM_WAITER, generation, (int64_t)msg->reply_to.generation);
    }
    if (msg->idem_key.p != NULL) {
        TM_SET(&w, TM_WAITER, idem_scope, msg->idem_scope);
        TM_SET(&w, TM_WAITER, idem_key, msg->idem_key);
        TM_SET(&w, TM_WAITER, idem_fingerprint, tm_str(msg->idem_fingerprint));
    }
    if (msg->principal.n > 0) {
        TM_SET(&w, TM_WAITER, principal, msg->principal);
    }
    if (msg->request_id.n > 0) {
        TM_SET(&w, TM_WAITER, request_id, msg->request_id);
    }
    return w;
}
