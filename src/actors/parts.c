/* parts.c - see parts.h.
 *
 * Threads: see parts.h. */
#include "actors/parts.h"

#include "actors/past.h"
#include "schema/record.h"

static void write_head(const tm_view_t *view, const tm_versions_t *versions, tm_buf_t *out)
{
    const uint64_t n = versions == NULL ? 0 : versions->n;
    tm_buf_add_char(out, 'h');
    tm_varint_add(out, view->version);
    tm_varint_add(out, n);
    int64_t before = 0;
    for (uint64_t v = 1; v <= n; v++) {
        const int64_t at = tm_versions_at(versions, v).v;
        tm_varint_add(out, tm_zigzag(at - before));
        before = at;
    }
}

static void write_row(const tm_row_t *row, tm_buf_t *out)
{
    tm_buf_add_char(out, 'r');
    tm_varint_add(out, row->desc->number);
    tm_varint_add(out, row->id.v);
    tm_varint_add(out, row->since);
    tm_varint_add(out, row->place);
    tm_wire_put_str(out, tm_str_n(row->bytes, row->n));
    tm_past_write(row->past, out);
}

bool tm_view_part(const tm_view_t *view, const tm_versions_t *versions, tm_part_at_t *at,
                  tm_buf_t *out)
{
    if (at->phase == 0) {
        write_head(view, versions, out);
        at->phase = 1;
        return true;
    }
    for (; at->phase == 1 && at->table < TM_VIEW_TABLES; at->table++, at->key = 0) {
        uint32_t key = (uint32_t)at->key;
        const tm_row_t *row =
            at->key > UINT32_MAX ? NULL : tm_trie_next(&view->tables[at->table], &key);
        if (row != NULL) {
            write_row(row, out);
            at->key = (uint64_t)key + 1;
            return true;
        }
    }
    if (at->phase == 1) {
        *at = (tm_part_at_t){.phase = 2};
    }
    return false;
}

bool tm_plain_part(const void *picture, tm_part_at_t *at, tm_buf_t *out)
{
    return tm_view_part(picture, NULL, at, out);
}

struct tm_parts {
    tm_history_t *history;
    uint64_t version;
    tm_versions_t versions;
};

void tm_parts_free(TM_OWN tm_parts_t *parts)
{
    if (parts == NULL)
        return;
    tm_history_free(parts->history);
    tm_versions_done(&parts->versions);
    tm_free(parts);
}

static void read_head(tm_parts_t *parts, tm_wire_t *in)
{
    parts->version = tm_wire_get(in, UINT32_MAX);
    const uint32_t n = tm_wire_get_count(in);
    in->bad |= parts->versions.n > 0;
    if (!in->bad) {
        tm_history_expect(parts->history, parts->version);
    }
    int64_t at = 0;
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        const int64_t more = tm_unzigzag(tm_wire_get(in, UINT64_MAX));
        in->bad |= i > 0 && more < 0;
        if (!in->bad) {
            at = (int64_t)((uint64_t)at + (uint64_t)more);
            tm_versions_push(&parts->versions, (tm_ms_t){at});
        }
    }
}

static void read_row(tm_parts_t *parts, tm_wire_t *in)
{
    const tm_desc_t *desc = tm_entity_by_number((uint16_t)tm_wire_get(in, TM_VIEW_TABLES - 1));
    const tm_id_t id = {tm_wire_get(in, INT64_MAX)};
    const uint64_t since = tm_wire_get(in, UINT32_MAX);
    const uint32_t place = (uint32_t)tm_wire_get(in, UINT32_MAX);
    const tm_str_t bytes = tm_wire_get_str(in);
    if (in->bad || desc == NULL) {
        in->bad = true;
        return;
    }
    tm_row_t *row = tm_row_packed(desc, id, bytes);
    row->since = since;
    row->place = place;
    row->past = tm_past_read(in);
    if (in->bad || (row->past != NULL && since == 0)) {
        in->bad = true;
        tm_shared_unref(row);
        return;
    }
    tm_history_add(parts->history, row, UINT64_MAX);
}

static tm_err_t read_part(tm_parts_t *parts, uint32_t actor, tm_str_t part, tm_why_t *why)
{
    tm_wire_t in = tm_wire(part);
    const char letter = part.n > 0 ? *in.p++ : '\0';
    if (letter == 'h') {
        read_head(parts, &in);
    } else if (letter == 'r') {
        read_row(parts, &in);
    } else {
        in.bad = true;
    }
    return !in.bad && tm_wire_is_over(&in)
               ? TM_OK
               : tm_why_add(why, TM_EDAMAGED, NULL, "actor %u: a part cannot be read", actor);
}

tm_err_t tm_parts_read(tm_parts_t **parts, const tm_player_t *player, uint32_t actor, tm_str_t part,
                       uint64_t *ret_version, tm_why_t *why)
{
    if (*parts == NULL) {
        *parts = TM_NEW(tm_parts_t);
        (*parts)->history = tm_history_new();
    }
    if (part.p != NULL)
        return read_part(*parts, actor, part, why);
    tm_parts_t *all = TM_TAKE(*parts);
    const tm_versions_t *versions = all->versions.n > 0 ? &all->versions : NULL;
    const tm_err_t err = tm_history_play(all->history, player, all->version, versions);
    if (err == TM_OK) {
        *ret_version = all->version;
    }
    tm_parts_free(all);
    return err == TM_OK
               ? TM_OK
               : tm_why_add(why, err, NULL, "actor %u: its records do not fit its versions", actor);
}
