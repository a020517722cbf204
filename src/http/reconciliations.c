/* reconciliations.c - handlers of comparisons with another source's whole list.
 *
 * Why:     a list is read on a job thread like an input, but nothing of it becomes a line: only
 *          what agrees and what does not is kept.
 * Threads: the loop's. */
#include "base/fold.h"
#include "http/records.h"
#include "http/reply.h"
#include "schema/json.h"

#define FILENAME_MAX_BYTES 255

static bool has_source(void *ctx, const tm_row_t *row)
{
    tm_arena_t *scratch = tm_arena_new(TM_ANSWER_BYTES_MAX);
    const tm_source_t *source = tm_row_read(row, scratch);
    const bool found = source != NULL && tm_str_eq(source->name, *(const tm_str_t *)ctx);
    tm_arena_free(scratch);
    return found;
}

static void check_source(tm_call_t *call, tm_str_t source, tm_why_t *why)
{
    tm_view_t *directory = tm_records_view(call, TM_ACTOR_DIRECTORY);
    const tm_row_t *row;
    uint32_t next;
    if (source.p == NULL)
        tm_why_add(why, TM_EINVALID, "source", "is needed");
    else if (directory == NULL ||
             tm_view_list(directory, &tm_source_desc, 0, 1, has_source, &source, &row, &next) == 0)
        tm_why_add(why, TM_EINVALID, "source", "is no source");
    tm_shared_unref(directory);
}

static void check_filename(tm_str_t name, tm_why_t *why)
{
    bool fine =
        name.p == NULL || (name.n >= 1 && name.n <= FILENAME_MAX_BYTES && tm_utf8_is_valid(name));
    for (uint32_t i = 0; fine && i < name.n; i++)
        fine = (unsigned char)name.p[i] >= ' ' && name.p[i] != 127;
    if (!fine)
        tm_why_add(why, TM_EINVALID, "filename",
                   "must be 1 to %d bytes of UTF-8 without control characters", FILENAME_MAX_BYTES);
}

static void post_list(tm_call_t *call, tm_id_t campaign)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_RECONCILE, campaign, &payload);
    if (msg == NULL)
        return;
    tm_reconcile_t *list = payload;
    const tm_str_t filename = tm_query_get(call, "filename");
    TM_SET(list, TM_RECONCILE, campaign_id, campaign);
    TM_SET(list, TM_RECONCILE, source, tm_arena_str(msg->arena, tm_query_get(call, "source")));
    if (filename.p != NULL)
        TM_SET(list, TM_RECONCILE, filename, tm_arena_str(msg->arena, filename));
    const tm_services_t *services = &call->loop->http->options.services;
    if (services->reconcile == NULL) {
        tm_write_fail(call, msg, TM_EUNAVAILABLE, NULL);
        return;
    }
    const tm_err_t err = services->reconcile(services->self, msg, tm_call_body(call));
    if (err != TM_OK) {
        tm_call_stop_waiting(call);
        tm_reply_problem(call, err, NULL);
    }
}

void tm_handle_reconciliation_post(tm_call_t *call)
{
    tm_why_t why;
    tm_why_clear(&why);
    check_source(call, tm_query_get(call, "source"), &why);
    check_filename(tm_query_get(call, "filename"), &why);
    const tm_id_t id = tm_query_id(call, "campaign_id", tm_campaign_desc.prefix, true, &why);
    if (tm_reply_faults(call, &why))
        return;
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return; /* answered, or comes again when the campaign's actor is there */
    tm_shared_unref(view);
    post_list(call, id);
}

static void write_head(void *ctx TM_UNUSED, const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out)
{
    tm_reconciliation_t *rec = tm_row_read(row, scratch);
    if (rec == NULL) {
        out->full = true;
        return;
    }
    TM_CLEAR(rec, TM_RECONCILIATION_rows);
    rec->rows = (tm_recs_t){NULL, 0};
    tm_json_write(&tm_reconciliation_desc, rec, true, out);
}

void tm_handle_reconciliation_list(tm_call_t *call)
{
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    tm_records_list_with(call, &view->view, &tm_reconciliation_desc, NULL, NULL, write_head, NULL);
    tm_shared_unref(view);
}

void tm_handle_reconciliation_show(tm_call_t *call)
{
    tm_records_show_path(call, &tm_reconciliation_desc, TM_RECORDS_OF_ID, NULL);
}
