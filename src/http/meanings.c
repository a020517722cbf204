/* meanings.c - see meanings.h.
 *
 * How:     one place a hash, no search; a collision only costs the older one its place. Pieces are
 *          kept by where they stand in the address, so a call never points into this table, whose
 *          places may change while the call waits.
 * Threads: the loop's. */
#include "http/meanings.h"
#include "base/digest.h"
#include "base/memory.h"

struct tm_meanings {
    tm_meaning_t places[TM_MEANINGS_MAX];
};
_Static_assert((TM_MEANINGS_MAX & (TM_MEANINGS_MAX - 1)) == 0, "a power of two");

TM_OWN tm_meanings_t *tm_meanings_new(void)
{
    return TM_NEW(tm_meanings_t);
}

void tm_meanings_free(TM_OWN tm_meanings_t *meanings)
{
    tm_free(meanings);
}

/* NULL: no GET, or too long. */
static tm_meaning_t *place_of(tm_meanings_t *meanings, const h2o_req_t *req)
{
    const size_t n = req->path.len;
    if (n == 0 || n > TM_MEANING_BYTES_MAX ||
        !h2o_memis(req->method.base, req->method.len, H2O_STRLIT("GET")))
        return NULL;
    return &meanings->places[tm_hash64(req->path.base, n) & (TM_MEANINGS_MAX - 1)];
}

tm_meaning_t *tm_meanings_find(tm_meanings_t *meanings, const tm_call_t *call)
{
    const h2o_req_t *req = call->req;
    tm_meaning_t *place = place_of(meanings, req);
    if (place == NULL || place->text_n != req->path.len ||
        memcmp(place->text, req->path.base, place->text_n) != 0)
        return NULL;
    return place;
}

static inline tm_str_t piece_in(const tm_call_t *call, tm_piece_t piece)
{
    return tm_str_n(call->req->path.base + piece.at, piece.n);
}

void tm_meaning_take(tm_meaning_t *meaning, tm_call_t *call)
{
    for (uint32_t i = 0; i < meaning->n_names; i++)
        call->names[i] = piece_in(call, meaning->names[i]);
    for (uint32_t i = 0; i < meaning->n_query; i++) {
        call->few[i] = (tm_query_value_t){piece_in(call, meaning->query[2 * i]),
                                          piece_in(call, meaning->query[2 * i + 1])};
    }
    call->query = call->few;
    call->n_query = meaning->n_query;
    call->meaning = meaning;
}

/* false: it does not lie in the address, it was decoded. */
static bool piece_of(const tm_call_t *call, tm_str_t s, tm_piece_t *ret)
{
    const h2o_iovec_t path = call->req->path;
    /* As numbers: pointers into different objects have no order. */
    const uintptr_t at = (uintptr_t)s.p, base = (uintptr_t)path.base;
    if (s.n == 0) {
        *ret = (tm_piece_t){0, 0};
        return true;
    }
    if (at < base || at + s.n > base + path.len)
        return false;
    *ret = (tm_piece_t){(uint16_t)(at - base), (uint16_t)s.n};
    return true;
}

tm_meaning_t *tm_meanings_keep(tm_meanings_t *meanings, const tm_call_t *call)
{
    assert(call->route != NULL);
    const h2o_req_t *req = call->req;
    tm_meaning_t *place = place_of(meanings, req);
    if (place == NULL || call->n_query > TM_CALL_VALUES_FEW)
        return NULL;
    tm_meaning_t meaning = {.route = call->route, .text_n = (uint32_t)req->path.len};
    for (; meaning.n_names < TM_ROUTE_NAMES_MAX && call->names[meaning.n_names].p != NULL;
         meaning.n_names++) {
        if (!piece_of(call, call->names[meaning.n_names], &meaning.names[meaning.n_names]))
            return NULL;
    }
    for (; meaning.n_query < call->n_query; meaning.n_query++) {
        const tm_query_value_t *value = &call->query[meaning.n_query];
        tm_piece_t *pieces = &meaning.query[2 * meaning.n_query];
        if (!piece_of(call, value->name, &pieces[0]) || !piece_of(call, value->value, &pieces[1]))
            return NULL;
    }
    memcpy(meaning.text, req->path.base, req->path.len);
    *place = meaning;
    return place;
}
