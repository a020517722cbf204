/* export.c - handler of the matrix as a file.
 *
 * Why:     writing a file takes longer than a loop may: the picture of the campaign is handed to a
 *          job thread, which answers.
 * Threads: the loop's. */
#include "http/records.h"
#include "http/reply.h"

/* The formats as words; NULL: none of them. */
static const char *format_of(tm_str_t text)
{
    static const char *const formats[] = {"csv", "xlsx", "pdf"};
    for (size_t i = 0; i < TM_COUNT(formats); i++) {
        if (tm_str_eq(text, tm_str(formats[i])))
            return formats[i];
    }
    return NULL;
}

/* false: it has answered. campaign_id and as_of_ms are read by tm_records_campaign. */
static bool read_query(tm_call_t *call, tm_matrix_export_t *ask)
{
    tm_why_t why;
    tm_why_clear(&why);
    ask->query = tm_matrix_query_default();
    ask->format = format_of(tm_query_get(call, "format"));
    if (ask->format == NULL)
        tm_why_add(&why, TM_EINVALID, "format", "must be csv, xlsx or pdf");
    for (uint32_t i = 0; i < call->n_query; i++) {
        const tm_query_value_t *each = &call->query[i];
        if (tm_str_eq(each->name, TM_STR("campaign_id")) ||
            tm_str_eq(each->name, TM_STR("as_of_ms")) || tm_str_eq(each->name, TM_STR("format")))
            continue;
        if (tm_matrix_query_parse(each->name, each->value, &ask->query, &why) != TM_OK &&
            why.n == 0)
            tm_why_add(&why, TM_EINVALID, "", "a parameter is wrong");
    }
    return !tm_reply_faults(call, &why);
}

static tm_err_t hand_over(tm_call_t *call, const tm_matrix_export_t *ask)
{
    const tm_services_t *services = &call->loop->http->options.services;
    tm_reply_to_t to;
    if (services->matrix_export == NULL)
        return TM_EUNAVAILABLE;
    if (tm_call_wait(call, &to) != TM_OK)
        return TM_EBUSY;
    const tm_err_t err = services->matrix_export(services->self, ask, to);
    if (err != TM_OK)
        tm_call_stop_waiting(call);
    return err;
}

void tm_handle_matrix_export(tm_call_t *call)
{
    tm_matrix_export_t ask = {0};
    if (!read_query(call, &ask))
        return;
    ask.view = tm_records_campaign(call);
    if (ask.view == NULL)
        return;
    ask.directory = tm_records_view(call, TM_ACTOR_DIRECTORY);
    /* Names of markets are the directory's: its version is part of what the file was made of. */
    const uint64_t names = ask.directory == NULL ? 0 : ask.directory->version;
    const char *etag = tm_call_etag(call, ask.view->epoch, ask.view->view.version,
                                    tm_call_printf(call, "-%llu", (unsigned long long)names));
    call->sandboxed = true; /* what people typed is never run by a browser */
    if (tm_reply_not_modified(call, etag)) {
        tm_shared_unref(ask.directory);
        tm_shared_unref(ask.view);
        return;
    }
    const tm_err_t err = hand_over(call, &ask);
    if (err != TM_OK) {
        tm_shared_unref(ask.directory);
        tm_shared_unref(ask.view);
        tm_reply_problem(call, err, NULL);
    }
}
