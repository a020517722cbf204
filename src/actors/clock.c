/* clock.c - turns the day of every campaign at its local midnight, and orders its reports.
 *
 * Why:     `today` decides what future weeks are; it is state, so that week modes never change
 *          without a version.
 * How:     keeps one campaign_state a campaign (keeper "clock"); its timer is the earliest coming
 *          midnight or report (clock_eod.c). A clock that jumped over several midnights turns once,
 *          to the day it is now; one that went back turns nothing.
 * Threads: the actor's turn. */
#include "actors/clock_eod.h"
#include "actors/kinds.h"
#include "actors/parts.h"
#include "base/map.h"
#include "base/time.h"

#define CLOCK_MAGIC 0x434c4f43u
#define RECORD_ARENA_MAX (128u << 20)

#define SWITCH_KEY "EOD_REPORT_ENABLED"

/* When a campaign's next day begins and its next report is due: asked after every turn, so not from
 * its record. */
typedef struct coming {
    uint32_t counter; /* of its campaign_state */
    tm_ms_t midnight;
    tm_ms_t report; /* v 0: none */
} coming_t;

typedef struct clock {
    uint32_t magic;
    uint32_t actor;
    tm_tables_t tables;
    tm_map_t by_campaign; /* id of the campaign -> counter of its campaign_state + 1 */
    tm_map_t places;      /* counter of a campaign_state -> place in coming + 1 */
    coming_t *coming;
    uint32_t n_coming, cap_coming;
    bool reports_off;
    tm_id_t switch_id; /* of the setting that says so; v 0: nobody ever did */
    tm_parts_t *parts; /* of a checkpoint that is being read */
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
    tm_parts_free(c->parts);
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
    if (TM_HAS(kept, TM_CAMPAIGN_STATE_eod_due_ms)) {
        coming->report = kept->eod_due_ms;
    }
    const tm_err_t err =
        tm_zone_midnight(campaign_of(kept)->tz, (tm_day_t){kept->today.v + 1}, &coming->midnight);
    assert(err == TM_OK); /* checked when the campaign was made */
    (void)err;
}

/* Campaigns stand in the order of their first records, which is that of the ids. */
static void clock_take(void *state, const tm_row_t *row, const tm_has_t *touched)
{
    clock_state_t *c = state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(RECORD_ARENA_MAX);
    if (row->desc == &tm_setting_desc) {
        const tm_setting_t *setting = tm_row_read(row, arena);
        assert(setting != NULL && tm_str_eq(setting->key, TM_STR(SWITCH_KEY)));
        c->reports_off = tm_str_eq(setting->value, TM_STR("false"));
        c->switch_id = row->id;
        return;
    }
    const tm_campaign_state_t *kept = tm_row_read(row, arena);
    assert(kept != NULL);
    const uint32_t counter = tm_id_counter(row->id);
    if (touched == NULL) {
        (void)tm_map_put(&c->by_campaign, campaign_of(kept)->id.v,
                         (void *)(uintptr_t)(counter + 1));
    }
    note_coming(c, counter, kept);
}

static void clock_apply(void *state, const tm_commit_head_t *head TM_UNUSED,
                        const tm_change_t *change)
{
    clock_state_t *c = state;
    TM_CHECK(c, CLOCK_MAGIC);
    clock_take(c, tm_tables_apply(&c->tables, change), change->touched);
}

static tm_campaign_state_t *read_kept(tm_turn_t *turn, const clock_state_t *c, tm_id_t id)
{
    return tm_tables_read(&c->tables, &tm_campaign_state_desc, id, tm_turn_arena(turn));
}

static void tell_day(tm_turn_t *turn, tm_id_t campaign, tm_day_t today)
{
    const tm_day_turned_t turned = {.has = {{1}}, .today = today};
    tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(campaign), TM_MSG_DAY_TURNED,
                 &turned);
}

/* A campaign is new, or has another zone or other reports. What was due before is ordered by what
 * was said before. */
static void take_campaign(tm_turn_t *turn, clock_state_t *c, const tm_campaign_t *campaign)
{
    const uintptr_t known = (uintptr_t)tm_map_get(&c->by_campaign, campaign->id.v);
    tm_day_t today = campaign->today;
    const tm_err_t err = tm_zone_day(campaign->tz, tm_turn_now(turn), &today);
    assert(err == TM_OK); /* checked when the campaign was made */
    (void)err;
    tm_campaign_state_t kept = {0};
    tm_has_t touched = {{0}};
    const tm_id_t id =
        known != 0 ? tm_id_make(c->actor, (uint32_t)(known - 1)) : tm_turn_new_id(turn);
    if (known != 0) {
        const tm_campaign_state_t *old = read_kept(turn, c, id);
        assert(old != NULL); /* a campaign is small beside the arena of a turn */
        kept = *old;
        clock_eod_run(turn, &kept, &touched, c->reports_off);
    }
    const bool turned = known == 0 || kept.today.v != today.v;
    tm_record_stamp_new(&kept, id, tm_turn_now(turn));
    TM_SET(&kept, TM_CAMPAIGN_STATE, campaign, (tm_recs_t){(void *)(uintptr_t)campaign, 1});
    TM_SET(&kept, TM_CAMPAIGN_STATE, today, today);
    TM_SET(&kept, TM_CAMPAIGN_STATE, keeper, TM_STR("clock"));
    clock_eod_plan(&kept, &touched, tm_turn_now(turn));
    tm_turn_put(turn, &tm_campaign_state_desc, id, &kept);
    if (turned) {
        tell_day(turn, campaign->id, today);
    }
}

static bool is_due(const clock_state_t *c, const coming_t *coming, tm_ms_t now)
{
    return coming->midnight.v <= now.v ||
           (coming->report.v != 0 && !c->reports_off && coming->report.v <= now.v);
}

static void pass_time(tm_turn_t *turn, clock_state_t *c)
{
    for (uint32_t i = 0; i < c->n_coming; i++) {
        if (!is_due(c, &c->coming[i], tm_turn_now(turn))) {
            continue;
        }
        const tm_id_t id = tm_id_make(c->actor, c->coming[i].counter);
        tm_campaign_state_t *kept = read_kept(turn, c, id);
        if (kept == NULL)
            return; /* no memory left: the rest at the next timer */
        tm_has_t touched = {{0}};
        tm_day_t now_day = kept->today;
        const tm_err_t err = tm_zone_day(campaign_of(kept)->tz, tm_turn_now(turn), &now_day);
        if (err == TM_OK && now_day.v > kept->today.v) {
            TM_SET_TOUCHED(kept, &touched, TM_CAMPAIGN_STATE, today, now_day);
            tell_day(turn, campaign_of(kept)->id, now_day);
        }
        clock_eod_run(turn, kept, &touched, c->reports_off);
        if ((touched.w[0] | touched.w[1]) == 0) {
            continue;
        }
        tm_record_stamp_patch(kept, &touched, kept->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_campaign_state_desc, id, kept, &touched);
    }
}

static void take_switch(tm_turn_t *turn, const clock_state_t *c, const tm_eod_switch_t *given)
{
    if (given->enabled != c->reports_off)
        return; /* as it was */
    tm_setting_t setting = {0};
    const tm_id_t id = c->switch_id.v != 0 ? c->switch_id : tm_turn_new_id(turn);
    tm_record_stamp_new(&setting, id, tm_turn_now(turn));
    TM_SET(&setting, TM_SETTING, key, TM_STR(SWITCH_KEY));
    TM_SET(&setting, TM_SETTING, value, given->enabled ? TM_STR("true") : TM_STR("false"));
    tm_turn_put(turn, &tm_setting_desc, id, &setting);
}

static void clock_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    clock_state_t *c = state;
    TM_CHECK(c, CLOCK_MAGIC);
    if (msg->type == TM_MSG_CAMPAIGN_CLOCK) {
        take_campaign(turn, c, msg->payload);
    } else if (msg->type == TM_MSG_TIMER) {
        pass_time(turn, c);
    } else if (msg->type == TM_MSG_EOD_SWITCH) {
        take_switch(turn, c, msg->payload);
    } else {
        tm_turn_fail(turn, TM_EINTERNAL, NULL);
    }
}

static tm_ms_t clock_next_due(const void *state)
{
    const clock_state_t *c = state;
    tm_ms_t due = {0};
    for (uint32_t i = 0; i < c->n_coming; i++) {
        const coming_t *coming = &c->coming[i];
        const bool reports = coming->report.v != 0 && !c->reports_off;
        const int64_t first =
            reports ? TM_MIN(coming->midnight.v, coming->report.v) : coming->midnight.v;
        if (due.v == 0 || first < due.v) {
            due.v = first;
        }
    }
    return due;
}

static void *clock_snapshot(void *state)
{
    const clock_state_t *c = state;
    return tm_tables_view(&c->tables, c->actor, 0);
}

static tm_err_t clock_take_part(void *state, tm_str_t part, tm_why_t *why)
{
    clock_state_t *c = state;
    const tm_player_t player = {c, &c->tables, clock_take, NULL};
    uint64_t version = 0;
    return tm_parts_read(&c->parts, &player, c->actor, part, &version, why);
}

const tm_actor_kind_t tm_clock_kind = {
    .name = "clock",
    .number = TM_KIND_OF_clock,
    .create = clock_create,
    .destroy = clock_destroy,
    .decide = clock_decide,
    .apply = clock_apply,
    .next_due = clock_next_due,
    .snapshot = clock_snapshot,
    .hash = tm_view_hash,
    .part = tm_plain_part,
    .take = clock_take_part,
};
