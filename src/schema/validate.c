/* validate.c - is a record good, and if not, everything that is wrong with it.
 *
 * How:     field by field with the path on the stack; a record's own rules run only when its
 *          fields are good, because they may rely on them. Recursion as deep as descriptors
 *          nest.
 * Threads: pure. */
#include "base/fold.h"
#include "schema/limit.h"
#include "schema/record.h"
#include "schema/slot.h"

typedef struct check {
    tm_why_t *why;
    tm_err_t first; /* the first error, also when why is NULL */
} check_t;

static void take(check_t *check, tm_err_t err)
{
    if (check->first == TM_OK)
        check->first = err;
}

static void check_record(check_t *check, const tm_desc_t *desc, const void *record,
                         const tm_path_t *path);

static void check_number(check_t *check, const tm_field_t *field, int64_t v, const tm_path_t *path)
{
    const tm_range_t range = tm_limit_range(field);
    if (v >= range.min && v <= range.max)
        return;
    if (field->type == TM_T_ID || field->type == TM_T_ENUM)
        take(check, tm_type_fault(field, false, path, check->why));
    else
        take(check, tm_limit_fault(field, path, check->why));
}

static void check_str(check_t *check, const tm_field_t *field, tm_str_t s, const tm_path_t *path)
{
    const tm_range_t range = tm_limit_range(field);
    if (s.n < range.min || s.n > range.max)
        take(check, tm_limit_fault(field, path, check->why));
    else if (!tm_utf8_is_valid(s))
        take(check, tm_path_fault(path, check->why, TM_EINVALID, "must be UTF-8 without NUL"));
}

static void check_list(check_t *check, const tm_field_t *field, const void *slot,
                       const tm_path_t *path)
{
    /* the three kinds of list have the same shape: pointer and number */
    const uint32_t n = ((const tm_recs_t *)slot)->n;
    if (n > tm_limit_items(field)) {
        take(check, tm_limit_items_fault(field, path, check->why));
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        const tm_path_t element = {path, {NULL, 0}, i};
        if (field->type == TM_T_STRS) {
            check_str(check, field, ((const tm_strs_t *)slot)->v[i], &element);
        } else if (field->type == TM_T_I32S) {
            check_number(check, field, ((const tm_i32s_t *)slot)->v[i], &element);
        } else {
            const tm_desc_t *sub = field->extra.sub;
            check_record(check, sub,
                         (const char *)((const tm_recs_t *)slot)->v + (size_t)i * sub->bytes,
                         &element);
        }
    }
}

static void check_field(check_t *check, const tm_field_t *field, const void *slot,
                        const tm_path_t *path)
{
    switch ((tm_type_t)field->type) {
    case TM_T_STR: check_str(check, field, *(const tm_str_t *)slot, path); return;
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS: check_list(check, field, slot, path); return;
    case TM_T_BOOL: return; /* both values are good */
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_DAY:
    case TM_T_MS:
    case TM_T_ID:
    case TM_T_ENUM: break;
    }
    check_number(check, field, tm_slot_number(field, slot), path);
}

/* Runs the record's own rules and moves their faults under `path`. */
static void check_rules(check_t *check, const tm_desc_t *desc, const void *record,
                        const tm_path_t *path)
{
    if (desc->on_validate == NULL)
        return;
    tm_why_t own;
    tm_why_clear(&own);
    desc->on_validate(record, &own);
    for (uint32_t i = 0; i < own.n; i++) {
        const tm_fault_t *fault = &own.faults[i];
        const tm_path_t at = {path, tm_str(fault->field), 0};
        take(check, tm_path_fault(fault->field[0] == '\0' ? path : &at, check->why, fault->err,
                                  "%s", fault->text));
    }
}

static void check_record(check_t *check, const tm_desc_t *desc, const void *record,
                         const tm_path_t *path)
{
    const tm_has_t *has = tm_slot_has_const(record);
    check_t own = {check->why, TM_OK};
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        const tm_path_t at = {path, {field->name, field->name_n}, 0};
        if (tm_has_get(has, i))
            check_field(&own, field, tm_slot_const(field, record), &at);
        else if ((field->flags & TM_F_REQUIRED) != 0)
            take(&own, tm_path_fault(&at, check->why, TM_EINVALID, "is required"));
    }
    if (own.first == TM_OK)
        check_rules(&own, desc, record, path);
    if (own.first != TM_OK)
        take(check, own.first);
}

tm_err_t tm_record_validate(const tm_desc_t *desc, const void *record, tm_why_t *why)
{
    assert(desc != NULL && record != NULL);
    check_t check = {why, TM_OK};
    check_record(&check, desc, record, NULL);
    return check.first;
}
