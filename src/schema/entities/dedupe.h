/* dedupe.h - which lines may be one buy, what people decided about them, and edits of cells.
 *
 * Why:     a group is the question, a decision the answer: both are facts with their evidence, so
 *          that each number of the matrix can be explained and each answer taken back.
 * Source:  domain rules 4.5, 4.7. */
#ifndef TM_SCHEMA_ENTITIES_DEDUPE_H
#define TM_SCHEMA_ENTITIES_DEDUPE_H
#include "schema/entities/common.h"

#define TM_DEDUPE_REASON_INDEX_(number, ctype, name, flags, extra, doc) TM_DEDUPE_REASON_##name,
#define TM_DEDUPE_REASON_FIELDS(F)                                                                 \
    F(1, tm_str_t, rule, TM_F_REQUIRED, TM_LIMIT(1, 40),                                           \
      "station advertiser flight amount basis sister_station covers")                              \
    F(2, int32_t, points_x100, 0, TM_LIMIT(-10000, 10000), "points * 100")                         \
    F(3, tm_str_t, text, 0, TM_LIMIT(0, 400), "in words, with the numbers compared")
TM_RECORD(tm_dedupe_reason, TM_DEDUPE_REASON);

#define TM_DEDUPE_MEMBER_INDEX_(number, ctype, name, flags, extra, doc) TM_DEDUPE_MEMBER_##name,
#define TM_DEDUPE_MEMBER_FIELDS(F)                                                                 \
    F(1, tm_id_t, buy_line_id, TM_F_REQUIRED, TM_REF("bl"), "the line")                            \
    F(2, tm_enum_t, role, TM_F_REQUIRED, TM_WORDS(&tm_member_role_words),                          \
      "candidate until a verdict; then winner, copy, part or covered")
TM_RECORD(tm_dedupe_member, TM_DEDUPE_MEMBER);

#define TM_DEDUPE_GROUP_INDEX_(number, ctype, name, flags, extra, doc) TM_DEDUPE_GROUP_##name,
#define TM_DEDUPE_GROUP_FIELDS(F)                                                                  \
    TM_COMMON_FIELDS(F, "dg")                                                                      \
    F(10, tm_id_t, campaign_id, TM_F_INDEX, TM_REF("cmp"), "the campaign")                         \
    F(11, tm_enum_t, status, TM_F_REQUIRED, TM_WORDS(&tm_group_status_words), "the verdict")       \
    F(12, int32_t, score_x100, 0, TM_LIMIT(0, 10000), "points * 100, rounded half up")             \
    F(13, bool, proposed, 0, TM_PLAIN, "90 points or more: very likely the same")                  \
    F(14, tm_recs_t, reasons, 0, TM_SUB_ITEMS(&tm_dedupe_reason_desc, 64), "what speaks for it")   \
    F(15, tm_strs_t, vetoes, 0, TM_ITEMS(1, 400, 64), "what forbids it; only in decided groups")   \
    F(16, tm_recs_t, members, 0, TM_SUB_ITEMS(&tm_dedupe_member_desc, 1000), "its lines")          \
    F(17, tm_id_t, suggested_winner, 0, TM_REF("bl"), "of highest trust among them")               \
    F(18, tm_id_t, decision_id, 0, TM_REF("dd"), "the verdict in force; absent: open")             \
    F(19, int32_t, rule_version, 0, TM_LIMIT(1, 1000000), "of the points")
TM_RECORD(tm_dedupe_group, TM_DEDUPE_GROUP);

#define TM_DEDUPE_DECISION_INDEX_(number, ctype, name, flags, extra, doc) TM_DEDUPE_DECISION_##name,
#define TM_DEDUPE_DECISION_FIELDS(F)                                                               \
    TM_COMMON_FIELDS(F, "dd")                                                                      \
    F(10, tm_id_t, campaign_id, TM_F_INDEX, TM_REF("cmp"), "the campaign")                         \
    F(11, tm_id_t, group_id, TM_F_INDEX, TM_REF("dg"), "absent: rows were combined, a cell edited") \
    F(12, tm_enum_t, action, TM_F_REQUIRED, TM_WORDS(&tm_dedupe_action_words), "the verdict")      \
    F(13, tm_id_t, chosen, 0, TM_REF("bl"), "the line that counts")                                \
    F(14, tm_recs_t, members, 0, TM_SUB_ITEMS(&tm_dedupe_member_desc, 1000), "whom it is about")   \
    F(15, bool, automatic, 0, TM_PLAIN, "made by the rules, not by a person")                      \
    F(16, tm_str_t, principal, 0, TM_LIMIT(0, 200), "who decided")                                 \
    F(17, tm_str_t, reason, 0, TM_LIMIT(0, 500), "in that person's words")                         \
    F(18, tm_cents_t, total_before_cents, 0, TM_PLAIN, "booked gross of the campaign before")      \
    F(19, tm_cents_t, total_after_cents, 0, TM_PLAIN, "and after")                                 \
    F(20, tm_id_t, undoes, 0, TM_REF("dd"), "undo: the decision it takes back")                    \
    F(21, tm_ms_t, undone_ms, 0, TM_PLAIN, "taken back then; absent: in force")                    \
    F(22, tm_id_t, undone_by, 0, TM_REF("dd"), "by that decision")                                 \
    F(23, int32_t, rule_version, 0, TM_LIMIT(1, 1000000), "of the points")                         \
    F(24, tm_strs_t, filled, 0, TM_ITEMS(1, 60, 30), "fields a merge filled in the chosen line")
TM_RECORD(tm_dedupe_decision, TM_DEDUPE_DECISION);

/* An edit of a cell: its dollars are a buy line of their own (adjustment_of), below which the
 * sources keep flowing. */
#define TM_ADJUSTMENT_INDEX_(number, ctype, name, flags, extra, doc) TM_ADJUSTMENT_##name,
#define TM_ADJUSTMENT_FIELDS(F)                                                                    \
    TM_COMMON_FIELDS(F, "adj")                                                                     \
    F(10, tm_id_t, campaign_id, TM_F_INDEX, TM_REF("cmp"), "the campaign")                         \
    F(11, tm_str_t, key, TM_F_REQUIRED, TM_LIMIT(1, 300), "of the cell")                           \
    F(12, tm_id_t, buy_line_id, 0, TM_REF("bl"), "the line with the difference")                   \
    F(13, tm_cents_t, before_cents, 0, TM_PLAIN, "the cell's gross before; absent: nothing known") \
    F(14, tm_cents_t, gross_cents, 0, TM_PLAIN, "what it was set to")                              \
    F(15, tm_cents_t, delta_cents, 0, TM_PLAIN, "the difference")                                  \
    F(16, tm_str_t, reason, TM_F_REQUIRED, TM_LIMIT(1, 500), "why")                                \
    F(17, tm_str_t, principal, 0, TM_LIMIT(0, 200), "who edited")                                  \
    F(18, int64_t, base_version, 0, TM_PLAIN, "the version the person saw")                        \
    F(19, tm_ms_t, undone_ms, 0, TM_PLAIN, "taken back then; absent: in force")
TM_RECORD(tm_adjustment, TM_ADJUSTMENT);

/* ---- our lines against another source's whole list ---- */

#define TM_RECONCILED_ROW_INDEX_(number, ctype, name, flags, extra, doc) TM_RECONCILED_ROW_##name,
#define TM_RECONCILED_ROW_FIELDS(F)                                                                \
    F(1, tm_enum_t, result, TM_F_REQUIRED, TM_WORDS(&tm_reconciled_words),                         \
      "equal differs missing_here missing_there")                                                  \
    F(2, int32_t, row, 0, TM_LIMIT(1, 10000000), "line of their file")                             \
    F(3, tm_id_t, buy_line_id, 0, TM_REF("bl"), "our line")                                        \
    F(4, tm_str_t, advertiser, 0, TM_LIMIT(0, 200), "name")                                        \
    F(5, tm_str_t, station, 0, TM_LIMIT(0, 60), "call sign")                                       \
    F(6, int32_t, market, 0, TM_LIMIT(100, 999), "DMA code")                                       \
    F(7, tm_enum_t, medium, 0, TM_WORDS(&tm_medium_words), "medium")                               \
    F(8, tm_day_t, from, 0, TM_PLAIN, "first day")                                                 \
    F(9, tm_day_t, to, 0, TM_PLAIN, "last day")                                                    \
    F(10, tm_cents_t, ours_cents, 0, TM_PLAIN, "gross here")                                       \
    F(11, tm_cents_t, theirs_cents, 0, TM_PLAIN, "gross there")                                    \
    F(12, tm_str_t, text, 0, TM_LIMIT(0, 400), "what differs, in words")
TM_RECORD(tm_reconciled_row, TM_RECONCILED_ROW);

#define TM_RECONCILIATION_INDEX_(number, ctype, name, flags, extra, doc) TM_RECONCILIATION_##name,
#define TM_RECONCILIATION_FIELDS(F)                                                                \
    TM_COMMON_FIELDS(F, "rcn")                                                                     \
    F(10, tm_id_t, campaign_id, TM_F_INDEX, TM_REF("cmp"), "the campaign")                         \
    F(11, tm_str_t, source, 0, TM_LIMIT(1, 50), "whose list")                                      \
    F(12, tm_str_t, filename, 0, TM_LIMIT(1, 255), "its file")                                     \
    F(13, tm_str_t, sha256, 0, TM_LIMIT(64, 64), "of the file")                                    \
    F(14, tm_ms_t, run_ms, 0, TM_PLAIN, "when")                                                    \
    F(15, int64_t, matrix_version, 0, TM_PLAIN, "version of the campaign it was compared with")    \
    F(16, int32_t, equal, 0, TM_LIMIT(0, 10000000), "rows")                                        \
    F(17, int32_t, differs, 0, TM_LIMIT(0, 10000000), "rows")                                      \
    F(18, int32_t, missing_here, 0, TM_LIMIT(0, 10000000), "rows")                                 \
    F(19, int32_t, missing_there, 0, TM_LIMIT(0, 10000000), "lines")                               \
    F(20, tm_recs_t, rows, 0, TM_SUB_ITEMS(&tm_reconciled_row_desc, 40000), "each, worst first")
TM_RECORD(tm_reconciliation, TM_RECONCILIATION);
#endif
