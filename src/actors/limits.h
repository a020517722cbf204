/* limits.h - the limits of limits.def as constants.
 *
 * Threads: constants. */
#ifndef TM_ACTORS_LIMITS_H
#define TM_ACTORS_LIMITS_H

enum {
#define TM_LIMIT_OF(NAME, value, unit, doc) TM_##NAME = (value),
#include "actors/limits.def"
#undef TM_LIMIT_OF
};
#endif
