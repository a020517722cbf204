/* journal_format.h - what stands in a segment of the journal, byte by byte; see docs/journal.md.
 *
 * How:     files NNNNNNNNNN.log (ten digits, from 0000000001, without gaps), filled with zeros
 *          before use; NAME.new is unfinished. All numbers are little-endian. Offset, bytes:
 *
 *   segment                      batch                         commit
 *    0  8  "TMJSEG1\n"            0  4  "TMB1"                   0   4  n, bytes of the body, > 0
 *    8  4  format, 1              4  4  its commits, or 0        4   4  CRC32C of 0..3, 8..47+n
 *   12  4  bytes of it, 64        8  8  number of the first      8   8  number, from 1, no gaps
 *   16  8  number of it          16  8  highest durable one     16   n  body (runtime/commit.h)
 *   24  8  bytes of the file     24  8  salt of the segment   16+n  32  hash of the chain
 *   32  8  salt, random          32  4  bytes of its commits
 *   40 20  zeros                 36  4  own offset in the file
 *   60  4  CRC32C of 0..59       40  4  zeros
 *                                44  4  CRC32C of 0..43
 *
 *          A segment is its head, then batches without gaps, then zeros. A batch is written by one
 *          write and synced before the next one; a batch of 0 commits only states what is durable.
 *          chain(n) = SHA-256(chain(n-1), number, body), chain(0) = 0. The salt is secret: bytes
 *          that somebody sent us inside a body can never pass for a batch after a crash.
 * Threads: pure. */
#ifndef TM_STORE_JOURNAL_FORMAT_H
#define TM_STORE_JOURNAL_FORMAT_H
#include "base/digest.h"
#include "store/limits.h"

#define TM_SEGMENT_HEAD 64u
#define TM_BATCH_HEAD 48u
#define TM_COMMIT_HEAD 16u
#define TM_COMMIT_FRAME (TM_COMMIT_HEAD + (uint32_t)sizeof(tm_sha256_t)) /* around the body */
#define TM_SEGMENT_NAME 20u  /* "0000000001.log.new" and NUL */
#define TM_ARCHIVED_NAME 28u /* "archive/0000000001.log" and NUL */
#define TM_SEGMENT_BYTES_MIN 4096u

typedef struct tm_segment_head {
    uint64_t index, bytes, salt;
} tm_segment_head_t;
typedef struct tm_batch_head {
    uint64_t first, durable, salt;
    uint32_t count, bytes, offset;
} tm_batch_head_t;
typedef struct tm_record {
    uint64_t number;
    tm_str_t body;
    const char *hash; /* 32 bytes */
} tm_record_t;

/* Numbers as all files of the store hold them. */
void tm_le32_put(char *p, uint32_t v);
void tm_le64_put(char *p, uint64_t v);
uint32_t tm_le32_get(const char *p);
uint64_t tm_le64_get(const char *p);

void tm_segment_name(uint64_t index, bool unfinished, char ret_name[TM_SEGMENT_NAME]);
/* Its name when it was moved away because a checkpoint holds what it led to. */
void tm_segment_archived(uint64_t index, char ret_name[TM_ARCHIVED_NAME]);
/* false: not the name of a finished segment. */
bool tm_segment_name_parse(const char *name, uint64_t *ret_index);

void tm_segment_head_write(const tm_segment_head_t *head, char ret[TM_SEGMENT_HEAD]);
/* false: not a head of ours, or damaged. */
bool tm_segment_head_read(const char p[TM_SEGMENT_HEAD], tm_segment_head_t *ret);
void tm_batch_head_write(const tm_batch_head_t *head, char ret[TM_BATCH_HEAD]);
bool tm_batch_head_read(const char p[TM_BATCH_HEAD], tm_batch_head_t *ret);

/* Writes frame and body to ret, TM_COMMIT_FRAME + body.n bytes. */
void tm_record_write(uint64_t number, tm_str_t body, const tm_sha256_t *hash, char *ret);
/* Bytes of the whole record by its first TM_COMMIT_HEAD bytes; not yet checked. */
uint64_t tm_record_bytes(const char p[TM_COMMIT_HEAD]);
/* p: the whole record. false: the checksum does not fit. ret points into p. */
bool tm_record_read(const char *p, uint64_t bytes, tm_record_t *ret);

/* The next hash of the chain. scratch: any buffer the caller keeps for this. */
struct tm_buf;
tm_sha256_t tm_chain_next(const tm_sha256_t *before, uint64_t number, tm_str_t body,
                          struct tm_buf *scratch);
#endif
