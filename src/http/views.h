/* views.h - the last answers of GET /matrix with parameters, kept by a loop while their version is
 * the newest.
 *
 * Why:     people look at the same few views again and again; encoding one costs the loop
 *          milliseconds.
 * Threads: the loop's. */
#ifndef TM_HTTP_VIEWS_H
#define TM_HTTP_VIEWS_H
#include "base/blob.h"

typedef struct tm_views tm_views_t;
/* Names an answer: the query string as it came holds the campaign too. */
typedef struct tm_view_name {
    uint64_t epoch, version;
    tm_str_t query;
} tm_view_name_t;

TM_OWN tm_views_t *tm_views_new(void);
void tm_views_free(TM_OWN tm_views_t *views);
void tm_views_empty(tm_views_t *views);
/* A reference for the caller, NULL: not kept. O(VIEWS_MAX). */
TM_OWN tm_blob_t *tm_views_get(tm_views_t *views, const tm_view_name_t *name);
/* Keeps an answer in place of the one that was not asked for longest; too large ones are not
 * kept. */
void tm_views_put(tm_views_t *views, const tm_view_name_t *name, tm_blob_t *body);
#endif
