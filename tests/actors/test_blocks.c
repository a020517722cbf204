/* test_blocks.c - the steps of amounts are those of a plain walk, whatever edges are kept. */
#include "actors/with_world.h"

#include "actors/campaign_blocks.h"

#define FIRST_EDGE 100
#define EACH_UNTIL 300000 /* every amount below it is tried */
#define BETWEEN 64        /* amounts tried between two edges above */

/* The definition: how many edges are not above it. */
static uint32_t plain_step(int64_t gross)
{
    uint32_t step = 0;
    for (int64_t edge = FIRST_EDGE; edge <= gross; edge += edge / 10) {
        step++;
    }
    return step;
}

static void assert_step(int64_t gross)
{
    const uint32_t want = plain_step(gross);
    if (campaign_amount_step(gross) != want)
        fail_msg("%lld cents: step %u, not %u", (long long)gross, campaign_amount_step(gross),
                 want);
}

static void amount_step__is_that_of_a_plain_walk(void **state)
{
    (void)state;
    for (int64_t gross = -2; gross < EACH_UNTIL; gross++) {
        assert_step(gross);
    }
    uint32_t step = 0;
    for (int64_t edge = FIRST_EDGE, next; edge <= TM_CENTS_MAX; edge = next) {
        next = edge + edge / 10;
        assert_int_equal(campaign_amount_step(edge - 1), step);
        assert_int_equal(campaign_amount_step(edge), ++step);
        for (int64_t i = 1; i < BETWEEN; i++) {
            const int64_t gross = edge + (next - edge) * i / BETWEEN;
            assert_int_equal(campaign_amount_step(gross), step);
        }
    }
    assert_in_range(step, 280, 300); /* the walk went through all of them */
    assert_step(TM_CENTS_MAX);
    assert_step(-TM_CENTS_MAX);
}

static void amount_step__a_tenth_more_is_a_neighbour(void **state)
{
    (void)state;
    for (int64_t gross = 1; gross <= TM_CENTS_MAX / 11 * 10; gross += 1 + gross / 5000) {
        const uint32_t step = campaign_amount_step(gross);
        assert_in_range(campaign_amount_step(gross + gross / 10), step, step + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amount_step__is_that_of_a_plain_walk),
        cmocka_unit_test(amount_step__a_tenth_more_is_a_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
