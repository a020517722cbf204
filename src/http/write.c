/* write.c - the way of every write: body and headers become a message, which goes to an actor.
 *
 * Why:     idempotency, principal, request id and who waits are set in one place.
 * How:     the body is copied into the message's arena first: the record's strings point into that
 *          copy.
 * Threads: the loop's. */
#include "actors/intake.h"
#include "base/digest.h"
#include "base/map.h"
#include "http/records.h"
#include "http/reply.h"
#include "http/turns.h"
#include "schema/json.h"

#include <stdio.h>

#define IDEM_KEY_MAX 255
#define IDEM_PATH_MAX 200

/* false: it has answered. p NULL in *ret: no key was sent. */
static bool idempotency_key(tm_call_t *call, tm_str_t *ret)
{
    uint32_t n = 0;
    const tm_str_t key = tm_call_header(call, "idempotency-key", &n);
    *ret = key;
    if (n == 0)
        return true;
    bool fine = n == 1 && key.n >= 1 && key.n <= IDEM_KEY_MAX;
    for (uint32_t i = 0; fine && i < key.n; i++)
        fine = key.p[i] >= ' ' && key.p[i] <= '~';
    if (!fine)
        tm_reply_fault(call, TM_EMALFORMED, "idempotency-key",
                       "must be 1 to 255 printable characters, once");
    return fine;
}

void tm_write_scope(tm_call_t *call, tm_message_t *msg, tm_id_t campaign)
{
    if (msg->idem_key.p == NULL)
        return;
    char campaign_text[TM_ID_TEXT_MAX] = "-";
    if (campaign.v != 0)
        tm_id_format("cmp", campaign, campaign_text);
    const h2o_req_t *req = call->req;
    const size_t path_n =
        TM_MIN(req->query_at == SIZE_MAX ? req->path.len : req->query_at, (size_t)IDEM_PATH_MAX);
    msg->idem_scope = tm_arena_printf(msg->arena, "%s %s %.*s %s", call->principal,
                                      tm_method_name(call->route->method), (int)path_n,
                                      req->path.base, campaign_text);
}

static void set_idempotency(tm_call_t *call, tm_message_t *msg, tm_str_t key, tm_id_t campaign)
{
    msg->idem_key = tm_arena_str(msg->arena, key);
    tm_write_scope(call, msg, campaign);
    const tm_str_t body = tm_call_body(call);
    const tm_sha256_t sha = tm_sha256(body.p, body.n);
    tm_sha256_format(&sha, msg->idem_fingerprint);
}

TM_OWN tm_message_t *tm_write_begin(tm_call_t *call, uint16_t type, tm_id_t campaign,
                                    void **ret_payload)
{
    assert(call->route != NULL && call->principal != NULL);
    tm_str_t key;
    if (!idempotency_key(call, &key))
        return NULL;
    tm_message_t *msg = tm_msg_new(type, ret_payload);
    msg->principal = tm_arena_str(msg->arena, tm_str(call->principal));
    msg->request_id = tm_arena_str(msg->arena, tm_call_request_id(call));
    msg->at = (tm_ms_t){(int64_t)tm_loop_now(call->loop)};
    if (key.p != NULL)
        set_idempotency(call, msg, key, campaign);
    if (tm_call_wait(call, &msg->reply_to) != TM_OK) {
        tm_write_fail(call, msg, TM_EBUSY, NULL);
        return NULL;
    }
    return msg;
}

tm_err_t tm_write_read(tm_call_t *call, tm_message_t *msg, const tm_desc_t *desc, unsigned mode,
                       void *ret_record, tm_has_t *ret_nulls, tm_why_t *why)
{
    const tm_str_t body = tm_arena_str(msg->arena, tm_call_body(call));
    if (body.p == NULL)
        return TM_ENOMEM;
    return tm_json_read(desc, body, mode | TM_JSON_IN_TEXT, msg->arena, ret_record, ret_nulls, why);
}

void tm_write_fail(tm_call_t *call, TM_OWN tm_message_t *msg, tm_err_t err, const tm_why_t *why)
{
    tm_call_stop_waiting(call);
    tm_message_free(msg);
    tm_reply_problem(call, err, why);
}

/* Workers are told once a turn of the loop, so that one turn of an actor takes what came together;
 * but not so late that they idle while a long turn goes on. */
void tm_write_posted(tm_call_t *call)
{
    tm_loop_t *loop = call->loop;
    tm_turns_keep_polled(call);
    call->req->entity = h2o_iovec_init(NULL, 0); /* the message has its own; this one may move */
    if (loop->wakes.posted >= TM_LOOP_POSTED_MAX)
        tm_runtime_wake(loop->http->rt, &loop->wakes);
}

/* Errors as tm_runtime_post. */
static tm_err_t post(tm_call_t *call, uint32_t actor, TM_OWN tm_message_t *msg)
{
    tm_loop_t *loop = call->loop;
    tm_err_t err = tm_call_wait_for(call, actor);
    if (err != TM_OK) {
        tm_message_free(msg);
        return err;
    }
    err = tm_runtime_post_held(loop->http->rt, actor, msg, &loop->wakes);
    if (err == TM_OK)
        tm_write_posted(call);
    return err;
}

void tm_write_post(tm_call_t *call, uint32_t actor, TM_OWN tm_message_t *msg)
{
    const tm_err_t err = post(call, actor, msg);
    if (err == TM_OK)
        return; /* the answer may already be on its way; it arrives after this turn */
    tm_call_stop_waiting(call);
    tm_reply_problem(call, err, NULL);
}

void tm_write_post_campaign(tm_call_t *call, tm_id_t campaign, TM_OWN tm_message_t *msg)
{
    if (!tm_records_knows(call, campaign)) {
        tm_why_t why;
        tm_why_clear(&why);
        tm_why_add(&why, TM_EINVALID, "campaign_id", "there is no such campaign");
        tm_write_fail(call, msg, TM_EINVALID, &why);
        return;
    }
    tm_write_scope(call, msg, campaign);
    const tm_err_t err = post(call, tm_campaign_actor(campaign), msg);
    if (err == TM_OK)
        return;
    tm_call_stop_waiting(call);
    if (err == TM_ENOTFOUND)
        tm_call_retry(call); /* made a moment ago: its actor comes */
    else
        tm_reply_problem(call, err, NULL);
}

uint32_t tm_write_check_ids(tm_strs_t *ids, const char *field, const char *prefix, tm_why_t *why)
{
    tm_map_t seen = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < ids->n; i++) {
        tm_id_t id = {0};
        if (tm_id_parse(prefix, ids->v[i], &id) != TM_OK || id.v == 0) {
            char path[TM_WHY_FIELD_MAX];
            snprintf(path, sizeof(path), "%s[%u]", field, i);
            tm_why_add(why, TM_EINVALID, path, "must be an id like %s_0123456789abc", prefix);
        } else if (tm_map_put(&seen, id.v, &seen) == NULL) {
            ids->v[n++] = ids->v[i];
        }
    }
    tm_map_done(&seen);
    if (why->n == 0)
        ids->n = n;
    return n;
}

static bool names(const tm_why_t *why, const char *field)
{
    for (uint32_t i = 0; i < why->n; i++) {
        if (strcmp(why->faults[i].field, field) == 0)
            return true;
    }
    return false;
}

void tm_write_merge_faults(tm_why_t *why, const tm_why_t *more)
{
    for (uint32_t i = 0; i < more->n; i++) {
        if (!names(why, more->faults[i].field))
            tm_why_add(why, more->faults[i].err, more->faults[i].field, "%s", more->faults[i].text);
    }
}
