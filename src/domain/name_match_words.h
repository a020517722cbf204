/* name_match_words.h - a name taken apart: which words carry it, which only describe the person.
 *
 * Why:     "POL/ Smith, J / R / US SEN" and "Smith for Senate" differ in prefix, party, office and
 *          punctuation but not in the word that matters; that word must weigh most.
 * How:     folded, split, each word brought to one form (name_match_words.def) with a kind; phrases
 *          ("lieutenant governor") become one word. Long names are cut at the limits below.
 * Threads: pure. */
#ifndef TM_DOMAIN_NAME_MATCH_WORDS_H
#define TM_DOMAIN_NAME_MATCH_WORDS_H
#include "base/base.h"
#include "base/memory.h"

#define TM_NAME_BYTES_MAX 512 /* what follows does not take part */
#define TM_NAME_WORDS_MAX 24
#define TM_NAME_NO_ID UINT32_MAX
#define TM_NAME_SURE_MAX 20000 /* bytes of arena that parsing one name takes at most */

typedef enum tm_name_kind {
    TM_NAME_K_NAME,  /* carries the name */
    TM_NAME_K_BODY,  /* "fund", "committee": tells two bodies of one name apart */
    TM_NAME_K_SCOPE, /* "state", "county", "district" */
    TM_NAME_K_LINK,  /* "for", "friends" */
    TM_NAME_K_NOISE, /* "pol", "issue": said of the advertisement, not of its payer */
    TM_NAME_K_PARTY, /* from here on: what must not differ, see tm_name_compare */
    TM_NAME_K_OFFICE,
    TM_NAME_K_STATE,
    TM_NAME_K_NUMBER,
    TM_NAME_K_STANCE, /* "yes", "no" */
    TM_NAME_K_YEAR,   /* may differ */
    TM_NAME_K_LETTER, /* an initial */
    TM_NAME_K_COUNT
} tm_name_kind_t;

typedef struct tm_name_word {
    tm_str_t text;    /* in its one form, in the arena or constant */
    tm_str_t spelled; /* as folded; a phrase's from its first to its last byte */
    uint32_t id;      /* of the index that knows it, TM_NAME_NO_ID */
    uint8_t kind;
    uint8_t group; /* of offices that may be the same; 0 none */
} tm_name_word_t;

typedef struct tm_name {
    tm_str_t folded;       /* as folded, words kept apart */
    tm_str_t core;         /* the same without noise, years and what is said twice */
    tm_name_word_t *words; /* [n], in order */
    uint32_t n;
    uint32_t bytes;  /* of the raw name: long ones may have been cut off by a form */
    uint16_t *pairs; /* [n_pairs] neighbouring bytes of core, sorted */
    uint32_t n_pairs;
    bool bare; /* no word carries the name: parties, offices and bodies must do */
} tm_name_t;

/* false: the arena is full. A name without any letter or digit has n 0. O(bytes * words known). */
TM_MUST_CHECK bool tm_name_parse(tm_arena_t *arena, tm_str_t raw, tm_name_t *ret);

/* How often the words of known names occur; NULL where none are known. */
typedef struct tm_name_rarity {
    const uint32_t *df; /* [words]: names that hold the word */
    uint32_t names;
} tm_name_rarity_t;

typedef struct tm_name_likeness {
    int32_t score_bp; /* 0..10000, 10000 only for equal folded words */
    const char *veto; /* what must not differ and does; NULL */
    uint32_t matched; /* bits of a's words that found a partner */
    uint32_t matched_b;
    uint32_t inexact;                   /* bits of a's words whose partner is spelled otherwise */
    uint8_t partner[TM_NAME_WORDS_MAX]; /* of a's matched words, if one word */
} tm_name_likeness_t;

/* Compares two parsed names; not symmetric in the last bit, tm_name_score is. O(words^2). */
void tm_name_compare(const tm_name_t *a, const tm_name_t *b, const tm_name_rarity_t *rarity,
                     tm_name_likeness_t *ret);
/* The same in words for a person: "same: ...; spelled otherwise: ...; not in the known name: ...".
 * a: the name asked for, b: the known one. p NULL never; texts lie in the arena or are constant. */
tm_str_t tm_name_explain(const tm_name_t *a, const tm_name_t *b, const tm_name_likeness_t *like,
                         tm_arena_t *arena);
/* 0..10000: how far two words are one word misspelled, shortened or abbreviated; 0: they are not.
 * 10000 for equal ones. Symmetric. O(bytes^2). */
int32_t tm_name_word_likeness(tm_str_t a, tm_str_t b);
/* log2(x) * 1024 for x >= 1, straight between powers of two. */
int32_t tm_name_log2_1024(uint32_t x);
/* Weight of a word, 20..1000. */
int32_t tm_name_word_weight(const tm_name_word_t *word, const tm_name_rarity_t *rarity);
#endif
