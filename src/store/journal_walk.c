/* journal_walk.c - reads the commits of one segment in order, checks each, and knows where it
 * stands.
 *
 * Threads: the owner's. */
#include "store/journal_walk.h"
#include "base/memory.h"

#define WINDOW_BYTES ((size_t)256 << 10)
#define WINDOW_FIRST ((size_t)16 << 10) /* whoever follows the end finds little behind it */

void tm_walk_init(tm_walk_t *walk, const tm_disk_t *disk)
{
    assert(walk != NULL && disk != NULL);
    *walk = (tm_walk_t){.disk = disk, .file = -1, .ahead = WINDOW_FIRST};
}

void tm_walk_done(tm_walk_t *walk)
{
    if (walk == NULL)
        return;
    if (walk->file >= 0)
        walk->disk->close(walk->disk->self, walk->file);
    tm_free(walk->window);
    *walk = (tm_walk_t){.disk = walk->disk, .file = -1, .ahead = WINDOW_FIRST};
}

void tm_walk_refresh(tm_walk_t *walk)
{
    walk->window_n = 0;
    walk->ahead = WINDOW_FIRST;
}

/* Bytes [offset, offset + n) of the file. Errors: TM_ENOTFOUND the file ends before; TM_EIO. */
static tm_err_t window_get(tm_walk_t *walk, uint64_t offset, size_t n, const char **ret)
{
    if (offset < walk->window_at || offset + n > walk->window_at + walk->window_n) {
        const size_t want = TM_MAX(n, walk->ahead);
        walk->ahead = TM_MIN(2 * walk->ahead, WINDOW_BYTES);
        if (want > walk->window_cap) {
            tm_free(walk->window);
            walk->window = tm_alloc(want);
            walk->window_cap = want;
        }
        size_t got = 0;
        walk->window_n = 0;
        const tm_err_t err =
            walk->disk->read(walk->disk->self, walk->file, offset, walk->window, want, &got);
        if (err != TM_OK)
            return err;
        walk->window_at = offset;
        walk->window_n = got;
        if (got < n)
            return TM_ENOTFOUND;
    }
    *ret = walk->window + (offset - walk->window_at);
    return TM_OK;
}

tm_err_t tm_walk_open(tm_walk_t *walk, uint64_t segment)
{
    if (walk->file >= 0)
        walk->disk->close(walk->disk->self, walk->file);
    walk->file = -1;
    tm_walk_refresh(walk);
    walk->segment = segment;
    char name[TM_SEGMENT_NAME];
    tm_segment_name(segment, false, name);
    tm_err_t err = walk->disk->open(walk->disk->self, name, false, &walk->file);
    if (err == TM_ENOTFOUND) {
        char archived[TM_ARCHIVED_NAME];
        tm_segment_archived(segment, archived);
        err = walk->disk->open(walk->disk->self, archived, false, &walk->file);
    }
    if (err != TM_OK)
        return err;

    const char *p;
    tm_segment_head_t head = {0};
    err = window_get(walk, 0, TM_SEGMENT_HEAD, &p);
    if (err != TM_OK && err != TM_ENOTFOUND)
        return err;
    walk->headless = err != TM_OK || !tm_segment_head_read(p, &head) || head.index != segment;
    walk->salt = head.salt;
    walk->bytes = head.bytes;
    walk->offset = walk->headless ? 0 : TM_SEGMENT_HEAD;
    walk->batch_at = walk->offset;
    walk->left = 0;
    return TM_OK;
}

void tm_walk_seek(tm_walk_t *walk, uint64_t offset, uint64_t next)
{
    assert(walk->file >= 0 && !walk->headless);
    walk->offset = offset;
    walk->batch_at = offset;
    walk->next = next;
    walk->left = 0;
}

static bool is_zero(const char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static tm_step_t step_batch(tm_walk_t *walk)
{
    const char *p;
    const tm_err_t err = window_get(walk, walk->offset, TM_BATCH_HEAD, &p);
    if (err == TM_ENOTFOUND) {
        /* Less than a head is left: the end if that is zero. */
        return is_zero(walk->window, walk->window_n) ? TM_STEP_END : TM_STEP_BAD;
    }
    if (err != TM_OK)
        return TM_STEP_FAILED;
    if (is_zero(p, TM_BATCH_HEAD))
        return TM_STEP_END;
    tm_batch_head_t head;
    if (!tm_batch_head_read(p, &head) || head.salt != walk->salt || head.offset != walk->offset)
        return TM_STEP_BAD;
    if ((walk->next != 0 && head.first != walk->next) || head.durable >= head.first)
        return TM_STEP_BAD;
    walk->batch = head;
    walk->batch_at = walk->offset;
    walk->left = head.count;
    walk->next = head.first;
    walk->offset += TM_BATCH_HEAD;
    return TM_STEP_BATCH;
}

static tm_step_t step_commit(tm_walk_t *walk, tm_record_t *ret)
{
    const uint64_t end = walk->batch_at + TM_BATCH_HEAD + walk->batch.bytes;
    const char *p;
    tm_err_t err = walk->offset + TM_COMMIT_FRAME > end
                       ? TM_ENOTFOUND
                       : window_get(walk, walk->offset, TM_COMMIT_HEAD, &p);
    const uint64_t bytes = err == TM_OK ? tm_record_bytes(p) : 0;
    if (err == TM_OK && walk->offset + bytes > end)
        err = TM_ENOTFOUND;
    if (err == TM_OK)
        err = window_get(walk, walk->offset, bytes, &p);
    if (err != TM_OK)
        return err == TM_ENOTFOUND ? TM_STEP_BAD : TM_STEP_FAILED;
    tm_record_t record;
    if (!tm_record_read(p, bytes, &record) || record.number != walk->next)
        return TM_STEP_BAD;
    if (walk->left == 1 && walk->offset + bytes != end)
        return TM_STEP_BAD;
    walk->offset += bytes;
    walk->left--;
    walk->next++;
    *ret = record;
    return TM_STEP_COMMIT;
}

tm_step_t tm_walk_next(tm_walk_t *walk, tm_record_t *ret)
{
    assert(walk->file >= 0);
    if (walk->headless)
        return TM_STEP_BAD;
    return walk->left == 0 ? step_batch(walk) : step_commit(walk, ret);
}

tm_err_t tm_walk_is_clean(tm_walk_t *walk, bool *ret_clean, uint64_t *ret_rest)
{
    uint64_t size = 0;
    tm_err_t err = walk->disk->size(walk->disk->self, walk->file, &size);
    *ret_rest = 0;
    for (uint64_t at = walk->offset; err == TM_OK && at < size;) {
        size_t n = (size_t)TM_MIN(size - at, (uint64_t)WINDOW_BYTES);
        const char *p;
        err = window_get(walk, at, n, &p);
        if (err == TM_OK && !is_zero(p, n)) {
            size_t last = n;
            while (p[last - 1] == 0) {
                last--;
            }
            *ret_rest = at + last - walk->offset;
        }
        at += n;
    }
    *ret_clean = *ret_rest == 0;
    return err == TM_ENOTFOUND ? TM_OK : err;
}

/* Whether bytes at `at` are the head of a batch of this very place. */
static bool is_batch(const tm_walk_t *walk, const char *p, uint64_t at)
{
    tm_batch_head_t head;
    if (!tm_batch_head_read(p, &head) || head.offset != at)
        return false;
    return walk->headless || head.salt == walk->salt;
}

tm_err_t tm_walk_finds_batch(tm_walk_t *walk, uint64_t from, bool *ret_found)
{
    *ret_found = false;
    uint64_t size = 0;
    tm_err_t err = walk->disk->size(walk->disk->self, walk->file, &size);
    for (uint64_t at = from; err == TM_OK && at + TM_BATCH_HEAD <= size;) {
        const size_t n = (size_t)TM_MIN(size - at, (uint64_t)WINDOW_BYTES);
        const char *p;
        err = window_get(walk, at, n, &p);
        for (size_t i = 0; err == TM_OK && i + TM_BATCH_HEAD <= n; i++) {
            const char *hit = memchr(p + i, 'T', n - TM_BATCH_HEAD + 1 - i);
            if (hit == NULL)
                break;
            i = (size_t)(hit - p);
            *ret_found = is_batch(walk, hit, at + i);
            if (*ret_found)
                return TM_OK;
        }
        at += n - TM_BATCH_HEAD + 1;
    }
    return err == TM_ENOTFOUND ? TM_OK : err;
}
