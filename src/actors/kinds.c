/* kinds.c - see kinds.h.
 *
 * Threads: constants; ensure and begin: app. */
#include "actors/kinds.h"

const tm_actor_kind_t *const tm_kinds[] = {
#define TM_ACTOR_KIND(name, number) &tm_##name##_kind,
#include "actors/kinds.def"
#undef TM_ACTOR_KIND
    NULL,
};

void tm_actors_ensure(tm_runtime_t *rt)
{
    tm_runtime_ensure(rt, TM_KIND_OF_table, TM_ACTOR_DIRECTORY);
    tm_runtime_ensure(rt, TM_KIND_OF_feed, TM_ACTOR_FEED);
    tm_runtime_ensure(rt, TM_KIND_OF_queue, TM_ACTOR_QUEUE);
    tm_runtime_ensure(rt, TM_KIND_OF_clock, TM_ACTOR_CLOCK);
}

static tm_err_t poke(tm_runtime_t *rt, uint32_t actor, uint16_t type, tm_ms_t now)
{
    void *payload = NULL;
    tm_message_t *msg = tm_msg_new(type, &payload);
    msg->at = now;
    return tm_runtime_post(rt, actor, msg);
}

tm_err_t tm_actors_begin(tm_runtime_t *rt, tm_ms_t now)
{
    const tm_err_t err = poke(rt, TM_ACTOR_DIRECTORY, TM_MSG_DIRECTORY_SEED, now);
    return err != TM_OK ? err : poke(rt, TM_ACTOR_QUEUE, TM_MSG_QUEUE_RESTART, now);
}

tm_err_t tm_actors_switch_eod(tm_runtime_t *rt, bool enabled, tm_ms_t now)
{
    void *payload = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_EOD_SWITCH, &payload);
    tm_eod_switch_t *given = payload;
    TM_SET(given, TM_EOD_SWITCH, enabled, enabled);
    msg->at = now;
    return tm_runtime_post(rt, TM_ACTOR_CLOCK, msg);
}
