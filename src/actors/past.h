/* past.h - what a record was before: by version of its actor, back to the commit that made it; and
 * when each version was.
 *
 * Why:     whoever asks what was known on a day must get what was shown then, to the cent, while
 *          changes go on and without asking the actor.
 * How:     a row points to the newest of a chain of immutable nodes, each with the old values of
 *          the fields one commit changed (a patch backwards) and the version at which they had
 *          begun. A step back costs what that commit touched; rows that were never changed keep
 *          nothing. Nodes are shared by reference between a row and its successor.
 * Threads: nodes are immutable: any. A row is made by its actor's turn. */
#ifndef TM_ACTORS_PAST_H
#define TM_ACTORS_PAST_H
#include "actors/view.h"

struct tm_wire; /* runtime/wire.h */

/* Gives `row`, which takes the place of `old` at `version`, its past. touched NULL: the whole
 * record was replaced. old_record: old, unpacked. old NULL: the record is new. place: among the
 * changes of that commit. */
void tm_past_begin(tm_row_t *row, const tm_row_t *old, const void *old_record,
                   const tm_has_t *touched, uint64_t version, uint32_t place);
void tm_past_unref(TM_OWN tm_past_t *past);  /* NULL is fine; does not recurse */
size_t tm_past_bytes(const tm_past_t *past); /* memory of this step alone */

/* Walks back from what a row is: record holds it (in the arena), since tells the version at which
 * it became so. */
typedef struct tm_back {
    const tm_row_t *row;
    const tm_past_t *next;
    tm_arena_t *arena;
    void *record;
    uint64_t since;
    uint32_t place; /* among the changes of that commit */
} tm_back_t;
/* false: the arena is full. */
bool tm_back_begin(tm_back_t *back, const tm_row_t *row, tm_arena_t *arena);
/* One commit further back: record is what it was then, ret_touched (may be NULL) the fields that
 * differ or may differ. false: nothing is known before, the record began at `since` (or the arena
 * is full). */
bool tm_back_step(tm_back_t *back, tm_has_t *ret_touched);
/* What it is became so because the whole record was put, new or replaced; else a step back tells
 * the fields that were changed. */
bool tm_back_is_put(const tm_back_t *back);

/* What `back` stands at as a row of its own, with the same bytes as then. */
TM_OWN tm_row_t *tm_back_row(const tm_back_t *back);

/* The record as it was at a version: the row itself with another reference, or one made by
 * tm_back_row; NULL: there was none yet. O(commits since). */
TM_OWN tm_row_t *tm_row_at(tm_row_t *row, uint64_t version);

/* For checkpoints: the steps, newest first, each varint(since * 2 + whole), place and bytes; then a
 * 0. past NULL: none. */
void tm_past_write(const tm_past_t *past, tm_buf_t *out);
TM_OWN tm_past_t *tm_past_read(struct tm_wire *in); /* NULL: none, or in->bad */
#endif
