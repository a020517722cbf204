/* name_match.h - do two spellings name the same advertiser, agency, station or market?
 *
 * Why:     "POL/ Smith / R / US SEN", "Smith for Senate" and "Friends of Jane Smith" are one payer
 *          to a person; only what people confirmed is certain, everything else is a proposal.
 * How:     normalised words weighed by how rare they are among the known names, edit distance for
 *          misprints, and rules for what must not differ (numbers, office, party, state).
 * Threads: pure; an index is its owner's, immutable once built.
 * Source:  domain rule 4.5 (advertiser), docs/decisions. */
#ifndef TM_DOMAIN_NAME_MATCH_H
#define TM_DOMAIN_NAME_MATCH_H
#include "base/base.h"
#include "base/memory.h"

/* How alike two names are, 0..10000; 10000 only for equal folded words. Symmetric. Scratch is used
 * and given back by the caller's reset; 0 when it is full. Bytes after the 512th do not take part.
 * O(words^2). */
int32_t tm_name_score(tm_str_t a, tm_str_t b, tm_arena_t *scratch);

typedef struct tm_name_index tm_name_index_t;
typedef struct tm_name_match {
    uint32_t target;  /* number given at add */
    int32_t score_bp; /* 0..10000 */
    tm_str_t why;     /* in words, in the arena */
} tm_name_match_t;
TM_OWN tm_name_index_t *tm_name_index_new(void);
void tm_name_index_free(TM_OWN tm_name_index_t *index);
/* A spelling of a known name; confirmed ones (a person said so) match exactly whatever the score.
 * Copied. */
void tm_name_index_add(tm_name_index_t *index, tm_str_t name, uint32_t target, bool confirmed);
/* The best targets for a name, best first, at most `max` (each target once), none below min_bp.
 * Weights follow from the names added so far. O(candidates that share a rare word). 0 also when
 * the arena is full. */
uint32_t tm_name_index_find(const tm_name_index_t *index, tm_str_t name, int32_t min_bp,
                            uint32_t max, tm_arena_t *arena, tm_name_match_t *ret);
/* The target a name certainly means: a confirmed spelling, or at least TM_NAME_MATCH_BP and so far
 * ahead of every other target that the choice is not a guess. false: none; *ret is the best
 * proposal and why tells what speaks against it (score_bp 0, target UINT32_MAX: nothing is alike).
 * Takes at most TM_NAME_FIND_BYTES of the arena; with less it finds nothing. */
bool tm_name_index_match(const tm_name_index_t *index, tm_str_t name, tm_arena_t *arena,
                         tm_name_match_t *ret);
#define TM_NAME_FIND_BYTES (2u << 20)
/* From here a match is certain enough to propose to a person / to print as the match. */
#define TM_NAME_PROPOSE_BP 7000
#define TM_NAME_MATCH_BP 8500
#endif
