/* fcc_rows.h - one row of a table as facts: dates, amounts, counts, weekdays, times; and the heads
 * of day columns.
 *
 * Why:     tables of all layouts are rows of the same kinds of tokens.
 * Threads: pure; any. */
#ifndef TM_FEEDS_FCC_ROWS_H
#define TM_FEEDS_FCC_ROWS_H
#include "feeds/fcc_paper.h"

#define TM_FCC_FACTS_MAX 48
typedef struct tm_fcc_fact {
    uint32_t word;
    int64_t v;
} tm_fcc_fact_t;

typedef struct tm_fcc_facts {
    uint32_t row, n_dates, n_money, n_counts, n_words;
    bool dollars; /* amounts carry a dollar sign */
    tm_fcc_fact_t dates[4], money[8], counts[TM_FCC_FACTS_MAX];
    uint32_t days, clock, length, week; /* words; UINT32_MAX: none. week: a "Week:" label */
    int32_t clock_s, length_s;
    tm_str_t number; /* the line's printed number; n 0: none */
    char mark[8];    /* capital letters before the number: N, E, D, CAN, MSD, MGD, REV */
} tm_fcc_facts_t;

/* loose: amounts without a dollar sign count if they have two decimals or grouped thousands. */
void tm_fcc_facts(const tm_fcc_sheet_t *sheet, uint32_t row, bool loose, tm_fcc_facts_t *ret);

#define TM_FCC_COLUMNS_MAX 60
typedef struct tm_fcc_columns {
    uint32_t n;                  /* 0: no day grid */
    float x[TM_FCC_COLUMNS_MAX]; /* middle of each column */
    int32_t
        day[TM_FCC_COLUMNS_MAX]; /* tm_day_t of the column; with weekdays 0 Monday .. 6 Sunday */
    bool weekdays;               /* columns are weekdays, not dates */
    int step;                    /* days a column: 1 or 7 */
    float width;                 /* typical distance of columns */
} tm_fcc_columns_t;

/* Is the row the head of a day grid (4/17 4/18 .., or Mo Tu We Th Fr Sa Su)? from, to: the flight,
 * for the year. */
bool tm_fcc_columns(const tm_fcc_sheet_t *sheet, uint32_t row, tm_day_t from, tm_day_t to,
                    tm_fcc_columns_t *ret);
/* Column of a word, -1: none. */
int tm_fcc_column_of(const tm_fcc_columns_t *columns, const tm_fcc_word_t *word);
#endif
