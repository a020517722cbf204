/* names.c - see names.h.
 *
 * How:     24 bits of the hash are four levels of the trie, all 32 were six, each a miss of the
 *          cache. A name whose slot another one has takes the next free slot, after the last the
 *          first; a free slot ends a search. No name is ever taken out, and at most half of the
 *          slots are given, so a search is short. */
#include "actors/names.h"

#include "actors/tables.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/fold.h"
#include "domain/order.h"

#include <ctype.h>

#define SLOTS (UINT32_C(1) << 24)
_Static_assert(TM_NAMES_MAX <= SLOTS / 2, "a search ends at a free slot");

/* A name without the number some traffic systems print behind it: `Friends of X (5629)`. */
static tm_str_t without_code(tm_str_t name)
{
    const tm_str_t s = tm_str_trim(name);
    if (s.n < 5 || s.p[s.n - 1] != ')')
        return s;
    uint32_t i = s.n - 1;
    while (i > 0 && isdigit((unsigned char)s.p[i - 1])) {
        i--;
    }
    const bool is_code = i > 1 && s.p[i - 1] == '(' && s.n - 1 - i >= 3;
    return is_code ? tm_str_trim(tm_str_n(s.p, i - 1)) : s;
}

tm_str_t tm_name_key(tm_arena_t *arena, tm_str_t name)
{
    const tm_str_t key = tm_fold_key(arena, without_code(name));
    assert(key.p != NULL || key.n == 0);
    return key;
}

static uint32_t slot_of(char kind, tm_str_t key)
{
    return (uint32_t)(tm_hash64(key.p, key.n) * 31 + (uint64_t)(unsigned char)kind) % SLOTS;
}

static bool is(const tm_name_t *name, char kind, tm_str_t key)
{
    return name->n_key == key.n + 1 && name->bytes[0] == kind &&
           memcmp(name->bytes + 1, key.p, key.n) == 0;
}

/* The name, or NULL and the slot where it belongs. */
static const tm_name_t *find(const tm_trie_t *names, char kind, tm_str_t key, uint32_t *ret_slot)
{
    for (uint32_t slot = slot_of(kind, key);; slot = (slot + 1) % SLOTS) {
        const tm_name_t *name = tm_trie_get(names, slot);
        if (name == NULL || is(name, kind, key)) {
            *ret_slot = slot;
            return name;
        }
    }
}

void tm_names_put(tm_trie_t *names, char kind, tm_str_t key, tm_id_t id, tm_str_t text, int32_t dma,
                  int32_t rank)
{
    assert(key.n <= UINT16_MAX - 1 && text.n <= UINT16_MAX);
    uint32_t slot;
    if (find(names, kind, key, &slot) == NULL && names->n >= TM_NAMES_MAX)
        return;
    tm_name_t *name = tm_alloc(sizeof *name + key.n + text.n + 1);
    *name = (tm_name_t){.shared = {1, tm_free}, .id = id, .dma = dma, .rank = rank};
    name->n_key = (uint16_t)(key.n + 1);
    name->n_text = (uint16_t)text.n;
    name->bytes[0] = kind;
    memcpy(name->bytes + 1, key.p, key.n);
    if (text.n > 0) {
        memcpy(name->bytes + 1 + key.n, text.p, text.n);
    }
    tm_trie_put(names, slot, name);
}

static const tm_name_t *look_up(const tm_trie_t *names, char kind, tm_str_t key)
{
    uint32_t slot;
    return key.n == 0 ? NULL : find(names, kind, key, &slot);
}

static tm_str_t text_of(const tm_name_t *name, tm_arena_t *arena)
{
    const tm_str_t s = tm_arena_str(arena, tm_str_n(name->bytes + name->n_key, name->n_text));
    assert(s.p != NULL);
    return s;
}

static bool resolve_station(const tm_trie_t *names, tm_buy_line_t *line, tm_arena_t *arena)
{
    int32_t dma = TM_HAS(line, TM_BUY_LINE_market) ? line->market : 0;
    if (TM_HAS(line, TM_BUY_LINE_station)) {
        const tm_name_t *station = look_up(names, 's', tm_station_norm(line->station, arena));
        if (station == NULL)
            return false;
        dma = station->dma != 0 ? station->dma : dma;
        TM_SET(line, TM_BUY_LINE, station_id, station->id);
        TM_SET(line, TM_BUY_LINE, station, text_of(station, arena));
    }
    if (dma == 0)
        return true;
    TM_SET(line, TM_BUY_LINE, market, dma);
    if (dma < 0)
        return true;
    char digits[20];
    char *const end = digits + sizeof digits;
    const char *begin = tm_digits_before(end, (uint64_t)dma);
    const tm_name_t *market = look_up(names, 'm', tm_str_n(begin, (size_t)(end - begin)));
    if (market != NULL && market->rank != 0) {
        TM_SET(line, TM_BUY_LINE, market_rank, market->rank);
    }
    return true;
}

bool tm_names_resolve(const tm_directory_view_t *directory, tm_buy_line_t *line, tm_arena_t *arena)
{
    const tm_trie_t *names = &directory->names;
    if (!TM_HAS(line, TM_BUY_LINE_advertiser))
        return false; /* a fault; the directory tells it with all others */
    const tm_name_t *advertiser = look_up(names, 'a', tm_name_key(arena, line->advertiser));
    if (advertiser == NULL)
        return false;
    if (TM_HAS(line, TM_BUY_LINE_agency)) {
        const tm_name_t *agency = look_up(names, 'g', tm_name_key(arena, line->agency));
        if (agency == NULL)
            return false;
        TM_SET(line, TM_BUY_LINE, agency_id, agency->id);
    }
    if (!resolve_station(names, line, arena))
        return false;
    TM_SET(line, TM_BUY_LINE, advertiser_text, line->advertiser);
    TM_SET(line, TM_BUY_LINE, advertiser_id, advertiser->id);
    TM_SET(line, TM_BUY_LINE, advertiser, text_of(advertiser, arena));
    return true;
}

bool tm_names_place(const tm_directory_view_t *directory, tm_buy_line_t *line, tm_arena_t *arena)
{
    return resolve_station(&directory->names, line, arena);
}
