/* with_records.c - what the tests of the schema share. */
#include "schema/with_records.h"
#include "schema/slot.h"

unsigned all_descs(const tm_desc_t *ret[DESCS_MAX])
{
    unsigned n = 0;
    for (unsigned i = 0; tm_parts[i] != NULL; i++) {
        ret[n++] = tm_parts[i];
    }
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        ret[n++] = tm_entities[i];
    }
    assert(n < DESCS_MAX);
    return n;
}

uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 24;
}

void hide_fields(const tm_desc_t *desc, void *record, uint32_t hidden)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        tm_has_t *has = tm_slot_has(record);
        if ((field->flags & hidden) != 0)
            tm_has_clear(has, i);
        if (field->type != TM_T_RECS || !tm_has_get(has, i))
            continue;
        const tm_recs_t *list = tm_slot(field, record);
        for (uint32_t k = 0; k < list->n; k++) {
            hide_fields(field->extra.sub, (char *)list->v + (size_t)k * field->extra.sub->bytes,
                        hidden);
        }
    }
}

void empty_absent_lists(const tm_desc_t *desc, void *record, uint32_t hidden)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        const bool is_list = field->type == TM_T_STRS || field->type == TM_T_I32S ||
                             field->type == TM_T_RECS;
        if (!is_list || (field->flags & hidden) != 0)
            continue;
        tm_recs_t *list = tm_slot(field, record);
        if (!tm_has_get(tm_slot_has(record), i)) {
            tm_has_set(tm_slot_has(record), i);
            *list = (tm_recs_t){NULL, 0};
        }
        for (uint32_t k = 0; field->type == TM_T_RECS && k < list->n; k++) {
            empty_absent_lists(field->extra.sub,
                               (char *)list->v + (size_t)k * field->extra.sub->bytes, hidden);
        }
    }
}
