/* projection_child.c - lists of a buy line as rows of their own: what other programs can sum and
 * join.
 *
 * How:     when the list of a line changed, its old rows are deleted and the new ones inserted, in
 *          the line's transaction. Rows are numbered from 0 in the order of the list.
 * Threads: the owner's. */
#include "schema/entities.h"
#include "schema/slot.h"
#include "store/projection.h"

#define CHILD_COLUMNS_MAX 8u
#define SQL_BYTES_MAX ((size_t)4 << 10)

typedef struct child {
    const char *table;
    const tm_desc_t *parent;
    const char *key; /* column of the parent's id */
    unsigned field;  /* the list in the parent */
    const tm_desc_t *sub;
    uint8_t columns[CHILD_COLUMNS_MAX]; /* fields of sub */
    uint8_t n;
} child_t;

static const child_t children[TM_CHILDREN] = {
    {"line_week",
     &tm_buy_line_desc,
     "buy_line_id",
     TM_BUY_LINE_line_weeks,
     &tm_line_week_desc,
     {TM_LINE_WEEK_from, TM_LINE_WEEK_to, TM_LINE_WEEK_spots, TM_LINE_WEEK_rate_cents,
      TM_LINE_WEEK_amount_cents},
     5},
    {"airing",
     &tm_buy_line_desc,
     "buy_line_id",
     TM_BUY_LINE_airings,
     &tm_airing_desc,
     {TM_AIRING_air_date, TM_AIRING_air_time, TM_AIRING_length_s, TM_AIRING_amount_cents,
      TM_AIRING_isci},
     5},
};

tm_child_view_t tm_child_view(unsigned index)
{
    assert(index < TM_CHILDREN);
    const child_t *child = &children[index];
    return (tm_child_view_t){child->table, child->key,     child->parent, child->sub,
                             child->field, child->columns, child->n};
}

static void add_name(const char *name, tm_dialect_t dialect, tm_buf_t *out)
{
    const char quote = dialect == TM_MYSQL ? '`' : '"'; /* from and to are words of SQL */
    tm_buf_add_char(out, quote);
    tm_buf_add_c(out, name);
    tm_buf_add_char(out, quote);
}

static void add_type(const tm_field_t *field, tm_dialect_t dialect, tm_buf_t *out)
{
    switch ((tm_type_t)field->type) {
    case TM_T_DAY:
        tm_buf_add_c(out, "DATE");
        return;
    case TM_T_BOOL:
    case TM_T_I32:
        tm_buf_add_c(out, dialect == TM_MYSQL ? "INT" : "INTEGER");
        return;
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
    case TM_T_ID:
        tm_buf_add_c(out, "BIGINT");
        return;
    case TM_T_STR:
    case TM_T_ENUM:
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        break;
    }
    assert(field->type == TM_T_STR && field->extra.limit.max > 0);
    if (dialect == TM_MYSQL)
        tm_buf_printf(out, "VARCHAR(%d)", (int)field->extra.limit.max);
    else
        tm_buf_add_c(out, "TEXT");
}

void tm_child_sql(tm_dialect_t dialect, tm_buf_t *out)
{
    for (size_t i = 0; i < TM_COUNT(children); i++) {
        const child_t *child = &children[i];
        tm_buf_add_c(out, "CREATE TABLE IF NOT EXISTS ");
        add_name(child->table, dialect, out);
        tm_buf_add_c(out, " (\n    ");
        add_name(child->key, dialect, out);
        tm_buf_add_c(out, dialect == TM_MYSQL ? " BIGINT UNSIGNED NOT NULL,\n    "
                                              : " BIGINT NOT NULL,\n    ");
        add_name("ordinal", dialect, out);
        tm_buf_add_c(out, dialect == TM_MYSQL ? " INT NOT NULL,\n" : " INTEGER NOT NULL,\n");
        for (unsigned c = 0; c < child->n; c++) {
            const tm_field_t *field = &child->sub->fields[child->columns[c]];
            tm_buf_add_c(out, "    ");
            add_name(field->name, dialect, out);
            tm_buf_add_char(out, ' ');
            add_type(field, dialect, out);
            tm_buf_add_c(out, ",\n");
        }
        tm_buf_add_c(out, "    ");
        add_name("applied_seq", dialect, out);
        tm_buf_add_c(out, " BIGINT NOT NULL,\n    PRIMARY KEY (");
        add_name(child->key, dialect, out);
        tm_buf_add_c(out, ", ");
        add_name("ordinal", dialect, out);
        tm_buf_add_c(out, dialect == TM_MYSQL
                              ? ")\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\n"
                              : ")\n);\n");
    }
}

void tm_child_note(tm_row_t *row, const tm_desc_t *desc, const tm_has_t *touched, uint64_t number)
{
    for (size_t i = 0; i < TM_COUNT(children); i++) {
        if (children[i].parent == desc &&
            (touched == NULL || tm_has_get(touched, children[i].field)))
            row->child_seq[i] = number;
    }
}

static void sql_delete(const tm_statement_t *statement, tm_dialect_t dialect, tm_buf_t *out)
{
    const child_t *child = statement->what;
    tm_buf_add_c(out, "DELETE FROM ");
    add_name(child->table, dialect, out);
    tm_buf_add_c(out, " WHERE ");
    for (unsigned i = 0; i < statement->rows; i++) {
        tm_buf_printf(out, "%s(%s=? AND applied_seq<?)", i == 0 ? "" : " OR ", child->key);
    }
}

static void sql_insert(const tm_statement_t *statement, tm_dialect_t dialect, tm_buf_t *out)
{
    const child_t *child = statement->what;
    tm_buf_add_c(out, "INSERT INTO ");
    add_name(child->table, dialect, out);
    tm_buf_printf(out, " (%s,ordinal", child->key);
    for (unsigned c = 0; c < child->n; c++) {
        tm_buf_add_char(out, ',');
        add_name(child->sub->fields[child->columns[c]].name, dialect, out);
    }
    tm_buf_add_c(out, ",applied_seq) VALUES ");
    for (unsigned i = 0; i < statement->rows; i++) {
        tm_buf_add_c(out, i == 0 ? "(?,?" : ",(?,?");
        for (unsigned c = 0; c < child->n; c++) {
            tm_buf_add_c(out, ",?");
        }
        tm_buf_add_c(out, ",?)");
    }
}

typedef struct writer {
    const child_t *child;
    size_t index; /* of the child table */
    tm_database_t *db;
    tm_values_t *values;
    unsigned waiting; /* rows in values */
} writer_t;

static tm_err_t flush(writer_t *w, tm_sql_fn *text, tm_why_t *why)
{
    const unsigned rows = w->waiting;
    w->waiting = 0;
    const tm_statement_t statement = {.text = text, .what = w->child};
    return tm_values_run(w->values, rows, &statement, w->db, why);
}

/* Records get rising ids, so most new ones lie behind the last that the table knows: nothing of
 * theirs is there to delete. */
static tm_err_t last_parent(writer_t *w, uint64_t *ret, tm_why_t *why)
{
    tm_buf_t sql;
    tm_buf_t text;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    tm_buf_init(&text, SQL_BYTES_MAX);
    tm_buf_printf(&sql, "SELECT MAX(%s) FROM %s", w->child->key, w->child->table);
    tm_value_t last = {.kind = TM_V_NULL};
    const tm_err_t err = tm_database_row(w->db, tm_buf_str(&sql), NULL, 0, &last, 1, &text, why);
    *ret = last.kind == TM_V_NULL ? 0 : (uint64_t)last.i;
    tm_buf_done(&text);
    tm_buf_done(&sql);
    return err;
}

static tm_err_t delete_old(writer_t *w, const tm_rows_t *rows, tm_why_t *why)
{
    uint64_t last = 0;
    tm_err_t err = last_parent(w, &last, why);
    for (uint32_t i = 0; err == TM_OK && i < rows->n; i++) {
        const uint64_t seq = rows->v[i]->child_seq[w->index];
        if (seq == 0 || rows->v[i]->id.v > last)
            continue;
        tm_values_add(w->values, tm_value_int((int64_t)rows->v[i]->id.v));
        tm_values_add(w->values, tm_value_int((int64_t)seq));
        if (++w->waiting == TM_CHUNK_ROWS_MAX)
            err = flush(w, sql_delete, why);
    }
    return err == TM_OK ? flush(w, sql_delete, why) : err;
}

static tm_err_t insert_list(writer_t *w, const tm_row_t *row, tm_why_t *why)
{
    const tm_desc_t *sub = w->child->sub;
    const tm_recs_t *list = tm_slot_const(&w->child->parent->fields[w->child->field], row->record);
    tm_err_t err = TM_OK;
    for (uint32_t k = 0; err == TM_OK && k < list->n; k++) {
        const char *record = (const char *)list->v + (size_t)k * sub->bytes;
        tm_values_add(w->values, tm_value_int((int64_t)row->id.v));
        tm_values_add(w->values, tm_value_int(k));
        for (unsigned c = 0; c < w->child->n; c++) {
            const unsigned at = w->child->columns[c];
            tm_values_add_field(w->values, &sub->fields[at], record,
                                tm_has_get(tm_slot_has_const(record), at));
        }
        tm_values_add(w->values, tm_value_int((int64_t)row->child_seq[w->index]));
        if (++w->waiting == TM_CHUNK_ROWS_MAX)
            err = flush(w, sql_insert, why);
    }
    return err;
}

static tm_err_t write_child(writer_t *w, const tm_rows_t *rows, tm_why_t *why)
{
    tm_err_t err = delete_old(w, rows, why);
    for (uint32_t i = 0; err == TM_OK && i < rows->n; i++) {
        const tm_row_t *row = rows->v[i];
        if (row->child_seq[w->index] != 0 &&
            tm_has_get(tm_slot_has_const(row->record), w->child->field))
            err = insert_list(w, row, why);
    }
    return err == TM_OK ? flush(w, sql_insert, why) : err;
}

tm_err_t tm_child_write(const tm_rows_t *rows, tm_values_t *values, tm_database_t *db,
                        tm_why_t *why)
{
    tm_err_t err = TM_OK;
    tm_values_clear(values);
    for (size_t i = 0; err == TM_OK && rows->n > 0 && i < TM_COUNT(children); i++) {
        writer_t w = {.child = &children[i], .index = i, .db = db, .values = values};
        if (children[i].parent == rows->desc)
            err = write_child(&w, rows, why);
    }
    return err;
}
