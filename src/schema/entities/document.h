/* document.h - one document as it was read: every field with its place; exactly what `trailmix
 * read --json` prints.
 *
 * Why:     the reader's result, the journal's fact and the API's document are one record, \ so
 *          nothing is lost between them. `at` is printed as an object keyed by field with boxes
 *          in points (see feeds/reading_json.h for that form). */
#ifndef TM_SCHEMA_ENTITIES_DOCUMENT_H
#define TM_SCHEMA_ENTITIES_DOCUMENT_H
#include "schema/entities/common.h"
#include "schema/entities/parts.h"

/* One printed line of an order or contract, or one line of an invoice. */
#define TM_DOC_LINE_INDEX_(number, ctype, name, flags, extra, doc) TM_DOC_LINE_##name,
#define TM_DOC_LINE_FIELDS(F)                                                                      \
    F(1, tm_str_t, line, 0, TM_LIMIT(0, 32), "its printed number")                                 \
    F(2, tm_day_t, from, 0, TM_PLAIN, "first day of the week or line")                             \
    F(3, tm_day_t, to, 0, TM_PLAIN, "last day")                                                    \
    F(4, tm_str_t, days, 0, TM_LIMIT(0, 32), "weekdays as printed: MTWTF--, 1-1----")              \
    F(5, int32_t, spots, 0, TM_LIMIT(-1000000, 1000000), "spots")                                  \
    F(6, tm_cents_t, rate_cents, 0, TM_PLAIN, "price of one spot")                                 \
    F(7, tm_cents_t, amount_cents, 0, TM_PLAIN, "dollars")                                         \
    F(8, tm_enum_t, status, 0, TM_WORDS(&tm_line_status_words), "ok cancelled missed makegood")    \
    F(9, int32_t, page, 0, TM_LIMIT(1, 100000), "page it is printed on")
TM_RECORD(tm_doc_line, TM_DOC_LINE);

#define TM_DOCUMENT_INDEX_(number, ctype, name, flags, extra, doc) TM_DOCUMENT_##name,
#define TM_DOCUMENT_FIELDS(F)                                                                      \
    TM_COMMON_FIELDS(F, "doc")                                                                     \
    F(10, tm_id_t, input_id, TM_F_INDEX, TM_REF("in"), "the bytes it was read from")               \
    F(11, tm_str_t, filename, 0, TM_LIMIT(1, 255), "name and folder of the upload")                \
    F(12, tm_str_t, sha256, 0, TM_LIMIT(64, 64), "of the bytes")                                   \
    F(13, int32_t, part, 0, TM_LIMIT(1, 100000), "from 1, in page order")                          \
    F(14, int32_t, parts, 0, TM_LIMIT(1, 100000), "documents in the file")                         \
    F(15, tm_i32s_t, pages, 0, TM_ITEMS(1, 100000, 10000), "its pages")                            \
    F(16, tm_enum_t, status, 0, TM_WORDS(&tm_reading_status_words), "read unreadable ignored")     \
    F(17, tm_str_t, reason, 0, TM_LIMIT(1, 50), "why not read")                                    \
    F(18, tm_enum_t, doc_type, 0, TM_WORDS(&tm_doc_type_words), "order contract invoice ...")      \
    F(19, tm_enum_t, stage, 0, TM_WORDS(&tm_stage_words), "ordered invoiced cancelled ...")        \
    F(20, tm_str_t, contract_num, 0, TM_LIMIT(1, 64), "the document's own printed number")         \
    F(21, tm_str_t, order_no, TM_F_INDEX, TM_LIMIT(1, 64), "the order it belongs to")              \
    F(22, tm_str_t, order_no_norm, 0, TM_LIMIT(1, 64), "domain rule 4.4.1")                        \
    F(23, tm_str_t, invoice_no, 0, TM_LIMIT(1, 64), "on an invoice")                               \
    F(24, tm_str_t, revision, 0, TM_LIMIT(1, 32), "absent: none printed")                          \
    F(25, tm_str_t, alt_order_no, 0, TM_LIMIT(1, 64), "the same order in another system")          \
    F(26, tm_day_t, original_date, 0, TM_PLAIN, "entered")                                         \
    F(27, tm_day_t, revision_date, 0, TM_PLAIN, "revised, changes as of")                          \
    F(28, tm_ms_t, print_ms, 0, TM_PLAIN, "printed, read as UTC for want of a zone")               \
    F(29, tm_day_t, billing_from, 0, TM_PLAIN, "invoice: first day of the period")                 \
    F(30, tm_day_t, billing_to, 0, TM_PLAIN, "invoice: last day of the period")                    \
    F(31, tm_str_t, advertiser, 0, TM_LIMIT(1, 200), "as printed")                                 \
    F(32, tm_str_t, agency, 0, TM_LIMIT(1, 200), "as printed")                                     \
    F(33, tm_str_t, station, 0, TM_LIMIT(1, 100), "as printed")                                    \
    F(34, tm_strs_t, stations, 0, TM_ITEMS(1, 100, 100), "the others of a combo")                  \
    F(35, tm_str_t, market, 0, TM_LIMIT(1, 100), "as printed")                                     \
    F(36, tm_enum_t, medium, 0, TM_WORDS(&tm_medium_words), "medium")                              \
    F(37, tm_str_t, product, 0, TM_LIMIT(1, 200), "as printed")                                    \
    F(38, tm_cents_t, gross_cents, 0, TM_PLAIN, "printed gross total")                             \
    F(39, tm_cents_t, net_cents, 0, TM_PLAIN, "printed net total")                                 \
    F(40, int32_t, commission_bp, 0, TM_LIMIT(0, 9999), "printed commission")                      \
    F(41, tm_day_t, flight_from, 0, TM_PLAIN, "printed flight")                                    \
    F(42, tm_day_t, flight_to, 0, TM_PLAIN, "printed flight")                                      \
    F(43, int32_t, spots, 0, TM_LIMIT(-1000000, 10000000), "printed spots")                        \
    F(44, tm_cents_t, market_budget_cents, 0, TM_PLAIN, "intelligence, never spend")               \
    F(45, tm_strs_t, shares, 0, TM_ITEMS(1, 100, 200), "printed competitive shares, as text")      \
    F(46, int32_t, confidence_bp, 0, TM_LIMIT(0, 10000), "of the reading,                          \
      by independent evidence")                                                                    \
    F(47, tm_recs_t, at, 0, TM_SUB_ITEMS(&tm_place_desc, 64), "where each field stands")           \
    F(48, tm_recs_t, lines, 0, TM_SUB_ITEMS(&tm_doc_line_desc, 20000), "printed lines and weeks")  \
    F(49, tm_recs_t, airings, 0, TM_SUB_ITEMS(&tm_airing_desc, 50000), "printed airings")          \
    F(50, tm_strs_t, exceptions, 0, TM_ITEMS(1, 50, 50), "what the reader doubts")                 \
    F(51, tm_str_t, parser, 0, TM_LIMIT(1, 50), "which reader")                                    \
    F(52, int32_t, parser_version, 0, TM_LIMIT(1, 100000), "its version")                          \
    F(53, bool, changes_only, 0, TM_PLAIN,                                                         \
      "a printout of changes: its lines do not reach the total")                                   \
    F(54, tm_str_t, system, 0, TM_LIMIT(1, 50), "layout family, for numbering systems and series") \
    F(55, tm_strs_t, campaigns, TM_F_READONLY, TM_ITEMS(1, 24, 1000),                              \
      "campaigns a person sent it to, whatever their criteria")                                    \
    F(56, int32_t, row, 0, TM_LIMIT(1, 10000000), "line of a sheet it was read from")              \
    F(57, tm_str_t, external_id, 0, TM_LIMIT(1, 100), "its name in the source's own list")         \
    F(58, tm_recs_t, hiatus, 0, TM_SUB_ITEMS(&tm_span_desc, 100), "days without spots")            \
    F(59, tm_str_t, daypart, 0, TM_LIMIT(1, 60), "part of the day")                                \
    F(60, int32_t, length_s, 0, TM_LIMIT(0, 86400), "length of the spots, seconds")                \
    F(61, int32_t, grp_x10, 0, TM_LIMIT(0, 10000000), "rating points * 10")                        \
    F(62, tm_enum_t, amount_basis, 0, TM_WORDS(&tm_amount_basis_words), "which total was stated")  \
    F(63, tm_enum_t, layer, 0, TM_WORDS(&tm_layer_words), "airtime or disbursement")               \
    F(64, bool, estimate, 0, TM_PLAIN, "counted only in projected")                                \
    F(65, tm_cents_t, low_cents, 0, TM_PLAIN, "lowest possible gross")                             \
    F(66, tm_cents_t, high_cents, 0, TM_PLAIN, "highest possible gross")                           \
    F(67, int32_t, market_code, 0, TM_LIMIT(100, 999), "DMA code, where the source gives it")      \
    F(68, tm_str_t, source, 0, TM_LIMIT(1, 50), "name of the source; absent: fcc")
TM_RECORD(tm_document, TM_DOCUMENT);
#endif
