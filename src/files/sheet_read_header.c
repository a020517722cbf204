/* sheet_read_header.c - the header of a sheet: by the source's mapping, else by what headers say.
 *
 * How:     headers are folded to words. Dollars are recognised by their words after those of unit
 *          and basis are taken out: "Net ($000)", "Total Spend (gross)". A header that is a day is
 *          a column of that week's dollars. Rows above the header may say the unit, the basis and
 *          names for all rows.
 * Threads: pure; any. */
#include "files/sheet_read_layout.h"

#include "base/fold.h"
#include "files/sheet_read_value.h"

#include <stdio.h>

#define HEADER_ROWS_MAX 50 /* looked at from the top */
#define WEEK_DAYS 7
#define TITLE_BYTES_MAX 300

typedef struct known_header {
    tm_sheet_field_t field;
    const char *words;
} known_header_t;
static const known_header_t known_headers[] = {
#define TM_HEADER(field, words) {TM_SHEET_##field, words},
#include "files/sheet_read_header.def"
#undef TM_HEADER
};

/* ---- dollars ---- */

typedef struct money_words {
    int64_t unit; /* 0: not said */
    bool gross, net, dollars;
    char rest[80]; /* the other words */
} money_words_t;

static bool is_one_of(tm_str_t word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (tm_str_eq(word, tm_str(*words)))
            return true;
    }
    return false;
}

static tm_str_t next_word(tm_str_t *words)
{
    uint32_t n = 0;
    while (n < words->n && words->p[n] != ' ') {
        n++;
    }
    const tm_str_t word = tm_str_n(words->p, n);
    const uint32_t skip = n < words->n ? n + 1 : n;
    *words = tm_str_n(words->p + skip, words->n - skip);
    return word;
}

static money_words_t money_words(tm_str_t words)
{
    static const char *const thousands[] = {"000", "000s", "thousands", "thousand", NULL};
    static const char *const dollars[] = {"dollars", "dollar", "usd", NULL};
    static const char *const fillers[] = {"in", "s", "us", "of", "the", "all", "are", NULL};
    money_words_t m = {0};
    size_t n = 0;
    while (words.n > 0) {
        const tm_str_t word = next_word(&words);
        if (is_one_of(word, thousands)) {
            m.unit = TM_UNIT_THOUSANDS;
        } else if (tm_str_eq(word, TM_STR("cents"))) {
            m.unit = TM_UNIT_CENTS;
        } else if (tm_str_eq(word, TM_STR("gross"))) {
            m.gross = true;
        } else if (tm_str_eq(word, TM_STR("net"))) {
            m.net = true;
        } else if (is_one_of(word, dollars)) {
            m.dollars = true;
        } else if (!is_one_of(word, fillers) && n + word.n + 2 < sizeof m.rest) {
            n += (size_t)snprintf(m.rest + n, sizeof m.rest - n, "%s%.*s", n > 0 ? " " : "",
                                  (int)word.n, word.p);
        }
    }
    return m;
}

/* The field of dollars a header names, TM_COLUMN_NONE: it names none. */
static int money_field(tm_str_t header, tm_str_t words, money_words_t *ret)
{
    static const char *const totals[] = {"amount",
                                         "amt",
                                         "total",
                                         "total amount",
                                         "grand total",
                                         "cost",
                                         "total cost",
                                         "spend",
                                         "total spend",
                                         "spending",
                                         "spent",
                                         "ad spend",
                                         "investment",
                                         "revenue",
                                         "value",
                                         "total value",
                                         "order total",
                                         "order amount",
                                         "order value",
                                         "contract total",
                                         "contract amount",
                                         "contract value",
                                         "billing",
                                         "estimated spend",
                                         NULL};
    static const char *const with_basis[] = {"order",    "ordered", "buy", "billed",
                                             "contract", "booked",  NULL};
    static const char *const lows[] = {"low", "minimum", "min", "lower bound", "low amount", NULL};
    static const char *const highs[] = {"high",        "maximum",     "max",
                                        "upper bound", "high amount", NULL};
    *ret = money_words(words);
    const tm_str_t rest = tm_str(ret->rest);
    const bool basis = ret->gross != ret->net;
    const bool sign = header.n > 0 && memchr(header.p, '$', header.n) != NULL;
    if (is_one_of(rest, lows))
        return TM_SHEET_low_cents;
    if (is_one_of(rest, highs))
        return TM_SHEET_high_cents;
    const bool is_money = is_one_of(rest, totals) || (basis && is_one_of(rest, with_basis)) ||
                          (rest.n == 0 && (basis || ret->dollars || sign));
    if (!is_money)
        return TM_COLUMN_NONE;
    return !basis ? TM_SHEET_amount : ret->gross ? TM_SHEET_gross_cents : TM_SHEET_net_cents;
}

/* ---- one header ---- */

static int mapped_field(const tm_column_mapping_t *mapping, tm_str_t header, tm_arena_t *arena)
{
    if (mapping == NULL)
        return TM_COLUMN_NONE;
    const tm_str_t key = tm_fold_key(arena, header);
    const tm_column_t *columns = mapping->columns.v;
    for (uint32_t i = 0; i < mapping->columns.n; i++) {
        const tm_str_t other = tm_fold_key(arena, columns[i].header);
        const bool same =
            key.n > 0 || other.n > 0 ? tm_str_eq(key, other) : tm_str_eq(header, columns[i].header);
        if (same)
            return tm_sheet_field_find(columns[i].field);
    }
    return TM_COLUMN_NONE;
}

/* A header that is a day or a week of days, perhaps behind "week of". */
static bool week_of(tm_str_t header, tm_layout_column_t *column)
{
    static const char *const before[] = {"week of ", "wk of ", "w/o ", "week ", "wk "};
    tm_str_t s = tm_str_trim(header);
    for (size_t i = 0; i < TM_COUNT(before); i++) {
        const tm_str_t word = tm_str(before[i]);
        if (s.n > word.n && tm_str_case_eq(tm_str_n(s.p, word.n), word)) {
            s = tm_str_trim(tm_str_n(s.p + word.n, s.n - word.n));
            break;
        }
    }
    tm_day_t from, to;
    if (tm_cell_days(s, &from, &to) != NULL || to.v - from.v >= WEEK_DAYS)
        return false;
    column->from = from;
    column->to = to.v > from.v ? to : (tm_day_t){from.v + WEEK_DAYS - 1};
    return true;
}

static tm_layout_column_t column_of(tm_str_t header, const tm_column_mapping_t *mapping,
                                    tm_arena_t *arena)
{
    tm_layout_column_t column = {.field = TM_COLUMN_NONE, .basis = TM_AMOUNT_BASIS_unknown};
    column.header = header;
    if (header.n == 0)
        return column;
    const tm_str_t words = tm_fold_words(arena, header);
    money_words_t money;
    const int dollars = money_field(header, words, &money);
    column.unit = money.unit;
    if (money.gross != money.net) {
        column.basis = money.gross ? TM_AMOUNT_BASIS_gross : TM_AMOUNT_BASIS_net;
    }
    column.field = mapped_field(mapping, header, arena);
    column.strict = column.field >= 0 || tm_str_eq(words, TM_STR("stage"));
    for (size_t i = 0; i < TM_COUNT(known_headers) && column.field < 0; i++) {
        if (tm_str_eq(words, tm_str(known_headers[i].words))) {
            column.field = (int)known_headers[i].field;
        }
    }
    if (column.field < 0) {
        column.field = dollars;
    }
    if (column.field < 0 && week_of(header, &column)) {
        column.field = TM_COLUMN_WEEK;
    }
    return column;
}

/* ---- the rows above it ---- */

/* "Market: Port Alden" in one cell, or the name in the next one. */
static void take_title(tm_layout_t *layout, const tm_sheet_row_t *row, uint32_t i)
{
    const tm_str_t cell = row->cells[i];
    const char *colon = cell.n == 0 ? NULL : memchr(cell.p, ':', cell.n);
    if (colon == NULL)
        return;
    const tm_str_t name = tm_str_trim(tm_str_n(cell.p, (size_t)(colon - cell.p)));
    tm_str_t value = tm_str_trim(tm_str_n(colon + 1, (size_t)(cell.p + cell.n - colon - 1)));
    if (value.n == 0 && i + 1 < row->n) {
        value = row->cells[i + 1];
    }
    const struct {
        const char *name;
        tm_str_t *field;
    } titles[] = {{"advertiser", &layout->advertiser}, {"client", &layout->advertiser},
                  {"sponsor", &layout->advertiser},    {"station", &layout->station},
                  {"market", &layout->market},         {"dma", &layout->market},
                  {"medium", &layout->medium},         {"media", &layout->medium}};
    for (size_t k = 0; k < TM_COUNT(titles); k++) {
        if (value.n > 0 && tm_str_case_eq(name, tm_str(titles[k].name))) {
            *titles[k].field = value;
        }
    }
}

/* What titles say about all dollars: "All figures net, in thousands". */
typedef struct titles {
    int64_t unit; /* 0: nothing */
    uint8_t basis;
} titles_t;

static void take_titles(tm_layout_t *layout, titles_t *titles, const tm_sheet_row_t *row,
                        tm_arena_t *arena)
{
    static const char *const about[] = {"dollars", "amounts", "figures", "spend",
                                        "rates",   "totals",  "all"};
    for (uint32_t i = 0; i < row->n; i++) {
        const tm_str_t cell = row->cells[i];
        if (cell.n == 0 || cell.n > TITLE_BYTES_MAX) {
            continue;
        }
        take_title(layout, row, i);
        const tm_str_t words = tm_fold_words(arena, cell);
        const money_words_t m = money_words(words);
        bool is_about = m.dollars || memchr(cell.p, '$', cell.n) != NULL;
        for (size_t k = 0; k < TM_COUNT(about) && words.n > 0; k++) {
            is_about |= memmem(words.p, words.n, about[k], strlen(about[k])) != NULL;
        }
        titles->unit = m.unit == TM_UNIT_THOUSANDS ? m.unit : titles->unit;
        if (is_about && m.gross != m.net) {
            titles->basis = m.gross ? TM_AMOUNT_BASIS_gross : TM_AMOUNT_BASIS_net;
        }
    }
}

static void apply_titles(tm_layout_t *layout, const titles_t *titles)
{
    for (uint32_t i = 0; i < layout->n; i++) {
        tm_layout_column_t *c = &layout->columns[i];
        c->unit = c->unit != 0 ? c->unit : titles->unit != 0 ? titles->unit : TM_UNIT_DOLLARS;
        c->basis = c->basis == TM_AMOUNT_BASIS_unknown ? titles->basis : c->basis;
    }
}

/* ---- the header ---- */

static void index_columns(tm_layout_t *layout)
{
    layout->n_weeks = 0;
    for (int f = 0; f < TM_SHEET_FIELDS; f++) {
        layout->of[f] = -1;
    }
    for (uint32_t i = 0; i < layout->n; i++) {
        const int field = layout->columns[i].field;
        if (field == TM_COLUMN_WEEK) {
            layout->n_weeks++;
        } else if (field >= 0 && layout->of[field] < 0) {
            layout->of[field] = (int)i;
        }
    }
}

/* Does it name who, where, when and how much? */
static bool is_complete(const tm_layout_t *l)
{
    const bool who = tm_layout_has(l, TM_SHEET_advertiser) || l->advertiser.n > 0;
    const bool where = tm_layout_has(l, TM_SHEET_station) || tm_layout_has(l, TM_SHEET_market) ||
                       l->station.n > 0 || l->market.n > 0;
    const bool when = tm_layout_has(l, TM_SHEET_flight_from) || tm_layout_has(l, TM_SHEET_flight) ||
                      tm_layout_has(l, TM_SHEET_week) || l->n_weeks > 0;
    const bool much = tm_layout_has(l, TM_SHEET_gross_cents) ||
                      tm_layout_has(l, TM_SHEET_net_cents) || tm_layout_has(l, TM_SHEET_amount) ||
                      tm_layout_has(l, TM_SHEET_low_cents) ||
                      tm_layout_has(l, TM_SHEET_high_cents) || l->n_weeks > 0;
    const bool named = tm_layout_has(l, TM_SHEET_advertiser) ||
                       tm_layout_has(l, TM_SHEET_station) || tm_layout_has(l, TM_SHEET_market);
    return who && where && when && much && named;
}

bool tm_layout_find(const tm_sheet_t *sheet, const tm_column_mapping_t *mapping, tm_arena_t *arena,
                    tm_layout_t *ret)
{
    const tm_str_t none = {NULL, 0};
    titles_t titles = {0, TM_AMOUNT_BASIS_unknown};
    ret->advertiser = ret->station = ret->market = ret->medium = none;
    for (uint32_t r = 0; r < sheet->n && r < HEADER_ROWS_MAX; r++) {
        const tm_sheet_row_t *row = &sheet->rows[r];
        ret->row = r;
        ret->n = row->n;
        for (uint32_t i = 0; i < row->n; i++) {
            ret->columns[i] = column_of(row->cells[i], mapping, arena);
        }
        index_columns(ret);
        if (is_complete(ret)) {
            apply_titles(ret, &titles);
            return true;
        }
        take_titles(ret, &titles, row, arena);
    }
    return false;
}
