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
#include "actors/parts.h"
#include "base/map.h"
#include "domain/matrix.h"
#include "domain/order.h"

#define CAMPAIGN_MAGIC 0x43414d50u

typedef struct chain {
    struct chain *into; /* merged into this one; NULL: is a root */
    uint32_t *lines;    /* counters of ids */
    uint32_t n, cap;
    uint32_t listed;  /* how many lines its tm_chain_list_t holds */
    uint32_t speaker; /* counter of the line that stands for it among other buys; 0: none */
    bool dirty;
    bool in_blocks; /* under these keys */
    uint64_t by_payer, by_amount, by_number;
    uint64_t settled; /* its place among those that wait for campaign_settle_all; 0: none */
    struct chain *next_dirty;
    struct chain *next_all;
} chain_t;

/* The chains of lines that name one number as their alternate: they are one order only if a paper
 * with that very number comes. */
typedef struct chain_list {
    chain_t **v;
    uint32_t n, cap;
} chain_list_t;

/* A few numbers kept under another one. */
typedef struct numbers {
    uint32_t *v;
    uint32_t n, cap;
} numbers_t;

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
    tm_buf_t events; /* of the commit being settled: pull-downs, as JSON objects */
    bool rebuild;    /* the week basis changed: every line is spread anew */
    tm_matrix_t *matrix;
    tm_trie_t lists; /* counter of a line -> tm_chain_list_t, of chains with several lines */
    tm_versions_t versions;
    /* What decisions say of lines (campaign_links.c), all by counters of ids. */
    tm_map_t links;        /* line -> links_t: whose copy or part it is, by which decisions */
    tm_map_t dependents;   /* line -> numbers_t: lines that are its copies or parts */
    tm_map_t decisions;    /* decision -> its action * 2 + (in force) + 1 */
    tm_map_t groups_of;    /* line -> numbers_t: groups it is a member of */
    tm_map_t open_groups;  /* group -> 1: waits for a verdict */
    tm_map_t judged;       /* group -> 1: had a verdict once, whatever became of it */
    tm_map_t cover_groups; /* line that is a market's total -> its group */
    tm_map_t made;         /* decision -> numbers_t: lines it made */
    tm_map_t totals;       /* advertiser, market, medium -> numbers_t: totals without station */
    tm_map_t edits;        /* advertiser, market, medium -> numbers_t: lines of edited cells */
    tm_smap_t problems;    /* "kind:line" -> open exception */
    tm_map_t blocks;       /* campaign_blocks.c */
    uint32_t sources_seen; /* bit a source kind */
    tm_trie_t ring;        /* version -> tm_delta_t */
    uint64_t ring_first, ring_bytes;
    bool unheard;      /* its past is played: nobody listens, so no deltas are written */
    tm_parts_t *parts;  /* of a checkpoint that is being read, */
    tm_trie_t deltas;   /* its ring, */
    tm_buf_t told;      /* and what was told of its rows */
    uint64_t n_settled; /* the last place given to a chain */
} campaign_t;

/* campaign.c */
/* What follows from a record that is new or changed, until campaign_settle: everything derived
 * comes from here, so that a past state can be derived the same way (campaign_as_of.c). */
void campaign_take(void *campaign, const tm_row_t *row, const tm_has_t *touched);
tm_delta_t *campaign_delta_new(uint64_t version, tm_str_t body);

/* campaign_part.c: the picture as parts of a checkpoint, and back. */
bool campaign_part(const void *picture, tm_part_at_t *at, tm_buf_t *out);
tm_err_t campaign_take_part(void *campaign, tm_str_t part, tm_why_t *why);

/* campaign_lines.c */
void campaign_lines_found(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found);
void campaign_line_post(tm_turn_t *turn, campaign_t *c, const tm_buy_line_t *given);
void campaign_lines_closed(tm_turn_t *turn, campaign_t *c, const tm_lines_closed_t *closed);

/* campaign_record.c */
void campaign_record_put(tm_turn_t *turn, campaign_t *c, const tm_campaign_put_t *put);
void campaign_lines_refresh(tm_turn_t *turn, campaign_t *c, const tm_part_t *part);
void campaign_advertiser_moved(tm_turn_t *turn, campaign_t *c, const tm_advertiser_moved_t *moved);

/* campaign_report.c */
void campaign_report(tm_turn_t *turn, campaign_t *c, const tm_eod_report_t *order);

/* campaign_resolve.c, campaign_edits.c: what people decide. */
void campaign_group_resolve(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_rows_combine(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_decision_undo(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_auto_resolve(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_matrix_edit(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_exceptions_close(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
#endif
