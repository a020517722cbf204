/* cover.c - a market's total against the stations it is made of.
 *
 * Why:     a sheet that says "Columbus, $90,000" repeats the stations' own orders; only what it
 *          knows beyond them may be added.
 * How:     week by week, in the campaign's weeks: no station known, the total stands as before;
 *          within 5 % of its own gross or below the stations it adds nothing; above, the difference
 *          is an estimate that nobody has placed.
 * Threads: pure.
 * Source:  domain rule 4.5, "Covers". */
#include "base/time.h"
#include "domain/dedupe.h"
#include "domain/dedupe_text.h"
#include <stdio.h>

__extension__ typedef __int128 wide_t;

#define PARTS_OF_TOTAL 20 /* one of them is 5 % */

typedef struct covering {
    const tm_buy_line_t *total;
    tm_cover_t *ret;
    uint32_t weeks;           /* with station lines */
    tm_cents_t own, stations; /* sums over those weeks */
    tm_cents_t excess, rest;
    uint32_t n_short;
    tm_cents_t short_by;
} covering_t;

static int64_t size_of(int64_t v)
{
    return v < 0 ? -v : v;
}

/* The week as one entry, only its days that lie in the total's flight if any does. */
static tm_line_week_t entry_of(const tm_buy_line_t *total, tm_day_t week, tm_cents_t gross)
{
    tm_day_t from = week, to = {week.v + 6};
    if (TM_HAS(total, TM_BUY_LINE_flight_from) && TM_HAS(total, TM_BUY_LINE_flight_to)) {
        const int32_t a = TM_MAX(from.v, total->flight_from.v);
        const int32_t b = TM_MIN(to.v, total->flight_to.v);
        if (a <= b) {
            from.v = a;
            to.v = b;
        }
    }
    tm_line_week_t w = {.has = {{0}}};
    TM_SET(&w, TM_LINE_WEEK, from, from);
    TM_SET(&w, TM_LINE_WEEK, to, to);
    TM_SET(&w, TM_LINE_WEEK, amount_cents, gross);
    return w;
}

static void cover_week(covering_t *c, const tm_share_t *share, tm_cents_t stations)
{
    const tm_cents_t over = {share->gross.v - stations.v};
    const bool near = (wide_t)size_of(over.v) * PARTS_OF_TOTAL <= size_of(share->gross.v);
    tm_cover_t *ret = c->ret;
    ret->covers = true;
    c->weeks++;
    c->own.v += share->gross.v;
    c->stations.v += stations.v;
    if (near)
        return;
    if (over.v > 0) {
        ret->excess[ret->n_excess++] = entry_of(c->total, share->week, over);
        c->excess.v += over.v;
    } else {
        ret->is_short = true;
        c->n_short++;
        c->short_by.v -= over.v;
    }
}

/* Errors: TM_ENOMEM. */
static tm_err_t explain(covering_t *c, tm_arena_t *arena)
{
    char own[TM_MONEY_TEXT], stations[TM_MONEY_TEXT], money[TM_MONEY_TEXT];
    char off[TM_HUNDREDTHS_TEXT], more[3][120] = {"", "", ""};
    const tm_cover_t *ret = c->ret;
    const int64_t size = size_of(c->own.v), apart = size_of(c->own.v - c->stations.v);
    off[0] = '\0';
    const bool told = size > 0 && apart / size < 100;
    if (told) {
        const wide_t x10000 = (wide_t)apart * 10000;
        tm_hundredths_text(tm_half_up((tm_u128_t)x10000, (tm_u128_t)size), off);
    }
    if (ret->n_excess > 0) {
        snprintf(more[0], sizeof more[0], "; %s more than they show in %u week%s",
                 tm_money_text(c->excess, money), ret->n_excess, ret->n_excess == 1 ? "" : "s");
    }
    if (c->n_short > 0) {
        snprintf(more[1], sizeof more[1], "; they exceed it by %s in %u week%s",
                 tm_money_text(c->short_by, money), c->n_short, c->n_short == 1 ? "" : "s");
    }
    if (ret->n_rest > 0) {
        snprintf(more[2], sizeof more[2], "; %s in %u week%s without a station line",
                 tm_money_text(c->rest, money), ret->n_rest, ret->n_rest == 1 ? "" : "s");
    }
    tm_str_t *why = &c->ret->why;
    if (c->weeks == 0) {
        *why = tm_arena_printf(arena, "no station line in its weeks");
    } else {
        *why =
            tm_arena_printf(arena, "%s of the market, %s of its stations in %u week%s%s%s%s%s%s%s",
                            tm_money_text(c->own, own), tm_money_text(c->stations, stations),
                            c->weeks, c->weeks == 1 ? "" : "s", told ? ": off by " : "", off,
                            told ? " %" : "", more[0], more[1], more[2]);
    }
    return why->p == NULL ? TM_ENOMEM : TM_OK;
}

tm_err_t tm_cover_of(const tm_buy_line_t *total, const tm_share_t *shares, uint32_t n,
                     const tm_week_sum_t *sums, uint32_t m, tm_arena_t *arena, tm_cover_t *ret)
{
    tm_cover_t cover = {.covers = false};
    covering_t c = {.total = total, .ret = &cover};
    cover.excess = tm_arena_alloc(arena, ((size_t)n + 1) * sizeof *cover.excess);
    cover.rest = tm_arena_alloc(arena, ((size_t)n + 1) * sizeof *cover.rest);
    if (cover.excess == NULL || cover.rest == NULL)
        return TM_ENOMEM;
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        assert(i == 0 || shares[i - 1].week.v < shares[i].week.v);
        if (!shares[i].known)
            continue; /* a total without an amount says nothing */
        while (k < m && sums[k].week.v < shares[i].week.v) {
            k++;
        }
        if (k < m && sums[k].week.v == shares[i].week.v && sums[k].known) {
            cover_week(&c, &shares[i], sums[k].gross);
        } else {
            cover.rest[cover.n_rest++] = entry_of(total, shares[i].week, shares[i].gross);
            c.rest.v += shares[i].gross.v;
        }
    }
    if (explain(&c, arena) != TM_OK)
        return TM_ENOMEM;
    *ret = cover;
    return TM_OK;
}
