/* campaign_blocks.h - which buys are worth comparing with a line.
 *
 * Why:     a new line meets only plausible partners, also in a campaign of a million lines.
 * How:     every buy that counts is listed by its speaker line under: payer and place and source;
 *          place, source and size of the amount; order number and payer (the same order filed at a
 *          sister station). Sources are apart, because two lines of one source are never one buy.
 *          A bucket is searched from its newest end, CAMPAIGN_BLOCK_LOOK entries at most.
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_BLOCKS_H
#define TM_ACTORS_CAMPAIGN_BLOCKS_H
#include "actors/campaign.h"

#define CAMPAIGN_BLOCK_LOOK 512
#define CAMPAIGN_PARTNERS_MAX 16

/* Lists the chain under the keys of its speaker (NULL: it does not count any more). */
void campaign_block_put(campaign_t *c, chain_t *chain, const tm_buy_line_t *speaker);
/* Soon the line may be listed: first the places of its keys, then what is listed there. */
void campaign_block_foresee(const campaign_t *c, const tm_buy_line_t *line, bool again);
/* Speakers that may be the same buy as line, the most alike first. Returns their number. */
uint32_t campaign_block_partners(const campaign_t *c, const tm_buy_line_t *line,
                                 uint32_t ret[CAMPAIGN_PARTNERS_MAX]);
/* 0: the line has no order number of a station. */
uint64_t campaign_sister_key(const tm_buy_line_t *line);
/* The step of an amount in cents: 0 below a dollar, then each ends a tenth above its beginning. If
 * the larger of two is at most a tenth more, theirs are equal or neighbours. gross: at most
 * TM_CENTS_MAX. O(34). */
uint32_t campaign_amount_step(int64_t gross);
/* Its source as a bit; lines of one source are copies of nothing. */
uint32_t campaign_source_bit(const tm_buy_line_t *line);
void campaign_blocks_free(campaign_t *c);
#endif
