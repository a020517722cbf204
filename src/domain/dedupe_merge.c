/* dedupe_merge.c - a winner's empty fields from its copies, and back.
 *
 * Why:     copies know what the winner does not print (daypart, agency, spots); what identifies
 *          the winner, or counts its dollars twice, must never come from another paper.
 * How:     copies in order of trust; fields that only mean something together are taken together
 *          and from one copy.
 * Threads: pure. */
#include "domain/dedupe.h"
#include "domain/money.h"
#include "schema/record.h"
#include "schema/slot.h"

typedef struct filling {
    tm_buy_line_t *winner;
    tm_has_t *touched;
    tm_str_t names[TM_BUY_LINE_N];
    uint32_t n;
} filling_t;

/* An empty list is as good as none. */
static bool has_value(const tm_buy_line_t *line, unsigned index)
{
    const tm_field_t *field = &tm_buy_line_desc.fields[index];
    if (!TM_HAS(line, index))
        return false;
    return field->type != TM_T_RECS || ((const tm_recs_t *)tm_slot_const(field, line))->n > 0;
}

/* Takes one field if the winner has none and the copy has it. */
static void take(filling_t *f, const tm_buy_line_t *copy, unsigned index)
{
    if (has_value(f->winner, index) || !has_value(copy, index))
        return;
    const tm_field_t *field = &tm_buy_line_desc.fields[index];
    const size_t next = index + 1 < TM_BUY_LINE_N ? tm_buy_line_desc.fields[index + 1].offset
                                                  : sizeof(tm_buy_line_t);
    assert(next > field->offset);
    memcpy(tm_slot(field, f->winner), tm_slot_const(field, copy), next - field->offset);
    tm_has_set(&f->winner->has, index);
    tm_has_set(f->touched, index);
    f->names[f->n++] = tm_str_n(field->name, field->name_n);
}

static bool has_days(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_flight_from) || TM_HAS(line, TM_BUY_LINE_flight_to) ||
           has_value(line, TM_BUY_LINE_line_weeks) || has_value(line, TM_BUY_LINE_airings);
}

static bool has_amount(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_gross_cents) || TM_HAS(line, TM_BUY_LINE_net_cents) ||
           TM_HAS(line, TM_BUY_LINE_low_cents) || TM_HAS(line, TM_BUY_LINE_high_cents);
}

static bool same_number(const tm_buy_line_t *a, const tm_buy_line_t *b, unsigned index)
{
    const tm_field_t *field = &tm_buy_line_desc.fields[index];
    return TM_HAS(a, index) && TM_HAS(b, index) &&
           tm_slot_number(field, tm_slot_const(field, a)) ==
               tm_slot_number(field, tm_slot_const(field, b));
}

static void take_flight(filling_t *f, const tm_buy_line_t *copy)
{
    if (has_days(f->winner) || !TM_HAS(copy, TM_BUY_LINE_flight_from) ||
        !TM_HAS(copy, TM_BUY_LINE_flight_to))
        return;
    take(f, copy, TM_BUY_LINE_flight_from);
    take(f, copy, TM_BUY_LINE_flight_to);
    take(f, copy, TM_BUY_LINE_hiatus);
}

/* Amounts, and how they are spread where the days are the copy's too: printed weeks of other days
 * or in another basis would move dollars. A cancelled copy's amount counts nowhere. */
static void take_amounts(filling_t *f, const tm_buy_line_t *copy)
{
    tm_buy_line_t *w = f->winner;
    if (has_amount(w) || !has_amount(copy) ||
        (TM_HAS(copy, TM_BUY_LINE_stage) && copy->stage.v == TM_STAGE_cancelled))
        return;
    static const uint8_t block[] = {
        TM_BUY_LINE_gross_cents,   TM_BUY_LINE_net_cents, TM_BUY_LINE_amount_basis,
        TM_BUY_LINE_commission_bp, TM_BUY_LINE_low_cents, TM_BUY_LINE_high_cents,
        TM_BUY_LINE_stated_basis,
    };
    for (size_t i = 0; i < TM_COUNT(block); i++) {
        take(f, copy, block[i]);
    }
    if (has_value(w, TM_BUY_LINE_line_weeks) || has_value(w, TM_BUY_LINE_airings) ||
        !same_number(w, copy, TM_BUY_LINE_flight_from) ||
        !same_number(w, copy, TM_BUY_LINE_flight_to) ||
        !same_number(w, copy, TM_BUY_LINE_amount_basis) ||
        tm_commission_of(w, -1, -1) != tm_commission_of(copy, -1, -1))
        return;
    take(f, copy, TM_BUY_LINE_line_weeks);
    take(f, copy, TM_BUY_LINE_airings);
}

static void take_all(filling_t *f, const tm_buy_line_t *copy)
{
    static const uint8_t single[] = {
        TM_BUY_LINE_medium,  TM_BUY_LINE_product,  TM_BUY_LINE_spots,
        TM_BUY_LINE_grp_x10, TM_BUY_LINE_length_s, TM_BUY_LINE_daypart,
    };
    if (!TM_HAS(f->winner, TM_BUY_LINE_agency) && !TM_HAS(f->winner, TM_BUY_LINE_agency_id)) {
        take(f, copy, TM_BUY_LINE_agency_id); /* a name and its id belong together */
        take(f, copy, TM_BUY_LINE_agency);
    }
    for (size_t i = 0; i < TM_COUNT(single); i++) {
        take(f, copy, single[i]);
    }
    take_flight(f, copy);
    take_amounts(f, copy);
}

/* Copies in order of trust; n is small. Errors: TM_ENOMEM. */
static tm_err_t by_trust(const tm_buy_line_t *const *copies, uint32_t n, tm_arena_t *arena,
                         const tm_buy_line_t ***ret)
{
    const tm_buy_line_t **v = tm_arena_alloc(arena, (size_t)n * sizeof *v);
    if (v == NULL)
        return TM_ENOMEM;
    memcpy(v, copies, (size_t)n * sizeof *v);
    for (uint32_t i = 0; i + 1 < n; i++) {
        const uint32_t best = i + tm_dedupe_suggest(v + i, n - i);
        const tm_buy_line_t *line = v[best];
        v[best] = v[i];
        v[i] = line;
    }
    *ret = v;
    return TM_OK;
}

tm_err_t tm_dedupe_fill(tm_buy_line_t *winner, const tm_buy_line_t *const *copies, uint32_t n,
                        tm_arena_t *arena, tm_has_t *ret_touched, tm_strs_t *ret_filled)
{
    if (n == 0)
        return TM_OK;
    const tm_buy_line_t **trusted;
    if (by_trust(copies, n, arena, &trusted) != TM_OK)
        return TM_ENOMEM;
    tm_has_t touched = *ret_touched;
    tm_buy_line_t line = *winner;
    filling_t f = {.winner = &line, .touched = &touched};
    for (uint32_t i = 0; i < n; i++) {
        take_all(&f, trusted[i]);
    }
    tm_strs_t names = {NULL, ret_filled->n + f.n};
    if (f.n > 0) {
        names.v = tm_arena_alloc(arena, (size_t)names.n * sizeof *names.v);
        if (names.v == NULL)
            return TM_ENOMEM;
        for (uint32_t i = 0; i < ret_filled->n; i++) {
            names.v[i] = ret_filled->v[i];
        }
        memcpy(names.v + ret_filled->n, f.names, (size_t)f.n * sizeof *names.v);
        *ret_filled = names;
    }
    *winner = line;
    *ret_touched = touched;
    return TM_OK;
}

void tm_dedupe_unfill(tm_buy_line_t *line, const tm_strs_t *filled, tm_has_t *ret_touched)
{
    for (uint32_t i = 0; i < filled->n; i++) {
        const int index = tm_field_find(&tm_buy_line_desc, filled->v[i]);
        if (index < 0)
            continue; /* a field that an older version knew */
        tm_has_clear(&line->has, (unsigned)index);
        tm_has_set(ret_touched, (unsigned)index);
    }
}
