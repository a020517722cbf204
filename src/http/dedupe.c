/* dedupe.c - handlers of groups: which lines may be one buy, what a person says about them, and
 * parts combined to one buy.
 *
 * Why:     a verdict needs the lines side by side and what differs, in one answer.
 * How:     a group holds ids; its lines are read from the same picture, so they fit its version.
 *          Verdicts are messages to the campaign's actor, which answers.
 * Threads: the loop's. */
#include "base/fold.h"
#include "domain/dedupe.h"
#include "http/records.h"
#include "http/reply.h"
#include "schema/json.h"
#include "schema/json_value.h"
#include "schema/record.h"
#include "schema/slot.h"

#define FILTER_BYTES_MAX (64u << 20)

/* ---- one group as an answer ---- */

/* What a person compares at a glance; the whole line stands at its own address. */
static const uint16_t short_fields[] = {
    TM_BUY_LINE_id,        TM_BUY_LINE_advertiser,  TM_BUY_LINE_station,
    TM_BUY_LINE_market,    TM_BUY_LINE_medium,      TM_BUY_LINE_flight_from,
    TM_BUY_LINE_flight_to, TM_BUY_LINE_gross_cents, TM_BUY_LINE_net_cents,
    TM_BUY_LINE_source,    TM_BUY_LINE_order_no,    TM_BUY_LINE_revision,
    TM_BUY_LINE_stage,     TM_BUY_LINE_standing,    TM_BUY_LINE_document_id,
    TM_BUY_LINE_input_id,
};

static void write_short(const tm_buy_line_t *line, tm_buf_t *out)
{
    for (size_t i = 0; i < TM_COUNT(short_fields); i++) {
        const tm_field_t *field = &tm_buy_line_desc.fields[short_fields[i]];
        tm_buf_add_char(out, i == 0 ? '{' : ',');
        tm_buf_add_c(out, field->key);
        if (TM_HAS(line, short_fields[i]))
            tm_json_write_value(field, tm_slot_const(field, line), true, out);
        else
            tm_buf_add_c(out, "null");
    }
    tm_buf_add_char(out, '}');
}

/* The lines of a group's members, in their order. NULL: the arena is full. */
static const tm_buy_line_t **read_lines(const tm_view_t *view, const tm_dedupe_group_t *group,
                                        tm_arena_t *scratch, uint32_t *ret_n)
{
    const tm_dedupe_member_t *members = group->members.v;
    const tm_buy_line_t **lines =
        tm_arena_alloc(scratch, (group->members.n + 1) * sizeof(const tm_buy_line_t *));
    *ret_n = 0;
    for (uint32_t i = 0; lines != NULL && i < group->members.n; i++) {
        const tm_row_t *row = tm_view_get(view, &tm_buy_line_desc, members[i].buy_line_id);
        if (row == NULL)
            continue; /* a picture of the past may lack a line that came later */
        const tm_buy_line_t *line = tm_row_read(row, scratch);
        if (line == NULL)
            return NULL;
        lines[(*ret_n)++] = line;
    }
    return lines;
}

static void write_group(void *ctx, const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out)
{
    const tm_dedupe_group_t *group = tm_row_read(row, scratch);
    uint32_t n = 0;
    const tm_buy_line_t **lines = group == NULL ? NULL : read_lines(ctx, group, scratch, &n);
    if (lines == NULL) {
        out->full = true;
        return;
    }
    tm_json_write(&tm_dedupe_group_desc, group, true, out);
    if (out->full)
        return;
    assert(out->n > 0 && out->p[out->n - 1] == '}');
    out->n--;
    tm_buf_add_c(out, ",\"differences\":");
    tm_dedupe_differences(lines, n, out);
    tm_buf_add_c(out, ",\"lines\":[");
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            tm_buf_add_char(out, ',');
        write_short(lines[i], out);
    }
    tm_buf_add_c(out, "]}");
}

void tm_handle_group_show(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_dedupe_group_desc.prefix);
    if (id.v == 0)
        return;
    tm_view_t *view = tm_records_view(call, tm_id_actor(id));
    const tm_row_t *row = view == NULL ? NULL : tm_view_get(view, &tm_dedupe_group_desc, id);
    if (row == NULL) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
    } else {
        /* Its lines change without it, so its own version is not enough. */
        char text[TM_ID_TEXT_MAX];
        tm_id_format(tm_dedupe_group_desc.prefix, id, text);
        const char *etag = tm_call_tag(call, tm_str(text), view->version, "");
        tm_records_show_with(call, row, etag, write_group, view);
    }
    tm_shared_unref(view);
}

/* ---- the list ---- */

typedef struct wanted_groups {
    const tm_view_t *view;
    int status;            /* -1: any */
    int32_t min_x100;      /* points * 100 */
    tm_id_t advertiser_id; /* v 0: not asked */
    tm_str_t advertiser;   /* folded name; p NULL: not asked */
    tm_arena_t *scratch;
    tm_arena_t *own; /* of `advertiser` */
} wanted_groups_t;

/* Points with at most two decimals, as people write them. */
static bool read_points(tm_str_t text, int32_t *ret_x100)
{
    const char *dot = memchr(text.p, '.', text.n);
    const uint32_t whole_n = dot == NULL ? text.n : (uint32_t)(dot - text.p);
    const uint32_t decimals = dot == NULL ? 0 : text.n - whole_n - 1;
    int64_t whole = 0, part = 0;
    if (whole_n == 0 || text.p[0] == '-' || decimals > 2 || (dot != NULL && decimals == 0) ||
        !tm_str_i64(tm_str_n(text.p, whole_n), &whole) || whole > 100)
        return false;
    if (decimals > 0 && (dot[1] == '-' || !tm_str_i64(tm_str_n(dot + 1, decimals), &part)))
        return false;
    const int64_t x100 = whole * 100 + (decimals == 1 ? part * 10 : part);
    *ret_x100 = (int32_t)x100;
    return x100 <= 10000;
}

static bool filter_read(tm_call_t *call, wanted_groups_t *ret)
{
    *ret = (wanted_groups_t){.status = -1};
    tm_why_t why;
    tm_why_clear(&why);
    const tm_str_t status = tm_query_get(call, "status");
    const tm_str_t min = tm_query_get(call, "min_score");
    const tm_str_t advertiser = tm_query_get(call, "advertiser");
    if (status.p != NULL && (ret->status = tm_words_find(&tm_group_status_words, status)) < 0)
        tm_why_add(&why, TM_EINVALID, "status", "must be open, same, separate or partial");
    if (min.p != NULL && !read_points(min, &ret->min_x100))
        tm_why_add(&why, TM_EINVALID, "min_score", "must be points from 0 to 100");
    ret->own = tm_arena_new(FILTER_BYTES_MAX);
    if (advertiser.p != NULL &&
        tm_id_parse(tm_advertiser_desc.prefix, advertiser, &ret->advertiser_id) != TM_OK) {
        ret->advertiser = tm_fold_key(ret->own, advertiser);
        if (ret->advertiser.n == 0)
            tm_why_add(&why, TM_EINVALID, "advertiser", "must be an id or a name");
    }
    if (why.n > 0) {
        tm_arena_free(ret->own);
        tm_reply_problem(call, tm_why_err(&why), &why);
        return false;
    }
    ret->scratch = tm_arena_new(FILTER_BYTES_MAX);
    return true;
}

/* Is one of its lines this advertiser's? */
static bool has_advertiser(const wanted_groups_t *filter, const tm_dedupe_group_t *group)
{
    if (filter->advertiser_id.v == 0 && filter->advertiser.p == NULL)
        return true;
    uint32_t n = 0;
    const tm_buy_line_t **lines = read_lines(filter->view, group, filter->scratch, &n);
    for (uint32_t i = 0; lines != NULL && i < n; i++) {
        if (filter->advertiser_id.v != 0
                ? lines[i]->advertiser_id.v == filter->advertiser_id.v
                : tm_str_eq(tm_fold_key(filter->scratch, lines[i]->advertiser), filter->advertiser))
            return true;
    }
    return false;
}

/* A group whose lines no longer look alike was put away: nobody has to look at it. */
static bool group_keep(void *ctx, const tm_row_t *row)
{
    const wanted_groups_t *filter = ctx;
    const tm_dedupe_group_t *group = tm_row_read(row, filter->scratch);
    const bool keep = group != NULL && !TM_HAS(group, TM_DEDUPE_GROUP_archived_ms) &&
                      (filter->status < 0 || group->status.v == filter->status) &&
                      group->score_x100 >= filter->min_x100 && has_advertiser(filter, group);
    tm_arena_reset(filter->scratch);
    return keep;
}

void tm_handle_group_list(tm_call_t *call)
{
    wanted_groups_t filter;
    if (!filter_read(call, &filter))
        return;
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view != NULL) {
        filter.view = &view->view;
        tm_records_list_with(call, &view->view, &tm_dedupe_group_desc, group_keep, &filter,
                             write_group, &view->view);
        tm_shared_unref(view);
    }
    tm_arena_free(filter.scratch);
    tm_arena_free(filter.own);
}

/* ---- verdicts ---- */

static void check_verdict(const tm_group_resolve_t *verdict, tm_why_t *why)
{
    if (!TM_HAS(verdict, TM_GROUP_RESOLVE_action))
        return; /* told already */
    const uint8_t action = verdict->action.v;
    if (action == TM_DEDUPE_ACTION_combine || action == TM_DEDUPE_ACTION_undo)
        tm_why_add(why, TM_EINVALID, "action", "must be keep, merge, separate or covers");
    if ((action == TM_DEDUPE_ACTION_keep || action == TM_DEDUPE_ACTION_merge) &&
        !TM_HAS(verdict, TM_GROUP_RESOLVE_winner))
        tm_why_add(why, TM_EINVALID, "winner", "is needed: the line that counts");
}

void tm_handle_group_resolve(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_dedupe_group_desc.prefix);
    if (id.v == 0)
        return;
    if (tm_id_actor(id) < TM_ACTOR_CAMPAIGN_0) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL); /* no campaign's */
        return;
    }
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_GROUP_RESOLVE, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_group_resolve_t *verdict = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err =
        tm_write_read(call, msg, &tm_group_resolve_desc, TM_JSON_REQUEST, verdict, NULL, &why);
    if (err == TM_OK || err == TM_EINVALID || err == TM_ERANGE)
        check_verdict(verdict, &why);
    if (err == TM_OK)
        err = tm_why_err(&why);
    if (err != TM_OK) {
        tm_write_fail(call, msg, err, &why);
        return;
    }
    TM_SET(verdict, TM_GROUP_RESOLVE, group_id, id);
    tm_write_post(call, tm_id_actor(id), msg);
}

void tm_handle_rows_combine(tm_call_t *call)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_ROWS_COMBINE, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_rows_combine_t *combine = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err =
        tm_write_read(call, msg, &tm_rows_combine_desc, TM_JSON_REQUEST, combine, NULL, &why);
    if (err == TM_OK &&
        tm_write_check_ids(&combine->buy_line_ids, "buy_line_ids", tm_buy_line_desc.prefix, &why) <
            2 &&
        why.n == 0)
        tm_why_add(&why, TM_EINVALID, "buy_line_ids", "needs two different lines or more");
    if (err == TM_OK)
        err = tm_why_err(&why);
    if (err != TM_OK) {
        tm_write_fail(call, msg, err, &why);
        return;
    }
    tm_write_post_campaign(call, combine->campaign_id, msg);
}
