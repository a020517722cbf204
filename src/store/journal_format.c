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

static void put32(char *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (char)(v >> 8 * i & 0xff);
    }
}

static void put64(char *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

static uint32_t get32(const char *p)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        v |= (uint32_t)(uint8_t)p[i] << 8 * i;
    }
    return v;
}

static uint64_t get64(const char *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

void tm_segment_name(uint64_t index, bool unfinished, char ret_name[TM_SEGMENT_NAME])
{
    assert(index > 0 && index <= UINT64_C(9999999999));
    snprintf(ret_name, TM_SEGMENT_NAME, "%010llu.log%s", (unsigned long long)index,
             unfinished ? ".new" : "");
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
    put32(ret + 8, FORMAT);
    put32(ret + 12, TM_SEGMENT_HEAD);
    put64(ret + 16, head->index);
    put64(ret + 24, head->bytes);
    put64(ret + 32, head->salt);
    put32(ret + 60, tm_crc32c(0, ret, 60));
}

bool tm_segment_head_read(const char p[TM_SEGMENT_HEAD], tm_segment_head_t *ret)
{
    if (memcmp(p, segment_magic, sizeof(segment_magic)) != 0 ||
        get32(p + 60) != tm_crc32c(0, p, 60))
        return false;
    if (get32(p + 8) != FORMAT || get32(p + 12) != TM_SEGMENT_HEAD)
        return false;
    *ret = (tm_segment_head_t){get64(p + 16), get64(p + 24), get64(p + 32)};
    return true;
}

void tm_batch_head_write(const tm_batch_head_t *head, char ret[TM_BATCH_HEAD])
{
    assert(head->durable < head->first);
    memcpy(ret, batch_magic, sizeof(batch_magic));
    put32(ret + 4, head->count);
    put64(ret + 8, head->first);
    put64(ret + 16, head->durable);
    put64(ret + 24, head->salt);
    put32(ret + 32, head->bytes);
    put32(ret + 36, head->offset);
    put32(ret + 40, 0);
    put32(ret + 44, tm_crc32c(0, ret, 44));
}

bool tm_batch_head_read(const char p[TM_BATCH_HEAD], tm_batch_head_t *ret)
{
    if (memcmp(p, batch_magic, sizeof(batch_magic)) != 0 || get32(p + 44) != tm_crc32c(0, p, 44))
        return false;
    *ret = (tm_batch_head_t){.first = get64(p + 8),
                             .durable = get64(p + 16),
                             .salt = get64(p + 24),
                             .count = get32(p + 4),
                             .bytes = get32(p + 32),
                             .offset = get32(p + 36)};
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
    put32(ret, body.n);
    put64(ret + 8, number);
    memcpy(ret + TM_COMMIT_HEAD, body.p, body.n);
    memcpy(ret + TM_COMMIT_HEAD + body.n, hash->b, sizeof(hash->b));
    put32(ret + 4, record_crc(ret, TM_COMMIT_FRAME + (uint64_t)body.n));
}

uint64_t tm_record_bytes(const char p[TM_COMMIT_HEAD])
{
    return TM_COMMIT_FRAME + (uint64_t)get32(p);
}

bool tm_record_read(const char *p, uint64_t bytes, tm_record_t *ret)
{
    assert(bytes == tm_record_bytes(p));
    if (bytes == TM_COMMIT_FRAME || get32(p + 4) != record_crc(p, bytes))
        return false;
    const uint32_t n = get32(p);
    *ret = (tm_record_t){get64(p + 8), {p + TM_COMMIT_HEAD, n}, p + TM_COMMIT_HEAD + n};
    return true;
}

tm_sha256_t tm_chain_next(const tm_sha256_t *before, uint64_t number, tm_str_t body,
                          struct tm_buf *scratch)
{
    /* One piece: a copy costs less than a second call into the library. */
    char head[sizeof(before->b) + 8];
    memcpy(head, before->b, sizeof(before->b));
    put64(head + sizeof(before->b), number);
    tm_buf_clear(scratch);
    tm_buf_add(scratch, head, sizeof(head));
    tm_buf_add(scratch, body.p, body.n);
    assert(!scratch->full);
    return tm_sha256(scratch->p, scratch->n);
}
