/* test_trie.c - the persistent map against a naive model, with snapshots taken, shared between
 * threads and dropped. */
#include "base/memory.h"
#include "base/thread.h"
#include "base/trie.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define KEYS 300
#define SNAPSHOTS 8

static uint32_t alive; /* atomic: objects not yet freed */

typedef struct thing {
    tm_shared_t shared;
    uint32_t key;
    uint32_t value;
} thing_t;

static void thing_free(void *p)
{
    __atomic_fetch_sub(&alive, 1, __ATOMIC_RELAXED);
    tm_free(p);
}

static thing_t *thing_new(uint32_t key, uint32_t value)
{
    thing_t *thing = TM_NEW(thing_t);
    *thing = (thing_t){{1, thing_free}, key, value};
    __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
    return thing;
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 29;
}

/* Keys of all sizes, in ascending order of i. */
static uint32_t key_of(uint32_t i)
{
    if (i < 100)
        return i;
    if (i < 150)
        return 60 + i; /* across a node's end */
    return i == KEYS - 1 ? UINT32_MAX : (i - 149) * 28500001u;
}

typedef struct model {
    uint32_t value[KEYS];
    uint32_t n;
} model_t; /* value 0: absent */

static void check(const tm_trie_t *trie, const model_t *model)
{
    assert_int_equal(trie->n, model->n);
    uint32_t key = 0;
    for (uint32_t i = 0; i < KEYS; i++) {
        const thing_t *thing = tm_trie_get(trie, key_of(i));
        if (model->value[i] == 0) {
            assert_null(thing);
            continue;
        }
        assert_non_null(thing);
        assert_int_equal(thing->value, model->value[i]);
        const thing_t *in_order = tm_trie_next(trie, &key);
        assert_ptr_equal(in_order, thing);
        assert_int_equal(key, key_of(i));
        key++; /* wraps after the largest key: the loop ends then */
    }
    if (key != 0)
        assert_null(tm_trie_next(trie, &key));
}

static void trie__snapshots_keep_what_they_saw(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < KEYS; i++) {
        assert_true(key_of(i) > key_of(i - 1));
    }
    for (uint64_t round = 1; round <= 30; round++) {
        uint64_t seed = round;
        tm_trie_t live = {0};
        model_t now = {0};
        tm_trie_t kept[SNAPSHOTS] = {0};
        static model_t then[SNAPSHOTS];
        memset(then, 0, sizeof(then));
        const uint32_t keys = round % 3 == 0 ? 20 : KEYS;
        for (uint32_t step = 1; step <= 1500; step++) {
            const uint32_t i = (uint32_t)(next(&seed) % keys) + (round % 2 == 0 ? KEYS - keys : 0);
            const uint64_t what = next(&seed) % 20;
            if (what < 9) {
                now.n += now.value[i] == 0 ? 1 : 0;
                now.value[i] = step;
                tm_trie_put(&live, key_of(i), thing_new(key_of(i), step));
            } else if (what < 18) {
                assert_int_equal(tm_trie_del(&live, key_of(i)), now.value[i] != 0);
                now.n -= now.value[i] != 0 ? 1 : 0;
                now.value[i] = 0;
            } else {
                const uint64_t s = next(&seed) % SNAPSHOTS;
                check(&kept[s], &then[s]);
                tm_trie_done(&kept[s]);
                kept[s] = tm_trie_ref(&live);
                then[s] = now;
            }
            if (step % 50 == 0)
                check(&live, &now);
        }
        check(&live, &now);
        tm_trie_done(&live);
        for (unsigned s = 0; s < SNAPSHOTS; s++) {
            check(&kept[s], &then[s]);
            tm_trie_done(&kept[s]);
        }
        assert_int_equal(alive, 0);
    }
}

static void trie__next_finds_the_smallest_key_from_anywhere(void **state)
{
    (void)state;
    uint64_t seed = 17;
    tm_trie_t trie = {0};
    uint32_t keys[64];
    for (uint32_t i = 0; i < 64; i++) {
        keys[i] = (uint32_t)(next(&seed) >> i % 32);
        tm_trie_put(&trie, keys[i], thing_new(keys[i], 1));
    }
    for (int i = 0; i < 20000; i++) {
        const uint32_t from =
            i % 2 == 0 ? (uint32_t)(next(&seed) >> i % 32) : keys[i % 64] + (uint32_t)(i % 3) - 1;
        bool found = false;
        uint32_t best = UINT32_MAX;
        for (uint32_t k = 0; k < 64; k++) {
            if (keys[k] >= from && keys[k] <= best) {
                best = keys[k];
                found = true;
            }
        }
        uint32_t key = from;
        const thing_t *thing = tm_trie_next(&trie, &key);
        assert_int_equal(thing != NULL, found);
        if (found) {
            assert_int_equal(key, best);
            assert_int_equal(thing->key, best);
        }
    }
    tm_trie_done(&trie);
    assert_int_equal(alive, 0);
}

static void trie__a_put_copies_one_path(void **state)
{
    (void)state;
    tm_trie_t live = {0};
    for (uint32_t i = 0; i < 100000; i++) {
        tm_trie_put(&live, i, thing_new(i, 1));
    }
    tm_trie_t kept = tm_trie_ref(&live);
    tm_trie_put(&live, 5, thing_new(5, 2));
    uint32_t shared = 0;
    uint32_t key = 0;
    for (const thing_t *thing = tm_trie_next(&live, &key); thing != NULL;
         thing = tm_trie_next(&live, &key)) {
        shared += thing->shared.refs > 1 ? 1 : 0;
        key++;
    }
    assert_int_equal(shared, 63); /* the neighbours in the one copied leaf */
    assert_int_equal(((thing_t *)tm_trie_get(&kept, 5))->value, 1);
    assert_int_equal(((thing_t *)tm_trie_get(&live, 5))->value, 2);
    tm_trie_done(&live);
    tm_trie_done(&kept);
    assert_int_equal(alive, 0);
}

static void read_and_drop(void *arg)
{
    tm_trie_t *trie = arg;
    uint32_t sum = 0;
    uint32_t key = 0;
    for (const thing_t *thing = tm_trie_next(trie, &key); thing != NULL;
         thing = tm_trie_next(trie, &key)) {
        sum += thing->value;
        key++;
    }
    assert(sum == trie->n);
    tm_trie_done(trie);
}

static void trie__other_threads_may_drop_snapshots_while_the_owner_writes(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    tm_trie_t live = {0};
    for (uint32_t i = 0; i < 2000; i++) {
        tm_trie_put(&live, i * 3, thing_new(i * 3, 1));
    }
    for (int round = 0; round < 20; round++) {
        tm_thread_t threads[THREADS];
        tm_trie_t kept[THREADS];
        for (int t = 0; t < THREADS; t++) {
            kept[t] = tm_trie_ref(&live);
            assert_int_equal(tm_thread_start(&threads[t], "reader", read_and_drop, &kept[t]),
                             TM_OK);
            for (uint32_t i = 0; i < 200; i++) {
                tm_trie_put(&live, i * 30, thing_new(i * 30, 1));
                tm_trie_del(&live, i * 30 + 3);
                tm_trie_put(&live, i * 30 + 3, thing_new(i * 30 + 3, 1));
            }
        }
        for (int t = 0; t < THREADS; t++) {
            tm_thread_join(&threads[t]);
        }
    }
    assert_int_equal(live.n, 2000);
    tm_trie_done(&live);
    assert_int_equal(alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trie__snapshots_keep_what_they_saw),
        cmocka_unit_test(trie__next_finds_the_smallest_key_from_anywhere),
        cmocka_unit_test(trie__a_put_copies_one_path),
        cmocka_unit_test(trie__other_threads_may_drop_snapshots_while_the_owner_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
