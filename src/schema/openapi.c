/* openapi.c - the records as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks.
 *
 * Why:     the description of the API is made from the tables that read the requests, so it
 *          cannot be out of date.
 * How:     a field that may be absent has type [T, "null"]; lengths in bytes are given as the
 *          largest number of characters.
 * Threads: pure. */
#include "schema/derive.h"
#include "schema/json.h"
#include "schema/limit.h"
#include "schema/naming.h"
#include "schema/record.h"

/* "type":"string" or "type":["string","null"] */
static void add_type(const char *type, bool nullable, tm_buf_t *out)
{
    tm_buf_printf(out, nullable ? "\"type\":[\"%s\",\"null\"]" : "\"type\":\"%s\"", type);
}

static void add_integer(const tm_field_t *field, bool nullable, tm_buf_t *out)
{
    const tm_range_t range = tm_limit_range(field);
    add_type("integer", nullable, out);
    tm_buf_printf(out, ",\"minimum\":%lld,\"maximum\":%lld", (long long)range.min,
                  (long long)range.max);
    if (field->type != TM_T_I32 && field->type != TM_T_I32S)
        tm_buf_add_c(out, ",\"format\":\"int64\"");
}

static void add_string(const tm_field_t *field, bool nullable, tm_buf_t *out)
{
    const tm_range_t range = tm_limit_range(field);
    add_type("string", nullable, out);
    if (range.min > 0)
        tm_buf_add_c(out, ",\"minLength\":1");
    tm_buf_printf(out, ",\"maxLength\":%lld", (long long)range.max);
}

static void add_words(const tm_words_t *words, bool nullable, tm_buf_t *out)
{
    add_type("string", nullable, out);
    tm_buf_add_c(out, ",\"enum\":[");
    for (unsigned i = 0; i < words->n; i++) {
        tm_buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", words->words[i]);
    }
    tm_buf_add_c(out, nullable ? ",null]" : "]");
}

static void add_list(const tm_field_t *field, bool nullable, tm_buf_t *out)
{
    add_type("array", nullable, out);
    tm_buf_printf(out, ",\"maxItems\":%u,\"items\":{", tm_limit_items(field));
    if (field->type == TM_T_STRS) {
        add_string(field, false, out);
    } else if (field->type == TM_T_I32S) {
        add_integer(field, false, out);
    } else {
        tm_buf_add_c(out, "\"$ref\":\"#/components/schemas/");
        tm_name_pascal(field->extra.sub->name, out);
        tm_buf_add_char(out, '"');
    }
    tm_buf_add_char(out, '}');
}

static void add_field(const tm_field_t *field, tm_buf_t *out)
{
    const bool nullable = (field->flags & TM_F_REQUIRED) == 0;
    tm_buf_add_c(out, field->key);
    tm_buf_add_char(out, '{');
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL: add_type("boolean", nullable, out); break;
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS: add_integer(field, nullable, out); break;
    case TM_T_DAY:
        add_type("string", nullable, out);
        tm_buf_add_c(out, ",\"format\":\"date\"");
        break;
    case TM_T_ID:
        add_type("string", nullable, out);
        tm_buf_printf(out, ",\"pattern\":\"^%s_[0-7][0-9a-hjkmnp-tv-z]{12}$\"",
                      field->extra.prefix);
        break;
    case TM_T_ENUM: add_words(field->extra.words, nullable, out); break;
    case TM_T_STR: add_string(field, nullable, out); break;
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS: add_list(field, nullable, out); break;
    }
    if ((field->flags & TM_F_READONLY) != 0)
        tm_buf_add_c(out, ",\"readOnly\":true");
    tm_buf_add_c(out, ",\"description\":");
    tm_json_write_str(tm_str(field->doc), out);
    tm_buf_add_char(out, '}');
}

static void add_record(const tm_desc_t *desc, tm_buf_t *out)
{
    tm_buf_add_char(out, '"');
    tm_name_pascal(desc->name, out);
    tm_buf_add_c(out, "\":{\"type\":\"object\",\"description\":");
    tm_json_write_str(tm_str(desc->doc), out);
    tm_buf_add_c(out, ",\"additionalProperties\":false,\n\"properties\":{");
    bool first = true;
    for (unsigned i = 0; i < desc->n_fields; i++) {
        if (!tm_field_is_public(&desc->fields[i]))
            continue;
        tm_buf_add_c(out, first ? "\n" : ",\n");
        first = false;
        add_field(&desc->fields[i], out);
    }
    tm_buf_add_c(out, "},\n\"required\":[");
    first = true;
    for (unsigned i = 0; i < desc->n_fields; i++) {
        if (!tm_field_is_public(&desc->fields[i]) || (desc->fields[i].flags & TM_F_REQUIRED) == 0)
            continue;
        tm_buf_printf(out, "%s\"%s\"", first ? "" : ",", desc->fields[i].name);
        first = false;
    }
    tm_buf_add_c(out, "]}");
}

void tm_openapi_schemas(tm_buf_t *out)
{
    for (unsigned i = 0; tm_parts[i] != NULL; i++) {
        add_record(tm_parts[i], out);
        tm_buf_add_c(out, ",\n");
    }
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        add_record(tm_entities[i], out);
        tm_buf_add_c(out, tm_entities[i + 1] == NULL ? "\n" : ",\n");
    }
}
