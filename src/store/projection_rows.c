/* projection_rows.c - rows of one entity as statements: upserts of many rows at once, updates of
 * touched fields.
 *
 * Threads: the owner's. */
#include "base/fold.h"
#include "base/time.h"
#include "schema/json_value.h"
#include "schema/record.h"
#include "schema/slot.h"
#include "store/projection.h"

#define TEXT_BYTES_MAX ((size_t)1 << 30)
#define SQL_BYTES_MAX ((size_t)1 << 20)
#define SETS_MAX 8u /* of fields, of one table: a prepared statement can take a megabyte */

void tm_values_init(tm_values_t *values)
{
    *values = (tm_values_t){.arena = tm_arena_new(TEXT_BYTES_MAX)};
    tm_buf_init(&values->json, TEXT_BYTES_MAX);
}

void tm_values_done(tm_values_t *values)
{
    tm_arena_free(values->arena);
    tm_buf_done(&values->json);
    tm_free(values->v);
}

void tm_values_clear(tm_values_t *values)
{
    tm_arena_reset(values->arena);
    values->n = 0;
    values->bytes = 0;
    values->full = false;
}

void tm_values_add(tm_values_t *values, tm_value_t value)
{
    if (values->n == values->cap) {
        values->cap = TM_MAX(values->cap * 2, 256u);
        values->v = tm_realloc(values->v, values->cap * sizeof(*values->v));
    }
    values->v[values->n++] = value;
    values->bytes += 8 + value.s.n;
}

/* A text that is made here lies in the arena until the statement was executed. */
static void add_copy(tm_values_t *values, tm_str_t text)
{
    const tm_str_t kept = tm_arena_str(values->arena, text);
    values->full = values->full || kept.p == NULL;
    tm_values_add(values, tm_value_text(kept));
}

/* A text that is not UTF-8 would be refused by MySQL and stop the projection at its row for
 * ever. Every byte that is no part of a character becomes U+FFFD; the journal keeps what it was. */
static void add_repaired(tm_values_t *values, tm_str_t s)
{
    tm_buf_clear(&values->json);
    for (uint32_t i = 0; i < s.n;) {
        uint32_t n = 1;
        while (n <= 4 && i + n <= s.n && !tm_utf8_is_valid((tm_str_t){s.p + i, n})) {
            n++;
        }
        const bool good = n <= 4 && i + n <= s.n;
        tm_buf_add(&values->json, good ? s.p + i : "\xef\xbf\xbd", good ? n : 3);
        i += good ? n : 1;
    }
    values->full = values->full || values->json.full;
    add_copy(values, tm_buf_str(&values->json));
}

void tm_values_add_field(tm_values_t *values, const tm_field_t *field, const void *record,
                         bool present)
{
    if (!present) {
        tm_values_add(values, (tm_value_t){.kind = TM_V_NULL});
        return;
    }
    const void *slot = tm_slot_const(field, record);
    switch ((tm_type_t)field->type) {
    case TM_T_DAY: {
        char text[TM_DAY_TEXT];
        tm_day_format(*(const tm_day_t *)slot, text);
        add_copy(values, tm_str_n(text, TM_DAY_TEXT - 1));
        return;
    }
    case TM_T_ENUM:
        tm_values_add(values, tm_value_text(tm_str(
                                  tm_words_name(field->extra.words, *(const tm_enum_t *)slot))));
        return;
    case TM_T_STR: {
        const tm_str_t s = *(const tm_str_t *)slot;
        if (s.n > 0 && !tm_utf8_is_valid(s))
            add_repaired(values, s);
        else
            tm_values_add(values, tm_value_text(s.p == NULL ? TM_STR("") : s));
        return;
    }
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        tm_buf_clear(&values->json);
        tm_json_write_value(field, slot, false, &values->json);
        values->full = values->full || values->json.full;
        add_copy(values, tm_buf_str(&values->json));
        return;
    case TM_T_BOOL:
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
    case TM_T_ID:
        break;
    }
    tm_values_add(values, tm_value_int(tm_slot_number(field, slot)));
}

static tm_err_t too_large(const tm_values_t *values, tm_why_t *why)
{
    return values->full ? tm_why_add(why, TM_ENOMEM, NULL, "a row is too large") : TM_OK;
}

tm_err_t tm_values_run(tm_values_t *values, unsigned rows, const tm_statement_t *what,
                       tm_database_t *db, tm_why_t *why)
{
    const unsigned columns = rows == 0 ? 0 : values->n / rows;
    assert(columns * rows == values->n);
    tm_err_t err = too_large(values, why);
    for (unsigned done = 0; err == TM_OK && done < rows;) {
        const unsigned n = tm_database_chunk(rows - done);
        tm_statement_t statement = *what;
        statement.rows = n;
        err = tm_database_run(db, &statement, values->v + (size_t)done * columns, n * columns, why);
        done += n;
    }
    tm_values_clear(values);
    return err;
}

static void upsert_text(const tm_statement_t *statement, tm_dialect_t dialect, tm_buf_t *out)
{
    tm_sql_upsert(statement->what, dialect == TM_SQLITE ? &statement->columns : NULL, dialect,
                  (unsigned)statement->rows, out);
}

/* SQLite's time goes with the values that are bound, and most rows lack most fields. So rows are
 * written with the fields that some row had until now: few sets, few statements. A table that goes
 * on growing is written with all of them. */
static void note_fields(tm_rows_t *rows, tm_dialect_t dialect)
{
    const tm_has_t before = rows->seen;
    const bool all = dialect != TM_SQLITE || rows->grown >= SETS_MAX;
    for (uint32_t i = 0; !all && i < rows->n; i++) {
        if (!rows->v[i]->whole)
            continue;
        const tm_has_t *has = tm_slot_has_const(rows->v[i]->record);
        rows->seen.w[0] |= has->w[0];
        rows->seen.w[1] |= has->w[1];
    }
    if (memcmp(&before, &rows->seen, sizeof(before)) != 0)
        rows->grown++;
    if (all || rows->grown >= SETS_MAX)
        rows->seen = (tm_has_t){{UINT64_MAX, UINT64_MAX}};
}

static tm_err_t write_whole(tm_rows_t *rows, tm_database_t *db, tm_values_t *values, tm_why_t *why)
{
    note_fields(rows, db->url.dialect);
    const tm_statement_t upsert = {.text = upsert_text, .what = rows->desc, .columns = rows->seen};
    uint16_t columns[TM_FIELDS_MAX];
    const unsigned n = tm_sql_columns(rows->desc, &rows->seen, columns);
    unsigned waiting = 0;
    tm_err_t err = TM_OK;
    for (uint32_t i = 0; err == TM_OK && i < rows->n; i++) {
        const tm_row_t *row = rows->v[i];
        if (!row->whole)
            continue;
        for (unsigned c = 0; c < n; c++) {
            tm_values_add_field(values, &rows->desc->fields[columns[c]], row->record,
                                tm_has_get(tm_slot_has_const(row->record), columns[c]));
        }
        tm_values_add(values, tm_value_int((int64_t)row->seq));
        waiting++;
        if (waiting == TM_CHUNK_ROWS_MAX || values->bytes >= TM_CHUNK_BYTES_MAX) {
            err = tm_values_run(values, waiting, &upsert, db, why);
            waiting = 0;
        }
    }
    return err == TM_OK ? tm_values_run(values, waiting, &upsert, db, why) : err;
}

/* Only patches are known of this row: its touched columns change, the others stay as they are in
 * the database. */
static tm_err_t write_touched(const tm_desc_t *desc, const tm_row_t *row, tm_database_t *db,
                              tm_values_t *values, tm_buf_t *sql, tm_why_t *why)
{
    const char quote = db->url.dialect == TM_MYSQL ? '`' : '"';
    uint16_t columns[TM_FIELDS_MAX];
    const unsigned n = tm_sql_columns(desc, NULL, columns);
    tm_buf_clear(sql);
    tm_values_clear(values);
    tm_buf_printf(sql, "UPDATE %c%s%c SET ", quote, desc->name, quote);
    for (unsigned c = 0; c < n; c++) {
        const tm_field_t *field = &desc->fields[columns[c]];
        if (!tm_has_get(&row->touched, columns[c]) || strcmp(field->name, "id") == 0)
            continue;
        tm_buf_printf(sql, "%c%s%c=?,", quote, field->name, quote);
        tm_values_add_field(values, field, row->record,
                            tm_has_get(tm_slot_has_const(row->record), columns[c]));
    }
    tm_buf_add_c(sql, "applied_seq=? WHERE id=? AND applied_seq<?");
    tm_values_add(values, tm_value_int((int64_t)row->seq));
    tm_values_add(values, tm_value_int((int64_t)row->id.v));
    tm_values_add(values, tm_value_int((int64_t)row->seq));
    assert(!sql->full);
    const tm_err_t err = too_large(values, why);
    return err == TM_OK ? tm_database_exec(db, tm_buf_str(sql), values->v, values->n, NULL, why)
                        : err;
}

tm_err_t tm_rows_write(tm_rows_t *rows, tm_values_t *values, tm_database_t *db, tm_why_t *why)
{
    if (rows->n == 0)
        return TM_OK;
    tm_values_clear(values);
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    tm_err_t err = write_whole(rows, db, values, why);
    for (uint32_t i = 0; err == TM_OK && i < rows->n; i++) {
        if (!rows->v[i]->whole)
            err = write_touched(rows->desc, rows->v[i], db, values, &sql, why);
    }
    tm_buf_done(&sql);
    return err;
}
