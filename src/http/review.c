/* review.c - handlers of what waits for a person: pending lines, exceptions, spellings that may be
 * a known name.
 *
 * Why:     these lists are worked off in bulk; a click of a hundred is one request.
 * Threads: the loop's. */
#include "http/records.h"
#include "http/reply.h"
#include "schema/json.h"
#include "schema/record.h"

#define SCRATCH_BYTES_MAX (64u << 20)

/* ---- lines no campaign took ---- */

static bool is_pending(void *ctx, const tm_row_t *row)
{
    tm_arena_t *scratch = ctx;
    const tm_buy_line_t *line = tm_row_read(row, scratch);
    const bool keep = line != NULL && !TM_HAS(line, TM_BUY_LINE_campaign_id) &&
                      !TM_HAS(line, TM_BUY_LINE_archived_ms);
    tm_arena_reset(scratch);
    return keep;
}

void tm_handle_pending_list(tm_call_t *call)
{
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_arena_t *scratch = tm_arena_new(TM_ANSWER_BYTES_MAX);
    tm_records_list(call, view, &tm_buy_line_desc, is_pending, scratch);
    tm_arena_free(scratch);
    tm_shared_unref(view);
}

void tm_handle_pending_assign(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_buy_line_desc.prefix);
    if (id.v == 0)
        return;
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_PENDING_ASSIGN, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_pending_assign_t *assign = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err =
        tm_write_read(call, msg, &tm_pending_assign_desc, TM_JSON_REQUEST, assign, NULL, &why);
    if (err == TM_OK && TM_HAS(assign, TM_PENDING_ASSIGN_buy_line_id))
        err = tm_why_add(&why, TM_EINVALID, "buy_line_id", "stands in the path");
    if (err != TM_OK) {
        tm_write_fail(call, msg, err, &why);
        return;
    }
    assign->buy_line_id = id;
    TM_MARK(assign, TM_PENDING_ASSIGN_buy_line_id);
    tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}

/* Reads a body whose list of ids, counted from 1, must be of that kind; posts nothing. false: it
 * has answered. */
static bool read_ids(tm_call_t *call, tm_message_t *msg, const tm_desc_t *desc, void *record,
                     tm_strs_t *ids, const char *field, const char *prefix)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err = tm_write_read(call, msg, desc, TM_JSON_REQUEST, record, NULL, &why);
    if (err == TM_OK && tm_write_check_ids(ids, field, prefix, &why) == 0 && why.n == 0)
        tm_why_add(&why, TM_EINVALID, field, "needs one or more");
    if (err == TM_OK)
        err = tm_why_err(&why);
    if (err != TM_OK)
        tm_write_fail(call, msg, err, &why);
    return err == TM_OK;
}

void tm_handle_lines_assign(tm_call_t *call)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_LINES_ASSIGN, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_lines_assign_t *assign = payload;
    if (read_ids(call, msg, &tm_lines_assign_desc, assign, &assign->buy_line_ids, "buy_line_ids",
                 tm_buy_line_desc.prefix))
        tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}

/* ---- exceptions ---- */

/* Of one status (the word filter) and of one input; v 0: of any. */
typedef struct exception_filter {
    tm_word_filter_t word;
    tm_id_t input;
} exception_filter_t;

static bool is_wanted(void *ctx, const tm_row_t *row)
{
    exception_filter_t *filter = ctx;
    bool keep = tm_word_filter_keep(&filter->word, row);
    if (keep && filter->input.v != 0) {
        const tm_exception_t *e = tm_row_read(row, filter->word.scratch);
        keep = e != NULL && TM_HAS(e, TM_EXCEPTION_input_id) && e->input_id.v == filter->input.v;
        tm_arena_reset(filter->word.scratch);
    }
    return keep;
}

void tm_handle_exception_list(tm_call_t *call)
{
    tm_why_t why;
    tm_why_clear(&why);
    exception_filter_t filter = {.input = tm_query_id(call, "input_id", "in", false, &why)};
    if (tm_reply_faults(call, &why))
        return;
    tm_view_t *view;
    if (tm_query_get(call, "campaign_id").p == NULL)
        view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    else if ((view = (tm_view_t *)tm_records_campaign(call)) == NULL)
        return;
    if (tm_word_filter_read(call, "status", &tm_exception_desc, &filter.word)) {
        tm_records_list(call, view, &tm_exception_desc, is_wanted, &filter);
        tm_word_filter_done(&filter.word);
    }
    tm_shared_unref(view);
}

void tm_handle_exceptions_close(tm_call_t *call)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_EXCEPTIONS_CLOSE, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_exceptions_close_t *close = payload;
    if (!read_ids(call, msg, &tm_exceptions_close_desc, close, &close->ids, "ids",
                  tm_exception_desc.prefix))
        return;
    if (TM_HAS(close, TM_EXCEPTIONS_CLOSE_campaign_id))
        tm_write_post_campaign(call, close->campaign_id, msg);
    else
        tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}

/* ---- spellings ---- */

typedef struct proposal_filter {
    tm_arena_t *scratch;
    int status, kind; /* -1: any */
} proposal_filter_t;

/* One that was overtaken by another verdict was put away. */
static bool proposal_keep(void *ctx, const tm_row_t *row)
{
    const proposal_filter_t *filter = ctx;
    const tm_name_proposal_t *p = tm_row_read(row, filter->scratch);
    const bool keep = p != NULL && !TM_HAS(p, TM_NAME_PROPOSAL_archived_ms) &&
                      (filter->status < 0 || p->status.v == filter->status) &&
                      (filter->kind < 0 || p->kind.v == filter->kind);
    tm_arena_reset(filter->scratch);
    return keep;
}

void tm_handle_proposal_list(tm_call_t *call)
{
    tm_why_t why;
    tm_why_clear(&why);
    const tm_str_t status = tm_query_get(call, "status");
    const tm_str_t kind = tm_query_get(call, "kind");
    proposal_filter_t filter = {NULL, -1, -1};
    if (status.p != NULL && (filter.status = tm_words_find(&tm_proposal_status_words, status)) < 0)
        tm_why_add(&why, TM_EINVALID, "status", "must be open, confirmed or rejected");
    if (kind.p != NULL && (filter.kind = tm_words_find(&tm_name_kind_words, kind)) < 0)
        tm_why_add(&why, TM_EINVALID, "kind", "must be advertiser, agency, station or market");
    if (tm_reply_faults(call, &why))
        return;
    filter.scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_records_list(call, view, &tm_name_proposal_desc, proposal_keep, &filter);
    tm_shared_unref(view);
    tm_arena_free(filter.scratch);
}

void tm_handle_proposal_decide(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_name_proposal_desc.prefix);
    if (id.v == 0)
        return;
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_NAME_DECIDE, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_name_decide_t *decide = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err =
        tm_write_read(call, msg, &tm_name_decide_desc, TM_JSON_REQUEST, decide, NULL, &why);
    if (err == TM_OK && decide->status.v == TM_PROPOSAL_STATUS_open)
        err = tm_why_add(&why, TM_EINVALID, "status", "must be confirmed or rejected");
    if (err == TM_OK && decide->status.v == TM_PROPOSAL_STATUS_rejected &&
        TM_HAS(decide, TM_NAME_DECIDE_target_id))
        err = tm_why_add(&why, TM_EINVALID, "target_id", "belongs to a confirmed one");
    if (err != TM_OK) {
        tm_write_fail(call, msg, err, &why);
        return;
    }
    TM_SET(decide, TM_NAME_DECIDE, proposal_id, id);
    tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}
