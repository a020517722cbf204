/* campaign_edits.c - cells edited by people, and problems they have looked at.
 *
 * How:     an edit is a line of its own with the difference, so the sources keep flowing below it;
 *          all edits of a request are one commit or none. A cell that changed since the version the
 *          person saw is a conflict that shows the cell as it is.
 * Threads: the actor's turn.
 * Source:  domain rule 4.7. */
#include "actors/campaign_plan.h"
#include "domain/matrix_peek.h"
#include "domain/money.h"
#include "domain/week.h"
#include "schema/json.h"

#include <stdio.h>

#define ANSWER_BYTES_MAX (16u << 20)

/* ---- reading the edits ---- */

typedef struct target {
    tm_leaf_t leaf;
    tm_day_t week;
} target_t;

static void fault(tm_why_t *why, uint32_t i, const char *field, const char *text)
{
    char path[TM_WHY_FIELD_MAX];
    (void)snprintf(path, sizeof path, "edits[%u].%s", i, field);
    (void)tm_why_add(why, TM_EINVALID, path, "%s", text);
}

/* "ROWKEY@2026-10-12" of a leaf row and a week of this campaign. */
static bool read_key(const campaign_t *c, tm_str_t key, uint32_t i, target_t *ret, tm_why_t *why)
{
    tm_str_t day = {NULL, 0};
    tm_str_t row = key;
    for (uint32_t k = key.n; k-- > 0;) {
        if (key.p[k] == '@') {
            row = tm_str_n(key.p, k);
            day = tm_str_n(key.p + k + 1, key.n - k - 1);
            break;
        }
    }
    if (day.n == 0 || tm_day_parse(day, &ret->week) != TM_OK) {
        fault(why, i, "key", "must be the key of a row, @ and a week's first day");
        return false;
    }
    if (tm_week_of(ret->week, c->record->week_basis.v).v != ret->week.v) {
        fault(why, i, "key", "must name the first day of a week of this campaign");
        return false;
    }
    if (!tm_matrix_leaf(c->matrix, row, ret->week, &ret->leaf)) {
        fault(why, i, "key", "there is no such leaf row; subtotals cannot be edited");
        return false;
    }
    return true;
}

static void check_edit(const tm_matrix_edit_t *edit, uint32_t i, tm_why_t *why)
{
    const tm_cell_edit_t *edits = edit->edits.v;
    const int64_t cents = edits[i].gross_cents.v;
    if (cents > TM_CENTS_MAX || cents < -TM_CENTS_MAX) {
        fault(why, i, "gross_cents", "lies outside the range of amounts");
    }
    for (uint32_t k = 0; k < i; k++) {
        if (tm_str_eq(edits[k].key, edits[i].key)) {
            fault(why, i, "key", "is edited twice in this request");
        }
    }
}

/* 409 with the cell as it is now. */
static void answer_conflict(tm_turn_t *turn, const tm_message_t *msg, tm_str_t key, uint32_t i,
                            const target_t *t)
{
    tm_buf_t buf;
    tm_blob_begin(&buf, ANSWER_BYTES_MAX);
    tm_buf_add_c(&buf, "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,"
                       "\"code\":\"conflict\",\"detail\":\"the cell has changed since the "
                       "version you saw\",\"requestId\":");
    tm_json_write_str(msg->request_id, &buf);
    tm_buf_printf(&buf,
                  ",\"errors\":[{\"field\":\"edits[%u].key\",\"code\":\"conflict\","
                  "\"message\":\"has changed since base_version\"}],\"cell\":{\"key\":",
                  i);
    tm_json_write_str(key, &buf);
    tm_buf_add_c(&buf, ",\"gross_cents\":");
    if (t->leaf.known) {
        tm_buf_add_i64(&buf, t->leaf.gross.v);
    } else {
        tm_buf_add_c(&buf, "null");
    }
    tm_buf_printf(&buf, ",\"version\":%llu}}", (unsigned long long)t->leaf.version);
    tm_turn_answer(turn, 409, tm_blob_take(&buf), NULL, -1);
}

/* The cells meant; NULL: it has answered. */
static target_t *read_targets(tm_turn_t *turn, const campaign_t *c, const tm_message_t *msg)
{
    const tm_matrix_edit_t *edit = msg->payload;
    const tm_cell_edit_t *edits = edit->edits.v;
    target_t *targets = tm_arena_zalloc(tm_turn_arena(turn), (edit->edits.n + 1) * sizeof *targets);
    assert(targets != NULL);
    tm_why_t why;
    tm_why_clear(&why);
    if (edit->edits.n == 0) {
        (void)tm_why_add(&why, TM_EINVALID, "edits", "must be one edit or more");
    }
    if ((uint64_t)edit->base_version > c->version) {
        (void)tm_why_add(&why, TM_EINVALID, "base_version", "is newer than the campaign");
    }
    for (uint32_t i = 0; i < edit->edits.n; i++) {
        check_edit(edit, i, &why);
        (void)read_key(c, edits[i].key, i, &targets[i], &why);
    }
    if (tm_answer_faults(turn, &why))
        return NULL;
    for (uint32_t i = 0; i < edit->edits.n; i++) {
        if (targets[i].leaf.version > (uint64_t)edit->base_version) {
            answer_conflict(turn, msg, edits[i].key, i, &targets[i]);
            return NULL;
        }
    }
    return targets;
}

/* ---- making them ---- */

static tm_buy_line_t *edit_line(plan_t *p, const target_t *t, const tm_adjustment_t *a)
{
    tm_buy_line_t *line = tm_arena_zalloc(p->arena, sizeof *line);
    assert(line != NULL);
    const tm_row_key_t *key = &t->leaf.key;
    const int32_t bp = TM_HAS(p->c->record, TM_CAMPAIGN_commission_bp) ? p->c->record->commission_bp
                                                                       : TM_COMMISSION_DEFAULT_BP;
    tm_record_stamp_new(line, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
    TM_SET(line, TM_BUY_LINE, campaign_id, p->c->record->id);
    TM_SET(line, TM_BUY_LINE, known_from_ms, tm_turn_now(p->turn));
    TM_SET(line, TM_BUY_LINE, adjustment_of, a->id);
    if (key->advertiser_id.v != 0)
        TM_SET(line, TM_BUY_LINE, advertiser_id, key->advertiser_id);
    if (key->advertiser.n > 0)
        TM_SET(line, TM_BUY_LINE, advertiser, key->advertiser);
    if (key->station_id.v != 0)
        TM_SET(line, TM_BUY_LINE, station_id, key->station_id);
    if (key->station.n > 0)
        TM_SET(line, TM_BUY_LINE, station, key->station);
    if (key->market != 0)
        TM_SET(line, TM_BUY_LINE, market, key->market);
    if (key->market_rank != 0)
        TM_SET(line, TM_BUY_LINE, market_rank, key->market_rank);
    TM_SET(line, TM_BUY_LINE, side, (tm_enum_t){key->side});
    TM_SET(line, TM_BUY_LINE, medium, (tm_enum_t){key->medium});
    TM_SET(line, TM_BUY_LINE, flight_from, t->week);
    TM_SET(line, TM_BUY_LINE, flight_to, (tm_day_t){t->week.v + 6});
    TM_SET(line, TM_BUY_LINE, gross_cents, a->delta_cents);
    TM_SET(line, TM_BUY_LINE, net_cents, tm_net_of(a->delta_cents, bp));
    TM_SET(line, TM_BUY_LINE, commission_bp, bp);
    TM_SET(line, TM_BUY_LINE, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    TM_SET(line, TM_BUY_LINE, stage, (tm_enum_t){TM_STAGE_ordered});
    TM_SET(line, TM_BUY_LINE, layer, (tm_enum_t){TM_LAYER_airtime});
    TM_SET(line, TM_BUY_LINE, estimate, false);
    TM_SET(line, TM_BUY_LINE, source, TM_STR("manual"));
    TM_SET(line, TM_BUY_LINE, reason, a->reason);
    return line;
}

static tm_adjustment_t *make_edit(plan_t *p, const tm_message_t *msg, const target_t *t,
                                  const tm_cell_edit_t *edit, int64_t base)
{
    tm_adjustment_t *a = tm_arena_zalloc(p->arena, sizeof *a);
    assert(a != NULL);
    tm_record_stamp_new(a, tm_turn_new_id(p->turn), tm_turn_now(p->turn));
    TM_SET(a, TM_ADJUSTMENT, campaign_id, p->c->record->id);
    TM_SET(a, TM_ADJUSTMENT, key, edit->key);
    if (t->leaf.known)
        TM_SET(a, TM_ADJUSTMENT, before_cents, t->leaf.gross);
    TM_SET(a, TM_ADJUSTMENT, gross_cents, edit->gross_cents);
    TM_SET(a, TM_ADJUSTMENT, delta_cents, (tm_cents_t){edit->gross_cents.v - t->leaf.gross.v});
    TM_SET(a, TM_ADJUSTMENT, reason, edit->reason);
    TM_SET(a, TM_ADJUSTMENT, base_version, base);
    if (msg->principal.n > 0)
        TM_SET(a, TM_ADJUSTMENT, principal, msg->principal);
    tm_buy_line_t *line = edit_line(p, t, a);
    TM_SET(a, TM_ADJUSTMENT, buy_line_id, line->id);
    (void)campaign_plan_line(p, line, NULL);
    tm_turn_put(p->turn, &tm_adjustment_desc, a->id, a);
    return a;
}

void campaign_matrix_edit(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg)
{
    const tm_matrix_edit_t *edit = msg->payload;
    const target_t *targets = read_targets(turn, c, msg);
    if (targets == NULL)
        return;
    plan_t p = campaign_plan(turn, c);
    tm_buf_t buf;
    tm_blob_begin(&buf, ANSWER_BYTES_MAX);
    tm_buf_printf(&buf, "{\"version\":%llu,\"adjustments\":[", (unsigned long long)c->version + 1);
    for (uint32_t i = 0; i < edit->edits.n; i++) {
        const tm_cell_edit_t *one = (const tm_cell_edit_t *)edit->edits.v + i;
        const tm_adjustment_t *a = make_edit(&p, msg, &targets[i], one, edit->base_version);
        char token[TM_ID_TEXT_MAX];
        (void)tm_id_format("adj", a->id, token);
        tm_buf_add_c(&buf, i == 0 ? "" : ",");
        tm_json_write(&tm_adjustment_desc, a, true, &buf);
        if (!buf.full) {
            buf.n--; /* its closing brace */
            tm_buf_printf(&buf, ",\"undo_token\":\"%s\"}", token);
        }
    }
    tm_buf_add_c(&buf, "]}");
    campaign_plan_run(&p);
    campaign_plan_stage(&p);
    tm_turn_answer(turn, 200, tm_blob_take(&buf), NULL, -1);
    campaign_plan_done(&p);
}

/* ---- problems ---- */

/* true: staged; false: it was closed already. */
static bool close_one(tm_turn_t *turn, tm_exception_t *e, const tm_message_t *msg, tm_str_t reason)
{
    if (e->status.v == TM_OPEN_STATUS_closed)
        return false;
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_closed});
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_ms, tm_turn_now(turn));
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_reason, reason);
    if (msg->principal.n > 0) {
        TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_by, msg->principal);
    }
    tm_record_stamp_patch(e, &touched, e->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_exception_desc, e->id, e, &touched);
    return true;
}

void campaign_exceptions_close(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg)
{
    const tm_exceptions_close_t *close = msg->payload;
    tm_arena_t *arena = tm_turn_arena(turn);
    tm_why_t why;
    tm_why_clear(&why);
    tm_map_t seen = {0};
    uint32_t closed = 0, known = 0;
    for (uint32_t i = 0; i < close->ids.n; i++) {
        tm_id_t id = {0};
        tm_exception_t *e = tm_id_parse("exc", close->ids.v[i], &id) == TM_OK
                                ? tm_tables_read(&c->tables, &tm_exception_desc, id, arena)
                                : NULL;
        if (e == NULL) {
            char field[TM_WHY_FIELD_MAX];
            (void)snprintf(field, sizeof field, "ids[%u]", i);
            (void)tm_why_add(&why, TM_EINVALID, field,
                             "there is no such exception in this campaign");
        } else if (tm_map_put(&seen, id.v, e) == NULL) {
            const bool done = close_one(turn, e, msg, close->reason);
            closed += done;
            known += !done;
        }
    }
    tm_map_done(&seen);
    if (tm_answer_faults(turn, &why))
        return;
    char text[80];
    const int n = snprintf(text, sizeof text, "{\"closed\":%u,\"known\":%u}", closed, known);
    tm_turn_answer(turn, 200, tm_blob_new(text, (size_t)n), NULL, -1);
}
