/* fcc_kind.c - what a page and a document are: order, contract, invoice, form ..; and which layout
 * family printed
 * them.
 *
 * Why:     an agreement form has no amounts, an invoice has its own number, a deleted contract
 *          counts nothing.
 * How:     titles that stand alone in their column, then the labels a page has. Evidence of the
 *          page, never the file's name.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"
#include "feeds/fcc_near.h"

typedef struct title {
    const char *text;
    int8_t type;
    bool whole, deleted;
} title_t; /* type -1: none */

static const title_t titles[] = {
    {"Official Billing Invoice", TM_DOC_TYPE_invoice, false, false},
    {"Invoice", TM_DOC_TYPE_invoice, true, false},
    {"Duplicate Invoice", TM_DOC_TYPE_invoice, true, false},
    {"Statement Invoice", TM_DOC_TYPE_invoice, true, false},
    {"Credit Memo", TM_DOC_TYPE_credit, false, false},
    {"Credit Invoice", TM_DOC_TYPE_credit, true, false},
    {"Deleted Contract", TM_DOC_TYPE_contract, true, true},
    {"Cancelled Contract", TM_DOC_TYPE_contract, true, true},
    {"Canceled Contract", TM_DOC_TYPE_contract, true, true},
    {"Deleted Order", TM_DOC_TYPE_order, true, true},
    {"Cancelled Order", TM_DOC_TYPE_order, true, true},
    {"Canceled Order", TM_DOC_TYPE_order, true, true},
    {"Contract", TM_DOC_TYPE_contract, true, false},
    {"Advertising Contract", TM_DOC_TYPE_contract, true, false},
    {"Confirmation Contract", TM_DOC_TYPE_contract, true, false},
    {"Incomplete Contract", TM_DOC_TYPE_contract, true, false},
    {"Sales Contract", TM_DOC_TYPE_contract, true, false},
    {"Broadcast Contract", TM_DOC_TYPE_contract, true, false},
    {"Order", TM_DOC_TYPE_order, true, false},
    {"Rep Buylines", TM_DOC_TYPE_order, false, false},
    {"Agency Buylines", TM_DOC_TYPE_order, false, false},
    {"Political Order Form", TM_DOC_TYPE_order, false, false},
    {"Insertion Order", TM_DOC_TYPE_order, false, false},
    {"Broadcast Order", TM_DOC_TYPE_order, false, false},
    {"Station Order", TM_DOC_TYPE_order, false, false},
    {"Sales Order", TM_DOC_TYPE_order, true, false},
    {"Order Form", TM_DOC_TYPE_order, true, false},
    {"Media Order", TM_DOC_TYPE_order, true, false},
    {"Purchase Order", TM_DOC_TYPE_order, true, false},
    {"Cable Order", TM_DOC_TYPE_order, true, false},
    {"Station Confirmation", TM_DOC_TYPE_confirmation, true, false},
    {"Order Confirmation", TM_DOC_TYPE_confirmation, false, false},
    {"Confirmation", TM_DOC_TYPE_confirmation, true, false},
    {"Political Inquiry", TM_DOC_TYPE_inquiry, false, false},
    {"Avail Request", TM_DOC_TYPE_inquiry, false, false},
    {"Request for Avails", TM_DOC_TYPE_inquiry, false, false},
    {"Political Inquiry Form", TM_DOC_TYPE_inquiry, false, false},
};

static const char *const form_phrases[] = {
    "Agreement Form for",
    "Agreement Form",
    "NAB Form PB",
    "Form PB-18",
    "Form PB-19",
    "Form PB-20",
    "PB-18",
    "PB-19",
    "PB-20",
    "PB-17",
    "Federal Candidate Certification",
    "Candidate Advertisement Agreement",
    "Issue Advertisement Agreement",
    "Agreed Upon Schedule",
    "To be signed by candidate",
    "To be completed by station",
    "Disposition of request",
    "Political Broadcast Agreement",
    "Representation regarding federal candidate",
};

/* The text of the segment that begins at word i: up to the next column gap. */
static tm_fcc_span_t segment(const tm_fcc_sheet_t *s, uint32_t i, tm_arena_t *arena,
                             uint32_t *ret_n)
{
    uint32_t n = 1;
    while (n < 14 && !tm_fcc_gap(&s->grid, i + n - 1)) {
        n++;
    }
    *ret_n = n;
    return tm_fcc_span(&s->grid, i, n, arena);
}

static void take_title(tm_fcc_sheet_t *s, const tm_fcc_span_t *span, int *best)
{
    char a[96], b[40];
    const uint32_t na = tm_fcc_letters(span->text, a, sizeof a);
    if (na < 5 || na > 60)
        return;
    for (uint32_t i = 0; i < TM_COUNT(titles); i++) {
        const uint32_t nb = tm_fcc_letters(tm_str(titles[i].text), b, sizeof b);
        const bool same = na == nb && memcmp(a, b, na) == 0;
        if (!same && (titles[i].whole || na < nb || memmem(a, na, b, nb) == NULL))
            continue;
        const int score = 10 + (same ? 4 : 0) + (int)TM_MIN(span->y1 - span->y0, 30.0f) / 2 +
                          (titles[i].deleted ? 4 : 0) +
                          (titles[i].type == TM_DOC_TYPE_credit ? 8 : 0);
        if (score > *best) {
            *best = score;
            s->doc_type = (uint8_t)(titles[i].type + 1);
            s->deleted = titles[i].deleted;
        }
    }
}

/* `Order # 123`, `Contract  123`: a label, however much it looks like a title. */
static bool is_label_of_number(const tm_fcc_sheet_t *s, uint32_t i)
{
    uint32_t first, n;
    if (s->hits.of_word[i] == 0)
        return false;
    const tm_fcc_hit_t *hit = &s->hits.v[s->hits.of_word[i] - 1];
    if (hit->mark)
        return true;
    return tm_fcc_right(s, hit, false, &first, &n) && tm_fcc_digits(s->grid.words[first].text) >= 3;
}

static bool says_any(tm_str_t text, const char *const *phrases, uint32_t n)
{
    char a[160], b[64];
    const uint32_t na = tm_fcc_letters(text, a, sizeof a);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t nb = tm_fcc_letters(tm_str(phrases[i]), b, sizeof b);
        if (nb > 0 && na >= nb && memmem(a, na, b, nb) != NULL)
            return true;
    }
    return false;
}

/* The type by the labels a page has, where no title says it. */
static uint8_t type_by_labels(const tm_fcc_sheet_t *s)
{
    bool pair_contract = false, pair_order = false, invoice = false, period = false,
         contract = false, order = false;
    for (uint32_t k = 0; k < s->hits.n; k++) {
        const tm_fcc_hit_t *hit = &s->hits.v[k];
        switch ((int)tm_fcc_hit_key(hit)) {
        case TM_FCC_NUMBER_PAIR:
            pair_contract |= hit->label->phrase[0] == 'C';
            pair_order |= hit->label->phrase[0] == 'O';
            break;
        case TM_FCC_INVOICE:
            invoice = true;
            break;
        case TM_FCC_PERIOD:
            period = true;
            break;
        case TM_FCC_CONTRACT:
            contract = true;
            break;
        case TM_FCC_ORDER:
            order = true;
            break;
        default:
            break;
        }
    }
    if (pair_contract)
        return TM_DOC_TYPE_contract + 1;
    if (pair_order)
        return TM_DOC_TYPE_order + 1;
    if (invoice && (period || !contract))
        return TM_DOC_TYPE_invoice + 1;
    if (contract)
        return TM_DOC_TYPE_contract + 1;
    return order ? TM_DOC_TYPE_order + 1 : 0;
}

static void mark_heads(const tm_fcc_sheet_t *s);

void tm_fcc_sheet_kind(tm_fcc_sheet_t *s, tm_arena_t *arena)
{
    mark_heads(s);
    int best = 0;
    uint32_t forms = 0, orders = 0;
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t k = 0; k < s->hits.n; k++) {
        const tm_fcc_key_t key = tm_fcc_hit_key(&s->hits.v[k]);
        orders += key == TM_FCC_NUMBER_PAIR || (key == TM_FCC_INVOICE && s->hits.v[k].mark) ||
                  key == TM_FCC_RATE;
    }
    for (uint32_t r = 0, seen = 0; r < g->n_rows && seen < 400; r++) {
        uint32_t n = 1;
        const uint32_t end = g->rows[r].first + g->rows[r].n;
        for (uint32_t i = g->rows[r].first; i < end && seen < 400; i += n, seen++) {
            const tm_str_t t = g->words[i].text;
            n = 1;
            if (t.n < 2 || !tm_fcc_is_alpha(t.p[0]))
                continue;
            const tm_fcc_span_t span = segment(s, i, arena, &n);
            if (span.text.p == NULL || span.text.n > 110)
                continue;
            if (!is_label_of_number(s, i))
                take_title(s, &span, &best);
            if (orders == 0 && forms == 0)
                forms += says_any(span.text, form_phrases, TM_COUNT(form_phrases));
        }
    }
    s->form = forms > 0 && orders == 0;
    if (s->form)
        s->doc_type = TM_DOC_TYPE_agreement + 1;
    bool period = false;
    for (uint32_t k = 0; k < s->hits.n; k++) {
        period |= tm_fcc_hit_key(&s->hits.v[k]) == TM_FCC_PERIOD;
    }
    const uint8_t labels = type_by_labels(s);
    const bool billed = labels == TM_DOC_TYPE_invoice + 1 && period &&
                        s->doc_type != TM_DOC_TYPE_credit + 1 && !s->form;
    if (labels != 0 && (s->doc_type == 0 || billed))
        s->doc_type = labels;
}

bool tm_fcc_heads_table(const tm_fcc_hit_t *hit)
{
    const uint8_t k = hit->label->key;
    if (hit->colon)
        return false;
    return (hit->label->flags & TM_FCC_L_TABLE) != 0 || (k >= TM_FCC_LINE && k <= TM_FCC_END) ||
           k == TM_FCC_AMOUNT || k == TM_FCC_RATE || k == TM_FCC_COUNT || k == TM_FCC_COST ||
           k == TM_FCC_TOTAL || k == TM_FCC_SPOTS;
}

/* Rows that head a table of lines: three column heads, a rate among them. */
static void mark_heads(const tm_fcc_sheet_t *s)
{
    for (uint32_t i = 0; i < s->hits.n;) {
        const uint32_t row = s->hits.v[i].row;
        uint32_t heads = 0, rates = 0;
        for (; i < s->hits.n && s->hits.v[i].row == row; i++) {
            heads += tm_fcc_heads_table(&s->hits.v[i]);
            rates += s->hits.v[i].label->key == TM_FCC_RATE && !s->hits.v[i].colon;
        }
        if (heads >= 3 && rates > 0)
            s->row_kind[row] = TM_FCC_R_HEAD;
    }
}

const char *tm_fcc_family_name(tm_fcc_family_t family)
{
    switch (family) {
    case TM_FCC_WIDEORBIT:
        return "wideorbit";
    case TM_FCC_KATZ:
        return "katz";
    case TM_FCC_OSI:
        return "osi";
    case TM_FCC_DARE:
        return "dare";
    case TM_FCC_STRATA:
        return "strata";
    case TM_FCC_MARKETRON:
        return "marketron";
    case TM_FCC_CRYSTAL:
        return "crystal";
    case TM_FCC_FORM:
        return "form";
    case TM_FCC_AGENCY_OWN:
        return "agency";
    case TM_FCC_CABLE:
        return "cable";
    case TM_FCC_UNKNOWN:
        return NULL;
    }
    return NULL;
}

/* Labels that only one family prints, with their weight. */
static const struct {
    const char *phrase;
    uint8_t family, weight;
} family_labels[] = {
    {"Contract / Revision", TM_FCC_WIDEORBIT, 6},
    {"Order / Rev", TM_FCC_WIDEORBIT, 6},
    {"Invoice Period", TM_FCC_WIDEORBIT, 2},
    {"Alt Order", TM_FCC_WIDEORBIT, 2},
    {"Product 1/2", TM_FCC_WIDEORBIT, 4},
    {"Estimate Number", TM_FCC_WIDEORBIT, 1},
    {"Changes as of", TM_FCC_KATZ, 4},
    {"Con Type", TM_FCC_KATZ, 4},
    {"Total CPP", TM_FCC_KATZ, 2},
    {"Agency Order", TM_FCC_KATZ, 1},
    {"Schedule Dates", TM_FCC_OSI, 5},
    {"Est/External", TM_FCC_OSI, 5},
    {"Gen Date", TM_FCC_OSI, 2},
    {"Estimate/HL", TM_FCC_OSI, 5},
    {"CO-OP/Order Type", TM_FCC_OSI, 5},
    {"Hdln", TM_FCC_DARE, 5},
    {"E-Order", TM_FCC_DARE, 5},
    {"Dare", TM_FCC_DARE, 4},
    {"Prod1", TM_FCC_DARE, 3},
    {"Estimate ID", TM_FCC_AGENCY_OWN, 3},
    {"System", TM_FCC_CABLE, 3},
    {"Cable System", TM_FCC_CABLE, 5},
    {"Syscode", TM_FCC_CABLE, 5},
    {"System Code", TM_FCC_CABLE, 5},
    {"Zone", TM_FCC_CABLE, 3},
    {"Zones", TM_FCC_CABLE, 3},
    {"Interconnect", TM_FCC_CABLE, 5},
    {"Cable Operator", TM_FCC_CABLE, 5},
    {"MSO", TM_FCC_CABLE, 5},
    {"Headend", TM_FCC_CABLE, 5},
    {"System Name", TM_FCC_CABLE, 4},
};

static void family_of(tm_fcc_paper_t *p)
{
    int points[TM_FCC_CABLE + 1] = {0};
    for (uint32_t i = 0; i < p->n_sheets && i < 8; i++) {
        const tm_fcc_sheet_t *s = &p->sheets[i];
        for (uint32_t k = 0; k < s->hits.n; k++) {
            for (uint32_t f = 0; f < TM_COUNT(family_labels); f++) {
                if (strcmp(s->hits.v[k].label->phrase, family_labels[f].phrase) == 0)
                    points[family_labels[f].family] += family_labels[f].weight;
            }
        }
        for (uint32_t w = 0; w < s->grid.n_words; w++) {
            const tm_str_t t = s->grid.words[w].text;
            if (t.n < 6 || t.n > 12)
                continue;
            if (tm_str_case_eq(t, TM_STR("WideOrbit")))
                points[TM_FCC_WIDEORBIT] += 6;
            if (tm_str_eq(t, TM_STR("STRATA")))
                points[TM_FCC_STRATA] += 3;
            if (tm_str_case_eq(t, TM_STR("Marketron")))
                points[TM_FCC_MARKETRON] += 1;
        }
    }
    int best = 1;
    p->family = TM_FCC_UNKNOWN;
    for (int f = TM_FCC_WIDEORBIT; f <= TM_FCC_CABLE; f++) {
        if (points[f] > best) {
            best = points[f];
            p->family = (tm_fcc_family_t)f;
        }
    }
}

void tm_fcc_paper_kind(tm_fcc_paper_t *p)
{
    bool deleted = false;
    assert(p->n_sheets > 0);
    p->doc_type = -1;
    for (uint32_t i = 0; i < p->n_sheets && p->doc_type < 0; i++) {
        if (p->sheets[i].doc_type == 0)
            continue;
        p->doc_type = p->sheets[i].doc_type - 1;
        deleted = p->sheets[i].deleted;
    }
    family_of(p);
    if (p->doc_type < 0 && p->family == TM_FCC_KATZ)
        p->doc_type = TM_DOC_TYPE_contract;
    if (p->doc_type < 0 && p->family != TM_FCC_UNKNOWN)
        p->doc_type = TM_DOC_TYPE_order;
    switch (p->doc_type) {
    case TM_DOC_TYPE_invoice:
    case TM_DOC_TYPE_credit:
        p->stage = TM_STAGE_invoiced;
        break;
    case TM_DOC_TYPE_confirmation:
        p->stage = TM_STAGE_confirmed;
        break;
    case TM_DOC_TYPE_agreement:
    case TM_DOC_TYPE_inquiry:
        p->stage = TM_STAGE_proposed;
        break;
    default:
        p->stage = TM_STAGE_ordered;
        break;
    }
    if (p->doc_type == TM_DOC_TYPE_agreement)
        p->family = TM_FCC_FORM;
    if (deleted)
        p->stage = TM_STAGE_cancelled;
}
