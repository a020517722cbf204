/* campaign_reconcile.c - a campaign's lines that count against another source's whole list.
 *
 * How:     the rows come with their names resolved; the comparison and its scope are
 *          domain/reconcile.h; the result is kept with the version it was made of. The same list
 *          against the same version gives the same rows.
 * Threads: the actor's turn. */
#include "actors/campaign_reconcile.h"

#include "actors/campaign_chain.h"

#include "domain/order.h"
#include "domain/reconcile.h"

/* A line that counts by itself: not an edit of a cell, and air time. */
static bool is_compared(const tm_buy_line_t *line)
{
    const bool winner =
        TM_HAS(line, TM_BUY_LINE_standing) ? line->standing.v == TM_STANDING_winner : true;
    return campaign_line_is_open(line) && winner && tm_line_is_airtime(line) &&
           !TM_HAS(line, TM_BUY_LINE_adjustment_of);
}

/* Our lines, oldest first; NULL: no memory. */
static const tm_buy_line_t **lines_of(campaign_t *c, tm_arena_t *arena, uint32_t *ret_n)
{
    uint32_t n = 0, key = 0;
    while (tm_tables_next(&c->tables, &tm_buy_line_desc, &key) != NULL) {
        key++;
        n++;
    }
    const tm_buy_line_t **lines = tm_arena_alloc(arena, (n + 1) * sizeof *lines);
    *ret_n = 0;
    key = 0;
    for (const tm_row_t *row;
         lines != NULL && (row = tm_tables_next(&c->tables, &tm_buy_line_desc, &key)) != NULL;
         key++) {
        const tm_buy_line_t *line = tm_row_read(row, arena);
        if (line == NULL)
            return NULL;
        if (is_compared(line)) {
            lines[(*ret_n)++] = line;
        }
    }
    return lines;
}

static tm_err_t compare(campaign_t *c, const tm_reconcile_t *list, tm_arena_t *arena,
                        tm_reconcile_result_t *ret)
{
    uint32_t n = 0;
    const tm_buy_line_t **ours = lines_of(c, arena, &n);
    const tm_buy_line_t **theirs = tm_arena_alloc(arena, (list->lines.n + 1) * sizeof *theirs);
    if (ours == NULL || theirs == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < list->lines.n; i++) {
        theirs[i] = (const tm_buy_line_t *)list->lines.v + i;
    }
    return tm_reconcile_lists(ours, n, theirs, list->lines.n, arena, ret);
}

void campaign_reconcile(tm_turn_t *turn, campaign_t *c, const tm_reconcile_t *list)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    tm_reconcile_result_t result;
    if (list->campaign_id.v != c->record->id.v) { /* an id that only ends like ours */
        tm_turn_fail(turn, TM_ENOTFOUND, NULL);
        return;
    }
    const tm_err_t err = compare(c, list, arena, &result);
    if (err != TM_OK) {
        tm_turn_fail(turn, err, NULL);
        return;
    }
    tm_reconciliation_t rec = {0};
    tm_record_stamp_new(&rec, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&rec, TM_RECONCILIATION, campaign_id, c->record->id);
    TM_SET(&rec, TM_RECONCILIATION, source, list->source);
    if (TM_HAS(list, TM_RECONCILE_filename)) {
        TM_SET(&rec, TM_RECONCILIATION, filename, list->filename);
    }
    if (TM_HAS(list, TM_RECONCILE_sha256)) {
        TM_SET(&rec, TM_RECONCILIATION, sha256, list->sha256);
    }
    TM_SET(&rec, TM_RECONCILIATION, run_ms, tm_turn_now(turn));
    TM_SET(&rec, TM_RECONCILIATION, matrix_version, (int64_t)c->version);
    TM_SET(&rec, TM_RECONCILIATION, equal, result.counts[TM_RECONCILED_equal]);
    TM_SET(&rec, TM_RECONCILIATION, differs, result.counts[TM_RECONCILED_differs]);
    TM_SET(&rec, TM_RECONCILIATION, missing_here, result.counts[TM_RECONCILED_missing_here]);
    TM_SET(&rec, TM_RECONCILIATION, missing_there, result.counts[TM_RECONCILED_missing_there]);
    TM_SET(&rec, TM_RECONCILIATION, rows,
           (tm_recs_t){result.rows, TM_MIN(result.n, (uint32_t)TM_RECONCILED_ROWS_MAX)});
    tm_turn_put(turn, &tm_reconciliation_desc, rec.id, &rec);
    tm_answer_record(turn, 201, &tm_reconciliation_desc, &rec, "/api/v1/reconciliations/");
}
