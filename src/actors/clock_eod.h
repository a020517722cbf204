/* clock_eod.h - which campaign's report is due, and for which date. Included by clock*.c only.
 *
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CLOCK_EOD_H
#define TM_ACTORS_CLOCK_EOD_H
#include "actors/kinds.h"
#include "actors/tables.h"

/* Sets eod_next and eod_due_ms anew (absent: no report is wanted), never for a date that has one.
 */
void clock_eod_plan(tm_campaign_state_t *kept, tm_has_t *touched, tm_ms_t now);
/* Orders the report that is due now, if there is one, and plans the next. off: none at all. */
void clock_eod_run(tm_turn_t *turn, tm_campaign_state_t *kept, tm_has_t *touched, bool off);
#endif
