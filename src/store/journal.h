/* journal.h - the truth: one ordered log of commits in segments, with checksums, a hash chain
 * and group commit.
 *
 * Why:     what is acknowledged survives kill -9; journal = audit log = change history.
 * How:     see the format at the top of journal_format.h. One thread takes pushed lists, writes one
 *          batch, syncs once, releases.
 * Threads: reserve, push, stats: any. open, replay, verify: before start. step: whoever runs the
 *          journal without a thread. */
#ifndef TM_STORE_JOURNAL_H
#define TM_STORE_JOURNAL_H
#include "base/digest.h"
#include "runtime/commit.h"
#include "store/disk.h"

typedef struct tm_journal tm_journal_t;
typedef struct tm_journal_options {
    tm_disk_t disk;
    uint64_t segment_bytes; /* JOURNAL_SEGMENT_MB, 16 MiB by default */
    /* Called once, on the journal's thread, when a write or sync failed: the process must end
     * with this message. */
    void (*on_fatal)(void *ctx, const char *message);
    void *ctx;
} tm_journal_options_t;

/* Opens for reading: finds segments, checks, finds the end. Torn tail: told in ret_info. Errors:
 * TM_EDAMAGED with segment, offset and commit number in why; TM_EIO. Changes nothing on disk. */
typedef struct tm_journal_info {
    uint64_t commits, first, last, segments, bytes, torn_bytes;
} tm_journal_info_t;
TM_MUST_CHECK tm_err_t tm_journal_open(const tm_journal_options_t *options, tm_journal_t **ret,
                                       tm_journal_info_t *ret_info, tm_why_t *why);
/* Every commit in order, from `from` on (0: from the oldest that is kept, archived ones too); each
 * returns TM_OK or stops it. Checks CRC32C always, the hash chain too with `chain`. Errors of its
 * own: TM_ENOTFOUND `from` is not kept. */
typedef tm_err_t tm_journal_each_fn(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_journal_replay(tm_journal_t *journal, uint64_t from, bool chain,
                                         tm_journal_each_fn *each, void *ctx, tm_why_t *why);
/* Moves every segment that ends before commit `number` into the folder archive/: nothing is
 * deleted, and every reader finds it there. number: durable. For one job thread at a time. Errors:
 * TM_EIO, TM_EDISKFULL. */
TM_MUST_CHECK tm_err_t tm_journal_archive(tm_journal_t *journal, uint64_t number,
                                          uint64_t *ret_moved, tm_why_t *why);
/* Makes it writable: copies the valid rest of the last segment into a new one, syncs, prepares
 * the spare segment. A disk that is full then is no error for the spare: reserve refuses.
 * Errors: TM_EDISKFULL no room for the copy; TM_EIO. */
TM_MUST_CHECK tm_err_t tm_journal_begin(tm_journal_t *journal, tm_why_t *why);
/* Starts the journal's thread. Without it tm_journal_step does one batch; false: nothing was
 * waiting. */
TM_MUST_CHECK tm_err_t tm_journal_start(tm_journal_t *journal);
bool tm_journal_step(tm_journal_t *journal);
/* Called (on the journal's thread) after the commits of a batch were released. Before start. */
void tm_journal_on_released(tm_journal_t *journal, void (*fn)(void *ctx), void *ctx);
/* Writes what was pushed, states the durable number, joins the thread. */
void tm_journal_stop(tm_journal_t *journal);
void tm_journal_free(TM_OWN tm_journal_t *journal);

/* Room for one commit of at most that many body bytes (its `reserved`); given back when it is
 * written. Errors: TM_EDISKFULL; TM_EBUSY room is being made at this moment; TM_ETOOLARGE larger
 * than a segment; TM_ESTOPPING. Wait-free but for the retry. */
TM_MUST_CHECK tm_err_t tm_journal_reserve(tm_journal_t *journal, size_t bytes);
void tm_journal_push(tm_journal_t *journal, TM_OWN tm_commit_t *first, tm_commit_t *last);

/* The body of one durable commit, copied into out. Errors: TM_ENOTFOUND, TM_EDAMAGED, TM_EIO.
 * For job threads. */
TM_MUST_CHECK tm_err_t tm_journal_read(tm_journal_t *journal, uint64_t number, tm_buf_t *out);
/* Who this journal is: the chain's hash at its first commit, the same for ever. false: it has
 * none yet. */
bool tm_journal_identity(tm_journal_t *journal, tm_sha256_t *ret);
/* Somebody else knows who it is: its first commit is not kept. Nothing if it is known. */
void tm_journal_set_identity(tm_journal_t *journal, const tm_sha256_t *chain);
/* The chain's hash at a durable commit: two journals with the same one agree up to there.
 * Errors: as tm_journal_read. */
TM_MUST_CHECK tm_err_t tm_journal_chain(tm_journal_t *journal, uint64_t number, tm_sha256_t *ret);
uint64_t tm_journal_durable(const tm_journal_t *journal); /* highest durable commit number */
uint64_t tm_journal_written(const tm_journal_t *journal); /* bytes since it was opened */
bool tm_journal_is_full(const tm_journal_t *journal);     /* writes answer 507 at the moment */

/* A reader that follows the log at its own pace (projector), made after begin. Only durable
 * commits are seen. */
typedef struct tm_journal_cursor tm_journal_cursor_t;
/* after: the last number that is not wanted. Errors: TM_ENOTFOUND commits behind it are no
 * longer kept. */
TM_MUST_CHECK tm_err_t tm_journal_cursor_new(tm_journal_t *journal, uint64_t after,
                                             tm_journal_cursor_t **ret);
/* The next durable commit; TM_ENOTFOUND: none yet. body is valid until the next call. */
TM_MUST_CHECK tm_err_t tm_journal_cursor_next(tm_journal_cursor_t *cursor, uint64_t *ret_number,
                                              tm_str_t *ret_body, tm_why_t *why);
/* The chain's hash at the commit that next gave last; there must be one. */
const tm_sha256_t *tm_journal_cursor_chain(const tm_journal_cursor_t *cursor);
void tm_journal_cursor_free(TM_OWN tm_journal_cursor_t *cursor);
/* Called (on the journal's thread) after every batch; e.g. wakes a projector. One listener; fn
 * NULL: none. It must be short and not call this function. Once this has returned the listener
 * before is called no more. */
void tm_journal_on_durable(tm_journal_t *journal, void (*fn)(void *ctx, uint64_t number),
                           void *ctx);
#endif
