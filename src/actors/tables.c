/* tables.c - see tables.h.
 *
 * Threads: the actor's turn. */
#include "actors/tables.h"

#include "actors/past.h"
#include "schema/binary.h"
#include "schema/json.h"

#define MERGE_ARENA_MAX (256u << 20)
#define PATCH_BYTES_MAX (32u << 20)

void tm_tables_done(tm_tables_t *tables)
{
    for (unsigned i = 0; i < TM_VIEW_TABLES; i++) {
        tm_trie_done(&tables->t[i]);
    }
    tm_arena_free(TM_TAKE(tables->scratch));
}

const tm_row_t *tm_tables_get(const tm_tables_t *tables, const tm_desc_t *desc, tm_id_t id)
{
    assert(desc->number > 0 && desc->number < TM_VIEW_TABLES);
    const tm_row_t *row = tm_trie_get(&tables->t[desc->number], tm_id_counter(id));
    return row != NULL && row->id.v == id.v ? row : NULL;
}

void *tm_tables_read(const tm_tables_t *tables, const tm_desc_t *desc, tm_id_t id,
                     tm_arena_t *arena)
{
    const tm_row_t *row = tm_tables_get(tables, desc, id);
    return row == NULL ? NULL : tm_row_read(row, arena);
}

const tm_row_t *tm_tables_next(const tm_tables_t *tables, const tm_desc_t *desc, uint32_t *counter)
{
    assert(desc->number > 0 && desc->number < TM_VIEW_TABLES);
    return tm_trie_next(&tables->t[desc->number], counter);
}

/* Puts the touched fields into the record. */
static void patch_record(const tm_change_t *change, tm_arena_t *arena, void *record)
{
    tm_str_t bytes = change->bytes;
    if (bytes.p == NULL) { /* not from a commit */
        tm_buf_t patch;
        tm_buf_init(&patch, PATCH_BYTES_MAX);
        tm_binary_write_patch(change->desc, change->record, change->touched, &patch);
        assert(!patch.full);
        bytes = tm_arena_str(arena, tm_buf_str(&patch));
        assert(bytes.p != NULL || patch.n == 0);
        tm_buf_done(&patch);
    }
    const tm_err_t err = tm_binary_apply_patch(change->desc, bytes, arena, record, NULL);
    assert(err == TM_OK);
    (void)err;
}

/* The old record with the touched fields replaced. version 0: no past is kept. */
static tm_row_t *merged(tm_tables_t *tables, const tm_row_t *old, const tm_change_t *change,
                        uint64_t version)
{
    if (tables->scratch == NULL) {
        tables->scratch = tm_arena_new(MERGE_ARENA_MAX);
    }
    tm_arena_t *arena = tables->scratch;
    void *record = tm_row_read(old, arena);
    void *before = version == 0 ? NULL : tm_arena_alloc(arena, old->desc->bytes);
    assert(record != NULL && (before != NULL || version == 0));
    if (before != NULL) {
        memcpy(before, record, old->desc->bytes);
    }
    patch_record(change, arena, record);
    tm_row_t *row = tm_row_new(change->desc, change->id, record);
    if (version > 0) {
        tm_past_begin(row, old, before, change->touched, version, tables->place);
    }
    tm_arena_reset(arena);
    return row;
}

/* Bytes that were written by tm_binary_write are what it would write again. */
static tm_row_t *row_of(const tm_change_t *change)
{
    return change->bytes.p != NULL ? tm_row_packed(change->desc, change->id, change->bytes)
                                   : tm_row_new(change->desc, change->id, change->record);
}

const tm_row_t *tm_tables_apply_at(tm_tables_t *tables, const tm_change_t *change, uint64_t version)
{
    assert(change->desc->number > 0 && change->desc->number < TM_VIEW_TABLES);
    tm_trie_t *table = &tables->t[change->desc->number];
    const uint32_t key = tm_id_counter(change->id);
    const tm_row_t *old = tm_trie_get(table, key);
    tm_row_t *row = NULL;
    tables->place = tables->version == version ? tables->place + 1 : 0;
    tables->version = version;
    if (change->op == TM_CHANGE_PUT) {
        row = row_of(change);
        if (version > 0) {
            assert(old == NULL || old->id.v == change->id.v);
            tm_past_begin(row, old, NULL, NULL, version, tables->place);
        }
    } else {
        assert(old != NULL && old->id.v == change->id.v); /* a patch of nothing was never staged */
        row = merged(tables, old, change, version);
    }
    tm_trie_put(table, key, row);
    return row;
}

const tm_row_t *tm_tables_apply(tm_tables_t *tables, const tm_change_t *change)
{
    return tm_tables_apply_at(tables, change, 0);
}

void tm_tables_share(const tm_tables_t *tables, tm_view_t *view)
{
    for (unsigned i = 0; i < TM_VIEW_TABLES; i++) {
        view->tables[i] = tm_trie_ref(&tables->t[i]);
    }
}

void tm_view_done(tm_view_t *view)
{
    for (unsigned i = 0; i < TM_VIEW_TABLES; i++) {
        tm_trie_done(&view->tables[i]);
    }
}

static void view_free(void *object)
{
    tm_view_done(object);
    tm_free(object);
}

tm_view_t *tm_tables_view(const tm_tables_t *tables, uint32_t actor, uint64_t version)
{
    tm_view_t *view = TM_NEW(tm_view_t);
    view->shared = (tm_shared_t){1, view_free};
    view->actor = actor;
    view->version = version;
    tm_tables_share(tables, view);
    return view;
}

void tm_view_hash(const void *picture, void (*add)(void *ctx, const void *p, size_t n), void *ctx)
{
    const tm_view_t *view = picture;
    for (unsigned i = 0; view != NULL && i < TM_VIEW_TABLES; i++) {
        uint32_t key = 0;
        for (const tm_row_t *row; (row = tm_trie_next(&view->tables[i], &key)); key++) {
            add(ctx, &row->id, sizeof row->id);
            add(ctx, row->bytes, row->n);
            if (key == UINT32_MAX) {
                break;
            }
        }
    }
}

/* Every entity begins with these members (TM_COMMON_FIELDS comes first in each list). */
typedef struct common {
    tm_has_t has;
    TM_COMMON_FIELDS(TM_STRUCT_FIELD_, "")
} common_t;
enum { COMMON_ID, COMMON_VERSION, COMMON_CREATED, COMMON_UPDATED };

void tm_record_stamp_new(void *record, tm_id_t id, tm_ms_t now)
{
    common_t *c = record;
    c->id = id;
    c->version = 1;
    c->created_ms = now;
    c->updated_ms = now;
    TM_MARK(c, COMMON_ID);
    TM_MARK(c, COMMON_VERSION);
    TM_MARK(c, COMMON_CREATED);
    TM_MARK(c, COMMON_UPDATED);
}

void tm_record_stamp_patch(void *record, tm_has_t *touched, int64_t old_version, tm_ms_t now)
{
    common_t *c = record;
    c->version = old_version + 1;
    c->updated_ms = now;
    TM_MARK(c, COMMON_VERSION);
    TM_MARK(c, COMMON_UPDATED);
    TM_TOUCH(touched, COMMON_VERSION);
    TM_TOUCH(touched, COMMON_UPDATED);
}

#define ANSWER_BYTES_MAX (64u << 20)
#define VALUE_BYTES_USUAL 8u /* of a field, with what absent ones take less */
#define LOCATION_MAX 128

void tm_answer_record(tm_turn_t *turn, int status, const tm_desc_t *desc, const void *record,
                      const char *path)
{
    const common_t *c = record;
    tm_buf_t buf;
    tm_blob_begin(&buf, ANSWER_BYTES_MAX);
    (void)tm_buf_reserve(&buf,
                         desc->absent_at[desc->n_fields] + desc->n_fields * VALUE_BYTES_USUAL);
    tm_json_write(desc, record, true, &buf);
    if (buf.full) { /* one may not be made that cannot be shown */
        tm_buf_done(&buf);
        tm_turn_fail(turn, TM_ETOOLARGE, NULL);
        return;
    }
    char location[LOCATION_MAX] = "";
    if (path != NULL) {
        const size_t n = strlen(path);
        assert(n + TM_ID_TEXT_MAX <= sizeof location);
        memcpy(location, path, n);
        (void)tm_id_format(desc->prefix, c->id, location + n);
    }
    tm_turn_answer(turn, status, tm_blob_take(&buf), path == NULL ? NULL : location, c->version);
}

bool tm_answer_faults(tm_turn_t *turn, const tm_why_t *why)
{
    const tm_err_t err = tm_why_err(why);
    if (err == TM_OK)
        return false;
    tm_turn_fail(turn, err, why);
    return true;
}
