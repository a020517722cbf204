/* base.h - the words every layer speaks: errors, money, days, instants, ids, strings.
 *
 * Why:     distinct things get distinct small structs, so that a day is never added to a cent by
 *          mistake.
 * Threads: values only; any. */
#ifndef TM_BASE_BASE_H
#define TM_BASE_BASE_H
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TM_MUST_CHECK __attribute__((warn_unused_result))
#define TM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define TM_UNUSED __attribute__((unused))
#define TM_AUTO(free_fn) __attribute__((cleanup(free_fn)))
#define TM_OWN /* on a parameter: the callee takes it; on a return: the caller must free it */
/* Moves a pointer out of a variable and leaves NULL behind. */
#define TM_TAKE(p)                                                                                 \
    ({                                                                                             \
        __typeof__(p) tm_taken_ = (p);                                                             \
        (p) = NULL;                                                                                \
        tm_taken_;                                                                                 \
    })
#define TM_CHECK(p, MAGIC) assert((p) != NULL && (p)->magic == (MAGIC))
#define TM_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TM_MIN(a, b) ((a) < (b) ? (a) : (b))
#define TM_MAX(a, b) ((a) > (b) ? (a) : (b))

typedef enum tm_err {
    TM_OK = 0,
#define TM_ERR(name, status, text) TM_##name,
#include "base/errors.def"
#undef TM_ERR
    TM_ERR_COUNT
} tm_err_t;

const char *tm_err_code(tm_err_t err);   /* "invalid": stable, lower case */
const char *tm_err_text(tm_err_t err);   /* a sentence for a person */
int tm_err_status(tm_err_t err);         /* HTTP status; 200 for TM_OK */

typedef struct { int64_t v; } tm_cents_t; /* US cents, credits negative; |v| <= TM_CENTS_MAX */
/* days since 1970-01-01, a plain date without time zone */
typedef struct { int32_t v; } tm_day_t;
typedef struct { int64_t v; } tm_ms_t;    /* milliseconds since 1970 UTC */
/* 63 bits: number of the creating actor (31), its counter (32); 0 = none */
typedef struct { uint64_t v; } tm_id_t;
typedef struct { uint8_t v; } tm_enum_t;  /* index into a table of words, see schema/schema.h */
/* bytes, usually UTF-8, not NUL-terminated; p NULL = none */
typedef struct { const char *p; uint32_t n; } tm_str_t;

/* a trillion dollars: sums of a million lines still fit */
#define TM_CENTS_MAX INT64_C(100000000000000)

#define TM_STR(literal) ((tm_str_t){"" literal, (uint32_t)sizeof(literal) - 1})
static inline tm_str_t tm_str(const char *c)
{
    return c == NULL ? (tm_str_t){NULL, 0} : (tm_str_t){c, (uint32_t)strlen(c)};
}
static inline tm_str_t tm_str_n(const char *p, size_t n)
{
    assert(n <= UINT32_MAX);
    return (tm_str_t){p, (uint32_t)n};
}
static inline bool tm_str_eq(tm_str_t a, tm_str_t b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
int tm_str_cmp(tm_str_t a, tm_str_t b);               /* by bytes, shorter first; <0 0 >0 */
bool tm_str_case_eq(tm_str_t a, tm_str_t b);          /* ASCII case folded */
bool tm_str_starts(tm_str_t s, const char *prefix);
tm_str_t tm_str_trim(tm_str_t s);                     /* without ASCII white space at both ends */
/* A decimal integer that fills the whole string, with an optional '-'. false: no number or out
 * of range. */
bool tm_str_i64(tm_str_t s, int64_t *ret);

#define TM_ID_ACTOR_MAX UINT32_C(0x7fffffff)
static inline tm_id_t tm_id_make(uint32_t actor, uint32_t counter)
{
    assert(actor <= TM_ID_ACTOR_MAX);
    return (tm_id_t){(uint64_t)actor << 32 | counter};
}
static inline uint32_t tm_id_actor(tm_id_t id) { return (uint32_t)(id.v >> 32); }
static inline uint32_t tm_id_counter(tm_id_t id) { return (uint32_t)id.v; }

#define TM_ID_DIGITS 13
#define TM_ID_TEXT_MAX 24 /* prefix (at most 5), '_', 13 characters of base32, NUL */
/* Writes "bl_0123456789abc" (Crockford's base32, lower case). Returns the length without NUL. */
size_t tm_id_format(const char *prefix, tm_id_t id, char ret_text[TM_ID_TEXT_MAX]);
/* Reads the text of an id with exactly that prefix. Errors: TM_EINVALID. */
TM_MUST_CHECK tm_err_t tm_id_parse(const char *prefix, tm_str_t text, tm_id_t *ret_id);
#endif
