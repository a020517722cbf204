/* limits.h - the limits of limits.def as constants.
 *
 * Threads: constants. */
#ifndef TM_FEEDS_LIMITS_H
#define TM_FEEDS_LIMITS_H

enum {
#define TM_LIMIT_OF(NAME, value, unit, doc) TM_##NAME = (value),
#include "feeds/limits.def"
#undef TM_LIMIT_OF
};
#endif
