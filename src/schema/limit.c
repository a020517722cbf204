/* limit.c - what one value of a field may be, in effect, and how a fault of a field is told.
 *
 * Threads: pure. */
#include "schema/limit.h"
#include "base/buf.h"
#include "base/time.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define PATH_DEPTH_MAX 16
#define NAME_SHOWN_MAX 60 /* of a name that came from outside */

tm_range_t tm_limit_range(const tm_field_t *field)
{
    const tm_limit_t *limit = &field->extra.limit;
    if (limit->min != 0 || limit->max != 0)
        return (tm_range_t){limit->min, limit->max};
    switch ((tm_type_t)field->type) {
    case TM_T_I32:
    case TM_T_I32S: return (tm_range_t){INT32_MIN, INT32_MAX};
    case TM_T_I64: return (tm_range_t){-TM_I64_EXACT_MAX, TM_I64_EXACT_MAX};
    case TM_T_CENTS: return (tm_range_t){-TM_CENTS_MAX, TM_CENTS_MAX};
    case TM_T_DAY: return (tm_range_t){TM_DAY_MIN, TM_DAY_MAX};
    case TM_T_MS: return (tm_range_t){0, TM_MS_MAX};
    case TM_T_STR:
    case TM_T_STRS: return (tm_range_t){0, TM_STR_BYTES_MAX};
    case TM_T_BOOL: return (tm_range_t){0, 1};
    case TM_T_ENUM: return (tm_range_t){0, field->extra.words->n - 1};
    case TM_T_ID: return (tm_range_t){1, INT64_MAX};
    case TM_T_RECS: break;
    }
    return (tm_range_t){0, 0};
}

uint32_t tm_limit_items(const tm_field_t *field)
{
    return field->extra.limit.items_max == 0 ? TM_ITEMS_MAX : field->extra.limit.items_max;
}

/* A name shortened at a whole character. */
static tm_str_t shown(tm_str_t name)
{
    if (name.n <= NAME_SHOWN_MAX)
        return name;
    name.n = NAME_SHOWN_MAX;
    while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0) == 0x80) {
        name.n--;
    }
    return name;
}

static void path_text(const tm_path_t *path, char ret_text[TM_WHY_FIELD_MAX])
{
    const tm_path_t *steps[PATH_DEPTH_MAX];
    unsigned n = 0;
    for (; path != NULL && n < PATH_DEPTH_MAX; path = path->up) {
        steps[n++] = path;
    }
    tm_buf_t text;
    tm_buf_init(&text, TM_WHY_FIELD_MAX - 1);
    while (n-- > 0) {
        const tm_path_t *step = steps[n];
        if (step->name.p == NULL) {
            tm_buf_printf(&text, "[%" PRIu32 "]", step->index);
        } else {
            if (text.n > 0)
                tm_buf_add_char(&text, '.');
            tm_buf_add_str(&text, shown(step->name));
        }
    }
    if (text.n > 0)
        memcpy(ret_text, text.p, text.n);
    ret_text[text.n] = '\0';
    tm_buf_done(&text);
}

tm_err_t tm_path_fault(const tm_path_t *path, tm_why_t *why, tm_err_t err, const char *fmt, ...)
{
    if (why == NULL)
        return err;
    char field[TM_WHY_FIELD_MAX];
    char text[TM_WHY_TEXT_MAX];
    path_text(path, field);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return tm_why_add(why, err, field, "%s", text);
}

tm_err_t tm_limit_fault(const tm_field_t *field, const tm_path_t *path, tm_why_t *why)
{
    const tm_range_t range = tm_limit_range(field);
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
    case TM_T_STRS:
        if (range.min == range.max)
            return tm_path_fault(path, why, TM_ERANGE, "must have exactly %" PRId64 " bytes",
                                 range.min);
        return tm_path_fault(path, why, TM_ERANGE, "must have %" PRId64 " to %" PRId64 " bytes",
                             range.min, range.max);
    case TM_T_DAY:
        return tm_path_fault(path, why, TM_ERANGE, "must be a date from 1990-01-01 to 2099-12-31");
    case TM_T_BOOL:
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
    case TM_T_ID:
    case TM_T_ENUM:
    case TM_T_I32S:
    case TM_T_RECS: break;
    }
    return tm_path_fault(path, why, TM_ERANGE, "must be from %" PRId64 " to %" PRId64, range.min,
                         range.max);
}

tm_err_t tm_limit_items_fault(const tm_field_t *field, const tm_path_t *path, tm_why_t *why)
{
    return tm_path_fault(path, why, TM_ERANGE, "must have at most %" PRIu32 " elements",
                         tm_limit_items(field));
}

/* The words of an enumeration, as many as fit. */
static tm_err_t words_fault(const tm_words_t *words, const tm_path_t *path, tm_why_t *why)
{
    char text[TM_WHY_TEXT_MAX - 16];
    size_t n = 0;
    for (unsigned i = 0; i < words->n && n < sizeof(text); i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i == 0 ? "" : " ",
                              words->words[i]);
    }
    return tm_path_fault(path, why, TM_EINVALID, "must be one of: %s", text);
}

tm_err_t tm_type_fault(const tm_field_t *field, bool element, const tm_path_t *path, tm_why_t *why)
{
    const char *text = "";
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL: text = "must be true or false"; break;
    case TM_T_I32:
    case TM_T_I64: text = "must be a whole number"; break;
    case TM_T_CENTS: text = "must be a whole number of cents"; break;
    case TM_T_MS: text = "must be a whole number of milliseconds since 1970"; break;
    case TM_T_DAY: text = "must be a date like 2026-10-12"; break;
    case TM_T_STR: text = "must be a string"; break;
    case TM_T_STRS: text = element ? "must be a string" : "must be a list of strings"; break;
    case TM_T_I32S:
        text = element ? "must be a whole number" : "must be a list of whole numbers";
        break;
    case TM_T_RECS: text = element ? "must be an object" : "must be a list of objects"; break;
    case TM_T_ID:
        return tm_path_fault(path, why, TM_EINVALID, "must be an id like %s_0123456789abc",
                             field->extra.prefix);
    case TM_T_ENUM: return words_fault(field->extra.words, path, why);
    }
    return tm_path_fault(path, why, TM_EINVALID, "%s", text);
}
