/* campaign_blocks.c - see campaign_blocks.h.
 *
 * Threads: the actor's turn. */
#include "actors/campaign_blocks.h"

#include "domain/dedupe.h"
#include "schema/record.h"

#include <stdlib.h>

#define UNKNOWN_SOURCE_BIT (1u << 31)
#define SOURCE_BITS 32u
#define AMOUNT_STEP_PART 10
#define SPAN_ENTRIES_MAX 63 /* with its head 1,528 bytes: a size of the heap */
#define PLACE_POINTS 3500
#define PAYER_POINTS 3000
#define FLIGHT_POINTS 1500
#define AMOUNT_POINTS 2000

/* A listed buy: enough to guess its points without unpacking it. */
typedef struct entry {
    uint32_t line;
    int32_t from, to; /* flight; from > to: unknown */
    int64_t gross;    /* -1: unknown */
} entry_t;

/* A piece of a block. Only its newest entries are ever looked at, so it grows by further pieces and
 * is never copied. */
typedef struct span {
    struct span *older;
    uint32_t n, cap; /* n > 0 unless it is the only one */
    entry_t v[];
} span_t;

/* A value of the map of blocks: a span_t, the newest; or, odd, the counter of the one line that
 * bears this order number. */
static inline void *lone_line(uint32_t line)
{
    return (void *)((uintptr_t)line << 1 | 1); /* a number, never followed */
}

static inline uint32_t lone_line_of(const void *value)
{
    return ((uintptr_t)value & 1) != 0 ? (uint32_t)((uintptr_t)value >> 1) : 0;
}

typedef struct partner {
    uint32_t line;
    int32_t points;
} partner_t;

typedef struct search {
    const campaign_t *c;
    entry_t own;
    uint32_t n;
    partner_t v[CAMPAIGN_PARTNERS_MAX];
} search_t;

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = (a + UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0x94d049bb133111eb) ^ b;
    z = (z ^ (z >> 31)) * UINT64_C(0xbf58476d1ce4e5b9);
    return (z ^ (z >> 29)) | 1;
}

static uint64_t mix_str(uint64_t a, tm_str_t s)
{
    for (uint32_t i = 0; i < s.n; i++) {
        a = (a ^ (uint8_t)s.p[i]) * UINT64_C(0x100000001b3);
    }
    return mix(a, s.n);
}

/* Station, else market and medium. */
static uint64_t place_of(const tm_buy_line_t *line)
{
    const uint64_t medium = TM_HAS(line, TM_BUY_LINE_medium) ? line->medium.v : TM_MEDIUM_other;
    if (TM_HAS(line, TM_BUY_LINE_station_id) && line->station_id.v != 0)
        return mix(1, line->station_id.v);
    if (TM_HAS(line, TM_BUY_LINE_station))
        return mix_str(2, line->station);
    return mix(3, (uint64_t)(TM_HAS(line, TM_BUY_LINE_market) ? line->market : 0) * 64 + medium);
}

uint32_t campaign_source_bit(const tm_buy_line_t *line)
{
    const int i =
        TM_HAS(line, TM_BUY_LINE_source) ? tm_words_find(&tm_source_kind_words, line->source) : -1;
    return i < 0 ? UNKNOWN_SOURCE_BIT : 1u << i;
}

uint32_t campaign_amount_step(int64_t gross)
{
    /* Every sixteenth edge is known, so that a walk is short. */
    static const int64_t edges[] = {
        100,          449,           2049,           9394,          43150,
        198261,       910989,        4185949,        19234301,      88381078,
        406108650,    1866058263,    8574487292,     39399537464,   181039810311,
        831873037821, 3822434136849, 17563981600931, 80706020989137};
    uint32_t step = 0;
    int64_t edge = edges[0];
    for (uint32_t i = 1; i < TM_COUNT(edges) && edges[i] <= gross; i++) {
        step = i * 16;
        edge = edges[i];
    }
    for (; edge <= gross; edge += edge / AMOUNT_STEP_PART) {
        step++;
    }
    return step;
}

static uint64_t payer_key(const tm_buy_line_t *line, uint64_t place, uint32_t source)
{
    return mix(mix(place, line->advertiser_id.v), 0x100u + source);
}

static uint64_t amount_key(uint64_t place, uint32_t step, uint32_t source)
{
    return mix(mix(place, 0x10000u + step), 0x200u + source);
}

uint64_t campaign_sister_key(const tm_buy_line_t *line)
{
    if (!TM_HAS(line, TM_BUY_LINE_order_no_norm) || line->order_no_norm.n == 0)
        return 0;
    return mix_str(mix(4, line->advertiser_id.v), line->order_no_norm);
}

static entry_t entry_of(const tm_buy_line_t *line)
{
    const bool flight =
        TM_HAS(line, TM_BUY_LINE_flight_from) && TM_HAS(line, TM_BUY_LINE_flight_to);
    return (entry_t){
        .line = tm_id_counter(line->id),
        .from = flight ? line->flight_from.v : 1,
        .to = flight ? line->flight_to.v : 0,
        .gross = TM_HAS(line, TM_BUY_LINE_gross_cents) ? line->gross_cents.v : -1,
    };
}

/* ---- listing ---- */

static span_t *span_new(span_t *older)
{
    const uint32_t cap = older == NULL ? 1 : TM_MIN(older->cap * 4, SPAN_ENTRIES_MAX + 0u);
    span_t *span = tm_alloc(sizeof *span + cap * sizeof *span->v);
    *span = (span_t){.older = older, .cap = cap};
    return span;
}

static void block_add(campaign_t *c, uint64_t key, const entry_t *entry)
{
    span_t *newest = tm_map_get(&c->blocks, key);
    span_t *span = newest;
    if (span == NULL || span->n == span->cap) {
        span = span_new(span);
        (void)tm_map_put(&c->blocks, key, span);
    }
    span->v[span->n++] = *entry;
}

/* From the newest end: who changes is mostly new. The order stays. */
static void block_drop(campaign_t *c, uint64_t key, uint32_t line)
{
    span_t *newest = tm_map_get(&c->blocks, key), *newer = NULL;
    for (span_t *span = newest;; newer = span, span = span->older) {
        assert(span != NULL);
        uint32_t i = span->n;
        while (i > 0 && span->v[i - 1].line != line) {
            i--;
        }
        if (i == 0)
            continue;
        memmove(&span->v[i - 1], &span->v[i], (span->n - i) * sizeof *span->v);
        if (--span->n > 0)
            return;
        if (newer != NULL) {
            newer->older = span->older;
        } else if (span->older != NULL) {
            (void)tm_map_put(&c->blocks, key, span->older);
        } else {
            (void)tm_map_del(&c->blocks, key);
        }
        tm_free(span);
        return;
    }
}

/* Of a number only the lines are asked for, and mostly there is one. */
static void number_add(campaign_t *c, uint64_t key, const entry_t *entry)
{
    void *old = tm_map_put(&c->blocks, key, lone_line(entry->line));
    if (old == NULL)
        return;
    const uint32_t lone = lone_line_of(old);
    span_t *span = old;
    if (lone != 0) {
        span = span_new(NULL);
        span->v[span->n++] = (entry_t){.line = lone};
    }
    (void)tm_map_put(&c->blocks, key, span);
    block_add(c, key, entry);
}

static void number_drop(campaign_t *c, uint64_t key, uint32_t line)
{
    if (lone_line_of(tm_map_get(&c->blocks, key)) == line) {
        (void)tm_map_del(&c->blocks, key);
    } else {
        block_drop(c, key, line);
    }
}

void campaign_block_put(campaign_t *c, chain_t *chain, const tm_buy_line_t *speaker)
{
    if (chain->in_blocks) {
        block_drop(c, chain->by_payer, chain->speaker);
        block_drop(c, chain->by_amount, chain->speaker);
        if (chain->by_number != 0) {
            number_drop(c, chain->by_number, chain->speaker);
        }
        chain->in_blocks = false;
    }
    if (speaker == NULL)
        return;
    const entry_t entry = entry_of(speaker);
    const uint64_t place = place_of(speaker);
    const uint32_t source = campaign_source_bit(speaker);
    c->sources_seen |= source;
    chain->by_payer = payer_key(speaker, place, source);
    chain->by_amount = amount_key(place, campaign_amount_step(entry.gross), source);
    chain->by_number = campaign_sister_key(speaker);
    block_add(c, chain->by_payer, &entry);
    block_add(c, chain->by_amount, &entry);
    if (chain->by_number != 0) {
        number_add(c, chain->by_number, &entry);
    }
    chain->speaker = entry.line;
    chain->in_blocks = true;
}

void campaign_block_foresee(const campaign_t *c, const tm_buy_line_t *line, bool again)
{
    const int64_t gross = TM_HAS(line, TM_BUY_LINE_gross_cents) ? line->gross_cents.v : -1;
    const uint32_t source = campaign_source_bit(line);
    const uint64_t place = place_of(line);
    const uint64_t keys[] = {payer_key(line, place, source),
                             amount_key(place, campaign_amount_step(gross), source)};
    for (size_t i = 0; i < TM_COUNT(keys); i++) {
        const span_t *span = again ? tm_map_get(&c->blocks, keys[i]) : NULL;
        if (span != NULL) {
            __builtin_prefetch(span);
        } else {
            tm_map_prefetch(&c->blocks, keys[i]);
        }
    }
    const uint64_t sister = again ? 0 : campaign_sister_key(line);
    if (sister != 0) {
        tm_map_prefetch(&c->blocks, sister);
    }
}

void campaign_blocks_free(campaign_t *c)
{
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(&c->blocks, &pos, &key, &value)) {
        for (span_t *span = lone_line_of(value) != 0 ? NULL : value; span != NULL;) {
            span_t *older = span->older;
            tm_free(span);
            span = older;
        }
    }
    tm_map_done(&c->blocks);
}

/* ---- searching ---- */

/* An upper bound of the points of two entries of one place. */
static int32_t guess(const entry_t *a, const entry_t *b, int32_t payer)
{
    int64_t points = PLACE_POINTS + payer;
    if (a->from <= a->to && b->from <= b->to) {
        const int64_t both = (int64_t)TM_MIN(a->to, b->to) - TM_MAX(a->from, b->from) + 1;
        const int64_t any = (int64_t)TM_MAX(a->to, b->to) - TM_MIN(a->from, b->from) + 1;
        if (both <= 0)
            return 0;
        points += FLIGHT_POINTS * both / any;
    }
    const int64_t large = TM_MAX(a->gross, b->gross), off = llabs(a->gross - b->gross);
    if (a->gross <= 0 || b->gross <= 0) {
        points += AMOUNT_POINTS; /* may be read another way */
    } else if (off * 10 < large) {
        points += AMOUNT_POINTS - off * 10 / (large / AMOUNT_POINTS + 1);
    }
    return (int32_t)points;
}

/* Keeps the best, each line once; of equal ones the older. */
static void offer(search_t *s, uint32_t line, int32_t points)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->v[i].line == line)
            return;
    }
    uint32_t at = s->n;
    while (at > 0 && (s->v[at - 1].points < points ||
                      (s->v[at - 1].points == points && s->v[at - 1].line > line))) {
        at--;
    }
    if (at == CAMPAIGN_PARTNERS_MAX)
        return;
    const uint32_t last = TM_MIN(s->n, CAMPAIGN_PARTNERS_MAX - 1u);
    memmove(&s->v[at + 1], &s->v[at], (last - at) * sizeof *s->v);
    s->v[at] = (partner_t){line, points};
    s->n = last + 1;
}

static void look(search_t *s, uint64_t key, int32_t payer)
{
    uint32_t left = CAMPAIGN_BLOCK_LOOK;
    const span_t *span = tm_map_get(&s->c->blocks, key);
    for (; span != NULL && left > 0; span = span->older) {
        for (uint32_t i = span->n; i > 0 && left > 0; i--, left--) {
            const entry_t *entry = &span->v[i - 1];
            const int32_t points = guess(&s->own, entry, payer);
            if (entry->line != s->own.line && points >= TM_SCORE_OPEN) {
                offer(s, entry->line, points);
            }
        }
    }
}

/* Lines that bear the same number are partners, whatever they say. */
static void look_sisters(search_t *s, uint64_t key)
{
    void *value = tm_map_get(&s->c->blocks, key);
    const uint32_t lone = lone_line_of(value);
    uint32_t left = CAMPAIGN_BLOCK_LOOK;
    for (const span_t *span = lone != 0 ? NULL : value; span != NULL && left > 0;
         span = span->older) {
        for (uint32_t i = span->n; i > 0 && left > 0; i--, left--) {
            if (span->v[i - 1].line != s->own.line) {
                offer(s, span->v[i - 1].line, TM_SCORE_OPEN);
            }
        }
    }
    if (lone != 0 && lone != s->own.line) {
        offer(s, lone, TM_SCORE_OPEN);
    }
}

uint32_t campaign_block_partners(const campaign_t *c, const tm_buy_line_t *line,
                                 uint32_t ret[CAMPAIGN_PARTNERS_MAX])
{
    search_t s = {.c = c, .own = entry_of(line)};
    const uint64_t place = place_of(line);
    const uint32_t own = campaign_source_bit(line), step = campaign_amount_step(s.own.gross);
    const bool guessed =
        TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_unknown;
    if (guessed) {
        s.own.gross = -1; /* may be the net: no amount shuts it out here */
    }
    for (uint32_t i = 0; i < SOURCE_BITS; i++) {
        const uint32_t source = 1u << i;
        if (source == own || (c->sources_seen & source) == 0)
            continue;
        look(&s, payer_key(line, place, source), PAYER_POINTS);
        const uint32_t low = step > 0 ? step - 1 : 0, high = step + (guessed ? 2 : 1);
        for (uint32_t k = low; k <= high; k++) {
            look(&s, amount_key(place, k, source), PAYER_POINTS);
        }
    }
    const uint64_t sister = campaign_sister_key(line);
    if (sister != 0) {
        look_sisters(&s, sister);
    }
    for (uint32_t i = 0; i < s.n; i++) {
        ret[i] = s.v[i].line;
    }
    return s.n;
}
