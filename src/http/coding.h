/* coding.h - compressed forms of answers: what a client takes, which form it gets, and how a form
 * is made.
 *
 * Why:     a matrix is a tenth of its size as brotli; making that is milliseconds, so it is done
 *          once a version, on a job thread, and until then the plain form goes out.
 * How:     a compressed form bears the plain one's tag, which clients know as "epoch-version";
 *          `Vary` keeps caches from mixing them up, and no answer is served in ranges.
 *          If-None-Match takes the tag also in its weak spelling, which proxies give it.
 * Threads: the loop's; tm_pack, tm_accept_read: any. */
#ifndef TM_HTTP_CODING_H
#define TM_HTTP_CODING_H
#include "base/coded.h"
#include "http/call.h"

/* Quality values times 1000; 0: refused; -1: not named. */
typedef struct tm_accept {
    int codings[TM_CODINGS], plain, any;
} tm_accept_t;
#define TM_ACCEPT_NOTHING ((tm_accept_t){{-1, -1}, -1, -1})

/* Adds one line of Accept-Encoding (RFC 9110, 12.5.3), of at most ACCEPT_BYTES_MAX; a longer one
 * says nothing, nor does an item that is not well-formed. O(length). */
void tm_accept_read(tm_str_t line, tm_accept_t *ret);
/* The best among the codings of have (bits); false: the plain form. Who refuses also that still
 * gets it where there is no other. */
bool tm_accept_best(const tm_accept_t *accept, uint32_t have, tm_coding_t *ret);

/* The compressed form, NULL: not smaller. often: of bytes that soon change, so cheap. O(bytes). */
TM_OWN tm_blob_t *tm_pack(const tm_blob_t *plain, tm_coding_t coding, bool often);

/* Answers 200 with body or the form of it that the client takes; call->varies must be set. A form
 * that is missing is ordered from a job thread; coded lies in owner (tm_shared_t). */
void tm_reply_coded(tm_call_t *call, const char *type, TM_OWN tm_blob_t *body, tm_coded_t *coded,
                    void *owner);
#endif
