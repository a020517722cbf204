/* campaign_reconcile.h - a campaign compares its lines with a whole list; used by campaign.c only.
 *
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_RECONCILE_H
#define TM_ACTORS_CAMPAIGN_RECONCILE_H
#include "actors/campaign.h"
#include "actors/limits.h"

/* Stores the result and answers 201 with it. */
void campaign_reconcile(tm_turn_t *turn, campaign_t *c, const tm_reconcile_t *list);
#endif
