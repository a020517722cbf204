/* intake.c - see intake.h.
 *
 * How:     the directory's picture holds every name (actors/names.h); a line whose names are all
 *          there gets its ids here, on the
 *          edge's thread, and is one message to its campaign.
 * Threads: any. */
#include "actors/intake.h"

#include "actors/names.h"

tm_err_t tm_intake_line(tm_runtime_t *rt, tm_message_t *msg, tm_wakes_t *wakes)
{
    assert(msg->type == TM_MSG_LINE_POST);
    tm_buy_line_t *line = msg->payload;
    const uint32_t actor = tm_campaign_actor(line->campaign_id);
    tm_directory_view_t *directory = tm_runtime_snapshot(rt, TM_ACTOR_DIRECTORY);
    const bool known = directory != NULL && tm_names_resolve(directory, line, msg->arena);
    tm_shared_unref(directory);
    return tm_runtime_post_held(rt, known ? actor : TM_ACTOR_DIRECTORY, msg, wakes);
}
