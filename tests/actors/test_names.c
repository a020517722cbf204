/* test_names.c - the names readers look up: many of them, those that share a slot, those at the end
 * of the slots, and those that are too many. */
#include "actors/names.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define MANY 200000
#define TEXT_MAX 32
#define SLOT_LAST 0xffffffu
#define ARENA_BYTES_MAX ((size_t)1 << 20)

/* An invented name; folding leaves it as it is. */
static tm_str_t name_text(uint32_t i, char text[TEXT_MAX])
{
    return tm_str_n(text, (size_t)snprintf(text, TEXT_MAX, "name%u", i));
}

static void put(tm_directory_view_t *directory, char kind, uint32_t i, uint64_t id)
{
    char text[TEXT_MAX];
    const tm_str_t name = name_text(i, text);
    tm_names_put(&directory->names, kind, name, (tm_id_t){id}, name, 0, 0);
}

/* The ids of an advertiser and of an agency of that name; 0: unknown. agency may be NULL. */
static uint64_t id_of(const tm_directory_view_t *directory, uint32_t i, uint64_t *agency,
                      tm_arena_t *arena)
{
    char text[TEXT_MAX];
    tm_buy_line_t line = {0};
    TM_SET(&line, TM_BUY_LINE, advertiser, name_text(i, text));
    if (agency != NULL) {
        TM_SET(&line, TM_BUY_LINE, agency, name_text(i, text));
    }
    const bool known = tm_names_resolve(directory, &line, arena);
    assert_true(!known || tm_str_eq(line.advertiser, name_text(i, text)));
    if (agency != NULL) {
        *agency = known ? line.agency_id.v : 0;
    }
    const uint64_t id = known ? line.advertiser_id.v : 0;
    tm_arena_reset(arena);
    return id;
}

/* Among 200,000 names in 2^24 slots some 1,200 find theirs taken. */
static void names__many_are_all_found(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_directory_view_t live = {0};
    for (uint32_t i = 0; i < MANY; i++) {
        put(&live, 'a', i, i + 1);
    }
    assert_int_equal(live.names.n, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(id_of(&live, i, NULL, arena), i + 1);
        assert_int_equal(id_of(&live, MANY + i, NULL, arena), 0);
    }
    /* A picture taken now keeps what it shows, whatever comes after it. */
    const tm_directory_view_t old = {.names = tm_trie_ref(&live.names)};
    for (uint32_t i = 0; i < MANY; i += 2) {
        put(&live, 'a', i, MANY + i);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        put(&live, 'g', i, 2 * MANY + i);
    }
    assert_int_equal(live.names.n, 2 * MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        uint64_t agency;
        assert_int_equal(id_of(&old, i, NULL, arena), i + 1);
        assert_int_equal(id_of(&old, i, &agency, arena), 0);
        assert_int_equal(id_of(&live, i, &agency, arena), i % 2 == 0 ? MANY + i : i + 1);
        assert_int_equal(agency, 2 * MANY + i);
    }
    tm_trie_t names = old.names;
    tm_trie_done(&names);
    /* All go with the last picture; they come again. */
    tm_trie_done(&live.names);
    assert_int_equal(id_of(&live, 1, NULL, arena), 0);
    for (uint32_t i = MANY; i-- > 0;) {
        put(&live, 'a', i, i + 7);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(id_of(&live, i, NULL, arena), i + 7);
    }
    tm_trie_done(&live.names);
    tm_arena_free(arena);
}

/* Slots follow from tm_hash64, the same everywhere; these were found by trying. */
static void names__after_the_last_slot_comes_the_first(void **state)
{
    (void)state;
    static const uint32_t of_last[] = {7846963, 12451423, 39784803, 51520101};
    static const uint32_t of_first = 5010826;
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_directory_view_t d = {0};
    put(&d, 'a', of_first, 9);
    assert_non_null(tm_trie_get(&d.names, 0));
    tm_trie_done(&d.names);
    for (uint32_t k = 0; k < 3; k++) {
        assert_int_equal(id_of(&d, of_last[k], NULL, arena), 0);
        put(&d, 'a', of_last[k], k + 1);
        assert_non_null(tm_trie_get(&d.names, (SLOT_LAST + k) & SLOT_LAST));
    }
    put(&d, 'a', of_first, 9); /* its slot is taken by one that had to give way itself */
    assert_non_null(tm_trie_get(&d.names, 2));
    put(&d, 'a', of_last[1], 12);
    assert_int_equal(d.names.n, 4);
    assert_int_equal(id_of(&d, of_last[0], NULL, arena), 1);
    assert_int_equal(id_of(&d, of_last[1], NULL, arena), 12);
    assert_int_equal(id_of(&d, of_last[2], NULL, arena), 3);
    assert_int_equal(id_of(&d, of_first, NULL, arena), 9);
    assert_int_equal(id_of(&d, of_last[3], NULL, arena),
                     0); /* the same way to the end, but absent */
    uint32_t key = 3;
    assert_ptr_equal(tm_trie_next(&d.names, &key), tm_trie_get(&d.names, SLOT_LAST));
    key = SLOT_LAST + 1;
    assert_null(tm_trie_next(&d.names, &key)); /* four levels are enough */
    tm_trie_done(&d.names);
    tm_arena_free(arena);
}

static void names__too_many_are_asked_for_elsewhere(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_directory_view_t d = {0};
    put(&d, 'a', 1, 1);
    d.names.n = TM_NAMES_MAX; /* as if: that many would take a gigabyte */
    put(&d, 'a', 2, 2);
    put(&d, 'a', 1, 11);
    assert_int_equal(d.names.n, TM_NAMES_MAX);
    assert_int_equal(id_of(&d, 2, NULL, arena), 0);
    assert_int_equal(id_of(&d, 1, NULL, arena), 11);
    d.names.n = TM_NAMES_MAX - 1;
    put(&d, 'a', 2, 2);
    assert_int_equal(id_of(&d, 2, NULL, arena), 2);
    tm_trie_done(&d.names);
    tm_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names__many_are_all_found),
        cmocka_unit_test(names__after_the_last_slot_comes_the_first),
        cmocka_unit_test(names__too_many_are_asked_for_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
