/* test_json_read.c - reading records: every fault with its path, hostile texts, and jansson with
 * naive rules as the oracle. */
#include "base/time.h"
#include "schema/entities.h"
#include "schema/json.h"
#include "schema/limit.h"
#include "schema/with_records.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>


static bool oracle_record(const tm_desc_t *desc, json_t *value, unsigned mode, bool top);

static bool oracle_integer(const tm_field_t *field, json_t *value)
{
    const tm_range_t range = tm_limit_range(field);
    return json_is_integer(value) && json_integer_value(value) >= range.min &&
           json_integer_value(value) <= range.max;
}

static bool oracle_str(const tm_field_t *field, json_t *value)
{
    const tm_range_t range = tm_limit_range(field);
    const int64_t n = json_is_string(value) ? (int64_t)json_string_length(value) : -1;
    return n >= range.min && n <= range.max && n >= 0;
}

static bool oracle_value(const tm_field_t *field, json_t *value, unsigned mode)
{
    const tm_str_t s =
        json_is_string(value) ? tm_str(json_string_value(value)) : (tm_str_t){NULL, 0};
    tm_day_t day;
    tm_id_t id;
    switch ((tm_type_t)field->type) {
    case TM_T_BOOL: return json_is_boolean(value);
    case TM_T_I32:
    case TM_T_I64:
    case TM_T_CENTS:
    case TM_T_MS: return oracle_integer(field, value);
    case TM_T_DAY: return tm_day_parse(s, &day) == TM_OK;
    case TM_T_ID: return s.n > 0 && tm_id_parse(field->extra.prefix, s, &id) == TM_OK;
    case TM_T_ENUM: return s.n > 0 && tm_words_find(field->extra.words, s) >= 0;
    case TM_T_STR: return oracle_str(field, value);
    case TM_T_STRS:
    case TM_T_I32S:
    case TM_T_RECS: break;
    }
    bool good = json_is_array(value) && json_array_size(value) <= tm_limit_items(field);
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        json_t *item = json_array_get(value, i);
        good = field->type == TM_T_STRS   ? oracle_str(field, item)
               : field->type == TM_T_I32S ? oracle_integer(field, item)
                                          : oracle_record(field->extra.sub, item, mode, false);
    }
    return good;
}

static bool oracle_record(const tm_desc_t *desc, json_t *value, unsigned mode, bool top)
{
    const uint32_t hidden = TM_F_HIDDEN | ((mode & TM_JSON_REQUEST) != 0 ? TM_F_READONLY : 0);
    const char *key;
    json_t *child;
    if (!json_is_object(value))
        return false;
    json_object_foreach(value, key, child)
    {
        const int i = tm_field_find(desc, tm_str(key));
        if (i < 0 || (desc->fields[i].flags & hidden) != 0)
            return false;
        const bool required = (desc->fields[i].flags & TM_F_REQUIRED) != 0;
        if (json_is_null(child) ? required : !oracle_value(&desc->fields[i], child, mode))
            return false;
    }
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const uint32_t flags = desc->fields[i].flags;
        if ((flags & TM_F_REQUIRED) != 0 && (flags & hidden) == 0 &&
            !(top && (mode & TM_JSON_PARTIAL) != 0) &&
            json_object_get(value, desc->fields[i].name) == NULL)
            return false;
    }
    return true;
}

/* Removes nulls, as a record does not keep them. */
static void drop_nulls(json_t *value)
{
    const char *key;
    json_t *child;
    void *safe;
    if (json_is_object(value)) {
        json_object_foreach_safe(value, safe, key, child)
        {
            if (json_is_null(child))
                json_object_del(value, key);
            else
                drop_nulls(child);
        }
    }
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++) {
        drop_nulls(json_array_get(value, i));
    }
}

static void compare(const tm_desc_t *desc, const char *p, size_t n, unsigned mode)
{
    char *bytes =
        tm_alloc(n); /* of exactly that size, so that AddressSanitizer sees one byte too far */
    memcpy(bytes, p, n);
    json_error_t error;
    json_t *value = json_loadb(bytes, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    const bool wanted = value != NULL && oracle_record(desc, value, mode, true);

    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
    void *record = tm_arena_zalloc(arena, desc->bytes);
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err = tm_json_read(desc, tm_str_n(bytes, n), mode, arena, record, NULL, &why);
    if ((err == TM_OK) != wanted)
        fail_msg("%s, oracle %s (%s), we %s: '%s' %s\n%.*s", desc->name,
                 wanted ? "takes" : "refuses", value == NULL ? error.text : "rules",
                 tm_err_code(err), why.faults[0].field, why.faults[0].text, (int)n, p);
    assert_int_equal(err == TM_OK, why.n == 0);
    assert_int_equal(err, tm_why_err(&why));
    if (value == NULL) {
        const enum json_error_code code = json_error_code(&error);
        if (code != json_error_numeric_overflow && code != json_error_duplicate_key)
            assert_int_equal(err, TM_EMALFORMED);
    } else {
        assert_int_not_equal(err, TM_EMALFORMED);
    }
    if (err == TM_OK) {
        tm_buf_t again;
        tm_buf_init(&again, 1 << 22);
        tm_json_write(desc, record, false, &again);
        json_t *written = json_loadb(again.p, again.n, 0, &error);
        assert_non_null(written);
        drop_nulls(value);
        assert_true(json_equal(value, written));
        json_decref(written);
        tm_buf_done(&again);
    }
    json_decref(value);
    tm_free(bytes);
}

static json_t *random_value(uint64_t *seed)
{
    static const char *const values[] = {"null",
                                         "true",
                                         "false",
                                         "0",
                                         "-1",
                                         "504",
                                         "1.5",
                                         "1e3",
                                         "99999999999999",
                                         "9007199254740993",
                                         "\"\"",
                                         "\"x\"",
                                         "\"2026-10-12\"",
                                         "\"2026-02-30\"",
                                         "\"1989-12-31\"",
                                         "\"cmp_0000000000001\"",
                                         "\"adv_zzzzzzzzzzzzz\"",
                                         "\"broadcast\"",
                                         "\"for\"",
                                         "[]",
                                         "[1]",
                                         "[\"a\"]",
                                         "[504,505]",
                                         "[null]",
                                         "{}",
                                         "[{}]",
                                         "[[]]",
                                         "{\"name\":\"x\"}",
                                         "[{\"from\":\"2026-10-12\",\"to\":\"2026-10-13\"}]",
                                         "[{\"name\":\"x\",\"side\":\"for\"}]"};
    return json_loads(values[next_random(seed) % TM_COUNT(values)], JSON_DECODE_ANY, NULL);
}

/* Changes one thing somewhere inside an object. Bounded by the depth of records. */
static void change(json_t *object, uint64_t *seed)
{
    const size_t n = json_object_size(object);
    const char *key;
    json_t *child;
    size_t at = n == 0 ? 0 : next_random(seed) % n;
    json_object_foreach(object, key, child)
    {
        if (at-- != 0)
            continue;
        const uint64_t what = next_random(seed) % 6;
        json_t *first = json_array_get(child, 0);
        if (json_is_object(first) && what < 4)
            change(first, seed);
        else if (json_is_array(child) && what < 4)
            json_array_append_new(child, random_value(seed));
        else if (what == 0)
            json_object_del(object, key);
        else if (what == 1)
            json_object_set_new(object, "no_such_field", random_value(seed));
        else
            json_object_set_new(object, key, random_value(seed));
        return;
    }
}

static void read__agrees_with_the_oracle_on_changed_documents(void **state)
{
    (void)state;
    const tm_desc_t *descs[DESCS_MAX];
    const unsigned n = all_descs(descs);
    tm_buf_t json;
    tm_buf_init(&json, 1 << 22);
    for (unsigned d = 0; d < n; d++) {
        for (uint64_t round = 1; round <= 150; round++) {
            uint64_t seed = round * 131 + d;
            const unsigned mode = (unsigned)(round % 4);
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
            void *record = tm_record_random(descs[d], &seed, arena);
            if ((mode & TM_JSON_REQUEST) != 0)
                hide_fields(descs[d], record, TM_F_READONLY);
            tm_buf_clear(&json);
            tm_json_write(descs[d], record, false, &json);
            compare(descs[d], json.p, json.n, mode);
            json_t *value = json_loadb(json.p, json.n, 0, NULL);
            for (uint64_t changes = next_random(&seed) % 3; changes > 0; changes--) {
                change(value, &seed);
                char *text = json_dumps(value, round % 2 == 0 ? JSON_ENSURE_ASCII : JSON_INDENT(1));
                compare(descs[d], text, strlen(text), mode);
                free(text);
            }
            json_decref(value);
        }
    }
    tm_buf_done(&json);
}

static void read__agrees_with_the_oracle_on_mutated_bytes(void **state)
{
    (void)state;
    static const char pieces[] = "{}[],:\"\\0123456789.eE-truefalsn u\n\x01\x80\xc3\xa9";
    tm_buf_t json;
    tm_buf_init(&json, 1 << 22);
    for (uint64_t round = 1; round <= 6000; round++) {
        uint64_t seed = round;
        const tm_desc_t *desc = round % 3 == 0   ? &tm_campaign_desc
                                : round % 3 == 1 ? &tm_buy_line_desc
                                                 : &tm_span_desc;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
        void *record = tm_record_random(desc, &seed, arena);
        hide_fields(desc, record, TM_F_HIDDEN);
        tm_buf_clear(&json);
        tm_json_write(desc, record, true, &json);
        if (json.n > 6000)
            continue;
        tm_buf_reserve(&json, 1);
        const size_t at = next_random(&seed) % json.n;
        const uint64_t what = next_random(&seed) % 3;
        if (what == 0) {
            memmove(json.p + at + 1, json.p + at, json.n - at);
            json.n++;
        } else if (what == 1) {
            memmove(json.p + at, json.p + at + 1, json.n - at - 1);
            json.n--;
        }
        if (what != 1)
            json.p[at] = pieces[next_random(&seed) % (sizeof(pieces) - 1)];
        compare(desc, json.p, json.n, 0);
    }
    tm_buf_done(&json);
}

static void read__a_text_cut_anywhere_is_malformed(void **state)
{
    (void)state;
    uint64_t seed = 12;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 22);
    void *record = tm_record_random(&tm_campaign_desc, &seed, arena);
    hide_fields(&tm_campaign_desc, record, TM_F_HIDDEN);
    tm_buf_t json;
    tm_buf_init(&json, 1 << 22);
    tm_json_write(&tm_campaign_desc, record, true, &json);
    for (size_t n = 0; n < json.n; n++) {
        compare(&tm_campaign_desc, json.p, n, 0);
    }
    tm_buf_done(&json);
}

/* Reads a text as a campaign; the faults are in *why. */
static tm_err_t read_campaign(tm_str_t text, unsigned mode, tm_campaign_t *ret, tm_has_t *nulls,
                              tm_arena_t *arena, tm_why_t *why)
{
    memset(ret, 0, sizeof(*ret));
    tm_why_clear(why);
    return tm_json_read(&tm_campaign_desc, text, mode, arena, ret, nulls, why);
}

static void expect_fault(const tm_why_t *why, uint32_t i, tm_err_t err, const char *field,
                         const char *text)
{
    assert_true(why->n > i);
    assert_string_equal(why->faults[i].field, field);
    assert_non_null(strstr(why->faults[i].text, text));
    assert_int_equal(why->faults[i].err, err);
}

static void read__names_every_fault_with_its_path(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
    tm_campaign_t campaign;
    tm_why_t why;
    const tm_str_t text = TM_STR("{\"name\":7,\"election_date\":\"2026-02-30\",\"week_basis\":"
                                 "\"lunar\",\"markets\":[504,\"x\",50],\"nope\":{\"a\":[1]},"
                                 "\"advertisers\":[{\"name\":\"A\",\"side\":\"for\"},{\"side\":"
                                 "\"for\",\"advertiser_id\":\"adv_0000000000001\"},5],"
                                 "\"keywords\":[\"ok\",\"\"],\"state\":\"OHIO\",\"commission_bp\":"
                                 "1.5,\"state\":\"OH\",\"id\":\"cmp_0000000000001\","
                                 "\"eod_enabled\":1,\"eod_local_min\":99999999999999999999}");
    assert_int_equal(read_campaign(text, TM_JSON_REQUEST, &campaign, NULL, arena, &why),
                     TM_EINVALID);
    uint32_t i = 0;
    expect_fault(&why, i++, TM_EINVALID, "name", "must be a string");
    expect_fault(&why, i++, TM_EINVALID, "election_date", "date like 2026-10-12");
    expect_fault(&why, i++, TM_EINVALID, "week_basis", "one of: broadcast political");
    expect_fault(&why, i++, TM_EINVALID, "markets[1]", "whole number");
    expect_fault(&why, i++, TM_ERANGE, "markets[2]", "from 100 to 999");
    expect_fault(&why, i++, TM_EINVALID, "nope", "not a known field");
    expect_fault(&why, i++, TM_EINVALID, "advertisers[1].advertiser_id", "not a known field");
    expect_fault(&why, i++, TM_EINVALID, "advertisers[1].name", "is required");
    expect_fault(&why, i++, TM_EINVALID, "advertisers[2]", "must be an object");
    expect_fault(&why, i++, TM_ERANGE, "keywords[1]", "1 to 100 bytes");
    expect_fault(&why, i++, TM_ERANGE, "state", "exactly 2 bytes");
    expect_fault(&why, i++, TM_EINVALID, "commission_bp", "whole number");
    expect_fault(&why, i++, TM_EINVALID, "state", "given twice");
    expect_fault(&why, i++, TM_EINVALID, "id", "not a known field");
    expect_fault(&why, i++, TM_EINVALID, "eod_enabled", "true or false");
    expect_fault(&why, i++, TM_ERANGE, "eod_local_min", "from 0 to 1439");
    assert_int_equal(why.n, i);
    assert_int_equal(read_campaign(text, TM_JSON_REQUEST, &campaign, NULL, arena, &why),
                     TM_EINVALID);
    assert_int_equal(tm_json_read(&tm_campaign_desc, text, 0, arena, &campaign, NULL, NULL),
                     TM_EINVALID);
}

static void read__a_patch_may_be_partial_and_tells_its_nulls(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
    tm_campaign_t campaign;
    tm_why_t why;
    tm_has_t nulls;
    const unsigned mode = TM_JSON_REQUEST | TM_JSON_PARTIAL;
    assert_int_equal(read_campaign(TM_STR("{\"client\":null,\"office\":\"Senate\"}"), mode,
                                   &campaign, &nulls, arena, &why),
                     TM_OK);
    assert_true(nulls.w[0] == UINT64_C(1) << TM_CAMPAIGN_client && nulls.w[1] == 0);
    assert_false(TM_HAS(&campaign, TM_CAMPAIGN_client));
    assert_true(TM_HAS(&campaign, TM_CAMPAIGN_office));
    assert_true(tm_str_eq(campaign.office, TM_STR("Senate")));
    assert_int_equal(read_campaign(TM_STR("{}"), mode, &campaign, &nulls, arena, &why), TM_OK);
    assert_int_equal(read_campaign(TM_STR("{\"name\":null}"), mode, &campaign, &nulls, arena, &why),
                     TM_EINVALID);
    expect_fault(&why, 0, TM_EINVALID, "name", "must not be null");
    assert_int_equal(read_campaign(TM_STR("{}"), TM_JSON_REQUEST, &campaign, &nulls, arena, &why),
                     TM_EINVALID);
    expect_fault(&why, 0, TM_EINVALID, "name", "is required");
    /* records inside a list are whole even in a patch */
    assert_int_equal(
        read_campaign(TM_STR("{\"advertisers\":[{}]}"), mode, &campaign, &nulls, arena, &why),
        TM_EINVALID);
    expect_fault(&why, 0, TM_EINVALID, "advertisers[0].name", "is required");
}

static void read__malformed_text_has_one_fault_with_its_byte(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
    tm_campaign_t campaign;
    tm_why_t why;
    const struct {
        tm_str_t text;
        tm_err_t err;
        const char *words;
    } cases[] = {
        {TM_STR("{\"nope\":1,\"name\":\"x\""), TM_EMALFORMED, "at byte 20"},
        {TM_STR(""), TM_EMALFORMED, "at byte 0"},
        {TM_STR("{\"name\":\"x\"} x"), TM_EMALFORMED, "at byte 13"},
        {TM_STR("{\"name\":\"x\",}"), TM_EMALFORMED, "at byte 12"},
        {TM_STR("{\"name\":\"a\\u0000\"}"), TM_EMALFORMED, "at byte 10"},
        {TM_STR("{\"name\":\"a\\ud800\"}"), TM_EMALFORMED, "at byte 10"},
        {TM_STR("{\"name\":\"a\xff\"}"), TM_EMALFORMED, "at byte"},
        {TM_STR("{\"name\":\"a\nb\"}"), TM_EMALFORMED, "at byte 10"},
        {TM_STR("{\"name\":\"a\",\"commission_bp\":01}"), TM_EMALFORMED, "at byte"},
        {TM_STR("{\"name\":\"a\",\"commission_bp\":+1}"), TM_EMALFORMED, "at byte"},
        {TM_STR("{'name':\"a\"}"), TM_EMALFORMED, "at byte 1"},
        {TM_STR("\xef\xbb\xbf{\"name\":\"a\"}"), TM_EMALFORMED, "at byte 0"},
        {TM_STR("[]"), TM_EINVALID, "must be an object"},
        {TM_STR("null"), TM_EINVALID, "must be an object"},
    };
    for (size_t i = 0; i < TM_COUNT(cases); i++) {
        assert_int_equal(read_campaign(cases[i].text, 0, &campaign, NULL, arena, &why),
                         cases[i].err);
        assert_int_equal(why.n, 1);
        expect_fault(&why, 0, cases[i].err, "", cases[i].words);
    }
    /* faults that stood there before stay */
    tm_why_clear(&why);
    (void)tm_why_add(&why, TM_EIO, "before", "x");
    memset(&campaign, 0, sizeof(campaign));
    assert_int_equal(
        tm_json_read(&tm_campaign_desc, TM_STR("{\"nope\":1"), 0, arena, &campaign, NULL, &why),
        TM_EMALFORMED);
    assert_int_equal(why.n, 2);
    assert_string_equal(why.faults[0].field, "before");
}

static void read__hostile_texts_are_cheap_and_bounded(void **state)
{
    (void)state;
    tm_campaign_t campaign;
    tm_why_t why;
    tm_buf_t text;
    tm_buf_init(&text, 1 << 22);
    for (int form = 0; form < 4; form++) {
        static const char *const heads[] = {"{\"nope\":", "{\"advertisers\":", "{\"name\":", ""};
        tm_buf_clear(&text);
        tm_buf_add_c(&text, heads[form]);
        for (int i = 0; i < 10000; i++) {
            tm_buf_add_c(&text, form % 2 == 0 ? "[" : "[{\"a\":");
        }
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
        assert_int_equal(read_campaign(tm_buf_str(&text), 0, &campaign, NULL, arena, &why),
                         TM_EDEPTH);
        assert_int_equal(why.n, 1);
    }
    /* more elements than the field takes: one fault, bounded memory */
    tm_buf_clear(&text);
    tm_buf_add_c(&text, "{\"name\":\"x\",\"markets\":[100");
    for (int i = 0; i < 200000; i++) {
        tm_buf_add_c(&text, ",100");
    }
    tm_buf_add_c(&text, "]}");
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
    assert_int_equal(read_campaign(tm_buf_str(&text), 0, &campaign, NULL, arena, &why), TM_ERANGE);
    assert_int_equal(why.n, 1);
    expect_fault(&why, 0, TM_ERANGE, "markets", "at most 1000 elements");
    /* thousands of unknown fields: the list of faults is bounded */
    tm_buf_clear(&text);
    tm_buf_add_c(&text, "{\"name\":\"x\"");
    for (int i = 0; i < 10000; i++) {
        tm_buf_printf(&text, ",\"%080d\":null", i);
    }
    tm_buf_add_c(&text, "}");
    assert_int_equal(read_campaign(tm_buf_str(&text), 0, &campaign, NULL, arena, &why),
                     TM_EINVALID);
    assert_int_equal(why.n, TM_WHY_FAULTS_MAX);
    assert_int_equal(why.dropped, 10000 - TM_WHY_FAULTS_MAX);
    /* huge numbers */
    tm_buf_clear(&text);
    tm_buf_add_c(&text, "{\"name\":\"x\",\"commission_bp\":");
    for (int i = 0; i < 100000; i++) {
        tm_buf_add_char(&text, '9');
    }
    tm_buf_add_c(&text, "}");
    assert_int_equal(read_campaign(tm_buf_str(&text), 0, &campaign, NULL, arena, &why), TM_ERANGE);
    tm_buf_done(&text);
}

static void read__a_list_may_be_exactly_as_long_as_its_limit(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
    tm_buf_t text;
    tm_buf_init(&text, 1 << 20);
    for (int extra = 0; extra <= 1; extra++) {
        tm_campaign_t campaign;
        tm_why_t why;
        tm_buf_clear(&text);
        tm_buf_add_c(&text, "{\"name\":\"x\",\"markets\":[100");
        for (int i = 1; i < 1000 + extra; i++) {
            tm_buf_add_c(&text, ",100");
        }
        tm_buf_add_c(&text, "]}");
        const tm_err_t err = read_campaign(tm_buf_str(&text), 0, &campaign, NULL, arena, &why);
        assert_int_equal(err, extra == 0 ? TM_OK : TM_ERANGE);
        if (extra == 0)
            assert_int_equal(campaign.markets.n, 1000);
    }
    tm_buf_done(&text);
}

static void read__a_full_arena_is_told(void **state)
{
    (void)state;
    const tm_str_t text = TM_STR("{\"name\":\"a name of some "
                                 "length\",\"keywords\":[\"a\",\"b\",\"c\\n\"],\"markets\":[504]}");
    bool refused = false;
    bool taken = false;
    for (size_t bytes = 100; bytes < 3000; bytes += 16) {
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(bytes);
        tm_campaign_t campaign;
        tm_why_t why;
        const tm_err_t err = read_campaign(text, 0, &campaign, NULL, arena, &why);
        refused = refused || err == TM_ENOMEM;
        taken = taken || err == TM_OK;
        assert_true(err == TM_OK || err == TM_ENOMEM);
        assert_int_equal(why.n, err == TM_OK ? 0 : 1);
    }
    assert_true(refused && taken);
}

static void read__strings_outlive_the_text(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 16);
    char text[] = "{\"name\":\"Ohio Senate\",\"keywords\":[\"one\",\"tw\\u006f\"]}";
    tm_campaign_t campaign;
    tm_why_t why;
    assert_int_equal(read_campaign(tm_str(text), 0, &campaign, NULL, arena, &why), TM_OK);
    memset(text, '#', sizeof(text));
    assert_true(tm_str_eq(campaign.name, TM_STR("Ohio Senate")));
    assert_true(tm_str_eq(campaign.keywords.v[0], TM_STR("one")));
    assert_true(tm_str_eq(campaign.keywords.v[1], TM_STR("two")));
}

static void write__strings_are_escaped(void **state)
{
    (void)state;
    tm_buf_t out;
    tm_buf_init(&out, 1000);
    tm_json_write_str(
        TM_STR("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9 and a longer tail without any"), &out);
    tm_buf_add_char(&out, '\0');
    assert_string_equal(
        out.p,
        "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9 and a longer tail without any\"");
    tm_buf_clear(&out);
    tm_json_write_str((tm_str_t){NULL, 0}, &out);
    assert_true(tm_str_eq(tm_buf_str(&out), TM_STR("\"\"")));
    tm_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__agrees_with_the_oracle_on_changed_documents),
        cmocka_unit_test(read__agrees_with_the_oracle_on_mutated_bytes),
        cmocka_unit_test(read__a_text_cut_anywhere_is_malformed),
        cmocka_unit_test(read__names_every_fault_with_its_path),
        cmocka_unit_test(read__a_patch_may_be_partial_and_tells_its_nulls),
        cmocka_unit_test(read__malformed_text_has_one_fault_with_its_byte),
        cmocka_unit_test(read__hostile_texts_are_cheap_and_bounded),
        cmocka_unit_test(read__a_list_may_be_exactly_as_long_as_its_limit),
        cmocka_unit_test(read__a_full_arena_is_told),
        cmocka_unit_test(read__strings_outlive_the_text),
        cmocka_unit_test(write__strings_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
