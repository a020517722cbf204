/* json_value.h - one field's value as JSON, for the writers inside schema/.
 *
 * Threads: pure. */
#ifndef TM_SCHEMA_JSON_VALUE_H
#define TM_SCHEMA_JSON_VALUE_H
#include "base/buf.h"
#include "schema/schema.h"

/* `slot` holds a value. all: absent fields of records in lists as null. */
void tm_json_write_value(const tm_field_t *field, const void *slot, bool all, tm_buf_t *out);
#endif
