/* matrix_line.c - see matrix_line.h.
 *
 * Threads: see matrix.h. */
#include "domain/matrix_line.h"
#include "base/memory.h"

enum {
    PACK_KNOWN = 1,
    PACK_SAME_NET = 2, /* net equals gross */
    PACK_EXACT = 4,    /* low and high equal gross */
    PACK_HAS_HIGH = 8,
    PACK_SPOTS = 16
};
#define PACKED_SHARE_MAX 60 /* flags, week, five numbers of at most 10 bytes */

static uint8_t *put_varint(uint8_t *p, int64_t value)
{
    uint64_t v = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    for (; v >= 0x80; v >>= 7) {
        *p++ = (uint8_t)(v | 0x80);
    }
    *p++ = (uint8_t)v;
    return p;
}

static int64_t get_varint(const uint8_t **p)
{
    uint64_t v = 0;
    unsigned shift = 0;
    for (; (**p & 0x80) != 0; shift += 7) {
        v |= (uint64_t)(*(*p)++ & 0x7f) << shift;
    }
    v |= (uint64_t) * (*p)++ << shift;
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* Weeks are distances in days from the share before; the amounts of known shares follow. */
static uint8_t *pack_share(uint8_t *p, const tm_share_t *s, int32_t *week)
{
    const bool same_net = s->net.v == s->gross.v,
               exact = s->low.v == s->gross.v && s->high.v == s->gross.v;
    *p++ = (uint8_t)((s->known ? PACK_KNOWN : 0) | (same_net ? PACK_SAME_NET : 0) |
                     (exact ? PACK_EXACT : 0) | (s->has_high ? PACK_HAS_HIGH : 0) |
                     (s->spots != 0 ? PACK_SPOTS : 0));
    p = put_varint(p, (s->week.v - *week) / 7);
    *week = s->week.v;
    if (s->known) {
        p = put_varint(p, s->gross.v);
        p = same_net ? p : put_varint(p, s->net.v);
        p = exact ? p : put_varint(put_varint(p, s->low.v), s->high.v);
    }
    return s->spots != 0 ? put_varint(p, s->spots) : p;
}

static void mline_free(void *object)
{
    tm_free(object);
}

TM_OWN tm_mline_t *tm_mline_new(const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced)
{
    uint8_t small[16 * PACKED_SHARE_MAX];
    const size_t most = ((size_t)n + 1) * PACKED_SHARE_MAX;
    uint8_t *bytes = most <= sizeof small ? small : tm_alloc(most);
    uint8_t *p = bytes;
    int32_t week = n > 0 ? shares[0].week.v % 7 : 0; /* so that all distances are whole weeks */
    const int32_t offset = week;
    *p++ = (uint8_t)(offset < 0 ? offset + 7 : offset);
    week = bytes[0];
    if (unplaced != NULL) {
        tm_share_t s = *unplaced;
        s.week.v = week;
        p = pack_share(p, &s, &week);
    }
    for (uint32_t i = 0; i < n; i++) {
        assert(i == 0 || shares[i - 1].week.v < shares[i].week.v);
        p = pack_share(p, &shares[i], &week);
    }
    const uint32_t n_bytes = (uint32_t)(p - bytes);
    tm_mline_t *line = tm_alloc(sizeof *line + n_bytes);
    memset(line, 0, sizeof *line);
    line->shared = (tm_shared_t){1, mline_free};
    line->has_unplaced = unplaced != NULL;
    line->n_shares = n;
    line->n_bytes = n_bytes;
    memcpy(line->packed, bytes, n_bytes);
    if (bytes != small) {
        tm_free(bytes);
    }
    return line;
}

bool tm_mline_equal(const tm_mline_t *a, const tm_mline_t *b)
{
    return a->row == b->row && a->sources == b->sources && a->stage == b->stage &&
           a->firm == b->firm && a->disputed == b->disputed && a->has_unplaced == b->has_unplaced &&
           a->n_bytes == b->n_bytes && memcmp(a->packed, b->packed, a->n_bytes) == 0;
}

void tm_mline_begin(const tm_mline_t *line, tm_unpack_t *at)
{
    *at = (tm_unpack_t){line->packed + 1, line->packed + line->n_bytes, line->packed[0]};
}

bool tm_mline_next(tm_unpack_t *at, tm_share_t *ret)
{
    if (at->p >= at->end)
        return false;
    const uint8_t flags = *at->p++;
    at->week += (int32_t)(get_varint(&at->p) * 7);
    *ret = (tm_share_t){.week = {at->week},
                        .known = (flags & PACK_KNOWN) != 0,
                        .has_high = (flags & PACK_HAS_HIGH) != 0};
    if (ret->known) {
        ret->gross.v = get_varint(&at->p);
        ret->net.v = (flags & PACK_SAME_NET) != 0 ? ret->gross.v : get_varint(&at->p);
        ret->low = ret->high = ret->gross;
        if ((flags & PACK_EXACT) == 0) {
            ret->low.v = get_varint(&at->p);
            ret->high.v = get_varint(&at->p);
        }
    }
    ret->spots = (flags & PACK_SPOTS) != 0 ? (int32_t)get_varint(&at->p) : 0;
    return true;
}

bool tm_mline_touches(const tm_mline_t *line, int32_t week)
{
    tm_unpack_t at;
    tm_share_t s;
    tm_mline_begin(line, &at);
    for (bool unplaced = line->has_unplaced; tm_mline_next(&at, &s); unplaced = false) {
        if (!unplaced && s.week.v == week)
            return true;
    }
    return false;
}
