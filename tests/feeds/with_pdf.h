/* with_pdf.h - small PDF files made by tests: good ones, broken ones, hostile ones.
 *
 * Why:     what a reader does with a strange file must be tested without files of other people. */
#ifndef TM_TESTS_WITH_PDF_H
#define TM_TESTS_WITH_PDF_H
#include "base/buf.h"

/* A file with `pages` pages, each painted by `content` (PDF operators, /F is Helvetica). */
void pdf_pages(tm_buf_t *out, unsigned pages, const char *content);
/* One page with these lines of text, from the top. */
void pdf_lines(tm_buf_t *out, const char *const *lines, size_t n);
/* A page whose content grows without end when it is unpacked: a few KB become gigabytes. */
void pdf_bomb(tm_buf_t *out);
/* A page of forms that call forms: a hundred million words. */
void pdf_laughs(tm_buf_t *out);
/* A page locked with a password that nobody knows. */
void pdf_locked(tm_buf_t *out);
/* A page covered by one grey picture, and nothing else. */
void pdf_scan(tm_buf_t *out);
#endif
