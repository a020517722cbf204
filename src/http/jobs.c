/* jobs.c - handlers of work in the background: which jobs there are, one more try, none any more.
 *
 * Why:     a job that used up its runs waits for a person, who must see when and why each failed.
 * Threads: the loop's. */
#include "http/records.h"
#include "http/reply.h"

void tm_handle_job_list(tm_call_t *call)
{
    tm_word_filter_t filter;
    if (!tm_word_filter_read(call, "state", &tm_job_desc, &filter))
        return;
    tm_view_t *view = tm_records_view(call, TM_ACTOR_QUEUE);
    tm_records_list(call, view, &tm_job_desc, tm_word_filter_keep, &filter);
    tm_shared_unref(view);
    tm_word_filter_done(&filter);
}

void tm_handle_job_show(tm_call_t *call)
{
    tm_records_show_path(call, &tm_job_desc, TM_ACTOR_QUEUE, NULL);
}

static void post(tm_call_t *call, uint16_t type)
{
    const tm_id_t id = tm_records_path_id(call, tm_job_desc.prefix);
    if (id.v == 0)
        return;
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, type, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_record_ref_t *ref = payload;
    ref->id = id;
    TM_MARK(ref, TM_RECORD_REF_id);
    tm_write_post(call, TM_ACTOR_QUEUE, msg);
}

void tm_handle_job_retry(tm_call_t *call)
{
    post(call, TM_MSG_JOB_RETRY);
}
void tm_handle_job_dismiss(tm_call_t *call)
{
    post(call, TM_MSG_JOB_DISMISS);
}
