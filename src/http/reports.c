/* reports.c - handlers of a campaign's reports: listed, one, and what it says.
 *
 * Threads: the loop's. */
#include "http/as_of.h"
#include "http/records.h"
#include "http/reply.h"

void tm_handle_report_list(tm_call_t *call)
{
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    tm_records_list(call, &view->view, &tm_report_desc, NULL, NULL);
    tm_shared_unref(view);
}

void tm_handle_report_show(tm_call_t *call)
{
    tm_records_show_path(call, &tm_report_desc, TM_RECORDS_OF_ID, NULL);
}

/* What it says never changes, unless the rules by which the past is told do. */
void tm_handle_report_content(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_report_desc.prefix);
    if (id.v == 0)
        return;
    tm_view_t *view =
        tm_id_actor(id) < TM_ACTOR_CAMPAIGN_0 ? NULL : tm_records_view(call, tm_id_actor(id));
    if (view == NULL || tm_view_get(view, &tm_report_desc, id) == NULL) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
    } else if (!tm_reply_not_modified(
                   call, tm_call_tag(call, call->names[0], TM_RULES_VERSION, "-content"))) {
        tm_blob_t *body = tm_as_of_report(call, (tm_campaign_view_t *)view, id);
        if (body != NULL)
            tm_reply_blob(call, 200, TM_JSON_TYPE, body);
    }
    tm_shared_unref(view);
}
