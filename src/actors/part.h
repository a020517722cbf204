/* part.h - the payload of a message to oneself, with which a long work goes on.
 *
 * Why:     neither a commit nor a turn may grow with what is stored.
 * Threads: constants. */
#ifndef TM_ACTORS_PART_H
#define TM_ACTORS_PART_H
#include "schema/entities.h"

#define TM_PART_INDEX_(number, ctype, name, flags, extra, doc) TM_PART_##name,
#define TM_PART_FIELDS(F)                                                                          \
    F(1, tm_id_t, campaign_id, TM_F_REQUIRED, TM_PLAIN, "whose lines")                             \
    F(2, tm_recs_t, before, 0, TM_SUB_ITEMS(&tm_campaign_desc, 1), "its record before the change") \
    F(3, int64_t, next, TM_F_REQUIRED, TM_PLAIN, "counter of the id to go on with")
TM_RECORD(tm_part, TM_PART);
#endif
