/* sim_checks.c - what must be true whatever happened.
 *
 * Threads: one. */
#include "sim/sim.h"

const tm_desc_t *sim_desc_of(sim_kind_t kind)
{
    static const tm_desc_t *const descs[] = {
        [SIM_CREATE] = &tm_campaign_desc,         [SIM_LINE] = &tm_buy_line_desc,
        [SIM_PATCH] = &tm_campaign_desc,          [SIM_UPLOAD] = &tm_raw_input_desc,
        [SIM_RESOLVE] = &tm_dedupe_decision_desc, [SIM_COMBINE] = &tm_dedupe_decision_desc,
        [SIM_UNDO] = &tm_dedupe_decision_desc,    [SIM_EDIT] = &tm_adjustment_desc};
    return descs[kind];
}

_Static_assert(offsetof(sim_common_t, version) == offsetof(tm_buy_line_t, version),
               "common fields come first");

void sim_check_answered(sim_t *sim, uint32_t n)
{
    const sim_request_t *request = &sim->requests[n];
    if (!request->done || request->refused)
        return;
    tm_view_t *view = tm_runtime_snapshot(sim->rt, tm_id_actor(request->id));
    const tm_row_t *row =
        view == NULL ? NULL : tm_view_get(view, sim_desc_of(request->kind), request->id);
    if (row == NULL)
        sim_fail(sim, "request %u was answered, but its record is not there", n);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    const sim_common_t *record = tm_row_read(row, arena);
    if (record->version < request->version)
        sim_fail(sim, "request %u was answered with version %lld, its record has %lld", n,
                 (long long)request->version, (long long)record->version);
    tm_shared_unref(view);
}

void sim_check_acknowledged(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->n_requests; i++)
        sim_check_answered(sim, i);
}

/* NULL: there is none yet. */
static tm_campaign_view_t *campaign_view(sim_t *sim, uint32_t request)
{
    assert(sim_is_campaign(&sim->requests[request]));
    return tm_runtime_snapshot(sim->rt, tm_campaign_actor(sim->requests[request].id));
}

void sim_each_row(const tm_view_t *view, const tm_desc_t *desc,
                  void (*each)(void *ctx, const void *record), void *ctx)
{
    const tm_row_t *rows[32];
    uint32_t after = 0;
    do {
        const uint32_t n =
            tm_view_list(view, desc, after, TM_COUNT(rows), NULL, NULL, rows, &after);
        for (uint32_t i = 0; i < n; i++) {
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(4u << 20);
            each(ctx, tm_row_read(rows[i], arena));
        }
    } while (after != 0);
}

static void add_winner(void *ctx, const void *record)
{
    const tm_buy_line_t *line = record;
    const bool counts = !TM_HAS(line, TM_BUY_LINE_archived_ms) &&
                        line->standing.v == TM_STANDING_winner &&
                        line->stage.v != TM_STAGE_proposed && line->stage.v != TM_STAGE_cancelled &&
                        !line->estimate;
    int64_t *by_layer = ctx;
    if (counts && TM_HAS(line, TM_BUY_LINE_gross_cents))
        by_layer[line->layer.v] += line->gross_cents.v;
}

/* One delta changes the cells a subscriber knows. */
static void take_delta(sim_t *sim, sim_subscriber_t *sub, tm_delta_t *delta)
{
    const tm_blob_t *text = tm_delta_body(delta);
    json_t *body = json_loadb(text->p, text->n, 0, NULL);
    const json_t *cells = json_object_get(body, "cells");
    if (!json_is_array(cells) ||
        json_integer_value(json_object_get(body, "version")) != (json_int_t)delta->version)
        sim_fail(sim, "a delta is no delta: %.200s", text->p);
    size_t i;
    json_t *cell;
    json_array_foreach(cells, i, cell)
    {
        const char *cell_key = json_string_value(json_object_get(cell, "key"));
        json_t *gross = json_object_get(cell, "gross_cents");
        if (cell_key == NULL || gross == NULL)
            sim_fail(sim, "a cell is no cell: %.200s", text->p);
        if (json_is_null(gross))
            (void)json_object_del(sub->cells, cell_key);
        else
            (void)json_object_set(sub->cells, cell_key, gross);
    }
    json_decref(body);
    sub->version = delta->version;
}

static void check_subscriber(sim_t *sim, uint32_t request, const tm_campaign_view_t *view,
                             int64_t total)
{
    sim_subscriber_t *sub = &sim->subscribers[request];
    if (sub->cells == NULL)
        sub->cells = json_object();
    if (sub->version > view->view.version)
        sim_fail(sim, "campaign %u: a subscriber has version %llu, the server only %llu", request,
                 (unsigned long long)sub->version, (unsigned long long)view->view.version);
    while (sub->version < view->view.version) {
        tm_delta_t *delta = tm_trie_get(&view->ring, (uint32_t)sub->version + 1);
        if (delta == NULL)
            sim_fail(sim, "campaign %u: delta %llu is not in the ring", request,
                     (unsigned long long)sub->version + 1);
        take_delta(sim, sub, delta);
    }
    int64_t sum = 0;
    const char *cell_key;
    json_t *gross;
    json_object_foreach(sub->cells, cell_key, gross)
    {
        sum += json_integer_value(gross);
    }
    if (sum != total)
        sim_fail(
            sim,
            "campaign %u version %llu: a subscriber's cells add up to %lld, the matrix to %lld",
            request, (unsigned long long)sub->version, (long long)sum, (long long)total);
}

void sim_check_campaigns(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        if (!sim_is_campaign(&sim->requests[i]))
            continue;
        tm_campaign_view_t *view = campaign_view(sim, i);
        if (view == NULL)
            continue; /* the directory's message is on its way */
        tm_cents_t gross = {0};
        tm_cents_t net = {0};
        (void)tm_matrix_total(view->matrix, &gross, &net);
        const tm_matrix_query_t query = tm_matrix_query_default();
        tm_cents_t paid = {0};
        (void)tm_matrix_disbursed(view->matrix, &query, &paid);
        int64_t lines[TM_LAYER_WORDS_N] = {0};
        sim_each_row(&view->view, &tm_buy_line_desc, add_winner, lines);
        const int64_t told[TM_LAYER_WORDS_N] = {gross.v, paid.v};
        for (int layer = 0; layer < TM_LAYER_WORDS_N; layer++) {
            if (lines[layer] != told[layer])
                sim_fail(sim,
                         "campaign %u version %llu: winning lines of layer %s add up to %lld, the "
                         "matrix to %lld",
                         i, (unsigned long long)view->view.version, tm_layer_words.words[layer],
                         (long long)lines[layer], (long long)told[layer]);
        }
        sim_check_standings(sim, &view->view);
        check_subscriber(sim, i, view, gross.v);
        tm_shared_unref(view);
    }
}

typedef struct search {
    sim_kind_t kind;
    tm_str_t text; /* name, external id or bytes that only this request has */
    uint32_t found;
    uint8_t status;
} search_t;

static void match(void *ctx, const void *record)
{
    search_t *search = ctx;
    tm_str_t text = {NULL, 0};
    if (search->kind == SIM_CREATE) {
        text = ((const tm_campaign_t *)record)->name;
    } else if (search->kind == SIM_LINE) {
        text = ((const tm_buy_line_t *)record)->external_id;
    } else {
        text = ((const tm_raw_input_t *)record)->filename;
        search->status = tm_str_eq(text, search->text) ? ((const tm_raw_input_t *)record)->status.v
                                                       : search->status;
    }
    search->found += tm_str_eq(text, search->text);
}

void sim_check_once(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        const sim_request_t *request = &sim->requests[i];
        if (request->kind == SIM_PATCH)
            continue;
        if (sim_is_review(request->kind)) {
            sim_check_review_once(sim, i);
            continue;
        }
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 16);
        search_t search = {.kind = request->kind};
        search.text = tm_arena_printf(arena,
                                      request->kind == SIM_CREATE ? "Race %u"
                                      : request->kind == SIM_LINE ? "9%05u"
                                                                  : "%u",
                                      i);
        tm_view_t *view = tm_runtime_snapshot(sim->rt, tm_id_actor(request->id));
        if (view != NULL)
            sim_each_row(view, sim_desc_of(request->kind), match, &search);
        tm_shared_unref(view);
        if (search.found > 1 || (search.found == 0 && !request->refused))
            sim_fail(sim, "request %u happened %u times", i, search.found);
        if (!request->refused && request->kind == SIM_UPLOAD &&
            search.status == TM_INPUT_STATUS_stored)
            sim_fail(sim, "upload %u was never read", i);
    }
}
