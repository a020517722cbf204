/* table.c - the directory: the one actor of plain records, which also decides who gets which line.
 *
 * Why:     plain records need no actor kind of their own; what has rules is in directory_*.c.
 * Threads: the actor's turn. */
#include "actors/directory.h"
#include "actors/directory_mappings.h"
#include "actors/directory_review.h"

#include "actors/names.h"
#include "base/fold.h"
#include "domain/order.h"
#include "schema/record.h"

#define SCRATCH_MAX (64u << 20)

static void *directory_create(uint32_t actor)
{
    directory_t *d = TM_NEW(directory_t);
    d->magic = DIRECTORY_MAGIC;
    d->spellings = tm_name_index_new();
    d->market_index = tm_name_index_new();
    d->actor = actor;
    return d;
}

static void places_free(place_t *p)
{
    while (p != NULL) {
        place_t *next = p->next;
        tm_free(p);
        p = next;
    }
}

static void places_done(directory_t *d)
{
    uint32_t pos = 0;
    tm_str_t text;
    uint64_t number;
    void *places;
    while (tm_smap_next(&d->suffixed, &pos, &text, &places)) {
        places_free(places);
    }
    pos = 0;
    while (tm_map_next(&d->waiting, &pos, &number, &places)) {
        places_free(places);
    }
    tm_smap_done(&d->suffixed);
    tm_map_done(&d->waiting);
}

static void directory_destroy(void *state)
{
    directory_t *d = state;
    TM_CHECK(d, DIRECTORY_MAGIC);
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        tm_arena_free(d->campaigns[i].arena);
    }
    tm_free(d->campaigns);
    tm_parts_free(d->parts);
    tm_smap_done(&d->aliases);
    tm_smap_done(&d->agencies);
    tm_smap_done(&d->stations);
    tm_smap_done(&d->market_names);
    tm_smap_done(&d->order_numbers);
    tm_smap_done(&d->fresh);
    tm_smap_done(&d->pending_names);
    tm_smap_done(&d->proposed);
    tm_smap_done(&d->market_texts);
    tm_name_index_free(d->spellings);
    tm_name_index_free(d->market_index);
    places_done(d);
    tm_map_done(&d->markets);
    tm_trie_done(&d->names);
    tm_map_done(&d->inputs);
    tm_map_done(&d->pending);
    tm_tables_done(&d->tables);
    tm_free(d);
}

/* ---- apply: records into tables, indexes after them ---- */

static void *counter_value(tm_id_t id)
{
    return (void *)(uintptr_t)tm_id_counter(id);
}

static void index_campaign(directory_t *d, const tm_row_t *row)
{
    tracked_t *slot = NULL;
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        if (d->campaigns[i].campaign->id.v == row->id.v) {
            slot = &d->campaigns[i];
        }
    }
    if (slot == NULL) {
        if (d->n_campaigns == d->cap_campaigns) {
            d->cap_campaigns = d->cap_campaigns == 0 ? 16 : d->cap_campaigns * 2;
            d->campaigns = tm_realloc(d->campaigns, d->cap_campaigns * sizeof *d->campaigns);
        }
        slot = &d->campaigns[d->n_campaigns++];
        *slot = (tracked_t){NULL, NULL};
    }
    tm_arena_t *arena = tm_arena_new(SCRATCH_MAX);
    const tm_campaign_t *fresh = tm_row_read(row, arena);
    assert(fresh != NULL);
    tm_arena_t *old = slot->arena;
    slot->arena = arena;
    slot->campaign = tm_record_copy(&tm_campaign_desc, fresh,
                                    arena); /* the row may go; the copy may not point into it */
    assert(slot->campaign != NULL);
    tm_arena_free(old);
}

static void index_station(directory_t *d, const tm_station_t *station, tm_arena_t *arena)
{
    const tm_str_t key = tm_station_norm(station->call_sign, arena);
    if (!TM_HAS(station, TM_STATION_known_to_ms)) {
        (void)tm_smap_put(&d->stations, key, counter_value(station->id));
        const int32_t dma = TM_HAS(station, TM_STATION_dma_code) ? station->dma_code : 0;
        tm_names_put(&d->names, 's', key, station->id, key, dma, 0);
    } else if (tm_smap_get(&d->stations, key) == counter_value(station->id)) {
        (void)tm_smap_del(&d->stations, key);
    }
}

static place_t *place_new(uint32_t counter, place_t *next)
{
    place_t *p = TM_NEW(place_t);
    *p = (place_t){next, counter};
    return p;
}

static void index_document(directory_t *d, const tm_document_t *doc, bool is_new, tm_arena_t *arena)
{
    const bool first = !TM_HAS(doc, TM_DOCUMENT_part) || doc->part == 1;
    if (TM_HAS(doc, TM_DOCUMENT_input_id) &&
        (tm_map_get(&d->inputs, doc->input_id.v) == NULL ||
         (is_new && first && directory_input_waits(d, doc->input_id, arena)))) {
        (void)tm_map_put(&d->inputs, doc->input_id.v, counter_value(doc->id));
    }
    if (is_new) {
        directory_index_market_text(d, doc, arena);
    }
    if (!TM_HAS(doc, TM_DOCUMENT_order_no))
        return;
    const tm_str_t key = tm_fold_key(arena, tm_order_norm(doc->order_no, arena, NULL));
    if (key.n > 0) {
        (void)tm_smap_put(&d->order_numbers, key, d);
    }
    tm_str_t suffix = {NULL, 0};
    const tm_str_t bare = tm_fold_key(arena, tm_order_norm(doc->order_no, arena, &suffix));
    if (suffix.p != NULL && bare.n > 0 && is_new) {
        (void)tm_smap_put(&d->suffixed, bare,
                          place_new(tm_id_counter(doc->id), tm_smap_get(&d->suffixed, bare)));
    }
}

static place_t *without(place_t *list, uint32_t counter)
{
    for (place_t **at = &list; *at != NULL; at = &(*at)->next) {
        if ((*at)->counter == counter) {
            place_t *gone = *at;
            *at = gone->next;
            tm_free(gone);
            break;
        }
    }
    return list;
}

/* What waits for an input, or no longer does. */
static void index_exception(directory_t *d, const tm_exception_t *e)
{
    if (!tm_str_eq(e->kind, TM_STR(ASSIGNMENT_WAITS)))
        return;
    place_t *places = tm_map_del(&d->waiting, e->input_id.v);
    if (e->status.v == TM_OPEN_STATUS_open) {
        places = place_new(tm_id_counter(e->id), places);
    } else {
        places = without(places, tm_id_counter(e->id));
    }
    if (places != NULL) {
        (void)tm_map_put(&d->waiting, e->input_id.v, places);
    }
}

static void index_market(directory_t *d, const tm_market_t *market, tm_arena_t *arena)
{
    (void)tm_map_put(&d->markets, (uint64_t)market->dma_code, counter_value(market->id));
    const int32_t rank = TM_HAS(market, TM_MARKET_rank) ? market->rank : 0;
    tm_names_put(&d->names, 'm', tm_arena_printf(arena, "%d", market->dma_code), (tm_id_t){0},
                 market->name, market->dma_code, rank);
    directory_index_market_name(d, market->name, market->dma_code, arena);
}

/* An advertiser is put before its first spelling. */
static void index_alias(directory_t *d, const tm_has_t *touched, const tm_advertiser_alias_t *alias,
                        tm_arena_t *arena)
{
    const tm_advertiser_t *advertiser =
        tm_tables_read(&d->tables, &tm_advertiser_desc, alias->advertiser_id, arena);
    assert(advertiser != NULL);
    (void)tm_smap_put(&d->aliases, alias->norm, counter_value(alias->id));
    tm_names_put(&d->names, 'a', alias->norm, advertiser->id, advertiser->name, 0, 0);
    directory_index_spelling(d, touched, alias);
}

static void index_pending(directory_t *d, const tm_buy_line_t *line, tm_arena_t *arena)
{
    if (TM_HAS(line, TM_BUY_LINE_archived_ms)) {
        (void)tm_map_del(&d->pending, line->document_id.v);
    } else {
        (void)tm_map_put(&d->pending, line->document_id.v, counter_value(line->id));
        directory_index_pending_name(d, line, arena);
    }
}

/* What follows from a record depends on those before it (which name was the first), so the past is
 * kept: a checkpoint plays it again. */
static void directory_take(void *state, const tm_row_t *row, const tm_has_t *touched)
{
    directory_t *d = state;
    const tm_desc_t *desc = row->desc;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(SCRATCH_MAX);
    if (desc == &tm_campaign_desc) {
        index_campaign(d, row);
    } else if (desc == &tm_advertiser_alias_desc) {
        index_alias(d, touched, tm_row_read(row, arena), arena);
    } else if (desc == &tm_agency_desc) {
        const tm_agency_t *agency = tm_row_read(row, arena);
        const tm_str_t key = tm_name_key(arena, agency->name);
        (void)tm_smap_put(&d->agencies, key, counter_value(agency->id));
        tm_names_put(&d->names, 'g', key, agency->id, agency->name, 0, 0);
    } else if (desc == &tm_station_desc) {
        index_station(d, tm_row_read(row, arena), arena);
    } else if (desc == &tm_market_desc) {
        index_market(d, tm_row_read(row, arena), arena);
    } else if (desc == &tm_market_alias_desc) {
        const tm_market_alias_t *alias = tm_row_read(row, arena);
        const tm_str_t text = TM_HAS(alias, TM_MARKET_ALIAS_text) ? alias->text : alias->norm;
        directory_index_market_name(d, text, alias->dma_code, arena);
    } else if (desc == &tm_document_desc) {
        index_document(d, tm_row_read(row, arena), touched == NULL, arena);
    } else if (desc == &tm_buy_line_desc) {
        index_pending(d, tm_row_read(row, arena), arena);
    } else if (desc == &tm_exception_desc) {
        index_exception(d, tm_row_read(row, arena));
    } else if (desc == &tm_name_proposal_desc) {
        directory_index_proposal(d, tm_row_read(row, arena), arena);
    }
}

static void directory_apply(void *state, const tm_commit_head_t *head TM_UNUSED,
                            const tm_change_t *change)
{
    directory_t *d = state;
    TM_CHECK(d, DIRECTORY_MAGIC);
    directory_take(d, tm_tables_apply_at(&d->tables, change, d->version + 1), change->touched);
}

static void directory_committed(void *state, const tm_commit_head_t *head TM_UNUSED)
{
    ((directory_t *)state)->version++;
}

/* ---- decide ---- */

static void decide(tm_turn_t *turn, directory_t *d, const tm_message_t *msg)
{
    switch (msg->type) {
    case TM_MSG_CAMPAIGN_CREATE:
        directory_campaign_create(turn, d, msg);
        return;
    case TM_MSG_CAMPAIGN_PATCH:
        directory_campaign_patch(turn, d, msg);
        return;
    case TM_MSG_CAMPAIGN_CLONE:
        directory_campaign_clone(turn, d, msg);
        return;
    case TM_MSG_INPUT_PARSED:
        directory_input_parsed(turn, d, msg->payload);
        return;
    case TM_MSG_JOB_TURNED:
        directory_job_turned(turn, d, msg->payload);
        return;
    case TM_MSG_INPUT_ASSIGN:
        directory_input_assign(turn, d, msg->payload);
        return;
    case TM_MSG_PENDING_ASSIGN:
        directory_pending_assign(turn, d, msg->payload);
        return;
    case TM_MSG_STATIONS_PUT:
        directory_stations_put(turn, d, msg->payload);
        return;
    case TM_MSG_MARKETS_PUT:
        directory_markets_put(turn, d, msg->payload);
        return;
    case TM_MSG_LINE_POST:
        directory_line_post(turn, d, msg);
        return;
    case TM_MSG_REMATCH:
        directory_rematch_all(turn, d, msg->payload);
        return;
    case TM_MSG_REMATCH_PART:
        directory_rematch_part(turn, d, msg->payload);
        return;
    case TM_MSG_MAPPING_PUT:
        directory_mapping_put(turn, d, msg->payload);
        return;
    case TM_MSG_DIRECTORY_SEED:
        directory_seed(turn, d);
        return;
    case TM_MSG_EXCEPTIONS_CLOSE:
        directory_exceptions_close(turn, d, msg->payload);
        return;
    case TM_MSG_LINES_ASSIGN:
        directory_lines_assign(turn, d, msg->payload);
        return;
    case TM_MSG_NAMES_PROPOSE:
        directory_names_propose(turn, d, msg->payload);
        return;
    case TM_MSG_NAME_DECIDE:
        directory_name_decide(turn, d, msg->payload);
        return;
    default:
        tm_turn_fail(turn, TM_EINTERNAL, NULL);
        return; /* a message of another kind: our mistake */
    }
}

static void directory_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    directory_t *d = state;
    TM_CHECK(d, DIRECTORY_MAGIC);
    tm_smap_done(&d->fresh);
    d->fresh = (tm_smap_t){0};
    d->first_new = d->last_new = 0;
    d->principal = msg->principal.n > 0 ? msg->principal : TM_STR("program");
    decide(turn, d, msg);
    directory_notes_send(turn, d);
    d->principal = (tm_str_t){NULL, 0}; /* it goes with the message */
}

static void directory_view_free(void *object)
{
    tm_directory_view_t *view = object;
    tm_view_done(&view->view);
    tm_trie_done(&view->names);
    tm_free(view);
}

static void *directory_snapshot(void *state)
{
    const directory_t *d = state;
    tm_directory_view_t *view = TM_NEW(tm_directory_view_t);
    view->view.shared = (tm_shared_t){1, directory_view_free};
    view->view.actor = d->actor;
    view->view.version = d->version;
    tm_tables_share(&d->tables, &view->view);
    view->names = tm_trie_ref(&d->names);
    return view;
}

static tm_err_t directory_take_part(void *state, tm_str_t part, tm_why_t *why)
{
    directory_t *d = state;
    const tm_player_t player = {d, &d->tables, directory_take, directory_committed};
    uint64_t version = 0; /* counted by the commits */
    return tm_parts_read(&d->parts, &player, d->actor, part, &version, why);
}

const tm_actor_kind_t tm_table_kind = {
    .name = "table",
    .number = TM_KIND_OF_table,
    .create = directory_create,
    .destroy = directory_destroy,
    .decide = directory_decide,
    .apply = directory_apply,
    .committed = directory_committed,
    .snapshot = directory_snapshot,
    .hash = tm_view_hash,
    .part = tm_plain_part,
    .take = directory_take_part,
};
