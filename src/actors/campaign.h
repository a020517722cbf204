/* campaign.h - inside a campaign's actor: its lines, their chains, its matrix and the last deltas.
 * Included by campaign*.c only.
 *
 * Why:     lines and decisions are facts; chains, shares and cells follow from them and are made
 *          anew at every start.
 * How:     a chain holds the lines that may be papers of one order. A change marks its chain;
 *          after the commit marked chains are
 *          resolved and their lines' shares replaced in the matrix, so a change touches only its
 *          cells.
 * Threads: the actor's turn. */
#ifndef TM_ACTORS_CAMPAIGN_H
#define TM_ACTORS_CAMPAIGN_H
#include "actors/campaign_state.h"

/* campaign.c */
/* What follows from a record that is new or changed, until campaign_settle: everything derived
 * comes from here, so that a past state can be derived the same way (campaign_as_of.c). */
void campaign_take(void *campaign, const tm_row_t *row, const tm_has_t *touched);

/* campaign_delta.c */
/* What the present version changed goes into the ring. rebuilt: the cells have other weeks now,
 * which no delta tells; whoever listens needs the whole matrix. So does whoever would need a delta
 * of many megabytes. */
void campaign_push_delta(campaign_t *c, const tm_commit_head_t *head, bool rebuilt);
/* Of checkpoints: packed as this program packs, NULL: it cannot be read; or only its text. */
TM_OWN tm_delta_t *campaign_delta_packed(uint64_t version, uint64_t weight, tm_str_t packed);
TM_OWN tm_delta_t *campaign_delta_of_body(uint64_t version, tm_str_t body);

/* campaign_part.c: the picture as parts of a checkpoint, and back. */
bool campaign_part(const void *picture, tm_part_at_t *at, tm_buf_t *out);
tm_err_t campaign_take_part(void *campaign, tm_str_t part, tm_why_t *why);

/* campaign_lines.c */
void campaign_lines_found(tm_turn_t *turn, campaign_t *c, const tm_lines_found_t *found);
void campaign_line_post(tm_turn_t *turn, campaign_t *c, const tm_buy_line_t *given);
void campaign_lines_closed(tm_turn_t *turn, campaign_t *c, const tm_lines_closed_t *closed);

/* campaign_record.c */
void campaign_record_put(tm_turn_t *turn, campaign_t *c, const tm_campaign_put_t *put);
void campaign_lines_refresh(tm_turn_t *turn, campaign_t *c, const tm_part_t *part);
void campaign_advertiser_moved(tm_turn_t *turn, campaign_t *c, const tm_advertiser_moved_t *moved);

/* campaign_report.c */
void campaign_report(tm_turn_t *turn, campaign_t *c, const tm_eod_report_t *order);

/* campaign_resolve.c, campaign_edits.c: what people decide. */
void campaign_group_resolve(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_rows_combine(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_decision_undo(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_auto_resolve(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_matrix_edit(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
void campaign_exceptions_close(tm_turn_t *turn, campaign_t *c, const tm_message_t *msg);
#endif
