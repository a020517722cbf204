/* fuzz_binary.c - records as bytes: any bytes as a document, a buy line, a campaign, a patch.
 *
 * How:     the first byte chooses: the bytes as they are, or a random record's bytes with some of
 *          them changed. What is read is written and read again: it must be the same. */
#include "base/buf.h"
#include "schema/binary.h"
#include "schema/entities.h"
#include "schema/record.h"
#include <stdlib.h>

static void read_as(const tm_desc_t *desc, tm_str_t bytes)
{
    tm_arena_t *arena = tm_arena_new(64 << 20);
    void *record = tm_arena_zalloc(arena, desc->bytes);
    if (tm_binary_read(desc, bytes, arena, record) == TM_OK) {
        tm_buf_t out;
        tm_buf_init(&out, 64 << 20);
        tm_binary_write(desc, record, &out);
        void *again = tm_arena_zalloc(arena, desc->bytes);
        assert(!out.full && again != NULL);
        const tm_err_t err = tm_binary_read(desc, tm_buf_str(&out), arena, again);
        assert(err == TM_OK || err == TM_ENOMEM);
        assert(err != TM_OK || tm_record_equal(desc, record, again));
        tm_buf_done(&out);
    }
    tm_has_t touched;
    void *patched = tm_arena_zalloc(arena, desc->bytes);
    if (patched != NULL) {
        (void)tm_binary_apply_patch(desc, bytes, arena, patched, &touched);
    }
    tm_arena_free(arena);
}

/* A record of ours, then pairs (place, byte) from the input put over it. */
static void read_changed(const tm_desc_t *desc, const uint8_t *data, size_t size)
{
    tm_arena_t *arena = tm_arena_new(64 << 20);
    tm_buf_t out;
    uint64_t seed = size == 0 ? 1 : data[0] + 1u;
    const void *record = tm_record_random(desc, &seed, arena);
    tm_buf_init(&out, 64 << 20);
    if (record != NULL) {
        tm_binary_write(desc, record, &out);
    }
    for (size_t i = 1; i + 2 < size && out.n > 0; i += 3) {
        out.p[((size_t)data[i] << 8 | data[i + 1]) % out.n] = (char)data[i + 2];
    }
    char *exact = malloc(out.n + 1); /* its own allocation: a step too far is seen */
    memcpy(exact, out.p == NULL ? "" : out.p, out.n);
    read_as(desc, tm_str_n(exact, out.n));
    free(exact);
    tm_buf_done(&out);
    tm_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tm_desc_t *const DESCS[] = {&tm_document_desc, &tm_buy_line_desc,
                                             &tm_campaign_desc};
    if (size == 0)
        return 0;
    const tm_desc_t *desc = DESCS[data[0] / 2 % TM_COUNT(DESCS)];
    if (data[0] % 2 == 0) {
        read_as(desc, tm_str_n((const char *)data + 1, size - 1));
    } else {
        read_changed(desc, data + 1, size - 1);
    }
    return 0;
}
