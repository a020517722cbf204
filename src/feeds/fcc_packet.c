/* fcc_packet.c - see fcc_packet.h.
 *
 * Threads: one at a time. */
#include "feeds/fcc_packet.h"
#include "feeds/fcc_fields.h"

typedef struct face {
    tm_str_t number, revision;
    int page, of; /* "Page 2 of 3"; 0: not printed */
    uint8_t type;
    bool form, bare; /* bare: neither number nor title */
    bool header;     /* prints an advertiser or a flight: a paper may begin here */
} face_t;

typedef struct stack {
    tm_str_t number, revision;
    int page, of;
    uint8_t type;
    bool form;
} stack_t_;

/* "Page 2 of 3", "Page: 1", "Page 1of 4". */
static void page_of(const tm_fcc_sheet_t *s, face_t *f)
{
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t i = 0; i + 1 < g->n_words; i++) {
        int64_t page, of;
        if (!tm_str_starts(g->words[i].text, "Page") || g->words[i].row != g->words[i + 1].row)
            continue;
        if (g->words[i].text.n > 5 || !tm_fcc_count(g->words[i + 1].text, &page) || page < 1 ||
            page > 10000)
            continue;
        f->page = (int)page;
        if (i + 3 < g->n_words && tm_str_case_eq(g->words[i + 2].text, TM_STR("of")) &&
            tm_fcc_count(g->words[i + 3].text, &of) && of >= page && of < 10000) {
            f->of = (int)of;
        }
        return;
    }
}

static bool face_of(tm_arena_t *arena, tm_fcc_paper_t *scratch, tm_fcc_sheet_t *s, face_t *ret)
{
    static const uint8_t fields[] = {TM_FCC_F_INVOICE, TM_FCC_F_CONTRACT, TM_FCC_F_ORDER};
    face_t f = {.type = s->doc_type, .form = s->form};
    *scratch = (tm_fcc_paper_t){.arena = arena, .n_sheets = 1, .sheets = s};
    if (!s->form)
        tm_fcc_read_numbers(scratch);
    for (uint32_t i = 0; i < TM_COUNT(fields); i++) {
        tm_fcc_settle(scratch, (tm_fcc_field_t)fields[i]);
    }
    tm_fcc_settle(scratch, TM_FCC_F_REVISION);
    const bool invoice = s->doc_type == TM_DOC_TYPE_invoice + 1;
    for (uint32_t i = invoice ? 0 : 1; i < TM_COUNT(fields) && f.number.n == 0; i++) {
        if (tm_fcc_has(scratch, (tm_fcc_field_t)fields[i]))
            f.number = scratch->value[fields[i]].text;
    }
    for (uint32_t k = 0; k < s->hits.n; k++) {
        const tm_fcc_key_t key = tm_fcc_hit_key(&s->hits.v[k]);
        f.header |= key == TM_FCC_ADVERTISER || key == TM_FCC_FLIGHT;
    }
    f.revision = scratch->value[TM_FCC_F_REVISION].text;
    page_of(s, &f);
    f.bare = f.number.n == 0 && f.type == 0 && !f.form;
    *ret = f;
    return !scratch->no_memory;
}

static bool same_revision(tm_str_t a, tm_str_t b)
{
    return tm_str_case_eq(a, b) || (a.n == 0 && b.n == 1 && b.p[0] == '0') ||
           (b.n == 0 && a.n == 1 && a.p[0] == '0');
}

/* Does the page go on with the document? */
static bool goes_on(const stack_t_ *d, const face_t *f)
{
    const bool next = f->page > 1 && f->page == d->page + 1 && f->of == d->of;
    if (f->form || d->form)
        return f->form == d->form || (d->form && f->bare && f->page != 1);
    if (f->bare || next)
        return true;
    if (d->number.n == 0 && d->type == 0)
        return true; /* a cover page, or one without text */
    const bool whole = d->of > 0 && d->page == d->of;
    if (f->number.n == 0)
        return !(f->header && f->page == 1 && f->of > 0 && whole);
    if (d->number.n == 0)
        return f->page != 1;
    if (!tm_str_case_eq(d->number, f->number))
        return false;
    if (f->page == 1 && f->of == 0 && d->page >= 1 && f->revision.n > 0 &&
        !same_revision(d->revision, f->revision))
        return false;
    const bool again = f->page == 1 && f->of >= 1 && d->of >= 1 && d->page == d->of;
    if (again && (f->of > 1 || !same_revision(d->revision, f->revision)))
        return false;
    return d->type == 0 || f->type == 0 || d->type == f->type || f->page != 1;
}

static void put(stack_t_ *d, const face_t *f)
{
    if (d->number.n == 0)
        d->number = f->number;
    if (d->revision.n == 0)
        d->revision = f->revision;
    if (d->type == 0)
        d->type = f->type;
    if (f->page > 0)
        d->page = f->page;
    if (f->of > 0)
        d->of = f->of;
}

int tm_fcc_packet(tm_arena_t *arena, tm_fcc_sheet_t *sheets, uint32_t n, uint32_t *ret_doc)
{
    tm_fcc_paper_t *scratch = tm_arena_zalloc(arena, sizeof *scratch);
    stack_t_ *docs = tm_arena_zalloc(arena, (n + 1) * sizeof *docs);
    uint32_t *rank = tm_arena_zalloc(arena, (n + 1) * sizeof *rank);
    uint32_t n_docs = 0, at = 0;
    if (scratch == NULL || docs == NULL || rank == NULL)
        return -1;
    for (uint32_t i = 0; i < n; i++) {
        face_t f;
        if (!face_of(arena, scratch, &sheets[i], &f))
            return -1;
        bool found = n_docs > 0 && goes_on(&docs[at], &f);
        for (uint32_t k = n_docs; !found && f.number.n > 0 && k-- > 0 && n_docs - k < 20;) {
            if (docs[k].number.n > 0 && k != at && goes_on(&docs[k], &f)) {
                at = k;
                found = true;
            }
        }
        if (!found) {
            at = n_docs++;
            docs[at].form = f.form;
        }
        put(&docs[at], &f);
        ret_doc[i] = at;
    }
    uint32_t next = 0;
    for (int forms = 0; forms < 2; forms++) {
        for (uint32_t k = 0; k < n_docs; k++) {
            if (docs[k].form == (forms == 1))
                rank[k] = next++;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        ret_doc[i] = rank[ret_doc[i]];
    }
    return (int)n_docs;
}
