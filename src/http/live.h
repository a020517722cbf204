/* live.h - event streams of a loop: who listens to which campaign, and how far each is.
 *
 * Threads: tm_live_tell: any. The rest: the loop's. */
#ifndef TM_HTTP_LIVE_H
#define TM_HTTP_LIVE_H
#include "http/loop.h"

/* An actor has a newer snapshot: wakes the loop if somebody there listens. */
void tm_live_tell(tm_loop_t *loop, uint32_t actor);
/* Sends what is new to subscribers of actors with news. */
void tm_live_deliver(tm_loop_t *loop);
/* Once a second: heartbeats, and the end of clients that take nothing. */
void tm_live_sweep(tm_loop_t *loop);
/* Ends every stream with a hint when to come back. */
void tm_live_end(tm_loop_t *loop);
#endif
