/* json_read.c - a JSON object straight into a record, with every fault and its path.
 *
 * Why:     request bodies are the hot path in, and whoever sent one wants to know all that is
 *          wrong, at once.
 * How:     one walk. A key is first compared with the field behind the last one (people and our
 *          writer keep the order), then by its sign. A wrong value is skipped and remembered;
 *          malformed text ends the walk, and then its fault is the only one. Lists grow by
 *          doubling inside the arena. Recursion as deep as descriptors nest.
 * Threads: pure. */
#include "base/time.h"
#include "schema/json.h"
#include "schema/json_lex.h"
#include "schema/limit.h"
#include "schema/record.h"
#include "schema/slot.h"

#define LIST_FIRST 8u

typedef struct reader {
    tm_json_t j; /* only p, end and, while skipping, the rest */
    const char *begin;
    unsigned mode;
    tm_why_t *why;
    tm_err_t first; /* the first fault of meaning */
} reader_t;

typedef tm_err_t
    fatal_t; /* an error that ends the walk: TM_EMALFORMED, TM_EDEPTH, TM_ENOMEM; else TM_OK */

static inline void space(reader_t *r)
{
    r->j.p = tm_lex_space(r->j.p, r->j.end);
}

/* The next byte behind white space, 0 at the end (a NUL in the text is malformed anyway). */
static inline char peek(reader_t *r)
{
    space(r);
    return r->j.p < r->j.end ? *r->j.p : '\0';
}

static void wrong(reader_t *r, tm_err_t err)
{
    if (r->first == TM_OK)
        r->first = err;
}

static fatal_t skip(reader_t *r)
{
    r->j.after_key = true; /* a value is what must come */
    r->j.need_comma = false;
    return tm_json_skip(&r->j) ? TM_OK : r->j.err;
}

/* A value of the wrong type: remembered, skipped. */
static fatal_t wrong_type(reader_t *r, const tm_field_t *field, bool element, const tm_path_t *path)
{
    wrong(r, tm_type_fault(field, element, path, r->why));
    return skip(r);
}

static fatal_t enter(reader_t *r, bool object)
{
    if (r->j.depth == TM_JSON_DEPTH_MAX)
        return TM_EDEPTH;
    const uint32_t bit = UINT32_C(1) << r->j.depth;
    r->j.open = object ? r->j.open | bit : r->j.open & ~bit;
    r->j.depth++;
    r->j.p++;
    return TM_OK;
}

/* Steps over the comma or the closing bracket behind an element; *ret_more tells which. `first`:
 * nothing came yet. */
static inline fatal_t step(reader_t *r, char close, bool first, bool *ret_more)
{
    const char c = peek(r);
    if (c == close) {
        r->j.p++;
        r->j.depth--;
        *ret_more = false;
        return TM_OK;
    }
    *ret_more = true;
    if (first)
        return TM_OK;
    if (c != ',')
        return TM_EMALFORMED;
    r->j.p++;
    space(r);
    return TM_OK;
}

/* Reads a number. *ret_whole false: it has a fraction, an exponent or too many digits for 64
 * bits (*ret_large). */
static fatal_t read_integer(reader_t *r, int64_t *ret, bool *ret_whole, bool *ret_large)
{
    const char *p = r->j.p;
    const char *end = r->j.end;
    const bool minus = *p == '-';
    const char *digits = p + (minus ? 1 : 0);
    const char *at = digits;
    uint64_t v = 0;
    while (at < end && (unsigned char)(*at - '0') <= 9 && at - digits < 18) {
        v = v * 10 + (uint64_t)(*at - '0');
        at++;
    }
    *ret_large = false;
    const bool simple =
        at > digits && (at == digits + 1 || *digits != '0') &&
        (at == end || (*at != '.' && (*at | 32) != 'e' && (unsigned char)(*at - '0') > 9));
    if (simple) {
        *ret = minus ? -(int64_t)v : (int64_t)v;
        *ret_whole = true;
        r->j.p = at;
        return TM_OK;
    }
    const char *behind = tm_lex_number(p, end);
    if (behind == NULL)
        return TM_EMALFORMED;
    const tm_str_t text = tm_str_n(p, (size_t)(behind - p));
    *ret_whole = tm_str_i64(text, ret);
    *ret_large = !*ret_whole && memchr(text.p, '.', text.n) == NULL &&
                 memchr(text.p, 'e', text.n) == NULL && memchr(text.p, 'E', text.n) == NULL;
    r->j.p = behind;
    return TM_OK;
}

static fatal_t read_number(reader_t *r, const tm_field_t *field, bool element,
                           const tm_path_t *path, int64_t *ret, bool *ret_ok)
{
    *ret_ok = false;
    const char c = *r->j.p;
    if (c != '-' && (unsigned char)(c - '0') > 9)
        return wrong_type(r, field, element, path);
    bool whole;
    bool large;
    const fatal_t fatal = read_integer(r, ret, &whole, &large);
    if (fatal != TM_OK)
        return fatal;
    const tm_range_t range = tm_limit_range(field);
    if (!whole && !large)
        wrong(r, tm_type_fault(field, element, path, r->why));
    else if (large || *ret < range.min || *ret > range.max)
        wrong(r, tm_limit_fault(field, path, r->why));
    else
        *ret_ok = true;
    return TM_OK;
}

/* Reads a string of any meaning; *ret_ok false: another type, told and skipped. */
static fatal_t read_text(reader_t *r, const tm_field_t *field, bool element, const tm_path_t *path,
                         tm_str_t *ret, bool *ret_copied, bool *ret_ok)
{
    *ret_ok = *r->j.p == '"';
    if (!*ret_ok)
        return wrong_type(r, field, element, path);
    r->j.p++;
    return tm_lex_string(&r->j.p, r->j.end, r->j.arena, ret, ret_copied);
}

/* A string value, kept in the arena. */
static fatal_t read_str(reader_t *r, const tm_field_t *field, bool element, const tm_path_t *path,
                        tm_str_t *ret, bool *ret_ok)
{
    tm_str_t s;
    bool copied = false;
    const fatal_t fatal = read_text(r, field, element, path, &s, &copied, ret_ok);
    if (fatal != TM_OK || !*ret_ok)
        return fatal;
    const tm_range_t range = tm_limit_range(field);
    if (s.n < range.min || s.n > range.max) {
        *ret_ok = false;
        wrong(r, tm_limit_fault(field, path, r->why));
        return TM_OK;
    }
    if (!copied && (r->mode & TM_JSON_IN_TEXT) == 0) {
        char *kept = tm_arena_alloc(r->j.arena, s.n);
        if (kept == NULL)
            return TM_ENOMEM;
        memcpy(kept, s.p, s.n);
        s.p = kept;
    }
    *ret = s;
    return TM_OK;
}

/* Days, ids and words are strings with a meaning. */
static fatal_t read_meaning(reader_t *r, const tm_field_t *field, const tm_path_t *path, void *slot,
                            bool *ret_ok)
{
    tm_str_t s;
    const fatal_t fatal = read_text(r, field, false, path, &s, NULL, ret_ok);
    if (fatal != TM_OK || !*ret_ok)
        return fatal;
    tm_err_t err = TM_OK;
    if (field->type == TM_T_DAY) {
        err = tm_day_parse(s, slot);
    } else if (field->type == TM_T_ID) {
        err = tm_id_parse(field->extra.prefix, s, slot);
    } else {
        assert(field->type == TM_T_ENUM);
        const int word = tm_words_find(field->extra.words, s);
        if (word < 0)
            err = TM_EINVALID;
        else
            *(tm_enum_t *)slot = (tm_enum_t){(uint8_t)word};
    }
    *ret_ok = err == TM_OK;
    if (err == TM_ERANGE)
        wrong(r, tm_limit_fault(field, path, r->why));
    else if (err != TM_OK)
        wrong(r, tm_type_fault(field, false, path, r->why));
    return TM_OK;
}

static fatal_t read_record(reader_t *r, const tm_desc_t *desc, const tm_path_t *path, void *record,
                           tm_has_t *nulls);

/* One element into its place. */
static fatal_t read_element(reader_t *r, const tm_field_t *field, const tm_path_t *path,
                            void *place, bool *ret_ok)
{
    if (field->type == TM_T_STRS)
        return read_str(r, field, true, path, place, ret_ok);
    if (field->type == TM_T_I32S) {
        int64_t v = 0;
        const fatal_t fatal = read_number(r, field, true, path, &v, ret_ok);
        *(int32_t *)place = (int32_t)v;
        return fatal;
    }
    assert(field->type == TM_T_RECS);
    *ret_ok = *r->j.p == '{';
    if (!*ret_ok)
        return wrong_type(r, field, true, path);
    memset(place, 0, field->extra.sub->bytes);
    return read_record(r, field->extra.sub, path, place, NULL);
}

/* Room for one more element: doubles, the old place stays behind in the arena. */
static bool list_grow(reader_t *r, size_t each, uint32_t n, uint32_t *cap, char **v)
{
    if (n < *cap)
        return true;
    const uint32_t larger = *cap == 0 ? LIST_FIRST : *cap * 2;
    char *room = tm_arena_alloc(r->j.arena, larger * each);
    if (room == NULL)
        return false;
    if (n > 0)
        memcpy(room, *v, n * each);
    *v = room;
    *cap = larger;
    return true;
}

static fatal_t read_list(reader_t *r, const tm_field_t *field, const tm_path_t *path, void *slot,
                         bool *ret_ok)
{
    *ret_ok = *r->j.p == '[';
    if (!*ret_ok)
        return wrong_type(r, field, false, path);
    const size_t each = field->type == TM_T_STRS   ? sizeof(tm_str_t)
                        : field->type == TM_T_I32S ? sizeof(int32_t)
                                                   : field->extra.sub->bytes;
    const uint32_t items_max = tm_limit_items(field);
    char *v = NULL;
    uint32_t cap = 0;
    uint32_t n = 0;
    bool more;
    fatal_t fatal = enter(r, false);
    for (bool first = true; fatal == TM_OK; first = false) {
        fatal = step(r, ']', first, &more);
        if (fatal != TM_OK || !more)
            break;
        if (n == items_max) {
            if (*ret_ok)
                wrong(r, tm_limit_items_fault(field, path, r->why));
            *ret_ok = false;
            fatal = skip(r);
            continue;
        }
        if (!list_grow(r, each, n, &cap, &v))
            return TM_ENOMEM;
        const tm_path_t element = {path, {NULL, 0}, n};
        bool ok;
        if (r->j.p == r->j.end)
            return TM_EMALFORMED;
        fatal = read_element(r, field, &element, v + n * each, &ok);
        n++;
    }
    if (fatal == TM_OK)
        *(tm_recs_t *)slot = (tm_recs_t){v, n}; /* the three kinds of list have the same shape */
    return fatal;
}

static fatal_t read_value(reader_t *r, const tm_field_t *field, const tm_path_t *path, void *slot,
                          bool *ret_ok)
{
    int64_t v = 0;
    fatal_t fatal;
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
        return read_str(r, field, false, path, slot, ret_ok);
    case TM_T_DAY:
    case TM_T_ID:
    case TM_T_ENUM:
        return read_meaning(r, field, path, slot, ret_ok);
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        return read_list(r, field, path, slot, ret_ok);
    case TM_T_BOOL: {
        const bool is_true = *r->j.p == 't';
        const char *behind = is_true ? tm_lex_word(r->j.p, r->j.end, "true", 4)
                                     : tm_lex_word(r->j.p, r->j.end, "false", 5);
        *ret_ok = behind != NULL;
        if (behind == NULL)
            return wrong_type(r, field, false, path);
        *(bool *)slot = is_true;
        r->j.p = behind;
        return TM_OK;
    }
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
        break;
    }
    fatal = read_number(r, field, false, path, &v, ret_ok);
    if (fatal == TM_OK && *ret_ok)
        tm_slot_set_number(field, slot, v);
    return fatal;
}

/* Fields with one of these are unknown to whoever wrote this text. */
static inline uint32_t hidden_flags(const reader_t *r)
{
    return TM_F_HIDDEN | ((r->mode & TM_JSON_REQUEST) != 0 ? TM_F_READONLY : 0);
}

/* The index of a key's field that may be given here, -1: unknown. `guess`: the one behind the
 * last. */
static int find_field(const reader_t *r, const tm_desc_t *desc, tm_str_t key, unsigned guess)
{
    int i = -1;
    if (guess < desc->n_fields && desc->fields[guess].name_n == key.n &&
        memcmp(desc->fields[guess].name, key.p, key.n) == 0)
        i = (int)guess;
    else
        i = tm_field_find_from(desc, key, guess);
    if (i < 0)
        return -1;
    const tm_field_t *field = &desc->fields[i];
    if (field->type == TM_T_ID && field->extra.prefix == NULL)
        return -1; /* an id of any kind has no text; it goes between actors alone */
    return (field->flags & hidden_flags(r)) != 0 ? -1 : i;
}

/* Which fields of one object came. */
typedef struct given {
    tm_has_t seen; /* whatever came, good or not */
    tm_has_t nulls;
    unsigned guess; /* the index behind the last one */
} given_t;

/* Required fields that did not come. The program's own are not asked for. */
static void check_required(reader_t *r, const tm_desc_t *desc, const tm_path_t *path,
                           const given_t *given, bool partial)
{
    const uint32_t hidden = hidden_flags(r);
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        if ((field->flags & TM_F_REQUIRED) == 0)
            continue;
        const tm_path_t at = {path, {field->name, field->name_n}, 0};
        if (tm_has_get(&given->nulls, i))
            wrong(r, tm_path_fault(&at, r->why, TM_EINVALID, "must not be null"));
        else if (!tm_has_get(&given->seen, i) && (field->flags & hidden) == 0 && !partial)
            wrong(r, tm_path_fault(&at, r->why, TM_EINVALID, "is required"));
    }
}

/* A key and what leads to its value. */
static fatal_t read_key(reader_t *r, tm_str_t *ret)
{
    if (r->j.p == r->j.end || *r->j.p != '"')
        return TM_EMALFORMED;
    r->j.p++;
    const fatal_t fatal = tm_lex_string(&r->j.p, r->j.end, r->j.arena, ret, NULL);
    if (fatal != TM_OK)
        return fatal;
    if (peek(r) != ':')
        return TM_EMALFORMED;
    r->j.p++;
    space(r);
    return r->j.p == r->j.end ? TM_EMALFORMED : TM_OK;
}

/* One key and its value. */
static fatal_t read_pair(reader_t *r, const tm_desc_t *desc, const tm_path_t *path, void *record,
                         given_t *given)
{
    tm_str_t key;
    const fatal_t fatal = read_key(r, &key);
    if (fatal != TM_OK)
        return fatal;
    const int found = find_field(r, desc, key, given->guess);
    const tm_path_t at = {path, key, 0};
    if (found < 0 || tm_has_get(&given->seen, (unsigned)found)) {
        const char *text = found < 0 ? "is not a known field" : "is given twice";
        wrong(r, tm_path_fault(&at, r->why, TM_EINVALID, "%s", text));
        return skip(r);
    }
    const unsigned i = (unsigned)found;
    const tm_field_t *field = &desc->fields[i];
    given->guess = i + 1;
    tm_has_set(&given->seen, i);
    if (*r->j.p == 'n') {
        const char *behind = tm_lex_word(r->j.p, r->j.end, "null", 4);
        if (behind == NULL)
            return TM_EMALFORMED;
        r->j.p = behind;
        tm_has_set(&given->nulls, i);
        return TM_OK;
    }
    bool ok = false;
    const fatal_t failed = read_value(r, field, &at, tm_slot(field, record), &ok);
    if (failed == TM_OK && ok)
        tm_has_set(tm_slot_has(record), i);
    return failed;
}

static fatal_t read_record(reader_t *r, const tm_desc_t *desc, const tm_path_t *path, void *record,
                           tm_has_t *nulls)
{
    given_t given = {{{0, 0}}, {{0, 0}}, 0};
    bool more;
    fatal_t fatal = enter(r, true);
    for (bool first = true; fatal == TM_OK; first = false) {
        fatal = step(r, '}', first, &more);
        if (fatal != TM_OK || !more)
            break;
        fatal = read_pair(r, desc, path, record, &given);
    }
    if (fatal != TM_OK)
        return fatal;
    check_required(r, desc, path, &given, path == NULL && (r->mode & TM_JSON_PARTIAL) != 0);
    if (nulls != NULL)
        *nulls = given.nulls;
    return TM_OK;
}

tm_err_t tm_json_read(const tm_desc_t *desc, tm_str_t text, unsigned mode, tm_arena_t *arena,
                      void *ret_record, tm_has_t *ret_nulls, tm_why_t *why)
{
    assert(desc != NULL && arena != NULL && ret_record != NULL);
    reader_t r = {.begin = text.p, .mode = mode, .why = why, .first = TM_OK};
    tm_json_begin(&r.j, text, arena);
    const uint32_t kept = why == NULL ? 0 : why->n;
    const uint32_t dropped = why == NULL ? 0 : why->dropped;
    if (ret_nulls != NULL)
        *ret_nulls = (tm_has_t){{0, 0}};

    fatal_t fatal = TM_OK;
    const char c = peek(&r);
    if (c == '{') {
        fatal = read_record(&r, desc, NULL, ret_record, ret_nulls);
    } else {
        r.first = tm_path_fault(NULL, why, TM_EINVALID, "must be an object");
        fatal = skip(&r);
    }
    if (fatal == TM_OK && peek(&r) == '\0' && r.j.p == r.j.end)
        return r.first;
    if (fatal == TM_OK)
        fatal = TM_EMALFORMED;
    if (why != NULL) {
        why->n = kept; /* half a text says nothing about its fields */
        why->dropped = dropped;
    }
    if (fatal == TM_EDEPTH)
        return tm_why_add(why, fatal, NULL, "is nested more than %d levels deep",
                          TM_JSON_DEPTH_MAX);
    if (fatal == TM_ENOMEM)
        return tm_why_add(why, fatal, NULL, "needs more memory than a request may take");
    return tm_why_add(why, fatal, NULL, "is not JSON at byte %zu", (size_t)(r.j.p - r.begin));
}
