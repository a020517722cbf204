/* tables.c - handlers of stations and markets, and of the server's own state.
 *
 * Threads: the loop's. */
#include "http/records.h"
#include "http/reply.h"

#define HEALTH_BYTES_MAX (256u << 10)

static void list(tm_call_t *call, const tm_desc_t *desc)
{
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_records_list(call, view, desc, NULL, NULL);
    tm_shared_unref(view);
}

void tm_handle_station_list(tm_call_t *call)
{
    list(call, &tm_station_desc);
}
void tm_handle_market_list(tm_call_t *call)
{
    list(call, &tm_market_desc);
}

/* Repeatable by nature, so an idempotency key adds nothing. */
static void import_table(tm_call_t *call, const char *what)
{
    tm_reply_to_t to;
    if (tm_call_wait(call, &to) != TM_OK) {
        tm_reply_problem(call, TM_EBUSY, NULL);
        return;
    }
    const tm_services_t *services = &call->loop->http->options.services;
    const tm_err_t err = services->table_import(services->self, what, tm_call_body(call), to,
                                                tm_str(call->principal));
    if (err != TM_OK) {
        tm_call_stop_waiting(call);
        tm_reply_problem(call, err, NULL);
    }
}

void tm_handle_stations_import(tm_call_t *call)
{
    import_table(call, "stations");
}
void tm_handle_markets_import(tm_call_t *call)
{
    import_table(call, "markets");
}

void tm_handle_ping(tm_call_t *call)
{
    tm_reply_static(call, 200, TM_JSON_TYPE, TM_STR("{\"status\":\"ok\"}"));
}

void tm_handle_health(tm_call_t *call)
{
    const tm_services_t *services = &call->loop->http->options.services;
    tm_buf_t out;
    tm_buf_init(&out, HEALTH_BYTES_MAX);
    const bool fine = services->health(services->self, &out);
    if (!fine)
        tm_reply_header(call, "retry-after", "1");
    tm_reply_buf(call, fine ? 200 : 503, TM_JSON_TYPE, &out);
}

void tm_handle_openapi(tm_call_t *call)
{
    tm_reply_blob(call, 200, TM_JSON_TYPE, tm_blob_ref(call->loop->http->openapi));
}
