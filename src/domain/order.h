/* order.h - which papers are versions of one order, which of them counts, and on which days.
 *
 * Why:     adding the papers of one station's file overstates spending by 15 %.
 * How:     domain rule 4.4: number, alternates, revision, newest by revision number, dates, print,
 *          upload, id; invoices close days.
 * Threads: pure. */
#ifndef TM_DOMAIN_ORDER_H
#define TM_DOMAIN_ORDER_H
#include "schema/entities/buy_line.h"
#include "schema/entities/document.h"
#include "domain/limits.h"

/* Normalises a number: trims, upper-cases, strips leading zeros. With ret_suffix a trailing /2 -2
 * _2 Rev 2 is taken off and goes there (p NULL: none); it is only a revision if the bare number is
 * seen elsewhere (the caller knows). With ret_suffix NULL the number stays whole, as on invoices.
 * Strings in the arena; p NULL: it is full; n 0: nothing is left of it. */
tm_str_t tm_order_norm(tm_str_t number, tm_arena_t *arena, tm_str_t *ret_suffix);
/* Call sign without -TV -DT -CD -LD -CA and spaces, upper-cased; other names folded lightly. */
tm_str_t tm_station_norm(tm_str_t station, tm_arena_t *arena);
/* Not money paid out (layer disbursement), which is seen again as air time (4.6). */
static inline bool tm_line_is_airtime(const tm_buy_line_t *line)
{
    return !TM_HAS(line, TM_BUY_LINE_layer) || line->layer.v == TM_LAYER_airtime;
}
/* Equal order_no_norm (order_no where that is absent). */
bool tm_same_number(const tm_buy_line_t *a, const tm_buy_line_t *b);
/* Rule 4.4.2 for two lines: same station and equal numbers or alternates (fewer than 5 digits
 * ignored for alternates). Rule 4.6 for two reports of payments: same payer and equal numbers. */
bool tm_same_order(const tm_buy_line_t *a, const tm_buy_line_t *b);

typedef struct tm_keep {
    tm_day_t from, to;
} tm_keep_t; /* days on which a line's shares count, both included */

typedef struct tm_verdict {
    uint8_t standing;      /* TM_STANDING_* */
    bool counts;           /* its shares (within keep) are air time of the matrix */
    bool zero;             /* a cancelled version: known zeros over its days */
    bool alone;            /* adds by itself, whatever the order says: a credit, an edit */
    tm_id_t superseded_by; /* 0: none */
    tm_id_t lines_of; /* a printout of changes: the full version whose lines tm_line_scale gives it;
                         0: none */
    tm_str_t why;     /* in words, in the arena */
    uint32_t n_keep;  /* days that count; n_keep 1 with the widest range = all */
    tm_keep_t *keep;
} tm_verdict_t;

/* What a line is among the papers of its order. */
typedef enum tm_paper {
    TM_PAPER_VERSION, /* replaces the order as a whole */
    TM_PAPER_SOFT,    /* a version that is only proposed or estimated: firm ones replace it, it
                         replaces no firm one */
    TM_PAPER_NOTE,    /* joins the chain, replaces nothing, adds nothing */
    TM_PAPER_INVOICE,
    TM_PAPER_ALONE, /* credit, edit: adds by itself */
    TM_PAPER_PAID,  /* a report of a payment: replaces older ones of it, is no air time */
    TM_PAPER_OUT    /* archived, a memo */
} tm_paper_t;

/* The lines of one order, oldest first by rule 4.4.3: ret_at[i] is the index in lines of the i-th,
 * ret_paper[i] what it is. Errors and cost: as tm_chain_resolve. */
TM_MUST_CHECK tm_err_t tm_chain_by_age(const tm_buy_line_t *const *lines, uint32_t n,
                                       tm_arena_t *arena, uint32_t *ret_at, tm_paper_t *ret_paper);
/* Standing of every line of one order (one station's chain), in any order of input; deterministic.
 * lines[n], ret[n]. Errors: TM_ETOOLARGE over TM_CHAIN_LINES_MAX, TM_ENOMEM. O(n log n + n *
 * invoices). */
TM_MUST_CHECK tm_err_t tm_chain_resolve(const tm_buy_line_t *const *lines, uint32_t n,
                                        tm_arena_t *arena, tm_verdict_t *ret);

/* One buy line from a document that was read (not agreement, inquiry): identity, stage, flight,
 * totals by 4.3, line_weeks and airings as they are spread (4.2 a-c: narrowed by weekdays, without
 * cancelled and missed lines, scaled where 4.2 scales). campaign_bp, agency_bp: -1 unknown. Leaves
 * ids, advertiser, side, market, standing and times to the caller. `exceptions` gets the words of
 * domain section 7 (at most 16, in the arena). bare_seen: the number without its suffix was seen in
 * the same document or folder. Errors: TM_EINVALID the document makes no line; TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_line_from_document(const tm_document_t *doc, bool bare_seen,
                                             int32_t agency_bp, int32_t campaign_bp,
                                             tm_arena_t *arena, tm_buy_line_t *ret,
                                             tm_strs_t *ret_exceptions);
/* The lines of the last full version, scaled to the total of a printout of changes, as its
 * line_weeks (exact sum, in its own amount_basis). Leaves the line as it is, to be spread by its
 * header, where there is nothing to scale. Errors: TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_line_scale(const tm_buy_line_t *full, tm_buy_line_t *line,
                                     tm_arena_t *arena);
/* Rules for a line posted by hand or imported (contract 3, 3a): defaults (source manual, stage
 * ordered, layer airtime ...), dates, ranges, order_no_norm, the missing total. Adds every fault
 * with its field path. */
TM_MUST_CHECK tm_err_t tm_line_prepare(tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp,
                                       tm_arena_t *arena, tm_why_t *why);
#endif
