/* kinds.h - the table of all kinds of actors, and what the app does with fixed ones.
 *
 * Threads: constants. */
#ifndef TM_ACTORS_KINDS_H
#define TM_ACTORS_KINDS_H
#include "actors/messages.h"
#include "runtime/runtime.h"

#define TM_ACTOR_KIND(name, number) extern const tm_actor_kind_t tm_##name##_kind;
#include "actors/kinds.def"
#undef TM_ACTOR_KIND
enum {
#define TM_ACTOR_KIND(name, number) TM_KIND_OF_##name = number,
#include "actors/kinds.def"
#undef TM_ACTOR_KIND
};
extern const tm_actor_kind_t *const tm_kinds[]; /* NULL-terminated */

/* Makes the fixed actors; before replay. */
void tm_actors_ensure(tm_runtime_t *rt);
/* After tm_runtime_start: sources of the first start, jobs that a crash interrupted. */
TM_MUST_CHECK tm_err_t tm_actors_begin(tm_runtime_t *rt, tm_ms_t now);

/* Whether end-of-day reports are ordered. Before tm_runtime_start, so that no report that is due
 * comes first. */
TM_MUST_CHECK tm_err_t tm_actors_switch_eod(tm_runtime_t *rt, bool enabled, tm_ms_t now);

/* Jobs an actor may start (tm_turn_job). */
enum {
    /* a tm_job_t whose payload holds the raw_input as JSON; answers TM_MSG_JOB_DONE */
    TM_JOB_PARSE_INPUT = 1
};
#endif
