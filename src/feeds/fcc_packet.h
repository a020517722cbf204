/* fcc_packet.h - which pages of a file belong to which document.
 *
 * Why:     stations upload packets: a contract with its form, several orders in one file.
 * How:     a page goes on with the document before it unless it prints another number, another
 *          revision from page 1 on, or changes between form and paper.
 * Threads: one at a time. */
#ifndef TM_FEEDS_FCC_PACKET_H
#define TM_FEEDS_FCC_PACKET_H
#include "feeds/fcc_paper.h"

/* ret_doc[i]: document of sheet i, from 0 in order: papers as their first pages come, then forms.
 * Returns the number of documents (0 if there are no sheets), -1: the arena is full. */
int tm_fcc_packet(tm_arena_t *arena, tm_fcc_sheet_t *sheets, uint32_t n, uint32_t *ret_doc);
#endif
