/* buy_line.h - one normalised statement "advertiser x station x flight x amount" from one place
 * of one input. */
#ifndef TM_SCHEMA_ENTITIES_BUY_LINE_H
#define TM_SCHEMA_ENTITIES_BUY_LINE_H
#include "schema/entities/common.h"
#include "schema/entities/parts.h"

#define TM_BUY_LINE_INDEX_(number, ctype, name, flags, extra, doc) TM_BUY_LINE_##name,
#define TM_BUY_LINE_FIELDS(F)                                                                      \
    TM_COMMON_FIELDS(F, "bl")                                                                      \
    F(10, tm_id_t, campaign_id, TM_F_INDEX, TM_REF("cmp"), "absent: pending assignment")           \
    F(11, tm_id_t, document_id, TM_F_READONLY, TM_REF("doc"), "the document it comes from")        \
    F(12, tm_id_t, input_id, TM_F_READONLY, TM_REF("in"), "the bytes it comes from")               \
    F(13, tm_recs_t, locator, TM_F_READONLY, TM_SUB_ITEMS(&tm_place_desc, 64),                     \
      "place of each field")                                                                       \
    F(14, tm_id_t, advertiser_id, TM_F_READONLY, TM_REF("adv"), "who pays")                        \
    F(15, tm_str_t, advertiser, 0, TM_LIMIT(1, 200), "name of who pays")                           \
    F(16, tm_str_t, advertiser_text, TM_F_READONLY, TM_LIMIT(1, 200), "as printed")                \
    F(17, tm_enum_t, side, TM_F_READONLY, TM_WORDS(&tm_side_words), "of the advertiser here")      \
    F(18, tm_id_t, agency_id, TM_F_READONLY, TM_REF("agy"), "the buyer")                           \
    F(19, tm_str_t, agency, 0, TM_LIMIT(1, 200), "its name")                                       \
    F(20, tm_id_t, station_id, TM_F_READONLY, TM_REF("sta"), "where it airs")                      \
    F(21, tm_str_t, station, 0, TM_LIMIT(1, 60), "call sign, or cable operator and system")        \
    F(22, tm_strs_t, stations, 0, TM_ITEMS(1, 60, 100), "others of a combo")                       \
    F(23, int32_t, market, 0, TM_LIMIT(100, 999), "DMA code")                                      \
    F(24, tm_enum_t, medium, 0, TM_WORDS(&tm_medium_words), "medium")                              \
    F(25, tm_str_t, product, 0, TM_LIMIT(1, 200), "as printed")                                    \
    F(26, tm_day_t, flight_from, 0, TM_PLAIN, "first air day")                                     \
    F(27, tm_day_t, flight_to, 0, TM_PLAIN, "last air day")                                        \
    F(28, tm_recs_t, hiatus, 0, TM_SUB_ITEMS(&tm_span_desc, 100), "days without spots")            \
    F(29, tm_cents_t, gross_cents, 0, TM_PLAIN, "what the advertiser pays")                        \
    F(30, tm_cents_t, net_cents, 0, TM_PLAIN, "gross less commission")                             \
    F(31, tm_enum_t, amount_basis, 0, TM_WORDS(&tm_amount_basis_words), "which total was stated")  \
    F(32, int32_t, commission_bp, 0, TM_LIMIT(0, 9999), "printed or stated")                       \
    F(33, tm_cents_t, low_cents, 0, TM_PLAIN, "lowest possible gross")                             \
    F(34, tm_cents_t, high_cents, 0, TM_PLAIN, "highest possible gross")                           \
    F(35, int32_t, spots, 0, TM_LIMIT(-1000000, 10000000), "spots")                                \
    F(36, int32_t, grp_x10, 0, TM_LIMIT(0, 10000000), "rating points * 10")                        \
    F(37, int32_t, length_s, 0, TM_LIMIT(0, 86400), "length of the spots, seconds")                \
    F(38, tm_str_t, daypart, 0, TM_LIMIT(1, 60), "part of the day")                                \
    F(39, tm_enum_t, stage, 0, TM_WORDS(&tm_stage_words), "proposed ordered confirmed ...")        \
    F(40, tm_enum_t, layer, 0, TM_WORDS(&tm_layer_words), "airtime or disbursement")               \
    F(41, bool, estimate, 0, TM_PLAIN, "counted only in projected")                                \
    F(42, tm_str_t, source, 0, TM_LIMIT(1, 50), "name of the source; manual by default")           \
    F(43, tm_enum_t, doc_type, 0, TM_WORDS(&tm_doc_type_words), "of its document")                 \
    F(44, tm_str_t, order_no, 0, TM_LIMIT(1, 64), "as printed")                                    \
    F(45, tm_str_t, order_no_norm, TM_F_READONLY, TM_LIMIT(1, 64), "domain rule 4.4.1")            \
    F(46, tm_str_t, alt_order_no, 0, TM_LIMIT(1, 64), "the same order in another system")          \
    F(47, tm_str_t, invoice_no, 0, TM_LIMIT(1, 64), "on an invoice")                               \
    F(48, tm_str_t, revision, 0, TM_LIMIT(1, 32), "version of the order")                          \
    F(49, tm_day_t, revision_date, 0, TM_PLAIN, "revised")                                         \
    F(50, tm_ms_t, print_ms, 0, TM_PLAIN, "printed")                                               \
    F(51, tm_ms_t, published_ms, TM_F_READONLY, TM_PLAIN, "shown by the source, else received")    \
    F(52, tm_day_t, billing_from, 0, TM_PLAIN, "invoice: period")                                  \
    F(53, tm_day_t, billing_to, 0, TM_PLAIN, "invoice: period")                                    \
    F(54, tm_recs_t, line_weeks, 0, TM_SUB_ITEMS(&tm_line_week_desc, 5000),                        \
      "what its dollars are spread by")                                                            \
    F(55, tm_recs_t, airings, 0, TM_SUB_ITEMS(&tm_airing_desc, 50000),                             \
      "what its dollars are spread by")                                                            \
    F(56, tm_enum_t, standing, TM_F_READONLY, TM_WORDS(&tm_standing_words), "whether it counts")   \
    F(57, tm_str_t, standing_why, TM_F_READONLY, TM_LIMIT(0, 300), "in words")                     \
    F(58, tm_id_t, superseded_by, TM_F_READONLY, TM_REF("bl"), "the line that counts instead")     \
    F(59, tm_id_t, adjustment_of, TM_F_READONLY, TM_REF("adj"), "the edit it stands for")          \
    F(60, tm_ms_t, known_from_ms, TM_F_READONLY, TM_PLAIN, "believed from")                        \
    F(61, tm_ms_t, known_to_ms, TM_F_READONLY, TM_PLAIN, "believed until; absent: still")          \
    F(62, int32_t, confidence_bp, TM_F_READONLY, TM_LIMIT(0, 10000), "of the reading")             \
    F(63, bool, changes_only, TM_F_READONLY, TM_PLAIN, "a printout of changes")                    \
    F(64, tm_str_t, system, TM_F_READONLY, TM_LIMIT(1, 50), "numbering system of its number")      \
    F(65, tm_str_t, reason, 0, TM_LIMIT(0, 500),                                                   \
      "why a person entered it")                                                                   \
    F(66, int32_t, market_rank, TM_F_READONLY | TM_F_NOJSON, TM_LIMIT(1, 1000),                    \
      "rank of the market, for the order of rows")                                                 \
    F(67, tm_id_t, decision_id, TM_F_READONLY, TM_REF("dd"),                                       \
      "the decision by which it does not count")                          \
    F(68, tm_str_t, external_id, 0, TM_LIMIT(1, 100), "its name in the source's own list")         \
    F(69, tm_enum_t, stated_basis, TM_F_READONLY | TM_F_NOJSON, TM_WORDS(&tm_amount_basis_words),  \
      "which total was given where amount_basis is unknown")                                       \
    F(70, tm_strs_t, filled, TM_F_READONLY, TM_ITEMS(1, 60, 30),                                   \
      "fields that a merge filled from its copies")                                                \
    F(71, int32_t, row, TM_F_READONLY, TM_LIMIT(1, 10000000), "line of the sheet it comes from")  \
    F(72, tm_id_t, made_by, TM_F_READONLY, TM_REF("dd"),                                           \
      "the decision that made it: a sum of parts, what a total exceeds its stations by")           \
    F(73, tm_str_t, title_no, TM_F_READONLY | TM_F_NOJSON, TM_LIMIT(1, 64),                        \
      "number in the file's title: an alternate among papers of one advertiser")                   \
    F(74, bool, memo, 0, TM_PLAIN, "a disbursement that is counted elsewhere")
TM_RECORD(tm_buy_line, TM_BUY_LINE);
#endif
