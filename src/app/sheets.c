/* sheets.c - see sheets.h.
 *
 * How:     mappings, names and spellings of markets come from the directory's picture at the time
 *          of the job. A list whose rows cannot all be read is refused with every fault: what it
 *          lacks would otherwise be called missing.
 * Threads: job threads. */
#include "app/sheets.h"

#include "actors/names.h"
#include "base/fold.h"
#include "base/map.h"
#include "base/time.h"
#include "domain/money.h"
#include "domain/order.h"
#include "files/sheet_read.h"
#include "schema/record.h"

#include <stdio.h>

/* The mapping of a source, NULL: none. */
static const tm_column_mapping_t *mapping_of(const tm_view_t *directory, tm_str_t source,
                                             tm_arena_t *arena)
{
    const tm_trie_t *table = &directory->tables[tm_column_mapping_desc.number];
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_trie_next(table, &key)) != NULL; key++) {
        const tm_column_mapping_t *mapping = tm_row_read(row, arena);
        if (mapping != NULL && tm_str_eq(mapping->source, source))
            return tm_record_copy(&tm_column_mapping_desc, mapping, arena); /* the row may go */
    }
    return NULL;
}

static tm_err_t read_sheet(const tm_view_t *directory, tm_str_t source, tm_str_t bytes,
                           tm_arena_t *arena, tm_sheet_documents_t *ret)
{
    const tm_sheet_upload_t upload = {
        .source = source,
        .mapping = directory == NULL ? NULL : mapping_of(directory, source, arena)};
    return tm_sheet_read(&upload, bytes, arena, ret);
}

tm_err_t tm_sheets_read(tm_world_t *world, const tm_raw_input_t *input, tm_str_t bytes,
                        tm_arena_t *arena, tm_documents_t *ret, tm_recs_t *ret_exceptions)
{
    tm_view_t *directory = tm_runtime_snapshot(world->rt, TM_ACTOR_DIRECTORY);
    tm_sheet_documents_t docs;
    const tm_err_t err = read_sheet(directory, input->source, bytes, arena, &docs);
    tm_shared_unref(directory);
    if (err != TM_OK)
        return err;
    for (uint32_t i = 0; i < docs.n_exceptions; i++) {
        tm_exception_t *e = &docs.exceptions[i];
        const bool of_row = tm_str_starts(e->subject, "row ");
        if (!of_row && TM_HAS(input, TM_RAW_INPUT_filename)) {
            TM_SET(e, TM_EXCEPTION, subject, input->filename);
        }
    }
    *ret = (tm_documents_t){docs.n, docs.v};
    *ret_exceptions = (tm_recs_t){docs.exceptions, docs.n_exceptions};
    return TM_OK;
}

/* ---- reconciling ---- */

typedef struct list_job {
    tm_world_t *world;
    tm_message_t *msg;
    char *body;
    uint32_t n;
} list_job_t;

/* Folded spelling -> DMA code, of all markets the directory knows. */
static void market_names(const tm_view_t *directory, tm_smap_t *ret, tm_arena_t *arena)
{
    uint32_t key = 0;
    const tm_trie_t *markets = &directory->tables[tm_market_desc.number];
    for (const tm_row_t *row; (row = tm_trie_next(markets, &key)) != NULL; key++) {
        const tm_market_t *market = tm_row_read(row, arena);
        const tm_str_t name = market == NULL ? TM_STR("") : tm_fold_key(arena, market->name);
        if (name.n > 0) {
            (void)tm_smap_put(ret, name, (void *)(intptr_t)market->dma_code);
        }
    }
    key = 0;
    const tm_trie_t *aliases = &directory->tables[tm_market_alias_desc.number];
    for (const tm_row_t *row; (row = tm_trie_next(aliases, &key)) != NULL; key++) {
        const tm_market_alias_t *alias = tm_row_read(row, arena);
        if (alias != NULL && alias->norm.n > 0) {
            (void)tm_smap_put(ret, alias->norm, (void *)(intptr_t)alias->dma_code);
        }
    }
}

typedef struct list_reading {
    const tm_directory_view_t *directory;
    tm_smap_t markets;
    int32_t commission_bp;
    tm_str_t source;
    tm_arena_t *arena;
} list_reading_t;

/* A row as a line with the names we know. */
static tm_err_t line_of(list_reading_t *l, const tm_document_t *doc, tm_buy_line_t *ret)
{
    tm_strs_t exceptions;
    const tm_err_t err =
        tm_line_from_document(doc, false, -1, l->commission_bp, l->arena, ret, &exceptions);
    if (err != TM_OK)
        return err;
    TM_CLEAR(ret, TM_BUY_LINE_locator);
    ret->locator = (tm_recs_t){NULL, 0};
    TM_SET(ret, TM_BUY_LINE, source, l->source);
    if (TM_HAS(doc, TM_DOCUMENT_market)) {
        const tm_str_t key = tm_fold_key(l->arena, doc->market);
        const int32_t code = key.n == 0 ? 0 : (int32_t)(intptr_t)tm_smap_get(&l->markets, key);
        if (code != 0) {
            TM_SET(ret, TM_BUY_LINE, market, code);
        }
    }
    tm_buy_line_t payer = {0}; /* alone, so that an unknown station does not hide it */
    TM_SET(&payer, TM_BUY_LINE, advertiser, ret->advertiser);
    if (tm_names_resolve(l->directory, &payer, l->arena)) {
        TM_SET(ret, TM_BUY_LINE, advertiser_id, payer.advertiser_id);
        TM_SET(ret, TM_BUY_LINE, advertiser, payer.advertiser);
    }
    if (!tm_names_place(l->directory, ret, l->arena) && TM_HAS(ret, TM_BUY_LINE_station)) {
        const tm_str_t station = tm_station_norm(ret->station, l->arena);
        if (station.n > 0) {
            TM_SET(ret, TM_BUY_LINE, station, station);
        }
    }
    return TM_OK;
}

/* Every row that cannot be read, or why nothing can. */
static tm_err_t check_list(const tm_sheet_documents_t *docs, tm_why_t *why)
{
    for (uint32_t i = 0; i < docs->n_exceptions; i++) {
        const tm_exception_t *e = &docs->exceptions[i];
        if (tm_str_eq(e->kind, TM_STR("sheet_sum_mismatch"))) {
            continue; /* their sums are their affair; rows are compared */
        }
        char field[TM_WHY_FIELD_MAX];
        const bool of_row = tm_str_eq(e->kind, TM_STR("row_error"));
        (void)snprintf(field, sizeof field, "%.*s", of_row ? (int)e->subject.n : 4,
                       of_row ? e->subject.p : "body");
        (void)tm_why_add(why, TM_EINVALID, field, "%.*s", (int)e->details.n, e->details.p);
    }
    if (why->n == 0 && docs->v[0].status.v != TM_READING_STATUS_read) {
        (void)tm_why_add(why, TM_EINVALID, "body", "holds no rows");
    }
    return tm_why_err(why);
}

static tm_err_t fill_list(list_job_t *job, list_reading_t *l, tm_reconcile_t *list, tm_why_t *why)
{
    tm_sheet_documents_t docs;
    tm_err_t err =
        read_sheet(&l->directory->view, list->source, tm_str_n(job->body, job->n), l->arena, &docs);
    err = err != TM_OK ? err : check_list(&docs, why);
    if (err != TM_OK)
        return err;
    tm_buy_line_t *lines = tm_arena_alloc(l->arena, docs.n * sizeof *lines);
    if (lines == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < docs.n && err == TM_OK; i++) {
        (void)tm_record_clamp(&tm_document_desc, &docs.v[i]);
        err = line_of(l, &docs.v[i], &lines[i]);
    }
    TM_SET(list, TM_RECONCILE, lines, (tm_recs_t){lines, docs.n});
    return err;
}

static tm_err_t read_list(list_job_t *job, tm_arena_t *arena, tm_why_t *why)
{
    tm_message_t *msg = job->msg;
    tm_reconcile_t list = *(const tm_reconcile_t *)msg->payload;
    list_reading_t l = {.arena = arena, .source = list.source};
    tm_directory_view_t *directory = tm_runtime_snapshot(job->world->rt, TM_ACTOR_DIRECTORY);
    const tm_row_t *row = directory == NULL
                              ? NULL
                              : tm_view_get(&directory->view, &tm_campaign_desc, list.campaign_id);
    const tm_campaign_t *campaign = row == NULL ? NULL : tm_row_read(row, arena);
    tm_err_t err = campaign == NULL ? TM_ENOTFOUND : TM_OK;
    if (err == TM_OK) {
        l.directory = directory;
        l.commission_bp =
            TM_HAS(campaign, TM_CAMPAIGN_commission_bp) ? campaign->commission_bp : -1;
        market_names(&directory->view, &l.markets, arena);
        err = fill_list(job, &l, &list, why);
    }
    if (err == TM_OK) {
        msg->payload = tm_record_copy(&tm_reconcile_desc, &list, msg->arena);
        err = msg->payload == NULL ? TM_ETOOLARGE : TM_OK;
    }
    tm_smap_done(&l.markets);
    tm_shared_unref(directory);
    return err;
}

static void reconcile_list(void *arg)
{
    list_job_t *job = arg;
    tm_why_t why;
    tm_why_clear(&why);
    tm_message_t *msg = job->msg;
    tm_arena_t *arena = tm_world_arena(job->world, TM_LIST_ARENA_BYTES_MAX);
    const tm_reply_to_t to = msg->reply_to;
    const tm_id_t campaign = ((const tm_reconcile_t *)msg->payload)->campaign_id;
    tm_err_t err = read_list(job, arena, &why);
    tm_arena_free(arena);
    if (err == TM_OK) {
        msg->at = tm_time_now();
        err = tm_runtime_post(job->world->rt, tm_campaign_actor(campaign), msg);
    } else {
        tm_message_free(msg);
    }
    if (err != TM_OK) {
        const tm_answer_t answer = {.err = err, .why = &why, .version = -1};
        tm_http_reply(job->world->http, to, &answer);
    }
    tm_free(job->body);
    tm_free(job);
}

tm_err_t tm_sheets_reconcile(void *self, tm_message_t *msg, tm_str_t body)
{
    tm_world_t *w = self;
    list_job_t *job = TM_NEW(list_job_t);
    *job = (list_job_t){w, msg, tm_strdup_n(body.n == 0 ? "" : body.p, body.n), body.n};
    const tm_sha256_t sha = tm_sha256(job->body, body.n);
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(&sha, hex);
    tm_reconcile_t *list = msg->payload;
    TM_SET(list, TM_RECONCILE, sha256, tm_arena_str(msg->arena, tm_str(hex)));
    const tm_job_ask_t ask = {.sort = TM_JOB_LISTS, .bytes = body.n};
    const tm_err_t err = tm_jobs_run(w->jobs, &ask, reconcile_list, job);
    if (err != TM_OK) {
        tm_message_free(msg);
        tm_free(job->body);
        tm_free(job);
    }
    return err;
}
