/* campaign_lines.c - what a campaign decides about lines: new ones, closed ones, and lines whose
 * names or numbers became known.
 *
 * Why:     a new paper changes the standing of older ones; both are decided in one commit, so
 *          nobody sees half of it.
 * How:     edited lines go into a plan (campaign_plan.h), which works out what follows; new lines
 *          are put with their standing, older ones are patched where theirs changes.
 * Threads: the actor's turn.
 * Source:  domain rules 4.3, 4.4; contract 3a. */
#include "actors/campaign_plan.h"

#include "actors/intake.h"
#include "domain/assign.h"

/* A line that is new, changed or put away by this message. */
typedef struct edit {
    tm_buy_line_t *line;
    tm_has_t touched;
    bool is_new;
} edit_t;

static void line_is_new(tm_turn_t *turn, const campaign_t *c, tm_buy_line_t *line)
{
    tm_record_stamp_new(line, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(line, TM_BUY_LINE, known_from_ms, tm_turn_now(turn));
    TM_SET(line, TM_BUY_LINE, campaign_id, c->record->id);
}

/* Stages edits with everything that follows from them. A line that cannot be staged is told in
 * ret_refused (NULL: nobody asks); returns how many those are. */
static uint32_t take_edits(tm_turn_t *turn, campaign_t *c, edit_t *edits, uint32_t n,
                           bool *ret_refused)
{
    plan_t p = campaign_plan(turn, c);
    seat_t **seats = tm_arena_alloc(p.arena, (n + 1) * sizeof *seats);
    assert(seats != NULL);
    for (uint32_t i = 0; i < n; i++) {
        seats[i] = campaign_plan_line(&p, edits[i].line, &edits[i].touched);
    }
    campaign_plan_run(&p);
    campaign_plan_stage(&p);
    uint32_t refused = 0;
    for (uint32_t i = 0; i < n; i++) {
        const bool no = seats[i]->unit->refused;
        refused += no;
        if (ret_refused != NULL) {
            ret_refused[i] = no;
        }
    }
    campaign_plan_done(&p);
    return refused;
}

/* ---- lines of documents ---- */

static bool take_str(tm_buy_line_t *line, tm_has_t *touched, unsigned index, tm_str_t *field,
                     bool has_now, tm_str_t now)
{
    const bool has = TM_HAS(line, index);
    if (!has_now || (has && tm_str_eq(*field, now)))
        return false;
    *field = now;
    TM_MARK(line, index);
    TM_TOUCH(touched, index);
    return true;
}

static bool take_i32(tm_buy_line_t *line, tm_has_t *touched, unsigned index, int32_t *field,
                     bool has_now, int32_t now)
{
    if (!has_now || (TM_HAS(line, index) && *field == now))
        return false;
    *field = now;
    TM_MARK(line, index);
    TM_TOUCH(touched, index);
    return true;
}

/* A document this campaign holds already: what names and numbers mean may have become known.
 * false: nothing changed. */
static bool refresh_known(edit_t *edit, const tm_buy_line_t *now)
{
    tm_buy_line_t *line = edit->line;
    tm_has_t *t = &edit->touched;
    bool changed = take_i32(line, t, TM_BUY_LINE_market, &line->market,
                            TM_HAS(now, TM_BUY_LINE_market), now->market);
    changed |= take_i32(line, t, TM_BUY_LINE_market_rank, &line->market_rank,
                        TM_HAS(now, TM_BUY_LINE_market_rank), now->market_rank);
    changed |= take_str(line, t, TM_BUY_LINE_order_no_norm, &line->order_no_norm,
                        TM_HAS(now, TM_BUY_LINE_order_no_norm), now->order_no_norm);
    changed |= take_str(line, t, TM_BUY_LINE_revision, &line->revision,
                        TM_HAS(now, TM_BUY_LINE_revision), now->revision);
    if (TM_HAS(now, TM_BUY_LINE_advertiser_id) && line->advertiser_id.v != now->advertiser_id.v) {
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, advertiser_id, now->advertiser_id);
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, advertiser, now->advertiser);
        TM_SET_TOUCHED(line, t, TM_BUY_LINE, side, now->side);
        changed = true;
    }
    return changed;
}

static void open_exception(tm_turn_t *turn, const campaign_t *c, tm_exception_t *e, tm_id_t line)
{
    tm_record_stamp_new(e, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(e, TM_EXCEPTION, campaign_id, c->record->id);
    if (line.v != 0) {
        TM_SET(e, TM_EXCEPTION, buy_line_id, line);
    }
    tm_turn_put(turn, &tm_exception_desc, e->id, e);
}

/* What the documents of new lines lack; and lines that could not be taken. */
static uint32_t open_exceptions(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found,
                                const edit_t *edits, const bool *refused, uint32_t n)
{
    const tm_exception_t *exceptions = found->exceptions.v;
    tm_map_t taken = {0};
    uint32_t opened = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (refused[i] && edits[i].is_new) {
            tm_exception_t e = {0};
            TM_SET(&e, TM_EXCEPTION, kind, TM_STR("order_too_long"));
            TM_SET(&e, TM_EXCEPTION, document_id, edits[i].line->document_id);
            TM_SET(&e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
            open_exception(turn, c, &e, (tm_id_t){0});
            opened++;
        } else if (edits[i].is_new) {
            (void)tm_map_put(&taken, edits[i].line->document_id.v, edits[i].line);
        }
    }
    for (uint32_t i = 0; i < found->exceptions.n; i++) {
        const tm_buy_line_t *line = tm_map_get(&taken, exceptions[i].document_id.v);
        if (line != NULL) {
            tm_exception_t e = exceptions[i];
            open_exception(turn, c, &e, line->id);
            opened++;
        }
    }
    tm_map_done(&taken);
    return opened;
}

void campaign_lines_found(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    edit_t *edits = tm_arena_zalloc(arena, (found->lines.n + 1) * sizeof *edits);
    bool *refused = tm_arena_zalloc(arena, found->lines.n + 1);
    assert(edits != NULL && refused != NULL);
    uint32_t n = 0;
    tm_buy_line_t *lines = found->lines.v;
    for (uint32_t i = 0; i < found->lines.n; i++) {
        const uintptr_t known = (uintptr_t)tm_map_get(&c->by_document, lines[i].document_id.v);
        edit_t *edit = &edits[n];
        *edit = (edit_t){.line = &lines[i], .is_new = known == 0};
        if (known == 0) {
            line_is_new(turn, c, edit->line);
        } else {
            const tm_id_t id = tm_id_make(c->actor, (uint32_t)known);
            edit->line = tm_tables_read(&c->tables, &tm_buy_line_desc, id, arena);
            if (edit->line == NULL || !refresh_known(edit, &lines[i])) {
                continue;
            }
        }
        n++;
    }
    (void)take_edits(turn, c, edits, n, refused);
    const uint32_t opened = open_exceptions(turn, c, found, edits, refused, n);
    if (TM_HAS(found, TM_LINES_FOUND_input_id)) {
        tm_lines_taken_t out = {0};
        TM_SET(&out, TM_LINES_TAKEN, input_id, found->input_id);
        TM_SET(&out, TM_LINES_TAKEN, exceptions, (int32_t)opened);
        tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_LINES_TAKEN, &out);
    }
}

void campaign_lines_closed(tm_turn_t *turn, campaign_t *c, const tm_lines_closed_t *closed)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    edit_t *edits = tm_arena_zalloc(arena, (closed->documents.n + 1) * sizeof *edits);
    assert(edits != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < closed->documents.n; i++) {
        tm_id_t document = {0};
        if (tm_id_parse("doc", closed->documents.v[i], &document) != TM_OK) {
            continue;
        }
        const uintptr_t known = (uintptr_t)tm_map_get(&c->by_document, document.v);
        edit_t *edit = &edits[n];
        edit->line = known == 0 ? NULL
                                : tm_tables_read(&c->tables, &tm_buy_line_desc,
                                                 tm_id_make(c->actor, (uint32_t)known), arena);
        if (edit->line == NULL) {
            continue;
        }
        TM_SET_TOUCHED(edit->line, &edit->touched, TM_BUY_LINE, known_to_ms, tm_turn_now(turn));
        TM_SET_TOUCHED(edit->line, &edit->touched, TM_BUY_LINE, archived_ms, tm_turn_now(turn));
        TM_SET_TOUCHED(edit->line, &edit->touched, TM_BUY_LINE, standing_why,
                       TM_STR("no longer matches the campaign's criteria"));
        n++;
    }
    (void)take_edits(turn, c, edits, n, NULL);
}

/* ---- a line by hand ---- */

void campaign_line_post(tm_turn_t *turn, campaign_t *c, const tm_buy_line_t *given)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buy_line_t line = *given;
    if (given->campaign_id.v != c->record->id.v) { /* an id that only ends like ours */
        (void)tm_why_add(&why, TM_EINVALID, "campaign_id", "there is no such campaign");
    }
    const tm_err_t err =
        tm_line_check(&line, -1, c->record->commission_bp, tm_turn_arena(turn), &why);
    if (err != TM_OK && why.n == 0) {
        (void)tm_why_add(&why, err, NULL, "%s", tm_err_text(err));
    }
    if (tm_answer_faults(turn, &why))
        return;
    const int side = tm_assign_side(c->record, line.advertiser_id);
    TM_SET(&line, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
    TM_SET(&line, TM_BUY_LINE, published_ms, tm_turn_now(turn));
    line_is_new(turn, c, &line);
    edit_t edit = {.line = &line, .is_new = true};
    if (take_edits(turn, c, &edit, 1, NULL) > 0) {
        (void)tm_why_add(&why, TM_EINVALID, "order_no", "this order has too many papers");
        tm_turn_fail(turn, TM_EINVALID, &why);
        return;
    }
    tm_answer_record(turn, 201, &tm_buy_line_desc, &line, "/api/v1/buy-lines/");
}
