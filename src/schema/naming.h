/* naming.h - names of types in other languages.
 *
 * Threads: pure. */
#ifndef TM_SCHEMA_NAMING_H
#define TM_SCHEMA_NAMING_H
#include "base/buf.h"
#include "schema/schema.h"

/* "buy_line" -> "BuyLine". */
void tm_name_pascal(const char *name, tm_buf_t *out);
/* true: the field is shown in JSON. */
static inline bool tm_field_is_public(const tm_field_t *field)
{
    return (field->flags & TM_F_HIDDEN) == 0;
}
#endif
