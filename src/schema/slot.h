/* slot.h - where a field's value stands in a record, typed.
 *
 * Threads: pure. */
#ifndef TM_SCHEMA_SLOT_H
#define TM_SCHEMA_SLOT_H
#include "schema/schema.h"

static inline void *tm_slot(const tm_field_t *field, void *record)
{
    return (char *)record + field->offset;
}

static inline const void *tm_slot_const(const tm_field_t *field, const void *record)
{
    return (const char *)record + field->offset;
}

/* Every record begins with its presence bits. */
static inline tm_has_t *tm_slot_has(void *record)
{
    return (tm_has_t *)record;
}

static inline const tm_has_t *tm_slot_has_const(const void *record)
{
    return (const tm_has_t *)record;
}

static inline bool tm_has_get(const tm_has_t *has, unsigned i)
{
    return (has->w[i >> 6] >> (i & 63) & 1) != 0;
}

static inline void tm_has_set(tm_has_t *has, unsigned i)
{
    has->w[i >> 6] |= UINT64_C(1) << (i & 63);
}

static inline void tm_has_clear(tm_has_t *has, unsigned i)
{
    has->w[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

/* The first present index >= i; TM_FIELDS_MAX at the end. */
static inline unsigned tm_has_next(const tm_has_t *has, unsigned i)
{
    while (i < TM_FIELDS_MAX) {
        const uint64_t rest = has->w[i >> 6] >> (i & 63);
        if (rest != 0)
            return i + (unsigned)__builtin_ctzll(rest);
        i = (i | 63) + 1;
    }
    return TM_FIELDS_MAX;
}

/* A scalar number, day, instant, id, word or truth value as one integer; ids as their bits. Not
 * for strings and lists. */
static inline int64_t tm_slot_number(const tm_field_t *field, const void *slot)
{
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL: return *(const bool *)slot ? 1 : 0;
    case TM_T_I32: return *(const int32_t *)slot;
    case TM_T_I64: return *(const int64_t *)slot;
    case TM_T_CENTS: return ((const tm_cents_t *)slot)->v;
    case TM_T_DAY: return ((const tm_day_t *)slot)->v;
    case TM_T_MS: return ((const tm_ms_t *)slot)->v;
    case TM_T_ID: return (int64_t)((const tm_id_t *)slot)->v;
    case TM_T_ENUM: return ((const tm_enum_t *)slot)->v;
    case TM_T_STR:
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS: break;
    }
    assert(false && "a number");
    return 0;
}

/* The reverse; v must fit. */
static inline void tm_slot_set_number(const tm_field_t *field, void *slot, int64_t v)
{
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL: *(bool *)slot = v != 0; return;
    case TM_T_I32: *(int32_t *)slot = (int32_t)v; return;
    case TM_T_I64: *(int64_t *)slot = v; return;
    case TM_T_CENTS: ((tm_cents_t *)slot)->v = v; return;
    case TM_T_DAY: ((tm_day_t *)slot)->v = (int32_t)v; return;
    case TM_T_MS: ((tm_ms_t *)slot)->v = v; return;
    case TM_T_ID: ((tm_id_t *)slot)->v = (uint64_t)v; return;
    case TM_T_ENUM: ((tm_enum_t *)slot)->v = (uint8_t)v; return;
    case TM_T_STR:
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS: break;
    }
    assert(false && "a number");
}
#endif
