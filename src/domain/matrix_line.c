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
#define PACKED_SHARE_MAX 60 /* flags, number, days, four amounts of at most 10 bytes, spots */
#define PACKED_HEAD offsetof(tm_mline_t, packed)

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

typedef struct packing {
    uint8_t *p;
    int32_t week;
    tm_amounts_t before; /* of the last known share */
} packing_t;

/* Differences wrap: any amount may follow any. */
static void put_amount(packing_t *to, int64_t amount, int64_t *before)
{
    to->p = put_varint(to->p, (int64_t)((uint64_t)amount - (uint64_t)*before));
    *before = amount;
}

static tm_cents_t get_amount(const uint8_t **p, int64_t *before)
{
    *before = (int64_t)((uint64_t)*before + (uint64_t)get_varint(p));
    return (tm_cents_t){*before};
}

static uint8_t flags_of(const tm_share_t *s)
{
    int flags = (s->has_high ? PACK_HAS_HIGH : 0) | (s->spots != 0 ? PACK_SPOTS : 0);
    if (s->known) {
        const bool exact = s->low.v == s->gross.v && s->high.v == s->gross.v;
        flags |=
            PACK_KNOWN | (s->net.v == s->gross.v ? PACK_SAME_NET : 0) | (exact ? PACK_EXACT : 0);
    }
    return (uint8_t)flags;
}

static void pack_share(packing_t *to, const tm_share_t *s, uint8_t flags)
{
    if (s->known) {
        tm_amounts_t *before = &to->before;
        put_amount(to, s->gross.v, &before->gross);
        if ((flags & PACK_SAME_NET) == 0) {
            put_amount(to, s->net.v, &before->net);
        }
        if ((flags & PACK_EXACT) == 0) {
            put_amount(to, s->low.v, &before->low);
            put_amount(to, s->high.v, &before->high);
        }
        *before = (tm_amounts_t){s->gross.v, s->net.v, s->low.v, s->high.v};
    }
    to->p = s->spots != 0 ? put_varint(to->p, s->spots) : to->p;
}

/* Of equal shares always the same bytes: tm_mline_equal relies on it. */
static void pack_shares(packing_t *to, const tm_share_t *shares, uint32_t n)
{
    uint32_t end;
    for (uint32_t i = 0; i < n; i = end) {
        const uint8_t flags = flags_of(&shares[i]);
        end = i + 1;
        while (end < n && (int64_t)shares[end].week.v - shares[end - 1].week.v == 7 &&
               flags_of(&shares[end]) == flags) {
            end++;
        }
        *to->p++ = flags;
        to->p = put_varint(to->p, end - i);
        to->p = put_varint(to->p, (int64_t)shares[i].week.v - to->week);
        to->week = shares[end - 1].week.v;
        for (; i < end; i++) {
            assert(i + 1 == n || shares[i].week.v < shares[i + 1].week.v);
            pack_share(to, &shares[i], flags);
        }
    }
}

static void mline_free(void *object)
{
    tm_free(object);
}

TM_OWN tm_mline_t *tm_mline_new(const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced)
{
    assert(n <= UINT16_MAX);
    uint8_t small[16 * PACKED_SHARE_MAX];
    const size_t most = ((size_t)n + 1) * PACKED_SHARE_MAX;
    uint8_t *bytes = most <= sizeof small ? small : tm_alloc(most);
    packing_t to = {.p = bytes};
    if (unplaced != NULL) {
        tm_share_t s = *unplaced;
        s.week.v = 0;
        pack_shares(&to, &s, 1);
    }
    pack_shares(&to, shares, n);
    const size_t n_bytes = (size_t)(to.p - bytes);
    tm_mline_t *line = tm_alloc(PACKED_HEAD + n_bytes);
    memset(line, 0, PACKED_HEAD);
    line->shared = (tm_shared_t){1, mline_free};
    line->has_unplaced = unplaced != NULL;
    line->n_shares = (uint16_t)n;
    line->n_bytes = (uint32_t)n_bytes;
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
    *at = (tm_unpack_t){.p = line->packed, .end = line->packed + line->n_bytes};
}

bool tm_mline_next(tm_unpack_t *at, tm_share_t *ret)
{
    if (at->left == 0 && at->p >= at->end)
        return false;
    int64_t days = 7;
    if (at->left == 0) {
        at->flags = *at->p++;
        at->left = (uint32_t)get_varint(&at->p);
        days = get_varint(&at->p);
    }
    at->left--;
    at->week = (int32_t)(at->week + days);
    const uint8_t flags = at->flags;
    *ret = (tm_share_t){.week = {at->week},
                        .known = (flags & PACK_KNOWN) != 0,
                        .has_high = (flags & PACK_HAS_HIGH) != 0};
    if (ret->known) {
        tm_amounts_t *before = &at->before;
        ret->gross = get_amount(&at->p, &before->gross);
        ret->net = (flags & PACK_SAME_NET) != 0 ? ret->gross : get_amount(&at->p, &before->net);
        ret->low = ret->high = ret->gross;
        if ((flags & PACK_EXACT) == 0) {
            ret->low = get_amount(&at->p, &before->low);
            ret->high = get_amount(&at->p, &before->high);
        }
        *before = (tm_amounts_t){ret->gross.v, ret->net.v, ret->low.v, ret->high.v};
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
