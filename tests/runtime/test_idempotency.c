/* test_idempotency.c - the table of answered requests: found, refused, expired, bounded. */
#include "runtime/idempotency.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static tm_idem_key_t key(uint32_t i)
{
    char text[16];
    const int n = snprintf(text, sizeof(text), "%u", i);
    return tm_idem_key(TM_STR("scope"), tm_str_n(text, (size_t)n));
}

static void idem__finds_repeats_and_other_bodies(void **state)
{
    (void)state;
    tm_idem_t *idem = tm_idem_new(100);
    const tm_sha256_t a = tm_sha256("a", 1);
    const tm_sha256_t b = tm_sha256("b", 1);
    assert_int_equal(tm_idem_find(idem, key(1), &a, (tm_ms_t){0}), TM_IDEM_NEW);
    tm_idem_add(idem, key(1), &a, (tm_ms_t){100}, (tm_ms_t){0}, 0);
    assert_int_equal(tm_idem_find(idem, key(1), &a, (tm_ms_t){99}), TM_IDEM_REPEAT);
    assert_int_equal(tm_idem_find(idem, key(1), &b, (tm_ms_t){99}), TM_IDEM_OTHER_BODY);
    assert_int_equal(tm_idem_find(idem, key(1), &a, (tm_ms_t){100}), TM_IDEM_NEW);
    assert_int_equal(tm_idem_number(idem, key(1)), 0);
    tm_idem_set_number(idem, key(1), 7);
    assert_int_equal(tm_idem_number(idem, key(1)), 7);
    tm_idem_set_number(idem, key(2), 8); /* dropped meanwhile: nothing */
    assert_int_equal(tm_idem_number(idem, key(2)), 0);
    tm_idem_free(idem);
}

static void idem__scope_and_key_do_not_run_together(void **state)
{
    (void)state;
    const tm_idem_key_t a = tm_idem_key(TM_STR("ab"), TM_STR("c"));
    const tm_idem_key_t b = tm_idem_key(TM_STR("a"), TM_STR("bc"));
    assert_memory_not_equal(&a, &b, sizeof(a));
    /* Nor where they are too long for one piece. */
    char text[2000];
    memset(text, 'x', sizeof(text));
    const tm_idem_key_t c = tm_idem_key(tm_str_n(text, 1000), tm_str_n(text, 1000));
    const tm_idem_key_t d = tm_idem_key(tm_str_n(text, 999), tm_str_n(text, 1001));
    const tm_idem_key_t e = tm_idem_key(tm_str_n(text, 1000), tm_str_n(text, 1000));
    assert_memory_not_equal(&c, &d, sizeof(c));
    assert_memory_equal(&c, &e, sizeof(c));
}

static void idem__drops_the_oldest_beyond_its_limit(void **state)
{
    (void)state;
    const uint32_t max = 1000;
    tm_idem_t *idem = tm_idem_new(max);
    const tm_sha256_t a = tm_sha256("a", 1);
    for (uint32_t i = 0; i < 3 * max; i++) {
        tm_idem_add(idem, key(i), &a, (tm_ms_t){1000000}, (tm_ms_t){0}, i + 1);
        assert_true(tm_idem_count(idem) <= max);
    }
    assert_int_equal(tm_idem_count(idem), max);
    for (uint32_t i = 0; i < 3 * max; i++) {
        assert_int_equal(tm_idem_find(idem, key(i), &a, (tm_ms_t){0}),
                         i < 2 * max ? TM_IDEM_NEW : TM_IDEM_REPEAT);
        assert_int_equal(tm_idem_number(idem, key(i)), i < 2 * max ? 0 : i + 1);
    }
    tm_idem_free(idem);
}

static void idem__drops_what_expired(void **state)
{
    (void)state;
    tm_idem_t *idem = tm_idem_new(1000000);
    const tm_sha256_t a = tm_sha256("a", 1);
    for (uint32_t i = 0; i < 5000; i++)
        tm_idem_add(idem, key(i), &a, (tm_ms_t){i + 100}, (tm_ms_t){i}, 1);
    assert_int_equal(tm_idem_count(idem), 100);
    /* A key that is used again after it expired does not vanish with its old entry. */
    tm_idem_add(idem, key(4999), &a, (tm_ms_t){9000}, (tm_ms_t){5098}, 2);
    tm_idem_add(idem, key(6000), &a, (tm_ms_t){9000}, (tm_ms_t){5099}, 3);
    assert_int_equal(tm_idem_number(idem, key(4999)), 2);
    tm_idem_free(idem);
}

/* A clock jumped ahead and back: one actor has the later time, another has not heard of it yet. */
static void idem__a_clock_that_was_ahead_expires_no_key_before_its_time(void **state)
{
    (void)state;
    const int64_t ahead = 2 * TM_IDEM_KEPT_MS;
    tm_idem_t *idem = tm_idem_new(8);
    const tm_sha256_t a = tm_sha256("a", 1);
    tm_idem_see(idem, (tm_ms_t){ahead});
    const tm_ms_t expires = tm_idem_expires(idem);
    assert_int_equal(expires.v, ahead + TM_IDEM_KEPT_MS);
    tm_idem_add(idem, key(1), &a, expires, (tm_ms_t){5}, 1);
    tm_idem_add(idem, key(2), &a, expires, (tm_ms_t){ahead + 5}, 2);
    assert_int_equal(tm_idem_find(idem, key(1), &a, (tm_ms_t){ahead + 10}), TM_IDEM_REPEAT);
    assert_int_equal(tm_idem_find(idem, key(1), &a, (tm_ms_t){10}), TM_IDEM_REPEAT);
    assert_int_equal(tm_idem_find(idem, key(1), &a, expires), TM_IDEM_NEW);
    /* Who stored none meanwhile has seen the time all the same. */
    assert_int_equal(tm_idem_find(idem, key(2), &a, (tm_ms_t){10}), TM_IDEM_NEW);
    tm_idem_free(idem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idem__finds_repeats_and_other_bodies),
        cmocka_unit_test(idem__scope_and_key_do_not_run_together),
        cmocka_unit_test(idem__drops_the_oldest_beyond_its_limit),
        cmocka_unit_test(idem__drops_what_expired),
        cmocka_unit_test(idem__a_clock_that_was_ahead_expires_no_key_before_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
