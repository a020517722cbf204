/* json_lex.h - the smallest pieces of JSON text: white space, numbers, strings; shared by the
 * two readers.
 *
 * Why:     RFC 8259 to the letter, in one place; both readers refuse the same bytes.
 * Threads: pure. */
#ifndef TM_SCHEMA_JSON_LEX_H
#define TM_SCHEMA_JSON_LEX_H
#include "schema/json.h"

static inline const char *tm_lex_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

/* Behind the number that begins at p; NULL: it is none. */
const char *tm_lex_number(const char *p, const char *end);
/* Reads a string; *p stands behind its opening quote and then behind the closing one. The text
 * lies in the input, or in the arena if it had escapes (*ret_copied, may be NULL). Errors:
 * TM_EMALFORMED not closed, bad escape, control character, NUL, lone surrogate, invalid UTF-8
 * (then *p stands there or at the string's end); TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_lex_string(const char **p, const char *end, tm_arena_t *arena,
                                     tm_str_t *ret, bool *ret_copied);
/* Behind `word` if it stands at p, else NULL. */
static inline const char *tm_lex_word(const char *p, const char *end, const char *word, size_t n)
{
    return (size_t)(end - p) >= n && memcmp(p, word, n) == 0 ? p + n : NULL;
}
#endif
