/* framing.h - does an HTTP/1 request head leave no doubt where its body ends?
 *
 * Why:     libh2o 2.2.5 takes two Content-Length headers, and one beside chunked, and answers what
 *          is hidden in the body as a second request: behind a proxy that is request smuggling.
 * Threads: pure. */
#ifndef TM_HTTP_FRAMING_H
#define TM_HTTP_FRAMING_H
#include "base/base.h"

/* NULL, or what is wrong with the raw head that `bytes` begins with (up to its empty line; more
 * may follow). version: 0x100, 0x101. O(length of the head). */
const char *tm_framing_fault(tm_str_t bytes, int version);
#endif
