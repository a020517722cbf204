/* wire.h - varints and strings in the bytes of commits and checkpoints.
 *
 * How:     a number is a varint; a string is varint(length + 1) and its bytes, 0 is none. Whoever
 *          reads looks at `bad` once, at the end.
 * Threads: pure. */
#ifndef TM_RUNTIME_WIRE_H
#define TM_RUNTIME_WIRE_H
#include "schema/binary.h"

void tm_wire_put_str(tm_buf_t *out, tm_str_t s); /* p NULL: none */

typedef struct tm_wire {
    const char *p, *end; /* what is left */
    bool bad;            /* something could not be read; it and all behind it are 0 and none */
} tm_wire_t;
static inline tm_wire_t tm_wire(tm_str_t bytes)
{
    return (tm_wire_t){bytes.p, bytes.p + bytes.n, false};
}
static inline bool tm_wire_is_over(const tm_wire_t *in)
{
    return in->p == in->end;
}
uint64_t tm_wire_get(tm_wire_t *in, uint64_t max);
tm_str_t tm_wire_get_str(tm_wire_t *in);               /* points into the bytes */
tm_str_t tm_wire_get_bytes(tm_wire_t *in, uint32_t n); /* n bytes without a length */
/* The number of elements of a list; each takes at least one byte, so a hostile number cannot ask
 * for much memory. */
uint32_t tm_wire_get_count(tm_wire_t *in);
#endif
