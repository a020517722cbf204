/* directory_campaigns.c - campaigns made, changed, copied; and what a change of criteria means for
 * documents already stored.
 *
 * Why:     creating or changing a campaign is one commit here and a durable send to its actor.
 * Threads: the actor's turn. */
#include "actors/directory_review.h"

#include "base/time.h"
#include "domain/assign.h"
#include "schema/binary.h"
#include "schema/record.h"
#include "schema/slot.h"

#define RIVAL_ALIASES_MAX 200 /* campaign_rival.aliases */

const tm_campaign_t *directory_campaign(const directory_t *d, tm_id_t id)
{
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        if (d->campaigns[i].campaign->id.v == id.v)
            return d->campaigns[i].campaign;
    }
    return NULL;
}

static bool slug_taken(const directory_t *d, tm_str_t slug, tm_id_t except)
{
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        const tm_campaign_t *c = d->campaigns[i].campaign;
        if (c->id.v != except.v && TM_HAS(c, TM_CAMPAIGN_slug) && tm_str_eq(c->slug, slug))
            return true;
    }
    return false;
}

/* At most n bytes, cut between two characters. */
static tm_str_t cut(tm_str_t s, uint32_t n)
{
    if (s.n <= n)
        return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return tm_str_n(s.p, n);
}

/* A slug made from the name gets a number while it is taken; one that was asked for is refused. */
static void settle_slug(tm_turn_t *turn, const directory_t *d, tm_campaign_t *c, bool asked_for,
                        tm_why_t *why)
{
    if (!TM_HAS(c, TM_CAMPAIGN_slug) || !slug_taken(d, c->slug, c->id))
        return;
    if (asked_for) {
        (void)tm_why_add(why, TM_EINVALID, "slug", "is taken by another campaign");
        return;
    }
    const tm_str_t base = cut(c->slug, 90);
    for (unsigned i = 2; slug_taken(d, c->slug, c->id); i++) {
        c->slug = tm_arena_printf(tm_turn_arena(turn), "%.*s-%u", (int)base.n, base.p, i);
    }
}

/* Gives every listed advertiser its record; spellings listed beside it mean it from now on. */
static void settle_rivals(tm_turn_t *turn, directory_t *d, tm_campaign_t *c)
{
    tm_campaign_rival_t *rivals = c->advertisers.v;
    for (uint32_t i = 0; i < c->advertisers.n; i++) {
        tm_campaign_rival_t *r = &rivals[i];
        const tm_id_t id =
            directory_advertiser(turn, d, r->name, TM_STR("manual"), CREATE_CONFIRMED);
        if (id.v == 0) {
            continue; /* a name without a letter or digit was refused by prepare */
        }
        TM_SET(r, TM_CAMPAIGN_RIVAL, advertiser_id, id);
        for (uint32_t k = 0; k < r->aliases.n; k++) {
            directory_alias(turn, d, r->aliases.v[k], id, TM_STR("manual"));
        }
    }
}

static void put_sides(tm_turn_t *turn, const tm_campaign_t *c)
{
    const tm_campaign_rival_t *rivals = c->advertisers.v;
    for (uint32_t i = 0; i < c->advertisers.n; i++) {
        tm_campaign_advertiser_t row = {0};
        tm_record_stamp_new(&row, tm_turn_new_id(turn), tm_turn_now(turn));
        TM_SET(&row, TM_CAMPAIGN_ADVERTISER, campaign_id, c->id);
        TM_SET(&row, TM_CAMPAIGN_ADVERTISER, advertiser_id, rivals[i].advertiser_id);
        TM_SET(&row, TM_CAMPAIGN_ADVERTISER, side, rivals[i].side);
        tm_turn_put(turn, &tm_campaign_advertiser_desc, row.id, &row);
    }
}

static bool same_sides(const tm_campaign_t *a, const tm_campaign_t *b)
{
    const tm_campaign_rival_t *x = a->advertisers.v, *y = b->advertisers.v;
    bool same = a->advertisers.n == b->advertisers.n;
    for (uint32_t i = 0; same && i < a->advertisers.n; i++) {
        same = x[i].advertiser_id.v == y[i].advertiser_id.v && x[i].side.v == y[i].side.v;
    }
    return same;
}

/* The same links by campaign that are no longer so. */
static void archive_sides(tm_turn_t *turn, directory_t *d, tm_id_t campaign)
{
    uint32_t key = 0;
    for (const tm_row_t *row;
         (row = tm_tables_next(&d->tables, &tm_campaign_advertiser_desc, &key)); key++) {
        tm_campaign_advertiser_t *link = tm_row_read(row, tm_turn_arena(turn));
        if (link == NULL || link->campaign_id.v != campaign.v ||
            TM_HAS(link, TM_CAMPAIGN_ADVERTISER_archived_ms)) {
            continue;
        }
        tm_has_t touched = {{0}};
        TM_SET_TOUCHED(link, &touched, TM_CAMPAIGN_ADVERTISER, archived_ms, tm_turn_now(turn));
        tm_record_stamp_patch(link, &touched, link->version, tm_turn_now(turn));
        tm_turn_patch(turn, &tm_campaign_advertiser_desc, row->id, link, &touched);
    }
}

/* An empty list and none mean the same; only one of them is kept, so that a record sent back as it
 * was read changes nothing. What a patch made null may still hold its old elements. */
#define ONE_KIND_OF_EMPTY(c, UP, list)         \
    (TM_HAS(c, UP##_##list) && (c)->list.n > 0 \
         ? (void)0                             \
         : ((void)TM_CLEAR(c, UP##_##list), (c)->list.v = NULL, (void)((c)->list.n = 0)))

static void tidy_lists(tm_campaign_t *c)
{
    ONE_KIND_OF_EMPTY(c, TM_CAMPAIGN, media);
    ONE_KIND_OF_EMPTY(c, TM_CAMPAIGN, keywords);
    ONE_KIND_OF_EMPTY(c, TM_CAMPAIGN, markets);
    ONE_KIND_OF_EMPTY(c, TM_CAMPAIGN, advertisers);
    tm_campaign_rival_t *rivals = c->advertisers.v;
    for (uint32_t i = 0; i < c->advertisers.n; i++) {
        ONE_KIND_OF_EMPTY(&rivals[i], TM_CAMPAIGN_RIVAL, aliases);
    }
}

/* Checks and defaults; every fault is in why afterwards. */
static void prepare(tm_turn_t *turn, tm_campaign_t *c, tm_why_t *why)
{
    tidy_lists(c);
    const tm_err_t err = tm_campaign_prepare(c, tm_turn_arena(turn), why);
    if (err != TM_OK && why->n == 0) {
        (void)tm_why_add(why, err, NULL, "%s", tm_err_text(err));
    }
}

/* The campaign's actor answers when it holds the record: whoever was told 201 can use it at once.
 * The answer is kept here under the request's key; the receiver must not look the key up. */
static void send_record(tm_turn_t *turn, const tm_message_t *msg, const tm_campaign_t *c,
                        int32_t status)
{
    tm_waiter_t waiter = tm_waiter_of(msg);
    tm_campaign_put_t put = {0};
    TM_CLEAR(&waiter, TM_WAITER_idem_scope);
    TM_CLEAR(&waiter, TM_WAITER_idem_key);
    TM_CLEAR(&waiter, TM_WAITER_idem_fingerprint);
    TM_SET(&put, TM_CAMPAIGN_PUT, campaign, (tm_recs_t){(void *)(uintptr_t)c, 1});
    TM_SET(&put, TM_CAMPAIGN_PUT, waiter, (tm_recs_t){&waiter, 1});
    TM_SET(&put, TM_CAMPAIGN_PUT, status, status);
    tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(c->id), TM_MSG_CAMPAIGN_PUT, &put);
    tm_answer_record(turn, status, &tm_campaign_desc, c,
                     status == 201 ? "/api/v1/campaigns/" : NULL);
    tm_turn_answer_elsewhere(turn);
}

static void create(tm_turn_t *turn, directory_t *d, const tm_message_t *msg, tm_campaign_t *c,
                   bool slug_asked_for)
{
    tm_why_t why;
    tm_why_clear(&why);
    prepare(turn, c, &why);
    settle_slug(turn, d, c, slug_asked_for, &why);
    if (tm_answer_faults(turn, &why))
        return;
    tm_record_stamp_new(c, tm_turn_new_id(turn), tm_turn_now(turn));
    settle_rivals(turn, d, c);
    tm_day_t today = {0};
    const tm_err_t err = tm_zone_day(c->tz, tm_turn_now(turn), &today);
    assert(err == TM_OK); /* prepare knows the zone */
    (void)err;
    TM_SET(c, TM_CAMPAIGN, today, today);
    TM_SET(c, TM_CAMPAIGN, actor, (int32_t)tm_campaign_actor(c->id));
    tm_turn_put(turn, &tm_campaign_desc, c->id, c);
    put_sides(turn, c);
    send_record(turn, msg, c, 201);
    tm_turn_send(turn, TM_KIND_OF_clock, TM_ACTOR_CLOCK, TM_MSG_CAMPAIGN_CLOCK, c);
    directory_rematch(turn, d, c, NULL, 0);
}

void directory_campaign_create(tm_turn_t *turn, directory_t *d, const tm_message_t *msg)
{
    const tm_campaign_t *given = msg->payload;
    tm_campaign_t c = *given;
    create(turn, d, msg, &c, TM_HAS(given, TM_CAMPAIGN_slug));
}

/* ---- two advertisers are one ---- */

/* Index of an advertiser in a campaign's list, its length: none. */
static uint32_t rival_at(const tm_campaign_t *c, tm_id_t advertiser)
{
    const tm_campaign_rival_t *rivals = c->advertisers.v;
    uint32_t i = 0;
    while (i < c->advertisers.n && rivals[i].advertiser_id.v != advertiser.v) {
        i++;
    }
    return i;
}

const tm_campaign_t *directory_rivals_differ(const directory_t *d, tm_id_t from, tm_id_t to)
{
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        const tm_campaign_t *c = d->campaigns[i].campaign;
        const uint32_t a = rival_at(c, from), b = rival_at(c, to);
        if (a < c->advertisers.n && b < c->advertisers.n &&
            tm_assign_side(c, from) != tm_assign_side(c, to))
            return c;
    }
    return NULL;
}

/* The spellings of `other` behind those of `rival`, as many as a campaign may list. */
static void add_spellings(tm_campaign_rival_t *rival, const tm_campaign_rival_t *other,
                          tm_arena_t *arena)
{
    tm_strs_t list = {
        tm_arena_alloc(arena, (rival->aliases.n + other->aliases.n + 1) * sizeof(tm_str_t)), 0};
    assert(list.v != NULL);
    for (uint32_t i = 0; i < rival->aliases.n; i++) {
        list.v[list.n++] = rival->aliases.v[i];
    }
    if (!tm_str_eq(other->name, rival->name) && list.n < RIVAL_ALIASES_MAX) {
        list.v[list.n++] = other->name;
    }
    for (uint32_t i = 0; i < other->aliases.n && list.n < RIVAL_ALIASES_MAX; i++) {
        list.v[list.n++] = other->aliases.v[i];
    }
    TM_SET(rival, TM_CAMPAIGN_RIVAL, aliases, list);
}

static void move_rival(tm_turn_t *turn, tm_campaign_t *c, tm_id_t from, tm_id_t to, tm_str_t name)
{
    tm_campaign_rival_t *rivals = c->advertisers.v;
    const uint32_t at = rival_at(c, from), kept = rival_at(c, to);
    const tm_campaign_rival_t old = rivals[at];
    if (kept < c->advertisers.n) { /* both are listed: one entry is left */
        add_spellings(&rivals[kept], &old, tm_turn_arena(turn));
        memmove(&rivals[at], &rivals[at + 1], (c->advertisers.n - at - 1) * sizeof *rivals);
        c->advertisers.n--;
        return;
    }
    TM_SET(&rivals[at], TM_CAMPAIGN_RIVAL, name, name);
    TM_SET(&rivals[at], TM_CAMPAIGN_RIVAL, advertiser_id, to);
    TM_CLEAR(&rivals[at], TM_CAMPAIGN_RIVAL_aliases);
    rivals[at].aliases = (tm_strs_t){NULL, 0};
    add_spellings(&rivals[at], &old, tm_turn_arena(turn));
}

void directory_rivals_move(tm_turn_t *turn, directory_t *d, tm_id_t from, tm_id_t to, tm_str_t name)
{
    for (uint32_t i = 0; i < d->n_campaigns; i++) {
        const tm_campaign_t *old = d->campaigns[i].campaign;
        if (rival_at(old, from) == old->advertisers.n) {
            continue;
        }
        tm_campaign_t *c = tm_record_copy(&tm_campaign_desc, old, tm_turn_arena(turn));
        assert(c != NULL); /* a campaign is small beside the arena of a turn */
        move_rival(turn, c, from, to, name);
        tm_has_t touched = {{0}};
        tm_record_stamp_patch(c, &touched, old->version, tm_turn_now(turn));
        tm_turn_put(turn, &tm_campaign_desc, c->id, c);
        archive_sides(turn, d, c->id);
        put_sides(turn, c);
        tm_campaign_put_t put = {0};
        TM_SET(&put, TM_CAMPAIGN_PUT, campaign, (tm_recs_t){c, 1});
        tm_turn_send(turn, TM_KIND_OF_campaign, tm_campaign_actor(c->id), TM_MSG_CAMPAIGN_PUT,
                     &put);
    }
}

void directory_campaign_clone(tm_turn_t *turn, directory_t *d, const tm_message_t *msg)
{
    const tm_record_ref_t *ref = msg->payload;
    const tm_campaign_t *from = directory_campaign(d, ref->id);
    if (from == NULL) {
        tm_turn_fail(turn, TM_ENOTFOUND, NULL);
        return;
    }
    tm_campaign_t *c = tm_record_copy(&tm_campaign_desc, from, tm_turn_arena(turn));
    if (c == NULL) {
        tm_turn_fail(turn, TM_ENOMEM, NULL);
        return;
    }
    const tm_str_t old = cut(from->name, 190);
    const tm_str_t name =
        TM_HAS(ref, TM_RECORD_REF_name)
            ? ref->name
            : tm_arena_printf(tm_turn_arena(turn), "Copy of %.*s", (int)old.n, old.p);
    TM_SET(c, TM_CAMPAIGN, name, name);
    TM_CLEAR(c, TM_CAMPAIGN_slug);
    TM_CLEAR(c, TM_CAMPAIGN_archived_ms);
    create(turn, d, msg, c, false);
}

/* The patched record in ret, or a problem answered. */
static tm_campaign_t *patched(tm_turn_t *turn, directory_t *d, const tm_message_t *msg,
                              tm_has_t *ret_touched)
{
    const tm_record_patch_t *p = msg->payload;
    const tm_campaign_t *old = directory_campaign(d, p->id);
    tm_why_t why;
    tm_why_clear(&why);
    if (old == NULL) {
        tm_turn_fail(turn, TM_ENOTFOUND, NULL);
        return NULL;
    }
    if (msg->expect_version >= 0 && msg->expect_version != old->version) {
        tm_turn_fail(turn, TM_ESTALE, NULL);
        return NULL;
    }
    tm_campaign_t *c = tm_record_copy(&tm_campaign_desc, old, tm_turn_arena(turn));
    const tm_err_t err = c == NULL ? TM_ENOMEM
                                   : tm_binary_apply_patch(&tm_campaign_desc, p->patch,
                                                           tm_turn_arena(turn), c, ret_touched);
    if (err != TM_OK) {
        tm_turn_fail(turn, err, NULL);
        return NULL;
    }
    prepare(turn, c, &why);
    settle_slug(turn, d, c, true, &why);
    return tm_answer_faults(turn, &why) ? NULL : c;
}

/* What the clock goes by: the zone, and whether and when a report is due. */
static bool clock_differs(const tm_campaign_t *a, const tm_campaign_t *b)
{
    static const uint32_t fields[] = {TM_CAMPAIGN_tz, TM_CAMPAIGN_eod_local_min,
                                      TM_CAMPAIGN_eod_enabled, TM_CAMPAIGN_status,
                                      TM_CAMPAIGN_archived_ms};
    const tm_has_t diff = tm_record_diff(&tm_campaign_desc, a, b);
    for (size_t i = 0; i < TM_COUNT(fields); i++) {
        if (tm_has_get(&diff, fields[i]))
            return true;
    }
    return false;
}

void directory_campaign_patch(tm_turn_t *turn, directory_t *d, const tm_message_t *msg)
{
    tm_has_t touched = {{0}};
    tm_campaign_t *c = patched(turn, d, msg, &touched);
    if (c == NULL)
        return;
    const tm_campaign_t *old = directory_campaign(d, c->id);
    settle_rivals(turn, d, c);
    if (tm_record_equal(&tm_campaign_desc, c, old)) {
        tm_answer_record(turn, 200, &tm_campaign_desc, c, NULL); /* nothing changed: no version */
        return;
    }
    tm_record_stamp_patch(c, &touched, old->version, tm_turn_now(turn));
    tm_turn_put(turn, &tm_campaign_desc, c->id, c);
    if (!same_sides(c, old)) {
        archive_sides(turn, d, c->id);
        put_sides(turn, c);
    }
    send_record(turn, msg, c, 200);
    if (clock_differs(c, old)) {
        tm_turn_send(turn, TM_KIND_OF_clock, TM_ACTOR_CLOCK, TM_MSG_CAMPAIGN_CLOCK, c);
    }
    if (!tm_assign_criteria_equal(c, old)) {
        directory_rematch(turn, d, c, old, 0);
    }
}
