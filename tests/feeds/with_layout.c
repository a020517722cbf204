/* with_layout.c - see with_layout.h.
 * */
#include "with_layout.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PAGES_MAX 40
#define WORDS_MAX 4000

struct layout {
    tm_arena_t *arena;
    uint32_t n, block;
    tm_page_t pages[PAGES_MAX];
};

layout_t *layout_new(tm_arena_t *arena)
{
    layout_t *l = tm_arena_zalloc(arena, sizeof *l);
    assert_non_null(l);
    l->arena = arena;
    return l;
}

void layout_page(layout_t *l)
{
    assert_true(l->n < PAGES_MAX);
    tm_page_t *p = &l->pages[l->n++];
    p->width = 792;
    p->height = 612;
    p->words = tm_arena_alloc(l->arena, WORDS_MAX * sizeof *p->words);
    assert_non_null(p->words);
    l->block = 0;
}

void layout_put(layout_t *l, float x, float y, const char *text)
{
    assert_true(l->n > 0);
    tm_page_t *p = &l->pages[l->n - 1];
    const tm_str_t all = tm_arena_str(l->arena, tm_str(text));
    l->block++;
    for (uint32_t i = 0; i < all.n;) {
        uint32_t end = i;
        while (end < all.n && all.p[end] != ' ') {
            end++;
        }
        if (end > i) {
            assert_true(p->n_words < WORDS_MAX);
            p->words[p->n_words++] = (tm_word_t){.x0 = x + 5 * (float)i,
                                                 .x1 = x + 5 * (float)end,
                                                 .y0 = y,
                                                 .y1 = y + 9,
                                                 .block = l->block,
                                                 .line = l->block,
                                                 .text = {all.p + i, end - i}};
        }
        i = end + 1;
    }
}

void layout_rows(layout_t *l, float y, const char *const *rows, unsigned n)
{
    for (unsigned r = 0; r < n; r++) {
        const tm_str_t row = tm_str(rows[r]);
        for (uint32_t i = 0; i < row.n;) {
            if (row.p[i] == ' ') {
                i++;
                continue;
            }
            uint32_t end = i;
            while (end < row.n &&
                   !(row.p[end] == ' ' && (end + 1 >= row.n || row.p[end + 1] == ' '))) {
                end++;
            }
            const tm_str_t cell = tm_arena_str(l->arena, (tm_str_t){row.p + i, end - i});
            layout_put(l, 20 + 5 * (float)i, y + 12 * (float)r, cell.p);
            i = end;
        }
    }
}

tm_pages_t layout_pages(layout_t *l)
{
    return (tm_pages_t){l->n, l->pages};
}

tm_documents_t layout_read(layout_t *l, uint32_t parts)
{
    tm_documents_t docs = {0};
    const tm_pages_t pages = layout_pages(l);
    assert_int_equal(tm_fcc_read(NULL, &pages, l->arena, &docs), TM_OK);
    assert_true(docs.n >= 1);
    if (parts > 0)
        assert_int_equal(docs.n, parts);
    return docs;
}
