/* wire.c - see wire.h.
 *
 * Threads: pure. */
#include "runtime/wire.h"

void tm_wire_put_str(tm_buf_t *out, tm_str_t s)
{
    tm_varint_add(out, s.p == NULL ? 0 : (uint64_t)s.n + 1);
    if (s.n > 0)
        tm_buf_add(out, s.p, s.n);
}

uint64_t tm_wire_get(tm_wire_t *in, uint64_t max)
{
    uint64_t v = 0;
    if (in->bad || !tm_varint_get(&in->p, in->end, &v) || v > max) {
        in->bad = true;
        return 0;
    }
    return v;
}

tm_str_t tm_wire_get_bytes(tm_wire_t *in, uint32_t n)
{
    if (in->bad || n > (uint64_t)(in->end - in->p)) {
        in->bad = true;
        return (tm_str_t){NULL, 0};
    }
    const tm_str_t s = tm_str_n(in->p, n);
    in->p += n;
    return s;
}

tm_str_t tm_wire_get_str(tm_wire_t *in)
{
    const uint64_t n = tm_wire_get(in, UINT32_MAX);
    return n == 0 ? (tm_str_t){NULL, 0} : tm_wire_get_bytes(in, (uint32_t)(n - 1));
}

uint32_t tm_wire_get_count(tm_wire_t *in)
{
    const uint64_t n = tm_wire_get(in, UINT32_MAX);
    if (n > (uint64_t)(in->end - in->p))
        in->bad = true;
    return in->bad ? 0 : (uint32_t)n;
}
