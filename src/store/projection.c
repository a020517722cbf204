/* projection.c - commits into rows, rows and position into a database.
 *
 * Threads: the owner's. */
#include "store/projection.h"
#include "runtime/commit.h"
#include "schema/binary.h"
#include "schema/entities.h"
#include "schema/record.h"
#include "schema/slot.h"

#define ARENA_BYTES_MAX ((size_t)1 << 30)
#define LANE_BLOCK 64u /* stays as it is: positions of lanes depend on it */
#define ARENA_BYTES_KEPT ((size_t)1 << 20)

void tm_batch_init(tm_batch_t *batch, uint32_t lane, uint32_t lanes)
{
    assert(lane < lanes);
    *batch = (tm_batch_t){.arena = tm_arena_new(ARENA_BYTES_MAX), .lane = lane, .lanes = lanes};
    while (tm_entities[batch->n_tables] != NULL) {
        batch->n_tables++;
    }
    batch->tables = tm_zalloc(batch->n_tables * sizeof(*batch->tables));
    for (unsigned i = 0; i < batch->n_tables; i++) {
        batch->tables[i].desc = tm_entities[i];
    }
    tm_values_init(&batch->values);
}

void tm_batch_done(tm_batch_t *batch)
{
    for (unsigned i = 0; i < batch->n_tables; i++) {
        tm_map_done(&batch->tables[i].by_id);
        tm_free(batch->tables[i].v);
    }
    tm_free(batch->tables);
    tm_values_done(&batch->values);
    tm_arena_free(batch->arena);
    *batch = (tm_batch_t){0};
}

void tm_batch_clear(tm_batch_t *batch)
{
    for (unsigned i = 0; batch->rows > 0 && i < batch->n_tables; i++) {
        tm_map_done(&batch->tables[i].by_id);
        batch->tables[i].n = 0;
    }
    if (tm_arena_bytes(batch->arena) <= ARENA_BYTES_KEPT) {
        tm_arena_reset(batch->arena);
    } else { /* a reset would keep a large first chunk for ever */
        tm_arena_free(batch->arena);
        batch->arena = tm_arena_new(ARENA_BYTES_MAX);
    }
    batch->rows = 0;
    batch->last = 0;
}

bool tm_batch_is_full(const tm_batch_t *batch)
{
    return batch->rows >= TM_BATCH_ROWS_MAX || tm_arena_bytes(batch->arena) >= TM_BATCH_BYTES_MAX;
}

static tm_rows_t *rows_of(tm_batch_t *batch, uint16_t entity)
{
    for (unsigned i = 0; i < batch->n_tables; i++) {
        if (batch->tables[i].desc->number == entity)
            return &batch->tables[i];
    }
    return NULL;
}

/* The batch's row of that id, made if it is not there. NULL: the arena is full. */
static tm_row_t *row_of(tm_batch_t *batch, tm_rows_t *rows, tm_id_t id)
{
    tm_row_t *row = tm_map_get(&rows->by_id, id.v);
    if (row != NULL)
        return row;
    row = tm_arena_zalloc(batch->arena, sizeof(*row));
    void *record = tm_arena_zalloc(batch->arena, rows->desc->bytes);
    if (row == NULL || record == NULL)
        return NULL;
    row->id = id;
    row->record = record;
    if (rows->n == rows->cap) {
        rows->cap = TM_MAX(rows->cap * 2, 64u);
        rows->v = tm_realloc(rows->v, rows->cap * sizeof(tm_row_t *));
    }
    rows->v[rows->n++] = row;
    tm_map_put(&rows->by_id, id.v, row);
    batch->rows++;
    return row;
}

/* The id is a fact of the change, whatever the record says. */
static void set_id(const tm_desc_t *desc, void *record, tm_id_t id)
{
    const int at = tm_field_find(desc, TM_STR("id"));
    assert(at >= 0);
    tm_slot_set_number(&desc->fields[at], tm_slot(&desc->fields[at], record), (int64_t)id.v);
    tm_has_set(tm_slot_has(record), (unsigned)at);
}

uint32_t tm_lane_of(tm_id_t id, uint32_t lanes)
{
    const uint64_t block = id.v / LANE_BLOCK; /* records made together lie on one page there */
    return lanes == 1 ? 0 : (uint32_t)(tm_hash64(&block, sizeof(block)) % lanes);
}

static bool is_ours(const tm_batch_t *batch, tm_id_t id)
{
    return tm_lane_of(id, batch->lanes) == batch->lane;
}

static tm_err_t too_large(uint64_t number, tm_why_t *why)
{
    return tm_why_add(why, TM_ENOMEM, NULL, "commit %llu is too large", (unsigned long long)number);
}

tm_err_t tm_batch_change(tm_batch_t *batch, uint64_t number, const tm_commit_change_t *change,
                         tm_why_t *why)
{
    if (!is_ours(batch, change->id))
        return TM_OK;
    tm_rows_t *rows = rows_of(batch, change->entity);
    if (rows == NULL)
        return tm_why_add(why, TM_EDAMAGED, NULL, "commit %llu: entity %u is not known here",
                          (unsigned long long)number, change->entity);
    tm_row_t *row = row_of(batch, rows, change->id);
    const tm_str_t bytes = tm_arena_str(batch->arena, change->bytes); /* the record points there */
    if (row == NULL || (bytes.p == NULL && change->bytes.n > 0))
        return too_large(number, why);
    tm_err_t err;
    if (change->op == TM_CHANGE_PUT) {
        if (row->seq != 0) /* a new row's is zero */
            memset(row->record, 0, rows->desc->bytes);
        err = tm_binary_read(rows->desc, bytes, batch->arena, row->record);
        row->whole = true;
        tm_child_note(row, rows->desc, NULL, number);
    } else {
        tm_has_t touched = {{0, 0}};
        err = tm_binary_apply_patch(rows->desc, bytes, batch->arena, row->record, &touched);
        row->touched.w[0] |= touched.w[0];
        row->touched.w[1] |= touched.w[1];
        tm_child_note(row, rows->desc, &touched, number);
    }
    set_id(rows->desc, row->record, change->id);
    row->seq = number;
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu: a %s cannot be read",
                          (unsigned long long)number, rows->desc->name);
    return TM_OK;
}

void tm_idempotency_row(uint64_t number, const tm_commit_view_t *view, tm_idempotency_key_t *ret)
{
    *ret = (tm_idempotency_key_t){.id = {number},
                                  .version = 1,
                                  .created_ms = view->at,
                                  .updated_ms = view->at,
                                  .scope = view->idem_scope,
                                  .key = view->idem_key,
                                  .fingerprint = view->idem_fingerprint,
                                  .status = view->answer_status,
                                  .expires_ms = view->idem_expires};
    static const uint8_t present[] = {TM_IDEMPOTENCY_KEY_id,         TM_IDEMPOTENCY_KEY_version,
                                      TM_IDEMPOTENCY_KEY_created_ms, TM_IDEMPOTENCY_KEY_updated_ms,
                                      TM_IDEMPOTENCY_KEY_key,        TM_IDEMPOTENCY_KEY_expires_ms};
    for (size_t i = 0; i < TM_COUNT(present); i++) {
        tm_has_set(&ret->has, present[i]);
    }
    if (ret->scope.p != NULL)
        tm_has_set(&ret->has, TM_IDEMPOTENCY_KEY_scope);
    if (ret->fingerprint.p != NULL)
        tm_has_set(&ret->has, TM_IDEMPOTENCY_KEY_fingerprint);
    if (ret->status != 0)
        tm_has_set(&ret->has, TM_IDEMPOTENCY_KEY_status);
}

static tm_err_t add_key(tm_batch_t *batch, uint64_t number, const tm_commit_view_t *view)
{
    if (!is_ours(batch, (tm_id_t){number}))
        return TM_OK;
    tm_rows_t *rows = rows_of(batch, tm_idempotency_key_desc.number);
    tm_row_t *row = rows == NULL ? NULL : row_of(batch, rows, (tm_id_t){number});
    if (row == NULL)
        return TM_ENOMEM;
    tm_idempotency_key_t *key = row->record;
    tm_idempotency_row(number, view, key);
    key->scope = tm_arena_str(batch->arena, key->scope);
    key->key = tm_arena_str(batch->arena, key->key);
    key->fingerprint = tm_arena_str(batch->arena, key->fingerprint);
    row->whole = true;
    row->seq = number;
    return key->key.p == NULL ? TM_ENOMEM : TM_OK;
}

tm_err_t tm_batch_add(tm_batch_t *batch, uint64_t number, tm_str_t body, tm_why_t *why)
{
    assert(number > batch->last);
    tm_commit_view_t view;
    tm_err_t err = tm_commit_decode(body, batch->arena, &view);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu cannot be read", (unsigned long long)number);
    batch->last = number;
    batch->at = view.at;
    for (uint32_t i = 0; err == TM_OK && i < view.n_changes; i++) {
        err = tm_batch_change(batch, number, &view.changes[i], why);
    }
    if (err == TM_OK && view.idem_key.p != NULL && add_key(batch, number, &view) != TM_OK)
        err = too_large(number, why);
    return err;
}

tm_err_t tm_batch_key(tm_batch_t *batch, uint64_t number, tm_str_t body, tm_why_t *why)
{
    tm_commit_view_t view;
    const tm_err_t err = tm_commit_decode(body, batch->arena, &view);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu cannot be read", (unsigned long long)number);
    if (view.idem_key.p != NULL && add_key(batch, number, &view) != TM_OK)
        return too_large(number, why);
    return TM_OK;
}

tm_err_t tm_batch_rows(tm_batch_t *batch, tm_database_t *db, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    for (unsigned i = 0; err == TM_OK && i < batch->n_tables; i++) {
        err = tm_rows_write(&batch->tables[i], &batch->values, db, why);
        if (err == TM_OK)
            err = tm_child_write(&batch->tables[i], &batch->values, db, why);
    }
    return err;
}

tm_err_t tm_batch_write(tm_batch_t *batch, tm_database_t *db, const tm_position_t *from,
                        const tm_position_t *to, tm_why_t *why)
{
    assert(to->seq > from->seq);
    tm_err_t err = tm_database_begin(db, why);
    if (err != TM_OK)
        return err;
    err = tm_position_write(db, from, to, why); /* first: it locks out everybody else */
    if (err == TM_OK)
        err = tm_batch_rows(batch, db, why);
    return tm_database_end(db, err, why);
}
