/* record.h - what can be done with any record: copy, compare, validate, look up, list of all
 * entities.
 *
 * Threads: pure. */
#ifndef TM_SCHEMA_RECORD_H
#define TM_SCHEMA_RECORD_H
#include "base/digest.h"
#include "schema/schema.h"

/* every entity with a number, ascending; NULL-terminated */
extern const tm_desc_t *const tm_entities[];
extern const tm_desc_t *const tm_parts[];              /* records inside others; NULL-terminated */
const tm_desc_t *tm_entity_by_number(uint16_t number); /* NULL: unknown */
const tm_desc_t *tm_entity_by_name(tm_str_t name);
/* Index of the field with that name, -1: none. */
int tm_field_find(const tm_desc_t *desc, tm_str_t name);
/* The same, looking first from index `from` on: for names that come in order. */
int tm_field_find_from(const tm_desc_t *desc, tm_str_t name, unsigned from);

/* Deep copy into an arena. NULL: the arena is full. */
void *tm_record_copy(const tm_desc_t *desc, const void *record, tm_arena_t *arena);
/* present fields and values */
bool tm_record_equal(const tm_desc_t *desc, const void *a, const void *b);
/* The fields in which they differ. */
tm_has_t tm_record_diff(const tm_desc_t *desc, const void *a, const void *b);
/* Required fields, ranges, words, lengths, then on_validate. Adds every fault; TM_OK or the
 * first error. */
TM_MUST_CHECK tm_err_t tm_record_validate(const tm_desc_t *desc, const void *record, tm_why_t *why);

/* Brings a record that no person sent (read from a document) within the limits of its fields: texts
 * are cut at a character, lists at their length, numbers and days out of range become absent. In
 * place; strings and lists may be shared with their owner, which is not changed. Returns how many
 * values were changed. */
uint32_t tm_record_clamp(const tm_desc_t *desc, void *record);

/* An enumeration's word <-> value. tm_words_find: -1 if unknown. */
int tm_words_find(const tm_words_t *words, tm_str_t word);
static inline const char *tm_words_name(const tm_words_t *words, tm_enum_t v)
{
    assert(v.v < words->n);
    return words->words[v.v];
}

/* A random valid record, everything in the arena; the same seed gives the same record. For tests
 * and benches. */
void *tm_record_random(const tm_desc_t *desc, uint64_t *seed, tm_arena_t *arena);
#endif
