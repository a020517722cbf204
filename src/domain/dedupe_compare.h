/* dedupe_compare.h - what two lines have in common, in numbers; the words are made of it later.
 *
 * Why:     the same comparison gives a quick bound for a million pairs and, for the few that are
 *          worth it, the reasons.
 * Threads: pure. */
#ifndef TM_DOMAIN_DEDUPE_COMPARE_H
#define TM_DOMAIN_DEDUPE_COMPARE_H
#include "domain/dedupe.h"

enum {
    TM_VETO_LAYERS = 1,
    TM_VETO_SIDES = 2,
    TM_VETO_DAYS = 4,
    TM_VETO_STATIONS = 8,
    TM_VETO_MARKETS = 16, /* a station of one market is none of another */
    TM_VETO_MEDIA = 32,
    TM_VETO_NUMBERS = 64,
    TM_VETO_ROWS = 128
};
typedef enum tm_places {
    TM_PLACES_SAME,    /* one station */
    TM_PLACES_ONE,     /* a station in one line only; market and medium agree */
    TM_PLACES_NONE,    /* in neither; market and medium agree */
    TM_PLACES_UNKNOWN, /* cannot be told */
    TM_PLACES_DIFFER
} tm_places_t;
typedef struct tm_reading {
    tm_cents_t gross;  /* compared */
    tm_cents_t stated; /* as it stands in the line */
    bool guessed;      /* the line does not say whether it is gross or net */
    bool as_net;       /* guessed: read as net */
    int32_t bp;        /* guessed: the commission it was read with */
} tm_reading_t;
typedef struct tm_compared {
    uint32_t vetoes; /* TM_VETO_*; without one: */
    tm_places_t places;
    bool sister;                      /* one order at two stations of one market */
    bool same_advertiser;             /* by id */
    int32_t name_score_bp;            /* else: as given, 0 below what counts */
    int64_t days_common, days_either; /* calendar days; 0 either: a flight is unknown */
    bool amounts, guessed;            /* both amounts are known; one's basis is not */
    tm_reading_t a, b;                /* amounts: the readings that agree best */
} tm_compared_t;

/* Advertisers' names below this likeness say nothing. */
#define TM_DEDUPE_NAME_BP 8500
#define TM_POINTS_STATION 3500
#define TM_POINTS_PLACE 2000
#define TM_POINTS_ADVERTISER 3000
#define TM_POINTS_FLIGHT 1500
#define TM_POINTS_AMOUNT 2000
#define TM_POINTS_GUESSED 200 /* taken off */

/* Every veto; the rest is filled only without one. O(1), no memory. */
void tm_dedupe_compare(const tm_buy_line_t *a, const tm_buy_line_t *b, int32_t name_score_bp,
                       tm_compared_t *ret);
/* Each comparison's points * 100, rounded half up; and their exact sum, rounded once. */
int32_t tm_points_station(const tm_compared_t *c);
int32_t tm_points_advertiser(const tm_compared_t *c);
int32_t tm_points_flight(const tm_compared_t *c);
int32_t tm_points_amount(const tm_compared_t *c);
int32_t tm_points_total(const tm_compared_t *c);
#endif
