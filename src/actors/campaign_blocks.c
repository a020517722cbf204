/* campaign_blocks.c - see campaign_blocks.h.
 *
 * Threads: the actor's turn. */
#include "actors/campaign_blocks.h"

#include "domain/dedupe.h"
#include "schema/record.h"

#include <stdlib.h>

#define UNKNOWN_SOURCE_BIT (1u << 31)
#define SOURCE_BITS 32u
#define AMOUNT_STEP_PERCENT 10
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

/* Most hold one entry: it lies inside. */
typedef struct block {
    entry_t *more; /* [cap] all of them, when there were several */
    uint32_t n, cap;
    entry_t one;
} block_t;

static inline entry_t *block_entries(const block_t *block)
{
    return block->more != NULL ? block->more : (entry_t *)(uintptr_t)&block->one;
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

/* Amounts within 10 % of each other lie in the same or in neighbouring steps. Every sixteenth edge
 * is known, so that a walk is short. */
static uint32_t amount_step(int64_t gross)
{
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
    for (; edge <= gross; edge += edge / AMOUNT_STEP_PERCENT) {
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

static void block_add(campaign_t *c, uint64_t key, const entry_t *entry)
{
    block_t *block = tm_map_get(&c->blocks, key);
    if (block == NULL) {
        block = TM_NEW(block_t);
        (void)tm_map_put(&c->blocks, key, block);
    }
    if (block->n == 0) {
        block->one = *entry;
    } else if (block->more == NULL) {
        block->cap = 4;
        block->more = tm_alloc(block->cap * sizeof *block->more);
        block->more[0] = block->one;
    } else if (block->n == block->cap) {
        block->cap += block->cap / 2 + 1;
        block->more = tm_realloc(block->more, block->cap * sizeof *block->more);
    }
    block_entries(block)[block->n++] = *entry;
}

/* From the newest end: who changes is mostly new. The order stays. */
static void block_drop(campaign_t *c, uint64_t key, uint32_t line)
{
    block_t *block = tm_map_get(&c->blocks, key);
    assert(block != NULL);
    entry_t *v = block_entries(block);
    uint32_t i = block->n;
    while (i > 0 && v[i - 1].line != line) {
        i--;
    }
    assert(i > 0);
    memmove(&v[i - 1], &v[i], (block->n - i) * sizeof *v);
    block->n--;
    if (block->n == 0) {
        (void)tm_map_del(&c->blocks, key);
        tm_free(block->more);
        tm_free(block);
    }
}

void campaign_block_put(campaign_t *c, chain_t *chain, const tm_buy_line_t *speaker)
{
    if (chain->in_blocks) {
        block_drop(c, chain->by_payer, chain->speaker);
        block_drop(c, chain->by_amount, chain->speaker);
        if (chain->by_number != 0) {
            block_drop(c, chain->by_number, chain->speaker);
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
    chain->by_amount = amount_key(place, amount_step(entry.gross), source);
    chain->by_number = campaign_sister_key(speaker);
    block_add(c, chain->by_payer, &entry);
    block_add(c, chain->by_amount, &entry);
    if (chain->by_number != 0) {
        block_add(c, chain->by_number, &entry);
    }
    chain->speaker = entry.line;
    chain->in_blocks = true;
}

void campaign_blocks_free(campaign_t *c)
{
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(&c->blocks, &pos, &key, &value)) {
        tm_free(((block_t *)value)->more);
        tm_free(value);
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

static void look(search_t *s, uint64_t key, int32_t payer, int32_t least)
{
    const block_t *block = tm_map_get(&s->c->blocks, key);
    for (uint32_t i = 0; block != NULL && i < TM_MIN(block->n, CAMPAIGN_BLOCK_LOOK + 0u); i++) {
        const entry_t *entry = &block_entries(block)[block->n - 1 - i];
        const int32_t points = least > 0 ? least : guess(&s->own, entry, payer);
        if (entry->line != s->own.line && points >= TM_SCORE_OPEN) {
            offer(s, entry->line, points);
        }
    }
}

uint32_t campaign_block_partners(const campaign_t *c, const tm_buy_line_t *line,
                                 uint32_t ret[CAMPAIGN_PARTNERS_MAX])
{
    search_t s = {.c = c, .own = entry_of(line)};
    const uint64_t place = place_of(line);
    const uint32_t own = campaign_source_bit(line), step = amount_step(s.own.gross);
    const bool guessed =
        TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_unknown;
    if (guessed) {
        s.own.gross = -1; /* may be the net: no amount shuts it out here */
    }
    for (uint32_t i = 0; i < SOURCE_BITS; i++) {
        const uint32_t source = 1u << i;
        if (source == own || (c->sources_seen & source) == 0)
            continue;
        look(&s, payer_key(line, place, source), PAYER_POINTS, 0);
        const uint32_t low = step > 0 ? step - 1 : 0, high = step + (guessed ? 2 : 1);
        for (uint32_t k = low; k <= high; k++) {
            look(&s, amount_key(place, k, source), PAYER_POINTS, 0);
        }
    }
    const uint64_t sister = campaign_sister_key(line);
    if (sister != 0) {
        look(&s, sister, 0, TM_SCORE_OPEN);
    }
    for (uint32_t i = 0; i < s.n; i++) {
        ret[i] = s.v[i].line;
    }
    return s.n;
}
