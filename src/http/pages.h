/* pages.h - the built browser application, from memory.
 *
 * Threads: load, free: app. serve: any loop. */
#ifndef TM_HTTP_PAGES_H
#define TM_HTTP_PAGES_H
#include "http/call.h"

typedef struct tm_pages tm_pages_t;
/* Reads a folder once, compresses what shrinks. dir NULL or missing: a table without pages.
 * O(bytes). */
TM_OWN tm_pages_t *tm_pages_load(const char *dir);
void tm_pages_free(TM_OWN tm_pages_t *pages);
/* Answers a path outside the API: a file, the application's page, 404 or 405. */
void tm_pages_serve(tm_call_t *call, tm_str_t path);
#endif
