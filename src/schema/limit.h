/* limit.h - what one value of a field may be, in effect, and how a fault of a field is told.
 *
 * Why:     JSON reading, validation, SQL, OpenAPI and random records must agree on ranges and on
 *          words.
 * Threads: pure. */
#ifndef TM_SCHEMA_LIMIT_H
#define TM_SCHEMA_LIMIT_H
#include "schema/schema.h"
#include "schema/limits.h"

#define TM_I64_EXACT_MAX \
    INT64_C(9007199254740991) /* the largest integer a browser's number holds exactly */
#define TM_MS_MAX INT64_C(253402300799999) /* the last instant of the year 9999 */

typedef struct tm_range {
    int64_t min, max;
} tm_range_t;

/* Numbers and lists of numbers: the values; days: days; strings and lists of strings: bytes. */
tm_range_t tm_limit_range(const tm_field_t *field);
uint32_t tm_limit_items(const tm_field_t *field);

/* Where a fault is: a chain on the stack from the inner name to the outer one. */
typedef struct tm_path {
    const struct tm_path *up; /* NULL: the outermost */
    tm_str_t name;            /* of a field; p NULL: an element of the list above */
    uint32_t index;
} tm_path_t;

/* Adds a fault at `path` (NULL: the whole) with the path's text, "advertisers[0].name". Returns
 * err. */
tm_err_t tm_path_fault(const tm_path_t *path, tm_why_t *why, tm_err_t err, const char *fmt, ...)
    TM_PRINTF(4, 5);
/* The usual sentences: a number, day, string or list that is not within its limits. Return
 * TM_ERANGE. */
tm_err_t tm_limit_fault(const tm_field_t *field, const tm_path_t *path, tm_why_t *why);
tm_err_t tm_limit_items_fault(const tm_field_t *field, const tm_path_t *path, tm_why_t *why);
/* The value's type does not fit: "must be a date like 2026-10-12". Returns TM_EINVALID. */
tm_err_t tm_type_fault(const tm_field_t *field, bool element, const tm_path_t *path, tm_why_t *why);
#endif
