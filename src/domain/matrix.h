/* matrix.h - the spend matrix of one campaign: leaf rows by weeks, each cell with the lines behind
 * it.
 *
 * Why:     a change touches only its cells; a reader gets an immutable picture at the cost of what
 *          changed.
 * How:     a row is an immutable shared object in a trie; replacing one copies that row only. Sums
 *          are kept apart for firm lines (ordered, confirmed, invoiced, known zeros) and soft ones
 *          (proposed, estimates), so every week mode is a choice of sums.
 * Threads: tm_matrix_t: its owner. tm_matrix_view_t: immutable, any thread, shared by reference. */
#ifndef TM_DOMAIN_MATRIX_H
#define TM_DOMAIN_MATRIX_H
#include "base/buf.h"
#include "base/trie.h"
#include "domain/spread.h"

/* What names a leaf row. Names are copied. 0 or absent: unknown. */
typedef struct tm_row_key {
    tm_id_t advertiser_id;
    tm_id_t station_id;
    int32_t market;               /* DMA code, 0 unknown */
    uint8_t medium, side;         /* TM_MEDIUM_*, TM_SIDE_* */
    tm_str_t advertiser, station; /* shown names */
    int32_t market_rank;          /* for the order of rows; 0 unknown (sorts last) */
} tm_row_key_t;

typedef struct tm_matrix tm_matrix_t;
TM_OWN tm_matrix_t *tm_matrix_new(int week_basis);
void tm_matrix_free(TM_OWN tm_matrix_t *matrix);

/* Puts the shares of a line into its row in place of all it had before (n 0: takes it out). firm:
 * counts in booked; disputed marks its weeks. source_bit (1 << place in source_names, 0 none),
 * stage: for the delta's lists. unplaced may be NULL. O(shares * log row), and once after each view
 * a copy of the row. The same line again with the same content changes nothing. */
void tm_matrix_set_line(tm_matrix_t *matrix, tm_id_t line, const tm_row_key_t *key,
                        const tm_share_t *shares, uint32_t n, const tm_share_t *unplaced, bool firm,
                        bool disputed, uint8_t stage, uint32_t source_bit);
/* The matrix of money paid out (layer disbursement) of the same campaign, which is added to no cell
 * of this one: its lines are set there. Made by the first call, goes with its matrix; views of the
 * matrix hold it, deltas do not tell of it. */
tm_matrix_t *tm_matrix_paid(tm_matrix_t *matrix);
/* Appends the cells changed since the last call, packed (matrix_delta.h), and forgets them; out
 * NULL: only that. Returns about how many bytes they are as JSON. */
uint64_t tm_matrix_take_delta(tm_matrix_t *matrix, uint64_t version, tm_buf_t *out);

typedef struct tm_matrix_view tm_matrix_view_t;               /* an immutable picture */
TM_OWN tm_matrix_view_t *tm_matrix_view(tm_matrix_t *matrix); /* O(1) */
TM_OWN tm_matrix_view_t *tm_matrix_view_ref(tm_matrix_view_t *view);
void tm_matrix_view_unref(TM_OWN tm_matrix_view_t *view);

typedef enum tm_week_mode {
    TM_MODE_BOOKED,
    TM_MODE_PROJECTED,
    TM_MODE_FUTURE_ONLY,
    TM_MODE_NEXT_WEEK
} tm_week_mode_t;
typedef enum tm_level {
    TM_LEVEL_ALL,
    TM_LEVEL_SIDE,
    TM_LEVEL_ADVERTISER,
    TM_LEVEL_MARKET,
    TM_LEVEL_MEDIUM,
    TM_LEVEL_LEAF
} tm_level_t;
typedef struct tm_matrix_query {
    tm_week_mode_t mode;
    bool net;            /* basis=net */
    tm_day_t from, to;   /* weeks that meet [from, to]; both 0: all */
    int32_t market;      /* 0: all */
    int medium, side;    /* -1: all */
    tm_str_t advertiser; /* id text or folded name; p NULL: all */
    uint8_t group_by;    /* TM_LEVEL_*: 0 every level, else the rows of that level only */
    tm_day_t today;      /* the campaign's */
} tm_matrix_query_t;
/* Everything, booked, gross. */
static inline tm_matrix_query_t tm_matrix_query_default(void)
{
    return (tm_matrix_query_t){.medium = -1, .side = -1};
}
/* Reads a query string's values; faults name the parameter (week_mode, basis, from ...). today is
 * left to the caller. */
TM_MUST_CHECK tm_err_t tm_matrix_query_parse(tm_str_t name, tm_str_t value,
                                             tm_matrix_query_t *query, tm_why_t *why);

/* The answer of GET /matrix after `{"campaign_id":...,"epoch":...,"version":...,`: basis,
 * week_basis, week_mode, weeks, rows with subtotals in the order of domain section 5, totals, and
 * the closing brace. */
void tm_matrix_write(const tm_matrix_view_t *view, const tm_matrix_query_t *query, tm_buf_t *out);

/* Everything behind one cell: "ROWKEY@2026-10-12", of a leaf row or of a subtotal. */
typedef struct tm_cell_detail {
    bool known;                       /* some firm line with an amount touches it */
    tm_cents_t gross, net, low, high; /* booked */
    bool has_high, disputed;
    bool projected_known;
    tm_cents_t projected_gross, projected_net;
    uint32_t n_lines, n_firm;
    const tm_id_t *lines; /* [n_lines] that touch it, in the arena: n_firm firm ones first, by id */
} tm_cell_detail_t;
/* Errors: TM_EINVALID no such form; TM_ENOTFOUND no such cell; TM_ENOMEM. O(rows + lines of the
 * row). */
TM_MUST_CHECK tm_err_t tm_matrix_cell(const tm_matrix_view_t *view, tm_str_t key, tm_arena_t *arena,
                                      tm_cell_detail_t *ret);
/* Money paid out in view, in the asked basis: of the weeks, and without a week where all days are
 * asked for. false: no amount is known. O(rows of that matrix). */
bool tm_matrix_disbursed(const tm_matrix_view_t *view, const tm_matrix_query_t *query,
                         tm_cents_t *ret);
uint64_t tm_matrix_total(const tm_matrix_view_t *view, tm_cents_t *ret_gross,
                         tm_cents_t *ret_net); /* booked; returns rows */
#endif
