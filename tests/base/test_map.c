/* test_map.c - hash maps against a naive model. */
#include "base/digest.h"
#include "base/map.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define KEYS 700
#define MANY 300000
#define TEXT_MAX 32

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 29;
}

static void *value_of(uint64_t i)
{
    return (void *)(uintptr_t)(i + 1);
}

static void map__behaves_like_an_array(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 20; round++) {
        uint64_t seed = round;
        void *model[KEYS] = {0};
        tm_map_t map = {0};
        uint32_t n = 0;
        for (int step = 0; step < 20000; step++) {
            const uint64_t i = next(&seed) % (round % 2 == 0 ? KEYS : 40);
            const uint64_t key = round % 3 == 0 ? i << 40 : i;
            const uint64_t what = next(&seed) % 10;
            if (what < 4) {
                void *value = value_of(next(&seed) % 1000);
                assert_ptr_equal(tm_map_put(&map, key, value), model[i]);
                n += model[i] == NULL ? 1 : 0;
                model[i] = value;
            } else if (what < 8) {
                assert_ptr_equal(tm_map_del(&map, key), model[i]);
                n -= model[i] != NULL ? 1 : 0;
                model[i] = NULL;
            } else {
                assert_ptr_equal(tm_map_get(&map, key), model[i]);
            }
            assert_int_equal(map.n, n);
        }
        uint32_t pos = 0;
        uint32_t seen = 0;
        uint64_t key;
        void *value;
        while (tm_map_next(&map, &pos, &key, &value)) {
            assert_ptr_equal(model[round % 3 == 0 ? key >> 40 : key], value);
            seen++;
        }
        assert_int_equal(seen, n);
        assert_false(tm_map_next(&map, &pos, &key, &value));
        tm_map_done(&map);
        assert_null(tm_map_get(&map, 1));
        assert_null(tm_map_del(&map, 1));
    }
}

static void map__order_does_not_depend_on_insertion(void **state)
{
    (void)state;
    tm_map_t up = {0};
    tm_map_t down = {0};
    for (uint64_t i = 0; i < 5000; i++) {
        tm_map_put(&up, i * 7, value_of(i));
        tm_map_put(&down, (4999 - i) * 7, value_of(4999 - i));
    }
    for (uint64_t i = 0; i < 5000; i += 3) {
        tm_map_del(&up, i * 7);
        tm_map_del(&down, (4998 - i) * 7);
    }
    uint32_t pos_up = 0;
    uint32_t pos_down = 0;
    uint64_t key_up;
    uint64_t key_down;
    void *value;
    while (tm_map_next(&up, &pos_up, &key_up, &value)) {
        assert_true(tm_map_next(&down, &pos_down, &key_down, &value));
        assert_true(key_up == key_down);
    }
    assert_false(tm_map_next(&down, &pos_down, &key_down, &value));
    tm_map_done(&up);
    tm_map_done(&down);
}

static void smap__behaves_like_an_array_and_copies_keys(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 6; round++) {
        uint64_t seed = round;
        void *model[KEYS] = {0};
        tm_smap_t map = {0};
        uint32_t n = 0;
        char text[64];
        for (int step = 0; step < 20000; step++) {
            const uint64_t i = next(&seed) % KEYS;
            const int text_n = snprintf(text, sizeof(text),
                                        i % 2 == 0 ? "%03llu" : "a longer key of some bytes %llu",
                                        (unsigned long long)i);
            const tm_str_t key = tm_str_n(text, (size_t)text_n);
            const uint64_t what = next(&seed) % 10;
            if (what < 4) {
                void *value = value_of(next(&seed) % 1000);
                assert_ptr_equal(tm_smap_put(&map, key, value), model[i]);
                n += model[i] == NULL ? 1 : 0;
                model[i] = value;
            } else if (what < 8) {
                assert_ptr_equal(tm_smap_del(&map, key), model[i]);
                n -= model[i] != NULL ? 1 : 0;
                model[i] = NULL;
            } else {
                assert_ptr_equal(tm_smap_get(&map, key), model[i]);
            }
            assert_int_equal(map.n, n);
        }
        memset(text, 0, sizeof(text));
        uint32_t pos = 0;
        uint32_t seen = 0;
        tm_str_t key;
        void *value;
        while (tm_smap_next(&map, &pos, &key, &value)) {
            assert_ptr_equal(tm_smap_get(&map, key), value);
            seen++;
        }
        assert_int_equal(seen, n);
        tm_smap_done(&map);
    }
}

static void smap__the_empty_key_is_a_key(void **state)
{
    (void)state;
    tm_smap_t map = {0};
    int value = 0;
    assert_null(tm_smap_get(&map, TM_STR("")));
    assert_null(tm_smap_put(&map, TM_STR(""), &value));
    assert_ptr_equal(tm_smap_get(&map, (tm_str_t){NULL, 0}), &value);
    assert_null(tm_smap_get(&map, TM_STR("\0")));
    assert_ptr_equal(tm_smap_del(&map, TM_STR("")), &value);
    assert_int_equal(map.n, 0);
    tm_smap_done(&map);
}

static tm_str_t text_key(uint32_t i, char text[TEXT_MAX])
{
    return tm_str_n(text, (size_t)snprintf(text, TEXT_MAX, "key %u", i));
}

static void smap__order_does_not_depend_on_insertion(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    tm_smap_t up = {0};
    tm_smap_t down = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        tm_smap_put(&up, text_key(i, text), value_of(i));
        tm_smap_put(&down, text_key(4999 - i, text), value_of(4999 - i));
    }
    for (uint32_t i = 0; i < 5000; i += 3) {
        tm_smap_del(&up, text_key(i, text));
        tm_smap_del(&down, text_key(4998 - i, text));
    }
    uint32_t pos_up = 0;
    uint32_t pos_down = 0;
    tm_str_t key_up;
    tm_str_t key_down;
    void *value;
    while (tm_smap_next(&up, &pos_up, &key_up, &value)) {
        assert_true(tm_smap_next(&down, &pos_down, &key_down, &value));
        assert_true(tm_str_eq(key_up, key_down));
    }
    assert_false(tm_smap_next(&down, &pos_down, &key_down, &value));
    tm_smap_done(&up);
    tm_smap_done(&down);
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The first key of a map after `put` then `other` were put. */
static void *first_of(tm_str_t put, tm_str_t other, void *value, void *other_value)
{
    tm_smap_t map = {0};
    assert_null(tm_smap_put(&map, put, value));
    assert_null(tm_smap_get(&map, other)); /* of the same hash, but absent */
    assert_null(tm_smap_del(&map, other));
    assert_null(tm_smap_put(&map, other, other_value));
    assert_ptr_equal(tm_smap_get(&map, put), value);
    assert_ptr_equal(tm_smap_get(&map, other), other_value);
    uint32_t pos = 0;
    tm_str_t key;
    void *first = NULL;
    assert_true(tm_smap_next(&map, &pos, &key, &first));
    assert_ptr_equal(tm_smap_del(&map, put), value);
    assert_ptr_equal(tm_smap_get(&map, other), other_value);
    assert_int_equal(map.n, 1);
    tm_smap_done(&map);
    return first;
}

/* Keys that half of the hash does not tell apart: both are found, in an order of their own. */
static void smap__keys_of_one_hash_are_two(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    char other[TEXT_MAX];
    uint64_t *keys = tm_alloc(MANY * sizeof(*keys)); /* hash, then number */
    for (uint32_t i = 0; i < MANY; i++) {
        const tm_str_t key = text_key(i, text);
        keys[i] = tm_hash64(key.p, key.n) << 32 | i;
    }
    qsort(keys, MANY, sizeof(*keys), by_number);
    uint32_t pairs = 0;
    for (uint32_t k = 1; k < MANY; k++) {
        const uint32_t a = (uint32_t)keys[k - 1];
        const uint32_t b = (uint32_t)keys[k];
        if (keys[k - 1] >> 32 == keys[k] >> 32) {
            const tm_str_t key = text_key(a, text);
            const tm_str_t with = text_key(b, other);
            void *first = first_of(key, with, value_of(a), value_of(b));
            assert_ptr_equal(first_of(with, key, value_of(b), value_of(a)), first);
            pairs++;
        }
    }
    assert_true(pairs >= 3); /* about 10 by chance; the hash is the same everywhere */
    tm_free(keys);
}

static void smap__many_keys_come_go_and_come_again(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    tm_smap_t map = {0};
    for (uint32_t i = 0; i < MANY; i++)
        assert_null(tm_smap_put(&map, text_key(i, text), value_of(i)));
    for (uint32_t i = 0; i < MANY; i += 2)
        assert_ptr_equal(tm_smap_del(&map, text_key(i, text)), value_of(i));
    assert_int_equal(map.n, MANY / 2);
    for (uint32_t i = 0; i < MANY; i++)
        assert_ptr_equal(tm_smap_get(&map, text_key(i, text)), i % 2 == 0 ? NULL : value_of(i));
    for (uint32_t i = 0; i < MANY; i += 2)
        assert_null(tm_smap_put(&map, text_key(i, text), value_of(i + 1)));
    for (uint32_t i = 0; i < MANY; i++)
        assert_ptr_equal(tm_smap_get(&map, text_key(i, text)), value_of(i + (i % 2 == 0 ? 1 : 0)));
    tm_smap_done(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map__behaves_like_an_array),
        cmocka_unit_test(map__order_does_not_depend_on_insertion),
        cmocka_unit_test(smap__behaves_like_an_array_and_copies_keys),
        cmocka_unit_test(smap__the_empty_key_is_a_key),
        cmocka_unit_test(smap__order_does_not_depend_on_insertion),
        cmocka_unit_test(smap__keys_of_one_hash_are_two),
        cmocka_unit_test(smap__many_keys_come_go_and_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
