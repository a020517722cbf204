/* inputs.c - handlers of documents as bytes: stored, asked after, given back.
 *
 * Why:     hashing, writing and reading of bytes happen on job threads; here only names are
 *          checked.
 * Threads: the loop's. */
#include "base/fold.h"
#include "http/records.h"
#include "http/reply.h"

#define FILENAME_MAX_BYTES 255

static bool has_source(void *ctx, const tm_row_t *row)
{
    tm_arena_t *scratch = tm_arena_new(TM_ANSWER_BYTES_MAX);
    const tm_source_t *source = tm_row_read(row, scratch);
    const bool found = source != NULL && tm_str_eq(source->name, *(const tm_str_t *)ctx);
    tm_arena_free(scratch);
    return found;
}

static void check_source(const tm_view_t *directory, tm_str_t source, tm_why_t *why)
{
    if (source.p == NULL) {
        tm_why_add(why, TM_EINVALID, "source", "is needed");
        return;
    }
    const tm_row_t *row;
    uint32_t next;
    if (directory == NULL ||
        tm_view_list(directory, &tm_source_desc, 0, 1, has_source, &source, &row, &next) == 0)
        tm_why_add(why, TM_EINVALID, "source", "is no source");
}

static void check_filename(tm_str_t name, tm_why_t *why)
{
    if (name.p == NULL) {
        tm_why_add(why, TM_EINVALID, "filename", "is needed");
        return;
    }
    bool fine = name.n >= 1 && name.n <= FILENAME_MAX_BYTES && tm_utf8_is_valid(name);
    for (uint32_t i = 0; fine && i < name.n; i++) {
        const unsigned char c = (unsigned char)name.p[i];
        const unsigned char after = i + 1 < name.n ? (unsigned char)name.p[i + 1] : 0;
        fine =
            c >= ' ' && c != 127 && !(c == 0xc2 && after >= 0x80 && after < 0xa0); /* C0, DEL, C1 */
    }
    if (!fine)
        tm_why_add(why, TM_EINVALID, "filename",
                   "must be 1 to %d bytes of UTF-8 without control characters", FILENAME_MAX_BYTES);
}

static tm_id_t check_campaign(tm_call_t *call, const tm_view_t *directory, tm_why_t *why)
{
    const uint32_t before = why->n;
    const tm_id_t id = tm_query_id(call, "campaign_id", tm_campaign_desc.prefix, false, why);
    if (id.v != 0 && why->n == before &&
        (directory == NULL || tm_view_get(directory, &tm_campaign_desc, id) == NULL))
        tm_why_add(why, TM_EINVALID, "campaign_id", "there is no such campaign");
    return id;
}

static tm_str_t media_type(tm_call_t *call)
{
    if (tm_str_starts(tm_call_body(call), "%PDF-"))
        return TM_STR("application/pdf");
    const tm_str_t given = tm_call_header(call, "content-type", NULL);
    const char *semicolon = memchr(given.p, ';', given.n);
    return tm_str_trim(
        tm_str_n(given.p, semicolon == NULL ? given.n : (size_t)(semicolon - given.p)));
}

void tm_handle_input_store(tm_call_t *call)
{
    tm_why_t why;
    tm_why_clear(&why);
    const tm_str_t source = tm_query_get(call, "source");
    const tm_str_t filename = tm_query_get(call, "filename");
    tm_view_t *directory = tm_records_view(call, TM_ACTOR_DIRECTORY);
    check_source(directory, source, &why);
    check_filename(filename, &why);
    const tm_id_t campaign = check_campaign(call, directory, &why);
    tm_shared_unref(directory);
    if (tm_reply_faults(call, &why))
        return;
    void *payload = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_INPUT_STORED, campaign, &payload);
    if (msg == NULL)
        return;
    tm_raw_input_t *input = payload;
    input->source = tm_arena_str(msg->arena, source);
    TM_MARK(input, TM_RAW_INPUT_source);
    input->filename = tm_arena_str(msg->arena, filename);
    TM_MARK(input, TM_RAW_INPUT_filename);
    input->media_type = tm_arena_str(msg->arena, media_type(call));
    TM_MARK(input, TM_RAW_INPUT_media_type);
    if (campaign.v != 0) {
        input->campaign_id = campaign;
        TM_MARK(input, TM_RAW_INPUT_campaign_id);
    }
    const tm_services_t *services = &call->loop->http->options.services;
    const tm_err_t err = services->input_store(services->self, msg, tm_call_body(call));
    if (err != TM_OK) {
        tm_call_stop_waiting(call);
        tm_reply_problem(call, err, NULL);
    }
}

void tm_handle_input_list(tm_call_t *call)
{
    tm_word_filter_t filter;
    if (!tm_word_filter_read(call, "status", &tm_raw_input_desc, &filter))
        return;
    tm_view_t *view = tm_records_view(call, TM_ACTOR_FEED);
    tm_records_list(call, view, &tm_raw_input_desc, tm_word_filter_keep, &filter);
    tm_shared_unref(view);
    tm_word_filter_done(&filter);
}

void tm_handle_input_show(tm_call_t *call)
{
    tm_records_show_path(call, &tm_raw_input_desc, TM_ACTOR_FEED, NULL);
}

static void ask_content(tm_call_t *call, const tm_raw_input_t *input)
{
    call->sandboxed = true; /* what people uploaded is never run by a browser */
    const char *etag = tm_call_printf(call, "\"%.*s\"", (int)input->sha256.n, input->sha256.p);
    if (tm_reply_not_modified(call, etag))
        return;
    tm_reply_to_t to;
    if (tm_call_wait(call, &to) != TM_OK) {
        tm_reply_problem(call, TM_EBUSY, NULL);
        return;
    }
    const tm_services_t *services = &call->loop->http->options.services;
    const tm_err_t err =
        services->input_content(services->self, input->sha256, input->filename, to);
    if (err != TM_OK) {
        tm_call_stop_waiting(call);
        tm_reply_problem(call, err, NULL);
    }
}

void tm_handle_input_content(tm_call_t *call)
{
    const tm_id_t id = tm_records_path_id(call, tm_raw_input_desc.prefix);
    if (id.v == 0)
        return;
    tm_view_t *view = tm_records_view(call, TM_ACTOR_FEED);
    const tm_row_t *row = view == NULL ? NULL : tm_view_get(view, &tm_raw_input_desc, id);
    tm_arena_t *scratch = tm_arena_new(TM_ANSWER_BYTES_MAX);
    const tm_raw_input_t *input = row == NULL ? NULL : tm_row_read(row, scratch);
    if (input == NULL || input->id.v != id.v)
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
    else
        ask_content(call, input);
    tm_arena_free(scratch);
    tm_shared_unref(view);
}
