/* assign.h - does a line belong to a campaign?
 *
 * Threads: pure.
 * Source:  contract 3a "Assignment". */
#ifndef TM_DOMAIN_ASSIGN_H
#define TM_DOMAIN_ASSIGN_H
#include "schema/entities/buy_line.h"
#include "schema/entities/campaign.h"

/* true: the line's market is among the campaign's (empty: any, also unknown) and its advertiser is
 * one of the campaign's (by advertiser_id, see campaign_rival.advertiser_id) or a keyword stands in
 * advertiser, advertiser_text or product (folded words); advertisers and keywords both empty take
 * every advertiser. */
bool tm_assign_matches(const tm_campaign_t *campaign, const tm_buy_line_t *line,
                       tm_arena_t *scratch);
/* The side of an advertiser in a campaign, neutral when it is not listed. */
int tm_assign_side(const tm_campaign_t *campaign, tm_id_t advertiser_id);
/* Criteria changed in a way that can let in or shut out a line (markets, advertisers, keywords). */
bool tm_assign_criteria_equal(const tm_campaign_t *a, const tm_campaign_t *b);
/* Checks and defaults of a campaign from a request (contract 3, 3a): tz known, doubled advertiser
 * names that fold alike are merged (422 only if their sides differ), slug from the name. Faults
 * with their paths. */
TM_MUST_CHECK tm_err_t tm_campaign_prepare(tm_campaign_t *campaign, tm_arena_t *arena,
                                           tm_why_t *why);
#endif
