/* json_write.c - a record as one JSON object.
 *
 * Why:     rows and answers are the hot path out.
 * How:     keys stand ready in the descriptor, and so does what absent fields are; a string without
 *          special characters is one copy. Recursion as deep as descriptors nest.
 * Threads: pure. */
#include "base/time.h"
#include "schema/json.h"
#include "schema/json_value.h"
#include "schema/naming.h"
#include "schema/record.h"
#include "schema/slot.h"

#define LOW UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

static inline uint64_t zero_bytes(uint64_t v)
{
    return (v - LOW) & ~v & HIGH;
}

/* The number of bytes at p that need no escape. */
static size_t plain_bytes(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        const uint64_t control = (word - LOW * 0x20) & ~word & HIGH;
        if ((zero_bytes(word ^ LOW * '"') | zero_bytes(word ^ LOW * '\\') | control) != 0)
            break;
    }
    while (i < n && (unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
        i++;
    }
    return i;
}

static void write_escape(char c, tm_buf_t *out)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', c, '0', '0', 0, 0};
    size_t n = 2;
    switch (c) {
    case '"':
    case '\\':
        break;
    case '\b':
        text[1] = 'b';
        break;
    case '\f':
        text[1] = 'f';
        break;
    case '\n':
        text[1] = 'n';
        break;
    case '\r':
        text[1] = 'r';
        break;
    case '\t':
        text[1] = 't';
        break;
    default:
        text[1] = 'u';
        text[4] = hex[(unsigned char)c >> 4];
        text[5] = hex[c & 15];
        n = 6;
    }
    tm_buf_add(out, text, n);
}

/* A text of which the first bytes, `plain` of them, need no escape. Apart: few do, and the way of
 * the others is shorter without it. */
static __attribute__((noinline)) void write_escaped(tm_str_t s, size_t plain, tm_buf_t *out)
{
    tm_buf_add_char(out, '"');
    size_t i = 0;
    for (;;) {
        tm_buf_add(out, s.p + i, plain);
        i += plain;
        if (i == s.n)
            break;
        write_escape(s.p[i++], out);
        plain = plain_bytes(s.p + i, s.n - i);
    }
    tm_buf_add_char(out, '"');
}

/* Where n bytes that need no escape and are about to be written stand between quotes; a NUL behind
 * them does no harm. NULL: no room. */
static char *begin_quoted(size_t n, tm_buf_t *out)
{
    if (!tm_buf_reserve(out, n + 2))
        return NULL;
    out->p[out->n] = '"';
    return out->p + out->n + 1;
}

static void end_quoted(size_t n, tm_buf_t *out)
{
    out->n += n + 2;
    out->p[out->n - 1] = '"';
}

static void write_day(tm_day_t day, tm_buf_t *out)
{
    char *at = begin_quoted(TM_DAY_TEXT - 1, out);
    if (at == NULL)
        return;
    tm_day_format(day, at);
    end_quoted(TM_DAY_TEXT - 1, out);
}

static void write_id(const char *prefix, tm_id_t id, tm_buf_t *out)
{
    const size_t n = strlen(prefix) + 1 + TM_ID_DIGITS;
    char *at = begin_quoted(n, out);
    if (at == NULL)
        return;
    (void)tm_id_format(prefix, id, at);
    end_quoted(n, out);
}

static inline void write_plain(const char *text, size_t n, tm_buf_t *out)
{
    char *at = begin_quoted(n, out);
    if (at == NULL)
        return;
    if (n > 0)
        memcpy(at, text, n);
    end_quoted(n, out);
}

void tm_json_write_str(tm_str_t s, tm_buf_t *out)
{
    const size_t plain = s.n == 0 ? 0 : plain_bytes(s.p, s.n);
    if (plain == s.n)
        write_plain(s.p, s.n, out);
    else
        write_escaped(s, plain, out);
}

static void write_word(const char *word, tm_buf_t *out)
{
    write_plain(word, strlen(word), out);
}

static void write_list(const tm_field_t *field, const void *slot, bool all, tm_buf_t *out)
{
    const uint32_t n =
        ((const tm_recs_t *)slot)->n; /* the three kinds of list have the same shape */
    tm_buf_add_char(out, '[');
    for (uint32_t i = 0; i < n && !out->full; i++) {
        if (i > 0)
            tm_buf_add_char(out, ',');
        if (field->type == TM_T_STRS) {
            tm_json_write_str(((const tm_strs_t *)slot)->v[i], out);
        } else if (field->type == TM_T_I32S) {
            tm_buf_add_i64(out, ((const tm_i32s_t *)slot)->v[i]);
        } else {
            const tm_desc_t *sub = field->extra.sub;
            tm_json_write(sub, (const char *)((const tm_recs_t *)slot)->v + (size_t)i * sub->bytes,
                          all, out);
        }
    }
    tm_buf_add_char(out, ']');
}

void tm_json_write_value(const tm_field_t *field, const void *slot, bool all, tm_buf_t *out)
{
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
        tm_json_write_str(*(const tm_str_t *)slot, out);
        return;
    case TM_T_DAY:
        write_day(*(const tm_day_t *)slot, out);
        return;
    case TM_T_ID:
        write_id(field->extra.prefix, *(const tm_id_t *)slot, out);
        return;
    case TM_T_ENUM:
        write_word(tm_words_name(field->extra.words, *(const tm_enum_t *)slot), out);
        return;
    case TM_T_BOOL:
        tm_buf_add_c(out, *(const bool *)slot ? "true" : "false");
        return;
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        write_list(field, slot, all, out);
        return;
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
        break;
    }
    tm_buf_add_i64(out, tm_slot_number(field, slot));
}

#define KEY_MORE 4u /* ,"": around a name */

/* Every field, each with the comma before it. Most are absent in most records: what stands between
 * two present ones is one copy out of the descriptor's text, with the second one's key. */
static void write_all(const tm_desc_t *desc, const void *record, tm_buf_t *out)
{
    const tm_has_t *has = tm_slot_has_const(record);
    const tm_has_t stops = {
        {has->w[0] | desc->never_null->w[0], has->w[1] | desc->never_null->w[1]}};
    const uint16_t *at = desc->absent_at;
    unsigned begin = 0; /* of what is not written yet in the text */
    for (unsigned i = tm_has_next(&stops, 0); i < desc->n_fields; i = tm_has_next(&stops, i + 1)) {
        const tm_field_t *field = &desc->fields[i];
        const bool shown = tm_field_is_public(field);
        const unsigned end = at[i] + (shown ? field->name_n + KEY_MORE : 0);
        tm_buf_add(out, desc->absent + begin, end - begin);
        begin = at[i + 1];
        if (shown && tm_has_get(has, i))
            tm_json_write_value(field, tm_slot_const(field, record), true, out);
        else if (shown) /* a reader of answers iterates without asking */
            tm_buf_add(out, "[]", 2);
    }
    tm_buf_add(out, desc->absent + begin, at[desc->n_fields] - begin);
}

static void write_present(const tm_desc_t *desc, const void *record, tm_buf_t *out)
{
    const tm_has_t *has = tm_slot_has_const(record);
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        const tm_field_t *field = &desc->fields[i];
        if (!tm_field_is_public(field))
            continue;
        tm_buf_add_char(out, ',');
        tm_buf_add(out, field->key, (size_t)field->name_n + 3);
        tm_json_write_value(field, tm_slot_const(field, record), false, out);
    }
}

void tm_json_write(const tm_desc_t *desc, const void *record, bool all, tm_buf_t *out)
{
    assert(desc != NULL && record != NULL);
    const size_t begin = out->n;
    if (all)
        write_all(desc, record, out);
    else
        write_present(desc, record, out);
    if (out->n == begin)
        tm_buf_add_char(out, '{');
    else
        out->p[begin] = '{'; /* in place of the first comma */
    tm_buf_add_char(out, '}');
}
