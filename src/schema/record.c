/* record.c - what can be done with any record: look up, copy, compare, validate.
 *
 * How:     recursion only into records of lists; lists nest as deep as descriptors do, which is
 *          two.
 * Threads: pure. */
#include "schema/record.h"
#include "base/fold.h"
#include "schema/limit.h"
#include "schema/slot.h"

const tm_desc_t *tm_entity_by_number(uint16_t number)
{
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        if (tm_entities[i]->number == number)
            return tm_entities[i];
    }
    return NULL;
}

const tm_desc_t *tm_entity_by_name(tm_str_t name)
{
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        if (tm_str_eq(tm_str(tm_entities[i]->name), name))
            return tm_entities[i];
    }
    return NULL;
}

int tm_field_find(const tm_desc_t *desc, tm_str_t name)
{
    return tm_field_find_from(desc, name, 0);
}

static int find_between(const tm_desc_t *desc, tm_str_t name, unsigned begin, unsigned end)
{
    const uint32_t sign = TM_SIGN(name.p, name.n);
    for (unsigned i = begin; i < end; i++) {
        if (desc->signs[i] == sign && memcmp(desc->fields[i].name, name.p, name.n) == 0)
            return (int)i;
    }
    return -1;
}

int tm_field_find_from(const tm_desc_t *desc, tm_str_t name, unsigned from)
{
    if (name.n == 0 || name.n > UINT8_MAX)
        return -1;
    const int found = find_between(desc, name, from, desc->n_fields);
    return found >= 0 ? found : find_between(desc, name, 0, TM_MIN(from, desc->n_fields));
}

static bool copy_value(const tm_field_t *field, const void *from, tm_arena_t *arena, void *to);

/* Copies a record into place. false: the arena is full. */
static bool copy_into(const tm_desc_t *desc, const void *from, tm_arena_t *arena, void *to)
{
    const tm_has_t *has = tm_slot_has_const(from);
    memset(to, 0, desc->bytes);
    *tm_slot_has(to) = *has;
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        const tm_field_t *field = &desc->fields[i];
        if (!copy_value(field, tm_slot_const(field, from), arena, tm_slot(field, to)))
            return false;
    }
    return true;
}

static bool copy_str(tm_str_t from, tm_arena_t *arena, tm_str_t *to)
{
    if (from.p == NULL)
        from = TM_STR("");
    *to = tm_arena_str(arena, from);
    return to->p != NULL;
}

/* Room for n elements; n 0 takes none. false: the arena is full. */
static bool copy_room(tm_arena_t *arena, uint32_t n, size_t each, void **ret)
{
    *ret = n == 0 ? NULL : tm_arena_alloc(arena, n * each);
    return n == 0 || *ret != NULL;
}

static bool copy_list(const tm_field_t *field, const void *from, tm_arena_t *arena, void *to)
{
    void *room = NULL;
    if (field->type == TM_T_STRS) {
        const tm_strs_t *list = from;
        if (!copy_room(arena, list->n, sizeof(tm_str_t), &room))
            return false;
        *(tm_strs_t *)to = (tm_strs_t){room, list->n};
        for (uint32_t i = 0; i < list->n; i++) {
            if (!copy_str(list->v[i], arena, &((tm_str_t *)room)[i]))
                return false;
        }
        return true;
    }
    if (field->type == TM_T_I32S) {
        const tm_i32s_t *list = from;
        if (!copy_room(arena, list->n, sizeof(int32_t), &room))
            return false;
        if (list->n > 0)
            memcpy(room, list->v, list->n * sizeof(int32_t));
        *(tm_i32s_t *)to = (tm_i32s_t){room, list->n};
        return true;
    }
    assert(field->type == TM_T_RECS);
    const tm_recs_t *list = from;
    const tm_desc_t *sub = field->extra.sub;
    if (!copy_room(arena, list->n, sub->bytes, &room))
        return false;
    *(tm_recs_t *)to = (tm_recs_t){room, list->n};
    for (uint32_t i = 0; i < list->n; i++) {
        const size_t at = (size_t)i * sub->bytes;
        if (!copy_into(sub, (const char *)list->v + at, arena, (char *)room + at))
            return false;
    }
    return true;
}

static bool copy_value(const tm_field_t *field, const void *from, tm_arena_t *arena, void *to)
{
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
        return copy_str(*(const tm_str_t *)from, arena, to);
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        return copy_list(field, from, arena, to);
    case TM_T_BOOL:
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_DAY:
    case TM_T_MS:
    case TM_T_ID:
    case TM_T_ENUM:
        break;
    }
    tm_slot_set_number(field, to, tm_slot_number(field, from));
    return true;
}

void *tm_record_copy(const tm_desc_t *desc, const void *record, tm_arena_t *arena)
{
    assert(desc != NULL && record != NULL);
    void *copy = tm_arena_alloc(arena, desc->bytes);
    if (copy == NULL || !copy_into(desc, record, arena, copy))
        return NULL;
    return copy;
}

static bool equal_recs(const tm_desc_t *sub, const tm_recs_t *a, const tm_recs_t *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        const size_t at = (size_t)i * sub->bytes;
        if (!tm_record_equal(sub, (const char *)a->v + at, (const char *)b->v + at))
            return false;
    }
    return true;
}

static bool equal_value(const tm_field_t *field, const void *a, const void *b)
{
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
        return tm_str_eq(*(const tm_str_t *)a, *(const tm_str_t *)b);
    case TM_T_STRS: {
        const tm_strs_t *x = a;
        const tm_strs_t *y = b;
        bool equal = x->n == y->n;
        for (uint32_t i = 0; equal && i < x->n; i++) {
            equal = tm_str_eq(x->v[i], y->v[i]);
        }
        return equal;
    }
    case TM_T_I32S: {
        const tm_i32s_t *x = a;
        const tm_i32s_t *y = b;
        return x->n == y->n && (x->n == 0 || memcmp(x->v, y->v, x->n * sizeof(int32_t)) == 0);
    }
    case TM_T_RECS:
        return equal_recs(field->extra.sub, a, b);
    case TM_T_BOOL:
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_DAY:
    case TM_T_MS:
    case TM_T_ID:
    case TM_T_ENUM:
        break;
    }
    return tm_slot_number(field, a) == tm_slot_number(field, b);
}

tm_has_t tm_record_diff(const tm_desc_t *desc, const void *a, const void *b)
{
    assert(desc != NULL && a != NULL && b != NULL);
    const tm_has_t *x = tm_slot_has_const(a), *y = tm_slot_has_const(b);
    tm_has_t ret = {{0}};
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        const bool in_a = tm_has_get(x, i), in_b = tm_has_get(y, i);
        if (in_a != in_b ||
            (in_a && !equal_value(field, tm_slot_const(field, a), tm_slot_const(field, b)))) {
            tm_has_set(&ret, i);
        }
    }
    return ret;
}

bool tm_record_equal(const tm_desc_t *desc, const void *a, const void *b)
{
    assert(desc != NULL && a != NULL && b != NULL);
    const tm_has_t *has = tm_slot_has_const(a);
    if (memcmp(has, tm_slot_has_const(b), sizeof(*has)) != 0)
        return false;
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        const tm_field_t *field = &desc->fields[i];
        if (!equal_value(field, tm_slot_const(field, a), tm_slot_const(field, b)))
            return false;
    }
    return true;
}
