/* parts.h - an actor's picture as parts of a checkpoint, and back.
 *
 * Why:     all kinds keep records in tables; what else they hold follows from them.
 * How:     a head ('h': version, instants of the versions), then the records ('r': the packed row
 *          and its past, newest step first). A kind may have parts of its own.
 * Threads: writing: any that holds the picture. Reading: boot. */
#ifndef TM_ACTORS_PARTS_H
#define TM_ACTORS_PARTS_H
#include "actors/history.h"
#include "runtime/wire.h"

/* The part at *at, in phase 0 and 1; versions NULL: it keeps none. false: there is none any more,
 * the phase is 2 then. */
bool tm_view_part(const tm_view_t *view, const tm_versions_t *versions, tm_part_at_t *at,
                  tm_buf_t *out);
/* For kinds whose snapshot is a plain view. */
bool tm_plain_part(const void *picture, tm_part_at_t *at, tm_buf_t *out);

/* What was read so far of an actor; NULL: nothing. */
typedef struct tm_parts tm_parts_t;
void tm_parts_free(TM_OWN tm_parts_t *parts); /* NULL is fine */
/* A kind's `take`: the next part; at the end (p NULL) all are played into the player and freed.
 * *ret_version: of the head, written at the end. actor: for the message. Errors: TM_EDAMAGED. */
TM_MUST_CHECK tm_err_t tm_parts_read(tm_parts_t **parts, const tm_player_t *player, uint32_t actor,
                                     tm_str_t part, uint64_t *ret_version, tm_why_t *why);
#endif
