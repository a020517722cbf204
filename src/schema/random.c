/* random.c - random valid records for property tests, fuzzing and benches.
 *
 * Why:     a codec is tested with every field of every entity, also those added tomorrow.
 * How:     values are drawn from the field's own limits, with a liking for their ends; strings
 *          hold what breaks writers: quotes, backslashes, control characters, characters of two
 *          to four bytes. What the rules of records want (order of a first and a last day, of
 *          low and high, real time zones) is recognised by the names of fields.
 * Threads: pure; the seed is the caller's. */
#include "schema/limit.h"
#include "schema/record.h"
#include "schema/slot.h"

#define STR_USUAL_MAX 24
#define LIST_USUAL_MAX 4

/* SplitMix64 (Sebastiano Vigna, public domain). */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A number of [min, max], every eighth at an end, half of the others small. */
static int64_t pick(uint64_t *seed, tm_range_t range)
{
    const uint64_t span = (uint64_t)range.max - (uint64_t)range.min;
    const uint64_t what = next(seed) % 16;
    if (what == 0)
        return range.min;
    if (what == 1)
        return range.max;
    const uint64_t bound = what < 8 ? TM_MIN(span, UINT64_C(300)) : span;
    const uint64_t at = bound == UINT64_MAX ? next(seed) : next(seed) % (bound + 1);
    return (int64_t)((uint64_t)range.min + at);
}

static bool random_str(uint64_t *seed, tm_range_t range, tm_arena_t *arena, tm_str_t *ret)
{
    static const char *const pieces[] = {"a",
                                         "Z",
                                         "7",
                                         " ",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\n",
                                         "\x01",
                                         "\x1f",
                                         "\x7f",
                                         "<",
                                         "\xc3\xa9",
                                         "\xe2\x82\xac",
                                         "\xef\xbf\xbf",
                                         "\xf0\x9f\x98\x80"};
    const size_t most = (size_t)range.max;
    const size_t usual =
        next(seed) % 32 == 0 ? most : (size_t)range.min + next(seed) % STR_USUAL_MAX;
    const size_t wanted = TM_MIN(TM_MAX(usual, (size_t)range.min), most);
    char *p = tm_arena_alloc(arena, wanted);
    if (p == NULL)
        return false;
    size_t n = 0;
    while (n < wanted) {
        const char *piece = pieces[next(seed) % TM_COUNT(pieces)];
        const size_t piece_n = strlen(piece);
        if (n + piece_n <= wanted) {
            memcpy(p + n, piece, piece_n);
            n += piece_n;
        } else {
            p[n++] = 'x';
        }
    }
    *ret = tm_str_n(p, n);
    return true;
}

static tm_str_t random_zone(uint64_t *seed)
{
    static const char *const zones[] = {
        "America/New_York",    "America/Chicago",   "America/Denver",   "America/Phoenix",
        "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "UTC"};
    return tm_str(zones[next(seed) % TM_COUNT(zones)]);
}

static bool random_into(const tm_desc_t *desc, uint64_t *seed, tm_arena_t *arena, void *record);

static bool random_list(const tm_field_t *field, uint64_t *seed, tm_arena_t *arena, void *slot)
{
    const uint32_t wanted = (uint32_t)(next(seed) % (LIST_USUAL_MAX + 1));
    const uint32_t n = TM_MIN(wanted, tm_limit_items(field));
    const tm_range_t range = tm_limit_range(field);
    const size_t each = field->type == TM_T_STRS   ? sizeof(tm_str_t)
                        : field->type == TM_T_I32S ? sizeof(int32_t)
                                                   : field->extra.sub->bytes;
    char *v = n == 0 ? NULL : tm_arena_zalloc(arena, n * each);
    if (n > 0 && v == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        void *place = v + i * each;
        bool done = true;
        if (field->type == TM_T_STRS)
            done = random_str(seed, range, arena, place);
        else if (field->type == TM_T_I32S)
            *(int32_t *)place = (int32_t)pick(seed, range);
        else
            done = random_into(field->extra.sub, seed, arena, place);
        if (!done)
            return false;
    }
    *(tm_recs_t *)slot = (tm_recs_t){v, n}; /* the three kinds of list have the same shape */
    return true;
}

static bool random_value(const tm_field_t *field, uint64_t *seed, tm_arena_t *arena, void *slot)
{
    switch ((tm_type_t)field->type) {
    case TM_T_STR:
        if (strcmp(field->name, "tz") == 0) {
            *(tm_str_t *)slot = random_zone(seed);
            return true;
        }
        return random_str(seed, tm_limit_range(field), arena, slot);
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS: return random_list(field, seed, arena, slot);
    case TM_T_BOOL:
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_DAY:
    case TM_T_MS:
    case TM_T_ID:
    case TM_T_ENUM: break;
    }
    tm_slot_set_number(field, slot, pick(seed, tm_limit_range(field)));
    return true;
}

static bool ends_with(const tm_field_t *field, const char *end)
{
    const size_t n = strlen(end);
    return field->name_n >= n && memcmp(field->name + field->name_n - n, end, n) == 0;
}

/* Swaps two neighbouring fields that are a range the wrong way round. */
static void put_in_order(const tm_desc_t *desc, void *record)
{
    for (unsigned i = 0; i + 1 < desc->n_fields; i++) {
        const tm_field_t *low = &desc->fields[i];
        const tm_field_t *high = &desc->fields[i + 1];
        const bool days = low->type == TM_T_DAY && high->type == TM_T_DAY &&
                          ends_with(low, "from") && ends_with(high, "to");
        const bool cents = low->type == TM_T_CENTS && high->type == TM_T_CENTS &&
                           strcmp(low->name, "low_cents") == 0;
        const tm_has_t *has = tm_slot_has_const(record);
        if ((!days && !cents) || !tm_has_get(has, i) || !tm_has_get(has, i + 1))
            continue;
        const int64_t a = tm_slot_number(low, tm_slot_const(low, record));
        const int64_t b = tm_slot_number(high, tm_slot_const(high, record));
        tm_slot_set_number(low, tm_slot(low, record), TM_MIN(a, b));
        tm_slot_set_number(high, tm_slot(high, record), TM_MAX(a, b));
    }
}

static bool random_into(const tm_desc_t *desc, uint64_t *seed, tm_arena_t *arena, void *record)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const tm_field_t *field = &desc->fields[i];
        if ((field->flags & TM_F_REQUIRED) == 0 && next(seed) % 4 == 0)
            continue;
        if (!random_value(field, seed, arena, tm_slot(field, record)))
            return false;
        tm_has_set(tm_slot_has(record), i);
    }
    put_in_order(desc, record);
    return true;
}

void *tm_record_random(const tm_desc_t *desc, uint64_t *seed, tm_arena_t *arena)
{
    assert(desc != NULL && seed != NULL);
    void *record = tm_arena_zalloc(arena, desc->bytes);
    if (record == NULL || !random_into(desc, seed, arena, record))
        return NULL;
    return record;
}
