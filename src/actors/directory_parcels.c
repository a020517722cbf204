/* directory_parcels.c - a document made into the line a campaign wants, and lines packed for the
 * way to it.
 *
 * How:     a line is made once for each commission, because the missing total follows the
 *          campaign's. A parcel is sent when it is full; exceptions travel with their lines.
 * Threads: the actor's turn.
 * Source:  contract 3a "Assignment"; domain rules 4.2-4.4, 7. */
#include "actors/directory_parcels.h"

#include "actors/names.h"
#include "base/fold.h"
#include "domain/assign.h"
#include "domain/order.h"
#include "actors/limits.h"

#define UNKNOWN_ADVERTISER "Unknown advertiser"

bool directory_number_seen(const directory_t *d, tm_str_t bare, tm_arena_t *arena)
{
    const tm_str_t key = tm_fold_key(arena, bare);
    return key.n > 0 &&
           (tm_smap_get(&d->order_numbers, key) != NULL ||
            tm_smap_get(&d->fresh, tm_arena_printf(arena, "n:%.*s", (int)key.n, key.p)) != NULL);
}

static bool bare_number_seen(const directory_t *d, const tm_document_t *doc, tm_arena_t *arena)
{
    if (!TM_HAS(doc, TM_DOCUMENT_order_no))
        return false;
    tm_str_t suffix = {NULL, 0};
    const tm_str_t bare = tm_order_norm(doc->order_no, arena, &suffix);
    return suffix.p != NULL && directory_number_seen(d, bare, arena);
}

/* Texts of the document that the domain leaves to us: market, source, times, places. */
static void fill_from_document(const directory_t *d, const tm_document_t *doc, tm_ms_t published,
                               tm_buy_line_t *line, tm_arena_t *arena)
{
    TM_SET(line, TM_BUY_LINE, document_id, doc->id);
    TM_SET(line, TM_BUY_LINE, input_id, doc->input_id);
    if (!TM_HAS(line, TM_BUY_LINE_source)) {
        TM_SET(line, TM_BUY_LINE, source, TM_STR("fcc"));
    }
    TM_SET(line, TM_BUY_LINE, published_ms, published);
    if (TM_HAS(doc, TM_DOCUMENT_at)) {
        TM_SET(line, TM_BUY_LINE, locator, doc->at);
    }
    if (TM_HAS(doc, TM_DOCUMENT_confidence_bp)) {
        TM_SET(line, TM_BUY_LINE, confidence_bp, doc->confidence_bp);
    }
    if (TM_HAS(doc, TM_DOCUMENT_advertiser)) {
        TM_SET(line, TM_BUY_LINE, advertiser, doc->advertiser);
        TM_SET(line, TM_BUY_LINE, advertiser_text, doc->advertiser);
    }
    const int32_t dma =
        TM_HAS(doc, TM_DOCUMENT_market) ? directory_market(d, doc->market, arena) : 0;
    if (dma != 0) {
        TM_SET(line, TM_BUY_LINE, market, dma);
    }
}

made_t directory_make_line(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                           int32_t campaign_bp, create_t create)
{
    made_t made = {.commission_bp = campaign_bp};
    tm_arena_t *arena = tm_turn_arena(turn);
    int32_t agency_bp = -1;
    if (TM_HAS(doc, TM_DOCUMENT_agency)) {
        (void)directory_agency(turn, d, doc->agency, LOOK_UP, &agency_bp);
    }
    const tm_err_t err = tm_line_from_document(doc, bare_number_seen(d, doc, arena), agency_bp,
                                               campaign_bp, arena, &made.line, &made.exceptions);
    if (err != TM_OK)
        return made;
    made.is_line = true;
    fill_from_document(d, doc, doc->created_ms, &made.line, arena);
    directory_resolve(turn, d, &made.line, create, &made.new_station);
    return made;
}

made_t directory_line_for(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                          const tm_document_t *doc, const made_t *last)
{
    made_t made = {0};
    if (last != NULL && last->is_line && last->commission_bp == campaign->commission_bp) {
        made = *last;
        made.new_station = false; /* told with the first */
    } else {
        made = directory_make_line(turn, d, doc, campaign->commission_bp, CREATE);
    }
    if (!made.is_line)
        return made;
    if (!TM_HAS(&made.line, TM_BUY_LINE_advertiser_id)) {
        /* The dollars are real and must stand in a row that a person can find and mend. */
        const tm_str_t unknown = TM_STR(UNKNOWN_ADVERTISER);
        const tm_id_t id = directory_advertiser(turn, d, unknown, made.line.source, CREATE);
        TM_SET(&made.line, TM_BUY_LINE, advertiser, unknown);
        TM_SET(&made.line, TM_BUY_LINE, advertiser_id, id);
    }
    const int side = tm_assign_side(campaign, made.line.advertiser_id);
    TM_SET(&made.line, TM_BUY_LINE, campaign_id, campaign->id);
    TM_SET(&made.line, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
    return made;
}

/* ---- matching ---- */

bool directory_was_sent_by_hand(const tm_document_t *doc, tm_id_t campaign)
{
    char id[TM_ID_TEXT_MAX];
    const size_t n = tm_id_format("cmp", campaign, id);
    for (uint32_t i = 0; i < doc->campaigns.n; i++) {
        if (tm_str_eq(doc->campaigns.v[i], tm_str_n(id, n)))
            return true;
    }
    return false;
}

bool directory_matches(tm_turn_t *turn, const tm_campaign_t *campaign, const tm_document_t *doc,
                       const tm_buy_line_t *line)
{
    return directory_was_sent_by_hand(doc, campaign->id) ||
           tm_assign_matches(campaign, line, tm_turn_arena(turn));
}

/* ---- parcels ---- */

static void *grown(tm_turn_t *turn, void *old, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    *cap = *cap == 0 ? 4 : *cap * 2;
    void *more = tm_arena_alloc(tm_turn_arena(turn), *cap * size);
    assert(more != NULL); /* a parcel is small beside the arena of a turn */
    if (n > 0) {
        memcpy(more, old, n * size);
    }
    return more;
}

void directory_add_exception(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc, tm_str_t kind)
{
    p->exceptions =
        grown(turn, p->exceptions, p->n_exceptions, &p->cap_exceptions, sizeof *p->exceptions);
    tm_exception_t *e = &p->exceptions[p->n_exceptions++];
    *e = (tm_exception_t){0};
    TM_SET(e, TM_EXCEPTION, kind, kind);
    TM_SET(e, TM_EXCEPTION, input_id, doc->input_id);
    TM_SET(e, TM_EXCEPTION, document_id, doc->id);
    TM_SET(e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
    if (TM_HAS(doc, TM_DOCUMENT_filename)) {
        TM_SET(e, TM_EXCEPTION, subject, doc->filename);
    }
}

static bool holds(const tm_strs_t *list, tm_str_t word)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (tm_str_eq(list->v[i], word))
            return true;
    }
    return false;
}

/* An unknown code is told once, when it is first seen; a paper without any code always. */
static bool lacks_station(const tm_document_t *doc, const made_t *made)
{
    return !TM_HAS(&made->line, TM_BUY_LINE_market) &&
           (made->new_station || !TM_HAS(&made->line, TM_BUY_LINE_station)) &&
           !holds(&doc->exceptions, TM_STR("missing_station"));
}

void directory_add_exceptions(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc,
                              const made_t *made)
{
    for (uint32_t i = 0; i < made->exceptions.n; i++) {
        directory_add_exception(turn, p, doc, made->exceptions.v[i]);
    }
    for (uint32_t i = 0; i < doc->exceptions.n; i++) {
        if (!holds(&made->exceptions, doc->exceptions.v[i])) {
            directory_add_exception(turn, p, doc,
                                    doc->exceptions.v[i]); /* the reader's own doubts */
        }
    }
    const tm_str_t name = TM_HAS(&made->line, TM_BUY_LINE_advertiser_text)
                              ? made->line.advertiser_text
                              : (tm_str_t){NULL, 0};
    if (tm_name_key(tm_turn_arena(turn), name).n == 0) {
        directory_add_exception(turn, p, doc, TM_STR("missing_advertiser"));
    }
    if (lacks_station(doc, made)) {
        directory_add_exception(turn, p, doc, TM_STR("missing_station"));
    }
}

void directory_add_line(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc, const made_t *made)
{
    assert(made->is_line);
    if (p->n_lines == TM_PARCEL_LINES_MAX || p->entries > TM_PARCEL_ENTRIES_MAX) {
        directory_send_parcel(turn, p);
    }
    p->lines = grown(turn, p->lines, p->n_lines, &p->cap_lines, sizeof *p->lines);
    p->lines[p->n_lines++] = made->line;
    p->entries += made->line.line_weeks.n + made->line.airings.n;
    directory_add_exceptions(turn, p, doc, made);
}

void directory_send_parcel(tm_turn_t *turn, parcel_t *p)
{
    if (p->n_lines == 0)
        return;
    tm_lines_found_t out = {0};
    if (p->input.v != 0) {
        TM_SET(&out, TM_LINES_FOUND, input_id, p->input);
    }
    TM_SET(&out, TM_LINES_FOUND, lines, (tm_recs_t){p->lines, p->n_lines});
    TM_SET(&out, TM_LINES_FOUND, exceptions, (tm_recs_t){p->exceptions, p->n_exceptions});
    tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(p->campaign), TM_MSG_LINES_FOUND,
                 &out);
    p->sent++;
    p->n_lines = p->n_exceptions = p->entries = 0; /* it was encoded: the room is used again */
}
