/* clock.c - turns the day of every campaign at its local midnight.
 *
 * Why:     `today` decides what future weeks are; it is state, so that week modes never change
 *          without a version.
 * How:     keeps one campaign_state a campaign (keeper "clock"); its timer is the earliest coming
 *          midnight. A clock that jumped
 *          over several midnights turns once, to the day it is now; one that went back turns
 *          nothing.
 * Threads: the actor's turn. */
#include "actors/kinds.h"
#include "actors/tables.h"
#include "base/map.h"
#include "base/time.h"

#define CLOCK_MAGIC 0x434c4f43u
#define RECORD_ARENA_MAX (128u << 20)

/* When a campaign's next day begins: asked after every turn, so not from its record. */
typedef struct coming {
    uint32_t counter; /* of its campaign_state */
    tm_ms_t midnight;
} coming_t;

typedef struct clock {
    uint32_t magic;
    uint32_t actor;
    tm_tables_t tables;
    tm_map_t by_campaign; /* id of the campaign -> counter of its campaign_state + 1 */
    tm_map_t places;      /* counter of a campaign_state -> place in coming + 1 */
    coming_t *coming;
    uint32_t n_coming, cap_coming;
} clock_state_t;

static void *clock_create(uint32_t actor)
{
    clock_state_t *c = TM_NEW(clock_state_t);
    c->magic = CLOCK_MAGIC;
    c->actor = actor;
    return c;
}

static void clock_destroy(void *state)
{
    clock_state_t *c = state;
    TM_CHECK(c, CLOCK_MAGIC);
    tm_map_done(&c->by_campaign);
    tm_map_done(&c->places);
    tm_free(c->coming);
    tm_tables_done(&c->tables);
    tm_free(c);
}

static const tm_campaign_t *campaign_of(const tm_campaign_state_t *kept)
{
    assert(kept->campaign.n == 1);
    return kept->campaign.v;
}

static void note_coming(clock_state_t *c, uint32_t counter, const tm_campaign_state_t *kept)
{
    uintptr_t place = (uintptr_t)tm_map_get(&c->places, counter);
    if (place == 0) {
        if (c->n_coming == c->cap_coming) {
            c->cap_coming = c->cap_coming == 0 ? 16 : c->cap_coming * 2;
            c->coming = tm_realloc(c->coming, c->cap_coming * sizeof *c->coming);
        }
        place = ++c->n_coming;
        (void)tm_map_put(&c->places, counter, (void *)place);
    }
    coming_t *coming = &c->coming[place - 1];
    *coming = (coming_t){.counter = counter};
    const tm_err_t err =
        tm_zone_midnight(campaign_of(kept)->tz, (tm_day_t){kept->today.v + 1}, &coming->midnight);
    assert(err == TM_OK); /* checked when the campaign was made */
    (void)err;
}

static void clock_apply(void *state, const tm_commit_head_t *head TM_UNUSED,
                        const tm_change_t *change)
{
    clock_state_t *c = state;
    TM_CHECK(c, CLOCK_MAGIC);
    const tm_row_t *row = tm_tables_apply(&c->tables, change);
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(RECORD_ARENA_MAX);
    const tm_campaign_state_t *kept = tm_row_read(row, arena);
    assert(kept != NULL);
    const uint32_t counter = tm_id_counter(change->id);
    if (change->op == TM_CHANGE_PUT) {
        (void)tm_map_put(&c->by_campaign, campaign_of(kept)->id.v,
                         (void *)(uintptr_t)(counter + 1));
    }
    note_coming(c, counter, kept);
}

/* A campaign is new or has another zone. */
static void take_campaign(tm_turn_t *turn, clock_state_t *c, const tm_campaign_t *campaign)
{
    const uintptr_t known = (uintptr_t)tm_map_get(&c->by_campaign, campaign->id.v);
    tm_day_t today = campaign->today;
    const tm_err_t err = tm_zone_day(campaign->tz, tm_turn_now(turn), &today);
    assert(err == TM_OK); /* checked when the campaign was made */
    (void)err;
    tm_campaign_state_t kept = {0};
    const tm_id_t id =
        known != 0 ? tm_id_make(c->actor, (uint32_t)(known - 1)) : tm_turn_new_id(turn);
    tm_record_stamp_new(&kept, id, tm_turn_now(turn));
    TM_SET(&kept, TM_CAMPAIGN_STATE, campaign, (tm_recs_t){(void *)(uintptr_t)campaign, 1});
    TM_SET(&kept, TM_CAMPAIGN_STATE, today, today);
    TM_SET(&kept, TM_CAMPAIGN_STATE, keeper, TM_STR("clock"));
    tm_turn_put(turn, &tm_campaign_state_desc, id, &kept);
    const tm_day_turned_t turned = {.has = {{1}}, .today = today};
    tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign->id), TM_MSG_DAY_TURNED,
                 &turned);
}

static void turn_days(tm_turn_t *turn, clock_state_t *c)
{
    for (uint32_t i = 0; i < c->n_coming; i++) {
        if (c->coming[i].midnight.v > tm_turn_now(turn).v) {
            continue;
        }
        const tm_id_t id = tm_id_make(c->actor, c->coming[i].counter);
        tm_campaign_state_t *kept =
            tm_tables_read(&c->tables, &tm_campaign_state_desc, id, tm_turn_arena(turn));
        if (kept == NULL)
            return; /* no memory left: the rest at the next timer */
        tm_day_t now_day = kept->today;
        const tm_err_t err = tm_zone_day(campaign_of(kept)->tz, tm_turn_now(turn), &now_day);
        if (err != TM_OK || now_day.v <= kept->today.v) {
            continue;
        }
        tm_has_t touched = {{0}};
        TM_SET_TOUCHED(kept, &touched, TM_CAMPAIGN_STATE, today, now_day);
        tm_record_stamp_patch(kept, &touched, kept->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_campaign_state_desc, id, kept, &touched);
        const tm_day_turned_t turned = {.has = {{1}}, .today = now_day};
        tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign_of(kept)->id),
                     TM_MSG_DAY_TURNED, &turned);
    }
}

static void clock_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    clock_state_t *c = state;
    TM_CHECK(c, CLOCK_MAGIC);
    if (msg->type == TM_MSG_CAMPAIGN_CLOCK) {
        take_campaign(turn, c, msg->payload);
    } else if (msg->type == TM_MSG_TIMER) {
        turn_days(turn, c);
    } else {
        tm_turn_fail(turn, TM_EINTERNAL, NULL);
    }
}

static tm_ms_t clock_next_due(const void *state)
{
    const clock_state_t *c = state;
    tm_ms_t due = {0};
    for (uint32_t i = 0; i < c->n_coming; i++) {
        if (due.v == 0 || c->coming[i].midnight.v < due.v) {
            due = c->coming[i].midnight;
        }
    }
    return due;
}

static void clock_hash(const void *state, void (*add)(void *ctx, const void *p, size_t n),
                       void *ctx)
{
    tm_tables_hash(&((const clock_state_t *)state)->tables, add, ctx);
}

const tm_actor_kind_t tm_clock_kind = {
    .name = "clock",
    .number = TM_KIND_OF_clock,
    .create = clock_create,
    .destroy = clock_destroy,
    .decide = clock_decide,
    .apply = clock_apply,
    .next_due = clock_next_due,
    .hash = clock_hash,
};
