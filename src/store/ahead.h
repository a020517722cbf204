/* ahead.h - a journal's commits read, checked and decoded ahead of whoever applies them.
 *
 * Why:     a start waits for the applying thread alone; what needs no state is done beside it.
 * How:     a thread of its own runs tm_journal_replay and fills batches; a few batches go around.
 *          What was read before a bad record is given before its error, as without the thread.
 * Threads: the caller's, and one that begins and ends with the call. */
#ifndef TM_STORE_AHEAD_H
#define TM_STORE_AHEAD_H
#include "runtime/commit.h"
#include "store/journal.h"

/* view NULL: the body cannot be decoded; the callee finds out why. All stay during the call. */
typedef tm_err_t tm_ahead_each_fn(void *ctx, uint64_t number, tm_str_t body,
                                  const tm_commit_view_t *view, tm_why_t *why);
/* On the calling thread, with step 0, 1 and 2 for most decoded commits, some commits before their
 * turn: what they will need may be fetched into the cache. */
typedef void tm_ahead_soon_fn(void *ctx, const tm_commit_view_t *view, uint32_t step);
/* As tm_journal_replay without its chain, each called on the calling thread. Cost: four batches of
 * 128 commits or 256 KiB of bodies, with what they decode to. Errors: also TM_EUNAVAILABLE, there
 * is no thread to be had. */
TM_MUST_CHECK tm_err_t tm_journal_replay_ahead(tm_journal_t *journal, uint64_t from,
                                               tm_ahead_each_fn *each, tm_ahead_soon_fn *soon,
                                               void *ctx, tm_why_t *why);
#endif
