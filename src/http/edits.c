/* edits.c - handlers of edited cells, of the list of all decisions, and of taking one back.
 *
 * Why:     whatever a person changed can be seen and undone in one place, whoever changed it.
 * How:     an undo token is the id of the decision or edit, so that any list shows it while it is
 *          in force.
 * Threads: the loop's. */
#include "base/map.h"
#include "http/records.h"
#include "http/reply.h"
#include "schema/json.h"

#include <stdio.h>

/* ---- lists ---- */

/* Every record with its undo token: its own id while it is in force. */
static void write_with_token(const tm_desc_t *desc, const void *record, tm_id_t token,
                             tm_buf_t *out)
{
    tm_json_write(desc, record, true, out);
    if (out->full)
        return;
    assert(out->n > 0 && out->p[out->n - 1] == '}');
    out->n--;
    if (token.v == 0) {
        tm_buf_add_c(out, ",\"undo_token\":null}");
        return;
    }
    char text[TM_ID_TEXT_MAX];
    tm_id_format(desc->prefix, token, text);
    tm_buf_printf(out, ",\"undo_token\":\"%s\"}", text);
}

static void write_decision(void *ctx TM_UNUSED, const tm_row_t *row, tm_arena_t *scratch,
                           tm_buf_t *out)
{
    const tm_dedupe_decision_t *decision = tm_row_read(row, scratch);
    if (decision == NULL) {
        out->full = true;
        return;
    }
    const bool in_force = !TM_HAS(decision, TM_DEDUPE_DECISION_undone_ms) &&
                          decision->action.v != TM_DEDUPE_ACTION_undo;
    write_with_token(&tm_dedupe_decision_desc, decision, in_force ? row->id : (tm_id_t){0}, out);
}

static void write_adjustment(void *ctx TM_UNUSED, const tm_row_t *row, tm_arena_t *scratch,
                             tm_buf_t *out)
{
    const tm_adjustment_t *edit = tm_row_read(row, scratch);
    if (edit == NULL) {
        out->full = true;
        return;
    }
    const bool in_force = !TM_HAS(edit, TM_ADJUSTMENT_undone_ms);
    write_with_token(&tm_adjustment_desc, edit, in_force ? row->id : (tm_id_t){0}, out);
}

static void list(tm_call_t *call, const tm_desc_t *desc, tm_record_write_t *write)
{
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    tm_records_list_with(call, &view->view, desc, NULL, NULL, write, NULL);
    tm_shared_unref(view);
}

void tm_handle_decision_list(tm_call_t *call)
{
    list(call, &tm_dedupe_decision_desc, write_decision);
}
void tm_handle_adjustment_list(tm_call_t *call)
{
    list(call, &tm_adjustment_desc, write_adjustment);
}

/* ---- undo ---- */

void tm_handle_decision_undo(tm_call_t *call)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_DECISION_UNDO, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_decision_undo_t *undo = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err =
        tm_write_read(call, msg, &tm_decision_undo_desc, TM_JSON_REQUEST, undo, NULL, &why);
    tm_id_t id = {0};
    if (err == TM_OK &&
        tm_id_parse(tm_dedupe_decision_desc.prefix, undo->undo_token, &id) != TM_OK &&
        tm_id_parse(tm_adjustment_desc.prefix, undo->undo_token, &id) != TM_OK)
        err = tm_why_add(&why, TM_EINVALID, "undo_token", "is none that was given out");
    tm_view_t *view = err == TM_OK ? tm_records_view(call, tm_id_actor(id)) : NULL;
    if (err == TM_OK && (view == NULL || tm_id_actor(id) < TM_ACTOR_CAMPAIGN_0))
        err = tm_why_add(&why, TM_EINVALID, "undo_token", "is none that was given out");
    tm_shared_unref(view);
    if (err != TM_OK)
        tm_write_fail(call, msg, err, &why);
    else
        tm_write_post(call, tm_id_actor(id), msg);
}

/* ---- cells ---- */

static void check_edits(const tm_matrix_edit_t *edit, tm_why_t *why)
{
    const tm_cell_edit_t *edits = edit->edits.v;
    tm_smap_t seen = {0};
    if (edit->edits.n == 0)
        tm_why_add(why, TM_EINVALID, "edits", "needs one cell or more");
    for (uint32_t i = 0; i < edit->edits.n; i++) {
        if (tm_smap_put(&seen, edits[i].key, &seen) == NULL)
            continue;
        char field[TM_WHY_FIELD_MAX];
        snprintf(field, sizeof(field), "edits[%u].key", i);
        tm_why_add(why, TM_EINVALID, field, "names a cell for the second time");
    }
    tm_smap_done(&seen);
}

void tm_handle_matrix_edit(tm_call_t *call)
{
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_MATRIX_EDIT, (tm_id_t){0}, &payload);
    if (msg == NULL)
        return;
    tm_matrix_edit_t *edit = payload;
    tm_why_t why;
    tm_why_clear(&why);
    tm_err_t err =
        tm_write_read(call, msg, &tm_matrix_edit_desc, TM_JSON_REQUEST, edit, NULL, &why);
    if (err == TM_OK) {
        check_edits(edit, &why);
        err = tm_why_err(&why);
    }
    if (err != TM_OK)
        tm_write_fail(call, msg, err, &why);
    else
        tm_write_post_campaign(call, edit->campaign_id, msg);
}
