/* call.h - one request while we hold it: who asks, which route, which parameters, who waits for its
 * answer.
 *
 * Why:     handlers see this and never h2o's lists; when the request dies the call ends with it and
 *          its slot is cleared.
 * How:     a shared chunk of the request's pool; its dispose is the only reliable sign that the
 *          request is gone.
 * Threads: the loop's. */
#ifndef TM_HTTP_CALL_H
#define TM_HTTP_CALL_H
#include "http/held.h"

/* The entry of every request (h2o's on_req). */
int tm_call_begin(h2o_handler_t *handler, h2o_req_t *req);

/* A header's value (trimmed), p NULL if absent; of several the first, *ret_n (may be NULL) tells
 * how many. */
tm_str_t tm_call_header_of(const tm_call_t *call, tm_str_t name, uint32_t *ret_n);
static inline tm_str_t tm_call_header(const tm_call_t *call, const char *name, uint32_t *ret_n)
{
    return tm_call_header_of(call, tm_str(name), ret_n);
}
static inline tm_str_t tm_iovec_str(h2o_iovec_t v)
{
    return tm_str_n(v.base, v.len);
}
static inline tm_str_t tm_call_body(const tm_call_t *call)
{
    return call->req->entity.base == NULL ? TM_STR("") : tm_iovec_str(call->req->entity);
}
/* The client's x-request-id where it is a sane one, else one of our own, made when first asked. */
tm_str_t tm_call_request_id(tm_call_t *call);
/* Texts that live as long as the request. Tags are `"what-versionEND"`. */
const char *tm_call_tag(tm_call_t *call, tm_str_t what, uint64_t version, const char *end);
const char *tm_call_etag(tm_call_t *call, uint64_t epoch, uint64_t version, const char *end);
const char *tm_call_copy(tm_call_t *call, const char *text);
char *tm_call_printf(tm_call_t *call, const char *fmt, ...) TM_PRINTF(2, 3);

bool tm_query_read(tm_call_t *call); /* query.c; false: it has answered */
tm_str_t tm_query_get(const tm_call_t *call, const char *name); /* p NULL: absent */
/* An id in a parameter; required: a fault when absent. Returns 0 and adds a fault naming it. */
tm_id_t tm_query_id(const tm_call_t *call, const char *name, const char *prefix, bool required,
                    tm_why_t *why);

/* answers.c: answers that come from another thread. */
TM_MUST_CHECK tm_err_t tm_call_wait(tm_call_t *call, tm_reply_to_t *ret); /* opens a slot; EBUSY */
void tm_call_stop_waiting(tm_call_t *call);
/* It waits for this actor. Errors: TM_EBUSY, too many of the loop do (it still has its slot). */
TM_MUST_CHECK tm_err_t tm_call_wait_for(tm_call_t *call, uint32_t actor);
/* Runs the handler, which must have done nothing yet, again a moment later; then 503. */
void tm_call_retry(tm_call_t *call);
void tm_call_stop_retrying(tm_call_t *call); /* nothing if it does not */
void tm_call_retry_patiently(tm_call_t *call);
void tm_answers_deliver(tm_loop_t *loop); /* answers with what other threads left */
void tm_answers_done(tm_loop_t *loop);

/* guard.c: what every request must pass; false: it has answered. */
bool tm_guard_head(tm_call_t *call);                  /* HTTP/1 framing as we want it */
bool tm_guard_caller(tm_call_t *call, tm_str_t path); /* who asks; rates of the path */
bool tm_guard_principal(tm_call_t *call);             /* may they do this, and from that page? */
bool tm_guard_memory(tm_call_t *call);                /* is there enough for it? */
bool tm_guard_body(tm_call_t *call);

/* write.c: from a request to a message. */
/* A message whose payload is to be filled by the caller: principal, request id, reply_to,
 * idempotency. NULL: it has answered. */
TM_OWN tm_message_t *tm_write_begin(tm_call_t *call, uint16_t type, tm_id_t campaign,
                                    void **ret_payload);
/* The body as a record in the message's arena. Faults go to why; TM_OK also when why got none. */
TM_MUST_CHECK tm_err_t tm_write_read(tm_call_t *call, tm_message_t *msg, const tm_desc_t *desc,
                                     unsigned mode, void *ret_record, tm_has_t *ret_nulls,
                                     tm_why_t *why);
/* A message was posted with the loop's wakes. */
void tm_write_posted(tm_call_t *call);
/* Posts to an actor; a failure is answered. */
void tm_write_post(tm_call_t *call, uint32_t actor, TM_OWN tm_message_t *msg);
/* The same to the actor of a campaign that the body names: 422 naming campaign_id when there is
 * none. */
void tm_write_post_campaign(tm_call_t *call, tm_id_t campaign, TM_OWN tm_message_t *msg);
/* The idempotency key's scope names this campaign, which only the body tells. */
void tm_write_scope(tm_call_t *call, tm_message_t *msg, tm_id_t campaign);
/* Gives up: answers err with why, frees the message. */
void tm_write_fail(tm_call_t *call, TM_OWN tm_message_t *msg, tm_err_t err, const tm_why_t *why);
/* Texts of a list that must be ids: each that is none is a fault of field[i]; one given twice is
 * kept once. Returns how many are left. */
uint32_t tm_write_check_ids(tm_strs_t *ids, const char *field, const char *prefix, tm_why_t *why);
/* Adds the faults of `more` about fields that why does not name yet. */
void tm_write_merge_faults(tm_why_t *why, const tm_why_t *more);
#endif
