/* fuzz_journal.c - a segment of the journal: heads, batches, commits, damaged or made up.
 *
 * How:     the walk reads from a disk of one file in memory. First the bytes as they are; then
 *          with good heads and checksums put over them, because nothing random ever gets past a
 *          CRC. */
#include "base/buf.h"
#include "store/journal_walk.h"
#include <stdlib.h>

typedef struct one_file {
    char *p;
    size_t n;
} one_file_t;

static tm_err_t file_open(void *self, const char *name, bool create, int *ret_file)
{
    (void)self;
    (void)name;
    (void)create;
    *ret_file = 0;
    return TM_OK;
}

static tm_err_t file_read(void *self, int file, uint64_t offset, void *p, size_t n, size_t *ret_n)
{
    const one_file_t *f = self;
    (void)file;
    *ret_n = offset >= f->n ? 0 : TM_MIN(n, f->n - (size_t)offset);
    memcpy(p, f->p + TM_MIN(offset, f->n), *ret_n);
    return TM_OK;
}

static tm_err_t file_size(void *self, int file, uint64_t *ret)
{
    (void)file;
    *ret = ((const one_file_t *)self)->n;
    return TM_OK;
}

static void file_close(void *self, int file)
{
    (void)self;
    (void)file;
}

/* How many commits were valid. */
static uint64_t walk(one_file_t *f)
{
    const tm_disk_t disk = {
        .self = f, .open = file_open, .read = file_read, .size = file_size, .close = file_close};
    tm_walk_t walk;
    uint64_t commits = 0;
    tm_walk_init(&walk, &disk);
    if (tm_walk_open(&walk, 1) == TM_OK) {
        tm_step_t step = TM_STEP_BATCH;
        for (size_t i = 0; i <= f->n && (step == TM_STEP_BATCH || step == TM_STEP_COMMIT); i++) {
            tm_record_t record;
            step = tm_walk_next(&walk, &record);
            if (step == TM_STEP_COMMIT) {
                assert(record.body.n > 0 && record.body.n <= f->n);
                volatile char last = record.body.p[record.body.n - 1]; /* it is all there */
                (void)last;
                commits++;
            }
        }
        assert(step != TM_STEP_BATCH && step != TM_STEP_COMMIT);
        bool yes;
        uint64_t rest;
        (void)tm_walk_is_clean(&walk, &yes, &rest);
        (void)tm_walk_finds_batch(&walk, walk.offset, &yes);
    }
    tm_walk_done(&walk);
    return commits;
}

/* The input cut into commits, in batches of up to three, in a valid segment. */
static uint64_t segment_make(const uint8_t *data, size_t size, tm_buf_t *out)
{
    const tm_segment_head_t head = {1, 1 << 20, 42};
    char bytes[TM_SEGMENT_HEAD];
    tm_sha256_t chain = {{0}};
    uint64_t number = 1;
    tm_buf_t scratch;
    tm_buf_init(&scratch, 1 << 20);
    tm_segment_head_write(&head, bytes);
    tm_buf_add(out, bytes, sizeof(bytes));
    for (size_t i = 0; i < size;) {
        const size_t at = out->n;
        tm_batch_head_t batch = {
            .first = number, .durable = number - 1, .salt = 42, .offset = (uint32_t)at};
        tm_buf_add(out, "................................................", TM_BATCH_HEAD);
        for (; batch.count < 3 && i < size; batch.count++) {
            const uint32_t n = (uint32_t)TM_MIN((size_t)data[i] + 1, size - i);
            const tm_str_t body = tm_str_n((const char *)data + i, n);
            chain = tm_chain_next(&chain, number, body, &scratch);
            if (!tm_buf_reserve(out, TM_COMMIT_FRAME + n)) {
                break;
            }
            tm_record_write(number++, body, &chain, out->p + out->n);
            out->n += TM_COMMIT_FRAME + n;
            i += n;
        }
        batch.bytes = (uint32_t)(out->n - at - TM_BATCH_HEAD);
        tm_batch_head_write(&batch, out->p + at);
    }
    tm_buf_done(&scratch);
    return number - 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tm_buf_t out;
    one_file_t f = {malloc(size + 1), size};
    memcpy(f.p, data, size);
    (void)walk(&f);
    free(f.p);
    tm_buf_init(&out, 16 << 20);
    const uint64_t commits = segment_make(data, size, &out);
    f = (one_file_t){out.p, out.n};
    assert(walk(&f) == commits);               /* what we wrote is what we read */
    for (size_t i = 0; i + 2 < size; i += 3) { /* then damaged: never more, never past the end */
        out.p[((size_t)data[i] << 8 | data[i + 1]) % out.n] ^= (char)data[i + 2];
    }
    assert(walk(&f) <= commits);
    tm_buf_done(&out);
    return 0;
}
