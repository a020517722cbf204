/* journal_format.c - segment heads, batch heads and commits to bytes and back.
 *
 * Threads: pure. */
#include "store/journal_format.h"
#include "base/buf.h"
#include <stdio.h>

#define FORMAT 1u
#define INDEX_DIGITS 10u

static const char segment_magic[8] = {'T', 'M', 'J', 'S', 'E', 'G', '1', '\n'};
static const char batch_magic[4] = {'T', 'M', 'B', '1'};

void tm_le32_put(char *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (char)(v >> 8 * i & 0xff);
    }
}

void tm_le64_put(char *p, uint64_t v)
{
    tm_le32_put(p, (uint32_t)v);
    tm_le32_put(p + 4, (uint32_t)(v >> 32));
}

uint32_t tm_le32_get(const char *p)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        v |= (uint32_t)(uint8_t)p[i] << 8 * i;
    }
    return v;
}

uint64_t tm_le64_get(const char *p)
{
    return tm_le32_get(p) | (uint64_t)tm_le32_get(p + 4) << 32;
}

void tm_segment_name(uint64_t index, bool unfinished, char ret_name[TM_SEGMENT_NAME])
{
    assert(index > 0 && index <= UINT64_C(9999999999));
    snprintf(ret_name, TM_SEGMENT_NAME, "%010llu.log%s", (unsigned long long)index,
             unfinished ? ".new" : "");
}

void tm_segment_archived(uint64_t index, char ret_name[TM_ARCHIVED_NAME])
{
    char name[TM_SEGMENT_NAME];
    tm_segment_name(index, false, name);
    snprintf(ret_name, TM_ARCHIVED_NAME, "archive/%s", name);
}

bool tm_segment_name_parse(const char *name, uint64_t *ret_index)
{
    if (strlen(name) != INDEX_DIGITS + 4 || strcmp(name + INDEX_DIGITS, ".log") != 0)
        return false;
    uint64_t index = 0;
    for (unsigned i = 0; i < INDEX_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        index = index * 10 + (uint64_t)(name[i] - '0');
    }
    *ret_index = index;
    return index > 0;
}

void tm_segment_head_write(const tm_segment_head_t *head, char ret[TM_SEGMENT_HEAD])
{
    memset(ret, 0, TM_SEGMENT_HEAD);
    memcpy(ret, segment_magic, sizeof(segment_magic));
    tm_le32_put(ret + 8, FORMAT);
    tm_le32_put(ret + 12, TM_SEGMENT_HEAD);
    tm_le64_put(ret + 16, head->index);
    tm_le64_put(ret + 24, head->bytes);
    tm_le64_put(ret + 32, head->salt);
    tm_le32_put(ret + 60, tm_crc32c(0, ret, 60));
}

bool tm_segment_head_read(const char p[TM_SEGMENT_HEAD], tm_segment_head_t *ret)
{
    if (memcmp(p, segment_magic, sizeof(segment_magic)) != 0 ||
        tm_le32_get(p + 60) != tm_crc32c(0, p, 60))
        return false;
    if (tm_le32_get(p + 8) != FORMAT || tm_le32_get(p + 12) != TM_SEGMENT_HEAD)
        return false;
    *ret = (tm_segment_head_t){tm_le64_get(p + 16), tm_le64_get(p + 24), tm_le64_get(p + 32)};
    return true;
}

void tm_batch_head_write(const tm_batch_head_t *head, char ret[TM_BATCH_HEAD])
{
    assert(head->durable < head->first);
    memcpy(ret, batch_magic, sizeof(batch_magic));
    tm_le32_put(ret + 4, head->count);
    tm_le64_put(ret + 8, head->first);
    tm_le64_put(ret + 16, head->durable);
    tm_le64_put(ret + 24, head->salt);
    tm_le32_put(ret + 32, head->bytes);
    tm_le32_put(ret + 36, head->offset);
    tm_le32_put(ret + 40, 0);
    tm_le32_put(ret + 44, tm_crc32c(0, ret, 44));
}

bool tm_batch_head_read(const char p[TM_BATCH_HEAD], tm_batch_head_t *ret)
{
    if (memcmp(p, batch_magic, sizeof(batch_magic)) != 0 ||
        tm_le32_get(p + 44) != tm_crc32c(0, p, 44))
        return false;
    *ret = (tm_batch_head_t){.first = tm_le64_get(p + 8),
                             .durable = tm_le64_get(p + 16),
                             .salt = tm_le64_get(p + 24),
                             .count = tm_le32_get(p + 4),
                             .bytes = tm_le32_get(p + 32),
                             .offset = tm_le32_get(p + 36)};
    return true;
}

/* The checksum leaves out its own four bytes. */
static uint32_t record_crc(const char *p, uint64_t bytes)
{
    return tm_crc32c(tm_crc32c(0, p, 4), p + 8, bytes - 8);
}

void tm_record_write(uint64_t number, tm_str_t body, const tm_sha256_t *hash, char *ret)
{
    assert(number > 0 && body.n > 0);
    tm_le32_put(ret, body.n);
    tm_le64_put(ret + 8, number);
    memcpy(ret + TM_COMMIT_HEAD, body.p, body.n);
    memcpy(ret + TM_COMMIT_HEAD + body.n, hash->b, sizeof(hash->b));
    tm_le32_put(ret + 4, record_crc(ret, TM_COMMIT_FRAME + (uint64_t)body.n));
}

uint64_t tm_record_bytes(const char p[TM_COMMIT_HEAD])
{
    return TM_COMMIT_FRAME + (uint64_t)tm_le32_get(p);
}

bool tm_record_read(const char *p, uint64_t bytes, tm_record_t *ret)
{
    assert(bytes == tm_record_bytes(p));
    if (bytes == TM_COMMIT_FRAME || tm_le32_get(p + 4) != record_crc(p, bytes))
        return false;
    const uint32_t n = tm_le32_get(p);
    *ret = (tm_record_t){tm_le64_get(p + 8), {p + TM_COMMIT_HEAD, n}, p + TM_COMMIT_HEAD + n};
    return true;
}

tm_sha256_t tm_chain_next(const tm_sha256_t *before, uint64_t number, tm_str_t body,
                          struct tm_buf *scratch)
{
    /* One piece: a copy costs less than a second call into the library. */
    char head[sizeof(before->b) + 8];
    memcpy(head, before->b, sizeof(before->b));
    tm_le64_put(head + sizeof(before->b), number);
    tm_buf_clear(scratch);
    tm_buf_add(scratch, head, sizeof(head));
    tm_buf_add(scratch, body.p, body.n);
    assert(!scratch->full);
    return tm_sha256(scratch->p, scratch->n);
}
