/* campaign.h - the container of one tracked race,                                                 \
      and which advertisers stand on which side of it. */
#ifndef TM_SCHEMA_ENTITIES_CAMPAIGN_H
#define TM_SCHEMA_ENTITIES_CAMPAIGN_H
#include "schema/entities/common.h"
#include "schema/entities/parts.h"

#define TM_CAMPAIGN_INDEX_(number, ctype, name, flags, extra, doc) TM_CAMPAIGN_##name,
#define TM_CAMPAIGN_FIELDS(F)                                                                      \
    TM_COMMON_FIELDS(F, "cmp")                                                                     \
    F(10, tm_str_t, name, TM_F_REQUIRED, TM_LIMIT(1, 200), "shown name")                           \
    F(11, tm_enum_t, kind, 0, TM_WORDS(&tm_kind_words), "race (default) or advocacy")              \
    F(12, tm_str_t, slug, TM_F_UNIQUE, TM_LIMIT(1, 100), "made from the name when not given")      \
    F(13, tm_str_t, client, 0, TM_LIMIT(0, 200), "who is served")                                  \
    F(14, tm_str_t, office, 0, TM_LIMIT(0, 100), "office sought")                                  \
    F(15, tm_str_t, state, 0, TM_LIMIT(2, 2), "two letters")                                       \
    F(16, tm_str_t, district, 0, TM_LIMIT(0, 50), "district")                                      \
    F(17, tm_day_t, election_date, 0, TM_PLAIN, "election day")                                    \
    F(18, tm_enum_t, status, 0, TM_WORDS(&tm_campaign_status_words), "active by default")          \
    F(19, tm_str_t, tz, 0, TM_LIMIT(1, 64), "IANA zone; America/New_York by default")              \
    F(20, tm_enum_t, week_basis, 0, TM_WORDS(&tm_week_basis_words), "broadcast by default")        \
    F(21, int32_t, broadcast_day_start_min, 0, TM_LIMIT(0, 1439), "minutes after midnight; 360")   \
    F(22, int32_t, commission_bp, 0, TM_LIMIT(0, 9999), "used where none is printed; 1500")        \
    F(23, tm_strs_t, media, 0, TM_ITEMS(1, 20, 20), "media shown; empty: all")                     \
    F(24, tm_strs_t, keywords, 0, TM_ITEMS(1, 100, 500), "a line whose names hold one belongs")    \
    F(25, tm_i32s_t, markets, 0, TM_ITEMS(100, 999, 1000), "DMA codes; empty: every market")       \
    F(26, tm_recs_t, advertisers, 0, TM_SUB_ITEMS(&tm_campaign_rival_desc, 1000),                  \
      "who is tracked")                                                                            \
    F(27, int32_t, eod_local_min, 0, TM_LIMIT(0, 1439),                                            \
      "minute of its day from which the end-of-day report is due; null: 1080, 18:00")              \
    F(28, bool, eod_enabled, 0, TM_PLAIN, "whether there is one; null: no")                        \
    F(29, tm_day_t, today, TM_F_READONLY | TM_F_NOJSON | TM_F_NOSQL, TM_PLAIN,                     \
      "local date when it was made")                                                               \
    F(30, int32_t, actor, TM_F_READONLY | TM_F_NOJSON, TM_PLAIN, "number of the campaign's actor")
TM_RECORD(tm_campaign, TM_CAMPAIGN);

#define TM_CAMPAIGN_ADVERTISER_INDEX_(number, ctype, name, flags, extra, doc)                      \
    TM_CAMPAIGN_ADVERTISER_##name,
#define TM_CAMPAIGN_ADVERTISER_FIELDS(F)                                                           \
    TM_COMMON_FIELDS(F, "cad")                                                                     \
    F(10, tm_id_t, campaign_id, TM_F_REQUIRED | TM_F_INDEX, TM_REF("cmp"), "the campaign")         \
    F(11, tm_id_t, advertiser_id, TM_F_REQUIRED, TM_REF("adv"), "the advertiser")                  \
    F(12, tm_enum_t, side, TM_F_REQUIRED, TM_WORDS(&tm_side_words), "towards the client")
TM_RECORD(tm_campaign_advertiser, TM_CAMPAIGN_ADVERTISER);

/* What a campaign's own actor (and the clock) keep of it: its record as last told by the
 * directory, the day that turned last, and when the next report is due. */
#define TM_CAMPAIGN_STATE_INDEX_(number, ctype, name, flags, extra, doc) TM_CAMPAIGN_STATE_##name,
#define TM_CAMPAIGN_STATE_FIELDS(F)                                                                \
    TM_COMMON_FIELDS(F, "cst")                                                                     \
    F(10, tm_recs_t, campaign, TM_F_REQUIRED, TM_SUB_ITEMS(&tm_campaign_desc, 1), "the record")    \
    F(11, tm_day_t, today, TM_F_REQUIRED, TM_PLAIN, "the campaign's local date")                   \
    F(12, tm_str_t, keeper, 0, TM_LIMIT(1, 20), "campaign or clock")                               \
    F(13, tm_day_t, eod_date, 0, TM_PLAIN, "clock: last date for which a report was ordered")      \
    F(14, tm_day_t, eod_next, 0, TM_PLAIN, "clock: date of the next one")                          \
    F(15, tm_ms_t, eod_due_ms, 0, TM_PLAIN, "clock: full hour at which it is ordered")
TM_RECORD(tm_campaign_state, TM_CAMPAIGN_STATE);
#endif
