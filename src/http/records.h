/* records.h - records of snapshots as answers: one by id, or pages of a list.
 *
 * Threads: the loop's. */
#ifndef TM_HTTP_RECORDS_H
#define TM_HTTP_RECORDS_H
#include "actors/view.h"
#include "http/call.h"

/* The snapshot of directory, feed, queue or a campaign with a reference, NULL: none. */
TM_OWN tm_view_t *tm_records_view(const tm_call_t *call, uint32_t actor);
/* The campaign named by a query parameter; with as_of_ms (where the route takes it) as it was then.
 * NULL: it has answered (422 or 404), or the handler will run again: a campaign is known to the
 * directory, which answers its making, a moment before it has a snapshot of its own; and a picture
 * of the past takes a while (as_of.h). */
TM_OWN tm_campaign_view_t *tm_records_campaign(tm_call_t *call);
/* What ends the ETags of a picture of the past, so that they differ from today's; else "". */
const char *tm_records_etag_end(const tm_view_t *view);
/* Is there a campaign with this id, by the directory? */
bool tm_records_knows(const tm_call_t *call, tm_id_t campaign);
/* Answers one record with its ETag, or 304, or 404. write: NULL for plain JSON. */
void tm_records_show(tm_call_t *call, const tm_view_t *view, const tm_desc_t *desc, tm_id_t id,
                     void (*write)(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out));
/* The whole handler of one record by the id in its path. actor keeps it; TM_RECORDS_OF_ID: the one
 * that made the id. write as above. */
#define TM_RECORDS_OF_ID UINT32_MAX
void tm_records_show_path(tm_call_t *call, const tm_desc_t *desc, uint32_t actor,
                          void (*write)(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out));
/* The id in the path; 0: it has answered 404. */
tm_id_t tm_records_path_id(tm_call_t *call, const char *prefix);
/* Answers a page {items, next_cursor} of what keep (NULL: all) lets through. */
void tm_records_list(tm_call_t *call, const tm_view_t *view, const tm_desc_t *desc,
                     bool (*keep)(void *ctx, const tm_row_t *row), void *ctx);

/* The same; write (NULL: plain JSON) writes one item and sees write_ctx. */
typedef void tm_record_write_t(void *ctx, const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out);
void tm_records_list_with(tm_call_t *call, const tm_view_t *view, const tm_desc_t *desc,
                          bool (*keep)(void *ctx, const tm_row_t *row), void *ctx,
                          tm_record_write_t *write, void *write_ctx);
/* Answers one record with that ETag, or 304. */
void tm_records_show_with(tm_call_t *call, const tm_row_t *row, const char *etag,
                          tm_record_write_t *write, void *write_ctx);

/* A filter by one field that holds a word, e.g. ?status=open; word -1 keeps all. */
typedef struct tm_word_filter {
    uint32_t field; /* index */
    int word;
    tm_arena_t *scratch;
} tm_word_filter_t;
bool tm_word_filter_keep(void *filter, const tm_row_t *row);
/* Reads the parameter into the filter; false: it has answered. */
bool tm_word_filter_read(tm_call_t *call, const char *name, const tm_desc_t *desc,
                         tm_word_filter_t *ret);
void tm_word_filter_done(tm_word_filter_t *filter);
#endif
