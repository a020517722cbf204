/* fold.c - text brought to a form in which equal names are equal.
 *
 * How:     plain ASCII by a loop. Otherwise character by character: compatibility decomposition,
 *          case folding, decomposition again (folding may compose); letters and digits stay,
 *          marks vanish, the rest separates words. Working by character is enough because the
 *          order of marks does not matter once they are dropped.
 * Threads: any.
 * Source:  Unicode case folding and NFKD by ICU. */
#include "base/fold.h"
#include "base/buf.h"
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

/* ICU's macros for UTF-8 and UTF-16 mix signed and unsigned characters on purpose. */
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"

#define DECOMPOSED_MAX 32 /* the longest decomposition of one character has 18 units */
#define FOLDED_MAX (DECOMPOSED_MAX * 3)

typedef struct folder {
    tm_buf_t out;
    const UNormalizer2 *nfkd;
    bool words;
    bool gap; /* a separator was seen since the last letter */
} folder_t;

/* For text that is ASCII throughout. out has room for s.n bytes; returns those written. */
static uint32_t fold_ascii(tm_str_t s, bool words, char *out)
{
    uint32_t n = 0;
    bool gap = false;
    for (uint32_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        const unsigned char low = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9')) {
            if (gap && words && n > 0)
                out[n++] = ' ';
            out[n++] = (char)low;
            gap = false;
        } else {
            gap = true;
        }
    }
    return n;
}

static void take_char(folder_t *folder, UChar32 c)
{
    if (u_isalnum(c)) {
        char text[U8_MAX_LENGTH];
        int32_t n = 0;
        if (folder->gap && folder->words && folder->out.n > 0)
            tm_buf_add_char(&folder->out, ' ');
        U8_APPEND_UNSAFE(text, n, c);
        tm_buf_add(&folder->out, text, (size_t)n);
        folder->gap = false;
    } else if ((U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_CF_MASK)) == 0) {
        folder->gap = true;
    }
}

/* The decomposition of one character, itself if it has none. Returns its units. */
static int32_t decompose(const folder_t *folder, UChar32 c, UChar out[DECOMPOSED_MAX])
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = unorm2_getDecomposition(folder->nfkd, c, out, DECOMPOSED_MAX, &status);
    if (n >= 0 && U_SUCCESS(status))
        return n;
    n = 0;
    U16_APPEND_UNSAFE(out, n, c);
    return n;
}

static void fold_char(folder_t *folder, UChar32 c)
{
    UChar parts[DECOMPOSED_MAX];
    UChar folded[FOLDED_MAX];
    UChar again[DECOMPOSED_MAX];
    UErrorCode status = U_ZERO_ERROR;
    const int32_t parts_n = decompose(folder, c, parts);
    const int32_t folded_n =
        u_strFoldCase(folded, FOLDED_MAX, parts, parts_n, U_FOLD_CASE_DEFAULT, &status);
    assert(U_SUCCESS(status) || status == U_STRING_NOT_TERMINATED_WARNING);

    for (int32_t i = 0; i < folded_n;) {
        UChar32 one;
        U16_NEXT(folded, i, folded_n, one);
        const int32_t again_n = decompose(folder, one, again);
        for (int32_t j = 0; j < again_n;) {
            UChar32 last;
            U16_NEXT(again, j, again_n, last);
            take_char(folder, last);
        }
    }
}

static tm_str_t fold_unicode(tm_arena_t *arena, tm_str_t s, bool words)
{
    UErrorCode status = U_ZERO_ERROR;
    folder_t folder = {.nfkd = unorm2_getNFKDInstance(&status), .words = words};
    if (U_FAILURE(status))
        abort(); /* the library came without its data */
    tm_buf_init(&folder.out, (size_t)s.n * DECOMPOSED_MAX + 16);

    for (uint32_t i = 0; i < s.n;) {
        UChar32 c;
        U8_NEXT(s.p, i, s.n, c);
        if (c >= 0)
            fold_char(&folder, c);
    }
    assert(!folder.out.full);
    const tm_str_t out = folder.out.n == 0 ? TM_STR("") : tm_buf_str(&folder.out);
    const tm_str_t kept = tm_arena_str(arena, out);
    tm_buf_done(&folder.out);
    return kept;
}

static tm_str_t fold(tm_arena_t *arena, tm_str_t s, bool words)
{
    assert(arena != NULL);
    assert(s.n <= INT32_MAX);
    uint32_t ascii = 0;
    while (ascii < s.n && (unsigned char)s.p[ascii] < 0x80) {
        ascii++;
    }
    if (ascii < s.n)
        return fold_unicode(arena, s, words);

    char *out = tm_arena_alloc(arena, (size_t)s.n + 1);
    if (out == NULL)
        return (tm_str_t){NULL, 0};
    const uint32_t n = fold_ascii(s, words, out);
    assert(n <= s.n);
    out[n] = '\0';
    return (tm_str_t){out, n};
}

tm_str_t tm_fold_key(tm_arena_t *arena, tm_str_t s)
{
    return fold(arena, s, false);
}

tm_str_t tm_fold_words(tm_arena_t *arena, tm_str_t s)
{
    return fold(arena, s, true);
}
