/* directory_mappings.h - a source's columns; used by table.c only.
 *
 * Threads: the directory's turn. */
#ifndef TM_ACTORS_DIRECTORY_MAPPINGS_H
#define TM_ACTORS_DIRECTORY_MAPPINGS_H
#include "actors/directory.h"

/* Answers 200 with the mapping, or 422 with every fault. */
void directory_mapping_put(tm_turn_t *turn, directory_t *d, const tm_column_mapping_t *given);
#endif
