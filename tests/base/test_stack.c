/* test_stack.c - lists pushed by many threads come out whole, each once, and each thread's in
 * order. */
#include "base/memory.h"
#include "base/stack.h"
#include "base/thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define PUSHERS 3
#define ROUNDS 20000u
#define LIST_MAX 3u

typedef struct item {
    tm_link_t link;
    uint32_t from, number;
} item_t;

static void stack__gives_all_newest_first_or_turned(void **state)
{
    (void)state;
    tm_stack_t stack = {0};
    item_t items[5];
    assert_true(tm_stack_is_empty(&stack));
    assert_null(tm_stack_take(&stack));
    assert_null(tm_links_turned(NULL));
    for (uint32_t i = 0; i < 5; i++)
        items[i] = (item_t){.number = i};
    assert_true(tm_stack_push(&stack, &items[0].link, &items[0].link));
    items[3].link.next = &items[2].link; /* a list of three: 3, 2, 1 */
    items[2].link.next = &items[1].link;
    assert_false(tm_stack_push(&stack, &items[3].link, &items[1].link));
    assert_false(tm_stack_push(&stack, &items[4].link, &items[4].link));
    assert_false(tm_stack_is_empty(&stack));
    tm_link_t *at = tm_stack_take(&stack);
    assert_true(tm_stack_is_empty(&stack));
    assert_ptr_equal(at, &items[4]);
    at = tm_links_turned(at);
    for (uint32_t i = 0; i < 5; i++, at = at->next)
        assert_ptr_equal(at, &items[i]);
    assert_null(at);
    assert_true(tm_stack_push(&stack, &items[0].link, &items[0].link)); /* empty again */
}

typedef struct pusher {
    tm_thread_t thread;
    tm_stack_t *stack;
    tm_park_t *park;
    uint32_t index;
} pusher_t;

static item_t *item_new(uint32_t from, uint32_t number, item_t *older)
{
    item_t *item = TM_NEW(item_t);
    *item = (item_t){{older == NULL ? NULL : &older->link}, from, number};
    return item;
}

static void push_main(void *arg)
{
    pusher_t *pusher = arg;
    uint32_t number = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        item_t *oldest = item_new(pusher->index, number++, NULL);
        item_t *newest = oldest;
        for (uint32_t i = 0; i < round % LIST_MAX; i++)
            newest = item_new(pusher->index, number++, newest);
        if (tm_stack_push(pusher->stack, &newest->link, &oldest->link))
            tm_park_wake(pusher->park); /* nobody else will */
    }
}

static void stack__loses_nothing_between_threads(void **state)
{
    (void)state;
    tm_stack_t stack = {0};
    tm_park_t park = {0};
    pusher_t pushers[PUSHERS];
    uint32_t next[PUSHERS] = {0};
    uint32_t each = 0;
    for (uint32_t round = 0; round < ROUNDS; round++)
        each += 1 + round % LIST_MAX;
    for (uint32_t i = 0; i < PUSHERS; i++) {
        pushers[i] = (pusher_t){.stack = &stack, .park = &park, .index = i};
        assert_int_equal(tm_thread_start(&pushers[i].thread, "pusher", push_main, &pushers[i]),
                         TM_OK);
    }
    for (uint32_t left = PUSHERS * each; left > 0;) {
        tm_link_t *at = tm_links_turned(tm_stack_take(&stack));
        if (at == NULL)
            tm_park_wait(&park, -1);
        while (at != NULL) {
            item_t *item = (item_t *)at;
            at = at->next;
            assert_int_equal(item->number, next[item->from]++);
            tm_free(item);
            left--;
        }
    }
    for (uint32_t i = 0; i < PUSHERS; i++) {
        tm_thread_join(&pushers[i].thread);
        assert_int_equal(next[i], each);
    }
    assert_true(tm_stack_is_empty(&stack));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack__gives_all_newest_first_or_turned),
        cmocka_unit_test(stack__loses_nothing_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
