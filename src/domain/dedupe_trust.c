/* dedupe_trust.c - which of several lines to believe, and in what they differ.
 *
 * How:     the paper decides before the place it came from: an invoice that arrives by mail is an
 *          invoice.
 * Threads: pure.
 * Source:  domain rule 4.5, "Winner in a group". */
#include "domain/dedupe.h"
#include "schema/json.h"
#include "schema/json_value.h"
#include "schema/record.h"
#include "schema/slot.h"

enum { RANK_DEAL, RANK_INVOICE, RANK_ORDER, RANK_VENDOR, RANK_SHEET, RANK_NOTICE, RANK_NEWS };

/* By the source alone; -1: it says nothing. */
static int rank_of_source(int kind)
{
    switch (kind) {
    case TM_SOURCE_KIND_deal:
        return RANK_DEAL;
    case TM_SOURCE_KIND_fcc:
        return RANK_ORDER;
    case TM_SOURCE_KIND_adimpact:
    case TM_SOURCE_KIND_aide:
    case TM_SOURCE_KIND_google:
    case TM_SOURCE_KIND_meta:
        return RANK_VENDOR;
    case TM_SOURCE_KIND_rep_mail:
    case TM_SOURCE_KIND_imap:
    case TM_SOURCE_KIND_upload:
        return RANK_SHEET;
    case TM_SOURCE_KIND_fec:
    case TM_SOURCE_KIND_openfec:
        return RANK_NOTICE;
    case TM_SOURCE_KIND_press:
    case TM_SOURCE_KIND_newsletter:
    case TM_SOURCE_KIND_rss:
    case TM_SOURCE_KIND_civic:
        return RANK_NEWS;
    default:
        return -1; /* entered by hand, or a source without a kind */
    }
}

/* By the kind of paper; -1: it says nothing. */
static int rank_of_paper(const tm_buy_line_t *line)
{
    if (!TM_HAS(line, TM_BUY_LINE_doc_type))
        return -1;
    switch (line->doc_type.v) {
    case TM_DOC_TYPE_invoice:
    case TM_DOC_TYPE_credit:
        return RANK_INVOICE;
    case TM_DOC_TYPE_order:
    case TM_DOC_TYPE_contract:
    case TM_DOC_TYPE_confirmation:
        return RANK_ORDER;
    case TM_DOC_TYPE_export:
        return RANK_VENDOR;
    case TM_DOC_TYPE_sheet:
        return RANK_SHEET;
    case TM_DOC_TYPE_agreement:
    case TM_DOC_TYPE_inquiry:
    case TM_DOC_TYPE_filing:
        return RANK_NOTICE;
    case TM_DOC_TYPE_post:
        return RANK_NEWS;
    default:
        return -1;
    }
}

int tm_dedupe_rank(const tm_buy_line_t *line)
{
    const int kind =
        TM_HAS(line, TM_BUY_LINE_source) ? tm_words_find(&tm_source_kind_words, line->source) : -1;
    const int source = rank_of_source(kind), paper = rank_of_paper(line);
    if (source == RANK_DEAL)
        return RANK_DEAL;
    if (source == RANK_VENDOR || source == RANK_NEWS)
        return source; /* what they print of a station's paper is their word, not the station's */
    if (paper >= 0)
        return paper;
    const bool invoiced = TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == TM_STAGE_invoiced;
    if (invoiced && source != RANK_NOTICE)
        return RANK_INVOICE;
    if (source >= 0)
        return source;
    return TM_HAS(line, TM_BUY_LINE_order_no) ? RANK_ORDER : RANK_SHEET;
}

static bool has_amount(const tm_buy_line_t *line)
{
    return TM_HAS(line, TM_BUY_LINE_gross_cents) || TM_HAS(line, TM_BUY_LINE_net_cents);
}

/* a is to be believed rather than b. */
static bool is_better(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    const int x = tm_dedupe_rank(a), y = tm_dedupe_rank(b);
    if (x != y)
        return x < y;
    if (has_amount(a) != has_amount(b))
        return has_amount(a);
    return a->id.v < b->id.v;
}

uint32_t tm_dedupe_suggest(const tm_buy_line_t *const *lines, uint32_t n)
{
    assert(n > 0);
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++) {
        if (is_better(lines[i], lines[best])) {
            best = i;
        }
    }
    return best;
}

/* ---- differences ---- */

/* in the order a person looks at them */
static const uint8_t meaning[] = {
    TM_BUY_LINE_advertiser,  TM_BUY_LINE_agency,    TM_BUY_LINE_station,      TM_BUY_LINE_market,
    TM_BUY_LINE_medium,      TM_BUY_LINE_product,   TM_BUY_LINE_flight_from,  TM_BUY_LINE_flight_to,
    TM_BUY_LINE_gross_cents, TM_BUY_LINE_net_cents, TM_BUY_LINE_amount_basis, TM_BUY_LINE_low_cents,
    TM_BUY_LINE_high_cents,  TM_BUY_LINE_spots,     TM_BUY_LINE_length_s,     TM_BUY_LINE_daypart,
    TM_BUY_LINE_order_no,    TM_BUY_LINE_revision,  TM_BUY_LINE_stage,        TM_BUY_LINE_source,
};

static bool field_equal(const tm_field_t *field, unsigned index, const tm_buy_line_t *a,
                        const tm_buy_line_t *b)
{
    const bool has = TM_HAS(a, index);
    if (has != TM_HAS(b, index))
        return false;
    if (!has)
        return true;
    const void *x = tm_slot_const(field, a), *y = tm_slot_const(field, b);
    if (field->type == TM_T_STR)
        return tm_str_eq(*(const tm_str_t *)x, *(const tm_str_t *)y);
    return tm_slot_number(field, x) == tm_slot_number(field, y);
}

static void write_values(const tm_field_t *field, unsigned index, const tm_buy_line_t *const *lines,
                         uint32_t n, tm_buf_t *out)
{
    tm_buf_add_c(out, "{\"field\":");
    tm_json_write_str(tm_str_n(field->name, field->name_n), out);
    tm_buf_add_c(out, ",\"values\":[");
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) {
            tm_buf_add_char(out, ',');
        }
        if (TM_HAS(lines[i], index)) {
            tm_json_write_value(field, tm_slot_const(field, lines[i]), false, out);
        } else {
            tm_buf_add_c(out, "null");
        }
    }
    tm_buf_add_c(out, "]}");
}

void tm_dedupe_differences(const tm_buy_line_t *const *lines, uint32_t n, tm_buf_t *out)
{
    bool any = false;
    tm_buf_add_char(out, '[');
    for (size_t f = 0; f < TM_COUNT(meaning); f++) {
        const unsigned index = meaning[f];
        const tm_field_t *field = &tm_buy_line_desc.fields[index];
        bool equal = true;
        for (uint32_t i = 1; i < n && equal; i++) {
            equal = field_equal(field, index, lines[0], lines[i]);
        }
        if (equal)
            continue;
        if (any) {
            tm_buf_add_char(out, ',');
        }
        write_values(field, index, lines, n, out);
        any = true;
    }
    tm_buf_add_char(out, ']');
}
