/* matrix_delta.c - see matrix_delta.h.
 *
 * Threads: pure. */
#include "domain/matrix_delta.h"
#include "domain/matrix_row.h"
#include "schema/binary.h"
#include "schema/json.h"
#include "schema/words.h"

enum {
    CELL_KNOWN = 1,
    CELL_SAME_NET = 2, /* net equals gross */
    CELL_EXACT = 4,    /* low and high equal gross */
    CELL_OPEN = 8,     /* no upper bound */
    CELL_FLAGS = 15
};
#define VARINT_MAX 10
#define CELL_VARINTS 9
#define JSON_CELL_BYTES 118 /* of a cell's text without key, numbers and words */
#define JSON_WORD_BYTES 14  /* a stage or a source with quotes and comma, about */

static char *put(char *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7) {
        *p++ = (char)(v | 0x80);
    }
    *p++ = (char)v;
    return p;
}

/* Digits of a number, at most one too many. */
static uint32_t digits(int64_t v)
{
    const uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    return 2 + (uint32_t)((64 - __builtin_clzll(size | 1)) * 1233 >> 12);
}

static char *put_cell(char *p, const tm_cell_t *cell, int32_t week, uint64_t *bytes)
{
    const tm_sums_t *s = &cell->firm;
    const bool known = s->n_known > 0, same_net = s->net == s->gross,
               exact = s->low == s->gross && s->high == s->gross;
    p = put(p, tm_zigzag((int64_t)cell->week - week));
    p = put(p, known ? (uint64_t)(CELL_KNOWN | (same_net ? CELL_SAME_NET : 0) |
                                  (exact ? CELL_EXACT : 0) | (s->n_open > 0 ? CELL_OPEN : 0))
                     : 0);
    p = put(p, cell->stages);
    p = put(p, cell->sources);
    *bytes += (uint64_t)__builtin_popcountll(((uint64_t)cell->sources << 8) | cell->stages) *
              JSON_WORD_BYTES;
    if (!known) {
        *bytes += 20; /* five times null */
        return p;
    }
    p = put(p, tm_zigzag(s->gross));
    *bytes += digits(s->gross) + digits(s->net) + digits(s->low) + digits(s->high) + 4;
    p = same_net ? p : put(p, tm_zigzag(s->net));
    p = exact ? p : put(put(p, tm_zigzag(s->low)), tm_zigzag(s->high));
    return put(p, tm_zigzag(s->spots));
}

uint64_t tm_mrow_pack(const tm_mrow_t *row, tm_buf_t *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        n += row->cells[i].dirty;
    }
    const tm_str_t key = row->names->key;
    if (n == 0 || !tm_buf_reserve(out, key.n + VARINT_MAX * (2 + (size_t)n * CELL_VARINTS)))
        return 0;
    uint64_t bytes = (uint64_t)n * (key.n + JSON_CELL_BYTES);
    char *p = put(out->p + out->n, key.n);
    memcpy(p, key.p, key.n);
    p = put(p + key.n, n);
    int32_t week = 0;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        const tm_cell_t *cell = &row->cells[i];
        if (cell->dirty) {
            p = put_cell(p, cell, week, &bytes);
            week = cell->week;
        }
    }
    out->n = (size_t)(p - out->p);
    return bytes;
}

/* ---- reading ---- */

typedef struct reader {
    const char *p, *end;
    tm_str_t key;
    uint64_t left; /* cells of this row */
    int32_t week;
    bool bad;
} reader_t;

typedef struct cell {
    uint64_t flags, stages, sources;
    int64_t gross, net, low, high, spots;
} cell_t;

static uint64_t get(reader_t *in, uint64_t max)
{
    uint64_t v = 0;
    if (in->bad || !tm_varint_get(&in->p, in->end, &v) || v > max) {
        in->bad = true;
        return 0;
    }
    return v;
}

static int64_t get_signed(reader_t *in)
{
    return tm_unzigzag(get(in, UINT64_MAX));
}

static bool next_row(reader_t *in)
{
    if (in->bad || in->p == in->end)
        return false;
    const uint64_t n = get(in, UINT32_MAX);
    if (n > (uint64_t)(in->end - in->p)) {
        in->bad = true;
        return false;
    }
    in->key = tm_str_n(in->p, n);
    in->p += n;
    in->left = get(in, UINT32_MAX);
    in->week = 0;
    return !in->bad;
}

static bool next_cell(reader_t *in, cell_t *ret)
{
    if (in->left == 0)
        return false;
    in->left--;
    const int64_t week = in->week + get_signed(in);
    in->bad |= week < 0 || week > TM_DAY_MAX;
    in->week = (int32_t)week;
    *ret = (cell_t){.flags = get(in, CELL_FLAGS)};
    ret->stages = get(in, (1u << TM_STAGE_WORDS_N) - 1);
    ret->sources = get(in, (UINT64_C(1) << TM_SOURCE_KIND_WORDS_N) - 1);
    if ((ret->flags & CELL_KNOWN) != 0) {
        ret->gross = get_signed(in);
        ret->net = (ret->flags & CELL_SAME_NET) != 0 ? ret->gross : get_signed(in);
        ret->low = ret->high = ret->gross;
        if ((ret->flags & CELL_EXACT) == 0) {
            ret->low = get_signed(in);
            ret->high = get_signed(in);
        }
        ret->spots = get_signed(in);
    }
    return !in->bad;
}

static void add_cents(tm_buf_t *out, tm_str_t name, bool known, int64_t cents)
{
    tm_buf_add_str(out, name);
    if (known) {
        tm_buf_add_i64(out, cents);
    } else {
        tm_buf_add_str(out, TM_STR("null"));
    }
}

static void add_words(tm_buf_t *out, tm_str_t name, uint64_t bits, const char *const *words)
{
    tm_buf_add_str(out, name);
    for (bool first = true; bits != 0; bits &= bits - 1, first = false) {
        if (!first) {
            tm_buf_add_char(out, ',');
        }
        tm_json_write_str(tm_str(words[__builtin_ctzll(bits)]), out);
    }
    tm_buf_add_char(out, ']');
}

static void add_cell(const reader_t *in, const cell_t *cell, const char *const *source_names,
                     tm_buf_t *out)
{
    char day[TM_DAY_TEXT];
    const bool known = (cell->flags & CELL_KNOWN) != 0;
    tm_day_format((tm_day_t){in->week}, day);
    tm_buf_add_str(out, TM_STR("{\"key\":\""));
    tm_buf_add_str(out, in->key); /* ids, digits and folded letters: nothing to escape */
    tm_buf_add_char(out, '@');
    tm_buf_add(out, day, TM_DAY_TEXT - 1);
    add_cents(out, TM_STR("\",\"gross_cents\":"), known, cell->gross);
    add_cents(out, TM_STR(",\"net_cents\":"), known, cell->net);
    add_cents(out, TM_STR(",\"low_cents\":"), known, cell->low);
    add_cents(out, TM_STR(",\"high_cents\":"), known && (cell->flags & CELL_OPEN) == 0, cell->high);
    add_cents(out, TM_STR(",\"spots\":"), known, cell->spots);
    add_words(out, TM_STR(",\"stages\":["), cell->stages, tm_stage_words.words);
    add_words(out, TM_STR(",\"sources\":["), cell->sources, source_names);
    tm_buf_add_char(out, '}');
}

bool tm_matrix_delta_write(tm_str_t packed, const char *const *source_names, tm_buf_t *out)
{
    reader_t in = {.p = packed.p, .end = packed.n == 0 ? packed.p : packed.p + packed.n};
    cell_t cell;
    bool first = true;
    tm_buf_add_char(out, '[');
    while (next_row(&in)) {
        for (; next_cell(&in, &cell); first = false) {
            if (!first) {
                tm_buf_add_char(out, ',');
            }
            add_cell(&in, &cell, source_names, out);
        }
    }
    tm_buf_add_char(out, ']');
    return !in.bad;
}

bool tm_matrix_delta_is_good(tm_str_t packed)
{
    reader_t in = {.p = packed.p, .end = packed.n == 0 ? packed.p : packed.p + packed.n};
    cell_t cell;
    while (next_row(&in)) {
        while (next_cell(&in, &cell)) {
        }
    }
    return !in.bad;
}
