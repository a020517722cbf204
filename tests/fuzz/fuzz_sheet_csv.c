/* fuzz_sheet_csv.c - sheets as text: any bytes give rows within the limits, documents that are
 * valid once clamped, or a reason. */
#include "files/sheet_read.h"
#include "schema/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 4 && memcmp(data, "PK\x03\x04", 4) == 0)
        return 0; /* fuzz_sheet_xlsx */
    const tm_sheet_upload_t upload = {.source = TM_STR("rep_mail")};
    tm_arena_t *arena = tm_arena_new(256u << 20);
    tm_sheet_documents_t docs;
    const tm_err_t err = tm_sheet_read(&upload, tm_str_n((const char *)data, size), arena, &docs);
    assert(err == TM_OK || err == TM_ENOMEM);
    for (uint32_t i = 0; err == TM_OK && i < docs.n; i++) {
        (void)tm_record_clamp(&tm_document_desc, &docs.v[i]);
        assert(TM_HAS(&docs.v[i], TM_DOCUMENT_status));
    }
    for (uint32_t i = 0; err == TM_OK && i < docs.n_exceptions; i++) {
        assert(docs.exceptions[i].details.n <= 2000 && docs.exceptions[i].subject.n <= 300);
    }
    assert(err != TM_OK || docs.n >= 1);
    tm_arena_free(arena);
    return 0;
}
