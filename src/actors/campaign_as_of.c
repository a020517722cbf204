/* campaign_as_of.c - a campaign as it was at an earlier version.
 *
 * Why:     "as of Tuesday 09:59" must give what people saw then, to the byte.
 * How:     from the immutable picture of today: every state each record ever had, up to that
 *          version, in the order of their commits, put into a campaign that lives only here,
 *          through the same functions as a replay of the journal. So whatever follows from the
 *          order of commits (which papers joined, whose names a row shows) follows here too.
 * Threads: any; the picture is immutable and nobody else sees the campaign. */
#include "actors/campaign_chain.h"

#include "actors/past.h"
#include "schema/record.h"

#include <stdlib.h>

#define BACK_ARENA_MAX (256u << 20)

/* One change of one record. */
typedef struct event {
    uint64_t version;
    uint32_t place;
    tm_row_t *row; /* the record from then on; ours to unref */
} event_t;

typedef struct history {
    event_t *v;
    size_t n, cap;
    uint64_t version; /* up to this one */
    tm_arena_t *arena;
} history_t;

static void add_event(history_t *h, uint64_t version, uint32_t place, TM_OWN tm_row_t *row)
{
    if (h->n == h->cap) {
        h->cap = h->cap == 0 ? 1024 : h->cap * 2;
        h->v = tm_realloc(h->v, h->cap * sizeof *h->v);
    }
    h->v[h->n++] = (event_t){version, place, row};
}

static void add_record(history_t *h, tm_row_t *row)
{
    if (row->since <= h->version) {
        add_event(h, row->since, row->place, tm_shared_ref(row));
    }
    if (row->past == NULL)
        return;
    tm_back_t back;
    const bool readable = tm_back_begin(&back, row, h->arena);
    assert(readable); /* it was packed from a smaller arena */
    (void)readable;
    while (tm_back_step(&back, NULL)) {
        if (back.since <= h->version) {
            add_event(h, back.since, back.place, tm_back_row(&back));
        }
    }
    tm_arena_reset(h->arena);
}

static int by_time(const void *a, const void *b)
{
    const event_t *x = a, *y = b;
    if (x->version != y->version)
        return x->version < y->version ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void gather(history_t *h, const tm_campaign_view_t *now)
{
    h->arena = tm_arena_new(BACK_ARENA_MAX);
    for (unsigned i = 0; i < TM_VIEW_TABLES; i++) {
        uint32_t key = 0;
        for (tm_row_t *row; (row = tm_trie_next(&now->view.tables[i], &key)); key++) {
            add_record(h, row);
            if (key == UINT32_MAX) {
                break;
            }
        }
    }
    tm_arena_free(TM_TAKE(h->arena));
    qsort(h->v, h->n, sizeof *h->v, by_time);
}

static void replay(campaign_t *c, const history_t *h, const tm_versions_t *versions)
{
    size_t at = 0;
    while (c->version < h->version) {
        const uint64_t version = c->version + 1;
        assert(at < h->n && h->v[at].version == version); /* a commit changes something */
        for (; at < h->n && h->v[at].version == version; at++) {
            tm_row_t *row = h->v[at].row;
            tm_trie_put(&c->tables.t[row->desc->number], tm_id_counter(row->id), row);
            campaign_take(c, row);
        }
        const tm_commit_head_t head = {.at = tm_versions_at(versions, version), .replay = true};
        tm_campaign_kind.committed(c, &head);
    }
    assert(at == h->n);
}

static tm_campaign_view_t *earlier(const tm_campaign_view_t *now, uint64_t version)
{
    history_t h = {.version = version};
    gather(&h, now);
    campaign_t *c = tm_campaign_kind.create(now->view.actor);
    replay(c, &h, &now->versions);
    tm_free(h.v);
    tm_campaign_view_t *view = tm_campaign_kind.snapshot(c);
    tm_campaign_kind.destroy(c);
    return view;
}

/* Today's picture as an answer to "as of": nothing has happened since. */
static tm_campaign_view_t *newest(const tm_campaign_view_t *now)
{
    tm_campaign_view_t *view = TM_NEW(tm_campaign_view_t);
    view->view.shared = (tm_shared_t){1, now->view.shared.free};
    view->view.actor = now->view.actor;
    view->view.version = now->view.version;
    for (unsigned i = 0; i < TM_VIEW_TABLES; i++) {
        view->view.tables[i] = tm_trie_ref(&now->view.tables[i]);
    }
    view->campaign_id = now->campaign_id;
    view->epoch = now->epoch;
    view->today = now->today;
    view->matrix = tm_matrix_view_ref(now->matrix);
    view->versions = tm_versions_share(&now->versions);
    view->chains = tm_trie_ref(&now->chains);
    return view;
}

TM_OWN tm_campaign_view_t *tm_campaign_view_at(const tm_campaign_view_t *now, uint64_t version)
{
    assert(now->versions.n == now->view.version);
    assert(version >= 1 && version <= now->view.version);
    tm_campaign_view_t *view = version == now->view.version ? newest(now) : earlier(now, version);
    assert(view != NULL);      /* the first commit of a campaign holds its record */
    tm_trie_done(&view->ring); /* nobody listens to the past */
    view->ring_first = version + 1;
    view->is_past = true;
    return view;
}
