/* campaign_as_of.c - a campaign as it was at an earlier version.
 *
 * Why:     "as of Tuesday 09:59" must give what people saw then, to the byte.
 * How:     from the immutable picture of today: every state each record ever had, up to that
 *          version, in the order of their commits, put into a campaign that lives only here,
 *          through the same functions as a replay of the journal. So whatever follows from the
 *          order of commits (which papers joined, whose names a row shows) follows here too.
 * Threads: any; the picture is immutable and nobody else sees the campaign. */
#include "actors/campaign.h"

static tm_campaign_view_t *earlier(const tm_campaign_view_t *now, uint64_t version)
{
    tm_history_t *history = tm_history_new();
    for (unsigned i = 0; i < TM_VIEW_TABLES; i++) {
        uint32_t key = 0;
        for (tm_row_t *row; (row = tm_trie_next(&now->view.tables[i], &key)); key++) {
            tm_history_add(history, tm_shared_ref(row), version);
            if (key == UINT32_MAX) {
                break;
            }
        }
    }
    campaign_t *c = tm_campaign_kind.create(now->view.actor);
    c->unheard = true;
    const tm_player_t player = {c, &c->tables, campaign_take, tm_campaign_kind.committed};
    const tm_err_t err = tm_history_play(history, &player, version, &now->versions);
    assert(err == TM_OK); /* a commit changes something */
    (void)err;
    tm_history_free(history);
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
