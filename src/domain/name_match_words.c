/* name_match_words.c - takes a name apart, see name_match_words.h.
 *
 * How:     apostrophes go and a system's number "(5629)" at the end; folding; letters and digits
 *          apart ("CD7", "42nd"); spelled-out letters together ("F l o r i d a"); one form a word;
 *          phrases; last what only the place in the name tells ("4" is "for", "R" a party).
 * Threads: pure. */
#include "domain/name_match_words.h"
#include "base/fold.h"

typedef enum group {
    GROUP_NONE,
    GROUP_PRESIDENT,
    GROUP_GOVERNOR,
    GROUP_LT_GOVERNOR,
    GROUP_SENATE,
    GROUP_HOUSE,
    GROUP_ATTORNEY,
    GROUP_PROSECUTOR,
    GROUP_SECRETARY,
    GROUP_TREASURER,
    GROUP_AUDITOR,
    GROUP_COMPTROLLER,
    GROUP_JUDGE,
    GROUP_SHERIFF,
    GROUP_MAYOR,
    GROUP_COUNTY,
    GROUP_SCHOOLS,
    GROUP_CLERK,
    GROUP_ASSESSOR
} group_t;

typedef struct form {
    tm_str_t spelling;
    tm_str_t form;
    uint8_t kind;
    uint8_t group;
} form_t;

#define LITERAL(s)          \
    {                       \
        "" s, sizeof(s) - 1 \
    }

static const form_t forms[] = {
#define TM_NAME_WORD(spelling, form, kind, group) \
    {LITERAL(spelling), LITERAL(form), TM_NAME_K_##kind, GROUP_##group},
#include "domain/name_match_words.def"
#undef TM_NAME_WORD
};

static const form_t last_forms[] = {
#define TM_NAME_LAST(spelling, form) \
    {LITERAL(spelling), LITERAL(form), TM_NAME_K_STATE, GROUP_NONE},
#include "domain/name_match_words.def"
#undef TM_NAME_LAST
};

static const form_t phrases[] = {
#define TM_NAME_PHRASE(spelling, form, kind, group) \
    {LITERAL(spelling), LITERAL(form), TM_NAME_K_##kind, GROUP_##group},
#include "domain/name_match_words.def"
#undef TM_NAME_PHRASE
};

static const form_t *form_in(const form_t *list, size_t n, tm_str_t word)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].spelling.p[0] == word.p[0] && tm_str_eq(list[i].spelling, word))
            return &list[i];
    }
    return NULL;
}

static void apply(tm_name_word_t *word, const form_t *form)
{
    word->text = form->form;
    word->kind = form->kind;
    word->group = form->group;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_number(tm_str_t s)
{
    for (uint32_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
    }
    return s.n > 0;
}

static bool is_year(tm_str_t s)
{
    return s.n == 4 && is_number(s) && (memcmp(s.p, "19", 2) == 0 || memcmp(s.p, "20", 2) == 0);
}

/* Without what ordering systems append: "Walnut Growers(5629)". */
static tm_str_t without_number(tm_str_t s)
{
    s = tm_str_trim(s);
    if (s.n < 3 || s.p[s.n - 1] != ')')
        return s;
    uint32_t at = s.n - 1;
    while (at > 0 && is_digit(s.p[at - 1])) {
        at--;
    }
    const bool number = at > 1 && at < s.n - 1 && s.p[at - 1] == '(';
    return number ? tm_str_trim((tm_str_t){s.p, at - 1}) : s;
}

/* Cut at the limit but never inside a character. */
static tm_str_t cut_at_limit(tm_str_t s)
{
    if (s.n <= TM_NAME_BYTES_MAX)
        return s;
    s.n = TM_NAME_BYTES_MAX;
    while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80) {
        s.n--;
    }
    return s;
}

static tm_str_t without_apostrophes(tm_arena_t *arena, tm_str_t s)
{
    char *out = tm_arena_alloc(arena, (size_t)s.n + 1);
    if (out == NULL)
        return (tm_str_t){NULL, 0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '`')
            continue;
        if (i + 2 < s.n &&
            (memcmp(s.p + i, "\xe2\x80\x99", 3) == 0 || memcmp(s.p + i, "\xe2\x80\x98", 3) == 0)) {
            i += 2;
            continue;
        }
        out[n++] = s.p[i];
    }
    out[n] = '\0';
    return (tm_str_t){out, n};
}

static void add_word(tm_name_t *name, tm_str_t text)
{
    if (text.n == 0 || name->n == TM_NAME_WORDS_MAX)
        return;
    tm_name_word_t *word = &name->words[name->n++];
    *word = (tm_name_word_t){
        .text = text, .spelled = text, .id = TM_NAME_NO_ID, .kind = TM_NAME_K_NAME};
}

static bool is_ordinal(tm_str_t s)
{
    return s.n == 2 && (memcmp(s.p, "st", 2) == 0 || memcmp(s.p, "nd", 2) == 0 ||
                        memcmp(s.p, "rd", 2) == 0 || memcmp(s.p, "th", 2) == 0);
}

static bool is_misread_slash(char c)
{
    return c == 'i' || c == 'l' || c == '1';
}

/* "Smith/Pol/D" whose slashes were read as letters: "smithlpol", "smithipolid". Returns where the
 * mark "pol" begins in the run, 0 if it is no such run. */
static uint32_t misread_at(tm_str_t run)
{
    for (uint32_t at = 4; at + 3 <= run.n; at++) {
        if (!is_misread_slash(run.p[at - 1]) || memcmp(run.p + at, "pol", 3) != 0)
            continue;
        uint32_t end = at + 3;
        if (end < run.n && is_misread_slash(run.p[end])) {
            end++;
        }
        const bool party = end < run.n && (run.p[end] == 'd' || run.p[end] == 'r');
        if (end == run.n || (party && (end + 1 == run.n || is_misread_slash(run.p[end + 1]))))
            return at;
    }
    return 0;
}

/* Letters and digits apart, the ending of an ordinal dropped. */
static void add_pieces(tm_name_t *name, tm_str_t run)
{
    bool after_number = false;
    for (uint32_t i = 0; i < run.n;) {
        uint32_t end = i + 1;
        while (end < run.n && is_digit(run.p[end]) == is_digit(run.p[i])) {
            end++;
        }
        const tm_str_t piece = {run.p + i, end - i};
        if (!after_number || !is_ordinal(piece)) {
            add_word(name, piece);
        }
        after_number = is_digit(run.p[i]);
        i = end;
    }
}

/* One run without spaces. */
static void add_run(tm_name_t *name, tm_str_t run)
{
    const uint32_t at = misread_at(run);
    if (at == 0) {
        add_pieces(name, run);
        return;
    }
    uint32_t end = at + 3;
    add_pieces(name, (tm_str_t){run.p, at - 1});
    add_word(name, (tm_str_t){run.p + at, 3});
    end += end < run.n && is_misread_slash(run.p[end]) ? 1 : 0;
    if (end < run.n) {
        add_word(name, (tm_str_t){run.p + end, 1}); /* the party */
        end++;
    }
    end += end < run.n ? 1 : 0; /* the slash behind it */
    add_word(name, (tm_str_t){run.p + end, run.n - end});
}

static bool is_letter(const tm_name_word_t *word)
{
    return word->text.n == 1 && !is_digit(word->text.p[0]);
}

/* "f l o r i d a" is one word: four letters or more in a row. They lie in the folded text, one
 * space apart, so the word needs bytes of its own. */
static bool join_letters(tm_name_t *name, tm_arena_t *arena)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < name->n;) {
        uint32_t end = i;
        while (end < name->n && is_letter(&name->words[end])) {
            end++;
        }
        if (end - i >= 4) {
            char *text = tm_arena_alloc(arena, end - i);
            if (text == NULL)
                return false;
            for (uint32_t k = i; k < end; k++) {
                text[k - i] = name->words[k].text.p[0];
            }
            name->words[n] = name->words[i];
            name->words[n].text = (tm_str_t){text, end - i};
            name->words[n++].spelled = (tm_str_t){text, end - i};
            i = end;
        } else {
            name->words[n++] = name->words[i++];
        }
    }
    name->n = n;
    return true;
}

/* A misspelled "governor" should not weigh like a family name: long words of the list are also
 * recognised with one misprint. */
static const form_t *form_near(tm_str_t word)
{
    if (word.n < 6)
        return NULL;
    for (size_t i = 0; i < TM_COUNT(forms); i++) {
        const tm_str_t known = forms[i].spelling;
        const bool close = known.n >= 5 && known.n + 1 >= word.n && word.n + 1 >= known.n;
        if (close && known.p[0] == word.p[0] && tm_name_word_likeness(known, word) >= 8300)
            return &forms[i];
    }
    return NULL;
}

/* "polissue": two words of noise in one. */
static bool is_noise_twice(tm_str_t word)
{
    for (uint32_t cut = 3; cut + 3 <= word.n; cut++) {
        const form_t *left = form_in(forms, TM_COUNT(forms), (tm_str_t){word.p, cut});
        const form_t *right =
            form_in(forms, TM_COUNT(forms), (tm_str_t){word.p + cut, word.n - cut});
        if (left != NULL && right != NULL && left->kind == TM_NAME_K_NOISE &&
            right->kind == TM_NAME_K_NOISE)
            return true;
    }
    return false;
}

static void classify(tm_name_t *name)
{
    for (uint32_t i = 0; i < name->n; i++) {
        tm_name_word_t *word = &name->words[i];
        const form_t *form = form_in(forms, TM_COUNT(forms), word->text);
        if (form == NULL && i > 0 && i + 1 == name->n) {
            form = form_in(last_forms, TM_COUNT(last_forms), word->text);
        }
        if (form == NULL) {
            form = form_near(word->text);
        }
        if (is_number(word->text)) {
            word->kind = is_year(word->text) ? TM_NAME_K_YEAR : TM_NAME_K_NUMBER;
        } else if (form != NULL) {
            apply(word, form);
        } else if (is_noise_twice(word->text)) {
            word->kind = TM_NAME_K_NOISE;
        }
    }
}

/* Words at i.. that are the phrase's, 0 if they are not. */
static uint32_t phrase_at(const tm_name_t *name, uint32_t i, const form_t *phrase)
{
    uint32_t used = 0;
    uint32_t at = 0;
    while (at < phrase->spelling.n) {
        if (i + used >= name->n)
            return 0;
        const tm_str_t text = name->words[i + used].text;
        if (at + text.n > phrase->spelling.n ||
            memcmp(phrase->spelling.p + at, text.p, text.n) != 0)
            return 0;
        at += text.n;
        if (at < phrase->spelling.n && phrase->spelling.p[at++] != ' ')
            return 0;
        used++;
    }
    return used;
}

static bool is_inside(tm_str_t part, tm_str_t whole)
{
    const uintptr_t begin = (uintptr_t)whole.p;
    return (uintptr_t)part.p >= begin && (uintptr_t)part.p + part.n <= begin + whole.n;
}

/* What words i to i + n - 1 were spelled like: from the first to the last byte in the folded text;
 * letters put together lie elsewhere, then the first word must do. */
static tm_str_t span(const tm_name_t *name, uint32_t i, uint32_t n)
{
    const tm_str_t first = name->words[i].spelled;
    const tm_str_t last = name->words[i + n - 1].spelled;
    if (!is_inside(first, name->folded) || !is_inside(last, name->folded))
        return first;
    assert(last.p >= first.p);
    return (tm_str_t){first.p, (uint32_t)(last.p + last.n - first.p)};
}

static void join_phrases(tm_name_t *name)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < name->n;) {
        uint32_t used = 0;
        const form_t *found = NULL;
        for (size_t k = 0; used == 0 && k < TM_COUNT(phrases); k++) {
            used = phrase_at(name, i, &phrases[k]);
            found = &phrases[k];
        }
        name->words[n] = name->words[i];
        if (used > 0) {
            apply(&name->words[n], found);
            name->words[n].spelled = span(name, i, used);
        }
        n++;
        i += TM_MAX(used, 1u);
    }
    name->n = n;
}

static bool text_is(const tm_name_word_t *word, const char *text)
{
    return tm_str_eq(word->text, tm_str(text));
}

/* Words after which a digit counts something. */
static bool takes_number(const tm_name_word_t *word)
{
    return text_is(word, "on") || text_is(word, "district") || text_is(word, "department") ||
           text_is(word, "question") || text_is(word, "measure") || text_is(word, "prop") ||
           text_is(word, "proposition") || text_is(word, "props") || text_is(word, "issue") ||
           text_is(word, "amendment") || word->kind == TM_NAME_K_OFFICE ||
           word->kind == TM_NAME_K_NUMBER;
}

static void read_letter(tm_name_word_t *word, bool first)
{
    word->kind = TM_NAME_K_LETTER;
    if (first)
        return; /* of a given name */
    switch (word->text.p[0]) {
    case 'd':
        word->text = TM_STR("democrat");
        break;
    case 'r':
        word->text = TM_STR("republican");
        break;
    default:
        return;
    }
    word->kind = TM_NAME_K_PARTY;
}

/* What only the words beside it tell. */
static void read_in_place(tm_name_t *name)
{
    for (uint32_t i = 0; i < name->n; i++) {
        tm_name_word_t *word = &name->words[i];
        const bool inside = i > 0 && i + 1 < name->n;
        if (word->kind == TM_NAME_K_NUMBER && word->text.n == 1 && inside &&
            !takes_number(&name->words[i - 1])) {
            if (word->text.p[0] == '4' || word->text.p[0] == '2') {
                word->text = word->text.p[0] == '4' ? TM_STR("for") : TM_STR("to");
                word->kind = TM_NAME_K_LINK;
            }
        } else if (is_letter(word) && word->kind == TM_NAME_K_NAME) {
            read_letter(word, i == 0);
        } else if (text_is(word, "rep")) {
            word->text = TM_STR("republican"); /* after a scope it was a phrase already */
            word->kind = TM_NAME_K_PARTY;
        }
    }
}

/* A party, office or prefix said twice says nothing more. */
static void drop_repeated(tm_name_t *name)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < name->n; i++) {
        bool repeated = false;
        for (uint32_t k = 0; k < n && name->words[i].kind >= TM_NAME_K_NOISE; k++) {
            repeated = repeated || (name->words[k].kind == name->words[i].kind &&
                                    tm_str_eq(name->words[k].text, name->words[i].text));
        }
        if (!repeated) {
            name->words[n++] = name->words[i];
        }
    }
    name->n = n;
}

/* Length in words of the run from j on whose first letters are the word; 0 none. */
static uint32_t initials_at(const tm_name_t *name, uint32_t j, tm_str_t word)
{
    uint32_t used = 0;
    uint32_t at = 0;
    while (j + used < name->n && at < word.n) {
        const tm_name_word_t *w = &name->words[j + used];
        if (w->text.n > 1 && w->text.p[0] == word.p[at]) {
            at++;
        } else if (w->kind != TM_NAME_K_LINK || used == 0) {
            return 0;
        }
        used++;
    }
    return at == word.n ? used : 0;
}

/* "Republican Governors Association (RGA)" says one thing twice: the initials go. */
static void drop_initials(tm_name_t *name)
{
    for (uint32_t i = 0; i < name->n;) {
        const tm_name_word_t *word = &name->words[i];
        bool known = false;
        for (uint32_t j = 0; j < name->n && word->kind == TM_NAME_K_NAME && word->text.n >= 3;
             j++) {
            known = known || initials_at(name, j, word->text) >= 3;
        }
        if (known) {
            name->n--;
            memmove(&name->words[i], &name->words[i + 1], (name->n - i) * sizeof name->words[0]);
        } else {
            i++;
        }
    }
}

static bool take_core(tm_name_t *name, tm_arena_t *arena)
{
    char *core = tm_arena_alloc(arena, (size_t)name->folded.n + TM_NAME_WORDS_MAX + 1);
    if (core == NULL)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < name->n; i++) {
        const tm_name_word_t *word = &name->words[i];
        if (word->kind == TM_NAME_K_NOISE || word->kind == TM_NAME_K_YEAR)
            continue;
        if (n > 0) {
            core[n++] = ' ';
        }
        memcpy(core + n, word->spelled.p, word->spelled.n);
        n += word->spelled.n;
    }
    assert(n <= name->folded.n + TM_NAME_WORDS_MAX);
    core[n] = '\0';
    name->core = (tm_str_t){core, n};
    return true;
}

static bool take_pairs(tm_name_t *name, tm_arena_t *arena)
{
    name->pairs = tm_arena_alloc(arena, (size_t)(name->core.n + 1) * sizeof(uint16_t));
    if (name->pairs == NULL)
        return false;
    uint8_t before = 0;
    for (uint32_t i = 0; i < name->core.n; i++) {
        const uint8_t c = (uint8_t)name->core.p[i];
        if (c == ' ' || is_digit((char)c))
            continue;
        const uint16_t pair = (uint16_t)(before << 8 | c);
        uint32_t at = name->n_pairs++;
        for (; at > 0 && name->pairs[at - 1] > pair; at--) {
            name->pairs[at] = name->pairs[at - 1];
        }
        name->pairs[at] = pair;
        before = c;
    }
    return true;
}

bool tm_name_parse(tm_arena_t *arena, tm_str_t raw, tm_name_t *ret)
{
    assert(arena != NULL && ret != NULL);
    tm_name_t name = {.bytes = raw.n};
    const tm_str_t plain = without_apostrophes(arena, cut_at_limit(without_number(raw)));
    name.words = tm_arena_alloc(arena, TM_NAME_WORDS_MAX * sizeof(tm_name_word_t));
    if (plain.p == NULL || name.words == NULL)
        return false;
    name.folded = tm_fold_words(arena, plain);
    if (name.folded.p == NULL)
        return false;
    name.folded = cut_at_limit(name.folded); /* one character may fold to eighteen */
    for (uint32_t i = 0; i < name.folded.n;) {
        const char *space = memchr(name.folded.p + i, ' ', name.folded.n - i);
        const uint32_t end = space == NULL ? name.folded.n : (uint32_t)(space - name.folded.p);
        add_run(&name, (tm_str_t){name.folded.p + i, end - i});
        i = end + 1;
    }
    if (!join_letters(&name, arena))
        return false;
    classify(&name);
    join_phrases(&name);
    read_in_place(&name);
    drop_repeated(&name);
    drop_initials(&name);
    if (!take_core(&name, arena) || !take_pairs(&name, arena))
        return false;
    name.bare = true;
    for (uint32_t i = 0; i < name.n; i++) {
        name.bare = name.bare && (name.words[i].kind != TM_NAME_K_NAME || name.words[i].text.n < 3);
    }
    *ret = name;
    return true;
}
