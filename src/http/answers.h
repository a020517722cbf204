/* answers.h - answers on their way from other threads to the loop whose request waits.
 *
 * Threads: tm_answers_send: any. gather, flush: one, the journal's. */
#ifndef TM_HTTP_ANSWERS_H
#define TM_HTTP_ANSWERS_H
#include "http/loop.h"
#include "runtime/env.h"

/* Copies what the answer borrows, refs its body, wakes the loop. Too late or a wrong slot:
 * dropped there. */
void tm_answers_send(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer);
/* The same, but they stay with the one thread that gathers until it flushes. */
void tm_answers_gather(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer);
void tm_answers_flush(tm_loop_t *loop);
#endif
