/* commit.c - a commit's bytes.
 *
 * How:     format 1: the byte 1, then varints and strings in the order of tm_commit_view_t. A
 *          string is varint(length + 1) and its bytes, 0 is none. Lists are their number and their
 *          elements. Nothing may follow.
 * Threads: pure. */
#include "runtime/commit.h"
#include "schema/binary.h"

#define FORMAT 1

static void str_add(tm_buf_t *out, tm_str_t s)
{
    tm_varint_add(out, s.p == NULL ? 0 : (uint64_t)s.n + 1);
    if (s.n > 0)
        tm_buf_add(out, s.p, s.n);
}

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
    str_add(out, view->principal);
    str_add(out, view->request_id);
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
        str_add(out, change->bytes);
    }
    tm_varint_add(out, view->n_sends);
    for (uint32_t i = 0; i < view->n_sends; i++) {
        const tm_commit_send_t *send = &view->sends[i];
        tm_varint_add(out, send->kind);
        tm_varint_add(out, send->actor);
        tm_varint_add(out, send->seq);
        tm_varint_add(out, send->type);
        str_add(out, send->bytes);
    }
    tm_buf_add_char(out, view->idem_key.p != NULL);
    if (view->idem_key.p != NULL) {
        str_add(out, view->idem_scope);
        str_add(out, view->idem_key);
        str_add(out, view->idem_fingerprint);
        tm_varint_add(out, tm_zigzag(view->idem_expires.v));
    }
    tm_varint_add(out, tm_zigzag(view->answer_status));
    if (view->answer_status != 0) {
        tm_varint_add(out, tm_zigzag(view->answer_version));
        str_add(out, view->answer_location);
        str_add(out, view->answer_body);
    }
}

typedef struct reader {
    const char *p;
    const char *end;
    bool bad;
} reader_t;

/* A number up to max; 0 and bad if there is none. */
static uint64_t get(reader_t *in, uint64_t max)
{
    uint64_t v = 0;
    if (in->bad || !tm_varint_get(&in->p, in->end, &v) || v > max) {
        in->bad = true;
        return 0;
    }
    return v;
}

static tm_str_t get_str(reader_t *in)
{
    const uint64_t n = get(in, UINT32_MAX);
    if (n == 0)
        return (tm_str_t){NULL, 0};
    if (n - 1 > (uint64_t)(in->end - in->p)) {
        in->bad = true;
        return (tm_str_t){NULL, 0};
    }
    const tm_str_t s = tm_str_n(in->p, n - 1);
    in->p += s.n;
    return s;
}

/* The number of elements of a list; each takes at least one byte, so a hostile number cannot ask
 * for much memory. */
static uint32_t get_count(reader_t *in)
{
    const uint64_t n = get(in, UINT32_MAX);
    if (n > (uint64_t)(in->end - in->p))
        in->bad = true;
    return in->bad ? 0 : (uint32_t)n;
}

static bool get_lists(reader_t *in, tm_arena_t *arena, tm_commit_view_t *view)
{
    view->n_marks = get_count(in);
    view->marks = tm_arena_alloc(arena, view->n_marks * sizeof(view->marks[0]));
    if (view->marks == NULL)
        return false;
    for (uint32_t i = 0; i < view->n_marks; i++) {
        view->marks[i].from = (uint32_t)get(in, TM_ID_ACTOR_MAX);
        view->marks[i].seq = get(in, UINT64_MAX);
    }
    view->n_changes = get_count(in);
    view->changes = tm_arena_alloc(arena, view->n_changes * sizeof(view->changes[0]));
    if (view->changes == NULL)
        return false;
    for (uint32_t i = 0; i < view->n_changes; i++) {
        tm_commit_change_t *change = &view->changes[i];
        change->op = (uint8_t)get(in, TM_CHANGE_PATCH);
        change->entity = (uint16_t)get(in, UINT16_MAX);
        change->id.v = get(in, INT64_MAX);
        change->bytes = get_str(in);
        in->bad |= change->op == 0;
    }
    view->n_sends = get_count(in);
    view->sends = tm_arena_alloc(arena, view->n_sends * sizeof(view->sends[0]));
    if (view->sends == NULL)
        return false;
    for (uint32_t i = 0; i < view->n_sends; i++) {
        tm_commit_send_t *send = &view->sends[i];
        send->kind = (uint16_t)get(in, UINT16_MAX);
        send->actor = (uint32_t)get(in, TM_ID_ACTOR_MAX);
        send->seq = get(in, UINT64_MAX);
        send->type = (uint16_t)get(in, UINT16_MAX);
        send->bytes = get_str(in);
        in->bad |= send->seq == 0;
    }
    return true;
}

tm_err_t tm_commit_decode(tm_str_t bytes, tm_arena_t *arena, tm_commit_view_t *ret)
{
    assert(arena != NULL && ret != NULL);
    if (bytes.n == 0 || bytes.p[0] != FORMAT)
        return TM_EDAMAGED;
    reader_t in = {bytes.p + 1, bytes.p + bytes.n, false};
    tm_commit_view_t view = {0};
    view.at.v = (int64_t)get(&in, INT64_MAX);
    view.kind = (uint16_t)get(&in, UINT16_MAX);
    view.actor = (uint32_t)get(&in, TM_ID_ACTOR_MAX);
    view.partition = (uint32_t)get(&in, UINT32_MAX);
    view.next_counter = (uint32_t)get(&in, UINT32_MAX);
    view.principal = get_str(&in);
    view.request_id = get_str(&in);
    if (!get_lists(&in, arena, &view))
        return TM_ENOMEM;
    if (get(&in, 1) == 1) {
        view.idem_scope = get_str(&in);
        view.idem_key = get_str(&in);
        view.idem_fingerprint = get_str(&in);
        view.idem_expires.v = tm_unzigzag(get(&in, UINT64_MAX));
        in.bad |= view.idem_key.p == NULL;
    }
    const int64_t status = tm_unzigzag(get(&in, UINT64_MAX));
    view.answer_version = -1;
    if (status != 0) {
        view.answer_version = tm_unzigzag(get(&in, UINT64_MAX));
        view.answer_location = get_str(&in);
        view.answer_body = get_str(&in);
    }
    if (in.bad || in.p != in.end || status < 0 || status > 999)
        return TM_EDAMAGED;
    view.answer_status = (int)status;
    *ret = view;
    return TM_OK;
}
