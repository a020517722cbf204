/* messages.h - message types and their payloads.
 *
 * Why:     one list; the number, the name in logs, the payload's codec and the table of kinds
 *          follow from it.
 * Threads: constants. */
#ifndef TM_ACTORS_MESSAGES_H
#define TM_ACTORS_MESSAGES_H
#include "actors/payloads.h"
#include "runtime/message.h"

enum {
    TM_MSG_NONE = TM_MSG_TIMER,
#define TM_MSG(NAME, payload, doc) TM_MSG_##NAME,
#define TM_MSG_RECEIVED(NAME, payload, fn, doc) TM_MSG_##NAME,
#include "actors/messages.def"
#undef TM_MSG_RECEIVED
#undef TM_MSG
    TM_MSG_COUNT
};
extern const tm_message_kind_t tm_messages[TM_MSG_COUNT];

/* Numbers of the fixed actors; a campaign's actor is TM_ACTOR_CAMPAIGN_0 + the counter of its id.
 * */
enum {
    TM_ACTOR_DIRECTORY = 1,
    TM_ACTOR_FEED = 2,
    TM_ACTOR_QUEUE = 3,
    TM_ACTOR_CLOCK = 4,
    TM_ACTOR_CAMPAIGN_0 = 1024
};
static inline uint32_t tm_campaign_actor(tm_id_t campaign)
{
    return TM_ACTOR_CAMPAIGN_0 + tm_id_counter(campaign);
}
/* A new message with a zeroed payload of its type, allocated in its arena. */
TM_OWN tm_message_t *tm_msg_new(uint16_t type, void **ret_payload);
/* Who waits for msg, as a payload takes it along; strings are borrowed from msg. */
tm_waiter_t tm_waiter_of(const tm_message_t *msg);
#endif
