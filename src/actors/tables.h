/* tables.h - the records an actor holds: packed rows by entity and id, changed only by apply.
 *
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_TABLES_H
#define TM_ACTORS_TABLES_H
#include "actors/view.h"
#include "runtime/turn.h"

typedef struct tm_tables {
    tm_trie_t t[TM_VIEW_TABLES];
    uint64_t version; /* of the last tm_tables_apply_at, */
    uint32_t place;   /* and how many changes of that version came before it */
    tm_arena_t *scratch; /* while a record is patched */
} tm_tables_t;

void tm_tables_done(tm_tables_t *tables);
const tm_row_t *tm_tables_get(const tm_tables_t *tables, const tm_desc_t *desc,
                              tm_id_t id); /* borrowed; NULL: none */
/* The record unpacked into the arena, NULL: none. */
void *tm_tables_read(const tm_tables_t *tables, const tm_desc_t *desc, tm_id_t id,
                     tm_arena_t *arena);
/* The next row in order of id with a counter >= *counter; NULL at the end; to go on: *counter + 1.
 * */
const tm_row_t *tm_tables_next(const tm_tables_t *tables, const tm_desc_t *desc, uint32_t *counter);
/* Applies one change; the returned row (borrowed) is the record as it stands now. */
const tm_row_t *tm_tables_apply(tm_tables_t *tables, const tm_change_t *change);
/* The same; the row remembers that it became so at `version`, and what it was before
 * (actors/past.h). */
const tm_row_t *tm_tables_apply_at(tm_tables_t *tables, const tm_change_t *change,
                                   uint64_t version);
/* Gives all tables to a view made by the caller; or makes a plain view of them. */
void tm_tables_share(const tm_tables_t *tables, tm_view_t *view);
TM_OWN tm_view_t *tm_tables_view(const tm_tables_t *tables, uint32_t actor, uint64_t version);
void tm_view_done(tm_view_t *view); /* the tables of a view; its memory stays */
/* All rows of a view, a kind's `hash` where that is a plain one. picture NULL: none. */
void tm_view_hash(const void *picture, void (*add)(void *ctx, const void *p, size_t n), void *ctx);

/* Sets the common fields of a new record: id, version 1, created and updated now. `record` begins
 * with has, then the common fields
 * of entities/common.h, which every entity lists first. */
void tm_record_stamp_new(void *record, tm_id_t id, tm_ms_t now);
/* For a patch of a record: version + 1 and updated_ms, marked as touched. */
void tm_record_stamp_patch(void *record, tm_has_t *touched, int64_t old_version, tm_ms_t now);
/* Sets a field of a patch, its presence and that it is touched. */
#define TM_SET_TOUCHED(rec, touched, UP, field, ...) \
    (TM_SET(rec, UP, field, __VA_ARGS__), (void)TM_TOUCH((touched), UP##_##field))
#define TM_TOUCH(touched_ptr, index) \
    ((touched_ptr)->w[(unsigned)(index) >> 6] |= UINT64_C(1) << ((unsigned)(index)&63))

/* Answers with the record as JSON, its version for the ETag and, when `path` is not NULL,
 * Location: path + id. */
void tm_answer_record(tm_turn_t *turn, int status, const tm_desc_t *desc, const void *record,
                      const char *path);
/* Faults found while deciding; answers the first one's status when there is any. true: failed. */
bool tm_answer_faults(tm_turn_t *turn, const tm_why_t *why);
#endif
