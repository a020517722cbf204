/* with_export.h - a campaign's view made by hand, and the files written of it.
 *
 * Threads: the test's. */
#ifndef TM_TESTS_FILES_WITH_EXPORT_H
#define TM_TESTS_FILES_WITH_EXPORT_H
#include "base/digest.h"
#include "base/time.h"
#include "domain/week.h"
#include "files/export.h"
#include "schema/record.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>

typedef struct race {
    tm_matrix_t *matrix;
    tm_campaign_view_t view;
    tm_view_t directory;
    tm_export_t export;
    char folder[64];
    uint32_t n_lines;
    char *advertiser; /* text of the query */
} race_t;

typedef struct buy {
    const char *advertiser, *station; /* station NULL: none */
    uint32_t advertiser_id, station_id;
    int32_t market;
    uint8_t medium, side, stage;
    const char *week; /* first day of the flight */
    uint32_t weeks;   /* 0: one */
    int64_t cents;    /* a week */
    bool unknown;     /* no amount */
    bool soft, disputed;
    bool unplaced; /* without days */
} buy_t;

/* "Smith for Senate" with market 504 of a name; nothing bought yet. */
race_t *race_new(void);
void race_free(race_t *race);
void race_name(race_t *race, const char *name, const char *slug);
void race_market(race_t *race, int32_t code, const char *name);
/* A line and what it puts into the matrix; its id. */
tm_id_t race_buy(race_t *race, buy_t buy);
/* Takes the picture that the export shows; again after more buys. */
void race_show(race_t *race);
void race_ask(race_t *race, const char *query); /* "basis=net&market=504"; "": all */
json_t *race_json(race_t *race);                /* GET /matrix of the same query */
/* The file's bytes, NUL-terminated, to be freed; fails the test on an error. */
char *race_file(race_t *race, tm_export_format_t format, size_t *ret_n);
/* Many rows of several levels, credits, gaps, zeros, disputes; the same for the same seed. */
void race_fill(race_t *race, uint64_t seed, uint32_t buys);
#endif
