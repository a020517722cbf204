/* mappings.c - handlers of the columns of sources' sheets.
 *
 * Threads: the loop's. */
#include "http/records.h"
#include "http/reply.h"
#include "schema/json.h"

void tm_handle_mapping_list(tm_call_t *call)
{
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_records_list(call, view, &tm_column_mapping_desc, NULL, NULL);
    tm_shared_unref(view);
}

/* What a field or source may be, the directory knows. */
void tm_handle_mapping_put(tm_call_t *call)
{
    void *mapping = NULL;
    tm_message_t *msg = tm_write_begin(call, TM_MSG_MAPPING_PUT, (tm_id_t){0}, &mapping);
    if (msg == NULL)
        return;
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err =
        tm_write_read(call, msg, &tm_column_mapping_desc, TM_JSON_REQUEST, mapping, NULL, &why);
    if (err != TM_OK)
        tm_write_fail(call, msg, err, &why);
    else
        tm_write_post(call, TM_ACTOR_DIRECTORY, msg);
}
