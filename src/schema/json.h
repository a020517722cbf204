/* json.h - JSON in and out: a pull reader, a writer, and records by their descriptors.
 *
 * Why:     both are the hot path and must name the field of a fault, so they are ours
 *          (docs/decisions).
 * How:     both readers walk the bytes once; the pull reader does not copy strings without
 *          escapes. Depth at most TM_JSON_DEPTH_MAX.
 * Threads: pure. */
#ifndef TM_SCHEMA_JSON_H
#define TM_SCHEMA_JSON_H
#include "base/buf.h"
#include "schema/schema.h"
#include "schema/limits.h"

enum {
    TM_JSON_REQUEST = 1, /* readonly fields are unknown */
    TM_JSON_PARTIAL = 2, /* required fields may be missing (PATCH) */
    TM_JSON_IN_TEXT = 4, /* strings without escapes stay in the text, which outlives the record */
};

/* Reads one JSON object that fills `text` into a zeroed record, strings and lists copied into
 * the arena. An explicit null is absent; with TM_JSON_PARTIAL ret_nulls (may be NULL) tells
 * which fields were given as null. Faults: unknown and doubled keys, wrong types, ranges,
 * invalid UTF-8, NUL: each with its path. Errors: TM_EMALFORMED no JSON; TM_EDEPTH; TM_EINVALID;
 * TM_ENOMEM arena. O(n). */
TM_MUST_CHECK tm_err_t tm_json_read(const tm_desc_t *desc, tm_str_t text, unsigned mode,
                                    tm_arena_t *arena, void *ret_record, tm_has_t *ret_nulls,
                                    tm_why_t *why);
/* Writes a record as one object in field order. all: absent fields as null and
 * absent lists as [], else left out. */
void tm_json_write(const tm_desc_t *desc, const void *record, bool all, tm_buf_t *out);
void tm_json_write_str(tm_str_t s, tm_buf_t *out); /* quoted and escaped */

/* Pull reader for JSON without a descriptor. */
typedef enum tm_token {
    TM_J_END,
    TM_J_NULL,
    TM_J_TRUE,
    TM_J_FALSE,
    TM_J_NUMBER,
    TM_J_STRING,
    TM_J_KEY,
    TM_J_OBJECT,
    TM_J_OBJECT_END,
    TM_J_LIST,
    TM_J_LIST_END,
    TM_J_BAD
} tm_token_t;
typedef struct tm_json {
    const char *p, *end;
    tm_arena_t *arena;
    uint32_t open; /* bit i: the value at depth i is an object */
    uint8_t depth;
    bool need_comma, after_key;
    /* why TM_J_BAD came (and comes for ever): TM_EMALFORMED, TM_EDEPTH, TM_ENOMEM; p stands
     * there */
    tm_err_t err;
} tm_json_t;
void tm_json_begin(tm_json_t *j, tm_str_t text, tm_arena_t *arena);
/* The next token; for NUMBER the text, for STRING and KEY the unescaped text in ret (in `text`,
 * with escapes in the arena). */
tm_token_t tm_json_next(tm_json_t *j, tm_str_t *ret);
bool tm_json_skip(tm_json_t *j); /* the value that comes next, whole; false: bad */
#endif
