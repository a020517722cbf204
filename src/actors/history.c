/* history.c - see history.h.
 *
 * Threads: see history.h. */
#include "actors/history.h"

#include "actors/past.h"

#include <stdlib.h>

#define BACK_ARENA_MAX (256u << 20)
#define EXPECTED_MAX (1u << 22)

/* One change of one record. */
typedef struct event {
    uint64_t version;
    tm_row_t *row;    /* the record from then on */
    tm_has_t touched; /* if not put */
    uint32_t place;
    bool put;
} event_t;

struct tm_history {
    event_t *v;
    size_t n, cap;
    uint64_t last; /* highest version of an event */
    tm_arena_t *arena;
};

TM_OWN tm_history_t *tm_history_new(void)
{
    tm_history_t *h = TM_NEW(tm_history_t);
    h->arena = tm_arena_new(BACK_ARENA_MAX);
    return h;
}

void tm_history_free(TM_OWN tm_history_t *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->n; i++) {
        tm_shared_unref(h->v[i].row);
    }
    tm_free(h->v);
    tm_arena_free(h->arena);
    tm_free(h);
}

void tm_history_expect(tm_history_t *h, uint64_t events)
{
    if (h->v != NULL || events == 0)
        return;
    h->cap = (size_t)TM_MIN(events, (uint64_t)EXPECTED_MAX);
    h->v = tm_alloc(h->cap * sizeof *h->v);
}

static event_t *event_new(tm_history_t *h, uint64_t version, uint32_t place, TM_OWN tm_row_t *row)
{
    if (h->n == h->cap) {
        h->cap = h->cap == 0 ? 64 : h->cap * 2;
        h->v = tm_realloc(h->v, h->cap * sizeof *h->v);
    }
    event_t *event = &h->v[h->n++];
    *event = (event_t){.version = version, .place = place, .row = row, .put = true};
    h->last = TM_MAX(h->last, version);
    return event;
}

void tm_history_add(tm_history_t *h, TM_OWN tm_row_t *row, uint64_t version)
{
    if (row->past == NULL) { /* nothing to unpack */
        if (row->since <= version) {
            (void)event_new(h, row->since, row->place, row);
        } else {
            tm_shared_unref(row);
        }
        return;
    }
    tm_back_t back;
    bool more = tm_back_begin(&back, row, h->arena);
    assert(more); /* it was packed from a smaller arena */
    for (bool first = true; more; first = false) {
        event_t *event = NULL;
        if (back.since <= version) {
            event = event_new(h, back.since, back.place,
                              first ? tm_shared_ref(row) : tm_back_row(&back));
            event->put = tm_back_is_put(&back);
        }
        more = tm_back_step(&back, event == NULL ? NULL : &event->touched);
    }
    tm_shared_unref(row);
    tm_arena_reset(h->arena);
}

static int by_place(const void *a, const void *b)
{
    const event_t *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* By version, then place; version 0, of rows that keep no past, as they came. Versions are dense,
 * so counting them costs less than comparing. */
static void sort(tm_history_t *h)
{
    size_t *ends = tm_zalloc((size_t)(h->last + 2) * sizeof *ends);
    for (size_t i = 0; i < h->n; i++) {
        ends[h->v[i].version + 1]++;
    }
    for (uint64_t v = 1; v <= h->last + 1; v++) {
        ends[v] += ends[v - 1];
    }
    event_t *sorted = tm_alloc((h->n + 1) * sizeof *sorted);
    for (size_t i = 0; i < h->n; i++) {
        sorted[ends[h->v[i].version]++] = h->v[i];
    }
    for (uint64_t v = 1; v <= h->last; v++) { /* ends[v]: where version v ends now */
        const size_t n = ends[v] - ends[v - 1];
        if (n > 1) {
            qsort(&sorted[ends[v - 1]], n, sizeof *sorted, by_place);
        }
    }
    tm_free(ends);
    tm_free(h->v);
    h->v = sorted;
    h->cap = h->n + 1;
}

/* The events of one version, from *at on. false: there is none. */
static bool play_version(tm_history_t *h, const tm_player_t *player, uint64_t version, size_t *at)
{
    const size_t from = *at;
    for (; *at < h->n && h->v[*at].version == version; (*at)++) {
        event_t *event = &h->v[*at];
        tm_row_t *row = TM_TAKE(event->row);
        tm_trie_put(&player->tables->t[row->desc->number], tm_id_counter(row->id), row);
        player->take(player->state, row, event->put ? NULL : &event->touched);
    }
    return *at > from;
}

tm_err_t tm_history_play(tm_history_t *h, const tm_player_t *player, uint64_t version,
                         const tm_versions_t *versions)
{
    /* A version without events: no record says what it was. */
    if (h->last > version || (versions != NULL && versions->n < version) ||
        (player->committed != NULL && h->n < version))
        return TM_EDAMAGED;
    sort(h);
    size_t at = 0;
    (void)play_version(h, player, 0, &at);
    for (uint64_t v = 1; player->committed != NULL && v <= version; v++) {
        if (!play_version(h, player, v, &at))
            return TM_EDAMAGED;
        tm_commit_head_t head = {.replay = true};
        if (versions != NULL) {
            head.at = tm_versions_at(versions, v);
        }
        player->committed(player->state, &head);
    }
    return at == h->n ? TM_OK : TM_EDAMAGED;
}
