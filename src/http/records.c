/* records.c - reading snapshots: one record, or a page of a list.
 *
 * Why:     all GETs of records differ only in where they look and what they keep.
 * How:     a record's ETag is "id-version", a list's "actor-version"; a cursor is the counter of
 *          the last id shown, so a page is stable while others are added.
 * Threads: the loop's. */
#include "http/records.h"
#include "http/as_of.h"
#include "http/meanings.h"
#include "http/reply.h"
#include "schema/record.h"

#define SCRATCH_BYTES_MAX (64u << 20)

TM_OWN tm_view_t *tm_records_view(const tm_call_t *call, uint32_t actor)
{
    /* Other actors publish pictures of other shapes, or none. */
    if (actor != TM_ACTOR_DIRECTORY && actor != TM_ACTOR_FEED && actor != TM_ACTOR_QUEUE &&
        actor < TM_ACTOR_CAMPAIGN_0)
        return NULL;
    return tm_runtime_snapshot(call->loop->http->rt, actor);
}

const char *tm_records_etag_end(const tm_view_t *view)
{
    const bool campaign = view->actor >= TM_ACTOR_CAMPAIGN_0;
    return campaign && ((const tm_campaign_view_t *)view)->is_past ? "-as-of" : "";
}

bool tm_records_knows(const tm_call_t *call, tm_id_t campaign)
{
    tm_view_t *directory = tm_records_view(call, TM_ACTOR_DIRECTORY);
    const bool known =
        directory != NULL && tm_view_get(directory, &tm_campaign_desc, campaign) != NULL;
    tm_shared_unref(directory);
    return known;
}

/* The snapshot of the campaign itself, NULL: there is none (yet). */
static tm_campaign_view_t *newest(const tm_call_t *call, tm_id_t id)
{
    tm_campaign_view_t *view = NULL;
    if (tm_id_actor(id) == TM_ACTOR_DIRECTORY &&
        tm_id_counter(id) <= TM_ID_ACTOR_MAX - TM_ACTOR_CAMPAIGN_0)
        view = tm_runtime_snapshot(call->loop->http->rt, tm_campaign_actor(id));
    if (view != NULL && view->campaign_id.v == id.v)
        return view;
    tm_shared_unref(view);
    return NULL;
}

TM_OWN tm_campaign_view_t *tm_records_campaign(tm_call_t *call)
{
    if (call->meaning != NULL && call->meaning->campaign.v != 0) {
        tm_campaign_view_t *view = newest(call, call->meaning->campaign);
        if (view != NULL)
            return view;
    }
    tm_why_t why;
    tm_why_clear(&why);
    const tm_id_t id = tm_query_id(call, "campaign_id", tm_campaign_desc.prefix, true, &why);
    tm_ms_t at;
    (void)tm_as_of_read(call, &at, &why);
    if (tm_reply_faults(call, &why))
        return NULL;
    tm_campaign_view_t *view = newest(call, id);
    if (view != NULL) {
        if (call->meaning != NULL && tm_query_get(call, "as_of_ms").p == NULL)
            call->meaning->campaign = id;
        return tm_as_of_view(call, view);
    }
    if (tm_records_knows(call, id))
        tm_call_retry(call);
    else
        tm_reply_fault(call, TM_ENOTFOUND, "campaign_id", "there is no such campaign");
    return NULL;
}

tm_id_t tm_records_path_id(tm_call_t *call, const char *prefix)
{
    tm_id_t id = {0};
    if (tm_id_parse(prefix, call->names[0], &id) != TM_OK || id.v == 0) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
        return (tm_id_t){0};
    }
    return id;
}

/* Fields every entity has, by their common place. */
typedef struct common_head {
    tm_has_t has;
    TM_COMMON_FIELDS(TM_STRUCT_FIELD_, "")
} common_head_t;

void tm_records_show(tm_call_t *call, const tm_view_t *view, const tm_desc_t *desc, tm_id_t id,
                     void (*write)(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out))
{
    const tm_row_t *row = view == NULL ? NULL : tm_view_get(view, desc, id);
    if (row == NULL || row->id.v != id.v) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
        return;
    }
    tm_arena_t *scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    const common_head_t *record = tm_row_read(row, scratch);
    if (record == NULL) {
        tm_arena_free(scratch);
        tm_reply_problem(call, TM_ENOMEM, NULL);
        return;
    }
    char text[TM_ID_TEXT_MAX];
    tm_id_format(desc->prefix, id, text);
    const char *etag =
        tm_call_tag(call, tm_str(text), (uint64_t)record->version, tm_records_etag_end(view));
    if (!tm_reply_not_modified(call, etag)) {
        tm_buf_t out;
        tm_buf_init(&out, TM_ANSWER_BYTES_MAX);
        (write == NULL ? tm_row_write_json : write)(row, scratch, &out);
        tm_reply_buf(call, 200, TM_JSON_TYPE, &out);
    }
    tm_arena_free(scratch);
}

void tm_records_show_path(tm_call_t *call, const tm_desc_t *desc, uint32_t actor,
                          void (*write)(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out))
{
    const tm_id_t id = tm_records_path_id(call, desc->prefix);
    if (id.v == 0)
        return;
    tm_view_t *view = tm_records_view(call, actor == TM_RECORDS_OF_ID ? tm_id_actor(id) : actor);
    tm_records_show(call, view, desc, id, write);
    tm_shared_unref(view);
}

void tm_records_show_with(tm_call_t *call, const tm_row_t *row, const char *etag,
                          tm_record_write_t *write, void *write_ctx)
{
    if (tm_reply_not_modified(call, etag))
        return;
    tm_arena_t *scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    tm_buf_t out;
    tm_buf_init(&out, TM_ANSWER_BYTES_MAX);
    write(write_ctx, row, scratch, &out);
    tm_arena_free(scratch);
    tm_reply_buf(call, 200, TM_JSON_TYPE, &out);
}

/* ---- lists ---- */

static uint32_t read_limit(tm_call_t *call, tm_why_t *why)
{
    const tm_str_t text = tm_query_get(call, "limit");
    int64_t limit = TM_LIST_LIMIT_MAX;
    if (text.p != NULL && (!tm_str_i64(text, &limit) || limit < 1 || limit > TM_LIST_LIMIT_MAX)) {
        tm_why_add(why, TM_EINVALID, "limit", "must be a number from 1 to %d", TM_LIST_LIMIT_MAX);
        return 0;
    }
    return (uint32_t)limit;
}

static uint32_t read_cursor(tm_call_t *call, tm_why_t *why)
{
    const tm_str_t text = tm_query_get(call, "cursor");
    int64_t cursor = 0;
    if (text.p != NULL && (!tm_str_i64(text, &cursor) || cursor < 1 || cursor > UINT32_MAX)) {
        tm_why_add(why, TM_EINVALID, "cursor", "must be the next_cursor of an earlier page");
        return 0;
    }
    return (uint32_t)cursor;
}

void tm_records_list(tm_call_t *call, const tm_view_t *view, const tm_desc_t *desc,
                     bool (*keep)(void *ctx, const tm_row_t *row), void *ctx)
{
    tm_records_list_with(call, view, desc, keep, ctx, NULL, NULL);
}

void tm_records_list_with(tm_call_t *call, const tm_view_t *view, const tm_desc_t *desc,
                          bool (*keep)(void *ctx, const tm_row_t *row), void *ctx,
                          tm_record_write_t *write, void *write_ctx)
{
    tm_why_t why;
    tm_why_clear(&why);
    const uint32_t limit = read_limit(call, &why);
    const uint32_t after = read_cursor(call, &why);
    if (tm_reply_faults(call, &why))
        return;
    if (view != NULL && tm_reply_not_modified(call, tm_call_etag(call, view->actor, view->version,
                                                                 tm_records_etag_end(view))))
        return;
    const tm_row_t *rows[TM_LIST_LIMIT_MAX];
    uint32_t next = 0;
    const uint32_t n =
        view == NULL ? 0 : tm_view_list(view, desc, after, limit, keep, ctx, rows, &next);
    assert(n <= limit);
    tm_arena_t *scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    tm_buf_t out;
    tm_buf_init(&out, TM_ANSWER_BYTES_MAX);
    tm_buf_add_c(&out, "{\"items\":[");
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            tm_buf_add_char(&out, ',');
        if (write == NULL)
            tm_row_write_json(rows[i], scratch, &out);
        else
            write(write_ctx, rows[i], scratch, &out);
        tm_arena_reset(scratch);
    }
    if (next == 0)
        tm_buf_add_c(&out, "],\"next_cursor\":null}");
    else
        tm_buf_printf(&out, "],\"next_cursor\":\"%u\"}", next);
    tm_arena_free(scratch);
    tm_reply_buf(call, 200, TM_JSON_TYPE, &out);
}

/* ---- filters ---- */

bool tm_word_filter_keep(void *ctx, const tm_row_t *row)
{
    const tm_word_filter_t *filter = ctx;
    if (filter->word < 0)
        return true;
    const char *record = tm_row_read(row, filter->scratch);
    bool keep = false;
    if (record != NULL) {
        tm_enum_t word;
        memcpy(&word, record + row->desc->fields[filter->field].offset, sizeof(word));
        keep = TM_HAS((const common_head_t *)(const void *)record, filter->field) &&
               word.v == filter->word;
    }
    tm_arena_reset(filter->scratch);
    return keep;
}

bool tm_word_filter_read(tm_call_t *call, const char *name, const tm_desc_t *desc,
                         tm_word_filter_t *ret)
{
    const int field = tm_field_find(desc, tm_str(name));
    assert(field >= 0 && desc->fields[field].type == TM_T_ENUM);
    const tm_str_t text = tm_query_get(call, name);
    int word = -1;
    if (text.p != NULL) {
        word = tm_words_find(desc->fields[field].extra.words, text);
        if (word < 0) {
            tm_reply_fault(call, TM_EINVALID, name, "is none of the words it may be");
            return false;
        }
    }
    *ret = (tm_word_filter_t){(uint32_t)field, word, tm_arena_new(SCRATCH_BYTES_MAX)};
    return true;
}

void tm_word_filter_done(tm_word_filter_t *filter)
{
    tm_arena_free(filter->scratch);
    filter->scratch = NULL;
}
