/* schema.h - what a record is: one table a kind of record, read at run time by every codec.
 *
 * Why:     a field is spelled once; JSON, binary, SQL, OpenAPI, TypeScript and the lock file
 *          follow from the table.
 * How:     an entity's header lists its fields in a macro TM_X_FIELDS(F), F(number, C type,
 *          name, flags, extra, "doc"). TM_RECORD expands it to the struct tm_x_t, the indexes
 *          TM_X_name and (in entities.c) the descriptor tm_x_desc. A record begins with
 *          tm_has_t: bit i says whether field i holds a value. Absent means NULL, never 0.
 * Threads: descriptors are constant; records belong to whoever holds their arena. */
#ifndef TM_SCHEMA_SCHEMA_H
#define TM_SCHEMA_SCHEMA_H
#include "base/base.h"
#include "base/memory.h"
#include "base/why.h"

#define TM_FIELDS_MAX 128
typedef struct { uint64_t w[2]; } tm_has_t;

typedef struct { tm_str_t *v; uint32_t n; } tm_strs_t;  /* list of strings */
typedef struct { int32_t *v; uint32_t n; } tm_i32s_t;   /* list of integers */
typedef struct { void *v; uint32_t n; } tm_recs_t;      /* list of field.sub, struct by struct */

typedef enum tm_type {
    TM_T_BOOL, TM_T_I32, TM_T_I64, TM_T_CENTS, TM_T_DAY, TM_T_MS, TM_T_ID, TM_T_ENUM, TM_T_STR,
    TM_T_STRS, TM_T_I32S, TM_T_RECS
} tm_type_t;

/* The C type decides the schema type; no second spelling. */
#define TM_TYPE_OF(ctype)                                                                          \
    _Generic(*(ctype *)0, bool: TM_T_BOOL, int32_t: TM_T_I32, int64_t: TM_T_I64,                   \
        tm_cents_t: TM_T_CENTS, tm_day_t: TM_T_DAY, tm_ms_t: TM_T_MS, tm_id_t: TM_T_ID,            \
        tm_enum_t: TM_T_ENUM, tm_str_t: TM_T_STR, tm_strs_t: TM_T_STRS, tm_i32s_t: TM_T_I32S,      \
        tm_recs_t: TM_T_RECS)

enum {
    TM_F_REQUIRED = 1,   /* validation: must hold a value */
    TM_F_READONLY = 2,   /* set by the program; in a request body it is an unknown field */
    TM_F_UNIQUE = 4,     /* one record a value, by its actor; in SQL a plain index, see sql.c */
    TM_F_INDEX = 8,      /* an index in SQL */
    TM_F_PII = 16,       /* never in a log */
    TM_F_SECRET = 32,    /* never in a log nor in JSON */
    TM_F_NOSQL = 64,     /* no column: derived or held elsewhere */
    TM_F_NOJSON = 128,   /* internal: in binary and SQL only */
    TM_F_HIDDEN = TM_F_SECRET | TM_F_NOJSON
};

/* Limits of one field; zero-initialised means the type's own range (strings: 4,000 bytes, lists:
 * 1,000, int64_t: what a browser's number holds exactly, instants: 1970 to 9999). limit.c. */
typedef struct tm_limit { int64_t min, max; uint32_t items_max; } tm_limit_t;
typedef struct tm_words { const char *name; const char *const *words; uint8_t n; } tm_words_t;
struct tm_desc;
typedef struct tm_extra {
    const tm_words_t *words;    /* TM_T_ENUM */
    const struct tm_desc *sub;  /* TM_T_RECS */
    const char *prefix;         /* TM_T_ID: "cmp" */
    tm_limit_t limit;
} tm_extra_t;
/* In the extra column of a field list: TM_WORDS(&tm_side_words), TM_SUB(&tm_span_desc) ... */
#define TM_PLAIN .words = NULL
#define TM_WORDS(w) .words = (w)
#define TM_SUB(d) .sub = (d)
#define TM_REF(p) .prefix = (p)
#define TM_LIMIT(lo, hi) .limit = {(lo), (hi), 0}            /* numbers: range; strings: bytes */
#define TM_ITEMS(lo, hi, items) .limit = {(lo), (hi), (items)}
#define TM_SUB_ITEMS(d, items) .sub = (d), .limit = {0, 0, (items)}

typedef struct tm_field {
    const char *name;     /* JSON key = SQL column */
    const char *key;      /* "\"name\":", name_n + 3 bytes */
    uint16_t number;      /* in the binary form; ascending; append-only, see db/schema.lock */
    uint8_t type;         /* tm_type_t */
    uint8_t name_n;       /* bytes of name */
    uint32_t flags;       /* TM_F_* */
    uint32_t offset;      /* in the struct */
    tm_extra_t extra;
    const char *doc;
} tm_field_t;

typedef struct tm_desc {
    const char *name;          /* "buy_line": table, log name; PascalCase of it in TypeScript */
    const char *prefix;        /* of its ids, "" for parts of other records */
    uint16_t number;           /* entity number in the journal; 0 for parts */
    uint16_t n_fields;
    uint32_t bytes;            /* sizeof the struct */
    const tm_field_t *fields;
    const uint32_t *signs;     /* TM_SIGN of each field's name; a name is found by these */
    const char *absent;        /* ",\"name\":null" of each field in turn */
    const uint16_t *absent_at; /* where in it that of field i begins; [n_fields]: its bytes */
    const tm_has_t *never_null; /* fields that JSON never shows as null: lists and hidden ones */
    void (*on_validate)(const void *record, tm_why_t *why); /* more rules; adds faults; or NULL */
    const char *doc;
} tm_desc_t;

/* Length, first, middle and last byte of a name of n bytes in one word. */
#define TM_SIGN(p, n)                                                                              \
    (((uint32_t)(n) & 255) | (uint32_t)(uint8_t)(p)[0] << 8 |                                      \
     (uint32_t)(uint8_t)(p)[(n) / 2] << 16 | (uint32_t)(uint8_t)(p)[(n) - 1] << 24)

#define TM_STRUCT_FIELD_(number, ctype, name, flags, extra, doc) ctype name;
/* Declares struct tm_x_t, indexes TM_X_<field> and TM_X_N (by UP##_INDEX_), and tm_x_desc. */
#define TM_RECORD(rec, UP)                                                                         \
    typedef struct rec {                                                                           \
        tm_has_t has;                                                                              \
        UP##_FIELDS(TM_STRUCT_FIELD_)                                                              \
    } rec##_t;                                                                                     \
    enum { UP##_FIELDS(UP##_INDEX_) UP##_N };                                                      \
    extern const tm_desc_t rec##_desc

#define TM_HAS_(rec_ptr, index) (((rec_ptr)->has.w[(index) >> 6] >> ((index) & 63)) & 1)
/* Presence by field index; indexes come from an enum each entity header declares:
 * TM_BUY_LINE_gross_cents. */
#define TM_HAS(rec_ptr, index) ((bool)TM_HAS_(rec_ptr, (unsigned)(index)))
#define TM_MARK(rec_ptr, index)                                                                    \
    ((rec_ptr)->has.w[(unsigned)(index) >> 6] |= UINT64_C(1) << ((unsigned)(index) & 63))
#define TM_CLEAR(rec_ptr, index)                                                                   \
    ((rec_ptr)->has.w[(unsigned)(index) >> 6] &= ~(UINT64_C(1) << ((unsigned)(index) & 63)))
/* Sets a field and its presence. */
#define TM_SET(rec, UP, field, ...)                                                                \
    ((rec)->field = (__VA_ARGS__), (void)TM_MARK((rec), UP##_##field))
#endif
