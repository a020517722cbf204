/* test_json_pull.c - the pull reader against jansson, on whole, cut and mutated texts. */
#include "schema/json.h"
#include "schema/with_records.h"
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char *const samples[] = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "\"\"",
    " [ 1 , 2 ] \n",
    "{\"a\":{\"b\":[1,2.5,-3e+7,0.1E-2]}}",
    "[\"\\u00e9\\ud83d\\ude00\\n\\t\\r\\b\\f\\/"
    "\\\\\\\"\",\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]",
    "{\"a\":1,\"b\":[true,false,null],\"c\":\"x\",\"\":{}}",
    "[[[[[[[[]]]]]]]]",
    "{\"a\":[{\"b\":[{\"c\":[]}]}]}",
    "[1e5,1E+5,1.25e-10,123456789012345678]",
    "\"a long string without anything special in it at all, really\"",
};

/* The deepest nesting of brackets outside of strings. */
static int depth_of(const char *p, size_t n)
{
    int depth = 0;
    int most = 0;
    bool in_string = false;
    for (size_t i = 0; i < n; i++) {
        if (in_string && p[i] == '\\') {
            i++;
        } else if (p[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && (p[i] == '[' || p[i] == '{')) {
            most = TM_MAX(most, ++depth);
        } else if (!in_string && (p[i] == ']' || p[i] == '}')) {
            depth--;
        }
    }
    return most;
}

/* Walks all tokens; builds the same value with jansson's constructors, or NULL. Bounded by the
 * reader's depth. */
static json_t *build(tm_json_t *j, tm_token_t token, tm_str_t s)
{
    char text[400];
    switch (token) {
    case TM_J_NULL: return json_null();
    case TM_J_TRUE: return json_true();
    case TM_J_FALSE: return json_false();
    case TM_J_STRING: return json_stringn(s.p, s.n);
    case TM_J_NUMBER:
        assert_true(s.n < sizeof(text));
        memcpy(text, s.p, s.n);
        text[s.n] = '\0';
        if (strpbrk(text, ".eE") == NULL)
            return json_integer(strtoll(text, NULL, 10));
        /* a number too large for a double is none for jansson; the comparison leaves it out */
        return isinf(strtod(text, NULL)) ? json_null() : json_real(strtod(text, NULL));
    case TM_J_OBJECT:
    case TM_J_LIST: {
        json_t *made = token == TM_J_OBJECT ? json_object() : json_array();
        for (;;) {
            tm_str_t key = {NULL, 0};
            tm_str_t value = {NULL, 0};
            tm_token_t t = tm_json_next(j, &key);
            if (t == TM_J_OBJECT_END || t == TM_J_LIST_END) {
                assert_int_equal(t == TM_J_OBJECT_END, token == TM_J_OBJECT);
                return made;
            }
            assert_int_equal(t == TM_J_KEY || t == TM_J_BAD, token == TM_J_OBJECT || t == TM_J_BAD);
            json_t *child = t == TM_J_BAD   ? NULL
                            : t == TM_J_KEY ? build(j, tm_json_next(j, &value), value)
                                            : build(j, t, key);
            if (child == NULL) {
                json_decref(made);
                return NULL;
            }
            if (t == TM_J_KEY)
                json_object_setn_new_nocheck(made, key.p, key.n, child);
            else
                json_array_append_new(made, child);
        }
    }
    case TM_J_BAD:
    case TM_J_END:
    case TM_J_KEY:
    case TM_J_OBJECT_END:
    case TM_J_LIST_END: break;
    }
    return NULL;
}

static json_t *ours(const char *p, size_t n, tm_err_t *ret_err)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    tm_json_t j;
    tm_str_t s = {NULL, 0};
    tm_json_begin(&j, tm_str_n(p, n), arena);
    json_t *made = build(&j, tm_json_next(&j, &s), s);
    if (made != NULL && tm_json_next(&j, &s) != TM_J_END) {
        json_decref(made);
        made = NULL;
    }
    *ret_err = j.err;
    assert_int_equal(made == NULL, j.err != TM_OK);
    if (j.err != TM_OK) {
        assert_int_equal(tm_json_next(&j, &s), TM_J_BAD); /* it stays bad */
        assert_true(j.p >= p && j.p <= p + n);
    }
    /* skipping the whole accepts the same texts */
    tm_json_begin(&j, tm_str_n(p, n), arena);
    const bool skipped = tm_json_skip(&j) && tm_json_next(&j, &s) == TM_J_END;
    assert_int_equal(skipped, made != NULL);
    return made;
}

static void compare(const char *p, size_t n)
{
    /* a copy of exactly that size, so that AddressSanitizer sees one byte too far */
    char *bytes = tm_alloc(n);
    memcpy(bytes, p, n);
    json_error_t error;
    json_t *wanted = json_loadb(bytes, n, JSON_DECODE_ANY, &error);
    tm_err_t err;
    json_t *got = ours(bytes, n, &err);
    const bool overflow = wanted == NULL && json_error_code(&error) == json_error_numeric_overflow;
    const bool deep = depth_of(p, n) > TM_JSON_DEPTH_MAX;
    if (!overflow && !deep &&
        ((wanted != NULL) != (got != NULL) || (wanted != NULL && json_equal(wanted, got) == 0)))
        fail_msg("jansson %s, we %s: %.*s", wanted != NULL ? "takes" : error.text,
                 got != NULL ? "take" : "refuse", (int)n, p);
    if (deep)
        assert_null(got);
    json_decref(wanted);
    json_decref(got);
    tm_free(bytes);
}

static void pull__agrees_with_jansson_on_whole_and_cut_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < TM_COUNT(samples); i++) {
        for (size_t n = 0; n <= strlen(samples[i]); n++) {
            compare(samples[i], n);
        }
    }
}

static void pull__agrees_with_jansson_on_mutated_texts(void **state)
{
    (void)state;
    static const char pieces[] =
        "{}[],:\"\\0123456789.eE+-truefalsn u\n\t\x01\x7f\x80\xc3\xa9\xed\xa0/bd";
    uint64_t seed = 42;
    for (int round = 0; round < 60000; round++) {
        char text[256];
        const char *from = samples[next_random(&seed) % TM_COUNT(samples)];
        size_t n = strlen(from);
        memcpy(text, from, n);
        for (uint64_t changes = 1 + next_random(&seed) % 3; changes > 0; changes--) {
            const size_t at = n == 0 ? 0 : next_random(&seed) % (n + 1);
            const char c = pieces[next_random(&seed) % (sizeof(pieces) - 1)];
            const uint64_t what = next_random(&seed) % 3;
            if (what == 0 && n < sizeof(text)) {
                memmove(text + at + 1, text + at, n - at);
                text[at] = c;
                n++;
            } else if (what == 1 && at < n) {
                memmove(text + at, text + at + 1, n - at - 1);
                n--;
            } else if (at < n) {
                text[at] = c;
            }
        }
        compare(text, n);
    }
}

static void pull__depth_is_bounded(void **state)
{
    (void)state;
    for (int depth = 30; depth <= 34; depth++) {
        char text[80];
        for (int form = 0; form < 2; form++) {
            memset(text, '[', (size_t)depth);
            memset(text + depth, ']', (size_t)depth);
            tm_err_t err;
            json_t *got = ours(text, (size_t)depth * 2, &err);
            assert_int_equal(err, depth <= TM_JSON_DEPTH_MAX ? TM_OK : TM_EDEPTH);
            json_decref(got);
        }
    }
    char *deep = tm_alloc(20000);
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    tm_err_t err;
    assert_null(ours(deep, 20000, &err));
    assert_int_equal(err, TM_EDEPTH);
    tm_free(deep);
}

static void pull__strings_without_escapes_are_not_copied(void **state)
{
    (void)state;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(4096);
    const tm_str_t text = TM_STR("{\"key\":\"value\",\"x\":[1,{\"y\":2}],\"z\":\"\\u0041\"}");
    tm_json_t j;
    tm_str_t s;
    tm_json_begin(&j, text, arena);
    assert_int_equal(tm_json_next(&j, &s), TM_J_OBJECT);
    assert_int_equal(tm_json_next(&j, &s), TM_J_KEY);
    assert_true(tm_str_eq(s, TM_STR("key")) && s.p == text.p + 2);
    assert_int_equal(tm_json_next(&j, &s), TM_J_STRING);
    assert_true(tm_str_eq(s, TM_STR("value")) && s.p == text.p + 8);
    assert_true(tm_json_skip(&j)); /* a key with its value */
    assert_int_equal(tm_json_next(&j, &s), TM_J_KEY);
    assert_int_equal(tm_json_next(&j, &s), TM_J_STRING);
    assert_true(tm_str_eq(s, TM_STR("A")));
    assert_false(tm_json_skip(&j)); /* there is no value before the end of the object */
    tm_json_begin(&j, TM_STR("[\"\\n\"]"), arena);
    while (tm_arena_alloc(arena, 16) != NULL) {
    }
    assert_int_equal(tm_json_next(&j, &s), TM_J_LIST);
    assert_int_equal(tm_json_next(&j, &s), TM_J_BAD);
    assert_int_equal(j.err, TM_ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pull__agrees_with_jansson_on_whole_and_cut_texts),
        cmocka_unit_test(pull__agrees_with_jansson_on_mutated_texts),
        cmocka_unit_test(pull__depth_is_bounded),
        cmocka_unit_test(pull__strings_without_escapes_are_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
