/* clamp.c - records from documents brought within the limits of their fields.
 *
 * Why:     a hostile paper may print a name of a megabyte or a trillion dollars; journal, SQL and
 *          the rules behind count on the limits, so they are enforced where such records come in.
 * Threads: pure. */
#include "base/time.h"
#include "schema/limit.h"
#include "schema/record.h"
#include "schema/slot.h"

/* At most max bytes, not within a character. */
static tm_str_t cut(tm_str_t s, int64_t max)
{
    if ((int64_t)s.n <= max)
        return s;
    uint32_t n = (uint32_t)max;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return tm_str_n(s.p, n);
}

/* The list keeps its order; elements shorter than allowed are left out. */
static uint32_t clamp_strs(const tm_field_t *field, tm_strs_t *list)
{
    const tm_range_t range = tm_limit_range(field);
    uint32_t changed = 0, kept = 0;
    for (uint32_t i = 0; i < list->n && kept < tm_limit_items(field); i++) {
        const tm_str_t s = cut(list->v[i], range.max);
        changed += s.n != list->v[i].n;
        if ((int64_t)s.n >= range.min) {
            list->v[kept++] = s;
        }
    }
    changed += kept != list->n;
    list->n = kept;
    return changed;
}

static uint32_t clamp_i32s(const tm_field_t *field, tm_i32s_t *list)
{
    const tm_range_t range = tm_limit_range(field);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->n && kept < tm_limit_items(field); i++) {
        if (list->v[i] >= range.min && list->v[i] <= range.max) {
            list->v[kept++] = list->v[i];
        }
    }
    const uint32_t changed = kept != list->n;
    list->n = kept;
    return changed;
}

/* Bounded: descriptors nest a fixed number of levels. */
static uint32_t clamp_recs(const tm_field_t *field, tm_recs_t *list)
{
    const uint32_t max = tm_limit_items(field);
    uint32_t changed = list->n > max;
    list->n = TM_MIN(list->n, max);
    for (uint32_t i = 0; i < list->n; i++) {
        changed += tm_record_clamp(field->extra.sub,
                                   (char *)list->v + (size_t)i * field->extra.sub->bytes);
    }
    return changed;
}

static uint32_t clamp_str(const tm_field_t *field, tm_str_t *s, bool *ret_absent)
{
    const tm_range_t range = tm_limit_range(field);
    const tm_str_t shorter = cut(*s, range.max);
    const uint32_t changed = shorter.n != s->n;
    *s = shorter;
    *ret_absent = (int64_t)shorter.n < range.min;
    return changed + *ret_absent;
}

static uint32_t clamp_field(const tm_field_t *field, void *slot, bool *ret_absent)
{
    *ret_absent = false;
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
        return clamp_str(field, slot, ret_absent);
    case TM_T_STRS:
        return clamp_strs(field, slot);
    case TM_T_I32S:
        return clamp_i32s(field, slot);
    case TM_T_RECS:
        return clamp_recs(field, slot);
    case TM_T_BOOL:
    case TM_T_ID:
        return 0;
    case TM_T_ENUM:
        *ret_absent = ((const tm_enum_t *)slot)->v >= field->extra.words->n;
        return *ret_absent;
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_DAY:
    case TM_T_MS: {
        const tm_range_t range = tm_limit_range(field);
        const int64_t v = tm_slot_number(field, slot);
        *ret_absent = v < range.min || v > range.max;
        return *ret_absent;
    }
    }
    return 0;
}

uint32_t tm_record_clamp(const tm_desc_t *desc, void *record)
{
    assert(desc != NULL && record != NULL);
    tm_has_t *has = tm_slot_has(record);
    uint32_t changed = 0;
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        bool absent = false;
        changed += clamp_field(&desc->fields[i], tm_slot(&desc->fields[i], record), &absent);
        if (absent) {
            tm_has_clear(has, i);
        }
    }
    return changed;
}
