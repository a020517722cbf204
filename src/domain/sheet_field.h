/* sheet_field.h - the fields of a buy line that a column of a sheet may hold.
 *
 * Why:     a mapping of columns is checked where it is kept and used where sheets are read.
 * Threads: constants. */
#ifndef TM_DOMAIN_SHEET_FIELD_H
#define TM_DOMAIN_SHEET_FIELD_H
#include "base/base.h"

typedef enum tm_sheet_field {
#define TM_SHEET_FIELD(name, doc) TM_SHEET_##name,
#include "domain/sheet_fields.def"
#undef TM_SHEET_FIELD
    TM_SHEET_FIELDS
} tm_sheet_field_t;

const char *tm_sheet_field_name(tm_sheet_field_t field);
/* By its name, or a short form of it (gross, net, grp, length, commission, low, high, from, to);
 * -1: there is no such field. */
int tm_sheet_field_find(tm_str_t name);
#endif
