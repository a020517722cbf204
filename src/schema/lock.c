/* lock.c - everything of the schema that the journal relies on, one line each.
 *
 * Why:     an old journal must always replay: numbers of entities, fields and words may be
 *          added, never changed or reused.
 * How:     "field 12 buy_line 10 id campaign_id", "word stage 0 proposed"; parts have the entity
 *          number 0. tests/schema compares with db/schema.lock.
 * Threads: pure. */
#include "schema/derive.h"
#include "schema/record.h"

#define WORDS_MAX 128

static const char *const type_names[] = {
    [TM_T_BOOL] = "bool", [TM_T_I32] = "i32",   [TM_T_I64] = "i64",   [TM_T_CENTS] = "cents",
    [TM_T_DAY] = "day",   [TM_T_MS] = "ms",     [TM_T_ID] = "id",     [TM_T_ENUM] = "enum",
    [TM_T_STR] = "str",   [TM_T_STRS] = "strs", [TM_T_I32S] = "i32s", [TM_T_RECS] = "recs",
};

static void add_fields(const tm_desc_t *desc, tm_buf_t *out)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        tm_buf_printf(out, "field %u %s %u %s", desc->number, desc->name, field->number,
                      type_names[field->type]);
        if (field->type == TM_T_ENUM)
            tm_buf_printf(out, ":%s", field->extra.words->name);
        if (field->type == TM_T_RECS)
            tm_buf_printf(out, ":%s", field->extra.sub->name);
        tm_buf_printf(out, " %s\n", field->name);
    }
}

/* The words of a record's enumerations that were not listed yet. */
static void add_words(const tm_desc_t *desc, const tm_words_t *listed[WORDS_MAX], unsigned *n,
                      tm_buf_t *out)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_words_t *words = desc->fields[i].extra.words;
        unsigned at = 0;
        while (at < *n && listed[at] != words) {
            at++;
        }
        if (words == NULL || at < *n)
            continue;
        assert(*n < WORDS_MAX);
        listed[(*n)++] = words;
        for (unsigned w = 0; w < words->n; w++) {
            tm_buf_printf(out, "word %s %u %s\n", words->name, w, words->words[w]);
        }
    }
}

void tm_schema_lock(tm_buf_t *out)
{
    const tm_words_t *listed[WORDS_MAX];
    unsigned n = 0;
    for (unsigned i = 0; tm_parts[i] != NULL; i++) {
        add_fields(tm_parts[i], out);
    }
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        add_fields(tm_entities[i], out);
    }
    for (unsigned i = 0; tm_parts[i] != NULL; i++) {
        add_words(tm_parts[i], listed, &n, out);
    }
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        add_words(tm_entities[i], listed, &n, out);
    }
}
