/* words.c - pdftotext's XHTML, read in one pass.
 *
 * Why:     see words.h.
 * How:     the form is a machine's: elements in a fixed order, texts with escaped markup, so that
 *          '<' always begins an element. What does not fit is damage. Numbers and texts come from
 *          a stranger's document and are brought into bounds: coordinates are finite and ordered,
 *          texts are well-formed UTF-8 without control characters.
 * Threads: pure. */
#include "feeds/words.h"
#include "base/fold.h"

#define POINTS_MAX 1000000.0f /* a place further away is as good as any */
#define WORDS_FIRST 1024

typedef struct parser {
    const char *p, *end;
    tm_arena_t *arena;
    tm_why_t *why;
    uint32_t block, line; /* running numbers within the page */
    tm_page_t page;       /* the one being read; words not set */
    tm_word_t *words;     /* its words, on the heap until their number is known */
    uint32_t words_cap;
    tm_page_t *pages; /* likewise */
    uint32_t pages_n, pages_cap;
} parser_t;

static tm_err_t parse_pages(parser_t *ps);
static tm_err_t parse_page(parser_t *ps);
static tm_err_t parse_word(parser_t *ps);
static tm_err_t page_end(parser_t *ps);
static bool take(parser_t *ps, const char *text, size_t n);
static bool take_number(parser_t *ps, const char *before, size_t before_n, float *ret);
static bool take_box(parser_t *ps, tm_word_t *ret);
static bool text_is_plain(const char *p, size_t n);
static tm_err_t text_decode(parser_t *ps, const char *p, size_t n, tm_str_t *ret);

#define TAKE(ps, literal) take((ps), "" literal, sizeof(literal) - 1)
#define TAKE_NUMBER(ps, before, ret) take_number((ps), "" before, sizeof(before) - 1, (ret))

tm_err_t tm_words_parse(tm_str_t xhtml, tm_arena_t *arena, tm_pages_t *ret, tm_why_t *why)
{
    assert(arena != NULL);
    assert(ret != NULL);
    static const char BEGIN[] = "<body>\n<doc>\n";
    const char *begin = xhtml.n == 0 ? NULL : memmem(xhtml.p, xhtml.n, BEGIN, sizeof(BEGIN) - 1);
    if (begin == NULL)
        return tm_why_add(why, TM_EDAMAGED, "document", "the words do not begin");
    parser_t ps = {
        .p = begin + sizeof(BEGIN) - 1, .end = xhtml.p + xhtml.n, .arena = arena, .why = why};
    const tm_err_t err = parse_pages(&ps);
    if (err == TM_OK && ps.pages_n > 0) {
        tm_page_t *pages = tm_arena_alloc(arena, ps.pages_n * sizeof(*pages));
        if (pages == NULL) {
            tm_free(ps.words);
            tm_free(ps.pages);
            return TM_ENOMEM;
        }
        memcpy(pages, ps.pages, ps.pages_n * sizeof(*pages));
        *ret = (tm_pages_t){ps.pages_n, pages};
    } else if (err == TM_OK) {
        *ret = (tm_pages_t){0, NULL};
    }
    tm_free(ps.words);
    tm_free(ps.pages);
    return err;
}

static void skip_space(parser_t *ps)
{
    assert(ps->p <= ps->end);
    while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\n')) {
        ps->p++;
    }
}

static tm_err_t damaged(parser_t *ps, const char *what)
{
    return tm_why_add(ps->why, TM_EDAMAGED, "document", "page %u: %s", (unsigned)ps->pages_n + 1,
                      what);
}

static tm_err_t parse_pages(parser_t *ps)
{
    for (;;) {
        skip_space(ps);
        if (TAKE(ps, "</doc>"))
            return TM_OK;
        if (!TAKE_NUMBER(ps, "<page width=\"", &ps->page.width) ||
            !TAKE_NUMBER(ps, "\" height=\"", &ps->page.height) || !TAKE(ps, "\">"))
            return damaged(ps, "the words are cut off");
        if (ps->pages_n == TM_PAGES_MAX)
            return tm_why_add(ps->why, TM_ETOOLARGE, "document", "more than %d pages",
                              TM_PAGES_MAX);
        const tm_err_t err = parse_page(ps);
        if (err != TM_OK)
            return err;
    }
}

static tm_err_t parse_page(parser_t *ps)
{
    tm_word_t box;
    ps->page.n_words = 0;
    ps->block = 0;
    ps->line = 0;
    for (;;) {
        skip_space(ps);
        if (TAKE(ps, "<word ")) {
            const tm_err_t err = parse_word(ps);
            if (err != TM_OK)
                return err;
        } else if (TAKE(ps, "<line ")) {
            if (!take_box(ps, &box))
                return damaged(ps, "a line without its box");
            ps->line++;
        } else if (TAKE(ps, "<block ")) {
            if (!take_box(ps, &box))
                return damaged(ps, "a block without its box");
            ps->block++;
        } else if (TAKE(ps, "</page>")) {
            return page_end(ps);
        } else if (!TAKE(ps, "</line>") && !TAKE(ps, "</block>") && !TAKE(ps, "</flow>") &&
                   !TAKE(ps, "<flow>")) {
            return damaged(ps, "the words are cut off");
        }
    }
}

static tm_err_t parse_word(parser_t *ps)
{
    tm_word_t word = {0};
    if (!take_box(ps, &word))
        return damaged(ps, "a word without its box");
    const char *text = ps->p;
    const char *close = memchr(text, '<', (size_t)(ps->end - text));
    if (close == NULL)
        return damaged(ps, "a word is cut off");
    ps->p = close;
    if (!TAKE(ps, "</word>"))
        return damaged(ps, "a word does not end");
    const size_t n = (size_t)(close - text);
    word.text = tm_str_n(text, n);
    if (!text_is_plain(text, n)) {
        const tm_err_t err = text_decode(ps, text, n, &word.text);
        if (err != TM_OK)
            return err;
    }
    if (tm_str_trim(word.text).n == 0)
        return TM_OK; /* nothing to be seen */
    if (ps->page.n_words == TM_PAGE_WORDS_MAX)
        return tm_why_add(ps->why, TM_ETOOLARGE, "document", "page %u: more than %d words",
                          (unsigned)ps->pages_n + 1, TM_PAGE_WORDS_MAX);
    if (ps->page.n_words == ps->words_cap) {
        ps->words_cap = ps->words_cap == 0 ? WORDS_FIRST : ps->words_cap * 2;
        ps->words = tm_realloc(ps->words, ps->words_cap * sizeof(*ps->words));
    }
    /* pdftotext numbers nothing; a word outside any line would be line 0 of block 0. */
    word.block = ps->block == 0 ? 0 : ps->block - 1;
    word.line = ps->line == 0 ? 0 : ps->line - 1;
    ps->words[ps->page.n_words++] = word;
    return TM_OK;
}

static tm_err_t page_end(parser_t *ps)
{
    const size_t bytes = ps->page.n_words * sizeof(tm_word_t);
    assert(ps->page.n_words <= ps->words_cap);
    ps->page.words = NULL;
    if (bytes > 0) {
        ps->page.words = tm_arena_alloc(ps->arena, bytes);
        if (ps->page.words == NULL)
            return TM_ENOMEM;
        memcpy(ps->page.words, ps->words, bytes);
    }
    if (ps->pages_n == ps->pages_cap) {
        ps->pages_cap = ps->pages_cap == 0 ? 16 : ps->pages_cap * 2;
        ps->pages = tm_realloc(ps->pages, ps->pages_cap * sizeof(*ps->pages));
    }
    assert(ps->pages_n < TM_PAGES_MAX);
    ps->pages[ps->pages_n++] = ps->page;
    return TM_OK;
}

static bool take(parser_t *ps, const char *text, size_t n)
{
    if ((size_t)(ps->end - ps->p) < n || memcmp(ps->p, text, n) != 0)
        return false;
    ps->p += n;
    return true;
}

/* What printf's %f writes, up to the closing quote. NaN becomes 0, infinity and what is too far the
 * limit. */
static bool take_number(parser_t *ps, const char *before, size_t before_n, float *ret)
{
    if (!take(ps, before, before_n))
        return false;
    const char *p = ps->p;
    const bool negative = p < ps->end && *p == '-';
    p += negative;
    double v = 0;
    double place = 1;
    bool any = false;
    while (p < ps->end && *p >= '0' && *p <= '9') {
        v = v > 1e30 ? v : v * 10 + (*p - '0');
        p++;
        any = true;
    }
    if (p < ps->end && *p == '.') {
        p++;
        while (p < ps->end && *p >= '0' && *p <= '9') {
            place /= 10;
            v += place * (*p - '0');
            p++;
            any = true;
        }
    }
    if (!any && ps->end - p >= 3 && (memcmp(p, "nan", 3) == 0 || memcmp(p, "inf", 3) == 0)) {
        v = *p == 'i' ? 1e30 : 0;
        p += 3;
        any = true;
    }
    if (!any || p >= ps->end || *p != '"')
        return false;
    ps->p = p;
    const float f = v > (double)POINTS_MAX ? POINTS_MAX : (float)v;
    *ret = negative ? -f : f;
    return true;
}

/* The attributes of a box and the '>' after them. Corners in order, whatever the document's matrix
 * did. */
static bool take_box(parser_t *ps, tm_word_t *ret)
{
    float x0, y0, x1, y1;
    if (!TAKE_NUMBER(ps, "xMin=\"", &x0) || !TAKE_NUMBER(ps, "\" yMin=\"", &y0) ||
        !TAKE_NUMBER(ps, "\" xMax=\"", &x1) || !TAKE_NUMBER(ps, "\" yMax=\"", &y1) ||
        !TAKE(ps, "\">"))
        return false;
    ret->x0 = TM_MIN(x0, x1);
    ret->x1 = TM_MAX(x0, x1);
    ret->y0 = TM_MIN(y0, y1);
    ret->y1 = TM_MAX(y0, y1);
    assert(ret->x0 >= -POINTS_MAX && ret->x1 <= POINTS_MAX);
    return true;
}

/* Printable ASCII without entities: may be used where it stands. */
static bool text_is_plain(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)p[i];
        if (c < 0x20 || c > 0x7e || c == '&')
            return false;
    }
    return true;
}

/* The character an entity stands for and its length; 0: none, the '&' stands for itself. */
static char entity(const char *p, size_t n, size_t *ret_n)
{
    static const struct {
        const char *name;
        uint8_t n;
        char c;
    } ENTITIES[] = {
        {"&amp;", 5, '&'},  {"&lt;", 4, '<'},    {"&gt;", 4, '>'},
        {"&quot;", 6, '"'}, {"&apos;", 6, '\''}, {"&#39;", 5, '\''},
    };
    assert(n > 0 && p[0] == '&');
    for (size_t i = 0; i < TM_COUNT(ENTITIES); i++) {
        if (n >= ENTITIES[i].n && memcmp(p, ENTITIES[i].name, ENTITIES[i].n) == 0) {
            *ret_n = ENTITIES[i].n;
            return ENTITIES[i].c;
        }
    }
    return '\0';
}

/* Length of the well-formed UTF-8 character at p (1 to 4), 0 if there is none: overlong, surrogate,
 * out of range, cut. */
static size_t utf8_length(const char *p, size_t n)
{
    assert(n > 0);
    const unsigned char c = (unsigned char)p[0];
    const size_t want = c < 0x80                ? 1
                        : c >= 0xc2 && c < 0xe0 ? 2
                        : c >= 0xe0 && c < 0xf0 ? 3
                        : c >= 0xf0 && c < 0xf5 ? 4
                                                : 0;
    if (want == 1)
        return 1;
    return want <= n && tm_utf8_is_valid(tm_str_n(p, want)) && want != 0 ? want : 0;
}

/* Entities resolved, ill-formed bytes replaced by U+FFFD, control characters left out. */
static tm_err_t text_decode(parser_t *ps, const char *p, size_t n, tm_str_t *ret)
{
    const size_t most = tm_utf8_is_valid(tm_str_n(p, n)) ? n : n * 3;
    char *out = tm_arena_alloc(ps->arena, most + 1);
    if (out == NULL)
        return TM_ENOMEM;
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        size_t length = 0;
        const char c = p[i] == '&' ? entity(p + i, n - i, &length) : '\0';
        if (c != '\0') {
            out[used++] = c;
            i += length;
            continue;
        }
        length = utf8_length(p + i, n - i);
        const unsigned char first = (unsigned char)p[i];
        if (length == 0) {
            memcpy(out + used, "\xef\xbf\xbd", 3);
            used += 3;
            i++;
            continue;
        }
        const bool control =
            first < 0x20 || first == 0x7f || (first == 0xc2 && (unsigned char)p[i + 1] < 0xa0);
        if (!control) {
            memcpy(out + used, p + i, length);
            used += length;
        }
        i += length;
    }
    assert(used <= most);
    out[used] = '\0';
    *ret = tm_str_n(out, used);
    return TM_OK;
}
