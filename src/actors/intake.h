/* intake.h - the edges' way in for requests whose receiver depends on what is known.
 *
 * Why:     a posted line whose names are known goes straight to its campaign; a new name makes a
 *          detour over the directory, which
 *          owns names. Both give one line, one answer, one idempotency key.
 * Threads: any (reads the directory's snapshot). */
#ifndef TM_ACTORS_INTAKE_H
#define TM_ACTORS_INTAKE_H
#include "actors/messages.h"
#include "runtime/runtime.h"

/* msg: TM_MSG_LINE_POST with a tm_buy_line_t whose campaign_id is set and exists. Errors as
 * tm_runtime_post (message freed):
 * TM_ENOTFOUND no such campaign, TM_EBUSY, TM_ESTOPPING. */
TM_MUST_CHECK tm_err_t tm_intake_line(tm_runtime_t *rt, TM_OWN tm_message_t *msg,
                                      tm_wakes_t *wakes);
/* Every check of a posted line, source included; fills defaults and the missing total. */
TM_MUST_CHECK tm_err_t tm_line_check(tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp,
                                     tm_arena_t *arena, tm_why_t *why);
#endif
