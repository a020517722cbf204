/* directory_inputs.c - documents to lines to campaigns: who gets what was read, and what nobody
 * took.
 *
 * Why:     a document is a fact and stays here; each campaign whose criteria match gets its own
 *          line of it, also later, when
 *          criteria widen. What matches none is pending and can be listed and assigned.
 * How:     a line is made from the document for each campaign, because the missing total follows
 *          the campaign's commission.
 *          A campaign ignores a document it holds already, so telling twice is harmless.
 * Threads: the actor's turn.
 * Source:  contract 3a "Assignment"; domain rules 4.2-4.4, 7. */
#include "actors/directory.h"

#include "base/fold.h"
#include "domain/assign.h"
#include "domain/order.h"
#include "schema/record.h"

#define UNKNOWN_ADVERTISER "Unknown advertiser"

/* A document made into a line for one commission. */
typedef struct made {
    bool is_line;
    tm_buy_line_t line;
    tm_strs_t exceptions;
} made_t;

/* What goes to one campaign in one message. */
typedef struct parcel {
    tm_buy_line_t *lines;
    tm_exception_t *exceptions;
    uint32_t n_lines, n_exceptions, cap_lines, cap_exceptions;
} parcel_t;

static bool bare_number_seen(const directory_t *d, const tm_document_t *doc, tm_arena_t *arena)
{
    if (!TM_HAS(doc, TM_DOCUMENT_order_no))
        return false;
    tm_str_t suffix = {NULL, 0};
    const tm_str_t bare = tm_order_norm(doc->order_no, arena, &suffix);
    return suffix.p != NULL && tm_smap_get(&d->order_numbers, tm_fold_key(arena, bare)) != NULL;
}

/* Texts of the document that the domain leaves to us: market, source, times, places. */
static void fill_from_document(const directory_t *d, const tm_document_t *doc, tm_ms_t published,
                               tm_buy_line_t *line, tm_arena_t *arena)
{
    TM_SET(line, TM_BUY_LINE, document_id, doc->id);
    TM_SET(line, TM_BUY_LINE, input_id, doc->input_id);
    TM_SET(line, TM_BUY_LINE, source, TM_STR("fcc"));
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

static made_t make_line(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                        int32_t campaign_bp, create_t create)
{
    made_t made = {0};
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
    bool new_station = false;
    directory_resolve(turn, d, &made.line, create, &new_station);
    return made;
}

/* ---- parcels ---- */

static void add_exception(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc, tm_str_t kind)
{
    if (p->n_exceptions == p->cap_exceptions) {
        const uint32_t cap = p->cap_exceptions == 0 ? 8 : p->cap_exceptions * 2;
        tm_exception_t *more = tm_arena_zalloc(tm_turn_arena(turn), cap * sizeof *more);
        if (more == NULL)
            return;
        if (p->n_exceptions > 0) {
            memcpy(more, p->exceptions, p->n_exceptions * sizeof *more);
        }
        p->exceptions = more;
        p->cap_exceptions = cap;
    }
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

static void add_line(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc, const made_t *made)
{
    if (p->n_lines == p->cap_lines) {
        const uint32_t cap = p->cap_lines == 0 ? 4 : p->cap_lines * 2;
        tm_buy_line_t *more = tm_arena_zalloc(tm_turn_arena(turn), cap * sizeof *more);
        if (more == NULL)
            return;
        if (p->n_lines > 0) {
            memcpy(more, p->lines, p->n_lines * sizeof *more);
        }
        p->lines = more;
        p->cap_lines = cap;
    }
    p->lines[p->n_lines++] = made->line;
    for (uint32_t i = 0; i < made->exceptions.n; i++) {
        add_exception(turn, p, doc, made->exceptions.v[i]);
    }
    for (uint32_t i = 0; i < doc->exceptions.n; i++) {
        if (!holds(&made->exceptions, doc->exceptions.v[i])) {
            add_exception(turn, p, doc, doc->exceptions.v[i]); /* the reader's own doubts */
        }
    }
    if (!TM_HAS(&made->line, TM_BUY_LINE_advertiser_text)) {
        add_exception(turn, p, doc, TM_STR("missing_advertiser"));
    }
    if (!TM_HAS(&made->line, TM_BUY_LINE_market) &&
        !holds(&doc->exceptions, TM_STR("missing_station"))) {
        add_exception(turn, p, doc, TM_STR("missing_station"));
    }
}

#define SEND_LINES_MAX \
    500 /* of a widened campaign in one message; an input's lines are never split */

static void send_parcel(tm_turn_t *turn, const tm_campaign_t *campaign, tm_id_t input,
                        const parcel_t *p)
{
    const uint32_t step = input.v != 0 ? p->n_lines : SEND_LINES_MAX;
    for (uint32_t i = 0; i < p->n_lines; i += step) {
        tm_lines_found_t out = {0};
        if (input.v != 0) {
            TM_SET(&out, TM_LINES_FOUND, input_id, input);
        }
        TM_SET(&out, TM_LINES_FOUND, lines,
               (tm_recs_t){p->lines + i, TM_MIN(step, p->n_lines - i)});
        TM_SET(&out, TM_LINES_FOUND, exceptions,
               (tm_recs_t){p->exceptions, i == 0 ? p->n_exceptions : 0});
        tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign->id), TM_MSG_LINES_FOUND,
                     &out);
    }
}

/* ---- matching ---- */

static bool was_sent_by_hand(const tm_document_t *doc, tm_id_t campaign)
{
    char id[TM_ID_TEXT_MAX];
    const size_t n = tm_id_format("cmp", campaign, id);
    for (uint32_t i = 0; i < doc->campaigns.n; i++) {
        if (tm_str_eq(doc->campaigns.v[i], tm_str_n(id, n)))
            return true;
    }
    return false;
}

static bool matches(tm_turn_t *turn, const tm_campaign_t *campaign, const tm_document_t *doc,
                    const tm_buy_line_t *line)
{
    return was_sent_by_hand(doc, campaign->id) ||
           tm_assign_matches(campaign, line, tm_turn_arena(turn));
}

/* The line as this campaign wants it: names made, its commission, its side. */
static made_t line_for(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                       const tm_document_t *doc)
{
    made_t made = make_line(turn, d, doc, campaign->commission_bp, CREATE);
    if (made.is_line && !TM_HAS(&made.line, TM_BUY_LINE_advertiser_id)) {
        /* The dollars are real and must stand in a row that a person can find and mend. */
        const tm_str_t unknown = TM_STR(UNKNOWN_ADVERTISER);
        const tm_id_t id = directory_advertiser(turn, d, unknown, TM_STR("fcc"), CREATE);
        TM_SET(&made.line, TM_BUY_LINE, advertiser, unknown);
        TM_SET(&made.line, TM_BUY_LINE, advertiser_id, id);
    }
    const int side = tm_assign_side(campaign, made.line.advertiser_id);
    TM_SET(&made.line, TM_BUY_LINE, campaign_id, campaign->id);
    TM_SET(&made.line, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
    return made;
}

/* The pending line of a document has found its campaign. */
static void close_pending(tm_turn_t *turn, directory_t *d, tm_id_t document)
{
    const uintptr_t counter = (uintptr_t)tm_map_get(&d->pending, document.v);
    if (counter == 0)
        return;
    const tm_id_t id = tm_id_make(d->actor, (uint32_t)counter);
    tm_buy_line_t *line = tm_tables_read(&d->tables, &tm_buy_line_desc, id, tm_turn_arena(turn));
    assert(line != NULL);
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, archived_ms, tm_turn_now(turn));
    TM_SET_TOUCHED(line, &touched, TM_BUY_LINE, standing_why, TM_STR("assigned to a campaign"));
    tm_record_stamp_patch(line, &touched, line->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_buy_line_desc, id, line, &touched);
}

void directory_rematch(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                       const tm_campaign_t *before)
{
    parcel_t parcel = {0};
    uint32_t n_closed = 0, cap_closed = 0;
    tm_str_t *closed = NULL;
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_document_desc, &key)); key++) {
        const tm_document_t *doc = tm_row_read(row, tm_turn_arena(turn));
        const made_t probe = doc == NULL ? (made_t){0} : make_line(turn, d, doc, -1, LOOK_UP);
        if (!probe.is_line) {
            continue;
        }
        if (matches(turn, campaign, doc, &probe.line)) {
            const made_t made = line_for(turn, d, campaign, doc);
            add_line(turn, &parcel, doc, &made);
            close_pending(turn, d, doc->id);
        } else if (before != NULL && matches(turn, before, doc, &probe.line)) {
            if (n_closed == cap_closed) {
                cap_closed = cap_closed == 0 ? 16 : cap_closed * 2;
                tm_str_t *more = tm_arena_alloc(tm_turn_arena(turn), cap_closed * sizeof *more);
                assert(more != NULL);
                if (n_closed > 0) {
                    memcpy(more, closed, n_closed * sizeof *more);
                }
                closed = more;
            }
            char id[TM_ID_TEXT_MAX];
            closed[n_closed++] =
                tm_arena_str(tm_turn_arena(turn), tm_str_n(id, tm_id_format("doc", doc->id, id)));
        }
    }
    if (n_closed > 0) {
        const tm_lines_closed_t out = {.has = {{1}}, .documents = {closed, n_closed}};
        tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign->id),
                     TM_MSG_LINES_CLOSED, &out);
    }
    if (parcel.n_lines > 0) {
        send_parcel(turn, campaign, (tm_id_t){0}, &parcel);
    }
}

void directory_rematch_all(tm_turn_t *turn, directory_t *d)
{
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        directory_rematch(turn, d, d->campaigns[i].campaign, NULL);
    }
}

/* ---- an input's documents ---- */

static void open_exceptions(tm_turn_t *turn, const parcel_t *p)
{
    for (uint32_t i = 0; i < p->n_exceptions; i++) {
        tm_exception_t e = p->exceptions[i];
        tm_record_stamp_new(&e, tm_turn_new_id(turn), tm_turn_now(turn));
        tm_turn_put(turn, &tm_exception_desc, e.id, &e);
    }
}

static void put_pending(tm_turn_t *turn, const made_t *made)
{
    tm_buy_line_t line = made->line;
    tm_record_stamp_new(&line, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&line, TM_BUY_LINE, known_from_ms, tm_turn_now(turn));
    TM_SET(&line, TM_BUY_LINE, standing_why,
           TM_STR("waits for a campaign: no campaign's criteria match"));
    tm_turn_put(turn, &tm_buy_line_desc, line.id, &line);
}

typedef struct outcome {
    int32_t documents, lines, exceptions, campaigns;
    bool any_read;
    tm_enum_t status;
    tm_str_t reason;
} outcome_t;

static tm_document_t store_document(tm_turn_t *turn, const tm_document_t *given,
                                    const tm_raw_input_t *input)
{
    tm_document_t doc = *given;
    tm_record_stamp_new(&doc, tm_turn_new_id(turn),
                        TM_HAS(input, TM_RAW_INPUT_received_ms) ? input->received_ms
                                                                : tm_turn_now(turn));
    TM_SET(&doc, TM_DOCUMENT, input_id, input->id);
    TM_SET(&doc, TM_DOCUMENT, sha256, input->sha256);
    if (TM_HAS(input, TM_RAW_INPUT_filename)) {
        TM_SET(&doc, TM_DOCUMENT, filename, input->filename);
    }
    if (TM_HAS(input, TM_RAW_INPUT_campaign_id)) {
        char id[TM_ID_TEXT_MAX];
        tm_str_t *list = tm_arena_alloc(tm_turn_arena(turn), sizeof *list);
        assert(list != NULL);
        list[0] = tm_arena_str(tm_turn_arena(turn),
                               tm_str_n(id, tm_id_format("cmp", input->campaign_id, id)));
        TM_SET(&doc, TM_DOCUMENT, campaigns, (tm_strs_t){list, 1});
    }
    tm_turn_put(turn, &tm_document_desc, doc.id, &doc);
    return doc;
}

/* One document: its line to every campaign that matches, else to the pending list. */
static void assign_document(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                            parcel_t *parcels, parcel_t *orphans, outcome_t *out)
{
    const made_t probe = make_line(turn, d, doc, -1, LOOK_UP);
    if (!probe.is_line)
        return; /* an agreement, an inquiry: evidence without a line */
    out->lines++;
    bool taken = false;
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        const tm_campaign_t *campaign = d->campaigns[i].campaign;
        if (matches(turn, campaign, doc, &probe.line)) {
            const made_t made = line_for(turn, d, campaign, doc);
            add_line(turn, &parcels[i], doc, &made);
            taken = true;
        }
    }
    if (!taken) {
        put_pending(turn, &probe);
        parcel_t lost = {0};
        add_line(turn, &lost, doc, &probe);
        for (uint32_t i = 0; i < lost.n_exceptions; i++) {
            add_exception(turn, orphans, doc, lost.exceptions[i].kind);
        }
    }
}

static void note_status(outcome_t *out, const tm_document_t *doc)
{
    if (doc->status.v == TM_READING_STATUS_read) {
        out->any_read = true;
        return;
    }
    out->status =
        (tm_enum_t){doc->status.v == TM_READING_STATUS_ignored ? TM_INPUT_STATUS_ignored
                                                               : TM_INPUT_STATUS_unreadable};
    out->reason = TM_HAS(doc, TM_DOCUMENT_reason) ? doc->reason : TM_STR("damaged");
}

static void tell_feed(tm_turn_t *turn, tm_id_t input, const outcome_t *out)
{
    tm_input_done_t done = {0};
    TM_SET(&done, TM_INPUT_DONE, input_id, input);
    TM_SET(&done, TM_INPUT_DONE, status,
           out->any_read ? (tm_enum_t){TM_INPUT_STATUS_parsed} : out->status);
    if (!out->any_read && out->reason.p != NULL) {
        TM_SET(&done, TM_INPUT_DONE, reason, out->reason);
    }
    TM_SET(&done, TM_INPUT_DONE, documents, out->documents);
    TM_SET(&done, TM_INPUT_DONE, lines, out->lines);
    TM_SET(&done, TM_INPUT_DONE, exceptions, out->exceptions);
    TM_SET(&done, TM_INPUT_DONE, campaigns, out->campaigns);
    tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_INPUT_DONE, &done);
}

void directory_input_parsed(tm_turn_t *turn, directory_t *d, const tm_input_parsed_t *parsed)
{
    assert(parsed->input.n == 1);
    const tm_raw_input_t *input = parsed->input.v;
    if (tm_map_get(&d->inputs, input->id.v) != NULL)
        return; /* a job that ran twice; the first result stands */
    outcome_t out = {.status = {TM_INPUT_STATUS_unreadable}, .reason = TM_STR("parse_failed")};
    parcel_t *parcels =
        tm_arena_zalloc(tm_turn_arena(turn), (d->n_campaigns + 1) * sizeof *parcels);
    assert(parcels != NULL);
    parcel_t orphans = {0};
    const tm_document_t *docs = parsed->documents.v;
    for (uint32_t i = 0; i < parsed->documents.n; i++) {
        const tm_document_t doc = store_document(turn, &docs[i], input);
        note_status(&out, &doc);
        if (doc.status.v == TM_READING_STATUS_read) {
            out.documents++;
            assign_document(turn, d, &doc, parcels, &orphans, &out);
        } else if (doc.status.v == TM_READING_STATUS_unreadable) {
            add_exception(turn, &orphans, &doc, TM_STR("unreadable"));
        }
    }
    open_exceptions(turn, &orphans);
    out.exceptions = (int32_t)orphans.n_exceptions;
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        if (parcels[i].n_lines > 0) {
            send_parcel(turn, d->campaigns[i].campaign, input->id, &parcels[i]);
            out.campaigns++;
        }
    }
    tell_feed(turn, input->id, &out);
}

/* ---- by hand ---- */

static void send_document(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                          tm_document_t *doc)
{
    if (!was_sent_by_hand(doc, campaign->id)) {
        char id[TM_ID_TEXT_MAX];
        tm_str_t *list = tm_arena_alloc(tm_turn_arena(turn), (doc->campaigns.n + 1) * sizeof *list);
        assert(list != NULL);
        for (uint32_t i = 0; i < doc->campaigns.n; i++) {
            list[i] = doc->campaigns.v[i];
        }
        list[doc->campaigns.n] =
            tm_arena_str(tm_turn_arena(turn), tm_str_n(id, tm_id_format("cmp", campaign->id, id)));
        tm_has_t touched = {{0}};
        TM_SET_TOUCHED(doc, &touched, TM_DOCUMENT, campaigns,
                       (tm_strs_t){list, doc->campaigns.n + 1});
        tm_record_stamp_patch(doc, &touched, doc->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_document_desc, doc->id, doc, &touched);
    }
    parcel_t parcel = {0};
    const made_t made = line_for(turn, d, campaign, doc);
    if (made.is_line) {
        add_line(turn, &parcel, doc, &made);
        send_parcel(turn, campaign, (tm_id_t){0}, &parcel);
    }
}

void directory_input_assign(tm_turn_t *turn, directory_t *d, const tm_input_assign_t *assign)
{
    const tm_campaign_t *campaign = directory_campaign(d, assign->campaign_id);
    uint32_t key = (uint32_t)(uintptr_t)tm_map_get(&d->inputs, assign->input_id.v);
    if (campaign == NULL || key == 0)
        return; /* not parsed yet: the input's own campaign stands; the sender may send again */
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_document_desc, &key)); key++) {
        tm_document_t *doc = tm_row_read(row, tm_turn_arena(turn));
        if (doc == NULL || doc->input_id.v != assign->input_id.v) {
            return; /* parts of an input follow each other */
        }
        if (doc->status.v == TM_READING_STATUS_read) {
            send_document(turn, d, campaign, doc);
            close_pending(turn, d, doc->id);
        }
    }
}

void directory_pending_assign(tm_turn_t *turn, directory_t *d, const tm_pending_assign_t *assign)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t *line =
        tm_tables_read(&d->tables, &tm_buy_line_desc, assign->buy_line_id, tm_turn_arena(turn));
    if (line == NULL) {
        tm_turn_fail(turn, TM_ENOTFOUND, NULL);
        return;
    }
    const tm_campaign_t *campaign = directory_campaign(d, assign->campaign_id);
    if (campaign == NULL) {
        (void)tm_why_add(&why, TM_EINVALID, "campaign_id", "there is no such campaign");
    } else if (TM_HAS(line, TM_BUY_LINE_archived_ms)) {
        (void)tm_why_add(&why, TM_ECONFLICT, "id", "the line has been assigned already");
    }
    if (tm_answer_faults(turn, &why))
        return;
    tm_document_t *doc =
        tm_tables_read(&d->tables, &tm_document_desc, line->document_id, tm_turn_arena(turn));
    assert(doc != NULL); /* a pending line always comes from a document */
    send_document(turn, d, campaign, doc);
    close_pending(turn, d, doc->id);
    tm_answer_record(turn, 200, &tm_buy_line_desc, line, NULL);
}
