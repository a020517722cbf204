/* state.h - all state of a data folder, made from checkpoint and journal by a command that serves
 * nobody.
 *
 * Why:     replay, rebuild and check-database need the same state; none of them changes the folder.
 * Threads: main. */
#ifndef TM_APP_STATE_H
#define TM_APP_STATE_H
#include "store/recovery.h"
#include "schema/schema.h"

/* Errors: TM_ENOTFOUND, with why: there is no journal in the folder. */
TM_MUST_CHECK tm_err_t tm_state_has_journal(const char *data, tm_why_t *why);
/* Opens DIR/journal for reading. Errors: TM_ENOTFOUND there is none; as tm_journal_open. */
TM_MUST_CHECK tm_err_t tm_state_journal(const char *data, tm_disk_t *ret_disk, tm_journal_t **ret,
                                        tm_journal_info_t *ret_info, tm_why_t *why);
/* The folder of checkpoints; false: there is none, and none is made. */
bool tm_state_checkpoints(const char *data, tm_disk_t *ret);

typedef struct tm_state {
    tm_disk_t disk;
    tm_journal_t *journal;
    tm_journal_info_t info;
    tm_recovery_t recovery; /* rt: only applied, never started */
} tm_state_t;
/* full: from the journal alone. Errors: as tm_recover; then there is nothing to close. */
TM_MUST_CHECK tm_err_t tm_state_open(const char *data, bool full, tm_state_t *ret, tm_why_t *why);
void tm_state_close(tm_state_t *state);
/* Every record of every actor, packed, until fn gives an error. The bytes stay as long as the
 * state. */
typedef tm_err_t tm_record_fn(void *ctx, const tm_desc_t *desc, tm_id_t id, tm_str_t bytes,
                              tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_state_each(const tm_state_t *state, tm_record_fn *fn, void *ctx,
                                     tm_why_t *why);
#endif
