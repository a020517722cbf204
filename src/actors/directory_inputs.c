/* directory_inputs.c - documents of an input to lines to campaigns: who gets what was read, and
 * what nobody took.
 *
 * Why:     a document is a fact and stays here; each campaign whose criteria match gets its own
 *          line of it. What matches none is pending and can be listed and assigned.
 * How:     a campaign ignores a document it holds already, so telling twice is harmless.
 * Threads: the actor's turn.
 * Source:  contract 3a "Assignment"; domain rules 4.2-4.4, 7. */
#include "actors/directory_mappings.h"
#include "actors/directory_parcels.h"
#include "actors/directory_review.h"

#include "base/fold.h"
#include "domain/order.h"

#define ENTRIES_AT_ONCE 200000    /* printed weeks and airings, some megabytes of a commit */
#define BYTES_AT_ONCE (14u << 20) /* of a commit: a segment of the journal holds it */
#define DOCUMENT_BYTES 150        /* of a row without its texts */
#define LINE_BYTES 300            /* of its line */

/* The pending line of a document has found its campaign. */
void directory_close_pending(tm_turn_t *turn, directory_t *d, tm_id_t document)
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

/* ---- an input's documents ---- */

static void open_exceptions(tm_turn_t *turn, const parcel_t *p)
{
    for (uint32_t i = 0; i < p->n_exceptions; i++) {
        tm_exception_t e = p->exceptions[i];
        tm_record_stamp_new(&e, tm_turn_new_id(turn), tm_turn_now(turn));
        tm_turn_put(turn, &tm_exception_desc, e.id, &e);
    }
}

/* What the reader of a sheet says of rows and totals: they made no line, no campaign has them. */
static void open_row_exceptions(tm_turn_t *turn, const tm_input_parsed_t *parsed)
{
    const tm_raw_input_t *input = parsed->input.v;
    const tm_exception_t *exceptions = parsed->exceptions.v;
    for (uint32_t i = 0; i < parsed->exceptions.n; i++) {
        tm_exception_t e = exceptions[i];
        tm_record_stamp_new(&e, tm_turn_new_id(turn), tm_turn_now(turn));
        TM_SET(&e, TM_EXCEPTION, input_id, input->id);
        TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
        tm_turn_put(turn, &tm_exception_desc, e.id, &e);
    }
}

static void put_pending(tm_turn_t *turn, directory_t *d, const made_t *made)
{
    tm_buy_line_t line = made->line;
    tm_record_stamp_new(&line, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&line, TM_BUY_LINE, known_from_ms, tm_turn_now(turn));
    TM_SET(&line, TM_BUY_LINE, standing_why,
           TM_STR("waits for a campaign: no campaign's criteria match"));
    tm_turn_put(turn, &tm_buy_line_desc, line.id, &line);
    if (!TM_HAS(&line, TM_BUY_LINE_advertiser_id)) {
        directory_note_spelling(d, line.id);
    }
}

typedef struct outcome {
    int32_t documents, lines, exceptions, campaigns;
    uint64_t entries; /* printed weeks and airings sent */
    uint64_t bytes;   /* of documents and lines, about; a line of each document is in it already */
    tm_id_t first_document;
    bool any_read;
    tm_enum_t status;
    tm_str_t reason;
    tm_id_t job; /* that gave up; v 0: none */
} outcome_t;

static tm_document_t store_document(tm_turn_t *turn, directory_t *d, const tm_document_t *given,
                                    const tm_raw_input_t *input, tm_strs_t campaigns)
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
    if (campaigns.n > 0) {
        TM_SET(&doc, TM_DOCUMENT, campaigns, campaigns);
    }
    if (!tm_str_eq(input->source, TM_STR("fcc"))) {
        TM_SET(&doc, TM_DOCUMENT, source, input->source);
    }
    tm_turn_put(turn, &tm_document_desc, doc.id, &doc);
    directory_note_market(d, &doc, tm_turn_arena(turn));
    return doc;
}

/* A document of very many airings for very many campaigns is more than one commit holds: the other
 * campaigns get it in messages of their own. */
static void send_later(tm_turn_t *turn, parcel_t *p, tm_id_t first_document)
{
    if (p->later)
        return;
    p->later = true;
    tm_part_t part = {0};
    TM_SET(&part, TM_PART, campaign_id, p->campaign);
    TM_SET(&part, TM_PART, next, (int64_t)tm_id_counter(first_document));
    tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_REMATCH_PART, &part);
}

/* About as many as a document and one line of it have in a commit. */
static uint64_t bytes_of(const tm_document_t *doc)
{
    const tm_place_t *places = doc->at.v;
    uint64_t n = DOCUMENT_BYTES + LINE_BYTES + 3 * (uint64_t)doc->advertiser.n +
                 2 * ((uint64_t)doc->agency.n + doc->product.n);
    for (uint32_t i = 0; i < doc->at.n; i++) {
        n += 2 * ((uint64_t)places[i].field.n + places[i].text.n + 8);
    }
    return n;
}

/* One document: its line to every campaign that matches, else to the pending list. */
static void assign_document(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                            parcel_t *parcels, parcel_t *orphans, outcome_t *out)
{
    made_t made = directory_make_line(turn, d, doc, -1, LOOK_UP);
    if (!made.is_line)
        return; /* an agreement, an inquiry: evidence without a line */
    const tm_buy_line_t probe = made.line;
    made.is_line = false; /* made without a commission: no campaign's */
    out->lines++;
    bool taken = false;
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        const tm_campaign_t *campaign = d->campaigns[i].campaign;
        if (directory_matches(turn, campaign, doc, &probe)) {
            out->bytes += taken ? bytes_of(doc) : 0;
            const bool full = taken && out->bytes > BYTES_AT_ONCE;
            taken = true;
            if (full || out->entries > ENTRIES_AT_ONCE) {
                send_later(turn, &parcels[i], out->first_document);
                continue;
            }
            made = directory_line_for(turn, d, campaign, doc, &made);
            if (made.is_line) {
                directory_add_line(turn, &parcels[i], doc, &made);
                out->entries += made.line.line_weeks.n + made.line.airings.n;
            }
        }
    }
    if (!taken) {
        made = directory_make_line(turn, d, doc, -1, CREATE_STATION);
        put_pending(turn, d, &made);
        directory_add_exceptions(turn, orphans, doc, &made);
    }
}

/* ---- numbers that were seen with a suffix before they were seen bare ---- */

static void note_number(directory_t *d, const tm_document_t *doc, tm_arena_t *arena)
{
    if (!TM_HAS(doc, TM_DOCUMENT_order_no))
        return;
    const tm_str_t key = tm_fold_key(arena, tm_order_norm(doc->order_no, arena, NULL));
    if (key.n > 0) {
        (void)tm_smap_put(&d->fresh, tm_arena_printf(arena, "n:%.*s", (int)key.n, key.p), d);
    }
}

/* A bare number makes the suffix of older papers a revision: their campaigns learn it. */
static void send_suffixed(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                          parcel_t *parcels)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    if (!TM_HAS(doc, TM_DOCUMENT_order_no))
        return;
    const tm_str_t key = tm_fold_key(arena, tm_order_norm(doc->order_no, arena, NULL));
    if (key.n == 0 || tm_smap_get(&d->order_numbers, key) != NULL)
        return; /* not for the first time */
    for (const place_t *p = tm_smap_get(&d->suffixed, key); p != NULL; p = p->next) {
        const tm_document_t *old =
            tm_tables_read(&d->tables, &tm_document_desc, tm_id_make(d->actor, p->counter), arena);
        made_t made = old == NULL ? (made_t){0} : directory_make_line(turn, d, old, -1, LOOK_UP);
        const tm_buy_line_t probe = made.line;
        for (uint32_t i = 0; made.is_line && i < d->n_campaigns; i++) {
            const tm_campaign_t *campaign = d->campaigns[i].campaign;
            if (directory_matches(turn, campaign, old, &probe)) {
                const made_t line = directory_line_for(turn, d, campaign, old, NULL);
                if (line.is_line) {
                    directory_add_line(turn, &parcels[i], old, &line);
                }
            }
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
    if (out->job.v != 0) {
        TM_SET(&done, TM_INPUT_DONE, job_id, out->job);
    }
    tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_INPUT_DONE, &done);
}

/* Campaigns a person named for this input: with its bytes, or while it was being read. */
static tm_strs_t named_campaigns(tm_turn_t *turn, directory_t *d, const tm_raw_input_t *input)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    uint32_t n = 1;
    for (const place_t *p = tm_map_get(&d->waiting, input->id.v); p != NULL; p = p->next) {
        n++;
    }
    tm_strs_t list = {tm_arena_alloc(arena, n * sizeof(tm_str_t)), 0};
    assert(list.v != NULL);
    char id[TM_ID_TEXT_MAX];
    if (TM_HAS(input, TM_RAW_INPUT_campaign_id)) {
        const tm_str_t text = tm_str_n(id, tm_id_format("cmp", input->campaign_id, id));
        list.v[list.n++] = tm_arena_str(arena, text);
    }
    for (const place_t *p = tm_map_get(&d->waiting, input->id.v); p != NULL; p = p->next) {
        tm_exception_t *e =
            tm_tables_read(&d->tables, &tm_exception_desc, tm_id_make(d->actor, p->counter), arena);
        assert(e != NULL);
        const tm_str_t text = tm_str_n(id, tm_id_format("cmp", e->campaign_id, id));
        list.v[list.n++] = tm_arena_str(arena, text);
        tm_has_t touched = {{0}};
        TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_closed});
        TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_by, TM_STR("program"));
        tm_record_stamp_patch(e, &touched, e->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_exception_desc, e->id, e, &touched);
    }
    return list;
}

static void take_documents(tm_turn_t *turn, directory_t *d, const tm_input_parsed_t *parsed,
                           parcel_t *parcels, outcome_t *out)
{
    parcel_t orphans = {0};
    const tm_raw_input_t *input = parsed->input.v;
    const tm_strs_t campaigns = named_campaigns(turn, d, input);
    const tm_document_t *docs = parsed->documents.v;
    for (uint32_t i = 0; i < parsed->documents.n; i++) {
        note_number(d, &docs[i], tm_turn_arena(turn));
        out->bytes += bytes_of(&docs[i]);
    }
    for (uint32_t i = 0; i < parsed->documents.n; i++) {
        const tm_document_t doc = store_document(turn, d, &docs[i], input, campaigns);
        note_status(out, &doc);
        if (i == 0) {
            out->first_document = doc.id;
        }
        if (doc.status.v == TM_READING_STATUS_read) {
            out->documents++;
            assign_document(turn, d, &doc, parcels, &orphans, out);
            send_suffixed(turn, d, &doc, parcels);
        } else if (doc.status.v == TM_READING_STATUS_unreadable && parsed->exceptions.n == 0) {
            directory_add_exception(turn, &orphans, &doc, TM_STR("unreadable"));
        }
    }
    open_exceptions(turn, &orphans);
    open_row_exceptions(turn, parsed);
    out->exceptions = (int32_t)(orphans.n_exceptions + parsed->exceptions.n);
}

/* Its job gave up: nothing is known of it, so what waits for it (a campaign named meanwhile, the
 * problems of a sheet) goes on waiting. */
static void take_failure(tm_turn_t *turn, const tm_input_parsed_t *parsed, outcome_t *out)
{
    const tm_raw_input_t *input = parsed->input.v;
    tm_exception_t e = {0};
    tm_record_stamp_new(&e, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&e, TM_EXCEPTION, kind, TM_STR(JOB_FAILED));
    TM_SET(&e, TM_EXCEPTION, input_id, input->id);
    if (TM_HAS(input, TM_RAW_INPUT_filename)) {
        TM_SET(&e, TM_EXCEPTION, subject, input->filename);
    }
    TM_SET(&e, TM_EXCEPTION, details, parsed->error);
    TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
    if (TM_HAS(parsed, TM_INPUT_PARSED_job_id)) {
        TM_SET(&e, TM_EXCEPTION, job_id, parsed->job_id);
        out->job = parsed->job_id;
    }
    tm_turn_put(turn, &tm_exception_desc, e.id, &e);
    out->exceptions = 1;
}

/* No result yet, or one that another reading may replace. */
static bool is_unread(tm_turn_t *turn, const directory_t *d, tm_id_t input)
{
    return tm_map_get(&d->inputs, input.v) == NULL ||
           directory_input_waits(d, input, tm_turn_arena(turn));
}

void directory_input_parsed(tm_turn_t *turn, directory_t *d, const tm_input_parsed_t *parsed)
{
    assert(parsed->input.n == 1);
    const tm_raw_input_t *input = parsed->input.v;
    if (!is_unread(turn, d, input->id))
        return; /* a job that ran twice; the first result stands */
    outcome_t out = {.status = {TM_INPUT_STATUS_unreadable}, .reason = TM_STR("parse_failed")};
    if (TM_HAS(parsed, TM_INPUT_PARSED_error)) {
        take_failure(turn, parsed, &out);
        tell_feed(turn, input->id, &out);
        return;
    }
    if (tm_map_get(&d->inputs, input->id.v) != NULL) {
        directory_close_row_exceptions(turn, d, input->id);
    }
    parcel_t *parcels =
        tm_arena_zalloc(tm_turn_arena(turn), (d->n_campaigns + 1) * sizeof *parcels);
    assert(parcels != NULL);
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        parcels[i].campaign = d->campaigns[i].campaign->id;
        parcels[i].input = input->id;
    }
    take_documents(turn, d, parsed, parcels, &out);
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        directory_send_parcel(turn, &parcels[i]);
        out.campaigns += (int32_t)parcels[i].sent; /* each parcel is reported when it is taken */
    }
    tell_feed(turn, input->id, &out);
}

/* ---- a failed job ---- */

void directory_job_turned(tm_turn_t *turn, directory_t *d, const tm_job_t *job)
{
    const bool dismissed = job->state.v == TM_JOB_STATE_dismissed;
    directory_close_failure(turn, d, job->id,
                            dismissed ? TM_STR("its job was dismissed")
                                      : TM_STR("its job was retried"));
    if (dismissed || !is_unread(turn, d, job->input_id))
        return;
    tm_record_ref_t ref = {0};
    TM_SET(&ref, TM_RECORD_REF, id, job->input_id);
    tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_INPUT_REOPENED, &ref);
}

/* ---- by hand ---- */

void directory_assign_document(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                               tm_document_t *doc, parcel_t *parcel)
{
    if (!directory_was_sent_by_hand(doc, campaign->id)) {
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
    const made_t made = directory_line_for(turn, d, campaign, doc, NULL);
    if (made.is_line) {
        directory_add_line(turn, parcel, doc, &made);
    }
}

static void send_document(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                          tm_document_t *doc)
{
    parcel_t parcel = {.campaign = campaign->id};
    directory_assign_document(turn, d, campaign, doc, &parcel);
    directory_send_parcel(turn, &parcel);
}

/* The input is still being read: the wish is kept as something that waits, and can be seen. */
static void assign_later(tm_turn_t *turn, const tm_input_assign_t *assign)
{
    tm_exception_t e = {0};
    tm_record_stamp_new(&e, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&e, TM_EXCEPTION, kind, TM_STR(ASSIGNMENT_WAITS));
    TM_SET(&e, TM_EXCEPTION, input_id, assign->input_id);
    TM_SET(&e, TM_EXCEPTION, campaign_id, assign->campaign_id);
    TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
    tm_turn_put(turn, &tm_exception_desc, e.id, &e);
}

void directory_input_assign(tm_turn_t *turn, directory_t *d, const tm_input_assign_t *assign)
{
    const tm_campaign_t *campaign = directory_campaign(d, assign->campaign_id);
    uint32_t key = (uint32_t)(uintptr_t)tm_map_get(&d->inputs, assign->input_id.v);
    if (campaign == NULL)
        return;
    if (key == 0) {
        assign_later(turn, assign);
        return;
    }
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_document_desc, &key)); key++) {
        tm_document_t *doc = tm_row_read(row, tm_turn_arena(turn));
        if (doc == NULL || doc->input_id.v != assign->input_id.v) {
            return; /* parts of an input follow each other */
        }
        if (doc->status.v == TM_READING_STATUS_read) {
            send_document(turn, d, campaign, doc);
            directory_close_pending(turn, d, doc->id);
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
    directory_close_pending(turn, d, doc->id);
    tm_answer_record(turn, 200, &tm_buy_line_desc, line, NULL);
}
