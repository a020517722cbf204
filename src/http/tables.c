/* tables.c - handlers of stations, markets and advertisers, and of the server's own state.
 *
 * Threads: the loop's. */
#include "base/fold.h"
#include "base/map.h"
#include "http/coding.h"
#include "http/records.h"
#include "http/reply.h"

#define SCRATCH_BYTES_MAX (64u << 20)

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

/* ---- advertisers and their spellings ---- */

/* Advertisers some spelling of which holds the folded text. A row's bytes hold its strings as they
 * are, so most rows need not be unpacked. */
static tm_map_t spelled_like(const tm_view_t *view, tm_str_t key, tm_arena_t *scratch)
{
    tm_map_t found = {0};
    uint32_t at = 0;
    const tm_trie_t *aliases = &view->tables[tm_advertiser_alias_desc.number];
    for (const tm_row_t *row; (row = tm_trie_next(aliases, &at)); at++) {
        if (memmem(row->bytes, row->n, key.p, key.n) != NULL) {
            const tm_advertiser_alias_t *alias = tm_row_read(row, scratch);
            if (alias != NULL && memmem(alias->norm.p, alias->norm.n, key.p, key.n) != NULL)
                (void)tm_map_put(&found, alias->advertiser_id.v, scratch);
            tm_arena_reset(scratch);
        }
        if (at == UINT32_MAX)
            break;
    }
    return found;
}

typedef struct advertiser_filter {
    const tm_map_t *among; /* NULL: all */
    tm_arena_t *scratch;
} advertiser_filter_t;

/* One that is known under another's name now was put away. */
static bool advertiser_keep(void *ctx, const tm_row_t *row)
{
    const advertiser_filter_t *filter = ctx;
    if (filter->among != NULL && tm_map_get(filter->among, row->id.v) == NULL)
        return false;
    const tm_advertiser_t *advertiser = tm_row_read(row, filter->scratch);
    const bool keep = advertiser != NULL && !TM_HAS(advertiser, TM_ADVERTISER_archived_ms);
    tm_arena_reset(filter->scratch);
    return keep;
}

void tm_handle_advertiser_list(tm_call_t *call)
{
    tm_arena_t *scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    tm_arena_t *own = tm_arena_new(SCRATCH_BYTES_MAX);
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    const tm_str_t q = tm_query_get(call, "q");
    const tm_str_t key = q.p == NULL ? q : tm_fold_key(own, q);
    tm_map_t among = {0};
    if (view != NULL && key.n > 0)
        among = spelled_like(view, key, scratch);
    const advertiser_filter_t filter = {key.n > 0 ? &among : NULL, scratch};
    tm_records_list(call, view, &tm_advertiser_desc, advertiser_keep, (void *)(uintptr_t)&filter);
    tm_map_done(&among);
    tm_shared_unref(view);
    tm_arena_free(own);
    tm_arena_free(scratch);
}

typedef struct alias_filter {
    tm_id_t advertiser;
    tm_arena_t *scratch;
} alias_filter_t;

static bool alias_keep(void *ctx, const tm_row_t *row)
{
    const alias_filter_t *filter = ctx;
    if (filter->advertiser.v == 0)
        return true;
    const tm_advertiser_alias_t *alias = tm_row_read(row, filter->scratch);
    const bool keep = alias != NULL && alias->advertiser_id.v == filter->advertiser.v;
    tm_arena_reset(filter->scratch);
    return keep;
}

void tm_handle_alias_list(tm_call_t *call)
{
    tm_why_t why;
    tm_why_clear(&why);
    alias_filter_t filter = {
        tm_query_id(call, "advertiser_id", tm_advertiser_desc.prefix, false, &why), NULL};
    if (tm_reply_faults(call, &why))
        return;
    filter.scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    tm_view_t *view = tm_records_view(call, TM_ACTOR_DIRECTORY);
    tm_records_list(call, view, &tm_advertiser_alias_desc, alias_keep, &filter);
    tm_shared_unref(view);
    tm_arena_free(filter.scratch);
}

/* ---- tables from outside ---- */

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

/* ---- the server itself ---- */

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
    tm_http_t *http = call->loop->http;
    call->varies = true;
    tm_reply_coded(call, TM_JSON_TYPE, tm_blob_ref(http->openapi), &http->openapi_coded, NULL);
}
