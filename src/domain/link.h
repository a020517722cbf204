/* link.h - which records of one or two lists are about the same thing?
 *
 * Why:     names are one case of it; lists of papers, persons and goods show that the way of
 *          comparing holds beyond the names it was made for.
 * How:     every word of a field weighs by how rare it is in that field. Records that share rare
 *          words become candidates; a pair's score is the weight that agrees over all weight
 *          compared. Nothing is learned from answers.
 * Threads: pure; a linker is its owner's.
 * Source:  Fellegi and Sunter, A Theory for Record Linkage (1969), with frequencies for odds. */
#ifndef TM_DOMAIN_LINK_H
#define TM_DOMAIN_LINK_H
#include "base/base.h"

#define TM_LINK_FIELDS_MAX 16
#define TM_LINK_WORDS_MAX 64 /* of a record's field; more do not take part */

enum {
    TM_LINK_WHOLE = 1, /* the field is one word: a date, a number */
    TM_LINK_CODES = 2, /* product codes: "QX-R 470" is two words, words with digits are exact */
    TM_LINK_BRIEF = 4  /* one side may say less: what only the longer side has weighs little */
};

typedef struct tm_link_field {
    const char *name;
    unsigned flags;
    int32_t weight_pct; /* of its words' information; 100 usual */
    int32_t differ_pct; /* how much a difference speaks against, of the words' information */
} tm_link_field_t;

typedef struct tm_link_pair {
    uint32_t a, b;    /* numbers of the records, in the order of adding to their list */
    int32_t score_bp; /* 0..10000 */
} tm_link_pair_t;

typedef struct tm_link tm_link_t;

/* fields: [n], n <= TM_LINK_FIELDS_MAX, copied but for the names. within: one list, its records
 * are compared with each other; else two. */
TM_OWN tm_link_t *tm_link_new(const tm_link_field_t *fields, uint32_t n, bool within);
void tm_link_free(TM_OWN tm_link_t *link);
/* A record of list 0 or 1 (only 0 within one list); values: [n], p NULL or empty: not known. Of a
 * word the first 512 bytes count. */
void tm_link_add(tm_link_t *link, unsigned list, const tm_str_t *values);
/* Candidates with their scores, best first, then by a and b; within one list a < b. At most
 * per_record for each record of list 0. The caller frees the array. O(records * words shared). */
uint32_t tm_link_candidates(const tm_link_t *link, uint32_t per_record,
                            TM_OWN tm_link_pair_t **ret);
/* Keeps pairs of at least min_bp in place, best first, and returns their number; one_to_one: each
 * record at most once. pairs: sorted as above. */
uint32_t tm_link_choose(const tm_link_t *link, tm_link_pair_t *pairs, uint32_t n, int32_t min_bp,
                        bool one_to_one);
#endif
