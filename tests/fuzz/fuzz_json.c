/* fuzz_json.c - JSON of a request: any bytes as a campaign, a buy line, a document, or free.
 *
 * How:     what is read is written and read again: it must be the same. */
#include "base/buf.h"
#include "schema/entities.h"
#include "schema/json.h"
#include "schema/record.h"

static void read_as(const tm_desc_t *desc, tm_str_t text, unsigned mode)
{
    tm_arena_t *arena = tm_arena_new(16 << 20);
    void *record = tm_arena_zalloc(arena, desc->bytes);
    tm_has_t nulls;
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_json_read(desc, text, mode, arena, record, &nulls, &why) == TM_OK) {
        tm_buf_t out;
        tm_buf_init(&out, 64 << 20);
        tm_json_write(desc, record, false, &out);
        void *again = tm_arena_zalloc(arena, desc->bytes);
        assert(!out.full);
        const tm_err_t err = tm_json_read(desc, tm_buf_str(&out), mode, arena, again, NULL, &why);
        assert(err == TM_OK || err == TM_ENOMEM);
        assert(err != TM_OK || tm_record_equal(desc, record, again));
        tm_buf_done(&out);
    } else {
        assert(tm_why_err(&why) != TM_OK || why.n == 0);
    }
    tm_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const tm_str_t text = tm_str_n((const char *)data, size);
    read_as(&tm_campaign_desc, text, TM_JSON_REQUEST);
    read_as(&tm_buy_line_desc, text, TM_JSON_REQUEST | TM_JSON_PARTIAL);
    read_as(&tm_document_desc, text, 0);
    tm_arena_t *arena = tm_arena_new(16 << 20);
    tm_json_t json;
    tm_str_t value;
    tm_json_begin(&json, text, arena);
    for (size_t i = 0; i <= size + 1;
         i++) { /* a token takes at least a byte, the end is one more */
        const tm_token_t token = tm_json_next(&json, &value);
        if (token == TM_J_END || token == TM_J_BAD) {
            break;
        }
        assert(i <= size);
    }
    tm_json_begin(&json, text, arena);
    (void)tm_json_skip(&json);
    tm_arena_free(arena);
    return 0;
}
