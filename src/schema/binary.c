/* binary.c - records as bytes: field numbers and values.
 *
 * Why:     an old journal must always replay; a new one must be skippable by what does not know
 *          it.
 * How:     varint(number << 3 | wire) value. Signed numbers are zigzag; lists are one bytes
 *          value: count, then elements; strings and records in lists have their length in front.
 *          A string or instant that the one before it was as well is only said to be the same:
 *          papers state most names twice, and records begin with one instant in many roles.
 *          Fields come in ascending order when we write them, so reading finds each by a step
 *          forward; any order is read. A length is written after what it counts: one byte is
 *          left free, longer lengths move the bytes. Recursion as deep as descriptors nest.
 * Threads: pure. */
#include "schema/binary.h"
#include "schema/slot.h"

enum { WIRE_VARINT, WIRE_BYTES, WIRE_NULL, WIRE_SAME };

#define VARINT_MAX 10

static inline unsigned varint_put(char *at, uint64_t v)
{
    unsigned n = 0;
    while (v >= 0x80) {
        at[n++] = (char)(v | 0x80);
        v >>= 7;
    }
    at[n++] = (char)v;
    return n;
}

void tm_varint_add(tm_buf_t *out, uint64_t v)
{
    char bytes[VARINT_MAX];
    tm_buf_add(out, bytes, varint_put(bytes, v));
}

bool tm_varint_get(const char **p, const char *end, uint64_t *ret)
{
    const char *at = *p;
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70 && at < end; shift += 7) {
        const uint64_t byte = (unsigned char)*at++;
        if (shift == 63 && byte > 1)
            return false; /* more than 64 bits */
        v |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *p = at;
            *ret = v;
            return true;
        }
    }
    return false;
}

/* Most numbers have one byte. */
static inline bool varint_get(const char **p, const char *end, uint64_t *ret)
{
    if (*p < end && (unsigned char)**p < 0x80) {
        *ret = (unsigned char)*(*p)++;
        return true;
    }
    return tm_varint_get(p, end, ret);
}

/* Leaves a byte free for a length; end_length puts it there. */
static size_t begin_length(tm_buf_t *out)
{
    tm_buf_add_char(out, '\0');
    return out->n;
}

static void end_length(tm_buf_t *out, size_t begin)
{
    if (out->full)
        return;
    char bytes[VARINT_MAX];
    const size_t length = out->n - begin;
    const unsigned n = varint_put(bytes, length);
    if (n > 1) {
        if (!tm_buf_reserve(out, n - 1))
            return;
        memmove(out->p + begin + n - 1, out->p + begin, length);
        out->n += n - 1;
    }
    memcpy(out->p + begin - 1, bytes, n);
}

static void write_list(const tm_field_t *field, const void *slot, tm_buf_t *out)
{
    const size_t begin = begin_length(out);
    const uint32_t n =
        ((const tm_recs_t *)slot)->n; /* the three kinds of list have the same shape */
    tm_varint_add(out, n);
    for (uint32_t i = 0; i < n && !out->full; i++) {
        if (field->type == TM_T_STRS) {
            const tm_str_t s = ((const tm_strs_t *)slot)->v[i];
            tm_varint_add(out, s.n);
            tm_buf_add_str(out, s);
        } else if (field->type == TM_T_I32S) {
            tm_varint_add(out, tm_zigzag(((const tm_i32s_t *)slot)->v[i]));
        } else {
            const tm_desc_t *sub = field->extra.sub;
            const size_t one = begin_length(out);
            tm_binary_write(
                sub, (const char *)((const tm_recs_t *)slot)->v + (size_t)i * sub->bytes, out);
            end_length(out, one);
        }
    }
    end_length(out, begin);
}

static inline bool is_signed(tm_type_t type)
{
    return type == TM_T_I32 || type == TM_T_I64 || type == TM_T_CENTS || type == TM_T_DAY ||
           type == TM_T_MS;
}

static void write_field(const tm_field_t *field, const void *record, tm_buf_t *out)
{
    const void *slot = tm_slot_const(field, record);
    const tm_type_t type = (tm_type_t)field->type;
    if (type == TM_T_STRS || type == TM_T_I32S || type == TM_T_RECS) {
        tm_varint_add(out, (uint64_t)field->number << 3 | WIRE_BYTES);
        write_list(field, slot, out);
        return;
    }
    const tm_str_t s = type == TM_T_STR ? *(const tm_str_t *)slot : (tm_str_t){NULL, 0};
    char head[2 * VARINT_MAX];
    /* Straight into the buffer where there is room for the longest head; near the maximum by way
     * of `head`. */
    const bool roomy = !out->full && out->cap - out->n >= sizeof(head) + s.n;
    char *at = roomy ? out->p + out->n : head;
    unsigned n = varint_put(at, (uint64_t)field->number << 3 |
                                    (type == TM_T_STR ? WIRE_BYTES : WIRE_VARINT));
    if (type == TM_T_STR) {
        n += varint_put(at + n, s.n);
    } else {
        const int64_t v = tm_slot_number(field, slot);
        n += varint_put(at + n, is_signed(type) ? tm_zigzag(v) : (uint64_t)v);
    }
    if (!roomy) {
        tm_buf_add(out, head, n);
        tm_buf_add_str(out, s);
        return;
    }
    if (s.n > 0)
        memcpy(at + n, s.p, s.n);
    out->n += n + s.n;
}

static inline bool may_be_same(const tm_field_t *field)
{
    return field->type == TM_T_STR || field->type == TM_T_MS;
}

/* Worth saying only of what takes more than a byte. */
static inline bool is_same(const tm_field_t *field, const tm_field_t *before, const void *record)
{
    const void *a = tm_slot_const(field, record);
    const void *b = tm_slot_const(before, record);
    if (field->type == TM_T_MS)
        return ((const tm_ms_t *)a)->v == ((const tm_ms_t *)b)->v &&
               tm_zigzag(((const tm_ms_t *)a)->v) >= 0x80;
    return ((const tm_str_t *)a)->n > 1 && tm_str_eq(*(const tm_str_t *)a, *(const tm_str_t *)b);
}

/* The last fields of their types that were written of a record; NULL: none. */
typedef struct lasts {
    const tm_field_t *str, *ms;
} lasts_t;

static void write_next(const tm_field_t *field, const void *record, lasts_t *lasts, tm_buf_t *out)
{
    if (may_be_same(field)) {
        const tm_field_t **last = field->type == TM_T_STR ? &lasts->str : &lasts->ms;
        const tm_field_t *before = *last;
        *last = field;
        if (before != NULL && is_same(field, before, record)) {
            char bytes[2 * VARINT_MAX];
            unsigned n = varint_put(bytes, (uint64_t)field->number << 3 | WIRE_SAME);
            n += varint_put(bytes + n, before->number);
            tm_buf_add(out, bytes, n);
            return;
        }
    }
    write_field(field, record, out);
}

void tm_binary_write(const tm_desc_t *desc, const void *record, tm_buf_t *out)
{
    assert(desc != NULL && record != NULL);
    const tm_has_t *has = tm_slot_has_const(record);
    lasts_t lasts = {NULL, NULL};
    for (unsigned i = tm_has_next(has, 0); i < desc->n_fields; i = tm_has_next(has, i + 1)) {
        write_next(&desc->fields[i], record, &lasts, out);
    }
}

void tm_binary_write_patch(const tm_desc_t *desc, const void *record, const tm_has_t *touched,
                           tm_buf_t *out)
{
    assert(desc != NULL && record != NULL && touched != NULL);
    const tm_has_t *has = tm_slot_has_const(record);
    lasts_t lasts = {NULL, NULL};
    for (unsigned i = tm_has_next(touched, 0); i < desc->n_fields;
         i = tm_has_next(touched, i + 1)) {
        if (tm_has_get(has, i))
            write_next(&desc->fields[i], record, &lasts, out);
        else
            tm_varint_add(out, (uint64_t)desc->fields[i].number << 3 | WIRE_NULL);
    }
}

static inline bool get_bytes(const char **p, const char *end, tm_str_t *ret)
{
    uint64_t n;
    if (!varint_get(p, end, &n) || n > (uint64_t)(end - *p) || n > UINT32_MAX)
        return false;
    *ret = (tm_str_t){*p, (uint32_t)n};
    *p += n;
    return true;
}

static tm_err_t read_fields(const tm_desc_t *desc, tm_str_t bytes, tm_arena_t *arena, void *record,
                            bool patch, tm_has_t *touched);

static tm_err_t read_strs(const char *p, const char *end, tm_str_t *v, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (!get_bytes(&p, end, &v[i]))
            return TM_EDAMAGED;
    }
    return p == end ? TM_OK : TM_EDAMAGED;
}

static tm_err_t read_i32s(const char *p, const char *end, int32_t *v, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t raw;
        if (!tm_varint_get(&p, end, &raw) || tm_unzigzag(raw) != (int32_t)tm_unzigzag(raw))
            return TM_EDAMAGED;
        v[i] = (int32_t)tm_unzigzag(raw);
    }
    return p == end ? TM_OK : TM_EDAMAGED;
}

static tm_err_t read_recs(const tm_desc_t *sub, const char *p, const char *end, tm_arena_t *arena,
                          char *v, uint64_t n)
{
    memset(v, 0, n * sub->bytes);
    for (uint64_t i = 0; i < n; i++) {
        tm_str_t one;
        if (!get_bytes(&p, end, &one))
            return TM_EDAMAGED;
        const tm_err_t err = read_fields(sub, one, arena, v + i * sub->bytes, false, NULL);
        if (err != TM_OK)
            return err;
    }
    return p == end ? TM_OK : TM_EDAMAGED;
}

static tm_err_t read_list(const tm_field_t *field, tm_str_t bytes, tm_arena_t *arena, void *slot)
{
    const char *p = bytes.p;
    const char *end = bytes.p + bytes.n;
    const tm_type_t type = (tm_type_t)field->type;
    uint64_t n;
    if (!tm_varint_get(&p, end, &n) || n > (uint64_t)(end - p))
        return TM_EDAMAGED; /* every element has at least one byte */
    const size_t each = type == TM_T_STRS   ? sizeof(tm_str_t)
                        : type == TM_T_I32S ? sizeof(int32_t)
                                            : field->extra.sub->bytes;
    void *v = n == 0 ? NULL : tm_arena_alloc(arena, n * each);
    if (n > 0 && v == NULL)
        return TM_ENOMEM;
    tm_err_t err = TM_OK;
    if (n > 0 && type == TM_T_STRS)
        err = read_strs(p, end, v, n);
    else if (n > 0 && type == TM_T_I32S)
        err = read_i32s(p, end, v, n);
    else if (n > 0)
        err = read_recs(field->extra.sub, p, end, arena, v, n);
    else if (p != end)
        err = TM_EDAMAGED;
    if (err == TM_OK)
        *(tm_recs_t *)slot =
            (tm_recs_t){v, (uint32_t)n}; /* the three kinds of list have the same shape */
    return err;
}

/* A number of the wire that a field's C type holds; anything else was not written by us. */
static inline bool take_number(const tm_field_t *field, uint64_t raw, void *slot)
{
    const int64_t v = tm_unzigzag(raw);
    switch ((tm_type_t)field->type) {
    case TM_T_I32:
    case TM_T_DAY:
        *(int32_t *)slot = (int32_t)v;
        return v == (int32_t)v;
    case TM_T_BOOL:
        *(bool *)slot = (raw & 1) != 0;
        return raw <= 1;
    case TM_T_ENUM:
        *(uint8_t *)slot = (uint8_t)raw;
        return raw < field->extra.words->n;
    case TM_T_ID:
        *(uint64_t *)slot = raw;
        return raw >> 63 == 0;
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS:
        *(int64_t *)slot = v;
        return true;
    case TM_T_STR:
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS:
        break;
    }
    return false;
}

static inline tm_err_t read_value(const tm_field_t *field, unsigned wire, const char **p,
                                  const char *end, tm_arena_t *arena, void *slot)
{
    const tm_type_t type = (tm_type_t)field->type;
    if (wire == WIRE_VARINT) {
        uint64_t raw;
        return varint_get(p, end, &raw) && take_number(field, raw, slot) ? TM_OK : TM_EDAMAGED;
    }
    tm_str_t bytes;
    if (wire != WIRE_BYTES || !get_bytes(p, end, &bytes))
        return TM_EDAMAGED;
    if (type == TM_T_STR) {
        *(tm_str_t *)slot = bytes;
        return TM_OK;
    }
    if (type == TM_T_STRS || type == TM_T_I32S || type == TM_T_RECS)
        return read_list(field, bytes, arena, slot);
    return TM_EDAMAGED;
}

static bool skip_value(unsigned wire, const char **p, const char *end)
{
    uint64_t raw;
    tm_str_t bytes;
    switch (wire) {
    case WIRE_VARINT:
    case WIRE_SAME:
        return tm_varint_get(p, end, &raw);
    case WIRE_BYTES:
        return get_bytes(p, end, &bytes);
    case WIRE_NULL:
        return true;
    default:
        return false;
    }
}

/* The index of the field with that number; i: of the field before it, most likely. n_fields: there
 * is none. Without gaps in the numbers it stands at its number; behind a gap, a step forward. */
static inline unsigned find_field(const tm_desc_t *desc, uint64_t number, unsigned i)
{
    if (number - 1 < desc->n_fields && desc->fields[number - 1].number == number)
        return (unsigned)number - 1;
    if (i == desc->n_fields || desc->fields[i].number > number)
        i = 0; /* not in ascending order */
    while (i < desc->n_fields && desc->fields[i].number < number) {
        i++;
    }
    return i < desc->n_fields && desc->fields[i].number == number ? i : desc->n_fields;
}

/* What a field before it in these bytes was. */
static bool take_same(const tm_desc_t *desc, const tm_field_t *field, const char **p,
                      const char *end, void *record)
{
    uint64_t number;
    if (!varint_get(p, end, &number) || !may_be_same(field))
        return false;
    const unsigned at = find_field(desc, number, 0);
    const tm_field_t *before = &desc->fields[at];
    if (at == desc->n_fields || !tm_has_get(tm_slot_has_const(record), at) ||
        before->type != field->type)
        return false;
    const size_t bytes = field->type == TM_T_STR ? sizeof(tm_str_t) : sizeof(tm_ms_t);
    memmove(tm_slot(field, record), tm_slot_const(before, record), bytes);
    return true;
}

static tm_err_t read_fields(const tm_desc_t *desc, tm_str_t bytes, tm_arena_t *arena, void *record,
                            bool patch, tm_has_t *touched)
{
    const char *p = bytes.p;
    const char *end = bytes.n == 0 ? p : p + bytes.n;
    tm_has_t *has = tm_slot_has(record);
    unsigned i = 0;
    while (p < end) {
        uint64_t tag;
        if (!varint_get(&p, end, &tag))
            return TM_EDAMAGED;
        const unsigned wire = (unsigned)(tag & 7);
        i = find_field(desc, tag >> 3, i);
        if (i == desc->n_fields) {
            if (!skip_value(wire, &p, end))
                return TM_EDAMAGED;
            continue;
        }
        if (wire == WIRE_NULL && !patch)
            return TM_EDAMAGED;
        if (wire == WIRE_NULL) {
            tm_has_clear(has, i);
        } else if (wire == WIRE_SAME) {
            if (!take_same(desc, &desc->fields[i], &p, end, record))
                return TM_EDAMAGED;
            tm_has_set(has, i);
        } else {
            const tm_field_t *field = &desc->fields[i];
            const tm_err_t err = read_value(field, wire, &p, end, arena, tm_slot(field, record));
            if (err != TM_OK)
                return err;
            tm_has_set(has, i);
        }
        if (touched != NULL)
            tm_has_set(touched, i);
    }
    return TM_OK;
}

tm_err_t tm_binary_read(const tm_desc_t *desc, tm_str_t bytes, tm_arena_t *arena, void *ret_record)
{
    assert(desc != NULL && ret_record != NULL);
    return read_fields(desc, bytes, arena, ret_record, false, NULL);
}

tm_err_t tm_binary_apply_patch(const tm_desc_t *desc, tm_str_t bytes, tm_arena_t *arena,
                               void *record, tm_has_t *ret_touched)
{
    assert(desc != NULL && record != NULL);
    if (ret_touched != NULL)
        *ret_touched = (tm_has_t){{0, 0}};
    return read_fields(desc, bytes, arena, record, true, ret_touched);
}
