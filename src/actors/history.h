/* history.h - every state the records of an actor ever had, played again in the order of its
 * commits.
 *
 * Why:     what follows from records (which papers joined, whose spelling a row shows, which name
 *          was first) follows from the order in which they came. So a past state and a state read
 *          from a checkpoint are made like a replay makes them, with the same functions.
 * How:     rows that keep their past (actors/past.h) give one event a change, sorted by version and
 *          by place in its commit. Rows of actors whose indexes do not depend on order keep none:
 *          one event each, by table and id.
 * Threads: the owner's. */
#ifndef TM_ACTORS_HISTORY_H
#define TM_ACTORS_HISTORY_H
#include "actors/tables.h"

typedef struct tm_history tm_history_t;
TM_OWN tm_history_t *tm_history_new(void);
void tm_history_free(TM_OWN tm_history_t *history); /* NULL is fine */
/* So many events will come, about. */
void tm_history_expect(tm_history_t *history, uint64_t events);
/* A row and what it was before, as far as that had begun at `version`; the row's reference is
 * taken. Rows come by table and id. O(commits that changed it). */
void tm_history_add(tm_history_t *history, TM_OWN tm_row_t *row, uint64_t version);

/* Whose records they are. */
typedef struct tm_player {
    void *state;
    tm_tables_t *tables;
    /* The row stands in the table now. touched: the fields that changed, NULL: the whole record. */
    void (*take)(void *state, const tm_row_t *row, const tm_has_t *touched);
    void (*committed)(void *state, const tm_commit_head_t *head); /* NULL: keeps no versions */
} tm_player_t;
/* All events up to `version`, each version's end told by committed with its instant (versions NULL:
 * none). Once. Errors: TM_EDAMAGED a version without events, or events without a version. */
TM_MUST_CHECK tm_err_t tm_history_play(tm_history_t *history, const tm_player_t *player,
                                       uint64_t version, const tm_versions_t *versions);
#endif
