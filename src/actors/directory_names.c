/* directory_names.c - texts to records: advertisers by their spellings, agencies, stations,
 * markets.
 *
 * Why:     the same name is written in many ways; what folds alike is one.
 * Threads: the actor's turn. */
#include "actors/directory_review.h"

#include "actors/names.h"
#include "base/fold.h"
#include "domain/order.h"
#include "schema/record.h"

#define ALIAS_ARENA_MAX (1u << 20)

/* Names staged by this very message are found under a prefix of their kind. */
static tm_str_t fresh_key(tm_arena_t *arena, char kind, tm_str_t key)
{
    return tm_arena_printf(arena, "%c:%.*s", kind, (int)key.n, key.p);
}

static tm_id_t found(const directory_t *d, const tm_smap_t *map, char kind, tm_str_t key,
                     tm_arena_t *arena)
{
    uintptr_t counter = (uintptr_t)tm_smap_get(&d->fresh, fresh_key(arena, kind, key));
    if (counter == 0) {
        counter = (uintptr_t)tm_smap_get(map, key);
    }
    return counter == 0 ? (tm_id_t){0} : tm_id_make(d->actor, (uint32_t)counter);
}

static void remember(directory_t *d, char kind, tm_str_t key, tm_id_t id, tm_arena_t *arena)
{
    (void)tm_smap_put(&d->fresh, fresh_key(arena, kind, key), (void *)(uintptr_t)tm_id_counter(id));
}

/* ---- advertisers ---- */

static void put_alias(tm_turn_t *turn, directory_t *d, tm_str_t text, tm_str_t norm,
                      tm_id_t advertiser, tm_str_t source, bool confirmed)
{
    tm_advertiser_alias_t alias = {0};
    tm_record_stamp_new(&alias, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&alias, TM_ADVERTISER_ALIAS, advertiser_id, advertiser);
    TM_SET(&alias, TM_ADVERTISER_ALIAS, text, text);
    TM_SET(&alias, TM_ADVERTISER_ALIAS, norm, norm);
    TM_SET(&alias, TM_ADVERTISER_ALIAS, source, source);
    if (confirmed) {
        TM_SET(&alias, TM_ADVERTISER_ALIAS, confirmed_by, d->principal);
        TM_SET(&alias, TM_ADVERTISER_ALIAS, confirmed_ms, tm_turn_now(turn));
        (void)tm_record_clamp(&tm_advertiser_alias_desc, &alias);
    }
    tm_turn_put(turn, &tm_advertiser_alias_desc, alias.id, &alias);
    remember(d, 'a', norm, advertiser, tm_turn_arena(turn));
    directory_note_spelling(d, alias.id);
}

/* A person says whose the spelling is. true: it was another's, so lines move. */
static bool confirm_alias(tm_turn_t *turn, directory_t *d, tm_advertiser_alias_t *alias,
                          tm_id_t advertiser, tm_str_t source)
{
    const bool moves = alias->advertiser_id.v != advertiser.v;
    if (!moves && TM_HAS(alias, TM_ADVERTISER_ALIAS_confirmed_by))
        return false;
    tm_has_t touched = {{0}};
    if (moves) {
        TM_SET_TOUCHED(alias, &touched, TM_ADVERTISER_ALIAS, advertiser_id, advertiser);
        TM_SET_TOUCHED(alias, &touched, TM_ADVERTISER_ALIAS, source, source);
    }
    TM_SET_TOUCHED(alias, &touched, TM_ADVERTISER_ALIAS, confirmed_by, d->principal);
    TM_SET_TOUCHED(alias, &touched, TM_ADVERTISER_ALIAS, confirmed_ms, tm_turn_now(turn));
    (void)tm_record_clamp(&tm_advertiser_alias_desc, alias);
    tm_record_stamp_patch(alias, &touched, alias->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_advertiser_alias_desc, alias->id, alias, &touched);
    remember(d, 'a', alias->norm, advertiser, tm_turn_arena(turn));
    return moves;
}

/* The spelling's own record, NULL: never seen before this message. */
static tm_advertiser_alias_t *alias_record(const directory_t *d, tm_str_t key, tm_arena_t *arena)
{
    const uintptr_t counter = (uintptr_t)tm_smap_get(&d->aliases, key);
    return counter == 0 ? NULL
                        : tm_tables_read(&d->tables, &tm_advertiser_alias_desc,
                                         tm_id_make(d->actor, (uint32_t)counter), arena);
}

/* Staged by this very message. */
static bool is_fresh(const directory_t *d, tm_str_t key, tm_arena_t *arena)
{
    return tm_smap_get(&d->fresh, fresh_key(arena, 'a', key)) != NULL;
}

static tm_id_t advertiser_of(const directory_t *d, tm_str_t key, tm_arena_t *arena)
{
    const uintptr_t fresh = (uintptr_t)tm_smap_get(&d->fresh, fresh_key(arena, 'a', key));
    if (fresh != 0)
        return tm_id_make(d->actor, (uint32_t)fresh);
    const tm_advertiser_alias_t *alias = alias_record(d, key, arena);
    return alias == NULL ? (tm_id_t){0} : alias->advertiser_id;
}

tm_id_t directory_advertiser(tm_turn_t *turn, directory_t *d, tm_str_t name, tm_str_t source,
                             create_t create)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    const tm_str_t key = tm_name_key(arena, name);
    if (key.n == 0)
        return (tm_id_t){0};
    const tm_id_t known = advertiser_of(d, key, arena);
    if (known.v != 0 && create == CREATE_CONFIRMED && !is_fresh(d, key, arena)) {
        (void)confirm_alias(turn, d, alias_record(d, key, arena), known, source);
    }
    if (known.v != 0 || create == LOOK_UP)
        return known;
    tm_advertiser_t advertiser = {0};
    tm_record_stamp_new(&advertiser, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&advertiser, TM_ADVERTISER, name, tm_str_trim(name));
    tm_turn_put(turn, &tm_advertiser_desc, advertiser.id, &advertiser);
    put_alias(turn, d, tm_str_trim(name), key, advertiser.id, source, create == CREATE_CONFIRMED);
    return advertiser.id;
}

void directory_alias(tm_turn_t *turn, directory_t *d, tm_str_t name, tm_id_t advertiser,
                     tm_str_t source)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    const tm_str_t key = tm_name_key(arena, name);
    if (key.n == 0 || (is_fresh(d, key, arena) && advertiser_of(d, key, arena).v == advertiser.v))
        return;
    tm_advertiser_alias_t *alias = alias_record(d, key, arena);
    if (alias == NULL) {
        put_alias(turn, d, tm_str_trim(name), key, advertiser, source, true);
    } else if (confirm_alias(turn, d, alias, advertiser, source)) {
        directory_proposals_overtaken(turn, d, key, (tm_id_t){0});
        /* lines of that spelling are another advertiser's now */
        directory_rematch_later(turn, d, true);
    }
}

void directory_alias_all(tm_turn_t *turn, directory_t *d, tm_id_t from, tm_id_t to)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *scratch = tm_arena_new(ALIAS_ARENA_MAX);
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_advertiser_alias_desc, &key));
         key++) {
        tm_advertiser_alias_t *alias = tm_row_read(row, scratch);
        assert(alias != NULL);
        if (alias->advertiser_id.v == from.v) {
            (void)confirm_alias(turn, d, alias, to, alias->source);
        }
        tm_arena_reset(scratch);
    }
}

tm_str_t directory_advertiser_name(tm_turn_t *turn, directory_t *d, tm_id_t advertiser,
                                   tm_str_t otherwise)
{
    const tm_advertiser_t *known =
        tm_tables_read(&d->tables, &tm_advertiser_desc, advertiser, tm_turn_arena(turn));
    return known != NULL ? known->name : tm_str_trim(otherwise);
}

/* ---- agencies ---- */

tm_id_t directory_agency(tm_turn_t *turn, directory_t *d, tm_str_t name, create_t create,
                         int32_t *ret_commission_bp)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    *ret_commission_bp = -1;
    const tm_str_t key = tm_name_key(arena, name);
    if (key.n == 0)
        return (tm_id_t){0};
    const tm_id_t known = found(d, &d->agencies, 'g', key, arena);
    if (known.v != 0) {
        const tm_agency_t *agency = tm_tables_read(&d->tables, &tm_agency_desc, known, arena);
        if (agency != NULL && TM_HAS(agency, TM_AGENCY_commission_bp)) {
            *ret_commission_bp = agency->commission_bp;
        }
        return known;
    }
    if (create == LOOK_UP)
        return known;
    tm_agency_t agency = {0};
    tm_record_stamp_new(&agency, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&agency, TM_AGENCY, name, tm_str_trim(name));
    tm_turn_put(turn, &tm_agency_desc, agency.id, &agency);
    remember(d, 'g', key, agency.id, arena);
    return agency.id;
}

/* ---- stations and markets ---- */

static uint8_t service_of(uint8_t medium)
{
    if (medium == TM_MEDIUM_cable)
        return TM_SERVICE_cable;
    if (medium == TM_MEDIUM_satellite)
        return TM_SERVICE_satellite;
    return medium == TM_MEDIUM_radio ? TM_SERVICE_fm : TM_SERVICE_tv;
}

/* A paper prints the market of a station that had none: remembered, for its other papers too. */
static void learn_market(tm_turn_t *turn, directory_t *d, tm_station_t *station, int32_t dma)
{
    const tm_str_t key = fresh_key(tm_turn_arena(turn), 'S', station->call_sign);
    if (tm_smap_put(&d->fresh, key, d) != NULL)
        return; /* by this message already */
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(station, &touched, TM_STATION, dma_code, dma);
    tm_record_stamp_patch(station, &touched, station->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_station_desc, station->id, station, &touched);
    directory_rematch_later(turn, d, false);
}

tm_id_t directory_station(tm_turn_t *turn, directory_t *d, tm_str_t name, uint8_t medium,
                          create_t create, int32_t *ret_dma, bool *ret_new)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    const tm_str_t key = tm_station_norm(name, arena);
    *ret_new = false;
    if (key.n == 0)
        return (tm_id_t){0};
    const tm_id_t known = found(d, &d->stations, 's', key, arena);
    if (known.v != 0) {
        tm_station_t *station = tm_tables_read(&d->tables, &tm_station_desc, known, arena);
        if (station != NULL && TM_HAS(station, TM_STATION_dma_code)) {
            *ret_dma = station->dma_code;
        } else if (station != NULL && create != LOOK_UP && *ret_dma != 0) {
            learn_market(turn, d, station, *ret_dma);
        }
        return known;
    }
    if (create == LOOK_UP)
        return known;
    tm_station_t station = {0};
    tm_record_stamp_new(&station, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&station, TM_STATION, call_sign, key);
    TM_SET(&station, TM_STATION, service, (tm_enum_t){service_of(medium)});
    TM_SET(&station, TM_STATION, known_from_ms, tm_turn_now(turn));
    if (*ret_dma != 0) {
        TM_SET(&station, TM_STATION, dma_code, *ret_dma);
    }
    tm_turn_put(turn, &tm_station_desc, station.id, &station);
    remember(d, 's', key, station.id, arena);
    *ret_new = true;
    return station.id;
}

int32_t directory_market(const directory_t *d, tm_str_t name, tm_arena_t *arena)
{
    const tm_str_t key = tm_fold_key(arena, name);
    return key.n == 0 ? 0 : (int32_t)(intptr_t)tm_smap_get(&d->market_names, key);
}

int32_t directory_market_rank(const directory_t *d, int32_t dma, tm_arena_t *arena)
{
    const uintptr_t counter = (uintptr_t)tm_map_get(&d->markets, (uint64_t)dma);
    if (dma == 0 || counter == 0)
        return 0;
    const tm_market_t *market =
        tm_tables_read(&d->tables, &tm_market_desc, tm_id_make(d->actor, (uint32_t)counter), arena);
    return market != NULL && TM_HAS(market, TM_MARKET_rank) ? market->rank : 0;
}

static void resolve_place(tm_turn_t *turn, directory_t *d, tm_buy_line_t *line, create_t create,
                          bool *ret_new_station)
{
    int32_t dma = TM_HAS(line, TM_BUY_LINE_market) ? line->market : 0;
    if (TM_HAS(line, TM_BUY_LINE_station)) {
        const uint8_t medium =
            TM_HAS(line, TM_BUY_LINE_medium) ? line->medium.v : TM_MEDIUM_broadcast;
        const tm_id_t id =
            directory_station(turn, d, line->station, medium, create, &dma, ret_new_station);
        if (id.v != 0) {
            TM_SET(line, TM_BUY_LINE, station_id, id);
            TM_SET(line, TM_BUY_LINE, station, tm_station_norm(line->station, tm_turn_arena(turn)));
        }
    }
    if (dma != 0) {
        TM_SET(line, TM_BUY_LINE, market, dma);
        const int32_t rank = directory_market_rank(d, dma, tm_turn_arena(turn));
        if (rank != 0) {
            TM_SET(line, TM_BUY_LINE, market_rank, rank);
        }
    }
}

/* A line without a printed medium airs on what its station is; a name that is no call sign is left
 * as other. */
static uint8_t medium_of(const directory_t *d, const tm_buy_line_t *line, tm_arena_t *arena)
{
    const tm_station_t *station =
        TM_HAS(line, TM_BUY_LINE_station_id)
            ? tm_tables_read(&d->tables, &tm_station_desc, line->station_id, arena)
            : NULL;
    if (station != NULL && TM_HAS(station, TM_STATION_service)) {
        switch (station->service.v) {
        case TM_SERVICE_cable:
            return TM_MEDIUM_cable;
        case TM_SERVICE_satellite:
            return TM_MEDIUM_satellite;
        case TM_SERVICE_am:
        case TM_SERVICE_fm:
            return TM_MEDIUM_radio;
        default:
            return TM_MEDIUM_broadcast;
        }
    }
    const bool call_sign = TM_HAS(line, TM_BUY_LINE_station) && line->station.n >= 3 &&
                           line->station.n <= 5 &&
                           (line->station.p[0] == 'K' || line->station.p[0] == 'W');
    return call_sign ? TM_MEDIUM_broadcast : TM_MEDIUM_other;
}

void directory_resolve(tm_turn_t *turn, directory_t *d, tm_buy_line_t *line, create_t create,
                       bool *ret_new_station)
{
    bool new_station = false;
    const tm_str_t source = TM_HAS(line, TM_BUY_LINE_source) ? line->source : TM_STR("manual");
    if (TM_HAS(line, TM_BUY_LINE_advertiser)) {
        const tm_id_t id = directory_advertiser(turn, d, line->advertiser, source,
                                                create == CREATE ? CREATE : LOOK_UP);
        if (!TM_HAS(line, TM_BUY_LINE_advertiser_text)) {
            TM_SET(line, TM_BUY_LINE, advertiser_text, line->advertiser);
        }
        if (id.v != 0) {
            TM_SET(line, TM_BUY_LINE, advertiser_id, id);
            TM_SET(line, TM_BUY_LINE, advertiser,
                   directory_advertiser_name(turn, d, id, line->advertiser));
        }
    }
    if (TM_HAS(line, TM_BUY_LINE_agency)) {
        int32_t bp = -1;
        const tm_id_t id =
            directory_agency(turn, d, line->agency, create == CREATE ? CREATE : LOOK_UP, &bp);
        if (id.v != 0) {
            TM_SET(line, TM_BUY_LINE, agency_id, id);
        }
    }
    resolve_place(turn, d, line, create, &new_station);
    if (!TM_HAS(line, TM_BUY_LINE_medium)) {
        TM_SET(line, TM_BUY_LINE, medium, (tm_enum_t){medium_of(d, line, tm_turn_arena(turn))});
    }
    if (ret_new_station != NULL) {
        *ret_new_station = new_station;
    }
}
