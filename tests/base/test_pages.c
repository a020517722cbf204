/* test_pages.c - pages against a hash map. */
#include "base/pages.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 29;
}

static void pages__hold_what_a_map_holds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t random = seed;
        tm_map_t model = {0};
        tm_pages_t pages = {0};
        const uint64_t keys = seed % 2 == 0 ? 5000 : 40;
        for (int step = 0; step < 20000; step++) {
            const uint64_t i = next(&random) % keys;
            const uint64_t key = seed % 3 == 0 ? i << 33 | (UINT64_MAX << 60) : i;
            void *value = (void *)(uintptr_t)(next(&random) % 1000 + 1);
            switch (next(&random) % 4) {
            case 0:
                tm_pages_put(&pages, key, NULL);
                (void)tm_map_del(&model, key);
                break;
            case 1:
                tm_pages_put(&pages, key, value);
                (void)tm_map_put(&model, key, value);
                break;
            default:
                break;
            }
            assert_ptr_equal(tm_pages_get(&pages, key), tm_map_get(&model, key));
            assert_ptr_equal(tm_pages_get(&pages, key + 1), tm_map_get(&model, key + 1));
        }
        tm_pages_done(&pages);
        assert_null(tm_pages_get(&pages, 1));
        tm_map_done(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages__hold_what_a_map_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
