/* redact.c - a record as a log line may show it.
 *
 * Why:     logs are read by more people than data; what names a person is shown as its length, a
 *          secret not at all.
 * How:     JSON of the present fields; recursion as deep as descriptors nest.
 * Threads: pure. */
#include "schema/derive.h"
#include "schema/json_value.h"
#include "schema/slot.h"

/* "<12 bytes>" for strings, "<3 elements>" for lists, "<hidden>" for numbers, whose length would
 * tell too much. */
static void write_hidden(const tm_field_t *field, const void *slot, tm_buf_t *out)
{
    const tm_type_t type = (tm_type_t)field->type;
    if (type == TM_T_STR)
        tm_buf_printf(out, "\"<%u bytes>\"", ((const tm_str_t *)slot)->n);
    else if (type == TM_T_STRS || type == TM_T_I32S || type == TM_T_RECS)
        tm_buf_printf(out, "\"<%u elements>\"", ((const tm_recs_t *)slot)->n);
    else
        tm_buf_add_c(out, "\"<hidden>\"");
}

static void write_recs(const tm_field_t *field, const tm_recs_t *list, tm_buf_t *out)
{
    tm_buf_add_char(out, '[');
    for (uint32_t i = 0; i < list->n && !out->full; i++) {
        if (i > 0)
            tm_buf_add_char(out, ',');
        tm_redacted(field->extra.sub, (const char *)list->v + (size_t)i * field->extra.sub->bytes,
                    out);
    }
    tm_buf_add_char(out, ']');
}

void tm_redacted(const tm_desc_t *desc, const void *record, tm_buf_t *out)
{
    assert(desc != NULL && record != NULL);
    const tm_has_t *has = tm_slot_has_const(record);
    bool first = true;
    tm_buf_add_char(out, '{');
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        const tm_field_t *field = &desc->fields[i];
        const void *slot = tm_slot_const(field, record);
        if ((field->flags & TM_F_SECRET) != 0)
            continue;
        if (!first)
            tm_buf_add_char(out, ',');
        first = false;
        tm_buf_add(out, field->key, (size_t)field->name_n + 3);
        if ((field->flags & TM_F_PII) != 0)
            write_hidden(field, slot, out);
        else if (field->type == TM_T_RECS)
            write_recs(field, slot, out);
        else
            tm_json_write_value(field, slot, false, out);
    }
    tm_buf_add_char(out, '}');
}
