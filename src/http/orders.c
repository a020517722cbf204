/* orders.c - handler of the film of an order.
 *
 * How:     a short film is made by the loop; that of many or large papers by a job thread.
 * Threads: the loop's; film_job: a job thread. */
#include "http/as_of.h"
#include "http/records.h"
#include "http/reply.h"

#define LOOP_COST_MAX (256u << 10) /* bytes of papers times papers: about a millisecond */

typedef struct film_job {
    tm_http_t *http;
    tm_campaign_view_t *view; /* a reference */
    tm_id_t line;
    tm_reply_to_t to;
} film_job_t;

static void film_job(void *arg)
{
    film_job_t *job = arg;
    tm_buf_t out;
    tm_blob_begin(&out, TM_ANSWER_BYTES_MAX);
    const tm_err_t err = tm_campaign_view_order(job->view, job->line, &out);
    tm_blob_t *body = err == TM_OK ? tm_blob_take(&out) : NULL;
    const tm_answer_t answer = {.err = err, .status = 200, .body = body, .version = -1};
    tm_http_reply(job->http, job->to, &answer);
    tm_blob_unref(body);
    tm_buf_done(&out);
    tm_shared_unref(job->view);
    tm_free(job);
}

static void answer_later(tm_call_t *call, tm_campaign_view_t *view, tm_id_t line)
{
    tm_http_t *http = call->loop->http;
    const tm_services_t *services = &http->options.services;
    tm_reply_to_t to;
    tm_err_t err = services->run == NULL ? TM_EUNAVAILABLE : tm_call_wait(call, &to);
    if (err == TM_OK) {
        film_job_t *job = TM_NEW(film_job_t);
        *job = (film_job_t){http, tm_shared_ref(view), line, to};
        err = services->run(services->self, view->view.actor, film_job, job);
        if (err != TM_OK) {
            tm_shared_unref(job->view);
            tm_free(job);
            tm_call_stop_waiting(call);
        }
    }
    if (err != TM_OK)
        tm_reply_problem(call, err, NULL);
}

static void answer_now(tm_call_t *call, const tm_campaign_view_t *view, tm_id_t line)
{
    tm_buf_t out;
    tm_buf_init(&out, TM_ANSWER_BYTES_MAX);
    const tm_err_t err = tm_campaign_view_order(view, line, &out);
    if (err == TM_OK) {
        tm_reply_buf(call, 200, TM_JSON_TYPE, &out);
    } else {
        tm_buf_done(&out);
        tm_reply_problem(call, err, NULL);
    }
}

/* An order is named by its own id, which is its first line's, or by any of its lines. */
static tm_id_t line_in_path(tm_call_t *call)
{
    tm_id_t id = {0};
    if (tm_id_parse("ord", call->names[0], &id) == TM_OK && id.v != 0)
        return id;
    return tm_records_path_id(call, tm_buy_line_desc.prefix);
}

void tm_handle_order_show(tm_call_t *call)
{
    const tm_id_t line = line_in_path(call);
    if (line.v == 0)
        return;
    tm_campaign_view_t *view = NULL;
    if (tm_id_actor(line) >= TM_ACTOR_CAMPAIGN_0)
        view = (tm_campaign_view_t *)tm_records_view(call, tm_id_actor(line));
    if (view == NULL) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
        return;
    }
    view = tm_as_of_view(call, view);
    if (view == NULL)
        return;
    const char *etag =
        tm_call_etag(call, view->epoch, view->view.version, tm_records_etag_end(&view->view));
    if (tm_view_get(&view->view, &tm_buy_line_desc, line) == NULL)
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
    else if (tm_reply_not_modified(call, etag))
        ; /* it has answered */
    else if (tm_campaign_view_order_cost(view, line) > LOOP_COST_MAX)
        answer_later(call, view, line);
    else
        answer_now(call, view, line);
    tm_shared_unref(view);
}
