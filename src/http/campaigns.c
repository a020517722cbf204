/* campaigns.c - handlers of campaigns.
 *
 * Threads: the loop's. */
#include "domain/assign.h"
#include "http/records.h"
#include "http/reply.h"
#include "schema/binary.h"
#include "schema/json.h"

#define PATCH_BYTES_MAX (16u << 20)

void tm_handle_campaign_create(tm_call_t *call)
{
    void *campaign = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_CAMPAIGN_CREATE, (tm_id_t){0}, &campaign);
    if (msg == NULL)
        return;
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err =
        tm_write_read(call, msg, &tm_campaign_desc, TM_JSON_REQUEST, campaign, NULL, &why);
    if (err == TM_EINVALID || err == TM_ERANGE) { /* every fault is told at once */
        tm_why_t more;
        tm_why_clear(&more);
        if (tm_campaign_prepare(campaign, msg->arena, &more) != TM_OK)
            tm_write_merge_faults(&why, &more);
    }
    if (err != TM_OK)
        tm_write_fail(call, msg, err, &why);
    else
        tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}

void tm_handle_campaign_list(tm_call_t *call)
{
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_records_list(call, view, &tm_campaign_desc, NULL, NULL);
    tm_shared_unref(view);
}

void tm_handle_campaign_show(tm_call_t *call)
{
    tm_records_show_path(call, &tm_campaign_desc, TM_ACTOR_DIRECTORY, NULL);
}

/* If-Match holds `"id-version"`: the version, -1 for `*` or no header, -2 for something that can
 * match nothing. */
static int64_t if_match_version(const tm_call_t *call)
{
    const tm_str_t header = tm_call_header(call, "if-match", NULL);
    if (header.p == NULL || tm_str_eq(header, TM_STR("*")))
        return -1;
    const tm_str_t id = call->names[0];
    if (header.n < id.n + 4 || header.p[0] != '"' || header.p[header.n - 1] != '"' ||
        memcmp(header.p + 1, id.p, id.n) != 0 || header.p[1 + id.n] != '-')
        return -2;
    int64_t version;
    if (!tm_str_i64(tm_str_n(header.p + id.n + 2, header.n - id.n - 3), &version) || version < 0)
        return -2;
    return version;
}

/* Body to binary patch: the touched fields, nulls included. */
static tm_err_t read_patch(tm_call_t *call, tm_message_t *msg, tm_id_t id,
                           tm_record_patch_t *payload, tm_why_t *why)
{
    tm_campaign_t *campaign = tm_arena_zalloc(msg->arena, sizeof(*campaign));
    if (campaign == NULL)
        return TM_ENOMEM;
    tm_has_t nulls = {{0, 0}};
    const tm_err_t err = tm_write_read(call, msg, &tm_campaign_desc,
                                       TM_JSON_REQUEST | TM_JSON_PARTIAL, campaign, &nulls, why);
    if (err != TM_OK)
        return err;
    const tm_has_t touched = {{campaign->has.w[0] | nulls.w[0], campaign->has.w[1] | nulls.w[1]}};
    tm_buf_t patch;
    tm_buf_init(&patch, PATCH_BYTES_MAX);
    tm_binary_write_patch(&tm_campaign_desc, campaign, &touched, &patch);
    payload->id = id;
    payload->patch = tm_arena_str(msg->arena, patch.n == 0 ? TM_STR("") : tm_buf_str(&patch));
    TM_MARK(payload, TM_RECORD_PATCH_id);
    TM_MARK(payload, TM_RECORD_PATCH_patch);
    const bool whole = !patch.full && payload->patch.p != NULL;
    tm_buf_done(&patch);
    return whole ? TM_OK : TM_ENOMEM;
}

void tm_handle_campaign_patch(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_campaign_desc.prefix);
    if (id.v == 0)
        return;
    const int64_t version = if_match_version(call);
    if (version == -2) {
        tm_reply_fault(call, TM_ESTALE, "if-match", "is no ETag of this record");
        return;
    }
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_CAMPAIGN_PATCH, id, &payload);
    if (msg == NULL)
        return;
    msg->expect_version = version;
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err = read_patch(call, msg, id, payload, &why);
    if (err != TM_OK)
        tm_write_fail(call, msg, err, &why);
    else
        tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}

void tm_handle_campaign_clone(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_campaign_desc.prefix);
    if (id.v == 0)
        return;
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_CAMPAIGN_CLONE, id, &payload);
    if (msg == NULL)
        return;
    tm_record_ref_t *ref = payload;
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err =
        tm_write_read(call, msg, &tm_record_ref_desc, TM_JSON_REQUEST, ref, NULL, &why);
    if (err != TM_OK) {
        tm_write_fail(call, msg, err, &why);
        return;
    }
    ref->id = id;
    TM_MARK(ref, TM_RECORD_REF_id);
    tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}
