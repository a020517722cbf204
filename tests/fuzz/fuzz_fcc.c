/* fuzz_fcc.c - the reader of station papers: any words in any place of a page.
 *
 * How:     a character is 6 points wide, a line 12 high; a blank ends a word, two end a block;
 *          form feed ends a page. What is read is written as JSON and as a record, because both
 *          must take whatever the reader gives. */
#include "base/buf.h"
#include "base/fold.h"
#include "feeds/fcc.h"
#include "feeds/reader.h"
#include "schema/record.h"

#define WORDS_MAX 4000
#define PAGES_MAX 20

typedef struct grid {
    tm_word_t words[WORDS_MAX];
    tm_page_t pages[PAGES_MAX];
    uint32_t n_words, n_pages;
} grid_t;

static void page_end(grid_t *g, uint32_t *first)
{
    if (g->n_pages < PAGES_MAX) {
        g->pages[g->n_pages++] = (tm_page_t){612, 792, g->n_words - *first, g->words + *first};
    }
    *first = g->n_words;
}

static void lay_out(grid_t *g, const char *p, size_t n)
{
    uint32_t column = 0, row = 0, block = 0, first = 0;
    for (size_t i = 0; i < n && g->n_words < WORDS_MAX;) {
        if (p[i] == '\f') {
            page_end(g, &first);
            column = row = block = 0;
            i++;
        } else if (p[i] == '\n') {
            column = 0;
            row++;
            i++;
        } else if (p[i] == ' ') {
            column++;
            block += i + 1 < n && p[i + 1] == ' ';
            i++;
        } else {
            size_t end = i;
            while (end < n && strchr(" \n\f", p[end]) == NULL) {
                end++;
            }
            const tm_str_t text = tm_str_n(p + i, end - i);
            const uint32_t width = text.n;
            if (tm_utf8_is_valid(text)) {
                g->words[g->n_words++] = (tm_word_t){.x0 = 6.0f * (float)column,
                                                     .y0 = 12.0f * (float)row,
                                                     .x1 = 6.0f * (float)(column + width) - 1,
                                                     .y1 = 12.0f * (float)row + 10,
                                                     .block = block,
                                                     .line = row,
                                                     .text = text};
            }
            column += width;
            i = end;
        }
    }
    page_end(g, &first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tm_arena_t *arena = tm_arena_new(64 << 20);
    grid_t *g = tm_arena_zalloc(arena, sizeof(*g));
    lay_out(g, (const char *)data, size);
    const tm_pages_t pages = {g->n_pages, g->pages};
    const tm_upload_t upload = {TM_STR("2020/Federal/US Senate/a.pdf"), TM_STR("00")};
    tm_documents_t docs = {0};
    if (g->n_pages > 0 && tm_fcc_read(&upload, &pages, arena, &docs) == TM_OK) {
        tm_buf_t out;
        tm_buf_init(&out, 64 << 20);
        assert(docs.n >= 1);
        for (uint32_t i = 0; i < docs.n; i++) {
            const tm_document_t *doc = &docs.v[i];
            assert(TM_HAS(doc, TM_DOCUMENT_status) && TM_HAS(doc, TM_DOCUMENT_part) &&
                   TM_HAS(doc, TM_DOCUMENT_parts));
            assert(!TM_HAS(doc, TM_DOCUMENT_gross_cents) ||
                   (doc->gross_cents.v <= TM_CENTS_MAX && doc->gross_cents.v >= -TM_CENTS_MAX));
            tm_reading_write(doc, &out);
            assert(tm_record_copy(&tm_document_desc, doc, arena) != NULL ||
                   tm_arena_bytes(arena) > (32u << 20));
        }
        tm_buf_done(&out);
    }
    tm_arena_free(arena);
    return 0;
}
