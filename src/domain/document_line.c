/* document_line.c - from a document as it was read to the one buy line it makes.
 *
 * How:     identity, stage and flight are copied; totals follow domain rule 4.3; printed lines and
 *          airings become what the dollars are spread by (4.2): narrowed to marked weekdays,
 *          without what was cancelled or missed.
 * Threads: pure. */
#include "domain/money.h"
#include "domain/order.h"
#include "domain/weekdays.h"
#include "base/time.h"
#include <stdlib.h>

#define EXCEPTIONS_MAX 16
#define WEEKS_MAX 5000       /* buy_line.line_weeks */
#define ENTRIES_MAX 1000000  /* before equal days are joined */
#define STATION_BYTES_MAX 60 /* buy_line.station */
#define SUM_OFF_CENTS_MAX 100

typedef struct making {
    const tm_document_t *doc;
    tm_buy_line_t *line;
    tm_arena_t *arena;
    tm_strs_t *exceptions;
    bool full;
} making_t;

static void except(making_t *m, const char *kind)
{
    for (uint32_t i = 0; i < m->exceptions->n; i++) {
        if (tm_str_eq(m->exceptions->v[i], tm_str(kind)))
            return;
    }
    if (m->exceptions->n < EXCEPTIONS_MAX) {
        m->exceptions->v[m->exceptions->n++] = tm_str(kind);
    }
}

static bool is_type(const tm_document_t *doc, int type)
{
    return TM_HAS(doc, TM_DOCUMENT_doc_type) && doc->doc_type.v == type;
}

static bool amount_fits(tm_cents_t amount)
{
    return amount.v >= -TM_CENTS_MAX && amount.v <= TM_CENTS_MAX;
}

#define COPY(from_field, to_field)                   \
    do {                                             \
        if (TM_HAS(doc, TM_DOCUMENT_##from_field)) { \
            line->to_field = doc->from_field;        \
            TM_MARK(line, TM_BUY_LINE_##to_field);   \
        }                                            \
    } while (0)

static void put_str(tm_buy_line_t *line, tm_str_t *field, int index, tm_str_t value)
{
    if (value.p == NULL || value.n == 0)
        return;
    *field = value;
    TM_MARK(line, index);
}

/* A credit that names an invoice and prints its period belongs to that invoice; another is a line
 * of its own. */
static bool credits_invoice(const tm_document_t *doc)
{
    return TM_HAS(doc, TM_DOCUMENT_invoice_no) && TM_HAS(doc, TM_DOCUMENT_billing_from) &&
           TM_HAS(doc, TM_DOCUMENT_billing_to);
}

/* The longest beginning of at most max bytes that ends between characters. */
static tm_str_t cut_text(tm_str_t s, uint32_t max)
{
    if (s.n <= max)
        return s;
    uint32_t n = max;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return tm_str_trim((tm_str_t){s.p, n});
}

static void copy_names(making_t *m)
{
    const tm_document_t *doc = m->doc;
    tm_buy_line_t *line = m->line;
    COPY(input_id, input_id);
    COPY(at, locator);
    COPY(advertiser, advertiser);
    COPY(advertiser, advertiser_text);
    COPY(agency, agency);
    COPY(medium, medium);
    COPY(product, product);
    COPY(spots, spots);
    COPY(confidence_bp, confidence_bp);
    COPY(hiatus, hiatus);
    COPY(daypart, daypart);
    COPY(length_s, length_s);
    COPY(grp_x10, grp_x10);
    COPY(estimate, estimate);
    COPY(external_id, external_id);
    COPY(row, row);
    COPY(source, source);
    if (TM_HAS(doc, TM_DOCUMENT_market_code)) {
        line->market = doc->market_code;
        TM_MARK(line, TM_BUY_LINE_market);
    }
    if (TM_HAS(doc, TM_DOCUMENT_id)) {
        line->document_id = doc->id;
        TM_MARK(line, TM_BUY_LINE_document_id);
    }
    if (TM_HAS(doc, TM_DOCUMENT_station)) {
        put_str(line, &line->station, TM_BUY_LINE_station,
                cut_text(doc->station, STATION_BYTES_MAX));
    }
    if (TM_HAS(doc, TM_DOCUMENT_stations) && doc->stations.n > 0) {
        tm_str_t *v = tm_arena_alloc(m->arena, doc->stations.n * sizeof *v);
        m->full |= v == NULL;
        for (uint32_t i = 0; v != NULL && i < doc->stations.n; i++) {
            v[i] = cut_text(doc->stations.v[i], STATION_BYTES_MAX);
        }
        line->stations = (tm_strs_t){v, doc->stations.n};
        TM_MARK(line, TM_BUY_LINE_stations);
    }
}

#define TITLE_DIGITS_MIN 5
#define TITLE_DIGITS_MAX 10

/* 20141012, 10122014: a day, no number of an order. */
static bool looks_like_day(tm_str_t s)
{
    if (s.n != 8)
        return false;
    const bool first = memcmp(s.p, "19", 2) == 0 || memcmp(s.p, "20", 2) == 0;
    return first || memcmp(s.p + 4, "19", 2) == 0 || memcmp(s.p + 4, "20", 2) == 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* The digits of a word like 387130 or ORD92162; p NULL: it is none, as the parts of a hexadecimal
 * name are. */
static tm_str_t number_in_word(tm_str_t word)
{
    uint32_t letters = 0, digits = 0;
    bool plain = false;
    while (letters < word.n && is_letter(word.p[letters])) {
        plain = plain || strchr("abcdefABCDEF", word.p[letters]) == NULL;
        letters++;
    }
    while (letters + digits < word.n && word.p[letters + digits] >= '0' &&
           word.p[letters + digits] <= '9') {
        digits++;
    }
    const tm_str_t run = {word.p + letters, digits};
    const bool ok = letters + digits == word.n && (letters == 0 || plain) &&
                    digits >= TITLE_DIGITS_MIN && digits <= TITLE_DIGITS_MAX &&
                    !looks_like_day(run);
    return ok ? run : (tm_str_t){NULL, 0};
}

/* The one number of 5 to 10 digits in the file's own name; p NULL: none, or several. */
static tm_str_t title_number(tm_str_t filename)
{
    tm_str_t found = {NULL, 0};
    uint32_t begin = 0;
    for (uint32_t i = 0; i < filename.n; i++) {
        begin = filename.p[i] == '/' ? i + 1 : begin;
    }
    for (uint32_t i = begin; i < filename.n; i++) {
        uint32_t end = i;
        while (end < filename.n &&
               (is_letter(filename.p[end]) || (filename.p[end] >= '0' && filename.p[end] <= '9'))) {
            end++;
        }
        const tm_str_t number = number_in_word((tm_str_t){filename.p + i, end - i});
        if (number.p != NULL && found.p != NULL)
            return (tm_str_t){NULL, 0};
        found = number.p != NULL ? number : found;
        i = end;
    }
    return found;
}

/* A number in the file's title is an alternate (domain rule 4.4.2). */
static void set_title(making_t *m)
{
    if (!TM_HAS(m->doc, TM_DOCUMENT_filename) || is_type(m->doc, TM_DOC_TYPE_sheet))
        return;
    const tm_str_t number = title_number(m->doc->filename);
    const tm_str_t norm = number.p == NULL ? number : tm_order_norm(number, m->arena, NULL);
    if (norm.n > 0 &&
        !(TM_HAS(m->line, TM_BUY_LINE_order_no_norm) && tm_str_eq(norm, m->line->order_no_norm))) {
        put_str(m->line, &m->line->title_no, TM_BUY_LINE_title_no, norm);
    }
}

static void copy_identity(making_t *m, bool bare_seen)
{
    const tm_document_t *doc = m->doc;
    tm_buy_line_t *line = m->line;
    COPY(doc_type, doc_type);
    COPY(invoice_no, invoice_no);
    COPY(revision, revision);
    COPY(revision_date, revision_date);
    COPY(print_ms, print_ms);
    COPY(system, system);
    COPY(changes_only, changes_only);
    COPY(billing_from, billing_from);
    COPY(billing_to, billing_to);
    if (is_type(doc, TM_DOC_TYPE_credit) && !credits_invoice(doc)) {
        /* A line of its own: with the order's number the order's invoices would close its days too.
         * The document keeps it. */
        return;
    }
    COPY(order_no, order_no);
    COPY(alt_order_no, alt_order_no);
    if (TM_HAS(doc, TM_DOCUMENT_order_no_norm)) {
        put_str(line, &line->order_no_norm, TM_BUY_LINE_order_no_norm, doc->order_no_norm);
    } else if (TM_HAS(doc, TM_DOCUMENT_order_no)) {
        tm_str_t suffix = {NULL, 0};
        const tm_str_t norm = tm_order_norm(doc->order_no, m->arena, bare_seen ? &suffix : NULL);
        m->full |= norm.p == NULL;
        put_str(line, &line->order_no_norm, TM_BUY_LINE_order_no_norm, norm);
        if (suffix.n > 0 && !TM_HAS(doc, TM_DOCUMENT_revision)) {
            put_str(line, &line->revision, TM_BUY_LINE_revision, suffix);
        }
    }
    set_title(m);
}

static void set_stage(making_t *m)
{
    const tm_document_t *doc = m->doc;
    int stage = TM_STAGE_ordered;
    if (is_type(doc, TM_DOC_TYPE_invoice)) {
        stage = TM_STAGE_invoiced;
    } else if (is_type(doc, TM_DOC_TYPE_confirmation)) {
        stage = TM_STAGE_confirmed;
    }
    if (TM_HAS(doc, TM_DOCUMENT_stage)) {
        stage = doc->stage.v;
    }
    if (is_type(doc, TM_DOC_TYPE_credit)) {
        /* One that names an invoice is a part of it and of its days; another must close no days. */
        stage = credits_invoice(doc) ? TM_STAGE_invoiced : TM_STAGE_confirmed;
    }
    m->line->stage.v = (uint8_t)stage;
    TM_MARK(m->line, TM_BUY_LINE_stage);
    m->line->layer.v = TM_HAS(doc, TM_DOCUMENT_layer) ? doc->layer.v : TM_LAYER_airtime;
    TM_MARK(m->line, TM_BUY_LINE_layer);
}

/* ---- totals, 4.3 ---- */

/* The single total is gross and net: the other field's place is the one of the total. */
static void point_both(making_t *m, const char *from, const char *to)
{
    tm_buy_line_t *line = m->line;
    const tm_place_t *at = line->locator.v;
    for (uint32_t i = 0; TM_HAS(line, TM_BUY_LINE_locator) && i < line->locator.n; i++) {
        if (!tm_str_eq(at[i].field, tm_str(from)))
            continue;
        tm_place_t *v = tm_arena_alloc(m->arena, (line->locator.n + 1) * sizeof *v);
        if (v == NULL) {
            m->full = true;
            return;
        }
        memcpy(v, at, line->locator.n * sizeof *v);
        v[line->locator.n] = at[i];
        v[line->locator.n].field = tm_str(to);
        line->locator = (tm_recs_t){v, line->locator.n + 1};
        return;
    }
}

/* Bounds of a range, always of the gross; without a total the likely amount is the middle. false:
 * there are none. */
static bool set_range(making_t *m, bool total, int32_t agency_bp, int32_t campaign_bp)
{
    const tm_document_t *doc = m->doc;
    tm_buy_line_t *line = m->line;
    const bool low = TM_HAS(doc, TM_DOCUMENT_low_cents) && amount_fits(doc->low_cents);
    const bool high = TM_HAS(doc, TM_DOCUMENT_high_cents) && amount_fits(doc->high_cents);
    const bool net = TM_HAS(doc, TM_DOCUMENT_amount_basis) &&
                     doc->amount_basis.v == TM_AMOUNT_BASIS_net && !total;
    const int32_t bp = tm_commission_of(line, agency_bp, campaign_bp);
    if (low) {
        line->low_cents = net ? tm_gross_of(doc->low_cents, bp) : doc->low_cents;
        TM_MARK(line, TM_BUY_LINE_low_cents);
    }
    if (high) {
        line->high_cents = net ? tm_gross_of(doc->high_cents, bp) : doc->high_cents;
        TM_MARK(line, TM_BUY_LINE_high_cents);
    }
    if ((low && !amount_fits(line->low_cents)) || (high && !amount_fits(line->high_cents))) {
        TM_CLEAR(line, TM_BUY_LINE_low_cents);
        TM_CLEAR(line, TM_BUY_LINE_high_cents);
        return false;
    }
    if (!total && (low || high)) {
        line->gross_cents =
            tm_likely_of(low ? line->low_cents : (tm_cents_t){0}, high, line->high_cents);
        TM_MARK(line, TM_BUY_LINE_gross_cents);
    }
    return low || high;
}

/* A sheet says of its own which total it gives: 4.3's rule for papers with a single total is not
 * for it. An unknown basis is read as what was given, and says so. */
static void set_stated(making_t *m, bool gross)
{
    const tm_document_t *doc = m->doc;
    tm_buy_line_t *line = m->line;
    COPY(amount_basis, amount_basis);
    if (doc->amount_basis.v == TM_AMOUNT_BASIS_unknown) {
        line->stated_basis.v = gross ? TM_AMOUNT_BASIS_gross : TM_AMOUNT_BASIS_net;
        TM_MARK(line, TM_BUY_LINE_stated_basis);
    }
}

static void set_totals(making_t *m, int32_t agency_bp, int32_t campaign_bp)
{
    const tm_document_t *doc = m->doc;
    tm_buy_line_t *line = m->line;
    const bool gross = TM_HAS(doc, TM_DOCUMENT_gross_cents) && amount_fits(doc->gross_cents);
    const bool net = TM_HAS(doc, TM_DOCUMENT_net_cents) && amount_fits(doc->net_cents);
    const bool stated = TM_HAS(doc, TM_DOCUMENT_amount_basis);
    COPY(commission_bp, commission_bp);
    if (set_range(m, gross || net, agency_bp, campaign_bp) && !gross && !net) {
        tm_line_fill_totals(line, agency_bp, campaign_bp);
        return;
    }
    if (!gross && !net) {
        if (line->stage.v != TM_STAGE_cancelled) {
            except(m, "missing_amount");
        }
        return;
    }
    if (gross) {
        COPY(gross_cents, gross_cents);
    }
    if (net) {
        COPY(net_cents, net_cents);
    }
    if (stated) {
        set_stated(m, gross);
    } else if (gross != net && !TM_HAS(doc, TM_DOCUMENT_commission_bp)) {
        const tm_cents_t total = gross ? doc->gross_cents : doc->net_cents;
        line->gross_cents = line->net_cents = total;
        TM_MARK(line, TM_BUY_LINE_gross_cents);
        TM_MARK(line, TM_BUY_LINE_net_cents);
        line->amount_basis.v = TM_AMOUNT_BASIS_gross;
        TM_MARK(line, TM_BUY_LINE_amount_basis);
        point_both(m, gross ? "gross_cents" : "net_cents", gross ? "net_cents" : "gross_cents");
    }
    tm_line_fill_totals(line, agency_bp, campaign_bp);
}

/* ---- flight ---- */

static void put_flight(making_t *m, tm_day_t from, tm_day_t to)
{
    m->line->flight_from = from;
    m->line->flight_to = to;
    TM_MARK(m->line, TM_BUY_LINE_flight_from);
    TM_MARK(m->line, TM_BUY_LINE_flight_to);
}

static bool printed_flight(const tm_document_t *doc, tm_day_t *ret_from, tm_day_t *ret_to)
{
    const bool from = TM_HAS(doc, TM_DOCUMENT_flight_from), to = TM_HAS(doc, TM_DOCUMENT_flight_to);
    if (!from && !to)
        return false;
    *ret_from = from ? doc->flight_from : doc->flight_to; /* one date is a one-day flight */
    *ret_to = to ? doc->flight_to : doc->flight_from;
    return ret_from->v <= ret_to->v;
}

static bool airing_days(const tm_document_t *doc, tm_day_t *ret_from, tm_day_t *ret_to)
{
    const tm_airing_t *a = doc->airings.v;
    bool any = false;
    for (uint32_t i = 0; TM_HAS(doc, TM_DOCUMENT_airings) && i < doc->airings.n; i++) {
        if (!TM_HAS(&a[i], TM_AIRING_air_date))
            continue;
        if (!any || a[i].air_date.v < ret_from->v) {
            *ret_from = a[i].air_date;
        }
        if (!any || a[i].air_date.v > ret_to->v) {
            *ret_to = a[i].air_date;
        }
        any = true;
    }
    return any;
}

/* An invoice (or the credit of one) closes its period inside the flight; the whole period where
 * they do not meet; without a period the days on which something aired, because the printed flight
 * is the whole order's. */
static void set_flight(making_t *m)
{
    const tm_document_t *doc = m->doc;
    tm_day_t from = {0}, to = {0}, a = {0}, b = {0};
    const bool flight = printed_flight(doc, &from, &to);
    const bool invoice = m->line->stage.v == TM_STAGE_invoiced;
    const bool one = TM_HAS(doc, TM_DOCUMENT_billing_from),
               other = TM_HAS(doc, TM_DOCUMENT_billing_to);
    bool period = one && other && doc->billing_from.v <= doc->billing_to.v;
    if (period) {
        a = doc->billing_from;
        b = doc->billing_to;
    }
    if (invoice && !period) {
        period = airing_days(doc, &a, &b);
    }
    if (!invoice || !period) {
        if (flight) {
            put_flight(m, from, to);
        } else if (period && is_type(doc, TM_DOC_TYPE_credit)) {
            put_flight(m, a, b);
        }
        return;
    }
    if (flight && TM_MAX(a.v, from.v) <= TM_MIN(b.v, to.v)) {
        a.v = TM_MAX(a.v, from.v);
        b.v = TM_MIN(b.v, to.v);
    }
    put_flight(m, a, b);
}

/* ---- printed lines, 4.2 a to c ---- */

static bool usable(const tm_doc_line_t *l, tm_cents_t *ret_amount)
{
    if (TM_HAS(l, TM_DOC_LINE_status) &&
        (l->status.v == TM_LINE_STATUS_cancelled || l->status.v == TM_LINE_STATUS_missed))
        return false;
    if (!TM_HAS(l, TM_DOC_LINE_from) && !TM_HAS(l, TM_DOC_LINE_to))
        return false;
    if (TM_HAS(l, TM_DOC_LINE_amount_cents)) {
        *ret_amount = l->amount_cents;
        return amount_fits(*ret_amount);
    }
    if (!TM_HAS(l, TM_DOC_LINE_rate_cents) || !TM_HAS(l, TM_DOC_LINE_spots))
        return false;
    return !__builtin_mul_overflow(l->rate_cents.v, (int64_t)l->spots, &ret_amount->v) &&
           amount_fits(*ret_amount);
}

typedef struct entries {
    tm_line_week_t *v;
    uint32_t n, cap;
} entries_t;

static void add_entry(making_t *m, entries_t *e, const tm_line_week_t *w)
{
    if (e->n == e->cap) {
        const uint32_t cap = e->cap == 0 ? 64 : 2 * e->cap;
        tm_line_week_t *v = tm_arena_alloc(m->arena, cap * sizeof *v);
        if (v == NULL) {
            m->full = true;
            return;
        }
        if (e->n > 0) {
            memcpy(v, e->v, e->n * sizeof *v);
        }
        e->v = v;
        e->cap = cap;
    }
    e->v[e->n++] = *w;
}

/* amount * part / whole for running sums; 128 bits hold it. */
static int64_t portion(int64_t amount, int64_t part, int64_t whole)
{
    const int64_t size = amount < 0 ? -amount : amount;
    __extension__ const __int128 wide = (__int128)size * part / whole;
    return amount < 0 ? -(int64_t)wide : (int64_t)wide;
}

/* One entry a marked day, its dollars and spots by the day's weight. */
static void add_days(making_t *m, entries_t *e, const tm_line_week_t *w, const tm_weekdays_t *days)
{
    int64_t whole = 0, before = 0;
    for (int32_t d = w->from.v; d <= w->to.v; d++) {
        whole += days->weight[tm_day_weekday((tm_day_t){d})];
    }
    assert(whole > 0);
    for (int32_t d = w->from.v; d <= w->to.v; d++) {
        const int32_t weight = days->weight[tm_day_weekday((tm_day_t){d})];
        if (weight == 0)
            continue;
        tm_line_week_t day = *w;
        day.from.v = day.to.v = d;
        const int64_t until = before + weight;
        day.amount_cents.v =
            portion(w->amount_cents.v, until, whole) - portion(w->amount_cents.v, before, whole);
        if (TM_HAS(w, TM_LINE_WEEK_spots)) {
            day.spots =
                (int32_t)(portion(w->spots, until, whole) - portion(w->spots, before, whole));
        }
        before = until;
        add_entry(m, e, &day);
    }
}

/* A printed line as one entry, or as one a day where marked days have gaps or spots are printed by
 * day. */
static void add_line(making_t *m, entries_t *e, const tm_doc_line_t *l, tm_cents_t amount,
                     bool by_day)
{
    tm_line_week_t w = {.amount_cents = amount};
    TM_MARK(&w, TM_LINE_WEEK_from);
    TM_MARK(&w, TM_LINE_WEEK_to);
    TM_MARK(&w, TM_LINE_WEEK_amount_cents);
    w.from = TM_HAS(l, TM_DOC_LINE_from) ? l->from : l->to;
    w.to = TM_HAS(l, TM_DOC_LINE_to) ? l->to : l->from;
    if (w.from.v > w.to.v)
        return;
    if (TM_HAS(l, TM_DOC_LINE_spots)) {
        w.spots = l->spots;
        TM_MARK(&w, TM_LINE_WEEK_spots);
    }
    if (TM_HAS(l, TM_DOC_LINE_rate_cents)) {
        w.rate_cents = l->rate_cents;
        TM_MARK(&w, TM_LINE_WEEK_rate_cents);
    }
    tm_weekdays_t days;
    if (!TM_HAS(l, TM_DOC_LINE_days) || !tm_weekdays_read(l->days, &days)) {
        add_entry(m, e, &w);
        return;
    }
    int32_t first = INT32_MAX, last = INT32_MIN, marked = 0;
    for (int32_t d = w.from.v; d <= w.to.v; d++) {
        if (days.weight[tm_day_weekday((tm_day_t){d})] == 0)
            continue;
        first = TM_MIN(first, d);
        last = d;
        marked++;
    }
    if (marked == 0) { /* the pattern marks no day of the line: it says nothing about it */
        add_entry(m, e, &w);
        return;
    }
    w.from.v = first;
    w.to.v = last;
    const bool gaps = marked < last - first + 1;
    if (by_day && (gaps || (days.counted && marked > 1))) {
        add_days(m, e, &w, &days);
    } else {
        add_entry(m, e, &w);
    }
}

static entries_t collect(making_t *m, bool by_day)
{
    const tm_doc_line_t *v = m->doc->lines.v;
    entries_t e = {0};
    for (uint32_t i = 0;
         TM_HAS(m->doc, TM_DOCUMENT_lines) && i < m->doc->lines.n && !m->full && e.n < ENTRIES_MAX;
         i++) {
        tm_cents_t amount;
        if (usable(&v[i], &amount)) {
            add_line(m, &e, &v[i], amount, by_day);
        }
    }
    return e;
}

static tm_cents_t size_of(tm_cents_t amount)
{
    return (tm_cents_t){amount.v < 0 ? -amount.v : amount.v};
}

/* Compares the sum of what is spread by with the totals. It may be printed in net: then that is the
 * line's basis. */
static void check_sum(making_t *m, tm_cents_t sum)
{
    tm_buy_line_t *line = m->line;
    if (!TM_HAS(line, TM_BUY_LINE_gross_cents) || !TM_HAS(line, TM_BUY_LINE_net_cents))
        return;
    const tm_cents_t off_gross = size_of((tm_cents_t){sum.v - line->gross_cents.v});
    const tm_cents_t off_net = size_of((tm_cents_t){sum.v - line->net_cents.v});
    if (off_gross.v > SUM_OFF_CENTS_MAX && off_net.v <= SUM_OFF_CENTS_MAX &&
        TM_HAS(m->doc, TM_DOCUMENT_net_cents)) {
        line->amount_basis.v = TM_AMOUNT_BASIS_net;
        TM_MARK(line, TM_BUY_LINE_amount_basis);
    }
    const bool net = line->amount_basis.v == TM_AMOUNT_BASIS_net;
    if ((net ? off_net.v : off_gross.v) > SUM_OFF_CENTS_MAX) {
        except(m, "line_sum_mismatch");
    }
}

/* Sums |amounts| may not leave the range of money; false: they do, and the header alone is used. */
static bool add_size(int64_t *size, tm_cents_t amount)
{
    *size += size_of(amount).v;
    return *size <= TM_CENTS_MAX;
}

static bool set_airings(making_t *m)
{
    const tm_document_t *doc = m->doc;
    const tm_airing_t *a = doc->airings.v;
    const uint32_t n = TM_HAS(doc, TM_DOCUMENT_airings) ? doc->airings.n : 0;
    tm_airing_t *v = n > 0 ? tm_arena_alloc(m->arena, n * sizeof *v) : NULL;
    if (v == NULL) {
        m->full |= n > 0;
        return false;
    }
    uint32_t kept = 0, amounts = 0;
    int64_t size = 0;
    tm_cents_t sum = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (!TM_HAS(&a[i], TM_AIRING_air_date))
            continue;
        v[kept++] = a[i];
        if (!TM_HAS(&a[i], TM_AIRING_amount_cents))
            continue;
        amounts++;
        if (!amount_fits(a[i].amount_cents) || !add_size(&size, a[i].amount_cents))
            return false;
        sum.v += a[i].amount_cents.v;
    }
    if (amounts == 0)
        return false;
    m->line->airings = (tm_recs_t){v, kept};
    TM_MARK(m->line, TM_BUY_LINE_airings);
    check_sum(m, sum);
    return true;
}

static int entry_order(const void *a, const void *b)
{
    const tm_line_week_t *x = a, *y = b;
    if (x->from.v != y->from.v)
        return x->from.v < y->from.v ? -1 : 1;
    return (x->to.v > y->to.v) - (x->to.v < y->to.v);
}

/* Entries of the same days become one: a long order of many lines by day has more than a buy line
 * holds. */
static void join_entries(entries_t *e)
{
    qsort(e->v, e->n, sizeof *e->v,
          entry_order); /* sums do not depend on the order of equal ones */
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        tm_line_week_t *last = n > 0 ? &e->v[n - 1] : NULL;
        if (last == NULL || entry_order(last, &e->v[i]) != 0) {
            e->v[n] = e->v[i];
            TM_CLEAR(&e->v[n], TM_LINE_WEEK_rate_cents);
            e->v[n++].rate_cents.v = 0;
            continue;
        }
        last->amount_cents.v += e->v[i].amount_cents.v;
        last->spots += e->v[i].spots;
        if (TM_HAS(&e->v[i], TM_LINE_WEEK_spots)) {
            TM_MARK(last, TM_LINE_WEEK_spots);
        }
    }
    e->n = n;
}

static void set_weeks(making_t *m)
{
    entries_t e = collect(m, true);
    if (e.n > WEEKS_MAX) {
        join_entries(&e);
    }
    if (e.n > WEEKS_MAX) {
        e = collect(m, false);
    }
    if (m->full || e.n == 0)
        return;
    int64_t size = 0;
    tm_cents_t sum = {0};
    for (uint32_t i = 0; i < e.n && e.n <= WEEKS_MAX; i++) {
        if (!add_size(&size, e.v[i].amount_cents)) {
            except(m, "line_sum_mismatch");
            return;
        }
        sum.v += e.v[i].amount_cents.v;
    }
    if (e.n > WEEKS_MAX) {
        except(m, "line_sum_mismatch"); /* more printed lines than a buy line holds: its header is
                                           spread instead */
        return;
    }
    m->line->line_weeks = (tm_recs_t){e.v, e.n};
    TM_MARK(m->line, TM_BUY_LINE_line_weeks);
    check_sum(m, sum);
}

tm_err_t tm_line_from_document(const tm_document_t *doc, bool bare_seen, int32_t agency_bp,
                               int32_t campaign_bp, tm_arena_t *arena, tm_buy_line_t *ret,
                               tm_strs_t *ret_exceptions)
{
    if (TM_HAS(doc, TM_DOCUMENT_status) && doc->status.v != TM_READING_STATUS_read)
        return TM_EINVALID;
    if (!TM_HAS(doc, TM_DOCUMENT_doc_type) || is_type(doc, TM_DOC_TYPE_agreement) ||
        is_type(doc, TM_DOC_TYPE_inquiry))
        return TM_EINVALID;
    tm_buy_line_t line;
    memset(&line, 0, sizeof line);
    tm_strs_t exceptions = {tm_arena_alloc(arena, EXCEPTIONS_MAX * sizeof(tm_str_t)), 0};
    if (exceptions.v == NULL)
        return TM_ENOMEM;
    making_t m = {.doc = doc, .line = &line, .arena = arena, .exceptions = &exceptions};

    copy_names(&m);
    copy_identity(&m, bare_seen);
    set_stage(&m);
    set_totals(&m, agency_bp, campaign_bp);
    set_flight(&m);
    const bool known = TM_HAS(&line, TM_BUY_LINE_gross_cents) && line.stage.v != TM_STAGE_cancelled;
    const bool changes = TM_HAS(doc, TM_DOCUMENT_changes_only) && doc->changes_only;
    if (known && !changes && !set_airings(&m)) {
        set_weeks(&m);
    }
    if (known && !TM_HAS(&line, TM_BUY_LINE_flight_from) && line.line_weeks.n == 0 &&
        line.airings.n == 0) {
        except(&m, "missing_flight");
    }
    if (m.full)
        return TM_ENOMEM;
    *ret = line;
    *ret_exceptions = exceptions;
    return TM_OK;
}

tm_err_t tm_line_scale(const tm_buy_line_t *full, tm_buy_line_t *line, tm_arena_t *arena)
{
    const bool in_net =
        TM_HAS(line, TM_BUY_LINE_amount_basis) && line->amount_basis.v == TM_AMOUNT_BASIS_net;
    if (!TM_HAS(line, in_net ? TM_BUY_LINE_net_cents : TM_BUY_LINE_gross_cents))
        return TM_OK;
    const tm_cents_t total = in_net ? line->net_cents : line->gross_cents;
    if (!TM_HAS(full, TM_BUY_LINE_line_weeks) || full->line_weeks.n == 0 || total.v < 0)
        return TM_OK;
    const tm_line_week_t *v = full->line_weeks.v;
    int64_t whole = 0, before = 0;
    for (uint32_t i = 0; i < full->line_weeks.n; i++) {
        if (!TM_HAS(&v[i], TM_LINE_WEEK_amount_cents) || v[i].amount_cents.v < 0)
            return TM_OK;
        whole += v[i].amount_cents.v;
    }
    if (whole == 0)
        return TM_OK;
    tm_line_week_t *out = tm_arena_alloc(arena, full->line_weeks.n * sizeof *out);
    if (out == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < full->line_weeks.n; i++) {
        out[i] = v[i];
        const int64_t until = before + v[i].amount_cents.v;
        out[i].amount_cents.v = portion(total.v, until, whole) - portion(total.v, before, whole);
        before = until;
        TM_CLEAR(&out[i], TM_LINE_WEEK_spots); /* of the older version */
        TM_CLEAR(&out[i], TM_LINE_WEEK_rate_cents);
        out[i].spots = 0;
        out[i].rate_cents.v = 0;
    }
    line->line_weeks = (tm_recs_t){out, full->line_weeks.n};
    TM_MARK(line, TM_BUY_LINE_line_weeks);
    return TM_OK;
}
