/* sheet_read_orders.c - rows of one order and revision are that order's printed lines.
 *
 * Why:     a sheet lists an order week by week or daypart by daypart; read one by one, each row
 *          would be a newer version of the order and replace the one before.
 * How:     rows are one if number, revision, names, stage and basis agree and nothing names them
 *          apart (external_id); their days and dollars become lines, their totals add up. A row
 *          with another revision stays a version of its own.
 * Threads: pure; any.
 * Source:  domain rules 4.2, 4.4.3. */
#include "files/sheet_read_layout.h"

#include "base/map.h"

typedef struct joined {
    tm_document_t *doc;
    uint32_t cap; /* of doc->lines */
} joined_t;

static bool can_join(const tm_document_t *doc)
{
    const bool amount = TM_HAS(doc, TM_DOCUMENT_gross_cents) || TM_HAS(doc, TM_DOCUMENT_net_cents);
    return TM_HAS(doc, TM_DOCUMENT_order_no) && !TM_HAS(doc, TM_DOCUMENT_external_id) && amount &&
           TM_HAS(doc, TM_DOCUMENT_flight_from) && !TM_HAS(doc, TM_DOCUMENT_hiatus) &&
           !TM_HAS(doc, TM_DOCUMENT_low_cents) && !TM_HAS(doc, TM_DOCUMENT_high_cents);
}

static tm_str_t key_of(const tm_document_t *d, tm_arena_t *arena)
{
    const tm_str_t texts[] = {d->order_no, d->revision, d->station,    d->market,
                              d->agency,   d->product,  d->advertiser, d->alt_order_no};
    tm_str_t key = tm_arena_printf(
        arena, "%d %d %d %d %d %d %d %d", d->market_code,
        TM_HAS(d, TM_DOCUMENT_medium) ? d->medium.v : -1,
        TM_HAS(d, TM_DOCUMENT_stage) ? d->stage.v : -1, d->amount_basis.v, d->layer.v, d->estimate,
        TM_HAS(d, TM_DOCUMENT_revision_date) ? d->revision_date.v : -1,
        (TM_HAS(d, TM_DOCUMENT_gross_cents) ? 1 : 0) + (TM_HAS(d, TM_DOCUMENT_net_cents) ? 2 : 0));
    for (size_t i = 0; key.p != NULL && i < TM_COUNT(texts); i++) {
        const tm_str_t t = texts[i].p == NULL ? TM_STR("") : texts[i];
        key = tm_arena_printf(arena, "%.*s|%.*s", (int)key.n, key.p, (int)t.n, t.p);
    }
    return key;
}

static bool add_line(joined_t *j, const tm_doc_line_t *line, tm_arena_t *arena)
{
    tm_recs_t *list = &j->doc->lines;
    if (list->n == j->cap) {
        const uint32_t cap = j->cap < 4 ? 8 : j->cap * 2;
        tm_doc_line_t *v = tm_arena_alloc(arena, cap * sizeof *v);
        if (v == NULL)
            return false;
        if (list->n > 0) {
            memcpy(v, list->v, list->n * sizeof *v);
        }
        list->v = v;
        j->cap = cap;
    }
    ((tm_doc_line_t *)list->v)[list->n++] = *line;
    TM_MARK(j->doc, TM_DOCUMENT_lines);
    return true;
}

/* The days and dollars of a row as one line, or its weeks. from: where the lines stand now. */
static bool add_lines(joined_t *j, const tm_document_t *row, tm_recs_t weeks, tm_arena_t *arena)
{
    bool fine = true;
    for (uint32_t i = 0; i < weeks.n && fine; i++) {
        fine = add_line(j, (const tm_doc_line_t *)weeks.v + i, arena);
    }
    if (weeks.n > 0)
        return fine;
    tm_doc_line_t line = {0};
    const bool net = row->amount_basis.v == TM_AMOUNT_BASIS_net;
    TM_SET(&line, TM_DOC_LINE, from, row->flight_from);
    TM_SET(&line, TM_DOC_LINE, to, row->flight_to);
    TM_SET(&line, TM_DOC_LINE, amount_cents, net ? row->net_cents : row->gross_cents);
    if (TM_HAS(row, TM_DOCUMENT_spots)) {
        TM_SET(&line, TM_DOC_LINE, spots, row->spots);
    }
    return add_line(j, &line, arena);
}

/* What the rows do not share belongs to none of them alone. */
static void clear_different(tm_document_t *doc, const tm_document_t *row)
{
    if (!TM_HAS(row, TM_DOCUMENT_daypart) || !tm_str_eq(doc->daypart, row->daypart)) {
        TM_CLEAR(doc, TM_DOCUMENT_daypart);
    }
    if (!TM_HAS(row, TM_DOCUMENT_length_s) || doc->length_s != row->length_s) {
        TM_CLEAR(doc, TM_DOCUMENT_length_s);
    }
    if (!TM_HAS(row, TM_DOCUMENT_commission_bp) || doc->commission_bp != row->commission_bp) {
        TM_CLEAR(doc, TM_DOCUMENT_commission_bp);
    }
    TM_CLEAR(doc, TM_DOCUMENT_grp_x10); /* points of parts need not add up */
}

static bool add_cents(tm_cents_t *sum, tm_cents_t more)
{
    const int64_t v = sum->v + more.v; /* each is at most TM_CENTS_MAX */
    if (v > TM_CENTS_MAX || v < -TM_CENTS_MAX)
        return false;
    sum->v = v;
    return true;
}

/* false: the sum is more than money can be, the row stays alone. */
static bool add_totals(tm_document_t *doc, const tm_document_t *row)
{
    tm_cents_t gross = doc->gross_cents, net = doc->net_cents;
    if (!add_cents(&gross, row->gross_cents) || !add_cents(&net, row->net_cents))
        return false;
    doc->gross_cents = gross;
    doc->net_cents = net;
    doc->flight_from.v = TM_MIN(doc->flight_from.v, row->flight_from.v);
    doc->flight_to.v = TM_MAX(doc->flight_to.v, row->flight_to.v);
    if (TM_HAS(doc, TM_DOCUMENT_spots) && TM_HAS(row, TM_DOCUMENT_spots) &&
        !__builtin_add_overflow(doc->spots, row->spots, &doc->spots)) {
        return true;
    }
    TM_CLEAR(doc, TM_DOCUMENT_spots);
    return true;
}

static tm_err_t join_row(joined_t *j, const tm_document_t *row, tm_arena_t *arena, bool *ret_gone)
{
    tm_document_t *doc = j->doc;
    if (j->cap == 0) { /* the first row becomes a line itself */
        const tm_document_t alone = *doc;
        doc->lines = (tm_recs_t){NULL, 0};
        if (!add_lines(j, &alone, alone.lines, arena))
            return TM_ENOMEM;
    }
    *ret_gone = add_totals(doc, row);
    if (!*ret_gone)
        return TM_OK;
    clear_different(doc, row);
    return add_lines(j, row, row->lines, arena) ? TM_OK : TM_ENOMEM;
}

tm_err_t tm_orders_join(tm_sheet_documents_t *docs, tm_arena_t *arena)
{
    tm_smap_t seen = {0};
    tm_err_t err = TM_OK;
    uint32_t n = 0;
    joined_t *all = docs->n == 0 ? NULL : tm_arena_zalloc(arena, docs->n * sizeof *all);
    if (docs->n > 0 && all == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < docs->n && err == TM_OK; i++) {
        const tm_document_t row = docs->v[i];
        bool gone = false;
        if (can_join(&row)) {
            const tm_str_t key = key_of(&row, arena);
            joined_t *first = key.p == NULL ? NULL : tm_smap_get(&seen, key);
            err = key.p == NULL ? TM_ENOMEM : TM_OK;
            if (first != NULL) {
                err = join_row(first, &row, arena, &gone);
            } else if (err == TM_OK) {
                all[n].doc = &docs->v[n];
                (void)tm_smap_put(&seen, key, &all[n]);
            }
        }
        if (!gone) {
            docs->v[n++] = row;
        }
    }
    docs->n = n;
    tm_smap_done(&seen);
    return err;
}
