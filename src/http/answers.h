/* answers.h - answers on their way from other threads to the loop whose request waits.
 *
 * Threads: tm_answers_send: any. */
#ifndef TM_HTTP_ANSWERS_H
#define TM_HTTP_ANSWERS_H
#include "http/loop.h"
#include "runtime/env.h"

/* Copies what the answer borrows, refs its body, wakes the loop. Too late or a wrong slot:
 * dropped there. */
void tm_answers_send(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer);
#endif
