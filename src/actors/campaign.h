/* campaign.h - inside a campaign's actor: its lines, their chains, its matrix and the last deltas.
 * Included by campaign*.c only.
 *
 * Why:     lines and decisions are facts; chains, shares and cells follow from them and are made
 *          anew at every start.
 * How:     a chain holds the lines that may be papers of one order. A change marks its chain;
 *          after the commit marked chains are
 *          resolved and their lines' shares replaced in the matrix, so a change touches only its
 *          cells.
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_H
#define TM_ACTORS_CAMPAIGN_H
#include "actors/kinds.h"
#include "actors/tables.h"
#include "base/map.h"
#include "domain/matrix.h"

#define CAMPAIGN_MAGIC 0x43414d50u

typedef struct chain {
    struct chain *into; /* merged into this one; NULL: is a root */
    uint32_t *lines;    /* counters of ids */
    uint32_t n, cap;
    bool dirty;
    struct chain *next_dirty;
    struct chain *next_all;
} chain_t;

/* The chains of lines that name one number as their alternate: they are one order only if a paper
 * with that very number comes. */
typedef struct chain_list {
    chain_t **v;
    uint32_t n, cap;
} chain_list_t;

typedef struct campaign {
    uint32_t magic;
    uint32_t actor;
    uint64_t version;
    tm_tables_t tables;
    tm_arena_t *record_arena;    /* of `record` */
    const tm_campaign_t *record; /* NULL until the directory's first message */
    tm_day_t today;
    tm_id_t state_id;     /* of our campaign_state */
    tm_smap_t numbers;    /* "station|number" -> chain */
    tm_smap_t alternates; /* "station|alternate number" -> chain_list_t */
    tm_map_t chain_of;    /* counter of a line -> chain */
    tm_map_t by_document; /* document id -> counter of its open line */
    chain_t *dirty, *all;
    bool rebuild; /* the week basis changed: every line is spread anew */
    tm_matrix_t *matrix;
    tm_trie_t ring; /* version -> tm_delta_t */
    uint64_t ring_first, ring_bytes;
} campaign_t;

/* campaign_chain.c */
/* Under which a line finds its relatives: those with its number, those whose alternate its number
 * is, and the one whose number its alternate is. n 0: none. */
typedef struct chain_keys {
    tm_str_t number, alternate;
} chain_keys_t;
chain_keys_t campaign_chain_keys(const tm_buy_line_t *line, tm_arena_t *arena);
chain_t *campaign_chain_root(chain_t *chain);
void campaign_chain_add(campaign_t *c, const tm_buy_line_t *line, tm_arena_t *arena);
void campaign_chain_mark(campaign_t *c, chain_t *chain);
void campaign_chains_free(campaign_t *c);
/* Marked chains: verdicts, shares, cells. */
void campaign_settle(campaign_t *c);
/* true: the line takes part (not put away). */
static inline bool campaign_line_is_open(const tm_buy_line_t *line)
{
    return !TM_HAS(line, TM_BUY_LINE_archived_ms);
}

/* campaign_lines.c */
void campaign_lines_found(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found);
void campaign_line_post(tm_turn_t *turn, campaign_t *c, const tm_buy_line_t *given);
void campaign_lines_closed(tm_turn_t *turn, campaign_t *c, const tm_lines_closed_t *closed);

/* campaign_record.c */
void campaign_record_put(tm_turn_t *turn, campaign_t *c, const tm_campaign_put_t *put);
void campaign_lines_refresh(tm_turn_t *turn, campaign_t *c, const tm_part_t *part);
#endif
