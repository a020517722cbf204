/* test_mailbox.c - order, sleep and wake of the mailbox, alone and under stress. */
#include "base/memory.h"
#include "base/thread.h"
#include "runtime/mailbox.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct item {
    tm_node_t node;
    uint32_t from;
    uint32_t seq;
} item_t;

static void mailbox__first_push_wakes_and_no_other(void **state)
{
    (void)state;
    tm_mailbox_t box;
    tm_mailbox_init(&box);
    assert_null(tm_mailbox_pop(&box));
    item_t items[4];
    assert_true(tm_mailbox_push(&box, &items[0].node));
    assert_false(tm_mailbox_push(&box, &items[1].node));
    assert_false(tm_mailbox_sleep(&box));
    assert_ptr_equal(tm_mailbox_pop(&box), &items[0].node);
    assert_false(tm_mailbox_push(&box, &items[2].node));
    assert_ptr_equal(tm_mailbox_pop(&box), &items[1].node);
    assert_ptr_equal(tm_mailbox_pop(&box), &items[2].node);
    assert_null(tm_mailbox_pop(&box));
    assert_true(tm_mailbox_is_empty(&box));
    assert_true(tm_mailbox_sleep(&box));
    assert_true(tm_mailbox_push(&box, &items[3].node));
    assert_ptr_equal(tm_mailbox_pop(&box), &items[3].node);
}

static void mailbox__own_pushes_keep_the_order(void **state)
{
    (void)state;
    tm_mailbox_t box;
    tm_mailbox_init(&box);
    item_t items[7];
    assert_true(tm_mailbox_push(&box, &items[0].node));
    tm_mailbox_push_own(&box, &items[1].node);
    assert_false(tm_mailbox_push(&box, &items[2].node));
    assert_ptr_equal(tm_mailbox_pop(&box), &items[0].node);
    tm_mailbox_push_own(&box, &items[3].node);
    tm_mailbox_push_own(&box, &items[4].node);
    assert_false(tm_mailbox_push(&box, &items[5].node));
    for (int i = 1; i <= 4; i++)
        assert_ptr_equal(tm_mailbox_pop(&box), &items[i].node);
    tm_mailbox_push_own(&box, &items[6].node);
    assert_false(tm_mailbox_sleep(&box));
    assert_ptr_equal(tm_mailbox_pop(&box), &items[5].node);
    assert_ptr_equal(tm_mailbox_pop(&box), &items[6].node);
    assert_true(tm_mailbox_sleep(&box));
}

static void mailbox__a_push_that_is_not_linked_yet_is_waited_for(void **state)
{
    (void)state;
    tm_mailbox_t box;
    tm_mailbox_init(&box);
    item_t items[3];
    assert_true(tm_mailbox_push(&box, &items[0].node));
    assert_ptr_equal(tm_mailbox_pop(&box), &items[0].node);
    /* A sender between its exchange and its link. */
    items[1].node.next = NULL;
    tm_node_t *prev = box.head;
    box.head = &items[1].node;
    assert_null(tm_mailbox_pop(&box));
    assert_false(tm_mailbox_is_empty(&box));
    assert_false(tm_mailbox_sleep(&box));
    tm_mailbox_push_own(&box, &items[2].node); /* must not overtake it */
    assert_null(tm_mailbox_pop(&box));
    prev->next = &items[1].node;
    assert_ptr_equal(tm_mailbox_pop(&box), &items[1].node);
    assert_ptr_equal(tm_mailbox_pop(&box), &items[2].node);
    assert_true(tm_mailbox_sleep(&box));
}

#define SENDERS 3
#define EACH 40000

typedef struct stress {
    tm_mailbox_t box;
    tm_park_t park;
    uint32_t scheduled; /* atomic; pushes that found the owner asleep and were not served yet */
    uint32_t idle;      /* atomic; 1: the owner fell asleep and nobody woke it since */
} stress_t;

typedef struct sender {
    stress_t *stress;
    uint32_t from;
    tm_thread_t thread;
} sender_t;

/* Whoever waits here does not push, so the owner comes to its end and falls asleep, however busy
 * the machine is. The limit is for the owner that was woken between its sleep and its word. */
static void wait_for_idle(stress_t *stress)
{
    for (int tries = 0; tries < 100; tries++) {
        if (__atomic_load_n(&stress->idle, __ATOMIC_ACQUIRE) != 0)
            return;
        usleep(100);
    }
}

static void sender_main(void *arg)
{
    const sender_t *sender = arg;
    for (uint32_t i = 0; i < EACH; i++) {
        if (i % 256 == 0)
            wait_for_idle(sender->stress);
        item_t *item = tm_alloc(sizeof(*item));
        item->from = sender->from;
        item->seq = i;
        if (tm_mailbox_push(&sender->stress->box, &item->node)) {
            const uint32_t before =
                __atomic_fetch_add(&sender->stress->scheduled, 1, __ATOMIC_ACQ_REL);
            assert(before == 0); /* scheduled twice */
            (void)before;
            __atomic_store_n(&sender->stress->idle, 0, __ATOMIC_RELEASE);
            tm_park_wake(&sender->stress->park);
        }
    }
}

/* The owner sleeps for real: a lost wake-up would leave it asleep with messages (the wait has a
 * limit, to say so). */
static void mailbox__no_wake_up_is_lost_under_stress(void **state)
{
    (void)state;
    static stress_t stress;
    tm_mailbox_init(&stress.box);
    sender_t senders[SENDERS];
    for (uint32_t i = 0; i < SENDERS; i++) {
        senders[i] = (sender_t){&stress, i, {0}};
        assert_int_equal(tm_thread_start(&senders[i].thread, "sender", sender_main, &senders[i]),
                         TM_OK);
    }
    uint32_t next[SENDERS] = {0};
    uint32_t got = 0;
    bool awake = false;
    uint32_t sleeps = 0;
    while (got < SENDERS * EACH) {
        if (!awake) {
            for (int tries = 0; __atomic_load_n(&stress.scheduled, __ATOMIC_ACQUIRE) == 0;
                 tries++) {
                if (tries > 20)
                    fail_msg("asleep for ever after %u messages", got);
                tm_park_wait(&stress.park, 1000);
            }
            __atomic_store_n(&stress.idle, 0, __ATOMIC_RELEASE);
            __atomic_store_n(&stress.scheduled, 0, __ATOMIC_RELEASE);
            awake = true;
        }
        tm_node_t *node = tm_mailbox_pop(&stress.box);
        if (node == NULL) {
            awake = !tm_mailbox_sleep(&stress.box);
            sleeps += !awake;
            __atomic_store_n(&stress.idle, !awake, __ATOMIC_RELEASE);
            continue;
        }
        item_t *item = (item_t *)node;
        assert_int_equal(item->seq, next[item->from]);
        next[item->from]++;
        got++;
        tm_free(item);
    }
    for (uint32_t i = 0; i < SENDERS; i++)
        tm_thread_join(&senders[i].thread);
    assert_null(tm_mailbox_pop(&stress.box));
    assert_true(sleeps > 10);
    print_message("%u messages, %u sleeps\n", got, sleeps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailbox__first_push_wakes_and_no_other),
        cmocka_unit_test(mailbox__own_pushes_keep_the_order),
        cmocka_unit_test(mailbox__a_push_that_is_not_linked_yet_is_waited_for),
        cmocka_unit_test(mailbox__no_wake_up_is_lost_under_stress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
