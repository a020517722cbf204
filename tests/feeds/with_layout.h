/* with_layout.h - pages of words with boxes laid out by tests: text put at places, as pdftotext
 * would give it.
 *
 * Why:     readers of station papers are tested on layouts of our own, with invented names; a place
 *          is where a word is. */
#ifndef TM_TESTS_WITH_LAYOUT_H
#define TM_TESTS_WITH_LAYOUT_H
#include "feeds/fcc.h"

typedef struct layout layout_t;

/* An empty paper; everything lies in the arena. */
layout_t *layout_new(tm_arena_t *arena);
/* Begins the next page, 792 points wide and 612 high. */
void layout_page(layout_t *layout);
/* Puts the words of a text from x on, 5 points a character, 9 high; each call is one line of a
 * block of its own. */
void layout_put(layout_t *layout, float x, float y, const char *text);
/* Rows of text from y on, 12 points apart; in each, cells are placed by their column in the text (5
 * points a character) where two spaces or more separate them. */
void layout_rows(layout_t *layout, float y, const char *const *rows, unsigned n);
/* The pages so far. */
tm_pages_t layout_pages(layout_t *layout);
/* Reads them. Fails the test unless it gives TM_OK and `parts` documents (0: any number). */
tm_documents_t layout_read(layout_t *layout, uint32_t parts);
#endif
