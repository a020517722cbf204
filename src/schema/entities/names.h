/* names.h - who pays, who sells, where: advertisers, agencies, markets, stations,                 \
      sources and their spellings. */
#ifndef TM_SCHEMA_ENTITIES_NAMES_H
#define TM_SCHEMA_ENTITIES_NAMES_H
#include "schema/entities/common.h"
#include "schema/entities/parts.h"

#define TM_ADVERTISER_INDEX_(number, ctype, name, flags, extra, doc) TM_ADVERTISER_##name,
#define TM_ADVERTISER_FIELDS(F)                                                                    \
    TM_COMMON_FIELDS(F, "adv")                                                                     \
    F(10, tm_str_t, name, TM_F_REQUIRED, TM_LIMIT(1, 200), "the first spelling seen or chosen")    \
    F(11, tm_enum_t, type, 0, TM_WORDS(&tm_advertiser_type_words), "kind of payer")                \
    F(12, tm_str_t, party, 0, TM_LIMIT(0, 50), "party")                                            \
    F(13, tm_str_t, committee_id, 0, TM_LIMIT(0, 16), "FEC committee")                             \
    F(14, tm_id_t, parent_id, 0, TM_REF("adv"), "owner")
TM_RECORD(tm_advertiser, TM_ADVERTISER);

#define TM_ADVERTISER_ALIAS_INDEX_(number, ctype, name, flags, extra, doc)                         \
    TM_ADVERTISER_ALIAS_##name,
#define TM_ADVERTISER_ALIAS_FIELDS(F)                                                              \
    TM_COMMON_FIELDS(F, "ala")                                                                     \
    F(10, tm_id_t, advertiser_id, TM_F_REQUIRED | TM_F_INDEX, TM_REF("adv"), "whose spelling")     \
    F(11, tm_str_t, text, TM_F_REQUIRED, TM_LIMIT(1, 200), "as seen")                              \
    F(12, tm_str_t, norm, TM_F_READONLY | TM_F_UNIQUE, TM_LIMIT(1, 600), "folded")                 \
    F(13, tm_str_t, source, 0, TM_LIMIT(0, 50), "who brought it")                                  \
    F(14, tm_str_t, confirmed_by, 0, TM_LIMIT(0, 100), "person who confirmed it")                  \
    F(15, tm_ms_t, confirmed_ms, 0, TM_PLAIN, "when")
TM_RECORD(tm_advertiser_alias, TM_ADVERTISER_ALIAS);

#define TM_AGENCY_INDEX_(number, ctype, name, flags, extra, doc) TM_AGENCY_##name,
#define TM_AGENCY_FIELDS(F)                                                                        \
    TM_COMMON_FIELDS(F, "agy")                                                                     \
    F(10, tm_str_t, name, TM_F_REQUIRED, TM_LIMIT(1, 200), "shown name")                           \
    F(11, tm_strs_t, aliases, 0, TM_ITEMS(1, 200, 100), "other spellings")                         \
    F(12, int32_t, commission_bp, 0, TM_LIMIT(0, 9999), "its commission where none is printed")
TM_RECORD(tm_agency, TM_AGENCY);

#define TM_MARKET_INDEX_(number, ctype, name, flags, extra, doc) TM_MARKET_##name,
#define TM_MARKET_FIELDS(F)                                                                        \
    TM_COMMON_FIELDS(F, "mkt")                                                                     \
    F(10, int32_t, dma_code, TM_F_REQUIRED | TM_F_UNIQUE, TM_LIMIT(100, 999), "the number used")   \
    F(11, tm_str_t, name, TM_F_REQUIRED, TM_LIMIT(1, 100), "shown name")                           \
    F(12, int32_t, rank, 0, TM_LIMIT(1, 1000), "by TV homes, 1 the largest")                       \
    F(13, int64_t, tv_homes, 0, TM_LIMIT(0, 1000000000), "TV homes")                               \
    F(14, tm_str_t, tz, 0, TM_LIMIT(1, 64), "IANA zone")
TM_RECORD(tm_market, TM_MARKET);

#define TM_MARKET_ALIAS_INDEX_(number, ctype, name, flags, extra, doc) TM_MARKET_ALIAS_##name,
#define TM_MARKET_ALIAS_FIELDS(F)                                                                  \
    TM_COMMON_FIELDS(F, "mka")                                                                     \
    F(10, tm_str_t, norm, TM_F_REQUIRED | TM_F_UNIQUE, TM_LIMIT(1, 300), "folded spelling")        \
    F(11, int32_t, dma_code, TM_F_REQUIRED, TM_LIMIT(100, 999), "the market")                      \
    F(12, tm_str_t, text, 0, TM_LIMIT(1, 100), "as seen")
TM_RECORD(tm_market_alias, TM_MARKET_ALIAS);

#define TM_STATION_INDEX_(number, ctype, name, flags, extra, doc) TM_STATION_##name,
#define TM_STATION_FIELDS(F)                                                                       \
    TM_COMMON_FIELDS(F, "sta")                                                                     \
    F(10, tm_str_t, call_sign, TM_F_REQUIRED | TM_F_INDEX, TM_LIMIT(1, 60),                        \
      "without -TV -DT -CD -LD -CA; cable: operator and system")                                   \
    F(11, tm_enum_t, service, 0, TM_WORDS(&tm_service_words), "kind of station")                   \
    F(12, int64_t, facility_id, TM_F_INDEX, TM_LIMIT(1, 100000000), "FCC facility")                \
    F(13, tm_str_t, network, 0, TM_LIMIT(0, 60), "affiliation")                                    \
    F(14, tm_str_t, city, 0, TM_LIMIT(0, 60), "community of licence")                              \
    F(15, tm_str_t, state, 0, TM_LIMIT(0, 2), "two letters")                                       \
    F(16, int32_t, dma_code, 0, TM_LIMIT(100, 999), "its market; absent: unknown")                 \
    F(17, tm_str_t, tz, 0, TM_LIMIT(1, 64), "IANA zone")                                           \
    F(18, tm_ms_t, known_from_ms, TM_F_READONLY, TM_PLAIN, "believed from")                        \
    F(19, tm_ms_t, known_to_ms, TM_F_READONLY, TM_PLAIN, "believed until; absent: still")
TM_RECORD(tm_station, TM_STATION);

#define TM_SOURCE_INDEX_(number, ctype, name, flags, extra, doc) TM_SOURCE_##name,
#define TM_SOURCE_FIELDS(F)                                                                        \
    TM_COMMON_FIELDS(F, "src")                                                                     \
    F(10, tm_str_t, name, TM_F_REQUIRED | TM_F_UNIQUE, TM_LIMIT(1, 50),                            \
      "the name used in `source`")                                                                 \
    F(11, tm_enum_t, kind, TM_F_REQUIRED, TM_WORDS(&tm_source_kind_words), "kind of evidence")     \
    F(12, int32_t, trust_rank, 0, TM_LIMIT(0, 1000), "smaller wins")
TM_RECORD(tm_source, TM_SOURCE);

#define TM_SETTING_INDEX_(number, ctype, name, flags, extra, doc) TM_SETTING_##name,
#define TM_SETTING_FIELDS(F)                                                                       \
    TM_COMMON_FIELDS(F, "set")                                                                     \
    F(10, tm_str_t, key, TM_F_REQUIRED | TM_F_UNIQUE, TM_LIMIT(1, 100), "name")                    \
    F(11, tm_str_t, value, 0, TM_LIMIT(0, 4000), "value as text")                                  \
    F(12, tm_str_t, updated_by, 0, TM_LIMIT(0, 100), "principal")
TM_RECORD(tm_setting, TM_SETTING);

/* A spelling that looks like a name we know: a person says whether it is. */
#define TM_NAME_PROPOSAL_INDEX_(number, ctype, name, flags, extra, doc) TM_NAME_PROPOSAL_##name,
#define TM_NAME_PROPOSAL_FIELDS(F)                                                                 \
    TM_COMMON_FIELDS(F, "nmp")                                                                     \
    F(10, tm_enum_t, kind, TM_F_REQUIRED, TM_WORDS(&tm_name_kind_words), "of what")                \
    F(11, tm_str_t, text, TM_F_REQUIRED, TM_LIMIT(1, 200), "the new spelling")                     \
    F(12, tm_id_t, advertiser_id, 0, TM_REF("adv"), "advertiser made for it meanwhile")            \
    F(13, tm_id_t, target_id, 0, TM_REF("adv"), "the advertiser it may be")                        \
    F(14, tm_str_t, target, 0, TM_LIMIT(1, 200), "its name")                                       \
    F(15, int32_t, score_bp, 0, TM_LIMIT(0, 10000), "how alike")                                   \
    F(16, tm_str_t, why, 0, TM_LIMIT(0, 400), "in words")                                          \
    F(17, tm_enum_t, status, TM_F_REQUIRED, TM_WORDS(&tm_proposal_status_words), "the verdict")    \
    F(18, tm_str_t, decided_by, 0, TM_LIMIT(0, 200), "principal")                                  \
    F(19, tm_ms_t, decided_ms, 0, TM_PLAIN, "when")                                                \
    F(20, int32_t, dma_code, 0, TM_LIMIT(100, 999), "the market it may be")
TM_RECORD(tm_name_proposal, TM_NAME_PROPOSAL);

/* Which column of a source's sheets holds which field of a line. */
#define TM_COLUMN_INDEX_(number, ctype, name, flags, extra, doc) TM_COLUMN_##name,
#define TM_COLUMN_FIELDS(F)                                                                        \
    F(1, tm_str_t, field, TM_F_REQUIRED, TM_LIMIT(1, 60), "of a buy line")                         \
    F(2, tm_str_t, header, TM_F_REQUIRED, TM_LIMIT(1, 200), "of the column")
TM_RECORD(tm_column, TM_COLUMN);

#define TM_COLUMN_MAPPING_INDEX_(number, ctype, name, flags, extra, doc) TM_COLUMN_MAPPING_##name,
#define TM_COLUMN_MAPPING_FIELDS(F)                                                                \
    TM_COMMON_FIELDS(F, "cmm")                                                                     \
    F(10, tm_str_t, source, TM_F_REQUIRED | TM_F_UNIQUE, TM_LIMIT(1, 50), "whose sheets")          \
    F(11, tm_recs_t, columns, TM_F_REQUIRED, TM_SUB_ITEMS(&tm_column_desc, 60), "its columns")
TM_RECORD(tm_column_mapping, TM_COLUMN_MAPPING);
#endif
