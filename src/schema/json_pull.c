/* json_pull.c - JSON without a descriptor, token by token.
 *
 * How:     `open` remembers for each open level whether it is an object; need_comma and
 *          after_key say what may come next. After the outermost value only white space and the
 *          end may come. A fault stays: every later token is BAD.
 * Threads: the owner's. */
#include "schema/json.h"
#include "schema/json_lex.h"

_Static_assert(TM_JSON_DEPTH_MAX <= 32, "one bit of `open` a level");

static tm_token_t bad(tm_json_t *j, tm_err_t err)
{
    j->err = err;
    return TM_J_BAD;
}

void tm_json_begin(tm_json_t *j, tm_str_t text, tm_arena_t *arena)
{
    assert(j != NULL && arena != NULL);
    *j = (tm_json_t){.p = text.p, .end = text.n == 0 ? text.p : text.p + text.n, .arena = arena};
}

static tm_token_t open_level(tm_json_t *j, bool object)
{
    if (j->depth == TM_JSON_DEPTH_MAX)
        return bad(j, TM_EDEPTH);
    const uint32_t bit = UINT32_C(1) << j->depth;
    j->open = object ? j->open | bit : j->open & ~bit;
    j->depth++;
    j->p++;
    j->need_comma = false;
    j->after_key = false;
    return object ? TM_J_OBJECT : TM_J_LIST;
}

static tm_token_t close_level(tm_json_t *j, bool object)
{
    if ((*j->p == '}') != object)
        return bad(j, TM_EMALFORMED);
    j->p++;
    j->depth--;
    j->need_comma = true;
    return object ? TM_J_OBJECT_END : TM_J_LIST_END;
}

static tm_token_t read_key(tm_json_t *j, tm_str_t *ret)
{
    if (*j->p != '"')
        return bad(j, TM_EMALFORMED);
    j->p++;
    const tm_err_t err = tm_lex_string(&j->p, j->end, j->arena, ret, NULL);
    if (err != TM_OK)
        return bad(j, err);
    j->p = tm_lex_space(j->p, j->end);
    if (j->p == j->end || *j->p != ':')
        return bad(j, TM_EMALFORMED);
    j->p++;
    j->after_key = true;
    return TM_J_KEY;
}

static tm_token_t read_word(tm_json_t *j, const char *word, tm_token_t token)
{
    const char *behind = tm_lex_word(j->p, j->end, word, strlen(word));
    if (behind == NULL)
        return bad(j, TM_EMALFORMED);
    j->p = behind;
    return token;
}

static tm_token_t read_value(tm_json_t *j, tm_str_t *ret)
{
    j->need_comma = true;
    j->after_key = false;
    switch (*j->p) {
    case '{': return open_level(j, true);
    case '[': return open_level(j, false);
    case 'n': return read_word(j, "null", TM_J_NULL);
    case 't': return read_word(j, "true", TM_J_TRUE);
    case 'f': return read_word(j, "false", TM_J_FALSE);
    case '"': {
        j->p++;
        const tm_err_t err = tm_lex_string(&j->p, j->end, j->arena, ret, NULL);
        return err == TM_OK ? TM_J_STRING : bad(j, err);
    }
    default: break;
    }
    const char *behind = tm_lex_number(j->p, j->end);
    if (behind == NULL)
        return bad(j, TM_EMALFORMED);
    *ret = tm_str_n(j->p, (size_t)(behind - j->p));
    j->p = behind;
    return TM_J_NUMBER;
}

tm_token_t tm_json_next(tm_json_t *j, tm_str_t *ret)
{
    assert(j != NULL && ret != NULL);
    if (j->err != TM_OK)
        return TM_J_BAD;
    j->p = tm_lex_space(j->p, j->end);
    if (j->depth == 0 && j->need_comma)
        return j->p == j->end ? TM_J_END : bad(j, TM_EMALFORMED);
    if (j->p == j->end)
        return bad(j, TM_EMALFORMED);

    const bool object = j->depth > 0 && (j->open >> (j->depth - 1) & 1) != 0;
    if (j->depth > 0 && !j->after_key) {
        if (*j->p == '}' || *j->p == ']')
            return close_level(j, object);
        if (j->need_comma) {
            if (*j->p != ',')
                return bad(j, TM_EMALFORMED);
            j->p = tm_lex_space(j->p + 1, j->end);
            if (j->p == j->end)
                return bad(j, TM_EMALFORMED);
        }
        if (object)
            return read_key(j, ret);
    }
    return read_value(j, ret);
}

bool tm_json_skip(tm_json_t *j)
{
    const uint8_t depth = j->depth;
    tm_str_t unused;
    for (;;) {
        const tm_token_t token = tm_json_next(j, &unused);
        if (token == TM_J_BAD || token == TM_J_END || j->depth < depth)
            return false;
        if (j->depth == depth && token != TM_J_KEY)
            return true;
    }
}
