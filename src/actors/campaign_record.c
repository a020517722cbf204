/* campaign_record.c - the campaign's own record arrives, and its lines follow it.
 *
 * Why:     which side an advertiser is on, and which spellings mean it, are decisions of the
 *          campaign; lines that are here must not disagree with lines that come.
 * How:     lines are unpacked one by one; a campaign with very many changed lines goes on in
 *          further messages to itself. Amounts stay: each line keeps the commission it was made
 *          with.
 * Threads: the actor's turn. */
#include "actors/campaign_plan.h"

#include "actors/names.h"
#include "domain/assign.h"
#include "schema/record.h"

#define LINES_A_PART 2000
#define LINE_ARENA_MAX (64u << 20)

/* Spellings of the campaign's advertisers: key -> campaign_rival. */
static tm_smap_t spellings_of(const tm_campaign_t *record, tm_arena_t *arena)
{
    tm_smap_t map = {0};
    tm_campaign_rival_t *rivals = record->advertisers.v;
    for (uint32_t i = 0; i < record->advertisers.n; i++) {
        tm_campaign_rival_t *r = &rivals[i];
        if (!TM_HAS(r, TM_CAMPAIGN_RIVAL_advertiser_id)) {
            continue;
        }
        (void)tm_smap_put(&map, tm_name_key(arena, r->name), r);
        for (uint32_t k = 0; k < r->aliases.n; k++) {
            (void)tm_smap_put(&map, tm_name_key(arena, r->aliases.v[k]), r);
        }
    }
    return map;
}

/* true: it goes into the plan. */
static bool refresh_line(plan_t *p, const tm_buy_line_t *line, const tm_campaign_t *now,
                         const tm_smap_t *spellings, tm_arena_t *arena)
{
    tm_buy_line_t changed = *line;
    tm_has_t touched = {{0}};
    const tm_str_t text =
        TM_HAS(line, TM_BUY_LINE_advertiser_text) ? line->advertiser_text : line->advertiser;
    const tm_campaign_rival_t *r = tm_smap_get(spellings, tm_name_key(arena, text));
    if (r != NULL && r->advertiser_id.v != line->advertiser_id.v) {
        TM_SET_TOUCHED(&changed, &touched, TM_BUY_LINE, advertiser_id, r->advertiser_id);
        TM_SET_TOUCHED(&changed, &touched, TM_BUY_LINE, advertiser, r->name);
    }
    const int side = tm_assign_side(now, changed.advertiser_id);
    if (!TM_HAS(line, TM_BUY_LINE_side) || line->side.v != side) {
        TM_SET_TOUCHED(&changed, &touched, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
    }
    if ((touched.w[0] | touched.w[1]) == 0)
        return false;
    tm_buy_line_t *copy = tm_record_copy(&tm_buy_line_desc, &changed, p->arena);
    assert(copy != NULL);
    (void)campaign_plan_line(p, copy, &touched);
    return true;
}

static void go_on_later(tm_turn_t *turn, const campaign_t *c, tm_id_t campaign, uint32_t key)
{
    tm_part_t part = {0};
    TM_SET(&part, TM_PART, campaign_id, campaign);
    TM_SET(&part, TM_PART, next, (int64_t)key);
    tm_turn_send(turn, TM_KIND_OF_campaign, c->actor, TM_MSG_LINES_REFRESH, &part);
}

/* Lines from a counter on follow the record; as many as a message holds, the others in the next. */
static void refresh_from(plan_t *p, const tm_campaign_t *now, uint32_t key)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(LINE_ARENA_MAX);
    tm_smap_t spellings = spellings_of(now, p->arena);
    uint32_t changed = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&p->c->tables, &tm_buy_line_desc, &key));
         key++) {
        if (changed == LINES_A_PART) {
            go_on_later(p->turn, p->c, now->id, key);
            break;
        }
        const tm_buy_line_t *line = tm_row_read(row, arena);
        assert(line != NULL); /* it was stored through a smaller arena */
        changed += refresh_line(p, line, now, &spellings, arena);
        tm_arena_reset(arena);
    }
    tm_smap_done(&spellings);
}

/* Every market total meets its stations again: weeks begin on other days now. */
static void take_totals(plan_t *p)
{
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(&p->c->totals, &pos, &key, &value)) {
        const numbers_t *lines = value;
        for (uint32_t i = 0; i < lines->n; i++) {
            (void)campaign_plan_unit(p, lines->v[i]);
        }
    }
}

void campaign_lines_refresh(tm_turn_t *turn, campaign_t *c, const tm_part_t *part)
{
    plan_t p = campaign_plan(turn, c);
    refresh_from(&p, c->record, (uint32_t)part->next);
    if (part->next == 0) {
        take_totals(&p);
    }
    campaign_plan_run(&p);
    campaign_plan_stage(&p);
    campaign_plan_done(&p);
}

/* A person said that two advertisers are one. Lines beyond what a message holds follow in further
 * ones: the moved ones are no longer found. */
void campaign_advertiser_moved(tm_turn_t *turn, campaign_t *c, const tm_advertiser_moved_t *moved)
{
    plan_t p = campaign_plan(turn, c);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(LINE_ARENA_MAX);
    uint32_t key = 0, changed = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&c->tables, &tm_buy_line_desc, &key)); key++) {
        const tm_buy_line_t *line = tm_row_read(row, arena);
        assert(line != NULL); /* it was stored through a smaller arena */
        if (line->advertiser_id.v == moved->from_id.v) {
            if (changed++ == LINES_A_PART) {
                tm_turn_send(turn, TM_KIND_OF_campaign, c->actor, TM_MSG_ADVERTISER_MOVED, moved);
                break;
            }
            tm_has_t touched = {{0}};
            tm_buy_line_t *copy = tm_record_copy(&tm_buy_line_desc, line, p.arena);
            assert(copy != NULL);
            TM_SET_TOUCHED(copy, &touched, TM_BUY_LINE, advertiser_id, moved->to_id);
            TM_SET_TOUCHED(copy, &touched, TM_BUY_LINE, advertiser, moved->name);
            const int side = tm_assign_side(c->record, moved->to_id);
            TM_SET_TOUCHED(copy, &touched, TM_BUY_LINE, side, (tm_enum_t){(uint8_t)side});
            (void)campaign_plan_line(&p, copy, &touched);
        }
        tm_arena_reset(arena);
    }
    campaign_plan_run(&p);
    campaign_plan_stage(&p);
    campaign_plan_done(&p);
}

/* The lists of advertisers may lead to other advertisers or sides for lines that are here. */
static bool rivals_differ(const tm_campaign_t *a, const tm_campaign_t *b)
{
    if (!tm_assign_criteria_equal(a, b))
        return true;
    const tm_campaign_rival_t *x = a->advertisers.v, *y = b->advertisers.v;
    for (uint32_t i = 0; i < a->advertisers.n; i++) {
        if (x[i].side.v != y[i].side.v)
            return true;
    }
    return false;
}

void campaign_record_put(tm_turn_t *turn, campaign_t *c, const tm_campaign_put_t *put)
{
    const tm_campaign_t *record = put->campaign.v;
    assert(put->campaign.n == 1);
    if (TM_HAS(put, TM_CAMPAIGN_PUT_status)) {
        tm_answer_record(turn, put->status, &tm_campaign_desc, record,
                         put->status == 201 ? "/api/v1/campaigns/" : NULL);
    }
    tm_campaign_state_t kept = {0};
    const tm_id_t id = c->state_id.v != 0 ? c->state_id : tm_turn_new_id(turn);
    const bool keep_today =
        c->record != NULL && TM_HAS(record, TM_CAMPAIGN_today) && c->today.v > record->today.v;
    tm_record_stamp_new(&kept, id, tm_turn_now(turn));
    TM_SET(&kept, TM_CAMPAIGN_STATE, campaign, (tm_recs_t){(void *)(uintptr_t)record, 1});
    TM_SET(&kept, TM_CAMPAIGN_STATE, today, keep_today ? c->today : record->today);
    TM_SET(&kept, TM_CAMPAIGN_STATE, keeper, TM_STR("campaign"));
    tm_turn_put(turn, &tm_campaign_state_desc, id, &kept);
    if (c->record != NULL && rivals_differ(c->record, record)) {
        plan_t p = campaign_plan(turn, c);
        refresh_from(&p, record, 0);
        campaign_plan_run(&p);
        campaign_plan_stage(&p);
        campaign_plan_done(&p);
    }
    if (c->record != NULL && c->record->week_basis.v != record->week_basis.v && c->totals.n > 0) {
        go_on_later(turn, c, record->id, 0);
    }
}
