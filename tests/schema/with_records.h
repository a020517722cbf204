/* with_records.h - what the tests of the schema share: all descriptors, random numbers, records
 * without hidden fields. */
#ifndef TM_TESTS_SCHEMA_WITH_RECORDS_H
#define TM_TESTS_SCHEMA_WITH_RECORDS_H
#include "schema/record.h"

#define DESCS_MAX 200

/* Entities and parts; returns their number. */
unsigned all_descs(const tm_desc_t *ret[DESCS_MAX]);
uint64_t next_random(uint64_t *seed);
/* Clears fields that JSON does not show; hidden: flags of those. In place, records of lists too. */
void hide_fields(const tm_desc_t *desc, void *record, uint32_t hidden);
/* Absent lists become empty ones, in records within too, except fields with one of the hidden
 * flags: what comes back from JSON that was written with all fields. */
void empty_absent_lists(const tm_desc_t *desc, void *record, uint32_t hidden);
#endif
