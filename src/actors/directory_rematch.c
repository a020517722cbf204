/* directory_rematch.c - stored documents meet a campaign again: criteria changed, or what names and
 * numbers mean.
 *
 * Why:     widening criteria brings what was read before, narrowing closes lines; a campaign over a
 *          hundred thousand documents must not be one commit.
 * How:     a part takes as many documents as a turn may and goes on in a message to itself. Each
 *          part asks the campaign's record as it stands then, so changes meanwhile are no harm.
 * Threads: the actor's turn. */
#include "actors/directory_parcels.h"

#define PART_DOCUMENTS 1000
#define PART_ARENA_BYTES (32u << 20) /* of the turn's, where the part ends */
#define DOCUMENT_ARENA_MAX (256u << 20)

typedef struct closed {
    tm_str_t v[PART_DOCUMENTS];
    uint32_t n;
} closed_t;

static void meet(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                 const tm_campaign_t *before, const tm_document_t *doc, parcel_t *parcel,
                 closed_t *closed)
{
    const made_t probe = directory_make_line(turn, d, doc, -1, LOOK_UP);
    if (!probe.is_line)
        return;
    if (directory_matches(turn, campaign, doc, &probe.line)) {
        const made_t made = directory_line_for(turn, d, campaign, doc, NULL);
        if (made.is_line) {
            directory_add_line(turn, parcel, doc, &made);
            directory_close_pending(turn, d, doc->id);
        }
    } else if (before != NULL && directory_matches(turn, before, doc, &probe.line)) {
        char id[TM_ID_TEXT_MAX];
        const tm_str_t text = tm_str_n(id, tm_id_format("doc", doc->id, id));
        closed->v[closed->n++] = tm_arena_str(tm_turn_arena(turn), text);
    }
}

/* What was made of a document points into it, so it must live until the parcel is sent. */
static void finish(tm_turn_t *turn, const tm_campaign_t *campaign, parcel_t *parcel,
                   closed_t *closed)
{
    directory_send_parcel(turn, parcel);
    if (closed->n == 0)
        return;
    tm_lines_closed_t out = {0};
    TM_SET(&out, TM_LINES_CLOSED, documents, (tm_strs_t){closed->v, closed->n});
    tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign->id), TM_MSG_LINES_CLOSED,
                 &out);
}

void directory_rematch(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                       const tm_campaign_t *before, uint32_t key)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    TM_AUTO(tm_arena_free_p) tm_arena_t *documents = tm_arena_new(DOCUMENT_ARENA_MAX);
    parcel_t parcel = {.campaign = campaign->id};
    closed_t *closed = tm_arena_zalloc(arena, sizeof *closed);
    assert(closed != NULL);
    const size_t enough = tm_arena_bytes(arena) + PART_ARENA_BYTES;
    uint32_t n = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_document_desc, &key)); key++) {
        if (n++ == PART_DOCUMENTS || tm_arena_bytes(arena) > enough ||
            tm_arena_bytes(documents) > PART_ARENA_BYTES) {
            tm_part_t part = {0};
            TM_SET(&part, TM_PART, campaign_id, campaign->id);
            TM_SET(&part, TM_PART, next, (int64_t)key);
            if (before != NULL) {
                TM_SET(&part, TM_PART, before, (tm_recs_t){(void *)(uintptr_t)before, 1});
            }
            tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_REMATCH_PART, &part);
            break;
        }
        const tm_document_t *doc = tm_row_read(row, documents);
        assert(doc != NULL); /* one document is far smaller than the arena */
        meet(turn, d, campaign, before, doc, &parcel, closed);
    }
    finish(turn, campaign, &parcel, closed);
}

void directory_rematch_part(tm_turn_t *turn, directory_t *d, const tm_part_t *part)
{
    const tm_campaign_t *campaign = directory_campaign(d, part->campaign_id);
    assert(campaign != NULL); /* none ever goes */
    directory_rematch(turn, d, campaign, part->before.n == 1 ? part->before.v : NULL,
                      (uint32_t)part->next);
}

void directory_rematch_all(tm_turn_t *turn, directory_t *d, const tm_record_ref_t *ref)
{
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        tm_part_t part = {0};
        tm_campaign_t anything = {0};
        TM_SET(&anything, TM_CAMPAIGN, id, d->campaigns[i].campaign->id);
        if (TM_HAS(ref, TM_RECORD_REF_name)) {
            TM_SET(&part, TM_PART, before, (tm_recs_t){&anything, 1});
        }
        TM_SET(&part, TM_PART, campaign_id, d->campaigns[i].campaign->id);
        TM_SET(&part, TM_PART, next, (int64_t)0);
        tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_REMATCH_PART, &part);
    }
}

void directory_rematch_later(tm_turn_t *turn, directory_t *d, bool moved)
{
    const tm_str_t asked = moved ? TM_STR("rematch moved") : TM_STR("rematch");
    if (tm_smap_put(&d->fresh, asked, d) != NULL)
        return; /* this message asked for it already */
    uint32_t key = 0;
    tm_record_ref_t all = {0};
    if (moved) {
        TM_SET(&all, TM_RECORD_REF, name, TM_STR("moved"));
    }
    if (tm_tables_next(&d->tables, &tm_document_desc, &key) != NULL) {
        tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_REMATCH, &all);
    }
}
