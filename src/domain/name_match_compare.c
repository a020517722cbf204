/* name_match_compare.c - how far two names taken apart are one.
 *
 * How:     words find partners, the heaviest first: equal ones, misspelled ones, cut ones, words
 *          written in one ("walnutpac"), initials ("rga"). The score is the weight that found
 *          partners over all weight, where words that only one side has weigh less than words that
 *          differ. What must not differ caps the score.
 * Threads: pure.
 * Source:  optimal string alignment distance (Damerau); inverse document frequency. */
#include "domain/name_match_words.h"

#define TM_NAME_CUT_BP 8800 /* one word is the other's beginning */
#define WORD_EDIT_MAX 32    /* longer words are equal or not */
#define FORM_CUTS_AT 29     /* bytes from which on forms cut names off */
#define CUT_OFF_BP 9300
#define INITIALS_OF_CUT_MIN 4
#define VETO_BP 6000       /* the most a name gets that differs where it must not */
#define UNNAMED_BP 5000    /* the most where only parties, offices and the like agree */
#define EQUAL_CORE_BP 9990 /* equal but for what is said of the advertisement */
#define ALIKE_BP_MAX 9850
#define BODY_WEIGHT 750 /* of "fund" or a state in the name of an organisation */
#define BARE_WEIGHT 400 /* of a party, office or place in names that have nothing else */
#define WEIGHT_MAX 1000
#define WEIGHT_MIN 20

typedef struct edge {
    int32_t gain;
    int32_t bp;
    uint8_t i, j;
} edge_t;

typedef struct side {
    const tm_name_t *name;
    int32_t weight[TM_NAME_WORDS_MAX];
    uint32_t matched; /* bits */
} side_t;

typedef struct match {
    side_t a, b;
    int64_t gain, loss;
    uint32_t inexact;
    uint8_t partner[TM_NAME_WORDS_MAX];
    bool body;  /* both are organisations */
    bool bare;  /* parties, offices and places must do for a name */
    bool named; /* a word that carries a name found its partner */
} match_t;

/* ---- words */

static uint32_t osa_distance(tm_str_t a, tm_str_t b)
{
    uint8_t rows[3][WORD_EDIT_MAX + 1];
    uint8_t *before = rows[0];
    uint8_t *last = rows[1];
    uint8_t *now = rows[2];
    assert(a.n <= WORD_EDIT_MAX && b.n <= WORD_EDIT_MAX);
    for (uint32_t j = 0; j <= b.n; j++) {
        last[j] = (uint8_t)j;
        before[j] = 0;
    }
    for (uint32_t i = 1; i <= a.n; i++) {
        now[0] = (uint8_t)i;
        for (uint32_t j = 1; j <= b.n; j++) {
            const int cost = a.p[i - 1] == b.p[j - 1] ? 0 : 1;
            int best = TM_MIN(last[j] + 1, now[j - 1] + 1);
            best = TM_MIN(best, last[j - 1] + cost);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1]) {
                best = TM_MIN(best, before[j - 2] + 1);
            }
            now[j] = (uint8_t)best;
        }
        uint8_t *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b.n];
}

/* All letters of the short word occur in the long one in their order: "govt", "cngrs". */
static bool is_abbreviation(tm_str_t brief, tm_str_t full)
{
    if (brief.n < 3 || brief.p[0] != full.p[0] || brief.n * 4 > full.n * 3)
        return false;
    uint32_t k = 0;
    for (uint32_t i = 0; i < full.n && k < brief.n; i++) {
        k += full.p[i] == brief.p[k];
    }
    for (uint32_t i = 1; i < brief.n; i++) {
        if (memchr("aeiou", brief.p[i], 5) != NULL)
            return false; /* a word of its own rather than one without its vowels */
    }
    return k == brief.n;
}

/* "Tennessee" and "Tennesseans", "environment" and "environmental": one stem, other endings. */
static bool same_stem(tm_str_t brief, tm_str_t full)
{
    uint32_t n = 0;
    while (n < brief.n && brief.p[n] == full.p[n]) {
        n++;
    }
    return n >= 6 && n + 2 >= brief.n && n + 4 >= full.n;
}

int32_t tm_name_word_likeness(tm_str_t a, tm_str_t b)
{
    if (tm_str_eq(a, b))
        return 10000;
    const tm_str_t brief = a.n <= b.n ? a : b;
    const tm_str_t full = a.n <= b.n ? b : a;
    if (brief.n < 3 || full.n > WORD_EDIT_MAX)
        return 0;
    if (full.n == brief.n + 1 && brief.n >= 4 && memcmp(full.p, brief.p, brief.n) == 0)
        return full.p[brief.n] == 's' ? 9600 : 9000; /* a plural */
    if (brief.n >= 4 && memcmp(full.p, brief.p, brief.n) == 0)
        return TM_NAME_CUT_BP;
    const uint32_t allowed = brief.n >= 8 ? 2 : 1;
    if (brief.n >= 5 && full.n - brief.n <= allowed) {
        const uint32_t far = osa_distance(a, b);
        if (far <= allowed && (a.p[0] == b.p[0] || brief.n >= 7))
            return (int32_t)(10000 - far * 10000 / full.n) - (brief.n < 7 ? 500 : 0);
    }
    return is_abbreviation(brief, full) || same_stem(brief, full) ? 8000 : 0;
}

int32_t tm_name_log2_1024(uint32_t x)
{
    assert(x >= 1);
    const uint32_t whole = 31u - (uint32_t)__builtin_clz(x);
    const uint64_t part = (((uint64_t)x << 10) >> whole) - 1024;
    return (int32_t)(whole * 1024 + (uint32_t)part);
}

int32_t tm_name_word_weight(const tm_name_word_t *word, const tm_name_rarity_t *rarity)
{
    static const int16_t base[TM_NAME_K_COUNT] = {
        [TM_NAME_K_NAME] = 1000,  [TM_NAME_K_BODY] = 500,  [TM_NAME_K_SCOPE] = 120,
        [TM_NAME_K_LINK] = 50,    [TM_NAME_K_NOISE] = 20,  [TM_NAME_K_PARTY] = 150,
        [TM_NAME_K_OFFICE] = 300, [TM_NAME_K_STATE] = 150, [TM_NAME_K_NUMBER] = 120,
        [TM_NAME_K_STANCE] = 400, [TM_NAME_K_YEAR] = 40,   [TM_NAME_K_LETTER] = 80,
    };
    assert(word->kind < TM_NAME_K_COUNT);
    int32_t weight = base[word->kind];
    if (rarity != NULL && rarity->names > 1 && word->kind <= TM_NAME_K_BODY) {
        const uint32_t df = word->id == TM_NAME_NO_ID ? 1 : TM_MAX(rarity->df[word->id], 1u);
        const int32_t all = tm_name_log2_1024(rarity->names + 1);
        const int32_t rare =
            tm_name_log2_1024(rarity->names + 1) - tm_name_log2_1024(TM_MIN(df, rarity->names));
        weight = weight * 3 / 10 + weight * 7 / 10 * TM_MAX(rare, 0) / all;
    }
    return TM_MAX(TM_MIN(weight, WEIGHT_MAX), WEIGHT_MIN);
}

/* ---- partners */

/* A party or place of which one side holds a part: "york" for "new york". */
static bool is_end_of(const tm_name_word_t *part, const tm_name_word_t *whole)
{
    return part->kind == TM_NAME_K_NAME && whole->kind == TM_NAME_K_STATE && part->text.n >= 4 &&
           part->text.n < whole->text.n &&
           memcmp(whole->text.p + whole->text.n - part->text.n, part->text.p, part->text.n) == 0;
}

/* "co" for "county" or "colorado". */
static bool is_short_for(const tm_name_word_t *brief, const tm_name_word_t *full)
{
    return brief->kind == TM_NAME_K_SCOPE && brief->text.n == 2 &&
           (full->kind == TM_NAME_K_SCOPE || full->kind == TM_NAME_K_STATE) &&
           memcmp(brief->text.p, full->text.p, 2) == 0;
}

static bool is_prefix_or_end(tm_str_t part, tm_str_t whole)
{
    return part.n >= 5 && part.n < whole.n &&
           (memcmp(whole.p, part.p, part.n) == 0 ||
            memcmp(whole.p + whole.n - part.n, part.p, part.n) == 0);
}

/* Word i is the last one of a name that a form may have cut, and the other word goes on. */
static bool is_cut_of(const tm_name_t *name, uint32_t i, const tm_name_word_t *other)
{
    const tm_str_t text = name->words[i].text;
    return i + 1 == name->n && name->bytes >= FORM_CUTS_AT && text.n >= 2 &&
           text.n < other->text.n && memcmp(other->text.p, text.p, text.n) == 0;
}

static int32_t partner_bp(const tm_name_word_t *a, const tm_name_word_t *b)
{
    if (a->kind == b->kind && tm_str_eq(a->text, b->text))
        return 10000;
    if (a->kind == TM_NAME_K_NUMBER || b->kind == TM_NAME_K_NUMBER || a->kind == TM_NAME_K_YEAR ||
        b->kind == TM_NAME_K_YEAR)
        return 0;
    if (tm_str_eq(a->text, b->text))
        return 9500;
    if (a->text.n == 1 || b->text.n == 1) {
        const bool initial = a->text.p[0] == b->text.p[0] && a->kind != TM_NAME_K_PARTY &&
                             b->kind != TM_NAME_K_PARTY && a->kind != b->kind &&
                             TM_MAX(a->text.n, b->text.n) >= 3;
        return initial && (a->kind == TM_NAME_K_NAME || b->kind == TM_NAME_K_NAME) ? 7000 : 0;
    }
    if (a->kind == TM_NAME_K_OFFICE && b->kind == TM_NAME_K_OFFICE && a->group == b->group)
        return 8000;
    if (a->kind == TM_NAME_K_OFFICE && b->kind == TM_NAME_K_OFFICE &&
        (a->group == 0 || b->group == 0) &&
        (is_prefix_or_end(a->text, b->text) || is_prefix_or_end(b->text, a->text)))
        return 8000;
    if (a->kind >= TM_NAME_K_PARTY && b->kind >= TM_NAME_K_PARTY)
        return 0;
    if (is_short_for(a, b) || is_short_for(b, a))
        return 9500;
    if (is_end_of(a, b) || is_end_of(b, a))
        return 8500;
    const int32_t bp = tm_name_word_likeness(a->text, b->text);
    /* two family names of which one begins like the other are two names more often than a cut */
    const bool names = a->kind == TM_NAME_K_NAME && b->kind == TM_NAME_K_NAME;
    return names && bp == TM_NAME_CUT_BP ? 7500 : bp;
}

static void take_pair(match_t *m, uint32_t i, uint32_t j, int32_t bp)
{
    const tm_name_word_t *a = &m->a.name->words[i];
    const int64_t weight = m->a.weight[i] + m->b.weight[j];
    m->a.matched |= 1u << i;
    m->b.matched |= 1u << j;
    m->partner[i] = (uint8_t)j;
    m->gain += weight * bp / 10000;
    const bool names = a->kind == TM_NAME_K_NAME && m->b.name->words[j].kind == TM_NAME_K_NAME;
    m->loss += weight * (10000 - bp) * (names ? 14 : 10) / 100000;
    if (bp < 10000) {
        m->inexact |= 1u << i;
    }
    const tm_name_word_t *b = &m->b.name->words[j];
    if ((m->bare || a->kind <= TM_NAME_K_BODY || b->kind <= TM_NAME_K_BODY) && a->text.n > 1 &&
        b->text.n > 1) {
        m->named = true;
    }
}

/* The edges in order: heaviest first, then by place. At most n <= 576, bounded by the words. */
static void sort_edges(edge_t *edges, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const edge_t edge = edges[i];
        uint32_t at = i;
        for (; at > 0 && edges[at - 1].gain < edge.gain; at--) {
            edges[at] = edges[at - 1];
        }
        edges[at] = edge;
    }
}

/* exact: only words that are equal; else what is left of both. */
static void pair_words(match_t *m, bool exact)
{
    edge_t edges[TM_NAME_WORDS_MAX * TM_NAME_WORDS_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->a.name->n; i++) {
        for (uint32_t j = 0; j < m->b.name->n && (m->a.matched >> i & 1u) == 0; j++) {
            if ((m->b.matched >> j & 1u) != 0)
                continue;
            const tm_name_word_t *a = &m->a.name->words[i];
            const tm_name_word_t *b = &m->b.name->words[j];
            const bool cut = is_cut_of(m->a.name, i, b) || is_cut_of(m->b.name, j, a);
            const int32_t bp = TM_MAX(partner_bp(a, b), cut ? CUT_OFF_BP : 0);
            if (bp > 0 && (bp == 10000 || !exact)) {
                const int32_t gain = (m->a.weight[i] + m->b.weight[j]) * (bp / 10);
                edges[n++] = (edge_t){.gain = gain, .bp = bp, .i = (uint8_t)i, .j = (uint8_t)j};
            }
        }
    }
    sort_edges(edges, n);
    for (uint32_t k = 0; k < n; k++) {
        if ((m->a.matched >> edges[k].i & 1u) == 0 && (m->b.matched >> edges[k].j & 1u) == 0) {
            take_pair(m, edges[k].i, edges[k].j, edges[k].bp);
        }
    }
}

/* Length in words of the run of `of` from j on whose texts put together are the word; 0 none. */
static uint32_t joined_at(const side_t *of, uint32_t j, tm_str_t word)
{
    uint32_t at = 0;
    uint32_t used = 0;
    while (j + used < of->name->n && at < word.n) {
        const tm_str_t text = of->name->words[j + used].text;
        if ((of->matched >> (j + used) & 1u) != 0 || at + text.n > word.n ||
            memcmp(word.p + at, text.p, text.n) != 0)
            return 0;
        at += text.n;
        used++;
    }
    return at == word.n ? used : 0;
}

/* The same by first letters, link words left out: "lcv", "nrcc". The run may hold matched words. */
static uint32_t initials_at(const side_t *of, uint32_t j, tm_str_t word)
{
    bool body = false; /* "R / Gov / AZ" is no "RGA" */
    uint32_t at = 0;
    uint32_t used = 0;
    while (j + used < of->name->n && at < word.n) {
        const tm_name_word_t *w = &of->name->words[j + used];
        if (w->text.p[0] == word.p[at] && w->text.n > 1) {
            at++;
            body = body || w->kind <= TM_NAME_K_BODY;
        } else if (w->kind != TM_NAME_K_LINK || used == 0) {
            return 0;
        }
        used++;
    }
    /* a form may have cut the last words off */
    const bool cut = j + used == of->name->n && at >= INITIALS_OF_CUT_MIN && at + 2 >= word.n &&
                     of->name->bytes >= FORM_CUTS_AT;
    return body && (at == word.n || cut) ? used : 0;
}

static uint32_t bits_of(uint32_t from, uint32_t n)
{
    assert(from + n <= 32 && n > 0 && n < 32);
    return ((1u << n) - 1u) << from;
}

static int64_t weight_of(const side_t *side, uint32_t bits)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < side->name->n; i++) {
        sum += (bits >> i & 1u) != 0 ? side->weight[i] : 0;
    }
    return sum;
}

/* Words of one side written in one on the other. */
static void pair_joined(match_t *m, side_t *one, side_t *many)
{
    for (uint32_t i = 0; i < one->name->n; i++) {
        const tm_str_t word = one->name->words[i].text;
        if ((one->matched >> i & 1u) != 0 || word.n < 4)
            continue;
        for (uint32_t j = 0; j < many->name->n; j++) {
            const uint32_t run = joined_at(many, j, word);
            if (run >= 2) {
                one->matched |= 1u << i;
                many->matched |= bits_of(j, run);
                m->gain += one->weight[i] + weight_of(many, bits_of(j, run));
                m->named = true;
                break;
            }
        }
    }
}

/* Initials and the words they stand for: what has no partner yet is explained by the other side. */
static void pair_initials(match_t *m, side_t *brief, side_t *full)
{
    for (uint32_t i = 0; i < brief->name->n; i++) {
        const tm_name_word_t *word = &brief->name->words[i];
        if (word->kind != TM_NAME_K_NAME || word->text.n < 3 || word->text.n > 8)
            continue;
        const bool known = (brief->matched >> i & 1u) != 0;
        for (uint32_t j = 0; j < full->name->n; j++) {
            const uint32_t run = initials_at(full, j, word->text);
            if (run < 3)
                continue;
            const uint32_t bits = bits_of(j, run);
            const uint32_t open = bits & ~full->matched;
            if (known && open == 0)
                continue;
            full->matched |= open;
            if (!known) {
                brief->matched |= 1u << i;
                m->gain += brief->weight[i] * 9 / 10;
            }
            m->gain += weight_of(full, open) * 9 / 10;
            m->loss += (weight_of(full, open) + (known ? 0 : brief->weight[i])) / 10;
            m->named = true;
            break;
        }
    }
}

/* ---- what must not differ */

/* An office that may be one of several: "attorney". */
static bool is_open(const tm_name_word_t *word)
{
    return word->kind == TM_NAME_K_OFFICE && word->group == 0;
}

/* Sets of one kind: both there and nothing in common. */
static bool differ(const tm_name_t *a, const tm_name_t *b, tm_name_kind_t kind)
{
    bool in_a = false;
    bool in_b = false;
    for (uint32_t j = 0; j < b->n; j++) {
        in_b = in_b || (b->words[j].kind == kind && !is_open(&b->words[j]));
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->words[i].kind != kind || is_open(&a->words[i]))
            continue;
        in_a = true;
        for (uint32_t j = 0; j < b->n; j++) {
            if (b->words[j].kind == kind &&
                (tm_str_eq(a->words[i].text, b->words[j].text) ||
                 (a->words[i].group != 0 && a->words[i].group == b->words[j].group)))
                return false;
        }
    }
    return in_a && in_b;
}

static const char *veto_of(const tm_name_t *a, const tm_name_t *b)
{
    if (differ(a, b, TM_NAME_K_STANCE))
        return "one is for, one against";
    if (differ(a, b, TM_NAME_K_NUMBER))
        return "the number differs";
    if (differ(a, b, TM_NAME_K_PARTY))
        return "the party differs";
    if (differ(a, b, TM_NAME_K_OFFICE))
        return "the office differs";
    if (differ(a, b, TM_NAME_K_STATE))
        return "the state differs";
    return NULL;
}

/* ---- the score */

/* Every word of the shorter name stands in the longer one in order from its beginning, and the
 * name is so long that a form may have cut it. */
static bool was_cut(const tm_name_t *brief, const tm_name_t *full)
{
    if (brief->bytes < FORM_CUTS_AT || brief->core.n >= full->core.n)
        return false;
    return memcmp(brief->core.p, full->core.p, brief->core.n) == 0;
}

/* The shorter name stands in the longer one word by word, as it is. */
static bool holds(const tm_name_t *full, const tm_name_t *brief)
{
    if (brief->core.n == 0 || brief->core.n >= full->core.n)
        return false;
    for (uint32_t at = 0; at + brief->core.n <= full->core.n; at++) {
        const bool begins = at == 0 || full->core.p[at - 1] == ' ';
        const uint32_t end = at + brief->core.n;
        if (begins && (end == full->core.n || full->core.p[end] == ' ') &&
            memcmp(full->core.p + at, brief->core.p, brief->core.n) == 0)
            return true;
    }
    return false;
}

/* Weight without a partner: names, bodies, the rest. */
static void unmatched(const side_t *side, int64_t ret[3])
{
    ret[0] = ret[1] = ret[2] = 0;
    for (uint32_t i = 0; i < side->name->n; i++) {
        const uint8_t kind = side->name->words[i].kind;
        if ((side->matched >> i & 1u) == 0) {
            ret[kind == TM_NAME_K_NAME ? 0 : kind == TM_NAME_K_BODY ? 1 : 2] += side->weight[i];
        }
    }
}

/* Words both sides have alone contradict each other; words one side has alone may only be left out
 * by the other. Names weigh least of those: "Smith for Senate" leaves out the given name. */
static int64_t loss_of_unmatched(const match_t *m)
{
    int64_t a[3];
    int64_t b[3];
    unmatched(&m->a, a);
    unmatched(&m->b, b);
    const int64_t both = TM_MIN(a[0], b[0]);
    const int64_t one = TM_MAX(a[0], b[0]) - both;
    const int64_t both_rest = TM_MIN(a[2], b[2]);
    const int64_t one_rest = TM_MAX(a[2], b[2]) - both_rest;
    int64_t loss = both * 3 + one * 4 / 10 + a[1] + b[1] + both_rest * 2 + one_rest * 6 / 10;
    if (!m->body && (holds(m->a.name, m->b.name) || holds(m->b.name, m->a.name))) {
        loss = loss * 8 / 10;
    }
    if (was_cut(m->a.name, m->b.name) || was_cut(m->b.name, m->a.name)) {
        loss = loss * 3 / 10;
    }
    return loss;
}

/* Dice of neighbouring bytes, 0..10000. */
static int32_t surface_bp(const tm_name_t *a, const tm_name_t *b)
{
    uint32_t i = 0;
    uint32_t j = 0;
    uint32_t common = 0;
    while (i < a->n_pairs && j < b->n_pairs) {
        if (a->pairs[i] == b->pairs[j]) {
            common++;
            i++;
            j++;
        } else if (a->pairs[i] < b->pairs[j]) {
            i++;
        } else {
            j++;
        }
    }
    const uint32_t all = a->n_pairs + b->n_pairs;
    return all == 0 ? 0 : (int32_t)(common * 20000 / all);
}

/* No party and no office: an organisation rather than a person. Its chapters and funds are payers
 * of their own. */
static bool is_body(const tm_name_t *name)
{
    for (uint32_t i = 0; i < name->n; i++) {
        if (name->words[i].kind == TM_NAME_K_PARTY || name->words[i].kind == TM_NAME_K_OFFICE)
            return false;
    }
    return true;
}

static bool has_body(const tm_name_t *name)
{
    for (uint32_t i = 0; i < name->n; i++) {
        if (name->words[i].kind == TM_NAME_K_BODY)
            return true;
    }
    return false;
}

static void weigh(side_t *side, const tm_name_t *name, const tm_name_rarity_t *rarity, bool bare,
                  bool body)
{
    side->name = name;
    side->matched = 0;
    for (uint32_t i = 0; i < name->n; i++) {
        const uint8_t kind = name->words[i].kind;
        side->weight[i] = tm_name_word_weight(&name->words[i], rarity);
        if (bare && (kind == TM_NAME_K_PARTY || kind == TM_NAME_K_OFFICE ||
                     kind == TM_NAME_K_STATE || kind == TM_NAME_K_SCOPE)) {
            side->weight[i] = TM_MAX(side->weight[i], BARE_WEIGHT);
        }
        if (body && (kind == TM_NAME_K_STATE || kind == TM_NAME_K_BODY)) {
            side->weight[i] = TM_MAX(side->weight[i], BODY_WEIGHT);
        }
    }
}

void tm_name_compare(const tm_name_t *a, const tm_name_t *b, const tm_name_rarity_t *rarity,
                     tm_name_likeness_t *ret)
{
    assert(a != NULL && b != NULL && a->n <= TM_NAME_WORDS_MAX && b->n <= TM_NAME_WORDS_MAX);
    memset(ret, 0, sizeof *ret);
    if (a->n == 0 || b->n == 0)
        return;
    match_t m;
    memset(&m, 0, sizeof m);
    const bool bare = (a->bare && (b->bare || has_body(a))) || (b->bare && has_body(b));
    const bool body = is_body(a) && is_body(b);
    weigh(&m.a, a, rarity, bare, body);
    weigh(&m.b, b, rarity, bare, body);
    m.bare = bare;
    m.body = body;
    memset(m.partner, UINT8_MAX, sizeof m.partner);
    pair_words(&m, true);
    pair_joined(&m, &m.a, &m.b);
    pair_joined(&m, &m.b, &m.a);
    pair_words(&m, false);
    pair_initials(&m, &m.a, &m.b);
    pair_initials(&m, &m.b, &m.a);

    const int64_t loss = m.loss + loss_of_unmatched(&m);
    int64_t bp = m.gain + loss == 0 ? 0 : m.gain * 10000 / (m.gain + loss);
    bp = (bp * 96 + (int64_t)surface_bp(a, b) * 4) / 100;
    ret->veto = veto_of(a, b);
    if (ret->veto != NULL) {
        bp = TM_MIN(bp, VETO_BP);
    }
    if (!m.named && loss > 0) {
        bp = TM_MIN(bp, UNNAMED_BP);
    }
    ret->score_bp = (int32_t)(bp * ALIKE_BP_MAX / 10000);
    if (a->core.n > 0 && tm_str_eq(a->core, b->core)) {
        ret->score_bp = EQUAL_CORE_BP;
    }
    if (tm_str_eq(a->folded, b->folded)) {
        ret->score_bp = 10000;
        ret->veto = NULL;
    }
    ret->matched = m.a.matched;
    ret->matched_b = m.b.matched;
    ret->inexact = m.inexact;
    memcpy(ret->partner, m.partner, sizeof ret->partner);
}

/* ---- in words */

static tm_str_t listed(tm_arena_t *arena, tm_str_t text, const char *what, tm_str_t words)
{
    if (words.n == 0)
        return text;
    return tm_arena_printf(arena, "%.*s%s%s: %.*s", (int)text.n, text.n == 0 ? "" : text.p,
                           text.n == 0 ? "" : "; ", what, (int)words.n, words.p);
}

static tm_str_t with_word(tm_arena_t *arena, tm_str_t list, tm_str_t word)
{
    if (list.n == 0)
        return word;
    return tm_arena_printf(arena, "%.*s %.*s", (int)list.n, list.p, (int)word.n, word.p);
}

static tm_str_t open_words(const tm_name_t *name, uint32_t matched, tm_arena_t *arena)
{
    tm_str_t list = TM_STR("");
    for (uint32_t i = 0; i < name->n; i++) {
        if ((matched >> i & 1u) == 0) {
            list = with_word(arena, list, name->words[i].text);
        }
    }
    return list;
}

tm_str_t tm_name_explain(const tm_name_t *a, const tm_name_t *b, const tm_name_likeness_t *like,
                         tm_arena_t *arena)
{
    if (like->score_bp == 10000)
        return TM_STR("equal but for case, spaces and punctuation");
    tm_str_t same = TM_STR("");
    tm_str_t other = TM_STR("");
    for (uint32_t i = 0; i < a->n; i++) {
        const tm_str_t word = a->words[i].text;
        if ((like->matched >> i & 1u) == 0)
            continue;
        if ((like->inexact >> i & 1u) != 0 && like->partner[i] < b->n) {
            const tm_str_t partner = b->words[like->partner[i]].text;
            other = with_word(arena, other,
                              tm_arena_printf(arena, "%.*s~%.*s", (int)word.n, word.p,
                                              (int)partner.n, partner.p));
        } else {
            same = with_word(arena, same, word);
        }
    }
    tm_str_t text = like->veto != NULL ? tm_str(like->veto) : TM_STR("");
    text = listed(arena, text, "same", same);
    text = listed(arena, text, "spelled otherwise", other);
    text = listed(arena, text, "not in the known name", open_words(a, like->matched, arena));
    text = listed(arena, text, "not in this name", open_words(b, like->matched_b, arena));
    return text.p == NULL || text.n == 0 ? TM_STR("alike") : text;
}
