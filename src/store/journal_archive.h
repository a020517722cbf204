/* journal_archive.h - which commits lie in segments that were moved into the archive. Only
 * journal*.c include this.
 *
 * Threads: any that may block; begin and identify: boot. */
#ifndef TM_STORE_JOURNAL_ARCHIVE_H
#define TM_STORE_JOURNAL_ARCHIVE_H
#include "store/journal_state.h"

/* Where the batch with that commit stands, in the archive or not. Errors: TM_ENOTFOUND it is not
 * kept; TM_EDAMAGED; TM_EIO. In the archive O(log segments) files are opened. */
TM_MUST_CHECK tm_err_t tm_journal_find(tm_journal_t *journal, uint64_t number,
                                       tm_journal_mark_t *ret);
/* The oldest segment that is kept without a gap up to those that are not in the archive. */
uint64_t tm_archive_begin(tm_journal_t *journal);
/* Learns the journal's identity, if the archive holds commit 1. */
void tm_archive_identify(tm_journal_t *journal);
#endif
