/* sheet_read_rows.c - rows below a header to documents; rows that cannot be read; totals.
 *
 * How:     each mapped cell is taken by its field; the first fault of each field is kept, and a row
 *          with a fault becomes an exception instead of a document. A row of totals is compared
 *          with the rows above it, since the last total or all of them.
 * Threads: pure; any.
 * Source:  domain rules 4.2, 4.3, 7. */
#include "files/sheet_read_layout.h"

#include "base/buf.h"
#include "base/fold.h"
#include "files/sheet_read_value.h"

#include <stdio.h>

#define DETAILS_BYTES_MAX 500
#define CELL_SHOWN_BYTES 80
#define PLACES_MAX 16
#define SUM_OFF_CENTS 100  /* of a total, as of a paper's */
#define THOUSANDS_OFF 5000 /* cents a row, where a sheet rounds to tenths of thousands */
#define WEEK_DAYS 7

typedef struct row_reading {
    const tm_layout_t *layout;
    const tm_sheet_t *sheet;
    const tm_sheet_row_t *row;
    tm_arena_t *arena;
    tm_document_t *doc;
    tm_place_t *places;
    uint32_t n_places;
    tm_buf_t faults;
    bool full;
} row_reading_t;

typedef struct sums {
    __extension__ __int128 since, all; /* of exact cents, since the last total and of all rows */
    bool any;
} sums_t;

typedef struct rows_reading {
    const tm_layout_t *layout;
    const tm_sheet_t *sheet;
    tm_arena_t *arena;
    tm_sheet_documents_t *out;
    uint32_t cap, bad_rows, rows_since, rows_all;
    bool after_total;
    sums_t sums[TM_SHEET_COLUMNS_MAX];
} rows_reading_t;

/* ---- cells ---- */

static tm_str_t cell_at(const tm_sheet_row_t *row, int column)
{
    return column < 0 || (uint32_t)column >= row->n ? (tm_str_t){NULL, 0} : row->cells[column];
}

static tm_str_t cell_of(const row_reading_t *r, int field)
{
    return cell_at(r->row, r->layout->of[field]);
}

/* At most max bytes, cut between characters. */
static tm_str_t shortened(tm_str_t s, uint32_t max)
{
    uint32_t n = TM_MIN(s.n, max);
    while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return tm_str_n(s.p, n);
}

static void fault(row_reading_t *r, const char *field, tm_str_t cell, const char *text)
{
    const tm_str_t shown = shortened(cell, CELL_SHOWN_BYTES);
    if (r->faults.n > 0) {
        tm_buf_add_c(&r->faults, "; ");
    }
    tm_buf_printf(&r->faults, "%s: %s", field, text);
    if (shown.n > 0) {
        tm_buf_printf(&r->faults, ", is \"%.*s\"", (int)shown.n, shown.p);
    }
}

static void place(row_reading_t *r, const char *field, tm_str_t text)
{
    if (r->n_places == PLACES_MAX || text.n == 0)
        return;
    tm_place_t *p = &r->places[r->n_places++];
    *p = (tm_place_t){0};
    TM_SET(p, TM_PLACE, field, tm_str(field));
    TM_SET(p, TM_PLACE, page, r->sheet->number);
    TM_SET(p, TM_PLACE, text, shortened(text, CELL_SHOWN_BYTES));
}

/* Two columns under one header that say different things: nobody knows which is meant. */
static void check_doubles(row_reading_t *r)
{
    const tm_layout_t *l = r->layout;
    for (uint32_t i = 0; i < l->n; i++) {
        const int field = l->columns[i].field;
        if (field < 0 || field == TM_COLUMN_WEEK || l->of[field] == (int)i) {
            continue;
        }
        const tm_str_t first = cell_of(r, field), other = cell_at(r->row, (int)i);
        const bool same_header =
            tm_str_case_eq(l->columns[l->of[field]].header, l->columns[i].header);
        if (same_header && first.n > 0 && other.n > 0 && !tm_str_eq(first, other)) {
            fault(r, tm_sheet_field_name((tm_sheet_field_t)field), other,
                  "two columns of this header differ");
        }
    }
}

/* ---- names and words ---- */

#define TAKE_TEXT(r, lower, otherwise, max)              \
    do {                                                 \
        tm_str_t cell_ = cell_of(r, TM_SHEET_##lower);   \
        cell_ = cell_.n > 0 ? cell_ : (otherwise);       \
        if (cell_.n > (max)) {                           \
            fault(r, #lower, cell_, "is too long");      \
        } else if (cell_.n > 0) {                        \
            TM_SET((r)->doc, TM_DOCUMENT, lower, cell_); \
        }                                                \
    } while (0)

static void take_market(row_reading_t *r)
{
    tm_str_t cell = cell_of(r, TM_SHEET_market);
    cell = cell.n > 0 ? cell : r->layout->market;
    int64_t code = 0;
    if (cell.n == 0)
        return;
    if (!tm_str_i64(cell, &code)) {
        if (cell.n > 100) {
            fault(r, "market", cell, "is too long");
        } else {
            TM_SET(r->doc, TM_DOCUMENT, market, cell);
        }
    } else if (code < 100 || code > 999) {
        fault(r, "market", cell, "must be a name or a DMA code from 100 to 999");
    } else {
        TM_SET(r->doc, TM_DOCUMENT, market_code, (int32_t)code);
    }
}

static void take_words(row_reading_t *r)
{
    const tm_layout_t *l = r->layout;
    tm_str_t cell = cell_of(r, TM_SHEET_medium);
    cell = cell.n > 0 ? cell : l->medium;
    const int medium = cell.n == 0 ? -1 : tm_cell_medium(cell, r->arena);
    if (medium >= 0) {
        TM_SET(r->doc, TM_DOCUMENT, medium, (tm_enum_t){(uint8_t)medium});
    } else if (cell.n > 0) {
        fault(r, "medium", cell, "is no medium");
    }
    cell = cell_of(r, TM_SHEET_stage);
    const int stage = cell.n == 0 ? -1 : tm_cell_stage(cell, r->arena);
    if (stage >= 0) {
        TM_SET(r->doc, TM_DOCUMENT, stage, (tm_enum_t){(uint8_t)stage});
    } else if (cell.n > 0 && l->columns[l->of[TM_SHEET_stage]].strict) {
        fault(r, "stage", cell, "must be proposed, ordered, confirmed, invoiced or cancelled");
    }
    cell = cell_of(r, TM_SHEET_layer);
    if (cell.n > 0) {
        const int layer = tm_str_case_eq(cell, TM_STR("airtime"))        ? TM_LAYER_airtime
                          : tm_str_case_eq(cell, TM_STR("disbursement")) ? TM_LAYER_disbursement
                                                                         : -1;
        if (layer < 0) {
            fault(r, "layer", cell, "must be airtime or disbursement");
        } else {
            TM_SET(r->doc, TM_DOCUMENT, layer, (tm_enum_t){(uint8_t)layer});
        }
    }
    cell = cell_of(r, TM_SHEET_estimate);
    if (cell.n > 0) {
        const char first = (char)(cell.p[0] | 32);
        TM_SET(r->doc, TM_DOCUMENT, estimate,
               first == 'y' || first == 't' || first == '1' || first == 'x' || first == 'e');
    }
}

static void take_names(row_reading_t *r)
{
    const tm_layout_t *l = r->layout;
    const tm_str_t none = {NULL, 0};
    TAKE_TEXT(r, advertiser, l->advertiser, 200);
    TAKE_TEXT(r, agency, none, 200);
    TAKE_TEXT(r, station, l->station, 60);
    TAKE_TEXT(r, product, none, 200);
    TAKE_TEXT(r, daypart, none, 60);
    TAKE_TEXT(r, order_no, none, 64);
    TAKE_TEXT(r, alt_order_no, none, 64);
    TAKE_TEXT(r, revision, none, 32);
    TAKE_TEXT(r, external_id, none, 100);
    take_market(r);
    take_words(r);
    if (!TM_HAS(r->doc, TM_DOCUMENT_advertiser)) {
        fault(r, "advertiser", none, "is missing");
    }
    if (!TM_HAS(r->doc, TM_DOCUMENT_station) && !TM_HAS(r->doc, TM_DOCUMENT_market) &&
        !TM_HAS(r->doc, TM_DOCUMENT_market_code)) {
        fault(r, "station", none, "station or market is missing");
    }
    place(r, "advertiser", cell_of(r, TM_SHEET_advertiser));
    place(r, "station", cell_of(r, TM_SHEET_station));
    place(r, "market", cell_of(r, TM_SHEET_market));
    place(r, "order_no", cell_of(r, TM_SHEET_order_no));
    place(r, "revision", cell_of(r, TM_SHEET_revision));
}

/* ---- numbers ---- */

static void take_numbers(row_reading_t *r)
{
    tm_document_t *doc = r->doc;
    const char *text;
    int32_t v = 0;
    tm_str_t cell = cell_of(r, TM_SHEET_spots);
    if (!tm_cell_is_unknown(cell)) {
        text = tm_cell_count(cell, -1000000, 10000000, &v);
        if (text != NULL) {
            fault(r, "spots", cell, text);
        } else {
            TM_SET(doc, TM_DOCUMENT, spots, v);
            place(r, "spots", cell);
        }
    }
    cell = cell_of(r, TM_SHEET_grp_x10);
    if (!tm_cell_is_unknown(cell)) {
        text = tm_cell_tenths(cell, 10000000, &v);
        if (text != NULL) {
            fault(r, "grp_x10", cell, text);
        } else {
            TM_SET(doc, TM_DOCUMENT, grp_x10, v);
        }
    }
    cell = cell_of(r, TM_SHEET_length_s);
    if (!tm_cell_is_unknown(cell)) {
        text = tm_cell_length(cell, &v);
        if (text != NULL) {
            fault(r, "length_s", cell, text);
        } else {
            TM_SET(doc, TM_DOCUMENT, length_s, v);
        }
    }
    cell = cell_of(r, TM_SHEET_commission_bp);
    if (!tm_cell_is_unknown(cell)) {
        text = tm_cell_percent(cell, &v);
        if (text != NULL) {
            fault(r, "commission_bp", cell, text);
        } else {
            TM_SET(doc, TM_DOCUMENT, commission_bp, v);
        }
    }
}

/* ---- days ---- */

/* A day of one field; false: the cell is empty or wrong (told). */
static bool day_in(row_reading_t *r, tm_sheet_field_t field, tm_day_t *ret)
{
    const tm_str_t cell = cell_of(r, (int)field);
    if (tm_cell_is_unknown(cell))
        return false;
    const char *text = tm_cell_day(cell, ret);
    if (text != NULL) {
        fault(r, tm_sheet_field_name(field), cell, text);
    }
    return text == NULL;
}

static bool days_in(row_reading_t *r, tm_sheet_field_t field, tm_day_t *from, tm_day_t *to)
{
    const tm_str_t cell = cell_of(r, (int)field);
    if (tm_cell_is_unknown(cell))
        return false;
    const char *text = tm_cell_days(cell, from, to);
    if (text != NULL) {
        fault(r, tm_sheet_field_name(field), cell, text);
    }
    return text == NULL;
}

static void take_hiatus(row_reading_t *r)
{
    tm_str_t rest = cell_of(r, TM_SHEET_hiatus);
    tm_span_t *spans = NULL;
    uint32_t n = 0;
    while (!tm_cell_is_unknown(rest) && n < 100) {
        uint32_t i = 0;
        while (i < rest.n && rest.p[i] != ';' && rest.p[i] != ',') {
            i++;
        }
        tm_day_t from, to;
        const tm_str_t one = tm_str_trim(tm_str_n(rest.p, i));
        const char *text = one.n == 0 ? NULL : tm_cell_days(one, &from, &to);
        if (text != NULL) {
            fault(r, "hiatus", one, text);
            return;
        }
        spans = spans != NULL ? spans : tm_arena_zalloc(r->arena, 100 * sizeof *spans);
        r->full |= spans == NULL;
        if (r->full)
            return;
        if (one.n > 0) {
            TM_SET(&spans[n], TM_SPAN, from, from);
            TM_SET(&spans[n], TM_SPAN, to, to);
            n++;
        }
        const uint32_t used = i < rest.n ? i + 1 : i;
        rest = tm_str_trim(tm_str_n(rest.p + used, rest.n - used));
    }
    if (n > 0) {
        TM_SET(r->doc, TM_DOCUMENT, hiatus, (tm_recs_t){spans, n});
    }
}

static void put_flight(row_reading_t *r, tm_day_t from, tm_day_t to)
{
    TM_SET(r->doc, TM_DOCUMENT, flight_from, from);
    TM_SET(r->doc, TM_DOCUMENT, flight_to, to);
}

static void take_days(row_reading_t *r)
{
    tm_day_t from = {0}, to = {0};
    const size_t before = r->faults.n;
    const bool has_from = day_in(r, TM_SHEET_flight_from, &from);
    const bool has_to = day_in(r, TM_SHEET_flight_to, &to);
    const tm_str_t none = {NULL, 0};
    place(r, "flight_from", cell_of(r, TM_SHEET_flight_from));
    place(r, "flight_to", cell_of(r, TM_SHEET_flight_to));
    if (has_from && has_to) {
        if (from.v > to.v) {
            fault(r, "flight_to", cell_of(r, TM_SHEET_flight_to),
                  "must not lie before the first day");
        } else {
            put_flight(r, from, to);
        }
    } else if (r->faults.n == before && days_in(r, TM_SHEET_flight, &from, &to)) {
        put_flight(r, from, to);
        place(r, "flight_from", cell_of(r, TM_SHEET_flight));
    } else if (r->faults.n == before && days_in(r, TM_SHEET_week, &from, &to)) {
        put_flight(r, from, to.v > from.v ? to : (tm_day_t){from.v + WEEK_DAYS - 1});
        place(r, "flight_from", cell_of(r, TM_SHEET_week));
    } else if (r->faults.n == before && (has_from || has_to)) {
        if (tm_layout_has(r->layout, TM_SHEET_flight_to) &&
            tm_layout_has(r->layout, TM_SHEET_flight_from)) {
            fault(r, has_from ? "flight_to" : "flight_from", none, "is missing");
        } else {
            put_flight(r, has_from ? from : to, has_from ? from : to); /* the sheet has one date */
        }
    } else if (r->faults.n == before && r->layout->n_weeks == 0) {
        fault(r, "flight_from", none, "is missing");
    }
    tm_day_t revised;
    if (day_in(r, TM_SHEET_revision_date, &revised)) {
        TM_SET(r->doc, TM_DOCUMENT, revision_date, revised);
    }
    take_hiatus(r);
}

/* ---- dollars ---- */

static bool money_in(row_reading_t *r, int column, const char *field, tm_money_t *ret)
{
    *ret = (tm_money_t){0};
    const tm_str_t cell = cell_at(r->row, column);
    if (cell.n == 0)
        return false;
    const char *text = tm_cell_money(cell, r->layout->columns[column].unit, ret);
    if (text != NULL) {
        fault(r, field, cell, text);
    }
    return text == NULL && (ret->has_low || ret->has_high);
}

static uint8_t basis_in(row_reading_t *r, int column)
{
    const tm_str_t cell = cell_of(r, TM_SHEET_amount_basis);
    if (tm_cell_is_unknown(cell))
        return column < 0 ? TM_AMOUNT_BASIS_unknown : r->layout->columns[column].basis;
    if (tm_str_case_eq(cell, TM_STR("net")) || tm_str_case_eq(cell, TM_STR("n")))
        return TM_AMOUNT_BASIS_net;
    if (tm_str_case_eq(cell, TM_STR("gross")) || tm_str_case_eq(cell, TM_STR("g")))
        return TM_AMOUNT_BASIS_gross;
    fault(r, "amount_basis", cell, "must be gross, net or unknown");
    return TM_AMOUNT_BASIS_unknown;
}

static void put_range(row_reading_t *r, const tm_money_t *m)
{
    if (m->has_low) {
        TM_SET(r->doc, TM_DOCUMENT, low_cents, m->low);
    }
    if (m->has_high) {
        TM_SET(r->doc, TM_DOCUMENT, high_cents, m->high);
    }
}

/* A total of the row in its basis. An unknown one is read as gross until somebody decides. */
static void put_total(row_reading_t *r, const tm_money_t *m, uint8_t basis, tm_str_t cell)
{
    TM_SET(r->doc, TM_DOCUMENT, amount_basis, (tm_enum_t){basis});
    if (!m->exact) {
        put_range(r, m);
    } else if (basis == TM_AMOUNT_BASIS_net) {
        TM_SET(r->doc, TM_DOCUMENT, net_cents, m->low);
    } else {
        TM_SET(r->doc, TM_DOCUMENT, gross_cents, m->low);
    }
    place(r, basis == TM_AMOUNT_BASIS_net ? "net_cents" : "gross_cents", cell);
}

static void take_totals(row_reading_t *r)
{
    const int *of = r->layout->of;
    tm_money_t gross, net, amount;
    const bool has_gross = money_in(r, of[TM_SHEET_gross_cents], "gross_cents", &gross);
    const bool has_net = money_in(r, of[TM_SHEET_net_cents], "net_cents", &net);
    const bool has_amount = money_in(r, of[TM_SHEET_amount], "amount", &amount);
    if (has_net) {
        put_total(r, &net, TM_AMOUNT_BASIS_net, cell_of(r, TM_SHEET_net_cents));
    }
    if (has_gross) {
        put_total(r, &gross, TM_AMOUNT_BASIS_gross, cell_of(r, TM_SHEET_gross_cents));
    }
    if (has_amount && !has_gross && !has_net) {
        put_total(r, &amount, basis_in(r, of[TM_SHEET_amount]), cell_of(r, TM_SHEET_amount));
    }
    tm_money_t bound;
    if (money_in(r, of[TM_SHEET_low_cents], "low_cents", &bound) && bound.exact) {
        TM_SET(r->doc, TM_DOCUMENT, low_cents, bound.low);
    }
    if (money_in(r, of[TM_SHEET_high_cents], "high_cents", &bound) && bound.exact) {
        TM_SET(r->doc, TM_DOCUMENT, high_cents, bound.high);
    }
    if (TM_HAS(r->doc, TM_DOCUMENT_low_cents) && TM_HAS(r->doc, TM_DOCUMENT_high_cents) &&
        r->doc->low_cents.v > r->doc->high_cents.v) {
        fault(r, "high_cents", (tm_str_t){NULL, 0}, "must not be less than low_cents");
    }
}

static void put_week(tm_doc_line_t *line, const tm_layout_column_t *c, tm_cents_t amount,
                     int32_t page)
{
    *line = (tm_doc_line_t){0};
    TM_SET(line, TM_DOC_LINE, from, c->from);
    TM_SET(line, TM_DOC_LINE, to, c->to);
    TM_SET(line, TM_DOC_LINE, amount_cents, amount);
    TM_SET(line, TM_DOC_LINE, page, page);
}

/* Columns of weeks: the row's printed lines, its flight (first to last week with dollars) and,
 * where no column has it, its total. */
static void take_weeks(row_reading_t *r)
{
    const tm_layout_t *l = r->layout;
    tm_doc_line_t *lines = tm_arena_zalloc(r->arena, l->n_weeks * sizeof *lines);
    r->full |= lines == NULL;
    tm_day_t from = {INT32_MAX}, to = {INT32_MIN}, zero_from = {INT32_MAX}, zero_to = {INT32_MIN};
    uint32_t n = 0;
    int64_t sum = 0;
    int first = -1;
    for (uint32_t i = 0; i < l->n && !r->full; i++) {
        const tm_layout_column_t *c = &l->columns[i];
        tm_money_t m;
        if (c->field != TM_COLUMN_WEEK || !money_in(r, (int)i, "week", &m)) {
            continue;
        }
        if (!m.exact || __builtin_add_overflow(sum, m.low.v, &sum)) {
            fault(r, "week", r->row->cells[i], "must be an amount like 1,234.50");
            continue;
        }
        put_week(&lines[n++], c, m.low, r->sheet->number);
        first = first < 0 ? (int)i : first;
        tm_day_t *a = m.low.v == 0 ? &zero_from : &from, *b = m.low.v == 0 ? &zero_to : &to;
        a->v = TM_MIN(a->v, c->from.v);
        b->v = TM_MAX(b->v, c->to.v);
    }
    if (n == 0 || r->full)
        return;
    TM_SET(r->doc, TM_DOCUMENT, lines, (tm_recs_t){lines, n});
    if (!TM_HAS(r->doc, TM_DOCUMENT_flight_from)) {
        put_flight(r, from.v <= to.v ? from : zero_from, from.v <= to.v ? to : zero_to);
    }
    if (!TM_HAS(r->doc, TM_DOCUMENT_gross_cents) && !TM_HAS(r->doc, TM_DOCUMENT_net_cents)) {
        const tm_money_t total = {true, true, true, {sum}, {sum}};
        put_total(r, &total, basis_in(r, first), r->row->cells[first]);
    }
}

/* ---- rows ---- */

bool tm_sheet_except(tm_sheet_documents_t *docs, tm_arena_t *arena, const char *kind,
                     tm_str_t subject, tm_str_t details)
{
    if (docs->exceptions == NULL) {
        docs->exceptions =
            tm_arena_alloc(arena, TM_SHEET_EXCEPTIONS_MAX * sizeof *docs->exceptions);
    }
    if (docs->exceptions == NULL)
        return false;
    if (docs->n_exceptions == TM_SHEET_EXCEPTIONS_MAX)
        return true; /* the last one counts the others, see tm_layout_read */
    tm_exception_t *e = &docs->exceptions[docs->n_exceptions++];
    *e = (tm_exception_t){0};
    TM_SET(e, TM_EXCEPTION, kind, tm_str(kind));
    TM_SET(e, TM_EXCEPTION, subject, tm_arena_str(arena, subject));
    TM_SET(e, TM_EXCEPTION, details, tm_arena_str(arena, details));
    TM_SET(e, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_open});
    return e->subject.p != NULL && e->details.p != NULL;
}

static bool row_except(rows_reading_t *q, const char *kind, const tm_sheet_row_t *row,
                       const tm_buf_t *details)
{
    char subject[32];
    tm_buf_t text;
    tm_buf_init(&text, sizeof subject);
    tm_buf_printf(&text, "row %u", row->number);
    const bool fine = tm_sheet_except(q->out, q->arena, kind, tm_buf_str(&text),
                                      shortened(tm_buf_str(details), DETAILS_BYTES_MAX));
    tm_buf_done(&text);
    return fine;
}

static tm_document_t *next_document(rows_reading_t *q)
{
    tm_sheet_documents_t *out = q->out;
    if (out->n == q->cap) {
        q->cap = q->cap == 0 ? 64 : q->cap * 2;
        tm_document_t *v = tm_arena_alloc(q->arena, q->cap * sizeof *v);
        if (v == NULL)
            return NULL;
        if (out->n > 0) {
            memcpy(v, out->v, out->n * sizeof *v);
        }
        out->v = v;
    }
    return &out->v[out->n];
}

static void finish_document(row_reading_t *r)
{
    tm_document_t *doc = r->doc;
    TM_SET(doc, TM_DOCUMENT, status, (tm_enum_t){TM_READING_STATUS_read});
    TM_SET(doc, TM_DOCUMENT, doc_type, (tm_enum_t){TM_DOC_TYPE_sheet});
    TM_SET(doc, TM_DOCUMENT, row, (int32_t)r->row->number);
    TM_SET(doc, TM_DOCUMENT, parser, TM_STR("sheet"));
    TM_SET(doc, TM_DOCUMENT, parser_version, TM_SHEET_PARSER_VERSION);
    TM_SET(doc, TM_DOCUMENT, at, (tm_recs_t){r->places, r->n_places});
}

static void add_sums(rows_reading_t *q, const tm_sheet_row_t *row)
{
    for (uint32_t i = 0; i < q->layout->n; i++) {
        const int field = q->layout->columns[i].field;
        tm_money_t m;
        const bool is_money = field == TM_SHEET_gross_cents || field == TM_SHEET_net_cents ||
                              field == TM_SHEET_amount || field == TM_COLUMN_WEEK;
        if (is_money &&
            tm_cell_money(cell_at(row, (int)i), q->layout->columns[i].unit, &m) == NULL &&
            m.exact) {
            q->sums[i].since += m.low.v;
            q->sums[i].all += m.low.v;
            q->sums[i].any = true;
        }
    }
    q->rows_since++;
    q->rows_all++;
}

static bool read_row(rows_reading_t *q, const tm_sheet_row_t *row)
{
    row_reading_t r = {.layout = q->layout, .sheet = q->sheet, .row = row, .arena = q->arena};
    r.doc = next_document(q);
    r.places = tm_arena_alloc(q->arena, PLACES_MAX * sizeof *r.places);
    if (r.doc == NULL || r.places == NULL)
        return false;
    *r.doc = (tm_document_t){0};
    tm_buf_init(&r.faults, DETAILS_BYTES_MAX * 2);
    check_doubles(&r);
    take_names(&r);
    take_numbers(&r);
    take_days(&r);
    take_totals(&r);
    if (q->layout->n_weeks > 0) {
        take_weeks(&r);
        if (r.faults.n == 0 && !TM_HAS(r.doc, TM_DOCUMENT_flight_from)) {
            fault(&r, "flight_from", (tm_str_t){NULL, 0}, "no week has dollars");
        }
    }
    bool fine = !r.full;
    if (r.faults.n > 0) {
        q->bad_rows++;
        fine = fine && row_except(q, "row_error", row, &r.faults);
    } else {
        finish_document(&r);
        q->out->n++;
    }
    add_sums(q, row);
    tm_buf_done(&r.faults);
    return fine;
}

/* ---- totals ---- */

static bool has_word(tm_str_t words, const char *word)
{
    const uint32_t n = (uint32_t)strlen(word);
    for (uint32_t i = 0; i + n <= words.n; i++) {
        const bool begins = i == 0 || words.p[i - 1] == ' ';
        const bool ends = i + n == words.n || words.p[i + n] == ' ';
        if (begins && ends && memcmp(words.p + i, word, n) == 0)
            return true;
    }
    return false;
}

/* "Total", "Grand total", "WAAA total": a row that adds up others has no days of its own. */
static bool is_total(const rows_reading_t *q, const tm_sheet_row_t *row)
{
    const int *of = q->layout->of;
    const int days[] = {of[TM_SHEET_flight_from], of[TM_SHEET_flight_to], of[TM_SHEET_flight],
                        of[TM_SHEET_week]};
    for (size_t i = 0; i < TM_COUNT(days); i++) {
        tm_day_t from, to;
        if (days[i] >= 0 && tm_cell_days(cell_at(row, days[i]), &from, &to) == NULL)
            return false;
    }
    const bool named =
        cell_at(row, of[TM_SHEET_advertiser]).n > 0 &&
        (cell_at(row, of[TM_SHEET_station]).n > 0 || cell_at(row, of[TM_SHEET_market]).n > 0);
    for (uint32_t i = 0; i < row->n; i++) {
        if (row->cells[i].n == 0 || row->cells[i].n > 100) {
            continue;
        }
        const tm_str_t words = tm_fold_words(q->arena, row->cells[i]);
        const bool all = tm_str_eq(words, TM_STR("total")) || tm_str_eq(words, TM_STR("totals")) ||
                         tm_str_eq(words, TM_STR("grand total"));
        const bool some = has_word(words, "total") || has_word(words, "totals") ||
                          has_word(words, "subtotal") || has_word(words, "subtotals");
        if (all || (some && !named))
            return true;
    }
    return false;
}

static bool is_near(const rows_reading_t *q, uint32_t i, int64_t total, bool since)
{
    const int64_t unit = q->layout->columns[i].unit;
    __extension__ const __int128 sum = since ? q->sums[i].since : q->sums[i].all;
    __extension__ const __int128 off = sum > total ? sum - total : total - sum;
    const uint32_t rows = since ? q->rows_since : q->rows_all;
    return off <= SUM_OFF_CENTS + (unit == TM_UNIT_THOUSANDS ? (int64_t)rows * THOUSANDS_OFF : 0);
}

/* -123456 as "-$1,234.56" */
static void add_money(tm_buf_t *out, int64_t cents)
{
    char digits[32];
    const uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)(size / 100));
    tm_buf_add_c(out, cents < 0 ? "-$" : "$");
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            tm_buf_add_char(out, ',');
        }
        tm_buf_add_char(out, digits[i]);
    }
    tm_buf_printf(out, ".%02u", (unsigned)(size % 100));
}

static bool check_total(rows_reading_t *q, const tm_sheet_row_t *row)
{
    tm_buf_t text;
    tm_buf_init(&text, DETAILS_BYTES_MAX * 2);
    for (uint32_t i = 0; i < q->layout->n; i++) {
        tm_money_t m;
        const tm_str_t cell = cell_at(row, (int)i);
        if (!q->sums[i].any || cell.n == 0 ||
            tm_cell_money(cell, q->layout->columns[i].unit, &m) != NULL || !m.exact) {
            continue;
        }
        if (!is_near(q, i, m.low.v, true) && !is_near(q, i, m.low.v, false)) {
            const tm_str_t header = shortened(q->layout->columns[i].header, CELL_SHOWN_BYTES);
            tm_buf_printf(&text, "%s%.*s: the total is ", text.n > 0 ? "; " : "", (int)header.n,
                          header.p);
            add_money(&text, m.low.v);
            tm_buf_add_c(&text, ", its rows are ");
            add_money(&text, (int64_t)q->sums[i].since);
            if (q->bad_rows > 0) {
                tm_buf_printf(&text, " (%u rows could not be read)", q->bad_rows);
            }
        }
        q->sums[i].since = 0;
    }
    q->rows_since = 0;
    const bool fine = text.n == 0 || row_except(q, "sheet_sum_mismatch", row, &text);
    tm_buf_done(&text);
    return fine;
}

/* A header again, a note of one cell below the totals. */
static bool is_no_row(const rows_reading_t *q, const tm_sheet_row_t *row)
{
    const tm_sheet_row_t *header = &q->sheet->rows[q->layout->row];
    uint32_t cells = 0;
    bool same = row->n == header->n;
    for (uint32_t i = 0; i < row->n; i++) {
        cells += row->cells[i].n > 0;
        same = same && tm_str_eq(row->cells[i], header->cells[i]);
    }
    bool mapped = false;
    for (uint32_t i = 0; i < row->n && i < q->layout->n; i++) {
        mapped |= row->cells[i].n > 0 && q->layout->columns[i].field != TM_COLUMN_NONE;
    }
    return same || !mapped || (cells == 1 && q->after_total);
}

tm_err_t tm_layout_read(const tm_layout_t *layout, const tm_sheet_t *sheet, tm_arena_t *arena,
                        tm_sheet_documents_t *ret)
{
    assert(layout->row < sheet->n);
    rows_reading_t *q = TM_NEW(rows_reading_t);
    q->layout = layout;
    q->sheet = sheet;
    q->arena = arena;
    q->out = ret;
    bool fine = true;
    for (uint32_t i = layout->row + 1; i < sheet->n && fine; i++) {
        const tm_sheet_row_t *row = &sheet->rows[i];
        if (is_no_row(q, row)) {
            continue;
        }
        if (is_total(q, row)) {
            fine = check_total(q, row);
            q->after_total = true;
        } else {
            fine = read_row(q, row);
            q->after_total = false;
        }
    }
    if (fine && ret->n_exceptions == TM_SHEET_EXCEPTIONS_MAX) {
        tm_exception_t *last = &ret->exceptions[ret->n_exceptions - 1];
        TM_SET(last, TM_EXCEPTION, subject, TM_STR("more rows"));
        last->details = tm_arena_printf(arena, "%u rows could not be read", q->bad_rows);
        fine = last->details.p != NULL;
    }
    tm_free(q);
    return fine ? TM_OK : TM_ENOMEM;
}
