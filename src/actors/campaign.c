/* campaign.c - the actor of one tracked race: its lines, their standing, its matrix, its versions.
 *
 * Threads: the actor's turn. */
#include "actors/campaign.h"
#include "actors/campaign_reconcile.h"

#include "actors/campaign_blocks.h"
#include "actors/campaign_chain.h"
#include "actors/campaign_links.h"
#include "schema/record.h"
#include "actors/limits.h"

#define RECORD_ARENA_MAX (64u << 20)
#define EVENTS_BYTES_MAX (1u << 20)

static void *campaign_create(uint32_t actor)
{
    campaign_t *c = TM_NEW(campaign_t);
    c->magic = CAMPAIGN_MAGIC;
    c->actor = actor;
    c->ring_first = 1;
    tm_buf_init(&c->events, EVENTS_BYTES_MAX);
    tm_buf_init(&c->packed, TM_DELTA_BYTES_MAX);
    return c;
}

static void campaign_destroy(void *state)
{
    campaign_t *c = state;
    TM_CHECK(c, CAMPAIGN_MAGIC);
    tm_buf_done(&c->events);
    tm_buf_done(&c->packed);
    tm_arena_free(c->work);
    tm_arena_free(c->shares);
    tm_arena_free(c->read);
    campaign_blocks_free(c);
    campaign_links_free(c);
    campaign_chains_free(c);
    tm_pages_done(&c->chain_of);
    tm_map_done(&c->by_document);
    tm_matrix_free(c->matrix);
    tm_parts_free(c->parts);
    tm_trie_done(&c->deltas);
    tm_buf_done(&c->told);
    tm_trie_done(&c->ring);
    tm_trie_done(&c->lists);
    tm_versions_done(&c->versions);
    tm_tables_done(&c->tables);
    tm_arena_free(c->record_arena);
    tm_free(c);
}

/* ---- apply ---- */

static void take_state(campaign_t *c, const tm_row_t *row)
{
    tm_arena_t *arena = tm_arena_new(RECORD_ARENA_MAX);
    const tm_campaign_state_t *kept = tm_row_read(row, arena);
    assert(kept != NULL && kept->campaign.n == 1);
    const tm_campaign_t *record = tm_record_copy(&tm_campaign_desc, kept->campaign.v, arena);
    assert(record != NULL);
    c->rebuild |= c->record == NULL || c->record->week_basis.v != record->week_basis.v;
    c->state_id = row->id;
    c->today = kept->today;
    tm_arena_free(c->record_arena);
    c->record_arena = arena;
    c->record = record;
}

/* record: what stands in the row; NULL: it has to be read. */
static void take_line(campaign_t *c, const tm_row_t *row, const tm_buy_line_t *record)
{
    const tm_buy_line_t *line = campaign_take_fresh(c, row, record);
    if (TM_HAS(line, TM_BUY_LINE_document_id)) {
        if (campaign_line_is_open(line)) {
            (void)tm_map_put(&c->by_document, line->document_id.v,
                             (void *)(uintptr_t)tm_id_counter(line->id));
        } else {
            (void)tm_map_del(&c->by_document, line->document_id.v);
        }
    }
    campaign_take_special(c, line);
    campaign_chain_add(c, line);
}

static void take_decided(campaign_t *c, const tm_row_t *row)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(RECORD_ARENA_MAX);
    const void *record = tm_row_read(row, arena);
    assert(record != NULL);
    if (row->desc == &tm_dedupe_decision_desc) {
        campaign_take_decision(c, record);
    } else if (row->desc == &tm_dedupe_group_desc) {
        campaign_take_group(c, record);
    } else if (row->desc == &tm_exception_desc) {
        campaign_take_exception(c, record);
    }
}

static void take(campaign_t *c, const tm_row_t *row, const void *record)
{
    if (row->desc == &tm_campaign_state_desc) {
        take_state(c, row);
    } else if (row->desc == &tm_buy_line_desc) {
        take_line(c, row, record);
    } else {
        take_decided(c, row);
    }
}

void campaign_take(void *campaign, const tm_row_t *row, const tm_has_t *touched TM_UNUSED)
{
    take(campaign, row, NULL);
}

static void campaign_apply(void *state, const tm_commit_head_t *head TM_UNUSED,
                           const tm_change_t *change)
{
    campaign_t *c = state;
    TM_CHECK(c, CAMPAIGN_MAGIC);
    const tm_row_t *row = tm_tables_apply_at(&c->tables, change, c->version + 1);
    const bool stays = change->op == TM_CHANGE_PUT && change->bytes.p != NULL;
    take(c, row, stays ? change->record : NULL);
}

/* ---- after a commit: a version, its cells, its delta ---- */

static void campaign_foresee(void *state, const tm_change_t *change, bool again)
{
    campaign_t *c = state;
    TM_CHECK(c, CAMPAIGN_MAGIC);
    if (change->desc == &tm_buy_line_desc && change->op == TM_CHANGE_PUT) {
        campaign_block_foresee(c, change->record, again);
        if (!again) {
            campaign_chain_foresee(c, change->record);
        }
    }
}

static void campaign_committed(void *state, const tm_commit_head_t *head)
{
    campaign_t *c = state;
    TM_CHECK(c, CAMPAIGN_MAGIC);
    const bool rebuilt = c->rebuild && c->matrix != NULL;
    tm_buf_clear(&c->events);
    campaign_settle(c);
    c->version++;
    tm_versions_push(&c->versions, head->at);
    campaign_push_delta(c, head, rebuilt);
}

/* ---- decide ---- */

static void day_turned(tm_turn_t *turn, campaign_t *c, tm_day_t today)
{
    tm_campaign_state_t *kept =
        tm_tables_read(&c->tables, &tm_campaign_state_desc, c->state_id, tm_turn_arena(turn));
    if (kept == NULL || kept->today.v == today.v)
        return;
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(kept, &touched, TM_CAMPAIGN_STATE, today, today);
    tm_record_stamp_patch(kept, &touched, kept->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_campaign_state_desc, c->state_id, kept, &touched);
}

static void line_named(tm_turn_t *turn, campaign_t *c, const tm_line_named_t *named)
{
    campaign_line_post(turn, c, named->line.v);
}

static void turn_day(tm_turn_t *turn, campaign_t *c, const tm_day_turned_t *turned)
{
    day_turned(turn, c, turned->today);
}

/* Which message is whose: TAKES gives the payload on, the others take the whole message. */
typedef void (*handler_t)(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
#define TAKES(fn)                                                                  \
    static void take_##fn(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg) \
    {                                                                              \
        fn(turn, c, msg->payload);                                                 \
    }
TAKES(campaign_line_post)
TAKES(line_named)
TAKES(campaign_lines_found)
TAKES(campaign_lines_closed)
TAKES(campaign_lines_refresh)
TAKES(campaign_advertiser_moved)
TAKES(campaign_reconcile)
TAKES(turn_day)
TAKES(campaign_report)

static const handler_t handlers[TM_MSG_COUNT] = {
    [TM_MSG_LINE_POST] = take_campaign_line_post,
    [TM_MSG_LINE_NAMED] = take_line_named,
    [TM_MSG_LINES_FOUND] = take_campaign_lines_found,
    [TM_MSG_LINES_CLOSED] = take_campaign_lines_closed,
    [TM_MSG_LINES_REFRESH] = take_campaign_lines_refresh,
    [TM_MSG_ADVERTISER_MOVED] = take_campaign_advertiser_moved,
    [TM_MSG_RECONCILE] = take_campaign_reconcile,
    [TM_MSG_DAY_TURNED] = take_turn_day,
    [TM_MSG_EOD_REPORT] = take_campaign_report,
    [TM_MSG_GROUP_RESOLVE] = campaign_group_resolve,
    [TM_MSG_ROWS_COMBINE] = campaign_rows_combine,
    [TM_MSG_DECISION_UNDO] = campaign_decision_undo,
    [TM_MSG_AUTO_RESOLVE] = campaign_auto_resolve,
    [TM_MSG_MATRIX_EDIT] = campaign_matrix_edit,
    [TM_MSG_EXCEPTIONS_CLOSE] = campaign_exceptions_close,
};

static void campaign_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    campaign_t *c = state;
    TM_CHECK(c, CAMPAIGN_MAGIC);
    assert(msg->type < TM_MSG_COUNT);
    if (msg->type == TM_MSG_CAMPAIGN_PUT) {
        campaign_record_put(turn, c, msg->payload);
    } else if (c->record == NULL) {
        /* The directory's message comes first; an edge guessed a number. */
        tm_turn_fail(turn, TM_EBUSY, NULL);
    } else if (handlers[msg->type] == NULL) {
        tm_turn_fail(turn, TM_EINTERNAL, NULL);
    } else {
        handlers[msg->type](turn, c, msg);
    }
}

/* ---- the picture ---- */

static void campaign_view_free(void *object)
{
    tm_campaign_view_t *view = object;
    tm_view_done(&view->view);
    tm_matrix_view_unref(view->matrix);
    tm_trie_done(&view->ring);
    tm_trie_done(&view->chains);
    tm_versions_done(&view->versions);
    tm_blob_unref(view->body);
    tm_coded_done(&view->coded);
    tm_free(view);
}

static void *campaign_snapshot(void *state)
{
    campaign_t *c = state;
    if (c->record == NULL)
        return NULL;
    tm_campaign_view_t *view = TM_NEW(tm_campaign_view_t);
    view->view.shared = (tm_shared_t){1, campaign_view_free};
    view->view.actor = c->actor;
    view->view.version = c->version;
    tm_tables_share(&c->tables, &view->view);
    view->campaign_id = c->record->id;
    view->epoch = (uint64_t)c->record->created_ms.v;
    view->today = c->today;
    view->matrix = tm_matrix_view(c->matrix);
    view->ring = tm_trie_ref(&c->ring);
    view->ring_first = c->ring_first;
    view->chains = tm_trie_ref(&c->lists);
    view->versions = tm_versions_share(&c->versions);
    return view;
}

static void campaign_hash(const void *picture, void (*add)(void *ctx, const void *p, size_t n),
                          void *ctx)
{
    const tm_campaign_view_t *view = picture;
    const uint64_t version = view == NULL ? 0 : view->view.version;
    add(ctx, &version, sizeof version);
    tm_view_hash(view, add, ctx);
}

const tm_actor_kind_t tm_campaign_kind = {
    .name = "campaign",
    .number = TM_KIND_OF_campaign,
    .create = campaign_create,
    .destroy = campaign_destroy,
    .decide = campaign_decide,
    .apply = campaign_apply,
    .foresee = campaign_foresee,
    .committed = campaign_committed,
    .snapshot = campaign_snapshot,
    .hash = campaign_hash,
    .part = campaign_part,
    .take = campaign_take_part,
};
