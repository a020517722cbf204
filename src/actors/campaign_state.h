/* campaign_state.h - what a campaign's actor holds; see campaign.h, which includes it.
 *
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_STATE_H
#define TM_ACTORS_CAMPAIGN_STATE_H
#include "actors/kinds.h"
#include "actors/parts.h"
#include "base/pages.h"
#include "domain/matrix.h"
#include "domain/order.h"

#define CAMPAIGN_MAGIC 0x43414d50u

/* What goes by one number at one station: the advertisers whose lines bear it, and a chain. */
typedef struct number {
    uint64_t owner;   /* the first advertiser that is known; 0: none */
    uint64_t *others; /* [n_others] further ones; each once */
    uint32_t n_others;
    bool is_used;
    bool lies_in_chain; /* that chain is its own */
} number_t;

/* There is one for nearly each line: 96 bytes, a size of the heap. */
typedef struct chain {
    struct chain *into; /* merged into this one; NULL: is a root */
    uint32_t *lines;    /* [n] counters of ids; NULL: there is `only` that one */
    uint32_t n;
    union {
        uint32_t cap; /* room in lines */
        uint32_t only;
    };
    uint32_t speaker; /* counter of the line that stands for it among other buys; 0: none */
    bool dirty;
    bool is_listed; /* its tm_chain_list_t holds all its lines */
    bool in_blocks; /* under these keys */
    uint64_t by_payer, by_amount, by_number;
    union {
        struct chain *next_dirty; /* dirty */
        uint64_t
            settled; /* else its place among those that wait for campaign_settle_all; 0: none */
    };
    struct chain *next_all;
    number_t number; /* the first that was made for it: most have one */
} chain_t;
_Static_assert(sizeof(chain_t) == 96, "one more byte costs 16");

static inline const uint32_t *chain_lines(const chain_t *chain)
{
    return chain->lines != NULL ? chain->lines : &chain->only;
}

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

/* A line as it stands since a change of the commit that is not settled yet; its strings lie in that
 * commit's bytes or in its row. */
#define FRESH_MAX 16
typedef struct fresh {
    uint32_t line;
    const tm_buy_line_t *record;
} fresh_t;

typedef struct campaign {
    uint32_t magic;
    uint32_t actor;
    uint64_t version;
    tm_tables_t tables;
    tm_arena_t *record_arena;    /* of `record` */
    const tm_campaign_t *record; /* NULL until the directory's first message */
    tm_day_t today;
    tm_id_t state_id;     /* of our campaign_state */
    tm_smap_t numbers;    /* "station|number" -> number_t */
    tm_smap_t alternates; /* "station|alternate number" -> chain_list_t */
    tm_pages_t chain_of;  /* counter of a line -> chain */
    tm_map_t by_document; /* document id -> counter of its open line */
    chain_t *dirty, *all;
    tm_buf_t events;           /* of the commit being settled: pull-downs, as JSON objects */
    tm_buf_t packed;           /* its delta */
    tm_arena_t *work, *shares; /* while chains are settled */
    tm_arena_t *read;          /* lines of `fresh` that were read from their rows */
    fresh_t fresh[FRESH_MAX];  /* lines that came with the commit being applied */
    uint32_t n_fresh;
    bool rebuild; /* the week basis changed: every line is spread anew */
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
    bool unheard;       /* its past is played: nobody listens, so no deltas are written */
    tm_parts_t *parts;  /* of a checkpoint that is being read, */
    tm_trie_t deltas;   /* its ring, */
    tm_buf_t told;      /* and what was told of its rows */
    uint64_t n_settled; /* the last place given to a chain */
} campaign_t;
#endif
