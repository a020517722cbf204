/* campaign_chain.h - which lines are papers of one order, and who speaks for it.
 *
 * How:     a line is found by its number and by its alternate; chains that turn out to be one are
 *          joined and never part again.
 * Threads: the actor's turn.
 * Source:  domain rule 4.4.2. */
#ifndef TM_ACTORS_CAMPAIGN_CHAIN_H
#define TM_ACTORS_CAMPAIGN_CHAIN_H
#include "actors/campaign.h"

/* Under which a line finds its relatives: those with its number, those whose alternate its number
 * is, and the one whose number its alternate is; then the same again with the advertiser, for
 * numbers in the titles of files. n 0: none. */
#define CHAIN_KEYS 2
typedef struct chain_keys {
    tm_str_t number[CHAIN_KEYS], alternate[CHAIN_KEYS];
    tm_id_t owner[CHAIN_KEYS]; /* the advertiser in the keys; 0: none is */
} chain_keys_t;
/* Soon the line is added. */
void campaign_chain_foresee(campaign_t *c, const tm_buy_line_t *line);
chain_keys_t campaign_chain_keys(const tm_buy_line_t *line, tm_arena_t *arena);
chain_t *campaign_chain_root(chain_t *chain);
/* The root of the chain that goes by keys.number[k], or keys.alternate[k]; owner: keys.owner[k].
 * NULL: none. */
chain_t *campaign_chain_numbered(const campaign_t *c, tm_str_t key, tm_id_t owner);
chain_t *campaign_chain_of(const campaign_t *c, uint32_t line); /* its root; NULL: no such line */
/* Remembers the line of a row as it stands until it is settled, so that it is read once. record: of
 * a change, lives as long; NULL: it is read from the row. */
const tm_buy_line_t *campaign_take_fresh(campaign_t *c, const tm_row_t *row,
                                         const tm_buy_line_t *record);
void campaign_chain_add(campaign_t *c, const tm_buy_line_t *line);
void campaign_chain_mark(campaign_t *c, chain_t *chain);
void campaign_chains_free(campaign_t *c);
/* Marked chains: verdicts, shares, cells. */
void campaign_settle(campaign_t *c);
/* In place of it while commits of a checkpoint are played: only the order is kept in which chains
 * would be settled; settle_all does it once for each, when it was its turn last. The same follows,
 * but for what tm_matrix_told holds. */
void campaign_settle_later(campaign_t *c);
void campaign_settle_all(campaign_t *c);
/* The row a line's dollars stand in. */
tm_row_key_t campaign_row_key(const tm_buy_line_t *line);
/* true: the line takes part (not put away). */
static inline bool campaign_line_is_open(const tm_buy_line_t *line)
{
    return !TM_HAS(line, TM_BUY_LINE_archived_ms);
}
/* Counts in booked, not only in projected. */
bool campaign_line_is_firm(const tm_buy_line_t *line, const tm_verdict_t *verdict);
/* Index of the line that stands for an order among other buys: its newest version, else an
 * invoice; n: none. Credits and edits never do. */
uint32_t campaign_speaker(const tm_buy_line_t *const *lines, const tm_verdict_t *verdicts,
                          uint32_t n);
#endif
