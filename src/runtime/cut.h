/* cut.h - the state of all actors at one commit number: taken in passing, written out at leisure,
 * put back at the next start.
 *
 * Why:     a start must not need all commits there ever were.
 * How:     a commit without bytes takes its place in the journal's queue. When it is released all
 *          turns before it are durable as a whole and none behind it is, so the newest pictures,
 *          the outboxes and the counters that the journal's thread keeps are the state at one
 *          number; taking them is a reference an actor. What a cut is written to is a sequence of
 *          pieces (docs/journal.md names their items) which any program that holds all of them in
 *          order can read back.
 * Threads: take: any. now, restore: when nothing runs. The cut: its owner. */
#ifndef TM_RUNTIME_CUT_H
#define TM_RUNTIME_CUT_H
#include "runtime/runtime.h"

typedef struct tm_cut tm_cut_t;
/* Called once on the journal's thread, O(actors + channels + waiting sends); cut NULL: the journal
 * was thrown away (tm_runtime_drop). */
typedef void tm_cut_fn(void *ctx, TM_OWN tm_cut_t *cut);
void tm_runtime_cut(tm_runtime_t *rt, tm_cut_fn *fn, void *ctx);
/* At once: the runtime was stopped, or only replayed and started. */
TM_OWN tm_cut_t *tm_runtime_cut_now(tm_runtime_t *rt);
/* The runtime outlives its cuts. NULL is fine. */
void tm_cut_free(TM_OWN tm_cut_t *cut);

uint64_t tm_cut_number(const tm_cut_t *cut); /* of the last commit it holds; 0: none */
/* Appends the next items, until `enough` bytes are there or the end is reached. false: all were
 * written, nothing was added. */
bool tm_cut_next(tm_cut_t *cut, size_t enough, tm_buf_t *out);
/* What tm_runtime_hash gives of that state; after the end. */
tm_sha256_t tm_cut_hash(const tm_cut_t *cut);

/* Into a runtime that has replayed nothing: the pieces in order, then the end, which makes what
 * follows from the records and checks the hash. Replay goes on behind `number`. Errors: TM_EDAMAGED
 * with why; the runtime is good for nothing then. */
TM_MUST_CHECK tm_err_t tm_runtime_restore(tm_runtime_t *rt, tm_str_t piece, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_runtime_restored(tm_runtime_t *rt, uint64_t number,
                                           const tm_sha256_t *hash, tm_why_t *why);
#endif
