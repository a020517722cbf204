/* directory_mappings.h - a source's columns; used by table.c only.
 *
 * Threads: the directory's turn. */
#ifndef TM_ACTORS_DIRECTORY_MAPPINGS_H
#define TM_ACTORS_DIRECTORY_MAPPINGS_H
#include "actors/directory.h"

/* Answers 200 with the mapping, or 422 with every fault. */
void directory_mapping_put(tm_turn_t *turn, directory_t *d, const tm_column_mapping_t *given);
/* The input was read without a result that a mapping of columns could not change: its sheet's
 * layout was not known, or no row of it could be read. */
bool directory_input_waits(const directory_t *d, tm_id_t input, tm_arena_t *arena);
/* What that reading said of the sheet is settled. O(exceptions of no campaign). */
void directory_close_row_exceptions(tm_turn_t *turn, directory_t *d, tm_id_t input);
#endif
