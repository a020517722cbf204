/* reply.h - every answer leaves here: status, headers, bytes, problems.
 *
 * Why:     one place turns errors into HTTP, sets the length and the headers that protect browsers.
 * Threads: the loop's; each call is answered once. */
#ifndef TM_HTTP_REPLY_H
#define TM_HTTP_REPLY_H
#include "base/blob.h"
#include "http/call.h"
#include "runtime/env.h"

#define TM_JSON_TYPE "application/json"

/* A header of the answer; name and value must live as long as the request (literals, or
 * tm_call_printf). */
void tm_reply_header(tm_call_t *call, const char *name, const char *value);
/* Server-Timing of an answer that came from another thread made_ns after it was asked for:
 * "durable" (a write: decided and on stable storage) or "job" (a read: made), and "total" with the
 * way back. What is answered at once carries none. */
void tm_reply_timing(tm_call_t *call, int64_t made_ns);
/* Bytes that outlive the request (literals) or lie in its pool. */
void tm_reply_static(tm_call_t *call, int status, const char *type, tm_str_t body);
/* Takes the bytes of a buffer; a full buffer becomes a problem. */
void tm_reply_buf(tm_call_t *call, int status, const char *type, TM_OWN tm_buf_t *buf);
void tm_reply_blob(tm_call_t *call, int status, const char *type, TM_OWN tm_blob_t *blob);
void tm_reply_empty(tm_call_t *call, int status); /* 204, 304 */
/* The problem of an error; why may be NULL. */
void tm_reply_problem(tm_call_t *call, tm_err_t err, const tm_why_t *why);
/* One fault naming a field. */
void tm_reply_fault(tm_call_t *call, tm_err_t err, const char *field, const char *text);
/* Takes the faults gathered so far: true if there were any (and answers 422). */
bool tm_reply_faults(tm_call_t *call, const tm_why_t *why);
/* Sets the ETag; true: the client has it already, in either spelling ("x", W/"x"), and got 304
 * with the tag as it is given here. etag lives as long as the request. */
bool tm_reply_not_modified(tm_call_t *call, const char *etag);
/* Begins an answer by hand: status, type and protecting headers; the caller sends (live.c,
 * pages.c). */
void tm_reply_begin(tm_call_t *call, int status, const char *type);
/* The answer of an actor or a job. */
void tm_reply_answer(tm_call_t *call, const tm_answer_t *answer, const char *kept_etag);
#endif
