/* rebuild.h - a database made anew from the state, whatever is in it.
 *
 * Why:     a copy that is too old, of another course or broken needs the journal from its first
 *          commit, which may be gone; the state is always there.
 * How:     positions are forgotten first and written last, so that a rebuild that was cut off
 *          leaves a database that nobody takes for a copy.
 * Threads: the owner's; nobody else may write to the database. */
#ifndef TM_STORE_REBUILD_H
#define TM_STORE_REBUILD_H
#include "store/position.h"

typedef struct tm_rebuild tm_rebuild_t;
/* Connects; drops our tables and makes them. Errors: TM_EINVALID the url; TM_ECONFLICT tables of
 * these names hold rows that no projection wrote; as database.h. */
TM_MUST_CHECK tm_err_t tm_rebuild_new(tm_str_t url, tm_rebuild_t **ret, tm_why_t *why);
void tm_rebuild_free(TM_OWN tm_rebuild_t *rebuild); /* NULL is fine */
/* A record as it is at commit `seq`, packed. Errors: as database.h; TM_EDAMAGED. */
TM_MUST_CHECK tm_err_t tm_rebuild_put(tm_rebuild_t *rebuild, const tm_desc_t *desc, tm_id_t id,
                                      tm_str_t bytes, uint64_t seq, tm_why_t *why);
/* A commit of the journal: the key of its request. */
TM_MUST_CHECK tm_err_t tm_rebuild_commit(tm_rebuild_t *rebuild, uint64_t number, tm_str_t body,
                                         tm_why_t *why);
/* The rest, and the positions: all lanes at `at`. */
TM_MUST_CHECK tm_err_t tm_rebuild_end(tm_rebuild_t *rebuild, const tm_position_t *at,
                                      tm_why_t *why);
uint64_t tm_rebuild_rows(const tm_rebuild_t *rebuild);
uint32_t tm_rebuild_lanes(const tm_rebuild_t *rebuild);
#endif
