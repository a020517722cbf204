/* checkpoint.h - files that hold a state at one commit number: blocks with checksums, written
 * beside and renamed when they are whole.
 *
 * Why:     a start reads the newest good one and the journal behind it, not every commit there ever
 *          was; a damaged file must be known before anything of it is believed.
 * How:     head, blocks, foot, as docs/journal.md describes them. What the blocks hold is their
 *          writer's (runtime/cut.h). The foot has a checksum over all bytes and the hash of the
 *          state.
 * Threads: a writer or reader: its owner. */
#ifndef TM_STORE_CHECKPOINT_H
#define TM_STORE_CHECKPOINT_H
#include "base/digest.h"
#include "store/disk.h"
#include "store/limits.h"

#define TM_CHECKPOINT_NAME 32u /* "0000000000000001.checkpoint.new" and NUL */

typedef struct tm_checkpoint_head {
    uint64_t number;      /* of the last commit it holds, from 1 */
    tm_ms_t at;           /* when it was begun */
    tm_sha256_t chain;    /* hash of the chain at that commit, */
    tm_sha256_t identity; /* and at commit 1 */
} tm_checkpoint_head_t;

void tm_checkpoint_name(uint64_t number, char ret_name[TM_CHECKPOINT_NAME]);
/* Numbers of the files that are there, newest first, up to max. */
TM_MUST_CHECK tm_err_t tm_checkpoint_list(const tm_disk_t *disk, uint32_t max, uint64_t *ret,
                                          uint32_t *ret_n);
/* Removes unfinished ones, those beyond `good` (they were tried in vain), and all but the newest
 * `keep` of the rest. */
TM_MUST_CHECK tm_err_t tm_checkpoint_sweep(const tm_disk_t *disk, uint64_t good, uint32_t keep);

typedef struct tm_checkpoint_writer tm_checkpoint_writer_t;
/* keep_free: bytes that must stay free on the disk. Errors here and below: TM_EDISKFULL, TM_EIO;
 * then abandon it. */
TM_MUST_CHECK tm_err_t tm_checkpoint_create(const tm_disk_t *disk, const tm_checkpoint_head_t *head,
                                            uint64_t keep_free, tm_checkpoint_writer_t **ret,
                                            tm_why_t *why);
/* One block, of 1 to TM_CHECKPOINT_BLOCK_MAX bytes. */
TM_MUST_CHECK tm_err_t tm_checkpoint_add(tm_checkpoint_writer_t *writer, tm_str_t bytes,
                                         tm_why_t *why);
/* Whole, synced, and under its name. ret_bytes: of the file. The writer is freed if that succeeds.
 */
TM_MUST_CHECK tm_err_t tm_checkpoint_publish(tm_checkpoint_writer_t *writer,
                                             const tm_sha256_t *state, uint64_t *ret_bytes,
                                             tm_why_t *why);
/* Removes what was written. NULL is fine. */
void tm_checkpoint_abandon(TM_OWN tm_checkpoint_writer_t *writer);

typedef struct tm_checkpoint_reader tm_checkpoint_reader_t;
/* Errors here and below: TM_EDAMAGED, TM_EIO, each with the file's name in why. */
TM_MUST_CHECK tm_err_t tm_checkpoint_open(const tm_disk_t *disk, uint64_t number,
                                          tm_checkpoint_reader_t **ret,
                                          tm_checkpoint_head_t *ret_head, tm_why_t *why);
/* The next block, valid until the next call. TM_ENOTFOUND: that was the last, foot and all
 * checksums are right, *ret_state holds the state's hash. */
TM_MUST_CHECK tm_err_t tm_checkpoint_next(tm_checkpoint_reader_t *reader, tm_str_t *ret_bytes,
                                          tm_sha256_t *ret_state, tm_why_t *why);
void tm_checkpoint_close(TM_OWN tm_checkpoint_reader_t *reader); /* NULL is fine */
/* Reads all of it and believes nothing: TM_OK or what is wrong; TM_ENOTFOUND: it is not there. */
TM_MUST_CHECK tm_err_t tm_checkpoint_verify(const tm_disk_t *disk, uint64_t number,
                                            tm_checkpoint_head_t *ret_head, tm_why_t *why);
#endif
