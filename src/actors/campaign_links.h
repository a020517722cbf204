/* campaign_links.h - what decisions say of lines: whose copy, part or cover they are.
 *
 * Why:     a line added today must stand as somebody decided last week about its order.
 * How:     one link a line and decision; whether it holds follows from the decision being in force.
 *          Everything here follows from the records of groups, decisions, edits and exceptions.
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_LINKS_H
#define TM_ACTORS_CAMPAIGN_LINKS_H
#include "actors/campaign.h"

typedef struct link {
    uint32_t decision, target; /* counters; target: the line that counts instead */
    uint8_t role;              /* TM_MEMBER_ROLE_copy or _part */
} link_t;
typedef struct links {
    link_t *v;
    uint32_t n, cap;
} links_t;

/* NULL: none. */
const numbers_t *campaign_numbers(const tm_map_t *map, uint64_t key);
void campaign_numbers_add(tm_map_t *map, uint64_t key, uint32_t number); /* once each */
/* TM_DEDUPE_ACTION_* of a decision; *ret_in_force. -1: no such decision. */
int campaign_decision_action(const campaign_t *c, uint32_t decision, bool *ret_in_force);
/* Of lines that are a market's total: key of advertiser, market and medium; 0: it is none. */
uint64_t campaign_total_key(const tm_buy_line_t *line);
/* The same key of any line. */
uint64_t campaign_market_key(const tm_buy_line_t *line);

/* apply: a record of the campaign's tables came or changed. */
void campaign_take_decision(campaign_t *c, const tm_dedupe_decision_t *decision);
void campaign_take_group(campaign_t *c, const tm_dedupe_group_t *group);
void campaign_take_exception(campaign_t *c, const tm_exception_t *exception);
/* Lines that are totals, edits, or made by a decision. */
void campaign_take_special(campaign_t *c, const tm_buy_line_t *line);
void campaign_links_free(campaign_t *c);
/* The group asks about a market's total and its stations; the total is its first member. */
bool campaign_group_is_cover(const tm_dedupe_group_t *group);
/* Is any of these lines in a group that waits for a verdict? */
bool campaign_is_disputed(const campaign_t *c, const uint32_t *lines, uint32_t n);
/* Exception of this kind about this line that is open, 0: none. */
uint32_t campaign_problem(const campaign_t *c, const char *kind, uint32_t line);
#endif
