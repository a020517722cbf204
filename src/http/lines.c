/* lines.c - handlers of buy lines and of the documents they come from.
 *
 * Threads: the loop's. */
#include "actors/intake.h"
#include "domain/order.h"
#include "http/as_of.h"
#include "http/records.h"
#include "http/reply.h"
#include "schema/json.h"

#define POINTS 100 /* boxes are kept in hundredths of a point */

/* The rules beyond single fields, so that every fault is told at once. */
static void add_rule_faults(tm_buy_line_t *line, tm_arena_t *arena, tm_why_t *why)
{
    tm_why_t more;
    tm_why_clear(&more);
    if (!TM_HAS(line, TM_BUY_LINE_campaign_id))
        tm_why_add(&more, TM_EINVALID, "campaign_id", "is needed");
    if (tm_line_prepare(line, -1, -1, arena, &more) != TM_OK || more.n > 0)
        tm_write_merge_faults(why, &more);
}

void tm_handle_line_post(tm_call_t *call)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_LINE_POST, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_buy_line_t *line = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err = tm_write_read(call, msg, &tm_buy_line_desc, TM_JSON_REQUEST, line, NULL, &why);
    const bool readable = err == TM_OK || err == TM_EINVALID || err == TM_ERANGE;
    if (readable && (err != TM_OK || !TM_HAS(line, TM_BUY_LINE_campaign_id)))
        add_rule_faults(line, msg->arena, &why);
    if (err == TM_OK)
        err = tm_why_err(&why);
    if (err != TM_OK) {
        tm_write_fail(call, msg, err, &why);
        return;
    }
    tm_write_scope(call, msg, line->campaign_id);
    const tm_id_t campaign = line->campaign_id; /* the message goes */
    err = tm_call_wait_for(call, tm_campaign_actor(campaign));
    if (err != TM_OK)
        tm_message_free(msg);
    else
        err = tm_intake_line(call->loop->http->rt, msg, &call->loop->wakes);
    if (err == TM_OK) {
        tm_write_posted(call);
        return;
    }
    tm_call_stop_waiting(call);
    if (err == TM_ENOTFOUND && tm_records_knows(call, campaign))
        tm_call_retry(call); /* made a moment ago: its actor comes */
    else if (err == TM_ENOTFOUND)
        tm_reply_fault(call, TM_EINVALID, "campaign_id", "there is no such campaign");
    else
        tm_reply_problem(call, err, NULL);
}

void tm_handle_line_list(tm_call_t *call)
{
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    tm_word_filter_t filter;
    if (tm_word_filter_read(call, "standing", &tm_buy_line_desc, &filter)) {
        tm_records_list(call, &view->view, &tm_buy_line_desc, tm_word_filter_keep, &filter);
        tm_word_filter_done(&filter);
    }
    tm_shared_unref(view);
}

void tm_handle_line_show(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_buy_line_desc.prefix);
    if (id.v == 0)
        return;
    tm_view_t *view = tm_records_view(call, tm_id_actor(id));
    const bool of_campaign = view != NULL && view->actor >= TM_ACTOR_CAMPAIGN_0;
    if (of_campaign)
        view = (tm_view_t *)tm_as_of_view(call, (tm_campaign_view_t *)view);
    if (of_campaign && view == NULL)
        return;
    if (!of_campaign && tm_query_get(call, "as_of_ms").p != NULL)
        tm_reply_fault(call, TM_EINVALID, "as_of_ms", "no history is kept of it");
    else
        tm_records_show(call, view, &tm_buy_line_desc, id, NULL);
    tm_shared_unref(view);
}

/* ---- documents ---- */

static void write_points(int32_t x100, tm_buf_t *out)
{
    const int64_t whole = x100;
    const int64_t size = whole < 0 ? -whole : whole;
    tm_buf_printf(out, "%s%lld", whole < 0 ? "-" : "", (long long)(size / POINTS));
    if (size % POINTS != 0)
        tm_buf_printf(out, ".%02lld", (long long)(size % POINTS));
}

static void write_place(const tm_place_t *place, tm_buf_t *out)
{
    tm_json_write_str(place->field, out);
    tm_buf_printf(out, ":{\"page\":%d,\"box\":", place->page);
    if (TM_HAS(place, TM_PLACE_box_x100) && place->box_x100.n == 4) {
        for (uint32_t i = 0; i < 4; i++) {
            tm_buf_add_char(out, i == 0 ? '[' : ',');
            write_points(place->box_x100.v[i], out);
        }
        tm_buf_add_char(out, ']');
    } else {
        tm_buf_add_c(out, "null");
    }
    tm_buf_add_c(out, ",\"text\":");
    if (TM_HAS(place, TM_PLACE_text))
        tm_json_write_str(place->text, out);
    else
        tm_buf_add_c(out, "null");
    tm_buf_add_char(out, '}');
}

/* A document as `trailmix read --json` shows it: `at` as an object keyed by field, boxes in
 * points. It is written without its places first; the key `"at":[]` cannot stand inside a
 * string, where quotes are escaped, and no part has such a field. */
static void write_document(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out)
{
    tm_document_t *doc = tm_row_read(row, scratch);
    if (doc == NULL) {
        out->full = true;
        return;
    }
    const tm_recs_t at = TM_HAS(doc, TM_DOCUMENT_at) ? doc->at : (tm_recs_t){NULL, 0};
    TM_CLEAR(doc, TM_DOCUMENT_at);
    tm_buf_t plain;
    tm_buf_init(&plain, TM_ANSWER_BYTES_MAX);
    tm_json_write(&tm_document_desc, doc, true, &plain);
    const tm_str_t mark = TM_STR("\"at\":[]");
    const char *found = plain.full ? NULL : memmem(plain.p, plain.n, mark.p, mark.n);
    assert(plain.full || found != NULL);
    if (found == NULL) {
        out->full = true;
    } else {
        tm_buf_add(out, plain.p, (size_t)(found - plain.p));
        tm_buf_add_c(out, "\"at\":{");
        for (uint32_t i = 0; i < at.n; i++) {
            if (i > 0)
                tm_buf_add_char(out, ',');
            write_place((const tm_place_t *)at.v + i, out);
        }
        tm_buf_add_char(out, '}');
        const char *rest = found + mark.n;
        tm_buf_add(out, rest, (size_t)(plain.p + plain.n - rest));
    }
    tm_buf_done(&plain);
}

void tm_handle_document_show(tm_call_t *call)
{
    tm_records_show_path(call, &tm_document_desc, TM_ACTOR_DIRECTORY, write_document);
}
