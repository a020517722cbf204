/* message.c - messages are born and die here.
 *
 * How:     the message is the first piece of its own arena, so freeing the arena frees all of it.
 * Threads: one owner at a time. */
#include "runtime/message.h"

#define FIRST_BYTES ((size_t)2048) /* a buy line with its text takes no second piece */

TM_OWN tm_message_t *tm_message_new(uint16_t type, size_t bytes_max)
{
    assert(bytes_max <= TM_MESSAGE_BYTES_MAX);
    tm_arena_t *arena = tm_arena_new_first(bytes_max == 0 ? (size_t)TM_MESSAGE_BYTES_MAX
                                                          : TM_MAX(bytes_max, (size_t)1024),
                                           FIRST_BYTES);
    tm_message_t *msg = tm_arena_zalloc(arena, sizeof(*msg));
    assert(msg != NULL); /* the smallest arena holds more than a message */
    msg->arena = arena;
    msg->type = type;
    msg->reply_to.loop = TM_NO_LOOP;
    msg->expect_version = -1;
    return msg;
}

void tm_message_free(TM_OWN tm_message_t *msg)
{
    if (msg == NULL)
        return;
    tm_arena_free(msg->arena);
}
