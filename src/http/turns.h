/* turns.h - how much of what takes long a loop does in one turn.
 *
 * Why:     a turn handles whatever is ready; with hundreds of writes ready a read would wait for
 *          all of them.
 * How:     WRITES_A_TURN writes are handled at once, further ones stand in a line, of which the
 *          loop takes as many after each turn. A turn with a line behind it does not wait for
 *          events. Answers of actors are given in portions too (answers.c).
 * Threads: the loop's. */
#ifndef TM_HTTP_TURNS_H
#define TM_HTTP_TURNS_H
#include "http/call.h"

/* Runs the request's handler, now or soon; a read always now. */
void tm_turns_handle(tm_call_t *call);
/* The request is gone. */
void tm_turns_forget(tm_call_t *call);
/* Leaves an HTTP/1 connection's descriptor where it is polled until the answer: taking it out and
 * putting it back costs two system calls a request. What is read meanwhile may move the input,
 * so whoever calls this has copied the body, or will not look at it again. */
void tm_turns_keep_polled(tm_call_t *call);
/* After a turn: the next of the line. */
void tm_turns_go_on(tm_loop_t *loop);
#endif
