/* with_sheet.h - sheets for tests: text as it is, workbooks from their XML parts.
 *
 * Threads: the test's. */
#ifndef TM_TESTS_FILES_WITH_SHEET_H
#define TM_TESTS_FILES_WITH_SHEET_H
#include "base/buf.h"
#include "files/sheet.h"
#include "files/sheet_read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct xml_part {
    const char *name, *text;
    size_t n; /* 0: strlen(text) */
} xml_part_t;
/* The bytes of a ZIP of these parts; tm_buf_done it. */
tm_buf_t zip_of(const xml_part_t *parts, size_t n);
/* A workbook of one sheet "Comp" whose <sheetData> holds `rows`; texts: <si> elements, styles: the
 * inside of <styleSheet>; NULL: none. */
tm_buf_t book_of(const char *rows, const char *texts, const char *styles);

typedef struct reading {
    tm_arena_t *arena;
    tm_sheet_documents_t docs;
} reading_t;
/* Reads bytes by no mapping; fails the test on an error. reading_done it. */
reading_t reading_of(tm_str_t bytes);
reading_t reading_mapped(tm_str_t bytes, const tm_column_mapping_t *mapping);
void reading_done(reading_t *r);
/* The only document of a file that was not read has this status and reason. */
void assert_refused(const reading_t *r, int status, const char *reason);
/* The i-th exception. */
void assert_exception(const reading_t *r, uint32_t i, const char *kind, const char *subject,
                      const char *part_of_details);
void assert_text(tm_str_t got, const char *want);
tm_day_t day_named(const char *text);
#endif
