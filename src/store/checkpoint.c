/* checkpoint.c - see checkpoint.h.
 *
 * How:     offset, bytes; numbers are little-endian:
 *
 *   head                              block                        foot
 *     0  8  "TMCKPT1\n"               0  4  "TMK1"                  0  4  "TMKE"
 *     8  4  format, 1                 4  4  n, bytes in it, > 0     4  4  number of blocks
 *    12  4  bytes of it, 128          8  4  its index, from 0       8  8  bytes of the file
 *    16  8  number                   12  4  CRC32C of 0..11,       16 32  hash of the state
 *    24  8  time                               16..15+n            48  8  zeros
 *    32 32  chain at the number      16  n                         56  4  CRC32C of the file
 *    64 32  chain at commit 1                                             before the foot
 *    96 28  zeros                                                  60  4  CRC32C of 0..59
 *   124  4  CRC32C of 0..123
 *
 *          Written pieces are synced every few MiB, so that no large one stands in the journal's
 *          way.
 * Threads: see checkpoint.h. */
#include "store/checkpoint.h"
#include "base/memory.h"
#include "store/journal_format.h"
#include <errno.h>
#include <stdio.h>

#define WRITER_MAGIC 0x434b5057u
#define READER_MAGIC 0x434b5052u
#define FORMAT 1u
#define HEAD_BYTES 128u
#define BLOCK_HEAD 16u
#define FOOT_BYTES 64u
#define DIGITS 16
#define SYNC_EVERY ((uint64_t)4 << 20)

static const char head_magic[8] = {'T', 'M', 'C', 'K', 'P', 'T', '1', '\n'};

struct tm_checkpoint_writer {
    uint32_t magic;
    tm_disk_t disk;
    uint64_t number, offset, synced, keep_free;
    uint32_t blocks, crc;
    int file;
};

struct tm_checkpoint_reader {
    uint32_t magic;
    tm_disk_t disk;
    uint64_t number, offset, size;
    uint32_t blocks, crc;
    int file;
    char *block;
    size_t cap;
};

void tm_checkpoint_name(uint64_t number, char ret_name[TM_CHECKPOINT_NAME])
{
    assert(number > 0 && number <= UINT64_C(9999999999999999));
    snprintf(ret_name, TM_CHECKPOINT_NAME, "%016llu.checkpoint", (unsigned long long)number);
}

static void unfinished_name(uint64_t number, char ret_name[TM_CHECKPOINT_NAME])
{
    tm_checkpoint_name(number, ret_name);
    memcpy(ret_name + strlen(ret_name), ".new", sizeof(".new"));
}

/* The number in a name; *ret_new: it is not finished. 0: not one of ours. */
static uint64_t number_in(const char *name, bool *ret_new)
{
    uint64_t number = 0;
    for (int i = 0; i < DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        number = number * 10 + (uint64_t)(name[i] - '0');
    }
    *ret_new = strcmp(name + DIGITS, ".checkpoint.new") == 0;
    return *ret_new || strcmp(name + DIGITS, ".checkpoint") == 0 ? number : 0;
}

/* ---- the folder ---- */

typedef struct listing {
    uint64_t *v; /* finished ones, ascending */
    uint64_t *unfinished;
    uint32_t n, cap, n_unfinished, cap_unfinished;
} listing_t;

static void push(uint64_t **v, uint32_t *n, uint32_t *cap, uint64_t number)
{
    if (*n == *cap) {
        *cap = TM_MAX(*cap * 2, 8u);
        *v = tm_realloc(*v, *cap * sizeof(**v));
    }
    (*v)[(*n)++] = number;
}

static void list_name(void *ctx, const char *name)
{
    listing_t *listing = ctx;
    bool unfinished = false;
    const uint64_t number = number_in(name, &unfinished);
    if (number == 0)
        return;
    if (unfinished)
        push(&listing->unfinished, &listing->n_unfinished, &listing->cap_unfinished, number);
    else
        push(&listing->v, &listing->n, &listing->cap, number);
}

static void listing_done(listing_t *listing)
{
    tm_free(listing->v);
    tm_free(listing->unfinished);
}

tm_err_t tm_checkpoint_list(const tm_disk_t *disk, uint32_t max, uint64_t *ret, uint32_t *ret_n)
{
    listing_t listing = {0};
    const tm_err_t err = disk->list(disk->self, list_name, &listing);
    *ret_n = 0;
    while (err == TM_OK && *ret_n < max && *ret_n < listing.n) {
        ret[*ret_n] = listing.v[listing.n - 1 - *ret_n];
        (*ret_n)++;
    }
    listing_done(&listing);
    return err;
}

tm_err_t tm_checkpoint_sweep(const tm_disk_t *disk, uint64_t good, uint32_t keep)
{
    listing_t listing = {0};
    char name[TM_CHECKPOINT_NAME];
    tm_err_t err = disk->list(disk->self, list_name, &listing);
    uint32_t n_good = 0;
    while (n_good < listing.n && listing.v[n_good] <= good)
        n_good++;
    for (uint32_t i = 0; err == TM_OK && i < listing.n_unfinished; i++) {
        unfinished_name(listing.unfinished[i], name);
        err = disk->remove(disk->self, name);
    }
    bool removed = listing.n_unfinished > 0;
    for (uint32_t i = 0; err == TM_OK && i < listing.n; i++) {
        if (i < n_good && i + keep >= n_good)
            continue;
        tm_checkpoint_name(listing.v[i], name);
        err = disk->remove(disk->self, name);
        removed = true;
    }
    if (err == TM_OK && removed)
        err = disk->sync_folder(disk->self);
    listing_done(&listing);
    return err;
}

/* ---- writing ---- */

static tm_err_t write_failed(const tm_checkpoint_writer_t *w, tm_err_t err, tm_why_t *why)
{
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(w->number, name);
    return tm_why_add(why, err, NULL, "writing the checkpoint %s at byte %llu: %s", name,
                      (unsigned long long)w->offset,
                      err == TM_EDISKFULL ? "the disk is full" : strerror(errno));
}

/* Bytes at the end of the file, taken into the checksum of all. */
static tm_err_t append(tm_checkpoint_writer_t *w, const void *p, size_t n)
{
    const tm_err_t err = w->disk.write(w->disk.self, w->file, w->offset, p, n);
    if (err != TM_OK)
        return err;
    w->crc = tm_crc32c(w->crc, p, n);
    w->offset += n;
    return TM_OK;
}

static tm_err_t has_room(const tm_checkpoint_writer_t *w, uint64_t more)
{
    uint64_t room = 0;
    const tm_err_t err = w->disk.room(w->disk.self, &room);
    if (err != TM_OK)
        return err;
    return room < more || room - more < w->keep_free ? TM_EDISKFULL : TM_OK;
}

tm_err_t tm_checkpoint_create(const tm_disk_t *disk, const tm_checkpoint_head_t *head,
                              uint64_t keep_free, tm_checkpoint_writer_t **ret, tm_why_t *why)
{
    assert(head->number > 0);
    tm_checkpoint_writer_t *w = TM_NEW(tm_checkpoint_writer_t);
    *w = (tm_checkpoint_writer_t){.magic = WRITER_MAGIC,
                                  .disk = *disk,
                                  .number = head->number,
                                  .keep_free = keep_free,
                                  .file = -1};
    char name[TM_CHECKPOINT_NAME];
    unfinished_name(head->number, name);
    tm_err_t err = disk->remove(disk->self, name);
    if (err == TM_OK || err == TM_ENOTFOUND)
        err = has_room(w, SYNC_EVERY);
    if (err == TM_OK)
        err = disk->open(disk->self, name, true, &w->file);
    char bytes[HEAD_BYTES] = {0};
    memcpy(bytes, head_magic, sizeof(head_magic));
    tm_le32_put(bytes + 8, FORMAT);
    tm_le32_put(bytes + 12, HEAD_BYTES);
    tm_le64_put(bytes + 16, head->number);
    tm_le64_put(bytes + 24, (uint64_t)head->at.v);
    memcpy(bytes + 32, head->chain.b, sizeof(head->chain.b));
    memcpy(bytes + 64, head->identity.b, sizeof(head->identity.b));
    tm_le32_put(bytes + 124, tm_crc32c(0, bytes, 124));
    if (err == TM_OK)
        err = append(w, bytes, sizeof(bytes));
    if (err != TM_OK) {
        (void)write_failed(w, err, why);
        tm_checkpoint_abandon(w);
        return err;
    }
    *ret = w;
    return TM_OK;
}

tm_err_t tm_checkpoint_add(tm_checkpoint_writer_t *w, tm_str_t bytes, tm_why_t *why)
{
    TM_CHECK(w, WRITER_MAGIC);
    assert(bytes.n > 0 && bytes.n <= TM_CHECKPOINT_BLOCK_MAX);
    char head[BLOCK_HEAD];
    memcpy(head, "TMK1", 4);
    tm_le32_put(head + 4, bytes.n);
    tm_le32_put(head + 8, w->blocks++);
    tm_le32_put(head + 12, tm_crc32c(tm_crc32c(0, head, 12), bytes.p, bytes.n));
    tm_err_t err = TM_OK;
    if (w->offset - w->synced >= SYNC_EVERY) {
        err = w->disk.sync(w->disk.self, w->file);
        w->synced = w->offset;
        if (err == TM_OK)
            err = has_room(w, SYNC_EVERY + bytes.n);
    }
    if (err == TM_OK)
        err = append(w, head, sizeof(head));
    if (err == TM_OK)
        err = append(w, bytes.p, bytes.n);
    return err == TM_OK ? TM_OK : write_failed(w, err, why);
}

static tm_err_t finish(tm_checkpoint_writer_t *w, const tm_sha256_t *state)
{
    char foot[FOOT_BYTES] = {0};
    char name[TM_CHECKPOINT_NAME];
    char unfinished[TM_CHECKPOINT_NAME];
    memcpy(foot, "TMKE", 4);
    tm_le32_put(foot + 4, w->blocks);
    tm_le64_put(foot + 8, w->offset + FOOT_BYTES);
    memcpy(foot + 16, state->b, sizeof(state->b));
    tm_le32_put(foot + 56, w->crc);
    tm_le32_put(foot + 60, tm_crc32c(0, foot, 60));
    tm_err_t err = append(w, foot, sizeof(foot));
    if (err == TM_OK)
        err = w->disk.sync(w->disk.self, w->file);
    tm_checkpoint_name(w->number, name);
    unfinished_name(w->number, unfinished);
    if (err == TM_OK)
        err = w->disk.rename(w->disk.self, unfinished, name);
    return err == TM_OK ? w->disk.sync_folder(w->disk.self) : err;
}

tm_err_t tm_checkpoint_publish(tm_checkpoint_writer_t *w, const tm_sha256_t *state,
                               uint64_t *ret_bytes, tm_why_t *why)
{
    TM_CHECK(w, WRITER_MAGIC);
    const tm_err_t err = finish(w, state);
    if (err != TM_OK)
        return write_failed(w, err, why);
    *ret_bytes = w->offset;
    w->disk.close(w->disk.self, w->file);
    w->magic = 0;
    tm_free(w);
    return TM_OK;
}

void tm_checkpoint_abandon(TM_OWN tm_checkpoint_writer_t *w)
{
    if (w == NULL)
        return;
    TM_CHECK(w, WRITER_MAGIC);
    char name[TM_CHECKPOINT_NAME];
    if (w->file >= 0)
        w->disk.close(w->disk.self, w->file);
    unfinished_name(w->number, name);
    /* A rest that stays is removed by the next sweep. */
    (void)!w->disk.remove(w->disk.self, name);
    w->magic = 0;
    tm_free(w);
}

/* ---- reading ---- */

static tm_err_t damaged(const tm_checkpoint_reader_t *r, const char *what, tm_why_t *why)
{
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(r->number, name);
    return tm_why_add(why, TM_EDAMAGED, NULL, "the checkpoint %s is damaged at byte %llu: %s", name,
                      (unsigned long long)r->offset, what);
}

/* n bytes at the reader's place; they stay out of the checksum of all until taken. */
static tm_err_t read_at(tm_checkpoint_reader_t *r, void *p, size_t n, tm_why_t *why)
{
    size_t got = 0;
    const tm_err_t err = r->disk.read(r->disk.self, r->file, r->offset, p, n, &got);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "reading the checkpoint of commit %llu at byte %llu: %s",
                          (unsigned long long)r->number, (unsigned long long)r->offset,
                          strerror(errno));
    return got < n ? damaged(r, "it ends too early", why) : TM_OK;
}

static void take(tm_checkpoint_reader_t *r, const void *p, size_t n)
{
    r->crc = tm_crc32c(r->crc, p, n);
    r->offset += n;
}

static tm_err_t read_head(tm_checkpoint_reader_t *r, tm_checkpoint_head_t *ret, tm_why_t *why)
{
    char bytes[HEAD_BYTES];
    const tm_err_t err = read_at(r, bytes, sizeof(bytes), why);
    if (err != TM_OK)
        return err;
    if (memcmp(bytes, head_magic, sizeof(head_magic)) != 0 ||
        tm_le32_get(bytes + 124) != tm_crc32c(0, bytes, 124))
        return damaged(r, "no head of a checkpoint", why);
    if (tm_le32_get(bytes + 8) != FORMAT || tm_le32_get(bytes + 12) != HEAD_BYTES)
        return damaged(r, "a format of another program", why);
    if (tm_le64_get(bytes + 16) != r->number)
        return damaged(r, "its name is of another commit", why);
    ret->number = r->number;
    ret->at.v = (int64_t)tm_le64_get(bytes + 24);
    memcpy(ret->chain.b, bytes + 32, sizeof(ret->chain.b));
    memcpy(ret->identity.b, bytes + 64, sizeof(ret->identity.b));
    take(r, bytes, sizeof(bytes));
    return TM_OK;
}

tm_err_t tm_checkpoint_open(const tm_disk_t *disk, uint64_t number, tm_checkpoint_reader_t **ret,
                            tm_checkpoint_head_t *ret_head, tm_why_t *why)
{
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(number, name);
    tm_checkpoint_reader_t *r = TM_NEW(tm_checkpoint_reader_t);
    *r = (tm_checkpoint_reader_t){
        .magic = READER_MAGIC, .disk = *disk, .number = number, .file = -1};
    tm_err_t err = disk->open(disk->self, name, false, &r->file);
    if (err == TM_OK)
        err = disk->size(disk->self, r->file, &r->size);
    if (err != TM_OK)
        (void)tm_why_add(why, err, NULL, "opening the checkpoint %s: %s", name, strerror(errno));
    else
        err = read_head(r, ret_head, why);
    if (err != TM_OK) {
        tm_checkpoint_close(r);
        return err;
    }
    *ret = r;
    return TM_OK;
}

static tm_err_t read_foot(tm_checkpoint_reader_t *r, tm_sha256_t *ret_state, tm_why_t *why)
{
    char foot[FOOT_BYTES];
    const tm_err_t err = read_at(r, foot, sizeof(foot), why);
    if (err != TM_OK)
        return err;
    if (tm_le32_get(foot + 60) != tm_crc32c(0, foot, 60) || tm_le32_get(foot + 4) != r->blocks ||
        tm_le64_get(foot + 8) != r->size || r->offset + FOOT_BYTES != r->size ||
        tm_le32_get(foot + 56) != r->crc)
        return damaged(r, "its end does not fit", why);
    memcpy(ret_state->b, foot + 16, sizeof(ret_state->b));
    return TM_ENOTFOUND;
}

tm_err_t tm_checkpoint_next(tm_checkpoint_reader_t *r, tm_str_t *ret_bytes, tm_sha256_t *ret_state,
                            tm_why_t *why)
{
    TM_CHECK(r, READER_MAGIC);
    char head[BLOCK_HEAD];
    tm_err_t err = read_at(r, head, sizeof(head), why);
    if (err != TM_OK)
        return err;
    if (memcmp(head, "TMKE", 4) == 0)
        return read_foot(r, ret_state, why);
    const uint32_t n = tm_le32_get(head + 4);
    if (memcmp(head, "TMK1", 4) != 0 || n == 0 || n > TM_CHECKPOINT_BLOCK_MAX ||
        tm_le32_get(head + 8) != r->blocks || r->offset + BLOCK_HEAD + n > r->size)
        return damaged(r, "no block", why);
    if (n > r->cap) {
        tm_free(r->block);
        r->block = tm_alloc(n);
        r->cap = n;
    }
    take(r, head, sizeof(head));
    err = read_at(r, r->block, n, why);
    if (err != TM_OK)
        return err;
    if (tm_le32_get(head + 12) != tm_crc32c(tm_crc32c(0, head, 12), r->block, n))
        return damaged(r, "the checksum of a block does not fit", why);
    take(r, r->block, n);
    r->blocks++;
    *ret_bytes = tm_str_n(r->block, n);
    return TM_OK;
}

void tm_checkpoint_close(TM_OWN tm_checkpoint_reader_t *r)
{
    if (r == NULL)
        return;
    TM_CHECK(r, READER_MAGIC);
    if (r->file >= 0)
        r->disk.close(r->disk.self, r->file);
    tm_free(r->block);
    r->magic = 0;
    tm_free(r);
}

tm_err_t tm_checkpoint_verify(const tm_disk_t *disk, uint64_t number,
                              tm_checkpoint_head_t *ret_head, tm_why_t *why)
{
    tm_checkpoint_reader_t *r = NULL;
    tm_err_t err = tm_checkpoint_open(disk, number, &r, ret_head, why);
    if (err != TM_OK)
        return err;
    tm_str_t bytes;
    tm_sha256_t state;
    while (err == TM_OK)
        err = tm_checkpoint_next(r, &bytes, &state, why);
    tm_checkpoint_close(r);
    return err == TM_ENOTFOUND ? TM_OK : err;
}
