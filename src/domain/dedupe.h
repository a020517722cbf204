/* dedupe.h - may two lines be one buy? points, vetoes, which of them to trust, and what a market's
 * total adds to its stations.
 *
 * Why:     the same buy arrives three times; counting it once needs a reason that can be read.
 * How:     four comparisons give points (station 35, advertiser 30, flight 15, amount 20); a veto
 *          ends the comparison. Points are in hundredths.
 * Threads: pure.
 * Source:  domain rule 4.5. */
#ifndef TM_DOMAIN_DEDUPE_H
#define TM_DOMAIN_DEDUPE_H
#include "base/buf.h"
#include "domain/spread.h"
#include "schema/entities/dedupe.h"

#define TM_DEDUPE_RULES 1      /* version of these rules, kept with what they said */
#define TM_SCORE_PROPOSED 9000 /* from here: very likely the same */
#define TM_SCORE_OPEN 6000     /* from here: a person has to look */
#define TM_DEDUPE_VETOES_MAX 8

typedef struct tm_score {
    int32_t score_x100; /* 0..10000; 0 with a veto */
    uint32_t n_reasons, n_vetoes;
    tm_dedupe_reason_t reasons[6]; /* strings in the arena */
    tm_str_t vetoes[TM_DEDUPE_VETOES_MAX];
    bool sister; /* one order filed at two stations: opens a group whatever the points */
} tm_score_t;
/* Compares two lines, or two orders by their newest version. name_score_bp: how alike the
 * advertisers' names are (0..10000), asked only when their ids differ. Without a veto each of the
 * four comparisons gives a reason, also one of 0 points; with one there are no reasons. Symmetric
 * but for the order of names in the words. Errors: TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_dedupe_score(const tm_buy_line_t *a, const tm_buy_line_t *b,
                                       int32_t name_score_bp, tm_arena_t *arena, tm_score_t *ret);
/* Quick and exact for vetoes, an upper bound for points: no words, no memory. 0: certainly nothing.
 * At least TM_SCORE_OPEN where the lines may be one order at two stations. O(1). */
int32_t tm_dedupe_bound(const tm_buy_line_t *a, const tm_buy_line_t *b);

/* Trust of a line as a winner, smaller wins: own deal 0, invoice 1, order contract confirmation 2,
 * vendor row 3, rep sheet 4, filing notice 5, news 6. */
int tm_dedupe_rank(const tm_buy_line_t *line);
/* Index of the line to suggest as winner: by rank, then known amount, then the older id. n > 0. */
uint32_t tm_dedupe_suggest(const tm_buy_line_t *const *lines, uint32_t n);

/* Fields in which lines differ, as JSON: [{"field":"gross_cents","values":[..one a line..]}, ...]
 * (only fields of meaning: advertiser, agency, station, market, medium, flight, amounts, basis,
 * spots, order_no, revision, stage, source, daypart, length_s, product). */
void tm_dedupe_differences(const tm_buy_line_t *const *lines, uint32_t n, tm_buf_t *out);

/* Fills empty fields of `winner` from `copies` in order of trust (amounts as one block, the flight
 * as one block; never identity: order_no, revision, station, market, advertiser, source, dates of
 * papers). Marks what it filled in ret_touched and appends the names to ret_filled (arena); texts
 * and lists stay the copies'. Errors: TM_ENOMEM, nothing is changed. */
TM_MUST_CHECK tm_err_t tm_dedupe_fill(tm_buy_line_t *winner, const tm_buy_line_t *const *copies,
                                      uint32_t n, tm_arena_t *arena, tm_has_t *ret_touched,
                                      tm_strs_t *ret_filled);
/* Clears what a merge filled (names in `filled`). */
void tm_dedupe_unfill(tm_buy_line_t *line, const tm_strs_t *filled, tm_has_t *ret_touched);

/* One line whose dollars are the sum of its parts (n >= 1): gross and net add up, the flight spans
 * them, line_weeks are theirs one behind the other so that every week keeps its dollars (gross to
 * the cent in both week bases; net is converted anew, exact in its total only). Takes
 * names, market, medium, side and source of the first part. Faults (path buy_line_ids[i]): parts of
 * different advertiser, station, market, medium, layer, side or stage; without amount or flight.
 * Leaves ids, times and standing to the caller. Errors: TM_EINVALID with why, TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_dedupe_combine(const tm_buy_line_t *const *parts, uint32_t n,
                                         tm_arena_t *arena, tm_buy_line_t *ret, tm_why_t *why);

/* ---- a market's total against its stations ---- */

typedef struct tm_week_sum {
    tm_day_t week;    /* first day, by the campaign's basis */
    bool known;       /* some station line touches it */
    tm_cents_t gross; /* of the station lines */
} tm_week_sum_t;
typedef struct tm_cover {
    bool covers;       /* the total adds nothing itself, at least in one week */
    bool is_short;     /* the stations exceed it by more than 5 % in some week */
    uint32_t n_excess; /* weeks in which it exceeds them by more than 5 % of its own gross */
    tm_line_week_t *excess;
    uint32_t n_rest; /* weeks without any station line: the total counts there as before */
    tm_line_week_t *rest;
    tm_str_t why; /* in words, with the numbers */
} tm_cover_t;
/* total: a line without station, shares[n] its gross by weeks (tm_line_shares); sums[m] the station
 * lines' of the same advertiser, market and medium, ascending by week. 5 % is of the total's own
 * gross in that week. Weeks of excess and rest are clipped to the total's flight. Errors:
 * TM_ENOMEM. O(n + m). */
TM_MUST_CHECK tm_err_t tm_cover_of(const tm_buy_line_t *total, const tm_share_t *shares, uint32_t n,
                                   const tm_week_sum_t *sums, uint32_t m, tm_arena_t *arena,
                                   tm_cover_t *ret);
#endif
