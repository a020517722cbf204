/* typescript.c - the records as TypeScript interfaces for the browser application.
 *
 * Why:     a field that is renamed here must break the build there.
 * How:     answers hold every field, absent ones as null. Enumerations become unions of words,
 *          each once.
 * Threads: pure. */
#include "schema/derive.h"
#include "schema/naming.h"
#include "schema/record.h"

#define WORDS_MAX 128

typedef struct seen {
    const tm_words_t *v[WORDS_MAX];
    unsigned n;
} seen_t;

/* The unions of the words that a record uses and no record before it did. */
static void add_unions(const tm_desc_t *desc, seen_t *seen, tm_buf_t *out)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_words_t *words = desc->fields[i].extra.words;
        unsigned at = 0;
        while (at < seen->n && seen->v[at] != words) {
            at++;
        }
        if (words == NULL || at < seen->n || !tm_field_is_public(&desc->fields[i]))
            continue;
        assert(seen->n < WORDS_MAX);
        seen->v[seen->n++] = words;
        tm_buf_add_c(out, "export type ");
        tm_name_pascal(words->name, out);
        tm_buf_add_c(out, " =");
        for (unsigned w = 0; w < words->n; w++) {
            tm_buf_printf(out, "%s\"%s\"", w == 0 ? " " : " | ", words->words[w]);
        }
        tm_buf_add_c(out, ";\n");
    }
}

static void add_type(const tm_field_t *field, tm_buf_t *out)
{
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL: tm_buf_add_c(out, "boolean"); return;
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS: tm_buf_add_c(out, "number"); return;
    case TM_T_DAY:
    case TM_T_ID:
    case TM_T_STR: tm_buf_add_c(out, "string"); return;
    case TM_T_ENUM: tm_name_pascal(field->extra.words->name, out); return;
    case TM_T_STRS: tm_buf_add_c(out, "string[]"); return;
    case TM_T_I32S: tm_buf_add_c(out, "number[]"); return;
    case TM_T_RECS:
        tm_name_pascal(field->extra.sub->name, out);
        tm_buf_add_c(out, "[]");
        return;
    }
}

static void add_interface(const tm_desc_t *desc, tm_buf_t *out)
{
    tm_buf_printf(out, "\n/** %s */\nexport interface ", desc->doc);
    tm_name_pascal(desc->name, out);
    tm_buf_add_c(out, " {\n");
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        if (!tm_field_is_public(field))
            continue;
        tm_buf_printf(out, "  /** %s */\n  %s%s: ", field->doc,
                      (field->flags & TM_F_READONLY) != 0 ? "readonly " : "", field->name);
        add_type(field, out);
        tm_buf_add_c(out, (field->flags & TM_F_REQUIRED) != 0 ? ";\n" : " | null;\n");
    }
    tm_buf_add_c(out, "}\n");
}

void tm_typescript(tm_buf_t *out)
{
    seen_t seen = {.n = 0};
    tm_buf_add_c(
        out,
        "// The records of TrailMix, made from src/schema by `trailmix dump ts`. Do not edit.\n\n");
    for (unsigned i = 0; tm_parts[i] != NULL; i++) {
        add_unions(tm_parts[i], &seen, out);
    }
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        add_unions(tm_entities[i], &seen, out);
    }
    for (unsigned i = 0; tm_parts[i] != NULL; i++) {
        add_interface(tm_parts[i], out);
    }
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        add_interface(tm_entities[i], out);
    }
}
