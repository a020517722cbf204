/* directory.h - inside the directory actor: its state and the pieces of its decisions. Included by
 * directory_*.c and table.c only.
 *
 * Why:     one actor owns what assignment needs: campaigns' criteria, advertisers, aliases,
 *          stations, markets, documents, the pending list. So a document meets all campaigns in one
 *          place and in one order.
 * How:     records lie in tables; the maps are indexes that follow from them. `fresh` holds names
 *          staged by the message that is being decided: one packet makes no name twice.
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_DIRECTORY_H
#define TM_ACTORS_DIRECTORY_H
#include "actors/kinds.h"
#include "actors/parts.h"
#include "base/map.h"
#include "domain/name_match.h"

#define DIRECTORY_MAGIC 0x44495243u

/* A campaign unpacked once, because every document asks all of them. */
typedef struct tracked {
    tm_arena_t *arena;
    tm_campaign_t *campaign;
} tracked_t;

/* A list of records by the counters of their ids. */
typedef struct place {
    struct place *next;
    uint32_t counter;
} place_t;

/* kind of an open exception: a person sent an input to a campaign before it was read */
#define ASSIGNMENT_WAITS "assignment_waits"

typedef struct directory {
    uint32_t magic;
    uint32_t actor;
    uint64_t version;
    tm_tables_t tables;
    tm_smap_t aliases;       /* folded name -> counter of the advertiser_alias */
    tm_smap_t agencies;      /* folded name -> counter of the agency */
    tm_smap_t stations;      /* call sign -> counter of the station believed now */
    tm_smap_t market_names;  /* folded name -> DMA code */
    tm_smap_t order_numbers; /* normalised printed numbers of all documents */
    tm_smap_t suffixed;      /* bare number -> place_t of documents that print it with a suffix */
    tm_map_t waiting;        /* input id -> place_t of exceptions ASSIGNMENT_WAITS */
    tm_map_t markets;        /* DMA code -> counter of the market */
    tm_map_t inputs;  /* input id -> counter of its first document; its parts follow each other */
    tm_map_t pending; /* document id -> counter of its pending line */
    tracked_t *campaigns;
    uint32_t n_campaigns, cap_campaigns;
    tm_trie_t names;            /* what readers may look up: actors/names.h */
    tm_name_index_t *spellings; /* of advertisers; target: counter of the alias or pending line */
    tm_name_index_t *market_index; /* spellings of markets; target: DMA code */
    tm_smap_t market_texts;  /* folded, printed but unknown -> counter of the first document */
    tm_smap_t pending_names; /* folded name that only pending lines bear -> counter of the first */
    tm_smap_t proposed; /* "folded name|counter of the advertiser" -> counter of the proposal */
    tm_parts_t *parts;  /* of a checkpoint that is being read */
    tm_str_t principal; /* who sent the message that is being decided */
    uint32_t first_new, last_new; /* counters of spellings it brings; 0: none */
    tm_smap_t fresh;              /* "a:folded" ... -> counter; empty between messages */
} directory_t;

typedef enum create {
    LOOK_UP,
    CREATE_STATION, /* only stations: an unknown code is remembered even if nobody takes its line */
    CREATE,
    CREATE_CONFIRMED /* only advertisers: a person wrote the name, so it means just that one */
} create_t;

/* directory_names.c: names to records. Folded names; v 0: unknown (LOOK_UP only). */
tm_id_t directory_advertiser(tm_turn_t *turn, directory_t *d, tm_str_t name, tm_str_t source,
                             create_t create);
/* A person says that the name means this advertiser from now on. */
void directory_alias(tm_turn_t *turn, directory_t *d, tm_str_t name, tm_id_t advertiser,
                     tm_str_t source);
tm_str_t directory_advertiser_name(tm_turn_t *turn, directory_t *d, tm_id_t advertiser,
                                   tm_str_t otherwise);
tm_id_t directory_agency(tm_turn_t *turn, directory_t *d, tm_str_t name, create_t create,
                         int32_t *ret_commission_bp);
/* dma 0: unknown. A station made here gets that market. *ret_dma is the station's own when it has
 * one. *ret_new: made now. */
tm_id_t directory_station(tm_turn_t *turn, directory_t *d, tm_str_t name, uint8_t medium,
                          create_t create, int32_t *ret_dma, bool *ret_new);
/* Both: 0 unknown. */
int32_t directory_market(const directory_t *d, tm_str_t name, tm_arena_t *arena);
int32_t directory_market_rank(const directory_t *d, int32_t dma, tm_arena_t *arena);
/* Resolves advertiser, agency, station and market of a line that has texts. *ret_new_station may
 * be NULL. */
void directory_resolve(tm_turn_t *turn, directory_t *d, tm_buy_line_t *line, create_t create,
                       bool *ret_new_station);

/* directory_campaigns.c */
void directory_campaign_create(tm_turn_t *turn, directory_t *d, const tm_message_t *msg);
void directory_campaign_patch(tm_turn_t *turn, directory_t *d, const tm_message_t *msg);
void directory_campaign_clone(tm_turn_t *turn, directory_t *d, const tm_message_t *msg);
const tm_campaign_t *directory_campaign(const directory_t *d, tm_id_t id); /* NULL: none */

/* directory_inputs.c */
void directory_input_parsed(tm_turn_t *turn, directory_t *d, const tm_input_parsed_t *parsed);
void directory_input_assign(tm_turn_t *turn, directory_t *d, const tm_input_assign_t *assign);
void directory_pending_assign(tm_turn_t *turn, directory_t *d, const tm_pending_assign_t *assign);
/* The pending line of a document has found its campaign. */
void directory_close_pending(tm_turn_t *turn, directory_t *d, tm_id_t document);

/* directory_rematch.c: stored documents, from a counter on, against one campaign: lines to it where
 * it matches; documents that matched `before` (NULL: none) and no longer do are closed. */
void directory_rematch(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                       const tm_campaign_t *before, uint32_t from);
void directory_rematch_part(tm_turn_t *turn, directory_t *d, const tm_part_t *part);
void directory_rematch_all(tm_turn_t *turn, directory_t *d, const tm_record_ref_t *ref);
/* Everything meets everything again, in messages of their own. moved: what had a place has another
 * now, so that lines may leave a campaign. */
void directory_rematch_later(tm_turn_t *turn, directory_t *d, bool moved);

/* directory_tables.c */
void directory_seed(tm_turn_t *turn, directory_t *d);
void directory_stations_put(tm_turn_t *turn, directory_t *d, const tm_stations_put_t *put);
void directory_markets_put(tm_turn_t *turn, directory_t *d, const tm_markets_put_t *put);
void directory_line_post(tm_turn_t *turn, directory_t *d, const tm_message_t *msg);
#endif
