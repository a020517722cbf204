/* payloads_review.h - what people say about lines: verdicts, undo, edits, closings. Each record is
 * the body of its request and the payload of its message.
 *
 * Threads: constants. */
#ifndef TM_ACTORS_PAYLOADS_REVIEW_H
#define TM_ACTORS_PAYLOADS_REVIEW_H
#include "schema/entities.h"

#define TM_GROUP_RESOLVE_INDEX_(number, ctype, name, flags, extra, doc) TM_GROUP_RESOLVE_##name,
#define TM_GROUP_RESOLVE_FIELDS(F)                                                                 \
    F(1, tm_id_t, group_id, TM_F_READONLY, TM_REF("dg"), "from the path")                          \
    F(2, tm_enum_t, action, TM_F_REQUIRED, TM_WORDS(&tm_dedupe_action_words),                      \
      "keep merge separate covers")                                                                \
    F(3, tm_id_t, winner, 0, TM_REF("bl"), "keep, merge: the line that counts")                    \
    F(4, tm_str_t, reason, 0, TM_LIMIT(0, 500), "in your words")                                   \
    F(5, tm_strs_t, buy_line_ids, 0, TM_ITEMS(1, 24, 1000),                                        \
      "about these members only; the others are asked about again; absent: all")
TM_RECORD(tm_group_resolve, TM_GROUP_RESOLVE);

#define TM_ROWS_COMBINE_INDEX_(number, ctype, name, flags, extra, doc) TM_ROWS_COMBINE_##name,
#define TM_ROWS_COMBINE_FIELDS(F)                                                                  \
    F(1, tm_id_t, campaign_id, TM_F_REQUIRED, TM_REF("cmp"), "the campaign")                       \
    F(2, tm_strs_t, buy_line_ids, TM_F_REQUIRED, TM_ITEMS(1, 24, 1000), "two or more parts")       \
    F(3, tm_str_t, reason, 0, TM_LIMIT(0, 500), "in your words")
TM_RECORD(tm_rows_combine, TM_ROWS_COMBINE);

#define TM_DECISION_UNDO_INDEX_(number, ctype, name, flags, extra, doc) TM_DECISION_UNDO_##name,
#define TM_DECISION_UNDO_FIELDS(F)                                                                 \
    F(1, tm_str_t, undo_token, TM_F_REQUIRED, TM_LIMIT(1, 24), "id of the decision or edit")       \
    F(2, tm_str_t, reason, 0, TM_LIMIT(0, 500), "in your words")
TM_RECORD(tm_decision_undo, TM_DECISION_UNDO);

#define TM_CELL_EDIT_INDEX_(number, ctype, name, flags, extra, doc) TM_CELL_EDIT_##name,
#define TM_CELL_EDIT_FIELDS(F)                                                                     \
    F(1, tm_str_t, key, TM_F_REQUIRED, TM_LIMIT(1, 300), "of the cell")                            \
    F(2, tm_cents_t, gross_cents, TM_F_REQUIRED, TM_PLAIN, "what it shall be")                     \
    F(3, tm_str_t, reason, TM_F_REQUIRED, TM_LIMIT(1, 500), "why")
TM_RECORD(tm_cell_edit, TM_CELL_EDIT);

#define TM_MATRIX_EDIT_INDEX_(number, ctype, name, flags, extra, doc) TM_MATRIX_EDIT_##name,
#define TM_MATRIX_EDIT_FIELDS(F)                                                                   \
    F(1, tm_id_t, campaign_id, TM_F_REQUIRED, TM_REF("cmp"), "the campaign")                       \
    F(2, int64_t, base_version, TM_F_REQUIRED, TM_LIMIT(0, 9007199254740991), "version you saw")   \
    F(3, tm_recs_t, edits, TM_F_REQUIRED, TM_SUB_ITEMS(&tm_cell_edit_desc, 1000), "all or nothing")
TM_RECORD(tm_matrix_edit, TM_MATRIX_EDIT);

#define TM_EXCEPTIONS_CLOSE_INDEX_(number, ctype, name, flags, extra, doc)                         \
    TM_EXCEPTIONS_CLOSE_##name,
#define TM_EXCEPTIONS_CLOSE_FIELDS(F)                                                              \
    F(1, tm_id_t, campaign_id, 0, TM_REF("cmp"), "absent: of no single campaign")                  \
    F(2, tm_strs_t, ids, TM_F_REQUIRED, TM_ITEMS(1, 24, 1000), "the exceptions")                   \
    F(3, tm_str_t, reason, TM_F_REQUIRED, TM_LIMIT(1, 500), "why nothing more is to do")
TM_RECORD(tm_exceptions_close, TM_EXCEPTIONS_CLOSE);

#define TM_LINES_ASSIGN_INDEX_(number, ctype, name, flags, extra, doc) TM_LINES_ASSIGN_##name,
#define TM_LINES_ASSIGN_FIELDS(F)                                                                  \
    F(1, tm_id_t, campaign_id, TM_F_REQUIRED, TM_REF("cmp"), "where they belong")                  \
    F(2, tm_strs_t, buy_line_ids, TM_F_REQUIRED, TM_ITEMS(1, 24, 1000), "pending lines")
TM_RECORD(tm_lines_assign, TM_LINES_ASSIGN);

#define TM_NAME_DECIDE_INDEX_(number, ctype, name, flags, extra, doc) TM_NAME_DECIDE_##name,
#define TM_NAME_DECIDE_FIELDS(F)                                                                   \
    F(1, tm_id_t, proposal_id, TM_F_READONLY, TM_REF("nmp"), "from the path")                      \
    F(2, tm_enum_t, status, TM_F_REQUIRED, TM_WORDS(&tm_proposal_status_words),                    \
      "confirmed or rejected")                                                                     \
    F(3, tm_id_t, target_id, 0, TM_REF("adv"), "confirmed: another advertiser than proposed")
TM_RECORD(tm_name_decide, TM_NAME_DECIDE);

#define TM_ADVERTISER_MOVED_INDEX_(number, ctype, name, flags, extra, doc)                         \
    TM_ADVERTISER_MOVED_##name,
#define TM_ADVERTISER_MOVED_FIELDS(F)                                                              \
    F(1, tm_id_t, from_id, TM_F_REQUIRED, TM_REF("adv"), "whose lines move")                       \
    F(2, tm_id_t, to_id, TM_F_REQUIRED, TM_REF("adv"), "whose they are now")                       \
    F(3, tm_str_t, name, TM_F_REQUIRED, TM_LIMIT(1, 200), "its shown name")
TM_RECORD(tm_advertiser_moved, TM_ADVERTISER_MOVED);

#define TM_NAMES_PROPOSE_INDEX_(number, ctype, name, flags, extra, doc) TM_NAMES_PROPOSE_##name,
#define TM_NAMES_PROPOSE_FIELDS(F)                                                                 \
    F(1, int64_t, next, TM_F_REQUIRED, TM_PLAIN, "first counter of their records")                 \
    F(2, int64_t, last, TM_F_REQUIRED, TM_PLAIN, "last counter")
TM_RECORD(tm_names_propose, TM_NAMES_PROPOSE);

#define TM_RECONCILE_INDEX_(number, ctype, name, flags, extra, doc) TM_RECONCILE_##name,
#define TM_RECONCILE_FIELDS(F)                                                                     \
    F(1, tm_id_t, campaign_id, TM_F_REQUIRED, TM_REF("cmp"), "the campaign")                       \
    F(2, tm_str_t, source, TM_F_REQUIRED, TM_LIMIT(1, 50), "whose list")                           \
    F(3, tm_str_t, filename, 0, TM_LIMIT(1, 255), "its file")                                      \
    F(4, tm_str_t, sha256, 0, TM_LIMIT(64, 64), "of the file")                                     \
    F(5, tm_recs_t, lines, 0, TM_SUB_ITEMS(&tm_buy_line_desc, 20000), "its rows, names resolved")
TM_RECORD(tm_reconcile, TM_RECONCILE);
#endif
