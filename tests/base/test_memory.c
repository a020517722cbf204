/* test_memory.c - arenas, growing buffers, shared bytes. */
#include "base/blob.h"
#include "base/buf.h"
#include "base/memory.h"
#include <inttypes.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void heap__gives_aligned_zeroed_and_copied(void **state)
{
    (void)state;
    TM_AUTO(tm_free_p) char *z = tm_zalloc(100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(z[i], 0);
    }
    for (size_t align = 1; align <= 4096; align *= 2) {
        void *p = tm_alloc_aligned(10, align);
        assert_int_equal((uintptr_t)p % align, 0);
        tm_free(p);
    }
    char *copy = tm_strdup_n("abcdef", 3);
    assert_string_equal(copy, "abc");
    copy = tm_realloc(copy, 1000);
    assert_string_equal(copy, "abc");
    tm_free(copy);
    tm_free(NULL);
    tm_free(tm_alloc(0));
}

static void arena__pieces_are_aligned_apart_and_keep_their_bytes(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new((size_t)16 << 20);
    enum { N = 3000 };
    static unsigned char *pieces[N];
    static size_t sizes[N];
    for (int round = 0; round < 3; round++) {
        uint64_t seed = 5;
        for (int i = 0; i < N; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            sizes[i] = (size_t)(seed >> 33) % (i % 100 == 0 ? 40000 : 300);
            pieces[i] = tm_arena_alloc(arena, sizes[i]);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % 16, 0);
            memset(pieces[i], i & 0xff, sizes[i]);
        }
        for (int i = 0; i < N; i++) {
            for (size_t k = 0; k < sizes[i]; k++) {
                assert_int_equal(pieces[i][k], i & 0xff);
            }
        }
        assert_true(tm_arena_bytes(arena) < (size_t)4 << 20);
        tm_arena_reset(arena);
        assert_true(tm_arena_bytes(arena) <= 1024);
    }
    tm_arena_free(arena);
    tm_arena_free(NULL);
}

static void arena__never_exceeds_its_limit(void **state)
{
    (void)state;
    for (size_t max = 256; max < 300000; max = max * 5 / 3 + 7) {
        tm_arena_t *arena = tm_arena_new(max);
        uint64_t seed = max;
        size_t given = 0;
        int refused = 0;
        while (refused < 20) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const size_t n = (size_t)(seed >> 33) % 2000;
            char *p = tm_arena_alloc(arena, n);
            if (p == NULL)
                refused++;
            else
                memset(p, 1, n);
            given += p == NULL ? 0 : n;
            assert_true(tm_arena_bytes(arena) <= max);
            assert_true(given <= max);
        }
        assert_null(tm_arena_alloc(arena, SIZE_MAX));
        assert_null(tm_arena_alloc(arena, SIZE_MAX - 15));
        if (max > 20000)
            assert_true(given > max / 2); /* the limit is of use, not only safe */
        tm_arena_reset(arena);
        assert_non_null(tm_arena_alloc(arena, 8));
        tm_arena_free(arena);
    }
}

static void arena__copies_strings_with_a_nul(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(2000);
    const tm_str_t s = tm_arena_str(arena, tm_str_n("abcdef", 4));
    assert_int_equal(s.n, 4);
    assert_string_equal(s.p, "abcd");
    assert_null(tm_arena_str(arena, (tm_str_t){NULL, 0}).p);
    const tm_str_t empty = tm_arena_str(arena, TM_STR(""));
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    const tm_str_t made = tm_arena_printf(arena, "%d-%s", 42, "x");
    assert_string_equal(made.p, "42-x");
    assert_int_equal(made.n, 4);
    assert_null(tm_arena_printf(arena, "%3000d", 1).p);
    char *z = tm_arena_zalloc(arena, 100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(z[i], 0);
    }
    tm_arena_free(arena);
}

static void buf__stops_at_the_last_whole_add(void **state)
{
    (void)state;
    tm_buf_t buf;
    tm_buf_init(&buf, 10);
    tm_buf_add_c(&buf, "12345678");
    assert_false(buf.full);
    tm_buf_add_c(&buf, "abc");
    assert_true(buf.full);
    tm_buf_add_char(&buf, 'x'); /* would fit, but a piece is missing before it */
    assert_true(tm_str_eq(tm_buf_str(&buf), TM_STR("12345678")));
    assert_false(tm_buf_reserve(&buf, 1));
    tm_buf_clear(&buf);
    tm_buf_add_c(&buf, "1234567890");
    assert_false(buf.full);
    assert_true(buf.cap <= 10);
    tm_buf_clear(&buf);
    tm_buf_printf(&buf, "%s", "0123456789");
    assert_false(buf.full);
    tm_buf_clear(&buf);
    assert_false(tm_buf_reserve(&buf, SIZE_MAX));
    tm_buf_done(&buf);
    tm_buf_init(&buf, 0);
    tm_buf_add_c(&buf, "");
    assert_false(buf.full);
    size_t n = 1;
    char *taken = tm_buf_take(&buf, &n);
    assert_int_equal(n, 0);
    assert_string_equal(taken, "");
    tm_free(taken);
}

static void buf__numbers_are_those_of_printf(void **state)
{
    (void)state;
    tm_buf_t buf;
    tm_buf_init(&buf, 1 << 20);
    uint64_t seed = 3;
    uint64_t power = 1; /* of ten: numbers around each */
    for (int i = 0; i < 50000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const bool around = i >= 2000 && i < 2060;
        const uint64_t v = i < 2000 ? (uint64_t)i
                           : around ? power + (uint64_t)(i % 3) - 1
                                    : seed >> (i % 64);
        power *= around && i % 3 == 2 ? 10 : 1;
        char wanted[96];
        snprintf(wanted, sizeof(wanted), "%" PRId64 " %" PRIu64 " %" PRId64 "!", (int64_t)v, v,
                 -(int64_t)(v >> 1));
        tm_buf_clear(&buf);
        tm_buf_add_i64(&buf, (int64_t)v);
        tm_buf_add_char(&buf, ' ');
        tm_buf_add_u64(&buf, v);
        tm_buf_printf(&buf, " %" PRId64 "!", -(int64_t)(v >> 1));
        assert_true(tm_str_eq(tm_buf_str(&buf), tm_str(wanted)));
    }
    tm_buf_clear(&buf);
    tm_buf_add_i64(&buf, INT64_MIN);
    size_t n = 0;
    char *taken = tm_buf_take(&buf, &n);
    assert_string_equal(taken, "-9223372036854775808");
    assert_int_equal(n, 20);
    assert_null(buf.p);
    tm_free(taken);
    tm_buf_printf(&buf, "%1000d", 1);
    assert_int_equal(buf.n, 1000);
    tm_buf_done(&buf);
}

static void blob__lives_until_the_last_reference(void **state)
{
    (void)state;
    tm_blob_t *blob = tm_blob_new("hello", 5);
    assert_string_equal(blob->p, "hello");
    assert_ptr_equal(tm_blob_ref(blob), blob);
    assert_int_equal(blob->refs, 2);
    tm_blob_unref(blob);
    assert_true(tm_str_eq(tm_blob_str(blob), TM_STR("hello")));
    tm_blob_unref(blob);
    assert_null(tm_blob_ref(NULL));
    tm_blob_unref(NULL);
    assert_null(tm_blob_str(NULL).p);
}

static void blob__a_buffer_becomes_one_without_a_copy(void **state)
{
    (void)state;
    tm_buf_t buf;
    tm_blob_begin(&buf, 1 << 20);
    assert_true(tm_buf_reserve(&buf, 1000));
    for (int i = 0; i < 125; i++) {
        tm_buf_add_c(&buf, "12345678");
    }
    tm_buf_clear(&buf);
    tm_buf_add_c(&buf, "hello");
    tm_buf_printf(&buf, "%0800d", 7);
    const char *at = buf.p;
    tm_blob_t *blob = tm_blob_take(&buf);
    assert_ptr_equal(blob->p, at);
    assert_int_equal(blob->n, 805);
    assert_int_equal(blob->refs, 1);
    assert_memory_equal(blob->p, "hello000", 8);
    assert_int_equal(blob->p[805], 0);
    tm_blob_unref(blob);

    /* empty afterwards, and may become the next; one that was never written to is empty */
    assert_null(buf.p);
    blob = tm_blob_take(&buf);
    assert_int_equal(blob->n, 0);
    assert_string_equal(blob->p, "");
    tm_blob_unref(blob);

    /* not taken */
    tm_buf_add_c(&buf, "x");
    tm_buf_done(&buf);
    tm_buf_done(&buf);
}

static void blob__what_grew_to_its_maximum_is_whole(void **state)
{
    (void)state;
    for (size_t max = 0; max < 3000; max += 7) {
        tm_buf_t buf;
        tm_blob_begin(&buf, max);
        while (!buf.full) {
            tm_buf_add_char(&buf, (char)('a' + buf.n % 26));
        }
        tm_blob_t *blob = tm_blob_take(&buf);
        assert_int_equal(blob->n, max);
        for (size_t i = 0; i < max; i++) {
            assert_int_equal(blob->p[i], 'a' + i % 26);
        }
        assert_int_equal(blob->p[max], 0);
        tm_blob_unref(blob);
        tm_buf_done(&buf);
    }
}

static void blob__much_unused_room_is_given_back(void **state)
{
    (void)state;
    tm_buf_t buf;
    tm_blob_begin(&buf, 1 << 24);
    assert_true(tm_buf_reserve(&buf, 8 << 20));
    tm_buf_printf(&buf, "%01000000d", 7);
    tm_blob_t *blob = tm_blob_take(&buf);
    assert_int_equal(blob->n, 1000000);
    assert_true(malloc_usable_size(blob) < 1000000 + 1000000 / 8 + 4096);
    tm_blob_unref(blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap__gives_aligned_zeroed_and_copied),
        cmocka_unit_test(arena__pieces_are_aligned_apart_and_keep_their_bytes),
        cmocka_unit_test(arena__never_exceeds_its_limit),
        cmocka_unit_test(arena__copies_strings_with_a_nul),
        cmocka_unit_test(buf__stops_at_the_last_whole_add),
        cmocka_unit_test(buf__numbers_are_those_of_printf),
        cmocka_unit_test(blob__lives_until_the_last_reference),
        cmocka_unit_test(blob__a_buffer_becomes_one_without_a_copy),
        cmocka_unit_test(blob__what_grew_to_its_maximum_is_whole),
        cmocka_unit_test(blob__much_unused_room_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
