/* fuzz_words.c - the parser of pdftotext's XHTML: any bytes; what it accepts keeps its promises. */
#include "base/fold.h"
#include "feeds/words.h"
#include <math.h>
#include <stdlib.h>

static void check(const tm_pages_t *pages)
{
    assert(pages->n <= TM_PAGES_MAX);
    for (uint32_t i = 0; i < pages->n; i++) {
        const tm_page_t *page = &pages->v[i];
        assert(isfinite(page->width) && isfinite(page->height));
        assert(page->n_words <= TM_PAGE_WORDS_MAX);
        for (uint32_t k = 0; k < page->n_words; k++) {
            const tm_word_t *word = &page->words[k];
            assert(isfinite(word->x0) && isfinite(word->y0) && word->x0 <= word->x1 &&
                   word->y0 <= word->y1);
            assert(word->text.n > 0 && tm_utf8_is_valid(word->text));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char HEAD[] = "<body>\n<doc>\n";
    tm_arena_t *arena = tm_arena_new(16 << 20);
    tm_pages_t pages;
    if (tm_words_parse(tm_str_n((const char *)data, size), arena, &pages, NULL) == TM_OK) {
        check(&pages);
    }
    tm_arena_reset(arena);
    char *text =
        malloc(sizeof(HEAD) - 1 + size); /* once more past the head, in an allocation of its own */
    memcpy(text, HEAD, sizeof(HEAD) - 1);
    memcpy(text + sizeof(HEAD) - 1, data, size);
    if (tm_words_parse(tm_str_n(text, sizeof(HEAD) - 1 + size), arena, &pages, NULL) == TM_OK) {
        check(&pages);
    }
    free(text);
    tm_arena_free(arena);
    return 0;
}
