/* directory_parcels.h - a document made into a campaign's line, and lines packed for the way to it.
 * Included by directory_*.c only.
 *
 * Threads: the directory's turn. */
#ifndef TM_ACTORS_DIRECTORY_PARCELS_H
#define TM_ACTORS_DIRECTORY_PARCELS_H
#include "actors/directory.h"

/* A document made into a line for one commission. */
typedef struct made {
    bool is_line;
    bool new_station; /* its code was never seen before */
    int32_t commission_bp;
    tm_buy_line_t line;
    tm_strs_t exceptions;
} made_t;
/* What goes to one campaign. */
typedef struct parcel {
    tm_id_t campaign;
    tm_id_t input; /* v 0: nobody counts them */
    tm_buy_line_t *lines;
    tm_exception_t *exceptions;
    uint32_t n_lines, n_exceptions, cap_lines, cap_exceptions;
    uint32_t entries; /* printed weeks and airings of its lines */
    uint32_t sent;    /* messages */
    bool later;       /* the rest of this input comes by a rematch */
} parcel_t;
made_t directory_make_line(tm_turn_t *turn, directory_t *d, const tm_document_t *doc,
                           int32_t campaign_bp, create_t create);
/* The line as this campaign wants it: names made, its commission, its side. last: made of the same
 * document for another campaign, NULL none. */
made_t directory_line_for(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                          const tm_document_t *doc, const made_t *last);
/* A person gives the document to the campaign: remembered with it, and its line into the parcel,
 * until whose sending it must live. */
void directory_assign_document(tm_turn_t *turn, directory_t *d, const tm_campaign_t *campaign,
                               tm_document_t *doc, parcel_t *parcel);
bool directory_number_seen(const directory_t *d, tm_str_t bare, tm_arena_t *arena);
bool directory_was_sent_by_hand(const tm_document_t *doc, tm_id_t campaign);
bool directory_matches(tm_turn_t *turn, const tm_campaign_t *campaign, const tm_document_t *doc,
                       const tm_buy_line_t *line);
void directory_add_exception(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc, tm_str_t kind);
void directory_add_exceptions(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc,
                              const made_t *made);
void directory_add_line(tm_turn_t *turn, parcel_t *p, const tm_document_t *doc, const made_t *made);
void directory_send_parcel(tm_turn_t *turn, parcel_t *p);
#endif
