/* matrix_own.h - the inside of a matrix. Only matrix.c, matrix_peek.c and
 * matrix_told.c include this.
 *
 * Threads: the matrix's owner. */
#ifndef TM_DOMAIN_MATRIX_OWN_H
#define TM_DOMAIN_MATRIX_OWN_H
#include "base/pages.h"
#include "domain/matrix_row.h"

#define TM_MATRIX_MAGIC 0x6d747831u

typedef struct tm_numbers {
    uint32_t *v;
    uint32_t n, cap;
} tm_numbers_t;

struct tm_matrix {
    uint32_t magic;
    int week_basis;
    uint64_t generation;
    tm_trie_t rows, lines;
    tm_smap_t row_of;   /* text of a row's key -> number of the row + 1 */
    tm_map_t row_by;    /* the key's ids, mixed -> that number, of a row that was found by text */
    tm_smap_t kin;      /* that text without the station -> tm_numbers_t of its rows */
    tm_pages_t slot_of; /* line -> slot + 1 */
    tm_numbers_t free_rows, free_slots, dirty;
    uint32_t next_row, next_slot, n_rows;
    tm_totals_t firm;
    tm_matrix_t *paid; /* NULL: no money was paid out */
    tm_buf_t key;
    tm_arena_t *scratch; /* for folding names that have no id */
};

/* The row, changeable: copied first if a view may hold it. */
tm_mrow_t *tm_matrix_row_to_change(tm_matrix_t *m, uint32_t number);
/* Writes the key's text into m->key. Returns the bytes of the advertiser's part. */
uint32_t tm_matrix_write_key(tm_matrix_t *m, const tm_row_key_t *key);
/* The text without its last part. */
tm_str_t tm_matrix_kin_of(tm_str_t key);
#endif
