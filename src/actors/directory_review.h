/* directory_review.h - what people say in the directory: which spellings are one name, which
 * pending lines belong where, which problems are done with. Included by directory_*.c and table.c
 * only.
 *
 * Threads: the directory's turn. */
#ifndef TM_ACTORS_DIRECTORY_REVIEW_H
#define TM_ACTORS_DIRECTORY_REVIEW_H
#include "actors/directory.h"

/* directory_proposals.c: spellings that look like a name we know. */
/* The record of this id, staged now, bears a spelling that was never seen. */
void directory_note_spelling(directory_t *d, tm_id_t record);
/* A document staged now: its market may be a spelling that was never seen. */
void directory_note_market(directory_t *d, const tm_document_t *doc, tm_arena_t *arena);
/* Sends what was noted while the message was decided to ourselves. */
void directory_notes_send(tm_turn_t *turn, directory_t *d);
void directory_names_propose(tm_turn_t *turn, directory_t *d, const tm_names_propose_t *range);
void directory_name_decide(tm_turn_t *turn, directory_t *d, const tm_name_decide_t *decide);
/* A person has said otherwise what the folded name means: nothing is to be asked any more. */
void directory_proposals_overtaken(tm_turn_t *turn, directory_t *d, tm_str_t key, tm_id_t except);
/* What follows from a record: in apply. */
void directory_index_spelling(directory_t *d, const tm_has_t *touched,
                              const tm_advertiser_alias_t *alias);
void directory_index_pending_name(directory_t *d, const tm_buy_line_t *line, tm_arena_t *arena);
void directory_index_market_name(directory_t *d, tm_str_t text, int32_t dma, tm_arena_t *arena);
void directory_index_market_text(directory_t *d, const tm_document_t *doc, tm_arena_t *arena);
void directory_index_proposal(directory_t *d, const tm_name_proposal_t *proposal,
                              tm_arena_t *arena);

/* directory_review.c: lists worked off in bulk; all or nothing. */
void directory_lines_assign(tm_turn_t *turn, directory_t *d, const tm_lines_assign_t *assign);
void directory_exceptions_close(tm_turn_t *turn, directory_t *d,
                                const tm_exceptions_close_t *close);

/* Kind of an exception: the job that should read an input gave up. */
#define JOB_FAILED "job_failed"
/* The problem that this job gave up is settled. O(exceptions of no campaign). */
void directory_close_failure(tm_turn_t *turn, directory_t *d, tm_id_t job, tm_str_t reason);
/* directory_inputs.c: a person retried or dismissed the job that gave up on an input. */
void directory_job_turned(tm_turn_t *turn, directory_t *d, const tm_job_t *job);

/* directory_names.c, directory_campaigns.c: two advertisers that are one. */
/* All spellings of one advertiser mean another from now on. */
void directory_alias_all(tm_turn_t *turn, directory_t *d, tm_id_t from, tm_id_t to);
/* The campaign that lists both on different sides, NULL: none. */
const tm_campaign_t *directory_rivals_differ(const directory_t *d, tm_id_t from, tm_id_t to);
/* Campaigns that list `from` list `to`, whose shown name is `name`, instead. */
void directory_rivals_move(tm_turn_t *turn, directory_t *d, tm_id_t from, tm_id_t to,
                           tm_str_t name);
#endif
