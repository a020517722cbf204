/* derive.h - what follows from the tables for the world: SQL, OpenAPI, TypeScript, the lock file.
 *
 * Threads: pure. */
#ifndef TM_SCHEMA_DERIVE_H
#define TM_SCHEMA_DERIVE_H
#include "base/buf.h"
#include "schema/schema.h"

typedef enum tm_dialect { TM_SQLITE, TM_MYSQL } tm_dialect_t;

/* CREATE TABLE IF NOT EXISTS and its indexes for one entity: a column a field (not TM_F_NOSQL),
 * id as primary key, applied_seq. Lists become JSON text. DATE columns for days, BIGINT for
 * cents, ms and ids, words as short text. */
void tm_sql_create(const tm_desc_t *desc, tm_dialect_t dialect, tm_buf_t *out);
/* INSERT .. ON CONFLICT/DUPLICATE KEY UPDATE for `rows` rows, parameters (?) in column order,
 * applied_seq last of each row. A row whose applied_seq is not smaller stays as it is. Parameters
 * are the columns of `only` (SQLite alone; NULL: all), id among them: the others become NULL, in a
 * row that is there too. */
void tm_sql_upsert(const tm_desc_t *desc, const tm_has_t *only, tm_dialect_t dialect, unsigned rows,
                   tm_buf_t *out);
/* Columns in order: the indexes of the fields that have one, and are in `only` unless it is NULL.
 * Returns their number. */
unsigned tm_sql_columns(const tm_desc_t *desc, const tm_has_t *only,
                        uint16_t ret_fields[TM_FIELDS_MAX]);
/* All tables, in one text (golden files db/schema.*.sql). */
void tm_sql_all(tm_dialect_t dialect, tm_buf_t *out);

/* "components":{"schemas":{...}} entries, comma separated, without the outer braces. */
void tm_openapi_schemas(tm_buf_t *out);
/* export interface BuyLine { ... } for every entity and part. */
void tm_typescript(tm_buf_t *out);
/* One line a field: entity number, field number, type, name. Append-only; compared with
 * db/schema.lock. */
void tm_schema_lock(tm_buf_t *out);
/* A record for a log line: PII as its length, secrets not at all. */
void tm_redacted(const tm_desc_t *desc, const void *record, tm_buf_t *out);
#endif
