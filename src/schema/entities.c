/* entities.c - the descriptors of all records, expanded from the field lists.
 *
 * How:     see schema/define.h.
 * Threads: constants; any. */
#include "schema/define.h"
#include "schema/entities.h"
#include "schema/record.h"
#include "schema/rules.h"

#define TM_PART(rec, UP, name, doc) DESC_(rec, UP, name, "", 0, doc)
#define TM_ENTITY(rec, UP, name, prefix, number, doc) DESC_(rec, UP, name, prefix, number, doc)
#include "schema/entities.def"
#undef TM_PART
#undef TM_ENTITY

const tm_desc_t *const tm_entities[] = {
#define TM_PART(rec, UP, name, doc)
#define TM_ENTITY(rec, UP, name, prefix, number, doc) &rec##_desc,
#include "schema/entities.def"
#undef TM_PART
#undef TM_ENTITY
    NULL,
};

const tm_desc_t *const tm_parts[] = {
#define TM_PART(rec, UP, name, doc) &rec##_desc,
#define TM_ENTITY(rec, UP, name, prefix, number, doc)
#include "schema/entities.def"
#undef TM_PART
#undef TM_ENTITY
    NULL,
};
