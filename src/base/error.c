/* error.c - the names, sentences and HTTP statuses of errors.def.
 *
 * Why:     one line in errors.def is the only declaration of an error.
 * How:     tables expanded from the list; the code is the lower-case name without its E, spelled
 *          at compile time.
 * Threads: constants; any. */
#include "base/base.h"

#define CODE_MAX 16
/* Letter i of the name after its E, lower case; 0 behind the end. Setting bit 5 lowers an ASCII
 * capital. */
#define LETTER(s, i) \
    (char)((i) + 1 < sizeof(s) - 1 ? ((s)[(i) + 1 < sizeof(s) ? (i) + 1 : 0] | 32) : 0)
#define CODE(s)                                                                                   \
    {                                                                                             \
        LETTER(s, 0), LETTER(s, 1), LETTER(s, 2), LETTER(s, 3), LETTER(s, 4), LETTER(s, 5),       \
            LETTER(s, 6), LETTER(s, 7), LETTER(s, 8), LETTER(s, 9), LETTER(s, 10), LETTER(s, 11), \
            LETTER(s, 12), LETTER(s, 13), LETTER(s, 14), '\0'                                     \
    }

static const char codes[TM_ERR_COUNT][CODE_MAX] = {
    [TM_OK] = "ok",
#define TM_ERR(name, status, text) [TM_##name] = CODE(#name),
#include "base/errors.def"
#undef TM_ERR
};

static const char *const texts[TM_ERR_COUNT] = {
    [TM_OK] = "done",
#define TM_ERR(name, status, text) [TM_##name] = text,
#include "base/errors.def"
#undef TM_ERR
};

static const short statuses[TM_ERR_COUNT] = {
    [TM_OK] = 200,
#define TM_ERR(name, status, text) [TM_##name] = status,
#include "base/errors.def"
#undef TM_ERR
};

/* A name longer than the table's field would lose its end. */
#define TM_ERR(name, status, text) _Static_assert(sizeof(#name) - 1 < CODE_MAX, "name too long");
#include "base/errors.def"
#undef TM_ERR

const char *tm_err_code(tm_err_t err)
{
    assert((unsigned)err < TM_ERR_COUNT);
    return codes[err];
}

const char *tm_err_text(tm_err_t err)
{
    assert((unsigned)err < TM_ERR_COUNT);
    return texts[err];
}

int tm_err_status(tm_err_t err)
{
    assert((unsigned)err < TM_ERR_COUNT);
    return statuses[err];
}
