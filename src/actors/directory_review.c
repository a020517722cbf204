/* directory_review.c - what people do in bulk with things that belong to no campaign: pending lines
 * given to one, problems closed.
 *
 * Why:     a list of hundreds is worked off with one click, which must not stop half way.
 * How:     every id is looked up before anything is staged. A line or problem that somebody else
 *          dealt with meanwhile is known, no fault.
 * Threads: the actor's turn. */
#include "actors/directory_parcels.h"
#include "actors/directory_review.h"

#include "schema/record.h"

#include <stdio.h>

#define DOCUMENT_ARENA_MAX (256u << 20)
#define ENTRIES_AT_ONCE 200000 /* printed weeks and airings, some megabytes of a commit */
#define SCRATCH_BYTES_MAX (1u << 20)

static void answer_counts(tm_turn_t *turn, const char *what, uint32_t done, uint32_t known)
{
    char text[64];
    const int n = snprintf(text, sizeof text, "{\"%s\":%u,\"known\":%u}", what, done, known);
    assert(n > 0 && (size_t)n < sizeof text);
    tm_turn_answer(turn, 200, tm_blob_new(text, (size_t)n), NULL, -1);
}

/* The record behind the i-th text of a list, NULL and a fault of field[i]: none. */
static void *listed(tm_turn_t *turn, const directory_t *d, const tm_desc_t *desc,
                    const tm_strs_t *ids, uint32_t i, const char *field, tm_why_t *why)
{
    tm_id_t id = {0};
    void *record = tm_id_parse(desc->prefix, ids->v[i], &id) == TM_OK
                       ? tm_tables_read(&d->tables, desc, id, tm_turn_arena(turn))
                       : NULL;
    if (record == NULL) {
        char path[TM_WHY_FIELD_MAX];
        (void)snprintf(path, sizeof path, "%s[%u]", field, i);
        (void)tm_why_add(why, TM_EINVALID, path, "names none that belongs to no campaign");
    }
    return record;
}

/* ---- pending lines ---- */

static void assign(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                   tm_buy_line_t *const *lines, uint32_t n)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *documents = tm_arena_new(DOCUMENT_ARENA_MAX);
    parcel_t parcel = {.campaign = campaign->id};
    for (uint32_t i = 0; i < n; i++) {
        tm_document_t *doc =
            tm_tables_read(&d->tables, &tm_document_desc, lines[i]->document_id, documents);
        if (doc == NULL) { /* the arena is full; nothing is staged when a turn fails */
            tm_turn_fail(turn, TM_ETOOLARGE, NULL);
            return;
        }
        directory_assign_document(turn, d, campaign, doc, &parcel);
        directory_close_pending(turn, d, doc->id);
    }
    directory_send_parcel(turn, &parcel);
}

void directory_lines_assign(tm_turn_t *turn, directory_t *d, const tm_lines_assign_t *given)
{
    tm_why_t why;
    tm_why_clear(&why);
    const tm_campaign_t *campaign = directory_campaign(d, given->campaign_id);
    if (campaign == NULL) {
        (void)tm_why_add(&why, TM_EINVALID, "campaign_id", "there is no such campaign");
    }
    tm_buy_line_t **lines =
        tm_arena_alloc(tm_turn_arena(turn), (given->buy_line_ids.n + 1) * sizeof(tm_buy_line_t *));
    assert(lines != NULL);
    uint32_t n = 0, known = 0;
    uint64_t entries = 0;
    for (uint32_t i = 0; i < given->buy_line_ids.n; i++) {
        tm_buy_line_t *line =
            listed(turn, d, &tm_buy_line_desc, &given->buy_line_ids, i, "buy_line_ids", &why);
        if (line != NULL && TM_HAS(line, TM_BUY_LINE_archived_ms)) {
            known++;
        } else if (line != NULL) {
            entries += line->line_weeks.n + line->airings.n;
            lines[n++] = line;
        }
    }
    if (entries > ENTRIES_AT_ONCE) {
        (void)tm_why_add(&why, TM_ETOOLARGE, "buy_line_ids", "hold too many airings at once");
    }
    if (tm_answer_faults(turn, &why))
        return;
    assign(turn, d, campaign, lines, n);
    answer_counts(turn, "assigned", n, known);
}

/* ---- problems ---- */

static void close_one(tm_turn_t *turn, directory_t *d, tm_exception_t *e, tm_str_t reason)
{
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_closed});
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_by, d->principal);
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_ms, tm_turn_now(turn));
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_reason, reason);
    (void)tm_record_clamp(&tm_exception_desc, e);
    tm_record_stamp_patch(e, &touched, e->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_exception_desc, e->id, e, &touched);
}

void directory_exceptions_close(tm_turn_t *turn, directory_t *d, const tm_exceptions_close_t *close)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_exception_t **open =
        tm_arena_alloc(tm_turn_arena(turn), (close->ids.n + 1) * sizeof(tm_exception_t *));
    assert(open != NULL);
    uint32_t n = 0, known = 0;
    for (uint32_t i = 0; i < close->ids.n; i++) {
        tm_exception_t *e = listed(turn, d, &tm_exception_desc, &close->ids, i, "ids", &why);
        if (e != NULL && e->status.v == TM_OPEN_STATUS_open) {
            open[n++] = e;
        } else {
            known += e != NULL;
        }
    }
    if (tm_answer_faults(turn, &why))
        return;
    for (uint32_t i = 0; i < n; i++) {
        close_one(turn, d, open[i], close->reason);
    }
    answer_counts(turn, "closed", n, known);
}

void directory_close_failure(tm_turn_t *turn, directory_t *d, tm_id_t job, tm_str_t reason)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_exception_desc, &key)); key++) {
        tm_exception_t *e = tm_row_read(row, scratch);
        assert(e != NULL); /* one exception is far smaller than the arena */
        if (e->status.v == TM_OPEN_STATUS_open && TM_HAS(e, TM_EXCEPTION_job_id) &&
            e->job_id.v == job.v) {
            close_one(turn, d, e, reason);
        }
        tm_arena_reset(scratch);
    }
}
