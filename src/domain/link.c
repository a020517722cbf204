/* link.c - records compared field by field, see link.h.
 *
 * How:     words are numbered by field and text. A candidate shares words; the rarer, the more. Of
 *          a pair, equal words are taken first, then misspelled ones; what finds no partner speaks
 *          against it as much as its field says.
 * Threads: see link.h. */
#include "domain/link.h"
#include "base/fold.h"
#include "base/map.h"
#include "base/memory.h"
#include "domain/name_match_words.h"

#define ARENA_BYTES_MAX ((size_t)4 << 30)
#define SCRATCH_BYTES (8u << 20)
#define COMMON_MIN 64  /* words in fewer records always make candidates */
#define COMMON_PART 10 /* others in at most this part of the records */
#define CODE_CUT_BP 8000
#define CODE_FACTOR 2 /* a code names its thing, a word only describes it */
#define CANDIDATES_MAX 256

typedef struct word {
    tm_str_t text;
    uint32_t id;
    bool code; /* has a digit, in a field of codes */
} word_t;

typedef struct record {
    word_t *words; /* [at[n_fields]], field f's from at[f] */
    uint32_t at[TM_LINK_FIELDS_MAX + 1];
    uint32_t number; /* in its list */
    uint8_t list;
} record_t;

typedef struct posting {
    uint32_t *records; /* ascending */
    uint32_t n, cap;
} posting_t;

struct tm_link {
    uint32_t magic;
    tm_link_field_t fields[TM_LINK_FIELDS_MAX];
    uint32_t n_fields;
    bool within;
    tm_arena_t *arena, *scratch;
    record_t *records;
    uint32_t n, cap;
    uint32_t in_list[2];
    tm_smap_t ids;       /* field and text -> id + 1 */
    posting_t *postings; /* [n_words] by id */
    uint32_t n_words, words_cap;
};
#define LINK_MAGIC 0x6c696e6bu

tm_link_t *tm_link_new(const tm_link_field_t *fields, uint32_t n, bool within)
{
    assert(n > 0 && n <= TM_LINK_FIELDS_MAX);
    tm_link_t *link = TM_NEW(tm_link_t);
    link->magic = LINK_MAGIC;
    memcpy(link->fields, fields, n * sizeof *fields);
    link->n_fields = n;
    link->within = within;
    link->arena = tm_arena_new(ARENA_BYTES_MAX);
    link->scratch = tm_arena_new(SCRATCH_BYTES);
    return link;
}

void tm_link_free(tm_link_t *link)
{
    if (link == NULL)
        return;
    TM_CHECK(link, LINK_MAGIC);
    for (uint32_t i = 0; i < link->n_words; i++) {
        tm_free(link->postings[i].records);
    }
    tm_free(link->postings);
    tm_free(link->records);
    tm_smap_done(&link->ids);
    tm_arena_free(link->arena);
    tm_arena_free(link->scratch);
    link->magic = 0;
    tm_free(link);
}

/* ---- adding */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool has_digit(tm_str_t s)
{
    for (uint32_t i = 0; i < s.n; i++) {
        if (is_digit(s.p[i]))
            return true;
    }
    return false;
}

static void post(tm_link_t *link, word_t *word, uint32_t field, uint32_t record)
{
    char key[TM_NAME_BYTES_MAX + 1];
    const uint32_t n = word->text.n;
    assert(n <= TM_NAME_BYTES_MAX);
    key[0] = (char)('A' + field);
    memcpy(key + 1, word->text.p, n);
    const tm_str_t text = {key, n + 1};
    const void *found = tm_smap_get(&link->ids, text);
    if (found == NULL) {
        if (link->n_words == link->words_cap) {
            link->words_cap = TM_MAX(1024u, link->words_cap * 2);
            link->postings = tm_realloc(link->postings, link->words_cap * sizeof *link->postings);
        }
        link->postings[link->n_words++] = (posting_t){0};
        found = (const void *)(uintptr_t)link->n_words;
        (void)tm_smap_put(&link->ids, text, (void *)(uintptr_t)link->n_words);
    }
    word->id = (uint32_t)(uintptr_t)found - 1;
    posting_t *posting = &link->postings[word->id];
    if (posting->n > 0 && posting->records[posting->n - 1] == record)
        return;
    if (posting->n == posting->cap) {
        posting->cap = TM_MAX(2u, posting->cap * 2);
        posting->records = tm_realloc(posting->records, posting->cap * sizeof(uint32_t));
    }
    posting->records[posting->n++] = record;
}

/* Between product codes only white space, slashes, commas and brackets part words; what else is no
 * letter or digit vanishes. */
static tm_str_t code_words(tm_arena_t *arena, tm_str_t s)
{
    char *out = tm_arena_alloc(arena, (size_t)s.n + 1);
    uint32_t n = 0;
    assert(out != NULL);
    for (uint32_t i = 0; i < s.n; i++) {
        if (memchr(" \t/,;()", s.p[i], 7) != NULL) {
            out[n++] = ' ';
        } else if (s.p[i] != '-' && s.p[i] != '.' && s.p[i] != '\'') {
            out[n++] = s.p[i];
        }
    }
    out[n] = '\0';
    return tm_fold_words(arena, (tm_str_t){out, n});
}

static uint32_t split(tm_link_t *link, uint32_t field, tm_str_t value,
                      word_t words[TM_LINK_WORDS_MAX])
{
    const unsigned flags = link->fields[field].flags;
    uint32_t n = 0;
    value.n = TM_MIN(value.n, (uint32_t)(SCRATCH_BYTES / 64)); /* folding may take more room */
    const tm_str_t folded = (flags & TM_LINK_WHOLE) != 0   ? tm_fold_key(link->scratch, value)
                            : (flags & TM_LINK_CODES) != 0 ? code_words(link->scratch, value)
                                                           : tm_fold_words(link->scratch, value);
    assert(folded.p != NULL);
    for (uint32_t i = 0; i < folded.n && n < TM_LINK_WORDS_MAX;) {
        const char *space = memchr(folded.p + i, ' ', folded.n - i);
        const uint32_t end = space == NULL ? folded.n : (uint32_t)(space - folded.p);
        const tm_str_t text = {folded.p + i, TM_MIN(end - i, (uint32_t)TM_NAME_BYTES_MAX)};
        bool repeated = false;
        for (uint32_t k = 0; k < n; k++) {
            repeated = repeated || tm_str_eq(words[k].text, text);
        }
        if (!repeated) {
            words[n++] = (word_t){.text = tm_arena_str(link->arena, text),
                                  .code = (flags & TM_LINK_CODES) != 0 && has_digit(text)};
            assert(words[n - 1].text.p != NULL); /* ARENA_BYTES_MAX */
        }
        i = end + 1;
    }
    return n;
}

void tm_link_add(tm_link_t *link, unsigned list, const tm_str_t *values)
{
    TM_CHECK(link, LINK_MAGIC);
    assert(list < (link->within ? 1u : 2u));
    if (link->n == link->cap) {
        link->cap = TM_MAX(256u, link->cap * 2);
        link->records = tm_realloc(link->records, link->cap * sizeof *link->records);
    }
    word_t words[TM_LINK_WORDS_MAX * TM_LINK_FIELDS_MAX];
    record_t *record = &link->records[link->n];
    *record = (record_t){.number = link->in_list[list]++, .list = (uint8_t)list};
    for (uint32_t f = 0; f < link->n_fields; f++) {
        tm_arena_reset(link->scratch);
        const uint32_t n =
            values[f].p == NULL ? 0 : split(link, f, values[f], words + record->at[f]);
        record->at[f + 1] = record->at[f] + n;
        for (uint32_t i = record->at[f]; i < record->at[f + 1]; i++) {
            post(link, &words[i], f, link->n);
        }
    }
    const uint32_t n = record->at[link->n_fields];
    record->words = tm_arena_alloc(link->arena, (n + 1) * sizeof *words);
    assert(record->words != NULL);
    memcpy(record->words, words, n * sizeof *words);
    link->n++;
}

/* ---- comparing */

/* Information of a word in 1/1024 bit, never 0. */
static int32_t information(const tm_link_t *link, const word_t *word)
{
    const uint32_t df = link->postings[word->id].n;
    const int32_t bits = tm_name_log2_1024(link->n + 1) - tm_name_log2_1024(df);
    return TM_MAX(bits, 256) * (word->code && word->text.n >= 4 ? CODE_FACTOR : 1);
}

static int32_t likeness(const word_t *a, const word_t *b)
{
    if (a->id == b->id)
        return 10000;
    if (!a->code && !b->code)
        return tm_name_word_likeness(a->text, b->text);
    /* a code with a colour or a country behind it */
    const tm_str_t brief = a->text.n < b->text.n ? a->text : b->text;
    const tm_str_t full = a->text.n < b->text.n ? b->text : a->text;
    const bool begins = brief.n >= 5 && memcmp(brief.p, full.p, brief.n) == 0;
    return begins ? CODE_CUT_BP : 0;
}

typedef struct weights {
    int64_t gain, loss;
} weights_t;

static void compare_field(const tm_link_t *link, const record_t *a, const record_t *b,
                          uint32_t field, weights_t *sum)
{
    const tm_link_field_t *spec = &link->fields[field];
    const word_t *x = a->words + a->at[field];
    const word_t *y = b->words + b->at[field];
    const uint32_t x_n = a->at[field + 1] - a->at[field];
    const uint32_t y_n = b->at[field + 1] - b->at[field];
    uint64_t taken = 0;
    int64_t gain = 0;
    int64_t differ = 0;
    int64_t only_x = 0;
    int64_t only_y = 0;
    if (x_n == 0 || y_n == 0)
        return; /* not known says nothing */
    for (uint32_t i = 0; i < x_n; i++) {
        uint32_t best = 0;
        int32_t best_bp = 0;
        for (uint32_t j = 0; j < y_n; j++) {
            const int32_t bp = (taken >> j & 1u) != 0 ? 0 : likeness(&x[i], &y[j]);
            if (bp > best_bp) {
                best = j;
                best_bp = bp;
            }
        }
        const int64_t weight = information(link, &x[i]);
        if (best_bp == 0) {
            only_x += weight;
            continue;
        }
        const int64_t both = weight + information(link, &y[best]);
        taken |= UINT64_C(1) << best;
        gain += both * best_bp / 10000;
        differ += both * (10000 - best_bp) / 10000;
    }
    for (uint32_t j = 0; j < y_n; j++) {
        only_y += (taken >> j & 1u) != 0 ? 0 : information(link, &y[j]);
    }
    const int64_t more = TM_MAX(only_x, only_y) - TM_MIN(only_x, only_y);
    const bool brief = (spec->flags & TM_LINK_BRIEF) != 0;
    differ += TM_MIN(only_x, only_y) * 2 + (brief ? more / 4 : more);
    sum->gain += gain * spec->weight_pct / 100;
    sum->loss += differ * spec->weight_pct / 100 * spec->differ_pct / 100;
}

static int32_t score(const tm_link_t *link, const record_t *a, const record_t *b)
{
    weights_t sum = {0, 0};
    for (uint32_t f = 0; f < link->n_fields; f++) {
        compare_field(link, a, b, f, &sum);
    }
    const int64_t all = sum.gain + sum.loss;
    return all == 0 ? 0 : (int32_t)(sum.gain * 10000 / all);
}

/* ---- candidates */

typedef struct tally {
    int64_t weight;
    uint32_t record;
} tally_t;

static bool tally_before(tally_t a, tally_t b)
{
    return a.weight != b.weight ? a.weight > b.weight : a.record < b.record;
}

/* The records that share most with record at; sums: [records], all 0 before and after. */
static uint32_t nearest(const tm_link_t *link, uint32_t at, uint32_t most, int64_t *sums,
                        tally_t *best)
{
    const record_t *record = &link->records[at];
    const uint32_t common = TM_MAX(COMMON_MIN, link->n / COMMON_PART);
    uint32_t n = 0;
    for (int pass = 0; pass < 2; pass++) { /* adds up, then picks and clears */
        for (uint32_t i = 0; i < record->at[link->n_fields]; i++) {
            const posting_t *posting = &link->postings[record->words[i].id];
            const int32_t weight = information(link, &record->words[i]);
            for (uint32_t k = 0; k < posting->n && posting->n <= common; k++) {
                const uint32_t other = posting->records[k];
                if (link->within ? other == at : link->records[other].list == 0)
                    continue;
                if (pass == 0) {
                    sums[other] += weight;
                    continue;
                }
                const tally_t tally = {sums[other], other};
                sums[other] = 0;
                if (tally.weight == 0 || (n == most && !tally_before(tally, best[n - 1])))
                    continue;
                uint32_t to = n < most ? n++ : n - 1;
                for (; to > 0 && tally_before(tally, best[to - 1]); to--) {
                    best[to] = best[to - 1];
                }
                best[to] = tally;
            }
        }
    }
    return n;
}

static bool pair_before(tm_link_pair_t x, tm_link_pair_t y)
{
    if (x.score_bp != y.score_bp)
        return x.score_bp > y.score_bp;
    return x.a != y.a ? x.a < y.a : x.b < y.b;
}

/* Merges two runs at a time, from runs of one; room: as large as pairs. */
static void sort_pairs(tm_link_pair_t *pairs, uint32_t n, tm_link_pair_t *room)
{
    for (uint64_t run = 1; run < n; run *= 2) {
        for (uint64_t from = 0; from < n; from += run * 2) {
            const uint64_t middle = TM_MIN(from + run, (uint64_t)n);
            const uint64_t end = TM_MIN(from + run * 2, (uint64_t)n);
            uint64_t i = from;
            uint64_t j = middle;
            for (uint64_t to = from; to < end; to++) {
                const bool left = j == end || (i < middle && !pair_before(pairs[j], pairs[i]));
                room[to] = left ? pairs[i++] : pairs[j++];
            }
        }
        memcpy(pairs, room, n * sizeof *pairs);
    }
}

static uint32_t without_repeated(tm_link_pair_t *pairs, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        const tm_link_pair_t *last = kept == 0 ? NULL : &pairs[kept - 1];
        if (last == NULL || last->a != pairs[i].a || last->b != pairs[i].b) {
            pairs[kept++] = pairs[i];
        }
    }
    return kept;
}

uint32_t tm_link_candidates(const tm_link_t *link, uint32_t per_record, tm_link_pair_t **ret)
{
    TM_CHECK(link, LINK_MAGIC);
    assert(per_record > 0 && per_record <= CANDIDATES_MAX);
    const size_t room = (size_t)link->in_list[0] * per_record + 1;
    tm_link_pair_t *pairs = tm_alloc(room * sizeof *pairs);
    int64_t *sums = tm_zalloc(((size_t)link->n + 1) * sizeof *sums);
    tally_t best[CANDIDATES_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < link->n; i++) {
        const record_t *record = &link->records[i];
        const uint32_t found = record->list == 0 ? nearest(link, i, per_record, sums, best) : 0;
        for (uint32_t k = 0; k < found; k++) {
            const record_t *other = &link->records[best[k].record];
            const bool turn = link->within && other->number < record->number;
            const record_t *a = turn ? other : record;
            const record_t *b = turn ? record : other;
            pairs[n++] = (tm_link_pair_t){a->number, b->number, score(link, a, b)};
        }
    }
    assert(n < room);
    tm_link_pair_t *other = tm_alloc(room * sizeof *other);
    sort_pairs(pairs, n, other);
    tm_free(other);
    tm_free(sums);
    *ret = pairs;
    return without_repeated(pairs, n);
}

uint32_t tm_link_choose(const tm_link_t *link, tm_link_pair_t *pairs, uint32_t n, int32_t min_bp,
                        bool one_to_one)
{
    TM_CHECK(link, LINK_MAGIC);
    bool *used[2];
    for (int list = 0; list < 2; list++) {
        used[list] = tm_zalloc((size_t)link->in_list[list] + 1);
    }
    bool *const used_b = link->within ? used[0] : used[1];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n && pairs[i].score_bp >= min_bp; i++) {
        if (one_to_one && (used[0][pairs[i].a] || used_b[pairs[i].b]))
            continue;
        used[0][pairs[i].a] = true;
        used_b[pairs[i].b] = true;
        pairs[kept++] = pairs[i];
    }
    tm_free(used[0]);
    tm_free(used[1]);
    return kept;
}
