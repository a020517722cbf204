/* fcc.c - see fcc.h: pages to papers, papers to records.
 *
 * Threads: pure; any. */
#include "feeds/fcc.h"
#include "feeds/fcc_fields.h"
#include "feeds/fcc_packet.h"
#include "base/time.h"
#include <math.h>

#define MARK(d, field) TM_MARK(d, TM_DOCUMENT_##field)

/* ---- one file ---- */
static tm_err_t sheets_make(const tm_pages_t *pages, tm_arena_t *arena, tm_fcc_sheet_t *sheets)
{
    const tm_fcc_dictionary_t *dictionary = tm_fcc_dictionary_make(arena);
    if (dictionary == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < pages->n; i++) {
        tm_fcc_sheet_t *s = &sheets[i];
        tm_err_t err = tm_fcc_grid_make(&pages->v[i], i + 1, arena, &s->grid);
        if (err == TM_OK)
            err = tm_fcc_labels(dictionary, &s->grid, arena, &s->hits);
        if (err != TM_OK)
            return err;
        s->row_kind = tm_arena_zalloc(arena, s->grid.n_rows + 1);
        if (s->row_kind == NULL)
            return TM_ENOMEM;
        tm_fcc_sheet_kind(s, arena);
    }
    return TM_OK;
}

/* Letters and digits of all pages, as far as 1,000. Marks of a drawing (smaller than 2 points, or
 * single) are no text. */
static uint32_t text_of(const tm_pages_t *pages)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < pages->n && n < 1000; i++) {
        for (uint32_t w = 0; w < pages->v[i].n_words && n < 1000; w++) {
            const tm_word_t *word = &pages->v[i].words[w];
            uint32_t more = 0;
            for (uint32_t k = 0; k < word->text.n; k++) {
                more += tm_fcc_is_alpha(word->text.p[k]) || tm_fcc_is_digit(word->text.p[k]);
            }
            if (more > 1 && (word->y1 - word->y0 > 2 || word->x1 - word->x0 > 2))
                n += more;
        }
    }
    return n;
}

static bool page_says(const tm_pages_t *pages, const char *phrase, tm_arena_t *arena)
{
    (void)arena;
    char want[64], have[2048];
    const uint32_t nw = tm_fcc_letters(tm_str(phrase), want, sizeof want);
    for (uint32_t i = 0; i < pages->n && i < 3; i++) {
        uint32_t n = 0;
        for (uint32_t w = 0; w < pages->v[i].n_words && w < 300 && n < sizeof have - 64; w++) {
            n += tm_fcc_letters(pages->v[i].words[w].text, have + n, (uint32_t)sizeof have - n);
        }
        if (nw > 0 && n >= nw && memmem(have, n, want, nw) != NULL)
            return true;
    }
    return false;
}

/* Papers of the public file that are surely no advertising; NULL: not among them. */
static const char *ignored_reason(const tm_pages_t *pages, tm_arena_t *arena)
{
    static const char *const others[] = {
        "Quarterly Issues Programs",
        "Issues and Programs List",
        "Issues/Programs Report",
        "EEO Public File Report",
        "Children's Television Programming Report",
        "Ownership Report for",
        "Equal Employment Opportunity",
        "Antenna Structure Registration",
        "Retransmission Consent",
        "Biennial Ownership",
    };
    if (page_says(pages, "intentionally left blank", arena))
        return "blank";
    for (uint32_t i = 0; i < TM_COUNT(others); i++) {
        if (page_says(pages, others[i], arena))
            return "not_advertising";
    }
    return NULL;
}

static void file_facts(const tm_upload_t *upload, tm_document_t *d)
{
    if (upload != NULL && upload->filename.n > 0) {
        d->filename = upload->filename;
        while (d->filename.n > 255 ||
               (d->filename.n > 0 && ((unsigned char)d->filename.p[0] & 0xc0) == 0x80)) {
            d->filename = (tm_str_t){d->filename.p + 1,
                                     d->filename.n - 1}; /* the end says more than the folders */
        }
        MARK(d, filename);
    }
    if (upload != NULL && upload->sha256.n == 64) {
        d->sha256 = upload->sha256;
        MARK(d, sha256);
    }
    d->parser = TM_STR("fcc");
    d->parser_version = TM_FCC_PARSER_VERSION;
    MARK(d, parser);
    MARK(d, parser_version);
}

static tm_err_t not_read(const tm_upload_t *upload, int status, const char *reason, uint32_t pages,
                         tm_arena_t *arena, tm_documents_t *ret)
{
    tm_document_t *d = tm_arena_zalloc(arena, sizeof *d);
    const uint32_t n = TM_MIN(pages, 10000u);
    int32_t *v = tm_arena_alloc(arena, (n + 1) * sizeof *v);
    if (d == NULL || v == NULL)
        return TM_ENOMEM;
    file_facts(upload, d);
    for (uint32_t i = 0; i < n; i++) {
        v[i] = (int32_t)i + 1;
    }
    d->part = d->parts = 1;
    d->pages = (tm_i32s_t){v, n};
    d->status = (tm_enum_t){(uint8_t)status};
    d->reason = tm_str(reason);
    MARK(d, part);
    MARK(d, parts);
    MARK(d, pages);
    MARK(d, status);
    MARK(d, reason);
    *ret = (tm_documents_t){.n = 1, .v = d};
    return TM_OK;
}

/* ---- one paper to a record ---- */
typedef struct filling {
    tm_fcc_paper_t *p;
    tm_document_t *d;
    tm_place_t *places;
    uint32_t n_places, places_max;
    bool no_memory;
} filling_t;

/* At most `max` bytes, no character cut in two. */
static tm_str_t cut(tm_str_t t, uint32_t max)
{
    if (t.n <= max)
        return t;
    t.n = max;
    while (t.n > 0 && ((unsigned char)t.p[t.n] & 0xc0) == 0x80) {
        t.n--;
    }
    return t;
}

static int32_t hundredths(float v)
{
    const float h = v * 100.0f;
    return h > 1e8f ? 100000000 : h < -1e8f ? -100000000 : (int32_t)lroundf(h);
}

static void place(filling_t *f, const char *field, const tm_fcc_span_t *at)
{
    int32_t *box = tm_arena_alloc(f->p->arena, 4 * sizeof *box);
    if (box == NULL || f->n_places == f->places_max) {
        f->no_memory = true;
        return;
    }
    float unit = 1;
    for (uint32_t i = 0; i < f->p->n_sheets; i++) {
        if (f->p->sheets[i].grid.page == at->page)
            unit = f->p->sheets[i].grid.unit;
    }
    box[0] = hundredths(at->x0 * unit);
    box[1] = hundredths(at->y0 * unit);
    box[2] = TM_MAX(hundredths(at->x1 * unit), box[0] + 1);
    box[3] = TM_MAX(hundredths(at->y1 * unit), box[1] + 1);
    tm_place_t *pl = &f->places[f->n_places++];
    *pl = (tm_place_t){
        .field = tm_str(field), .page = (int32_t)at->page, .box_x100 = {box, 4}, .text = at->text};
    pl->text = cut(pl->text, 1000);
    TM_MARK(pl, TM_PLACE_field);
    TM_MARK(pl, TM_PLACE_page);
    TM_MARK(pl, TM_PLACE_box_x100);
    TM_MARK(pl, TM_PLACE_text);
}

/* A string of at most `max` bytes, kept in the arena; false: nothing to set. */
static bool keep(filling_t *f, const tm_fcc_value_t *v, uint32_t max, tm_str_t *ret)
{
    if (v->score <= 0 || v->text.n == 0)
        return false;
    *ret = tm_arena_str(f->p->arena, cut(v->text, max));
    f->no_memory |= ret->p == NULL;
    return ret->p != NULL;
}

#define FILL_TEXT(f, field_, value_, max_)            \
    do {                                              \
        if (keep(f, value_, max_, &(f)->d->field_)) { \
            MARK((f)->d, field_);                     \
            place(f, #field_, &(value_)->at);         \
        }                                             \
    } while (0)
#define FILL_NUMBER(f, field_, ctype_, index_)                                   \
    do {                                                                         \
        const tm_fcc_value_t *v_ = &(f)->p->value[index_];                       \
        if (v_->score > 0) {                                                     \
            (f)->d->field_ = (ctype_){(__typeof__((f)->d->field_.v))v_->number}; \
            MARK((f)->d, field_);                                                \
            place(f, #field_, &v_->at);                                          \
        }                                                                        \
    } while (0)

static void fill_numbers(filling_t *f)
{
    const tm_fcc_value_t *v = f->p->value;
    const tm_fcc_value_t *order = v[TM_FCC_F_CONTRACT].score > v[TM_FCC_F_ORDER].score
                                      ? &v[TM_FCC_F_CONTRACT]
                                      : &v[TM_FCC_F_ORDER];
    const tm_fcc_value_t *own = order;
    const bool invoice =
        f->p->doc_type == TM_DOC_TYPE_invoice || f->p->doc_type == TM_DOC_TYPE_credit;
    if (invoice && v[TM_FCC_F_INVOICE].score > 0) {
        FILL_TEXT(f, invoice_no, &v[TM_FCC_F_INVOICE], 64);
        /* An invoice's number is its own, unless it prints one under the very label "Contract" and
         * none at its head. */
        if (v[TM_FCC_F_CONTRACT].score == 0 || f->p->names_itself)
            own = &v[TM_FCC_F_INVOICE];
    }
    const bool agencys = f->p->family == TM_FCC_AGENCY_OWN ||
                         f->p->family == TM_FCC_UNKNOWN; /* its estimate is its own number */
    const bool stations = f->p->doc_type == TM_DOC_TYPE_contract;
    if (own->score == 0 && agencys && !invoice && !stations)
        own = &v[TM_FCC_F_ESTIMATE];
    if (f->p->doc_type != TM_DOC_TYPE_agreement)
        FILL_TEXT(f, contract_num, own, 64); /* a form has no number of its own */
    FILL_TEXT(f, order_no, order, 64);
    FILL_TEXT(f, revision, &v[TM_FCC_F_REVISION], 32);
    const tm_fcc_value_t *alt = v[TM_FCC_F_ALT].score > 0 ? &v[TM_FCC_F_ALT] : &v[TM_FCC_F_TRAFFIC];
    if (!tm_str_eq(alt->text, order->text))
        FILL_TEXT(f, alt_order_no, alt, 64);
}

static void fill_names(filling_t *f)
{
    const tm_fcc_value_t *v = f->p->value;
    FILL_TEXT(f, advertiser, &v[TM_FCC_F_ADVERTISER], 200);
    FILL_TEXT(f, agency, &v[TM_FCC_F_AGENCY], 200);
    FILL_TEXT(f, product, &v[TM_FCC_F_PRODUCT], 200);
    FILL_TEXT(f, market, &v[TM_FCC_F_MARKET], 100);
    const bool cable = f->p->family == TM_FCC_CABLE &&
                       (v[TM_FCC_F_SYSTEM].score > 0 || v[TM_FCC_F_ZONE].score > 0);
    const tm_fcc_value_t *station = &v[TM_FCC_F_STATION];
    if (cable && tm_fcc_call_sign(station->text) == 0)
        station = v[TM_FCC_F_SYSTEM].score > 0 ? &v[TM_FCC_F_SYSTEM] : &v[TM_FCC_F_ZONE];
    FILL_TEXT(f, station, station, 100);
    if (TM_HAS(f->d, TM_DOCUMENT_station)) {
        const bool radio = tm_fcc_says(f->d->station, "-FM") || tm_fcc_says(f->d->station, "-AM");
        const bool broadcast = tm_fcc_call_sign(f->d->station) > 0;
        if (radio || broadcast || cable) {
            f->d->medium = (tm_enum_t){cable && !broadcast ? TM_MEDIUM_cable
                                       : radio             ? TM_MEDIUM_radio
                                                           : TM_MEDIUM_broadcast};
            MARK(f->d, medium);
        }
    }
    if (f->p->n_stations > 0) {
        f->d->stations = (tm_strs_t){f->p->stations, f->p->n_stations};
        MARK(f->d, stations);
    }
}

static void fill_values(filling_t *f)
{
    FILL_NUMBER(f, gross_cents, tm_cents_t, TM_FCC_F_GROSS);
    FILL_NUMBER(f, net_cents, tm_cents_t, TM_FCC_F_NET);
    FILL_NUMBER(f, original_date, tm_day_t, TM_FCC_F_ENTERED);
    FILL_NUMBER(f, revision_date, tm_day_t, TM_FCC_F_MODIFIED);
    FILL_NUMBER(f, print_ms, tm_ms_t, TM_FCC_F_PRINTED);
    FILL_NUMBER(f, flight_from, tm_day_t, TM_FCC_F_FLIGHT_FROM);
    FILL_NUMBER(f, flight_to, tm_day_t, TM_FCC_F_FLIGHT_TO);
    if (f->p->doc_type == TM_DOC_TYPE_invoice) {
        FILL_NUMBER(f, billing_from, tm_day_t, TM_FCC_F_PERIOD_FROM);
        FILL_NUMBER(f, billing_to, tm_day_t, TM_FCC_F_PERIOD_TO);
    }
    const tm_fcc_value_t *v = f->p->value;
    if (v[TM_FCC_F_COMMISSION_BP].score > 0) {
        f->d->commission_bp = (int32_t)v[TM_FCC_F_COMMISSION_BP].number;
        MARK(f->d, commission_bp);
        place(f, "commission_bp", &v[TM_FCC_F_COMMISSION_BP].at);
    }
    if (v[TM_FCC_F_SPOTS].score > 0) {
        f->d->spots = (int32_t)v[TM_FCC_F_SPOTS].number;
        MARK(f->d, spots);
        place(f, "spots", &v[TM_FCC_F_SPOTS].at);
    }
    if (v[TM_FCC_F_BUDGET].score > 0) {
        f->d->market_budget_cents = (tm_cents_t){v[TM_FCC_F_BUDGET].number};
        MARK(f->d, market_budget_cents);
    }
}

static void fill_lists(filling_t *f)
{
    tm_fcc_paper_t *p = f->p;
    tm_document_t *d = f->d;
    d->shares = (tm_strs_t){p->shares, p->n_shares};
    d->lines = (tm_recs_t){p->lines, p->n_lines};
    d->airings = (tm_recs_t){p->airings, p->n_airings};
    d->exceptions = (tm_strs_t){p->exceptions, p->n_exceptions};
    d->at = (tm_recs_t){f->places, f->n_places};
    MARK(d, shares);
    MARK(d, lines);
    MARK(d, airings);
    MARK(d, exceptions);
    MARK(d, at);
    d->confidence_bp = p->confidence_bp;
    MARK(d, confidence_bp);
    d->changes_only = p->changes_only;
    MARK(d, changes_only);
    if (p->doc_type >= 0) {
        d->doc_type = (tm_enum_t){(uint8_t)p->doc_type};
        d->stage = (tm_enum_t){(uint8_t)p->stage};
        MARK(d, doc_type);
        MARK(d, stage);
    }
    const char *name = tm_fcc_family_name(p->family);
    if (name != NULL) {
        d->system = tm_str(name);
        MARK(d, system);
    }
}

static tm_err_t fill(tm_fcc_paper_t *p, tm_document_t *d)
{
    filling_t f = {.p = p, .d = d, .places_max = 32};
    f.places = tm_arena_zalloc(p->arena, f.places_max * sizeof *f.places);
    int32_t *pages = tm_arena_alloc(p->arena, (p->n_sheets + 1) * sizeof *pages);
    if (f.places == NULL || pages == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        pages[i] = (int32_t)p->sheets[i].grid.page;
    }
    d->pages = (tm_i32s_t){pages, p->n_sheets};
    d->status = (tm_enum_t){TM_READING_STATUS_read};
    MARK(d, pages);
    MARK(d, status);
    fill_numbers(&f);
    fill_names(&f);
    fill_values(&f);
    fill_lists(&f);
    return f.no_memory || p->no_memory ? TM_ENOMEM : TM_OK;
}

static tm_err_t read_paper(tm_fcc_paper_t *p, tm_document_t *d)
{
    tm_fcc_paper_kind(p);
    tm_fcc_read_numbers(p);
    tm_fcc_read_names(p);
    tm_fcc_read_days(p);
    if (p->doc_type != TM_DOC_TYPE_agreement)
        tm_fcc_read_totals(p);
    for (int f = 0; f < TM_FCC_FIELDS; f++) {
        tm_fcc_settle(p, (tm_fcc_field_t)f);
    }
    tm_fcc_stations(p);
    tm_fcc_read_lines(p);
    tm_fcc_check(p);
    return fill(p, d);
}

tm_err_t tm_fcc_read(const tm_upload_t *upload, const tm_pages_t *pages, tm_arena_t *arena,
                     tm_documents_t *ret)
{
    assert(pages != NULL);
    assert(arena != NULL);
    assert(ret != NULL);
    if (text_of(pages) < 20)
        return not_read(upload, TM_READING_STATUS_unreadable, "no_text_layer", pages->n, arena,
                        ret);
    tm_fcc_sheet_t *sheets = tm_arena_zalloc(arena, (pages->n + 1) * sizeof *sheets);
    tm_fcc_sheet_t *sorted = tm_arena_zalloc(arena, (pages->n + 1) * sizeof *sorted);
    uint32_t *doc = tm_arena_zalloc(arena, (pages->n + 1) * sizeof *doc);
    if (sheets == NULL || sorted == NULL || doc == NULL)
        return TM_ENOMEM;
    tm_err_t err = sheets_make(pages, arena, sheets);
    if (err != TM_OK)
        return err;
    const int n = tm_fcc_packet(arena, sheets, pages->n, doc);
    if (n < 0)
        return TM_ENOMEM;
    assert(n >= 1);
    tm_document_t *docs = tm_arena_zalloc(arena, (size_t)n * sizeof *docs);
    if (docs == NULL)
        return TM_ENOMEM;
    uint32_t at = 0;
    bool nothing = true;
    void *scratch = NULL;
    for (uint32_t k = 0; k < (uint32_t)n; k++) {
        const uint32_t first = at;
        for (uint32_t i = 0; i < pages->n; i++) {
            if (doc[i] == k)
                sorted[at++] = sheets[i];
        }
        tm_fcc_paper_t *p = tm_arena_zalloc(arena, sizeof *p);
        if (p == NULL)
            return TM_ENOMEM;
        p->arena = arena;
        p->scratch = &scratch;
        p->upload = upload;
        p->sheets = sorted + first;
        p->n_sheets = at - first;
        err = read_paper(p, &docs[k]);
        if (err != TM_OK)
            return err;
        file_facts(upload, &docs[k]);
        docs[k].part = (int32_t)k + 1;
        docs[k].parts = n;
        MARK(&docs[k], part);
        MARK(&docs[k], parts);
        nothing &= p->doc_type < 0 && !tm_fcc_has(p, TM_FCC_F_ADVERTISER) &&
                   !tm_fcc_has(p, TM_FCC_F_GROSS);
    }
    const char *reason = nothing ? ignored_reason(pages, arena) : NULL;
    if (reason != NULL)
        return not_read(upload, TM_READING_STATUS_ignored, reason, pages->n, arena, ret);
    *ret = (tm_documents_t){.n = (uint32_t)n, .v = docs};
    return TM_OK;
}
