/* sql.c - tables and statements of the SQL projections.
 *
 * Why:     SQL is a copy of the journal for other programs; it must accept whatever the journal
 *          says, in any batch, twice.
 * How:     one table an entity, one column a field, `applied_seq` last: the number of the commit
 *          that wrote the row; an older one changes nothing. No foreign keys, and no UNIQUE
 *          besides the id: rows of one batch are coalesced by id, so two records that swap a
 *          unique value may be written in the order that breaks it for a moment - and in MySQL
 *          such a conflict would update the wrong row. Uniqueness is the actors' rule; SQL has a
 *          plain index for it. In MySQL text is compared by bytes (utf8mb4_bin) and assignments
 *          are made from left to right, so `applied_seq`, which the others compare with, is
 *          assigned last.
 * Threads: pure. */
#include "schema/derive.h"
#include "schema/limit.h"
#include "schema/record.h"
#include "schema/slot.h"

#define VARCHAR_MAX 1000    /* longer texts are TEXT, which lie outside of MySQL's row limit */
#define INDEX_CHARS_MAX 768 /* InnoDB: 3,072 bytes of utf8mb4 */

static void add_name(const char *name, tm_dialect_t dialect, tm_buf_t *out)
{
    const char quote = dialect == TM_MYSQL ? '`' : '"';
    tm_buf_add_char(out, quote);
    tm_buf_add_c(out, name);
    tm_buf_add_char(out, quote);
}

static bool has_column(const tm_field_t *field)
{
    return (field->flags & TM_F_NOSQL) == 0;
}

unsigned tm_sql_columns(const tm_desc_t *desc, const tm_has_t *only,
                        uint16_t ret_fields[TM_FIELDS_MAX])
{
    unsigned n = 0;
    for (unsigned i = 0; i < desc->n_fields; i++) {
        if (has_column(&desc->fields[i]) && (only == NULL || tm_has_get(only, i)))
            ret_fields[n++] = (uint16_t)i;
    }
    return n;
}

static const char *sqlite_type(tm_type_t type)
{
    switch (type) {
    case TM_T_BOOL:
    case TM_T_I32:
        return "INTEGER";
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
    case TM_T_ID:
        return "BIGINT";
    case TM_T_DAY:
        return "DATE";
    case TM_T_ENUM:
    case TM_T_STR:
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        break;
    }
    return "TEXT";
}

static void add_mysql_type(const tm_field_t *field, tm_buf_t *out)
{
    const int64_t bytes = tm_limit_range(field).max;
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL:
        tm_buf_add_c(out, "TINYINT");
        return;
    case TM_T_I32:
        tm_buf_add_c(out, "INT");
        return;
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
        tm_buf_add_c(out, "BIGINT");
        return;
    case TM_T_ID:
        tm_buf_add_c(out, "BIGINT UNSIGNED");
        return;
    case TM_T_DAY:
        tm_buf_add_c(out, "DATE");
        return;
    case TM_T_ENUM:
        tm_buf_add_c(out, "VARCHAR(32)");
        return;
    case TM_T_STR:
        if (bytes <= VARCHAR_MAX)
            tm_buf_printf(out, "VARCHAR(%d)", (int)bytes);
        else
            tm_buf_add_c(out, bytes <= UINT16_MAX ? "TEXT" : "LONGTEXT");
        return;
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        break;
    }
    tm_buf_add_c(out, "LONGTEXT");
}

static bool is_indexed(const tm_field_t *field)
{
    return has_column(field) && (field->flags & (TM_F_UNIQUE | TM_F_INDEX)) != 0;
}

/* MySQL knows no CREATE INDEX IF NOT EXISTS: its keys stand inside the table. */
static void add_mysql_keys(const tm_desc_t *desc, tm_buf_t *out)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        if (!is_indexed(field))
            continue;
        tm_buf_printf(out, ",\n    KEY `%s_%s` (`%s`", desc->name, field->name, field->name);
        if (field->type == TM_T_STR && tm_limit_range(field).max > INDEX_CHARS_MAX)
            tm_buf_printf(out, "(%d)", INDEX_CHARS_MAX);
        tm_buf_add_char(out, ')');
    }
}

void tm_sql_create(const tm_desc_t *desc, tm_dialect_t dialect, tm_buf_t *out)
{
    assert(desc->number != 0); /* parts have no table */
    tm_buf_add_c(out, "CREATE TABLE IF NOT EXISTS ");
    add_name(desc->name, dialect, out);
    tm_buf_add_c(out, " (\n");
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        if (!has_column(field))
            continue;
        tm_buf_add_c(out, "    ");
        add_name(field->name, dialect, out);
        tm_buf_add_char(out, ' ');
        const bool is_id = strcmp(field->name, "id") == 0;
        if (is_id)
            tm_buf_add_c(out,
                         dialect == TM_MYSQL ? "BIGINT UNSIGNED NOT NULL" : "INTEGER PRIMARY KEY");
        else if (dialect == TM_MYSQL)
            add_mysql_type(field, out);
        else
            tm_buf_add_c(out, sqlite_type((tm_type_t)field->type));
        tm_buf_add_c(out, ",\n");
    }
    tm_buf_add_c(out, "    ");
    add_name("applied_seq", dialect, out);
    tm_buf_add_c(out, " BIGINT NOT NULL");
    if (dialect == TM_MYSQL) {
        tm_buf_add_c(out, ",\n    PRIMARY KEY (`id`)");
        add_mysql_keys(desc, out);
        tm_buf_add_c(out, "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\n");
        return;
    }
    tm_buf_add_c(out, "\n);\n");
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        if (is_indexed(field))
            tm_buf_printf(out, "CREATE INDEX IF NOT EXISTS \"%s_%s\" ON \"%s\" (\"%s\");\n",
                          desc->name, field->name, desc->name, field->name);
    }
}

/* What happens to one column of a row that is there already. */
static void add_update(const char *column, tm_dialect_t dialect, tm_buf_t *out)
{
    add_name(column, dialect, out);
    if (dialect == TM_SQLITE)
        tm_buf_printf(out, "=excluded.\"%s\"", column);
    else
        tm_buf_printf(out, "=IF(VALUES(`applied_seq`)>`applied_seq`,VALUES(`%s`),`%s`)", column,
                      column);
}

static void add_insert(const tm_desc_t *desc, const tm_has_t *only, tm_dialect_t dialect,
                       unsigned rows, tm_buf_t *out)
{
    uint16_t columns[TM_FIELDS_MAX];
    const unsigned n = tm_sql_columns(desc, only, columns);
    tm_buf_add_c(out, "INSERT INTO ");
    add_name(desc->name, dialect, out);
    tm_buf_add_c(out, " (");
    for (unsigned i = 0; i < n; i++) {
        add_name(desc->fields[columns[i]].name, dialect, out);
        tm_buf_add_char(out, ',');
    }
    add_name("applied_seq", dialect, out);
    tm_buf_add_c(out, ") VALUES ");
    for (unsigned row = 0; row < rows; row++) {
        tm_buf_add_c(out, row == 0 ? "(" : ",(");
        for (unsigned i = 0; i < n; i++) {
            tm_buf_add_c(out, "?,");
        }
        tm_buf_add_c(out, "?)");
    }
}

void tm_sql_upsert(const tm_desc_t *desc, const tm_has_t *only, tm_dialect_t dialect, unsigned rows,
                   tm_buf_t *out)
{
    assert(desc->number != 0);
    assert(rows > 0);
    assert(only == NULL ||
           dialect == TM_SQLITE); /* MySQL does not promise VALUES() of the others */
    add_insert(desc, only, dialect, rows, out);
    uint16_t columns[TM_FIELDS_MAX];
    const unsigned n = tm_sql_columns(desc, NULL, columns);
    tm_buf_add_c(out, dialect == TM_SQLITE ? " ON CONFLICT(\"id\") DO UPDATE SET "
                                           : " ON DUPLICATE KEY UPDATE ");
    for (unsigned i = 0; i < n; i++) {
        const char *column = desc->fields[columns[i]].name;
        if (strcmp(column, "id") == 0)
            continue;
        add_update(column, dialect, out);
        tm_buf_add_char(out, ',');
    }
    if (dialect == TM_SQLITE)
        tm_buf_printf(out,
                      "\"applied_seq\"=excluded.\"applied_seq\" WHERE "
                      "excluded.\"applied_seq\">\"%s\".\"applied_seq\"",
                      desc->name);
    else
        tm_buf_add_c(out, "`applied_seq`=GREATEST(VALUES(`applied_seq`),`applied_seq`)");
}

void tm_sql_all(tm_dialect_t dialect, tm_buf_t *out)
{
    tm_buf_printf(out,
                  "-- The tables of TrailMix for %s, made from src/schema by `trailmix dump sql`. "
                  "Do not edit.\n",
                  dialect == TM_SQLITE ? "SQLite" : "MySQL and MariaDB");
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        tm_buf_printf(out, "\n-- %s\n", tm_entities[i]->doc);
        tm_sql_create(tm_entities[i], dialect, out);
    }
}
