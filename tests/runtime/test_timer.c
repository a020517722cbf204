/* test_timer.c - due times against a list that is searched. */
#include "runtime/timer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define ACTORS 200

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *seed >> 33;
}

static void timers__agree_with_a_searched_list(void **state)
{
    (void)state;
    for (uint64_t first = 1; first <= 20; first++) {
        uint64_t seed = first;
        tm_timers_t *timers = tm_timers_new(NULL);
        static tm_due_t dues[ACTORS];
        static int64_t model[ACTORS]; /* 0: none */
        memset(dues, 0, sizeof(dues));
        memset(model, 0, sizeof(model));
        for (uint32_t i = 0; i < ACTORS; i++)
            dues[i].actor = i;
        for (uint32_t step = 0; step < 3000; step++) {
            const uint32_t i = (uint32_t)next_random(&seed) % ACTORS;
            const int64_t at =
                next_random(&seed) % 4 == 0 ? 0 : (int64_t)(1 + next_random(&seed) % 100);
            tm_timers_set(timers, &dues[i], (tm_ms_t){at}, true);
            model[i] = at;
            if (next_random(&seed) % 3 != 0)
                continue;
            const int64_t now = (int64_t)(next_random(&seed) % 100);
            uint32_t best = ACTORS;
            for (uint32_t j = 0; j < ACTORS; j++) {
                if (model[j] > 0 && model[j] <= now && (best == ACTORS || model[j] < model[best]))
                    best = j;
            }
            const tm_due_t *due = tm_timers_take(timers, (tm_ms_t){now});
            if (best == ACTORS) {
                assert_null(due);
            } else {
                assert_int_equal(due->actor, best);
                model[best] = 0;
            }
        }
        tm_timers_free(timers);
    }
}

static void timers__who_was_told_is_not_told_again(void **state)
{
    (void)state;
    tm_timers_t *timers = tm_timers_new(NULL);
    tm_due_t due = {.actor = 1};
    tm_timers_set(timers, &due, (tm_ms_t){10}, false);
    assert_int_equal(tm_timers_next(timers).v, 10);
    assert_null(tm_timers_take(timers, (tm_ms_t){9}));
    assert_ptr_equal(tm_timers_take(timers, (tm_ms_t){10}), &due);
    tm_timers_set(timers, &due, (tm_ms_t){10}, false); /* another message was handled first */
    assert_null(tm_timers_take(timers, (tm_ms_t){100}));
    tm_timers_set(timers, &due, (tm_ms_t){20}, true);
    assert_ptr_equal(tm_timers_take(timers, (tm_ms_t){100}), &due);
    tm_timers_again(timers, &due, (tm_ms_t){200});
    assert_null(tm_timers_take(timers, (tm_ms_t){199}));
    assert_ptr_equal(tm_timers_take(timers, (tm_ms_t){200}), &due);
    assert_int_equal(tm_timers_next(timers).v, 0);
    tm_timers_free(timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers__agree_with_a_searched_list),
        cmocka_unit_test(timers__who_was_told_is_not_told_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
