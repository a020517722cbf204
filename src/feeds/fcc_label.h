/* fcc_label.h - the labels that station papers print beside or above their values, and where a page
 * prints them.
 *
 * Why:     a value means what its label says; layouts differ, labels hardly do.
 * How:     a dictionary of phrases folded to letters (l, 1, | are i; 0 is o, as scans mix them up);
 *          a page's words are matched longest phrase first. A phrase inside running text is no
 *          label.
 * Threads: pure; any. */
#ifndef TM_FEEDS_FCC_LABEL_H
#define TM_FEEDS_FCC_LABEL_H
#include "feeds/fcc_grid.h"

typedef enum tm_fcc_key {
    TM_FCC_OTHER, /* a label of something we do not need: it ends values and blocks mistakes */
    TM_FCC_NUMBER_PAIR, /* contract or order number / revision */
    TM_FCC_CONTRACT,
    TM_FCC_ORDER,
    TM_FCC_INVOICE,
    TM_FCC_ALT,
    TM_FCC_TRAFFIC,
    TM_FCC_REVISION,
    TM_FCC_ESTIMATE,
    TM_FCC_INVOICE_OR_ORDER,
    TM_FCC_TRANSACTION,
    TM_FCC_ADVERTISER,
    TM_FCC_AGENCY,
    TM_FCC_AGENCY_BLOCK,
    TM_FCC_STATION,
    TM_FCC_STATION_BLOCK,
    TM_FCC_SYSTEM,
    TM_FCC_ZONE,
    TM_FCC_PRODUCT,
    TM_FCC_MARKET,
    TM_FCC_FLIGHT,
    TM_FCC_FLIGHT_FROM,
    TM_FCC_FLIGHT_TO,
    TM_FCC_PERIOD,
    TM_FCC_DATE_PAIR,
    TM_FCC_ENTERED,
    TM_FCC_MODIFIED,
    TM_FCC_PRINTED,
    TM_FCC_DATED,
    TM_FCC_GROSS,
    TM_FCC_NET,
    TM_FCC_COMMISSION,
    TM_FCC_COMMISSION_PERCENT,
    TM_FCC_SPOTS,
    TM_FCC_TOTAL,
    TM_FCC_AMOUNT,
    TM_FCC_RATE,
    TM_FCC_COUNT,
    TM_FCC_COST,
    TM_FCC_BUDGET,
    TM_FCC_SHARE,
    TM_FCC_LINE,
    TM_FCC_AIR_DATE,
    TM_FCC_DAYS,
    TM_FCC_WEEK,
    TM_FCC_START,
    TM_FCC_END,
    TM_FCC_KEYS
} tm_fcc_key_t;

typedef struct tm_fcc_label {
    const char *phrase;
    uint8_t key;   /* tm_fcc_key_t */
    uint8_t rank;  /* 0..100: how surely the value is that field */
    uint8_t flags; /* TM_FCC_L_* */
} tm_fcc_label_t;

enum {
    TM_FCC_L_WIDE = 1, /* its words may lie far apart (section name, then label) */
    TM_FCC_L_MARK = 2, /* a common word: only with a colon or number sign, or alone in its column */
    TM_FCC_L_COLON = 4,  /* only with a colon or number sign */
    TM_FCC_L_COLUMN = 8, /* heads a column of a table; a value may follow without a gap */
    TM_FCC_L_TABLE = 16  /* heads a column of a table of lines */
};

#define TM_FCC_LABELS_MAX 1024
extern const tm_fcc_label_t tm_fcc_labels_all[]; /* fcc_dictionary.c */
extern const uint32_t tm_fcc_labels_n;

typedef struct tm_fcc_hit {
    const tm_fcc_label_t *label;
    uint32_t first, n; /* words */
    uint32_t row;
    float x0, y0, x1, y1;
    bool mark, colon; /* a colon or number sign follows; a colon does */
} tm_fcc_hit_t;

#define TM_FCC_HITS_MAX 1500 /* of a page */
#define TM_FCC_PHRASE_WORDS 6
#define TM_FCC_PHRASE_BYTES 40

typedef struct tm_fcc_hits {
    uint32_t n;
    tm_fcc_hit_t *v;   /* in word order */
    uint16_t *of_word; /* per word of the grid: 1 + index of the hit it belongs to, 0: none */
} tm_fcc_hits_t;

typedef struct tm_fcc_dictionary tm_fcc_dictionary_t;
/* Errors: NULL, the arena is full. */
const tm_fcc_dictionary_t *tm_fcc_dictionary_make(tm_arena_t *arena);

/* Finds the labels of a page. Errors: TM_ENOMEM. O(words). */
TM_MUST_CHECK tm_err_t tm_fcc_labels(const tm_fcc_dictionary_t *dictionary,
                                     const tm_fcc_grid_t *grid, tm_arena_t *arena,
                                     tm_fcc_hits_t *ret);

static inline tm_fcc_key_t tm_fcc_hit_key(const tm_fcc_hit_t *hit)
{
    return (tm_fcc_key_t)hit->label->key;
}
/* Is the text a label of at least ten letters, perhaps misread by a scan? O(labels). */
bool tm_fcc_like_label(tm_str_t text);
/* Folds letters as the dictionary does; at most `max` bytes. Returns the length. */
uint32_t tm_fcc_letters(tm_str_t s, char *ret, uint32_t max);
/* Does the text folded begin with (or contain) the phrase folded? For titles. */
bool tm_fcc_says(tm_str_t text, const char *phrase);
#endif
