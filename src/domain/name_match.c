/* name_match.c - known names by what they are made of, see name_match.h.
 *
 * How:     a name is listed under its words, their runs of three letters and its initials. A search
 *          walks the shortest lists first, at most POSTINGS_MAX entries, and compares the
 *          CANDIDATES names that share most. Integers throughout: the same names give the same
 *          answers everywhere.
 * Threads: see name_match.h. */
#include "domain/name_match.h"
#include "base/fold.h"
#include "base/map.h"
#include "domain/name_match_words.h"

#define INDEX_BYTES_MAX ((size_t)4 << 30) /* some ten million names */
#define SCRATCH_BYTES (64u << 10)
#define FEATURES_MAX 256
#define POSTINGS_MAX 16384
#define SLOTS_MAX (POSTINGS_MAX * 2)
#define CANDIDATES 48
#define WORD_FEATURE (UINT64_C(1) << 63)
/* How far ahead of the next target a match must be, else it is a guess; less where the two targets
 * are as alike as two spellings of one payer. */
#define AHEAD_BP 200
#define AHEAD_OF_SPELLING_BP 40
#define SPELLING_BP 9300

typedef struct posting {
    uint32_t *entries; /* ascending */
    uint32_t n, cap;
} posting_t;

typedef struct entry {
    tm_name_t name;
    tm_str_t raw;
    uint32_t target;
    bool confirmed;
} entry_t;

struct tm_name_index {
    uint32_t magic;
    tm_arena_t *arena;   /* texts, words */
    tm_arena_t *scratch; /* of one add */
    entry_t *entries;
    uint32_t n, cap;
    tm_smap_t words; /* text -> id + 1 */
    tm_str_t *texts; /* [n_words] */
    uint32_t *df;    /* [n_words] names that hold it */
    uint32_t n_words, words_cap;
    tm_map_t postings;   /* feature -> posting_t */
    tm_smap_t confirmed; /* folded key -> entry + 1 */
};
#define INDEX_MAGIC 0x6e616d65u

typedef struct features {
    uint64_t v[FEATURES_MAX]; /* each once */
    uint32_t n;
} features_t;

/* ---- features */

static uint64_t hash_of(tm_str_t s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (uint32_t i = 0; i < s.n; i++) {
        h = (h ^ (uint8_t)s.p[i]) * UINT64_C(0x100000001b3);
    }
    return h | WORD_FEATURE;
}

static void add_feature(features_t *f, uint64_t feature)
{
    if (f->n == FEATURES_MAX)
        return;
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->v[i] == feature)
            return;
    }
    f->v[f->n++] = feature;
}

/* The word with a mark before and behind it, three bytes at a time. */
static void add_runs(features_t *f, tm_str_t word)
{
    for (uint32_t i = 0; i < word.n; i++) {
        const uint64_t before = i == 0 ? '^' : (uint8_t)word.p[i - 1];
        const uint64_t after = i + 1 == word.n ? '$' : (uint8_t)word.p[i + 1];
        add_feature(f, before << 16 | (uint64_t)(uint8_t)word.p[i] << 8 | after);
    }
}

static void features_of(const tm_name_t *name, features_t *ret)
{
    char initials[TM_NAME_WORDS_MAX];
    uint32_t n = 0;
    ret->n = 0;
    for (uint32_t i = 0; i < name->n; i++) {
        const tm_name_word_t *word = &name->words[i];
        add_feature(ret, hash_of(word->text));
        if (word->kind != TM_NAME_K_LINK && word->kind != TM_NAME_K_NOISE) {
            initials[n++] = word->text.p[0];
        }
    }
    if (n >= 3) {
        add_feature(ret, hash_of((tm_str_t){initials, n}));
    }
    for (uint32_t i = 0; i < name->n; i++) {
        const uint8_t kind = name->words[i].kind;
        if (kind <= TM_NAME_K_BODY || kind == TM_NAME_K_OFFICE || kind == TM_NAME_K_STATE) {
            add_runs(ret, name->words[i].text);
        }
    }
}

/* ---- building */

tm_name_index_t *tm_name_index_new(void)
{
    tm_name_index_t *index = TM_NEW(tm_name_index_t);
    index->magic = INDEX_MAGIC;
    index->arena = tm_arena_new(INDEX_BYTES_MAX);
    index->scratch = tm_arena_new(SCRATCH_BYTES);
    return index;
}

void tm_name_index_free(tm_name_index_t *index)
{
    if (index == NULL)
        return;
    TM_CHECK(index, INDEX_MAGIC);
    uint32_t pos = 0;
    uint64_t key;
    void *value;
    while (tm_map_next(&index->postings, &pos, &key, &value)) {
        tm_free(((posting_t *)value)->entries);
        tm_free(value);
    }
    tm_map_done(&index->postings);
    tm_smap_done(&index->words);
    tm_smap_done(&index->confirmed);
    tm_free(index->entries);
    tm_free(index->texts);
    tm_free(index->df);
    tm_arena_free(index->arena);
    tm_arena_free(index->scratch);
    index->magic = 0;
    tm_free(index);
}

static uint32_t id_of(const tm_name_index_t *index, tm_str_t word)
{
    const void *found = tm_smap_get(&index->words, word);
    return found == NULL ? TM_NAME_NO_ID : (uint32_t)(uintptr_t)found - 1;
}

static tm_str_t keep(tm_name_index_t *index, tm_str_t s)
{
    const tm_str_t kept = tm_arena_str(index->arena, s.p == NULL ? TM_STR("") : s);
    assert(kept.p != NULL); /* INDEX_BYTES_MAX */
    return kept;
}

static uint32_t intern(tm_name_index_t *index, tm_str_t word)
{
    uint32_t id = id_of(index, word);
    if (id != TM_NAME_NO_ID)
        return id;
    if (index->n_words == index->words_cap) {
        index->words_cap = TM_MAX(64u, index->words_cap * 2);
        index->texts = tm_realloc(index->texts, index->words_cap * sizeof *index->texts);
        index->df = tm_realloc(index->df, index->words_cap * sizeof *index->df);
    }
    id = index->n_words++;
    index->texts[id] = keep(index, word);
    index->df[id] = 0;
    (void)tm_smap_put(&index->words, word, (void *)(uintptr_t)(id + 1));
    return id;
}

static void post(tm_name_index_t *index, uint64_t feature, uint32_t entry)
{
    posting_t *posting = tm_map_get(&index->postings, feature);
    if (posting == NULL) {
        posting = TM_NEW(posting_t);
        (void)tm_map_put(&index->postings, feature, posting);
    }
    if (posting->n == posting->cap) {
        posting->cap = TM_MAX(4u, posting->cap * 2);
        posting->entries = tm_realloc(posting->entries, posting->cap * sizeof(uint32_t));
    }
    posting->entries[posting->n++] = entry;
}

/* Moves what the parser left in the scratch arena into the index. */
static tm_name_t settle(tm_name_index_t *index, const tm_name_t *parsed)
{
    tm_name_t name = *parsed;
    name.folded = keep(index, parsed->folded);
    name.core = keep(index, parsed->core);
    name.words = tm_arena_alloc(index->arena, (name.n + 1) * sizeof *name.words);
    name.pairs = tm_arena_alloc(index->arena, (name.n_pairs + 1) * sizeof *name.pairs);
    assert(name.words != NULL && name.pairs != NULL);
    memcpy(name.pairs, parsed->pairs, name.n_pairs * sizeof *name.pairs);
    for (uint32_t i = 0; i < name.n; i++) {
        name.words[i] = parsed->words[i];
        const uint32_t id = intern(index, parsed->words[i].text);
        bool before = false;
        for (uint32_t k = 0; k < i; k++) {
            before = before || name.words[k].id == id;
        }
        index->df[id] += before ? 0 : 1;
        name.words[i].id = id;
        name.words[i].text = index->texts[id];
        name.words[i].spelled = name.words[i].text; /* the parser's, only core needs it */
    }
    return name;
}

void tm_name_index_add(tm_name_index_t *index, tm_str_t name, uint32_t target, bool confirmed)
{
    TM_CHECK(index, INDEX_MAGIC);
    assert(index->n < UINT32_MAX);
    tm_arena_reset(index->scratch);
    tm_name_t parsed;
    features_t features;
    const bool fits = tm_name_parse(index->scratch, name, &parsed);
    assert(fits); /* a parsed name is bounded, SCRATCH_BYTES holds it */
    if (index->n == index->cap) {
        index->cap = TM_MAX(64u, index->cap * 2);
        index->entries = tm_realloc(index->entries, index->cap * sizeof *index->entries);
    }
    const uint32_t at = index->n++;
    index->entries[at] = (entry_t){.name = settle(index, &parsed),
                                   .raw = keep(index, tm_str_trim(name)),
                                   .target = target,
                                   .confirmed = confirmed};
    features_of(&index->entries[at].name, &features);
    for (uint32_t i = 0; i < features.n; i++) {
        post(index, features.v[i], at);
    }
    if (confirmed && parsed.folded.n > 0) {
        (void)tm_smap_put(&index->confirmed, parsed.folded, (void *)(uintptr_t)(at + 1));
    }
}

/* ---- searching */

typedef struct list {
    const posting_t *posting;
    int32_t weight;
} list_t;

typedef struct tally {
    uint32_t entry; /* + 1; 0 free */
    int32_t weight;
} tally_t;

typedef struct found {
    uint32_t entry;
    tm_name_likeness_t like;
    int32_t bp;
} found_t;

typedef struct search {
    const tm_name_index_t *index;
    tm_name_t name;
    tm_str_t raw;
    list_t lists[FEATURES_MAX];
    uint32_t n_lists;
    uint32_t slots;   /* a power of two, at least twice the names counted */
    tally_t *tallies; /* [slots] */
    tally_t best[CANDIDATES];
    uint32_t n_best;
    found_t found[CANDIDATES]; /* best first, each target once */
    uint32_t n_found;
} search_t;

/* The lists of the name's features, shortest first; a rare feature says more, a word more than
 * three letters of it. */
static void choose_lists(search_t *s)
{
    features_t features;
    features_of(&s->name, &features);
    for (uint32_t i = 0; i < features.n; i++) {
        const posting_t *posting = tm_map_get(&s->index->postings, features.v[i]);
        if (posting == NULL)
            continue;
        const uint32_t rare = 1u + (uint32_t)__builtin_clz(posting->n);
        const bool word = (features.v[i] & WORD_FEATURE) != 0;
        uint32_t at = s->n_lists++;
        for (; at > 0 && s->lists[at - 1].posting->n > posting->n; at--) {
            s->lists[at] = s->lists[at - 1];
        }
        s->lists[at] = (list_t){posting, (int32_t)(word ? rare * 4 : rare)};
    }
}

static void count_postings(search_t *s)
{
    uint32_t left = POSTINGS_MAX;
    for (uint32_t i = 0; i < s->n_lists && left > 0; i++) {
        const posting_t *posting = s->lists[i].posting;
        const uint32_t n = TM_MIN(posting->n, left);
        left -= n;
        for (uint32_t k = 0; k < n; k++) {
            const uint32_t entry = posting->entries[k];
            uint32_t slot = (entry * 2654435761u) >> 7 & (s->slots - 1);
            while (s->tallies[slot].entry != 0 && s->tallies[slot].entry != entry + 1) {
                slot = (slot + 1) & (s->slots - 1);
            }
            s->tallies[slot].entry = entry + 1;
            s->tallies[slot].weight += s->lists[i].weight;
        }
    }
}

static bool tally_before(tally_t a, tally_t b)
{
    return a.weight != b.weight ? a.weight > b.weight : a.entry < b.entry;
}

/* Weights are compared per byte of the known name's features: a short name that is wholly there
 * comes before a long one that shares as much. */
static void choose_candidates(search_t *s)
{
    for (uint32_t i = 0; i < s->slots; i++) {
        tally_t t = s->tallies[i];
        if (t.entry == 0)
            continue;
        const uint32_t size = s->index->entries[t.entry - 1].name.n_pairs;
        t.weight = t.weight * 256 / (int32_t)(size + s->name.n_pairs + 8);
        if (s->n_best == CANDIDATES && !tally_before(t, s->best[CANDIDATES - 1]))
            continue;
        uint32_t at = s->n_best < CANDIDATES ? s->n_best++ : CANDIDATES - 1;
        for (; at > 0 && tally_before(t, s->best[at - 1]); at--) {
            s->best[at] = s->best[at - 1];
        }
        s->best[at] = t;
    }
}

static bool found_before(const search_t *s, const found_t *a, const found_t *b)
{
    if (a->bp != b->bp)
        return a->bp > b->bp;
    const entry_t *x = &s->index->entries[a->entry];
    const entry_t *y = &s->index->entries[b->entry];
    const bool x_exact = tm_str_eq(x->raw, s->raw);
    if (x_exact != tm_str_eq(y->raw, s->raw))
        return x_exact;
    return x->target != y->target ? x->target < y->target : a->entry < b->entry;
}

/* Keeps the best spelling of each target, best first. */
static void take_found(search_t *s, const found_t *found)
{
    const uint32_t target = s->index->entries[found->entry].target;
    for (uint32_t i = 0; i < s->n_found; i++) {
        if (s->index->entries[s->found[i].entry].target != target)
            continue;
        if (!found_before(s, found, &s->found[i]))
            return;
        memmove(&s->found[i], &s->found[i + 1], (s->n_found - i - 1) * sizeof s->found[0]);
        s->n_found--;
        break;
    }
    if (s->n_found == CANDIDATES && !found_before(s, found, &s->found[CANDIDATES - 1]))
        return;
    uint32_t at = s->n_found < CANDIDATES ? s->n_found++ : CANDIDATES - 1;
    for (; at > 0 && found_before(s, found, &s->found[at - 1]); at--) {
        s->found[at] = s->found[at - 1];
    }
    s->found[at] = *found;
}

static void compare_candidates(search_t *s)
{
    const tm_name_rarity_t rarity = {.df = s->index->df, .names = s->index->n};
    for (uint32_t i = 0; i < s->n_best; i++) {
        found_t found = {.entry = s->best[i].entry - 1};
        tm_name_compare(&s->name, &s->index->entries[found.entry].name, &rarity, &found.like);
        found.bp = found.like.score_bp;
        take_found(s, &found);
    }
    const void *known = tm_smap_get(&s->index->confirmed, s->name.folded);
    if (known != NULL) {
        found_t found = {.entry = (uint32_t)(uintptr_t)known - 1, .bp = 10001};
        found.like.score_bp = 10000;
        take_found(s, &found);
    }
}

/* NULL: the arena is full or the name has no letter. */
static search_t *search(const tm_name_index_t *index, tm_str_t name, tm_arena_t *arena)
{
    TM_CHECK(index, INDEX_MAGIC);
    search_t *s = tm_arena_zalloc(arena, sizeof *s);
    if (s == NULL || !tm_name_parse(arena, name, &s->name) || s->name.n == 0)
        return NULL;
    s->index = index;
    s->raw = tm_str_trim(name);
    for (uint32_t i = 0; i < s->name.n; i++) {
        s->name.words[i].id = id_of(index, s->name.words[i].text);
    }
    choose_lists(s);
    uint64_t postings = 0;
    for (uint32_t i = 0; i < s->n_lists; i++) {
        postings += s->lists[i].posting->n;
    }
    for (s->slots = 64; s->slots < SLOTS_MAX && s->slots < postings * 2;) {
        s->slots *= 2;
    }
    s->tallies = tm_arena_zalloc(arena, s->slots * sizeof *s->tallies);
    if (s->tallies == NULL)
        return NULL;
    count_postings(s);
    choose_candidates(s);
    compare_candidates(s);
    return s;
}

static tm_name_match_t match_of(const search_t *s, const found_t *found, tm_arena_t *arena)
{
    const entry_t *entry = &s->index->entries[found->entry];
    const bool confirmed = found->bp > 10000;
    return (tm_name_match_t){
        .target = entry->target,
        .score_bp = TM_MIN(found->bp, 10000),
        .why = confirmed ? TM_STR("confirmed spelling")
                         : tm_name_explain(&s->name, &entry->name, &found->like, arena)};
}

uint32_t tm_name_index_find(const tm_name_index_t *index, tm_str_t name, int32_t min_bp,
                            uint32_t max, tm_arena_t *arena, tm_name_match_t *ret)
{
    const search_t *s = search(index, name, arena);
    if (s == NULL)
        return 0;
    uint32_t n = 0;
    while (n < max && n < s->n_found && s->found[n].bp >= min_bp) {
        ret[n] = match_of(s, &s->found[n], arena);
        n++;
    }
    return n;
}

/* How alike two known names are. */
static int32_t between(const tm_name_index_t *index, uint32_t a, uint32_t b)
{
    const tm_name_rarity_t rarity = {.df = index->df, .names = index->n};
    tm_name_likeness_t like;
    tm_name_compare(&index->entries[a].name, &index->entries[b].name, &rarity, &like);
    return like.score_bp;
}

bool tm_name_index_match(const tm_name_index_t *index, tm_str_t name, tm_arena_t *arena,
                         tm_name_match_t *ret)
{
    *ret = (tm_name_match_t){.target = UINT32_MAX, .why = TM_STR("nothing known is alike")};
    const search_t *s = search(index, name, arena);
    if (s == NULL || s->n_found == 0)
        return false;
    const found_t *best = &s->found[0];
    *ret = match_of(s, best, arena);
    if (best->bp < TM_NAME_MATCH_BP)
        return false;
    if (best->bp >= 10000 || s->n_found == 1)
        return true;
    const found_t *next = &s->found[1];
    const int32_t ahead = best->bp - next->bp;
    if (ahead >= AHEAD_BP ||
        (ahead >= AHEAD_OF_SPELLING_BP && between(index, best->entry, next->entry) >= SPELLING_BP))
        return true;
    const tm_str_t other = index->entries[next->entry].raw;
    ret->why = tm_arena_printf(arena, "as near: %.*s (%d); %.*s", (int)other.n, other.p,
                               TM_MIN(next->bp, 10000), (int)ret->why.n, ret->why.p);
    return false;
}

int32_t tm_name_score(tm_str_t a, tm_str_t b, tm_arena_t *scratch)
{
    tm_name_t x;
    tm_name_t y;
    if (!tm_name_parse(scratch, a, &x) || !tm_name_parse(scratch, b, &y))
        return 0;
    tm_name_likeness_t like;
    const bool swap = tm_str_cmp(x.folded, y.folded) > 0; /* ties between partners fall alike */
    tm_name_compare(swap ? &y : &x, swap ? &x : &y, NULL, &like);
    return like.score_bp;
}
