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
#define SQL_BYTES_MAX ((size_t)1 << 20)

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
}

void tm_batch_done(tm_batch_t *batch)
{
    for (unsigned i = 0; i < batch->n_tables; i++) {
        tm_map_done(&batch->tables[i].by_id);
        tm_free(batch->tables[i].v);
    }
    tm_free(batch->tables);
    tm_arena_free(batch->arena);
    *batch = (tm_batch_t){0};
}

void tm_batch_clear(tm_batch_t *batch)
{
    for (unsigned i = 0; i < batch->n_tables; i++) {
        tm_map_done(&batch->tables[i].by_id);
        batch->tables[i].n = 0;
    }
    tm_arena_free(batch->arena); /* a reset would keep a large first chunk for ever */
    batch->arena = tm_arena_new(ARENA_BYTES_MAX);
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

static tm_err_t add_change(tm_batch_t *batch, uint64_t number, const tm_commit_change_t *change,
                           tm_why_t *why)
{
    tm_rows_t *rows = rows_of(batch, change->entity);
    if (rows == NULL)
        return tm_why_add(why, TM_EDAMAGED, NULL, "commit %llu: entity %u is not known here",
                          (unsigned long long)number, change->entity);
    tm_row_t *row = row_of(batch, rows, change->id);
    if (row == NULL)
        return TM_ENOMEM;
    tm_err_t err;
    if (change->op == TM_CHANGE_PUT) {
        memset(row->record, 0, rows->desc->bytes);
        err = tm_binary_read(rows->desc, change->bytes, batch->arena, row->record);
        row->whole = true;
        tm_child_note(row, rows->desc, NULL, number);
    } else {
        tm_has_t touched = {{0, 0}};
        err = tm_binary_apply_patch(rows->desc, change->bytes, batch->arena, row->record, &touched);
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

/* A request that may be repeated, as a row; its id is the commit's number, so a key that is used
 * again after a day is another row. */
static tm_err_t add_idempotency(tm_batch_t *batch, uint64_t number, const tm_commit_view_t *view)
{
    tm_rows_t *rows = rows_of(batch, tm_idempotency_key_desc.number);
    tm_row_t *row = rows == NULL ? NULL : row_of(batch, rows, (tm_id_t){number});
    if (row == NULL)
        return TM_ENOMEM;
    tm_idempotency_key_t *key = row->record;
    *key = (tm_idempotency_key_t){.id = {number},
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
        tm_has_set(&key->has, present[i]);
    }
    if (key->scope.p != NULL)
        tm_has_set(&key->has, TM_IDEMPOTENCY_KEY_scope);
    if (key->fingerprint.p != NULL)
        tm_has_set(&key->has, TM_IDEMPOTENCY_KEY_fingerprint);
    if (key->status != 0)
        tm_has_set(&key->has, TM_IDEMPOTENCY_KEY_status);
    row->whole = true;
    row->seq = number;
    return TM_OK;
}

tm_err_t tm_batch_add(tm_batch_t *batch, uint64_t number, tm_str_t body, tm_why_t *why)
{
    assert(number > batch->last);
    const tm_str_t kept = tm_arena_str(batch->arena, body); /* records point into it */
    if (kept.p == NULL)
        return tm_why_add(why, TM_ENOMEM, NULL, "commit %llu is too large",
                          (unsigned long long)number);
    tm_commit_view_t view;
    tm_err_t err = tm_commit_decode(kept, batch->arena, &view);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu cannot be read", (unsigned long long)number);
    batch->last = number;
    if (batch->lanes > 1 &&
        tm_hash64(&view.actor, sizeof(view.actor)) % batch->lanes != batch->lane)
        return TM_OK; /* another lane's */
    for (uint32_t i = 0; err == TM_OK && i < view.n_changes; i++) {
        err = add_change(batch, number, &view.changes[i], why);
    }
    if (err == TM_OK && view.idem_key.p != NULL)
        err = add_idempotency(batch, number, &view);
    if (err == TM_ENOMEM)
        tm_why_add(why, err, NULL, "commit %llu is too large", (unsigned long long)number);
    return err;
}

static const char *const position_sqlite =
    "CREATE TABLE IF NOT EXISTS \"projection_position\" (\n    \"lane\" INTEGER PRIMARY KEY,\n    "
    "\"lanes\" INTEGER NOT NULL,\n"
    "    \"seq\" BIGINT NOT NULL,\n    \"journal\" TEXT NOT NULL,\n    \"chain\" TEXT NOT "
    "NULL\n);\n";
static const char *const position_mysql =
    "CREATE TABLE IF NOT EXISTS `projection_position` (\n    `lane` INT NOT NULL,\n    `lanes` INT "
    "NOT NULL,\n"
    "    `seq` BIGINT NOT NULL,\n    `journal` CHAR(64) NOT NULL,\n    `chain` CHAR(64) NOT "
    "NULL,\n    PRIMARY KEY (`lane`)\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\n";

void tm_projection_sql(tm_dialect_t dialect, tm_buf_t *out)
{
    tm_buf_add_c(out, dialect == TM_SQLITE ? position_sqlite : position_mysql);
    tm_child_sql(dialect, out);
}

/* Runs a text of statements one by one: MySQL takes no more at once. None of ours has a
 * semicolon inside. */
static tm_err_t run_script(tm_database_t *db, tm_buf_t *text, tm_why_t *why)
{
    tm_buf_add_char(text, '\0');
    assert(!text->full);
    tm_err_t err = TM_OK;
    for (char *at = text->p; err == TM_OK && *at != '\0';) {
        char *end = strchr(at, ';');
        if (end == NULL)
            break;
        *end = '\0';
        err = tm_database_script(db, at, why);
        at = end + 1;
    }
    return err;
}

tm_err_t tm_projection_create(tm_database_t *db, tm_why_t *why)
{
    const tm_dialect_t dialect = db->url.dialect;
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        tm_sql_create(tm_entities[i], dialect, &sql);
    }
    tm_projection_sql(dialect, &sql);
    const tm_err_t err = run_script(db, &sql, why);
    tm_buf_done(&sql);
    return err;
}

tm_err_t tm_position_read(tm_database_t *db, tm_position_t *pos, tm_why_t *why)
{
    const tm_value_t lane = tm_value_int(pos->lane);
    tm_value_t values[4];
    tm_buf_t text;
    tm_buf_init(&text, 16384);
    tm_err_t err = tm_database_row(
        db, TM_STR("SELECT lanes, seq, journal, chain FROM projection_position WHERE lane = ?"),
        &lane, 1, values, 4, &text, why);
    pos->has_row = err == TM_OK;
    pos->seq = 0;
    if (err == TM_ENOTFOUND)
        err = TM_OK;
    if (pos->has_row) {
        const bool good = values[0].kind == TM_V_INT && values[0].i == pos->lanes &&
                          values[1].kind == TM_V_INT && values[1].i > 0 &&
                          values[2].kind == TM_V_TEXT && values[3].kind == TM_V_TEXT &&
                          tm_sha256_parse(values[2].s, &pos->journal) == TM_OK &&
                          tm_sha256_parse(values[3].s, &pos->chain) == TM_OK;
        pos->seq = good ? (uint64_t)values[1].i : 0;
        if (!good)
            err = tm_why_add(why, TM_EDAMAGED, NULL,
                             "the row of lane %u in projection_position is not ours", pos->lane);
    }
    tm_buf_done(&text);
    return err;
}

static tm_err_t position_write(tm_database_t *db, const tm_position_t *from,
                               const tm_position_t *to, tm_why_t *why)
{
    char journal[TM_SHA256_TEXT];
    char chain[TM_SHA256_TEXT];
    tm_sha256_format(&to->journal, journal);
    tm_sha256_format(&to->chain, chain);
    uint64_t changed = 0;
    if (!from->has_row) {
        const tm_value_t values[] = {tm_value_int(to->lane), tm_value_int(to->lanes),
                                     tm_value_int((int64_t)to->seq), tm_value_text(tm_str(journal)),
                                     tm_value_text(tm_str(chain))};
        return tm_database_exec(db,
                                TM_STR("INSERT INTO projection_position (lane, lanes, seq, "
                                       "journal, chain) VALUES (?,?,?,?,?)"),
                                values, 5, &changed, why);
    }
    /* The old position in the condition is a fence: two writers never both succeed. */
    const tm_value_t values[] = {tm_value_int((int64_t)to->seq), tm_value_text(tm_str(chain)),
                                 tm_value_int(to->lane), tm_value_int((int64_t)from->seq)};
    const tm_err_t err = tm_database_exec(
        db, TM_STR("UPDATE projection_position SET seq = ?, chain = ? WHERE lane = ? AND seq = ?"),
        values, 4, &changed, why);
    if (err == TM_OK && changed != 1)
        return tm_why_add(why, TM_ECONFLICT, NULL, "somebody else writes to this database");
    return err;
}

tm_err_t tm_batch_write(tm_batch_t *batch, tm_database_t *db, const tm_position_t *from,
                        const tm_position_t *to, tm_why_t *why)
{
    assert(to->seq > from->seq);
    tm_err_t err = tm_database_script(
        db, db->url.dialect == TM_SQLITE ? "BEGIN IMMEDIATE" : "START TRANSACTION", why);
    if (err != TM_OK)
        return err;
    err = position_write(db, from, to, why); /* first: it locks out everybody else */
    for (unsigned i = 0; err == TM_OK && i < batch->n_tables; i++) {
        err = tm_rows_write(&batch->tables[i], db, why);
        if (err == TM_OK)
            err = tm_child_write(&batch->tables[i], db, why);
    }
    if (err == TM_OK)
        err = tm_database_script(db, "COMMIT", why);
    if (err != TM_OK && err != TM_EUNAVAILABLE && tm_database_script(db, "ROLLBACK", NULL) != TM_OK)
        err = TM_EUNAVAILABLE; /* nobody knows what state it is in */
    return err;
}
