/* matrix.c - handlers of the spend matrix and of one of its cells.
 *
 * Why:     this is the page everybody looks at: the default view is one shared body, a repeat is a
 *          304.
 * Threads: the loop's. */
#include "http/as_of.h"
#include "http/coding.h"
#include "http/meanings.h"
#include "http/records.h"
#include "http/reply.h"
#include "http/views.h"

static const tm_matrix_query_t default_query = {.medium = -1, .side = -1};

static bool is_default(const tm_matrix_query_t *q)
{
    return q->mode == default_query.mode && !q->net && q->from.v == 0 && q->to.v == 0 &&
           q->market == 0 && q->medium == -1 && q->side == -1 && q->advertiser.p == NULL &&
           q->group_by == 0;
}

static bool read_query(tm_call_t *call, tm_matrix_query_t *query)
{
    tm_why_t why;
    tm_why_clear(&why);
    for (uint32_t i = 0; i < call->n_query; i++) {
        const tm_query_value_t *each = &call->query[i];
        if (tm_str_eq(each->name, TM_STR("campaign_id")) ||
            tm_str_eq(each->name, TM_STR("as_of_ms")))
            continue; /* tm_records_campaign's */
        if (tm_matrix_query_parse(each->name, each->value, query, &why) != TM_OK && why.n == 0)
            tm_why_add(&why, TM_EINVALID, "", "a parameter is wrong");
    }
    return !tm_reply_faults(call, &why);
}

/* Kept beside the address, in text, until the next version. */
static const char *matrix_etag(tm_call_t *call, const tm_campaign_view_t *view)
{
    tm_meaning_t *meaning = call->meaning;
    if (meaning != NULL && !view->is_past) {
        if (meaning->tag_n == 0 || meaning->version != view->view.version ||
            meaning->epoch != view->epoch) {
            const char *tag = tm_call_etag(call, view->epoch, view->view.version, "");
            meaning->tag_n = (uint32_t)strlen(tag);
            assert(meaning->tag_n < sizeof(meaning->tag));
            memcpy(meaning->tag, tag, meaning->tag_n + 1u);
            meaning->epoch = view->epoch;
            meaning->version = view->view.version;
        }
        memcpy(call->tag, meaning->tag, sizeof(call->tag));
        return call->tag;
    }
    return tm_call_etag(call, view->epoch, view->view.version, tm_records_etag_end(&view->view));
}

static void show_default(tm_call_t *call, tm_campaign_view_t *view, const tm_matrix_query_t *query)
{
    tm_blob_t *body = tm_campaign_view_matrix(view, query, true);
    if (body == NULL)
        tm_reply_problem(call, TM_ENOMEM, NULL); /* larger than an answer may be */
    else if (call->varies)
        tm_reply_coded(call, TM_JSON_TYPE, body, &view->coded, view);
    else
        tm_reply_blob(call, 200, TM_JSON_TYPE, body);
}

void tm_handle_matrix_show(tm_call_t *call)
{
    tm_matrix_query_t query = default_query;
    if (!read_query(call, &query))
        return;
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    call->varies = !view->is_past; /* the past is asked for once: not worth compressing */
    if (!tm_reply_not_modified(call, matrix_etag(call, view))) {
        query.today = tm_as_of_today(call, view);
        if (is_default(&query))
            show_default(call, view, &query);
        else
            tm_views_show(call, view, &query);
    }
    tm_shared_unref(view);
}

void tm_handle_cell_show(tm_call_t *call)
{
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    tm_view_t *directory = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_t out;
    tm_buf_init(&out, TM_ANSWER_BYTES_MAX);
    const tm_err_t err = tm_campaign_view_cell(view, directory, call->names[0], &out, &why);
    if (err != TM_OK) {
        tm_buf_done(&out);
        tm_reply_problem(call, err, &why);
    } else if (!tm_reply_not_modified(call, matrix_etag(call, view))) {
        tm_reply_buf(call, 200, TM_JSON_TYPE, &out);
    } else {
        tm_buf_done(&out);
    }
    tm_shared_unref(directory);
    tm_shared_unref(view);
}
