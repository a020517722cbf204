/* directory_tables.c - tables from outside (stations, markets), the sources of the first start,
 * and posted lines with new names.
 *
 * Why:     the FCC's facility table is imported again and again; what changed keeps its history,
 *          what did not costs nothing.
 * Threads: the actor's turn. */
#include "actors/directory.h"

#include "actors/intake.h"
#include "base/fold.h"
#include "domain/order.h"
#include "schema/json.h"

#include <stdio.h>

/* ---- sources ---- */

void directory_seed(tm_turn_t *turn, directory_t *d)
{
    uint32_t key = 0;
    if (tm_tables_next(&d->tables, &tm_source_desc, &key) != NULL)
        return; /* made at the first start */
    for (uint8_t kind = 0; kind < TM_SOURCE_KIND_WORDS_N; kind++) {
        tm_source_t source = {0};
        tm_record_stamp_new(&source, tm_turn_new_id(turn), tm_turn_now(turn));
        TM_SET(&source, TM_SOURCE, name, tm_str(tm_source_kind_words.words[kind]));
        TM_SET(&source, TM_SOURCE, kind, (tm_enum_t){kind});
        tm_turn_put(turn, &tm_source_desc, source.id, &source);
    }
}

/* ---- stations ---- */

typedef struct counts {
    uint32_t added, changed, same;
    uint32_t moved; /* of changed: to another market */
} counts_t;

static void answer_counts(tm_turn_t *turn, const counts_t *n)
{
    char text[128];
    const int len = snprintf(text, sizeof text, "{\"added\":%u,\"changed\":%u,\"same\":%u}",
                             n->added, n->changed, n->same);
    assert(len > 0 && (size_t)len < sizeof text);
    tm_turn_answer(turn, 200, tm_blob_new(text, (size_t)len), NULL, -1);
}

static bool same_str(bool has_a, tm_str_t a, bool has_b, tm_str_t b)
{
    return has_a == has_b && (!has_a || tm_str_eq(a, b));
}

static bool same_station(const tm_station_t *a, const tm_station_t *b)
{
    return same_str(TM_HAS(a, TM_STATION_network), a->network, TM_HAS(b, TM_STATION_network),
                    b->network) &&
           same_str(TM_HAS(a, TM_STATION_city), a->city, TM_HAS(b, TM_STATION_city), b->city) &&
           same_str(TM_HAS(a, TM_STATION_state), a->state, TM_HAS(b, TM_STATION_state), b->state) &&
           TM_HAS(a, TM_STATION_dma_code) == TM_HAS(b, TM_STATION_dma_code) &&
           (!TM_HAS(a, TM_STATION_dma_code) || a->dma_code == b->dma_code) &&
           TM_HAS(a, TM_STATION_facility_id) == TM_HAS(b, TM_STATION_facility_id) &&
           (!TM_HAS(a, TM_STATION_facility_id) || a->facility_id == b->facility_id);
}

/* true: a row of this message named it before. */
static bool again(directory_t *d, char kind, tm_str_t key, tm_arena_t *arena)
{
    const tm_str_t fresh = tm_arena_printf(arena, "%c:%.*s", kind, (int)key.n, key.p);
    assert(fresh.p != NULL);
    return tm_smap_put(&d->fresh, fresh, d) != NULL;
}

/* A station that changed keeps its id: lines point to it; its old form stays in the journal. */
static void put_station(tm_turn_t *turn, directory_t *d, const tm_station_t *given,
                        tm_str_t market_name, counts_t *n)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    tm_station_t station = *given;
    const tm_str_t call_sign = tm_station_norm(given->call_sign, arena);
    const int32_t dma = TM_HAS(given, TM_STATION_dma_code)
                            ? given->dma_code
                            : directory_market(d, market_name, arena);
    if (call_sign.n == 0)
        return;
    if (again(d, 'S', call_sign, arena)) { /* WAAA-TV, then WAAA-LD: the first is meant */
        n->same++;
        return;
    }
    TM_SET(&station, TM_STATION, call_sign, call_sign);
    if (dma != 0) {
        TM_SET(&station, TM_STATION, dma_code, dma);
    }
    int32_t old_dma = 0;
    bool is_new = false;
    const tm_id_t known =
        directory_station(turn, d, call_sign, TM_MEDIUM_broadcast, LOOK_UP, &old_dma, &is_new);
    const tm_station_t *old =
        known.v == 0 ? NULL : tm_tables_read(&d->tables, &tm_station_desc, known, arena);
    if (old != NULL && same_station(old, &station)) {
        n->same++;
        return;
    }
    tm_record_stamp_new(&station, known.v != 0 ? known : tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&station, TM_STATION, known_from_ms, tm_turn_now(turn));
    if (old != NULL) {
        station.version = old->version + 1;
        station.created_ms = old->created_ms;
        n->changed++;
        n->moved += old_dma != 0 && old_dma != dma;
    } else {
        n->added++;
    }
    tm_turn_put(turn, &tm_station_desc, station.id, &station);
}

void directory_stations_put(tm_turn_t *turn, directory_t *d, const tm_stations_put_t *put)
{
    counts_t n = {0};
    const tm_station_t *stations = put->stations.v;
    for (uint32_t i = 0; i < put->stations.n; i++) {
        const tm_str_t market =
            i < put->market_names.n ? put->market_names.v[i] : (tm_str_t){NULL, 0};
        put_station(turn, d, &stations[i], market, &n);
    }
    if (n.added + n.changed > 0) {
        directory_rematch_later(turn, d, n.moved > 0); /* what was read may have a market now */
    }
    answer_counts(turn, &n);
}

/* ---- markets ---- */

static void put_market(tm_turn_t *turn, directory_t *d, const tm_market_t *given, counts_t *n)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    tm_market_t market = *given;
    const uintptr_t counter = (uintptr_t)tm_map_get(&d->markets, (uint64_t)given->dma_code);
    const tm_id_t known = counter == 0 ? (tm_id_t){0} : tm_id_make(d->actor, (uint32_t)counter);
    const tm_market_t *old =
        counter == 0 ? NULL : tm_tables_read(&d->tables, &tm_market_desc, known, arena);
    const bool name_only = !TM_HAS(given, TM_MARKET_rank) && !TM_HAS(given, TM_MARKET_tv_homes);
    if (again(d, 'M', tm_arena_printf(arena, "%d", given->dma_code), arena) ||
        (old != NULL && name_only)) {
        n->same++; /* another list's spelling: an alias, not a new name */
        return;
    }
    if (old != NULL && tm_str_eq(old->name, market.name) &&
        TM_HAS(old, TM_MARKET_rank) == TM_HAS(&market, TM_MARKET_rank) &&
        old->rank == market.rank && old->tv_homes == market.tv_homes) {
        n->same++;
        return;
    }
    tm_record_stamp_new(&market, old != NULL ? known : tm_turn_new_id(turn), tm_turn_now(turn));
    if (old != NULL) {
        market.version = old->version + 1;
        market.created_ms = old->created_ms;
        n->changed++;
    } else {
        n->added++;
    }
    tm_turn_put(turn, &tm_market_desc, market.id, &market);
}

void directory_markets_put(tm_turn_t *turn, directory_t *d, const tm_markets_put_t *put)
{
    counts_t n = {0};
    uint32_t spellings = 0;
    tm_arena_t *arena = tm_turn_arena(turn);
    const tm_market_t *markets = put->markets.v;
    for (uint32_t i = 0; i < put->markets.n; i++) {
        put_market(turn, d, &markets[i], &n);
    }
    const tm_market_alias_t *aliases = put->aliases.v;
    for (uint32_t i = 0; i < put->aliases.n; i++) {
        tm_market_alias_t alias = aliases[i];
        const tm_str_t norm = tm_fold_key(arena, alias.text);
        const tm_str_t fresh = tm_arena_printf(arena, "m:%.*s", (int)norm.n, norm.p);
        if (norm.n == 0 || tm_smap_get(&d->market_names, norm) != NULL ||
            tm_smap_get(&d->fresh, fresh) != NULL) {
            continue;
        }
        tm_record_stamp_new(&alias, tm_turn_new_id(turn), tm_turn_now(turn));
        TM_SET(&alias, TM_MARKET_ALIAS, norm, norm);
        tm_turn_put(turn, &tm_market_alias_desc, alias.id, &alias);
        (void)tm_smap_put(&d->fresh, fresh, d);
        spellings++;
    }
    if (n.added + n.changed + spellings > 0) {
        directory_rematch_later(turn, d, n.moved > 0); /* what was read may have a market now */
    }
    answer_counts(turn, &n);
}

/* ---- a posted line with a new name ---- */

static bool source_exists(tm_str_t name)
{
    for (uint8_t i = 0; i < TM_SOURCE_KIND_WORDS_N; i++) {
        if (tm_str_eq(name, tm_str(tm_source_kind_words.words[i])))
            return true;
    }
    return false;
}

tm_err_t tm_line_check(tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp,
                       tm_arena_t *arena, tm_why_t *why)
{
    if (TM_HAS(line, TM_BUY_LINE_source) && !source_exists(line->source)) {
        (void)tm_why_add(why, TM_EINVALID, "source", "there is no source of this name");
    }
    const tm_err_t err = tm_line_prepare(line, agency_bp, campaign_bp, arena, why);
    return why->n > 0 ? tm_why_err(why) : err;
}

/* Names are made only for a line that will be taken; then the campaign checks, stores and answers:
 * no answer leaves here. */
void directory_line_post(tm_turn_t *turn, directory_t *d, const tm_message_t *msg)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t line = *(const tm_buy_line_t *)msg->payload;
    const tm_campaign_t *campaign = directory_campaign(d, line.campaign_id);
    if (campaign == NULL) {
        (void)tm_why_add(&why, TM_EINVALID, "campaign_id", "there is no such campaign");
    } else {
        tm_buy_line_t checked = line;
        const tm_err_t err =
            tm_line_check(&checked, -1, campaign->commission_bp, tm_turn_arena(turn), &why);
        if (err != TM_OK && why.n == 0) {
            (void)tm_why_add(&why, err, NULL, "%s", tm_err_text(err));
        }
    }
    if (tm_answer_faults(turn, &why))
        return;
    directory_resolve(turn, d, &line, CREATE, NULL);
    tm_waiter_t waiter = tm_waiter_of(msg);
    tm_line_named_t named = {0};
    TM_SET(&named, TM_LINE_NAMED, line, (tm_recs_t){&line, 1});
    TM_SET(&named, TM_LINE_NAMED, waiter, (tm_recs_t){&waiter, 1});
    tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(line.campaign_id), TM_MSG_LINE_NAMED,
                 &named);
}
