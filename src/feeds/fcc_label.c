/* fcc_label.c - see fcc_label.h.
 *
 * Threads: pure; any. */
#include "feeds/fcc_label.h"
#include "feeds/fcc_value.h"

enum {
    MARK = TM_FCC_L_MARK,
    COLON = TM_FCC_L_COLON,
    WIDE = TM_FCC_L_WIDE,
    COLUMN = TM_FCC_L_COLUMN
};

#define SLOTS 2048u /* a power of two, twice the phrases at least */
/* A phrase that is also recognised misread. */
typedef struct near_phrase {
    uint32_t letters; /* as letters_of() */
    uint16_t label;
    uint8_t n;
    uint8_t group;
} near_phrase_t;

struct tm_fcc_dictionary {
    struct {
        uint32_t hash;
        uint16_t label;
        uint8_t n;
    } slots[SLOTS]; /* label: 1 + index, 0: free */
    uint32_t n_near;
    near_phrase_t near[TM_FCC_LABELS_MAX]; /* in the order of labels */
    char text[TM_FCC_LABELS_MAX][TM_FCC_PHRASE_BYTES];
};

uint32_t tm_fcc_letters(tm_str_t s, char *ret, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n && n < max; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 32);
        if (c == 'l' || c == '1' || c == '|')
            c = 'i';
        if (c == '0')
            c = 'o';
        if ((c >= 'a' && c <= 'z') || tm_fcc_is_digit(c) || c == '%' || c == '$')
            ret[n++] = c;
    }
    return n;
}

bool tm_fcc_says(tm_str_t text, const char *phrase)
{
    char a[160], b[64];
    const uint32_t na = tm_fcc_letters(text, a, sizeof a),
                   nb = tm_fcc_letters(tm_str(phrase), b, sizeof b);
    return nb > 0 && na >= nb && memmem(a, na, b, nb) != NULL;
}

static uint32_t hash_of(const char *p, uint32_t n)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < n; i++) {
        h = (h ^ (uint8_t)p[i]) * 16777619u;
    }
    return h;
}

/* Which letters a text has, a bit each (other characters share bits). */
static uint32_t letters_of(const char *p, uint32_t n)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < n; i++) {
        set |= 1u << ((uint8_t)p[i] & 31);
    }
    return set;
}

/* Groups of labels that a paper's first page has. Where a page shows none of a group, scans may
 * have misread its
 * labels. */
enum { NUMBERS = 1, ADVERTISERS = 2, DAYS = 4, TOTALS = 8 };
static unsigned group_of(uint8_t key)
{
    switch ((int)key) {
    case TM_FCC_NUMBER_PAIR:
    case TM_FCC_CONTRACT:
    case TM_FCC_ORDER:
    case TM_FCC_INVOICE:
        return NUMBERS;
    case TM_FCC_ADVERTISER:
        return ADVERTISERS;
    case TM_FCC_FLIGHT:
    case TM_FCC_FLIGHT_FROM:
    case TM_FCC_FLIGHT_TO:
    case TM_FCC_PERIOD:
        return DAYS;
    case TM_FCC_GROSS:
    case TM_FCC_NET:
        return TOTALS;
    default:
        return 0;
    }
}

#define NEAR_LETTERS 8 /* shorter phrases misread are other words */

const tm_fcc_dictionary_t *tm_fcc_dictionary_make(tm_arena_t *arena)
{
    _Static_assert(TM_FCC_LABELS_MAX * 2 <= SLOTS, "the table is at most half full");
    assert(tm_fcc_labels_n <= TM_FCC_LABELS_MAX);
    tm_fcc_dictionary_t *d = tm_arena_zalloc(arena, sizeof *d);
    if (d == NULL)
        return NULL;
    for (uint32_t i = 0; i < tm_fcc_labels_n; i++) {
        const uint32_t n =
            tm_fcc_letters(tm_str(tm_fcc_labels_all[i].phrase), d->text[i], TM_FCC_PHRASE_BYTES);
        const uint32_t h = hash_of(d->text[i], n);
        uint32_t at = h & (SLOTS - 1);
        while (d->slots[at].label != 0) {
            at = (at + 1) & (SLOTS - 1);
        }
        d->slots[at].hash = h;
        d->slots[at].label = (uint16_t)(i + 1);
        d->slots[at].n = (uint8_t)n;
        const unsigned group = group_of(tm_fcc_labels_all[i].key);
        if (group != 0 && n >= NEAR_LETTERS)
            d->near[d->n_near++] =
                (near_phrase_t){letters_of(d->text[i], n), (uint16_t)i, (uint8_t)n, (uint8_t)group};
    }
    return d;
}

static const tm_fcc_label_t *find(const tm_fcc_dictionary_t *d, const char *p, uint32_t n)
{
    const uint32_t h = hash_of(p, n);
    for (uint32_t at = h & (SLOTS - 1); d->slots[at].label != 0; at = (at + 1) & (SLOTS - 1)) {
        const uint32_t i = d->slots[at].label - 1u;
        if (d->slots[at].hash == h && d->slots[at].n == n && memcmp(d->text[i], p, n) == 0)
            return &tm_fcc_labels_all[i];
    }
    return NULL;
}

/* Are the texts equal but for at most `most` letters (0 to 2) put in, left out or changed? O(n
 * most). */
static bool is_near(const char *a, uint32_t n, const char *b, uint32_t m, uint32_t most)
{
    uint32_t i = 0;
    while (i < n && i < m && a[i] == b[i]) {
        i++;
    }
    if (i == n && i == m)
        return true;
    if (most == 0)
        return false;
    a += i;
    b += i;
    n -= i;
    m -= i;
    return (n > 0 && m > 0 && is_near(a + 1, n - 1, b + 1, m - 1, most - 1)) ||
           (n > 0 && is_near(a + 1, n - 1, b, m, most - 1)) ||
           (m > 0 && is_near(a, n, b + 1, m - 1, most - 1));
}

/* The label of those groups that a scan misread as that text; two that are equally near: none. */
static const tm_fcc_label_t *find_near(const tm_fcc_dictionary_t *d, const char *p, uint32_t n,
                                       unsigned groups)
{
    const tm_fcc_label_t *best = NULL;
    uint32_t best_letters = 0;
    if (n < NEAR_LETTERS - 1)
        return NULL;
    const uint32_t letters = letters_of(p, n);
    for (uint32_t i = 0; i < d->n_near; i++) {
        const near_phrase_t *near = &d->near[i];
        const uint32_t m = near->n, most = m >= 12 ? 2 : 1;
        if ((near->group & groups) == 0 || m + 2 < n || n + 2 < m || m <= best_letters)
            continue;
        /* One letter put in, left out or changed alters the set by two at most. */
        if ((uint32_t)__builtin_popcount(letters ^ near->letters) > 2 * most)
            continue;
        if (!is_near(p, n, d->text[near->label], m, most))
            continue;
        best = &tm_fcc_labels_all[near->label];
        best_letters = m;
    }
    return best;
}

bool tm_fcc_like_label(tm_str_t text)
{
    char a[TM_FCC_PHRASE_BYTES + 1], b[TM_FCC_PHRASE_BYTES];
    const uint32_t n = tm_fcc_letters(text, a, sizeof a);
    if (n < 9 || n > TM_FCC_PHRASE_BYTES)
        return false;
    for (uint32_t i = 0; i < tm_fcc_labels_n; i++) {
        const uint32_t m =
            tm_fcc_letters(tm_str(tm_fcc_labels_all[i].phrase), b, TM_FCC_PHRASE_BYTES);
        if (m >= 10 && m <= n + 2 && n <= m + 2 && is_near(a, n, b, m, 2))
            return true;
    }
    return false;
}

/* Is the word a colon or number sign that ends a label, or does it end with one? */
static bool ends_with_mark(tm_str_t t)
{
    return t.n > 0 && (t.p[t.n - 1] == ':' || t.p[t.n - 1] == '#');
}
static bool is_mark(tm_str_t t)
{
    return t.n > 0 && t.n <= 3 && (t.p[0] == '#' || t.p[0] == ':');
}

/* Do other labels begin at the same left edge? Then a column begins there, however little room is
 * left before it. */
typedef struct edges {
    uint32_t n;
    float x[TM_FCC_HITS_MAX];
} edges_t;
static bool is_edge(const edges_t *e, float x)
{
    uint32_t same = 0;
    for (uint32_t i = 0; i < e->n && same < 2; i++) {
        same += e->x[i] > x - 1.1f && e->x[i] < x + 1.1f;
    }
    return same >= 2;
}

/* Does the label stand as one: begins its column, and ends it or has a mark or a number after it?
 */
static bool stands(const tm_fcc_grid_t *g, const tm_fcc_hits_t *hits, const edges_t *edges,
                   const tm_fcc_hit_t *hit)
{
    const uint32_t after = hit->first + hit->n;
    const bool row_ends = after >= g->n_words || g->words[after].row != hit->row;
    const bool first = hit->first == g->rows[hit->row].first || tm_fcc_gap(g, hit->first - 1) ||
                       hits->of_word[hit->first - 1] != 0;
    const uint8_t flags = hit->label->flags;
    const bool framed = strchr("|[{", g->words[hit->first].text.p[0]) != NULL;
    if ((flags & COLON) != 0 && !hit->mark)
        return false;
    if (!first && !framed) {
        const tm_str_t before = g->words[hit->first - 1].text;
        const bool apart = before.n == 1 && strchr("|[({*_-", before.p[0]) != NULL;
        if (!hit->mark && !apart && !is_edge(edges, hit->x0))
            return false;
    }
    if (hit->mark || row_ends || tm_fcc_gap(g, after - 1))
        return true;
    if ((flags & (MARK | COLON)) == 0 && is_edge(edges, hit->x0))
        return true;
    const tm_str_t next = g->words[after].text;
    const bool bracket =
        next.n > 1 && next.p[0] == '(' && (next.p[1] == '$' || tm_fcc_is_digit(next.p[1]));
    const char initial = g->words[hit->first].text.p[0];
    if (initial >= 'a' && initial <= 'z')
        return false;                                             /* a word of running text */
    const bool junk = tm_fcc_letters(next, (char[4]){0}, 4) == 0; /* a frame that a scan mistook */
    if ((flags & WIDE) != 0 || bracket || (junk && strlen(hit->label->phrase) >= 10) ||
        (next.n > 0 && (tm_fcc_is_digit(next.p[0]) || next.p[0] == '$')))
        return true;
    return (flags & COLUMN) != 0 || tm_fcc_digits(next) * 2 > next.n ||
           (next.n > 0 && strchr("|[{", next.p[0]) != NULL);
}

/* The longest phrase that begins with word i; n 0: none. groups: of which also misread phrases are
 * taken. */
static tm_fcc_hit_t hit_at(const tm_fcc_dictionary_t *d, const tm_fcc_grid_t *g,
                           const tm_fcc_hits_t *hits, const edges_t *edges, uint32_t i,
                           unsigned groups)
{
    char text[TM_FCC_PHRASE_BYTES + 1];
    tm_fcc_hit_t best = {0};
    uint32_t n = 0;
    bool wide = false, exact = false;
    const tm_fcc_row_t *row = &g->rows[g->words[i].row];
    const uint32_t end = TM_MIN(row->first + row->n, i + TM_FCC_PHRASE_WORDS);
    tm_fcc_hit_t hit = {.first = i,
                        .row = g->words[i].row,
                        .x0 = g->words[i].x0,
                        .y0 = g->words[i].y0,
                        .y1 = g->words[i].y1};
    for (uint32_t k = i; k < end; k++) {
        const tm_fcc_word_t *w = &g->words[k];
        if (k > i && w->x0 - g->words[k - 1].x1 > 1.7f * tm_fcc_height(w))
            wide = true;
        const uint32_t more = tm_fcc_letters(w->text, text + n, TM_FCC_PHRASE_BYTES + 1 - n);
        n += more;
        if (n > TM_FCC_PHRASE_BYTES)
            break;
        hit.n = k - i + 1;
        hit.x1 = w->x1;
        hit.y0 = TM_MIN(hit.y0, w->y0);
        hit.y1 = TM_MAX(hit.y1, w->y1);
        if (more == 0)
            continue;
        hit.label = find(d, text, n);
        const bool same = hit.label != NULL;
        if (!same && groups != 0 && !exact)
            hit.label = find_near(d, text, n, groups);
        if (hit.label == NULL || (wide && (hit.label->flags & WIDE) == 0))
            continue;
        hit.mark = ends_with_mark(w->text);
        hit.colon = w->text.p[w->text.n - 1] == ':';
        if (!hit.mark && w->text.p[w->text.n - 1] == '.' && w->text.n > 6 && i == row->first)
            hit.mark = hit.colon = true; /* a scan's colon */
        tm_fcc_hit_t whole = hit;
        if (!hit.mark && k + 1 < row->first + row->n && is_mark(g->words[k + 1].text)) {
            whole.mark = true;
            whole.colon = g->words[k + 1].text.p[g->words[k + 1].text.n - 1] == ':';
            whole.n++;
            whole.x1 = g->words[k + 1].x1;
        }
        if (!stands(g, hits, edges, &whole))
            continue;
        best = whole;
        exact |= same;
    }
    return best;
}

static void collect(const tm_fcc_dictionary_t *d, const tm_fcc_grid_t *g, const edges_t *edges,
                    uint32_t most, unsigned groups, tm_fcc_hits_t *hits)
{
    hits->n = 0;
    memset(hits->of_word, 0, g->n_words * sizeof *hits->of_word);
    for (uint32_t i = 0; i < g->n_words && hits->n < most;) {
        const tm_fcc_hit_t hit = hit_at(d, g, hits, edges, i, groups);
        if (hit.n == 0) {
            i++;
            continue;
        }
        hits->v[hits->n++] = hit;
        for (uint32_t k = 0; k < hit.n; k++) {
            hits->of_word[i + k] = (uint16_t)hits->n;
        }
        i += hit.n;
    }
}

tm_err_t tm_fcc_labels(const tm_fcc_dictionary_t *d, const tm_fcc_grid_t *g, tm_arena_t *arena,
                       tm_fcc_hits_t *ret)
{
    assert(d != NULL);
    tm_fcc_hits_t hits = {0};
    const uint32_t most = TM_MIN(g->n_words, TM_FCC_HITS_MAX);
    hits.v = tm_arena_alloc(arena, (most + 1) * sizeof *hits.v);
    hits.of_word = tm_arena_zalloc(arena, (g->n_words + 1) * sizeof *hits.of_word);
    if (hits.v == NULL || hits.of_word == NULL)
        return TM_ENOMEM;
    edges_t *edges = tm_arena_alloc(arena, sizeof *edges);
    if (edges == NULL)
        return TM_ENOMEM;
    edges->n = 0;
    collect(d, g, edges, most, 0, &hits);
    for (uint32_t i = 0; i < hits.n; i++) {
        edges->x[edges->n++] = hits.v[i].x0;
    }
    collect(d, g, edges, most, 0, &hits);
    unsigned missing = NUMBERS | ADVERTISERS | DAYS | TOTALS;
    for (uint32_t i = 0; i < hits.n; i++) {
        missing &= ~group_of(hits.v[i].label->key);
    }
    if (missing != 0 && hits.n > 0)
        collect(d, g, edges, most, missing, &hits);
    *ret = hits;
    return TM_OK;
}
