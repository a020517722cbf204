/* matrix_row.h - the pieces of the matrix: rows of cells, which the lines of matrix_line.h fill.
 *
 * Why:     views share rows with the owner: they are immutable once a view has seen them.
 * How:     a row belongs to the generation of its making; only a row of the matrix's present
 *          generation, which no view can reach, is changed in place.
 * Threads: see matrix.h. Only matrix*.c include this. */
#ifndef TM_DOMAIN_MATRIX_ROW_H
#define TM_DOMAIN_MATRIX_ROW_H
#include "base/map.h"
#include "base/memory.h"
#include "base/time.h"
#include "domain/matrix_line.h"

/* What lines of one kind (firm or soft) put into one week. Sums wrap: plus and minus cancel out. */
typedef struct tm_sums {
    int64_t gross, net, low, high;
    uint32_t n_lines, n_known; /* lines that touch it; those with an amount */
    uint32_t n_open;           /* known ones without upper bound */
    uint32_t n_disputed;
    int64_t spots;
} tm_sums_t;

/* Of all firm shares that are placed; they wrap likewise. */
typedef struct tm_totals {
    int64_t gross, net;
} tm_totals_t;

typedef struct tm_cell {
    int32_t week;
    uint32_t sources; /* of firm lines */
    uint64_t version; /* of the last delta that told of it */
    tm_sums_t firm;
    uint8_t stages; /* bit by TM_STAGE_*, of firm lines */
    bool dirty;     /* firm part changed since the last delta */
    bool stale;     /* a firm line left: sources and stages may be too many */
} tm_cell_t;

typedef struct tm_names {
    tm_shared_t shared;
    tm_str_t key, advertiser, station;  /* advertiser, station: p NULL unknown; into bytes */
    uint64_t advertiser_id, station_id; /* 0: unknown */
    uint32_t n_advertiser_key;          /* bytes of key before the first ':' */
    char bytes[];
} tm_names_t;

/* Slots of a row, ascending. Copies of the row share them: each reads its own n_slots and no
 * further, and one that has all that are written may add behind them. */
typedef struct tm_slots {
    tm_shared_t shared;
    uint32_t n, cap; /* written; room */
    uint32_t v[];
} tm_slots_t;

typedef struct tm_mrow {
    tm_shared_t shared;
    tm_names_t *names;
    uint64_t generation;
    int32_t market, rank;
    uint8_t medium, side;
    bool dirty, thinned; /* in the owner's list; a line left it since the last delta */
    uint32_t n_cells, cells_cap;
    uint32_t n_slots;
    tm_cell_t *cells;  /* ascending by week */
    tm_sums_t *soft;   /* of each cell its soft lines; NULL: none of them has any */
    tm_slots_t *slots; /* its lines in the trie of lines; NULL: none yet */
    tm_sums_t unplaced_firm, unplaced_soft;
} tm_mrow_t;

struct tm_matrix_view {
    tm_shared_t shared;
    uint32_t magic;
    int week_basis;
    uint32_t n_rows;       /* with lines */
    tm_cents_t gross, net; /* booked */
    tm_trie_t rows, lines;
    tm_matrix_view_t *paid; /* NULL: no money was paid out */
};
#define TM_MATRIX_VIEW_MAGIC 0x6d767731u

TM_OWN tm_names_t *tm_names_new(tm_str_t key, uint32_t n_advertiser_key, tm_str_t advertiser,
                                tm_str_t station);
TM_OWN tm_mrow_t *tm_mrow_new(TM_OWN tm_names_t *names, uint64_t generation);
TM_OWN tm_mrow_t *tm_mrow_copy(const tm_mrow_t *row, uint64_t generation);
/* The sums of soft lines of one of the row's cells. */
static inline const tm_sums_t *tm_mrow_soft(const tm_mrow_t *row, const tm_cell_t *cell)
{
    static const tm_sums_t none;
    return row->soft == NULL ? &none : &row->soft[cell - row->cells];
}
/* NULL: no such cell. */
tm_cell_t *tm_mrow_cell(const tm_mrow_t *row, int32_t week);
/* Adds (sign 1) or takes away (sign -1) a line. Cells left without lines stay while dirty. next:
 * what the line becomes in the same row, NULL if nothing: weeks it touches with the same stage and
 * sources do not get stale. totals follow. true: a firm cell changed. */
bool tm_mrow_apply(tm_mrow_t *row, const tm_mline_t *line, int sign, const tm_mline_t *next,
                   tm_totals_t *totals);
void tm_mrow_add_slot(tm_mrow_t *row, uint32_t slot);
void tm_mrow_del_slot(tm_mrow_t *row, uint32_t slot);
void tm_mrow_purge(tm_mrow_t *row); /* cells without lines go */
/* matrix_delta.c: appends the dirty cells, packed; returns about their bytes as JSON. */
uint64_t tm_mrow_pack(const tm_mrow_t *row, tm_buf_t *out);
#endif
