/* words.h - a document as words with boxes, page by page.
 *
 * Why:     readers work on layout; nothing of the PDF but these words reaches them.
 * Source:  `pdftotext -bbox-layout` (XHTML: page, flow, block, line, word).
 * Threads: pure. */
#ifndef TM_FEEDS_WORDS_H
#define TM_FEEDS_WORDS_H
#include "base/base.h"
#include "base/memory.h"
#include "base/why.h"
#include "feeds/limits.h"

typedef struct tm_word {
    float x0, y0, x1, y1; /* points from the page's upper left corner */
    uint32_t block, line; /* running numbers within the page, as pdftotext grouped them */
    tm_str_t text;        /* UTF-8, entities resolved, never empty */
} tm_word_t;

typedef struct tm_page {
    float width, height;
    uint32_t n_words;
    tm_word_t *words; /* in pdftotext's reading order */
} tm_page_t;

typedef struct tm_pages {
    uint32_t n;
    tm_page_t *v; /* page k is v[k - 1] */
} tm_pages_t;

/* Parses the XHTML that pdftotext wrote. Everything is allocated in the arena; texts may point into `xhtml`.
 * Errors: TM_EDAMAGED not that form or cut off; TM_ETOOLARGE more than the limits; TM_ENOMEM arena. O(n). */
TM_MUST_CHECK tm_err_t tm_words_parse(tm_str_t xhtml, tm_arena_t *arena, tm_pages_t *ret,
                                      tm_why_t *why);
#endif
