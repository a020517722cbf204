/* limits.h - the limits of limits.def as constants.
 *
 * Threads: constants. */
#ifndef TM_FILES_LIMITS_H
#define TM_FILES_LIMITS_H

enum {
#define TM_LIMIT_OF(NAME, value, unit, doc) TM_##NAME = (value),
#include "files/limits.def"
#undef TM_LIMIT_OF
};
#endif
