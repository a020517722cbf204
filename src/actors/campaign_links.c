/* campaign_links.c - see campaign_links.h.
 *
 * Threads: the actor's turn. */
#include "actors/campaign_links.h"

#include "actors/campaign_chain.h"
#include "domain/order.h"

#include <stdio.h>

#define PROBLEM_KEY_MAX 80

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a * UINT64_C(0x9e3779b97f4a7c15) + b;
    z = (z ^ (z >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
    return z ^ (z >> 32);
}

const numbers_t *campaign_numbers(const tm_map_t *map, uint64_t key)
{
    return tm_map_get(map, key);
}

void campaign_numbers_add(tm_map_t *map, uint64_t key, uint32_t number)
{
    numbers_t *list = tm_map_get(map, key);
    if (list == NULL) {
        list = TM_NEW(numbers_t);
        (void)tm_map_put(map, key, list);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->v[i] == number)
            return;
    }
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 2 : list->cap * 2;
        list->v = tm_realloc(list->v, list->cap * sizeof *list->v);
    }
    list->v[list->n++] = number;
}

int campaign_decision_action(const campaign_t *c, uint32_t decision, bool *ret_in_force)
{
    const uintptr_t kept = (uintptr_t)tm_map_get(&c->decisions, decision);
    *ret_in_force = kept != 0 && (kept - 1) % 2 == 1;
    return kept == 0 ? -1 : (int)((kept - 1) / 2);
}

uint64_t campaign_market_key(const tm_buy_line_t *line)
{
    const uint64_t medium = TM_HAS(line, TM_BUY_LINE_medium) ? line->medium.v : TM_MEDIUM_other;
    const uint64_t market = TM_HAS(line, TM_BUY_LINE_market) ? (uint64_t)line->market : 0;
    return mix(line->advertiser_id.v, market * 256 + medium + 1) | 1;
}

uint64_t campaign_total_key(const tm_buy_line_t *line)
{
    const bool estimate = TM_HAS(line, TM_BUY_LINE_estimate) && line->estimate;
    const bool known = TM_HAS(line, TM_BUY_LINE_gross_cents) && line->gross_cents.v > 0 &&
                       TM_HAS(line, TM_BUY_LINE_flight_from);
    if (TM_HAS(line, TM_BUY_LINE_station) || !TM_HAS(line, TM_BUY_LINE_market) ||
        !tm_line_is_airtime(line) || estimate || !known ||
        TM_HAS(line, TM_BUY_LINE_adjustment_of) || TM_HAS(line, TM_BUY_LINE_made_by))
        return 0;
    return campaign_market_key(line);
}

/* ---- apply ---- */

static void add_link(campaign_t *c, uint32_t line, link_t link)
{
    links_t *list = tm_map_get(&c->links, line);
    if (list == NULL) {
        list = TM_NEW(links_t);
        (void)tm_map_put(&c->links, line, list);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->v[i].decision == link.decision)
            return;
    }
    if (list->n == list->cap) {
        list->cap = list->cap == 0 ? 2 : list->cap * 2;
        list->v = tm_realloc(list->v, list->cap * sizeof *list->v);
    }
    list->v[list->n++] = link;
    campaign_numbers_add(&c->dependents, link.target, line);
}

static void mark_line(campaign_t *c, uint32_t line)
{
    chain_t *chain = campaign_chain_of(c, line);
    if (chain != NULL) {
        campaign_chain_mark(c, chain);
    }
}

void campaign_take_decision(campaign_t *c, const tm_dedupe_decision_t *d)
{
    const uint32_t counter = tm_id_counter(d->id);
    const bool in_force = !TM_HAS(d, TM_DEDUPE_DECISION_undone_ms);
    (void)tm_map_put(&c->decisions, counter,
                     (void *)((uintptr_t)d->action.v * 2 + (in_force ? 1 : 0) + 1));
    if (TM_HAS(d, TM_DEDUPE_DECISION_group_id)) {
        (void)tm_map_put(&c->judged, tm_id_counter(d->group_id), (void *)(uintptr_t)1);
    }
    const tm_dedupe_member_t *members = d->members.v;
    for (uint32_t i = 0; i < d->members.n; i++) {
        const uint8_t role = members[i].role.v;
        const uint32_t line = tm_id_counter(members[i].buy_line_id);
        const bool linked = role == TM_MEMBER_ROLE_copy || role == TM_MEMBER_ROLE_part;
        if (linked && TM_HAS(d, TM_DEDUPE_DECISION_chosen) &&
            d->action.v != TM_DEDUPE_ACTION_undo) {
            add_link(c, line, (link_t){counter, tm_id_counter(d->chosen), role});
        }
        mark_line(c, line);
    }
}

bool campaign_group_is_cover(const tm_dedupe_group_t *group)
{
    const tm_dedupe_reason_t *reasons = group->reasons.v;
    return group->reasons.n > 0 && tm_str_eq(reasons[0].rule, TM_STR("covers"));
}

void campaign_take_group(campaign_t *c, const tm_dedupe_group_t *g)
{
    const uint32_t counter = tm_id_counter(g->id);
    const bool open =
        g->status.v == TM_GROUP_STATUS_open && !TM_HAS(g, TM_DEDUPE_GROUP_archived_ms);
    if (open) {
        (void)tm_map_put(&c->open_groups, counter, (void *)(uintptr_t)1);
    } else {
        (void)tm_map_del(&c->open_groups, counter);
    }
    const tm_dedupe_member_t *members = g->members.v;
    for (uint32_t i = 0; i < g->members.n; i++) {
        const uint32_t line = tm_id_counter(members[i].buy_line_id);
        campaign_numbers_add(&c->groups_of, line, counter);
        mark_line(c, line);
    }
    if (campaign_group_is_cover(g) && g->members.n > 0) {
        (void)tm_map_put(&c->cover_groups, tm_id_counter(members[0].buy_line_id),
                         (void *)(uintptr_t)counter);
    }
}

static tm_str_t problem_key(char buf[PROBLEM_KEY_MAX], tm_str_t kind, uint32_t line)
{
    const int n = snprintf(buf, PROBLEM_KEY_MAX, "%.*s:%u", (int)TM_MIN(kind.n, 60U), kind.p, line);
    return tm_str_n(buf, (size_t)n);
}

void campaign_take_exception(campaign_t *c, const tm_exception_t *e)
{
    if (!TM_HAS(e, TM_EXCEPTION_buy_line_id))
        return;
    char buf[PROBLEM_KEY_MAX];
    const tm_str_t key = problem_key(buf, e->kind, tm_id_counter(e->buy_line_id));
    if (e->status.v == TM_OPEN_STATUS_open) {
        (void)tm_smap_put(&c->problems, key, (void *)(uintptr_t)tm_id_counter(e->id));
    } else {
        (void)tm_smap_del(&c->problems, key);
    }
}

uint32_t campaign_problem(const campaign_t *c, const char *kind, uint32_t line)
{
    char buf[PROBLEM_KEY_MAX];
    return (uint32_t)(uintptr_t)tm_smap_get(&c->problems, problem_key(buf, tm_str(kind), line));
}

void campaign_take_special(campaign_t *c, const tm_buy_line_t *line)
{
    const uint64_t total = campaign_total_key(line);
    if (total != 0) {
        campaign_numbers_add(&c->totals, total, tm_id_counter(line->id));
    }
    if (TM_HAS(line, TM_BUY_LINE_adjustment_of)) {
        campaign_numbers_add(&c->edits, campaign_market_key(line), tm_id_counter(line->id));
    }
    if (TM_HAS(line, TM_BUY_LINE_made_by)) {
        campaign_numbers_add(&c->made, tm_id_counter(line->made_by), tm_id_counter(line->id));
    }
}

/* ---- what follows ---- */

bool campaign_is_disputed(const campaign_t *c, const uint32_t *lines, uint32_t n)
{
    for (uint32_t i = 0; i < n && c->open_groups.n > 0; i++) {
        const numbers_t *groups = campaign_numbers(&c->groups_of, lines[i]);
        for (uint32_t k = 0; groups != NULL && k < groups->n; k++) {
            if (tm_map_get(&c->open_groups, groups->v[k]) != NULL)
                return true;
        }
    }
    return false;
}

static void free_lists(tm_map_t *map)
{
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(map, &pos, &key, &value)) {
        tm_free(((numbers_t *)value)->v); /* links_t begins alike */
        tm_free(value);
    }
    tm_map_done(map);
}

void campaign_links_free(campaign_t *c)
{
    tm_map_t *const lists[] = {&c->links, &c->dependents, &c->groups_of,
                               &c->made,  &c->totals,     &c->edits};
    for (size_t i = 0; i < TM_COUNT(lists); i++) {
        free_lists(lists[i]);
    }
    tm_map_done(&c->decisions);
    tm_map_done(&c->open_groups);
    tm_map_done(&c->judged);
    tm_map_done(&c->cover_groups);
    tm_smap_done(&c->problems);
}
