/* assign.c - does a line belong to a campaign, and what a campaign must be to be asked.
 *
 * How:     names are compared folded, keywords as whole words of folded text.
 * Threads: pure. */
#include "domain/assign.h"
#include "base/fold.h"
#include "base/time.h"
#include "domain/money.h"
#include "schema/record.h"
#include <stdio.h>

#define TZ_DEFAULT "America/New_York"
#define DAY_START_DEFAULT_MIN 360
#define SLUG_BYTES_MAX 100

static bool market_matches(const tm_campaign_t *campaign, const tm_buy_line_t *line)
{
    if (!TM_HAS(campaign, TM_CAMPAIGN_markets) || campaign->markets.n == 0)
        return true;
    if (!TM_HAS(line, TM_BUY_LINE_market))
        return false;
    for (uint32_t i = 0; i < campaign->markets.n; i++) {
        if (campaign->markets.v[i] == line->market)
            return true;
    }
    return false;
}

static bool same_name(tm_arena_t *scratch, tm_str_t folded, tm_str_t name)
{
    return folded.n > 0 && tm_str_eq(folded, tm_fold_key(scratch, name));
}

/* One of the campaign's advertisers: by id where both have one, else by its spellings. */
static bool rival_matches(const tm_campaign_rival_t *rival, const tm_buy_line_t *line,
                          tm_str_t name, tm_str_t text, tm_arena_t *scratch)
{
    if (TM_HAS(rival, TM_CAMPAIGN_RIVAL_advertiser_id) && TM_HAS(line, TM_BUY_LINE_advertiser_id))
        return rival->advertiser_id.v == line->advertiser_id.v;
    if (same_name(scratch, name, rival->name) || same_name(scratch, text, rival->name))
        return true;
    for (uint32_t i = 0; TM_HAS(rival, TM_CAMPAIGN_RIVAL_aliases) && i < rival->aliases.n; i++) {
        if (same_name(scratch, name, rival->aliases.v[i]) ||
            same_name(scratch, text, rival->aliases.v[i]))
            return true;
    }
    return false;
}

/* Whole words: "ann lee" stands in "vote ann lee now", not in "joann lee". */
static bool words_hold(tm_str_t words, tm_str_t wanted)
{
    if (wanted.n == 0 || wanted.n > words.n)
        return false;
    for (uint32_t i = 0; i + wanted.n <= words.n; i++) {
        const bool begins = i == 0 || words.p[i - 1] == ' ';
        const bool ends = i + wanted.n == words.n || words.p[i + wanted.n] == ' ';
        if (begins && ends && memcmp(words.p + i, wanted.p, wanted.n) == 0)
            return true;
    }
    return false;
}

static bool keyword_matches(const tm_campaign_t *campaign, const tm_buy_line_t *line,
                            tm_arena_t *scratch)
{
    if (!TM_HAS(campaign, TM_CAMPAIGN_keywords) || campaign->keywords.n == 0)
        return false;
    tm_str_t texts[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (TM_HAS(line, TM_BUY_LINE_advertiser)) {
        texts[0] = tm_fold_words(scratch, line->advertiser);
    }
    if (TM_HAS(line, TM_BUY_LINE_advertiser_text)) {
        texts[1] = tm_fold_words(scratch, line->advertiser_text);
    }
    if (TM_HAS(line, TM_BUY_LINE_product)) {
        texts[2] = tm_fold_words(scratch, line->product);
    }
    for (uint32_t i = 0; i < campaign->keywords.n; i++) {
        const tm_str_t wanted = tm_fold_words(scratch, campaign->keywords.v[i]);
        for (size_t t = 0; t < TM_COUNT(texts); t++) {
            if (words_hold(texts[t], wanted))
                return true;
        }
    }
    return false;
}

bool tm_assign_matches(const tm_campaign_t *campaign, const tm_buy_line_t *line,
                       tm_arena_t *scratch)
{
    if (!market_matches(campaign, line))
        return false;
    const uint32_t rivals = TM_HAS(campaign, TM_CAMPAIGN_advertisers) ? campaign->advertisers.n : 0;
    const uint32_t keywords = TM_HAS(campaign, TM_CAMPAIGN_keywords) ? campaign->keywords.n : 0;
    if (rivals == 0 && keywords == 0)
        return true;
    tm_str_t name = {NULL, 0}, text = {NULL, 0};
    if (TM_HAS(line, TM_BUY_LINE_advertiser)) {
        name = tm_fold_key(scratch, line->advertiser);
    }
    if (TM_HAS(line, TM_BUY_LINE_advertiser_text)) {
        text = tm_fold_key(scratch, line->advertiser_text);
    }
    const tm_campaign_rival_t *v = campaign->advertisers.v;
    for (uint32_t i = 0; i < rivals; i++) {
        if (rival_matches(&v[i], line, name, text, scratch))
            return true;
    }
    return keyword_matches(campaign, line, scratch);
}

int tm_assign_side(const tm_campaign_t *campaign, tm_id_t advertiser_id)
{
    const tm_campaign_rival_t *v = campaign->advertisers.v;
    for (uint32_t i = 0; TM_HAS(campaign, TM_CAMPAIGN_advertisers) && i < campaign->advertisers.n;
         i++) {
        if (advertiser_id.v != 0 && TM_HAS(&v[i], TM_CAMPAIGN_RIVAL_advertiser_id) &&
            v[i].advertiser_id.v == advertiser_id.v)
            return TM_HAS(&v[i], TM_CAMPAIGN_RIVAL_side) ? v[i].side.v : TM_SIDE_neutral;
    }
    return TM_SIDE_neutral;
}

static bool strs_equal(const tm_strs_t *a, const tm_strs_t *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (!tm_str_eq(a->v[i], b->v[i]))
            return false;
    }
    return true;
}

bool tm_assign_criteria_equal(const tm_campaign_t *a, const tm_campaign_t *b)
{
    if (!strs_equal(&a->keywords, &b->keywords))
        return false;
    if (a->markets.n != b->markets.n || a->advertisers.n != b->advertisers.n)
        return false;
    for (uint32_t i = 0; i < a->markets.n; i++) {
        if (a->markets.v[i] != b->markets.v[i])
            return false;
    }
    const tm_campaign_rival_t *x = a->advertisers.v, *y = b->advertisers.v;
    for (uint32_t i = 0; i < a->advertisers.n; i++) {
        if (x[i].advertiser_id.v != y[i].advertiser_id.v || !tm_str_eq(x[i].name, y[i].name) ||
            !strs_equal(&x[i].aliases, &y[i].aliases))
            return false;
    }
    return true;
}

/* ---- a campaign from a request ---- */

static bool has_str(const tm_strs_t *list, tm_str_t s)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (tm_str_eq(list->v[i], s))
            return true;
    }
    return false;
}

/* other's spellings become aliases of kept. */
static bool take_spellings(tm_campaign_rival_t *kept, const tm_campaign_rival_t *other,
                           tm_arena_t *arena)
{
    tm_strs_t list = {
        tm_arena_alloc(arena, (kept->aliases.n + other->aliases.n + 1) * sizeof(tm_str_t)), 0};
    if (list.v == NULL)
        return false;
    for (uint32_t i = 0; i < kept->aliases.n; i++) {
        list.v[list.n++] = kept->aliases.v[i];
    }
    if (!tm_str_eq(other->name, kept->name) && !has_str(&list, other->name)) {
        list.v[list.n++] = other->name;
    }
    for (uint32_t i = 0; i < other->aliases.n; i++) {
        if (!tm_str_eq(other->aliases.v[i], kept->name) && !has_str(&list, other->aliases.v[i])) {
            list.v[list.n++] = other->aliases.v[i];
        }
    }
    kept->aliases = list;
    TM_MARK(kept, TM_CAMPAIGN_RIVAL_aliases);
    return true;
}

/* Names that fold alike are one advertiser: the first spelling shown. In place of the list. */
static tm_err_t merge_rivals(tm_campaign_t *campaign, tm_arena_t *arena, tm_why_t *why)
{
    if (!TM_HAS(campaign, TM_CAMPAIGN_advertisers) || campaign->advertisers.n == 0)
        return TM_OK;
    const tm_campaign_rival_t *given = campaign->advertisers.v;
    const uint32_t n = campaign->advertisers.n;
    tm_campaign_rival_t *out = tm_arena_alloc(arena, n * sizeof *out);
    tm_str_t *folded = tm_arena_alloc(arena, n * sizeof *folded);
    if (out == NULL || folded == NULL)
        return TM_ENOMEM;
    uint32_t kept = 0;
    tm_err_t err = TM_OK;
    for (uint32_t i = 0; i < n; i++) {
        char field[TM_WHY_FIELD_MAX];
        tm_campaign_rival_t rival = given[i];
        if (!TM_HAS(&rival, TM_CAMPAIGN_RIVAL_side)) {
            rival.side.v = TM_SIDE_neutral;
        }
        const tm_str_t name = tm_fold_key(arena, rival.name);
        if (name.p == NULL && rival.name.n > 0)
            return TM_ENOMEM;
        if (name.n == 0) {
            snprintf(field, sizeof field, "advertisers[%u].name", i);
            err = tm_why_add(why, TM_EINVALID, field, "must hold a letter or a digit");
            continue;
        }
        uint32_t k = 0;
        while (k < kept && !tm_str_eq(folded[k], name)) {
            k++;
        }
        if (k == kept) {
            TM_MARK(&rival, TM_CAMPAIGN_RIVAL_side);
            folded[kept] = name;
            out[kept++] = rival;
        } else if (TM_HAS(&given[i], TM_CAMPAIGN_RIVAL_side) && out[k].side.v != rival.side.v) {
            snprintf(field, sizeof field, "advertisers[%u].side", i);
            err = tm_why_add(why, TM_EINVALID, field,
                             "the same advertiser is named before with another side");
        } else if (!take_spellings(&out[k], &rival, arena)) {
            return TM_ENOMEM;
        }
    }
    if (err != TM_OK)
        return err;
    campaign->advertisers = (tm_recs_t){out, kept};
    return TM_OK;
}

static tm_err_t check_words(const tm_campaign_t *campaign, tm_arena_t *arena, tm_why_t *why)
{
    char field[TM_WHY_FIELD_MAX];
    tm_err_t err = TM_OK;
    for (uint32_t i = 0; TM_HAS(campaign, TM_CAMPAIGN_keywords) && i < campaign->keywords.n; i++) {
        if (tm_fold_words(arena, campaign->keywords.v[i]).n == 0) {
            snprintf(field, sizeof field, "keywords[%u]", i);
            err = tm_why_add(why, TM_EINVALID, field, "must hold a letter or a digit");
        }
    }
    for (uint32_t i = 0; TM_HAS(campaign, TM_CAMPAIGN_media) && i < campaign->media.n; i++) {
        if (tm_words_find(&tm_medium_words, campaign->media.v[i]) < 0) {
            snprintf(field, sizeof field, "media[%u]", i);
            err = tm_why_add(why, TM_EINVALID, field, "must be a medium like broadcast or cable");
        }
    }
    if (TM_HAS(campaign, TM_CAMPAIGN_tz) && !tm_zone_is_known(campaign->tz)) {
        err = tm_why_add(why, TM_EINVALID, "tz", "must be a time zone like America/New_York");
    }
    for (uint32_t i = 0; TM_HAS(campaign, TM_CAMPAIGN_slug) && i < campaign->slug.n; i++) {
        const char c = campaign->slug.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0))) {
            err = tm_why_add(why, TM_EINVALID, "slug",
                             "must be lower-case letters, digits and hyphens");
            break;
        }
    }
    return err;
}

/* "José's Race 2026" -> "jose-s-race-2026". A name of other scripts keeps its letters. */
static tm_err_t put_slug(tm_campaign_t *campaign, tm_arena_t *arena)
{
    if (TM_HAS(campaign, TM_CAMPAIGN_slug) || !TM_HAS(campaign, TM_CAMPAIGN_name))
        return TM_OK;
    const tm_str_t words = tm_fold_words(arena, campaign->name);
    if (words.p == NULL && campaign->name.n > 0)
        return TM_ENOMEM;
    uint32_t n = TM_MIN(words.n, (uint32_t)SLUG_BYTES_MAX);
    while (n > 0 && n < words.n && ((unsigned char)words.p[n] & 0xc0) == 0x80) {
        n--;
    }
    while (n > 0 && words.p[n - 1] == ' ') {
        n--;
    }
    char *p = tm_arena_alloc(arena, (size_t)n + 1);
    if (p == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        p[i] = words.p[i] == ' ' ? '-' : words.p[i];
    }
    p[n] = '\0';
    campaign->slug = n > 0 ? (tm_str_t){p, n} : TM_STR("campaign");
    TM_MARK(campaign, TM_CAMPAIGN_slug);
    return TM_OK;
}

static void put_enum(tm_campaign_t *campaign, tm_enum_t *field, int index, int value)
{
    if (TM_HAS(campaign, index))
        return;
    field->v = (uint8_t)value;
    TM_MARK(campaign, index);
}

static void put_i32(tm_campaign_t *campaign, int32_t *field, int index, int32_t value)
{
    if (TM_HAS(campaign, index))
        return;
    *field = value;
    TM_MARK(campaign, index);
}

/* Each code once, in the order given. */
static tm_err_t unique_markets(tm_campaign_t *campaign, tm_arena_t *arena)
{
    if (!TM_HAS(campaign, TM_CAMPAIGN_markets) || campaign->markets.n < 2)
        return TM_OK;
    int32_t *v = tm_arena_alloc(arena, campaign->markets.n * sizeof *v);
    if (v == NULL)
        return TM_ENOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; i < campaign->markets.n; i++) {
        uint32_t k = 0;
        while (k < n && v[k] != campaign->markets.v[i]) {
            k++;
        }
        if (k == n) {
            v[n++] = campaign->markets.v[i];
        }
    }
    campaign->markets = (tm_i32s_t){v, n};
    return TM_OK;
}

tm_err_t tm_campaign_prepare(tm_campaign_t *campaign, tm_arena_t *arena, tm_why_t *why)
{
    const tm_err_t words = check_words(campaign, arena, why);
    tm_err_t err = merge_rivals(campaign, arena, why);
    if (err == TM_OK) {
        err = words;
    }
    if (TM_HAS(campaign, TM_CAMPAIGN_name) && tm_str_trim(campaign->name).n == 0) {
        err = tm_why_add(why, TM_EINVALID, "name", "must not be blank");
    }
    if (err != TM_OK)
        return err;
    if (!TM_HAS(campaign, TM_CAMPAIGN_tz)) {
        campaign->tz = TM_STR(TZ_DEFAULT);
        TM_MARK(campaign, TM_CAMPAIGN_tz);
    }
    put_enum(campaign, &campaign->kind, TM_CAMPAIGN_kind, TM_KIND_race);
    put_enum(campaign, &campaign->status, TM_CAMPAIGN_status, TM_CAMPAIGN_STATUS_active);
    put_enum(campaign, &campaign->week_basis, TM_CAMPAIGN_week_basis, TM_WEEK_BASIS_broadcast);
    put_i32(campaign, &campaign->broadcast_day_start_min, TM_CAMPAIGN_broadcast_day_start_min,
            DAY_START_DEFAULT_MIN);
    put_i32(campaign, &campaign->commission_bp, TM_CAMPAIGN_commission_bp,
            TM_COMMISSION_DEFAULT_BP);
    err = unique_markets(campaign, arena);
    return err == TM_OK ? put_slug(campaign, arena) : err;
}
