/* commit.c - a commit's bytes.
 *
 * How:     format 2: the byte 2, then varints and strings in the order of tm_commit_view_t. A
 *          string is as in wire.h. Lists are their number and their elements. Nothing may
 *          follow. Format 1 is the same; its records say nothing by WIRE_SAME (schema/binary.c),
 *          which programs that write it cannot read.
 * Threads: pure. */
#include "runtime/commit.h"
#include "runtime/wire.h"
#include "schema/binary.h"
#include "schema/record.h"

#define FORMAT_FIRST 1
#define FORMAT 2

void tm_commit_encode(const tm_commit_view_t *view, tm_buf_t *out)
{
    assert(view->actor <= TM_ID_ACTOR_MAX);
    assert(view->at.v >= 0);
    tm_buf_add_char(out, FORMAT);
    tm_varint_add(out, (uint64_t)view->at.v);
    tm_varint_add(out, view->kind);
    tm_varint_add(out, view->actor);
    tm_varint_add(out, view->partition);
    tm_varint_add(out, view->next_counter);
    tm_wire_put_str(out, view->principal);
    tm_wire_put_str(out, view->request_id);
    tm_varint_add(out, view->n_marks);
    for (uint32_t i = 0; i < view->n_marks; i++) {
        tm_varint_add(out, view->marks[i].from);
        tm_varint_add(out, view->marks[i].seq);
    }
    tm_varint_add(out, view->n_changes);
    for (uint32_t i = 0; i < view->n_changes; i++) {
        const tm_commit_change_t *change = &view->changes[i];
        tm_varint_add(out, change->op);
        tm_varint_add(out, change->entity);
        tm_varint_add(out, change->id.v);
        tm_wire_put_str(out, change->bytes);
    }
    tm_varint_add(out, view->n_sends);
    for (uint32_t i = 0; i < view->n_sends; i++) {
        const tm_commit_send_t *send = &view->sends[i];
        tm_varint_add(out, send->kind);
        tm_varint_add(out, send->actor);
        tm_varint_add(out, send->seq);
        tm_varint_add(out, send->type);
        tm_wire_put_str(out, send->bytes);
    }
    tm_buf_add_char(out, view->idem_key.p != NULL);
    if (view->idem_key.p != NULL) {
        tm_wire_put_str(out, view->idem_scope);
        tm_wire_put_str(out, view->idem_key);
        tm_wire_put_str(out, view->idem_fingerprint);
        tm_varint_add(out, tm_zigzag(view->idem_expires.v));
    }
    tm_varint_add(out, tm_zigzag(view->answer_status));
    if (view->answer_status != 0) {
        tm_varint_add(out, tm_zigzag(view->answer_version));
        tm_wire_put_str(out, view->answer_location);
        tm_wire_put_str(out, view->answer_body);
    }
}

static bool get_lists(tm_wire_t *in, tm_arena_t *arena, tm_commit_view_t *view)
{
    view->n_marks = tm_wire_get_count(in);
    view->marks = tm_arena_alloc(arena, view->n_marks * sizeof(view->marks[0]));
    if (view->marks == NULL)
        return false;
    for (uint32_t i = 0; i < view->n_marks; i++) {
        view->marks[i].from = (uint32_t)tm_wire_get(in, TM_ID_ACTOR_MAX);
        view->marks[i].seq = tm_wire_get(in, UINT64_MAX);
    }
    view->n_changes = tm_wire_get_count(in);
    view->changes = tm_arena_alloc(arena, view->n_changes * sizeof(view->changes[0]));
    if (view->changes == NULL)
        return false;
    for (uint32_t i = 0; i < view->n_changes; i++) {
        tm_commit_change_t *change = &view->changes[i];
        change->op = (uint8_t)tm_wire_get(in, TM_CHANGE_PATCH);
        change->entity = (uint16_t)tm_wire_get(in, UINT16_MAX);
        change->id.v = tm_wire_get(in, INT64_MAX);
        change->bytes = tm_wire_get_str(in);
        in->bad |= change->op == 0;
    }
    view->n_sends = tm_wire_get_count(in);
    view->sends = tm_arena_alloc(arena, view->n_sends * sizeof(view->sends[0]));
    if (view->sends == NULL)
        return false;
    for (uint32_t i = 0; i < view->n_sends; i++) {
        tm_commit_send_t *send = &view->sends[i];
        send->kind = (uint16_t)tm_wire_get(in, UINT16_MAX);
        send->actor = (uint32_t)tm_wire_get(in, TM_ID_ACTOR_MAX);
        send->seq = tm_wire_get(in, UINT64_MAX);
        send->type = (uint16_t)tm_wire_get(in, UINT16_MAX);
        send->bytes = tm_wire_get_str(in);
        in->bad |= send->seq == 0;
    }
    return true;
}

tm_err_t tm_commit_decode(tm_str_t bytes, tm_arena_t *arena, tm_commit_view_t *ret)
{
    assert(arena != NULL && ret != NULL);
    if (bytes.n == 0 || bytes.p[0] < FORMAT_FIRST || bytes.p[0] > FORMAT)
        return TM_EDAMAGED;
    tm_wire_t in = tm_wire(tm_str_n(bytes.p + 1, bytes.n - 1));
    tm_commit_view_t view = {0};
    view.at.v = (int64_t)tm_wire_get(&in, INT64_MAX);
    view.kind = (uint16_t)tm_wire_get(&in, UINT16_MAX);
    view.actor = (uint32_t)tm_wire_get(&in, TM_ID_ACTOR_MAX);
    view.partition = (uint32_t)tm_wire_get(&in, UINT32_MAX);
    view.next_counter = (uint32_t)tm_wire_get(&in, UINT32_MAX);
    view.principal = tm_wire_get_str(&in);
    view.request_id = tm_wire_get_str(&in);
    if (!get_lists(&in, arena, &view))
        return TM_ENOMEM;
    if (tm_wire_get(&in, 1) == 1) {
        view.idem_scope = tm_wire_get_str(&in);
        view.idem_key = tm_wire_get_str(&in);
        view.idem_fingerprint = tm_wire_get_str(&in);
        view.idem_expires.v = tm_unzigzag(tm_wire_get(&in, UINT64_MAX));
        in.bad |= view.idem_key.p == NULL;
    }
    const int64_t status = tm_unzigzag(tm_wire_get(&in, UINT64_MAX));
    view.answer_version = -1;
    if (status != 0) {
        view.answer_version = tm_unzigzag(tm_wire_get(&in, UINT64_MAX));
        view.answer_location = tm_wire_get_str(&in);
        view.answer_body = tm_wire_get_str(&in);
    }
    if (in.bad || !tm_wire_is_over(&in) || status < 0 || status > 999)
        return TM_EDAMAGED;
    view.answer_status = (int)status;
    *ret = view;
    return TM_OK;
}

tm_err_t tm_commit_record(const tm_desc_t *desc, const tm_commit_change_t *change,
                          tm_arena_t *arena, tm_commit_record_t *ret)
{
    tm_commit_record_t read = {.record = tm_arena_zalloc(arena, desc->bytes)};
    if (read.record == NULL)
        return TM_ENOMEM;
    const tm_err_t err =
        change->op == TM_CHANGE_PATCH
            ? tm_binary_apply_patch(desc, change->bytes, arena, read.record, &read.touched)
            : tm_binary_read(desc, change->bytes, arena, read.record);
    if (err == TM_OK)
        *ret = read;
    return err;
}

void tm_commit_read(tm_commit_view_t *view, tm_arena_t *arena)
{
    assert(view->records == NULL);
    const size_t bytes = view->n_changes * sizeof(view->records[0]);
    view->records = tm_arena_zalloc(arena, bytes);
    for (uint32_t i = 0; i < view->n_changes && view->records != NULL; i++) {
        const tm_desc_t *desc = tm_entity_by_number(view->changes[i].entity);
        if (desc != NULL)
            (void)!tm_commit_record(desc, &view->changes[i], arena, &view->records[i]);
    }
}
