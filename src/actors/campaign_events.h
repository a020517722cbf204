/* campaign_events.h - what a delta tells beside cells: an order was cut or cancelled.
 *
 * Why:     a rival who takes back booked weeks is news at once (domain rule 4.4.5).
 * How:     the order's weeks are noted before its new shares are placed, and compared after.
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_EVENTS_H
#define TM_ACTORS_CAMPAIGN_EVENTS_H
#include "actors/campaign.h"

typedef struct week_change {
    tm_day_t week;
    int64_t before, after;
} week_change_t;
typedef struct week_changes {
    tm_arena_t *arena;
    week_change_t *v; /* ascending */
    uint32_t n, cap;
} week_changes_t;

/* Adds what the chain's lines have in the matrix, before (after false) or after. */
void campaign_weeks_note(const campaign_t *c, const chain_t *chain, bool after,
                         week_changes_t *weeks);
/* Appends an event when the newest version, speaker, lowered a week that was future at its own
 * date, or cancelled the order. */
void campaign_event(campaign_t *c, const tm_buy_line_t *speaker, const week_changes_t *weeks);
#endif
