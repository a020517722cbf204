/* test_ceiling.c - marks of the memory are passed and left once each, caches are emptied at them,
 * and the real numbers make sense. */
#include "base/ceiling.h"
#include "base/memory.h"
#include "base/time.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

#define LIMIT 1000
#define MB UINT64_C(1000000)

typedef struct world {
    uint64_t used;
    uint64_t cached; /* goes with relieve */
    uint32_t relieved, changes;
    tm_memory_t told;
} world_t;

static uint64_t used(void *ctx)
{
    const world_t *world = ctx;
    return world->used + world->cached;
}

static void relieve(void *ctx)
{
    world_t *world = ctx;
    world->cached = 0;
    world->relieved++;
}

static void changed(void *ctx, tm_memory_t now, uint64_t bytes)
{
    world_t *world = ctx;
    assert_int_equal(bytes, world->used + world->cached);
    world->told = now;
    world->changes++;
}

static tm_ceiling_t *make(world_t *world)
{
    const tm_ceiling_options_t options = {LIMIT, used, relieve, changed, world};
    return tm_ceiling_new(&options);
}

static tm_memory_t look(tm_ceiling_t *ceiling, world_t *world, uint64_t bytes)
{
    world->used = bytes;
    tm_ceiling_look(ceiling);
    assert_int_equal(tm_ceiling_used(ceiling), bytes + world->cached);
    return tm_ceiling_state(ceiling);
}

static void ceiling__marks_are_left_below_where_they_were_passed(void **state)
{
    (void)state;
    world_t world = {0};
    tm_ceiling_t *ceiling = make(&world);
    assert_int_equal(tm_ceiling_limit(ceiling), LIMIT);
    assert_int_equal(look(ceiling, &world, 849), TM_MEMORY_EASY);
    assert_int_equal(world.relieved, 0);
    assert_int_equal(look(ceiling, &world, 850), TM_MEMORY_TIGHT);
    assert_int_equal(look(ceiling, &world, 825), TM_MEMORY_TIGHT);
    assert_int_equal(look(ceiling, &world, 949), TM_MEMORY_TIGHT);
    assert_int_equal(look(ceiling, &world, 950), TM_MEMORY_FULL);
    assert_int_equal(look(ceiling, &world, 5 * LIMIT), TM_MEMORY_FULL);
    assert_int_equal(look(ceiling, &world, 925), TM_MEMORY_FULL);
    assert_int_equal(look(ceiling, &world, 919), TM_MEMORY_TIGHT);
    assert_int_equal(look(ceiling, &world, 819), TM_MEMORY_EASY);
    assert_int_equal(world.changes, 4); /* each mark once on the way up, once on the way down */
    assert_int_equal(world.told, TM_MEMORY_EASY);
    assert_true(world.relieved >= 1);
    tm_ceiling_free(ceiling);
}

static void ceiling__caches_go_before_anything_is_refused(void **state)
{
    (void)state;
    world_t world = {.cached = 300};
    tm_ceiling_t *ceiling = make(&world);
    assert_int_equal(look(ceiling, &world, 700), TM_MEMORY_EASY); /* 1,000 before, 700 after */
    assert_int_equal(world.relieved, 1);
    assert_int_equal(world.changes, 0);
    tm_ceiling_free(ceiling);
}

static void ceiling__nothing_known_is_easy(void **state)
{
    (void)state;
    assert_int_equal(tm_ceiling_state(NULL), TM_MEMORY_EASY);
    tm_ceiling_free(NULL);
    assert_string_equal(tm_memory_name(TM_MEMORY_FULL), "full");
}

static void ceiling__the_thread_sees_what_grows(void **state)
{
    (void)state;
    const uint64_t before = tm_memory_used();
    assert_true(before > 0 && before < tm_memory_allowed());
    const size_t bytes = 64u << 20;
    const tm_ceiling_options_t options = {.limit_bytes = before + bytes / 2};
    tm_ceiling_t *ceiling = tm_ceiling_new(&options);
    char *p = tm_alloc(bytes);
    memset(p, 1, bytes); /* pages nobody touched are not resident */
    assert_int_equal(tm_ceiling_start(ceiling), TM_OK);
    assert_int_equal(tm_ceiling_state(ceiling), TM_MEMORY_FULL);
    assert_true(tm_ceiling_used(ceiling) >= before + bytes / 2);
    assert_int_equal(p[bytes / 2], 1);
    tm_free(p);
#if !defined(TM_SANITIZED) /* they keep what was freed */
    const struct timespec pause = {0, 20000000};
    for (int i = 0; i < 500 && tm_ceiling_state(ceiling) == TM_MEMORY_FULL; i++)
        nanosleep(&pause, NULL);
    assert_int_not_equal(tm_ceiling_state(ceiling), TM_MEMORY_FULL);
#endif
    tm_ceiling_stop(ceiling);
    tm_ceiling_free(ceiling);
}

static void wait__is_as_long_as_the_room_below_the_lowest_mark_lasts(void **state)
{
    (void)state;
    const uint64_t limit = 10000 * MB; /* tight from 8,500, left below 8,200 */
    assert_int_equal(tm_ceiling_wait_ms(0, limit), 500);
    assert_int_equal(tm_ceiling_wait_ms(7700 * MB, limit), 500);
    assert_int_equal(tm_ceiling_wait_ms(7701 * MB, limit), 499);
    assert_int_equal(tm_ceiling_wait_ms(8000 * MB, limit), 200);
    assert_int_equal(tm_ceiling_wait_ms(8099 * MB, limit), 101);
    assert_int_equal(tm_ceiling_wait_ms(8100 * MB, limit), 100);
    assert_int_equal(tm_ceiling_wait_ms(8200 * MB, limit), 100);
    assert_int_equal(tm_ceiling_wait_ms(8300 * MB, limit), 100); /* perhaps passed, not yet left */
    assert_int_equal(tm_ceiling_wait_ms(limit, limit), 100);
    assert_int_equal(tm_ceiling_wait_ms(UINT64_MAX, limit), 100);
    for (uint64_t used = 0; used < limit; used += MB / 2) {
        const uint32_t ms = tm_ceiling_wait_ms(used, limit);
        assert_true(ms >= 100 && ms <= 500);
        assert_true(ms == 100 || used + ms * MB <= 8200 * MB); /* filled meanwhile: no mark yet */
    }
}

static void wait__small_and_huge_limits(void **state)
{
    (void)state;
    for (uint64_t limit = 1; limit < 122 * MB; limit += MB / 2)
        assert_int_equal(tm_ceiling_wait_ms(0, limit), 100); /* no room that lasts longer */
    assert_int_equal(tm_ceiling_wait_ms(30 * MB, UINT64_C(160) << 20), 107);
    assert_int_equal(tm_ceiling_wait_ms(UINT64_C(1) << 50, UINT64_MAX), 500);
    assert_int_equal(tm_ceiling_wait_ms(UINT64_MAX, UINT64_MAX), 100);
}

/* Threads: any. */
static uint64_t counted(void *ctx)
{
    return __atomic_add_fetch((uint32_t *)ctx, 1, __ATOMIC_RELAXED);
}

static void ceiling__the_thread_looks_seldom_far_from_the_marks(void **state)
{
    (void)state;
    uint32_t looks = 0; /* atomic */
    const tm_ceiling_options_t options = {
        .limit_bytes = 10000 * MB, .used = counted, .ctx = &looks};
    tm_ceiling_t *ceiling = tm_ceiling_new(&options);
    const int64_t begin = tm_time_mono_ns();
    assert_int_equal(tm_ceiling_start(ceiling), TM_OK); /* a look here, one as the thread begins */
    const struct timespec pause = {0, 5000000};
    for (int i = 0; i < 4000 && __atomic_load_n(&looks, __ATOMIC_RELAXED) < 3; i++)
        nanosleep(&pause, NULL);
    assert_true(__atomic_load_n(&looks, __ATOMIC_RELAXED) >= 3);
    assert_true(tm_time_mono_ns() - begin >= INT64_C(499) * 1000000);
    tm_ceiling_stop(ceiling);
    tm_ceiling_free(ceiling);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceiling__marks_are_left_below_where_they_were_passed),
        cmocka_unit_test(ceiling__caches_go_before_anything_is_refused),
        cmocka_unit_test(ceiling__nothing_known_is_easy),
        cmocka_unit_test(ceiling__the_thread_sees_what_grows),
        cmocka_unit_test(wait__is_as_long_as_the_room_below_the_lowest_mark_lasts),
        cmocka_unit_test(wait__small_and_huge_limits),
        cmocka_unit_test(ceiling__the_thread_looks_seldom_far_from_the_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
