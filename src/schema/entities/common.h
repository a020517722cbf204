/* common.h - the fields every entity has. Numbers 1 to 9 belong to them. */
#ifndef TM_SCHEMA_ENTITIES_COMMON_H
#define TM_SCHEMA_ENTITIES_COMMON_H
#include "schema/schema.h"
#include "schema/words.h"

#define TM_COMMON_FIELDS(F, prefix_)                                                               \
    F(1, tm_id_t, id, TM_F_READONLY, TM_REF(prefix_), "identity; never reused")                    \
    F(2, int64_t, version, TM_F_READONLY, TM_PLAIN, "grows by one with every change")              \
    F(3, tm_ms_t, created_ms, TM_F_READONLY, TM_PLAIN, "time of the commit that made it")          \
    F(4, tm_ms_t, updated_ms, TM_F_READONLY, TM_PLAIN, "time of the commit that changed it last")  \
    F(5, tm_ms_t, archived_ms, TM_F_READONLY, TM_PLAIN, "put away then; nothing is deleted")
#endif
