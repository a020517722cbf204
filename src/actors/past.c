/* past.c - see past.h.
 *
 * Threads: see past.h. */
#include "actors/past.h"

#include "runtime/wire.h"
#include "schema/slot.h"

#define PAST_BYTES_MAX (32u << 20)
#define BACK_ARENA_MAX (256u << 20)

struct tm_past {
    uint32_t refs; /* atomic */
    uint32_t n : 31, whole : 1;
    uint64_t since;  /* the version at which these values began, */
    tm_past_t *next; /* before that; NULL: there the record began */
    uint32_t place;  /* and among the changes of that version */
    char bytes[];    /* whole: the record; else a patch from the newer values to these */
};

static tm_past_t *past_ref(tm_past_t *past)
{
    if (past != NULL) {
        /* relaxed: the row that holds it is held; partner: the release in tm_past_unref. */
        const uint32_t before = __atomic_fetch_add(&past->refs, 1, __ATOMIC_RELAXED);
        assert(before > 0 && before < UINT32_MAX);
    }
    return past;
}

void tm_past_unref(TM_OWN tm_past_t *past)
{
    while (past != NULL) {
        /* acq_rel: the last owner sees the reads of all others finished; partner: itself. */
        const uint32_t before = __atomic_fetch_sub(&past->refs, 1, __ATOMIC_ACQ_REL);
        assert(before > 0);
        if (before > 1)
            return;
        tm_past_t *next = past->next;
        tm_free(past);
        past = next;
    }
}

size_t tm_past_bytes(const tm_past_t *past)
{
    return offsetof(tm_past_t, bytes) + past->n;
}

static tm_past_t *past_alloc(tm_str_t bytes, bool whole)
{
    assert(bytes.n < 1u << 31);
    tm_past_t *past = tm_alloc(TM_MAX(sizeof *past, offsetof(tm_past_t, bytes) + bytes.n));
    *past = (tm_past_t){.refs = 1, .n = bytes.n & 0x7fffffffu, .whole = whole};
    if (bytes.n > 0) {
        memcpy(past->bytes, bytes.p, bytes.n);
    }
    return past;
}

static tm_past_t *past_new(const tm_row_t *old, tm_str_t bytes, bool whole)
{
    tm_past_t *past = past_alloc(bytes, whole);
    past->since = old->since;
    past->place = old->place;
    past->next = past_ref(old->past);
    return past;
}

void tm_past_begin(tm_row_t *row, const tm_row_t *old, const void *old_record,
                   const tm_has_t *touched, uint64_t version, uint32_t place)
{
    assert(row->past == NULL && version > 0);
    row->since = version;
    row->place = place;
    if (old == NULL)
        return;
    assert(old->desc == row->desc && old->since <= version);
    if (touched == NULL) {
        row->past = past_new(old, tm_str_n(old->bytes, old->n), true);
        return;
    }
    tm_buf_t buf;
    tm_buf_init(&buf, PAST_BYTES_MAX);
    tm_binary_write_patch(old->desc, old_record, touched, &buf);
    assert(!buf.full); /* no larger than the row */
    row->past = past_new(old, tm_buf_str(&buf), false);
    tm_buf_done(&buf);
}

bool tm_back_begin(tm_back_t *back, const tm_row_t *row, tm_arena_t *arena)
{
    *back = (tm_back_t){row, row->past, arena, tm_row_read(row, arena), row->since, row->place};
    return back->record != NULL;
}

static tm_err_t read_whole(const tm_back_t *back, tm_str_t bytes)
{
    memset(back->record, 0, back->row->desc->bytes);
    return tm_binary_read(back->row->desc, bytes, back->arena, back->record);
}

bool tm_back_step(tm_back_t *back, tm_has_t *ret_touched)
{
    const tm_past_t *past = back->next;
    if (past == NULL)
        return false;
    const tm_str_t bytes = tm_str_n(past->bytes, past->n);
    tm_err_t err;
    if (past->whole) {
        err = read_whole(back, bytes);
        if (ret_touched != NULL) {
            memset(ret_touched, 0xff, sizeof *ret_touched);
        }
    } else {
        err = tm_binary_apply_patch(back->row->desc, bytes, back->arena, back->record, ret_touched);
    }
    assert(err == TM_OK || err == TM_ENOMEM); /* we wrote these bytes */
    back->since = past->since;
    back->place = past->place;
    back->next = past->next;
    return err == TM_OK;
}

bool tm_back_is_put(const tm_back_t *back)
{
    return back->next == NULL || back->next->whole;
}

TM_OWN tm_row_t *tm_back_row(const tm_back_t *back)
{
    tm_row_t *then = tm_row_new(back->row->desc, back->row->id, back->record);
    then->since = back->since;
    then->place = back->place;
    then->past = past_ref((tm_past_t *)(uintptr_t)back->next);
    return then;
}

TM_OWN tm_row_t *tm_row_at(tm_row_t *row, uint64_t version)
{
    if (row->since <= version)
        return tm_shared_ref(row);
    if (row->past == NULL)
        return NULL;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(BACK_ARENA_MAX);
    tm_back_t back;
    bool found = tm_back_begin(&back, row, arena);
    assert(found); /* it was packed from a smaller arena */
    while (found && back.since > version) {
        found = tm_back_step(&back, NULL);
    }
    return found ? tm_back_row(&back) : NULL;
}

void tm_past_write(const tm_past_t *past, tm_buf_t *out)
{
    for (; past != NULL; past = past->next) {
        tm_varint_add(out, past->since * 2 + past->whole);
        tm_varint_add(out, past->place);
        tm_wire_put_str(out, tm_str_n(past->bytes, past->n));
    }
    tm_varint_add(out, 0);
}

TM_OWN tm_past_t *tm_past_read(struct tm_wire *in)
{
    tm_past_t *first = NULL;
    tm_past_t **tail = &first;
    for (uint64_t head; (head = tm_wire_get(in, UINT64_MAX)) != 0;) {
        const uint32_t place = (uint32_t)tm_wire_get(in, UINT32_MAX);
        const tm_str_t bytes = tm_wire_get_str(in);
        if (in->bad || bytes.n >= 1u << 31) {
            in->bad = true;
            break;
        }
        tm_past_t *past = past_alloc(bytes, (head & 1) != 0);
        past->since = head / 2;
        past->place = place;
        *tail = past;
        tail = &past->next;
    }
    return first;
}
